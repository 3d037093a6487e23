"""The admin of records: lists, a page for each record with its facts and history, and read-only books of decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, TextFilter
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from config.api import PARTIAL_DATE
from entities import editing, history, reading
from entities.curation.past import label_of
from entities.matching.types import Kind
from entities.merging import MAX_TOGETHER
from entities.models import (
    Alias,
    DuplicateSuggestion,
    Entity,
    Erasure,
    Event,
    Identifier,
    Judgement,
    Merge,
    PartialDateField,
    Relation,
    Source,
    Split,
    Takedown,
    Term,
)
from entities.search import search
from entities.takedown import sort_in_words

_EVENTS = 50
_FOUND = 100
_DATE_LOOKS = "YYYY, YYYY-MM or YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a record's page that another app fills: a template and what it needs."""

    template: str
    context: dict


class DeskAdmin(ModelAdmin):
    """A list whose filters are chosen, several at once, and then applied: without a button they would do nothing.

    Above it stands which filters are in use, and how to clear them.
    """

    list_filter_submit = True
    list_before_template = "admin/filters_in_use.html"


def _opening(address: str, words: str):
    """The link that a row of a list is opened by (shell.js)."""
    return format_html('<a class="rd-link" data-opens-row href="{}">{}</a>', address, words)


class ReadOnlyAdmin(DeskAdmin):
    """Rows that are written by services alone: shown, never edited here."""

    def has_add_permission(self, request, obj=None):
        """Never."""
        return False

    def has_change_permission(self, request, obj=None):
        """Never."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Never."""
        return False


def record_link(entity: Entity | None) -> str:
    """A record's name as a link to its page in the admin."""
    if entity is None:
        return "–"
    address = reverse("admin:entities_entity_change", args=[entity.pk])
    return format_html('<a class="rd-link" href="{}"><bdi>{}</bdi></a>', address, entity.name)


class PartialDates:
    """Forms in which a date is an ISO date or the beginning of one."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """With a check that says what a date looks like, as the field itself does."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, PartialDateField) and field is not None:
            field.validators.append(PARTIAL_DATE)
            field.widget.attrs["placeholder"] = "YYYY-MM-DD"
            field.help_text = ". ".join(filter(None, (field.help_text, _DATE_LOOKS)))
        return field


# --- Lists -----------------------------------------------------------------------------------------------------------
class StateFilter(DropdownFilter):
    """Records that belong to a state, or held office there."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        """Every live state, in one query."""
        return list(Entity.objects.current().filter(kind=Kind.STATE).order_by("name").values_list("pk", "name"))

    def queryset(self, request, queryset):
        """By a tie to the state, or an office there."""
        value = self.value() or ""
        if not value.isdigit():
            return queryset
        ties = Relation.objects.in_use().filter(type=Relation.Type.STATE, target_id=value)
        terms = Term.objects.in_use().filter(state_id=value)
        return queryset.filter(Q(pk__in=ties.values("entity_id")) | Q(pk__in=terms.values("entity_id")) | Q(pk=value))


class SubtypeFilter(DropdownFilter):
    """Type of organization or agreement, status of a state."""

    title = "subtype"
    parameter_name = "subtype"

    def lookups(self, request, model_admin):
        """Those in use, in one query."""
        used = Entity.objects.exclude(subtype="").order_by("subtype").values_list("subtype", flat=True).distinct()[:300]
        return [(subtype, subtype.replace("_", " ")) for subtype in used]

    def queryset(self, request, queryset):
        """By the exact subtype."""
        return queryset.filter(subtype=self.value()) if self.value() else queryset


class ProminenceFilter(DropdownFilter):
    """How well known a record is."""

    title = "prominence"
    parameter_name = "prominence"

    def lookups(self, request, model_admin):
        """Three grades and none."""
        return [("1", "1, best known"), ("2", "2"), ("3", "3"), ("none", "not graded")]

    def queryset(self, request, queryset):
        """By grade."""
        if self.value() == "none":
            return queryset.filter(prominence=None)
        return queryset.filter(prominence=int(self.value())) if self.value() in ("1", "2", "3") else queryset


class MergedFilter(DropdownFilter):
    """Live records unless asked otherwise."""

    title = "whether merged"
    parameter_name = "merged"
    all_option = ["", "Live records"]

    def lookups(self, request, model_admin):
        """The other two."""
        return [("yes", "Merged away"), ("all", "Both")]

    def queryset(self, request, queryset):
        """Live ones by default."""
        if self.value() == "yes":
            return queryset.exclude(merged_into=None)
        return queryset if self.value() == "all" else queryset.current()


# --- Facts on a record's page ----------------------------------------------------------------------------------------
class FactInline(PartialDates, TabularInline):
    """Facts of a record: new ones are added here, old ones are opened to be changed. Pages of rows, no growing cost."""

    extra = 0
    per_page = 20
    hide_title = True
    tab = True
    readonly_fields = ["opened"]
    fk_name = "entity"
    related = ()

    @display(description="")
    def opened(self, fact):
        """The way to the fact's own page."""
        if fact.pk is None:
            return ""
        address = reverse(f"admin:entities_{fact._meta.model_name}_change", args=[fact.pk])
        return format_html('<a class="rd-link" href="{}">Change</a>', address)

    def get_queryset(self, request):
        """Facts in use, with what their row shows."""
        return super().get_queryset(request).in_use().select_related("source", *self.related)

    def has_change_permission(self, request, obj=None):
        """Only on the fact's own page."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Facts are withdrawn on their own page, never deleted."""
        return False


