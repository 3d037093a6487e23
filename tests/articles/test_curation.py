"""The curators' pages without a browser: permissions, claims, plain forms, numbers of queries, time."""

from __future__ import annotations

import contextlib
import json
import threading

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles import proposals, queue, review
from articles.curation.passages import passage_of
from articles.curation.views import MARKED
from articles.models import Link, Mention, NilGroup, SurfacePrior
from articles.proposals import ProposalError
from articles.queue import Queue
from articles.review import ReviewError, Scope
from articles.templatetags.curation import dates_in_words, likely
from entities.candidates import rebuild
from entities.editing import edit_record
from entities.models import DuplicateSuggestion, Entity, Judgement, Merge, Relation
from tests.factories import make_article, make_mention, make_record, make_term

pytestmark = pytest.mark.django_db
HOME = "/admin/curation/review/"


def in_role(name: str, who: str = "") -> User:
    user = User.objects.create_user(who or f"a {name}", is_staff=True)
    user.groups.add(Group.objects.get(name=name))
    return user


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def curator() -> User:
    return in_role("curator")


def doubt(surface: str = "Smith", *records: Entity, priority: float = 0.5, **article) -> Link:
    records = records or (make_record(), make_record())
    article.setdefault("published_on", "2020-02-02")
    made = make_article(f"It rained. Then {surface} came. Nobody saw it.", source="The Times", **article)
    mention = make_mention(
        made, surface, records[0], status="review", probability=0.5, priority=priority, candidates=records
    )  # fmt: skip
    return mention.links.get()


def send(client: Client, address: str, **data) -> dict:
    """As the script does."""
    answer = client.post(HOME + address, data, headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.status_code == 200
    return json.loads(answer.content)


# --- Who may what ----------------------------------------------------------------------------------------------------
def test_whoever_is_not_logged_in_is_sent_to_the_login(client):
    answer = client.get(f"{HOME}links/")
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_a_viewer_may_look_and_decides_nothing():
    link = doubt()
    pair = DuplicateSuggestion.objects.create(a=make_record(), b=make_record(), probability=0.5)
    group = NilGroup.objects.create(key="x", name="X", kind="person", mention_count=1, article_count=1)
    viewer = browser(in_role("viewer"))
    for name, key in (("links", link.pk), ("duplicates", pair.pk), ("proposals", group.pk)):
        page = viewer.get(f"{HOME}{name}/")
        assert page.status_code == 200
        assert "deciding needs the role of a curator" in page.content.decode()
        assert 'value="skip"' not in page.content.decode()
        for action in ("choose", "none", "same", "create", "skip"):
            assert viewer.post(f"{HOME}{name}/{key}/", {"action": action}).status_code == 403
        assert viewer.post(f"{HOME}{name}/undo/").status_code == 403
    link.refresh_from_db()
    assert (link.superseded_at, link.claimed_by) == (None, None)
    assert viewer.get(f"{HOME}scorecard/").status_code == 200


def test_whoever_may_see_nothing_is_refused():
    client = browser(User.objects.create_user("nobody", is_staff=True))
    for name in ("", "links/", "duplicates/", "proposals/", "scorecard/", f"links/{doubt().pk}/find/?q=a"):
        assert client.get(HOME + name).status_code == 403


def test_a_record_is_made_only_by_who_may_make_records(curator):
    curator.groups.clear()
    from django.contrib.auth.models import Permission

    curator.user_permissions.add(*Permission.objects.filter(codename__in=["view_link", "change_link"]))
    link = doubt()
    client = browser(User.objects.get(pk=curator.pk))
    assert "New record" not in client.get(f"{HOME}links/").content.decode()
    answer = client.post(f"{HOME}links/{link.pk}/", {"action": "create", "name": "Smith", "kind": "person"})
    assert answer.status_code == 403
    assert not Entity.objects.filter(name="Smith").exists()


# --- Claims ----------------------------------------------------------------------------------------------------------
def test_two_curators_never_have_the_same_item_in_view(curator):
    links = [doubt(f"Smith {number}", priority=1 - number / 10) for number in range(3)]
    first, second = browser(curator), browser(in_role("curator", "another"))
    assert f'data-item="{links[0].pk}"' in first.get(f"{HOME}links/").content.decode()
    page = second.get(f"{HOME}links/").content.decode()
    assert f'data-item="{links[1].pk}"' in page
    assert "1 open at colleagues" in page
    gone = second.get(f"{HOME}links/{links[0].pk}/", headers={"X-Requested-With": "XMLHttpRequest"}).content.decode()
    assert "data-gone" in gone
    answer = send(second, f"links/{links[0].pk}/", action="none")
    assert not answer["ok"]
    assert Link.objects.live().get(mention=links[0].mention).actor is None


def test_a_page_that_is_left_gives_its_items_back_unless_a_newer_one_shows_them(curator):
    link = doubt()
    client = browser(curator)
    client.get(f"{HOME}links/")
    old = client.session["visit:links"]
    client.get(f"{HOME}links/")
    client.post(f"{HOME}links/release/", {"visit": old})
    link.refresh_from_db()
    assert link.claimed_by == curator
    client.post(f"{HOME}links/release/", {"visit": old + 1})
    link.refresh_from_db()
    assert link.claimed_by is None


def test_always_leaves_alone_what_colleagues_have_open(curator):
    record = make_record()
    mine, theirs, free = (doubt("Smith", record) for _ in range(3))
    queue.claim(Queue.LINKS, theirs.pk, in_role("curator", "another"))
    client = browser(curator)
    answer = send(client, f"links/{mine.pk}/", action="choose", entity=record.pk, scope="always")
    assert "2 mentions linked" in answer["said"]
    assert Link.objects.live().get(mention=theirs.mention).status == "review"
    assert Link.objects.live().get(mention=free.mention).actor == curator


@pytest.mark.django_db(transaction=True)
def test_eight_curators_at_once_are_never_given_the_same_item():
    record = make_record()
    links = [doubt(f"Smith {number}", record) for number in range(40)]
    users = [User.objects.create_user(f"user{number}") for number in range(8)]
    given: list[int] = []

    def work(user):
        try:
            skip: list[int] = []
            for _ in range(5):
                item = queue.claim_next(Queue.LINKS, user, skip=skip)
                skip.append(item.pk)
                given.append(item.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == sorted(link.pk for link in links)


# --- Decisions -------------------------------------------------------------------------------------------------------
def test_a_plain_form_is_answered_with_the_page_again(curator):
    link = doubt("Smith", make_record("John Smith"))
    client = browser(curator)
    answer = client.post(f"{HOME}links/{link.pk}/?kind=person", {"entity": link.entity_id, "action": "choose"})
    assert answer.status_code == 302
    assert answer["Location"] == f"{HOME}links/?kind=person"
    assert "linked to John Smith" in client.get(answer["Location"]).content.decode()
    back = client.post(f"{HOME}links/undo/")
    assert "is open again" in client.get(back["Location"]).content.decode()


def test_a_number_alone_chooses(curator):
    """Sent as a plain form, the button of a candidate sends its record and no action."""
    link = doubt()
    browser(curator).post(f"{HOME}links/{link.pk}/", {"entity": link.entity_id})
    assert Link.objects.to_records().filter(entity=link.entity_id, actor=curator).count() == 1


def test_a_decision_about_what_changed_meanwhile_is_refused(curator):
    link = doubt()
    client = browser(curator)
    client.get(f"{HOME}links/")
    review.mark_nil(link.mention, in_role("curator", "another"))
    answer = send(client, f"links/{link.pk}/", action="choose", entity=link.entity_id)
    assert not answer["ok"]
    assert Link.objects.live().get(mention=link.mention).status == "nil"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choose a record, or none."),
        ({"action": "choose", "entity": "0"}, "There is no such record."),
        ({"action": "choose", "entity": "9" * 40}, "There is no such record."),
        ({"action": "none", "scope": "world"}, "There is no such scope."),
        ({"action": "create", "name": " ", "kind": "person"}, "A record needs a name."),
        ({"action": "create", "name": "Smith", "kind": "ghost"}, "Say what it is"),
    ],
)
def test_bad_input_is_refused_in_a_sentence_and_changes_nothing(curator, data, sentence):
    link = doubt()
    answer = send(browser(curator), f"links/{link.pk}/", **data)
    assert not answer["ok"]
    assert sentence in answer["said"]
    assert answer["open"] == link.pk
    assert Link.objects.live().get(mention=link.mention).pk == link.pk


