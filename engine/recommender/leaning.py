"""What draws a learner to a module besides what it is worth: a prior, and formats taken before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import Fault, InvalidInput

__all__ = ["of_formats", "places"]

_UNSURE = 4  # completions; after as many a preference counts half

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


def of_formats(taken: Iterable[str], offered: Mapping[str, float]) -> dict[str, float]:
    """Return by format how much more of it a learner takes than there is of it, from 0 to 1.

    A preference as behaviour shows it, no ability: (share taken - share offered) / (1 - share
    offered), weighed down where little was taken. What is taken less than offered gets 0.

    Parameters
    ----------
    taken : iterable of str
        The formats of the modules that were completed; empty ones tell nothing.
    offered : mapping of str to float
        The share of each format among all modules.

    Examples
    --------
    >>> of_formats(["video"] * 4, {"video": 0.5, "lesson": 0.5})
    {'video': 0.5}
    """
    counts = Counter(one for one in taken if one in offered)
    n = sum(counts.values())
    return {
        form: n / (n + _UNSURE) * (count / n - offered[form]) / (1.0 - offered[form])
        for form, count in sorted(counts.items())
        if count / n > offered[form]
    }
