"""Any sequence of merges, undos, splits, edits, verdicts, imports and decisions about mentions: the invariants hold,
every id answers, what a person decided stands, and all can be taken back."""

from __future__ import annotations

import itertools
import json
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from articles import review
from articles.models import Link, Mention
from entities.editing import EditError, edit_record, save_fact, withdraw_fact
from entities.exporting import refdesk
from entities.importing import import_files
from entities.invariants import inspect
from entities.judging import judge
from entities.merging import MergeError, merge, redo, redo_split, split, undo, undo_split
from entities.models import Alias, Entity, Identifier, Judgement, Relation, SourceRecord, Term
from tests.entities.dump import dump
from tests.factories import make_article, make_mention, make_record, make_term

pytestmark = pytest.mark.django_db

# Shrinking replays everything against the database, for minutes; what failed is short enough to be read.
_UNHURRIED = {
    "deadline": None, "suppress_health_check": list(HealthCheck), "phases": (Phase.explicit, Phase.reuse, Phase.generate),
}  # fmt: skip

_COUNT = 6
_NAMES = ("Shared", "Common", "Both")
_UNSURE = "unsure"


def populate() -> list[Entity]:
    """Six records full of doubles of each other's facts, verdicts, references, and an article that mentions them."""
    state = make_record("Stateland", "state")
    records = [
        make_record(
            f"Person {n}", aliases=[_NAMES[n % 3], {"name": "Same", "lang": "en"}], prominence=n % 3 + 1,
            description="" if n % 2 else f"text {n}", attributes={"gender": "x"} if n % 2 else {f"key{n}": n},
        )
        for n in range(_COUNT)
    ]  # fmt: skip
    for n, record in enumerate(records):
        make_term(record, "Minister", state=state, start="2000")
        Relation.objects.create(entity=record, origin=record, type="state", target=state)
        Relation.objects.create(entity=state, origin=state, type="member", target=record, start="1999")
        Identifier.objects.create(
            entity=record, origin=record, scheme="wikidata", value=f"Q{n % 2}", is_contested=n > 1
        )
        official = make_record(f"Official {n}")
        Relation.objects.create(entity=official, origin=official, type="successor", target=record)
    text = " ".join(record.name for record in records)
    article = make_article(text)
    for record in records:
        make_mention(article, record.name, record, candidates=records[:3])
    Judgement.objects.create(a=records[0], b=records[4], verdict="unsure")
    Judgement.objects.create(a=records[2], b=records[4], verdict="same")
    return records


@contextmanager
def refused(*words: str):
    """Inside, an operation may be refused, but in these words alone."""
    try:
        yield
    except MergeError as error:
        if not any(word in str(error) for word in words):
            raise


