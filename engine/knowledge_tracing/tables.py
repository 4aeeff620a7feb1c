"""All the parameters of a model as arrays, in the order of a layout's tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Layout

    Array = NDArray[np.float64]

__all__ = ["Tables"]


@dataclass(frozen=True)
class Tables:
    """Parameters per level, class of noise, module effect and skill.

    Parameters
    ----------
    theta : ndarray, shape (n_levels, 5)
        prior, learn, forget, guess and slip of each row of the table of levels.
    noise : ndarray, shape (n_noise, 2)
        Guess and slip of each class of noise.
    effect : ndarray, shape (n_effects,)
        What each module teaches: P(a completion lifts onto the level).
    decay : ndarray, shape (n_skills,)
        Levels forgotten per day, with forgetting by elapsed time; else 0.
    spread : ndarray, shape (2,)
        How far learners differ in prior and learn, in logits (:mod:`.traits`); else 0.

    Examples
    --------
    >>> theta = np.array([[0.5, 0.1, 0.0, 0.2, 0.1]])
    >>> Tables(theta, theta[:, 3:], np.zeros(0), np.zeros(1)).noise
    array([[0.2, 0.1]])
    """

    theta: Array
    noise: Array
    effect: Array
    decay: Array
    spread: Array = field(default_factory=lambda: np.zeros(2))

    @classmethod
    def of_levels(cls, theta: Array, layout: Layout) -> Tables:
        """Return the tables where guess and slip belong to levels, and nothing else is known."""
        return cls(
            theta, theta[layout.noise_level, 3:], np.zeros(0), np.zeros(len(layout.row_start) - 1)
        )
