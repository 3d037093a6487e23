"""Archives, zip and tar, of files in any other format; an archive within an archive is opened, one within that is not."""

from __future__ import annotations

import io
import re
import shutil
import stat
import struct
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from io import BufferedReader, RawIOBase
from typing import IO

from articles.readers.inputs import Input, Rows
from articles.readers.limits import Budget, Limits, TooLarge
from articles.readers.packing import DAMAGED
from articles.readers.rows import RowError, shown

_MAX_DEPTH = 2
_MAX_DIRECTORY = 100_000_000  # bytes of a zip file's directory, which is read whole
_MAX_TAR_HEADER = 32_768  # a name or attributes; Python's parser of them takes quadratic time
#: What is in saved pages and on disks beside documents: passed over without a word.
PAGE_PARTS = frozenset(
    """.css .js .mjs .map .jpg .jpeg .png .gif .svg .webp .avif .ico .bmp .tif .tiff .woff .woff2 .ttf .otf .eot .mp3 .mp4 .m4a
    .webm .ogg .wav .avi .mov .ds_store .lock .tmp .log""".split()
)
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
ReadEntry = Callable[[str, BufferedReader, Input], Rows]


def is_page_part(name: str) -> bool:
    """Is a file one of those that documents are surrounded by: images, styles, fonts, a system's own files?"""
    parts = name.replace("\\", "/").split("/")
    last = parts[-1].lower()
    return (
        last.startswith(".")
        or "__MACOSX" in parts
        or last == "thumbs.db"
        or any(last.endswith(end) for end in PAGE_PARTS)
    )


def _refused(name: str) -> str:
    """Why an entry of this name is not read; ``""`` if it is."""
    path = name.replace("\\", "/")
    if path.startswith("/") or re.match(r"[a-zA-Z]:", path) or ".." in path.split("/"):
        return "the entry's name leads out of the archive"
    return ""


class _Counted(RawIOBase):
    """An entry's bytes as they are unpacked, held to the job's budget and to the ratio."""

    def __init__(self, stream: IO[bytes], packed: int | None, limits: Limits, budget: Budget) -> None:
        self._stream, self._packed, self._limits, self._budget = stream, packed, limits, budget
        self._unpacked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self._stream.read(len(buffer))
        self._unpacked += len(data)
        if self._packed is not None:
            self._budget.spend(len(data), self._limits)
            if self._unpacked > self._limits.document_bytes and self._unpacked > self._limits.ratio * self._packed:
                raise TooLarge(f"unpacks to more than {self._limits.ratio} times its size")
        buffer[: len(data)] = data
        return len(data)


def _check_depth(source: Input) -> None:
    if source.depth >= _MAX_DEPTH:
        raise TooLarge("is an archive within an archive within an archive, which is not opened")


# --- zip -------------------------------------------------------------------------------------------------------------
def read_zip(source: Input, read_entry: ReadEntry) -> Rows:
    """The articles of a zip archive's entries, in its directory's order."""
    _check_depth(source)
    source.line = 1
    with _seekable(source) as stream:
        _check_directory(stream)
        try:
            archive = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, NotImplementedError, UnicodeError, struct.error, OverflowError) as error:
            raise ValueError(f"the archive is damaged: {error}") from error
        with archive:
            infos = archive.infolist()
            if len(infos) > source.options.limits.entries:
                raise TooLarge(f"holds more than {source.options.limits.entries} entries")
            overlapping = _overlapping(infos)
            for info in infos:
                if info.is_dir() or is_page_part(info.filename):
                    continue
                name = f"{source.name}!{shown(info.filename)}"
                problem = _refused(info.filename) or _problem(info, overlapping)
                if problem:
                    yield RowError(name, 1, problem)
                    continue
                try:
                    with archive.open(info) as packed:
                        counted = _Counted(
                            packed, max(1, info.compress_size), source.options.limits, source.options.budget
                        )
                        yield from _within(name, counted, source, read_entry)
                    if source.options.budget.is_spent(source.options.limits):
                        return  # said once, not for each entry behind it
                except (
                    zipfile.BadZipFile,
                    NotImplementedError,
                    RuntimeError,
                    struct.error,
                    UnicodeError,
                    *DAMAGED,
                ) as error:
                    yield RowError(name, 1, f"the entry is damaged: {error}"[:300])


