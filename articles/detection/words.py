"""Whether a word is an ordinary English one, so that its capital at the head of a sentence proves nothing."""

from __future__ import annotations

from functools import lru_cache

from english_words import get_english_words_set

_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"))


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    # Webster's second edition, out of copyright: it keeps the capitals of names, so that "merkel" is none of its words.
    return frozenset(word for word in get_english_words_set(["web2"]) if word.islower())


@lru_cache(maxsize=100_000)
def is_ordinary(word: str) -> bool:
    """True for what a dictionary has in small letters, inflected or not: "Rice", "May", "Workers"; not "Merkel"."""
    lowered = word.lower()
    known = _words()
    return lowered in known or any(
        lowered.endswith(ending) and lowered[: -len(ending)] + stem in known for ending, stem in _ENDINGS
    )
