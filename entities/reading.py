"""A record in words: what its pages show, made from facts that ``for_display`` has loaded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from django.db.models import Q

from entities.matching.dates import partial_date
from entities.matching.types import SENSE_TYPES, AliasType, Kind
from entities.models import DATE_FIELDS, Alias, Entity, Identifier, Relation, Source, SourceRecord, Term

KIND_NAMES = {
    Kind.PERSON: "Person",
    Kind.STATE: "State",
    Kind.ORGANIZATION: "Organization",
    Kind.AGREEMENT: "Agreement",
}
KIND_PLURALS = {
    Kind.PERSON: "People",
    Kind.STATE: "States",
    Kind.ORGANIZATION: "Organizations",
    Kind.AGREEMENT: "Agreements",
}
BOUNDS = {
    Kind.PERSON: ("Born", "Died"),
    Kind.STATE: ("Exists since", "Existed until"),
    Kind.ORGANIZATION: ("Founded", "Dissolved"),
    Kind.AGREEMENT: ("Valid from", "Valid until"),
}
_SUBTYPES = {Kind.STATE: "Status", Kind.ORGANIZATION: "Type", Kind.AGREEMENT: "Type"}
_RELATIONS = {
    ("state", Kind.PERSON): "State",
    ("state", Kind.ORGANIZATION): "State",
    ("state", Kind.STATE): "Part of",
    ("state", Kind.AGREEMENT): "State",
}
_RELATION_NAMES = {
    Relation.Type.STATE: "State",
    Relation.Type.PARTY: "Parties",
    Relation.Type.MEMBER: "Members",
    Relation.Type.PARENT: "Part of",
    Relation.Type.SUCCESSOR: "Followed by",
    Relation.Type.PREDECESSOR: "Came after",
}
# Where an id's page is, and the shape an id must have before it is put into an address.
_ADDRESSES = {
    "wikidata": (re.compile(r"Q[1-9]\d{0,12}"), "https://www.wikidata.org/wiki/{}"),
    "wikipedia": (re.compile(r"[^<>\[\]{}|#]{1,255}"), "https://en.wikipedia.org/wiki/{}"),
    "viaf": (re.compile(r"\d{1,22}"), "https://viaf.org/viaf/{}"),
    "isni": (re.compile(r"\d{15}[\dX]"), "https://isni.org/isni/{}"),
    "lei": (re.compile(r"[A-Z0-9]{20}"), "https://search.gleif.org/#/record/{}"),
    "gnd": (re.compile(r"[\dX-]{1,12}"), "https://d-nb.info/gnd/{}"),
}
_SCHEMES = {"wikidata": "Wikidata", "wikipedia": "Wikipedia", "iso2": "ISO 3166 (2)", "iso3": "ISO 3166 (3)",
            "viaf": "VIAF", "isni": "ISNI", "lei": "LEI", "gnd": "GND"}  # fmt: skip


@dataclass(slots=True)
class Item:
    """One value of a fact: text, perhaps a record to link to, when it held and where it came from."""

    text: str
    entity: Entity | None = None
    href: str = ""
    when: str = ""
    source: Source | None = None


@dataclass(slots=True)
class FactRow:
    """A label and its values."""

    label: str
    items: list[Item] = field(default_factory=list)


def value_in_words(name: str, value: object) -> str:
    """The value of a record's field: dates in words, lists with semicolons, ``""`` for none."""
    if value in (None, ""):
        return ""
    if name in DATE_FIELDS:
        return partial_date(str(value))
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def span_in_words(start: str, end: str, as_of: str = "") -> str:
    """``"2013 – 2021"``, ``"since July 2024"``, ``"until 1991"``, or ``""``."""
    if start and end:
        return f"{partial_date(start)} – {partial_date(end)}"
    if start:
        return f"since {partial_date(start)}" + (f" (as of {partial_date(as_of)})" if as_of else "")
    if end:
        return f"until {partial_date(end)}"
    return f"as of {partial_date(as_of)}" if as_of else ""


