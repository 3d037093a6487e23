"""Why a mention was, or was not, linked to a record, and what would change that.

What would change it is not told from the weights: the engine is asked again with one thing altered (another date, one
more name, one more state in the text, a rival left out), so that what is said is what would happen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from articles.detection.gazetteer import Gazetteer, Sense, Senses
from articles.detection.spans import Span
from articles.detection.text import fold
from articles.resolution.article import Article, Resolution
from articles.resolution.catalogue import AgreementIndex, Catalogue, Holder, Similar
from articles.resolution.gathering import SIMILAR_AT
from articles.resolution.resolve import chains_of, resolutions_of
from entities.matching.dates import ends_after, in_words, starts_by
from entities.matching.decision import decide
from entities.matching.features import describe, distance
from entities.matching.names import compare_names
from entities.matching.offices import fits, offices
from entities.matching.profiles import Profile, load_profiles
from entities.matching.scoring import log_odds, rank, strongest
from entities.matching.types import DERIVED_SENSES, Kind, MentionType, Outcome, RecordView, Scored, Term

_SHOWN = 8  # pieces of evidence
_CHANGES = 4  # ways out that are told; the first are those that lie nearest
_DATES = 4  # other dates that are tried
_CONFIRMED = (1, 3, 10)  # how often people would have to confirm


@dataclass(frozen=True, slots=True)
class Finding:
    """A piece of evidence: the feature, the log-odds it added, and what it found in words."""

    feature: str
    weight: float
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What would change the verdict: a condition in words, and what would then be decided about this record."""

    condition: str  # "if the article were of 2013, when Hassan Rouhani was President of Iran"
    outcome: Outcome  # for the record in question: LINK, REVIEW, or NIL where it would not be linked
    probability: float

    def __str__(self) -> str:
        verdict = {Outcome.LINK: "would be linked", Outcome.REVIEW: "would go to review"}
        return f"{verdict.get(self.outcome, 'would not be linked')} ({self.probability:.0%}) {self.condition}"


@dataclass(slots=True)
class Explanation:
    """The verdict on one mention and one record, with its reasons."""

    record: RecordView
    outcome: Outcome  # for this record: LINK, REVIEW (it is the best of a doubt), else NIL
    probability: float  # of this record; 0 if it was not weighed
    margin: float  # its lead over the best other record; below 0 it is behind
    summary: str
    speaks_for: list[Finding] = field(default_factory=list)
    speaks_against: list[Finding] = field(default_factory=list)
    instead: RecordView | None = None  # the best other record
    instead_outcome: Outcome = Outcome.NIL
    instead_probability: float = 0.0
    instead_for: list[Finding] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def was_weighed(self) -> bool:
        """False if nothing led from the words to the record at all."""
        return bool(self.speaks_for or self.speaks_against)


@dataclass(frozen=True, slots=True)
class Setting:
    """One text as the engine is asked about it."""

    text: str
    spans: tuple[Span, ...]
    catalogue: Catalogue
    date: str | None
    is_tagged: bool
    profiles: Mapping[str, Profile]


@dataclass(slots=True)
class _Answer:
    """What the engine says of one span: its resolution, every candidate it weighed, the profile they were weighed by."""

    article: Article
    span: Span
    resolution: Resolution | None
    ranking: Sequence[Scored]
    profile: Callable[[int], Profile]

    def of(self, record_id: int) -> tuple[Outcome, float, float]:
        """Outcome, probability and lead of one record."""
        probability = next((one.probability for one in self.ranking if one.record_id == record_id), 0.0)
        rival = max((one.probability for one in self.ranking if one.record_id != record_id), default=0.0)
        decision = self.resolution.decision if self.resolution is not None else None
        if decision is None or decision.record_id != record_id:
            return Outcome.NIL, probability, probability - rival
        return decision.outcome, decision.probability, probability - rival


