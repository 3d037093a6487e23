"""Records in the admin: lists by what they are, and a page for each with its facts and history."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from entities import editing, history, reading
from entities.admin.base import DATE_LOOKS, DeskAdmin, Panel, PartialDates, record_link
from entities.curation.past import label_of
from entities.matching.types import Kind
from entities.merging import MAX_TOGETHER
from entities.models import Alias, Entity, Event, Identifier, Relation, Term
from entities.search import search

_EVENTS = 50
_FOUND = 100


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


class FactInline(PartialDates, TabularInline):
    """Facts of a record: new ones are added here, old ones are opened to be changed. Pages of rows, no growing cost."""

    extra = 0
    per_page = 20
    hide_title = True
    tab = True
    readonly_fields = ["opened"]
    fk_name = "entity"
    related = ()

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Without the menu beside a choice, for which a row has no room: records and sources are made on their pages."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

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
            form.base_fields[name].help_text = DATE_LOOKS
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

    def response_post_save_change(self, request, obj):
        """One stays on the record: the list of all is not where it would be looked for."""
        return HttpResponseRedirect(reverse("admin:entities_entity_change", args=[obj.pk]))

    response_post_save_add = response_post_save_change

    def render_change_form(self, request, context, **kwargs):
        """To save and to stay is one thing here: one button does it."""
        return super().render_change_form(request, context | {"show_save_and_continue": False}, **kwargs)

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
                "events": history.lines_of(events, entity),
                "redirects": list(absorbed[:100]),
                "sources": reading.known_sources(entity),
            }
        return super().change_view(request, object_id, form_url, extra)
