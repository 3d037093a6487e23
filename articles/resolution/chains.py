"""Within-article chains: the mentions of one text that mean one thing, resolved once.

A full name first, then the surname; a name, then its acronym; the same words again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from articles.detection.gazetteer import Sense
from articles.detection.spans import Span
from articles.detection.text import fold
from entities.matching.types import DERIVED_SENSES, Kind, MentionType

_STRONG = frozenset(
    {"main", "", "official", "short", "native", "transliteration", "acronym", "former", "title", "nickname"}
)
_PARTICLES = frozenset({"al", "el", "bin", "ben", "ibn", "von", "van", "der", "de", "la", "s"})
_PERSON_LIKE = (MentionType.PERSON, MentionType.OTHER)


@dataclass(slots=True)
class Chain:
    """Mentions that mean one thing."""

    number: int
    members: list[Span] = field(default_factory=list)
    key: str = ""  # the fullest form, folded
    is_person: bool = False
    is_full_name: bool = False
    is_local: bool = False  # "in Moscow": the place itself, not what it stands for

    @property
    def head(self) -> Span:
        """The member with the fullest form; of equals the first."""
        return max(self.members, key=lambda span: (len(span.surface), -span.start))

    @property
    def start(self) -> int:
        return self.members[0].start


_LOCATIVE = re.compile(
    r"(?:\b(?:in|at|near|outside|inside|around|across|throughout|toured|via|streets of|city of|downtown|central|suburbs? of"
    r"|outskirts of|north of|south of|east of|west of|visited|visits?|visiting|left|reached|entered|bombed|shelled"
    r"|(?:travel\w*|flew|fly|flying|flown|trip|trips|visit|return\w*|went|going|goes|came|moved|drove|flight|flights|march"
    r"|journey|tour|route|way|road) (?:back )?(?:to|from)|arriv\w* (?:in|from)|based in|born in))\s+"
    r"(?:the\s+(?:\w+\s+)?(?:capital|city)(?:\s+of)?,?\s+)?$",
    re.IGNORECASE,
)
_CAPITAL_OF = re.compile(r"\b(?:capital|city|town|province|region|suburb)(?: of|,)?\s+$", re.IGNORECASE)
_BASED = re.compile(
    r"^(?:-based\b|,? the (?:\w+ )?capital\b|\s+(?:airport|suburb|street|metro|theatre|stadium))", re.IGNORECASE
)
_DATELINE = re.compile(r"^(?:,[^\n:—–]{0,30})?\s*(?:\([^)\n]{1,30}\)\s*)?(?::|[—–-]{1,2}\s)")
# Verbs and nouns that a government, not a town, goes with.
_ACTS = re.compile(
    r"^(?:['’]s?\s+(?:government|foreign|policy|position|ambassador|response|demand|decision|offer|refusal|allies|ally"
    r"|claim|support|role|troops|forces|war|invasion|nuclear|interests?|intention|request|help|backing|relations)"
    r"|\s+(?:has|had|have|said|says|is|was|were|would|will|wants|wanted|denies|denied|and|also|insists|insisted|accused"
    r"|accuses|warned|warns|agreed|agrees|refused|rejected|rejects|sees|offered|signed|backs|backed|supports|announced"
    r"|called|calls|urged|demanded|expelled|recognised|recognized|summoned|hopes|hoped|plans|fears|feared|could|may"
    r"|might|did|does|cut|severed|imposed|lifted|sent|sends|considers|responded|replied|maintains|maintained)\b)",
    re.IGNORECASE,
)
_WITH_ACTOR = re.compile(
    r"\b(?:with|between|against|by|accused?|accusing|urged?|pressur\w+|blamed?|told|ties (?:to|with)|from|allied to"
    r"|provid\w+|suppl\w+|gave|give|help\w*|backing of|support (?:of|from|for)|relief for|sanctions (?:on|against)"
    r"|message to|close to|loyal to)\s+$",
    re.IGNORECASE,
)


def is_place_use(text: str, span: Span) -> bool:
    """Whether a capital is named as a town here ("in Moscow") and not for its government ("Moscow said")."""
    before = text[max(0, span.start - 45) : span.start]
    after = text[span.end : span.end + 45]
    line = text.rfind("\n", 0, span.start) + 1
    if not text[line : span.start].strip() and _DATELINE.match(after):
        return True
    if _BASED.match(after) or _CAPITAL_OF.search(before):
        return True
    if _LOCATIVE.search(before):
        return not _ACTS.match(after) or "in " in before[-4:]
    return False


def _is_person(span: Span) -> bool:
    if span.type is MentionType.PERSON:
        return True
    return any(sense.kind is Kind.PERSON for sense in span.senses) and not any(
        sense.kind is not Kind.PERSON and sense.sense in _STRONG for sense in span.senses
    )


def _tokens(surface: str) -> list[str]:
    return [token for token in fold(surface).split() if token not in ("jr", "sr")]


def build_chains(text: str, spans: list[Span]) -> list[Chain]:
    """Group the named spans of a text (descriptions left aside) into chains, in order of first appearance."""
    named = [span for span in spans if span.role is None and span.agreement is None]
    chains: list[Chain] = []
    people: list[Chain] = []
    owner: dict[int, Chain] = {}

    def start(span: Span, key: str, **flags: bool) -> Chain:
        chain = Chain(len(chains) + 1, [], key, **flags)
        chains.append(chain)
        join(chain, span)
        return chain

    def join(chain: Chain, span: Span) -> None:
        chain.members.append(span)
        owner[id(span)] = chain

    # 1. Full names of persons found chains; later short forms join them.
    for span in named:
        tokens = _tokens(span.surface)
        if len(tokens) < 2 or not _is_person(span):
            continue
        chain = next((c for c in people if _same_person(tokens, c.key.split())), None)
        if chain is None:
            people.append(start(span, " ".join(tokens), is_person=True, is_full_name=True))
        else:
            join(chain, span)
            if len(tokens) > len(chain.key.split()):
                chain.key = " ".join(tokens)
    # 2. Everything else, in text order; what the text abbreviates follows the name that it stands for.
    by_start: dict[int, Chain] = {}
    by_key: dict[tuple[str, bool], Chain] = {}
    initials: dict[str, Chain] = {}
    for span in sorted(named, key=lambda one: one.start):
        if id(span) in owner:
            continue
        tokens = _tokens(span.surface)
        long = by_start.get(span.abbreviates) if span.abbreviates is not None else None
        if long is not None and not _has_strong(span):
            join(long, span)
            continue
        chain = _person_of(span, tokens, people)
        if chain is not None:
            join(chain, span)
            continue
        local = any(sense.sense == "metonym" for sense in span.senses) and is_place_use(text, span)
        key = " ".join(tokens)
        if span.surface.isupper() and len(key) <= 6 and key.replace(" ", "") in initials and not _has_strong(span):
            join(initials[key.replace(" ", "")], span)
            continue
        same = by_key.get((key, local))
        if same is not None and _compatible(same.head, span):
            join(same, span)
            by_start[span.start] = same
            continue
        chain = start(span, key, is_person=_is_person(span), is_local=local)
        by_key[key, local] = by_start[span.start] = chain
        if span.type is MentionType.ORGANIZATION and len(tokens) >= 3:
            initials.setdefault("".join(token[0] for token in tokens), chain)
            initials.setdefault(
                "".join(token[0] for token in tokens if token not in ("of", "the", "and", "for", "in")), chain
            )
    for chain in chains:
        chain.members.sort(key=lambda span: span.start)
    chains.sort(key=lambda chain: chain.start)
    for number, chain in enumerate(chains, 1):
        chain.number = number
    return chains


def _has_strong(span: Span) -> bool:
    return any(sense.sense in _STRONG and not sense.weak for sense in span.senses)


def _compatible(one: Span, other: Span) -> bool:
    """The same words may be a person once and a place another time: "Paris said", "Ms Paris said"."""
    return (one.type is MentionType.PERSON) == (other.type is MentionType.PERSON) or not (one.ner and other.ner)


def _same_person(tokens: list[str], others: list[str]) -> bool:
    """Two full names of one person: the same last part, and first parts that are equal, initials or left out."""
    if tokens == others:
        return True
    one = [token for token in tokens if token not in _PARTICLES]
    two = [token for token in others if token not in _PARTICLES]
    if not one or not two:
        return False
    if one[-1] != two[-1]:
        # "Kim Jong Un", "Kim Jong"; family name first
        short, long = sorted((one, two), key=len)
        return len(short) >= 2 and long[: len(short)] == short
    first, second = one[0], two[0]
    if first == second:
        return True
    if len(first) == 1 or len(second) == 1:
        return first[0] == second[0]
    short, long = sorted((one, two), key=len)
    return len(short) < len(long) and len(short) >= 2 and set(short) <= set(long)


def _person_of(span: Span, tokens: list[str], people: list[Chain]) -> Chain | None:
    """The person whose surname (or, said of few, given name) a short form is: the one named last before it."""
    if not tokens or span.type in (MentionType.NATIONALITY,):
        return None
    core = [token for token in tokens if token not in _PARTICLES] or tokens
    if len(core) > 2:
        return None
    titled = bool(span.title)
    strong_other = any(
        sense.kind is not Kind.PERSON and sense.sense in _STRONG | {"metonym", "demonym"} for sense in span.senses
    )
    if strong_other and not titled and span.ner is not MentionType.PERSON:
        return None
    if span.ner not in (
        None,
        *_PERSON_LIKE,
        MentionType.ORGANIZATION,
        MentionType.PLACE_POLITICAL,
        MentionType.NATIONALITY,
    ):
        return None
    best: Chain | None = None
    best_rank: tuple[int, int, int] | None = None
    for chain in people:
        names = [token for token in chain.key.split() if token not in _PARTICLES]
        if len(names) <= len(core):
            continue
        if names[-len(core) :] == core:
            fit = 2
        elif len(core) == 1 and core[0] in (names[0], *names[1:-1]):
            fit = 1
        else:
            continue
        previous = max((member.start for member in chain.members if member.start < span.start), default=-1)
        rank = (fit, 1 if previous >= 0 else 0, previous if previous >= 0 else -chain.start)
        if best_rank is None or rank > best_rank:
            best, best_rank = chain, rank
    return best


def senses_of(chain: Chain) -> dict[int, Sense]:
    """For each record the strongest sense by which any full member of the chain leads to it."""
    found: dict[int, Sense] = {}
    head = chain.head
    for member in chain.members:
        # Of a person named in full, "Assad" alone must not bring in every other Assad.
        if chain.is_full_name and member.surface != head.surface and len(_tokens(member.surface)) < 2:
            continue
        for sense in member.senses:
            known = found.get(sense.record_id)
            if known is None or tier(sense) > tier(known):
                found[sense.record_id] = sense
    return found


_TIERS = {"main": 5, "core": 3, "surname": 2, "initials": 2, "part": 1, "adjective": 4, "demonym": 4, "metonym": 4}


def tier(sense: Sense) -> int:
    """How directly a name leads to a record: 5 its own name, 4 another of its names, less what we derived."""
    if sense.weak and sense.sense not in DERIVED_SENSES:
        return 2
    return _TIERS.get(sense.sense, 4)
