"""Everything the database says of records, as bytes: equal bytes, equal content. Versions and times of writing are left
out: they move on with every write, back and forth."""

from __future__ import annotations

import json
from collections.abc import Collection

from django.apps import apps

_MODELS = (
    "entities.entity", "entities.alias", "entities.identifier", "entities.term", "entities.relation",
    "entities.sourcerecord", "entities.judgement", "entities.duplicatesuggestion",
)  # fmt: skip
_ARTICLES = ("articles.link", "articles.surfaceprior", "articles.candidate", "articles.mention")
_LEFT_OUT = {"version", "updated_at", "claimed_until", "retrieved_at"}


def dump(*, articles: bool = False, without: Collection[int] = ()) -> bytes:
    """All rows of records and facts, withdrawn ones too, and if wanted of links; ``without``: keys of records."""
    whole = {}
    for label in _MODELS + (_ARTICLES if articles else ()):
        model = apps.get_model(label)
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in _LEFT_OUT]
        rows = model._default_manager.order_by("pk")
        if label == "entities.entity":
            rows = rows.exclude(pk__in=without)
        whole[label] = list(rows.values(*names))
    return json.dumps(whole, sort_keys=True, default=str, indent=1).encode()
