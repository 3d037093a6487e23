"""Records → schema.org linked data: JSON-LD (1.1) and, of the same statements, N-Triples.

One node a record, made once and written both ways. The context names everything by itself: no reader has to fetch one.
N-Triples is a line for a statement and is written here; the tests read both back with rdflib and compare the graphs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import count

from django.db.models import QuerySet
from django.urls import reverse

from entities import reading
from entities.exporting.pages import pages
from entities.matching.types import SENSE_TYPES, Kind
from entities.models import Entity, Relation, Term

_SCHEMA = "https://schema.org/"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_DCTERMS = "http://purl.org/dc/terms/"
_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
CONTEXT = {
    "@vocab": _SCHEMA, "xsd": _XSD, "dcterms": _DCTERMS, "sameAs": {"@type": "@id"}, "url": {"@type": "@id"},
    "additionalType": {"@type": "@id"},
}  # fmt: skip
_IRIS = frozenset(name for name, term in CONTEXT.items() if isinstance(term, dict))
TYPES = {
    Kind.PERSON: "Person", Kind.STATE: "Country", Kind.ORGANIZATION: "Organization", Kind.AGREEMENT: "Legislation",
}  # fmt: skip
_TREATY = "http://www.wikidata.org/entity/Q131569"
_DATE_TYPES = {4: "xsd:gYear", 7: "xsd:gYearMonth", 10: "xsd:date"}
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


def document(records: QuerySet[Entity], base: str) -> Iterator[str]:
    """One JSON-LD document with a node for each record, piece by piece."""
    return graph(node_of(entity, base) for page in pages(records) for entity in page)


def graph(nodes: Iterable[dict]) -> Iterator[str]:
    """One JSON-LD document of nodes, piece by piece."""
    yield f'{{"@context": {json.dumps(CONTEXT)}, "@graph": ['
    separator = "\n"
    for node in nodes:
        yield separator + json.dumps(node, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def triples(records: QuerySet[Entity], base: str) -> Iterator[str]:
    """A line for each statement."""
    for page in pages(records):
        for entity in page:
            yield from triples_of(node_of(entity, base), entity.public_id)


def one_document(entity: Entity, base: str) -> dict:
    """One record, loaded for display, as a document of its own."""
    return {"@context": CONTEXT, **node_of(entity, base)}


# --- The node --------------------------------------------------------------------------------------------------------
def _address(public_id: str, base: str) -> str:
    return f"{base}{reverse('record', args=[public_id])}"


def _date(value: str) -> dict | None:
    return {"@value": value, "@type": _DATE_TYPES[len(value)]} if len(value or "") in _DATE_TYPES else None


def _kept(node: dict) -> dict:
    return {name: value for name, value in node.items() if value not in (None, "", [], {})}


def node_of(entity: Entity, base: str) -> dict:
    """A record, loaded for display, without its context."""
    kind = Kind(entity.kind)
    attributes = entity.attributes or {}
    names = [alias for alias in entity.aliases.all() if alias.type not in SENSE_TYPES and alias.name != entity.name]
    identifiers = reading.identifier_items(entity)
    node = {
        "@id": _address(entity.public_id, base),
        "@type": TYPES[kind],
        "name": entity.name,
        "description": reading.description_of(entity),
        "alternateName": _once(
            {"@value": alias.name, "@language": alias.lang} if _LANGUAGE.fullmatch(alias.lang) else alias.name
            for alias in names
        ),
        "identifier": [
            {"@type": "PropertyValue", "propertyID": label, "value": item.text}
            for label, item in [("Refdesk", reading.Item(entity.public_id)), *identifiers]
        ],
        "sameAs": _once(
            [
                *(item.href for _, item in identifiers if item.href),
                *(_address(old.public_id, base) for old in entity.absorbed.all()),
            ]
        ),
        "subjectOf": [
            _kept({"@type": "Dataset", "name": one.name, "license": one.licence}) for one in reading.sources_of(entity)
        ],
    }
    if kind is Kind.PERSON:
        node |= {
            "birthDate": _date(entity.valid_from), "deathDate": _date(entity.valid_to),
            "birthPlace": _kept({"@type": "Place", "name": attributes["birth_place"]})
            if attributes.get("birth_place") else None,
            "gender": attributes.get("gender"), "jobTitle": attributes.get("occupation"),
            "hasOccupation": [_occupation(term, base) for term in entity.terms.all()],
        }  # fmt: skip
    elif kind is Kind.AGREEMENT:
        node |= {
            "additionalType": _TREATY, "legislationType": entity.subtype, "legislationDate": _date(entity.signed),
            "legislationDateOfApplicability": _date(entity.in_force or entity.valid_from),
            "expires": _date(entity.valid_to),
        }  # fmt: skip
    elif kind is Kind.ORGANIZATION:
        node |= {
            "foundingDate": _date(entity.valid_from), "dissolutionDate": _date(entity.valid_to),
            "keywords": entity.subtype,
        }  # fmt: skip
    else:
        node |= {
            "additionalProperty": [
                {"@type": "PropertyValue", "propertyID": name, "value": value}
                for name, value in (
                    ("status", entity.subtype), ("capital", entity.capital), ("start", entity.valid_from),
                    ("end", entity.valid_to),
                )
                if value
            ]
        }  # fmt: skip
    for relation in entity.relations.all():
        name, value = _tie(kind, relation, base)
        node.setdefault(name, [])
        node[name].append(value)
    for term in entity.terms.all():
        if term.organization or term.organization_text:
            node.setdefault("memberOf", []).append(_membership(term, base))
    return _kept(node)


def _once(values) -> list:
    found = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _thing(entity: Entity | None, text: str, base: str, type_: str = "Thing") -> dict:
    if entity is not None:
        return {"@id": _address(entity.public_id, base), "@type": TYPES[Kind(entity.kind)], "name": entity.name}
    return {"@type": type_, "name": text}


def _occupation(term: Term, base: str) -> dict:
    """schema.org's pattern of a role: the property again, inside a Role that has the dates."""
    area = term.state or term.state_text
    return _kept({
        "@type": "Role", "roleName": term.title, "startDate": _date(term.start), "endDate": _date(term.end),
        "hasOccupation": _kept({
            "@type": "Occupation", "name": term.title,
            "occupationLocation": _thing(term.state, term.state_text, base, "Country") if area else None,
        }),
    })  # fmt: skip


