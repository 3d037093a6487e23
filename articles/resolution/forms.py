"""The forms in which a text names a record: its aliases, and the shorter forms that the press makes of them.

A person is named by surname, an organization by its initials or by the part of its name that no legal form or
generic word fills. Such derived forms are marked as what they are: they need evidence beside the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from articles.detection.gazetteer import Entry
from articles.detection.text import fold
from articles.detection.words import is_ordinary
from articles.resolution.adjectives import adjectives_of
from articles.resolution.translations import translations_of
from entities.matching.names.tables import GIVEN_NAMES
from entities.matching.types import AliasType, Kind, RecordView

# Family names that stand first in names of China, Korea, Vietnam and their neighbours. From general knowledge.
_FAMILY_FIRST = frozenset(
    [
        "ai",
        "an",
        "bae",
        "bai",
        "ban",
        "bao",
        "cai",
        "cao",
        "chae",
        "chan",
        "chang",
        "chen",
        "cheng",
        "cheong",
        "cho",
        "choe",
        "choi",
        "chon",
        "chow",
        "chu",
        "chun",
        "chung",
        "cui",
        "dai",
        "deng",
        "ding",
        "dong",
        "du",
        "duan",
        "fan",
        "fang",
        "feng",
        "fu",
        "gao",
        "ge",
        "geng",
        "gong",
        "gu",
        "guo",
        "ha",
        "han",
        "hao",
        "he",
        "ho",
        "hong",
        "hou",
        "hu",
        "huang",
        "hung",
        "hwang",
        "hyun",
        "im",
        "jang",
        "jeon",
        "jeong",
        "ji",
        "jia",
        "jiang",
        "jin",
        "jo",
        "joo",
        "jung",
        "kang",
        "kim",
        "ko",
        "kong",
        "koo",
        "kwak",
        "kwon",
        "lai",
        "lam",
        "lau",
        "lee",
        "lei",
        "leung",
        "li",
        "liang",
        "liao",
        "lim",
        "lin",
        "ling",
        "liu",
        "long",
        "lu",
        "luo",
        "ma",
        "mao",
        "meng",
        "min",
        "mo",
        "moon",
        "nam",
        "ng",
        "ngo",
        "nguyen",
        "ni",
        "noh",
        "oh",
        "pak",
        "pan",
        "park",
        "peng",
        "pham",
        "phan",
        "qian",
        "qin",
        "qiu",
        "qu",
        "ra",
        "ren",
        "rhee",
        "ri",
        "roh",
        "ryu",
        "seo",
        "shao",
        "shen",
        "shi",
        "shim",
        "shin",
        "sin",
        "so",
        "son",
        "song",
        "su",
        "suh",
        "sun",
        "tan",
        "tang",
        "tao",
        "thein",
        "tian",
        "to",
        "tran",
        "truong",
        "tsai",
        "tu",
        "vo",
        "vu",
        "wan",
        "wang",
        "wei",
        "wen",
        "won",
        "wong",
        "woo",
        "wu",
        "xi",
        "xia",
        "xiao",
        "xie",
        "xu",
        "xue",
        "yan",
        "yang",
        "yao",
        "ye",
        "yee",
        "yi",
        "yim",
        "yin",
        "yoo",
        "yoon",
        "you",
        "yu",
        "yuan",
        "yun",
        "zeng",
        "zhai",
        "zhang",
        "zhao",
        "zheng",
        "zhong",
        "zhou",
        "zhu",
        "zou",
    ]
)
_PARTICLES = frozenset(
    [
        "al",
        "el",
        "bin",
        "ben",
        "ibn",
        "bint",
        "von",
        "van",
        "der",
        "den",
        "de",
        "da",
        "di",
        "del",
        "della",
        "dos",
        "das",
        "du",
        "la",
        "le",
        "st",
        "abu",
        "ould",
        "ter",
        "ten",
        "zu",
        "af",
        "y",
        "do",
    ]
)
_WORDS = re.compile(r"[^\s\-‐–]+(?:[-‐–][^\s]+)?")
_PARENTHESIS = re.compile(r"\s{0,3}\([^)]{0,300}\)")
_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})


_REIGN = re.compile(r"([^\W\d_][\w’'-]+)( [IVX]+)? of [A-ZÀ-Þ][\w -]+")  # "Abdullah II of Jordan"


def surnames(name: str) -> list[str]:
    """The forms in which the press shortens a person's name: the family name, with and without its particles.

    ``"Ursula von der Leyen"`` → ``["Leyen", "von der Leyen"]``; ``"Xi Jinping"`` → ``["Xi"]``.
    """
    reign = _REIGN.fullmatch(_PARENTHESIS.sub("", name))
    if reign:
        return [
            form for form in dict.fromkeys((reign.group(1) + (reign.group(2) or ""), reign.group(1))) if len(form) > 3
        ]
    if "·" in name or "・" in name:
        last = re.split("[·・]", name)[-1].strip()  # "乔治·布什"
        return [last] if len(last) > 1 else []
    parts = [part.strip(",") for part in _PARENTHESIS.sub("", name).split()]
    while parts and parts[-1].lower() in _SUFFIXES:
        parts.pop()
    if len(parts) < 2 or not any(char.isalpha() for char in parts[-1]):
        return []
    first = fold(parts[0]).strip()
    given = parts[1:]
    if first in _FAMILY_FIRST and (
        (
            len(given) == 1
            and ("-" in given[0] or fold(given[0]).strip() not in _FAMILY_FIRST and _is_syllables(given[0]))
        )
        or (len(given) == 2 and all(_is_syllables(part) for part in given))
    ):
        return [parts[0]]
    position = len(parts) - 1
    found = [parts[position]]
    prefix, _, rest = parts[position].partition("-")
    if rest and prefix.lower() in _PARTICLES:
        found.append(rest)
    start = position
    while start > 1 and parts[start - 1].lower().strip(".'’") in _PARTICLES:
        start -= 1
    if start < position:
        found.append(" ".join(parts[start:]))
    elif len(parts) >= 3 and parts[-2][:1].isupper() and not parts[-2].endswith("."):
        found.append(" ".join(parts[-2:]))
    return [form for form in dict.fromkeys(found) if len(fold(form).strip()) > 1]


_FORMAL_NAME = {group.split()[0]: group.split()[1:] for group in GIVEN_NAMES}


def familiar(name: str) -> list[str]:
    """A person's full name as friends and the press have it: ``"James Baker"`` → ``["Jim Baker"]``."""
    first, *rest = name.split()
    short = _FORMAL_NAME.get(first.lower(), ()) if len(rest) == 1 and rest[0][:1].isupper() else ()
    return [f"{one.capitalize()} {rest[0]}" for one in short if len(one) < len(first)]


