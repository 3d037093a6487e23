"""The whole flow for one article: chains → candidates → scores → decisions, then the descriptions that lean on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from articles.detection.gazetteer import Sense
from articles.detection.spans import Span
from articles.resolution.agreements import resolve_agreements
from articles.resolution.article import Article, Resolution, Resolved
from articles.resolution.catalogue import Catalogue
from articles.resolution.chains import Chain, build_chains, senses_of
from articles.resolution.evidence import Company, count_countries, first_company, has_news, mention_view, second_company
from articles.resolution.gathering import candidates_of, is_searched, with_rivals_at_home
from articles.resolution.roles import persons_wanted, resolve_roles
from entities.matching.countries import countries_in
from entities.matching.decision import decide
from entities.matching.features import terms_on
from entities.matching.normalize import words_of
from entities.matching.offices import fits, offices
from entities.matching.profiles import Profile, load_profiles
from entities.matching.scoring import score, strongest
from entities.matching.types import (
    DERIVED_SENSES,
    CandidateView,
    Decision,
    Evidence,
    Kind,
    MentionType,
    MentionView,
    Outcome,
    RecordView,
)

# Said of matches, races and seasons, and of little else.
_SPORT = frozenset(
    "coach match matches goal goals goalkeeper striker midfielder defender league bundesliga season penalty offside semifinal"
    " semifinals semi quarterfinal quarterfinals tournament championship championships playoff playoffs keeper stadium kickoff"
    " halftime referee relegation fixture fixtures squad teammate teammates basketball football soccer tennis handball hockey"
    " nba nfl uefa fifa cup medal medals olympic athlete athletes champion champions scored scorer lap race driver".split()
)


_SPORT_WORDS = 6  # of these in one article make it one about sport
_KIND_TYPES = {
    Kind.PERSON: MentionType.PERSON,
    Kind.STATE: MentionType.PLACE_POLITICAL,
    Kind.ORGANIZATION: MentionType.ORGANIZATION,
    Kind.AGREEMENT: MentionType.AGREEMENT,
}


def prefetch(articles: Iterable[tuple[Sequence[Span], str | None]], catalogue: Catalogue) -> None:
    """Have a catalogue load together what each of several articles would ask it for.

    Args:
        articles: the spans of each, and its date.
    """
    articles = list(articles)
    records = {sense.record_id for spans, _ in articles for span in spans for sense in span.senses}
    described = [([span for span in spans if span.role is not None], day) for spans, day in articles]
    holders = catalogue.holders({s.record_id for spans, _ in described for span in spans for s in span.role.place})
    for spans, day in described:
        places = {sense.record_id for span in spans for sense in span.role.place}
        records |= persons_wanted(spans, {place: holders.get(place, ()) for place in places}, day)
    catalogue.views(records)
    # A single unknown word is mostly the surname of somebody whom the article names in full.
    catalogue.similar(
        {
            span.surface
            for spans, _ in articles
            for span in spans
            if not span.senses and " " in span.surface and span.role is None and span.agreement is None
            if is_searched(span)
        }
    )


def chains_of(
    text: str,
    spans: Sequence[Span],
    catalogue: Catalogue,
    *,
    date: str | None = None,
    is_tagged: bool = True,
    profiles: Mapping[str, Profile] | None = None,
) -> Article:
    """Score and decide every named chain of an article; descriptions are left to ``resolve``. Also what is learnt from."""
    article = Article(text, date, list(spans), catalogue, profiles or load_profiles())
    article.words = words_of(text)
    article.countries = countries_in(text)
    article.is_sport = len(article.words & _SPORT) >= _SPORT_WORDS
    chains = build_chains(text, article.spans, is_anothers=partial(_is_anothers, article))
    gathered = candidates_of(article, chains)
    first_company(article, chains, gathered)
    count_countries(article)
    gathered = [with_rivals_at_home(article, candidates) for candidates in gathered]
    company = Company(article)
    for chain, candidates in zip(chains, gathered, strict=True):
        article.chains.append(_scored(article, chain, mention_view(article, chain, is_tagged, company), candidates))
    kin = [resolved.chain for resolved in article.chains if resolved.chain.which]
    for number, resolved in enumerate(article.chains) if kin else ():
        if resolved.chain.which and resolved.candidates:
            article.chains[number] = _told_apart(article, resolved)
        elif resolved.chain.is_person and not resolved.chain.is_full_name and len(resolved.candidates) > 1:
            article.chains[number] = _not_kin(article, resolved, kin)
    # The sure ones make the company in which the doubtful are judged once more.
    second_company(article)
    named = count_countries(article)
    first, company = company, Company(article)
    counts = company.counts_unlike(first)
    for number, resolved in enumerate(article.chains):
        if resolved.candidates and (len(resolved.candidates) > 1 or resolved.decision.probability < 0.95):
            states, linked, ties = company.of(resolved.chain)
            if not has_news(resolved, states, linked, ties, counts, named):
                continue
            mention = replace(resolved.mention, states=states, linked=linked, ties=ties)
            known = {one.record_id: one.evidence for one in resolved.ranking}
            article.chains[number] = _scored(article, resolved.chain, mention, resolved.candidates, known)
    for resolved in article.chains:
        for member in resolved.chain.members:
            article.chain_at[member.start] = resolved
    second_company(article)
    return article


def resolve(
    text: str,
    spans: Sequence[Span],
    catalogue: Catalogue,
    *,
    date: str | None = None,
    is_tagged: bool = True,
    profiles: Mapping[str, Profile] | None = None,
) -> list[Resolution]:
    """Decide every span of an article, all of them together.

    Args:
        text: the text that the spans were found in, junk masked.
        spans: what detection found.
        date: the article's ISO date or prefix of it; without one nothing is judged by time.
        is_tagged: whether a tagger read the text, so that its silence means something.

    Returns:
        One resolution for each span that is kept, in text order: gazetteer hits that turn out to be no name at all are
        dropped, names that no record answers to are NIL.
    """
    return resolutions_of(chains_of(text, spans, catalogue, date=date, is_tagged=is_tagged, profiles=profiles))


def resolutions_of(article: Article) -> list[Resolution]:
    """The resolutions of an article whose named chains are decided; descriptions are decided here."""
    first = len(article.chains) + 1
    resolutions = [resolution for resolved in article.chains for resolution in _of_chain(article, resolved)]
    resolutions.extend(resolve_roles(article, first_chain=first))
    resolutions.extend(resolve_agreements(article, first_chain=first + len(article.spans)))
    resolutions.sort(key=lambda one: (one.span.start, -one.span.end))
    return resolutions


def _is_anothers(article: Article, span: Span, records: Mapping[int, Sense]) -> bool:
    """Whether the office before a surname is held on the day by another than those whom the text names in full."""
    held = _CABINET if span.title.lower() in ("secretary", "minister") else offices(span.title)
    if not held or not records or not article.date:
        return False
    article.load({*records, *(sense.record_id for sense in span.senses if sense.kind is Kind.PERSON)})
    if any(_has_held(article.views[id_], held) for id_ in records if id_ in article.views):
        return False
    return any(
        sense.kind is Kind.PERSON and sense.record_id not in records and _has_held(record, held, article.date)
        for sense in span.senses
        if (record := article.views.get(sense.record_id)) is not None
    )


def _has_held(record: RecordView, held: frozenset[str], day: str | None = None) -> bool:
    """Whether a person held one of these offices, on a day or ever."""
    return any(
        fits(held, offices(term.title)) >= _SAME_OFFICE for term in (terms_on(record, day) if day else record.terms)
    )


_SAME_OFFICE = 0.7


#: What "Secretary" or "Minister" alone may mean.
_CABINET = frozenset(
    {
        "foreign minister",
        "defence minister",
        "finance minister",
        "interior minister",
        "attorney general",
        "trade minister",
    }
)


def _told_apart(article: Article, resolved: Resolved) -> Resolved:
    """A chain of which the text says that it is the elder, the younger or the other of a surname: not who else is named so."""
    chain = resolved.chain
    linked = {one.record_id for one in article.chains if one.chain is not chain and one.chain.is_full_name}
    if chain.is_full_name and any(one.sense == "similar" and one.record.id in linked for one in resolved.candidates):
        # "Her father, Aung San" is not she, however like the names.
        kept = [one for one in resolved.candidates if one.sense != "similar" or one.record.id not in linked]
        resolved = _scored(article, chain, resolved.mention, kept)
    name = chain.names[-1] if chain.names else chain.key.rpartition(" ")[2]
    is_sole = chain.is_full_name and sum(one.sense not in DERIVED_SENSES for one in resolved.candidates) < 2
    others = {
        other.record_id: other.chain
        for other in article.chains
        if other.record_id is not None and other.chain is not chain and other.chain.is_person
        if name
        in (other.chain.key.rpartition(" ")[2], other.chain.key.partition(" ")[0])  # family names may come first
        if other.chain.is_full_name or not (other.chain.which or is_sole)
    }
    if not others:
        return resolved
    born = {id_: _born(article.views[id_]) for id_ in others}
    if len(others) > 1 and not chain.is_full_name:
        if chain.which == "other":
            # The one less spoken of just before.
            wanted = {min(others, key=lambda id_: _last_before(others[id_], chain.start))}
        else:
            wanted = {(min if chain.which == "elder" else max)(others, key=lambda id_: born[id_])}
        kept = [one for one in resolved.candidates if one.record.id in wanted]
    else:
        kept = [one for one in resolved.candidates if one.record.id not in others]
        if chain.which != "other":
            [day] = [min(born.values())] if chain.which == "elder" else [max(born.values())]
            rest, kept = kept, [one for one in kept if _fits_age(_born(one.record), day, chain.which)]
            if rest and not kept and not chain.is_full_name:
                # "George Herbert Walker Bush … the elder Bush": of those who have the name nobody is older than he.
                kept = [one for one in resolved.candidates if one.record.id in others]
    if not chain.is_full_name:
        # With what the text says of it the surname is a name of its own.
        kept = [replace(one, sense="nickname", rivals=len(kept) - 1) for one in kept]
    return _scored(article, chain, resolved.mention, kept)


def _not_kin(article: Article, resolved: Resolved, kin: list[Chain]) -> Resolved:
    """A bare surname is not the relative whom the text names in full beside it: "Karamanlis' uncle Konstantinos Karamanlis"."""
    named = {
        id_
        for chain in kin
        if chain.is_full_name and chain.names[-1] == resolved.chain.key
        for id_, sense in senses_of(chain).items()
        if sense.sense not in DERIVED_SENSES
    }
    kept = [one for one in resolved.candidates if one.record.id not in named]
    if not named or len(kept) == len(resolved.candidates) or not kept:
        return resolved
    return _scored(article, resolved.chain, resolved.mention, kept)


def _born(record: RecordView) -> str:
    """When a person was born, or would have been, to hold a first office at forty-five."""
    if record.valid_from:
        return record.valid_from
    first = min((term.start for term in record.terms if term.start), default="")
    return str(int(first[:4]) - 45) if first[:4].isdigit() else ""


def _last_before(chain: Chain, start: int) -> int:
    return max((member.start for member in chain.members if member.start < start), default=-1)


def _fits_age(born: str, other: str, which: str) -> bool:
    return not born or not other or (born < other if which == "elder" else born > other)


def _scored(
    article: Article,
    chain: Chain,
    mention: MentionView,
    candidates: list[CandidateView],
    known: Mapping[int, Mapping[str, Evidence]] | None = None,
) -> Resolved:
    """Score a chain's candidates and decide; the reason in words is added once all is decided (``_of_chain``)."""
    ranking = score(mention, candidates, article.profiles, known=known) if candidates else []
    if not ranking:
        reason = "is named as a place here, not for its government" if chain.is_local else "no record has such a name"
        return Resolved(chain, mention, candidates, ranking, Decision(Outcome.NIL, None, 0.0, 0.0, reason))
    profile = article.profiles[article.views[ranking[0].record_id].kind]
    outcome, best, probability, lead = decide(
        [(one.record_id, one.probability) for one in ranking],
        link_at=profile.link_at, review_at=profile.review_at, margin=profile.margin,
    )  # fmt: skip
    return Resolved(chain, mention, candidates, ranking, Decision(outcome, best, probability, lead, ""))


