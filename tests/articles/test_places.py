"""A capital as a town and as a government, places that share a state's name, and people who share a surname."""

import pytest

from articles.detection import Span, detect
from articles.resolution import MemoryCatalogue, resolve
from articles.resolution.places import is_namesake, is_place_use
from entities.matching.types import AliasType, Kind, MentionType, Name, RecordView, Term


def marked(text):
    """The text and the span that stands in square brackets."""
    before, _, rest = text.partition("[")
    name, _, after = rest.partition("]")
    span = Span(len(before), len(before) + len(name), name, MentionType.PLACE_POLITICAL, "gazetteer")
    return before + name + after, span


@pytest.mark.parametrize(
    "text",
    [
        "[OSLO] (Agency) Ten men appeared on television.",
        "In his native [Oslo] he was forgotten.",
        "They shelled the airport of [Oslo] all night.",
        "She called her ambassador home from [Oslo].",
        "Planes from Riga to [Oslo] were full of wounded.",
        "He had envoys say so from [Oslo] to Riga.",
        "The minister rang from [Oslo] at noon.",
        "He will visit Riga, New Delhi and [Oslo].",
        "The bargain was made in Abu Dhabi and [Oslo].",
        "In 1991 the army stopped short of [Oslo].",
        "12.50 From [Oslo]: the envoy has landed.",
        "Crowds filled the square. [Oslo]'s suburbs were quiet.",
        'The driver shook his head. "[Oslo] is far," he said.',
        "Police closed the road. An [Oslo] court heard the case.",
        "Without help [Oslo] would have fallen within days.",
    ],
)
def test_a_capital_is_named_as_a_town(text):
    assert is_place_use(*marked(text))


@pytest.mark.parametrize(
    "text",
    [
        "[Oslo] said that it would not sign.",
        "[Oslo], where he made his fortune, says nothing in public.",
        "Riga takes no lessons from [Oslo] in this.",
        "The summit ended, leaving [Oslo] alone against eleven.",
        "Power has shifted from [Oslo] to Riga.",
        "He doesn't wish to lose [Oslo] and can't afford to.",
    ],
)
def test_a_capital_is_named_for_its_government(text):
    assert not is_place_use(*marked(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Real [Jordan] put off its match.", True),
        ("They lost to [Jordan] United on Sunday.", True),
        ("Her uncle [Jordan] waved.", True),
        ("He wrote to his brother. [Jordan] sent a plane.", False),
        ("Dr. [Jordan] answered.", True),
    ],
)
def test_a_states_name_may_be_a_clubs_or_a_persons(text, expected):
    assert is_namesake(*marked(text)) is expected


KOREA, SYRIA, RUSSIA, PALACE, WELLE, DUTY = 1, 2, 3, 4, 5, 6
ELDER, YOUNGER, HAN, OTHER_HAN, NOBEL, ALIYEV = 11, 12, 13, 14, 15, 16


def state(id_, name, capital):
    return RecordView(id_, Kind.STATE, name, names=(Name(name), Name(capital, AliasType.METONYM)))


def person(id_, name, born, place, title="President", start="2000-07-17", end=None):
    term = Term(title, state=place, start=start, end=end)
    return RecordView(
        id_, Kind.PERSON, name, names=(Name(name),), valid_from=born, states=(place,), terms=(term,), prominence=1
    )


@pytest.fixture(scope="module")
def catalogue():
    return MemoryCatalogue(
        [
            state(KOREA, "South Korea", "Seoul"),
            state(SYRIA, "Syria", "Damascus"),
            state(RUSSIA, "Russia", "Moscow"),
            person(ELDER, "Hafez al-Assad", "1930-10-06", SYRIA, start="1971-03-12", end="2000-06-10"),
            person(YOUNGER, "Bashar al-Assad", "1965-09-11", SYRIA),
            person(HAN, "Han Duck-soo", "1949-06-18", KOREA, "Prime Minister", "2022-05-21"),
            person(OTHER_HAN, "Han Dong-hoon", "1973-04-09", KOREA, "Minister of Justice", "2022-05-17"),
            person(NOBEL, "Alfred Nobel", "1833-10-21", RUSSIA, "Chemist", "1860"),
            person(ALIYEV, "Ilham Aliyev", "1961-12-24", RUSSIA),
            RecordView(WELLE, Kind.ORGANIZATION, "Deutsche Welle", names=(Name("Deutsche Welle"),)),
            RecordView(DUTY, Kind.ORGANIZATION, "Dubai World", names=(Name("Dubai World"),)),
        ]
    )


def linked(catalogue, text, date):
    """``(surface form, linked record or None)`` of each mention, in text order."""
    found = resolve(text, detect(text, catalogue.gazetteers, None), catalogue, date=date, is_tagged=False)
    return [
        (one.span.surface, one.decision.record_id if one.decision.outcome == "linked" else None)
        for one in found
        if one.span.role is None
    ]


def test_the_elder_of_a_surname_is_not_who_is_named_in_full(catalogue):
    text = "In Syria, Bashar al-Assad opened the hall. The elder Assad would have been more careful. Assad left early."
    found = linked(catalogue, text, "2005-02-15")
    assert [record for name, record in found if name == "Assad"] == [ELDER, YOUNGER]


def test_the_elder_of_whom_no_record_is_there_is_nobody(catalogue):
    text = "In Russia, Ilham Aliyev spoke of peace. The elder Aliyev called that paper a medicine."
    assert ("Aliyev", ALIYEV) not in linked(catalogue, text, "2020-11-10")


def test_the_other_of_two_is_the_one_less_spoken_of_just_before(catalogue):
    text = (
        "In South Korea, Han Dong-hoon shook hands with everybody. Han Duck-soo had been told too late, he said. It was"
        " the other Han who asked the president to leave."
    )
    assert ("Han", OTHER_HAN) in linked(catalogue, text, "2024-12-04")


def test_a_bare_surname_before_a_relative_in_full_is_not_the_relative(catalogue):
    text = "Syria votes. Assad waved from a car with his father Hafez al-Assad on a poster behind him in the old town."
    found = linked(catalogue, text, "2007-05-27")
    assert ("Assad", YOUNGER) in found
    assert ("Hafez al-Assad", ELDER) in found


@pytest.mark.parametrize(
    ("text", "is_person"),
    [("In Russia she won the Nobel Peace Prize.", False), ("In Russia, Nobel left a fortune to the academy.", True)],
)
def test_what_is_called_after_somebody_is_not_spoken_of_them(catalogue, text, is_person):
    assert any(name == "Nobel" for name, _ in linked(catalogue, text, "1890-12-10")) is is_person


def test_who_was_told_something_is_the_station(catalogue):
    assert ("DW", WELLE) in linked(catalogue, 'The bill will fail, a deputy told DW. "We can wait."', "2016-05-01")


def test_a_title_does_not_reach_over_a_full_stop(catalogue):
    text = "She held her head. Aliyev said that Russia would wait, and sent a president's greeting."
    [span] = [one for one in detect(text, catalogue.gazetteers, None) if one.surface == "Aliyev"]
    assert span.title == ""
