"""What speaks for two names being one thing's and what against: the evidence that the model weighs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from entities.matching.names.preparing import Part, PreparedName, Reading
from entities.matching.names.sounds import Heard, group_of, heard
from entities.matching.names.tables import NICK_OF, are_distinct
from entities.matching.names.territories import country_of, own_names
from entities.matching.names.vocabulary import CONCEPT_OF, FORMS, LEGAL_FORMS, SMALL
from entities.matching.names.words import korean
from entities.matching.romanize import skeleton

#: What is found in a pair of one script, in the order of ``vector``; each in [0, 1]. True: speaks for one thing.
FEATURES: dict[str, bool] = {
    "cover": True, "share": True, "contradicted": False, "left_out": False, "one_part_only": False, "matched_parts": True,
    "joined": True, "acronym": True, "same_start": True, "exact_parts": True, "initial_parts": True, "short": False,
    "contradiction": False, "near_miss": True, "weakest": False, "extra_part": False, "misprinted": False,
    "information": True, "rarest": True, "given_same": True, "given_contradicted": False, "front_extra": False,
    "last_contradicted": False, "numbers_differ": False, "forms_differ": False, "place_extra": False, "respelt": False,
    "concept_parts": True, "son_of": False, "reordered": False, "syllable_differs": False, "common_only": False,
    "common_alone": False, "nearly_same": True,
}  # fmt: skip
#: The same across scripts, in the order of ``vector_across``.
ACROSS: dict[str, bool] = {
    "cover": True, "share": True, "contradicted": False, "left_out": False, "one_part_only": False, "matched_parts": True,
    "weakest": False, "whole": True, "whole_consonants": True, "whole_broad": True, "cover_and_whole": True, "short": False,
    "extra_part": False, "contradiction": False, "given_contradicted": False, "whole_at_length": True,
    "same_sounds": True,
}  # fmt: skip
#: What a word's sound tells, for the models of words (``across_words``); the last is how short the words are.
WORD_FEATURES = ("broad", "consonants", "full", "same_consonants", "short")

Pairing = tuple[list[tuple[Part, Part, float]], list[Part], list[Part]]


def alike(a: str, b: str) -> float:
    """How likely two romanised words of persons' names are one name, in [0, 1], by spelling and sound."""
    if a == b:
        return 1.0
    # Most words are strangers: what finds that out is not worth remembering, the rest is.
    if (
        JaroWinkler.similarity(a, b) < 0.7
        and not (a in NICK_OF and b in NICK_OF)
        and not (len(a) > 5 and a.startswith(_PREFIXED))
        and not (len(b) > 5 and b.startswith(_PREFIXED))
        and not (len(a) > 5 < len(b) and {a[0], b[0]} in _SLAVIC_HEADS)
    ):
        return 0.7 if (len(a) == 1 or len(b) == 1) and a[0] == b[0] else 0.0
    return _alike(a, b)


