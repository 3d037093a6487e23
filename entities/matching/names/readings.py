"""A name in any script → the ways it is read aloud, each as romanised words.

Most names have one reading. Han has four (Mandarin, Cantonese, Korean, Japanese), and Latin spellings of Chinese two
(Wade–Giles and pinyin). What a script does not part into words (Han, Hangul, Thai) is parted where names are.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from entities.matching.names.han import COMPOUND_SURNAMES, HANJA
from entities.matching.normalize import name_key, script_of

_HAN_RUN = re.compile("[\u3005\u3400-\u9fff\uf900-\ufaff]+")
_INDIC = frozenset("Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam".split())
# Where the inherent vowel at a word's end is silent; further south it is written out if it is not meant.
_SILENT_END = frozenset("Devanagari Bengali Gurmukhi Gujarati".split())
_JOINERS = str.maketrans({"\u200c": "", "\u200d": "", "・": " ", "·": " ", "=": " ", "＝": " ", "゠": " ", "־": " "})


@lru_cache(maxsize=100_000)
def readings(name: str) -> tuple[tuple[str, ...], ...]:
    """The readings of a name, the likeliest first; each a tuple of lower-case Latin words."""
    script = script_of(name)
    text = name.translate(_JOINERS)
    if script == "Han" or script in ("Hiragana", "Katakana") and _HAN_RUN.search(text):
        return _han_readings(text)
    if script in ("Katakana", "Hiragana"):
        return (_words(" ".join(kana(word) for word in text.split())),)
    if script == "Hangul":
        return _hangul_readings(text)
    if script in _INDIC:
        return (_words(" ".join(_indic(word, script) for word in name_key(text).split())),)
    if script == "Greek":
        return (_words(anyascii(_greek(name_key(text)))),)
    if script == "Thai":
        return (_words(anyascii(_THAI_BEFORE.sub(r"\2\1", _THAI_SILENT.sub("", name_key(text))))),)
    return (_words(anyascii(name_key(text))),)


# Thai writes some vowels before the consonant they follow, and a mark over letters that are silent.
_THAI_SILENT = re.compile("[\u0e01-\u0e2e][\u0e34-\u0e39]?\u0e4c")
_THAI_BEFORE = re.compile("([\u0e40-\u0e44])([\u0e01-\u0e2e])")
_GREEK = (("μπ", "b"), ("ντ", "d"), ("γκ", "g"), ("γγ", "ng"), ("γχ", "nch"), ("τζ", "dz"), ("ου", "u"), ("αυ", "av"),
("ευ", "ev"),
          ("αι", "e"), ("οι", "i"), ("ει", "i"))  # fmt: skip


def _greek(text: str) -> str:
    """Pairs of letters that Greek reads as one sound; "mb" and "nd" between vowels stay what foreign names mean by them."""
    for letters, sound in _GREEK:
        text = text.replace(letters, sound)
    return text


def _words(text: str) -> tuple[str, ...]:
    return tuple(name_key(text).split())


def _han_readings(text: str) -> tuple[tuple[str, ...], ...]:
    from pypinyin import lazy_pinyin  # 7 MB of tables, loaded only where Han is met

    found: list[tuple[str, ...]] = []
    japanese = _japanese(text)
    mandarin: list[str] = []
    cantonese: list[str] = []
    korean: list[str] = []
    for chunk in text.split():
        for run in _surname_first(chunk, alone=chunk == text.strip()):
            mandarin.append("".join(lazy_pinyin(run)))
            cantonese.append(_cantonese(run))
            korean.append("".join(HANJA.get(char, "?") for char in run))
    if mandarin:
        surname = _SURNAME_READINGS.get(text.strip()[:1])
        if surname and len(mandarin) > 1 and len(text.split()) == 1:
            mandarin[0] = surname
        found.append(_words(" ".join(mandarin)))
        found.append(_words(" ".join(cantonese)))
    if korean and not any("?" in word for word in korean):
        found.append(_words(" ".join(korean)))
    if japanese:
        found.append(japanese)
    return tuple(dict.fromkeys(reading for reading in found if reading))


# Surnames that are read otherwise than the same character elsewhere.
_SURNAME_READINGS = {
    "曾": "zeng", "单": "shan", "單": "shan", "解": "xie", "仇": "qiu", "区": "ou", "區": "ou", "任": "ren", "华": "hua",
    "朴": "piao", "查": "zha", "翟": "zhai", "尉": "yu", "缪": "miao", "繆": "miao", "乐": "yue", "樂": "yue", "盖": "ge",
    "石": "shi", "覃": "qin", "召": "shao", "折": "she", "黑": "he", "种": "chong", "员": "yun", "祭": "zhai", "能": "nai",
}  # fmt: skip


def _surname_first(chunk: str, *, alone: bool) -> list[str]:
    """The surname and the given name of two to four characters that stand alone; anything else whole."""
    if not alone or not 2 <= len(chunk) <= 4 or not _HAN_RUN.fullmatch(chunk):
        return [chunk]
    cut = 2 if chunk[:2] in COMPOUND_SURNAMES and len(chunk) > 2 or len(chunk) == 4 else 1
    return [chunk[:cut], chunk[cut:]]


@lru_cache(maxsize=1)
def _jyutping():
    import ToJyutping

    return ToJyutping


_TONE = re.compile(r"[1-6]")
# Jyutping → how Hong Kong writes names: "zeng" is Tsang, "coeng" is Cheung.
_HONG_KONG = (
    (re.compile(r"^gw"), "kw"), (re.compile(r"^[zc]"), "ch"), (re.compile(r"^jyu|^j"), "yu"), (re.compile(r"^yu(?=[aeio])"),
    "y"), (re.compile(r"oe(?=ng|k)"), "eu"), (re.compile(r"eoi"), "ui"), (re.compile(r"eo"), "u"),
    (re.compile(r"aa"), "a"), (re.compile(r"yu(?=n|t|$)"), "yu"), (re.compile(r"ou$"), "o"), (re.compile(r"au$"), "au"),
    (re.compile(r"^g"), "k"), (re.compile(r"^d"), "t"), (re.compile(r"^b"), "p"),
)  # fmt: skip


def _cantonese(run: str) -> str:
    made = []
    for _, sound in _jyutping().get_jyutping_list(run):
        syllable = _TONE.sub("", (sound or "").split(" ")[0])
        for pattern, letters in _HONG_KONG:
            syllable = pattern.sub(letters, syllable)
        made.append(syllable)
    return "".join(made)


@lru_cache(maxsize=1)
def _tokenizer():
    from janome.tokenizer import Tokenizer  # the IPADIC dictionary, 0.1 s; loaded only where Han is met

    return Tokenizer()


def _japanese(text: str) -> tuple[str, ...]:
    """The Japanese reading by dictionary; empty if it does not know the name's parts as words of Japanese."""
    words: list[str] = []
    for chunk in text.split():
        read = []
        for token in _tokenizer().tokenize(chunk):
            if token.reading in ("*", "") and not _is_kana(token.surface):
                return ()
            sound = kana(token.surface if _is_kana(token.surface) else token.reading)
            # One-character words that follow belong to the given name: 晋 + 三.
            if len(token.surface) == 1 and len(read) > 1:
                read[-1] += sound
            else:
                read.append(sound)
        words.extend(read)
    return tuple(words)


