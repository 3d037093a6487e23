"""A database for one command: made, used and thrown away, the configured one untouched."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connections


@contextmanager
def throwaway_database() -> Iterator[None]:
    """Within this block ``default`` is an empty, migrated SQLite database in a temporary folder."""
    configured = connections.databases["default"]
    connections["default"].close()
    with tempfile.TemporaryDirectory(prefix="refdesk-") as folder:
        connections.databases["default"] = {
            **configured,
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(Path(folder) / "throwaway.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                # Nothing here outlives the command, so nothing need survive a crash.
                "init_command": "PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF;PRAGMA temp_store=MEMORY;",
            },
            "CONN_HEALTH_CHECKS": False,
        }
        _forget_connection()
        try:
            call_command("migrate", verbosity=0, interactive=False)
            yield
        finally:
            connections["default"].close()
            connections.databases["default"] = configured
            _forget_connection()


def _forget_connection() -> None:
    """Let the next use of ``default`` open the database that the settings now name."""
    if hasattr(connections._connections, "default"):
        delattr(connections._connections, "default")
