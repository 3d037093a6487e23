"""The pages for taking down and correcting for good: choose what, confirm with a reason, lift."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from entities import editing, reading, takedown
from entities.admin import record_link
from entities.curation import comparing, past
from entities.curation.views import check_may_see, number_of, render_page
from entities.models import DATE_FIELDS, Entity, Fact, Takedown
from entities.reading import value_in_words

SHOWN = 300  # facts of a sort on the page
_SORTS = {"alias": "Names", "identifier": "Identifiers", "term": "Offices", "relation": "Ties"}
_WORDS = {
    "alias": "Name", "identifier": "Identifier", "term": "Office", "relation": "Tie", "record": "The whole record",
}  # fmt: skip
#: What a correction may change of a fact: name, label, greatest length.
PARTS = {
    "alias": (("name", "Name", 500), ("lang", "Language", 16)),
    "identifier": (("scheme", "Scheme", 50), ("value", "Value", 300)),
    "term": (("title", "Title", 300), ("start", "From", 10), ("end", "To", 10)),
    "relation": (("start", "From", 10), ("end", "To", 10)),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a record says, and how it is asked for."""

    sort: str
    what: str  # name of a field, key of a fact
    label: str
    text: str
    source: str = ""


def things_of(entity: Entity) -> list[tuple[str, list[Thing]]]:
    """All that can be taken from a record, loaded for display, in groups."""
    fields = [
        Thing("field", name, past.label_of(name, entity.kind), value_in_words(name, getattr(entity, name)))
        for name in takedown.FIELDS
        if getattr(entity, name) not in ("", None)
    ] + [
        Thing("field", f"attributes.{name}", past.label_of(f"attributes.{name}", entity.kind), str(value))
        for name, value in sorted(entity.attributes.items())
    ]
    groups = [("Fields", fields)]
    for sort, title in _SORTS.items():
        facts = {
            "alias": entity.aliases, "identifier": entity.identifiers, "term": entity.terms, "relation": entity.relations,
        }[sort].all()  # fmt: skip
        found = [
            Thing(sort, str(fact.pk), sort, fact_in_words(fact), fact.source.name if fact.source else "")
            for fact in list(facts)[:SHOWN]
            if not (sort == "alias" and fact.name == entity.name and not fact.type)
        ]
        if found:
            groups.append((title, found))
    return groups


def fact_in_words(fact: Fact) -> str:
    """A fact on one line."""
    sort = fact._meta.model_name
    if sort == "alias":
        about = ", ".join(
            filter(
                None,
                (str(fact.get_type_display()) if fact.type else "", fact.lang and reading.language_name(fact.lang)),
            )
        )
        return f"{fact.name} ({about})" if about else fact.name
    if sort == "term":
        [row] = reading.term_rows([fact])
        return " ".join(filter(None, (row.title, row.where, reading.span_in_words(row.start, row.end, row.as_of))))
    if sort == "relation":
        when = reading.span_in_words(fact.start, fact.end)
        return " ".join(filter(None, (fact.get_type_display(), str(fact.target or fact.target_text), when)))
    return str(fact)


def what_in_words(done: Takedown) -> str:
    """What was taken down: of a field, which."""
    if done.sort != Takedown.Sort.FIELD:
        return takedown.sort_in_words(done)
    return f"{done.get_sort_display()}, {past.label_of(done.field, done.entity.kind)}"


