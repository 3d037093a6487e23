"""fsck: silent on what is right, and able to see every breach."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from articles.models import Link, Mention, NilGroup
from entities.candidates import CandidateIndex
from entities.guards import put_up
from entities.invariants import ask_inspection, inspect, inspect_due
from entities.merging import merge, undo
from entities.models import Alias, Entity, Event, Inspection, Judgement, Relation
from tests.factories import make_alias, make_article, make_mention, make_record, make_term

pytestmark = pytest.mark.django_db


def breaches() -> dict[str, int]:
    return {one.name: one.count for one in inspect(store=False) if one.count}


@pytest.fixture
def pair():
    """Two merged records and one apart, with an article."""
    a, b, c = make_record("A. One"), make_record("B. Two"), make_record("C. Three")
    article = make_article("A. One met B. Two and C. Three.")
    for record, surface in ((a, "A. One"), (b, "B. Two"), (c, "C. Three")):
        make_mention(article, surface, record)
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=None)
    CandidateIndex().index_aliases(list(Alias.objects.values_list("pk", flat=True)))
    return a, b, c, done


def test_all_is_well_after_a_merge_and_after_its_undo(pair):
    assert breaches() == {}
    undo(pair[3], actor=None)
    assert breaches() == {}


def strand(a, b, c, done):
    Alias.objects.filter(entity=a, name="B. Two").update(entity=b)


def chain(a, b, c, done):
    Entity.objects.filter(pk=a.pk).update(merged_into=c)


def circle(a, b, c, done):
    Entity.objects.filter(pk=a.pk).update(merged_into=b)


def free(a, b, c, done):
    Entity.objects.filter(pk=b.pk).update(merged_into=None)


def silent(a, b, c, done):
    Entity.objects.filter(pk=c.pk).update(merged_into=a)


def double_event(a, b, c, done):
    Event.objects.create(entity=a, other=b, type="merged", after={"merge": done.pk})


def rename(a, b, c, done):
    Event.objects.create(entity=c, type="edited", before={"name": "X"}, after={"name": "Y"})


def contradict(a, b, c, done):
    Judgement.objects.create(a=a, b=b, verdict="different")


def nameless(a, b, c, done):
    Entity.objects.filter(pk=c.pk).update(name="Nobody")


def old_key(a, b, c, done):
    Alias.objects.filter(name="C. Three").update(key="something")


def shift(a, b, c, done):
    Mention.objects.filter(surface="C. Three").update(end=31)


def unlink(a, b, c, done):
    Link.objects.filter(entity=c).delete()


def dangle(a, b, c, done):
    Link.objects.filter(mention__surface="B. Two").update(entity=b)


def miscount(a, b, c, done):
    NilGroup.objects.create(key="x", name="X", mention_count=3)


def misplace(a, b, c, done):
    make_term(a, "King", state=c)


def misplace_an_organization(a, b, c, done):
    make_term(a, "Chair", organization=c)


def belong(a, b, c, done):
    Relation.objects.create(entity=a, origin=a, type="state", target=c)


@pytest.mark.parametrize(
    ("harm", "check"),
    [
        (misplace, "kinds_fit"),
        (misplace_an_organization, "kinds_fit"),
        (belong, "kinds_fit"),
        (strand, "facts_on_live_records"),
        (strand, "journals_replay"),
        (chain, "redirects_flat"),
        (circle, "no_cycles"),
        (free, "merges_stand"),
        (silent, "merges_stand"),
        (double_event, "one_event_each"),
        (rename, "fields_replay"),
        (contradict, "verdicts_kept"),
        (nameless, "own_names"),
        (old_key, "alias_keys"),
        (shift, "offsets_match"),
        (unlink, "one_live_link"),
        (dangle, "links_on_live_records"),
        (miscount, "group_counts"),
    ],
)
def test_every_breach_is_seen(pair, harm, check):
    harm(*pair)
    assert breaches().get(check)


def test_the_command_prints_keeps_its_verdict_and_exits_non_zero_on_a_breach(pair, capsys):
    call_command("fsck")
    assert "BREACH" not in capsys.readouterr().out
    strand(*pair)
    with pytest.raises(SystemExit) as raised:
        call_command("fsck", "--json")
    assert raised.value.code == 1
    told = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert told["facts_on_live_records"]["count"] == 1
    assert Inspection.objects.first().breaches > 0


def test_a_check_that_is_asked_for_is_done_once_by_one_worker(pair, admin_user):
    assert not inspect_due()
    asked = ask_inspection(admin_user)
    assert ask_inspection(admin_user) == asked
    strand(*pair)
    assert inspect_due()
    assert not inspect_due()
    [told] = Inspection.objects.all()
    assert (told.asked_by, told.breaches > 0, told.inspected_at is None) == (admin_user, True, False)


def test_a_check_whose_worker_died_is_taken_up_again(pair, admin_user):
    asked = ask_inspection(admin_user)
    Inspection.objects.update(begun_at=timezone.now() - timedelta(minutes=30))
    assert not inspect_due()  # another may still be at it
    Inspection.objects.update(begun_at=timezone.now() - timedelta(hours=3))
    assert inspect_due()
    asked.refresh_from_db()
    assert asked.inspected_at is not None


def test_what_is_written_to_a_merged_record_goes_to_the_survivor(pair):
    a, b, _, _ = pair
    make_alias(b, "Late name")
    assert Alias.objects.get(name="Late name").entity_id == a.pk
    mention = make_mention(make_article("B. Two again"), "B. Two", b)
    assert mention.links.get().entity_id == a.pk


def test_keys_that_an_upgrade_made_stale_are_renewed_with_the_index(pair):
    old_key(*pair)
    assert breaches()["alias_keys"] == 1
    call_command("rebuild_index")
    assert breaches() == {}


@pytest.mark.parametrize(
    "values",
    [
        {"reason": "something else"},
        {"after": {"name": "X"}},
        {"before": {}, "after": {"erased": 1}, "reason": "", "type": "edited"},
        {"before": {}, "after": {"erased": 1}, "reason": "", "actor": None, "happened_at": timezone.now()},
        {"before": {}, "after": {"erased": 1}, "reason": "still here"},
        {"before": {"name": "X"}, "after": {"erased": 1}, "reason": ""},
    ],
)
def test_events_cannot_be_changed(pair, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.update(**values)


def test_events_cannot_be_deleted(pair):
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM entities_event")


def test_a_guard_that_is_gone_is_a_breach_and_comes_back(pair):
    on_table = " ON entities_event" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER entities_event_append_only{on_table}")
    assert breaches()["guards_stand"] == 1
    put_up()
    assert breaches() == {}
