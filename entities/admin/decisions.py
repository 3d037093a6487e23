"""Read-only books in the admin: verdicts, suggestions, merges, splits, takedowns, erasures, and everything that happened."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from entities import history
from entities.admin.base import ReadOnlyAdmin, opening, record_link
from entities.models import DuplicateSuggestion, Entity, Erasure, Event, Judgement, Merge, Split, Takedown
from entities.takedown import sort_in_words


class StandingFilter(DropdownFilter):
    """Verdicts that stand, and those that wait for a merger."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request, model_admin):
        """Standing, or waiting to be merged."""
        return [("merge", "The same, to be merged"), ("yes", "Those that stand")]

    def queryset(self, request, queryset):
        """All of them by default."""
        if self.value() == "merge":
            return queryset.to_be_merged()
        return queryset.filter(superseded_at=None) if self.value() == "yes" else queryset


@admin.register(Judgement)
class JudgementAdmin(ReadOnlyAdmin):
    """Verdicts on pairs of records."""

    list_display_links = None
    list_display = ["shown_a", "verdict", "shown_b", "shown_by", "reason", "judged_at", "stands", "shown_merge"]
    list_filter = [("verdict", ChoicesDropdownFilter), StandingFilter]
    list_select_related = ["a", "b", "actor"]
    search_fields = ["a__name", "b__name", "reason"]
    show_full_result_count = False

    @display(description="Record")
    def shown_a(self, judgement):
        """One of the pair."""
        return record_link(judgement.a)

    @display(description="And")
    def shown_b(self, judgement):
        """The other."""
        return record_link(judgement.b)

    @display(description="By")
    def shown_by(self, judgement):
        """A person here, or a name from elsewhere."""
        return judgement.actor or judgement.by_text or "the engine"

    @display(description="Stands", boolean=True)
    def stands(self, judgement):
        """False for a verdict that a later one replaced."""
        return judgement.superseded_at is None

    @display(description="")
    def shown_merge(self, judgement):
        """The way to the merge page, for a pair that waits for it."""
        is_open = judgement.superseded_at is None and judgement.a.is_current and judgement.b.is_current
        if judgement.verdict != Judgement.Verdict.SAME or not is_open:
            return ""
        address = f"{reverse('curation-merge')}?ids={judgement.a_id},{judgement.b_id}"
        return opening(address, "Merge…")


@admin.register(DuplicateSuggestion)
class DuplicateSuggestionAdmin(ReadOnlyAdmin):
    """Pairs that the engine thinks may be one thing."""

    list_display_links = None
    list_display = ["shown_a", "shown_b", "shown_probability", "shown_reasons", "suggested_at", "closed_at"]
    list_select_related = ["a", "b"]
    search_fields = ["a__name", "b__name"]
    show_full_result_count = False

    @display(description="Record")
    def shown_a(self, suggestion):
        """One of the pair."""
        return record_link(suggestion.a)

    @display(description="Perhaps the same as")
    def shown_b(self, suggestion):
        """The other."""
        return record_link(suggestion.b)

    @display(description="Probability", ordering="probability")
    def shown_probability(self, suggestion):
        """In per cent."""
        return f"{100 * suggestion.probability:.0f} %"

    @display(description="Because")
    def shown_reasons(self, suggestion):
        """The first reasons, in words."""
        return "; ".join(str(reason) for reason in list(suggestion.reasons)[:3])


def _with_id(entity: Entity) -> str:
    """A record's name and id: what was merged is often called the same."""
    return format_html('{} <code class="rd-quiet">{}</code>', record_link(entity), entity.public_id)


class JournalledAdmin(ReadOnlyAdmin):
    """What keeps a journal of all that it moved: merges and splits."""

    show_full_result_count = False
    exclude = ["inverse"]

    def get_queryset(self, request):
        """Without the journals, which are long."""
        return super().get_queryset(request).defer("inverse")


@admin.register(Merge)
class MergeAdmin(JournalledAdmin):
    """Merges and what became of them."""

    list_display_links = None
    list_display = ["shown_absorbed", "shown_survivor", "actor", "reason", "merged_at", "undone_at", "shown_page"]
    list_select_related = ["survivor", "absorbed", "actor"]
    search_fields = ["survivor__name", "absorbed__name", "reason"]

    @display(description="Merged")
    def shown_absorbed(self, merge):
        """The record that became a signpost."""
        return _with_id(merge.absorbed)

    @display(description="")
    def shown_page(self, merge):
        """The merge's own page, with the way back."""
        words = "Undone" if merge.undone_at else "Undo…"
        return opening(reverse("curation-merged", args=[merge.pk]), words)

    @display(description="Into")
    def shown_survivor(self, merge):
        """The record that lives on."""
        return _with_id(merge.survivor)


@admin.register(Split)
class SplitAdmin(JournalledAdmin):
    """Splits and what became of them."""

    list_display_links = None
    list_display = ["shown_source", "shown_target", "actor", "reason", "split_at", "undone_at", "shown_page"]
    list_select_related = ["source", "target", "actor"]
    search_fields = ["source__name", "target__name", "reason"]

    @display(description="Part of")
    def shown_source(self, split):
        """The record that was parted."""
        return record_link(split.source)

    @display(description="Went to")
    def shown_target(self, split):
        """The record that got it."""
        return record_link(split.target)

    @display(description="")
    def shown_page(self, split):
        """The split's own page, with the way back."""
        words = "Taken back" if split.undone_at else "Take back…"
        return opening(reverse("curation-parted", args=[split.pk]), words)


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    """On whose word, and on what ground, the history says less than it did."""

    list_display = ["erased_at", "actor", "reason", "events"]
    list_select_related = ["actor"]
    search_fields = ["reason"]
    show_full_result_count = False


@admin.register(Takedown)
class TakedownAdmin(ReadOnlyAdmin):
    """That something was taken down, when, by whom and why."""

    list_display_links = None
    list_display = ["made_at", "shown_record", "shown_sort", "field", "actor", "reason", "lifted_at", "shown_page"]
    list_filter = [("sort", ChoicesDropdownFilter)]
    list_select_related = ["entity", "actor"]
    search_fields = ["reason", "=entity__public_id"]
    exclude = ["salt", "digests"]
    show_full_result_count = False

    @display(description="Record")
    def shown_record(self, takedown):
        """What it was taken from."""
        return record_link(takedown.entity)

    @display(description="Sort", ordering="sort")
    def shown_sort(self, takedown):
        """What went, or that it was only withdrawn."""
        return sort_in_words(takedown)

    @display(description="")
    def shown_page(self, takedown):
        """The way to its lifting."""
        words = "Lifted" if takedown.lifted_at else "Lift…"
        address = reverse("curation-takedown-lift", args=[takedown.pk])
        return opening(address, words)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Everything that happened to the records."""

    list_display = ["happened_at", "shown_record", "type", "shown_words", "actor", "reason"]
    list_filter = [("type", ChoicesDropdownFilter)]
    list_select_related = ["entity", "other", "actor"]
    search_fields = ["entity__name", "reason"]
    ordering = ["-pk"]
    show_full_result_count = False

    @display(description="Record")
    def shown_record(self, event):
        """Whose event it is."""
        return record_link(event.entity)

    @display(description="What")
    def shown_words(self, event):
        """The change in words."""
        return history.in_words(event)
