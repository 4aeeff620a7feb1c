"""Readiness over time as the geometry of a small chart, and the same numbers as a table.

The plot stretches with the page, so positions across are shares of its width; positions down are
pixels. The line and its band are drawn in a box of 1000 by :data:`PLOT_HEIGHT` that is stretched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import wording

if TYPE_CHECKING:
    from datetime import datetime

    from ..records import GrowthPoint

__all__ = ["PLOT_HEIGHT", "Dot", "GrowthChart", "GrowthRow", "Tick", "growth_chart"]

PLOT_HEIGHT = 160
PLOT_TOP = 12
_BOX_WIDTH = 1000
_MOST_POINTS = 60
_MOST_DOTS = 16
_SHORT_SPAN_DAYS = 3.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled position on an axis: a share across, or pixels down."""

    position: str
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of the line with what it says."""

    x: str
    y: str
    low_y: str
    high_y: str
    title: str


@dataclass(frozen=True, slots=True)
class GrowthRow:
    """A point as a row of the table."""

    when: str
    when_iso: str
    readiness: str
    interval: str


@dataclass(frozen=True, slots=True)
class GrowthChart:
    """All that the template draws."""

    summary: str
    line: str
    band: str
    dots: tuple[Dot, ...]
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    rows: tuple[GrowthRow, ...]
    daily: bool
    one_instant: bool


def growth_chart(growth: Sequence[GrowthPoint]) -> GrowthChart | None:
    """Return the chart of a learner's growth, or None where there is nothing to draw.

    The first point is what was believed before any evidence. Long histories are drawn by that and
    the last point of each UTC day; chart and table show the same.
    """
    if not growth:
        return None
    shown = tuple(growth) if len(growth) <= _MOST_POINTS else _last_of_each_day(growth)
    across = _shares([point.at for point in shown])
    by_minute = (shown[-1].at - shown[0].at).total_seconds() < _SHORT_SPAN_DAYS * 86400
    rows = tuple(_row(point, by_minute, i == 0) for i, point in enumerate(shown))
    dots = [_dot(x, point, row) for x, point, row in zip(across, shown, rows, strict=True)]
    return GrowthChart(
        summary=_summary(shown),
        line=_points([(x, p.readiness) for x, p in zip(across, shown, strict=True)]),
        band=_points(_outline(across, shown)),
        dots=tuple(dots if len(dots) <= _MOST_DOTS else dots[-1:]),
        y_ticks=tuple(Tick(_y(share), f"{share:.0%}", "end") for share in (0, 0.25, 0.5, 0.75, 1)),
        x_ticks=_x_ticks(shown, by_minute),
        rows=rows,
        daily=len(shown) < len(growth),
        one_instant=shown[0].at == shown[-1].at,
    )


def _last_of_each_day(growth: Sequence[GrowthPoint]) -> tuple[GrowthPoint, ...]:
    return (growth[0], *{wording.day(point.at): point for point in growth[1:]}.values())


def _shares(instants: Sequence[datetime]) -> list[float]:
    first, span = instants[0], (instants[-1] - instants[0]).total_seconds()
    if not span:
        return [0.5] * len(instants)
    return [(at - first).total_seconds() / span for at in instants]


def _y(p: float, top: float = PLOT_TOP) -> str:
    return f"{top + PLOT_HEIGHT * (1.0 - min(max(p, 0.0), 1.0)):.1f}"


def _points(pairs: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_BOX_WIDTH * x:.1f},{_y(p, 0.0)}" for x, p in pairs)


def _outline(across: Sequence[float], shown: Sequence[GrowthPoint]) -> list[tuple[float, float]]:
    highs = [(x, point.high) for x, point in zip(across, shown, strict=True)]
    lows = [(x, point.low) for x, point in zip(across, shown, strict=True)]
    return [*highs, *reversed(lows)]


def _dot(x: float, point: GrowthPoint, row: GrowthRow) -> Dot:
    title = f"{row.when}: {row.readiness}, 80% interval {row.interval}"
    return Dot(wording.share(x), _y(point.readiness), _y(point.low), _y(point.high), title)


def _row(point: GrowthPoint, by_minute: bool, before: bool) -> GrowthRow:
    when = wording.instant(point.at) if by_minute else wording.day(point.at)
    return GrowthRow(
        when=f"{when}, before any evidence" if before else when,
        when_iso=point.at.isoformat(),
        readiness=wording.percent(point.readiness),
        interval=f"{wording.percent(point.low)} to {wording.percent(point.high)}",
    )


def _x_ticks(shown: Sequence[GrowthPoint], by_minute: bool) -> tuple[Tick, ...]:
    name = wording.instant if by_minute else wording.day
    first, last = shown[0].at, shown[-1].at
    if first == last:
        return (Tick("50%", name(first)),)
    ends = (Tick("0%", name(first), "start"), Tick("100%", name(last), "end"))
    if by_minute:  # long labels: the two ends are enough
        return ends
    return (ends[0], Tick("50%", name(first + (last - first) / 2)), ends[1])


def _summary(shown: Sequence[GrowthPoint]) -> str:
    first, last = shown[0], shown[-1]
    return (
        f"Readiness went from {wording.percent(first.readiness)} before any evidence "
        f"to {wording.percent(last.readiness)} on {wording.day(last.at)}."
    )
