"""The curators' queues as pages. Thin: a form comes in, ``decisions`` does it, the next item is shown.

One address answers a form with a redirect, and a script with JSON: where our script fails the forms still work.
"""

from __future__ import annotations

import logging

from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, Max
from django.http import Http404, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from articles import queue as queues
from articles.charts import parts_of
from articles.curation import decisions, items
from articles.curation.decisions import number_of
from articles.models import Article, Link, NilGroup
from articles.proposals import ProposalError
from articles.queue import Filters, Queue
from articles.review import ReviewError, Scope
from articles.scorecard import cases, decided, decided_of, pair_scores, scorecard
from entities.editing import EditError
from entities.judging import JudgeError
from entities.matching.types import Kind
from entities.models import DuplicateSuggestion, Entity, Merge
from entities.reading import KIND_PLURALS, language_name
from entities.search import MAX_QUERY_CHARS, search

STRIP = 10  # items shown ahead, and so many more whenever the last of them is passed
STRIP_MOST = 500
NOTES = 20  # reasons of decisions taken back that are kept until they are given again
MARKED = 200  # names rejected at once
REMEMBERED = 50  # decisions that can be taken back one after the other
REMEMBERED_ROWS = 10_000  # in all of them, so that a session stays small; the last decision is always remembered
SKIPPED = 1_000
HITS = 9
DECIDED = 50  # decisions listed on a page
AGES = [(1, "today"), (7, "last 7 days"), (30, "last 30 days"), (365, "last year")]
TITLES = {
    Queue.LINKS: "Doubtful links",
    Queue.DUPLICATES: "Possible duplicates",
    Queue.PROPOSALS: "Unknown names",
}
_MAY_SEE = {
    Queue.LINKS: "articles.view_link",
    Queue.DUPLICATES: "entities.view_duplicatesuggestion",
    Queue.PROPOSALS: "articles.view_nilgroup",
}
_MAY_DECIDE = {
    Queue.LINKS: "articles.change_link",
    Queue.DUPLICATES: "entities.judge_entity",
    Queue.PROPOSALS: "articles.change_nilgroup",
}
_REFUSALS = (ReviewError, JudgeError, ProposalError, EditError)
_log = logging.getLogger("refdesk.curation")


# --- What the session keeps ------------------------------------------------------------------------------------------
def _skipped(request, queue: Queue) -> list[int]:
    return list(request.session.get(f"skipped:{queue}", ()))


def _skip(request, queue: Queue, pk: int) -> None:
    kept = [one for one in _skipped(request, queue) if one != pk]
    request.session[f"skipped:{queue}"] = [*kept, pk][-SKIPPED:]


def _remember(request, queue: Queue, undo: dict, note: str = "") -> None:
    undo = {**undo, "note_given": note} if note else undo
    kept = [*request.session.get(f"done:{queue}", ()), undo][-REMEMBERED:]
    while len(kept) > 1 and sum(decisions.size_of(one) for one in kept) > REMEMBERED_ROWS:
        kept.pop(0)
    request.session[f"done:{queue}"] = kept


def _undoable(request, queue: Queue) -> list:
    """What the session remembers of decisions and skips, but for the skips that were brought back since."""
    skipped = _skipped(request, queue)

    def is_brought_back(one) -> bool:
        return isinstance(one, dict) and one.get("what") == "skip" and "key" in one and one["key"] not in skipped

    return [one for one in request.session.get(f"done:{queue}", ()) if not is_brought_back(one)]


