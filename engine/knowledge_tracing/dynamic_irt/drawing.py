"""What is learned as intervals, and as draws from its posterior."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from ...errors import Fault, InvalidInput
from .fitted import TYPICAL_WEIGHT, Fitted

if TYPE_CHECKING:
    import numpy as np

__all__ = ["drawn", "interval_columns"]


def interval_columns(frame: Mapping[str, Sequence[Any]], level: float) -> dict[str, list[float]]:
    """Return standard errors and the ends of central intervals of normal terms.

    Examples
    --------
    >>> interval_columns({"mean": [1.0], "variance": [0.25]}, 0.6827)["low"][0].__round__(3)
    0.5
    """
    if not 0.0 < level < 1.0:
        problem = f"is {level!r}, expected a probability between 0 and 1, such as 0.9"
        raise InvalidInput("parameters_frame", [Fault("interval", problem)])
    reach = NormalDist().inv_cdf(0.5 + level / 2.0)
    error = [sqrt(one) for one in frame["variance"]]
    pairs = list(zip(frame["mean"], error, strict=True))
    return {
        "se": error,
        "low": [mean - reach * one for mean, one in pairs],
        "high": [mean + reach * one for mean, one in pairs],
    }


def drawn(fitted: Fitted, n: int, rng: np.random.Generator) -> Iterator[Fitted]:
    """Yield n models with easiness and practice slopes drawn from their posterior.

    Skills are drawn first, then each item given its skills.
    """
    known = fitted.known_skills()
    skills_of = {i: {one.skill_id for one in fitted.item_skills[i]} for i in fitted.items}
    ties = {i: _tie(fitted, i, [known[k][1] for k in of]) for i, of in skills_of.items()}
    for _ in range(n):
        moved = {k: rng.standard_normal(2).tolist() for k in known}
        shift = {k: sqrt(known[k][1]) * z for k, (z, _) in moved.items()}
        noise = dict(zip(ties, rng.standard_normal(len(ties)).tolist(), strict=True))
        change = {
            i: slope * sum(shift[k] for k in skills_of[i]) / len(skills_of[i]) + spread * noise[i]
            for i, (slope, spread) in ties.items()
        }
        yield replace(
            fitted,
            items={i: (one[0] + change[i], one[1]) for i, one in fitted.items.items()},
            skills={
                k: (one[0] + shift[k], one[1], one[2] + sqrt(known[k][3]) * moved[k][1], one[3])
                for k, one in fitted.skills.items()
            },
            typical=_typical(fitted, skills_of, change),
        )


def _tie(fitted: Fitted, item_id: str, skills: Sequence[float]) -> tuple[float, float]:
    """Return by how much an item moves with its skills, and the spread left when they are known."""
    variance, covariance = fitted.items_doubt.get(item_id, (fitted.items[item_id][1], 0.0))
    of_mean = sum(skills) / len(skills) ** 2
    slope = covariance / of_mean
    return slope, sqrt(max(variance - slope * covariance, 0.0))


def _typical(
    fitted: Fitted, skills_of: Mapping[str, set[str]], change: Mapping[str, float]
) -> dict[str, float]:
    """Return what is typical of the items of each skill after they have changed."""
    changes: dict[str, list[float]] = {}
    for item_id, skills in skills_of.items():
        for skill_id in skills:
            changes.setdefault(skill_id, []).append(change[item_id])
    return {
        k: one + sum(changes.get(k, ())) / (len(changes.get(k, ())) + TYPICAL_WEIGHT)
        for k, one in fitted.typical.items()
    }
