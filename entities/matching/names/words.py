"""A name as printed → the words that are compared: Arabic compounds made one, marks and asides cut away, the order natural."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from entities.matching.names.tables import KOREAN_SURNAMES, MUSLIM_NAMES, NUMBERS, PARTICLES, SUFFIXES
from entities.matching.names.territories import is_territory
from entities.matching.names.vocabulary import concepts
from entities.matching.normalize import name_key
from entities.matching.romanize import romanize

_BRACKETS = re.compile(r"[(\[（][^()\[\]（）]*[)\]）]")
_ACRONYM = re.compile(r"[(\[]\s*[\"“']?([A-Z][\w.&’'-]{1,11})[\"”']?\s*[)\]]|\s/\s([A-Z]{2,8})$")
_ELISION = re.compile(r"\b([dl]|dell|all|nell|qu)['’´](?=\w{2})", re.IGNORECASE)
_POSSESSIVE = re.compile(r"(?<=\w\w)['’´]s\b", re.IGNORECASE)
_ASIDE = re.compile(r"\s*[,;(]?\s*\b(?:born|nee|née|dit|alias|a\.?k\.?a\.?|f\.?k\.?a\.?)\b.*$", re.IGNORECASE)
_ARTICLES = frozenset("al el ul ad ud as us an un ar ur at ut az uz ash esh ed er en es il".split())
_LOOSE_ARTICLES = frozenset("al el ul ud ur ad ar as az ash esh".split())  # "an", "un" are names elsewhere
_SON = frozenset("bin ben ibn bint binti binte ould wuld bn".split())
_ABD = frozenset(
    "abd abdul abdal abdel abdur abdus abdu abdol abdoul abdool abdun abdud abder abdil abdou abdi abed".split()
)
_ABU = frozenset("abu abou abo abi aboo".split())
_DIN = re.compile(r"^(?P<stem>\w{2,}?)(?:[aeou]{1,2}l?|l)?d{1,2}(?:i|ee|ie|y)ne?$")
_DIN_ALONE = frozenset(
    "din deen dine dien eddine eddin uddin addin aldin eldin uddine addine aldeen eldeen aldine".split()
)
_ALLAH_ALONE = frozenset("allah ullah ollah lah alla".split())
_ALLAH = re.compile(r"^(?P<stem>\w{3,}?)[aeou]?ll?ah?$")


def printed_words(name: str, kind: str, key: str = "") -> tuple[list[str], list[str]]:
    """The words of a name in romanised form, and acronyms that stand beside it in brackets.

    Args:
        key: the name's normal form, if it is known already.
    """
    whole = name
    acronyms: list[str] = []
    if "(" in name or "[" in name or "/" in name:
        if kind == "person":
            kept = _BRACKETS.sub(" ", name)
        else:
            kept = _ACRONYM.sub(lambda found: _aside(found, acronyms), name)
        if name_key(kept):
            name = kept
    if kind == "person":
        name = _ASIDE.sub("", name, count=1) or name
        if "," in name:
            name = _in_order(name)
    elif "'" in name or "’" in name or "´" in name:
        name = _POSSESSIVE.sub("", _ELISION.sub(r"\1 ", name))
    words = key.split() if key and name is whole and key.isascii() else romanize(name).split()
    if kind == "person":
        return arabic(words), acronyms
    if kind in ("organization", ""):
        words = _numbered(concepts(words))
    return words, acronyms


def _aside(found: re.Match[str], acronyms: list[str]) -> str:
    """A bracketed acronym is put aside; a place in brackets ("(Panama)") is part of the name."""
    text = found[1] or found[2]
    word = "".join(romanize(text).split())
    if not text.isupper() and not any(char.isupper() for char in text[1:]) or is_territory(word):
        return found[0]
    acronyms.append(word)
    return " "


def _in_order(name: str) -> str:
    """``"Putin, Vladimir"`` → ``"Vladimir Putin"``; a suffix after the comma stays where it is."""
    family, comma, given = name.partition(",")
    if not comma or "," in given or name_key(given) in SUFFIXES or not name_key(given) or not name_key(family):
        return name
    return f"{given.strip()} {family.strip()}"


def _numbered(words: list[str]) -> list[str]:
    """Numerals in words as figures: "forty four" → "44"."""
    out: list[str] = []
    for word in words:
        number = NUMBERS.get(word)
        if number is None:
            out.append(word)
        elif out and out[-1].isdigit() and number < 10 and out[-1].endswith("0") and len(out[-1]) == 2:
            out[-1] = str(int(out[-1]) + number)
        else:
            out.append(str(number))
    return out


@lru_cache(maxsize=100_000)
def _one_word(word: str) -> str:
    """A compound that was written as one word, in the form that ``arabic`` gives it: "abdurrahman", "salahuddin"."""
    if word.startswith("abd") and len(word) > 6:
        if word[3:].lstrip("eaou") in ("llah", "lah", "lla", "llahi"):
            return "abdallah"
        found = re.match(r"abd(?:ou|[aeuoi])?(?:l|(?=(?P<c>[rsnzdt])(?P=c))[rsnzdt]|)(?P<name>\w{3,})$", word)
        if found:
            name = found["name"]
            return "abd" + (name[1:] if name[0] == name[1] else name)
    if len(word) > 6:
        if "ll" in word and word.endswith(("ah", "a")):
            found = _ALLAH.match(word)
            if found and "ll" in word[len(found["stem"]) - 1 :]:
                return found["stem"].rstrip("aeou") + "allah"
        if "d" in word[-6:] and word[-1] in "ne" and word[-4:-1] != "ard":
            found = _DIN.match(word)
            if found and len(found["stem"]) > 2:
                return found["stem"].rstrip("aeou") + "din"
        if word.startswith(("abu", "abou")) and word[3:4] != "d":
            return "abu" + word[3 if word[2] == "u" else 4 :]
    return word


def arabic(words: list[str]) -> list[str]:
    """Words with Arabic compounds made one, so that each is compared as the one name it is.

    ``["abd", "al", "rahman"] → ["abdrahman"]``, ``["nur", "ud", "din"] → ["nurdin"]``, ``["abu", "bakr"] → ["abubakr"]``;
    articles go, ``["al", "assad"] → ["assad"]``. Names without such words stay as they are.
    """
    out: list[str] = []
    at, count = 0, len(words)
    while at < count:
        word = words[at]
        following = words[at + 1] if at + 1 < count else ""
        if word in _ABD and following:
            after = at + 1
            if following in _ARTICLES and at + 2 < count:
                after = at + 2
            name = words[after]
            if name in _ALLAH_ALONE:
                out.append("abdallah")
                at = after + 1
                continue
            if len(name) > 2:
                out.append("abd" + _one_word(name))
                at = after + 1
                continue
        if word in _ABU and following:
            after = at + 2 if following in _ARTICLES and at + 2 < count else at + 1
            out.append("abu" + _one_word(words[after]))
            at = after + 1
            continue
        if out and word in _ARTICLES and following in _DIN_ALONE:
            out[-1] = out[-1].rstrip("aeou") + "din"
            at += 2
            continue
        if out and word in _DIN_ALONE and len(out[-1]) > 2:
            out[-1] = out[-1].rstrip("aeou") + "din"
            at += 1
            continue
        if out and word in _ALLAH_ALONE and len(out[-1]) > 2:
            out[-1] = out[-1].rstrip("aeou") + "allah"
            at += 1
            continue
        if word in _LOOSE_ARTICLES and following and (out or word in ("al", "el")):
            at += 1
            continue
        out.append(_one_word(word))
        at += 1
    return out


_KOREAN = (
    (re.compile(r"^(?:yi|lee|rhee|ri|li|rhi|yee)$"), "i"), (re.compile(r"^park$"), "pak"), (re.compile(r"^(?:noh|roh|ro)$"),
    "no"),
    (re.compile(r"^(?:lim|rim|yim)$"), "im"), (re.compile(r"^ryu|^yoo|^you(?!n)"), "yu"),
    (re.compile(r"^(?:choi|choe|chey)$"), "choe"),
    (re.compile(r"young|yeong"), "yong"), (re.compile(r"hyun"), "hyon"),
    (re.compile(r"kyung|kyeong|gyeong|gyung|kyong|gyong"), "kyong"),
    (re.compile(r"jung|jeong|chung|cheong|jong"), "chong"), (re.compile(r"myung|myeong"), "myong"),
    (re.compile(r"sung|seong"), "song"),
    (re.compile(r"eo"), "o"), (re.compile(r"eu"), "u"), (re.compile(r"oo|woo|ou|wu"), "u"), (re.compile(r"^shi"), "si"),
    (re.compile(r"ph"), "p"), (re.compile(r"th"), "t"), (re.compile(r"kh"), "k"), (re.compile(r"^g|^kk"), "k"),
    (re.compile(r"^d"), "t"), (re.compile(r"^b"), "p"), (re.compile(r"^j"), "ch"), (re.compile(r"^l"), "r"),
    (re.compile(r"hyuk|hyeok"), "hyok"), (re.compile(r"chul|cheol|chol"), "chol"), (re.compile(r"suk|seok"), "sok"),
    (re.compile(r"aek"), "aek"),
)  # fmt: skip


def looks_korean(words: list[str]) -> bool:
    """Whether a person's name has a Korean surname at an end and words that could be its syllables."""
    return 2 <= len(words) <= 4 and (words[0] in KOREAN_SURNAMES or words[-1] in KOREAN_SURNAMES) and all(
        len(word) <= 7 for word in words
    ) and sum(map(len, words)) / len(words) < 5  # fmt: skip


