"""Files that come packed: opened by what they begin with, whatever they are called, and never unpacked without end."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from pathlib import Path
from typing import IO

import zstandard

from articles.readers.limits import Budget, Limits, TooLarge

SUFFIXES = frozenset({".gz", ".bz2", ".xz", ".zst", ".zstd"})
#: What reading a damaged or cut-off packed file raises.
DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
_BLOCK = 65_536
_XZ_MEMORY = 256_000_000  # as much as `xz -9` needs, three times over
_ZSTD_WINDOW = 1 << 27  # as `zstd` itself allows without being asked


class _Gzip:
    """zlib's decoder with the interface of bz2's."""

    def __init__(self, wbits: int = 31) -> None:
        self._decoder = zlib.decompressobj(wbits)
        self.needs_input = True

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)
        # A full answer may leave more within the decoder, even with nothing left to feed it.
        self.needs_input = not self._decoder.unconsumed_tail and len(out) < max_length
        return out

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data


class _Zstd:
    """A zstd frame with the interface of bz2's decoder; the input is fed in pieces so small that no answer is large."""

    _FED = 512  # a block unpacks to 128 kB at most and takes 4 bytes at least

    def __init__(self) -> None:
        self._decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
        self._waiting, self._fed = b"", 0
        self._ready = b""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if data:
            self._waiting, self._fed = self._waiting[self._fed :] + data, 0
        if not self._ready and self._fed < len(self._waiting) and not self._decoder.eof:
            self._ready = self._decoder.decompress(self._waiting[self._fed : self._fed + self._FED])
            self._fed += self._FED
        out, self._ready = self._ready[:max_length], self._ready[max_length:]
        return out

    @property
    def needs_input(self) -> bool:
        return not self._ready and self._fed >= len(self._waiting)

    @property
    def eof(self) -> bool:
        return self._decoder.eof and not self._ready

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data + self._waiting[self._fed :]


_MAGIC = (
    (b"\x1f\x8b", _Gzip),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)),
    (b"\x28\xb5\x2f\xfd", _Zstd),
)


def is_packed(file: Path | bytes) -> bool:
    """Whether a file, or one that begins with these bytes, has to be unpacked to be read.

    Raises:
        OSError: if the file cannot be opened.
    """
    if isinstance(file, bytes):
        return _decoder(file) is not None
    with open(file, "rb") as stream:
        return _decoder(stream.read(6)) is not None


def open_bytes(path: Path, limits: Limits | None = None, budget: Budget | None = None) -> io.BufferedReader:
    """A file's bytes, unpacked if they are packed, as they are read; reading raises as ``Unpacked`` does.

    Raises:
        OSError: if the file cannot be opened.
    """
    return unpacked(open(path, "rb"), limits or Limits(), budget or Budget())


def _decoder(head: bytes):
    return next((decoder for magic, decoder in _MAGIC if head.startswith(magic)), None)


class Unpacked(io.RawIOBase):
    """The unpacked bytes of a packed stream, all members of it; memory is bounded by what is asked for at a time.

    Reading raises ``TooLarge`` beyond the job's budget or the ratio allowed, and one of ``DAMAGED`` for a broken stream.
    """

    def __init__(self, stream: IO[bytes], decoder, limits: Limits, budget: Budget) -> None:
        self._stream, self._new_decoder, self._limits, self._budget = stream, decoder, limits, budget
        self._decoder = decoder()
        self._packed = self._unpacked = 0
        self._input = b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()

    def readinto(self, buffer) -> int:
        while True:
            if self._decoder.eof and not self._next_member():
                return 0
            data = b""
            if self._decoder.needs_input:
                data = self._input or self._read()
                self._input = b""
                if not data:
                    raise EOFError("the packed file is cut off")
            out = self._decoder.decompress(data, len(buffer))
            if out:
                self._count(len(out))
                buffer[: len(out)] = out
                return len(out)

    def _read(self) -> bytes:
        data = self._stream.read(_BLOCK)
        self._packed += len(data)
        return data

    def _next_member(self) -> bool:
        """Is there another member? What is no member behind the last is padding if it is zeros, damage otherwise."""
        self._input = (self._decoder.unused_data or self._input).lstrip(b"\0")
        while not self._input:
            data = self._read()
            if not data:
                return False
            self._input = data.lstrip(b"\0")
        self._input += self._read() if len(self._input) < 6 else b""
        if _decoder(self._input) is not self._new_decoder:
            raise OSError("something else follows the packed data")
        self._decoder = self._new_decoder()
        return True

    def _count(self, count: int) -> None:
        self._unpacked += count
        self._budget.spend(count, self._limits)
        if self._unpacked > self._limits.document_bytes and self._unpacked > self._limits.ratio * self._packed:
            raise TooLarge(f"unpacks to more than {self._limits.ratio} times its size")


def unpacked(stream: io.BufferedReader, limits: Limits, budget: Budget) -> io.BufferedReader:
    """A stream's bytes, unpacked if they are packed.

    Raises:
        OSError: if the stream cannot be read.
    """
    decoder = _decoder(stream.peek(6)[:6])
    if decoder is None:
        return stream
    return io.BufferedReader(Unpacked(stream, decoder, limits, budget), _BLOCK)


def unpack_content(data: bytes, coding: str, limits: Limits, budget: Budget) -> bytes:
    """An HTTP body by its ``Content-Encoding``.

    Raises:
        ValueError: if the coding is unknown, the body damaged or too large.
    """
    for name in reversed([part.strip().lower() for part in coding.split(",") if part.strip()][:4]):
        if name == "identity":
            continue
        if name in ("gzip", "x-gzip"):
            decoder = _Gzip
        elif name == "deflate":
            # RFC 9110 means zlib's format; some servers send the bare stream.
            raw = not (len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0)
            decoder = (lambda: _Gzip(-15)) if raw else (lambda: _Gzip(15))
        elif name == "zstd":
            decoder = _Zstd
        else:
            raise ValueError(f"the body is packed as {name[:40]!r}, which is not read")
        if decoder is _Gzip and not data.startswith(b"\x1f\x8b"):
            continue  # the crawler unpacked it and left the header as it was
        try:
            with io.BufferedReader(Unpacked(io.BytesIO(data), decoder, limits, budget), _BLOCK) as stream:
                data = read_at_most(stream, limits.document_bytes)
        except DAMAGED as error:
            raise ValueError(f"the packed body is damaged: {error}") from error
    return data


def read_at_most(stream: IO[bytes], limit: int) -> bytes:
    """All of a stream.

    Raises:
        TooLarge: if it is longer than the limit.
    """
    blocks, size = [], 0
    while block := stream.read(min(1 << 20, limit + 1 - size)):
        blocks.append(block)
        size += len(block)
        if size > limit:
            raise TooLarge(f"is larger than {limit} bytes")
    return b"".join(blocks)
