"""What happened to a record, in words; and what it was on a past day.

The past is found by walking back from today: each event says what it left and what was there before, each merge and
split has its journal. Nothing is stored twice for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.apps import apps
from django.db.models import Q, QuerySet

from entities.journal import AT_ONCE, rows_of, snapshot
from entities.matching.types import Kind
from entities.models import Alias, Entity, Event, Identifier, Judgement, Merge, Relation, Source, Split, Term
from entities.reading import BOUNDS, span_in_words

FIELDS = (
    "name", "description", "valid_from", "valid_to", "prominence", "subtype", "capital", "signed", "in_force",
    "attributes",
)  # fmt: skip
_FACTS = {"alias": Alias, "identifier": Identifier, "term": Term, "relation": Relation}
_WORDS = {
    "in_force": "the entry into force", "alias": "a name",
    "identifier": "an identifier", "term": "an office", "relation": "a tie",
}  # fmt: skip


_SHOWN_CHARS = 200


#: Of an event: which operation it was, and what was struck from it.
_MARKS = {"merge", "split", "undone", "again", "takedown", "sort", "field", "redacted", "sent", "kept", "dropped"}
#: Of an undo: what was written since the merge and where it went, by the key of the choice. What it said is not among it.
_SENT = ("sent", "kept", "dropped")
_UNTOLD = {"id", "entity_id", "origin_id", "key", "script", "created_at", "withdrawn_at"}  # of a fact
_REFERENCES = ("state_id", "organization_id", "target_id")
_VERDICTS = {
    Judgement.Verdict.SAME: "{} and {} are one and the same",
    Judgement.Verdict.DIFFERENT: "{} and {} are two, not one",
    Judgement.Verdict.UNSURE: "nobody can tell whether {} and {} are one",
}


# --- In words --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, from the point of view of the record whose history it stands in."""

    event_id: int
    when: datetime
    who: str
    what: str
    why: str
    type: str
    other: Entity | None = None
    merge_id: int | None = None
    split_id: int | None = None
    changes: tuple[tuple[str, str, str], ...] = ()  # what, before, after
    moved: tuple[str, ...] = ()  # what was written since a merge, and where its undo sent it


@dataclass(slots=True)
class _Referred:
    """What events name by key alone."""

    records: dict[int, str] = field(default_factory=dict)  # their names
    sources: dict[int, str] = field(default_factory=dict)
    facts: dict[str, dict] = field(default_factory=dict)  # what they say now, by "entities.alias:12"


def history_of(entity: Entity, *, limit: int | None = 200) -> list[Line]:
    """Everything that happened to a record, and to those merged into it before they were; the latest first."""
    return lines_of(_events_of(entity)[:limit], entity)


class Lines(Sequence):
    """The same, page by page, for a paginator."""

    def __init__(self, entity: Entity):
        self.entity, self._events = entity, _events_of(entity)

    def __len__(self) -> int:
        return self._events.count()

    def __getitem__(self, wanted):
        if isinstance(wanted, slice):
            return lines_of(self._events[wanted], self.entity)
        return lines_of([self._events[wanted]], self.entity)[0]


def _events_of(entity: Entity) -> QuerySet[Event]:
    ids = [entity.pk, *Entity.objects.filter(merged_into=entity.pk).values_list("pk", flat=True)]
    return (
        Event.objects.filter(Q(entity__in=ids) | Q(other__in=ids))
        .select_related("actor", "entity", "other")
        .order_by("-pk")
    )


def lines_of(events: Iterable[Event], about: Entity) -> list[Line]:
    """Events of a record's history as lines; their actors and both their records are loaded.

    What they name by key is loaded here, in a fixed number of queries, and in none where nothing is.
    """
    events = list(events)
    referred = _referred(events)
    return [_line(event, about, referred) for event in events]


