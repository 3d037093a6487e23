"""Who held the office that a description names, on the article's date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from articles.detection.spans import RoleDescription, Span
from articles.resolution.catalogue import Holder
from entities.matching.dates import ends_after, in_words, starts_by, years_between
from entities.matching.decision import decide
from entities.matching.features import describe, distance
from entities.matching.offices import fits, offices
from entities.matching.scoring import log_odds, rank, strongest
from entities.matching.types import Decision, Evidence, Kind, MentionType, Outcome

if TYPE_CHECKING:
    from articles.resolution.resolve import Article, Resolution, Resolved

_NEAR = 3  # sentences back in which "the president" or "his counterpart" has its antecedent
_MOST = 12  # holders weighed; the nearest in time are kept


@dataclass(slots=True)
class _Candidate:
    person_id: int
    holder: Holder | None
    fit: float
    gap: float | None  # years between the term and the article; None without a date


def resolve_roles(article: Article, *, first_chain: int) -> list[Resolution]:
    """A resolution for every description by office that is worth one, in text order."""

    spans = [span for span in article.spans if span.role is not None]
    places = {sense.record_id for span in spans for sense in span.role.place}
    places |= set(article.states)
    article.load(places)
    for place in list(places):
        record = article.view(place)
        if record is not None and record.kind is Kind.ORGANIZATION:
            places.update(record.states)
    holders = article.catalogue.holders(places)
    article.load({holder.person_id for listed in holders.values() for holder in listed if _may_matter(holder, article)})
    found: list[Resolution] = []
    by_start: dict[int, Resolution] = {}
    for number, span in enumerate(spans):
        resolution = _named_beside(article, span, first_chain + number)
        if resolution is None:
            resolution = _described(article, span, holders, by_start, first_chain + number)
        if resolution is None:
            continue
        resolution.type = MentionType.ROLE
        found.append(resolution)
        by_start[span.start] = resolution
    return found


def _may_matter(holder: Holder, article: Article) -> bool:
    return article.date is None or starts_by(holder.term.start, article.date) or "elect" in holder.term.title.lower()


def _named_beside(article: Article, span: Span, chain: int) -> Resolution | None:
    """ "Russian President Vladimir Putin": the description means whom the name beside it means."""
    from articles.resolution.resolve import Resolution

    if span.appositive_of is None:
        return None
    resolved = article.chain_at.get(span.appositive_of)
    if resolved is None or resolved.decision.outcome is Outcome.NIL or resolved.decision.record_id is None:
        return None
    record = article.view(resolved.decision.record_id)
    if record is None or record.kind is not Kind.PERSON:
        return None
    decision = Decision(
        resolved.decision.outcome, record.id, resolved.decision.probability, resolved.decision.margin,
        f"“{span.surface}” stands beside the name {resolved.chain.head.surface}",
    )  # fmt: skip
    return Resolution(span, resolved.chain.number, decision, resolved.ranking[:3])


def _described(
    article: Article,
    span: Span,
    holders: Mapping[int, list[Holder]],
    earlier: Mapping[int, Resolution],
    chain: int,
) -> Resolution | None:
    from articles.resolution.resolve import Resolution

    role = span.role
    wanted = role.offices
    antecedent: Resolved | None = None
    if role.relation:
        antecedent = _antecedent(article, span)
        wanted = _offices_of(article, antecedent)
        if role.relation in ("predecessor", "successor"):
            candidates = _neighbours_in_office(article, antecedent, holders, role.relation)
        elif not wanted:
            candidates = []
        else:
            candidates = _holders(article, role, wanted, _place_ids(article, role), holders)
        if antecedent is not None and antecedent.record_id is not None:
            candidates = [one for one in candidates if one.person_id != antecedent.record_id]
    elif role.place:
        candidates = _holders(article, role, wanted, _place_ids(article, role), holders)
    else:
        return _anaphor(article, span, holders, chain)
    scored = _weigh(article, span, candidates, wanted)
    if not scored:
        if role.relation:
            return None
        decision = Decision(Outcome.NIL, None, 0.0, 0.0, _nobody(article, role))
        return Resolution(span, chain, decision)
    return _decided(article, span, chain, scored, candidates)


def _place_ids(article: Article, role: RoleDescription) -> list[int]:
    """The places a description may mean: with an organization ("Kremlin spokesman") also the state it belongs to."""
    ids = [sense.record_id for sense in role.place]
    for sense in role.place:
        record = article.view(sense.record_id)
        if record is not None and record.kind is Kind.ORGANIZATION:
            ids.extend(record.states)
    return list(dict.fromkeys(ids))


def _holders(
    article: Article,
    role: RoleDescription,
    wanted: frozenset[str],
    places: list[int],
    holders: Mapping[int, list[Holder]],
) -> list[_Candidate]:
    """The persons who held a fitting office at the place, each by the term that fits the date best."""
    best: dict[int, _Candidate] = {}
    day = article.date
    direct = {sense.record_id for sense in role.place}
    for place in places:
        for holder in holders.get(place, ()):
            fit = fits(wanted, holder.offices)
            if not fit or not _may_matter(holder, article):
                continue
            if place not in direct:
                fit *= 0.8
            elect = "elect" in holder.term.title.lower()
            if elect != (role.modifier == "elect") and (elect or _has_elect_term(holders.get(place, ()), holder)):
                fit *= 0.15
            gap = None if day is None else distance(holder.term, day)
            if day is not None and role.modifier in ("former", "late"):
                gap = _gap_since(holder, day)
            if day is not None and role.modifier == "elect" and not elect:
                ahead = years_between(day, holder.term.start) if holder.term.start else 9.0
                gap = 0.0 if 0 <= ahead <= 0.4 else 5.0
            one = _Candidate(holder.person_id, holder, fit, gap)
            known = best.get(holder.person_id)
            if known is None or _order(one) < _order(known):
                best[holder.person_id] = one
    return sorted(best.values(), key=lambda one: (_order(one), one.person_id))[:_MOST]


def _has_elect_term(listed, holder: Holder) -> bool:
    return any(other.person_id == holder.person_id and "elect" in other.term.title.lower() for other in listed)


def _order(one: _Candidate) -> tuple[float, float]:
    return (one.gap if one.gap is not None else 0.0, -one.fit)


def _gap_since(holder: Holder, day: str) -> float:
    """For a former holder: years since the term ended, none being best; who still holds it is no former one."""
    term = holder.term
    if not term.end or ends_after(term.end, day):
        return 8.0
    return min(6.0, years_between(term.end, day) / 6)


def _neighbours_in_office(
    article: Article, antecedent: Resolved | None, holders: Mapping[int, list[Holder]], relation: str
) -> list[_Candidate]:
    """Who held the antecedent's office directly before or after."""
    if antecedent is None or antecedent.record_id is None:
        return []
    record = article.view(antecedent.record_id)
    if record is None:
        return []
    terms = [term for term in record.terms if not article.date or starts_by(term.start, article.date)]
    found: dict[int, _Candidate] = {}
    for term in sorted(terms, key=lambda term: term.start or "", reverse=True)[:2]:
        place = term.organization or term.state
        listed = (
            holders.get(place)
            if place in holders
            else article.catalogue.holders([place]).get(place, ())
            if place
            else ()
        )
        named = offices(term.title)
        for holder in listed or ():
            if holder.person_id == record.id or not fits(named, holder.offices):
                continue
            if relation == "predecessor" and holder.term.end and term.start:
                gap = abs(years_between(holder.term.end, term.start))
            elif relation == "successor" and holder.term.start and term.end:
                gap = abs(years_between(term.end, holder.term.start))
            else:
                continue
            known = found.get(holder.person_id)
            if gap < 1.5 and (known is None or gap / 2 < known.gap):
                found[holder.person_id] = _Candidate(holder.person_id, holder, 1.0, gap / 2)
        if found:
            break
    article.load(set(found))
    return sorted(found.values(), key=_order)[:_MOST]


