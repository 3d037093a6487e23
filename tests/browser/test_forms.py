"""Forms of the admin by keyboard: saving, choices that are typed, what was refused, what cannot be undone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from articles.models import ImportJob
from config.models import ApiToken
from entities.candidates import rebuild
from entities.models import Source, Takedown, Term
from tests.browser.conftest import control_enter, tab_to
from tests.factories import make_alias, make_article, make_record, make_term

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

RECORDS = "/admin/entities/entity/"


@pytest.fixture
def chief(db) -> User:
    return User.objects.create_superuser("chief", password="x")


def choose_in(page, selector: str) -> None:
    """Tab to a choice that is typed."""
    tab_to(page, f"{selector} + .select2-container .select2-selection")


def test_control_enter_saves_in_this_window(open_page, chief):
    record = make_record("Rudolf")
    page = open_page(user=chief).goto(f"{RECORDS}{record.pk}/change/")
    page.keyboard.press("e")
    page.keyboard.press("End")
    page.keyboard.type(" Rassendyll")
    control_enter(page)
    page.get_by_text("was changed successfully").wait_for()
    assert page.url.endswith(f"/{record.pk}/change/"), "one stays on the record"
    assert len(page.context.pages) == 1
    record.refresh_from_db()
    assert record.name == "Rudolf Rassendyll"
    assert record.version == 2


def test_control_enter_makes_a_token_in_this_window(open_page, chief):
    page = open_page(user=chief).goto("/admin/config/apitoken/add/")
    page.keyboard.press("e")
    page.keyboard.type("reader")
    tab_to(page, "input[name=scopes]")
    page.keyboard.press("Space")
    page.locator(".select2-selection", has_text="chief").wait_for()
    control_enter(page)
    page.get_by_text("shown this once").wait_for()
    assert len(page.context.pages) == 1
    page.wait_for_function("document.activeElement.matches('[data-token]')")
    assert page.evaluate("[document.activeElement.selectionStart, document.activeElement.selectionEnd]") == [0, 47]
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Copied.", exact=True).wait_for()
    assert ApiToken.objects.count() == 1


def test_control_enter_on_a_button_presses_that_one(open_page, chief):
    source = Source.objects.create(name="Gazette")
    page = open_page(user=chief).goto(f"/admin/entities/source/{source.pk}/change/")
    tab_to(page, "[name=_continue]")
    control_enter(page)
    page.get_by_text("was changed successfully").wait_for()
    assert page.url.endswith("/change/")
    assert len(page.context.pages) == 1


def test_a_form_is_sent_once(open_page, chief):
    page = open_page(user=chief).goto("/admin/entities/source/add/")
    page.keyboard.press("e")
    page.keyboard.type("Gazette")
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.evaluate("document.querySelector('[name=_save]').click(), document.querySelector('[name=_save]').click()")
    page.get_by_text("was added successfully").wait_for()
    assert len(sent) == 1


def test_letters_belong_to_a_choice_that_is_typed(open_page, chief):
    ruritania = make_record("Ruritania", "state")
    make_record("Rupert of Ruritania")
    record = make_record("Rudolf")
    rebuild()
    page = open_page(user=chief).goto("/admin/entities/term/add/")
    choose_in(page, "#id_entity")
    page.keyboard.type("rudolf")
    page.locator(".select2-results__option--highlighted", has_text="Rudolf").wait_for()
    page.keyboard.press("Enter")
    page.locator("#id_entity + .select2-container", has_text="Rudolf").wait_for()
    choose_in(page, "#id_state")
    page.keyboard.type("e")  # a key of the page elsewhere
    assert page.evaluate("document.activeElement.matches('.select2-search__field')")
    assert page.evaluate("document.activeElement.value") == "e"
    page.keyboard.press("Backspace")
    page.keyboard.type("ruritania")
    page.locator(".select2-results__option--highlighted", has_text="Ruritania").wait_for()
    assert page.locator(".select2-results__option", has_text="Rupert").count() == 0, "a state is asked for"
    page.keyboard.press("Enter")
    page.locator("#id_title").focus()
    page.keyboard.type("King")
    control_enter(page)
    page.get_by_text("was added successfully").wait_for()
    assert len(page.context.pages) == 1
    assert Term.objects.get().state == ruritania
    assert Term.objects.get().entity == record


def test_what_an_earlier_search_found_is_not_chosen_during_the_next(open_page, chief):
    make_record("Ruritania", "state")
    page = open_page(user=chief).goto("/admin/entities/term/add/")
    choose_in(page, "#id_state")
    page.keyboard.press("Enter")
    page.locator(".select2-results__option--highlighted", has_text="Ruritania").wait_for()
    page.route("**/autocomplete/**", lambda route: None)  # the answer never comes
    page.keyboard.type("Z")
    page.keyboard.press("Enter")
    assert page.locator(".select2-results__option", has_text="Ruritania").count() == 0
    assert page.locator("#id_state").input_value() == ""
    page.unroute_all(behavior="ignoreErrors")


def test_what_was_refused_is_told_at_the_top_and_leads_to_its_field(open_page, chief):
    record = make_record("Rudolf")
    page = open_page(user=chief).goto(f"{RECORDS}{record.pk}/change/")
    page.keyboard.press("e")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "valid_from":
            break
    page.keyboard.type("yesterday")
    page.keyboard.press("Escape")
    page.keyboard.press("4")  # the tab of offices: the error is in another one
    page.keyboard.press("a")
    page.wait_for_function("/^terms-\\d+-title$/.test(document.activeElement.name)")
    assert page.evaluate("document.activeElement.getBoundingClientRect().width") >= 16 * 14
    page.keyboard.press("Tab")
    control_enter(page)
    page.wait_for_function("document.activeElement?.matches('[data-error]')")
    first = page.locator("a[data-error]").first
    assert first.inner_text().startswith("Born: ")
    assert first.evaluate(
        "one => { const at = one.getBoundingClientRect(); return at.top >= 0 && at.bottom <= innerHeight; }"
    )
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement?.name === 'valid_from'")


def test_the_import_form_is_reached_and_its_errors_are_told(open_page, chief):
    page = open_page(user=chief).goto("/admin/articles/importjob/add/")
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.name") == "file"
    page.locator("#id_file").set_input_files({"name": "what.unknown", "mimeType": "text/plain", "buffer": b"x"})
    tab_to(page, "#id_source")
    control_enter(page)
    page.wait_for_function("document.activeElement?.matches('[data-error]')")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement?.name === 'format'")
    assert len(page.context.pages) == 1


def test_an_import_is_cancelled_and_gone_on_with_by_keys_that_help_names(open_page, chief):
    job = ImportJob.objects.create(path="news.jsonl", planned_at=timezone.now(), for_workers=True)
    page = open_page(user=chief).goto(f"/admin/articles/importjob/{job.pk}/change/")
    page.keyboard.press("?")
    assert "cancel the import" in page.locator("#keys").inner_text()
    page.keyboard.press("Escape")
    assert "Started at" not in page.locator("#content").inner_text()
    page.keyboard.press("c")
    page.get_by_text("Cancelled: what was stored stays.").wait_for()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("o")
    page.get_by_text("A worker goes on with it.").wait_for()


def test_taking_down_has_a_key_on_records_and_articles(open_page, chief):
    record, article = make_record("Rudolf"), make_article("Rudolf spoke.")
    for address, to in (
        (f"{RECORDS}{record.pk}/change/", "**/takedown/**"),
        (f"/admin/articles/article/{article.pk}/change/", "**/takedown/?ids=*"),
    ):
        page = open_page(user=chief).goto(address)
        page.keyboard.press("?")
        assert "down for good" in page.locator("#keys").inner_text()
        page.keyboard.press("Escape")
        page.keyboard.press("t")
        page.wait_for_url(to)


def test_control_enter_takes_nothing_down_but_by_a_button(open_page, chief):
    record = make_record("Rudolf", description="A king")
    page = open_page(user=chief).goto(f"/admin/curation/takedown/{record.pk}/field/description/")
    page.keyboard.press("t")
    page.keyboard.type("Wrong")
    control_enter(page)
    page.locator("[data-said]", has_text="Nothing was done").wait_for()
    page.wait_for_timeout(500)
    assert not Takedown.objects.exists()
    tab_to(page, "button[value=down]")
    control_enter(page)
    page.wait_for_function("!document.querySelector('button[value=down]')")
    assert Takedown.objects.get().sort == "field"
    assert len(page.context.pages) == 1


def test_the_side_bar_has_no_stop_that_is_no_link_and_no_icon_that_is_read_out(open_page, chief):
    page = open_page(user=chief).goto("/admin/")
    tab_to(page, "#nav-sidebar a[href='/admin/entities/entity/']")
    page.wait_for_function("document.querySelector('#nav-sidebar .simplebar-content-wrapper')?.tabIndex === -1")
    home = page.locator("#nav-sidebar a[href='/admin/']:not([tabindex='-1'])")
    assert home.count() == 1
    assert page.locator("#nav-sidebar .material-symbols-outlined:not([aria-hidden], [role=button])").count() == 0


def test_rows_of_facts_fit_beside_the_side_bar(open_page, chief):
    record, state = make_record("Rudolf"), make_record("The Democratic Socialist Republic of Ruritania", "state")
    make_alias(record, "Rudolf der Fünfte, König von Ruritanien")
    make_term(record, "Minister of Finance and Foreign Affairs", state=state, start="1990-01-02", end="1994-02-03")
    page = open_page(user=chief).goto(f"{RECORDS}{record.pk}/change/")
    page.set_viewport_size({"width": 1280, "height": 800})
    for tab, sort in (("2", "aliases"), ("4", "terms")):
        page.keyboard.press(tab)
        table = page.locator(f"#{sort}-group table")
        table.wait_for()
        page.keyboard.press("a")
        page.locator(f"#{sort}-group tr:not(.empty-form) select[name$=-source] + .select2-container").first.wait_for()
        page.keyboard.press("Escape")
        box = table.bounding_box()
        assert box["x"] + box["width"] <= 1280, sort
