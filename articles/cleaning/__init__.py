"""What of a scraped text is the article: headline and body, and what is junk. Plain Python.

The raw text is kept whole; cleaning only says which parts of it are searched. Everything is judged by structure and by
the general vocabulary of web pages, line by line and in runs of lines: one odd line in the body is body, a block of them
after its end is not. A missed piece of junk is better than a lost paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from articles.cleaning import furniture, link_spam

BODY_KINDS = frozenset({"headline", "body"})
JUNK_KINDS = frozenset(
    ["repeat", "comment_form", "share", "subscribe", "captcha", "link_spam", "navigation", "byline", "source_line"]
    + ["advert", "legal"]
)
Segment = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text's segments ``[start, end) kind`` in code points, in order, and the headline they show."""

    title: str
    segments: list[Segment]

    @property
    def junk(self) -> tuple[tuple[int, int], ...]:
        """The spans that are not searched."""
        return tuple((start, end) for start, end, kind in self.segments if kind not in BODY_KINDS)


_LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]+")
_WORD = re.compile(r"[^\W\d_]+")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？؟۔।:;][\"'”’»)\]]*$")
_CUT_MARK = re.compile(
    r"\s{0,3}(?:\[?(?:\.{3}|…)\]?|\[&hellip;\]|(?:continue reading|read more|weiterlesen|lire la suite)\W{0,9})$", re.I
)
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_MONTHS_AND_DAYS = re.compile(
    r"\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|june|july|august"
    r"|september|october|november|december)\b",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:by|von|par|por|di|door|af|autor(?:in)?:?|автор:?|текст:?|بقلم:?|کاتب:?|نویسنده:?|文[/／]|记者[:：]?)\s+(?P<names>\S.{1,100})",
    re.IGNORECASE,
)  # fmt: skip
_OFFER = re.compile(
    r"[$€£¥₹₽]\s?\d|\d\s?(?:[€₽]|% off)|\bwww\.|\.com\b|\b(?:book|buy|shop|order|save|try|deal|offer|sale|discount|free)\b",
    re.IGNORECASE,
)
_SITE = re.compile(r"(?<!\s)\s{1,9}[|–—·-]\s{1,9}[^|–—·]{2,40}$")  # the site's name behind a headline
_DATE_ONLY = re.compile(r"(?=.{6,60}$)(?=.*\d{4}|.*\d{1,2}:\d{2})[\w ,.:/|()+年月日-]+")
# Of a list, or a result: "Finland 3, Sweden 2".
_LIST_ITEM = re.compile(r"(?:[-–—•*·▪]|\(?\d{1,3}[.):]|[a-z]\))\s|\D{2,30}\d{1,3}\s?[,:–-]\s?\D{2,30}\d{1,3}$")
_TOP = 8  # non-empty lines in which a headline, and in twice as many a standfirst, is looked for
_CUT_REACH = 5  # lines after a cut-off copy in which the full one stands
_STANDFIRST_CHARS = 1_500
_CUT_CHARS, _CUT_WORDS = 40, 7  # a shorter beginning may be shared by chance: anaphora, a list
_REPEATED_CHARS = 80  # a paragraph; a refrain or a question asked twice is shorter


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    text: str
    is_paragraph: bool
    kind: str = "body"
    bare: str = ""

    @property
    def is_body(self) -> bool:
        return self.kind in BODY_KINDS


def clean(text: str, title: str = "") -> Cleaned:
    """Tell headline, body and junk apart.

    Args:
        text: as scraped; it may begin with its title.
        title: from the metadata, where there is any; else the first line serves if it looks like one.
    """
    lines = [_line(match) for match in _LINE.finditer(text) if not match.group().isspace()]
    if not lines:
        return Cleaned(title.strip(), [])
    headline = _mark_headline(lines, title)
    alone = _standing_alone(lines, text) if _is_wrapped(lines) else None
    _mark_furniture(lines, alone)
    _mark_bylines(lines, headline)
    _mark_spam(lines)
    _mark_comments(lines)
    _mark_tail(lines)
    _mark_copies_of_headline(lines, headline, title)
    _mark_edge(lines)
    _mark_repeats(lines)
    return Cleaned(title.strip() or (lines[headline].text if headline is not None else ""), _segments(lines))


def _line(match: re.Match) -> _Line:
    raw = match.group()
    stripped = raw.strip()
    start = match.start() + len(raw) - len(raw.lstrip())
    words = stripped.count(" ") + 1
    if words < 12 and len(stripped) > 24:
        words += len(_UNSPACED.findall(stripped[:200])) // 3
    # A paragraph says something: a sentence's length, and its end unless it is long.
    is_paragraph = words >= 12 and (len(stripped) > 200 or bool(_ENDS_SENTENCE.search(stripped[-8:])))
    return _Line(start, start + len(stripped), stripped, is_paragraph)


