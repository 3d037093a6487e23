"""What people decide about mentions: confirm, refuse, link to another record, say that no record is meant.

A decision never changes an earlier one: it supersedes it. The rows are locked in key order, the live link is read again
under the lock, and the counts that later links learn from move in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from articles.models import Link, Mention, NilGroup, SurfacePrior
from entities.matching.types import Kind, MentionType, Outcome
from entities.models import Entity

_DESCRIPTIONS = frozenset({"role", "agreement"})  # detectors of words that describe and do not name
ALWAYS_AT_ONCE = 500  # mentions that one decision reaches: it stays one short transaction
_GROUP_KINDS = {MentionType.PERSON: Kind.PERSON, MentionType.ORGANIZATION: Kind.ORGANIZATION}


NO_NAME = "a person saw that this is no name"  # the reason of such a link


class ReviewError(Exception):
    """A decision that cannot be made, with a sentence for the curator."""


class Scope(StrEnum):
    """How far a decision reaches."""

    MENTION = "mention"
    CHAIN = "chain"  # all mentions of the article that were resolved together
    ARTICLE = "article"  # the article's doubtful mentions of the same words
    ALWAYS = "always"  # every article's doubtful mentions of the same words


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did: the new links, and how many mentions that it would have reached it did not."""

    links: list[Link]
    left_alone: int = 0  # a person had decided them
    left_out: int = 0  # whoever decides took them for something else


def accept(link: Link, actor, note: str = "", scope: Scope = Scope.MENTION) -> Decided:
    """Confirm a link, sure or doubtful, as a person's own.

    Raises:
        ReviewError: if it no longer stands, or names no record.
    """
    if link.entity_id is None:
        raise ReviewError("There is no record to confirm; link the mention to one.")
    return _decide(link.mention, link.entity, actor, note, scope, "confirmed by a person", standing=link)


def reject(mention: Mention, actor, note: str = "", scope: Scope = Scope.MENTION) -> Decided:
    """Refuse the record a mention is linked to, or doubtfully attributed to; no record takes its place.

    Raises:
        ReviewError: if the mention points at no record now.
    """
    live = mention.links.live().first()
    if live is None or live.entity_id is None:
        raise ReviewError("The mention points at no record that could be wrong.")
    return _decide(mention, None, actor, note, scope, "the link was refused by a person", standing=live)


def mark_nil(
    mention: Mention, actor, note: str = "", scope: Scope = Scope.MENTION, leave_out: Collection[int] = ()
) -> Decided:
    """Say that no record of the catalogue is meant."""
    return _decide(mention, None, actor, note, scope, "a person found no record for it", leave_out=leave_out)


def mark_no_name(
    mention: Mention, actor, note: str = "", scope: Scope = Scope.MENTION, leave_out: Collection[int] = ()
) -> Decided:
    """Say that the words name nothing at all: no record is meant, and none is proposed."""
    return _decide(
        mention,
        None,
        actor,
        note,
        scope,
        NO_NAME,
        names_something=False,
        leave_out=leave_out,
    )


def mark_unsure(
    mention: Mention, actor, note: str = "", scope: Scope = Scope.MENTION, leave_out: Collection[int] = ()
) -> Decided:
    """Say that nobody can tell which record is meant: the mention stays in doubt, out of the queue for good.

    Nothing is learnt from it. It is asked about again when somebody takes it up, or when the text around it or the
    records that come into question change (``articles/reopening.py``).
    """
    return _decide(mention, None, actor, note, scope, "a person could not tell", leave_out=leave_out, is_unsure=True)


