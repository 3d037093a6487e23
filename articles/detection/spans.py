"""What detection hands on: the spans of one text, with all that was seen at the place."""

from __future__ import annotations

from dataclasses import dataclass

from articles.detection.gazetteer import NO_SENSES, Sense, Senses
from entities.matching.types import MentionType


@dataclass(frozen=True, slots=True)
class RoleDescription:
    """A person named by office: "the Iranian president", "his French counterpart", "the secretary-general"."""

    offices: frozenset[str]  # empty for a bare counterpart, predecessor or successor
    place: tuple[Sense, ...] = ()  # the state or organization in the words, if one is
    place_start: int = -1
    modifier: str = ""  # "former", "elect", "late", "acting", "then", "new" or ""
    relation: str = ""  # "counterpart", "predecessor", "successor", "own" or ""
    owner_start: int = -1  # where the person is named whose it is: "Merkel's successor"
    is_definite: bool = False  # "the president": someone the text has named, or the only one there is
    title: str = ""  # the words of the title as printed


@dataclass(frozen=True, slots=True)
class AgreementDescription:
    """An agreement described rather than named: "the 2015 deal between Iran and six nuclear powers"."""

    type_word: str
    words: tuple[str, ...] = ()  # other telling words, folded
    subjects: tuple[str, ...] = ()  # of them what it is about: neither parties nor "new", "landmark"
    venues: tuple[str, ...] = ()  # of them what it is called by: a capitalised word, "the Accra deal"
    years: tuple[int, ...] = ()
    month: int = 0  # "of January", "signed last September"; 0 where none is printed
    years_ago: int = 0  # "last year's", "ten years ago"
    parties: tuple[tuple[Sense, ...], ...] = ()
    party_count: int | None = None  # "six nuclear powers" and Iran: 7
    is_new: bool = False  # "new", "signed on Friday"
    is_anaphor: bool = False  # "the treaty", "the new pact": something the text has named
    is_plural: bool = False
    has_clause: bool = False  # "signed in Doha", "struck by the EU": told apart from what the text has named before
    has_purpose: bool = False  # told by what it does: "banning landmines"
    alias_ids: frozenset[int] = frozenset()  # records that go by words within it: "1979 peace treaty"
    is_named: bool = False  # an agreement's name stands beside its word: "the peace of Versailles", "the Brioni paper"


@dataclass(slots=True)
class Span:
    """A mention before it is linked: ``text[start:end] == surface``."""

    start: int
    end: int
    surface: str
    type: MentionType
    detector: str  # gazetteer, ner, rule, role, agreement
    senses: Senses = NO_SENSES
    ner: MentionType | None = None  # what the tagger said of this very span or one that it overlaps
    role: RoleDescription | None = None
    agreement: AgreementDescription | None = None
    title: str = ""  # title words printed before a name: "Foreign Minister"
    title_place: tuple[Sense, ...] = ()  # the state or organization printed before that title
    abbreviates: int | None = None  # start of the name that the text gives this as the short form of
    appositive_of: int | None = None  # start of the name that this description belongs to
    sentence: int = 0
    is_sentence_start: bool = False
    is_shouted: bool = False
    is_ordinary: bool = False  # one word that a dictionary has in small letters
    has_lower_twin: bool = False  # the same words stand in lower case elsewhere in the text: a common word
    is_inside: bool = False  # one word of a longer capitalised name that nobody knows: "World [War] II"
    place_before: tuple[Sense, ...] = ()  # the state printed directly before: "German", "Germany's"
