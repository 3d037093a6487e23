"""Who held the office that a description names, on the article's date."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from articles.detection.spans import RoleDescription, Span
from articles.resolution.article import Article, Resolution, Resolved
from articles.resolution.catalogue import Holder, Holders
from articles.resolution.chains import Chain
from entities.matching.dates import covers, ends_after, in_words, starts_by, years_between
from entities.matching.decision import decide
from entities.matching.features import describe, distance
from entities.matching.normalize import name_key
from entities.matching.offices import LEADING, LED_BY_BOTH, LED_BY_PREMIER, fits, offices
from entities.matching.scoring import log_odds, rank, strongest
from entities.matching.types import Decision, Evidence, Kind, MentionType, MentionView, Outcome, RecordView, Term

_NEAR = 3  # sentences back in which "the president" or "his counterpart" has its antecedent
_AHEAD = 0.3  # years before a term in which its holder may already go by the office
_LONG_OPEN = 1.0  # what ``distance`` makes of four and a half years since an open term was looked up
_SOON = 6  # sentences on in which who is meant by "the prime minister" may still be named first
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
    if not spans:
        return []
    places = {sense.record_id for span in spans for sense in span.role.place}
    if any(not span.role.place and not span.role.relation for span in spans):
        places.update(state for state, _ in article.states.most_common(1))  # whose president "the president" may be
    article.load(places)
    for place in list(places):
        record = article.view(place)
        if record is not None and record.kind is Kind.ORGANIZATION:
            places.update(record.states)
    holders = article.catalogue.holders(places)
    article.load(persons_wanted(spans, holders, article.date))
    found: list[Resolution] = []
    by_start: dict[int, Resolution] = {}
    for number, span in enumerate(spans):
        resolution = _named_beside(article, span, first_chain + number)
        if resolution is None:
            resolution = _unknown_beside(
                article, span, _described(article, span, holders, by_start, first_chain + number)
            )
        if resolution is None:
            continue
        resolution.type = MentionType.ROLE
        found.append(resolution)
        by_start[span.start] = resolution
    return found


def persons_wanted(spans: Sequence[Span], holders: Mapping[int, Sequence[Holder]], day: str | None) -> set[int]:
    """The holders that some description in an article of ``day`` may mean; they are loaded together."""
    wanted = frozenset(span.role.offices for span in spans if span.role.offices)
    by_relation = any(span.role.relation for span in spans)
    return {id_ for listed in holders.values() for id_ in _persons_among(listed, wanted, by_relation, day)}


def _persons_among(
    listed: Sequence[Holder], wanted: frozenset[frozenset[str]], by_relation: bool, day: str | None
) -> set[int]:
    """Of the holders at one place those who may be meant; asked for a batch of articles, and again for each of them."""
    memo = listed.memo if isinstance(listed, Holders) else {}
    asked = (wanted, by_relation, day)
    if asked in memo:
        return memo[asked]
    found: set[int] = set()
    for holder in listed:
        held = holder.offices
        is_wanted = _fits_any(wanted, held)
        if not (is_wanted or by_relation) or holder.person_id in found:
            continue
        # A counterpart's office is told by whom the text speaks of: of those, who was in office then.
        if (is_wanted and _may_matter(holder, day)) or (
            by_relation and held and (day is None or distance(holder.term, day) <= 1)
        ):
            found.add(holder.person_id)
    if len(memo) >= _ASKED_KEPT:
        memo.clear()
    memo[asked] = found
    return found


_ASKED_KEPT = 200


@lru_cache(maxsize=65_536)
def _fits_any(wanted: frozenset[frozenset[str]], held: frozenset[str]) -> bool:
    return any(fits(named, held) for named in wanted)


def _may_matter(holder: Holder, day: str | None) -> bool:
    if day is None or starts_by(holder.term.start, day) or holder.is_elect:
        return True
    # Named to the office, but not yet in it: gathered terms begin with the state or with the oath.
    return years_between(day, holder.term.start) < _AHEAD


def _named_beside(article: Article, span: Span, chain: int) -> Resolution | None:
    """ "Russian President Vladimir Putin": the description means whom the name beside it means."""
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


def _unknown_beside(article: Article, span: Span, described: Resolution | None) -> Resolution | None:
    """ "Its foreign minister, Ahmed Attaf": who is named beside it is meant, and the catalogue does not have him."""
    resolved = article.chain_at.get(span.appositive_of) if span.appositive_of is not None else None
    if described is None or resolved is None or resolved.record_id is not None or described.decision.record_id is None:
        return described
    name = resolved.chain.head.surface
    record = article.view(described.decision.record_id)
    words = set(name_key(name).split())
    if len(words) < 2 or record is None or any(words & set(name_key(one.text).split()) for one in record.names):
        return described
    decision = Decision(Outcome.NIL, None, 0.0, 0.0, f"“{span.surface}” is {name}, whom no record names")
    return replace(described, decision=decision)


def _described(
    article: Article,
    span: Span,
    holders: Mapping[int, list[Holder]],
    earlier: Mapping[int, Resolution],
    chain: int,
) -> Resolution | None:
    role = span.role
    wanted = role.offices
    antecedent: Resolved | None = None
    if role.relation:
        if role.owner_start >= 0:
            antecedent = article.chain_at.get(role.owner_start)
        else:
            antecedent = _antecedent(article, span, earlier)
        wanted = _offices_of(article, antecedent)
        if role.relation == "own":
            wanted = role.offices
            candidates = _subordinates(article, antecedent, role)
        elif role.relation in ("predecessor", "successor"):
            candidates = _neighbours_in_office(article, antecedent, holders, role.relation)
        elif not wanted:
            candidates = []
        else:
            candidates = _holders(article, role, wanted, _place_ids(article, role), holders)
        if antecedent is not None and antecedent.record_id is not None:
            candidates = [one for one in candidates if one.person_id != antecedent.record_id]
    elif role.place:
        candidates = _holders(article, role, wanted, _place_ids(article, role), holders, then=_then(article, span))
    else:
        return _anaphor(article, span, holders, earlier, chain)
    scored = _weigh(article, span, candidates, wanted)
    if not scored:
        if role.relation:
            return None
        decision = Decision(Outcome.NIL, None, 0.0, 0.0, _nobody(article, role))
        return Resolution(span, chain, decision)
    return _decided(article, span, chain, scored, candidates)


_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SENTENCE_END = re.compile(r"[.!?]['\"”’)]?\s|\n")


def _then(article: Article, span: Span) -> str:
    """The year that "the then president" is of: one printed in the sentence, before the article's; else an empty string."""
    if span.role.modifier != "then" or not article.date:
        return ""
    text = article.text
    ends = [found.end() for found in _SENTENCE_END.finditer(text, max(0, span.start - 300), span.start)]
    stop = _SENTENCE_END.search(text, span.end, span.end + 300)
    begin, end = ends[-1] if ends else max(0, span.start - 300), stop.start() if stop else span.end + 300
    years = [found for found in _YEAR.finditer(text, begin, end) if found.group() < article.date[:4]]
    nearest = min(years, key=lambda found: abs(found.start() - span.start), default=None)
    return nearest.group() if nearest else ""


