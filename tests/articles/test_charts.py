"""The geometry of the small charts."""

import pytest

from articles.charts import HEIGHT, WIDTH, chart_of


def test_nothing_makes_no_chart():
    assert chart_of({}) is None
    assert chart_of({"unknown": 3}) is None


@pytest.mark.parametrize(
    ("counts", "unit", "first", "last"),
    [
        ({"2024-01": 1, "2024-12": 2}, "month", "2024-01", "2024-12"),
        ({"1991-12": 1, "2026-02": 2}, "year", "1991", "2026"),
        ({"1815": 1, "2024-03": 2}, "decade", "1810s", "2020s"),
    ],
)
def test_the_unit_fits_the_stretch(counts, unit, first, last):
    chart = chart_of(counts)
    assert (chart.unit, chart.first, chart.last) == (unit, first, last)
    assert chart.total == sum(counts.values())


def test_empty_periods_have_their_place_and_the_table_leaves_them_out():
    chart = chart_of({"2020-01": 4, "2021-01": 1})
    assert len(chart.bars) == 13
    assert [(row.label, row.count) for row in chart.rows] == [("2021-01", 1), ("2020-01", 4)]


def test_bars_lie_within_the_drawing_and_the_highest_fills_it():
    chart = chart_of({f"2020-{month:02d}": month for month in range(1, 13)})
    assert max(bar.height for bar in chart.bars) == HEIGHT
    for bar in chart.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= WIDTH
        assert bar.y + bar.height == pytest.approx(HEIGHT, abs=0.2)


def test_one_article_does_not_fill_the_whole_width():
    chart = chart_of({"2024-07": 1})
    assert len(chart.bars) == 12
    assert chart.peak == 1


def test_hostile_periods_stay_bounded():
    chart = chart_of({"0001": 1, "9999-12": 1})
    assert len(chart.bars) <= 110