def fact_rows(entity: Entity) -> list[FactRow]:
    """What a record says of itself, in the order a reader asks for it."""
    kind = Kind(entity.kind)
    rows: list[FactRow] = []

    def add(label: str, text: object) -> None:
        if text not in (None, ""):
            rows.append(FactRow(label, [Item(str(text), source=entity.source)]))

    if kind in _SUBTYPES:
        add(_SUBTYPES[kind], entity.subtype.replace("_", " "))
    add("Signed", partial_date(entity.signed))
    add("In force since", partial_date(entity.in_force))
    first, last = BOUNDS[kind]
    if entity.valid_from not in (entity.signed, entity.in_force) or kind is not Kind.AGREEMENT:
        add(first, partial_date(entity.valid_from))
    add(last, partial_date(entity.valid_to))
    add("Capital", entity.capital)
    rows.extend(_relation_rows(entity, kind))
    for name, value in sorted((entity.attributes or {}).items()):
        if isinstance(value, list):
            value = ", ".join(str(one) for one in value)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            add(str(name).replace("_", " ").capitalize(), value)
    return rows


def _relation_rows(entity: Entity, kind: Kind) -> list[FactRow]:
    grouped: dict[str, list[Item]] = defaultdict(list)
    for relation in entity.relations.all():
        label = _RELATIONS.get((relation.type, kind)) or _RELATION_NAMES[Relation.Type(relation.type)]
        target = relation.target
        grouped[label].append(
            Item(
                target.name if target is not None else relation.target_text,
                entity=target,
                when=span_in_words(relation.start, relation.end),
                source=relation.source,
            )
        )
    for items in grouped.values():
        items.sort(key=lambda item: item.text)
    return [FactRow(label, grouped[label]) for label in sorted(grouped, key=_label_order)]


def _label_order(label: str) -> int:
    order = ["State", "Part of", "Parties", "Came after", "Followed by", "Members"]
    return order.index(label) if label in order else len(order)


_INCOMING = {
    Relation.Type.PARTY: "Party to",
    Relation.Type.MEMBER: "Member of",
    Relation.Type.PARENT: "Has parts",
    Relation.Type.SUCCESSOR: "Came after",
    Relation.Type.PREDECESSOR: "Followed by",
}


def incoming_rows(relations: Iterable[Relation]) -> list[FactRow]:
    """What other records say of this one: the agreements a state is party to, the organizations it is a member of."""
    grouped: dict[str, list[Item]] = defaultdict(list)
    for relation in relations:
        grouped[_INCOMING[Relation.Type(relation.type)]].append(
            Item(
                relation.entity.name, relation.entity, when=span_in_words(relation.start, relation.end),
                source=relation.source,
            )
        )  # fmt: skip
    return [FactRow(label, grouped[label]) for label in _INCOMING.values() if label in grouped]


@dataclass(slots=True)
class TermRow:
    """A line of a table of offices."""

    title: str
    who: Entity
    where: str
    where_entity: Entity | None
    start: str
    end: str
    as_of: str
    source: Source | None

    @property
    def is_open(self) -> bool:
        """Still held, as far as the catalogue knows."""
        return not self.end


def term_rows(terms: Iterable[Term]) -> list[TermRow]:
    """Terms of office, the latest first."""
    rows = [
        TermRow(
            term.title, term.entity,
            str(term.organization or term.state or term.organization_text or term.state_text or ""),
            term.organization or term.state, term.start, term.end, term.as_of, term.source,
        )
        for term in terms
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row.start or row.end or "", row.title), reverse=True)


def own_scripts(entity: Entity, limit: int = 4) -> list[Alias]:
    """The native names to print beside the main one."""
    names = [alias for alias in entity.aliases.all() if alias.type not in SENSE_TYPES and alias.name != entity.name]
    natives = [alias for alias in names if alias.type == AliasType.NATIVE]
    natives.sort(key=lambda alias: alias.lang == "")  # those whose language is known are the better kept ones
    chosen: list[Alias] = []
    seen = {entity.name}
    for alias in natives:
        if alias.name not in seen:
            seen.add(alias.name)
            chosen.append(alias)
    return chosen[:limit]


@dataclass(slots=True)
class NameGroup:
    """Names in one language, or words of one sense."""

    title: str
    lang: str
    aliases: list[Alias]


def names_by_language(entity: Entity) -> list[NameGroup]:
    """Every plain name by language; names of no language first."""
    groups: dict[str, list[Alias]] = defaultdict(list)
    for alias in entity.aliases.all():
        if alias.type not in SENSE_TYPES:
            groups[alias.lang].append(alias)
    titled = [NameGroup(language_name(lang) if lang else "Any language", lang, found) for lang, found in groups.items()]
    return sorted(titled, key=lambda group: (group.lang != "", group.lang != "en", group.title))


