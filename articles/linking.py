"""The whole flow for articles: text → spans → decisions → mentions, candidates and links in the database."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from articles.catalogue import current_catalogue
from articles.cleaning import clean
from articles.dating import find_date
from articles.detection import NamedSpan, Span, detect, load_tagger, mask
from articles.language import detect_language
from articles.models import Article, Candidate, Link, Mention, NilGroup
from articles.reopening import reopen_changed
from articles.resolution import Catalogue, Resolution, prefetch, resolve
from entities import bulk
from entities.matching.normalize import name_key
from entities.matching.profiles import load_profiles
from entities.matching.types import Decision, Kind, MentionType, Outcome, RecordView

MAX_CHARS = 400_000  # of one text; what lies beyond is kept but not searched
_NIL_KINDS = {MentionType.PERSON: Kind.PERSON, MentionType.ORGANIZATION: Kind.ORGANIZATION}
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """One text to link: what the linker needs to know of an article."""

    text: str
    junk: tuple[tuple[int, int], ...] = ()
    date: str | None = None
    language: str = ""


@dataclass(slots=True)
class LinkedText:
    """A text with what was found in it; nothing of it is stored."""

    text: str
    title: str
    date: str | None
    language: str
    segments: list[tuple[int, int, str]]
    resolutions: list[Resolution]
    records: dict[int, RecordView] = field(default_factory=dict)


def engine_version() -> str:
    """What is stored with each linked article: the version of the weights."""
    return next(iter(load_profiles().values())).version


def link_drafts(
    drafts: Sequence[Draft], catalogue: Catalogue | None = None, *, use_ner: bool = True
) -> list[list[Resolution]]:
    """Detect and decide, for many texts at once; nothing is stored.

    Args:
        drafts: the texts, with their junk, date and language.
        catalogue: the process's own where none is given.
        use_ner: False leaves unknown names to the rules, which is faster by far.
    """
    catalogue = catalogue or current_catalogue()
    decided = []
    for start in range(0, len(drafts), _AT_ONCE):
        batch = drafts[start : start + _AT_ONCE]
        with _collector_at_rest():
            found = detected(batch, catalogue, use_ner=use_ner)
            prefetch([(one.spans, draft.date) for one, draft in zip(found, batch, strict=True)], catalogue)
            decided += [
                resolve(one.text, one.spans, catalogue, date=draft.date, is_tagged=one.is_tagged)
                for draft, one in zip(batch, found, strict=True)
            ]
    return decided


_AT_ONCE = 100  # texts between two runs of the garbage collector: a few hundred megabytes at the most


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Without the cyclic garbage collector, which takes a third of the time: the engine makes next to no cycles."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@dataclass(frozen=True, slots=True)
class Detected:
    """A text, its junk masked, with the spans that were found in it."""

    text: str
    spans: list[Span]
    is_tagged: bool  # a tagger read it


def spans_of(draft: Draft, text: str, tagged: Sequence[NamedSpan] | None, catalogue: Catalogue) -> list[Span]:
    """The spans of a draft's masked text, as a catalogue has names for them; ``tagged`` is what a tagger found, or None."""
    return detect(
        text, catalogue.gazetteers, tagged, masked=catalogue.masked, language=draft.language,
        subjects=catalogue.agreements.rarity,
    )  # fmt: skip


def detected(drafts: Sequence[Draft], catalogue: Catalogue, *, use_ner: bool = True) -> list[Detected]:
    """The spans of many texts; nothing is decided yet."""
    masked = [mask(draft.text[:MAX_CHARS], draft.junk) for draft in drafts]
    tagged = tag(drafts, masked) if use_ner else [None] * len(drafts)
    return [
        Detected(
            text,
            spans_of(draft, text, names, catalogue),
            names is not None,
        )
        for draft, text, names in zip(drafts, masked, tagged, strict=True)
    ]


def tag(drafts: Sequence[Draft], texts: Sequence[str]) -> list[list[NamedSpan] | None]:
    """What the taggers of the texts' languages find, in batches; None for a language without one."""
    tagged: list[list[NamedSpan] | None] = [None] * len(drafts)
    by_language: dict[str, list[int]] = {}
    for number, draft in enumerate(drafts):
        by_language.setdefault(draft.language or "en", []).append(number)
    for language, numbers in by_language.items():
        tagger = load_tagger(settings.NER_MODELS.get(language, ""))
        if tagger is not None:
            for number, names in zip(numbers, tagger.tag(texts[n] for n in numbers), strict=True):
                tagged[number] = names
    return tagged


def link_text(
    text: str, *, title: str = "", date: str | None = None, language: str | None = None, use_ner: bool = True
) -> LinkedText:
    """Link one text as an article would be; nothing is stored.

    Args:
        text: as scraped; junk is set aside. It may begin with its title.
        date: ISO date or prefix; without one it is looked for in the text.
        language: ISO 639-1; detected where absent.
    """
    cleaned = clean(text, title)
    if not date:
        found = find_date(text, cleaned.segments)
        date = found.iso if found else None
    language = language or detect_language(text)
    draft = Draft(text, cleaned.junk, date, language)
    catalogue = current_catalogue()
    [resolutions] = link_drafts([draft], catalogue, use_ner=use_ner)
    ids = {scored.record_id for one in resolutions for scored in one.ranking}
    ids |= {one.decision.record_id for one in resolutions if one.decision.record_id is not None}
    return LinkedText(text, title, date, language, cleaned.segments, resolutions, dict(catalogue.views(ids)))