def _place_ids(article: Article, role: RoleDescription) -> list[int]:
    """The places a description may mean: with an organization ("Kremlin spokesman") also the state it belongs to."""
    ids = [sense.record_id for sense in role.place]
    for sense in role.place:
        record = article.view(sense.record_id)
        # "Kremlin spokesman" is the state's; but the state's leader is no "Likud leader".
        if record is not None and record.kind is Kind.ORGANIZATION:
            if not role.offices <= LEADING or _GOVERNS.search(record.subtype or ""):
                ids.extend(record.states)
        elif record is not None and len(record.successors) == 1:
            ids.extend(record.successors)  # Zaire's prime minister may be listed with those of the Congo
    return list(dict.fromkeys(ids))


def _holders(
    article: Article,
    role: RoleDescription,
    wanted: frozenset[str],
    places: list[int],
    holders: Mapping[int, list[Holder]],
    *,
    is_direct: bool = False,
    then: str = "",
    during: Term | None = None,
) -> list[_Candidate]:
    """The persons who held a fitting office at the place, each by the term that fits the date best.

    Args:
        is_direct: the places are meant themselves, not only what belongs to them.
        then: an earlier day (ISO prefix) that is spoken of; else the article's counts.
        during: an earlier term, of him under whom the office was held.
    """
    best: dict[int, _Candidate] = {}
    day = (then or article.date) if article.date else None
    direct = set(places) if is_direct else {sense.record_id for sense in role.place}
    for place in places:
        record = article.view(place)
        listed = holders.get(place, ())
        for holder, fit, is_acting in _fitting(listed, wanted, record, is_direct=place in direct):
            if not _may_matter(holder, day):
                continue
            if wanted == _ENVOY and holder.person_id not in article.linked:
                fit *= 0.5  # states and bodies have many envoys, and records but a few of them
            if is_acting and role.modifier != "acting":
                fit *= 0.7  # of a president and a rival who calls himself interim president the former is meant
            elect = holder.is_elect
            if elect != (role.modifier == "elect") and (elect or _has_elect_term(listed, holder)):
                fit *= 0.15
            gap = None if day is None else distance(holder.term, day)
            if during is not None and gap is not None:
                gap = 0.0 if _overlap(holder.term, during) else 3.0
            if day is not None and role.modifier in ("former", "late"):
                # The dead are spoken of for longer, and there are fewer of them.
                gap = _gap_since(holder, day) * (0.4 if role.modifier == "late" else 1.0)
            elif gap is not None and role.modifier == "new" and holder.term.start:
                # Named days ago and not sworn in yet, or in office of late; who has been there for years is not new.
                if gap <= _AHEAD and not starts_by(holder.term.start, day):
                    gap = 0.0
                elif gap == 0 and years_between(holder.term.start, day) > _NEW_YEARS:
                    gap = 1.0
            elif gap is not None and role.modifier == "then" and not then:
                # Nobody is called the then president while in office; of the others the one whom the text names.
                gap = 1.0 if gap == 0 else 0.0 if holder.person_id in article.linked else gap
            if day is not None and role.modifier == "elect" and not elect:
                ahead = years_between(day, holder.term.start) if holder.term.start else 9.0
                gap = 0.0 if 0 <= ahead <= 0.4 else 5.0
            one = _Candidate(holder.person_id, holder, fit, gap)
            known = best.get(holder.person_id)
            if known is None or _order(one) < _order(known):
                best[holder.person_id] = one
    if any(one.fit >= 0.99 and one.gap == 0 for one in best.values()):
        for one in best.values():
            if one.fit == _AS_BODY:
                one.fit = 0.5  # where a body has a Secretary-General, its other heads are not called so
    ranked = sorted(best.values(), key=lambda one: (_order(one), one.person_id))
    # Whom the text names is weighed however long ago it was.
    return ranked[:_MOST] + [one for one in ranked[_MOST:] if one.person_id in article.linked]


