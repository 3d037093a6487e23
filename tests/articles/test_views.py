"""The public pages of records and articles."""

import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from entities.matching.types import Kind, Outcome
from entities.models import Identifier, Relation
from tests.factories import make_alias, make_article, make_mention, make_record, make_source, make_term

pytestmark = pytest.mark.django_db

XSS = '"><script>alert(1)</script>'
TEXT = (
    "Masoud Pezeshkian met Vladimir Putin. Nobody else was there.\n\nThe Iranian president left.\n\n"
    "Leave a reply: your email address will not be published."
)


@pytest.fixture
def iran():
    return make_record("Iran", kind=Kind.STATE)


@pytest.fixture
def pezeshkian(iran):
    person = make_record("Masoud Pezeshkian", summary="President of Iran since 2024", source=make_source("CIA", "PD"))
    make_alias(person, "مسعود پزشکیان", type="native", lang="fa")
    make_term(person, "President", state=iran, start="2024-07-28")
    Identifier.objects.create(entity=person, scheme="wikidata", value="Q1")
    return person


@pytest.fixture
def article(iran, pezeshkian):
    junk = TEXT.index("Leave a reply")
    article = make_article(
        TEXT, "A meeting", source="Northern Wire", language="en", published_on="2024-10-11",
        url="https://example.org/a", segments=[[0, junk, "body"], [junk, len(TEXT), "comment_form"]],
    )  # fmt: skip
    make_mention(article, "Masoud Pezeshkian", pezeshkian, reason="the full name")
    make_mention(article, "Vladimir Putin")
    make_mention(article, "The Iranian president", pezeshkian, type="ROLE")
    make_mention(article, "Iranian", iran, type="NORP", status=Outcome.REVIEW, probability=0.6)
    return article


