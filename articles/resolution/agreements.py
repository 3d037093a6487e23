"""Which agreement a description means: by parties, year, subject, place and what the article has named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from articles.detection.agreement_words import TYPE_WORDS
from articles.detection.gazetteer import Sense
from articles.detection.spans import AgreementDescription, Span
from articles.detection.text import fold
from articles.resolution.article import Article, Resolution
from articles.resolution.catalogue import AgreementIndex, singular
from entities.matching.dates import years_between
from entities.matching.decision import decide
from entities.matching.features import own_states
from entities.matching.scoring import log_odds, rank, strongest
from entities.matching.types import Decision, Evidence, Kind, MentionType, Outcome, RecordView

_KIN = (
    frozenset({"treaty", "accord", "memorandum", "declaration"}),
    frozenset({"accord", "ceasefire"}),
    frozenset({"convention", "treaty", "protocol", "charter"}),
)
#: "The deal", "the accord", "the pact", "the treaty": the press calls agreements of every sort so.
_ANY = frozenset({"accord", "treaty"})
_FADING = 0.85  # how much a mention counts for each sentence that it lies back
_MOST = 400
_NEW_DAYS = 45


def resolve_agreements(article: Article, *, first_chain: int) -> list[Resolution]:
    """A resolution for every description of an agreement that is worth one."""
    found: list[Resolution] = []
    named = _named(article)
    for number, span in enumerate(span for span in article.spans if span.agreement is not None):
        described = span.agreement
        scored = _score(article, span, described, named, found)
        if not scored:
            if not described.is_anaphor and (described.parties or described.years):
                decision = Decision(Outcome.NIL, None, 0.0, 0.0, "no agreement in the catalogue fits the description")
                found.append(Resolution(span, first_chain + number, decision, type=MentionType.AGREEMENT))
            continue
        profile = article.profiles["described"]
        outcome, best, probability, lead = decide(
            [(one.record_id, one.probability) for one in scored],
            link_at=profile.link_at, review_at=profile.review_at, margin=profile.margin,
        )  # fmt: skip
        if outcome is Outcome.NIL and described.is_anaphor:
            continue
        record = article.catalogue.agreements.records[best]
        told = strongest(scored[0].evidence, profile)
        words = ", ".join(item.text for _, item, weight in told if weight > 0) or "resembles it"
        against = ", ".join(item.text for _, item, weight in told if weight < 0)
        reason = f"“{span.surface}”: {record.name} {words}"
        if outcome is not Outcome.LINK and against:
            reason += f"; but {against}"
        resolution = Resolution(
            span, first_chain + number, Decision(outcome, best, probability, lead, reason[:1000]), scored[:3],
            MentionType.AGREEMENT, [(name, weight, item.text) for name, item, weight in told],
        )  # fmt: skip
        found.append(resolution)
    return found


def _named(article: Article) -> dict[int, int]:
    """Agreements linked by name, and where each stands first."""
    named: dict[int, int] = {}
    for resolved in article.chains:
        record = article.views.get(resolved.record_id) if resolved.record_id is not None else None
        if record is not None and record.kind is Kind.AGREEMENT:
            named.setdefault(record.id, resolved.chain.start)
    return named


def _score(
    article: Article,
    span: Span,
    described: AgreementDescription,
    named: dict[int, int],
    earlier: list[Resolution],
):
    index = article.catalogue.agreements
    known = {id_: start for id_, start in named.items() if start < span.start}
    for resolution in earlier:
        if resolution.decision.outcome is Outcome.LINK and resolution.decision.record_id is not None:
            known.setdefault(resolution.decision.record_id, resolution.span.start)
    parties = [_parties_of(article, senses) for senses in described.parties]
    words = [
        token if token in index.rarity else singular(token) for word in described.words for token in fold(word).split()
    ]
    is_bare = described.is_anaphor and not any(index.rarity.get(word, 0.0) > 0.25 for word in words)
    if is_bare and not known and not described.is_new:
        return _of_these_days(article, described)
    pool: set[int] = set(known) | (described.alias_ids & index.records.keys())
    for party in parties:
        for id_ in party:
            pool.update(index.by_party.get(id_, ()))
            group = article.view(id_)
            if group is not None and 0 < len(group.members) <= _SMALL_GROUP:
                # "the trade deal with Mercosur": its members may be the parties, one by one.
                pool.update(set.intersection(*(set(index.by_party.get(member, ())) for member in group.members)))
    for word in words:
        if index.rarity.get(word, 0.0) > 0.25:
            pool.update(index.by_word.get(word, ()))
    told = _Told(
        index.rarity.keys() & set(words), _tokens(described.subjects), _tokens(described.venues),
        _years_meant(described, article.date), _month_meant(described, article.date),
    )  # fmt: skip
    for year in {*told.years, *((int(told.month[:4]),) if told.month else ())}:
        pool.update(index.by_year.get(year, ()))
    if not parties and (described.is_new or not pool):
        for state, _ in article.states.most_common(4):
            pool.update(index.by_party.get(state, ()))
    if described.is_named and described.alias_ids & index.records.keys():
        pool = described.alias_ids & index.records.keys()
    profile = article.profiles["described"]
    weighed = []
    presence = _presence(article, span, earlier, known) if is_bare else {}
    for id_ in sorted(pool)[: _MOST * 10]:
        record = index.records[id_]
        evidence = _evidence(article, described, record, parties, told, known)
        if evidence is not None and is_bare:
            # "The deal" alone says nothing of parties or fame: it is the one last and most spoken of.
            if described.type_word not in _ANY and "type" in evidence and evidence["type"].value < 0:
                continue  # "the protocol", "the truce": of another sort than what is meant
            evidence.pop("setting", None)
            evidence.pop("prominence", None)
            if described.type_word in _ANY and "type" in evidence:
                del evidence["type"]
            if "in_article" in evidence and presence:
                share = presence.get(id_, 0.0) / max(presence.values())
                evidence["in_article"] = Evidence(0.2 + 0.8 * share, "is spoken of just before")
        if evidence is not None:
            weighed.append((id_, evidence, log_odds(evidence, profile)))
    weighed.sort(key=lambda item: (-item[2], item[0]))
    return rank(weighed[:12]) if weighed else []


def _parties_of(article: Article, senses: Sequence[Sense]) -> set[int]:
    """The records that a party's name may mean; who signs stands for the states of a person."""
    found = {sense.record_id for sense in senses if sense.kind is not Kind.PERSON}
    for sense in senses:
        if sense.kind is Kind.PERSON and (record := article.view(sense.record_id)) is not None:
            found |= own_states(record)
    return found