def _antecedent(article: Article, span: Span) -> Resolved | None:
    """The person named last before a "counterpart", in the same sentence or shortly before it."""
    best: tuple[int, Resolved] | None = None
    for resolved in article.chains:
        if not resolved.chain.is_person and not _is_person(article, resolved):
            continue
        for member in resolved.chain.members:
            if member.start < span.start and span.sentence - member.sentence <= _NEAR:
                if best is None or member.start > best[0]:
                    best = (member.start, resolved)
    if best is None:
        return None
    # Of several persons in the sentence the first is its subject, whom "his" goes back to.
    subject = None
    for resolved in article.chains:
        if resolved.chain.is_person or _is_person(article, resolved):
            for member in resolved.chain.members:
                if member.sentence == span.sentence and member.start < span.start:
                    if subject is None or member.start < subject[0]:
                        subject = (member.start, resolved)
    return (subject or best)[1]


def _is_person(article: Article, resolved: Resolved) -> bool:
    record = article.views.get(resolved.record_id) if resolved.record_id is not None else None
    return record is not None and record.kind is Kind.PERSON


def _offices_of(article: Article, resolved: Resolved | None) -> frozenset[str]:
    """The office a person is named by in the text, else those held on the article's date."""
    if resolved is None:
        return frozenset()
    if resolved.mention.offices:
        return resolved.mention.offices
    record = article.view(resolved.record_id) if resolved.record_id is not None else None
    if record is None:
        return frozenset()
    found: set[str] = set()
    for term in record.terms:
        if article.date is None or distance(term, article.date) == 0:
            found |= offices(term.title)
    return frozenset(found)