def _normal(text: str) -> str:
    """Its words alone, lower case."""
    return " ".join(_WORD.findall(text.lower()))


# --- The headline ----------------------------------------------------------------------------------------------------
def _mark_headline(lines: Sequence[_Line], title: str) -> int | None:
    """Mark the line where the headline first stands; its number, or None."""
    wanted = _normal(title)
    if wanted:
        for number, line in enumerate(lines[:_TOP]):
            if len(line.text) <= len(title) * 2 + 40 and _is_copy(line.text, title):
                line.kind = "headline"
                return number
        return None
    for number, line in enumerate(lines[:5]):
        if (
            furniture.plain(line.text)
            or furniture.bare(line.text)
            or furniture.menu(line.text)
            or _is_byline(line.text)
            or _DATE_ONLY.fullmatch(line.text)
        ):
            continue
        if number + 1 < len(lines) and _looks_like_headline(line.text):
            line.kind = "headline"
            return number
        return None
    return None


def _looks_like_headline(text: str) -> bool:
    if len(text) > 200 or text[-1] in ".:;,、。":
        return False
    return text.count(" ") >= 2 or len(_UNSPACED.findall(text)) >= 6


def _is_copy(text: str, headline: str) -> bool:
    """Do two lines show one headline: the same words, a misprint apart, or with the site's name behind one of them?"""
    one, other = _normal(text), _normal(headline)
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 20 and len(shorter) >= 0.75 * len(longer) and fuzz.ratio(one, other) > 95:
        return True
    longer, shorter = (text, other) if longer == one else (headline, one)
    return shorter.count(" ") >= 2 and _normal(_SITE.sub("", longer.strip())) == shorter


def _mark_copies_of_headline(lines: Sequence[_Line], headline: int | None, title: str) -> None:
    wanted = lines[headline].text if headline is not None else title.strip()
    # A headline of one short word ("Sudan") may come back as a sub-heading.
    if " " not in wanted and len(wanted) < 12 and not _UNSPACED.search(wanted) or len(wanted) < 4:
        return
    is_first = headline is None
    for number, line in enumerate(lines):
        if number == headline or line.kind != "body" or len(line.text) > 2 * len(wanted) + 40:
            continue
        if _is_copy(line.text, wanted):
            if is_first:
                is_first = False  # the headline is searched where it first stands, late as that may be
            else:
                line.kind = "repeat"


# --- Furniture -------------------------------------------------------------------------------------------------------
def _is_wrapped(lines: Sequence[_Line]) -> bool:
    """Is the text broken at a fixed width, as in old mail and wire copy, so that lines are no units of sense?"""
    sample = lines[:200]
    if len(sample) < 8:
        return False
    full = sum(45 <= len(line.text) <= 100 for line in sample)
    flowing = sum(
        not _ENDS_SENTENCE.search(one.text) and other.text[:1].islower()
        for one, other in zip(sample, sample[1:], strict=False)
    )
    return full >= 0.6 * len(sample) and flowing >= 0.3 * len(sample)


def _standing_alone(lines: Sequence[_Line], text: str) -> list[bool]:
    """Which lines stand between blank ones."""
    apart = [True]
    for one, other in zip(lines, lines[1:], strict=False):
        gap = text[one.end : other.start]
        apart.append(gap.count("\n") >= 2 or gap.count("\r") >= 2 and "\n" not in gap)
    apart.append(True)
    return [apart[number] and apart[number + 1] for number in range(len(lines))]


def _mark_furniture(lines: Sequence[_Line], alone: Sequence[bool] | None) -> None:
    for number, line in enumerate(lines):
        if line.kind != "body" or len(line.text) > furniture.MAX_CHARS or alone is not None and not alone[number]:
            continue
        kind = furniture.plain(line.text)
        if kind:
            line.kind = kind
        elif not line.is_paragraph:
            line.bare = furniture.bare(line.text)
    first, last = _paragraphs(lines)
    if first is not None:
        # A bar that ends with a question looks like a paragraph, the first or the last.
        for line in (*lines[: first + 1], *lines[max(last, first + 1) :]):
            if line.kind == "body" and ". " not in line.text and furniture.menu(line.text):
                line.kind = "navigation"
    for label, line in zip(lines, lines[1:], strict=False):
        # What is offered under the label; the label alone proves nothing about the next paragraph.
        if label.kind == "advert" and line.kind == "body" and len(line.text) <= 120 and _OFFER.search(line.text):
            if not _ENDS_SENTENCE.search(line.text):
                line.kind = "advert"
    _mark_bare(lines)


