"""What a split may send away: the facts of a record, sort by sort, and what other apps hang on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.http import QueryDict

from entities import merging
from entities.curation.comparing import fact_in_words
from entities.journal import rows_of
from entities.models import Alias, Entity, Identifier, Relation, SourceRecord, Split, Term
from entities.signals import parts_asked

SHOWN = 2_000  # rows of one sort; only beyond that they are counted by a query of their own
MENTIONS = 100
#: The sorts a split sends, in the order shown, and their titles.
SORTS = {
    "aliases": "Names",
    "identifiers": "Identifiers",
    "terms": "Offices",
    "relations": "Ties",
    "incoming_relations": "Ties of others to it",
    "terms_at_state": "Offices of others in it",
    "terms_at_organization": "Offices of others at it",
    "source_records": "Rows of sources that feed it",
    "redirects": "Ids merged into it",
}
_WORDS = {
    "entities.alias": "names", "entities.identifier": "identifiers", "entities.term": "offices",
    "entities.relation": "ties", "entities.sourcerecord": "rows of sources", "entities.entity": "ids merged before",
    "articles.link": "mentions",
}  # fmt: skip


@dataclass(slots=True)
class Choice:
    """One row that may go."""

    pk: int
    text: str
    detail: str
    source: str = ""
    is_chosen: bool = False
    html: str = ""  # a sentence with its mention marked, safe
    stays: str = ""  # why it is not ticked along with the rest


@dataclass(slots=True)
class Part:
    """Rows of one sort; ``many`` are groups that may go as a whole: a surface form and its number of mentions."""

    sort: str
    title: str
    rows: list[Choice] = field(default_factory=list)
    total: int = 0
    many: list[tuple[str, int, bool]] = field(default_factory=list)

    @property
    def more(self) -> int:
        """Rows that are not shown."""
        return max(0, self.total - len(self.rows))


def chosen_rows(asked: QueryDict) -> dict[str, list[int]]:
    """What was ticked, by sort."""
    found = {}
    for sort in (*SORTS, "mentions"):
        pks = [int(text) for text in asked.getlist(sort) if text.isascii() and text.isdigit() and len(text) < 16]
        if pks:
            found[sort] = sorted(set(pks))
    return found


def former_records(source: Entity) -> list[Entity]:
    """Records that were merged into one: what came with each is offered as a whole."""
    return list(Entity.objects.filter(merged_into=source.pk).order_by("pk")[:100])


def parts_of(
    source: Entity, chosen: Mapping[str, Sequence[int]], *, came_with: int = 0, mentions_like: str = ""
) -> list[Part]:
    """Every sort of row that a record has, in a fixed number of queries.

    Args:
        came_with: tick what was first entered on this record, which was merged into ``source``.
        mentions_like: show mentions whose words or article hold this.
    """
    ties = Relation.objects.in_use().select_related("source", "entity", "target")
    offices = Term.objects.in_use().select_related("source", "entity", "state", "organization")
    found = {
        "aliases": source.aliases.in_use().select_related("source"),
        "identifiers": source.identifiers.in_use().select_related("source"),
        "terms": offices.filter(entity=source.pk),
        "relations": ties.filter(entity=source.pk),
        "incoming_relations": ties.filter(target=source.pk),
        "terms_at_state": offices.filter(state=source.pk),
        "terms_at_organization": offices.filter(organization=source.pk),
        "source_records": SourceRecord.objects.filter(entity=source.pk).select_related("source"),
        "redirects": Entity.objects.filter(merged_into=source.pk),
    }
    parts = []
    for sort, title in SORTS.items():
        rows = list(found[sort].order_by("pk")[: SHOWN + 1])
        if not rows:
            continue
        total = len(rows) if len(rows) <= SHOWN else found[sort].count()
        choices = [_choice(sort, row, chosen.get(sort, ()), came_with) for row in rows[:SHOWN]]
        if sort == "aliases" and came_with:
            _keep_own_name(source, rows, choices, chosen.get(sort, ()))
        parts.append(Part(sort, title, choices, total))
    for _, part in parts_asked.send(sender=Split, source=source, like=mentions_like, limit=MENTIONS):
        if part is not None:
            for choice in part.rows:
                choice.is_chosen = choice.pk in chosen.get(part.sort, ())
            parts.append(part)
    return parts


def _keep_own_name(source: Entity, rows: Sequence[Alias], choices: Sequence[Choice], chosen: Collection[int]) -> None:
    """Leave a record's own name there where all that came with another one is ticked: it would be refused."""
    going = {choice.pk for choice in choices if choice.is_chosen}
    if merging.keeps_own_name(source, rows, going):
        return
    for row, choice in zip(rows, choices, strict=False):  # of very many rows not all are shown
        if merging.is_own_name(source, row) and choice.is_chosen and row.pk not in chosen:
            choice.is_chosen, choice.stays = False, "stays: the record's own name"


def _choice(sort: str, row, chosen: Iterable[int], came_with: int) -> Choice:
    if sort == "redirects":
        text, detail, source = row.name, row.public_id, ""
        came = row.pk == came_with
    else:
        text, detail = fact_in_words(row)
        if sort == "incoming_relations":
            text = f"{row.entity.name} {row.get_type_display()} this"
        elif sort.startswith("terms_at"):
            text = f"{row.entity.name}: {row.title}"
        elif sort == "source_records":
            text, detail = row.key, row.source_name
        source = row.source.name if row.source is not None else ""
        came = row.origin_id == came_with and row.entity_id != came_with
    return Choice(row.pk, text, detail, source, row.pk in chosen or bool(came_with and came))


def with_surfaces(source: Entity, chosen: Mapping[str, Sequence[int]], surfaces: Sequence[str]) -> dict:
    """Chosen rows with all mentions of some surface forms."""
    rows = {sort: list(pks) for sort, pks in chosen.items()}
    if surfaces:
        for _, part in parts_asked.send(sender=Split, source=source, surfaces=list(surfaces), limit=None):
            if part is not None:
                rows[part.sort] = sorted({*rows.get(part.sort, ()), *(choice.pk for choice in part.rows)})
    return rows


def sent_by(split: Split) -> list[tuple[str, int, list[str]]]:
    """What a split sent: sort in words, how many, the first of them."""
    changes = [
        change
        for change in split.inverse["changes"]
        if change["old"] is not None
        and change["new"] is not None
        and split.target_id in (change["new"].get(name) for name in _REFERENCES)
    ]
    told = []
    names = {"entities.alias": Alias, "entities.identifier": Identifier, "entities.term": Term}
    for label, pks in rows_of(changes).items():
        if label not in _WORDS:
            continue
        examples: list[str] = []
        if label in names:
            examples = [str(row) for row in names[label].objects.filter(pk__in=sorted(pks)[:20])]
        elif label == "entities.entity":
            examples = list(Entity.objects.filter(pk__in=sorted(pks)[:20]).values_list("name", flat=True))
        elif label == "entities.relation":
            rows = Relation.objects.filter(Q(pk__in=sorted(pks)[:20])).select_related("target")
            examples = [fact_in_words(row)[0] for row in rows]
        told.append((_WORDS[label], len(pks), examples))
    return told


_REFERENCES = ("entity_id", "target_id", "state_id", "organization_id", "merged_into_id")
