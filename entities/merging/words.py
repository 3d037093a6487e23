"""Sorts of rows as a curator calls them."""

from __future__ import annotations

from collections.abc import Mapping

#: A row's sort in a word, by the label of its table: what programs are told.
SORT_WORDS = {
    "entities.alias": "alias", "entities.identifier": "identifier", "entities.term": "term of office",
    "entities.relation": "relation", "entities.sourcerecord": "source row", "entities.entity": "record",
    "entities.judgement": "verdict", "entities.duplicatesuggestion": "suggested pair", "articles.link": "mention",
    "articles.candidate": "runner-up", "articles.surfaceprior": "learnt wording", "articles.nilgroup": "unknown name",
}  # fmt: skip
#: Where “s” alone makes no plural, and where the short word says nothing to a curator: one, many; in the order told.
_COUNTED = {
    "record": ("record", "records"), "mention": ("mention", "mentions"), "alias": ("name", "names"),
    "identifier": ("identifier", "identifiers"), "term of office": ("office", "offices"),
    "relation": ("tie to another record", "ties to other records"),
    "source row": ("row of a source", "rows of sources"), "verdict": ("verdict on a pair", "verdicts on pairs"),
    "suggested pair": ("suggested pair", "suggested pairs"), "unknown name": ("unknown name", "unknown names"),
    "runner-up": ("second choice of a mention", "second choices of mentions"),
    "learnt wording": ("learnt wording", "learnt wordings"),
}  # fmt: skip


def counts_in_words(rows: Mapping[str, int]) -> str:
    """Rows by sort as a curator says it: ``"2 records, 14 mentions and 3 names"``; what is none is left out."""
    order = [*_COUNTED, *(sort for sort in rows if sort not in _COUNTED)]
    words = {sort: _COUNTED.get(sort, (sort, f"{sort}s")) for sort in order}
    told = [f"{rows[sort]:,} {words[sort][rows[sort] != 1]}" for sort in order if rows.get(sort)]
    return " and ".join(filter(None, [", ".join(told[:-1]), *told[-1:]]))


def sort_in_words(label: str) -> str:
    """A row's sort as curators' pages call it, by the label of its table: ``"entities.alias"`` is a "name"."""
    return _COUNTED[SORT_WORDS[label]][0]
