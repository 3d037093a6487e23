"""What a list of the admin tells about itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.core.exceptions import FieldDoesNotExist

register = template.Library()


@dataclass(frozen=True, slots=True)
class InUse:
    """A filter that narrows a list: its name, what was chosen, and the address without it."""

    label: str
    value: str
    without: str


@register.simple_tag
def filters_in_use(cl) -> list[InUse]:
    """The filters that narrow a changelist, those that only its address has included; no query of its own."""
    told, known = [], set()
    for spec in cl.filter_specs:
        names = set(spec.expected_parameters())
        known |= names
        chosen = [value for name in names for value in _texts(cl.get_filters_params().get(name))]
        if chosen:
            words = dict(_choices(spec))
            told.append(
                InUse(
                    str(spec.title),
                    ", ".join(words.get(one, one) for one in chosen),
                    cl.get_query_string(remove=sorted(names)),
                )
            )
    for name, value in cl.get_filters_params().items():
        if name not in known:
            label, *_ = name.split("__")
            words = _words_of(cl.model, label)
            values = [words.get(one, one) for text in _texts(value) for one in text.split(",")]
            told.append(InUse(label.replace("_", " "), " or ".join(values), cl.get_query_string(remove=[name])))
    return told


def _texts(value) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return [str(one) for one in values if one not in (None, "")]


def _words_of(model, name: str) -> dict[str, str]:
    """What a field calls its values; nothing for what is no field."""
    try:
        return {str(value): str(label) for value, label in model._meta.get_field(name).flatchoices}
    except (FieldDoesNotExist, AttributeError):
        return {}


def _choices(spec) -> Iterable[tuple[str, str]]:
    """What the filter calls its values."""
    field = getattr(spec, "field", None)
    offered = getattr(spec, "lookup_choices", None) or getattr(field, "flatchoices", None) or ()
    return ((str(value), str(label)) for value, label in offered)