_NEW_YEARS = 1.5
_AS_BODY = 0.95
_LEADER = frozenset({"leader"})
_ENVOY = frozenset({"envoy"})


def _fitting(
    listed: Sequence[Holder], wanted: frozenset[str], place: RecordView | None, *, is_direct: bool
) -> list[tuple[Holder, float, bool]]:
    """The holders at one place whose office fits, how well, and whether they only act in it: the same on every day."""
    memo = listed.memo if isinstance(listed, Holders) else {}
    asked = (wanted, is_direct)
    if asked in memo:
        return memo[asked]
    of_state = place is not None and place.kind is Kind.STATE
    found = []
    for holder in listed:
        fit = fits(wanted, holder.offices)
        if not fit and is_direct and not of_state and wanted & _OF_BODIES and holder.offices & _OF_BODIES:
            fit = _AS_BODY  # "the president of the European Commission" is its Commission President
        if not fit or (of_state and _is_lesser(holder, wanted)):
            continue
        if of_state and wanted <= _LEADER:
            fit *= _leads(place, holder.offices)
            if holder.offices <= _LEADER and holder.term.title.lower() != "leader":
                fit *= 0.5  # the head of something within the state
        if not is_direct:
            fit *= 0.8
        elif not of_state and fit < 1 and holder.offices & LEADING:
            fit = _AS_BODY  # the chief of a body, whatever it calls him
        found.append((holder, fit, _ACTING.search(holder.term.title) is not None))
    if len(memo) >= _ASKED_KEPT:
        memo.clear()
    memo[asked] = found
    return found


