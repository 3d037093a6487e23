"""How often curators agree with the engine: by kind, language, script and week. Drift shows here first.

Every mention that a person decided, and about which the engine had said something before, is one case. What the engine
had said counts as right when the person chose the same record, or, where it found none, said so, too, or chose one that
was made only afterwards. Cases are those that curators looked at, doubtful ones above all: this is no measure of all links.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import sqrt

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from articles.models import Link
from articles.review import NO_NAME
from entities.matching.normalize import script_of
from entities.matching.types import Outcome
from entities.models import DuplicateSuggestion, Entity, Judgement, Merge
from entities.reading import KIND_PLURALS, language_name

MOST = 20_000  # decisions looked at, the latest: the page stays quick whatever the size of the archive
FEW = 20  # a share of fewer decisions says little
DRIFT = 0.1  # a fall of agreement that is pointed out
LATELY = 4  # weeks that are compared with those before them
_CHUNK = 2_000


@dataclass(slots=True)
class Tally:
    """Cases of one sort, and in how many of them the engine was right."""

    label: str
    decided: int = 0
    agreed: int = 0
    linked: int = 0  # the engine had been sure of a record
    linked_agreed: int = 0
    doubted: int = 0  # it had doubted: is its best candidate the right one?
    doubted_agreed: int = 0
    none: int = 0  # it had found no record
    none_agreed: int = 0
    expected: float = 0.0  # sum of the probabilities of the records it named
    weeks: dict[str, Tally] = field(default_factory=dict)  # the same by week, for kinds, languages and scripts
    lately: Tally | None = None  # the last four weeks

    @property
    def share(self) -> float:
        """Of cases in which the engine was right."""
        return self.agreed / self.decided if self.decided else 0.0

    @property
    def named(self) -> int:
        """Cases in which the engine named a record."""
        return self.linked + self.doubted

    @property
    def promised(self) -> float:
        """How sure the engine was on average of the records it named."""
        return self.expected / self.named if self.named else 0.0

    @property
    def kept(self) -> float:
        """How often a record it named was right: near ``promised`` if its probabilities can be trusted."""
        return (self.linked_agreed + self.doubted_agreed) / self.named if self.named else 0.0

    @property
    def is_few(self) -> bool:
        """Too few cases to say much."""
        return self.decided < FEW


@dataclass(slots=True)
class Scorecard:
    """The agreement of curators with the engine."""

    total: Tally
    kinds: list[Tally]
    languages: list[Tally]
    scripts: list[Tally]
    weeks: list[Tally]  # without gaps, the earliest first; labels are ISO days of Mondays
    is_cut: bool  # more decisions were made than were looked at
    drift: list[str] = field(default_factory=list)  # sentences


def decided(weeks: int | None = 26) -> QuerySet:
    """People's decisions that the scorecard counts, the latest first, each with what the engine had said (``said_…``).

    Args:
        weeks: of the last weeks alone; None means ever.
    """
    said = Link.objects.filter(mention=OuterRef("mention"), actor=None, pk__lt=OuterRef("pk")).order_by("-pk")
    rows = Link.objects.live().exclude(actor=None).exclude(status=Outcome.REVIEW)  # unsure: no case
    if weeks is not None:
        rows = rows.filter(made_at__gte=timezone.now() - timedelta(weeks=weeks))
    rows = rows.annotate(
        said_status=Subquery(said.values("status")[:1]),
        said_entity=Subquery(said.values("entity_id")[:1]),
        said_probability=Subquery(said.values("probability")[:1]),
        said_at=Subquery(said.values("made_at")[:1]),
    )
    return rows.exclude(said_status=None).order_by("-pk")


def decided_of(kind: str, weeks: int | None = 26) -> QuerySet:
    """Those of ``decided`` that the scorecard counts under a kind of record; ``""``: under “No record”.

    Where no record was chosen, the one that the engine had named gives the kind.
    """
    of_kind = Entity.objects.filter(kind=kind) if kind else Entity.objects.all()
    named = Q(entity=None, said_entity__in=of_kind.values("pk")) & ~Q(said_status=Outcome.NIL)
    rows = decided(weeks)
    return rows.filter(Q(entity__kind=kind) | named) if kind else rows.filter(entity=None).exclude(named)


def is_right(chosen: int | None, named: int | None, status: str, since: datetime | None, said_at: datetime) -> bool:
    """Whether the engine had said what a person decided.

    Args:
        chosen, named: keys of live records.
        status: the engine's.
        since: when the record chosen was made: what was not in the catalogue yet could not be named.
    """
    return chosen == named or (status == Outcome.NIL and since is not None and since > said_at)


@dataclass(frozen=True, slots=True)
class Case:
    """A decision beside what the engine had said."""

    link: Link
    status: str  # the engine's
    named: Entity | None  # the engine's record, as it stands today
    is_right: bool

    @property
    def is_no_name(self) -> bool:
        """The words were marked by mistake, as a person saw."""
        return self.link.entity_id is None and self.link.reason == NO_NAME

    @property
    def was_unknown(self) -> bool:
        """The engine rightly named none: the record was made only afterwards."""
        return self.is_right and self.status == Outcome.NIL and self.link.entity_id is not None


def cases(links: Iterable[Link]) -> list[Case]:
    """Rows of ``decided`` as they are listed, in a fixed number of queries for some pages of them."""
    links = list(links)
    records = _records({pk for one in links for pk in (one.entity_id, one.said_entity) if pk is not None})
    live = Entity.objects.in_bulk({records[one.said_entity][0] for one in links if one.said_entity in records})
    told = []
    for one in links:
        chosen, _, since = records.get(one.entity_id, (None, "", None))
        named = records.get(one.said_entity, (None,))[0] if one.said_status != Outcome.NIL else None
        right = is_right(chosen, named, one.said_status, since, one.said_at)
        told.append(Case(one, one.said_status, live.get(named), right))
    return told


def scorecard(weeks: int | None = 26) -> Scorecard:
    """Agreement over the last weeks (None: ever), in a fixed number of queries for each 2,000 records named."""
    found = list(
        decided(weeks).values_list(
            "made_at", "entity_id", "said_status", "said_entity", "said_probability", "mention__surface",
            "mention__article__language", "said_at",
        )[: MOST + 1]
    )  # fmt: skip
    is_cut, found = len(found) > MOST, found[:MOST]
    records = _records({pk for row in found for pk in (row[1], row[3]) if pk is not None})
    total = Tally("All")
    by_kind, by_language, by_script, by_week = {}, {}, {}, {}
    for made_at, chosen, status, named, probability, surface, language, said_at in found:
        chosen, kind, since = records.get(chosen, (None, "", None))
        named, named_kind, _ = records.get(named, (None, "", None)) if status != Outcome.NIL else (None, "", None)
        right = is_right(chosen, named, status, since, said_at)
        week = _monday(timezone.localtime(made_at).date()).isoformat()
        label = KIND_PLURALS.get(kind or named_kind, "No record")
        for tally in (
            total,
            _of(by_kind, label),
            _of(by_language, language_name(language) if language else "Unknown"),
            _of(by_script, script_of(surface) or "No letters"),
            _of(by_week, week),
        ):
            _count(tally, right, status, probability)
            if tally is not total and tally is not by_week[week]:
                _count(_of(tally.weeks, week), right, status, probability)
    card = Scorecard(total, _sorted(by_kind), _sorted(by_language), _sorted(by_script), _gapless(by_week), is_cut)
    card.drift = list(_drift(card.weeks))
    for tallies in (card.kinds, card.languages, card.scripts):
        for tally in tallies:
            listed = [tally.weeks.get(week.label) or Tally(week.label) for week in card.weeks]
            recent = listed[-LATELY:]
            tally.lately = Tally(tally.label, sum(week.decided for week in recent), sum(week.agreed for week in recent))
            # One group of many that changes by chance is no news: of groups more is asked than of the whole.
            card.drift += _drift(listed, of=tally.label, errors=3)
    return card


@dataclass(slots=True)
class PairTally:
    """Suggested pairs of one kind that people settled, and what the engine had promised of them."""

    label: str
    same: int = 0  # judged so, or merged
    different: int = 0
    unsure: int = 0
    expected: float = 0.0  # sum of the probabilities of those settled as same or different

    @property
    def settled(self) -> int:
        """Pairs on which a person gave a clear verdict."""
        return self.same + self.different

    @property
    def promised(self) -> float:
        """The engine's estimate of how many are the same, on average."""
        return self.expected / self.settled if self.settled else 0.0

    @property
    def kept(self) -> float:
        """How many of them were the same."""
        return self.same / self.settled if self.settled else 0.0


