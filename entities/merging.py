"""Two records become one, and apart again: merge, undo, split, and what a curator must know before.

Everything an operation changes is written down in its journal (``entities/journal.py``), which is kept on the Merge or
Split row: taking it back restores each row that nobody touched since, and asks about the others. Nothing is deleted;
an absorbed record's id goes on answering, through a redirect that always leads to a live record in one step.

Locks: records first, by key, then facts, table by table; and no wait is longer than ``_LOCK_TIMEOUT_MS``, well before
PostgreSQL looks for deadlocks, so that it is always the merge that gives way, and begins again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.db.models import Max, Q
from django.utils import timezone

from entities import takedown
from entities.blocks import held_fields
from entities.candidates import CandidateIndex
from entities.journal import (
    AT_ONCE,
    Journal,
    fingerprint,
    label_of,
    lock_rows,
    locked,
    locked_by_pk,
    places_of,
    rows_of,
    take_back,
    value_of,
)
from entities.matching.dates import partial_date
from entities.matching.normalize import name_key, script_of
from entities.matching.types import SENSE_TYPES, Kind
from entities.models import (
    DATE_FIELDS,
    UNIQUE_SCHEMES,
    Alias,
    DuplicateSuggestion,
    Entity,
    Event,
    Identifier,
    Judgement,
    Merge,
    Relation,
    SourceRecord,
    Split,
    Term,
    new_public_id,
)
from entities.reading import value_in_words
from entities.records import load_views
from entities.signals import (
    entity_changed,
    entity_merged,
    entity_merging,
    entity_split,
    entity_splitting,
    entity_unmerging,
    impact_asked,
    undo_planning,
)
from entities.summaries import summarize

#: Values of a record of which a merge keeps one.
FIELDS = (
    "name", "description", "valid_from", "valid_to", "prominence", "subtype", "capital", "signed", "in_force",
    "source_id",
)  # fmt: skip
_KIND_FIELDS = {"signed": Kind.AGREEMENT, "in_force": Kind.AGREEMENT, "capital": Kind.STATE}

MAX_TOGETHER = 20  # records that a page merges in one step
_LOCK_TIMEOUT_MS = 400  # PostgreSQL looks for deadlocks after 1,000 ms of waiting
_PATIENCE_SECONDS = 60

#: The references of each sort of fact to records, and what makes two facts of a sort say the same.
_FACTS: tuple[tuple[type[models.Model], tuple[str, ...], tuple[str, ...]], ...] = (
    (Alias, ("entity_id",), ("entity_id", "name", "lang", "type")),
    (Identifier, ("entity_id",), ("entity_id", "scheme", "value")),
    (
        Term,
        ("entity_id", "state_id", "organization_id"),
        ("entity_id", "title", "state_id", "state_text", "organization_id", "organization_text", "start", "end"),
    ),
    (Relation, ("entity_id", "target_id"), ("entity_id", "type", "target_id", "target_text", "start")),
)
_BY_LABEL = {label_of(model): (model, references, key) for model, references, key in _FACTS}
_SORT_WORDS = {
    "entities.alias": "alias", "entities.identifier": "identifier", "entities.term": "term of office",
    "entities.relation": "relation", "entities.sourcerecord": "source row", "entities.entity": "record",
    "entities.judgement": "verdict", "entities.duplicatesuggestion": "suggested pair", "articles.link": "mention",
    "articles.candidate": "runner-up", "articles.surfaceprior": "learnt wording", "articles.nilgroup": "unknown name",
}  # fmt: skip


#: Where “s” alone makes no plural, and where the short word says nothing to a curator: one, many; in the order told.
_COUNTED = {
    "record": ("record", "records"), "mention": ("mention", "mentions"), "alias": ("alias", "aliases"),
    "identifier": ("identifier", "identifiers"), "term of office": ("term of office", "terms of office"),
    "relation": ("tie to another record", "ties to other records"),
    "source row": ("row of a source", "rows of sources"), "verdict": ("verdict on a pair", "verdicts on pairs"),
    "suggested pair": ("suggested pair", "suggested pairs"), "unknown name": ("unknown name", "unknown names"),
    "runner-up": ("second choice of a mention", "second choices of mentions"),
    "learnt wording": ("learnt wording", "learnt wordings"),
}  # fmt: skip


def counts_in_words(rows: Mapping[str, int]) -> str:
    """Rows by sort as a curator says it: ``"2 records, 14 mentions and 3 aliases"``; what is none is left out."""
    order = [*_COUNTED, *(sort for sort in rows if sort not in _COUNTED)]
    words = {sort: _COUNTED.get(sort, (sort, f"{sort}s")) for sort in order}
    told = [f"{rows[sort]:,} {words[sort][rows[sort] != 1]}" for sort in order if rows.get(sort)]
    return " and ".join(filter(None, [", ".join(told[:-1]), *told[-1:]]))


class MergeError(Exception):
    """What cannot be done, in a sentence for the curator."""


class UndoNeedsChoices(MergeError):
    """Something was touched since the merge; ``plan`` lists what, and where it may go."""

    def __init__(self, plan: UndoPlan):
        super().__init__(
            f"{len(plan.edits)} later change{'s' if len(plan.edits) != 1 else ''} must be sent to one record or the "
            "other first."
        )
        self.plan = plan


@dataclass(frozen=True, slots=True)
class LaterEdit:
    """Something that was written since a merge, and where an undo may send it."""

    key: str  # what ``choices`` names it by
    text: str  # in words
    options: tuple[tuple[str, str], ...]  # (value, words)
    default: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What has to be undone before an earlier operation can be: a sentence, and the operation where it is known."""

    sentence: str
    operation: Merge | Split | None = None


@dataclass(slots=True)
class UndoPlan:
    """What an undo would do. ``refusal`` says why it cannot be done, or is empty."""

    merge: Merge
    refusal: str = ""
    obstacle: Obstacle | None = None
    edits: list[LaterEdit] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)  # rows that go back, by sort

    @property
    def is_exact(self) -> bool:
        """True if nothing was touched since: the undo restores exactly what was."""
        return not self.refusal and not self.edits


@dataclass(frozen=True, slots=True)
class Impact:
    """What a merge touches, told before it is saved."""

    facts: dict[str, int]  # of the absorbed record, by sort
    referring: int  # facts of other records that point at it
    redirects: int  # ids that will answer with the survivor
    mentions: int
    articles: int


# --- What a curator sees before --------------------------------------------------------------------------------------
def propose_survivor(a: Entity, b: Entity) -> Entity:
    """The record whose id is kept unless the curator says otherwise: the better known, then the older one."""
    return min(a, b, key=lambda record: (record.prominence or 9, record.pk))


def propose_fields(survivor: Entity, absorbed: Entity) -> dict[str, int]:
    """For each field in which two records differ, the key of the record whose value is kept.

    The survivor's, unless it has none, or the other one's was set by a person and this one's was not, or says the same
    day more precisely. The better known grade of prominence is kept. What was taken down or corrected on one of the two
    stays as it is there.
    """
    winners = {}
    held = held_fields([survivor.pk, absorbed.pk])
    for name in _differing(survivor, absorbed):
        ours, theirs = value_of(survivor, name), value_of(absorbed, name)
        holder = next((pk for pk in (survivor.pk, absorbed.pk) if name in held.get(pk, ())), None)
        if holder is not None and (name != "name" or value_of(absorbed, "name")):
            winners[name] = holder
            continue
        takes = ours in ("", None)
        if not takes and theirs not in ("", None) and name != "source_id":
            base = name.partition(".")[0]
            is_set = base in absorbed.curated_fields and base not in survivor.curated_fields
            is_more_precise = name in DATE_FIELDS and base not in survivor.curated_fields and theirs.startswith(ours)
            is_better = name == "prominence" and "prominence" not in survivor.curated_fields and theirs < ours
            takes = is_set or is_more_precise or is_better
        winners[name] = absorbed.pk if takes else survivor.pk
    return winners


