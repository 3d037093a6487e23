"""Seeded measurements, run by ``manage.py benchmark NAME``.

A benchmark is a module of a package ``benchmarks`` in any installed app, with:

- ``HELP``: one line on what it measures;
- ``add_arguments(parser)``: its options;
- ``run(options, say) -> dict``: does it; ``say`` prints a line at once, the result is what ``--json`` prints.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module, util
from types import ModuleType


def benchmarks(apps: list[str]) -> Iterator[tuple[str, ModuleType]]:
    """Every benchmark of these apps as ``(name, module)``, by name."""
    found = {}
    for app in apps:
        package = f"{app}.benchmarks"
        if util.find_spec(app) is None or util.find_spec(package) is None:
            continue
        for info in pkgutil.iter_modules(import_module(package).__path__):
            module = import_module(f"{package}.{info.name}")
            if hasattr(module, "run"):
                found[info.name] = module
    yield from sorted(found.items())