def _line(event: Event, about: Entity, referred: _Referred) -> Line:
    who = str(event.actor) if event.actor_id else "the program"
    other = event.other if event.entity_id == about.pk else event.entity
    before, after = event.before or {}, event.after or {}
    # The fields of a merge, or of its undo, are the survivor's: in the other one's history they would read as its own.
    is_others = event.other_id == about.pk and event.entity_id != about.pk
    is_said = event.type == Event.Type.JUDGED and event.reason == Event.TAKEN_BACK
    return Line(
        event.pk, event.happened_at, who, in_words(event, about), "" if is_said else event.reason, event.type,
        other if other is not None and other.pk != about.pk else None, after.get("merge"), after.get("split"),
        () if is_others else tuple(_changes(before, after, event.entity.kind, referred)), tuple(_moved(event, about, referred)),
    )  # fmt: skip


def _referred(events: Iterable[Event]) -> _Referred:
    """Everything that these events name by key."""
    found, said, wanted = _Referred(), [], {}
    for event in events:
        for one in (event.before or {}, event.after or {}):
            said += [one[name] for name in _FACTS.keys() & one.keys() if isinstance(one[name], dict)]
        for mark in _SENT:
            for key in (event.after or {}).get(mark, ()):
                label, _, pk = key.partition(":")
                if pk.isdigit():
                    wanted.setdefault(label, set()).add(int(pk))
    for model in _FACTS.values():
        label = model._meta.label_lower
        if pks := wanted.get(label):
            found.facts.update((f"{label}:{row.pk}", snapshot(row)) for row in model.objects.filter(pk__in=pks))
    said += found.facts.values()
    if records := {fact.get(name) for fact in said for name in _REFERENCES} - {None}:
        found.records = dict(Entity.objects.filter(pk__in=records).values_list("pk", "name"))
    if sources := {fact.get("source_id") for fact in said} - {None}:
        found.sources = dict(Source.objects.filter(pk__in=sources).values_list("pk", "name"))
    return found


def _moved(event: Event, about: Entity, referred: _Referred) -> Iterable[str]:
    """Where an undo sent what was written since the merge: to the one that was taken out, from the one that stays."""
    after = event.after or {}
    stays, leaves = (
        "this record" if one is not None and one.pk == about.pk else f"‹{one}›" for one in (event.entity, event.other)
    )
    for mark in _SENT:
        # PostgreSQL keeps the keys of JSON in an order of its own.
        for key in sorted(after.get(mark, ()), key=lambda one: (one.startswith("field:"), len(one), one)):
            what = _sent_in_words(key, event.entity.kind, referred)
            if mark == "dropped":
                yield f"{what}, written since the merge, was dropped"
            elif mark == "kept":
                yield f"{what} came from {leaves} by the merge, was changed since and stayed on {stays}"
            elif event.entity_id == about.pk:
                yield f"{what}, written since the merge, went to {leaves}"
            else:
                yield f"{what}, written since the merge, came from {stays}" + (
                    "" if event.other_id == about.pk else f" to {leaves}"
                )


def _sent_in_words(key: str, kind: str, referred: _Referred) -> str:
    label, _, name = key.partition(":")
    if label == "field":
        word = _field_in_words(name, kind)
        return word[:1].upper() + word[1:]
    word = _WORDS[label.partition(".")[2]]
    fact = referred.facts.get(key)
    if fact is None:  # it was taken down since
        return word[:1].upper() + word[1:]
    return f"The {word.partition(' ')[2]} {_fact_in_words(label.partition('.')[2], fact, referred)}"


