"""Files that were sent to us: stored under names of our own, bounded, removed when they are not needed any more."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from articles.readers import AUTO, format_of
from articles.readers.packing import SUFFIXES

FOLDER = "imports"
_ENDING = re.compile(r"\.[a-z0-9]{1,8}(?=\.|\Z)")


class TooBig(ValueError):
    """More bytes than are taken."""


class Empty(ValueError):
    """A file without a byte."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored file: its name among ours, its size, and a digest of its bytes."""

    name: str
    size: int
    digest: str


def store(chunks: Iterable[bytes], name: str = "", most: int | None = None) -> Upload:
    """Write a file as it comes; what cannot be kept is removed again.

    Args:
        name: what the sender calls it: only a known ending of it is used.
        most: bytes, the setting's where absent.

    Raises:
        TooBig, Empty: if there is too much, or nothing.
        OSError: if the disk is full.
    """
    most = settings.IMPORT_MAX_BYTES if most is None else most
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    stored = f"{secrets.token_hex(16)}{suffix_of(name)}"
    size, digest = 0, hashlib.sha256()
    try:
        with open(folder / stored, "xb") as out:
            for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise TooBig(f"The file may hold at most {most:,} bytes.")
                digest.update(chunk)
                out.write(chunk)
        if not size:
            raise Empty("The file is empty.")
    except BaseException:
        (folder / stored).unlink(missing_ok=True)
        raise
    return Upload(stored, size, digest.hexdigest())


def suffix_of(name: str) -> str:
    """The ending of a name that tells its format (``.jsonl.gz``), ``""`` if it tells none."""
    endings = _ENDING.findall(name.lower())
    kept = endings[-2:] if endings and endings[-1] in SUFFIXES else endings[-1:]
    ending = "".join(kept)
    return ending if name.lower().endswith(ending) and format_of(Path(f"x{ending}")) not in ("", AUTO) else ""


def path_of(name: str) -> Path:
    """Where a stored file lies."""
    return Path(settings.MEDIA_ROOT) / FOLDER / name


def discard(name: str) -> None:
    """Remove a stored file, if it is there."""
    path_of(name).unlink(missing_ok=True)


def discard_old(kept: timedelta) -> int:
    """Remove files of jobs that ended, or never began, so long ago, and files of no job; the number removed."""
    from articles.models import ImportJob

    before = timezone.now() - kept
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    if not folder.is_dir():
        return 0
    count = 0
    for path in folder.iterdir():
        if path.stat().st_mtime > before.timestamp():
            continue
        open_ = (ImportJob.Status.QUEUED, ImportJob.Status.RUNNING)
        ended_lately = ImportJob.objects.filter(upload=path.name, finished_at__gt=before)
        if not ImportJob.objects.filter(upload=path.name, status__in=open_).exists() and not ended_lately.exists():
            path.unlink(missing_ok=True)
            count += 1
    return count
