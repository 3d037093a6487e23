"""Agreements: which words describe one, and which of those that fit is meant."""

from __future__ import annotations

import pytest

from articles.detection import detect
from articles.resolution import MemoryCatalogue, resolve
from entities.matching.features import freshly_made, out_of_time
from entities.matching.types import AliasType, CandidateView, Kind, MentionView, Name, Outcome, RecordView, Term

US, RUSSIA, LIBERIA, GHANA, IRAN, UKRAINE = range(1, 7)
KYOTO, ABM, SORT, TEST_BAN, ACCRA, COMPREHENSIVE, BIODIVERSITY, JCPOA, BUDAPEST, SAPOA, OSIMO, OZONE, WATER = range(
    21, 34
)
PUTIN, BUSH = 41, 42


def state(id_, name, adjective, capital):
    names = (Name(name), Name(adjective, AliasType.ADJECTIVE), Name(capital, AliasType.METONYM))
    return RecordView(id_, Kind.STATE, name, names=names)


def agreement(id_, name, signed, parties=(), aliases=(), valid_from=None, weak=()):
    names = (Name(name), *(Name(a) for a in aliases), *(Name(a, weak=True) for a in weak))
    return RecordView(
        id_, Kind.AGREEMENT, name, names=names, signed=signed, valid_from=valid_from or signed, parties=parties
    )


def signer(id_, name, place, start):
    terms = (Term("President", state=place, start=start),)
    return RecordView(id_, Kind.PERSON, name, names=(Name(name),), states=(place,), terms=terms, prominence=1)


@pytest.fixture(scope="module")
def catalogue():
    return MemoryCatalogue(
        [
            state(US, "United States", "American", "Washington"),
            state(RUSSIA, "Russia", "Russian", "Moscow"),
            state(LIBERIA, "Liberia", "Liberian", "Monrovia"),
            state(GHANA, "Ghana", "Ghanaian", "Accra"),
            state(IRAN, "Iran", "Iranian", "Tehran"),
            state(UKRAINE, "Ukraine", "Ukrainian", "Kyiv"),
            agreement(KYOTO, "Kyoto Protocol", "1997-12-11", valid_from="2005-02-16"),
            agreement(ABM, "Anti-Ballistic Missile Treaty", "1972-05-26", (US, RUSSIA), ["ABM Treaty"]),
            agreement(SORT, "Strategic Offensive Reductions Treaty", "2002-05-24", (US, RUSSIA), weak=["Moscow Treaty"]),
            agreement(TEST_BAN, "Partial Test Ban Treaty", "1963-08-05", (US, RUSSIA), weak=["Moscow Treaty"]),
            agreement(ACCRA, "Accra Comprehensive Peace Agreement", "2003-08-18", (LIBERIA,)),
            agreement(COMPREHENSIVE, "Comprehensive Peace Agreement", "2005-01-09"),
            agreement(BIODIVERSITY, "Convention on Biological Diversity", "1992-06-05", aliases=["biodiversity treaty"]),
            agreement(JCPOA, "Joint Comprehensive Plan of Action", "2015-07-14", (IRAN, US, RUSSIA), ["Iran nuclear deal"]),
            agreement(BUDAPEST, "Budapest Memorandum", "1994-12-05", (US, RUSSIA, UKRAINE)),
            agreement(SAPOA, "Sapoa Agreement", "1988-03-23"),
            agreement(OSIMO, "Treaty of Osimo", "1975-11-10"),
            agreement(OZONE, "Vienna Convention for the Protection of the Ozone Layer", "1985-03-22"),
            agreement(WATER, "Ganges Water Treaty", "1996-12-12"),
            signer(PUTIN, "Vladimir Putin", RUSSIA, "2000-05-07"),
            signer(BUSH, "George W. Bush", US, "2001-01-20"),
        ]
    )  # fmt: skip