def in_words(event: Event, about: Entity | None = None) -> str:
    """A sentence, from the point of view of one record: "‹B› was merged into this record".

    ``event.entity`` and ``event.other`` are loaded. Without ``about`` both records are named.
    """
    subject = "this record" if about is not None and event.entity_id == about.pk else f"‹{event.entity}›"
    other = "this record" if about is not None and event.other_id == about.pk else f"‹{event.other}›"
    after = event.after or {}
    if event.type == Event.Type.MERGED:
        if "split" in after:
            said = f"{other}, which had been split off, came back to {subject}"
        else:
            said = f"{other} was merged into {subject}"
    elif event.type == Event.Type.RESTORED:
        if "split" in after:
            said = f"what {other} had got from {subject} was given back"
        else:
            said = f"{other} was taken out of {subject} again: the merge was undone"
    elif event.type == Event.Type.SPLIT:
        said = f"part of {subject} was sent to {other}" + (" again" if after.get("again") else "")
    elif event.type == Event.Type.JUDGED:
        verdict, before = after.get("verdict", ""), (event.before or {}).get("verdict", "")
        if event.other_id and verdict in _VERDICTS and event.reason == Event.TAKEN_BACK:
            said = f"a later verdict was taken back: {_VERDICTS[verdict].format(subject, other)}, as was said before"
        elif event.other_id and verdict in _VERDICTS:
            said = f"a verdict: {_VERDICTS[verdict].format(subject, other)}"
        elif event.other_id and before in _VERDICTS:
            said = f"taken back: the verdict that {_VERDICTS[before].format(subject, other)}"
        elif event.other_id:
            said = f"{subject} and {other} were judged"
        elif verdict:
            said = f"{subject} was judged to be one, whatever speaks for two"
        else:
            said = f"the word that {subject} is one was taken back"
    elif event.type == Event.Type.CREATED:
        said = f"{subject} was made"
    elif event.type in (Event.Type.TAKEN_DOWN, Event.Type.LIFTED):
        said = _takedown_in_words(subject, event.entity.kind, after, is_lifted=event.type == Event.Type.LIFTED)
    elif "erased" in after:
        told = [_field_in_words(name, event.entity.kind) for name in after["fields"]]
        said = f"{subject} was edited" + (f": {', '.join(told)}" if told else "")
    else:
        said = _edit_in_words(subject, event.entity.kind, event.before or {}, after)
    if "erased" in after:
        said += "; what it said was erased"
    return said[:1].upper() + said[1:]


def _takedown_in_words(subject: str, kind: str, after: dict, *, is_lifted: bool) -> str:
    """What sort of thing it was, and nothing of what it said."""
    sort, name = after.get("sort", ""), str(after.get("field", ""))
    if sort == "record":
        what = subject
    elif sort == "field":
        what = f"{_field_in_words(name, kind)} of {subject}"
    else:
        what = f"{_WORDS.get(sort, sort)} of {subject}"
    return f"the takedown of {what} was lifted" if is_lifted else f"{what} was taken down"


def _field_in_words(name: str, kind: str) -> str:
    """A field or a sort of fact within a sentence; of a person the beginning is “Born”."""
    if name in ("valid_from", "valid_to"):
        return f"“{BOUNDS[Kind(kind)][name == 'valid_to']}”"
    return _WORDS.get(name, f"the {name.removeprefix('attributes.').replace('_', ' ')}")


def _edit_in_words(subject: str, kind: str, before: dict, after: dict) -> str:
    told = []
    for name in sorted({*before, *after}):
        if name in ("source", "key") or before.get(name) == after.get(name):
            continue
        if name == "redacted":
            told.append("what has been taken down since was written")
            continue
        word = _field_in_words(name, kind)
        if name in _FACTS:
            verb = "added" if name not in before else "withdrawn" if name not in after else "changed"
        else:
            verb = (
                "set" if before.get(name) in ("", None) else "cleared" if after.get(name) in ("", None) else "changed"
            )
        told.append(f"{word} was {verb}")
    if not told and "key" in after:
        return f"a row of {after.get('source', 'a source')} was added to {subject}"
    return f"{subject} was edited: {', '.join(told)}" if told else f"{subject} was written anew by its source"


def _changes(before: dict, after: dict, kind: str, referred: _Referred) -> Iterable[tuple[str, str, str]]:
    if "erased" in after:
        return
    for name in sorted({*before, *after} - _MARKS):
        if before.get(name) != after.get(name):
            sides = (_shown(name, said.get(name), referred) for said in (before, after))
            yield _label(name, kind), *sides


def _label(name: str, kind: str) -> str:
    if name in _FACTS:
        return _WORDS[name].partition(" ")[2]
    if name in ("valid_from", "valid_to"):
        return BOUNDS[Kind(kind)][name == "valid_to"]
    return name.removeprefix("attributes.").replace("_", " ")


