"""What a page says of itself: title, day, author, outlet, language, address.

Read in the order of trust: JSON-LD (schema.org), Open Graph and its kin, Dublin Core, microdata, the page's own elements.
Only when a page was *published* is taken, never when it was modified, nor when another article on it was published.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from articles.dating import date_in_text, date_in_url, parse_date

_ARTICLES = re.compile(r"(?:\w*Article|\w*Report\w*|BlogPosting|LiveBlogPosting|NewsItem|CreativeWork|WebPage)\Z")
_MAX_JSON = 1_000_000
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_]\w{2,8}){0,3}\Z", re.IGNORECASE)


@dataclass(slots=True)
class Metadata:
    """Text as the page gives it, ``""`` where it says nothing; ``published`` is an ISO date or moment."""

    title: str = ""
    published: str = ""
    author: str = ""
    site: str = ""
    language: str = ""
    url: str = ""


def read_metadata(tree, url: str = "") -> Metadata:
    """The metadata of a parsed page (an ``lxml`` element); ``url`` is where it was got, if that is known."""
    items = list(_json_ld(tree))
    main = _main_item(items)
    meta = _meta(tree)
    own = _address(tree, meta, main, url)
    return Metadata(
        title=_title(tree, meta, main),
        published=_published(tree, meta, main, own),
        author=_author(tree, meta, main),
        site=_site(tree, meta, items, main, own),
        language=_language(tree, meta, main),
        url=own,
    )


# --- Sources ---------------------------------------------------------------------------------------------------------
def _json_ld(tree) -> Iterator[dict]:
    """All objects of the page's JSON-LD, those in graphs and lists too."""
    for script in tree.xpath("//script[@type]")[:200]:
        if (script.get("type") or "").split(";")[0].strip().lower() != "application/ld+json":
            continue
        text = (script.text or "").strip()
        text = re.sub(
            r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/)\s*$", "", text
        )
        if not text or len(text) > _MAX_JSON:
            continue
        try:
            value = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        waiting = [value]
        for _ in range(500):
            if not waiting:
                break
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting[:0] = value[:200]
            elif isinstance(value, dict):
                yield value
                waiting += [value[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in value]


def _types(item: dict) -> list[str]:
    types = item.get("@type", "")
    return [str(each).rsplit("/", 1)[-1] for each in (types if isinstance(types, list) else [types])]


def _main_item(items: list[dict]) -> dict:
    """The object that describes the article: one that is dated before one that is not, an article before a page."""
    fitting = [item for item in items if any(_ARTICLES.match(each) for each in _types(item))]
    return max(
        fitting,
        key=lambda item: (
            bool(item.get("datePublished")), not {"WebPage", "CreativeWork"} & set(_types(item)), bool(item.get("headline"))
        ),
        default={},
    )  # fmt: skip


def _meta(tree) -> dict[str, str]:
    """Names and properties of ``meta`` elements, lower case → the first content that says something."""
    found: dict[str, str] = {}
    for element in tree.xpath("//meta[@content]")[:2000]:
        content = " ".join(element.get("content").split())
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = (element.get(attribute) or "").strip().lower()
            if name and content:
                found.setdefault(name if attribute != "itemprop" else f"itemprop:{name}", content)
    return found


def _first(meta: dict[str, str], *names: str) -> str:
    return next((meta[name] for name in names if meta.get(name)), "")


def _text(value: object) -> str:
    """The words of a JSON-LD value: text, the first of a list, an object's name."""
    for _ in range(5):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("name") or value.get("@value") or ""
    return _plain(value) if isinstance(value, str) else ""


def _plain(text: str) -> str:
    """Without markup, with its references resolved: JSON-LD and ``meta`` often hold both."""
    if "&" in text:
        from html import unescape

        text = unescape(text)
    return " ".join(re.sub(r"<[^<>]{0,200}>", "", text).split())


# --- Fields ----------------------------------------------------------------------------------------------------------
def _address(tree, meta: dict[str, str], main: dict, url: str) -> str:
    found = [
        link.get("href")
        for link in tree.xpath("//link[@rel and @href]")[:500]
        if "canonical" in link.get("rel").lower().split()
    ]
    for value in (*found, _first(meta, "og:url", "twitter:url"), main.get("url"), url):
        if not isinstance(value, str) or not value.strip():
            continue
        try:
            address = urljoin(url, value.strip())
            parts = urlsplit(address)
        except ValueError:
            continue
        # Many sites call their front page canonical for every page of theirs.
        if parts.scheme in ("http", "https") and parts.netloc and (parts.path.strip("/") or parts.query or not url):
            return address
    return url


def _title(tree, meta: dict[str, str], main: dict) -> str:
    headings = [_plain(" ".join(h.itertext())) for h in tree.xpath("//h1")[:20]]
    headings = [heading for heading in headings if 0 < len(heading) <= 400]
    told = _text(main.get("headline")) or _plain(
        _first(meta, "og:title", "twitter:title", "dc.title", "dcterms.title", "itemprop:headline")
    )
    full = next((_plain(" ".join(t.itertext())) for t in tree.xpath("//head/title | //title")[:1]), "")
    if told:
        # With the site's name behind it, or cut off for a search engine: the page's own heading is the title.
        best = next((h for h in headings if _same_title(h, told)), None)
        return best or _without_site(told, meta)
    if len(headings) == 1:
        return headings[0]
    for heading in headings:
        if full and heading.lower() in full.lower() and len(heading) > 12:
            return heading
    return _without_site(full, meta)


def _same_title(heading: str, told: str) -> bool:
    one, other = (re.sub(r"\W+", " ", text.lower()).strip() for text in (heading, told.rstrip(".… ")))
    if not one or not other:
        return False
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and len(shorter) >= min(len(longer), 15)


def _without_site(title: str, meta: dict[str, str]) -> str:
    site = _plain(_first(meta, "og:site_name", "application-name")).lower()
    match = re.match(r"(.{8,}?)\s+[|–—·»-]\s+([^|–—·»]{2,50})$", title)
    if match and (
        site and (site in match[2].lower() or match[2].strip().lower() in site) or "|" in title[match.end(1) :]
    ):
        return match[1].strip()
    return title


_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "itemprop:datepublished",
    "datepublished", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued", "dcterms.created",
    "dc.date.created", "dc.date", "dcterms.date", "dc.created",
    "pubdate", "publishdate", "publish-date", "publish_date", "publication_date",
    "citation_publication_date", "citation_online_date", "article.published", "published", "date_published",
    "cxenseparse:recs:publishtime", "rnews:datepublished", "article:post_date", "displaydate", "originalpublicationdate",
    "og:pubdate", "bt:pubdate", "shareaholic:article_published_time", "dateline", "date",
)  # fmt: skip
_UPDATED = re.compile(
    r"updat|modif|aktualis|geändert|mise? à jour|modifié"
    r"|actualiz|atualiz|aggiorn|güncel|обновл|оновлен|изменен|змінен|zaktualiz"
    r"|به‌روز|تحديث|آخر تحديث|更新|修改|업데이트|수정",
    re.IGNORECASE,
)
_OTHERS = frozenset(
    "related sidebar aside widget comment comments recommended trending popular latest teaser promo footer nav archive".split()
)


