"""Candidates: which records a chain may mean, from the senses of its surfaces and from names that are alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from articles.detection.gazetteer import Sense
from articles.detection.spans import Span
from articles.detection.text import fold
from articles.resolution.article import Article
from articles.resolution.catalogue import Similar
from articles.resolution.chains import Chain, senses_of, tier
from entities.matching.dates import covers, ends_after, starts_by, years_between
from entities.matching.features import dated_names, holds_office, own_states, terms_on
from entities.matching.names.tables import SUFFIXES, TITLES
from entities.matching.types import DERIVED_SENSES, CandidateView, Kind, MentionType, RecordView

MAX_CANDIDATES = 24  # a chain's; beyond these the best known are kept
_LONG_GONE_YEARS = 2
_NONE: frozenset[int] = frozenset()
SIMILAR_AT, SIMILAR_PERSON_AT = 0.6, 0.7  # names less alike than this are not even considered


def candidates_of(article: Article, chains: list[Chain]) -> list[list[CandidateView]]:
    """For each chain what it may mean; records are loaded together, and similar names looked for in one batch."""
    senses = [senses_of(chain) for chain in chains]
    unknown: dict[str, list[int]] = {}
    for number, (chain, found) in enumerate(zip(chains, senses, strict=True)):
        if not found and is_searched(chain.head):
            unknown.setdefault(chain.head.surface, []).append(number)
        elif len(found) > MAX_CANDIDATES:
            kept = sorted(found.values(), key=lambda sense: (-tier(sense), sense.prominence or 4, sense.record_id))
            senses[number] = {sense.record_id: sense for sense in kept[:MAX_CANDIDATES]}
    similar: dict[int, Sequence[Similar]] = {}
    if unknown:
        answers = article.catalogue.similar(unknown)
        for surface, numbers in unknown.items():
            for number in numbers:
                similar[number] = answers.get(surface, ())
    wanted = {id_ for found in senses for id_ in found}
    wanted.update(one.record_id for found in similar.values() for one in found)
    article.load(wanted)
    article.load(_behind(article, senses))
    precedents = article.catalogue.precedents({chain.key for chain in chains})
    gathered = []
    for number, (chain, found) in enumerate(zip(chains, senses, strict=True)):
        counts = precedents.get(chain.key, {})
        candidates = _from_senses(article, chain, found, counts)
        for one in similar.get(number, ())[:MAX_CANDIDATES]:
            record = article.views.get(one.record_id)
            if record is not None and _is_alike(chain.head.surface, record.kind, one):
                accepted, refused = counts.get(one.record_id, (0, 0))
                candidates.append(
                    CandidateView(record, "similar", one.similarity, one.name, accepted=accepted, refused=refused)
                )
        gathered.append(candidates)
    return gathered


def _is_alike(surface: str, kind: Kind, one: Similar) -> bool:
    """Whether a name resembles a surface form enough to be considered: of persons family names must not be lacking."""
    if kind is not Kind.PERSON:
        return one.similarity >= SIMILAR_AT
    return one.similarity >= SIMILAR_PERSON_AT and not _lacks_family_name(surface, one.name)


def _lacks_family_name(surface: str, name: str) -> bool:
    """Whether a full name is like one that has no family name, or is the son's of one: "Charles Hernu", "Prince Charles"."""
    ours, theirs = ([word for word in fold(one).split() if word not in TITLES] for one in (surface, name))
    if len(ours) > 1 and len(theirs) == 1 and ours[-1] != theirs[0]:
        return True
    return bool(SUFFIXES & set(fold(surface).split()) - set(fold(name).split()))


def with_rivals_at_home(article: Article, candidates: list[CandidateView]) -> list[CandidateView]:
    """Of the holders of office whom a surname may mean, rivals are those whose countries the article speaks of."""
    if len(candidates) < 2:
        return candidates
    day = article.date
    holders = [
        one for one in candidates if one.sense == "surname" and one.rivals and day and holds_office(one.record, day)
    ]
    if len(holders) < 2 or not article.states:
        return candidates
    at_home = sum(not article.states.keys().isdisjoint(own_states(one.record)) for one in holders)
    fewer = len(holders) - at_home
    if not fewer or not at_home:
        return candidates
    own = {id(one) for one in holders if not article.states.keys().isdisjoint(own_states(one.record))}
    return [replace(one, rivals=max(0, one.rivals - fewer)) if id(one) in own else one for one in candidates]


def _behind(article: Article, senses: Sequence[Mapping[int, Sense]]) -> set[int]:
    """The bodies and states of persons who may be named by surname alone: these tell how much their country means."""
    wanted: set[int] = set()
    for found in senses:
        for id_, sense in found.items():
            record = article.views.get(id_) if sense.sense == "surname" else None
            if record is not None:
                wanted.update(record.states)
                wanted.update(term.organization for term in record.terms if term.organization and not term.state)
    return wanted


