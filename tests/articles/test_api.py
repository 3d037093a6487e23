"""The REST look-ups of articles, and linking a text."""

import json
import re
from types import SimpleNamespace

import pytest
from django.utils import timezone

from articles.models import Article, Mention
from articles.serializers import MAX_LINK_CHARS
from entities.matching.types import Decision, Kind, MentionType, Outcome, Scored
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db
LIST = "/api/v1/articles/"
LINK = "/api/v1/link/"


@pytest.fixture
def iran():
    return make_record("Iran", kind=Kind.STATE)


@pytest.fixture
def article(iran):
    text = "Iran spoke. Nobody answered. John Doe left."
    article = make_article(text, source="Wire", language="en", published_on="2024-10-11")
    make_mention(article, "Iran", iran, reason="the full name", evidence=[["name", 2.5, "the name is the same"]])
    make_mention(article, "John Doe")
    return article


def test_the_list_comes_latest_first_without_texts(client, article):
    make_article(title="Older", published_on="1999")
    rows = client.get(LIST).json()["results"]
    assert [row["title"] for row in rows] == ["A title", "Older"]
    assert "text" not in rows[0]


def test_the_list_can_be_narrowed_by_record_and_date(client, article, iran):
    make_article(title="Older", published_on="1999")
    old = make_record("Persia", kind=Kind.STATE, merged_into=iran)
    for query in ({"record": iran.public_id}, {"record": old.public_id}, {"since": "2000"}, {"q": "title"}):
        assert [row["id"] for row in client.get(LIST, query).json()["results"]] == [article.public_id]


def test_pages_by_cursor_miss_nothing_though_dates_are_the_same(client):
    for number in range(23):
        make_article(title=f"Story {number}", published_on="2024-01-01" if number < 20 else "")
    seen, address = [], f"{LIST}?page_size=5"
    while address:
        page = client.get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == len(set(seen)) == 23


def test_an_article_shows_sentences_and_links_but_not_other_peoples_text(client, article, iran):
    body = client.get(f"{LIST}{article.public_id}/").json()
    assert body["text"] is None
    assert [sentence["text"] for sentence in body["sentences"]] == ["Iran spoke."]
    [mention] = body["mentions"]
    assert (mention["surface"], mention["status"], mention["record"]["id"]) == ("Iran", "linked", iran.public_id)
    assert mention["evidence"] == [{"feature": "name", "weight": 2.5, "text": "the name is the same"}]
    assert "John Doe" not in json.dumps(body)


@pytest.mark.parametrize("way", ["setting", "user"])
def test_whole_texts_are_shown_where_allowed(client, article, settings, way, django_user_model):
    if way == "setting":
        settings.PUBLIC_FULL_TEXT = True
    else:
        client.force_login(django_user_model.objects.create_superuser("desk"))
    body = client.get(f"{LIST}{article.public_id}/").json()
    assert body["text"] == article.text
    assert [mention["status"] for mention in body["mentions"]] == ["linked", "nil"]
    for mention in body["mentions"]:
        assert body["text"][mention["start"] : mention["end"]] == mention["surface"]


def test_articles_that_were_taken_down_are_gone(client, article):
    article.withdrawn_at = timezone.now()
    article.save()
    assert client.get(LIST).json()["results"] == []
    answer = client.get(f"{LIST}{article.public_id}/")
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")


@pytest.mark.parametrize("count", [10, 100])
def test_queries_are_fixed(client, count, django_assert_max_num_queries):
    text = " ".join(f"Somebody{number} spoke." for number in range(count))
    article = make_article(text)
    for number in range(count):
        make_mention(article, f"Somebody{number} ", make_record(f"Somebody{number}"))
        make_article()
    with django_assert_max_num_queries(3):
        client.get(LIST, {"page_size": 100})
    with django_assert_max_num_queries(6):
        assert len(client.get(f"{LIST}{article.public_id}/").json()["mentions"]) == count


