"""What speaks against a merge, and what it touches."""

from __future__ import annotations

import pytest

from entities.merging import MergeError, contradictions, impact, merge
from entities.models import Judgement, Merge, Relation
from tests.entities.merging.making import identify, judge, relate
from tests.factories import make_record

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