def draft_of(article: Article) -> Draft:
    """A stored article as the linker reads it."""
    junk = tuple((start, end) for start, end, kind in article.segments if kind not in ("headline", "body"))
    return Draft(article.text, junk, article.published_on or None, article.language)


def link_articles(articles: Iterable[Article], *, use_ner: bool = True) -> int:
    """Link stored articles, new or changed, and store what was found; the number of mentions.

    Decisions of people stay: such a mention is kept where its surface form still stands, and moved where the text
    changed around it. Call it in the transaction that stores the articles, so that no crash leaves one half done.
    """
    articles = list(articles)
    if not articles:
        return 0
    decided = decide_articles(articles, use_ner=use_ner)
    with transaction.atomic():
        count = store_decided(articles, decided)
        Article.objects.bulk_update(articles, ["linked_at", "engine_version"], batch_size=_BATCH)
    return count


def decide_articles(articles: Sequence[Article], *, use_ner: bool = True) -> list[list[Resolution]]:
    """What stands in each article, decided and not stored; the articles, which may be unsaved, are marked as linked.

    This is the slow half: it needs no transaction, so that nobody waits for it.
    """
    decided = link_drafts([draft_of(article) for article in articles], use_ner=use_ner)
    now, version = timezone.now(), engine_version()
    for article in articles:
        article.linked_at, article.engine_version = now, version
    return decided


def store_decided(articles: Sequence[Article], decided: Sequence[list[Resolution]], *, are_new: bool = False) -> int:
    """Store what was decided about saved articles, in the caller's transaction; the number of mentions.

    Args:
        are_new: nothing was found in them before.
    """
    kept = set() if are_new else _clear(articles, decided)
    return _store(articles, decided, kept)


def _clear(articles: Sequence[Article], decided: Sequence[list[Resolution]]) -> set[tuple[int, int, int]]:
    """Remove what the engine found before; return the spans that people decided, which stay."""
    previous = Mention.objects.filter(article__in=articles).with_live_link().order_by("article_id", "start")
    by_article = {article.pk: article for article in articles}
    kept: set[tuple[int, int, int]] = set()
    gone: list[int] = []
    orphans: list[tuple[int, Link]] = []
    aside: list[Link] = []
    groups: Counter[int] = Counter()
    grouped: dict[int, set[int]] = {}
    moved: list[Mention] = []
    for mention in previous:
        article = by_article[mention.article_id]
        link = mention.live_links[0] if mention.live_links else None
        if link is not None and link.actor_id is not None:
            span = _where_it_stands(article.text, mention, kept)
            if span is not None:
                if (mention.start, mention.end) != span:
                    mention.start, mention.end = span
                    moved.append(mention)
                kept.add((mention.article_id, *span))
                if link.is_unsure:
                    link.mention = mention
                    aside.append(link)
                continue
            if link.status == Outcome.LINK:
                orphans.append((mention.article_id, link))
        if mention.nil_group_id:
            groups[mention.nil_group_id] -= 1
            grouped.setdefault(mention.nil_group_id, set()).add(mention.article_id)
        gone.append(mention.pk)
    Mention.objects.filter(pk__in=gone).delete()
    if moved:
        Mention.objects.bulk_update(moved, ["start", "end"], batch_size=_BATCH)
    _recount(groups, {group: -len(found) for group, found in grouped.items()})
    if aside:
        found = {
            (article.pk, one.span.start, one.span.end): one
            for article, resolutions in zip(articles, decided, strict=True)
            for one in resolutions
        }
        reopen_changed(aside, articles, found)
    # A person's link whose words are gone is asked about again wherever the record may still be meant.
    for article_id, link in orphans:
        position = next(n for n, article in enumerate(articles) if article.pk == article_id)
        for resolution in decided[position]:
            if resolution.decision.record_id == link.entity_id and resolution.decision.outcome is Outcome.LINK:
                resolution.decision = _doubted(resolution)
    return kept


def _doubted(resolution: Resolution) -> Decision:
    return replace(
        resolution.decision, outcome=Outcome.REVIEW,
        reason="the text changed where a person had linked it; " + resolution.decision.reason,
    )  # fmt: skip


def _where_it_stands(text: str, mention: Mention, taken: set[tuple[int, int, int]]) -> tuple[int, int] | None:
    """Where a mention's surface form stands in a changed text: the occurrence nearest to the old place."""
    if text[mention.start : mention.end] == mention.surface:
        return mention.start, mention.end
    best, at = None, text.find(mention.surface)
    while at >= 0:
        end = at + len(mention.surface)
        whole = not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())
        if whole and (mention.article_id, at, end) not in taken:
            if best is None or abs(at - mention.start) < abs(best - mention.start):
                best = at
        at = text.find(mention.surface, at + 1)
    return (best, best + len(mention.surface)) if best is not None else None


