"""What happens to links when records are merged and taken apart: only the mentions concerned are touched.

A merge points the live links of the absorbed record at the survivor, in the merge's own transaction and journal, so
that an undo sends each back. Where records come apart, the engine decides again about what it had linked; what people
linked stays, or goes where the curator sends it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.dispatch import receiver
from django.utils import timezone

from articles.models import Article, Candidate, Link, Mention, NilGroup, SurfacePrior
from articles.reopening import reopen_changed, store_candidates, stored_evidence
from entities.journal import AT_ONCE, Journal, locked
from entities.matching.normalize import name_key
from entities.matching.types import Outcome
from entities.merging import LaterEdit
from entities.models import Merge
from entities.signals import (
    entity_merging,
    entity_splitting,
    entity_unmerged,
    entity_unmerging,
    impact_asked,
    undo_planning,
)

logger = logging.getLogger(__name__)

#: Links that the engine may look at again: its own, and those that people set aside as unsure.
_UNDECIDED = Q(actor=None) | Q(status=Outcome.REVIEW)
REDECIDED_AT_ONCE = 50  # articles; those beyond wait for `manage.py relink`


@receiver(entity_merging, dispatch_uid="articles.relinking")
def point_at_survivor(sender, survivor_id: int, absorbed_id: int, journal: Journal, **_) -> None:
    """Live links, runners-up, learnt counts and accepted groups of one record become another's."""
    links = Link.objects.live().filter(entity=absorbed_id).select_for_update(of=("self",)).order_by("mention_id")
    journal.change(list(links), entity_id=survivor_id)
    candidates = locked(Candidate.objects.filter(entity=absorbed_id))
    taken = _values(Candidate, "mention_id", [row.mention_id for row in candidates], entity=survivor_id)
    journal.change([row for row in candidates if row.mention_id not in taken], entity_id=survivor_id)
    priors = locked(SurfacePrior.objects.filter(entity=absorbed_id))
    known = {row.key: row for row in locked(SurfacePrior.objects.filter(entity=survivor_id))}
    journal.change([row for row in priors if row.key not in known], entity_id=survivor_id)
    for row in priors:
        if row.key in known:
            ours = known[row.key]
            journal.change([ours], accepted=ours.accepted + row.accepted, refused=ours.refused + row.refused)
    journal.change(locked(NilGroup.objects.filter(entity=absorbed_id)), entity_id=survivor_id)


def _values(model, name: str, wanted: list, **condition) -> set:
    found = set()
    for start in range(0, len(wanted), AT_ONCE):
        rows = model.objects.filter(**{f"{name}__in": wanted[start : start + AT_ONCE]}, **condition)
        found.update(rows.values_list(name, flat=True))
    return found


@receiver(impact_asked, dispatch_uid="articles.relinking")
def count_mentions(sender, ids: list[int], **_) -> dict[str, int]:
    """How many mentions and articles are linked to records."""
    return (
        Link.objects.to_records()
        .filter(entity__in=ids)
        .aggregate(mentions=Count("pk"), articles=Count("mention__article_id", distinct=True))
    )


# --- Undo ------------------------------------------------------------------------------------------------------------
def _journaled(merge: Merge) -> set[int]:
    return {
        pk for change in merge.inverse["changes"] if change["model"] == "articles.link" for pk in change["pks"]
    }  # fmt: skip


def _linked_since(merge: Merge) -> list[Link]:
    """Live links to the survivor that were made after the merge."""
    before = _journaled(merge)
    links = (
        Link.objects.live()
        .filter(entity=merge.survivor_id, made_at__gt=merge.merged_at)
        .select_related("mention")
        .order_by("mention_id")
    )
    return [link for link in links if link.pk not in before]


def _grouped(merge: Merge) -> dict[str, list[Link]]:
    """Links that people made to the survivor since, by where the mention was linked before and what it says."""
    before = _values(Link, "mention_id", [], pk=0)
    journaled = sorted(_journaled(merge))
    for start in range(0, len(journaled), AT_ONCE):
        rows = Link.objects.filter(pk__in=journaled[start : start + AT_ONCE])
        before.update(rows.values_list("mention_id", flat=True))
    groups: dict[str, list[Link]] = {}
    for link in _linked_since(merge):
        if link.actor_id is not None and not link.is_unsure:
            came = "absorbed" if link.mention_id in before else "survivor"
            groups.setdefault(f"links:{came}:{name_key(link.mention.surface)[:200]}", []).append(link)
    return groups


@receiver(undo_planning, dispatch_uid="articles.relinking")
def list_links(sender, merge: Merge, called: dict[int, str], **_) -> list[LaterEdit]:
    """What people linked to the survivor since the merge."""
    edits = []
    for key, links in sorted(_grouped(merge).items()):
        default = key.split(":")[1]
        many = f"{len(links)} mentions" if len(links) > 1 else "1 mention"
        text = f"“{links[0].mention.surface}” ({many}) was linked to ‹{merge.survivor}› by a person since the merge"
        where = (("survivor", called[merge.survivor_id]), ("absorbed", called[merge.absorbed_id]))
        edits.append(LaterEdit(key, text, where, default))
    return edits


@receiver(entity_unmerging, dispatch_uid="articles.relinking")
def send_links(sender, merge: Merge, journal: Journal, choices: dict[str, str], **_) -> None:
    """Send people's later links where the curator said; let the engine decide again about its own."""
    for key, links in sorted(_grouped(merge).items()):
        if choices.get(key) == "absorbed":
            journal.change(links, entity_id=merge.absorbed_id)
    engine = [link.mention_id for link in _linked_since(merge) if link.actor_id is None or link.is_unsure]
    _decide_again_on_commit(engine)