def _is_kana(text: str) -> bool:
    return all("\u3040" <= char <= "\u30ff" for char in text)


_SMALL_Y = {"ya": "a", "yu": "u", "yo": "o"}


@lru_cache(maxsize=1)
def _kana_letters() -> dict[str, tuple[str, bool]]:
    """Kana → its sound and whether it is small, from Unicode's own names ("KATAKANA LETTER SMALL YO")."""
    found = {}
    for point in (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB)):
        words = unicodedata.name(chr(point), "").split()
        if len(words) > 2 and words[1] == "LETTER":
            found[chr(point)] = (words[-1].lower(), words[2] == "SMALL")
    return found


_HEPBURN = {"si": "shi", "ti": "chi", "tu": "tsu", "hu": "fu", "zi": "ji", "di": "ji", "du": "zu"}


def kana(text: str) -> str:
    """Kana → Hepburn without long vowels: ``kana("ジョー") == "jo"``; other characters stay."""
    letters = _kana_letters()
    out: list[str] = []
    double = False
    for char in text:
        if char == "ー":
            continue
        sound, small = letters.get(char, (char, False))
        if small and sound == "tu":
            double = True
            continue
        if small and out and out[-1].isascii() and out[-1][-1:] in "aiueo":
            last = out[-1]
            if sound in _SMALL_Y:  # ki + yo = kyo, shi + yo = sho
                out[-1] = last[:-1] + ("" if last[:-1].endswith(("sh", "ch", "j")) else "y") + _SMALL_Y[sound]
            elif len(last) > 1:  # fu + a = fa, te + i = ti, che
                out[-1] = last[:-1] + sound
            else:  # u + i = wi, vu + a handled above
                out[-1] = ("w" if last == "u" else last) + sound
            continue
        sound = _HEPBURN.get(sound, sound)
        out.append(("t" if sound[0] == "c" else sound[0]) + sound if double and sound.isascii() else sound)
        double = False
    joined = "".join(out)
    return re.sub(r"(?<=o)u|(?<=u)u|(?<=o)o(?=.)", "", joined)


