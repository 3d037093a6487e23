"""What is taken down of a record is gone everywhere, and does not come back on any way there is."""

import json
import re
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from entities import blocks, editing, history, merging, takedown
from entities.candidates import CandidateIndex
from entities.importing import import_files
from entities.invariants import inspect
from entities.matching.types import Kind
from entities.models import (
    Alias,
    Entity,
    Event,
    Identifier,
    IndexChange,
    Judgement,
    Merge,
    Relation,
    SourceRecord,
    Split,
    Takedown,
    Term,
)
from tests.factories import make_alias, make_record, make_term

pytestmark = pytest.mark.django_db
SECRET = "Zebulon Quackenbush"
ROW = {
    "key": "person:ada", "kind": "person", "name": "Ada Ravensworth", "valid_from": "1954-09-29",
    "description": "keeps bees in Winterthur", "aliases": [{"name": SECRET}, {"name": "A. Ravensworth"}],
    "identifiers": {"wikidata": "Q111", "passport": "X9988776655"},
    "roles": [{"title": "Beekeeper-General", "state": "Ruritania", "from": "2001-05-02", "to": "2003"}],
    "states": ["Ruritania"], "source": "file one", "source_licence": "CC0-1.0", "birth_place": "Winterthur Altstadt",
}  # fmt: skip


@pytest.fixture
def curator(admin_user):
    return admin_user


def write(path: Path, *rows: dict) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def ada(tmp_path):
    import_files([write(tmp_path / "one.jsonl", ROW)])
    return Entity.objects.get(name="Ada Ravensworth")


def everything() -> str:
    """Every stored text of the records' side, ids and digests aside."""
    told = []
    models = (Entity, Alias, Identifier, Term, Relation, SourceRecord, Judgement, Event, Merge, Split, Takedown)
    for model in models:
        for row in model.objects.values():
            told.append(json.dumps({k: v for k, v in row.items() if k not in ("digests", "salt")}, default=str))
    return "\n".join(told)


def breaches() -> list:
    """What fsck finds; the index aside, which knows nothing of the names that factories make."""
    found = [finding for finding in inspect(store=False) if finding.count]
    return [(finding.name, finding.examples) for finding in found if finding.name != "index_complete"]


def fact_of(entity, sort):
    return {
        "alias": lambda: Alias.objects.get(entity=entity, name=SECRET),
        "identifier": lambda: Identifier.objects.get(entity=entity, scheme="passport"),
        "term": lambda: Term.objects.get(entity=entity),
        "relation": lambda: Relation.objects.get(entity=entity),
    }[sort]()


CONTENT = {"alias": SECRET, "identifier": "X9988776655", "term": "Beekeeper-General", "relation": "belongs"}


def has(entity, sort) -> bool:
    model = takedown.SORTS[sort]
    rows = model.objects.filter(entity=entity)
    if sort == "alias":
        return rows.filter(name=SECRET).exists()
    return rows.filter(scheme="passport").exists() if sort == "identifier" else rows.exists()


