"""Seeded names of people, organizations and places, and the ways in which a query for one of them goes wrong.

Nothing here is random beyond its seed: the same seed and size give the same names and queries on every machine, as
long as the pinned Babel gives the same places.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from babel import Locale

# For each culture: common given names, and the syllables and endings its surnames are built of.
_CULTURES: tuple[tuple[int, str, str, str, str, str], ...] = (
    # weight, given names, onsets, nuclei, codas, endings
    (
        20,
        "James John Robert Michael William David Richard Joseph Thomas Charles Mary Patricia Jennifer Linda Elizabeth "
        "Barbara Susan Jessica Sarah Karen Daniel Matthew Anthony Mark Donald Steven Paul Andrew Joshua Kenneth Emily "
        "Margaret Ruth Helen Samuel Gregory Frank Alexander Raymond Patrick Jack Dennis Jerry Laura Alice Judith Grace",
        "B Br C Ch Cl D F Fl G Gr H J K L M N P R S Sh St T Th W Wh",
        "a e i o u ea oo ou ar er or",
        "l n r s t ck ll nd rt st m d",
        "son ton ley man ford field er ham wood ing s well worth ell ard by",
    ),
    (
        16,
        "Ivan Sergei Vladimir Alexei Dmitri Nikolai Mikhail Andrei Viktor Yuri Boris Pavel Oleg Igor Anatoly Vasily "
        "Konstantin Natalia Olga Tatiana Elena Irina Svetlana Ludmila Maria Anna Galina Petro Taras Ihor Oksana "
        "Bohdan Zoran Dragan Milan Jovan Goran Marek Tomasz Piotr Jan Zbigniew Katarzyna",
        "B Br D Dr G Gr K Kr L M N P Pr R S Sh Ch T Tr V Vl Z Zh Kh Y",
        "a e i o u ya yu",
        "l n r s t k v d z m g b lk rn",
        "ov ev in sky enko chuk ich ovich ko uk ik yan owski czyk ova ina",
    ),
    (
        16,
        "Mohammed Ahmed Ali Hassan Hussein Omar Ibrahim Yusuf Khalid Abdullah Abdulrahman Mahmoud Mustafa Karim Said "
        "Nasser Tariq Faisal Salman Fatima Aisha Khadija Maryam Zainab Layla Samira Nadia Reza Mehdi Javad Hamid "
        "Masoud Farhad Nasrin Shirin Mehmet Emre Ayse Tayyip Murat Kemal",
        "B D F G H J K Kh M N Q R S Sh T W Y Z Gh",
        "a i u aa ee ou ai",
        "b d f h j k l m n q r s t z sh",
        "i awi ani ari oun ad im ir ah oglu zadeh pour ian iri er an",
    ),
    (
        14,
        "Jose Juan Luis Carlos Jorge Manuel Francisco Miguel Pedro Alejandro Fernando Rafael Ricardo Eduardo Roberto "
        "Maria Carmen Ana Isabel Lucia Rosa Elena Teresa Pilar Joao Paulo Antonio Marco Giovanni Giuseppe Luca Paolo "
        "Francesca Giulia Beatriz Mariana",
        "B C D F G J L M N P Q R S T V Z Al Ch",
        "a e i o u ue ie",
        "l n r s z d m rr ll nt rd",
        "ez es a o ado illo eiro era osa ini etti ella ano one",
    ),
    (
        12,
        "Wei Jing Li Min Hui Yan Ming Xiao Hong Jun Lei Tao Yang Qiang Bo Feng Jian Ling Mei Na Hiroshi Kenji Takashi "
        "Yuki Akira Satoshi Keiko Yoko Sung-min Ji-hoon Min-jae Soo-jin Hye-jin Van Thi Duc Minh Quang",
        "B Ch D F G H J K L M N P Q R S Sh T W X Y Zh",
        "a e i o u ao ei ia ua ie",
        "n ng k t",
        "moto mura yama da no shi kawa ta hara to uchi n",
    ),
    (
        11,
        "Rajesh Amit Sanjay Vijay Anil Suresh Ramesh Sunil Ashok Deepak Priya Sunita Anita Lakshmi Arjun Krishna "
        "Kwame Kofi Ama Chinedu Ngozi Oluwaseun Adebayo Thabo Sipho Nomvula Tendai Amina Abebe Tesfaye Haile Wanjiru",
        "B Bh Ch D Dh G J K Kh L M Mb N Nd Ng P R S Sh T V Y",
        "a e i o u aa",
        "k l m n r s sh t y nd nk",
        "an eth ani ji ar am ula esh wal kar ngo bi la le we du mbe",
    ),
    (
        11,
        "Hans Klaus Wolfgang Heinrich Juergen Stefan Markus Ursula Ingrid Sabine Claudia Lars Sven Anders Bjorn Astrid "
        "Ingeborg Pierre Jean Francois Michel Philippe Jacques Nicolas Marie Claire Sophie Camille Willem Pieter "
        "Johannes Anneke Gyorgy Laszlo Istvan",
        "B Br D F Fr G H J K Kl Kr L M N R S Sch St T V W Z",
        "a e i o u au ei ie eu",
        "l n r s t ck ch ll nn tz ff rg rt",
        "mann er berg stein bach feld hoff sen ström in eau ier ard ois elle ink",
    ),
)
_PLACE_ENDINGS = "ville burg abad grad ton stad pur ovo iya holm polis mouth field port land dorf ac ana eira ovka su"
_FIELDS = (
    "Development Trade Cooperation Water Energy Transport Steel Agricultural Commercial Maritime Cultural Medical "
    "Technical Nuclear Petroleum Railway Mining Security Investment Housing Labour Youth Islamic Catholic Christian "
    "Democratic Socialist Liberal Green National People's Popular Workers' Farmers' Central Northern Southern Eastern "
    "Western Electric Textile Insurance Food Forest Space Aviation Statistics Fishing Tourism Press Chemical"
)
_TYPES = (
    "Bank Company Corporation Party Union Front Movement Council Agency Ministry Institute University Association "
    "Federation Committee Authority Organization Foundation Society Group Holding Commission Fund Academy Chamber "
    "Congress League Alliance Board Centre Office Service Network Trust Army Court"
)
# CLDR's codes for test languages, groups of states and the unknown.
_NO_PLACES = frozenset({"XA", "XB", "ZZ", "EU", "EZ", "QO", "UN"})
_SUFFIXES = ("", "", "", "", "", " Ltd", " LLC", " Inc", " JSC", " GmbH", " SA", " plc")


@dataclass(frozen=True, slots=True)
class Query:
    """A query, the number of the name it was made from, and how."""

    text: str
    target: int
    how: str


def city_names(locale: str) -> dict[str, str]:
    """The places that time zones are named after, in one language: CLDR code → name. Only what CLDR has."""
    zones = Locale.parse(locale).time_zones
    return {code: names["city"] for code, names in zones.items() if "city" in names}


def territory_names(locale: str) -> dict[str, str]:
    """The countries and territories in one language: CLDR code → name; regions such as "Europe" are left out."""
    return {
        code: name
        for code, name in Locale.parse(locale).territories.items()
        if code.isalpha() and code not in _NO_PLACES
    }


def _zipf(size: int, skew: float) -> list[float]:
    return list(accumulate(1 / (rank + 3) ** skew for rank in range(size)))


class NameMaker:
    """Makes names whose parts repeat as they do in life: a few very common ones and a long tail."""

    def __init__(self, seed: int, *, surnames: int = 9000, places: int = 12_000) -> None:
        self.random = random.Random(seed)
        self._weights = list(accumulate(culture[0] for culture in _CULTURES))
        self._fields, self._types = _FIELDS.split(), _TYPES.split()
        self._given = [culture[1].split() for culture in _CULTURES]
        self._surnames = [self._pool(culture, surnames) for culture in _CULTURES]
        self._surname_weights = _zipf(surnames, 0.8)
        self._given_weights = [_zipf(len(given), 0.7) for given in self._given]
        cities = [code.rpartition("/")[2].replace("_", " ") for code in sorted(city_names("de"))]
        self.places = sorted({*territory_names("en").values(), *cities}) + self._place_pool(places)
        self.random.shuffle(self.places)
        self._place_weights = _zipf(len(self.places), 0.6)

    def _pool(self, culture: tuple, size: int) -> list[str]:
        _, _, onsets, nuclei, codas, endings = (
            part if isinstance(part, int) else part.split() for part in culture
        )  # fmt: skip
        pool: dict[str, None] = {}
        choice = self.random.choice
        while len(pool) < size:
            word = choice(onsets) + choice(nuclei) + choice(codas)
            if self.random.random() < 0.45:
                word += choice(nuclei) + choice(codas)
            pool[word + choice(endings)] = None
        return list(pool)

    def _place_pool(self, size: int) -> list[str]:
        stems = [name for pool in self._surnames for name in pool[: size // 3]]
        endings = _PLACE_ENDINGS.split()
        pool: dict[str, None] = {}
        while len(pool) < size:
            pool[self.random.choice(stems)[:6].rstrip("aeiouy'-") + self.random.choice(endings)] = None
        return list(pool)

    def person(self) -> str:
        """A person: one to three given names or initials, one or two surnames, sometimes with a particle."""
        rnd = self.random
        culture = rnd.choices(range(len(_CULTURES)), cum_weights=self._weights)[0]
        given = rnd.choices(self._given[culture], cum_weights=self._given_weights[culture], k=2)
        surnames = rnd.choices(self._surnames[culture], cum_weights=self._surname_weights, k=2)
        shape = rnd.random()
        if shape < 0.5:
            return f"{given[0]} {surnames[0]}"
        if shape < 0.66:
            return f"{given[0]} {given[1]} {surnames[0]}"
        if shape < 0.76:
            return f"{given[0]} {given[1][0]}. {surnames[0]}"
        if shape < 0.88:
            return f"{given[0]} {surnames[0]} {surnames[1]}"
        if shape < 0.94:
            return f"{given[0]} {surnames[0]}-{surnames[1]}"
        return f"{given[0]} {rnd.choice(('al-', 'bin ', 'de ', 'van ', 'von ', 'da ', 'el-'))}{surnames[0]}"

    def place(self) -> str:
        return self.random.choices(self.places, cum_weights=self._place_weights)[0]

    def organization(self, place: str | None = None) -> str:
        """An organization, most with a place in the name."""
        rnd = self.random
        place = place or self.place()
        field, other, type_ = rnd.choice(self._fields), rnd.choice(self._fields), rnd.choice(self._types)
        shape = rnd.random()
        if shape < 0.3:
            name = f"{place} {field} {type_}"
        elif shape < 0.5:
            name = f"{field} {type_} of {place}"
        elif shape < 0.7:
            name = f"{type_} for {field} and {other} of {place}"
        elif shape < 0.85:
            culture = rnd.randrange(len(_CULTURES))
            owner = rnd.choices(self._surnames[culture], cum_weights=self._surname_weights)[0]
            name = f"{owner} {field} {type_}"
        else:
            name = f"{field} {other} {type_} {place}"
        return name + rnd.choice(_SUFFIXES)

    def names(self, size: int) -> Iterator[tuple[str, str]]:
        """``size`` different names as ``(kind, name)``: three quarters people, one quarter organizations."""
        seen: set[str] = set()
        while len(seen) < size:
            if self.random.random() < 0.75:
                kind, name = "person", self.person()
            else:
                kind, name = "organization", self.organization()
            if name not in seen:
                seen.add(name)
                yield kind, name


# --- What goes wrong in a query ---------------------------------------------------------------------------------------
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SPELLINGS = (
    ("ou", "u"), ("oo", "u"), ("ee", "i"), ("aa", "a"), ("kh", "h"), ("zh", "j"), ("sch", "sh"), ("tz", "ts"),
    ("ck", "k"), ("c", "k"), ("q", "k"), ("w", "v"), ("ph", "f"), ("y", "i"), ("j", "y"), ("ei", "ai"), ("e", "a"),
    ("o", "u"), ("dh", "d"), ("th", "t"), ("gh", "g"), ("ll", "l"), ("nn", "n"), ("ss", "s"), ("sky", "skii"),
    ("x", "ks"), ("ya", "ia"), ("yu", "iu"), ("ov", "off"), ("ev", "eff"), ("mohammed", "muhammad"), ("h", ""),
)  # fmt: skip


def _typo(rnd: random.Random, name: str) -> str:
    place = rnd.randrange(len(name))
    kind = rnd.randrange(4)
    if kind == 0:
        return name[:place] + name[place + 1 :]
    if kind == 1:
        return name[:place] + rnd.choice(_LETTERS) + name[place:]
    if kind == 2:
        return name[:place] + rnd.choice(_LETTERS) + name[place + 1 :]
    return name[:place] + name[place + 1 : place + 2] + name[place : place + 1] + name[place + 2 :]


def _swap(rnd: random.Random, name: str) -> str:
    parts = name.split()
    if len(parts) < 2:
        return _typo(rnd, name)
    cut = rnd.randrange(1, len(parts))
    return " ".join(parts[cut:] + parts[:cut])


def _join(rnd: random.Random, name: str) -> str:
    parts = name.split()
    if len(parts) < 2:
        return _typo(rnd, name)
    cut = rnd.randrange(1, len(parts))
    return " ".join([*parts[: cut - 1], parts[cut - 1] + parts[cut].lower(), *parts[cut + 1 :]])


def _drop(rnd: random.Random, name: str) -> str:
    parts = name.split()
    if len(parts) < 3:  # a lone surname means thousands: nobody could find the one that was meant
        return _typo(rnd, name)
    del parts[rnd.randrange(len(parts) - 1)]
    return " ".join(parts)


def _respell(rnd: random.Random, name: str) -> str:
    changed = name.lower()
    applicable = [pair for pair in _SPELLINGS if pair[0] in changed]
    for old, new in rnd.sample(applicable, min(len(applicable), rnd.choice((1, 2, 2, 3)))):
        changed = changed.replace(old, new)
    return changed if changed != name.lower() and changed.strip() else _typo(rnd, name)


_WAYS = {
    "typo": (_typo,),
    "two typos": (_typo, _typo),
    "swap": (_swap,),
    "join": (_join,),
    "drop": (_drop,),
    "respelling": (_respell,),
    "swap and typo": (_swap, _typo),
    "drop and typo": (_drop, _typo),
    "respelling and swap": (_respell, _swap),
}


def queries(names: list[str], size: int, seed: int) -> list[Query]:
    """``size`` queries for names chosen at random, each gone wrong in one of the ways of ``_WAYS``."""
    rnd = random.Random(seed)
    made = []
    while len(made) < size:
        target = rnd.randrange(len(names))
        how = rnd.choice(list(_WAYS))
        text = names[target]
        for step in _WAYS[how]:
            text = step(rnd, text)
        if text.strip() and text != names[target]:
            made.append(Query(text, target, how))
    return made


# --- Records, some of them twice --------------------------------------------------------------------------------------
_OCCUPATIONS = (
    "politician lawyer economist general judge engineer physician professor diplomat journalist banker teacher soldier "
    "writer priest historian farmer chemist architect activist"
).split()
_AGREEMENTS = "Treaty of {}|{} Agreement|{} Protocol|Convention of {}|{} Accords|Memorandum of {}|{} Trade Agreement"


@dataclass(frozen=True, slots=True)
class MadeRecord:
    """A record, and the number of the thing that it is a record of."""

    thing: int
    kind: str
    name: str
    aliases: tuple[str, ...] = ()
    begins: str = ""  # an ISO date or its prefix
    place: str = ""
    occupation: str = ""
    gender: str = ""
    wikidata: str = ""


def records(size: int, seed: int, *, things_twice: float = 0.08) -> Iterator[MadeRecord]:
    """``size`` records; of ``things_twice`` of the things there are two to four, which differ as sources do.

    People (three quarters), organizations, agreements; birthdays, places, occupations, some missing, some misprinted.
    Names repeat as they do in life, so there are many homonyms with facts of their own. Copies come long after.
    """
    maker = NameMaker(seed)
    rnd = maker.random
    waiting: list[MadeRecord] = []
    made = thing = 0
    while made < size:
        # Copies are spread over what follows: the order of records tells nothing.
        if waiting and rnd.random() < len(waiting) / (size / 20):
            at = rnd.randrange(len(waiting))
            waiting[at], waiting[-1] = waiting[-1], waiting[at]
            yield waiting.pop()
            made += 1
            continue
        thing += 1
        record = _record(maker, thing)
        if rnd.random() < things_twice:
            waiting.extend(_copied(rnd, record) for _ in range(rnd.choice((1, 1, 1, 2, 3))))
        yield record
        made += 1


def _record(maker: NameMaker, thing: int) -> MadeRecord:
    rnd = maker.random
    shape = rnd.random()
    wikidata = f"Q{10_000_000 + thing}" if rnd.random() < 0.3 else ""
    if shape < 0.75:
        name = maker.person()
        born = f"{1900 + int(100 * rnd.betavariate(3, 2))}-{rnd.randint(1, 12):02}-{rnd.randint(1, 28):02}"
        return MadeRecord(
            thing, "person", name,
            (_respell(rnd, name),) if rnd.random() < 0.25 else (),
            rnd.choices((born, born[:4], ""), (75, 15, 10))[0],
            maker.place() if rnd.random() < 0.5 else "",
            rnd.choice(_OCCUPATIONS) if rnd.random() < 0.6 else "",
            rnd.choice(("male", "female")) if rnd.random() < 0.7 else "",
            wikidata,
        )  # fmt: skip
    year = str(rnd.randint(1900, 2025))
    if shape < 0.97:
        name = maker.organization()
        return MadeRecord(thing, "organization", name, (), year if rnd.random() < 0.5 else "", wikidata=wikidata)
    name = rnd.choice(_AGREEMENTS.split("|")).format(maker.place())
    return MadeRecord(thing, "agreement", f"{name} {year}", (name,), year, wikidata=wikidata)


def _copied(rnd: random.Random, record: MadeRecord) -> MadeRecord:
    """Another source's record of the same thing."""
    name = record.name
    if rnd.random() < 0.7:
        ways = (_typo, _swap, _respell, _respell, _drop) if record.kind == "person" else (_drop_suffix, _respell)
        name = rnd.choice(ways)(rnd, name)
    begins = record.begins
    shape = rnd.random()
    if shape < 0.12:
        begins = ""
    elif shape < 0.22:
        begins = begins[:4]
    elif shape < 0.28 and len(begins) == 10:
        begins = begins[:-1] + str((int(begins[-1]) + rnd.randint(1, 8)) % 10)
    return MadeRecord(
        record.thing, record.kind, name, record.aliases if rnd.random() < 0.5 else (), begins,
        record.place if rnd.random() < 0.6 else "",
        record.occupation if rnd.random() < 0.7 else "",
        record.gender if rnd.random() < 0.8 else "",
        record.wikidata if rnd.random() < 0.3 else "",
    )  # fmt: skip


