"""Ids of merged records: wherever an address holds one, the answer is 308 to the survivor's address."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.response import Response

from entities.models import Entity


def survivor_of(entity: Entity, request, view: str) -> Response | None:
    """The way to the survivor of a merged record, the query kept; None for a live record.

    A merge can be taken back, so that the answer must not be kept for ever, as a 308 otherwise may be.
    """
    if entity.is_current:
        return None
    survivor = Entity.objects.resolve(entity.public_id)
    query = request.META.get("QUERY_STRING", "")
    address = reverse(view, args=[survivor.public_id]) + (f"?{query}" if query else "")
    return Response({"id": survivor.public_id}, status=308, headers={"Location": address, "Cache-Control": "no-cache"})


def survivor_of_id(request, public_id: str, view: str) -> Response | None:
    """The same for an id.

    Raises:
        Http404: if no such id was ever issued.
    """
    return survivor_of(
        get_object_or_404(Entity.objects.select_related("merged_into"), public_id=public_id), request, view
    )


def resolve_or_none(public_id: str) -> Entity | None:
    """The live record of an id in a filter; None for an id that was never issued."""
    try:
        return Entity.objects.resolve(public_id)
    except Entity.DoesNotExist:
        return None
