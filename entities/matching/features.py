"""The evidence for and against a candidate: one function for each feature, and the FEATURES table.

A feature returns None where it has nothing to say (no evidence is not evidence against), else ``Evidence`` with a value
in [0, 1] and the finding in words. What a value is worth is the profile's matter (profiles.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache, wraps
from operator import attrgetter
from typing import TypeVar

from entities.matching.countries import countries_of_name
from entities.matching.dates import covers, ends_after, in_words, starts_by, years_between
from entities.matching.normalize import name_key
from entities.matching.offices import fits, offices
from entities.matching.types import (
    DERIVED_SENSES,
    CandidateView,
    Evidence,
    Kind,
    MentionType,
    MentionView,
    Name,
    RecordView,
    Term,
)

Feature = Callable[[MentionView, CandidateView], Evidence | None]
_Value = TypeVar("_Value")


def of_record(work: Callable[[RecordView], _Value]) -> Callable[[RecordView], _Value]:
    """Work something out of a record once: the record keeps it, as its view never changes."""
    name = work.__name__

    @wraps(work)
    def kept(record: RecordView) -> _Value:
        memo = record.memo
        if name not in memo:
            memo[name] = work(record)
        return memo[name]

    return kept


_DAYS_KEPT = 32  # days on which a record's terms are kept; articles come in batches of a few days


def of_record_on(work: Callable[[RecordView, str], _Value]) -> Callable[[RecordView, str], _Value]:
    """Work something out of a record and a day once; the last few days are kept."""
    name = work.__name__

    @wraps(work)
    def kept(record: RecordView, day: str) -> _Value:
        days = record.memo.setdefault(name, {})
        if day not in days:
            if len(days) >= _DAYS_KEPT:
                days.clear()
            days[day] = work(record, day)
        return days[day]

    return kept


@lru_cache(maxsize=256)
def _certain(words: str) -> Evidence:
    """A finding that is either made or not, in words that are always the same."""
    return Evidence(1.0, words)


# --- The name --------------------------------------------------------------------------------------------------------


def main_name(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is the record's own name."""
    return _certain("is the record's name") if candidate.sense == "main" else None


