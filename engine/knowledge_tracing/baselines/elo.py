"""Elo ratings of learners, skills and items (Pelánek 2016)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np

from .contract import Baseline
from .fallback import ItemValues

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...domain.responses import ResponseLog

__all__ = ["Elo"]


@dataclass(eq=False)
class Elo(Baseline):
    """Ratings that move with every answer, by the surprise in it.

    P(right) = σ(θ_learner + mean θ_(learner, skill) − d_item). After the answer each rating moves
    by U(n)·(score − P), where U(n) = step / (1 + decay·n) falls with the number n of answers behind
    it. Pelánek (2016), Applications of the Elo rating system in adaptive educational systems,
    Computers & Education 98, sections 3 and 4. The difficulties are learned by `fit` and stand
    still afterwards, so that no learner's answers reach another's predictions. An item that was
    not there has the mean difficulty of the items with its skills.

    Parameters
    ----------
    step, decay : float
        Of the learner's rating on everything.
    skill_step, skill_decay : float
        Of the learner's rating on a skill.
    item_step, item_decay : float
        Of the items' difficulties.

    Examples
    --------
    >>> from ...domain.responses import ResponseLog
    >>> log = ResponseLog.from_columns(
    ...     learner=["ada"] * 3, item=["new"] * 3, skills=["sql"] * 3, score=[1, 1, 0]
    ... )
    >>> elo = Elo(step=0.4, decay=0.1, skill_step=0.6, skill_decay=0.1).fit(log.select([0]))
    >>> elo.predict_correct(log).round(3)
    array([0.622, 0.706, 0.759])
    """

    step: float = 0.3
    decay: float = 0.02
    skill_step: float = 0.4
    skill_decay: float = 0.05
    item_step: float = 1.0
    item_decay: float = 0.1

    def _learn(self, log: ResponseLog) -> None:
        difficulties = [0.0] * len(log.item_ids)
        self._play(log, log.item.tolist(), difficulties, learning=True)
        self._difficulties = ItemValues(log, np.array(difficulties))

    def _predict(self, log: ResponseLog) -> NDArray[np.float64]:
        difficulties = self._difficulties.of(log).tolist()
        return self._play(log, range(len(log)), difficulties, learning=False)

    def _play(
        self, log: ResponseLog, place: Any, difficulties: list[float], *, learning: bool
    ) -> NDArray[np.float64]:
        """Go through a log in time; where `learning`, move the difficulties as well.

        `place` says where each row's difficulty stands. Ratings are pairs [value, answers].
        """
        learners, scores, sets = log.learner.tolist(), log.score.tolist(), log.skill_set.tolist()
        abilities: dict[Any, list[float]] = {}
        answers = [0.0] * len(difficulties)
        p = np.empty(len(log))
        for row in log.time_order.tolist():
            learner, where = learners[row], place[row]
            general = abilities.setdefault(learner, [0.0, 0.0])
            special = [
                abilities.setdefault((learner, one), [0.0, 0.0])
                for one in log.skill_sets[sets[row]]
            ]
            logit = general[0] + sum(one[0] for one in special) / len(special)
            p[row] = chance = 1.0 / (1.0 + exp(difficulties[where] - logit))
            surprise = scores[row] - chance
            _move(general, self.step, self.decay, surprise)
            for one in special:
                _move(one, self.skill_step, self.skill_decay, surprise)
            if learning:
                item_step = self.item_step / (1.0 + self.item_decay * answers[where])
                difficulties[where] -= item_step * surprise
                answers[where] += 1.0
        return p


def _move(rating: list[float], step: float, decay: float, surprise: float) -> None:
    rating[0] += step / (1.0 + decay * rating[1]) * surprise
    rating[1] += 1.0