def _shown(name: str, value, referred: _Referred) -> str:
    if value in (None, "", [], {}):
        return ""
    if name in _FACTS and isinstance(value, dict):
        value = _fact_in_words(name, value, referred)
    elif isinstance(value, dict):
        value = ", ".join(f"{part.replace('_', ' ')}: {said}" for part, said in value.items() if said not in (None, ""))
    elif isinstance(value, list):
        value = "; ".join(_shown("", one, referred) for one in value)
    text = str(value)
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"


def _fact_in_words(sort: str, said: Mapping, referred: _Referred) -> str:
    """A fact as an event tells it: "President of Ruritania, 1990 – 1994"; records and sources by name."""
    told = {name: value for name, value in said.items() if name not in _UNTOLD and value not in (None, "", False)}
    state, organization, target = (referred.records.get(told.pop(name, 0), "") for name in _REFERENCES)
    source = referred.sources.get(told.pop("source_id", 0), "")
    span = span_in_words(told.pop("start", ""), told.pop("end", ""), told.pop("as_of", ""))
    if sort == "alias":
        text = f"“{told.pop('name', '')}”"
    elif sort == "identifier":
        text = f"{told.pop('scheme', '')} {told.pop('value', '')}"
    elif sort == "term":
        at, of = organization or told.pop("organization_text", ""), state or told.pop("state_text", "")
        text = " ".join(filter(None, (told.pop("title", ""), at and f"at {at}", of and f"of {of}")))
    else:
        verb, as_text = Relation(type=told.pop("type", "")).get_type_display(), told.pop("target_text", "")
        text = f"{verb} {target or as_text}"
    more = (
        f"{name.removeprefix('is_').replace('_', ' ')}: {'yes' if value is True else value}"
        for name, value in told.items()
    )
    return ", ".join(filter(None, (text, span, *more, source and f"source: {source}")))


# --- As of a past moment ---------------------------------------------------------------------------------------------
@dataclass(slots=True)
class PastState:
    """What a record was at a moment."""

    existed: bool
    merged_into: int | None = None  # the key of the record that it redirected to then
    fields: dict = field(default_factory=dict)
    aliases: list[dict] = field(default_factory=list)  # stored values of the facts in use, with their "id"
    identifiers: list[dict] = field(default_factory=list)
    terms: list[dict] = field(default_factory=list)
    relations: list[dict] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)  # fields of which the history does not tell any more what they were


def state_at(entity: Entity, moment: datetime) -> PastState:
    """A record as it was at a moment, found by walking back from today."""
    if entity.created_at > moment:
        return PastState(existed=False)
    concerned, events = _since({entity.pk}, moment)
    operations = _operations(events)
    rows = _load(concerned, operations)
    fields = {name: getattr(entity, name) for name in FIELDS}
    merged_into = entity.merged_into_id
    unknown: set[str] = set()
    for event in sorted(events, key=lambda one: -one.pk):
        for changes in operations.get(event.pk, ()):
            merged_into = _walk_back(rows, changes, entity.pk, merged_into)
        if event.entity_id == entity.pk:
            restored = _restored(event.before or {}, event.after or {}, fields)
            fields.update(restored)
            unknown -= restored.keys()
            unknown |= {name.partition(".")[0] for name in event.after.get("fields", ())} & set(FIELDS)
        for name, model in _FACTS.items():
            if name in (event.before or {}) or name in (event.after or {}):
                _unedit(rows, model, event.entity_id, event.before.get(name), event.after.get(name))
    state = PastState(True, merged_into, {**fields, **dict.fromkeys(unknown)}, erased=unknown)
    lists = {
        Alias: state.aliases, Identifier: state.identifiers, Term: state.terms, Relation: state.relations,
    }  # fmt: skip
    at = moment.isoformat()
    for (label, pk), values in sorted(rows.items()):
        if values["entity_id"] != entity.pk or values["created_at"] > at:
            continue
        if values["withdrawn_at"] is None or values["withdrawn_at"] > at:
            lists[apps.get_model(label)].append({"id": pk, **values})
    return state


