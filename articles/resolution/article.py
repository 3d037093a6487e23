"""What the steps of resolution share: an article with its chains, and what was decided about each span."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from articles.detection.spans import Span
from articles.resolution.catalogue import Catalogue
from articles.resolution.chains import Chain
from entities.matching.profiles import Profile
from entities.matching.types import CandidateView, Decision, MentionType, MentionView, Outcome, RecordView, Scored


@dataclass(slots=True)
class Resolution:
    """What was decided about one span."""

    span: Span
    chain: int
    decision: Decision
    ranking: list[Scored] = field(default_factory=list)
    type: MentionType = MentionType.OTHER
    evidence: list[tuple[str, float, str]] = field(default_factory=list)  # feature, log-odds it added, words


@dataclass(slots=True)
class Resolved:
    """A chain with its scores: what later steps lean on."""

    chain: Chain
    mention: MentionView
    candidates: list[CandidateView]
    ranking: list[Scored]
    decision: Decision

    @property
    def record_id(self) -> int | None:
        """The linked record, or None."""
        return self.decision.record_id if self.decision.outcome is Outcome.LINK else None


@dataclass(slots=True)
class Article:
    """What the steps share about one article."""

    text: str
    date: str | None
    spans: list[Span]
    catalogue: Catalogue
    profiles: Mapping[str, Profile]
    chains: list[Resolved] = field(default_factory=list)
    views: dict[int, RecordView] = field(default_factory=dict)
    chain_at: dict[int, Resolved] = field(default_factory=dict)  # by a member's start
    states: Counter[int] = field(default_factory=Counter)
    linked: dict[int, set[int]] = field(default_factory=dict)  # record → numbers of the chains that link to it
    persons: list[Resolved] = field(default_factory=list)  # the chains that link to one, in text order
    words: frozenset[str] = frozenset()  # of the text, as ``name_key`` has them
    countries: Counter[str] = field(default_factory=Counter)  # named in English words, by ISO code
    is_sport: bool = False
    ties: dict[int, set[int]] = field(default_factory=dict)  # state → numbers of the chains that mean what is of it

    def view(self, record_id: int) -> RecordView | None:
        """A record by id, loaded when first asked for."""
        if record_id not in self.views:
            self.views.update(self.catalogue.views([record_id]))
        return self.views.get(record_id)

    def load(self, ids: set[int]) -> None:
        """Load many records at once."""
        missing = [id_ for id_ in ids if id_ not in self.views]
        if missing:
            self.views.update(self.catalogue.views(missing))