@transaction.atomic
def take_up(link: Link, actor) -> Link:
    """Put a mention that was set aside as unsure back into the queue; the verdict is kept as history.

    Raises:
        ReviewError: if it is not set aside any more.
    """
    if actor is None:
        raise ReviewError("A decision needs a person who makes it.")
    Mention.objects.select_for_update().get(pk=link.mention_id)
    standing = Link.objects.set_aside().select_for_update(of=("self",)).filter(pk=link.pk).first()
    if standing is None:
        raise ReviewError("Somebody else decided about this mention in the meantime; look at it again.")
    Link.objects.filter(pk=standing.pk).update(superseded_at=timezone.now(), claimed_by=None, claimed_until=None)
    return Link.objects.create(
        mention_id=standing.mention_id, entity=standing.entity, status=Outcome.REVIEW,
        probability=standing.probability, margin=standing.margin, evidence=standing.evidence,
        priority=standing.priority, reason=f"taken up again by {actor}",
    )  # fmt: skip


def link_to(
    mention: Mention,
    entity: Entity,
    actor,
    note: str = "",
    scope: Scope = Scope.MENTION,
    leave_out: Collection[int] = (),
) -> Decided:
    """Link a mention to a record; for one that was merged, to its survivor.

    Args:
        leave_out: keys of mentions that a wider scope reaches and that were seen to mean something else.
    """
    return _decide(mention, entity, actor, note, scope, "chosen by a person", leave_out=leave_out)


def take_back(link: Link, actor) -> Link:
    """Undo a person's decision about one mention: what stood before it stands again, as a new row.

    Raises:
        ReviewError: if the decision does not stand any more, or nothing stood before it.
    """
    [again] = take_back_all([link], actor)
    return again


