"""The curators' pages about records. Thin: a form comes in, a service does it, a page tells what was done."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST, require_safe

from entities import history, merging
from entities.admin import record_link
from entities.curation import comparing, parting, past
from entities.curation.forms import NewRecordForm
from entities.invariants import ask_inspection
from entities.matching.types import Kind
from entities.merging import MAX_TOGETHER
from entities.models import Dismissal, Entity, Merge, Split
from entities.radar import RadarError, dismiss, may_dismiss, suspects, take_back_dismissal
from entities.reading import BOUNDS, KIND_NAMES
from entities.search import MAX_QUERY_CHARS, search

HITS = 9
MERGED = 50  # merges that a session remembers
LINES = 100  # of a history on one page
SUSPECTS = 50
MAY_MERGE = "entities.merge_entity"
_BY_HAND = "field:"
_CHOICE = "choice:"
IN_SPITE = "They are one all the same, and the reason below says why"
_TOLD = 5  # later changes that a message names


def check_may_see(request) -> None:
    if not request.user.has_perm("entities.view_entity"):
        raise PermissionDenied


def render_page(request, template: str, title: str, context: dict) -> TemplateResponse:
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "title": title,
        "may_merge": request.user.has_perm(MAY_MERGE),
        **context,
    }
    return TemplateResponse(request, f"admin/curation/{template}", context)


def number_of(text: str | None) -> int:
    """A key from an address or a form; 0 for anything else."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _words(request, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:MAX_QUERY_CHARS]


# --- Merge -----------------------------------------------------------------------------------------------------------
def merge_page(request):
    """Records side by side: choose what is kept, see what it touches, merge."""
    check_may_see(request)
    asked = request.POST if request.method == "POST" else request.GET
    records, gone = _asked_for(request, asked.get("ids", ""))
    for old, new in gone:
        messages.info(request, f"‹{old}› was merged into ‹{new}› already; that record is shown in its place.")
    by_pk = {record.pk: record for record in records}
    came_from = number_of(asked.get("from"))
    survivor, why = by_pk.get(number_of(asked.get("survivor"))), ""
    if survivor is None and records:
        survivor, why = comparing.propose(records, came_from)
    chosen = {
        name.removeprefix(_BY_HAND): number_of(value) for name, value in asked.items() if name.startswith(_BY_HAND)
    }
    refusal = missing = ""
    if request.method == "POST":
        try:
            if gone:  # nobody merges a record that was not in front of him
                raise merging.MergeError("What would be merged is not what you saw; look at it again.")
            return _merge(request, records, survivor, chosen)
        except merging.MergeError as error:
            refusal, missing = str(error), getattr(error, "field", "")
    q = _words(request, "q")
    hits = [hit for hit in search(q, limit=HITS + len(records)) if hit.entity.pk not in by_pk] if q else []
    ids = ",".join(str(record.pk) for record in records)
    comparison = comparing.compare(records, survivor, chosen) if len(records) > 1 else None
    context = {
        "comparison": comparison,
        "moving": merging.counts_in_words(comparison.impact.facts) if comparison is not None else "",
        "records": [(record, comparing.about(record)) for record in records],
        "ids": ids,
        "q": q,
        "hits": [(hit, f"{ids},{hit.entity.pk}" if ids else str(hit.entity.pk)) for hit in hits[:HITS]],
        "is_full": len(records) >= MAX_TOGETHER,
        "reason": asked.get("reason", "")[:2000],
        "override": bool(asked.get("override")),
        "refusal": refusal,
        "missing": missing,
        "in_spite": IN_SPITE,
        "why": why,
        "came_from": came_from,
        "without": [(record, ",".join(str(one.pk) for one in records if one.pk != record.pk)) for record in records],
    }
    return render_page(request, "merge.html", "Merge records", context)


def _asked_for(request, text: str) -> tuple[list[Entity], list[tuple[Entity, Entity]]]:
    """The live records of ``"1,2"``, in that order, and those that another one stands for by now."""
    ids = list(dict.fromkeys(filter(None, map(number_of, text.replace(" ", "").split(",")[: 4 * MAX_TOGETHER]))))
    known = Entity.objects.select_related("merged_into").in_bulk(ids)
    gone = [(known[pk], known[pk].merged_into) for pk in ids if pk in known and known[pk].merged_into_id]
    live = [known[pk].merged_into_id or pk for pk in ids if pk in known]
    wanted = list(dict.fromkeys(live))
    if len(wanted) > MAX_TOGETHER:
        messages.warning(request, f"The first {MAX_TOGETHER} are shown: more are not merged at once.")
        wanted = wanted[:MAX_TOGETHER]
    loaded = Entity.objects.filter(pk__in=wanted).for_display().in_bulk()
    return [loaded[pk] for pk in wanted], gone