def explain(
    text: str,
    spans: Sequence[Span],
    catalogue: Catalogue,
    place: tuple[int, int],
    record: RecordView,
    *,
    date: str | None = None,
    is_tagged: bool = True,
    profiles: Mapping[str, Profile] | None = None,
) -> Explanation | None:
    """Why the words at ``place`` are, or are not, linked to a record.

    Args:
        text, spans, date, is_tagged, profiles: as ``resolve`` takes them.
        place: ``(start, end)`` of one of the spans.

    Returns:
        None if no span stands there: the words were not seen as a name.
    """
    setting = Setting(text, tuple(spans), catalogue, date, is_tagged, profiles or load_profiles())
    answer = _ask(setting, place)
    if answer is None:
        return None
    outcome, probability, margin = answer.of(record.id)
    found = Explanation(record, outcome, probability, margin, "")
    scored = next((one for one in answer.ranking if one.record_id == record.id), None)
    if scored is not None:
        findings = _findings(scored, answer.profile(record.id))
        found.speaks_for = [one for one in findings if one.weight > 0]
        found.speaks_against = [one for one in findings if one.weight < 0]
    other = next((one for one in answer.ranking if one.record_id != record.id), None)
    if other is not None:
        found.instead = answer.article.view(other.record_id)
        found.instead_outcome, found.instead_probability, _ = answer.of(other.record_id)
        found.instead_for = [one for one in _findings(other, answer.profile(other.record_id)) if one.weight > 0]
    found.summary = _summary(answer, found, scored)
    ways = _ways_out(setting, answer, found) if outcome is not Outcome.LINK else _props(setting, answer, found)
    for change in ways:
        found.changes.append(change)
        if len(found.changes) == _CHANGES:
            break
    return found


def _ask(setting: Setting, place: tuple[int, int]) -> _Answer | None:
    span = next((one for one in setting.spans if (one.start, one.end) == place), None)
    if span is None:
        return None
    article = chains_of(
        setting.text, setting.spans, setting.catalogue,
        date=setting.date, is_tagged=setting.is_tagged, profiles=setting.profiles,
    )  # fmt: skip
    resolution = next((one for one in resolutions_of(article) if (one.span.start, one.span.end) == place), None)
    resolved = article.chain_at.get(span.start)
    if span.role is None and span.agreement is None and resolved is not None:

        def by_kind(record_id: int) -> Profile:
            return setting.profiles[article.view(record_id).kind]

        return _Answer(article, span, resolution, resolved.ranking, by_kind)
    ranking = resolution.ranking if resolution is not None else ()
    described = setting.profiles["role" if span.role is not None else "described"]
    beside = article.chain_at.get(span.appositive_of) if span.appositive_of is not None else None
    if beside is not None and ranking and ranking == beside.ranking[: len(ranking)]:
        return _Answer(article, span, resolution, ranking, lambda id_: setting.profiles[article.view(id_).kind])
    return _Answer(article, span, resolution, ranking, lambda _: described)


def _findings(scored: Scored, profile: Profile) -> list[Finding]:
    return [
        Finding(name, round(weight, 3), found.text)
        for name, found, weight in strongest(scored.evidence, profile, most=_SHOWN)
    ]


# --- In words ---------------------------------------------------------------------------------------------------------


def _summary(answer: _Answer, found: Explanation, scored: Scored | None) -> str:
    name = found.record.name
    if found.outcome is Outcome.LINK:
        return f"Linked to {name} ({found.probability:.0%}): {answer.resolution.decision.reason}"
    if found.outcome is Outcome.REVIEW:
        return f"{name} is the likeliest ({found.probability:.0%}), yet not sure: {answer.resolution.decision.reason}"
    if scored is None:
        return f"{name} was not weighed: {_not_led_to(answer, found.record)}"
    told = f"{name} was weighed and left ({found.probability:.0%})"
    if found.instead is not None and found.instead_probability > found.probability:
        verb = "is linked instead" if found.instead_outcome is Outcome.LINK else "fits better"
        reasons = ", ".join(one.text for one in found.instead_for[:2])
        told += f": {_told_apart(found.instead, found.record)} {verb} ({found.instead_probability:.0%})"
        return told + (f", because it {reasons}" if reasons else "")
    against = ", ".join(one.text.removeprefix("but ") for one in found.speaks_against[:3])
    return told + (f": {against}" if against else ": too little speaks for it")


def _told_apart(other: RecordView, record: RecordView) -> str:
    return other.name if other.name != record.name else f"{other.name}, a namesake,"


