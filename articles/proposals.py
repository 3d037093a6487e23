"""New records from unknown names: what a proposal shows, and what accepting or rejecting it does.

A group holds every mention of one unknown name. Accepted, it becomes a record with the surface forms as aliases, and all
its mentions are linked to it; rejected, it stays rejected, and mentions that come later join it without being proposed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.utils import timezone

from articles import review
from articles.highlighting import Mark, excerpts, from_word, to_word
from articles.models import Link, Mention, NilGroup, SurfacePrior
from entities import takedown
from entities.candidates import Candidate, CandidateIndex
from entities.editing import create_record, save_fact, withdraw_fact
from entities.journal import locked
from entities.matching.names import compare_names
from entities.matching.normalize import name_key
from entities.matching.types import Kind, Outcome
from entities.models import Alias, Entity, Event, Relation, SourceRecord, Term

SENTENCES = 5
_AROUND = 160  # characters shown before and after a mention that stands in no sentence
_NEAR = 5
_LIKE_AT = 0.6  # names less alike than this are another's
_NONE = Candidate(0, 0, "", 0.0, "")
_COMPANY = 8
_AT_ONCE = 500
_SAMPLE = 200  # articles looked at for company and outlets


class ProposalError(Exception):
    """What cannot be done with a group, in a sentence for the curator."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A mention where it stands: the words before, the mention, the words after."""

    article_id: str
    title: str
    published_on: str
    before: str
    surface: str
    after: str
    mention_id: int


@dataclass(slots=True)
class Proposal:
    """What is known of an unknown name."""

    group: NilGroup
    kind: str
    surfaces: list[tuple[str, int]]
    outlets: list[tuple[str, int]]
    first_seen: str
    last_seen: str
    sentences: list[Sentence] = field(default_factory=list)
    company: list[tuple[Entity, int]] = field(default_factory=list)  # records in the same articles
    near: list[Candidate] = field(default_factory=list)  # records with a name like it
    alike: list[NilGroup] = field(default_factory=list)  # other unknown names like it


def open_groups(*, kind: str = "", at_least: int = 1):
    """Groups that wait for a decision, those in most articles first."""
    groups = NilGroup.objects.filter(status=NilGroup.Status.OPEN, article_count__gte=at_least)
    return groups.filter(kind=kind) if kind else groups


def describe(group: NilGroup) -> Proposal:
    """Everything a proposal shows, in a fixed number of queries."""
    mentions = Mention.objects.filter(nil_group=group, article__withdrawn_at=None)
    surfaces = list(mentions.order_by().values_list("surface").annotate(n=Count("pk")).order_by("-n", "surface")[:20])
    seen = mentions.exclude(article__published_on="").aggregate(
        first=Min("article__published_on"), last=Max("article__published_on")
    )
    outlets = list(
        mentions.exclude(article__source="")
        .order_by()
        .values_list("article__source")
        .annotate(n=Count("article_id", distinct=True))
        .order_by("-n", "article__source")[:10]
    )
    proposal = Proposal(group, group.kind, surfaces, outlets, seen["first"] or "", seen["last"] or "")
    shown: set[int] = set()
    for mention in mentions.select_related("article").order_by("-article__published_on", "pk")[: SENTENCES * 6]:
        if mention.article_id not in shown and len(proposal.sentences) < SENTENCES:
            shown.add(mention.article_id)
            proposal.sentences.append(_sentence(mention))
    articles = list(mentions.order_by("-article_id").values_list("article_id", flat=True).distinct()[:_SAMPLE])
    counted = (
        Link.objects.to_records()
        .filter(mention__article_id__in=articles)
        .order_by()
        .values_list("entity_id")
        .annotate(n=Count("mention__article_id", distinct=True))
        .order_by("-n", "entity_id")[:_COMPANY]
    )
    company = dict(counted)
    records = Entity.objects.in_bulk(company)
    proposal.company = [(records[pk], n) for pk, n in company.items()]
    # A part of the name, such as the surname, is like the names of many others.
    names = [group.name, *(surface for surface, _ in surfaces if not _is_part(surface, group.name))][:4]
    found = CandidateIndex().lookup(list(dict.fromkeys(names)), limit=4 * _NEAR)
    best: dict[int, Candidate] = {}
    for name, candidates in found.items():
        for candidate in candidates:
            # The look-up's score serves retrieval; whether two names are alike is for the comparison to say.
            alike = candidate._replace(score=round(compare_names(name, candidate.name, candidate.kind), 4))
            if _is_part(candidate.name, name) and candidate.is_weak:
                continue
            if candidate.kind != group.kind and len(candidate.name.split()) == 1 < len(name.split()):
                continue  # Jim Jordan is no country
            if alike.score >= _LIKE_AT and alike.score > best.get(alike.entity_id, _NONE).score:
                best[alike.entity_id] = alike
    proposal.near = sorted(best.values(), key=lambda one: (-one.score, one.entity_id))[:_NEAR]
    proposal.alike = list(_alike(group)[:_NEAR])
    return proposal


