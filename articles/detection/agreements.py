"""Agreements that are described, not named: "the 2015 deal between Iran and six nuclear powers", "the new pact"."""

from __future__ import annotations

import re
from collections.abc import Container

from articles.detection.agreement_words import (
    ADJECTIVES,
    ADVERBS,
    COMPARED,
    DETERMINERS,
    LINKING,
    NEW,
    NOT_OBJECT,
    NUMBERS,
    OTHER,
    POINTING,
    SUBJECTS,
    TYPE_WORDS,
    UNITED_NATIONS,
    VERBS,
)
from articles.detection.gazetteer import Hit, Sense
from articles.detection.spans import AgreementDescription
from articles.detection.text import fold, lower
from entities.matching.types import Kind

_TYPE = re.compile(rf"\b(?:{'|'.join(sorted(TYPE_WORDS, key=len, reverse=True))})\b")  # for lower-case text

_COUNTED_ADJECTIVE = re.compile(
    r"(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty|hundred)-"
    r"(?:year|month|week|day|hour|point|page|nation|party|power|stage|phase|part|way)$"
)  # "six-month", "28-point"
_YEAR = re.compile(r"^(?:1[5-9]|20)\d\d$")
_DETERMINED = re.compile(r"\b(?:[Tt]he|[Aa]n?|[Tt]his|[Tt]hat|its|their|our)\s(?:[a-z][\w-]{1,20}\s){0,2}$")
_TOKEN_BEFORE = re.compile(r"([\w’'\-]+)([ \u00a0]+|-)$")
_QUOTES = "\"'“”‘’«»„"
_BETWEEN = re.compile(r"\s+(?:between|among|with)\s+", re.IGNORECASE)
_PARTICIPLE = (
    r"(?:signed|reached|concluded|struck|agreed|brokered|mediated|sealed|negotiated|made|initialled"
    r"|(?:hammered|worked) out|drawn up)"
)
_SIGNED = re.compile(rf",?\s++(?:that (?:was|were) |which (?:was|were) )?{_PARTICIPLE}\b", re.IGNORECASE)
_BY = re.compile(r"\s+by\s+", re.IGNORECASE)
_PLACE_NAME = r"[^\W\d_][\w’'-]+(?:[ -](?:(?:de|del|la|el|al)[ -])?[A-ZÀ-Þ][\w’'-]+)*"
_IN_PLACE = re.compile(rf"\s+(?:in|at|on)\s+(?:the\s+(?:\w+\s+)?(?:city|town|capital|village) of\s+)?({_PLACE_NAME})")
_IN_SOME_PLACE = re.compile(
    r"\s+(?:in|at)\s+(?:an?|the)\s+(?:[\w-]+\s+){0,3}(?:lodge|palace|hotel|village|castle|city|town|resort)\b"
)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|spring|summer|autumn"
    r"|fall|winter|week|month|year)"
)
_WHEN = re.compile(
    rf"\s+(?:(?:last|this|earlier this) {_MONTH}|(?:on|in) {_MONTH}(?: \d{{1,2}})?(?:,? (?:of )?((?:1[5-9]|20)\d\d))?\b"
    rf"|on \d{{1,2}} {_MONTH}(?: ((?:1[5-9]|20)\d\d))?"
    r"|(?:a|an|two|three|four|five|six|seven|eight|nine|ten|twenty) (?:year|month|week|day)s? (?:ago|earlier))"
)
_OF_YEAR = re.compile(
    rf",?\s+(?:(?:of|in|from)\s+(?:\d{{1,2}}\s+)?(?:{_MONTH}\s+)?((?:1[5-9]|20)\d\d)\b|of\s+(?:last\s+)?{_MONTH}\b)"
)
# "the armistice that ended the Korean War" is described, but not by what we can read: no pointer to the last one named.
_CLAUSE = re.compile(r"\s+(?:that|which|under which|whose|signed|reached|concluded|struck|brokered)\b", re.IGNORECASE)
_ON_SUBJECT = re.compile(r"\s+(?:on|over|of|for|to)\s+((?:[a-z\-]+\s+){0,4}[a-z\-]+)")
# The same in the words that the catalogue's agreements have in their names: "the convention on the ozone layer", "the deal of
# 1996 on sharing the Ganges".
_ABOUT = re.compile(r"\s{1,3}(?:on|over|about|concerning|regarding|covering|governing|against)\s{1,3}")
_TITLE_GOES_ON = re.compile(r"\s{1,3}(?:on|of|for|against|concerning|relating to)\s{1,3}(?=(?:the\s)?[A-Z])")
_ABOUT_WORD = re.compile(r"[^\W\d_][\w-]{0,30}(?P<possessive>[’']s)?")
_ONE_NAME = re.compile(r"[A-ZÀ-Þ][\w’-]{2,30}\b(?! [A-ZÀ-Þ])")
_DAY = re.compile(rf"(?:{_MONTH}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)s?$")
_ABOUT_MOST = 9
# "the cease-fire of Sapoá", "the pact of Tlatelolco": the place has given an agreement its name.
_OF_NAMED = re.compile(r"\s{1,3}(?:of|at)\s{1,3}")
# "The peace of 1995", "the peace that ended Liberia's war".
_PEACE_TOLD = re.compile(r" (?:of (?:1[5-9]|20)\d\d\b|(?:that|which) |[A-ZÀ-Þ])")
# "The convention on torture and the one on genocide": it stands for the word before.
_ONE = re.compile(r"\bone\b(?= (?:on|over|between|with|signed) )")
_ONE_OF = 160  # characters back in which the word stands that "the one" stands for
#: What is an agreement only beside the name of one: "the peace of Versailles", "the Brioni paper", "the handshake at Gbadolite".
_BESIDE_NAME = re.compile(
    r"\b(?:peace(?: (?:plan|process|formula))?|plan|paper|handshake|formula|regime|text|framework)\b"
)
# "the 1997 agreement on Hebron": a place or a thing with a name; a day or a month is neither.
_ON_PLACE = re.compile(
    rf"\s+(?:on|over)\s+(?:the\s+)?(?!(?:{_MONTH}|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)(?:day)?\b)(?=[A-ZÀ-Þ])({_PLACE_NAME})"
)
_JOIN = re.compile(r"(?:\s{0,9},\s{0,9}(?:and\s{1,9})?|\s{1,9}(?:and|with)\s{1,9})(?:the\s{1,9})?(?=\S)")
_COUNTED = re.compile(
    r"(?:the\s+)?(?P<count>two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,3})\s+(?:other\s+)?"
    r"(?:[a-z\-]+\s+){0,2}(?:powers|nations|countries|states|governments|parties|republics|neighbours|neighbors)\b"
    r"|the\s+(?P<bare>two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?!\s+(?!was|is|has|does)[a-z]+s\b)",
    re.IGNORECASE,
)
_GOVERNMENT = re.compile(
    r"[’']s?\s(?:[a-z-]+\s)?(?:governments?|regime|junta|army|military|rulers|leaders|authorities|rebels|president|opposition)\b"
)
# "The general agreement of 1997, which ended the war": said of it, not what it is told by.
_ASIDE = re.compile(rf",\s{{1,3}}(?:which|that|under which|by which|in which|{_PARTICIPLE})\b")
_CAME_IN = re.compile(r",?\s{1,3}(?:that|which)\s{1,3}(?:[a-z]{1,20}\s{1,3}){1,3}in\s{1,3}((?:1[5-9]|20)\d\d)\b")
_PLURAL = re.compile(r"\s+(?:states|countries|nations|Arabs|governments)\b")
# "the memorandum under which Ukraine gave up its warheads in 1994", "the ceasefire that Russia brokered in 2020".
_THAT = re.compile(r",?\s+(?:that|which|under which|by which|in which)\s+")
_MAKING = r"(?P<between>signed|concluded|reached|made|agreed|struck|sealed|initialled)|brokered|mediated|negotiated"
_MADE = re.compile(rf"\s+(?:had\s+)?(?:{_MAKING}|[a-z]+(?:\s+(?:up|down|away|out))?)\b")
_MADE_BY = re.compile(rf"\s+(?:had\s+)?(?:{_MAKING})\b")
_SOMEONE = re.compile(r"(?:it|they|he|she|we|you|both|the two)(?= )")
_WITH = re.compile(r"\s+with\s+")
# "the treaty banning landmines", "the 1972 pact that forbade missile shields", "the accord that ended the civil war".
_PURPOSE = re.compile(
    r",?\s{1,3}(?:(?:banning|limiting|outlawing|prohibiting|forbidding|restricting|regulating|governing|ending|curbing|cutting"
    r"|reducing|protecting|against)|(?:that|which)\s{1,3}(?:has |had |will |was to )?(?:bans?|banned|limit(?:s|ed)?"
    r"|outlaw(?:s|ed)?|prohibit(?:s|ed)?|forbids?|forbade|restrict(?:s|ed)?|end(?:s|ed)?|curb(?:s|ed)?|cuts?|reduce[sd]?"
    r"|halt(?:s|ed)?|halved|clos(?:es?|ed)|freed?|frees|opens?|opened|found(?:s|ed)|guarantee[sd]?|recogni[sz]e[sd]?|partition(?:s|ed)"
    r"|created?|creates|establish(?:es|ed)?|protect(?:s|ed)?|divide[sd]?|settle[sd]?|stopped|stops?))"
    r"\s{1,3}(?:(?:all|the|their|its|both|some|most)\s{1,3}){0,2}"
)
_WHOSE = re.compile(r" (?:of|with|between) ")
_WHERE = re.compile(rf" (?:in|over|across) (?:the )?(?=[A-ZÀ-Þ])(?!{_MONTH}\b)({_PLACE_NAME})")
_OBJECT_WORD = re.compile(r"[^\W\d_][\w’'-]{0,30}")
_UNTIL_WHEN = re.compile(
    rf"(?:[^.;:\n]|\.(?=\w|,? [a-z])){{0,60}}?\b(?:in|on)\s+(?:\d{{1,2}}\s+)?(?:{_MONTH}\s+)?(?:\d{{1,2}},?\s+)?"
    r"((?:1[5-9]|20)\d\d)\b"
    rf"|(?:[^.;:,\n]|\.(?=\w|,? [a-z])){{0,60}}?\b(?:in|on) {_MONTH}(?: \d{{1,2}})?\b"
)
_UNCOUNTED = re.compile(
    r"(?:the\s+)?(?:rebels|guerrillas|insurgents|separatists|opposition|militants)\b"
    r"|(?:the\s+)?(?:(?:world|major|big|great|leading|western|global|regional|foreign)\s+powers|the\s+West\b)",
    re.IGNORECASE,
)


