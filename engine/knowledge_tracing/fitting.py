"""From evidence to parameters: all skills pooled first, then each from several starting points.

The pooled parameters are the centre of every skill's priors (partial pooling: a skill with few
responses stays near what is usual in its log) and stand in for skills never seen.

Items with several skills are fitted by turns: the filter credits the skills under the current
parameters (:mod:`.conjunction`), then expectation-maximisation fits each skill to its credits,
until neither moves the other.

The evidence is a log, or many that lie elsewhere: see :mod:`.parts`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .expectation_maximisation import Climb, climb
from .extras import Extras
from .fitted import Fitted
from .naming import named_parameters, report_on
from .parameters import DEFAULT_PARAMETERS, LevelParameters, parameters_by_rank
from .parts import Parts
from .plausibility import within_bounds
from .pooling import MOST_ROUNDS, SETTLED, pool
from .priors import HIGHEST, LOWEST, pseudo_counts, starting_points
from .remembering import events_by_rank, events_by_row
from .tasks import Tasks
from .uncertainty import logit_covariances, slopes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum
    from ..domain.evidence import Completion
    from ..domain.framework import SkillLevel
    from ..domain.responses import ResponseLog
    from .compute import Passes
    from .level_table import LevelTable
    from .options import BKTOptions

    Array = NDArray[np.float64]

__all__ = ["fit_log", "fit_parts"]

_SCOUTING = 0.5  # nats left: how far starting points are climbed before the best is chosen
_CREDITING = 0.05  # nats left: how far skills are climbed before they are credited anew


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
    >>> from .options import BKTOptions
    >>> rows = [
    ...     {"learner": who, "item": "q", "skills": "sql", "score": right, "order": t}
    ...     for who in "abc"
    ...     for t, right in enumerate([0, 0, 1, 1, 1])
    ... ]
    >>> fitted = fit_log(ResponseLog.from_records(rows), BKTOptions(), Reference())
    >>> fitted.parameters["sql"][1].learn > fitted.pooled[0].forget
    True
    """
    parts = Parts((log,), passes, known=start.events if start and memory else ())
    if not options.refines and completions is None:
        return fit_parts(parts, options, start=start, memory=memory)
    table = parts.table
    named = replace(log, skill_ids=table.skill_ids)
    extras = Extras.of(named, table.chains, options, curriculum, completions)
    fit = _Fit(parts, options)
    pooled, found = fit.climb(start)
    refined = extras.refine(found.theta, pooled, options, passes, start)
    return fit.named(
        refined.pooled,
        refined.as_climb(),
        covariance=refined.covariance,
        **extras.named(refined, named),
    )


def fit_parts(
    parts: Parts, options: BKTOptions, *, start: Fitted | None = None, memory: float = 0.0
) -> Fitted:
    """Fit every skill and level that there is evidence about, by its responses alone.

    Parameters
    ----------
    parts : Parts
    options : BKTOptions
    start : Fitted, optional
    memory : float, default 0.0
        As in :func:`fit_log`.
    """
    fit = _Fit(parts, options)
    if start is not None and memory:
        fit.remember(start, memory)
    pooled, found = fit.climb(start)
    return fit.named(
        pooled,
        found,
        covariance=fit.covariance(found.theta, pooled),
        events=fit.by_level(fit.events(found.theta)),
    )