_SYLLABLES = re.compile(
    r"(?:(?:zh|ch|sh|ts|ky|hy|my|by|py|ry|ny|kk|pp|tt|[bcdfghjklmnpqrstwxyz])?[aeiouy]{1,3}(?:ng|n|r|k|l|m|p|t|h)?){1,3}"
)


def _is_syllables(word: str) -> bool:
    """True for what could be a Chinese or Korean given name in Latin letters."""
    return len(word) <= 10 and _SYLLABLES.fullmatch(fold(word).strip().replace(" ", "")) is not None


# Words that an organization's name can lose and still be known: legal forms, club designators, generic nouns.
# General vocabulary in the languages that news names them in.
_DISPENSABLE = frozenset(
    [
        "ag",
        "gmbh",
        "se",
        "sa",
        "sas",
        "spa",
        "srl",
        "bv",
        "nv",
        "plc",
        "ltd",
        "limited",
        "llc",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "companies",
        "group",
        "holding",
        "holdings",
        "international",
        "global",
        "worldwide",
        "enterprises",
        "industries",
        "gruppe",
        "kg",
        "kgaa",
        "oyj",
        "ab",
        "asa",
        "as",
        "oao",
        "ooo",
        "pao",
        "jsc",
        "ojsc",
        "pjsc",
        "pvt",
        "fc",
        "cf",
        "sc",
        "ac",
        "afc",
        "cfc",
        "sv",
        "vfb",
        "vfl",
        "tsv",
        "tsg",
        "fsv",
        "ssv",
        "bsc",
        "rb",
        "us",
        "ss",
        "ssc",
        "fk",
        "nk",
        "sk",
        "kf",
        "if",
        "bk",
        "cd",
        "ud",
        "sd",
        "rc",
        "rcd",
        "as",
        "club",
        "football",
        "futbol",
        "e.v",
        "ev",
        "gaa",
        "movement",
        "organisation",
        "organization",
        "party",
        "partei",
        "parti",
        "partido",
        "agency",
        "news",
        "broadcasting",
        "channel",
        "television",
        "tv",
        "network",
        "newspaper",
        "magazine",
        "daily",
        "group",
        "foundation",
        "stiftung",
        "institute",
        "institut",
        "association",
        "society",
        "union",
        "committee",
        "front",
        "army",
        "militia",
        "faction",
    ]
)
_CALENDAR = frozenset(
    "january february march april may june july august september october november december"
    " monday tuesday wednesday thursday friday saturday sunday".split()
)
# Of these the name's bare remainder is what the press prints even where it is one word.
_FORMAL = frozenset(
    [
        "ag",
        "gmbh",
        "se",
        "sa",
        "sas",
        "spa",
        "srl",
        "bv",
        "nv",
        "plc",
        "ltd",
        "limited",
        "llc",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "group",
        "holding",
        "holdings",
        "international",
        "oyj",
        "ab",
        "asa",
        "oao",
        "ooo",
        "pao",
        "jsc",
        "ojsc",
        "pjsc",
        "pvt",
        "fc",
        "cf",
        "sc",
        "ac",
        "afc",
        "cfc",
        "sv",
        "vfb",
        "vfl",
        "tsv",
        "tsg",
        "fsv",
        "ssv",
        "bsc",
        "ssc",
        "fk",
        "nk",
        "sk",
        "kf",
        "bk",
        "cd",
        "ud",
        "rcd",
        "club",
        "movement",
        "agency",
        "news",
    ]
)
_SMALL = frozenset(
    [
        "of",
        "the",
        "and",
        "for",
        "in",
        "on",
        "to",
        "a",
        "an",
        "de",
        "la",
        "du",
        "des",
        "le",
        "les",
        "del",
        "der",
        "die",
        "das",
        "und",
        "y",
        "e",
        "et",
        "für",
        "von",
        "&",
        "-",
    ]
)
_PLACE_TAIL = re.compile(r"\s{1,3}(?:in|of|for|from)\s{1,3}(?:the\s{1,3})?\S{1,60}(?:\s\S{1,60})?$")


