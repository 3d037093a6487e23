"""Why, why not, and what would change it: every change that is told is true when it is made."""

from __future__ import annotations

import pytest

from articles.detection import detect
from articles.resolution import MemoryCatalogue, resolve
from articles.resolution.catalogue import Similar
from articles.resolution.explaining import explain
from entities.matching.types import AliasType, Kind, Name, Outcome, RecordView, Term

FRANCE, RUSSIA = 1, 2
CHIRAC, MACRON, PUTIN, OTHER = 11, 12, 13, 14
TREATY, OLD_TREATY = 21, 22


def state(id_, name, adjective, capital):
    names = (Name(name), Name(adjective, AliasType.ADJECTIVE), Name(capital, AliasType.METONYM))
    return RecordView(id_, Kind.STATE, name, names=names)


def president(id_, name, place, place_name, start, end=None):
    term = Term("President", state=place, start=start, end=end, at=place_name)
    return RecordView(id_, Kind.PERSON, name, names=(Name(name),), states=(place,), terms=(term,), prominence=1)


RECORDS = [
    state(FRANCE, "France", "French", "Paris"),
    state(RUSSIA, "Russia", "Russian", "Moscow"),
    president(CHIRAC, "Jacques Chirac", FRANCE, "France", "1995-05-17", "2007-05-16"),
    president(MACRON, "Emmanuel Macron", FRANCE, "France", "2017-05-14"),
    president(PUTIN, "Vladimir Putin", RUSSIA, "Russia", "2012-05-07"),
    RecordView(OTHER, Kind.PERSON, "Igor Putin", names=(Name("Igor Putin"),), states=(RUSSIA,)),
    RecordView(
        TREATY, Kind.AGREEMENT, "Treaty of Friendship between France and Russia", signed="1992-02-07",
        names=(Name("Treaty of Friendship between France and Russia"),), parties=(FRANCE, RUSSIA),
    ),
]  # fmt: skip
BY_ID = {record.id: record for record in RECORDS}


@pytest.fixture(scope="module")
def catalogue():
    return MemoryCatalogue(
        RECORDS, similar=lambda surfaces: {surface: [Similar(MACRON, "Macron", 0.1)] for surface in surfaces}
    )


def why(catalogue, text, surface, record, date=None):
    spans = detect(text, catalogue.gazetteers, None)
    start = text.index(surface)
    return explain(text, spans, catalogue, (start, start + len(surface)), BY_ID[record], date=date, is_tagged=False)


def linked(catalogue, text, surface, date):
    resolutions = resolve(text, detect(text, catalogue.gazetteers, None), catalogue, date=date, is_tagged=False)
    start = text.index(surface)
    [one] = [one for one in resolutions if (one.span.start, one.span.end) == (start, start + len(surface))]
    return one.decision.record_id if one.decision.outcome is Outcome.LINK else None


PRESIDENT = "The French president spoke in Lyon on Monday."


def test_a_link_is_explained_by_what_speaks_for_it(catalogue):
    found = why(catalogue, PRESIDENT, "The French president", MACRON, "2019-03-01")
    assert found.outcome is Outcome.LINK
    assert found.was_weighed
    assert found.speaks_for
    assert "Emmanuel Macron" in found.summary


def test_another_president_would_be_linked_in_an_article_of_his_time(catalogue):
    found = why(catalogue, PRESIDENT, "The French president", CHIRAC, "2019-03-01")
    assert found.outcome is Outcome.NIL
    assert found.instead.id == MACRON
    dated = next(change for change in found.changes if "President of France" in change.condition)
    assert dated.outcome is Outcome.LINK
    # What is promised happens.
    year = dated.condition.split("were of ")[1][:4]
    assert 1995 <= int(year) <= 2007
    assert linked(catalogue, PRESIDENT, "The French president", f"{year}-06") == CHIRAC


def test_who_never_held_the_office_is_said_not_to_have(catalogue):
    found = why(catalogue, "The French foreign minister spoke.", "The French foreign minister", MACRON, "2019-03-01")
    assert not found.was_weighed
    assert "no term of office as foreign minister is known" in found.summary


