"""What readers read from: a file, standard input or an archive's entry, opened safely and unpacked."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from pathlib import Path

from articles.readers.limits import TooLarge
from articles.readers.packing import DAMAGED, is_packed, read_at_most, unpacked
from articles.readers.rows import ArticleRow, ReadOptions, RowError, shown

#: The path that means standard input.
STDIN = Path("-")
Rows = Iterator[ArticleRow | RowError]


@dataclass(slots=True)
class Input:
    """An opened document or file of documents; readers keep ``line`` at where they are, for what breaks there."""

    name: str
    stream: BufferedReader
    options: ReadOptions
    line: int = 0
    depth: int = 0  # of archives around it
    encoding: str = ""  # as what it came from says: a server's header
    url: str = ""
    is_packed_within: bool = False
    end: int | None = None  # bytes from where the stream stands; lines that begin there or later are another's

    def error(self, reason: object, excerpt: str = "") -> RowError:
        """A refused row at the line where the reader is."""
        return RowError(self.name, max(1, self.line), str(reason)[:500] or "cannot be read", excerpt)

    def document(self) -> bytes:
        """All of it.

        Raises:
            TooLarge: if it is longer than a document may be.
        """
        return read_at_most(self.stream, self.options.limits.document_bytes)

    def head(self, size: int) -> bytes:
        """The first bytes, fewer only at the end of the input; they are read again."""
        head = self.stream.peek(size)
        if len(head) >= size:
            return head[:size]
        # A pipe gives what is there: read on, and put a buffer before the rest that holds it all.
        blocks, length = [], 0
        while length < size and (block := self.stream.read(size - length)):
            blocks.append(block)
            length += len(block)
        head = b"".join(blocks)
        self.stream = BufferedReader(_Chained(head, self.stream), max(65_536, len(head)))
        return head


class _Chained(RawIOBase):
    """Bytes read ahead, then the stream they came from."""

    def __init__(self, head: bytes, stream: BufferedReader) -> None:
        self._head, self._stream = memoryview(head), stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if self._head:
            count = min(len(buffer), len(self._head))
            buffer[:count] = self._head[:count]
            self._head = self._head[count:]
            return count
        data = self._stream.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)


Reader = Callable[[Input], Rows]


def open_path(path: Path) -> BufferedReader:
    """A regular file, or standard input for ``-``; never waits on a FIFO, never opens a device.

    Raises:
        OSError: if it is neither or cannot be read.
    """
    if path == STDIN:
        return BufferedReader(_Unclosed(sys.stdin.buffer), 65_536)
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise OSError(f"is {_sort(mode)}, not a file")
    return open(handle, "rb", buffering=65_536)


class _Unclosed(RawIOBase):
    """Standard input, which stays open behind its reader."""

    def __init__(self, stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self._stream.read1(len(buffer)) if hasattr(self._stream, "read1") else self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _sort(mode: int) -> str:
    for is_sort, name in (
        (stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"), (stat.S_ISLNK, "a link"),
    ):  # fmt: skip
        if is_sort(mode):
            return name
    return "something else"


def read_path(
    path: Path, options: ReadOptions, reader: Reader, *, start: int = 0, end: int | None = None, first_line: int = 1
) -> Rows:
    """Everything a file holds; whatever is wrong with it is a row error, never an exception.

    Args:
        start, end: of lines that are not packed, those alone that begin in these bytes; a line begins at ``start``.
        first_line: the number of that line.
    """
    name = shown(str(path)) if path != STDIN else "-"
    try:
        stream = open_path(path)
    except (OSError, ValueError) as error:  # a path with a NUL is a ValueError
        yield RowError(name, 1, _reason(error))
        return
    with stream:
        if start:
            stream.seek(start)
        left = None if end is None else end - start
        yield from read_stream(name, stream, options, reader, line=first_line - 1, end=left)


def read_stream(name: str, stream: BufferedReader, options: ReadOptions, reader: Reader, **known: object) -> Rows:
    """Everything an opened stream holds, unpacked if it is packed; what is wrong with it is a row error."""
    source = Input(name, stream, options, **known)
    try:
        source.stream = unpacked(stream, options.limits, options.budget)
        if source.stream is not stream:
            source.is_packed_within = True
            if is_packed(source.stream.peek(6)[:6]):
                raise TooLarge("is packed twice")
        yield from reader(source)
    except DAMAGED as error:
        source.line += 1
        yield source.error(f"the file breaks off or is damaged here: {_reason(error)}")
    except (ValueError, RecursionError) as error:
        yield source.error(error)


def _reason(error: Exception) -> str:
    """What the system says, without the path, which the row error names."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