def initials(name: str) -> list[str]:
    """The acronyms that an organization's name would make: ``"International Court of Justice"`` → ``ICJ``, ``ICOJ``."""
    found = []
    bare = _PARENTHESIS.sub("", name)
    for form in (bare, _PLACE_TAIL.sub("", bare)):
        words = [word for word in re.split(r"[\s\-‐–/]+", form) if word and word[0].isalnum()]
        big = [word for word in words if word.lower() not in _SMALL]
        if len(big) < 2:
            continue
        for chosen in (big, words):
            letters = "".join(word[0] for word in chosen)
            if 2 <= len(letters) <= 7 and any(char.isalpha() for char in letters):
                found.append(letters.upper())
    return list(dict.fromkeys(found))


_COUNTS = {
    "three": 3, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twenty": 20, "77": 77,
    "seventy-seven": 77,
}  # fmt: skip


_PARTY = re.compile(r"^(?:The )?((?:[A-Z][\w-]+ ){0,2})([A-Z][\w-]+) (?:Party|Union|Alliance)(?: of .*)?$")


def members(name: str) -> list[str]:
    """What a party's people are called, and so the party: ``"Social Democratic Party"`` → ``["Social Democrats"]``."""
    match = _PARTY.match(name)
    if match is None:
        return []
    before, last = match.groups()
    if last == "Democratic":
        return [f"{before}Democrats", f"{before}Democrat"]
    if last.endswith(("ist", "al", "ican", "ive", "een", "our", "ian")) and not before:
        return [last] if last in ("Labour", "Labor") else [f"{last}s"]
    return []