def find_agreements(
    text: str, hits: list[Hit], covered: bytearray, vocabulary: Container[str] = frozenset()
) -> list[tuple[int, int, AgreementDescription]]:
    """Every description of an agreement: ``(start, end, description)``; named ones (``covered``) are left alone.

    Args:
        text: the text as printed.
        hits: what the gazetteer found, the longest of overlapping ones.
        covered: one byte for each character: 1 where a named agreement stands.
        vocabulary: folded words of agreements' names: what a description may say that one is about.
    """
    by_end = {hit.end: hit for hit in hits}
    by_start = {hit.start: hit for hit in hits}
    found = []
    last_end = 0
    lowered = lower(text)
    beside = [
        match
        for match in _BESIDE_NAME.finditer(lowered)
        if _stands_by_name(text, match, by_start, by_end)
        or (
            match.group() == "peace"
            and _PEACE_TOLD.match(text, match.end())
            and _follows_determiner(text, match.start())
        )
    ]
    ones = [
        match
        for match in _ONE.finditer(lowered)
        if _TYPE.search(lowered, max(0, match.start() - _ONE_OF), match.start())
    ]
    for match in sorted([*_TYPE.finditer(lowered), *beside, *ones], key=lambda one: one.start()):
        start, end = match.span()
        if start < last_end or covered[start]:
            continue
        described = _describe(text, match, by_start, by_end, vocabulary)
        if described is not None:
            found.append(described)
            last_end = described[1]
    return found


