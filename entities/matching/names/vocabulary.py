"""What organizations are called in many languages, mapped to what the words mean; legal forms; words that join words.

A line of ``organization_words.txt`` is a concept: its English name first, then words for it (also inflected) in English,
French, Spanish, Portuguese,
Italian, German, Dutch, Scandinavian languages, Polish, Russian, Turkish, Indonesian, Arabic, Persian, Urdu, Somali and
others, romanised and without diacritics. ``_`` joins what is two words. General vocabulary, own knowledge.
"""

from __future__ import annotations

from pathlib import Path

_CONCEPTS = Path(__file__).with_name("organization_words.txt").read_text(encoding="utf-8")

CONCEPT_OF: dict[str, str] = {}
FORMS: dict[str, list[str]] = {}
_PHRASES: dict[tuple[str, ...], str] = {}
for _line in _CONCEPTS.splitlines():
    _name, *_words = _line.split()
    for _word in dict.fromkeys((_name, *_words)):
        if _word.endswith(":no"):  # a name that only looks like the word
            continue
        FORMS.setdefault(_name, []).append(_word)
        if "_" in _word:
            _PHRASES[tuple(_word.split("_"))] = _name
        else:
            CONCEPT_OF.setdefault(_word, _name)
_PHRASES |= {
    ("joint", "stock", "company"): "jsc", ("open", "joint", "stock", "company"): "jsc", ("joint", "venture"): "jv",
    ("limited", "liability", "company"): "llc", ("public", "joint", "stock", "company"): "jsc",
    ("closed", "joint", "stock", "company"): "jsc", ("public", "limited", "company"): "plc", ("s", "a"): "sa",
    ("joint", "operation"): "jv", ("s", "p", "a"): "spa", ("s", "r", "l"): "srl", ("d", "o", "o"): "doo",
    ("sociedad", "anonima"): "sa", ("societe", "anonyme"): "sa", ("private", "limited"): "ltd",
    ("aktsionernoe", "obshchestvo"): "jsc", ("de", "c", "v"): "cv", ("b", "v"): "bv", ("l", "l", "c"): "llc",
}  # fmt: skip
_STARTS = {phrase[0]: max(len(other) for other in _PHRASES if other[0] == phrase[0]) for phrase in _PHRASES}

#: Words that say what sort of body has the name rather than which one.
SORTS_OF_BODIES = frozenset(
    """
    party movement front army forces group organization association foundation society union alliance brigade bank company
    corporation trading import export investment fund hawala office center institute academy university school council committee
    commission assembly congress league federation ministry department agency development industry machinery shipping transport
    aviation services system court parliament cooperative cartel clan branch relations project authority concern coalition
    establishment business commercial general international national holding credit administration directorate program centre
    """.split()
)

#: A legal form → what it amounts to, so that "GmbH" and "Ltd" are seen to differ and "Ltd" and "Limited" are not.
LEGAL_FORMS: dict[str, str] = {
    form: group
    for group, forms in {
        "ltd": "ltd limited pvt pte ltda limitada sdn bhd ltdsti", "inc": "inc incorporated corp corporation",
        "llc": "llc ooo toov",
        "plc": "plc", "gmbh": "gmbh ggmbh mbh", "ag": "ag", "sa": "sa sas saa", "sarl": "sarl srl spolka sprl eurl sl",
        "jsc": "jsc ojsc cjsc pjsc oao zao pao ao aozt", "nv": "nv", "bv": "bv", "spa": "spa", "ab": "ab",
        "as": "as asa aps oy oyj",
        "co": "co company coy comp", "lp": "lp llp kg", "kft": "kft zrt rt doo dd ad eood ood",
        "est": "est fze fzc fzco jv cv cia se",
    }.items()
    for form in forms.split()
}  # fmt: skip

#: Words that join others: they tell nothing, and acronyms may leave them out.
SMALL = frozenset(
    """
    of the and for in de la le les on du des del et y e und fur der die das dem den al el ul as ash to a an at by with da do dos
    das di della dei delle degli il lo van von het een og i w na po z dlya imeni im v fi wa wal bi li us il ar ad az d l dell
    named so called der aka fka known formerly also care c o no und ve dan ke ka
    """.split()
)


def concepts(words: list[str]) -> list[str]:
    """The words with phrases that mean one thing as one word: ``["roshan", "money", "exchange"] → ["roshan", "hawala"]``."""
    found: list[str] = []
    at = 0
    while at < len(words):
        for size in range(min(_STARTS.get(words[at], 0), len(words) - at), 1, -1):
            meaning = _PHRASES.get(tuple(words[at : at + size]))
            if meaning:
                found.append(meaning)
                at += size
                break
        else:
            found.append(words[at])
            at += 1
    return found
