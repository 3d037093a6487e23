"""The admin of records: lists, search, filters, the record's page, and who may do what."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from entities import editing
from entities.candidates import rebuild
from entities.invariants import inspect_due
from entities.matching.types import Kind
from entities.models import DuplicateSuggestion, Entity, Event, Identifier, Inspection, Judgement, Merge, Relation, Term
from tests.factories import make_alias, make_article, make_mention, make_record, make_source, make_term

pytestmark = pytest.mark.django_db
XSS = '"><script>alert(1)</script>'
LIST = "/admin/entities/entity/"


@pytest.fixture
def desk(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("desk"))
    return client


@pytest.fixture
def viewer(client, django_user_model):
    user = django_user_model.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


def page_of(entity):
    return reverse("admin:entities_entity_change", args=[entity.pk])


def names(answer):
    return [row.name for row in answer.context["cl"].result_list]


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=lambda model: model._meta.label))
def test_every_list_opens_empty_and_filled(desk, model):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert desk.get(address).status_code == 200
    a, b = make_record("A"), make_record("B")
    Judgement.objects.create(a=a, b=b, verdict="same")
    DuplicateSuggestion.objects.create(a=a, b=b, probability=0.7, reasons=["same name"])
    Merge.objects.create(survivor=a, absorbed=b)
    Event.objects.create(entity=a, other=b, type="merged")
    make_term(a, "Minister")
    Relation.objects.create(entity=a, type="state", target=b)
    Identifier.objects.create(entity=a, scheme="wikidata", value="Q1")
    make_source()
    make_mention(make_article("A spoke."), "A", a)
    assert desk.get(address).status_code == 200
    assert desk.get(address, {"q": "A"}).status_code == 200


def test_search_goes_over_all_names_and_ranks(desk):
    iran = make_record("Iran", kind=Kind.STATE, aliases=["Persia"])
    make_record("Iranian Example", kind=Kind.PERSON)
    assert names(desk.get(LIST, {"q": "persia"})) == ["Iran"]
    assert names(desk.get(LIST, {"q": "iran"}))[0] == iran.name


def test_filters_narrow_the_list(desk):
    iran = make_record("Iran", kind=Kind.STATE, prominence=1)
    group = make_record("Group", kind=Kind.ORGANIZATION, subtype="armed_group", prominence=3)
    Relation.objects.create(entity=group, type="state", target=iran)
    merged = make_record("Persia", kind=Kind.STATE, merged_into=iran)
    assert names(desk.get(LIST)) == ["Group", "Iran"]
    assert names(desk.get(LIST, {"kind__exact": "state"})) == ["Iran"]
    assert names(desk.get(LIST, {"subtype": "armed_group"})) == ["Group"]
    assert names(desk.get(LIST, {"prominence": "3"})) == ["Group"]
    assert names(desk.get(LIST, {"state": str(iran.pk)})) == ["Group", "Iran"]
    assert names(desk.get(LIST, {"merged": "yes"})) == [merged.name]
    assert names(desk.get(LIST, {"merged": "all"})) == ["Group", "Iran", "Persia"]


def test_a_records_page_shows_facts_news_redirects_and_history(desk):
    iran = make_record("Iran", kind=Kind.STATE, source=make_source("CIA", "Public domain"))
    old = make_record("Persia", kind=Kind.STATE, merged_into=iran)
    Event.objects.create(entity=iran, other=old, type="merged", reason="renamed in 1935")
    Event.objects.create(entity=iran, type="edited", before={"capital": ""}, after={"capital": "Tehran"})
    oman = make_record("Oman", kind=Kind.STATE)
    article = make_article("Iran met Oman.", "A meeting", published_on="2024-10-11")
    make_mention(article, "Iran", iran)
    make_mention(article, "Oman", oman)
    page = desk.get(page_of(iran)).content.decode()
    assert "A meeting" in page
    assert "<svg" in page
    assert "As a table" in page
    assert page_of(oman) in page
    assert old.public_id in page
    assert "‹Persia› was merged into this record" in page
    assert "renamed in 1935" in page
    assert "This record was edited: the capital was set" in page
    assert "Public domain" in page


def test_a_merged_record_is_a_signpost(desk):
    iran = make_record("Iran", kind=Kind.STATE)
    old = make_record("Persia", kind=Kind.STATE, merged_into=iran)
    page = desk.get(page_of(old)).content.decode()
    assert "was merged into" in page
    assert 'name="_save"' not in page


def test_records_cannot_be_deleted(desk):
    iran = make_record("Iran", kind=Kind.STATE)
    assert desk.post(f"{LIST}{iran.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Entity.objects.filter(pk=iran.pk).exists()


def test_viewers_see_everything_and_change_nothing(viewer):
    iran = make_record("Iran", kind=Kind.STATE)
    assert viewer.get(page_of(iran)).status_code == 200
    assert viewer.post(page_of(iran), {"name": "Ruined"}).status_code == 403
    assert viewer.get(f"{LIST}add/").status_code == 403
    iran.refresh_from_db()
    assert iran.name == "Iran"


def test_strangers_are_sent_to_the_login(client):
    assert client.get(LIST).status_code == 302


def test_books_of_decisions_are_read_only(desk):
    for name in ("judgement", "merge", "event", "duplicatesuggestion"):
        assert desk.get(f"/admin/entities/{name}/add/").status_code == 403


def test_hostile_facts_are_escaped(desk):
    trap = make_record(f"Trap {XSS}", description=XSS, attributes={"a": XSS})
    make_alias(trap, XSS, source=make_source(XSS, XSS, url="javascript:alert(1)"))
    Event.objects.create(entity=trap, type="edited", reason=XSS, before={XSS: XSS}, after={XSS: "b"})
    make_mention(make_article(f"{XSS} said", XSS, source=XSS), XSS, trap)
    for address in (LIST, page_of(trap), "/admin/entities/event/", "/admin/articles/article/", "/admin/"):
        page = desk.get(address).content.decode()
        assert "<script>alert" not in page
        assert 'href="javascript:' not in page


@pytest.mark.parametrize("count", [10, 100])
def test_the_queries_of_the_list_are_fixed(desk, count, django_assert_max_num_queries):
    iran = make_record("Iran", kind=Kind.STATE)
    for number in range(count):
        make_record(f"Record {number}", subtype=f"type {number}")
        make_record(f"Old {number}", merged_into=iran)
    with django_assert_max_num_queries(12):
        desk.get(LIST, {"merged": "all"})
    with django_assert_max_num_queries(18):
        desk.get(LIST, {"q": "Record"})


@pytest.mark.parametrize("count", [10, 100])
def test_the_queries_of_a_records_page_are_fixed(desk, count, django_assert_max_num_queries):
    person = make_record("Busy")
    for number in range(count):
        state = make_record(f"State {number}", kind=Kind.STATE)
        make_term(person, f"Office {number}", state=state, source=make_source(f"Source {number}"))
        make_alias(person, f"Name {number}")
        Relation.objects.create(entity=person, type="state", target=state)
        Event.objects.create(entity=person, other=state, type="judged")
        article = make_article(f"Busy in State {number}.", published_on="2024-01-01")
        make_mention(article, "Busy", person)
        make_mention(article, f"State {number}", state)
    with django_assert_max_num_queries(40):
        assert desk.get(page_of(person)).status_code == 200


def test_the_first_page_counts_what_waits_and_leads_there(desk):
    make_mention(make_article("Bush spoke."), "Bush", make_record("Bush"), status="review", probability=0.5)
    page = desk.get("/admin/").content.decode()
    assert "Doubtful links" in page
    assert "No integrity check yet" in page
    Inspection.objects.create(breaches=0, inspected_at=timezone.now())
    page = desk.get("/admin/").content.decode()
    assert "everything holds" in page
    assert "Check everything now" in page
    answer = desk.post("/admin/curation/inspection/", follow=True)
    page = answer.content.decode()
    assert "a worker checks everything" in page
    assert "begins when a worker has time" in page
    assert "Check everything now" not in page
    assert inspect_due()
    page = desk.get("/admin/").content.decode()
    assert re.search(r'href="/admin/curation/review/links/[^"]*"[^>]*>\s*1\s*</a>', page)


def test_the_first_page_shows_only_what_one_may_see(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("new", is_staff=True))
    page = client.get("/admin/").content.decode()
    assert "ask for a role" in page
    assert "Doubtful links" not in page


EMPTY_INLINES = {
    f"{prefix}-{field}": "0"
    for prefix in ("aliases", "identifiers", "terms", "relations")
    for field in ("TOTAL_FORMS", "INITIAL_FORMS")
}
FORM = {
    "name": "Iran", "description": "", "valid_from": "", "valid_to": "", "subtype": "", "prominence": "", "capital": "",
    "attributes": "{}",
}  # fmt: skip


class TestEditing:
    @pytest.fixture
    def iran(self):
        return make_record("Iran", kind=Kind.STATE)

    def test_a_changed_field_becomes_the_persons_and_is_written_down(self, desk, iran):
        answer = desk.post(page_of(iran), FORM | EMPTY_INLINES | {"capital": "Tehran"})
        assert answer.status_code == 302, answer.context["errors"]
        iran.refresh_from_db()
        assert (iran.capital, iran.curated_fields, iran.version) == ("Tehran", ["capital"], 2)
        [event] = Event.objects.filter(entity=iran)
        assert (event.type, event.before, event.after) == ("edited", {"capital": ""}, {"capital": "Tehran"})
        assert event.actor.username == "desk"

    def test_saving_without_a_change_writes_nothing(self, desk, iran):
        desk.post(page_of(iran), FORM | EMPTY_INLINES)
        iran.refresh_from_db()
        assert iran.version == 1
        assert not Event.objects.exists()

    def test_a_new_name_is_found_by_its_key(self, desk, iran):
        added = {
            "aliases-TOTAL_FORMS": "1",
            "aliases-0-name": "Jomhūrī-ye Eslāmī",
            "aliases-0-lang": "fa",
            "aliases-0-type": "",
        }
        answer = desk.post(page_of(iran), FORM | EMPTY_INLINES | added)
        assert answer.status_code == 302, answer.context["errors"]
        alias = iran.aliases.get(lang="fa")
        assert (alias.key, alias.script, alias.origin) == ("jomhuri ye eslami", "Latin", iran)
        assert Event.objects.get(entity=iran).after["alias"]["name"] == "Jomhūrī-ye Eslāmī"
        assert names(desk.get(LIST, {"q": "jomhuri-ye eslami"})) == ["Iran"]

    def test_a_new_record_has_its_name_as_an_alias(self, desk):
        answer = desk.post(f"{LIST}add/", FORM | EMPTY_INLINES | {"kind": "organization", "name": "New Group"})
        assert answer.status_code == 302, answer.context["errors"]
        entity = Entity.objects.get(name="New Group")
        assert [alias.key for alias in entity.aliases.all()] == ["new group"]
        assert Event.objects.get(entity=entity).type == "created"

    def test_a_renamed_record_keeps_its_old_name(self, desk, iran):
        desk.post(page_of(iran), FORM | EMPTY_INLINES | {"name": "Islamic Republic of Iran"})
        assert {alias.name for alias in iran.aliases.all()} == {"Iran", "Islamic Republic of Iran"}

    def test_a_fact_is_withdrawn_and_never_deleted(self, desk, iran):
        alias = make_alias(iran, "Persia", lang="en")
        address = reverse("admin:entities_alias_change", args=[alias.pk])
        form = {"name": "Persia", "lang": "en", "type": "", "valid_from": "", "valid_to": "", "withdraw": "on"}
        assert desk.post(address, form).status_code == 302
        alias.refresh_from_db()
        assert alias.withdrawn_at is not None
        assert Event.objects.get(entity=iran).before["alias"]["name"] == "Persia"
        assert "Persia" not in desk.get(iran.get_absolute_url()).content.decode()
        assert desk.post(address, form).status_code == 403, "what was withdrawn stays so"
        assert desk.post(f"/admin/entities/alias/{alias.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_the_records_own_name_cannot_be_withdrawn(self, desk, iran):
        alias = iran.aliases.get()
        form = {"name": "Iran", "lang": "", "type": "", "valid_from": "", "valid_to": "", "withdraw": "on"}
        desk.post(reverse("admin:entities_alias_change", args=[alias.pk]), form)
        alias.refresh_from_db()
        assert alias.withdrawn_at is None

    def test_dates_that_are_none_are_refused_in_the_form(self, desk, iran):
        answer = desk.post(page_of(iran), FORM | EMPTY_INLINES | {"valid_from": "soon"})
        assert answer.status_code == 200
        assert answer.context["errors"]


class TestKinds:
    """A state is a state: what is offered, what a form takes, what the service stores."""

    @pytest.fixture
    def place(self):
        return {kind: make_record(f"Elphberg {kind.value}", kind=kind) for kind in Kind}

    @pytest.mark.parametrize(
        ("field", "kind"), [("entity", Kind.PERSON), ("state", Kind.STATE), ("organization", Kind.ORGANIZATION)]
    )
    def test_only_the_right_kind_is_offered(self, desk, place, field, kind):
        asked = {"term": "Elphberg", "app_label": "entities", "model_name": "term", "field_name": field}
        rebuild()
        found = desk.get(reverse("admin:autocomplete"), asked).json()["results"]
        assert [one["text"] for one in found] == [place[kind].name]

    @pytest.mark.parametrize(("field", "kind"), [("state", Kind.PERSON), ("organization", Kind.AGREEMENT)])
    def test_a_form_refuses_an_office_at_something_else(self, desk, place, field, kind):
        person = place[Kind.PERSON]
        form = {"entity": person.pk, "title": "King", field: place[kind].pk}
        answer = desk.post(reverse("admin:entities_term_add"), form)
        assert list(answer.context["adminform"].form.errors) == [field]
        row = {"terms-TOTAL_FORMS": "1", "terms-0-title": "King", f"terms-0-{field}": place[kind].pk}
        answer = desk.post(page_of(person), FORM | EMPTY_INLINES | row)
        assert answer.status_code == 200
        assert f'href="#id_terms-0-{field}" data-error' in answer.content.decode()
        assert not Term.objects.exists()

    def test_a_form_refuses_a_tie_to_a_state_that_is_none(self, desk, place):
        form = {"entity": place[Kind.PERSON].pk, "type": "state", "target": place[Kind.ORGANIZATION].pk}
        answer = desk.post(reverse("admin:entities_relation_add"), form)
        assert "leads to a record of kind state" in str(answer.context["adminform"].form.non_field_errors())
        assert not Relation.objects.exists()

    def test_a_stored_office_of_a_wrong_kind_is_told_on_its_page(self, desk, place):
        term = make_term(place[Kind.STATE], "King")
        answer = desk.post(reverse("admin:entities_term_change", args=[term.pk]), {"title": "Queen"})
        assert "The person of an office is a record of kind person" in str(answer.context["adminform"].form.errors)

    def test_the_service_refuses_it_too(self, place):
        for fact in (
            Term(entity=place[Kind.PERSON], title="King", state=place[Kind.ORGANIZATION]),
            Term(entity=place[Kind.ORGANIZATION], title="Member"),
            Relation(entity=place[Kind.PERSON], type="state", target=place[Kind.PERSON]),
        ):
            with pytest.raises(editing.EditError, match="of kind"):
                editing.save_fact(fact, None)


def test_bounds_are_called_what_they_are_for_the_kind_and_show_how_a_date_looks(desk):
    for kind, first, last in ((Kind.PERSON, "Born", "Died"), (Kind.ORGANIZATION, "Founded", "Dissolved")):
        form = desk.get(page_of(make_record(kind=kind))).context["adminform"].form
        assert (form.fields["valid_from"].label, form.fields["valid_to"].label) == (first, last)
        assert form.fields["valid_from"].widget.attrs["placeholder"] == "YYYY-MM-DD"


def test_a_saved_record_stays_open(desk):
    made = desk.post(f"{LIST}add/", FORM | EMPTY_INLINES | {"name": "Rudolf", "kind": "person"})
    record = Entity.objects.get(name="Rudolf")
    assert made["Location"] == page_of(record)
    saved = desk.post(page_of(record), FORM | EMPTY_INLINES | {"name": "Rudolf V"})
    assert saved["Location"] == page_of(record)
    assert 'name="_continue"' not in desk.get(page_of(record)).content.decode()
