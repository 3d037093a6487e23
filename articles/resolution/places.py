"""Whether a capital or a seat of power is named as a place ("in Moscow") or for those who govern there ("Moscow said").

General vocabulary: prepositions, verbs of motion and of war, and what governments do. English, with the commonest
prepositions of other languages.
"""

from __future__ import annotations

import re

from articles.detection.spans import Span

_DETERMINED = (
    r"(?:(?:the|a|its|his|her|their|our)\s+)?(?:(?:rainy|snowy|sunny|central|downtown|northern|southern|eastern|western"
    r"|nearby|native|home|distant|hated|beloved|old|occupied|besieged|war-torn|devastated|rebel-held|neighbouring|neighboring)\s+)*"
    r"(?:(?:the\s+)?(?:\w+\s+)?(?:capital|city|town)(?:\s+of)?,?\s+)?"
)
# "in Moscow", "toward Kigali": whatever stands before, these make a place of it.
_IN = re.compile(
    r"(?:\b(?:in|at|near|outside|inside|around|across|throughout|through|into|via|towards?|over|beyond|above|within"
    r"|out of|back in|off|onto|streets of|parts of|centre of|center of|heart of|outskirts of|suburbs? of|north of|south of"
    r"|short of|march(?:ed|es|ing)? on|advanc(?:e|ed|es|ing) on|marches of|talks of"
    r"|east of|west of|port of|city of|capital of|siege of|fall of|battle (?:of|for)|bombing of|capture of|gates of|mayor of"
    r"|bishop of|gardens? of|hotels? of|(?:hours?|days?|miles?) of|university of|miles (?:of|from)|kilomet(?:re|er)s? (?:of|from)|hours? from|residents? of|people of"
    r"|(?:airport|airports|station|bazaar|barracks|ruins|ghettos?|slums|prisons?|hospitals?|squares?|walls?|skies|roofs?|harbou?r|bay|ring|lights|cafes|museums?|cemeter(?:y|ies)|archbishop|governor|native|citizens|inhabitants|population) of"
    r"|map of|downtown|central|greater|desde|depuis|en|dans|vers|nach|bei|aus)|\bà|(?<!\w)(?:в|во|из|под)|在|位于)\s*"
    + _DETERMINED + r"$",
    re.IGNORECASE,
)  # fmt: skip
# Of verbs that are done to a town. "left Moscow", "bombed Belgrade", "took Kigali on July 4".
_DONE_TO_TOWNS = re.compile(
    r"\b(?:left|leaves?|leaving|reach(?:ed|es|ing)?|enter(?:ed|s|ing)?|visit(?:ed|s|ing)?|tour(?:ed|s|ing)?"
    r"|captur(?:ed|es|ing)|seiz(?:ed|es|ing)|shell(?:ed|s|ing)|bomb(?:ed|s|ing)|bombard(?:ed|s|ing)|storm(?:ed|s|ing)"
    r"|besieg(?:ed|es|ing)|encircl(?:ed|es|ing)|surround(?:ed|s|ing)|overr[au]n|fle(?:d|es|eing)|evacuat(?:ed|es|ing)"
    r"|struck|hit|rocked|shook|stunned|paralysed|paralyzed|flooded|devastated|liberat(?:ed|es|ing)|occupi(?:ed|es)"
    r"|retak(?:e|es|en|ing)|retook|took|taken?|approach(?:ed|es|ing)|abandon(?:ed|s|ing)|crossed|patrol(?:led|s|ling)"
    r"|neither|both|nor|between here and)\s+" + _DETERMINED + r"(?:[A-Z][\w’'-]+(?:,\s|\sand\s|\sor\s))?$"
)  # fmt: skip
# "to Moscow", "from Moscow", "for Moscow": a place after motion, a government after most else.
_TO = re.compile(r"\b(?:to|from|for|of|by way of)\s+" + _DETERMINED + r"$", re.IGNORECASE)
_MOTION = re.compile(
    r"\b(?:came|comes?|coming|went|go(?:es|ing|ne)?|fl[ey]w|fl(?:y|ies|own|ying)|flights?|travel\w*|return\w*|head(?:ed|ing|s)?"
    r"|bound|left(?= for)|leaves?(?= for)|leaving(?= for)|off|sent|bring\w*|brought|moved?|moving|dr[oi]ve\w*|driven|march\w*|trips?|visits?|journey\w*"
    r"|tours?|routes?|roads?|way|back|trains?|planes?|aircraft|airliners?|ships?|boats?|lorr(?:y|ies)|trucks?|bus(?:es)?|convoys?|columns?|rush\w*|flee\w*|fled|escap\w*|invit\w*|carried"
    r"|dispatch\w*|deport\w*|transferr?\w*|extradit\w*|evacuat\w*|arriv\w*|withdr\w*|pull(?:ed|ing)? out|retreat\w*|walk\w*"
    r"|advanc\w*|rac(?:ed|ing)|sail\w*|flown|airlift\w*|ferr(?:y|ied)|shipped|shipments?|tak(?:e|es|en|ing)|took"
    r"|been|embark\w*|follow\w*|accompan\w*|welcom\w*|departed|departure|highway|railway|pipeline|miles|kilomet(?:re|er)s)\b",
    re.IGNORECASE,
)
_SENT_WORD = re.compile(
    r"\b(?:told|rang|said|says|claims?|claimed|condemned|directs?|directed|commands?|put out|spoke|speaking|spoken|wrote|writes|writing|report(?:ed|s|ing)?|broadcast\w*|telephoned|phoned|called|addressed"
    r"|watched|hails?|natives?|born|evacuat\w*|exile[ds]?)\b[^.;]{0,40}$",
    re.IGNORECASE,
)
# Said of governments alone, although a word of motion may stand near: "the pressure that came from Moscow".
_RELATION = re.compile(
    r"\b(?:ties|close|closer|loyal|allied|hostile|pressure|support|aid|arms|weapons|help|backing|orders?|message|signals?"
    r"|warnings?|threats?|demands?|concessions?|offers?|proposals?|letters?|complaints?|answer|response|reply|approval"
    r"|permission|assurances?|guarantees?|independence|autonomy|denial|criticism|loans?|credits?|funding|sanctions|lessons?|advice|cues?"
    r"|challenge|blow|setback|victory|ambassadors?|embassy|envoys?|according|due|belong\w*|turn(?:ed|ing)? to|hand(?:ed|ing)? over"
    r"|ced(?:ed|ing)|supplied|suppl(?:y|ies)|sold|sell|gave|give|given|leaning|subordinate|instructions)\b[^.;,]{0,25}$",
    re.IGNORECASE,
)
_HOME = re.compile(r"\b(?:home|back|away|out|expelled|deported|direct|live|straight)\s+from\s+$", re.IGNORECASE)
_APPOSED = re.compile(r"\b(?:capital|city|town|province|region|suburb)(?: of|,)?\s+$", re.IGNORECASE)
_FOLLOWED = re.compile(
    r"^(?:-based\b|-born\b|-educated\b|,?\s{1,9}(?:the|its|whose)\s{1,9}(?:\w+\s{1,9}){0,2}(?:capital|city|town|port)\b|,\s{1,9}where\b"
    r"|['’]s?\s{1,9}(?:\w+\s{1,9}){0,2}(?:streets?|suburbs?|outskirts|squares?|airports?|mayors?|residents|inhabitants|hotels?|bazaars?"
    r"|hospitals?|old (?:town|city)|(?:city|town) (?:hall|cent(?:re|er))|centre|districts?|quarters?|neighbou?rhoods?|skyline|caf[eé]s?"
    r"|restaurants|shops|parks?|bridges?|harbou?r|stations?|metro|subway|underground|university|stadium|museums?|slums|waterfront"
    r"|seafront|riverside|zoo|cemetery|mosques?|churches|cathedral|prisons?|traffic|weather|rooftops|skies|landmarks?|housewives|taxi drivers)\b"
    r"|['’]s?\s{1,9}(?:[A-Z]\w{0,20}\s{1,9}){1,3}(?:[Ss]treet|[Ss]quare|Avenue|Boulevard|Gate|Hotel|[Aa]irport|[Hh]ospital|Bridge|Park|[Ss]tation|[Dd]istrict)\b"
    r"|\s{1,9}(?:woke|awoke|slept|burned|burnt|danced|emptied|lay|lies|fell|(?:has|had|would have|could have) fallen|came to a standstill)\b"
    r"|\s{1,9}(?:is|was|are|were|looked|seemed|remained|stayed)\s{1,9}(?:\w+ly\s{1,9})?(?:far|further|farther|near|nearer|closer to|where|quiet|calm|deserted|dark|empty|burning|asleep"
    r"|cold|hot|a (?:\w+ )?(?:city|town|place)|cut off|flooded|bombed|shelled|rocked|shaken|founded|besieged|in flames|in ruins|under curfew|at a standstill)\b"
    r"|\s{1,9}(?:airport|suburb|street|metro|theat(?:re|er)|stadium|hospital|hotel|university|castle|cathedral|mosque|square"
    r"|bridge|prison|zoo|museum|opera|district|neighbou?rhood|traffic|taxi|rooftops?|skyline|home|flat|apartment|office"
    r"|correspondent|bureau|courts?|caf[eé]s?|restaurants?|schools?|church|synagogue|nightclub|jail|police|policem[ae]n|residents?|crowds?|shopkeepers?|shops?|slums?|skies|nights?|dusk|dawn"
    r"|subway|underground|ring road|bombings?|attacks?|massacre|earthquake|shootings?|siege|embassy|consulate|housewife|students?|summit|talks|conference|meeting|round|session|forum|marathon|olympics|stock exchange"
    r"|bourse|document|time)\b)",
    re.IGNORECASE,
)
_DATELINE = re.compile(
    r"^\s\([A-Z][^)\n]{1,30}\)\s(?=[A-Z\"“])|"
    r"^(?:,[^\n:—–]{0,30})?\s*(?:\([^)\n]{1,30}\)\s*)?(?::|[—–-]{1,2}\s)|^,[^\n:—–]{0,30}\([^)\n]{1,30}\)\s*\n"
)
# "to Beijing, Moscow and Brussels": what is said of the first of a list is said of all.
_LISTED = re.compile(r"(?:[A-ZÀ-Þ][\w’'-]{0,30}(?: [A-ZÀ-Þ][\w’'-]{0,30}){0,2}(?:, and |, | and | or )){1,8}$")
_FROM_TO = re.compile(r"\bfrom\s+(?:[A-ZÀ-Þ][\w’'-]{0,30}\s+){1,3}to\s+$")
_TO_AFTER = re.compile(r"\s+to\s+(?:the\s)?[A-ZÀ-Þ]")
_SHIFT = re.compile(r"\b(?:shift\w*|power|influence|loyalt\w+|allegiance|turn\w*|transfer of)\b", re.IGNORECASE)
_LEFT_SO = re.compile(r"\s+(?:alone|isolated|with|without|out|little|no choice|free|exposed|in no doubt)\b")
# What a government, not a town, has or does.
_ACTS = re.compile(
    r"^(?:['’]s?\s+(?:\w+\s+)?(?:government|foreign|policy|position|ambassador|response|demands?|decision|offer|refusal|allies"
    r"|ally|claims?|support|role|troops|forces|war|invasion|nuclear|interests?|intentions?|request|help|backing|relations"
    r"|envoy|diplomats?|ministry|influence|assurances?|consent|approval|veto|sanctions|hand|rulers?|leaders?|leadership)"
    r"|\s+(?:said|says|wants|wanted|denies|denied|insists|insisted|accused"
    r"|accuses|warned|warns|agreed|agrees|refused|refuses|rejected|rejects|sees|offered|offers|signed|backs|backed|supports"
    r"|announced|called|calls|urged|demanded|demands|expelled|recognised|recognized|summoned|hopes|hoped|fears|feared"
    r"|severed|imposed|lifted|considers|responded|replied|maintains|maintained|pledged|promised|threatened|blames|blamed"
    r"|welcomed|condemned|dismissed|confirmed|regards)\b)",
    re.IGNORECASE,
)
# "Riyadh, where he made his fortune, said nothing": the clause between is of the town, the verb of the government.
_SAID_AFTER = re.compile(
    r",\s+where\s[^,.;\n]{1,70},\s+(?:has\s+|have\s+|will\s+|would\s+|wo)?(?:said|says|n['’]t say|say|called|denied|denies|wants|insists|insisted|warned|refused|rejected|agreed|announced"
    r"|accused|demanded|supports|opposes|fears)\b"
)
_WINDOW = 70  # characters of the same sentence that are read before a name


