"""The search page, health checks, errors, and who may read."""

import pytest
from django.urls import reverse

from entities.matching.types import Kind
from tests.factories import make_record, make_term

pytestmark = pytest.mark.django_db

XSS = '"><script>alert(1)</script>'


@pytest.fixture
def iran():
    return make_record("Iran", kind=Kind.STATE, prominence=1, summary="State in Western Asia")


def test_the_first_page_has_a_search_box_and_counts(client, iran):
    page = client.get("/").content.decode()
    assert 'name="q"' in page
    assert "<strong>1</strong> states" in page


def test_a_search_shows_the_record_with_the_reason(client, iran):
    page = client.get("/", {"q": "Iran"}).content.decode()
    assert iran.get_absolute_url() in page
    assert "State in Western Asia" in page
    assert "the name itself" in page


def test_a_search_on_a_date_shows_offices_held_then(client, iran):
    person = make_record("Masoud Pezeshkian")
    make_term(person, "President", state=iran, start="2024-07-28")
    page = client.get("/", {"q": "Masoud Pezeshkian", "on": "2024-08"}).content.decode()
    assert "President" in page
    assert "since 28 July 2024" in page


def test_a_search_without_result_says_so_and_offers_a_way_on(client, iran):
    page = client.get("/", {"q": "Zzyzx", "kind": "person"}).content.decode()
    assert "No record has a name like" in page
    assert "Search all kinds" in page


@pytest.mark.parametrize("on", ["tomorrow", "2024-13", "2024-02-3", "20240101"])
def test_a_date_that_is_none_is_refused_politely(client, iran, on):
    answer = client.get("/", {"q": "Iran", "on": on})
    assert answer.status_code == 400
    assert "A date looks like" in answer.content.decode()


def test_what_was_typed_and_what_names_hold_is_escaped(client):
    make_record(f"Trap {XSS}", description=XSS)
    page = client.get("/", {"q": f"Trap {XSS}"}).content.decode()
    assert "<script>alert" not in page
    assert client.get("/", {"q": "a\0b", "kind": XSS}).status_code == 200


@pytest.mark.parametrize("count", [10, 100])
def test_the_number_of_queries_does_not_depend_on_the_number_of_results(client, count, django_assert_max_num_queries):
    client.get("/", {"q": "warm"})
    for number in range(count):
        make_record(f"Iranistan {number}", kind=Kind.STATE)
    with django_assert_max_num_queries(12):
        assert "Iranistan" in client.get("/", {"q": "Iranistan", "on": "2024"}).content.decode()


def test_no_page_asks_for_anything_from_outside_or_runs_inline_scripts(client, iran):
    for address in ("/", "/?q=Iran", iran.get_absolute_url(), reverse("articles")):
        page = client.get(address)
        body = page.content.decode()
        assert "<script>" not in body
        assert "onclick" not in body
        assert 'src="http' not in body
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]


@pytest.mark.parametrize("name", ["home", "articles", "record", "api-records", "api-record", "api-articles"])
def test_closed_pages_ask_for_a_login(client, iran, settings, name, django_user_model):
    settings.PUBLIC_PAGES = False
    address = reverse(name, args=[iran.public_id] if name.endswith("record") else [])
    answer = client.get(address)
    if name.startswith("api"):
        assert answer.status_code in (401, 403)
        assert answer.headers["Content-Type"] == "application/problem+json"
    else:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("admin:login"))
    client.force_login(django_user_model.objects.create_user("reader"))
    assert client.get(address).status_code == 200


def test_health_checks(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["checks"]["database"] == "ok"
    assert ready.json()["checks"]["migrations"] == "ok"


def test_the_process_answers_without_touching_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/healthz")


def test_an_unknown_address_has_a_page_of_its_own(client, settings):
    settings.DEBUG = False
    answer = client.get("/records/2222222222/")
    assert answer.status_code == 404
    assert "Ids are never reused" in answer.content.decode()


def test_pages_are_read_only(client, iran):
    for address in ("/", iran.get_absolute_url(), reverse("articles"), "/healthz"):
        assert client.post(address).status_code == 405


def test_a_curator_gets_from_the_public_page_to_the_desk(client, admin_client, iran):
    desk = [reverse("admin:entities_entity_change", args=[iran.pk]), reverse("curation-history", args=[iran.pk])]
    page = admin_client.get(iran.get_absolute_url()).content.decode()
    assert all(f'href="{address}"' in page for address in desk)
    page = client.get(iran.get_absolute_url()).content.decode()
    assert not any(address in page for address in desk)


def test_the_button_above_the_form_leads_to_the_records_own_history(admin_client, iran):
    answer = admin_client.get(reverse("admin:entities_entity_history", args=[iran.pk]))
    assert answer.headers["Location"] == reverse("curation-history", args=[iran.pk])
    assert admin_client.get(reverse("admin:entities_entity_history", args=["none"])).status_code == 302


def test_what_can_be_taken_down_is_told_in_the_words_of_the_record(admin_client, iran):
    page = admin_client.get(reverse("curation-takedown", args=[iran.pk])).content.decode()
    assert '<span class="rd-quiet">Name</span>' in page
    assert "deleted for good" in page