_TOLD_MOST, _REASONS = 8, 5  # pieces of evidence that are kept with a mention, and of which its reason is made


def _reason(
    article: Article, resolved: Resolved, weighed: Sequence[tuple[str, Evidence, float]], profile: Profile
) -> str:
    """Why, in a sentence: the evidence that weighed most, and for a doubt what stands against it."""
    mention, ranking, outcome = resolved.mention, resolved.ranking, resolved.decision.outcome
    best = ranking[0]
    record = article.views[best.record_id]
    pro = [found.text for _, found, weight in weighed if weight > 0][:3]
    contra = [found.text for _, found, weight in weighed if weight < 0][:2]
    told = f"“{mention.surface}” " + (", ".join(pro) if pro else f"resembles {record.name}")
    if contra and outcome is not Outcome.LINK:
        told += "; but " + ", ".join(text.removeprefix("but ") for text in contra)
    if outcome is Outcome.REVIEW and len(ranking) > 1 and best.probability - ranking[1].probability < profile.margin:
        rival = article.views[ranking[1].record_id]
        told += (
            f"; {rival.name} fits nearly as well" if rival.name != record.name else "; a namesake fits nearly as well"
        )
    return told[:1000]


def _of_chain(article: Article, resolved: Resolved) -> list[Resolution]:
    """The resolutions of a chain's members that are kept, with the reason and the evidence in words."""
    chain = resolved.chain
    kept = chain.members
    if resolved.decision.outcome is Outcome.NIL:
        kept = [span for span in kept if _is_name(span, chain, resolved)]
        if not kept:
            return []
    evidence = []
    if resolved.ranking:
        best = resolved.ranking[0]
        profile = article.profiles[article.views[best.record_id].kind]
        weighed = strongest(best.evidence, profile, most=_TOLD_MOST)
        evidence = [(name, weight, found.text) for name, found, weight in weighed]
        reason = _reason(article, resolved, weighed[:_REASONS], profile)
        resolved.decision = replace(resolved.decision, reason=reason)
    return [
        Resolution(
            span, chain.number, resolved.decision, resolved.ranking[:4], _type(article, span, resolved), evidence
        )
        for span in kept
    ]


def _is_name(span: Span, chain: Chain, resolved: Resolved) -> bool:
    """Whether a span that links to nothing is worth keeping as a name we do not know."""
    if chain.is_local:
        return True
    if span.detector == "gazetteer":
        return span.ner is not None and span.ner is not MentionType.OTHER
    if span.detector == "rule" and span.abbreviates is None:
        return " " in span.surface or len(chain.members) > 1 or chain.is_person
    return True


def _type(article: Article, span: Span, resolved: Resolved) -> MentionType:
    if resolved.decision.outcome is not Outcome.NIL and resolved.decision.record_id is not None:
        kind = article.views[resolved.decision.record_id].kind
        if kind is Kind.STATE:
            senses = [sense for sense in span.senses if sense.record_id == resolved.decision.record_id]
            if senses and all(sense.sense in ("demonym", "adjective") for sense in senses):
                return MentionType.NATIONALITY
            if not senses and span.ner is MentionType.NATIONALITY:
                return MentionType.NATIONALITY
        return _KIND_TYPES[kind]
    if resolved.chain.is_local or span.ner in (MentionType.PLACE, MentionType.PLACE_POLITICAL):
        return MentionType.PLACE
    return span.ner or span.type
