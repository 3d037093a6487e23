"""Mentions of which a person could not tell what they mean: when they are asked about again.

What was set aside stays so whatever the engine thinks of it. Only where that person would see something else today, other
words around the mention or other records to choose from, is the question a new one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from articles.models import Article, ArticleRevision, Candidate, Link, Mention
from entities.matching.types import Outcome

if TYPE_CHECKING:
    from articles.resolution import Resolution

AROUND = 200  # characters on either side that count as what the person read
LIKELY = 0.2  # a record that is less probable brings no new question

OTHER_WORDS = "set aside as unsure, but the text around it has changed since"
OTHER_RECORDS = "set aside as unsure, but other records come into question since"


class Seen:
    """What people saw when they set mentions aside, loaded together: the texts, and the records to choose from."""

    def __init__(self, links: Collection[Link]):
        mentions = [link.mention_id for link in links]
        self._records: dict[int, list[tuple[int, int]]] = {}  # by mention: the record, and what it is part of today
        for link in links:
            if link.entity_id is not None:
                self._records[link.mention_id] = [(link.entity_id, link.entity_id)]
        rows = Candidate.objects.filter(mention__in=mentions).order_by("pk")
        for mention, record, survivor in rows.values_list("mention_id", "entity_id", "entity__merged_into_id"):
            self._records.setdefault(mention, []).append((record, survivor or record))
        articles = {link.mention.article_id for link in links}
        revisions = ArticleRevision.objects.filter(article__in=articles).order_by("article_id", "number")
        self._texts: dict[int, list[ArticleRevision]] = {}
        for revision in revisions:
            self._texts.setdefault(revision.article_id, []).append(revision)

    def is_other_text(self, link: Link, mention: Mention, article: Article) -> bool:
        """Whether the words around a mention stood nowhere in the text when it was set aside."""
        # The first text that was replaced since is what the person read.
        read = next((one for one in self._texts.get(article.pk, ()) if one.replaced_at >= link.made_at), None)
        if read is None:
            return False
        today = _words(article.text, mention.start, mention.surface)
        return all(_words(read.text, at, mention.surface) != today for at in _places(read.text, mention.surface))

    def are_other_records(self, link: Link, resolution: Resolution) -> bool:
        """Whether a record is likely that was no choice then, or two of the choices are one record today."""
        seen = set(self._records.get(link.mention_id, ()))
        today = {survivor for _, survivor in seen}
        likely = {one.record_id for one in resolution.ranking if one.probability >= LIKELY}
        return len(today) < len(seen) or not likely <= today


def _places(text: str, surface: str) -> Iterator[int]:
    at = text.find(surface)
    while at >= 0:
        yield at
        at = text.find(surface, at + 1)


def _words(text: str, start: int, surface: str) -> list[str]:
    """The words around a place; those that its edges cut are left out, and how they are spaced does not count."""
    end = start + len(surface)
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    before, after = text[first:start].split(), text[end:last].split()
    if first > 0 and not text[first - 1].isspace():
        before = before[1:]
    if last < len(text) and not text[last].isspace():
        after = after[:-1]
    return [*before, surface, *after]


def reopen(link: Link, mention: Mention, resolution: Resolution, why: str) -> bool:
    """Put a mention back into the queue with what the engine thinks today; False if somebody was faster."""
    standing = Link.objects.set_aside().filter(pk=link.pk)
    if not standing.update(superseded_at=timezone.now(), claimed_by=None, claimed_until=None):
        return False
    decision = resolution.decision
    Link.objects.create(
        mention=mention, entity_id=decision.record_id or link.entity_id, status=Outcome.REVIEW,
        probability=round(decision.probability, 4), margin=round(decision.margin, 4), reason=why,
        evidence=stored_evidence(resolution), priority=1 - abs(2 * decision.probability - 1),
    )  # fmt: skip
    store_candidates(mention, resolution)
    return True


def stored_evidence(resolution: Resolution) -> list[list]:
    """What moved a decision, as links store it."""
    return [[name, round(weight, 2), words] for name, weight, words in resolution.evidence]


def store_candidates(mention: Mention, resolution: Resolution) -> None:
    """The records that are considered today, in place of those before."""
    Candidate.objects.filter(mention=mention).delete()
    Candidate.objects.bulk_create(
        Candidate(
            mention=mention, entity_id=scored.record_id, rank=rank, probability=round(scored.probability, 4),
            evidence=[[name, round(found.value, 2), found.text] for name, found in scored.evidence.items()],
        )
        for rank, scored in enumerate(resolution.ranking, 1)
    )  # fmt: skip


def reopen_changed(
    links: Sequence[Link], articles: Iterable[Article], found: dict[tuple[int, int, int], Resolution]
) -> int:
    """Ask again about those of the links set aside, with their mentions, of which the question is a new one.

    Args:
        found: what the engine decides today, by article, start and end.
    """
    if not links:
        return 0
    seen, by_pk, count = Seen(links), {article.pk: article for article in articles}, 0
    for link in links:
        mention = link.mention
        resolution = found.get((mention.article_id, mention.start, mention.end))
        if resolution is None:
            continue  # the engine finds nothing there any more: it has nothing to ask
        if seen.is_other_text(link, mention, by_pk[mention.article_id]):
            count += reopen(link, mention, resolution, OTHER_WORDS)
        elif seen.are_other_records(link, resolution):
            count += reopen(link, mention, resolution, OTHER_RECORDS)
    return count
