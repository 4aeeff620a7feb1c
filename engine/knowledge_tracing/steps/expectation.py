"""What a module may be expected to teach, before its own completions have told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, log
from typing import Any, NamedTuple

from .grid import MOST

__all__ = ["DUD", "Expectation", "Usual", "claimed"]

DUD = 0.02
"""What a module brings that teaches next to nothing."""
_LEAST_DECLARED = 0.01


class Usual(NamedTuple):
    """What modules usually teach: the mean and the spread of the logarithms of their shares."""

    mean: float
    spread: float


@dataclass(frozen=True, slots=True)
class Expectation:
    """What modules teach in general.

    What a module of a format brings is log-normal around what is usual there, and what it declares
    is that with an error; some bring next to nothing, whatever they declare.

    Parameters
    ----------
    formats : mapping of str to Usual
        By format, "" of modules without one.
    others : Usual, optional
        Of modules of any other format; None where nothing was learned and modules are believed.
    error : float
        How far what is declared is off: the spread of its logarithm around that of the share.
    excess : float
        The logarithm of how many times too much is declared in general.
    duds : float
        The part of all modules that bring next to nothing.

    Examples
    --------
    >>> Expectation().of(0.4, "video")
    0.4
    >>> round(
    ...     Expectation({"video": Usual(log(0.2), 0.1)}, Usual(log(0.3), 1.0), 0.3).of(
    ...         0.4, "video"
    ...     ),
    ...     3,
    ... )
    0.215
    """

    formats: Mapping[str, Usual] = field(default_factory=dict)
    others: Usual | None = None
    error: float = 0.0
    excess: float = 0.0
    duds: float = 0.0

    def of(self, declared: float, form: str) -> float:
        """Return the share of the missing steps that is to be expected of a module."""
        if self.others is None:
            return min(declared, MOST)
        mean, spread = self.formats.get(form, self.others)
        heard = spread**2 / (spread**2 + self.error**2)
        middle = mean + heard * (claimed(declared) - self.excess - mean)
        share = exp(middle + heard * self.error**2 / 2.0)
        return (1.0 - self.duds) * min(share, MOST) + self.duds * DUD

    def to_plain(self) -> dict[str, Any]:
        """Return plain values that :meth:`from_plain` reads back exactly."""
        return {
            "formats": {name: list(one) for name, one in self.formats.items()},
            "others": None if self.others is None else list(self.others),
            "error": self.error,
            "excess": self.excess,
            "duds": self.duds,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Expectation:
        """Read what :meth:`to_plain` gave."""
        return cls(
            {name: Usual(*map(float, one)) for name, one in plain["formats"].items()},
            None if plain["others"] is None else Usual(*map(float, plain["others"])),
            *(float(plain[name]) for name in ("error", "excess", "duds")),
        )


def claimed(declared: float) -> float:
    """Return the logarithm of what is declared, of next to nothing where that is nothing."""
    return log(max(declared, _LEAST_DECLARED))
