"""Wikidata's JSON: dump lines, a dump's array, or what ``Special:EntityData`` gives (https://www.wikidata.org/wiki/Wikidata:Data_model).

Items whose class leads to one of our kinds become rows; all others are skipped and counted. Keys are the items' ids, so
that what refers ahead ("citizen of Q794") finds its record whenever that comes. Titles of offices and subclasses stand in
other items: ``learn`` reads a file through once for those.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from entities.importers.rows import (
    AliasRow,
    ImportRow,
    RelationRow,
    RowError,
    RowSkip,
    TermRow,
    plain_text,
    without_copies,
)
from entities.matching.types import Kind

SOURCE, LICENCE = "Wikidata", "CC0-1.0"
MAX_LINE = 20_000_000
MAX_DOCUMENT = 100_000_000  # characters of one Special:EntityData answer
_MAX_ALIASES = 2_000

#: Classes that are of a kind, their subclasses apart; the first that fits, in the order of the kinds here, decides.
CLASSES: dict[Kind, frozenset[str]] = {
    Kind.PERSON: frozenset({"Q5"}),
    Kind.STATE: frozenset({"Q6256", "Q3624078", "Q3024240", "Q161243", "Q15634554", "Q7275"}),
    Kind.AGREEMENT: frozenset({"Q131569", "Q625298", "Q321839", "Q6934728", "Q107706"}),
    Kind.ORGANIZATION: frozenset(
        """
        Q43229 Q4830453 Q6881511 Q783794 Q7278 Q484652 Q245065 Q163740 Q79913 Q327333 Q192350 Q11032 Q192283 Q3918 Q22687
        Q66344 Q17149090 Q17127659 Q155271 Q35749 Q11204 Q41487 Q37726 Q772547 Q47913 Q1127126 Q2659904 Q4120211 Q476028
        """.split()
    ),
}
_NAME_CLAIMS = {
    "P1448": "official", "P1813": "short", "P1705": "native", "P1559": "native", "P1549": "demonym", "P742": "nickname",
    "P1449": "nickname",
}  # fmt: skip
_IDENTIFIERS = {
    "P297": "iso2", "P298": "iso3", "P214": "viaf", "P227": "gnd", "P213": "isni", "P345": "imdb", "P1278": "lei",
    "P244": "lcnaf",
}  # fmt: skip
_RELATIONS = {
    Kind.PERSON: {"P27": "state"},
    Kind.STATE: {"P1366": "successor", "P1365": "predecessor"},
    Kind.ORGANIZATION: {
        "P17": "state", "P749": "parent", "P1366": "successor", "P1365": "predecessor", "P527": "member",
    },
    Kind.AGREEMENT: {
        "P710": "party", "P1891": "party", "P1366": "successor", "P1365": "predecessor", "P155": "predecessor",
        "P156": "successor",
    },
}  # fmt: skip
_DATES = {
    Kind.PERSON: {"valid_from": ("P569",), "valid_to": ("P570",)},
    Kind.STATE: {"valid_from": ("P571",), "valid_to": ("P576",)},
    Kind.ORGANIZATION: {"valid_from": ("P571",), "valid_to": ("P576",)},
    Kind.AGREEMENT: {"signed": ("P585", "P571"), "in_force": ("P7588", "P580"), "valid_to": ("P582", "P576")},
}  # fmt: skip


@dataclass(slots=True)
class Learnt:
    """What other items say: names of offices and towns by id, and each class's superclasses."""

    labels: dict[str, str] = field(default_factory=dict)
    jurisdictions: dict[str, str] = field(default_factory=dict)  # office → the state it is of
    superclasses: dict[str, tuple[str, ...]] = field(default_factory=dict)


def learn(lines: Iterable[str], learnt: Learnt | None = None) -> Learnt:
    """Read a file through for the offices and classes that its items refer to; broken lines are left to ``read``."""
    learnt = learnt or Learnt()
    for _, item in _items(lines):
        if not isinstance(item, dict) or not isinstance(item.get("claims"), dict):
            continue
        claims = item["claims"]
        above = tuple(_ids(claims, "P279"))
        if not above and "P1001" not in claims and "Q4164871" not in _ids(claims, "P31"):
            continue
        id_ = str(item.get("id", ""))
        learnt.labels[id_] = _label(item)
        if above:
            learnt.superclasses[id_] = above
        of = next(iter(_ids(claims, "P1001")), "") or next(iter(_ids(claims, "P17")), "")
        if of:
            learnt.jurisdictions[id_] = of
    return learnt


