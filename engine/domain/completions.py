"""Completions in columns, as tables have them: all of their faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import did_you_mean, near_matches
from .codes import read_ids
from .coding import Column
from .columns import COMPLETIONS, check_lengths
from .evidence import Completion
from .frames import columns_of_frame
from .history import aware
from .quantities import note_rows, read_instants
from .records import Faults

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .curriculum import Curriculum

__all__ = ["completions_of_columns", "completions_of_frame"]


def completions_of_frame(
    frame: Any,
    *,
    columns: Mapping[str, str] | None = None,
    curriculum: Curriculum | None = None,
) -> tuple[Completion, ...]:
    """Return the completions of a data frame: pandas, polars, pyarrow, as narwhals reads it.

    Parameters
    ----------
    frame : data frame
        With columns ``learner``, ``module`` and ``completed_at`` or ``timestamp``, optionally
        ``completion_id``.
    columns : mapping, optional
        Where a column has another name there: ``{"learner": "user_id"}``.
    curriculum : Curriculum, optional
        Whose modules they have to be of.

    Raises
    ------
    InvalidInput
        A column is missing, values are at fault, or a module is unknown.

    Examples
    --------
    >>> import polars
    >>> frame = polars.DataFrame(
    ...     {"user": ["ada"], "module": ["joins-101"], "timestamp": ["2026-03-01T09:00:00Z"]}
    ... )
    >>> completions_of_frame(frame, columns={"learner": "user"})[0].completed_at.day
    1
    """
    read = columns_of_frame(frame, columns or {}, COMPLETIONS)
    return completions_of_columns(read, curriculum)


def completions_of_columns(
    given: Mapping[str, Column], curriculum: Curriculum | None = None
) -> tuple[Completion, ...]:
    """Return completions, row by row.

    Parameters
    ----------
    given : mapping of str to column
        ``learner, module, completed_at``, and ``completion_id`` where each has one of its own.
    curriculum : Curriculum, optional
        Whose modules they have to be of.

    Raises
    ------
    InvalidInput
        Values are at fault, a module is unknown, or an id is there twice.

    Examples
    --------
    >>> completions_of_columns(
    ...     {"learner": ["ada"], "module": ["sql-101"], "completed_at": [1_772_355_600]}
    ... )[0].completed_at.isoformat()
    '2026-03-01T09:00:00+00:00'
    """
    faults = Faults()
    check_lengths(given, "completion", faults)
    faults.raise_if_any(COMPLETIONS.what)
    learner_ids, learner = read_ids("learner", given["learner"], faults)
    module_ids, module = read_ids("module", given["module"], faults)
    at = read_instants("completed_at", given["completed_at"], faults)
    for where, ids in (("learner", learner_ids), ("module", module_ids)):
        for one in filter(None, ids):  # what is missing is noted with its rows
            faults.check_id(where, one)
    if curriculum is not None:
        _check_modules(module_ids, module, curriculum, faults)
    own = _own_ids(given.get("completion_id"), len(learner), faults)
    faults.raise_if_any(COMPLETIONS.what)
    assert at is not None
    return tuple(
        Completion(learner_ids[who], module_ids[what], when, own_id)
        for who, what, when, own_id in zip(
            learner.tolist(), module.tolist(), aware(at), own, strict=True
        )
    )


def _check_modules(
    module_ids: tuple[str, ...], module: NDArray[np.int32], curriculum: Curriculum, faults: Faults
) -> None:
    for code, one in enumerate(module_ids):
        if one not in curriculum.modules:
            rows = np.flatnonzero(module == code)
            near = did_you_mean(near_matches(one, curriculum.modules))
            note_rows("module", rows, one, f"a module of the curriculum{near}", faults)


def _own_ids(column: Column | None, n: int, faults: Faults) -> list[str]:
    """Return the id of each completion, empty where the table has none."""
    if column is None:
        return [""] * n
    ids, code = read_ids("completion_id", column, faults)
    for one in np.flatnonzero(np.bincount(code, minlength=len(ids)) > 1):
        rows = np.flatnonzero(code == one)[1:]
        note_rows("completion_id", rows, ids[one], "each id once", faults)
    return [ids[k] for k in code.tolist()]