def is_generic(text: str, hit: Hit) -> bool:
    """Whether a hit is an agreement's name in common words: "1979 peace treaty", which "… with Israel" may go on."""
    surface = text[hit.start : hit.end]
    return surface == surface.lower() and any(sense.kind is Kind.AGREEMENT for sense in hit.senses)


def _states(hit: Hit | None, *, with_persons: bool = False) -> tuple[Sense, ...]:
    if hit is None:
        return ()
    found = tuple(sense for sense in hit.senses if sense.kind in (Kind.STATE, Kind.ORGANIZATION))
    return found or (tuple(sense for sense in hit.senses if sense.kind is Kind.PERSON) if with_persons else ())


def _is_named(hit: Hit | None) -> bool:
    """Whether a hit is nothing but an agreement's name, or the place that gave it one."""
    return hit is not None and hit.senses.kinds == {Kind.AGREEMENT}


def _name_after(
    text: str, end: int, by_start: dict[int, Hit], vocabulary: Container[str]
) -> tuple[int, int, list[int]] | None:
    """The place that an agreement is called by, printed behind "of" or "at": ``(start, end, agreements of that name)``."""
    lead = _OF_NAMED.match(text, end)
    if lead is None:
        return None
    start = lead.end()
    hit = by_start.get(start)
    if hit is not None and _is_named(hit):
        return start, hit.end, [sense.record_id for sense in hit.senses]
    place = _ONE_NAME.match(text, start)
    if place is None or lead.group().strip() != "of" or _DAY.match(place.group()):
        return None
    is_place = hit is None or all(sense.sense in ("metonym", "part", "surname") for sense in hit.senses)
    return (start, place.end(), []) if is_place and fold(place.group()).strip() in vocabulary else None


