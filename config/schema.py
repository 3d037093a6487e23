"""What the OpenAPI description needs beyond what drf-spectacular finds by itself."""

from __future__ import annotations

#: Objects of answers to ``fields=``: any field but the id may be left out.
SPARSE = ("FoundRecord", "RecordDetail", "Article", "ArticleDetail")


def sparse_answers(result, generator, request, public):
    """Say of answers that ``fields=`` narrows that only the id is certain."""
    components = result.get("components", {}).get("schemas", {})
    for name in SPARSE:
        if name in components:
            components[name]["required"] = ["id"]
    return result
