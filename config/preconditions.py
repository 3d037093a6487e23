"""ETags that carry a record's version, so that a change can say which state it is a change of.

    GET → ETag: "7-5d41402abc4b2a76"      PATCH, If-Match: "7-5d41402abc4b2a76"

The number is the record's version, which rises with each write; the rest tells one shape of the answer (``fields=``,
the format) from another. A change is compared by the number alone.
"""

from __future__ import annotations

import hashlib
import re

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response

from config.problems import PreconditionFailed, PreconditionRequired

_TAG = re.compile(r'(?:W/)?"(\d{1,10})(?:-[0-9a-f]+)?"')

IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True,
    description="ETag of what is changed, from its GET: absent 428, outdated 412. `*` stands for any.",
)  # fmt: skip


def tagged(response: Response, version: int) -> Response:
    """Give an answer its ETag, once it is rendered."""

    def tag(rendered):
        digest = hashlib.blake2b(rendered.content, digest_size=8).hexdigest()
        rendered.headers["ETag"] = f'"{version}-{digest}"'

    response.add_post_render_callback(tag)
    return response


def require_match(request) -> None:
    """Refuse a change without ``If-Match``, before anything is locked."""
    if not request.headers.get("If-Match", "").strip():
        raise PreconditionRequired


def check_match(request, version: int) -> None:
    """Refuse a change of another version than the one that stands; for use under the record's lock."""
    given = request.headers.get("If-Match", "").strip()
    if given == "*":
        return
    tags = (_TAG.fullmatch(part.strip()) for part in given.split(","))
    if version not in {int(tag.group(1)) for tag in tags if tag}:
        raise PreconditionFailed
