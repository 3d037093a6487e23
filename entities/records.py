"""Rows → ``RecordView``: canonical records as the pure core sees them, many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from entities.matching.types import AliasType, Kind, Name, RecordView, Term
from entities.models import Alias, Entity, Identifier, Relation
from entities.models import Term as TermRow

_CHUNK = 2_000


def load_views(ids: Iterable[int]) -> dict[int, RecordView]:
    """Records by id, in five queries for every 2,000 of them; unknown ids are absent, withdrawn facts left out."""
    wanted = list(dict.fromkeys(ids))
    views: dict[int, RecordView] = {}
    for start in range(0, len(wanted), _CHUNK):
        views.update(_load(wanted[start : start + _CHUNK]))
    return views


def all_views(kinds: Iterable[str] | None = None) -> Iterator[RecordView]:
    """Every live record, in id order, in bounded memory."""
    rows = Entity.objects.current()
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    last = 0
    while ids := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_CHUNK]):
        yield from _load(ids).values()
        last = ids[-1]


def _load(ids: list[int]) -> dict[int, RecordView]:
    names: dict[int, list[Name]] = defaultdict(list)
    for entity, name, type_, lang, weak, start, end in (
        Alias.objects.in_use().filter(entity__in=ids).order_by("pk")
        .values_list("entity_id", "name", "type", "lang", "is_weak", "valid_from", "valid_to")
    ):  # fmt: skip
        names[entity].append(Name(name, AliasType(type_), lang or None, weak, start or None, end or None))
    identifiers: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for entity, scheme, value in (
        Identifier.objects.in_use().filter(entity__in=ids).order_by("pk").values_list("entity_id", "scheme", "value")
    ):
        identifiers[entity].append((scheme, value))
    terms: dict[int, list[Term]] = defaultdict(list)
    for entity, title, state, organization, start, end, as_of, state_name, organization_name, text, org_text in (
        TermRow.objects.in_use().filter(entity__in=ids).order_by("start", "pk")
        .values_list(
            "entity_id", "title", "state_id", "organization_id", "start", "end", "as_of", "state__name",
            "organization__name", "state_text", "organization_text",
        )
    ):  # fmt: skip
        place = organization_name or org_text or state_name or text or ""
        terms[entity].append(Term(title, state, organization, start or None, end or None, as_of or None, place))
    ties: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for entity, type_, target in (
        Relation.objects.in_use().filter(entity__in=ids, target__isnull=False).order_by("pk")
        .values_list("entity_id", "type", "target_id")
    ):  # fmt: skip
        ties[entity][type_].append(target)
    views = {}
    for entity in Entity.objects.filter(pk__in=ids):
        own = names[entity.pk]
        main = next((n for n in own if n.text == entity.name and not n.is_sense), Name(entity.name))
        tied = ties[entity.pk]
        views[entity.pk] = RecordView(
            id=entity.pk,
            kind=Kind(entity.kind),
            name=entity.name,
            key=entity.public_id,
            names=(main, *(name for name in own if name is not main)),
            description=entity.description or entity.summary,
            valid_from=entity.valid_from or None,
            valid_to=entity.valid_to or None,
            states=tuple(tied[Relation.Type.STATE]),
            terms=tuple(terms[entity.pk]),
            parties=tuple(tied[Relation.Type.PARTY]),
            members=tuple(tied[Relation.Type.MEMBER]),
            successors=tuple(tied[Relation.Type.SUCCESSOR]),
            signed=entity.signed or None,
            subtype=entity.subtype,
            prominence=entity.prominence,
            identifiers=tuple(identifiers[entity.pk]),
        )
    return {id_: views[id_] for id_ in ids if id_ in views}
