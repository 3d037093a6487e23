"""Persons named by their office.

English has the full grammar; German, French, Spanish and Russian the commonest pattern (adjective or "of" + title).
The words are the general vocabulary of offices; who held one is the catalogue's to know.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache

from articles.detection.gazetteer import Hit, Sense
from articles.detection.spans import RoleDescription
from articles.detection.text import lower
from entities.matching.offices import offices
from entities.matching.types import DERIVED_SENSES, Kind

_TITLES = (
    r"vice[- ]presidents?|president|prime minister|pm|vice[- ]premier|premier|chancellor|taoiseach|foreign minister|foreign secretary"
    r"|secretary of (?:state|defen[cs]e|the treasury)|top diplomat|chief diplomat|defen[cs]e minister|defen[cs]e secretary|defen[cs]e chief"
    r"|finance minister|treasury secretary|justice secretary|prosecutor|interior minister|home secretary|energy minister|oil minister|trade minister"
    r"|economy minister|justice minister|attorney general|health minister|culture minister|agriculture minister"
    r"|education minister|transport minister|environment minister|information minister|science minister"
    r"|(?:labou?r|housing|tourism|immigration|water|mining|fisheries|communications|planning|development|business) minister"
    r"|(?:health|energy|education|transport(?:ation)?|environment|agriculture|labou?r|culture|business|housing|development|trade)"
    r" secretary"
    r"|external affairs minister|minister (?:of|for) [a-z]+(?: (?:and )?[a-z]+)?(?= of\b|[,.])"
    r"|(?:chancellor of the exchequer)|national security advis[eo]r|head of state|head of government"
    r"|secretary[- ]general|director[- ]general|(?:chief )?spokes(?:man|woman|person)|press secretary|speaker"
    r"|foreign policy chief|high representative|commission president|commission chief|ambassador|(?:special )?envoy"
    r"|permanent representative|governor[- ]general|central bank (?:governor|chief|head)|army chief|chief of staff"
    r"|supreme leader|paramount leader|opposition leader|leader|ruler|strongman|dictator|crown prince|monarch|king|queen"
    r"|emir|sultan|emperor|pope|pontiff|holy father|patriarch|junta (?:leader|chief|chairman|head)|military ruler|managing director|chief|head"
    r"|chief executive|director|commander|chairman|chairwoman|chair|founder|governor"
    r"|(?:rebel|guerrilla|militia|faction|party|separatist|resistance|coup) (?:leader|chief)"
    # French, German, Spanish, Portuguese, Italian, Russian
    r"|présidente?|premi(?:er|ère) ministre|ministre des affaires étrangères|ministre de la défense|chanceli(?:er|ère)|roi|reine"
    r"|bundeskanzler(?:in)?|kanzler(?:in)?|(?:staats|minister)?präsident(?:in)?|premierminister(?:in)?|außenminister(?:in)?"
    r"|verteidigungsminister(?:in)?|regierungschef(?:in)?|staatschef(?:in)?|könig(?:in)?"
    r"|presidenta|presidente|mandatari[oa]|primer ministro|primera ministra|ministro de exteriores|canciller|rey|reina"
    r"|primeiro-ministro|primeira-ministra|президент|премьер-министр|министр иностранных дел|король|королева"
)


def _alternatives(pattern: str) -> list[str]:
    """The alternatives of a pattern, split where ``|`` stands outside all brackets."""
    found, depth, start = [], 0, 0
    for position, char in enumerate(pattern):
        depth += (char in "([") - (char in ")]")
        if char == "|" and depth == 0:
            found.append(pattern[start:position])
            start = position + 1
    return [*found, pattern[start:]]


def _by_first_letter(alternatives: list[str]) -> str:
    """The same alternatives, those of one first letter together: a word is compared with a tenth of them."""
    groups: dict[str, list[str]] = defaultdict(list)
    for one in alternatives:
        groups[one[0] if one[0].isalpha() else ""].append(one)
    # What begins with a choice comes first: "chief spokesman" before "chief".
    parts = groups.pop("", [])
    for letter, listed in groups.items():
        parts.append(rf"{letter}(?:{'|'.join(one[1:] for one in listed)})")
    return "|".join(parts)


# For lower-case text.
_TITLE = re.compile(rf"\b(?:deputy |vice )?(?:{_by_first_letter(_alternatives(_TITLES))})\b")
_ELECT = re.compile(r"[- ](elect|designate)\b", re.IGNORECASE)
_MODIFIERS = {
    "former": "former", "ex": "former", "ex-": "former", "onetime": "former", "one-time": "former", "then": "then",
    "then-": "then", "late": "late", "deposed": "former", "ousted": "former", "slain": "late", "exiled": "former",
    "toppled": "former", "present": "", "longtime": "", "long-time": "", "veteran": "", "current": "", "sitting": "", "incumbent": "",
    "acting": "acting", "interim": "acting", "caretaker": "acting", "transitional": "acting", "new": "new",
    "newly": "", "elected": "new", "newly-elected": "new", "incoming": "elect", "outgoing": "outgoing", "next": "elect",
    "young": "", "embattled": "", "powerful": "", "hardline": "", "reformist": "", "conservative": "",
    "moderate": "", "socialist": "", "communist": "", "populist": "", "right-wing": "", "left-wing": "", "far-right": "",
    "centrist": "", "authoritarian": "", "de": "", "facto": "", "own": "", "defeated": "former", "previous": "former",
    "military": "", "chief": "", "top": "", "senior": "", "departing": "outgoing", "last": "former", "besieged": "", "beleaguered": "",
    "disgraced": "former", "impeached": "", "detained": "", "jailed": "", "imprisoned": "former", "fugitive": "former",
    "overthrown": "former", "assassinated": "late", "murdered": "late", "retired": "former", "fallen": "former",
    "ailing": "", "aging": "", "ageing": "", "elderly": "", "fiery": "", "pro-western": "", "pro-russian": "",
    "leftist": "", "rightist": "", "islamist": "", "nationalist": "", "liberal": "", "social": "", "democratic": "",
    "christian": "", "republican": "", "opposition": "", "third-term": "", "neue": "new",
    "neuer": "new", "frühere": "former", "früherer": "former", "ehemalige": "former", "ancien": "former",
    "ancienne": "former", "nouveau": "new", "expresidente": "former",
}  # fmt: skip
_POSSESSIVES = frozenset(
    {"his", "her", "their", "its", "su", "son", "sa", "sein", "seine", "ihr", "ihre", "seinen", "ihren"}
)
# "one American president", "the second Arab ruler": nobody in particular, or somebody else.
_INDEFINITE = frozenset(
    {"a", "an", "any", "another", "one", "no", "every", "each", "some", "un", "une", "ein", "eine", "first", "second",
     "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "two", "three", "several", "many", "other"}
)  # fmt: skip
# "The Hamas chief negotiator" is not its chief.
_CHIEF_WHAT = re.compile(
    r" (?:negotiator|economist|prosecutor|judge|justice|advis[eo]r|scientist|inspector|mediator|engineer|whip)"
)
_BODYS = frozenset(
    f"{body}{mark}s"
    for body in ("country", "nation", "kingdom", "republic", "state", "agency", "organisation", "organization", "bloc", "junta",
                 "alliance", "government")
    for mark in "'’"
)  # fmt: skip
_RELATIONS = {
    "counterpart": "counterpart", "predecessor": "predecessor", "successor": "successor", "homologue": "counterpart",
    "homólogo": "counterpart", "homóloga": "counterpart", "amtskollege": "counterpart", "amtskollegen": "counterpart",
    "prédécesseur": "predecessor", "predecesor": "predecessor", "predecesora": "predecessor", "vorgänger": "predecessor",
    "vorgängerin": "predecessor", "successeur": "successor", "sucesor": "successor", "sucesora": "successor",
    "nachfolger": "successor", "nachfolgerin": "successor", "colleague": "counterpart", "opposite number": "counterpart",
}  # fmt: skip
_COUNTERPART = re.compile(rf"\b({'|'.join(_RELATIONS)})(?!s)\b")  # for lower-case text
_OF = re.compile(r"\s{1,9}(?:of|du|de la|de|des|del|von)\s{1,9}(?:the\s{1,9}|l['’])?|\s{1,9}d['’]")
_SENT_TO = re.compile(r"\s{1,9}(?:of|to|at|for)\s{1,9}(?:the\s{1,9})?")  # ambassadors and envoys alone
_ARTICLES = frozenset({"the", "le", "la", "l", "el", "il", "o", "der", "die", "das", "den", "dem"})
_ADJECTIVAL = frozenset({"adjective", "demonym"})
_ROMANCE = re.compile(
    r"\b(?:mandatari|pr[ée]siden|premi|ministr|chanceli|roi|reine|rey|reina|primer|canciller)", re.IGNORECASE
)
_WORD_BEFORE = re.compile(r"([\w’'\-]+)([\s]+|-)$")
# Titles that a definite article alone makes a person: "the president said". Others are too common as plain words.
_DEFINITE = frozenset(
    {"president", "prime minister", "monarch", "foreign minister", "secretary-general", "pope", "supreme leader",
     "vice president", "defence minister", "director-general", "crown prince", "finance minister", "spokesperson",
     "interior minister", "commission president", "high representative", "governor-general", "rebel leader",
     "opposition leader", "head of government", "head of state", "governor", "attorney general",
     "national security adviser"}
)  # fmt: skip
_ENVOYS = frozenset({"ambassador", "envoy", "spokesperson"})
# Only with a state or organization beside them are these an office and not a plain word.
_LOOSE = frozenset(
    {"leader", "party leader", "commander", "director", "envoy", "ambassador", "speaker", "prosecutor", "founder"}
)


# "his foreign minister", "her predecessor's spokesman": offices that somebody has under him.
_OWN = frozenset(
    {"foreign minister", "defence minister", "finance minister", "interior minister", "prime minister", "spokesperson",
     "vice president", "national security adviser", "attorney general", "oil minister",
     "trade minister", "economy minister"}
)  # fmt: skip


_JUNTA = re.compile(r"junta (?:leader|chief|chairman|head)|military ruler", re.IGNORECASE)


def _is_ministers(named: frozenset[str]) -> bool:
    """Whether all offices are ministers' own: "the health minister", no deputy's."""
    return all(one.endswith(" minister") and not one.startswith("deputy ") for one in named)


class _Places:
    """States, organizations and persons found in the text, by where they begin and end."""

    def __init__(self, hits: list[Hit]):
        self.by_start: dict[int, Hit] = {}
        self.by_end: dict[int, Hit] = {}
        self.persons: dict[int, int] = {}  # where a person's name ends → where it begins
        for hit in hits:
            if Kind.PERSON in hit.senses.kinds:
                self.persons[hit.end] = min(hit.start, self.persons.get(hit.end, hit.start))
            if hit.senses.is_place:
                if hit.start not in self.by_start or self.by_start[hit.start].end < hit.end:
                    self.by_start[hit.start] = hit
                if hit.end not in self.by_end or self.by_end[hit.end].start > hit.start:
                    self.by_end[hit.end] = hit

    def owner(self, text: str, start: int) -> int:
        """Where the person is named whose something at ``start`` is ("Merkel's successor"); -1 for nobody's."""
        for mark in ("'s ", "’s ", "s' ", "s’ "):
            if text[start - 3 : start] == mark:
                return self.persons.get(start - (3 if mark[-2] == "s" else 2), -1)
        return -1


