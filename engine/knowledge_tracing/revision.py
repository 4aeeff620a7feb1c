"""The M-step over all tables at once: levels, classes of noise, modules, time and learners.

Each class's guess and slip are drawn to its skill's, and what a module teaches to what it
declares, with strengths estimated on the way (:mod:`.shrinkage`); a skill's rate of forgetting is
drawn to what is usual in the log, and how far learners differ to nothing.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .expectation_maximisation import maximise
from .log_odds import logistic, logit
from .parameters import USUAL_DECAY
from .priors import HIGHEST, LOWEST, MOST_NOISE, log_prior
from .shrinkage import effective_events, shrinkage_strength, shrunk
from .tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .event_counts import EventCounts
    from .layout import Layout
    from .nodes import Expectations

    Array = NDArray[np.float64]

__all__ = ["FASTEST_DECAY", "SLOWEST_DECAY", "Revision", "usual_decay"]

SLOWEST_DECAY, FASTEST_DECAY = np.log(2.0) / 36_500.0, np.log(2.0)  # per day
_DECAY_STRENGTH = 8.0  # the prior of a skill's rate is worth that many levels forgotten
_SPREAD_STRENGTH = 4.0  # the prior of a spread is normal around 0, with variance 1 / strength
_NEWTON_STEPS = 3
_GUESS, _SLIP = 3, 4


class Revision:
    """What the tables become once events have been counted.

    Parameters
    ----------
    layout : Layout
    declared : ndarray, shape (n_effects,)
        What the modules are said to teach.
    nodes : tuple of float, shape (n_nodes,)
        The values of the learners' trait told apart.
    spreads : tuple of bool, shape (2,)
        Whether learners differ in prior, and in learn.
    fades : bool
        Whether levels are forgotten while days pass.
    by_class : bool
        Whether classes of noise have guess and slip of their own.
    """

    def __init__(
        self,
        layout: Layout,
        declared: Array,
        *,
        nodes: tuple[float, ...],
        spreads: tuple[bool, bool],
        fades: bool,
        by_class: bool,
    ) -> None:
        self.layout, self.declared = layout, declared
        self.nodes, self.spreads = np.array(nodes), np.array(spreads, dtype=np.float64)
        self.fades, self.by_class = fades, by_class
        self.strengths = (1.0, 1.0, 1.0)
        self.usual_decay = USUAL_DECAY

    @cached_property
    def skill_of_row(self) -> NDArray[np.int64]:
        """The skill of each row of the table of levels."""
        n_levels = np.diff(self.layout.row_start)
        return np.repeat(np.arange(len(n_levels)), n_levels)

    @cached_property
    def skill_of_effect(self) -> NDArray[np.int64]:
        """The skill of each effect of a module; those never seen count as the first skill's."""
        skill = np.zeros(len(self.declared), dtype=np.int64)
        silent = self.layout.pair_effect >= 0
        skill[self.layout.pair_effect[silent]] = self.layout.pair_skill[silent]
        return skill

    def weigh_classes(self, counts: EventCounts, tables: Tables) -> None:
        """Estimate how strongly guesses, slips and effects are drawn to their centres.

        Taken while every class is at its centre.
        """
        guess, slip = (shrinkage_strength(counts.noise[:, i], tables.noise[:, i]) for i in (0, 1))
        self.strengths = guess, slip, shrinkage_strength(counts.effect, tables.effect)

    def level_events(self, counts: EventCounts) -> Array:
        """Return the events behind each level's five parameters, shape (n_levels, 5, 2).

        A class of noise speaks about its level's guess and slip with its effective events.
        """
        events = np.zeros((len(self.skill_of_row), 5, 2))
        events[:, :3] = counts.level
        for i, column in enumerate((_GUESS, _SLIP)):
            of_class = counts.noise[:, i, :2]
            if self.by_class:
                of_class = effective_events(of_class, self.strengths[i])
            np.add.at(events[:, column], self.layout.noise_level, of_class)
        return events

    def share(self, events: Array, i: int) -> Array:
        """Return what an event of each class is worth to its level: κ/(n + κ) of one."""
        if not self.by_class:
            return np.ones(len(events))
        share: Array = self.strengths[i] / (self.strengths[i] + events.sum(axis=1))
        return share

    def revised(self, found: Expectations, tables: Tables, pseudo: Array, highest: Array) -> Tables:
        """Return the tables after the M-step."""
        counts = found.counts
        theta = maximise(self.level_events(counts), pseudo, tables.theta, highest)
        spread = tables.spread
        if self.spreads.any():
            theta[:, :2], spread = self._spread_out(found.by_node, tables, pseudo, highest)
        return Tables(
            theta, self._noise(counts.noise, theta), self._effects(counts.effect),
            self._decay(counts.decay), spread,
        )  # fmt: skip

    def log_prior(self, tables: Tables, pseudo: Array) -> Array:
        """Return the log prior density of each skill's parameters up to a constant, (n_skills,)."""
        total = np.zeros(len(tables.decay))
        np.add.at(total, self.skill_of_row, log_prior(tables.theta, pseudo))
        if self.by_class:
            skill, centre = self.skill_of_row[self.layout.noise_level], self._centres(tables.theta)
            for i in range(2):
                away = _divergence(centre[:, i], tables.noise[:, i])
                total -= self.strengths[i] * np.bincount(skill, away, len(total))
        if len(self.declared):
            away = _divergence(self.declared, tables.effect)
            total -= self.strengths[2] * np.bincount(self.skill_of_effect, away, len(total))
        if self.fades:
            rate = tables.decay / self.usual_decay
            total += _DECAY_STRENGTH * (np.log(rate) - rate + 1.0)
        return total

    def log_prior_of_spread(self, spread: Array) -> float:
        """Return the log prior density of how far learners differ, up to a constant."""
        return float(-0.5 * _SPREAD_STRENGTH * (spread * spread).sum())

    def _centres(self, theta: Array) -> Array:
        centres: Array = theta[self.layout.noise_level, _GUESS:]
        return centres

    def _spread_out(
        self, events: Array, tables: Tables, pseudo: Array, highest: Array
    ) -> tuple[Array, Array]:
        """Return prior and learn of the levels, and how far learners differ, by Newton's steps.

        A logistic regression on the trait: at a node x the odds are those of the level times
        e^{x·spread}; events by node are counts of a binomial.
        """
        happened, total = events[..., 0], events.sum(axis=-1)
        prior, weight = pseudo[:, :2, 0], pseudo[:, :2].sum(axis=-1)
        at, spread, x = logit(tables.theta[:, :2]), tables.spread.copy(), self.nodes[:, None, None]
        low, high = logit(LOWEST[:2]), logit(highest[:, :2])
        for _ in range(_NEWTON_STEPS):
            p, own = logistic(at + x * spread), logistic(at)
            slope = (happened - total * p).sum(axis=0) + prior - weight * own
            bend = (total * p * (1.0 - p)).sum(axis=0) + weight * own * (1.0 - own)
            at = np.clip(at + np.clip(slope / np.maximum(bend, 1e-12), -1.0, 1.0), low, high)
            p = logistic(at + x * spread)
            slope = (x * (happened - total * p)).sum(axis=(0, 1)) - _SPREAD_STRENGTH * spread
            bend = (x * x * total * p * (1.0 - p)).sum(axis=(0, 1)) + _SPREAD_STRENGTH
            spread += self.spreads * np.clip(slope / bend, -0.5, 0.5)
        return logistic(at), spread

    def _noise(self, counts: Array, theta: Array) -> Array:
        """Return guess and slip of each class, guess + slip < 1 in every one."""
        centre = self._centres(theta)
        if not self.by_class:
            return centre
        drawn = np.array(self.strengths[:2])[:, None]
        events = counts[..., :2] + drawn * np.stack([centre, 1.0 - centre], axis=-1)
        share = events[..., 0] / events.sum(axis=-1)
        noise: Array = np.clip(share, LOWEST[_GUESS:], HIGHEST[_GUESS:])
        noisy = noise.sum(axis=1) > MOST_NOISE
        if noisy.any():
            rows, none = np.zeros((int(noisy.sum()), 5, 2)), np.zeros((int(noisy.sum()), 5))
            rows[:, _GUESS:] = events[noisy]
            noise[noisy] = maximise(np.zeros_like(rows), rows, none)[:, _GUESS:]
        return noise

    def _effects(self, counts: Array) -> Array:
        if not len(counts):
            return self.declared
        found = shrunk(counts[:, :2], self.declared, self.strengths[2])
        return np.clip(found, LOWEST[1], HIGHEST[1])

    def _decay(self, counts: Array) -> Array:
        """Return each skill's rate of forgetting per day: levels lost by days exposed."""
        lost, days = counts.T
        if not self.fades:
            return np.zeros(len(lost))
        rate = (lost + _DECAY_STRENGTH) / (days + _DECAY_STRENGTH / self.usual_decay)
        bounded: Array = np.clip(rate, SLOWEST_DECAY, FASTEST_DECAY)
        return bounded


def _divergence(centre: Array, p: Array) -> Array:
    """Return the Kullback–Leibler divergence of p from the centre, in nats an event."""
    m, p = (np.clip(one, 1e-9, 1.0 - 1e-9) for one in (centre, p))
    found: Array = m * np.log(m / p) + (1.0 - m) * np.log((1.0 - m) / (1.0 - p))
    return found


def usual_decay(counts: Array) -> float:
    """Return the rate per day at which all skills together are forgotten.

    Examples
    --------
    >>> round(usual_decay(np.array([[30.0, 3000.0], [10.0, 1000.0]])), 3)
    0.009
    """
    lost, days = counts.sum(axis=0)
    return float((lost + 1.0) / (days + 1.0 / USUAL_DECAY))
