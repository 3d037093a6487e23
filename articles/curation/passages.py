"""The sentence in which a mention stands, as the curators' pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from articles import reading
from articles.highlighting import Mark, Part, covered, excerpts, from_word, highlight, paragraphs, to_word
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
    starts_within = ends_within = False  # the paragraph goes on, further than is shown
    for start, end, _ in covered(text, article.segments):
        if start <= sentence.start < end:
            for left, right in paragraphs(text, start, end):
                if left <= sentence.start < right:
                    first, last = max(left, sentence.start - around), min(right, sentence.end + around)
                    starts_within, ends_within = first > left, last < right
    before = text[from_word(text, first) if starts_within else first : sentence.start].strip()
    after = text[sentence.end : to_word(text, last) if ends_within else last].strip()
    if before and starts_within:
        before = f"… {before}"
    if after and ends_within:
        after = f"{after} …"
    [shown] = reading.safe([sentence])
    return Passage(before, shown.html, after)


def _bare(text: str, mark: Mark) -> Part:
    """Words around a mention that stands in no sentence, as in what cleaning set aside since."""
    start, end = max(0, mark.start - AROUND), min(len(text), mark.end + AROUND)
    return Part(start, end, "body", highlight(text, [mark], start, end))
