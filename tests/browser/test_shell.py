"""The keys of the admin's first page, lists, forms and articles, and the help that names them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User

from articles.models import Link
from entities import merging
from entities.candidates import rebuild
from entities.models import Entity, Merge
from tests.browser.conftest import shot, tab_to
from tests.factories import make_article, make_mention, make_record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

RECORDS = "/admin/entities/entity/"


@pytest.fixture
def chief(db) -> User:
    return User.objects.create_superuser("chief", password="x")


def focused(page) -> str:
    return page.evaluate("document.activeElement.innerText || document.activeElement.id")


def faults(page) -> list[str]:
    """What axe finds serious in the help."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context="#keys").response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("dark", [False, True])
def test_help_opens_on_every_kind_of_page_and_names_what_works_there(open_page, chief, dark):
    record = make_record("Rudolf")
    article = make_article("Rudolf spoke.")
    make_mention(article, "Rudolf", record)
    watched = open_page(user=chief, dark=dark)
    for name, address, told, untold in (
        ("home", "/admin/", "next or previous link", "tick the row"),
        ("list", RECORDS, "tick the row", "Ctrl"),
        ("form", f"{RECORDS}{record.pk}/change/", "merge with another record", "tick the row"),
        ("article", f"/admin/articles/article/{article.pk}/change/", "confirm the link", "tick the row"),
    ):
        page = watched.goto(address)
        assert not page.locator("#keys").is_visible()
        page.keyboard.press("?")
        text = page.locator("#keys").inner_text()
        assert told in text, name
        assert untold not in text, name
        assert "doubtful links" in text, name
        assert faults(page) == [], name
        shot(page, f"keys-{name}-{'dark' if dark else 'light'}")
        page.keyboard.press("Escape")
        assert not page.locator("#keys").is_visible(), name
        tab_to(page, "#nav-sidebar a[href$='#keys']")
        page.keyboard.press("Enter")
        assert page.locator("#keys").is_visible(), name


def test_a_queue_keeps_its_own_help_and_the_side_bar_opens_it(open_page, chief):
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    assert page.locator("#keys").count() == 0
    tab_to(page, "#nav-sidebar a[href$='#keys']")
    page.keyboard.press("Enter")
    assert "Doubtful links, by keyboard" in page.locator("dialog[open]").inner_text()


def test_from_page_to_page(open_page, chief):
    page = open_page(user=chief).goto("/admin/")
    for key, address in (
        ("r", RECORDS), ("a", "/admin/articles/article/"), ("i", "/admin/articles/importjob/"),
        ("h", "/admin/"), ("u", "/admin/curation/review/proposals/"),
    ):  # fmt: skip
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(f"**{address}")
        page.wait_for_load_state("networkidle")


def test_only_what_one_may_see_is_named(open_page):
    viewer = User.objects.create_user("viewer", password="x", is_staff=True)
    viewer.groups.add(Group.objects.get(name="viewer"))
    page = open_page(user=viewer).goto("/admin/")
    page.keyboard.press("?")
    text = page.locator("#keys").inner_text()
    assert "records" in text
    stranger = User.objects.create_user("stranger", password="x", is_staff=True)
    page = open_page(user=stranger).goto("/admin/")
    page.keyboard.press("?")
    assert page.locator("#keys [data-go]").all_inner_texts() == ["the first page"]