@pytest.mark.parametrize("sort", takedown.SORTS)
class TestFacts:
    def test_the_fact_is_gone_and_only_that_it_was_taken_down_is_left(self, ada, curator, sort):
        fact = fact_of(ada, sort)
        editing.save_fact(fact, curator, f"checked {CONTENT[sort]}")
        done = takedown.take_down_fact(fact, actor=curator, reason=f"private: {CONTENT['alias']}")
        assert not has(ada, sort)
        if sort in ("alias", "identifier"):
            assert CONTENT[sort] not in everything()
        assert (done.sort, done.actor, done.entity) == (sort, curator, ada)
        line = history.history_of(ada)[0]
        assert line.type == Event.Type.TAKEN_DOWN
        assert "taken down" in line.what
        assert line.why.startswith("private")

    def test_the_same_source_does_not_bring_it_back(self, ada, curator, sort, tmp_path):
        takedown.take_down_fact(fact_of(ada, sort), actor=curator, reason="private")
        import_files([write(tmp_path / "one.jsonl", ROW)])
        import_files([write(tmp_path / "again.jsonl", {**ROW, "description": "keeps wasps"})])
        assert not has(ada, sort)

    def test_another_source_with_the_same_identifier_does_not_bring_it_back(self, ada, curator, sort, tmp_path):
        takedown.take_down_fact(fact_of(ada, sort), actor=curator, reason="private")
        report = import_files([write(tmp_path / "two.jsonl", {**ROW, "key": "two", "source": "file two"})])
        assert report.attached == 1
        assert report.withheld >= 1
        assert not has(ada, sort)

    def test_another_source_that_makes_a_second_record_of_the_name_does_not_bring_it_back(
        self, ada, curator, sort, tmp_path
    ):
        takedown.take_down_fact(fact_of(ada, sort), actor=curator, reason="private")
        row = {**ROW, "key": "two", "source": "file two", "identifiers": {"passport": "X9988776655"}}
        assert import_files([write(tmp_path / "two.jsonl", row)]).created == 1
        other = Entity.objects.exclude(pk=ada.pk).get(name=ada.name)
        assert not has(other, sort)

    def test_a_namesake_of_another_name_keeps_its_own_facts(self, ada, curator, sort, tmp_path):
        takedown.take_down_fact(fact_of(ada, sort), actor=curator, reason="private")
        row = {**ROW, "key": "else", "name": "Somebody Else", "aliases": [{"name": SECRET}], "source": "x",
               "identifiers": {"passport": "X9988776655"}}  # fmt: skip
        import_files([write(tmp_path / "two.jsonl", row)])
        assert has(Entity.objects.get(name="Somebody Else"), sort)

    def test_nobody_enters_it_again_by_hand(self, ada, curator, sort):
        fact = fact_of(ada, sort)
        takedown.take_down_fact(fact, actor=curator, reason="private")
        fact.pk, fact._state.adding = None, True
        with pytest.raises(editing.EditError, match="taken down"):
            editing.save_fact(fact, curator)

    def test_a_merge_with_a_record_that_says_it_does_not_bring_it_back(self, ada, curator, sort, tmp_path):
        row = {**ROW, "key": "two", "source": "two", "name": "Other Name", "valid_from": None,
               "identifiers": {"passport": "X9988776655"}}  # fmt: skip
        import_files([write(tmp_path / "two.jsonl", row)])
        other = Entity.objects.get(name="Other Name")
        takedown.take_down_fact(fact_of(ada, sort), actor=curator, reason="private")
        assert has(other, sort)
        merging.merge(survivor_id=other.pk, absorbed_id=ada.pk, actor=curator)
        assert not has(other, sort)
        merging.undo(Merge.objects.get(), actor=curator)
        assert not has(ada, sort)
        assert not has(other, sort)
        assert breaches() == []

    def test_the_undo_of_a_merge_does_not_bring_it_back(self, ada, curator, sort, tmp_path):
        other = make_record("Other Name", aliases=["Oh"])
        done = merging.merge(survivor_id=other.pk, absorbed_id=ada.pk, actor=curator)
        fact = fact_of(other, sort)
        takedown.take_down_fact(fact, actor=curator, reason="private")
        merging.undo(done, actor=curator, choices={})
        assert not has(ada, sort)
        assert not has(other, sort)
        import_files([write(tmp_path / "again.jsonl", {**ROW, "description": "keeps wasps"})])
        assert not has(ada, sort)
        assert breaches() == []

    def test_a_split_its_undo_and_its_redoing_do_not_bring_it_back(self, ada, curator, sort):
        moved = fact_of(ada, sort)
        plural = {"alias": "aliases"}.get(sort, f"{sort}s")
        done = merging.split(source_id=ada.pk, name="Part of Ada", rows={plural: [moved.pk]}, actor=curator)
        assert has(done.target, sort)
        takedown.take_down_fact(fact_of(done.target, sort), actor=curator, reason="private")
        assert not has(done.target, sort)
        merging.undo_split(done, actor=curator)
        assert not has(ada, sort)
        merging.redo_split(done, actor=curator)
        assert not has(ada, sort)
        assert not has(done.target, sort)
        assert breaches() == []

    def test_lifted_it_comes_again_with_the_next_import_though_the_row_did_not_change(
        self, ada, curator, sort, tmp_path
    ):
        done = takedown.take_down_fact(fact_of(ada, sort), actor=curator, reason="private")
        takedown.lift(done, actor=curator, reason="a mistake")
        assert not has(ada, sort)
        import_files([write(tmp_path / "one.jsonl", ROW)])
        assert has(ada, sort)

    def test_an_older_export_does_not_bring_it_back(self, ada, curator, sort, tmp_path):
        older = tmp_path / "older.jsonl"
        call_command("export_records", out=older, verbosity=0)
        takedown.take_down_fact(fact_of(ada, sort), actor=curator, reason="private")
        import_files([older])
        assert not any(has(entity, sort) for entity in Entity.objects.all())