def _take_in_merges(request) -> None:
    """Merges made on their own page of a pair that the queue had shown are decisions of this queue, too.

    Merges made in one step are one decision: they are undone together.
    """
    merged = request.session.pop("merged", [])
    seen = set(request.session.get("pairs seen", ()))
    if not merged or not seen:
        return
    taken_in: set[int] = set()
    standing = Merge.objects.filter(pk__in=merged, undone_at=None).annotate(together=F("inverse__together"))
    for merge in standing.defer("inverse").order_by("pk"):
        if merge.pk in taken_in:
            continue
        pair = sorted((merge.survivor_id, merge.absorbed_id))
        suggested = DuplicateSuggestion.objects.filter(pk__in=seen, a=pair[0], b=pair[1]).first()
        if suggested is not None:
            undo = {"what": "merge", "keys": [merge.pk], "item": suggested.pk}
            _remember(request, Queue.DUPLICATES, undo, merge.reason)
            taken_in.update(merge.together or ())


def _keep_note(request, queue: Queue, pk: int, note: str) -> None:
    """The reason of a decision that was taken back: the form shows it again, until the item is decided anew."""
    kept = {key: text for key, text in request.session.get(f"notes:{queue}", {}).items() if key != str(pk)}
    if note:
        kept[str(pk)] = note
    request.session[f"notes:{queue}"] = dict(list(kept.items())[-NOTES:])


# --- What the address asks for ---------------------------------------------------------------------------------------
def _filters(request) -> Filters:
    asked = request.GET
    return Filters(
        kind=asked.get("kind", "") if asked.get("kind", "") in set(Kind) else "",
        state=number_of(asked.get("state")) or None,
        outlet=asked.get("source", "").replace("\0", "")[:300],
        language=asked.get("language", "").replace("\0", "")[:16],
        max_age_days=min(number_of(asked.get("age")), 36_500) or None,
        is_aside=bool(asked.get("aside")),
    )


def _query(request, **more) -> str:
    """The filters again, for an address."""
    kept = QueryDict(mutable=True)
    for name in ("kind", "state", "source", "language", "age", "aside"):
        if request.GET.get(name):
            kept[name] = request.GET[name]
    for name, value in more.items():
        kept[name] = value
    return f"?{kept.urlencode()}" if kept else ""


def _check_may_see(request, queue: Queue) -> None:
    if not request.user.has_perm(_MAY_SEE[queue]):
        raise PermissionDenied


def _may_decide(request, queue: Queue) -> bool:
    return request.user.has_perm(_MAY_DECIDE[queue])


def _by_script(request) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


# --- Pages -----------------------------------------------------------------------------------------------------------
@require_safe
def first(request):
    """The first queue that the user may see, preferably one that is not empty."""
    seen = [queue for queue in Queue if request.user.has_perm(_MAY_SEE[queue])]
    if not seen:
        raise PermissionDenied
    counts = queues.counts()
    chosen = next((queue for queue in seen if counts[queue]), seen[0])
    return HttpResponseRedirect(reverse("review", args=[chosen]))


@require_safe
def page(request, queue: Queue):
    """A queue: the item in view, what comes after it, filters, help."""
    _check_may_see(request, queue)
    if queue is Queue.DUPLICATES:
        _take_in_merges(request)
    filters, skipped = _filters(request), _skipped(request, queue)
    wanted = number_of(request.GET.get("at"))
    current = _open(request, queue, filters, skipped, wanted)
    request.session[f"visit:{queue}"] = request.session.get(f"visit:{queue}", 0) + 1
    context = {
        **admin.site.each_context(request),
        "title": TITLES[queue],
        "queue": queue.value,
        "visit": request.session[f"visit:{queue}"],
        "tabs": [(one.value, TITLES[one]) for one in Queue if request.user.has_perm(_MAY_SEE[one])],
        "item": _rendered(request, queue, current) if current is not None else "",
        "is_another": bool(wanted and current is not None and current.pk != wanted),
        "may_decide": _may_decide(request, queue),
        "query": _query(request),
        "filters": filters,
        "has_filters": filters != Filters(),
        **(choices := _choices(queue)),
        "in_use": _in_words(filters, choices),
        **_progress(request, queue, filters, current),
    }
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/curation/review.html", context)


