"""The fit of StepTracing: expectation-maximisation, drawn to what is declared and usual."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import exp, log, prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..fitted import items_of
from .beginning import beginning, rarity, ready_share
from .binding import Binding, Known
from .chains import Chains, events_of
from .difficulty import USUAL_SPREAD, learned
from .expectation import Expectation
from .fitted import StepFit, StepFitted, usual_curve, usual_prior
from .generalising import SHARES, generalised
from .grid import MOST, Grid, attained_from
from .mixture import SPEEDS, mixed, speeds_of, whose
from .passes import Counts, Parameters, backward, forward, own

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...domain.curriculum import Curriculum
    from ...domain.evidence import Completion
    from ...domain.framework import SkillLevel
    from ...domain.responses import ResponseLog
    from .options import StepOptions

    Array = NDArray[np.float64]

__all__ = ["fit_log"]


class _Rate(NamedTuple):
    """What is usual, the spread of its logarithm, and the most that it can be."""

    usual: float
    spread: float
    most: float


_PRIOR_WEIGHT = 4.0  # learners that what is usual counts for
_PRACTICE_WEIGHT = 30.0  # missing steps that this counts for
_RARE, _RARE_WEIGHT = 0.5, 4.0  # how rare what is not ready for is, and what that counts for
_SPEED_WEIGHT = 8.0  # learners that the usual speeds count for
_PRACTICE = 0.1  # what an answer teaches, where nothing else does
_BESIDE_LESSONS = _Rate(0.02, 1.5, 0.5)  # the same where something does
_FADE = _Rate(0.003, 1.0, 0.2)  # what is lost a day
_UNMET = _Rate(0.5, 2.0, 1.0)  # what is left of a lesson without a prerequisite
_SEARCH_EACH = 3  # passes
_FAR, _FINE_ENOUGH = 2.0, 0.2  # how far a search looks around, in logarithms
_FEW_LEARNERS = 20


def fit_log(
    log: ResponseLog,
    options: StepOptions,
    *,
    curriculum: Curriculum | None = None,
    completions: Iterable[Completion] | None = None,
) -> StepFitted:
    """Return what a log teaches."""
    items = items_of(log)
    levels = _levels([*items.values(), *log.skill_sets])
    blank = StepFitted(usual_curve(options.steps), levels=levels, items=items)
    bound = Binding(blank, curriculum, options)
    chains = Chains.of(events_of(log, completions, curriculum), bound)
    em = _Climb(chains, bound, options)
    for number in range(options.passes):
        em.once(number)
    n_learners = len(np.unique(log.learner))
    converged = len(em.trace) > 1 and em.trace[-1] - em.trace[-2] < 1e-3 * max(1, len(log))
    warnings = []
    if n_learners < _FEW_LEARNERS:
        warnings.append(f"only {n_learners} learners: all leans on what is usual")
    if np.ptp(log.score) == 0.0:
        warnings.append(f"every score is {log.score[0]:g}: nothing tells learners or items apart")
    report = StepFit(len(log), n_learners, tuple(em.trace), converged, tuple(warnings))
    return em.learned(replace(blank, report=report), dated=log.answered_at is not None)


def _levels(skill_sets: Iterable[tuple[SkillLevel, ...]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for one in (one for skills in skill_sets for one in skills):
        found.setdefault(one.skill_id, set()).add(one.level)
    return {skill_id: tuple(sorted(levels)) for skill_id, levels in found.items()}


class _Climb:
    """Passes over the chains; the parameters are as of the latest."""

    def __init__(self, chains: Chains, bound: Binding, options: StepOptions) -> None:
        self.chains, self.options, self.expected = chains, options, Expectation()
        self.declared = np.array([one[2] for one in chains.effects], np.float64)
        self.forms = [one[3] for one in chains.effects]
        kinds = SPEEDS if len(self.declared) else ((1.0, 1.0),)
        self.speeds, self.at_first = np.array(kinds).T
        self.usual_speeds = self.at_first
        self.bound, self.rare, self.spread = bound, _RARE, USUAL_SPREAD
        self.usual_practice = _BESIDE_LESSONS.usual if len(self.declared) else _PRACTICE
        self.met: dict[int, Array] = {}
        self.place = {
            int(row): (size, i)
            for size, rows in chains.steps.items()
            for i, row in enumerate(rows[0])
        }
        self.trace: list[float] = []
        most = max((len(of) for _, of in chains.required), default=1)
        self.known = Parameters(
            np.array(bound.curve),
            np.zeros(len(chains.item_ids)),
            [bound.prior(one).copy() for one in chains.skill_ids],
            np.clip(self.declared, 0.02, MOST),
            np.full(len(chains.skill_ids), self.usual_practice),
            _UNMET.usual,
            _FADE.usual,
            {},
            np.ones(len(chains.skill)),
            np.ones((len(chains.skill), most)),
        )
        self._couple({})

    def once(self, number: int) -> None:
        """Expect what happened, and learn from it."""
        chains, known = self.chains, self.known
        shape = len(chains.item_ids), known.steps + 1
        counts = Counts(
            np.zeros(shape),
            np.zeros(shape),
            {},
            np.zeros((np.count_nonzero(chains.effect >= 0), len(SHARES))),
            np.zeros(len(chains.skill_ids)),
            np.zeros(len(chains.skill_ids)),
        )
        walks = [
            {size: forward(chains, known, size, float(speed)) for size in chains.steps}
            for speed in self.speeds
        ]
        found, log_likelihood = speeds_of(walks, chains, self.usual_speeds)
        self.trace.append(log_likelihood)
        for mine, walk in zip(found, walks, strict=True):
            for size, one in walk.items():
                backward(chains, known, one, mine[whose(chains, size)], counts)
        told = found.sum(axis=1) + _SPEED_WEIGHT * self.at_first
        self.usual_speeds = told / told.sum()
        self.speeds /= self.usual_speeds @ self.speeds  # what modules teach is for who learns so
        self._learn(counts)
        names = ("before", "told", "after")
        self._couple(*(mixed(walks, chains, found, name) for name in names))
        if number and number % _SEARCH_EACH == 0:
            self._search()

    def _search(self) -> None:
        """Search for what expectation-maximisation would take hundreds of passes to find.

        What happens rarely is mostly hidden, and what is mostly hidden moves as slowly.
        """
        known = self.known
        if self.chains.required:
            known.unmet = self._best(_UNMET, known.unmet, lambda one: replace(known, unmet=one))
        if self.chains.days.any():
            known.fade = self._best(_FADE, known.fade, lambda one: replace(known, fade=one))
        if len(self.declared):
            usual = self.usual_practice
            self.usual_practice = self._best(_BESIDE_LESSONS, usual, self._practised)
            known.practice = self._practised(self.usual_practice).practice

    def _practised(self, usual: float) -> Parameters:
        practice = self.known.practice * (usual / self.usual_practice)
        return replace(self.known, practice=np.minimum(practice, MOST))

    def _best(self, rate: _Rate, now: float, tried: Callable[[float], Parameters]) -> float:
        """Return the rate that makes the log most probable, within some of what it is now."""
        from scipy.optimize import minimize_scalar

        chains, middle = self.chains, log(rate.usual)

        def badness(x: float) -> float:
            known = tried(exp(x))
            walks = (forward(chains, known, size) for size in chains.steps)
            likelihood = sum(float(walk.log_likelihood.sum()) for walk in walks)
            return 0.5 * ((x - middle) / rate.spread) ** 2 - likelihood

        bounds = log(now) - _FAR, min(log(now) + _FAR, log(rate.most))
        options = {"xatol": _FINE_ENOUGH}
        found = minimize_scalar(badness, bounds=bounds, method="bounded", options=options)
        return exp(float(found.x))

    def _learn(self, counts: Counts) -> None:
        known = self.known
        usual = np.array(usual_curve(known.steps))
        curve, difficulty, self.spread = learned(
            counts.right, counts.shown, usual, known.curve, known.difficulty, self.spread
        )
        known.show(curve, difficulty)
        self._learn_priors(counts)
        if len(self.declared):
            self._learn_effects(counts)
        else:
            climbed, missing = counts.practised.sum(), counts.practisable.sum()
            self.usual_practice = float(_drawn(climbed, missing, _PRACTICE))
        known.practice = _drawn(counts.practised, counts.practisable, self.usual_practice)

    def _learn_effects(self, counts: Counts) -> None:
        effect = self.chains.effect
        told = np.zeros((len(self.declared), len(SHARES)))
        np.add.at(told, effect[effect >= 0], np.log(counts.told))
        self.expected, self.known.learn = generalised(
            told, self.declared, self.forms, self.expected
        )

    def _learn_priors(self, counts: Counts) -> None:
        known, steps = self.known, self.known.steps
        attained, expected = _RARE_WEIGHT * _RARE, _RARE_WEIGHT
        for size, start in counts.starts.items():
            skill, met = self.chains.skill[self.chains.steps[size][0]], self.met[size]
            prior = np.array([known.priors[k] for k in skill.tolist()])
            ready = start * ready_share(known.starts[size], prior, met, self.grid)
            rarely = rarity(start, prior, met, self.rare, self.grid)
            attained, expected = attained + rarely[0], expected + rarely[1]
            found = np.zeros((len(known.priors), size))
            np.add.at(found, skill, ready)
            pooled = found.sum(axis=0) + np.array(usual_prior((size - 1) // steps, steps))
            pooled /= pooled.sum()
            for k in np.unique(skill).tolist():
                one = found[k]
                known.priors[k] = (one + _PRIOR_WEIGHT * pooled) / (one.sum() + _PRIOR_WEIGHT)
        self.rare = min(attained / expected, 1.0)

    def _couple(
        self,
        before: dict[int, Array],
        told: dict[int, Array] | None = None,
        after: dict[int, Array] | None = None,
    ) -> None:
        """Take what couples chains from the beliefs of the pass, or from the priors."""
        chains, known = self.chains, self.known
        enough = attained_from(known.curve.tolist(), self.options.p_correct_at_mastery)
        self.grid = Grid(known.steps, enough)

        def attained(of: dict[int, Array] | None, row: int, skill: int, rank: int) -> float:
            if row >= 0 and of:
                return float(of[len(known.priors[skill])][row][self.grid.first(rank) :].sum())
            return usual[skill][rank]

        usual = self._usually()
        for size, rows in chains.steps.items():
            self.met[size] = np.ones((len(rows[0]), (size - 1) // known.steps))
        for row, of_levels in chains.begins:
            size, place = self.place[row]
            self.met[size][place] = [prod(attained(told, *one) for one in of) for of in of_levels]
        for size, rows in chains.steps.items():
            skill = chains.skill[rows[0]]
            known.starts[size] = np.empty((len(skill), size))
            for k in np.unique(skill).tolist():
                of = skill == k
                met = self.met[size][of]
                known.starts[size][of] = beginning(known.priors[k], met, self.rare, self.grid)
        for row, of in chains.required:
            known.ready[row, : len(of)] = [attained(after, *one) for one in of]
        if chains.beside:
            works = self._works(before)
            for row, others in chains.beside:
                known.others[row] = float(np.prod(works[others]))

    def _usually(self) -> list[tuple[float, ...]]:
        """Return by skill how often each level has been attained at the beginning."""
        known, ids, bound = self.known, self.chains.skill_ids, self.bound
        priors = {one: tuple(prior.tolist()) for one, prior in zip(ids, known.priors, strict=True)}
        curve = tuple(known.curve.tolist())
        now = replace(bound.fitted, curve=curve, priors=priors, rare=self.rare)
        bound = Binding(now, bound.curriculum, self.options)
        nobody = Known({}, bound.usual_speeds, {})
        return [bound.beginning(nobody, one).begun for one in ids]

    def _works(self, before: dict[int, Array]) -> Array:
        """Return P(the row's own skill does its part)."""
        chains, known = self.chains, self.known
        found = np.ones(len(chains.skill))
        for row, _ in chains.beside:
            p = known.priors[int(chains.skill[row])]
            if before:
                p = before[len(p)][row]
            found[row] = float(p @ own(chains, known, np.array([row]), len(p))[0])
        return found

    def learned(self, blank: StepFitted, *, dated: bool) -> StepFitted:
        """Return what the passes have come to."""
        known = self.known
        effects: dict[str, dict[SkillLevel, float]] = {}
        for (module_id, reached, *_), learn in zip(
            self.chains.effects, known.learn.tolist(), strict=True
        ):
            effects.setdefault(module_id, {})[reached] = _short(learn)
        return replace(
            blank,
            curve=tuple(map(_short, known.curve.tolist())),
            difficulties={
                one: _short(difficulty)
                for one, difficulty in zip(
                    self.chains.item_ids, known.difficulty.tolist(), strict=True
                )
            },
            priors={
                one: tuple(map(_short, prior.tolist()))
                for one, prior in zip(self.chains.skill_ids, known.priors, strict=True)
            },
            effects=effects,
            expected=self.expected,
            practice={
                one: _short(share)
                for one, share in zip(self.chains.skill_ids, known.practice.tolist(), strict=True)
            },
            usual_practice=_short(self.usual_practice),
            rare=_short(self.rare),
            unmet=known.unmet,
            speeds=tuple(
                (_short(speed), _short(many))
                for speed, many in zip(self.speeds, self.usual_speeds, strict=True)
            ),
            fade=_short(known.fade) if dated else 0.0,
        )


def _drawn(climbed: Any, missing: Any, usual: float) -> Any:
    """Return the share of the missing steps that was climbed, drawn to what is usual."""
    return np.minimum((climbed + _PRACTICE_WEIGHT * usual) / (missing + _PRACTICE_WEIGHT), MOST)


def _short(value: float) -> float:
    return float(f"{value:.9g}")
