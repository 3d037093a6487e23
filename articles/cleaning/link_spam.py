"""Blocks of gambling, pill and search-engine links that are injected into pages. Plain Python.

A line is judged by how much of it is made of what link farms sell, a block by whether its lines show a farm's hand: words
that only farms use, names with numbers sold over and over, addresses, bonus offers. "Casinos" and "Slots" as items of a
list in an article about a gambling law show none of these.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

#: From this share of a line's words on, it may be spam.
SHARE = 0.34

# What is sold: may be news as well.
_SOLD = frozenset(
    """slot slots casino casinos kasino poker bet bets betting bookmaker bookmakers jackpot jackpots bonus bonuses roulette
    baccarat blackjack sportsbook sportsbooks lottery bingo spin spins scratch deposit withdrawal odds tips parlay apuestas
    tragamonedas ruleta casas apostas caça níqueis cassino bahis kumar iddaa wetten freispiele spielautomaten viagra cialis
    levitra tramadol xanax modafinil pills pharmacy escort escorts loans payday forex crypto airdrop followers likes porn
    porno sex xxx nude webcam dating hack hacks cheat cheats apk mod crack keygen torrent download essay essays replica
    rolex казино ставки слоты букмекер рулетка бонус зеркало займы займ проститутки 娱乐城 百家乐 博彩 赌场 老虎机 彩票 棋牌
    카지노 토토 바카라 슬롯 โบนัส สล็อต บาคาร่า คาสิโน""".split()
)
# What no newsroom writes: the farms' own words, mostly Indonesian, Turkish and Russian.
_FARM = frozenset(
    """gacor maxwin togel judi situs daftar alternatif terpercaya terbaru bandar agen sbobet dominoqq domino99 bandarq
    pkv rtp sicbo pragmatic gampang menang slotgacor slot88 slot777 pg777 joker123 jili habanero scatter deposito pulsa
    freebet freebets freespin 1xbet melbet mostbet betwinner pin-up pinup vavada bahsegel deneme bonusu bahisçi güncel giriş
    zerkalo вулкан бездепозитный фриспины backlink backlinks seo dofollow guestpost onlyfans sugarbaby anabolic""".split()
)
_OFFERS = re.compile(
    r"\b(?:no deposit|free spins?|welcome bonus|sign-?up bonus|bonus codes?|promo codes?|best online (?:casino|slots?|poker)"
    r"|online (?:casino|slots?|pharmacy)|slot online|casino (?:en ligne|online)|live casino|play now|win real money"
    r"|without prescription|buy (?:viagra|cialis|followers|likes|backlinks|tramadol)|payday loans?|link slot)\b"
    r"|онлайн казино|казино онлайн|без депозита|без рецепта",
    re.IGNORECASE,
)  # fmt: skip
_ADDRESS = re.compile(
    r"https?://|\bwww\.|\b[\w-]{3,}\.(?:com|net|org|xyz|vip|info|top|club|site|bet|casino|online)\b", re.I
)
_NUMBERED = re.compile(
    r"^(?=[^\W_]*\d)(?:[^\W\d_]{3,14}\d{2,5}|\d{1,3}[^\W\d_]{3,12}|[^\W\d_]{3,12}\d{1,3}[^\W\d_]{2,8})$"
)
_TOKEN = re.compile(r"[^\W_]+(?:-[^\W_]+)?")
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔।][\"'”’»)\]]*$")
_MAX_WORDS = 60


def share(text: str, is_paragraph: bool) -> float:
    """How much of a line, in [0, 1], is what link farms sell; 0 for a sentence of some length without an address."""
    if len(text) > 600:
        return 0.0
    if is_paragraph and _SENTENCE_END.search(text[-8:]) and text.count(" ") >= 8 and not _ADDRESS.search(text):
        return 0.0
    words = [word.lower() for word in _TOKEN.findall(text)]
    if not words or len(words) > _MAX_WORDS:
        return 0.0
    if len(words) >= 8 and _SENTENCE_END.search(text) and not _ADDRESS.search(text):
        return 0.0
    sold = sum(word in _SOLD or word in _FARM for word in words)
    named = sum(bool(_NUMBERED.match(word)) for word in words)
    addresses = len(_ADDRESS.findall(text))
    offers = len(_OFFERS.findall(text))
    if not (sold or offers):
        # A bare name with a number is a farm's only in a block of them, which hand() sees.
        return SHARE if named and len(words) <= 2 else 0.0
    found = sold + named + addresses + offers
    # A long line is made of offers strung together, or it is no spam.
    return min(1.0, found / len(words)) if not is_paragraph or found >= 5 else 0.0


def hand(lines: Sequence[str]) -> bool:
    """Do these lines, each made of such words, show a link farm's hand?"""
    farm = sold = offers = addresses = 0
    named: Counter[str] = Counter()
    heads: Counter[str] = Counter()
    for text in lines:
        words = [word.lower() for word in _TOKEN.findall(text)]
        farm += sum(word in _FARM for word in words)
        sold += sum(word in _SOLD for word in words)
        offers += len(_OFFERS.findall(text))
        addresses += len(_ADDRESS.findall(text))
        named.update(word for word in words if _NUMBERED.match(word))
        heads.update(words[:1])
    if not (farm or sold or offers):
        return False
    peddled = sum(count for count in named.values() if count >= 2)
    repeated = max(heads.values(), default=0)
    points = 2 * farm + 2 * offers + addresses + peddled + sum(named.values()) + (sold >= 2) + (sold >= 4)
    # The same word at the head of line after line is written for a search engine.
    points += 2 * (repeated >= 3 and repeated >= len(lines) / 2)
    return points >= 4