class _Missing(merging.MergeError):
    """What a merge in spite of contradictions lacks; ``field`` has the focus next."""

    def __init__(self, sentence: str, field: str):
        super().__init__(sentence)
        self.field = field


def _check_override(request, survivor: Entity, absorbed: list[Entity]) -> None:
    """Say exactly what is missing where something speaks against a merge: the tick, the reason, or both."""
    if not any(merging.contradictions(survivor, record) for record in absorbed):
        return
    tick = f"tick “{IN_SPITE}” (o)"
    has_reason = bool(request.POST.get("reason", "").strip())
    if not request.POST.get("override"):
        more = "" if has_reason else " and write the reason (t)"
        raise _Missing(f"Nothing was merged. If they are one, {tick}{more}.", "override")
    if not has_reason:
        raise _Missing("Nothing was merged. Write the reason (t): why are they one all the same?", "reason")


def _merge(request, records: list[Entity], survivor: Entity | None, chosen: dict[str, int]) -> HttpResponseRedirect:
    if survivor is None or len(records) < 2:
        raise merging.MergeError("Choose at least two records to merge.")
    absorbed = [record for record in records if record.pk != survivor.pk]
    _check_override(request, survivor, absorbed)
    proposed = comparing.proposed_winners(survivor, absorbed)
    # What was left as proposed is the program's choice, not a person's: a later import may still improve it.
    by_hand = {name: pk for name, pk in chosen.items() if name in proposed and pk != proposed[name]}
    done = merging.merge_many(
        survivor_id=survivor.pk, absorbed_ids=[record.pk for record in absorbed], actor=request.user,
        reason=request.POST.get("reason", "").replace("\0", "").strip()[:2000], fields=by_hand,
        override=bool(request.POST.get("override")),
    )  # fmt: skip
    _remember_merges(request, done)
    names = format_html_join(", ", "‹{}›", ((record_link(record),) for record in absorbed))
    messages.success(
        request, format_html("{} merged into ‹{}›. It can be taken back below.", names, record_link(survivor))
    )
    return HttpResponseRedirect(reverse("curation-merged", args=[done[-1].pk]))


def _remember_merges(request, done: list[Merge]) -> None:
    """The queue of pairs, which this app knows nothing of, takes them from the session for its own undo."""
    request.session["merged"] = [*request.session.get("merged", ()), *(one.pk for one in done)][-MERGED:]


@require_safe
def merged_page(request, pk: int):
    """A merge: what it did, and the way back."""
    check_may_see(request)
    return _merged(request, _merge_or_404(pk))


def _merge_or_404(pk: int) -> Merge:
    return get_object_or_404(Merge.objects.select_related("survivor", "absorbed", "actor", "undone_by"), pk=pk)


def _merged(request, merge: Merge, refusal: str = "", choices: dict[str, str] | None = None):
    together = list(
        Merge.objects.filter(pk__in=merge.inverse.get("together", [merge.pk]))
        .select_related("survivor", "absorbed", "actor", "undone_by")
        .order_by("pk")
    )
    plan = merging.plan_undo_together(merge)
    choices = choices or {}
    back = _way_back(request)
    context = {
        **_back(back),
        "merge": merge,
        "together": together,
        "survivor": merge.survivor,
        "is_undone": merge.undone_at is not None,
        "plan": plan,
        "moved": merging.counts_in_words(plan.rows),
        "edits": [(edit, choices.get(edit.key, edit.default)) for edit in plan.edits],
        "refusal": refusal or (plan.refusal if merge.undone_at is None else ""),
        "obstacle": _address_of(plan.obstacle, merge, back) if merge.undone_at is None else "",
        "in_spite_of": [text for one in together for text in one.inverse.get("in_spite_of", ())],
        "taken": past.taken_fields(together),
    }
    title = "Merge undone" if merge.undone_at is not None else "Merged"
    return render_page(request, "merged.html", title, context)