@lru_cache(maxsize=200_000)
def _alike(a: str, b: str) -> float:
    if len(a) == 1 or len(b) == 1:
        return 0.7 if a[0] == b[0] else 0.0
    nicknames = NICK_OF.get(a)
    if nicknames and nicknames & NICK_OF.get(b, _NONE):
        return 0.92
    if len(a) > 5 and len(b) > 5 and a[:3] in _PREFIXES and b[:3] in _PREFIXES:
        return alike(a[3:], b[3:]) if a[:3] == b[:3] else 0.0  # "Abu Karim" is not "Abd al-Karim"
    if a.endswith(_FATHERED) and b.endswith(_FATHERED):
        ours_, theirs_ = _PATRONYMIC.match(a), _PATRONYMIC.match(b)
        if ours_ and theirs_ and len(ours_["root"]) > 2 < len(theirs_["root"]):
            one, other = ours_["root"], theirs_["root"]
            return 0.92 if slavic_spelling(one) == slavic_spelling(other) else min(0.95, alike(one, other))
    spelling = JaroWinkler.similarity(a, b)
    if spelling < 0.7:
        if {a[0], b[0]} in _SLAVIC_HEADS and slavic_spelling(a) == slavic_spelling(b):
            return 0.92
        return _without_article(a, b)
    if are_distinct(a, b):
        return 0.0
    if plain_spelling(a) == plain_spelling(b):
        return 0.95
    if _is_short_for(a, b) or _is_short_for(b, a):
        return 0.85
    if len(a) > 4 < len(b) and slavic_spelling(a) == slavic_spelling(b):
        return 0.92
    shorter = min(len(a), len(b))
    best = 0.0
    if shorter >= 5 or shorter == 4 and a[0] == b[0] and spelling >= 0.85:
        edits = OSA.distance(a, b)
        if edits <= max(1, shorter // 4) or spelling >= 0.92:
            best = spelling if edits <= max(1, (shorter + 1) // 3) else 0.0
    ours, theirs = heard(a, "Latin", "spelling"), heard(b, "Latin", "spelling")
    if len(ours.consonants) >= 2:
        # Within one script the letters must bear it out: "Bush" and "Habbash" have the same consonants.
        if (ours.consonants == theirs.consonants or skeleton(a) == skeleton(b)) and spelling >= 0.72:
            bones = len(ours.consonants)
            if OSA.normalized_similarity(ours.full, theirs.full) >= (0.7 if bones < 3 else 0.65 if bones < 4 else 0.4):
                best = max(best, 0.93 if shorter >= 3 else 0.8)
    elif ours.full == theirs.full and shorter >= 3:
        best = max(best, 0.85)
    return best or _without_article(a, b)


_NONE: frozenset[int] = frozenset()
# What romanisers of Arabic, Persian and Urdu write differently and mean alike: "Awf", "Auf"; "Qadhafi", "Kadafi".
_PLAIN = tuple(
    (re.compile(pattern), letters)
    for pattern, letters in (
        (r"aw|ao", "au"), (r"ay|ei|ey", "ai"), (r"ou|oo", "u"), (r"ee|iy(?=[aeiou])|ie$", "i"), (r"ph", "f"), (r"q|ck", "k"),
        (r"dh|th", "t"), (r"(.)\1+", r"\1"), (r"o", "u"), (r"e", "i"), (r"y$", "i"), (r"w", "v"),
    )
)  # fmt: skip


@lru_cache(maxsize=100_000)
def plain_spelling(word: str) -> str:
    """A name of the Muslim world in the one spelling that its many are brought to: "Othman", "Uthman" → "utman"."""
    for pattern, letters in _PLAIN:
        word = pattern.sub(letters, word)
    return word


# The same names in Russian, Ukrainian and Belarusian: "Lukashenka", "Lukashenko"; "Uladzimir", "Vladimir".
_SLAVIC = tuple(
    (re.compile(pattern), letters)
    for pattern, letters in (
        (r"^ul(?=a)", "vl"), (r"dz(?=i|m)", "d"), (r"(?<![cskzt])h", "g"), (r"kh", "h"), (r"[ae]u$|[ao]w$|[eo]ff$", "ov"),
        (r"[ey]v$", "ov"), (r"ou", "u"), (r"yo|io", "e"), (r"(?<=[aeou])[iy](?=[aeou])|y(?=[aeou])", "i"), (r"[yj]", "i"),
        (r"o", "a"), (r"olo", "la"), (r"ks", "x"), (r"w", "v"), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip


def _is_short_for(short: str, long: str) -> bool:
    """ "Nasir" for "Nasir al-Din", "Shafiq" for "Shafiqullah": compounds as ``words.arabic`` writes them."""
    for end in ("din", "allah"):
        if long.endswith(end) and len(long) > len(end) + 3:
            return plain_spelling(long[: -len(end)]) == plain_spelling(short)
    return False


_SLAVIC_HEADS = (frozenset("gh"), frozenset("uv"))  # "Halavanau", "Golovanov"


@lru_cache(maxsize=100_000)
def slavic_spelling(word: str) -> str:
    """An East Slavic name in the one spelling that its forms in three languages are brought to."""
    for pattern, letters in _SLAVIC:
        word = pattern.sub(letters, word)
    return word


_SON = frozenset(("bin", "ibn", "ben"))
# "Vladimirovich", "Uladzimiravich", "Volodymyrovych": whose father's names are compared.
_FATHERED = ("ich", "ych", "na", "ny")
_PATRONYMIC = re.compile(r"^(?P<root>\w{2,}?)[iy]?[oea][vu](?:[iy]ch|n[ay])$")
_PREFIXES = frozenset(("abd", "abu"))


def _without_article(a: str, b: str) -> float:
    """ "Alsubhi" and "Subhi": the article was written into the one word and dropped before the other."""
    for one, other in ((a, b), (b, a)):
        if len(one) > 5 and one.startswith(_PREFIXED):
            for article in _PREFIXED:
                if one.startswith(article) and len(one) >= len(article) + 4 and not other.startswith(article[:2]):
                    found = alike(one[len(article) :], other)
                    if found >= 0.85:
                        return found * 0.97
    return 0.0


_PREFIXED = ("binal", "al", "el", "as", "ad", "ar", "az", "bin", "ben")


@lru_cache(maxsize=400_000)
def alike_in_organizations(a: str, b: str) -> float:
    """The same for words of organizations' and other names: meaning counts, and short words must be spelt alike."""
    if a == b:
        return 1.0
    meaning = CONCEPT_OF.get(a)
    if meaning is not None and (meaning == CONCEPT_OF.get(b) or meaning == b) or CONCEPT_OF.get(b) == a:
        return 0.9
    if a.isdigit() or b.isdigit():
        return 0.0
    if len(a) == 1 or len(b) == 1 or a in SMALL or b in SMALL:
        return 0.0
    shorter = min(len(a), len(b))
    if shorter >= 3 and (a.startswith(b) or b.startswith(a)) and (meaning if len(a) > len(b) else CONCEPT_OF.get(b)):
        return 0.85  # "comp", "company"
    if shorter > 3 and country_of(a) and country_of(a) == country_of(b):
        return 0.9
    found = alike(a, b)
    if found and (shorter <= 5 or OSA.distance(a, b) > 1):
        same = heard(a, "Latin", "spelling").consonants == heard(b, "Latin", "spelling").consonants
        return found if same else 0.0
    return found


def _same_syllable(a: str, b: str) -> float:
    return float(a == b)


def _alike_in_korean(a: str, b: str) -> float:
    """Syllables are names: one letter more makes another, unless it is another spelling of the same."""
    if a == b:
        return 1.0
    if korean(a) == korean(b):
        return 0.95
    return alike(a, b) if min(len(a), len(b)) > 5 else 0.0


def vector(p: PreparedName, q: PreparedName) -> tuple[float, ...] | None:
    """What speaks for one thing and against it, as ``FEATURES`` names them; None if nothing is shared."""
    person = p.kind == "person" or q.kind == "person"
    pairs, left, right = align(p, q)
    acronym = 0.0 if person else acronym_of(p, q)
    joined = OSA.normalized_similarity(p.joined, q.joined, score_cutoff=0.5)
    if not pairs and not acronym and joined < 0.6:
        return None
    matched = weakest = rarest = respelt = concept = information = 0.0
    exact = initial = 0
    for one, other, similarity in pairs:
        weight = one.weight if one.weight < other.weight else other.weight
        worth = weight * similarity
        matched += worth
        if similarity < 1.0:
            if one.weight + other.weight >= 1.3:
                weakest = max(weakest, 1.0 - similarity)
            if len(one.text) == 1 or len(other.text) == 1:
                initial += 1
            elif similarity == 0.9 and not person:
                concept += worth
            else:
                if len(one.text) <= 7:
                    respelt = max(respelt, weight)
                rarest = max(rarest, worth * 0.9)
        else:
            exact += len(one.text) > 1
            rarest = max(rarest, weight)
    information = min(1.0, matched / 3)
    shorter, longer = (p.weight, q.weight) if p.weight < q.weight else (q.weight, p.weight)
    cover = min(1.0, matched / shorter)
    left_weight, right_weight = sum([part.weight for part in left]), sum([part.weight for part in right])
    against = min(left_weight, right_weight)
    if against and person:  # an initial that is not the other's contradicts as a word does
        against = min(
            sum([max(0.9, w.weight) if w.sort != "small" else w.weight for w in side]) for side in (left, right)
        )
    reordered = p.arabic and q.arabic and len(pairs) > 2 and _reordered(p, q, pairs)
    if reordered and _SON & set(p.key.split()) and _SON & set(q.key.split()):
        against = max(against, 0.8)  # "Salman bin Muhammad" is the other's father or son
    syllables = p.korean and q.korean or p.syllabic and q.syllabic
    if joined >= 0.93 and (joined == 1.0 or len(p.parts) != len(q.parts)) and not (syllables and left and right):
        # The same letters, otherwise spaced.
        cover, against, matched = max(cover, joined), 0.0, max(matched, joined * shorter)
    near = 0.0
    if against:
        for one in left:
            for other in right:
                if one.weight + other.weight > 1 and not are_distinct(one.text, other.text):
                    near = max(near, JaroWinkler.similarity(one.text, other.text))
    misprinted = 0.0
    if p.script != "Latin" and p.script and p.key != q.key:
        misprinted = 1 - OSA.normalized_similarity(p.key, q.key)
    son_of = given_same = given_contradicted = front_extra = last_contradicted = 0.0
    if person and pairs:
        first, first_ = p.parts[0], q.parts[0]
        in_left, in_right = first in left, first_ in right
        if in_left and in_right:
            given_contradicted = min(first.weight, first_.weight)
        elif in_left or in_right:
            front_extra = (first if in_left else first_).weight
        elif any(one is first and other is first_ and similarity > 0.9 for one, other, similarity in pairs):
            given_same = 1.0
        if front_extra and cover > 0.9 and not (left and right) and p.arabic and q.arabic:
            son_of = min(1.0, max(0.0, matched - 0.8))  # "Saddam Hussein al-Tikriti", "Uday Saddam Hussein al-Tikriti"
        if p.parts[-1] in left and q.parts[-1] in right:
            last_contradicted = 1.0
    fewest, most = sorted((len(p.parts), len(q.parts)))
    return (
        cover,
        min(1.0, matched / longer),
        min(1.0, against / shorter),
        abs(left_weight - right_weight) / (longer + 1),
        float(len(pairs) <= 1 and most > 1 and (fewest == 1 or against > 0)),
        min(1.0, len(pairs) / 4),
        joined,
        acronym,
        float(p.joined[:1] == q.joined[:1]),
        exact / max(1, most),
        min(1.0, initial / 2),
        max(0.0, 1 - min(len(p.joined), len(q.joined)) / 8),
        min(1.0, against),
        near,
        weakest,
        min(1.0, abs(left_weight - right_weight)),
        misprinted,
        information,
        rarest,
        given_same,
        given_contradicted,
        front_extra,
        last_contradicted,
        float(bool(p.numbers != q.numbers)),
        float(bool(p.forms and q.forms and not p.forms & q.forms)),
        float(any(part.sort == "place" for part in (*left, *right))),
        respelt,
        min(1.0, concept / shorter),
        son_of,
        float(reordered),
        float(bool(syllables and left and right)),
        max(0.0, 1 - matched / 1.2) if person and (left or right) else 0.0,
        min(1.0, max(0.0, (0.8 - matched) * 3)) if person and len(pairs) == 1 and (left or right) else 0.0,
        max(0.0, joined - 0.85) / 0.15 if not syllables else 0.0,
    )


def _reordered(p: PreparedName, q: PreparedName, pairs: list[tuple[Part, Part, float]]) -> bool:
    """Whether counterparts stand in another order that is not merely the family name put first or last."""
    theirs = {id(other): at for at, other in enumerate(q.parts)}
    ours = {id(one): at for at, one in enumerate(p.parts)}
    order = [
        theirs[id(other)]
        for one, other, _ in sorted(pairs, key=lambda pair: ours.get(id(pair[0]), -1))
        if id(one) in ours and id(other) in theirs and one.sort != "small"
    ]
    turns = sum(order[at] > order[(at + 1) % len(order)] for at in range(len(order)))
    return turns > 1


def align(p: PreparedName, q: PreparedName) -> Pairing:
    """Pairs of counterparts, the surest first, and what is left on either side."""
    ours, theirs = p.parts, q.parts
    if p.syllabic and q.syllabic:
        likeness = _same_syllable
    elif p.korean and q.korean:
        likeness = _alike_in_korean
    else:
        likeness = alike if p.kind == "person" or q.kind == "person" else alike_in_organizations
    scored = []
    for i, one in enumerate(ours):
        text = one.text
        for j, other in enumerate(theirs):
            similarity = likeness(text, other.text)
            if similarity > 0:
                scored.append((-similarity, abs(i - j), i, j))
    if not scored:
        return [], list(ours), list(theirs)
    scored.sort()
    used_i: set[int] = set()
    used_j: set[int] = set()
    pairs = []
    for negative, _, i, j in scored:
        if i not in used_i and j not in used_j:
            used_i.add(i)
            used_j.add(j)
            pairs.append((ours[i], theirs[j], -negative))
    left = [part for i, part in enumerate(ours) if i not in used_i]
    right = [part for j, part in enumerate(theirs) if j not in used_j]
    if left or right:
        _part_initial(p, q, pairs, left, right)
    if left and right:
        _join(left, right, pairs)
        _join(right, left, pairs, swapped=True)
    return pairs, left, right


def _part_initial(p: PreparedName, q: PreparedName, pairs: list, left: list[Part], right: list[Part]) -> None:
    """Take back that a middle initial is the other's family name where a family name of its own follows.

    "Helmut K. Seitz" is no Helmut Kohl.
    """
    if "person" not in (p.kind, q.kind):
        return
    for at, (one, other, _) in enumerate(pairs):
        for initial, word, its, theirs, rest in ((one, other, p, q, left), (other, one, q, p, right)):
            last = its.parts[-1]
            if len(initial.text) != 1 or len(word.text) < 2 or word is not theirs.parts[-1]:
                continue
            if (
                initial is its.parts[0]
                or len(last.text) < 2
                or last.sort == "small"
                or last.text in word.text  # "A Rahman" is written as one, too
                or all(last is not w for w in rest)
            ):
                continue
            del pairs[at]
            left.append(one)
            right.append(other)
            return


def _join(one_side: list[Part], other_side: list[Part], pairs: list, *, swapped: bool = False) -> None:
    """Pair a word with two that it was written from ("Daedong", "Dae Dong"), or with the words whose initials it is."""
    for part in list(one_side):
        for at in range(len(other_side) - 1):
            size, together = _written_as_one(part.text, other_side, at)
            if not size:
                size, together = _initialled(part.text, other_side, at), 0.8
            if size:
                run = other_side[at : at + size]
                made = Part(" ".join(w.text for w in run), min(part.weight, sum(w.weight for w in run)))
                pairs.append((made, part, together) if swapped else (part, made, together))
                one_side.remove(part)
                del other_side[at : at + size]
                break


def _written_as_one(word: str, words: list[Part], at: int) -> tuple[int, float]:
    """How many words from a place on a word was written from, and how closely."""
    for size in (2, 3):
        if len(word) > 4 and at + size <= len(words):
            together = "".join(one.text for one in words[at : at + size])
            found = OSA.normalized_similarity(word, together)
            if found >= 0.85 or found >= 0.7 and skeleton(word) == skeleton(together):
                return size, max(found, 0.85)
    return 0, 0.0


def _initialled(word: str, words: list[Part], at: int) -> int:
    """How many words from a place on have a word's letters as their initials; 0 if none do."""
    if not 2 <= len(word) <= 6 or word in SMALL or word[0] != words[at].text[0] or len(words[at].text) < 2:
        return 0
    for size in range(len(word), min(len(word) + 4, len(words) - at) + 1):
        if words[at + size - 1].sort != "small" and _initials(word, [one.text for one in words[at : at + size]]):
            return size
    return 0


def acronym_of(p: PreparedName, q: PreparedName) -> float:
    """How well one name is the other's acronym: 1 all initials, less for one that takes several letters of a word."""
    if p.joined in q.acronyms or q.joined in p.acronyms:
        return 0.9
    short, long = (p, q) if len(p.joined) <= len(q.joined) else (q, p)
    word = short.joined
    if not 2 <= len(word) <= 10 or len(long.initial_words) < 2 or len(short.parts) > 2:
        return 0.0
    if len(short.parts) == 2 and max(len(part.text) for part in short.parts) > 3:
        return 0.0
    return acronym_value(word, long.initial_words)


@lru_cache(maxsize=100_000)
def acronym_value(word: str, words: tuple[str, ...]) -> float:
    """The same for one word and the words it may be made of."""
    if _initials(word, words):
        return 1.0 if len(word) > 2 else 0.7
    if len(word) >= 3 and any(_initials(word, words[start:]) for start in (1, 2) if len(words) > start + 1):
        return 0.8  # "Iranian Shahid Hemmat Group": the country or a legal form may be left out
    big = [one for one in words if one not in SMALL]
    if len(word) >= 3 and any(len(big) == len(each) and _translated(each, big, len(word)) for each in _letters(word)):
        return 0.7
    return 0.6 if len(word) >= 4 and (_spells(word, big) or _spells(word, words)) else 0.0


def _initials(word: str, words: Sequence[str]) -> bool:
    """Whether a word is made of the initials of all words, small ones taken or not; figures are taken whole."""
    if not word:
        return all(one in _OPTIONAL for one in words)
    if not words:
        return False
    first = words[0]
    if first.isdigit():
        rest = word[len(first) :]
        # What follows the figure may go: "M23" is the "Mouvement du 23 mars".
        return word.startswith(first) and (not rest and len(words) < 3 or _initials(rest, words[1:]))
    if word[0] == first[0] and _initials(word[1:], words[1:]):
        return True
    return first in _OPTIONAL and _initials(word, words[1:])


_OPTIONAL = SMALL | frozenset(LEGAL_FORMS)


_DIGRAPH = re.compile(r"([sczd])h")


def _letters(word: str) -> tuple[str, ...]:
    """An acronym, and the same with "sh" and "ch" as the one letter that they are elsewhere: "AKSh" has three."""
    single = _DIGRAPH.sub(r"\1", word)
    return (word,) if single == word else (word, single)


def _translated(word: str, words: list[str], printed: int) -> bool:
    """Whether the letters are initials of what the words are called in other languages, in any order: "FARC"."""
    offered = [
        {form[0] for form in (*FORMS.get(CONCEPT_OF.get(one, one), ()), one, *own_names(country_of(one)))}
        for one in words
    ]
    holder: dict[int, int] = {}  # place in the acronym → the word that its letter is taken for

    def place(number: int, tried: set[int]) -> bool:
        for at, letter in enumerate(word):
            if letter in offered[number] and at not in tried:
                tried.add(at)
                if at not in holder or place(holder[at], tried):
                    holder[at] = number
                    return True
        return False

    if not all(place(number, set()) for number in range(len(words))):
        return False
    return printed > 3 or any(len(letters) == 1 for letters in offered)


def _spells(word: str, words: Sequence[str]) -> bool:
    """Whether beginnings of the words, in order, spell a word: "interpol", "benelux"."""
    if not word:
        return True
    for number, one in enumerate(words[:6]):
        if number > 1:
            break
        size = 0
        while size < min(len(one), len(word)) and one[size] == word[size]:
            size += 1
        for taken in range(size, 0, -1):
            if _spells(word[taken:], words[number + 1 :]):
                return True
    return False


# Across scripts.


@lru_cache(maxsize=200_000)
def word_evidence(one: Heard, other: Heard) -> tuple[float, ...]:
    """What the sounds of two words tell, as ``WORD_FEATURES`` names it."""
    broad = 0.0
    for a in one.broad:
        for b in other.broad:
            broad = max(broad, OSA.normalized_similarity(a, b))
    consonants = OSA.normalized_similarity(one.consonants, other.consonants)
    fewest = min(len(one.broad[0]), len(other.broad[0]))
    return (
        broad,
        consonants,
        OSA.normalized_similarity(one.full, other.full),
        float(one.consonants == other.consonants),
        max(0.0, 1 - fewest / 4),
    )


def vector_across(
    p: PreparedName, q: PreparedName, word_models: dict[str, tuple[float, ...]]
) -> tuple[float, ...] | None:
    """What speaks for one thing across scripts, as ``ACROSS`` names it, for the readings that agree best.

    Args:
        word_models: by group of scripts, the constant and the weights of ``WORD_FEATURES``.
    """
    group = group_of(p.script, q.script)
    weights = word_models[group]
    best: tuple[float, ...] | None = None
    for ours in p.read_for(group):
        for theirs in q.read_for(group, turned=True):
            found = _across(ours, theirs, weights)
            if found is not None and (best is None or _strength(found) > _strength(best)):
                best = found
    return best


def _strength(found: tuple[float, ...]) -> float:
    return found[1] + found[7] + found[8] + 0.5 * found[9]


def _across(ours: Reading, theirs: Reading, weights: tuple[float, ...]) -> tuple[float, ...] | None:
    whole = consonants = broad = 0.0
    for other in theirs.whole:
        total, bones, wide = _alike_as_wholes(ours.whole[0], other)
        if total + bones + wide > whole + consonants + broad:
            whole, consonants, broad = total, bones, wide
    scored = []
    for i, (_, one, _) in enumerate(ours.words):
        for j, (_, other, _) in enumerate(theirs.words):
            similarity = _word_value(one, other, weights)
            if similarity >= 0.3:
                scored.append((-similarity, abs(i - j), i, j))
    if not scored and broad < 0.5:
        return None
    scored.sort()
    used_i: set[int] = set()
    used_j: set[int] = set()
    matched = weakest = 0.0
    for negative, _, i, j in scored:
        if i not in used_i and j not in used_j:
            used_i.add(i)
            used_j.add(j)
            weight = min(ours.words[i][2], theirs.words[j][2])
            matched -= negative * weight
            if weight >= 0.5:
                weakest = max(weakest, 1 + negative)
    our_weight, their_weight = sum(w for _, _, w in ours.words), sum(w for _, _, w in theirs.words)
    shorter, longer = sorted((our_weight or 1.0, their_weight or 1.0))
    left = our_weight - sum(ours.words[i][2] for i in used_i)
    right = their_weight - sum(theirs.words[j][2] for j in used_j)
    against = max(0.0, min(left, right))
    cover = min(1.0, matched / shorter)
    if against > 0.4:
        weakest = 1.0
    fewest, most = sorted((len(ours.words), len(theirs.words)))
    length = min(len(ours.whole[0].full), len(theirs.whole[0].full))
    return (
        cover,
        min(1.0, matched / longer),
        min(1.0, against / shorter),
        abs(left - right) / (longer + 1),
        float(len(used_i) <= 1 and most > 1 and (fewest == 1 or against > 0)),
        min(1.0, len(used_i) / 4),
        weakest,
        whole,
        consonants,
        broad,
        cover * whole,
        max(0.0, 1 - length / 8),
        min(1.0, abs(left - right)),
        min(1.0, against),
        float(0 not in used_i and 0 not in used_j),
        whole * min(1.0, length / 14),
        float(whole == 1.0),
    )


def _alike_as_wholes(one: Heard, other: Heard) -> tuple[float, float, float]:
    broad = 0.0
    for a in one.broad:
        for b in other.broad:
            broad = max(broad, OSA.normalized_similarity(a, b))
    if broad < 0.4:
        return 0.0, 0.0, broad
    return (
        OSA.normalized_similarity(one.full, other.full),
        OSA.normalized_similarity(one.consonants, other.consonants),
        broad,
    )


@lru_cache(maxsize=400_000)
def _word_value(one: Heard, other: Heard, weights: tuple[float, ...]) -> float:
    """How likely two words of different scripts are one."""
    if not one.full or not other.full:
        return 0.0
    if (
        OSA.normalized_similarity(one.broad[0], other.broad[0])
        < 0.3
        > OSA.normalized_similarity(one.broad[-1], other.broad[-1])
    ):
        return 0.0
    found = word_evidence(one, other)
    odds = weights[0] + sum(weight * value for weight, value in zip(weights[1:], found, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))