def _open(request, queue: Queue, filters: Filters, skipped: list[int], at: int):
    """The item asked for, or the one worth most; claimed, unless the user may only look."""
    if not _may_decide(request, queue):
        rows = queues.waiting(queue, filters)
        return (rows.filter(pk=at).first() if at else None) or rows.first()
    found = _claimed(request, queue, at) if at else None
    return found or queues.claim_next(queue, request.user, filters, skipped)


def _claimed(request, queue: Queue, pk: int):
    """An item that waits, or that was set aside, claimed: whoever asks for it sees which of the two it is."""
    found = queues.claim(queue, pk, request.user)
    if found is None and queue in queues.WITH_ASIDE:
        found = queues.claim(queue, pk, request.user, is_aside=True)
    return found


def _choices(queue: Queue) -> dict:
    """What the filters offer; a queue has only those that mean something in it."""
    offered: dict = {"kinds": [(kind.value, KIND_PLURALS[kind]) for kind in Kind], "ages": AGES}
    offered["has_aside"] = queue in queues.WITH_ASIDE
    if queue is not Queue.PROPOSALS:
        states = Entity.objects.current().filter(kind=Kind.STATE).order_by("name")
        offered["states"] = list(states.values_list("pk", "name"))
    if queue is not Queue.DUPLICATES:
        visible = Article.objects.visible().order_by()
        outlets = visible.exclude(source="").order_by("source").values_list("source", flat=True).distinct()
        codes = visible.exclude(language="").order_by("language").values_list("language", flat=True).distinct()
        offered["outlets"] = list(outlets[:300])
        offered["languages"] = [(code, language_name(code)) for code in codes[:100]]
    return offered


def _in_words(filters: Filters, choices: dict) -> list[str]:
    """The filters in use, each in words."""
    known = {name: dict(choices.get(name, ())) for name in ("kinds", "states", "languages", "ages")}
    told = [
        ("kind", known["kinds"].get(filters.kind, filters.kind)),
        ("state", known["states"].get(filters.state, filters.state)),
        ("source", filters.outlet),
        ("language", known["languages"].get(filters.language, filters.language)),
        (
            "age",
            known["ages"].get(filters.max_age_days, f"{filters.max_age_days} days" if filters.max_age_days else ""),
        ),
        ("", "set aside as unsure" if filters.is_aside else ""),
    ]
    return [f"{name} {value}".strip() for name, value in told if value]


def _rendered(request, queue: Queue, row) -> str:
    if queue is Queue.DUPLICATES:
        request.session["pairs seen"] = [*request.session.get("pairs seen", ()), row.pk][-REMEMBERED:]
    context = {
        "queue": queue.value,
        "query": _query(request),
        "may_decide": _may_decide(request, queue),
        "may_create": request.user.has_perm("entities.add_entity"),
        "may_merge": request.user.has_perm("entities.merge_entity"),
        "merge_page": f"{reverse('admin:index')}curation/merge/",
        "kinds": [(kind.value, kind.value) for kind in Kind],
        "one": items.item_of(queue, row, request.user),
        "note": request.session.get(f"notes:{queue}", {}).get(str(row.pk), ""),
    }
    return render_to_string(f"admin/curation/{queue}.html", context, request)


def _progress(request, queue: Queue, filters: Filters, current=None) -> dict:
    """What is ahead, how much, and what can be taken back."""
    skipped = _skipped(request, queue)
    asked = request.POST if request.method == "POST" else request.GET
    shown = min(max(number_of(asked.get("shown")), STRIP), STRIP_MOST)
    ahead = queues.upcoming(queue, request.user, filters, skipped, shown + 1)
    if current is not None and current.pk not in {row.pk for row in ahead}:
        ahead = [current, *ahead]
    more = len(ahead) > shown
    waiting, elsewhere = queues.tally(queue, request.user, filters)
    context = {
        "queue": queue.value,
        "query": _query(request),
        "strip": items.titles(queue, ahead[:shown]),
        "shown": shown,
        "next_shown": min(shown + STRIP, STRIP_MOST) if more and shown < STRIP_MOST else 0,
        "may_mark": queue is Queue.PROPOSALS and _may_decide(request, queue),
        "most_marked": MARKED,
        "current": current.pk if current is not None else 0,
        "waiting": waiting,
        "waiting_more": waiting >= queues.COUNTED,
        "is_aside": filters.is_aside,
        "elsewhere": elsewhere,
        # A wider decision may have settled what was skipped.
        "skipped": _still_open(queue, filters, skipped),
        "can_undo": bool(_undoable(request, queue)),
    }
    return context


