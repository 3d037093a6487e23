"""The sentence in which a mention stands, as the curators' pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from articles import reading
from articles.highlighting import Mark, Part, covered, excerpts, highlight, paragraphs
from articles.models import Article, Mention

AROUND = 350  # characters of the paragraph shown before and after the sentence


@dataclass(frozen=True, slots=True)
class Passage:
    """The sentence of a mention, which is marked, between the words of its paragraph around it."""

    before: str
    html: str
    after: str


def passage_of(article: Article, mention: Mention, *, around: int = AROUND) -> Passage:
    """The sentence of a mention, wherever in the text it stands, and so many characters of its paragraph around it."""
    text = article.text
    mark = Mark(mention.start, mention.end, is_plain=True)
    [sentence, *_] = excerpts(text, article.segments, [mark], limit=1) or [_bare(text, mark)]
    first, last = sentence.start, sentence.end
    for start, end, _ in covered(text, article.segments):
        if start <= sentence.start < end:
            for left, right in paragraphs(text, start, end):
                if left <= sentence.start < right:
                    first, last = max(left, sentence.start - around), min(right, sentence.end + around)
    before, after = text[first : sentence.start], text[sentence.end : max(last, sentence.end)]
    if first > 0 and before and not text[first - 1].isspace() and not before[0].isspace():
        before = "…" + before
    [shown] = reading.safe([sentence])
    return Passage(before.strip(), shown.html, after.strip())


def _bare(text: str, mark: Mark) -> Part:
    """Words around a mention that stands in no sentence, as in what cleaning set aside since."""
    start, end = max(0, mark.start - AROUND), min(len(text), mark.end + AROUND)
    return Part(start, end, "body", highlight(text, [mark], start, end))
