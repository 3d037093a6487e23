"""The whole pure flow on small catalogues: who is meant, as of the article's date."""

import sys
from dataclasses import replace

import pytest

from articles.detection import detect
from articles.resolution import MemoryCatalogue, resolve
from entities.matching.types import AliasType, Kind, Name, RecordView, Term

resolving = sys.modules["articles.resolution.resolve"]  # the package has a function of this name

FRANCE, RUSSIA, IRAN = 1, 2, 3
CHIRAC, MACRON, PUTIN, PEZESHKIAN, RAISI = 11, 12, 13, 14, 15
DEAL, TREATY = 21, 22


def state(id_, name, adjective, capital):
    names = (
        Name(name),
        Name(adjective, AliasType.ADJECTIVE),
        Name(adjective, AliasType.DEMONYM),
        Name(capital, AliasType.METONYM),
    )
    return RecordView(id_, Kind.STATE, name, names=names)


def person(id_, name, title, place, place_name, start, end=None):
    term = Term(title, state=place, start=start, end=end, at=place_name)
    return RecordView(id_, Kind.PERSON, name, names=(Name(name),), states=(place,), terms=(term,), prominence=1)


@pytest.fixture(scope="module")
def catalogue():
    return MemoryCatalogue(
        [
            state(FRANCE, "France", "French", "Paris"),
            state(RUSSIA, "Russia", "Russian", "Moscow"),
            state(IRAN, "Iran", "Iranian", "Tehran"),
            person(CHIRAC, "Jacques Chirac", "President", FRANCE, "France", "1995-05-17", "2007-05-16"),
            person(MACRON, "Emmanuel Macron", "President", FRANCE, "France", "2017-05-14"),
            person(PUTIN, "Vladimir Putin", "President", RUSSIA, "Russia", "2012-05-07"),
            person(RAISI, "Ebrahim Raisi", "President", IRAN, "Iran", "2021-08-03", "2024-05-19"),
            person(PEZESHKIAN, "Masoud Pezeshkian", "President", IRAN, "Iran", "2024-07-28"),
            RecordView(
                DEAL, Kind.AGREEMENT, "Joint Comprehensive Plan of Action", signed="2015-07-14", prominence=1,
                names=(Name("Joint Comprehensive Plan of Action"), Name("Iran nuclear deal", AliasType.NICKNAME)),
                parties=(IRAN, FRANCE, RUSSIA),
            ),
            RecordView(
                TREATY, Kind.AGREEMENT, "Treaty of Friendship between France and Russia", signed="1992-02-07",
                names=(Name("Treaty of Friendship between France and Russia"),), parties=(FRANCE, RUSSIA),
            ),
        ]
    )  # fmt: skip


def link(catalogue, text, date=None):
    """Surface form → linked record, or None."""
    resolutions = resolve(text, detect(text, catalogue.gazetteers, None), catalogue, date=date, is_tagged=False)
    for one in resolutions:
        assert text[one.span.start : one.span.end] == one.span.surface
        assert 0 <= one.decision.probability <= 1
        assert one.decision.reason
    return {
        one.span.surface: one.decision.record_id if one.decision.outcome == "linked" else None for one in resolutions
    }


@pytest.mark.parametrize(("date", "holder"), [("2003-02-01", CHIRAC), ("2019-06-01", MACRON)])
def test_the_date_decides_who_the_president_is(catalogue, date, holder):
    found = link(catalogue, "The talks failed. The French president flew home on Monday, a spokesman said.", date)
    assert found["The French president"] == holder


def test_a_surname_goes_back_to_the_full_name(catalogue):
    text = "President Masoud Pezeshkian spoke first. Later Pezeshkian met reporters in Tehran."
    found = link(catalogue, text, "2025-01-17")
    assert found["Pezeshkian"] == PEZESHKIAN
    assert found["Tehran"] is None


