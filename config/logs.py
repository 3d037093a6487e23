"""Log lines: for people, or one JSON object a line for programs (``LOG_FORMAT=json``); both name the request."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from config.requests import request_id

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "request_id", "request"}


class WithRequestId(logging.Filter):
    """Adds ``request_id`` to each record, ``-`` outside of a request."""

    def filter(self, record):
        """Keeps every record."""
        record.request_id = request_id() or "-"
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line; whatever was passed as ``extra`` is a key of its own."""

    def format(self, record):
        """ASCII only, so that no text in a message can forge a line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
        }
        line.update({key: value for key, value in record.__dict__.items() if key not in _OWN and key not in line})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