def test_a_list_from_search_to_a_merge_of_two(open_page, chief):
    pair = [make_record("Rupert of Hentzau"), make_record("Rupert Hentzau")]
    make_record("Flavia")
    rebuild()
    page = open_page(user=chief).goto(RECORDS)
    page.keyboard.press("/")
    page.keyboard.type("Hentzau")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=Hentzau*")
    # The first row found has the focus: not the top of the page, nor the bar of actions.
    page.wait_for_function("document.activeElement.closest('#result_list tr')")
    first = focused(page)
    assert "Hentzau" in first
    page.keyboard.press("x")
    page.keyboard.press("j")
    assert "Hentzau" in focused(page)
    assert focused(page) != first
    page.keyboard.press("x")
    assert page.locator("#result_list input.action-select:checked").count() == 2
    page.keyboard.press("k")
    assert focused(page) == first
    page.keyboard.press("a")
    page.keyboard.type("Merge")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/curation/merge/**")
    assert all(one.name in page.locator("[data-curation]").inner_text() for one in pair)


def test_a_search_that_finds_nothing_goes_back_into_the_field(open_page, chief):
    make_record("Flavia")
    page = open_page(user=chief).goto(f"{RECORDS}?q=Strelsau")
    page.wait_for_function("document.activeElement.id === 'searchbar'")


def test_pages_and_filters_of_a_list(open_page, chief):
    Entity.objects.bulk_create(
        Entity(kind="person", name=f"Guard {number:03}", public_id=f"guard-{number}") for number in range(150)
    )
    make_record("Ruritania", "state")
    page = open_page(user=chief).goto(RECORDS)
    page.keyboard.press("]")
    page.wait_for_url("**p=2*")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("[")
    page.wait_for_url("**p=1*")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("f")
    page.wait_for_function("document.activeElement.closest('#changelist-filter')")
    assert page.locator("#changelist-filter").is_visible()
    page.keyboard.press("Enter")
    page.locator(".select2-container--open").first.wait_for()
    page.keyboard.type("State")
    page.locator(".select2-results__option--highlighted", has_text="State").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('select[name=kind__exact]').value === 'state'")
    tab_to(page, "#changelist-filter button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**kind*state*")
    page.wait_for_function("document.activeElement.innerText === 'Ruritania'")
    assert page.locator("#result_list tr.data-row").count() == 1


def test_a_record_is_edited_and_saved_without_a_mouse(open_page, chief):
    record = make_record("Rudolf")
    page = open_page(user=chief).goto(f"{RECORDS}{record.pk}/change/")
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.name") == "name"
    page.keyboard.press("End")
    page.keyboard.type(" Rassendyll")
    page.keyboard.press("Control+Enter")
    page.get_by_text("was changed successfully").wait_for()
    assert page.url.endswith(f"/{record.pk}/change/"), "one stays on the record"
    record.refresh_from_db()
    assert record.name == "Rudolf Rassendyll"
    for key, part in (("h", "/curation/history/"), ("s", "/curation/split/"), ("m", "/curation/merge/")):
        page = open_page(user=chief).goto(f"{RECORDS}{record.pk}/change/")
        page.keyboard.press(key)
        page.wait_for_url(f"**{part}**")


def test_tabs_and_new_rows_of_a_record_by_keyboard(open_page, chief):
    record = make_record("Rudolf")
    page = open_page(user=chief).goto(f"{RECORDS}{record.pk}/change/")
    for key, tab in (
        ("2", "Names"),
        ("]", "Identifiers"),
        ("]", "Offices"),
        ("[", "Identifiers"),
        ("1", "General"),
        ("2", "Names"),
    ):
        page.keyboard.press(key)
        page.wait_for_function(f"document.querySelector('#tabs-items .active').innerText.trim().startsWith('{tab}')")
    page.keyboard.press("a")
    page.wait_for_function("/^aliases-\\d+-name$/.test(document.activeElement.name)")
    page.keyboard.type("Rudolf 2 of Ruritania")
    page.keyboard.press("Control+Enter")
    page.get_by_text("was changed successfully").wait_for()
    assert page.url.endswith(f"{RECORDS}{record.pk}/change/#aliases"), "one stays on the record"
    assert record.aliases.filter(name="Rudolf 2 of Ruritania").exists()
    assert page.locator(f"#main a[href='{RECORDS}{record.pk}/change/']").first.is_visible(), "the message leads to it"


def test_a_filtered_list_is_cleared_by_keyboard(open_page, chief):
    make_record("Rudolf")
    page = open_page(user=chief, width=390).goto(f"{RECORDS}?kind__exact=state")
    page.get_by_text("Shown are only those with").wait_for()
    page.keyboard.press("c")
    page.wait_for_url(f"**{RECORDS}?")
    page.get_by_text("Rudolf").first.wait_for()


def test_the_login_begins_in_the_name(open_page, db):
    page = open_page().goto("/admin/login/")
    page.wait_for_function("document.activeElement.name === 'username'")


def test_the_first_page_link_by_link(open_page, chief):
    make_record("Rudolf")
    page = open_page(user=chief).goto("/admin/")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('#content') !== null")
    first = page.evaluate("document.activeElement.href")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.href") != first
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.href") == first


def test_the_account_menu_is_within_reach_of_a_keyboard(open_page, chief):
    page = open_page(user=chief).goto("/admin/")
    tab_to(page, "#nav-sidebar [role=button]", last=True)
    page.keyboard.press("Enter")
    page.get_by_text("Log out").first.wait_for(state="visible")


def test_where_one_goes_from_a_queue_decides_nothing(open_page, chief):
    one, two = make_record("Rudolf"), make_record("Rupert")
    for number in range(2):
        make_mention(
            make_article(f"Rudolf spoke {number}."), "Rudolf", one, status="review", probability=0.5, priority=2 - number,
            candidates=[one, two],
        )  # fmt: skip
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("g")
    page.keyboard.press("z")  # nowhere: and nothing else either
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/review/duplicates/")
    assert Link.objects.live().filter(status="review").count() == 2
    done = merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=chief)
    page = open_page(user=chief).goto(f"/admin/curation/merge/{done.pk}/")
    page.keyboard.press("g")
    page.keyboard.press("u")
    page.wait_for_url("**/review/proposals/")
    assert Merge.objects.get().undone_at is None