class _Fit:
    """One fit under way: the evidence, and the passes over it."""

    def __init__(self, parts: Parts, options: BKTOptions) -> None:
        self.parts, self.options, self.ranks = parts, options, parts.table.ranks
        self.tasks = Tasks(np.arange(len(parts.table.skill_ids)), parts.table.n_levels)
        self.remembered = np.zeros((len(self.ranks), 5, 2))
        self.remembered_by_rank = np.zeros((0, 5, 2))

    def remember(self, start: Fitted, memory: float) -> None:
        """Let the events behind an earlier fit count as well."""
        self.remembered = memory * events_by_row(start, self.parts.table)
        self.remembered_by_rank = memory * events_by_rank(start)

    def climb(self, start: Fitted | None) -> tuple[Array, Climb]:
        """Return the pooled parameters, and those of every skill."""
        begin = None if start is None else self._pooled_of(start)
        held = self._held_fixed(self.remembered_by_rank)
        pooled = pool(self.parts, self.options, begin, held)
        known = None if start is None else _known_of(start, self.parts.table)
        return pooled.theta, self._skill_by_skill(pooled, known)

    def named(self, pooled: Array, found: Climb, *, covariance: Array, **more: Any) -> Fitted:
        """Return what was found by the names of skills and levels."""
        parameters = named_parameters(self.parts.table, found.theta)
        return Fitted(
            parameters,
            tuple(LevelParameters(*row) for row in pooled.tolist()),
            report_on(self.parts, parameters, found, forgets=self.options.forgets),
            self.parts.items,
            covariance=self.by_level(covariance),
            summary=self.parts.outline.summary,
            **more,
        )

    def by_level(self, values: Array) -> dict[SkillLevel, Array]:
        """Return values per row of the table by the levels that they belong to."""
        return dict(zip(self.parts.table.rows, values, strict=True))

    def _pooled_of(self, start: Fitted) -> Array:
        """Return the pooled parameters of an earlier fit, for each rank of level there is now."""
        n = int(np.max(self.ranks)) + 1
        found = np.array([parameters_by_rank(start.pooled, rank) for rank in range(n)])
        return self._startable(found, np.tile(DEFAULT_PARAMETERS, (n, 1)))

    def _startable(self, theta: Array, usual: Array) -> Array:
        """Return a starting point within bounds; at no forgetting there is no slope to climb."""
        found = np.clip(theta, LOWEST, HIGHEST)
        found[:, 2] = np.where(theta[:, 2] > 0.0, found[:, 2], usual[:, 2])
        found[:, 2] *= self.options.forgets
        return found

    def _skill_by_skill(self, pooled: Climb, known: Array | None) -> Climb:
        """Fit every skill around the pooled parameters.

        Rows that are `known` begin there; the other skills at the best of their starting points.
        """
        pseudo, theta = self._pseudo(pooled.theta), pooled.theta[self.ranks]
        share = np.repeat(pooled.share, len(self.tasks), axis=0)
        credits = self.parts.credits(theta)
        new = self.tasks.skill
        if known is not None:
            met = ~np.isnan(known).any(axis=1)
            theta[met] = self._startable(known[met], theta[met])
            credits = self.parts.credits(theta)
            new = np.setdiff1d(new, self.tasks.task_of_row[met])
        if len(new) and self.options.restarts > 1:
            rows = np.isin(self.tasks.task_of_row, new)
            theta[rows], share[new] = self._best_start(
                credits, theta[rows], pseudo[rows], new, share[new]
            )
        for _ in range(MOST_ROUNDS if self.parts.has_conjunctions else 0):
            before = theta
            found = self._climb(credits, self.tasks, before, pseudo, share, tolerance=_CREDITING)
            theta, share = found.theta, found.share
            credits = self.parts.credits(theta)
            if np.abs(theta - before).max() < SETTLED:
                break
        return within_bounds(
            len(theta),
            lambda highest, last: self._climb(
                credits,
                self.tasks,
                theta if last is None else np.minimum(last.theta, highest),
                pseudo,
                share if last is None else last.share,
                highest=highest,
            ),
            lambda found: found.theta,
        )

    def covariance(self, theta: Array, pooled: Array) -> Array:
        """Return the covariance of the levels' logits, shape (n_levels, 5, 5)."""
        pseudo, credits = self._pseudo(pooled), self.parts.credits(theta)

        def slope(points: Array) -> Array:  # as so many tasks, all in one pass
            n = len(points)
            tasks = Tasks(np.tile(self.tasks.skill, n), np.tile(self.tasks.n_levels, n))
            count = self._count(credits, tasks)
            counts, _ = count(points.reshape(-1, 5), np.arange(len(tasks)))
            return slopes(counts.reshape(n, -1, 5, 2), pseudo, points)

        free = np.array([True, True, self.options.forgets, True, True])
        return logit_covariances(slope, theta, free, self.tasks.task_of_row, self.ranks)

    def events(self, theta: Array) -> Array:
        """Return the events behind the levels, those remembered among them."""
        count = self._count(self.parts.credits(theta), self.tasks)
        found = count(theta, self.tasks.skill)[0] + self.remembered
        return np.maximum(found, 0.0)  # what never happened may come to less by rounding

    def _count(
        self, credits: Sequence[Any], tasks: Tasks
    ) -> Callable[[Array, NDArray[np.int64]], tuple[Array, Array]]:
        return lambda theta, which: self.parts.expected_counts(credits, tasks, theta, which)

    def _pseudo(self, pooled: Array) -> Array:
        """Return the priors of the levels as events, with what is remembered of them."""
        centres = [LevelParameters(*row) for row in pooled.tolist()]
        pseudo = pseudo_counts(centres, self.ranks, forgets=self.options.forgets)
        return pseudo + self._held_fixed(self.remembered)

    def _held_fixed(self, events: Array) -> Array:
        """Return the events without those of what is held fixed."""
        fixed = events.copy()
        fixed[:, 2] *= self.options.forgets
        return fixed

    def _climb(
        self,
        credits: Sequence[Any],
        tasks: Tasks,
        theta: Array,
        pseudo: Array,
        share: Array,
        *,
        tolerance: float = 0.0,
        highest: Array | None = None,
    ) -> Climb:
        return climb(
            self._count(credits, tasks),
            tasks,
            theta,
            pseudo=pseudo,
            max_iterations=self.options.max_iterations,
            tolerance=max(tolerance, self.options.tolerance),
            highest=highest,
            share=share,
            at_once=lambda ascent, most: self.parts.climb(credits, tasks, ascent, most),
        )

    def _best_start(
        self,
        credits: Sequence[Any],
        theta: Array,
        pseudo: Array,
        which: NDArray[np.int64],
        share: Array,
    ) -> tuple[Array, Array]:
        """Climb some way from each starting point.

        Returns
        -------
        theta : ndarray, shape (n_rows, 5)
            Where each skill's best one came.
        share : ndarray, shape (n_tasks, n, n)
            What was learned of the missing information on the way.
        """
        n, k = self.options.restarts, len(which)
        once = Tasks(which, self.tasks.n_levels[which])
        tasks = Tasks(np.tile(once.skill, n), np.tile(once.n_levels, n))
        rng = np.random.default_rng(self.options.seed)
        drawn = starting_points(rng, n - 1, len(theta), forgets=self.options.forgets)
        scouted = self._climb(
            credits,
            tasks,
            np.concatenate([theta, drawn]),
            np.tile(pseudo, (n, 1, 1)),
            np.tile(share, (n, 1, 1)),
            tolerance=_SCOUTING,
        )
        best = scouted.objective.reshape(n, k).argmax(axis=0)
        rows = best[once.task_of_row] * len(theta) + np.arange(len(theta))
        learned = share.copy()
        most = scouted.share.shape[1]
        learned[:, :most, :most] = scouted.share[best * k + np.arange(k)]
        return scouted.theta[rows], learned


def _known_of(start: Fitted, table: LevelTable) -> Array:
    """Return what an earlier fit has found of each row of the table of levels, else NaN."""
    rows = [start.parameters.get(k, {}).get(level, (np.nan,) * 5) for k, level in table.rows]
    return np.array(rows, dtype=np.float64)
