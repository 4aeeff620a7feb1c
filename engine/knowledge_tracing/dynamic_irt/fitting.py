"""The whole fit of DynamicIRT: settings, then easiness, then the reading."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..fitted import items_of
from .calibration import Easiness, Search, calibrate, cross_fitted, replay, search
from .certainty import Certainty
from .fitted import LEVEL_STEP, TYPICAL_WEIGHT, DynamicFit, Fitted
from .information import Information
from .ledger import Ledger
from .named_reading import Moments, Reading, short
from .reading import TOTAL, fit_reading
from .settings import BOUNDS, Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...domain.responses import ResponseLog
    from .options import DynamicOptions

    Array = NDArray[np.float64]
    Codes = NDArray[np.int64]

__all__ = ["fit_log", "predictions"]

_LEVEL_WEIGHT = 2.0
_PLAIN_PYTHON_RESPONSES = 1_000
_FEW_LEARNERS = 20


def fit_log(log: ResponseLog, options: DynamicOptions, engine: ModuleType) -> Fitted:
    """Return what a log teaches."""
    ledger, n_skills = Ledger.of(log), len(log.skill_ids)
    rng = np.random.default_rng(options.seed)
    levels = {level: -LEVEL_STEP * (level - 1) for level in _levels(ledger)}
    found = _search(ledger, _prior(levels, ledger), n_skills, options, engine, rng)
    fixed: dict[str, Any] = {"n_passes": options.passes, "engine": engine}
    easiness = calibrate(ledger, found.settings, _prior(levels, ledger), n_skills, **fixed)
    if len(levels) > 1:
        levels = _learned_levels(levels, ledger, easiness)
        easiness = calibrate(ledger, found.settings, _prior(levels, ledger), n_skills, **fixed)
    prior = _prior(levels, ledger)
    known = replay(ledger, found.settings, easiness, engine=engine)
    told = Information.of(ledger, known, found.settings, n_skills, engine=engine)
    certainty = Certainty.of(told, found.settings)
    reading = None
    if len(np.unique(ledger.learner)) > 1:
        fixed |= {"folds": options.folds, "rng": rng}
        x = cross_fitted(ledger, found.settings, prior, n_skills, **fixed)
        reading = Reading.of(fit_reading(ledger, x, options.spreads), ledger, log)
    return Fitted(
        found.settings,
        levels,
        _named(log.item_ids, ledger.item, easiness.items),
        _named(log.skill_ids, ledger.skill, easiness.skills),
        _typical(log.skill_ids, ledger, easiness, prior),
        reading,
        items_of(log),
        _named(log.item_ids, ledger.item, certainty.items),
        _named(log.skill_ids, ledger.skill, certainty.skills),
        _report(ledger, found, easiness),
    )


def predictions(log: ResponseLog, fitted: Fitted, engine: ModuleType) -> Array:
    """Return P(right) of each response of a log before its answer is seen, by row of the log."""
    from scipy.special import ndtr

    p = np.empty(len(log))
    if len(log):
        ledger = Ledger.of(log)
        x = replay(ledger, fitted.settings, fitted.easiness(ledger, log), engine=engine)
        if fitted.reading is None:
            eta = x[:, TOTAL]
        else:
            eta = fitted.reading.coded(ledger, log).predictor(ledger, x)
        p[ledger.response] = ndtr(eta)
    return p


def _search(
    ledger: Ledger,
    prior: Array,
    n_skills: int,
    options: DynamicOptions,
    engine: ModuleType,
    rng: np.random.Generator,
) -> Search:
    compiled = engine.__name__.endswith("kernels")
    responses = options.search_responses if compiled else _PLAIN_PYTHON_RESPONSES
    return search(
        ledger,
        prior,
        n_skills,
        rounds=options.search_rounds,
        responses=min(responses, options.search_responses),
        engine=engine,
        rng=rng,
    )


def _levels(ledger: Ledger) -> list[int]:
    return [int(level) for level in np.unique(ledger.item_level[np.unique(ledger.item)])]


def _prior(levels: dict[int, float], ledger: Ledger) -> Array:
    lowest = min(levels)  # items of the log's codes that this part of it does not have
    return np.array([levels.get(one, levels[lowest]) for one in ledger.item_level.tolist()])


def _learned_levels(
    levels: dict[int, float], ledger: Ledger, easiness: Easiness
) -> dict[int, float]:
    """Return the mean easiness per level, shrunk to what was expected and never rising."""
    seen = np.unique(ledger.item)
    level, mean = ledger.item_level[seen], easiness.items[seen, 0]
    raw = {
        one: (mean[level == one].sum() + _LEVEL_WEIGHT * usual)
        / (np.sum(level == one) + _LEVEL_WEIGHT)
        for one, usual in levels.items()
    }
    lowest = min(raw)
    fallen, found = 0.0, {}
    for one in sorted(raw):
        fallen = min(fallen, float(raw[one] - raw[lowest]))
        found[one] = levels[lowest] + fallen
    return found


def _named(ids: tuple[str, ...], codes: Codes, moments: Array) -> dict[str, Moments]:
    """Return the moments of those that occur, by id."""
    return {ids[code]: short(moments[code].tolist()) for code in np.unique(codes).tolist()}


def _typical(
    skill_ids: tuple[str, ...], ledger: Ledger, easiness: Easiness, prior: Array
) -> dict[str, float]:
    """Return by how much the items of each skill are easier than others of their levels."""
    item = np.repeat(ledger.item, np.diff(ledger.start))
    skill, item = np.divmod(np.unique(ledger.skill * len(prior) + item), len(prior))
    n = np.bincount(skill, minlength=len(skill_ids))
    above = np.bincount(skill, easiness.items[item, 0] - prior[item], len(skill_ids))
    means = short((above / (n + TYPICAL_WEIGHT)).tolist())
    return {skill_ids[k]: means[k] for k in np.flatnonzero(n).tolist()}


def _report(ledger: Ledger, found: Search, easiness: Easiness) -> DynamicFit:
    n_learners = len(np.unique(ledger.learner))
    return DynamicFit(
        len(ledger),
        n_learners,
        easiness.log_loss,
        found.trace,
        found.converged,
        _warnings(ledger, found.settings, n_learners),
    )


def _warnings(ledger: Ledger, settings: Settings, n_learners: int) -> tuple[str, ...]:
    found = []
    if n_learners < _FEW_LEARNERS:
        found.append(f"only {n_learners} learners: settings and weights lean on their priors")
    if np.ptp(ledger.score) == 0.0:
        found.append(f"every score is {ledger.score[0]:g}: nothing tells learners or items apart")
    for name, value in settings._asdict().items():
        if value in BOUNDS[name] and not (name.endswith("fade") and value == 0.0):
            found.append(f"{name} is at its bound, {value:g}")
    return tuple(found)