def _leads(state: RecordView, held: frozenset[str]) -> float:
    """How well a holder of offices is the leader of a state: of president and premier the one who governs."""
    code = next((value for scheme, value in state.identifiers if scheme == "iso3"), "")
    if code in LED_BY_BOTH:
        return 1.0
    if code in LED_BY_PREMIER:
        return 1.0 if held & _GOVERNMENT else 0.6
    return 0.6 if held <= _GOVERNMENT else 1.0


_GOVERNMENT = frozenset({"prime minister", "head of government"})
_GOVERNS = re.compile(r"government|executive|presiden|head of state|cabinet|office|residence", re.IGNORECASE)
_OF_PART = re.compile(
    r"\b(?:of|for) (?:the )?(?!State\b|Presidency|Foreign|Defen|Finance|Interior|Revolution|Republic|Government|Council)[A-Z]"
)
#: What the heads of bodies are called by the press, whatever their title.
_OF_BODIES = frozenset(
    {"president", "commission president", "council president", "secretary-general", "director-general", "leader",
     "party leader", "chairman", "director"}
)  # fmt: skip
_ACTING = re.compile(r"\b(?:interim|acting|self-proclaimed|disputed|transitional)\b", re.IGNORECASE)
_WHOLE = frozenset({"president", "prime minister", "governor", "leader", "head of government", "head of state"})


def _is_lesser(holder: Holder, wanted: frozenset[str]) -> bool:
    """An office within a state that has the name of one over it: "President of Republika Srpska", a party's leader."""
    if wanted & LEADING and wanted <= LEADING and "party leader" not in wanted:
        if holder.offices <= {"party leader", "leader"} and _OF_PART.search(holder.term.title):
            return True
    if holder.offices & _WHOLE and wanted & LEADING:
        return _OF_PART.search(holder.term.title) is not None and "elect" not in holder.term.title.lower()
    return holder.offices == {"party leader"} and "party leader" not in wanted


def _subordinates(article: Article, antecedent: Resolved | None, role: RoleDescription) -> list[_Candidate]:
    """Who held an office under a person: "his foreign minister" is of the state that he leads."""
    record = article.view(antecedent.record_id) if antecedent is not None and antecedent.record_id else None
    if record is None:
        return []
    held = [term for term in record.terms if article.date is None or distance(term, article.date) <= _AHEAD]
    during: Term | None = None
    if not held and role.owner_start >= 0 and article.date:
        # "Clinton's defence secretary" under a later president: of the days when Clinton was in office.
        past = [term for term in record.terms if term.end and starts_by(term.end, article.date)]
        held = sorted(past, key=lambda term: term.end)[-1:]
        during = held[0] if held else None
    places = [place for term in held for place in (term.state, term.organization) if place] or list(record.states)
    places = list(dict.fromkeys(places))
    holders = article.catalogue.holders(places)
    article.load(
        {holder.person_id for listed in holders.values() for holder in listed if fits(role.offices, holder.offices)}
    )
    found = _holders(article, role, role.offices, places, holders, is_direct=True, during=during)
    return [one for one in found if one.person_id != record.id]


def _overlap(one: Term, other: Term) -> bool:
    """Whether two dated terms share more than the day on which one follows the other."""
    if not (one.start and other.start):
        return False
    return (not other.end or one.start < other.end) and (not one.end or other.start < one.end)


def _has_elect_term(listed, holder: Holder) -> bool:
    return any(other.is_elect and other.person_id == holder.person_id for other in listed)


