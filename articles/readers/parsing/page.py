"""A page → its article and what the page says of itself."""

from __future__ import annotations

import re
from dataclasses import asdict

import trafilatura
from lxml import etree, html

from articles.readers.parsing.metadata import Metadata, read_metadata

_MAX_DEPTH = (
    500  # of open elements; real pages stay below 100, and parsers give up without a word beyond some thousands
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
# Elements that the next of their kind ends, so that pages leave their ends out.
_OPEN_ENDED = frozenset(
    ["p", "li", "dt", "dd", "tr", "td", "th", "option", "optgroup", "thead", "tbody", "tfoot", "colgroup", "rp", "rt"]
)
_HIDING = re.compile(r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden", re.IGNORECASE)
_NOT_TEXT = frozenset(
    ["script", "style", "noscript", "template", "svg", "iframe", "object", "form", "nav", "footer", "aside"]
)
_LEAST = 40  # characters of an article that only its paragraphs show


def parse(payload: bytes, *, url: str = "") -> dict:
    """A page in UTF-8 → ``text`` and the fields of ``Metadata``.

    Raises:
        ValueError: if the page is too deeply nested, or holds no article.
    """
    page = payload.decode("utf-8", "replace")
    _check_depth(page)
    # An encoding that the page declares is that of the file, not of what we hand over.
    try:
        tree = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8", remove_pis=True))
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ValueError(f"is no page: {error}"[:200]) from error
    metadata = read_metadata(tree, url)
    _drop_hidden(tree)
    has_joiners = _guard_joiners(tree)
    links = [link.text_content() for link in tree.xpath("//a[@href]")[:20_000]]
    found = trafilatura.bare_extraction(
        tree, url=url or None, with_metadata=False, include_comments=False, include_tables=True, favor_recall=True
    )
    text = ((found.text or "") if found is not None else "").strip()
    if len(text) < _LEAST:
        text = _paragraphs(tree) or text
    if _is_list_of_links(links, text):
        text = ""
    if has_joiners:
        text = text.translate(_GUARDED_BACK)
    if not any(char.isalpha() for char in text):
        raise ValueError(_what_is_missing(tree))
    return {"text": text, **asdict(metadata)}


def plain(body: str) -> str:
    """The text of a piece of markup, a line to a block: of an item of a feed, which holds nothing but its article."""
    _check_depth(body)
    try:
        tree = html.fromstring(f"<div>{body}</div>")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ""
    return _lines(tree)


def _check_depth(page: str) -> None:
    depth = deepest = 0
    for match in _TAG.finditer(page):
        name = match.group(2).lower()
        if name not in _VOID and name not in _OPEN_ENDED:
            depth = max(0, depth - 1) if match.group(1) else depth + 1
            deepest = max(deepest, depth)
    # A page that forgets to close its inline elements is common, and no bomb.
    if deepest > _MAX_DEPTH:
        raise ValueError(f"elements are nested {deepest} deep, more than {_MAX_DEPTH}")


def _drop_hidden(tree) -> None:
    """Take out what no reader of the page sees: injected links mostly, and words for browsers without scripts."""
    for element in tree.xpath("//noscript"):
        element.drop_tree()
    for element in tree.xpath("//body//*[@style or @hidden or @aria-hidden='true']"):
        hidden = element.get("hidden") is not None or _HIDING.search(element.get("style") or "")
        # A body that is shown by a script when the page has loaded is not hidden.
        if hidden and element.getparent() is not None and len(element.text_content()) < len(tree.text_content()) / 2:
            element.drop_tree()


# Persian and Indic words are spelt with joiners, which trafilatura takes out as control characters: meanwhile, runes.
_GUARDED = {0x200C: "\u16ef", 0x200D: "\u16f0"}
_GUARDED_BACK = {0x16EF: "\u200c", 0x16F0: "\u200d"}


def _guard_joiners(tree) -> bool:
    content = tree.text_content()
    if not ("\u200c" in content or "\u200d" in content) or "\u16ef" in content or "\u16f0" in content:
        return False
    for element in tree.iter():
        if element.text:
            element.text = element.text.translate(_GUARDED) if isinstance(element.tag, str) else element.text
        if element.tail:
            element.tail = element.tail.translate(_GUARDED)
    return True


def _is_list_of_links(links: list[str], text: str) -> bool:
    """Is what was found nothing but the words of links, several of them, as on a front page?"""
    words = {" ".join(link.split()) for link in links}
    lines = [" ".join(line.strip("-*• ").split()) for line in text.splitlines() if line.strip()]
    if len(links) < 3 or not lines:
        return False
    others = sum(len(line) for line in lines if line not in words)
    return others < _LEAST or "".join(text.split()) in "".join("".join(links).split())


def _paragraphs(tree) -> str:
    """The paragraphs of a page that has little more than them, which an extractor of articles passes over."""
    found = tree.xpath("//body//p[not(ancestor::nav or ancestor::footer or ancestor::aside or ancestor::form)]")
    text = "\n".join(line for line in map(_lines, found) if line)
    return text if len(text) >= _LEAST else ""


_BLOCKS = frozenset(
    "p div h1 h2 h3 h4 h5 h6 li ul ol dl dt dd blockquote table tr section article header figure figcaption pre br hr".split()
)


def _lines(element) -> str:
    """Text with a line for each block, without scripts and the like."""
    parts: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            parts.append(node.tail or "")
            continue
        is_block = node.tag in _BLOCKS
        if is_block:
            parts.append("\n")
        if event == "start":
            if node.tag not in ("script", "style", "template"):
                parts.append(node.text or "")
        elif node is not element:
            parts.append(node.tail or "")
    lines = (" ".join(line.split()) for line in _joined(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _joined(parts: list[str]) -> str:
    # A line end in the source is a space; ours are parts of their own.
    return "".join(part if part == "\n" else part.replace("\n", " ") for part in parts)


def _what_is_missing(tree) -> str:
    body = tree.find(".//body")
    words = len(body.text_content().split()) if body is not None else 0
    scripts = len(tree.xpath("//script"))
    if not words:
        return "no article was found in the page: it has no text at all"
    if words < 30 and scripts:
        return f"no article was found in the page: {words} words and {scripts} scripts, which are not run"
    return f"no article was found in the page: its {words} words are menus, lists or links"


__all__ = ["Metadata", "parse", "plain"]