def test_a_capital_that_acts_is_its_government(catalogue):
    assert link(catalogue, "Officials in Iran said that Moscow would not sign.", "2025-01-17")["Moscow"] == RUSSIA


def test_a_counterpart_holds_the_same_office_elsewhere(catalogue):
    text = "Russian President Vladimir Putin received his Iranian counterpart on Friday in the old palace."
    assert link(catalogue, text, "2025-01-17")["his Iranian counterpart"] == PEZESHKIAN


def test_an_agreement_is_known_by_year_and_parties(catalogue):
    text = "France had signed the 2015 deal between Iran and six nuclear powers, which later fell apart."
    found = link(catalogue, text, "2020-01-05")
    assert found["2015 deal between Iran and six nuclear powers"] == DEAL


def test_judging_again_what_has_no_news_would_change_nothing(catalogue, monkeypatch):
    text = (
        "PARIS - Russian President Vladimir Putin met Mr Macron in Paris. Putin and the French president spoke of Iran,"
        " whose President Pezeshkian stayed in Tehran. Moscow, Macron said, and the Iranians want the Treaty of Friendship"
        " between France and Russia."
    )

    def decisions():
        found = resolve(text, detect(text, catalogue.gazetteers, None), catalogue, date="2025-01-17", is_tagged=False)
        return [(one.span.start, one.decision.record_id, one.decision.outcome, one.decision.reason) for one in found]

    asked = []
    judge = resolving.has_news
    monkeypatch.setattr(resolving, "has_news", lambda *args: asked.append(judge(*args)) or asked[-1])
    once = decisions()
    assert {True, False} == set(asked)
    monkeypatch.setattr(resolving, "has_news", lambda *args: True)
    assert decisions() == once


def test_a_text_that_names_no_country_has_that_of_its_people():
    """The ministry of the persons' country is meant, not the better known one of that name."""
    ours, theirs = 31, 32
    catalogue = MemoryCatalogue(
        [
            state(FRANCE, "France", "French", "Paris"),
            state(RUSSIA, "Russia", "Russian", "Moscow"),
            person(MACRON, "Emmanuel Macron", "President", FRANCE, "France", "2017-05-14"),
            *(
                RecordView(
                    id_, Kind.ORGANIZATION, name, names=(Name(name), Name("Treasury", AliasType.SHORT)), states=(place,)
                )
                for id_, name, place in ((ours, "Tresor", FRANCE), (theirs, "Kazna", RUSSIA))
            ),
        ]
    )
    text = "Emmanuel Macron defended the budget. The Treasury said on Monday that the cuts would pay for themselves."
    [found] = [
        one
        for one in resolve(
            text, detect(text, catalogue.gazetteers, None), catalogue, date="2022-09-24", is_tagged=False
        )
        if one.span.surface == "Treasury"
    ]
    assert found.ranking[0].record_id == ours
    assert "no_state" in {name for one in found.ranking if one.record_id == theirs for name in one.evidence}


def test_whose_father_he_is_stands_not_beside_his_name(catalogue):
    found = link(catalogue, "Jacques Chirac, the Iranian president's guest, spoke in Paris.", "2025-01-17")
    assert found["the Iranian president"] == PEZESHKIAN


def test_text_without_any_name_yields_nothing(catalogue):
    assert link(catalogue, "it rained all day, and nobody came.", "2020-01-01") == {}


@pytest.mark.parametrize("text", ["", " ", "\x00", "President" * 500, "the the the " * 2000, "“”’‘—" * 300])
def test_odd_texts_break_nothing(catalogue, text):
    assert isinstance(link(catalogue, text, "2020-01-01"), dict)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("London, where Theresa May governs. In May she left. The treaty of May 12 stays, and last May is past.", 1),
        ("London, where Theresa May governs. A spokesman said May would stay.", 2),
        ("The March 23 Movement is back. Nobody marched in March 2013, nor on March 5.", 1),
    ],
)
def test_a_months_name_beside_a_date_names_nobody(text, meant):
    catalogue = MemoryCatalogue(
        [
            person(31, "Theresa May", "Prime Minister", 4, "the United Kingdom", "2016-07-13", "2019-07-24"),
            RecordView(32, Kind.ORGANIZATION, "March 23 Movement", names=(Name("March 23 Movement"),), prominence=1),
        ]
    )
    found = resolve(text, detect(text, catalogue.gazetteers, None), catalogue, date="2017-05-14", is_tagged=False)
    assert sum(one.decision.record_id in (31, 32) for one in found) == meant