@transaction.atomic
def take_back_all(
    links: Collection[Link],
    actor,
    *,
    lenient: bool = False,
    regroup: bool = True,
    taken_up: bool = False,
    before: Collection[int] | None = None,
) -> list[Link]:
    """Undo what one decision did to many mentions, all of it or nothing, in a fixed number of queries.

    Args:
        taken_up: what is undone is a taking up: the links stand as the engine's, and the verdict before stands again.
        lenient: leave those alone that somebody decided about since, instead of refusing.
        before: keys of the links that stood before; None takes those that were superseded last, which after an undo is
            what was undone.
        regroup: False where the caller knows into which groups of unknown names the mentions go.

    Raises:
        ReviewError: if no link is left, a decision does not stand any more, or nothing stood before it.
    """
    if actor is None:
        raise ReviewError("A decision needs a person who makes it.")
    if not links:  # the text was imported anew, and its mentions went
        raise ReviewError("There is nothing left to take back.")
    wanted = {link.mention_id: link.pk for link in links}
    mentions = {row.pk: row for row in Mention.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
    standing = Link.objects.live().filter(mention__in=mentions).select_for_update(of=("self",)).order_by("mention_id")
    live = {
        link.mention_id: link
        for link in standing
        if link.pk == wanted[link.mention_id] and (link.actor_id is None) == taken_up
    }
    if len(live) != len(wanted) and not (lenient and live):
        raise ReviewError("Somebody else decided about this mention in the meantime; look at it again.")
    earlier: dict[int, Link] = {}
    past = Link.objects.filter(mention__in=live).exclude(superseded_at=None).select_related("entity__merged_into")
    if before is not None:
        past = past.filter(pk__in=before)
    for link in past.order_by("-superseded_at", "-pk"):
        earlier.setdefault(link.mention_id, link)
    if len(earlier) != len(live):
        raise ReviewError("Nothing stood before this decision.")
    Link.objects.filter(pk__in=[link.pk for link in live.values()]).update(superseded_at=timezone.now())
    again = []
    for pk in sorted(live):
        stood = earlier[pk]
        entity = stood.entity
        again.append(
            Link(
                mention=mentions[pk], entity=(entity.merged_into or entity) if entity is not None else None,
                status=stood.status, probability=stood.probability, margin=stood.margin, reason=stood.reason,
                evidence=stood.evidence, actor_id=stood.actor_id, note=stood.note, priority=stood.priority,
            )
        )  # fmt: skip
    Link.objects.bulk_create(again)
    _unlearn([(mentions[pk], live[pk], earlier[pk]) for pk in sorted(live)])
    by_record: dict[int | None, list[Link]] = {}
    for link in again:
        if live[link.mention_id].status != Outcome.REVIEW:  # a doubt moved no mention into a group or out of it
            by_record.setdefault(link.entity_id, []).append(link)
    for found in by_record.values() if regroup else ():
        _regroup([link.mention for link in found], found[0].entity)
    return again


def _unlearn(undone: Iterable[tuple[Mention, Link, Link]]) -> None:
    """Take from the counts what a decision added to them: each surface form once, as it was counted."""
    from entities.matching.normalize import name_key

    accepted: set[tuple[str, int]] = set()
    refused: set[tuple[str, int]] = set()
    restored: set[tuple[str, int]] = set()
    for mention, link, before in undone:
        key = name_key(mention.surface)[:300]
        if not key or not is_name(mention):
            continue
        by_person = before.actor_id is not None and before.status == Outcome.LINK
        if link.status == Outcome.REVIEW:  # nothing was learnt from it, but what a person had said before did not count
            if by_person:
                restored.add((key, before.entity_id))
            continue
        if link.entity_id is not None and not (by_person and before.entity_id == link.entity_id):
            accepted.add((key, link.entity_id))
        if before.entity_id is not None and before.entity_id != link.entity_id:
            refused.add((key, before.entity_id))
            if by_person:
                restored.add((key, before.entity_id))
    for pair in sorted(accepted | refused | restored):
        key, entity_id = pair
        SurfacePrior.objects.filter(key=key, entity_id=entity_id).update(
            accepted=Greatest(F("accepted") + int(pair in restored) - int(pair in accepted), 0),
            refused=Greatest(F("refused") - int(pair in refused), 0),
        )


@transaction.atomic
def _decide(
    mention: Mention,
    entity: Entity | None,
    actor,
    note: str,
    scope: Scope,
    reason: str,
    standing: Link | None = None,
    names_something: bool = True,
    leave_out: Collection[int] = (),
    is_unsure: bool = False,
) -> Decided:
    if actor is None:
        raise ReviewError("A decision needs a person who makes it.")
    if entity is not None:
        entity = _survivor(entity)
    reached = _locked(mention, scope, actor)
    mentions = [one for one in reached if one.pk == mention.pk or one.pk not in leave_out]
    left_out = len(reached) - len(mentions)
    live = {
        link.mention_id: link
        for link in Link.objects.live().select_for_update().filter(mention__in=mentions).order_by("mention_id")
    }
    if standing is not None and live.get(mention.pk, Link()).pk != standing.pk:
        raise ReviewError("Somebody else decided about this mention in the meantime; look at it again.")
    now = timezone.now()
    old, new, left_alone = [], [], 0
    for one in mentions:
        link = live.get(one.pk)
        if link is not None and link.actor_id is not None and one.pk != mention.pk:
            left_alone += 1  # what a person said of another mention stands until it is changed there
            continue
        if link is not None:
            link.mention = one
            old.append(link)
        if is_unsure:
            new.append(_left_open(one, link, reason, actor, note))
            continue
        new.append(
            Link(
                mention=one, entity=entity, status=Outcome.LINK if entity is not None else Outcome.NIL,
                probability=1.0 if entity is not None else 0.0, margin=1.0 if entity is not None else 0.0,
                reason=reason, actor=actor, note=note[:2000],
            )
        )  # fmt: skip
    Link.objects.filter(pk__in=[link.pk for link in old]).update(superseded_at=now, claimed_by=None, claimed_until=None)
    Link.objects.bulk_create(new)
    if is_unsure:
        _forget(old)
        return Decided(new, left_alone, left_out)
    _learn([link.mention for link in new], old, entity)
    _regroup([link.mention for link in new], entity, names_something)
    return Decided(new, left_alone, left_out)


def _left_open(mention: Mention, link: Link | None, reason: str, actor, note: str) -> Link:
    """A doubt by a person's hand: what the engine thinks likeliest stands beside it, as before."""
    link = link or Link()
    return Link(
        mention=mention, entity_id=link.entity_id, status=Outcome.REVIEW, probability=link.probability,
        margin=link.margin, evidence=link.evidence, priority=link.priority, reason=reason, actor=actor,
        note=note[:2000],
    )  # fmt: skip


def _forget(superseded: Iterable[Link]) -> None:
    """Take from the counts what people had chosen and nobody is sure of any more."""
    from entities.matching.normalize import name_key

    chosen = {
        (name_key(link.mention.surface)[:300], link.entity_id)
        for link in superseded
        if link.actor_id is not None and link.status == Outcome.LINK and is_name(link.mention)
    }
    for key, entity_id in sorted(chosen):
        SurfacePrior.objects.filter(key=key, entity_id=entity_id).update(accepted=Greatest(F("accepted") - 1, 0))


def _survivor(entity: Entity) -> Entity:
    """The live record that is meant, locked: a merge waits, and then takes this link along."""
    while True:
        try:
            live = Entity.objects.resolve(entity.public_id)
        except Entity.DoesNotExist as error:
            raise ReviewError("The record was taken down.") from error
        entity = Entity.objects.select_for_update().get(pk=live.pk)
        if entity.is_current:
            return entity


def open_alike(mention: Mention, actor=None) -> QuerySet:
    """Every doubtful link of the same words, of the same sort, that no person decided: what “always” reaches.

    Args:
        actor: whoever decides; what others have open is left out.
    """
    rows = Link.objects.doubtful().filter(
        mention__surface=mention.surface, mention__type=mention.type, mention__article__withdrawn_at=None
    )
    if actor is not None:
        rows = rows.filter(Q(claimed_until=None) | Q(claimed_until__lt=timezone.now()) | Q(claimed_by=actor))
    return rows.order_by("mention_id")


def is_name(mention: Mention) -> bool:
    """False for descriptions such as “the president” or “the alliance”: who is meant differs from text to text.

    In scripts that have capitals a name has one.
    """
    if mention.type == MentionType.ROLE or mention.detector in _DESCRIPTIONS:
        return False
    return mention.surface != mention.surface.lower() or mention.surface == mention.surface.upper()


def linked_elsewhere(link: Link) -> set[int]:
    """Keys of mentions of a link's chain that the engine is sure mean another record than the one the link proposes."""
    chain = Link.objects.live().filter(
        mention__article=link.mention.article_id, mention__chain=link.mention.chain, status=Outcome.LINK, actor=None
    )
    return set(
        chain.exclude(entity=link.entity_id).exclude(mention=link.mention_id).values_list("mention_id", flat=True)
    )


def _locked(mention: Mention, scope: Scope, actor) -> list[Mention]:
    rows = Mention.objects.select_for_update(of=("self",))
    if scope is Scope.CHAIN:
        rows = rows.filter(article_id=mention.article_id, chain=mention.chain)
    elif scope in (Scope.ARTICLE, Scope.ALWAYS):
        if scope is Scope.ALWAYS and not is_name(mention):
            raise ReviewError("These words describe and do not name: who is meant differs from text to text.")
        alike = open_alike(mention, actor)
        if scope is Scope.ARTICLE:
            alike = alike.filter(mention__article=mention.article_id)
        others = list(alike.exclude(mention=mention.pk).values_list("mention_id", flat=True)[: ALWAYS_AT_ONCE - 1])
        rows = rows.filter(pk__in=[mention.pk, *others])
    else:
        rows = rows.filter(pk=mention.pk)
    found = list(rows.order_by("pk"))
    if mention.pk not in {one.pk for one in found}:
        raise ReviewError("The mention is gone: the article was linked anew in the meantime.")
    return found


def _learn(mentions: Iterable[Mention], superseded: Iterable[Link], entity: Entity | None) -> None:
    """Count each surface form once: for the record chosen, against the records refused."""
    from entities.matching.normalize import name_key

    # "the president" is no name of anybody: who it was then says nothing about who it is tomorrow.
    key_of = {mention.pk: name_key(mention.surface)[:300] for mention in mentions if is_name(mention)}
    accepted: set[tuple[str, int]] = set()
    refused: set[tuple[str, int]] = set()
    taken_back: set[tuple[str, int]] = set()
    for link in superseded:
        if link.mention_id not in key_of or link.entity_id in (None, entity.pk if entity is not None else None):
            continue
        pair = (key_of[link.mention_id], link.entity_id)
        refused.add(pair)
        if link.actor_id is not None and link.status == Outcome.LINK:
            taken_back.add(pair)
    if entity is not None:
        confirmed = {
            link.mention_id
            for link in superseded
            if link.actor_id and link.status == Outcome.LINK and link.entity_id == entity.pk
        }
        accepted = {(key, entity.pk) for pk, key in key_of.items() if pk not in confirmed}
    for pair in sorted(accepted | refused):  # in one order, so that two curators never wait for each other in a circle
        key, entity_id = pair
        if not key:
            continue
        SurfacePrior.objects.bulk_create([SurfacePrior(key=key, entity_id=entity_id)], ignore_conflicts=True)
        SurfacePrior.objects.filter(key=key, entity_id=entity_id).update(
            accepted=Greatest(F("accepted") + int(pair in accepted) - int(pair in taken_back), 0),
            refused=F("refused") + int(pair in refused),
        )


def _regroup(mentions: list[Mention], entity: Entity | None, names_something: bool = True) -> None:
    """Take linked mentions, and what is no name, out of the groups of unknown names; put refused ones in."""
    from entities.matching.normalize import name_key

    touched = {mention.nil_group_id for mention in mentions if mention.nil_group_id is not None}
    # A surname joins the group of the full name that it goes back to, as when the article was linked.
    fullest: dict[tuple[int, int], str] = {}
    mates: dict[tuple[int, int], int] = {}
    if entity is None and names_something:
        for mention in mentions:
            place = (mention.article_id, mention.chain)
            fullest[place] = max(fullest.get(place, ""), mention.surface, key=len)
        others = Mention.objects.filter(article__in={place[0] for place in fullest}).exclude(nil_group=None)
        mates = {
            (article, chain): group
            for article, chain, group in others.order_by("pk").values_list("article_id", "chain", "nil_group_id")
            if (article, chain) in fullest
        }
    groups: dict[tuple[str, Kind], int] = {}
    moved: dict[int | None, list[int]] = {}
    for mention in mentions:
        kind = _GROUP_KINDS.get(mention.type)
        place = (mention.article_id, mention.chain)
        key = name_key(fullest.get(place, ""))[:300]
        before = mention.nil_group_id
        if entity is not None or not names_something:
            mention.nil_group = None
        elif before is None and place in mates:
            mention.nil_group_id = mates[place]
        elif before is None and kind is not None and key:
            if (key, kind) not in groups:
                named = {"name": fullest[place][:300]}
                groups[key, kind] = NilGroup.objects.get_or_create(key=key, kind=kind, defaults=named)[0].pk
            mention.nil_group_id = groups[key, kind]
        touched |= {mention.nil_group_id} - {None}
        if mention.nil_group_id != before:
            moved.setdefault(mention.nil_group_id, []).append(mention.pk)
    for group_id, ids in moved.items():
        Mention.objects.filter(pk__in=ids).update(nil_group=group_id)
    for group_id in sorted(touched):
        counted = Mention.objects.filter(nil_group_id=group_id).aggregate(
            mentions=Count("pk"), articles=Count("article_id", distinct=True)
        )
        NilGroup.objects.filter(pk=group_id).update(
            mention_count=counted["mentions"], article_count=counted["articles"]
        )
