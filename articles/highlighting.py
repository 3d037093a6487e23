"""A text and the spans found in it → paragraphs of escaped HTML. Plain Python.

Spans may nest and, in data from elsewhere, cross. Every character of the text is escaped here, before any tag is put
around it, so what this module returns may be shown as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape

from articles.detection.text import sentences

#: What a reader is told about a part of the text that was set aside.
SEGMENT_NAMES = {
    "headline": "Headline",
    "body": "Text",
    "repeat": "Repeated text",
    "comment_form": "Comment form",
    "share": "Share buttons",
    "subscribe": "Subscription lines",
    "navigation": "Page navigation",
    "legal": "Legal lines",
    "advert": "Advertisement",
    "source_line": "Source line",
    "captcha": "Captcha",
    "link_spam": "Link spam",
}
_SHOWN = frozenset({"headline", "body"})
_BREAK = re.compile(r"\n\s*\n")
LONG_WORD_CHARS = 40  # where no word ends within so many, none is looked for: a script without spaces
MAX_SENTENCE_CHARS = 600  # a "sentence" beyond this is cut around its mentions
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Mark:
    """A span to highlight: where it is, what it is, and what its card says.

    ``opens`` and ``closes`` are False on the inner edges of a mark that had to be cut in two where another crosses it.
    """

    start: int
    end: int
    kind: str = ""  # of record: a CSS class; "" for unknown
    status: str = ""  # "linked", "review", "nil" …: a second CSS class
    id: str = ""  # anchor of the mention
    href: str = ""
    label: str = ""  # read out beside the words
    card: str = ""  # HTML of the card, made by the caller from escaped parts
    depth: int = 0
    opens: bool = True
    closes: bool = True
    is_plain: bool = False  # a bare <mark>: nothing to follow, nothing to read


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an article's text that is shown together: a paragraph, a sentence, or something set aside."""

    start: int
    end: int
    kind: str  # a segment's kind
    html: str
    is_junk: bool = False
    follows_gap: bool = False  # text was left out before it
    continues: bool = False  # it stands in the same paragraph as the part before it

    @property
    def name(self) -> str:
        """The kind of the segment in words."""
        return SEGMENT_NAMES.get(self.kind, self.kind.replace("_", " ").capitalize())


def nested(marks: Iterable[Mark], start: int = 0, end: int | None = None) -> list[Mark]:
    """The marks within ``[start, end)``, outermost first at each place, crossing ones cut so that all nest.

    Empty spans and spans that reach out of the range are cut to it or left out.
    """
    limit = end if end is not None else max((mark.end for mark in marks), default=0)
    waiting: list[Mark] = []
    for mark in marks:
        left, right = max(mark.start, start), min(mark.end, limit)
        if left < right:
            waiting.append(
                replace(
                    mark, start=left, end=right,
                    opens=mark.opens and left == mark.start, closes=mark.closes and right == mark.end,
                )
            )  # fmt: skip
    waiting.sort(key=_place, reverse=True)
    done: list[Mark] = []
    open_ends: list[int] = []
    while waiting:
        mark = waiting.pop()
        while open_ends and open_ends[-1] <= mark.start:
            open_ends.pop()
        if open_ends and open_ends[-1] < mark.end:
            cut = open_ends[-1]
            rest = replace(mark, start=cut, opens=False)
            position = len(waiting)
            while position and _place(waiting[position - 1]) < _place(rest):
                position -= 1
            waiting.insert(position, rest)
            mark = replace(mark, end=cut, closes=False)
        done.append(replace(mark, depth=len(open_ends)))
        open_ends.append(mark.end)
    return done


def _place(mark: Mark) -> tuple[int, int]:
    return (mark.start, -mark.end)


def highlight(text: str, marks: Iterable[Mark], start: int = 0, end: int | None = None) -> str:
    """``text[start:end]`` as HTML with its marks: each a ``<span class="m …">`` around linked words and its card.

    Words that lie in several marks link to the innermost one; the outer mark keeps the words around it.
    """
    end = len(text) if end is None else min(end, len(text))
    out: list[str] = []
    stack: list[Mark] = []
    at = start
    for mark in nested(list(marks), start, end):
        while stack and stack[-1].end <= mark.start:
            out.append(_words(text, at, stack[-1].end, stack[-1]))
            at = max(at, stack[-1].end)
            out.append(_close(stack.pop()))
        out.append(_words(text, at, mark.start, stack[-1] if stack else None))
        at = mark.start
        out.append(_open(mark))
        stack.append(mark)
    while stack:
        out.append(_words(text, at, stack[-1].end, stack[-1]))
        at = max(at, stack[-1].end)
        out.append(_close(stack.pop()))
    out.append(_words(text, at, end, None))
    return "".join(out)


def _open(mark: Mark) -> str:
    classes = ["m"]
    classes += [f"m-{name}" for name in (mark.kind or "unknown", mark.status) if name]
    classes += ["m-outer"] if mark.depth == 0 else ["m-inner"]
    if mark.is_plain:
        return f'<mark class="{escape(" ".join(classes))}">'
    identity = f' id="{escape(mark.id)}"' if mark.id and mark.opens else ""
    return f'<span class="{escape(" ".join(classes))}"{identity}>'