@lru_cache(maxsize=4096)
def _indic_letter(char: str) -> tuple[str, str]:
    """What an Indic character is ("consonant", "vowel", "sign", "virama", "mark") and how it sounds, by its Unicode name."""
    words = unicodedata.name(char, "").lower().split()
    if len(words) < 2:
        return "mark", ""
    kind, last = words[1], words[-1]
    if last in ("virama", "asat", "coeng", "viriam") or "virama" in words or words[-1] == "al-lakuna":
        return "virama", ""
    if last in ("anusvara", "bindi", "tippi"):
        return "mark", "n"
    if last in ("candrabindu", "visarga", "nukta"):
        return "mark", ""
    if "chillu" in words:
        return "mark", last.removesuffix("n") or "n" if last != "nn" else "n"
    sound = _INDIC_SOUNDS.get(last, last)
    if kind == "vowel" or "vowel" in words:
        return ("sign" if "sign" in words else "vowel"), sound
    if kind in ("letter", "consonant", "independent"):
        if sound[:1] in "aeiou" and sound not in ("a",):
            return "vowel", sound
        return ("vowel", "a") if sound == "a" else ("consonant", sound.removesuffix("a"))
    return "mark", ""


_INDIC_SOUNDS = {
    "aa": "a", "ii": "i", "uu": "u", "ee": "e", "oo": "o", "ai": "ai", "au": "au", "cha": "cha", "ca": "cha", "nga": "nga",
    "tta": "ta", "ttha": "tha", "dda": "da", "ddha": "dha", "nna": "na", "nya": "nya", "ssa": "sha", "lla": "la",
    "llla": "zha", "rra": "ra", "nnna": "na", "vocalic": "ri", "r": "ri", "rrra": "ra", "dddha": "da", "yya": "ya",
    "va": "va", "fa": "fa", "khha": "kha", "ghha": "gha", "o": "o", "e": "e", "taalujan": "nya", "candra": "o",
}  # fmt: skip


def _indic(word: str, script: str) -> str:
    """One word of a script derived from Brahmi: each consonant carries an "a" unless a sign says otherwise."""
    out: list[str] = []
    bare = False  # the last consonant has no vowel yet
    for char in unicodedata.normalize("NFC", word):
        kind, sound = _indic_letter(char)
        if kind == "virama":
            bare = False
        elif kind == "sign":
            out.append(sound)
            bare = False
        else:
            if bare:
                out.append("a")
            bare = kind == "consonant"
            out.append(sound)
            if kind == "mark":
                bare = False
    if bare and script not in _SILENT_END:
        out.append("a")
    return "".join(out)


_HANGUL_SURNAMES_OF_TWO = frozenset("남궁 황보 제갈 사공 선우 서문 독고 동방".split())


def _hangul_readings(text: str) -> tuple[tuple[str, ...], ...]:
    chunks = text.split()
    if len(chunks) == 1 and 2 <= len(chunks[0]) <= 4:
        name = chunks[0]
        cut = 2 if name[:2] in _HANGUL_SURNAMES_OF_TWO and len(name) > 2 else 1
        return (_words(f"{hangul(name[:cut])} {hangul(name[cut:])}"), _words(hangul(name)))
    return (_words(" ".join(hangul(chunk) for chunk in chunks)),)


_INITIALS = "k kk n t tt r m p pp s ss  ch tch ch k t p h".split(" ")
_VOWELS = "a ae ya yae o e yo ye o wa wae oe yo u wo we wi yu u ui i".split(" ")
_FINALS = " k k ks n nch nh t l lk lm lp ls lt lp l m p ps t t ng t t k t p h".split(" ")


def hangul(text: str) -> str:
    """Hangul as names are spelt in Latin letters: 김 kim, 정은 chongun (voicing and o/eo are told apart by no two spellings)."""
    out = []
    for char in text:
        number = ord(char) - 0xAC00
        if not 0 <= number < 11172:
            out.append(anyascii(char))
            continue
        initial, rest = divmod(number, 588)
        vowel, final = divmod(rest, 28)
        out.append(_INITIALS[initial] + _VOWELS[vowel] + _FINALS[final])
    return "".join(out)