# From an operation that waits for a later one the way leads there and back, over several if need be: ``?back=m5,s2``.
_PAGES = {"m": ("curation-merged", "merge"), "s": ("curation-parted", "split")}


def _token(operation: Merge | Split) -> str:
    return f"{'m' if isinstance(operation, Merge) else 's'}{operation.pk}"


def _way_back(request) -> list[str]:
    """The operations that one came from, the last first."""
    asked = (request.POST or request.GET).get("back", "").split(",")[:MAX_TOGETHER]
    return [one for one in asked if one[:1] in _PAGES and number_of(one[1:])]


def _address(token: str, back: list[str]) -> str:
    address = reverse(_PAGES[token[0]][0], args=[number_of(token[1:])])
    return f"{address}?back={','.join(back)}" if back else address


def _address_of(obstacle: merging.Obstacle | None, here: Merge | Split, back: list[str]) -> str:
    """Where what has to be undone first is undone, and from there the way back here."""
    if obstacle is None or obstacle.operation is None:
        return ""
    return _address(_token(obstacle.operation), [_token(here), *back][:MAX_TOGETHER])


def _back(back: list[str]) -> dict:
    """For the pages of operations: the one that one came from, and what their forms hand on."""
    told = f"{_PAGES[back[0][0]][1]} {back[0][1:]}" if back else ""
    return {"back": ",".join(back), "back_to": told, "back_address": _address(back[0], back[1:]) if back else ""}


@require_POST
def undo_merge(request, pk: int):
    """Take a merge back, with those made in the same step."""
    merge = _merge_or_404(pk)
    choices = {name.removeprefix(_CHOICE): value for name, value in request.POST.items() if name.startswith(_CHOICE)}
    # The undo plans for itself, and without choices it goes through only where there is nothing to tell.
    edits = merging.plan_undo_together(merge).edits if choices else []
    reason = request.POST.get("reason", "").replace("\0", "").strip()
    try:
        done = merging.undo_together(merge, actor=request.user, reason=reason, choices=choices or None)
    except merging.MergeError as error:
        return _merged(request, _merge_or_404(pk), refusal=str(error), choices=choices)
    parted = Merge.objects.filter(pk__in=[one.pk for one in done]).select_related("survivor", "absorbed").order_by("pk")
    called = merging.called_after(list(parted))
    names = format_html_join(", ", "{}", ((record_link(one.absorbed, called[one.absorbed_id]),) for one in parted))
    verb = "are records of their own" if len(done) > 1 else "is a record of its own"
    messages.success(request, format_html("Taken back: {} {} again.{}", names, verb, _went(edits, choices)))
    return HttpResponseRedirect(_address(f"m{pk}", _way_back(request)))


def _went(edits: list[merging.LaterEdit], choices: dict[str, str]) -> str:
    """Where what was written since the merge went, as it was chosen."""
    told = [f"{edit.text}: {dict(edit.options)[choices.get(edit.key, edit.default)]}." for edit in edits]
    more = f" And {len(told) - _TOLD} more later changes." if len(told) > _TOLD else ""
    return "".join(f" {one}" for one in told[:_TOLD]) + more


@require_POST
def redo_merge(request, pk: int):
    """Merge again what an undo took apart."""
    merge = _merge_or_404(pk)
    try:
        done = merging.redo(merge, actor=request.user)
    except merging.MergeError as error:
        return _merged(request, merge, refusal=str(error))
    _remember_merges(request, [done])
    told = format_html("‹{}› merged into ‹{}› again.", record_link(done.absorbed), record_link(done.survivor))
    messages.success(request, told)
    return HttpResponseRedirect(reverse("curation-merged", args=[done.pk]))