def _stands_by_name(text: str, match: re.Match, by_start: dict[int, Hit], by_end: dict[int, Hit]) -> bool:
    """Whether an agreement's name stands directly before a word, or after it and "of" or "at"."""
    if text[match.start()].isupper():
        return False
    after = _OF_NAMED.match(text, match.end())
    return _is_named(by_end.get(match.start() - 1)) or (after is not None and _is_named(by_start.get(after.end())))


def _describe(
    text: str, match: re.Match, by_start: dict[int, Hit], by_end: dict[int, Hit], vocabulary: Container[str]
) -> tuple[int, int, AgreementDescription] | None:
    start, end = match.span()
    word = match.group()
    is_titled = text[start].isupper()  # "Agreement on the Establishment of …"
    following = _TYPE.match(lower(text[end + 1 : end + 14])) if text[end : end + 1] == " " else None
    if following is not None:
        return None  # "framework agreement", "ceasefire deal": the last word is what it is
    words: list[str] = []
    subjects: list[str] = []
    called: list[str] = []  # capitalised words, known or not
    names: list[int] = []  # agreements that the name beside it is of
    years: list[int] = []
    parties: list[tuple[Sense, ...]] = []
    determiner, is_new, is_other, venues = "", False, False, 0
    # Back over years, parties, subjects and adjectives to the article.
    for _ in range(9):
        at = start
        if at and text[at - 1] in _QUOTES and not text[at - 2 : at - 1].isalnum():
            break
        possessive = 2 if text[at - 3 : at - 1] in ("'s", "’s") else 1 if text[at - 3 : at - 1] in ("s'", "s’") else 0
        gap = text[at - 1 : at]
        if not gap or (gap not in " \u00a0\n-–"):
            break
        hit = by_end.get(at - 1 - possessive)
        if hit is not None:
            named = _states(hit)
            if text[hit.start : hit.end] in UNITED_NATIONS:
                pass  # "the UN treaty against torture": made there, not a party
            elif named:
                parties.append(named)
                venues += not possessive and all(sense.sense == "metonym" for sense in named)
            else:
                called.append(fold(text[hit.start : hit.end]))
                names.extend(s.record_id for s in hit.senses if s.kind is Kind.AGREEMENT and _is_named(hit))
            words.append(fold(text[hit.start : hit.end]))
            start = hit.start
            continue
        token = _TOKEN_BEFORE.search(text, max(0, at - 40), at)
        if token is None:
            break
        lowered = token.group(1).lower()
        if lowered in OTHER and not (years or parties):
            is_other = True
        if lowered in DETERMINERS:
            determiner = lowered
            break
        if _YEAR.match(token.group(1)):
            years.append(int(token.group(1)))
        elif lowered in SUBJECTS:
            words.append(lowered)
            subjects.append(lowered)
        elif lowered in VERBS and not _follows_determiner(text, token.start(1), ADVERBS):
            break  # "Israel signed agreements": a verb
        elif (
            lowered in ADJECTIVES
            or lowered in OTHER
            or lowered in COMPARED
            or _COUNTED_ADJECTIVE.match(lowered)
            or lowered.split("-")[0] in ("us", "un", "eu")
        ):
            is_new = is_new or lowered in NEW
            words.append(lowered)
        elif token.group(1)[0].isupper() and lowered not in ("the", "a", "an"):
            words.append(lowered)
            called.append(lowered)
        elif (
            start == match.start()
            and lowered.replace("-", "").isalpha()
            and (_follows_determiner(text, token.start(1)) or _follows_year(text, token.start(1)))
        ):
            words.append(lowered)  # "the accession treaty": what it is about may be any noun
            subjects.append(lowered)
        elif (
            len(lowered) > 3
            and lowered in vocabulary
            and _DETERMINED.search(text, max(0, token.start(1) - 40), token.start(1))
        ):
            words.append(lowered)  # "the high seas treaty": words of agreements' names
            subjects.append(lowered)
        else:
            break
        start = token.start(1)
    venue = venues == len(parties) == 1
    if venue:
        called.append(words[-1])
        parties.clear()  # "the Accra deal" was made there; "the Washington-Moscow treaty" is between the two
    party_count = None
    # On over "between A and B", "of 2015", "on climate change", "signed in Dayton in 1995", "struck by the EU in March".
    moved, has_clause = True, False
    month, years_ago = 0, 0
    if not years and text[start - 12 : start].lower() in ("last year's ", "last year’s "):
        years_ago = 1
    if word == "memorandum" and text.startswith(" of understanding", end):
        end += len(" of understanding")
    steps = 0
    while moved and steps < 6:
        moved, steps = False, steps + 1
        signed = _SIGNED.match(text, end)
        at = signed.end() if signed else end
        listed = _BETWEEN.match(text, at) or (_BY.match(text, at) if signed else None)
        if listed:
            stop, named, count = _party_list(text, listed.end(), by_start)
            if named or count:
                parties.extend(named)
                if count:
                    party_count = count + len(named)
                end, moved = stop, True
                continue
        year = _OF_YEAR.match(text, at)
        if year:
            if year.group(1):
                years.append(int(year.group(1)))
            month = month or _month_in(year.group())
            has_clause = has_clause or not year.group(1)
            end, moved = year.end(), True
            continue
        when = _WHEN.match(text, at) if signed or steps > 1 else None
        if when:
            years.extend(int(year) for year in when.groups() if year)
            month = month or _month_in(when.group())
            years_ago = years_ago or _years_ago(when.group())
            end, moved, has_clause = when.end(), True, True
            continue
        place = _IN_PLACE.match(text, at) if signed else None
        if place and place.group(1)[0].isupper():
            words.append(fold(place.group(1)).strip())
            end, moved, has_clause = place.end(), True, True
            continue
        lodge = _IN_SOME_PLACE.match(text, at) if signed else None
        if lodge:
            end, moved, has_clause = lodge.end(), True, True
            continue
        named_after = None if is_titled else _name_after(text, end, by_start, vocabulary)
        if named_after is not None:
            called.append(fold(text[named_after[0] : named_after[1]]).strip())
            words.append(called[-1])
            names.extend(named_after[2])
            end, moved = named_after[1], True
            continue
        about = _ON_PLACE.match(text, end) if (years or years_ago or determiner or subjects) and not is_titled else None
        if about:
            called.append(fold(about.group(1)).strip())
            words.append(called[-1])
            end, moved = about.end(), True
        told_of = _about(
            text, end, vocabulary, has_place=about is not None, is_titled=is_titled,
            is_pointing=bool(determiner) and not (years or years_ago or parties),
        )  # fmt: skip
        if told_of is not None:
            end, told, is_known = told_of
            has_clause = has_clause or not is_known
            words.extend(told)
            subjects.extend(word for word in told if word in SUBJECTS)
            moved = True
        if moved:
            continue
        subject = _ON_SUBJECT.match(text, end)
        if subject:
            told = [token for token in subject.group(1).split() if token in SUBJECTS]
            if told:
                words.extend(told)
                subjects.extend(told)
                end = subject.start(1) + subject.group(1).rindex(told[-1]) + len(told[-1])
                moved = True
    came = _CAME_IN.match(text, end) if not years else None
    if came is not None:
        years.append(int(came.group(1)))  # read, and no part of it: "the trade pact that followed in 1940"
    clause = _clause(text, end, by_start)
    purpose = _purpose(text, end, by_start) if clause is None else None
    if purpose is not None:
        end, has_clause = purpose[0], True
        words.extend(purpose[1])
        years.extend(purpose[2])
        parties.extend(purpose[3])
    if clause is not None:
        end, has_clause = clause[0], True
        parties.extend(clause[1])
        years.extend(clause[2])
        month = month or _month_in(clause[3])
        years_ago = years_ago or _years_ago(clause[3])
    if word == "peace":
        words.append(word)
    telling = [token for token in words if token not in ADJECTIVES and token not in OTHER and token not in COMPARED]
    is_anaphor = bool(determiner) and not (years or years_ago or parties or party_count or has_clause or venue or names)
    is_anaphor = is_anaphor and len(telling) <= 1
    if word in ("one", "peace") and is_anaphor:
        if word == "peace" or not telling or not subjects:
            return None  # "the one on the left", "the peace that all want"
        is_anaphor = False
        has_clause = True  # of the agreements that the text has named it is another
    if is_anaphor and not telling and is_titled and _TITLE_GOES_ON.match(text, end):
        return None  # "the Treaty of Amity and Cooperation" is a name
    if is_anaphor and is_other:
        return None  # "the older pact" is not the one spoken of
    if is_anaphor and not telling and _CLAUSE.match(text, end):
        return None
    aliases = [hit for hit in by_start.values() if start <= hit.start and hit.end <= end and is_generic(text, hit)]
    is_told = years or years_ago or parties or party_count or has_clause or venue or aliases or names
    if not is_anaphor and not is_told and len(telling) < (1 if word == "one" else 2):
        return None
    if is_anaphor and word in ("charter", "declaration", "framework", "initiative", "settlement", "compact", "statute"):
        return None
    if aside := _ASIDE.search(text, match.end(), end):
        end = aside.start()  # read, and no part of it
    pointing = f"{determiner} "
    if (
        is_anaphor
        and not telling
        and determiner in POINTING
        and text[start - len(pointing) : start].lower() == pointing
    ):
        start -= len(pointing)  # "the new treaty" is the whole description; "2015 deal …" stands without its article
    return (
        start,
        end,
        AgreementDescription(
            type_word="" if word == "one" else TYPE_WORDS.get(word, "accord"), words=tuple(dict.fromkeys(words)),
            subjects=tuple(dict.fromkeys(subjects)), venues=tuple(dict.fromkeys(called)), years=tuple(years),
            month=month, years_ago=years_ago, parties=tuple(parties),
            party_count=party_count, is_new=is_new, is_anaphor=is_anaphor, has_purpose=purpose is not None,
            is_plural=word.endswith("s") and not word.endswith("ss"), has_clause=has_clause,
            alias_ids=frozenset(s.record_id for hit in aliases for s in hit.senses if s.kind is Kind.AGREEMENT) | set(names),
            is_named=bool(names),
        ),
    )  # fmt: skip