def _weigh(article: Article, span: Span, candidates: list[_Candidate], wanted: frozenset[str]):
    """``(record id, evidence, log-odds)`` for each candidate."""
    profile = article.profiles["role"]
    linked = {resolved.record_id: resolved for resolved in article.chains if resolved.record_id is not None}
    current = [one for one in candidates if one.fit >= 0.99 and (one.gap is None or one.gap == 0)]
    weighed = []
    for one in candidates:
        record = article.view(one.person_id)
        if record is None or one.holder is None:
            continue
        term = one.holder.term
        evidence = {"office": Evidence(one.fit, f"is {describe(term)} {in_words(term.start, term.end)}".strip())}
        if one.gap is None:
            evidence["undated"] = Evidence(1.0, "the article has no date")
        elif one.gap == 0:
            evidence["on_date"] = Evidence(1.0, f"held that office on {article.date}")
        else:
            evidence["off_date"] = Evidence(min(1.0, one.gap / 2), f"did not hold it on {article.date}")
        if one.person_id in linked:
            evidence["in_article"] = Evidence(1.0, "is named in the article")
        others = sum(1 for other in current if other.person_id != one.person_id)
        if others and one in current:
            evidence["rivals"] = Evidence(min(1.0, others / 3), "others held such an office at the time")
        if record.prominence:
            evidence["prominence"] = Evidence((3 - record.prominence) / 2, "is well known")
        weighed.append((one.person_id, evidence, log_odds(evidence, profile)))
    return rank(weighed) if weighed else []


def _decided(article: Article, span: Span, chain: int, scored, candidates: list[_Candidate]) -> Resolution:
    from articles.resolution.resolve import Resolution

    profile = article.profiles["role"]
    outcome, best, probability, lead = decide(
        [(one.record_id, one.probability) for one in scored],
        link_at=profile.link_at, review_at=profile.review_at, margin=profile.margin,
    )  # fmt: skip
    record = article.view(best)
    told = strongest(scored[0].evidence, profile)
    words = ", ".join(found.text for _, found, weight in told if weight > 0)
    against = ", ".join(found.text for _, found, weight in told if weight < 0)
    reason = f"“{span.surface}”: {record.name} {words}" + (
        f"; but {against}" if against and outcome is not Outcome.LINK else ""
    )
    number = next((resolved.chain.number for resolved in article.chains if resolved.record_id == best), chain)
    resolution = Resolution(span, number, Decision(outcome, best, probability, lead, reason[:1000]), scored[:3])
    resolution.evidence = [(name, weight, found.text) for name, found, weight in told]
    return resolution


def _anaphor(article: Article, span: Span, holders: Mapping[int, list[Holder]], chain: int) -> Resolution | None:
    """ "the president": who was named with that office last, else who holds it in the state the article is about."""

    role = span.role
    profile = article.profiles["role"]
    weighed = []
    found: dict[int, tuple[int, Resolved]] = {}
    for resolved in article.chains:
        if resolved.record_id is None or not _is_person(article, resolved):
            continue
        last = max((member.start for member in resolved.chain.members if member.start < span.start), default=None)
        if last is None:
            continue
        record = article.view(resolved.record_id)
        fit = 1.0 if fits(role.offices, resolved.mention.offices) >= 0.7 else 0.0
        if not fit:
            for term in record.terms:
                if fits(role.offices, offices(term.title)) < 0.7:
                    continue
                if article.date is None or role.modifier in ("former", "late", "then"):
                    fit = max(fit, 0.8)
                elif distance(term, article.date) == 0:
                    fit = max(fit, 0.9)
        if fit:
            found[record.id] = (last, resolved)
            weighed.append((record.id, last, fit))
    if weighed:
        latest = max(last for _, last, _ in weighed)
        scored = []
        for record_id, last, fit in weighed:
            evidence = {
                "office": Evidence(fit, "is named with that office in the article"),
                "in_article": Evidence(1.0, "is named in the article"),
            }
            if last == latest:
                evidence["on_date"] = Evidence(0.8, "is the last one named before")
            else:
                evidence["rivals"] = Evidence(0.7, "another one was named since")
            scored.append((record_id, evidence, log_odds(evidence, profile)))
        return _decided(article, span, chain, rank(scored), [])
    if not article.states or article.date is None:
        return None
    state, _ = article.states.most_common(1)[0]
    candidates = _holders(article, role, role.offices, [state], holders)
    candidates = [one for one in candidates if one.gap == 0]
    if len(candidates) != 1:
        return None
    candidates[0].fit *= 0.5  # only guessed from the state the article is most about
    scored = _weigh(article, span, candidates, role.offices)
    return _decided(article, span, chain, scored, candidates) if scored else None


def _nobody(article: Article, role: RoleDescription) -> str:
    places = [article.view(sense.record_id) for sense in role.place]
    where = " or ".join(dict.fromkeys(place.name for place in places if place is not None)) or "this place"
    when = f" on {article.date}" if article.date else ""
    return f"nobody is known to have held that office in {where}{when}"
