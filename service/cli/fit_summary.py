"""What `attain fit` says of a fit: a summary per kind of model, as one object and as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .console import print_table, say

if TYPE_CHECKING:
    from engine import ResponseLog
    from engine.domain.summary import LogSummary

__all__ = ["print_fit", "summary_of"]

_SHOWN_SKILLS = 12
_SHOWN_WARNINGS = 8
_INTERVAL = 0.9


def summary_of(
    tracer: Any,
    log: ResponseLog | LogSummary,
    *,
    source: str,
    out: Path,
    model: str,
    seconds: float,
) -> dict[str, Any]:
    """Return what a fit has learned of a log, as plain values."""
    from engine.domain.summary import LogSummary

    about = log if isinstance(log, LogSummary) else LogSummary.of(log)
    return {
        "log": source,
        "model": model,
        "out": str(out),
        "n_responses": about.n_responses,
        "n_learners": about.n_learners,
        "fit_seconds": round(seconds, 3),
        **(_of_chains(tracer) if model == "bkt" else _of_abilities(tracer, log)),
    }


def _of_chains(tracer: Any) -> dict[str, Any]:
    fits, parameters = tracer.report_, tracer.parameters_
    return {
        "n_skills": len(fits),
        "objective": fits.objective,
        "n_converged": sum(one.converged for one in fits.values()),
        "n_effects": sum(len(taught) for taught in tracer.effects_.values()),
        "skills": {
            skill_id: {
                "n_responses": one.n_responses,
                "n_learners": one.n_learners,
                "iterations": one.iterations,
                "converged": one.converged,
                "warnings": list(one.warnings),
                "levels": {str(k): named._asdict() for k, named in parameters[skill_id].items()},
            }
            for skill_id, one in fits.items()
        },
    }


def _of_abilities(tracer: Any, log: Any) -> dict[str, Any]:
    report, parameters = tracer.report_, tracer.parameters_
    asked = Counter(log.skill_set.tolist())
    responses: Counter[str] = Counter()
    for code, count in asked.items():
        responses.update({one.skill_id: count for one in log.skill_sets[code]})
    frame = tracer.parameters_frame(_INTERVAL)
    skills: dict[str, dict[str, Any]] = {k: {"n_responses": responses[k]} for k in responses}
    columns = [frame[name] for name in ("kind", "name", "quantity", "mean", "low", "high")]
    for kind, name, quantity, mean, low, high in zip(*columns, strict=True):
        if kind == "skill":
            skills[name][quantity] = {"mean": mean, "low": low, "high": high}
    return {
        "n_skills": len(skills),
        "n_items": len(parameters["items"]),
        "n_effects": sum(len(taught) for taught in tracer.effects_.values()),
        "log_loss": report.log_loss,
        "converged": report.converged,
        "warnings": list(report.warnings),
        "settings": dict(parameters["settings"]),
        "skills": skills,
    }


def print_fit(summary: dict[str, Any]) -> None:
    """Print the skills with the most responses, what to be wary of, and what was written."""
    skills = summary["skills"]
    most = sorted(skills, key=lambda skill_id: -skills[skill_id]["n_responses"])[:_SHOWN_SKILLS]
    table = _chains if summary["model"] == "bkt" else _abilities
    columns, rows, learned, warnings = table(summary, most)
    print_table(
        ("skill", *columns),
        [(skill_id, *row) for skill_id, row in rows],
        title=f"{summary['model']}: the {len(most)} skills with the most responses",
        right=columns,
    )
    for text in warnings[:_SHOWN_WARNINGS]:
        say(f"  warning: {text}")
    if len(warnings) > _SHOWN_WARNINGS:
        say(f"  … and {len(warnings) - _SHOWN_WARNINGS} more warnings; --json lists all")
    say(
        f"Fitted {learned} to {summary['n_responses']:,} responses of "
        f"{summary['n_learners']:,} learners in {summary['fit_seconds']:.2f} s; "
        f"wrote {summary['out']} and {summary['card']}"
    )


_Table = tuple[tuple[str, ...], list[tuple[str, tuple[str, ...]]], str, list[str]]


def _chains(summary: dict[str, Any], shown: Sequence[str]) -> _Table:
    skills, names = summary["skills"], ("prior", "learn", "forget", "guess", "slip")
    rows = [
        (
            skill_id,
            (
                level,
                f"{skills[skill_id]['n_responses']:,}",
                *(f"{named[name]:.3f}" for name in names),
            ),
        )
        for skill_id in shown
        for level, named in skills[skill_id]["levels"].items()
    ]
    learned = f"{summary['n_skills']} skills ({summary['n_converged']} converged)"
    warnings = [f"{k}: {text}" for k, one in skills.items() for text in one["warnings"]]
    return ("level", "responses", *names), rows, learned, warnings


def _abilities(summary: dict[str, Any], shown: Sequence[str]) -> _Table:
    skills = summary["skills"]
    rows = [
        (
            skill_id,
            (
                f"{skills[skill_id]['n_responses']:,}",
                *(
                    text
                    for quantity in ("easiness", "practice")
                    for text in _with_interval(skills[skill_id][quantity])
                ),
            ),
        )
        for skill_id in shown
    ]
    ends = f"{_INTERVAL:.0%} of it"
    how = "converged" if summary["converged"] else "settings not converged"
    learned = f"{summary['n_items']:,} items of {summary['n_skills']} skills ({how})"
    columns = ("responses", "easiness", ends, "practice", f"{ends} ")
    return columns, rows, learned, summary["warnings"]


def _with_interval(one: dict[str, float]) -> tuple[str, str]:
    return f"{one['mean']:.2f}", f"{one['low']:.2f} to {one['high']:.2f}"