def read(lines: Iterable[str], file: str, learnt: Learnt | None = None) -> Iterator[ImportRow | RowError | RowSkip]:
    """Rows in file order; an item that cannot be read is a ``RowError`` and costs nothing but itself."""
    learnt = learnt or Learnt()
    kinds: dict[str, Kind | None] = {}
    for line, item in _items(lines):
        if isinstance(item, ValueError):
            yield RowError(file, line, str(item))
            continue
        try:
            yield _row(item, file, line, learnt, kinds)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            yield RowError(file, line, f"is no Wikidata item: {type(error).__name__}: {str(error)[:200]}")


def _items(lines: Iterable[str]) -> Iterator[tuple[int, dict | ValueError]]:
    document: list[str] = []
    size = 0
    started = 0
    for number, line in enumerate(lines, 1):
        text = line.strip().removeprefix("\ufeff")
        if document or text == "{":
            # An answer of Special:EntityData that was printed over many lines.
            started = started or number
            size += len(line)
            if size > MAX_DOCUMENT:
                yield started, ValueError(f"the document is longer than {MAX_DOCUMENT} characters")
                return
            document.append(line)
            continue
        text = text.rstrip(",")
        if text in ("", "[", "]"):
            continue
        if len(text) > MAX_LINE:
            yield number, ValueError(f"the line is longer than {MAX_LINE} characters")
            continue
        yield from _parsed(text, number)
    if document:
        yield from _parsed("".join(document), started)


