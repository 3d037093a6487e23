"""Duplicates in the database: the search, the queue, the commands."""

import json
import sys
from datetime import timedelta
from itertools import combinations

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from entities import duplicates, splink_engine
from entities.benchmarks.generator import records
from entities.candidates import CandidateIndex, rebuild
from entities.duplicate_evaluation import cross_validate, evaluate, read_gold
from entities.importing import import_files
from entities.matching.duplicates import Pair
from entities.matching.types import Kind
from entities.merging import merge
from entities.models import DuplicateSuggestion, Entity, Identifier, Judgement
from tests.factories import make_record, make_term

pytestmark = pytest.mark.django_db


def twins(**more):
    """Two records of one person."""
    pair = [
        make_record("Quorvex Plimsander", valid_from="1950-02-03", **more),
        make_record("Plimsander, Quorvecs", valid_from="1950-02-03", **more),
    ]
    CandidateIndex().index_aliases([pk for one in pair for pk in one.aliases.values_list("pk", flat=True)])
    return pair


def judge(a, b, verdict):
    return Judgement.objects.create(
        a=min(a, b, key=lambda one: one.pk), b=max(a, b, key=lambda one: one.pk), verdict=verdict
    )


def open_pairs():
    return set(DuplicateSuggestion.objects.filter(closed_at=None).values_list("a_id", "b_id"))


def test_the_whole_catalogue_is_searched_and_the_queue_filled_once():
    a, b = twins()
    make_record("Kofi Annan")
    first = duplicates.find_all()
    assert (first.records, first.new) == (3, 1)
    row = DuplicateSuggestion.objects.get()
    assert (row.a_id, row.b_id) == (a.pk, b.pk)
    assert row.probability > 0.5
    assert "both born on 1950-02-03" in row.reasons
    assert duplicates.find_all().new == 0
    assert DuplicateSuggestion.objects.count() == 1


@pytest.mark.parametrize("verdict", ["different", "same", "unsure"])
@pytest.mark.parametrize("search", ["all", "changed"])
def test_a_judged_pair_never_comes_back(verdict, search):
    a, b = twins()
    judge(a, b, verdict)
    found = duplicates.find_all() if search == "all" else duplicates.find_for([a.pk])
    assert found.new == 0
    assert open_pairs() == set()


def test_a_superseded_judgement_counts_no_longer():
    a, b = twins()
    judged = judge(a, b, "different")
    judged.superseded_at = timezone.now()
    judged.save()
    assert duplicates.find_all().new == 1


def test_what_is_found_no_more_leaves_the_queue_and_returns_with_new_facts():
    a, b = twins()
    duplicates.find_all()
    b.valid_from = "1811-11-17"
    b.save()
    assert duplicates.find_for([b.pk]).withdrawn == 1
    assert open_pairs() == set()
    b.valid_from = "1950-02-03"
    b.save()
    duplicates.find_for([b.pk])
    assert open_pairs() == {(a.pk, b.pk)}


def test_merged_records_are_left_out():
    a, b = twins()
    duplicates.find_all()
    b.merged_into = a
    b.save()
    assert duplicates.find_all().withdrawn == 1


def test_a_changed_record_is_compared_by_names_identifiers_and_days():
    a, b = twins()
    other = make_record("Somebody Else")
    third = make_record("Quite Unlike")
    for record, contested in ((other, False), (third, True)):
        Identifier.objects.create(entity=record, origin=record, scheme="wikidata", value="Q77", is_contested=contested)
    assert duplicates.find_for([a.pk]).pairs == 1
    assert open_pairs() == {(a.pk, b.pk)}
    partners = duplicates._partners({one.id: one for one in duplicates.profiles([third.pk])})
    assert partners == {third.pk: {other.pk}}
    assert duplicates.find_for([]).records == 0


def test_two_wikidata_ids_are_a_reason_on_show():
    a, b = twins()
    for record, value in ((a, "Q1"), (b, "Q2")):
        Identifier.objects.create(entity=record, origin=record, scheme="wikidata", value=value)
    listed = {profile.id: profile for profile in duplicates.profiles()}
    finding = duplicates.duplicates.compare(listed[a.pk], listed[b.pk], duplicates.Rarity(listed.values()))
    assert "contradiction: wikidata ids Q1 / Q2" in finding.reasons


def test_profiles_hold_facts_and_no_weak_names_or_senses():
    state = make_record("Ruritania", kind=Kind.STATE)
    record = make_record(
        "Quorvex Plimsander",
        aliases=[{"name": "Abu Quorvex", "is_weak": True}, {"name": "Quorvexian", "type": "demonym"}, "Q. Plimsander"],
        attributes={"birth_place": "Zürich", "occupation": "Writer", "gender": "female"},
    )
    make_term(record, "Prime Minister", state=state, start="2001")
    (profile,) = duplicates.profiles([record.pk])
    assert profile.names == ("quorvex plimsander", "q plimsander")
    assert (profile.place, profile.occupation, profile.gender) == ("zurich", "writer", "female")
    assert profile.offices


