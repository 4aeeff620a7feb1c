"""The hyper-parameters of the ability filter: how much abilities vary, drift and fade."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log, sqrt
from typing import NamedTuple

__all__ = ["BOUNDS", "Settings"]


class Settings(NamedTuple):
    """What the filter assumes about abilities before it sees a learner. Probit units throughout.

    Parameters
    ----------
    intercept : float
        The predictor of an average learner on an average item.
    learner_slow_variance, learner_slow_drift : float
        Of the lasting ability of a learner: spread between learners, variance added per response.
    learner_fast_variance, learner_fast_keep : float
        Of a learner's form of the day: its spread, and the share kept per response.
    skill_slow_variance, skill_slow_drift : float
        Of the lasting ability of a learner in one skill; drift per opportunity.
    skill_fast_variance, skill_fast_keep, skill_fast_keep_between : float
        Of what was practised just now: its spread, the share kept per opportunity, and the share
        kept per response to something else.
    item_variance, skill_variance : float
        Spread of the easiness of items and of skills.
    practice, practice_variance : float
        What log(1 + opportunities) adds on average, and how much that differs between skills.
    skill_slow_fade, skill_fast_fade : float
        By how much, per day, the lasting ability in a skill and what was practised just now go
        back to what is usual. None where a log does not say when it was answered.

    Examples
    --------
    >>> Settings().learner_fast_keep
    0.9
    """

    intercept: float = 0.4
    learner_slow_variance: float = 0.25
    learner_slow_drift: float = 0.0002
    learner_fast_variance: float = 0.17
    learner_fast_keep: float = 0.9
    skill_slow_variance: float = 0.12
    skill_slow_drift: float = 0.0005
    skill_fast_variance: float = 0.4
    skill_fast_keep: float = 0.65
    skill_fast_keep_between: float = 0.95
    item_variance: float = 0.9
    skill_variance: float = 0.4
    practice: float = 0.2
    practice_variance: float = 0.04
    skill_slow_fade: float = 0.0
    skill_fast_fade: float = 0.0

    def free(self) -> list[float]:
        """Return the values on scales without bounds: logarithms, logits, and roots of rates."""
        return [_freed(name, value) for name, value in self._asdict().items()]

    @classmethod
    def of_free(cls, values: list[float]) -> Settings:
        """Read what :meth:`free` gave, kept within bounds."""
        return cls(*(_bound(name, value) for name, value in zip(cls._fields, values, strict=True)))


def _kind(name: str) -> str:
    if name in ("intercept", "practice"):
        return "real"
    endings = [one for one in ("variance", "drift", "fade") if name.endswith(one)]
    return endings[0] if endings else "keep"


_BOUNDS = {
    "real": (-3.0, 3.0),
    "variance": (1e-3, 6.0),
    "drift": (1e-6, 0.05),
    "keep": (0.01, 0.9999),
    "fade": (0.0, 100.0),
}

BOUNDS = {name: _BOUNDS[_kind(name)] for name in Settings._fields}
"""The least and greatest value of each setting."""


def _freed(name: str, value: float) -> float:
    return _FREE.get(_kind(name), log)(value)


def _bound(name: str, value: float) -> float:
    low, high = BOUNDS[name]
    far = max(-30.0, min(30.0, value))
    return max(low, min(high, _PLAIN.get(_kind(name), exp)(far)))


def _logit(p: float) -> float:
    return log(p / (1.0 - p))


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + exp(-x))


def _square(x: float) -> float:
    return x * x


_FREE: dict[str, Callable[[float], float]] = {"real": float, "keep": _logit, "fade": sqrt}
_PLAIN: dict[str, Callable[[float], float]] = {"real": float, "keep": _logistic, "fade": _square}
