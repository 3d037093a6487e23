"""Merging, undoing, splitting, history and radar in a real browser, by keyboard alone."""

from __future__ import annotations

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User

from articles.models import Link
from entities.candidates import rebuild
from entities.models import Alias, DuplicateSuggestion, Entity, Identifier, Judgement, Merge, Split
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


def shot(page, name: str) -> None:
    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def serious(page) -> list[str]:
    found = Axe().run(page, context="[data-curation]")
    return [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]


def settled(page) -> None:
    page.wait_for_load_state("networkidle")


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
    assert page.locator("dialog.cu-help").is_visible()
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