class Curation(RuleBasedStateMachine):
    """Curators and importers at work on six records and more, in a transaction that is rolled back at the end."""

    merges = Bundle("merges")
    splits = Bundle("splits")

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.ids: list[str] = []
        self.numbers = itertools.count()
        # mention → id of the record that a person chose, none, or unsure
        self.decided: dict[int, str | None] = {}

    def teardown(self):
        try:
            self.every_id_answers_on_the_site_and_in_the_api()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def every_id_answers_on_the_site_and_in_the_api(self):
        client = Client()
        for public_id in self.ids:
            wanted = Entity.objects.resolve(public_id).public_id
            for address in (f"/records/{public_id}/", f"/api/v1/records/{public_id}/"):
                answer = client.get(address)
                if wanted == public_id:
                    assert answer.status_code == 200, address
                else:  # one step, to the record that answers
                    assert answer.status_code in (301, 302, 307, 308), address
                    assert answer["Location"].endswith(f"/{wanted}/"), address
                    assert client.get(answer["Location"]).status_code == 200

    @initialize()
    def begin(self):
        records = populate()
        self.ids = [record.public_id for record in records]
        self.chief = User.objects.create_superuser("chief")
        self.mentions = list(Mention.objects.order_by("pk"))

    def live(self, position: int) -> Entity:
        return Entity.objects.resolve(self.ids[position % len(self.ids)])

    @rule(target=merges, one=st.integers(0, 9), two=st.integers(0, 9), takes=st.booleans())
    def merging(self, one, two, takes):
        a, b = self.live(one), self.live(two)
        if a == b:
            return None
        fields = {"description": b.pk} if takes else {}
        return merge(
            survivor_id=a.pk, absorbed_id=b.pk, actor=None, fields=fields, override=True, reason="for the test"
        ).pk

    @rule(pk=merges)
    def undoing(self, pk):
        if pk is not None:
            with refused("Undo that first"):
                undo(pk, actor=None, choices={})

    @rule(target=merges, pk=consumes(merges))
    def redoing(self, pk):
        if pk is None:
            return None
        with refused("nothing to redo", "already", "If they are one"):
            return redo(pk, actor=None).pk
        return None

    @rule(target=splits, one=st.integers(0, 9), to=st.one_of(st.none(), st.integers(0, 9)), seed=st.integers(0, 7))
    def splitting(self, one, to, seed):
        source = self.live(one)
        target = None if to is None else self.live(to)
        if source == target:
            return None
        rows = {
            "aliases": [
                pk
                for pk, name in Alias.objects.in_use().filter(entity=source).values_list("pk", "name")
                if name != source.name and pk % 3 == seed % 3
            ],
            "terms": list(Term.objects.in_use().filter(entity=source).values_list("pk", flat=True)[:seed]),
            "incoming_relations": list(
                Relation.objects.in_use().filter(target=source).values_list("pk", flat=True)[: seed // 2]
            ),
        }  # fmt: skip
        if target is not None and not any(rows.values()):
            return None
        done = split(
            source_id=source.pk,
            target_id=target and target.pk,
            name=f"Split {next(self.numbers)}",
            rows=rows,
            actor=None,
        )
        if target is None:
            self.ids.append(done.target.public_id)
        return done.pk

    @rule(pk=splits, again=st.booleans())
    def taking_back_a_split(self, pk, again):
        if pk is None:
            return
        with refused("Undo that first", "nothing was changed"):
            undo_split(pk, actor=None)
            if again:
                redo_split(pk, actor=None)

    @rule(one=st.integers(0, 9), two=st.integers(0, 9), verdict=st.sampled_from(["same", "different", "unsure"]))
    def judging(self, one, two, verdict):
        a, b = self.live(one), self.live(two)
        if a != b:
            judge(a.pk, b.pk, verdict, actor=self.chief)

    @rule(one=st.integers(0, 9), two=st.integers(0, 9))
    def merging_without_a_reason(self, one, two):
        """A verdict “different”, or any other contradiction, stops it, and nothing is changed."""
        a, b = self.live(one), self.live(two)
        if a == b:
            return
        first, second = sorted((a.pk, b.pk))
        apart = Judgement.objects.filter(a=first, b=second, verdict="different", superseded_at=None).exists()
        before = dump()
        try:
            merge(survivor_id=a.pk, absorbed_id=b.pk, actor=None)
        except MergeError:
            assert dump() == before
        else:
            assert not apart

    @rule(one=st.integers(0, 9), record=st.one_of(st.none(), st.integers(0, 9)))
    def deciding_about_a_mention(self, one, record):
        mention = self.mentions[one % len(self.mentions)]
        if record is None:
            review.mark_nil(mention, self.chief)
            self.decided[mention.pk] = None
        else:
            chosen = self.live(record)
            review.link_to(mention, chosen, self.chief)
            self.decided[mention.pk] = chosen.public_id

    @rule(one=st.integers(0, 9), is_taken_up=st.booleans())
    def doubting_a_mention(self, one, is_taken_up):
        mention = self.mentions[one % len(self.mentions)]
        done = review.mark_unsure(mention, self.chief)
        if is_taken_up:
            review.take_up(done.links[0], self.chief)
            self.decided.pop(mention.pk, None)
        else:
            self.decided[mention.pk] = _UNSURE

    @rule(key=st.integers(0, 3), version=st.integers(0, 2), shared=st.booleans())
    def importing(self, key, version, shared):
        """Rows that are new, known or changed, some with an id that a record has already."""
        row = {
            "key": f"feed:{key}", "kind": "person", "name": f"Fed {key}" + " again" * (version == 2),
            "description": f"version {version}",
            "aliases": [{"name": f"Fed {key}.{version}"}, {"name": "Shared"}],
            "roles": [{"title": "Envoy", "from": f"199{version}"}], "source": "Feed", "source_licence": "CC0-1.0",
        }  # fmt: skip
        if shared:
            row["wikidata"] = f"Q{key % 2}"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "feed.jsonl"
            path.write_text(json.dumps(row) + "\n", encoding="utf-8")
            report = import_files([path])
        assert not report.errors
        fed = SourceRecord.objects.get(source_name="Feed", key=f"feed:{key}").entity
        assert fed.is_current
        if fed.public_id not in self.ids:
            self.ids.append(fed.public_id)

    @rule(one=st.integers(0, 9), what=st.sampled_from(["name", "description", "alias", "withdraw"]))
    def editing(self, one, what):
        record = self.live(one)
        if what == "alias":
            save_fact(Alias(entity=record, name=f"Alias {next(self.numbers)}"), None)
        elif what == "withdraw":
            try:
                withdraw_fact(record.aliases.in_use().order_by("-pk").first(), None)
            except EditError as error:
                assert "own name" in str(error)
        else:
            setattr(record, what, f"{what} {next(self.numbers)}")
            edit_record(record, None)

    @invariant()
    def every_id_answers(self):
        for public_id in self.ids:
            assert Entity.objects.resolve(public_id).is_current

    @invariant()
    def what_a_person_decided_stands(self):
        for mention, public_id in self.decided.items():
            link = Link.objects.live().get(mention=mention)
            assert link.actor == self.chief
            assert link.is_unsure is (public_id == _UNSURE)
            if link.is_unsure:
                continue  # the record beside it is the engine's best guess, and goes along with it
            wanted = None if public_id is None else Entity.objects.resolve(public_id).pk
            assert link.entity_id == wanted

    @invariant()
    def nothing_is_breached(self):
        if not self.ids:
            return
        found = {one.name: one.examples for one in inspect(store=False) if one.count}
        # Names that the factories made were never put into the index; a test forces merges against verdicts.
        found.pop("index_complete", None)
        assert not found


def test_any_sequence_of_curation_keeps_the_invariants():
    run_state_machine_as_test(
        Curation,
        settings=settings(max_examples=8, stateful_step_count=12, **_UNHURRIED),
    )


@pytest.mark.full
def test_any_long_sequence_of_curation_keeps_the_invariants():
    run_state_machine_as_test(
        Curation,
        settings=settings(max_examples=200, stateful_step_count=40, **_UNHURRIED),
    )


pairs = st.lists(st.tuples(st.integers(0, _COUNT - 1), st.integers(0, _COUNT - 1)), min_size=1, max_size=8)


def apply(records: list[Entity], chosen: list[tuple[int, int]]) -> list[int]:
    done = []
    for one, two in chosen:
        a = Entity.objects.resolve(records[one].public_id)
        b = Entity.objects.resolve(records[two].public_id)
        if a != b:
            done.append(merge(survivor_id=a.pk, absorbed_id=b.pk, actor=None, override=True, reason="for the test").pk)
    return done


@settings(max_examples=10, **_UNHURRIED)
@given(chosen=pairs)
def test_merges_undone_in_reverse_order_leave_every_byte_as_it_was(chosen):
    with transaction.atomic():
        records = populate()
        before, exported = dump(articles=True), "".join(refdesk.lines(Entity.objects.all(), True))
        for pk in reversed(apply(records, chosen)):
            undo(pk, actor=None)
        assert dump(articles=True) == before
        assert "".join(refdesk.lines(Entity.objects.all(), True)) == exported
        transaction.set_rollback(True)


@settings(max_examples=10, **_UNHURRIED)
@given(chosen=pairs, order=st.randoms(use_true_random=False))
def test_any_order_of_the_same_merges_gives_the_same_partition(chosen, order):
    def partition(pairs_: list[tuple[int, int]]) -> set[frozenset[int]]:
        with transaction.atomic():
            records = populate()
            apply(records, pairs_)
            groups: dict[int, set[int]] = {}
            for n, record in enumerate(records):
                groups.setdefault(Entity.objects.resolve(record.public_id).pk, set()).add(n)
            transaction.set_rollback(True)
        return {frozenset(group) for group in groups.values()}

    shuffled = list(chosen)
    order.shuffle(shuffled)
    assert partition(chosen) == partition(shuffled)