_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"
)  # fmt: skip


def _month_in(words: str) -> int:
    return next((_MONTHS.index(word) + 1 for word in words.lower().replace(",", " ").split() if word in _MONTHS), 0)


def _years_ago(words: str) -> int:
    """What "ten years ago" says; "last year" is one, everything else 0."""
    told = words.lower().split()
    if told[-2:] == ["last", "year"]:
        return 1
    if len(told) >= 3 and told[-2] in ("year", "years") and told[-1] in ("ago", "earlier"):
        return 1 if told[-3] in ("a", "one") else NUMBERS.get(told[-3], 20 if told[-3] == "twenty" else 0)
    return 0


def _about(
    text: str, end: int, vocabulary: Container[str], *, has_place: bool, is_titled: bool, is_pointing: bool
) -> tuple[int, list[str], bool] | None:
    """What an agreement is about, up to the last word that agreements have in their names: ``(end, words, are known)``.

    With ``has_place`` a place was read just before: "on the Trieste [border]"; ``is_titled``: it begins with a capital, and its
    title may go on with "of" and "for"; ``is_pointing``: without more it would point back to an agreement named before.
    """
    lead = None if has_place else (_TITLE_GOES_ON if is_titled else _ABOUT).match(text, end)
    if lead is None and not (has_place and text[end : end + 1] == " "):
        return None
    at = lead.end() if lead else end + 1
    words: list[str] = []
    stop, unknown, after_possessive = 0, 0, False
    first: tuple[int, str] | None = None
    for _ in range(1 if has_place else _ABOUT_MOST):
        token = _ABOUT_WORD.match(text, at)
        if token is None or _DAY.match(token.group()):
            break
        word = fold(token.group().removesuffix(token.group("possessive") or "")).strip()
        if word not in LINKING:
            if word in NOT_OBJECT or word in TYPE_WORDS:
                break
            singular = word.removesuffix("s")
            if word in SUBJECTS or (len(word) > 2 and (word in vocabulary or singular in vocabulary)):
                words.append(word)
                stop, unknown = (stop if token.group("possessive") else token.end()), 0
            elif token.group()[0].isupper() or unknown or (words and not after_possessive):
                break  # only what leads up to a word of agreements may be unknown: "on sharing the Ganges [survived]"
            else:
                unknown += 1
                first = first or (token.end(), word)
            after_possessive = token.group("possessive") is not None
        if text[token.end() : token.end() + 1] != " ":
            break
        at = token.end() + 1
    if not stop and first is not None and lead is not None and is_pointing:
        return first[0], [first[1]], False  # "the deal on migrants": told apart, if in words that nobody knows
    return (stop, words, True) if stop else None