@receiver(entity_unmerged, dispatch_uid="articles.relinking")
def keep_learnt(sender, merge: Merge, **_) -> None:
    """What others that were merged into the survivor had taught stays with it, though the count that took theirs up left."""
    own = SurfacePrior.objects.filter(key=OuterRef("key"), entity=merge.survivor_id)
    lost = SurfacePrior.objects.filter(~Exists(own), entity__merged_into=merge.survivor_id)
    told = lost.order_by("key").values("key").annotate(yes=Sum("accepted"), no=Sum("refused"))
    SurfacePrior.objects.bulk_create(
        SurfacePrior(key=one["key"], entity_id=merge.survivor_id, accepted=one["yes"], refused=one["no"])
        for one in told
    )


@receiver(entity_splitting, dispatch_uid="articles.relinking")
def send_mentions(sender, source_id: int, target_id: int, journal: Journal, rows: dict, actor=None, **_) -> None:
    """Chosen mentions go with a split, by the hand of the curator; the source's others are the engine's to decide."""
    chosen = rows.get("mentions") or []
    links = [
        link
        for start in range(0, len(chosen), AT_ONCE)
        for link in Link.objects.live()
        .filter(mention__in=sorted(chosen)[start : start + AT_ONCE], entity=source_id)
        .select_for_update(of=("self",))
        .order_by("mention_id")
    ]
    new = {"entity_id": target_id, "status": Outcome.LINK, "reason": "sent here when the record was split"}
    if actor is not None:
        new["actor_id"] = actor.pk
    journal.change(links, **new)
    others = Link.objects.live().filter(_UNDECIDED, entity=source_id).values_list("mention_id", flat=True)
    _decide_again_on_commit(list(others))


# --- The engine decides again ----------------------------------------------------------------------------------------
def _decide_again_on_commit(mention_ids: Iterable[int]) -> None:
    ids = sorted(mention_ids)
    if ids:
        transaction.on_commit(partial(decide_again, ids), robust=True)


def decide_again(mention_ids: Iterable[int], *, at_once: int = REDECIDED_AT_ONCE) -> int:
    """Let the engine decide anew about mentions it had linked; the number of links that changed.

    Of many articles only the first ``at_once`` are done here: the others are marked as linked by no version, which
    `manage.py relink` looks for.
    """
    articles: dict[int, set[int]] = {}
    ids = sorted(set(mention_ids))
    for start in range(0, len(ids), AT_ONCE):
        for pk, article in Mention.objects.filter(pk__in=ids[start : start + AT_ONCE]).values_list("pk", "article_id"):
            articles.setdefault(article, set()).add(pk)
    ordered = sorted(articles)
    for start in range(at_once, len(ordered), AT_ONCE):
        Article.objects.filter(pk__in=ordered[start : start + AT_ONCE]).update(engine_version="")
    return sum(_decide_article(pk, articles[pk]) for pk in ordered[:at_once])


def waiting_articles(*, old: bool = False):
    """Articles that wait for a new decision; with ``old``, those that another version of the weights linked, too."""
    from articles.linking import engine_version

    linked = Article.objects.visible().exclude(linked_at=None).order_by("pk")
    return linked.exclude(engine_version=engine_version()) if old else linked.filter(engine_version="")


def relink(article_id: int) -> int:
    """Let the engine decide anew about every mention of an article that no person decided; how many links changed.

    What people set aside as unsure is asked about again only if the question is a new one (``articles/reopening.py``).
    The mentions stay as they were found: their keys are what curators' decisions and addresses hold on to.
    """
    from articles.linking import engine_version

    rows = Link.objects.live().filter(_UNDECIDED, mention__article=article_id)
    changed = _decide_article(article_id, set(rows.values_list("mention_id", flat=True)))
    Article.objects.filter(pk=article_id).update(engine_version=engine_version())
    return changed


def _decide_article(article_id: int, mention_ids: set[int]) -> int:
    # The engine loads models and the catalogue: only where something is to be decided.
    from articles.linking import draft_of, link_drafts

    article = Article.objects.get(pk=article_id)
    [resolutions] = link_drafts([draft_of(article)])
    by_span = {(one.span.start, one.span.end): one for one in resolutions}
    changed = 0
    with transaction.atomic():
        mentions = Mention.objects.select_for_update().filter(pk__in=mention_ids).order_by("pk")
        by_mention = {mention.pk: mention for mention in mentions}
        live = Link.objects.live().filter(_UNDECIDED, mention__in=by_mention).select_for_update(of=("self",))
        aside = []
        for link in list(live.order_by("mention_id")):
            link.mention = mention = by_mention[link.mention_id]
            if link.is_unsure:
                aside.append(link)
                continue
            resolution = by_span.get((mention.start, mention.end))
            if resolution is None:
                continue
            decision = resolution.decision
            entity_id = decision.record_id if decision.outcome is not Outcome.NIL else None
            if (entity_id, decision.outcome) == (link.entity_id, link.status):
                continue
            link.superseded_at = timezone.now()
            link.save(update_fields=["superseded_at"])
            Link.objects.create(
                mention=mention, entity_id=entity_id, status=decision.outcome,
                probability=round(decision.probability, 4), margin=round(decision.margin, 4),
                reason=decision.reason[:1000], evidence=stored_evidence(resolution),
                priority=1 - abs(2 * decision.probability - 1) if decision.outcome is Outcome.REVIEW else 0.0,
            )  # fmt: skip
            store_candidates(mention, resolution)
            changed += 1
        changed += reopen_changed(aside, [article], {(article.pk, *span): one for span, one in by_span.items()})
    return changed