class AliasInline(FactInline):
    """Names."""

    model = Alias
    fields = ["name", "lang", "type", "is_weak", "valid_from", "valid_to", "source", "opened"]
    autocomplete_fields = ["source"]


class IdentifierInline(FactInline):
    """Ids elsewhere."""

    model = Identifier
    fields = ["scheme", "value", "is_contested", "source", "opened"]
    autocomplete_fields = ["source"]


class TermInline(FactInline):
    """Offices held."""

    model = Term
    fields = ["title", "state", "organization", "start", "end", "source", "opened"]
    autocomplete_fields = ["state", "organization", "source"]
    related = ("state", "organization")


class RelationInline(FactInline):
    """Ties to other records."""

    model = Relation
    fields = ["type", "target", "target_text", "start", "end", "source", "opened"]
    autocomplete_fields = ["target", "source"]
    related = ("target",)


@admin.register(Entity)
class EntityAdmin(PartialDates, DeskAdmin):
    """Records. ``panels`` is where apps that know more of a record add to its page."""

    panels: list[Callable[[HttpRequest, Entity], Panel]] = []

    list_display = ["shown_name", "shown_kind", "shown_about", "prominence", "shown_dates", "shown_merged"]
    list_filter = [("kind", ChoicesDropdownFilter), StateFilter, SubtypeFilter, ProminenceFilter, MergedFilter]
    list_select_related = ["merged_into"]
    list_per_page = 50
    show_full_result_count = False
    list_fullwidth = True
    search_fields = ["name"]
    search_help_text = "Names in any script, misspelt perhaps; ids"
    ordering = ["name", "pk"]
    fieldsets = [
        (None, {"fields": ["name", "kind", "description", ("valid_from", "valid_to"), ("subtype", "prominence")]}),
        ("State", {"fields": ["capital"]}),
        ("Agreement", {"fields": [("signed", "in_force")]}),
        ("More", {"fields": ["attributes", "source", "shown_id", "summary", "shown_curated", "updated_at"]}),
    ]
    readonly_fields = ["shown_id", "summary", "shown_curated", "updated_at", "source"]
    inlines = [AliasInline, IdentifierInline, TermInline, RelationInline]
    change_form_template = "admin/entities/entity/change_form.html"
    actions = ["merge_selected"]

    class Media:
        css = {"all": ["refdesk/mentions.css"]}

    @admin.action(description="Merge selected records", permissions=["merge"])
    def merge_selected(self, request, queryset):
        """Hand over: the survivor and each field's winner are chosen on the merge page."""
        ids = list(queryset.order_by("pk").values_list("pk", flat=True)[: MAX_TOGETHER + 1])
        if not 2 <= len(ids) <= MAX_TOGETHER:
            self.message_user(request, f"Select two to {MAX_TOGETHER} records to merge.", messages.WARNING)
            return None
        return HttpResponseRedirect(f"{reverse('curation-merge')}?ids={','.join(map(str, ids))}")

    def has_merge_permission(self, request):
        """Merging has its own permission."""
        return request.user.has_perm("entities.merge_entity")

    @display(description="Name", ordering="name")
    def shown_name(self, entity):
        """The name, isolated so that a right-to-left one stays in its cell."""
        return format_html("<bdi>{}</bdi>", entity.name)

    @display(
        description="Kind",
        ordering="kind",
        label={"Person": "info", "State": "success", "Organization": "warning", "Agreement": "danger"},
    )
    def shown_kind(self, entity):
        """The kind as a coloured label."""
        return reading.KIND_NAMES.get(entity.kind, entity.kind)

    @display(description="Description")
    def shown_about(self, entity):
        """One line of what it is."""
        return reading.description_of(entity)[:140]

    @display(description="Dates", ordering="valid_from")
    def shown_dates(self, entity):
        """Life, existence or force."""
        if not (entity.valid_from or entity.valid_to):
            return ""
        return f"{entity.valid_from[:4] or '?'} – {entity.valid_to[:4]}"

    @display(description="Merged into")
    def shown_merged(self, entity):
        """Where a merged record lives on."""
        return record_link(entity.merged_into) if entity.merged_into_id else ""

    @display(description="Id")
    def shown_id(self, entity):
        """The public id."""
        return format_html("<code>{}</code>", entity.public_id)

    @display(description="Set by a person")
    def shown_curated(self, entity):
        """Fields that no import changes, in words."""
        words = (name.replace("_", " ") for name in entity.curated_fields)
        return f"{', '.join(words)}: no import changes it" if entity.curated_fields else "nothing"

    def get_readonly_fields(self, request, obj=None):
        """The kind is chosen once; a merged record is not edited at all."""
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "kind"] if obj is not None else fields

    def get_form(self, request, obj=None, change=False, **kwargs):
        """Its bounds are called what they are for its kind: born and died, founded and dissolved."""
        form = super().get_form(request, obj, change, **kwargs)
        for name in {"valid_from", "valid_to"} & form.base_fields.keys() if obj is not None else ():
            form.base_fields[name].label = label_of(name, obj.kind)
            form.base_fields[name].help_text = _DATE_LOOKS
        return form

    def get_fieldsets(self, request, obj=None):
        """Only what a record of this kind can have."""
        wanted = {None, "More"} | ({obj.kind.capitalize()} if obj is not None else {"State", "Agreement"})
        return [(title, options) for title, options in self.fieldsets if title in wanted]

    def get_inlines(self, request, obj):
        """Offices are people's; facts of a merged record moved to its survivor."""
        if obj is None or not obj.is_current:
            return [AliasInline, IdentifierInline] if obj is None else []
        return [one for one in self.inlines if one is not TermInline or obj.kind == Kind.PERSON]

    def has_change_permission(self, request, obj=None):
        """A merged record is a signpost."""
        return super().has_change_permission(request, obj) and (obj is None or obj.is_current)

    def has_delete_permission(self, request, obj=None):
        """Records are merged, never deleted: their ids were given out."""
        return False

    def get_search_results(self, request, queryset, search_term):
        """By name as on the search page, best first; merged records by the beginning of their name."""
        if not search_term.strip():
            return queryset, False
        hits = search(search_term, limit=_FOUND, within=Entity.objects.current())
        rank = Case(
            *[When(pk=hit.entity.pk, then=Value(place)) for place, hit in enumerate(hits)],
            default=Value(_FOUND), output_field=IntegerField(),
        )  # fmt: skip
        found = Q(pk__in=[hit.entity.pk for hit in hits])
        if request.GET.get("merged") in ("yes", "all"):
            found |= Q(merged_into__isnull=False, name__istartswith=search_term.strip())
        queryset = queryset.filter(found)
        if not request.GET.get("o"):
            queryset = queryset.order_by(rank, "name", "pk")
        return queryset, False

    def get_queryset(self, request):
        """Looking a record up to point at it offers live ones alone."""
        queryset = super().get_queryset(request)
        is_lookup = request.resolver_match is not None and request.resolver_match.url_name == "autocomplete"
        return queryset.current() if is_lookup else queryset

    def save_model(self, request, obj, form, change):
        """Through the service, which writes the history."""
        try:
            saved = (editing.edit_record if change else editing.create_record)(obj, request.user)
            obj.version, obj.curated_fields = saved.version, saved.curated_fields
        except editing.EditError as error:
            self.message_user(request, str(error), messages.ERROR)

    def save_formset(self, request, form, formset, change):
        """New facts, through the service."""
        for fact in formset.save(commit=False):
            try:
                editing.save_fact(fact, request.user)
            except editing.EditError as error:
                self.message_user(request, str(error), messages.ERROR)
        formset.save_m2m()

    def log_change(self, request, obj, message):
        """The record's own history tells it."""

    log_addition = log_change

    def history_view(self, request, object_id, extra_context=None):
        """The record's own history: Django's, behind the button above the form, would be empty."""
        entity = self.get_object(request, object_id)
        if entity is None or not self.has_view_or_change_permission(request, entity):
            return super().history_view(request, object_id, extra_context)  # it refuses
        return HttpResponseRedirect(reverse("curation-history", args=[entity.pk]))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The form, with what is known of the record around it."""
        entity = self.get_object(request, object_id)
        extra = dict(extra_context or {})
        if entity is not None and self.has_view_permission(request, entity):
            events = (
                Event.objects.filter(entity=entity).select_related("actor", "entity", "other").order_by("-pk")[:_EVENTS]
            )
            absorbed = Entity.objects.filter(merged_into=entity).order_by("pk")
            extra |= {
                "record": entity,
                "record_kind": reading.KIND_NAMES[Kind(entity.kind)],
                "record_about": reading.description_of(entity),
                "panels": [panel(request, entity) for panel in self.panels] if entity.is_current else [],
                "events": [history.line_of(event, entity) for event in events],
                "redirects": list(absorbed[:100]),
                "sources": reading.known_sources(entity),
            }
        return super().change_view(request, object_id, form_url, extra)


class FactForm(forms.ModelForm):
    """A fact, and whether it goes on counting."""

    withdraw = forms.BooleanField(
        required=False, label="Take out of use", help_text="For good: it is kept, so that no import brings it back."
    )


class KnownKeys(AutocompleteSelect):
    """A choice among rows: what is no key, in an address or a form sent back, chooses nothing instead of failing."""

    def optgroups(self, name, value, attr=None):
        """The rows chosen."""
        keys = [one for one in value if str(one).isascii() and str(one).isdigit() and len(str(one)) <= 18]
        return super().optgroups(name, keys or [""], attr)


class FactAdmin(PartialDates, DeskAdmin):
    """A single fact: changed or taken out of use."""

    form = FactForm

    list_per_page = 50
    show_full_result_count = False
    autocomplete_fields = ["entity", "source"]
    search_fields = ["entity__name"]

    def get_readonly_fields(self, request, obj=None):
        """A fact stays with its record; moving it is what split and merge are for."""
        return ["entity", "withdrawn_at"] if obj is not None else ["withdrawn_at"]

    def get_fields(self, request, obj=None):
        """What is in use can be taken out of use."""
        fields = list(super().get_fields(request, obj))
        return [*fields, "withdraw"] if obj is not None and obj.withdrawn_at is None else fields

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Rows are chosen by typing."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KnownKeys(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        """What was withdrawn stays as it was."""
        return super().has_change_permission(request, obj) and (obj is None or obj.withdrawn_at is None)

    def save_model(self, request, obj, form, change):
        """Through the service, which writes the history."""
        try:
            if form.cleaned_data.get("withdraw"):
                editing.withdraw_fact(obj, request.user)
            else:
                editing.save_fact(obj, request.user)
        except editing.EditError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, format_html("Its record: ‹{}›.", record_link(obj.entity)), messages.SUCCESS)

    def log_change(self, request, obj, message):
        """The record's own history tells it."""

    log_addition = log_change

    def has_delete_permission(self, request, obj=None):
        """Facts are withdrawn, never deleted: no import may bring them back."""
        return False

    def has_module_permission(self, request):
        """Reached from a record's page."""
        return False


