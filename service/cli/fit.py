"""`attain fit`: a model from a response log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .card import measured, write_card
from .console import print_json, print_table, say, working
from .modelling import fit_timed, new_tracer, option_values
from .options import (
    ColumnsOption,
    JsonOption,
    LogArgument,
    SeparatorOption,
    names_by_equals,
    whole_numbers,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine import Completion, Curriculum, ResponseLog
    from engine.knowledge_tracing import BKT

__all__ = ["fit"]

_SHOWN_SKILLS = 12
_SHOWN_WARNINGS = 8


def fit(
    log: LogArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the model, as JSON.")],
    model: Annotated[str, typer.Option("--model", help="The model: bkt.")] = "bkt",
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option", help="An option of the model, e.g. forget=opportunity. Repeatable."
        ),
    ] = None,
    columns: ColumnsOption = "",
    skill_separator: SeparatorOption = "~",
    train_folds: Annotated[
        str | None, typer.Option("--train-folds", help="Fit on these folds only: 1,2,3,4.")
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option(
            "--catalogue",
            help="A folder of tables: which skills items exercise, and what modules teach.",
        ),
    ] = None,
    completions: Annotated[
        Path | None,
        typer.Option(
            "--completions",
            help="A CSV of modules completed, to learn what each teaches. Needs --catalogue.",
        ),
    ] = None,
    measure: Annotated[
        bool,
        typer.Option(help="Measure the model on other learners for its card; takes a second fit."),
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Fit a model to a response log and write it to a file, with its card beside it.

    \b
    Example
        attain fit responses.csv --option forget=opportunity --out model.json

    The summary says how each skill converged and what to be wary of. The seconds are those of the
    fit alone: the log is read, and the kernels are compiled, before. The card, model.card.md, says
    what the model learned from, what it is for, and how well it predicts learners whom it has not
    seen: those of the folds left out, or else a fifth of them, by a model of its kind fitted to the
    others. Next: `attain evaluate` compares models; `attain import model.json` puts one to use.
    """
    options = option_values(option or [])
    new_tracer(model, options)  # its options are checked before the log is read
    _check_out(out)
    curriculum, completed = _read_curriculum(catalogue, completions)
    whole, train = _read(log, columns, skill_separator, train_folds, curriculum)
    read = whole.select(train)
    with working(f"fitting {model} to {len(read):,} responses"):
        tracer, seconds = fit_timed(
            model, options, read, curriculum=curriculum, completions=completed
        )
    _write(out, tracer.to_json())
    found = None
    if measure:
        found = measured(
            tracer,
            whole,
            train,
            model=model,
            options=options,
            curriculum=curriculum,
            completions=completed,
        )
    card = write_card(out, tracer, read, found)
    summary = {**_summary(log, out, model, read, tracer, seconds), "card": str(card)}
    if as_json:
        print_json(summary)
    else:
        _print(summary)


def _check_out(out: Path) -> None:
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise typer.BadParameter(f"{out} is no file in an existing folder", param_hint="--out")


def _read_curriculum(
    catalogue: Path | None, completions: Path | None
) -> tuple[Curriculum | None, list[Completion] | None]:
    from engine import Completion
    from service.tables import read_catalog, read_evidence_file

    if catalogue is None:
        if completions is not None:
            problem = "what the modules teach is told by --catalogue, which is missing"
            raise typer.BadParameter(problem, param_hint="--completions")
        return None, None
    curriculum = read_catalog(catalogue)
    if completions is None:
        return curriculum, None
    evidence = read_evidence_file(completions, curriculum)
    return curriculum, [one for one in evidence if isinstance(one, Completion)]


def _read(
    path: Path,
    columns: str,
    separator: str,
    train_folds: str | None,
    curriculum: Curriculum | None,
) -> tuple[ResponseLog, NDArray[np.bool_]]:
    """Return the log, and which of its rows are to be fitted."""
    import numpy as np

    from service.tables import read_log

    from .folds import rows_in_folds

    names, folds = (
        names_by_equals(columns, "--columns"),
        whole_numbers(train_folds, "--train-folds"),
    )
    with working(f"reading {path.name}"):
        log = read_log(path, names, separator, curriculum=curriculum)
    if folds is None:
        return log, np.ones(len(log), dtype=np.bool_)
    return log, rows_in_folds(log, folds, "--train-folds")


def _write(out: Path, text: str) -> None:
    partial = out.with_name(out.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(out)  # a reader sees the old model or the new one, never half of one


def _summary(
    path: Path, out: Path, model: str, log: ResponseLog, tracer: BKT, seconds: float
) -> dict[str, Any]:
    fits, parameters = tracer.report_, tracer.parameters_
    return {
        "log": str(path),
        "model": model,
        "out": str(out),
        "n_responses": len(log),
        "n_learners": len(set(log.learner.tolist())),
        "n_skills": len(fits),
        "fit_seconds": round(seconds, 3),
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


def _print(summary: dict[str, Any]) -> None:
    skills = summary["skills"]
    most = sorted(skills, key=lambda skill_id: -skills[skill_id]["n_responses"])[:_SHOWN_SKILLS]
    names = ("prior", "learn", "forget", "guess", "slip")
    print_table(
        ("skill", "level", "responses", *names),
        [
            (
                skill_id,
                level,
                f"{skills[skill_id]['n_responses']:,}",
                *(f"{named[name]:.3f}" for name in names),
            )
            for skill_id in most
            for level, named in skills[skill_id]["levels"].items()
        ],
        title=f"{summary['model']}: the {len(most)} skills with the most responses",
        right=("level", "responses", *names),
    )
    told = [f"{k}: {text}" for k, one in skills.items() for text in one["warnings"]]
    for text in told[:_SHOWN_WARNINGS]:
        say(f"  warning: {text}")
    if len(told) > _SHOWN_WARNINGS:
        say(f"  … and {len(told) - _SHOWN_WARNINGS} more warnings; --json lists all")
    say(
        f"Fitted {summary['n_skills']} skills ({summary['n_converged']} converged) to "
        f"{summary['n_responses']:,} responses of {summary['n_learners']:,} learners "
        f"in {summary['fit_seconds']:.2f} s; wrote {summary['out']} and {summary['card']}"
    )