def test_who_held_it_elsewhere_is_said_to_have_held_it_there(catalogue):
    found = why(catalogue, PRESIDENT, "The French president", PUTIN, "2019-03-01")
    assert "elsewhere only: President of Russia" in found.summary


def test_a_name_that_is_none_of_the_record_would_have_to_be_one(catalogue):
    text = "Jacques Chirac spoke in Paris. He was brief."
    found = why(catalogue, text, "Jacques Chirac", MACRON, "2019-03-01")
    assert not found.was_weighed
    assert "not among its names" in found.summary
    assert "“Emmanuel Macron”" in found.summary


def test_a_form_that_the_article_uses_for_another_is_said_to_be(catalogue):
    text = "Vladimir Putin spoke in Moscow. Putin was brief."
    start = text.rindex("Putin")
    spans = detect(text, catalogue.gazetteers, None)
    found = explain(text, spans, catalogue, (start, start + 5), BY_ID[OTHER], date="2019-03-01", is_tagged=False)
    assert found.outcome is Outcome.NIL
    assert "the article uses “Putin” for “Vladimir Putin”" in found.summary


def test_an_agreement_without_the_party_named_is_said_to_lack_it(catalogue):
    text = "The 1992 treaty between France and Iceland was praised."
    records = [*RECORDS, state(3, "Iceland", "Icelandic", "Reykjavik")]
    catalogue = MemoryCatalogue(records)
    spans = detect(text, catalogue.gazetteers, None)
    [span] = [span for span in spans if span.agreement is not None]
    found = explain(text, spans, catalogue, (span.start, span.end), BY_ID[TREATY], date="1992-03-01", is_tagged=False)
    told = found.summary + " ".join(one.text for one in found.speaks_against)
    assert "no party" in told or "lacks a party" in told


def test_a_record_of_another_kind_is_told_from_a_description(catalogue):
    assert "describe a person" in why(catalogue, PRESIDENT, "The French president", FRANCE, "2019-03-01").summary


def test_words_that_are_no_mention_have_no_explanation(catalogue):
    spans = detect(PRESIDENT, catalogue.gazetteers, None)
    assert explain(PRESIDENT, spans, catalogue, (0, 3), BY_ID[MACRON], is_tagged=False) is None


def test_changes_are_told_in_sentences_that_end_with_their_condition(catalogue):
    found = why(catalogue, PRESIDENT, "The French president", CHIRAC, "2019-03-01")
    assert str(found.changes[0]).startswith("would be linked (")
    assert " if the article were of " in str(found.changes[0])


def test_a_link_that_rests_on_the_date_says_so(catalogue):
    found = why(catalogue, PRESIDENT, "The French president", CHIRAC, "2000-03-01")
    assert found.outcome is Outcome.LINK
    assert any("the article were of" in change.condition for change in found.changes)


def test_asking_alters_nothing(catalogue):
    before = linked(catalogue, PRESIDENT, "The French president", "2019-03-01")
    why(catalogue, PRESIDENT, "The French president", CHIRAC, "2019-03-01")
    assert linked(catalogue, PRESIDENT, "The French president", "2019-03-01") == before == MACRON


@pytest.mark.parametrize("record", sorted(BY_ID))
@pytest.mark.parametrize("date", [None, "1890", "1996-05-01", "2030-01-01"])
def test_every_pair_is_explained_whatever_the_date(catalogue, record, date):
    text = "In Moscow, the Russian president Vladimir Putin met Macron and praised the 1992 treaty with France."
    spans = detect(text, catalogue.gazetteers, None)
    for span in spans:
        found = explain(text, spans, catalogue, (span.start, span.end), BY_ID[record], date=date, is_tagged=False)
        assert found.summary
        assert 0 <= found.probability <= 1
        assert -1 <= found.margin <= 1
        for change in found.changes:
            assert change.outcome is not found.outcome