def is_place_use(text: str, span: Span) -> bool:
    """Whether a capital is named as a town here ("in Moscow") and not for its government ("Moscow said")."""
    start = max(0, span.start - _WINDOW)
    before = text[start : span.start]
    sentence = max(before.rfind(". "), before.rfind("\n"), before.rfind("? "), before.rfind("! "))
    before = before[sentence + 1 :]
    after = text[span.end : span.end + 45]
    line = text.rfind("\n", 0, span.start) + 1
    if not text[line : span.start].strip() and _DATELINE.match(after):
        return True
    if _FOLLOWED.match(after):
        return _SAID_AFTER.match(text, span.end) is None
    if _APPOSED.search(before) or _HOME.search(before):
        return True
    acts = _ACTS.match(after) is not None
    if _IN.search(before):
        # "the powers in Moscow said": the verb belongs to what stands before.
        return not (acts and after[:1] in "'’")
    if acts:
        return False
    if _DONE_TO_TOWNS.search(before):
        return not (before.rstrip().endswith(("leaving", "left", "leaves")) and _LEFT_SO.match(after))
    if before.endswith("rom ") and (_TO_AFTER.match(after) or after[:1] == ":") or _FROM_TO.search(before):
        return _SHIFT.search(before) is None
    preposition = _TO.search(before)
    if preposition is None:
        first = _LISTED.sub("", before)
        return first != before and (
            _IN.search(first) is not None or _DONE_TO_TOWNS.search(first) is not None or _is_reached(first)
        )
    return _is_reached(before)


