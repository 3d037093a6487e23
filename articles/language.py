"""Which language a text is in. Plain Python."""

from __future__ import annotations

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
