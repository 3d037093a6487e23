"""Names of states in every language that CLDR has: which one a name is, or holds."""

from __future__ import annotations

from functools import lru_cache

from babel.localedata import locale_identifiers

from entities.matching.cldr import locales
from entities.matching.normalize import name_key, script_of
from entities.matching.romanize import romanize

_MAIN = ("en", "fr", "es", "pt", "de", "it", "nl", "pl", "ru", "tr", "ar", "fa", "id")
_NO_STATE = frozenset(("EU", "EZ", "UN", "QO", "XA", "XB"))
_STEM = 4  # letters that a declined name and its dictionary form must share at least
_ENDINGS = frozenset("n an ian ien ienne i iya iyya e s ans ians ese ish isch ische ais aise".split())
_UNSPACED = ("Han", "Katakana", "Hangul", "Thai", "Lao", "Khmer", "Myanmar")
# What official names say beside the place, begun in many languages: of two states that share a name it tells one.
_DEMOCRATIC = (
    "democra",
    "demokr",
    "demokra",
    "dimuqrat",
    "dimukrat",
    "minzhu",
    "minju",
    "минжу",
    "dcongo",
    "dr",
    "rd",
    "rdc",
    "drc",
    "xchdr",
)
_SHARED = {"korea": "KR", "kore": "KR", "corea": "KR", "coree": "KR", "coreia": "KR", "congo": "CG", "kongo": "CG"}
_TWINS = {"KP": ("KR", "KP"), "KR": ("KR", "KP"), "CD": ("CG", "CD"), "CG": ("CG", "CD")}  # (plain, democratic)


@lru_cache(maxsize=1)
def territories() -> dict[str, str]:
    """Name (its key, and romanised) → code, from CLDR in every language that Babel has; ambiguous names are left out."""
    found: dict[str, str] = {}
    doubtful = set()
    wanted = [
        one for one in locale_identifiers() if "_" not in one or one in ("zh_Hant", "sr_Latn", "pt_PT", "uz_Cyrl")
    ]
    # As one text for each locale: names kept one by one would hold on to the memory that the rest of it filled.
    named = ["\n".join(f"{code} {name}" for code, name in locale.territories.items()) for _, locale in locales(wanted)]
    for lines in named:
        for code, _, name in (line.partition(" ") for line in lines.split("\n")):
            if len(code) == 2 and code.isalpha() and code not in _NO_STATE:
                for key in {name_key(name), romanize(name)}:
                    if found.setdefault(key, code) != code:
                        doubtful.add(key)
    for key in doubtful:
        del found[key]
    return found


@lru_cache(maxsize=1)
def _main_territories() -> dict[str, str]:
    """``territories`` of the languages that organizations' names mostly come in: a tenth of the time to load."""
    found: dict[str, str] = {}
    for _, locale in locales(_MAIN):
        for code, name in locale.territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NO_STATE:
                key = romanize(name)
                found[key] = code if found.get(key, code) == code else ""
    return {key: code for key, code in found.items() if code}


@lru_cache(maxsize=2)
def _stems(*, main: bool = False) -> dict[str, str]:
    """The beginnings of one-word names → code, where one state's names alone begin so."""
    found: dict[str, str] = {}
    for key, code in (_main_territories() if main else territories()).items():
        if " " in key or not key.isalpha():
            continue
        for size in range(min(len(key), _STEM if not key.isascii() else _STEM + 1), len(key) + 1):
            stem = key[:size]
            if len(key) - size > 4:
                continue
            found[stem] = code if found.get(stem, code) == code else ""
    return {stem: code for stem, code in found.items() if code}


@lru_cache(maxsize=1)
def _unspaced() -> tuple[str, ...]:
    names = (name for name in territories() if script_of(name) in _UNSPACED and len(name) > 1)
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


