"""What was taken down and may not come back: how it is known again, and whom it concerns.

A takedown keeps no content, only salted digests of *marks*: texts that say the same for everything that would bring the
content back (a name in any case and spelling of accents, a date in any precision). Whoever writes facts makes the marks
of what is about to be written and asks whether one of them is stopped.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Max, Q, QuerySet

from entities.importers.rows import ImportRow
from entities.matching.normalize import name_key
from entities.matching.types import SENSE_TYPES
from entities.models import (
    DATE_FIELDS,
    Alias,
    Entity,
    Event,
    Fact,
    Identifier,
    Merge,
    Relation,
    SourceRecord,
    Split,
    Takedown,
    Term,
)

_CHUNK = 500
Marks = frozenset[str]


# --- Marks: plain text in, plain text out ----------------------------------------------------------------------------
def normal(text: object) -> str:
    """A text as it is compared: the key of a name, or what there is where that is empty."""
    text = str(text)
    return name_key(text) or " ".join(text.casefold().split())


def alias_marks(name: str) -> Marks:
    """A name, in whatever language and as whatever sort it comes."""
    return frozenset({f"alias|{normal(name)}", f"alias=|{name}"})


def identifier_marks(scheme: str, value: str) -> Marks:
    """An identifier."""
    return frozenset({f"identifier|{scheme}|{value.strip().casefold()}", f"identifier=|{scheme}|{value}"})


def term_marks(title: str, start: str, end: str = "") -> Marks:
    """An incoming term of office: its title and the year it begins, if that is known."""
    year = start[:4] or "?"
    return frozenset({f"term|{normal(title)}|{year}", f"term|{normal(title)}|*", f"term=|{title}|{start}|{end}"})


def _term_stops(term: Term) -> Marks:
    """What a taken-down term stops: the same year or an unknown one; undated, every one where no other is dated."""
    others = Term.objects.in_use().filter(entity=term.entity_id, title=term.title).exclude(pk=term.pk)
    years = [term.start[:4], "?"] if term.start else ["?"] if others.exclude(start="").exists() else ["*"]
    return frozenset(f"term|{normal(term.title)}|{year}" for year in years) | {
        f"term=|{term.title}|{term.start}|{term.end}"
    }


def relation_marks(type_: str, *, ids: Iterable[str] = (), texts: Iterable[str] = (), start: str = "") -> Marks:
    """A tie to a record, by its ids, or to text."""
    ids, texts = list(ids), [text for text in texts if text]
    return (
        frozenset(f"relation|{type_}|id|{id_}" for id_ in ids)
        | frozenset(f"relation|{type_}|text|{normal(text)}" for text in texts)
        | frozenset(f"relation=|{type_}|{one}|{start}" for one in (*ids, *texts))
    )


def field_marks(name: str, value: object) -> Marks:
    """A field's value; a date in each precision."""
    if value in (None, "", {}, []):
        return frozenset()
    exact = {f"field=|{name}|{value}"}
    if name == "name":
        return alias_marks(str(value)) | exact
    if name in DATE_FIELDS:
        return frozenset(f"field|{name}|{str(value)[:size]}" for size in (4, 7, 10) if len(str(value)) >= size) | exact
    return frozenset({f"field|{name}|{normal(value)}"}) | exact


def exact(marks: Marks) -> Marks:
    """Of marks those that mean these very characters: what a correction stops that is nearly what it was."""
    return frozenset(mark for mark in marks if "=|" in mark.partition("|")[0] + "|")


def record_marks(
    kind: str, *, ids: Iterable[str] = (), keys: Iterable[tuple[str, str]] = (),
    identifiers: Iterable[tuple[str, str]] = (), names: Iterable[str] = (), born: str = "",
) -> Marks:  # fmt: skip
    """An incoming record: by its ids, rows of sources, identifiers, and its name with the year it begins."""
    year = born[:4] or "?"
    found = {f"record|id|{id_}" for id_ in ids}
    for source, key in keys:
        found |= {f"record|row|{source}|{key}", f"record|key|{key}"}
    found |= {f"record|{scheme}|{value.strip().casefold()}" for scheme, value in identifiers}
    for name in names:
        found |= {f"record|{kind}|{normal(name)}|{year}", f"record|{kind}|{normal(name)}|*"}
    return frozenset(found)


def row_marks(row: ImportRow, source_name: str) -> Marks:
    """A row that would make a record. Its key counts with its source: “1” is many sources' key."""
    marks = record_marks(
        row.kind, ids=[row.key, *filter(None, [row.id])], keys=[(source_name, row.key)], identifiers=row.identifiers,
        names=[row.name], born=str(row.fields.get("valid_from") or ""),
    )  # fmt: skip
    return marks - {f"record|key|{row.key}"}