@admin.register(Alias)
class AliasAdmin(FactAdmin):
    """Names."""

    list_display = ["name", "entity", "lang", "type", "is_weak", "withdrawn_at"]
    list_select_related = ["entity"]
    list_filter = [("type", ChoicesDropdownFilter)]
    search_fields = ["name", "key"]
    fields = ["entity", "name", "lang", "type", "is_weak", "valid_from", "valid_to", "source", "withdrawn_at"]


@admin.register(Identifier)
class IdentifierAdmin(FactAdmin):
    """Ids elsewhere."""

    list_display = ["scheme", "value", "entity", "is_contested", "withdrawn_at"]
    list_select_related = ["entity"]
    search_fields = ["value"]
    fields = ["entity", "scheme", "value", "is_contested", "source", "withdrawn_at"]


@admin.register(Term)
class TermAdmin(FactAdmin):
    """Terms of office."""

    list_display = ["entity", "title", "state", "organization", "start", "end"]
    list_select_related = ["entity", "state", "organization"]
    search_fields = ["title", "entity__name"]
    autocomplete_fields = ["entity", "state", "organization", "source"]
    fields = ["entity", "title", "state", "state_text", "organization", "organization_text", ("start", "end", "as_of"),
              "source", "withdrawn_at"]  # fmt: skip