def _order(one: _Candidate) -> tuple[float, float]:
    return (one.gap if one.gap is not None else 0.0, -one.fit)


def _gap_since(holder: Holder, day: str) -> float:
    """For a former holder: years since the term ended, none being best; who still holds it is no former one."""
    term = holder.term
    if term.end and term.end[:10] == day[:10]:
        return 0.0  # fallen that very day
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
            is_short = bool(holder.term.start and holder.term.end) and (
                years_between(holder.term.start, holder.term.end) < _SHORT
            )
            if _ACTING.search(holder.term.title) or is_short:
                gap += 1.0  # who kept the seat warm is seldom called the successor
            known = found.get(holder.person_id)
            if gap < 1.5 and (known is None or gap / 2 < known.gap):
                found[holder.person_id] = _Candidate(holder.person_id, holder, 1.0, gap / 2)
        if found:
            break
    article.load(set(found))
    return sorted(found.values(), key=_order)[:_MOST]


_SHORT = 0.2  # years


def _antecedent(article: Article, span: Span, earlier: Mapping[int, Resolution]) -> Resolved | None:
    """Whom "his" goes back to: the subject of the sentence so far, else of the sentence before.

    A person may be there by name or by office ("the American president said. His Russian counterpart …").
    """
    by_record: dict[int, Resolved] = {}
    places: list[tuple[int, int, Resolved]] = []  # sentence, start
    for resolved in article.chains:
        if not resolved.chain.is_person and not _is_person(article, resolved):
            continue
        if resolved.record_id is not None:
            by_record.setdefault(resolved.record_id, resolved)
        places.extend((member.sentence, member.start, resolved) for member in resolved.chain.members)
    for start, resolution in earlier.items():
        resolved = by_record.get(resolution.decision.record_id or -1)
        if resolved is None and resolution.decision.outcome is Outcome.LINK:
            resolved = _stand_in(article, resolution)
        if resolved is not None and resolution.decision.outcome is Outcome.LINK:
            places.append((resolution.span.sentence, start, resolved))
    before = [place for place in places if place[1] < span.start and span.sentence - place[0] <= _NEAR]
    if not before:
        return None
    nearest = max(sentence for sentence, _, _ in before)
    return min((place for place in before if place[0] == nearest), key=lambda place: place[1])[2]


def _stand_in(article: Article, resolution: Resolution) -> Resolved | None:
    """A person whom the text names by office alone, as if it had been by name."""
    record = article.view(resolution.decision.record_id)
    if record is None:
        return None
    chain = Chain(resolution.chain, [resolution.span], record.name.lower(), is_person=True)
    mention = MentionView(record.name, MentionType.PERSON, date=article.date, offices=resolution.span.role.offices)
    return Resolved(chain, mention, [], [], resolution.decision)


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
    # A foreign minister who also leads a party has foreign ministers for counterparts.
    return frozenset(found - {"party leader", "leader"} or found)


