"""Taking down in the admin and over REST; what was taken down as pages, the API and followers see it."""

import html
import json
import re

import pytest
import rdflib
from django.contrib.auth.models import Group
from django.core.management import call_command
from rdflib.compare import isomorphic
from rest_framework.test import APIClient

from articles import near_duplicates
from articles.models import Article, ArticleTakedown, NearDuplicateBand
from entities import editing, merging, takedown
from entities.matching.types import Kind
from entities.models import Alias, Entity, Identifier, Relation, Takedown, Term
from tests.factories import make_article, make_mention, make_record, make_term

pytestmark = pytest.mark.django_db
SECRET = "Zebulon Quackenbush"
HOME = "/admin/curation/takedown/"


@pytest.fixture
def ada():
    ada = make_record("Ada Ravensworth", aliases=[SECRET], valid_from="1954-09-29", attributes={"birth_place": "Here"})
    make_term(ada, "Beekeeper-General", start="2001-05")
    Identifier.objects.create(entity=ada, origin=ada, scheme="passport", value="X998")
    Relation.objects.create(entity=ada, origin=ada, type="state", target=make_record("Ruritania", kind=Kind.STATE))
    return ada


def in_role(client, django_user_model, name):
    user = django_user_model.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=name))
    client.force_login(user)
    return client


@pytest.fixture
def desk(client, django_user_model):
    return in_role(client, django_user_model, "curator")