FIELDS = {
    "description": "keeps bees in Winterthur",
    "valid_from": "1954-09-29",
    "attributes.birth_place": "Winterthur Altstadt",
}


def value_of(entity, name):
    entity = Entity.objects.get(pk=entity.pk)
    base, _, part = name.partition(".")
    return entity.attributes.get(part, "") if part else getattr(entity, base)


@pytest.mark.parametrize("name", FIELDS)
class TestFields:
    def test_it_is_empty_and_gone_from_the_history(self, ada, curator, name):
        editing.edit_record(Entity.objects.get(pk=ada.pk), curator)
        takedown.take_down_field(ada, name, actor=curator, reason="private")
        assert value_of(ada, name) == ""
        assert FIELDS[name] not in everything()

    def test_no_import_sets_it_again(self, ada, curator, name, tmp_path):
        takedown.take_down_field(ada, name, actor=curator, reason="private")
        import_files([write(tmp_path / "one.jsonl", {**ROW, "prominence": 2})])
        import_files([write(tmp_path / "two.jsonl", {**ROW, "key": "2", "source": "two"})])
        assert value_of(ada, name) == ""

    def test_a_second_record_of_the_name_does_not_get_it(self, ada, curator, name, tmp_path):
        takedown.take_down_field(ada, name, actor=curator, reason="private")
        import_files([write(tmp_path / "two.jsonl", {**ROW, "key": "2", "source": "two", "identifiers": {}})])
        other = Entity.objects.exclude(pk=ada.pk).get(name=ada.name)
        assert value_of(other, name) == ""

    @pytest.mark.parametrize("ada_survives", [True, False])
    def test_a_merge_and_its_undo_do_not_bring_it_back(self, ada, curator, name, tmp_path, ada_survives):
        row = {**ROW, "key": "2", "source": "two", "name": "Other Name", "identifiers": {}}
        import_files([write(tmp_path / "two.jsonl", row)])
        other = Entity.objects.get(name="Other Name")
        takedown.take_down_field(ada, name, actor=curator, reason="private")
        survivor, absorbed = (ada, other) if ada_survives else (other, ada)
        done = merging.merge(survivor_id=survivor.pk, absorbed_id=absorbed.pk, actor=curator)
        assert value_of(survivor, name) == ""
        assert FIELDS[name] not in everything()
        merging.undo(done, actor=curator)
        assert FIELDS[name] not in everything()
        assert breaches() == []

    def test_corrected_the_new_value_stands_against_imports_and_merges(self, ada, curator, name, tmp_path):
        right = {"valid_from": "1954-09-30"}.get(name, "something else")
        takedown.take_down_field(ada, name, actor=curator, reason="wrong", value=right)
        import_files([write(tmp_path / "one.jsonl", {**ROW, "prominence": 2})])
        other = make_record("Other Name", valid_from="1954" if name == "valid_from" else "")
        merging.merge(survivor_id=other.pk, absorbed_id=ada.pk, actor=curator)
        assert value_of(other, name) == right
        assert FIELDS[name] not in everything()

    def test_a_person_does_not_set_it_to_what_it_was(self, ada, curator, name):
        takedown.take_down_field(ada, name, actor=curator, reason="private")
        again = Entity.objects.get(pk=ada.pk)
        base, _, part = name.partition(".")
        setattr(again, base, {part: FIELDS[name]} if part else FIELDS[name])
        with pytest.raises(editing.EditError, match="taken down"):
            editing.edit_record(again, curator)


