"""One text → its spans: gazetteer, tagger, rules, offices and agreements joined into one list."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from articles.detection.agreements import find_agreements
from articles.detection.agreements_abroad import find_agreements_abroad
from articles.detection.compounds import without_parts
from articles.detection.gazetteer import NO_SENSES, Gazetteer, Hit, Sense, Senses, longest
from articles.detection.inflection import inflected_hits
from articles.detection.ner import OCCUPATION, NamedSpan, capitalised_names
from articles.detection.roles import find_roles, longest_roles, title_before
from articles.detection.roles_abroad import find_roles_abroad
from articles.detection.spans import AgreementDescription, RoleDescription, Span
from articles.detection.text import fold, is_title_case, sentences
from articles.detection.words import is_ordinary
from entities.matching.countries import countries_of_name
from entities.matching.types import DERIVED_SENSES, Kind, MentionType

MAX_SURFACE = 200  # longer "names" are a tagger's mistakes on lists and tables

_ADJECTIVAL = frozenset({"demonym", "adjective"})
_LEAD = re.compile(
    r"^(?:(?:(?:the|an?|mr|mrs|ms|dr)\.?|(?-i:no|any|some|every))\s+|(?-i:[LD][’'](?=[a-zà-ÿ])))", re.IGNORECASE
)  # "L'accord de Lomé", and not "L'Aquila"
_TRAIL = re.compile(r"(?:['’]s?|(?<![\s\"”,.;:)(\-–—])[\s\"”,.;:)(\-–—]+|\s(?:of|and|in|the|for|with|to|by))$")
_TRAILING = ("s", "of", "and", "in", "the", "for", "with", "to", "by")  # letters that a trail may end with
_NER_LEAD_TITLE = re.compile(
    r"^(?:(?:[A-Z]?[a-z]+[- ]){0,2}?(?:president|minister|chancellor|premier|secretary|general|king|queen|prince|senator"
    r"|spokes(?:man|woman|person)|ambassador|leader|sheikh|ayatollah|chief|judge|governor|colonel|mr|mrs|ms|dr|sir|lord)"
    r"(?:-elect)?\.?\s+){1,4}(?=[A-Z])",
    re.IGNORECASE,
)
_SUFFIX = frozenset({"jr", "sr", "ii", "iii", "iv", "junior", "senior"})


def mask(text: str, junk: Sequence[tuple[int, int]]) -> str:
    """The text with its junk blanked out: nothing is found there, and every offset stays what it was."""
    for start, end in junk:
        text = text[:start] + "\n" * (end - start) + text[end:]
    return text


def detect(
    text: str,
    gazetteers: Sequence[Gazetteer],
    tagged: Sequence[NamedSpan] | None,
    *,
    masked: frozenset[int] | None = None,
    language: str = "",
    subjects: Container[str] = frozenset(),
) -> list[Span]:
    """Every mention of a text, in order; ``text[span.start:span.end] == span.surface`` holds for each.

    Args:
        text: the text with its junk already masked.
        gazetteers: the catalogue's names; a later one (recent changes) hides what an earlier one says of the records
            in ``masked``.
        tagged: what a tagger found; None where there is none: capitals decide.
        masked: record ids whose entries in the first gazetteer are out of date.
        language: ISO 639-1 of the text, where it is known: names are also found in the cases of that language, and
            descriptions by office in its words.
        subjects: folded words of the catalogue's agreements: what a description may say that one is about.
    """
    folded = fold(text)
    credited = _credits(text)
    hits = _find(text, folded, gazetteers, masked or frozenset())
    if credited:
        hits = [hit for hit in hits if not any(start <= hit.start < end for start, end in credited)]
    inflected = inflected_hits(text, hits, gazetteers, language)
    if inflected:
        hits = sorted([*hits, *inflected], key=lambda hit: (hit.start, hit.end))
    bounds = sentences(text)
    starts = [start for start, _ in bounds]
    first_letters = {_first_letter(text, start) for start in starts}
    hits = [hit for hit in _without_articles(text, hits, first_letters) if not _is_continent(text, hit)]
    detector = "rule" if tagged is None else "ner"
    if tagged is None:
        tagged = capitalised_names(text, first_letters)
    hits, tagged = without_parts(text, hits, tagged)
    chosen = longest(hits)
    if credited:
        tagged = [one for one in tagged if not any(start <= one.start < end for start, end in credited)]
    spans = [span for span in _join(text, chosen, hits, tagged, detector) if not _is_eponym(text, span)]
    for span in spans:
        _without_honorific(span)
        _with_its_subject(text, span, chosen)
    spans = [span for span in _without_covered(spans) if not _is_date(text, span) and not _is_dateline(text, span)]
    spans = [span for span in spans if not _is_another_body(text, span, spans)]
    _abbreviations(text, spans)
    _short_names(text, spans)
    covered = bytearray(len(text))
    for span in spans:
        if Kind.ORGANIZATION in span.senses.own_kinds and " " in span.surface:
            covered[span.start : span.end] = b"\x01" * (
                span.end - span.start
            )  # "Collective Security Treaty Organization"
        if Kind.AGREEMENT in span.senses.kinds and span.surface != span.surface.lower():
            covered[span.start : span.end] = b"\x01" * (span.end - span.start)
    lines = _Lines(text)
    for span in spans:
        span.sentence = max(0, bisect_right(starts, span.start) - 1)
        span.is_sentence_start = span.start in first_letters
        span.is_shouted = span.surface.isupper() and lines.is_shouted(span.start)
        if _may_be_person(span):
            span.title, title_start = title_before(text, span.start)
            if span.title and _is_parted(text, title_start, span.start):
                span.title = ""  # "held her head. Bessent said"
            if span.title:
                span.title_place = _place_before(title_start, hits)
    stands_small: dict[str, bool] = {}
    for span in spans:
        surface = span.surface
        if " " not in surface and span.detector == "gazetteer" and surface[:1].isupper():
            if surface not in stands_small:
                stands_small[surface] = _stands_small(text, surface)
            span.has_lower_twin = stands_small[surface]
            span.is_ordinary = is_ordinary(surface)
    _surroundings(text, spans, hits)
    by_span = {(span.start, span.end): span for span in spans}
    for start, end, role in _roles(text, hits, language, gazetteers):
        if (start, end) not in by_span:
            span = Span(start, end, text[start:end], MentionType.ROLE, "role", role=role)
            span.sentence = max(0, bisect_right(starts, start) - 1)
            spans.append(span)
            by_span[start, end] = span
    agreements = find_agreements(text, chosen, covered, subjects)
    agreements += find_agreements_abroad(text, chosen, covered, language)
    described = [_with_names_within(one, spans) for one in agreements]
    generic = {(start, end) for start, end, agreement in described if agreement.alias_ids}
    spans = [
        span
        for span in spans
        if not any(start <= span.start and span.end <= end for start, end in generic)
        or span.senses.kinds != {Kind.AGREEMENT}
    ]
    by_span = {(span.start, span.end): span for span in spans}
    for start, end, agreement in described:
        if (start, end) not in by_span:
            span = Span(start, end, text[start:end], MentionType.AGREEMENT, "agreement", agreement=agreement)
            span.sentence = max(0, bisect_right(starts, start) - 1)
            spans.append(span)
            by_span[start, end] = span
    spans = [span for span in spans if not _is_title_word(text, span)]
    spans.sort(key=lambda span: (span.start, -span.end))
    _appositions(text, spans)
    return spans


_TITLE_WORD = frozenset(
    "Home State Foreign Interior Justice Defence Defense Education Energy Health Finance Commerce Trade Transport"
    " Agriculture".split()
)
_OFFICE_AFTER = re.compile(r" (?:[Ss]ecretary|[Mm]inister)\b")
_OFFICE_BEFORE = re.compile(r"\b(?:[Ss]ecretar(?:y|ies)|[Mm]inisters?) (?:of|for) (?:the )?$")


def _is_title_word(text: str, span: Span) -> bool:
    """Whether a word that a ministry is known by only tells which minister: "Home Secretary", "Secretary of State"."""
    return (
        span.surface in _TITLE_WORD
        and span.role is None
        and Kind.STATE not in span.senses.kinds
        and (
            _OFFICE_AFTER.match(text, span.end) is not None
            or _OFFICE_BEFORE.search(text, max(0, span.start - 20), span.start) is not None
        )
    )


# What is called after somebody: "the Nobel Peace Prize", "a Fulbright scholarship", "Kim Il Sung Square".
_PERSONS_ALONE = frozenset({Kind.PERSON})
_NAMED_AFTER = re.compile(
    r" (?:[A-Z][a-z]{2,14} ){0,2}?(?:Prizes?|prizes?|Award|Medal|[Ll]aureates?|Institute|University|College|Library|Museum"
    r"|Tower|Stadium|Airport|Avenue|Boulevard|Bridge|Hospital|Lectures?|[Ss]cholar(?:ship)?s?|Fellow(?:ship)?s?|Trophy|Mausoleum|Memorial|Square|Street)\b"
)


def _is_eponym(text: str, span: Span) -> bool:
    """Whether a person's surname only names something else, which is not spoken of the person."""
    if not span.senses or " " in span.surface or text[span.end : span.end + 1] != " ":
        return False
    return span.senses.kinds == _PERSONS_ALONE and _NAMED_AFTER.match(text, span.end) is not None


