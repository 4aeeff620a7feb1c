"""From a log to parameters: all skills pooled first, then each from several starting points.

The pooled parameters are the centre of every skill's priors (partial pooling: a skill with few
responses stays near what is usual in its log) and stand in for skills never seen.

Items with several skills are fitted by turns: the filter credits the skills under the current
parameters (:mod:`.conjunction`), then expectation-maximisation fits each skill to its credits,
until neither moves the other.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .ascent import Ascent, Point
from .chain import LevelChain
from .compute import Passes, Tasks, p_start_of
from .convergence import FitReport, SkillFit
from .diagnosis import notes_on_evidence, notes_on_parameters
from .expectation_maximisation import Climb, climb, maximise
from .extras import Extras
from .fitted import Fitted, items_of
from .layout import Layout, Sequences, sequences_of
from .options import BKTOptions
from .parameters import (
    DEFAULT_PARAMETERS,
    LevelParameters,
    SkillParameters,
    parameters_by_rank,
)
from .plausibility import within_bounds
from .priors import HIGHEST, LOWEST, log_prior, pseudo_counts, starting_points
from .remembering import events_by_rank, events_by_row
from .tables import Tables
from .uncertainty import logit_covariances, slopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum
    from ..domain.evidence import Completion
    from ..domain.responses import ResponseLog

    Array = NDArray[np.float64]

__all__ = ["fit_log"]

_SETTLED = 1e-3  # skills and credits agree when no round moves a parameter by more
_SCOUTING = 0.5  # nats left: how far starting points are climbed before the best is chosen
_CREDITING = 0.05  # nats left: how far skills are climbed before they are credited anew
_MOST_ROUNDS = 10  # of crediting and climbing


def fit_log(
    log: ResponseLog,
    options: BKTOptions,
    passes: Passes,
    *,
    curriculum: Curriculum | None = None,
    completions: Iterable[Completion] | None = None,
    start: Fitted | None = None,
    memory: float = 0.0,
) -> Fitted:
    """Fit every skill and level that the log has responses to.

    With `start`, what an earlier fit has found is where this one begins, in place of the several
    starting points; skills that it did not have begin as ever. With `memory`, the events behind
    what it has found count that much beside the log's own (:mod:`.remembering`).

    The skills are fitted first, with guess and slip of their own and by their responses alone;
    what the options and the completions add is refined from there (:mod:`.refining`).

    Examples
    --------
    >>> from ..domain.responses import ResponseLog
    >>> from .compute import Reference
    >>> rows = [
    ...     {"learner": who, "item": "q", "skills": "sql", "score": right, "order": t}
    ...     for who in "abc"
    ...     for t, right in enumerate([0, 0, 1, 1, 1])
    ... ]
    >>> fitted = fit_log(ResponseLog.from_records(rows), BKTOptions(), Reference())
    >>> fitted.parameters["sql"][1].learn > fitted.pooled[0].forget
    True
    """
    chains = _chains_of(log, start if memory else None)
    layout = Layout.of(log, chains)
    fit = _Fit(layout, sequences_of(layout), options, passes)
    if start is not None and memory:
        fit.remembered = memory * events_by_row(start, log.skill_ids, chains)
        fit.remembered_by_rank = memory * events_by_rank(start)
    pooled = fit.pool(None if start is None else fit.pooled_of(start))
    known = fit.known_of(start, log, chains) if start else None
    found = fit.skill_by_skill(pooled, known)
    covariance = events = None
    more: dict[str, Any] = {}
    if options.refines or completions is not None:
        extras = Extras.of(log, chains, options, curriculum, completions)
        theta = pooled[fit.ranks]
        theta[fit.rows] = found.theta
        refined = extras.refine(theta, pooled, options, passes, start)
        more = extras.named(refined, log)
        pooled, found = refined.pooled, refined.as_climb(fit.present, fit.rows)
        covariance = refined.covariance[fit.rows]
    present = [(int(k), log.skill_ids[k]) for k in fit.present]
    parameters = {
        skill_id: fit.parameters_of(k, chains[skill_id].levels, found.theta)
        for k, skill_id in present
    }
    reports = {skill_id: fit.report_of(k, parameters[skill_id], found) for k, skill_id in present}
    centres = tuple(LevelParameters(*row) for row in pooled.tolist())
    if covariance is None:
        covariance, events = fit.covariance(found.theta, pooled), fit.events(found.theta, pooled)
    exercised = [one for k, skill_id in present for one in chains[skill_id].skill_levels(skill_id)]
    more["covariance"] = dict(zip(exercised, covariance, strict=True))
    if events is not None:
        more["events"] = dict(zip(exercised, events, strict=True))
    return Fitted(parameters, centres, FitReport(reports), items_of(log), **more)


def _chains_of(log: ResponseLog, known: Fitted | None = None) -> Mapping[str, LevelChain]:
    """Return a chain per skill over the levels that its responses looked at, and those known."""
    parameters = {} if known is None else known.parameters
    levels = {skill_id: set(parameters.get(skill_id, ())) for skill_id in log.skill_ids}
    for number in np.unique(log.skill_set):
        for one in log.skill_sets[number]:
            levels[one.skill_id].add(one.level)
    return {k: LevelChain.of(found, {}, (DEFAULT_PARAMETERS,)) for k, found in levels.items()}


class _Fit:
    """One fit under way: the log laid out, and the passes over it."""

    def __init__(
        self, layout: Layout, sequences: Sequences, options: BKTOptions, passes: Passes
    ) -> None:
        self.layout = layout
        self.sequences = sequences
        self.options = options
        self.passes = passes
        self.present = np.flatnonzero(sequences.n_responses)
        self.ranks = np.concatenate([np.arange(n) for n in sequences.n_levels])
        self.tasks = Tasks(self.present, sequences.n_levels[self.present])
        self.all_tasks = Tasks(np.arange(len(sequences.n_levels)), sequences.n_levels)
        self.rows = np.flatnonzero(np.isin(self.all_tasks.task_of_row, self.present))
        self.remembered = np.zeros((len(self.ranks), 5, 2))
        self.remembered_by_rank = np.zeros((0, 5, 2))

    def weights(self, theta: Array) -> Array:
        """Return the scores, credited to the skills under `theta`, in the sequences' order."""
        if self.sequences.score is not None and not self.layout.has_conjunctions:
            return self.sequences.score
        p_start = p_start_of(theta, self.layout.row_start)
        _, credit = self.passes.replay(self.layout, p_start, Tables.of_levels(theta, self.layout))
        return credit[self.sequences.pair]

    def pooled_of(self, start: Fitted) -> Array:
        """Return the pooled parameters of an earlier fit, for each rank of level there is now."""
        n = int(np.max(self.sequences.n_levels))
        found = np.array([parameters_by_rank(start.pooled, rank) for rank in range(n)])
        return self._startable(found, np.tile(DEFAULT_PARAMETERS, (n, 1)))

    def known_of(self, start: Fitted, log: ResponseLog, chains: Mapping[str, LevelChain]) -> Array:
        """Return what an earlier fit has found of each row of the table of levels, else NaN."""
        unknown = (np.nan,) * 5
        rows = [
            start.parameters.get(k, {}).get(level, unknown)
            for k in log.skill_ids
            for level in chains[k].levels
        ]
        return np.array(rows, dtype=np.float64)

    def _startable(self, theta: Array, usual: Array) -> Array:
        """Return a starting point within bounds; at no forgetting there is no slope to climb."""
        found = np.clip(theta, LOWEST, HIGHEST)
        found[:, 2] = np.where(theta[:, 2] > 0.0, found[:, 2], usual[:, 2])
        found[:, 2] *= self.options.forgets
        return found

    def pool(self, start: Array | None = None) -> Array:
        """Fit one set of parameters per rank of level to all skills together."""
        ranks = np.arange(np.max(self.sequences.n_levels))
        pseudo = pseudo_counts((DEFAULT_PARAMETERS,), ranks, forgets=self.options.forgets)
        pooled = np.tile(DEFAULT_PARAMETERS, (len(ranks), 1)) if start is None else start
        pooled[:, 2] *= self.options.forgets
        n = min(len(ranks), len(self.remembered_by_rank))
        pseudo[:n] += self._held_fixed(self.remembered_by_rank[:n])
        for _ in range(_MOST_ROUNDS if self.layout.has_conjunctions else 1):
            before = pooled
            pooled = self._pool(self.weights(pooled[self.ranks]), pooled, pseudo)
            if np.abs(pooled - before).max() < _SETTLED:
                break
        return pooled

    def _pool(self, weight: Array, pooled: Array, pseudo: Array) -> Array:
        """Climb to the best one set of parameters, the skills' counts taken together."""
        highest = np.tile(HIGHEST, (len(pooled), 1))
        one_task = Tasks(np.zeros(1, dtype=np.int64), np.array([len(pooled)]))
        ascent = Ascent(one_task, pooled, highest, self.options.tolerance)
        for _ in range(self.options.max_iterations):
            here = ascent.trial
            by_skill, log_likelihood = self.passes.expected_counts(
                weight, self.sequences, self.all_tasks, here[self.ranks], self.present
            )
            counts = np.zeros((len(pooled), 5, 2))
            np.add.at(counts, self.ranks, by_skill)
            reached = log_likelihood.sum() + log_prior(here, pseudo).sum()
            ahead = maximise(counts, pseudo, here)
            ascent.see(Point.of(here, ahead, counts, pseudo, highest), np.array([reached]))
            if not ascent.climbing.any():
                break
        return ascent.theta

    def skill_by_skill(self, pooled: Array, known: Array | None = None) -> Climb:
        """Fit every skill around the pooled parameters; its rows of `theta` are all skills'.

        Rows that are `known` begin there; the other skills at the best of their starting points.
        """
        pseudo = self._pseudo(pooled)
        theta = pooled[self.ranks]
        weight = self.weights(theta)
        new = np.arange(len(self.tasks))
        if known is not None:
            met = ~np.isnan(known[self.rows]).any(axis=1)
            here = self.rows[met]
            theta[here] = self._startable(known[here], theta[here])
            weight = self.weights(theta)
            new = np.setdiff1d(new, self.tasks.task_of_row[met])
        if len(new):
            rows = self.rows[np.isin(self.tasks.task_of_row, new)]
            theta[rows] = self._best_start(
                weight, theta[rows], pseudo[np.isin(self.rows, rows)], new
            )
        for _ in range(_MOST_ROUNDS if self.layout.has_conjunctions else 0):
            before = theta[self.rows]
            theta[self.rows] = self._climb(
                weight, self.tasks, before, pseudo, tolerance=_CREDITING
            ).theta
            weight = self.weights(theta)
            if np.abs(theta[self.rows] - before).max() < _SETTLED:
                break
        return within_bounds(
            len(self.rows),
            lambda highest, last: self._climb(
                weight,
                self.tasks,
                theta[self.rows] if last is None else np.minimum(last.theta, highest),
                pseudo,
                highest=highest,
            ),
            lambda found: found.theta,
        )

    def covariance(self, theta: Array, pooled: Array) -> Array:
        """Return the covariance of the logits of the levels present, shape (n_levels, 5, 5)."""
        pseudo, weight = self._pseudo(pooled), self._weights_at(theta, pooled)
        which = np.arange(len(self.tasks))

        def slope(here: Array) -> Array:
            counts, _ = self.passes.expected_counts(weight, self.sequences, self.tasks, here, which)
            return slopes(counts, pseudo, here)

        free = np.array([True, True, self.options.forgets, True, True])
        return logit_covariances(slope, theta, free, self.tasks.task_of_row, self.ranks[self.rows])

    def events(self, theta: Array, pooled: Array) -> Array:
        """Return the events behind the levels present, those remembered among them."""
        counts, _ = self.passes.expected_counts(
            self._weights_at(theta, pooled),
            self.sequences,
            self.tasks,
            theta,
            np.arange(len(self.tasks)),
        )
        return counts + self.remembered[self.rows]

    def _weights_at(self, theta: Array, pooled: Array) -> Array:
        everywhere = pooled[self.ranks]
        everywhere[self.rows] = theta
        return self.weights(everywhere)

    def _pseudo(self, pooled: Array) -> Array:
        """Return the priors of the levels present as events, with what is remembered of them."""
        centres = [LevelParameters(*row) for row in pooled.tolist()]
        pseudo = pseudo_counts(centres, self.ranks[self.rows], forgets=self.options.forgets)
        return pseudo + self._held_fixed(self.remembered[self.rows])

    def _held_fixed(self, events: Array) -> Array:
        """Return the events without those of what is held fixed."""
        fixed = events.copy()
        fixed[:, 2] *= self.options.forgets
        return fixed

    def _climb(
        self,
        weight: Array,
        tasks: Tasks,
        theta: Array,
        pseudo: Array,
        *,
        tolerance: float = 0.0,
        highest: Array | None = None,
    ) -> Climb:
        return climb(
            self.passes,
            self.sequences,
            weight,
            tasks,
            theta,
            pseudo=pseudo,
            max_iterations=self.options.max_iterations,
            tolerance=max(tolerance, self.options.tolerance),
            highest=highest,
        )

    def _best_start(
        self, weight: Array, theta: Array, pseudo: Array, which: NDArray[np.int64]
    ) -> Array:
        """Climb some way from each starting point; return where each skill's best one came."""
        n, k = self.options.restarts, len(which)
        if n == 1:
            return theta
        once = Tasks(self.tasks.skill[which], self.tasks.n_levels[which])
        tasks = Tasks(np.tile(once.skill, n), np.tile(once.n_levels, n))
        rng = np.random.default_rng(self.options.seed)
        drawn = starting_points(rng, n - 1, len(theta), forgets=self.options.forgets)
        scouted = self._climb(
            weight,
            tasks,
            np.concatenate([theta, drawn]),
            np.tile(pseudo, (n, 1, 1)),
            tolerance=_SCOUTING,
        )
        best = scouted.objective.reshape(n, k).argmax(axis=0)
        rows = best[once.task_of_row] * len(theta) + np.arange(len(theta))
        chosen: Array = scouted.theta[rows]
        return chosen

    def parameters_of(self, k: int, levels: tuple[int, ...], theta: Array) -> SkillParameters:
        """Return the parameters of skill k by level."""
        j = int(np.searchsorted(self.present, k))
        rows = theta[self.tasks.row[j] : self.tasks.row[j] + self.tasks.n_levels[j]].tolist()
        return {level: LevelParameters(*row) for level, row in zip(levels, rows, strict=True)}

    def report_of(self, k: int, parameters: SkillParameters, found: Climb) -> SkillFit:
        """Return what is to be said of the fit of skill k."""
        j = int(np.searchsorted(self.present, k))
        n_responses, n_right = (
            one[self.layout.row_start[k] : self.layout.row_start[k + 1]] for one in self.answers
        )
        n_learners = int(self.sequences.n_learners[k])
        converged = bool(found.converged[j])
        notes = [
            *notes_on_parameters(parameters, forgets=self.options.forgets),
            *notes_on_evidence(tuple(parameters), n_responses, n_right, n_learners),
        ]
        if not converged:
            notes.append(f"not converged after {found.iterations[j]} iterations")
        return SkillFit(
            n_responses=int(n_responses.sum()),
            n_learners=n_learners,
            iterations=int(found.iterations[j]),
            objective=float(found.objective[j]),
            trace=tuple(found.trace[: found.iterations[j], j].tolist()),
            converged=converged,
            warnings=tuple(notes),
        )

    @cached_property
    def answers(self) -> tuple[Array, Array]:
        """How many answers each row of the table of levels had, and how many were right."""
        row = self.layout.row_start[self.layout.pair_skill] + self.layout.pair_rank
        score = self.layout.score[self.layout.pair_response]
        n = len(self.ranks)
        n_answers = np.bincount(row, minlength=n).astype(np.float64)
        return n_answers, np.bincount(row, score, n).astype(np.float64)
