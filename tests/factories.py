"""Rows for tests, each with what it needs and nothing more."""

from __future__ import annotations

import itertools

from django.utils import timezone

from articles.models import Article, Candidate, Link, Mention
from entities.matching.normalize import name_key
from entities.matching.types import Kind, MentionType, Outcome
from entities.models import Alias, Entity, Source, Term

_numbers = itertools.count(1)


def make_source(name: str = "Test file", licence: str = "CC0-1.0", **more) -> Source:
    """A source; the same one for the same name."""
    return Source.objects.get_or_create(name=name, licence=licence, defaults=more)[0]


def make_record(name: str = "", kind: str = Kind.PERSON, aliases=(), **more) -> Entity:
    """A record with its main name as an alias; ``aliases`` are texts or dictionaries of an alias's fields."""
    name = name or f"Record {next(_numbers)}"
    entity = Entity.objects.create(name=name, kind=kind, **more)
    for alias in (name, *aliases):
        make_alias(entity, **(alias if isinstance(alias, dict) else {"name": alias}))
    return entity


def make_alias(entity: Entity, name: str, **more) -> Alias:
    """A name of a record, with its key."""
    return Alias.objects.create(entity=entity, origin=entity, name=name, key=name_key(name)[:500], **more)


def make_term(entity: Entity, title: str, **more) -> Term:
    """A term of office."""
    return Term.objects.create(entity=entity, origin=entity, title=title, **more)


def make_article(text: str = "Nothing happened.", title: str = "A title", **more) -> Article:
    """A linked article; the whole text is body unless ``segments`` says otherwise."""
    number = next(_numbers)
    more.setdefault("segments", [[0, len(text), "body"]])
    more.setdefault("linked_at", timezone.now())
    return Article.objects.create(dedupe_key=f"test-{number}", text_hash=str(number), title=title, text=text, **more)


def make_mention(
    article: Article,
    surface: str,
    entity: Entity | None = None,
    *,
    status: str | None = None,
    probability: float | None = None,
    after: int = 0,
    candidates=(),
    **more,
) -> Mention:
    """A mention at the first place of ``surface`` from ``after`` on, with its live link by the engine."""
    start = article.text.index(surface, after)
    link = {key: more.pop(key) for key in ("reason", "evidence", "actor", "note", "priority") if key in more}
    more.setdefault("type", MentionType.PERSON)
    mention = Mention.objects.create(
        article=article, start=start, end=start + len(surface), surface=surface,
        chain=more.pop("chain", next(_numbers)), detector=more.pop("detector", "gazetteer"), **more,
    )  # fmt: skip
    status = status or (Outcome.LINK if entity is not None else Outcome.NIL)
    likely = probability if probability is not None else (0.95 if entity is not None else 0.05)
    Link.objects.create(mention=mention, entity=entity, status=status, probability=likely, margin=likely / 2, **link)
    for rank, candidate in enumerate(candidates, 1):
        Candidate.objects.create(mention=mention, entity=candidate, rank=rank, probability=round(likely / rank, 3))
    return mention