def _roles(
    text: str, hits: list[Hit], language: str, gazetteers: Sequence[Gazetteer]
) -> list[tuple[int, int, RoleDescription]]:
    """Descriptions by office in the text's own language and, as texts quote it, in English."""
    found = find_roles(text, hits)
    abroad = find_roles_abroad(text, hits, language)
    if abroad:
        found = longest_roles([*found, *abroad])
    if any(role.offices == _POPE and not role.place for _, _, role in found):
        see = tuple(
            sense for one in gazetteers for sense in one.lookup("Holy See") if sense.kind is Kind.STATE
        )  # there is but one, and no text says of where
        found = [
            (start, end, replace(role, place=see) if role.offices == _POPE and not role.place else role)
            for start, end, role in found
        ]
    return found


_POPE = frozenset({"pope"})


# Who wrote or sent it: "mz/jm (Reuters, AFP, AP)", "Author: …", "MOSCOW (Reuters) -": no part of what is told.
_AGENCIES = r"(?:[,/;] ?[A-Za-z][\w .&-]{1,24}){0,5}"
_CREDIT = re.compile(
    r"(?<=[\s.!?”\"])[a-z]{2,4}(?:/[a-z]{2,4}){0,3}[ ,]*"
    rf"\((?P<agencies>[A-Za-z][\w .&-]{{1,24}}{_AGENCIES})\)(?=\s*(?:\n|$|Author|Editor))"
    r"|[ \n.]\((?P<listed>(?:AFP|AP|dpa|DPA|Reuters|EFE|epd|KNA|UPI|TASS|Xinhua|EPA|SID|sid)"
    rf"{_AGENCIES})\)(?=\s*(?:\n|$))"
    r"|(?m:^|(?<=[.!?)] ))(?:Author|Editor|Reporting by|Editing by|Written by|Interview|Interviewer)s?:"
    r" ?(?P<names>[A-ZÀ-Þ][^\n:.]{2,60})"
    r"|(?m:^)[A-ZÀ-Þ][^\n(]{2,40}\((?P<sender>[A-Z][\w ]{1,20})\) (?:-{1,2}|[–—])(?= )"
)


