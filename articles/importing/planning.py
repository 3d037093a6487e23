"""Files become parts, each small enough that losing a worker loses little: what one worker imports at a time.

Small files are taken together. JSON Lines that are not packed are cut between lines, so that several workers share one
large file. Whatever else is large is a part by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from articles.importing.options import Options
from articles.readers import expand, format_of

PART_BYTES = 4_000_000
_FEWEST_BYTES = 100_000
_MOST_FILES = 200
_BLOCK = 1 << 20


@dataclass(slots=True)
class Planned:
    """A part to be: its files with their fingerprints, and of a stretch of lines where it begins and ends."""

    files: list[tuple[str, str]] = field(default_factory=list)
    size: int = 0
    start: int = 0
    end: int | None = None
    first_line: int = 1


def list_files(paths: Sequence[Path]) -> list[Path]:
    """Files and those in folders.

    Raises:
        FileNotFoundError: if one that is named is not there.
    """
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file")
    return list(expand(list(paths)))


def part_bytes(files: Sequence[Path], workers: int) -> int:
    """How large parts are to be, so that so many workers are all busy until shortly before the end."""
    total = sum(_size(path) for path in files)
    return min(PART_BYTES, max(_FEWEST_BYTES, total // (4 * workers)))


def plan(files: Sequence[Path], options: Options, size: int = PART_BYTES) -> Iterator[Planned]:
    """The parts in order.

    Args:
        size: bytes of a part, about. With a limit of rows all is one part: rows are counted in order.

    Raises:
        OSError: if a file cannot be read.
    """
    gathered = Planned()
    for path in files:
        bytes_ = _size(path)
        if options.limit is None and bytes_ > size and _is_cut(path, options):
            if gathered.files:
                yield gathered
                gathered = Planned()
            yield from _stretches(path, size)
            continue
        full = gathered.size + bytes_ > size or len(gathered.files) >= _MOST_FILES
        if options.limit is None and gathered.files and full:
            yield gathered
            gathered = Planned()
        gathered.files.append((str(path), fingerprint(path)))
        gathered.size += bytes_
    if gathered.files:
        yield gathered


def _size(path: Path) -> int:
    """In bytes; what is no file, and will be refused when it is read, has none."""
    return path.stat().st_size if path.is_file() else 0


def _is_cut(path: Path, options: Options) -> bool:
    """Whether a file is JSON Lines that may be cut behind any line feed: not packed, and not of wide characters."""
    if (options.format or format_of(path)) != "jsonl":
        return False
    with open(path, "rb") as stream:
        head = stream.read(4096)
    return b"\0" not in head and head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def _stretches(path: Path, size: int) -> Iterator[Planned]:
    """A file of lines cut after the first line that ends beyond each ``size`` bytes; memory does not grow with lines."""
    with open(path, "rb") as stream:
        start, line = 0, 1
        position, lines = 0, 0  # of the stretch
        digest = hashlib.blake2b(digest_size=16)
        while block := stream.read(_BLOCK):
            while block:
                cut = len(block)
                ends = False
                if position + len(block) > size:
                    found = block.find(b"\n", max(0, size - position))
                    if found >= 0:
                        cut, ends = found + 1, True
                piece, block = block[:cut], block[cut:]
                digest.update(piece)
                position += len(piece)
                lines += piece.count(b"\n")
                if ends:
                    yield Planned([(str(path), digest.hexdigest())], position, start, start + position, line)
                    start, line = start + position, line + lines
                    position, lines, digest = 0, 0, hashlib.blake2b(digest_size=16)
        if position:
            yield Planned([(str(path), digest.hexdigest())], position, start, start + position, line)


def fingerprint(path: Path, start: int = 0, end: int | None = None) -> str:
    """Tells whether these bytes of a file are those that were planned with; ``""`` for what is no file.

    Raises:
        OSError: if the file cannot be read.
    """
    if path.exists() and not path.is_file():
        return ""  # a pipe would be waited for
    digest = hashlib.blake2b(digest_size=16)
    with open(path, "rb") as stream:
        stream.seek(start)
        left = None if end is None else end - start
        while block := stream.read(_BLOCK if left is None else min(_BLOCK, left)):
            digest.update(block)
            if left is not None:
                left -= len(block)
    return digest.hexdigest()