class TestDesk:
    def test_the_page_lists_all_that_can_go_and_leads_to_confirmations(self, desk, ada):
        page = desk.get(f"{HOME}{ada.pk}/").content.decode()
        for text in (SECRET, "Beekeeper-General", "X998", "Ruritania", "29 September 1954", "Here"):
            assert text in page
        assert f"{HOME}{ada.pk}/field/attributes.birth_place/" in page
        assert f"{HOME}{ada.pk}/record/all/" in page
        assert f"{HOME}{ada.pk}/" in desk.get(f"/admin/entities/entity/{ada.pk}/change/").content.decode()

    @pytest.mark.parametrize("name", ["a/b", "<svg/onload=x>", "a\nb", "a?b#c", "50%2F", "../x", "ключ"])
    def test_a_field_of_whatever_name_can_be_taken_down(self, desk, name):
        record = make_record("Eve Example", attributes={name: "Elsewhere"})
        page = desk.get(f"{HOME}{record.pk}/")
        assert page.status_code == 200
        [address] = [
            link for link in re.findall(r'data-open href="([^"]+)"', page.content.decode()) if "/attributes." in link
        ]
        assert desk.get(html.unescape(address)).status_code == 200
        assert desk.post(html.unescape(address), {"reason": "asked for"}).status_code == 302
        record.refresh_from_db()
        assert record.attributes == {}

    @pytest.mark.parametrize("sort", [*takedown.SORTS, "field", "record"])
    def test_nothing_happens_before_a_reason_is_sent(self, desk, ada, sort):
        what = {"field": "valid_from", "record": "all", "alias": Alias.objects.get(name=SECRET).pk}.get(sort)
        what = what or takedown.SORTS[sort].objects.get(entity=ada).pk
        address = f"{HOME}{ada.pk}/{sort}/{what}/"
        page = desk.get(address).content.decode()
        assert 'data-key="d"' in page
        assert 'data-key="t"' in page
        assert "Say why" in desk.post(address, {"reason": " ", "do": "down"}).content.decode()
        assert not Takedown.objects.exists()
        assert desk.post(address, {"reason": "asked for", "do": "down"})["Location"] == f"{HOME}{ada.pk}/"
        assert Takedown.objects.get().sort == sort
        after = desk.get(f"{HOME}{ada.pk}/").content.decode()
        assert "asked for" in after

    def test_corrects_facts_fields_and_the_name(self, desk, ada):
        term = Term.objects.get()
        desk.post(
            f"{HOME}{ada.pk}/term/{term.pk}/",
            {"reason": "r", "do": "correct", "title": term.title, "start": "2002", "end": ""},
        )
        desk.post(f"{HOME}{ada.pk}/field/valid_from/", {"reason": "r", "do": "correct", "value": "1955"})
        assert "name" in desk.post(f"{HOME}{ada.pk}/field/name/", {"reason": "r", "do": "down"}).content.decode()
        desk.post(f"{HOME}{ada.pk}/field/name/", {"reason": "r", "do": "correct", "value": "Ada Lovegood"})
        ada.refresh_from_db()
        assert (ada.name, ada.valid_from, Term.objects.get().start) == ("Ada Lovegood", "1955", "2002")

    @pytest.mark.parametrize("value", ["1955-13", "soon", "19550101"])
    def test_refuses_what_is_no_date(self, desk, ada, value):
        page = desk.post(f"{HOME}{ada.pk}/field/valid_from/", {"reason": "r", "do": "correct", "value": value})
        assert "no date" in page.content.decode()

    def test_refuses_a_correction_that_changes_nothing(self, desk, ada):
        alias = Alias.objects.get(name=SECRET)
        page = desk.post(
            f"{HOME}{ada.pk}/alias/{alias.pk}/", {"reason": "r", "do": "correct", "name": SECRET, "lang": ""}
        )
        assert "Change what is wrong" in page.content.decode()

    def test_a_correction_that_says_nothing_takes_nothing_down(self, desk, ada):
        page = desk.post(f"{HOME}{ada.pk}/field/valid_from/", {"reason": "r", "do": "correct", "value": " "})
        assert "Say what is right" in page.content.decode()
        assert not Takedown.objects.exists()

    def test_says_in_words_what_was_done(self, desk, ada):
        address = f"{HOME}{ada.pk}/field/valid_from/"
        page = desk.get(address).content.decode()
        for words in ("Take down: Born", "29 September 1954", "2024-07-29)"):
            assert words in page
        assert "Correct: Name" in desk.get(f"{HOME}{ada.pk}/field/name/").content.decode()
        wrong = desk.post(address, {"reason": "r", "do": "correct", "value": "29.9.1955"}).content.decode()
        assert "is no date" in wrong
        assert 'value="29.9.1955"' in wrong  # what was typed is not lost
        page = desk.post(address, {"reason": "r", "do": "correct", "value": "1955"}, follow=True).content.decode()
        assert "Corrected for good." in page
        assert "A field, Born, corrected by curator" in page
        assert (
            "A field, Born, of"
            in desk.get(f"/admin/curation/takedowns/{Takedown.objects.get().pk}/lift/").content.decode()
        )

    @pytest.mark.parametrize("what", ["curated_fields", "pk", "__class__", "attributes", "attributes.", "nonsense"])
    def test_what_is_no_field_leads_back_to_what_can_be_chosen(self, desk, ada, what):
        for answer in (
            desk.get(f"{HOME}{ada.pk}/field/{what}/"),
            desk.post(f"{HOME}{ada.pk}/field/{what}/", {"reason": "r", "do": "correct", "value": "x"}),
        ):
            assert (answer.status_code, answer["Location"]) == (302, f"{HOME}{ada.pk}/")
        assert not Takedown.objects.exists()

    def test_a_viewer_sees_that_something_was_taken_down_and_may_not_do_it(self, client, django_user_model, ada):
        viewer = in_role(client, django_user_model, "viewer")
        assert viewer.get(f"{HOME}{ada.pk}/").status_code == 200
        for address in (f"{HOME}{ada.pk}/field/valid_from/", f"{HOME}{ada.pk}/record/all/"):
            assert viewer.get(address).status_code == 403
            assert viewer.post(address, {"reason": "x"}).status_code == 403
        assert not Takedown.objects.exists()

    def test_is_lifted_on_a_page_of_its_own(self, desk, ada, django_user_model):
        actor = django_user_model.objects.get()
        done = takedown.take_down_field(ada, "valid_from", actor=actor, reason="r")
        address = f"/admin/curation/takedowns/{done.pk}/lift/"
        assert 'data-key="l"' in desk.get(address).content.decode()
        assert address in desk.get("/admin/entities/takedown/").content.decode()
        desk.post(address, {"reason": "right after all"})
        assert Takedown.objects.get().lift_reason == "right after all"

    def test_points_at_fields_that_repeat_what_goes(self, desk, ada):
        Entity.objects.filter(pk=ada.pk).update(description=f"once called {SECRET.upper()}")
        page = desk.get(f"{HOME}{ada.pk}/alias/{Alias.objects.get(name=SECRET).pk}/").content.decode()
        assert f"{HOME}{ada.pk}/field/description/" in page

    def test_strange_addresses_are_not_found(self, desk, ada):
        other = make_record("Other")
        for rest in ("alias/999999/", "alias/x/", f"term/{Term.objects.get().pk}/"):
            owner = other if rest.startswith("term") else ada
            assert desk.get(f"{HOME}{owner.pk}/{rest}").status_code == 404
        assert desk.get(f"{HOME}{ada.pk}/nonsense/1/").status_code == 302


