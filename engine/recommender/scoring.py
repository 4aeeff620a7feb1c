"""The score of a module: named terms that add up.

All terms are in one unit, readiness per minute, so a term reads as what it is worth.

Three things ask for the learner's time, and this is how they are weighed against each other:

- *new learning* counts as what it adds to readiness per minute (`gain`, `enables`);
- *what is due*: the part of that which serves targets with a date counts up to ``1 + urgency``
  times, rising evenly over the horizon and staying there once the date is past (`urgency`);
- *what is mastered and will not last*, because proof expires or the skill fades, is worth nothing
  to gain yet. It gets the best score of all else on offer and what would be lost besides, times how
  near its end is (`keeping`). So it comes after new learning while there is time, and before it
  when there is none. What fades sooner than the horizon is near its end in the last part of the
  time that it lasts, so that what never lasts long leaves time for what is new.

Every term is bounded by what else is on offer, and none opens what a prerequisite closes.
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
    urgency : float, default 2.0
        The part of a module's worth that serves targets with a due date, as a share of the better
        of the two: with the default what is due now counts three times.
    keeping : float, default 1.0
        Bringing back what is mastered before it is lost, or once it is: how near its end is times
        the best score on offer and the loss, per minute.
    horizon_days : float, default 30.0
        How far ahead dates and forgetting are looked at, at most 100; 0 leaves both out.
    preference : float, default 0.0
        A format that the learner completes more often than it is offered: the same share times
        how much more often. Left out unless asked for: whoever completes what is recommended
        shows a preference for what the ranking preferred.
    variety : float, default 0.0
        How much less a module counts for each of its format that the list holds already, as a
        share of its worth; at most 1.

    Raises
    ------
    InvalidInput
        A weight outside [0, 100], or a variety outside [0, 1].

    Examples
    --------
    >>> ScoreWeights(review=0.0).review
    0.0
    """

    gain: float = 1.0
    enables: float = 1.0
    review: float = 0.5
    prior: float = 0.25
    urgency: float = 2.0
    keeping: float = 1.0
    horizon_days: float = 30.0
    preference: float = 0.0
    variety: float = 0.0

    def __post_init__(self) -> None:
        faults = Faults()
        for field in fields(self):
            most = 1.0 if field.name == "variety" else _HEAVIEST
            faults.check_number(field.name, getattr(self, field.name), 0.0, most)
        faults.raise_if_any("score weights")


def score_terms(
    weights: ScoreWeights, direct: float, best_closure: float, shares: Mapping[str, float]
) -> dict[str, float]:
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