def found(catalogue, text, date=None):
    """Surface form → record linked or None, of everything that looks like an agreement."""
    spans = detect(text, catalogue.gazetteers, None, subjects=catalogue.agreements.rarity)
    return {
        one.span.surface: one.decision.record_id if one.decision.outcome is Outcome.LINK else None
        for one in resolve(text, spans, catalogue, date=date, is_tagged=False)
        if one.type == "AGREEMENT"
    }


@pytest.mark.parametrize(
    ("text", "date", "surface", "record"),
    [
        # Signed but not in force yet: it exists.
        ("The Kyoto protocol was dropped last year.", "2002-06-14", "Kyoto protocol", KYOTO),
        # Of two that share a name the one of these days.
        ("Last month they signed the Moscow Treaty.", "2002-06-14", "Moscow Treaty", SORT),
        # A capital before the word is where it was made, and tells it from what was named before.
        (
            "The Comprehensive Peace Agreement ended a war. The Accra deal that ended Liberia's is another.",
            "2005-01-10", "Accra deal", ACCRA,
        ),
        # A subject that only another has is no way back to the last one named.
        (
            "The Anti-Ballistic Missile Treaty is old. A month later the biodiversity treaty was ready for Rio.",
            "1992-06-05", "biodiversity treaty", BIODIVERSITY,
        ),
        ("The 2015 agreement between Tehran and world powers held.", "2017-01-02",
         "2015 agreement between Tehran and world powers", JCPOA),
        ("Moscow broke the memorandum under which Ukraine gave up its warheads in 1994.", "2014-03-18",
         "memorandum under which Ukraine gave up its warheads in 1994", BUDAPEST),
        # What it does tells which it is, though the text named another before.
        ("The Kyoto protocol is in force. The 1972 treaty that forbade missile shields is not.", "2007-03-01",
         "1972 treaty that forbade missile shields", ABM),
        # A month alone is the last one of that name, "last year" the one before.
        ("Liberia kept the truce of August.", "2004-02-01", "truce of August", ACCRA),
        ("Russia and America praised last year's treaty on strategic arms.", "2003-01-10",
         "treaty on strategic arms", SORT),
        # The deal last and most spoken of; of another sort than a truce is no agreement named before.
        ("The Budapest Memorandum was broken. The Kyoto protocol binds Russia. The Kyoto protocol is old. The deal stands.",
         "2014-03-18", "The deal", KYOTO),
        # An article that names none means the one of those days between those whom it speaks of.
        ("Russia and America were content. The pact, American officials said, would hold; Russia agreed.", "2002-05-26",
         "The pact", SORT),
        ("Liberia was content, and Ghana too. The pact would hold, Liberia said.", "1999-05-26", "The pact", None),
        # A name behind the word tells it, whatever the text spoke of before.
        ("The Kyoto protocol is old. The cease-fire of Sapoá is older.", "1999-05-26", "cease-fire of Sapoá", SAPOA),
        ("The Kyoto protocol is old. They would keep the peace of Osimo.", "1999-05-26", "peace of Osimo", OSIMO),
        ("Nobody had read the Sapoa paper to its end.", "1989-05-26", "Sapoa paper", SAPOA),
        # In words that agreements have in their names; what follows them is no part of it.
        ("The convention on the ozone layer opened the door.", "1999-05-26", "convention on the ozone layer", OZONE),
        ("The deal of 1996 on sharing the Ganges survived Sheikh Hasina.", "2001-05-26",
         "deal of 1996 on sharing the Ganges", WATER),
        # Another than the one spoken of, or of another year.
        ("The Kyoto protocol is in force. The older pact is not.", "2007-03-01", "older pact", None),
        ("The Kyoto protocol is in force. The 1978 treaty is not.", "1998-01-01", "1978 treaty", None),
        ("The Kyoto protocol is in force. The trade pact that followed in 1940 is not.", "1998-01-01", "trade pact", None),
        ("The Kyoto protocol is in force. The deal on lodgers is not.", "2007-03-01", "deal on lodgers", None),
        # The United Nations are no party to what was made there.
        ("They read the UN convention on the ozone layer.", "1999-05-26", "UN convention on the ozone layer", OZONE),
        # Who signed it, though no pronoun leads there; a person stands for a state, and the other side is named.
        ("Read the treaty Putin and Bush signed in 2002 again.", "2010-01-01", "treaty Putin and Bush signed in 2002", SORT),
        ("Russia and the arms treaty it made with Washington in 1972.", "2010-01-01",
         "arms treaty it made with Washington in 1972", ABM),
        # "One" stands for the word before, and is told by what it is about.
        ("The convention on the ozone layer is old, and so is the one on biodiversity.", "1999-05-26", "one on biodiversity",
         BIODIVERSITY),
        ("The Kyoto protocol is old; the one on the left is not.", "1999-05-26", "one on the left", None),
        # What it ended and where; words that only agreements of others have do not make it one of theirs.
        ("Liberia has the peace of 2003 to thank for it.", "2005-01-01", "peace of 2003", ACCRA),
        ("Ghana liked the deal that ended the weapons tests in Asia.", "2005-01-01",
         "deal that ended the weapons tests in Asia", None),
        # A year that many share, and the text speaks of none of the parties.
        ("In Tehran they recalled the 1994 accord.", "2000-01-01", "1994 accord", None),
    ],
)  # fmt: skip
def test_the_agreement_that_is_meant(catalogue, text, date, surface, record):
    assert found(catalogue, text, date).get(surface) == record


