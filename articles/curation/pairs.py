"""What a curator sees of two records that may be one: every fact side by side, and where they are mentioned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from articles.curation.passages import Passage, passage_of
from articles.models import Article, Link
from entities.matching.normalize import name_key
from entities.matching.types import SENSE_TYPES
from entities.models import DuplicateSuggestion, Entity, Judgement
from entities.reading import KIND_NAMES, description_of, fact_rows, identifier_items, language_name, term_rows
from entities.reading import span_in_words as span

VALUES = 12  # of one fact shown; the rest is counted
SENTENCES = 2
_FREE = {"Name", "Description", "Offices", "Other names", "Words for it", "Sources"}  # may differ without a meaning
_AGAINST = ("contradiction", "different", "no ")  # how the engine's reasons against begin


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a fact; ``shared`` when the other record has it, too."""

    text: str
    shared: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A fact of both records."""

    label: str
    a: list[Value]
    b: list[Value]
    more_a: int = 0  # values beyond those shown
    more_b: int = 0

    @property
    def differs(self) -> bool:
        """Both say something, nothing of it is the same, and that means something."""
        return (
            self.label not in _FREE
            and bool(self.a and self.b)
            and not any(value.shared for value in (*self.a, *self.b))
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """A sentence that mentions one of the two."""

    article: Article
    mention_id: int
    passage: Passage


@dataclass(slots=True)
class Side:
    """One of the two records."""

    entity: Entity
    about: str
    mentions: int
    seen: list[Seen]


@dataclass(slots=True)
class PairItem:
    """Two records that may be one."""

    suggestion: DuplicateSuggestion
    a: Side
    b: Side
    rows: list[Row]
    speaks_for: list[str]
    speaks_against: list[str]
    verdicts: list[Judgement]  # that people gave on this pair before

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both, left and right."""
        return self.a, self.b


def pair_item(suggestion: DuplicateSuggestion) -> PairItem:
    """A suggestion as the curator sees it, in a fixed number of queries."""
    ids = [suggestion.a_id, suggestion.b_id]
    records = {record.pk: record for record in Entity.objects.filter(pk__in=ids).for_display()}
    counted = Link.objects.to_records().filter(entity__in=ids).order_by().values_list("entity_id")
    mentions = dict(counted.annotate(n=Count("pk")))
    a, b = (
        Side(records[pk], description_of(records[pk]), mentions.get(pk, 0), _seen(pk) if mentions.get(pk) else [])
        for pk in ids
    )
    verdicts = Judgement.objects.filter(a=ids[0], b=ids[1]).select_related("actor").order_by("-pk")[:5]
    reasons = [str(reason) for reason in suggestion.reasons if reason]
    return PairItem(
        suggestion, a, b, _rows(a.entity, b.entity),
        [one for one in reasons if not one.startswith(_AGAINST)],
        [one for one in reasons if one.startswith(_AGAINST)],
        list(verdicts),
    )  # fmt: skip


def _seen(pk: int) -> list[Seen]:
    links = Link.objects.to_records().filter(entity=pk, mention__article__withdrawn_at=None)
    found = []
    for link in links.select_related("mention__article").order_by("-mention__article_id", "pk")[: 4 * SENTENCES]:
        article = link.mention.article
        if article.pk not in {one.article.pk for one in found} and len(found) < SENTENCES:
            found.append(Seen(article, link.mention_id, passage_of(article, link.mention, around=0)))
    return found


def _rows(a: Entity, b: Entity) -> list[Row]:
    rows = []
    for left, right in zip(_facts(a), _facts(b), strict=True):
        labels = [label for label in dict.fromkeys([*left, *right]) if left.get(label) or right.get(label)]
        rows.extend(_row(label, left.get(label, []), right.get(label, [])) for label in labels)
    return rows


def _facts(entity: Entity) -> list[dict[str, list[str]]]:
    """A record's facts as texts by label, in three parts, in the order a curator asks for them."""
    first = {"Kind": [KIND_NAMES[entity.kind]], "Name": [entity.name]}
    first["Description"] = [entity.description] if entity.description else []
    own = {
        row.label: [f"{item.text} ({item.when})" if item.when else item.text for item in row.items]
        for row in fact_rows(entity)
    }
    offices = [
        f"{row.title}{f', {row.where}' if row.where else ''} {span(row.start, row.end, row.as_of)}".strip()
        for row in term_rows(entity.terms.all())
    ]
    aliases = entity.aliases.all()
    names = [alias.name for alias in aliases if alias.type not in SENSE_TYPES and alias.name != entity.name]
    senses = [
        f"{alias.name} ({language_name(alias.lang) or alias.type})" for alias in aliases if alias.type in SENSE_TYPES
    ]
    last = {
        "Offices": offices,
        "Other names": list(dict.fromkeys(names)),
        "Words for it": list(dict.fromkeys(senses)),
        "Ids elsewhere": [f"{scheme} {item.text}" for scheme, item in identifier_items(entity)],
        "Sources": list(dict.fromkeys(row.source.name for row in entity.source_records.all() if row.source)),
    }
    return [first, own, last]


def _row(label: str, a: list[str], b: list[str]) -> Row:
    def keys(values: Iterable[str]) -> set[str]:
        return {name_key(value) or value for value in values}

    ours, theirs = keys(a), keys(b)

    def shown(values: list[str], others: set[str]) -> list[Value]:
        marked = [Value(value, (name_key(value) or value) in others) for value in values]
        return sorted(marked, key=lambda value: not value.shared)[:VALUES]  # what they share first

    return Row(label, shown(a, theirs), shown(b, ours), max(0, len(a) - VALUES), max(0, len(b) - VALUES))