def territory_of(key: str, words: list[str]) -> str:
    """The code of the one state that a name is or holds ("République du Burundi"); empty if none or several.

    Args:
        key: the name's normal form.
        words: its romanised words.
    """
    code = _territory_of(key, words) or _shared(words)
    if code in _TWINS:
        plain, democratic = _TWINS[code]
        if any(word.startswith(_DEMOCRATIC) for word in words) or any(said in key for said in ("民主", "민주")):
            return democratic
    return code


def _shared(words: list[str]) -> str:
    """The plain one of two states that share a name, for an official name: "Republic of Korea"."""
    if len(words) > 1:
        for beginning, code in _SHARED.items():
            if any(word.startswith(beginning) for word in words):
                return code
    return ""


def _territory_of(key: str, words: list[str]) -> str:
    known = territories()
    found = known.get(key) or known.get(" ".join(words))
    if found:
        return found
    printed = key.split()
    for size in range(min(5, max(len(words), len(printed))), 0, -1):
        codes = set()
        for listed in (words, printed):
            for start in range(len(listed) - size + 1):
                code = known.get(" ".join(listed[start : start + size]))
                if code and (size > 1 or len(listed[start]) > 3 or not listed[start].isascii()):
                    codes.add(code)
        if codes:
            return codes.pop() if len(codes) == 1 else ""
    if len(printed) == 1 and not key.isascii():
        for name in _unspaced():  # the longest first
            if name in key:
                return known[name]
    stems = _stems()
    codes = set()
    for listed in {tuple(words), tuple(printed)}:
        for word in listed:
            for size in range(len(word), _STEM - 1, -1):
                code = stems.get(word[:size])
                if code and len(word) - size <= 4:
                    codes.add(code)
                    break
    return codes.pop() if len(codes) == 1 else ""


@lru_cache(maxsize=50_000)
def country_of(word: str) -> str:
    """The code of the state that one romanised word names or is derived from: "iran", "iranian", "rossiya"; or empty."""
    found = _main_territories().get(word, "")
    if not found and len(word) > _STEM + 1:
        stems = _stems(main=True)
        for size in range(len(word), _STEM - 1, -1):
            found = stems.get(word[:size], "")
            if found:
                # What follows a short name must be an ending: "Mali" is not in "Malik", but in "Malian".
                fits = word[size:] in _ENDINGS if size <= _STEM else len(word) - size <= 4
                return found if fits else ""
    return found


def is_territory(word: str) -> bool:
    """Whether a romanised name is a state's in one of the languages that organizations' names mostly come in."""
    return word in _main_territories()


# What states whose name begins with another letter abroad are called at home, romanised: general knowledge.
_AT_HOME = {
    code: tuple(names.split("/"))
    for code, names in (
        pair.split(":")
        for pair in (
            "AL:shqiperi AM:hayastan AT:osterreich BE:belgie BT:druk CH:suisse/schweiz/confederation CN:zhongguo/zhonghua"
            " CY:kypros CZ:cesko/ceska"
            " CI:ivoire DE:deutschland/allemagne DZ:jazair EG:misr EE:eesti ER:ertra ES:espana/euskadi FI:suomi"
            " FO:foroyar GE:sakartvelo GL:kalaallit GR:ellada/hellas HR:hrvatska HU:magyar IE:eire IL:yisrael IN:bharat IS:island"
            " JO:urdun JP:nihon/nippon KH:kampuchea KM:komor KP:choson KR:hanguk/daehan LB:lubnan LK:lanka/ilankai LT:lietuva"
            " MA:maghrib ME:crna MV:dhivehi MM:myanmar/burma NL:nederland NO:norge/noreg OM:uman PG:papua PS:filastin/falastin"
            " PL:polska SE:sverige SY:suriya/sham SZ:eswatini TH:thai TN:tunis TR:turkiye US:etats/estados/amerika UZ:ozbekiston"
            " VN:viet ZA:suid/azania ZW:zimbabwe EU:union"
        ).split()
    )
}


def own_names(code: str) -> tuple[str, ...]:
    """What a state is called at home where that begins with another letter: ``own_names("AL") == ("shqiperi",)``."""
    return _AT_HOME.get(code, ())
