"""The admin's pages in a browser: an article read and set right by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from articles.models import ImportJob
from entities.matching.types import Kind
from tests.browser.conftest import tab_to
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(django_user_model):
    return django_user_model.objects.create_superuser("desk")


@pytest.fixture
def story(db):
    son = make_record("George W. Bush", summary="President of the United States, 2001 – 2009")
    father = make_record("George H. W. Bush", summary="President of the United States, 1989 – 1993")
    iraq = make_record("Iraq", kind=Kind.STATE)
    text, segments = "George Bush spoke of Iraq. Bush left.\n\nBuy chips.", [[0, 37, "body"], [39, 49, "spam"]]
    article = make_article(text, "Bush speaks", published_on="1991-01-16", segments=segments)
    first = make_mention(article, "George Bush", son, chain=1, candidates=[son, father], probability=0.7)
    make_mention(article, "Iraq", iraq, chain=2)
    last = make_mention(article, "Bush", son, chain=1, after=26)
    return {"article": article, "son": son, "father": father, "first": first, "last": last}


def live(mention):
    return mention.links.get(superseded_at=None)


def address_of(story):
    return f"/admin/articles/article/{story['article'].pk}/change/"


def test_links_are_set_right_by_keyboard_alone(open_page, desk, story):
    page = open_page(width=1440, user=desk).goto(address_of(story))
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "George Bush"
    page.keyboard.press("Enter")
    page.locator("[data-mention-panel]").wait_for()
    assert "George W. Bush" in page.locator("[data-panel]").inner_text()

    page.keyboard.press("l")
    page.keyboard.type("George H. W. Bush", delay=5)
    found = page.locator(".rd-candidates button[name=entity]:not([disabled])").last
    page.get_by_text("Found for").wait_for()
    assert page.evaluate("document.activeElement.value") == "George H. W. Bush", "typing goes on while results come"
    with page.expect_navigation():
        found.press("Enter")
    assert live(story["first"]).entity == story["father"]
    assert live(story["first"]).actor == desk

    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.activeElement.closest('.m').id") == f"m{story['first'].pk}", "where one was before"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.locator(f"[data-mention-panel='{story['last'].pk}']").wait_for()
    with page.expect_navigation():
        page.keyboard.press("w")
    assert live(story["last"]).entity is None


def test_a_whole_chain_is_decided_at_once(open_page, desk, story):
    page = open_page(width=1440, user=desk).goto(address_of(story) + f"?mention={story['last'].pk}")
    page.get_by_label("all 2 of its chain").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Confirm").click()
    assert {live(story["first"]).actor, live(story["last"]).actor} == {desk}


def test_the_last_decision_is_taken_back_by_keyboard(open_page, desk, story):
    page = open_page(width=1440, user=desk).goto(address_of(story) + f"?mention={story['last'].pk}")
    page.keyboard.press("u")
    page.get_by_text("There is nothing to take back.").wait_for()
    page.get_by_label("Reason").fill("too late")
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("w")
    assert live(story["last"]).entity is None
    page.wait_for_load_state("networkidle")
    with page.expect_navigation():
        page.keyboard.press("u")
    page.get_by_text("“Bush” is as it was before").wait_for()
    assert page.get_by_label("Reason").input_value() == "too late"
    assert page.evaluate("document.activeElement.closest('.m').id") == f"m{story['last'].pk}"
    assert (live(story["last"]).entity, live(story["last"]).actor) == (story["son"], None)


def test_what_a_decision_did_is_told_in_view(open_page, desk, story):
    text = "\n\n".join([*["It rained."] * 60, "George Bush spoke."])
    article = make_article(text, "Bush speaks")
    mention = make_mention(article, "George Bush", story["son"])
    page = open_page(width=1280, user=desk).goto(f"/admin/articles/article/{article.pk}/change/?mention={mention.pk}")
    for key, told in (("w", "“George Bush”: no record is meant"), ("u", "as it was before")):
        with page.expect_navigation():
            page.keyboard.press(key)
        page.wait_for_load_state("networkidle")
        page.locator("[data-said]", has_text=told).wait_for()
        box = page.locator("[data-said]").bounding_box()
        assert 0 <= box["y"] < 900 - box["height"]
        assert page.evaluate("document.activeElement.closest('.m').id") == f"m{mention.pk}"
    assert page.locator("[data-key=w] kbd").inner_text() == "w"


@pytest.mark.parametrize("dark", [False, True])
def test_our_own_pages_have_no_serious_fault_of_accessibility(open_page, desk, story, dark):
    watched = open_page(width=1440, dark=dark, user=desk)
    for address in (address_of(story) + f"?mention={story['first'].pk}", "/admin/"):
        page = watched.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true; })")
        response = Axe().run(page, context=".rd").response
        faults = [
            (fault["id"], [node["target"] for node in fault["nodes"]][:4])
            for fault in response["violations"]
            if fault["impact"] in ("serious", "critical")
        ]
        assert faults == [], address


def test_lists_and_records_open_without_an_error(open_page, desk, story):
    watched = open_page(width=1440, user=desk)
    lists = ["entities/entity", "articles/article", "articles/link", "articles/nilgroup", "articles/importjob"]
    record = f"/admin/entities/entity/{story['son'].pk}/change/"
    for address in (*(f"/admin/{name}/" for name in lists), "/admin/entities/entity/add/", record):
        watched.goto(address)


def test_an_article_fits_a_phone_and_a_mention_leads_to_its_panel(open_page, desk, story):
    page = open_page(width=390, user=desk).goto(address_of(story))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(f"#m{story['first'].pk} > a").click()
    page.get_by_role("button", name="Confirm").wait_for()
    assert page.locator(".card:visible").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_keyboard_passes_the_side_bar_and_reaches_all_of_it(open_page, desk):
    page = open_page(user=desk).goto("/admin/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#content').contains(document.activeElement)")
    tab_to(
        page,
        "nav a[href='/admin/articles/articletakedown/'], #nav-sidebar-apps a[href='/admin/articles/articletakedown/']",
    )


def test_the_page_of_an_import_follows_it(open_page, desk):
    job = ImportJob.objects.create(path="wire.csv", status="running", rows_read=1, total_bytes=0)
    page = open_page(user=desk).goto(f"/admin/articles/importjob/{job.pk}/change/")
    ImportJob.objects.update(rows_read=777)
    page.get_by_text("777").wait_for(timeout=10_000)
    ImportJob.objects.update(status="cancelled")
    page.get_by_text("Go on with it").wait_for(timeout=10_000)