def _clause(
    text: str, end: int, by_start: dict[int, Hit]
) -> tuple[int, list[tuple[Sense, ...]], list[int], str] | None:
    """A relative clause that says who made it, with whom, where and when: ``(end, parties, years, when)``; None if it does not.

    "That Russia brokered in 2020", "which Nehru made with Liaquat"; without a pronoun, too: "it made with the Americans in 1951".
    """
    that = _THAT.match(text, end)
    at = that.end() if that else end + 1
    if that is None and text[end : end + 1] != " ":
        return None
    stop, named, _ = _party_list(text, at, by_start, with_persons=True)
    someone = _SOMEONE.match(text, at) if not named else None
    if not named and someone is None:
        return None
    after = stop if named else someone.end()
    made = _MADE.match(text, after) if that else _MADE_BY.match(text, after)
    if made is None:
        return None
    verb = made.group().split()[-1]
    is_between = made.group("between") is not None
    # Who brokered it is no party to it; who gave something up under it is one.
    is_broker = verb in ("brokered", "mediated") or (verb == "negotiated" and len(named) < 2)
    parties = [] if is_broker else named
    when = _UNTIL_WHEN.match(text, made.end()) if that else None
    if when is not None and (is_between or when.group(1)) and not _WITH.match(text, made.end()):
        return when.end(), parties, [int(when.group(1))] if when.group(1) else [], ""
    if not is_between and verb not in ("brokered", "mediated", "negotiated"):
        return None
    end, years, month, is_told = made.end(), [], "", len(named) > 1
    for _ in range(3):
        if other := _WITH.match(text, end):
            stop, others, _ = _party_list(text, other.end(), by_start, with_persons=True)
            if others:
                parties, end, is_told = [*parties, *others], stop, True
                continue
        if year := _OF_YEAR.match(text, end):
            years.extend([int(year.group(1))] if year.group(1) else [])
            end, month, is_told = year.end(), month or year.group(), True
            continue
        if time := _WHEN.match(text, end):
            years.extend(int(one) for one in time.groups() if one)
            end, month, is_told = time.end(), month or time.group(), True
            continue
        place = _IN_PLACE.match(text, end)
        if place is None or not place.group(1)[0].isupper():
            break
        end, is_told = place.end(), True
    return (end, parties, years, month) if is_told else None


