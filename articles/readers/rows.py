"""What every reader yields, and the checks that all of them share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from articles.dating import parse_date, parse_moment
from articles.readers.limits import Budget, Limits

MAX_TITLE = 1_000


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was refused: where, why, and how it began.

    ``file`` names an archive's entry as ``archive!entry``; ``line`` is a line number, or the number of a feed's item or
    of a WARC's record.
    """

    file: str
    line: int
    reason: str
    excerpt: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the caller says about all rows of a job; a row's own value comes first."""

    source: str = ""
    date: str = ""
    language: str = ""
    encoding: str = ""
    columns: dict[str, str] = field(default_factory=dict)  # of a table: our field → its column
    delimiter: str = ""  # of a table; default: told by its first lines
    names_columns: bool = True  # of a table: its first row; else that is an article, and columns are counted
    day_first: bool | None = None  # how 03/05/2024 is read; unsaid, it is refused
    limits: Limits = Limits()
    budget: Budget = field(default_factory=Budget, compare=False, repr=False)

    def __post_init__(self) -> None:
        # As they come back from ``dataclasses.asdict`` by way of JSON; what was unpacked then is not unpacked now.
        if isinstance(self.limits, dict):
            known = {each.name for each in fields(Limits)}
            limits = Limits(**{name: value for name, value in self.limits.items() if name in known})
            object.__setattr__(self, "limits", limits)
        if not isinstance(self.budget, Budget):
            object.__setattr__(self, "budget", Budget())

    def for_new_job(self) -> ReadOptions:
        """The same, with nothing unpacked yet."""
        return replace(self, budget=Budget())


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
# What columns and keys are called elsewhere, in the languages and programs that articles come from.
_SYNONYMS = {
    "text": "body content article full_text fulltext article_text articlebody story maintext main_text plain_text plaintext"
    " texte texto testo inhalt artikel volltext текст содержание نص متن 正文 内容 本文",
    "title": "headline heading head titre titel título titulo titolo überschrift schlagzeile заголовок название عنوان 标题 標題"
    " タイトル 見出し",
    "published_at": "date published pubdate pub_date publication_date publish_date publishdate date_published published_on"
    " published_time datetime timestamp created_at seendate datum fecha data_publicação дата تاریخ تاريخ 日期 発行日 日付",
    "url": "link address href permalink web_url article_url source_url uri adresse lien enlace ссылка رابط 网址 链接",
    "source": "outlet publisher publication newspaper medium site site_name domain source_name quelle fuente fonte источник"
    " издание مصدر منبع 来源 來源 媒体",
    "external_id": "id guid article_id doc_id uid identifier key",
    "language": "lang language_code sprache langue idioma lingua язык لغة زبان 语言 言語",
    "author": "byline authors creator writer autor auteur autore autorin автор كاتب نویسنده 作者 記者",
    "html": "raw_html page body_html content_html",
}  # fmt: skip
_OWN = frozenset(FIELDS)
_FIELD_OF = {name: field for field, names in _SYNONYMS.items() for name in names.split()} | {
    name: name for name in FIELDS
}


def field_of(name: str, *, is_own: bool = False) -> str:
    """Our field of a column or key of this name, ``""`` for none; ``is_own``: only if it is our own name for it."""
    key = re.sub(r"[\s.-]+", "_", name.strip().lower())
    return key if key in FIELDS else "" if is_own else _FIELD_OF.get(key, "")


def by_field(data: dict[str, object]) -> dict[str, object]:
    """Named values under our names: of the keys that may mean a field our own, else the first that holds a text."""
    if data.keys() <= _OWN:
        return data
    found = {name: value for name, value in data.items() if name in _OWN}
    for is_own in (True, False):
        for key, value in data.items():
            name = "" if key in found else field_of(key, is_own=is_own)
            holds = isinstance(value, str) or (name == "external_id" and type(value) is int)
            if name and name not in found and holds:
                found[name] = value
                data = {each: kept for each, kept in data.items() if each != key}
    return data | found


def build_row(data: dict[str, object], file: str, line: int, options: ReadOptions) -> ArticleRow:
    """A row from named values; ``html`` is read as a page, whose own words on title, date and so on fill the gaps.

    Raises:
        ValueError: if a value is of the wrong type, too long, or if there is no text.
    """
    values: dict[str, str] = {}
    for name in FIELDS:
        value = data.get(name)
        if value is None:
            continue
        if isinstance(value, int) and not isinstance(value, bool) and name == "external_id":
            value = str(value)
        if not isinstance(value, str):
            raise ValueError(f"{name} is no text")
        values[name] = clean_characters(value)
    text = values.get("text", "")
    if not text.strip() and values.get("html", "").strip():
        from articles.readers.web import extract  # which itself builds rows

        page = extract(values["html"], options.limits, url=values.get("url", ""))
        text = page.text
        for name, value in page.values().items():
            if not values.get(name, "").strip():
                values[name] = value
    if not visible(text):
        raise ValueError("has no text")
    if len(text) > options.limits.document_bytes:
        raise ValueError(f"the text is longer than {options.limits.document_bytes} characters")
    date = values.get("published_at", "").strip() or options.date
    return ArticleRow(
        file=file,
        line=line,
        text=text,
        title=clean_line(values.get("title", ""))[:MAX_TITLE],
        url=values.get("url", "").strip()[:2000],
        external_id=values.get("external_id", "").strip()[:300],
        source=(clean_line(values.get("source", "")) or options.source)[:300],
        language=(values.get("language", "").strip().lower() or options.language)[:16],
        author=clean_line(values.get("author", ""))[:500],
        published_on=parse_date(date, day_first=options.day_first),
        published_at=parse_moment(date, day_first=options.day_first) if len(date) > 10 else None,
        unknown_keys=tuple(sorted(clean_line(str(key)[:50]) for key in data.keys() - set(FIELDS))[:50]),
    )


# Invisible characters that reorder or hide what a line shows. A joiner within a word stays: Persian and Indic spell with it.
_REORDERING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
_HIDDEN = re.compile("[\u00ad\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_LOOSE_JOINER = re.compile("(?<!\\S)[\u200c\u200d]+|[\u200c\u200d]+(?!\\S)")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_characters(text: str) -> str:
    """Without what no database stores: NUL, and halves of surrogate pairs."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if _SURROGATE.search(text) is None else _SURROGATE.sub("\ufffd", text)


def clean_line(text: str) -> str:
    """A title or name as one visible line: without what is invisible, controls the terminal, or turns the reading order."""
    for pattern in (_REORDERING, _HIDDEN):
        text = pattern.sub("", text)
    return clean_characters(_LOOSE_JOINER.sub("", " ".join(_CONTROL.sub(" ", text).split()))).strip()


def visible(text: str) -> bool:
    """Does anything of a text show?"""
    head = text.strip()[:1000]
    return bool(_LOOSE_JOINER.sub("", _HIDDEN.sub("", _REORDERING.sub("", head))).strip()) or len(text.strip()) > 1000


def shown(name: str) -> str:
    """A file's or entry's name as messages show it: on one line, with nothing that hides or reorders."""
    return clean_line(name)[:1000]


def excerpt(text: str) -> str:
    """How a refused row begins."""
    return clean_line(text[:400])[:200]