def _drop_suffix(rnd: random.Random, name: str) -> str:
    shorter = name.removesuffix(rnd.choice([suffix for suffix in _SUFFIXES if name.endswith(suffix)]))
    return shorter if shorter != name else name + " Ltd"


# Languages written in Latin letters with many own names for places: what a wire in that language would print.
_LANGUAGES = "de fr es it pt nl pl cs hu tr sv da fi id vi ro hr az lt lv sk sl et sq eu ca cy ga is ms sw uz"


def respelt_places() -> list[tuple[str, str, str]]:
    """Cities and countries that another language spells otherwise: ``(English, other, language)``.

    Straight from CLDR, so no rule of ours made a single one; full exonyms (Germany, Saksa) are among them.
    """
    found: dict[tuple[str, str], str] = {}
    english_cities = {code: code.rpartition("/")[2].replace("_", " ") for code in city_names("de")}
    english_cities.update(city_names("en"))
    english_territories = territory_names("en")
    for language in _LANGUAGES.split():
        for english, local in (
            (english_cities, city_names(language)),
            (english_territories, territory_names(language)),
        ):
            for code, name in sorted(local.items()):
                known = english.get(code)
                if known and known.casefold() != name.casefold() and len(known) > 3:
                    found.setdefault((known, name), language)
    return [(known, name, language) for (known, name), language in sorted(found.items())]