def test_a_new_record_is_made_of_a_doubt_and_the_link_taken_back(curator):
    link = doubt()
    client = browser(curator)
    answer = send(client, f"links/{link.pk}/", action="create", name="Agnes Smith", kind="person", description="Poet")
    assert "linked to the new record Agnes Smith" in answer["said"]
    made = Entity.objects.get(name="Agnes Smith")
    assert made.description == "Poet"
    assert Link.objects.to_records().get(entity=made).mention == link.mention
    assert send(client, "links/undo/")["ok"]
    assert Link.objects.live().get(mention=link.mention).status == "review"
    made.refresh_from_db()
    assert not made.is_current
    assert made.suppressed_at is not None, "no id ever issued is lost: it answers that it is gone"


def test_always_counts_the_words_once_and_taking_it_back_takes_that_back(curator):
    right, wrong = make_record(), make_record()
    links = [doubt("Smith", wrong, right) for _ in range(5)]
    client = browser(curator)
    send(client, f"links/{links[2].pk}/", action="choose", entity=right.pk, scope="always")
    assert Link.objects.to_records().filter(entity=right, actor=curator).count() == 5
    counts = {row.entity_id: (row.accepted, row.refused) for row in SurfacePrior.objects.filter(key="smith")}
    assert counts == {right.pk: (1, 0), wrong.pk: (0, 1)}
    answer = send(client, "links/undo/")
    assert "5 mentions" in answer["said"]
    assert Link.objects.live().filter(status="review", entity=wrong, actor=None).count() == 5
    counts = {row.entity_id: (row.accepted, row.refused) for row in SurfacePrior.objects.filter(key="smith")}
    assert counts == {right.pk: (0, 0), wrong.pk: (0, 0)}


def test_confirming_and_taking_it_back_leaves_the_counts_as_they_were(curator):
    record = make_record()
    link = doubt("Smith", record)
    done = review.accept(link, curator)
    assert SurfacePrior.objects.get().accepted == 1
    review.take_back(done.links[0], curator)
    assert SurfacePrior.objects.get().accepted == 0