# --- Split -----------------------------------------------------------------------------------------------------------
def split_page(request, pk: int):
    """A record that holds what belongs to two: choose what goes, and where."""
    check_may_see(request)
    source = get_object_or_404(Entity.objects.select_related("merged_into"), pk=pk)
    if not source.is_current:
        messages.info(request, f"‹{source}› was merged into ‹{source.merged_into}›; that record is shown.")
        return HttpResponseRedirect(reverse("curation-split", args=[source.merged_into_id]))
    asked = request.POST if request.method == "POST" else request.GET
    refusal = ""
    came_with = number_of(request.GET.get("from"))
    former = parting.former_records(source)
    back = next((one for one in former if one.pk == came_with), None)
    fields = (*NewRecordForm.base_fields,) if back is not None else ("kind",)
    form = NewRecordForm(request.POST or None, initial={name: getattr(back or source, name) for name in fields})
    chosen = parting.chosen_rows(asked)
    target = Entity.objects.current().filter(pk=number_of(asked.get("target"))).exclude(pk=pk).first()
    if request.method == "POST":
        try:
            return _split(request, source, target, form, chosen)
        except merging.MergeError as error:
            refusal = str(error)
    q = _words(request, "q")
    context = {
        "source": source,
        "about": comparing.about(source),
        "target": target,
        "form": form,
        "bounds": BOUNDS[Kind(back.kind if back is not None else source.kind)],
        "parts": parting.parts_of(source, chosen, came_with=came_with, mentions_like=_words(request, "mentions_like")),
        "came_with": came_with,
        "former": former,
        "q": q,
        "hits": [hit for hit in search(q, limit=HITS + 1) if hit.entity.pk != source.pk][:HITS] if q else [],
        "mentions_like": _words(request, "mentions_like"),
        "reason": asked.get("reason", "")[:2000],
        "refusal": refusal,
    }
    return render_page(request, "split.html", f"Split ‹{source}›", context)


def _split(request, source: Entity, target: Entity | None, form: NewRecordForm, chosen: dict[str, list[int]]):
    is_new = not request.POST.get("target")
    if not is_new and target is None:
        raise merging.MergeError("The record that this should go to is not there any more; choose another one.")
    more: dict = {"target_id": target.pk} if target is not None else {}
    if is_new:
        if not form.is_valid():
            raise merging.MergeError(" ".join(str(error) for errors in form.errors.values() for error in errors))
        fields = {name: form.cleaned_data[name] for name in ("description", "valid_from", "valid_to")}
        more = {
            "name": form.cleaned_data["name"], "kind": form.cleaned_data["kind"],
            "fields": {name: value for name, value in fields.items() if value},
        }  # fmt: skip
    rows = parting.with_surfaces(source, chosen, request.POST.getlist("surfaces"))
    reason = request.POST.get("reason", "").replace("\0", "").strip()
    done = merging.split(source_id=source.pk, actor=request.user, rows=rows, reason=reason, **more)
    told = "Split: ‹{}› and ‹{}› are two records, and remembered as different."
    messages.success(request, format_html(told, record_link(done.target), record_link(source)))
    return HttpResponseRedirect(reverse("curation-parted", args=[done.pk]))


@require_safe
def parted_page(request, pk: int):
    """A split: what went, and the way back."""
    check_may_see(request)
    return _parted(request, _split_or_404(pk))


def _split_or_404(pk: int) -> Split:
    return get_object_or_404(Split.objects.select_related("source", "target", "actor", "undone_by"), pk=pk)


def _parted(request, split: Split, refusal: str = ""):
    is_undone = split.undone_at is not None
    obstacle = None if is_undone else merging.why_split_stays(split)
    back = _way_back(request)
    context = {
        **_back(back),
        "split": split,
        "is_undone": is_undone,
        "sent": parting.sent_by(split),
        "refusal": refusal or (obstacle.sentence if obstacle is not None else ""),
        "obstacle": _address_of(obstacle, split, back),
    }
    title = "Split taken back" if is_undone else "Split"
    return render_page(request, "parted.html", title, context)


@require_POST
def undo_split(request, pk: int):
    """Take a split back."""
    split = _split_or_404(pk)
    try:
        merging.undo_split(split, actor=request.user)
    except merging.MergeError as error:
        return _parted(request, split, refusal=str(error))
    messages.success(request, format_html("Taken back: everything is ‹{}›'s again.", record_link(split.source)))
    return HttpResponseRedirect(_address(f"s{pk}", _way_back(request)))


@require_POST
def redo_split(request, pk: int):
    """Split again what was put back together."""
    split = _split_or_404(pk)
    try:
        merging.redo_split(split, actor=request.user)
    except merging.MergeError as error:
        return _parted(request, split, refusal=str(error))
    told = format_html("‹{}› and ‹{}› are two again.", record_link(split.source), record_link(split.target))
    messages.success(request, told)
    return HttpResponseRedirect(reverse("curation-parted", args=[pk]))