@lru_cache(maxsize=20_000)
def korean(word: str) -> str:
    """A Korean syllable or name in the one of its many spellings that all are brought to: "cho", "jo" → "cho"."""
    for pattern, letters in _KOREAN:
        word = pattern.sub(letters, word)
    return re.sub(r"(.)\1+", r"\1", word)


def looks_arabic(words: list[str]) -> bool:
    """Whether a person's name has an article, a "son of" or a compound of the Muslim world, or one of its commonest names."""
    return any(
        word in _LOOSE_ARTICLES
        or word in _SON
        or word in MUSLIM_NAMES
        or word.startswith(("abd", "abu"))
        and len(word) > 5
        for word in words
    )


def is_particle(word: str) -> bool:
    """Whether a word only joins others in a person's name."""
    return word in PARTICLES or word in _LOOSE_ARTICLES or word in _SON


# Wade–Giles without its marks → pinyin: "t'ung" and "tung" are both printed "tung"; the voiced one is taken.
_PINYIN_OF: dict[str, str] = {
    old: modern
    for modern, old in map(
        str.split, Path(__file__).with_name("wade_giles.txt").read_text(encoding="utf-8").splitlines()
    )
}
_PINYIN = frozenset(_PINYIN_OF.values()) | frozenset(
    "ping tong kai pang tang tai tian chen cai kang pei pan tan tao tie ting tu".split()
)
_WADE_GILES_ONLY = re.compile(r"ts|hs|^ch?ih$|tz|ung$|ieh$|^k[iu]|^p[aiou]|erh|uan|^j[eu]|eh$")


def pinyin_of(words: list[str]) -> str:
    """A Chinese name in Wade–Giles as pinyin: ``["mao", "tse", "tung"] → "mao zedong"``; empty for other names."""
    if not any(_WADE_GILES_ONLY.search(word) for word in words) or any(len(word) > 6 for word in words):
        return ""
    if all(word in _PINYIN for word in words) or not all(word in _PINYIN_OF for word in words):
        return ""
    found = [_PINYIN_OF[word] for word in words]
    return f"{found[0]} {''.join(found[1:])}"