def _presence(article: Article, span: Span, earlier: list[Resolution], known: dict[int, int]) -> dict[int, float]:
    """How much the text speaks of each agreement just before a span."""
    presence = dict.fromkeys(known, 0.0)
    for resolved in article.chains:
        if resolved.record_id in presence:
            for member in resolved.chain.members:
                if member.start < span.start:
                    presence[resolved.record_id] += _FADING ** (span.sentence - member.sentence)
    for resolution in earlier:
        if resolution.decision.outcome is Outcome.LINK and resolution.decision.record_id in presence:
            presence[resolution.decision.record_id] += _FADING ** (span.sentence - resolution.span.sentence)
    return presence


def _of_these_days(article: Article, described: AgreementDescription):
    """ "The deal" of an article that names none: one of those very days between two that it speaks of."""
    index, day = article.catalogue.agreements, article.date
    if not day:
        return []
    spoken_of = [state for state, _ in article.states.most_common(4)]
    told = _Told(set(), [], [], _years_meant(described, day), _month_meant(described, day))
    weighed = []
    for id_ in dict.fromkeys(id_ for state in spoken_of for id_ in index.by_party.get(state, ())):
        record = index.records[id_]
        if not record.signed or not _just_signed(record.signed, day) or not _is_set_among(article, set(record.parties)):
            continue
        if not set(record.parties) & set(spoken_of[:2]):
            continue
        evidence = _evidence(article, described, record, [], told, {})
        if evidence is not None:
            weighed.append((id_, evidence, log_odds(evidence, article.profiles["described"])))
    return rank(weighed) if weighed else []


class _Told(NamedTuple):
    """What a description says, the same for every agreement it may mean: its words as the index has them, and when."""

    telling: set[str]  # those that agreements have in their names
    subjects: list[str]
    venues: list[str]
    years: tuple[int, ...]
    month: str  # an ISO prefix, or empty


