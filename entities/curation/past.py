"""A record as it was, and what a merge took over, as the curators' pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from entities import history
from entities.matching.types import Kind
from entities.models import Alias, Entity, Merge, Relation, Source, Term
from entities.reading import BOUNDS, language_name, span_in_words, value_in_words

_FIELDS = [name for name in history.FIELDS if name != "attributes"]
_LABELS = {"source_id": "Source", "in_force": "In force since", "subtype": "Type or status"}


@dataclass(slots=True)
class StateInWords:
    """A record at a moment: its fields then and now, its facts then with whether they still stand."""

    moment: datetime
    existed: bool
    merged_into: Entity | None = None
    fields: list[tuple[str, str, str]] = field(default_factory=list)  # label, then, now
    facts: list[tuple[str, list[tuple[str, str, bool]]]] = field(default_factory=list)  # title, (text, detail, stands)


def state_in_words(entity: Entity, moment: datetime) -> StateInWords:
    """What a record was at a moment, beside what it is; a fixed number of queries for any number of facts."""
    state = history.state_at(entity, moment)
    if not state.existed:
        return StateInWords(moment, False)
    told = StateInWords(moment, True)
    referred = {state.merged_into}
    for row in (*state.terms, *state.relations):
        referred.update(row.get(name) for name in ("state_id", "organization_id", "target_id"))
    # In one statement: SQLite's in_bulk() takes 999 keys at a time.
    names = {one.pk: one for one in Entity.objects.filter(pk__in=referred - {None})}
    told.merged_into = names.get(state.merged_into)
    attributes = state.fields.get("attributes") or {}
    for name in _FIELDS:
        then, now = value_in_words(name, state.fields.get(name)), value_in_words(name, getattr(entity, name))
        if name in state.erased:
            then = "erased from the history"
        if then or now:
            told.fields.append((label_of(name, entity.kind), then, now))
    for name in sorted({*attributes, *entity.attributes}):
        then, now = value_in_words(name, attributes.get(name)), value_in_words(name, entity.attributes.get(name))
        told.fields.append((label_of(f"attributes.{name}", entity.kind), then, now))
    standing = {
        "aliases": set(entity.aliases.in_use().values_list("pk", flat=True)),
        "identifiers": set(entity.identifiers.in_use().values_list("pk", flat=True)),
        "terms": set(entity.terms.in_use().values_list("pk", flat=True)),
        "relations": set(entity.relations.in_use().values_list("pk", flat=True)),
    }
    for title, sort in (("Names", "aliases"), ("Identifiers", "identifiers"), ("Offices", "terms"),
                        ("Ties", "relations")):  # fmt: skip
        rows = [(*_fact(sort, row, names), row["id"] in standing[sort]) for row in getattr(state, sort)]
        if rows:
            told.facts.append((title, rows))
    return told


def label_of(name: str, kind: str) -> str:
    """A field of a record of this kind in words."""
    if name in ("valid_from", "valid_to"):
        return BOUNDS[Kind(kind)][name == "valid_to"]
    word = name.removeprefix("attributes.").replace("_", " ")
    return _LABELS.get(name, word[:1].upper() + word[1:])


def _fact(sort: str, row: dict, names: dict[int, Entity]) -> tuple[str, str]:
    if sort == "aliases":
        kind = dict(Alias._meta.get_field("type").choices).get(row["type"], row["type"]) if row["type"] else ""
        return row["name"], ", ".join(filter(None, (str(kind), language_name(row["lang"]) if row["lang"] else "")))
    if sort == "identifiers":
        return row["value"], row["scheme"]
    if sort == "terms":
        held_at = names.get(row["organization_id"]) or names.get(row["state_id"])
        where = held_at.name if held_at else row["organization_text"] or row["state_text"]
        when = span_in_words(row["start"], row["end"], row["as_of"])
        return str(Term(title=row["title"])) + (f", {where}" if where else ""), when
    target = names.get(row["target_id"])
    verb = Relation(type=row["type"]).get_type_display()
    return f"{verb} {target.name if target else row['target_text']}", span_in_words(row["start"], row["end"])


def taken_fields(merges: Iterable[Merge]) -> list[tuple[str, str, str]]:
    """Fields whose value the survivor took from an absorbed record: label, before, since."""
    taken = []
    for merge in merges:
        for name, before in merge.inverse.get("before", {}).items():
            since = merge.inverse["values"].get(name)
            if name == "source_id":
                names = Source.objects.in_bulk([pk for pk in (before, since) if pk])
                before, since = (str(names.get(pk, "")) for pk in (before, since))
            taken.append(
                (label_of(name, merge.survivor.kind), value_in_words(name, before), value_in_words(name, since))
            )
    return taken
