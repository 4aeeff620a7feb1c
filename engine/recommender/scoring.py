"""The score of a module: named terms that add up.

All terms are in one unit, readiness per minute, so a term reads as what it is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from ..domain.records import Faults

__all__ = ["ScoreWeights", "score_terms"]

_HEAVIEST = 100.0


@dataclass(frozen=True, slots=True)
class ScoreWeights:
    """How much each term of the score counts; each weight moves its own term and no other.

    Parameters
    ----------
    gain : float, default 1.0
        What the module itself adds to readiness, per minute.
    enables : float, default 1.0
        By how much the best closure that starts with the module beats that, per minute.
    review : float, default 0.5
        Coming back to a completed module after a wrong answer, as a share of the better of the
        two. With the default a review is worth at most half as much again.
    prior : float, default 0.25
        What others completed, where the planner has a prior: the same share times how many of the
        role's other modules the learner is less likely to take. It moves a module past none that
        is worth more than a quarter more.
    preference : float, default 0.0
        A format that the learner completes more often than it is offered: the same share times
        how much more often. Left out unless asked for: whoever completes what is recommended
        shows a preference for what the ranking preferred.

    Raises
    ------
    InvalidInput
        A weight outside [0, 100].

    Examples
    --------
    >>> ScoreWeights(review=0.0).review
    0.0
    """

    gain: float = 1.0
    enables: float = 1.0
    review: float = 0.5
    prior: float = 0.25
    preference: float = 0.0

    def __post_init__(self) -> None:
        faults = Faults()
        for field in fields(self):
            faults.check_number(field.name, getattr(self, field.name), 0.0, _HEAVIEST)
        faults.raise_if_any("score weights")


def score_terms(
    weights: ScoreWeights, direct: float, best_closure: float, shares: Mapping[str, float]
) -> Mapping[str, float]:
    """Return the terms of a module's score, which is their sum.

    Parameters
    ----------
    weights : ScoreWeights
    direct : float
        The module's own truncated gain in readiness per minute.
    best_closure : float
        The best truncated gain per minute of all closures that start with the module.
    shares : mapping of str to float
        What else speaks for the module, from 0 to 1 each; its weight times the better of the two
        is the most that it adds.

    Examples
    --------
    >>> score_terms(ScoreWeights(), 0.002, 0.003, {"review": 0.0})
    {'gain': 0.002, 'enables': 0.001, 'review': 0.0}
    """
    best = max(direct, best_closure)
    return {
        "gain": weights.gain * direct,
        "enables": weights.enables * (best - direct),
        **{name: getattr(weights, name) * best * share for name, share in shares.items()},
    }
