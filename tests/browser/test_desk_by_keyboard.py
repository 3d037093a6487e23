"""The curators' flows from the first page on, with no mouse at all; enlarged twice, in other scripts, with nothing there."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from articles import review
from articles.models import Link, NilGroup
from entities import editing, merging
from entities.candidates import rebuild
from entities.models import DuplicateSuggestion, Entity, Event, Merge
from tests.browser.conftest import item, said, serious, shot, tab_to
from tests.factories import make_article, make_mention, make_record, make_term

pytestmark = pytest.mark.django_db(transaction=True)

REVIEW = "/admin/curation/review/"


@pytest.fixture
def chief(db) -> User:
    return User.objects.create_superuser("chief", password="x")


def widen_to(page, words: str) -> None:
    """Press `w` until the scope is the one wanted."""
    for _ in range(4):
        page.keyboard.press("w")
        if words in page.locator("[name=scope]:checked").evaluate("node => node.closest('label').innerText"):
            return
    raise AssertionError(f"no scope {words}")


# --- How far a decision reaches --------------------------------------------------------------------------------------
def congo() -> tuple[Entity, Entity]:
    """Three articles about one name, in the first of which it stands twice and once otherwise."""
    one, two = (
        make_record(f"{name} of Congo", "state", capital=capital)
        for name, capital in (("Republic", "Brazzaville"), ("Democratic Republic", "Kinshasa"))
    )
    texts = ("Congo is large. Congo is wide. So is Zaire.", "Then Congo spoke.", "Later Congo fell silent.")
    for number, text in enumerate(texts):
        article = make_article(text, title=f"Story {number}", source="Equator Press", published_on="1999-01-01")
        spans = [("Congo", 0), ("Congo", 10), ("Zaire", 0)] if number == 0 else [("Congo", 0)]
        for surface, after in spans:
            make_mention(
                article, surface, one, after=after, type="GPE", chain=7 if (surface, after) != ("Congo", 10) else 8,
                status="review", probability=0.5, priority=3 - number - after / 100 - (surface == "Zaire") * 2.9,
                candidates=[one, two],
            )  # fmt: skip
    rest = make_article("Graustark is small.")
    make_mention(rest, "Graustark", one, status="review", probability=0.5, priority=0.01, candidates=[one])
    return one, two


@pytest.mark.parametrize(
    ("scope", "reached", "sentence"),
    [("its chain", 2, "So is Zaire"), ("of this article", 2, "Congo is wide"), ("always", 4, "Then Congo spoke")],
)
def test_a_decision_reaches_as_far_as_its_preview_said(open_page, chief, scope, reached, sentence):
    _, two = congo()
    page = open_page(user=chief).goto(f"{REVIEW}links/")
    widen_to(page, scope)
    page.locator("[data-preview] li", has_text=sentence).wait_for()
    label = page.locator("[name=scope]:checked").evaluate("node => node.closest('label').innerText")
    assert f"({reached} mentions)" in label
    shot(page, f"scope-{scope.replace(' ', '-')}")
    assert serious(page) == []
    page.keyboard.press("2")
    said(page, f"{reached} mentions linked to Democratic Republic of Congo")
    assert Link.objects.to_records().filter(entity=two, actor=chief).count() == reached
    page.keyboard.press("u")
    said(page, f"{reached} mentions")
    assert Link.objects.live().filter(status="review").count() == 6


def test_after_a_wide_decision_the_next_other_wording_is_shown_at_once(open_page, chief):
    congo()
    page = open_page(user=chief).goto(f"{REVIEW}links/")
    widen_to(page, "always")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("n")
    page.locator(".cu-question", has_text="Zaire").wait_for()
    said(page, "4 mentions marked")
    assert item(page) == str(Link.objects.live().get(mention__surface="Zaire").pk)


# --- From the first page on ------------------------------------------------------------------------------------------
def test_every_queue_is_reached_from_the_first_page_by_keyboard(open_page, chief):
    one, two = congo()
    DuplicateSuggestion.objects.create(a=one, b=two, probability=0.6)
    NilGroup.objects.create(key="doe", name="Doe", kind="person", mention_count=1, article_count=1)
    watched = open_page(user=chief)
    for name in ("links", "duplicates", "proposals"):
        page = watched.goto("/admin/")
        tab_to(page, f".rd-figures a[href$='/review/{name}/']")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/review/{name}/")
        page.locator("[data-item]").wait_for()
    page = watched.goto("/admin/")
    tab_to(page, "figure details summary")
    page.keyboard.press("Enter")
    assert page.locator("figure table").first.is_visible()


def test_the_scorecard_and_its_periods_by_keyboard(open_page, chief):
    _, two = congo()
    for link in list(Link.objects.filter(status="review").select_related("mention")[:3]):
        review.link_to(link.mention, two, chief)
    page = open_page(user=chief).goto(f"{REVIEW}links/")
    tab_to(page, ".cu-tools a[href$='/scorecard/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/scorecard/")
    tab_to(page, "a[href='?weeks=4']")
    page.keyboard.press("Enter")
    page.wait_for_url("**weeks=4")
    assert page.locator("a[aria-current=page]", has_text="4 weeks").count() == 1
    assert serious(page) == []
    shot(page, "scorecard-4")


def test_filters_by_keyboard(open_page, chief):
    congo()
    make_mention(
        make_article("Then Rupert came.", language="de"), "Rupert", make_record("Rupert"), status="review",
        probability=0.5, candidates=[make_record("Rupert of Hentzau")],
    )  # fmt: skip
    page = open_page(user=chief).goto(f"{REVIEW}links/")
    tab_to(page, "details.cu-filters summary, details summary")
    page.keyboard.press("Enter")
    tab_to(page, "select[name=kind]")
    page.keyboard.type("People")
    page.keyboard.press("Tab")
    tab_to(page, "form:has(select[name=kind]) button")
    page.keyboard.press("Enter")
    page.wait_for_url("**kind=person*")
    page.locator(".cu-question", has_text="Rupert").wait_for()
    shot(page, "filtered")


# --- History and radar -----------------------------------------------------------------------------------------------
def test_what_a_record_was_on_a_past_day_by_keyboard(open_page, chief):
    one = editing.create_record(Entity(kind="person", name="Rudolf"), chief)
    one.name = "Rudolf the Fifth"
    editing.edit_record(one, chief, reason="crowned")
    from django.db import connection

    on_table = " ON entities_event" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:  # the past is made by hand: the guards come back after the test
        cursor.execute(f"DROP TRIGGER entities_event_append_only{on_table}")
    first, second = Event.objects.order_by("pk")
    Event.objects.filter(pk=first.pk).update(happened_at="2020-01-01T12:00:00Z")
    Event.objects.filter(pk=second.pk).update(happened_at="2024-01-01T12:00:00Z")
    Entity.objects.filter(pk=one.pk).update(created_at="2020-01-01T12:00:00Z")
    page = open_page(user=chief).goto(f"/admin/curation/history/{one.pk}/")
    page.keyboard.press("d")
    page.keyboard.type("06152022")
    page.keyboard.press("Enter")
    page.wait_for_url("**on=2022-06-15")
    row = page.locator("tr", has=page.locator("th", has_text="Name")).first
    assert row.locator("td").all_inner_texts() == ["Rudolf", "Rudolf the Fifth"]
    assert (
        "The name was changed" in page.locator(".rd-history").inner_text()
        or "the name was changed" in page.locator(".rd-history").inner_text()
    )
    assert serious(page) == []
    shot(page, "past-day")


# --- Every page, enlarged, in other scripts, and empty ---------------------------------------------------------------
LONG = "Internationale Vereinigung zur Förderung der grenzüberschreitenden Zusammenarbeit " * 3
RTL = "مسعود پزشکیان"


def full(chief: User) -> dict[str, str]:
    """Something on each page: names that are long, and names that run from right to left."""
    one = make_record(RTL, description="رئیس‌جمهور ایران", valid_from="1954", aliases=["Masoud Pezeshkian"])
    two = make_record(LONG.strip()[:300], "organization", description=LONG.strip()[:400])
    three = make_record("Pezeshkian", description=LONG.strip()[:200], valid_from="1955", prominence=2)
    make_term(one, "President", state=make_record("Iran", "state"), start="1940", end="1950")
    for number in range(3):
        article = make_article(f"قال {RTL} كلمته {number}. " + LONG, title=LONG[:200], source=RTL, language="ar")
        make_mention(article, RTL, one, status="review", probability=0.5, candidates=[one, two, three])
    DuplicateSuggestion.objects.create(a=one, b=three, probability=0.6, reasons=[LONG[:150]])
    group = NilGroup.objects.create(
        key="x", name=LONG.strip()[:250], kind="organization", mention_count=1, article_count=1
    )
    make_mention(make_article(LONG + " met."), LONG.strip()[:250], None, nil_group=group)
    rebuild()
    four, five = make_record("Four"), make_record(f"{RTL} ۲")
    done = merging.merge(survivor_id=four.pk, absorbed_id=five.pk, actor=chief, reason=LONG[:300])
    parted = merging.split(source_id=two.pk, name=f"{RTL} ۳", actor=chief)
    return {
        "home": "/admin/",
        "links": f"{REVIEW}links/",
        "duplicates": f"{REVIEW}duplicates/",
        "proposals": f"{REVIEW}proposals/",
        "scorecard": f"{REVIEW}scorecard/",
        "merge": f"/admin/curation/merge/?ids={one.pk},{three.pk}",
        "merged": f"/admin/curation/merge/{done.pk}/",
        "split": f"/admin/curation/split/{one.pk}/",
        "parted": f"/admin/curation/splits/{parted.pk}/",
        "history": f"/admin/curation/history/{four.pk}/",
        "radar": "/admin/curation/radar/",
    }


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("width", "zoom", "dark"), [(640, 2, False), (390, 1, False), (390, 1, True), (1280, 1, True)]
)  # 640 with twice as many dots is 1,280 enlarged to 200 %
def test_long_names_and_other_scripts_fit_at_every_size(open_page, chief, width, zoom, dark):
    addresses = full(chief)
    watched = open_page(width=width, dark=dark, user=chief, zoom=zoom)
    for name, address in addresses.items():
        page = watched.goto(address)
        shot(page, f"full-{name}-{width}-{zoom}-{'dark' if dark else 'light'}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        assert serious(page) == [], name


@pytest.mark.any_database
def test_names_stand_in_the_direction_of_their_script(open_page, chief):
    addresses = full(chief)
    watched = open_page(user=chief)
    for name in ("links", "merge", "split"):
        page = watched.goto(addresses[name])
        found = page.evaluate(
            "name => [...document.querySelectorAll('[data-curation] bdi, [data-curation] [dir=auto]')]"
            ".filter(node => node.textContent.trim() === name || node.value === name)"
            ".map(node => getComputedStyle(node).direction)",
            RTL,
        )
        assert found, name
        assert set(found) == {"rtl"}, name


@pytest.mark.any_database
def test_pages_with_nothing_on_them_say_so(open_page, chief):
    watched = open_page(user=chief)
    lone = make_record("Alone")
    for name, address, words in (
        ("home", "/admin/", "No integrity check yet"),
        ("links", f"{REVIEW}links/", "Nothing waits here"),
        ("duplicates", f"{REVIEW}duplicates/", "Nothing waits here"),
        ("proposals", f"{REVIEW}proposals/", "Nothing waits here"),
        ("scorecard", f"{REVIEW}scorecard/", "No decisions in this time"),
        ("radar", "/admin/curation/radar/", "No record contradicts itself"),
        ("history", f"/admin/curation/history/{lone.pk}/", "Nothing was written down"),
        ("merge", "/admin/curation/merge/", "Search"),
    ):
        page = watched.goto(address)
        assert words in page.locator("[data-curation]").inner_text(), name
        assert serious(page) == [], name
        shot(page, f"empty-{name}")
    assert not Merge.objects.exists()
