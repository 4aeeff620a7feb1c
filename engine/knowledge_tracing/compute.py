"""Which passes run: the compiled ones where numba is installed, else the reference in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from . import replay as reference
from . import smoothing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Layout, Sequences

    Array = NDArray[np.float64]

__all__ = ["Compiled", "Passes", "Reference", "Tasks", "fastest_passes"]


class Tasks:
    """Skills to be passed over, each with rows of its own in a table of parameters.

    One skill may be several tasks, from several starting points.

    Parameters
    ----------
    skill : ndarray of int64, shape (n_tasks,)
    n_levels : ndarray of int64, shape (n_tasks,)
    """

    def __init__(self, skill: NDArray[np.int64], n_levels: NDArray[np.int64]) -> None:
        self.skill = skill
        self.n_levels = n_levels
        self.row = np.concatenate([[0], np.cumsum(n_levels)])[:-1].astype(np.int64)
        self.task_of_row = np.repeat(np.arange(len(skill)), n_levels)

    def __len__(self) -> int:
        return len(self.skill)


class Passes(Protocol):
    """The two passes over a log that fitting and predicting are made of."""

    def expected_counts(
        self,
        weight: Array,
        sequences: Sequences,
        tasks: Tasks,
        theta: Array,
        which: NDArray[np.int64],
    ) -> tuple[Array, Array]:
        """Return counts, shape (n_rows, 5, 2), and log-likelihoods, shape (len(which),)."""

    def replay(self, layout: Layout, p_start: Array, theta: Array) -> tuple[Array, Array]:
        """Return predictions and credits, as :func:`replay.replay` does."""


class Reference:
    """The passes in numpy and plain Python."""

    def expected_counts(
        self,
        weight: Array,
        sequences: Sequences,
        tasks: Tasks,
        theta: Array,
        which: NDArray[np.int64],
    ) -> tuple[Array, Array]:
        counts = np.zeros((len(theta), 5, 2))
        log_likelihood = np.zeros(len(which))
        for i, j in enumerate(which):
            k, rows = tasks.skill[j], slice(tasks.row[j], tasks.row[j] + tasks.n_levels[j])
            start = sequences.start[sequences.skill_start[k] : sequences.skill_start[k + 1] + 1]
            counts[rows], log_likelihood[i] = smoothing.expected_counts(
                weight, sequences.rank, start, theta[rows]
            )
        return counts, log_likelihood

    def replay(self, layout: Layout, p_start: Array, theta: Array) -> tuple[Array, Array]:
        return reference.replay(layout, p_start, theta)


class Compiled:
    """The passes compiled by numba."""

    def expected_counts(
        self,
        weight: Array,
        sequences: Sequences,
        tasks: Tasks,
        theta: Array,
        which: NDArray[np.int64],
    ) -> tuple[Array, Array]:
        from . import kernels

        counts = np.zeros((len(theta), 5, 2))
        log_likelihood = np.zeros(len(which))
        kernels.expected_counts(
            weight,
            sequences.rank,
            sequences.start,
            sequences.skill_start,
            tasks.skill[which],
            tasks.row[which],
            tasks.n_levels[which],
            theta,
            counts,
            log_likelihood,
        )
        return counts, log_likelihood

    def replay(self, layout: Layout, p_start: Array, theta: Array) -> tuple[Array, Array]:
        from . import kernels

        p_correct, credit = np.empty(len(layout.score)), np.empty(len(layout.pair_skill))
        kernels.replay(
            layout.learner,
            layout.score,
            layout.pair_start,
            layout.pair_skill,
            layout.pair_rank,
            layout.row_start,
            p_start,
            theta,
            p_correct,
            credit,
        )
        return p_correct, credit


def fastest_passes() -> Passes:
    """Return the compiled passes where numba can be imported, else the reference."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return Reference()
    return Compiled()


def p_start_of(theta: Array, row_start: Sequence[int] | NDArray[np.int64]) -> Array:
    """Return P(z ≥ level) at the start for each row: the running product of a skill's priors."""
    p_start = theta[:, 0].copy()
    first = np.zeros(len(theta), dtype=np.bool_)
    first[np.asarray(row_start)[:-1]] = True
    for row in np.flatnonzero(~first).tolist():
        p_start[row] *= p_start[row - 1]
    return p_start