def marks_of(fact: Fact) -> Marks:
    """A stored fact as if it came in."""
    if isinstance(fact, Alias):
        return alias_marks(fact.name)
    if isinstance(fact, Identifier):
        return identifier_marks(fact.scheme, fact.value)
    if isinstance(fact, Term):
        return term_marks(fact.title, fact.start, fact.end)
    assert isinstance(fact, Relation)
    ids = _ids_of(fact.target_id) if fact.target_id is not None else ()
    return relation_marks(fact.type, ids=ids, texts=[fact.target_text], start=fact.start)


def stops_of(fact: Fact) -> Marks:
    """What taking a stored fact down stops: every form in which it may come again."""
    if isinstance(fact, Term):
        return _term_stops(fact)
    if isinstance(fact, Relation) and fact.target_id is not None:
        target = Entity.objects.get(pk=fact.target_id)
        everyone = [target.pk, *Entity.objects.filter(merged_into=target.pk).values_list("pk", flat=True)]
        texts = {target.name, fact.target_text}
        texts.update(SourceRecord.objects.filter(entity__in=everyone).values_list("key", flat=True))
        texts.update(
            Identifier.objects.filter(entity__in=everyone, scheme__in=("wikidata", "iso2", "iso3", "code")).values_list(
                "value", flat=True
            )
        )
        return relation_marks(fact.type, ids=_ids_of(target.pk), texts=texts, start=fact.start)
    return marks_of(fact)


def _ids_of(pk: int) -> list[str]:
    """The public ids that lead to a record: its own and those merged into it."""
    return list(Entity.objects.filter(Q(pk=pk) | Q(merged_into=pk)).values_list("public_id", flat=True))


# --- Digests ---------------------------------------------------------------------------------------------------------
def digest(salt: str, mark: str) -> str:
    """A mark's digest: keyed, so that a list of digests tells nothing without the salt beside it."""
    return hashlib.blake2b(mark.encode("utf-8", "surrogatepass"), key=salt.encode(), digest_size=16).hexdigest()


def site_salt() -> str:
    """The salt of this database's takedowns: one for all, so that a row is digested once however many there are."""
    return Takedown.objects.order_by("pk").values_list("salt", flat=True).first() or secrets.token_hex(16)


@dataclass(slots=True)
class Blocks:
    """What may not be said, by salt; and the fields that only a person sets."""

    digests: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    fields: set[str] = field(default_factory=set)

    def add(self, takedown: Takedown) -> None:
        """Take one in."""
        self.digests[takedown.salt].update(takedown.digests)
        if takedown.field:
            self.fields.add(takedown.field)

    def join(self, other: Blocks) -> None:
        """Take in all that another one stops."""
        for salt, digests in other.digests.items():
            self.digests[salt] |= digests
        self.fields |= other.fields

    def stop(self, marks: Iterable[str]) -> bool:
        """Whether one of the marks was taken down."""
        return any(digest(salt, mark) in digests for salt, digests in self.digests.items() for mark in marks)


NOTHING = Blocks()


# --- Whom it concerns ------------------------------------------------------------------------------------------------
def related(ids: Collection[int]) -> dict[int, int]:
    """Records by what they were ever one with: each record's group, named by its smallest key.

    Merges and splits, undone ones too, tie records together: what was taken off one of them stays off all of them, in
    whichever way they are put together or taken apart.
    """
    group = {pk: pk for pk in ids}

    def find(pk: int) -> int:
        while group.setdefault(pk, pk) != pk:
            group[pk] = group[group[pk]]
            pk = group[pk]
        return pk

    todo, seen = set(ids), set()
    while todo:
        some = sorted(todo)[:_CHUNK]
        todo -= set(some)
        seen |= set(some)
        pairs = [
            *Merge.objects.filter(Q(survivor__in=some) | Q(absorbed__in=some)).values_list(
                "survivor_id", "absorbed_id"
            ),
            *Split.objects.filter(Q(source__in=some) | Q(target__in=some)).values_list("source_id", "target_id"),
            *Entity.objects.filter(Q(pk__in=some) | Q(merged_into__in=some), merged_into__isnull=False).values_list(
                "merged_into_id", "pk"
            ),
        ]
        for one, other in pairs:
            a, b = find(one), find(other)
            group[max(a, b)] = min(a, b)
            todo |= {one, other} - seen
    return {pk: find(pk) for pk in group}


