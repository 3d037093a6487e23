"""Counts over time as bars: the geometry of a small inline chart. Plain Python; the template draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 96  # of the drawing, in its own units
_MOST_BARS = 60


@dataclass(frozen=True, slots=True)
class Bar:
    """One period: its label, its count, and its rectangle."""

    label: str
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars for every period from the first to the last, gaps included."""

    bars: tuple[Bar, ...]
    unit: str  # "month", "year" or "decade"
    peak: int
    total: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def rows(self) -> list[Bar]:
        """The periods that hold anything: the chart's table, the latest first."""
        return [bar for bar in reversed(self.bars) if bar.count]

    @property
    def first(self) -> str:
        """The first period."""
        return self.bars[0].label

    @property
    def last(self) -> str:
        """The last period."""
        return self.bars[-1].label


def chart_of(by_month: Mapping[str, int]) -> Chart | None:
    """Bars from counts by ISO month (``"2024-07"``); a bare year counts at its January. None without any.

    Months are shown as long as they fit, then years, then decades.
    """
    months: dict[int, int] = {}
    for label, count in by_month.items():
        year, _, month = label.partition("-")
        if not year.isdigit() or (month and not month.isdigit()):
            continue
        index = int(year) * 12 + (min(max(int(month), 1), 12) - 1 if month else 0)
        months[index] = months.get(index, 0) + count
    if not months:
        return None
    unit, size = next(
        (name, size)
        for name, size in (("month", 1), ("year", 12), ("decade", 120), ("century", 1200), ("period", 10**6))
        if max(months) // size - min(months) // size < _MOST_BARS or size == 10**6
    )
    counts: dict[int, int] = {}
    for index, count in months.items():
        counts[index // size] = counts.get(index // size, 0) + count
    first, last = min(counts), max(counts)
    # A lone month among empty ones reads better than a single block as wide as the page.
    lead = max(0, (12 if unit == "month" else 8) - (last - first + 1))
    first -= lead // 2
    last += lead - lead // 2
    peak, number = max(counts.values()), last - first + 1
    step = WIDTH / number
    bars = []
    for position, index in enumerate(range(first, last + 1)):
        count = counts.get(index, 0)
        height = round(max(2.0, HEIGHT * count / peak), 1) if count else 0.0
        bars.append(
            Bar(
                _label(index, size), count, round(position * step + step * 0.1, 2), round(HEIGHT - height, 1),
                round(step * 0.8, 2), height,
            )
        )  # fmt: skip
    return Chart(tuple(bars), unit, peak, sum(counts.values()))


@dataclass(frozen=True, slots=True)
class Pair:
    """One period of a chart of parts: the rectangle of the whole, and of the part within it."""

    label: str
    part: int
    whole: int
    x: float
    width: float
    y: float
    height: float
    part_y: float
    part_height: float

    @property
    def share(self) -> float:
        """Of the part."""
        return self.part / self.whole if self.whole else 0.0


def parts_of(periods: Sequence[tuple[str, int, int]]) -> list[Pair]:
    """Bars of a part within a whole, from ``(label, part, whole)``, gaps included, in the chart's own units."""
    peak = max((whole for _, _, whole in periods), default=0)
    if not peak:
        return []
    step = WIDTH / max(len(periods), 8)
    pairs = []
    for position, (label, part, whole) in enumerate(periods):
        high, low = round(HEIGHT * whole / peak, 1), round(HEIGHT * part / peak, 1)
        x, width = round(position * step + step * 0.1, 2), round(step * 0.8, 2)
        pairs.append(Pair(label, part, whole, x, width, round(HEIGHT - high, 1), high, round(HEIGHT - low, 1), low))
    return pairs


def _label(index: int, size: int) -> str:
    if size == 1:
        return f"{index // 12}-{index % 12 + 1:02d}"
    year = index * size // 12
    return str(year) if size == 12 else f"{year}s"
