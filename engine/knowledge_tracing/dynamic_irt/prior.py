"""What is believed of easiness before a log: the settings, an older fit, or items tried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..marginal_likelihood import ABILITY_GRID, ABILITY_WEIGHTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..calibration import ItemCalibration
    from .fitted import Fitted
    from .settings import Settings

    Array = NDArray[np.float64]
    Codes = NDArray[np.int64]

__all__ = ["Prior", "Tried"]

_LOGIT_PER_PROBIT = 1.702
_OTHER_LEARNERS = 0.01  # variance of an item's easiness between those it was tried on and others
_LEAST_SKILL_VARIANCE = 1e-3


@dataclass(frozen=True)
class Prior:
    """Moments before a log; NaN stands for a value of the settings.

    Parameters
    ----------
    items : ndarray, shape (n_items, 2)
        Mean and variance of easiness, as the filter takes them.
    skills : ndarray, shape (n_skills, 4)
        Mean and variance of easiness, then of the practice slope.
    items_doubt, skills_doubt : ndarray, shape (n_items, 2) and (n_skills, 2)
        As in :class:`.Fitted`: all of it together.
    tried : Tried or None
    """

    items: Array
    skills: Array
    items_doubt: Array
    skills_doubt: Array
    tried: Tried | None = None

    @classmethod
    def of_levels(cls, easiness: Sequence[float] | Array, n_skills: int) -> Prior:
        """Return the prior of items whose levels have some easiness, and of skills unknown."""
        mean = np.asarray(easiness, dtype=np.float64)
        unknown = np.full((len(mean), 1), np.nan)
        return cls(
            np.column_stack([mean, unknown]),
            np.full((n_skills, 4), np.nan),
            np.repeat(unknown, 2, axis=1),
            np.full((n_skills, 2), np.nan),
        )

    def after(self, older: Fitted, item_ids: Sequence[str], skill_ids: Sequence[str]) -> Prior:
        """Return it with what an older fit knows of items and skills."""
        return replace(
            self,
            items=_overridden(self.items, item_ids, older.items),
            skills=_overridden(self.skills, skill_ids, older.skills),
            items_doubt=_overridden(self.items_doubt, item_ids, older.items_doubt),
            skills_doubt=_overridden(self.skills_doubt, skill_ids, older.skills_doubt),
        )

    def under(self, h: Settings) -> tuple[Array, Array]:
        """Return the moments of items and of skills under some settings."""
        items = np.where(np.isnan(self.items), [0.0, h.item_variance], self.items)
        usual = [0.0, h.skill_variance, h.practice, h.practice_variance]
        skills = np.where(np.isnan(self.skills), usual, self.skills)
        if self.tried is not None:
            self.tried.put(items, skills, h)
        return items, skills


@dataclass(frozen=True)
class Tried:
    """Items that were calibrated before any sequence existed.

    Parameters
    ----------
    code : ndarray of int, shape (n_tried,)
        Which items they are.
    easiness, variance : ndarray, shape (n_tried,)
        The probit of the share of learners who get each right, and how well that is known.
    taken : ndarray, shape (n_tried, n_skills)
        The share of each skill in each item.
    """

    code: Codes
    easiness: Array
    variance: Array
    taken: Array

    @classmethod
    def of(
        cls,
        calibration: ItemCalibration,
        code: Mapping[str, int],
        skills_of: Mapping[str, Sequence[int]],
        n_skills: int,
    ) -> Tried:
        """Place the items of a calibration.

        Parameters
        ----------
        calibration : ItemCalibration
        code : mapping of str to int
            Of every calibrated item.
        skills_of : mapping of str to sequence of int
            The codes of the skills of items, where they are known.
        n_skills : int
        """
        reach = ABILITY_GRID[:, None] - calibration.difficulty
        p = 1.0 / (1.0 + np.exp(-calibration.discrimination * reach))
        told = calibration.n_responses * (ABILITY_WEIGHTS @ (p * (1.0 - p)))
        slope = calibration.discrimination / _LOGIT_PER_PROBIT
        spread = np.sqrt(1.0 + slope**2)
        taken = np.zeros((len(calibration), n_skills))
        for row, item_id in enumerate(calibration.item_ids):
            for k in (skills := skills_of.get(item_id, ())):
                taken[row, k] = 1.0 / len(skills)
        return cls(
            np.array([code[item_id] for item_id in calibration.item_ids], dtype=np.int64),
            -slope * calibration.difficulty / spread,
            1.0 / (told * (_LOGIT_PER_PROBIT * spread) ** 2) + _OTHER_LEARNERS,
            taken,
        )

    def put(self, items: Array, skills: Array, h: Settings) -> None:
        """Write what is known of the items and their skills, in place.

        An average learner's share of right answers fixes the sum of an item's easiness and its
        skills'; the sums of a skill's items tell what belongs to the skill.
        """
        abilities = h.learner_slow_variance + h.learner_fast_variance
        abilities += h.skill_slow_variance + h.skill_fast_variance
        known = self.easiness * np.sqrt(1.0 + abilities) - h.intercept
        variance = self.variance * (1.0 + abilities)
        weight = self.taken.sum(0)
        some = weight > 0.0
        above = self.taken.T @ (known - items[self.code, 0])
        skills[some, 0] = (above / (weight + h.item_variance / h.skill_variance))[some]
        doubt = (self.taken.T @ variance)[some] / weight[some] ** 2
        skills[some, 1] = np.maximum(doubt, _LEAST_SKILL_VARIANCE)
        items[self.code, 0] = known - self.taken @ np.where(some, skills[:, 0], 0.0)
        items[self.code, 1] = variance


def _overridden(values: Array, ids: Sequence[str], known: Mapping[str, Sequence[float]]) -> Array:
    found = values.copy()
    for row, one in enumerate(ids):
        if one in known:
            found[row] = known[one]
    return found
