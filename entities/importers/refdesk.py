"""Refdesk's own JSON Lines (docs/records.md): one record, redirect or judgement a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from entities.importers.rows import (
    AliasRow,
    ImportRow,
    JudgementRow,
    RedirectRow,
    RelationRow,
    RowError,
    TermRow,
    partial_date,
    plain_text,
)
from entities.matching.types import AliasType, Kind

MAX_LINE = 5_000_000
MAX_NAME = 500
_ATTRIBUTES = ("birth_place", "occupation", "gender", "website", "flag")
_KNOWN = frozenset(
    """
    key kind name aliases description valid_from valid_to states roles identifiers prominence source source_licence as_of
    capital status successors predecessors org_type parent members parties signed in_force agreement_type attributes
    id curated
    """.split()
) | set(_ATTRIBUTES)
_LISTS = {
    "states": "state", "parties": "party", "successors": "successor", "predecessors": "predecessor",
    "members": "member", "parent": "parent",
}  # fmt: skip
_ID = re.compile(r"[2-9a-z]{10}")
_CURATED = frozenset(
    "name description valid_from valid_to prominence subtype capital signed in_force attributes".split()
)


def read(lines: Iterable[str], file: str) -> Iterator[ImportRow | RedirectRow | JudgementRow | RowError]:
    """Rows in file order; a line that is no record is a ``RowError`` and costs nothing but itself."""
    for number, line in enumerate(lines, 1):
        if number == 1:
            line = line.removeprefix("\ufeff")
        if not line.strip():
            continue
        try:
            if len(line) > MAX_LINE:
                raise ValueError(f"the line is longer than {MAX_LINE} characters")
            data = json.loads(line)
            if not isinstance(data, dict):
                raise ValueError("is no JSON object")
            yield _row(data, file, number)
        except (ValueError, RecursionError) as error:
            yield RowError(file, number, str(error) or "is no JSON")


def _row(data: dict, file: str, line: int) -> ImportRow | RedirectRow | JudgementRow:
    kind = data.get("kind")
    if kind == "redirect":
        return RedirectRow(
            file, line, _text(data, "key", required=True), _text(data, "to", required=True), _id(data),
            _text(data, "name")[:MAX_NAME],
        )  # fmt: skip
    if kind == "judgement":
        verdict = _text(data, "verdict", required=True)
        if verdict not in ("same", "different", "unsure"):
            raise ValueError(f"unknown verdict {verdict!r}")
        return JudgementRow(
            file, line, _text(data, "a", required=True), _text(data, "b", required=True), verdict, _text(data, "by"),
            _text(data, "at"), _text(data, "reason"),
        )  # fmt: skip
    if kind not in {str(one) for one in Kind}:
        raise ValueError(f"unknown kind {str(kind)[:40]!r}")
    name = _text(data, "name", required=True)
    if len(name) > MAX_NAME:
        raise ValueError(f"the name is longer than {MAX_NAME} characters")
    as_of = partial_date(data.get("as_of"), "as_of")
    prominence = data.get("prominence")
    if prominence is not None and (not isinstance(prominence, int) or not 1 <= prominence <= 3):
        raise ValueError("prominence is no number from 1 to 3")
    fields = {
        "description": _text(data, "description"),
        "valid_from": partial_date(data.get("valid_from"), "valid_from"),
        "valid_to": partial_date(data.get("valid_to"), "valid_to"),
        "prominence": prominence,
        "subtype": _text(data, {"state": "status", "organization": "org_type"}.get(kind, "agreement_type")),
        "capital": _text(data, "capital") if kind == "state" else "",
        "signed": partial_date(data.get("signed"), "signed") if kind == "agreement" else "",
        "in_force": partial_date(data.get("in_force"), "in_force") if kind == "agreement" else "",
    }
    relations = [tie for name_, type_ in _LISTS.items() for tie in _ties(data, name_, type_)]
    attributes = {name_: _text(data, name_) for name_ in _ATTRIBUTES if data.get(name_)}
    extra = data.get("attributes")
    if isinstance(extra, dict):
        attributes.update({str(k)[:50]: str(v)[:500] for k, v in extra.items() if v is not None})
    return ImportRow(
        file=file,
        line=line,
        key=_text(data, "key", required=True)[:300],
        kind=kind,
        name=name,
        source=_text(data, "source")[:300],
        licence=_text(data, "source_licence")[:200],
        aliases=tuple(_alias(alias) for alias in _dicts(data, "aliases", allow_text=True)),
        identifiers=tuple(_identifiers(data)),
        terms=tuple(_term(role, as_of) for role in _dicts(data, "roles")),
        relations=tuple(dict.fromkeys(relations)),
        fields=fields,
        attributes=attributes,
        id=_id(data),
        curated=tuple(one for one in _strings(data, "curated") if one in _CURATED),
        unknown_keys=tuple(sorted(str(key) for key in data.keys() - _KNOWN)),
    )


def _id(data: dict) -> str:
    """A public id, or ``""``: what has not the shape of one is no id of ours."""
    value = _text(data, "id")
    return value if _ID.fullmatch(value) else ""


def _ties(data: dict, name: str, type_: str) -> Iterator[RelationRow]:
    """Ties of one type: texts, or objects with ``record``, ``from`` and ``to``."""
    given = data.get(name)
    if name == "parent" and given and not isinstance(given, list):
        data = {name: [given]}
    for tie in _dicts(data, name, allow_text=True):
        if isinstance(tie, str):
            if tie.strip():
                yield RelationRow(type_, tie.strip()[:300])
        else:
            yield RelationRow(
                type_, _text(tie, "record", required=True)[:300], partial_date(tie.get("from"), "from"),
                partial_date(tie.get("to"), "to"),
            )  # fmt: skip


def _alias(alias: dict | str) -> AliasRow:
    if isinstance(alias, str):
        alias = {"name": alias}
    type_ = alias.get("type") or ""
    if type_ not in {one.value for one in AliasType}:
        raise ValueError(f"unknown alias type {str(type_)[:40]!r}")
    quality = alias.get("quality") or "normal"
    if quality not in ("normal", "weak"):
        raise ValueError(f"unknown alias quality {str(quality)[:40]!r}")
    return AliasRow(
        _text(alias, "name", required=True)[:MAX_NAME], _text(alias, "lang")[:16], type_, quality == "weak",
        partial_date(alias.get("valid_from"), "valid_from"), partial_date(alias.get("valid_to"), "valid_to"),
    )  # fmt: skip


def _term(role: dict, as_of: str) -> TermRow:
    end = partial_date(role.get("to"), "to")
    return TermRow(
        _text(role, "title", required=True)[:300], _text(role, "state")[:300], _text(role, "org")[:300],
        partial_date(role.get("from"), "from"), end, "" if end else partial_date(role.get("as_of"), "as_of") or as_of,
    )  # fmt: skip


def _identifiers(data: dict) -> Iterator[tuple[str, str]]:
    given = data.get("identifiers") or {}
    if not isinstance(given, dict):
        raise ValueError("identifiers is no object")
    for scheme, values in given.items():
        for value in values if isinstance(values, list) else [values]:
            if value is None or value == "":
                continue
            if not isinstance(value, str | int):
                raise ValueError(f"identifier {str(scheme)[:40]!r} is no text")
            yield str(scheme)[:50], str(value)[:300]


def _text(data: dict, name: str, *, required: bool = False) -> str:
    value = data.get(name)
    if value is None:
        value = ""
    value = plain_text(value, name)
    if required and not value:
        raise ValueError(f"{name} is missing")
    return value


def _strings(data: dict, name: str) -> list[str]:
    values = data.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} is no list of texts")
    return [value.strip()[:300] for value in values if value.strip()]


def _dicts(data: dict, name: str, *, allow_text: bool = False) -> list:
    values = data.get(name) or []
    allowed = (dict, str) if allow_text else (dict,)
    if not isinstance(values, list) or not all(isinstance(value, allowed) for value in values):
        raise ValueError(f"{name} is no list of objects")
    return values