def _not_led_to(answer: _Answer, record: RecordView) -> str:
    """Why nothing led from the words to the record."""
    span = answer.span
    if span.role is not None:
        return _not_in_office(answer, record)
    if span.agreement is not None:
        return _not_described(answer, record)
    chain = answer.article.chain_at[span.start].chain if span.start in answer.article.chain_at else None
    if chain is not None and fold(chain.head.surface) != fold(span.surface):
        return f"the article uses “{span.surface}” for “{chain.head.surface}”, and that is no name of it"
    if any(sense.record_id == record.id for sense in span.senses):
        if chain is not None and chain.is_local:
            return "the words name the place here, not what it stands for"
        return "others go by the name more directly"
    plain = [name.text for name in record.names if not name.is_sense]
    closest = max(plain, key=lambda name: compare_names(span.surface, name, record.kind), default="")
    likeness = compare_names(span.surface, closest, record.kind) if closest else 0.0
    told = f"“{span.surface}” is not among its names; the nearest is “{closest}” ({likeness:.0%} alike"
    if likeness < SIMILAR_AT:
        return told + f"; below {SIMILAR_AT:.0%} none is weighed)"
    return told + "; others are nearer, or go by the very name)"


def _not_in_office(answer: _Answer, record: RecordView) -> str:
    role, day = answer.span.role, answer.article.date
    if record.kind is not Kind.PERSON:
        return "the words describe a person by office"
    told = ", ".join(sorted(role.offices)) or "the office meant"
    held = [term for term in record.terms if fits(role.offices, offices(term.title))]
    places = {sense.record_id for sense in role.place}
    here = [term for term in held if not places or {term.state, term.organization} & places]
    if not held:
        return f"no term of office as {told} is known"
    if not here:
        return f"such an office is known elsewhere only: {describe(held[0])}"
    term = _nearest(here, day)
    when = in_words(term.start, term.end)
    return f"{describe(term)} {when}".rstrip() + (f", and the article is of {day}" if day else "")


def _not_described(answer: _Answer, record: RecordView) -> str:
    described, article = answer.span.agreement, answer.article
    if record.kind is not Kind.AGREEMENT:
        return "the words describe an agreement"
    wanted = [{sense.record_id for sense in senses} for senses in described.parties]
    lacking = [party for party in wanted if record.parties and not party & set(record.parties)]
    years = {day[:4] for day in (record.signed, record.valid_from) if day}
    if lacking:
        names = [view.name for party in lacking for view in [article.view(min(party))] if view is not None]
        return f"{' and '.join(names)} is no party to it"
    if described.years and years and not {str(year) for year in described.years} & years:
        return f"it dates from {min(years)}"
    return "neither parties, year nor subject in the words lead to it"


# --- What would change it ---------------------------------------------------------------------------------------------


def _ways_out(setting: Setting, answer: _Answer, found: Explanation) -> Iterator[Change]:
    """What would have to be otherwise for the record to be linked; what alters nothing is left out."""
    for condition, other in _alterations(setting, answer, found.record):
        asked = _ask(other, (answer.span.start, answer.span.end))
        if asked is None:
            continue
        outcome, probability, _ = asked.of(found.record.id)
        better = (Outcome.NIL, Outcome.REVIEW, Outcome.LINK)
        if better.index(outcome) > better.index(found.outcome):
            yield Change(condition, outcome, round(probability, 4))


def _alterations(setting: Setting, answer: _Answer, record: RecordView) -> Iterator[tuple[str, Setting]]:
    span, article = answer.span, answer.article
    is_named = span.role is None and span.agreement is None
    yield from _first_that_differs(
        answer, record, ((words, replace(setting, date=day)) for day, words in _other_dates(record, setting.date, span))
    )
    led_to = any(one.record_id == record.id for one in answer.ranking)
    if is_named and not led_to:
        yield f"if “{span.surface}” were one of its names", replace(setting, spans=_with_name(setting, span, record))
    if is_named and record.kind is Kind.PERSON and fold(record.name) not in fold(setting.text):
        if led_to and any(sense.record_id == record.id and sense.sense in DERIVED_SENSES for sense in span.senses):
            yield f"if the article gave the full name, {record.name}", _with_words(setting, [record])
    company = [
        view
        for id_ in dict.fromkeys(
            [*record.parties, *record.states, *(term.state for term in record.terms if term.state)]
        )
        if id_ not in article.states and id_ != record.id
        for view in [article.view(id_)]
        if view is not None and view.kind is Kind.STATE
    ][: 4 if record.kind is Kind.AGREEMENT else 1]
    if company:
        names = " and ".join(view.name for view in company)
        yield f"if the article spoke of {names}", _with_words(setting, company)
    rivals = [one for one in answer.ranking if one.record_id != record.id and one.probability > 0.03][:3]
    if rivals:
        views = [view for one in rivals for view in [article.view(one.record_id)] if view is not None]
        names = " and ".join(f"{_told_apart(view, record)}".rstrip(",") for view in views)
        hidden = frozenset(one.record_id for one in rivals)
        yield f"if it could not be {names}", replace(setting, catalogue=_Altered(setting.catalogue, hidden=hidden))
    if is_named and led_to:
        key = article.chain_at[span.start].chain.key
        yield from _first_that_differs(
            answer, record,
            (
                (
                    f"if people had confirmed it for this name {'once' if times == 1 else f'{times} times'}",
                    replace(setting, catalogue=_Altered(setting.catalogue, confirmed=(key, record.id, times))),
                )
                for times in _CONFIRMED
            ),
        )  # fmt: skip