def _place_senses(hit: Hit) -> tuple[Sense, ...]:
    found = tuple(sense for sense in hit.senses if sense.kind in (Kind.STATE, Kind.ORGANIZATION))
    # "U.S." may be anybody's initials, but beside a title it is the state that has the name.
    return tuple(sense for sense in found if sense.sense not in DERIVED_SENSES) or found


def _before(text: str, end: int) -> tuple[str, int] | None:
    """The word that ends before ``end`` with white space or a hyphen between, and where it begins."""
    match = _WORD_BEFORE.search(text, max(0, end - 40), end)
    return (match.group(1), match.start(1)) if match else None


def find_roles(text: str, hits: list[Hit]) -> list[tuple[int, int, RoleDescription]]:
    """Every description by office: ``(start, end, description)``, in text order.

    Args:
        text: the text as printed.
        hits: what the gazetteer found in it (demonyms and adjectives among them).
    """
    places = _Places(hits)
    lowered = lower(text)
    found = []
    for match in _TITLE.finditer(lowered):
        role = _role_at(text, match, places)
        if role is not None:
            found.append(role)
    for match in _COUNTERPART.finditer(lowered):
        role = _counterpart_at(text, match, places)
        if role is not None:
            found.append(role)
    return longest_roles(found)


def _role_at(text: str, match: re.Match, places: _Places) -> tuple[int, int, RoleDescription] | None:
    start, end = match.span()
    title = text[start:end]
    if title in ("pm", "Pm"):
        return None  # the hour
    if text[end : end + 1] == "s" or text[end : end + 3] in ("ial", "cy "):
        return None
    modifier = ""
    elect = _ELECT.match(text, end)
    if elect:
        end, modifier = elect.end(), "elect"
    named = offices(title)
    place: tuple[Sense, ...] = ()
    place_start = -1
    of = (_SENT_TO if named & _ENVOYS else _OF).match(text, end)
    after = places.by_start.get(of.end()) if of else None
    if after is None and _ROMANCE.match(title):
        after = places.by_start.get(end + 1)  # "le président français"
    if after is not None and text[after.end : after.end + 2] in ("'s", "’s"):
        after = None  # "head of Iran's atomic energy organisation"
    if after is not None and after.end - after.start > 1:
        place, place_start, end = _place_senses(after), after.start, after.end
    body = places.by_end.get(start + len("commission")) if title[:10].lower() == "commission" else None
    if body is not None and body.start < start:
        place, place_start, start = _place_senses(body), body.start, body.start  # "the [European Commission] president"
    start, left_modifier, before, determiner = _walk_left(text, start, places)
    modifier, definite = modifier or left_modifier, determiner in _ARTICLES
    if before is not None:
        # "Russian Defence Ministry spokesman" names two places; the one beside the title says more.
        place, place_start = _place_senses(before), before.start
    if not named or determiner == "indefinite" or (title.lower() == "chief" and _CHIEF_WHAT.match(text, end)):
        return None
    if text.startswith((" Mother", " mother"), end):
        return None  # "the Queen Mother"
    if (
        named <= {"leader"}
        and place
        and all(sense.sense in _ADJECTIVAL and sense.kind is Kind.ORGANIZATION for sense in place)
    ):
        return None  # an "Arab leader" leads no league
    relation = "own" if determiner in _POSSESSIVES and not place and named & _OWN else ""
    owner_start = places.owner(text, start) if not place and not determiner and named & _OWN else -1
    if owner_start >= 0:
        start, relation = owner_start, "own"
    if (
        not place
        and not relation
        and not (definite and (named & _DEFINITE or _is_ministers(named) or _JUNTA.match(title)))
    ):
        return None
    if not place and named <= _LOOSE:
        return None
    if left_modifier == "then" and not determiner and text[start : start + 5].lower() == "then ":
        start += 5  # "by Medvedev, then Russia's president": the adverb is no part of the name
    surface = text[start:end]
    # "President of France" without an article, and "Iranian president" after one that was walked over.
    return (
        start,
        end,
        RoleDescription(
            offices=named, place=place, place_start=place_start, modifier=modifier, relation=relation,
            owner_start=owner_start,
            is_definite=definite or surface[:4].lower() == "the ", title=title,
        ),
    )  # fmt: skip