def _purpose(
    text: str, end: int, by_start: dict[int, Hit]
) -> tuple[int, list[str], list[int], list[tuple[Sense, ...]]] | None:
    """What it does and to what: ``(end, words, years, parties)``; None where the text does not go on so."""
    doing = _PURPOSE.match(text, end)
    if doing is None:
        return None
    at, words, parties = doing.end(), [], []
    for _ in range(5):
        hit = by_start.get(at)
        word = _OBJECT_WORD.match(text, at)
        if hit is not None and text[hit.end : hit.end + 2] in ("'s", "’s"):
            if not _states(hit) or _OBJECT_WORD.match(text, hit.end + 3) is None:
                break  # "the deal that ended Liberia's."
            parties.append(_states(hit))
            at = hit.end + 3
            continue
        if hit is not None and _states(hit):
            words.append(fold(text[at : hit.end]).strip())  # "the Korean War": no party by that
            end = hit.end
        elif word is not None and word.group().lower() not in NOT_OBJECT:
            words.append(word.group().lower())
            end = word.end()
        else:
            break
        if text[end : end + 1] != " ":
            break
        at = end + 1
    if not words:
        return None
    if lead := _WHOSE.match(text, end):
        stop, named, _ = _party_list(text, lead.end(), by_start)
        if named:
            end = stop
            parties.extend(named)
    elif lead := _WHERE.match(text, end):
        end = lead.end()
        words.append(fold(lead.group(1)).strip())
    year = _OF_YEAR.match(text, end)
    if year:
        end = year.end()
    return end, words, [int(year.group(1))] if year and year.group(1) else [], parties