def _first_that_differs(
    answer: _Answer, record: RecordView, settings: Iterator[tuple[str, Setting]]
) -> Iterator[tuple[str, Setting]]:
    """Of alterations of one sort, nearest first, the first that leads to a link, else the first that leads to review."""
    second = None
    place = (answer.span.start, answer.span.end)
    for condition, setting in settings:
        asked = _ask(setting, place)
        outcome = asked.of(record.id)[0] if asked is not None else Outcome.NIL
        if outcome is Outcome.LINK:
            yield condition, setting
            return
        if outcome is Outcome.REVIEW and second is None:
            second = (condition, setting)
    if second is not None:
        yield second


def _props(setting: Setting, answer: _Answer, found: Explanation) -> Iterator[Change]:
    """What a link rests on: evidence without which it would not be made, and dates at which it would not."""
    place = (answer.span.start, answer.span.end)
    for day, words in _dates_outside(found.record, setting.date, answer.span):
        asked = _ask(replace(setting, date=day), place)
        if asked is None:
            continue
        outcome, probability, _ = asked.of(found.record.id)
        if outcome is not Outcome.LINK:
            yield Change(words, outcome, round(probability, 4))
            break
    profile = answer.profile(found.record.id)
    for finding in found.speaks_for:
        weighed = [
            (
                one.record_id,
                evidence := {
                    name: item
                    for name, item in one.evidence.items()
                    if not (one.record_id == found.record.id and name == finding.feature)
                },
                log_odds(evidence, answer.profile(one.record_id)),
            )
            for one in answer.ranking
        ]
        ranked = rank(weighed)
        outcome, best, _, _ = decide(
            [(one.record_id, one.probability) for one in ranked],
            link_at=profile.link_at, review_at=profile.review_at, margin=profile.margin,
        )  # fmt: skip
        if outcome is not Outcome.LINK or best != found.record.id:
            probability = next(one.probability for one in ranked if one.record_id == found.record.id)
            if best != found.record.id:
                outcome = Outcome.NIL
            yield Change(f"without the evidence that it {finding.text}", outcome, round(probability, 4))


def _nearest(terms: Sequence[Term], day: str | None) -> Term:
    return min(terms, key=lambda term: distance(term, day)) if day else terms[-1]


def _other_dates(record: RecordView, day: str | None, span: Span) -> Iterator[tuple[str, str]]:
    """Dates at which the record would be likelier, nearest to the article's first, each with its reason in words."""
    if record.kind is Kind.PERSON:
        terms = list(record.terms)
        if span.role is not None:
            terms = [term for term in terms if fits(span.role.offices, offices(term.title))]
        terms = [term for term in terms if term.start or term.end]
        terms.sort(key=lambda term: (distance(term, day) if day else 0.0, term.start or ""))
        for term in terms[:_DATES]:
            within = _day_within(term.start, term.end or term.as_of, day)
            if within != day:
                yield within, f"if the article were of {within[:4]}, when {record.name} was {describe(term)}"
    bounds = {Kind.AGREEMENT: (record.signed or record.valid_from, record.valid_to)}
    start, end = bounds.get(record.kind, (record.valid_from, record.valid_to))
    if start and day and not starts_by(start, day):
        grown = 30 if record.kind is Kind.PERSON else 0
        then = f"{int(start[:4]) + grown:04}{start[4:]}"
        yield (
            then,
            f"if the article were of {then[:4]}, {'when it was made' if not grown else 'a grown man or woman by then'}",
        )
    elif end and day and not ends_after(end, day):
        verb = "lived" if record.kind is Kind.PERSON else "existed"
        then = _day_within(start, end, None)
        yield then, f"if the article were of {then[:4]}, when {record.name} {verb}"


