"""Takedowns as one list without content: those of records (``entities/takedown_lists.py``) and those of articles."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from articles import takedown
from articles.models import Article, ArticleTakedown, TakedownKey
from entities import takedown_lists as records
from entities.archive import user_of
from entities.takedown_lists import Applied


def lines() -> Iterator[str]:
    """Standing takedowns, a line each."""
    for row in records.rows():
        yield json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n"
    standing = ArticleTakedown.objects.filter(lifted_at=None).select_related("article", "actor").order_by("pk")
    for one in standing.iterator(chunk_size=500):
        keys = TakedownKey.objects.filter(takedown=one).order_by("key").values_list("key", flat=True)
        row = {
            "takedown": "article", "article": one.article.public_id, "dedupe_key": one.article.dedupe_key,
            "keys": list(keys), "words": one.words, "sketch": one.sketch, "reason": one.reason,
            "by": one.actor.get_username() if one.actor else None, "made_at": one.made_at.isoformat(),
        }  # fmt: skip
        yield json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n"


def apply(given: Iterable[str]) -> Applied:
    """Take down again what a list names, row by row; a broken row costs nothing but itself."""
    done, users = Applied(), {}
    for number, row in records.parsed(given):
        try:
            if isinstance(row, str):
                raise ValueError(row)
            is_new = (records.apply if row["takedown"] == "record" else _apply)(row, users)
            done.new += is_new
            done.known += not is_new
        except (KeyError, TypeError, ValueError) as error:
            said = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            done.errors.append(f"line {number}: {said}")
    return done


@transaction.atomic
def _apply(row: dict, users: dict[str, int]) -> bool:
    keys, made_at = [str(key)[:80] for key in row["keys"]], parse_datetime(row["made_at"])
    if made_at is None or made_at.tzinfo is None:
        raise ValueError("made_at is no moment")
    if TakedownKey.objects.filter(takedown__lifted_at=None, key__in=keys).exists():
        return False
    article = Article.objects.select_for_update().filter(dedupe_key__in=[row["dedupe_key"], *keys]).first()
    if article is None:
        taken = Article.objects.filter(public_id=row["article"]).exists()
        more = {} if taken else {"public_id": str(row["article"])[:16]}
        article = Article.objects.create(
            dedupe_key=str(row["dedupe_key"])[:80], text="", text_hash="", withdrawn_at=timezone.now(), **more
        )
    stored = ArticleTakedown.objects.create(
        article=article, words=str(row["words"])[:64], sketch=[int(one) for one in row["sketch"]],
        reason=str(row["reason"])[:2000] or "taken down", actor_id=user_of(row["by"], users) if row.get("by") else None,
    )  # fmt: skip
    ArticleTakedown.objects.filter(pk=stored.pk).update(made_at=made_at)
    TakedownKey.objects.bulk_create(TakedownKey(takedown=stored, key=key) for key in sorted(set(keys)))
    takedown.erase(article)
    return True