def _differing(survivor: Entity, absorbed: Entity) -> list[str]:
    names = [name for name in FIELDS if _KIND_FIELDS.get(name, survivor.kind) == survivor.kind]
    names += [f"attributes.{key}" for key in sorted({*survivor.attributes, *absorbed.attributes})]
    return [name for name in names if value_of(survivor, name) != value_of(absorbed, name)]


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


def impact(survivor: Entity, absorbed: Sequence[Entity]) -> Impact:
    """What would be touched if records were merged into one: rows by sort, mentions, articles."""
    ids = [record.pk for record in absorbed if record.pk != survivor.pk]
    facts = {
        _SORT_WORDS[label_of(model)]: model.objects.filter(entity__in=ids, withdrawn_at=None).count()
        for model, _, _ in _FACTS
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


# --- One transaction, begun again when others are in the way ---------------------------------------------------------
class _LockMore(Exception):
    """The records to be locked turned out to be more than those that were."""

    def __init__(self, ids: set[int]):
        super().__init__()
        self.ids = ids


def _atomically(ids: set[int], work: Callable[[dict[int, Entity]], object]):
    """Run ``work`` in one transaction with records locked by key; begin again when others are in the way."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    attempt = 0
    while True:
        try:
            with transaction.atomic(), _short_waits():
                return work(locked_by_pk(Entity, ids))
        except _LockMore as more:
            ids = ids | more.ids
        except OperationalError as error:
            if not _is_contention(error) or time.monotonic() > give_up_at:
                if _is_contention(error):
                    raise MergeError(
                        "Others are changing these records just now; nothing was changed. Please try again."
                    ) from error
                raise
            attempt += 1
            time.sleep(random.uniform(0.005, min(0.02 * 2 ** min(attempt, 5), 0.4)))


class _short_waits:
    """Inside: no statement waits long for a lock on PostgreSQL. SQLite has one writer at a time, from BEGIN on."""

    def __enter__(self):
        self.before = None
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('lock_timeout')")
                self.before = cursor.fetchone()[0]
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_LOCK_TIMEOUT_MS}ms"])

    def __exit__(self, kind, *_):
        # After an error the savepoint or transaction takes the setting back by itself.
        if self.before is not None and kind is None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [self.before])


def _is_contention(error: OperationalError) -> bool:
    state = getattr(error.__cause__, "sqlstate", "") or ""
    # Lock not available, deadlock, serialization failure; and what SQLite says.
    return state in ("55P03", "40P01", "40001") or "locked" in str(error)


def may_merge(actor) -> bool:
    """Whether somebody may merge, undo and split; None is the system itself (an import of redirects)."""
    return actor is None or actor.has_perm("entities.merge_entity")


def _check_may_merge(actor) -> None:
    if not may_merge(actor):
        raise PermissionDenied(
            "Merging, undoing and splitting need the permission “Can merge, undo and split records”."
        )


# --- Merge -----------------------------------------------------------------------------------------------------------
def merge(
    *,
    survivor_id: int,
    absorbed_id: int,
    actor,
    reason: str = "",
    fields: Mapping[str, int] | None = None,
    override: bool = False,
) -> Merge:
    """Redirect one record to another; the Merge row keeps all that ``undo`` needs to restore the earlier state.

    Args:
        survivor_id, absorbed_id: keys of two live records.
        actor: who does it; None for the system itself.
        fields: winners, ``{"name": absorbed_id, …}``: a field of ``FIELDS`` or ``"attributes.…"`` and the key of the
            record whose value is kept. ``propose_fields`` decides about the others.
        override: go on in spite of ``contradictions``; needs a reason.

    Raises:
        MergeError: with a sentence for the curator, and nothing changed.
        PermissionDenied: if the actor may not merge.
    """
    return merge_many(
        survivor_id=survivor_id, absorbed_ids=[absorbed_id], actor=actor, reason=reason, fields=fields,
        override=override,
    )[0]  # fmt: skip


def merge_many(
    *,
    survivor_id: int,
    absorbed_ids: Iterable[int],
    actor,
    reason: str = "",
    fields: Mapping[str, int] | None = None,
    override: bool = False,
) -> list[Merge]:
    """Redirect several records to one, in one transaction: all or none. Arguments and errors as of ``merge``."""
    _check_may_merge(actor)
    absorbed_ids = sorted(set(absorbed_ids))
    if survivor_id in absorbed_ids:
        raise MergeError("A record cannot be merged into itself.")
    if not absorbed_ids:
        raise MergeError("Choose at least two records to merge.")
    everyone = {survivor_id, *absorbed_ids}
    for name, winner in (fields or {}).items():
        if winner not in everyone:
            raise MergeError(f"The value of “{name}” must come from one of the records that are merged.")
        if name not in FIELDS and not name.startswith("attributes."):
            raise MergeError(f"A merge does not choose “{name}”.")

    def work(rows: dict[int, Entity]) -> list[Merge]:
        _check_live(rows, everyone)
        children = set(Entity.objects.filter(merged_into__in=absorbed_ids).values_list("pk", flat=True))
        if children - rows.keys():
            raise _LockMore(children)
        done: list[Merge] = []
        for absorbed_id in absorbed_ids:
            done.append(_merge_one(rows[survivor_id], rows[absorbed_id], actor, reason, dict(fields or {}), override))
        if len(done) > 1:
            for one in done:
                one.inverse["together"] = [other.pk for other in done]
                one.save(update_fields=["inverse"])
        _keep_down([survivor_id])
        _announce(done, everyone)
        return done

    return _atomically(everyone, work)


def _keep_down(ids: Iterable[int]) -> None:
    """What was taken down of one of these records stays down, whichever of them has it now."""
    try:
        takedown.enforce(ids)
    except takedown.TakedownError as error:
        raise MergeError(str(error)) from error


def _check_up(rows: dict[int, Entity], wanted: Iterable[int]) -> None:
    for pk in wanted:
        if pk in rows and rows[pk].suppressed_at is not None:
            raise MergeError(f"{rows[pk].public_id} was taken down as a whole; nothing was changed.")


def _check_live(rows: dict[int, Entity], wanted: Iterable[int]) -> None:
    for pk in sorted(wanted):
        row = rows.get(pk)
        if row is None:
            raise MergeError("One of the records does not exist.")
        if row.suppressed_at is not None:
            raise MergeError(f"{row.public_id} was taken down as a whole; nothing was changed.")
        if row.merged_into_id is not None:
            survivor = Entity.objects.get(pk=row.merged_into_id)
            raise MergeError(
                f"‹{row}› was merged into ‹{survivor}› ({survivor.public_id}) already; nothing was changed."
            )


def _merge_one(survivor: Entity, absorbed: Entity, actor, reason: str, fields: dict[str, int], override: bool) -> Merge:
    against = contradictions(survivor, absorbed)
    if against and not override:
        raise MergeError(" ".join(against) + " If they are one all the same, say why.")
    if against and not reason.strip():
        raise MergeError("Say why, to merge records that contradict each other.")
    now = timezone.now()
    journal = Journal()
    winners = propose_fields(survivor, absorbed)
    for name, winner in fields.items():
        if name in winners:
            # Of several absorbed records each takes its turn; a value won by a third one is not this one's to set.
            winners[name] = absorbed.pk if winner == absorbed.pk else survivor.pk
    before = {name: value_of(survivor, name) for name in winners}
    both = (survivor.pk, absorbed.pk)
    own_name = survivor.name
    _take_fields(
        journal, survivor, absorbed, winners, chosen={name for name, winner in fields.items() if winner in both}
    )
    _move_facts(journal, survivor.pk, absorbed.pk, now)
    _settle_contests(journal, survivor.pk)
    for name in dict.fromkeys((own_name, absorbed.name)):
        _keep_name(journal, survivor, name, origin_id=survivor.pk if name == own_name else absorbed.pk)
    _move_verdicts(journal, survivor.pk, absorbed.pk, now)
    entity_merging.send(sender=Merge, survivor_id=survivor.pk, absorbed_id=absorbed.pk, journal=journal)
    children = locked(Entity.objects.filter(merged_into=absorbed.pk))
    journal.change(children, merged_into_id=survivor.pk)
    journal.change([absorbed], merged_into_id=survivor.pk)
    _written([survivor, absorbed], journal)
    done = Merge.objects.create(
        survivor=survivor, absorbed=absorbed, actor=actor, reason=reason[:2000],
        inverse={
            "changes": journal.changes,
            "twins": journal.twins,
            "fields": fields,
            "in_spite_of": against,
            "said": _fingerprints(journal.changes),
            "values": {name: value_of(survivor, name) for name in _all_fields(survivor)},
            "before": {name: old for name, old in before.items() if value_of(survivor, name) != old},
            "last": _last_rows(),
        },
    )  # fmt: skip
    event = Event.objects.create(
        entity=survivor, other=absorbed, type=Event.Type.MERGED, actor=actor, reason=reason[:2000],
        before={name: old for name, old in before.items() if value_of(survivor, name) != old},
        after={
            "merge": done.pk,
            **{name: value_of(survivor, name) for name, old in before.items() if value_of(survivor, name) != old},
        },
    )  # fmt: skip
    done.inverse["event"] = event.pk
    done.save(update_fields=["inverse"])
    return done


def note_merge_elsewhere(survivor: Entity, absorbed: Entity) -> Merge:
    """Keep a merge that another database did: ``absorbed`` is a bare signpost, its facts came with the survivor."""
    journal = Journal()
    journal.change([absorbed], merged_into_id=survivor.pk)
    reason = "merged elsewhere, and imported as merged"
    done = Merge.objects.create(
        survivor=survivor, absorbed=absorbed, reason=reason,
        inverse={
            "changes": journal.changes, "twins": {}, "fields": {}, "in_spite_of": [], "said": {}, "before": {},
            "values": {name: value_of(survivor, name) for name in _all_fields(survivor)}, "last": _last_rows(),
        },
    )  # fmt: skip
    event = Event.objects.create(
        entity=survivor, other=absorbed, type=Event.Type.MERGED, reason=reason, after={"merge": done.pk}
    )
    done.inverse["event"] = event.pk
    done.save(update_fields=["inverse"])
    return done


def _all_fields(record: Entity) -> list[str]:
    return [*FIELDS, *(f"attributes.{key}" for key in sorted(record.attributes))]


def _take_fields(
    journal: Journal, survivor: Entity, absorbed: Entity, winners: Mapping[str, int], chosen: set[str]
) -> None:
    new = {}
    for name, winner in winners.items():
        base = name.partition(".")[0]
        if winner == absorbed.pk:
            value = value_of(absorbed, name)
            if name == "name" and not value:
                continue
            new[name] = value
        is_set = name in chosen or (winner == absorbed.pk and base in absorbed.curated_fields)
        if is_set and base != "source_id" and base not in survivor.curated_fields:
            new[f"curated_fields.{base}"] = True
    journal.change_parts(survivor, new)


def _move_facts(journal: Journal, to: int, from_: int, now) -> None:
    """Every fact of one record, and every reference to it, to another; what it says already is withdrawn."""
    for model, references, key in _FACTS:
        touched = locked(model.objects.filter(_any_of(references, from_)))
        if not touched:
            continue
        pks = {row.pk for row in touched}
        owners = {row.entity_id for row in touched}
        standing = model.objects.in_use().filter(
            Q(entity=to) | (Q(entity__in=owners) & _any_of(references, to)) if len(references) > 1 else Q(entity=to)
        )
        taken = {_key(row, key, {}): row.pk for row in standing.order_by("pk") if row.pk not in pks}
        _repoint(journal, touched, references, key, {from_: to}, taken, now)
    rows = locked(SourceRecord.objects.filter(entity=from_))
    journal.change([row for row in rows if row.origin_id is None], entity_id=to, origin_id=from_)
    journal.change([row for row in rows if row.origin_id is not None], entity_id=to)


def _any_of(references: Sequence[str], pk: int) -> Q:
    condition = Q()
    for name in references:
        condition |= Q(**{name: pk})
    return condition


def _key(row, names: Sequence[str], renamed: Mapping[int, int]) -> tuple:
    return tuple(
        renamed.get(value, value) if name.endswith("_id") else value
        for name, value in ((name, getattr(row, name)) for name in names)
    )


def _repoint(
    journal: Journal, touched: Sequence, references: Sequence[str], key: Sequence[str], renamed: Mapping[int, int],
    taken: dict[tuple, int], now,
) -> None:  # fmt: skip
    """Give facts their new record, in one statement for all that get the same; doubles are withdrawn on the way."""
    grouped: dict[tuple, list] = {}
    for row in touched:
        new = {name: renamed[getattr(row, name)] for name in references if getattr(row, name) in renamed}
        if "entity_id" in new and row.origin_id is None:
            new["origin_id"] = row.entity_id
        if row.withdrawn_at is None:
            place = _key(row, key, renamed)
            is_loop = isinstance(row, Relation) and place[0] == place[2]
            if is_loop or place in taken:
                new["withdrawn_at"] = now.isoformat()
                if not is_loop:
                    journal.twins[f"{label_of(row)}:{row.pk}"] = taken[place]
            else:
                taken[place] = row.pk
        grouped.setdefault(tuple(sorted(new.items())), []).append(row)
    # Doubles leave first, so that no two rows ever say the same at once.
    for new, rows in sorted(grouped.items(), key=lambda pair: "withdrawn_at" not in dict(pair[0])):
        journal.change(rows, **dict(new))


def _settle_contests(journal: Journal, pk: int) -> None:
    """An identifier that only its other holder contested is contested no more."""
    contested = locked(Identifier.objects.in_use().filter(entity=pk, is_contested=True, scheme__in=UNIQUE_SCHEMES))
    for row in contested:
        others = Identifier.objects.in_use().filter(scheme=row.scheme, value=row.value).exclude(pk=row.pk)
        if not others.exists():
            journal.change([row], is_contested=False)


def _keep_name(journal: Journal, record: Entity, name: str, origin_id: int) -> None:
    """A record that was known by a name goes on being found by it."""
    known = Alias.objects.filter(entity=record.pk, name=name).values_list("type", "withdrawn_at")
    # Withdrawn as a plain name: somebody said that it is none.
    if any(type_ not in SENSE_TYPES for type_, _ in known):
        return
    row = journal.add(
        Alias(entity_id=record.pk, origin_id=origin_id, name=name, key=name_key(name)[:500], script=script_of(name))
    )
    CandidateIndex().index_aliases([row.pk])


def _find_by_own_name(journal: Journal, record: Entity) -> None:
    """A record that stands by itself again is found by its own name, even where a source took that back meanwhile."""
    known = [row for row in Alias.objects.filter(entity=record.pk, name=record.name) if row.type not in SENSE_TYPES]
    if not known:
        _keep_name(journal, record, record.name, origin_id=record.pk)
    elif all(row.withdrawn_at for row in known):
        latest = max(known, key=lambda row: (row.withdrawn_at, row.pk))
        journal.change([latest], withdrawn_at=None)
        CandidateIndex().index_aliases([latest.pk])


_SEVERITY = {Judgement.Verdict.DIFFERENT: 2, Judgement.Verdict.UNSURE: 1, Judgement.Verdict.SAME: 0}


def _move_verdicts(journal: Journal, to: int, from_: int, now) -> None:
    """What was said of the absorbed record holds of the survivor; of two verdicts the more careful one stands."""
    rows = locked(Judgement.objects.filter(Q(a=from_) | Q(b=from_), superseded_at=None))
    others = {row.b_id if row.a_id == from_ else row.a_id for row in rows}
    live = set(Entity.objects.current().filter(pk__in=others).values_list("pk", flat=True))
    standing = _by_pair(Judgement.objects.filter(Q(a=to) | Q(b=to), superseded_at=None))
    for row in rows:
        other = row.b_id if row.a_id == from_ else row.a_id
        if other == to:
            if row.verdict == Judgement.Verdict.DIFFERENT:  # overridden, with a reason
                journal.change([row], superseded_at=now.isoformat())
            continue
        if other not in live:
            continue
        a, b = sorted((to, other))
        known = standing.get((a, b))
        if known is not None and _SEVERITY[known.verdict] >= _SEVERITY[row.verdict]:
            journal.change([row], superseded_at=now.isoformat())
            continue
        if known is not None:
            journal.change([known], superseded_at=now.isoformat())
        journal.change([row], a_id=a, b_id=b)
        standing[a, b] = row
    different = {pair for pair, row in standing.items() if row.verdict == Judgement.Verdict.DIFFERENT}
    suggested = locked(DuplicateSuggestion.objects.filter(Q(a=from_) | Q(b=from_), closed_at=None))
    taken = set(DuplicateSuggestion.objects.filter(Q(a=to) | Q(b=to)).values_list("a_id", "b_id"))
    for row in suggested:
        other = row.b_id if row.a_id == from_ else row.a_id
        pair = tuple(sorted((to, other)))
        if other == to or pair in taken or pair in different:
            journal.change([row], closed_at=now.isoformat())
        else:
            journal.change([row], a_id=pair[0], b_id=pair[1])
            taken.add(pair)


def _by_pair(rows: models.QuerySet) -> dict[tuple[int, int], Judgement]:
    return {(row.a_id, row.b_id): row for row in rows}


def _written(records: Iterable[Entity], journal: Journal, *, describe: bool = True) -> None:
    """Raise the version of records; describe the live ones anew from their facts."""
    now = timezone.now()
    live = [record.pk for record in records if record.merged_into_id is None] if describe else []
    views = load_views(live)
    referred = {id_ for view in views.values() for id_ in (*view.states, *view.parties)}
    names = dict(Entity.objects.filter(pk__in=referred).values_list("pk", "name"))
    for record in records:
        record.version += 1
        record.updated_at = now
        Entity.objects.filter(pk=record.pk).update(version=record.version, updated_at=now)
        if record.pk in views:
            journal.change([record], summary=summarize(views[record.pk], names))


def _is_described(changes: Iterable[dict], back: Iterable[dict]) -> bool:
    """Whether taking changes back brought the generated descriptions back as well."""

    def described(some: Iterable[dict]) -> set[int]:
        return {pk for one in some if one["new"] and "summary" in one["new"] for pk in one["pks"]}

    return described(changes) <= described(back)


def _fingerprints(changes: Iterable[dict]) -> dict[str, str]:
    """What each moved fact says, to tell later whether it was edited."""
    wanted: dict[str, set[int]] = {}
    for change in changes:
        if change["model"] in _BY_LABEL and change["new"] and "entity_id" in change["new"]:
            wanted.setdefault(change["model"], set()).update(change["pks"])
    return {
        f"{label}:{row.pk}": fingerprint(row, _MOVED)
        for label, pks in wanted.items()
        for row in _rows(_BY_LABEL[label][0], pks)
    }


#: Left out of fingerprints: what merges and splits themselves change.
_MOVED = ("entity_id", "origin_id", "withdrawn_at", "state_id", "organization_id", "target_id", "is_contested")


def _rows(model: type[models.Model], pks: Iterable[int]) -> Iterable[models.Model]:
    ordered = sorted(pks)
    for start in range(0, len(ordered), AT_ONCE):
        yield from model.objects.filter(pk__in=ordered[start : start + AT_ONCE]).order_by("pk")


def _last_rows() -> dict[str, int]:
    """The highest key of each table of facts: whatever has a higher one came later."""
    return {
        label_of(model): model.objects.aggregate(last=Max("pk"))["last"] or 0
        for model in (*(model for model, _, _ in _FACTS), SourceRecord)
    }


def _announce(done: Iterable[Merge], ids: Iterable[int]) -> None:
    for one in done:
        transaction.on_commit(partial(entity_merged.send, sender=Merge, merge=one))
    transaction.on_commit(partial(entity_changed.send, sender=Entity, ids=sorted(ids)))


# --- Undo ------------------------------------------------------------------------------------------------------------
def plan_undo(merge: Merge, *, besides: Iterable[int] = ()) -> UndoPlan:
    """What undoing a merge would do: why it cannot be done, what was touched since, how many rows go back.

    Args:
        besides: keys of later merges that are undone first, in the same step.
    """
    plan = UndoPlan(merge)
    if merge.undone_at is not None:
        plan.refusal = "This merge was undone already."
        return plan
    plan.obstacle = _later_operation(merge.inverse, merge.survivor_id, merge.inverse["event"], besides=besides)
    plan.refusal = plan.obstacle.sentence if plan.obstacle is not None else ""
    for label, pks in rows_of(merge.inverse["changes"]).items():
        plan.rows[_SORT_WORDS.get(label, label.partition(".")[2])] = len(pks)
    if not plan.refusal:
        plan.edits = [*_later_fields(merge), *_later_facts(merge)]
        for _, found in undo_planning.send(sender=Merge, merge=merge):
            plan.edits.extend(found or [])
    return plan


def _later_operation(inverse: dict, owner_id: int, event_id: int, *, besides: Iterable[int] = ()) -> Obstacle | None:
    """The later merge or split which has to be undone first."""
    owner = Entity.objects.select_related("merged_into").get(pk=owner_id)
    if owner.merged_into_id is not None:
        last = Merge.objects.filter(absorbed=owner_id, undone_at=None).select_related("actor", "survivor").first()
        if last is not None:
            sentence = f"‹{owner}› was itself merged into ‹{last.survivor}› later ({_told(last)}). Undo that first."
            return Obstacle(sentence, last)
        # A split that was taken back: splitting again makes it a record once more.
        parted = Split.objects.filter(target=owner_id, is_new=True).exclude(undone_at=None).order_by("-pk").first()
        return Obstacle(f"‹{owner}› itself went into ‹{owner.merged_into}› later. Undo that first.", parted)
    places = places_of(inverse["changes"])
    wholes = {(model, pk) for model, pk, name in places if name == ""}
    touched = {(model, pk) for model, pk, _ in places}
    for later in _live_operations_since(event_id, _concerned(inverse, owner_id)):
        if isinstance(later, Merge) and later.pk in besides:
            continue
        theirs = places_of(later.inverse["changes"])
        twins = {(ref.partition(":")[0], pk) for ref, pk in later.inverse.get("twins", {}).items()}
        clash = (
            places & theirs
            or {place for place in theirs if place[:2] in wholes}
            or {place for place in theirs if place[2] == "" and place[:2] in touched}
            or twins & touched
        )
        if clash:
            if isinstance(later, Merge):
                what = f"‹{later.absorbed}› was merged into ‹{later.survivor}›"
            else:
                what = f"Part of ‹{later.source}› was sent to ‹{later.target}›"
            return Obstacle(f"{what} later ({_told(later)}). Undo that first.", later)
    return None


def _concerned(inverse: dict, *ids: int) -> set[int]:
    """The records that the rows of a journal refer to now: a later operation on such a row concerns one of them."""
    found = set(ids)
    for label, pks in rows_of(inverse["changes"]).items():
        references = _BY_LABEL[label][1] if label in _BY_LABEL else {
            "entities.entity": ("id", "merged_into_id"), "entities.judgement": ("a_id", "b_id"),
            "entities.duplicatesuggestion": ("a_id", "b_id"),
        }.get(label, ("entity_id",))  # fmt: skip
        ordered = sorted(pks)
        for start in range(0, len(ordered), AT_ONCE):
            rows = apps.get_model(label)._default_manager.filter(pk__in=ordered[start : start + AT_ONCE])
            for values in rows.order_by().values_list(*references).distinct():
                found.update(value for value in values if value is not None)
    return found


def _live_operations_since(event_id: int, concerned: set[int]) -> list[Merge | Split]:
    """Merges and splits after an event that stand and concern one of these records, the last first."""
    events = Event.objects.filter(pk__gt=event_id, type__in=[Event.Type.MERGED, Event.Type.RESTORED, Event.Type.SPLIT])
    merges, splits = set(), set()
    ordered = sorted(concerned)
    for start in range(0, len(ordered), AT_ONCE):
        some = ordered[start : start + AT_ONCE]
        for after in events.filter(Q(entity__in=some) | Q(other__in=some)).values_list("after", flat=True):
            merges.add(after.get("merge"))
            splits.add(after.get("split"))
    found = [
        *Merge.objects.filter(pk__in=merges - {None}, undone_at=None).select_related("survivor", "absorbed", "actor"),
        *Split.objects.filter(pk__in=splits - {None}, undone_at=None).select_related("source", "target", "actor"),
    ]
    return sorted((one for one in found if one.inverse["event"] > event_id), key=lambda one: -one.inverse["event"])


def _told(operation: Merge | Split) -> str:
    if isinstance(operation, Merge):
        what, at = f"merge {operation.pk}", operation.merged_at
    else:
        what, at = f"split {operation.pk}", operation.split_at
    return f"{what}, {partial_date(f'{at:%Y-%m-%d}')}" + (f", by {operation.actor}" if operation.actor else "")


def _later_fields(merge: Merge) -> list[LaterEdit]:
    """Values of the survivor that were changed since the merge."""
    survivor, absorbed = merge.survivor, merge.absorbed
    left, before = merge.inverse["values"], merge.inverse["before"]
    others = _names_written_by_others(merge)
    edits = []
    for name in sorted({*_all_fields(survivor), *left}):
        now = value_of(survivor, name)
        if now == left.get(name) or name == "source_id" or name in others:
            continue
        after, first = value_in_words(name, left.get(name)), value_in_words(name, before.get(name))
        text = f"{_field_word(name)} was set to “{value_in_words(name, now)}” since the merge"
        if name in before:
            text += f" (the merge had made it “{after}”, before it was “{first}”)"
        edits.append(
            LaterEdit(
                f"field:{name}", text,
                (
                    ("survivor", f"keep it on ‹{survivor}›"),
                    ("absorbed", f"it belongs to ‹{absorbed}›"),
                    ("drop", "drop it"),
                ),
                "survivor",
            )
        )  # fmt: skip
    return edits


def _names_written_by_others(merge: Merge) -> set[str]:
    """Fields of the survivor that later merges, still live, set: theirs to take back."""
    found = set()
    for later in _live_operations_since(merge.inverse["event"], {merge.survivor_id}):
        for model, pk, name in places_of(later.inverse["changes"]):
            if model == "entities.entity" and pk == merge.survivor_id:
                found.add(name)
    return found


def _field_word(name: str) -> str:
    return {"valid_from": "The beginning", "valid_to": "The end", "in_force": "The entry into force"}.get(
        name, f"The {name.removeprefix('attributes.').replace('_', ' ')}"
    )


def _later_facts(merge: Merge) -> list[LaterEdit]:
    """Moved facts that were edited since, and facts that were added to the survivor since."""
    survivor, absorbed, inverse = merge.survivor, merge.absorbed, merge.inverse
    where = (("survivor", f"‹{survivor}›"), ("absorbed", f"‹{absorbed}›"))
    edits = []
    moved = rows_of(inverse["changes"])
    elsewhere: dict[str, set[int]] = {}
    for later in _live_operations_since(inverse["event"], _concerned(inverse, survivor.pk, absorbed.pk)):
        for label, pks in rows_of(later.inverse["changes"]).items():
            elsewhere.setdefault(label, set()).update(pks)
    withdrawn = {
        (change["model"], pk)
        for change in inverse["changes"]
        if change["new"] and "withdrawn_at" in change["new"]
        for pk in change["pks"]
    }
    for label, (model, references, _) in _BY_LABEL.items():
        for row in _rows(model, moved.get(label, ())):
            said = inverse["said"].get(f"{label}:{row.pk}")
            was_edited = said is not None and said != fingerprint(row, _MOVED)
            was_withdrawn = (
                row.withdrawn_at is not None
                and (label, row.pk) not in withdrawn
                and row.withdrawn_at > merge.merged_at
                and row.entity_id == merge.survivor_id
            )
            if was_edited or was_withdrawn:
                what = "withdrawn" if was_withdrawn else "edited"
                edits.append(
                    LaterEdit(
                        f"{label}:{row.pk}", f"The {_SORT_WORDS[label]} “{row}” of ‹{absorbed}› was {what}",
                        where, "absorbed",
                    )
                )  # fmt: skip
        new = (
            model.objects.filter(_any_of(references, merge.survivor_id), pk__gt=inverse["last"][label])
            .exclude(pk__in=elsewhere.get(label, ()))
            .exclude(pk__in=moved.get(label, ()))
            .order_by("pk")
        )
        for row in new:
            edits.append(
                LaterEdit(
                    f"{label}:{row.pk}",
                    f"The {_SORT_WORDS[label]} “{row}” was added since the merge",
                    where,
                    # What a row of a source said that feeds the absorbed record is most likely its own.
                    "absorbed" if row.origin_id == absorbed.pk else "survivor",
                )
            )
    label = label_of(SourceRecord)
    for row in SourceRecord.objects.filter(entity=merge.survivor_id, pk__gt=inverse["last"][label]).exclude(
        pk__in=elsewhere.get(label, ())
    ):
        edits.append(
            LaterEdit(f"{label}:{row.pk}", f"The source row “{row}” was added since the merge", where, "survivor")
        )
    return edits


def undo(merge: Merge | int, *, actor, reason: str = "", choices: Mapping[str, str] | None = None) -> Merge:
    """Take a merge back: every row to where it was; an undone merge is left as it is.

    Args:
        choices: where later edits go, by ``LaterEdit.key``; what is not named goes where its default says. None is
            right only when nothing was touched since.

    Raises:
        UndoNeedsChoices: if something was touched since and no choices are given.
        MergeError: if a later merge or split has to be undone first.
        PermissionDenied: if the actor may not merge.
    """
    _check_may_merge(actor)
    pk = merge if isinstance(merge, int) else merge.pk
    known = Merge.objects.filter(pk=pk).first()
    if known is None:
        raise MergeError("There is no such merge.")
    wanted = {known.survivor_id, known.absorbed_id, *rows_of(known.inverse["changes"]).get("entities.entity", ())}

    def work(rows: dict[int, Entity]) -> Merge:
        done = Merge.objects.select_for_update(of=("self",)).select_related("survivor", "absorbed").get(pk=pk)
        if done.undone_at is not None:
            return done
        _check_up(rows, (known.survivor_id, known.absorbed_id))
        plan = plan_undo(done)
        if plan.refusal:
            raise MergeError(plan.refusal)
        if plan.edits and choices is None:
            raise UndoNeedsChoices(plan)
        _check_choices(plan.edits, choices or {})
        try:
            with transaction.atomic():
                _undo(done, rows, plan, dict(choices or {}), actor, reason)
        except IntegrityError as error:
            raise MergeError(
                "What was there before can no longer stand beside what was entered since; nothing was changed."
            ) from error
        return done

    return _atomically(wanted, work)


def _check_choices(edits: Sequence[LaterEdit], choices: Mapping[str, str]) -> None:
    allowed = {edit.key: {value for value, _ in edit.options} for edit in edits}
    for key, value in choices.items():
        if key in allowed and value not in allowed[key]:
            raise MergeError(f"“{value}” is no choice for “{key}”.")


def _undo(merge: Merge, rows: dict[int, Entity], plan: UndoPlan, choices: dict, actor, reason: str) -> None:
    inverse, now = merge.inverse, timezone.now()
    survivor, absorbed = rows[merge.survivor_id], rows[merge.absorbed_id]
    before = {name: value_of(survivor, name) for name in _all_fields(survivor)}
    chosen = {edit.key: choices.get(edit.key, edit.default) for edit in plan.edits}
    journal = Journal()
    moved = lock_rows(inverse["changes"])
    moved["entities.entity"] = {pk: rows.get(pk, row) for pk, row in moved.get("entities.entity", {}).items()}
    entity_unmerging.send(sender=Merge, merge=merge, journal=journal, choices=chosen)

    def keeps(label: str, pk: int, name: str) -> bool:
        if label == "entities.entity" and pk == survivor.pk:
            return chosen.get(f"field:{name.removeprefix('curated_fields.')}") == "survivor"
        return chosen.get(f"{label}:{pk}") == "survivor"

    take_back(inverse["changes"], moved, journal, keep=keeps, adjust=_still_unique)
    _send_later_edits(journal, merge, survivor, absorbed, chosen)
    _reindex(journal)
    is_described = not plan.edits and _is_described(inverse["changes"], journal.changes)
    _written([survivor, absorbed], journal, describe=not is_described)
    merge.undone_at, merge.undone_by = now, actor
    for record in (survivor, absorbed):
        _find_by_own_name(journal, record)
    merge.inverse["undo"] = journal.changes
    after = {name: value_of(survivor, name) for name in _all_fields(survivor)}
    changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    event = Event.objects.create(
        entity=survivor, other=absorbed, type=Event.Type.RESTORED, actor=actor, reason=reason[:2000],
        before={name: before.get(name) for name in changed},
        after={"merge": merge.pk, **{name: after.get(name) for name in changed}},
    )  # fmt: skip
    merge.inverse["undo_event"] = event.pk
    merge.save(update_fields=["undone_at", "undone_by", "inverse"])
    _keep_down([survivor.pk, absorbed.pk])
    _announce([merge], [survivor.pk, absorbed.pk])


def _still_unique(row: models.Model, values: dict) -> dict:
    """An identifier that comes back while another record holds it by now comes back as contested."""
    if isinstance(row, Identifier) and values.get("withdrawn_at", "") is None and row.scheme in UNIQUE_SCHEMES:
        holders = Identifier.objects.in_use().filter(scheme=row.scheme, value=row.value, is_contested=False)
        if not row.is_contested and holders.exclude(pk=row.pk).exists():
            return {**values, "is_contested": True}
    return values


def _send_later_edits(
    journal: Journal, merge: Merge, survivor: Entity, absorbed: Entity, chosen: Mapping[str, str]
) -> None:
    """Carry out what was chosen about fields and facts written since the merge."""
    left, before = merge.inverse["values"], merge.inverse["before"]
    for key, choice in chosen.items():
        kind, _, name = key.partition(":")
        if kind == "field" and choice in ("absorbed", "drop"):
            value = value_of(survivor, name)
            if choice == "absorbed" and not (name == "name" and not value):
                journal.change_parts(absorbed, {name: value})
            journal.change_parts(survivor, {name: before.get(name, left.get(name))})
        elif choice == "absorbed" and (kind in _BY_LABEL or kind == "entities.sourcerecord"):
            model, references, _ = _BY_LABEL.get(kind, (SourceRecord, ("entity_id",), ()))
            row = model.objects.filter(pk=int(name)).first()
            if row is not None:
                new = {ref: absorbed.pk for ref in references if getattr(row, ref) == survivor.pk}
                if new:
                    journal.change([row], **new)


def redo(merge: Merge | int, *, actor, reason: str = "") -> Merge:
    """Merge again what an undo took apart, as it was merged then; a new Merge row.

    Raises:
        MergeError: if the merge stands, or one of the records was merged elsewhere since.
    """
    pk = merge if isinstance(merge, int) else merge.pk
    old = Merge.objects.filter(pk=pk).first()
    if old is None:
        raise MergeError("There is no such merge.")
    if old.undone_at is None:
        raise MergeError("This merge stands; there is nothing to redo.")
    both = {old.survivor_id, old.absorbed_id}
    return merge_many(
        survivor_id=old.survivor_id, absorbed_ids=[old.absorbed_id], actor=actor, reason=reason or old.reason,
        fields={name: winner for name, winner in old.inverse["fields"].items() if winner in both},
        override=bool(old.inverse["in_spite_of"]),
    )[0]  # fmt: skip


def plan_undo_together(merge: Merge) -> UndoPlan:
    """``plan_undo`` of a merge and those that were made with it in one step.

    Something that was written since may belong to any of the records: its options name each, as ``absorbed:KEY`` of
    the merge that absorbed it.
    """
    ids = merge.inverse.get("together", [merge.pk])
    if len(ids) < 2:
        return plan_undo(merge)
    whole = UndoPlan(merge)
    edits: dict[str, LaterEdit] = {}
    for one in Merge.objects.filter(pk__in=ids).select_related("survivor", "absorbed", "actor").order_by("pk"):
        plan = plan_undo(one, besides=ids)
        whole.refusal = whole.refusal or plan.refusal
        whole.obstacle = whole.obstacle or plan.obstacle
        for sort, count in plan.rows.items():
            whole.rows[sort] = whole.rows.get(sort, 0) + count
        for edit in plan.edits:
            options = tuple(
                (f"absorbed:{one.pk}" if value == "absorbed" else value, words) for value, words in edit.options
            )
            default = f"absorbed:{one.pk}" if edit.default == "absorbed" else edit.default
            known = edits.get(edit.key)
            if known is not None:
                options = tuple(dict((*known.options, *options)).items())
                default = known.default if known.default != "survivor" else default
            edits[edit.key] = LaterEdit(edit.key, edit.text, options, default)
    whole.edits = list(edits.values()) if not whole.refusal else []
    return whole


def undo_together(merge: Merge, *, actor, reason: str = "", choices: Mapping[str, str] | None = None) -> list[Merge]:
    """Undo a merge and those that were made with it in one step, the last first; errors as of ``undo``.

    Args:
        choices: as of ``undo``; with several merges ``absorbed:KEY`` names the merge whose record it goes to.
    """
    ids = merge.inverse.get("together", [merge.pk])
    with transaction.atomic():
        return [
            undo(pk, actor=actor, reason=reason, choices=None if choices is None else _choices_of(pk, choices))
            for pk in sorted(ids, reverse=True)
        ]


def _choices_of(pk: int, choices: Mapping[str, str]) -> dict[str, str]:
    """Of choices that name merges, what they mean for one of these: what another one's record gets stays for now."""
    meant = {}
    for key, value in choices.items():
        base, _, named = value.partition(":")
        meant[key] = "survivor" if named and named != str(pk) else base
    return meant


# --- Split -----------------------------------------------------------------------------------------------------------
#: What ``split`` can send, and how it is stored: the table, and the reference to the record that changes.
_PARTS: dict[str, tuple[type[models.Model], str]] = {
    "aliases": (Alias, "entity_id"),
    "identifiers": (Identifier, "entity_id"),
    "terms": (Term, "entity_id"),
    "relations": (Relation, "entity_id"),
    "incoming_relations": (Relation, "target_id"),
    "terms_at_state": (Term, "state_id"),
    "terms_at_organization": (Term, "organization_id"),
    "source_records": (SourceRecord, "entity_id"),
    "redirects": (Entity, "merged_into_id"),
}


def split(
    *,
    source_id: int,
    actor,
    target_id: int | None = None,
    name: str = "",
    kind: str = "",
    fields: Mapping[str, object] | None = None,
    rows: Mapping[str, Iterable[int]] | None = None,
    reason: str = "",
) -> Split:
    """Send part of a record to another one, new or there already, and remember that the two are different.

    Args:
        source_id: the record that holds what belongs to two.
        target_id: where it goes; None makes a new record, called ``name``, of the source's kind or of ``kind``.
        fields: values of the new record, ``{"valid_from": "1954", …}``: fields of ``FIELDS``.
        rows: keys of what goes, by sort: ``aliases identifiers terms relations incoming_relations terms_at_state
            terms_at_organization source_records redirects`` (ids merged away that shall answer with the target), and
            what other apps take part with (``mentions``).

    Raises:
        MergeError: with a sentence for the curator, and nothing changed.
        PermissionDenied: if the actor may not merge.
    """
    _check_may_merge(actor)
    chosen = {sort: sorted(set(pks)) for sort, pks in (rows or {}).items() if pks}
    if target_id == source_id:
        raise MergeError("A record cannot be split into itself.")
    if target_id is None and not name.strip():
        raise MergeError("Give the new record a name.")
    if target_id is not None and not chosen:
        raise MergeError("Choose what goes to the other record.")
    unknown = set(fields or {}) - set(FIELDS) | ({"source_id", "name"} & set(fields or {}))
    if unknown:
        raise MergeError(f"A split does not set “{sorted(unknown)[0]}”.")
    wanted = {source_id, *chosen.get("redirects", ())} | ({target_id} if target_id is not None else set())

    def work(locked_rows: dict[int, Entity]) -> Split:
        _check_live(locked_rows, {source_id} | ({target_id} if target_id is not None else set()))
        source = locked_rows[source_id]
        if target_id is None:
            target = Entity(
                public_id=new_public_id(), kind=kind or source.kind, name=name.strip()[:500], **dict(fields or {})
            )
            target.curated_fields = sorted({"name", *(fields or {})})
            target.save()
        else:
            target = locked_rows[target_id]
        done = _split(source, target, chosen, actor, reason, is_new=target_id is None)
        _keep_down([source.pk, target.pk])
        transaction.on_commit(partial(entity_split.send, sender=Split, split=done))
        transaction.on_commit(partial(entity_changed.send, sender=Entity, ids=sorted([source.pk, target.pk])))
        return done

    try:
        return _atomically(wanted, work)
    except IntegrityError as error:
        raise MergeError(f"The new record cannot be stored like this; nothing was changed ({error}).") from error


def _split(source: Entity, target: Entity, chosen: dict[str, list[int]], actor, reason: str, *, is_new: bool) -> Split:
    now = timezone.now()
    journal = Journal()
    others = dict(chosen)
    for sort, (model, reference) in _PARTS.items():
        pks = others.pop(sort, None)
        if not pks:
            continue
        found = locked(model._default_manager.filter(pk__in=pks, **{reference: source.pk}))
        if len(found) != len(pks):
            raise MergeError(f"Some of the {sort.replace('_', ' ')} are not ‹{source}›'s any more; look again.")
        if model is Entity:
            journal.change(found, merged_into_id=target.pk)
            continue
        if (
            model is Alias
            and any(row.name == source.name and row.type not in SENSE_TYPES for row in found)
            and not any(
                row.name == source.name and row.pk not in pks
                for row in Alias.objects.in_use().filter(entity=source.pk, name=source.name)
            )
        ):
            raise MergeError(f"“{source.name}” is the record's own name: rename ‹{source}› first, or leave it there.")
        if model is SourceRecord:
            journal.change(found, entity_id=target.pk)
            continue
        references, key = _BY_LABEL[label_of(model)][1:]
        # What was withdrawn as a double of a row goes with it.
        places = {_key(row, key, {}) for row in found if row.withdrawn_at is None}
        doubles = [
            row
            for row in locked(model.objects.filter(withdrawn_at__isnull=False, **{reference: source.pk}))
            if _key(row, key, {}) in places and row.pk not in pks
        ]
        standing = model.objects.in_use().filter(**{reference: target.pk}).order_by("pk")
        taken = {_key(row, key, {}): row.pk for row in standing}
        _repoint_one(journal, [*found, *doubles], reference, key, source.pk, target.pk, taken, now)
    entity_splitting.send(
        sender=Split, source_id=source.pk, target_id=target.pk, journal=journal, rows=others, actor=actor
    )
    _keep_name(journal, target, target.name, origin_id=target.pk)
    _say_different(journal, source, target, actor, reason, now)
    _written([source, target], journal)
    done = Split.objects.create(
        source=source, target=target, is_new=is_new, actor=actor, reason=reason[:2000],
        inverse={
            "changes": journal.changes, "twins": journal.twins, "chosen": chosen, "last": _last_rows(),
            "said": _fingerprints(journal.changes),
        },
    )  # fmt: skip
    if is_new:
        Event.objects.create(
            entity=target, type=Event.Type.CREATED, actor=actor, reason=reason[:2000],
            after={
                "kind": target.kind, "split": done.pk,
                **{n: value_of(target, n) for n in FIELDS if value_of(target, n) not in ("", None)},
            },
        )  # fmt: skip
    event = Event.objects.create(
        entity=source, other=target, type=Event.Type.SPLIT, actor=actor, reason=reason[:2000], after={"split": done.pk}
    )
    done.inverse["event"] = event.pk
    done.save(update_fields=["inverse"])
    return done


def _repoint_one(
    journal: Journal, touched: Sequence, reference: str, key: Sequence[str], from_: int, to: int,
    taken: dict[tuple, int], now,
) -> None:  # fmt: skip
    """As ``_repoint``, for one reference alone: in a split the others go on pointing at the source."""
    grouped: dict[tuple, list] = {}
    for row in touched:
        new = {reference: to}
        if reference == "entity_id" and row.origin_id is None:
            new["origin_id"] = from_
        if row.withdrawn_at is None:
            place = tuple(
                to if name == reference else value for name, value in zip(key, _key(row, key, {}), strict=True)
            )
            is_loop = isinstance(row, Relation) and place[0] == place[2]
            if is_loop or place in taken:
                new["withdrawn_at"] = now.isoformat()
                if not is_loop:
                    journal.twins[f"{label_of(row)}:{row.pk}"] = taken[place]
            else:
                taken[place] = row.pk
        grouped.setdefault(tuple(sorted(new.items())), []).append(row)
    for new, rows in sorted(grouped.items(), key=lambda pair: "withdrawn_at" not in dict(pair[0])):
        journal.change(rows, **dict(new))


def _say_different(journal: Journal, a: Entity, b: Entity, actor, reason: str, now) -> None:
    first, second = sorted((a.pk, b.pk))
    for known in locked(Judgement.objects.filter(a=first, b=second, superseded_at=None)):
        if known.verdict == Judgement.Verdict.DIFFERENT:
            return
        journal.change([known], superseded_at=now.isoformat())
    journal.add(
        Judgement(
            a_id=first, b_id=second, verdict=Judgement.Verdict.DIFFERENT, actor=actor,
            by_text="" if actor else "split", reason=(reason or "split apart")[:2000],
        )
    )  # fmt: skip
    open_pair = locked(DuplicateSuggestion.objects.filter(a=first, b=second, closed_at=None))
    journal.change(open_pair, closed_at=now.isoformat())


def undo_split(split: Split | int, *, actor, reason: str = "") -> Split:
    """Take a split back: every row returns; a record that the split made redirects to the source from then on.

    What was added to a record made by the split goes to the source, too.

    Raises:
        MergeError: if a later merge or split has to be undone first.
        PermissionDenied: if the actor may not merge.
    """
    _check_may_merge(actor)
    pk = split if isinstance(split, int) else split.pk
    known = Split.objects.filter(pk=pk).first()
    if known is None:
        raise MergeError("There is no such split.")
    everyone = {known.source_id, known.target_id, *rows_of(known.inverse["changes"]).get("entities.entity", ())}

    def work(rows: dict[int, Entity]) -> Split:
        children = set(Entity.objects.filter(merged_into=known.target_id).values_list("pk", flat=True))
        if known.is_new and children - rows.keys():
            raise _LockMore(children)
        done = Split.objects.select_for_update(of=("self",)).select_related("source", "target").get(pk=pk)
        if done.undone_at is not None:
            return done
        obstacle = why_split_stays(done)
        if obstacle is not None:
            raise MergeError(obstacle.sentence)
        _check_up(rows, (known.source_id, known.target_id))
        try:
            with transaction.atomic():
                _undo_split(done, rows, actor, reason)
                _keep_down([known.source_id, known.target_id])
        except IntegrityError as error:
            raise MergeError(
                "What was there before can no longer stand beside what was entered since; nothing was changed."
            ) from error
        return done

    return _atomically(everyone, work)


def why_split_stays(split: Split) -> Obstacle | None:
    """The later merge or split that has to be undone before a split can be taken back."""
    return _later_operation(split.inverse, split.target_id, split.inverse["event"]) or _later_operation(
        split.inverse, split.source_id, split.inverse["event"]
    )


def _undo_split(split: Split, rows: dict[int, Entity], actor, reason: str) -> None:
    now = timezone.now()
    source, target = rows[split.source_id], rows[split.target_id]
    journal = Journal()
    moved = lock_rows(split.inverse["changes"])
    moved["entities.entity"] = {pk: rows.get(pk, row) for pk, row in moved.get("entities.entity", {}).items()}
    take_back(split.inverse["changes"], moved, journal, adjust=_still_unique)
    if split.is_new:
        _move_facts(journal, source.pk, target.pk, now)
        _settle_contests(journal, source.pk)
        _move_verdicts(journal, source.pk, target.pk, now)
        entity_merging.send(sender=Split, survivor_id=source.pk, absorbed_id=target.pk, journal=journal)
        journal.change(locked(Entity.objects.filter(merged_into=target.pk)), merged_into_id=source.pk)
        journal.change([target], merged_into_id=source.pk)
    _reindex(journal)
    is_described = _is_described(split.inverse["changes"], journal.changes)
    _written([source, target], journal, describe=not is_described)
    split.undone_at, split.undone_by = now, actor
    split.inverse["undo"] = journal.changes
    split.inverse["undo_twins"] = journal.twins
    # To whoever follows the feed, a record that is gone again was merged.
    event = Event.objects.create(
        entity=source, other=target, type=Event.Type.MERGED if split.is_new else Event.Type.RESTORED, actor=actor,
        reason=reason[:2000], after={"split": split.pk, "undone": True},
    )  # fmt: skip
    split.inverse["undo_event"] = event.pk
    split.save(update_fields=["undone_at", "undone_by", "inverse"])
    transaction.on_commit(partial(entity_split.send, sender=Split, split=split))
    transaction.on_commit(partial(entity_changed.send, sender=Entity, ids=sorted([source.pk, target.pk])))


def _reindex(journal: Journal) -> None:
    """Make names findable again that came back into use."""
    CandidateIndex().index_aliases([
        pk
        for change in journal.changes
        if change["model"] == "entities.alias" and change["new"] and change["new"].get("withdrawn_at", "") is None
        for pk in change["pks"]
    ])  # fmt: skip


def redo_split(split: Split | int, *, actor, reason: str = "") -> Split:
    """Split again what was put back together, as far as nothing was touched since; the same Split row stands again.

    Raises:
        MergeError: if the split stands, or something has happened since that would have to be undone first.
    """
    _check_may_merge(actor)
    pk = split if isinstance(split, int) else split.pk
    known = Split.objects.filter(pk=pk).first()
    if known is None or known.undone_at is None:
        raise MergeError("There is no undone split of this number.")
    everyone = {known.source_id, known.target_id, *rows_of(known.inverse["undo"]).get("entities.entity", ())}

    def work(rows: dict[int, Entity]) -> Split:
        done = Split.objects.select_for_update(of=("self",)).select_related("source", "target").get(pk=pk)
        if done.undone_at is None:
            return done
        source, target = rows[done.source_id], rows[done.target_id]
        _check_up(rows, (source.pk, target.pk))
        back = {"changes": done.inverse["undo"], "twins": done.inverse.get("undo_twins", {})}
        obstacle = _later_operation(back, done.source_id, done.inverse["undo_event"])
        if obstacle is None and target.merged_into_id != (source.pk if done.is_new else None):
            obstacle = _later_operation(back, done.target_id, done.inverse["undo_event"])
        if obstacle is not None:
            raise MergeError(obstacle.sentence)
        journal = Journal()
        moved = lock_rows(done.inverse["undo"])
        moved["entities.entity"] = {pk: rows.get(pk, row) for pk, row in moved.get("entities.entity", {}).items()}
        try:
            with transaction.atomic():
                take_back(done.inverse["undo"], moved, journal, adjust=_still_unique)
        except IntegrityError as error:
            raise MergeError("What was entered since stands in the way; nothing was changed.") from error
        _reindex(journal)
        is_described = _is_described(known.inverse["undo"], journal.changes)
        _written([source, target], journal, describe=not is_described)
        done.undone_at, done.undone_by = None, None
        done.inverse = {
            **done.inverse, "changes": journal.changes, "twins": journal.twins, "last": _last_rows(),
            "said": _fingerprints(journal.changes),
            "earlier": [*done.inverse.get("earlier", []), {
                "changes": done.inverse["changes"], "event": done.inverse["event"],
                "undo": done.inverse["undo"], "undo_event": done.inverse["undo_event"],
            }],
        }  # fmt: skip
        event = Event.objects.create(
            entity=source, other=target, type=Event.Type.SPLIT, actor=actor, reason=reason[:2000],
            after={"split": done.pk, "again": True},
        )  # fmt: skip
        done.inverse["event"] = event.pk
        for name in ("undo", "undo_event", "undo_twins"):
            done.inverse.pop(name, None)
        done.save(update_fields=["undone_at", "undone_by", "inverse"])
        _keep_down([done.source_id, done.target_id])
        transaction.on_commit(partial(entity_split.send, sender=Split, split=done))
        transaction.on_commit(partial(entity_changed.send, sender=Entity, ids=sorted([source.pk, target.pk])))
        return done

    return _atomically(everyone, work)