def _sentence(mention: Mention) -> Sentence:
    article, text = mention.article, mention.article.text
    first, last = max(0, mention.start - _AROUND), min(len(text), mention.end + _AROUND)
    for part in excerpts(text, article.segments, [Mark(mention.start, mention.end, is_plain=True)], limit=1):
        first, last = part.start, part.end
    # Cut within a word, in a sentence too long to be shown: at the next whole one, with a sign.
    before = text[min(from_word(text, first), mention.start) : mention.start].lstrip()
    after = text[mention.end : max(to_word(text, last), mention.end)].rstrip()
    if first > 0 and not text[first - 1].isspace():
        before = f"… {before}"
    if last < len(text) and not text[last].isspace():
        after = f"{after} …"
    return Sentence(
        article.public_id,
        article.title,
        article.published_on,
        before,
        mention.surface,
        after,
        mention.pk,
    )


def _alike(group: NilGroup):
    """Other open groups that share the last word and the first letter, or hold this name whole."""
    words = group.key.split()
    if not words:
        return NilGroup.objects.none()
    same = Q(key__endswith=f" {words[-1]}", key__startswith=words[0][:1]) | Q(key__contains=group.key)
    return NilGroup.objects.filter(same, status=NilGroup.Status.OPEN).exclude(pk=group.pk)


def _check_may_decide(actor) -> None:
    if actor is None or not actor.has_perm("articles.change_nilgroup"):
        raise PermissionDenied("This needs the permission “Can change unknown name”.")


def _locked_groups(groups: Iterable[NilGroup]) -> tuple[list[NilGroup], list[Mention]]:
    """Groups with their mentions, locked: mentions, then links, then groups, as every decision about a mention does."""
    ids = sorted({one.pk for one in groups})
    mentions = locked(Mention.objects.filter(nil_group__in=ids))
    for start in range(0, len(mentions), _AT_ONCE):
        some = mentions[start : start + _AT_ONCE]
        list(Link.objects.live().filter(mention__in=some).select_for_update(of=("self",)).order_by("mention_id"))
    rows = locked(NilGroup.objects.filter(pk__in=ids))
    if len(rows) != len(ids):
        raise ProposalError("There is no such name any more.")
    for row in rows:
        if row.status == NilGroup.Status.ACCEPTED and row.mention_count == 0:
            raise ProposalError(f"A record was made for “{row.name}” already.")
    return rows, mentions


