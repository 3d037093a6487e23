"""The admin of articles: reading one, and setting its links right."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import timezone

from articles import review
from articles.catalogue import forget_catalogue
from articles.explaining import explain
from articles.models import ImportJob, ImportRowError, NilGroup
from entities.matching.types import Kind, Outcome
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db
XSS = '"><script>alert(1)</script>'
LIST = "/admin/articles/article/"


@pytest.fixture
def desk(client, django_user_model):
    user = django_user_model.objects.create_superuser("desk")
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def bush():
    return make_record("George W. Bush", summary="President of the United States from 2001 to 2009")


@pytest.fixture
def father():
    return make_record("George H. W. Bush")


@pytest.fixture
def article():
    text = "George Bush spoke. Bush left.\n\nBuy casino chips."
    junk = text.index("Buy casino")
    segments = [[0, junk, "body"], [junk, len(text), "link_spam"]]
    return make_article(text, "Bush speaks", source="Wire", published_on="2003-03-19", segments=segments)


@pytest.fixture
def mention(article, bush, father):
    make_mention(article, "Bush", bush, after=18, chain=1)
    return make_mention(
        article, "George Bush", bush, chain=1, reason="president on this date", candidates=[bush, father],
        evidence=[["in_office", 2.4, "in office on the date"], ["rivals", -0.5, "another has the name"]],
    )  # fmt: skip


def page_of(article, **query):
    address = reverse("admin:articles_article_change", args=[article.pk])
    return address + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")


def decide(client, mention, **data):
    return client.post(reverse("admin:articles_mention_decide", args=[mention.pk]), data)


def live(mention):
    return mention.links.get(superseded_at=None)


class TestReading:
    def test_mentions_are_marked_by_kind_and_status_with_cards(self, desk, article, mention, bush, father):
        make_mention(article, "spoke", status=Outcome.REVIEW, entity=father, probability=0.5)
        page = desk.get(page_of(article)).content.decode()
        assert f'<span class="m m-person m-linked m-outer" id="m{mention.pk}">' in page
        assert "m-review" in page
        assert '<span class="card-name"><bdi>George W. Bush</bdi></span>' in page
        assert "president on this date" in page
        assert '<span class="card-other"><bdi>George H. W. Bush</bdi>' in page

    def test_junk_is_set_aside_and_named(self, desk, article, mention):
        page = desk.get(page_of(article)).content.decode()
        assert "Link spam: set aside, never searched for mentions" in page

    def test_a_mention_opens_beside_the_text_with_its_evidence(self, desk, article, mention, father):
        page = desk.get(page_of(article, mention=mention.pk)).content.decode()
        assert "in office on the date" in page
        assert "+2.4" in page
        assert "-0.5" in page
        assert "all 2 of its chain" in page
        assert f'name="entity" value="{father.pk}"' in page

    def test_a_fragment_is_the_panel_alone(self, desk, article, mention):
        answer = desk.get(page_of(article, mention=mention.pk, fragment=1))
        assert answer.status_code == 200
        assert "<html" not in answer.content.decode()
        assert desk.get(page_of(article, mention=10**9, fragment=1)).status_code == 404

    def test_records_are_searched_from_the_panel(self, desk, article, mention):
        blair = make_record("Tony Blair")
        page = desk.get(page_of(article, mention=mention.pk, q="Tony Blair")).content.decode()
        assert f'name="entity" value="{blair.pk}"' in page

    def test_a_mention_of_another_article_does_not_open(self, desk, article, mention):
        page = desk.get(page_of(make_article(), mention=mention.pk)).content.decode()
        assert "Choose a mention" in page

    @pytest.mark.parametrize("number", ["x", "99999999999999999999999", "0", "-1"])
    def test_odd_ids_are_not_found(self, desk, number):
        assert desk.get(f"{LIST}{number}/change/").status_code == 404

    def test_hostile_texts_are_escaped(self, desk, bush):
        article = make_article(f"{XSS} spoke.", XSS, source=XSS, author=XSS, url="javascript:alert(1)", language='"><b')
        mention = make_mention(article, XSS, bush, reason=XSS, evidence=[["name", 1.0, XSS]], candidates=[bush])
        for address in (page_of(article, mention=mention.pk, q=XSS), LIST, "/admin/articles/link/"):
            page = desk.get(address).content.decode()
            assert "<script>alert" not in page
            assert 'href="javascript:' not in page

    @pytest.mark.parametrize("count", [10, 100])
    def test_queries_are_fixed(self, desk, count, django_assert_max_num_queries):
        article = make_article(" ".join(f"Somebody{number} spoke." for number in range(count)))
        for number in range(count):
            entity = make_record(f"Somebody{number}")
            last = make_mention(article, f"Somebody{number} ", entity, candidates=[entity])
        desk.get("/admin/")
        with django_assert_max_num_queries(22):
            desk.get(page_of(article, mention=last.pk))


class TestDeciding:
    def test_confirm(self, desk, mention, bush):
        answer = decide(desk, mention, action="accept", link=live(mention).pk, note="sure")
        assert answer.status_code == 302
        assert answer.headers["Location"].endswith(f"?mention={mention.pk}#m{mention.pk}")
        assert (live(mention).actor, live(mention).entity, live(mention).note) == (desk.user, bush, "sure")

    def test_wrong_link(self, desk, mention):
        decide(desk, mention, action="reject", link=live(mention).pk, note="a footballer")
        assert (live(mention).entity, live(mention).status) == (None, "nil")

    def test_link_to_another_record(self, desk, mention, father):
        decide(desk, mention, entity=father.pk)
        assert live(mention).entity == father

    def test_the_whole_chain(self, desk, article, mention, father):
        decide(desk, mention, entity=father.pk, scope="chain")
        assert {live(one).entity for one in article.mentions.all()} == {father}

    def test_no_record_is_meant(self, desk, mention):
        decide(desk, mention, action="nil")
        assert live(mention).entity is None

    def test_a_stale_page_is_told_and_changes_nothing(self, desk, mention, father):
        seen = live(mention).pk
        decide(desk, mention, entity=father.pk)
        answer = decide(desk, mention, action="accept", link=seen)
        assert live(mention).entity == father
        assert "in the meantime" in desk.get(answer.headers["Location"]).content.decode()

    @pytest.mark.parametrize(
        "data", [{}, {"action": "explode"}, {"entity": "x"}, {"entity": "999999"}, {"action": "accept", "link": "x"}]
    )
    def test_odd_forms_change_nothing(self, desk, mention, data):
        before = live(mention).pk
        assert decide(desk, mention, **data).status_code == 302
        assert live(mention).pk == before

    def test_looking_changes_nothing(self, desk, mention):
        assert desk.get(reverse("admin:articles_mention_decide", args=[mention.pk])).status_code == 405

    def test_viewers_may_look_but_not_decide(self, client, article, mention, django_user_model):
        user = django_user_model.objects.create_user("viewer", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
        client.force_login(user)
        page = client.get(page_of(article, mention=mention.pk)).content.decode()
        assert "in office on the date" in page
        assert "data-decide" not in page
        assert decide(client, mention, action="nil").status_code == 403
        assert live(mention).entity is not None

    def test_strangers_are_sent_to_the_login(self, client, mention):
        assert decide(client, mention, action="nil").headers["Location"].startswith("/admin/login/")
        assert live(mention).entity is not None

    def test_the_page_shows_who_decided_and_what_stood_before(self, desk, article, mention, father):
        decide(desk, mention, entity=father.pk, note="the elder")
        page = desk.get(page_of(article, mention=mention.pk)).content.decode()
        assert "Decided by desk" in page
        assert "the elder" in page
        assert "Earlier decisions (1)" in page


class TestTakingBack:
    def undo(self, desk, article):
        return desk.post(reverse("admin:articles_article_undo", args=[article.pk]), follow=True).content.decode()

    def test_the_last_decision_and_the_one_before_are_taken_back_with_their_reasons(
        self, desk, article, mention, father
    ):
        before = live(mention)
        page = desk.post(
            reverse("admin:articles_mention_decide", args=[mention.pk]), {"entity": father.pk, "note": "the <elder>"},
            follow=True,
        ).content.decode()  # fmt: skip
        assert f'is linked to ‹<a class="rd-link" href="/admin/entities/entity/{father.pk}/change/">' in page
        assert "Undo the last decision" in page
        decide(desk, mention, action="unsure", link=live(mention).pk)
        assert live(mention).is_unsure
        self.undo(desk, article)
        assert live(mention).entity == father
        page = self.undo(desk, article)
        assert "“George Bush” is as it was before" in page
        assert 'value="the &lt;elder&gt;"' in page
        again = live(mention)
        assert (again.entity, again.actor, again.reason) == (before.entity, None, before.reason)
        assert "nothing to take back" in self.undo(desk, article)

    def test_a_whole_chain_is_taken_back_at_once(self, desk, article, mention, father):
        decide(desk, mention, entity=father.pk, scope="chain")
        assert "2 mentions of" in self.undo(desk, article)
        assert not article.mentions.filter(links__superseded_at=None, links__entity=father).exists()

    def test_what_was_taken_up_is_set_aside_again(self, desk, article, mention):
        decide(desk, mention, action="unsure", link=live(mention).pk)
        decide(desk, mention, action="reopen", link=live(mention).pk)
        self.undo(desk, article)
        assert live(mention).is_unsure

    def test_what_was_decided_anew_or_elsewhere_stays(self, desk, article, mention, father, django_user_model):
        decide(desk, mention, entity=father.pk)
        review.mark_nil(mention, django_user_model.objects.create_superuser("other"))
        assert "Somebody else decided" in self.undo(desk, article)
        assert live(mention).entity is None
        assert "nothing to take back" in self.undo(desk, make_article("Another."))

    def test_a_decision_about_a_mention_that_went_with_its_text_is_forgotten(self, desk, article, mention, father):
        decide(desk, mention, entity=father.pk)
        mention.links.all().delete()
        mention.candidates.all().delete()
        mention.delete()
        page = self.undo(desk, article)
        assert "nothing left to take back" in page
        assert "Undo the last decision" not in page
        assert "There is nothing to take back" in self.undo(desk, article)

    @pytest.mark.parametrize("entry", ["", {}, {"article": 1}])
    def test_what_cannot_be_read_in_a_session_is_forgotten(self, desk, article, mention, father, entry):
        session = desk.session
        session["decided"] = [entry]
        session.save()
        assert desk.get(page_of(article)).status_code == 200
        assert "There is nothing to take back" in self.undo(desk, article)
        decide(desk, mention, entity=father.pk)
        assert len(desk.session["decided"]) == 1

    def test_whoever_may_not_decide_takes_nothing_back(self, client, article, django_user_model):
        viewer = django_user_model.objects.create_user("viewer", is_staff=True)
        viewer.groups.add(Group.objects.get(name="viewer"))
        client.force_login(viewer)
        assert client.post(reverse("admin:articles_article_undo", args=[article.pk])).status_code == 403


class TestLists:
    def test_what_narrows_a_list_is_said_with_the_way_out(self, desk, article):
        page = desk.get(f"{LIST}?linked=no&year=2003&source=Wire&q=Bush").content.decode()
        for words in ("“<bdi>Bush</bdi>”", "<bdi>Waiting</bdi>", "<bdi>2003</bdi>", "<bdi>Wire</bdi>", "Show all"):
            assert words in page
        page = desk.get("/admin/articles/importjob/?status__in=queued,running").content.decode()
        assert "<bdi>Waiting or Running</bdi>" in page
        assert "Shown are only" not in desk.get(LIST).content.decode()

    def test_a_filter_is_said_as_text(self, desk):
        assert XSS not in desk.get(LIST, {"source": XSS}).content.decode()

    def titles(self, answer):
        return [row.title for row in answer.context["cl"].result_list]

    def test_filters_of_articles(self, desk, article, mention, bush):
        make_article(title="Vieux", language="fr", source="Post", published_on="1999-05-05", linked_at=None)
        make_article(title="Undated")
        make_article(title="Gone", withdrawn_at=timezone.now())
        for query, titles in [
            ({}, ["Bush speaks", "Vieux", "Undated"]),
            ({"year": "2003"}, ["Bush speaks"]),
            ({"year": "none"}, ["Undated"]),
            ({"month": "05"}, ["Vieux"]),
            ({"language": "fr"}, ["Vieux"]),
            ({"source": "wir"}, ["Bush speaks"]),
            ({"linked": "no"}, ["Vieux"]),
            ({"linked": "down"}, ["Gone"]),
            ({"linked": "doubt"}, []),
            ({"record": bush.public_id}, ["Bush speaks"]),
            ({"q": "speaks"}, ["Bush speaks"]),
        ]:
            assert self.titles(desk.get(LIST, query)) == titles, query

    def test_the_action_hands_over_to_the_page_that_asks_why(self, desk, article):
        answer = desk.post(LIST, {"action": "take_down", "_selected_action": [article.pk]})
        assert answer.status_code == 302
        page = desk.get(answer["Location"]).content.decode()
        assert article.title in page
        article.refresh_from_db()
        assert article.withdrawn_at is None
        refused = desk.post("/admin/articles/article/takedown/", {"ids": [article.pk], "reason": " "})
        assert "Say why" in refused.content.decode()
        desk.post("/admin/articles/article/takedown/", {"ids": [article.pk], "reason": "order"})
        article.refresh_from_db()
        assert article.withdrawn_at is not None
        assert article.text == ""
        book = desk.get("/admin/articles/articletakedown/").content.decode()
        assert "order" in book
        lift = f"/admin/articles/articletakedown/{article.takedowns.get().pk}/lift/"
        assert desk.get(lift).status_code == 200
        desk.post(lift, {"reason": "overturned"})
        assert article.takedowns.get().lifted_at is not None

    def test_only_who_may_take_down_sees_the_page(self, client, django_user_model, article):
        user = django_user_model.objects.create_user("viewer", is_staff=True)
        user.groups.add(Group.objects.get(name="viewer"))
        client.force_login(user)
        for address in (f"/admin/articles/article/takedown/?ids={article.pk}",):
            assert client.get(address).status_code == 403
        assert client.post("/admin/articles/article/takedown/", {"ids": [article.pk], "reason": "x"}).status_code == 403

    @pytest.mark.parametrize("name", ["article", "link", "nilgroup", "importjob"])
    @pytest.mark.parametrize("count", [10, 100])
    def test_queries_are_fixed(self, desk, name, count, django_assert_max_num_queries):
        first = make_article()
        for number in range(count):
            group = NilGroup.objects.create(key=f"name {number}", name=f"Name {number}", kind="person")
            article = make_article(f"Name{number} spoke.", similar_to=first, language="en", source=f"s{number}")
            make_mention(article, f"Name{number}", make_record(), nil_group=group)
            ImportJob.objects.create(path=f"file {number}", created_by=desk.user)
        desk.get("/admin/")
        with django_assert_max_num_queries(12):
            assert desk.get(f"/admin/articles/{name}/").status_code == 200


def test_an_unknown_name_is_shown_in_its_sentences_with_similar_records(desk, article):
    known = make_record("John Doe", kind=Kind.PERSON)
    group = NilGroup.objects.create(key="john doe", name="John Doe", kind="person", mention_count=1, article_count=1)
    article = make_article("John Doe spoke. Nobody answered.", "Doe speaks")
    make_mention(article, "John Doe", nil_group=group)
    page = desk.get(f"/admin/articles/nilgroup/{group.pk}/change/").content.decode()
    assert re.search(r"<mark[^>]*>John Doe</mark> spoke\.", page)
    assert "Nobody answered" not in page
    assert reverse("admin:entities_entity_change", args=[known.pk]) in page
    assert "/admin/entities/entity/add/?name=John%20Doe" in page


def test_unknown_names_are_rejected_and_opened_again(desk):
    group = NilGroup.objects.create(key="x", name="X", kind="person")
    address = "/admin/articles/nilgroup/"
    desk.post(address, {"action": "reject_groups", "_selected_action": [group.pk]})
    group.refresh_from_db()
    assert (group.status, group.decided_by) == ("rejected", desk.user)
    desk.post(address, {"action": "reopen_groups", "_selected_action": [group.pk]})
    group.refresh_from_db()
    assert (group.status, group.decided_by) == ("open", None)


def test_an_import_shows_its_figures_and_what_it_refused(desk):
    job = ImportJob.objects.create(path="news.jsonl", status="done", rows_read=12345, rows_refused=1)
    ImportRowError.objects.create(job=job, file="news.jsonl", line=17, reason="no text", excerpt=XSS)
    page = desk.get(f"/admin/articles/importjob/{job.pk}/change/").content.decode()
    assert "12,345" in page
    assert "no text" in page
    assert "<script>alert" not in page


class TestWhy:
    def test_the_page_says_why_not_and_notes_a_stored_link_that_differs(self, desk, article, mention, father):
        forget_catalogue()
        page = desk.get(page_of(article, mention=mention.pk, why=father.public_id))
        assert page.status_code == 200
        told = page.content.decode()
        assert "Why not" in told
        assert "George H. W. Bush" in page.context["explained"].summary

    def test_an_unknown_record_asks_nothing(self, desk, article, mention):
        page = desk.get(page_of(article, mention=mention.pk, why="nobody"))
        assert page.status_code == 200
        assert page.context["explained"] is None

    def test_a_persons_decision_is_named_first(self, desk, article, mention, bush):
        forget_catalogue()
        decide(desk, mention, action="accept", link=live(mention).pk, scope="mention")
        found = explain(mention, bush, use_ner=False)
        assert "A person (desk) decided for George W. Bush" in found.notes[0]

    def test_a_merged_record_stands_for_its_survivor(self, mention, bush, father):
        father.merged_into = bush
        father.save(update_fields=["merged_into"])
        forget_catalogue()
        assert explain(mention, father, use_ner=False).entity == bush

    def test_a_place_where_no_name_stands_any_more_is_said_so(self, mention, bush):
        forget_catalogue()
        mention.start, mention.end = 0, 3
        found = explain(mention, bush, use_ner=False)
        assert found.explanation is None
        assert "not seen as a name" in found.summary