def _evidence(
    article: Article,
    described: AgreementDescription,
    record: RecordView,
    parties: list[set[int]],
    told: _Told,
    known: dict[int, int],
) -> dict[str, Evidence] | None:
    index = article.catalogue.agreements
    evidence: dict[str, Evidence] = {}
    own = index.parties[record.id]
    # "Iran and the six powers": who are together a party under a name of their own.
    parties = [party if not own.isdisjoint(party) else party | _members_in(article, party, own) for party in parties]
    met = len([party for party in parties if not own.isdisjoint(party)])
    matched = told.telling & index.words[record.id]
    is_named = record.id in known or record.id in described.alias_ids or record.id in article.linked
    is_dated = described.years or described.years_ago or described.month
    if not (matched or is_named or is_dated or (parties and met == len(parties))):
        if not (record.signed and article.date and _just_signed(record.signed, article.date)):
            return None  # as of most that have one of the parties
    if parties:
        if met:
            # A treaty of two says more about its parties than one that all the world signed.
            weight = met / len(parties) * (1.0 if len(own) <= 12 else 0.6 if len(own) <= 40 else 0.3)
            evidence["parties"] = Evidence(weight, "has the parties named")
        if not own and not met:
            evidence["wrong_party"] = Evidence(0.5, "is not known to have a party that is named")
        if own and met < len(parties):
            evidence["wrong_party"] = Evidence((len(parties) - met) / len(parties), "lacks a party that is named")
        others = own - {id_ for party in parties for id_ in party}
        if met and len(own) <= 4 and others and max(article.states.get(other, 0) for other in others):
            # "his peace treaty with Israel": whose, tells the article.
            most = max(article.states.values())
            share = max(article.states.get(other, 0) for other in others) / most
            evidence["setting"] = Evidence(0.5 + 0.5 * share, "its other party is in the article")
    elif own:
        shared = [state for state in own if state in article.states]
        if shared and len(own) <= 40:
            evidence["setting"] = Evidence(min(1.0, len(shared) / min(len(own), 3)), "its parties are in the article")
    if described.party_count and own:
        if abs(len(own) - described.party_count) <= 1:
            evidence["count"] = Evidence(1.0, "has as many parties")
    years = index.years[record.id]
    if told.month and record.signed and len(record.signed) >= 7:
        # "The truce of January", "the pact signed in May 2017": one that was signed in that month.
        if record.signed[:7] == told.month:
            evidence["year"] = Evidence(1.0, f"was signed in {told.month}")
        else:
            evidence["wrong_year"] = Evidence(1.0, f"was signed in {record.signed[:7]}")
    elif told.years and years:
        if any(str(year) in years for year in told.years):
            evidence["year"] = Evidence(1.0, f"dates from {min(years)}")
        else:
            evidence["wrong_year"] = Evidence(1.0, f"dates from {min(years)}")
    if matched:
        total = sum(0.15 + index.rarity[word] for word in told.telling)
        share = sum(0.15 + index.rarity[word] for word in matched) / total if total else 0.0
        strength = min(1.0, sum(index.rarity[word] for word in matched))
        evidence["words"] = Evidence(share * strength, f"is about {', '.join(sorted(matched))}")
    if not described.type_word:
        pass  # "the one on genocide"
    elif described.type_word in index.types[record.id]:
        evidence["type"] = Evidence(1.0, f"is a {described.type_word}")
    elif index.types[record.id] and not any(
        described.type_word in kin and kin & index.types[record.id] for kin in _KIN
    ):
        evidence["type"] = Evidence(-1.0, f"is no {described.type_word}")
    day = article.date
    if day and record.signed:
        gap = (
            years_between(record.signed, day)
            if len(record.signed) >= 7
            else float(int(day[:4]) - int(record.signed[:4]))
        )
        if gap < -0.6:
            evidence["future"] = Evidence(1.0, "was signed after the article")
        elif _just_signed(record.signed, day) and (described.is_new or not described.has_purpose):
            evidence["new"] = Evidence(1.0, "was signed in those very days")
        elif described.is_new and gap > 1.5 and record.id not in known:
            evidence["future"] = Evidence(0.5, "was no longer new")
    later = None
    strange = _strange_words(index, told, record, is_called_so=record.id in described.alias_ids)
    if strange:
        evidence["other_words"] = Evidence(1.0, f"has nothing of “{' '.join(strange)}”")
    elif record.id in known and not evidence.keys() & {"wrong_year", "wrong_party"}:
        foreign = [word for word in told.subjects if word not in index.words[record.id]]
        evidence["in_article"] = Evidence(0.7 if foreign else 1.0, "is named in the article before")
    elif (
        record.id in article.linked and not evidence.keys() & {"wrong_year", "wrong_party"} and not described.is_anaphor
    ):
        later = Evidence(0.5, "is named in the article")
    if record.prominence:
        evidence["prominence"] = Evidence((3 - record.prominence) / 2, "is well known")
    # Something must tie the words to this very agreement.
    if record.id in described.alias_ids:
        evidence["alias"] = Evidence(1.0, "goes by such words")
    kin = {index.records[id_].subtype for id_ in known if id_ != record.id}
    if record.subtype and record.subtype in kin and "in_article" not in evidence:
        evidence["kin"] = Evidence(1.0, f"is of the sort the article speaks of: {record.subtype}")
    if (
        described.has_purpose
        and not matched
        and "year" not in evidence
        and ("parties" not in evidence or evidence["parties"].value < 0.99)
        and any(index.rarity[word] > _TELLING for word in told.telling)
    ):
        return None  # it does what another agreement is about
    ties = (
        {"year", "words", "alias"}
        if described.has_purpose
        else {"year", "words", "alias", "new"}
        if described.has_clause
        else {"year", "words", "alias", "in_article", "new"}
    )
    if ties & evidence.keys() == {"year"} and own and "parties" not in evidence and not _is_set_among(article, own):
        return None  # a year alone, and the text does not speak of its parties
    ties &= evidence.keys()
    if (
        ties <= {"year", "words"}
        and 0 < len(own) <= _SMALL_GROUP
        and not parties
        and matched.isdisjoint(told.venues)
        and matched
    ):
        is_foreign = own.isdisjoint(article.states) if ties == {"words"} else not _is_set_among(article, own)
        if is_foreign and (ties == {"words"} or evidence["words"].value < _TELLING):
            return None  # what many agreements are about, and the text does not speak of its few parties
    if "wrong_year" in evidence:
        ties -= {"new"}
    if later is not None:
        evidence["in_article"] = later  # no tie: the words must point to it by themselves
    tied = ties or (evidence.get("parties") is not None and evidence["parties"].value >= 0.99)
    return evidence if tied else None


