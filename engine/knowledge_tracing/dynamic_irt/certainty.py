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
    from .prior import Prior
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
    def of(cls, told: Information, prior: Prior, h: Settings) -> Certainty:
        """Return what is known after a log has told."""
        n_skills = told.taken.shape[1]
        columns, lost = _columns(told.lost_skills), np.empty_like(told.items)
        for rows in _chunks(len(lost)):
            kept = np.sum((told.lost_across[rows] @ columns) ** 2, axis=1)
            lost[rows] = np.clip(told.lost[rows] - kept, 0.0, _MOST_LOST * told.items[rows])
        believed = _Believed.of(prior, told.taken, h)
        diagonal = told.items - lost + believed.items
        within = told.taken.T @ (lost[:, None] * told.taken) + _LEAST * np.eye(n_skills)
        inner = np.zeros((columns.shape[1] + n_skills,) * 2)
        inner[: columns.shape[1], : columns.shape[1]] = -np.eye(columns.shape[1])
        inner[columns.shape[1] :, columns.shape[1] :] = within
        crossed, squared = np.zeros((len(inner), 2 * n_skills)), believed.skills + told.skills
        for rows in _chunks(len(lost)):
            few = np.hstack([told.lost_across[rows] @ columns, lost[rows, None] * told.taken[rows]])
            over = 1.0 / diagonal[rows, None]
            inner += few.T @ (few * over)
            across = told.across[rows] + believed.across(rows, told.taken)
            crossed += few.T @ (across * over)
            squared -= across.T @ (across * over)
        back = -np.linalg.inv(inner)
        skills = _inverse(squared - crossed.T @ back @ crossed)
        items = np.empty((len(lost), 2))
        for rows in _chunks(len(lost)):
            few = np.hstack([told.lost_across[rows] @ columns, lost[rows, None] * told.taken[rows]])
            over = 1.0 / diagonal[rows, None]
            across = told.across[rows] + believed.across(rows, told.taken)
            reach = (across + few @ (back @ crossed)) * over
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


@dataclass(frozen=True)
class _Believed:
    """The precision of items and skills before the log; items may be tied to their skills."""

    items: Array
    tie: Array
    skills: Array

    @classmethod
    def of(cls, prior: Prior, taken: Array, h: Settings) -> _Believed:
        n_skills, (items, skills) = taken.shape[1], prior.under(h)
        together = ~np.isnan(prior.items_doubt)
        variance = np.where(together[:, 0], prior.items_doubt[:, 0], items[:, 1])
        covariance = np.where(together[:, 1], prior.items_doubt[:, 1], 0.0)
        fresh = np.isnan(prior.skills_doubt)
        usual = np.where(fresh, skills[:, 1::2], prior.skills_doubt)
        of_mean = np.maximum(taken**2 @ usual[:, 0], _LEAST)
        slope = covariance / of_mean
        left = 1.0 / np.maximum(variance - slope * covariance, _LEAST)
        new = (fresh[:, 0] & np.isnan(prior.skills[:, 0])).astype(np.float64)
        spread = np.diag(usual[:, 0]) + _COMMON_VARIANCE * np.outer(new, new)
        precision = np.zeros((2 * n_skills, 2 * n_skills))
        precision[:n_skills, :n_skills] = np.linalg.inv(spread)
        precision[:n_skills, :n_skills] += (taken.T * (slope**2 * left)) @ taken
        precision[n_skills:, n_skills:] = np.diag(1.0 / usual[:, 1])
        return cls(left, -slope * left, precision)

    def across(self, rows: slice, taken: Array) -> Array:
        tied = self.tie[rows, None] * taken[rows]
        return np.hstack([tied, np.zeros_like(tied)])


def _inverse(precision: Array) -> Array:
    values, vectors = np.linalg.eigh(precision)
    least = _LEAST * max(float(values[-1]), 1.0)
    inverse: Array = (vectors / np.maximum(values, least)) @ vectors.T
    return inverse