_MONTH = frozenset("January February March April May June July August September October November December".split())
_DATED_BEFORE = re.compile(
    r"\b(?:in|since|until|till|last|next|this|early|mid|late|\d{1,2}(?:st|nd|rd|th)?)[ -]$", re.IGNORECASE
)
_DATED_AFTER = re.compile(r",? \d")


def _is_date(text: str, span: Span) -> bool:
    """Whether a month's name stands for the month: "in May", "March 23"; not "May said"."""
    if span.surface not in _MONTH:
        return False
    before = _DATED_BEFORE.search(text, max(0, span.start - 12), span.start)
    return before is not None or _DATED_AFTER.match(text, span.end) is not None


_DATELINE = re.compile(r"(?:, [^\n:—–-]{1,40})?(?: \([^)\n]{1,30}\))? ?[—–-]{1,2} |: |,? [A-Z][a-z]+\.? \d{1,2}\b")


def _is_dateline(text: str, span: Span) -> bool:
    """Whether a line begins with the town it was sent from: "BRIONI, Yugoslavia, July 8 - " is no agreement's name."""
    is_first = span.start == 0 or text[span.start - 1] == "\n"
    return (
        is_first
        and span.surface.isupper()
        and span.senses.kinds == {Kind.AGREEMENT}
        and _DATELINE.match(text, span.end) is not None
    )


_CONTINENT = re.compile(r"\b(?:Latin|Central|South|North|Meso|Hispanic)[ -]$")


def _is_continent(text: str, hit: Hit) -> bool:
    """Whether a state's name is part of a continent's, or a common word: "Latin America", "the consent of the states"."""
    surface = text[hit.start : hit.end]
    if surface == "the states":
        return True
    return surface.startswith("America") and _CONTINENT.search(text, max(0, hit.start - 9), hit.start) is not None


# Without one of these there is no credit: the long pattern need not be tried at every word.
_BRACKETED = re.compile(r"\([A-Za-z][^()\n]{0,200}\)(?:\s*(?:\n|$|Author|Editor)| [-–—])")
_CREDITED = re.compile(r"(?:Author|Editor|Reporting by|Editing by|Written by|Interview|Interviewer)s?:")


def _credits(text: str) -> list[tuple[int, int]]:
    """Where agencies, authors and editors of an article are named as such."""
    if not (_BRACKETED.search(text) or _CREDITED.search(text)):
        return []
    return [
        match.span(group)
        for match in _CREDIT.finditer(text)
        for group in ("agencies", "listed", "names", "sender")
        if match.group(group) is not None
    ]


_CAPITAL_AFTER = re.compile(r"[ -](?:[A-ZÀ-Þ][\w’'-]*[a-zà-ÿ][\w’'-]*|[IVX]+\b|One\b)")
_CAPITAL_BEFORE = re.compile(r"([A-ZÀ-Þ][\w’'-]*[a-zà-ÿ])[ -]$")


