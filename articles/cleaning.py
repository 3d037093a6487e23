"""What of a scraped text is the article: headline and body, and what is junk. Plain Python.

The raw text is kept whole; cleaning only says which parts of it are searched. Everything is judged by structure and by
the general vocabulary of web pages, line by line and in runs of lines: one odd line in the body is body, a block of them
after its end is not. A missed piece of junk is better than a lost paragraph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

BODY_KINDS = frozenset({"headline", "body"})
Segment = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text's segments ``[start, end) kind`` in code points, in order, and the headline they show."""

    title: str
    segments: list[Segment]

    @property
    def junk(self) -> tuple[tuple[int, int], ...]:
        """The spans that are not searched."""
        return tuple((start, end) for start, end, kind in self.segments if kind not in BODY_KINDS)


_LINE = re.compile(r"[^\r\n\u2028\u2029\x0b\x0c]+")
_WORD = re.compile(r"[^\W\d_]+")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？؟۔।:;][\"'”’»)\]]*\s*$")

# Phrases that whole lines of page furniture are made of, in the languages news comes in. Matched against a whole short
# line, never inside a paragraph.
_FURNITURE: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("comment_form", r"^(?:leave a (?:reply|comment)\b.*|post a comment|add (?:a )?(?:your )?comment|cancel reply"
         r"|your email address will not be published.*|required fields are marked.*|name\s*\*?|e-?mail\s*\*?|website\s*\*?"
         r"|comment\s*\*?|save my name,? e-?mail.*|notify me of (?:follow-?up|new).*|\d+ (?:comments?|replies|responses)"
         r"|comments? (?:are )?closed.*|no comments? yet.*|be the first to comment.*|log ?in to (?:comment|reply).*"
         r"|you must be logged in to .*|join the (?:conversation|discussion).*|submit(?: comment)?|reply|comments?"
         r"|schreiben sie einen kommentar.*|kommentar(?:e)?(?: hinterlassen| schreiben| verfassen)?|ihre e-mail-adresse wird nicht.*"
         r"|laisser un commentaire.*|votre adresse (?:e-?mail|de messagerie) ne sera pas.*|commentaires?"
         r"|deja (?:un comentario|una respuesta).*|tu direcci[oó]n de correo.*|comentarios?"
         r"|оставить комментарий.*|добавить комментарий.*|ваш (?:адрес )?e-?mail не будет.*|комментарии|комментировать"
         r"|اترك تعليقا?.*|لن يتم نشر عنوان.*|دیدگاه(?:تان)? .*|نشانی ایمیل شما.*|发表评论.*|发表回复.*|您的邮箱地址不会.*)$"),
        ("share", r"^(?:share(?: (?:this|on|via|the)\b.{0,60})?|tweet(?: this)?|pin(?: it)?|e-?mail this.*|print(?: this.*)?"
         r"|facebook|twitter|x|whatsapp|telegram|linkedin|reddit|pinterest|instagram|youtube|tiktok|copy link|copy url"
         r"|like this|like us on .*|follow us(?: on)?\b.{0,80}|(?:facebook|twitter|whatsapp|telegram|linkedin|e-?mail|share"
         r"|print|reddit|x)(?:\s*[|/·•,]?\s*(?:facebook|twitter|whatsapp|telegram|linkedin|e-?mail|share|print|reddit|x|on"
         r"|and)){1,9}|teilen(?: auf.{0,30})?|partager(?: sur.{0,30}| cet article)?|compartir(?: en.{0,30})?"
         r"|поделиться.{0,40}|分享.{0,20}|مشاركة.{0,30}|اشتراک‌گذاری.{0,30})$"),
        ("subscribe", r"^(?:(?:please )?subscribe\b.{0,120}|sign up\b.{0,120}|get (?:the )?(?:latest|breaking|our|all the)\b.{0,120}"
         r"(?:inbox|newsletter|app|alerts?|updates|news)\b.{0,40}|stay (?:informed|updated|tuned|connected|up to date)\b.{0,160}"
         r"|(?:download|install|get) (?:our|the) .{0,30}app\b.{0,80}|join (?:us|our)\b.{0,30}(?:channel|newsletter|whatsapp|telegram)"
         r"\b.{0,80}|don['’]t miss\b.{0,100}|for (?:more|all the latest|the latest|breaking)\b.{0,40}(?:news|updates|stories|headlines)"
         r"\b.{0,100}|(?:read|follow) (?:all )?the (?:latest|breaking)\b.{0,100}|newsletter\b.{0,60}|become a (?:member|subscriber)\b.{0,80}"
         r"|support (?:our|independent) journalism\b.{0,80}|abonnieren sie.{0,100}|abonnez-vous.{0,100}|inscrivez-vous.{0,100}"
         r"|suscr[ií]bete.{0,100}|подпи[сш].{0,100}|اشترك.{0,80}|عضو شوید.{0,60}|订阅.{0,40})$"),
        ("navigation", r"^(?:home|menu|search|back to top|top|skip to (?:main )?content|(?:read|see|view|show|load) more\b.{0,30}|more"
         r"|next(?: (?:article|post|story))?|previous(?: (?:article|post|story))?|related(?: (?:articles?|posts?|stories|topics|news|content))?"
         r":?|(?:also|must) read:?.{0,120}|read (?:also|next|full|the full)\b.{0,120}|you (?:may|might) also like.{0,20}|recommended(?: for you)?"
         r"|trending(?: now)?|most (?:read|popular|viewed)|popular posts?|recent posts?|latest news|tags?:.{0,200}|tagged\b.{0,120}"
         r"|categor(?:y|ies):?.{0,80}|filed under:?.{0,80}|topics?:.{0,120}|in this (?:article|story):?|more from\b.{0,60}"
         r"|(?:click|tap) here\b.{0,80}|jump to\b.{0,40}|archives?|sitemap|about us|contact(?: us)?|lire aussi\b.{0,120}"
         r"|lesen sie auch\b.{0,120}|mehr zum thema.{0,60}|lea también\b.{0,120}|читайте также.{0,120}|اقرأ أيضا.{0,120})$"),
        ("legal", r"^(?:(?:©|\(c\)|copyright)(?!\w).{0,160}|all rights reserved.{0,120}|terms (?:of (?:use|service)|and conditions|& conditions)"
         r".{0,60}|privacy (?:policy|notice).{0,60}|cookies? (?:policy|settings|preferences).{0,60}|we use cookies\b.{0,200}"
         r"|accept (?:all )?cookies|this (?:site|website) uses\b.{0,160}(?:cookies|akismet).{0,80}|do not sell my.{0,60}"
         r"|alle rechte vorbehalten.{0,60}|tous droits r[ée]serv[ée]s.{0,60}|todos los derechos reservados.{0,60}|все права защищены.{0,60})$"),
        ("advert", r"^(?:advertisements?|advert|ad|sponsored(?: (?:content|links?|post))?|promoted(?: content)?|story continues below"
         r".{0,40}|(?:article|story) continues after (?:this )?ad.{0,30}|anzeige|werbung|publicit[ée]|publicidad|реклама|إعلان|广告)$"),
        ("source_line", r"^(?:sources?(?: link)?:?|via|originally published (?:at|by|in|on)\b.{0,80}|(?:read|view) (?:the )?original\b.{0,60}"
         r"|the post\b.{0,160}\bappeared first on\b.{0,80}|source ?:? ?https?://\S+|image (?:credit|source)s?:?.{0,80}|photo(?: credit)?:.{0,80}"
         r"|(?:file )?photo by\b.{0,60}|quelle:.{0,60}|fuente:.{0,60}|источник:.{0,60})$"),
        ("captcha", r"^(?:(?:enter |solve |type )?(?:the |this )?captcha\b.{0,40}|(?:please )?(?:prove|confirm|verify)\b.{0,20}(?:you are|that you['’]?re|you['’]re)?.{0,10}(?:human|not a robot).{0,40}"
         r"|i['’]?m not a robot|(?:what is |solve:? |answer:? )?(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
         r"|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty)\s*[-−–+×x*÷/]\s*(?:\d{1,3}|one|two|three|four|five|six|seven"
         r"|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty)\s*=?\s*(?:\d{0,3}|\?|\w{0,9})\s*\*?)$"),
    )
)  # fmt: skip