def _follows_determiner(text: str, at: int, others: frozenset[str] = frozenset()) -> bool:
    word = _TOKEN_BEFORE.search(text, max(0, at - 12), at)
    return word is not None and (word.group(1).lower() in DETERMINERS or word.group(1).lower() in others)


def _follows_year(text: str, at: int) -> bool:
    return text[at - 1 : at] == " " and _YEAR.match(text[max(0, at - 5) : at - 1]) is not None


def _party_list(
    text: str, start: int, by_start: dict[int, Hit], *, with_persons: bool = False
) -> tuple[int, list[tuple[Sense, ...]], int | None]:
    """Parties from ``start`` on: where they end, the named ones, and how many unnamed ones were counted.

    ``with_persons``: who signs may be a person, who stands for a state.
    """
    named: list[tuple[Sense, ...]] = []
    count: int | None = None
    end = at = start
    for _ in range(12):
        if text[at : at + 4].lower() == "the ":
            at += 4
        determined = at - 4 if text[max(0, at - 4) : at].lower() == "the " else at
        hit = by_start.get(at)
        counted = None if hit else _COUNTED.match(text, at) or _COUNTED.match(text, determined)
        parties = _states(hit, with_persons=with_persons)
        if parties:
            named.append(parties)
            more = _PLURAL.match(text, hit.end) or _GOVERNMENT.match(text, hit.end)
            end = more.end() if more else hit.end
        elif counted:
            number = (counted.group("count") or counted.group("bare")).lower()
            count = NUMBERS.get(number) or (int(number) if number.isdigit() else None)
            end = counted.end()
        elif named and (others := _UNCOUNTED.match(text, at)):
            end = others.end()
            break
        else:
            break
        join = _JOIN.match(text, end)
        if not join:
            break
        at = join.end()
    return end, named, count