def _surroundings(text: str, spans: Sequence[Span], hits: Sequence[Hit]) -> None:
    """What stands directly beside each single word: the rest of a longer name, or the country it belongs to."""
    starts = {span.start for span in spans}
    ends = {span.end for span in spans}
    states = {hit.end: hit.senses for hit in hits if Kind.STATE in hit.senses.own_kinds}
    lines: dict[int, bool] = {}
    for span in spans:
        before = states.get(span.start - 1) or (
            states.get(span.start - 3) if text[span.start - 3 : span.start - 1] in ("'s", "’s") else None
        )
        if before:
            span.place_before = tuple(sense for sense in before if sense.kind is Kind.STATE)
        if span.detector != "gazetteer" or " " in span.surface or span.surface.isupper():
            continue
        line = text.rfind("\n", 0, span.start) + 1
        if line not in lines:
            lines[line] = is_title_case(text, line)
        if lines[line]:
            continue
        after = _CAPITAL_AFTER.match(text, span.end)
        if after is not None and after.start() + 1 not in starts:
            span.is_inside = True
            continue
        before_it = _CAPITAL_BEFORE.search(text, max(0, span.start - 30), span.start)
        if before_it is not None and span.start - 1 not in ends and not span.title and not before:
            span.is_inside = not _opens(text, before_it.start(1))


def _opens(text: str, at: int) -> bool:
    """Whether a sentence, a line or a quotation begins here."""
    before = text[max(0, at - 3) : at].rstrip(" ")
    return not before or before[-1] in ".!?:;\n\"“‘'(" or "\n" in text[max(0, at - 2) : at]


def _with_names_within(
    found: tuple[int, int, AgreementDescription], spans: Sequence[Span]
) -> tuple[int, int, AgreementDescription]:
    """A description with the agreements whose names stand within it: "the INF accord"."""
    start, end, described = found
    ids = {
        sense.record_id
        for span in spans
        if start <= span.start and span.end <= end and (span.start, span.end) != (start, end)
        if span.senses.kinds == {Kind.AGREEMENT}
        for sense in span.senses
    }
    return (start, end, replace(described, alias_ids=described.alias_ids | ids)) if ids else found


def _find(text: str, folded: str, gazetteers: Sequence[Gazetteer], masked: frozenset[int]) -> list[Hit]:
    if len(gazetteers) == 1 and not masked:
        return gazetteers[0].find(text, folded)
    merged: dict[tuple[int, int], list[Sense]] = {}
    for number, gazetteer in enumerate(gazetteers):
        for hit in gazetteer.find(text, folded):
            senses = [s for s in hit.senses if number or s.record_id not in masked]
            if senses:
                merged.setdefault((hit.start, hit.end), []).extend(senses)
    return [Hit(start, end, Senses(dict.fromkeys(senses))) for (start, end), senses in sorted(merged.items())]


def _without_articles(text: str, hits: list[Hit], first_letters: set[int]) -> list[Hit]:
    """Drop "the EU" where "EU" alone is a name of the same record, unless the article is printed as part of the name."""
    at = {(hit.start, hit.end): hit for hit in hits}
    kept = []
    for hit in hits:
        if text[hit.start : hit.start + 4].lower() == "the " and (text[hit.start] == "t" or hit.start in first_letters):
            bare = at.get((hit.start + 4, hit.end))
            own = {sense.record_id for sense in hit.senses}
            if bare is not None and any(sense.record_id in own for sense in bare.senses):
                continue
        kept.append(hit)
    return kept


def _first_letter(text: str, start: int) -> int:
    while start < len(text) and not text[start].isalnum():
        start += 1
    return start


_LETTERS = re.compile(r"[^\W\d_]+")


def _stands_small(text: str, surface: str) -> bool:
    """Whether a word of letters alone also stands in the text in small ones."""
    word = surface.lower()
    if not word.islower() or not _LETTERS.fullmatch(word):
        return False
    at = text.find(word)
    while at >= 0:
        if not (_is_of_word(text[max(0, at - 1) : at]) or _is_of_word(text[at + len(word) : at + len(word) + 1])):
            return True
        at = text.find(word, at + 1)
    return False


def _is_of_word(char: str) -> bool:
    return char.isalnum() or char == "_"


class _Lines:
    """The lines of a text that are printed in capitals, where capitals prove nothing: headlines, paragraphs."""

    def __init__(self, text: str):
        self._text = text
        self._shouted: dict[int, bool] = {}

    def is_shouted(self, at: int) -> bool:
        """Whether the line of a place in the text is."""
        start = self._text.rfind("\n", 0, at) + 1
        known = self._shouted.get(start)
        if known is None:
            end = self._text.find("\n", at)
            letters = list(filter(str.isalpha, self._text[start : end if end >= 0 else len(self._text)]))
            known = len(letters) > 20 and sum(map(str.isupper, letters)) > 0.8 * len(letters)
            self._shouted[start] = known
        return known


