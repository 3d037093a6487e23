"""The values the pure core works on: frozen, comparable, free of Django.

Everything that crosses from the database into the deciding part is one of these. Dates are ISO prefixes
(``"1954"``, ``"1954-07"``, ``"1954-07-29"``), offsets count Unicode code points, scores lie in [0, 1].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The four kinds of canonical record."""

    PERSON = "person"
    STATE = "state"
    ORGANIZATION = "organization"
    AGREEMENT = "agreement"


class AliasType(StrEnum):
    """What sort of name an alias is; ``ORDINARY`` is a name of unknown sort (null in files)."""

    ORDINARY = ""
    OFFICIAL = "official"
    SHORT = "short"
    ACRONYM = "acronym"
    NATIVE = "native"
    TRANSLITERATION = "transliteration"
    FORMER = "former"
    NICKNAME = "nickname"
    TITLE = "title"
    DEMONYM = "demonym"
    ADJECTIVE = "adjective"
    METONYM = "metonym"


#: Typed senses: they point at a record in some uses, but are no names of it and never compared as names.
SENSE_TYPES = frozenset({AliasType.DEMONYM, AliasType.ADJECTIVE, AliasType.METONYM})

#: Forms that are not in the catalogue but made from a name that is; "main" is the record's own name.
DERIVED_SENSES = frozenset({"surname", "initials", "core", "part"})


class Outcome(StrEnum):
    """What was decided about a mention."""

    LINK = "linked"
    REVIEW = "review"
    NIL = "nil"


class MentionType(StrEnum):
    """What a mention's words look like, before anything is linked."""

    PERSON = "PER"
    ORGANIZATION = "ORG"
    PLACE_POLITICAL = "GPE"
    NATIONALITY = "NORP"
    AGREEMENT = "AGREEMENT"
    ROLE = "ROLE"
    PLACE = "PLACE"
    OTHER = ""


@dataclass(frozen=True, slots=True)
class Name:
    """One alias of a record, or its main name (``type`` ORDINARY)."""

    text: str
    type: AliasType = AliasType.ORDINARY
    lang: str | None = None
    weak: bool = False
    valid_from: str | None = None
    valid_to: str | None = None

    @property
    def is_sense(self) -> bool:
        """True for demonyms, adjectives and metonyms, which are no plain names."""
        return self.type in SENSE_TYPES


@dataclass(frozen=True, slots=True)
class Term:
    """A person's term of office: the title held at a state or organization from ``start`` to ``end``.

    ``end`` None means still held, or held on ``as_of`` where that is given.
    """

    title: str
    state: int | None = None
    organization: int | None = None
    start: str | None = None
    end: str | None = None
    as_of: str | None = None
    at: str = ""  # the state's or organization's name in words, for explanations


@dataclass(frozen=True, slots=True)
class RecordView:
    """A canonical record as the core sees it; ``states``, ``parties`` and terms refer to other records by id."""

    id: int
    kind: Kind
    name: str
    key: str = ""
    names: tuple[Name, ...] = ()  # all aliases, the main name first
    description: str = ""
    valid_from: str | None = None
    valid_to: str | None = None
    states: tuple[int, ...] = ()
    terms: tuple[Term, ...] = ()
    parties: tuple[int, ...] = ()
    members: tuple[int, ...] = ()
    successors: tuple[int, ...] = ()
    signed: str | None = None
    subtype: str = ""  # org_type, agreement_type or a state's status
    prominence: int | None = None  # 1 best known … 3
    identifiers: tuple[tuple[str, str], ...] = ()
    # What features work out of the record alone, kept with it: a record's view never changes.
    memo: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)


# A hundred of these and the next are made for each article; a frozen one takes three times as long to make.
@dataclass(slots=True)
class MentionView:
    """A chain of mentions that mean one thing, as scoring sees it; nobody changes it.

    ``states`` counts how often each state was mentioned in the same article, this chain left aside.
    """

    surface: str  # the fullest form in the chain
    type: MentionType = MentionType.OTHER
    tagger_type: MentionType | None = None  # what a tagger said; None: it saw nothing, or there was none
    is_tagged: bool = False  # a tagger read this text
    date: str | None = None  # the article's, ISO prefix
    offices: frozenset[str] = frozenset()  # offices printed before the name
    office_places: frozenset[int] = frozenset()  # states and organizations printed before those
    is_former: bool = False  # the title says that the office was held before: "former president"
    years: frozenset[str] = frozenset()  # printed beside the name: "the Moscow Treaty of 2002"
    states: Mapping[int, int] = field(default_factory=dict)
    linked: frozenset[int] = frozenset()  # records that other chains of the article were linked to
    words: frozenset[str] = frozenset()  # of the whole article, as ``name_key`` has them
    ties: frozenset[int] = frozenset()  # states whose persons, bodies or towns other chains mean
    countries: Mapping[str, int] = field(
        default_factory=dict
    )  # named anywhere in the text, by ISO code, with how often
    beside: frozenset[str] = frozenset()  # of them those printed directly before: "Germany's Social Democrats"
    beside_states: frozenset[int] = frozenset()  # the same as records
    inside: float = 0.0  # share of its places where it is one word of a longer capitalised name: "World War II"
    is_ordinary: bool = False  # one word that a dictionary has in small letters
    is_agent: bool = False  # somewhere what follows says what it did, as of persons and governments: "Draghi promised"
    is_outlet: bool = False  # somebody told it something, or it puts the questions of an interview
    is_sport: bool = False  # the article is about a match, a race, a season
    occurrences: int = 1
    is_full_name: bool = False  # of a person: more than one part somewhere in the chain
    is_common_word: bool = False  # opens a sentence, or stands in lower case elsewhere
    is_shouted: bool = False  # only ever seen where everything is in capitals


@dataclass(slots=True)
class CandidateView:
    """A record considered for a chain: how the name led to it, and how many others it led to as well; nobody changes it."""

    record: RecordView
    sense: str  # an alias type, "main", one of DERIVED_SENSES, or "similar"
    similarity: float = 1.0  # of the names, in [0, 1]
    matched_name: str = ""
    is_weak: bool = False
    rivals: int = 0  # other candidates that the name led to as directly
    has_namesake_club: bool = False  # of a place: a team of that name is another candidate
    accepted: int = 0  # how often people accepted, or refused, this record for this surface form
    refused: int = 0
    is_above_states: bool = False  # a person in an office outside the own state: of whom the own one tells little
    heirs: frozenset[int] = frozenset()  # states that came after the record's own


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one feature found: a value in [0, 1] (0 against, 1 for) and the finding in words."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its probability and the evidence behind it, by feature name."""

    record_id: int
    probability: float
    evidence: dict[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome for one mention: the best record (also for REVIEW), its probability and lead, and why."""

    outcome: Outcome
    record_id: int | None
    probability: float
    margin: float
    reason: str
