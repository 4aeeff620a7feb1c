"""The whole fit of DynamicIRT: settings, then easiness, then the reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..fitted import items_of
from .binding import Binding
from .calibration import Search, calibrate, cross_fitted, replay, search
from .certainty import Certainty
from .easiness import Easiness
from .fitted import LEVEL_STEP, TYPICAL_WEIGHT, DynamicFit, Fitted
from .information import Information
from .ledger import Ledger
from .lessons import Lessons
from .named_reading import Moments, Reading, short
from .prior import Prior, Tried
from .reading import TOTAL, fit_reading
from .settings import BOUNDS, Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...domain.curriculum import Curriculum
    from ...domain.evidence import Completion
    from ...domain.responses import ResponseLog
    from ..calibration import ItemCalibration
    from .options import DynamicOptions

    Array = NDArray[np.float64]
    Codes = NDArray[np.int64]

__all__ = ["fit_further", "fit_log", "predictions"]

_LEVEL_WEIGHT = 2.0
_PLAIN_PYTHON_RESPONSES = 1_000
_FEW_LEARNERS = 20
_ROUNDS_OF_SPREADS = 2
_ROUNDS_OF_LESSONS = 2  # what is declared tells what is taught; that tells what it moves


def fit_log(
    log: ResponseLog,
    options: DynamicOptions,
    engine: ModuleType,
    *,
    curriculum: Curriculum | None = None,
    completions: Iterable[Completion] | None = None,
    calibration: ItemCalibration | None = None,
) -> Fitted:
    """Return what a log teaches, of items that may have been tried out before."""
    lessons = None if completions is None else Lessons.of(completions, log, curriculum)
    ledger, rng = Ledger.of(log), np.random.default_rng(options.seed)
    tried = None
    if calibration is not None:
        log, ledger, tried = _tried(log, ledger, calibration, curriculum)
    levels = {level: -LEVEL_STEP * (level - 1) for level in _levels(ledger)}
    prior = replace(_prior(levels, ledger, log), tried=tried)
    found = _search(ledger, prior, options, engine, rng)
    fixed: dict[str, Any] = {"n_passes": options.passes, "engine": engine}
    easiness = calibrate(ledger, found.settings, prior, **fixed)
    if len(levels) > 1:
        levels = _learned_levels(levels, ledger, easiness)
        prior = replace(_prior(levels, ledger, log), tried=tried)
        easiness = calibrate(ledger, found.settings, prior, **fixed)
    if options.search_rounds and tried is None:
        found = replace(found, settings=_spread(ledger, prior, easiness, found.settings, **fixed))
        easiness = calibrate(ledger, found.settings, prior, **fixed)
    fitted = Fitted(found.settings, levels)
    if lessons is not None:
        for _ in range(_ROUNDS_OF_LESSONS):
            known = _with_easiness(fitted, log, ledger, prior, easiness, engine)
            bound = Binding(known, curriculum, options.p_correct_at_mastery)
            ledger, effects = lessons.nudged(log, ledger, bound)
            easiness = calibrate(ledger, found.settings, prior, **fixed)
            fitted = replace(fitted, effects=fitted.effects or effects)
    reading = None
    if len(np.unique(ledger.learner)) > 1:
        fixed |= {"folds": options.folds, "rng": rng}
        x = cross_fitted(ledger, found.settings, prior, **fixed)
        reading = Reading.of(fit_reading(ledger, x, options.spreads), ledger, log)
    report = _report(ledger, found, easiness)
    fitted = replace(fitted, reading=reading, report=report)
    return _with_easiness(fitted, log, ledger, prior, easiness, engine)


def fit_further(
    log: ResponseLog, older: Fitted, options: DynamicOptions, engine: ModuleType
) -> Fitted:
    """Return what a fit knows after a further log: easiness goes on, all else stays."""
    ledger = Ledger.of(log)
    levels = {level: older.level_easiness(level) for level in _levels(ledger)}
    prior = _prior(levels, ledger, log).after(older, log.item_ids, log.skill_ids)
    fixed: dict[str, Any] = {"n_passes": options.passes, "engine": engine}
    easiness = calibrate(ledger, older.settings, prior, **fixed)
    n_responses = older.report.n_responses + len(ledger)
    n_learners = older.report.n_learners + len(np.unique(ledger.learner))
    report = replace(older.report, n_responses=n_responses, n_learners=n_learners)
    longer = replace(older, levels={**levels, **older.levels}, report=report)
    return _with_easiness(longer, log, ledger, prior, easiness, engine)


def _with_easiness(
    fitted: Fitted,
    log: ResponseLog,
    ledger: Ledger,
    prior: Prior,
    easiness: Easiness,
    engine: ModuleType,
) -> Fitted:
    """Return a fit with what a log has told of easiness added to what it knew."""
    certainty = _certainty(ledger, prior, easiness, fitted.settings, engine)
    seen = ledger.item if prior.tried is None else np.append(ledger.item, prior.tried.code)
    found = replace(
        fitted,
        items={**fitted.items, **_named(log.item_ids, seen, easiness.items)},
        skills={**fitted.skills, **_named(log.skill_ids, ledger.skill, easiness.skills)},
        item_skills={**fitted.item_skills, **items_of(log)},
        items_doubt={**fitted.items_doubt, **_named(log.item_ids, seen, certainty.items)},
        skills_doubt={
            **fitted.skills_doubt,
            **_named(log.skill_ids, ledger.skill, certainty.skills),
        },
    )
    return replace(found, typical=_typical(found))


def _certainty(
    ledger: Ledger, prior: Prior, easiness: Easiness, settings: Settings, engine: ModuleType
) -> Certainty:
    known = replay(ledger, settings, easiness, engine=engine)
    told = Information.of(ledger, known, settings, len(prior.skills), engine=engine)
    return Certainty.of(told, prior, settings)


def _spread(
    ledger: Ledger,
    prior: Prior,
    easiness: Easiness,
    settings: Settings,
    *,
    n_passes: int,
    engine: ModuleType,
) -> Settings:
    """Return the settings with the spreads of items and of skills that fit their posterior.

    The search hardly tells one from the other, and may take all of one for the other. So they
    are what expectation-maximisation makes of the joint posterior, from spreads no narrower than
    is usual.
    """
    usual, seen = Settings(), np.unique(ledger.item)
    settings = settings._replace(
        skill_variance=max(settings.skill_variance, usual.skill_variance),
    )
    for _ in range(_ROUNDS_OF_SPREADS):
        easiness = calibrate(ledger, settings, prior, n_passes=n_passes, engine=engine)
        known = _certainty(ledger, prior, easiness, settings, engine)
        items = easiness.items[seen, 0] - prior.items[seen, 0]
        skills = easiness.skills[np.unique(ledger.skill)]
        skills, doubt = skills[:, 0] - skills[:, 0].mean(), known.skills[np.unique(ledger.skill), 0]
        spreads = {
            "item_variance": np.mean(items**2 + known.items[seen, 0]),
            "skill_variance": np.mean(skills**2 + doubt),
        }
        for name, value in spreads.items():
            low, high = BOUNDS[name]
            settings = settings._replace(**{name: float(np.clip(value, low, high))})
    return settings


def _tried(
    log: ResponseLog,
    ledger: Ledger,
    calibration: ItemCalibration,
    curriculum: Curriculum | None,
) -> tuple[ResponseLog, Ledger, Tried]:
    """Return a log and its ledger that have codes for all calibrated items, and what they told."""
    catalogue = curriculum.items if curriculum else {}
    new = tuple(one for one in calibration.item_ids if one not in set(log.item_ids))
    levels = [catalogue[one].level if one in catalogue else 1 for one in new]
    log = replace(log, item_ids=(*log.item_ids, *new))
    ledger = replace(ledger, item_level=np.append(ledger.item_level, levels).astype(np.int64))
    skill = {skill_id: k for k, skill_id in enumerate(log.skill_ids)}
    exercised = {**{one: catalogue[one].exercised for one in catalogue}, **items_of(log)}
    skills_of = {
        item_id: [skill[one.skill_id] for one in skills if one.skill_id in skill]
        for item_id, skills in exercised.items()
    }
    code = {item_id: i for i, item_id in enumerate(log.item_ids)}
    return log, ledger, Tried.of(calibration, code, skills_of, len(skill))


def predictions(
    log: ResponseLog, bound: Binding, engine: ModuleType, *, lessons: Lessons | None = None
) -> Array:
    """Return P(right) of each response of a log before its answer is seen, by row of the log."""
    from scipy.special import ndtr

    p, fitted = np.empty(len(log)), bound.fitted
    if len(log):
        ledger = Ledger.of(log)
        if lessons is not None:
            ledger, _ = lessons.nudged(log, ledger, bound)
        x = replay(ledger, fitted.settings, fitted.easiness(ledger, log), engine=engine)
        if fitted.reading is None:
            eta = x[:, TOTAL]
        else:
            eta = fitted.reading.coded(ledger, log).predictor(ledger, x)
        p[ledger.response] = ndtr(eta)
    return p


def _search(
    ledger: Ledger,
    prior: Prior,
    options: DynamicOptions,
    engine: ModuleType,
    rng: np.random.Generator,
) -> Search:
    compiled = engine.__name__.endswith("kernels")
    responses = options.search_responses if compiled else _PLAIN_PYTHON_RESPONSES
    return search(
        ledger,
        prior,
        rounds=options.search_rounds,
        responses=min(responses, options.search_responses),
        engine=engine,
        rng=rng,
    )


def _levels(ledger: Ledger) -> list[int]:
    return [int(level) for level in np.unique(ledger.item_level[np.unique(ledger.item)])]


def _prior(levels: dict[int, float], ledger: Ledger, log: ResponseLog) -> Prior:
    lowest = min(levels)  # items of the log's codes that this part of it does not have
    easiness = [levels.get(one, levels[lowest]) for one in ledger.item_level.tolist()]
    return Prior.of_levels(easiness, len(log.skill_ids))


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


def _typical(fitted: Fitted) -> dict[str, float]:
    """Return by how much the items of each skill are easier than others of their levels."""
    above: dict[str, list[float]] = {}
    for item_id, skills in fitted.item_skills.items():
        level = max(one.level for one in skills)
        more = fitted.items[item_id][0] - fitted.level_easiness(level)
        for skill_id in {one.skill_id for one in skills}:
            above.setdefault(skill_id, []).append(more)
    return {k: short([sum(one) / (len(one) + TYPICAL_WEIGHT)])[0] for k, one in above.items()}


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