def standing() -> QuerySet[Takedown]:
    """Takedowns of facts and fields that were not lifted."""
    return Takedown.objects.filter(lifted_at=None).exclude(sort=Takedown.Sort.RECORD).order_by("pk")


def blocks_by_record(ids: Collection[int] | None = None) -> dict[int, Blocks]:
    """What may not be said of each record that a takedown concerns. One query where nothing was ever taken down.

    Args:
        ids: only these records are asked about, and those related to them.
    """
    if ids is None:
        takedowns = list(standing())
        groups = related({one.entity_id for one in takedowns}) if takedowns else {}
    elif standing().exists():
        groups = related(ids)
        takedowns = list(standing().filter(entity__in=groups))
    else:
        return {}
    by_group: dict[int, Blocks] = {}
    for one in takedowns:
        by_group.setdefault(groups[one.entity_id], Blocks()).add(one)
    return {pk: by_group[group] for pk, group in groups.items() if group in by_group}


def blocks_of(pk: int) -> Blocks:
    """What may not be said of one record."""
    return blocks_by_record({pk}).get(pk, NOTHING)


def held_fields(ids: Collection[int]) -> dict[int, set[str]]:
    """The fields that were taken down from each of these records itself, or one that was merged into it."""
    of_fields = Takedown.objects.filter(lifted_at=None, sort=Takedown.Sort.FIELD)
    if not of_fields.exists():
        return {}
    owner = {pk: pk for pk in ids}
    owner |= dict(Entity.objects.filter(merged_into__in=ids).values_list("pk", "merged_into_id"))
    held: dict[int, set[str]] = defaultdict(set)
    for pk, name in of_fields.filter(entity__in=owner).values_list("entity_id", "field"):
        held[owner[pk]].add(name)
    return held


def _state() -> tuple:
    """Changes with every takedown, lifting, merge and split."""
    told = Takedown.objects.aggregate(last=Max("pk"), lifted=Count("lifted_at"))
    if told["last"] is None:
        return ()
    operations = Event.objects.filter(type__in=[Event.Type.MERGED, Event.Type.RESTORED, Event.Type.SPLIT])
    return told["last"], told["lifted"], operations.aggregate(last=Max("pk"))["last"]


class ImportBlocks:
    """What an import must leave out: of records that are there, of rows that tell of the same ones, of whole rows."""

    def __init__(self) -> None:
        self._state = _state()
        self.by_record = blocks_by_record() if self._state else {}
        self.records = Blocks()
        for one in Takedown.objects.filter(lifted_at=None, sort=Takedown.Sort.RECORD) if self._state else ():
            self.records.add(one)
        self._by_name: dict[tuple[str, str], Blocks] = {}
        self._by_main_name: dict[tuple[str, str], Blocks] = {}
        ordered = sorted(self.by_record)
        for start in range(0, len(ordered), _CHUNK):
            rows = Alias.objects.in_use().filter(entity__in=ordered[start : start + _CHUNK])
            fields = ("entity_id", "entity__kind", "entity__name", "key")
            for pk, kind, name, key in rows.exclude(type__in=SENSE_TYPES).values_list(*fields):
                self._by_name.setdefault((kind, key), Blocks()).join(self.by_record[pk])
                if key == name_key(name):
                    self._by_main_name.setdefault((kind, key), Blocks()).join(self.by_record[pk])

    def __bool__(self) -> bool:
        return bool(self.by_record or self.records.digests)

    def current(self) -> ImportBlocks:
        """The same, or read anew if something was taken down, lifted or merged since: one small query."""
        return self if self._state == _state() else ImportBlocks()

    def holds_back(self, row: ImportRow, source_name: str) -> bool:
        """Whether a row is about a record that was taken down as a whole."""
        return bool(self.records.digests) and self.records.stop(row_marks(row, source_name))

    def holds_back_key(self, key: str) -> bool:
        """Whether a key belonged to a record that was taken down as a whole."""
        return bool(self.records.digests) and self.records.stop({f"record|key|{key}", f"record|id|{key}"})

    def of(self, row: ImportRow, pk: int | None) -> Blocks:
        """What a row may not say of a record; of a new one (None), what was taken off one of the same kind and name."""
        if not self.by_record:
            return NOTHING
        found = Blocks()
        if pk in self.by_record:
            found.join(self.by_record[pk])
        # It tells of the same one if its main name is a name there, or one of its names the main name there.
        named = [self._by_name.get((row.kind, name_key(row.name)))]
        named += [self._by_main_name.get((row.kind, name_key(alias.name))) for alias in row.aliases]
        for blocks in named:
            if blocks is not None:
                found.join(blocks)
        return found if found.digests else NOTHING
