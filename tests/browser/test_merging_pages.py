"""Merging, undoing, splitting, history and radar in a real browser, by keyboard alone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from articles.models import Link
from entities.candidates import rebuild
from entities.models import Alias, DuplicateSuggestion, Entity, Identifier, Judgement, Merge, Split
from tests.browser.conftest import serious, settled, shot, tab_to
from tests.factories import make_alias, make_article, make_mention, make_record, make_term

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chief(db) -> User:
    return User.objects.create_superuser("chief", password="x")


def pair() -> tuple[Entity, Entity]:
    state = make_record("Ruritania", "state")
    one = make_record(
        "Rudolf Rassendyll", description="An English gentleman", valid_from="1849-03", aliases=["Rudolf"],
        attributes={"occupation": "traveller"},
    )  # fmt: skip
    two = make_record("Rudolf V of Ruritania", prominence=1, valid_from="1849", aliases=["Rudolf", "Rudolf der Fünfte"])
    make_term(two, "King", state=state, start="1870", end="1895")
    Identifier.objects.create(entity=one, scheme="viaf", value="12345")
    for number in range(2):
        article = make_article(
            f"Strelsau, day {number}. The crowd waited for hours until Rudolf came. He did not speak.",
            title="A coronation", source="Strelsau Gazette", published_on="1880-05-05",
        )  # fmt: skip
        make_mention(article, "Rudolf", one)
    return one, two


def test_a_suggested_pair_is_merged_with_a_field_chosen_and_undone(open_page, chief):
    one, two = pair()
    DuplicateSuggestion.objects.create(a=one, b=two, probability=0.71, reasons=["the first name is the same"])
    page = open_page(user=chief).goto("/admin/curation/review/duplicates/")
    page.keyboard.press("m")
    page.wait_for_url("**/curation/merge/?ids=*")
    settled(page)
    shot(page, "merge")
    assert serious(page) == []
    assert page.locator("[data-impact=mentions]").inner_text() == "2"
    page.keyboard.press("?")
    assert page.locator("dialog.rd-help").is_visible()
    shot(page, "merge-help")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.name") == "field:name"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("t")
    page.keyboard.type("the play's the thing")
    page.keyboard.press("Enter")
    page.keyboard.press("m")
    page.wait_for_url("**/curation/merge/*/")
    settled(page)
    merge = Merge.objects.get()
    assert merge.reason == "the play's the thing"
    two.refresh_from_db()
    assert (merge.survivor_id, two.name, two.valid_from) == (two.pk, "Rudolf Rassendyll", "1849-03")
    assert two.curated_fields == ["name"], "what was left as proposed is no person's choice"
    shot(page, "merged")
    assert serious(page) == []
    page.keyboard.press("u")
    page.get_by_text("is a record of its own again").wait_for()
    assert Entity.objects.current().filter(pk__in=[one.pk, two.pk]).count() == 2
    shot(page, "undone")
    assert serious(page) == []
    page.keyboard.press("r")
    page.get_by_text("into ‹Rudolf Rassendyll› again").wait_for()
    two.refresh_from_db()
    assert two.name == "Rudolf Rassendyll"


def test_another_survivor_keeps_what_was_chosen(open_page, chief):
    one, two = pair()
    page = open_page(user=chief).goto(f"/admin/curation/merge/?ids={one.pk},{two.pk}")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.name") == "field:name"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("2")
    page.wait_for_url("**survivor=*")
    settled(page)
    assert page.locator(f'input[name="field:name"][value="{one.pk}"]').is_checked()
    page.keyboard.press("m")
    page.wait_for_url("**/curation/merge/*/")
    assert Merge.objects.get().survivor_id == one.pk


def test_what_contradicts_is_merged_only_with_a_reason(open_page, chief):
    one, two = pair()
    Entity.objects.filter(pk=one.pk).update(valid_from="1901")
    page = open_page(user=chief).goto(f"/admin/curation/merge/?ids={one.pk},{two.pk}")
    page.get_by_text("in 1901").first.wait_for()
    shot(page, "contradiction")
    assert serious(page) == []
    page.keyboard.press("m")
    page.get_by_text("and write the reason (t)").wait_for()
    page.wait_for_function("document.activeElement.name === 'override'")
    page.keyboard.press("o")
    page.keyboard.press("m")
    page.get_by_text("Write the reason (t)").wait_for()
    page.wait_for_function("document.activeElement.name === 'reason'")
    settled(page)
    assert Merge.objects.count() == 0
    page.keyboard.type("the birth certificate was forged")
    page.keyboard.press("Enter")
    page.keyboard.press("m")
    page.get_by_text("merged into").first.wait_for()
    settled(page)
    assert Merge.objects.get().reason == "the birth certificate was forged"
    shot(page, "in-spite-of")


def test_three_rows_of_a_list_are_merged_together_and_undone(open_page, chief):
    first, second, third = (make_record(f"Sapt {number}", prominence=number) for number in (1, 2, 3))
    make_record("Tarlenheim")
    rebuild()
    page = open_page(user=chief).goto("/admin/entities/entity/?q=Sapt")
    for number in range(3):
        tab_to(page, f"input.action-select >> nth={number}")
        page.keyboard.press("Space")
    shot(page, "list")
    tab_to(page, 'select[name="action"]')
    page.keyboard.type("Merge selected")
    tab_to(page, 'button[name="index"]:visible')
    page.keyboard.press("Enter")
    page.wait_for_url("**/curation/merge/?ids=*")
    settled(page)
    shot(page, "three")
    assert serious(page) == []
    page.keyboard.press("m")
    page.wait_for_url("**/curation/merge/*/")
    settled(page)
    assert Merge.objects.filter(survivor=first, undone_at=None).count() == 2
    make_alias(first, "Old Sapt")
    page.reload()
    settled(page)
    shot(page, "three-undo")
    assert serious(page) == []
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("u")
    page.get_by_text("are records of their own again").wait_for()
    assert Entity.objects.current().filter(name__startswith="Sapt").count() == 3
    assert Alias.objects.in_use().get(name="Old Sapt").entity_id in (second.pk, third.pk)


def test_a_record_is_found_and_added_by_keyboard(open_page, chief):
    one, two = pair()
    rebuild()
    page = open_page(user=chief).goto(f"/admin/curation/merge/?ids={one.pk}")
    page.keyboard.press("/")
    page.keyboard.type("Rudolf V of Ruritania")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    settled(page)
    shot(page, "search")
    assert serious(page) == []
    page.wait_for_function("document.activeElement.matches('[data-hits] li:first-child a')")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**ids={one.pk},{two.pk}")
    assert page.locator(".me-table").is_visible()


def test_later_edits_are_shown_and_sent_where_the_curator_says(open_page, chief):
    from entities import editing

    one, two = pair()
    watched = open_page(user=chief)
    page = watched.goto(f"/admin/curation/merge/?ids={one.pk},{two.pk}")
    page.keyboard.press("m")
    page.wait_for_url("**/curation/merge/*/")
    settled(page)
    editing.save_fact(Alias(entity=Entity.objects.get(pk=two.pk), name="The Red Elphberg"), chief)
    page = watched.goto(f"/admin/curation/merge/{Merge.objects.get().pk}/")
    page.get_by_text("The Red Elphberg").first.wait_for()
    shot(page, "later-edits")
    assert serious(page) == []
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("u")
    page.get_by_text("is a record of its own again").wait_for()
    assert Alias.objects.in_use().get(name="The Red Elphberg").entity_id == one.pk


def test_an_undo_out_of_order_names_the_later_merge(open_page, chief):
    from entities import merging

    a, b, c = make_record("Hentzau A"), make_record("Hentzau B"), make_record("Hentzau C")
    first = merging.merge(survivor_id=b.pk, absorbed_id=a.pk, actor=chief)
    second = merging.merge(survivor_id=c.pk, absorbed_id=b.pk, actor=chief)
    watched = open_page(user=chief)
    page = watched.goto(f"/admin/curation/merge/{first.pk}/")
    assert "‹Hentzau B› was itself merged into ‹Hentzau C› later" in page.locator("[data-refusal]").inner_text()
    assert page.locator('[data-key="u"]').count() == 0
    shot(page, "out-of-order")
    page.keyboard.press("b")  # leads to the merge to be undone first
    page.wait_for_url(f"**/curation/merge/{second.pk}/?back=*")
    settled(page)
    page.keyboard.press("u")
    page.get_by_text("is a record of its own again").wait_for()
    page = watched.goto(f"/admin/curation/merge/{first.pk}/")
    page.keyboard.press("u")
    page.get_by_text("is a record of its own again").wait_for()
    assert Entity.objects.current().filter(name__startswith="Hentzau").count() == 3


def test_a_record_is_split_undone_and_split_again(open_page, chief):
    one, _ = pair()
    watched = open_page(user=chief)
    page = watched.goto(f"/admin/curation/split/{one.pk}/")
    page.keyboard.press("s")  # the key that leads here from a record, pressed once too often
    page.wait_for_timeout(300)
    assert page.url.endswith(f"/split/{one.pk}/")
    assert not page.locator("[role=alert]").count()
    shot(page, "split")
    assert serious(page) == []
    page.keyboard.press("n")
    page.keyboard.type("Rudolf the Other")
    page.keyboard.press("Enter")
    tab_to(page, 'input[name="aliases"]', last=True)
    page.keyboard.press("Space")
    tab_to(page, 'input[name="surfaces"]')
    page.keyboard.press("Space")
    page.keyboard.press("p")
    page.wait_for_url("**/curation/splits/*/")
    settled(page)
    split = Split.objects.get()
    assert split.target.name == "Rudolf the Other"
    assert split.target.aliases.in_use().filter(name="Rudolf").exists()
    assert Link.objects.to_records().filter(entity=split.target, actor=chief).count() == 2
    assert Judgement.objects.get(superseded_at=None).verdict == "different"
    shot(page, "parted")
    assert serious(page) == []
    page.keyboard.press("u")
    page.get_by_text("Taken back: everything").wait_for()
    assert Link.objects.to_records().filter(entity=one).count() == 2
    page.keyboard.press("r")
    page.get_by_text("are two again").wait_for()
    assert Link.objects.to_records().filter(entity=split.target).count() == 2
    page = watched.goto(f"/admin/curation/history/{one.pk}/?on=2199-01-01")
    assert "Part of this record was sent to ‹Rudolf the Other› again" in page.locator(".rd-history").inner_text()
    shot(page, "history")
    assert serious(page) == []


def send_to(page, record) -> None:
    """On a split's page: search for a record by its name and choose the first one found."""
    page.keyboard.press("/")
    page.keyboard.type(record.name)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    settled(page)
    page.wait_for_function("document.activeElement.matches('[data-hits] li:first-child a')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**target={record.pk}")
    settled(page)


