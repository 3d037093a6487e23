"""Striking from the history what was taken down: events, journals of merges and splits, reasons, suggestions.

What happened, when, by whom, stays; what it said goes. Events may only be changed by marking them redacted, which the
database itself sees to (``entities/guards.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from config.models import IdempotentRequest
from entities import blocks
from entities.journal import value_of
from entities.models import Dismissal, DuplicateSuggestion, Entity, Event, Judgement, Merge, Split, Takedown

STRUCK = "[taken down]"
MARK = "redacted"  # in what an event says since: when something of it was struck
#: Of a whole record's event: what tells which operation it was, and nothing of what it said.
_STRUCTURE = frozenset({"merge", "split", "undone", "again", "verdict", "takedown", "sort", "erased", "fields"})
_FACTS = {"alias", "identifier", "term", "relation"}
_SHORTEST = 3  # characters of a text that is looked for within others


@dataclass(slots=True)
class Gone:
    """What is to be struck."""

    ids: set[int]  # records concerned: related by merges and splits
    rows: set[tuple[str, int]] = field(default_factory=set)  # ("entities.alias", key) of facts that are deleted
    texts: set[str] = field(default_factory=set)  # to be struck wherever they stand in free text
    fields: set[str] = field(default_factory=set)  # names of fields whose past is struck whole
    stops: Callable[[Collection[str]], bool] = lambda marks: False  # whether marks are of what was taken down

    def strike(self, text: str) -> str:
        """A text without what was taken down."""
        for one in sorted(self.texts, key=len, reverse=True):
            if len(one) >= _SHORTEST:
                text = re.sub(re.escape(one), STRUCK, text, flags=re.IGNORECASE)
        return text


def strike_history(gone: Gone) -> None:
    """Redact everything that is stored about these records' past, in the caller's transaction."""
    ids = sorted(gone.ids)
    now = timezone.now().isoformat()
    for event in Event.objects.filter(Q(entity__in=ids) | Q(other__in=ids)).order_by("pk"):
        before, after = _struck_event(event.before or {}, gone), _struck_event(event.after or {}, gone)
        reason = gone.strike(event.reason)
        if (before, after, reason) != (event.before, event.after, event.reason):
            Event.objects.filter(pk=event.pk).update(before=before, after={**after, MARK: now}, reason=reason)
    for model, one, other in ((Merge, "survivor", "absorbed"), (Split, "source", "target")):
        rows = model.objects.filter(Q(**{f"{one}__in": ids}) | Q(**{f"{other}__in": ids}))
        for row in rows.select_related(one).order_by("pk"):
            inverse, reason = _struck_inverse(row.inverse, gone), gone.strike(row.reason)
            for name in row.inverse.get("values", {}).keys() - inverse.get("values", {}).keys():
                # As if the merge had left it so: that it was taken down is no later edit that an undo asks about.
                inverse["values"][name] = value_of(row.survivor, name)
            if (inverse, reason) != (row.inverse, row.reason):
                model.objects.filter(pk=row.pk).update(inverse=inverse, reason=reason)
    for verdicts in (Judgement.objects.filter(Q(a__in=ids) | Q(b__in=ids)), Dismissal.objects.filter(entity__in=ids)):
        for row in verdicts.exclude(reason=""):
            if (reason := gone.strike(row.reason)) != row.reason:
                type(row).objects.filter(pk=row.pk).update(reason=reason)
    _forget_signs(ids)
    for row in Takedown.objects.filter(entity__in=ids):
        reason, lifted = gone.strike(row.reason), gone.strike(row.lift_reason)
        if (reason, lifted) != (row.reason, row.lift_reason):
            Takedown.objects.filter(pk=row.pk).update(reason=reason, lift_reason=lifted)
    # Why two records looked alike is found anew whenever it is asked.
    DuplicateSuggestion.objects.filter(Q(a__in=ids) | Q(b__in=ids)).update(reasons=[])
    forget_answers(Entity.objects.filter(pk__in=ids).values_list("public_id", flat=True))


def _forget_signs(ids: Collection[int]) -> None:
    """Empty what the radar's digests say: a year of birth is guessed from one by trying them all."""
    Dismissal.objects.filter(entity__in=ids).update(signs=[])


def forget_answers(public_ids: Iterable[str]) -> None:
    """Empty the stored answers to requests that were to be safe to repeat, where they tell of these records."""
    for public_id in public_ids:
        IdempotentRequest.objects.filter(body__contains=public_id).update(body="")


def _struck_event(said: dict, gone: Gone) -> dict:
    kept = {}
    for name, value in said.items():
        if name in gone.fields or name == "attributes" and any(one.startswith("attributes.") for one in gone.fields):
            continue
        if name in _FACTS and isinstance(value, dict) and gone.stops(_fact_marks(name, value)):
            kept[name] = {}
        elif name == "name" and isinstance(value, str) and gone.stops(blocks.alias_marks(value)):
            continue
        else:
            kept[name] = _struck(value, gone)
    return kept