def test_a_name_is_corrected_and_the_old_one_is_gone(ada, curator, tmp_path):
    takedown.take_down_field(ada, "name", actor=curator, reason="changed her name", value="Ada Lovegood")
    assert Entity.objects.get(pk=ada.pk).name == "Ada Lovegood"
    assert "Ada Ravensworth" not in everything()
    import_files([write(tmp_path / "one.jsonl", {**ROW, "prominence": 1})])
    assert set(Alias.objects.filter(entity=ada).values_list("name", flat=True)) == {
        "Ada Lovegood", "A. Ravensworth", SECRET,
    }  # fmt: skip
    assert Entity.objects.get(pk=ada.pk).name == "Ada Lovegood"
    assert breaches() == []


def test_the_name_of_a_merged_record_goes_with_the_alias(ada, curator):
    other = make_record("Kept Name")
    done = merging.merge(survivor_id=other.pk, absorbed_id=ada.pk, actor=curator)
    takedown.take_down_fact(Alias.objects.get(entity=other, name=ada.name), actor=curator, reason="private")
    assert "Ada Ravensworth" not in everything()
    merging.undo(done, actor=curator, choices={})
    assert "Ada Ravensworth" not in everything()
    assert breaches() == []


def test_a_record_does_not_keep_a_name_that_was_taken_down_from_the_one_it_absorbs(ada, curator):
    takedown.take_down_fact(Alias.objects.get(entity=ada, name=SECRET), actor=curator, reason="private")
    other = make_record(SECRET)
    with pytest.raises(merging.MergeError, match="taken down"):
        merging.merge(survivor_id=other.pk, absorbed_id=ada.pk, actor=curator)
    merging.merge(survivor_id=other.pk, absorbed_id=ada.pk, actor=curator, fields={"name": ada.pk})
    assert SECRET not in everything()


def test_the_own_name_is_corrected_not_taken_down(ada, curator):
    with pytest.raises(takedown.TakedownError, match="correct the name"):
        takedown.take_down_fact(Alias.objects.get(entity=ada, name=ada.name), actor=curator, reason="x")
    with pytest.raises(takedown.TakedownError, match="needs a name"):
        takedown.take_down_field(ada, "name", actor=curator, reason="x")


def test_a_fact_is_corrected_in_one_step(ada, curator, tmp_path):
    old = Term.objects.get(entity=ada)
    takedown.take_down_fact(
        old, actor=curator, reason="wrong day", replacement=Term(title=old.title, start="2001-06-01", end="2003")
    )
    assert [term.start for term in Term.objects.filter(entity=ada)] == ["2001-06-01"]
    import_files([write(tmp_path / "one.jsonl", {**ROW, "prominence": 1})])
    assert [term.start for term in Term.objects.filter(entity=ada)] == ["2001-06-01"]


def test_names_come_back_in_no_spelling(ada, curator, tmp_path):
    takedown.take_down_fact(Alias.objects.get(entity=ada, name=SECRET), actor=curator, reason="private")
    row = {**ROW, "aliases": [{"name": "ZEBULON  Quäckenbush", "lang": "de", "type": "nickname"}]}
    import_files([write(tmp_path / "one.jsonl", row)])
    assert not Alias.objects.filter(entity=ada, name__icontains="zebulon").exists()


def test_a_term_comes_back_neither_less_nor_more_precise_but_another_year_does(ada, curator, tmp_path):
    takedown.take_down_fact(Term.objects.get(entity=ada), actor=curator, reason="never was")
    roles = [{"title": "beekeeper-general", "from": start} for start in (None, "2001", "2001-12-24", "2010")]
    import_files([write(tmp_path / "one.jsonl", {**ROW, "roles": roles})])
    assert [term.start for term in Term.objects.filter(entity=ada)] == ["2010"]