def pair_scores(weeks: int | None = 26) -> list[PairTally]:
    """What became of suggested pairs, by kind: one query, of the latest that were closed."""
    verdicts = Judgement.objects.filter(a=OuterRef("a"), b=OuterRef("b"), superseded_at=None).exclude(actor=None)
    ours = Q(survivor=OuterRef("a"), absorbed=OuterRef("b")) | Q(survivor=OuterRef("b"), absorbed=OuterRef("a"))
    rows = DuplicateSuggestion.objects.exclude(closed_at=None).annotate(
        verdict=Subquery(verdicts.values("verdict")[:1]), merged=Exists(Merge.objects.filter(ours, undone_at=None))
    )
    if weeks is not None:
        rows = rows.filter(closed_at__gte=timezone.now() - timedelta(weeks=weeks))
    tallies: dict[str, PairTally] = {}
    for kind, probability, verdict, merged in rows.order_by("-closed_at", "-pk").values_list(
        "a__kind", "probability", "verdict", "merged"
    )[:MOST]:
        if not (verdict or merged):
            continue  # nothing speaks for the pair any more: no person closed it
        tally = tallies.setdefault(kind, PairTally(KIND_PLURALS[kind]))
        if merged or verdict == Judgement.Verdict.SAME:
            tally.same += 1
        elif verdict == Judgement.Verdict.DIFFERENT:
            tally.different += 1
        else:
            tally.unsure += 1
            continue
        tally.expected += probability
    return sorted(tallies.values(), key=lambda tally: (-tally.settled, tally.label))


