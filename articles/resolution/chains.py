"""Within-article chains: the mentions of one text that mean one thing, resolved once.

A full name first, then the surname; a name, then its acronym; the same words again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from articles.detection.gazetteer import Sense
from articles.detection.spans import Span
from articles.detection.text import fold
from articles.resolution.places import is_namesake, is_place_use
from entities.matching.offices import offices
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
    is_namesake: bool = False  # a place that shares a state's name: Georgia in America
    names: tuple[str, ...] = ()  # of a person: the words of the key
    styles: set[str] = field(default_factory=set)  # the text's for this person: "mr", "mrs"
    not_of: set[int] = field(default_factory=set)  # records of a surname that the title before it is not of
    which: str = ""  # of two of a surname: "elder", "younger" or "other", as the text says of this one
    _seen: dict[str, tuple[int, Any]] = field(
        default_factory=dict, repr=False
    )  # what was worked out of so many members

    def once(self, name: str, work: Callable[[Chain], Any]) -> Any:
        """What ``work`` makes of the chain, worked out again only when members have joined."""
        known = self._seen.get(name)
        if known is None or known[0] != len(self.members):
            known = self._seen[name] = (len(self.members), work(self))
        return known[1]

    @property
    def head(self) -> Span:
        """The member with the fullest form; of equals the first."""
        return self.once("head", _head)

    @property
    def start(self) -> int:
        return self.members[0].start


def _head(chain: Chain) -> Span:
    return max(chain.members, key=lambda span: (len(span.surface), -span.start))


def _is_person(span: Span) -> bool:
    if span.type is MentionType.PERSON:
        return True
    return Kind.PERSON in span.senses.kinds and not any(
        sense.kind is not Kind.PERSON and sense.sense in _STRONG for sense in span.senses
    )


def _may_be_town(span: Span) -> bool:
    """A capital, or a town that an agreement is called by: "in Dayton, Ohio"."""
    if "metonym" in span.senses.names:
        return True
    kinds = span.senses.kinds
    if (
        kinds == {Kind.PERSON}
        and span.ner in (MentionType.PLACE, MentionType.PLACE_POLITICAL)
        and " " not in span.surface
    ):
        return not span.title  # "in Scotland" is not said of Patricia Scotland
    if Kind.STATE in kinds and Kind.ORGANIZATION in kinds and not span.surface.isupper():
        return True  # "in Leverkusen", where the team is called so, too
    return (
        " " not in span.surface
        and not span.surface.isupper()
        and span.ner not in (MentionType.PERSON, MentionType.AGREEMENT)
        and Kind.AGREEMENT in kinds
    )


@lru_cache(maxsize=50_000)
def _tokens(surface: str) -> tuple[str, ...]:
    return tuple(token for token in fold(surface).split() if token not in ("jr", "sr"))


def build_chains(
    text: str, spans: list[Span], *, is_anothers: Callable[[Span, Mapping[int, Sense]], bool] | None = None
) -> list[Chain]:
    """Group the named spans of a text (descriptions left aside) into chains, in order of first appearance.

    Args:
        is_anothers: whether the office before a surname is not of the records that a full name leads to, but of another
            of that surname: "Secretary Clinton" beside Bill Clinton.
    """
    named = [span for span in spans if span.role is None and span.agreement is None]
    chains: list[Chain] = []
    people: list[Chain] = []
    owner: dict[int, Chain] = {}

    def start(span: Span, key: str, **traits: bool | str | tuple[str, ...]) -> Chain:
        chain = Chain(len(chains) + 1, [], key, **traits)
        chains.append(chain)
        join(chain, span)
        return chain

    @cache
    def is_country(surface: str, states: frozenset[int], since: int) -> bool:
        return any(
            other.surface.lower() != surface or other.start < since or is_place_use(text, other)
            for other in named
            if not states.isdisjoint(sense.record_id for sense in other.senses)
        )

    def join(chain: Chain, span: Span) -> None:
        chain.members.append(span)
        chain.styles |= _styles(span.title)
        owner[id(span)] = chain

    # 1. Full names of persons found chains; later short forms join them.
    for span in named:
        tokens = _tokens(span.surface)
        if len(tokens) < 2 or not _is_person(span):
            continue
        kin = _kin(text, span)
        chain = next((c for c in people if not kin and _same_person(tokens, c.names) and _same_standing(c, span)), None)
        if chain is None:
            people.append(start(span, " ".join(tokens), is_person=True, is_full_name=True, names=tokens, which=kin))
        else:
            join(chain, span)
            if len(tokens) > len(chain.names):
                chain.key, chain.names = " ".join(tokens), tokens
    names = frozenset(name for chain in people for name in chain.names)
    # 2. Everything else, in text order; what the text abbreviates follows the name that it stands for.
    by_start: dict[int, Chain] = {}
    by_key: dict[tuple[str, bool | str], Chain] = {}
    initials: dict[str, Chain] = {}
    for span in sorted(named, key=lambda one: one.start):
        if id(span) in owner:
            continue
        tokens = _tokens(span.surface)
        long = by_start.get(span.abbreviates) if span.abbreviates is not None else None
        if long is not None and not _has_strong(span):
            join(long, span)
            continue
        which = _which(text, span)
        if which and not _may_be_surname(span):
            which = ""
        if which:
            chain = by_key.get((" ".join(tokens), which))
            if chain is None:
                chain = by_key[" ".join(tokens), which] = start(span, " ".join(tokens), is_person=True, which=which)
            else:
                join(chain, span)
            continue
        chain = _person_of(text, span, tokens, people, is_country) if not names.isdisjoint(tokens) else None
        if chain is not None and (
            _are_unlike(chain, span) or (span.title and is_anothers is not None and is_anothers(span, senses_of(chain)))
        ):
            own = by_key.get((" ".join(tokens), "titled"))
            if own is None:
                own = by_key[" ".join(tokens), "titled"] = start(span, " ".join(tokens), is_person=True)
            else:
                join(own, span)
            own.not_of |= senses_of(chain).keys()
            continue
        if chain is not None:
            rival = by_key.get((" ".join(tokens), False))
            weight = 0.5 if chain.which else 1.0
            if rival is not None and rival.is_person and _presence(rival, span) > weight * _presence(chain, span):
                chain = rival
            join(chain, span)
            continue
        namesake = Kind.STATE in span.senses.kinds and is_namesake(text, span)
        local = namesake or (_may_be_town(span) and is_place_use(text, span))
        key = " ".join(tokens)
        if span.surface.isupper() and len(key) <= 6 and key.replace(" ", "") in initials and not _has_strong(span):
            join(initials[key.replace(" ", "")], span)
            continue
        same = by_key.get((key, local))
        if same is not None and _compatible(same.head, span):
            join(same, span)
            by_start[span.start] = same
            continue
        chain = start(span, key, is_person=_is_person(span), is_local=local, is_namesake=namesake)
        by_key[key, local] = by_start[span.start] = chain
        if span.type is MentionType.ORGANIZATION and len(tokens) >= 3:
            initials.setdefault("".join(token[0] for token in tokens), chain)
            initials.setdefault(
                "".join(token[0] for token in tokens if token not in ("of", "the", "and", "for", "in")), chain
            )
    for chain in chains:
        chain.members.sort(key=lambda span: span.start)
        chain._seen.clear()
    chains.sort(key=lambda chain: chain.start)
    for number, chain in enumerate(chains, 1):
        chain.number = number
    return chains


def _has_strong(span: Span) -> bool:
    return any(sense.sense in _STRONG and not sense.weak for sense in span.senses)


def _compatible(one: Span, other: Span) -> bool:
    """The same words may be a person once and a place another time: "Paris said", "Ms Paris said"."""
    return (one.type is MentionType.PERSON) == (other.type is MentionType.PERSON) or not (one.ner and other.ner)


@lru_cache(maxsize=50_000)
def _telling(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of a name without its particles."""
    return tuple(token for token in tokens if token not in _PARTICLES)


