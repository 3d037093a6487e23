"""The whole flow for one article: chains → candidates → scores → decisions, then the descriptions that lean on them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from articles.detection.agreement_words import TYPE_WORDS
from articles.detection.gazetteer import Sense
from articles.detection.spans import Span
from articles.detection.text import fold
from articles.resolution.agreements import resolve_agreements
from articles.resolution.catalogue import Catalogue, Similar
from articles.resolution.chains import Chain, build_chains, senses_of, tier
from articles.resolution.roles import persons_wanted, resolve_roles
from entities.matching.countries import countries_in, countries_of_name
from entities.matching.dates import covers, ends_after, starts_by, years_between
from entities.matching.decision import decide
from entities.matching.features import (
    MOST_STATE_MENTIONS,
    countries_of,
    dated_names,
    holds_office,
    keeps_company_with,
    own_states,
    terms_on,
)
from entities.matching.names.tables import SUFFIXES, TITLES
from entities.matching.normalize import words_of
from entities.matching.offices import fits, offices
from entities.matching.profiles import Profile, load_profiles
from entities.matching.scoring import score, strongest
from entities.matching.types import (
    DERIVED_SENSES,
    CandidateView,
    Decision,
    Evidence,
    Kind,
    MentionType,
    MentionView,
    Outcome,
    RecordView,
    Scored,
)

# Said of matches, races and seasons, and of little else.
_SPORT = frozenset(
    "coach match matches goal goals goalkeeper striker midfielder defender league bundesliga season penalty offside semifinal"
    " semifinals semi quarterfinal quarterfinals tournament championship championships playoff playoffs keeper stadium kickoff"
    " halftime referee relegation fixture fixtures squad teammate teammates basketball football soccer tennis handball hockey"
    " nba nfl uefa fifa cup medal medals olympic athlete athletes champion champions scored scorer lap race driver".split()
)
_SPORT_WORDS = 6  # of these in one article make it one about sport
_TOLD = re.compile(r"\b(?:told|tells|telling|spoke to|speaks to|speaking to|interview with)\s+(?:the\s+)?$")
_REPORTS = re.compile(r"(?:['’]s)? (?:interview|correspondent|reporter|editor-in-chief)\b")

_TOLD_ENDS = frozenset({"told", "tells", "telling", "to", "with", "the"})

MAX_CANDIDATES = 24  # a chain's; beyond these the best known are kept
_DOUBTFUL = DERIVED_SENSES | {"similar"}
_LONG_GONE_YEARS = 2
_NONE: frozenset[int] = frozenset()
SIMILAR_AT, SIMILAR_PERSON_AT = 0.6, 0.7  # names less alike than this are not even considered

_KIND_TYPES = {
    Kind.PERSON: MentionType.PERSON,
    Kind.STATE: MentionType.PLACE_POLITICAL,
    Kind.ORGANIZATION: MentionType.ORGANIZATION,
    Kind.AGREEMENT: MentionType.AGREEMENT,
}


@dataclass(slots=True)
class Resolution:
    """What was decided about one span."""

    span: Span
    chain: int
    decision: Decision
    ranking: list[Scored] = field(default_factory=list)
    type: MentionType = MentionType.OTHER
    evidence: list[tuple[str, float, str]] = field(default_factory=list)  # feature, log-odds it added, words


@dataclass(slots=True)
class Resolved:
    """A chain with its scores: what later steps lean on."""

    chain: Chain
    mention: MentionView
    candidates: list[CandidateView]
    ranking: list[Scored]
    decision: Decision

    @property
    def record_id(self) -> int | None:
        """The linked record, or None."""
        return self.decision.record_id if self.decision.outcome is Outcome.LINK else None


@dataclass(slots=True)
class Article:
    """What the steps share about one article."""

    text: str
    date: str | None
    spans: list[Span]
    catalogue: Catalogue
    profiles: Mapping[str, Profile]
    chains: list[Resolved] = field(default_factory=list)
    views: dict[int, RecordView] = field(default_factory=dict)
    chain_at: dict[int, Resolved] = field(default_factory=dict)  # by a member's start
    states: Counter[int] = field(default_factory=Counter)
    linked: dict[int, set[int]] = field(default_factory=dict)  # record → numbers of the chains that link to it
    persons: list[Resolved] = field(default_factory=list)  # the chains that link to one, in text order
    words: frozenset[str] = frozenset()  # of the text, as ``name_key`` has them
    countries: Counter[str] = field(default_factory=Counter)  # named in English words, by ISO code
    is_sport: bool = False
    ties: dict[int, set[int]] = field(default_factory=dict)  # state → numbers of the chains that mean what is of it

    def view(self, record_id: int) -> RecordView | None:
        """A record by id, loaded when first asked for."""
        if record_id not in self.views:
            self.views.update(self.catalogue.views([record_id]))
        return self.views.get(record_id)

    def load(self, ids: set[int]) -> None:
        """Load many records at once."""
        missing = [id_ for id_ in ids if id_ not in self.views]
        if missing:
            self.views.update(self.catalogue.views(missing))


def prefetch(articles: Iterable[tuple[Sequence[Span], str | None]], catalogue: Catalogue) -> None:
    """Have a catalogue load together what each of several articles would ask it for.

    Args:
        articles: the spans of each, and its date.
    """
    articles = list(articles)
    records = {sense.record_id for spans, _ in articles for span in spans for sense in span.senses}
    described = [([span for span in spans if span.role is not None], day) for spans, day in articles]
    holders = catalogue.holders({s.record_id for spans, _ in described for span in spans for s in span.role.place})
    for spans, day in described:
        places = {sense.record_id for span in spans for sense in span.role.place}
        records |= persons_wanted(spans, {place: holders.get(place, ()) for place in places}, day)
    catalogue.views(records)
    # A single unknown word is mostly the surname of somebody whom the article names in full.
    catalogue.similar(
        {
            span.surface
            for spans, _ in articles
            for span in spans
            if not span.senses and " " in span.surface and span.role is None and span.agreement is None
            if _is_searched(span)
        }
    )


def chains_of(
    text: str,
    spans: Sequence[Span],
    catalogue: Catalogue,
    *,
    date: str | None = None,
    is_tagged: bool = True,
    profiles: Mapping[str, Profile] | None = None,
) -> Article:
    """Score and decide every named chain of an article; descriptions are left to ``resolve``. Also what is learnt from."""
    article = Article(text, date, list(spans), catalogue, profiles or load_profiles())
    article.words = words_of(text)
    article.countries = countries_in(text)
    article.is_sport = len(article.words & _SPORT) >= _SPORT_WORDS
    chains = build_chains(text, article.spans, is_anothers=partial(_is_anothers, article))
    gathered = _candidates(article, chains)
    _first_company(article, chains, gathered)
    _count_countries(article)
    gathered = [_with_rivals_at_home(article, candidates) for candidates in gathered]
    company = _Company(article)
    for chain, candidates in zip(chains, gathered, strict=True):
        article.chains.append(_scored(article, chain, _mention_view(article, chain, is_tagged, company), candidates))
    kin = [resolved.chain for resolved in article.chains if resolved.chain.which]
    for number, resolved in enumerate(article.chains) if kin else ():
        if resolved.chain.which and resolved.candidates:
            article.chains[number] = _told_apart(article, resolved)
        elif resolved.chain.is_person and not resolved.chain.is_full_name and len(resolved.candidates) > 1:
            article.chains[number] = _not_kin(article, resolved, kin)
    # The sure ones make the company in which the doubtful are judged once more.
    _second_company(article)
    named = _count_countries(article)
    first, company = company, _Company(article)
    counts = company.counts_unlike(first)
    for number, resolved in enumerate(article.chains):
        if resolved.candidates and (len(resolved.candidates) > 1 or resolved.decision.probability < 0.95):
            states, linked, ties = company.of(resolved.chain)
            if not _has_news(resolved, states, linked, ties, counts, named):
                continue
            mention = replace(resolved.mention, states=states, linked=linked, ties=ties)
            known = {one.record_id: one.evidence for one in resolved.ranking}
            article.chains[number] = _scored(article, resolved.chain, mention, resolved.candidates, known)
    for resolved in article.chains:
        for member in resolved.chain.members:
            article.chain_at[member.start] = resolved
    _second_company(article)
    return article


def resolve(
    text: str,
    spans: Sequence[Span],
    catalogue: Catalogue,
    *,
    date: str | None = None,
    is_tagged: bool = True,
    profiles: Mapping[str, Profile] | None = None,
) -> list[Resolution]:
    """Decide every span of an article, all of them together.

    Args:
        text: the text that the spans were found in, junk masked.
        spans: what detection found.
        date: the article's ISO date or prefix of it; without one nothing is judged by time.
        is_tagged: whether a tagger read the text, so that its silence means something.

    Returns:
        One resolution for each span that is kept, in text order: gazetteer hits that turn out to be no name at all are
        dropped, names that no record answers to are NIL.
    """
    return resolutions_of(chains_of(text, spans, catalogue, date=date, is_tagged=is_tagged, profiles=profiles))


def resolutions_of(article: Article) -> list[Resolution]:
    """The resolutions of an article whose named chains are decided; descriptions are decided here."""
    first = len(article.chains) + 1
    resolutions = [resolution for resolved in article.chains for resolution in _of_chain(article, resolved)]
    resolutions.extend(resolve_roles(article, first_chain=first))
    resolutions.extend(resolve_agreements(article, first_chain=first + len(article.spans)))
    resolutions.sort(key=lambda one: (one.span.start, -one.span.end))
    return resolutions


def _candidates(article: Article, chains: list[Chain]) -> list[list[CandidateView]]:
    senses = [senses_of(chain) for chain in chains]
    unknown: dict[str, list[int]] = {}
    for number, (chain, found) in enumerate(zip(chains, senses, strict=True)):
        if not found and _is_searched(chain.head):
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


def _is_anothers(article: Article, span: Span, records: Mapping[int, Sense]) -> bool:
    """Whether the office before a surname is held on the day by another than those whom the text names in full."""
    held = _CABINET if span.title.lower() in ("secretary", "minister") else offices(span.title)
    if not held or not records or not article.date:
        return False
    article.load({*records, *(sense.record_id for sense in span.senses if sense.kind is Kind.PERSON)})
    if any(_has_held(article.views[id_], held) for id_ in records if id_ in article.views):
        return False
    return any(
        sense.kind is Kind.PERSON and sense.record_id not in records and _has_held(record, held, article.date)
        for sense in span.senses
        if (record := article.views.get(sense.record_id)) is not None
    )


def _has_held(record: RecordView, held: frozenset[str], day: str | None = None) -> bool:
    """Whether a person held one of these offices, on a day or ever."""
    return any(
        fits(held, offices(term.title)) >= _SAME_OFFICE for term in (terms_on(record, day) if day else record.terms)
    )


_SAME_OFFICE = 0.7
#: What "Secretary" or "Minister" alone may mean.
_CABINET = frozenset(
    {
        "foreign minister",
        "defence minister",
        "finance minister",
        "interior minister",
        "attorney general",
        "trade minister",
    }
)


def _told_apart(article: Article, resolved: Resolved) -> Resolved:
    """A chain of which the text says that it is the elder, the younger or the other of a surname: not who else is named so."""
    chain = resolved.chain
    linked = {one.record_id for one in article.chains if one.chain is not chain and one.chain.is_full_name}
    if chain.is_full_name and any(one.sense == "similar" and one.record.id in linked for one in resolved.candidates):
        # "Her father, Aung San" is not she, however like the names.
        kept = [one for one in resolved.candidates if one.sense != "similar" or one.record.id not in linked]
        resolved = _scored(article, chain, resolved.mention, kept)
    name = chain.names[-1] if chain.names else chain.key.rpartition(" ")[2]
    is_sole = chain.is_full_name and sum(one.sense not in DERIVED_SENSES for one in resolved.candidates) < 2
    others = {
        other.record_id: other.chain
        for other in article.chains
        if other.record_id is not None and other.chain is not chain and other.chain.is_person
        if name
        in (other.chain.key.rpartition(" ")[2], other.chain.key.partition(" ")[0])  # family names may come first
        if other.chain.is_full_name or not (other.chain.which or is_sole)
    }
    if not others:
        return resolved
    born = {id_: _born(article.views[id_]) for id_ in others}
    if len(others) > 1 and not chain.is_full_name:
        if chain.which == "other":
            # The one less spoken of just before.
            wanted = {min(others, key=lambda id_: _last_before(others[id_], chain.start))}
        else:
            wanted = {(min if chain.which == "elder" else max)(others, key=lambda id_: born[id_])}
        kept = [one for one in resolved.candidates if one.record.id in wanted]
    else:
        kept = [one for one in resolved.candidates if one.record.id not in others]
        if chain.which != "other":
            [day] = [min(born.values())] if chain.which == "elder" else [max(born.values())]
            rest, kept = kept, [one for one in kept if _fits_age(_born(one.record), day, chain.which)]
            if rest and not kept and not chain.is_full_name:
                # "George Herbert Walker Bush … the elder Bush": of those who have the name nobody is older than he.
                kept = [one for one in resolved.candidates if one.record.id in others]
    if not chain.is_full_name:
        # With what the text says of it the surname is a name of its own.
        kept = [replace(one, sense="nickname", rivals=len(kept) - 1) for one in kept]
    return _scored(article, chain, resolved.mention, kept)


def _not_kin(article: Article, resolved: Resolved, kin: list[Chain]) -> Resolved:
    """A bare surname is not the relative whom the text names in full beside it: "Karamanlis' uncle Konstantinos Karamanlis"."""
    named = {
        id_
        for chain in kin
        if chain.is_full_name and chain.names[-1] == resolved.chain.key
        for id_, sense in senses_of(chain).items()
        if sense.sense not in DERIVED_SENSES
    }
    kept = [one for one in resolved.candidates if one.record.id not in named]
    if not named or len(kept) == len(resolved.candidates) or not kept:
        return resolved
    return _scored(article, resolved.chain, resolved.mention, kept)


def _born(record: RecordView) -> str:
    """When a person was born, or would have been, to hold a first office at forty-five."""
    if record.valid_from:
        return record.valid_from
    first = min((term.start for term in record.terms if term.start), default="")
    return str(int(first[:4]) - 45) if first[:4].isdigit() else ""


def _last_before(chain: Chain, start: int) -> int:
    return max((member.start for member in chain.members if member.start < start), default=-1)


def _fits_age(born: str, other: str, which: str) -> bool:
    return not born or not other or (born < other if which == "elder" else born > other)


def _with_rivals_at_home(article: Article, candidates: list[CandidateView]) -> list[CandidateView]:
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


def _is_searched(span: Span) -> bool:
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


class _Company:
    """What an article is found to speak of so far, as each of its chains sees it: itself left aside."""

    def __init__(self, article: Article):
        self._states = dict(article.states)
        self._linked, self._own_links = _shared(article.linked)
        self._ties, self._own_ties = _shared(article.ties)

    def of(self, chain: Chain) -> tuple[Mapping[int, int], frozenset[int], frozenset[int]]:
        """The states and how often each, the linked records, and the states they belong to."""
        own = [id_ for id_ in senses_of(chain) if id_ in self._states]
        states = {id_: count for id_, count in self._states.items() if id_ not in own} if own else self._states
        linked, ties = self._own_links.get(chain.number), self._own_ties.get(chain.number)
        return states, self._linked - linked if linked else self._linked, self._ties - ties if ties else self._ties

    def counts_unlike(self, other: _Company) -> set[int]:
        """The states that are mentioned in one and not, or not as often, in the other."""
        return {id_ for id_, _ in self._counted() ^ other._counted()}

    def _counted(self) -> set[tuple[int, int]]:
        """The states, each counted as far as it matters."""
        return {(id_, min(count, MOST_STATE_MENTIONS)) for id_, count in self._states.items()}

    def own_news(self, other: _Company, chain: Chain) -> set[int]:
        """What the chain alone spoke of, and leaves aside, in one and not in the other."""
        number, nothing = chain.number, set()
        linked = self._own_links.get(number, nothing) ^ other._own_links.get(number, nothing)
        return linked | (self._own_ties.get(number, nothing) ^ other._own_ties.get(number, nothing))


def _has_news(
    resolved: Resolved,
    states: Mapping[int, int],
    linked: frozenset[int],
    ties: frozenset[int],
    counts: set[int],
    named: set[str],
) -> bool:
    """Whether what an article has been found to speak of since may change what speaks for a chain's candidates.

    Args:
        states, linked, ties: the company of now, as the chain sees it.
        counts: states that are mentioned more often, or less, than it was thought.
        named: codes of countries that are found to be named, by their capitals.
    """
    before = resolved.mention
    if bool(before.states) != bool(states):
        return True
    news = counts | ((before.linked | before.states.keys()) ^ (linked | states.keys()))
    linked_news = before.linked ^ linked
    # Ties and heirs only take away that its country is not there.
    missed = {one.record_id for one in resolved.ranking if "no_state" in one.evidence} if before.ties != ties else _NONE
    for candidate in resolved.candidates:
        record = candidate.record
        if record.id in linked_news or not news.isdisjoint(keeps_company_with(record)):
            return True
        if record.id in missed and not (ties | states.keys()).isdisjoint((*own_states(record), *candidate.heirs)):
            return True
        if named and not named.isdisjoint(countries_of(record)):
            return True
        if candidate.rivals and record.kind is Kind.STATE and (record.id in before.ties) != (record.id in ties):
            return True
    return False


def _shared(spoken_of: Mapping[int, set[int]]) -> tuple[frozenset[int], dict[int, set[int]]]:
    """All that chains speak of, and for each chain what it alone speaks of."""
    own: dict[int, set[int]] = {}
    for id_, chains in spoken_of.items():
        if len(chains) == 1:
            own.setdefault(next(iter(chains)), set()).add(id_)
    return frozenset(spoken_of), own


def _mention_view(article: Article, chain: Chain, is_tagged: bool, company: _Company) -> MentionView:
    head, members = chain.head, chain.members
    titles: set[str] = set()
    places: set[int] = set()
    years: set[str] = set()
    beside: set[str] = set()
    beside_states: set[int] = set()
    types: dict[MentionType, int] = {}
    is_former = is_titled = is_outlet = False
    is_shouted = is_ruled = True
    is_ordinary = is_common = " " not in head.surface and not head.surface.isupper()
    for member in members:
        is_shouted = is_shouted and member.is_shouted
        is_ruled = is_ruled and member.detector == "rule"
        is_ordinary = is_ordinary and member.is_ordinary
        is_common = is_common and (member.has_lower_twin or (member.is_sentence_start and member.is_ordinary))
        if member.title:
            titles |= offices(member.title)
            is_former = is_former or _FORMER.match(member.title) is not None
            places |= {sense.record_id for sense in member.title_place}
        if member.ner is not None:
            types[member.ner] = types.get(member.ner, 0) + 1
        if Kind.AGREEMENT in member.senses.kinds:
            years |= _years_beside(article.text, member)
            is_titled = is_titled or _is_titled(member)
        if member.place_before:
            beside.update(_beside(article, member))
            beside_states |= {sense.record_id for sense in member.place_before}
        is_outlet = is_outlet or not chain.is_person and _is_outlet(article.text, member)
    tagger_type = max(types, key=types.__getitem__) if types else None
    if chain.is_person and MentionType.PERSON in types:
        tagger_type = MentionType.PERSON  # of a full name and its surname the full name is read better
    if tagger_type is not None and is_titled:
        tagger_type = MentionType.AGREEMENT  # taggers know no agreements: "the Kyoto protocol" is a place to them
    states, linked, ties = company.of(chain)
    return MentionView(
        surface=head.surface,
        type=head.type,
        tagger_type=tagger_type,
        is_tagged=is_tagged and not is_ruled,
        date=article.date,
        offices=frozenset(titles),
        office_places=frozenset(places),
        is_former=is_former,
        years=frozenset(years),
        states=states,
        linked=linked,
        ties=ties,
        words=article.words,
        countries=article.countries,
        beside=frozenset(beside),
        beside_states=frozenset(beside_states),
        inside=sum([member.is_inside for member in members]) / len(members),
        is_ordinary=is_ordinary,
        is_agent=any(is_agent(article.text, member) for member in members),
        is_outlet=is_outlet,
        is_sport=article.is_sport,
        occurrences=len(members),
        is_full_name=chain.is_full_name,
        is_common_word=is_common,
        is_shouted=is_shouted,
    )


# What persons and governments do and towns and things do not, mostly: a finite verb directly after the name.
_AGENT = re.compile(
    r"(?:,\s[^,.;\n]{3,60},(?=\s(?:is|was)\b)|(?:,\s[^,.;\n]{3,60},)?\s(?:(?:[a-z]{2,12}ly|also|then|now|again|later|just|still|never|once|even|too|himself|herself)\s)?"
    r"(?:said|says|told|tells|spoke|speaks|wrote|writes|will|would|won['’]t|wouldn['’]t|can(?:no|['’])t|could(?:n['’]t)?|has|hasn['’]t|had(?:n['’]t)?"
    r"|did(?:n['’]t)?|does(?:n['’]t)?|may|might|must|went|goes|came|comes|left|leaves|flew|flies|met|meets|sees|saw|took|takes|gave|gives|kept|keeps"
    r"|held|holds|won|lost|loses|rang|knew|knows|thought|thinks|felt|found|finds|set|stood|stands|sat|sits|ran|brought|brings|bought|sent|sends|wants|needs"
    r"|hopes|fears|expects|insists|denies|calls|plans|remains|wishes|promises|accuses|warns|backs|demands|rejects|agrees|refuses|supports|offers"
    r"|seeks|considers|leans|waits|asks|stays|believes|argues|claims|admits|blames|regards|threatens"
    r"|began|begins|chose|drew|drove|fought|heard|led|leads|left|let|lied|made|makes|paid|pays|put|puts|quit|read|reads|rose|sold|spent|struck|swore|taught"
    r"|tore|threw|understood|understands|withdrew|woke|wept|[a-z]{3,12}ed)\b)"
)


# Words that are surnames somewhere, too: "He ended all trade".
_PRONOUNS = frozenset(
    "he she it they we you i this that these those there who what which so no an do all some many both one few".split()
)


def is_agent(text: str, span: Span) -> bool:
    """Whether what follows a name says what its bearer did: "Draghi promised banks what they need"."""
    return span.surface.lower() not in _PRONOUNS and _AGENT.match(text, span.end) is not None


_AFTER_MARK = re.compile(r"[.,;:()\n]")


def _beside(article: Article, span: Span) -> Iterable[str]:
    """The countries printed directly before a span, by their English words."""
    start = max(0, span.start - 30)
    before = article.text[start : span.start]
    if before[-1:] not in " -":
        return ()
    words = _AFTER_MARK.split(before)[-1].split()[-2:]
    return countries_of_name(" ".join(words)) if any(word[0].isupper() for word in words) else ()


def _is_outlet(text: str, span: Span) -> bool:
    """Whether somebody told it something, or it opens a line and a colon follows, as in an interview."""
    if text[span.end : span.end + 2] == ": " and (span.start == 0 or text[span.start - 1] == "\n"):
        return True
    if _REPORTS.match(text, span.end):
        return True
    words = text[max(0, span.start - 20) : span.start].rsplit(None, 1)
    if not words or words[-1].lower() not in _TOLD_ENDS:
        return False  # as before most names
    return _TOLD.search(text, max(0, span.start - 20), span.start) is not None


def _is_titled(span: Span) -> bool:
    """Whether a name that an agreement has says so itself: it ends with a word for one, or begins so."""
    words = fold(span.surface).split()
    return len(words) > 1 and (words[-1] in TYPE_WORDS or words[0] in TYPE_WORDS)


_FORMER = re.compile(r"former|ex[- ]|late\b", re.IGNORECASE)
_YEAR_BEFORE = re.compile(r"\b((?:1[5-9]|20)\d\d)[\s-]+(?:[a-z-]+\s+)?$")
_YEAR_AFTER = re.compile(
    r"(?:['’]s)?(?:,?\s+(?:of|signed in|concluded in|from)\s+(?:[A-Z][a-z]+ )?(?:\d\d?,? )?|\s*\()((?:1[5-9]|20)\d\d)\b"
)


def _years_beside(text: str, span: Span) -> set[str]:
    """The year printed beside a name: "the 1963 Moscow Treaty", "the Moscow Treaty of 2002"."""
    before = _YEAR_BEFORE.search(text, max(0, span.start - 20), span.start)
    after = _YEAR_AFTER.match(text, span.end)
    return {match.group(1) for match in (before, after) if match}


def _first_company(article: Article, chains: list[Chain], gathered: list[list[CandidateView]]) -> None:
    """The states that are named beyond doubt."""
    for chain, candidates in zip(chains, gathered, strict=True):
        sure = [one for one in candidates if one.sense not in _DOUBTFUL and not one.is_weak]
        if len(sure) == 1 and sure[0].record.kind is Kind.STATE:
            article.states[sure[0].record.id] += len(chain.members)
        elif len(sure) == 1 and sure[0].sense not in DERIVED_SENSES:
            article.linked.setdefault(sure[0].record.id, set()).add(chain.number)


def _count_countries(article: Article) -> set[str]:
    """Count a country as named, too, that is only named by its capital ("Washington said"); the codes of these."""
    added = set()
    for id_, count in article.states.items():
        record = article.view(id_)
        code = next((value for scheme, value in record.identifiers if scheme == "iso3"), "") if record else ""
        if code and code not in article.countries:
            article.countries[code] = count
            added.add(code)
    return added


def _second_company(article: Article) -> None:
    article.states.clear()
    article.linked.clear()
    article.persons.clear()
    article.ties.clear()
    # "In Brussels" beside "Brussels said" tells nothing of which of its two this is.
    governing = {resolved.chain.key for resolved in article.chains if not resolved.chain.is_local}
    for resolved in article.chains:
        number = resolved.chain.number
        is_town = resolved.chain.is_local and resolved.chain.key not in governing
        for span in resolved.chain.members if is_town else ():
            for sense in span.senses:  # "in Brazzaville" tells which Congo
                if sense.sense == "metonym":
                    article.ties.setdefault(sense.record_id, set()).add(number)
        linked = resolved.record_id
        if linked is None:
            continue
        article.linked.setdefault(linked, set()).add(number)
        record = article.views[linked]
        if record.kind is Kind.PERSON:
            article.persons.append(resolved)
        if record.kind is Kind.STATE:
            article.states[linked] += len(resolved.chain.members)
        else:
            for state in own_states(record):
                article.ties.setdefault(state, set()).add(number)


def _scored(
    article: Article,
    chain: Chain,
    mention: MentionView,
    candidates: list[CandidateView],
    known: Mapping[int, Mapping[str, Evidence]] | None = None,
) -> Resolved:
    """Score a chain's candidates and decide; the reason in words is added once all is decided (``_of_chain``)."""
    ranking = score(mention, candidates, article.profiles, known=known) if candidates else []
    if not ranking:
        reason = "is named as a place here, not for its government" if chain.is_local else "no record has such a name"
        return Resolved(chain, mention, candidates, ranking, Decision(Outcome.NIL, None, 0.0, 0.0, reason))
    profile = article.profiles[article.views[ranking[0].record_id].kind]
    outcome, best, probability, lead = decide(
        [(one.record_id, one.probability) for one in ranking],
        link_at=profile.link_at, review_at=profile.review_at, margin=profile.margin,
    )  # fmt: skip
    return Resolved(chain, mention, candidates, ranking, Decision(outcome, best, probability, lead, ""))


