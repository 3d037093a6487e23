"""What an undo would do: what has to be undone first, and what was touched since and must be sent somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import Q

from entities.journal import AT_ONCE, fingerprint, label_of, places_of, rows_of, value_of
from entities.matching.dates import partial_date
from entities.matching.normalize import name_key
from entities.matching.types import Kind
from entities.merging.facts import BY_LABEL, MOVED, any_of, rows_in_order
from entities.merging.survivorship import all_fields
from entities.merging.words import SORT_WORDS, sort_in_words
from entities.models import Entity, Event, Merge, SourceRecord, Split
from entities.reading import BOUNDS, KIND_NAMES, value_in_words
from entities.signals import undo_planning

DROP = ("drop", "drop it")  # an option of a later edit: a field is as it was before, a fact is withdrawn
_ABOUT_CHARS = 60  # of what a record is, beside a name that another has, too


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


def plan_undo(merge: Merge, *, besides: Iterable[int] = (), called: Mapping[int, str] | None = None) -> UndoPlan:
    """What undoing a merge would do: why it cannot be done, what was touched since, how many rows go back.

    Args:
        besides: keys of later merges that are undone first, in the same step.
        called: what the records are called as places to send something to: ``called_after``.
    """
    plan = UndoPlan(merge)
    if merge.undone_at is not None:
        plan.refusal = "This merge was undone already."
        return plan
    plan.obstacle = later_operation(merge.inverse, merge.survivor_id, merge.inverse["event"], besides=besides)
    plan.refusal = plan.obstacle.sentence if plan.obstacle is not None else ""
    for label, pks in rows_of(merge.inverse["changes"]).items():
        plan.rows[SORT_WORDS.get(label, label.partition(".")[2])] = len(pks)
    if not plan.refusal:
        called = called_after([merge]) if called is None else called
        plan.edits = [*_later_fields(merge, called), *_later_facts(merge, called)]
        for _, found in undo_planning.send(sender=Merge, merge=merge, called=called):
            plan.edits.extend(found or [])
    return plan


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
    merges = list(Merge.objects.filter(pk__in=ids).select_related("survivor", "absorbed", "actor").order_by("pk"))
    called = called_after(merges)
    for one in merges:
        plan = plan_undo(one, besides=ids, called=called)
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
                # Nobody comes to "drop it" on the way to another record.
                every = dict((*known.options, *options)).items()
                options = tuple(sorted(every, key=lambda option: option[0] == DROP[0]))
                default = known.default if known.default != "survivor" else default
            edits[edit.key] = LaterEdit(edit.key, edit.text, options, default)
    whole.edits = list(edits.values()) if not whole.refusal else []
    return whole


def called_after(merges: Sequence[Merge]) -> dict[int, str]:
    """What the records of merges, made in one step and in that order, are called once these are undone, by key.

    By name; and where two names look alike, by kind, dates, description and id, too.
    """
    survivor = merges[0].survivor
    was = {"name": survivor.name, "valid_from": survivor.valid_from, "description": survivor.description}
    for name, now in was.items():
        # A value written since stays, unless it is sent away; else what there was before comes back.
        if merges[-1].undone_at is None and merges[-1].inverse["values"].get(name) == now:
            was[name] = next((one.inverse["before"][name] for one in merges if name in one.inverse["before"]), now)
    records = {survivor.pk: (was["name"], survivor, was["valid_from"], was["description"])}
    for one in merges:
        other = one.absorbed
        records[other.pk] = (other.name, other, other.valid_from, other.description)
    keys = [name_key(name) for name, *_ in records.values()]
    called = {}
    for pk, (name, record, begin, description) in records.items():
        about = [KIND_NAMES[Kind(record.kind)].lower(), begin[:4], description[:_ABOUT_CHARS], record.public_id]
        is_alone = keys.count(name_key(name)) == 1
        called[pk] = f"‹{name}›" if is_alone else f"‹{name}› ({', '.join(filter(None, about))})"
    return called


def later_operation(inverse: dict, owner_id: int, event_id: int, *, besides: Iterable[int] = ()) -> Obstacle | None:
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
        references = BY_LABEL[label][1] if label in BY_LABEL else {
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


def _later_fields(merge: Merge, called: Mapping[int, str]) -> list[LaterEdit]:
    """Values of the survivor that were changed since the merge."""
    survivor = merge.survivor
    left, before = merge.inverse["values"], merge.inverse["before"]
    others = _names_written_by_others(merge)
    edits = []
    for name in sorted({*all_fields(survivor), *left}):
        now = value_of(survivor, name)
        if now == left.get(name) or name == "source_id" or name in others:
            continue
        after, first = value_in_words(name, left.get(name)), value_in_words(name, before.get(name))
        text = f"{_field_word(name, survivor.kind)} was set to “{value_in_words(name, now)}” since the merge"
        if name in before:
            text += f" (the merge had made it “{after}”, before it was “{first}”)"
        edits.append(
            LaterEdit(
                f"field:{name}", text,
                (
                    ("survivor", f"keep it on {called[merge.survivor_id]}"),
                    ("absorbed", f"it belongs to {called[merge.absorbed_id]}"),
                    DROP,
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


def _field_word(name: str, kind: str) -> str:
    if name in ("valid_from", "valid_to"):
        return f"“{BOUNDS[Kind(kind)][name == 'valid_to']}”"
    return "The entry into force" if name == "in_force" else f"The {name.removeprefix('attributes.').replace('_', ' ')}"


def _later_facts(merge: Merge, called: Mapping[int, str]) -> list[LaterEdit]:
    """Moved facts that were edited since, and facts that were added to the survivor since."""
    survivor, absorbed, inverse = merge.survivor, merge.absorbed, merge.inverse
    where = (("survivor", called[survivor.pk]), ("absorbed", called[absorbed.pk]))
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
    for label, (model, references, _) in BY_LABEL.items():
        for row in rows_in_order(model, moved.get(label, ())):
            said = inverse["said"].get(f"{label}:{row.pk}")
            was_edited = said is not None and said != fingerprint(row, MOVED)
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
                        f"{label}:{row.pk}", f"The {sort_in_words(label)} “{row}” of {called[absorbed.pk]} was {what}",
                        where, "absorbed",
                    )
                )  # fmt: skip
        new = (
            model.objects.filter(any_of(references, merge.survivor_id), pk__gt=inverse["last"][label])
            .exclude(pk__in=elsewhere.get(label, ()))
            .exclude(pk__in=moved.get(label, ()))
            .order_by("pk")
        )
        for row in new:
            edits.append(
                LaterEdit(
                    f"{label}:{row.pk}",
                    f"The {sort_in_words(label)} “{row}” was added since the merge",
                    # Of a fact of another record, such as an office held here, only what it points at is in question.
                    (*where, DROP) if row.entity_id == survivor.pk else where,
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
