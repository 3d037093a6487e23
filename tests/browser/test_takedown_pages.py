"""Taking down, correcting and lifting in a real browser, by keyboard alone; saved searches."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from articles.models import Article
from entities.models import Alias, Takedown
from tests.browser.conftest import serious, settled
from tests.factories import make_article, make_record, make_term

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chief(db) -> User:
    return User.objects.create_superuser("chief", password="x")


def test_a_name_is_taken_down_and_the_takedown_lifted(open_page, chief):
    ada = make_record("Ada Ravensworth", aliases=["Zebulon Quackenbush"])
    page = open_page(user=chief).goto(f"/admin/curation/takedown/{ada.pk}/")
    assert serious(page) == []
    page.keyboard.press("?")
    assert page.locator("dialog.rd-help").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert "Zebulon" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/alias/**")
    settled(page)
    assert serious(page) == []
    page.keyboard.press("d")  # without a reason nothing is sent
    assert Alias.objects.filter(name="Zebulon Quackenbush").exists()
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    page.keyboard.type("private, dated tomorrow")  # d and c within the reason are letters
    page.keyboard.press("Enter")
    assert Alias.objects.filter(name="Zebulon Quackenbush").exists()
    page.keyboard.press("d")
    page.wait_for_url(f"**/takedown/{ada.pk}/")
    settled(page)
    assert not Alias.objects.filter(name="Zebulon Quackenbush").exists()
    assert "private, dated tomorrow" in page.inner_text("[data-curation]")
    page.locator("text=Lift…").click()
    settled(page)
    assert serious(page) == []
    page.keyboard.press("l")
    page.wait_for_url(f"**/takedown/{ada.pk}/")
    assert Takedown.objects.get().lifted_at is not None


def test_a_term_is_corrected(open_page, chief):
    ada = make_record("Ada Ravensworth")
    term = make_term(ada, "Mayor", start="2001")
    page = open_page(user=chief).goto(f"/admin/curation/takedown/{ada.pk}/term/{term.pk}/")
    page.keyboard.press("t")
    page.keyboard.type("misspelt")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("Lord Mayor")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.wait_for_url(f"**/takedown/{ada.pk}/")
    assert [one.title for one in ada.terms.all()] == ["Lord Mayor"]


def test_articles_are_taken_down(open_page, chief):
    article = make_article("Something private.", "A private matter")
    page = open_page(user=chief).goto(f"/admin/articles/article/takedown/?ids={article.pk}")
    assert serious(page) == []
    page.keyboard.press("t")
    page.keyboard.type("court order")
    page.keyboard.press("Enter")
    page.keyboard.press("d")
    page.wait_for_url("**/admin/articles/article/")
    assert Article.objects.get().text == ""


def test_a_search_is_saved_without_javascript(open_page, chief):
    page = open_page(user=chief, javascript=False).goto("/articles/?q=mayor")
    page.locator("text=Save this search").click()
    page.fill("input[name=name]", "Mayors")
    page.locator("button:has-text('Save')").first.click()
    assert "feed.atom" in page.locator("text=Atom feed").get_attribute("href")