def test_always_is_not_offered_for_descriptions(curator):
    record = make_record()
    links = [doubt("the president", record) for _ in range(2)]
    Mention.objects.update(type="ROLE", detector="role")
    page = browser(curator).get(f"{HOME}links/?at={links[0].pk}").content.decode()
    assert 'value="always"' not in page
    links[0].mention.refresh_from_db()
    with pytest.raises(ReviewError):
        review.link_to(links[0].mention, record, curator, scope=Scope.ALWAYS)


def test_the_undo_of_many_leaves_what_was_decided_anew(curator):
    right, wrong = make_record(), make_record()
    links = [doubt("Smith", wrong) for _ in range(3)]
    client = browser(curator)
    send(client, f"links/{links[0].pk}/", action="choose", entity=right.pk, scope="always")
    review.mark_nil(links[1].mention, in_role("curator", "another"))
    assert "1 were decided anew since" in send(client, "links/undo/")["said"]
    assert Link.objects.live().get(mention=links[1].mention).status == "nil"


def test_undo_goes_back_step_by_step_skips_included(curator):
    links = [doubt(f"Smith {number}", priority=1 - number / 10) for number in range(3)]
    client = browser(curator)
    send(client, f"links/{links[0].pk}/", action="none")
    send(client, f"links/{links[1].pk}/", action="skip")
    assert send(client, "links/undo/")["open"] == links[1].pk
    assert "open again" in send(client, "links/undo/")["said"]
    assert not send(client, "links/undo/")["ok"]
    assert queue.waiting(Queue.LINKS).count() == 3


def test_a_session_remembers_no_more_than_it_can_hold(curator, monkeypatch):
    monkeypatch.setattr("articles.curation.views.REMEMBERED_ROWS", 4)
    record = make_record()
    client = browser(curator)
    for words in ("Smith", "Jones", "Brown"):
        links = [doubt(words, record) for _ in range(3)]
        send(client, f"links/{links[0].pk}/", action="none", scope="always")
    assert [len(done["keys"]) for done in client.session["done:links"]] == [3], "the last one, however large"


def test_what_was_skipped_comes_back_when_asked_for(curator):
    link = doubt()
    client = browser(curator)
    send(client, f"links/{link.pk}/", action="skip")
    assert "Nothing waits here" in client.get(f"{HOME}links/").content.decode()
    assert "1 skipped" in client.get(f"{HOME}links/").content.decode()
    answer = send(client, "links/unskip/")
    assert (answer["said"], answer["open"]) == ("1 brought back: this is the one skipped first.", link.pk)
    assert send(client, "links/unskip/")["said"] == "Nothing was skipped."
    assert f'data-item="{link.pk}"' in client.get(f"{HOME}links/").content.decode()


def test_a_verdict_is_never_overwritten_by_a_suggestion(curator):
    from entities.duplicates import find_for

    a, b = make_record("Jane Doe", valid_from="1950-05-05"), make_record("Jane Doe", valid_from="1950-05-05")
    pair = DuplicateSuggestion.objects.create(a=a, b=b, probability=0.9)
    send(browser(curator), f"duplicates/{pair.pk}/", action="different", note="cousins")
    find_for([a.pk, b.pk])
    assert queue.waiting(Queue.DUPLICATES).count() == 0
    assert Judgement.objects.get().reason == "cousins"


def test_hostile_text_is_shown_and_never_run(curator):
    nasty = "<script>alert(1)</script>"
    record = make_record(f"{nasty} & Sons", description=nasty)
    article = make_article(f"Then {nasty} came.", title=nasty, source=nasty)
    make_mention(article, nasty, record, status="review", probability=0.5, candidates=[record])
    DuplicateSuggestion.objects.create(a=record, b=make_record(nasty), probability=0.5, reasons=[nasty])
    group = NilGroup.objects.create(key="x", name=nasty, kind="person", mention_count=1, article_count=1)
    make_mention(make_article(f"So {nasty} left.", title=nasty), nasty, None, nil_group=group)
    client = browser(curator)
    for name in ("links", "duplicates", "proposals"):
        page = client.get(f"{HOME}{name}/").content.decode()
        assert nasty not in page
        assert "&lt;script&gt;" in page


# --- Filters ---------------------------------------------------------------------------------------------------------
def test_filters_narrow_what_is_shown_and_stay_in_every_address(curator):
    state = make_record("Ruritania", "state")
    doubt("Smith", make_record("A person"), language="en", priority=0.9)
    wanted = doubt("Utopia", state, language="de")
    client = browser(curator)
    for query in ("kind=state", f"state={state.pk}", "language=de", "kind=state&language=de&age=7"):
        page = client.get(f"{HOME}links/?{query}").content.decode()
        assert f'data-item="{wanted.pk}"' in page, query
        assert query.replace("&", "&amp;") in page
    assert "under these filters" in client.get(f"{HOME}links/?kind=agreement").content.decode()


def test_an_office_on_the_articles_date_is_shown_and_no_other(curator):
    king = make_record("Rudolf")
    make_term(king, "King", start="1870", end="1895")
    make_term(king, "Crown Prince", start="1849", end="1870")
    doubt("Rudolf", king, published_on="1880-05-05")
    page = browser(curator).get(f"{HOME}links/").content.decode()
    assert "King" in page
    assert "Crown Prince" not in page


