"""Errors of the API as RFC 9457 problem JSON, each with a stable ``code`` that programs may rely on."""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.contention import is_contention
from config.requests import request_id

CONTENT_TYPE = "application/problem+json"
_log = logging.getLogger("refdesk.requests")


class TooLarge(exceptions.APIException):
    """A body or text beyond the stated limit."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request is larger than allowed."
    default_code = "too_large"


class Gone(exceptions.APIException):
    """What was there once and was taken out of use for good."""

    status_code = status.HTTP_410_GONE
    default_detail = "It was taken out of use."
    default_code = "gone"


class Conflict(exceptions.APIException):
    """What is asked for contradicts what is there by now."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "This contradicts what is there by now."
    default_code = "conflict"


class PreconditionRequired(exceptions.APIException):
    """A change without ``If-Match``."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = "Send the ETag of what you change in If-Match."
    default_code = "precondition_required"


class PreconditionFailed(exceptions.APIException):
    """A change of something that was changed meanwhile."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "It was changed in the meantime; read it again."
    default_code = "precondition_failed"


class IdempotencyKeyReused(exceptions.APIException):
    """One key, two different requests."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "This Idempotency-Key was used for another request."
    default_code = "idempotency_key_reused"


class Busy(exceptions.APIException):
    """Others write to the database, and this waited for them for too long."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "Refdesk is busy: try again in a moment. Nothing was changed."
    default_code = "busy"
    wait = 4  # seconds, and one


class BadParameter(exceptions.APIException):
    """A query parameter that cannot be understood."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = "A parameter cannot be understood."
    default_code = "bad_parameter"


_CODES = {
    400: "invalid", 401: "not_authenticated", 403: "permission_denied", 404: "not_found", 405: "method_not_allowed",
    406: "not_acceptable", 413: "too_large", 415: "unsupported_media_type", 429: "throttled", 503: "busy",
}  # fmt: skip


class ProblemSerializer(serializers.Serializer):
    """The shape of every error."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable: programs may rely on it.")
    detail = serializers.CharField()
    errors = serializers.DictField(required=False, help_text="By field, where fields are at fault.")
    request_id = serializers.CharField(
        required=False, help_text="As in the header `X-Request-ID`: quote it in reports."
    )


def problem(status_code: int, code: str, detail: str, **more) -> dict:
    """The body of an error."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status_code).phrase,
        "status": status_code,
        "code": code,
        "detail": detail,
        **more,
        **({"request_id": request_id()} if request_id() else {}),
    }


def handle(error: Exception, context: dict) -> Response | None:
    """DRF's exception handler: every error it knows becomes a problem; others stay a server error."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(*error.args[:1])
    elif isinstance(error, RequestDataTooBig):
        error = TooLarge()
    elif is_contention(error):
        _log.warning("busy: %s", error)
        error = Busy()
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    code = error.default_code
    more, detail = {}, ""
    if isinstance(error, exceptions.ValidationError):
        code, detail = "invalid", "Some fields are not valid: see errors."
        more["errors"] = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
    elif isinstance(error, exceptions.ParseError):
        code, detail = "malformed", "The body cannot be read."
    else:
        detail = str(error.detail)
        code = _CODES.get(error.status_code, code) if code == "error" else code
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait) + 1)
    return Response(
        problem(error.status_code, code, detail, **more),
        status=error.status_code, headers=headers, content_type=CONTENT_TYPE,
    )  # fmt: skip


class BusyPages:
    """Middleware: a page for whom the database was too busy says so, where it would say that something broke."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, error):
        """Of a view."""
        return busy(request) if is_contention(error) else None


def busy(request):
    """The answer where the database is busy: a problem in the API, elsewhere a page that needs no database."""
    _log.warning("busy: %s", request.path[:500])
    headers = {"Retry-After": str(Busy.wait + 1), "Cache-Control": "no-store"}
    if request.path.startswith("/api/"):
        body = problem(503, Busy.default_code, Busy.default_detail)
        return JsonResponse(body, status=503, headers=headers, content_type=CONTENT_TYPE)
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)


def server_error(request):
    """Django's answer to an error; where a middleware met a busy database, such as in storing a session, that one."""
    return busy(request) if is_contention(sys.exc_info()[1]) else defaults.server_error(request)


@csrf_exempt
def not_found(request, *args, **kwargs):
    """Answer for addresses under the API's prefix that lead nowhere."""
    return JsonResponse(
        problem(404, "not_found", "There is nothing at this address."), status=404, content_type=CONTENT_TYPE
    )