def respelt_names(seed: int, size: int) -> list[tuple[str, str]]:
    """``(name to index, query)``: organizations named after a place, in the query as another language names it.

    Only the place differs, as when a translated wire keeps the rest: finding the one among thousands of equally built
    names takes some part of the respelt place.
    """
    maker = NameMaker(seed)
    places = respelt_places()
    pairs: dict[str, str] = {}
    while len(pairs) < size:
        known, other, _ = maker.random.choice(places)
        state = maker.random.getstate()
        name = maker.organization(known)
        if known in name:
            maker.random.setstate(state)
            pairs.setdefault(name, maker.organization(other))
    return list(pairs.items())


def respelt_people(catalogue: Path, seed: int, size: int) -> list[tuple[str, str]]:
    """``(main name, other name)`` of people in a records file, as their sources spell them; one alias a person.

    Nicknames, titles and acronyms are left out: no spelling leads from them to the main name.
    """
    pairs = []
    with catalogue.open(encoding="utf-8") as stream:
        for line in stream:
            record = json.loads(line)
            if record.get("kind") != "person":
                continue
            aliases = [
                alias["name"]
                for alias in record.get("aliases") or ()
                if alias.get("type") in (None, "official", "short", "transliteration", "native")
                and alias["name"].casefold() != record["name"].casefold()
            ]
            if aliases:
                pairs.append((record["name"], aliases[-1]))
    random.Random(seed).shuffle(pairs)
    return pairs[:size]
