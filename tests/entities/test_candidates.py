"""The candidate index in the database: it follows writes, survives everything, and is never stale."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from entities import candidates
from entities.candidates import CandidateIndex, compact, index_state, rebuild
from entities.index_models import IndexChange, IndexPosting, IndexSegment
from entities.matching.types import AliasType, Kind
from tests.factories import make_alias, make_record

pytestmark = pytest.mark.django_db


def indexed(*records):
    """Records whose names are written to the index, as the services do."""
    CandidateIndex().index_aliases([pk for record in records for pk in record.aliases.values_list("pk", flat=True)])
    return records


def ids(found, surface):
    return [candidate.entity_id for candidate in found.get(surface, [])]


def test_a_new_name_is_found_by_the_next_look_up():
    (merkel,) = indexed(make_record("Angela Merkel"))
    assert ids(CandidateIndex().lookup(["Angla Merkel"]), "Angla Merkel") == [merkel.pk]
    putin = make_record("Vladimir Putin", aliases=["Wladimir Putin"])
    assert putin.pk not in ids(CandidateIndex().lookup(["Vladimir Poutine"]), "Vladimir Poutine")
    indexed(putin)
    assert ids(CandidateIndex().lookup(["Vladimir Poutine"]), "Vladimir Poutine")[0] == putin.pk


def test_a_record_comes_once_with_its_closest_name():
    (putin,) = indexed(make_record("Vladimir Vladimirovich Putin", aliases=["Wladimir Putin", "Vladimir Poutine"]))
    found = CandidateIndex().lookup(["Vladimir Poutine"])["Vladimir Poutine"]
    assert [(one.entity_id, one.name, one.score) for one in found] == [(putin.pk, "Vladimir Poutine", 1.0)]


def test_an_answer_does_not_depend_on_what_is_asked_with_it():
    indexed(*(
        make_record(f"{given} {family}")
        for given in ("Maria", "Mario", "Marta", "Martin", "Marian", "Marina", "Mark", "Marko")
        for family in ("Silva", "Silvano", "Silver", "Sylvester", "Salva", "Solveig", "Silvestre")
    ))  # fmt: skip
    rebuild()
    asked = ["Maria Silva", "Mario Silvano", "Marka Silvester", "Martina Sylva", "Silva", "Marian"]
    together = CandidateIndex().lookup(asked)
    for surface in asked:
        assert together[surface] == CandidateIndex().lookup([surface])[surface]


def test_names_in_other_scripts_are_found_through_romanisation():
    (putin,) = indexed(make_record("Vladimir Putin"))
    assert ids(CandidateIndex().lookup(["Владимир Путин"]), "Владимир Путин") == [putin.pk]


def test_withdrawn_names_and_merged_records_are_never_answered():
    first, second = indexed(make_record("Kofi Annan"), make_record("Kofi Anan"))
    alias = second.aliases.get()
    alias.withdrawn_at = timezone.now()
    alias.save()
    assert ids(CandidateIndex().lookup(["Kofi Annan"]), "Kofi Annan") == [first.pk]
    assert ids(CandidateIndex().exact(["Kofi Anan"]), "Kofi Anan") == []
    first.merged_into = second
    first.save()
    assert ids(CandidateIndex().lookup(["Kofi Annan"]), "Kofi Annan") == []


def test_names_moved_by_a_merge_lead_to_the_survivor():
    survivor, absorbed = indexed(make_record("Kofi Annan"), make_record("Kofi Atta Annan"))
    absorbed.aliases.update(entity=survivor)
    absorbed.merged_into = survivor
    absorbed.save()
    assert ids(CandidateIndex().lookup(["Kofi Atta Annan"]), "Kofi Atta Annan") == [survivor.pk]


def test_what_is_rolled_back_was_never_there():
    indexed(make_record("Ban Ki-moon"))

    undone = transaction.atomic()
    undone.__enter__()
    (gone,) = indexed(make_record("Boutros Boutros-Ghali"))
    assert ids(CandidateIndex().lookup(["Butros Ghali"]), "Butros Ghali") == [gone.pk]
    transaction.set_rollback(True)
    undone.__exit__(None, None, None)
    (new,) = indexed(make_record("Javier Solana"))
    assert ids(CandidateIndex().lookup(["Butros Ghali"]), "Butros Ghali") == []
    assert ids(CandidateIndex().lookup(["Xavier Solana"]), "Xavier Solana") == [new.pk]


def test_only_the_kinds_asked_for():
    state, person = indexed(make_record("Georgia", kind=Kind.STATE), make_record("Georgia Meloni"))
    found = CandidateIndex().lookup(["Georgia"], kinds=[Kind.STATE])
    assert ids(found, "Georgia") == [state.pk]
    assert set(ids(CandidateIndex().lookup(["Georgia"]), "Georgia")) == {state.pk, person.pk}
    assert ids(CandidateIndex().exact(["Georgia"], kinds=["person"]), "Georgia") == []


def test_exact_answers_by_normalised_name_with_every_sense():
    iran = make_record("Iran", kind=Kind.STATE)
    make_alias(iran, "Iranian", type=AliasType.DEMONYM)
    found = CandidateIndex().exact(["IRAN", "iranian", "Irak", ""])
    assert set(found) == {"IRAN", "iranian"}
    assert found["iranian"][0].type == "demonym"
    assert found["IRAN"][0].score == 1.0


def test_only_unknown_answers_known_names_by_their_records_alone():
    mali, _ = indexed(make_record("Mali", kind=Kind.STATE), make_record("Malik"))
    found = CandidateIndex().lookup(["Mali", "Malick"], only_unknown=True)
    assert ids(found, "Mali") == [mali.pk]
    assert len(ids(found, "Malick")) == 2


def test_limit_is_kept_and_unanswered_forms_are_there_with_nothing():
    indexed(*(make_record(f"Maria Silva {number}") for number in range(9)))
    found = CandidateIndex().lookup(["Maria Silva", "Qxyz", "…"], limit=4)
    assert len(found["Maria Silva"]) == 4
    assert found["Qxyz"] == found["…"] == []
    assert CandidateIndex().lookup([]) == {}


def test_a_look_up_of_many_forms_costs_as_many_queries_as_of_one(django_assert_max_num_queries):
    names = ["Angela Merkel", "Vladimir Putin", "Kofi Annan", "Ban Ki-moon", "Javier Solana"]
    indexed(*map(make_record, names))
    rebuild()
    CandidateIndex().lookup(names)
    with django_assert_max_num_queries(5):
        CandidateIndex().lookup([name[:-1] + "x" for name in names * 6])
    with django_assert_max_num_queries(1):
        CandidateIndex().exact(names * 20)


def test_a_write_costs_the_same_however_large_the_index_is(django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr(candidates, "_AT_ONCE", 20)
    indexed(*(make_record(f"Person {number}") for number in range(40)))
    alias = make_alias(make_record("Kofi Annan"), "Kofi Atta Annan")
    with django_assert_max_num_queries(5):
        CandidateIndex().index_aliases([alias.pk])
    with django_assert_max_num_queries(0):
        CandidateIndex().index_aliases([])


def test_a_long_tail_becomes_a_segment(monkeypatch):
    monkeypatch.setattr(candidates, "_TAIL_LIMIT", 10)
    records = [make_record(f"Name {chr(65 + number)}{chr(75 + number)}ska") for number in range(12)]
    for record in records:
        indexed(record)
    assert IndexSegment.objects.filter(retired_at=None).count() == 1
    assert IndexChange.objects.count() == 1
    for record in records:
        assert ids(CandidateIndex().lookup([record.name]), record.name)[0] == record.pk
    assert compact(force=True) == 1
    assert compact(force=True) == 0


def test_segments_of_like_size_become_one_and_nothing_is_lost(monkeypatch):
    monkeypatch.setattr(candidates, "_AT_ONCE", 2)
    stems = ("Petr", "Sidor", "Kuznets", "Smirn", "Popov", "Vasil", "Sokol", "Mikhail", "Fedor", "Moroz", "Volk")
    pairs = [(make_record(f"Ivan {stem}ov"), make_record(f"Maria {stem}eva")) for stem in stems]
    for pair in pairs:
        indexed(*pair)
    assert IndexSegment.objects.filter(retired_at=None).count() <= candidates._FAN_IN
    assert index_state().names == 22
    for pair in pairs:
        for record in pair:
            assert ids(CandidateIndex().lookup([record.name]), record.name)[0] == record.pk


def test_rebuilding_changes_no_answer_and_leaves_out_what_is_dead():
    records = [make_record(name) for name in ("Angela Merkel", "Vladimir Putin", "Kofi Annan")]
    assert not index_state().is_complete
    assert rebuild() == 3
    assert index_state().is_complete
    before = CandidateIndex().lookup(["Angla Merkel", "Kofi Anan"])
    records[1].aliases.update(withdrawn_at=timezone.now())
    assert rebuild() == 2
    assert CandidateIndex().lookup(["Angla Merkel", "Kofi Anan"]) == before
    assert IndexChange.objects.count() == 0


def test_old_segments_stay_for_their_readers_and_go_later(monkeypatch):
    make_record("Angela Merkel")
    rebuild()
    rebuild()
    assert IndexSegment.objects.count() == 2
    postings = IndexPosting.objects.count()
    IndexSegment.objects.filter(retired_at__isnull=False).update(
        retired_at=timezone.now() - timezone.timedelta(hours=1)
    )
    rebuild()
    assert IndexSegment.objects.count() == 2
    assert IndexPosting.objects.count() == postings


def test_a_write_during_a_rebuild_is_found_throughout(monkeypatch):
    make_record("Angela Merkel")
    add_segments = candidates._add_segments

    def write_meanwhile(rows):
        numbers = add_segments(rows)
        indexed(make_record("Kofi Annan"))
        return numbers

    monkeypatch.setattr(candidates, "_add_segments", write_meanwhile)
    rebuild()
    assert len(CandidateIndex().lookup(["Kofi Anan"])["Kofi Anan"]) == 1
    assert len(CandidateIndex().lookup(["Angla Merkel"])["Angla Merkel"]) == 1


def test_a_renamed_alias_is_found_by_its_new_name():
    (record,) = indexed(make_record("Upper Volta", kind=Kind.STATE))
    compact(force=True)
    record.aliases.update(name="Burkina Faso", key="burkina faso")
    CandidateIndex().index_aliases(record.aliases.values_list("pk", flat=True))
    assert ids(CandidateIndex().lookup(["Burkina Fasso"]), "Burkina Fasso") == [record.pk]
    # The older segment still leads here until segments merge; the answer shows the name as it is now.
    assert {one.name for one in CandidateIndex().lookup(["Upper Volta"])["Upper Volta"]} <= {"Burkina Faso"}


def test_unindexing_shortens_the_tail():
    (record,) = indexed(make_record("Kofi Annan"))
    CandidateIndex().unindex(record.aliases.values_list("pk", flat=True))
    assert IndexChange.objects.count() == 0


def test_a_poor_best_match_is_looked_for_further(monkeypatch):
    budgets = []
    shortlist = candidates.BlockingIndex.shortlist

    def watched(self, *args, **options):
        budgets.append(options["budgets"])
        return shortlist(self, *args, **options)

    monkeypatch.setattr(candidates.BlockingIndex, "shortlist", watched)
    monkeypatch.setattr(candidates.blocking, "FIRST_BUDGET", 2)
    monkeypatch.setattr(candidates.blocking, "BUDGET", 4)
    for name in ("Angela Merkel", "Vladimir Putin", "Kofi Annan"):
        make_record(name)
    rebuild()
    CandidateIndex().lookup(["Kofi Annan"])
    budgets.clear()
    CandidateIndex().lookup(["Angela Merkel", "Anmerk"])
    assert budgets == [(2, 4), (candidates.blocking.WIDE_BUDGET,)]


def test_names_far_from_a_withdrawn_one_are_answered_all_the_same():
    merkel, other = indexed(make_record("Angela Dorothea Merkel"), make_record("Angelina Kastner"))
    rebuild()
    alias = merkel.aliases.get()
    assert ids(CandidateIndex().lookup(["Angela Dorothea Merkl"]), "Angela Dorothea Merkl") == [merkel.pk]
    alias.withdrawn_at = timezone.now()
    alias.save()
    assert ids(CandidateIndex().lookup(["Angela Dorothea Merkl"]), "Angela Dorothea Merkl") in ([], [other.pk])
    assert ids(CandidateIndex().lookup(["Angelina Dorothea Kastl"]), "Angelina Dorothea Kastl") == [other.pk]


def test_a_look_up_that_reads_no_postings_follows_writes_too():
    CandidateIndex().lookup(["anything"])
    indexed(make_record("Kofi Annan"))
    IndexChange.objects.all().delete()
    assert CandidateIndex().lookup(["..."]) == {"...": []}
    assert candidates._held.state == candidates._database_state()


def test_a_look_up_of_one_form_takes_two_statements_past_the_exact_ones(django_assert_max_num_queries, monkeypatch):
    indexed(make_record("Angela Merkel"))
    rebuild()
    CandidateIndex().lookup(["Angela Merkle"])
    statements = []
    fetch = candidates._fetch
    monkeypatch.setattr(candidates, "_fetch", lambda *args: statements.append(args[1]) or fetch(*args))
    with django_assert_max_num_queries(0):  # Django's own cursor is not used at all
        CandidateIndex().lookup(["Angela Merkle"])
    assert statements == ["id", "a.id"]


def test_the_rebuild_command(capsys):
    make_record("Angela Merkel")
    with pytest.raises(CommandError, match="rebuild_index"):
        call_command("rebuild_index", "--check")
    call_command("rebuild_index")
    assert "1 names indexed" in capsys.readouterr().out
    call_command("rebuild_index", "--check")
    assert "1 names in 1 segments, 0 since; 1 aliases in use" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_threads_share_the_index():
    for number in range(30):
        make_record(f"Ivan {chr(65 + number % 26)}etrov{number}")
    rebuild()
    names = [f"Ivan {chr(65 + number % 26)}etrow{number}" for number in range(30)]
    expected = [ids(CandidateIndex().lookup([name]), name) for name in names]

    def ask(name):
        try:
            return ids(CandidateIndex().lookup([name]), name)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, names * 3)) == expected * 3