def _type_of(senses: Senses, ner: MentionType | None) -> MentionType:
    types = senses.types
    if ner in types:
        return ner
    if ner is MentionType.PLACE and MentionType.PLACE_POLITICAL in types:
        return MentionType.PLACE_POLITICAL
    for type_ in (
        MentionType.PLACE_POLITICAL, MentionType.ORGANIZATION, MentionType.NATIONALITY, MentionType.AGREEMENT,
        MentionType.PERSON,
    ):  # fmt: skip
        if type_ in types:
            return type_
    return MentionType.OTHER


def _trim(text: str, span: NamedSpan) -> tuple[int, int]:
    """A tagger's span without article, honorific, titles, possessive and stray marks."""
    start, end = span.start, span.end
    newline = text.find("\n", start, end)
    if newline >= 0:
        end = newline
    dash = max(text.rfind(" - ", start, end), text.rfind(" – ", start, end), text.rfind(" — ", start, end))
    if dash >= 0:
        start = dash + 3  # "SKOPJE - NATO signed": a dateline is no part of the name
    while True:
        surface = text[start:end]
        trail = None if surface[-1:].isalnum() and not surface.endswith(_TRAILING) else _TRAIL.search(surface)
        if trail and not (
            surface.endswith(".") and re.search(r"\b\w\.\w?\.?$|\b(?:Jr|Sr|Inc|Corp|Co|Ltd)\.$", surface)
        ):
            if surface.endswith(")") and "(" in surface:
                break
            end = start + trail.start()
            continue
        lead = _LEAD.match(surface)
        if lead and len(surface) > lead.end():
            start += lead.end()
            continue
        if surface[:1] in "\"'“”‘’([ -–—,.":
            if not surface:
                break
            start += 1
            continue
        break
    if span.type is MentionType.PERSON:
        title = _NER_LEAD_TITLE.match(text[start:end])
        if title:
            start += title.end()
        first, _, rest = text[start:end].partition(" ")
        if rest[:1].isupper() and OCCUPATION.fullmatch(first):
            start = end - len(rest)  # "Präsidenten Macron"
    return start, end


def _join(text: str, chosen: list[Hit], hits: list[Hit], tagged: Sequence[NamedSpan], detector: str) -> list[Span]:
    """Gazetteer hits and a tagger's names as one list without overlaps, except an adjective inside a longer name."""
    by_start = sorted(chosen, key=lambda hit: hit.start)
    starts = [hit.start for hit in by_start]
    dropped: set[int] = set()
    ner_of: dict[int, MentionType] = {}
    extra: list[Span] = []
    exact = {(hit.start, hit.end): hit for hit in hits}
    for named in _without_owners(text, tagged, exact):
        start, end = _trim(text, named)
        surface = text[start:end]
        honorific = None if surface.isalpha() else _HONORIFIC.match(surface)  # none before a single word
        if (
            honorific
            and any(s.kind is Kind.PERSON for s in getattr(exact.get((start + honorific.end(), end)), "senses", ()))
            and (start, end) not in exact
        ):
            start += honorific.end()
            named = NamedSpan(start, end, MentionType.PERSON)
        if end - start < 2 and text[start:end].isascii() or end - start > MAX_SURFACE or end <= start:
            continue
        overlapping = []
        position = max(0, bisect_right(starts, start) - 1)
        while position < len(by_start) and by_start[position].start < end:
            if by_start[position].end > start:
                overlapping.append(by_start[position])
            position += 1
        surface = text[start:end]
        if _PROVISION.match(surface) or _DAY.fullmatch(surface):
            continue
        if not overlapping:
            if _looks_like_name(surface):
                extra.append(Span(start, end, surface, named.type, detector, ner=named.type))
            continue
        hit = overlapping[0]
        if len(overlapping) == 1 and (hit.start, hit.end) == (start, end):
            ner_of[id(hit)] = named.type
            continue
        if any(hit.start <= start and hit.end >= end for hit in overlapping):
            ner_of.setdefault(id(hit), named.type)
            continue
        if not (detector == "rule" and _names_places(overlapping)) and _tagger_wins(
            text, start, end, named.type, overlapping
        ):
            known = exact.get((start, end))
            for hit in overlapping:
                adjectival = all(sense.sense in _ADJECTIVAL for sense in hit.senses)
                is_given = named.type is MentionType.PERSON and not countries_of_name(text[hit.start : hit.end])
                if is_given or not (adjectival and hit.start == start):  # "Inder" is German for an Indian
                    dropped.add(id(hit))
            extra.append(
                Span(
                    start, end, surface, _type_of(known.senses, named.type) if known else named.type, detector,
                    senses=known.senses if known else NO_SENSES, ner=named.type,
                )
            )  # fmt: skip
        else:
            for hit in overlapping:
                ner_of.setdefault(id(hit), named.type)
    spans = [
        Span(
            hit.start, hit.end, text[hit.start : hit.end], _type_of(hit.senses, ner_of.get(id(hit))), "gazetteer",
            senses=hit.senses, ner=ner_of.get(id(hit)),
        )
        for hit in by_start
        if id(hit) not in dropped
    ]  # fmt: skip
    seen = {(span.start, span.end) for span in spans}
    spans.extend(span for span in extra if (span.start, span.end) not in seen)
    return spans


