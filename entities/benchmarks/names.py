"""Pairs of names compared a second, beside rapidfuzz's WRatio on the same names in the same run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from rapidfuzz import fuzz

from entities.matching.names import compare_names, compare_prepared, prepare
from entities.starter import FILES

HELP = "pairs of names a second: one name against many prepared ones, and against bare strings"
_QUERIES = ("Mohammed al-Assad", "Владимир Путин", "International Atomic Energy Agency", "Kim Jong-un")


def add_arguments(parser) -> None:
    parser.add_argument("--names", type=int, default=10_000, help="how many names each query meets (%(default)s)")


def run(options: dict, say: Callable[[str], None]) -> dict:
    """Measure, print and return pairs per second."""
    names: list[tuple[str, str]] = []
    for path in FILES:
        with open(path, encoding="utf-8") as stream:
            names.extend((row["name"], row["kind"]) for row in map(json.loads, stream))
    names = names[:: max(1, len(names) // options["names"])][: options["names"]]
    figures: dict[str, float] = {}

    def report(what: str, pairs: int, seconds: float) -> None:
        figures[what] = round(pairs / seconds)
        say(f"{what:<28} {pairs / seconds:>10,.0f} pairs/s")

    started = time.perf_counter()
    for query in _QUERIES:
        for name, _ in names:
            fuzz.WRatio(query, name)
    report("rapidfuzz WRatio", len(_QUERIES) * len(names), time.perf_counter() - started)
    for kind in ("person", "state", "organization", None):
        compare_names("Ivan Petrov", "United Nations", kind)  # tables are loaded once a process, not once a pair
    prepare.cache_clear()
    started = time.perf_counter()
    for name, kind in names:
        compare_names(_QUERIES[0], name, kind)
    report("bare strings", len(names), time.perf_counter() - started)
    prepared = [prepare(name, kind) for name, kind in names]
    started = time.perf_counter()
    for query in _QUERIES:
        ready = prepare(query, "person")
        for other in prepared:
            compare_prepared(ready, other)
    report("prepared names", len(_QUERIES) * len(names), time.perf_counter() - started)
    figures["of_wratio"] = round(figures["prepared names"] / figures["rapidfuzz WRatio"], 3)
    return figures
