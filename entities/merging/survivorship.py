"""Which record stays when two become one, and which value of each field."""

from __future__ import annotations

from collections.abc import Mapping

from entities.blocks import held_fields
from entities.journal import Journal, value_of
from entities.matching.types import Kind
from entities.models import DATE_FIELDS, Entity

#: Values of a record of which a merge keeps one.
FIELDS = (
    "name", "description", "valid_from", "valid_to", "prominence", "subtype", "capital", "signed", "in_force",
    "source_id",
)  # fmt: skip
_KIND_FIELDS = {"signed": Kind.AGREEMENT, "in_force": Kind.AGREEMENT, "capital": Kind.STATE}


def propose_survivor(a: Entity, b: Entity) -> Entity:
    """The record whose id is kept unless the curator says otherwise: the better known, then the older one."""
    return min(a, b, key=lambda record: (record.prominence or 9, record.pk))


def propose_fields(survivor: Entity, absorbed: Entity) -> dict[str, int]:
    """For each field in which two records differ, the key of the record whose value is kept.

    The survivor's, unless it has none, or the other one's was set by a person and this one's was not, or says the same
    day more precisely. The better known grade of prominence is kept. What was taken down or corrected on one of the two
    stays as it is there.
    """
    winners = {}
    held = held_fields([survivor.pk, absorbed.pk])
    for name in _differing(survivor, absorbed):
        ours, theirs = value_of(survivor, name), value_of(absorbed, name)
        holder = next((pk for pk in (survivor.pk, absorbed.pk) if name in held.get(pk, ())), None)
        if holder is not None and (name != "name" or value_of(absorbed, "name")):
            winners[name] = holder
            continue
        takes = ours in ("", None)
        if not takes and theirs not in ("", None) and name != "source_id":
            base = name.partition(".")[0]
            is_set = base in absorbed.curated_fields and base not in survivor.curated_fields
            is_more_precise = name in DATE_FIELDS and base not in survivor.curated_fields and theirs.startswith(ours)
            is_better = name == "prominence" and "prominence" not in survivor.curated_fields and theirs < ours
            takes = is_set or is_more_precise or is_better
        winners[name] = absorbed.pk if takes else survivor.pk
    return winners


def _differing(survivor: Entity, absorbed: Entity) -> list[str]:
    names = [name for name in FIELDS if _KIND_FIELDS.get(name, survivor.kind) == survivor.kind]
    names += [f"attributes.{key}" for key in sorted({*survivor.attributes, *absorbed.attributes})]
    return [name for name in names if value_of(survivor, name) != value_of(absorbed, name)]


def all_fields(record: Entity) -> list[str]:
    """``FIELDS``, and a record's attributes as ``"attributes.…"``."""
    return [*FIELDS, *(f"attributes.{key}" for key in sorted(record.attributes))]


def take_fields(
    journal: Journal, survivor: Entity, absorbed: Entity, winners: Mapping[str, int], chosen: set[str]
) -> None:
    """Give the survivor the values that won; those of fields that were ``chosen`` are a person's from then on."""
    new = {}
    for name, winner in winners.items():
        base = name.partition(".")[0]
        if winner == absorbed.pk:
            value = value_of(absorbed, name)
            if name == "name" and not value:
                continue
            new[name] = value
        is_set = name in chosen or (winner == absorbed.pk and base in absorbed.curated_fields)
        if is_set and base != "source_id" and base not in survivor.curated_fields:
            new[f"curated_fields.{base}"] = True
    journal.change_parts(survivor, new)