def _walk_left(text: str, start: int, places: _Places) -> tuple[int, str, Hit | None, str]:
    """From a title back over modifiers, one place and an article: new start, modifier, the place, the determiner."""
    modifier, place, determiner = "", None, ""
    for _ in range(6):
        possessive = (
            2 if text[start - 3 : start - 1] in ("'s", "’s") else 1 if text[start - 2 : start - 1] in "'’" else 0
        )
        gap = text[start - 1 : start]
        if not gap or gap not in " \u00a0\n-":
            break
        hit = places.by_end.get(start - 1 - possessive) if place is None else None
        if hit is not None and not possessive and _is_place_alone(text, hit):
            break
        if hit is not None:
            place, start = hit, hit.start
            continue
        word = _before(text, start)
        if word is None:
            break
        lowered = word[0].lower()
        if lowered in _INDEFINITE:
            return start, modifier, place, "indefinite"
        if place is None and lowered in _BODYS:
            # "the country's supreme leader": of whatever the text speaks of, as "the supreme leader" is.
            article = _before(text, word[1])
            if article is not None and article[0].lower() in ("the", "this", "that"):
                return article[1], modifier, place, "the"
            if places.by_end.get(word[1] - 1) is not None:
                start = word[1]  # "the Burmese junta's chairman"
                continue
        if lowered in _ARTICLES or lowered in _POSSESSIVES:
            # "the last Czechoslovak president" begins with its article, "his own foreign minister" with the possessive.
            start, determiner = word[1], lowered
            break
        if lowered in _MODIFIERS:
            modifier = _MODIFIERS[lowered] or modifier
            start = word[1]
            continue
        break
    return start, modifier, place, determiner


