"""What curators decided, as annotated documents: the weights are learnt from it, and the engine measured on it."""

from __future__ import annotations

from collections.abc import Iterator

from articles.models import Article, Link
from entities.matching.types import Outcome
from entities.models import Entity, SourceRecord

_AT_ONCE = 200


def documents() -> Iterator[dict]:
    """The articles in which people decided, in the format of docs/evaluation.md, in a fixed number of queries for 200.

    A mention that nobody decided about, or whose record no source knows by a key, is marked ``ignore``, and the document
    ``partial``: nothing is learnt from what the engine said itself, or from what it overlooked. So is one of which a
    person could not tell what it means, which is marked ``unsure`` beside.
    """
    decided = Link.objects.live().exclude(actor=None).filter(mention__article__withdrawn_at=None)
    ids = sorted(set(decided.order_by().values_list("mention__article_id", flat=True)))
    for start in range(0, len(ids), _AT_ONCE):
        yield from _documents(ids[start : start + _AT_ONCE])


def _documents(ids: list[int]) -> Iterator[dict]:
    links: dict[int, list[Link]] = {pk: [] for pk in ids}
    rows = Link.objects.live().filter(mention__article__in=ids).select_related("mention").defer("evidence")
    for link in rows.order_by("mention__start", "-mention__end"):
        links[link.mention.article_id].append(link)
    people = {link.entity_id for found in links.values() for link in found if link.actor_id and link.entity_id}
    keys = dict(SourceRecord.objects.filter(entity__in=people).order_by("-pk").values_list("entity_id", "key"))
    kinds = dict(Entity.objects.filter(pk__in=people).values_list("pk", "kind"))
    for article in Article.objects.filter(pk__in=ids).defer("segments").order_by("pk"):
        yield {
            "doc_id": article.public_id,
            "title": article.title,
            "text": article.text,
            "date": article.published_on or None,
            "language": article.language or None,
            "partial": True,
            "mentions": [_mention(link, keys, kinds) for link in links[article.pk]],
        }


def _mention(link: Link, keys: dict[int, str], kinds: dict[int, str]) -> dict:
    mention = link.mention
    told = {"start": mention.start, "end": mention.end, "surface": mention.surface, "type": mention.type or None}
    if link.is_unsure:
        return {**told, "ignore": True, "unsure": True}
    if link.actor_id is None or (link.entity_id is not None and link.entity_id not in keys):
        return {**told, "ignore": True}
    if link.status != Outcome.LINK:
        return {**told, "nil": True}
    return {**told, "record": keys[link.entity_id], "kind": kinds[link.entity_id]}
