"""The pages for merging, undoing, splitting, history and radar without a browser: who may, refusals, queries."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from articles.models import Link
from entities import merging
from entities.models import Dismissal, Entity, Event, Merge, Split
from tests.factories import make_alias, make_article, make_mention, make_record, make_term

pytestmark = pytest.mark.django_db
HOME = "/admin/curation/"


def in_role(name: str) -> Client:
    user = User.objects.create_user(f"a {name}", is_staff=True)
    user.groups.add(Group.objects.get(name=name))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def merger() -> Client:
    return in_role("merger")


@pytest.fixture
def pair() -> tuple[Entity, Entity]:
    one, two = make_record("Jim Hacker", prominence=1), make_record("James Hacker", description="A minister")
    return one, two


def ids(*records: Entity) -> str:
    return ",".join(str(record.pk) for record in records)


# --- Who may ---------------------------------------------------------------------------------------------------------
def test_whoever_is_not_logged_in_is_sent_to_the_login(client, pair):
    for address in ("merge/?ids=1,2", f"split/{pair[0].pk}/", f"history/{pair[0].pk}/", "radar/"):
        answer = client.get(HOME + address)
        assert answer.status_code == 302
        assert "login" in answer["Location"]


def test_a_viewer_looks_but_does_not_merge_undo_or_split(pair):
    viewer = in_role("viewer")
    one, two = pair
    page = viewer.get(f"{HOME}merge/?ids={ids(one, two)}")
    assert page.status_code == 200
    assert b'data-key="m"' not in page.content
    assert viewer.post(f"{HOME}merge/", {"ids": ids(one, two)}).status_code == 403
    assert viewer.post(f"{HOME}split/{one.pk}/", {"name": "Other", "kind": "person"}).status_code == 403
    done = merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=None)
    assert b'data-key="u"' not in viewer.get(f"{HOME}merge/{done.pk}/").content
    assert viewer.post(f"{HOME}merge/{done.pk}/undo/").status_code == 403
    three = make_record("Bernard")
    parted = merging.split(source_id=three.pk, name="Bernard Woolley", actor=None)
    assert viewer.post(f"{HOME}splits/{parted.pk}/undo/").status_code == 403
    assert (Merge.objects.get().undone_at, Split.objects.get().undone_at) == (None, None)


def test_whoever_may_not_see_records_sees_none_of_it(pair):
    nobody = Client()
    nobody.force_login(User.objects.create_user("new", is_staff=True))
    for address in (f"merge/?ids={ids(*pair)}", f"split/{pair[0].pk}/", f"history/{pair[0].pk}/", "radar/"):
        assert nobody.get(HOME + address).status_code == 403


def test_the_list_offers_the_action_to_mergers_alone(merger, pair):
    assert b"merge_selected" in merger.get("/admin/entities/entity/").content
    assert b"merge_selected" not in in_role("viewer").get("/admin/entities/entity/").content


def test_the_action_leads_to_the_merge_page(merger, pair):
    one, two = pair
    data = {"action": "merge_selected", "_selected_action": [one.pk, two.pk]}
    answer = merger.post("/admin/entities/entity/", data)
    assert answer["Location"] == f"{HOME}merge/?ids={ids(one, two)}"
    data["_selected_action"] = [one.pk]
    assert b"Select two to" in merger.post("/admin/entities/entity/", data, follow=True).content


# --- Merge and undo --------------------------------------------------------------------------------------------------
def test_what_was_merged_meanwhile_is_shown_as_what_it_is_now(merger, pair):
    one, two = pair
    three = make_record("Sir Humphrey")
    merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=None)
    page = merger.get(f"{HOME}merge/?ids={ids(two, three)}")
    assert [record.pk for record, _ in page.context["records"]] == [one.pk, three.pk]
    assert "was merged into ‹Jim Hacker› already" in page.content.decode()


def test_what_stands_in_place_of_an_empty_description_is_shown(merger):
    one = make_record("Ada One", summary="former beekeeper")
    two = make_record("Ada Two", description="A poet")
    page = merger.get(f"{HOME}merge/?ids={ids(one, two)}").content.decode()
    assert 'Former beekeeper</bdi> <span class="rd-quiet">made from the facts' in page


def test_a_page_that_is_out_of_date_merges_nothing(merger, pair):
    one, two = pair
    three = make_record("Sir Humphrey")
    merging.merge(survivor_id=three.pk, absorbed_id=one.pk, actor=None)
    page = merger.post(f"{HOME}merge/", {"ids": ids(one, two), "survivor": one.pk})
    assert "not what you saw" in page.context["refusal"]
    assert Merge.objects.count() == 1
    assert [record.pk for record, _ in page.context["records"]] == [three.pk, two.pk], "what it would be now"


def test_what_moves_is_said_in_words_before_and_after(merger, pair):
    one, two = pair
    make_alias(two, "Jimbo")
    page = merger.get(f"{HOME}merge/?ids={ids(one, two)}").content.decode()
    assert "What moves to it: 2 names." in page
    done = merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=None)
    page = " ".join(merger.get(f"{HOME}merge/{done.pk}/").content.decode().split())
    told = merging.counts_in_words(merging.plan_undo(done).rows)
    assert f"The merge touched {told}." in page


def test_more_records_than_are_merged_at_once_are_told_of(merger):
    records = [make_record() for _ in range(merging.MAX_TOGETHER + 1)]
    page = merger.get(f"{HOME}merge/?ids={ids(*records)}")
    assert f"The first {merging.MAX_TOGETHER} are shown" in page.content.decode()
    assert len(page.context["records"]) == merging.MAX_TOGETHER


@pytest.mark.parametrize("text", ["", "1", "x,y", "99999999,99999998", "-1,2", "1" * 40, ",,,", "１,２"])
def test_odd_addresses_ask_for_records(merger, text):
    page = merger.get(f"{HOME}merge/", {"ids": text, "survivor": "z", "q": "\0"})
    assert page.status_code == 200
    assert page.context["comparison"] is None
    assert merger.post(f"{HOME}merge/", {"ids": text}).context["refusal"]


def test_what_was_left_as_proposed_is_not_the_curators_choice(merger, pair):
    one, two = pair
    data = {"ids": ids(one, two), "survivor": one.pk, "field:description": two.pk, "field:name": two.pk}
    merger.post(f"{HOME}merge/", data)
    one.refresh_from_db()
    assert (one.name, one.description, one.curated_fields) == ("James Hacker", "A minister", ["name"])


def test_a_merged_id_leads_to_the_survivor_on_every_page(merger, client, pair):
    one, two = pair
    done = merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=None)
    for address in (f"/records/{two.public_id}/", f"/api/v1/records/{two.public_id}/"):
        answer = client.get(address)
        assert answer.status_code in (301, 302, 307, 308), address
        assert one.public_id in answer["Location"]
    split = merger.get(f"{HOME}split/{two.pk}/")
    assert split["Location"] == f"{HOME}split/{one.pk}/"
    assert merger.get(f"{HOME}history/{two.pk}/").status_code == 200
    assert merger.get(f"{HOME}merge/{done.pk}/").status_code == 200


def test_a_second_undo_says_that_it_is_done(merger, pair):
    one, two = pair
    done = merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=None)
    for _ in range(2):
        assert merger.post(f"{HOME}merge/{done.pk}/undo/").status_code == 302
    assert Event.objects.filter(type="restored").count() == 1


def test_an_undo_with_nothing_to_choose_is_planned_once(merger, pair, django_assert_max_num_queries):
    one, two = pair
    done = merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=None)
    with django_assert_max_num_queries(50):
        assert merger.post(f"{HOME}merge/{done.pk}/undo/").status_code == 302
    assert Merge.objects.get().undone_at is not None


def test_a_choice_that_is_none_is_refused(merger, pair):
    one, two = pair
    done = merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=None)
    alias = make_alias(one, "The Rt Hon")
    data = {f"choice:entities.alias:{alias.pk}": "elsewhere"}
    page = merger.post(f"{HOME}merge/{done.pk}/undo/", data)
    assert "is no choice" in page.context["refusal"]
    assert Merge.objects.get().undone_at is None


def test_three_are_undone_with_each_later_fact_where_it_belongs(merger):
    one, two, three = (make_record(f"Minister {number}", prominence=number) for number in (1, 2, 3))
    merging.merge_many(survivor_id=one.pk, absorbed_ids=[two.pk, three.pk], actor=None)
    done = Merge.objects.order_by("pk")
    added = {record: make_alias(one, f"added, {record.name}") for record in (one, two, three)}
    page = merger.get(f"{HOME}merge/{done[0].pk}/")
    assert [len(edit.options) for edit, _ in page.context["edits"]] == [4, 4, 4], "one of the three, or none"
    wanted = {one: "survivor", two: f"absorbed:{done[0].pk}", three: f"absorbed:{done[1].pk}"}
    data = {f"choice:entities.alias:{alias.pk}": wanted[record] for record, alias in added.items()}
    assert merger.post(f"{HOME}merge/{done[0].pk}/undo/", data).status_code == 302
    for record, alias in added.items():
        alias.refresh_from_db()
        assert alias.entity_id == record.pk


def test_hostile_names_and_reasons_are_text(merger):
    evil = '"><script>alert(1)</script>'
    one, two = make_record(evil, description=evil), make_record("Other " + evil, attributes={evil: evil})
    make_mention(make_article(f"Then {evil} came."), evil, one)
    answers = [merger.get(f"{HOME}merge/?ids={ids(one, two)}&q=%3Cscript%3E"), merger.get(f"{HOME}split/{one.pk}/")]
    done = merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=None, reason=evil)
    answers += [merger.get(f"{HOME}merge/{done.pk}/"), merger.get(f"{HOME}history/{one.pk}/?on={evil}")]
    for answer in answers:
        assert answer.status_code == 200
        assert b"<script>alert" not in answer.content


def test_what_speaks_against_a_merge_without_stopping_it_is_listed(merger):
    page = merger.get(f"{HOME}merge/?ids={ids(make_record('Margaret Ames'), make_record('John Minor'))}")
    html = page.content.decode()
    assert "What speaks against it" in html
    assert "have no name alike" in html
    assert 'name="override"' not in html


# --- Split -----------------------------------------------------------------------------------------------------------
def test_what_came_with_a_merged_record_is_ticked_as_a_whole(merger, pair):
    one, two = pair
    make_alias(two, "Jim from the department")
    merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=None)
    page = merger.get(f"{HOME}split/{one.pk}/?from={two.pk}")
    ticked = {choice.text for part in page.context["parts"] for choice in part.rows if choice.is_chosen}
    assert ticked == {"James Hacker", "Jim from the department"}
    filled = {name: page.context["form"][name].value() for name in ("name", "kind", "valid_from")}
    assert filled == {"name": two.name, "kind": two.kind, "valid_from": two.valid_from}


def test_the_name_a_record_goes_by_is_not_ticked_with_what_came_along(merger, pair):
    one, two = pair
    make_alias(two, "Jim from the department")
    merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=None, fields={"name": two.pk})
    page = merger.get(f"{HOME}split/{one.pk}/?from={two.pk}")
    [names] = [part for part in page.context["parts"] if part.sort == "aliases"]
    told = {choice.text: (choice.is_chosen, choice.stays) for choice in names.rows}
    assert told["Jim from the department"] == (True, "")
    assert told[two.name] == (False, "stays: the record's own name")
    assert "stays: the record" in page.content.decode()
    ticked = {part.sort: [choice.pk for choice in part.rows if choice.is_chosen] for part in page.context["parts"]}
    answer = merger.post(f"{HOME}split/{one.pk}/", {"name": "Jim", "kind": "person", **ticked})
    assert answer.status_code == 302


def test_a_split_that_is_refused_keeps_what_was_ticked(merger, pair):
    one, _ = pair
    alias = make_alias(one, "Another Jim")
    page = merger.post(f"{HOME}split/{one.pk}/", {"kind": "person", "aliases": [alias.pk], "valid_from": "long ago"})
    assert "Name the new record" in page.context["refusal"]
    [part] = [part for part in page.context["parts"] if part.sort == "aliases"]
    assert [choice.text for choice in part.rows if choice.is_chosen] == ["Another Jim"]


def test_every_mention_of_a_wording_goes(merger, pair):
    one, _ = pair
    for surface in ("Jim", "Jim", "Hacker"):
        make_mention(make_article(f"Then {surface} came."), surface, one)
    data = {"name": "Jim of Dallas", "kind": "person", "surfaces": ["Jim"]}
    assert merger.post(f"{HOME}split/{one.pk}/", data).status_code == 302
    target = Split.objects.get().target
    assert Link.objects.live().filter(entity=target).count() == 2
    assert Link.objects.live().filter(entity=one).count() == 1


# --- History ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("on", ["yesterday", "2026-13-01", "9999-12-31", "0000-01-01", "\0", "2026-02-30"])
def test_odd_days_are_named(merger, pair, on):
    page = merger.get(f"{HOME}history/{pair[0].pk}/", {"on": on})
    assert page.status_code == 200
    assert page.context["complaint"] or page.context["state"] is not None or on == "\0"


def test_the_day_before_it_was_made_there_was_no_record(merger, pair):
    assert "did not exist yet" in merger.get(f"{HOME}history/{pair[0].pk}/?on=1999-01-01").content.decode()


# --- Radar -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def suspect() -> Entity:
    record = make_record("Jim <Hacker>", valid_from="1950")
    make_term(record, "Minister", state=make_record("One", "state"), start="1900")
    return record


def test_what_is_fine_leaves_the_radar_and_comes_back_with_its_reason(suspect):
    curator = in_role("curator")
    address = f"{HOME}radar/{suspect.pk}/"
    page = curator.post(address, {"reason": "a typing error", "next": "7"}, follow=True)
    assert page.redirect_chain[0][0] == f"{HOME}radar/#r7"
    html = page.content.decode()
    assert f'href="/admin/entities/entity/{suspect.pk}/change/"><bdi>Jim &lt;Hacker&gt;</bdi></a>› is one' in html
    assert "No record contradicts itself" in html
    assert "a typing error" in curator.get(f"{HOME}radar/?fine=1").content.decode()
    html = curator.post(f"{HOME}radar/undo/", follow=True).content.decode()
    assert "is listed again" in html
    assert 'value="a typing error"' in html
    assert "nothing to take back" in curator.post(f"{HOME}radar/undo/", follow=True).content.decode()
    curator.post(address)
    html = curator.post(f"{HOME}radar/undo/", {"dismissal": Dismissal.objects.first().pk}, follow=True).content.decode()
    assert "is listed again" in html
    told = curator.get(f"{HOME}history/{suspect.pk}/").content.decode()
    assert "was judged to be one" in told
    assert "a typing error" in told


def test_a_viewer_dismisses_nothing(suspect):
    viewer = in_role("viewer")
    assert "This is fine" not in viewer.get(f"{HOME}radar/").content.decode()
    assert viewer.post(f"{HOME}radar/{suspect.pk}/").status_code == 403
    assert not Dismissal.objects.exists()


def test_what_was_done_leads_to_the_records(merger, pair):
    one, two = pair
    page = merger.post(f"{HOME}merge/", {"ids": ids(one, two), "survivor": one.pk}, follow=True).content.decode()
    for record in pair:
        assert (
            f'<a class="rd-link" href="/admin/entities/entity/{record.pk}/change/"><bdi>{record.name}</bdi></a>›'
            in page
        )


def test_what_is_missing_to_merge_in_spite_of_it_is_said_exactly(merger):
    one, two = make_record("Ada One", valid_from="1901"), make_record("Ada Two", valid_from="1849")
    data = {"ids": ids(one, two), "survivor": one.pk, "reason": "a slip"}
    page = merger.post(f"{HOME}merge/", data)
    told = "Nothing was merged. If they are one, tick “They are one all the same, and the reason below says why” (o)."
    assert (page.context["refusal"], page.context["missing"]) == (told, "override")
    page = merger.post(f"{HOME}merge/", data | {"reason": " ", "override": "on"})
    assert (page.context["refusal"].partition(" (t)")[0], page.context["missing"]) == (
        "Nothing was merged. Write the reason", "reason",
    )  # fmt: skip
    assert merger.post(f"{HOME}merge/", data | {"override": "on"}).status_code == 302


def test_the_record_one_came_from_is_proposed_and_it_is_said_why(merger):
    one, two = make_record("World Bank", prominence=3), make_record("Asian Bank", prominence=1)
    page = merger.get(f"{HOME}merge/?ids={ids(one, two)}&from={one.pk}")
    assert page.context["comparison"].survivor == one
    assert "proposed: you came from it" in page.content.decode()
    assert merger.get(f"{HOME}merge/?ids={ids(one, two)}").context["why"] == "it is the better known one"
    for number in range(6):
        make_alias(two, f"AB {number}")
    page = merger.get(f"{HOME}merge/?ids={ids(one, two)}&from={one.pk}")
    assert (page.context["comparison"].survivor, page.context["why"]) == (
        two, "it says far more than the one you came from",
    )  # fmt: skip


def test_keys_that_do_nothing_yet_are_not_shown(merger, pair):
    page = merger.get(f"{HOME}merge/?ids={pair[0].pk}").content.decode()
    assert "whose value" not in page
    assert "whose value" in merger.get(f"{HOME}merge/?ids={ids(*pair)}").content.decode()


def test_from_a_later_merge_that_had_to_be_undone_first_the_way_leads_back(merger):
    a, b, c, d = (make_record(f"R {name}") for name in "ABCD")
    first = merging.merge(survivor_id=a.pk, absorbed_id=b.pk, actor=None)
    second = merging.merge(survivor_id=c.pk, absorbed_id=a.pk, actor=None)
    third = merging.merge(survivor_id=d.pk, absorbed_id=c.pk, actor=None)
    page = merger.get(f"{HOME}merge/{first.pk}/")
    assert page.context["obstacle"].endswith(f"?back=m{first.pk}")
    page = merger.get(f"{HOME}merge/{second.pk}/?back=m{first.pk}")
    assert page.context["obstacle"] == f"{HOME}merge/{third.pk}/?back=m{second.pk},m{first.pk}"
    page = merger.post(f"{HOME}merge/{third.pk}/undo/", {"back": f"m{second.pk},m{first.pk}"}, follow=True)
    assert page.context["back_address"] == f"{HOME}merge/{second.pk}/?back=m{first.pk}"
    assert f"Back to merge {second.pk}, which waited for this" in page.content.decode()
    assert merger.get(f"{HOME}merge/{first.pk}/?back=x1,m,s٣").context["back_address"] == ""


def test_records_of_one_name_are_told_apart_in_the_list_of_merges(merger):
    one, two = make_record("Same Name"), make_record("Same Name")
    merging.merge(survivor_id=one.pk, absorbed_id=two.pk, actor=None)
    page = merger.get("/admin/entities/merge/").content.decode()
    assert one.public_id in page
    assert two.public_id in page
