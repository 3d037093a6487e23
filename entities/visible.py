"""Which characters show. Plain Python: importers, forms and look-ups hold to the same lists."""

from __future__ import annotations

import re

#: What shows nothing, as a class of a regular expression (Python's and JSON Schema's): spaces, controls, and what Unicode
#: lists as ignorable where it cannot be drawn: joiners, marks of direction, soft hyphens, fillers, selectors, tags.
INVISIBLE = (
    r"\u0000-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
VISIBLE = re.compile(f"[^{INVISIBLE}]")
# Of these, what stands within words without parting them. The joiners (U+200C, U+200D) are spelling.
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff]"
)


def without_hidden(text: str) -> str:
    """A text as it reads: pasted words bring soft hyphens, zero-width spaces and marks of direction along."""
    return text if text.isascii() else _HIDDEN.sub("", text)
