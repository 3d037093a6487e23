"""What every reader yields, and the checks that all of them share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from charset_normalizer import from_bytes

from articles.dating import parse_date, parse_moment

MAX_BYTES = 10_000_000  # of one document
MAX_TITLE = 1_000


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was refused: where, why, and how it began."""

    file: str
    line: int
    reason: str
    excerpt: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the caller says about all rows of a file; a row's own value comes first."""

    source: str = ""
    date: str = ""
    language: str = ""
    encoding: str = ""
    columns: dict[str, str] = field(default_factory=dict)  # of a table: our field → its column


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One article as a file gives it, checked; ``published_on`` is an ISO day or prefix, ``""`` if unknown."""

    file: str
    line: int
    text: str
    title: str = ""
    url: str = ""
    external_id: str = ""
    source: str = ""
    language: str = ""
    author: str = ""
    published_on: str = ""
    published_at: datetime | None = None
    unknown_keys: tuple[str, ...] = ()


FIELDS = ("url", "title", "text", "html", "published_at", "source", "language", "author", "external_id")


def build_row(data: dict[str, object], file: str, line: int, options: ReadOptions) -> ArticleRow:
    """A row from named values.

    Raises:
        ValueError: if a value is of the wrong type, too long, or if there is no text.
    """
    values: dict[str, str] = {}
    for name in FIELDS:
        value = data.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise ValueError(f"{name} is no text")
        values[name] = clean_characters(value)
    text = values.get("text", "")
    if not text.strip() and values.get("html"):
        from articles.readers.web import extract

        extracted = extract(values["html"])
        text = extracted.text
        values.setdefault("title", extracted.title)
        values.setdefault("published_at", extracted.published)
    if not text.strip():
        raise ValueError("has no text")
    if len(text) > MAX_BYTES:
        raise ValueError(f"the text is longer than {MAX_BYTES} characters")
    date = values.get("published_at", "") or options.date
    published_on = parse_date(date)
    return ArticleRow(
        file=file,
        line=line,
        text=text,
        title=" ".join(values.get("title", "").split())[:MAX_TITLE],
        url=values.get("url", "").strip()[:2000],
        external_id=values.get("external_id", "").strip()[:300],
        source=(values.get("source", "").strip() or options.source)[:300],
        language=(values.get("language", "").strip().lower() or options.language)[:16],
        author=" ".join(values.get("author", "").split())[:500],
        published_on=published_on,
        published_at=parse_moment(date) if len(date.strip()) > 10 else None,
        unknown_keys=tuple(sorted(str(key)[:50] for key in data.keys() - set(FIELDS))),
    )


def clean_characters(text: str) -> str:
    """Without what no database stores: NUL, and halves of surrogate pairs."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text.encode("utf-8", "replace").decode("utf-8") if any("\ud800" <= c <= "\udfff" for c in text) else text


def decode(data: bytes, encoding: str = "") -> str:
    """Bytes → text: by the encoding given, else UTF-8, else the likeliest.

    Raises:
        ValueError: if the encoding is unknown, or nothing fits.
    """
    if encoding:
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeDecodeError) as error:
            raise ValueError(f"is not in the encoding {encoding}: {error}") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(data[:200_000]).best()
        if best is None:
            raise ValueError("is in no encoding that can be told") from None
        return data.decode(best.encoding, "replace")