# A part of some law or treaty, which taggers take for a law.
_PROVISION = re.compile(r"(?:Article|Section|Chapter|Annex|Clause|Paragraph|Title|Amendment)s?\s+(?:\d+|[IVXLC]+)\b")


def _may_be_person(span: Span) -> bool:
    """Whether a title before the name would say anything: "Foreign Minister" before "France" says nothing of France."""
    if MentionType.PERSON in (span.type, span.ner) or span.type is MentionType.OTHER:
        return True
    return Kind.PERSON in span.senses.kinds


_HONORIFIC = re.compile(
    r"(?:king|queen|prince|princess|crown prince|pope|emperor|emir|sultan|sheikh|shaykh|mullah|ayatollah|imam|president"
    r"|general|colonel|marshal|lord|lady|sir|dame|cardinal|archbishop|patriarch|frau|herr|doktor|monsieur|madame|don|doña"
    r"|mrs?|ms|miss|dr|bishop|field[ -]marshal|chairman|brigadier|major|admiral|captain|commander"
    r"|m\.|mme|mlle|daw|(?:col|gen|lt|maj|capt|adm|sen|rep|gov|prof|fr)\b\.?)\s+(?=[^\W\d_])",
    re.IGNORECASE,
)


_SHORT_TITLES = frozenset(
    "gen col lt sen gov rep adm maj sgt capt brig prof pres min dr mr mrs ms st hon rev cmdr cpl fr".split()
)


def _is_parted(text: str, start: int, end: int) -> bool:
    """Whether a full stop parts a title from the name after it, and none that only shortens: "Gen.", "Sen."."""
    title = text[start:end].rstrip()
    return title.endswith(".") and title[:-1].rpartition(" ")[2].lower() not in _SHORT_TITLES


def _without_honorific(span: Span) -> None:
    """A person's name without the title that some catalogues list with it: "King Salman" is Salman, who is a king."""
    if span.type is not MentionType.PERSON or span.surface.isalpha():
        return
    while True:
        match = _HONORIFIC.match(span.surface)
        if match is None or span.surface.startswith("of ", match.end()):
            return  # "Prince of Wales" is no Prince called so
        if match.group().lower() == "don " and any(sense.sense == "main" for sense in span.senses):
            return  # short for Donald
        span.start += match.end()
        span.surface = span.surface[match.end() :]


_ABBREVIATION = re.compile(r"\s\(([^\W\d_][\w&.\-]{1,9})\)")
_SUBJECT_OF = re.compile(
    r" (?:for|on|of|concerning) (?:the )?[A-ZÀ-Þ][\w-]+(?:(?:, | and |, and | of | in )(?:the )?[A-ZÀ-Þ][\w-]+| [A-ZÀ-Þ][\w-]+)*"
)


_DAY = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October"
    r"|November|December|Christmas|Easter|Ramadan)\b"
)


def _with_its_subject(text: str, span: Span, hits: Sequence[Hit]) -> None:
    """An agreement by its full title where the catalogue has the short one: "Panmunjom Declaration for Peace and …"."""
    if Kind.AGREEMENT not in span.senses.kinds or " " not in span.surface:
        return
    subject = _SUBJECT_OF.match(text, span.end)
    if subject is None or _DAY.search(subject.group()):
        return
    names = [hit for hit in hits if span.end < hit.start < subject.end()]
    if any(sense.kind in (Kind.STATE, Kind.PERSON) for hit in names for sense in hit.senses):
        return  # "the Charter of Paris", "the Treaty on Germany" are names the catalogue has, or others than this one
    span.end = subject.end()
    span.surface = text[span.start : span.end]


_BODY_WORD = re.compile(r"(?:the )?(alliance|bloc|coalition|union)")
_BODY_BEFORE = {
    word: re.compile(rf"(\b[\w’'-]{{1,30}})\s{{1,3}}{word}\b(?! (?:said|says))", re.IGNORECASE)
    for word in ("alliance", "bloc", "coalition", "union")
}
_NO_NAME = frozenset("the this that its their atlantic military western defence defense trade trading european".split())
_LOOK_BACK = 1_500  # characters


