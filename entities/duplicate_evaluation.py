"""Gold records with their true clusters → how well duplicates are found, and weights fitted to them."""

from __future__ import annotations

import hashlib
import json
import random
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from entities.benchmarks.generator import MadeRecord, records
from entities.matching import duplicates
from entities.matching.duplicate_search import Catalogue, search
from entities.matching.duplicates import Profile, Weights
from entities.matching.normalize import name_key
from entities.starter import FILES

_PAIRS_OF_A_GOLD = 20_000  # for which each gold counts when weights are fitted to several


class GoldError(ValueError):
    """A line that is no gold record: names file, line and reason."""


@dataclass(frozen=True, slots=True)
class Gold:
    """Profiles that can be compared, the true cluster of each by id, and of the nameless ones that count as missed."""

    profiles: list[Profile]
    clusters: dict[int, str]
    nameless: list[str]
    keys: dict[int, str]


@dataclass(frozen=True, slots=True)
class Report:
    """Figures at the default threshold, in [0, 1]; pairs counted over all gold records, the nameless included."""

    records: int
    true_pairs: int
    found_pairs: int
    precision: float
    recall: float
    f1: float
    b3_precision: float
    b3_recall: float
    b3_f1: float

    def as_dict(self) -> dict:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{self.records} records, {self.true_pairs} true pairs, {self.found_pairs} found\n"
            f"pairwise  P {self.precision:.4f}  R {self.recall:.4f}  F1 {self.f1:.4f}\n"
            f"B-cubed   P {self.b3_precision:.4f}  R {self.b3_recall:.4f}  F1 {self.b3_f1:.4f}"
        )