def _weigh(article: Article, span: Span, candidates: list[_Candidate], wanted: frozenset[str]):
    """``(record id, evidence, log-odds)`` for each candidate."""
    profile = article.profiles["role"]
    linked = article.linked
    then = _then(article, span)
    current = [one for one in candidates if one.fit >= 0.99 and (one.gap is None or one.gap == 0)]
    weighed = []
    for one in candidates:
        record = article.view(one.person_id)
        if record is None or one.holder is None:
            continue
        if (
            span.role.modifier == "late"
            and article.date
            and not (record.valid_to and starts_by(record.valid_to, article.date))
        ):
            continue  # alive
        term = one.holder.term
        evidence = {"office": Evidence(one.fit, f"is {describe(term)} {in_words(term.start, term.end)}".strip())}
        is_past = span.role.modifier in ("former", "late") and one.person_id in linked
        if is_past and term.end and article.date and not ends_after(term.end, article.date):
            one.gap = 0.0  # of former holders the one that the text has named, however long ago it was
        if one.gap is None:
            evidence["undated"] = Evidence(1.0, "the article has no date")
        elif article.date is None:
            evidence["undated"] = Evidence(0.5, "the article has no date")
        elif one.gap == 0:
            evidence["on_date"] = Evidence(1.0, f"held that office {f'in {then}' if then else f'on {article.date}'}")
        else:
            evidence["off_date"] = Evidence(min(1.0, one.gap / 2), f"did not hold it on {article.date}")
        if one.person_id in linked:
            times = len(article.chains[max(linked[one.person_id]) - 1].chain.members)
            evidence["in_article"] = Evidence(0.5 + 0.125 * min(times, 4), "is named in the article")
        others = sum(1 for other in current if other.person_id != one.person_id)
        if others and one in current:
            evidence["rivals"] = Evidence(min(1.0, others / 3), "others held such an office at the time")
        if record.prominence:
            # Of a president and a prime minister, both "the Turkish leader", it is the one the world has many names for.
            names = min(1.0, math.log2(max(1, len(record.names))) / 5)
            evidence["prominence"] = Evidence((3 - record.prominence) / 2 * (0.6 + 0.4 * names), "is well known")
        weighed.append((one.person_id, evidence, log_odds(evidence, profile)))
    return rank(weighed) if weighed else []


def _decided(article: Article, span: Span, chain: int, scored, candidates: list[_Candidate]) -> Resolution:
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
    number = min(article.linked.get(best, (chain,)))
    resolution = Resolution(span, number, Decision(outcome, best, probability, lead, reason[:1000]), scored[:3])
    resolution.evidence = [(name, weight, found.text) for name, found, weight in told]
    return resolution


def _anaphor(
    article: Article, span: Span, holders: Mapping[int, list[Holder]], earlier: Mapping[int, Resolution], chain: int
) -> Resolution | None:
    """ "the president": who holds that office and is spoken of; else who holds it in the state the article is about."""
    role = span.role
    profile = article.profiles["role"]
    fitting: dict[int, tuple[float, str]] = {}
    presence: dict[int, float] = {}
    later: dict[int, tuple[int, tuple[float, str]]] = {}  # named further down: how many sentences on
    for resolved in article.persons:
        # Whom few titles can mean may be named afterwards: "…, the chancellor said. Mr Schröder …".
        places = [m for m in resolved.chain.members if m.start < span.start or _national(role.title)]
        fit = _held(article, role, resolved)
        if places and fit[0]:
            fitting[resolved.record_id] = fit
            presence[resolved.record_id] = sum(0.9 ** abs(span.sentence - member.sentence) for member in places)
        elif fit[0] >= 0.9 and article.states and _is_of_setting(article, resolved.record_id):
            ahead = resolved.chain.members[0].sentence - span.sentence
            if ahead <= _SOON:
                later[resolved.record_id] = (ahead, fit)
    for start, resolution in earlier.items():
        record_id = resolution.decision.record_id
        if start < span.start and record_id is not None and resolution.decision.outcome is Outcome.LINK:
            before = resolution.span.role
            is_same = before is not None and all(
                (before.modifier in one) == (role.modifier in one) for one in (_PAST, _ELECT)
            )
            is_same = is_same and {before.modifier, role.modifier} != {"new", "outgoing"}
            if is_same and before.offices & role.offices and _same_title(before.title, role.title):
                fitting.setdefault(record_id, (0.9, "was described so before"))
            if record_id in fitting:
                presence[record_id] = presence.get(record_id, 0.0) + 0.9 ** (span.sentence - resolution.span.sentence)
    if fitting and role.modifier in ("", "outgoing") and max(fit for fit, _ in fitting.values()) <= 0.8:
        # Only somebody who will hold it soon is named: "the secretary of state has resigned" is who holds it still.
        ahead = article.view(max(fitting, key=lambda id_: fitting[id_][0]))
        at = [term.state for term in ahead.terms if term.state and fits(role.offices, offices(term.title)) >= 0.7]
        resolution = _sole_holder(article, span, at[-1], holders, chain) if at and article.date else None
        if resolution is not None:
            return resolution
    there = _capital_before(article, span) if role.modifier == "" and article.date else None
    if there is not None and not any(_is_of_state(article, id_, there) for id_ in fitting):
        resolution = _sole_holder(article, span, there, holders, chain)
        if resolution is not None:
            return resolution
    if not fitting and later:
        # "They asked where the prime minister was": who is named first further down.
        nearest = min(later, key=lambda id_: later[id_][0])
        fitting, presence = {nearest: later[nearest][1]}, {nearest: 1.0}
    if fitting:
        most = max(presence.values())
        scored = []
        for record_id, (fit, words) in fitting.items():
            share = presence[record_id] / most
            evidence = {
                "office": Evidence(fit, words),
                "in_article": Evidence(0.3 + 0.7 * share, "is spoken of in the article"),
                "on_date": Evidence(max(0.0, fit - 0.2), "is the one in office then"),
            }
            if share < 1:
                evidence["rivals"] = Evidence(0.6 * (1 - share) + 0.2, "the article speaks more of another")
            scored.append((record_id, evidence, log_odds(evidence, profile)))
        return _decided(article, span, chain, rank(scored), [])
    if not article.states or article.date is None:
        return None
    return _sole_holder(article, span, article.states.most_common(1)[0][0], holders, chain)