_TOLD_MOST, _REASONS = 8, 5  # pieces of evidence that are kept with a mention, and of which its reason is made


def _reason(
    article: Article, resolved: Resolved, weighed: Sequence[tuple[str, Evidence, float]], profile: Profile
) -> str:
    """Why, in a sentence: the evidence that weighed most, and for a doubt what stands against it."""
    mention, ranking, outcome = resolved.mention, resolved.ranking, resolved.decision.outcome
    best = ranking[0]
    record = article.views[best.record_id]
    pro = [found.text for _, found, weight in weighed if weight > 0][:3]
    contra = [found.text for _, found, weight in weighed if weight < 0][:2]
    told = f"“{mention.surface}” " + (", ".join(pro) if pro else f"resembles {record.name}")
    if contra and outcome is not Outcome.LINK:
        told += "; but " + ", ".join(text.removeprefix("but ") for text in contra)
    if outcome is Outcome.REVIEW and len(ranking) > 1 and best.probability - ranking[1].probability < profile.margin:
        rival = article.views[ranking[1].record_id]
        told += (
            f"; {rival.name} fits nearly as well" if rival.name != record.name else "; a namesake fits nearly as well"
        )
    return told[:1000]


def _of_chain(article: Article, resolved: Resolved) -> list[Resolution]:
    """The resolutions of a chain's members that are kept, with the reason and the evidence in words."""
    chain = resolved.chain
    kept = chain.members
    if resolved.decision.outcome is Outcome.NIL:
        kept = [span for span in kept if _is_name(span, chain, resolved)]
        if not kept:
            return []
    evidence = []
    if resolved.ranking:
        best = resolved.ranking[0]
        profile = article.profiles[article.views[best.record_id].kind]
        weighed = strongest(best.evidence, profile, most=_TOLD_MOST)
        evidence = [(name, weight, found.text) for name, found, weight in weighed]
        reason = _reason(article, resolved, weighed[:_REASONS], profile)
        resolved.decision = replace(resolved.decision, reason=reason)
    return [
        Resolution(
            span, chain.number, resolved.decision, resolved.ranking[:4], _type(article, span, resolved), evidence
        )
        for span in kept
    ]


def _is_name(span: Span, chain: Chain, resolved: Resolved) -> bool:
    """Whether a span that links to nothing is worth keeping as a name we do not know."""
    if chain.is_local:
        return True
    if span.detector == "gazetteer":
        return span.ner is not None and span.ner is not MentionType.OTHER
    if span.detector == "rule" and span.abbreviates is None:
        return " " in span.surface or len(chain.members) > 1 or chain.is_person
    return True


def _type(article: Article, span: Span, resolved: Resolved) -> MentionType:
    if resolved.decision.outcome is not Outcome.NIL and resolved.decision.record_id is not None:
        kind = article.views[resolved.decision.record_id].kind
        if kind is Kind.STATE:
            senses = [sense for sense in span.senses if sense.record_id == resolved.decision.record_id]
            if senses and all(sense.sense in ("demonym", "adjective") for sense in senses):
                return MentionType.NATIONALITY
            if not senses and span.ner is MentionType.NATIONALITY:
                return MentionType.NATIONALITY
        return _KIND_TYPES[kind]
    if resolved.chain.is_local or span.ner in (MentionType.PLACE, MentionType.PLACE_POLITICAL):
        return MentionType.PLACE
    return span.ner or span.type