def _still_open(queue: Queue, filters: Filters, skipped: list[int]) -> int:
    if not skipped:
        return 0
    return queues.waiting(queue, Filters(is_aside=filters.is_aside)).filter(pk__in=skipped).count()


@require_safe
def ahead(request, queue: Queue):
    """Where the queue stands, with as many items ahead as ``?shown=`` asks for: for keys that go past the last one."""
    _check_may_see(request, queue)
    return TemplateResponse(request, "admin/curation/_progress.html", _progress(request, queue, _filters(request)))


@require_safe
def reach(request, pk: int):
    """What a wider scope would reach beside the mention in view: its first sentences, or as many as a page holds."""
    _check_may_see(request, Queue.LINKS)
    link = get_object_or_404(Link.objects.select_related("mention"), pk=pk)
    scope = request.GET.get("scope", "")
    most = items.PREVIEW_MOST if request.GET.get("all") else items.PREVIEW
    reached, total = items.preview(link, Scope(scope), request.user, most) if scope in set(Scope) else ([], 1)
    context = {"scope": scope, "reached": reached, "total": total, "more": max(0, total - 1 - len(reached))}
    context["next"] = 0 if request.GET.get("all") else min(context["more"], items.PREVIEW_MOST - len(reached))
    return TemplateResponse(request, "admin/curation/_reach.html", context)


@require_safe
def find(request, queue: Queue, pk: int):
    """Records by name, for a mention or an unknown name that none of those shown is right for."""
    _check_may_see(request, queue)
    if queue is Queue.DUPLICATES:
        raise Http404
    if queue is Queue.LINKS:
        link = get_object_or_404(Link.objects.select_related("mention__article"), pk=pk)
        on = link.mention.article.published_on
    else:
        group = get_object_or_404(NilGroup, pk=pk)
        dated = group.mentions.filter(article__withdrawn_at=None).aggregate(latest=Max("article__published_on"))
        on = dated["latest"] or ""
    q = request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY_CHARS]
    # Texts speak of what is over, too: who asks for it by name gets it, whatever the article's date.
    hits = search(q, on=on, of_all_times=True, limit=HITS) if q else []
    context = {"q": q, "hits": hits, "queue": queue.value, "may_decide": _may_decide(request, queue)}
    return TemplateResponse(request, "admin/curation/_hits.html", context)


PERIODS = [(4, "4 weeks"), (12, "12 weeks"), (26, "half a year"), (52, "a year"), (0, "ever")]


@require_safe
def scorecard_page(request):
    """How often curators agree with the engine, and where."""
    _check_may_see(request, Queue.LINKS)
    asked = number_of(request.GET.get("weeks", "26"))
    weeks = asked if asked in dict(PERIODS) else 26
    card = scorecard(weeks or None)
    context = {
        **admin.site.each_context(request),
        "title": "Scorecard",
        "card": card,
        "pairs": pair_scores(weeks or None) if request.user.has_perm(_MAY_SEE[Queue.DUPLICATES]) else [],
        "chart": parts_of([(week.label, week.agreed, week.decided) for week in card.weeks]),
        "groups": [("Kind", card.kinds), ("Language", card.languages), ("Script", card.scripts)],
        "weeks": weeks,
        "periods": PERIODS,
    }
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/curation/scorecard.html", context)


