"""A learner against a role, as the evidence stands: what every reading answer is taken from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

from engine.domain import (
    CombinedRole,
    Curriculum,
    Forecast,
    Gap,
    GapReport,
    KnowledgeState,
    LearningPath,
    Probe,
    RecommendationList,
    Role,
    SkillLevel,
)
from engine.recommender import Method
from engine.recommender.gaps import SUCCESSES_FOR_MASTERY

from .binding import Binding
from .instants import from_us
from .knowledge import fold
from .records import GrowthPoint, LearnerProfile, MasteryReport, SkillMastery
from .registry import read_role
from .store import RESPONSE, EvidenceRow, EvidenceStamp

__all__ = [
    "Glimpse",
    "LearnerView",
    "MasteryPoint",
    "aim_of",
    "aims_of",
    "best_there_is",
    "growth",
    "skill_history",
]

_USUAL_BUDGET_MINUTES = 600.0
_MOST_POINTS = 200
_UNSEEN_POINTS = 0.05  # of readiness: less is shown as none


@dataclass(frozen=True)
class Glimpse:
    """What tells all that an answer about a learner stands on: nothing of it read or computed.

    Parameters
    ----------
    binding : Binding
    profile : LearnerProfile
    role_content : str
        The role asked about, as it is kept.
    ladder_contents : tuple of str
        The roles on its ladder.
    next_role_content : str
        The role that has a share in what is recommended besides; empty where none has.
    evidence : EvidenceStamp
    at : datetime
        The instant asked about.
    """

    binding: Binding
    profile: LearnerProfile
    role_content: str
    ladder_contents: tuple[str, ...]
    next_role_content: str
    evidence: EvidenceStamp
    at: datetime

    @cached_property
    def stamp(self) -> bytes:
        """A digest of everything but the instant: as long as it is the same, so are the answers."""
        standing = (
            self.binding.versions,
            self.profile,
            self.role_content,
            self.ladder_contents,
            self.next_role_content,
            self.evidence,
        )
        return blake2b(repr(standing).encode(), digest_size=16).digest()


def aim_of(glimpse: Glimpse) -> Role:
    """Return what is recommended for: the role asked about, or it and the next one combined."""
    role, weight = read_role(glimpse.role_content), glimpse.profile.next_role_weight
    if not glimpse.next_role_content:
        return role
    following = read_role(glimpse.next_role_content)
    if weight == 1.0 or following.role_id == role.role_id:
        return following
    return Role.combined({role: 1.0 - weight, following: weight})


@dataclass(frozen=True)
class LearnerView:
    """One learner against one role at one instant, under one model and catalogue.

    Parameters
    ----------
    binding : Binding
    profile : LearnerProfile
    state : KnowledgeState
        After all evidence received so far.
    evidence : EvidenceStamp
        Of that evidence.
    role : Role
    aim : Role
        What is recommended is for this one: `role`, or it and the next role combined.
    ladder_roles : tuple of Role
        The roles on the ladder of `role`, itself included.
    at : datetime
        The instant asked about.
    stamp : bytes
        Of the glimpse that it was taken from.
    role_version : int
    attempts_left : mapping of str to int
        How often each module with a limit may still be completed.
    """

    binding: Binding
    profile: LearnerProfile
    state: KnowledgeState
    evidence: EvidenceStamp
    role: Role
    aim: Role
    ladder_roles: tuple[Role, ...]
    at: datetime
    stamp: bytes
    role_version: int
    attempts_left: Mapping[str, int] = field(default_factory=dict)

    @property
    def model_version(self) -> str:
        """The model that the answers come from."""
        return self.binding.model_version

    def denied(self, denied: Collection[str]) -> Collection[str]:
        """Return what the caller leaves out, and what the learner may not complete again."""
        used_up = [one for one, left in self.attempts_left.items() if left <= 0]
        return [*denied, *used_up] if used_up else denied

    def gaps(self) -> GapReport:
        """Return readiness and the gap per target."""
        return self.binding.planner.gaps(self.state, role=self.role, at=self.at)

    def recommend(
        self,
        *,
        limit: int = 3,
        allowed: Collection[str] | None = None,
        denied: Collection[str] = (),
        within_minutes: float | None = None,
        alternatives: int = 0,
        variety: float = 0.0,
        preference: float = 0.0,
    ) -> RecommendationList:
        """Return what to take next, best first.

        Parameters
        ----------
        limit : int
        allowed : collection of str, optional
            The modules to choose among; None allows all.
        denied : collection of str, optional
            The modules to leave out, whatever is allowed.
        within_minutes : float, optional
            The time that there is now.
        alternatives : int, default 0
            How many of the modules that lost to explain.
        variety, preference : float
            How much the formats of the others in the list count, and those that the learner has
            completed more often than they are offered; from 0 to 1 each.

        Raises
        ------
        InvalidInput
            `allowed` or `denied` names unknown modules, or a weight is none.
        """
        planner = self.binding.planner
        return planner.recommend(
            self.state,
            role=self.aim,
            limit=limit,
            allowed=allowed,
            denied=self.denied(denied),
            within_minutes=within_minutes,
            alternatives=alternatives,
            weights=replace(planner.weights, variety=variety, preference=preference),
            at=self.at,
        )

    def plan(
        self,
        *,
        budget_minutes: float | None = None,
        until: datetime | None = None,
        allowed: Collection[str] | None = None,
        denied: Collection[str] = (),
        method: Method = "greedy",
        seconds: float = 10.0,
        minutes_per_week: float | None = None,
    ) -> LearningPath:
        """Return a path within a budget, of ten hours where no time is named at all.

        See the planner's method, and raise as it.
        """
        if budget_minutes is None and until is None:
            budget_minutes = _USUAL_BUDGET_MINUTES
        return self.binding.planner.plan(
            self.state,
            role=self.aim,
            budget_minutes=budget_minutes,
            until=until,
            allowed=allowed,
            denied=self.denied(denied),
            method=method,
            seconds=seconds,
            at=self.at,
            minutes_per_week=minutes_per_week,
        )

    def intervals(self, path: LearningPath) -> tuple[tuple[float, float], ...]:
        """Return the central 80% of readiness after each step of a path."""
        return self.binding.planner.intervals(path, role=self.aim)

    def forecast(
        self,
        *,
        minutes_per_week: float = 120.0,
        allowed: Collection[str] | None = None,
        denied: Collection[str] = (),
    ) -> Forecast:
        """Return how long it takes until the role is reached; raise as :meth:`recommend`."""
        return self.binding.planner.forecast(
            self.state,
            role=self.aim,
            minutes_per_week=minutes_per_week,
            allowed=allowed,
            denied=self.denied(denied),
            at=self.at,
        )

    def probe(self, *, asked: Collection[str] = (), precision: float = 0.05) -> Probe:
        """Return the item whose answer is expected to say most about readiness.

        Parameters
        ----------
        asked : collection of str
            Items not to ask again.
        precision : float
            The standard deviation of readiness at which there is no more to ask.

        Raises
        ------
        InvalidInput
            A precision that is not above 0, or unknown items in `asked`.
        """
        return self.binding.planner.probe(
            self.state, role=self.role, asked=asked, precision=precision, at=self.at
        )

    def ladder(self) -> tuple[GapReport, ...]:
        """Return the gaps of every role on the ladder, lowest rung first, or of a lone role."""
        if not self.role.ladder:
            return (self.gaps(),)
        return self.binding.planner.ladder(self.state, self.ladder_roles, at=self.at)

    def mastery(self) -> MasteryReport:
        """Return mastery skill by skill: the role's targets, then what else has evidence."""
        report = self.gaps()
        by_skill = {gap.target.skill_id: gap for gap in report.gaps}
        skill_ids = dict.fromkeys([*by_skill, *self.state.skills])
        rows = tuple(self._skill(skill_id, by_skill.get(skill_id)) for skill_id in skill_ids)
        return MasteryReport(report, rows)

    def _skill(self, skill_id: str, gap: Gap | None) -> SkillMastery:
        levels = self.binding.curriculum.levels_of(skill_id)
        asked = [SkillLevel(skill_id, level) for level in levels]
        p = self.binding.tracer.attainment(self.state, asked, at=self.at).tolist()
        p_at_least = dict(zip(levels, p, strict=True))
        known = self.state.skills.get(skill_id)
        return SkillMastery(
            skill_id=skill_id,
            name=self.binding.curriculum.framework.skill(skill_id).label,
            level=self._highest_mastered(skill_id, p_at_least),
            p_at_least=p_at_least,
            gap=gap,
            opportunities=known.opportunities if known else 0,
            last_answered_at=known.last_answered_at if known else None,
        )

    def _highest_mastered(self, skill_id: str, p_at_least: Mapping[int, float]) -> int:
        mastered = (
            level
            for level, p in p_at_least.items()
            if p >= self.role.mastery_threshold
            and self.state.independent_successes(skill_id, level) >= SUCCESSES_FOR_MASTERY
        )
        return max(mastered, default=0)


