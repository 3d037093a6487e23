"""Records → FollowTheMoney entities, one JSON object a line, each value with the statement that says where it came from.

Written from the published model (https://followthemoney.tech/explorer/, MIT): states are ``PublicBody``, agreements
``Event`` (the one schema that has parties), terms of office ``Position`` with ``Occupancy``, memberships ``Membership``,
what came after what ``Succession``. Ids are ``rd-`` and the record's id; an office may come more than once, which
FollowTheMoney merges by id.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator

from django.db.models import QuerySet

from entities import reading
from entities.exporting.pages import pages
from entities.importers.followthemoney import ALPHA_2
from entities.matching.normalize import name_key
from entities.matching.types import SENSE_TYPES, Kind
from entities.models import Entity, Identifier, Relation, Source, Term

SCHEMAS = {
    Kind.PERSON: "Person", Kind.STATE: "PublicBody", Kind.ORGANIZATION: "Organization", Kind.AGREEMENT: "Event",
}  # fmt: skip
#: Every property that is written, with its type in the model.
TYPES = {
    "name": "name", "alias": "name", "weakAlias": "name", "previousName": "name", "summary": "text", "notes": "text",
    "country": "country", "topics": "topic", "sourceUrl": "url", "wikipediaUrl": "url", "wikidataId": "identifier",
    "modifiedAt": "date", "publisher": "string", "website": "url", "incorporationDate": "date",
    "dissolutionDate": "date", "classification": "string", "idNumber": "identifier", "parent": "entity",
    "birthDate": "date", "deathDate": "date", "birthPlace": "string", "nationality": "country", "gender": "gender",
    "position": "string", "startDate": "date", "endDate": "date", "date": "date", "involved": "entity",
    "organization": "entity", "holder": "entity", "post": "entity", "member": "entity", "role": "string",
    "predecessor": "entity", "successor": "entity", "subject": "entity", "object": "entity", "title": "string",
    "author": "string", "publishedAt": "date", "document": "entity", "resolved": "entity",
    "personMentioned": "name", "companyMentioned": "name", "status": "string",
}  # fmt: skip
_GENDERS = {"male": "male", "m": "male", "female": "female", "f": "female", "man": "male", "woman": "female"}
_DATASET = re.compile(r"[^a-z0-9]+")
OWN = "refdesk"


def id_of(public_id: str) -> str:
    """The FollowTheMoney id of a record."""
    return f"rd-{public_id}"


def dataset_of(source: Source | None) -> str:
    """A source's name as the name of a data set."""
    return (_DATASET.sub("_", name_key(source.name)).strip("_") if source is not None else "")[:60] or OWN


class Proxy:
    """An entity as it grows: properties with the sources of their values."""

    def __init__(self, id_: str, schema: str, seen: str = ""):
        self.id, self.schema, self.seen = id_, schema, seen
        self.values: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.referents: list[str] = []

    def add(self, name: str, value: object, source: Source | None = None) -> None:
        """Say something of it; what is empty is not said."""
        text = str(value or "").strip()
        if text:
            self.values[name][text].add(dataset_of(source))

    def as_dict(self) -> dict:
        """The entity with its statements."""
        statements = [
            {
                "id": hashlib.sha1(f"{dataset}.{self.id}.{name}.{value}".encode()).hexdigest(),
                "entity_id": self.id, "canonical_id": self.id, "schema": self.schema, "prop": name,
                "prop_type": TYPES[name], "value": value, "dataset": dataset, "lang": None, "original_value": None,
                "external": False, "first_seen": self.seen or None, "last_seen": self.seen or None, "origin": OWN,
            }
            for name, values in self.values.items()
            for value, datasets in values.items()
            for dataset in sorted(datasets)
        ]  # fmt: skip
        names = self.values.get("name") or self.values.get("title") or {}
        return {
            "id": self.id,
            "caption": next(iter(names), self.schema),
            "schema": self.schema,
            "properties": {name: list(values) for name, values in self.values.items()},
            "referents": self.referents,
            "datasets": sorted({statement["dataset"] for statement in statements}) or [OWN],
            "statements": statements,
        }