_LOCATIVE = re.compile(r"\b(?:[Ii]n|[Ff]rom|[Aa]t|[Nn]ear|[Ll]eft|[Rr]eached)\s$")


def _is_place_alone(text: str, hit: Hit) -> bool:
    """Whether a capital before a title only says where: "In Washington President Clinton called"."""
    return (
        all(sense.sense == "metonym" for sense in hit.senses if sense.kind is Kind.STATE)
        and _LOCATIVE.search(text, max(0, hit.start - 8), hit.start) is not None
    )


def _counterpart_at(text: str, match: re.Match, places: _Places) -> tuple[int, int, RoleDescription] | None:
    start, end = match.span()
    relation = _RELATIONS[match.group(1)]
    place: tuple[Sense, ...] = ()
    place_start = owner_start = -1
    for _ in range(4):
        hit = places.by_end.get(start - 1) if not place else None
        if hit is not None:
            place, place_start, start = _place_senses(hit), hit.start, hit.start
            continue
        word = _before(text, start)
        if word is None:
            return None
        lowered = word[0].lower()
        if lowered in _POSSESSIVES or lowered in ("the", "whose") or lowered.endswith(("'s", "’s", "s'", "s’")):
            if lowered not in _POSSESSIVES and relation == "counterpart" and not place:
                return None
            if lowered.endswith(("'s", "’s", "s'", "s’")):
                owner_start = places.owner(text, start)
                start = owner_start if owner_start >= 0 else start
            if lowered in _POSSESSIVES or lowered == "the":
                start = word[1]
            break
        if lowered not in _MODIFIERS and not offices(f"{lowered} minister"):
            return None
        start = word[1]
    else:
        return None
    if match.group(1) == "colleague" and not place:
        return None
    if relation != "counterpart" and (text[start : start + 4].lower() == "its " or text.startswith(" but ", end)):
        return None  # a treaty's or a body's; "his predecessor but one"
    if relation != "counterpart" and text.startswith(" to ", end):
        return None  # "the successor to Kyoto"
    if relation != "counterpart" and place:
        return None  # "his French predecessor" held another office, or the same one of a body
    return start, end, RoleDescription(
        offices=frozenset(), place=place, place_start=place_start, relation=relation, owner_start=owner_start,
        is_definite=True, title=relation,
    )  # fmt: skip


