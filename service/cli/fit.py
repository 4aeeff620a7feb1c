"""`attain fit`: a model from a response log, or from the evidence in a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from service.model_kinds import new_tracer

from .card import measured, write_card
from .catalogue import (
    Beside,
    CatalogueOption,
    CompletionColumnsOption,
    CompletionsOption,
    read_beside,
)
from .console import print_json, working
from .fit_summary import print_fit, summary_of
from .fitting_parts import fit_in_parts
from .modelling import compile_kernels, fit_timed, option_values
from .options import (
    DEFAULT_DATABASE,
    DEFAULT_TENANT,
    ColumnsOption,
    DatabaseOption,
    JsonOption,
    OptionalLogArgument,
    SeparatorOption,
    TenantOption,
    check_out,
    names_by_equals,
    open_workspace,
    refuse_given,
    whole_numbers,
    written,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine import Curriculum, ResponseLog
    from engine.domain.summary import LogSummary
    from engine.knowledge_tracing import Evaluation

__all__ = ["fit"]


_OF_A_LOG = (
    *("columns", "skill_separator", "train_folds", "catalogue"),
    *("completions", "completion_columns", "dask"),
)  # what only the reading of a log takes


def fit(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the model, as JSON.")],
    log: OptionalLogArgument = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    tenant: TenantOption = DEFAULT_TENANT,
    model: Annotated[
        str, typer.Option("--model", help="The model: bkt, dynamic-irt or steps.")
    ] = "bkt",
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
    catalogue: CatalogueOption = None,
    completions: CompletionsOption = None,
    completion_columns: CompletionColumnsOption = "",
    measure: Annotated[
        bool,
        typer.Option(help="Measure the model on other learners for its card; takes a second fit."),
    ] = True,
    dask: Annotated[
        str | None,
        typer.Option(
            "--dask",
            metavar="ADDRESS",
            help="Fit on a Dask cluster: tcp://scheduler:8786, or local:4 for four processes here.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fit a model to a response log, or to the evidence in a database; write it to a file, with
    its card beside it.

    \b
    Examples
        attain fit responses.csv --option forget=opportunity --out model.json
        attain fit responses.csv --model steps --catalogue framework/ \\
            --completions completions.csv --out model.json
        attain fit --database attain.db --out model.json

    Without LOG it is fitted to all responses and completions that count in the database, as a
    replay reads them: what was taken back is left out, and ids that were merged are one learner.

    The summary says what was learned of each skill and what to be wary of. The seconds are those
    of the fit alone: the log is read, and the kernels are compiled, before. The card,
    model.card.md, says what the model learned from, what it is for, and how well it predicts
    learners whom it has not seen: those of the folds left out, or else a fifth of them, by a model
    of its kind fitted to the others.

    LOG may be a folder of Parquet files or of JSON Lines, or a quoted pattern of their names. bkt
    is then fitted part by part, in some bytes per response, and not measured; so it is with
    --dask, where the workers read the files, by the same paths. Other models, --train-folds and
    --completions read a folder whole. Next: `attain evaluate` compares models; `attain import
    model.json` puts one to use.
    """
    options = option_values(option or [])
    new_tracer(model, options)  # its options are checked before anything is read
    check_out(out)
    refuse_given(context, *(_OF_A_LOG if log is None else ("database", "tenant")), beside=log)
    if log is None:
        found = _read_database(database, tenant)
    elif _is_in_parts(log, model, dask, train_folds, completions):
        curriculum = read_beside(catalogue, None, completion_columns).curriculum
        tracer: Any = new_tracer(model, options)
        tracer = tracer.with_curriculum(curriculum)
        names = names_by_equals(columns, "--columns")
        compile_kernels(model, options)
        seconds = fit_in_parts(
            tracer, log, names, skill_separator, curriculum=curriculum, dask=dask
        )
        told = _Fitted(tracer, tracer.learned_from_, str(log), model, seconds)
        _tell(told, None, out, as_json=as_json)
        return
    else:
        beside = read_beside(catalogue, completions, completion_columns)
        whole, train = _read(log, columns, skill_separator, train_folds, beside.curriculum)
        found = _Evidence(whole, train, beside, str(log))
    read = found.whole.select(found.train)
    tracer, seconds = fit_timed(
        model,
        options,
        read,
        doing=f"fitting {model} to {len(read):,} responses",
        beside=found.beside,
    )
    score = None
    if measure:
        score = measured(
            tracer,
            found.whole,
            found.train,
            model=model,
            options=options,
            beside=found.beside,
        )
    _tell(_Fitted(tracer, read, found.source, model, seconds), score, out, as_json=as_json)


class _Evidence(NamedTuple):
    """A log, which of its rows are to be fitted, and what goes with it; where it was read from."""

    whole: ResponseLog
    train: NDArray[np.bool_]
    beside: Beside
    source: str


class _Fitted(NamedTuple):
    """A tracer with what it was fitted to, where that was read from, and the seconds it took."""

    tracer: Any
    log: ResponseLog | LogSummary
    source: str
    model: str
    seconds: float


def _is_in_parts(
    log: Path, model: str, dask: str | None, train_folds: str | None, completions: Path | None
) -> bool:
    """Return whether a log is fitted part by part; refuse what a cluster cannot do."""
    from service.tables import is_several

    whole = {
        "--train-folds": train_folds is not None,
        "--completions": completions is not None,
        f"--model {model}": model != "bkt",
    }
    if dask is None:
        return is_several(log) and not any(whole.values())
    for name, asked in whole.items():
        if asked:
            raise typer.BadParameter(f"does not go with {name}", param_hint="--dask")
    return True


def _tell(
    fitted: _Fitted, score: tuple[Evaluation, str] | None, out: Path, *, as_json: bool
) -> None:
    """Write the model and its card, and print what was learned."""
    tracer, log, source, model, seconds = fitted
    written(out, tracer.to_json())
    card = write_card(out, tracer, log, score)
    told = summary_of(tracer, log, source=source, out=out, model=model, seconds=seconds)
    summary = {**told, "card": str(card)}
    if as_json:
        print_json(summary)
    else:
        print_fit(summary)


def _read_database(database: str, tenant: str) -> _Evidence:
    """Return the evidence of a tenant that counts."""
    import numpy as np

    with open_workspace(database) as opened, working("reading the evidence"):
        log, completions, curriculum = opened.of_tenant(tenant).evidence_so_far()
        source = opened.place_name
    every = np.ones(len(log), dtype=np.bool_)
    return _Evidence(log, every, Beside(curriculum, completions or None), source)


def _read(
    path: Path,
    columns: str,
    separator: str,
    train_folds: str | None,
    curriculum: Curriculum | None,
) -> tuple[ResponseLog, NDArray[np.bool_]]:
    """Return the log, and which of its rows are to be fitted."""
    import numpy as np

    from engine.domain.joining import as_log
    from service.tables import is_several, partitions_of, read_log

    from .folds import rows_in_folds

    names, folds = (
        names_by_equals(columns, "--columns"),
        whole_numbers(train_folds, "--train-folds"),
    )
    with working(f"reading {path.name}"):
        if is_several(path):
            log = as_log(partitions_of(path, names, separator, curriculum=curriculum))
        else:
            log = read_log(path, names, separator, curriculum=curriculum)
    if folds is None:
        return log, np.ones(len(log), dtype=np.bool_)
    return log, rows_in_folds(log, folds, "--train-folds")
