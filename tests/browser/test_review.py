"""The curators' queues in a real browser, by keyboard alone: links, duplicates, proposals; dashboard and scorecard."""

from __future__ import annotations

import re
import time

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from articles import review
from articles.models import Link, NilGroup
from entities.candidates import rebuild
from entities.models import DuplicateSuggestion, Entity, Inspection, Judgement
from tests.browser.conftest import item, said, serious, settled, shot, tab_to
from tests.factories import make_article, make_mention, make_record, make_term

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chief(db) -> User:
    return User.objects.create_superuser("chief", password="x")


def doubts(count: int = 3) -> tuple[Entity, Entity]:
    state = make_record("Ruritania", "state")
    one = make_record("Rudolf Rassendyll", description="An English gentleman", valid_from="1850", aliases=["Rudolf"])
    two = make_record("Rudolf V of Ruritania", prominence=1, valid_from="1849")
    make_term(two, "King", state=state, start="1870", end="1895")
    for number in range(count):
        article = make_article(
            f"Strelsau, day {number}. The crowd waited for hours until Rudolf came to the square. He did not speak.",
            title="A coronation", source="Strelsau Gazette", published_on="1880-05-05",
        )  # fmt: skip
        make_mention(
            article, "Rudolf", two, status="review", probability=0.55, priority=1 - number / 10, candidates=[two, one]
        )
    return one, two


def eventually(page, holds, seconds: float = 5) -> None:
    for _ in range(int(seconds * 10)):
        if holds():
            return
        page.wait_for_timeout(100)
    assert holds()


def test_doubts_are_worked_through_by_keyboard(open_page, chief):
    one, two = doubts()
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    shot(page, "links")
    assert serious(page) == []
    page.keyboard.press("?")
    assert page.locator("dialog.rd-help").is_visible()
    shot(page, "help")
    page.keyboard.press("Escape")
    first = page.locator("[data-item]").get_attribute("data-item")
    page.keyboard.press("j")
    page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item !== '{first}'")
    settled(page)
    page.keyboard.press("t")
    page.keyboard.type("not the king")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    said(page, "linked to Rudolf Rassendyll")
    assert Link.objects.live().filter(entity=one, note="not the king").count() == 1
    page.keyboard.press("u")
    said(page, "Taken back")
    assert Link.objects.live().filter(status="review").count() == 3
    page.keyboard.press("s")
    said(page, "Skipped")
    page.get_by_text("1 skipped").wait_for()
    page.keyboard.press("w")
    page.locator("[data-preview] li").first.wait_for()
    shot(page, "always")
    page.keyboard.press("1")
    said(page, "3 mentions linked to Rudolf V")
    assert Link.objects.to_records().filter(entity=two, actor=chief).count() == 3
    page.get_by_text("Nothing waits here").wait_for()
    shot(page, "links-done")


def test_a_record_that_is_not_among_the_candidates_is_searched_for(open_page, chief):
    doubts(1)
    wanted = make_record("Sapt, Colonel of the Guard")
    rebuild()
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("/")
    page.keyboard.type("Colonel Sapt")
    page.locator("[data-hits] button").first.wait_for()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.value") == str(wanted.pk), "Enter goes to the first hit, no further"
    shot(page, "search")
    assert serious(page) == []
    page.keyboard.press("Enter")
    said(page, "linked to Sapt")
    assert Link.objects.to_records().get(entity=wanted).actor == chief


def test_enter_before_the_answer_waits_and_never_chooses_for_other_words(open_page, chief):
    doubts(1)
    make_record("Flavia of Ruritania")
    wanted = make_record("Sapt, Colonel of the Guard")
    rebuild()
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("/")
    page.keyboard.type("Flavia")
    page.locator("[data-hits] button").first.wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("Colonel Sapt")
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.activeElement.value === '{wanted.pk}'")
    page.keyboard.press("Enter")
    said(page, "linked to Sapt")


