"""A workspace of ten lines with real domain objects, for the pages to ask."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from engine import (
    Curriculum,
    Gap,
    GapReport,
    LearningPath,
    Reason,
    Recommendation,
    Role,
    SkillTarget,
    UnknownId,
)
from engine.domain import PathStep, RecommendationList
from engine.errors import TooFew
from engine.recommender import Stuck, TeamGap, TeamGaps
from service.dashboard import router
from service.deciding import Asked
from service.errors import NoCatalog, NoRole
from service.keys import Grant, Key
from service.records import (
    GrowthPoint,
    LearnerProfile,
    MasteryReport,
    Member,
    SkillMastery,
    TeamAnswer,
    TeamReport,
    TeamSize,
)
from service.scopes import Scope

EVERYTHING = Grant([Scope.READ_ALL])
START = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)

CURRICULUM = Curriculum.from_records(
    skills=[
        {"skill_id": "sql-joins", "name": "Joining tables", "group": "Querying"},
        {"skill_id": "sql-windows", "name": "Window functions", "group": "Querying"},
        {"skill_id": "charts", "name": "Choosing a chart", "group": "Showing"},
        {"skill_id": "ethics", "name": "Data ethics", "group": "Trust"},
    ],
    items=[{"item_id": "q1", "skills": ["sql-joins"], "level": 2}],
    modules=[
        {
            "module_id": "joins-201",
            "title": "Joins that keep every row",
            "format": "interactive_exercise",
            "minutes": 12,
            "url": "https://learn.example/joins-201",
            "teaches": [{"skill_id": "sql-joins", "level": 2}],
        },
        {
            "module_id": "charts-101",
            "title": "Bars or lines",
            "minutes": 65,
            "url": "modules/charts-101",
            "teaches": [{"skill_id": "charts"}],
        },
    ],
)

ANALYST = Role(
    "analyst",
    [SkillTarget("sql-joins", 2, 3.0), SkillTarget("sql-windows"), SkillTarget("charts")],
    name="Data analyst",
    ladder="analyst",
    rung=1,
)
SENIOR = Role(
    "senior", [SkillTarget("sql-joins", 3)], name="Senior analyst", ladder="analyst", rung=2
)
LONER = Role("loner", [SkillTarget("charts")], name="Chart maker")

ADA = LearnerProfile("ada", "Ada Mbeki", "growth", "analyst", "senior")


def report_for(role: Role, *p_attained: float, learner_id: str = "ada") -> GapReport:
    gaps = tuple(
        Gap(target, p, 3 if p >= 0.95 else 0, p >= 0.95)
        for target, p in zip(role.targets, p_attained, strict=True)
    )
    return GapReport(learner_id, role.role_id, sum(p_attained) / len(gaps), (0.5, 0.75), gaps)


def mastery_of(report: GapReport) -> MasteryReport:
    rows = [
        SkillMastery(
            gap.target.skill_id,
            CURRICULUM.skills[gap.target.skill_id].label,
            gap.target.level if gap.mastered else 0,
            {gap.target.level: gap.p_attained},
            gap,
            0 if gap.p_attained < 0.3 else 4,
            None if gap.p_attained < 0.3 else START,
        )
        for gap in report.gaps
    ]
    rows.append(SkillMastery("ethics", "Data ethics", 1, {1: 0.97}, None, 2, START))
    return MasteryReport(report, tuple(rows))


JOINS = Recommendation(
    "joins-201",
    12.0,
    0.0042,
    {"gain": 0.0040, "review": 0.0002},
    (Reason("gain", "It closes most of the gap in Joining tables."),),
    0.048,
)
STEP = PathStep("joins-201", 12.0, 12.0, 0.66, Reason("gain", "It is the quickest gain."))


STUCK = Stuck(
    "sql-windows", 1, 12, 0.1, 0, START, (), (), Reason("stuck", "12 answers, none of them right.")
)


@dataclass
class FakeView:
    """What `Workspace.view` gives, with answers set by hand."""

    profile: LearnerProfile
    role: Role
    p_attained: tuple[float, ...]
    recommended: RecommendationList
    curriculum: Curriculum = CURRICULUM
    model_version: str = "bkt-0123456789ab"
    at: datetime = START

    @property
    def binding(self) -> SimpleNamespace:
        return SimpleNamespace(curriculum=self.curriculum)

    def mastery(self) -> MasteryReport:
        return mastery_of(report_for(self.role, *self.p_attained))

    def ladder(self) -> tuple[GapReport, ...]:
        return (report_for(ANALYST, 0.97, 0.6, 0.2), report_for(SENIOR, 0.3))

    def plan(self, *, budget_minutes: float, minutes_per_week: float | None) -> LearningPath:
        steps = (STEP,) if budget_minutes >= STEP.minutes else ()
        note = "" if steps else "No module fits into this time."
        path = LearningPath("ada", self.role.role_id, budget_minutes, 0.62, steps, note)
        return replace(path, minutes_per_week=minutes_per_week)


@dataclass
class FakeWorkspace:
    """The ten lines."""

    profiles: tuple[LearnerProfile, ...] = (ADA,)
    known_roles: tuple[Role, ...] = (ANALYST, SENIOR, LONER)
    curriculum: Curriculum | None = CURRICULUM
    points: tuple[GrowthPoint, ...] = ()
    recommended: RecommendationList = field(
        default_factory=lambda: RecommendationList((JOINS,), note="")
    )

    def catalog(self) -> Curriculum | None:
        return self.curriculum

    def roles(self) -> tuple[Role, ...]:
        return self.known_roles

    def learners(self, query: str = "", limit: int = 50, after: str = "", within=None) -> tuple:
        found = [p for p in self.profiles if query.casefold() in f"{p.learner_id} {p.name}".lower()]
        mine = [p for p in found if within is None or p.team_id in within]
        return tuple([p for p in mine if p.learner_id > after][:limit])

    def learner(self, learner_id: str) -> LearnerProfile:
        known = {profile.learner_id: profile for profile in self.profiles}
        if learner_id not in known:
            raise UnknownId("learner", learner_id, known)
        return known[learner_id]

    def view(self, learner_id: str, role_id: str | None = None) -> FakeView:
        if self.curriculum is None:
            raise NoCatalog
        profile = self.learner(learner_id)
        roles = {role.role_id: role for role in self.known_roles}
        if role_id is None and not profile.role_id:
            raise NoRole(learner_id)
        if (role_id or profile.role_id) not in roles:
            raise UnknownId("role", role_id or "", roles)
        role = roles[role_id or profile.role_id]
        p_attained = (0.97, 0.6, 0.2)[: len(role.targets)]
        return FakeView(profile, role, p_attained, self.recommended, self.curriculum)

    def serve(self, view: FakeView, asked: Asked) -> tuple[RecommendationList, str]:
        assert asked == Asked()
        return view.recommended, "d-1"

    def current(self) -> SimpleNamespace:
        if self.curriculum is None:
            raise NoCatalog
        return SimpleNamespace(curriculum=self.curriculum)

    def team(self, team_id: str) -> tuple[LearnerProfile, ...]:
        found = tuple(one for one in self.profiles if one.team_id == team_id)
        if not found:
            raise UnknownId("team", team_id)
        return found

    def teams(self, limit: int, after: str = "", within=None) -> tuple[TeamSize, ...]:
        sizes = Counter(p.team_id for p in self.profiles if within is None or p.team_id in within)
        return tuple(TeamSize(*one) for one in sorted(sizes.items()) if one[0] > after)[:limit]

    def has_team(self, team_id: str) -> bool:
        return any(one.team_id == team_id for one in self.profiles)

    def usual_role(self, team_id: str) -> str:
        return self.team(team_id)[0].role_id

    def team_gaps(self, team_id: str, role_id: str) -> TeamReport:
        """Nothing is told of window functions, and nothing at all of fewer than five."""
        learners = len(self.team(team_id))
        if learners < 5:
            raise TooFew(5)
        gaps = [
            TeamGap(ANALYST.targets[0], 0.4, (0.2, 0.6), 1),
            TeamGap(ANALYST.targets[1]),
            TeamGap(ANALYST.targets[2], 0.2, (0.0, 0.4), 0),
        ]
        found = TeamGaps(role_id, learners, 0.35, (0.2, 0.6), tuple(gaps))
        return TeamReport("bkt-0", team_id, START, found)

    def coaching(self, team_id: str, role_id: str) -> TeamAnswer:
        return self._members(team_id, role_id, self.team(team_id)[:1], (STUCK,))

    def ready(self, team_id: str, role_id: str) -> TeamAnswer:
        return self._members(team_id, role_id, self.team(team_id)[1:], ())

    def _members(self, team_id: str, role_id: str, who, stuck) -> TeamAnswer:
        if role_id not in {role.role_id for role in self.known_roles}:
            raise UnknownId("role", role_id)
        report = report_for(ANALYST, 0.97, 0.6, 0.2)
        members = tuple(Member(one, report, stuck) for one in who)
        return TeamAnswer("bkt-0", team_id, role_id, START, len(self.team(team_id)), members)

    def growth(self, learner_id: str, role_id: str | None = None) -> tuple[GrowthPoint, ...]:
        assert self.learner(learner_id)
        assert role_id in {role.role_id for role in self.known_roles}
        return self.points


def growth_points(number: int, *, hours: float = 24.0) -> tuple[GrowthPoint, ...]:
    return tuple(
        GrowthPoint(START + timedelta(hours=hours * i), 0.2 + 0.4 * i / number, 0.1, 0.8)
        for i in range(number)
    )


@pytest.fixture
def fake() -> FakeWorkspace:
    return FakeWorkspace(points=growth_points(12))


def pages_of(fake: FakeWorkspace, grant: Grant = EVERYTHING) -> FastAPI:
    """The pages alone, for somebody who has come past the gate with a session."""
    app = FastAPI(docs_url=None)
    app.include_router(router)

    @app.middleware("http")
    async def come_past_the_gate(request, call_next):
        request.scope["attain.workspace"] = fake
        request.scope["attain.key"] = Key("t", "k-1", "session", "", grant, START, None)
        return await call_next(request)

    return app


@pytest.fixture
def client(fake: FakeWorkspace) -> TestClient:
    return TestClient(pages_of(fake))


@pytest.fixture
def build() -> SimpleNamespace:
    """The builders of this file, which tests cannot import."""
    return SimpleNamespace(**{name: value for name, value in globals().items() if name[0] != "_"})