class TestRecord:
    def test_shows_names_terms_facts_ids_sources_and_news(self, client, pezeshkian, article):
        page = client.get(pezeshkian.get_absolute_url()).content.decode()
        assert '<h1 dir="auto">Masoud Pezeshkian</h1>' in page
        assert '<span lang="fa" dir="auto">مسعود پزشکیان</span>' in page
        assert "President of Iran since 2024" in page
        assert "28 July 2024" in page
        assert "https://www.wikidata.org/wiki/Q1" in page
        assert "CIA" in page
        assert "(PD)" in page
        assert '<mark class="m m-person m-outer">Masoud Pezeshkian</mark> met Vladimir Putin.' in page
        assert "Nobody else was there" not in page
        assert "<svg" in page
        assert "As a table" in page

    def test_a_merged_id_leads_to_the_survivor_for_ever(self, client, pezeshkian):
        old = make_record("M. Pezeshkian", merged_into=pezeshkian)
        answer = client.get(old.get_absolute_url())
        assert answer.status_code == 301
        assert answer.headers["Location"] == pezeshkian.get_absolute_url()
        assert old.public_id in client.get(pezeshkian.get_absolute_url()).content.decode()

    def test_an_id_that_was_never_issued_is_not_found(self, client):
        assert client.get(reverse("record", args=["2222222222"])).status_code == 404

    def test_a_state_shows_who_held_office_and_what_it_is_party_to(self, client, iran, pezeshkian):
        treaty = make_record("Nuclear deal", kind=Kind.AGREEMENT)
        Relation.objects.create(entity=treaty, type="party", target=iran)
        page = client.get(iran.get_absolute_url()).content.decode()
        assert "Who held office here" in page
        assert pezeshkian.get_absolute_url() in page
        assert "Party to" in page
        assert treaty.get_absolute_url() in page

    def test_json_ld_cannot_end_its_block(self, client):
        trap = make_record("Trap", description="</script><script>alert(1)</script>")
        page = client.get(trap.get_absolute_url()).content.decode()
        [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
        assert json.loads(block)["description"] == "</script><script>alert(1)</script>"
        assert "<script>alert" not in page

    def test_hostile_facts_are_escaped_and_no_script_becomes_a_link(self, client):
        source = make_source(XSS, XSS, url="javascript:alert(1)")
        trap = make_record(
            f"Trap {XSS}", kind=Kind.STATE, capital=XSS, attributes={XSS: XSS}, source=source, summary=XSS
        )
        make_alias(trap, XSS, lang='"><b', type="native", source=source)
        make_term(make_record(XSS), XSS, state=trap, state_text=XSS)
        Identifier.objects.create(entity=trap, scheme=XSS[:50], value=XSS)
        page = client.get(trap.get_absolute_url()).content.decode()
        assert "<script>alert" not in page
        assert 'href="javascript:' not in page
        assert 'lang=""><b' not in page

    def test_who_is_mentioned_with_it_is_counted_by_article(self, client, iran, pezeshkian):
        for number in range(3):
            text = "Masoud Pezeshkian of Iran. Iran."
            article = make_article(text, published_on=f"202{number}-01-01")
            make_mention(article, "Masoud Pezeshkian", pezeshkian)
            make_mention(article, "Iran", iran)
            make_mention(article, "Iran", iran, after=22)
        page = client.get(pezeshkian.get_absolute_url()).content.decode()
        assert re.search(r"<bdi>Iran</bdi></a> <span class=\"quiet\">3</span>", page)

    def test_articles_that_were_taken_down_are_gone(self, client, pezeshkian, article):
        article.withdrawn_at = timezone.now()
        article.save()
        page = client.get(pezeshkian.get_absolute_url()).content.decode()
        assert "A meeting" not in page
        assert "No article here mentions this record yet" in page

    @pytest.mark.parametrize("count", [10, 100])
    def test_queries_are_fixed(self, client, count, iran, pezeshkian, django_assert_max_num_queries):
        for number in range(count):
            other = make_record(f"Somebody {number}")
            make_term(other, "Minister", state=iran, start=str(1900 + number))
            Relation.objects.create(entity=iran, type="member", target=other)
            make_alias(iran, f"Iran {number}", lang="en")
            article = make_article(f"Somebody {number} in Iran.", published_on=f"2024-01-{number % 28 + 1:02d}")
            make_mention(article, f"Somebody {number}", other)
            make_mention(article, "Iran", iran)
        with django_assert_max_num_queries(16):
            assert client.get(iran.get_absolute_url()).status_code == 200


class TestArticle:
    def test_shows_title_source_and_only_sentences_with_mentions(self, client, article, pezeshkian):
        page = client.get(article.get_absolute_url()).content.decode()
        assert "A meeting" in page
        assert "Northern Wire" in page
        assert "11 October 2024" in page
        assert "Masoud Pezeshkian</a>" in page
        assert "Nobody else was there" not in page
        assert "email address" not in page
        assert "Only the sentences that mention a record" in page
        assert pezeshkian.get_absolute_url() in page

    def test_cards_tell_record_probability_and_reason(self, client, article):
        page = client.get(article.get_absolute_url()).content.decode()
        assert '<span class="card-name"><bdi>Masoud Pezeshkian</bdi></span>' in page
        assert "95 % sure: the full name" in page
        assert "doubtful: 60 %" in page

    def test_names_without_a_record_are_not_marked(self, client, article):
        assert "m-nil" not in client.get(article.get_absolute_url()).content.decode()

    def test_the_whole_text_is_shown_where_that_is_allowed_with_junk_set_aside(self, client, article, settings):
        settings.PUBLIC_FULL_TEXT = True
        page = client.get(article.get_absolute_url()).content.decode()
        assert "Nobody else was there" in page
        assert re.search(r"<details class=\"junk\"><summary[^>]*>Comment form, set aside</summary>", page)

    def test_a_headline_in_the_text_is_shown_once_with_its_mentions(self, client, pezeshkian):
        text = "Masoud Pezeshkian wins\n\nHe won. Masoud Pezeshkian smiled."
        article = make_article(text, "Masoud Pezeshkian wins", segments=[[0, 22, "headline"], [24, len(text), "body"]])
        make_mention(article, "Masoud Pezeshkian", pezeshkian)
        make_mention(article, "Masoud Pezeshkian", pezeshkian, after=5)
        page = client.get(article.get_absolute_url()).content.decode()
        [heading] = re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.S)
        assert "m-person" in heading
        assert page.count('</a><span class="card"') == 2

    def test_hostile_articles_are_escaped(self, client, iran):
        article = make_article(
            f"Iran {XSS} said.", XSS, url="javascript:alert(1)", source=XSS, author=XSS, language='"><i',
            published_on="2024",
        )  # fmt: skip
        make_mention(article, f"Iran {XSS}", iran, reason=XSS)
        for address in (article.get_absolute_url(), reverse("articles"), iran.get_absolute_url()):
            page = client.get(address).content.decode()
            assert "<script>alert" not in page
            assert 'href="javascript:' not in page

    def test_right_to_left_texts_have_their_direction(self, client, pezeshkian):
        article = make_article("مسعود پزشکیان سوگند یاد کرد.", "سوگند", language="fa")
        make_mention(article, "مسعود پزشکیان", pezeshkian)
        page = client.get(article.get_absolute_url()).content.decode()
        assert '<div class="text" lang="fa" dir="rtl">' in page

    def test_an_article_that_was_taken_down_says_that_it_was_and_nothing_else(self, client, article):
        article.withdrawn_at = timezone.now()
        article.save()
        answer = client.get(article.get_absolute_url())
        assert answer.status_code == 410
        assert "Taken down" in answer.content.decode()
        assert "Northern Wire" not in answer.content.decode()

    @pytest.mark.parametrize("count", [10, 100])
    def test_queries_are_fixed(self, client, count, django_assert_max_num_queries):
        text = " ".join(f"Somebody{number} spoke." for number in range(count))
        article = make_article(text)
        for number in range(count):
            make_mention(article, f"Somebody{number} ", make_record(f"Somebody{number}"))
        with django_assert_max_num_queries(8):
            page = client.get(article.get_absolute_url())
        assert page.content.decode().count('class="card"') == count


