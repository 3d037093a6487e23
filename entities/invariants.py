"""What must always hold of the records, checked: ``manage.py fsck`` prints it.

A check yields a sentence for each breach. The database's own constraints hold much already; these are the rules that
no constraint can say. Other apps add theirs by answering ``checks_asked``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.apps import apps
from django.db.models import F, Q
from django.utils import timezone

from entities.candidates import index_state
from entities.guards import missing_guards
from entities.matching.normalize import name_key
from entities.models import (
    Alias,
    Entity,
    Erasure,
    Event,
    Identifier,
    Inspection,
    Judgement,
    Merge,
    Relation,
    SourceRecord,
    Split,
    Term,
)
from entities.signals import checks_asked
from entities.takedown import returned

EXAMPLES = 5
_LONGEST = timedelta(hours=2)  # after which a worker that began is taken for dead
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Check:
    """A rule: its name, what it says, and the function that yields a sentence for each breach."""

    name: str
    says: str
    breaches: Callable[[], Iterator[str]]


@dataclass(slots=True)
class Finding:
    """What a check found."""

    name: str
    says: str
    count: int = 0
    examples: list[str] = field(default_factory=list)
    seconds: float = 0.0


def inspect(*, store: bool = True, asked: Inspection | None = None) -> list[Finding]:
    """Run every check, this app's and the others'; keep the verdict, as the answer to who asked, unless ``store`` is False."""
    checks = list(CHECKS)
    for _, more in checks_asked.send(sender=Check):
        checks.extend(more)
    findings = []
    for check in checks:
        finding = Finding(check.name, check.says)
        begun = time.perf_counter()
        for sentence in check.breaches():
            finding.count += 1
            if len(finding.examples) < EXAMPLES:
                finding.examples.append(sentence[:500])
        finding.seconds = round(time.perf_counter() - begun, 3)
        findings.append(finding)
    if store:
        verdict = asked or Inspection()
        verdict.inspected_at = timezone.now()
        verdict.breaches = sum(one.count for one in findings)
        verdict.report = [[one.name, one.count, one.examples] for one in findings]
        verdict.seconds = sum(one.seconds for one in findings)
        verdict.save()
    return findings


def ask_inspection(actor) -> Inspection:
    """Have everything checked by the next worker that has time; asked for twice, it is done once."""
    asked = Inspection.objects.filter(inspected_at=None).first()
    return asked or Inspection.objects.create(asked_by=actor)


def inspect_due() -> bool:
    """Check what somebody asked for; False if nobody did, or another worker is at it."""
    now = timezone.now()
    free = Inspection.objects.filter(Q(begun_at=None) | Q(begun_at__lt=now - _LONGEST), inspected_at=None)
    asked = free.order_by("pk").first()
    if asked is None or not free.filter(pk=asked.pk).update(begun_at=now):
        return False
    asked.begun_at = now
    inspect(asked=asked)
    return True


# --- The checks ------------------------------------------------------------------------------------------------------
def _stranded() -> Iterator[str]:
    owned = (
        (Alias, "entity"),
        (Identifier, "entity"),
        (Term, "entity"),
        (Relation, "entity"),
        (SourceRecord, "entity"),
    )
    pointed = ((Term, "state"), (Term, "organization"), (Relation, "target"))
    for model, reference in owned + pointed:
        rows = model.objects.filter(**{f"{reference}__merged_into__isnull": False}).order_by("pk")
        for pk, public_id in rows.values_list("pk", f"{reference}__public_id").iterator(chunk_size=_CHUNK):
            yield f"{model._meta.verbose_name} {pk}: its {reference} {public_id} was merged into another record"


def _redirects() -> Iterator[str]:
    rows = Entity.objects.filter(merged_into__merged_into__isnull=False).order_by("pk")
    for one, two in rows.values_list("public_id", "merged_into__public_id").iterator(chunk_size=_CHUNK):
        yield f"{one} redirects to {two}, which redirects further"


def _cycles() -> Iterator[str]:
    to = dict(Entity.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into_id"))
    cleared: set[int] = set()
    for start in sorted(to):
        path: list[int] = []
        seen: set[int] = set()
        at = start
        while at in to and at not in cleared and at not in seen:
            path.append(at)
            seen.add(at)
            at = to[at]
        if at in seen:
            yield f"records {', '.join(map(str, path[path.index(at) :]))} redirect in a circle"
        cleared.update(path)


def _merges() -> Iterator[str]:
    """Every redirect has its operation, and every merge that stands its redirect."""
    moved = set()  # ids that a split took to another record
    for inverse in Split.objects.filter(undone_at=None).values_list("inverse", flat=True):
        moved.update((inverse.get("chosen") or {}).get("redirects", ()))
    standing: dict[int, int] = {}
    for merge in Merge.objects.filter(undone_at=None).select_related("absorbed", "survivor").defer("inverse"):
        standing[merge.absorbed_id] = merge.pk
        absorbed, survivor = merge.absorbed, merge.survivor
        if absorbed.merged_into_id is None:
            yield f"merge {merge.pk} stands, but {absorbed.public_id} is a record of its own"
        elif absorbed.merged_into_id != (survivor.merged_into_id or survivor.pk) and absorbed.pk not in moved:
            yield f"merge {merge.pk}: {absorbed.public_id} does not redirect to where {survivor.public_id} is now"
    rejoined = set(Split.objects.filter(is_new=True).exclude(undone_at=None).values_list("target_id", flat=True))
    for pk, public_id in Entity.objects.filter(merged_into__isnull=False).values_list("pk", "public_id"):
        if pk not in standing and pk not in rejoined:
            yield f"{public_id} redirects, but no merge stands that says so"


def _one_event_each() -> Iterator[str]:
    counts: dict[tuple[str, int], int] = {}
    rows = Event.objects.filter(type__in=[Event.Type.MERGED, Event.Type.RESTORED])
    for type_, after in rows.values_list("type", "after").iterator(chunk_size=_CHUNK):
        if "merge" in after:
            key = (type_, after["merge"])
            counts[key] = counts.get(key, 0) + 1
    for pk, undone_at in Merge.objects.order_by("pk").values_list("pk", "undone_at"):
        merged, restored = counts.get(("merged", pk), 0), counts.get(("restored", pk), 0)
        if merged != 1:
            yield f"merge {pk} has {merged} events"
        if restored != (undone_at is not None):
            yield f"the undo of merge {pk} has {restored} events"


def _verdicts() -> Iterator[str]:
    different = Judgement.objects.filter(verdict=Judgement.Verdict.DIFFERENT, superseded_at=None)
    inside = different.filter(
        Q(a__merged_into=F("b")) | Q(b__merged_into=F("a")) | Q(a__merged_into=F("b__merged_into"))
    )
    for pk, a, b in inside.order_by("pk").values_list("pk", "a__public_id", "b__public_id"):
        yield f"verdict {pk}: {a} and {b} are said to be different, and are one record"


def _kinds() -> Iterator[str]:
    """Facts that lead to a record of a kind that they may not lead to."""
    wanted = [(Term, {}, name, kind) for name, kind in Term.KINDS.items()]
    wanted += [(Relation, {"type": type_}, "target", kind) for type_, kind in Relation.KINDS.items()]
    for model, which, reference, kind in wanted:
        rows = model.objects.in_use().filter(**which, **{f"{reference}__isnull": False})
        rows = rows.exclude(**{f"{reference}__kind": kind.value}).order_by("pk")
        found = rows.values_list("pk", f"{reference}__public_id", f"{reference}__kind")
        for pk, public_id, is_of in found.iterator(chunk_size=_CHUNK):
            yield f"{model._meta.verbose_name} {pk}: its {reference} {public_id} is of kind {is_of}, not {kind.value}"


def _own_names() -> Iterator[str]:
    named = Alias.objects.in_use().filter(name=F("entity__name")).values("entity_id")
    rows = Entity.objects.current().exclude(pk__in=named).order_by("pk")
    for public_id, name in rows.values_list("public_id", "name").iterator(chunk_size=_CHUNK):
        yield f"{public_id} is not found by its own name “{name}”"


def _keys() -> Iterator[str]:
    for pk, name, key in Alias.objects.in_use().values_list("pk", "name", "key").iterator(chunk_size=_CHUNK):
        if name_key(name)[:500] != key:
            yield f"alias {pk}: the key of “{name}” is out of date: run rebuild_index"


def _index() -> Iterator[str]:
    state = index_state()
    if not state.is_complete:
        yield f"{state.aliases} names in use, {state.names + state.tail} in the index: run rebuild_index"


def _guards() -> Iterator[str]:
    for name in sorted(missing_guards()):
        yield f"the trigger {name} is not there: run migrate"


#: What only merges and splits change: walked back from today, the journals must fit together without a gap.
_REPLAYED = {"merged_into_id", "entity_id"}
_REPLAYED_MODELS = {
    "entities.entity", "entities.alias", "entities.identifier", "entities.term", "entities.relation",
    "entities.sourcerecord",
}  # fmt: skip


def journals() -> list[tuple[int, str, list[dict]]]:
    """Every operation's changes in the order of their events: ``(event, what, changes)``."""
    found = []
    for model, word in ((Merge, "merge"), (Split, "split")):
        for pk, inverse in model.objects.values_list("pk", "inverse").iterator(chunk_size=200):
            for one in [*inverse.get("earlier", []), inverse]:
                found.append((one["event"], f"{word} {pk}", one["changes"]))
                if "undo" in one:
                    found.append((one["undo_event"], f"undo of {word} {pk}", one["undo"]))
    return sorted(found, key=lambda one: one[0])