@transaction.atomic
def accept(
    group: NilGroup,
    *,
    actor,
    kind: str = "",
    name: str = "",
    aliases: Iterable[str] | None = None,
    fields: Mapping[str, object] | None = None,
    reason: str = "",
    also: Sequence[NilGroup] = (),
    leave_out: Collection[int] = (),
) -> Entity:
    """Make a record of an unknown name and link every mention of it.

    Args:
        kind, name: of the record; the group's own where empty.
        aliases: its further names; None takes every surface form that is more than a part of the name.
        fields: further values of the record (``valid_from``, ``description`` …).
        also: other groups that are the same thing.
        leave_out: keys of mentions that were seen to mean something else: they stay unknown.

    Raises:
        ProposalError: if a record was made already, the kind is unknown, or no mention is left.
        PermissionDenied: if the actor may not decide, or may not make records.
    """
    _check_may_decide(actor)
    if not actor.has_perm("entities.add_entity"):
        raise PermissionDenied("This needs the permission “Can add record”.")
    groups, mentions = _locked_groups([group, *also])
    own = next(one for one in groups if one.pk == group.pk)
    kind = kind or own.kind
    if kind not in set(Kind):
        raise ProposalError("Say what it is: a person, a state, an organization or an agreement.")
    entity = create_record(
        Entity(kind=kind, name=(name or own.name).strip()[:500], **dict(fields or {})), actor, reason or "proposed name"
    )
    surfaces = _surfaces(groups)
    for text in surfaces if aliases is None else aliases:
        _add_alias(entity, text, actor, is_weak=_is_part(text, entity.name))
    _link_all(groups, _without(mentions, leave_out, actor, reason), entity, actor, reason)
    return entity


@transaction.atomic
def accept_into(
    group: NilGroup,
    entity: Entity,
    *,
    actor,
    add_alias: bool = True,
    reason: str = "",
    also: Sequence[NilGroup] = (),
    leave_out: Collection[int] = (),
) -> Entity:
    """Say that an unknown name is a known record: its mentions are linked, the name becomes an alias.

    Raises:
        ProposalError: if a record was made already, or no mention is left.
        PermissionDenied: if the actor may not decide.
    """
    _check_may_decide(actor)
    try:
        entity = Entity.objects.resolve(entity.public_id)
    except Entity.DoesNotExist as error:
        raise ProposalError("The record was taken down.") from error
    entity = Entity.objects.select_for_update(of=("self",)).get(pk=entity.pk)
    groups, mentions = _locked_groups([group, *also])
    if add_alias:
        for one in groups:
            _add_alias(entity, one.name, actor, is_weak=" " not in one.name.strip())
    _link_all(groups, _without(mentions, leave_out, actor, reason), entity, actor, reason)
    return entity


def _surfaces(groups: Sequence[NilGroup]) -> list[str]:
    rows = Mention.objects.filter(nil_group__in=[one.pk for one in groups]).order_by()
    counted = rows.values_list("surface").annotate(n=Count("pk")).order_by("-n", "surface")
    return [surface for surface, _ in counted[:50]]


def _is_part(text: str, name: str) -> bool:
    """Whether a form is a part of the name, such as a surname: shared by many."""
    ours = name_key(name).split()
    theirs = name_key(text).split()
    return len(theirs) < len(ours) and set(theirs) <= set(ours)


def _add_alias(entity: Entity, text: str, actor, *, is_weak: bool) -> None:
    text = text.strip()[:500]
    # A lone surname finds itself: chains and derived forms hold it, and as an alias it would catch others' mentions.
    if not text or _is_part(text, entity.name):
        return
    if not Alias.objects.filter(entity=entity, name=text, withdrawn_at=None).exists():
        save_fact(Alias(entity=entity, name=text, is_weak=is_weak), actor, "a form under which it was mentioned")


def _without(mentions: Sequence[Mention], leave_out: Collection[int], actor, reason: str) -> list[Mention]:
    """The mentions to be linked. Of the others a person says it: else the engine would link them to the record next."""
    chosen = [mention for mention in mentions if mention.pk not in leave_out]
    if mentions and not chosen:
        raise ProposalError("Every mention is left out: no record is wanted, then.")
    left = {mention.pk: mention for mention in mentions if mention.pk in leave_out}
    said = Link.objects.live().filter(mention__in=left, status=Outcome.NIL).exclude(actor=None)
    for pk in sorted(left.keys() - set(said.values_list("mention_id", flat=True))):
        review.mark_nil(left[pk], actor, reason)
    return chosen


