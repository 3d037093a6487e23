"""Fields of what people send that take a value of their own type and no other: a number is no text, ``"yes"`` no truth."""

from __future__ import annotations

from rest_framework import serializers

#: Text that is not blank, as a pattern of JSON Schema: with a character that ``str.strip`` leaves. Spelt out, as ``\s`` means
#: other characters there (not the line separators of ASCII and Latin-1, but the byte order mark).
NOT_BLANK = r"^[^\u0000]*[^\u0000\t-\r\u001c- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000][^\u0000]*$"


class Text(serializers.CharField):
    """Text; without half characters, which no UTF-8 has."""

    default_error_messages = {"half": "Holds half a character (a lone surrogate)."}

    def to_internal_value(self, data):
        """As given, stripped."""
        if not isinstance(data, str):
            self.fail("invalid")
        if any("\ud800" <= char <= "\udfff" for char in data):
            self.fail("half")
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