def _capital_before(article: Article, span: Span) -> int | None:
    """The state in whose capital somebody is by the words before: "In Berlin the chancellor"; None where none stands."""
    before = _IN_CAPITAL.search(article.text, max(0, span.start - 40), span.start)
    if before is None:
        return None
    at = before.start("town")
    number = bisect_left(article.spans, at, key=lambda one: one.start)  # they stand in text order
    town = article.spans[number]
    for sense in town.senses if town.start == at else ():
        record = article.view(sense.record_id) if sense.sense == "metonym" and sense.kind is Kind.STATE else None
        if record is not None and covers(record.valid_from, record.valid_to, article.date):
            return record.id
    return None


_IN_CAPITAL = re.compile(r"\b[Ii]n (?P<town>[A-ZÀ-Þ][\w’'.-]+(?: [A-ZÀ-Þ][\w’'.-]+)?),? $")


def _is_of_state(article: Article, person_id: int, state: int) -> bool:
    record = article.view(person_id)
    return record is not None and state in {*record.states, *(term.state for term in record.terms)}


def _is_of_setting(article: Article, person_id: int) -> bool:
    """Whether a person is of one of the three states that the article is most about."""
    states = {state for state, _ in article.states.most_common(3)}
    record = article.view(person_id)
    return record is not None and bool(states & {*record.states, *(term.state for term in record.terms)})


def _sole_holder(
    article: Article, span: Span, state: int, holders: Mapping[int, list[Holder]], chain: int
) -> Resolution | None:
    """Who alone holds an office in a state on the article's date; None if nobody or more than one does."""
    role = span.role
    if state not in holders:
        holders = article.catalogue.holders([state])
        article.load(persons_wanted([span], holders, article.date))
    candidates = _holders(article, role, role.offices, [state], holders)
    national = _national(role.title)
    if national:
        candidates = [one for one in candidates if one.holder and national in one.holder.term.title.lower()]
    candidates = [one for one in candidates if one.gap is not None and one.gap <= 0.05]
    if len({one.person_id for one in candidates}) != 1:
        return None
    candidates[0].fit *= 0.5  # only guessed from the state the article is most about
    scored = _weigh(article, span, candidates, role.offices)
    return _decided(article, span, chain, scored, candidates) if scored else None


_PAST = frozenset({"former", "late"})
_ELECT = frozenset({"elect"})
_NATIONAL = frozenset(
    {"taoiseach", "chancellor", "emir", "sultan", "king", "queen", "emperor", "pope", "supreme leader"}
)
_CHANCELLOR = re.compile(
    r"(?:bundes)?kanzler(?:in|s)?|chanceli[eè]re?|cancellier[ea]|канцлер\w*|kanclerz\w*|kancléř\w*", re.IGNORECASE
)