def test_a_relation_is_known_again_by_key_code_and_text_once_its_target_is_there(curator, tmp_path):
    state = {"key": "state:rur", "kind": "state", "name": "Ruritania", "identifiers": {"iso3": "RUR"}}
    import_files([write(tmp_path / "s.jsonl", state, {**ROW, "states": ["RUR"]})])
    ada = Entity.objects.get(name="Ada Ravensworth")
    takedown.take_down_fact(Relation.objects.get(entity=ada), actor=curator, reason="never was")
    for target in ("RUR", "state:rur", "Ruritania"):
        import_files([write(tmp_path / "one.jsonl", {**ROW, "states": [target]})])
        assert not Relation.objects.filter(entity=ada).exists(), target


def test_the_candidate_index_does_not_find_a_name_that_is_gone(ada, curator):
    assert CandidateIndex().exact([SECRET])
    pk = Alias.objects.get(entity=ada, name=SECRET).pk
    takedown.take_down_fact(Alias.objects.get(pk=pk), actor=curator, reason="private")
    assert not CandidateIndex().exact([SECRET])
    assert not [c for c in CandidateIndex().lookup([SECRET])[SECRET] if c.entity_id == ada.pk]
    assert not IndexChange.objects.filter(alias_id=pk).exists()


class TestWholeRecords:
    def test_nothing_is_left_but_that_it_was_taken_down(self, ada, curator):
        make_term(make_record("Someone"), "Deputy", organization=ada)
        takedown.suppress(ada, actor=curator, reason="asked to be forgotten")
        told = everything()
        for text in ("Ravensworth", SECRET, "Winterthur", "Q111", "Beekeeper", "person:ada"):
            assert text not in told, text
        assert not re.search(r"\b1954\b", told), "the year; within a moment or a digest it stands by chance"
        ada.refresh_from_db()
        assert ada.suppressed_at is not None
        assert Takedown.objects.get().reason == "asked to be forgotten"
        assert breaches() == []

    def test_no_import_brings_it_back_but_a_namesake_of_another_year_comes(self, ada, curator, tmp_path):
        older = tmp_path / "older.jsonl"
        call_command("export_records", out=older, verbosity=0)
        takedown.suppress(ada, actor=curator, reason="asked")
        import_files([older])
        import_files([write(tmp_path / "one.jsonl", ROW)])
        import_files([write(tmp_path / "2.jsonl", {**ROW, "key": "2", "source": "two", "name": "Spelt Otherwise"})])
        unnamed = {**ROW, "key": "3", "source": "3", "identifiers": {}}
        import_files([write(tmp_path / "3.jsonl", unnamed, {**unnamed, "key": "4", "valid_from": None})])
        assert Entity.objects.current().count() == 0
        report = import_files([write(tmp_path / "5.jsonl", {**unnamed, "key": "5", "valid_from": "1990"})])
        assert (report.created, report.withheld) == (1, 0)

    def test_nobody_makes_merges_splits_or_edits_it_again(self, ada, curator):
        other = make_record("Other")
        done = merging.merge(survivor_id=ada.pk, absorbed_id=other.pk, actor=curator)
        takedown.suppress(ada, actor=curator, reason="asked")
        third = make_record("Third")
        with pytest.raises(merging.MergeError, match="taken down"):
            merging.merge(survivor_id=third.pk, absorbed_id=ada.pk, actor=curator)
        with pytest.raises(merging.MergeError, match="taken down"):
            merging.undo(done, actor=curator)
        with pytest.raises(merging.MergeError, match="taken down"):
            merging.split(source_id=ada.pk, name="x", actor=curator)
        with pytest.raises(editing.EditError):
            editing.save_fact(Alias(entity=ada, name="y"), curator)
        with pytest.raises(editing.EditError, match="taken down"):
            editing.create_record(Entity(kind="person", name="Ada Ravensworth"), curator)
        assert not Entity.objects.current().filter(pk__in=[ada.pk, other.pk]).exists()

    def test_lifted_the_next_import_makes_a_new_record(self, ada, curator, tmp_path):
        done = takedown.suppress(ada, actor=curator, reason="asked")
        takedown.lift(done, actor=curator, reason="wrong person")
        assert import_files([write(tmp_path / "one.jsonl", ROW)]).created == 1
        assert Entity.objects.current().get().pk != ada.pk