def _close(mark: Mark) -> str:
    if mark.is_plain:
        return "</mark>"
    card = f'<span class="card" role="note">{mark.card}</span>' if mark.card and mark.closes else ""
    return f"{card}</span>"


def _words(text: str, start: int, end: int, mark: Mark | None) -> str:
    if start >= end:
        return ""
    words = escape(text[start:end]).replace("\n", "<br>")
    if mark is None or mark.is_plain:
        return words
    label = f' title="{escape(mark.label)}"' if mark.label and not mark.card else ""
    if mark.href:
        return f'<a href="{escape(mark.href)}"{label}>{words}</a>'
    return f'<span class="m-words" tabindex="0"{label}>{words}</span>'


def paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """``[start, end)`` of each paragraph within a range: what stands between blank lines, without outer space."""
    at = start
    for match in _BREAK.finditer(text, start, end):
        yield from _trimmed(text, at, match.start())
        at = match.end()
    yield from _trimmed(text, at, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def whole(text: str, segments: Sequence[Sequence], marks: Sequence[Mark]) -> list[Part]:
    """The whole text, paragraph by paragraph; what was set aside is marked as such and holds no mark.

    Args:
        segments: ``(start, end, kind)`` over the text; what they leave uncovered is body.
    """
    parts = []
    places = _Places(marks)
    for start, end, kind in covered(text, segments):
        if kind not in _SHOWN:
            for left, right in _trimmed(text, start, end):
                parts.append(Part(left, right, kind, highlight(text, (), left, right), is_junk=True))
            continue
        for left, right in paragraphs(text, start, end):
            parts.append(Part(left, right, kind, highlight(text, places.within(left, right), left, right)))
    return parts


def excerpts(
    text: str,
    segments: Sequence[Sequence],
    marks: Sequence[Mark],
    *,
    wanted: Callable[[Mark], bool] = lambda mark: True,
    limit: int | None = None,
) -> list[Part]:
    """Only the sentences that hold a wanted mark, in order, each with all its marks.

    Args:
        wanted: which marks earn their sentence a place.
        limit: the most sentences to return.
    """
    parts: list[Part] = []
    every, chosen = _Places(marks), _Places([mark for mark in marks if wanted(mark)])
    gap = False
    for start, end, kind in covered(text, segments):
        if kind not in _SHOWN:
            gap = True
            continue
        for left, right in sentences(text[start:end]):
            left, right = left + start, right + start
            inside = chosen.within(left, right)
            if not inside:
                gap = True
                continue
            if limit is not None and len(parts) >= limit:
                return parts
            cut_left, cut_right = _around(text, inside, left, right)
            html = highlight(text, every.within(cut_left, cut_right), cut_left, cut_right)
            gap = gap or cut_left > left
            joined = bool(parts) and kind == parts[-1].kind and "\n" not in text[parts[-1].end : cut_left]
            parts.append(Part(cut_left, cut_right, kind, html, follows_gap=gap, continues=joined))
            gap = cut_right < right
    return parts


def _around(text: str, marks: Sequence[Mark], start: int, end: int) -> tuple[int, int]:
    """A range of bounded length around the first mark, where a sentence is too long to be one."""
    if end - start <= MAX_SENTENCE_CHARS:
        return start, end
    middle = max(start, marks[0].start - MAX_SENTENCE_CHARS // 2)
    return middle, min(end, max(middle + MAX_SENTENCE_CHARS, min(marks[0].end, middle + 2 * MAX_SENTENCE_CHARS)))


def from_word(text: str, at: int) -> int:
    """Where the first whole word at or after a place begins; the place itself where no word ends near."""
    if at <= 0 or text[at - 1 : at].isspace():
        return at
    gap = _SPACE.search(text, at, at + LONG_WORD_CHARS)
    return gap.end() if gap else at


def to_word(text: str, at: int) -> int:
    """Where the last whole word before a place ends; the place itself where no word begins near."""
    if at >= len(text) or text[at].isspace():
        return at
    return max((gap.start() for gap in _SPACE.finditer(text, max(0, at - LONG_WORD_CHARS), at)), default=at)


class _Places:
    """Marks by where they start, so that a long text costs no more for each paragraph than a short one."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._marks = sorted(marks, key=_place)
        self._starts = [mark.start for mark in self._marks]
        self._longest = max((mark.end - mark.start for mark in self._marks), default=0)

    def within(self, start: int, end: int) -> list[Mark]:
        """Every mark that shares a character with ``[start, end)``."""
        first, last = bisect_left(self._starts, start - self._longest), bisect_left(self._starts, end)
        return [mark for mark in self._marks[first:last] if mark.end > start]


def covered(text: str, segments: Sequence[Sequence]) -> Iterator[tuple[int, int, str]]:
    """The segments in order, cut to the text and to each other, with what lies between them as body."""
    at = 0
    for segment in sorted(segments, key=lambda one: (one[0], one[1])):
        start, end, kind = max(at, int(segment[0])), min(len(text), int(segment[1])), str(segment[2])
        if start >= end:
            continue
        if start > at:
            yield at, start, "body"
        yield start, end, kind
        at = end
    if at < len(text):
        yield at, len(text), "body"
