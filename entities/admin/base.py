"""What the lists and forms of the admin share: filters that are applied, rows that services alone write, links to records."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from config.api import PARTIAL_DATE
from entities.models import Entity, PartialDateField

#: What a partial date is, in words.
DATE_LOOKS = "YYYY, YYYY-MM or YYYY-MM-DD"


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


def opening(address: str, words: str):
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


def record_link(entity: Entity | None, called: str = "") -> str:
    """A record's name, or what it is called here, as a link to its page in the admin."""
    if entity is None:
        return "–"
    address = reverse("admin:entities_entity_change", args=[entity.pk])
    return format_html('<a class="rd-link" href="{}"><bdi>{}</bdi></a>', address, called or entity.name)


class PartialDates:
    """Forms in which a date is an ISO date or the beginning of one."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """With a check that says what a date looks like, as the field itself does."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, PartialDateField) and field is not None:
            field.validators.append(PARTIAL_DATE)
            field.widget.attrs["placeholder"] = "YYYY-MM-DD"
            field.help_text = ". ".join(filter(None, (field.help_text, DATE_LOOKS)))
        return field
