"""Where a learner stands: the gaps before a role, what they are stuck on, and their ladder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ..recommender import (
    FEWEST_LEARNERS,
    MANY_OPPORTUNITIES,
    Stuck,
    TeamGaps,
    attained,
    expires_at,
    gaps,
    levels_asked,
    meant_nearly,
    rungs,
    stuck,
    team_gaps,
)
from .ground import Ground, faults_of

if TYPE_CHECKING:
    from ..domain.framework import Role
    from ..domain.knowledge import KnowledgeState
    from ..domain.recommendations import GapReport

__all__ = ["Reporting"]


class Reporting(Ground):
    """Questions about what is there and what is missing."""

    def gaps(self, state: KnowledgeState, *, role: Role, at: datetime | None = None) -> GapReport:
        """Return readiness for a role with its interval, and the gap per target.

        Raises
        ------
        InvalidInput
            A naive instant.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        faults_of(at).raise_if_any("request")
        self.curriculum.framework.check_role(role)
        framework = self.curriculum.framework
        meant = framework.meant_by(role)
        p = attained(self.tracer, state, meant, at)
        asked = [] if role.is_certain else levels_asked(self.tracer, state, meant, at)
        expires = [expires_at(self.curriculum, state, target) for target in role.targets]
        for i, target in enumerate(role.targets):
            if at is not None and target.valid_days is not None and (expires[i] or at) <= at:
                p[i] = 0.0  # expired, or never proved
                if asked:
                    asked[i] = tuple(one._replace(p_attained=0.0) for one in asked[i])
        found = gaps(state, role, p, expires, asked)
        return replace(found, note=meant_nearly(framework, meant)) if asked else found

    def stuck(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        opportunities: int = MANY_OPPORTUNITIES,
        at: datetime | None = None,
    ) -> tuple[Stuck, ...]:
        """Return the skills of a role on which a learner spins their wheels, with the evidence.

        Raises
        ------
        InvalidInput
            Less than one opportunity, or a naive instant.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        faults_of(at).raise_if_any("request")
        return stuck(self._map(role), state, self.tracer, opportunities=opportunities, at=at)

    def team_gaps(
        self,
        states: Iterable[KnowledgeState],
        *,
        role: Role,
        fewest: int = FEWEST_LEARNERS,
        at: datetime | None = None,
    ) -> TeamGaps:
        """Return how much of a team has attained each target of a role, so that it tells of nobody.

        Parameters
        ----------
        states : iterable of KnowledgeState
            Of each learner of the team.
        role : Role
        fewest : int, default 5
            Of fewer learners with evidence nothing is told.
        at : datetime, optional
            The aware instant asked about.

        Raises
        ------
        TooFew
            There are fewer learners, or of no target is there evidence from as many.
        InvalidInput
            Less than one learner, or a naive instant.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.

        Examples
        --------
        >>> from engine import BKT, Curriculum, PathPlanner, Response, Role, SkillTarget
        >>> curriculum = Curriculum.from_records(
        ...     skills=[{"skill_id": "sql"}], items=[{"item_id": "q1", "skills": ["sql"]}]
        ... )
        >>> tracer = BKT(curriculum=curriculum)
        >>> planner = PathPlanner(tracer=tracer, curriculum=curriculum)
        >>> team = [
        ...     tracer.update(tracer.start(one), Response(one, "q1", score=float(one < "d")))
        ...     for one in "abcde"
        ... ]
        >>> (sql,) = planner.team_gaps(team, role=Role("analyst", [SkillTarget("sql")])).gaps
        >>> sql.attained, sql.mastered
        (0.6, 0)
        """
        faults = faults_of(at)
        faults.check_level("fewest", fewest)  # whole numbers from 1, as levels are
        faults.raise_if_any("request")
        members = [(one.skills.keys(), self.gaps(one, role=role, at=at)) for one in states]
        return team_gaps(role, members, fewest=fewest)

    def ladder(
        self, state: KnowledgeState, roles: Iterable[Role], *, at: datetime | None = None
    ) -> tuple[GapReport, ...]:
        """Return the gap report of every role of one ladder, lowest rung first.

        Raises
        ------
        InvalidInput
            Roles of several ladders or of none, or a naive instant.
        InvalidCurriculum
            A role names skills or levels that the curriculum's framework lacks.
        """
        return tuple(self.gaps(state, role=role, at=at) for role in rungs(roles))