def test_whoever_asks_for_what_a_colleague_has_open_is_told_so(curator):
    first = doubt()
    doubt()
    browser(curator).get(f"{HOME}links/?at={first.pk}")
    page = browser(in_role("curator", "a colleague")).get(f"{HOME}links/?at={first.pk}").content.decode()
    assert f'data-item="{first.pk}"' not in page
    assert "a colleague has it open" in page
    assert "a colleague has it open" not in browser(curator).get(f"{HOME}links/?at={first.pk}").content.decode()


def test_an_office_of_unknown_date_says_nothing_about_a_day(curator):
    state = make_record("Ruritania", "state")
    make_term(make_record("Michael"), "Leader of the Blacks", state=state)
    make_term(make_record("Rudolf"), "King", state=state, start="1870")
    doubt("Strelsau", state, published_on="1880-05-05")
    page = browser(curator).get(f"{HOME}links/").content.decode()
    assert "King" in page
    assert "Leader of the Blacks" not in page


def test_the_search_finds_what_was_over_on_the_articles_date(curator):
    pact = make_record("Warsaw Pact", "organization", valid_from="1955", valid_to="1991")
    link = doubt("the bloc", published_on="1999-03-12")
    page = browser(curator).get(f"{HOME}links/{link.pk}/find/?q=Warsaw+Pact").content.decode()
    assert f'value="{pact.pk}"' in page
    assert "1991" in page, "when it was is said"


def test_what_a_wide_decision_shows_may_be_left_out(curator):
    record = make_record()
    first, second, third = (doubt("Paris", record) for _ in range(3))
    page = browser(curator).get(f"{HOME}links/{first.pk}/reach/?scope=always").content.decode()
    assert f'name="leave_out" value="{third.mention_id}"' in page
    data = {"entity": record.pk, "scope": "always", "leave_out": [third.mention_id, first.mention_id, "x"]}
    answer = send(browser(curator), f"links/{first.pk}/", **data)
    assert "2 mentions linked" in answer["said"], "the mention in view is always decided"
    assert set(Link.objects.to_records().values_list("mention_id", flat=True)) == {first.mention_id, second.mention_id}
    assert Link.objects.live().get(mention=third.mention_id).status == "review"


# --- Numbers of queries ----------------------------------------------------------------------------------------------
def test_a_decision_about_hundreds_costs_as_many_queries_as_one_about_a_few(curator):
    record = make_record()
    counts = []
    for number, many in enumerate((3, 300)):
        links = [doubt(f"Smith {number}", record) for _ in range(many)]
        with CaptureQueriesContext(connection) as caught:
            review.link_to(links[0].mention, record, curator, scope=Scope.ALWAYS)
        assert Link.objects.to_records().filter(mention__surface=f"Smith {number}").count() == many
        counts.append(len(caught))
    assert counts[1] <= counts[0] + 4  # batches of rows


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("both begin on 1957-09-13", "both begin on 13 September 1957"), ("in 1957-13-01, 2020-21", "in 1957-13-01, 2020-21"),
        ("is Chancellor 2005–2021", "is Chancellor 2005–2021"),
    ],
)  # fmt: skip
def test_dates_of_reasons_are_said_in_words(said, shown):
    assert dates_in_words(said) == shown


@pytest.mark.parametrize(("score", "shown"), [(1.0, "> 99 %"), (0.997, "> 99 %"), (0.97, "97 %"), (0.0, "< 1 %")])
def test_nothing_is_said_to_be_certain(score, shown):
    assert likely(score) == shown


def test_why_always_is_not_offered_is_said():
    page = browser(in_role("curator", "one"))
    doubt("Smith")
    assert "Nothing else waits" in page.get(f"{HOME}links/").content.decode()
    review.mark_nil(Mention.objects.get(), User.objects.get(username="one"))
    for _ in range(2):
        doubt("the alliance")
    assert "differs from text to text" in page.get(f"{HOME}links/").content.decode()


def test_an_acceptance_taken_back_leaves_every_group_as_it_was(curator):
    group = NilGroup.objects.create(key="jane doe", name="Jane Doe", kind="person", mention_count=2, article_count=1)
    article = make_article("Then Jane Doe met nobody. Doe left.")
    for surface, after in (("Jane Doe", 0), ("Doe", 25)):
        make_mention(article, surface, None, nil_group=group, after=after)
    client = browser(curator)
    answer = send(client, f"proposals/{group.pk}/", action="create", name="Jane Doe", kind="person")
    assert "2 mentions are linked" in answer["said"]
    assert SurfacePrior.objects.filter(accepted=1).count() == 2
    said = send(client, "proposals/undo/")["said"]
    assert "unknown again" in said
    assert "The new record Jane Doe is withdrawn, too" in said
    client.force_login(User.objects.create_superuser("chief"))
    assert "withdrawn with the decision that made it" in client.get("/admin/entities/takedown/").content.decode()
    assert list(NilGroup.objects.values_list("name", "status", "mention_count")) == [("Jane Doe", "open", 2)]
    assert Mention.objects.filter(nil_group=group).count() == 2
    assert not SurfacePrior.objects.filter(accepted__gt=0).exists()


