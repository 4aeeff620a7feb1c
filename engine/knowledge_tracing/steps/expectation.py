"""What a module may be expected to teach, before its own completions have told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .grid import MOST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Expectation"]

_LEAST_DECLARED = 0.01
_FIRM = 4.0  # how firmly what is declared is believed before completions: 1 / variance
_STEPS = 4


@dataclass(frozen=True, slots=True)
class Expectation:
    """What modules teach in general: pace · declared^trust, times what their format is worth.

    Parameters
    ----------
    pace : float
        What is left of a module that declares 1, in a format of the usual worth.
    trust : float
        How far what modules declare can be relied on: at 1 one that declares twice as much
        teaches twice as much, at 0 what is declared says nothing.
    formats : mapping of str to float
        By format, what its modules teach beyond that, as a multiple.

    Examples
    --------
    >>> Expectation(0.8, 1.0, {"video": 0.5}).of(0.5, "video")
    0.2
    """

    pace: float = 1.0
    trust: float = 1.0
    formats: Mapping[str, float] = field(default_factory=dict)

    def of(self, declared: float, form: str) -> float:
        """Return the share of the missing steps that is to be expected of a module."""
        worth = self.formats.get(form, 1.0)
        found: float = self.pace * max(declared, _LEAST_DECLARED) ** self.trust * worth
        return min(found, MOST)

    @classmethod
    def learned(
        cls, climbed: Array, missing: Array, declared: Array, forms: Sequence[str]
    ) -> Expectation:
        """Return what steps climbed of those missing say of modules in general.

        A Poisson regression of the logarithm of what was taught on that of what is declared and
        on the format, drawn to what is declared as it stands.

        Parameters
        ----------
        climbed, missing, declared : ndarray, shape (n_effects,)
        forms : sequence of str, shape (n_effects,)
            The formats.
        """
        names = sorted(set(forms) - {""})
        log_declared = np.log(np.maximum(declared, _LEAST_DECLARED))
        of_form = [[float(form == name) for name in names] for form in forms]
        x = np.column_stack([np.ones(len(forms)), log_declared, np.array(of_form)])
        as_declared = np.log((climbed.sum() + 1.0) / (missing @ declared + 1.0))
        usual = np.concatenate([[as_declared, 1.0], np.zeros(len(names))])
        firm = np.full(len(usual), _FIRM)
        beta = usual.copy()
        for _ in range(_STEPS):
            rate = missing * np.exp(np.minimum(x @ beta, 0.0)) + 1e-9
            slope = x.T @ (climbed - rate) - firm * (beta - usual)
            curvature = (x * rate[:, None]).T @ x + np.diag(firm)
            beta = beta + np.clip(np.linalg.solve(curvature, slope), -1.0, 1.0)
        worth = {name: float(np.exp(one)) for name, one in zip(names, beta[2:], strict=True)}
        return cls(float(np.exp(beta[0])), float(beta[1]), worth)