def _replay() -> Iterator[str]:
    operations = journals()
    wanted: dict[str, set[int]] = {}
    for _, _, changes in operations:
        for change in changes:
            if change["model"] in _REPLAYED_MODELS:
                wanted.setdefault(change["model"], set()).update(change["pks"])
    state: dict[tuple[str, int, str], object] = {}
    for label, pks in wanted.items():
        model = apps.get_model(label)
        name = "merged_into_id" if label == "entities.entity" else "entity_id"
        ordered = sorted(pks)
        for start in range(0, len(ordered), 500):
            rows = model._default_manager.filter(pk__in=ordered[start : start + 500])
            for pk, value in rows.values_list("pk", name):
                state[label, pk, name] = value
    events = set(Event.objects.filter(pk__in=[event for event, _, _ in operations]).values_list("pk", flat=True))
    for event, what, changes in reversed(operations):
        if event not in events:
            yield f"{what}: its event {event} is gone"
        for change in reversed(changes):
            label, old, new = change["model"], change["old"], change["new"]
            if label not in _REPLAYED_MODELS:
                continue
            for pk in change["pks"]:
                if old is None or new is None:
                    for name in _REPLAYED & (old or new).keys():
                        if new is None:
                            state[label, pk, name] = old[name]
                        else:
                            state.pop((label, pk, name), None)
                    continue
                for name in _REPLAYED & new.keys():
                    place = (label, pk, name)
                    if place in state and state[place] != new[name]:
                        yield f"{what}: {label} {pk} had {name} {new[name]} after it, {state[place]} follows"
                    state[place] = old[name]