def _published(tree, meta: dict[str, str], main: dict, url: str) -> str:
    in_url = date_in_url(url)
    for value in (main.get("datePublished"), main.get("dateCreated"), *(meta.get(name) for name in _PUBLISHED)):
        date = _date(_text(value))
        if date:
            return date
    dated = [(element, _time_of(element)) for element in tree.xpath("//time | //*[@itemprop='datePublished']")[:300]]
    dated = [(element, date) for element, date in dated if date and not _is_elsewhere(element)]
    told = [
        date
        for element, date in dated
        if "datepublished" in (element.get("itemprop") or "").lower() or element.get("pubdate") is not None
    ]
    if told:
        return told[0]
    plain = [date for element, date in dated if not _says_updated(element)]
    if plain and (not in_url or plain[0][:10] == in_url[:10] or len(in_url) < 10):
        return plain[0]
    if len(in_url) == 10:
        return in_url
    # By the classes that templates give the line under the headline.
    for element in tree.xpath(
        "//*[self::span or self::div or self::p or self::li or self::small or self::font or self::td][@class or @id]"
    )[:5000]:
        name = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
        if not re.search(r"dat[eu]|publi|time|posted|byline|meta\b|fecha|datum|дата", name) or _is_elsewhere(element):
            continue
        text = " ".join(element.itertext()).strip()
        if 6 <= len(text) <= 200 and not _says_updated(element):
            date = _without_update(text)
            if date:
                return date
    return in_url if len(in_url) == 10 else ""


def _time_of(element) -> str:
    for value in (element.get("datetime"), element.get("content"), " ".join(element.itertext())):
        date = _date(value or "") or (date_in_text(value) if value and len(value) <= 120 else "")
        if date:
            return date
    return ""


def _without_update(text: str) -> str:
    """The first date of a line that is not said to be that of an update."""
    match = _UPDATED.search(text)
    return date_in_text(text[: match.start()] if match else text)


def _says_updated(element) -> bool:
    own = f"{element.get('class') or ''} {element.get('itemprop') or ''} {element.get('id') or ''}"
    before = element.getprevious()
    label = (
        before.tail or " ".join(before.itertext())
        if before is not None
        else (element.getparent().text if element.getparent() is not None else "")
    ) or ""
    inner = " ".join(element.itertext())[:60]
    match = _UPDATED.search(inner)
    return bool(_UPDATED.search(own) or _UPDATED.search(label[-40:]) or match and match.start() < 3)


