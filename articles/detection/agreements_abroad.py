"""Agreements described in other languages than English: "el acuerdo entre la Unión Europea y el Mercosur", "das Abkommen".

One row of words for each language: the sorts of agreement, what leads to the parties, and the few words that tell what an
agreement is about. The words are general vocabulary. What only points back ("le traité") is left to what the text has named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from articles.detection.gazetteer import Hit, Sense
from articles.detection.spans import AgreementDescription
from entities.matching.types import Kind


@dataclass(frozen=True, slots=True)
class _Language:
    """Words of a language, as regular expressions."""

    sorts: tuple[tuple[str, str], ...]  # expression → sort of agreement
    points: str  # articles that point back
    between: str  # leads to the parties
    joins: str  # between two of them
    articles: str  # before one
    of_year: str
    subjects: tuple[tuple[str, str], ...]  # expression → the English word
    verbs: str  # what may follow one that is not told by more: the commonest verbs, "and", "not"


_SPANISH = _Language(
    (("acuerdos?", "accord"), ("tratados?", "treaty"), ("pactos?", "treaty"), ("convenios?|convención", "convention"),
     ("protocolo", "protocol"), ("tregua|alto el fuego|armisticio", "ceasefire")),
    "el|la|este|esta|ese|esa|dicho|dicha|los|las", "entre|con|de", "y|e|con", "el|la|los|las", "de|del",
    (("libre comercio|comercial(?:es)?|comercio", "trade"), ("paz", "peace"), ("clima", "climate"), ("nuclear(?:es)?", "nuclear"),
     ("límites|fronter\\w+", "border"), ("defensa", "defence"), ("pesca", "fishing"), ("gas", "gas")),
    "ha|han|había|es|fue|era|será|sería|no|se|y|entra|entró|prevé|permite|permitirá|debe|puede|incluye|establece|fija|obliga",
)  # fmt: skip
_LANGUAGES: dict[str, _Language] = {
    "es": _SPANISH,
    "pt": _Language(
        (("acordos?", "accord"), ("tratados?", "treaty"), ("pactos?", "treaty"), ("convenção|convênio", "convention"),
         ("protocolo", "protocol"), ("trégua|cessar-fogo|armistício", "ceasefire")),
        "o|a|este|esta|esse|essa|os|as", "entre|com|de", "e|com", "o|a|os|as", "de",
        (("livre[ -]comércio|comercial|comerciais|comércio", "trade"), ("paz", "peace"), ("clima", "climate"),
         ("nuclear(?:es)?", "nuclear"), ("fronteir\\w+|limites", "border"), ("defesa", "defence")),
        "foi|é|era|será|não|se|e|prevê|permite|entra|entrou|deve|pode|inclui|tem|estabelece|obriga",
    ),
    "fr": _Language(
        (("accords?", "accord"), ("traités?", "treaty"), ("pacte", "treaty"), ("convention", "convention"),
         ("protocole", "protocol"), ("mémorandum", "memorandum"), ("trêve|cessez-le-feu|armistice", "ceasefire")),
        "le|la|cet|cette|ce|les|ces", "entre|avec", "et|avec", "le|la|les", "de",
        (("libre-échange|commercia(?:l|le|ux)|commerce", "trade"), ("paix", "peace"), ("climat", "climate"),
         ("nucléaires?", "nuclear"), ("frontali\\w+|frontières?", "border"), ("défense", "defence"), ("pêche", "fishing")),
        "a|ont|avait|est|était|sera|serait|ne|n[’'][aeé]\\w*|se|s[’']\\w+|et|ou|prévoit|permet|doit|peut|comprend|fixe|oblige"
        "|entre en vigueur",
    ),
    "it": _Language(
        (("accord[oi]", "accord"), ("trattat[oi]", "treaty"), ("patto", "treaty"), ("convenzione", "convention"),
         ("protocollo", "protocol"), ("tregua|cessate il fuoco|armistizio", "ceasefire")),
        "il|lo|la|questo|questa|gli|i", "tra|fra|con", "e|ed|con", "il|lo|la|i|gli|le", "del|di",
        (("libero scambio|commercial[ei]|commercio", "trade"), ("pace", "peace"), ("clima", "climate"),
         ("nuclear[ei]", "nuclear"), ("confin[ei]", "border"), ("difesa", "defence"), ("pesca", "fishing")),
        "ha|hanno|è|era|sarà|sarebbe|non|si|e|prevede|permette|deve|può|comprende|entra|stabilisce|obbliga",
    ),
    "de": _Language(
        (("[Aa]bkommens?", "accord"), ("[Vv]ertrag(?:s|es)?|[Vv]erträge", "treaty"), ("[Pp]akts?", "treaty"),
         ("[Vv]ereinbarung", "accord"), ("Übereinkommens?|Konvention", "convention"), ("Protokolls?", "protocol"),
         ("Waffenstillstands?|Waffenruhe", "ceasefire")),
        "das|der|dem|des|den|dieses|diesem|dieser|diesen", "zwischen|mit", "und|mit", "der|die|das|den|dem", "von|aus dem Jahr",
        (("Freihandels?|Handels?", "trade"), ("Friedens?", "peace"), ("Klima", "climate"), ("Atom", "nuclear"),
         ("Grenz", "border"), ("Verteidigungs?", "defence"), ("Fischerei", "fishing"), ("Flüchtlings?|Migrations?", "refugee")),
        "ist|war|sei|wird|wurde|werde|hat|hatte|habe|soll|sollte|muss|kann|gilt|sieht|tritt|trat|und|nicht|bleibt|regelt|verpflichtet",
    ),
}  # fmt: skip
_MOST_PARTIES = 6


def find_agreements_abroad(
    text: str, hits: list[Hit], covered: bytearray, language: str
) -> list[tuple[int, int, AgreementDescription]]:
    """Every description of an agreement in one of five languages: ``(start, end, description)``; others have none.

    Args:
        text: the text as printed.
        hits: what the gazetteer found, the longest of overlapping ones.
        covered: one byte for each character: 1 where a named agreement stands.
        language: ISO code of the text's language.
    """
    words = _LANGUAGES.get(language)
    if words is None:
        return []
    pattern, between, join, year, points, goes_on = _patterns(language)
    by_start = {hit.start: hit for hit in hits}
    found = []
    for match in pattern.finditer(text):
        start, end = match.span("head")
        if covered[start]:
            continue
        sort = next(sort for number, (_, sort) in enumerate(words.sorts) if match[f"s{number}"] is not None)
        told = [match["before"] or "", match["after"] or ""]
        subjects = [
            english for expression, english in words.subjects for part in told if re.search(rf"(?i:{expression})", part)
        ]
        parties: list[tuple[Sense, ...]] = []
        end = match.end()
        years: list[int] = []
        for _ in range(2):
            if of_year := year.match(text, end):
                years.append(int(of_year[1]))
                end = of_year.end()
            elif not parties and (lead := between.match(text, end)):
                stop, named = _parties(text, lead.end(), by_start, join)
                if named:
                    parties, end = named, stop
        is_anaphor = not (years or parties)
        if is_anaphor:
            pointing = points.search(text, max(0, start - 12), start)
            if pointing is None or subjects or not goes_on.match(text, match.end("head")):
                continue  # "el acuerdo escocés" is another
            start, end = pointing.start(1), match.end("head")
        found.append(
            (
                start,
                end,
                AgreementDescription(
                    type_word=sort, words=tuple(dict.fromkeys(subjects)), subjects=tuple(dict.fromkeys(subjects)),
                    years=tuple(years), parties=tuple(parties), is_anaphor=is_anaphor, is_plural=match["head"].endswith("s"),
                ),
            )
        )  # fmt: skip
    return found


@lru_cache(maxsize=8)
def _patterns(language: str) -> tuple[re.Pattern, ...]:
    """Of a language: a sort with what it is about, what leads to parties, what joins them, a year, what points back, and what
    may follow then."""
    words = _LANGUAGES[language]
    sorts = "|".join(f"(?P<s{number}>{expression})" for number, (expression, _) in enumerate(words.sorts))
    subjects = "|".join(expression for expression, _ in words.subjects)
    if language == "de":  # "Handelsabkommen", "Grenzvertrag"
        sort = rf"(?<!\w)(?P<head>(?P<before>(?:{subjects})?)(?:{sorts}))(?P<after>)(?!\w)"
    else:
        about = {"it": r"(?:di |sul |sulla )", "fr": r"(?:de |d[’']|sur (?:le |la )?)"}
        of = about.get(language, r"(?:de |sobre (?:el |la |o )?)")
        sort = rf"(?<!\w)(?P<before>)(?P<head>(?:{sorts}))(?P<after>(?: {of}?(?:{subjects})){{0,2}})(?!\w)"
    article = rf"(?:(?:{words.articles}) |l[’'])?"
    return (
        re.compile(sort),
        re.compile(rf" (?:{words.between}) {article}"),
        re.compile(rf"(?:, | (?:{words.joins}) ){article}"),
        re.compile(rf" (?:{words.of_year}) ((?:1[5-9]|20)\d\d)\b"),
        re.compile(rf"(?<!\w)((?i:{words.points}) |[Ll][’'])$"),
        re.compile(rf"\s?[,.;:!?»”\"')]| (?:{words.verbs})(?!\w)"),
    )


def _parties(text: str, start: int, by_start: dict[int, Hit], join: re.Pattern) -> tuple[int, list[tuple[Sense, ...]]]:
    """States and bodies from ``start`` on, and where they end."""
    named: list[tuple[Sense, ...]] = []
    at = end = start
    for _ in range(_MOST_PARTIES):
        hit = by_start.get(at)
        senses = tuple(s for s in hit.senses if s.kind in (Kind.STATE, Kind.ORGANIZATION)) if hit is not None else ()
        if not senses:
            break
        named.append(senses)
        end = hit.end
        joined = join.match(text, end)
        if joined is None:
            break
        at = joined.end()
    return end, named
