"""Bytes → text: by the encoding given, else a byte order mark, else what a page declares, else UTF-8, else the likeliest."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSED = 32_768  # bytes that a guess reads
# How pages and feeds declare themselves, within the first bytes (WHATWG reads 1,024; real pages need more).
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{2,40})|<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)
# WHATWG: what calls itself Latin-1 or ASCII on the web is Windows' superset of it, and so with the others.
_WEB = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip


def known_encoding(name: str) -> str:
    """Python's name of a text encoding; ``""`` for a name that is none."""
    try:
        info = codecs.lookup(name.strip())
    except (LookupError, ValueError):
        return ""
    return info.name if info._is_text_encoding and info.name not in ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem") else ""  # fmt: skip # noqa: E501


def sniff_encoding(head: bytes, declared: str = "") -> str:
    """The encoding that a text beginning with these bytes is in, as far as they tell; UTF-8 if they are plain ASCII.

    Args:
        head: the first bytes of the text, cut anywhere.
        declared: what came with the text says, if anything does: a page's ``charset``, a server's header.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    wide = _wide(head)
    if wide:
        return wide
    if _fits(head, "utf-8"):
        return "utf-8"
    name = known_encoding(declared) if declared else ""
    name = _WEB.get(name, name)
    if name and not name.startswith(("utf-16", "utf-32")) and _fits(head, name):
        return name
    sample = head[:_GUESSED]
    # A long text in UTF-8 with a few broken bytes is still that, and no exotic code page.
    good = len(sample.decode("utf-8", "ignore").encode())
    if len(sample) - good <= len(sample) // 200 + 3 and good > len(sample) // 2 and _has_sequences(sample):
        return "utf-8"
    told = _latin(sample) or _cyrillic(sample)
    if told:
        return told
    best = from_bytes(sample).best()
    return best.encoding if best is not None else "cp1252"


# The letters beyond ASCII of the languages that one-byte code pages were made for; a text is in one language, so the right
# page is the one whose reading needs the letters of one only. (charset-normalizer takes French for Central European.)
_LETTERS = {
    "cp1252": ("àâæçéèêëîïôœùûüÿ", "äöüßéà", "áéíñóúüïç", "ãáàâçéêíóôõúü", "àèéìíîòóùú",
        "éëïóöüèá", "åäöéæøüô", "áðéíóúýþæö", "àçèéíïòóúü"),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýžäĺľŕô", "áéíóöőúüű", "čćđšž", "ăâîşţ"),
    "iso8859-2": ("ąćęłńóśźż", "áčďéěíňóřšťúůýžäĺľŕô", "áéíóöőúüű", "čćđšž", "ăâîşţ"),
    "cp1254": ("çğıöşüâîû",),
    "cp1257": ("āčēģīķļņšūž", "ąčęėįšųūž", "äöüõšž"),
}  # fmt: skip
_MARKS_OF_PRINT = frozenset("“”„‘’‚«»‹›–—…•·©®™°§€£¥¡¿ªº½¼¾²³±×\u00a0\u00ad´`")


_MARK_WITHIN = re.compile(r"[a-zA-Z][“”„‘‚«»‹›•©®™°§€£¥¡¿ªº½¼¾²³±×`][a-zA-Z]|[®™°ªº½¼¾²³±×][^\W\d_]")


def _latin(sample: bytes) -> str:
    """The one-byte code page of a text in Latin letters; ``""`` if it is in others, or in no such page."""
    plain = sum(byte < 128 and chr(byte).isalpha() for byte in sample)
    if plain < 2 * sum(byte >= 128 for byte in sample):
        return ""
    best, found = 0.0, ""
    for encoding, alphabets in _LETTERS.items():
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        odd = [char.lower() for char in text if char > "\x7f"]
        letters = [char for char in odd if char not in _MARKS_OF_PRINT]
        # A mark within a word is a letter read wrongly.
        inside = len(_MARK_WITHIN.findall(text)) if len(letters) < len(odd) else 0
        fitting = max(sum(char in alphabet for char in letters) for alphabet in alphabets)
        share = (fitting - inside) / len(letters) if letters else 1.0 - inside
        if share > best + 0.01:
            best, found = share, encoding
    return found if best >= 0.9 else ""


_FREQUENT = frozenset("оеаинтсрвлікпды")


def _cyrillic(sample: bytes) -> str:
    """Which of the Cyrillic code pages gives mostly the letters that Slavic texts mostly have; ``""`` if none does."""
    high = sum(byte >= 128 for byte in sample)
    if high * 2 < len(sample):
        return ""
    shares = {name: sum(char in _FREQUENT for char in sample.decode(name, "ignore")) / high for name in _CYRILLIC}
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] > 0.6 else ""


_CYRILLIC = ("cp1251", "koi8-u", "cp866", "iso8859-5")


def declared_encoding(head: bytes) -> str:
    """What a page's ``meta`` or an XML declaration says, ``""`` if nothing."""
    match = _DECLARED.search(head[:4_096])
    return (match.group(1) or match.group(2)).decode("ascii", "replace") if match else ""


def decode(data: bytes, encoding: str = "", declared: str = "") -> str:
    """A whole document's text; what its encoding has no letter for becomes U+FFFD.

    Raises:
        ValueError: if the encoding that the caller gives is unknown or does not fit.
    """
    if encoding:
        return decode_strictly(data, encoding)
    try:
        if (
            not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8))
            and b"\x00" not in data[:64]
        ):
            return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    return data.decode(sniff_encoding(data[: 4 * _GUESSED], declared), "replace").removeprefix("\ufeff")


def decode_strictly(data: bytes, encoding: str) -> str:
    """Text by the encoding that the caller gives.

    Raises:
        ValueError: if it is unknown or does not fit.
    """
    if not known_encoding(encoding):
        raise ValueError(f"there is no text encoding {encoding!r}")
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeError as error:
        raise ValueError(f"is not in the encoding {encoding}: {str(error)[:200]}") from error


def _wide(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark: every second, or three of four, bytes of ASCII markup are zero."""
    sample = head[:256]
    sample = sample[: len(sample) - len(sample) % 4]
    if len(sample) < 4 or b"\x00" not in sample:
        return ""
    zero = [sum(byte == 0 for byte in sample[offset::4]) * 4 / len(sample) for offset in range(4)]
    if min(zero[1:]) > 0.9 and zero[0] < 0.1:
        return "utf-32-le"
    if min(zero[:3]) > 0.9 and zero[3] < 0.1:
        return "utf-32-be"
    # Other scripts have no zero bytes, but their spaces, digits and line ends do.
    if max(zero[0], zero[2]) < 0.01 and min(zero[1], zero[3]) > 0.03:
        return "utf-16-le"
    if max(zero[1], zero[3]) < 0.01 and min(zero[0], zero[2]) > 0.03:
        return "utf-16-be"
    return ""


def _fits(head: bytes, encoding: str) -> bool:
    """Do bytes, cut anywhere, decode?"""
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(head, final=False)
    except UnicodeError:
        return False
    return True


def _has_sequences(sample: bytes) -> bool:
    return bool(re.search(rb"[\xc3-\xf4][\x80-\xbf]", sample))
