"""A part of the evidence, laid out where it stays, and what is asked of it at each pass.

Everything here is a function of a module over picklable arguments, so that it may be done in
another process, or done again where a result was lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..domain.joining import as_logs, joined, of_learners, split_by_learner
from ..domain.summary import LogSummary
from .compute import p_start_of
from .layout import Layout
from .level_table import LevelTable
from .outline import Outline
from .sequences import Sequences, sequences_in, sequences_of
from .tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum
    from ..domain.responses import ResponseLog
    from .ascent import Ascent
    from .compute import Passes
    from .tasks import Tasks

    Array = NDArray[np.float64]

__all__ = ["Part", "Piece", "count", "credit", "lay_out", "outline_of", "over", "split_off"]


@dataclass(frozen=True)
class Piece:
    """One log's evidence, as passes need it.

    Parameters
    ----------
    table : LevelTable
        What it is laid out over.
    sequences : Sequences
    layout : Layout, optional
        Only where some response exercised several skills: else a score counts as it is.
    """

    table: LevelTable
    sequences: Sequences
    layout: Layout | None

    @classmethod
    def of(cls, log: ResponseLog, passes: Passes, *, marked: bool) -> tuple[Piece, Outline]:
        """Lay a log out over its own levels, and outline it.

        Where all histories were merged and no answer asks for credits, the forest alone is kept:
        some bytes per response.
        """
        table = LevelTable.exercised_in(log)
        summary = LogSummary.of(log)
        layout = None
        if passes.merges and not summary.n_several:
            sequences = sequences_in(log, table)
        else:
            layout = Layout.of(replace(log, skill_ids=table.skill_ids), table.chains)
            sequences = sequences_of(layout)
        outline = Outline.of(log, table, sequences, summary, marked=marked)
        if summary.n_several:
            return cls(table, sequences, layout), outline
        return cls(table, sequences.merged() if passes.merges else sequences, None), outline

    def over(self, table: LevelTable) -> Piece:
        """Return the same over a larger table of levels."""
        if table == self.table:
            return self
        row = table.rows_of(self.table)
        before, now = self.table.n_levels, table.n_levels[table.skill_of_row[row]]
        more = (now > before[self.table.skill_of_row]).any()
        sequences = self.sequences.spread_out() if more else self.sequences
        layout = None if self.layout is None else self.layout.over(table, row)
        return Piece(table, sequences.over(table, row), layout)

    @property
    def scores(self) -> Array:
        """What the answers count for as they are, in the sequences' order."""
        return np.zeros(0) if self.sequences.score is None else self.sequences.score

    def credits(self, passes: Passes, theta: Array) -> Any:
        """Return what the answers count for under `theta`, packed; None: what they are."""
        if self.layout is None:
            return None
        p_start = p_start_of(theta, self.layout.row_start)
        _, found = passes.replay(self.layout, p_start, Tables.of_levels(theta, self.layout))
        return passes.packed(found[self.sequences.pair], self.sequences)


Part = tuple[Piece, ...]
"""What lies together: a worker's share of the evidence, laid out piece by piece."""


def lay_out(
    source: Any,
    curriculum: Curriculum | None,
    passes: Passes,
    marked: bool,
    without: NDArray[np.uint64] | None = None,
) -> tuple[Part, Outline]:
    """Lay out what a source has, log by log, and outline it.

    Parameters
    ----------
    source
        As :func:`as_logs` takes it.
    curriculum : Curriculum or None
    passes : Passes
    marked : bool
        Whether it is asked who the learners are.
    without : ndarray of uint64, optional
        The marks of learners to be left out.
    """
    logs: Iterator[ResponseLog] = as_logs(source, curriculum)
    if without is not None:
        logs = (of_learners(log, without, but=True) for log in logs)
    found = [Piece.of(log, passes, marked=marked) for log in logs]
    pieces = tuple(piece for piece, outline in found if outline.summary.n_responses)
    return pieces, Outline.together([outline for _, outline in found])


def split_off(
    source: Any, curriculum: Curriculum | None, marks: NDArray[np.uint64], n: int
) -> tuple[ResponseLog, ...]:
    """Return the responses of the learners of some marks, in n logs by learner."""
    logs = [of_learners(log, marks) for log in as_logs(source, curriculum)]
    return split_by_learner(joined(logs), n)


def outline_of(laid_out: tuple[Part, Outline]) -> Outline:
    """Return the outline of what :func:`lay_out` gave."""
    return laid_out[1]


def over(laid_out: tuple[Part, Outline], table: LevelTable) -> Part:
    """Return the part that :func:`lay_out` gave, over the levels of all parts."""
    return tuple(piece.over(table) for piece in laid_out[0])


def credit(part: Part, passes: Passes, theta: Array) -> tuple[Any, ...]:
    """Return what the answers of each piece count for under `theta`."""
    return tuple(piece.credits(passes, theta) for piece in part)


def count(
    part: Part,
    credits: tuple[Any, ...] | None,
    passes: Passes,
    tasks: Tasks,
    theta: Array,
    which: NDArray[np.int64],
) -> tuple[Array, Array]:
    """Return what a part adds to the expected counts and log-likelihoods of some tasks."""
    counts, log_likelihood = np.zeros((len(theta), 5, 2)), np.zeros(len(which))
    for piece, weight in _weighed(part, credits):
        found = passes.expected_counts(weight, piece.sequences, tasks, theta, which)
        counts += found[0]
        log_likelihood += found[1]
    return counts, log_likelihood


def climb(
    part: Part,
    credits: tuple[Any, ...] | None,
    passes: Passes,
    tasks: Tasks,
    ascent: Ascent,
    most: int,
) -> Array:
    """Let those tasks climb that can at once, where the part is all evidence and of one piece."""
    if len(part) != 1:
        return np.empty((0, len(tasks)))
    ((piece, weight),) = _weighed(part, credits)
    return passes.climb(weight, piece.sequences, tasks, ascent, most)


def _weighed(part: Part, credits: tuple[Any, ...] | None) -> list[tuple[Piece, Any]]:
    """Return the pieces with what their answers count for."""
    given = zip(part, credits or (None,) * len(part), strict=True)
    return [(piece, piece.scores if weight is None else weight) for piece, weight in given]