def test_enter_in_a_choice_merges_nothing(open_page, chief):
    one, two = make_record("Rudolf", valid_from="1849"), make_record("Rudolf V", valid_from="1850")
    page = open_page(user=chief).goto(f"/admin/curation/merge/?ids={one.pk},{two.pk}")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.type") == "radio"
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert "/curation/merge/?ids=" in page.url
    assert not Merge.objects.exists()


def test_the_menu_of_a_narrow_page_opens_by_keyboard(open_page, chief):
    page = open_page(user=chief, width=390).goto("/admin/curation/review/links/")
    assert not page.locator("#nav-sidebar a").first.is_visible()
    tab_to(page, "span[role=button][aria-label=Menu]:visible")
    page.keyboard.press("Enter")
    page.locator("#nav-sidebar a").first.wait_for(state="visible")


def test_a_row_of_merges_opens_the_merge_and_is_found_again(open_page, chief):
    made = [make_record(f"Guard {number}") for number in range(4)]
    for absorbed in made[1:]:
        merging.merge(survivor_id=made[0].pk, absorbed_id=absorbed.pk, actor=chief)
    page = open_page(user=chief).goto("/admin/entities/merge/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == "Undo…"
    row = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{row}")
    page.go_back()
    page.wait_for_function("row => document.activeElement.getAttribute('href') === row", arg=row)


def test_a_search_beside_an_article_goes_to_what_it_finds(open_page, chief):
    one, other = make_record("Rudolf"), make_record("Rupert of Hentzau")
    rebuild()
    article = make_article("Rudolf spoke.")
    mention = make_mention(article, "Rudolf", one)
    page = open_page(user=chief).goto(f"/admin/articles/article/{article.pk}/change/?mention={mention.pk}")
    page.keyboard.press("l")
    page.keyboard.type("Hentzau")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.getAttribute('aria-label') === 'Link to Rupert of Hentzau'")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "find-q"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text("“Rudolf” is linked to ‹Rupert of Hentzau›").wait_for()
    assert Link.objects.live().get(mention=mention).entity == other


def test_a_name_of_the_chain_that_is_linked_elsewhere_is_left_out_unless_wanted(open_page, chief):
    scholz, merkel = make_record("Olaf Scholz"), make_record("Angela Merkel")
    article = make_article("The chancellor spoke. Angela Merkel listened.")
    make_mention(
        article, "The chancellor", scholz, status="review", probability=0.5, chain=7, candidates=[scholz, merkel]
    )
    name = make_mention(article, "Angela Merkel", merkel, chain=7, candidates=[merkel])
    page = open_page(user=chief).goto("/admin/curation/review/links/")
    page.keyboard.press("w")
    page.get_by_text("it is linked to another record").wait_for()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("1")
    page.locator("[data-said]", has_text="linked to Olaf Scholz").wait_for()
    assert Link.objects.live().get(mention=name).entity == merkel
