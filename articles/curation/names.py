"""What a curator sees of an unknown name: where it stands, in whose company, and which record it may be."""

from __future__ import annotations

from dataclasses import dataclass

from articles.models import NilGroup
from articles.proposals import Proposal, describe
from entities.matching.normalize import name_key
from entities.models import Entity


@dataclass(frozen=True, slots=True)
class Near:
    """A record whose name is like the unknown one."""

    number: int
    entity: Entity
    name: str  # of it, that is alike
    score: float


@dataclass(frozen=True, slots=True)
class Form:
    """A way in which the name is written, and whether it should become an alias."""

    text: str
    count: int
    is_alias: bool


@dataclass(slots=True)
class NameItem:
    """An unknown name."""

    group: NilGroup
    proposal: Proposal
    near: list[Near]
    forms: list[Form]

    @property
    def namesake(self) -> Near | None:
        """A record that bears this very name already: a second one would be a namesake, or a duplicate."""
        key = name_key(self.group.name)
        return next((one for one in self.near if name_key(one.name) == key), None)


def name_item(group: NilGroup) -> NameItem:
    """A proposal as the curator sees it, in a fixed number of queries."""
    proposal = describe(group)
    records = Entity.objects.current().in_bulk([candidate.entity_id for candidate in proposal.near])
    found = [candidate for candidate in proposal.near if candidate.entity_id in records]
    near = [
        Near(number, records[candidate.entity_id], candidate.name, candidate.score)
        for number, candidate in enumerate(found, 1)
    ]
    whole = set(name_key(group.name).split())
    forms = [
        # A part of the name, such as the surname, is shared by many: it finds itself within an article.
        Form(text, count, not set(name_key(text).split()) < whole)
        for text, count in proposal.surfaces
        if text != group.name
    ]
    return NameItem(group, proposal, near, forms)