class TestList:
    def test_words_source_language_dates_and_record_narrow_the_list(self, client, article, pezeshkian):
        make_article(title="Another story", source="Other Post", language="fr", published_on="1999-05-05")
        make_article(title="Without date")
        address = reverse("articles")

        def titles(**query):
            return re.findall(r"<bdi>([^<]*)</bdi></a>", client.get(address, query).content.decode())

        assert titles() == ["A meeting", "Another story", "Without date"]
        assert titles(q="meeting") == ["A meeting"]
        assert titles(q="wire meeting") == ["A meeting"]
        assert titles(source="other post") == ["Another story"]
        assert titles(language="fr") == ["Another story"]
        assert titles(since="2024-10") == ["A meeting"]
        assert titles(until="1999-05") == ["Another story"]
        assert titles(record=pezeshkian.public_id) == ["A meeting"]
        assert titles(record="2222222222") == []

    def test_a_date_that_is_none_is_told(self, client, article):
        assert "A date looks like" in client.get(reverse("articles"), {"since": "soon"}).content.decode()

    def test_pages_lead_on_and_back_and_miss_nothing(self, client):
        for number in range(60):
            make_article(
                title=f"Story {number}", published_on="2024-01-01" if number % 2 else f"2024-02-{number % 28 + 1:02d}"
            )
        seen, address = [], reverse("articles")
        while address:
            page = client.get(address).content.decode()
            seen += re.findall(r"<bdi>(Story \d+)</bdi></a>", page)
            found = re.search(r'rel="next" href="([^"]*)"', page)
            address = reverse("articles") + found.group(1).replace("&amp;", "&") if found else None
        assert len(seen) == len(set(seen)) == 60
        back = re.search(r'rel="prev" href="([^"]*)"', page).group(1).replace("&amp;", "&")
        assert len(re.findall("Story", client.get(reverse("articles") + back).content.decode())) == 25

    @pytest.mark.parametrize("cursor", ["x", "~", "2024~abc", "~99999999999999999999", "a\0~1", "²~²"])
    def test_odd_cursors_count_as_none(self, client, article, cursor):
        assert "A meeting" in client.get(reverse("articles"), {"before": cursor}).content.decode()

    @pytest.mark.parametrize("count", [10, 100])
    def test_queries_are_fixed(self, client, count, django_assert_max_num_queries):
        for _ in range(count):
            make_article()
        with django_assert_max_num_queries(3):
            client.get(reverse("articles"))
