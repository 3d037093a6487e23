"""A curator's form → the service that does it, said in a sentence; and how it is taken back.

What a decision did is a small dictionary that the session keeps, so that ``u`` works after a reload, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from articles import proposals, review
from articles.models import Link, Mention, NilGroup
from articles.proposals import ProposalError
from articles.queue import Queue
from articles.review import ReviewError, Scope
from entities import merging
from entities.editing import create_record
from entities.judging import JudgeError, judge, take_back_verdict
from entities.matching.types import Kind
from entities.models import Alias, DuplicateSuggestion, Entity, Judgement, Merge
from entities.search import Hit, search

MAX_NAME = 500
MAX_WORDS = 60  # of a name, in what is said
NAMESAKES = 5  # shown to whoever makes a record of a name that others have
_OWN_NAME = 0.95  # a search's score of a name that is the record's own, and no word shared by many


class NamesakeError(ReviewError):
    """A record that is to be made has the name of others: whoever makes it is asked first whether it is one of them."""

    def __init__(self, namesakes: list[Hit]) -> None:
        super().__init__("A record has this name already: choose it, or make another of the same name.")
        self.namesakes = namesakes


@dataclass(frozen=True, slots=True)
class Done:
    """What a decision did: a sentence, what taking it back needs, and the record that it made or chose."""

    said: str
    undo: dict = field(default_factory=dict)
    entity: Entity | None = None

    @property
    def address(self) -> str:
        """Where the record is looked at; empty where there is none."""
        return reverse("admin:entities_entity_change", args=[self.entity.pk]) if self.entity is not None else ""


def short(text: str) -> str:
    """A name within a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= MAX_WORDS else text[: MAX_WORDS - 1] + "…"


def number_of(value: str | None) -> int:
    """A key from a form; 0 for what is none."""
    value = value or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else 0


def _clean(value: str | None, limit: int) -> str:
    return (value or "").replace("\0", "").strip()[:limit]


def note_of(data: Mapping[str, str]) -> str:
    """The reason that a form gives."""
    return _clean(data.get("note"), 2000)


def _action(data: Mapping[str, str]) -> str:
    """What the form asks for; the buttons of a record and of a second one of its name send themselves alone."""
    return data.get("action") or ("create" if data.get("twin") else "choose" if data.get("entity") else "")


def _check_namesakes(name: str, data: Mapping[str, str]) -> None:
    """A second record of one name is made only where the form says that it is meant (``twin``)."""
    if data.get("twin") or not name:
        return
    found = search(name, of_all_times=True, exact=True, limit=NAMESAKES)
    namesakes = [hit for hit in found if hit.score >= _OWN_NAME]
    if namesakes:
        raise NamesakeError(namesakes)


# --- Doubtful links --------------------------------------------------------------------------------------------------
@transaction.atomic
def decide_link(link: Link, data: Mapping[str, str], user) -> Done:
    """Choose a record, say that none is meant, or make one.

    Args:
        data: a ``QueryDict``: ``leave_out`` may come more than once.

    Raises:
        ReviewError: with a sentence, where it cannot be done; NamesakeError where a record has the name of the new one.
        PermissionDenied: where the user may not.
    """
    if not user.has_perm("articles.change_link"):
        raise PermissionDenied("This needs the permission “Can change link”.")
    note = note_of(data)
    scope = data.get("scope") or Scope.MENTION
    if scope not in set(Scope):
        raise ReviewError("There is no such scope.")
    scope, mention, action = Scope(scope), link.mention, _action(data)
    leave_out = {number_of(key) for key in data.getlist("leave_out")[: review.ALWAYS_AT_ONCE]}
    if scope is Scope.CHAIN and data.get("previewed") != Scope.CHAIN:
        leave_out |= review.linked_elsewhere(link)  # nobody has seen that they would be reached
    words = short(mention.surface)
    if action == "reopen":
        again = review.take_up(link, user)
        return Done(f"“{words}” waits in the queue again.", {"what": "taken up", "keys": [again.pk]})
    # Nobody decides about what is not in front of him any more: the link must be the one that he saw.
    standing = Link.objects.live().filter(pk=link.pk).exists()
    if not standing:
        raise ReviewError(f"Somebody else decided about “{words}” in the meantime.")
    if action == "choose":
        entity = Entity.objects.filter(pk=number_of(data.get("entity"))).first()
        if entity is None:
            raise ReviewError("There is no such record.")
        decided = review.link_to(mention, entity, user, note, scope, leave_out)
        what = f"linked to {short(decided.links[0].entity.name)}"
    elif action == "none":
        decided = review.mark_nil(mention, user, note, scope, leave_out)
        what = "marked: none of these records"
    elif action == "noname":
        decided = review.mark_no_name(mention, user, note, scope, leave_out)
        what = "marked: no name at all"
    elif action == "unsure":
        decided = review.mark_unsure(mention, user, note, scope, leave_out)
        what = "set aside as unsure"
    elif action == "create":
        entity = _made(data, user, note)
        decided = review.link_to(mention, entity, user, note, scope, leave_out)
        what = f"linked to the new record {short(entity.name)}"
    else:
        raise ReviewError("Choose a record, or none.")
    count = len(decided.links)
    said = f"“{words}” {what}." if count == 1 else f"“{words}”: {count} mentions {what}."
    if decided.left_out:
        said += f" {decided.left_out} {'was' if decided.left_out == 1 else 'were'} left out."
    if decided.left_alone:
        said += f" {decided.left_alone} stay as people decided them before."
    undo = {"what": "links", "keys": [one.pk for one in decided.links], "mention": mention.pk}
    if action == "create":
        undo |= {"entity": entity.pk, "since": proposals.last_event()}
    return Done(said, undo, decided.links[0].entity if action in ("choose", "create") else None)