def _membership(term: Term, base: str) -> dict:
    return _kept({
        "@type": "OrganizationRole", "roleName": term.title, "startDate": _date(term.start),
        "endDate": _date(term.end), "memberOf": _thing(term.organization, term.organization_text, base, "Organization"),
    })  # fmt: skip


_NAMES = {
    (Relation.Type.STATE, Kind.PERSON): "nationality", (Relation.Type.STATE, Kind.ORGANIZATION): "location",
    (Relation.Type.STATE, Kind.STATE): "containedInPlace", (Relation.Type.STATE, Kind.AGREEMENT): "legislationJurisdiction",
    (Relation.Type.PARTY, Kind.PERSON): "affiliation", (Relation.Type.PARTY, Kind.AGREEMENT): "legislationPassedBy",
    (Relation.Type.MEMBER, Kind.ORGANIZATION): "member", (Relation.Type.MEMBER, Kind.AGREEMENT): "legislationPassedBy",
    (Relation.Type.PARENT, Kind.ORGANIZATION): "parentOrganization", (Relation.Type.PARENT, Kind.STATE): "containedInPlace",
    (Relation.Type.PARENT, Kind.AGREEMENT): "isPartOf",
}  # fmt: skip
_ANY = {
    Relation.Type.SUCCESSOR: "dcterms:isReplacedBy", Relation.Type.PREDECESSOR: "dcterms:replaces",
    Relation.Type.PARENT: "dcterms:isPartOf", Relation.Type.MEMBER: "dcterms:hasPart",
}  # fmt: skip
_PLACES = frozenset({"nationality", "location", "containedInPlace", "legislationJurisdiction"})


def _tie(kind: Kind, relation: Relation, base: str) -> tuple[str, dict]:
    type_ = Relation.Type(relation.type)
    name = _NAMES.get((type_, kind)) or _ANY.get(type_) or "dcterms:relation"
    thing = _thing(
        relation.target, relation.target_text, base,
        "Country" if name in _PLACES else "CreativeWork" if name == "isPartOf" else "Organization",
    )  # fmt: skip
    # A state is a place to schema.org, not an organization that passes laws.
    if name == "legislationPassedBy" and relation.target is not None and relation.target.kind == Kind.STATE:
        name = "legislationJurisdiction"
    if not (relation.start or relation.end):
        return name, thing
    dates = {"startDate": _date(relation.start), "endDate": _date(relation.end)}
    return name, _kept({"@type": "Role", **dates, name: thing})


# --- N-Triples (https://www.w3.org/TR/n-triples/) ---------------------------------------------------------------------
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


def iri(text: str) -> str:
    """An IRI in angle brackets; characters that it may not hold are percent-encoded."""
    return "<" + _NOT_IN_IRI.sub(lambda found: f"%{ord(found.group()):02X}", text) + ">"


def literal(text: str) -> str:
    """A text in quotes."""
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'


def triples_of(node: dict, label: str) -> Iterator[str]:
    """A node and all within it as lines; ``label`` keeps blank nodes of different records apart."""
    numbers = count()
    yield from _triples(node, label, numbers)[1]


def _triples(node: dict, label: str, numbers: Iterator[int]) -> tuple[str, list[str]]:
    subject = iri(node["@id"]) if "@id" in node else f"_:{label}n{next(numbers)}"
    found = []
    for name, value in node.items():
        if name == "@id":
            continue
        for one in value if isinstance(value, list) else [value]:
            inner: list[str] = []
            if name == "@type":
                predicate, target = iri(_RDF_TYPE), iri(_SCHEMA + one)
            else:
                predicate = iri(_named(name))
                target, inner = _object(name, one, label, numbers)
            found.append(f"{subject} {predicate} {target} .\n")
            found.extend(inner)
    return subject, found


def _named(name: str) -> str:
    for prefix, address in (("dcterms:", _DCTERMS), ("xsd:", _XSD)):
        if name.startswith(prefix):
            return address + name.removeprefix(prefix)
    return _SCHEMA + name


def _object(name: str, value, label: str, numbers: Iterator[int]) -> tuple[str, list[str]]:
    if isinstance(value, dict):
        if "@value" not in value:
            return _triples(value, label, numbers)
        if "@language" in value:
            return f"{literal(value['@value'])}@{value['@language'].lower()}", []
        return f"{literal(value['@value'])}^^{iri(_named(value['@type']))}", []
    if name in _IRIS:
        return iri(str(value)), []
    return literal(str(value)), []
