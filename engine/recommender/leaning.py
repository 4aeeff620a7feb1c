"""How much more than others a learner is likely to take a module, from what a prior says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import Fault, InvalidInput

__all__ = ["places"]

if TYPE_CHECKING:
    from numpy.typing import NDArray


def places(scores: Any, done: Sequence[bool]) -> list[float]:
    """Return the share of the other modules that score lower than each, among those not done.

    Only the order of the scores counts, so a constant added to all changes nothing, and however
    sure of itself a prior is, no share is above 1. Modules done get 0.

    Parameters
    ----------
    scores : array_like, shape (n_modules,)
    done : sequence of bool, shape (n_modules,)

    Raises
    ------
    InvalidInput
        Scores of another shape, or that are not finite.

    Examples
    --------
    >>> places([7.0, -2.0, 3.0, 9.0], [False, False, False, True])
    [1.0, 0.0, 0.5, 0.0]
    """
    given: NDArray[np.float64] = np.asarray(scores, np.float64)
    if given.shape != (len(done),) or not np.isfinite(given).all():
        problem = f"have shape {given.shape}, expected ({len(done)},), all finite"
        raise InvalidInput("prior answer", [Fault("scores", problem, "mend the prior")])
    found, left = np.zeros(len(done)), ~np.asarray(done, np.bool_)
    others = given[left]
    found[left] = np.sort(others).searchsorted(others) / max(len(others) - 1, 1)
    shares: list[float] = found.tolist()
    return shares