def _since(ids: set[int], moment: datetime) -> tuple[set[int], list[Event]]:
    """The events after a moment that concern records, or records that these exchanged facts with since."""
    known: dict[int, Event] = {}
    asked: set[int] = set()
    while ids - asked:
        fresh = ids - asked
        asked |= fresh
        for event in Event.objects.filter(Q(entity__in=fresh) | Q(other__in=fresh), happened_at__gt=moment):
            known[event.pk] = event
            if event.type in (Event.Type.MERGED, Event.Type.RESTORED, Event.Type.SPLIT):
                ids = ids | {event.entity_id} | ({event.other_id} if event.other_id else set())
    return ids, list(known.values())


def _operations(events: Iterable[Event]) -> dict[int, list[list[dict]]]:
    """The journals that belong to events."""
    found: dict[int, list[list[dict]]] = {}
    for model, name in ((Merge, "merge"), (Split, "split")):
        ids = {event.after.get(name) for event in events} - {None}
        for inverse in model.objects.filter(pk__in=ids).values_list("inverse", flat=True):
            for one in [*inverse.get("earlier", []), inverse]:
                found.setdefault(one["event"], []).append(one["changes"])
                if "undo" in one:
                    found.setdefault(one["undo_event"], []).append(one["undo"])
    return found


def _load(ids: set[int], operations: dict[int, list[list[dict]]]) -> dict[tuple[str, int], dict]:
    rows: dict[tuple[str, int], dict] = {}
    moved = rows_of(change for journals in operations.values() for changes in journals for change in changes)
    for model in _FACTS.values():
        label = model._meta.label_lower
        for row in model.objects.filter(entity__in=ids):
            rows[label, row.pk] = snapshot(row)
        missing = sorted(pk for pk in moved.get(label, ()) if (label, pk) not in rows)
        for start in range(0, len(missing), AT_ONCE):
            for row in model.objects.filter(pk__in=missing[start : start + AT_ONCE]):
                rows[label, row.pk] = snapshot(row)
    return rows


def _walk_back(
    rows: dict[tuple[str, int], dict], changes: list[dict], entity_id: int, merged_into: int | None
) -> int | None:
    for change in reversed(changes):
        label, old, new = change["model"], change["old"], change["new"]
        if label == "entities.entity":
            if entity_id in change["pks"] and old and "merged_into_id" in old:
                merged_into = old["merged_into_id"]
            continue
        for pk in change["pks"]:
            if new is None:
                rows[label, pk] = dict(old)
            elif old is None:
                rows.pop((label, pk), None)
            elif (label, pk) in rows:
                rows[label, pk].update(old)
    # Rows of other tables (verdicts, links) are no part of a record's state.
    for place in [place for place in rows if place[0] not in {m._meta.label_lower for m in _FACTS.values()}]:
        del rows[place]
    return merged_into


def _restored(before: dict, after: dict, fields: dict) -> dict:
    """Fields as they were before an event: whole ones, and attributes that a merge took one by one."""
    found = {name: before[name] for name in FIELDS if name in before}
    attributes = dict(fields["attributes"])
    for name in {*before, *after}:
        if name.startswith("attributes."):
            part = name.removeprefix("attributes.")
            attributes.pop(part, None)
            if before.get(name) is not None:
                attributes[part] = before[name]
            found["attributes"] = attributes
    return found


def _unedit(rows: dict, model, entity_id: int, before: dict | None, after: dict | None) -> None:
    """Take back the edit of one fact; which one it was, its content tells."""
    if not before or not after:
        return  # added or withdrawn: its own times say so
    label = model._meta.label_lower
    for (row_label, _), values in rows.items():
        if row_label != label or values["entity_id"] != entity_id:
            continue
        if all(values.get(name) == value for name, value in after.items()):
            for name in after:
                values[name] = model._meta.get_field(name).get_default()
            values.update(before)
            return
