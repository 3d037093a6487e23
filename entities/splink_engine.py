"""Finding duplicates with Splink, on DuckDB or Spark: for catalogues that one machine's own search would take too long for.

The same findings as ``matching.duplicates`` has, said in SQL: words equal, alike or other, dates with the ways people
get them wrong, place, occupation, gender, identifiers. Splink makes the pairs, counts how often strangers agree on each
(u) and gives the probabilities; groups, contradictions, "different" and reasons are the project's own. Optional: install
``requirements-scale.txt``.
"""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from entities.matching import duplicates
from entities.matching.duplicate_search import Catalogue, Found, grouped, positions_of
from entities.matching.duplicates import Profile, words_of
from entities.matching.romanize import skeleton

BACKENDS = ("duckdb", "spark")
_COLUMNS = ("unique_id", "kind", "name", "sounds", "first", "last", "born", "year", "place", "occupation", "gender",
            "identifier")  # fmt: skip
_KEPT_FROM = 0.05  # probability
_CHUNK = 20_000
_RECORDS_IN_PARTITION = 20_000  # of Spark: every step runs once for each, which costs more than it gives for few
_STRANGERS = 2_000_000  # pairs of records from which u is counted
_SHARE_OF_SURE = 0.5  # of all duplicates have equal names and years, or an id in common: roughly, for the prior only


class EngineMissing(RuntimeError):
    """Splink, or what its backend needs, is not installed; says what to do."""


def search(
    profiles: Iterable[Profile],
    *,
    backend: str = "duckdb",
    same_at: float = duplicates.SAME_AT,
    review_at: float = 0.2,
    different: frozenset[tuple[int, int]] = frozenset(),
    say: Callable[[str], None] = lambda text: None,
) -> Found:
    """The duplicates among some records, as ``matching.duplicate_search.search`` gives them.

    Args:
        profiles: with different ids, read once.
        backend: of ``BACKENDS``.
        same_at, review_at, different, say: as there.

    Raises:
        EngineMissing: if a library is absent.
        ValueError: for another backend.
    """
    if backend not in BACKENDS:
        raise ValueError(f"no backend {backend}: choose one of {', '.join(BACKENDS)}")
    catalogue = Catalogue(profiles)
    say(f"{len(catalogue):,} records read")
    pairs, chances = np.zeros(0, np.int64), np.zeros(0)
    if len(catalogue) > 1:
        pairs, chances = _predicted(catalogue, backend)
    apart = positions_of(different, catalogue.profiles.ids)
    wanted = ~np.isin(pairs, apart)
    pairs, chances = pairs[wanted], np.clip(chances[wanted], 1e-9, 1 - 1e-9)
    order = np.argsort(pairs)
    pairs, chances = pairs[order], chances[order]
    say(f"{len(pairs):,} pairs may be one record")
    odds = np.log(chances / (1 - chances))
    return grouped(catalogue, pairs, odds, duplicates.Weights.load(), same_at, review_at, apart)


