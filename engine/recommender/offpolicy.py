"""What another policy would have been worth, from decisions that were logged with propensities.

Inverse propensity scores weigh each outcome with how much more often the other policy would have
chosen what was chosen (Horvitz & Thompson 1952); divided by the sum of the weights instead of their
number they are a little biased and much less noisy (Swaminathan & Joachims 2015, "The
self-normalized estimator for counterfactual learning").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..domain.records import Faults
from ..errors import Fault, InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Estimate", "ips", "snips"]

_FEWEST = 30.0


@dataclass(frozen=True)
class Estimate:
    """What a policy is worth per decision, and how well that is known.

    Parameters
    ----------
    value : float
        The mean outcome to be expected.
    interval : (float, float)
        The central interval.
    n : int
        Decisions that were logged.
    effective_n : float
        How many decisions of the policy itself they are worth, (Σ w)² / Σ w² (Kish 1965).
    """

    value: float
    interval: tuple[float, float]
    n: int
    effective_n: float


def ips(
    outcome: ArrayLike,
    propensity: ArrayLike,
    target: ArrayLike,
    *,
    level: float = 0.95,
    fewest: float = _FEWEST,
) -> Estimate:
    """Return the inverse propensity score estimate, Σ wᵢ·rᵢ / n.

    Parameters
    ----------
    outcome : array_like, shape (n_decisions,)
        What came of each decision.
    propensity : array_like, shape (n_decisions,)
        The probability with which the one chosen was; above 0.
    target : array_like, shape (n_decisions,)
        The probability with which the other policy would have chosen it.
    level : float, default 0.95
        The probability that the interval is to cover the truth with.
    fewest : float, default 30
        The effective sample size below which there is no answer.

    Raises
    ------
    InvalidInput
        Lengths that differ, what is no probability, or too small an effective sample.

    Examples
    --------
    >>> estimate = ips([1, 0] * 50, [0.5] * 100, [1, 0] * 50)
    >>> estimate.value, estimate.effective_n
    (1.0, 50.0)
    """
    r, w, effective_n = _weighed(outcome, propensity, target, level, fewest)
    scored = w * r
    value = float(scored.mean())
    error = float(scored.std(ddof=1)) / len(r) ** 0.5
    return Estimate(value, _around(value, error, effective_n, level), len(r), effective_n)


def snips(
    outcome: ArrayLike,
    propensity: ArrayLike,
    target: ArrayLike,
    *,
    level: float = 0.95,
    fewest: float = _FEWEST,
) -> Estimate:
    """Return the self-normalised estimate, Σ wᵢ·rᵢ / Σ wᵢ; parameters and errors are :func:`ips`'.

    The standard error is the delta method's, √(Σ wᵢ²·(rᵢ − value)²) / Σ wᵢ.

    Examples
    --------
    >>> round(snips([1, 0] * 50, [0.5] * 100, [0.8, 0.2] * 50).value, 6)
    0.8
    """
    r, w, effective_n = _weighed(outcome, propensity, target, level, fewest)
    value = float((w * r).sum() / w.sum())
    error = float(np.sqrt((w**2 * (r - value) ** 2).sum()) / w.sum())
    return Estimate(value, _around(value, error, effective_n, level), len(r), effective_n)


def _weighed(
    outcome: ArrayLike, propensity: ArrayLike, target: ArrayLike, level: float, fewest: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return outcomes, weights and the effective sample size, once all is in order."""
    r, p, q = (np.asarray(one, np.float64) for one in (outcome, propensity, target))
    faults = Faults()
    if r.ndim != 1 or not (r.shape == p.shape == q.shape):
        faults.add("decisions", f"have shapes {r.shape}, {p.shape}, {q.shape}, expected one length")
    if not np.isfinite(r).all():
        faults.add("outcome", "is not finite everywhere")
    if not ((p > 0.0) & (p <= 1.0)).all():
        faults.add("propensity", "holds what is not above 0 and at most 1", "log it when choosing")
    if not ((q >= 0.0) & (q <= 1.0)).all():
        faults.add("target", "holds values outside 0 to 1")
    if not 0.0 < level < 1.0:
        faults.add("level", f"is {level!r}, expected a number between 0 and 1")
    faults.raise_if_any("off-policy estimate")
    w = q / p
    effective_n = float(w.sum() ** 2 / (w**2).sum()) if w.any() else 0.0
    if effective_n < max(fewest, 2.0):
        problem = f"is {effective_n:.1f} of {len(r)} decisions, expected at least {fewest:g}"
        remedy = "log more decisions, or compare a policy that is closer to the one logged"
        raise InvalidInput("off-policy estimate", [Fault("effective sample size", problem, remedy)])
    return r, w, effective_n


def _around(value: float, error: float, effective_n: float, level: float) -> tuple[float, float]:
    from scipy.special import stdtrit

    half = float(stdtrit(effective_n - 1.0, (1.0 + level) / 2.0)) * error
    return (value - half, value + half)