def _made(data: Mapping[str, str], user, reason: str) -> Entity:
    if not user.has_perm("entities.add_entity"):
        raise PermissionDenied("This needs the permission “Can add record”.")
    name, kind = _clean(data.get("name"), MAX_NAME), data.get("kind")
    if not name:
        raise ReviewError("A record needs a name.")
    if kind not in set(Kind):
        raise ReviewError("Say what it is: a person, a state, an organization or an agreement.")
    _check_namesakes(name, data)
    fields = {"description": _clean(data.get("description"), 1000)}
    return create_record(Entity(kind=kind, name=name, **fields), user, reason or "made from a mention under review")


# --- Pairs -----------------------------------------------------------------------------------------------------------
_SAID = {
    "same": ("Judged the same", "They wait to be merged."),
    "different": ("Judged different", "Not suggested again."),
    "unsure": ("Set aside as unsure", ""),
}


def decide_pair(suggestion: DuplicateSuggestion, data: Mapping[str, str], user) -> Done:
    """Give a verdict on a pair.

    Raises:
        JudgeError: with a sentence, where it cannot be given.
        PermissionDenied: where the user may not.
    """
    note = note_of(data)
    verdict = data.get("action") or ""
    if verdict == "reopen":
        return _take_up_pair(suggestion, user)
    done = judge(suggestion.a_id, suggestion.b_id, verdict, actor=user, reason=note)
    names = f"“{short(suggestion.a.name)}” and “{short(suggestion.b.name)}”"
    what, then = _SAID[done.verdict]
    return Done(f"{what}: {names}. {then}".strip(), {"what": "verdict", "keys": [done.pk], "item": suggestion.pk})


def _take_up_pair(suggestion: DuplicateSuggestion, user) -> Done:
    unsure = Judgement.objects.filter(
        a=suggestion.a_id, b=suggestion.b_id, superseded_at=None, verdict=Judgement.Verdict.UNSURE
    )
    verdict = unsure.first()
    if verdict is None:
        raise JudgeError("Another verdict was given in the meantime.")
    take_back_verdict(verdict, actor=user)
    names = f"“{short(suggestion.a.name)}” and “{short(suggestion.b.name)}”"
    suggestion.refresh_from_db(fields=["closed_at"])
    if suggestion.closed_at is not None:
        said = f"Taken up again: {names}; the verdict before stands again."
    else:
        said = f"{names} wait in the queue again."
    return Done(said, {"what": "taken up", "keys": [verdict.pk], "item": suggestion.pk, "note": verdict.reason})


