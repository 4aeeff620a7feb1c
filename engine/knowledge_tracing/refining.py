"""Fitting what goes beyond skills: noise of items, what modules teach, forgetting by time.

Expectation-maximisation over all tables at once, from where the fit of the skills ended. Each
class's guess and slip are drawn to its skill's, and what a module teaches to what it declares,
with strengths estimated on the way (:mod:`.shrinkage`); a skill's rate of forgetting is drawn to
what is usual in the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from .compute import EventCounts, Passes, count_events, p_start_of
from .expectation_maximisation import Climb, maximise
from .parameters import DEFAULT_PARAMETERS, USUAL_DECAY, LevelParameters
from .plausibility import within_bounds
from .priors import HIGHEST, LOWEST, MOST_NOISE, log_prior, pseudo_counts
from .shrinkage import effective_events, shrinkage_strength, shrunk
from .tables import Tables
from .uncertainty import logit_covariances, slopes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Layout, Sequences

    Array = NDArray[np.float64]

__all__ = ["Refined", "Refinement"]

_SLOWEST_DECAY, _FASTEST_DECAY = np.log(2.0) / 36_500.0, np.log(2.0)  # per day
_DECAY_STRENGTH = 8.0  # the prior of a skill's rate is worth that many levels forgotten
_SETTLED = 5e-4  # a skill has settled when a pass moves none of its parameters by more
_GUESS, _SLIP = 3, 4


@dataclass(frozen=True)
class Refined:
    """Where the refinement ended.

    Parameters
    ----------
    tables : Tables
    pooled : ndarray, shape (n_ranks, 5)
    objective : ndarray, shape (n_passes, n_skills)
        The penalised log-likelihood before each pass; the classes' own priors are left out.
    settled : ndarray of bool, shape (n_skills,)
    pooled_decay : float
        The rate at which all skills together are forgotten.
    strengths : tuple of float
        How many events the shrinkage of guesses, slips and effects is worth.
    covariance : ndarray, shape (n_levels, 5, 5)
        Of the logits of each level's parameters.
    """

    tables: Tables
    pooled: Array
    objective: Array
    settled: NDArray[np.bool_]
    pooled_decay: float
    strengths: tuple[float, float, float]
    covariance: Array = field(default_factory=lambda: np.zeros((0, 5, 5)))

    def as_climb(self, present: NDArray[np.int64], rows: NDArray[np.int64]) -> Climb:
        """Return the same of the skills that are present, with their rows of levels."""
        trace = self.objective[:, present]
        iterations = np.full(len(present), len(trace))
        theta = self.tables.theta[rows]
        return Climb(theta, trace[-1], iterations, self.settled[present], trace)


class Refinement:
    """One refinement under way.

    Parameters
    ----------
    layout, sequences : Layout, Sequences
    passes : Passes
    declared : ndarray, shape (n_effects,)
        What the modules are said to teach.
    forgets, fades : bool
        Whether opportunities, and days, find levels forgotten.
    by_class : bool
        Whether classes of noise have guess and slip of their own.
    """

    def __init__(
        self,
        layout: Layout,
        sequences: Sequences,
        passes: Passes,
        *,
        declared: Array,
        forgets: bool,
        fades: bool,
        by_class: bool,
    ) -> None:
        self.layout, self.sequences, self.passes = layout, sequences, passes
        self.declared, self.forgets, self.fades, self.by_class = declared, forgets, fades, by_class
        n_levels = np.diff(layout.row_start)
        self.ranks = np.concatenate([np.arange(n) for n in n_levels])
        self.skill_of_row = np.repeat(np.arange(len(n_levels)), n_levels)
        self.strengths = (1.0, 1.0, 1.0)
        self._estimated = False

    def climb(self, theta: Array, pooled: Array, max_iterations: int) -> Refined:
        """Climb to an optimum that is plausible in every skill."""
        decay = np.full(len(self.layout.row_start) - 1, self.fades * USUAL_DECAY)
        noise = theta[self.layout.noise_level, 3:]
        start = Tables(theta, noise, self.declared.copy(), decay)

        def within(highest: Array, last: Refined | None) -> Refined:
            if last is None:
                return self._climb(start, pooled, highest, max_iterations)
            held = replace(last.tables, theta=np.minimum(last.tables.theta, highest))
            return self._climb(held, last.pooled, highest, max_iterations)

        found = within_bounds(len(theta), within, lambda found: found.tables.theta)
        return replace(found, covariance=self._covariance(found))

    def _covariance(self, found: Refined) -> Array:
        """Return how well the levels' parameters are known, the classes' own taken as they are.

        A class of noise that has its own guess and slip moves along with its level's, so that
        its effective events speak for them.
        """
        tables, centres = found.tables, [LevelParameters(*row) for row in found.pooled.tolist()]
        pseudo = pseudo_counts(centres, self.ranks, forgets=self.forgets)
        weight = self._weights(tables)
        own = _logit(tables.noise) - _logit(tables.theta[self.layout.noise_level, 3:])

        def slope(theta: Array) -> Array:
            noise = 1.0 / (1.0 + np.exp(-_logit(theta[self.layout.noise_level, 3:]) - own))
            here = replace(tables, theta=theta, noise=noise)
            counts = count_events(weight, self.sequences, self.layout, here)
            found = slopes(self._level_events(counts), pseudo, theta)
            for i in range(2):
                events = counts.noise[:, i, :2]
                worth = self._share(events, i)
                each = (events[:, 0] - events.sum(axis=1) * noise[:, i]) * worth
                of_level = np.bincount(self.layout.noise_level, each, len(theta))
                prior = pseudo[:, _GUESS + i]
                found[:, _GUESS + i] = of_level + prior[:, 0] - prior.sum(1) * theta[:, _GUESS + i]
            return found

        free = np.array([True, True, self.forgets, True, True])
        return logit_covariances(slope, tables.theta, free, self.skill_of_row, self.ranks)

    def _share(self, events: Array, i: int) -> Array:
        """Return what an event of each class is worth to its level: κ/(n + κ) of one."""
        if not self.by_class:
            return np.ones(len(events))
        share: Array = self.strengths[i] / (self.strengths[i] + events.sum(axis=1))
        return share

    def _climb(self, tables: Tables, pooled: Array, highest: Array, max_iterations: int) -> Refined:
        """Climb until no skill's parameters move, or `max_iterations` passes are done."""
        n_skills = len(self.layout.row_start) - 1
        usual = USUAL_DECAY
        objective: list[Array] = []
        moved = np.full(n_skills, np.inf)
        while len(objective) < max_iterations and moved.max(initial=0.0) > _SETTLED:
            counts = count_events(self._weights(tables), self.sequences, self.layout, tables)
            if not self._estimated:  # every class is at its centre still
                self._estimated = True
                self.strengths = self._strengths(counts, tables)
            usual = usual_decay(counts.decay) if self.fades else usual
            pseudo = pseudo_counts(
                [LevelParameters(*row) for row in pooled.tolist()], self.ranks, forgets=self.forgets
            )
            penalty = np.bincount(self.skill_of_row, log_prior(tables.theta, pseudo), n_skills)
            objective.append(counts.log_likelihood + penalty)
            before = tables
            tables, pooled = self._maximise(counts, tables, pooled, pseudo, highest)
            moved[:] = 0.0
            np.maximum.at(moved, self.skill_of_row, np.abs(tables.theta - before.theta).max(axis=1))
        settled = moved <= _SETTLED
        return Refined(tables, pooled, np.array(objective), settled, usual, self.strengths)

    def _strengths(self, counts: EventCounts, tables: Tables) -> tuple[float, float, float]:
        """Return how strongly guesses, slips and effects are drawn to their centres."""
        guess, slip = (shrinkage_strength(counts.noise[:, i], tables.noise[:, i]) for i in (0, 1))
        return guess, slip, shrinkage_strength(counts.effect, tables.effect)

    def _weights(self, tables: Tables) -> Array:
        """Return the scores, credited to the skills, in the sequences' order."""
        if not self.layout.has_conjunctions:
            return self.layout.score[self.layout.pair_response[self.sequences.pair]]
        p_start = p_start_of(tables.theta, self.layout.row_start)
        _, credit = self.passes.replay(self.layout, p_start, tables)
        return credit[self.sequences.pair]

    def _maximise(
        self, counts: EventCounts, tables: Tables, pooled: Array, pseudo: Array, highest: Array
    ) -> tuple[Tables, Array]:
        """Return the tables and the pooled parameters after the M-step."""
        events = self._level_events(counts)
        theta = maximise(events, pseudo, tables.theta, highest)
        by_rank = np.zeros((len(pooled), 5, 2))
        np.add.at(by_rank, self.ranks, events)
        usual = pseudo_counts((DEFAULT_PARAMETERS,), np.arange(len(pooled)), forgets=self.forgets)
        pooled = maximise(by_rank, usual, pooled)
        noise = self._noise(counts.noise, theta)
        return Tables(theta, noise, self._effects(counts.effect), self._decay(counts.decay)), pooled

    def _level_events(self, counts: EventCounts) -> Array:
        """Return the events behind each level's five parameters, shape (n_levels, 5, 2).

        A class of noise speaks about its level's guess and slip with its effective events.
        """
        events = np.zeros((len(self.ranks), 5, 2))
        events[:, :3] = counts.level
        for i, column in enumerate((_GUESS, _SLIP)):
            of_class = counts.noise[:, i, :2]
            if self.by_class:
                of_class = effective_events(of_class, self.strengths[i])
            np.add.at(events[:, column], self.layout.noise_level, of_class)
        return events

    def _noise(self, counts: Array, theta: Array) -> Array:
        """Return guess and slip of each class, guess + slip < 1 in every one."""
        centre: Array = theta[self.layout.noise_level, 3:]
        if not self.by_class:
            return centre
        prior = np.array(self.strengths[:2])[:, None] * np.stack([centre, 1.0 - centre], axis=-1)
        events = counts[..., :2] + prior
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
        rate = (lost + _DECAY_STRENGTH) / (days + _DECAY_STRENGTH / usual_decay(counts))
        bounded: Array = np.clip(rate, _SLOWEST_DECAY, _FASTEST_DECAY)
        return bounded


def _logit(p: Array) -> Array:
    odds: Array = np.log(p) - np.log1p(-p)
    return odds


def usual_decay(counts: Array) -> float:
    """Return the rate per day at which all skills together are forgotten.

    Examples
    --------
    >>> round(usual_decay(np.array([[30.0, 3000.0], [10.0, 1000.0]])), 3)
    0.009
    """
    lost, days = counts.sum(axis=0)
    return float((lost + 1.0) / (days + 1.0 / USUAL_DECAY))