def other_name(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is an alias of the record."""
    if candidate.sense in ("", "official", "short", "native", "transliteration", "title"):
        return Evidence(1.0, f"is a known name of {candidate.record.name}")
    return None


def acronym(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is an acronym of the record."""
    return Evidence(1.0, f"is an acronym of {candidate.record.name}") if candidate.sense == "acronym" else None


def nickname(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is a nickname of the record."""
    return Evidence(1.0, f"is a nickname of {candidate.record.name}") if candidate.sense == "nickname" else None


def former_name(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is a name the record once had."""
    return Evidence(1.0, f"is a former name of {candidate.record.name}") if candidate.sense == "former" else None


def adjectival(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is the adjective or the people's name of a state."""
    if candidate.sense in ("demonym", "adjective"):
        return Evidence(1.0, f"is the {candidate.sense} of {candidate.record.name}")
    return None


def metonym(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is a place or building that stands for the record."""
    return Evidence(1.0, f"stands for {candidate.record.name}") if candidate.sense == "metonym" else None


def surname(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is the person's surname, and the article never gives the rest."""
    return Evidence(1.0, f"is the surname of {candidate.record.name}") if candidate.sense == "surname" else None


def initials(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is made of the initials of the record's name."""
    if candidate.sense != "initials":
        return None
    return Evidence(min(1.0, len(mention.surface) / 4), f"has the initials of {candidate.record.name}")


def core_name(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is the record's name without its legal form or generic words: the more is left, the better."""
    if candidate.sense != "core":
        return None
    share = len(mention.surface) / max(len(mention.surface), len(candidate.record.name))
    if candidate.rivals and not country_beside(mention, candidate) and countries_of(candidate.record):
        share *= (
            0.6  # others have it for their whole name: "Security Council" is Russia's where Russia stands before it
        )
    return Evidence(0.3 + 0.7 * share, f"is short for {candidate.record.name}")


def name_part(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is one word of the record's name."""
    return Evidence(1.0, f"is part of the name {candidate.record.name}") if candidate.sense == "part" else None


def named_in_full(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The article names the record elsewhere, by a name that stands on its own."""
    # An article that says both "Downing Street" and "Whitehall" means two.
    is_weak = candidate.is_weak and candidate.sense != "metonym"
    if (candidate.sense in DERIVED_SENSES or is_weak) and candidate.record.id in mention.linked:
        return Evidence(1.0, "the article names it in full")
    return None


def named_too(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The article also uses the proper name of the state that this place, or this adjective, stands for."""
    if candidate.is_weak:
        return None
    if candidate.sense in ("metonym", "demonym", "adjective") and candidate.record.id in mention.linked:
        return Evidence(1.0, f"the article names {candidate.record.name} itself")
    return None


def rest_named(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The words of the record's name that the surface form leaves out stand elsewhere in the article."""
    rest = _rest(mention, candidate)
    met = sorted(word for word in rest if word in mention.words)
    if not met:
        return None
    if candidate.rivals and candidate.sense == "core" and countries_of_name(" ".join(met).title()):
        return None  # which ``country_fits`` says, too: of a name that others have it proves no more
    return Evidence(len(met) / len(rest), f"the article also has “{' '.join(met)}” of the name {candidate.record.name}")


def rest_absent(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """Nothing of what the surface form leaves out of the record's name stands in the article."""
    rest = _rest(mention, candidate)
    if not rest or not mention.words or any(word in mention.words for word in rest):
        return None
    return Evidence(1.0, f"the article has nothing else of the name {candidate.record.name}")


def similar_name(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """How close the surface form is to the record's closest name, where it equals none."""
    if candidate.sense != "similar":
        return None
    # Of what the index finds at all the better half alone is worth anything.
    return Evidence(max(0.0, candidate.similarity - 0.6) / 0.4, f"resembles the name {candidate.matched_name}")


def weak_name(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The alias is shared by many or unspecific."""
    return Evidence(1.0, "but the name is unspecific") if candidate.is_weak else None


def rivals(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The name leads to other records as directly: the more, the less it proves."""
    return _outnumbered(candidate.rivals) if candidate.rivals else None


@lru_cache(maxsize=64)
def _outnumbered(rivals: int) -> Evidence:
    others = "one other record" if rivals == 1 else f"{rivals} other records"
    return Evidence(min(1.0, math.log2(1 + rivals) / 5), f"the name also fits {others}")


# --- What the text says of it ----------------------------------------------------------------------------------------

_FITTING_TYPES = {
    Kind.PERSON: {MentionType.PERSON},
    Kind.STATE: {MentionType.PLACE_POLITICAL, MentionType.PLACE, MentionType.NATIONALITY},
    Kind.ORGANIZATION: {MentionType.ORGANIZATION},
    Kind.AGREEMENT: {MentionType.AGREEMENT},
}


_KIND_IN_WORDS = {
    Kind.PERSON: "a person",
    Kind.STATE: "a state",
    Kind.ORGANIZATION: "an organization",
    Kind.AGREEMENT: "an agreement",
}


def tagger_agrees(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """A tagger saw a name of the record's kind here."""
    if mention.tagger_type in _FITTING_TYPES[candidate.record.kind]:
        return _certain(f"reads like {_KIND_IN_WORDS[candidate.record.kind]}")
    if candidate.sense == "metonym" and mention.tagger_type in _FITTING_TYPES[Kind.STATE]:
        return _certain("reads like the place that it is")
    return None


def tagger_differs(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """A tagger saw a name of another kind here."""
    if mention.tagger_type in (None, MentionType.OTHER) or tagger_agrees(mention, candidate):
        return None
    return _certain(f"does not read like {_KIND_IN_WORDS[candidate.record.kind]}")


def tagger_silent(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """A tagger read the text and saw no name here."""
    if mention.is_tagged and mention.tagger_type is None and not mention.is_agent:
        return _certain("was not recognised as a name")
    return None


def no_tagger(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """No tagger read the text, whose agreement the other weights count on."""
    if mention.is_tagged or mention.is_common_word:
        return None
    return _certain("is printed as a name")


def common_word(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The word may be no name at all: it opens a sentence, or stands elsewhere in lower case."""
    if mention.is_common_word and mention.tagger_type is None and not mention.is_agent:
        return Evidence(1.0, "may be an ordinary word")
    return None


def shouted(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """Seen only where everything is in capitals, which hides what is a name."""
    return Evidence(1.0, "is only seen in capitals") if mention.is_shouted else None


def single_word(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is one word, which proves less than several."""
    if " " in mention.surface or candidate.sense in DERIVED_SENSES:
        return None
    return _certain("is a single word")


def repeated(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The article says it again and again, as it does of what it is about."""
    if mention.occurrences < 2:
        return None
    return Evidence(
        min(1.0, math.log2(mention.occurrences) / 4), f"the article says the name {mention.occurrences} times"
    )


def full_name(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The article gives the person's full name."""
    if candidate.record.kind is Kind.PERSON and mention.is_full_name and candidate.sense not in DERIVED_SENSES:
        return Evidence(1.0, "the article gives the full name")
    return None


# --- The article's date ----------------------------------------------------------------------------------------------


def out_of_time(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The record began after the article, or the person was a child: it cannot be meant."""
    record, day = candidate.record, mention.date
    if not day or not (record.valid_from or record.signed):
        return None
    if record.kind is Kind.STATE:
        return None  # gathered starts of states are changes of regime as often as beginnings
    if record.kind is Kind.AGREEMENT:
        return _not_made_yet(record, day)
    if not starts_by(record.valid_from, day):
        what = {Kind.PERSON: "was not born", Kind.ORGANIZATION: "did not exist"}[record.kind]
        return Evidence(1.0, f"{what} until {record.valid_from[:4]}, after the article")
    if record.kind is Kind.PERSON and years_between(record.valid_from, day) < 16:
        return Evidence(0.8, f"was born in {record.valid_from[:4]}, too young")
    return None


def _not_made_yet(record: RecordView, day: str) -> Evidence | None:
    """An agreement is spoken of once it is signed, years before it is in force, and while it is being negotiated."""
    made = min(start for start in (record.signed, record.valid_from) if start)
    if starts_by(made, day):
        return None
    years = years_between(day, made)
    return Evidence(min(1.0, years / _NEGOTIATED_YEARS), f"was not made until {made[:4]}, after the article")


_NEGOTIATED_YEARS = 3


def long_gone(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The record ended before the article: possible in a look back, less likely by the year."""
    record, day = candidate.record, mention.date
    if not day or not record.valid_to or ends_after(record.valid_to, day):
        return None
    years = years_between(record.valid_to, day)
    verb = "died" if record.kind is Kind.PERSON else "ended"
    if record.kind is Kind.STATE and candidate.sense in ("metonym", "adjective", "demonym") and years > 0.5:
        return Evidence(1.0, f"{verb} in {record.valid_to[:4]}, before the article")  # its capital is another's now
    return Evidence(min(1.0, 0.2 + years / 40), f"{verb} in {record.valid_to[:4]}, before the article")


def name_out_of_use(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The matched alias was not in use on the article's date."""
    if not mention.date or not candidate.matched_name:
        return None
    for name in dated_names(candidate.record):
        if name.text == candidate.matched_name:
            if not covers(name.valid_from, name.valid_to, mention.date):
                return Evidence(1.0, f"was called that only {in_words(name.valid_from, name.valid_to)}")
            return None
    return None


@of_record
def dated_names(record: RecordView) -> tuple[Name, ...]:
    """The names that were in use only for a time."""
    return tuple(name for name in record.names if name.valid_from or name.valid_to)


def name_in_use(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The record bore the matched alias only for a time, and the article is of that time: "Yugoslavia" in 1999."""
    if not mention.date or not candidate.matched_name:
        return None
    for name in dated_names(candidate.record):
        if name.text == candidate.matched_name and name.valid_to:
            if covers(name.valid_from, name.valid_to, mention.date):
                return Evidence(1.0, f"was called that {in_words(name.valid_from, name.valid_to)}")
            return None
    return None


def in_office(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The person held an office on the article's date; the higher the office, the more it says."""
    if candidate.record.kind is not Kind.PERSON or not mention.date:
        return None
    return _in_office(candidate.record, mention.date)


@of_record_on
def _in_office(record: RecordView, day: str) -> Evidence | None:
    term = _nearest(record, day)
    if term is None or distance(term, day) > 0.3:
        return None
    return Evidence(1.0 if offices(term.title) & _HIGH else 0.6, f"was {describe(term)} on that date")


def out_of_office(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The person held no office on the article's date: the longer ago, or the further ahead, the less is said of them."""
    if candidate.record.kind is not Kind.PERSON or not mention.date:
        return None
    return _out_of_office(candidate.record, mention.date)


@of_record_on
def _out_of_office(record: RecordView, day: str) -> Evidence | None:
    term = _nearest(record, day)
    if term is None or not (term.start or term.end):
        return None
    gap = distance(term, day)
    if gap <= 0.3:
        return None
    if not starts_by(term.start, day):
        return Evidence(min(1.0, 0.3 + gap / 8), f"was {describe(term)} only from {term.start[:4]}")
    return Evidence(min(1.0, gap / 20), f"was {describe(term)} only {in_words(term.start, term.end)}")


def office_in_setting(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The person held, on the article's date, an office in a state or organization that the article mentions."""
    if candidate.record.kind is not Kind.PERSON or not mention.date:
        return None
    for term in terms_on(candidate.record, mention.date):
        place = term.organization if term.organization in mention.linked else term.state
        if place and (place in mention.states or place in mention.linked or place in mention.ties):
            return Evidence(1.0, f"was {describe(term)}, of which the article speaks")
    return None


def holds_office(record: RecordView, day: str) -> bool:
    """Whether a person held any office on a day, or nearly."""
    return bool(record.terms) and bool(terms_on(record, day))


@of_record_on
def terms_on(record: RecordView, day: str) -> list[Term]:
    """The terms of office held on a day, or nearly."""
    return [term for term in record.terms if distance(term, day) <= 0.3]


def office_fits(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The title printed before the name is one that the person held, best on the article's date.

    A "former president" is one whose term had ended by then.
    """
    if candidate.record.kind is not Kind.PERSON or not mention.offices:
        return None
    best_value, best = 0.0, None
    for term in candidate.record.terms:
        fit = fits(mention.offices, offices(term.title))
        if not fit or (mention.is_former and "elect" in term.title.lower()):
            continue
        if mention.date:
            gap = distance(term, mention.date)
            begun = starts_by(term.start, mention.date)
            if mention.is_former:
                fit *= 0.3 if not begun or gap == 0 else 1.0
            else:
                fit *= 1.0 if gap <= 0.3 else 0.55 if begun else 0.2
        if mention.office_places and not ({term.state, term.organization} & mention.office_places):
            fit *= 0.3
        if fit > best_value:
            best_value, best = fit, term
    if best is None:
        return None
    return Evidence(best_value, f"the title fits: {describe(best)} {in_words(best.start, best.end)}".strip())


def office_differs(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """A title is printed before the name, and the person is not known to have held it."""
    if candidate.record.kind is Kind.PERSON and mention.offices and candidate.record.terms:
        if office_fits(mention, candidate) is None:
            return Evidence(1.0, f"is not known as {' or '.join(sorted(mention.offices))}")
    return None


def not_a_person(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """A title is printed before the name, and the record is no person."""
    if candidate.record.kind is not Kind.PERSON and mention.offices and mention.tagger_type is MentionType.PERSON:
        return Evidence(1.0, "stands after a title, as a person's name does")
    return None


# --- The company it keeps --------------------------------------------------------------------------------------------


def its_state(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The record's own state is in the article; the more often, the more it says."""
    record = candidate.record
    if record.kind is Kind.STATE or not (mention.states or mention.ties):
        return None
    own = own_states(record)
    counts = [mention.states[state] for state in own if state in mention.states]
    if not counts and not mention.states and not own.isdisjoint(mention.ties):
        counts = [1]  # a text that names no country tells its own by its people
    if not counts:
        return None
    return _of_its_state(min(sum(counts), MOST_STATE_MENTIONS), record.kind is Kind.PERSON)


@lru_cache(maxsize=16)
def _of_its_state(count: int, is_person: bool) -> Evidence:
    owner = "the person's" if is_person else "its"
    return Evidence(0.4 + 0.15 * count, f"{owner} country is in the article")


MOST_STATE_MENTIONS = 4  # of a record's state in an article; more say no more of the record


def no_state(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The record belongs to states of which the article mentions none, though it mentions others."""
    record = candidate.record
    if record.kind is Kind.STATE or not (mention.states or mention.ties):
        return None
    own = own_states(record)
    if not own or candidate.is_above_states:
        return None
    if any(state in mention.states or state in mention.ties for state in (*own, *candidate.heirs)):
        return None
    is_leader = record.kind is Kind.PERSON and mention.date and _in_high_office(record, mention.date)
    return Evidence(0.5 if is_leader else 1.0, "its country is not in the article")


@of_record_on
def _in_high_office(record: RecordView, day: str) -> bool:
    """Whether a person is one whom articles about other countries name, too."""
    return any(offices(term.title) & _HIGH for term in terms_on(record, day))


def company(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """Records that this one is tied to (parties, members, employers) are in the article."""
    record = candidate.record
    tied = _tied(record)
    if not tied:
        return None
    met = len([other for other in tied if other in mention.states or other in mention.linked])
    if not met:
        return None
    return Evidence(min(1.0, met / min(3, len(tied))), "goes with others that the article mentions")


@of_record
def _tied(record: RecordView) -> frozenset[int]:
    """Parties, members and employers."""
    return frozenset(
        (*record.parties, *record.members, *(term.organization for term in record.terms if term.organization))
    )


@of_record
def keeps_company_with(record: RecordView) -> frozenset[int]:
    """All others whose presence in an article may change what ``COMPANY`` features say of the record."""
    return _tied(record) | own_states(record)


def its_people(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """Persons, bodies or towns of the state are in the article: tells two Congos apart."""
    if candidate.record.kind is Kind.STATE and candidate.rivals and candidate.record.id in mention.ties:
        return Evidence(1.0, "its people or its towns are in the article")
    return None


def year_fits(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The year printed beside an agreement's name is that of its signature or entry into force."""
    years = _years(candidate.record)
    if candidate.record.kind is Kind.AGREEMENT and mention.years & years:
        return Evidence(1.0, f"dates from {min(mention.years & years)}")
    return None


def year_differs(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The year printed beside an agreement's name is another than its own."""
    years = _years(candidate.record)
    if candidate.record.kind is Kind.AGREEMENT and mention.years and years and not mention.years & years:
        return Evidence(1.0, f"dates from {min(years)}")
    return None


def freshly_made(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """Of agreements that share a name, the one that was signed in the days of the article."""
    record = candidate.record
    is_doubtful = candidate.rivals or candidate.is_weak or candidate.sense in DERIVED_SENSES
    if record.kind is not Kind.AGREEMENT or not is_doubtful:
        return None
    if not mention.date or len(record.signed or "") < 7 or len(mention.date) < 7:
        return None
    earlier, later = sorted((record.signed, mention.date))
    years = years_between(earlier, later)
    return Evidence(1 - years / _FRESH_YEARS, "was signed in those days") if years < _FRESH_YEARS else None


_FRESH_YEARS = 0.5


# --- What its name or title tells beside the surface form ------------------------------------------------------------


def country_fits(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The record's name or title has a country of which the article speaks: the more, the better."""
    if candidate.record.kind is Kind.STATE or not mention.countries:
        return None
    own = countries_of(candidate.record)
    if not own:
        return None
    met = sum([mention.countries[code] for code in own if code in mention.countries])
    if not met:
        return None
    return Evidence(0.3 + 0.7 * met / max(mention.countries.values()), "the article speaks of the country in its name")


def country_differs(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The record's name or title has a country that the article never names, though it names others."""
    if candidate.record.kind is Kind.STATE or not mention.countries:
        return None
    own = countries_of(candidate.record)
    if not own or not own.isdisjoint(mention.countries) or countries_of_name(mention.surface) & own:
        return None
    states = own_states(candidate.record)
    if states & mention.states.keys() or states & mention.ties:
        return None  # by its capital or its people
    return Evidence(1.0, "the country in its name is not in the article")


def country_beside(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The record's country is printed directly before the name: "Germany's Social Democrats"."""
    record = candidate.record
    if record.kind is Kind.STATE or not (mention.beside or mention.beside_states):
        return None
    if mention.beside_states & own_states(record) or mention.beside & countries_of(record):
        return Evidence(1.0, "its country is printed before it")
    return None


def other_country_beside(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """Another country than the record's is printed directly before the name."""
    record = candidate.record
    if record.kind is Kind.STATE or not (mention.beside or mention.beside_states) or country_beside(mention, candidate):
        return None
    own, named = own_states(record), countries_of(record)
    if (own and mention.beside_states and not named) or (named and mention.beside and not own):
        return Evidence(1.0, "another country is printed before it")
    return None


def qualified(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The record must be told by brackets from better known ones of its name, and nothing in them is in the article."""
    words = _qualifier(candidate.record)
    if not words or any(word in mention.words for word in words):
        return None
    if countries_of(candidate.record) & mention.countries.keys():
        return None
    return Evidence(1.0, f"the article does not say “{' '.join(sorted(words))}”")


def qualifier_named(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """What the record is told by from others of its name stands in the article."""
    words = _qualifier(candidate.record)
    met = [word for word in words if word in mention.words]
    if not met and not (words and countries_of(candidate.record) & mention.countries.keys()):
        return None
    return Evidence(max(0.5, len(met) / len(words)), f"the article also says “{' '.join(sorted(met or words))}”")


def inside_name(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is one word of a longer name: "World War II" names no record called War."""
    return Evidence(mention.inside, "is one word of a longer name") if mention.inside else None


def plain_word(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """The surface form is an ordinary word, and not the record's own name."""
    if not mention.is_ordinary or candidate.sense in ("main", "adjective", "demonym", "metonym"):
        return None
    return Evidence(1.0, "is an ordinary word, too")


def outlet(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """Somebody told it something, as people tell news agencies."""
    if mention.is_outlet and candidate.record.kind is Kind.ORGANIZATION:
        # Initials prove little otherwise; a name of its own does not need it. People speak to all, papers are told.
        if candidate.sense not in ("initials", "acronym"):
            return Evidence(0.4, "is whom somebody spoke to")
        return Evidence(1.0, "is a paper or station that was told") if _is_outlet(candidate.record) else None
    return None


_OUTLET = re.compile(
    r"\b(?:news\w*|radio|tv|television|broadcast\w*|times|post|press|herald|tribune|journal|gazett\w*|telegraph|magazine|daily|weekly"
    r"|media|wire|channel|\w*zeitung|\w*funk|welle|fernsehen|presse|agence france|t[eé]l[eé]vision|nachrichten\w*|gazeta"
    r"|periodico|diario|jornal)\b",
    re.IGNORECASE,
)


@of_record
def _is_outlet(record: RecordView) -> bool:
    """Whether a body's name or kind says that it is a paper, a station or an agency."""
    return any(_OUTLET.search(text) for text in (record.subtype, *(name.text for name in record.names[:4])) if text)


def club_setting(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """An article about sport calls teams by the names of their towns."""
    if mention.is_sport and candidate.record.kind is Kind.ORGANIZATION and candidate.sense in DERIVED_SENSES:
        return Evidence(1.0, "the article is about sport")
    return None


def town_of_club(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """In an article about sport a town's name means the team, if one is called so."""
    if mention.is_sport and candidate.has_namesake_club and candidate.record.kind is Kind.STATE:
        return Evidence(1.0, "a team of that name fits the article better")
    return None


# --- How well known it is --------------------------------------------------------------------------------------------


def prominence(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """How much the press writes of the record at all, as the catalogue rates it: 1 best known … 3."""
    rating = candidate.record.prominence
    return None if rating is None else _rated(rating)


@lru_cache(maxsize=16)
def _rated(rating: int) -> Evidence:
    words = {1: "is widely known", 2: "is well known"}.get(rating, "is less known")
    return Evidence((3 - rating) / 2, words)


def described(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """How many names the catalogue has for the record: the known ones have many."""
    return _named_often(candidate.record)


@of_record
def _named_often(record: RecordView) -> Evidence:
    count = len(record.names)
    words = f"has {count} names on record, as the well known have" if count > 1 else "has one name on record"
    return Evidence(min(1.0, math.log2(max(1, count)) / 6), words)


def precedent(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """People accepted this record for this surface form before."""
    if not candidate.accepted:
        return None
    return Evidence(
        candidate.accepted / (candidate.accepted + candidate.refused + 1),
        f"was confirmed for this name {candidate.accepted} times",
    )


def refusal(mention: MentionView, candidate: CandidateView) -> Evidence | None:
    """People refused this record for this surface form before."""
    if not candidate.refused:
        return None
    return Evidence(
        candidate.refused / (candidate.accepted + candidate.refused + 1),
        f"was refused for this name {candidate.refused} times",
    )


#: Feature name → function. The order is the order of explanations.
FEATURES: dict[str, Feature] = {
    function.__name__: function
    for function in (
        main_name, other_name, acronym, nickname, former_name, adjectival, metonym, surname, initials, core_name,
        name_part, similar_name, weak_name, rivals, full_name, named_in_full, rest_named, rest_absent, named_too,
        office_fits, office_differs, in_office, out_of_office, office_in_setting, its_state, no_state, company,
        its_people, year_fits, year_differs, freshly_made, tagger_agrees, tagger_differs, tagger_silent, no_tagger, common_word,
        shouted, single_word, repeated, not_a_person, out_of_time, long_gone, name_out_of_use, name_in_use,
        precedent, refusal,
        country_fits, country_differs, country_beside, other_country_beside, qualified, qualifier_named, inside_name,
        plain_word, outlet, club_setting, town_of_club, prominence, described,
    )
}  # fmt: skip


# Which features can say anything at all of a candidate of a kind and a sense; the rest need not be asked.
_OF_SENSE: dict[Feature, frozenset[str]] = {
    main_name: frozenset({"main"}),
    other_name: frozenset({"", "official", "short", "native", "transliteration", "title"}),
    acronym: frozenset({"acronym"}), nickname: frozenset({"nickname"}), former_name: frozenset({"former"}),
    adjectival: frozenset({"demonym", "adjective"}), metonym: frozenset({"metonym"}), surname: frozenset({"surname"}),
    initials: frozenset({"initials"}), core_name: frozenset({"core"}), name_part: frozenset({"part"}),
    similar_name: frozenset({"similar"}), named_too: frozenset({"metonym", "demonym", "adjective"}),
}  # fmt: skip
_OF_KIND: dict[Feature, frozenset[Kind]] = {
    **dict.fromkeys(
        (full_name, office_fits, office_differs, in_office, out_of_office, office_in_setting), frozenset({Kind.PERSON})
    ),
    not_a_person: frozenset(Kind) - {Kind.PERSON},
    out_of_time: frozenset(Kind) - {Kind.STATE},
    its_people: frozenset({Kind.STATE}), town_of_club: frozenset({Kind.STATE}),
    **dict.fromkeys(
        (country_fits, country_differs, country_beside, other_country_beside), frozenset(Kind) - {Kind.STATE}
    ),
    outlet: frozenset({Kind.ORGANIZATION}), club_setting: frozenset({Kind.ORGANIZATION}),
    its_state: frozenset(Kind) - {Kind.STATE}, no_state: frozenset(Kind) - {Kind.STATE},
    year_fits: frozenset({Kind.AGREEMENT}), year_differs: frozenset({Kind.AGREEMENT}),
    freshly_made: frozenset({Kind.AGREEMENT}),
}  # fmt: skip


# What a feature needs of the mention, and of the candidate or its record: without any of these it has nothing to say.
_NEEDS_OF_MENTION: dict[Feature, tuple[str, ...]] = {
    named_in_full: ("linked",), named_too: ("linked",), office_in_setting: ("date",),
    office_fits: ("offices",), office_differs: ("offices",), not_a_person: ("offices",),
    in_office: ("date",), out_of_office: ("date",), out_of_time: ("date",), long_gone: ("date",),
    name_out_of_use: ("date",), name_in_use: ("date",), freshly_made: ("date",), its_state: ("states", "ties"),
    no_state: ("states", "ties"), its_people: ("ties",), year_fits: ("years",), year_differs: ("years",), rest_absent: ("words",),
    tagger_agrees: ("tagger_type",), tagger_differs: ("tagger_type",), tagger_silent: ("is_tagged",),
    common_word: ("is_common_word",), shouted: ("is_shouted",), full_name: ("is_full_name",),
    country_fits: ("countries",), country_differs: ("countries",),
    country_beside: ("beside", "beside_states"), other_country_beside: ("beside", "beside_states"),
    inside_name: ("inside",), plain_word: ("is_ordinary",), outlet: ("is_outlet",), club_setting: ("is_sport",),
    town_of_club: ("is_sport",),
}  # fmt: skip
_NEEDS_OF_CANDIDATE: dict[Feature, tuple[str, ...]] = {
    weak_name: ("is_weak",), rivals: ("rivals",), its_people: ("rivals",), name_out_of_use: ("matched_name",),
    name_in_use: ("matched_name",),
    precedent: ("accepted",), refusal: ("refused",), town_of_club: ("has_namesake_club",),
    named_in_full: ("is_derived", "is_weak"), freshly_made: ("is_derived", "is_weak", "rivals"),
    **dict.fromkeys((rest_named, rest_absent), ("is_derived", "rivals", "brackets")),
    **dict.fromkeys((office_fits, office_differs, in_office, out_of_office, office_in_setting), ("terms",)),
    **dict.fromkeys((its_state, no_state), ("states",)), company: ("tied",),
    **dict.fromkeys((country_fits, country_differs), ("countries",)),
    **dict.fromkeys((country_beside, other_country_beside), ("countries", "states")),
    **dict.fromkeys((qualified, qualifier_named), ("qualifier",)),
    out_of_time: ("beginning",), long_gone: ("end",), prominence: ("rating",),
}  # fmt: skip
#: Features whose answer changes with what else the article is found to speak of; all others are asked once.
COMPANY = frozenset(
    function.__name__
    for function in (
        named_in_full,
        named_too,
        office_in_setting,
        its_state,
        no_state,
        company,
        its_people,
        country_fits,
        country_differs,
    )
)
_MENTION_TRAITS = tuple(dict.fromkeys(trait for traits in _NEEDS_OF_MENTION.values() for trait in traits))
_CANDIDATE_TRAITS = ("is_weak", "rivals", "matched_name", "accepted", "refused", "has_namesake_club")
_RECORD_TRAITS = ("brackets", "terms", "states", "tied", "countries", "qualifier", "beginning", "end", "rating")
_traits_of_mention = attrgetter(*_MENTION_TRAITS)
_traits_of_candidate = attrgetter(*_CANDIDATE_TRAITS)

Traits = tuple[bool, ...]
Asked = tuple[tuple[str, Feature], ...]


def traits(mention: MentionView) -> Traits:
    """What a mention has of all that features need, in the order of ``_MENTION_TRAITS``."""
    return tuple(map(bool, _traits_of_mention(mention)))


@of_record
def _traits_of_record(record: RecordView) -> Traits:
    """What a record has of all that features need, in the order of ``_RECORD_TRAITS``."""
    return (
        "(" in record.name, bool(record.terms), bool(own_states(record)), bool(_tied(record)), bool(countries_of(record)),
        bool(_qualifier(record)), bool(record.valid_from or record.signed), bool(record.valid_to),
        record.prominence is not None,
    )  # fmt: skip


def features_for(candidate: CandidateView, mention_traits: Traits, *, of_company: bool = False) -> Asked:
    """The features that can speak of a candidate, in the table's order.

    Args:
        mention_traits: ``traits(mention)``.
        of_company: only those of ``COMPANY``.
    """
    record = candidate.record
    of_candidate = tuple(map(bool, _traits_of_candidate(candidate)))
    return _asked_of(mention_traits, of_company)[record.kind, candidate.sense, of_candidate, _traits_of_record(record)]


@lru_cache(maxsize=4096)
def _asked_of(mention_traits: Traits, of_company: bool) -> _Asked:
    return _Asked(mention_traits, of_company)


class _Asked(dict[tuple[Kind, str, Traits, Traits], Asked]):
    """What is asked for a mention with certain traits: by a candidate's kind and sense, its traits and its record's."""

    def __init__(self, mention_traits: Traits, of_company: bool) -> None:
        super().__init__()
        has = {name for name, is_there in zip(_MENTION_TRAITS, mention_traits, strict=True) if is_there}
        self._features = [
            (name, feature)
            for name, feature in FEATURES.items()
            if feature not in _NEEDS_OF_MENTION or not has.isdisjoint(_NEEDS_OF_MENTION[feature])
            if not of_company or name in COMPANY
        ]

    def __missing__(self, key: tuple[Kind, str, Traits, Traits]) -> Asked:
        kind, sense, of_candidate, of_record_ = key
        names = _CANDIDATE_TRAITS + _RECORD_TRAITS
        had = {name for name, is_there in zip(names, of_candidate + of_record_, strict=True) if is_there}
        if sense in DERIVED_SENSES:
            had.add("is_derived")
        self[key] = asked = tuple(
            (name, feature)
            for name, feature in self._features
            if sense in _OF_SENSE.get(feature, (sense,)) and kind in _OF_KIND.get(feature, (kind,))
            if feature not in _NEEDS_OF_CANDIDATE or not had.isdisjoint(_NEEDS_OF_CANDIDATE[feature])
        )
        return asked


# --- Shared by features ----------------------------------------------------------------------------------------------


# Offices whose holders the foreign pages name without a title.
_HIGH = frozenset(
    {"president", "prime minister", "monarch", "supreme leader", "foreign minister", "secretary-general", "pope",
     "vice president", "head of state", "head of government", "commission president", "crown prince"}
)  # fmt: skip


@of_record_on
def _nearest(record: RecordView, day: str) -> Term | None:
    """The person's term of office nearest to a day; of several held then the highest."""
    return min(record.terms, key=lambda term: (distance(term, day), not offices(term.title) & _HIGH), default=None)


_UNTOLD = frozenset(
    "the of and for in on de la du des der die das von le les el los al party movement organization organisation group fc"
    " inc ltd corp corporation company ag sa co s".split()
)


def _rest(mention: MentionView, candidate: CandidateView) -> frozenset[str]:
    """The telling words of the record's name that are not in the surface form."""
    if candidate.sense not in DERIVED_SENSES and "(" not in candidate.record.name and not candidate.rivals:
        return frozenset()
    if candidate.sense == "metonym":
        return frozenset()  # it is no part of the name
    return _rest_of(candidate.record.name, mention.surface)


@lru_cache(maxsize=50_000)
def _rest_of(name: str, surface: str) -> frozenset[str]:
    return _words(name) - _words(surface) - _UNTOLD


@lru_cache(maxsize=100_000)
def _words(name: str) -> frozenset[str]:
    return frozenset(word for word in name_key(name).split() if len(word) > 1)


_BRACKETS = re.compile(r"\(([^()]+)\)\s{0,9}$")


@lru_cache(maxsize=100_000)
def _title_parts(title: str) -> tuple[str, frozenset[str]]:
    match = _BRACKETS.search(title)
    return title, _words(match.group(1)) - _UNTOLD if match else frozenset()


@of_record
def _title(record: RecordView) -> str:
    """The record's name with the brackets that an encyclopedia puts after it."""
    for scheme, value in record.identifiers:
        if scheme == "wikipedia" and "(" in value:
            return value
    return record.name


@of_record
def _qualifier(record: RecordView) -> frozenset[str]:
    return _title_parts(_title(record))[1]


@of_record
def countries_of(record: RecordView) -> frozenset[str]:
    """ISO codes of the countries that the record's name or its title's brackets have."""
    return countries_of_name(_title(record))


@of_record
def _years(record: RecordView) -> set[str]:
    return {day[:4] for day in (record.signed, record.valid_from) if day}


@of_record
def own_states(record: RecordView) -> frozenset[int]:
    """The states a record belongs to: its own and those it held office in."""
    return frozenset((*record.states, *(term.state for term in record.terms if term.state)))


def distance(term: Term, day: str) -> float:
    """Years between a term of office and a day: 0 within it.

    An open end that was only known ``as_of`` an earlier day is less and less sure: one year in four counts.
    """
    start, end, as_of = term.start, term.end, term.as_of
    if start and start[: len(day)] > day[: len(start)]:
        return max(0.05, years_between(day, start))
    if end:
        return 0.0 if end[: len(day)] >= day[: len(end)] else max(0.05, years_between(end, day))
    if not as_of:
        return 0.0 if start else 2.0  # undated: it may be any time
    if not start:
        # Held when it was looked up; how long before and after nobody says: four years are likely.
        return max(0.0, years_between(*sorted((as_of, day))) - 4) / 2
    return 0.0 if ends_after(as_of, day) else max(0.0, years_between(as_of, day) - 0.5) / 4


def describe(term: Term) -> str:
    """``"Foreign Minister of France"``."""
    return f"{term.title} of {term.at}" if term.at and term.at.lower() not in term.title.lower() else term.title
