"""What the engine answers: gaps, recommendations and paths, each with its reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, overload

from .framework import SkillTarget

__all__ = [
    "Alternative",
    "Arrival",
    "Forecast",
    "Gap",
    "GapReport",
    "LearningPath",
    "LevelAsked",
    "PathStep",
    "Probe",
    "Reason",
    "Recommendation",
    "RecommendationList",
]


class Reason(NamedTuple):
    """One term of a score, as a sentence that a learner can read."""

    term: str
    sentence: str


class LevelAsked(NamedTuple):
    """A level that a target may mean, how likely that is, and P(at or above it)."""

    level: int
    p_asked: float
    p_attained: float


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a learner is from one target of a role.

    Parameters
    ----------
    target : SkillTarget
    p_attained : float
        P(the skill is at or above the target's level); where that is uncertain, the mean over the
        levels that may be meant.
    independent_successes : int
        Different items at or above the level that were answered with a score ≥ 0.5.
    mastered : bool
        Attainment at or above the role's threshold, with at least two independent successes.
    expires_at : datetime, optional
        When the last proof ceases to be valid, or did; of targets whose proof does.
    asked : tuple of LevelAsked
        The levels that may be meant; none where the level is certain.
    """

    target: SkillTarget
    p_attained: float
    independent_successes: int
    mastered: bool
    expires_at: datetime | None = None
    asked: tuple[LevelAsked, ...] = ()

    @property
    def gap(self) -> float:
        """The probability that the target is not attained."""
        return 1.0 - self.p_attained


