"""Taking articles down for good: the text goes, and does not come back under its own address or another one.

What is left of an article is its id and digests: of the keys that it may be imported under, of its words in order, and a
sketch of its word triples by which a nearly identical text is known. The import asks ``withheld`` about every batch.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from articles import near_duplicates
from articles.models import (
    Article,
    ArticleTakedown,
    Candidate,
    Link,
    Mention,
    NearDuplicateBand,
    NilGroup,
    SurfacePrior,
    TakedownKey,
)
from articles.relinking import decide_again
from entities.matching.normalize import name_key
from entities.matching.types import Outcome
from entities.signals import content_taken_down, record_taken_down

#: From which share of equal minima a text counts as one that was taken down. Higher than for "the same story": what is
#: stopped here is never seen by anybody.
NEARLY_THE_SAME = 0.8
_WORD = re.compile(r"\w+")
_CHUNK = 500
_GONE = "what it rested on was taken down"


class TakedownError(Exception):
    """What cannot be taken down, with a sentence for the curator."""


def may_take_down(actor) -> bool:
    """Whether somebody may take articles down."""
    return actor is not None and actor.has_perm("articles.takedown_article")


def _check(actor) -> None:
    if not may_take_down(actor):
        raise PermissionDenied("This needs the permission “Can take down articles for good”.")


# --- What is kept of a text ------------------------------------------------------------------------------------------
def words_digest(text: str) -> str:
    """A digest of the words in order: case, marks and spaces do not matter."""
    return hashlib.sha256(" ".join(_WORD.findall(text.lower())).encode("utf-8", "surrogatepass")).hexdigest()


def body_of(article: Article) -> str:
    """The text without what was set aside as junk."""
    return "\n".join(article.text[start:end] for start, end, kind in article.segments if kind == "body") or article.text


def keys_of(article: Article) -> list[str]:
    """Every dedupe key that the article may be imported under."""
    from articles.importing.storing import dedupe_keys

    found = {article.dedupe_key, *dedupe_keys(article)}
    return sorted(found)


# --- Take down and lift ----------------------------------------------------------------------------------------------
@transaction.atomic
def take_down(articles: Iterable[Article], *, actor, reason: str) -> list[ArticleTakedown]:
    """Delete the content of articles for good: text, title, author, address, mentions, links, earlier texts.

    Articles that were hidden by earlier versions lose their content as well; those that have lost it are left alone.

    Raises:
        TakedownError: without a reason.
        PermissionDenied: if the actor may not.
    """
    _check(actor)
    if not reason.strip():
        raise TakedownError("Say why: it is all that will be left.")
    wanted = [article.pk for article in articles]
    done = []
    standing = set(
        ArticleTakedown.objects.filter(article__in=wanted, lifted_at=None).values_list("article_id", flat=True)
    )
    for article in Article.objects.select_for_update().filter(pk__in=wanted).order_by("pk"):
        if article.pk not in standing:
            done.append(_take_down(article, actor, reason.strip()[:2000]))
    return done


def _take_down(article: Article, actor, reason: str) -> ArticleTakedown:
    body = body_of(article)
    takedown = ArticleTakedown.objects.create(
        article=article, words=words_digest(body), sketch=near_duplicates.sketch(near_duplicates.shingles(body)),
        reason=_without(reason, [article.title, article.url]), actor=actor,
    )  # fmt: skip
    TakedownKey.objects.bulk_create([TakedownKey(takedown=takedown, key=key) for key in keys_of(article)])
    erase(article)
    return takedown


def erase(article: Article) -> None:
    """Leave of an article nothing but its ids, in the caller's transaction."""
    groups = Counter(article.mentions.exclude(nil_group=None).values_list("nil_group_id", flat=True))
    article.mentions.all().delete()
    article.revisions.all().delete()
    for pk in sorted(groups):
        counted = Mention.objects.filter(nil_group=pk).aggregate(
            mentions=models.Count("pk"), articles=models.Count("article_id", distinct=True)
        )
        NilGroup.objects.filter(pk=pk).update(mention_count=counted["mentions"], article_count=counted["articles"])
    # A name that only this text knew is its content, unless a curator decided about it.
    NilGroup.objects.filter(pk__in=groups, mention_count=0, status=NilGroup.Status.OPEN).delete()
    Article.objects.filter(similar_to=article.pk).update(similar_to=None)
    article.url = article.external_id = article.title = article.author = article.source = article.language = ""
    article.text = article.text_hash = article.published_on = article.date_source = article.engine_version = ""
    article.published_at = article.linked_at = article.similar_to = article.job = None
    article.segments, article.revision = [], 1
    article.withdrawn_at = timezone.now()
    article.save()


def _without(text: str, gone: Iterable[str]) -> str:
    for one in gone:
        if len(one) > 3:
            text = re.sub(re.escape(one), "[taken down]", text, flags=re.IGNORECASE)
    return text


@transaction.atomic
def lift(takedown: ArticleTakedown, *, actor, reason: str = "") -> ArticleTakedown:
    """Let an article be imported again. Its content does not come back by itself; its id is filled again if it comes."""
    _check(actor)
    stored = ArticleTakedown.objects.select_for_update().get(pk=takedown.pk)
    if stored.lifted_at is None:
        stored.lifted_at, stored.lifted_by, stored.lift_reason = timezone.now(), actor, reason.strip()[:2000]
        stored.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        NearDuplicateBand.objects.filter(article=stored.article_id).delete()
    return stored


