"""Search of the records by name: exact, beginning, contained, misspelt, with the reason why each is shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import QuerySet

from entities.matching.types import SENSE_TYPES, AliasType, Kind
from entities.models import Entity, Identifier, Term
from entities.visible import without_hidden

MAX_QUERY_CHARS = 200
MAX_RESULTS = 100
_SIMILAR_AT = 0.62  # names less alike than this are not worth showing, not even at the end
_COMPARED_BEYOND = 10  # names compared beyond those that are shown
_PER_STEP = 200  # aliases fetched at each step, before ranking
# The better known first among names that fit alike; never enough to lift a similar name above an equal one.
_PROMINENCE = {1: 0.06, 2: 0.03}
_STATE = 0.06  # today's states carry no grade: all are well known
_OTHER_NAME = 0.05  # a name that begins so and is not the record's first


@dataclass(slots=True)
class Hit:
    """A record found: how well its name fits, in [0, 1], and why it is shown, in words."""

    entity: Entity
    score: float
    reason: str
    terms: list[Term] = field(default_factory=list)  # offices held on the date asked for


def search(
    q: str,
    *,
    kinds: Collection[str] = (),
    on: str = "",
    of_all_times: bool = False,
    limit: int = 20,
    within: QuerySet | None = None,
    exact: bool = False,
) -> list[Hit]:
    """The records that ``q`` may mean, best first, in a fixed number of queries.

    Args:
        q: a name in any script, misspelt perhaps, a public id or a Wikidata id; cut to ``MAX_QUERY_CHARS``.
        kinds: only these; none means all.
        on: ISO date or prefix: only records that may have existed then, with the offices held then.
        of_all_times: leave no record out because of ``on``, which then chooses the offices alone.
        limit: at most ``MAX_RESULTS``.
        within: only these live records.
        exact: only ids and names that are the same but for case, accents and punctuation.
    """
    from entities.matching.normalize import name_key

    q = " ".join(without_hidden(q[:MAX_QUERY_CHARS]).split())
    limit = max(1, min(limit, MAX_RESULTS))
    found: dict[int, tuple[float, str]] = {}
    for entity_id, quality, reason in _by_id(q):
        _keep(found, entity_id, quality, reason)
    key = name_key(q)
    if key:
        _by_key(found, q, key, exact)
    if key and not exact:
        _by_similarity(found, q, kinds, limit)
    if not found:
        return []
    on_that_day = on and not of_all_times
    if within is None and not on_that_day:
        records = [record for record in _live(list(found)) if not kinds or record.kind in kinds]
    else:
        records = (within if within is not None else Entity.objects.current()).filter(pk__in=list(found))
        if kinds:
            records = records.filter(kind__in=list(kinds))
        if on_that_day:
            records = records.existing_on(on)
    hits = [Hit(record, *found[record.pk]) for record in records]
    hits.sort(key=lambda hit: (-(hit.score + _known(hit.entity)), hit.entity.name, hit.entity.pk))
    hits = hits[:limit]
    if on:
        _add_terms(hits, on)
    return hits


def _known(entity: Entity) -> float:
    if entity.kind == Kind.STATE and entity.prominence is None:
        return 0.0 if entity.valid_to else _STATE
    return _PROMINENCE.get(entity.prominence, 0)


def _keep(found: dict[int, tuple[float, str]], entity_id: int, quality: float, reason: str) -> None:
    if quality > found.get(entity_id, (0.0, ""))[0]:
        found[entity_id] = (round(quality, 4), reason)


def _by_id(q: str) -> Iterable[tuple[int, float, str]]:
    """What an id in the place of a name stands for; a merged record's id finds the survivor."""
    if re.fullmatch(r"[qQ][1-9][0-9]{0,12}", q):
        rows = Identifier.objects.in_use().filter(scheme="wikidata", value=q.upper(), entity__merged_into=None)
        for entity_id in rows.values_list("entity_id", flat=True):
            yield entity_id, 1.0, f"Wikidata id {q.upper()}"
    elif re.fullmatch(r"[2-9a-z]{10}", q):
        rows = Entity.objects.filter(public_id=q).answering()
        for pk, survivor in rows.values_list("pk", "merged_into_id"):
            yield survivor or pk, 1.0, "id of a merged record" if survivor else "id of the record"


