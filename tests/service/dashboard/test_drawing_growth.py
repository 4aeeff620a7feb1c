"""The geometry of the growth chart, and the table that says the same."""

from __future__ import annotations

from types import SimpleNamespace

from service.dashboard.growth_chart import PLOT_HEIGHT, PLOT_TOP, growth_chart


def pairs(points: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (one.split(",") for one in points.split())]


def test_nothing_is_drawn_of_no_growth() -> None:
    assert growth_chart(()) is None


def test_the_line_spans_the_plot_in_proportion_to_time(build: SimpleNamespace) -> None:
    chart = growth_chart(build.growth_points(5))
    assert chart is not None
    assert [x for x, _ in pairs(chart.line)] == [0.0, 250.0, 500.0, 750.0, 1000.0]
    assert pairs(chart.line)[0][1] == round(PLOT_HEIGHT * 0.8, 1)


def test_the_band_is_the_interval_out_and_back(build: SimpleNamespace) -> None:
    chart = growth_chart(build.growth_points(3))
    assert chart is not None
    high, low = round(PLOT_HEIGHT * 0.2, 1), round(PLOT_HEIGHT * 0.9, 1)
    assert pairs(chart.band) == [
        (0.0, high),
        (500.0, high),
        (1000.0, high),
        (1000.0, low),
        (500.0, low),
        (0.0, low),
    ]


def test_the_axes_are_labelled(build: SimpleNamespace) -> None:
    chart = growth_chart(build.growth_points(11))
    assert chart is not None
    assert [tick.label for tick in chart.y_ticks] == ["0%", "25%", "50%", "75%", "100%"]
    assert chart.y_ticks[-1].position == f"{PLOT_TOP:.1f}"
    assert [tick.label for tick in chart.x_ticks] == ["5 Jan 2026", "10 Jan 2026", "15 Jan 2026"]


def test_a_few_hours_are_labelled_to_the_minute(build: SimpleNamespace) -> None:
    chart = growth_chart(build.growth_points(4, hours=1.0))
    assert chart is not None
    assert [tick.label for tick in chart.x_ticks] == ["5 Jan 2026, 09:30", "5 Jan 2026, 12:30"]


def test_growth_of_one_instant_is_drawn_in_the_middle(build: SimpleNamespace) -> None:
    chart = growth_chart(build.growth_points(2, hours=0.0))
    assert chart is not None
    assert chart.one_instant
    assert {dot.x for dot in chart.dots} == {"50%"}
    assert [tick.position for tick in chart.x_ticks] == ["50%"]


def test_a_long_history_is_drawn_by_the_last_point_of_each_day(build: SimpleNamespace) -> None:
    growth = build.growth_points(24 * 5, hours=1.0)
    chart = growth_chart(growth)
    assert chart is not None
    assert chart.daily
    assert len(chart.rows) == 1 + 6  # before any evidence, then six days
    assert chart.rows[0].when == "5 Jan 2026, before any evidence"
    assert chart.rows[-1].when_iso == growth[-1].at.isoformat()


def test_the_table_says_what_the_line_draws(build: SimpleNamespace) -> None:
    chart = growth_chart(build.growth_points(12))
    assert chart is not None
    drawn = [f"{1 - y / PLOT_HEIGHT:.0%}" for _, y in pairs(chart.line)]
    assert [row.readiness for row in chart.rows] == drawn
    assert {row.interval for row in chart.rows} == {"10% to 80%"}
