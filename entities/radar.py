"""The wrong-merge radar: records whose own facts say that they are two.

Each sign is a function over all live records that yields what it saw; other apps add theirs by answering
``signs_asked`` (mentions in decades that are far apart). No record is changed: a curator looks, and splits or is content.
Who is content says so (``dismiss``), and the record is listed again only when there is a sign that was not seen then.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from entities import blocks
from entities.matching.dates import years_between
from entities.matching.offices import offices
from entities.matching.types import Kind
from entities.models import UNIQUE_SCHEMES, Dismissal, Entity, Event, Identifier, Judgement, Term
from entities.signals import signs_asked

#: Offices that one person does not hold at two places at once.
EXCLUSIVE = frozenset({"president", "prime minister", "monarch", "supreme leader", "foreign minister", "pope"})
LIFE_YEARS = 110  # nobody is in office longer after birth
OVERLAP_YEARS = 0.6  # offices that change hands in one year overlap by as much, where only the year is known


@dataclass(frozen=True, slots=True)
class Sign:
    """Why a record may be two: the sort of sign, in words, and how much it weighs (0–1)."""

    entity_id: int
    sort: str
    text: str
    weight: float


@dataclass(slots=True)
class Suspect:
    """A record with its signs, the gravest first."""

    entity: Entity
    signs: list[Sign] = field(default_factory=list)
    dismissal: Dismissal | None = None

    @property
    def weight(self) -> float:
        """How likely the record is two, roughly: one minus the product of what each sign leaves."""
        return _weight(self.signs)


class RadarError(Exception):
    """A word about a record on the radar that cannot be given, in a sentence for the curator."""


def suspects(*, ids: Iterable[int] | None = None, limit: int = 200, dismissed: bool = False) -> list[Suspect]:
    """Records whose facts contradict each other, the gravest first; a fixed number of queries.

    Args:
        ids: look at these records alone; None means all.
        limit: at most 10,000.
        dismissed: those of which a person said that they are one all the same, in place of the others.
    """
    wanted = None if ids is None else sorted(set(ids))
    signs = [sign for function in SIGNS for sign in function(wanted)]
    for _, more in signs_asked.send(sender=Sign, ids=wanted):
        signs.extend(more or [])
    by_record: dict[int, list[Sign]] = {}
    for sign in signs:
        by_record.setdefault(sign.entity_id, []).append(sign)
    standing = {
        one.entity_id: one
        for one in _only(Dismissal.objects.filter(superseded_at=None), wanted).select_related("actor")
        if one.entity_id in by_record and set(_digests(by_record[one.entity_id], one.salt)) <= set(one.signs)
    }
    chosen = [pk for pk in by_record if (pk in standing) == dismissed]
    ordered = sorted(chosen, key=lambda pk: (-_weight(by_record[pk]), pk))[:limit]
    entities = {one.pk: one for one in Entity.objects.current().filter(pk__in=ordered)}
    return [
        Suspect(entities[pk], sorted(by_record[pk], key=lambda sign: -sign.weight), standing.get(pk))
        for pk in ordered
        if pk in entities
    ]


def _digests(signs: Iterable[Sign], salt: str) -> list[str]:
    return sorted({blocks.digest(salt, f"{sign.sort}|{sign.text}") for sign in signs})


def may_dismiss(actor) -> bool:
    """Whether somebody may say that a record on the radar is one."""
    return actor is not None and actor.has_perm("entities.judge_entity")


def _check_may_dismiss(actor) -> None:
    if not may_dismiss(actor):
        raise PermissionDenied("This needs the permission “Can judge pairs of records”.")


@transaction.atomic
def dismiss(entity: Entity, *, actor, reason: str = "") -> Dismissal:
    """Say that a record is one, whatever the radar sees now; a word given before is superseded.

    Raises:
        RadarError: if the radar sees nothing in it any more.
        PermissionDenied: if the actor may not judge.
    """
    _check_may_dismiss(actor)
    Entity.objects.select_for_update().get(pk=entity.pk)
    found = suspects(ids=[entity.pk])
    if not found:
        raise RadarError("The radar does not list this record any more.")
    Dismissal.objects.filter(entity=entity, superseded_at=None).update(superseded_at=timezone.now())
    salt = secrets.token_hex(16)
    done = Dismissal.objects.create(
        entity=entity, salt=salt, signs=_digests(found[0].signs, salt), actor=actor, reason=reason[:2000]
    )
    Event.objects.create(
        entity=entity, type=Event.Type.JUDGED, actor=actor, reason=reason[:2000], after={"verdict": "one"}
    )
    return done


@transaction.atomic
def take_back_dismissal(dismissal: Dismissal, *, actor) -> None:
    """Withdraw a person's word that stands: the radar lists the record again.

    Raises:
        RadarError: if it does not stand any more, or the record was merged or taken down since.
        PermissionDenied: if the actor may not judge.
    """
    _check_may_dismiss(actor)
    if not Entity.objects.select_for_update().get(pk=dismissal.entity_id).is_current:
        raise RadarError("The record was merged or taken down since: the radar does not list it.")
    row = Dismissal.objects.select_for_update(of=("self",)).get(pk=dismissal.pk)
    if row.superseded_at is not None:
        raise RadarError("This was taken back already, or said anew since.")
    row.superseded_at = timezone.now()
    row.save(update_fields=["superseded_at"])
    Event.objects.create(
        entity_id=row.entity_id, type=Event.Type.JUDGED, actor=actor, reason=Event.TAKEN_BACK,
        before={"verdict": "one"}, after={"verdict": ""},
    )  # fmt: skip


def _weight(signs: Iterable[Sign]) -> float:
    left = 1.0
    for sign in signs:
        left *= 1 - sign.weight
    return round(1 - left, 3)


def _only(rows, ids: list[int] | None, name: str = "entity"):
    return rows if ids is None else rows.filter(**{f"{name}__in": ids})


def overlapping_offices(ids: list[int] | None) -> Iterator[Sign]:
    """Two offices that nobody holds together, at different places, at one time."""
    rows = _only(Term.objects.in_use().filter(entity__merged_into=None), ids).exclude(start="")
    rows = rows.order_by("entity_id", "start", "pk").values_list(
        "entity_id",
        "title",
        "state_id",
        "organization_id",
        "start",
        "end",
        "as_of",
        "state__name",
        "organization__name",
    )
    held: dict[int, list[tuple]] = {}
    for entity, title, state, organization, start, end, as_of, state_name, organization_name in rows.iterator():
        kinds = offices(title) & EXCLUSIVE
        place = state or organization
        if not kinds or place is None or not (end or as_of):
            continue  # without an end, a term may long be over
        told = f"{title} of {organization_name or state_name} {start[:4]}–{end[:4]}"
        held.setdefault(entity, []).append((start, end or as_of, place, told))
    for entity, terms in held.items():
        for (start, end, place, one), (other_start, other_end, other_place, other) in combinations(terms, 2):
            overlap = years_between(max(start, other_start, key=_year), min(end, other_end, key=_year))
            if place != other_place and overlap > OVERLAP_YEARS:
                yield Sign(entity, "offices", f"{one} and {other} overlap", 0.7)
                break


def _year(date: str) -> float:
    return years_between("0001", date)


def outside_life(ids: list[int] | None) -> Iterator[Sign]:
    """In office before birth, or long after death."""
    rows = _only(Term.objects.in_use().filter(entity__merged_into=None, entity__kind=Kind.PERSON), ids)
    rows = rows.exclude(start="").exclude(entity__valid_from="", entity__valid_to="")
    seen: set[int] = set()
    for entity, title, start, born, died in rows.values_list(
        "entity_id", "title", "start", "entity__valid_from", "entity__valid_to"
    ).iterator():
        if entity in seen:
            continue
        year = int(start[:4])
        if born and (year < int(born[:4]) or year > int(born[:4]) + LIFE_YEARS):
            seen.add(entity)
            yield Sign(entity, "life", f"born in {born[:4]}, {title} from {start[:4]}", 0.8)
        elif died and year > int(died[:4]):
            seen.add(entity)
            yield Sign(entity, "life", f"died in {died[:4]}, {title} from {start[:4]}", 0.8)


def two_births(ids: list[int] | None) -> Iterator[Sign]:
    """A record and one merged into it that say different years of birth or death."""
    rows = Entity.objects.filter(merged_into__isnull=False, kind=Kind.PERSON, merged_into__merged_into=None)
    rows = rows if ids is None else rows.filter(merged_into__in=ids)
    for entity, kept_from, kept_to, born, died, name in rows.values_list(
        "merged_into_id", "merged_into__valid_from", "merged_into__valid_to", "valid_from", "valid_to", "name"
    ):
        for word, kept, other in (("born", kept_from, born), ("died", kept_to, died)):
            if kept and other and kept[:4] != other[:4]:
                yield Sign(entity, "birth", f"{word} in {kept[:4]}; ‹{name}›, merged into it, in {other[:4]}", 0.8)


def two_ids(ids: list[int] | None) -> Iterator[Sign]:
    """Two ids of one scheme that gives each thing one."""
    rows = _only(
        Identifier.objects.in_use().filter(entity__merged_into=None, scheme__in=UNIQUE_SCHEMES, is_contested=False), ids
    )
    counted = rows.order_by().values("entity_id", "scheme").annotate(count=Count("pk")).filter(count__gt=1)
    for row in counted:
        yield Sign(row["entity_id"], "ids", f"{row['count']} different {row['scheme']} ids", 0.6)


def inner_verdicts(ids: list[int] | None) -> Iterator[Sign]:
    """A person's word that two are different, inside one record."""
    rows = Judgement.objects.filter(verdict=Judgement.Verdict.DIFFERENT, superseded_at=None).filter(
        Q(a__merged_into=F("b")) | Q(b__merged_into=F("a")) | Q(a__merged_into=F("b__merged_into"))
    )
    for a_into, b_into, a_name, b_name in rows.values_list("a__merged_into", "b__merged_into", "a__name", "b__name"):
        entity = a_into or b_into
        if ids is None or entity in ids:
            yield Sign(entity, "verdict", f"‹{a_name}› and ‹{b_name}› were judged different", 0.9)


SIGNS = (overlapping_offices, outside_life, two_births, two_ids, inner_verdicts)
