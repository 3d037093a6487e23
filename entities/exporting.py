"""Records → Refdesk JSON Lines: what ``import_records`` reads, streamed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator

from entities.models import Entity, Judgement, Relation, SourceRecord

_CHUNK = 500
_LISTS = {
    Relation.Type.STATE: "states", Relation.Type.PARTY: "parties", Relation.Type.SUCCESSOR: "successors",
    Relation.Type.PREDECESSOR: "predecessors",
}  # fmt: skip
_SUBTYPE = {"state": "status", "organization": "org_type", "agreement": "agreement_type"}


def export_rows(kinds: Iterable[str] | None = None) -> Iterator[dict]:
    """Every live record, then redirects and judgements; in key order, so that equal databases export equal bytes."""
    records = Entity.objects.current()
    if kinds is not None:
        records = records.filter(kind__in=list(kinds))
    ids = list(records.values_list("pk", flat=True))
    keys = _Keys()
    ids.sort(key=keys.of)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        rows = {entity.pk: entity for entity in Entity.objects.filter(pk__in=chunk).for_display()}
        for id_ in chunk:
            yield _row(rows[id_], keys)
    if kinds is None:
        yield from _redirects(keys)
        yield from _judgements(keys)


def export_lines(kinds: Iterable[str] | None = None) -> Iterator[str]:
    """The rows as lines of JSON."""
    for row in export_rows(kinds):
        yield json.dumps(row, ensure_ascii=False) + "\n"


class _Keys:
    """The key a record is exported under: its oldest source key, else its public id; one for each record."""

    def __init__(self) -> None:
        self._keys: dict[int, str] = dict(Entity.objects.values_list("pk", "public_id"))
        keyed: set[int] = set()
        used: set[str] = set()
        for entity, key in SourceRecord.objects.order_by("pk").values_list("origin_id", "key"):
            if entity is not None and entity not in keyed and key not in used:
                keyed.add(entity)
                used.add(key)
                self._keys[entity] = key

    def of(self, entity_id: int) -> str:
        return self._keys[entity_id]


def _row(entity: Entity, keys: _Keys) -> dict:
    aliases = [
        {
            "name": alias.name, "lang": alias.lang or None, "type": alias.type or None,
            "quality": "weak" if alias.is_weak else "normal", "valid_from": alias.valid_from or None,
            "valid_to": alias.valid_to or None,
        }
        for alias in entity.aliases.all()
        if (alias.name, alias.lang, alias.type) != (entity.name, "", "")
    ]  # fmt: skip
    identifiers: dict[str, list[str]] = defaultdict(list)
    for identifier in entity.identifiers.all():
        if identifier.scheme != "code":  # told again by the state's own entry of ``states``
            identifiers[identifier.scheme].append(identifier.value)
    row = {
        "key": keys.of(entity.pk),
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
    lists: dict[str, list] = defaultdict(list)
    for relation in entity.relations.all():
        target = keys.of(relation.target_id) if relation.target_id else relation.target_text
        if relation.type in _LISTS:
            lists[_LISTS[relation.type]].append(target)
        elif relation.type == Relation.Type.PARENT:
            row["parent"] = target
        else:
            lists["members"].append({"record": target, "from": relation.start or None, "to": relation.end or None})
    code = next((i.value for i in entity.identifiers.all() if i.scheme == "code"), None)
    if code is not None and code not in lists["states"]:
        lists["states"].insert(0, code)
    row.update({name: values for name, values in lists.items() if values})
    roles = [
        {
            "title": term.title,
            "state": keys.of(term.state_id) if term.state_id else term.state_text or None,
            "org": keys.of(term.organization_id) if term.organization_id else term.organization_text or None,
            "from": term.start or None,
            "to": term.end or None,
            **({"as_of": term.as_of} if term.as_of else {}),
        }
        for term in entity.terms.all()
    ]
    if roles:
        row["roles"] = roles
    if entity.subtype and entity.kind in _SUBTYPE:
        row[_SUBTYPE[entity.kind]] = entity.subtype
    for name in ("capital", "signed", "in_force"):
        if getattr(entity, name):
            row[name] = getattr(entity, name)
    if entity.attributes:
        row["attributes"] = entity.attributes
    return row


def _redirects(keys: _Keys) -> Iterator[dict]:
    found = Entity.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into_id")
    rows = [{"kind": "redirect", "key": keys.of(pk), "to": keys.of(into)} for pk, into in found]
    yield from sorted(rows, key=lambda row: row["key"])


def _judgements(keys: _Keys) -> Iterator[dict]:
    rows = []
    for judgement in Judgement.objects.filter(superseded_at=None).select_related("actor"):
        a, b = sorted((keys.of(judgement.a_id), keys.of(judgement.b_id)))
        by = judgement.by_text or (judgement.actor.get_username() if judgement.actor else "")
        rows.append(
            {"kind": "judgement", "a": a, "b": b, "verdict": judgement.verdict, "by": by,
             "at": judgement.judged_at.isoformat(), "reason": judgement.reason}
        )  # fmt: skip
    yield from sorted(rows, key=lambda row: (row["a"], row["b"]))
