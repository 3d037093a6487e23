"""Words that names hold and that do not tell them apart; general vocabulary in the languages that names come in."""

from __future__ import annotations

from pathlib import Path

TITLES = frozenset(
    """
    mr mrs ms miss dr prof professor sir dame lord lady president minister chancellor king queen prince princess sheikh
    shaikh emir sultan general gen colonel col major maj captain capt lieutenant lt admiral adm marshal senator sen
    ambassador judge justice bishop archbishop cardinal pope father rev reverend hajji haji hajj haj alhaj alhaji ayatollah
    qari hafiz ustad ustaz ostad maulvi molla mola mufti saheb sahib bhai engineer
    shaykh sheykh sheik cheikh cheick cheikhna comrade commander brigadier brig mollah moulvi dato datuk tan sri tuan mullah
    mawlawi
    maulavi maulana imam sayyid sayed syed his her excellency hon honourable honorable jr sr ii iii iv esq phd
    """.split()
)
PARTICLES = frozenset(
    """
    al el ul ad as an ar at az bin ben ibn bint binti ould von van der den de da di del della dos das du la le of the y e i ur
    """.split()
)
SUFFIXES = frozenset("jr sr ii iii iv v esq phd junior senior".split())
NUMBERS: dict[str, int] = {
    **{word: number for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split())},
    **{word: 20 + 10 * number for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())},
    **{word: number for number, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)},
    **{word: number for number, word in enumerate("i ii iii iv v vi vii viii ix x".split(), 1) if len(word) > 1},
}  # fmt: skip
KOREAN_SURNAMES = frozenset(
    """
    kim lee yi ri rhee li i pak park choe choi chong jong jeong jung chung kang gang cho jo yun yoon chang jang lim rim im yim
    han o oh so seo suh sin shin kwon gwon hwang an ahn song yu yoo ryu hong chon jon jeon ko go mun moon yang ryang son sohn
    pae bae paek baek ho hur heo nam sim shim no noh roh ha kwak gwak song cha chu ju joo u woo ku gu koo min ra na chin jin
    om eom chae won chon bang pang hyon hyun ham pyon byun yo yeo to do thae tae mo maeng
    """.split()
)
# Given names, what friends and headlines make of them, and what other languages of one alphabet write for them.
GIVEN_NAMES: tuple[str, ...] = tuple(  # a group a line, the formal one first
    Path(__file__).with_name("given_names.txt").read_text(encoding="utf-8").splitlines()
)
NICKNAMES: tuple[frozenset[str], ...] = tuple(frozenset(line.split()) for line in GIVEN_NAMES)
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


#: The commonest names of the Muslim world: the first lines of the table above.
MUSLIM_NAMES = frozenset(
    word for line in _DISTINCT.strip().splitlines()[:12] for word in line.replace("|", " ").split()
) | frozenset("ali ibrahim ismail mustafa yusuf uthman othman osman bakr umar abdullah abdallah mohamad".split())


def are_distinct(one: str, other: str) -> bool:
    """Whether two words are known to be different names, alike as they sound: "Hassan" and "Hussein"."""
    ours, theirs = DISTINCT.get(one), DISTINCT.get(other)
    if not ours or not theirs:
        return False
    return any(line == line_ and number != number_ for line, number in ours for line_, number_ in theirs) and not set(
        ours
    ) & set(theirs)


AGREEMENT_WORDS = frozenset(
    """
    treaty agreement accord accords pact convention protocol deal memorandum declaration charter on of the between and
    for concerning
    """.split()
)