# What German, Dutch and the Nordic languages join to the word that tells.
_JOINED = re.compile(r"(\w{5,}?)s?(?:bewegung|partei|verband|bund|beweging|partij|partiet|parti|rörelse|bevægelse)")


def peoples(name: str) -> list[str]:
    """How the press names one of a people: ``"Arabs"`` → ``["Arab", …]``, ``"Rohingya people"`` → ``["Rohingya"]``."""
    people = re.fullmatch(r"(\w+) people", name)
    if people:
        return [people.group(1)]
    faith = re.fullmatch(r"([A-Z][\w-]{3,})ism", name)
    if faith:
        return [faith.group(1), f"{faith.group(1)}s"]
    if re.fullmatch(r"[A-Z][a-z]{3,}[^s]s", name):
        return [name[:-1], f"{name[:-1]}ish"]
    return []


def cores(name: str) -> list[str]:
    """What is left of an organization's name without its legal form and generic words.

    ``"FC Schalke 04"`` → ``["Schalke"]``; ``"Houthi movement"`` → ``["Houthi", "Houthis"]``.
    """
    bare = _PARENTHESIS.sub("", name)
    words = bare.split()
    if len(words) < 2:
        joined = _JOINED.fullmatch(bare)
        return [joined.group(1)] if joined else []
    kept = [word for word in words if fold(word).strip() not in _FORMAL and not re.fullmatch(r"\d\d+\.?|1\.", word)]
    kept = [word for word in kept if not re.fullmatch(r"(?:[A-Z]\.){2,}[A-Z]?\.?", word)]
    found = []
    if kept and len(kept) < len(words) and (len(kept) > 1 or len(kept[0]) > 3):
        found.append(" ".join(kept))
        if words[-1].lower() in ("movement", "group", "army", "front") and len(kept) == 1 and not kept[0].endswith("s"):
            found.append(f"{kept[0]}s")
    found.extend(members(bare))
    if "/" in bare:
        found.extend(part.strip() for part in bare.split("/") if len(part.strip()) > 4)  # "Alliance 90/The Greens"
    number = re.match(r"^Group of (\w+)$", bare)
    if number and number.group(1).lower() in _COUNTS:
        found.extend((f"G{_COUNTS[number.group(1).lower()]}", f"G-{_COUNTS[number.group(1).lower()]}"))
    tail = _PLACE_TAIL.search(bare)
    if tail and tail.start() > 8 and " " in bare[: tail.start()] and bare[tail.end() - 1 :].isalpha():
        found.append(bare[: tail.start()])
    return [form for form in found if any(char.isupper() for char in form) and form.lower() not in _CALENDAR]


def parts(name: str) -> list[str]:
    """Single words by which an organization may go when the text has named it, or when no other shares them."""
    words = [word.strip(",.()") for word in _PARENTHESIS.sub("", name).split()]
    if not 2 <= len(words) <= 4:
        return []
    # Of "SV Werder Bremen" it is "Werder" or "Bremen".
    telling = [word for word in words if word.lower() not in _DISPENSABLE and word.strip(".")[:1].isalpha()]
    found = [
        word
        for word in dict.fromkeys((words[0], words[-1], *telling[:1], *telling[-1:]))
        if len(word) >= 4 and word[0].isupper() and word.lower() not in _DISPENSABLE | _SMALL | _CALENDAR
    ]
    return found + [_EXONYMS[word] for word in found if word in _EXONYMS]