# Of gambling, pills, loans and link farms; in several languages, because the farms are.
_SPAM_WORDS = frozenset(
    [
        "slot",
        "slots",
        "casino",
        "kasino",
        "poker",
        "togel",
        "toto",
        "judi",
        "bet",
        "betting",
        "bets",
        "bookmaker",
        "jackpot",
        "gacor",
        "maxwin",
        "rtp",
        "sportsbook",
        "bonus",
        "freebet",
        "daftar",
        "login",
        "link",
        "alternatif",
        "situs",
        "agen",
        "bandar",
        "terpercaya",
        "resmi",
        "deposit",
        "pulsa",
        "qq",
        "dominoqq",
        "roulette",
        "baccarat",
        "sbobet",
        "parlay",
        "spin",
        "spins",
        "jili",
        "pragmatic",
        "olympus",
        "scatter",
        "casinos",
        "apuestas",
        "tragamonedas",
        "bahis",
        "betor",
        "viagra",
        "cialis",
        "tramadol",
        "pills",
        "pharmacy",
        "escort",
        "escorts",
        "loans",
        "payday",
        "forex",
        "crypto",
        "airdrop",
        "seo",
        "backlink",
        "backlinks",
        "hack",
        "cheats",
        "apk",
        "mod",
        "download",
        "followers",
        "nude",
        "porn",
        "sex",
        "xxx",
        "dating",
        "казино",
        "ставки",
        "слоты",
        "букмекер",
        "вулкан",
        "1xbet",
        "zerkalo",
        "зеркало",
        "娱乐城",
        "百家乐",
        "博彩",
        "赌场",
        "老虎机",
    ]
)
_STRONG_SPAM = frozenset(
    [
        "slot",
        "slots",
        "togel",
        "gacor",
        "maxwin",
        "rtp",
        "sbobet",
        "dominoqq",
        "casino",
        "casinos",
        "kasino",
        "judi",
        "sportsbook",
        "jackpot",
        "viagra",
        "cialis",
        "baccarat",
        "tragamonedas",
        "bahis",
        "казино",
        "娱乐城",
        "百家乐",
        "博彩",
        "老虎机",
        "backlink",
        "backlinks",
        "freebet",
        "escort",
        "escorts",
        "payday",
    ]
)
_CODE_NAME = re.compile(r"^[A-Z]{3,12}\d{2,4}$|^[a-z]{3,12}\d{2,4}$|^\d{1,2}x(?:bet|slots?)$", re.IGNORECASE)
_URL = re.compile(r"https?://|www\.|\.(?:com|net|org|xyz|vip|info|top|club|site)\b", re.IGNORECASE)


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    text: str
    normal: str = ""  # its words alone, lower case
    kind: str = "body"
    is_paragraph: bool = False