_MENTION = ("article_id", "start", "end", "surface", "type", "chain", "detector", "nil_group_id")
_LINK = (
    "mention_id", "entity_id", "status", "probability", "margin", "reason", "evidence", "note", "made_at", "priority",
)  # fmt: skip
_CANDIDATE = ("mention_id", "entity_id", "rank", "probability", "evidence")


def _store(articles: Sequence[Article], decided: Sequence[list[Resolution]], kept: set[tuple[int, int, int]]) -> int:
    """Rows by the hundred for each article, so they are inserted past the ORM."""
    found: list[tuple[int, Resolution]] = []  # the article's key, and what stands there
    taken = set(kept)
    for article, resolutions in zip(articles, decided, strict=True):
        for one in resolutions:
            span = (article.pk, one.span.start, one.span.end)
            if span in taken or len(one.span.surface) > 500:
                continue
            taken.add(span)
            found.append((article.pk, one))
    groups = _group_unknown(found)
    mentions = bulk.insert(
        Mention,
        _MENTION,
        (
            (pk, one.span.start, one.span.end, one.span.surface, one.type, one.chain, one.span.detector, groups.get(n))
            for n, (pk, one) in enumerate(found)
        ),
    )
    now = timezone.now()
    links, candidates = [], []
    for mention, (_, one) in zip(mentions, found, strict=True):
        decision = one.decision
        links.append((
            mention,
            decision.record_id if decision.outcome is not Outcome.NIL else None,
            decision.outcome,
            round(decision.probability, 4),
            round(decision.margin, 4),
            decision.reason[:1000],
            [[name, round(weight, 2), words] for name, weight, words in one.evidence],
            "",
            now,
            # What is nearest to even odds teaches most.
            1 - abs(2 * decision.probability - 1) if decision.outcome is Outcome.REVIEW else 0.0,
        ))  # fmt: skip
        # Runners-up of a sure link are noise; of a doubt they are what the curator chooses from.
        if decision.outcome is not Outcome.LINK or (len(one.ranking) > 1 and one.ranking[1].probability > 0.02):
            for rank, scored in enumerate(one.ranking, 1):
                evidence = [[name, round(found.value, 2), found.text] for name, found in scored.evidence.items()]
                candidates.append((mention, scored.record_id, rank, round(scored.probability, 4), evidence))
    bulk.insert(Link, _LINK, links)
    bulk.insert(Candidate, _CANDIDATE, candidates)
    return len(mentions)


def _group_unknown(found: Sequence[tuple[int, Resolution]]) -> dict[int, int]:
    """Put unknown names of persons and organizations into their groups, which new records are proposed from.

    Returns the group's key for the numbers of those found that have one.
    """
    wanted: dict[tuple[str, str], str] = {}
    keyed: list[tuple[int, tuple[str, str]]] = []
    fullest: dict[tuple[int, int], str] = {}
    for article, one in found:
        if one.decision.outcome is Outcome.NIL:
            known = fullest.get((article, one.chain), "")
            if len(one.span.surface) > len(known):
                fullest[article, one.chain] = one.span.surface
    for number, (article, one) in enumerate(found):
        kind = _NIL_KINDS.get(one.type)
        if one.decision.outcome is not Outcome.NIL or kind is None or one.span.role or one.span.agreement:
            continue
        name = fullest[article, one.chain]
        key = (name_key(name)[:300], str(kind))
        if not key[0]:
            continue
        wanted.setdefault(key, name[:300])
        keyed.append((number, key))
    if not wanted:
        return {}
    groups = _groups(wanted)
    counts: Counter[int] = Counter()
    articles: dict[int, set[int]] = {}
    for number, key in keyed:
        counts[groups[key]] += 1
        articles.setdefault(groups[key], set()).add(found[number][0])
    _recount(counts, {group: len(spread) for group, spread in articles.items()})
    return {number: groups[key] for number, key in keyed}


def _groups(wanted: dict[tuple[str, str], str]) -> dict[tuple[str, str], int]:
    """The groups of these names by ``(key, kind)``; those that are missing are made."""

    def stored(keys) -> dict[tuple[str, str], int]:
        rows = NilGroup.objects.filter(key__in={key for key, _ in keys}).values_list("key", "kind", "pk")
        return {(key, kind): pk for key, kind, pk in rows}

    groups = stored(wanted)
    missing = sorted(wanted.keys() - groups.keys())
    if missing:
        NilGroup.objects.bulk_create(
            [NilGroup(key=key, kind=kind, name=wanted[key, kind]) for key, kind in missing],
            ignore_conflicts=True, batch_size=_BATCH,
        )  # fmt: skip
        groups |= stored(missing)
    return groups


def _recount(mentions: dict[int, int], articles: dict[int, int]) -> None:
    """Move the counters of groups; in key order, so that two workers never wait for each other in a circle."""
    if not mentions:
        return
    table = connection.ops.quote_name(NilGroup._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET mention_count = mention_count + %s, article_count = article_count + %s WHERE id = %s",
            [(mentions[group], articles.get(group, 0), group) for group in sorted(mentions)],
        )