class TestApi:
    @pytest.fixture
    def api(self, django_user_model):
        return in_role(APIClient(), django_user_model, "curator")

    def post(self, api, **data):
        return api.post("/api/v1/takedowns/", data, format="json")

    def test_a_fact_a_field_and_a_record_are_taken_down(self, api, ada):
        detail = api.get(f"/api/v1/records/{ada.public_id}/").json()
        ids = {
            "alias": next(one["id"] for one in detail["aliases"] if one["name"] == SECRET),
            "identifier": detail["identifiers"][0]["id"], "term": detail["terms"][0]["id"],
            "relation": detail["relations"][0]["id"],
        }  # fmt: skip
        for sort, fact in ids.items():
            answer = self.post(api, record=ada.public_id, sort=sort, fact=fact, reason="r")
            assert (answer.status_code, answer.json()["sort"]) == (201, sort)
        assert self.post(api, record=ada.public_id, sort="field", field="valid_from", reason="r").status_code == 201
        after = api.get(f"/api/v1/records/{ada.public_id}/").json()
        assert (after["identifiers"], after["terms"], after["relations"], after["valid_from"]) == ([], [], [], "")
        assert self.post(api, record=ada.public_id, sort="record", reason="r").status_code == 201
        assert api.get(f"/api/v1/records/{ada.public_id}/").status_code == 410
        listed = api.get("/api/v1/takedowns/").json()["results"]
        assert [one["sort"] for one in listed] == ["record", "field", "relation", "term", "identifier", "alias"]
        assert SECRET not in json.dumps(listed)

    def test_corrections(self, api, ada):
        term = Term.objects.get()
        answer = self.post(
            api, record=ada.public_id, sort="term", fact=term.pk, correction={"start": "2003"}, reason="wrong year"
        )
        assert answer.json()["is_correction"]
        assert Term.objects.get().start == "2003"
        self.post(
            api, record=ada.public_id, sort="field", field="valid_from", correction={"value": "1955-01"}, reason="r"
        )
        ada.refresh_from_db()
        assert ada.valid_from == "1955-01"

    @pytest.mark.parametrize(
        ("data", "status"),
        [
            ({"sort": "field"}, 400), ({"sort": "alias"}, 400), ({"sort": "nonsense"}, 400), ({"sort": "record"}, 400),
            ({"sort": "alias", "fact": 99999, "reason": "r"}, 400),
            ({"sort": "field", "field": "nonsense", "reason": "r"}, 409),
            ({"sort": "field", "field": "valid_from", "correction": {"value": "x"}, "reason": "r"}, 409),
            ({"sort": "field", "field": "name", "reason": "r"}, 409),
            ({"sort": "field", "field": "prominence", "correction": {"value": "7"}, "reason": "r"}, 409),
        ],
    )  # fmt: skip
    def test_refusals(self, api, ada, data, status):
        answer = self.post(api, record=ada.public_id, **data)
        assert answer.status_code == status, answer.json()
        assert not Takedown.objects.exists()

    def test_is_lifted(self, api, ada):
        done = self.post(api, record=ada.public_id, sort="field", field="valid_from", reason="r").json()
        answer = api.post(f"/api/v1/takedowns/{done['id']}/lift/", {"reason": "wrong"}, format="json")
        assert answer.json()["lifted_by"] == "curator"
        assert api.get(f"/api/v1/takedowns/{done['id']}/").json()["lift_reason"] == "wrong"

    def test_an_article_goes_with_those_that_say_nearly_the_same(self, api):
        text = " ".join(f"word{n} tells a story of its own" for n in range(30))
        one, two = make_article(text), make_article(f"{text} more")
        for article in (one, two):
            for band in near_duplicates.bands(near_duplicates.shingles(article.text)):
                NearDuplicateBand.objects.create(article=article, band=band)
        address = f"/api/v1/articles/{one.public_id}"
        answer = api.post(f"{address}/takedown/", {"reason": "order", "with_similar": True}, format="json")
        assert answer.status_code == 201
        assert {done["article"] for done in answer.json()["takedowns"]} == {one.public_id, two.public_id}
        assert api.get(f"{address}/").status_code == 410
        assert api.post(f"{address}/takedown/", {"reason": "again"}, format="json").status_code == 409
        assert api.post(f"{address}/lift/", {"reason": "r"}, format="json").json()["lifted_by"] == "curator"
        assert ArticleTakedown.objects.filter(lifted_at=None).count() == 1
        assert not Article.objects.visible().exists()

    def test_answers_that_were_kept_for_repetition_are_emptied(self, api, ada):
        headers = {"HTTP_IDEMPOTENCY_KEY": "k1"}
        body = {"name": "Secret Name", "kind": "person"}
        made = api.post("/api/v1/records/", body, format="json", **headers).json()
        self.post(api, record=made["id"], sort="record", reason="r")
        again = api.post("/api/v1/records/", body, format="json", **headers)
        assert "Secret Name" not in again.content.decode()


