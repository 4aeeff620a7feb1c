"""One pass of expectation-maximisation over all chains of the same number of states, in numpy.

What couples the chains (the other skills of an item, the prerequisites of a lesson) is taken from
the pass before, so that within a pass they are independent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .difficulty import by_item
from .generalising import SHARES
from .grid import MOST, climbing, falling, moved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .chains import Chains

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

__all__ = ["Counts", "Parameters", "backward", "forward"]


@dataclass
class Parameters:
    """What a pass goes by.

    Parameters
    ----------
    curve : ndarray, shape (steps + 1,)
    difficulty : ndarray, shape (n_items,)
    priors : list of ndarray, by skill
    learn : ndarray, shape (n_effects,)
    practice : ndarray, shape (n_skills,)
        What an answer teaches: the share of the missing steps.
    unmet, fade : float
    starts : dict of int to ndarray, shape (n_chains, n_states)
        By number of states, how probable each is at the beginning of a chain.
    others : ndarray, shape (n_rows,)
        P(the other skills of the item do their part).
    ready : ndarray, shape (n_rows, 2) or more
        Of a lesson, P(attained) of each of its prerequisites; 1 where there is none.

    Attributes
    ----------
    right : ndarray, shape (n_items + 1, steps + 1)
        P(right) of each item by the steps climbed to its level, and at last for rows without one.
    """

    curve: Array
    difficulty: Array
    priors: list[Array]
    learn: Array
    practice: Array
    unmet: float
    fade: float
    starts: dict[int, Array]
    others: Array
    ready: Array
    right: Array = field(init=False)

    def __post_init__(self) -> None:
        self.show(self.curve, self.difficulty)

    def show(self, curve: Array, difficulty: Array) -> None:
        """Let items show this from now on."""
        self.curve, self.difficulty = curve, difficulty
        self.right = by_item(curve, np.append(difficulty, 0.0))

    @property
    def left(self) -> Array:
        """Per row, the share of a lesson that is left, given the prerequisites."""
        found: Array = (self.unmet + (1.0 - self.unmet) * self.ready).prod(axis=1)
        return found

    @property
    def steps(self) -> int:
        """Steps to a level."""
        return len(self.curve) - 1


class Walk(NamedTuple):
    """A forward pass: beliefs per row, and per chain the log-likelihood.

    Before the row, with what an answer told, and with what the row taught.
    """

    before: Array
    told: Array
    after: Array
    log_likelihood: Array
    speed: float


@dataclass
class Counts:
    """What a pass expects to have happened."""

    right: Array  # by item and steps climbed to its level
    shown: Array
    starts: dict[int, Array]  # as the parameters have them
    told: Array  # by lesson and share: how many times as likely all is had it brought that
    practised: Array  # by skill, steps climbed by answering
    practisable: Array  # by skill, steps that were missing at answers


def forward(chains: Chains, known: Parameters, size: int, speed: float = 1.0) -> Walk:
    """Filter every chain with so many states, for those who learn at a speed."""
    n_rows = len(chains.skill)
    before, told, after = (np.zeros((n_rows, size)) for _ in range(3))
    now, share = known.starts[size], _shares(chains, known, speed)
    total = np.zeros(len(now))
    for rows in chains.steps[size]:
        b = now[: len(rows)]
        faded = np.flatnonzero(chains.days[rows] * known.fade > 0.0)
        if len(faded):
            b = b.copy()
            b[faded] = moved(b[faded], _lost(chains, known, rows[faded], size))
        before[rows] = b
        now = b * likelihoods(chains, known, rows, size)
        p = now.sum(axis=1)
        total[: len(rows)] += np.log(p)
        now /= p[:, None]
        told[rows] = now
        for rank, at in _by_rank(chains, rows, share > 0.0):
            now[at] = moved(now[at], climbing(share[rows[at]], size, known.steps, rank))
        after[rows] = now
    return Walk(before, told, after, total, speed)


def likelihoods(chains: Chains, known: Parameters, rows: Rows, size: int) -> Array:
    """Return the likelihood of each answer in every state, (n, size); 1 for lessons."""
    p = own(chains, known, rows, size) * known.others[rows, None]
    score = chains.score[rows, None]
    found: Array = np.where(
        chains.effect[rows, None] < 0, score * p + (1.0 - score) * (1.0 - p), 1.0
    )
    return found


def own(chains: Chains, known: Parameters, rows: Rows, size: int) -> Array:
    """Return P(the row's own skill does its part) in every state, (n, size)."""
    found: Array = known.right[chains.item[rows, None], _place(chains, known, rows, size)]
    return found


def _place(chains: Chains, known: Parameters, rows: Rows, size: int) -> Rows:
    """Return how many steps to its row's level each state is, (n, size)."""
    found: Rows = np.clip(np.arange(size) - chains.rank[rows, None] * known.steps, 0, known.steps)
    return found


def backward(chains: Chains, known: Parameters, walk: Walk, weight: Array, counts: Counts) -> None:
    """Smooth every chain of a walk, and add to the counts.

    Parameters
    ----------
    weight : ndarray, shape (n_chains,)
        How probable it is that the chain's learner learns at the walk's speed.
    """
    size = walk.before.shape[1]
    steps = chains.steps[size]
    lesson = np.cumsum(chains.effect >= 0) - 1
    later, left = np.ones((len(steps[0]), size)), known.left * walk.speed
    share = _shares(chains, known, walk.speed)
    for t in range(len(steps) - 1, -1, -1):
        rows = steps[t]
        future, mine = later[: len(rows)].copy(), weight[: len(rows)]
        for rank, at in _by_rank(chains, rows, chains.effect < 0):
            moves = climbing(share[rows[at]], size, known.steps, rank)
            joint = walk.told[rows[at], :, None] * moves * later[at, None, :]
            joint *= (mine[at] / joint.sum(axis=(1, 2)))[:, None, None]
            _count_practice(chains.skill[rows[at]], known.steps, joint, rank, counts)
            future[at] = moved(later[at], moves.transpose(0, 2, 1))
        for rank, at in _by_rank(chains, rows, chains.effect >= 0):
            moves = climbing(share[rows[at]], size, known.steps, rank)
            future[at] = moved(later[at], moves.transpose(0, 2, 1))
            scale = mine[at] / (walk.after[rows[at]] * later[at]).sum(axis=1)
            for number, one in enumerate(SHARES):
                would = climbing(np.minimum(one * left[rows[at]], MOST), size, known.steps, rank)
                likely = (moved(walk.before[rows[at]], would) * later[at]).sum(axis=1)
                counts.told[lesson[rows[at]], number] += scale * likely
        g = walk.told[rows] * future
        g *= (mine / g.sum(axis=1))[:, None]
        _count_answers(chains, known, rows, g, counts)
        future *= likelihoods(chains, known, rows, size)
        faded = np.flatnonzero(chains.days[rows] * known.fade > 0.0)
        if t and len(faded):
            losses = _lost(chains, known, rows[faded], size)
            future[faded] = moved(future[faded], losses.transpose(0, 2, 1))
        later[: len(rows)] = future / future.sum(axis=1, keepdims=True)
    start = known.starts[size] * later
    start *= (weight / start.sum(axis=1))[:, None]
    counts.starts[size] = counts.starts.get(size, 0.0) + start


def _count_answers(chains: Chains, known: Parameters, rows: Rows, g: Array, counts: Counts) -> None:
    answers = np.flatnonzero(chains.effect[rows] < 0)
    at = rows[answers]
    where = chains.item[at, None], _place(chains, known, at, g.shape[1])
    # Of a wrong answer to several skills this one did its part with some probability.
    p = known.right[where]
    score, others = chains.score[at, None], known.others[at, None]
    worked = p * (1.0 - others) / np.maximum(1.0 - p * others, 1e-12)
    np.add.at(counts.right, where, g[answers] * (score + (1.0 - score) * worked))
    np.add.at(counts.shown, where, g[answers])


def _count_practice(skill: Rows, steps: int, joint: Array, rank: int, counts: Counts) -> None:
    """Count the steps that answers brought and might have, given states before and after."""
    state, top = np.arange(joint.shape[1]), (rank + 1) * steps
    climbed = (joint * np.maximum(state - state[:, None], 0)).sum(axis=(1, 2))
    missing = np.where((state >= rank * steps) & (state < top), top - state, 0)
    np.add.at(counts.practised, skill, climbed)
    np.add.at(counts.practisable, skill, joint.sum(axis=2) @ missing)


def _by_rank(chains: Chains, rows: Rows, some: NDArray[np.bool_]) -> list[tuple[int, Rows]]:
    """Return the places of some of the rows, by the rank that they are about."""
    places = np.flatnonzero(some[rows])
    ranks: Sequence[int] = np.unique(chains.rank[rows[places]]).tolist()
    return [(rank, places[chains.rank[rows[places]] == rank]) for rank in ranks]


def _shares(chains: Chains, known: Parameters, speed: float) -> Array:
    """Return what each row teaches: the share of the missing steps."""
    share = known.practice[chains.skill]
    lessons = np.flatnonzero(chains.effect >= 0)
    learn = known.learn[chains.effect[lessons]] * known.left[lessons] * speed
    share[lessons] = np.minimum(learn, MOST)
    return share


def _lost(chains: Chains, known: Parameters, rows: Rows, size: int) -> Array:
    return falling(-np.expm1(-known.fade * chains.days[rows]), size)