_SECRETARY = re.compile(
    r"secretary of state|secretari[oa] de estado|secrétaire d[’']état|segretari[oa] di stato|госсекретар\w+|держсекретар\w+"
    r"|国务卿|國務卿|国務長官|국무장관|sekretarz\w* stanu",
    re.IGNORECASE,
)


def _national(title: str) -> str:
    """The title where few states have it, so that it tells which is meant: "chancellor", "emir"; else an empty string."""
    lowered = title.lower()
    if lowered in _NATIONAL:
        return lowered
    if _SECRETARY.fullmatch(title):
        return "secretary of state"
    return "chancellor" if _CHANCELLOR.fullmatch(title) else ""


def _same_title(one: str, other: str) -> bool:
    return _national(one) == _national(other) or not (_national(one) or _national(other))


def _held(article: Article, role: RoleDescription, resolved: Resolved) -> tuple[float, str]:
    """How well a person named in the article fits an office that is named alone, and why; 0 not at all."""
    record = article.view(resolved.record_id)
    day = article.date
    is_past = role.modifier in _PAST
    best = (0.0, "")
    titles = {member.title.lower() for member in resolved.chain.members if member.title}
    if any(
        fits(role.offices, offices(title)) >= 0.7 and ("elect" in title) == (role.modifier == "elect")
        for title in titles
    ):
        if resolved.mention.is_former == is_past and role.modifier != "new":
            best = (0.9, _SO_CALLED)
    national = _national(role.title)
    terms = [term for term in record.terms if not national or national in term.title.lower()]
    fitting = [term for term in terms if national or fits(role.offices, offices(term.title)) >= 0.7]
    holds = [
        term for term in fitting
        if day is None or (distance(term, day) == 0 and (term.end or "")[:10] != day[:10])
    ]  # fmt: skip
    if is_past and holds and day is not None:
        return 0.0, ""  # who is in office again is not the former one
    for term in fitting:
        if role.modifier == "elect" and day is not None and term.start:
            if not starts_by(term.start, day) and years_between(day, term.start) < 0.5:
                best = max(best, (0.95, f"is to be {describe(term)} {in_words(term.start, term.end)}".strip()))
        if ("elect" in term.title.lower()) != (role.modifier == "elect"):
            continue
        words = f"is {describe(term)} {in_words(term.start, term.end)}".strip()
        gap = 0.0 if day is None else distance(term, day)
        if is_past:
            ended = day is None or (bool(term.end) and (not ends_after(term.end, day) or term.end[:10] == day[:10]))
            fit = 1.0 - min(0.4, gap / 30) if ended else 0.0
        elif gap == 0:
            # On the day that an office changes hands it is the newcomer's.
            fit = 0.9 if day is not None and term.end and term.end[:10] == day[:10] else 1.0
            if role.modifier == "new" and day is not None and term.start and years_between(term.start, day) > 1:
                fit = 0.5
        elif gap <= _AHEAD:
            fit = 0.8
            if role.modifier == "new" and day is not None and starts_by(term.start, day):
                fit = 0.3  # who has just gone is not the new one
        elif not term.end and term.as_of and term.start and gap <= _LONG_OPEN:
            fit = 0.8  # held when it was last looked up, and named here
        else:
            fit = 0.7 if role.modifier == "then" else 0.0
        if role.modifier == "outgoing" and day is not None and (not term.end or years_between(day, term.end) > 0.5):
            fit *= 0.5
        if fit > best[0]:
            best = (fit, words)
    if not is_past and day is not None and fitting and best[1] == _SO_CALLED:
        if all(term.end and not ends_after(term.end, day) and distance(term, day) > _AHEAD for term in fitting):
            return 0.5, best[1]  # "his father, President George Bush": by courtesy
    return best


_SO_CALLED = "is named with that office in the article"


def _nobody(article: Article, role: RoleDescription) -> str:
    places = [article.view(sense.record_id) for sense in role.place]
    where = " or ".join(dict.fromkeys(place.name for place in places if place is not None)) or "this place"
    when = f" on {article.date}" if article.date else ""
    return f"nobody is known to have held that office in {where}{when}"
