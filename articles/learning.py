"""Cases to learn from: annotated documents, read as the linker reads them. Plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from articles.evaluation import Keys
from articles.resolution.article import Article
from entities.matching.learning import Case
from entities.matching.scoring import gather

_IGNORED, _UNKNOWN = object(), object()
_OVERLOOKED = 0.4  # what a chain counts that no annotation knows: annotators overlook more names than they invent


def cases_of(
    document: Mapping, article: Article, keys: Keys, key_of: Mapping[int, str], *, weight: float = 1.0
) -> Iterator[Case]:
    """One case for each chain of an annotated document about which its annotation says something.

    ``weight`` multiplies what each case counts.

    A chain that no annotation knows is a case of NIL (nothing there to link), unless its span was left unannotated.
    """
    gold: dict[tuple[int, int], object] = {}
    for mention in document["mentions"]:
        span = (mention["start"], mention["end"])
        if mention.get("record") or mention.get("wikidata") or mention.get("wikipedia") or mention.get("nil"):
            gold[span] = keys.of(mention)
        elif mention.get("ignore") or mention.get("optional") or mention.get("link_status") == "unannotated":
            gold.setdefault(span, _IGNORED)
    for resolved in article.chains:
        if not resolved.candidates:
            continue
        votes: Counter[object] = Counter()
        for member in resolved.chain.members:
            votes[gold.get((member.start, member.end), _UNKNOWN)] += 1
        votes.pop(_IGNORED, None)
        if document.get("partial"):  # only some mentions were looked at: the rest says nothing
            votes.pop(_UNKNOWN, None)
        if not votes:
            continue
        answer, count = votes.most_common(1)[0]
        share = 1.0
        if answer is _UNKNOWN:
            answer, share = None, _OVERLOOKED
        positions = [key_of.get(candidate.record.id) for candidate in resolved.candidates]
        right = positions.index(answer) if answer is not None and answer in positions else -1
        yield Case(
            tuple((one.record.kind, gather(resolved.mention, one)) for one in resolved.candidates),
            right,
            weight * share * min(count, 4),
            document["doc_id"],
        )


def tally(cases: Iterable[Case]) -> str:
    """How many cases there are, and how many of them are NIL."""
    listed = list(cases)
    return f"{len(listed)} cases, {sum(case.right < 0 for case in listed)} of them NIL"