def _dates_outside(record: RecordView, day: str | None, span: Span) -> Iterator[tuple[str, str]]:
    """Dates at which the record would be less likely: after the office was laid down, before it was taken up."""
    if record.kind is not Kind.PERSON or not day:
        return
    held = [term for term in record.terms if distance(term, day) == 0]
    if span.role is not None:
        held = [term for term in held if fits(span.role.offices, offices(term.title))]
    for term in held:
        if term.end:
            then = f"{int(term.end[:4]) + 4:04}"
            yield then, f"if the article were of {then}, years after {record.name} was {describe(term)}"
        if term.start:
            then = f"{int(term.start[:4]) - 3:04}"
            yield then, f"if the article were of {then}, before {record.name} was {describe(term)}"


def _day_within(start: str | None, end: str | None, day: str | None) -> str:
    """A year well within a term; the one nearest to ``day``."""
    first = int((start or end)[:4])
    last = int((end or start)[:4]) if end else max(first, int(day[:4]) if day else first)
    if last - first >= 2:
        first, last = first + 1, last - 1
    year = first if day is None or int(day[:4]) < first else last if int(day[:4]) > last else int(day[:4])
    if last == first:  # a term of a year or less: its own first day lies within
        return end if end and start and end[:4] == start[:4] else f"{year:04}-12" if not end else f"{year:04}"
    return f"{year:04}-06"


def _with_name(setting: Setting, span: Span, record: RecordView) -> tuple[Span, ...]:
    """The spans, with the record among those that go by the name."""
    sense = Sense(record.id, record.kind, "", False, record.prominence or 0)
    wanted = fold(span.surface)
    return tuple(
        replace(one, senses=Senses((*one.senses, sense)))
        if one.role is None and one.agreement is None and fold(one.surface) == wanted
        else one
        for one in setting.spans
    )


_TYPES = {Kind.PERSON: MentionType.PERSON, Kind.STATE: MentionType.PLACE_POLITICAL}


def _with_words(setting: Setting, records: Sequence[RecordView]) -> Setting:
    """The text with one more sentence, which names records beyond doubt."""
    text, spans = setting.text, list(setting.spans)
    sentence = max((span.sentence for span in spans), default=0) + 1
    for record in records:
        text += "\n"
        type_ = _TYPES.get(record.kind, MentionType.ORGANIZATION)
        sense = Sense(record.id, record.kind, "main", False, record.prominence or 0)
        start, end = len(text), len(text) + len(record.name)
        spans.append(Span(start, end, record.name, type_, "gazetteer", Senses((sense,)), type_, sentence=sentence))
        text += record.name
    return replace(setting, text=text, spans=tuple(spans))


class _Altered:
    """A catalogue with some records left out, or with one more verdict of people's."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        hidden: frozenset[int] = frozenset(),
        confirmed: tuple[str, int, int] | None = None,
    ):
        self._catalogue = catalogue
        self._hidden = hidden
        self._confirmed = confirmed
        self.version = f"{catalogue.version}, altered"

    @property
    def gazetteers(self) -> Sequence[Gazetteer]:
        return self._catalogue.gazetteers

    @property
    def masked(self) -> frozenset[int]:
        return self._catalogue.masked | self._hidden

    @property
    def agreements(self) -> AgreementIndex:
        index = self._catalogue.agreements
        if not self._hidden & index.records.keys():
            return index
        return AgreementIndex(record for id_, record in index.records.items() if id_ not in self._hidden)

    def views(self, ids: Collection[int]) -> Mapping[int, RecordView]:
        return self._catalogue.views([id_ for id_ in ids if id_ not in self._hidden])

    def holders(self, places: Collection[int]) -> Mapping[int, Sequence[Holder]]:
        found = self._catalogue.holders(places)
        return {
            place: [holder for holder in held if holder.person_id not in self._hidden] for place, held in found.items()
        }

    def similar(self, surfaces: Collection[str]) -> Mapping[str, Sequence[Similar]]:
        found = self._catalogue.similar(surfaces)
        return {
            surface: [one for one in listed if one.record_id not in self._hidden] for surface, listed in found.items()
        }

    def precedents(self, keys: Collection[str]) -> Mapping[str, Mapping[int, tuple[int, int]]]:
        found = {key: dict(counts) for key, counts in self._catalogue.precedents(keys).items()}
        if self._confirmed is not None and self._confirmed[0] in keys:
            key, record, times = self._confirmed
            accepted, refused = found.setdefault(key, {}).get(record, (0, 0))
            found[key][record] = (accepted + times, refused)
        return found


__all__ = ["Change", "Explanation", "Finding", "explain"]
