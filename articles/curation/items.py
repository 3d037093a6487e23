"""What a curator sees of one item: everything a decision needs, in a fixed number of queries. Reads alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F, Q

from articles import review
from articles.curation.names import name_item
from articles.curation.pairs import pair_item
from articles.curation.passages import Passage, passage_of
from articles.models import Article, Link, Mention
from articles.queue import Queue
from articles.review import ALWAYS_AT_ONCE, Scope
from entities.matching.normalize import name_key
from entities.matching.offices import LEADING, offices
from entities.matching.profiles import load_profiles
from entities.matching.types import Kind, MentionType
from entities.models import Entity, Term

CHOICES = 9  # as many as there are digits to choose with
REASONS = 4
PREVIEW = 6  # sentences that "always" shows of what it would reach
PREVIEW_MOST = 100  # where they are asked for
_LIKELY = 0.05  # what is less probable does not decide which reasons the others share
_LEADERS_READ = 400
_TELLING = 0.15  # log-odds below this moved nothing
_KINDS = {
    MentionType.PERSON: Kind.PERSON,
    MentionType.ORGANIZATION: Kind.ORGANIZATION,
    MentionType.PLACE_POLITICAL: Kind.STATE,
    MentionType.AGREEMENT: Kind.AGREEMENT,
    MentionType.ROLE: Kind.PERSON,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A piece of evidence in words; one that all candidates share tells none of them apart."""

    text: str
    is_shared: bool = False