def test_what_is_no_name_is_not_proposed_as_one(curator):
    links = [doubt("Then Some"), doubt("Then Some")]
    client = browser(curator)
    send(client, f"links/{links[0].pk}/", action="none")
    assert NilGroup.objects.get().mention_count == 1
    send(client, "links/undo/")
    again = Link.objects.live().get(mention=links[0].mention)
    send(client, f"links/{again.pk}/", action="noname", scope="always")
    assert Link.objects.live().filter(status="nil", actor=curator).count() == 2
    assert not Mention.objects.exclude(nil_group=None).exists()


def test_what_was_skipped_and_settled_by_a_wider_decision_is_not_counted(curator):
    links = [doubt() for _ in range(2)]
    client = browser(curator)
    send(client, f"links/{links[0].pk}/", action="skip")
    answer = send(client, f"links/{links[1].pk}/", action="none", scope="always")
    assert "2 mentions" in answer["said"]
    assert "skipped" not in answer["progress"]


# --- A known record for an unknown name ------------------------------------------------------------------------------
@pytest.fixture
def unknown() -> NilGroup:
    group = NilGroup.objects.create(key="j doe", name="J. Doe", kind="person", mention_count=2, article_count=2)
    for year in (1880, 1890):
        make_mention(make_article("Then J. Doe came.", published_on=f"{year}-01-01"), "J. Doe", nil_group=group)
    return group


def test_an_unknown_name_is_searched_for_among_all_records(curator, unknown):
    known = make_record("Johanna Buck", kind="organization")
    rebuild()
    found = browser(curator).get(f"{HOME}proposals/{unknown.pk}/find/?q=Johanna Buck").content.decode()
    assert f'value="{known.pk}"' in found
    assert "It is this" in found
    viewer = browser(in_role("viewer")).get(f"{HOME}proposals/{unknown.pk}/find/?q=Johanna Buck").content.decode()
    assert "Johanna Buck" in viewer
    assert "<button" not in viewer
    assert browser(curator).get(f"{HOME}duplicates/{unknown.pk}/find/?q=a").status_code == 404


@pytest.mark.parametrize(("data", "names"), [({}, {"J. Doe"}), ({"no_alias": "1"}, set())])
def test_the_record_chosen_gets_the_mentions_and_the_name_unless_it_is_not_wanted(curator, unknown, data, names):
    known = make_record("Johanna Buck")
    client = browser(curator)
    before = set(known.aliases.in_use().values_list("name", flat=True))
    said = send(client, f"proposals/{unknown.pk}/", entity=known.pk, **data)["said"]
    assert said.startswith("“J. Doe” is Johanna Buck: 2 mentions are linked to it.")
    assert ("is one of its names now" in said) is bool(names)
    assert Link.objects.to_records().filter(entity=known).count() == 2
    assert set(known.aliases.in_use().values_list("name", flat=True)) - before == names
    assert send(client, "proposals/undo/")["ok"]
    assert set(known.aliases.in_use().values_list("name", flat=True)) == before


# --- Taken back, with all that belongs to it ---------------------------------------------------------------------------
def test_a_record_that_was_withdrawn_may_be_made_again(curator, unknown):
    client = browser(curator)
    for _ in range(2):
        assert send(client, f"proposals/{unknown.pk}/", action="create", name="J. Doe", kind="person")["ok"]
        assert send(client, "proposals/undo/")["ok"]
    assert not Entity.objects.current().exists()
    assert Entity.objects.exclude(suppressed_at=None).count() == 2


def edited(entity: Entity, user: User) -> None:
    entity.description = "A poet"
    edit_record(entity, user)


def mentioned_elsewhere(entity: Entity, user: User) -> None:
    make_mention(make_article("Later J. Doe left."), "J. Doe", entity, status="linked")


def referred_to(entity: Entity, user: User) -> None:
    other = make_record("Other")
    Relation.objects.create(entity=other, origin=other, type="member", target=entity)


@pytest.mark.parametrize(
    ("touched", "why"),
    [
        (edited, "changed or referred to"), (referred_to, "changed or referred to"),
        (mentioned_elsewhere, "other mentions are linked"),
    ],
)  # fmt: skip
def test_a_new_record_that_something_else_touched_stays(curator, unknown, touched, why):
    client = browser(curator)
    send(client, f"proposals/{unknown.pk}/", action="create", name="J. Doe", kind="person")
    made = Entity.objects.get(name="J. Doe")
    touched(made, curator)
    said = send(client, "proposals/undo/")["said"]
    assert "stays" in said
    assert why in said
    made.refresh_from_db()
    assert made.is_current


def test_the_reason_of_what_was_taken_back_is_in_the_form_again(curator, unknown):
    link, pair = doubt(), DuplicateSuggestion.objects.create(a=make_record(), b=make_record(), probability=0.5)
    client = browser(curator)
    for queue_, key, action in (
        ("links", link.pk, "none"), ("duplicates", pair.pk, "different"), ("proposals", unknown.pk, "none"),
    ):  # fmt: skip
        send(client, f"{queue_}/{key}/", action=action, note="as “the” <Times> says")
        again = send(client, f"{queue_}/undo/")["open"]
        page = client.get(f"{HOME}{queue_}/?at={again}").content.decode()
        assert 'value="as “the” &lt;Times&gt; says"' in page
        send(client, f"{queue_}/{again}/", action=action, note="another")
        assert f'"{again}"' not in str(client.session[f"notes:{queue_}"]), "given anew, it is not kept"


