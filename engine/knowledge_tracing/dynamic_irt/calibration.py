"""Learning what belongs to items, skills and the filter itself, from a whole log."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from . import passes
from .easiness import Easiness
from .filtering import UNKNOWN
from .quantities import N_QUANTITIES
from .settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .ledger import Ledger
    from .prior import Prior

    Array = NDArray[np.float64]

__all__ = ["Search", "calibrate", "cross_fitted", "fastest", "replay", "search"]

_CERTAIN = 1e-6


def fastest() -> ModuleType:
    """Return the compiled passes where numba is installed, else the reference.

    Both have `calibrate` and `replay`.
    """
    try:
        from . import kernels
    except ImportError:
        return passes
    return kernels


def calibrate(
    ledger: Ledger,
    settings: Settings,
    prior: Prior,
    *,
    n_passes: int,
    engine: ModuleType,
) -> Easiness:
    """Learn the easiness of items and skills in some passes over a log.

    Parameters
    ----------
    ledger : Ledger
    settings : Settings
    prior : Prior
    n_passes : int
    engine : module
        As :func:`fastest` gives it.
    """
    h = np.array(settings)
    items, skills = map(_natural, prior.under(settings))
    sites = np.zeros((len(ledger), 2)), np.zeros((len(ledger.skill), 4))
    totals = np.zeros(len(ledger))
    log = (
        ledger.learner,
        ledger.item,
        ledger.start,
        ledger.skill,
        ledger.nudge,
        ledger.score,
        ledger.seconds,
    )
    for number in range(n_passes):
        engine.calibrate(*log, h, items, skills, *sites, number > 0, totals)
    return Easiness(_moments(items), _moments(skills), _log_loss(ledger.score, totals))


def replay(ledger: Ledger, settings: Settings, easiness: Easiness, *, engine: ModuleType) -> Array:
    """Return the quantities of each response before its answer, shape (n_responses, n)."""
    quantities = np.zeros((len(ledger), N_QUANTITIES))
    engine.replay(
        ledger.learner,
        ledger.item,
        ledger.exercise,
        ledger.start,
        ledger.skill,
        ledger.nudge,
        ledger.score,
        ledger.seconds,
        np.array(settings),
        easiness.items,
        easiness.skills,
        len(ledger.exercises),
        quantities,
    )
    return quantities


def cross_fitted(
    ledger: Ledger,
    settings: Settings,
    prior: Prior,
    *,
    folds: int,
    n_passes: int,
    engine: ModuleType,
    rng: np.random.Generator,
) -> Array:
    """Return the quantities of each response under easiness learned from other learners only."""
    fold = _folds(ledger, folds, rng)
    n_folds = int(np.max(fold)) + 1
    quantities = np.zeros((len(ledger), N_QUANTITIES))

    def fill(number: int) -> None:
        own = fold == number
        rest = ledger.select(~own)
        others = calibrate(rest, settings, prior, n_passes=n_passes, engine=engine)
        quantities[own] = replay(ledger.select(own), settings, others, engine=engine)

    # Compiled passes let go of the interpreter's lock; folds do not touch each other's rows.
    with ThreadPoolExecutor(min(n_folds, cpu_count() or 1)) as threads:
        list(threads.map(fill, range(n_folds)))
    return quantities


@dataclass(frozen=True)
class Search:
    """How the search for settings went.

    Parameters
    ----------
    settings : Settings
    trace : tuple of float
        The penalised leave-one-out log-loss before each round, and after the last.
    converged : bool
        Whether the last round gained less than the tolerance.
    """

    settings: Settings
    trace: tuple[float, ...]
    converged: bool


def search(
    ledger: Ledger,
    prior: Prior,
    *,
    rounds: int,
    responses: int,
    engine: ModuleType,
    rng: np.random.Generator,
) -> Search:
    """Find the settings under which each response is best predicted without itself.

    A pattern search, one setting at a time on its free scale, over a sample of learners. A weak
    normal prior around the defaults keeps settings in reason that the log says nothing about.
    Without instants nothing fades by the day.
    """
    sample = _sample(ledger, responses, rng)
    usual = np.array(Settings().free())

    def objective(free: list[float]) -> float:
        settings = Settings.of_free(free)
        found = calibrate(sample, settings, prior, n_passes=3, engine=engine).log_loss
        return float(found + 0.25 * np.sum((np.array(free) - usual) ** 2) / len(sample))

    timed = bool(np.any(sample.seconds > UNKNOWN))
    searched = [i for i, one in enumerate(Settings._fields) if timed or not one.endswith("fade")]
    free, trace, converged = _descend(objective, usual.tolist(), searched, rounds)
    return Search(Settings.of_free(free), trace, converged)


def _descend(
    objective: Callable[[list[float]], float],
    free: list[float],
    searched: list[int],
    rounds: int,
) -> tuple[list[float], tuple[float, ...], bool]:
    steps = [0.6] * len(free)
    best = objective(free)
    trace, tolerance = [best], 2e-5
    for _ in range(rounds):
        for i in searched:
            for sign in (1.0, -1.0):
                tried = free.copy()
                tried[i] += sign * steps[i]
                value = objective(tried)
                if value < best:
                    best, free, steps[i] = value, tried, sign * 1.3 * steps[i]
                    break
            else:
                steps[i] *= 0.4
        trace.append(best)
        if trace[-2] - best < tolerance:
            return free, tuple(trace), True
    return free, tuple(trace), rounds == 0


def _natural(moments: Array) -> Array:
    """Return precisions and precisions · means, pair by pair, of means and variances."""
    found = np.empty_like(moments)
    found[:, 0::2] = 1.0 / moments[:, 1::2]
    found[:, 1::2] = moments[:, 0::2] * found[:, 0::2]
    return found


def _moments(natural: Array) -> Array:
    """Return means and variances, pair by pair, of precisions and precisions · means."""
    found = np.empty_like(natural)
    found[:, 1::2] = 1.0 / natural[:, 0::2]
    found[:, 0::2] = natural[:, 1::2] * found[:, 1::2]
    return found


def _log_loss(score: Array, totals: Array) -> float:
    from scipy.special import ndtr

    p = np.clip(ndtr(totals), _CERTAIN, 1.0 - _CERTAIN)
    return float(-np.mean(score * np.log(p) + (1.0 - score) * np.log1p(-p)))


def _folds(ledger: Ledger, folds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return a fold per response, by learner."""
    _, learner = np.unique(ledger.learner, return_inverse=True)
    n = int(np.max(learner)) + 1
    fold: NDArray[np.int64] = (rng.permutation(n) % min(folds, n))[learner]
    return fold


def _sample(ledger: Ledger, responses: int, rng: np.random.Generator) -> Ledger:
    """Return whole learners, drawn until they have enough responses."""
    present, learner = np.unique(ledger.learner, return_inverse=True)
    drawn = rng.permutation(len(present))
    sizes = np.bincount(learner)[drawn]
    enough = int(np.searchsorted(np.cumsum(sizes), responses)) + 1
    chosen = np.zeros(len(present), dtype=np.bool_)
    chosen[drawn[:enough]] = True
    return ledger.select(chosen[learner])
