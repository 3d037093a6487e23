"""JSON bodies, bounded: what nests without end or is no text is the caller's mistake, never a server error."""

from __future__ import annotations

import json

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer


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
            todo.extend((one, depth + 1) for one in value.values() if isinstance(one, dict | list))
        elif isinstance(value, list):
            todo.extend((one, depth + 1) for one in value if isinstance(one, dict | list))


class EscapingJSONRenderer(JSONRenderer):
    """JSON in UTF-8; an answer that quotes half a character, which UTF-8 has no bytes for, is escaped instead."""

    def render(self, data, accepted_media_type=None, renderer_context=None):
        """As usual, or in ASCII."""
        try:
            return super().render(data, accepted_media_type, renderer_context)
        except UnicodeEncodeError:
            return json.dumps(data, cls=self.encoder_class, ensure_ascii=True).encode()