def _is_another_body(text: str, span: Span, spans: list[Span]) -> bool:
    """Whether "the alliance" is one that the text has just spoken of otherwise: "an opposition alliance", "Northern Alliance"."""
    generic = _BODY_WORD.fullmatch(span.surface)
    if generic is None or not span.senses:
        return False
    begin = max(0, span.start - _LOOK_BACK)
    told = [
        found for found in _BODY_BEFORE[generic.group(1)].finditer(text, begin, span.start)
        if found.group(1).lower() not in _NO_NAME
    ]  # fmt: skip
    if not told:
        return False
    ids = {sense.record_id for sense in span.senses}
    return not any(
        told[-1].start() <= other.start < span.start and any(sense.record_id in ids for sense in other.senses)
        for other in spans
        if _BODY_WORD.fullmatch(other.surface) is None
    )


def _without_covered(spans: list[Span]) -> list[Span]:
    """Drop what lies within an agreement's full title."""
    titles = [(span.start, span.end) for span in spans if Kind.AGREEMENT in span.senses.kinds]
    for start, end in titles:
        spans = [
            span for span in spans if span.start < start or span.end > end or (span.start == start and span.end == end)
        ]
    return spans


def _short_names(text: str, spans: list[Span]) -> None:
    """Find the first and last names of persons named in full wherever they stand alone: taggers overlook many."""
    wanted: set[str] = set()
    for span in spans:
        words = span.surface.split()
        if span.ner is MentionType.PERSON and 2 <= len(words) <= 4:
            wanted.update(
                word for word in (words[0], words[-1]) if len(word) >= 4 and word[0].isupper() and word.isalpha()
            )
    wanted = {word for word in wanted if not is_ordinary(word)}
    if not wanted:
        return
    taken = bytearray(len(text))
    for span in spans:
        taken[span.start : span.end] = b"\x01" * (span.end - span.start)
    pattern = re.compile(rf"(?<![\w’'-])(?:{'|'.join(map(re.escape, sorted(wanted, key=len, reverse=True)))})(?![\w-])")
    for match in pattern.finditer(text):
        start, end = match.span()
        if (
            taken.find(1, start, end) >= 0
            or text[end : end + 2] == " " + text[end + 1 : end + 2].upper()
            and text[end + 1 : end + 2].isalpha()
        ):
            continue  # the first half of another full name
        spans.append(Span(start, end, match.group(), MentionType.PERSON, "rule", ner=MentionType.PERSON))
    spans.sort(key=lambda span: span.start)


_OWNER = re.compile(r"['’]s\s+(?=[A-Z])")


def _without_owners(text: str, tagged: Sequence[NamedSpan], exact: dict[tuple[int, int], Hit]) -> Iterator[NamedSpan]:
    """Part "Kabila's Alliance of Democratic Forces", where the owner is a name of its own; not "People's Party"."""
    for named in tagged:
        owner = _OWNER.search(text, named.start, named.end)
        if owner is not None and (named.start, owner.start()) in exact:
            yield NamedSpan(owner.end(), named.end, named.type)
        else:
            yield named


_ABBREVIATED = frozenset(
    {MentionType.ORGANIZATION, MentionType.PLACE_POLITICAL, MentionType.AGREEMENT, MentionType.OTHER}
)


def _abbreviations(text: str, spans: list[Span]) -> None:
    """Find what the text itself abbreviates, wherever it stands: "the Justice and Development Party (AKP) … the AKP"."""
    spans.sort(key=lambda span: span.start)
    taken = bytearray(len(text))
    for span in spans:
        taken[span.start : span.end] = b"\x01" * (span.end - span.start)
    defined: dict[str, Span] = {}
    for span in spans:
        match = _ABBREVIATION.match(text, span.end)
        if match is None or span.type not in _ABBREVIATED or " " not in span.surface:
            continue
        short = match.group(1)
        if sum(char.isupper() for char in short) >= 2 and short not in defined:
            defined[short] = span
    if not defined:
        return
    for span in spans:
        long = defined.get(span.surface)
        if long is not None and long is not span:
            span.abbreviates = long.start
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(defined, key=len, reverse=True)))})(?!\w)")
    for match in pattern.finditer(text):
        start, end = match.span()
        if taken.find(1, start, end) < 0:
            long = defined[match.group()]
            spans.append(Span(start, end, match.group(), long.type, "rule", ner=long.ner, abbreviates=long.start))
    spans.sort(key=lambda span: span.start)


def _looks_like_name(surface: str) -> bool:
    """Something with a capital, or in a script without case; no bare number, no sentence."""
    letters = [char for char in surface if char.isalpha()]
    if not letters or surface.count(" ") > 9:
        return False
    return any(char.isupper() for char in letters) or not any(char.islower() for char in letters)