def _records(ids: set[int]) -> dict[int, tuple[int, str, datetime]]:
    """The live record that each key stands for today, its kind, and when it was made."""
    found = {}
    listed = sorted(ids)
    for start in range(0, len(listed), _CHUNK):
        rows = Entity.objects.filter(pk__in=listed[start : start + _CHUNK])
        made = Coalesce("merged_into__created_at", "created_at")
        for pk, survivor, kind, since in rows.values_list("pk", "merged_into_id", "kind", made):
            found[pk] = (survivor or pk, kind, since)
    return found


def _of(groups: dict, label: str) -> Tally:
    if label not in groups:
        groups[label] = Tally(label)
    return groups[label]


def _count(tally: Tally, right: bool, status: str, probability: float) -> None:
    tally.decided += 1
    tally.agreed += right
    if status == Outcome.LINK:
        tally.linked += 1
        tally.linked_agreed += right
    elif status == Outcome.REVIEW:
        tally.doubted += 1
        tally.doubted_agreed += right
    else:
        tally.none += 1
        tally.none_agreed += right
        return
    tally.expected += probability


def _sorted(groups: dict[str, Tally]) -> list[Tally]:
    return sorted(groups.values(), key=lambda tally: (-tally.decided, tally.label))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _gapless(groups: dict[str, Tally]) -> list[Tally]:
    if not groups:
        return []
    day, last = date.fromisoformat(min(groups)), date.fromisoformat(max(groups))
    weeks = []
    while day <= last:
        weeks.append(groups.get(day.isoformat()) or Tally(day.isoformat()))
        day += timedelta(weeks=1)
    return weeks


def _drift(weeks: Iterable[Tally], *, of: str = "", errors: float = 2) -> Iterable[str]:
    """The last four weeks against those before them, where both hold enough cases.

    Args:
        of: the group that the weeks are about, or the whole.
        errors: how many standard errors a change must be.
    """
    listed = list(weeks)
    recent, before = listed[-LATELY:], listed[:-LATELY]
    now, then = sum(week.decided for week in recent), sum(week.decided for week in before)
    if now < FEW or then < FEW:
        return
    was, is_now = sum(week.agreed for week in before) / then, sum(week.agreed for week in recent) / now
    pooled = (sum(week.agreed for week in listed)) / (now + then)
    noise = sqrt(pooled * (1 - pooled) * (1 / now + 1 / then))  # standard error of the difference of two shares
    if abs(was - is_now) >= max(DRIFT, errors * noise):
        word = "fell" if was > is_now else "rose"
        whose = f"{of}: agreement" if of else "Agreement"
        yield (
            f"{whose} {word} from {100 * was:.0f} % to {100 * is_now:.0f} % in the last four weeks; "
            "manage.py learn fits the weights anew."
        )