def _same_person(tokens: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Two full names of one person: the same last part, and first parts that are equal, initials or left out."""
    if tokens == others:
        return True
    one, two = _telling(tokens), _telling(others)
    if not one or not two:
        return False
    if one[-1] != two[-1]:
        # "Kim Jong Un", "Kim Jong"; family name first
        short, long = sorted((one, two), key=len)
        return len(short) >= 2 and long[: len(short)] == short
    first, second = one[0], two[0]
    if first == second:
        middles, others = one[1:-1], two[1:-1]
        return not (middles and others) or any(a[0] == b[0] for a in middles[:1] for b in others[:1])
    if len(first) == 1 or len(second) == 1:
        return first[0] == second[0]
    short, long = sorted((one, two), key=len)
    return len(short) < len(long) and len(short) >= 2 and set(short) <= set(long)


_MEN = frozenset("mr sir lord prince king herr monsieur".split())
_WOMEN = frozenset("mrs ms miss lady dame princess queen baroness frau madame".split())


def _are_unlike(chain: Chain, span: Span) -> bool:
    """Whether one is called Mr and the other Mrs."""
    called, known = _styles(span.title), chain.styles
    return bool(called & _WOMEN and known & _MEN and not known & _WOMEN) or bool(
        called & _MEN and known & _WOMEN and not known & _MEN
    )


def _styles(title: str) -> frozenset[str]:
    return frozenset(title.lower().replace(".", " ").split()) & (_MEN | _WOMEN)


def _is_family_name(text: str, span: Span, chain: Chain, is_country: _IsCountry) -> bool:
    """Whether a state's name is a person's here: "Jordan" after "Michael Jordan", where nothing speaks of the country."""
    if span.start < chain.start or is_place_use(text, span):
        return False
    states = frozenset(sense.record_id for sense in span.senses if sense.kind is Kind.STATE)
    return not is_country(span.surface.lower(), states, chain.start)


#: Whether a text speaks of states (ids) otherwise than by a surface form from a place on: the same for all who bear it.
_IsCountry = Callable[[str, frozenset[int], int], bool]


def _person_of(
    text: str, span: Span, tokens: tuple[str, ...], people: list[Chain], is_country: _IsCountry
) -> Chain | None:
    """The person whose surname (or, said of few, given name) a short form is: of several the one most spoken of."""
    if not tokens or span.type in (MentionType.NATIONALITY,):
        return None
    if span.is_inside and not span.title:
        return None  # the "Nobel Prize" is not spoken of Alfred Nobel
    core = _telling(tokens) or tokens
    if len(core) > 2:
        return None
    titled = bool(span.title)
    held = bool(offices(span.title)) or span.title.lower() in ("secretary", "minister")
    is_state = not titled and any(
        sense.kind is Kind.STATE and sense.sense in _STRONG and not sense.weak for sense in span.senses
    )
    strong_other = any(
        sense.kind is not Kind.PERSON and sense.sense in _STRONG | {"metonym", "demonym"} for sense in span.senses
    )
    if strong_other and not titled and not is_state and span.ner is not MentionType.PERSON:
        return None
    if span.ner not in (
        None,
        *_PERSON_LIKE,
        MentionType.ORGANIZATION,
        MentionType.PLACE_POLITICAL,
        MentionType.NATIONALITY,
    ):
        return None
    own = {sense.record_id for sense in span.senses if sense.kind is Kind.PERSON and _is_own_name(sense)}
    best: Chain | None = None
    best_rank: tuple[int, float, int] | None = None
    for chain in people:
        names = _telling(chain.names)
        if len(names) <= len(core) or (own and not own & senses_of(chain).keys()):
            continue
        if chain.which and span.start < chain.start:
            continue  # "Sharif … with his brother Shahbaz Sharif": the first is not the brother
        if held and span.senses and not senses_of(chain):
            continue  # "President Bush" is not the unknown Jane Bush of the same text
        if is_state and (names[-1:] != core or not _is_family_name(text, span, chain, is_country)):
            continue  # "Nepal" is the country, though a Madhav Nepal speaks of it
        if names[-len(core) :] == core:
            fit = 2
        elif len(core) == 1 and core[0] in ((names[0],) if held else names[:-1]):
            fit = 1
        else:
            continue
        # Who is only told as somebody's relative is seldom the one who is spoken of next.
        rank = (fit, _presence(chain, span) * (0.5 if chain.which else 1.0), -chain.start)
        if best_rank is None or rank > best_rank:
            best, best_rank = chain, rank
    return best


def _is_own_name(sense: Sense) -> bool:
    """A name that stands on its own ("King Hussein"), not one derived from a fuller one."""
    return sense.sense not in DERIVED_SENSES and not sense.weak


def _presence(chain: Chain, span: Span) -> float:
    """How much a text speaks of a person just before a span: often and not long ago, best by the same words.

    "Hussein" stays the king's name although Saddam Hussein is named once in between.
    """
    words = span.surface.lower()
    return sum(
        0.93 ** (span.sentence - member.sentence) * (1.5 if member.surface.lower() == words else 1.0)
        for member in chain.members
        if member.start < span.start
    )


_KIN = re.compile(
    r"(?:\b(?:his|her|whose|their)|['’]s?)\s+(?:late\s+|elder\s+|older\s+|younger\s+|eldest\s+|half-|step|great-)?(?:(?P<elder>father|mother|uncle|aunt|grandfather"
    r"|grandmother|father-in-law|predecessor and father)|(?P<younger>sons?|daughters?|nephew|niece|grandson|son-in-law)"
    r"|wife|husband|widow|widower|brothers?|sisters?|cousin|twin|brother-in-law|namesake)\b[^.;\n]{0,45}$",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"\b(?:(?P<elder>elder|older|senior)|(?P<younger>younger|junior)|(?P<other>other))\s+(?:Mr|Mrs|Ms|President|Senator|Sheikh|General)?\.?\s?$"
)
_FORMER = re.compile(r"former|ex[- ]|late\b", re.IGNORECASE)


def _kin(text: str, span: Span) -> str:
    """How somebody is told as a relative of another: "his father, the former president George Bush" is the elder."""
    match = _KIN.search(text, max(0, span.start - 70), span.start)
    return (match.lastgroup or "other") if match else ""


def _which(text: str, span: Span) -> str:
    """Which of two of a surname is said to be meant: "the elder Bush", "the other Han"."""
    start = max(0, span.start - 24)
    if text.find("er ", start, span.start) < 0 and text.find("or ", start, span.start) < 0:
        return ""  # as before most names
    match = _WHICH.search(text, start, span.start)
    return (match.lastgroup or "") if match else ""


def _may_be_surname(span: Span) -> bool:
    return span.type is MentionType.PERSON or any(
        sense.kind is Kind.PERSON and sense.sense in DERIVED_SENSES for sense in span.senses
    )


def _same_standing(chain: Chain, span: Span) -> bool:
    """ "Former President Bush" is not the President Bush of the same text."""
    if not span.title:
        return True
    former = _FORMER.match(span.title) is not None
    return all((_FORMER.match(member.title) is not None) == former for member in chain.members if member.title)


def senses_of(chain: Chain) -> dict[int, Sense]:
    """For each record the strongest sense by which any full member of the chain leads to it."""
    return chain.once("senses", _senses_of)


def _senses_of(chain: Chain) -> dict[int, Sense]:
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
