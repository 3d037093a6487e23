"""What a curator must know before a merge: what speaks against it, and what it touches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from django.db import models
from django.db.models import Q

from entities.journal import label_of
from entities.matching.dates import years_between
from entities.matching.names import compare_names
from entities.matching.offices import offices
from entities.matching.types import Kind
from entities.merging.facts import FACTS
from entities.merging.words import SORT_WORDS
from entities.models import UNIQUE_SCHEMES, Entity, Identifier, Judgement, Merge, Relation, Term
from entities.radar import EXCLUSIVE, OVERLAP_YEARS
from entities.reading import span_in_words
from entities.signals import impact_asked

SAME_NAME = 0.7  # from here on two names are as good as one: docs/names.md
_NAMES = 100  # of a record that are compared
_STATES_TOLD = 4


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


def doubts(a: Entity, b: Entity) -> list[str]:
    """What makes two records look like two, in sentences, and stops no merge.

    Args:
        a, b: loaded ``for_display``.
    """
    found = []
    ours, theirs = ([one.name, *(row.name for row in one.aliases.all()[:_NAMES])] for one in (a, b))
    pairs = [(a.name, name) for name in theirs] + [(name, b.name) for name in ours]
    if a.kind == b.kind and not any(compare_names(*pair, a.kind) >= SAME_NAME for pair in pairs):
        found.append(f"‹{a}› and ‹{b}› have no name alike.")
    found.extend(_one_after_the_other(a, b))
    found.extend(_begun_apart(a, b))
    found.extend(_of_other_states(a, b))
    return found


def _begun_apart(a: Entity, b: Entity) -> Iterator[str]:
    """Organizations that were founded, or agreements that were signed, in years too far apart to be a slip."""
    if a.kind != b.kind or a.kind not in (Kind.ORGANIZATION, Kind.AGREEMENT):
        return
    is_agreement = a.kind == Kind.AGREEMENT
    ours, theirs = ((is_agreement and one.signed) or one.valid_from for one in (a, b))
    if ours and theirs and abs(int(ours[:4]) - int(theirs[:4])) > 1:
        verb = "signed" if is_agreement else "founded"
        yield f"‹{a}› was {verb} in {ours[:4]}, ‹{b}› in {theirs[:4]}."


_STATES = {Kind.ORGANIZATION: Relation.Type.STATE, Kind.AGREEMENT: Relation.Type.PARTY}


def _of_other_states(a: Entity, b: Entity) -> Iterator[str]:
    """Organizations, or agreements, of which the states are known, and none is of both."""
    sort = _STATES.get(Kind(a.kind)) if a.kind == b.kind else None
    if sort is None:
        return
    ours, theirs = (
        {row.target_id: row.target.name for row in one.relations.all() if row.type == sort and row.target_id}
        for one in (a, b)
    )
    if ours and theirs and not ours.keys() & theirs.keys():
        verb = "is between" if a.kind == Kind.AGREEMENT else "belongs to"
        told = [
            " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
            for names in (sorted(known.values())[:_STATES_TOLD] for known in (ours, theirs))
        ]
        yield f"‹{a}› {verb} {told[0]}, ‹{b}› {verb} {told[1]}."


def _one_after_the_other(a: Entity, b: Entity) -> Iterator[str]:
    """Offices that one person has at a time, at one place, which the two never held together."""
    ours, theirs = _exclusive_terms(a), _exclusive_terms(b)
    told = set()
    for office, place in sorted(ours.keys() & theirs.keys()):
        pairs = [
            sorted(pair, key=lambda term: term.start) for pair in product(ours[office, place], theirs[office, place])
        ]
        if any(_are_together(*pair) for pair in pairs):
            continue
        first, then = min(pairs, key=lambda pair: years_between(pair[0].start, pair[1].start))
        who = {term.entity_id: one for one in (a, b) for term in (first, then) if term.entity_id == one.pk}
        text = (
            f"‹{who[first.entity_id]}› was {first.title} of {first.organization or first.state} "
            f"{span_in_words(first.start, first.end, first.as_of)}, ‹{who[then.entity_id]}› "
            f"{span_in_words(then.start, then.end, then.as_of)}: one after the other."
        )
        if text not in told:
            told.add(text)
            yield text


def _exclusive_terms(record: Entity) -> dict[tuple[str, int], list[Term]]:
    """A record's terms of which the start is known, by exclusive office and place."""
    terms: dict[tuple[str, int], list[Term]] = {}
    for term in record.terms.all():
        place = term.organization_id or term.state_id
        if term.start and place is not None:
            for office in offices(term.title) & EXCLUSIVE:
                terms.setdefault((office, place), []).append(term)
    return terms


def _are_together(first: Term, then: Term) -> bool:
    """Whether one term begins while the other lasts, beyond what dates known by the year alone blur."""
    if first.start[:4] == then.start[:4] or not first.end:
        return True
    return years_between(then.start, first.end) > OVERLAP_YEARS


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