def lines(records: QuerySet[Entity], base: str) -> Iterator[str]:
    """Every entity of the records as a line."""
    for page in pages(records):
        offices: set[str] = set()
        codes = country_codes({pk for entity in page for pk in _states_of(entity)} | {entity.pk for entity in page})
        for entity in page:
            for proxy in proxies_of(entity, base, codes):
                if proxy.schema == "Position":
                    if proxy.id in offices:
                        continue
                    offices.add(proxy.id)
                yield json.dumps(proxy.as_dict(), ensure_ascii=False) + "\n"


def _states_of(entity: Entity) -> Iterator[int]:
    yield from (one.target_id for one in entity.relations.all() if one.type == "state" and one.target_id)
    yield from (term.state_id for term in entity.terms.all() if term.state_id)


def country_codes(ids: set[int]) -> dict[int, str]:
    """The codes that FollowTheMoney has for states: ISO 3166 alpha-2, and its own for those that are no more."""
    found: dict[int, str] = {}
    rows = Identifier.objects.in_use().filter(entity__in=ids, scheme__in=("iso2", "iso3", "code"), is_contested=False)
    for pk, scheme, value in rows.order_by("scheme", "pk").values_list("entity_id", "scheme", "value"):
        code = value.lower() if scheme == "iso2" else ALPHA_2.get(value.upper(), "")
        if code:
            found.setdefault(pk, code)
    return found


def proxies_of(entity: Entity, base: str, codes: dict[int, str]) -> Iterator[Proxy]:
    """A record as entities: itself, its offices, its ties."""
    kind = Kind(entity.kind)
    main = Proxy(id_of(entity.public_id), SCHEMAS[kind], entity.updated_at.isoformat())
    main.referents = [id_of(old.public_id) for old in entity.absorbed.all()]
    main.add("name", entity.name, entity.source)
    main.add("summary", reading.description_of(entity), entity.source)
    main.add("sourceUrl", f"{base}{entity.get_absolute_url()}")
    main.add("modifiedAt", entity.updated_at.date().isoformat())
    for source in reading.sources_of(entity):
        main.add("publisher", source.name, source)
    for alias in entity.aliases.all():
        if alias.type not in SENSE_TYPES and alias.name != entity.name:
            name = "previousName" if alias.type == "former" else "alias"
            main.add("weakAlias" if alias.is_weak or alias.type == "acronym" else name, alias.name, alias.source)
    _add_fields(main, entity, kind)
    _add_identifiers(main, entity, kind)
    links = []
    for relation in entity.relations.all():
        link = _tie(main, entity, kind, relation, codes)
        if link is not None:
            links.append(link)
    if kind is Kind.STATE:
        main.add("topics", "gov.national")
        main.add("country", codes.get(entity.pk), entity.source)
    for term in entity.terms.all():
        main.add("position", term.title, term.source)
    yield main
    yield from links
    for term in entity.terms.all():
        yield from _office(entity, term, codes)


def _add_fields(main: Proxy, entity: Entity, kind: Kind) -> None:
    source, attributes = entity.source, entity.attributes or {}
    if kind is Kind.PERSON:
        main.add("birthDate", entity.valid_from, source)
        main.add("deathDate", entity.valid_to, source)
        main.add("birthPlace", attributes.get("birth_place"), source)
        main.add("gender", _GENDERS.get(str(attributes.get("gender", "")).strip().lower()), source)
        main.add("position", attributes.get("occupation"), source)
    elif kind is Kind.AGREEMENT:
        main.add("date", entity.signed, source)
        main.add("startDate", entity.in_force or entity.valid_from or entity.signed, source)
        main.add("endDate", entity.valid_to, source)
        main.add("notes", entity.subtype, source)
        return
    else:
        main.add("incorporationDate", entity.valid_from, source)
        main.add("dissolutionDate", entity.valid_to, source)
        main.add("classification", entity.subtype, source)
    if str(attributes.get("website", "")).lower().startswith(("http://", "https://")):
        main.add("website", attributes["website"], source)