@require_safe
def decided_page(request):
    """The decisions behind a figure of the scorecard: all, of one kind of record, or those about no record."""
    _check_may_see(request, Queue.LINKS)
    asked = number_of(request.GET.get("weeks", "26"))
    kind = request.GET.get("kind", "all")
    kind = kind if kind in {*Kind, ""} else "all"
    rows = decided(asked or None) if kind == "all" else decided_of(kind, asked or None)
    rows = rows.select_related("mention__article", "entity", "actor").defer(
        "evidence", "mention__article__text", "mention__article__segments"
    )
    shown = Paginator(rows, DECIDED).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": "Decisions" if kind == "all" else f"Decisions: {KIND_PLURALS.get(kind, 'No record').lower()}",
        "cases": cases(shown.object_list),
        "page": shown,
        "weeks": asked,
        "kind": kind,
    }
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/curation/decided.html", context)


# --- Decisions -------------------------------------------------------------------------------------------------------
def item(request, queue: Queue, pk: int):
    """One item: shown on GET, decided on POST."""
    _check_may_see(request, queue)
    if request.method == "POST":
        return _decide(request, queue, pk)
    if not _by_script(request):
        return HttpResponseRedirect(reverse("review", args=[queue]) + _query(request, at=pk))
    if _may_decide(request, queue):
        row = _claimed(request, queue, pk)
    else:
        rows = (queues.waiting(queue, Filters(is_aside=aside)).filter(pk=pk) for aside in (False, True))
        row = next((found for found in (one.first() for one in rows) if found is not None), None)
    if row is None:
        return TemplateResponse(request, "admin/curation/_gone.html", {"pk": pk})
    return TemplateResponse(request, "admin/curation/_item.html", {"item": _rendered(request, queue, row)})


def _decide(request, queue: Queue, pk: int):
    if not _may_decide(request, queue):
        raise PermissionDenied
    if queue is Queue.DUPLICATES:
        _take_in_merges(request)  # made before this decision, they are taken back after it
    row = queues.claim(queue, pk, request.user, is_aside=bool(request.POST.get("was_aside")))
    if row is None:
        return _answer(request, queue, "Somebody else decided about this or has it open; it is left to them.", ok=False)
    if request.POST.get("action") == "skip":
        _skip(request, queue, pk)
        queues.release(row, request.user)
        _remember(request, queue, {"what": "skip", "key": pk})
        return _answer(request, queue, "Skipped: it waits until you bring it back.")
    try:
        done = decisions.decide(queue, row, request.POST, request.user)
    except decisions.NamesakeError as error:
        context = {"hits": error.namesakes, "queue": queue.value, "may_decide": True}
        asks = render_to_string("admin/curation/_namesakes.html", context, request)
        return _answer(request, queue, str(error), ok=False, at=pk, asks=asks)
    except _REFUSALS as error:
        return _answer(request, queue, str(error), ok=False, at=pk)
    if done.undo:
        _remember(request, queue, done.undo, decisions.note_of(request.POST))
    _keep_note(request, queue, pk, "")
    return _answer(request, queue, done.said, link=_link_of(request, done))


def _link_of(request, done: decisions.Done) -> tuple[str, str]:
    """The record that a decision made or chose: where it is looked at, and its name."""
    if done.entity is None or not request.user.has_perm("entities.view_entity"):
        return ("", "")
    return done.address, decisions.short(done.entity.name)


@require_POST
def reject_marked(request):
    """Say of the unknown names that were marked that no record is wanted; those that colleagues have open stay."""
    queue = Queue.PROPOSALS
    _check_may_see(request, queue)
    if not _may_decide(request, queue):
        raise PermissionDenied
    asked = list(dict.fromkeys(number_of(key) for key in request.POST.getlist("marked")))
    keys = asked[:MARKED]
    free = list(queues.free(queue, request.user).filter(pk__in=keys))
    try:
        done = decisions.reject_many(free, request.POST, request.user)
    except _REFUSALS as error:
        return _answer(request, queue, str(error), ok=False)
    _remember(request, queue, done.undo, decisions.note_of(request.POST))
    said = done.said
    if left := len(keys) - len(done.undo["keys"]):
        said += f" {left} stay{'s' if left == 1 else ''}: decided already, or open at a colleague's."
    if len(asked) > MARKED:
        said += f" Of the other {len(asked) - MARKED} nothing was said: at most {MARKED} are settled at once."
    return _answer(request, queue, said)


