"""Records → Refdesk JSON Lines (docs/records.md): what ``import_records`` reads."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import islice

from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest, Least

from entities.exporting.pages import PAGE, pages
from entities.models import Entity, Judgement, Relation, SourceRecord

_LISTS = {
    Relation.Type.STATE: "states", Relation.Type.PARTY: "parties", Relation.Type.SUCCESSOR: "successors",
    Relation.Type.PREDECESSOR: "predecessors", Relation.Type.MEMBER: "members", Relation.Type.PARENT: "parent",
}  # fmt: skip
_SUBTYPE = {"state": "status", "organization": "org_type", "agreement": "agreement_type"}


def lines(records: QuerySet[Entity], is_whole: bool) -> Iterator[str]:
    """The rows as lines of JSON."""
    for row in rows(records, is_whole):
        yield json.dumps(row, ensure_ascii=False) + "\n"


def rows(records: QuerySet[Entity], is_whole: bool) -> Iterator[dict]:
    """Every record, then, of the whole database, redirects and judgements."""
    keys = Keys()
    for page in pages(records):
        keys.load({entity.pk for entity in page} | {pk for entity in page for pk in _referred(entity)})
        for entity in page:
            yield row_of(entity, keys)
    if is_whole:
        yield from _redirects(keys)
        yield from _judgements(keys)


def _referred(entity: Entity) -> Iterator[int]:
    for relation in entity.relations.all():
        if relation.target_id is not None:
            yield relation.target_id
    for term in entity.terms.all():
        yield from (pk for pk in (term.state_id, term.organization_id) if pk is not None)


class Keys:
    """The key a record is exported under: its oldest source key, unless an older row has it; else its public id."""

    def __init__(self) -> None:
        self._keys: dict[int, str] = {}

    def load(self, ids: Collection[int]) -> None:
        """Read the keys of records, in place of those read before."""
        self._keys = {}
        ordered = sorted(ids)
        for start in range(0, len(ordered), PAGE):
            some = ordered[start : start + PAGE]
            self._keys.update(Entity.objects.filter(pk__in=some).values_list("pk", "public_id"))
            oldest: dict[int, tuple[int, str]] = {}
            for pk, origin, key in (
                SourceRecord.objects.filter(origin__in=some).order_by("pk").values_list("pk", "origin_id", "key")
            ):
                oldest.setdefault(origin, (pk, key))
            first: dict[str, int] = {}
            named = {key for _, key in oldest.values()}
            for pk, key in SourceRecord.objects.filter(key__in=named).order_by("pk").values_list("pk", "key"):
                first.setdefault(key, pk)
            self._keys.update({origin: key for origin, (pk, key) in oldest.items() if first[key] == pk})

    def of(self, entity_id: int) -> str:
        """The key of a record that was loaded."""
        return self._keys[entity_id]


def row_of(entity: Entity, keys: Keys) -> dict:
    """One record, loaded for display."""
    aliases = [
        {
            "name": alias.name, "lang": alias.lang or None, "type": alias.type or None,
            "quality": "weak" if alias.is_weak else "normal", "valid_from": alias.valid_from or None,
            "valid_to": alias.valid_to or None,
        }
        for alias in sorted(entity.aliases.all(), key=lambda alias: alias.pk)
        if (alias.name, alias.lang, alias.type) != (entity.name, "", "")
    ]  # fmt: skip
    identifiers: dict[str, list[str]] = defaultdict(list)
    for identifier in sorted(entity.identifiers.all(), key=lambda one: (one.scheme, one.value, one.pk)):
        identifiers[identifier.scheme].append(identifier.value)
    row: dict = {
        "key": keys.of(entity.pk),
        "id": entity.public_id,
        "kind": entity.kind,
        "name": entity.name,
        "aliases": aliases,
        "description": entity.description or None,
        "valid_from": entity.valid_from or None,
        "valid_to": entity.valid_to or None,
        "identifiers": {scheme: values[0] if len(values) == 1 else values for scheme, values in identifiers.items()},
        "prominence": entity.prominence,
        "source": entity.source.name if entity.source else None,
        "source_licence": (entity.source.licence or None) if entity.source else None,
    }
    ties: dict[str, list] = defaultdict(list)
    for relation in sorted(entity.relations.all(), key=lambda one: one.pk):
        target = keys.of(relation.target_id) if relation.target_id else relation.target_text
        dated = relation.start or relation.end or relation.type == Relation.Type.MEMBER
        tie = {"record": target, "from": relation.start or None, "to": relation.end or None} if dated else target
        ties[_LISTS[Relation.Type(relation.type)]].append(tie)
    code = next((i.value for i in entity.identifiers.all() if i.scheme == "code"), None)
    if code is not None and code not in ties["states"]:
        ties["states"].insert(0, code)
    row.update({name: ties[name] for name in _LISTS.values() if ties[name]})
    if len(ties["parent"]) == 1:
        [row["parent"]] = ties["parent"]
    roles = [
        {
            "title": term.title,
            "state": keys.of(term.state_id) if term.state_id else term.state_text or None,
            "org": keys.of(term.organization_id) if term.organization_id else term.organization_text or None,
            "from": term.start or None,
            "to": term.end or None,
            **({"as_of": term.as_of} if term.as_of else {}),
        }
        for term in sorted(entity.terms.all(), key=lambda term: (term.start, term.pk))
    ]
    if roles:
        row["roles"] = roles
    if entity.subtype and entity.kind in _SUBTYPE:
        row[_SUBTYPE[entity.kind]] = entity.subtype
    for name in ("capital", "signed", "in_force"):
        if getattr(entity, name):
            row[name] = getattr(entity, name)
    if entity.attributes:
        row["attributes"] = {name: entity.attributes[name] for name in sorted(entity.attributes)}
    if entity.curated_fields:
        row["curated"] = sorted(entity.curated_fields)
    return row


def _redirects(keys: Keys) -> Iterator[dict]:
    merged = Entity.objects.filter(merged_into__isnull=False, suppressed_at=None)
    last = ""
    while page := list(merged.filter(public_id__gt=last).order_by("public_id")[:PAGE]):
        keys.load({one.pk for one in page} | {one.merged_into_id for one in page})
        for one in page:
            yield {
                "kind": "redirect", "key": keys.of(one.pk), "to": keys.of(one.merged_into_id), "id": one.public_id,
                "name": one.name,
            }  # fmt: skip
        last = page[-1].public_id


def _judgements(keys: Keys) -> Iterator[dict]:
    """By the ids of their pairs."""
    live = Judgement.objects.filter(superseded_at=None).exclude(
        Q(a__suppressed_at__isnull=False) | Q(b__suppressed_at__isnull=False)
    )
    ordered = live.annotate(
        lesser=Least("a__public_id", "b__public_id"), greater=Greatest("a__public_id", "b__public_id")
    ).order_by("lesser", "greater", "pk")
    numbers = ordered.values_list("pk", flat=True).iterator(chunk_size=PAGE)
    while some := list(islice(numbers, PAGE)):
        found = Judgement.objects.select_related("actor").in_bulk(some)
        keys.load({pk for one in found.values() for pk in (one.a_id, one.b_id)})
        for pk in some:
            one = found[pk]
            a, b = sorted((keys.of(one.a_id), keys.of(one.b_id)))
            yield {
                "kind": "judgement", "a": a, "b": b, "verdict": one.verdict,
                "by": one.by_text or (one.actor.get_username() if one.actor else ""), "at": one.judged_at.isoformat(),
                "reason": one.reason,
            }  # fmt: skip