def senses(entity: Entity) -> list[NameGroup]:
    """Words that stand for the record in some uses: demonyms, adjectives, metonyms."""
    titles = {"demonym": "Its people", "adjective": "Adjectives", "metonym": "Stands for it in the news"}
    groups: dict[str, list[Alias]] = defaultdict(list)
    for alias in entity.aliases.all():
        if alias.type in SENSE_TYPES:
            groups[alias.type].append(alias)
    return [NameGroup(titles[type_], "", groups[type_]) for type_ in titles if type_ in groups]


def identifier_items(entity: Entity) -> list[tuple[str, Item]]:
    """Ids elsewhere with the address of their page, where we know it and the id has the right shape."""
    items = []
    for identifier in entity.identifiers.all():
        shape, address = _ADDRESSES.get(identifier.scheme, (None, ""))
        known = shape is not None and shape.fullmatch(identifier.value)
        href = address.format(quote(identifier.value.replace(" ", "_"))) if known else ""
        label = _SCHEMES.get(identifier.scheme, identifier.scheme)
        items.append((label, Item(identifier.value, href=href, source=identifier.source)))
    return items


def sources_of(entity: Entity) -> list[Source]:
    """Every source behind any fact of a record, each once."""
    found: dict[int, Source] = {}
    facts: Sequence = [
        entity, *entity.aliases.all(), *entity.identifiers.all(), *entity.terms.all(), *entity.relations.all(),
        *entity.source_records.all(),
    ]  # fmt: skip
    for fact in facts:
        if fact.source is not None:
            found[fact.source.pk] = fact.source
    return sorted(found.values(), key=lambda source: source.name)


def description_of(entity: Entity) -> str:
    """A person's words where there are some, else the sentence made from the facts."""
    words = entity.description or entity.summary
    return words[:1].upper() + words[1:]


_RTL = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku-arab", "ps", "sd", "ug", "ur", "yi"})


def text_direction(code: str) -> str:
    """``"rtl"`` for a language written from right to left, else ``"ltr"``."""
    return "rtl" if code.lower().split("-")[0] in _RTL or code.lower() in _RTL else "ltr"


@lru_cache(maxsize=512)
def language_name(code: str) -> str:
    """``"fa"`` → ``"Persian"``; an unknown code stays as it is."""
    try:
        return Locale.parse(code.replace("-", "_")).get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


_SCHEMA_TYPES = {
    Kind.PERSON: "Person",
    Kind.STATE: "Country",
    Kind.ORGANIZATION: "Organization",
    Kind.AGREEMENT: "Legislation",
}


def json_ld(entity: Entity, address: str) -> dict:
    """The record as schema.org JSON-LD.

    Args:
        address: the full address of the record's page.
    """
    kind = Kind(entity.kind)
    names = {alias.name for alias in entity.aliases.all() if alias.type not in SENSE_TYPES} - {entity.name}
    data: dict = {
        "@context": "https://schema.org",
        "@type": _SCHEMA_TYPES[kind],
        "@id": address,
        "identifier": entity.public_id,
        "name": entity.name,
    }
    optional = {
        "alternateName": sorted(names)[:100],
        "description": description_of(entity),
        "sameAs": [item.href for _, item in identifier_items(entity) if item.href],
    }
    if kind is Kind.PERSON:
        optional |= {"birthDate": entity.valid_from, "deathDate": entity.valid_to}
    elif kind is Kind.ORGANIZATION:
        optional |= {"foundingDate": entity.valid_from, "dissolutionDate": entity.valid_to}
    elif kind is Kind.AGREEMENT:
        optional |= {"legislationDate": entity.signed}
    return data | {name: value for name, value in optional.items() if value}


def known_sources(entity: Entity) -> list[Source]:
    """Every source behind any fact of a record that is not loaded for display; one query."""
    by_fact = Q(pk=entity.source_id)
    for model in (Alias, Identifier, Term, Relation):
        by_fact |= Q(pk__in=model.objects.in_use().filter(entity=entity).values("source_id"))
    by_fact |= Q(pk__in=SourceRecord.objects.filter(entity=entity).values("source_id"))
    return list(Source.objects.filter(by_fact).order_by("name", "pk"))
