"""What a curator must know before a merge: what speaks against it, and what it touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from entities.journal import label_of
from entities.matching.types import Kind
from entities.merging.facts import FACTS
from entities.merging.words import SORT_WORDS
from entities.models import UNIQUE_SCHEMES, Entity, Identifier, Judgement, Merge, Relation, Term
from entities.signals import impact_asked


def contradictions(a: Entity, b: Entity) -> list[str]:
    """Why two records can hardly be one, in sentences: a merge needs a reason to go on all the same."""
    found = []
    if a.kind != b.kind:
        found.append(f"‹{a}› is of kind {a.kind}, ‹{b}› of kind {b.kind}.")
    if a.kind == b.kind == Kind.PERSON:
        for name, word in (("valid_from", "born"), ("valid_to", "died")):
            ours, theirs = getattr(a, name)[:4], getattr(b, name)[:4]
            if ours and theirs and ours != theirs:
                found.append(f"‹{a}› {word} in {ours}, ‹{b}› in {theirs}.")
    ids: dict[tuple[str, int], set[str]] = {}
    rows = Identifier.objects.in_use().filter(entity__in=[a.pk, b.pk], scheme__in=UNIQUE_SCHEMES)
    for scheme, value, entity in rows.values_list("scheme", "value", "entity_id"):
        ids.setdefault((scheme, entity), set()).add(value)
    for scheme in UNIQUE_SCHEMES:
        ours, theirs = ids.get((scheme, a.pk), set()), ids.get((scheme, b.pk), set())
        if ours and theirs and not ours & theirs:
            found.append(f"Their {scheme} ids differ: {', '.join(sorted(ours))} and {', '.join(sorted(theirs))}.")
    for judgement in _judgements_between(a, b).select_related("actor"):
        who = str(judgement.actor or judgement.by_text or "somebody")
        why = f" (“{judgement.reason}”)" if judgement.reason else ""
        found.append(f"{who} said on {judgement.judged_at:%Y-%m-%d} that they are different{why}.")
    ties = Relation.objects.in_use().filter(Q(entity=a, target=b) | Q(entity=b, target=a)).exclude(type="state")
    for tie in ties.select_related("entity", "target").order_by("pk")[:5]:
        found.append(f"‹{tie.entity}› {tie.get_type_display()} ‹{tie.target}›.")
    return found


def _judgements_between(a: Entity, b: Entity) -> models.QuerySet:
    """Live verdicts that two records, or records merged into them, are different."""
    ours = Entity.objects.filter(Q(pk=a.pk) | Q(merged_into=a.pk)).values("pk")
    theirs = Entity.objects.filter(Q(pk=b.pk) | Q(merged_into=b.pk)).values("pk")
    return Judgement.objects.filter(
        Q(a__in=ours, b__in=theirs) | Q(a__in=theirs, b__in=ours),
        verdict=Judgement.Verdict.DIFFERENT, superseded_at=None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Impact:
    """What a merge touches, told before it is saved."""

    facts: dict[str, int]  # of the absorbed record, by sort
    referring: int  # facts of other records that point at it
    redirects: int  # ids that will answer with the survivor
    mentions: int
    articles: int


def impact(survivor: Entity, absorbed: Sequence[Entity]) -> Impact:
    """What would be touched if records were merged into one: rows by sort, mentions, articles."""
    ids = [record.pk for record in absorbed if record.pk != survivor.pk]
    facts = {
        SORT_WORDS[label_of(model)]: model.objects.filter(entity__in=ids, withdrawn_at=None).count()
        for model, _, _ in FACTS
    }
    referring = (
        Term.objects.in_use().filter(Q(state__in=ids) | Q(organization__in=ids)).exclude(entity__in=ids).count()
        + Relation.objects.in_use().filter(target__in=ids).exclude(entity__in=ids).count()
    )
    redirects = len(ids) + Entity.objects.filter(merged_into__in=ids).count()
    asked = [answer for _, answer in impact_asked.send(sender=Merge, ids=ids) if answer]
    return Impact(
        facts, referring, redirects,
        sum(answer["mentions"] for answer in asked), sum(answer["articles"] for answer in asked),
    )  # fmt: skip
