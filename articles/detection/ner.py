"""Names the catalogue does not know: a statistical tagger where one is installed, rules on capitals everywhere."""

from __future__ import annotations

import importlib.util
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from entities.matching.types import MentionType

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NamedSpan:
    """A span that a tagger took for a name, and of what sort."""

    start: int
    end: int
    type: MentionType


# OntoNotes, WikiNER and CoNLL labels; EVENT, FAC, PRODUCT, WORK_OF_ART and LAW hold names that are often something else.
_LABELS = {
    "PERSON": MentionType.PERSON,
    "PER": MentionType.PERSON,
    "ORG": MentionType.ORGANIZATION,
    "GPE": MentionType.PLACE_POLITICAL,
    "LOC": MentionType.PLACE,
    "FAC": MentionType.PLACE,
    "NORP": MentionType.NATIONALITY,
    "LAW": MentionType.AGREEMENT,
    "EVENT": MentionType.OTHER,
    "PRODUCT": MentionType.OTHER,
    "WORK_OF_ART": MentionType.OTHER,
    "MISC": MentionType.OTHER,
}
_MAX_CHARS = 200_000  # spaCy's memory grows with the text; longer ones are read in parts cut at a space


# spaCy's tokenizer takes the square of such a run's length, and no name stands in it.
_NOISE = re.compile(r"(?:[^\w\s]|_){24,}")


class Tagger:
    """A spaCy pipeline reduced to its entity recogniser."""

    def __init__(self, model: str):
        import spacy

        self._pipeline = spacy.load(
            model, exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer", "morphologizer"]
        )
        self._pipeline.max_length = _MAX_CHARS + 1_000

    def tag(self, texts: Iterable[str]) -> Iterator[list[NamedSpan]]:
        """The names in each text, in order; texts are tagged in batches."""
        parts, owners = [], []
        for number, text in enumerate(texts):
            for offset, part in _parts(_NOISE.sub(lambda run: " " * len(run.group()), text)):
                parts.append(part)
                owners.append((number, offset))
        found: list[list[NamedSpan]] = [[] for _ in range(owners[-1][0] + 1)] if owners else []
        for (number, offset), doc in zip(owners, self._pipeline.pipe(parts, batch_size=32), strict=True):
            for entity in doc.ents:
                if entity.label_ in _LABELS:
                    found[number].append(
                        NamedSpan(offset + entity.start_char, offset + entity.end_char, _LABELS[entity.label_])
                    )
        yield from found


