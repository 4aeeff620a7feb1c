"""Completions in files: CSV, JSON Lines and Parquet, read as response logs are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.domain.columns import COMPLETIONS
from engine.domain.completions import completions_of_columns, completions_of_frame

from .logs import refuse_ending
from .parquet import is_parquet, read_parquet
from .text_columns import text_columns

if TYPE_CHECKING:
    from engine import Completion, Curriculum

__all__ = ["read_completions"]


def read_completions(
    path: Path | str,
    columns: Mapping[str, str] | None = None,
    *,
    curriculum: Curriculum | None = None,
) -> tuple[Completion, ...]:
    """Read completions from ``.csv``, ``.jsonl`` or ``.ndjson`` (also gzipped), or ``.parquet``.

    Parameters
    ----------
    path : Path or str
        A table with the columns ``learner, module`` and ``completed_at`` or ``timestamp``,
        optionally ``completion_id``.
    columns, curriculum
        As :func:`engine.completions_of_frame` has them.

    Raises
    ------
    InvalidInput
        The file is missing, unreadable or empty, a column is missing (with near matches among
        those present), or values are at fault (with the line or row of the first).

    Examples
    --------
    >>> from service.tables import sample_folder
    >>> read_completions(sample_folder() / "completions.csv")[0].module_id
    'small-enough-to-finish'
    """
    where, names = Path(path), columns or {}
    if is_parquet(where):
        table, wanted = read_parquet(where, names, COMPLETIONS)
        return completions_of_frame(table, columns=wanted, curriculum=curriculum)
    refuse_ending(where, COMPLETIONS.what)
    with text_columns(where, names, COMPLETIONS) as given:
        return completions_of_columns(given, curriculum)