@require_POST
def undo(request, queue: Queue):
    """Take back the last decision that this session remembers, or the last skip."""
    _check_may_see(request, queue)
    if not _may_decide(request, queue):
        raise PermissionDenied
    if queue is Queue.DUPLICATES:
        _take_in_merges(request)
    remembered = _undoable(request, queue)
    if not remembered:
        return _answer(request, queue, "There is nothing to take back.", ok=False)
    last = remembered.pop()
    request.session[f"done:{queue}"] = remembered
    try:
        if last["what"] == "skip":
            return _bring_back(request, queue, last["key"])
        at, said = decisions.take_back(last, request.user)
        _keep_note(request, queue, at, last.get("note_given", ""))
    except _REFUSALS as error:
        return _answer(request, queue, str(error), ok=False)
    except ObjectDoesNotExist:
        return _answer(request, queue, "What was decided about is not there any more.", ok=False)
    except (AttributeError, LookupError, TypeError, ValueError):
        # Most likely another version of the program remembered it. Answered, so that the session is stored without it.
        _log.exception("what a session remembers cannot be read")
        return _answer(request, queue, "The last decision cannot be taken back here any more.", ok=False)
    return _answer(request, queue, said, at=at)


def _bring_back(request, queue: Queue, pk: int):
    """Take a skip back: the item is shown, and named."""
    request.session[f"skipped:{queue}"] = [one for one in _skipped(request, queue) if one != pk]
    row = _claimed(request, queue, pk)
    if row is None:
        return _answer(request, queue, "What was skipped is decided already, or a colleague has it open.", ok=False)
    return _answer(request, queue, f"Brought back: {decisions.name_of(queue, row)}.", at=pk)


@require_POST
def unskip(request, queue: Queue):
    """Bring back everything that was skipped."""
    _check_may_see(request, queue)
    skipped = _skipped(request, queue)
    request.session[f"skipped:{queue}"] = []
    if not skipped:
        return _answer(request, queue, "Nothing was skipped.")
    rest = f"; the other{'s' * (len(skipped) > 2)} follow{'s' * (len(skipped) == 2)} in the queue" * (len(skipped) > 1)
    return _answer(
        request, queue, f"{len(skipped):,} brought back: this is the one skipped first{rest}.", at=skipped[0]
    )


@require_POST
def release(request, queue: Queue):
    """Give back one item that was left undecided, or all: the page was closed, and not for a newer one of it."""
    _check_may_see(request, queue)
    if number_of(request.POST.get("visit")) == request.session.get(f"visit:{queue}"):
        queues.release_all(request.user, queue, number_of(request.POST.get("key")) or None)
    return JsonResponse({"ok": True})


def _answer(
    request,
    queue: Queue,
    said: str,
    *,
    ok: bool = True,
    at: int = 0,
    link: tuple[str, str] = ("", ""),
    asks: str = "",
):
    """A sentence, with a link perhaps, and where the queue stands now; for a form, the page again.

    Args:
        asks: HTML of what is to be chosen before the decision is done.
    """
    href, words = link
    if not _by_script(request):
        told = format_html('{} <a class="rd-link" href="{}"><bdi>{}</bdi></a>', said, href, words) if href else said
        (messages.success if ok else messages.warning)(request, told)
        more = {"at": at} if at else {}
        return HttpResponseRedirect(reverse("review", args=[queue]) + _query(request, **more))
    progress = _progress(request, queue, _filters(request))
    return JsonResponse(
        {
            "ok": ok,
            "said": said,
            "href": href,
            "words": words,
            "open": at,
            "asks": asks,
            "progress": render_to_string("admin/curation/_progress.html", progress, request),
        }
    )
