"""JSON bodies, bounded: what nests without end or is no text is the caller's mistake, never a server error."""

from __future__ import annotations

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class BoundedJSONParser(JSONParser):
    """JSON that nests no deeper, and whose keys are no odder, than anything here needs."""

    def parse(self, stream, media_type=None, parser_context=None):
        """Whatever cannot be used is the caller's mistake."""
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        _check(data)
        return data


_DEEPEST = 20


def _check(data) -> None:
    todo = [(data, 1)]
    while todo:
        value, depth = todo.pop()
        if depth > _DEEPEST:
            raise ParseError("The JSON is nested too deeply.")
        if isinstance(value, dict):
            if not all(_is_plain(key) for key in value):
                raise ParseError("A key holds a NUL character or half a character.")
            todo.extend((one, depth + 1) for one in value.values() if isinstance(one, dict | list))
        elif isinstance(value, list):
            todo.extend((one, depth + 1) for one in value if isinstance(one, dict | list))


def _is_plain(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