@pytest.fixture
def gone(ada, admin_user):
    article = make_article("Ada Ravensworth spoke.")
    make_mention(article, "Ada Ravensworth", ada)
    old = make_record("Ada Old")
    merging.merge(survivor_id=ada.pk, absorbed_id=old.pk, actor=admin_user)
    takedown.suppress(ada, actor=admin_user, reason="asked")
    return ada, old


def test_every_address_of_a_record_that_was_taken_down_answers_410_and_names_nothing(client, gone):
    for record in gone:
        for address in (
            f"/records/{record.public_id}/", f"/records/{record.public_id}/feed.atom",
            f"/api/v1/records/{record.public_id}/", f"/api/v1/records/{record.public_id}/?redirect=no",
            f"/api/v1/records/{record.public_id}/aliases/", f"/api/v1/records/{record.public_id}/terms/",
            f"/api/v1/records/{record.public_id}/?format=nt", f"/records/{record.public_id}/?format=jsonld",
        ):  # fmt: skip
            answer = client.get(address)
            assert answer.status_code == 410, address
            assert "Ada" not in answer.content.decode()


def test_nowhere_is_the_record_found_or_named(client, admin_client, gone):
    record = gone[0]
    for address in (
        "/?q=Ada+Ravensworth", "/api/v1/records/?q=Ada+Ravensworth", "/api/v1/records/", "/api/v1/aliases/",
        "/api/v1/terms/", f"/api/v1/articles/?record={record.public_id}", f"/articles/?record={record.public_id}",
        f"/reconcile/preview/{record.public_id}/", "/admin/entities/entity/", "/admin/entities/event/",
        f"/admin/curation/history/{record.pk}/", f"/admin/entities/entity/{record.pk}/change/",
    ):  # fmt: skip
        answer = (admin_client if address.startswith("/admin") else client).get(address)
        assert answer.status_code < 500, address
        # What was asked for is repeated in the search box.
        text = answer.content.decode()
        for echo in (
            'value="Ada Ravensworth"',
            "“Ada Ravensworth”",
            "<title>Ada Ravensworth ·",
            "<q><bdi>Ada Ravensworth",
        ):
            text = text.replace(echo, "")
        assert "Ada Ravensworth" not in text, address
        assert SECRET not in text, address
    matched = client.post(
        "/api/v1/match/", {"queries": [{"name": "Ada Ravensworth"}]}, content_type="application/json"
    ).json()
    assert record.public_id not in json.dumps(matched)