@pytest.mark.parametrize(
    ("language", "text", "surface", "record"),
    [
        ("es", "El acuerdo entre Rusia y Ucrania de 1994 ha muerto.", "acuerdo entre Rusia y Ucrania de 1994", BUDAPEST),
        ("es", "El acuerdo comercial entre Rusia y Ghana de 1978 ha muerto.", "acuerdo comercial entre Rusia y Ghana de 1978",
         None),
        ("fr", "Le traité entre la Russie et les Etats de 1972 est mort.", "traité entre la Russie", None),
        ("fr", "L'accord de Sapoa est mort. Les experts de Ghana pleurent l'accord.", "accord de Sapoa", SAPOA),
        ("fr", "L'accord de Sapoa est vieux. L'accord est loin.", "L'accord", SAPOA),
        ("es", "El acuerdo de Sapoa es viejo. El acuerdo escocés es otro.", "El acuerdo", None),
        ("it", "Il trattato tra Russia e Ucraina del 1994 vale.", "trattato tra Russia e Ucraina del 1994", BUDAPEST),
        ("de", "Der Vertrag zwischen Russland und der Ukraine von 1994 gilt.",
         "Vertrag zwischen Russland und der Ukraine von 1994", BUDAPEST),
        ("pt", "O acordo entre a Rússia e a Ucrânia de 1994 vale.", "acordo entre a Rússia e a Ucrânia de 1994", BUDAPEST),
        ("nl", "Het akkoord tussen Rusland en Oekraïne van 1994.", "akkoord", None),
    ],
)  # fmt: skip
def test_agreements_are_described_in_other_languages(abroad, language, text, surface, record):
    spans = detect(text, abroad.gazetteers, None, subjects=abroad.agreements.rarity, language=language)
    linked = {
        one.span.surface: one.decision.record_id if one.decision.outcome is Outcome.LINK else None
        for one in resolve(text, spans, abroad, date="2010-01-01", is_tagged=False)
    }
    assert linked.get(surface) == record


