"""What speaks against a merge, and what it touches."""

from __future__ import annotations

import pytest

from entities.merging import MergeError, contradictions, doubts, impact, merge
from entities.models import Judgement, Merge, Relation
from tests.entities.merging.making import identify, judge, relate
from tests.factories import make_alias, make_record, make_term

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("one", "other", "sentence"),
    [
        ({"kind": "person"}, {"kind": "organization"}, "of kind"),
        ({"valid_from": "1949-10-02"}, {"valid_from": "1970"}, "born in 1949"),
        ({"valid_to": "1991"}, {"valid_to": "2003-01"}, "died in 1991"),
    ],
)
def test_contradictions_block_a_merge_until_somebody_says_why(one, other, sentence, merger):
    a, b = make_record("A Name", **one), make_record("A Name", **other)
    with pytest.raises(MergeError, match=sentence):
        merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    with pytest.raises(MergeError, match="Say why"):
        merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger, override=True, reason=" ")
    assert not Merge.objects.exists()
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger, override=True, reason="the book is wrong")
    assert sentence in done.inverse["in_spite_of"][0]


def test_two_wikidata_ids_block_a_merge(merger):
    a, b = make_record(), make_record()
    identify(a, "wikidata", "Q1")
    identify(b, "wikidata", "Q2")
    assert contradictions(a, b) == ["Their wikidata ids differ: Q1 and Q2."]
    with pytest.raises(MergeError, match="Q1 and Q2"):
        merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)


def test_a_verdict_of_different_blocks_a_merge_also_after_others_were_merged(merger):
    a, b, c = make_record(), make_record(), make_record()
    judge(a, b, "different", merger)
    with pytest.raises(MergeError, match="merger said on"):
        merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    merge(survivor_id=c.pk, absorbed_id=b.pk, actor=merger)
    with pytest.raises(MergeError, match="different"):
        merge(survivor_id=a.pk, absorbed_id=c.pk, actor=merger)
    merge(survivor_id=a.pk, absorbed_id=c.pk, actor=merger, override=True, reason="proved by the register")
    assert not Judgement.objects.filter(verdict="different", superseded_at=None).exists()


def test_a_record_that_follows_the_other_is_not_the_same(merger):
    ussr, russia = make_record("Soviet Union", "state"), make_record("Russia", "state")
    relate(ussr, "successor", russia)
    with pytest.raises(MergeError, match="was followed by"):
        merge(survivor_id=russia.pk, absorbed_id=ussr.pk, actor=merger)
    merge(survivor_id=russia.pk, absorbed_id=ussr.pk, actor=merger, override=True, reason="test")
    assert not Relation.objects.in_use().exists()  # nothing follows itself


def test_the_impact_is_known_before(assads):
    a, b, _ = assads
    told = impact(a, [b])
    assert told.facts == {"alias": 3, "identifier": 1, "term of office": 2, "relation": 1}
    assert told.redirects == 1


def test_two_of_one_office_one_after_the_other_are_doubted_and_may_be_merged(merger):
    state = make_record("Ruritania", "state")
    one, other = make_record("Margaret Ames"), make_record("John Minor")
    make_term(one, "Prime Minister", state=state, start="1979", end="1990")
    make_term(other, "Prime Minister", state=state, start="1990", end="1997")
    told = [
        "‹Margaret Ames› and ‹John Minor› have no name alike.",
        "‹Margaret Ames› was Prime Minister of Ruritania 1979 – 1990, ‹John Minor› 1990 – 1997: one after the other.",
    ]
    assert doubts(one, other) == told
    assert [text.partition(" was ")[2] for text in doubts(other, one)] == ["", told[1].partition(" was ")[2]]
    assert contradictions(one, other) == []
    merge(survivor_id=one.pk, absorbed_id=other.pk, actor=merger)


def test_names_that_are_alike_and_terms_that_overlap_are_not_doubted():
    state = make_record("Ruritania", "state")
    one, other = make_record("Margaret Ames"), make_record("The Baroness of Streslau")
    make_alias(other, "Margaret Ames")
    make_term(one, "Prime Minister", state=state, start="1979", end="1990")
    make_term(one, "Minister", state=state, start="1970", end="1974")
    make_term(other, "Prime Minister", state=state, start="1983")
    make_term(other, "Minister", state=state, start="1974", end="1979")
    make_term(other, "Prime Minister", state=make_record("Graustark", "state"), start="1995")
    assert doubts(one, other) == []
    assert doubts(make_record("Margaret Ames"), state) == [], "of another kind is a contradiction already"


def test_what_was_founded_in_other_years_or_belongs_to_other_states_is_doubted():
    one, other = (
        make_record(name, "organization", valid_from=year) for name, year in (("Bank", "1945"), ("The Bank", "1966"))
    )
    relate(one, "state", make_record("Ruritania", "state"))
    relate(other, "state", make_record("Graustark", "state"))
    assert doubts(one, other) == [
        "‹Bank› was founded in 1945, ‹The Bank› in 1966.",
        "‹Bank› belongs to Ruritania, ‹The Bank› belongs to Graustark.",
    ]
    assert contradictions(one, other) == []
    pact, treaty = (
        make_record(name, "agreement", signed=day) for name, day in (("Pact", "1954-12-31"), ("The Pact", "1955-01-01"))
    )
    assert doubts(pact, treaty) == [], "a year apart may be a slip"
    make_record("Unrelated")
    assert [text[:20] for text in doubts(make_record("Pact", "agreement", signed="1990"), pact)] == [
        "‹Pact› was signed in"
    ]
