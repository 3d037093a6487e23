"""Names looked up without an article: who is meant, how surely, and why."""

import pytest
from django.utils import timezone

from entities.candidates import CandidateIndex
from entities.lookup import NameQuery, match_names
from entities.matching.types import Kind
from entities.models import Alias, Identifier, Relation
from tests.factories import make_record, make_term

pytestmark = pytest.mark.django_db


def indexed():
    CandidateIndex().index_aliases(Alias.objects.values_list("pk", flat=True))


def one(name, **more):
    return match_names([NameQuery(name, **more)])[0]


def test_the_same_name_is_nearly_sure_and_says_so():
    person = make_record("Masoud Pezeshkian")
    indexed()
    [match] = one("Masoud Pezeshkian")
    assert (match.entity_id, match.public_id, match.kind) == (person.pk, person.public_id, "person")
    assert match.probability > 0.98
    assert match.margin == match.probability
    assert match.reasons == ["the same name"]


def test_a_misspelt_name_is_found_and_less_sure():
    make_record("Masoud Pezeshkian")
    indexed()
    [match] = one("Masud Pezeshkyan")
    assert 0.5 < match.probability <= one("Masoud Pezeshkian")[0].probability
    assert "similar to Masoud Pezeshkian" in match.reasons[0]


def test_nothing_alike_is_no_match():
    make_record("Masoud Pezeshkian")
    indexed()
    assert one("Greta Thunberg") == []
    assert one("...") == []


def test_namesakes_share_the_probability_and_have_no_margin():
    make_record("George Bush", valid_from="1924-06-12")
    make_record("George Bush", valid_from="1946-07-06")
    indexed()
    first, second = one("George Bush")
    assert first.probability == second.probability < 0.5
    assert first.margin == 0


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"valid_from": "1946"}, "begins 1946-07-06, as given"),
        ({"identifiers": {"wikidata": "Q207"}}, "same wikidata id: Q207"),
        ({"states": ("TST",)}, "a state in common"),
        ({"states": ("Testland",)}, "a state in common"),
        ({"on": "2020-01-01"}, "existed on 2020-01-01"),
        ({"properties": {"office": "Governor"}}, "held: Governor"),
        ({"properties": {"occupation": "oilman"}}, "agrees in occupation: Oilman"),
    ],
)
def test_what_is_known_tells_namesakes_apart(known, reason):
    land, other = make_record("Testland", kind=Kind.STATE), make_record("Otherland", kind=Kind.STATE)
    Identifier.objects.create(entity=land, scheme="iso3", value="TST")
    older = make_record(
        "George Bush", valid_from="1924-06-12", valid_to="2018-11-30", attributes={"occupation": "sailor"}
    )
    younger = make_record("George Bush", valid_from="1946-07-06", attributes={"occupation": "Oilman"})
    make_term(older, "Ambassador", state=other)
    make_term(younger, "Governor", state=land)
    Identifier.objects.create(entity=older, scheme="wikidata", value="Q23505")
    Identifier.objects.create(entity=younger, scheme="wikidata", value="Q207")
    indexed()
    best, next_ = one("George Bush", **known)
    assert best.entity_id == younger.pk
    assert best.margin > 0.3 > next_.probability
    assert reason in best.reasons


def test_kinds_narrow_and_each_query_keeps_its_own():
    state = make_record("Georgia", kind=Kind.STATE)
    person = make_record("Georgia", kind=Kind.PERSON)
    indexed()
    found = match_names([NameQuery("Georgia", kinds=("state",)), NameQuery("Georgia", kinds=("person",))])
    assert [[match.entity_id for match in matches] for matches in found] == [[state.pk], [person.pk]]


def test_an_identifier_finds_a_record_whatever_the_name():
    record = make_record("Kyiv Accord", kind=Kind.AGREEMENT)
    Identifier.objects.create(entity=record, scheme="wikidata", value="Q99")
    indexed()
    [match] = one("something else entirely", identifiers={"wikidata": "Q99"})
    assert match.entity_id == record.pk
    assert "another name" in match.reasons


def test_withdrawn_names_are_not_found():
    record = make_record("Persia", kind=Kind.STATE, aliases=["Eranshahr"])
    indexed()
    assert [match.entity_id for match in one("Eranshahr")] == [record.pk]
    record.aliases.filter(name="Eranshahr").update(withdrawn_at=timezone.now())
    assert one("Eranshahr") == []


def test_probabilities_leave_room_for_none():
    for number in range(5):
        make_record("Ali Ahmad", valid_from=f"19{number}0")
    indexed()
    assert sum(match.probability for match in one("Ali Ahmad")) < 1


@pytest.mark.parametrize("count", [1, 60])
def test_a_batch_costs_a_fixed_number_of_queries(django_assert_max_num_queries, count):
    state = make_record("Testland", kind=Kind.STATE)
    for number in range(count):
        record = make_record(f"Person Number{number}")
        Relation.objects.create(entity=record, type="state", target=state)
    indexed()
    queries = [
        NameQuery(f"Person Number{number}", states=("Testland",), identifiers={"wikidata": "Q1"})
        for number in range(count)
    ]
    with django_assert_max_num_queries(16):
        found = match_names(queries)
    assert len(found) == count
    assert all(matches for matches in found)
