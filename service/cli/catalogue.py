"""What goes beside a log: what its items exercise, and which modules were completed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from .console import working
from .options import names_by_equals

if TYPE_CHECKING:
    from engine import Completion, Curriculum

__all__ = [
    "Beside",
    "CatalogueOption",
    "CompletionColumnsOption",
    "CompletionsOption",
    "read_beside",
]

CatalogueOption = Annotated[
    Path | None,
    typer.Option(
        "--catalogue",
        help="A folder of tables: which skills items exercise, and what modules teach.",
    ),
]
CompletionsOption = Annotated[
    Path | None,
    typer.Option(
        "--completions",
        metavar="FILE",
        help="Modules completed, to learn what each teaches: CSV, JSON Lines or Parquet with the "
        "columns learner, module and completed_at or timestamp. Needs --catalogue, and times in "
        "LOG.",
    ),
]
CompletionColumnsOption = Annotated[
    str,
    typer.Option(
        "--completion-columns", help="Other names of columns in FILE: learner=user_id,module=unit."
    ),
]


class Beside(NamedTuple):
    """What a log is fitted with."""

    curriculum: Curriculum | None = None
    completions: Sequence[Completion] | None = None


def read_beside(catalogue: Path | None, completions: Path | None, columns: str) -> Beside:
    """Read the tables of a catalogue, and the modules of it that were completed."""
    from service.tables import read_catalog, read_completions

    names = names_by_equals(columns, "--completion-columns")
    if names and completions is None:
        raise typer.BadParameter("goes with --completions only", param_hint="--completion-columns")
    if catalogue is None:
        if completions is not None:
            problem = "what the modules teach is told by --catalogue, which is missing"
            raise typer.BadParameter(problem, param_hint="--completions")
        return Beside()
    curriculum = read_catalog(catalogue)
    if completions is None:
        return Beside(curriculum)
    with working(f"reading {completions.name}"):
        return Beside(curriculum, read_completions(completions, names, curriculum=curriculum))
