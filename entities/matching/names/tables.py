"""Words that names hold and that do not tell them apart; general vocabulary in the languages that names come in."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.localedata import locale_identifiers

from entities.matching.normalize import name_key
from entities.matching.romanize import romanize

TITLES = frozenset(
    """
    mr mrs ms miss dr prof professor sir dame lord lady president minister chancellor king queen prince princess sheikh
    shaikh emir sultan general gen colonel col major maj captain capt lieutenant lt admiral adm marshal senator sen
    ambassador judge justice bishop archbishop cardinal pope father rev reverend hajji haji hajj ayatollah mullah mawlawi
    maulavi maulana imam sayyid sayed syed his her excellency hon honourable honorable jr sr ii iii iv esq phd
    """.split()
)
PARTICLES = frozenset(
    "al el ul ad as an ar at az bin ben ibn bint von van der den de da di del della dos das du la le of the y e".split()
)
# Given names and what friends and headlines make of them.
NICKNAMES: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "william bill will billy", "robert bob rob bobby", "richard dick rick", "james jim jimmy", "john jack johnny jon",
        "joseph joe", "thomas tom tommy", "michael mike mick", "edward ed eddie ted", "anthony tony", "charles charlie",
        "david dave", "daniel dan danny", "donald don", "kenneth ken", "stephen steven steve", "benjamin ben", "samuel sam",
        "theodore ted", "albert al", "nicholas nick", "gregory greg", "jeffrey jeff", "matthew matt", "timothy tim",
        "lawrence larry", "ronald ron", "raymond ray", "andrew andy", "patrick pat", "elizabeth liz beth", "margaret maggie",
        "katherine catherine kate kathy", "vladimir volodymyr", "alexander aleksandr oleksandr alex sasha",
        "mikhail mykhailo misha", "yevgeny evgeny yevgeniy", "sergei sergey serhiy", "dmitry dmitri dmytro",
        "mohammed muhammad mohamed mohammad muhammed mehmet mahomed", "ahmed ahmad ahmet", "yusuf yousef joseph youssef",
        "hussein husain hussain husayn", "omar umar", "osman uthman", "ibrahim abraham", "joao john", "jose joseph",
    )
)  # fmt: skip
NICK_OF: dict[str, frozenset[int]] = {}
for _number, _group in enumerate(NICKNAMES):
    for _word in _group:
        NICK_OF[_word] = NICK_OF.get(_word, frozenset()) | {_number}

# Names that sound alike and are not one: each line is several names, each name the spellings it goes by.
_DISTINCT = """
    hasan hassan hassane | husayn hussein hussain husain hossein hoseyn huseyin housseine
    ahmad ahmed ahmet achmad | hamid hameed hamit abdelhamid | hamad | mahmud mahmoud mahmood mehmood
    muhammad mohammad mohammed mohamed muhammed mehmet mohamad muhamed | mahmud mahmoud mahmood | hamid hameed | hamad
    said saeed saed sayeed saïd | saud | saad sad | sayed sayyid syed
    salim salem saleem selim | salman | sulayman suleiman sulaiman soleiman suleyman | salam | salih saleh
    umar omar | amir ameer emir | ammar | imran
    nasir nasser naser naseer | nasr | nasim
    khalid khaled | khalil khaleel | khalaf
    jamal gamal cemal | jamil gamil cemil | kamal kemal | kamil
    rashid rasheed | rashad | majid majeed | majed | fahd | fuad fouad | farid
    maria mariya | mario | marie | maryam mariam | mary
    paul paulo | paula paola | daniel | daniela | ivan | ivana | jan | jana | michel michael mikhail | michelle michaela
    alexander aleksandr | alexandra aleksandra | andrew andrei andrey | andrea | carlo carlos | carla | julio | julia
"""
DISTINCT: dict[str, list[tuple[int, int]]] = {}
for _line, _names in enumerate(_DISTINCT.strip().splitlines()):
    for _number, _spellings in enumerate(_names.split("|")):
        for _word in _spellings.split():
            DISTINCT.setdefault(_word, []).append((_line, _number))


def are_distinct(one: str, other: str) -> bool:
    """Whether two words are known to be different names, alike as they sound: "Hassan" and "Hussein"."""
    ours, theirs = DISTINCT.get(one), DISTINCT.get(other)
    if not ours or not theirs:
        return False
    return any(line == line_ and number != number_ for line, number in ours for line_, number_ in theirs) and not set(
        ours
    ) & set(theirs)


LEGAL_FORMS = frozenset(
    """
    inc incorporated corp corporation co company ltd limited llc llp lp plc gmbh ag kg se sa sas sarl spa srl bv nv oy oyj
    ab as asa aps kft zrt doo dd ad ooo oao zao pao jsc ojsc cjsc pjsc pvt pte sdn bhd est fze fzc fzco llp ltda cia
    """.split()
)
GENERIC = frozenset(
    """
    group holding holdings international national general trading trade company industries industry industrial services
    service bank investment investments development commercial engineering enterprise enterprises foundation organization
    organisation institute association society union party movement front agency ministry department office committee
    council commission and for of the de la
    """.split()
)
AGREEMENT_WORDS = frozenset(
    """
    treaty agreement accord accords pact convention protocol deal memorandum declaration charter on of the between and
    for concerning
    """.split()
)


@lru_cache(maxsize=1)
def territories() -> dict[str, str]:
    """Romanised territory name → code, from CLDR in every language that Babel has; ambiguous names are left out."""
    found: dict[str, str] = {}
    doubtful = set()
    for identifier in locale_identifiers():
        if "_" in identifier and identifier not in ("zh_Hant", "sr_Latn", "pt_PT", "uz_Cyrl"):
            continue
        for code, name in Locale.parse(identifier).territories.items():
            if len(code) == 2 and code.isalpha():
                for key in (name_key(name), romanize(name)):
                    if found.setdefault(key, code) != code:
                        doubtful.add(key)
    for key in doubtful:
        del found[key]
    return found