def aims_of(view: LearnerView) -> dict[str, float]:
    """Return the roles that what is recommended is for, each with its share."""
    if isinstance(view.aim, CombinedRole):
        return {part.role_id: part.share for part in view.aim.parts}
    return {view.aim.role_id: 1.0}


def best_there_is(path: LearningPath) -> str:
    """Say how far a path may be from the best one within its budget, be it in time or not.

    Examples
    --------
    >>> best_there_is(LearningPath("ada", "analyst", 60.0, 0.5, gain=0.2, bound=0.23))
    'Another path within the budget could gain at most 3.0 points more.'
    >>> best_there_is(LearningPath("ada", "analyst", 60.0, 0.5, gain=0.2, bound=0.2))
    'No other path within the budget gains more.'
    """
    beyond = 100.0 * (path.bound - path.gain)
    if beyond < _UNSEEN_POINTS:
        return "No other path within the budget gains more."
    return f"Another path within the budget could gain at most {beyond:.1f} points more."


class MasteryPoint(NamedTuple):
    """What was believed of a skill right after a piece of evidence.

    Parameters
    ----------
    row : EvidenceRow
    p_at_least : mapping of int to float
        P(level attained ≥ each level of the skill), as of the instant of the evidence.
    opportunities : int
        How many responses had exercised the skill by then.
    """

    row: EvidenceRow
    p_at_least: Mapping[int, float]
    opportunities: int