@admin.register(Relation)
class RelationAdmin(FactAdmin):
    """Ties between records."""

    list_display = ["entity", "type", "target", "target_text", "start", "end"]
    list_select_related = ["entity", "target"]
    list_filter = [("type", ChoicesDropdownFilter)]
    autocomplete_fields = ["entity", "target", "source"]
    fields = ["entity", "type", "target", "target_text", ("start", "end"), "source", "withdrawn_at"]


class SourceNameFilter(TextFilter):
    """Sources whose licence names something."""

    title = "licence"
    parameter_name = "licence"

    def queryset(self, request, queryset):
        """By part of the licence."""
        return queryset.filter(licence__icontains=self.value()) if self.value() else queryset


@admin.register(Source)
class SourceAdmin(DeskAdmin):
    """Where facts come from, and under which licence."""

    list_display = ["name", "licence", "url"]
    list_filter = [SourceNameFilter]
    search_fields = ["name", "licence"]

    def has_delete_permission(self, request, obj=None):
        """Facts lean on their sources."""
        return False


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
        return _opening(address, "Merge…")


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
        return record_link(merge.absorbed)

    @display(description="")
    def shown_page(self, merge):
        """The merge's own page, with the way back."""
        words = "Undone" if merge.undone_at else "Undo…"
        return format_html(
            '<a class="rd-link" data-opens-row href="{}">{}</a>', reverse("curation-merged", args=[merge.pk]), words
        )

    @display(description="Into")
    def shown_survivor(self, merge):
        """The record that lives on."""
        return record_link(merge.survivor)


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
        return format_html(
            '<a class="rd-link" data-opens-row href="{}">{}</a>', reverse("curation-parted", args=[split.pk]), words
        )


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
        return _opening(address, words)


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


# --- People who work here --------------------------------------------------------------------------------------------
admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):
    """Accounts, with the admin's own forms."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class RoleAdmin(GroupAdmin, ModelAdmin):
    """Roles."""