def _predicted(catalogue: Catalogue, backend: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        from splink import Linker
    except ImportError as error:
        raise EngineMissing("Splink is not installed: pip install -r requirements-scale.txt") from error
    with tempfile.TemporaryDirectory(prefix="refdesk-splink-") as folder:
        path = Path(folder) / "records.parquet"
        prior = _write(catalogue, path)
        api, table = _opened(backend, path, Path(folder), len(catalogue))
        linker = Linker(api.register(table), _settings(prior), log_level=logging.WARNING)
        linker.training.estimate_u_using_random_sampling(max_pairs=_STRANGERS, seed=1 if backend == "duckdb" else None)
        # What no pair of strangers showed keeps Splink's own guess: no reason to warn.
        found = linker.inference.predict(threshold_match_probability=_KEPT_FROM, warning_mode="never")
        columns = found.query_sql(
            "SELECT unique_id_l AS a, unique_id_r AS b, MAX(match_probability) AS chance FROM {this} GROUP BY 1, 2"
        ).as_dict()
    left, right = (np.array(columns[name], dtype=np.int64) for name in ("a", "b"))
    return (np.minimum(left, right) << 32) | np.maximum(left, right), np.array(columns["chance"], dtype=np.float64)


def _write(catalogue: Catalogue, path: Path) -> float:
    """Write the records as Parquet; returns how probable it is that two records taken at random are one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("unique_id", pa.int64()), *((name, pa.string()) for name in _COLUMNS[1:])])
    rows = map(_row, range(len(catalogue)), catalogue.profiles)
    same: Counter = Counter()
    with pq.ParquetWriter(path, schema) as writer:
        while batch := list(islice(rows, _CHUNK)):
            writer.write_table(pa.Table.from_pylist(batch, schema))
            same.update((row["name"], row["year"]) for row in batch if row["name"] and row["year"])
            same.update(row["identifier"] for row in batch if row["identifier"])
    likely = sum(count * (count - 1) // 2 for count in same.values())
    every = len(catalogue) * (len(catalogue) - 1) / 2
    return min(max(likely / _SHARE_OF_SURE, 1) / every, 0.5)


def _row(position: int, profile: Profile) -> dict[str, Any]:
    words = sorted(words_of(profile.names[0])) if profile.names else []
    in_order = words_of(profile.names[0]) if profile.names else ()
    sounds = sorted({skeleton(word) for word in words if len(word) > 2} - {""})
    facts = {
        "kind": profile.kind,
        "name": " ".join(words),
        "sounds": " ".join(sounds),
        "first": in_order[0] if in_order else "",
        "last": in_order[-1] if in_order else "",
        "born": profile.born if len(profile.born) == 10 and not profile.born.endswith("-01-01") else "",
        "year": profile.born[:4] if profile.born[:4].isdigit() else "",
        "place": profile.place,
        "occupation": profile.occupation,
        "gender": profile.gender,
        "identifier": ":".join(min(profile.identifiers, default=())),
    }
    # An absent fact is null, so that no comparison counts it.
    return {"unique_id": position, **{name: value or None for name, value in facts.items()}}


def _opened(backend: str, path: Path, folder: Path, records: int) -> tuple[Any, Any]:
    try:
        if backend == "duckdb":
            import duckdb
            from splink import DuckDBAPI

            connection = duckdb.connect()
            connection.execute(f"SET temp_directory = '{folder}'")
            return DuckDBAPI(connection), connection.read_parquet(str(path))
        from pyspark.sql import SparkSession
        from splink import SparkAPI

        session = (
            SparkSession.builder.appName("refdesk duplicates")
            .config("spark.sql.shuffle.partitions", str(max(2, records // _RECORDS_IN_PARTITION)))
            .config("spark.ui.enabled", "false")
            .getOrCreate()
        )
        session.sparkContext.setCheckpointDir(str(folder / "checkpoints"))
        return SparkAPI(spark_session=session, register_udfs_automatically=False), session.read.parquet(str(path))
    except ImportError as error:
        raise EngineMissing(f"the {backend} backend is not installed: see requirements-scale.txt") from error


# --- The model --------------------------------------------------------------------------------------------------------
#: Pairs that are looked at: the keys of ``matching.duplicates.keys_of``, as far as equalities of columns say them.
_RULES = (
    ("identifier",), ("name", "year"), ("sounds", "year"), ("sounds", "place"), ("born", "last"), ("born", "first"),
    ("born", "place"), ("sounds", "gender"), ("name",),
)  # fmt: skip

_NEARNESS = "1.0 - levenshtein({0}_l, {0}_r) / greatest(length({0}_l), length({0}_r), 1)"
# Columns → levels, from the strongest down: SQL, in words, how often records of one thing are so (m); "" is the rest.
# How often strangers are so (u) is counted in the data; the rarity of an equal name or word is taken into account.
_LEVELS: dict[str, tuple[tuple[str, str, float], ...]] = {
    "name": (
        ("name_l = name_r", "same name", 0.45),
        ("sounds_l = sounds_r", "names that sound alike", 0.15),
        (f"{_NEARNESS.format('name')} >= 0.85", "similar names", 0.2),
        (f"{_NEARNESS.format('name')} >= 0.7", "somewhat similar names", 0.1),
        ("", "other names", 0.1),
    ),
    "last": (
        ("last_l = last_r", "same last word", 0.6),
        ("last_l = first_r or first_l = last_r", "the last word of one is the first of the other", 0.1),
        (f"{_NEARNESS.format('last')} >= 0.7", "similar last words", 0.2),
        ("", "other last words", 0.1),
    ),
    "born": (
        ("born_l = born_r", "same day", 0.85),
        ("levenshtein(born_l, born_r) <= 1", "dates differ by one digit", 0.08),
        ("year_l = year_r", "same year", 0.05),
        ("", "contradicting dates", 0.02),
    ),
    "year": (("year_l = year_r", "same year", 0.95), ("", "contradicting years", 0.05)),
    "place": (("place_l = place_r", "same place", 0.8), ("", "other place", 0.2)),
    "occupation": (("occupation_l = occupation_r", "same occupation", 0.8), ("", "other occupation", 0.2)),
    "gender": (("gender_l = gender_r", "same gender", 0.97), ("", "other gender", 0.03)),
    "identifier": (("identifier_l = identifier_r", "same id", 0.98), ("", "contradicting ids", 0.02)),
    "kind": (("kind_l = kind_r", "same kind", 0.995), ("", "other kind", 0.005)),
}
_BY_FREQUENCY = frozenset({"name", "last"})  # columns of which an equal rare value says more than an equal common one


def _settings(prior: float) -> Any:
    import splink.comparison_level_library as levels
    import splink.comparison_library as comparisons
    from splink import SettingsCreator, block_on

    def made() -> Iterator[Any]:
        for column, rows in _LEVELS.items():
            listed = [levels.NullLevel(column)]
            for at, (condition, words, m) in enumerate(rows):
                level = levels.CustomLevel(condition, words) if condition else levels.ElseLevel()
                by_frequency = {"tf_adjustment_column": column} if at == 0 and column in _BY_FREQUENCY else {}
                listed.append(level.configure(m_probability=m, fix_m_probability=True, **by_frequency))
            yield comparisons.CustomComparison(listed, output_column_name=column)

    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(made()),
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in _RULES],
        probability_two_random_records_match=prior,
        retain_matching_columns=False,
    )