# Towns that clubs and bodies have in their names in the language of the place. From general knowledge.
_EXONYMS = {
    "Nürnberg": "Nuremberg", "Köln": "Cologne", "München": "Munich", "Roma": "Rome", "Milano": "Milan", "Torino": "Turin",
    "Napoli": "Naples", "Genève": "Geneva", "Lisboa": "Lisbon", "Sevilla": "Seville", "Praha": "Prague", "Wien": "Vienna",
    "Warszawa": "Warsaw", "Beograd": "Belgrade", "Firenze": "Florence", "Venezia": "Venice", "Moskva": "Moscow",
    "Bruxelles": "Brussels", "København": "Copenhagen", "Göteborg": "Gothenburg", "Zürich": "Zurich",
}  # fmt: skip


_SUBJECT_OF = re.compile(r"\s(?:for|on|of|between|among|concerning|relating|regarding|against|with|in|to|about)\s.*$")
_SORT = re.compile(
    r"\b(?:Treat(?:y|ies)|Agreements?|Accords?|Pact|Protocols?|Conventions?|Declaration|Memorandum|Charter|Act|Statute|Deal"
    r"|Framework|Initiative|Compact|Concordat|Covenant|Armistice|Settlement|Process|Plan)\b"
)
_TITLED = re.compile(
    rf"(?P<head>(?:[A-Z][\w-]+ ){{0,2}}{_SORT.pattern} (?:of|on|for) [^,]{{6,60}}?),?"
    r" (?:(?:of \d{4} )?(?:in|between|among|with|against)|(?<!of )on|for) (?:the )?[A-Z]"
)
_LEADING_DATE = re.compile(r"^(?:\d{4}|(?:[A-Z][a-z]+ \d{1,2},?)|\d{1,2} [A-Z][a-z]+)\s+")


_PLACED = re.compile(rf"(?P<place>[A-ZÀ-Þ][\w’'-]+) (?P<kind>(?:[A-Z][\w-]+ ){{2,3}})(?P<sort>{_SORT.pattern})")


def heads(name: str) -> list[str]:
    """A long title without what it is about: ``"General Framework Agreement for Peace in …"`` → its first three words."""
    bare = _LEADING_DATE.sub("", name)
    head = _SUBJECT_OF.sub("", bare)
    found = [] if bare == name else [bare]
    words = head.split()
    if head != bare and len(words) >= 2 and _SORT.search(head) and sum(word[:1].isupper() for word in words) >= 2:
        found.append(head)
    titled = _TITLED.match(bare)
    if titled and titled.group("head").split()[-1][0].isupper():
        found.append(titled.group("head"))  # "Treaty of Amity and Cooperation [in Southeast Asia]"
    placed = _PLACED.fullmatch(bare)
    if placed and not is_ordinary(placed.group("place")) and all(map(is_ordinary, placed.group("kind").split())):
        found.append(placed.group("kind") + placed.group("sort"))  # "[Rome] General Peace Accords"
    return [form for form in found if len(form.split()) >= 2]


_NAMED_SORT = re.compile(
    r"(?P<name>[A-ZÀ-Þ][\w’'-]+(?:[ -][A-ZÀ-Þ0-9][\w’'-]*){0,2}?) (?:[Pp]eace )?"
    r"(?P<sort>Agreements?|Accords?|Treaty|Pact|Deal|[Pp]lan|Protocols?|Memorandum"
    r"|Ceasefire(?: Agreement)?|Truce|Armistice)"
)
_SORTS = {
    "agreement": ("agreement", "agreements", "accord", "accords", "deal", "pact", "peace agreement", "peace accord",
                  "peace deal"),
    "treaty": ("treaty", "pact"), "ceasefire": ("ceasefire", "truce", "armistice", "ceasefire agreement"),
    "plan": ("plan", "peace plan"),
    # "The Kyoto treaty", "the Lusaka accord": what they are by law, and nobody says.
    "protocol": ("protocol", "accord", "accords", "agreement", "agreements", "deal", "treaty", "pact", "peace accord",
                 "peace agreement", "peace deal"),
    "memorandum": ("memorandum", "accord", "agreement", "deal"),
}  # fmt: skip