def test_what_is_there_again_past_every_guard_is_found_by_fsck(ada, curator):
    takedown.take_down_fact(Alias.objects.get(entity=ada, name=SECRET), actor=curator, reason="private")
    takedown.take_down_field(ada, "description", actor=curator, reason="private")
    assert breaches() == []
    make_alias(ada, SECRET)
    Entity.objects.filter(pk=ada.pk).update(description=ROW["description"])
    [(name, examples)] = breaches()
    assert name == "taken_down_stays_away"
    assert len(examples) == 2
    assert SECRET not in " ".join(examples)


def test_reasons_that_repeat_a_field_are_struck_and_the_undo_of_a_merge_keeps_what_was_corrected(ada, curator):
    other = make_record("Other Name")
    ada.description = "keeps bees in Winterthur"
    takedown.take_down_field(
        Entity.objects.get(pk=ada.pk), "description", actor=curator, reason="she no longer keeps bees in Winterthur",
        value="keeps goats",
    )  # fmt: skip
    assert "Winterthur" not in Takedown.objects.get().reason
    done = merging.merge(survivor_id=other.pk, absorbed_id=ada.pk, actor=curator)
    assert Entity.objects.get(pk=other.pk).description == "keeps goats"
    merging.undo(done, actor=curator)
    assert Entity.objects.get(pk=other.pk).description == ""
    assert Entity.objects.get(pk=ada.pk).description == "keeps goats"
    assert breaches() == []


def test_who_may_not_take_down_is_refused(ada, django_user_model):
    nobody = django_user_model.objects.create_user("nobody")
    fact = Alias.objects.get(entity=ada, name=SECRET)
    for attempt in (
        lambda: takedown.take_down_fact(fact, actor=nobody, reason="x"),
        lambda: takedown.take_down_field(ada, "description", actor=nobody, reason="x"),
        lambda: takedown.suppress(ada, actor=nobody, reason="x"),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_a_takedown_needs_a_reason(ada, curator):
    with pytest.raises(takedown.TakedownError, match="Say why"):
        takedown.suppress(ada, actor=curator, reason="  ")


def test_events_are_changed_by_nothing_but_a_redaction_that_says_so(ada, curator):
    editing.save_fact(Alias(entity=ada, name="Another"), curator)
    event = Event.objects.filter(entity=ada).latest("pk")
    mark = {"redacted": "2026-01-01"}
    for change in ({"after": {}}, {"after": mark, "type": "merged"}, {"reason": "x"}):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(**change)
    Event.objects.filter(pk=event.pk).update(after=mark)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(after={**mark, "name": "another"})
    assert Event.objects.get(pk=event.pk).after == mark


def test_records_that_were_ever_one_are_related_whichever_way_they_came_apart(curator):
    a, b, c, d = (make_record(name) for name in ("Aa", "Bb", "Cc", "Dd"))
    merging.undo(merging.merge(survivor_id=a.pk, absorbed_id=b.pk, actor=curator), actor=curator)
    split = merging.split(source_id=b.pk, name="Ee", rows={}, actor=curator)
    groups = blocks.related({split.target_id})
    assert {pk for pk in groups if groups[pk] == groups[a.pk]} == {a.pk, b.pk, split.target_id}
    assert c.pk not in groups
    assert d.pk not in groups


def test_marks_tell_dates_in_every_precision_and_corrections_to_the_letter():
    marks = blocks.field_marks("valid_from", "1954-09-29")
    assert blocks.field_marks("valid_from", "1954") & marks
    assert blocks.exact(marks) == {"field=|valid_from|1954-09-29"}
    assert not blocks.exact(marks) & blocks.field_marks("valid_from", "1954-09-30")


def test_an_import_asks_one_query_more_where_nothing_was_taken_down(tmp_path, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        assert not blocks.ImportBlocks().current()


def test_the_engine_is_not_told_by_whom_it_is_postgres_or_sqlite(ada, curator):
    assert connection.vendor in ("sqlite", "postgresql")
    state = make_record("Ruritania", kind=Kind.STATE)
    make_alias(state, "Zendaland")
    takedown.take_down_fact(Alias.objects.get(name="Zendaland"), actor=curator, reason="wrong")
    assert set(Alias.objects.filter(entity=state).values_list("name", flat=True)) == {"Ruritania"}