def _by_key(found: dict[int, tuple[float, str]], q: str, key: str, exact: bool) -> None:
    for entity_id, name, type_, weak, main, _ in _names("a.key = %s", [key]):
        if AliasType(type_) in SENSE_TYPES:
            _keep(found, entity_id, 0.85, f"“{name}” is a {AliasType(type_)} for {main}")
        elif weak:
            _keep(found, entity_id, 0.9, f"“{name}” is also a name of others")
        elif name == main:
            _keep(found, entity_id, 1.0, "the name itself" if name.casefold() == q.casefold() else f"the name {name}")
        else:
            _keep(found, entity_id, 0.98, _also(name, type_))
    if exact or len(key) < 2:
        return
    for entity_id, name, type_, _, main, alias_key in _names(*_beginning_with(key)):
        share = len(key) / max(len(alias_key), len(key))
        # "united": the United Kingdom, before the united front; a word begun ("unite") says less than a whole one.
        quality = 0.78 + 0.12 * share if alias_key.startswith(f"{key} ") else 0.7 + 0.2 * share
        if AliasType(type_) in SENSE_TYPES:
            quality -= 0.15
        elif name != main:
            quality -= _OTHER_NAME
        _keep(found, entity_id, quality, f"the name begins so: {name}" if name != main else "the name begins so")


def _beginning_with(key: str) -> tuple[str, list[str]]:
    if connection.vendor == "sqlite":
        # LIKE ignores the index there; text is compared by code point, so that a range is the same thing.
        return "a.key >= %s AND a.key < %s", [key, key + chr(0x10FFFF)]
    return "a.key LIKE %s", [re.sub(r"([\\%_])", r"\\\1", key) + "%"]


# Statements as they are, not built anew for each look-up: that took longer than the databases need to answer them.
# The better known first, so that the cut falls on those nobody looks for.
_NAMES = """
    SELECT a.entity_id, a.name, a.type, a.is_weak, e.name, a.key
    FROM entities_alias a JOIN entities_entity e ON e.id = a.entity_id
    WHERE a.withdrawn_at IS NULL AND e.merged_into_id IS NULL AND {condition}
    ORDER BY COALESCE(e.prominence, 9), a.entity_id, a.id LIMIT {limit}"""
_FIELDS = (
    "id", "public_id", "kind", "name", "description", "summary", "valid_from", "valid_to", "prominence", "subtype",
    "merged_into_id", "version",
)  # fmt: skip
_RECORDS = f"SELECT {', '.join(_FIELDS)} FROM entities_entity WHERE merged_into_id IS NULL AND id IN"


def _names(condition: str, parameters: list[str]) -> list[tuple[int, str, str, bool, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_NAMES.format(condition=condition, limit=_PER_STEP), parameters)
        return cursor.fetchall()


def _live(ids: list[int]) -> list[Entity]:
    """Live records with what lists show of them; other fields are read when they are asked for."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_RECORDS} ({', '.join(['%s'] * len(ids))})", ids)
        return [Entity.from_db(connection.alias, _FIELDS, row) for row in cursor.fetchall()]


def _also(name: str, type_: str) -> str:
    words = {"": "also known as", "former": "formerly", "acronym": "acronym", "official": "officially",
             "nickname": "nicknamed", "native": "natively"}  # fmt: skip
    return f"{words.get(type_, type_)}: {name}" if type_ == "acronym" else f"{words.get(type_, 'also known as')} {name}"


def _by_similarity(found: dict[int, tuple[float, str]], q: str, kinds: Collection[str], limit: int) -> None:
    from entities.candidates import CandidateIndex
    from entities.matching.names import compare_names
    from entities.matching.normalize import name_key, script_of
    from entities.matching.romanize import romanize

    script, compared = script_of(q), 0
    for candidate in CandidateIndex().lookup([q], limit=max(50, 2 * limit), kinds=list(kinds) or None).get(q, ()):
        # "Путин" is a part of "Vladimir Putin", letter by letter; within a script homophones are not one word.
        read = name_key if script_of(candidate.name) == script else romanize
        wanted, words = set(read(q).split()), read(candidate.name).split()
        if wanted and wanted <= set(words):
            is_surname = candidate.kind == Kind.PERSON and words[-1] in wanted
            quality = 0.82 if is_surname else 0.72 + 0.1 * len(wanted) / len(words)
            _keep(found, candidate.entity_id, quality, f"part of the name {candidate.name}")
            continue
        # The nearest come first; of 600 misspelt names none was lost by comparing no more of them (100,000 names).
        compared += 1
        if compared > limit + _COMPARED_BEYOND:
            continue
        similarity = compare_names(q, candidate.name, candidate.kind)
        if similarity >= _SIMILAR_AT:
            _keep(found, candidate.entity_id, 0.85 * similarity, f"similar to {candidate.name}")


def _add_terms(hits: list[Hit], on: str) -> None:
    by_record = {hit.entity.pk: hit for hit in hits}
    terms = Term.objects.in_use().held_on(on).filter(entity_id__in=by_record).select_related("state", "organization")
    for term in terms.order_by("-start", "pk"):
        by_record[term.entity_id].terms.append(term)