def _parsed(text: str, number: int) -> Iterator[tuple[int, dict | ValueError]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield number, ValueError(f"is no JSON: {str(error)[:200]}")
        return
    if isinstance(data, dict) and isinstance(data.get("entities"), dict):
        for item in data["entities"].values():
            yield number, item
    else:
        yield number, data


def _row(item: dict, file: str, line: int, learnt: Learnt, kinds: dict[str, Kind | None]) -> ImportRow | RowSkip:
    if not isinstance(item, dict) or "missing" in item:
        raise ValueError("no item stands here")
    id_ = item["id"]
    if not isinstance(id_, str) or not id_[1:].isdigit():
        raise ValueError(f"no id of an item: {str(id_)[:40]!r}")
    if item.get("type", "item") != "item" or not id_.startswith("Q"):
        return RowSkip(file, line, "no item but a property or lexeme")
    claims = item.get("claims") or {}
    kind = _kind(_ids(claims, "P31"), learnt, kinds)
    if kind is None:
        return RowSkip(file, line, "of a class that is none of our kinds")
    name = plain_text(_label(item), "label")[:500]
    if not name:
        return RowSkip(file, line, "without a label")
    sitelinks = item.get("sitelinks") or {}
    identifiers = [("wikidata", id_)]
    title = (sitelinks.get("enwiki") or {}).get("title")
    if title:
        identifiers.append(("wikipedia", plain_text(title, "sitelink")[:300]))
    for claim, scheme in _IDENTIFIERS.items():
        identifiers.extend((scheme, value) for value in _texts(claims, claim))
    fields: dict[str, str | int | None] = {
        "description": "", "valid_from": "", "valid_to": "", "subtype": "", "capital": "", "signed": "", "in_force": "",
        "prominence": 1 if len(sitelinks) >= 100 else 2 if len(sitelinks) >= 30 else 3,
    }  # fmt: skip
    for name_, properties in _DATES[kind].items():
        fields[name_] = next((day for one in properties for day in _times(claims, one)), "")
    if kind is Kind.STATE:
        fields["capital"] = next((learnt.labels[town] for town in _ids(claims, "P36") if town in learnt.labels), "")
    relations = [
        RelationRow(type_, target, _qualifier(statement, "P580"), _qualifier(statement, "P582"))
        for property_, type_ in _RELATIONS[kind].items()
        for statement, target in _statements(claims, property_)
    ]
    return ImportRow(
        file=file, line=line, key=id_, kind=kind, name=name, source=SOURCE, licence=LICENCE,
        aliases=tuple(_aliases(item, claims, name)), identifiers=tuple(dict.fromkeys(identifiers)),
        terms=tuple(_terms(claims, learnt)) if kind is Kind.PERSON else (),
        relations=without_copies(relations), fields=fields,
    )  # fmt: skip


def _kind(classes: list[str], learnt: Learnt, kinds: dict[str, Kind | None]) -> Kind | None:
    found = {_kind_of(class_, learnt, kinds, 0) for class_ in classes}
    return next((kind for kind in CLASSES if kind in found), None)


def _kind_of(class_: str, learnt: Learnt, kinds: dict[str, Kind | None], depth: int) -> Kind | None:
    if class_ in kinds:
        return kinds[class_]
    for kind, roots in CLASSES.items():
        if class_ in roots:
            kinds[class_] = kind
            return kind
    kinds[class_] = None  # the tree of classes has circles
    if depth < 12:
        above = {_kind_of(one, learnt, kinds, depth + 1) for one in learnt.superclasses.get(class_, ())}
        kinds[class_] = next((kind for kind in CLASSES if kind in above), None)
    return kinds[class_]


def _label(item: dict) -> str:
    labels = item.get("labels") or {}
    for language in ("en", "mul", "en-gb", "fr", "de", "es"):
        if language in labels:
            return labels[language]["value"]
    return next((label["value"] for label in labels.values()), "")


def _aliases(item: dict, claims: dict, name: str) -> Iterator[AliasRow]:
    seen = {(name, "")}
    listed: list[tuple[str, str, str]] = []
    for label in (item.get("labels") or {}).values():
        listed.append((label["value"], label["language"], ""))
    for aliases in (item.get("aliases") or {}).values():
        listed.extend((alias["value"], alias["language"], "") for alias in aliases)
    for property_, type_ in _NAME_CLAIMS.items():
        for statement in _live(claims, property_):
            value = _value(statement)
            if isinstance(value, dict) and "text" in value:
                listed.append((value["text"], value.get("language", ""), type_))
            elif isinstance(value, str):
                listed.append((value, "", type_))
    for text, language, type_ in listed[:_MAX_ALIASES]:
        text = plain_text(text, "alias")[:500]
        if text and (text, type_) not in seen:
            # The same name in twenty languages is one name.
            seen.add((text, type_))
            yield AliasRow(text, language[:16], type_)


def _terms(claims: dict, learnt: Learnt) -> Iterator[TermRow]:
    for statement, office in _statements(claims, "P39"):
        title = learnt.labels.get(office) or office
        of = _qualifier(statement, "P1001") or _qualifier(statement, "P642") or learnt.jurisdictions.get(office, "")
        yield TermRow(title[:300], of, "", _qualifier(statement, "P580"), _qualifier(statement, "P582"))


def _live(claims: dict, property_: str) -> list[dict]:
    statements = [one for one in claims.get(property_) or () if one.get("rank") != "deprecated"]
    preferred = [one for one in statements if one.get("rank") == "preferred"]
    # Dates and codes have a best value; offices and parties are all true.
    return preferred if preferred and property_ not in ("P39", "P710", "P1891", "P27", "P1549") else statements


def _value(statement: dict) -> object:
    return ((statement.get("mainsnak") or {}).get("datavalue") or {}).get("value")


def _statements(claims: dict, property_: str) -> Iterator[tuple[dict, str]]:
    for statement in _live(claims, property_):
        value = _value(statement)
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            yield statement, value["id"]


def _ids(claims: dict, property_: str) -> list[str]:
    return [id_ for _, id_ in _statements(claims, property_)]


def _texts(claims: dict, property_: str) -> Iterator[str]:
    for statement in _live(claims, property_):
        value = _value(statement)
        if isinstance(value, str) and value.strip():
            yield plain_text(value, property_)[:300]


def _times(claims: dict, property_: str) -> Iterator[str]:
    for statement in _live(claims, property_):
        day = _day(_value(statement))
        if day:
            yield day


def _qualifier(statement: dict, property_: str) -> str:
    for snak in (statement.get("qualifiers") or {}).get(property_) or ():
        value = (snak.get("datavalue") or {}).get("value")
        if isinstance(value, dict) and "time" in value:
            return _day(value)
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            return value["id"]
    return ""


def _day(value: object) -> str:
    """A time value as ISO prefix, as exact as it is known: ``"1954"``, ``"1954-09"``, ``"1954-09-29"``; else ``""``."""
    if not isinstance(value, dict) or not str(value.get("time", "")).startswith("+"):
        return ""  # before our era, or unknown
    time, precision = str(value["time"])[1:], value.get("precision", 11)
    year, month, day = time[:4], time[5:7], time[8:10]
    if not (year.isdigit() and time[4:5] == "-") or year == "0000" or precision < 9:
        return ""
    if precision == 9 or month == "00":
        return year
    return f"{year}-{month}" if precision == 10 or day == "00" else f"{year}-{month}-{day}"
