"""Pairs of names with their gold labels, as docs/evaluation.md has the format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KINDS = {"org": "organization", "other": None}
_APART = "unrelated_string"  # noms de guerre and translations, which no comparison of names can tell


class PairsError(ValueError):
    """A line that is no pair; the message names file, line and reason."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names, what they name, whether it is one thing, and what else the file says of the pair."""

    a: str
    b: str
    kind: str | None
    match: bool
    row: dict

    @property
    def is_unrelated(self) -> bool:
        """True for names that nothing in them ties together: reported apart, learnt from never."""
        return self.row.get("kind") == _APART


def read_pairs(path: Path) -> Iterator[Pair]:
    """The pairs of a file, in order.

    Raises:
        PairsError: at the first line that is no pair.
        OSError: if the file cannot be read.
    """
    with open(path, encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if not isinstance(row["a"], str) or not isinstance(row["b"], str):
                    raise TypeError("a and b are no texts")
                yield Pair(row["a"], row["b"], KINDS.get(row.get("type"), row.get("type")), bool(row["match"]), row)
            except (ValueError, KeyError, TypeError) as error:
                raise PairsError(f"{path}:{number}: {error}") from error