# --- Unknown names ---------------------------------------------------------------------------------------------------
@transaction.atomic
def decide_name(group: NilGroup, data: Mapping[str, str], user) -> Done:
    """Make a record of an unknown name, say which record it is, or that none is wanted.

    Args:
        data: a ``QueryDict``: ``aliases``, ``also`` and ``leave_out`` may come more than once.

    Raises:
        ProposalError, EditError: with a sentence, where it cannot be done.
        NamesakeError: where a record has the name, and the form does not say that another is meant.
        PermissionDenied: where the user may not.
    """
    note, action, name = note_of(data), _action(data), short(group.name)
    if action == "none":
        proposals.reject(group, actor=user, reason=note)
        return Done(
            f"No record is wanted for “{name}”; it is not proposed again.", {"what": "reject", "item": group.pk}
        )
    along = [number_of(key) for key in data.getlist("also")[:20]]
    also = list(NilGroup.objects.filter(pk__in=along, status=NilGroup.Status.OPEN).exclude(pk=group.pk))
    ids = [group.pk, *(one.pk for one in also)]
    asked = {number_of(key) for key in data.getlist("leave_out")[: proposals.SENTENCES]}
    mentions: dict[int, list[int]] = {pk: [] for pk in ids}
    leave_out = []
    for pk, of in Mention.objects.filter(nil_group__in=ids).order_by("pk").values_list("pk", "nil_group_id"):
        (leave_out if pk in asked else mentions[of]).append(pk)
    stood = set(Link.objects.live().filter(mention__in=leave_out).values_list("pk", flat=True))
    count = sum(map(len, mentions.values()))
    if action == "create":
        _check_namesakes(_clean(data.get("name"), MAX_NAME), data)
        aliases = [_clean(text, MAX_NAME) for text in data.getlist("aliases")[:50]]
        fields = {"description": _clean(data.get("description"), 1000)}
        entity = proposals.accept(
            group, actor=user, kind=data.get("kind") or "", name=_clean(data.get("name"), MAX_NAME),
            aliases=[*aliases, *(one.name for one in also)], fields=fields, reason=note, also=also, leave_out=leave_out,
        )  # fmt: skip
        said, given = f"{short(entity.name)} is a record now; {_mentions(count)} linked to it.", []
    elif action == "choose":
        entity = Entity.objects.current().filter(pk=number_of(data.get("entity"))).first()
        if entity is None:
            raise ProposalError("There is no such record.")
        before = set(Alias.objects.filter(entity=entity).values_list("pk", flat=True))
        entity = proposals.accept_into(
            group, entity, actor=user, reason=note, also=also, add_alias=not data.get("no_alias"), leave_out=leave_out
        )
        given = sorted(set(Alias.objects.filter(entity=entity).values_list("pk", flat=True)) - before)
        said = f"“{name}” is {short(entity.name)}: {_mentions(count)} linked to it."
        if given:
            said += (
                " The name is one of its names now." if len(given) == 1 else f" {len(given)} names were added to it."
            )
    else:
        raise ProposalError("Make a record, choose one, or say that none is wanted.")
    if leave_out:
        said += (
            f" {_mentions(len(leave_out)).capitalize()} left out, and stay{'s' if len(leave_out) == 1 else ''} unknown."
        )
    left = Link.objects.live().filter(mention__in=leave_out).exclude(pk__in=stood).values_list("pk", flat=True)
    undo = {"what": "name", "item": group.pk, "entity": entity.pk, "mentions": mentions, "aliases": given}
    undo["left"] = sorted(left)
    if action == "create":
        undo["since"] = proposals.last_event()
    return Done(said, undo, entity)


def _mentions(count: int) -> str:
    return "1 mention is" if count == 1 else f"{count} mentions are"


# --- Any queue -------------------------------------------------------------------------------------------------------
def decide(queue: Queue, row, data: Mapping[str, str], user) -> Done:
    """Do what the form says about an item of a queue; raises the queue's own refusals."""
    if queue is Queue.DUPLICATES:
        return decide_pair(row, data, user)
    if queue is Queue.PROPOSALS:
        return decide_name(row, data, user)
    return decide_link(row, data, user)


def name_of(queue: Queue, row) -> str:
    """An item of a queue within a sentence: its words, or the names of both records."""
    if queue is Queue.DUPLICATES:
        return f"“{short(row.a.name)}” and “{short(row.b.name)}”"
    return f"“{short(row.name if queue is Queue.PROPOSALS else row.mention.surface)}”"


def size_of(undo: Mapping) -> int:
    """How many rows a remembered decision names."""
    return len(undo.get("keys", ())) + sum(len(keys) for keys in undo.get("mentions", {}).values())