def test_queries_do_not_grow_with_the_records(django_assert_max_num_queries):
    for number in range(25):
        make_record(f"Person {chr(97 + number)}ovich", valid_from=f"19{number + 10}-02-03")
    with django_assert_max_num_queries(20):
        duplicates.find_all()
    with django_assert_max_num_queries(30):
        duplicates.find_for(Entity.objects.values_list("pk", flat=True))


def test_better_known_records_come_first_in_the_queue():
    assert duplicates._priority(0.8, 1, None) > duplicates._priority(0.8, 3, 3) == duplicates._priority(0.8, None, None)


def test_the_command_fills_the_queue(capsys):
    a, _ = twins()
    call_command("find_duplicates")
    assert "2 records compared, 1 pairs to judge: 1 new" in capsys.readouterr().out
    call_command("find_duplicates", "--record", a.public_id)
    assert "1 records compared, 1 pairs to judge: 0 new" in capsys.readouterr().out
    call_command("find_duplicates", "--changed-since", "5m")
    assert "2 records compared" in capsys.readouterr().out
    call_command("find_duplicates", "--changed-since", "2999-01-01")
    assert "0 records compared" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["--record", "nosuchid"], ["--changed-since", "yesterday"], ["--changed-since", "2020-13-45"],
     ["--catalogue", "x.jsonl", "--record", "a"]],
)  # fmt: skip
def test_the_command_refuses_what_it_does_not_understand(arguments):
    with pytest.raises(CommandError):
        call_command("find_duplicates", *arguments)


GOLD = [
    {"id": "a1", "cluster": "a", "name": "Quorvex Plimsander", "birth_date": "1950-02-03", "birth_place": "zurich"},
    {"id": "a2", "cluster": "a", "name": "Quorvecs Plimsander", "birth_date": "1950-02-03", "occupation": "writer"},
    {"id": "a3", "cluster": "a", "name": ""},
    {"id": "b1", "cluster": "b", "name": "Kofi Annan", "birth_date": "1938-04-08"},
]


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in GOLD) + "\n", encoding="utf-8")
    return path


def test_evaluation_counts_nameless_records_as_missed(gold):
    report = evaluate(read_gold(gold))
    assert (report.records, report.true_pairs, report.found_pairs) == (4, 3, 1)
    assert (report.precision, report.recall) == (1.0, 0.3333)
    assert report.b3_precision == 1.0
    assert report.b3_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4, abs=1e-4)


def test_the_evaluation_command(gold, capsys, tmp_path):
    call_command("evaluate_duplicates", str(gold), "--json")
    assert json.loads(capsys.readouterr().out)["precision"] == 1.0
    weights = tmp_path / "weights.json"
    with pytest.raises(CommandError, match="fitting needs"):
        call_command("evaluate_duplicates", str(gold), "--fit", str(weights))
    with gold.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"id": "c1", "cluster": "c", "name": "Kofi Annan", "birth_date": "1938"}) + "\n")
    call_command("evaluate_duplicates", str(gold), "--fit", str(weights))
    assert json.loads(weights.read_text())["fitted_on"] == ["gold"]
    assert "pairwise  P" in capsys.readouterr().out
    gold.write_text('{"name": "x"}\n')
    with pytest.raises(CommandError, match="gold.jsonl:1"):
        call_command("evaluate_duplicates", str(gold))


def test_cross_validation_covers_every_record_once(tmp_path):
    path = tmp_path / "gold.jsonl"
    rows = []
    for number in range(40):
        name = f"Quor{chr(97 + number % 26)}vex Plim{chr(97 + number // 2 % 26)}sander"
        for copy in range(2):
            row = {
                "id": f"{number}-{copy}",
                "cluster": str(number),
                "name": name,
                "birth_date": f"{1900 + number}-02-03",
            }
            rows.append(json.dumps(row))
    path.write_text("\n".join(rows), encoding="utf-8")
    parts = cross_validate(read_gold(path), folds=3)
    assert sum(part.records for part in parts) == 80
    assert sum(part.true_pairs for part in parts) == 40


