"""The starter catalogue: records that come with the project, compiled from gathered facts. See README.md."""

from pathlib import Path

_FOLDER = Path(__file__).resolve().parent

#: The shipped files, in the order they are best loaded: what others refer to comes first.
FILES: tuple[Path, ...] = tuple(
    _FOLDER / name for name in ("states.jsonl", "organizations.jsonl", "people.jsonl", "agreements.jsonl")
)