# --- History and radar -----------------------------------------------------------------------------------------------
@require_safe
def history_page(request, pk: int):
    """Everything that happened to a record, in words; with ``?on=`` what it was at the end of a past day."""
    check_may_see(request)
    entity = get_object_or_404(Entity.objects.select_related("merged_into"), pk=pk)
    on = request.GET.get("on", "").strip()[:20]
    complaint, state = "", None
    if on:
        try:
            day = parse_date(on)
            moment = datetime.combine(day + timedelta(days=1), time(), tzinfo=timezone.get_current_timezone())
            state = past.state_in_words(entity, min(moment - timedelta(microseconds=1), timezone.now()))
        except (ValueError, TypeError, OverflowError):
            complaint = f"“{on}” is no date; a date looks like 2026-03-31."
    pages = Paginator(history.Lines(entity), LINES)
    context = {
        "entity": entity,
        "about": comparing.about(entity),
        "kind_name": KIND_NAMES[Kind(entity.kind)],
        "page": pages.get_page(request.GET.get("page")),
        "on": on,
        "complaint": complaint,
        "state": state,
        "today": timezone.localdate().isoformat(),
    }
    return render_page(request, "history.html", f"History of ‹{entity}›", context)


@require_safe
def radar_page(request):
    """Records whose own facts say that they are two; with ``?fine=1`` those that a person found to be one."""
    check_may_see(request)
    is_fine = bool(request.GET.get("fine"))
    pages = Paginator(suspects(limit=1_000, dismissed=is_fine), SUSPECTS)
    page = pages.get_page(request.GET.get("page"))
    after = [one.entity.pk for one in page][1:] + [0]  # where the focus goes when a record leaves the list
    context = {
        "page": page,
        "rows": [(one, comparing.about(one.entity), next_) for one, next_ in zip(page, after, strict=True)]
        if page.object_list
        else [],
        "is_fine": is_fine,
        "may_dismiss": may_dismiss(request.user),
        "can_undo": bool(request.session.get("dismissed")),
        "kept": request.session.get("dismissal notes", {}),
    }
    return render_page(request, "radar.html", "Wrong merges?", context)


def _check_may_dismiss(request) -> None:
    check_may_see(request)
    if not may_dismiss(request.user):
        raise PermissionDenied


@require_POST
def dismiss_page(request, pk: int):
    """A record on the radar is one all the same."""
    _check_may_dismiss(request)
    entity = get_object_or_404(Entity.objects.current(), pk=pk)
    try:
        done = dismiss(entity, actor=request.user, reason=request.POST.get("reason", "").replace("\0", "").strip())
    except RadarError as error:
        messages.warning(request, str(error))
    else:
        request.session["dismissed"] = [*request.session.get("dismissed", ()), done.pk][-MERGED:]
        told = "‹{}› is one: not listed again unless the radar sees something new."
        messages.success(request, format_html(told, record_link(entity)))
    here = number_of(request.POST.get("next"))
    return _to_radar(here, page=number_of(request.POST.get("page")))


@require_POST
def undo_dismissal(request):
    """Take back such a word: the one named, or the last that this session remembers."""
    _check_may_dismiss(request)
    remembered = list(request.session.get("dismissed", ()))
    pk = number_of(request.POST.get("dismissal")) or (remembered[-1] if remembered else 0)
    done = Dismissal.objects.select_related("entity").filter(pk=pk).first()
    request.session["dismissed"] = [one for one in remembered if one != pk]
    if done is None:
        messages.warning(request, "There is nothing to take back.")
        return _to_radar()
    try:
        take_back_dismissal(done, actor=request.user)
    except RadarError as error:
        messages.warning(request, str(error))
    else:
        request.session["dismissal notes"] = {str(done.entity_id): done.reason}
        messages.success(request, format_html("Taken back: ‹{}› is listed again.", record_link(done.entity)))
    return _to_radar(done.entity_id)


def _to_radar(at: int = 0, *, page: int = 0) -> HttpResponseRedirect:
    place = f"#r{at}" if at else ""
    return HttpResponseRedirect(reverse("curation-radar") + (f"?page={page}" if page > 1 else "") + place)


@require_POST
def ask_inspection_page(request):
    """Have a worker check what must always hold; the first page tells what it found."""
    if not request.user.has_perm("entities.add_inspection"):
        raise PermissionDenied
    ask_inspection(request.user)
    messages.success(
        request, "Asked for: a worker checks everything when it has time, and this page tells what it found."
    )
    return HttpResponseRedirect(reverse("admin:index"))
