"""Fitting what goes beyond skills: noise of items, what modules teach, time, and learners.

Expectation-maximisation over all tables at once, from where the fit of the skills ended, by
cycles of squared extrapolation (:mod:`.squarem`), each skill with a step length of its own. The
pooled parameters are held for a cycle. Answers that took several skills are credited anew at each
look: credits held longer make skills that share items swing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from .expectation_maximisation import Climb, maximise
from .log_odds import logit
from .nodes import Expectations, Together
from .parameters import DEFAULT_PARAMETERS, USUAL_DECAY, LevelParameters
from .plausibility import within_bounds
from .priors import pseudo_counts
from .revision import Revision, usual_decay
from .squarem import cycle
from .stretching import Stretching
from .tables import Tables
from .traits import shifted
from .uncertainty import logit_covariances, slopes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Refined", "Refinement"]

_SETTLED = 2e-3  # a skill has settled when no cycle would move any of its parameters by more
_LONGEST = 4.0  # credits and pooled parameters move meanwhile: farther leaps miss
_STEEPEST = 0.25  # a probability changes by that much per logit at the most
_FIRST_SPREAD = 0.5  # logits: at none there is no slope to climb
_GUESS, _SLIP = 3, 4


@dataclass(frozen=True)
class Refined:
    """Where the refinement ended.

    Parameters
    ----------
    tables : Tables
    pooled : ndarray, shape (n_ranks, 5)
    objective : ndarray, shape (n_passes, n_skills)
        The penalised log-likelihood at each pass, that of a leap only where it was taken.
    settled : ndarray of bool, shape (n_skills,)
    pooled_decay : float
        The rate at which all skills together are forgotten.
    covariance : ndarray, shape (n_levels, 5, 5)
        Of the logits of each level's parameters.
    """

    tables: Tables
    pooled: Array
    objective: Array
    settled: NDArray[np.bool_]
    pooled_decay: float
    covariance: Array = field(default_factory=lambda: np.zeros((0, 5, 5)))

    def as_climb(self) -> Climb:
        """Return the same of the levels alone."""
        trace = self.objective
        iterations = np.full(trace.shape[1], len(trace))
        return Climb(self.tables.theta, trace[-1], iterations, self.settled, trace)


class Refinement:
    """One refinement under way.

    Parameters
    ----------
    expectations : Together
        The E-step.
    revision : Revision
        The M-step.
    forgets : bool
        Whether opportunities find levels forgotten.
    """

    def __init__(self, expectations: Together, revision: Revision, *, forgets: bool) -> None:
        self.expectations, self.revision, self.forgets = expectations, revision, forgets
        self.layout = expectations.layout
        self.ranks = np.concatenate([np.arange(n) for n in np.diff(self.layout.row_start)])

    def usual(self, theta: Array) -> Tables:
        """Return the tables where all is as the levels, the curriculum and most logs have it."""
        decay = np.full(len(self.layout.row_start) - 1, self.revision.fades * USUAL_DECAY)
        noise, effect = theta[self.layout.noise_level, _GUESS:], self.revision.declared.copy()
        return Tables(theta, noise, effect, decay, _FIRST_SPREAD * self.revision.spreads)

    def climb(self, usual: Tables, start: Tables, pooled: Array, max_iterations: int) -> Refined:
        """Climb to an optimum that is plausible in every skill.

        How alike classes are is told where every class is at its centre: at the `usual` tables.
        """
        centred = self.expectations.expect(self.expectations.weigh(usual), usual)
        self.revision.weigh_classes(centred.counts, usual)

        def within(highest: Array, last: Refined | None) -> Refined:
            if last is None:
                return self._climb(start, pooled, highest, max_iterations)
            held = replace(last.tables, theta=np.minimum(last.tables.theta, highest))
            return self._climb(held, last.pooled, highest, max_iterations)

        found = within_bounds(
            len(usual.theta),
            within,
            lambda found: self._at_nodes(found.tables),
            self.expectations.node_weights,
        )
        return replace(found, covariance=self._covariance(found))

    def _at_nodes(self, tables: Tables) -> Array:
        """Return the parameters at each node, shape (n_nodes, n_levels, 5)."""
        nodes = self.expectations.nodes
        return np.stack([shifted(tables.theta, tables.spread, node) for node in nodes])

    def _climb(self, tables: Tables, pooled: Array, highest: Array, max_iterations: int) -> Refined:
        """Climb until no skill's parameters would move, or `max_iterations` passes are done."""
        n_skills = len(self.layout.row_start) - 1
        objective: list[Array] = []
        far = np.full(n_skills, np.inf)
        while len(objective) < max_iterations and far.max(initial=0.0) > _SETTLED:
            tables, pooled, aim, reached = self._turn(tables, pooled, highest)
            objective.extend(reached)
            far[:] = _STEEPEST * np.abs(aim.spread - tables.spread).max()
            away = np.abs(aim.theta - tables.theta).max(axis=1)
            np.maximum.at(far, self.revision.skill_of_row, away)
        settled = far <= _SETTLED
        return Refined(tables, pooled, np.array(objective), settled, self.revision.usual_decay)

    def _turn(
        self, tables: Tables, pooled: Array, highest: Array
    ) -> tuple[Tables, Array, Tables, list[Array]]:
        """Go through one cycle of extrapolation.

        Returns
        -------
        tables, pooled
            Where the next one begins.
        aim : Tables
            Where the leap led to.
        objective : list of ndarray, shape (n_skills,)
            At each pass.
        """
        revision, stretching = self.revision, Stretching(self.revision, highest)
        pseudo = self._pseudo(pooled)
        seen: list[Expectations] = []
        objective: list[Array] = []
        alike = not revision.spreads.any()

        def look(x: Array) -> tuple[Array, Array]:
            here = stretching.back(x, tables)
            found = self.expectations.expect(self.expectations.weigh(here), here)
            prior = revision.log_prior(here, pseudo)
            seen.append(found)
            objective.append(found.counts.log_likelihood + prior)
            ahead = stretching.out(revision.revised(found, here, pseudo, highest))
            if alike:
                return ahead, objective[-1]
            of_spread = revision.log_prior_of_spread(here.spread)
            return ahead, np.array([found.log_likelihood + prior.sum() + of_spread])

        n_groups = len(tables.decay) if alike else 1  # a learner's trait joins the skills
        group = stretching.group(len(tables.decay)) * alike
        found = cycle(look, stretching.out(tables), group, n_groups, _LONGEST)
        objective[-1] = np.where(found.leapt, objective[-1], objective[-2])
        revision.usual_decay = usual_decay(seen[-1].counts.decay) if revision.fades else USUAL_DECAY
        after, aim = (stretching.back(one, tables) for one in (found.x, found.aim))
        return after, self._pooled(seen[-1], pooled), aim, objective

    def _pseudo(self, pooled: Array) -> Array:
        centres = [LevelParameters(*row) for row in pooled.tolist()]
        return pseudo_counts(centres, self.ranks, forgets=self.forgets)

    def _pooled(self, found: Expectations, pooled: Array) -> Array:
        """Return the parameters that speak for all skills together."""
        by_rank = np.zeros((len(pooled), 5, 2))
        np.add.at(by_rank, self.ranks, self.revision.level_events(found.counts))
        usual = pseudo_counts((DEFAULT_PARAMETERS,), np.arange(len(pooled)), forgets=self.forgets)
        return maximise(by_rank, usual, pooled)

    def _covariance(self, found: Refined) -> Array:
        """Return how well the levels' parameters are known, the classes' own taken as they are.

        A class of noise that has its own guess and slip moves along with its level's, so that
        its effective events speak for them.
        """
        tables, revision, level = found.tables, self.revision, self.layout.noise_level
        pseudo, weight = self._pseudo(found.pooled), self.expectations.weigh(found.tables)
        own = logit(tables.noise) - logit(tables.theta[level, _GUESS:])

        def slope(theta: Array) -> Array:
            noise = 1.0 / (1.0 + np.exp(-logit(theta[level, _GUESS:]) - own))
            here = replace(tables, theta=theta, noise=noise)
            expected = self.expectations.expect(weight, here)
            events = revision.level_events(expected.counts)
            found = slopes(events, pseudo, theta)
            found[:, :2] += (
                self._of_nodes(expected.by_node, here)
                - slopes(events, np.zeros_like(events), theta)[:, :2]
            )
            for i in range(2):
                events = expected.counts.noise[:, i, :2]
                worth = revision.share(events, i)
                each = (events[:, 0] - events.sum(axis=1) * noise[:, i]) * worth
                of_level = np.bincount(level, each, len(theta))
                prior = pseudo[:, _GUESS + i]
                found[:, _GUESS + i] = of_level + prior[:, 0] - prior.sum(1) * theta[:, _GUESS + i]
            return found

        free = np.array([True, True, self.forgets, True, True])
        return logit_covariances(
            lambda points: np.stack([slope(one) for one in points]),
            tables.theta,
            free,
            revision.skill_of_row,
            self.ranks,
        )

    def _of_nodes(self, events: Array, tables: Tables) -> Array:
        """Return the slope in the logits of prior and learn, over the nodes."""
        at = self._at_nodes(tables)[..., :2]
        slope: Array = (events[..., 0] - events.sum(axis=-1) * at).sum(axis=0)
        return slope