def test_the_help_is_read_from_its_beginning(open_page, chief):
    doubts(1)
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.set_viewport_size({"width": 1280, "height": 400})
    page.keyboard.press("?")
    assert page.evaluate("document.querySelector('dialog.rd-help').scrollTop") == 0


def test_one_of_many_is_left_out_by_keyboard(open_page, chief):
    _, two = doubts(3)
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("w")
    page.locator("[name=leave_out]").first.wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "leave_out", "the first Tab goes there"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement === document.querySelectorAll('[name=leave_out]')[1]")
    with page.context.expect_page() as opened:
        page.keyboard.press("o")
    mention = page.evaluate("document.activeElement.value")
    assert f"mention={mention}" in opened.value.url
    opened.value.close()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    said(page, "(2 mentions)")
    shot(page, "left-out")
    assert serious(page) == []
    page.keyboard.press("1")
    said(page, "2 mentions linked to Rudolf V of Ruritania. 1 was left out.")
    left = Link.objects.live().get(status="review")
    page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item === '{left.pk}'")


def test_what_was_left_out_comes_next(open_page, chief):
    _, two = doubts(3)
    make_mention(
        make_article("Then Rupert of Hentzau came."), "Rupert", two, status="review", probability=0.5, priority=0.95,
        candidates=[two],
    )  # fmt: skip
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("w")
    page.locator("[name=leave_out]").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    left = page.evaluate("document.activeElement.dataset.waits")
    page.keyboard.press("Space")
    page.keyboard.press("1")
    said(page, "1 was left out")
    assert item(page) == left
    page.locator("[data-alone]", has_text="Nothing else waits that is named so").wait_for()


def test_a_new_record_is_made_by_keyboard(open_page, chief):
    doubts(1)
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("c")
    page.keyboard.type("Rudolf the Red")
    shot(page, "create")
    assert serious(page) == []
    page.keyboard.press("Escape")
    assert not page.locator("[data-panel=create]").is_visible()
    page.keyboard.press("c")
    page.keyboard.type("Rudolf the Red")
    page.keyboard.press("Enter")
    said(page, "linked to the new record Rudolf the Red")
    assert Link.objects.to_records().get().entity.name == "Rudolf the Red"


def test_what_always_settled_is_not_shown_again(open_page, chief):
    one, two = doubts(2)
    article = make_article("Then Rupert of Hentzau came.")
    make_mention(article, "Rupert", one, status="review", probability=0.5, priority=0.1, candidates=[one])
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("w")
    page.keyboard.press("x")
    said(page, "2 mentions marked: no name at all")
    page.get_by_text("“Rupert”").wait_for()
    page.keyboard.press("1")
    said(page, "“Rupert” linked to Rudolf Rassendyll")
    page.get_by_text("Nothing waits here").wait_for()


def test_two_curators_side_by_side_never_collide(open_page, chief):
    doubts(4)
    other = User.objects.create_superuser("other")
    pages = [open_page(user=user).goto("/admin/curation/review/links/") for user in (chief, other)]
    for page in pages:
        settled(page)
    shown = [page.locator("[data-item]").get_attribute("data-item") for page in pages]
    assert shown[0] != shown[1]
    for page in pages * 2:
        page.keyboard.press("2")
        said(page, "linked to")
        page.wait_for_function("!document.querySelector('.cu-wait')")
    decided = Link.objects.to_records().values_list("actor__username", flat=True)
    assert sorted(decided) == ["chief", "chief", "other", "other"]


def test_an_item_that_was_left_undecided_is_given_back(open_page, chief):
    doubts(4)
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    settled(page)
    keys = page.locator("[data-at]").evaluate_all("links => links.map(link => Number(link.dataset.at))")
    for number in (1, 2):
        page.keyboard.press("j")
        page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item === '{keys[number]}'")
        settled(page)
    # In view, and loaded ahead: the page loads in silence.
    eventually(page, lambda: set(Link.objects.filter(claimed_by=chief).values_list("pk", flat=True)) == set(keys[2:]))
    page.keyboard.press("k")
    page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item === '{keys[1]}'")
    settled(page)
    eventually(page, lambda: Link.objects.filter(claimed_by=chief, pk=keys[1]).exists())


