"""JSON Lines, one article a line; and JSON, an array of articles or a single one."""

from __future__ import annotations

import json
import re

from articles.readers.encodings import decode, sniff_encoding
from articles.readers.inputs import Input, Rows
from articles.readers.lines import LongLine, text_lines
from articles.readers.rows import ArticleRow, RowError, build_row, by_field, excerpt

_MAX_VALUES = 1_000_000  # in one object; each takes some 60 bytes of memory for 2 of the file


def read_lines(source: Input) -> Rows:
    """Rows in file order, in memory bounded by the longest line allowed."""
    for line in text_lines(source):
        if isinstance(line, LongLine):
            yield source.error(line)
        elif line.strip():
            yield _row(line, source, source.line)


def read_json(source: Input) -> Rows:
    """The objects of an array, one after another, or a single object, or objects in a row; memory as for lines."""
    encoding = source.options.encoding or sniff_encoding(source.head(65_536))
    for line, value in _values(source, encoding):
        source.line = line
        yield _row(value, source, line) if isinstance(value, str) else source.error(value)


def _row(text: str, source: Input, line: int) -> ArticleRow | RowError:
    try:
        if text.count(",") + text.count("[") + text.count("{") > _MAX_VALUES:
            raise ValueError(f"holds more than {_MAX_VALUES} values")
        data = json.loads(text)
        if not isinstance(data, dict):
            raise ValueError("is no JSON object")
        return build_row(by_field(data), source.name, line, source.options)
    except RecursionError:
        return RowError(source.name, line, "is nested too deep", excerpt(text))
    except ValueError as error:
        return RowError(source.name, line, _reason(error), excerpt(text))


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is no JSON: {error.msg} at character {error.colno}"
    if "integer string conversion" in str(error):
        return "holds a number of more digits than any has"
    return str(error)[:500]


_SIGNIFICANT = re.compile(rb'["{}\[\]]|\n')
_IN_STRING = re.compile(rb'["\\]|\n')


def _values(source: Input, encoding: str):
    """(line, text or ValueError) of every object at the top or in the top's array.

    What is between the objects of a sound file is commas and white space; anything else there is an error of its own.
    """
    limit = source.options.limits.line_bytes
    if encoding.lower().startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        # Bytes of other letters look like brackets here: a document of its own, read whole.
        yield from _values_of_blocks(iter([decode(source.document(), encoding).encode()]), limit)
        return
    blocks = iter(lambda: source.stream.read(1 << 18), b"")
    for line, value in _values_of_blocks(blocks, limit):
        if isinstance(value, bytes):
            try:
                yield line, decode(value, source.options.encoding, encoding)
            except ValueError as error:
                yield line, error
        else:
            yield line, value


def _values_of_blocks(blocks, limit: int):
    depth = 0  # of brackets within the object; the top's array does not count
    in_string = is_escaped = in_array = False
    line, began = 1, 1
    kept: list[bytes] = []
    size = 0
    between: list[bytes] = []  # what is no object, for the message
    is_over = False
    for block in blocks:
        at = start = 0
        end = len(block)
        while at < end:
            if is_escaped:
                is_escaped = False
                line += block[at] == 10
                at += 1
                continue
            match = (_IN_STRING if in_string else _SIGNIFICANT).search(block, at)
            if match is None:
                break
            mark, at = match.group(), match.end()
            if mark == b"\n":
                line += 1
            elif mark == b'"':
                in_string = not in_string
            elif mark == b"\\":
                is_escaped = True
            elif depth == 0 and mark in (b"{", b"["):
                if mark == b"[" and not in_array:
                    in_array = True
                    start = at
                    continue
                stray = b"".join([*between, block[start : at - 1]])
                yield from _stray(stray, began)
                between = []
                depth, start, began, kept, size, is_over = 1, at - 1, line, [], 0, False
            elif mark in (b"{", b"["):
                depth += 1
            elif depth:
                depth -= 1
                if depth == 0:
                    piece = block[start:at]
                    if is_over or size + len(piece) > limit:
                        yield began, ValueError(f"the object is longer than {limit} bytes")
                    else:
                        yield began, b"".join([*kept, piece])
                    kept, size, start, began = [], 0, at, line
            else:
                stray = b"".join([*between, block[start : at - 1]])
                yield from _stray(stray, began)
                between, start, began = [], at, line
        rest = block[start:]
        if depth:
            size += len(rest)
            is_over = is_over or size > limit
            kept.append(rest)
            if is_over:
                kept = []
        elif sum(map(len, between)) < 1000:
            between.append(rest[:1000])
    if depth:
        yield began, ValueError("the object is never closed: the file breaks off")
    else:
        yield from _stray(b"".join(between), began)


def _stray(text: bytes, line: int):
    before = len(text) - len(text.lstrip(b" \t\r\n,\xef\xbb\xbf"))
    line += text[:before].count(b"\n")
    text = text.strip(b" \t\r\n,\xef\xbb\xbf")
    if text:
        yield line, ValueError(f"is no JSON object: {text[:40].decode('utf-8', 'replace')!r}")