BUSH, CLINTON, POWELL, PERRY, POPE, ANNAN, PRESS, SAHHAF, AZIZ, SADDAM, RUMSFELD = range(41, 52)
AMERICA, IRAQ, SEE, UN, ALLIANCE, FRONT = 5, 6, 7, 8, 9, 10


def held(id_, name, *terms, valid_to=None, state_=AMERICA, iso=""):
    made = tuple(
        Term(
            title, state=None if place == UN else place, organization=UN if place == UN else None, start=start, end=end
        )
        for title, place, start, end in terms
    )
    return RecordView(
        id_, Kind.PERSON, name, names=(Name(name),), states=(state_,), terms=made, valid_to=valid_to, prominence=1
    )


@pytest.fixture(scope="module")
def offices_of_2003():
    return MemoryCatalogue(
        [
            state(AMERICA, "United States", "American", "Washington"),
            state(IRAQ, "Iraq", "Iraqi", "Baghdad"),
            state(SEE, "Holy See", "Vatican", "Vatican City"),
            RecordView(UN, Kind.ORGANIZATION, "United Nations", names=(Name("United Nations"), Name("UN", AliasType.ACRONYM))),
            RecordView(
                ALLIANCE, Kind.ORGANIZATION, "NATO",
                names=(Name("NATO", AliasType.ACRONYM), Name("the Alliance", weak=True)), prominence=1,
            ),
            held(CLINTON, "Bill Clinton", ("President", AMERICA, "1993-01-20", "2001-01-20")),
            held(BUSH, "George Bush", ("President", AMERICA, "2001-01-20", "2009-01-20")),
            held(PERRY, "William Perry", ("Secretary of Defense", AMERICA, "1994-02-03", "1997-01-24")),
            held(RUMSFELD, "Donald Rumsfeld", ("Secretary of Defense", AMERICA, "2001-01-20", "2006-12-18")),
            held(POPE, "Pope John Paul II", ("Pope", SEE, "1978-10-16", "2005-04-02"), state_=SEE),
            held(ANNAN, "Kofi Annan", ("Secretary-General", UN, "1997-01-01", "2007-01-01")),
            held(PRESS, "Fred Eckhard", ("Spokesman for the Secretary-General", UN, "1997-01-01", "2005-06-30")),
            held(SADDAM, "Saddam Hussein", ("President", IRAQ, "1979-07-16", "2003-04-09"), state_=IRAQ),
            held(AZIZ, "Tariq Aziz", ("Prime Minister", IRAQ, "2002-01-01", "2003-04-09"), state_=IRAQ),
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "surface", "record"),
    [
        # "Then" is of the year that the sentence tells, and never of who holds it now.
        ("In 1998 the then American president bombed Iraq.", "the then American president", CLINTON),
        ("Bill Clinton spoke. The then American president bombed Iraq.", "The then American president", CLINTON),
        # Whose he was is printed before, and so are the days.
        ("Bill Clinton's defence secretary came.", "Bill Clinton's defence secretary", PERRY),
        ("George Bush's defence secretary came.", "George Bush's defence secretary", RUMSFELD),
        ("Bill Clinton's successor came.", "Bill Clinton's successor", BUSH),
        ("George Bush's predecessor came.", "George Bush's predecessor", CLINTON),
        # There is but one pope; a body's head is not its spokesman.
        ("They saw the pope in winter.", "the pope", POPE),
        ("The UN secretary-general warned them.", "The UN secretary-general", ANNAN),
        # Where the president governs he is the leader.
        ("The Iraqi leader slept.", "The Iraqi leader", SADDAM),
        # "The country's president" is the president.
        ("George Bush spoke in Washington. The country's president was tired.", "The country's president", BUSH),
        # Named further down.
        ("They asked where the American president was. George Bush was asleep.", "the American president", BUSH),
        # Whom the catalogue lacks is named beside the office.
        (
            "Donald Rumsfeld spoke in Washington. The American president, Jed Bartlet, was tired.",
            "The American president",
            None,
        ),
        # A minister's office alone means whom the text names with it.
        ("Donald Rumsfeld spoke. The defence secretary was tired.", "The defence secretary", RUMSFELD),
        ("Saddam Hussein sat next to his American opposite number.", "his American opposite number", BUSH),
        # No person's.
        ("George Bush and the successor to Kyoto met.", "the successor", None),
        ("George Bush praised the treaty and its predecessor.", "its predecessor", None),
        ("The UN chief negotiator left.", "The UN chief", None),
    ],
)
def test_whom_an_office_means(offices_of_2003, text, surface, record):
    assert link(offices_of_2003, text, "2003-02-14").get(surface) == record


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("NATO met. Afterwards the alliance split.", True),
        ("NATO met. The Northern Alliance took Kabul. Afterwards the alliance split.", False),
        ("The Northern Alliance took Kabul with NATO. Afterwards the alliance split.", True),
    ],
)
def test_the_alliance_last_spoken_of_is_meant(offices_of_2003, text, meant):
    spans = detect(text, offices_of_2003.gazetteers, None)
    senses = [sense for span in spans if span.surface == "the alliance" for sense in span.senses]
    assert (ALLIANCE in [sense.record_id for sense in senses]) is meant