def _is_reached(before: str) -> bool:
    """Whether a name after these words is where somebody goes to or speaks from."""
    preposition = _TO.search(before)
    if preposition is None:
        return False
    governed = (
        before[: preposition.start() + len(" for")]
        if preposition.group()[:3].lower() == "for"
        else before[: preposition.start()]
    )
    if _RELATION.search(governed):
        return False
    if preposition.group()[:4].lower() == "from" and _SENT_WORD.search(governed):
        return True
    return preposition.group()[:2].lower() != "of" and _MOTION.search(governed[-45:]) is not None


# Places that share a state's name, told by words of their own. From general knowledge; the first pattern is theirs, the
# second the state's.
_NAMESAKES = {
    "georgia": (
        re.compile(
            r"\b(?:Atlanta|Savannah|Augusta|Macon|Fulton County|Alabama|Florida|Tennessee|South Carolina|North Carolina"
            r"|Mississippi|USA|U\.S\. state|Carter|Camp David|Republicans?|Democrats?|congress(?:man|woman)|swing states?|electoral college|peach"
            r"|Kemp|Raffensperger|Warnock|Ossoff|Stacey Abrams|Perdue|Loeffler|secretary of state|lieutenant governor|governor|runoffs?"
            r"|statehouse|grand jury|district attorney)\b"
        ),
        re.compile(
            r"\b(?:Tbilisi|Georgians?|Abkhaz\w*|Ossetia\w*|Caucasus|Batumi|Kutaisi|Gori|Saakashvili|Shevardnadze|Armenia"
            r"|Azerbaijan|Ivanishvili|Zourabichvili)\b"
        ),
    ),
    "macedonia": (
        re.compile(r"\b(?:Thessaloniki|Salonika|Greek (?:province|region|Macedonia)|northern Greece|their own|Alexander)\b"),
        re.compile(r"\b(?:Skopje|Macedonians?|Gruevski|Zaev|Trajkovski|Gligorov|Ohrid|Tetovo|Kosovo|Yugoslav\w*)\b"),
    ),
    "mexico": (re.compile(r"\bNew (?=Mexico)|\bState of (?=Mexico)|\bGulf of (?=Mexico)"), re.compile(r"\bMexicans?\b")),
    "lebanon": (re.compile(r"\b(?:Pennsylvania|New Hampshire|Tennessee|Ohio)\b"), re.compile(r"\b(?:Beirut|Leban\w+)\b")),
    "cuba": (re.compile(r"\b(?:Missouri|Alabama)\b"), re.compile(r"\b(?:Havana|Cubans?|Castro)\b")),
}  # fmt: skip
_KIN_BEFORE = re.compile(
    r"\b(?:(?:uncle|aunt|brother|sister|cousin|son|daughter|nephew|niece|friend|wife|husband) |(?:Mr|Mrs|Ms|Dr)\.? )$"
)
# Football clubs that begin or end with the town they come from: "Real Madrid", "Red Star Belgrade".
_CLUB_BEFORE = re.compile(
    r"\b(?:Real|Atl[eé]tico|Rapid|Bayern|[DK][iy]namo|Spartak|CSKA|Lokomotiv|Red Star|Partizan|Sporting|Inter|Olympique|Racing|Borussia"
    r"|Hertha|Athletic|Steaua|Slavia|Sparta|Legia|Ferencv[aá]ros|[AF]C|AS) $"
)
_CLUB_AFTER = re.compile(r" (?:United|City|Rovers|Wanderers|Hotspur|FC|SC|Saint-Germain|St\.? Germain)\b")
_COMPASS = re.compile(r"\b(?:North|South|East|West|New|Upper|Lower|Northern|Southern|Eastern|Western|Gulf of|Sea of) $")


def is_namesake(text: str, span: Span) -> bool:
    """Whether a state's name stands for another place of that name: "the governor of Georgia", "Northern Ireland"."""
    compass = _COMPASS.search(text, max(0, span.start - 10), span.start)
    if compass is not None and not _opens_sentence(text, compass.start()):
        return True
    if _CLUB_BEFORE.search(text, max(0, span.start - 16), span.start) or _CLUB_AFTER.match(text, span.end):
        return True
    if _KIN_BEFORE.search(text, max(0, span.start - 16), span.start):
        return True  # "her uncle Jordan"
    patterns = _NAMESAKES.get(span.surface.lower())
    if patterns is None:
        return False
    other, own = patterns
    if own.search(text) is None and len(other.findall(text)) >= _NAMESAKE_WORDS:
        return True
    if other.search(text, max(0, span.start - 40), min(len(text), span.end + 40)):
        return not own.search(text, max(0, span.start - 40), min(len(text), span.end + 40))
    return False


_NAMESAKE_WORDS = 2  # of the other place, and none of the state


def _opens_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip()
    return not before or before[-1] in ".!?:\n" or text[len(before) : at].count("\n") > 0
