"""Build the sample articles and the linking gold from the annotated sources in ``linking/*.txt``.

A source begins with header lines ``name: value`` (``title``, ``date``, ``date-in-text``, ``source``, ``language``,
``url``, ``author``), an empty line, and the body. In the body

* ``[[surface|TYPE|record]]`` is a mention; the record is a key of the starter catalogue or ``nil``; a fourth field
  ``optional`` marks a mention that is neither required nor punished; mentions may nest;
* a line that begins with ``!`` is junk (the sign is dropped): nothing may be found in it.

Records are written as the catalogue's keys. ``outside_catalogue.txt`` lists those that it does not hold, one a line:
they become ``nil`` in the gold, and a test asks for the list to be shortened when the catalogue grows.

``blind/*.txt`` are of the same form, by a writer who saw none of the engine: they are measured on and neither looked at for
mending nor learnt from (``blind_gold.jsonl``, and no sample articles).

``date`` is what the article's metadata says and may be absent; ``date-in-text`` is a date that only the text shows.
Run ``python tests/golden/build.py`` after a change, or with ``--check`` to learn whether the built files are current.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent
SAMPLES = GOLDEN.parent.parent / "articles" / "samples"
HEADERS = frozenset({"title", "date", "date-in-text", "source", "language", "url", "author"})
TYPES = frozenset({"PER", "ORG", "GPE", "NORP", "AGREEMENT", "ROLE", "PLACE"})


class MarkupError(ValueError):
    """A source file breaks the markup; the message names the file and shows the place."""


def parse_mentions(marked: str, where: str = "") -> tuple[str, list[dict]]:
    """Strip ``[[surface|TYPE|record|optional]]`` from a text.

    Returns:
        The plain text, and its mentions in order of ``(start, -end)`` with offsets in code points of that text.

    Raises:
        MarkupError: for unbalanced brackets, an unknown type, an empty span or two mentions of one span.
    """
    plain: list[str] = []
    open_at: list[int] = []
    mentions: list[dict] = []
    position = 0
    while position < len(marked):
        if marked.startswith("[[", position):
            open_at.append(len(plain))
            position += 2
        elif open_at and marked[position] == "|":
            close = marked.find("]]", position)
            if close < 0:
                raise MarkupError(f"{where}: unclosed mention near {marked[position - 30 : position + 30]!r}")
            mentions.append(_mention(open_at.pop(), plain, marked[position + 1 : close].split("|"), where))
            position = close + 2
        else:
            plain.append(marked[position])
            position += 1
    if open_at:
        raise MarkupError(f"{where}: a mention is never closed, from {''.join(plain[open_at[0] :])[:40]!r}")
    mentions.sort(key=lambda mention: (mention["start"], -mention["end"]))
    spans = [(mention["start"], mention["end"]) for mention in mentions]
    if len(set(spans)) != len(spans):
        raise MarkupError(f"{where}: two mentions share one span")
    return "".join(plain), mentions


def _mention(start: int, plain: list[str], fields: list[str], where: str) -> dict:
    surface = "".join(plain[start:])
    if len(fields) not in (2, 3) or fields[0] not in TYPES or fields[2:] not in ([], ["optional"]):
        raise MarkupError(f"{where}: cannot read {'|'.join(fields)!r} after {surface!r}")
    if not surface.strip() or surface != surface.strip():
        raise MarkupError(f"{where}: a mention is empty or has spaces at its ends: {surface!r}")
    mention = {"start": start, "end": start + len(surface), "surface": surface, "type": fields[0]}
    mention |= {"nil": True} if fields[1] == "nil" else {"record": fields[1]}
    if len(fields) == 3:
        mention["optional"] = True
    return mention


def parse_source(name: str, raw: str, outside: frozenset[str] = frozenset()) -> tuple[dict, dict]:
    """Turn one annotated source into its article (as imported) and its gold document.

    Args:
        name: The document's id, the file's stem.
        raw: The file's text.
        outside: Keys of records that the catalogue does not hold: their mentions are ``nil``.
    """
    head, separator, body = raw.partition("\n\n")
    if not separator:
        raise MarkupError(f"{name}: no empty line after the header")
    header = {}
    for line in head.splitlines():
        key, colon, value = line.partition(":")
        if not colon or key not in HEADERS:
            raise MarkupError(f"{name}: unknown header line {line!r}")
        header[key] = value.strip()
    lines, junk, offset = [], [], 0
    for line in body.rstrip("\n").split("\n"):
        if line.startswith("!"):
            line = line[1:]
            if "[[" in line:
                raise MarkupError(f"{name}: a mention in a junk line {line!r}")
            junk.append([offset, offset + len(line)])
        plain, _ = parse_mentions(line, name)
        lines.append(line)
        offset += len(plain) + 1
    text, mentions = parse_mentions("\n".join(lines), name)
    for mention in mentions:
        if mention.get("record") in outside:
            mention["nil"] = bool(mention.pop("record"))
    article = {
        "url": header.get("url"),
        "title": header.get("title"),
        "text": text,
        "published_at": header.get("date"),
        "source": header.get("source"),
        "language": header.get("language"),
        "author": header.get("author"),
        "external_id": name,
    }
    gold = {
        "doc_id": name,
        "title": header.get("title"),
        "text": text,
        "date": header.get("date"),
        "date_in_text": header.get("date-in-text"),
        "junk": [span for span in junk if span[0] < span[1]],
        "mentions": mentions,
    }
    return {key: value for key, value in article.items() if value}, gold


def build(folder: Path) -> tuple[str, str]:
    """Read every source of a folder; return the articles and the gold as JSON Lines."""
    listed = folder.parent / "outside_catalogue.txt"
    outside = frozenset(listed.read_text(encoding="utf-8").split()) if listed.exists() else frozenset()
    parsed = [
        parse_source(path.stem, path.read_text(encoding="utf-8"), outside) for path in sorted(folder.glob("*.txt"))
    ]
    return tuple("".join(json.dumps(row[side], ensure_ascii=False) + "\n" for row in parsed) for side in (0, 1))


def main(arguments: list[str]) -> int:
    """Write both files, or with ``--check`` compare them; the exit code is 1 when they are not current."""
    articles, gold = build(GOLDEN / "linking")
    targets = {
        SAMPLES / "articles.jsonl": articles, GOLDEN / "linking_gold.jsonl": gold,
        GOLDEN / "blind_gold.jsonl": build(GOLDEN / "blind")[1],
    }  # fmt: skip
    if arguments == ["--check"]:
        stale = [
            path.name
            for path, content in targets.items()
            if not path.exists() or path.read_text(encoding="utf-8") != content
        ]
        if stale:
            print("not current:", ", ".join(stale))
        return int(bool(stale))
    SAMPLES.mkdir(parents=True, exist_ok=True)
    for path, content in targets.items():
        path.write_text(content, encoding="utf-8", newline="\n")
    print(f"{articles.count(chr(10))} articles")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