def _mark_bare(lines: Sequence[_Line]) -> None:
    """Bare words are furniture beside what certainly is, three in a row, or before and after all paragraphs."""
    first, last = _paragraphs(lines)
    number = 0
    while number < len(lines):
        if not lines[number].bare:
            number += 1
            continue
        end = number
        while end < len(lines) and (lines[end].bare or lines[end].kind in JUNK_KINDS):
            end += 1
        start = number
        while start > 0 and lines[start - 1].kind in JUNK_KINDS:
            start -= 1
        run = lines[start:end]
        is_edge = first is not None and (end <= first or number > last)
        if any(line.kind in JUNK_KINDS for line in run) or len(run) >= 3 and is_edge or is_edge and number > last:
            for line in lines[number:end]:
                line.kind = line.bare or line.kind
        number = end


def _paragraphs(lines: Sequence[_Line]) -> tuple[int | None, int]:
    """The numbers of the first and the last paragraph of the body; ``(None, -1)`` if there is none."""
    numbers = [number for number, line in enumerate(lines) if line.is_paragraph and line.is_body]
    return (numbers[0], numbers[-1]) if numbers else (None, -1)


def _is_byline(text: str) -> bool:
    if len(text) > 120 or _ENDS_SENTENCE.search(text.rstrip(".")) or _MONTHS_AND_DAYS.search(text.split("|")[0]):
        return False
    match = _BYLINE.fullmatch(text)
    if match is None:
        return False
    names = re.split(r"[|•·—–]", match.group("names"))[0]
    words = re.split(r"[\s,]+", names.strip())
    small = {
        "and",
        "und",
        "et",
        "y",
        "e",
        "en",
        "de",
        "van",
        "von",
        "bin",
        "al",
        "in",
        "for",
        "with",
        "и",
        "da",
        "der",
        "di",
        "la",
    }
    named = [word for word in words if word.lower() not in small]
    return len(words) <= 9 and bool(named) and all(word[:1].isupper() or not word[:1].isascii() for word in named)


def _mark_bylines(lines: Sequence[_Line], headline: int | None) -> None:
    """A line "By So-and-so" between the headline and the first paragraph."""
    first, _ = _paragraphs(lines)
    if first is None:
        return
    for line in lines[(headline + 1 if headline is not None else 0) : min(first, _TOP)]:
        if line.kind == "body" and _is_byline(line.text):
            line.kind = "byline"


# --- Link spam and what follows the article --------------------------------------------------------------------------
def _mark_spam(lines: Sequence[_Line]) -> None:
    """Blocks of lines made of what link farms sell, at most one other short line between two of them."""
    block: list[int] = []
    for number, line in enumerate(lines):
        if line.kind != "body":
            continue
        if link_spam.share(line.text, line.is_paragraph) >= link_spam.SHARE:
            if block and number - block[-1] > 2:
                _settle_spam(lines, block)
                block = []
            block.append(number)
    if block:
        _settle_spam(lines, block)


def _settle_spam(lines: Sequence[_Line], block: Sequence[int]) -> None:
    if link_spam.hand([lines[number].text for number in block]):
        for number in range(block[0], block[-1] + 1):
            if lines[number].kind == "body" and not (lines[number].is_paragraph and number not in block):
                lines[number].kind = "link_spam"


def _mark_comments(lines: Sequence[_Line]) -> None:
    """Below a comment form, and below what stands over comments, readers speak, in paragraphs as well as the article does."""
    size = [len(line.text) if line.is_paragraph and line.is_body else 0 for line in lines]
    before, after = 0, sum(size)
    for number in range(len(lines)):
        if before and _opens_comments(lines, number):
            # A form may also stand above an article, or beside it: then most of the text comes after it.
            if after <= before:
                for other in lines[number:]:
                    if other.kind == "body":
                        other.kind = "comment_form"
                return
        before, after = before + size[number], after - size[number]


def _opens_comments(lines: Sequence[_Line], number: int) -> bool:
    """Whether a form begins here, of two fields at least, or what stands over comments and one of them."""
    line, following = lines[number], lines[number + 1 : number + 4]
    if line.kind not in ("comment_form", "captcha") and line.bare != "comment_form":
        return False
    if any(other.kind == "comment_form" or other.bare == "comment_form" for other in following):
        return True
    return furniture.heads_comments(line.text) and any(furniture.is_comment(other.text) for other in following)


