"""Why a stored mention was, or was not, linked to a record: the engine's reasons now, beside what is stored."""

from __future__ import annotations

from dataclasses import dataclass

from articles.catalogue import current_catalogue
from articles.linking import detected, draft_of
from articles.models import Link, Mention
from articles.resolution.explaining import Explanation
from articles.resolution.explaining import explain as ask_engine
from entities.matching.types import Outcome
from entities.models import Entity


@dataclass(slots=True)
class Explained:
    """An explanation of one mention and one record, with the link that is stored for the mention."""

    mention: Mention
    entity: Entity
    link: Link | None  # the live one
    explanation: Explanation | None  # None: the engine sees no name at the place
    notes: list[str]  # what else a reader must know, in sentences

    @property
    def summary(self) -> str:
        """The verdict in a sentence."""
        if self.explanation is not None:
            return self.explanation.summary
        return f"“{self.mention.surface}” is not seen as a name at this place."


def explain(mention: Mention, entity: Entity, *, use_ner: bool = True) -> Explained:
    """Why the words are, or are not, linked to the record, and what would change that. Stores nothing.

    Args:
        entity: a merged record stands for its survivor.
        use_ner: False asks as an import without a tagger would.

    Raises:
        LookupError: if the record is not in the catalogue that the engine reads.
    """
    if not entity.is_current:
        try:
            entity = Entity.objects.resolve(entity.public_id)
        except Entity.DoesNotExist as error:
            raise LookupError("the record was taken down") from error
    draft = draft_of(mention.article)
    catalogue = current_catalogue()
    record = catalogue.views([entity.pk]).get(entity.pk)
    if record is None:
        raise LookupError(f"{entity} is not in the catalogue")
    [found] = detected([draft], catalogue, use_ner=use_ner)
    explanation = ask_engine(
        found.text, found.spans, catalogue, (mention.start, mention.end), record,
        date=draft.date, is_tagged=found.is_tagged,
    )  # fmt: skip
    link = mention.links.filter(superseded_at=None).select_related("entity", "actor").first()
    return Explained(mention, entity, link, explanation, _notes(entity, link, explanation, draft.date))


def _notes(entity: Entity, link: Link | None, explanation: Explanation | None, day: str | None) -> list[str]:
    notes = []
    is_stored = link is not None and link.entity_id == entity.pk and link.status == Outcome.LINK
    if link is not None and link.is_unsure:
        notes.append(
            f"A person ({link.actor}) could not tell on {link.made_at:%-d %B %Y}; no suggestion of the engine overrides that."
        )
    elif link is not None and link.actor_id is not None:
        chose = link.entity.name if link.entity is not None else "no record"
        notes.append(
            f"A person ({link.actor}) decided for {chose} on {link.made_at:%-d %B %Y}, which the engine never overrides."
        )
    elif explanation is not None and is_stored != (explanation.outcome is Outcome.LINK):
        notes.append(
            "The stored link differs: it was made with what was known then, or without a tagger. Linking the article "
            "anew would store what is said here."
        )
    if day is None:
        notes.append("The article has no date, so that nothing was judged by time.")
    return notes
