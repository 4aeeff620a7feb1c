"""What a log says of all modules together, and by that of each: empirical Bayes.

Of each module the log gives the likelihood of what it may teach. That alone is too little where
few completed it, so it is drawn to what modules of its format teach and to what it declares. How
far is not said from outside: how far modules of a format differ, how far declarations are off and
how many modules teach next to nothing is learned from all of them by expectation-maximisation, and
what is kept of each module is the mean of its posterior.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .expectation import DUD, Expectation, Usual, claimed
from .grid import MOST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["SHARES", "generalised"]

_ODDS = (log(0.01 / 0.99), log(MOST / (1.0 - MOST)))
_ASKED, _FINE = np.linspace(*_ODDS, 16), np.linspace(*_ODDS, 321)
SHARES = 1.0 / (1.0 + np.exp(-_ASKED))
"""What modules may teach, as far as a log is asked; in between its likelihood is smooth."""

_BETWEEN = 1.0 / (1.0 + np.exp(-_FINE))
_X = np.log(_BETWEEN)
_WIDTH = np.gradient(_X)
_SPREAD = 0.3  # of modules of a format, of formats, and of declarations, before a log tells
_FIRM = 4.0  # modules that this counts for
_DUDS, _DUDS_FIRM = 0.05, 10.0
_ROUNDS = 5
_LEAST = 1e-30  # of any share: what no other module teaches may still be so


def generalised(
    told: Array, declared: Array, forms: Sequence[str], before: Expectation
) -> tuple[Expectation, Array]:
    """Return what modules teach in general, and what is to be expected of each, shape (n,).

    Parameters
    ----------
    told : ndarray, shape (n, n_shares)
        The log-likelihood of each of `SHARES`.
    declared : ndarray, shape (n,)
    forms : sequence of str, shape (n,)
        The formats.
    before : Expectation
        Where to begin.

    Examples
    --------
    >>> told = np.log(SHARES) * 30 + np.log(1 - SHARES) * 70  # 30 of 100 steps were climbed
    >>> general, shares = generalised(told[None], np.array([0.5]), ["video"], Expectation())
    >>> shares.round(2)
    array([0.33])
    """
    modules = _Modules(told, declared, forms)
    for _ in range(_ROUNDS):
        before = modules.learned(before)
    return before, modules.shares(before)


class _Posterior(NamedTuple):
    """What each module teaches where it is no dud, and how probable it is that it is none."""

    p: Array
    works: Array


class _Modules:
    def __init__(self, told: Array, declared: Array, forms: Sequence[str]) -> None:
        from scipy.interpolate import CubicSpline

        told = CubicSpline(_ASKED, told, axis=1)(_FINE)
        self.likelihood = np.exp(told - told.max(axis=1, keepdims=True))
        self.claim = np.array([claimed(one) for one in declared.tolist()])
        self.names, self.form = np.unique(np.array(forms, object).astype(str), return_inverse=True)
        self.n = np.bincount(self.form)
        self.as_dud = self.likelihood * _normal(log(DUD), _SPREAD)

    def learned(self, before: Expectation) -> Expectation:
        """Return what modules teach in general, given what seemed so before."""
        p, works = self._posterior(before)
        mean = p @ _X
        doubt = (p * (_X - mean[:, None]) ** 2).sum(axis=1)
        spread = np.array([one.spread for one in self._usual(before)])
        pull = spread**2 / _SPREAD**2
        count = self._sum(works)
        center = self._sum(self.claim) / self.n - before.excess  # what a format declares
        center = (self._sum(works * mean) + pull * center) / (count + pull)
        off = self._sum(works * (doubt + (mean - center[self.form]) ** 2))
        spread = np.sqrt((off + _FIRM * _SPREAD**2) / (count + _FIRM))
        n = float(works.sum())
        excess = float(works @ (self.claim - mean)) / (n + _FIRM)
        wrong = float(works @ (doubt + (self.claim - excess - mean) ** 2))
        apart = float(np.var(center)) if len(center) > 1 else _SPREAD**2
        return Expectation(
            dict(
                zip(self.names.tolist(), map(Usual, center.tolist(), spread.tolist()), strict=True)
            ),
            Usual(float(center.mean()), sqrt(float(np.mean(spread**2)) + apart)),
            sqrt((wrong + _FIRM * _SPREAD**2) / (n + _FIRM)),
            excess,
            (len(works) - n + _DUDS_FIRM * _DUDS) / (len(works) + _DUDS_FIRM),
        )

    def shares(self, general: Expectation) -> Array:
        """Return what is to be expected of each module."""
        p, works = self._posterior(general)
        as_dud = self.as_dud @ _BETWEEN / self.as_dud.sum(axis=1)
        found: Array = works * (p @ _BETWEEN) + (1.0 - works) * as_dud
        return found

    def _posterior(self, general: Expectation) -> _Posterior:
        usual = np.array(self._usual(general))[self.form]
        error, duds = (general.error, general.duds) if general.others else (_SPREAD, _DUDS)
        heard = usual[:, 1] ** 2 / (usual[:, 1] ** 2 + error**2)
        middle = usual[:, 0] + heard * (self.claim - general.excess - usual[:, 0])
        p = self.likelihood * _normal(middle[:, None], (np.sqrt(heard) * error)[:, None])
        total = p.sum(axis=1)
        works = (1.0 - duds) * total
        return _Posterior(p / total[:, None], works / (works + duds * self.as_dud.sum(axis=1)))

    def _usual(self, general: Expectation) -> list[Usual]:
        if general.others is None:
            return [Usual(float(one), _SPREAD) for one in self._sum(self.claim) / self.n]
        return [general.formats.get(name, general.others) for name in self.names.tolist()]

    def _sum(self, values: Array) -> Array:
        found: Array = np.bincount(self.form, values, len(self.names)).astype(np.float64)
        return found


def _normal(mean: Array | float, spread: Array | float) -> Array:
    """Return how probable each share is where its logarithm is normal, shape (…, n_fine)."""
    p = (np.exp(-0.5 * ((_X - mean) / spread) ** 2) + _LEAST) * _WIDTH
    found: Array = p / p.sum(axis=-1, keepdims=True)
    return found