def _is_set_among(article: Article, parties: set[int]) -> bool:
    """Whether the text speaks of two of the states that are parties, or of the only one."""
    states = [id_ for id_ in parties if (record := article.view(id_)) is not None and record.kind is Kind.STATE]
    return sum(1 for state in states if state in article.states) >= min(2, len(states))


def _years_meant(described: AgreementDescription, day: str | None) -> tuple[int, ...]:
    """The years that a description tells, or the one that lies so many years before the article."""
    if described.years or not described.years_ago or not day:
        return tuple(described.years)
    return (int(day[:4]) - described.years_ago,)


def _month_meant(described: AgreementDescription, day: str | None) -> str:
    """The month of signature that a description tells, as an ISO prefix; of a month alone the last one before the article."""
    if not described.month or not (described.years or day):
        return ""
    if described.years:
        return f"{described.years[0]}-{described.month:02}"
    year = int(day[:4]) - described.years_ago
    if described.years_ago:
        return f"{year}-{described.month:02}"
    return f"{year if len(day) >= 7 and described.month <= int(day[5:7]) else year - 1}-{described.month:02}"


def _members_in(article: Article, party: set[int], own: set[int]) -> set[int]:
    """The members of a group among the parties, if nearly all of them are parties: who joined later is none."""
    for id_ in party:
        record = article.view(id_)
        if record is not None and 1 < len(record.members) <= _SMALL_GROUP:
            signed = own.intersection(record.members)
            if len(signed) >= max(2, _NEARLY_ALL * len(record.members)):
                return signed
    return set()


_SMALL_GROUP = 12
_NEARLY_ALL = 2 / 3


def _tokens(words: Sequence[str]) -> list[str]:
    return [token for word in words for token in fold(word).split() if token not in TYPE_WORDS]


def _strange_words(index: AgreementIndex, told: _Told, record: RecordView, *, is_called_so: bool) -> list[str]:
    """Words that tell of another agreement: a name that this one does not have, a subject that only others have."""
    own = index.words[record.id]
    if told.venues and not any(word in own for word in told.venues):
        return told.venues
    if is_called_so:
        return []
    return [word for word in told.subjects if word not in own and index.rarity.get(word, 0.0) > _TELLING]


_TELLING = 0.5  # how rare a subject must be among the agreements to tell one from another


def _just_signed(signed: str, day: str) -> bool:
    if len(signed) < 10 or len(day) < 10:
        return len(signed) >= 7 and signed[:7] == day[:7]
    try:
        return abs((date.fromisoformat(day) - date.fromisoformat(signed)).days) <= _NEW_DAYS
    except ValueError:
        return False