# --- Who of a surname, whose capital, which state -------------------------------------------------------------------

USA, SOVIET, GEORGIA, BILL, HILLARY, GEORGE, YOUNGER, KOHL, AUNG, GERMANY, MERKEL, SCOTLAND = range(31, 43)


@pytest.fixture(scope="module")
def wider():
    def of_usa(id_, name, title, start, end, *names):
        record = person(id_, name, title, USA, "the United States", start, end)
        return replace(record, names=(Name(name), *(Name(other) for other in names)))

    return MemoryCatalogue(
        [
            state(USA, "United States", "American", "Washington"),
            replace(state(RUSSIA, "Russia", "Russian", "Moscow"), valid_from="1991-12-25"),
            replace(
                state(SOVIET, "Soviet Union", "Soviet", "Moscow"),
                valid_from="1922-12-30", valid_to="1991-12-26", successors=(RUSSIA,),
            ),
            state(GEORGIA, "Georgia", "Georgian", "Tbilisi"),
            state(GERMANY, "Germany", "German", "Berlin"),
            of_usa(BILL, "Bill Clinton", "President", "1993-01-20", "2001-01-20"),
            of_usa(HILLARY, "Hillary Clinton", "Secretary of State", "2009-01-21", "2013-02-01"),
            of_usa(GEORGE, "George H. W. Bush", "President", "1989-01-20", "1993-01-20", "George Bush"),
            of_usa(YOUNGER, "George W. Bush", "President", "2001-01-20", "2009-01-20"),
            person(KOHL, "Helmut Kohl", "Chancellor", GERMANY, "Germany", "1982-10-01", "1998-10-27"),
            person(MERKEL, "Angela Merkel", "Chancellor", GERMANY, "Germany", "2005-11-22", "2021-12-08"),
            RecordView(AUNG, Kind.PERSON, "Aung San Suu Kyi", names=(Name("Aung San Suu Kyi"),), prominence=1),
            RecordView(SCOTLAND, Kind.PERSON, "Patricia Scotland", names=(Name("Patricia Scotland"),), prominence=2),
        ]
    )  # fmt: skip


