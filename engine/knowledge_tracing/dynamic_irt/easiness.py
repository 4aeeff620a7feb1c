"""How easy items and skills are, and how much practice helps: what a log has said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Easiness"]


@dataclass(frozen=True)
class Easiness:
    """What belongs to items and skills, each with mean and variance.

    Parameters
    ----------
    items : ndarray, shape (n_items, 2)
        Mean and variance of easiness.
    skills : ndarray, shape (n_skills, 4)
        Mean and variance of easiness, then of the practice slope.
    log_loss : float
        Per response, each predicted without itself; of the first pass if there was but one.
    """

    items: Array
    skills: Array
    log_loss: float