def test_part_of_a_record_goes_to_one_that_is_there(open_page, chief):
    one, two = pair()
    rebuild()
    page = open_page(user=chief).goto(f"/admin/curation/split/{one.pk}/")
    send_to(page, two)
    tab_to(page, 'input[name="identifiers"]')
    page.keyboard.press("Space")
    page.keyboard.press("p")
    page.wait_for_url("**/curation/splits/*/")
    assert Identifier.objects.in_use().get(scheme="viaf").entity_id == two.pk


def test_the_radar_leads_to_the_split(open_page, chief):
    one = make_record("Michael of Strelsau", valid_from="1950")
    a, b = make_record("Ruritania", "state"), make_record("Graustark", "state")
    make_term(one, "President", state=a, start="1980", end="1990")
    make_term(one, "Prime Minister", state=b, start="1982", end="1988")
    page = open_page(user=chief).goto("/admin/curation/radar/")
    shot(page, "radar")
    assert serious(page) == []
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/curation/split/{one.pk}/")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_what_is_fine_is_dismissed_and_taken_back(open_page, chief, width, dark):
    for name in ("Michael", "Rupert"):
        make_term(
            make_record(name, valid_from="1950"), "Minister", state=make_record("Ruritania", "state"), start="1900"
        )
    page = open_page(user=chief, width=width, dark=dark).goto("/admin/curation/radar/")
    page.keyboard.press("d")
    page.get_by_text("Of which one?").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("t")
    page.keyboard.type("a grandfather")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.innerText") == "Michael"
    page.keyboard.press("d")
    page.get_by_text("is one: not listed again").wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_function("document.activeElement.innerText === 'Rupert'")
    shot(page, f"radar-{width}")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("u")
    page.get_by_text("Michael› is listed again").wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_function("document.activeElement.innerText === 'Michael'")
    assert page.locator("[data-around] [name=reason]").first.input_value() == "a grandfather"
    page.keyboard.press("d")
    page.get_by_text("is one: not listed again").wait_for()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("v")
    page.wait_for_url("**fine=1")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.get_by_text("Michael› is listed again").wait_for()


