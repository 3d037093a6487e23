"""Fields of what people send that take a value of their own type and no other: a number is no text, ``"yes"`` no truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.http import QueryDict
from rest_framework import serializers

from entities.visible import INVISIBLE, VISIBLE

#: Text that is not blank, as a pattern of JSON Schema: with a character that shows.
NOT_BLANK = rf"^[^\u0000]*[^{INVISIBLE}][^\u0000]*$"


class Closed(serializers.Serializer):
    """A body in which every field is known: one that is not is refused, so that nobody takes it for understood.

    A change (``partial``) may hold what its GET answered: of ``answered``, the names that the answer has and nobody
    sets, nothing is read.
    """

    answered: frozenset[str] = frozenset()

    def to_internal_value(self, data):
        """The fields, each checked.

        Raises:
            ValidationError: also for fields that there are not, by their names.
        """
        if isinstance(data, Mapping):
            overlooked = self.answered if self.partial else frozenset()
            if isinstance(data, QueryDict):
                overlooked |= {"csrfmiddlewaretoken"}  # which a page's form brings, and which was looked at before
            refuse_unknown(data, self.fields, overlooked)
        return super().to_internal_value(data)


def refuse_unknown(data: Mapping, known: Iterable[str], overlooked: Iterable[str] = ()) -> None:
    """Refuse keys that are neither known nor overlooked.

    Raises:
        ValidationError: that names the first twenty of them, and what is known.
    """
    if unknown := data.keys() - set(known) - set(overlooked):
        told = f"There is no such field: {', '.join(known) or 'none is taken here'}."
        raise serializers.ValidationError({name[:50]: [told] for name in sorted(unknown)[:20]})


class Text(serializers.CharField):
    """Text; without half characters, which no UTF-8 has."""

    default_error_messages = {"half": "Holds half a character (a lone surrogate)."}

    def to_internal_value(self, data):
        """As given, stripped; text of which nothing shows is as blank as an empty one."""
        if not isinstance(data, str):
            self.fail("invalid")
        if any("\ud800" <= char <= "\udfff" for char in data):
            self.fail("half")
        if not (self.allow_blank or VISIBLE.search(data)):
            self.fail("blank")
        return super().to_internal_value(data)


class PatternText(Text, serializers.RegexField):
    """Text of a shape."""


class WholeNumber(serializers.IntegerField):
    """A whole number."""

    def to_internal_value(self, data):
        """As given; 1.0 is the number 1, as JSON Schema has it."""
        if isinstance(data, float) and data.is_integer():
            data = int(data)
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class TrueOrFalse(serializers.BooleanField):
    """True or false."""

    def to_internal_value(self, data):
        """As given."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data