@dataclass(slots=True)
class Choice:
    """A record that may be meant, with what speaks for and against it."""

    number: int
    entity: Entity
    probability: float
    speaks_for: list[Reason] = field(default_factory=list)
    speaks_against: list[Reason] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)  # held on the article's date
    leaders: list[Term] = field(default_factory=list)  # held at this state or organization then


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a decision may go, and how many mentions that is."""

    scope: Scope
    label: str
    count: int


@dataclass(slots=True)
class LinkItem:
    """A doubtful link."""

    link: Link
    mention: Mention
    article: Article
    passage: Passage
    choices: list[Choice]
    reaches: list[Reach]
    kind: str  # that a new record would probably be of
    twins: list[Entity]  # candidates that may be one record: same kind, same name

    @property
    def is_name(self) -> bool:
        """False for a description, which “always” never reaches beyond one article."""
        return review.is_name(self.mention)

    @property
    def has_reasons(self) -> bool:
        """Some candidate says what speaks for or against it."""
        return any(choice.speaks_for or choice.speaks_against for choice in self.choices)


def link_item(link: Link, user) -> LinkItem:
    """A doubtful link as the curator sees it; ``link`` comes with its mention and article."""
    mention, article = link.mention, link.mention.article
    choices = _choices(link, article.published_on)
    kind = _KINDS.get(mention.type) or (choices[0].entity.kind if choices else Kind.PERSON)
    return LinkItem(
        link, mention, article, passage_of(article, mention), choices, _reaches(link, user), str(kind), _twins(choices)
    )


def _twins(choices: Sequence[Choice]) -> list[Entity]:
    """The first candidates of the same kind whose names are equal: what makes the choice hard may be a duplicate."""
    groups: dict[tuple[str, str], list[Entity]] = {}
    for choice in choices:
        groups.setdefault((choice.entity.kind, name_key(choice.entity.name)), []).append(choice.entity)
    return next((group for group in groups.values() if len(group) > 1), [])


def _choices(link: Link, on: str) -> list[Choice]:
    rows = link.mention.candidates.filter(entity__merged_into=None).select_related("entity").order_by("rank", "pk")
    candidates = list(rows[:CHOICES])
    known = {candidate.entity_id for candidate in candidates}
    choices = []
    if link.entity_id is not None and link.entity_id not in known:
        choices.append(Choice(1, link.entity, link.probability))
        candidates = candidates[: CHOICES - 1]
    for candidate in candidates:
        choice = Choice(len(choices) + 1, candidate.entity, candidate.probability)
        choice.speaks_for, choice.speaks_against = _reasons(candidate.evidence, candidate.entity.kind)
        choices.append(choice)
    for choice in choices:
        if choice.entity.pk == link.entity_id and not (choice.speaks_for or choice.speaks_against):
            weighed = [(row[1], str(row[2])) for row in link.evidence if _is_row(row)]
            choice.speaks_for = [Reason(text) for weight, text in weighed if weight > 0]
            choice.speaks_against = [Reason(text) for weight, text in weighed if weight < 0]
    for side in ("speaks_for", "speaks_against"):
        _tell_apart(choices, side)
    if on:
        _add_offices(choices, on)
    return choices


def _add_offices(choices: Sequence[Choice], on: str) -> None:
    """What people held on a day, and who led a state or an organization then: tells namesakes apart."""
    by_record = {choice.entity.pk: choice for choice in choices}
    held = Term.objects.in_use().held_on(on).select_related("entity", "state", "organization")
    for term in held.filter(entity__in=by_record).order_by("-start", "pk"):
        by_record[term.entity_id].terms.append(term)
    places = {pk for pk, choice in by_record.items() if choice.entity.kind != Kind.PERSON}
    at_place = held.filter(
        Q(state__in=places, organization=None) | Q(organization__in=places), entity__merged_into=None
    )
    found: dict[int, list[Term]] = {}
    # Ministers and members there may be thousands: those who are known best lead.
    # An office of which no day is known may have been held at any time: it tells nothing about that day.
    at_place = at_place.exclude(start="", end="")
    for term in at_place.order_by(F("entity__prominence").asc(nulls_last=True), "-start", "pk")[:_LEADERS_READ]:
        found.setdefault(term.organization_id or term.state_id, []).append(term)
    for pk, terms in found.items():
        first = [term for term in terms if offices(term.title) & LEADING]
        by_record[pk].leaders = (first or terms)[:2]


def _tell_apart(choices: Sequence[Choice], side: str) -> None:
    """Put first what the likely candidates do not share; of the rest only as much as there is room for.

    “Is a known name of X” and “is a known name of Y” are the same reason, each said of its own record.
    """

    def said(choice: Choice, reason: Reason) -> str:
        return reason.text.replace(choice.entity.name, "\0")

    likely = [choice for choice in choices if choice.probability >= _LIKELY] or choices
    texts = [{said(choice, reason) for reason in getattr(choice, side)} for choice in likely]
    shared = set.intersection(*texts) if len(texts) > 1 else set()
    for choice in choices:
        reasons = [Reason(reason.text, said(choice, reason) in shared) for reason in getattr(choice, side)]
        setattr(choice, side, sorted(reasons, key=lambda reason: reason.is_shared)[:REASONS])


def _is_row(row) -> bool:
    return isinstance(row, list | tuple) and len(row) == 3 and isinstance(row[1], int | float)


def _reasons(evidence: Iterable, kind: str) -> tuple[list[Reason], list[Reason]]:
    """Stored evidence, ``[feature, value, words]``, as what speaks for and against, what weighs most first."""
    profiles = load_profiles()
    weighed = []
    for row in evidence or ():
        if not _is_row(row):
            continue
        name, value, text = row
        # Descriptions ("the president") have weights of their own, for features that a name does not have.
        weight = next(
            (profiles[one].weights[name] for one in (kind, "role", "described") if name in profiles[one].weights), 0
        )
        if name == "described" and weight < 0:
            continue  # a correction of the other weights: that a record has many names is no reason against it
        if abs(weight * value) >= _TELLING and text:
            weighed.append((weight * value, str(text).removeprefix("but ")))
    weighed.sort(key=lambda one: -abs(one[0]))
    return (
        [Reason(text) for worth, text in weighed if worth > 0],
        [Reason(text) for worth, text in weighed if worth < 0],
    )


def _reaches(link: Link, user) -> list[Reach]:
    """The scopes that reach further than the one before them."""
    mention = link.mention
    counted = review.open_alike(mention, user).aggregate(
        always=Count("pk"), article=Count("pk", filter=Q(mention__article=mention.article_id))
    )
    if link.is_unsure:  # it is none of those that wait, and decided along with them
        counted = {scope: count + 1 for scope, count in counted.items()}
    chain = Mention.objects.filter(article_id=mention.article_id, chain=mention.chain).count()
    reaches = [Reach(Scope.MENTION, "this mention", 1)]
    if chain > 1:
        reaches.append(Reach(Scope.CHAIN, "its chain: the same one in this article, however named", chain))
    if counted["article"] > 1:
        reaches.append(Reach(Scope.ARTICLE, f"every open “{mention.surface}” of this article", counted["article"]))
    if review.is_name(mention) and counted["always"] > max(1, counted["article"]):
        count = min(counted["always"], ALWAYS_AT_ONCE)
        reaches.append(Reach(Scope.ALWAYS, f"always: every open “{mention.surface}”", count))
    return reaches


@dataclass(slots=True)
class Reached:
    """Part of what a decision would reach."""

    mention: Mention
    article: Article
    passage: Passage
    is_other: bool = False  # linked to another record than the one in view: left out unless wanted
    item: int | None = None  # the key by which it waits in the queue itself


def preview(link: Link, scope: Scope, user, most: int = PREVIEW) -> tuple[list[Reached], int]:
    """The first mentions that a decision would reach beside the one in view, and how many it reaches in all."""
    mention = link.mention
    if scope is Scope.CHAIN:
        rows = Mention.objects.filter(article_id=mention.article_id, chain=mention.chain)
    elif scope in (Scope.ARTICLE, Scope.ALWAYS):
        alike = review.open_alike(mention, user)
        if scope is Scope.ARTICLE:
            alike = alike.filter(mention__article=mention.article_id)
        rows = Mention.objects.filter(pk__in=alike.order_by().values("mention_id"))
    else:
        return [], 1
    rows = rows.exclude(pk=mention.pk)
    total = min(rows.count() + 1, ALWAYS_AT_ONCE)
    shown = list(rows.select_related("article").order_by("pk")[:most])
    others = review.linked_elsewhere(link) if scope is Scope.CHAIN else set()
    waiting = dict(Link.objects.doubtful().filter(mention__in=shown).values_list("mention_id", "pk"))
    reached = [
        Reached(row, row.article, passage_of(row.article, row, around=0), row.pk in others, waiting.get(row.pk))
        for row in shown
    ]
    return reached, total


# --- Any queue -------------------------------------------------------------------------------------------------------
def item_of(queue: Queue, row, user):
    """An item as its queue shows it."""
    if queue is Queue.DUPLICATES:
        return pair_item(row)
    if queue is Queue.PROPOSALS:
        return name_item(row)
    return link_item(row, user)


@dataclass(frozen=True, slots=True)
class Title:
    """An item of the strip of what comes next; ``place`` tells which of them are about one article."""

    key: int
    words: str
    where: str
    place: int = 0


def titles(queue: Queue, rows: Sequence) -> list[Title]:
    """The strip of what comes next."""
    if queue is Queue.DUPLICATES:
        return [Title(pair.pk, pair.a.name, pair.b.name) for pair in rows]
    if queue is Queue.PROPOSALS:
        return [
            Title(group.pk, group.name, f"{group.article_count} article{'' if group.article_count == 1 else 's'}")
            for group in rows
        ]
    return [
        Title(
            link.pk, link.mention.surface, link.mention.article.source or str(link.mention.article),
            link.mention.article_id,
        )
        for link in rows
    ]  # fmt: skip