def test_a_merge_made_from_the_queue_is_undone_from_it():
    one, two = make_record("Jim Hacker"), make_record("James Hacker")
    pair = DuplicateSuggestion.objects.create(a=one, b=two, probability=0.5)
    client = browser(in_role("merger"))
    client.get(f"{HOME}duplicates/")
    merged = {"ids": f"{one.pk},{two.pk}", "survivor": one.pk, "reason": "one and the same"}
    assert client.post("/admin/curation/merge/", merged).status_code == 302
    assert "Undo the last" in client.get(f"{HOME}duplicates/").content.decode()
    answer = send(client, "duplicates/undo/")
    assert "Merge undone: “James Hacker” is a record of its own again" in answer["said"]
    assert answer["open"] == pair.pk
    assert Entity.objects.current().count() == 2
    assert 'value="one and the same"' in client.get(f"{HOME}duplicates/").content.decode()


def test_an_undo_that_the_merge_refuses_is_refused_in_its_words():
    one, two = make_record("Jim Hacker"), make_record("James Hacker")
    DuplicateSuggestion.objects.create(a=one, b=two, probability=0.5)
    client = browser(in_role("merger"))
    client.get(f"{HOME}duplicates/")
    client.post("/admin/curation/merge/", {"ids": f"{one.pk},{two.pk}", "survivor": one.pk})
    third = make_record("Third")
    client.post("/admin/curation/merge/", {"ids": f"{one.pk},{third.pk}", "survivor": third.pk})
    answer = send(client, "duplicates/undo/")
    assert not answer["ok"]
    assert "g, m leads to the merges" in answer["said"]
    assert Merge.objects.filter(undone_at=None).count() == 2


def test_a_merge_of_a_pair_that_the_queue_did_not_show_is_left_alone():
    one, two = make_record("Jim Hacker"), make_record("James Hacker")
    DuplicateSuggestion.objects.create(a=one, b=two, probability=0.5)
    client = browser(in_role("merger"))
    client.post("/admin/curation/merge/", {"ids": f"{one.pk},{two.pk}", "survivor": one.pk})
    client.get(f"{HOME}duplicates/")
    assert send(client, "duplicates/undo/")["said"] == "There is nothing to take back."


def test_merges_and_verdicts_are_taken_back_in_the_order_they_were_made_in():
    one, two, three, four = (make_record(name) for name in ("Jim Hacker", "James Hacker", "Bob", "Rob"))
    merged = DuplicateSuggestion.objects.create(a=one, b=two, probability=0.5)
    judged = DuplicateSuggestion.objects.create(a=three, b=four, probability=0.4)
    client = browser(in_role("merger"))
    for action, said in (("different", "Verdict taken back"), ("skip", "Brought back")):
        client.get(f"{HOME}duplicates/?at={merged.pk}")
        client.post("/admin/curation/merge/", {"ids": f"{one.pk},{two.pk}", "survivor": one.pk})
        send(client, f"duplicates/{judged.pk}/", action=action)
        assert said in send(client, "duplicates/undo/")["said"]
        assert "Merge undone" in send(client, "duplicates/undo/")["said"]


def test_merges_made_in_one_step_are_one_decision():
    one, two, three = make_record("Jim Hacker"), make_record("James Hacker"), make_record("J. Hacker")
    pairs = [DuplicateSuggestion.objects.create(a=one, b=other, probability=0.5) for other in (two, three)]
    client = browser(in_role("merger"))
    for pair in pairs:
        client.get(f"{HOME}duplicates/?at={pair.pk}")
    client.post("/admin/curation/merge/", {"ids": f"{one.pk},{two.pk},{three.pk}", "survivor": one.pk})
    assert "are records of their own" in send(client, "duplicates/undo/")["said"]
    assert send(client, "duplicates/undo/")["said"] == "There is nothing to take back."


def test_a_merge_undone_and_made_again_on_its_page_is_undone_as_it_stands():
    one, two = make_record("Jim Hacker"), make_record("James Hacker")
    DuplicateSuggestion.objects.create(a=one, b=two, probability=0.5)
    client = browser(in_role("merger"))
    client.get(f"{HOME}duplicates/")
    client.post("/admin/curation/merge/", {"ids": f"{one.pk},{two.pk}", "survivor": one.pk})
    client.get(f"{HOME}duplicates/")
    page = f"/admin/curation/merge/{Merge.objects.get().pk}/"
    client.post(f"{page}undo/")
    client.post(f"{page}redo/")
    assert "Merge undone" in send(client, "duplicates/undo/")["said"]
    assert not Merge.objects.filter(undone_at=None).exists()
    answer = send(client, "duplicates/undo/")
    assert (answer["ok"], answer["said"]) == (False, "This merge was undone already.")