@pytest.mark.parametrize(("width", "dark"), [(390, False), (390, True), (1280, True)])
def test_the_pages_fit_a_phone_and_the_dark(open_page, chief, width, dark):
    from entities import merging

    one, two = pair()
    Entity.objects.filter(pk=one.pk).update(valid_from="1900")
    three, four = make_record("Flavia"), make_record("Princess Flavia", description="Of the house of Elphberg")
    merged = merging.merge(survivor_id=three.pk, absorbed_id=four.pk, actor=chief, fields={"name": four.pk})
    make_alias(three, "Queen Flavia")
    five = make_record("Fritz")
    parted = merging.split(source_id=five.pk, actor=chief, name="Fritz von Tarlenheim", reason="Two men")
    make_term(one, "King", state=make_record("A", "state"), start="1850", end="1890")
    watched = open_page(width=width, dark=dark, user=chief)
    today = merged.merged_at.date().isoformat()
    for name, address in (
        ("merge", f"merge/?ids={one.pk},{two.pk}"),
        ("merge-search", "merge/?q=Flavia"),
        ("merged", f"merge/{merged.pk}/"),
        ("split", f"split/{one.pk}/"),
        ("parted", f"splits/{parted.pk}/"),
        ("history", f"history/{three.pk}/?on={today}"),
        ("radar", "radar/"),
    ):
        page = watched.goto(f"/admin/curation/{address}")
        shot(page, f"{name}-{width}-{'dark' if dark else 'light'}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        assert serious(page) == [], name


def test_a_row_that_a_key_goes_to_does_not_hide_behind_the_reason(open_page, chief):
    one, _ = pair()
    for number in range(30):
        one.aliases.create(name=f"Rudolf, called {number}")
    page = open_page(user=chief).goto(f"/admin/curation/split/{one.pk}/")
    page.set_viewport_size({"width": 700, "height": 700})
    for _ in range(25):
        page.keyboard.press("j")
        row, bar = page.locator("[data-row] input:focus").bounding_box(), page.locator(".me-act").bounding_box()
        assert row["y"] + row["height"] <= bar["y"]
    assert page.get_by_text("Or: a new record").count() == 1


def test_what_was_ticked_for_a_split_outlives_a_filter_and_a_search(open_page, chief):
    one, two = pair()
    rebuild()
    page = open_page(user=chief).goto(f"/admin/curation/split/{one.pk}/")
    tab_to(page, 'input[name="aliases"]', last=True)
    page.keyboard.press("Space")
    tab_to(page, 'input[name="mentions"]')
    page.keyboard.press("Space")
    page.keyboard.press("f")
    page.keyboard.type("words that no article has")
    page.keyboard.press("Enter")
    page.wait_for_url("**mentions_like=words*")
    settled(page)
    assert page.locator('li input[name="mentions"]').count() == 0
    assert page.locator("[data-count]").inner_text() == "2"
    send_to(page, two)
    page.keyboard.press("p")
    page.wait_for_url("**/curation/splits/*/")
    assert two.aliases.in_use().filter(name="Rudolf").exists()
    assert Link.objects.to_records().filter(entity=two, actor=chief).count() == 1
