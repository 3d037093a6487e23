"""How well predicted mentions and links agree with gold ones. Plain Python; formats as in docs/evaluation.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

#: What is asked for unless the caller says otherwise.
DEFAULT_TYPES = ("PER", "ORG", "GPE", "NORP")
NIL = None


@dataclass(slots=True)
class Score:
    """Right, wrong and missed decisions."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 0.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0

    def as_dict(self) -> dict[str, float]:
        return {
            "precision": round(self.precision, 4), "recall": round(self.recall, 4), "f1": round(self.f1, 4),
            "right": self.right, "wrong": self.wrong, "missed": self.missed,
        }  # fmt: skip


@dataclass(slots=True)
class Report:
    """Figures over a set of documents."""

    documents: int = 0
    detection: Score = field(default_factory=Score)
    linking: Score = field(default_factory=Score)
    nil: Score = field(default_factory=Score)
    linked_of_detected: Score = field(default_factory=Score)  # link accuracy on detected mentions
    by_type: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    confident: Score = field(default_factory=Score)  # links with probability ≥ 0.9
    errors: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)

    def as_dict(self) -> dict:
        """For ``--json``."""
        return {
            "documents": self.documents,
            "detection": self.detection.as_dict(),
            "linking": self.linking.as_dict(),
            "nil": self.nil.as_dict(),
            "accuracy_on_detected": round(self.linked_of_detected.recall, 4),
            "confident_precision": round(self.confident.precision, 4),
            "confident_links": self.confident.right + self.confident.wrong,
            "by_type": {name: score.as_dict() for name, score in sorted(self.by_type.items())},
            "worst": [
                {"what": what, "surface": surface, "gold": gold, "predicted": predicted, "count": count}
                for (what, surface, gold, predicted), count in self.errors.most_common(20)
            ],
        }

    def __str__(self) -> str:
        lines = [f"{self.documents} documents"]
        for name, score in (("detection", self.detection), ("linking", self.linking), ("NIL", self.nil)):
            lines.append(
                f"{name:<10} precision {score.precision:.3f}  recall {score.recall:.3f}  F1 {score.f1:.3f}"
                f"  ({score.right} right, {score.wrong} wrong, {score.missed} missed)"
            )
        lines.append(f"link accuracy on detected mentions {self.linked_of_detected.recall:.3f}")
        total = self.confident.right + self.confident.wrong
        lines.append(f"links with probability ≥ 0.9: {total}, {self.confident.precision:.3f} right")
        lines.append("linking by type")
        for name, score in sorted(self.by_type.items()):
            lines.append(
                f"  {name:<10} precision {score.precision:.3f}  recall {score.recall:.3f}  F1 {score.f1:.3f}"
                f"  ({score.right + score.missed} in gold)"
            )
        lines.append("the worst errors")
        for (what, surface, gold, predicted), count in self.errors.most_common(20):
            lines.append(f"  {count:>3} × {what}: “{surface}” gold {gold}, predicted {predicted}")
        return "\n".join(lines)


class Keys:
    """Which catalogue key a gold mention means: its own key, or the record with its id elsewhere."""

    def __init__(self, records: Iterable[tuple[str, Mapping[str, str]]]):
        self._keys: set[str] = set()
        self._elsewhere: dict[tuple[str, str], str] = {}
        for key, identifiers in records:
            self._keys.add(key)
            for scheme, value in identifiers.items():
                self._elsewhere.setdefault((scheme, str(value)), key)

    def of(self, mention: Mapping) -> str | None:
        """The record's key; None if the gold says NIL or its record is not in the catalogue."""
        if mention.get("nil"):
            return NIL
        if mention.get("record") in self._keys:
            return mention["record"]
        for scheme in ("wikidata", "wikipedia"):
            found = self._elsewhere.get((scheme, str(mention.get(scheme))))
            if found is not None:
                return found
        return NIL


def evaluate(
    gold: Iterable[Mapping], predicted: Mapping[str, list[Mapping]], keys: Keys, types: Collection[str] = DEFAULT_TYPES
) -> Report:
    """Compare predictions with gold, document by document; spans must agree exactly.

    Args:
        gold: documents with ``doc_id`` and ``mentions``.
        predicted: by ``doc_id``, mentions with ``start end type record probability status``.
        types: gold types that are asked for. Mentions of other types, and those marked ``ignore`` or ``optional``, are
            neither required nor punished; ``link_status: unannotated`` ones count for detection alone.
    """
    report = Report()
    types = set(types)
    for document in gold:
        report.documents += 1
        _compare(document, predicted.get(document["doc_id"], []), keys, types, report)
    return report


def _compare(document: Mapping, predictions: list[Mapping], keys: Keys, types: set[str], report: Report) -> None:
    required: dict[tuple[int, int], Mapping] = {}
    tolerated: set[tuple[int, int]] = set()
    for mention in document["mentions"]:
        span = (mention["start"], mention["end"])
        if mention["type"] in types and not mention.get("ignore") and not mention.get("optional"):
            required[span] = mention
        else:
            tolerated.add(span)
    tolerated -= required.keys()
    text = document["text"]
    seen = set()
    for prediction in predictions:
        span = (prediction["start"], prediction["end"])
        if span in tolerated or span in seen or (span not in required and prediction.get("type") not in types):
            continue
        seen.add(span)
        linked = prediction["record"] if prediction["status"] == "linked" else None
        confident = linked is not None and (prediction.get("probability") or 0.0) >= 0.9
        surface = text[span[0] : span[1]]
        mention = required.get(span)
        if mention is None:
            report.detection.wrong += 1
            if linked is not None:
                report.linking.wrong += 1
                report.by_type[prediction.get("type") or "?"].wrong += 1
                report.confident.wrong += confident
                report.errors["not in gold", surface, "—", linked] += 1
            continue
        report.detection.right += 1
        if mention.get("link_status") == "unannotated":
            continue
        wanted = keys.of(mention)
        score = report.by_type[mention["type"]]
        if wanted is None:
            if linked is None:
                report.nil.right += 1
            else:
                report.nil.missed += 1
                report.linking.wrong += 1
                score.wrong += 1
                report.confident.wrong += confident
                report.errors["linked a NIL", surface, "NIL", linked] += 1
        elif linked == wanted:
            report.linking.right += 1
            report.linked_of_detected.right += 1
            score.right += 1
            report.confident.right += confident
        else:
            report.linked_of_detected.missed += 1
            report.linking.missed += 1
            score.missed += 1
            if linked is None:
                report.nil.wrong += 1
                what = "left for review" if prediction["status"] == "review" else "not linked"
                report.errors[what, surface, wanted, prediction.get("record") or "NIL"] += 1
            else:
                report.linking.wrong += 1
                score.wrong += 1
                report.confident.wrong += confident
                report.errors["wrong record", surface, wanted, linked] += 1
    for span, mention in required.items():
        if span in seen:
            continue
        report.detection.missed += 1
        if mention.get("link_status") == "unannotated":
            continue
        wanted = keys.of(mention)
        surface = text[span[0] : span[1]]
        if wanted is None:
            report.nil.missed += 1
        else:
            report.linking.missed += 1
            report.by_type[mention["type"]].missed += 1
            report.errors["not detected", surface, wanted, "—"] += 1