def read_gold(path: Path) -> Gold:
    """Gold records of a JSONL file: ``id``, ``cluster``, ``name``, ``type``, ``birth_date``, ``birth_place`` …

    Raises:
        GoldError: for the first line that is none.
    """
    profiles, clusters, nameless, keys = [], {}, [], {}
    with open(path, encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                cluster = str(row["cluster"])
            except (ValueError, KeyError, TypeError) as error:
                raise GoldError(f"{path}:{number}: no gold record: {error!r}") from error
            name = name_key(str(row.get("name") or ""))
            if not name:
                nameless.append(cluster)
                continue
            keys[number] = str(row.get("id", number))
            clusters[number] = cluster
            profiles.append(
                Profile(
                    number,
                    str(row.get("type") or "person"),
                    (name,),
                    born=str(row.get("birth_date") or ""),
                    place=name_key(str(row.get("birth_place") or "")),
                    occupation=name_key(str(row.get("occupation") or "")),
                    gender=name_key(str(row.get("gender") or "")),
                )
            )
    return Gold(profiles, clusters, nameless, keys)


def evaluate(gold: Gold, weights: Weights | None = None, *, processes: int = 1) -> Report:
    """Find duplicates among gold records, from their facts alone, and compare."""
    found = search(gold.profiles, weights=weights, processes=processes)
    sizes = Counter([*gold.clusters.values(), *gold.nameless])
    true_pairs = sum(size * (size - 1) // 2 for size in sizes.values())
    right = sum(gold.clusters[a] == gold.clusters[b] for a, b in found.ids())
    group_of = {member: number for number, group in enumerate(found.groups) for member in group}
    members: dict[int, Counter] = defaultdict(Counter)
    for id_, group in group_of.items():
        members[group][gold.clusters[id_]] += 1
    precision = recall = 0.0
    for id_, cluster in gold.clusters.items():
        group = members.get(group_of.get(id_, -1))
        same = group[cluster] if group else 1
        precision += same / (group.total() if group else 1)
        recall += same / sizes[cluster]
    for cluster in gold.nameless:
        precision += 1
        recall += 1 / sizes[cluster]
    records = len(gold.clusters) + len(gold.nameless)
    b3 = (precision / max(records, 1), recall / max(records, 1))
    pairwise = (right / max(len(found.pairs), 1), right / max(true_pairs, 1))
    return Report(
        records,
        true_pairs,
        len(found.pairs),
        *(round(value, 4) for value in (*pairwise, _f1(*pairwise), *b3, _f1(*b3))),
    )


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def seeded(seed: int = 20260802) -> dict[str, Gold]:
    """Gold of our own, by name: what catalogues look like that know more or less of their records than gold files do.

    - ``records``: 20,000 generated ones of all kinds, few of them twice, with many facts.
    - ``names and years``, ``names and days``: the people among others so made, with nothing else (and gender).
    - ``halves``: the starter catalogue, each record with several names cut in two that share none: what two sources
      call a thing. Every other record is a near homonym of some.
    """
    made = list(records(20_000, seed))
    people = [row for row in records(12_000, seed + 1, things_twice=0.3) if row.kind == "person"]
    return {
        "records": _gold_of(made),
        "names and years": _gold_of(
            replace(row, begins=row.begins[:4], place="", occupation="", gender="", wikidata="") for row in people
        ),
        "names and days": _gold_of(replace(row, place="", occupation="", wikidata="") for row in people),
        "halves": _halves(seed),
    }


def _gold_of(made: Iterable[MadeRecord]) -> Gold:
    profiles, clusters = [], {}
    for number, row in enumerate(made, 1):
        names = dict.fromkeys(name_key(name) for name in (row.name, *row.aliases))
        clusters[number] = str(row.thing)
        profiles.append(
            Profile(
                number, row.kind, tuple(names), row.begins, "", name_key(row.place), name_key(row.occupation),
                row.gender, identifiers=(("wikidata", row.wikidata),) if row.wikidata else (),
            )
        )  # fmt: skip
    return Gold(profiles, clusters, [], {number: str(number) for number in clusters})


def _halves(seed: int) -> Gold:
    rnd = random.Random(seed)
    profiles: list[Profile] = []
    clusters: dict[int, str] = {}
    for path in FILES:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            plain = [row["name"]] + [
                alias["name"]
                for alias in row.get("aliases") or ()
                if alias.get("type") not in ("demonym", "adjective", "metonym", "language", "nickname", "acronym")
            ]
            names = [name for name in dict.fromkeys(map(name_key, plain)) if name]
            states = frozenset(zlib.crc32(state.encode()) for state in row.get("states") or ())
            halves = [names[::2], names[1::2]] if len(names) > 1 and rnd.random() < 0.5 else [names]
            for half in halves:
                number = len(profiles) + 1
                begins = row.get("valid_from") or row.get("signed") or ""
                begins = rnd.choice((begins, begins[:4], "")) if len(halves) > 1 else begins
                known = states if rnd.random() < 0.7 else frozenset()
                profiles.append(Profile(number, row["kind"], tuple(half), begins, states=known))
                clusters[number] = row["key"]
    return Gold(profiles, clusters, [], dict(clusters))


def fit(golds: Sequence[Gold]) -> Weights:
    """Weights from every pair of gold records that is worth comparing; each gold counts alike, whatever its size."""
    findings, same, counts = [], [], []
    for gold in golds:
        catalogue = Catalogue(gold.profiles)
        pairs = catalogue.promising().tolist()
        for pair in pairs:
            a, b = gold.profiles[pair >> 32], gold.profiles[pair & 0xFFFFFFFF]
            findings.append(duplicates.compare(a, b, catalogue.rarity).values)
            same.append(gold.clusters[a.id] == gold.clusters[b.id])
        counts.extend([_PAIRS_OF_A_GOLD / max(len(pairs), 1)] * len(pairs))
    return duplicates.fit(findings, same, counts=counts)


def leave_one_out(golds: Mapping[str, Gold]) -> dict[str, Report]:
    """Fit on all golds but one, evaluate on the one left out; a report for each."""
    return {
        name: evaluate(gold, fit([other for at, other in golds.items() if at != name])) for name, gold in golds.items()
    }


def cross_validate(gold: Gold, folds: int = 5) -> list[Report]:
    """Fit on the clusters of all folds but one, evaluate on the one left out; a report for each."""
    # Not by CRC: gold may itself be a part that was cut off by one.
    every_cluster = {*gold.clusters.values(), *gold.nameless}
    fold_of = {one: hashlib.sha256(one.encode()).digest()[0] % folds for one in every_cluster}

    def part(wanted: set[int]) -> Gold:
        inside = [one for one in gold.profiles if fold_of[gold.clusters[one.id]] in wanted]
        return Gold(
            inside,
            {one.id: gold.clusters[one.id] for one in inside},
            [cluster for cluster in gold.nameless if fold_of[cluster] in wanted],
            gold.keys,
        )

    every = set(range(folds))
    return [evaluate(part({fold}), fit([part(every - {fold})])) for fold in range(folds)]
