"""Names made of names that the catalogue has, which are not meant."""

import pytest

from articles.detection import detect
from articles.detection.ner import NamedSpan
from articles.resolution import MemoryCatalogue, chains, resolve
from articles.resolution.places import is_place_use
from entities.matching.types import AliasType, Kind, MentionType, Name, RecordView

ISRAEL, JORDAN, JOHNSON, XI, TRUMP, QUEEN = 1, 2, 11, 12, 13, 14


@pytest.fixture(scope="module")
def catalogue():
    def person(id_, name, *others):
        names = (Name(name), *(Name(other) for other in others))
        return RecordView(id_, Kind.PERSON, name, names=names, prominence=1)

    return MemoryCatalogue(
        [
            RecordView(ISRAEL, Kind.STATE, "Israel", names=(Name("Israel"), Name("Israeli", AliasType.ADJECTIVE))),
            RecordView(JORDAN, Kind.STATE, "Jordan", names=(Name("Jordan"), Name("Amman", AliasType.METONYM))),
            person(JOHNSON, "Boris Johnson"),
            person(XI, "Xi Jinping"),
            person(TRUMP, "Donald Trump"),
            person(QUEEN, "Elizabeth II", "the Queen"),
        ]
    )


def link(catalogue, text, *persons):
    """``(surface form, linked record or None)`` for each mention; ``persons`` are what a tagger takes for one."""
    tagged = [NamedSpan(text.index(one), text.index(one) + len(one), MentionType.PERSON) for one in persons]
    spans = detect(text, catalogue.gazetteers, tagged or None)
    return [
        (one.span.surface, one.decision.record_id if one.decision.outcome == "linked" else None)
        for one in resolve(text, spans, catalogue, date="2023-09-10", is_tagged=False)
    ]


@pytest.mark.parametrize("firm", ["Johnson & Johnson", "Johnson & Hart", "Marks, Johnson & Hart", "Johnson & Sons"])
def test_a_firm_is_none_of_its_partners(catalogue, firm):
    found = link(catalogue, f"The recall was ordered by {firm} on Monday. Boris Johnson praised it.")
    assert ("Johnson", JOHNSON) not in found
    assert ("Boris Johnson", JOHNSON) in found
    assert not [record for surface, record in found if surface == firm and record]


def test_two_known_persons_joined_in_a_headline_are_no_firm(catalogue):
    found = dict(link(catalogue, "The papers wrote of Trump & Xi. Donald Trump met Xi Jinping."))
    assert found["Trump"] == TRUMP
    assert found["Xi"] == XI


@pytest.mark.parametrize(
    ("text", "surface", "record"),
    [
        ("Israel Adesanya lost on points after five rounds.", "Israel Adesanya", None),
        ("The belt is Israel Adesanya's, they said.", "Israel Adesanya", None),
        ("Rockets fell on Israel Defence Forces posts.", "Israel", ISRAEL),
        ("A fire broke out in Israel Adesanya was told.", "Israel", ISRAEL),
        ("He came home from Jordan Sunday.", "Jordan", JORDAN),
    ],
)
def test_a_state_that_is_a_given_name(catalogue, text, surface, record):
    found = dict(link(catalogue, text))
    assert found.get(surface) == record
    if record is None:
        assert ISRAEL not in found.values()


def test_headlines_give_every_word_a_capital(catalogue):
    assert dict(link(catalogue, "Israel Rejects Zubrowka Offer Again\n\nThe offer was small."))["Israel"] == ISRAEL


def test_the_queen_mother_is_not_the_queen(catalogue):
    assert QUEEN not in dict(link(catalogue, "The Queen Mother was buried at Windsor on Tuesday.")).values()
    assert QUEEN in dict(link(catalogue, "We saw the Queen at Windsor on Tuesday.")).values()


def test_a_player_takes_his_country_s_name(catalogue):
    text = "Michael Jordan scored 45 points in Utah. Jordan stole the ball from Karl Malone, and Jordan won."
    assert JORDAN not in dict(link(catalogue, text, "Michael Jordan")).values()
    there = "Michael Jordan flew to Amman. Jordan signed the treaty with Israel the next day."
    assert dict(link(catalogue, there, "Michael Jordan"))["Jordan"] == JORDAN
    local = "Michael Jordan flew on. Talks went on in Jordan for a week."
    assert dict(link(catalogue, local, "Michael Jordan"))["Jordan"] == JORDAN


def test_a_name_repeated_is_looked_at_once_each_time(catalogue, monkeypatch):
    looked = []

    def counted(text, span):
        looked.append(span.start)
        return is_place_use(text, span)

    monkeypatch.setattr(chains, "is_place_use", counted)
    often = {}
    for number in (50, 100):
        looked.clear()
        link(catalogue, "Michael Jordan won. " + "Jordan won again. " * number, "Michael Jordan")
        often[number] = len(looked)
    assert often[100] < 2.5 * often[50]  # not four times