@pytest.fixture(scope="module")
def abroad():
    """States by their names in five languages."""
    russian = ("Russia", "Rusia", "Russie", "Russland", "Rússia")
    ukrainian = ("Ukraine", "Ucrania", "Ucraina", "Ucrânia")
    return MemoryCatalogue(
        [
            RecordView(RUSSIA, Kind.STATE, "Russia", names=tuple(map(Name, russian))),
            RecordView(UKRAINE, Kind.STATE, "Ukraine", names=tuple(map(Name, ukrainian))),
            RecordView(GHANA, Kind.STATE, "Ghana", names=(Name("Ghana"),)),
            agreement(BUDAPEST, "Budapest Memorandum", "1994-12-05", (US, RUSSIA, UKRAINE)),
            agreement(SAPOA, "Sapoa Agreement", "1988-03-23"),
        ]
    )


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("The 1997 treaty banning landmines, which Ghana signed, stands.", "1997 treaty banning landmines"),
        ("The non-aggression pact of 1994 is dead.", "non-aggression pact of 1994"),
        (
            "The agreement that ended the civil war in Liberia in 2003 is dead.",
            "agreement that ended the civil war in Liberia in 2003",
        ),
        ("Trump quit the Iran nuclear deal on Tuesday.", "Iran nuclear deal"),  # the day is no part of it
        ("The 1994 memorandum between Russia and the six was torn up.", "1994 memorandum between Russia and the six"),
        (
            "They broke the pact of July 1994 between Russia and Ukraine.",
            "pact of July 1994 between Russia and Ukraine",
        ),
        ("The 1997 treaty banning landmines was signed.", "1997 treaty banning landmines"),
        ("The accord that ended the civil war in 2005 is dead.", "accord that ended the civil war in 2005"),
        ("The six-month deal between Iran and world powers holds.", "six-month deal between Iran and world powers"),
        (
            "The memorandum of understanding between Monrovia and the rebels was signed.",
            "memorandum of understanding between Monrovia and the rebels",
        ),
        ("The 1997 agreement on Hebron is dead.", "1997 agreement on Hebron"),
        ("The Kyoto protocol is old. This protocol is dead.", "This protocol"),
        ("The 1975 treaty on the Trieste water is dead.", "1975 treaty on the Trieste water"),
        (
            "The ceasefire agreement between Russia's government and Ukraine is dead.",
            "ceasefire agreement between Russia's government and Ukraine",
        ),
    ],
)
def test_how_far_a_description_goes(catalogue, text, surface):
    assert surface in found(catalogue, text, "2018-05-08")


@pytest.mark.parametrize(
    "text",
    [
        "Article 50 sets a clock.", "Ghana signed agreements.", "They met in Accra, far away.",
        "OSIMO, Italy, July 8 - They met.", "They joined the Treaty of Amity and Cooperation.", "A peace of mind is rare.",
        "They shook hands; the handshake of May was long.", "The peace that all of them want is far.",
        "The treaty is old, and the one with him is new.",
    ],
)  # fmt: skip
def test_what_is_no_agreement(catalogue, text):
    assert found(catalogue, text, "2018-05-08") == {}


@pytest.mark.parametrize(
    ("day", "value"),
    [
        ("1996-12-11", pytest.approx(1 / 3, abs=0.01)),  # being negotiated
        ("1980-01-01", 1.0),
        ("1998-01-01", None),  # signed, long before it came into force
    ],
)
def test_an_agreement_is_spoken_of_from_its_signature(day, value):
    record = agreement(KYOTO, "Kyoto Protocol", "1997-12-11", valid_from="2005-02-16")
    evidence = out_of_time(MentionView("Kyoto Protocol", date=day), CandidateView(record, "main"))
    assert (evidence.value if evidence else None) == value


def test_only_a_shared_name_asks_which_was_made_in_these_days():
    record = agreement(SORT, "Strategic Offensive Reductions Treaty", "2002-05-24")
    mention = MentionView("Moscow Treaty", date="2002-06-14")
    assert freshly_made(mention, CandidateView(record, "", rivals=1)).value > 0.8
    assert freshly_made(mention, CandidateView(record, "")) is None
    assert freshly_made(MentionView("Moscow Treaty", date="2004"), CandidateView(record, "", rivals=1)) is None
    assert freshly_made(MentionView("x", date="2005-01-01"), CandidateView(record, "", rivals=1)) is None
