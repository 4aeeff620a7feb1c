"""`attain evaluate`: how well models predict learners whom they have not seen."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.model_kinds import baseline_names, new_model, tracer_names

from .catalogue import (
    Beside,
    CatalogueOption,
    CompletionColumnsOption,
    CompletionsOption,
    read_beside,
)
from .console import print_json, print_table, say, working
from .modelling import fit_timed, option_values
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
    from engine.knowledge_tracing import Evaluation, Predictions
    from engine.knowledge_tracing.scores import Estimate, Score

    from .folds import Split

__all__ = ["evaluate"]

_MEASURES = {
    "auc": "auc",
    "rmse": "rmse",
    "log_loss": "log_loss",
    "accuracy": "accuracy",
    "calibration_error": "calib. error",
}
_PARTS = {
    "first_opportunities": "first opportunity",
    "later_opportunities": "later",
    "cold_learners": "first 10 answers",
    "warm_learners": "later answers",
    "cold_items": "new items",
    "warm_items": "known items",
}


def evaluate(
    log: LogArgument,
    models: Annotated[
        str,
        typer.Option(
            "--models",
            help="Models joined by commas, options after colons: bkt,pfa:items=true. There are "
            f"{', '.join((*tracer_names(), *baseline_names()))}.",
        ),
    ] = "bkt",
    option: Annotated[
        list[str] | None,
        typer.Option("--option", help="An option of every model, e.g. seed=7. Repeatable."),
    ] = None,
    columns: ColumnsOption = "",
    skill_separator: SeparatorOption = "~",
    catalogue: CatalogueOption = None,
    completions: CompletionsOption = None,
    completion_columns: CompletionColumnsOption = "",
    train_folds: Annotated[
        str | None, typer.Option("--train-folds", help="Fit on these folds: 1,2,3,4.")
    ] = None,
    test_folds: Annotated[
        str | None, typer.Option("--test-folds", help="Predict these folds: 0.")
    ] = None,
    folds: Annotated[
        int | None, typer.Option("--folds", help="Make this many folds of learners instead.")
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="Of the folds that are made and of the resampling.")
    ] = 0,
    against: Annotated[
        str | None,
        typer.Option("--against", help="The model to compare with; the first by default."),
    ] = None,
    replicates: Annotated[
        int, typer.Option("--replicates", min=2, help="How often learners are drawn anew.")
    ] = 500,
    plots: Annotated[
        Path | None, typer.Option("--plots", help="A folder for drawings (PNG) of the results.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how well models predict the answers of learners whom they have not seen.

    \b
    Examples
        attain evaluate responses.csv --models bkt,bkt:forget=opportunity
        attain evaluate responses.parquet --train-folds 1,2,3,4 --test-folds 0 --json
        attain evaluate responses.csv --models best-lr,bkt,elo --plots drawings
        attain evaluate responses.csv --models bkt,steps \\
            --catalogue framework/ --completions completions.csv

    Every response is predicted once, before its answer is seen, with all earlier answers of the
    same learner known. Without folds named, each fold of the log is predicted in turn by a model
    of the others; a log without folds gets 5, by learner. Intervals are 95%, over learners drawn
    anew with all their answers; one model is called better than another only where the interval of
    their difference, on the same draws, leaves out 0. calibration_error has ten bins of equal
    count. With --completions bkt, dynamic-irt and steps are fitted to them too, and told which
    modules a learner had completed before an answer; the other models take no notice of them.
    fit_seconds is the time of all fits; a fit to a dozen responses goes before each, not counted,
    which compiles the kernels or reads them from their cache.
    """
    specs = {name: _spec(name, option or []) for name in parts(models) or ()}
    if not specs:
        raise typer.BadParameter("names no model", param_hint="--models")
    if against is not None and against not in specs:
        raise typer.BadParameter(f"{against!r} is none of {models}", param_hint="--against")
    if plots is not None and find_spec("matplotlib") is None:
        raise typer.BadParameter(
            "takes matplotlib: pip install 'attain[fit]'", param_hint="--plots"
        )
    for kind, options in specs.values():
        new_model(kind, options)  # refuse what is wrong before the log is read
    beside = read_beside(catalogue, completions, completion_columns)
    read = _read(log, columns, skill_separator, beside)
    splits, told = _splits(read, train_folds, test_folds, folds=folds, seed=seed)
    predicted = [
        _predicted(
            name, kind, options, read, splits, beside=beside if kind in tracer_names() else Beside()
        )
        for name, (kind, options) in specs.items()
    ]
    found = _compared(read, splits, predicted, against, replicates=replicates, seed=seed)
    drawn = _drawn(found, plots, log)
    if as_json:
        print_json({"log": str(log), "split": told, **found.to_dict()})
        return
    _print(found)
    say(
        f"{log.name}: {told}, {found.scores[0].n:,} responses of {found.n_learners:,} learners; "
        f"± is half the 95% interval over {found.replicates:,} draws of learners"
    )
    for path in drawn:
        say(f"wrote {path}")