# --- What cannot be taken back any more ------------------------------------------------------------------------------
def test_what_was_decided_about_is_gone_and_the_decision_forgotten(curator):
    one, two = make_record("Jim Hacker"), make_record("James Hacker")
    pair, link = DuplicateSuggestion.objects.create(a=one, b=two, probability=0.5), doubt()
    [group] = names(1)
    client = browser(curator)
    send(client, f"links/{link.pk}/", action="none")
    send(client, f"duplicates/{pair.pk}/", action="different")
    send(client, f"proposals/{group.pk}/", action="none")
    Link.objects.all().delete()
    Judgement.objects.all().delete()
    group.delete()
    for name, said in (("links", "nothing left"), ("duplicates", "not there any more"), ("proposals", "is gone")):
        answer = send(client, f"{name}/undo/")
        assert not answer["ok"]
        assert said in answer["said"]
        assert send(client, f"{name}/undo/")["said"] == "There is nothing to take back."


def remember(client: Client, name: str, *entries) -> None:
    session = client.session
    session[f"done:{name}"] = list(entries)
    session.save()


@pytest.mark.parametrize(
    "entry",
    [{}, "links", {"what": "skip"}, {"what": "links", "keys": ["x"]}, {"what": "verdict", "keys": []},
     {"what": "name", "mentions": []}, {"what": "reject many", "keys": 7}],
)  # fmt: skip
def test_what_cannot_be_read_in_a_session_is_forgotten(curator, entry):
    client = browser(curator)
    remember(client, "links", entry)
    answer = send(client, "links/undo/")
    assert (answer["ok"], answer["said"]) == (False, "The last decision cannot be taken back here any more.")
    assert send(client, "links/undo/")["said"] == "There is nothing to take back."


def test_a_decision_that_an_earlier_version_remembered_is_taken_back(curator):
    link = doubt()
    client = browser(curator)
    send(client, f"links/{link.pk}/", action="none")
    remember(client, "links", client.session["done:links"][0] | {"made": ""})
    assert "is open again" in send(client, "links/undo/")["said"]


# --- Several at once -----------------------------------------------------------------------------------------------------
def names(count: int) -> list[NilGroup]:
    made = [
        NilGroup(key=f"n {n}", name=f"N {n}", kind="person", mention_count=1, article_count=1) for n in range(count)
    ]
    return NilGroup.objects.bulk_create(made)


def test_several_names_are_rejected_and_taken_back_at_once(curator):
    first, second, theirs, fourth = names(4)
    queue.claim(Queue.PROPOSALS, theirs.pk, in_role("curator", "another"))
    client = browser(curator)
    answer = send(client, "proposals/reject/", marked=[first.pk, second.pk, theirs.pk], note="no people")
    assert "No record is wanted for 2 names" in answer["said"]
    assert "1 stays" in answer["said"]
    rejected = NilGroup.objects.filter(status="rejected", reason="no people", decided_by=curator)
    assert set(rejected) == {first, second}
    assert "2 names are proposed again" in send(client, "proposals/undo/")["said"]
    assert NilGroup.objects.filter(status="open").count() == 4
    assert not send(client, "proposals/reject/", marked=[theirs.pk])["ok"]
    assert fourth.status == "open"


def test_what_colleagues_decided_since_stays_when_a_rejection_of_many_is_taken_back(curator):
    other, record = in_role("curator", "another"), make_record()
    accepted, anew, *ours = names(5)
    client = browser(curator)
    send(client, "proposals/reject/", marked=[one.pk for one in (accepted, anew, *ours)])
    NilGroup.objects.filter(pk=accepted.pk).update(status="accepted", entity=record, mention_count=0)
    NilGroup.objects.filter(pk=anew.pk).update(decided_by=other)
    said = send(client, "proposals/undo/")["said"]
    assert said == "Taken back: 3 names are proposed again. 2 were decided anew since, and stay."
    assert set(NilGroup.objects.filter(status="open")) == set(ours)
    send(client, "proposals/reject/", marked=[ours[0].pk, ours[1].pk])
    NilGroup.objects.filter(pk=ours[0].pk).update(decided_by=other)
    said = send(client, "proposals/undo/")["said"]
    assert said == "Taken back: 1 name is proposed again. 1 was decided anew since, and stays."
    send(client, f"proposals/{ours[1].pk}/", action="none")
    NilGroup.objects.filter(pk=ours[1].pk).update(decided_by=other)
    assert not send(client, "proposals/undo/")["ok"]
    assert NilGroup.objects.get(pk=ours[1].pk).decided_by == other


def test_a_rejection_of_many_and_its_undo_cost_the_same_however_many_they_are(curator):
    costs = []
    for count in (2, 100):
        NilGroup.objects.all().delete()
        keys = [one.pk for one in names(count)]
        client = browser(curator)
        for address, data in (("reject", {"marked": keys}), ("undo", {})):
            with CaptureQueriesContext(connection) as queries:
                send(client, f"proposals/{address}/", **data)
            costs.append(len(queries))
    assert costs[:2] == costs[2:]


def test_what_a_colleague_rejected_meanwhile_stays_the_colleagues(curator):
    other = in_role("curator", "another")
    both, mine = names(2)
    proposals.reject_all([both], actor=other, reason="theirs")
    assert proposals.reject_all([both, mine], actor=curator) == [mine]
    both.refresh_from_db()
    assert (both.decided_by, both.reason) == (other, "theirs")
    with pytest.raises(ProposalError, match="None of these names waits"):
        proposals.reject_all([both, mine], actor=other)


