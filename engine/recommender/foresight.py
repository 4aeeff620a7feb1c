"""What the answer to an item would tell of the targets of a role.

P(right) given what is known follows from the tracer's own beliefs by Bayes' rule, so any tracer
will do. An item on one skill tells of the targets through the levels of that skill alone; so the
knowledge states are gone through once per learner, and an item takes as many steps as it has
levels times targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..domain.evidence import Response
from ..domain.knowledge import KnowledgeState
from .knowledge_space import level_masses
from .projector import attained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Item
    from ..domain.framework import SkillLevel
    from .examination import Examination, Examiner

__all__ = ["Foreseen", "View"]

_ROUNDING = 1e-9
_NEVER = 1e-300


class Foreseen(NamedTuple):
    """An item, P(right), and by how much the answer is expected to reduce the doubt."""

    item: Item
    p_right: float
    information: float

    def rank(self) -> tuple[float, str]:
        """Return what is least for the most telling, by id among equals."""
        return -self.information, self.item.item_id


class View:
    """What one learner may know now, and after an answer.

    Parameters
    ----------
    about : Examination
    state : KnowledgeState
    tracer : Examiner
    at : datetime or None

    Attributes
    ----------
    now : ndarray, shape (n_targets,)
        P(attained) with all evidence taken in.
    doubt : float
        The squared error of these to be expected, by the targets' weights.
    """

    def __init__(
        self, about: Examination, state: KnowledgeState, tracer: Examiner, at: datetime | None
    ) -> None:
        self._about, self._state, self._tracer, self._at = about, state, tracer, at
        self._shares = about.shares()
        self._space = about.space(self._attained(KnowledgeState(state.learner_id), about.wanted))
        touched = [one for one in self._space.columns if one in state.skills]
        self._weight = self._space.weights(self._attained(state, about.wanted), touched)
        self._of_targets = self._space.known[:, : len(self._shares)]
        self.now: NDArray[np.float64] = self._weight @ self._of_targets
        self.doubt = float(self._doubt(self.now))

    def _attained(self, state: KnowledgeState, wanted: Sequence[SkillLevel]) -> NDArray[np.float64]:
        return np.array(attained(self._tracer, state, wanted, self._at))

    def readiness(self) -> tuple[float, float]:
        """Return the mean and the standard deviation of the weighted share of attained targets."""
        share = self._of_targets @ self._shares
        mean = float(self._weight @ share)
        return mean, max(float(self._weight @ (share - mean) ** 2), 0.0) ** 0.5

    def _doubt(self, p: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return Σ wᵢ·pᵢ·(1 − pᵢ) / Σ wᵢ, the squared error to be expected of the targets."""
        doubt: NDArray[np.float64] = (p * (1.0 - p)) @ self._shares
        return doubt

    def most_telling(self, items: Sequence[Item]) -> Foreseen | None:
        """Return the item whose answer is expected to reduce the doubt most, the first of equals.

        No item says more than the level of its skill would if it were known, so skills are looked
        at from the most that they can say downwards, as far as that is more than what was found.
        """
        groups: dict[tuple[str, ...], list[Item]] = {}
        for item in items:
            groups.setdefault(self._exercised(item), []).append(item)
        most = {one: self._most_said_by(one) for one in groups}
        best: Foreseen | None = None
        for one in sorted(groups, key=lambda one: -most[one]):
            if best is not None and most[one] < best.information * (1.0 - _ROUNDING):
                break
            found = map(self._foreseen, groups[one])
            best = min(found if best is None else (best, *found), key=Foreseen.rank)
        return best

    def _exercised(self, item: Item) -> tuple[str, ...]:
        return tuple(one for one in item.skills if one in self._space.columns)

    def _most_said_by(self, skill_ids: tuple[str, ...]) -> float:
        """Return by how much the doubt would fall if a skill's level were known; all of several."""
        if len(skill_ids) > 1:
            return self.doubt
        return self.doubt - self._doubt_left(self._by_level[skill_ids[0]])

    def _foreseen(self, item: Item) -> Foreseen:
        p_right = self._tracer.predict_item(self._state, item.item_id, at=self._at)
        right = self._joint_with_right(item, p_right)
        wrong = np.append(1.0, self.now) - right
        told = self.doubt - self._doubt_left(np.stack([right, wrong]))
        return Foreseen(item, p_right, told)

    def _doubt_left(self, joint: NDArray[np.float64]) -> float:
        """Return the doubt to be expected once one of several things is known to be so.

        Parameters
        ----------
        joint : ndarray, shape (n_things, 1 + n_targets)
            P of each thing, then of it and of each target.
        """
        p = np.maximum(joint[:, 0], _NEVER)
        attained_then = np.clip(joint[:, 1:] / p[:, None], 0.0, 1.0)  # P of nothing is rounding
        return float(p @ self._doubt(attained_then))

    def _joint_with_right(self, item: Item, p_right: float) -> NDArray[np.float64]:
        """Return P(right), then P(right and target attained) per target, from what is known."""
        exercised = self._exercised(item)
        right, half = (
            self._tracer.update(
                self._state, Response(self._state.learner_id, item.item_id, score, self._at)
            )
            for score in (1.0, 0.5)
        )
        if len(exercised) > 1:  # only particles know several skills' levels at once
            found = np.full(len(self._weight), p_right)
            for skill_id in exercised:
                found *= self._ratio(skill_id, right, half)[self._space.levels(skill_id)]
            weight = self._weight * np.minimum(found, 1.0)
            return np.append(weight.sum(), weight @ self._of_targets)
        (skill_id,) = exercised
        found = np.minimum(p_right * self._ratio(skill_id, right, half), 1.0)
        joint: NDArray[np.float64] = found @ self._by_level[skill_id]
        return joint

    @cached_property
    def _by_level(self) -> dict[str, NDArray[np.float64]]:
        """Per skill P(k of its levels), then P(k levels and target), (n_levels + 1, 1 + n_targets).

        Items are foreseen from these, so that many of them cost little more than a few.
        """
        everything = np.append(1.0, self.now)
        weighted = np.column_stack([self._weight, self._weight[:, None] * self._of_targets])
        at_least = self._space.known.T @ weighted
        return {
            skill_id: -np.diff(at_least[places], axis=0, prepend=everything[None], append=0.0)
            for skill_id, places in self._space.columns.items()
        }

    def _ratio(
        self, skill_id: str, right: KnowledgeState, half: KnowledgeState
    ) -> NDArray[np.float64]:
        """Return P(right | k levels) / P(right) for k from 0, by Bayes' rule from the tracer.

        That is P(k levels | right) / P(k levels); what is learned by answering at all is left out
        by comparing with a score of one half, which tells nothing.
        """
        wanted = [self._about.wanted[k] for k in self._space.columns[skill_id]]
        after, as_it_was = (level_masses(self._attained(one, wanted)) for one in (right, half))
        ratio: NDArray[np.float64] = after / as_it_was
        return ratio
