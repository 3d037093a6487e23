"""A name for each request: in its answer, in the problems it meets, in every line it logs."""

from __future__ import annotations

import logging
import re
import time
import uuid
from contextvars import ContextVar

HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,127}")
_current: ContextVar[str] = ContextVar("request_id", default="")
_log = logging.getLogger("refdesk.requests")


def request_id() -> str:
    """Of the request being answered; empty outside of one."""
    return _current.get()


class RequestIds:
    """Middleware: takes a sane ``X-Request-ID`` over, makes one otherwise, and logs each request of the API."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get(HEADER, "")
        id_ = given if _SANE.fullmatch(given) else uuid.uuid4().hex
        token = _current.set(id_)
        begun = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers[HEADER] = id_
            if request.path.startswith("/api/"):
                seconds = round(time.perf_counter() - begun, 4)
                told = {"method": request.method, "path": request.path[:500], "status": response.status_code}
                _log.info("%s %s %s", *told.values(), extra={**told, "seconds": seconds})
            return response
        finally:
            _current.reset(token)