def _fact_marks(sort: str, said: dict) -> Collection[str]:
    """The marks of a fact as an event tells it."""
    if sort == "alias":
        return blocks.alias_marks(str(said.get("name", "")))
    if sort == "identifier":
        return blocks.identifier_marks(str(said.get("scheme", "")), str(said.get("value", "")))
    if sort == "term":
        return blocks.term_marks(str(said.get("title", "")), str(said.get("start", "")), str(said.get("end", "")))
    target = said.get("target_id")
    ids = Entity.objects.filter(pk=target).values_list("public_id", flat=True) if target else ()
    texts = [str(said.get("target_text", ""))]
    return blocks.relation_marks(str(said.get("type", "")), ids=ids, texts=texts, start=str(said.get("start", "")))


def _struck(value, gone: Gone):
    if isinstance(value, str):
        return gone.strike(value)
    if isinstance(value, list):
        return [_struck(one, gone) for one in value]
    if isinstance(value, dict):
        return {key: _struck(one, gone) for key, one in value.items()}
    return value


def _struck_inverse(inverse: dict, gone: Gone) -> dict:
    kept = {}
    for name, value in inverse.items():
        if name in ("changes", "undo"):
            kept[name] = _struck_changes(value, gone)
        elif name == "earlier":
            kept[name] = [_struck_inverse(one, gone) for one in value]
        elif name in ("twins", "undo_twins"):
            kept[name] = {
                place: pk
                for place, pk in value.items()
                if not {_place(place), (place.partition(":")[0], pk)} & gone.rows
            }
        elif name == "said":
            kept[name] = {place: mark for place, mark in value.items() if _place(place) not in gone.rows}
        elif name in ("values", "before"):
            kept[name] = _struck_values(value, gone)
        elif name == "in_spite_of":
            kept[name] = [gone.strike(text) for text in value] if not gone.fields else []
        else:
            kept[name] = value
    return kept


def _place(text: str) -> tuple[str, int]:
    label, _, pk = text.partition(":")
    return label, int(pk)


def _struck_values(values: dict, gone: Gone) -> dict:
    kept = {}
    for name, value in values.items():
        if not _is_struck(name, value, gone):
            kept[name] = _struck(value, gone)
    return kept


def _is_struck(name: str, value, gone: Gone) -> bool:
    """Whether a field's value, as a journal has it, is what was taken down."""
    if name == "name":
        return isinstance(value, str) and gone.stops(blocks.alias_marks(value))
    return name in gone.fields and gone.stops(blocks.field_marks(name, value))


def _struck_changes(changes: list[dict], gone: Gone) -> list[dict]:
    kept = []
    for change in changes:
        pks = [pk for pk in change["pks"] if (change["model"], pk) not in gone.rows]
        if not pks:
            continue
        old, new = change["old"], change["new"]
        if change["model"] == "entities.entity" and old and new:
            names = [name for name in new if not any(_is_struck(name, said.get(name), gone) for said in (old, new))]
            old, new = {name: old[name] for name in names if name in old}, {name: new[name] for name in names}
            if "summary" in new:
                # Made from the facts as they were. Never equal to what stands, so that it is made anew, not restored.
                old["summary"] = new["summary"] = STRUCK
            if not new:
                continue
        kept.append({**change, "pks": pks, "old": _struck(old, gone), "new": _struck(new, gone)})
    return kept


# --- A whole record --------------------------------------------------------------------------------------------------
def empty_history(ids: Collection[int]) -> None:
    """Leave of the history of records nothing but what was done, when and by whom."""
    now = timezone.now().isoformat()
    concerned = Q(entity__in=ids) | Q(other__in=ids)
    for event in Event.objects.filter(concerned).order_by("pk"):
        kept = {name: value for name, value in (event.after or {}).items() if name in _STRUCTURE}
        reason = event.reason if event.type == Event.Type.TAKEN_DOWN else ""
        Event.objects.filter(pk=event.pk).update(before={}, after={**kept, MARK: now}, reason=reason)
    for model, one, other in ((Merge, "survivor", "absorbed"), (Split, "source", "target")):
        for row in model.objects.filter(Q(**{f"{one}__in": ids}) | Q(**{f"{other}__in": ids})):
            model.objects.filter(pk=row.pk).update(inverse=_skeleton(row.inverse), reason="")
    Judgement.objects.filter(Q(a__in=ids) | Q(b__in=ids)).update(reason="")
    Dismissal.objects.filter(entity__in=ids).update(reason="")
    _forget_signs(ids)
    DuplicateSuggestion.objects.filter(Q(a__in=ids) | Q(b__in=ids)).delete()
    forget_answers(Entity.objects.filter(pk__in=ids).values_list("public_id", flat=True))


def _skeleton(inverse: dict) -> dict:
    kept: dict = {"twins": {}, "fields": {}, "in_spite_of": [], "said": {}, "values": {}, "before": {}}
    for name, value in inverse.items():
        if name in ("changes", "undo"):
            kept[name] = [
                {
                    **change,
                    "old": {"merged_into_id": change["old"]["merged_into_id"]},
                    "new": {"merged_into_id": change["new"]["merged_into_id"]},
                }
                for change in value
                if change["model"] == "entities.entity" and change["old"] and "merged_into_id" in (change["new"] or {})
            ]
        elif name == "earlier":
            kept[name] = [_skeleton(one) for one in value]
        elif name in ("event", "undo_event", "last", "together", "chosen"):
            kept[name] = value
    return kept