# --- Taking back -----------------------------------------------------------------------------------------------------
@transaction.atomic
def take_back(done: Mapping, user) -> tuple[int, str]:
    """Undo what the session remembers: the key of the item that is open again, and a sentence.

    Raises:
        ReviewError, JudgeError, ProposalError: where somebody went on from it.
        ObjectDoesNotExist: where what it was about is gone.
    """
    if done["what"] == "links":
        links = list(Link.objects.filter(pk__in=done["keys"]).select_related("mention").order_by("pk"))
        again = review.take_back_all(links, user, lenient=len(links) > 1)
        # Back to the very mention that was in view; what an earlier version remembered does not tell which.
        first = next((one for one in again if one.mention_id == done.get("mention")), again[0])
        said = f"Taken back: “{short(first.mention.surface)}” is open again."
        if len(again) > 1:
            said = f"Taken back: {len(again)} mentions of “{short(first.mention.surface)}” are open again."
        if len(again) < len(links):
            said += f" {len(links) - len(again)} were decided anew since, and stay."
        if "since" in done:
            said += _made_taken_back(Entity.objects.get(pk=done["entity"]), done["since"], user)
        return first.pk, said
    if done["what"] == "taken up":
        return _set_aside_again(done, user)
    if done["what"] == "verdict":
        verdict = Judgement.objects.select_related("a", "b").get(pk=done["keys"][0])
        take_back_verdict(verdict, actor=user)
        return done[
            "item"
        ], f"Verdict taken back: “{short(verdict.a.name)}” and “{short(verdict.b.name)}” are open again."
    if done["what"] == "reject":
        [group] = proposals.reopen_all([done["item"]], actor=user)
        return group.pk, f"Taken back: “{short(group.name)}” is proposed again."
    if done["what"] == "reject many":
        groups = proposals.reopen_all(done["keys"], actor=user)
        said = f"Taken back: {len(groups)} name{'s are' if len(groups) != 1 else ' is'} proposed again."
        if left := len(done["keys"]) - len(groups):
            said += f" {left} {'were' if left != 1 else 'was'} decided anew since, and stay{'s' if left == 1 else ''}."
        return groups[0].pk, said
    if done["what"] == "merge":
        return _merge_taken_back(done, user)
    if done["what"] == "name":
        mentions = {int(pk): keys for pk, keys in done["mentions"].items()}
        entity = Entity.objects.get(pk=done["entity"])
        proposals.take_back(mentions, entity, actor=user, aliases=done["aliases"])
        left = list(Link.objects.live().filter(pk__in=done.get("left", ())).select_related("mention"))
        if left:
            review.take_back_all(left, user, regroup=False)
        said = f"Taken back: {short(entity.name)} lost these mentions; the name is unknown again."
        if "since" in done:
            said += _made_taken_back(entity, done["since"], user)
        return done["item"], said
    raise ReviewError("There is nothing to take back.")


def _made_taken_back(entity: Entity, since: int, user) -> str:
    """What became of a record that the decision had made, in a sentence."""
    why = proposals.withdraw_new(entity, since=since, actor=user)
    name = short(entity.name)
    if why:
        return f" The record {name} stays, without these mentions: {why}."
    return f" The new record {name} is withdrawn, too: nothing else had touched it. Its id answers that it is gone."


def _merge_taken_back(done: Mapping, user) -> tuple[int, str]:
    merge = Merge.objects.select_related("survivor", "absorbed").get(pk=done["keys"][0])
    if merge.undone_at is not None:
        raise ReviewError("This merge was undone already.")
    try:
        undone = merging.undo_together(merge, actor=user)
    except merging.MergeError as error:
        raise ReviewError(f"{error} The merge's own page asks about it: g, m leads to the merges.") from error
    names = " and ".join(f"“{short(one.absorbed.name)}”" for one in reversed(undone))
    verb = "are records of their own" if len(undone) > 1 else "is a record of its own"
    return done["item"], f"Merge undone: {names} {verb} again, and the pair is open."


def reject_many(groups: Collection[NilGroup], data: Mapping[str, str], user) -> Done:
    """Say of several unknown names at once that no record is wanted.

    Args:
        groups: names that wait and that nobody else has open.

    Raises:
        ProposalError: where there is none.
        PermissionDenied: where the user may not.
    """
    done = proposals.reject_all(groups, actor=user, reason=note_of(data))
    count = len(done)
    said = f"No record is wanted for {count} name{'s' if count != 1 else ''}; not proposed again."
    return Done(said, {"what": "reject many", "keys": [group.pk for group in done]})


def _set_aside_again(done: Mapping, user) -> tuple[int, str]:
    if "item" in done:
        pair = DuplicateSuggestion.objects.select_related("a", "b").get(pk=done["item"])
        judge(pair.a_id, pair.b_id, Judgement.Verdict.UNSURE, actor=user, reason=done["note"])
        return pair.pk, f"“{short(pair.a.name)}” and “{short(pair.b.name)}” are set aside as unsure again."
    links = list(Link.objects.filter(pk__in=done["keys"]).select_related("mention"))
    [again] = review.take_back_all(links, user, taken_up=True)
    return again.pk, f"“{short(again.mention.surface)}” is set aside as unsure again."
