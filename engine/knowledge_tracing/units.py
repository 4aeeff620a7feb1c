"""The pieces that a pass is made of, and what they come to together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Places = NDArray[np.int64]

__all__ = ["Units"]


@dataclass(frozen=True)
class Units:
    """Pieces of the log, each under the parameters of a task; those of a task lie together.

    Parameters
    ----------
    task : ndarray of int, shape (n_units,)
    piece : ndarray of int, shape (n_units,)
    rows : ndarray of int, shape (n_units, 2)
        The first of the rows of the table of parameters that the task owns, and the one after.
    size : ndarray of int, shape (n_units,)
        How much there is to do.

    Examples
    --------
    >>> one_level, task = np.array([1, 1]), np.array([0, 1])
    >>> units = Units.of(task, task, task, one_level, np.array([0, 2, 3]), np.array([9, 8, 5]))
    >>> units.task, units.piece
    (array([0, 0, 1]), array([0, 1, 2]))
    """

    task: Places
    piece: Places
    rows: Places
    size: Places

    @classmethod
    def of(
        cls,
        task: Places,
        skill: Places,
        row: Places,
        n_levels: Places,
        skill_start: Places,
        size: Places,
    ) -> Units:
        """Return the pieces of the tasks' skills.

        Parameters
        ----------
        task, skill, row, n_levels : ndarray of int, shape (n_tasks,)
        skill_start : ndarray of int, shape (n_skills + 1,)
            Skill k owns the pieces ``skill_start[k]:skill_start[k + 1]``.
        size : ndarray of int, shape (n_pieces,)
        """
        n = skill_start[skill + 1] - skill_start[skill]
        within = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
        piece = np.repeat(skill_start[skill], n) + within
        rows = np.stack([row, row + n_levels], axis=1)
        return cls(np.repeat(task, n), piece, np.repeat(rows, n, axis=0), size[piece])

    def __len__(self) -> int:
        return len(self.task)

    def nothing(self) -> tuple[Array, Array]:
        """Return counts, shape (n_units, most_levels, 5, 2), and log-likelihoods, all zero."""
        most = int(np.diff(self.rows).max(initial=1))
        return np.zeros((len(self), most, 5, 2)), np.zeros(len(self))

    def sum_up(self, found: Array, likely: Array, counts: Array, log_likelihood: Array) -> None:
        """Put the sums over the pieces of each task, in their order, where they belong.

        Parameters
        ----------
        found : ndarray, shape (n_units, most_levels, 5, 2)
        likely : ndarray, shape (n_units,)
            What each unit came to.
        counts : ndarray, shape (n_rows, 5, 2)
        log_likelihood : ndarray, shape (n_tasks,)
            Where the sums go.
        """
        if not len(self):
            return
        first = np.flatnonzero(np.diff(self.task, prepend=-1))
        log_likelihood[self.task[first]] = np.add.reduceat(likely, first)
        rows = self.rows[first, :1] + np.arange(found.shape[1])
        owned = rows < self.rows[first, 1:]
        counts[rows[owned]] = np.add.reduceat(found, first)[owned]
