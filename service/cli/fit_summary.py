"""What `attain fit` says of a fit: a summary per kind of model, as one object and as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .console import print_table, say

if TYPE_CHECKING:
    from engine import Module, ResponseLog
    from engine.domain.summary import LogSummary

__all__ = ["print_fit", "summary_of"]

_SHOWN_SKILLS = 12
_SHOWN_MODULES = 8
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
        "n_effects": sum(len(taught) for taught in tracer.effects_.values()),
        **_learned(model, tracer, log),
        "modules": _taught(tracer),
    }


def _taught(tracer: Any) -> dict[str, list[dict[str, Any]]]:
    """Return what each module was found to teach, beside what it declares."""
    modules = tracer.curriculum.modules if tracer.curriculum else {}
    return {
        module_id: [
            {
                "skill_id": skill_id,
                "level": level,
                "declared": _declared(modules.get(module_id), skill_id, level),
                "learn": learn,
            }
            for (skill_id, level), learn in sorted(taught.items())
        ]
        for module_id, taught in tracer.effects_.items()
    }


def _declared(module: Module | None, skill_id: str, level: int) -> float | None:
    effects = module.teaches if module else ()
    return next((one.learn for one in effects if one.reached == (skill_id, level)), None)


def _learned(model: str, tracer: Any, log: Any) -> dict[str, Any]:
    if model == "bkt":
        return _of_chains(tracer)
    return _of_steps(tracer, log) if model == "steps" else _of_abilities(tracer, log)


def _of_chains(tracer: Any) -> dict[str, Any]:
    fits, parameters = tracer.report_, tracer.parameters_
    return {
        "n_skills": len(fits),
        "objective": fits.objective,
        "n_converged": sum(one.converged for one in fits.values()),
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


_OF_STEPS = ("curve", "expected", "rare", "unmet", "speeds", "fade")


def _of_steps(tracer: Any, log: Any) -> dict[str, Any]:
    report, parameters = tracer.report_, tracer.parameters_
    responses, priors = _responses(log), parameters["priors"]
    return {
        "n_skills": len(responses),
        "log_likelihood": report.trace[-1],
        "converged": report.converged,
        "warnings": list(report.warnings),
        **{name: parameters[name] for name in _OF_STEPS},
        "skills": {
            skill_id: {"n_responses": n, "prior": list(priors[skill_id])}
            for skill_id, n in responses.items()
        },
    }


def _responses(log: Any) -> Counter[str]:
    """Return how many responses exercised each skill."""
    found: Counter[str] = Counter()
    for code, count in Counter(log.skill_set.tolist()).items():
        found.update({one.skill_id: count for one in log.skill_sets[code]})
    return found


def _of_abilities(tracer: Any, log: Any) -> dict[str, Any]:
    report, parameters = tracer.report_, tracer.parameters_
    responses = _responses(log)
    frame = tracer.parameters_frame(_INTERVAL)
    skills: dict[str, dict[str, Any]] = {k: {"n_responses": responses[k]} for k in responses}
    columns = [frame[name] for name in ("kind", "name", "quantity", "mean", "low", "high")]
    for kind, name, quantity, mean, low, high in zip(*columns, strict=True):
        if kind == "skill":
            skills[name][quantity] = {"mean": mean, "low": low, "high": high}
    return {
        "n_skills": len(skills),
        "n_items": len(parameters["items"]),
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
    table = {"bkt": _chains, "steps": _steps}.get(summary["model"], _abilities)
    columns, rows, learned, warnings = table(summary, most)
    print_table(
        ("skill", *columns),
        [(skill_id, *row) for skill_id, row in rows],
        title=f"{summary['model']}: the {len(most)} skills with the most responses",
        right=columns,
    )
    _print_modules(summary["modules"])
    for text in warnings[:_SHOWN_WARNINGS]:
        say(f"  warning: {text}")
    if len(warnings) > _SHOWN_WARNINGS:
        say(f"  … and {len(warnings) - _SHOWN_WARNINGS} more warnings; --json lists all")
    say(
        f"Fitted {learned} to {summary['n_responses']:,} responses of "
        f"{summary['n_learners']:,} learners in {summary['fit_seconds']:.2f} s; "
        f"wrote {summary['out']} and {summary['card']}"
    )


def _print_modules(modules: dict[str, list[dict[str, Any]]]) -> None:
    """Print the modules that teach other than they declare, the furthest from it first."""
    told = [
        (module_id, one)
        for module_id, taught in modules.items()
        for one in taught
        if one["declared"] is not None
    ]
    if not told:
        return
    told.sort(key=lambda pair: -abs(pair[1]["learn"] - pair[1]["declared"]))
    columns = ("skill", "level", "declared", "learned")
    print_table(
        ("module", *columns),
        [
            (name, one["skill_id"], str(one["level"]), *(f"{one[k]:.2f}" for k in _SHARES))
            for name, one in told[:_SHOWN_MODULES]
        ],
        title=f"what {len(modules)} modules teach: the {min(len(told), _SHOWN_MODULES)} furthest "
        "from what they declare",
        right=columns[1:],
    )


_SHARES = ("declared", "learn")
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


def _steps(summary: dict[str, Any], shown: Sequence[str]) -> _Table:
    skills = summary["skills"]
    rows = [
        (k, (f"{skills[k]['n_responses']:,}", *(f"{p:.2f}" for p in skills[k]["prior"])))
        for k in shown
    ]
    most = max((len(one) for _, one in rows), default=1)
    columns = ("responses", *(f"{n} steps" for n in range(most - 1)))
    padded = [(k, (*one, *[""] * (most - len(one)))) for k, one in rows]
    how = "converged" if summary["converged"] else "not converged"
    return columns, padded, f"{summary['n_skills']} skills ({how})", summary["warnings"]


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
