"""Drawings of an evaluation, as PNG files. matplotlib is imported only here, when asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.knowledge_tracing import Evaluation

__all__ = ["draw_evaluation"]

_INCHES = (7.2, 4.6)
_DOTS_PER_INCH = 130
_MARKERS = "osD^vPX*<>hp"
_FEWEST_TOLD = 30  # responses below which a point is mostly noise


def draw_evaluation(evaluation: Evaluation, folder: Path, title: str) -> list[Path]:
    """Write `auc.png`, `calibration.png` and `opportunities.png` into a folder; return their paths.

    It takes matplotlib, which comes with ``attain[fit]``.
    """
    drawings: dict[str, Callable[[Evaluation, Any], None]] = {
        "auc": _draw_auc,
        "calibration": _draw_calibration,
        "opportunities": _draw_opportunities,
    }
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _drawn(evaluation, draw, folder / f"{name}.png", title) for name, draw in drawings.items()
    ]


def _drawn(
    evaluation: Evaluation, draw: Callable[[Evaluation, Any], None], path: Path, title: str
) -> Path:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = len(evaluation.scores) if draw is _draw_auc else 0
    height = max(_INCHES[1], 1.4 + 0.34 * rows)
    figure = Figure(figsize=(_INCHES[0], height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    draw(evaluation, axes)
    axes.set_title(f"{title}, {evaluation.scores[0].n:,} responses", fontsize=11, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=_DOTS_PER_INCH)
    return path


def _draw_auc(evaluation: Evaluation, axes: Any) -> None:
    known = [
        (score.name, *score.measures["auc"])
        for score in reversed(evaluation.scores)
        if None not in score.measures["auc"]
    ]
    for row, (_, value, low, high) in enumerate(known):
        axes.plot([low, high], [row, row], color="#5b7fa6", linewidth=2.5, solid_capstyle="round")
        axes.plot(value, row, "o", color="#1d3f66")
        axes.annotate(
            f"{value:.4f}",
            (value, row),
            (0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    axes.set_yticks(range(len(known)), [name for name, *_ in known])
    axes.set_ylim(-0.6, len(known) - 0.2)
    axes.set_xlabel("AUC, with its 95% interval over learners")
    axes.grid(axis="x", alpha=0.3)


def _draw_calibration(evaluation: Evaluation, axes: Any) -> None:
    axes.axhline(0.0, color="#999999", linewidth=1, linestyle="--")
    for k, score in enumerate(evaluation.scores):
        curve = score.calibration_curve
        error = score.measures["calibration_error"].value
        axes.plot(
            [one.mean_p for one in curve],
            [one.mean_score - one.mean_p for one in curve],
            marker=_MARKERS[k % len(_MARKERS)],
            markersize=5,
            linewidth=1.2,
            label=f"{score.name} ({error:.4f})",
        )
    axes.set_xlabel("mean prediction, tenths of the responses")
    axes.set_ylabel("mean score less mean prediction")
    widest = max(0.05, *(abs(limit) for limit in axes.get_ylim()))
    axes.set_ylim(-widest, widest)
    axes.set_xlim(0, 1)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, frameon=False, title="calibration error", title_fontsize=8, ncols=2)


def _draw_opportunities(evaluation: Evaluation, axes: Any) -> None:
    for k, score in enumerate(evaluation.scores):
        told = [one for one in score.opportunities if one["n"] >= _FEWEST_TOLD]
        axes.plot(
            [one["opportunity"] for one in told],
            [one["accuracy"] for one in told],
            marker=_MARKERS[k % len(_MARKERS)],
            markersize=4,
            linewidth=1.2,
            label=score.name,
        )
    axes.set_xlabel("opportunity to show the skill")
    axes.set_ylabel("share of answers foretold")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, frameon=False, ncols=2)