def _parts(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    while len(text) - start > _MAX_CHARS:
        cut = text.rfind(" ", start, start + _MAX_CHARS) + 1 or start + _MAX_CHARS
        yield start, text[start:cut]
        start = cut
    yield start, text[start:]


@lru_cache(maxsize=8)
def load_tagger(model: str) -> Tagger | None:
    """The tagger of an installed spaCy model package; None, said once in the log, where it is not to be had."""
    if not model:
        return None
    if importlib.util.find_spec("spacy") is None or importlib.util.find_spec(model) is None:
        logger.warning("NER model %s is not installed: names are found by rules alone", model)
        return None
    return Tagger(model)


# A run of capitalised words, with the small words that names hold inside.
_CAPITAL = r"(?:[^\W\d_a-zà-öø-ÿа-яёα-ω](?:[\w\-]|[’'](?!s\b))+|[^\W\d_a-zà-öø-ÿа-яёα-ω]\b\.?)"
_LINK = r"(?:de|del|della|der|den|di|da|do|dos|du|van|von|zu|bin|ibn|bint|al|el|of|the|and|for|y|la|le|ten|ter|abu)"
_RUN = re.compile(rf"\b{_CAPITAL}(?:[ \u00a0-]+(?:{_LINK}[ \u00a0-]+){{0,2}}{_CAPITAL}){{0,6}}")
# In capitals, one of these makes a name that of a body.
_ORG_WORDS = frozenset(
    "ministry party union council committee commission agency bank university institute corporation company group front army"
    " movement organisation organization association federation court parliament congress assembly authority force forces"
    " office department service fund centre center foundation league alliance brigade times post news inc ltd corp plc gmbh"
    " ag".split()
)
_WORD = re.compile(r"\w+")


def capitalised_names(text: str, sentence_starts: frozenset[int] | set[int]) -> list[NamedSpan]:
    """Names by rule: runs of capitalised words; one word at the start of a sentence proves nothing.

    For scripts without case there is nothing to see, and nothing is returned.
    """
    found = []
    for match in _RUN.finditer(text):
        start, end = match.span()
        if not match.group()[0].isupper():
            continue  # a script without case
        words = match.group().split()
        if start in sentence_starts or text[max(0, start - 1) : start] in '"“‘':
            if len(words) == 1 and not words[0].isupper():
                continue
            if words[0].lower() in _OPENERS:
                start += len(words[0]) + 1
                words = words[1:]
        while len(words) > 1 and (words[0].lower() in _SMALL_ABROAD or OCCUPATION.fullmatch(words[0])):
            start += len(words[0])
            while start < end and text[start] in " \u00a0-":
                start += 1
            words = words[1:]
        surface = text[start:end]
        if len(words) == 1 and surface.lower() in _SMALL_ABROAD:
            continue
        if len(surface) < 2 or surface.lower() in _OPENERS or not words:
            continue
        if not _ORG_WORDS.isdisjoint(_WORD.findall(surface.lower())) or (surface.isupper() and len(surface) > 1):
            type_ = MentionType.ORGANIZATION
        elif len(words) in (2, 3):
            type_ = MentionType.PERSON
        else:
            type_ = MentionType.OTHER
        found.append(NamedSpan(start, end, type_))
    return found


# Articles, prepositions and conjunctions that open a sentence or a line in other languages.
_SMALL_ABROAD = frozenset(
    "le la les l un une des du au aux en dans sur pour par avec sans selon si à a et de d mais quand où il elle ils elles on"
    " ce cette ces son sa ses leur qui que el los las lo una uno unos unas al del desde para por con sin según y e o pero cuando"
    " su sus"
    " este esta estos estas como entre hasta tras os as um uma no na nos nas do da dos das ao à às mas em com sem seu sua"
    " gli i uno nel nella nei nelle dal dalla con per ma der die das den dem des ein eine einen einem einer im in am vom zum zur"
    " beim bei mit nach von für und oder aber auf aus an als wie wenn er sie es wir ihr sein seine ihre ihren dieser diese dieses"
    " в во на по с со из к ко от до у о об за при для под над и а но что как когда он она они это его её их мы вы я не если"
    " в у на з із зі до від за при для та й і але що як коли він вона вони це w we na do z ze od za przy dla pod nad i a ale co"
    " jak gdy"
    " on ona oni to je v ve s se k ke o při pro pod".split()
)
#: What somebody is, printed with a capital before the name: "Parlamentspräsident", "Премьер-министр".
OCCUPATION = re.compile(
    r"\w*(?i:präsident(?:in|en)?|minister(?:in|s|n)?|kanzler(?:in|s)?|chef(?:in|s)?|sprecher(?:in|s)?|sekretär(?:in|s)?|general"
    r"|direktor(?:in)?|kommissar(?:in)?|abgeordneten?r?|führer(?:in|s)?|könig(?:in|s)?)"
    r"|(?:[Пп]ремьер-?)?министр\w{0,3}|[Пп]резидент\w{0,3}|[Пп]ремьер\w{0,2}|[Кк]анцлер\w{0,2}|[Сс]екретар\w{1,2}|[Пп]атриарх\w{0,2}"
    r"|[Гг]енерал\w{0,2}|[Гг]лава|[Гг]лавы|[Лл]идер\w{0,2}|[Кк]орол\w{1,2}|[Пп]рем[’'ʼ]єр-міністр\w{0,3}|[Мм]іністр\w{0,3}"
    r"|[Pp]rezydent\w{0,3}|[Pp]remier\w{0,3}|[Mm]inister\w{0,3}|[Kk]anclerz\w{0,2}|[Pp]rezident\w{0,3}|[Pp]remiér\w{0,3}"
    r"|[Pp]resident[ea]|[Pp]résidente?|[Mm]inistre|[Mm]inistr[oa]|[Cc]anciller|[Cc]hanceler|[Pp]rimer|[Gg]eneral|Général"
    r"|Frau|Herrn?|Madame|Monsieur|Señora?|Signora?|Don|Doña|Papst|Papa|Pape|Rey|Reina|Roi|Reine"
)
# Words that begin sentences with a capital and are no name.
_OPENERS = frozenset(
    [
        "the",
        "a",
        "an",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "after",
        "before",
        "during",
        "while",
        "when",
        "as",
        "if",
        "but",
        "and",
        "or",
        "so",
        "yet",
        "it",
        "its",
        "he",
        "his",
        "she",
        "her",
        "they",
        "their",
        "we",
        "our",
        "you",
        "your",
        "i",
        "this",
        "that",
        "these",
        "those",
        "there",
        "here",
        "what",
        "which",
        "who",
        "whose",
        "why",
        "how",
        "all",
        "some",
        "many",
        "most",
        "more",
        "much",
        "few",
        "several",
        "both",
        "each",
        "every",
        "no",
        "not",
        "one",
        "two",
        "three",
        "four",
        "five",
        "last",
        "next",
        "since",
        "until",
        "under",
        "over",
        "between",
        "among",
        "against",
        "according",
        "although",
        "because",
        "however",
        "meanwhile",
        "moreover",
        "instead",
        "also",
        "then",
        "now",
        "today",
        "yesterday",
        "tomorrow",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "mr",
        "mrs",
        "ms",
        "earlier",
        "later",
        "about",
        "around",
        "asked",
        "speaking",
        "despite",
        "even",
    ]
)
