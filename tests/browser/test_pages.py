"""The public pages as a browser shows them: width, darkness, keyboard, hostile texts, accessibility."""

from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe

from entities.matching.types import Kind
from tests.factories import make_alias, make_article, make_mention, make_record, make_source, make_term

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

_TRAPS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "</title><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "{{ 7*7 }}{% debug %}",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "\u202eevil\u202d",
]


@pytest.fixture
def site(db):
    iran = make_record("Iran", kind=Kind.STATE, summary="State in Western Asia", prominence=1)
    make_alias(iran, "جمهوری اسلامی ایران", type="native", lang="fa")
    person = make_record("Masoud Pezeshkian", summary="President of Iran since 2024", source=make_source())
    make_alias(person, "مسعود پزشکیان", type="native", lang="fa")
    make_term(person, "President", state=iran, start="2024-07-28")
    text = "Masoud Pezeshkian, the Iranian president, spoke in Tehran. Iran listened.\n\n" * 3
    article = make_article(text, "Pezeshkian speaks", source="Wire", published_on="2024-10-11", language="en")
    make_mention(article, "Masoud Pezeshkian", person, reason="the full name")
    make_mention(article, "the Iranian president", person, type="ROLE")
    make_mention(article, "Iranian", iran, type="NORP")
    make_mention(article, "Iran listened", iran, status="review", probability=0.5)
    return {"iran": iran, "person": person, "article": article}


def addresses(site):
    return ["/", "/?q=Iran", "/articles/", *(one.get_absolute_url() for one in site.values())]


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)])
def test_pages_fit_their_width_and_have_no_serious_fault_of_accessibility(open_page, site, width, dark):
    watched = open_page(width=width, dark=dark)
    for address in addresses(site):
        page = watched.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        faults = [
            (fault["id"], [node["target"] for node in fault["nodes"]][:3])
            for fault in Axe().run(page).response["violations"]
            if fault["impact"] in ("serious", "critical")
        ]
        assert faults == [], address


def test_a_card_opens_under_the_pointer_and_by_keyboard(open_page, site):
    page = open_page().goto(site["article"].get_absolute_url())
    first = page.locator(".text .m").first
    card = first.locator(".card").first
    assert not card.is_visible()
    first.locator("a").first.hover()
    assert card.is_visible()
    page.mouse.move(0, 0)
    assert not card.is_visible()
    first.locator("a").first.focus()
    assert card.is_visible()


def test_only_the_innermost_card_opens(open_page, site):
    page = open_page().goto(site["article"].get_absolute_url())
    page.get_by_role("link", name="Iranian", exact=True).hover()
    assert page.locator(".card:visible .card-name").all_inner_texts() == ["Iran"]


def test_the_site_works_without_scripts(open_page, site):
    watched = open_page(javascript=False)
    page = watched.goto("/")
    page.fill("#q", "Iran")
    page.press("#q", "Enter")
    page.get_by_role("link", name="Iran", exact=True).click()
    assert page.locator("h1").inner_text() == "Iran"
    page.get_by_role("link", name="Pezeshkian speaks").click()
    page.get_by_role("link", name="Masoud Pezeshkian").first.click()
    assert page.locator("h1").inner_text() == "Masoud Pezeshkian"


def test_right_to_left_names_stand_from_right_to_left(open_page, site):
    page = open_page().goto(site["person"].get_absolute_url())
    direction = page.locator(".scripts span").first.evaluate("node => getComputedStyle(node).direction")
    assert direction == "rtl"


def test_hostile_names_and_texts_do_nothing(open_page, db):
    trap = " ".join(_TRAPS)
    source = make_source(trap[:200], trap[:150], url="javascript:alert(1)")
    entity = make_record(trap[:400], summary=trap, source=source, attributes={trap: trap})
    make_alias(entity, trap[:400], lang="x", type="native", source=source)
    article = make_article(
        f"{trap} said.", trap, source=trap[:200], author=trap, url="javascript:alert(1)", language="x"
    )
    for part in _TRAPS:
        make_mention(article, part, entity, reason=trap)
    watched = open_page()
    for address in (entity.get_absolute_url(), article.get_absolute_url(), "/articles/"):
        page = watched.goto(address)
        assert page.locator("a[href^='javascript:' i], main script:not([type]), main img, main iframe").count() == 0
    for part in _TRAPS:
        watched.goto("/?q=" + quote(part))


@pytest.mark.parametrize("address", ["/api/docs/", "/api/redoc/"])
def test_the_api_is_documented_without_asking_outside(open_page, db, address):
    page = open_page().goto(address)
    page.get_by_text("/api/v1/link/").first.wait_for()