def test_nobody_links_judges_or_points_at_it(admin_client, admin_user, gone):
    from articles import review
    from entities import judging

    mention = make_mention(make_article("Somebody spoke."), "Somebody")
    with pytest.raises(review.ReviewError, match="taken down"):
        review.link_to(mention, gone[0], admin_user)
    with pytest.raises(judging.JudgeError, match="taken down"):
        judging.judge(gone[0].pk, make_record("B").pk, "different", actor=admin_user)
    answer = APIClient()
    answer.force_login(admin_user)
    refused = answer.post(
        "/api/v1/merges/", {"survivor": make_record("C").public_id, "absorbed": [gone[0].public_id]}, format="json"
    )
    assert refused.status_code == 400


def test_followers_of_changes_are_told_to_read_anew(client, gone):
    changes = client.get("/api/v1/changes/").json()
    assert (changes["results"] if "results" in changes else changes["changes"])[-1]["type"] == "taken_down"


def test_history_at_a_past_moment_does_not_show_it(ada, admin_user):
    from django.utils import timezone

    from entities.history import state_at

    editing.save_fact(Alias.objects.get(name=SECRET), admin_user)
    moment = timezone.now()
    takedown.take_down_fact(Alias.objects.get(name=SECRET), actor=admin_user, reason="r")
    takedown.take_down_field(Entity.objects.get(pk=ada.pk), "valid_from", actor=admin_user, reason="r")
    state = state_at(Entity.objects.get(pk=ada.pk), moment)
    assert SECRET not in [alias["name"] for alias in state.aliases]
    assert state.fields["valid_from"] == ""


class TestNegotiation:
    TYPES = {
        "application/ld+json": "jsonld", "application/n-triples": "nt", "application/vnd.followthemoney+json": "ftm",
    }  # fmt: skip

    @pytest.mark.parametrize("place", ["/records/{}/", "/api/v1/records/{}/"])
    @pytest.mark.parametrize("media_type", TYPES)
    def test_accept_and_format_give_the_same_and_an_etag_saves_the_second_time(self, client, ada, place, media_type):
        address = place.format(ada.public_id)
        answer = client.get(address, headers={"accept": media_type})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith(media_type)
        assert "Accept" in answer["Vary"]
        other = client.get(address, {"format": self.TYPES[media_type]})
        assert other.content == answer.content
        headers = {"accept": media_type, "if-none-match": answer["ETag"]}
        assert client.get(address, headers=headers).status_code == 304

    def test_each_format_is_what_it_says(self, client, ada):
        address = f"/api/v1/records/{ada.public_id}/"
        data = client.get(address, {"format": "jsonld"}).content.decode()
        triples = client.get(address, {"format": "nt"}).content.decode()
        one, other = rdflib.Graph().parse(data=data, format="json-ld"), rdflib.Graph().parse(data=triples, format="nt")
        assert isomorphic(one, other)
        assert json.loads(client.get(address, {"format": "ftm"}).content)[0]["schema"] == "Person"

    def test_etags_differ_from_format_to_format_and_all_serve_for_if_match(self, client, ada, admin_user):
        address = f"/api/v1/records/{ada.public_id}/"
        tags = {client.get(address, {"format": name})["ETag"] for name in ("json", "jsonld", "nt", "ftm")}
        assert len(tags) == 4
        api = APIClient()
        api.force_login(admin_user)
        changed = api.patch(address, {"description": "x"}, format="json", headers={"if-match": sorted(tags)[0]})
        assert changed.status_code == 200

    def test_browsers_get_the_page_and_programs_json(self, client, ada):
        browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        for accept in (browser, "*/*", "", "image/png"):
            page = client.get(f"/records/{ada.public_id}/", headers={"accept": accept})
            assert page["Content-Type"].startswith("text/html")
            assert "Accept" in page["Vary"]
        answer = client.get(f"/api/v1/records/{ada.public_id}/", headers={"accept": "*/*"})
        assert answer["Content-Type"].startswith("application/json")

    def test_what_nobody_speaks_is_refused(self, client, ada):
        answer = client.get(f"/api/v1/records/{ada.public_id}/", headers={"accept": "image/png"})
        assert answer.status_code == 406
        assert client.get(f"/api/v1/records/{ada.public_id}/?format=xml").status_code == 400

    def test_a_merged_record_leads_on_in_the_same_format(self, client, ada, admin_user):
        old = make_record("Ada Old")
        merging.merge(survivor_id=ada.pk, absorbed_id=old.pk, actor=admin_user)
        answer = client.get(f"/api/v1/records/{old.public_id}/?format=nt")
        assert (answer.status_code, answer["Location"]) == (308, f"/api/v1/records/{ada.public_id}/?format=nt")
        assert client.get(f"/records/{old.public_id}/?format=jsonld")["Location"].endswith("?format=jsonld")


