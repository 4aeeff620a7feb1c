"""The fit of StepTracing: expectation-maximisation, drawn to what is declared and usual."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any

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

_PRIOR_WEIGHT = 4.0  # learners that what is usual counts for
_FADE, _FADE_DAYS = 0.002, 300.0  # what is lost a day, and the step-days that this counts for
_PRACTICE, _BESIDE_LESSONS = 0.1, 0.02  # what an answer teaches before a log tells
_PRACTICE_WEIGHT = 30.0  # missing steps that this counts for
_RARE, _RARE_WEIGHT = 0.5, 4.0  # how rare what is not ready for is, and what that counts for
_SPEED_WEIGHT = 8.0  # learners that the usual speeds count for
_MOST_FADE = 0.2
_TRIED = (0.05, 0.15, 0.3, 0.5, 0.75, 1.0)  # of what is left without a prerequisite
_TRY_EACH = 3
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
        self.practice_at_first = _BESIDE_LESSONS if len(self.declared) else _PRACTICE
        self.usual_practice = self.practice_at_first
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
            0.5,
            _FADE,
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
        if chains.required and number and number % _TRY_EACH == 0:
            self.known.unmet = max(_TRIED, key=self._worth)

    def _worth(self, unmet: float) -> float:
        tried = replace(self.known, unmet=unmet)
        sizes = self.chains.steps
        return sum(float(forward(self.chains, tried, n).log_likelihood.sum()) for n in sizes)

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
        climbed, missing = counts.practised.sum(), counts.practisable.sum()
        self.usual_practice = float(_drawn(climbed, missing, self.practice_at_first))
        known.practice = _drawn(counts.practised, counts.practisable, self.usual_practice)
        fade = (counts.lost + _FADE * _FADE_DAYS) / (counts.step_days + _FADE_DAYS)
        known.fade = min(fade, _MOST_FADE)

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
