"""What a log says about easiness, with the abilities of its learners integrated out.

The filter takes items, skills and learners for independent while it learns, which they are not: a
skill may be easy or its items, its items or those who met them. What is said here together is what
intervals are made of. Each answer counts as a Gaussian observation of its predictor,

    y = Z·(easiness of item, easiness and practice slopes of skills) + A·abilities + noise,

with the curvature of its likelihood averaged over the ability as precision. Of one learner with
weights W = noise⁻¹ the information is Z'WZ − Z'WA·Q·A'WZ with Q = (Σ⁻¹ + A'WA)⁻¹: the second part
is lost to not knowing the abilities (Σ). A form of the day that lasts for a while counts partly as
ability of the whole stretch, so that the variance of its mean is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from .quantities import QUANTITIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .ledger import Ledger
    from .settings import Settings

    Array = NDArray[np.float64]
    Codes = NDArray[np.int64]

__all__ = ["Information", "lasting_share"]

_VARIANCES = [QUANTITIES.index(f"{one}_variance") for one in ("learner", "skill", "item")]
_TOTAL = QUANTITIES.index("predictor")
_FAR = 6.0


@dataclass(frozen=True)
class Information:
    """Precisions, before the prior, of items on one side and skills on the other.

    The columns of skills are their easiness, then their practice slopes, shape (2 · n_skills,).

    Parameters
    ----------
    items : ndarray, shape (n_items,)
        Of each item, were the abilities known.
    lost : ndarray, shape (n_items,)
        Of each item, to not knowing them.
    across, lost_across : ndarray, shape (n_items, 2 · n_skills)
        Between items and skills: what is left, and what was lost.
    skills, lost_skills : ndarray, shape (2 · n_skills, 2 · n_skills)
    taken : ndarray, shape (n_items, n_skills)
        The share of each skill in each item.
    """

    items: Array
    lost: Array
    across: Array
    lost_across: Array
    skills: Array
    lost_skills: Array
    taken: Array

    @classmethod
    def of(
        cls,
        ledger: Ledger,
        quantities: Array,
        h: Settings,
        n_skills: int,
        *,
        engine: ModuleType,
    ) -> Information:
        """Gather it, learner by learner.

        Parameters
        ----------
        ledger : Ledger
        quantities : ndarray, shape (n_responses, n_quantities)
            As :func:`.replay` gives them.
        h : Settings
        n_skills : int
        engine : module
            As :func:`.fastest` gives it.
        """
        n_items, width = len(ledger.item_level), 2 * n_skills
        lost = np.zeros(n_items)
        across, lost_across = np.zeros((n_items, width)), np.zeros((n_items, width))
        skills, lost_skills = np.zeros((width, width)), np.zeros((width, width))
        weight, *of_pairs, of_learner = _observations(ledger, quantities, h, n_skills)
        engine.gather(
            ledger.learner,
            ledger.item,
            ledger.start,
            ledger.skill,
            weight,
            *of_pairs,
            of_learner,
            lost,
            across,
            lost_across,
            skills,
            lost_skills,
        )
        return cls(
            np.bincount(ledger.item, weight, n_items).astype(np.float64),
            lost,
            across - lost_across,
            lost_across,
            skills - lost_skills,
            lost_skills,
            _taken(ledger, n_items, n_skills),
        )


def _observations(
    ledger: Ledger, quantities: Array, h: Settings, n_skills: int
) -> tuple[Array, Array, Array, Array, Array]:
    """Return the answers as observations.

    Returns
    -------
    weight : ndarray, shape (n_responses,)
    share, practised, variance : ndarray, shape (n_pairs,)
        Of a skill in the answer, log(1 + opportunities), and of the ability in the skill.
    learner_variance : ndarray, shape (n_responses,)
        Of the ability of the learner.
    """
    from scipy.special import ndtr

    row = np.repeat(np.arange(len(ledger)), np.diff(ledger.start))
    share = 1.0 / np.diff(ledger.start)[row]
    number, stretch = _counted(ledger.learner)
    opportunity, met = _counted(ledger.learner[row] * n_skills + ledger.skill)
    span = number[row][met.last] - number[row][met.first]
    apart = (span / np.maximum(met.size - 1, 1))[met.of]
    keep = h.skill_fast_keep * h.skill_fast_keep_between**apart
    lasting = lasting_share(met.size[met.of], keep)
    steady = lasting_share(stretch.size[stretch.of], h.learner_fast_keep)
    variance = quantities[:, _VARIANCES].sum(1)
    z = np.clip(quantities[:, _TOTAL], -_FAR, _FAR)
    p = ndtr(z)
    curvature = np.exp(-z * z) / (2.0 * np.pi * p * (1.0 - p))
    noise = (1.0 + variance) / curvature - variance + h.learner_fast_variance * (1.0 - steady)
    passing = share**2 * h.skill_fast_variance * (1.0 - lasting)
    noise += np.bincount(row, passing, len(ledger))
    return (
        1.0 / noise,
        share,
        np.log1p(opportunity),
        h.skill_slow_variance + lasting * h.skill_fast_variance,
        h.learner_slow_variance + steady * h.learner_fast_variance,
    )


def lasting_share(n: Array | Codes, keep: Array | float) -> Array:
    """Return how much of the variance of something that fades is common to n looks at it.

    Its values correlate by keep^distance; as many looks at something common and something of each
    their own, in these shares, have a mean of the same variance.

    Examples
    --------
    >>> lasting_share(np.array([1, 2, 2]), np.array([0.5, 0.5, 0.0])).round(3)
    array([0. , 0.5, 0. ])
    """
    of_mean = (n * (1.0 - keep**2) - 2.0 * keep * (1.0 - keep**n)) / (n * (1.0 - keep)) ** 2
    alone = 1.0 / n
    share: Array = np.where(n > 1, (of_mean - alone) / np.where(n > 1, 1.0 - alone, 1.0), 0.0)
    return np.clip(share, 0.0, 1.0)


@dataclass(frozen=True)
class _Runs:
    """Groups of rows: of each row its group, and of each group its ends and size."""

    of: Codes
    first: Codes
    last: Codes
    size: Codes


def _counted(group: Codes) -> tuple[Codes, _Runs]:
    """Return the number of each row within its group, from 0, and the groups."""
    _, of, size = np.unique(group, return_inverse=True, return_counts=True)
    order = np.argsort(of, kind="stable")
    begin = np.cumsum(size) - size
    number = np.empty(len(group), dtype=np.int64)
    number[order] = np.arange(len(group)) - begin[of[order]]
    return number, _Runs(of, order[begin], order[begin + size - 1], size)


def _taken(ledger: Ledger, n_items: int, n_skills: int) -> Array:
    row = np.repeat(np.arange(len(ledger)), np.diff(ledger.start))
    cell = ledger.item[row] * n_skills + ledger.skill
    taken = np.bincount(cell, minlength=n_items * n_skills).reshape(n_items, n_skills)
    shares: Array = taken / np.maximum(taken.sum(1, keepdims=True), 1)
    return shares