def test_candidates_of_one_name_lead_to_the_merge_page(open_page, chief):
    one, two = make_record("Jacques Chirac"), make_record("Jacques Chirac")
    make_mention(
        make_article("Then Jacques Chirac came."), "Jacques Chirac", one, status="review", candidates=[one, two]
    )
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    link = page.locator('[data-key="m"]')
    assert link.get_attribute("href") == f"/admin/curation/merge/?ids={one.pk},{two.pk}"


def test_verdicts_are_one_key_each(open_page, chief):
    a, b, c = (make_record(f"Black Michael {number}", valid_from=f"185{number}") for number in range(3))
    make_mention(make_article("Then Black Michael 0 came."), "Black Michael 0", a)
    reasons = ["equal names", "different dates: 1850 / 1851"]
    DuplicateSuggestion.objects.create(a=a, b=b, probability=0.6, priority=2, reasons=reasons)
    DuplicateSuggestion.objects.create(a=b, b=c, probability=0.6, priority=1)
    page = open_page(user=chief).goto("/admin/curation/review/duplicates/")
    shot(page, "duplicates")
    assert serious(page) == []
    page.keyboard.press("n")
    said(page, "Judged different")
    page.keyboard.press("t")
    page.keyboard.type("two portraits")
    page.keyboard.press("Enter")
    page.keyboard.press("d")
    said(page, "Set aside as unsure")
    standing = Judgement.objects.filter(superseded_at=None)
    assert set(standing.values_list("verdict", "reason")) == {("different", ""), ("unsure", "two portraits")}
    page.keyboard.press("u")
    said(page, "taken back")
    assert standing.get().verdict == "different"
    page.keyboard.press("y")
    said(page, "Judged the same")
    assert set(standing.values_list("verdict", flat=True)) == {"different", "same"}


def test_a_pair_leads_to_the_merge_page(open_page, chief):
    a, b = make_record("Black Michael"), make_record("Michael the Black")
    DuplicateSuggestion.objects.create(a=a, b=b, probability=0.6, priority=2)
    page = open_page(user=chief).goto("/admin/curation/review/duplicates/")
    assert page.locator('[data-key="m"]').get_attribute("href") == f"/admin/curation/merge/?ids={a.pk},{b.pk}"


def unknown(name: str = "Antoinette de Mauban", count: int = 2) -> NilGroup:
    group = NilGroup.objects.create(
        key=name.lower(), name=name, kind="person", mention_count=count, article_count=count
    )
    for number in range(count):
        article = make_article(f"Then, on day {number}, {name} left the castle by night.", source="Gazette")
        make_mention(article, name, None, nil_group=group)
    return group


def test_an_unknown_name_becomes_a_record(open_page, chief):
    unknown()
    make_record("Antoinette de Maubane", description="A lady of Paris", valid_from="1850")
    rebuild()
    page = open_page(user=chief).goto("/admin/curation/review/proposals/")
    shot(page, "proposals")
    assert serious(page) == []
    page.keyboard.press("c")
    page.keyboard.type("Antoinette")
    page.keyboard.press("Enter")
    said(page, "Antoinette is a record now; 2 mentions are linked to it")
    assert Link.objects.to_records().filter(entity__name="Antoinette").count() == 2
    page.keyboard.press("u")
    said(page, "the name is unknown again")
    assert Link.objects.to_records().count() == 0
    page.keyboard.press("a")
    said(page, "Antoinette de Mauban is a record now")
    assert Link.objects.to_records().filter(entity__name="Antoinette de Mauban").count() == 2