def _mark_tail(lines: Sequence[_Line]) -> None:
    """After the last paragraph, short lines below comment forms, lists of other articles and spam belong to them."""
    _, last = _paragraphs(lines)
    if last < 0:
        return
    kind = ""
    for line in lines[last + 1 :]:
        if line.kind in furniture.TERMINAL:
            kind = "link_spam" if line.kind == "link_spam" else kind or "navigation"
        elif line.kind == "navigation" and furniture.LISTS.match(line.text):
            kind = kind or "navigation"
        elif kind and line.kind == "body" and not (_ENDS_SENTENCE.search(line.text) and line.text.count(" ") >= 5):
            line.kind = line.bare or kind


# Who sent it, after the last sentence: "… in through SAARC. -- Monsoon", "… on Monday. (AFP)".
_SIGNED = re.compile(r"(?<=[.!?”\"])\s{1,3}(?:(?:--|—|–)\s?[A-ZÀ-Þ][\w. /-]{1,30}|\([A-Z][\w. ,/-]{1,30}\))$")


def _mark_edge(lines: Sequence[_Line]) -> None:
    """What follows the end, read backwards from the last line: what sells, lists, asks, signs, or is no sentence.

    An article ends with a sentence. Lists and verses, which need not, are known by their marks or by their company.
    """
    paragraphs = sum(line.is_paragraph and line.is_body for line in lines)
    if not paragraphs or _is_wrapped(lines):
        return
    # A brief may end with a list of its own: without a sentence's end alone nothing is junk there.
    _, last = _paragraphs(lines)
    is_furnished = paragraphs >= 3 or any(
        line.kind in JUNK_KINDS or furniture.edge(line.text) for line in lines[last + 1 :]
    )
    for number in range(len(lines) - 1, 0, -1):
        line = lines[number]
        if line.kind in JUNK_KINDS:
            continue
        kind = furniture.edge(line.text) if line.kind == "body" else ""
        if not kind and line.kind == "body" and len(line.text) <= furniture.MAX_CHARS:
            is_open = not _ENDS_SENTENCE.search(_SIGNED.sub("", line.text[-60:])[-8:]) and not _LIST_ITEM.match(
                line.text
            )
            if is_open and is_furnished and lines[number - 1].kind != "headline" and not line.is_paragraph:
                kind = "navigation"
        if not kind:
            return
        line.kind = kind


# --- Repeats ---------------------------------------------------------------------------------------------------------
def _mark_repeats(lines: Sequence[_Line]) -> None:
    """The cut-off copy of a standfirst that follows in full, and paragraphs that stand there twice."""
    body = [line for line in lines if line.kind == "body"]
    openings = [_opening(line.text) for line in body[: 2 * _TOP + _CUT_REACH]]
    for number, line in enumerate(body[: 2 * _TOP]):
        if not _CUT_CHARS // 3 <= len(line.text) <= _STANDFIRST_CHARS:
            continue
        for other in range(number + 1, min(number + 1 + _CUT_REACH, len(openings))):
            if (
                openings[other] == openings[number]
                and body[other].is_paragraph
                and _begins(line.text, body[other].text)
            ):
                line.kind = "repeat"
                break
    seen: set[str] = set()
    for line in body:
        if line.kind == "body" and line.is_paragraph and len(line.text) >= _REPEATED_CHARS:
            key = line.text.lower()
            if key in seen:
                line.kind = "repeat"
            seen.add(key)


def _opening(text: str) -> str:
    """The first letters: what two copies share before anything longer need be compared."""
    return "".join(char for char in text[:20].lower() if char.isalnum())[:8]


def _begins(text: str, longer: str) -> bool:
    """Is a line the beginning of a longer one, cut off somewhere or ending with a sentence?"""
    mark = _CUT_MARK.search(text[-24:])
    kept = text[: len(text) - len(text[-24:]) + mark.start()] if mark else text
    key = _normal(kept)
    is_unspaced = len(_UNSPACED.findall(key)) > len(key) / 2
    if len(longer) <= len(kept) or len(key) < _CUT_CHARS // 3:
        return False
    if not is_unspaced and (len(key) < _CUT_CHARS or key.count(" ") + 1 < _CUT_WORDS):
        return False
    if not is_unspaced and not _ENDS_SENTENCE.search(kept[-8:]):
        # Cut in the middle of a word, the words before it are what the full copy repeats.
        key = key.rpartition(" ")[0]
    full = _normal(longer[: 2 * len(text) + 40])
    return full.startswith(key) and len(full) > len(key)


def _segments(lines: Sequence[_Line]) -> list[Segment]:
    segments: list[Segment] = []
    for line in lines:
        if segments and segments[-1][2] == line.kind and line.kind != "headline":
            segments[-1] = (segments[-1][0], line.end, line.kind)
        else:
            segments.append((line.start, line.end, line.kind))
    return segments
