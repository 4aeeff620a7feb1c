"""What to be wary of in a fitted skill, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import isclose
from typing import TYPE_CHECKING

from .parameters import SkillParameters
from .priors import HIGHEST, LOWEST, MOST_NOISE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FEW_RESPONSES", "notes_on_evidence", "notes_on_parameters"]

_close = partial(isclose, rel_tol=1e-5)

FEW_RESPONSES = 30
"""Below this the priors speak louder than the answers do."""


def notes_on_parameters(parameters: SkillParameters, *, forgets: bool) -> Iterator[str]:
    """Say which parameters lie at a bound, or stretch the meaning of their name.

    A skill that is guessed, or slips, more often than not fits the answers but hardly the words
    (Baker, Corbett & Aleven 2008 call it degenerate): its items may be too easy, too hard, or
    about something else.

    Examples
    --------
    >>> from .parameters import LevelParameters
    >>> at_bound = LevelParameters(prior=0.999, learn=0.1, forget=0.0, guess=0.2, slip=0.1)
    >>> list(notes_on_parameters({1: at_bound}, forgets=False))
    ['prior of level 1 is at its bound, 0.999']
    """
    for level, one in parameters.items():
        for name, value, low, high in zip(one._fields, one, LOWEST, HIGHEST, strict=True):
            fixed = name == "forget" and not forgets
            none = name == "forget" and _close(value, low)  # nothing is forgotten: no harm
            if not (fixed or none) and (_close(value, low) or _close(value, high)):
                yield f"{name} of level {level} is at its bound, {value:g}"
        for name in ("guess", "slip"):
            if getattr(one, name) > 0.5:
                yield f"{name} of level {level} is above one half: {getattr(one, name):.2f}"
        if _close(one.guess + one.slip, MOST_NOISE):
            yield f"guess + slip of level {level} is at its bound, {MOST_NOISE:g}"


def notes_on_evidence(
    levels: Sequence[int],
    n_responses: NDArray[np.float64],
    n_right: NDArray[np.float64],
    n_learners: int,
) -> Iterator[str]:
    """Say where the answers are too few or too alike to tell parameters apart.

    Parameters
    ----------
    levels : sequence of int, shape (n_levels,)
    n_responses, n_right : ndarray, shape (n_levels,)
        Answers at each level, and the sum of their scores.
    n_learners : int

    Examples
    --------
    >>> import numpy as np
    >>> list(notes_on_evidence([1], np.array([12.0]), np.array([12.0]), n_learners=3))
    ['few responses to level 1: 12', 'every answer to level 1 is right']
    """
    for level, n, right in zip(levels, n_responses.tolist(), n_right.tolist(), strict=True):
        if n < FEW_RESPONSES:
            yield f"few responses to level {level}: {n:g}"
        if right in (0.0, n):
            yield f"every answer to level {level} is {'right' if right else 'wrong'}"
    if n_responses.sum() == n_learners:
        yield "no learner answered twice: learning is known from the prior alone"