class TestBulk:
    @pytest.fixture
    def api(self, django_user_model):
        return in_role(APIClient(), django_user_model, "viewer")

    @pytest.mark.parametrize("format", ["refdesk", "csv", "csv-aliases", "csv-terms", "ftm", "jsonld", "nt"])
    def test_records_are_streamed_as_the_command_writes_them(self, api, ada, format, tmp_path):
        answer = api.get("/api/v1/export/records/", {"format": format})
        assert answer.streaming
        assert "attachment" in answer["Content-Disposition"]
        out = tmp_path / "out"
        call_command("export_records", format=format, out=out, base_url="http://testserver")
        assert b"".join(answer.streaming_content) == out.read_bytes()

    @pytest.mark.parametrize("format", ["refdesk", "csv", "csv-mentions", "ftm", "jsonld", "nt"])
    def test_articles_are_streamed_as_the_command_writes_them(self, api, ada, format, tmp_path):
        make_mention(make_article("Ada Ravensworth spoke.", source="=cmd|x"), "Ada Ravensworth", ada)
        answer = api.get("/api/v1/export/articles/", {"format": format})
        out = tmp_path / "out"
        call_command("export_articles", format=format, out=out, base_url="http://testserver")
        body = b"".join(answer.streaming_content)
        assert body == out.read_bytes()
        assert ada.public_id.encode() in body or format == "csv"
        if format == "jsonld":
            triples = b"".join(api.get("/api/v1/export/articles/", {"format": "nt"}).streaming_content).decode()
            one = rdflib.Graph().parse(data=body.decode(), format="json-ld")
            assert isomorphic(one, rdflib.Graph().parse(data=triples, format="nt"))
        if format.startswith("csv"):
            assert b"'=cmd" in body

    def test_filters_are_those_of_the_lists(self, api, ada):
        body = b"".join(api.get("/api/v1/export/records/", {"format": "csv", "kind": "state"}).streaming_content)
        assert b"Ruritania" in body
        assert b"Ada" not in body
        assert api.get("/api/v1/export/records/", {"kind": "nonsense"}).status_code == 400
        make_article("x", "Of a year", published_on="2020")
        body = b"".join(api.get("/api/v1/export/articles/", {"format": "csv", "since": "2021"}).streaming_content)
        assert b"Of a year" not in body

    def test_the_public_may_read_but_not_take_everything(self, client, ada):
        for what in ("records", "articles"):
            answer = client.get(f"/api/v1/export/{what}/?format=csv")
            assert answer.status_code == 401
            assert answer.json()["code"] == "not_authenticated"

    def test_human_decisions_are_in_the_export_of_articles_with_their_history(self, api, ada, admin_user):
        from articles import review

        mention = make_mention(make_article("Ada Ravensworth spoke."), "Ada Ravensworth", ada)
        review.mark_nil(mention, admin_user, "not her")
        [line] = b"".join(api.get("/api/v1/export/articles/").streaming_content).splitlines()
        [found] = json.loads(line)["mentions"]
        assert [(one["status"], one["by"], one["note"]) for one in found["links"]] == [
            ("linked", None, None), ("nil", "admin", "not her"),
        ]  # fmt: skip
        assert found["links"][0]["superseded_at"]
