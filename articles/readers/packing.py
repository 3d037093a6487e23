"""Files that come packed: opened by what they begin with, whatever they are called."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from pathlib import Path
from typing import IO

_MAGIC = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ", lzma.open))
SUFFIXES = frozenset({".gz", ".bz2", ".xz"})
#: What reading a damaged or cut-off packed file raises.
DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError)


def open_bytes(path: Path) -> IO[bytes]:
    """A file's bytes, unpacked as they are read; memory is bounded by what is asked for at a time.

    Raises:
        OSError: if the file cannot be opened.
    """
    with open(path, "rb") as stream:
        head = stream.read(6)
    opener = next((opener for magic, opener in _MAGIC if head.startswith(magic)), open)
    return opener(path, "rb")


def is_packed(path: Path) -> bool:
    """Whether a file has to be unpacked to be read.

    Raises:
        OSError: if the file cannot be opened.
    """
    with open(path, "rb") as stream:
        head = stream.read(6)
    return any(head.startswith(magic) for magic, _ in _MAGIC)
