"""By keyboard: what is set aside as unsure, a known record for an unknown name, and what was typed when a session ends."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from articles import review
from articles.models import Link, NilGroup
from entities.candidates import rebuild
from entities.judging import judge
from entities.models import DuplicateSuggestion, Entity, Judgement, Merge
from tests.browser.conftest import item, said, serious, shot, tab_to
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db(transaction=True)

REVIEW = "/admin/curation/review/"


@pytest.fixture
def chief(db) -> User:
    return User.objects.create_superuser("chief", password="long and winding")


def doubts(count: int = 2) -> tuple[Entity, Entity]:
    one = make_record("Rudolf Rassendyll", description="An English gentleman")
    two = make_record("Rudolf V of Ruritania", description="King")
    for number in range(count):
        article = make_article(
            f"Strelsau, day {number}. The crowd waited until Rudolf came. He did not speak.",
            title="A coronation", source="Strelsau Gazette", published_on="1880-05-05",
        )  # fmt: skip
        make_mention(
            article, "Rudolf", two, status="review", probability=0.55, priority=1 - number / 10, candidates=[two, one]
        )
    return one, two


def pick(page, selector: str, words: str) -> None:
    """Choose in a list by its words, as somebody without a mouse would."""
    tab_to(page, selector)
    page.keyboard.type(words)


# --- Unsure ----------------------------------------------------------------------------------------------------------
def test_a_doubt_is_set_aside_found_again_and_taken_up_by_keyboard(open_page, chief):
    one, _ = doubts(1)
    page = open_page(user=chief).goto(f"{REVIEW}links/")
    page.keyboard.press("t")
    page.keyboard.type("both were there")
    page.keyboard.press("Enter")
    page.keyboard.press("d")
    said(page, "“Rudolf” set aside as unsure")
    page.get_by_text("Nothing waits here").wait_for()
    page.keyboard.press("u")
    said(page, "“Rudolf” is open again")
    assert Link.objects.doubtful().count() == 1
    page.keyboard.press("d")
    said(page, "set aside as unsure")
    aside = Link.objects.set_aside().get()
    # Found again by the filters, with who and why.
    tab_to(page, "details.cu-filters > summary")
    page.keyboard.press("Enter")
    pick(page, "[name=aside]", "set aside")
    tab_to(page, ".cu-filters button")
    page.keyboard.press("Enter")
    page.wait_for_url("**aside=1*")
    page.wait_for_load_state("networkidle")
    assert item(page) == str(aside.pk)
    page.locator("[data-item] .rd-notice", has_text="Set aside as unsure by chief").wait_for()
    shot(page, "set-aside")
    assert serious(page) == []
    page.keyboard.press("r")
    said(page, "waits in the queue again")
    page.get_by_text("Nothing is set aside").wait_for()
    page.keyboard.press("u")
    said(page, "is set aside as unsure again")
    page.locator("[data-item] .rd-notice", has_text="Set aside as unsure by chief").wait_for()
    page.keyboard.press("2")
    said(page, "linked to Rudolf Rassendyll")
    assert Link.objects.to_records().get().entity == one


def test_the_reason_of_a_doubt_is_read_at_the_mention(open_page, chief):
    doubts(1)
    watched = open_page(user=chief)
    page = watched.goto(f"{REVIEW}links/")
    page.keyboard.press("t")
    page.keyboard.type("both were there")
    page.keyboard.press("Enter")
    page.keyboard.press("d")
    said(page, "set aside")
    link = Link.objects.set_aside().get()
    assert link.note == "both were there"
    page = watched.goto(f"/admin/articles/article/{link.mention.article_id}/change/?mention={link.mention_id}")
    panel = page.locator("[data-mention-panel]")
    assert "Set aside as unsure by chief" in panel.inner_text()
    assert "both were there" in panel.inner_text()
    page.keyboard.press("r")
    page.get_by_text(re.compile(r"“.+” (is|means|waits) ")).first.wait_for()
    page.wait_for_load_state("networkidle")
    assert Link.objects.doubtful().count() == 1
    page.keyboard.press("d")
    page.locator("[data-mention-panel]", has_text="Set aside as unsure by chief").wait_for()


def test_a_pair_is_set_aside_and_taken_up_by_keyboard(open_page, chief):
    a, b = make_record("Black Michael"), make_record("Michael the Black")
    DuplicateSuggestion.objects.create(a=a, b=b, probability=0.6)
    watched = open_page(user=chief)
    page = watched.goto(f"{REVIEW}duplicates/")
    page.keyboard.press("d")
    said(page, "Set aside as unsure")
    page = watched.goto(f"{REVIEW}duplicates/?aside=1")
    page.locator(".rd-notice", has_text="Set aside as unsure by chief").wait_for()
    shot(page, "pair-set-aside")
    assert serious(page) == []
    page.keyboard.press("r")
    said(page, "wait in the queue again")
    assert not Judgement.objects.filter(superseded_at=None).exists()
    assert DuplicateSuggestion.objects.get().closed_at is None


@pytest.mark.parametrize(("width", "dark"), [(390, False), (390, True), (1280, True)])
def test_what_is_set_aside_fits_a_phone_and_the_dark(open_page, chief, width, dark):
    one, two = doubts(1)
    review.mark_unsure(Link.objects.doubtful().get().mention, chief, "both were there")
    DuplicateSuggestion.objects.create(a=one, b=two, probability=0.6)
    judge(one.pk, two.pk, "unsure", actor=chief)
    watched = open_page(width=width, dark=dark, user=chief)
    for queue in ("links", "duplicates"):
        page = watched.goto(f"{REVIEW}{queue}/?aside=1")
        page.locator("[data-item] .rd-notice", has_text="Set aside as unsure by chief").wait_for()
        shot(page, f"{queue}-aside-{width}-{'dark' if dark else 'light'}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), queue
        assert serious(page) == [], queue
        empty = watched.goto(f"{REVIEW}{queue}/").locator("[data-empty] a", has_text="See what was set aside as unsure")
        empty.wait_for()


def test_filters_and_what_was_skipped_have_keys(open_page, chief):
    doubts(2)
    page = open_page(user=chief).goto(f"{REVIEW}links/")
    first = item(page)
    page.keyboard.press("b")
    said(page, "Nothing was skipped")
    page.keyboard.press("s")
    said(page, "Skipped")
    page.keyboard.press("b")
    said(page, "1 brought back")
    page.locator(f'[data-at="{first}"]').wait_for()
    page.keyboard.press("f")
    assert page.evaluate("document.activeElement.name") == "kind"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('[data-area]')")
    page.keyboard.press("1")
    said(page, "linked to")


# --- A known record for an unknown name ------------------------------------------------------------------------------
def unknown(name: str = "Toni de Mauban", count: int = 2) -> NilGroup:
    group = NilGroup.objects.create(
        key=name.lower(), name=name, kind="person", mention_count=count, article_count=count
    )
    for number in range(count):
        article = make_article(f"Then, on day {number}, {name} left the castle by night.", published_on="1880-05-05")
        make_mention(article, name, None, nil_group=group)
    return group


def choose_by_search(page, words: str, wanted: Entity) -> None:
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.activeElement.value === '{wanted.pk}'")


def test_any_record_is_searched_for_and_gets_the_mentions_and_the_name(open_page, chief):
    unknown()
    known = make_record("Antoinette Duchess of Strelsau", description="A lady of Paris")
    make_record("Sapt")
    rebuild()
    page = open_page(user=chief).goto(f"{REVIEW}proposals/")
    choose_by_search(page, "Duchess Antoinette", known)
    shot(page, "name-search")
    assert serious(page) == []
    page.keyboard.press("Enter")
    said(
        page, "“Toni de Mauban” is Antoinette Duchess of Strelsau: 2 mentions are linked to it. The name is one of its"
    )
    assert Link.objects.to_records().filter(entity=known).count() == 2
    assert known.aliases.in_use().filter(name="Toni de Mauban").exists()
    page.keyboard.press("u")
    said(page, "the name is unknown again")
    assert not known.aliases.in_use().filter(name="Toni de Mauban").exists()


def test_the_name_is_not_given_to_the_record_if_the_curator_says_so(open_page, chief):
    unknown()
    known = make_record("Antoinette Duchess of Strelsau")
    rebuild()
    page = open_page(user=chief).goto(f"{REVIEW}proposals/")
    page.keyboard.press("l")
    said(page, "Link only: the name does not become a name")
    page.keyboard.press("l")
    said(page, "The name becomes a name of the record chosen")
    page.keyboard.press("l")
    choose_by_search(page, "Antoinette Duchess", known)
    page.keyboard.press("Enter")
    said(page, "2 mentions are linked to it")
    assert Link.objects.to_records().filter(entity=known).count() == 2
    assert not known.aliases.in_use().filter(name="Toni de Mauban").exists()


# --- A session that is over ------------------------------------------------------------------------------------------
def log_in(page) -> None:
    page.wait_for_url("**/admin/login/**")
    page.wait_for_load_state("networkidle")
    tab_to(page, "[name=username]")
    page.keyboard.type("chief")
    tab_to(page, "[name=password]")
    page.keyboard.type("long and winding")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    page.wait_for_load_state("networkidle")


def test_a_reason_typed_in_a_session_that_is_over_is_there_after_the_login(open_page, chief):
    one, _ = doubts(2)
    page = open_page(user=chief).goto(f"{REVIEW}links/")
    first = item(page)
    page.keyboard.press("t")
    page.keyboard.type("not the king")
    page.keyboard.press("Enter")
    page.keyboard.press("w")
    page.locator("[data-preview] li").first.wait_for()
    page.wait_for_load_state("networkidle")
    Session.objects.all().delete()
    page.keyboard.press("2")
    log_in(page)
    said(page, "What you had typed is here again")
    assert item(page) == first
    assert page.locator("[data-reason]").input_value() == "not the king"
    assert page.locator("[name=scope]:checked").get_attribute("value") == "always"
    shot(page, "after-login")
    assert Link.objects.doubtful().count() == 2, "nothing is decided by logging in"
    page.keyboard.press("2")
    said(page, "2 mentions linked to Rudolf Rassendyll")
    assert set(Link.objects.to_records().values_list("entity", "note")) == {(one.pk, "not the king")}


def test_what_was_typed_stays_when_one_looks_at_another_item_and_goes_when_it_is_sent(open_page, chief):
    doubts(2)
    page = open_page(user=chief).goto(f"{REVIEW}links/")
    first = item(page)
    page.keyboard.press("t")
    page.keyboard.type("ask Sapt")
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item !== '{first}'")
    assert page.locator("[data-reason]").input_value() == ""
    page.keyboard.press("k")
    page.wait_for_function(f"document.querySelector('[data-item]')?.dataset.item === '{first}'")
    assert page.locator("[data-reason]").input_value() == "ask Sapt"
    page.keyboard.press("1")
    said(page, "linked to")
    page.keyboard.press("u")
    said(page, "is open again")
    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('refdesk:')).length") == 0


def test_a_new_record_typed_in_a_session_that_is_over_is_not_typed_twice(open_page, chief):
    doubts(1)
    page = open_page(user=chief).goto(f"{REVIEW}links/")
    page.keyboard.press("c")
    page.keyboard.type("Rudolf the Red")
    tab_to(page, "[data-panel=create] [name=description]")
    page.keyboard.type("A forester")
    Session.objects.all().delete()
    page.keyboard.press("Enter")
    log_in(page)
    said(page, "here again")
    assert page.locator("[data-panel=create] [name=name]").input_value() == "Rudolf the Red"
    assert page.evaluate("document.activeElement.name") == "name"
    page.keyboard.press("Enter")
    said(page, "linked to the new record Rudolf the Red")
    assert Entity.objects.get(name="Rudolf the Red").description == "A forester"


def test_nobody_else_gets_what_was_typed(open_page, chief):
    doubts(1)
    User.objects.create_superuser("other", password="long and winding")
    page = open_page(user=chief).goto(f"{REVIEW}links/")
    page.keyboard.press("t")
    page.keyboard.type("a secret")
    Session.objects.all().delete()
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    page.wait_for_url("**/admin/login/**")
    page.locator("[name=username]").fill("other")
    page.locator("[name=password]").fill("long and winding")
    Link.objects.update(claimed_by=None, claimed_until=None)
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/links/**")
    page.wait_for_load_state("networkidle")
    assert page.locator("[data-reason]").input_value() == ""


def test_what_was_chosen_on_the_merge_page_survives_the_session(open_page, chief):
    one, two = make_record("Rudolf Rassendyll", prominence=2), make_record("Rudolf V of Ruritania", prominence=1)
    page = open_page(user=chief).goto(f"/admin/curation/merge/?ids={one.pk},{two.pk}")
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("t")
    page.keyboard.type("one and the same")
    page.keyboard.press("Enter")
    Session.objects.all().delete()
    page.keyboard.press("m")
    log_in(page)
    page.locator("[data-said]", has_text="What you had chosen is here again").wait_for()
    assert page.locator("[name=reason]").input_value() == "one and the same"
    assert page.locator(f'input[name="field:name"][value="{one.pk}"]').is_checked()
    assert Merge.objects.count() == 0
    page.keyboard.press("m")
    page.wait_for_url("**/curation/merge/*/")
    assert Merge.objects.get().reason == "one and the same"
    two.refresh_from_db()
    assert two.name == "Rudolf Rassendyll"
    page.wait_for_load_state("networkidle")
    shot(page, "merged-in-words")
    assert "The merge touched 2 records and 1 name." in page.locator("section").first.inner_text()


def test_an_undo_in_a_session_that_is_over_comes_back_to_its_page(open_page, chief):
    from entities import merging

    one, two = make_record("Hentzau A"), make_record("Hentzau B")
    done = merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=chief)
    page = open_page(user=chief).goto(f"/admin/curation/merge/{done.pk}/")
    Session.objects.all().delete()
    page.keyboard.press("u")
    log_in(page)
    assert page.url.endswith(f"/curation/merge/{done.pk}/")
    page.keyboard.press("u")
    page.get_by_text("is a record of its own again").wait_for()


def test_a_note_at_a_mention_survives_the_session(open_page, chief):
    doubts(1)
    link = Link.objects.doubtful().get()
    address = f"/admin/articles/article/{link.mention.article_id}/change/?mention={link.mention_id}"
    page = open_page(user=chief).goto(address)
    tab_to(page, "[data-decide] [name=note]")
    page.keyboard.type("seen by Sapt")
    page.keyboard.press("Escape")
    Session.objects.all().delete()
    page.keyboard.press("c")
    log_in(page)
    assert page.locator("[data-decide] [name=note]").input_value() == "seen by Sapt"
    page.keyboard.press("c")
    page.get_by_text(re.compile(r"“.+” (is|means|waits) ")).first.wait_for()
    assert Link.objects.to_records().get().note == "seen by Sapt"