def clean(text: str, title: str = "") -> Cleaned:
    """Tell headline, body and junk apart.

    Args:
        text: as scraped; it may begin with its title.
        title: from the metadata, where there is any; else the first line serves if it looks like one.
    """
    lines = [_line(match) for match in _LINE.finditer(text) if match.group().strip()]
    if not lines:
        return Cleaned(title.strip(), [])
    headline = _headline(lines, title)
    _mark_furniture(lines)
    _mark_spam(lines)
    _mark_tail(lines)
    _mark_repeats(lines, headline)
    return Cleaned(title.strip() or (headline.text if headline else ""), _segments(lines))


def _line(match: re.Match) -> _Line:
    raw = match.group()
    lead = len(raw) - len(raw.lstrip())
    stripped = raw.strip()
    start = match.start() + lead
    found = _WORD.findall(stripped)
    words = len(found)
    line = _Line(start, start + len(stripped), stripped, " ".join(found).lower())
    # A paragraph says something: a sentence's length and its end; scripts without spaces count by letters.
    line.is_paragraph = (words >= 12 or len(stripped) >= 60 and words <= 4) and (
        len(stripped) > 90 or bool(_ENDS_SENTENCE.search(stripped))
    )
    return line


def _normal(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _headline(lines: list[_Line], title: str) -> _Line | None:
    """The line where the headline first stands."""
    wanted = _normal(title)
    if wanted:
        for line in lines[:8]:
            if line.normal == wanted:
                line.kind = "headline"
                return line
        return None
    first = lines[0]
    if (
        len(lines) > 1
        and len(first.text) <= 200
        and not re.search(r"[.:;,]$", first.text)
        and not _furniture(first.text)
    ):
        if first.normal.count(" ") >= 2 or any(line.normal == first.normal for line in lines[1:6]):
            first.kind = "headline"
            return first
    return None


def _furniture(text: str) -> str:
    if len(text) > 260:
        return ""
    for kind, pattern in _FURNITURE:
        if pattern.match(text):
            return kind
    return ""


_SOFT = frozenset({"share", "navigation", "source_line", "comment_form", "subscribe"})
_SHORT_SOFT = re.compile(r"^[\w* ]{1,14}:?$")


def _mark_furniture(lines: list[_Line]) -> None:
    for position, line in enumerate(lines):
        if line.kind != "body":
            continue
        kind = _furniture(line.text)
        if not kind:
            continue
        # One bare word ("More", "Reply", "X") is furniture only beside other furniture or at either end of the page.
        if kind in _SOFT and _SHORT_SOFT.match(line.text) and not _at_the_edge(lines, position):
            continue
        # "Share prices fell in Tokyo." is a sentence: furniture rarely ends with a full stop unless it is an appeal.
        if kind == "share" and line.text.endswith(".") and len(line.text) > 40:
            continue
        # A whole paragraph that begins like an appeal, with the article going on after it, is the article's.
        if line.is_paragraph and kind in _SOFT and any(later.is_paragraph for later in lines[position + 1 :]):
            continue
        line.kind = kind


def _at_the_edge(lines: list[_Line], position: int) -> bool:
    if not any(line.is_paragraph for line in lines[position + 1 :]):
        return True
    if not any(line.is_paragraph for line in lines[:position]):
        return True
    beside = [lines[p] for p in (position - 1, position + 1) if 0 <= p < len(lines)]
    return any(other.kind not in BODY_KINDS or _furniture(other.text) for other in beside)


def _spam_weight(text: str) -> float:
    """How much a line is made of the words that link farms sell; 0 for any that reads like a sentence."""
    words = [word.lower() for word in re.findall(r"\w+", text)]
    if not words or len(words) > 40:
        return 0.0
    strong = sum(word in _STRONG_SPAM or bool(_CODE_NAME.match(word)) for word in words)
    weak = sum(word in _SPAM_WORDS for word in words)
    if _ENDS_SENTENCE.search(text) and len(words) >= 8 and not _URL.search(text):
        return 0.0
    return (2 * strong + weak) / len(words) if strong or weak else 0.0


def _mark_spam(lines: list[_Line]) -> None:
    """Link blocks: lines of a few spam words each, in runs; a lone such line in the body is left alone."""
    weights = [0.0 if line.is_paragraph and not _URL.search(line.text) else _spam_weight(line.text) for line in lines]
    for position, weight in enumerate(weights):
        if weight < 0.34 or lines[position].kind != "body":
            continue
        near = [weights[p] for p in range(max(0, position - 2), min(len(lines), position + 3)) if p != position]
        last = not any(line.is_paragraph for line in lines[position + 1 :])
        if any(other >= 0.34 for other in near) or last and weight >= 0.6:
            lines[position].kind = "link_spam"


def _mark_tail(lines: list[_Line]) -> None:
    """After the last paragraph, short lines that stand among furniture and spam belong to them."""
    last = max((p for p, line in enumerate(lines) if line.is_paragraph and line.kind in BODY_KINDS), default=-1)
    if last < 0:
        return
    tail = lines[last + 1 :]
    first_junk = next((p for p, line in enumerate(tail) if line.kind not in BODY_KINDS), None)
    if first_junk is None:
        return
    dominant = "link_spam" if any(line.kind == "link_spam" for line in tail) else ""
    for line in tail[first_junk:]:
        if line.kind == "body" and not _ENDS_SENTENCE.search(line.text):
            line.kind = dominant or "navigation"
        elif line.kind == "body" and dominant and (_URL.search(line.text) or len(line.text) < 60):
            line.kind = dominant


def _mark_repeats(lines: list[_Line], headline: _Line | None) -> None:
    """Later copies of the headline, and the cut-off copy of a standfirst that is repeated in full."""
    if headline is not None:
        wanted = headline.normal
        for line in lines:
            if line is not headline and line.kind == "body" and _same_headline(line.normal, wanted):
                line.kind = "repeat"
    seen: dict[str, _Line] = {}
    body = [line for line in lines if line.kind == "body"]
    for position, line in enumerate(body):
        key = line.normal
        if len(key) < 30:
            continue
        # The same paragraph twice: the later copy is set aside.
        if key in seen:
            line.kind = "repeat"
            continue
        seen[key] = line
        # Of a standfirst cut off in the middle of a word, the words before it are what the full copy repeats.
        cut_off = line.text.endswith(("…", "...")) or not _ENDS_SENTENCE.search(line.text)
        cut = key.rsplit(" ", 1)[0] if cut_off else key
        for later in body[position + 1 : position + 6]:
            other = later.normal
            if len(other) > len(key) and other.startswith(cut):
                line.kind = "repeat"
                break


def _same_headline(text: str, wanted: str) -> bool:
    if text == wanted:
        return True
    if not wanted or abs(len(text) - len(wanted)) > 0.25 * len(wanted) or len(wanted) < 20:
        return False
    return fuzz.ratio(text, wanted) > 95


def _segments(lines: list[_Line]) -> list[Segment]:
    segments: list[Segment] = []
    for line in lines:
        if segments and segments[-1][2] == line.kind and line.kind != "headline":
            segments[-1] = (segments[-1][0], line.end, line.kind)
        else:
            segments.append((line.start, line.end, line.kind))
    return segments
