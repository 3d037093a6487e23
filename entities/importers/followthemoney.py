"""FollowTheMoney's JSON lines, as OpenSanctions publishes them (https://followthemoney.tech/docs/).

Persons and bodies become rows. Offices stand in entities of their own (``Position``, ``Occupancy``), before or after the
person or nested within: ``learn`` reads a file through once for those.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from babel.core import get_global

from entities.importers.rows import (
    AliasRow,
    ImportRow,
    RelationRow,
    RowError,
    RowSkip,
    TermRow,
    partial_date,
    plain_text,
    without_copies,
)
from entities.matching.types import Kind

MAX_LINE = 20_000_000
_MAX_ALIASES = 2_000
SCHEMAS = {
    "Person": Kind.PERSON, "Organization": Kind.ORGANIZATION, "PublicBody": Kind.ORGANIZATION,
    "Company": Kind.ORGANIZATION, "LegalEntity": Kind.ORGANIZATION,
}  # fmt: skip
_NAMES = {
    "name": ("", False), "alias": ("", False), "weakAlias": ("", True), "previousName": ("former", False),
    "abbreviation": ("acronym", False),
}  # fmt: skip
_IDENTIFIERS = {
    "wikidataId": "wikidata", "leiCode": "lei", "registrationNumber": "registration", "imoNumber": "imo",
    "innCode": "inn", "ogrnCode": "ogrn", "swiftBic": "bic", "uniqueEntityId": "uei", "permId": "permid",
}  # fmt: skip
# States that are no more, by the codes FollowTheMoney gives them.
_FORMER = {"suhh": "SUN", "cshh": "CSK", "yucs": "YUG", "ddde": "DDR", "csxx": "SCG"}
_OTHER = {"xk": "XKX"}
_SUPERSEDED = frozenset({"DDR", "FXX", "BUR", "ZAR", "TMP", "YMD"})
#: Alpha-2 → alpha-3, by CLDR's list of other codes for a territory.
_ALPHA_3 = {
    alpha_2: alpha_3
    for alpha_3, (alpha_2, *more) in get_global("territory_aliases").items()
    if len(alpha_3) == 3 and alpha_3.isalpha() and not more and alpha_3 not in _SUPERSEDED
}
#: And back: alpha-3, or the code of a former state, → what FollowTheMoney has for it.
ALPHA_2 = {
    **{alpha_3: alpha_2.lower() for alpha_2, alpha_3 in sorted(_ALPHA_3.items())},
    **{alpha_3: code for code, alpha_3 in (*_FORMER.items(), *_OTHER.items())},
}


@dataclass(slots=True)
class Learnt:
    """Offices by id as ``(title, country code)``, and who held which, as ``(office id, from, to)``."""

    offices: dict[str, tuple[str, str]] = field(default_factory=dict)
    held: dict[str, list[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(list))


def learn(lines: Iterable[str], learnt: Learnt | None = None) -> Learnt:
    """Read a file through for offices and who held them; broken lines are left to ``read``."""
    learnt = learnt or Learnt()
    for line in lines:
        if '"Position"' not in line and '"Occupancy"' not in line or len(line) > MAX_LINE:
            continue
        try:
            entity = json.loads(line)
            schema, id_ = entity["schema"], entity["id"]
            if schema == "Position":
                learnt.offices[id_] = _office(entity)
            elif schema == "Occupancy":
                for holder in _values(entity, "holder"):
                    for post in _values(entity, "post"):
                        if isinstance(holder, str) and isinstance(post, str):
                            learnt.held[holder].append((post, _date(entity, "startDate"), _date(entity, "endDate")))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
    return learnt


def read(lines: Iterable[str], file: str, learnt: Learnt | None = None) -> Iterator[ImportRow | RowError | RowSkip]:
    """Rows in file order; an entity that cannot be read is a ``RowError`` and costs nothing but itself."""
    learnt = learnt or Learnt()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            if len(line) > MAX_LINE:
                raise ValueError(f"the line is longer than {MAX_LINE} characters")
            entity = json.loads(line.removeprefix("\ufeff"))
            if not isinstance(entity, dict) or not isinstance(entity.get("schema"), str):
                raise ValueError("is no FollowTheMoney entity: it has no schema")
            yield _row(entity, file, number, learnt)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            yield RowError(file, number, str(error)[:300] or "is no JSON")


def _row(entity: dict, file: str, line: int, learnt: Learnt) -> ImportRow | RowSkip:
    kind = SCHEMAS.get(entity["schema"])
    if kind is None:
        return RowSkip(file, line, f"of schema {entity['schema'][:40]}, which is none of our kinds")
    id_ = entity.get("id")
    if not isinstance(id_, str) or not id_:
        raise ValueError("id is missing")
    if not isinstance(entity.get("properties"), dict):
        raise ValueError("properties is no object")
    names = [plain_text(name, "name") for name in _texts(entity, "name")]
    name = (plain_text(entity.get("caption") or "", "caption") or next(iter(names), ""))[:500]
    if not name:
        raise ValueError("has no name")
    countries = [
        _state(code)
        for property_ in (
            ("nationality", "citizenship") if kind is Kind.PERSON else ("country", "jurisdiction", "mainCountry")
        )
        for code in _texts(entity, property_)
    ] or [_state(code) for code in _texts(entity, "country")]
    datasets = [dataset for dataset in entity.get("datasets") or () if isinstance(dataset, str)]
    fields: dict[str, str | int | None] = {
        "description": "", "signed": "", "in_force": "", "capital": "", "prominence": None,
        "subtype": next(iter(_texts(entity, "legalForm")), "")[:100] if kind is Kind.ORGANIZATION else "",
        "valid_from": _date(entity, "birthDate") or _date(entity, "incorporationDate"),
        "valid_to": _date(entity, "deathDate") or _date(entity, "dissolutionDate"),
    }  # fmt: skip
    identifiers = [("followthemoney", id_[:300])]
    for property_, scheme in _IDENTIFIERS.items():
        identifiers.extend((scheme, plain_text(value, property_)[:300]) for value in _texts(entity, property_))
    attributes = {
        name_: plain_text(value, property_)[:500]
        for name_, property_ in (("gender", "gender"), ("birth_place", "birthPlace"), ("website", "website"))
        if (value := next(iter(_texts(entity, property_)), ""))
    }
    if topics := _texts(entity, "topics"):
        attributes["topics"] = ", ".join(topics)[:500]
    relations = [RelationRow("state", code) for code in countries if code]
    relations += [RelationRow("parent", parent) for parent in _references(entity, "parent")]
    return ImportRow(
        file=file, line=line, key=id_[:300], kind=kind, name=name,
        source=("OpenSanctions" if datasets else "FollowTheMoney"),
        licence="CC-BY-NC-4.0" if datasets else "",
        aliases=tuple(_aliases(entity, name)), identifiers=tuple(dict.fromkeys(identifiers)),
        terms=tuple(_terms(entity, id_, learnt)) if kind is Kind.PERSON else (),
        relations=without_copies(relations), fields=fields, attributes=attributes,
    )  # fmt: skip


def _aliases(entity: dict, name: str) -> Iterator[AliasRow]:
    seen = {(name, "")}
    for property_, (type_, is_weak) in _NAMES.items():
        for value in _texts(entity, property_)[:_MAX_ALIASES]:
            text = plain_text(value, property_)[:500]
            if text and (text, type_) not in seen:
                seen.add((text, type_))
                yield AliasRow(text, "", type_, is_weak)


def _terms(entity: dict, id_: str, learnt: Learnt) -> Iterator[TermRow]:
    held: list[tuple[tuple[str, str], str, str]] = [
        (learnt.offices[post], start, end) for post, start, end in learnt.held.get(id_, ()) if post in learnt.offices
    ]
    for occupancy in _values(entity, "positionOccupancies"):
        if isinstance(occupancy, dict):
            for post in _values(occupancy, "post"):
                office = _office(post) if isinstance(post, dict) else learnt.offices.get(str(post))
                if office:
                    held.append((office, _date(occupancy, "startDate"), _date(occupancy, "endDate")))
    titles = set()
    for (title, country), start, end in dict.fromkeys(held):
        if title:
            titles.add(title.casefold())
            yield TermRow(title[:300], country, "", start, end)
    own = next((_state(code) for code in _texts(entity, "nationality") + _texts(entity, "country")), "")
    for text in _texts(entity, "position"):
        title = plain_text(text, "position")[:300]
        if title and title.casefold() not in titles:
            titles.add(title.casefold())
            yield TermRow(title, own)


def _office(entity: dict) -> tuple[str, str]:
    title = plain_text(next(iter(_texts(entity, "name")), "") or entity.get("caption") or "", "name")
    return title, next((_state(code) for code in _texts(entity, "country")), "")


def _values(entity: dict, property_: str) -> list:
    values = (entity.get("properties") or {}).get(property_) or []
    if not isinstance(values, list):
        raise ValueError(f"{property_} is no list")
    return values


def _texts(entity: dict, property_: str) -> list[str]:
    values = _values(entity, property_)
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{property_} is no list of texts")
    return values


def _references(entity: dict, property_: str) -> Iterator[str]:
    for value in _values(entity, property_):
        id_ = value.get("id") if isinstance(value, dict) else value
        if isinstance(id_, str) and id_:
            yield id_[:300]


def _date(entity: dict, property_: str) -> str:
    """The earliest of the dates given, times of day left out; ``""`` if there is none."""
    days = sorted(value[:10] for value in _texts(entity, property_))
    return partial_date(days[0], property_) if days else ""


def _state(code: str) -> str:
    """A country code of FollowTheMoney as the alpha-3 code that records go by; others as they are."""
    lowered = code.strip().lower()
    if lowered in _FORMER or lowered in _OTHER:
        return _FORMER.get(lowered) or _OTHER[lowered]
    return _ALPHA_3.get(lowered[:2].upper(), code.strip()[:300])