@require_safe
def choose_page(request, pk: int):
    """A record with all it says: choose what is to go."""
    check_may_see(request)
    entity = get_object_or_404(Entity.objects.for_display(), pk=pk)
    if entity.merged_into_id is not None:
        return HttpResponseRedirect(reverse("curation-takedown", args=[entity.merged_into_id]))
    context = {
        "entity": entity,
        "about": comparing.about(entity) if entity.is_current else "",
        "groups": things_of(entity) if entity.is_current else [],
        "done": [(one, what_in_words(one)) for one in entity.takedowns.select_related("actor", "lifted_by")],
        "may_take_down": takedown.may_take_down(request.user),
    }
    return render_page(request, "takedown.html", f"Take down from ‹{entity}›", context)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_page(request, pk: int, sort: str, what: str):
    """What goes, what may take its place, why: nothing happens before this is sent."""
    check_may_see(request)
    if not takedown.may_take_down(request.user):
        raise PermissionDenied
    entity = get_object_or_404(Entity.objects.for_display(), pk=pk)
    fact = None
    if sort in takedown.SORTS:
        fact = get_object_or_404(takedown.SORTS[sort], pk=number_of(what), entity=entity)
    elif sort != "record" and not (sort == "field" and takedown.is_field(what)):
        return HttpResponseRedirect(reverse("curation-takedown", args=[pk]))
    refusal, reason = "", ""
    if request.method == "POST":
        reason = request.POST.get("reason", "").replace("\0", "").strip()[:2000]
        try:
            done = _take_down(request, entity, sort, what, fact, reason)
            is_correction = sort != "record" and request.POST.get("do") == "correct"
            entity.refresh_from_db(fields=["name"])
            told = format_html(
                '{} for good. The record: ‹{}›; <a class="rd-link" href="{}">the takedown</a>.',
                "Corrected" if is_correction else "Taken down", record_link(entity),
                reverse("curation-takedown-lift", args=[done.pk]),
            )  # fmt: skip
            messages.success(request, told)
            return HttpResponseRedirect(reverse("curation-takedown", args=[pk]))
        except editing.EditError as error:
            refusal = str(error)
    text = entity.name if sort == "record" else fact_in_words(fact) if fact is not None else ""
    if sort == "field":
        base, _, part = what.partition(".")
        text = value_in_words(what, entity.attributes.get(part, "") if part else getattr(entity, base, ""))
    must_correct = sort == "field" and what == "name"
    context = {
        "entity": entity, "sort": sort, "what": what, "text": text, "reason": reason, "refusal": refusal,
        "word": past.label_of(what, entity.kind) if sort == "field" else _WORDS[sort],
        "value": request.POST.get("value", "")[:1000], "is_date": what in DATE_FIELDS,
        "parts": [
            (name, label, size, request.POST.get(name, getattr(fact, name))[:size])
            for name, label, size in PARTS.get(sort, ())
        ],
        "must_correct": must_correct,
        "elsewhere": _elsewhere(entity, what, fact),
    }  # fmt: skip
    return render_page(
        request, "takedown_confirm.html", f"{'Correct' if must_correct else 'Take down'}: {context['word']}", context
    )


def _elsewhere(entity: Entity, what: str, fact: Fact | None) -> list[str]:
    """Fields of the record that repeat what goes, and do not go with it: each is a takedown of its own."""
    said = {"alias": "name", "identifier": "value"}.get(str(fact._meta.model_name)) if fact is not None else None
    text = getattr(fact, said).casefold() if said else ""
    if len(text) < 3:
        return []
    values = {"description": entity.description, **{f"attributes.{k}": str(v) for k, v in entity.attributes.items()}}
    return [name for name, value in values.items() if name != what and text in value.casefold()]


def _take_down(request, entity: Entity, sort: str, what: str, fact: Fact | None, reason: str) -> Takedown:
    data, actor = request.POST, request.user
    if sort == "record":
        return takedown.suppress(entity, actor=actor, reason=reason)
    is_correction = data.get("do") == "correct"
    if fact is None:
        value: object = data.get("value", "").replace("\0", "").strip() if is_correction else None
        if is_correction and not value and what != "name":
            raise takedown.TakedownError("Say what is right; or take it down.")
        if value is not None and what == "prominence":
            value = number_of(str(value))
        return takedown.take_down_field(entity, what, actor=actor, reason=reason, value=value or None)
    replacement = None
    if is_correction:
        parts = {name: data.get(name, "").replace("\0", "").strip()[:size] for name, _, size in PARTS[sort]}
        changed = {name: value for name, value in parts.items() if value != getattr(fact, name)}
        if not changed:
            raise takedown.TakedownError("Change what is wrong; or take it down.")
        replacement = takedown.corrected(fact, changed)
    return takedown.take_down_fact(fact, actor=actor, reason=reason, replacement=replacement)


@require_http_methods(["GET", "HEAD", "POST"])
def lift_page(request, pk: int):
    """A takedown, and whether what it stops may come again."""
    check_may_see(request)
    found = get_object_or_404(Takedown.objects.select_related("entity", "actor", "lifted_by"), pk=pk)
    if request.method == "POST":
        reason = request.POST.get("reason", "").replace("\0", "").strip()
        takedown.lift(found, actor=request.user, reason=reason)
        messages.success(request, "Lifted: it may come again, by hand or with the next import.")
        return HttpResponseRedirect(reverse("curation-takedown", args=[found.entity_id]))
    context = {"takedown": found, "what": what_in_words(found), "may_take_down": takedown.may_take_down(request.user)}
    return render_page(request, "takedown_lift.html", f"Takedown {found.pk}", context)
