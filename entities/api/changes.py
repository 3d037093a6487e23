"""``GET /api/v1/changes/``: which ids were made, merged, split and restored, for programs that keep copies of them."""

from __future__ import annotations

import base64
import binascii
import re

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from config.access import READ
from config.api import page_size_of
from config.problems import BadParameter
from entities.api.writing import READ_ERRORS
from entities.changes import MAX_LIMIT, TYPES, changes_since

_TYPES = [(type_.value, type_.value) for type_ in TYPES]


class IdChangeSerializer(serializers.Serializer):
    """One change of ids."""

    type = serializers.ChoiceField(choices=_TYPES)
    id = serializers.CharField(help_text="What is new, was merged into, or was split.")
    other = serializers.CharField(allow_null=True, help_text="What was absorbed, restored, or split off.")
    at = serializers.DateTimeField()
    now = serializers.CharField(help_text="The id that answers for `other`, or else for `id`, today.")


class ChangesSerializer(serializers.Serializer):
    """A page of the feed."""

    results = IdChangeSerializer(many=True)
    cursor = serializers.CharField(help_text="Come back with this one, also after an empty page.")
    has_more = serializers.BooleanField(help_text="True: come back at once.")


def encode(cursor: int) -> str:
    """A cursor as the feed gives it out; opaque."""
    return base64.urlsafe_b64encode(f"c{cursor}".encode()).decode().rstrip("=")


def decode(text: str) -> int:
    """A cursor that the feed gave out.

    Raises:
        BadParameter: for any other.
    """
    try:
        told = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise BadParameter("The cursor cannot be read; start again without one.") from error
    if not re.fullmatch(r"c\d{1,18}", told):
        raise BadParameter("The cursor cannot be read; start again without one.")
    return int(told[1:])


class Changes(APIView):
    """``GET /api/v1/changes/``."""

    access = {"GET": READ}

    @extend_schema(
        operation_id="changes_list", summary="Changes of ids, in the order they happened", tags=["changes"],
        description=(
            "Keep `cursor` of the last page and come back with it: nothing is missed or told twice, also where "
            "several writers commit out of order."
        ),
        parameters=[
            OpenApiParameter("cursor", str, description="From the last page; absent: from the beginning."),
            OpenApiParameter(
                "page_size", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
                description=f"200 unless told, at most {MAX_LIMIT}.",
            ),
            OpenApiParameter("type", str, enum=[type_.value for type_ in TYPES], description="Only these."),
        ],
        responses={200: ChangesSerializer, **READ_ERRORS},
    )  # fmt: skip
    def get(self, request):
        """The next page."""
        wanted = request.query_params.get("type", "")
        if wanted and wanted not in set(TYPES):
            raise BadParameter("There is no such type.")
        given = request.query_params.get("cursor", "")
        page = changes_since(
            decode(given) if given else 0,
            limit=page_size_of(request, 200, MAX_LIMIT),
            types=[wanted] if wanted else None,
        )
        data = {"results": page.changes, "cursor": encode(page.cursor), "has_more": page.has_more}
        return Response(ChangesSerializer(data).data)