def test_what_was_decided_while_it_was_marked_is_told_of(curator, monkeypatch):
    both, mine = names(2)
    free = queue.free

    def meanwhile(*asked):
        found = list(free(*asked))
        proposals.reject_all([both], actor=in_role("curator", "another"))
        return NilGroup.objects.filter(pk__in=[one.pk for one in found])

    monkeypatch.setattr(queue, "free", meanwhile)
    said = send(browser(curator), "proposals/reject/", marked=[both.pk, mine.pk])["said"]
    assert said.startswith("No record is wanted for 1 name;")
    assert "1 stays: decided already" in said


@pytest.mark.django_db(transaction=True)
def test_curators_who_reject_the_same_names_at_once_share_them():
    both = names(60)
    users = [User.objects.create_superuser(f"user{number}") for number in range(2)]
    rejected: dict[User, list[int]] = {user: [] for user in users}
    together = threading.Barrier(len(users))

    def work(user):
        try:
            for start in range(0, len(both), 3):
                together.wait(60)
                with contextlib.suppress(ProposalError):
                    done = proposals.reject_all(both[start : start + 3], actor=user)
                    rejected[user].extend(one.pk for one in done)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for user, keys in rejected.items():
        assert sorted(keys) == sorted(NilGroup.objects.filter(decided_by=user).values_list("pk", flat=True))
    assert NilGroup.objects.filter(status="rejected").count() == len(both)


def test_no_more_are_rejected_at_once_than_can_be_and_the_rest_is_told_of(curator):
    many = names(MARKED + 3)
    said = send(browser(curator), "proposals/reject/", marked=[one.pk for one in many])["said"]
    assert f"No record is wanted for {MARKED} names" in said
    assert f"Of the other 3 nothing was said: at most {MARKED} are settled at once." in said
    assert set(NilGroup.objects.filter(status="open")) == set(many[MARKED:])


def test_only_who_may_decide_rejects_several(curator):
    [one] = names(1)
    assert browser(in_role("viewer")).post(f"{HOME}proposals/reject/", {"marked": one.pk}).status_code == 403
    assert NilGroup.objects.get().status == "open"


# --- Further than what is shown -------------------------------------------------------------------------------------------
def test_as_many_items_are_shown_ahead_as_are_asked_for(curator):
    names(25)
    client = browser(curator)
    for shown, count, more in ((0, 10, 'data-more="20"'), (20, 20, 'data-more="30"'), (30, 25, "")):
        html = client.get(f"{HOME}proposals/ahead/?shown={shown}").content.decode()
        assert html.count("data-at=") == count
        assert ("data-more" in html) == bool(more)
        assert more in html
    key = NilGroup.objects.order_by("pk").first().pk
    assert send(client, f"proposals/{key}/", action="none", shown=20)["progress"].count("data-at=") == 20


def test_the_filters_in_use_are_named_with_the_way_out_of_them(curator):
    doubt()
    page = browser(curator).get(f"{HOME}links/?kind=person&source=The+Times").content.decode()
    assert "<bdi>kind People</bdi>" in page
    assert "<bdi>source The Times</bdi>" in page
    assert "Clear the filters" in page


def test_what_a_decision_made_is_linked_in_its_message(curator, unknown):
    client = browser(curator)
    answer = send(client, f"proposals/{unknown.pk}/", action="create", name="<b>Doe", kind="person")
    made = Entity.objects.get(name="<b>Doe")
    assert (answer["href"], answer["words"]) == (f"/admin/entities/entity/{made.pk}/change/", "<b>Doe")
    link = doubt()
    page = client.post(f"{HOME}links/{link.pk}/", {"entity": made.pk}, follow=True).content.decode()
    assert f'href="/admin/entities/entity/{made.pk}/change/"><bdi>&lt;b&gt;Doe</bdi></a>' in page


def test_a_second_record_of_one_name_is_made_only_where_that_is_said(curator, unknown):
    """In both queues, whatever the kind that is asked for."""
    link, client = doubt(), browser(curator)
    bank = make_record("World Bank", "organization", aliases=["<b>IBRD</b>"])
    make_record("<script>alert(1)</script>", "organization", aliases=["<b>IBRD</b>"])
    for address in (f"links/{link.pk}/", f"proposals/{unknown.pk}/"):
        for name in ("world  bank", "<b>IBRD</b>"):
            answer = send(client, address, action="create", name=name, kind="organization")
            assert not answer["ok"]
            assert f'value="{bank.pk}"' in answer["asks"]
            assert "<script>" not in answer["asks"]
    assert Entity.objects.count() == 4
    assert send(client, f"links/{link.pk}/", twin="1", name="World Bank", kind="organization")["ok"]
    assert send(client, f"proposals/{unknown.pk}/", action="create", twin="1", name="IBRD", kind="organization")["ok"]


def test_the_words_around_a_sentence_are_cut_between_words_with_a_sign(curator):
    around = " ".join(["anticonstitutionnellement"] * 40)
    article = make_article(f"{around}. Then Smith came. {around}.")
    mention = make_mention(article, "Smith", make_record(), status="review", probability=0.5)
    shown = passage_of(article, mention)
    assert set(shown.before.split()) == {"…", "anticonstitutionnellement", "anticonstitutionnellement."}
    assert set(shown.after.split()) == {"…", "anticonstitutionnellement"}
    assert shown.before.startswith("…")
    assert shown.after.endswith("…")