def similar_articles(article: Article, limit: int = 50) -> list[Article]:
    """Visible articles that say nearly the same, the nearest first: what is taken down along with it."""
    grams = near_duplicates.shingles(body_of(article))
    bands = near_duplicates.bands(grams)
    shared = NearDuplicateBand.objects.filter(band__in=bands).exclude(article=article.pk).values_list("article_id")
    same = Article.objects.visible().exclude(pk=article.pk).exclude(text_hash="")
    found = same.filter(Q(pk__in=shared) | Q(text_hash=article.text_hash))
    measured = [
        (near_duplicates.resemblance(grams, near_duplicates.shingles(body_of(other))), other)
        for other in found.order_by("pk")[:_CHUNK]
    ]
    near = [(-share, other.pk, other) for share, other in measured if share >= NEARLY_THE_SAME]
    return [other for _, _, other in sorted(near, key=lambda one: one[:2])[:limit]]


# --- What the import asks --------------------------------------------------------------------------------------------
def withheld(articles: Sequence[Article], keys: Collection[str] = ()) -> set[str]:
    """Of articles about to be stored, the dedupe keys of those that were taken down: by key, by words, by likeness.

    Args:
        keys: further dedupe keys to be asked about, of articles that are there already.
    """
    if not ArticleTakedown.objects.filter(lifted_at=None).exists():
        return set()
    own = {article.dedupe_key: {article.dedupe_key, *keys_of(article)} for article in articles}
    wanted = sorted({key for some in own.values() for key in some} | set(keys))
    down = set()
    for start in range(0, len(wanted), _CHUNK):
        rows = TakedownKey.objects.filter(takedown__lifted_at=None, key__in=wanted[start : start + _CHUNK])
        down |= set(rows.values_list("key", flat=True))
    found = {key for key, some in own.items() if some & down} | (set(keys) & down)
    for article in articles:
        if article.dedupe_key not in found and _reads_the_same(article):
            found.add(article.dedupe_key)
    return found


def _reads_the_same(article: Article) -> bool:
    body = body_of(article)
    standing = ArticleTakedown.objects.filter(lifted_at=None)
    if standing.filter(words=words_digest(body)).exists():
        return True
    grams = near_duplicates.shingles(body)
    bands = near_duplicates.bands(grams)
    if not bands:
        return False
    near = NearDuplicateBand.objects.filter(band__in=bands).values("article_id")
    sketch = None
    for other in standing.filter(article__in=near).values_list("sketch", flat=True):
        sketch = sketch or near_duplicates.sketch(grams)
        if near_duplicates.sketch_resemblance(sketch, other) >= NEARLY_THE_SAME:
            return True
    return False


# --- What links said of records that were taken down -----------------------------------------------------------------
@receiver(content_taken_down, dispatch_uid="articles.takedown")
def strike_evidence(sender, ids: Collection[int], hints: Collection[str], keys: Collection[str], **_) -> None:
    """Drop from links and candidates what they say of names and facts that are gone; the engine decides again."""
    hints = [hint.casefold() for hint in hints if len(hint) > 2]
    again = []
    for model in (Link, Candidate):
        changed = []
        for row in model.objects.filter(entity__in=ids).select_related("mention").iterator(chunk_size=_CHUNK):
            kept = [line for line in row.evidence if not _says(line, hints)]
            said = isinstance(row, Link) and _says([row.reason], hints)
            noted = isinstance(row, Link) and row.note and _without(row.note, hints) != row.note
            if len(kept) != len(row.evidence) or said or noted:
                row.evidence = kept
                if isinstance(row, Link):
                    row.reason = _GONE if said else row.reason
                    row.note = _without(row.note, hints)
                changed.append(row)
            if isinstance(row, Link) and row.actor_id is None and row.superseded_at is None:
                if name_key(row.mention.surface) in keys:
                    again.append(row.mention_id)
        fields = ["evidence", "reason", "note"] if model is Link else ["evidence"]
        model.objects.bulk_update(changed, fields, batch_size=_CHUNK)
    SurfacePrior.objects.filter(entity__in=ids, key__in=[key[:300] for key in keys]).delete()
    if again:
        transaction.on_commit(lambda: decide_again(again), robust=True)


def _says(line, hints: Iterable[str]) -> bool:
    text = " ".join(str(part) for part in line).casefold()
    return any(hint in text for hint in hints)


@receiver(record_taken_down, dispatch_uid="articles.takedown")
def unlink(sender, ids: Collection[int], **_) -> None:
    """Mentions of records that are gone mean no record from now on; what was said about it goes."""
    links = Link.objects.filter(entity__in=ids)
    waiting = set(links.filter(superseded_at=None).values_list("mention__article_id", flat=True))
    links.update(
        entity=None, status=Outcome.NIL, probability=0.0, margin=0.0, reason="the record was taken down", evidence=[],
        note="", priority=0.0, claimed_by=None, claimed_until=None,
    )  # fmt: skip
    Candidate.objects.filter(entity__in=ids).delete()
    SurfacePrior.objects.filter(entity__in=ids).delete()
    NilGroup.objects.filter(entity__in=ids).update(
        entity=None, status=NilGroup.Status.REJECTED, reason="the record was taken down"
    )
    Article.objects.filter(pk__in=waiting).update(engine_version="")