def _link_all(groups: Sequence[NilGroup], mentions: Sequence[Mention], entity: Entity, actor, reason: str) -> None:
    now = timezone.now()
    ids = [one.pk for one in groups]
    counts: Counter[str] = Counter()
    for start in range(0, len(mentions), _AT_ONCE):
        some = mentions[start : start + _AT_ONCE]
        Link.objects.live().filter(mention__in=some).update(superseded_at=now, claimed_by=None, claimed_until=None)
        Link.objects.bulk_create(
            Link(
                mention=mention, entity=entity, status=Outcome.LINK, probability=1.0, margin=1.0, actor=actor,
                reason="the record was made of this name", note=reason[:2000],
            )
            for mention in some
        )  # fmt: skip
        Mention.objects.filter(pk__in=[mention.pk for mention in some]).update(nil_group=None)
        counts.update(name_key(mention.surface)[:300] for mention in some)
    for key in sorted(counts):
        if key:
            SurfacePrior.objects.bulk_create([SurfacePrior(key=key, entity=entity)], ignore_conflicts=True)
            SurfacePrior.objects.filter(key=key, entity=entity).update(accepted=F("accepted") + 1)
    NilGroup.objects.filter(pk__in=ids).update(
        status=NilGroup.Status.ACCEPTED, entity=entity, decided_by=actor, decided_at=now, reason=reason[:2000],
        mention_count=0, article_count=0, claimed_by=None, claimed_until=None,
    )  # fmt: skip
    left = Mention.objects.filter(nil_group__in=ids).order_by().values_list("nil_group_id")
    for pk, count, articles in left.annotate(n=Count("pk"), spread=Count("article_id", distinct=True)):
        NilGroup.objects.filter(pk=pk).update(mention_count=count, article_count=articles)


@transaction.atomic
def reject(group: NilGroup, *, actor, reason: str = "") -> NilGroup:
    """Say that no record is wanted for a name; it is not proposed again.

    Raises:
        ProposalError: if a record was made already.
        PermissionDenied: if the actor may not decide.
    """
    return _decide(group, NilGroup.Status.REJECTED, actor, reason)


@transaction.atomic
def reject_all(groups: Collection[NilGroup], *, actor, reason: str = "") -> list[NilGroup]:
    """Say so of several names at once, in a fixed number of queries; those decided about meanwhile are left alone.

    Returns:
        The names that are rejected now, in the order of their keys.

    Raises:
        ProposalError: if none of them waits any more.
        PermissionDenied: if the actor may not decide.
    """
    _check_may_decide(actor)
    waiting = NilGroup.objects.filter(pk__in=[one.pk for one in groups], status=NilGroup.Status.OPEN)
    rows = _decide_all(waiting, NilGroup.Status.REJECTED, actor, reason)
    if not rows:
        raise ProposalError("None of these names waits any more, or colleagues have them open.")
    return rows


@transaction.atomic
def reopen(group: NilGroup, *, actor, reason: str = "") -> NilGroup:
    """Take a rejection back."""
    return _decide(group, NilGroup.Status.OPEN, actor, reason)


@transaction.atomic
def reopen_all(keys: Collection[int], *, actor, reason: str = "") -> list[NilGroup]:
    """Take back the rejections that are the actor's own and stand, in a fixed number of queries.

    Returns:
        The names that are proposed again, in the order of their keys.

    Raises:
        ProposalError: if none of these rejections stands any more.
        PermissionDenied: if the actor may not decide.
    """
    _check_may_decide(actor)
    own = NilGroup.objects.filter(pk__in=keys, status=NilGroup.Status.REJECTED, decided_by=actor)
    rows = _decide_all(own, NilGroup.Status.OPEN, actor, reason)
    if not rows:
        raise ProposalError("Nothing is left to take back: it was decided anew since, or the name is gone.")
    return rows


