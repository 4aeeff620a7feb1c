"""How well the easiness of items and of skills is known, all of it together.

Items are diagonal but for what not knowing the learners' abilities couples, and of that coupling
the part that runs through the skills is kept exactly (a Nyström approximation on the skills'
columns); what is left of it counts within the items of a skill only, where it takes nothing from
what they have in common. So the precision of items is a diagonal plus a few columns per skill, and
the skills follow by their Schur complement: exact marginals in time linear in the items.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .information import Information
    from .settings import Settings

    Array = NDArray[np.float64]

__all__ = ["Certainty"]

_CHUNK = 4096
_COMMON_VARIANCE = 1.0  # of what all skills have in common: the intercept was fitted, too
_MOST_LOST = 0.9
_LEAST = 1e-9


@dataclass(frozen=True)
class Certainty:
    """Variances of easiness under the joint posterior.

    Parameters
    ----------
    items : ndarray, shape (n_items, 2)
        The variance of an item's easiness, and its covariance with that of its skills.
    skills : ndarray, shape (n_skills, 2)
        The variances of a skill's easiness and of its practice slope.
    """

    items: Array
    skills: Array

    @classmethod
    def of(cls, told: Information, h: Settings) -> Certainty:
        """Return what is known after a log has told."""
        n_skills = told.taken.shape[1]
        columns, lost = _columns(told.lost_skills), np.empty_like(told.items)
        for rows in _chunks(len(lost)):
            kept = np.sum((told.lost_across[rows] @ columns) ** 2, axis=1)
            lost[rows] = np.clip(told.lost[rows] - kept, 0.0, _MOST_LOST * told.items[rows])
        diagonal = told.items - lost + 1.0 / h.item_variance
        within = told.taken.T @ (lost[:, None] * told.taken) + _LEAST * np.eye(n_skills)
        inner = np.zeros((columns.shape[1] + n_skills,) * 2)
        inner[: columns.shape[1], : columns.shape[1]] = -np.eye(columns.shape[1])
        inner[columns.shape[1] :, columns.shape[1] :] = within
        crossed, squared = np.zeros((len(inner), 2 * n_skills)), _prior(h, n_skills) + told.skills
        for rows in _chunks(len(lost)):
            few = np.hstack([told.lost_across[rows] @ columns, lost[rows, None] * told.taken[rows]])
            over = 1.0 / diagonal[rows, None]
            inner += few.T @ (few * over)
            crossed += few.T @ (told.across[rows] * over)
            squared -= told.across[rows].T @ (told.across[rows] * over)
        back = -np.linalg.inv(inner)
        skills = _inverse(squared - crossed.T @ back @ crossed)
        items = np.empty((len(lost), 2))
        for rows in _chunks(len(lost)):
            few = np.hstack([told.lost_across[rows] @ columns, lost[rows, None] * told.taken[rows]])
            over = 1.0 / diagonal[rows, None]
            reach = (told.across[rows] + few @ (back @ crossed)) * over
            spread = reach @ skills
            own = over[:, 0] + np.sum((few @ back) * few, axis=1) * over[:, 0] ** 2
            items[rows, 0] = own + np.sum(spread * reach, axis=1)
            items[rows, 1] = -np.sum(spread[:, :n_skills] * told.taken[rows], axis=1)
        variances = np.diag(skills).reshape(2, n_skills).T
        return cls(items, variances.copy())


def _columns(lost: Array) -> Array:
    """Return a root of the inverse of what was lost between skills, where there was any."""
    values, vectors = np.linalg.eigh(lost)
    some = values > _LEAST * max(float(values[-1]), _LEAST)
    root: Array = vectors[:, some] / np.sqrt(values[some])
    return root


def _chunks(n: int) -> Iterator[slice]:
    return (slice(begin, begin + _CHUNK) for begin in range(0, n, _CHUNK))


def _prior(h: Settings, n_skills: int) -> Array:
    """Return the precision of skills before any answer."""
    covariance = h.skill_variance * np.eye(n_skills) + _COMMON_VARIANCE
    precision = np.zeros((2 * n_skills, 2 * n_skills))
    precision[:n_skills, :n_skills] = np.linalg.inv(covariance)
    precision[n_skills:, n_skills:] = np.eye(n_skills) / h.practice_variance
    return precision


def _inverse(precision: Array) -> Array:
    values, vectors = np.linalg.eigh(precision)
    least = _LEAST * max(float(values[-1]), 1.0)
    inverse: Array = (vectors / np.maximum(values, least)) @ vectors.T
    return inverse