def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(open_page, chief):
    group = unknown()
    NilGroup.objects.filter(pk=group.pk).update(kind="")
    page = open_page(user=chief).goto("/admin/curation/review/proposals/")
    page.keyboard.press("t")
    page.keyboard.type("seen thrice")
    page.keyboard.press("Enter")
    page.keyboard.press("a")
    said(page, "Say what it is")
    assert page.evaluate("document.activeElement.name") == "kind"
    page.keyboard.type("person")
    page.keyboard.press("Enter")
    said(page, "is a record now")
    assert set(Link.objects.to_records().values_list("note", flat=True)) == {"seen thrice"}


def test_an_unknown_name_is_a_known_record_or_none(open_page, chief):
    group, other = unknown(), unknown("Detchard", 1)
    known = make_record("Antoinette de Maubane")
    rebuild()
    page = open_page(user=chief).goto("/admin/curation/review/proposals/")
    page.keyboard.press("1")
    said(page, "“Antoinette de Mauban” is Antoinette de Maubane: 2 mentions are linked to it")
    assert Link.objects.to_records().filter(entity=known).count() == 2
    page.keyboard.press("u")
    said(page, "the name is unknown again")
    assert not known.aliases.in_use().filter(name=group.name).exists()
    page.keyboard.press("1")
    said(page, "linked to it")
    page.keyboard.press("n")
    said(page, "not proposed again")
    other.refresh_from_db()
    assert other.status == "rejected"
    page.get_by_text("Nothing waits here").wait_for()
    page.keyboard.press("u")
    said(page, "“Detchard” is proposed again")
    assert page.locator("[data-item]").get_attribute("data-item") == str(other.pk)


