"""Which language a text is in. Plain Python."""

from __future__ import annotations

import re
import threading

from entities.matching.normalize import script_of

_ENOUGH = 60  # letters; below, a statistical guess is worth less than the script alone
_READ = 2_000
_BY_SCRIPT = {
    "Latin": "en", "Cyrillic": "ru", "Greek": "el", "Arabic": "ar", "Hebrew": "he", "Han": "zh", "Hiragana": "ja",
    "Katakana": "ja", "Hangul": "ko", "Thai": "th", "Georgian": "ka", "Armenian": "hy", "Devanagari": "hi",
    "Bengali": "bn", "Tamil": "ta", "Telugu": "te", "Ethiopic": "am", "Khmer": "km", "Myanmar": "my", "Lao": "lo",
}  # fmt: skip
_lock = threading.Lock()
# Languages that statistics take for one another: there the page's own word counts more.
_CONFUSED = (
    {"sr", "hr", "bs", "sh", "sl", "mk"}, {"no", "nb", "nn", "da", "sv"}, {"id", "ms"}, {"fa", "ps", "ur", "ar", "ku", "ug"},
    {"cs", "sk"}, {"ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "tg", "mn"}, {"es", "gl", "ca", "pt", "an"},
    {"hi", "mr", "ne"}, {"zh", "ja"}, {"af", "nl"}, {"he", "yi"}, {"am", "ti"},
)  # fmt: skip
_CODE = re.compile(r"[a-z]{2,3}\b", re.IGNORECASE)


def detect_language(text: str) -> str:
    """An ISO 639-1 code, ``""`` for a text without letters; short texts are judged by their script alone."""
    sample = text[:_READ]
    script = script_of(sample)
    if not script:
        return ""
    if sum(char.isalpha() for char in sample) < _ENOUGH:
        return _BY_SCRIPT.get(script, "")
    if script in ("Latin", "Cyrillic", "Arabic", "Devanagari", "Hebrew", "Ethiopic"):
        with _lock:  # the model keeps state while it classifies
            import py3langid  # 40 MB, loaded when the first text comes

            language, _ = py3langid.classify(sample)
        return language
    if script == "Han" and any("\u3040" <= char <= "\u30ff" for char in sample):
        return "ja"
    return _BY_SCRIPT.get(script, "")


def settle_language(declared: str, text: str) -> str:
    """The language code declared for a text, unless the text is plainly in another; ``""`` if nothing is declared.

    Templates say ``en`` of whatever is put into them. The statistics overrule them only where they do not confuse the two.
    """
    match = _CODE.match(declared.strip())
    if match is None:
        return ""
    code = match.group().lower()
    found = detect_language(text)
    if not found or found == code or any({found, code} <= group for group in _CONFUSED):
        return code
    if (
        sum(char.isalpha() for char in text[:_READ]) < 2 * _ENOUGH
        and script_of(text[:_READ]) == "Latin"
        and code.isascii()
    ):
        return code
    return found