def _add_identifiers(main: Proxy, entity: Entity, kind: Kind) -> None:
    for label, item in reading.identifier_items(entity):
        scheme = label.lower()
        if scheme == "wikidata":
            main.add("wikidataId", item.text, item.source)
        elif scheme == "wikipedia":
            main.add("wikipediaUrl", item.href, item.source)
        elif scheme.startswith("iso 3166") or scheme in ("code", "followthemoney"):
            continue  # told by the country's code, or somebody else's id for the same thing
        elif kind is Kind.AGREEMENT:
            main.add("notes", f"{label}: {item.text}", item.source)
        else:
            main.add("idNumber", item.text, item.source)


def _tie(main: Proxy, entity: Entity, kind: Kind, relation: Relation, codes: dict[int, str]) -> Proxy | None:
    """What a relation adds to its record, or the entity that stands between the two."""
    target = relation.target
    words = f"{relation.get_type_display()} {relation.target_text or target}"
    if target is None:
        main.add("notes", words, relation.source)
        return None
    own, other, is_legal = main.id, id_of(target.public_id), Kind.AGREEMENT not in (kind, target.kind)
    if relation.type == Relation.Type.STATE and codes.get(target.pk):
        main.add("nationality" if kind is Kind.PERSON else "country", codes[target.pk], relation.source)
        return None
    if relation.type == Relation.Type.PARENT and is_legal:
        main.add("parent", other, relation.source)
        return None
    if kind is Kind.AGREEMENT and relation.type in ("party", "member") and target.kind != Kind.AGREEMENT:
        main.add("involved", other, relation.source)
        return None
    if relation.type == Relation.Type.MEMBER and kind is not Kind.PERSON and is_legal:
        schema, ends = "Membership", {"member": other, "organization": own}
    elif relation.type == Relation.Type.PARTY and is_legal and target.kind != Kind.PERSON:
        schema, ends = "Membership", {"member": own, "organization": other}
    elif relation.type == Relation.Type.SUCCESSOR and is_legal:
        schema, ends = "Succession", {"predecessor": own, "successor": other}
    elif relation.type == Relation.Type.PREDECESSOR and is_legal:
        schema, ends = "Succession", {"predecessor": other, "successor": own}
    else:
        schema, ends = "UnknownLink", {"subject": own, "object": other}
    link = Proxy(_made_id(schema, relation.type, own, other, relation.start), schema, main.seen)
    for name, value in ends.items():
        link.add(name, value, relation.source)
    if schema == "UnknownLink":
        link.add("role", relation.get_type_display(), relation.source)
    link.add("startDate", relation.start, relation.source)
    link.add("endDate", relation.end, relation.source)
    return link


def _office(entity: Entity, term: Term, codes: dict[int, str]) -> Iterator[Proxy]:
    place = term.organization.public_id if term.organization else term.organization_text
    state = term.state.public_id if term.state else term.state_text
    seen = entity.updated_at.isoformat()
    post = Proxy(_made_id("Position", term.title, place, state), "Position", seen)
    where = [str(one) for one in (term.organization or term.organization_text, term.state or term.state_text) if one]
    post.add("name", ", ".join([term.title, *where]), term.source)
    if term.state_id:
        post.add("country", codes.get(term.state_id), term.source)
    if term.organization is not None and term.organization.kind in (Kind.ORGANIZATION, Kind.STATE):
        post.add("organization", id_of(term.organization.public_id), term.source)
    yield post
    holder = id_of(entity.public_id)
    held = Proxy(_made_id("Occupancy", holder, post.id, term.start, term.end), "Occupancy", seen)
    held.add("holder", holder, term.source)
    held.add("post", post.id, term.source)
    held.add("startDate", term.start, term.source)
    held.add("endDate", term.end, term.source)
    held.add("date", term.as_of, term.source)
    yield held


def _made_id(*parts: str) -> str:
    return f"rd-{hashlib.sha1('|'.join(map(str, parts)).encode()).hexdigest()}"
