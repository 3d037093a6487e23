"""``Idempotency-Key``: a POST that is sent twice is done once, and answered twice.

The key's row is inserted first and committed, so that of two requests at once one is told to wait; the work and its
answer are then stored in one transaction, so that a crash leaves either both or neither. An error changes nothing and
frees the key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.db import IntegrityError, transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from config.api import MAX_BODY_BYTES, check_body_size
from config.authentication import holder_of
from config.models import IdempotentRequest
from config.problems import BadParameter, Conflict, IdempotencyKeyReused

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
_ABANDONED = timedelta(minutes=10)  # no request takes as long: its process died
_KEPT_HEADERS = ("Location", "ETag")

PARAMETER = OpenApiParameter(
    HEADER, {"type": "string", "pattern": "^[ -~]{1,255}$"}, OpenApiParameter.HEADER,
    description=(
        "Your name for this request, at most 255 printable ASCII characters. Sent again within 24 hours, the request is not done "
        "again: the stored answer comes with `Idempotency-Replayed: true`."
    ),
)  # fmt: skip


class KeyInUse(Conflict):
    """The first request with this key is still being answered."""

    default_detail = "A request with this Idempotency-Key is being answered just now."
    default_code = "idempotency_key_in_use"


def idempotent(handler):
    """A ``post`` method that heeds ``Idempotency-Key``; its body is small enough to be held."""

    @wraps(handler)
    def wrapped(view, request, *args, **kwargs):
        check_body_size(request, MAX_BODY_BYTES)
        # Only of use with a key; a body that nobody compares need not be held.
        body = request._request.body if HEADER in request.headers else b""
        return answer_once(request, hashlib.sha256(body).digest(), lambda: handler(view, request, *args, **kwargs))

    return wrapped


def answer_once(request, digest: bytes, work: Callable[[], Response]) -> Response:
    """The answer of ``work``, done in one transaction with it; or the stored one, if the request came before.

    Args:
        digest: of the body: the same key with another body is refused.

    Raises:
        BadParameter: if the key is none.
        IdempotencyKeyReused: if it was used for another request.
        KeyInUse: if the first request with it is still being answered.
    """
    key, holder = request.headers.get(HEADER), holder_of(request)
    if key is None or not holder:
        with transaction.atomic():
            return work()
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise BadParameter(f"{HEADER} holds 1 to 255 printable ASCII characters.")
    said = [request.get_full_path().encode(), request.headers.get("If-Match", "").encode(), digest]
    fingerprint = hashlib.sha256(b"\0".join(said)).hexdigest()
    row = _reserve(holder, key, fingerprint)
    if row.status is not None:
        headers = {**row.headers, "Idempotency-Replayed": "true"}
        return Response(json.loads(row.body) if row.body else None, status=row.status, headers=headers)
    try:
        with transaction.atomic():
            response = work()
            _store(row, response)
    except BaseException:
        IdempotentRequest.objects.filter(pk=row.pk, begun_at=row.begun_at, status=None).delete()
        raise
    return response


def _reserve(holder: str, key: str, fingerprint: str) -> IdempotentRequest:
    """The key's row: a new one to be answered, or the one with the stored answer."""
    now = timezone.now()
    IdempotentRequest.objects.filter(begun_at__lt=now - KEPT).delete()
    try:
        with transaction.atomic():
            return IdempotentRequest.objects.create(holder=holder, key=key, fingerprint=fingerprint, begun_at=now)
    except IntegrityError:
        row = IdempotentRequest.objects.filter(holder=holder, key=key).first()
    if row is None:  # answered with an error this very moment
        raise KeyInUse
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if row.status is not None:
        return row
    if row.begun_at > now - _ABANDONED:
        raise KeyInUse
    taken = IdempotentRequest.objects.filter(pk=row.pk, begun_at=row.begun_at, status=None).update(begun_at=now)
    if not taken:
        raise KeyInUse
    row.begun_at = now
    return row


def _store(row: IdempotentRequest, response: Response) -> None:
    body = "" if response.data is None else JSONRenderer().render(response.data).decode()
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    stored = IdempotentRequest.objects.filter(pk=row.pk, begun_at=row.begun_at, status=None).update(
        status=response.status_code, headers=headers, body=body
    )
    if not stored:  # taken for abandoned, and done by another
        raise KeyInUse
