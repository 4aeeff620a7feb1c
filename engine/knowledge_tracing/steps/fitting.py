"""The fit of StepTracing: expectation-maximisation, drawn to what is declared and usual."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..fitted import items_of
from .binding import Binding
from .chains import Chains, events_of
from .fitted import StepFit, StepFitted, usual_curve, usual_prior
from .grid import attained_from
from .passes import Counts, Parameters, backward, forward

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...domain.curriculum import Curriculum
    from ...domain.evidence import Completion
    from ...domain.framework import SkillLevel
    from ...domain.responses import ResponseLog
    from .options import StepOptions

    Array = NDArray[np.float64]

__all__ = ["fit_log"]

_CURVE_WEIGHT, _PRIOR_WEIGHT = 2.0, 4.0  # answers and learners that what is usual counts for
_FADE, _FADE_DAYS = 0.002, 300.0  # what is lost a day, and the step-days that this counts for
_MOST_FADE, _MOST_LEARN = 0.2, 0.95
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
        self.chains, self.options, self.pace = chains, options, 1.0
        self.declared = np.array([one[2] for one in chains.effects], np.float64)
        self.trace: list[float] = []
        most = max((len(of) for _, of in chains.required), default=1)
        self.known = Parameters(
            np.array(bound.curve),
            [bound.prior(one).copy() for one in chains.skill_ids],
            np.clip(self.declared, 0.02, _MOST_LEARN),
            0.5,
            _FADE,
            np.ones(len(chains.skill)),
            np.ones((len(chains.skill), most)),
        )
        self._couple({})

    def once(self, number: int) -> None:
        """Expect what happened, and learn from it."""
        chains, known = self.chains, self.known
        widest = max(chains.steps, default=1)
        counts = Counts(
            np.zeros(known.steps + 1),
            np.zeros(known.steps + 1),
            np.zeros((len(chains.skill_ids), widest)),
            np.zeros(len(self.declared)),
            np.zeros(len(self.declared)),
        )
        walks = {size: forward(chains, known, size) for size in chains.steps}
        for size, walk in walks.items():
            backward(chains, known, walk, size, counts)
        self.trace.append(sum(one.log_likelihood for one in walks.values()))
        self._learn(counts)
        self._couple({size: walk.before for size, walk in walks.items()},
                     {size: walk.after for size, walk in walks.items()})  # fmt: skip
        if chains.required and number and number % _TRY_EACH == 0:
            self.known.unmet = max(_TRIED, key=self._worth)

    def _worth(self, unmet: float) -> float:
        tried = replace(self.known, unmet=unmet)
        return sum(forward(self.chains, tried, size).log_likelihood for size in self.chains.steps)

    def _learn(self, counts: Counts) -> None:
        known = self.known
        usual = np.array(usual_curve(known.steps))
        curve = (counts.right + _CURVE_WEIGHT * usual) / (counts.shown + _CURVE_WEIGHT)
        known.curve = np.clip(np.maximum.accumulate(curve), 0.02, 0.98)
        self._learn_priors(counts)
        if len(self.declared):
            expected = float(counts.missing @ self.declared)
            self.pace = float(counts.climbed.sum() + 1.0) / (expected + 1.0)
            weight, drawn = self.options.effect_weight, np.minimum(self.declared * self.pace, 0.9)
            learn = (counts.climbed + weight * drawn) / (counts.missing + weight)
            known.learn = np.clip(learn, 0.0, _MOST_LEARN)
        fade = (counts.lost + _FADE * _FADE_DAYS) / (counts.step_days + _FADE_DAYS)
        known.fade = min(fade, _MOST_FADE)

    def _learn_priors(self, counts: Counts) -> None:
        sizes = [len(one) for one in self.known.priors]
        for size in set(sizes):
            of_size = [k for k, one in enumerate(sizes) if one == size]
            found = counts.priors[of_size, :size]
            usual = np.array(usual_prior((size - 1) // self.known.steps, self.known.steps))
            pooled = found.sum(axis=0) + usual
            pooled /= pooled.sum()
            for k, one in zip(of_size, found, strict=True):
                self.known.priors[k] = (one + _PRIOR_WEIGHT * pooled) / (one.sum() + _PRIOR_WEIGHT)

    def _couple(self, before: dict[int, Array], after: dict[int, Array] | None = None) -> None:
        """Take what couples chains from the beliefs of the pass, or from the priors."""
        chains, known = self.chains, self.known
        enough = attained_from(known.curve.tolist(), self.options.p_correct_at_mastery)

        def attained(row: int, skill: int, rank: int) -> float:
            p = known.priors[skill]
            if row >= 0 and after:
                p = after[len(p)][row]
            return float(p[rank * known.steps + enough :].sum())

        for row, of in chains.required:
            known.ready[row, : len(of)] = [attained(*one) for one in of]
        if chains.beside:
            works = self._works(before)
            for row, others in chains.beside:
                known.others[row] = float(np.prod(works[others]))

    def _works(self, before: dict[int, Array]) -> Array:
        """Return P(the row's own skill does its part)."""
        from .grid import shown

        chains, known = self.chains, self.known
        found, curve = np.ones(len(chains.skill)), known.curve.tolist()
        for row, _ in chains.beside:
            p = known.priors[int(chains.skill[row])]
            if before:
                p = before[len(p)][row]
            found[row] = float(p @ shown(curve, len(p), int(chains.rank[row])))
        return found

    def learned(self, blank: StepFitted, *, dated: bool) -> StepFitted:
        """Return what the passes have come to."""
        known = self.known
        effects: dict[str, dict[SkillLevel, float]] = {}
        for (module_id, reached, _), learn in zip(
            self.chains.effects, known.learn.tolist(), strict=True
        ):
            effects.setdefault(module_id, {})[reached] = _short(learn)
        return replace(
            blank,
            curve=tuple(map(_short, known.curve.tolist())),
            priors={
                one: tuple(map(_short, prior.tolist()))
                for one, prior in zip(self.chains.skill_ids, known.priors, strict=True)
            },
            effects=effects,
            pace=_short(self.pace),
            unmet=known.unmet,
            fade=_short(known.fade) if dated else 0.0,
        )


def _short(value: float) -> float:
    return float(f"{value:.9g}")