_FIELDS = {"name", "description", "valid_from", "valid_to", "prominence", "subtype", "capital", "signed", "in_force"}


def _field_replay() -> Iterator[str]:
    """Fields, too: walking back, each event must find what it left."""
    state: dict[tuple[int, str], object] = {}
    erased = object()  # what an event left of which only a tombstone stands
    rows = Event.objects.exclude(type__in=[Event.Type.JUDGED, Event.Type.SPLIT]).order_by("-pk")
    current: dict[int, dict] = {}
    for pk, entity_id, before, after in rows.values_list("pk", "entity_id", "before", "after").iterator(
        chunk_size=_CHUNK
    ):
        if "erased" in after:
            state.update({(entity_id, name): erased for name in _FIELDS.intersection(after["fields"])})
            continue
        names = _FIELDS & before.keys() & after.keys()
        if not names:
            continue
        if entity_id not in current:
            current[entity_id] = Entity.objects.filter(pk=entity_id).values(*_FIELDS).get()
        for name in names:
            place = (entity_id, name)
            now = state.get(place, current[entity_id][name]) if place in state else current[entity_id][name]
            if now is not erased and (now or "") != (after[name] or ""):
                yield f"event {pk} left {name} “{after[name]}” on record {entity_id}, “{now}” follows without an event"
            state[place] = before[name]


def _erasures() -> Iterator[str]:
    known = set(Erasure.objects.values_list("pk", flat=True))
    for pk, erasure in Event.objects.filter(after__has_key="erased").order_by("pk").values_list("pk", "after__erased"):
        if erasure not in known:
            yield f"event {pk} says nothing any more, and nobody ordered it"


CHECKS = (
    Check("facts_on_live_records", "every fact belongs and points to a live record", _stranded),
    Check("kinds_fit", "offices and ties lead to records of the kind that they may lead to", _kinds),
    Check("redirects_flat", "a merged id leads to a live record in one step", _redirects),
    Check("no_cycles", "no redirect leads back to itself", _cycles),
    Check("merges_stand", "each redirect has its merge, each merge its redirect", _merges),
    Check("one_event_each", "one event for each merge and each undo", _one_event_each),
    Check("journals_replay", "walked back from today, every operation finds what it left", _replay),
    Check("fields_replay", "no field that has events was changed without one", _field_replay),
    Check("erasures_told", "what events said was erased only on somebody's word", _erasures),
    Check("verdicts_kept", "no record holds two that a person called different", _verdicts),
    Check("own_names", "a record is found by its own name", _own_names),
    Check("alias_keys", "every name's key is its normal form", _keys),
    Check("taken_down_stays_away", "nothing that was taken down is there", returned),
    Check("guards_stand", "the database has its triggers", _guards),
    Check("index_complete", "every name in use is in the candidate index", _index),
)