class TestLink:
    @pytest.fixture
    def linker(self, monkeypatch, iran):
        """The linker's answer, fixed: what it finds is its own tests' business."""
        calls = []
        oman = make_record("Oman", kind=Kind.STATE)

        def link_text(text, *, title="", date=None, language=None):
            calls.append((text, title, date, language))
            found = [
                SimpleNamespace(
                    span=SimpleNamespace(start=at.start(), end=at.end(), surface=at.group()),
                    type=MentionType.PLACE_POLITICAL, chain=1,
                    decision=Decision(Outcome.LINK, iran.pk, 0.97, 0.9, "the full name"),
                    ranking=[Scored(iran.pk, 0.97), Scored(oman.pk, 0.07)],
                    evidence=[("name", 2.0, "the name is the same")],
                )
                for at in re.finditer("Iran", text)
            ]  # fmt: skip
            return SimpleNamespace(
                text=text, title=title, date=date or "2025-01-17", language=language or "en",
                segments=[(0, len(text), "body")], resolutions=found, records={iran.pk: None, oman.pk: None},
            )  # fmt: skip

        monkeypatch.setattr("articles.linking.link_text", link_text)
        return calls

    def post(self, client, body, **more):
        return client.post(
            LINK, body if isinstance(body, str) else json.dumps(body), content_type="application/json", **more
        )

    def test_mentions_come_with_links_probabilities_and_reasons_and_nothing_is_stored(self, client, linker, iran):
        answer = self.post(client, {"text": "Iran spoke.", "date": "2025-01", "title": "T", "language": "en"})
        assert answer.status_code == 200
        body = answer.json()
        [mention] = body["mentions"]
        assert (mention["start"], mention["end"], mention["surface"]) == (0, 4, "Iran")
        assert mention["record"] == {"id": iran.public_id, "kind": "state", "name": "Iran"}
        assert (mention["probability"], mention["reason"]) == (0.97, "the full name")
        assert [one["record"]["name"] for one in mention["candidates"]] == ["Iran", "Oman"]
        assert linker == [("Iran spoke.", "T", "2025-01", "en")]
        assert not Article.objects.exists()
        assert not Mention.objects.exists()

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ("{", "malformed"),
            ("[]", "invalid"),
            ("{}", "invalid"),
            ({"text": ""}, "invalid"),
            ({"text": None}, "invalid"),
            ({"text": "x", "date": "soon"}, "invalid"),
            ({"text": "x", "language": "en; DROP"}, "invalid"),
            ({"text": "a\0b"}, "invalid"),
            ('{"text": "\\ud800"}', "invalid"),
            ({"text": {"a": 1}}, "invalid"),
        ],
    )
    def test_what_cannot_be_linked_is_refused_with_a_code(self, client, linker, body, code):
        answer = self.post(client, body)
        assert answer.status_code == 400
        assert answer.json()["code"] == code
        assert linker == []

    def test_texts_beyond_the_limit_are_too_large(self, client, linker):
        for body in ({"text": "x" * (MAX_LINK_CHARS + 1)}, {"text": "x" * (13 * MAX_LINK_CHARS)}):
            answer = self.post(client, body)
            assert answer.status_code == 413
            assert answer.json()["code"] == "too_large"
        assert linker == []

    def test_other_content_types_and_methods_are_refused(self, client, linker):
        answer = client.post(LINK, {"text": "Iran"})
        assert answer.status_code == 415
        assert answer.json()["code"] == "unsupported_media_type"
        assert client.get(LINK).status_code == 405

    def test_closed_sites_link_for_users_alone(self, client, linker, settings, django_user_model):
        settings.PUBLIC_PAGES = False
        assert self.post(client, {"text": "Iran"}).status_code in (401, 403)
        client.force_login(django_user_model.objects.create_user("reader"))
        assert self.post(client, {"text": "Iran"}).status_code == 200

    def test_too_many_requests_are_told_when_to_come_back(self, client, linker, monkeypatch):
        from django.core.cache import cache

        from config.throttling import PerScope

        cache.clear()
        monkeypatch.setattr(PerScope, "THROTTLE_RATES", {"link": "2/min"})
        assert [self.post(client, {"text": "Iran"}).status_code for _ in range(2)] == [200, 200]
        answer = self.post(client, {"text": "Iran"})
        assert answer.status_code == 429
        assert answer.json()["code"] == "throttled"
        assert int(answer.headers["Retry-After"]) > 0
        cache.clear()