def growth(
    binding: Binding, learner_id: str, role: Role, rows: Sequence[EvidenceRow]
) -> tuple[GrowthPoint, ...]:
    """Return readiness for a role after each instant with evidence, from the first on.

    The first point is what was believed before any evidence, dated at the first of it. Where there
    are very many, every so-manieth is left out; the last one is always there.

    Parameters
    ----------
    binding : Binding
    learner_id : str
    role : Role
    rows : sequence of EvidenceRow
        In replay order.
    """
    if not rows:
        return ()
    state = binding.tracer.start(learner_id)
    points = [_point(binding, state, role, rows[0])]
    stride = -(-len(rows) // _MOST_POINTS)
    for end in range(len(rows) % stride or stride, len(rows) + 1, stride):
        state = fold(binding.tracer, state, rows[max(0, end - stride) : end])
        if end == len(rows) or rows[end].happened_at_us > rows[end - 1].happened_at_us:
            points.append(_point(binding, state, role, rows[end - 1]))
    return tuple(points)


def skill_history(
    binding: Binding, learner_id: str, skill_id: str, rows: Sequence[EvidenceRow]
) -> Iterator[MasteryPoint]:
    """Give what was believed of a skill after each piece of evidence about it, as it happened.

    Parameters
    ----------
    binding : Binding
    learner_id, skill_id : str
    rows : sequence of EvidenceRow
        All of the learner's, in replay order.

    Raises
    ------
    UnknownId
        There is no such skill.
    """
    binding.curriculum.framework.skill(skill_id)
    levels = binding.curriculum.levels_of(skill_id)
    asked = [SkillLevel(skill_id, level) for level in levels]
    state = binding.tracer.start(learner_id)
    for row in rows:
        state = fold(binding.tracer, state, [row])
        if skill_id in _skills_of(binding.curriculum, row):
            at = from_us(row.happened_at_us)
            p = binding.tracer.attainment(state, asked, at=at).tolist()
            known = state.skills.get(skill_id)
            opportunities = known.opportunities if known else 0
            yield MasteryPoint(row, dict(zip(levels, p, strict=True)), opportunities)


def _skills_of(curriculum: Curriculum, row: EvidenceRow) -> Collection[str]:
    """Return the skills that evidence is about; evidence on others may move them too."""
    if row.kind == RESPONSE:
        return curriculum.item(row.subject_id).skills
    return [effect.skill_id for effect in curriculum.module(row.subject_id).teaches]


def _point(binding: Binding, state: KnowledgeState, role: Role, row: EvidenceRow) -> GrowthPoint:
    at = from_us(row.happened_at_us)
    report = binding.planner.gaps(state, role=role, at=at)
    return GrowthPoint(at, report.readiness, *report.interval)
