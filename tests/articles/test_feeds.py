"""Atom feeds of new mentions are valid, stable, paged, and show nobody more than they may see."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from lxml import etree

from articles import feeds, takedown
from articles.models import Article, Link, SavedSearch
from entities import merging
from entities import takedown as records_takedown
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def check(xml: bytes) -> etree._Element:
    """A feed by the rules of RFC 4287 that it must not break; its root."""
    root = etree.fromstring(xml)
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    for element in (root, *root.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"a:{name}", ATOM)) == 1, name
        assert re.match(r"[a-z]+:", element.findtext("a:id", "", ATOM))
        assert STAMP.fullmatch(element.findtext("a:updated", "", ATOM))
        alternates = [one for one in element.findall("a:link", ATOM) if one.get("rel", "alternate") == "alternate"]
        assert len(alternates) == 1
        assert alternates[0].get("href").startswith("http")
    assert [one.get("rel") for one in root.findall("a:link", ATOM)].count("self") == 1
    for entry in root.findall("a:entry", ATOM):
        assert entry.findtext("a:author/a:name", "", ATOM)
        published = entry.findtext("a:published", None, ATOM)
        assert published is None or STAMP.fullmatch(published)
    ids = [one.text for one in root.findall("a:entry/a:id", ATOM)]
    assert len(ids) == len(set(ids))
    return root


def titles(root) -> list[str]:
    return [one.text for one in root.findall("a:entry/a:title", ATOM)]


def mentioned(record, count=1, **more):
    for number in range(count):
        article = make_article(
            f"Ada Ravensworth spoke. Nobody listened. {number}",
            more.pop("title", f"Story {number}"),
            source="Gazette",
            **more,
        )
        make_mention(article, "Ada Ravensworth", record)
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
        Link.objects.filter(mention__article=article).update(made_at=at)
        Article.objects.filter(pk=article.pk).update(imported_at=at)


@pytest.fixture
def ada():
    return make_record("Ada Ravensworth")


def feed_of(record) -> str:
    return reverse("record-feed", args=[record.public_id])


class TestRecordFeed:
    def test_is_valid_and_has_the_latest_first_with_the_sentences_that_mention_it(self, client, ada):
        mentioned(ada, 3)
        answer = client.get(feed_of(ada))
        assert answer["Content-Type"].startswith("application/atom+xml")
        root = check(answer.content)
        assert titles(root) == ["Story 2", "Story 1", "Story 0"]
        summary = root.findtext("a:entry/a:summary", "", ATOM)
        assert summary == "<p>Ada Ravensworth spoke.</p>"
        assert root.findtext("a:updated", "", ATOM).startswith("2026-01-01T02:00:00")

    def test_an_empty_feed_is_valid(self, client, ada):
        check(client.get(feed_of(ada)).content)

    def test_hostile_texts_stay_text(self, client):
        name = 'Ada <script>alert(1)</script> & "co"'
        record = make_record(name)
        article = make_article(f"{name} spoke \x0b\ufffe]]> here.", '<b>&amp;\x08</b>"', source="<i>\x01</i>")
        make_mention(article, name, record)
        root = check(client.get(feed_of(record)).content)
        assert root.findtext("a:title", "", ATOM) == f"Mentions of {name}"
        assert root.findtext("a:entry/a:title", "", ATOM) == '<b>&amp; </b>"'
        assert "<script" not in root.findtext("a:entry/a:summary", "", ATOM)

    def test_ids_stay_whatever_the_site_is_called_and_differ_from_feed_to_feed(self, client, ada, settings):
        settings.ALLOWED_HOSTS = ["*"]
        mentioned(ada)
        article = Article.objects.get()
        other = make_record("Spoke")
        make_mention(article, "spoke", other)
        ids = [
            [one.text for one in check(client.get(feed_of(record), headers={"host": host}).content).iter("{*}id")]
            for record, host in ((ada, "one.example"), (ada, "two.example"), (other, "one.example"))
        ]
        assert ids[0] == ids[1]
        assert not set(ids[0]) & set(ids[2])
        assert all(one.startswith("urn:uuid:") for one in ids[0])

    def test_pages_lead_through_all_entries_once(self, client, ada, monkeypatch):
        monkeypatch.setattr(feeds, "PAGE", 2)
        mentioned(ada, 5)
        Link.objects.update(made_at=datetime(2026, 1, 1, tzinfo=UTC))  # all at one moment: the key decides
        found, address = [], feed_of(ada)
        while address:
            root = check(client.get(address).content)
            found += titles(root)
            address = next((one.get("href") for one in root.findall("a:link", ATOM) if one.get("rel") == "next"), "")
        assert found == [f"Story {n}" for n in (4, 3, 2, 1, 0)]

    def test_a_broken_cursor_counts_as_none(self, client, ada):
        mentioned(ada)
        for cursor in ("x", "2026~1", "2026-01-01T00:00:00Z~x", "2026-99-99T00:00:00Z~1", "\0~1", "~"):
            assert titles(check(client.get(feed_of(ada), {"before": cursor}).content)) == ["Story 0"]

    def test_unchanged_it_costs_a_304(self, client, ada):
        mentioned(ada)
        first = client.get(feed_of(ada))
        assert client.get(feed_of(ada), headers={"if-none-match": first["ETag"]}).status_code == 304
        mentioned(ada, 2)
        assert client.get(feed_of(ada), headers={"if-none-match": first["ETag"]}).status_code == 200

    def test_the_id_of_a_merged_record_leads_to_its_survivor(self, client, ada, admin_user):
        old = make_record("Ada Old")
        merging.merge(survivor_id=ada.pk, absorbed_id=old.pk, actor=admin_user)
        assert client.get(feed_of(old))["Location"] == feed_of(ada)

    def test_what_was_taken_down_is_in_no_feed(self, client, ada, admin_user):
        mentioned(ada, 2)
        takedown.take_down(Article.objects.filter(title="Story 1"), actor=admin_user, reason="order")
        assert titles(check(client.get(feed_of(ada)).content)) == ["Story 0"]
        records_takedown.suppress(ada, actor=admin_user, reason="asked")
        assert client.get(feed_of(ada)).status_code == 410

    def test_it_costs_the_same_number_of_queries_with_one_entry_and_with_many(
        self, client, ada, django_assert_num_queries
    ):
        mentioned(ada, 1)
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as one:
            client.get(feed_of(ada))
        mentioned(ada, 20)
        with django_assert_num_queries(len(one)):
            client.get(feed_of(ada))

    def test_with_pages_closed_it_asks_for_a_login(self, client, ada, settings, admin_client):
        settings.PUBLIC_PAGES = False
        assert client.get(feed_of(ada)).status_code == 302
        assert admin_client.get(feed_of(ada)).status_code == 200

    def test_the_whole_text_comes_where_the_site_or_the_reader_may_show_it(self, client, admin_client, ada, settings):
        mentioned(ada)
        assert b"Nobody listened" not in client.get(feed_of(ada)).content
        assert b"Nobody listened" in admin_client.get(feed_of(ada)).content
        settings.PUBLIC_FULL_TEXT = True
        assert b"Nobody listened" in client.get(feed_of(ada)).content


@pytest.fixture
def reader(django_user_model):
    return django_user_model.objects.create_user("reader", password="x")


def save(owner, **query) -> SavedSearch:
    return SavedSearch.objects.create(owner=owner, name=f"n{SavedSearch.objects.count()}", query=query)


class TestSearchFeed:
    def test_shows_what_the_search_finds_to_whoever_has_the_address(self, client, ada, reader):
        mentioned(ada, 2)
        make_article("Elsewhere.", "Unrelated")
        search = save(reader, q="story", record=ada.public_id)
        answer = client.get(feeds.feed_address(search))
        assert titles(check(answer.content)) == ["Story 1", "Story 0"]
        assert answer["X-Robots-Tag"] == "noindex"
        assert answer["Cache-Control"] == "private"

    def test_the_address_cannot_be_guessed_and_revoked_leads_nowhere(self, client, reader):
        search, other = save(reader, q="a"), save(reader, q="b")
        address = feeds.feed_address(search)
        assert search.nonce not in address
        key = address.split("/")[3]
        assert client.get(reverse("search-feed", args=[other.pk, key])).status_code == 404
        assert client.get(reverse("search-feed", args=[search.pk, "x"])).status_code == 404
        feeds.revoke(search)
        assert client.get(address).status_code == 404
        assert client.get(feeds.feed_address(search)).status_code == 200

    def test_it_ends_with_its_owners_account_and_with_closed_pages_needs_no_login(self, client, reader, settings):
        address = feeds.feed_address(save(reader, q="a"))
        settings.PUBLIC_PAGES = False
        assert client.get(address).status_code == 200
        reader.is_active = False
        reader.save()
        assert client.get(address).status_code == 404

    def test_it_shows_the_text_that_its_owner_may_see_not_its_reader(self, client, admin_client, ada, reader):
        mentioned(ada)
        address = feeds.feed_address(save(reader, q="story"))
        assert b"Nobody listened" not in admin_client.get(address).content
        reader.groups.add(Group.objects.get(name="viewer"))
        assert b"Nobody listened" in client.get(address).content

    def test_pages_and_conditional_reads_work_as_in_a_records_feed(self, client, ada, reader, monkeypatch):
        monkeypatch.setattr(feeds, "PAGE", 1)
        mentioned(ada, 2)
        address = feeds.feed_address(save(reader, q="story"))
        first = client.get(address)
        root = check(first.content)
        [following] = [one.get("href") for one in root.findall("a:link", ATOM) if one.get("rel") == "next"]
        assert titles(root) + titles(check(client.get(following).content)) == ["Story 1", "Story 0"]
        assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304


class TestSavedSearches:
    PAGE = "/searches/"

    def test_asks_for_a_login(self, client):
        assert client.get(self.PAGE).status_code == 302

    def test_a_filtered_list_is_saved_and_found_again(self, client, reader):
        client.force_login(reader)
        assert b"Save this search" in client.get("/articles/", {"q": "mayor"}).content
        page = client.get(self.PAGE, {"q": "mayor", "language": "en", "nonsense": "x"}).content.decode()
        assert 'value="q=mayor&amp;language=en"' in page
        answer = client.post(self.PAGE, {"name": "Mayors", "query": "q=mayor&language=en"}, follow=True)
        search = SavedSearch.objects.get()
        assert (search.owner, search.query) == (reader, {"q": "mayor", "language": "en"})
        assert feeds.feed_address(search) in answer.content.decode()

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            ({"name": "x", "query": ""}, "looks for nothing"),
            ({"name": " ", "query": "q=a"}, "required"),
            ({"name": "x", "query": "since=nonsense"}, "cannot be understood"),
            ({"name": "taken", "query": "q=a"}, "already"),
        ],
    )
    def test_refuses_with_a_sentence(self, client, reader, data, says):
        client.force_login(reader)
        SavedSearch.objects.create(owner=reader, name="taken", query={"q": "b"})
        answer = client.post(self.PAGE, data)
        assert answer.status_code == 400
        assert says in answer.content.decode()

    def test_others_searches_are_neither_seen_nor_changed(self, client, reader, admin_user):
        search = save(admin_user, q="secret")
        client.force_login(reader)
        assert "secret" not in client.get(self.PAGE).content.decode()
        for action in ("revoke", "delete"):
            assert client.post(f"{self.PAGE}{search.pk}/{action}/").status_code == 404
        assert SavedSearch.objects.get().nonce == search.nonce

    def test_a_feed_gets_a_new_address_and_a_search_is_deleted(self, client, reader):
        client.force_login(reader)
        search = save(reader, q="a")
        client.post(f"{self.PAGE}{search.pk}/revoke/")
        assert SavedSearch.objects.get().nonce != search.nonce
        assert client.get(f"{self.PAGE}{search.pk}/delete/").status_code == 405
        client.post(f"{self.PAGE}{search.pk}/delete/")
        assert not SavedSearch.objects.exists()