def test_a_merge_is_not_called_failed_when_only_its_note_is(monkeypatch, django_capture_on_commit_callbacks, caplog):
    one, two = make_record("Jane Roe"), make_record("Jane Row")
    tried = []

    def busy(*args, **kwargs):
        tried.append(args)
        raise OperationalError("database is locked")

    monkeypatch.setattr(duplicates.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(duplicates.ComparisonDue.objects, "bulk_create", busy)
    with django_capture_on_commit_callbacks(execute=True):
        merge(survivor_id=one.pk, absorbed_id=two.pk, actor=None)
    assert len(tried) == 5
    assert "not noted for comparison" in caplog.text
    two.refresh_from_db()
    assert two.merged_into_id == one.pk


def test_a_changed_record_waits_to_be_compared_and_is_compared_once(capsys):
    a, b = twins()
    duplicates.note_changed(Entity, ids=[a.pk])
    duplicates.note_changed(Entity, ids=[a.pk])
    duplicates.note_changed(Judgement, ids=[b.pk])
    assert duplicates.compare_due() == 1
    assert open_pairs() == {(a.pk, b.pk)}
    assert duplicates.compare_due() == 0
    duplicates.note_changed(Entity, ids=[a.pk, b.pk])
    call_command("find_duplicates", "--due")
    assert "2 changed records compared" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_comparing_holds_no_lock_and_what_changes_meanwhile_waits_on(monkeypatch):
    a, b = twins()
    duplicates.note_changed(Entity, ids=[a.pk, b.pk])
    find_for = duplicates.find_for

    def slow(ids):
        assert not connection.in_atomic_block
        assert duplicates.compare_due() == 0, "another worker leaves alone what one has taken"
        duplicates.note_changed(Entity, ids=[b.pk])
        return find_for(ids)

    monkeypatch.setattr(duplicates, "find_for", slow)
    assert duplicates.compare_due() == 2
    assert open_pairs() == {(a.pk, b.pk)}
    monkeypatch.undo()
    assert duplicates.compare_due() == 1, "it changed while it was compared"
    assert duplicates.compare_due() == 0


def test_what_came_to_nothing_is_compared_by_another_worker(monkeypatch):
    a, _ = twins()
    duplicates.note_changed(Entity, ids=[a.pk])

    def fails(ids):
        raise ZeroDivisionError

    monkeypatch.setattr(duplicates, "find_for", fails)
    with pytest.raises(ZeroDivisionError):
        duplicates.compare_due()
    monkeypatch.undo()
    taken = timezone.now() - timedelta(minutes=11)  # by a worker that was killed
    assert duplicates.ComparisonDue.objects.filter(taken_at=None).update(taken_at=taken) == 1
    assert duplicates.compare_due() == 1


def test_a_record_that_was_merged_while_it_was_compared_is_no_suggestion():
    a, b = twins()
    merge(survivor_id=a.pk, absorbed_id=b.pk, actor=None)
    duplicates._queued(2, [Pair(a.pk, b.pk, 0.9, ())], {a.pk})
    assert not open_pairs()


def test_an_edit_and_an_import_lead_to_a_comparison(django_capture_on_commit_callbacks, tmp_path):
    a, b = twins()
    path = tmp_path / "records.jsonl"
    row = {"key": "p:1", "kind": "person", "name": "Quorvex Plimsander", "valid_from": "1950-02-03", "source": "test"}
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with django_capture_on_commit_callbacks(execute=True):
        assert not import_files([path]).errors
    assert duplicates.compare_due() == 1
    imported = Entity.objects.latest("pk")
    assert open_pairs() == {(a.pk, imported.pk), (b.pk, imported.pk)}


def test_a_changed_record_is_judged_by_the_rarity_of_words_in_the_whole_catalogue():
    crowd = [make_record(f"Maria {name}") for name in ("Silva", "Santos", "Costa", "Sousa", "Moreno")]
    CandidateIndex().index_aliases([pk for one in crowd for pk in one.aliases.values_list("pk", flat=True)])
    rebuild()
    size, counts = CandidateIndex().word_counts({"maria", "silva", "aa", "zyx"})
    assert size == 5
    assert counts == {"maria": 5, "silva": 1}
    assert CandidateIndex().word_counts([]) == (5, {})


@pytest.mark.parametrize("backend", ["duckdb", pytest.param("spark", marks=pytest.mark.full)])
def test_splink_finds_duplicates_too_and_fills_the_same_queue(backend, capsys):
    pytest.importorskip("splink")
    pytest.importorskip({"duckdb": "duckdb", "spark": "pyspark"}[backend])
    things = {}
    for row in records(250, 5, things_twice=0.4):
        if row.kind == "person":
            facts = {"birth_place": row.place, "occupation": row.occupation, "gender": row.gender}
            facts = {name: value for name, value in facts.items() if value}
            things[make_record(row.name, valid_from=row.begins, attributes=facts).pk] = row.thing
    true = {(a, b) for a, b in combinations(sorted(things), 2) if things[a] == things[b]}
    apart = min(true)
    judge(*(Entity.objects.get(pk=pk) for pk in apart), "different")
    call_command("find_duplicates", "--engine", "splink", "--backend", backend)
    assert f"{len(things)} records compared" in capsys.readouterr().out
    sure = set(DuplicateSuggestion.objects.filter(probability__gte=0.5).values_list("a_id", "b_id"))
    assert apart not in open_pairs()
    assert len(sure & true) > 0.85 * len(sure)
    assert len(sure & true) > 0.4 * len(true)
    assert all(row.reasons for row in DuplicateSuggestion.objects.all())


def test_a_missing_engine_says_what_to_install(monkeypatch):
    twins()
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(CommandError, match="requirements-scale"):
        call_command("find_duplicates", "--engine", "splink")
    with pytest.raises(ValueError, match="no backend"):
        splink_engine.search([], backend="abacus")