def _is_elsewhere(element) -> bool:
    """Does an element belong to something beside the article: a list of others, a comment?"""
    for parent in (element, *element.iterancestors()):
        if parent.tag in ("aside", "footer", "nav"):
            return True
        names = re.split(r"[^a-z]+", f"{parent.get('class') or ''} {parent.get('id') or ''}".lower())
        if parent.tag not in ("body", "html", "article", "main") and _OTHERS & set(names):
            return True
    return False


def _date(value: str) -> str:
    """An ISO date or moment; ``""`` for what is none."""
    value = value.strip()
    if not value or len(value) > 80:
        return ""
    if re.fullmatch(r"\d{8}", value):
        value = f"{value[:4]}-{value[4:6]}-{value[6:]}"
    value = re.sub(r"^(\d{4})/(\d{1,2})/(\d{1,2})\b", lambda m: f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}", value)
    try:
        day = parse_date(value)
    except ValueError:
        return ""
    return value if len(value) > 10 and len(day) == 10 else day


def _author(tree, meta: dict[str, str], main: dict) -> str:
    people = main.get("author") or main.get("creator") or []
    names = [_text(each) for each in (people if isinstance(people, list) else [people])[:20]]
    if not any(names):
        several = [e.get("content") for e in tree.xpath("//meta[@content]")[:2000] if _meta_name(e) in _AUTHORS]
        names = [_plain(name or "") for name in several[:20]]
    if not any(_is_name(name) for name in names):
        marked = tree.xpath("//*[@rel='author' or @itemprop='author' or @class]")[:20_000]
        marked = [e for e in marked if e.get("rel") == "author" or e.get("itemprop") == "author" or _has_byline(e)]
        names = [_plain(" ".join(e.itertext())) for e in marked[:20] if not _is_elsewhere(e)][:1]
    kept = dict.fromkeys(_BY.sub("", _name_alone(name)).strip(" ,;") for name in names if _is_name(name))
    return ", ".join(name for name in kept if name)


_AUTHORS = frozenset(
    "author article:author citation_author dc.creator dcterms.creator parsely-author sailthru.author byl".split()
)
_BYLINES = frozenset(
    """author byline author-name byline__name article-author article__author post-author author__name entry-author posted-by
    story-byline article-byline autor autorin auteur autore autores firma firmante redattore skribent kirjoittaja autorzy yazar
    penulis tacgia author_name writer reporter journalist""".split()
)


def _meta_name(element) -> str:
    return (element.get("name") or element.get("property") or "").strip().lower()


def _has_byline(element) -> bool:
    return bool(_BYLINES & set((element.get("class") or "").lower().split()))


_BY = re.compile(
    r"^(?:by|von|par|por|di|door|af|автор|текст|від|от|بقلم|کاتب|نویسنده|文|作者|記者|记者)\b\s*[:：／/]?\s*",
    re.IGNORECASE,
)


def _name_alone(name: str) -> str:
    """A byline without what stands behind the name: the day, the outlet, the minutes it takes to read."""
    name = re.split(r"\s*[|•·–—]\s*|\s{2,}", name)[0]
    return re.split(r",?\s+(?=\d{1,2}[.\s]|\d{4})", name)[0]


def _is_name(name: str) -> bool:
    return (
        1 < len(name) <= 120
        and "://" not in name
        and "@" not in name
        and not re.fullmatch(r"\W*(?:admin|administrator|editor|webmaster|user\d*|unknown|none|null)\W*", name, re.I)
    )


def _site(tree, meta: dict[str, str], items: list[dict], main: dict, url: str) -> str:
    name = _text(main.get("publisher")) or _plain(_first(meta, "og:site_name"))
    if not name:
        sites = [item for item in items if {"WebSite", "NewsMediaOrganization", "Organization"} & set(_types(item))]
        name = next((_text(item.get("name")) for item in sites if item.get("name")), "")
    name = name or _plain(
        _first(
            meta,
            "application-name",
            "dc.publisher",
            "dcterms.publisher",
            "citation_journal_title",
            "apple-mobile-web-app-title",
        )
    )
    if not name and url:
        try:
            name = (urlsplit(url).hostname or "").removeprefix("www.")
        except ValueError:
            name = ""
    return name


def _language(tree, meta: dict[str, str], main: dict) -> str:
    root = tree.getroottree().getroot()
    values = (
        _text(main.get("inLanguage")),
        *(element.get("lang") for element in tree.xpath("//article[@lang]")[:1]),
        root.get("lang") or "",
        root.get("{http://www.w3.org/XML/1998/namespace}lang") or "",
        _first(meta, "content-language", "dc.language", "dcterms.language", "language", "og:locale"),
    )
    for value in values:
        match = _LANGUAGE.match(value.strip())
        if match:
            return match[1].lower()
    return ""