def _problem(info: zipfile.ZipInfo, overlapping: set[int]) -> str:
    mode = info.external_attr >> 16
    if info.flag_bits & 0x1:
        return "the entry is encrypted"
    if info.create_system == 3 and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "the entry is a link or a device, not a file"
    if info.header_offset in overlapping:
        return "the entry overlaps another, as in archives made to unpack to more than they hold"
    if info.compress_type not in _METHODS:
        method = zipfile.compressor_names.get(info.compress_type, info.compress_type)
        return f"the entry is packed by a method ({method}) that is not read"
    return ""


def _overlapping(infos: list[zipfile.ZipInfo]) -> set[int]:
    """The offsets of entries whose data reaches into the next, or that share one."""
    found: set[int] = set()
    ordered = sorted(infos, key=lambda info: info.header_offset)
    reach, owner = -1, None
    for info in ordered:
        end = info.header_offset + 30 + len(info.orig_filename.encode("utf-8", "replace")) + info.compress_size
        if owner is not None and info.header_offset < reach and info.compress_size:
            found |= {owner, info.header_offset}
        if end > reach:
            reach, owner = end, info.header_offset
    return found


def _check_directory(stream: IO[bytes]) -> None:
    """Refuse a directory that would take more memory than an archive of articles needs."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - 66_000))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise ValueError("the archive is damaged or cut off: its directory is missing")
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    large = tail.rfind(b"PK\x06\x06", 0, at)
    if directory == 0xFFFFFFFF and large >= 0 and at - large >= 56:
        (directory,) = struct.unpack_from("<Q", tail, large + 40)
    stream.seek(0)
    if directory > _MAX_DIRECTORY:
        raise TooLarge(f"the archive's directory is larger than {_MAX_DIRECTORY} bytes")


def _seekable(source: Input) -> IO[bytes]:
    """The archive itself if it is a plain file, else a copy on disk, as large as the job's budget allows."""
    stream = source.stream
    if isinstance(stream.raw, io.FileIO) and stream.seekable():
        return open(stream.fileno(), "rb", closefd=False)
    limits, budget = source.options.limits, source.options.budget
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the caller
    try:
        if source.depth or source.is_packed_within:
            shutil.copyfileobj(stream, copy, 1 << 20)  # counted where it is unpacked
        else:
            while block := stream.read(1 << 20):
                budget.spend(len(block), limits)
                copy.write(block)
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return copy


# --- tar -------------------------------------------------------------------------------------------------------------
class _Header(tarfile.TarInfo):
    """Refuses headers that only an attack has; Python reads a member's long name or attributes whole."""

    _LONG = (
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
    )

    def _proc_member(self, archive):
        if self.type in self._LONG and not 0 <= self.size <= _MAX_TAR_HEADER:
            raise tarfile.ReadError(f"a header is longer than {_MAX_TAR_HEADER} bytes")
        if self.size < 0:
            raise tarfile.ReadError("an entry has a negative size")
        return super()._proc_member(archive)


def read_tar(source: Input, read_entry: ReadEntry) -> Rows:
    """The articles of a tar archive's entries, in order, each read as it passes."""
    _check_depth(source)
    source.line = 1
    limits, budget = source.options.limits, source.options.budget
    number = 0
    try:
        with tarfile.open(fileobj=source.stream, mode="r|", tarinfo=_Header, errorlevel=1) as archive:
            while (member := archive.next()) is not None:
                archive.members = []  # else every header is kept
                number += 1
                if number > limits.entries:
                    raise TooLarge(f"holds more than {limits.entries} entries")
                if member.isdir() or is_page_part(member.name):
                    continue
                name = f"{source.name}!{shown(member.name)}"
                problem = _refused(member.name)
                if not problem and (not member.isreg() or member.issparse()):
                    problem = "the entry is a link, a device or a sparse file, not a plain one"
                if problem:
                    yield RowError(name, 1, problem)
                    continue
                with archive.extractfile(member) as stream:
                    yield from _within(name, _Counted(stream, None, limits, budget), source, read_entry)
                if budget.is_spent(limits):
                    return
    except (tarfile.TarError, struct.error, UnicodeError, KeyError) as error:
        yield source.error(f"the archive breaks off or is damaged after {number} entries: {error}"[:300])


def _within(name: str, stream: RawIOBase, source: Input, read_entry: ReadEntry) -> Rows:
    with BufferedReader(stream, 65_536) as buffered:
        yield from read_entry(name, buffered, source)
