"""The reading of a prediction from named quantities: one regression, refined by exercise and item.

η = predictor + w·x + w(exercise)·x + w(item)·x + transfer(exercise before → exercise)
  + transfer(item before → item), and P(right) = Φ(η).

x are the quantities of :mod:`.quantities`, centred and scaled. All weights have normal priors
around zero, so what the log says little about stays at the level above. They are learned on
quantities that other learners' answers gave (cross-fitting), or they would trust the filter's
terms as much as they fit, not as much as they predict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .quantities import ITEM_QUANTITIES, N_QUANTITIES, QUANTITIES
from .regression import fit_groups, fit_intercepts, fit_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .ledger import Ledger

    Array = NDArray[np.float64]
    Codes = NDArray[np.int64]

__all__ = ["FAR", "ITEM_COLUMNS", "TOTAL", "Coded", "Spreads", "Weights", "fit_reading"]

TOTAL = QUANTITIES.index("predictor")
ITEM_COLUMNS = tuple(QUANTITIES.index(name) for name in ITEM_QUANTITIES)
FAR = 5.0
"""No quantity counts as further than this many standard deviations from its mean."""

_LEAST_ROWS = 10
_LEAST_PAIRS = 3


class Spreads(NamedTuple):
    """Prior standard deviations of the weights, on quantities of unit spread, probit units.

    Parameters
    ----------
    weight : float
        Of the weights that all responses share.
    exercise, item : float
        By how much weights differ between exercises, and between items of an exercise.
    transfer : float
        Of what the exercise or item before says about the next.
    """

    weight: float = 0.3
    exercise: float = 0.05
    item: float = 0.06
    transfer: float = 0.2


class Weights(NamedTuple):
    """Weights or transfers with their variances, shape (n,) or (n_groups, n)."""

    mean: Array
    variance: Array


@dataclass(frozen=True)
class Coded:
    """A reading over the codes of one log.

    Parameters
    ----------
    centre, scale : ndarray, shape (n_quantities,)
        A quantity counts as (value − centre) · scale.
    shared : Weights, shape (n_quantities,)
    exercises : Weights, shape (n_exercises, n_quantities)
    items : Weights, shape (n_items, n_item_quantities)
    exercise_pairs, item_pairs : dict of (before, next) codes to (mean, variance)
        −1 stands for the start of a learner's history.
    """

    centre: Array
    scale: Array
    shared: Weights
    exercises: Weights
    items: Weights
    exercise_pairs: Mapping[tuple[int, int], tuple[float, float]]
    item_pairs: Mapping[tuple[int, int], tuple[float, float]]

    def standardised(self, quantities: Array) -> Array:
        """Return quantities in units of their spread, shape as given."""
        scaled: Array = np.clip((quantities - self.centre) * self.scale, -FAR, FAR)
        return scaled

    def predictor(self, ledger: Ledger, quantities: Array) -> Array:
        """Return η of each response, shape (n_responses,)."""
        x = self.standardised(quantities)
        eta = quantities[:, TOTAL] + x @ self.shared.mean
        eta += np.einsum("ij,ij->i", x, self.exercises.mean[ledger.exercise])
        eta += np.einsum("ij,ij->i", x[:, ITEM_COLUMNS], self.items.mean[ledger.item])
        eta += _looked_up(self.exercise_pairs, ledger.before(ledger.exercise), ledger.exercise)
        return eta + _looked_up(self.item_pairs, ledger.before(ledger.item), ledger.item)


def fit_reading(ledger: Ledger, quantities: Array, spreads: Spreads) -> Coded:
    """Learn a reading, each part on what the parts before it leave.

    Parameters
    ----------
    ledger : Ledger
    quantities : ndarray, shape (n_responses, n_quantities)
        Cross-fitted.
    spreads : Spreads
    """
    centre, scale = _units(quantities)
    x = np.clip((quantities - centre) * scale, -FAR, FAR)
    score, eta = ledger.score, quantities[:, TOTAL].copy()
    shared = Weights(*fit_weights(x, score, eta, _precision(spreads.weight, N_QUANTITIES)))
    eta += x @ shared.mean
    exercises = _by_group(x, score, eta, ledger.exercise, len(ledger.exercises), spreads.exercise)
    eta += np.einsum("ij,ij->i", x, exercises.mean[ledger.exercise])
    narrow = x[:, ITEM_COLUMNS]
    items = _by_group(narrow, score, eta, ledger.item, len(ledger.item_level), spreads.item)
    eta += np.einsum("ij,ij->i", narrow, items.mean[ledger.item])
    pairs = []
    for codes in (ledger.exercise, ledger.item):
        found, added = _transfers(ledger, codes, eta, spreads.transfer)
        eta += added
        pairs.append(found)
    return Coded(centre, scale, shared, exercises, items, *pairs)


def _units(quantities: Array) -> tuple[Array, Array]:
    centre, spread = quantities.mean(0), quantities.std(0)
    varies = spread > 1e-9
    scale = np.where(varies, 1.0 / np.where(varies, spread, 1.0), 0.0)
    centre[0], scale[0] = 0.0, 1.0
    return centre, scale


def _precision(spread: float, n: int) -> Array:
    return np.full(n, 1.0 / spread**2)


def _by_group(x: Array, score: Array, eta: Array, codes: Codes, n: int, spread: float) -> Weights:
    precision = _precision(spread, x.shape[1])
    return Weights(*fit_groups(x, score, eta, codes, n, precision=precision, least=_LEAST_ROWS))


def _transfers(
    ledger: Ledger, codes: Codes, eta: Array, spread: float
) -> tuple[dict[tuple[int, int], tuple[float, float]], Array]:
    """Return what each pair (before, next) that occurs often enough adds, and that per row."""
    base = int(np.max(codes)) + 2
    pairs, group = np.unique((ledger.before(codes) + 1) * base + codes, return_inverse=True)
    means, variances = fit_intercepts(group, ledger.score, eta, 1.0 / spread**2)
    often = np.bincount(group, minlength=len(pairs)) >= _LEAST_PAIRS
    means[~often] = 0.0
    before, following = np.divmod(pairs, base)
    found = {
        (b - 1, f): (m, v)
        for b, f, m, v in zip(
            before[often].tolist(),
            following[often].tolist(),
            means[often].tolist(),
            variances[often].tolist(),
            strict=True,
        )
    }
    return found, means[group]


def _looked_up(
    pairs: Mapping[tuple[int, int], tuple[float, float]], before: Codes, following: Codes
) -> Array:
    if not len(following):
        return np.zeros(0)
    base = int(np.max(following)) + 2
    distinct, group = np.unique((before + 1) * base + following, return_inverse=True)
    none = (0.0, 0.0)
    means = [pairs.get((b - 1, f), none)[0] for b, f in _split(distinct, base)]
    return np.array(means)[group]


def _split(pairs: Codes, base: int) -> Sequence[tuple[int, int]]:
    before, following = np.divmod(pairs, base)
    return list(zip(before.tolist(), following.tolist(), strict=True))
