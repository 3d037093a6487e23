"""A stream's lines as text, whatever encoding they are in, in memory bounded by the longest line allowed."""

from __future__ import annotations

import io
from collections.abc import Iterator

from articles.readers.encodings import decode_strictly, known_encoding, sniff_encoding
from articles.readers.inputs import Input

_SNIFFED = 65_536


class LongLine(ValueError):
    """A line was longer than allowed and has been skipped."""


def text_lines(source: Input) -> Iterator[str | LongLine]:
    """Lines with their ends; ``source.line`` is the number of the last one given.

    A line that does not fit the file's encoding is decoded by itself, so that one broken line costs no other.

    Raises:
        ValueError: if the encoding that the caller gave is unknown, or a line does not fit it.
    """
    given = source.options.encoding
    if given and not known_encoding(given):
        raise ValueError(f"there is no text encoding {given!r}")
    head = source.head(_SNIFFED)
    encoding = given or sniff_encoding(head, source.encoding)
    if known_encoding(encoding).startswith(("utf-16", "utf-32")):
        yield from _wide_lines(source, encoding)
        return
    limit = source.options.limits.line_bytes
    stream = source.stream
    is_first, position = True, 0
    while (source.end is None or position < source.end) and (line := stream.readline(limit)):
        source.line += 1
        position += len(line)
        if len(line) >= limit and not line.endswith(b"\n"):
            while rest := stream.readline(1 << 20):
                position += len(rest)
                if rest.endswith(b"\n"):
                    break
            yield LongLine(f"the line is longer than {limit} bytes")
            continue
        if is_first:
            line, is_first = line.removeprefix(b"\xef\xbb\xbf"), False
        if given:
            yield decode_strictly(line, given)
            continue
        try:
            yield line.decode("utf-8" if encoding == "utf-8-sig" else encoding)
        except UnicodeDecodeError:
            if encoding in ("utf-8", "utf-8-sig"):
                # From the first line that is no UTF-8 on, lines that are none are in what that line is in.
                other = sniff_encoding(line)
                if other not in ("utf-8", "utf-8-sig") and not other.startswith(("utf-16", "utf-32")):
                    yield line.decode(other, "replace")
                    continue
            yield line.decode("utf-8" if encoding == "utf-8-sig" else encoding, "replace")


def _wide_lines(source: Input, encoding: str) -> Iterator[str | LongLine]:
    limit = source.options.limits.line_bytes // 4
    stream = io.TextIOWrapper(source.stream, encoding, errors="replace", newline="\n")
    try:
        while line := stream.readline(limit):
            source.line += 1
            if len(line) >= limit and not line.endswith("\n"):
                while (rest := stream.readline(1 << 20)) and not rest.endswith("\n"):
                    pass
                yield LongLine(f"the line is longer than {limit} characters")
            else:
                yield line.removeprefix("\ufeff") if source.line == 1 else line
    finally:
        stream.detach()