def _compared(
    log: ResponseLog,
    splits: Sequence[Split],
    predicted: Sequence[Predictions],
    against: str | None,
    *,
    replicates: int,
    seed: int,
) -> Evaluation:
    from engine.knowledge_tracing import HeldOut, compare

    with working(f"drawing learners anew, {replicates:,} times"):
        held_out = HeldOut.of_splits(log, splits)
        return compare(held_out, predicted, against=against, replicates=replicates, seed=seed)


def _drawn(found: Evaluation, folder: Path | None, log: Path) -> list[Path]:
    if folder is None:
        return []
    from service.plots import draw_evaluation

    with working(f"drawing into {folder}"):
        return draw_evaluation(found, folder, log.name)


def _print(found: Evaluation) -> None:
    print_table(
        ("model", *_MEASURES.values(), "fit s"),
        [
            (score.name, *(_with_spread(score.measures[one]) for one in _MEASURES), _seconds(score))
            for score in found.scores
        ],
        right=(*_MEASURES.values(), "fit s"),
    )
    _print_differences(found)
    _print_parts(found)
    for score in found.scores:
        error = score.measures["calibration_error"].value
        if error is not None and error <= score.calibration_band:
            say(
                f"{score.name}: a perfectly calibrated model would stay below "
                f"{score.calibration_band:.4f} in 95% of such logs, and so does this one"
            )


def _print_differences(found: Evaluation) -> None:
    if not found.differences:
        return
    shown = ("auc", "rmse", "log_loss")
    print_table(
        ("model", *shown),
        [
            (one.name, *(f"{_as_difference(one.measures[k])} {one.verdict(k)}" for k in shown))
            for one in found.differences
        ],
        title=f"less {found.differences[0].against}, on the same draws of learners",
    )


def _print_parts(found: Evaluation) -> None:
    shown = [name for name in _PARTS if name in found.scores[0].parts]
    counts = [f"{found.scores[0].parts[name][0]:,}" for name in shown]
    print_table(
        ("model", *(_PARTS[name] for name in shown)),
        [
            ("responses", *counts),
            *(
                (score.name, *(_decimals(score.parts[name][1]["auc"].value) for name in shown))
                for score in found.scores
            ),
        ],
        title="auc apart",
        right=[_PARTS[name] for name in shown],
    )


def _decimals(value: float | None, sign: str = "") -> str:
    """Return four decimals without the zero before them: .7808."""
    if value is None:
        return "–"
    text = f"{value:{sign}.4f}"
    return text.replace("0.", ".", 1) if abs(value) < 1.0 else text


def _with_spread(one: Estimate) -> str:
    if one.low is None or one.high is None:
        return _decimals(one.value)
    return f"{_decimals(one.value)} ±{_decimals((one.high - one.low) / 2)}"


def _as_difference(one: Estimate) -> str:
    if one.value is None or one.low is None or one.high is None:
        return "–"
    value, low, high = (_decimals(number, "+") for number in one)
    return f"{value} [{low} {high}]"


def _seconds(score: Score) -> str:
    return "–" if score.fit_seconds is None else f"{score.fit_seconds:.2f}"


def _spec(text: str, shared: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Return the model and the options of ``"bkt:restarts=1:seed=7"``."""
    kind, *own = text.split(":")
    return kind, option_values([*shared, *own])


def _read(path: Path, columns: str, separator: str, beside: Beside) -> ResponseLog:
    from service.tables import read_log

    names = names_by_equals(columns, "--columns")
    with working(f"reading {path.name}"):
        return read_log(path, names, separator, curriculum=beside.curriculum)


def _splits(
    log: ResponseLog,
    train_folds: str | None,
    test_folds: str | None,
    *,
    folds: int | None,
    seed: int,
) -> tuple[list[Split], str]:
    from .folds import splits_of

    train, test = (
        whole_numbers(text, option)
        for text, option in ((train_folds, "--train-folds"), (test_folds, "--test-folds"))
    )
    return splits_of(log, train_folds=train, test_folds=test, folds=folds, seed=seed)


def _predicted(
    name: str,
    kind: str,
    options: Mapping[str, Any],
    log: ResponseLog,
    splits: Sequence[Split],
    *,
    beside: Beside,
) -> Predictions:
    import numpy as np

    from engine.knowledge_tracing import Predictions

    told = {} if beside.completions is None else {"completions": beside.completions}
    seconds, parts = 0.0, []
    for number, split in enumerate(splits, start=1):
        doing = f"{name}: fit {number} of {len(splits)}"
        model, took = fit_timed(kind, options, log.select(split.train), doing=doing, beside=beside)
        with working(f"{name}: predicting {number} of {len(splits)}"):
            parts.append(model.predict_correct(log.select(split.test), **told))
        seconds += took
    return Predictions(name, np.concatenate(parts), round(seconds, 3))