@transaction.atomic
def take_back(
    mentions: Mapping[int, Sequence[int]], entity: Entity, *, actor, aliases: Sequence[int] = ()
) -> list[NilGroup]:
    """Undo an acceptance: the names are unknown and proposed again; a record that was made of them stays, unlinked.

    ``withdraw_new`` takes that record back, too.

    Args:
        mentions: keys of the mentions by key of the group that they came from.
        aliases: keys of the names that the record was given, which are withdrawn.

    Raises:
        ProposalError: if a name was decided anew in the meantime.
        PermissionDenied: if the actor may not decide.
    """
    _check_may_decide(actor)
    ids = [pk for keys in mentions.values() for pk in keys]
    links = []
    for start in range(0, len(ids), _AT_ONCE):
        live = Link.objects.live().filter(mention__in=ids[start : start + _AT_ONCE], actor=actor)
        links.extend(live.select_related("mention").order_by("mention_id"))
    known = {link.mention_id: link for link in links if link.entity_id == entity.pk}
    for start in range(0, len(known), _AT_ONCE):
        review.take_back_all(list(known.values())[start : start + _AT_ONCE], actor, regroup=False)
    rows = locked(NilGroup.objects.filter(pk__in=mentions))
    if len(rows) != len(mentions) or any(row.status != NilGroup.Status.ACCEPTED for row in rows):
        raise ProposalError("Somebody else decided about this name in the meantime.")
    for row in rows:
        ours = [pk for pk in mentions[row.pk] if pk in known]
        for start in range(0, len(ours), _AT_ONCE):
            Mention.objects.filter(pk__in=ours[start : start + _AT_ONCE]).update(nil_group=row)
        counted = Mention.objects.filter(nil_group=row).aggregate(
            mentions=Count("pk"), articles=Count("article_id", distinct=True)
        )
        row.status, row.entity, row.decided_by, row.decided_at, row.reason = NilGroup.Status.OPEN, None, None, None, ""
        row.mention_count, row.article_count = counted["mentions"], counted["articles"]
        row.save()
    for alias in Alias.objects.filter(pk__in=aliases, entity=entity, withdrawn_at=None):
        withdraw_fact(alias, actor, "the name was given by a decision that was taken back")
    return rows


def last_event() -> int:
    """The key of the latest event: what is written after it is later."""
    return Event.objects.aggregate(last=Max("pk"))["last"] or 0


@transaction.atomic
def withdraw_new(entity: Entity, *, since: int, actor) -> str:
    """Withdraw a record that a decision made and that was taken back, unless something else touched it meanwhile.

    It is taken down as a whole, as no id is ever deleted, and the takedown is lifted: the name may be entered again.

    Args:
        since: the last event of its making (``last_event``).

    Returns:
        Why the record stays, in words that end a sentence; empty if it was withdrawn.
    """
    entity = Entity.objects.select_for_update().get(pk=entity.pk)
    if not takedown.may_take_down(actor):
        return "withdrawing it needs the permission to take down"
    if not entity.is_current:
        return "it was merged or taken down since"
    told = Event.objects.filter(Q(entity=entity) | Q(other=entity), pk__gt=since)
    ties, terms = Relation.objects.filter(target=entity), Term.objects.filter(Q(state=entity) | Q(organization=entity))
    if any(rows.exists() for rows in (told, ties, terms, SourceRecord.objects.filter(entity=entity))):
        return "it was changed or referred to since"
    if Link.objects.live().filter(entity=entity).exists() or NilGroup.objects.filter(entity=entity).exists():
        return "other mentions are linked to it"
    done = takedown.suppress(entity, actor=actor, reason=takedown.WITHDRAWN)
    takedown.lift(done, actor=actor, reason="it may be made again")
    return ""


def _decide_all(groups: QuerySet[NilGroup], status: str, actor, reason: str) -> list[NilGroup]:
    rows = locked(groups)  # who waits for the lock is not given what was decided about meanwhile
    NilGroup.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=status, decided_by=actor, decided_at=timezone.now(), reason=reason[:2000],
        claimed_by=None, claimed_until=None,
    )  # fmt: skip
    return rows


def _decide(group: NilGroup, status: str, actor, reason: str) -> NilGroup:
    _check_may_decide(actor)
    [row], _ = _locked_groups([group])
    row.status, row.decided_by, row.decided_at, row.reason = status, actor, timezone.now(), reason[:2000]
    row.claimed_by = row.claimed_until = None
    row.save(update_fields=["status", "decided_by", "decided_at", "reason", "claimed_by", "claimed_until"])
    return row
