"""What a climb is dealt out into: skills, each from a starting point of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Tasks"]


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
