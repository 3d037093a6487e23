"""Single facts in the admin, and the sources that they come from."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, TextFilter

from entities import editing
from entities.admin.base import DeskAdmin, PartialDates, record_link
from entities.models import Alias, Identifier, Relation, Source, Term


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
