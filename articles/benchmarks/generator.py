"""Articles made from the shipped samples: as many as are wanted, all different, the same for the same seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "articles.jsonl"
_FIRST_DAY = date(1991, 1, 1)


def generate(count: int, *, seed: int = 1, chars: int = 3000, language: str = "en") -> Iterator[dict[str, str]]:
    """Rows of Refdesk's article JSON Lines, each made of paragraphs of several samples.

    Args:
        count: how many.
        chars: length of a text, about.
        language: of the samples taken.
    """
    with open(SAMPLES, encoding="utf-8") as stream:
        samples = [json.loads(line) for line in stream]
    paragraphs = [
        paragraph
        for sample in samples
        if sample.get("language") == language
        for paragraph in sample["text"].split("\n\n")
        if len(paragraph) > 120
    ]
    chance = random.Random(seed)
    for number in range(count):
        chosen: list[str] = [f"Report {number} of the {language} wire opens with a line that no other article has."]
        size = len(chosen[0])
        while size < chars:
            paragraph = chance.choice(paragraphs)
            chosen.append(paragraph)
            size += len(paragraph) + 2
        yield {
            "url": f"https://example.org/generated/{seed}/{number}",
            "title": f"Generated report {number}",
            "text": "\n\n".join(chosen),
            "published_at": (_FIRST_DAY + timedelta(days=chance.randrange(12_000))).isoformat(),
            "source": f"Generated Wire {number % 7}",
            "language": language,
        }