def sorts(name: str) -> list[str]:
    """An agreement by its place and another word of its sort: ``"Algiers Agreement"`` → ``["Algiers accord", …]``."""
    match = _NAMED_SORT.fullmatch(name)
    if match is None:
        return _turned(name)
    called, sort = match.group("name"), match.group("sort").lower().removesuffix("s")
    sort = "ceasefire" if sort in ("truce", "armistice", "ceasefire agreement") else sort
    found = [f"{called} {word}" for word in _SORTS[sort if sort in _SORTS else "agreement"]]
    found.extend(_turned(name))
    return [*found, f"{called}’s plan"] if sort == "plan" else found


_PLACE_FIRST = re.compile(rf"(?P<place>[A-ZÀ-Þ][\w’'-]+) (?P<sort>(?:[A-Z][\w-]+ )?{_SORT.pattern})", re.IGNORECASE)
_PLACE_LAST = re.compile(rf"(?P<sort>{_SORT.pattern}) of (?P<place>[A-ZÀ-Þ][\w’'-]+)")


def _turned(name: str) -> list[str]:
    """The same with its place at the other end: ``"Brasilia Presidential Act"`` → ``["Presidential Act of Brasilia", …]``."""
    first, last = _PLACE_FIRST.fullmatch(name), _PLACE_LAST.fullmatch(name)
    found = first or last
    if found is None or not found.group("place")[0].isupper() or is_ordinary(found.group("place")):
        return []
    place, sort = found.group("place"), found.group("sort")
    if first is not None:
        kind, _, whole = sort.rpartition(" ")
        if kind and not is_ordinary(kind):
            return []  # "Camp David Accords"
        return [f"{sort} of {place}"] + ([] if kind else [f"{whole.lower()} of {place}"])
    words = _SORTS.get(sort.lower(), (sort.lower(),))
    return [f"{place} {word}" for word in words] + [f"{word} of {place}" for word in words]


def venues(name: str) -> list[str]:
    """The place or person that an agreement is called by: ``"Sunningdale Agreement"`` → ``["Sunningdale"]``."""
    match = _VENUE.fullmatch(name)
    if match is None:
        return []
    called = (match.group("before") or match.group("after")).split()
    if len(called) > 1 and is_ordinary(called[1]) and not is_ordinary(called[0]):
        called = called[:1]  # "Brasilia Presidential Act", "Wye River Memorandum"
    if match.group("after") and is_ordinary(called[0]):
        return []  # "Declaration of Cooperation"
    return [" ".join(called)] if len(" ".join(called)) >= 3 else []


def abroad(name: str) -> list[str]:
    """An agreement called by one place, as other languages say it: ``"Cotonou Agreement"`` → ``["accord de Cotonou", …]``."""
    places = [place for place in venues(name) if " " not in place]
    if not places or len(name.split()) > 4:
        return []
    sort = next((word for word in _ABROAD if word in name.lower()), "")
    return [
        f"{word} {'d’' if language == 'fr' and place[0] in 'AEIOUÉ' else _OF_ABROAD[language]}{place}"
        for place in places
        for language, words in _ABROAD.get(sort, {}).items()
        for word in words
    ]