def _tagger_wins(text: str, start: int, end: int, type_: MentionType, overlapping: list[Hit]) -> bool:
    """Whether a tagger's longer name stands for more than the known names inside it.

    "Iranian Foreign Ministry" is more than "Iranian"; "Maher Assad" is not "Assad"; but "Vladimir Putin Calls" of a
    headline is no more than Vladimir Putin.
    """
    if any(hit.start < start or hit.end > end for hit in overlapping):
        return False  # they cross: the catalogue knows its own names
    words = text[start:end].split()
    if not all(word[:1].isupper() or not word[:1].isalpha() or len(word) <= 3 for word in words):
        return False
    if any(_is_whole_agreement(text, hit, start, end) for hit in overlapping):
        return False  # "the Agreed Framework of 1994"
    senses = [sense for hit in overlapping for sense in hit.senses]
    strong = [sense for sense in senses if sense.sense not in DERIVED_SENSES and not sense.weak]
    if type_ is MentionType.PERSON:
        for hit in overlapping:
            whole = any(sense.kind is Kind.PERSON and sense.sense not in DERIVED_SENSES for sense in hit.senses)
            rest = (text[start : hit.start] + " " + text[hit.end : end]).split()
            if whole and " " in text[hit.start : hit.end]:
                return bool(rest) and all(word.strip(".,").lower() in _SUFFIX for word in rest)
        return True
    if type_ is MentionType.ORGANIZATION:
        if len(overlapping) > 1 and all(
            any(sense.kind in (Kind.STATE, Kind.PERSON) and sense.sense not in _ADJECTIVAL for sense in hit.senses)
            for hit in overlapping
        ):
            return False  # "Iran, Russia" is a list
        return not any(
            sense.kind is Kind.ORGANIZATION and " " in text[overlapping[0].start : overlapping[0].end]
            for sense in strong
        )
    if type_ in (MentionType.PLACE_POLITICAL, MentionType.PLACE):
        return not any(sense.kind is Kind.STATE and sense.sense not in _ADJECTIVAL for sense in strong) or (
            overlapping[0].start != start and len(words) <= 3 and "," not in text[start:end]
        )
    return False


def _names_places(overlapping: list[Hit]) -> bool:
    """Whether a run of capitals holds a state or body by its own name: capitals join what belongs apart."""
    return any(
        sense.kind in (Kind.STATE, Kind.ORGANIZATION)
        and sense.sense not in DERIVED_SENSES | _ADJECTIVAL
        and not sense.weak
        for hit in overlapping
        for sense in hit.senses
    )


_DATED = re.compile(r"(?:(?:of|in|from|signed)\s+)*(?:[A-Z][a-z]+\s+)?(?:\d{1,2},?\s+)?(?:1[5-9]|20)?\d\d")


def _is_whole_agreement(text: str, hit: Hit, start: int, end: int) -> bool:
    """Whether a tagger's longer name is an agreement's with no more than its year."""
    if not any(sense.kind is Kind.AGREEMENT and sense.sense not in DERIVED_SENSES for sense in hit.senses):
        return False
    before, after = text[start : hit.start].strip().lower(), text[hit.end : end].strip(" ,")
    return before in ("", "the") and (not after or _DATED.fullmatch(after) is not None)


def _place_before(title_start: int, hits: Sequence[Hit]) -> tuple[Sense, ...]:
    """The state or organization printed directly before a title: "Russian Foreign Minister"."""
    best: Hit | None = None
    low, high = 0, len(hits)
    for position in range(low, high):
        hit = hits[position]
        if hit.start >= title_start:
            break
        if title_start - 3 <= hit.end + 1 <= title_start + 1 and (best is None or hit.start < best.start):
            best = hit
    if best is None:
        return ()
    return tuple(sense for sense in best.senses if sense.kind in (Kind.STATE, Kind.ORGANIZATION))


def _appositions(text: str, spans: list[Span]) -> None:
    """Tie a description to the name beside it: "Russian President Vladimir Putin", "X, the Iranian president,"."""
    names = [span for span in spans if span.type is MentionType.PERSON and span.role is None]
    starts = {span.start: span for span in names}
    ends = {span.end: span for span in names}
    for span in spans:
        if span.role is None:
            continue
        for gap in (" ", ", ", " - ", " – "):
            name = starts.get(span.end + len(gap))
            if name is not None and text[span.end : name.start] == gap:
                # "talks with the Iranian president, Vladimir Putin said": a comma alone ties only what closes again.
                if gap != ", " or text[name.end : name.end + 1] in ",.;)\n":
                    span.appositive_of = name.start
                break
        if span.appositive_of is None and text[span.end : span.end + 2] not in (
            "'s",
            "’s",
        ):  # "X, the premier's father"
            for gap in (", ", " – ", " - ", " ("):
                name = ends.get(span.start - len(gap))
                if name is not None and text[name.end : span.start] == gap:
                    span.appositive_of = name.start
                    break
