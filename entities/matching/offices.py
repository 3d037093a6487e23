"""What an office is called: titles, as records and texts give them, made comparable.

``offices("Minister of Foreign Affairs") == offices("foreign minister") == {"foreign minister"}``. The words here are
general vocabulary of government in a few languages; which person held which office is the catalogue's to know.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Office → words that name it, as regular expressions over a lower-case title without diacritics.
# The first group is the name shown in explanations.
_OFFICES: tuple[tuple[str, str], ...] = (
    ("head of state", r"head of state|mandatari[oa]|staatschef\w*|staatsoberhaupt|chef de l.?etat|jefe de estado"),
    ("head of government", r"head of (?:the )?government|chief executive|regierungschef"),
    ("prime minister", r"prime[ -]minister|premier\b(?! of )|premier of|minister[ -]president|ministerprasident"
     r"|premier ministre|primer ministr[oa]|primeir[oa][ -]ministr[oa]|taoiseach|president of the government"
     r"|^pm$|president of the council of ministers|chairman of the council of ministers|bundeskanzler\w*|kanzler\w*|regierungschef\w*"
     r"|premierminister\w*|chancelier\w*|premiere ministre|premier ministre|primer[ao]? ministr[oa]"
     r"|(?<!lord )(?<!vice )(?<!vice-)chancellor(?! of the (?:exchequer|duchy))|премьер\S*|рис[ея]с ал.?вузара|رئیس ?الوزراء|نخست ?وزیر"),
    ("president", r"president\b(?! of the (?:government|council|commission|european|senate|assembly|general|parliament"
     r"|supreme|chamber|court|national|house|security|united nations))|staatsprasident\w*|(?<!minister)(?<!vize)prasident(?:in|en)?|presidente\b|presidenta"
     r"|президент\S*|chair\w{0,20} of the (?:tripartite |collective )?presidency"),
    ("monarch", r"\b(?:king|queen|emir|amir|sultan|emperor|monarch|konig(?:in)?|roi|reine|rey|reina|shah)\b|\bкорол\S+|grand duke|\bprince of monaco"
     r"|yang di-pertuan agong|custodian of the two holy mosques|sovereign prince"),
    ("crown prince", r"crown prince"),
    ("rebel leader", r"(?:rebel|guerrilla|militia|faction|separatist|resistance|coup) (?:leader|chief)"),
    ("supreme leader", r"supreme leader|leader of the revolution|paramount leader"),
    ("governor-general", r"governor[ -]general"),
    ("governor", r"\bgovernor\b(?![ -]general)"),
    ("vice president", r"vice[ -]president"),
    ("foreign minister", r"foreign (?:affairs )?minister|minister (?:of|for) (?:the )?(?:foreign|external) (?:affairs|relations)"
     r"|minister of foreign\b(?! (?:trade|econom|commerce|investment))|foreign secretary|secretary of state for foreign|external affairs minister"
     r"|secretary of foreign affairs|(?<!first )secretary of state\b(?! for| of (?!the united))|top diplomat|chief diplomat"
     r"|minister of europe and foreign|minister for europe and foreign|auswartige\w*|au(?:ss|ß)enminister\w*|ministro de exteriores"
     r"|ministre des affaires etrangeres|ministro de (?:relaciones|asuntos) exteriores|canciller\b|министр\S{0,20} иностранных дел"),
    ("defence minister", r"defen[cs]e (?:minister|secretary|chief)|minister (?:of|for) (?:the )?(?:national )?defen[cs]e"
     r"|secretary of (?:state for )?(?:the )?defen[cs]e|minister of the armed forces|armed forces minister|secretary of war"),
    ("finance minister", r"finance minister|minister (?:of|for) (?:the )?(?:economy and )?finances?|treasury secretary"
     r"|secretary of the treasury|chancellor of the exchequer|minister of economy and finance"),
    ("interior minister", r"interior minister|minister (?:of|for) (?:the )?interior|home secretary"
     r"|minister (?:of|for) (?:the )?home (?:affairs|department)|home (?:affairs )?minister|minister of internal affairs|internal affairs minister"),
    ("attorney general", r"attorney general|justice secretary|prosecutor[ -]general|minister (?:of|for) justice|justice minister|lord chancellor"),
    ("oil minister", r"(?:oil|petroleum|energy) minister|minister (?:of|for) (?:oil|petroleum|energy)\b"),
    ("trade minister", r"(?:trade|commerce) (?:minister|secretary)|minister (?:of|for) (?:\w+ )?(?:trade|commerce)"
     r"|secretary of commerce|trade representative"),
    ("economy minister", r"(?:economy|economics|economic affairs) minister|minister (?:of|for) (?:the )?(?:economy|economic)"),
    ("national security adviser", r"national security advis[eo]r"),
    ("secretary-general", r"secretary[ -]general|general secretary|secretaire general\w*|generalsekretar\w*|secretari[oa][ -]general|segretari[oa] generale|\bu\.?n\.? chief|chief of (?:the )?(?:u\.?n\.?|nato)"),
    ("director-general", r"director[ -]general|executive director|managing director"),
    ("spokesperson", r"spokes(?:man|woman|person)|press secretary"),
    ("speaker", r"speaker\b|president of the (?:senate|assembly|parliament|chamber|national assembly|house)"),
    ("ambassador", r"ambassador|permanent representative|high commissioner to"),
    ("high representative", r"high representative|foreign policy chief"),
    ("commission president", r"president of the (?:european )?commission|(?:european )?commission president"),
    ("council president", r"president of the european council|european council president"),
    ("parliament president", r"president of the european parliament|european parliament president"),
    ("envoy", r"\benvoy\b|special representative"),
    ("commissioner", r"\bcommissioner\b"),
    ("chief of staff", r"chief of (?:the )?(?:general )?staff|army chief|military chief|armed forces chief"),
    ("central bank governor", r"(?:chair(?:man|woman)?|governor|president) of (?:the )?(?:\w+ )?(?:central bank|federal"
     r" reserve|reserve bank|bank of)|central bank (?:governor|chief|president|head)|(?:fed|federal reserve) chair\w*"),
    ("pope", r"\bpope\b|\bpontiff\b|\bholy father\b|\bpapst\b"),
    ("patriarch", r"\bpatriarch\b"),
    ("ayatollah", r"\bayatollah\b"),
    ("opposition leader", r"opposition leader|leader of the opposition"),
    ("party leader", r"party (?:leader|chief|chair\w*)|leader of the .{0,200} party|party president|president of the .{0,200} party"
     r"|chair(?:man|woman|person)?\b|general secretary of the .{0,200} party"),
    ("leader", r"\bleader\b|\bstrongman\b|\bruler\b|\bdictator\b|\bhead\b|\bchief\b(?! \w{1,20} officer)|\bboss\b"),
    ("first lady", r"first lady"),
    ("mayor", r"\bmayor\b"),
    ("senator", r"\bsenator\b"),
    ("prosecutor", r"\bprosecutor\b(?![ -]general)"),
    ("judge", r"\bjudge\b|chief justice"),
    ("lawmaker", r"\blawmaker\b|\bcongress(?:man|woman)\b|member of (?:the )?(?:parliament|house)|\bmp\b|^representative\b"),
    ("commander", r"\bcommander\b|^general\b(?! secretary)"),
    ("founder", r"\bfounder\b"),
    ("director", r"\bdirector\b(?![ -]general)"),
)  # fmt: skip
_COMPILED = tuple((name, re.compile(words)) for name, words in _OFFICES)

# British and American ministers are secretaries: "Secretary of State for the Home Department", "Secretary of Energy".
_SECRETARY_FOR = re.compile(r"secretary of state for (?:the )?(?!foreign|defen|the )")
_SECRETARY_OF = re.compile(
    r"secretary of (?:the )?(?=energy|agriculture|labou?r|education|transport|housing|health|veterans|environment|culture|work)"
)
_SECRETARY = re.compile(
    r"\b(energy|health|education|transport(?:ation)?|environment|agriculture|labou?r|culture|business|housing|development)"
    r" secretary\b"
)
# "Deputy Prime Minister and Minister for Defence": two offices, of which one is a deputy's.
_TWO_OFFICES = re.compile(
    r"\s{0,3}(?:[,;/]\s{0,3}(?:and\s{1,3})?|\sand\s{1,3})(?=(?:first |deputy |vice )?(?:prime )?(?:minister|secretary)\b)"
)
_OFFICE_HEAD = re.compile(
    r"(?:(?:first|deputy|vice|acting) )*(?:prime minister|minister (?:of|for)|president|secretary of|chancellor of)\b"
)
_LESSER = re.compile(
    r"\b(?:(?:advis[eo]r|aide|assistant|counsel\w*|secretary|representative|spouse|wife) (?:to|of|for) the "
    r"(?:president|prime minister|king|presidency)|vice|deputy|assistant|junior|under[ -]?secretary|shadow|parliamentary|chief of staff to)\b"
)
_MINISTER_OF = re.compile(r"minister (?:of|for) (?:the )?(.+)")
_MINISTER_WORD = re.compile(r"\b(\w{1,40}(?: and \w{1,40})?) minister\b")

#: What "leader" may mean besides itself.
LEADING = frozenset({"president", "prime minister", "monarch", "supreme leader", "head of state", "head of government",
                     "party leader", "leader", "secretary-general", "crown prince", "director-general",
                     "commission president", "council president", "rebel leader"})  # fmt: skip
#: States whose government is led by its prime minister while the head of state stands above politics, by ISO code: who
#: "the Indian leader" is. Where that changed with a constitution, or both lead, neither is preferred.
LED_BY_PREMIER = frozenset(
    "GBR CAN AUS NZL IND JPN DEU ITA ESP GRC IRL NLD BEL LUX DNK SWE NOR ISL AUT HUN CZE SVK SVN HRV POL BGR EST LVA ALB"
    " MKD MNE XKX ISR MLT BGD THA MYS SGP NPL KHM ETH IRQ JAM TTO BHS BRB FJI PNG SLB VUT WSM TON MUS LSO".split()
)
#: States where both, or now one and now the other, are called the leader.
LED_BY_BOTH = frozenset("TUR ARM GEO FIN PAK LBN PRT ROU LTU SRB KGZ MDA MNG TUN LKA DZA ZWE IRN".split())
#: Offices that mean the first person of a state, whatever the state calls it.
_HEADS = frozenset({"head of state", "head of government"})
#: How well who holds an office is the head of a state, or of its government.
_AS_HEAD = {
    ("head of state", "president"): 0.9, ("head of state", "monarch"): 0.9, ("head of state", "supreme leader"): 0.7,
    ("head of state", "head of government"): 0.4, ("head of state", "prime minister"): 0.4, ("head of state", "leader"): 0.5,
    ("head of government", "prime minister"): 0.95, ("head of government", "president"): 0.6,
    ("head of government", "leader"): 0.5, ("head of government", "head of state"): 0.4,
}  # fmt: skip


@lru_cache(maxsize=65536)
def offices(title: str) -> frozenset[str]:
    """The offices a title names, in our words; empty if it names none that we know.

    A deputy's title yields ``"deputy …"`` offices, which no full office equals.
    """
    text = _plain(title)
    parts = [part for part in _TWO_OFFICES.split(text) if part.strip()]
    if len(parts) > 1 and all(_OFFICE_HEAD.match(part.strip()) for part in parts):
        return frozenset().union(*(offices(part.strip()) for part in parts))
    text = _SECRETARY.sub(r"\1 minister", _SECRETARY_OF.sub("minister of ", _SECRETARY_FOR.sub("minister for ", text)))
    text = text.replace("transportation", "transport").replace("labor ", "labour ")
    found = {name for name, words in _COMPILED if words.search(text)}
    if "vice president" in found:
        found -= {"president", "commission president", "council president", "parliament president"}
    if found & {"commission president", "council president", "parliament president", "speaker"}:
        found -= {"president", "party leader"}
    if len(found) > 1:
        found.discard("leader")
    if "spokesperson" in found:
        found = {"spokesperson"}  # "Spokesman for the Secretary-General" holds the one office, not the other
    if "minister" in text and not found & {"prime minister"} and len(found) == 0:
        match = _MINISTER_OF.search(text) or _MINISTER_WORD.search(text)
        if match:
            found.add(f"{match.group(1).split(' and ')[0].split(',')[0].strip()} minister")
    if _LESSER.search(text) and "vice president" not in found:
        found = {f"deputy {name}" for name in found}
    return frozenset(found)


@lru_cache(maxsize=65536)
def fits(described: frozenset[str], held: frozenset[str]) -> float:
    """How well a described office fits a held one: 1 the same, 0.7 "leader" for one who leads, 0 not at all."""
    if described & held:
        return 1.0
    if described <= {"leader"} and held & LEADING:
        return 0.7
    return max((_AS_HEAD.get((head, office), 0.0) for head in described & _HEADS for office in held), default=0.0)


def _plain(title: str) -> str:
    text = unicodedata.normalize("NFKD", title.lower())
    return "".join(char for char in text if not unicodedata.combining(char))