def _is_above_states(article: Article, record: RecordView) -> bool:
    """Whether a person holds an office above or outside the own state: the Secretary-General of the United Nations."""
    if not article.date:
        return False
    bodies = (article.views.get(term.organization) for term in terms_on(record, article.date) if not term.state)
    return any(body is not None and not set(body.states) & set(record.states) for body in bodies)


def _heirs(article: Article, record: RecordView) -> frozenset[int]:
    states = (article.views.get(state) for state in record.states)
    return frozenset(heir for state in states if state is not None for heir in state.successors)


def is_searched(span: Span) -> bool:
    """Whether an unknown name is long enough to be looked for among similar ones."""
    if span.type in (MentionType.NATIONALITY, MentionType.PLACE):
        return False
    return len(span.surface) >= 5 and (" " in span.surface or len(span.surface) >= 7)


def _from_senses(
    article: Article, chain: Chain, senses: Mapping[int, Sense], counts: Mapping[int, tuple[int, int]]
) -> list[CandidateView]:
    candidates = []
    # Who was long gone by the article's date is no rival of who was there.
    gone = {id_ for id_ in senses if _is_long_gone(article.views.get(id_), article.date)}
    heirs = _not_yet(article, senses)
    tiers = [tier(sense) for id_, sense in senses.items() if id_ not in gone and id_ not in heirs]
    is_capital, in_office = False, 0
    for id_, sense in senses.items():
        if sense.sense == "metonym":
            is_capital = is_capital or sense.kind is Kind.STATE
        elif sense.sense == "surname" and article.date and id_ in article.views:
            in_office += holds_office(article.views[id_], article.date)
    has_club = article.is_sport and any(
        sense.kind is Kind.ORGANIZATION and sense.sense in DERIVED_SENSES for sense in senses.values()
    )
    for record_id, sense in senses.items():
        record = article.views.get(record_id)
        if record is None:
            continue
        if chain.is_local and (sense.sense == "metonym" or sense.sense in DERIVED_SENSES):
            continue
        if chain.is_local and record.kind is Kind.AGREEMENT:
            continue
        if chain.is_namesake and record.kind is Kind.STATE or record_id in chain.not_of or record_id in heirs:
            continue
        own = tier(sense)
        stronger = len([rank for rank in tiers if rank >= own])
        if record_id not in gone:
            stronger -= 1
        if in_office and sense.sense == "surname" and max(tiers, default=0) <= own:
            # Where it is nobody's whole name ("King Hussein"), who holds office is who the papers name without more.
            if holds_office(record, article.date or ""):
                stronger = in_office - 1
        accepted, refused = counts.get(record_id, (0, 0))
        is_surname = sense.sense == "surname"
        if sense.sense == "core" and is_capital and record.kind is Kind.ORGANIZATION and not article.is_sport:
            continue  # "Paris" is no Paris Club
        candidates.append(
            CandidateView(
                record, sense.sense, 1.0, _matched(record, chain.key, sense), sense.weak and sense.sense not in DERIVED_SENSES,
                rivals=stronger, is_above_states=is_surname and _is_above_states(article, record),
                heirs=_heirs(article, record) if is_surname else _NONE,
                has_namesake_club=has_club and not chain.is_local, accepted=accepted, refused=refused,
            )
        )  # fmt: skip
    return candidates


_OF_STATES = frozenset({"metonym", "demonym", "adjective"})


def _not_yet(article: Article, senses: Mapping[int, Sense]) -> set[int]:
    """States that a capital or an adjective cannot mean yet: "Moscow" of 1978 is the Soviet Union, not its heir."""
    day = article.date
    ids = [id_ for id_, sense in senses.items() if sense.kind is Kind.STATE and sense.sense in _OF_STATES]
    if not day or len(ids) < 2:
        return set()
    records = [record for id_ in ids if (record := article.views.get(id_)) is not None]
    there = [
        record for record in records
        if record.successors and record.valid_from and record.valid_to and covers(record.valid_from, record.valid_to, day)
    ]  # fmt: skip
    return {
        heir for record in there for heir in record.successors
        if (view := article.views.get(heir)) is not None and not (view.valid_from and starts_by(view.valid_from, day))
    }  # fmt: skip


def _is_long_gone(record: RecordView | None, day: str | None) -> bool:
    if record is None or not day or not record.valid_to:
        return False
    return not ends_after(record.valid_to, day) and years_between(record.valid_to, day) > _LONG_GONE_YEARS


def _matched(record: RecordView, key: str, sense: Sense) -> str:
    """The very alias that led here, where it was in use only for a time: otherwise nobody asks."""
    for name in dated_names(record):
        if name.type == sense.sense and fold(name.text).split() == key.split():
            return name.text
    return ""
