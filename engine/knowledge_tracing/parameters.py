"""The parameters of a skill, level by level, and what is assumed where nothing was fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

__all__ = [
    "DEFAULT_PARAMETERS",
    "USUAL_DECAY",
    "LevelParameters",
    "SkillParameters",
    "parameters_by_rank",
]


class LevelParameters(NamedTuple):
    """The five parameters of Bayesian knowledge tracing, for one level of one skill.

    Corbett & Anderson (1994) call the first four P(L0), P(T), P(G) and P(S); pyBKT calls P(T)
    "transit". P(F) is 0 in the classical model.

    Parameters
    ----------
    prior : float
        P(level attained at the start | the level below attained); for the lowest level, P(L0).
    learn : float
        P(an opportunity lifts somebody who is just below the level onto it).
    forget : float
        P(an opportunity finds somebody who was just on the level back below it).
    guess : float
        P(right | level not attained).
    slip : float
        P(wrong | level attained).

    Examples
    --------
    >>> LevelParameters(prior=0.4, learn=0.1, forget=0.0, guess=0.2, slip=0.1).slip
    0.1
    """

    prior: float
    learn: float
    forget: float
    guess: float
    slip: float


SkillParameters = Mapping[int, LevelParameters]
"""The parameters of one skill by proficiency level, lowest first."""

DEFAULT_PARAMETERS = LevelParameters(prior=0.5, learn=0.1, forget=0.02, guess=0.3, slip=0.1)
"""What is assumed of a level when no log has said anything.

Between the textbooks' cautious values and those that predict logs of practice best (about 0.6,
0.1, –, 0.4 and 0.15).
"""

USUAL_DECAY = 0.0019
"""Levels forgotten per day before a log has its say: half of them in a year."""


def parameters_by_rank(pooled: Sequence[LevelParameters], rank: int) -> LevelParameters:
    """Return the pooled parameters of the `rank`-th lowest level of a skill, counted from 0.

    Examples
    --------
    >>> parameters_by_rank([DEFAULT_PARAMETERS], 3) == DEFAULT_PARAMETERS
    True
    """
    return pooled[min(rank, len(pooled) - 1)]