def longest_roles(found: list[tuple[int, int, RoleDescription]]) -> list[tuple[int, int, RoleDescription]]:
    """Of descriptions that overlap the longest, in text order."""
    chosen: list[tuple[int, int, RoleDescription]] = []
    for role in sorted(found, key=lambda role: (role[0], -role[1])):
        if not chosen or role[0] >= chosen[-1][1]:
            chosen.append(role)
        elif role[1] - role[0] > chosen[-1][1] - chosen[-1][0]:
            chosen[-1] = role
    return chosen


# "Minister of Finance" stands before no name; what else has a title's words may.
_BEFORE_NAME = [one for one in _alternatives(_TITLES) if "(?=" not in one]
_STYLES = (
    "mr|mrs|ms|miss|dr|gen|col|lt|sen|sheikh|ayatollah|sir|lord|lady|dame|baroness|prince|princess|pope|archbishop|bishop|cardinal"
    "|general|colonel|senator|representative|judge|justice|brigadier|admiral|marshal|mullah|imam|rabbi|secretary|minister"
)
# For lower-case text.
_NAME_TITLE = re.compile(
    rf"(?:\b((?:deputy |vice |acting |interim |former |ex-|then-|late )*(?:{_by_first_letter(_BEFORE_NAME)})"
    rf"(?:[- ](?:elect|designate))?|{_by_first_letter(_STYLES.split('|'))})\.?\s+)$"
)
_LAST_WORD = re.compile(
    rf"(?:.*\W)?(?:{'|'.join(re.split(r' (?![^(]*[)])', one)[-1] for one in _BEFORE_NAME)}|elect|designate|{_STYLES})"
)


@lru_cache(maxsize=20_000)
def _may_end_title(word: str) -> bool:
    return _LAST_WORD.fullmatch(word) is not None


def title_before(text: str, start: int) -> tuple[str, int]:
    """The title printed directly before a name at ``start``, and where it begins; ``("", start)`` if none."""
    if not text[start - 1 : start].isspace():
        return "", start
    window = text[max(0, start - 60) : start]
    words = window.rsplit(None, 1)
    if not words or not _may_end_title(words[-1].rstrip(".").lower()):
        return "", start  # as before most names: the long pattern need not be tried
    # From one character earlier: whether the window begins a word shows there.
    first = max(0, start - 61)
    match = _NAME_TITLE.search(lower(text[first:start]), 1 if start > 60 else 0)
    if match is None:
        return "", start
    return text[first + match.start(1) : first + match.end(1)], first + match.start(1)
