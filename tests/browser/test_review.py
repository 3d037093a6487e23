"""The curators' queues in a real browser, by keyboard alone: links, duplicates, proposals; dashboard and scorecard."""

from __future__ import annotations

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User

from articles.models import Link
from entities.models import Entity
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


def shot(page, name: str) -> None:
    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def serious(page) -> list[str]:
    found = Axe().run(page, context="[data-curation]")
    return [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]


def settled(page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.querySelector('[data-curation][aria-busy]')")


def said(page, text: str) -> None:
    page.locator("[data-said]", has_text=text).wait_for()
    settled(page)


def test_doubts_are_worked_through_by_keyboard(open_page, chief):
    one, two = doubts()
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    shot(page, "links")
    assert serious(page) == []
    page.keyboard.press("?")
    assert page.locator("dialog.cu-help").is_visible()
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
