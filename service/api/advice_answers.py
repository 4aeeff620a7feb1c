"""The answers about a learner, as they go out."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import Annotated, Any

from pydantic import BaseModel, Field

from engine.domain import (
    Arrival,
    Forecast,
    Gap,
    GapReport,
    LearningPath,
    RecommendationList,
    SkillTarget,
)

from ..advice import LearnerView, aims_of
from ..records import MasteryReport, SkillMastery
from .wire import Answer

__all__ = [
    "ForecastAnswer",
    "GapsAnswer",
    "LadderAnswer",
    "LearnerAnswer",
    "MasteryAnswer",
    "PathAnswer",
    "ReasonRecord",
    "RecommendationsAnswer",
    "about",
    "forecast",
    "gaps",
    "ladder",
    "mastery",
    "path",
    "recommendations",
    "recommended",
]


AttemptsLeft = Annotated[
    int | None, Field(description="How often it may still be completed; null without a limit")
]


class Interval(BaseModel):
    """The central 80% of the weighted share of attained targets."""

    low: float
    high: float


class LevelAskedRecord(BaseModel):
    """A level that a target may mean, how likely that is, and the probability of being there."""

    level: int
    p_asked: float
    p_attained: float


class GapRecord(BaseModel):
    """How far a learner is from one target; probabilities."""

    skill_id: str
    name: str
    target_level: int
    weight: float
    attainment: float
    gap: float
    independent_successes: int
    mastered: bool
    due_at: datetime | None
    expires_at: Annotated[
        datetime | None, Field(description="When its proof ceases to be valid, or did")
    ]
    levels_asked: Annotated[
        list[LevelAskedRecord],
        Field(description="Where the level is uncertain, what it may mean; attainment is the mean"),
    ]


class LevelRecord(BaseModel):
    """The probability that the level attained is this one or above."""

    level: int
    name: str
    p_at_least: float


class SkillRecord(BaseModel):
    """One skill; what has to do with a target is null where the role has none on it."""

    skill_id: str
    name: str
    level: int
    levels: list[LevelRecord]
    target_level: int | None
    attainment: float | None
    gap: float | None
    mastered: bool | None
    opportunities: int
    last_answered_at: datetime | None


class LearnerAnswer(Answer):
    """An answer about a learner against a role, at an instant."""

    learner_id: str
    role_id: str
    at: datetime


class AimedAnswer(LearnerAnswer):
    """An answer about what is to come."""

    aims: Annotated[
        dict[str, float],
        Field(description="The roles that it serves and their shares: role_id, or the next too"),
    ]


class ReadinessAnswer(LearnerAnswer):
    """How ready a learner is for a role."""

    readiness: float
    readiness_interval: Interval
    note: Annotated[
        str, Field(description="What readiness takes into account besides, if anything")
    ]


class MasteryAnswer(ReadinessAnswer):
    """Every skill of the role, then every other skill with evidence."""

    skills: list[SkillRecord]


class GapsAnswer(ReadinessAnswer):
    """The gap of every target; ready means that each is mastered."""

    ready: bool
    gaps: list[GapRecord]


class RungRecord(BaseModel):
    """One role of a ladder."""

    role_id: str
    name: str
    rung: int
    readiness: float
    readiness_interval: Interval
    ready: bool


class LadderAnswer(LearnerAnswer):
    """Readiness for every role on a ladder, lowest rung first."""

    ladder: str
    rungs: list[RungRecord]


class ReasonRecord(BaseModel):
    """One term of a score, as a sentence."""

    term: str
    sentence: str


class RecommendationRecord(BaseModel):
    """A module to take; the terms add up to the score."""

    module_id: str
    title: str
    format: str
    minutes: float
    url: str
    available_until: datetime | None
    attempts_left: AttemptsLeft
    score: float
    terms: dict[str, float]
    reasons: list[ReasonRecord]
    expected_gain: float


class AlternativeRecord(BaseModel):
    """A module that lost, why, and what would have put it first."""

    module_id: str
    title: str
    score: float
    sentence: str


class RecommendationsAnswer(AimedAnswer):
    """What to take next, best first; the note says why where there is little or nothing.

    `prior_version` names the prior of what learners complete, where one moves the order.
    """

    decision_id: Annotated[str, Field(description="In the log; empty where it is not logged")] = ""
    prior_version: str | None = None
    recommendations: list[RecommendationRecord]
    note: str
    alternatives: list[AlternativeRecord]


class StepRecord(BaseModel):
    """One module of a path, and the readiness to be expected after it."""

    module_id: str
    title: str
    format: str
    minutes: float
    url: str
    available_until: datetime | None
    attempts_left: AttemptsLeft
    elapsed_minutes: float
    ends_at: Annotated[
        datetime | None,
        Field(
            description="When it is done, where `minutes_per_week` was given; a renewal may wait"
        ),
    ]
    expected_readiness: float
    readiness_interval: Interval
    reason: ReasonRecord


class ArrivalRecord(BaseModel):
    """When a path reaches a target: mastery, or as far as the modules on offer bring it.

    Or, of what is proved already and would expire on the way, when the path renews it first.
    """

    skill_id: str
    name: str
    target_level: int
    due_at: datetime | None
    expires_at: Annotated[
        datetime | None,
        Field(description="When the proof that there is would expire; of what is to be renewed"),
    ]
    reached_at: Annotated[
        datetime | None, Field(description="Null where the path ends before it is reached")
    ]
    attainment: Annotated[float, Field(description="To be expected then, or after the path")]
    late: bool
    late_days: Annotated[
        float | None, Field(description="Null where it is late, and not reached at all")
    ]
    sentence: str


class PathAnswer(AimedAnswer):
    """A path; the note says why it is empty or ends before the budget does.

    `gain` is the rise in readiness with every attainment cut off at the role's mastery threshold,
    which is what paths are chosen by; no path within the budget can have more of it than `bound`.
    With `minutes_per_week` being in time comes first, and gain second; what is proved and would
    expire on the way is renewed before that, so a module may come that was completed before.
    """

    method: str
    budget_minutes: float
    minutes: float
    readiness: float
    expected_readiness: float
    gain: float
    bound: float
    steps: list[StepRecord]
    note: str
    minutes_per_week: float | None
    arrivals: Annotated[
        list[ArrivalRecord],
        Field(
            description="Of every target not attained yet, and every one whose proof expires within"
            " the path, where `minutes_per_week` was given"
        ),
    ]


class ForecastAnswer(AimedAnswer):
    """When every target is attained: the median and the central 80%; null means never."""

    minutes_per_week: float
    minutes: float | None
    minutes_low: float | None
    minutes_high: float | None
    weeks: float | None
    path_minutes: float
    p_by_path: float
    note: str


def mastery(view: LearnerView, report: MasteryReport) -> MasteryAnswer:
    """Return mastery as it goes out."""
    return MasteryAnswer(
        **about(view),
        **_readiness(report.report),
        note=report.report.note,
        skills=[_skill(view, one) for one in report.skills],
    )


def gaps(view: LearnerView, report: GapReport) -> GapsAnswer:
    """Return gaps as they go out."""
    return GapsAnswer(
        **about(view),
        **_readiness(report),
        note=report.note,
        ready=report.ready,
        gaps=[_gap(view, one) for one in report.gaps],
    )


def ladder(view: LearnerView, reports: tuple[GapReport, ...]) -> LadderAnswer:
    """Return a ladder as it goes out."""
    roles = {role.role_id: role for role in view.ladder_roles}
    rungs = [
        RungRecord(
            role_id=report.role_id,
            name=roles[report.role_id].label,
            rung=roles[report.role_id].rung,
            ready=report.ready,
            **_readiness(report),
        )
        for report in reports
    ]
    return LadderAnswer(**about(view), ladder=view.role.ladder, rungs=rungs)


def recommendations(
    view: LearnerView, found: RecommendationList, decision_id: str = ""
) -> RecommendationsAnswer:
    """Return recommendations as they go out."""
    alternatives = [
        AlternativeRecord(
            module_id=one.module_id,
            title=view.binding.curriculum.module(one.module_id).label,
            score=one.score,
            sentence=one.sentence,
        )
        for one in found.alternatives
    ]
    return RecommendationsAnswer(
        **about(view),
        aims=aims_of(view),
        decision_id=decision_id,
        prior_version=view.binding.versions.prior_version,
        recommendations=recommended(view, found),
        note=found.note,
        alternatives=alternatives,
    )


def recommended(view: LearnerView, found: RecommendationList) -> list[RecommendationRecord]:
    """Return the modules of a list as they go out."""
    return [
        RecommendationRecord(
            **_module(view, one.module_id),
            score=one.score,
            terms=dict(one.terms),
            reasons=[ReasonRecord(term=why.term, sentence=why.sentence) for why in one.reasons],
            expected_gain=one.expected_gain,
        )
        for one in found
    ]


def path(view: LearnerView, planned: LearningPath) -> PathAnswer:
    """Return a path as it goes out."""
    steps = [
        StepRecord(
            **_module(view, step.module_id),
            elapsed_minutes=step.elapsed_minutes,
            ends_at=step.ends_at,
            expected_readiness=step.expected_readiness,
            readiness_interval=Interval(low=low, high=high),
            reason=ReasonRecord(term=step.reason.term, sentence=step.reason.sentence),
        )
        for step, (low, high) in zip(planned.steps, view.intervals(planned), strict=True)
    ]
    return PathAnswer(
        **about(view),
        aims=aims_of(view),
        method=planned.method,
        budget_minutes=planned.budget_minutes,
        minutes=planned.minutes,
        readiness=planned.readiness,
        expected_readiness=planned.expected_readiness,
        gain=planned.gain,
        bound=planned.bound,
        steps=steps,
        note=planned.note,
        minutes_per_week=planned.minutes_per_week,
        arrivals=[_arrival(view, one) for one in planned.arrivals],
    )


def _arrival(view: LearnerView, one: Arrival) -> ArrivalRecord:
    target: SkillTarget = one.target
    return ArrivalRecord(
        skill_id=target.skill_id,
        name=view.binding.curriculum.framework.skill(target.skill_id).label,
        target_level=target.level,
        due_at=target.due_at,
        expires_at=one.expires_at,
        reached_at=one.reached_at,
        attainment=one.p_attained,
        late=one.is_late,
        late_days=_if_ever(one.late_days),
        sentence=one.sentence,
    )


def forecast(view: LearnerView, found: Forecast) -> ForecastAnswer:
    """Return a forecast as it goes out."""
    low, high = found.interval
    return ForecastAnswer(
        **about(view),
        aims=aims_of(view),
        minutes_per_week=found.minutes_per_week,
        minutes=_if_ever(found.minutes),
        minutes_low=_if_ever(low),
        minutes_high=_if_ever(high),
        weeks=_if_ever(found.weeks),
        path_minutes=found.path_minutes,
        p_by_path=found.p_by_path,
        note=found.note,
    )


def _if_ever(time: float) -> float | None:
    return time if isfinite(time) else None


def about(view: LearnerView) -> dict[str, Any]:
    """Return whom and what an answer is about."""
    return {
        "model_version": view.model_version,
        "learner_id": view.profile.learner_id,
        "role_id": view.role.role_id,
        "at": view.at,
    }


def _readiness(report: GapReport) -> dict[str, Any]:
    low, high = report.interval
    return {"readiness": report.readiness, "readiness_interval": Interval(low=low, high=high)}


def _module(view: LearnerView, module_id: str) -> dict[str, Any]:
    module = view.binding.curriculum.module(module_id)
    return {
        "module_id": module_id,
        "title": module.label,
        "format": module.format,
        "minutes": module.minutes,
        "url": module.url,
        "available_until": module.available_until,
        "attempts_left": view.attempts_left.get(module_id),
    }


def _gap(view: LearnerView, one: Gap) -> GapRecord:
    target: SkillTarget = one.target
    return GapRecord(
        skill_id=target.skill_id,
        name=view.binding.curriculum.framework.skill(target.skill_id).label,
        target_level=target.level,
        weight=target.weight,
        attainment=one.p_attained,
        gap=one.gap,
        independent_successes=one.independent_successes,
        mastered=one.mastered,
        due_at=target.due_at,
        expires_at=one.expires_at,
        levels_asked=[LevelAskedRecord(**each._asdict()) for each in one.asked],
    )


def _skill(view: LearnerView, one: SkillMastery) -> SkillRecord:
    scale = view.binding.curriculum.scale
    return SkillRecord(
        skill_id=one.skill_id,
        name=one.name,
        level=one.level,
        levels=[
            LevelRecord(level=level, name=scale.name(level), p_at_least=p)
            for level, p in one.p_at_least.items()
        ],
        target_level=one.gap.target.level if one.gap else None,
        attainment=one.gap.p_attained if one.gap else None,
        gap=one.gap.gap if one.gap else None,
        mastered=one.gap.mastered if one.gap else None,
        opportunities=one.opportunities,
        last_answered_at=one.last_answered_at,
    )
