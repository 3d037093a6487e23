"""Evidence beside a name: the company that it keeps in the article, the words and years around it, how it is spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from articles.detection.agreement_words import TYPE_WORDS
from articles.detection.spans import Span
from articles.detection.text import fold
from articles.resolution.article import Article, Resolved
from articles.resolution.chains import Chain, senses_of
from entities.matching.countries import countries_of_name
from entities.matching.features import MOST_STATE_MENTIONS, countries_of, keeps_company_with, own_states
from entities.matching.offices import offices
from entities.matching.types import DERIVED_SENSES, CandidateView, Kind, MentionType, MentionView

_NONE: frozenset[int] = frozenset()
_TOLD = re.compile(r"\b(?:told|tells|telling|spoke to|speaks to|speaking to|interview with)\s+(?:the\s+)?$")
_REPORTS = re.compile(r"(?:['’]s)? (?:interview|correspondent|reporter|editor-in-chief)\b")
_TOLD_ENDS = frozenset({"told", "tells", "telling", "to", "with", "the"})
_DOUBTFUL = DERIVED_SENSES | {"similar"}


class Company:
    """What an article is found to speak of so far, as each of its chains sees it: itself left aside."""

    def __init__(self, article: Article):
        self._states = dict(article.states)
        self._linked, self._own_links = _shared(article.linked)
        self._ties, self._own_ties = _shared(article.ties)

    def of(self, chain: Chain) -> tuple[Mapping[int, int], frozenset[int], frozenset[int]]:
        """The states and how often each, the linked records, and the states they belong to."""
        own = [id_ for id_ in senses_of(chain) if id_ in self._states]
        states = {id_: count for id_, count in self._states.items() if id_ not in own} if own else self._states
        linked, ties = self._own_links.get(chain.number), self._own_ties.get(chain.number)
        return states, self._linked - linked if linked else self._linked, self._ties - ties if ties else self._ties

    def counts_unlike(self, other: Company) -> set[int]:
        """The states that are mentioned in one and not, or not as often, in the other."""
        return {id_ for id_, _ in self._counted() ^ other._counted()}

    def _counted(self) -> set[tuple[int, int]]:
        """The states, each counted as far as it matters."""
        return {(id_, min(count, MOST_STATE_MENTIONS)) for id_, count in self._states.items()}

    def own_news(self, other: Company, chain: Chain) -> set[int]:
        """What the chain alone spoke of, and leaves aside, in one and not in the other."""
        number, nothing = chain.number, set()
        linked = self._own_links.get(number, nothing) ^ other._own_links.get(number, nothing)
        return linked | (self._own_ties.get(number, nothing) ^ other._own_ties.get(number, nothing))


def has_news(
    resolved: Resolved,
    states: Mapping[int, int],
    linked: frozenset[int],
    ties: frozenset[int],
    counts: set[int],
    named: set[str],
) -> bool:
    """Whether what an article has been found to speak of since may change what speaks for a chain's candidates.

    Args:
        states, linked, ties: the company of now, as the chain sees it.
        counts: states that are mentioned more often, or less, than it was thought.
        named: codes of countries that are found to be named, by their capitals.
    """
    before = resolved.mention
    if bool(before.states) != bool(states) or bool(before.states or before.ties) != bool(states or ties):
        return True
    news = counts | ((before.linked | before.states.keys()) ^ (linked | states.keys()))
    linked_news = before.linked ^ linked
    # Ties and heirs only take away that its country is not there.
    missed = {one.record_id for one in resolved.ranking if "no_state" in one.evidence} if before.ties != ties else _NONE
    for candidate in resolved.candidates:
        record = candidate.record
        if record.id in linked_news or not news.isdisjoint(keeps_company_with(record)):
            return True
        if record.id in missed and not (ties | states.keys()).isdisjoint((*own_states(record), *candidate.heirs)):
            return True
        if named and not named.isdisjoint(countries_of(record)):
            return True
        if candidate.rivals and record.kind is Kind.STATE and (record.id in before.ties) != (record.id in ties):
            return True
    return False


def _shared(spoken_of: Mapping[int, set[int]]) -> tuple[frozenset[int], dict[int, set[int]]]:
    """All that chains speak of, and for each chain what it alone speaks of."""
    own: dict[int, set[int]] = {}
    for id_, chains in spoken_of.items():
        if len(chains) == 1:
            own.setdefault(next(iter(chains)), set()).add(id_)
    return frozenset(spoken_of), own


def mention_view(article: Article, chain: Chain, is_tagged: bool, company: Company) -> MentionView:
    """A chain as scoring sees it: its titles and offices, the words, years and records around all of its members."""
    head, members = chain.head, chain.members
    titles: set[str] = set()
    places: set[int] = set()
    years: set[str] = set()
    beside: set[str] = set()
    beside_states: set[int] = set()
    types: dict[MentionType, int] = {}
    is_former = is_titled = is_outlet = False
    is_shouted = is_ruled = True
    is_ordinary = is_common = " " not in head.surface and not head.surface.isupper()
    for member in members:
        is_shouted = is_shouted and member.is_shouted
        is_ruled = is_ruled and member.detector == "rule"
        is_ordinary = is_ordinary and member.is_ordinary
        is_common = is_common and (member.has_lower_twin or (member.is_sentence_start and member.is_ordinary))
        if member.title:
            titles |= offices(member.title)
            is_former = is_former or _FORMER.match(member.title) is not None
            places |= {sense.record_id for sense in member.title_place}
        if member.ner is not None:
            types[member.ner] = types.get(member.ner, 0) + 1
        if Kind.AGREEMENT in member.senses.kinds:
            years |= _years_beside(article.text, member)
            is_titled = is_titled or _is_titled(member)
        if member.place_before:
            beside.update(_beside(article, member))
            beside_states |= {sense.record_id for sense in member.place_before}
        is_outlet = is_outlet or not chain.is_person and _is_outlet(article.text, member)
    tagger_type = max(types, key=types.__getitem__) if types else None
    if chain.is_person and MentionType.PERSON in types:
        tagger_type = MentionType.PERSON  # of a full name and its surname the full name is read better
    if tagger_type is not None and is_titled:
        tagger_type = MentionType.AGREEMENT  # taggers know no agreements: "the Kyoto protocol" is a place to them
    states, linked, ties = company.of(chain)
    return MentionView(
        surface=head.surface,
        type=head.type,
        tagger_type=tagger_type,
        is_tagged=is_tagged and not is_ruled,
        date=article.date,
        offices=frozenset(titles),
        office_places=frozenset(places),
        is_former=is_former,
        years=frozenset(years),
        states=states,
        linked=linked,
        ties=ties,
        words=article.words,
        countries=article.countries,
        beside=frozenset(beside),
        beside_states=frozenset(beside_states),
        inside=sum([member.is_inside for member in members]) / len(members),
        is_ordinary=is_ordinary,
        is_agent=any(is_agent(article.text, member) for member in members),
        is_outlet=is_outlet,
        is_sport=article.is_sport,
        occurrences=len(members),
        is_full_name=chain.is_full_name,
        is_common_word=is_common,
        is_shouted=is_shouted,
    )


# What persons and governments do and towns and things do not, mostly: a finite verb directly after the name.
_AGENT = re.compile(
    r"(?:,\s[^,.;\n]{3,60},(?=\s(?:is|was)\b)|(?:,\s[^,.;\n]{3,60},)?\s(?:(?:[a-z]{2,12}ly|also|then|now|again|later|just|still|never|once|even|too|himself|herself)\s)?"
    r"(?:said|says|told|tells|spoke|speaks|wrote|writes|will|would|won['’]t|wouldn['’]t|can(?:no|['’])t|could(?:n['’]t)?|has|hasn['’]t|had(?:n['’]t)?"
    r"|did(?:n['’]t)?|does(?:n['’]t)?|may|might|must|went|goes|came|comes|left|leaves|flew|flies|met|meets|sees|saw|took|takes|gave|gives|kept|keeps"
    r"|held|holds|won|lost|loses|rang|knew|knows|thought|thinks|felt|found|finds|set|stood|stands|sat|sits|ran|brought|brings|bought|sent|sends|wants|needs"
    r"|hopes|fears|expects|insists|denies|calls|plans|remains|wishes|promises|accuses|warns|backs|demands|rejects|agrees|refuses|supports|offers"
    r"|seeks|considers|leans|waits|asks|stays|believes|argues|claims|admits|blames|regards|threatens"
    r"|began|begins|chose|drew|drove|fought|heard|led|leads|left|let|lied|made|makes|paid|pays|put|puts|quit|read|reads|rose|sold|spent|struck|swore|taught"
    r"|tore|threw|understood|understands|withdrew|woke|wept|[a-z]{3,12}ed)\b)"
)


# Words that are surnames somewhere, too: "He ended all trade".
_PRONOUNS = frozenset(
    "he she it they we you i this that these those there who what which so no an do all some many both one few".split()
)


def is_agent(text: str, span: Span) -> bool:
    """Whether what follows a name says what its bearer did: "Draghi promised banks what they need"."""
    return span.surface.lower() not in _PRONOUNS and _AGENT.match(text, span.end) is not None


_AFTER_MARK = re.compile(r"[.,;:()\n]")


def _beside(article: Article, span: Span) -> Iterable[str]:
    """The countries printed directly before a span, by their English words."""
    start = max(0, span.start - 30)
    before = article.text[start : span.start]
    if before[-1:] not in " -":
        return ()
    words = _AFTER_MARK.split(before)[-1].split()[-2:]
    return countries_of_name(" ".join(words)) if any(word[0].isupper() for word in words) else ()


def _is_outlet(text: str, span: Span) -> bool:
    """Whether somebody told it something, or it opens a line and a colon follows, as in an interview."""
    if text[span.end : span.end + 2] == ": " and (span.start == 0 or text[span.start - 1] == "\n"):
        return True
    if _REPORTS.match(text, span.end):
        return True
    words = text[max(0, span.start - 20) : span.start].rsplit(None, 1)
    if not words or words[-1].lower() not in _TOLD_ENDS:
        return False  # as before most names
    return _TOLD.search(text, max(0, span.start - 20), span.start) is not None


def _is_titled(span: Span) -> bool:
    """Whether a name that an agreement has says so itself: it ends with a word for one, or begins so."""
    words = fold(span.surface).split()
    return len(words) > 1 and (words[-1] in TYPE_WORDS or words[0] in TYPE_WORDS)


_FORMER = re.compile(r"former|ex[- ]|late\b", re.IGNORECASE)
_YEAR_BEFORE = re.compile(r"\b((?:1[5-9]|20)\d\d)[\s-]+(?:[a-z-]+\s+)?$")
_YEAR_AFTER = re.compile(
    r"(?:['’]s)?(?:,?\s+(?:of|signed in|concluded in|from)\s+(?:[A-Z][a-z]+ )?(?:\d\d?,? )?|\s*\()((?:1[5-9]|20)\d\d)\b"
)


def _years_beside(text: str, span: Span) -> set[str]:
    """The year printed beside a name: "the 1963 Moscow Treaty", "the Moscow Treaty of 2002"."""
    before = _YEAR_BEFORE.search(text, max(0, span.start - 20), span.start)
    after = _YEAR_AFTER.match(text, span.end)
    return {match.group(1) for match in (before, after) if match}


def first_company(article: Article, chains: list[Chain], gathered: list[list[CandidateView]]) -> None:
    """The states that are named beyond doubt."""
    for chain, candidates in zip(chains, gathered, strict=True):
        sure = [one for one in candidates if one.sense not in _DOUBTFUL and not one.is_weak]
        if len(sure) == 1 and sure[0].record.kind is Kind.STATE:
            article.states[sure[0].record.id] += len(chain.members)
        elif len(sure) == 1 and sure[0].sense not in DERIVED_SENSES:
            article.linked.setdefault(sure[0].record.id, set()).add(chain.number)


def count_countries(article: Article) -> set[str]:
    """Count a country as named, too, that is only named by its capital ("Washington said"); the codes of these."""
    added = set()
    for id_, count in article.states.items():
        record = article.view(id_)
        code = next((value for scheme, value in record.identifiers if scheme == "iso3"), "") if record else ""
        if code and code not in article.countries:
            article.countries[code] = count
            added.add(code)
    return added


def second_company(article: Article) -> None:
    """What the chains that are linked by now speak of: states, records, persons, and the states that these belong to."""
    article.states.clear()
    article.linked.clear()
    article.persons.clear()
    article.ties.clear()
    # "In Brussels" beside "Brussels said" tells nothing of which of its two this is.
    governing = {resolved.chain.key for resolved in article.chains if not resolved.chain.is_local}
    for resolved in article.chains:
        number = resolved.chain.number
        is_town = resolved.chain.is_local and resolved.chain.key not in governing
        for span in resolved.chain.members if is_town else ():
            for sense in span.senses:  # "in Brazzaville" tells which Congo
                if sense.sense == "metonym":
                    article.ties.setdefault(sense.record_id, set()).add(number)
        linked = resolved.record_id
        if linked is None:
            continue
        article.linked.setdefault(linked, set()).add(number)
        record = article.views[linked]
        if record.kind is Kind.PERSON:
            article.persons.append(resolved)
        if record.kind is Kind.STATE:
            article.states[linked] += len(resolved.chain.members)
        else:
            for state in own_states(record):
                article.ties.setdefault(state, set()).add(number)