@dataclass(frozen=True, slots=True)
class GapReport:
    """A learner against a role: readiness with its central interval, and the gap per target.

    Parameters
    ----------
    learner_id, role_id : str
    readiness : float
        The weighted mean of the attainments.
    interval : (float, float)
        The central 80% of the weighted share of attained targets.
    gaps : tuple of Gap
        In the order of the role's targets.
    note : str
        What readiness takes into account besides; a sentence for the learner.
    """

    learner_id: str
    role_id: str
    readiness: float
    interval: tuple[float, float]
    gaps: tuple[Gap, ...]
    note: str = ""

    @property
    def ready(self) -> bool:
        """Whether every target is mastered."""
        return all(gap.mastered for gap in self.gaps)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A module to take next, and why.

    Parameters
    ----------
    module_id : str
    minutes : float
    score : float
        The sum of the terms.
    terms : mapping of str to float
        What each consideration adds.
    reasons : tuple of Reason
        The terms that count, as sentences, the weightiest first.
    expected_gain : float
        The rise in readiness to be expected from completing the module.
    """

    module_id: str
    minutes: float
    score: float
    terms: Mapping[str, float]
    reasons: tuple[Reason, ...]
    expected_gain: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """A module that lost to the first recommendation, why, and what would have put it first."""

    module_id: str
    score: float
    sentence: str


@dataclass(frozen=True, slots=True)
class RecommendationList(Sequence[Recommendation]):
    """Recommendations, best first.

    Parameters
    ----------
    items : tuple of Recommendation
    note : str
        Why there are none, or what stands in the way of a target.
    alternatives : tuple of Alternative
        What lost, as far as it was asked for.
    """

    items: tuple[Recommendation, ...] = ()
    note: str = ""
    alternatives: tuple[Alternative, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Recommendation: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Recommendation, ...]: ...
    def __getitem__(self, index: int | slice) -> Recommendation | tuple[Recommendation, ...]:
        return self.items[index]

    def __iter__(self) -> Iterator[Recommendation]:
        return iter(self.items)


class PathStep(NamedTuple):
    """One module of a path.

    Parameters
    ----------
    module_id : str
    minutes : float
    elapsed_minutes : float
        Minutes from the start of the path to the end of this step.
    expected_readiness : float
        After this step.
    reason : Reason
    p_attained : tuple of float
        The attainment of each of the role's targets to be expected after this step.
    ends_at : datetime or None
        When this step is done, where the learner's time is known. What is to be renewed may have
        to wait, so this may be later than the minutes alone take.
    """

    module_id: str
    minutes: float
    elapsed_minutes: float
    expected_readiness: float
    reason: Reason
    p_attained: tuple[float, ...] = ()
    ends_at: datetime | None = None


class Arrival(NamedTuple):
    """When a path reaches a target: mastery, or as far as the modules on offer bring it.

    Or, of what is proved already and would expire on the way, when the path renews it first.

    Parameters
    ----------
    target : SkillTarget
    reached_at : datetime or None
        None where the path ends before.
    p_attained : float
        To be expected then, or at the end of the path.
    late_days : float
        By how many days after it was due, or had expired; 0 of what is in time, is not due, or is
        due after the budget is used up, and infinite of what is due before and not reached.
    sentence : str
        All this, for the learner.
    expires_at : datetime or None
        When the proof that there is would cease to be valid; of what the path has to renew.
    """

    target: SkillTarget
    reached_at: datetime | None
    p_attained: float
    late_days: float
    sentence: str
    expires_at: datetime | None = None

    @property
    def is_late(self) -> bool:
        """Whether it is due before it is reached."""
        return self.late_days > 0.0


@dataclass(frozen=True, slots=True)
class LearningPath:
    """Modules in an order that respects the prerequisites, within a budget of minutes.

    Parameters
    ----------
    learner_id, role_id : str
    budget_minutes : float
    readiness : float
        Now, before the first step.
    steps : tuple of PathStep
    note : str
        Why the path is empty or ends before the budget does.
    method : str
        How the modules were chosen: "greedy" or "exact".
    gain : float
        What the path is worth: the gain in readiness with every attainment cut off at the role's
        mastery threshold, so that nothing counts beyond mastery.
    bound : float
        What no path within the budget could be worth more than, be it in time or not.
    minutes_per_week : float or None
        The time that there is, where dates were looked at.
    arrivals : tuple of Arrival
        Then, when each target that is not attained yet is reached, and each renewed whose proof
        would expire within the path; in the role's order.
    """

    learner_id: str
    role_id: str
    budget_minutes: float
    readiness: float
    steps: tuple[PathStep, ...] = field(default=())
    note: str = ""
    method: str = "greedy"
    gain: float = 0.0
    bound: float = 0.0
    minutes_per_week: float | None = None
    arrivals: tuple[Arrival, ...] = ()

    @property
    def gap(self) -> float:
        """The share of the bound that the path may fall short of the best one by; 0 is proof."""
        return (self.bound - self.gain) / self.bound if self.bound > 0.0 else 0.0

    @property
    def minutes(self) -> float:
        """The time that the whole path takes."""
        return self.steps[-1].elapsed_minutes if self.steps else 0.0

    @property
    def expected_readiness(self) -> float:
        """Readiness to be expected at the end."""
        return self.steps[-1].expected_readiness if self.steps else self.readiness


@dataclass(frozen=True, slots=True)
class Forecast:
    """How long it takes until every target of a role is attained.

    Parameters
    ----------
    learner_id, role_id : str
    minutes_per_week : float
        The time that there is.
    minutes : float
        The median over what may be; infinite where it cannot be reached as likely as not.
    interval : (float, float)
        The central 80%.
    path_minutes : float
        The time that everything on offer that helps takes, each module once.
    p_by_path : float
        P(every target attained once each of these modules is completed).
    note : str
        What cannot be reached.
    """

    learner_id: str
    role_id: str
    minutes_per_week: float
    minutes: float
    interval: tuple[float, float]
    path_minutes: float
    p_by_path: float
    note: str = ""

    @property
    def weeks(self) -> float:
        """The median in weeks."""
        return self.minutes / self.minutes_per_week

    @property
    def weeks_interval(self) -> tuple[float, float]:
        """The central 80% in weeks."""
        low, high = self.interval
        return low / self.minutes_per_week, high / self.minutes_per_week


@dataclass(frozen=True, slots=True)
class Probe:
    """A diagnostic item to ask next, or the end of asking.

    Parameters
    ----------
    item_id : str
        Empty where there is nothing more to ask.
    p_right : float
        P(a right answer).
    information : float
        By how much the answer is expected to reduce the doubt about the targets,
        Σ wᵢ·pᵢ·(1 − pᵢ) / Σ wᵢ.
    readiness, deviation : float
        What readiness is now, and its standard deviation.
    reason : Reason
        Why this item, or why no more.
    """

    item_id: str
    p_right: float
    information: float
    readiness: float
    deviation: float
    reason: Reason
