"""`attain evaluate`: how well models predict learners whom they have not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

from .console import print_json, print_table, say, working
from .modelling import fit_timed, new_tracer, option_values
from .options import (
    ColumnsOption,
    JsonOption,
    LogArgument,
    SeparatorOption,
    names_by_equals,
    parts,
    whole_numbers,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine import ResponseLog
    from engine.knowledge_tracing import Score

    from .folds import Split

__all__ = ["evaluate"]

_Measure = Literal["auc", "rmse", "log_loss", "accuracy", "calibration_error"]
_MEASURES: tuple[_Measure, ...] = get_args(_Measure)


def evaluate(
    log: LogArgument,
    models: Annotated[
        str,
        typer.Option(
            "--models", help="Models joined by commas, options after colons: bkt,bkt:restarts=1."
        ),
    ] = "bkt",
    option: Annotated[
        list[str] | None,
        typer.Option("--option", help="An option of every model, e.g. seed=7. Repeatable."),
    ] = None,
    columns: ColumnsOption = "",
    skill_separator: SeparatorOption = "~",
    train_folds: Annotated[
        str | None, typer.Option("--train-folds", help="Fit on these folds: 1,2,3,4.")
    ] = None,
    test_folds: Annotated[
        str | None, typer.Option("--test-folds", help="Predict these folds: 0.")
    ] = None,
    folds: Annotated[
        int | None, typer.Option("--folds", help="Make this many folds of learners instead.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the folds that are made.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure how well models predict the answers of learners whom they have not seen.

    \b
    Examples
        attain evaluate responses.csv --models bkt,bkt:forget=opportunity
        attain evaluate responses.parquet --train-folds 1,2,3,4 --test-folds 0 --json

    Every response is predicted once, before its answer is seen, with all earlier answers of the
    same learner known. Without folds named, each fold of the log is predicted in turn by a model
    of the others; a log without folds gets 5, by learner. calibration_error has ten bins of equal
    count. fit_seconds is the time of all fits; a fit to a dozen responses goes before each, not
    counted, which compiles the kernels or reads them from their cache.
    """
    specs = {name: _spec(name, option or []) for name in parts(models) or ()}
    if not specs:
        raise typer.BadParameter("names no model", param_hint="--models")
    for kind, options in specs.values():
        new_tracer(kind, options)  # refuse what is wrong before the log is read
    read, splits, told = _splits(
        log, columns, skill_separator, (train_folds, test_folds), folds=folds, seed=seed
    )
    found = [_measured(name, *spec, read, splits) for name, spec in specs.items()]
    if as_json:
        print_json({"log": str(log), "models": found})
        return
    print_table(
        ("model", *_MEASURES, "n", "fit_seconds"),
        [
            (
                one["name"],
                *map(_decimals, (one[measure] for measure in _MEASURES)),
                f"{one['n']:,}",
                f"{one['fit_seconds']:.2f}",
            )
            for one in found
        ],
        right=(*_MEASURES, "n", "fit_seconds"),
    )
    say(f"{log.name}: {told}")


def _decimals(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _spec(text: str, shared: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Return the model and the options of ``"bkt:restarts=1:seed=7"``."""
    kind, *own = text.split(":")
    return kind, option_values([*shared, *own])


def _splits(
    path: Any,
    columns: str,
    separator: str,
    named: tuple[str | None, str | None],
    *,
    folds: int | None,
    seed: int,
) -> tuple[ResponseLog, list[Split], str]:
    from service.tables import read_log

    from .folds import splits_of

    names = names_by_equals(columns, "--columns")
    train, test = (
        whole_numbers(text, option)
        for text, option in zip(named, ("--train-folds", "--test-folds"), strict=True)
    )
    with working(f"reading {path.name}"):
        log = read_log(path, names, separator)
    return log, *splits_of(log, train_folds=train, test_folds=test, folds=folds, seed=seed)


def _measured(
    name: str,
    kind: str,
    options: Mapping[str, Any],
    log: ResponseLog,
    splits: Sequence[Split],
) -> Score:
    import numpy as np

    from engine.knowledge_tracing import score_of

    seconds, scores, predicted = 0.0, [], []
    for number, split in enumerate(splits, start=1):
        with working(f"{name}: fit {number} of {len(splits)}"):
            tracer, took = fit_timed(kind, options, log.select(split.train))
            test = log.select(split.test)
            predicted.append(tracer.predict_correct(test))
        seconds += took
        scores.append(test.score)
    y, p = np.concatenate(scores), np.concatenate(predicted)
    return score_of(name, y, p, fit_seconds=round(seconds, 3))
