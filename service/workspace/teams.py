"""A team against a role: what it lacks, never who."""

from __future__ import annotations

from datetime import datetime

from engine.domain import GapReport

from .. import registry
from ..knowledge import read_knowledge
from ..records import TeamReport
from ..store import Session
from ..teams import refuse_too_few, report
from .ground import Ground

__all__ = ["Teams"]


class Teams(Ground):
    """Answers about many learners at once."""

    def team_gaps(self, team_id: str, role_id: str, at: datetime | None = None) -> TeamReport:
        """Return how much of a team has attained each target of a role.

        Raises
        ------
        UnknownId
            There is no such team, or no such role.
        TooFew
            The team has so few learners that the answer would tell of single ones.
        """
        instant = self._clock() if at is None else at

        def look(session: Session) -> TeamReport:
            bound = self._bind(session)
            role = registry.find_role(session, role_id)
            members = session.learners.in_team(team_id)
            refuse_too_few(session, team_id, len(members))
            reports: list[GapReport] = []
            for learner_id in members:
                state = read_knowledge(session, bound, learner_id).state
                reports.append(bound.planner.gaps(state, role=role, at=instant))
            return report(bound.model_version, team_id, role, reports, instant)

        return self._store.read(look)
