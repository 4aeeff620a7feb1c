"""What a fit of StepTracing has learned, by id, and how it is written down and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ...domain.framework import SkillLevel
from .expectation import Expectation

if TYPE_CHECKING:
    from ..lessons import Effects

__all__ = ["StepFit", "StepFitted", "usual_curve", "usual_prior"]


@dataclass(frozen=True, slots=True)
class StepFit:
    """How a fit went.

    Parameters
    ----------
    n_responses, n_learners : int
    trace : tuple of float
        The log-likelihood at the beginning of each pass.
    converged : bool
        Whether the last pass gained next to nothing.
    warnings : tuple of str
    """

    n_responses: int = 0
    n_learners: int = 0
    trace: tuple[float, ...] = ()
    converged: bool = True
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepFitted:
    """What a log has taught.

    Parameters
    ----------
    curve : tuple of float, shape (steps + 1,)
        P(right) by how many of the steps to the item's level were climbed; it never falls.
    difficulties : mapping of str to float
        By item, in logits beside others of its level.
    priors : mapping of str to tuple of float
        By skill, how probable each number of steps is before any evidence.
    levels : mapping of str to tuple of int
        The levels that the log told apart, by skill.
    items : mapping of str to tuple of SkillLevel
    effects : Effects
        What modules teach those who have what they require: the share of the missing steps.
    expected : Expectation
        What modules teach in general.
    practice : mapping of str to float
        What an answer on a skill teaches: the share of the missing steps.
    usual_practice : float
        The same of a skill that the log did not have.
    rare : float
        How many times as often a level has been attained already by those who lack what it
        requires.
    unmet : float
        What is left of a lesson where a prerequisite lacks.
    speeds : tuple of (float, float)
        How fast people learn, as multiples of what is usual, and how many of them.
    fade : float
        At what rate a step is lost, per day.
    report : StepFit

    Examples
    --------
    >>> StepFitted.from_plain(StepFitted().to_plain()) == StepFitted()
    True
    """

    curve: tuple[float, ...] = ()
    difficulties: Mapping[str, float] = field(default_factory=dict)
    priors: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    levels: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    items: Mapping[str, tuple[SkillLevel, ...]] = field(default_factory=dict)
    effects: Effects = field(default_factory=dict)
    expected: Expectation = field(default_factory=Expectation)
    practice: Mapping[str, float] = field(default_factory=dict)
    usual_practice: float = 0.0
    rare: float = 1.0
    unmet: float = 0.5
    speeds: tuple[tuple[float, float], ...] = ((1.0, 1.0),)
    fade: float = 0.0
    report: StepFit = field(default_factory=StepFit)

    def to_plain(self) -> dict[str, Any]:
        """Return plain values that :meth:`from_plain` reads back exactly."""
        return {
            "curve": list(self.curve),
            "difficulties": dict(self.difficulties),
            "priors": {name: list(one) for name, one in self.priors.items()},
            "levels": {name: list(one) for name, one in self.levels.items()},
            "items": {name: [list(k) for k in skills] for name, skills in self.items.items()},
            "effects": {
                module_id: [[*reached, learn] for reached, learn in effects.items()]
                for module_id, effects in self.effects.items()
            },
            "expected": self.expected.to_plain(),
            "practice": dict(self.practice),
            "usual_practice": self.usual_practice,
            "rare": self.rare,
            "unmet": self.unmet,
            "speeds": [list(one) for one in self.speeds],
            "fade": self.fade,
            "report": asdict(self.report),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> StepFitted:
        """Read what :meth:`to_plain` gave."""
        report: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in plain["report"].items()
        }
        names = ("usual_practice", "rare", "unmet", "fade")
        numbers = {name: float(plain[name]) for name in names}
        return cls(
            tuple(map(float, plain["curve"])),
            {name: float(one) for name, one in plain["difficulties"].items()},
            {name: tuple(one) for name, one in plain["priors"].items()},
            {name: tuple(one) for name, one in plain["levels"].items()},
            {name: tuple(SkillLevel(*k) for k in one) for name, one in plain["items"].items()},
            {
                module_id: {SkillLevel(k, level): learn for k, level, learn in effects}
                for module_id, effects in plain["effects"].items()
            },
            practice={name: float(one) for name, one in plain["practice"].items()},
            speeds=tuple((float(one), float(p)) for one, p in plain["speeds"]),
            expected=Expectation.from_plain(plain["expected"]),
            report=StepFit(**report),
            **numbers,
        )


def usual_curve(steps: int) -> tuple[float, ...]:
    """Return P(right) by steps climbed before a log says so: from a guess to a slip.

    Examples
    --------
    >>> usual_curve(2)
    (0.2, 0.56, 0.92)
    """
    return tuple(round(0.2 + 0.72 * k / steps, 6) for k in range(steps + 1))


def usual_prior(n_levels: int, steps: int) -> Sequence[float]:
    """Return how probable each number of steps is before a log says so: half as likely a level on.

    Examples
    --------
    >>> usual_prior(1, 1)
    [0.5, 0.5]
    """
    weights = [0.5 ** max((x - 1) // steps, 0) for x in range(n_levels * steps + 1)]
    return [one / sum(weights) for one in weights]