_OF_ABROAD = {"fr": "de ", "es": "de ", "de": "von ", "it": "di ", "pt": "de "}
_ACCORDS_ABROAD = {
    "fr": ("accord", "accords"), "es": ("acuerdo", "acuerdos"), "de": ("Abkommen", "Vereinbarung"),
    "it": ("accordo", "accordi"), "pt": ("acordo", "acordos"),
}  # fmt: skip
#: Sort → language → the words that such agreements go by there. From general knowledge.
_ABROAD = {
    "treaty": {"fr": ("traité",), "es": ("tratado",), "de": ("Vertrag", "Vertrags"), "it": ("trattato",), "pt": ("tratado",)},
    "convention": {
        "fr": ("convention",), "es": ("convenio", "convención"), "de": ("Übereinkommen", "Konvention"),
        "it": ("convenzione",), "pt": ("convenção",),
    },
    "protocol": {
        "fr": ("protocole",), "es": ("protocolo",), "de": ("Protokoll",), "it": ("protocollo",), "pt": ("protocolo",),
    },
    "declaration": {
        "fr": ("déclaration",), "es": ("declaración",), "de": ("Erklärung",), "it": ("dichiarazione",), "pt": ("declaração",),
    },
    "agreement": {**_ACCORDS_ABROAD, "fr": ("accord", "accords", "convention")}, "accord": _ACCORDS_ABROAD,
}  # fmt: skip


_VENUE = re.compile(
    rf"(?P<before>[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)??)(?: (?:General )?[Pp]eace)? (?i:{_SORT.pattern})"
    rf"|{_SORT.pattern} of (?P<after>[A-ZÀ-Þ][\w’'-]+)"
)


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


def entries(record: RecordView, *, derive: bool = True) -> Iterator[Entry]:
    """Every way in which a text may name a record.

    Args:
        derive: also yield shortened forms (surnames, initials, cores); left out for the obscure in huge catalogues.
    """
    prominence = record.prominence or 0
    seen: set[tuple[str, str, bool]] = set()

    def entry(text: str, sense: str, weak: bool) -> Iterator[Entry]:
        for form in (text, text.translate(_UMLAUTS)):
            key = (fold(form).strip(), sense, form[:1].islower())
            if key[0] and key not in seen:
                seen.add(key)
                yield Entry(record.id, record.kind, form, sense, weak, prominence)

    whole: set[str] = set()
    for number, name in enumerate(record.names):
        text = (_PARENTHESIS.sub("", name.text) or name.text) if number == 0 else name.text
        # "Washington (state)": what must be told apart by brackets is not what the bare name means first.
        sense = "main" if number == 0 and not name.is_sense and text == name.text else name.type.value
        whole.add(fold(text).strip())
        yield from entry(text, sense, name.weak)
        if name.weak and text.startswith("the ") and record.kind is Kind.ORGANIZATION:
            yield from entry(text[4:], sense, True)  # "the Treasury", "Treasury officials"
    if record.kind is not Kind.PERSON:
        for name in record.names:
            is_place = name.type is AliasType.METONYM
            if is_place or record.kind is not Kind.STATE:
                for form in translations_of(name.text):
                    yield from entry(form, AliasType.METONYM if is_place else AliasType.NATIVE, name.weak)
    if record.kind is Kind.STATE:
        if derive:
            yield from (one for form in peoples(record.name) for one in entry(form, AliasType.DEMONYM, False))
            for form in adjectives_of(record.names):
                yield from entry(form, AliasType.ADJECTIVE, False)
        return
    if not derive:
        return
    for number, name in enumerate(record.names):
        if name.weak or name.is_sense or name.type in (AliasType.NICKNAME, AliasType.ACRONYM, AliasType.TITLE):
            continue
        if record.kind is Kind.AGREEMENT:
            derived = [("core", form) for form in (*heads(name.text), *sorts(name.text), *abroad(name.text))]
            derived += [("part", form) for form in venues(name.text)]
        elif record.kind is Kind.PERSON:
            derived = [("surname", form) for form in surnames(name.text) if form.lower() not in _CALENDAR - {"may"}]
            for form in familiar(name.text):
                if fold(form).strip() not in whole:
                    yield from entry(form, AliasType.NICKNAME, False)
        else:
            derived = [("core", form) for form in cores(name.text)]
            derived += [("initials", form) for form in initials(name.text)]
            if number == 0:
                derived += [("part", form) for form in parts(name.text)]
        for sense, form in derived:
            key = fold(form).strip()
            if len(key) > 1 and key not in whole:
                yield from entry(form, sense, True)