def test_the_first_page_leads_to_every_list(open_page, chief):
    one, two = doubts(4)
    unknown()
    DuplicateSuggestion.objects.create(a=one, b=two, probability=0.6, priority=2)
    for link in list(Link.objects.filter(status="review").select_related("mention")[:3]):
        review.link_to(link.mention, one, chief)
    Inspection.objects.create(breaches=0, report=[["redirects", 0, []]], inspected_at=timezone.now())
    watched = open_page(user=chief)
    page = watched.goto("/admin/")
    shot(page, "home")
    assert serious(page) == []
    assert page.get_by_text("everything holds").is_visible()
    for figure in ("Doubtful links", "Possible duplicates", "Unknown names"):
        row = page.locator(".rd-figures > div", has=page.get_by_text(figure, exact=True)).first
        assert row.locator("dd").inner_text() == "1"
    links = page.locator("[data-curation] a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    for address in sorted(set(links)):
        assert page.request.get(watched.home + address).status == 200, address
    page = watched.goto("/admin/curation/review/scorecard/")
    shot(page, "scorecard")
    assert serious(page) == []
    assert page.locator(".cu-score").first.inner_text().count("People") == 1


@pytest.mark.parametrize(("width", "dark"), [(390, False), (390, True), (1280, True)])
def test_the_pages_fit_a_phone_and_the_dark(open_page, chief, width, dark):
    one, two = doubts(1)
    unknown()
    DuplicateSuggestion.objects.create(a=one, b=two, probability=0.6, reasons=["no state in common"])
    watched = open_page(width=width, dark=dark, user=chief)
    for name, address in (
        ("links", "/admin/curation/review/links/"),
        ("duplicates", "/admin/curation/review/duplicates/"),
        ("proposals", "/admin/curation/review/proposals/"),
        ("scorecard", "/admin/curation/review/scorecard/"),
        ("home", "/admin/"),
    ):
        page = watched.goto(address)
        shot(page, f"{name}-{width}-{'dark' if dark else 'light'}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        assert serious(page) == [], name


def hidden_by_the_keys(page, selector: str) -> bool:
    """Whether the bar of keys at the bottom of the window lies over it, or it is out of the window."""
    box, bar = page.locator(selector).first.bounding_box(), page.locator(".cu-legend").bounding_box()
    return box["y"] < 0 or box["y"] + box["height"] > bar["y"] + 1


def test_what_is_found_does_not_hide_behind_the_keys(open_page, chief):
    doubts(1)
    for rank in ("Colonel", "Major", "Captain"):
        make_record(f"Sapt, {rank} of the Guard")
    rebuild()
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.set_viewport_size({"width": 1280, "height": 700})
    page.keyboard.press("/")
    page.keyboard.type("Sapt")
    page.locator("[data-hits] button").nth(2).wait_for()
    assert not hidden_by_the_keys(page, "[data-hits] li:nth-child(2)"), "the first hits come into view by themselves"
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.matches('[data-hits] button')")
    assert not hidden_by_the_keys(page, "[data-hits] button:focus")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    assert not hidden_by_the_keys(page, "[data-panel=create] [data-submit]")


def test_a_long_preview_leaves_the_candidates_in_view(open_page, chief):
    doubts(8)
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("w")
    page.locator("[data-preview] li").nth(5).wait_for()
    assert not hidden_by_the_keys(page, ".cu-number"), "a candidate is chosen with its name before one's eyes"
    page.keyboard.press("Shift+Tab")
    tab_to(page, "[name=leave_out]", last=True)
    inside = """() => {
        const bottom = (node) => node.getBoundingClientRect().bottom;
        return bottom(document.activeElement) <= bottom(document.querySelector("[data-preview]"));
    }"""
    assert page.evaluate(inside), "Tab scrolls within the preview"
    assert serious(page) == []


def test_a_second_record_of_one_name_is_made_only_where_that_is_meant(open_page, chief):
    unknown()
    make_record("Antoinette de Mauban")
    rebuild()
    page = open_page(user=chief).goto("/admin/curation/review/proposals/")
    page.keyboard.press("a")
    said(page, "A record has this name already: 1 says that it is this one")
    assert Entity.objects.filter(name="Antoinette de Mauban").count() == 1
    page.set_viewport_size({"width": 1280, "height": 500})
    page.locator("[data-key=n]").scroll_into_view_if_needed()
    page.keyboard.press("j")
    said(page, "This is the last one.")
    box = page.locator("[data-said]").bounding_box()
    assert 0 <= box["y"] <= 500 - box["height"], "what a key did is told in view"
    page.keyboard.press("1")
    said(page, "“Antoinette de Mauban” is Antoinette de Mauban: 2 mentions are linked to it")
    page.keyboard.press("u")
    said(page, "the name is unknown again")
    page.keyboard.press("a")
    said(page, "A record has this name already")
    page.keyboard.press("a")
    said(page, "Antoinette de Mauban is a record now")
    assert Entity.objects.filter(name="Antoinette de Mauban").count() == 2


def test_what_is_brought_back_comes_in_its_order(open_page, chief):
    doubts(4)
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    keys = [page.locator("[data-at]").nth(number).get_attribute("data-at") for number in range(4)]
    for count in (1, 2):
        page.keyboard.press("s")
        page.get_by_text(f"{count} skipped").wait_for()
    page.keyboard.press("b")
    said(page, "2 brought back")
    page.keyboard.press("1")
    said(page, "linked to")
    page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item === '{keys[1]}'")


def test_undo_passes_over_what_was_brought_back(open_page, chief):
    one, _ = doubts(1)
    make_mention(
        make_article("Then Rupert of Hentzau came."), "Rupert", one, status="review", probability=0.5, priority=0.1,
        candidates=[one],
    )  # fmt: skip
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    for count in (1, 2):
        page.keyboard.press("s")
        page.get_by_text(f"{count} skipped").wait_for()
    page.keyboard.press("b")
    said(page, "2 brought back")
    page.keyboard.press("u")
    said(page, "There is nothing to take back.")
    page.keyboard.press("1")
    said(page, "linked to")
    page.get_by_text("Who or what is “Rupert”?").wait_for()
    page.keyboard.press("s")
    said(page, "Skipped")
    page.keyboard.press("u")
    said(page, "Brought back: “Rupert”.")
    page.get_by_text("Who or what is “Rupert”?").wait_for()


def test_what_was_said_goes_with_the_item(open_page, chief):
    doubts(3)
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("1")
    said(page, "linked to")
    page.keyboard.press("j")
    page.wait_for_function("!document.querySelector('[data-said]').textContent")


def test_a_digit_without_a_record_is_answered_in_words(open_page, chief):
    mention = make_mention(make_article("The Count of Hentzau came."), "Count of Hentzau", status="nil")
    review.mark_nil(mention, chief)
    page = open_page(user=chief).goto("/admin/curation/review/proposals/")
    page.keyboard.press("1")
    said(page, "No record is offered here: / searches for one.")


def test_always_counts_what_waits_after_the_decision(open_page, chief):
    doubts(3)
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.locator("[data-scope] strong", has_text="(3 mentions)").wait_for()
    page.keyboard.press("1")
    page.locator("[data-scope] strong", has_text="(2 mentions)").wait_for()
    page.keyboard.press("1")
    page.get_by_text("Nothing else waits that is named so.").wait_for()


def test_arrows_go_through_what_was_found(open_page, chief):
    doubts(1)
    for name in ("Sapt, Colonel", "Sapt, Captain"):
        make_record(name)
    rebuild()
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("/")
    page.keyboard.type("Sapt")
    page.locator("[data-hits] button").nth(1).wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator("[data-hits] button").nth(1)
    assert second.evaluate("node => node === document.activeElement")
    assert second.get_attribute("aria-label").startswith("Link to Sapt")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "cu-q"


def test_the_filters_open_with_their_labels_in_view(open_page, chief):
    doubts(1)
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.set_viewport_size({"width": 1280, "height": 400})
    page.mouse.wheel(0, 3000)
    page.wait_for_function("scrollY > 200")
    page.keyboard.press("f")
    page.wait_for_function("document.querySelector('[data-filters] summary').getBoundingClientRect().top >= 0")


def test_one_mention_of_an_unknown_name_is_left_out_by_keyboard(open_page, chief):
    group = unknown(count=3)
    page = open_page(user=chief).goto("/admin/curation/review/proposals/")
    page.keyboard.press("w")
    page.keyboard.press("w")
    page.keyboard.press("Space")
    said(page, "1 left out")
    shot(page, "proposal-left-out")
    assert serious(page) == []
    page.keyboard.press("a")
    said(page, "2 mentions are linked to it. 1 mention is left out, and stays unknown")
    assert Link.objects.live().filter(status="nil", actor=chief).count() == 1
    page.keyboard.press("u")
    said(page, "the name is unknown again")
    group.refresh_from_db()
    assert (group.status, group.mention_count) == ("open", 3)
    assert not Link.objects.live().filter(actor=chief).exists()


def many_names(count: int) -> list[NilGroup]:
    groups = [
        NilGroup(key=f"n {n}", name=f"Name {n}", kind="person", mention_count=1, article_count=count - n)
        for n in range(count)
    ]
    return NilGroup.objects.bulk_create(groups)


def test_keys_go_past_the_items_shown_and_back(open_page, chief):
    groups = many_names(23)
    page = open_page(user=chief).goto("/admin/curation/review/proposals/")
    settled(page)
    for group in groups[1:]:
        page.keyboard.press("j")
        page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item === '{group.pk}'")
        settled(page)
    page.keyboard.press("j")
    said(page, "This is the last one.")
    assert page.locator("[data-at]").count() == 23
    page.keyboard.press("k")
    page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item === '{groups[-2].pk}'")
    settled(page)
    page.keyboard.press("n")
    said(page, "No record is wanted for “Name 21”")
    assert page.locator("[data-at]").count() == 22, "what was loaded stays"


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_several_names_are_marked_rejected_and_taken_back(open_page, chief, width, dark):
    groups = many_names(5)
    page = open_page(user=chief, width=width, dark=dark).goto("/admin/curation/review/proposals/")
    settled(page)
    page.keyboard.press("x")
    said(page, "1 marked")
    page.keyboard.press("j")
    page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item === '{groups[2].pk}'")
    settled(page)
    page.keyboard.press("x")
    said(page, "2 marked: n says that no record is wanted for them")
    shot(page, f"marked-{width}")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("n")
    said(page, "No record is wanted for 2 names")
    assert set(NilGroup.objects.filter(status="rejected")) == {groups[0], groups[2]}
    assert not page.locator("[data-marked]").is_visible()
    page.keyboard.press("u")
    said(page, "2 names are proposed again")
    assert not NilGroup.objects.exclude(status="open").exists()


def test_no_more_are_marked_than_are_rejected_at_once(open_page, chief, monkeypatch):
    monkeypatch.setattr("articles.curation.views.MARKED", 1)
    groups = many_names(3)
    page = open_page(user=chief).goto("/admin/curation/review/proposals/")
    settled(page)
    page.keyboard.press("x")
    said(page, "1 marked")
    settled(page)
    page.keyboard.press("x")
    said(page, "Not marked: at most 1 at once")
    page.keyboard.press("n")
    said(page, "No record is wanted for 1 name;")
    assert list(NilGroup.objects.filter(status="rejected")) == [groups[0]]


def test_a_merge_is_undone_where_it_came_from(open_page, chief):
    one, two = make_record("Jim Hacker", prominence=1), make_record("James Hacker")
    DuplicateSuggestion.objects.create(a=one, b=two, probability=0.5)
    page = open_page(user=chief).goto("/admin/curation/review/duplicates/")
    settled(page)
    page.keyboard.press("m")
    page.locator("[data-merging]").wait_for()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("m")
    page.get_by_text("It can be taken back below").wait_for()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("d")
    page.get_by_text("Nothing waits here").wait_for()
    page.keyboard.press("u")
    said(page, "Merge undone: “James Hacker” is a record of its own again")
    assert Entity.objects.current().count() == 2
    page.get_by_text("Are these two the same?").wait_for()


def test_a_reason_comes_back_and_what_was_made_is_linked(open_page, chief):
    doubts(1)
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("t")
    page.keyboard.type("it says so")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.type("Rudolf the Red")
    page.keyboard.press("Enter")
    said(page, "linked to the new record Rudolf the Red")
    made = Entity.objects.get(name="Rudolf the Red")
    assert page.locator("[data-said] a").get_attribute("href") == f"/admin/entities/entity/{made.pk}/change/"
    page.keyboard.press("u")
    said(page, "is withdrawn, too")
    assert page.locator("[data-reason]").input_value() == "it says so"
    made.refresh_from_db()
    assert made.suppressed_at is not None


def test_a_record_of_the_name_that_is_to_be_made_is_offered_first(open_page, chief):
    doubts(2)
    bank = make_record("World Bank", "organization")
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("c")
    page.keyboard.type("world bank")
    page.keyboard.press("Enter")
    said(page, "A record has this name already")
    assert page.evaluate("document.activeElement.value") == str(bank.pk)
    assert serious(page) == []
    page.keyboard.press("Enter")
    said(page, "linked to World Bank")
    assert Entity.objects.filter(name__iexact="World Bank").count() == 1
    settled(page)
    page.keyboard.press("c")
    page.keyboard.type("World Bank")
    page.keyboard.press("Enter")
    said(page, "A record has this name already")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    said(page, "linked to the new record World Bank")
    assert Entity.objects.filter(name="World Bank").count() == 2


def slowly(page, keys: str = "[0-9]+", seconds: float = 1.0) -> None:
    """Items come late from now on."""

    def answer(route):
        time.sleep(seconds if route.request.method == "GET" else 0)
        route.continue_()

    page.route(re.compile(rf"/review/\w+/{keys}/(\?.*)?$"), answer)


def highlighted(page) -> str:
    return page.locator("[data-at][aria-current]").get_attribute("data-at")


def test_no_key_decides_about_what_is_not_shown_and_highlighted(open_page, chief):
    records = [make_record(f"Black Michael {number}") for number in range(6)]
    for number, (a, b) in enumerate(zip(records, records[1:], strict=False)):
        DuplicateSuggestion.objects.create(a=a, b=b, probability=0.6, priority=9 - number)
    page = open_page(user=chief).goto("/admin/curation/review/duplicates/")
    settled(page)
    keys = page.locator("[data-at]").evaluate_all("links => links.map(link => link.dataset.at)")
    slowly(page)
    for key in "jjjn":
        page.keyboard.press(key)
        assert page.evaluate(
            "document.querySelector('[data-at][aria-current]').dataset.at === document.querySelector('[data-item]').dataset.item"
        )
    said(page, "Loading")
    page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item === '{keys[3]}'")
    assert highlighted(page) == keys[3]
    assert not Judgement.objects.exists()
    page.locator("[data-said]:empty").wait_for(state="attached")
    page.keyboard.press("n")
    said(page, "Judged different")
    assert Judgement.objects.get().a_id == records[3].pk


def test_no_name_is_marked_before_it_is_shown(open_page, chief):
    groups = many_names(4)
    page = open_page(user=chief).goto("/admin/curation/review/proposals/")
    settled(page)
    slowly(page, keys=f"(?!{groups[1].pk}/)[0-9]+")
    page.keyboard.press("n")
    page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item === '{groups[1].pk}'")
    page.keyboard.press("n")
    for _ in range(2):
        page.keyboard.press("x")
    page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item === '{groups[2].pk}'")
    settled(page)
    assert not page.locator("[data-marked]").is_visible()
    assert set(NilGroup.objects.filter(status="rejected")) == set(groups[:2])


def test_what_always_reaches_beyond_the_first_sentences_is_shown_and_left_out(open_page, chief, monkeypatch):
    monkeypatch.setattr("articles.curation.items.PREVIEW_MOST", 8)
    doubts(12)
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("w")
    page.locator("[data-reach-all]", has_text="Show 2 of them").wait_for()
    assert page.locator("[data-now]").inner_text() == "always (12 mentions)", "told however far one has scrolled"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    tab_to(page, "[data-reach-all]")
    page.keyboard.press("Enter")
    page.get_by_text("and 3 more, which are not shown").wait_for()
    boxes = page.locator("[name=leave_out]")
    assert boxes.count() == 8
    assert boxes.nth(6).evaluate("node => node === document.activeElement"), "the first that is new"
    assert serious(page) == []
    page.keyboard.press("Space")
    said(page, "(10 mentions)")
    page.keyboard.press("1")
    said(page, "10 mentions linked to Rudolf V of Ruritania. 2 were left out.")


def test_undo_of_always_goes_back_to_the_very_item(open_page, chief):
    doubts(3)
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    settled(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.get_by_text("day 2").first.wait_for()
    settled(page)
    page.keyboard.press("w")
    page.keyboard.press("1")
    said(page, "3 mentions linked to")
    page.keyboard.press("u")
    said(page, "Taken back")
    assert Link.objects.get(pk=item(page)).mention.article.text.startswith("Strelsau, day 2")


def test_a_key_clears_the_filters(open_page, chief):
    doubts(1)
    page = open_page(user=chief).goto("/admin/curation/review/links/?kind=agreement")
    page.get_by_text("Nothing waits here under these filters").wait_for()
    with page.expect_navigation():
        page.keyboard.press("0")
    page.get_by_text("Who or what is “Rudolf”?").wait_for()
    page.keyboard.press("0")
    said(page, "No filter is in use.")


def test_a_check_that_was_asked_for_is_told_of_when_it_is_done(open_page, chief):
    asked = Inspection.objects.create(asked_by=chief)
    page = open_page(user=chief).goto("/admin/")
    page.get_by_text("begins when a worker has time").wait_for()
    Inspection.objects.filter(pk=asked.pk).update(
        inspected_at=timezone.now(), breaches=0, report=[["redirects", 0, []]]
    )
    page.get_by_text("everything holds").wait_for(timeout=10_000)
    assert page.locator("[data-key=i]").is_visible()
    assert serious(page) == []