def linked(catalogue, text, date):
    """``(surface form, linked record or None)`` for each mention, in text order."""
    resolutions = resolve(text, detect(text, catalogue.gazetteers, None), catalogue, date=date, is_tagged=False)
    return [
        (one.span.surface, one.decision.record_id if one.decision.outcome == "linked" else None) for one in resolutions
    ]


def test_a_title_tells_one_of_a_surname_from_another_in_full(wider):
    text = "Secretary Clinton thanked the envoys. Bill Clinton was flying home. Mr Clinton waved. Mrs Clinton did not."
    found = [record for surface, record in linked(wider, text, "2009-08-05") if "Clinton" in surface]
    assert found == [HILLARY, BILL, BILL, HILLARY]


def test_the_president_is_not_the_father_who_is_called_so_by_courtesy(wider):
    text = (
        "George W. Bush gave him 48 hours. His father, President George Bush, had stopped short of the capital in 1991."
        ' "The president has decided," said a spokesman.'
    )
    found = dict(linked(wider, text, "2003-03-18"))
    assert found["The president"] in (YOUNGER, None)


@pytest.mark.parametrize(("date", "meant"), [("1978-10-25", SOVIET), ("1998-10-25", RUSSIA)])
def test_a_capital_is_of_the_state_that_there_is(wider, date, meant):
    assert dict(linked(wider, "Moscow dislikes the clause and has said so.", date))["Moscow"] == meant


def test_a_capital_before_a_title_only_says_where(wider):
    found = linked(wider, "In Washington President Clinton called off the strikes.", "1998-11-15")
    assert ("Clinton", BILL) in found
    assert not [surface for surface, _ in found if surface.startswith("Washington P")]


def test_in_a_capital_the_chancellor_is_of_that_country(wider):
    found = dict(linked(wider, "In Berlin the chancellor is confident.", "2015-12-12"))
    assert found["the chancellor"] == MERKEL


def test_a_namesake_place_is_told_by_its_own_words(wider):
    text = "The secretary of state of Georgia said so. Later the governor agreed, and voters in Atlanta waited. Georgia waits."
    assert GEORGIA not in dict(linked(wider, text, "2021-01-06")).values()
    own = "Georgia mourned. In Tbilisi the governor of the bank said so, and a secretary of state from America agreed."
    assert dict(linked(wider, own, "2021-01-06"))["Georgia"] == GEORGIA


@pytest.mark.parametrize("name", ["Helmut K. Seitz", "Angela Zubrowka"])
def test_a_given_name_is_not_enough(wider, name):
    text = f"The liver breaks it down, said {name}, a German researcher."
    assert dict(linked(wider, text, "2014-12-31"))[name] is None


def test_a_relative_is_not_the_one_whose_relative_it_is(wider):
    text = "He asked Aung San Suu Kyi to dinner under a portrait of her father, Aung San, on Friday."
    found = dict(linked(wider, text, "2011-12-03"))
    assert found["Aung San Suu Kyi"] == AUNG
    assert found.get("Aung San") is None


def test_the_elder_is_the_one_named_in_full_where_nobody_is_older(wider):
    text = (
        "He talked with George H. W. Bush over acid rain; with the elder Bush he initialled the deal. Nobody else came."
    )
    assert dict(linked(wider, text, "2007-09-22"))["Bush"] == GEORGE


def test_a_title_in_a_name_is_no_part_of_the_mention():
    titled = MemoryCatalogue(
        [RecordView(1, Kind.PERSON, "Indira Gandhi", names=(Name("Indira Gandhi"), Name("Mrs Gandhi")), prominence=1)]
    )
    assert ("Gandhi", 1) in linked(
        titled, "Of those named, Mrs Gandhi is thought too young for the office.", "1966-01-12"
    )
