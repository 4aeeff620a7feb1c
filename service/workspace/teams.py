"""A team against a role: what it lacks, who needs coaching, who may move on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.domain import KnowledgeState, Role
from engine.errors import UnknownId
from engine.recommender import advances

from .. import registry
from ..binding import Binding
from ..cursors import cursor, read_cursor
from ..records import LearnerProfile, Member, TeamAnswer, TeamReport, TeamSize
from ..store import Session
from .ground import Ground

__all__ = ["Teams"]


_Judge = Callable[[Session, Binding, Role, LearnerProfile, KnowledgeState, datetime], Member | None]


class Teams(Ground):
    """Answers about many learners at once."""

    def team_gaps(self, team_id: str, role_id: str, at: datetime | None = None) -> TeamReport:
        """Return how much of a team has attained each target of a role.

        Raises
        ------
        UnknownId
            There is no such team, or no such role.
        TooFew
            The team has so few learners, or so few who have shown anything about what the role
            wants, that the answer would tell of single ones.
        """
        instant = self._instant(at)

        def look(session: Session) -> TeamReport:
            bound = self._bind(session)
            role = registry.find_role(session, role_id)
            members = session.learners.in_team(team_id)
            if not members:
                raise UnknownId("team", team_id, session.learners.teams())
            states = self._states(session, bound, members)
            found = bound.planner.team_gaps(states, role=role, at=instant)
            return TeamReport(bound.model_version, team_id, instant, found)

        return self._store.read(look)

    def teams(
        self, limit: int | None = None, after: str = "", within: Collection[str] | None = None
    ) -> tuple[TeamSize, ...]:
        """Return teams by id, from the first one after `after`.

        Parameters
        ----------
        limit : int, optional
            How many of them; all where it is not given.
        after : str
            The last id of the page before.
        within : collection of str, optional
            The teams to look among; all where it is not given.
        """
        found = self._store.read(lambda session: session.learners.team_roles(limit, after, within))
        return tuple(TeamSize.of(team_id, roles) for team_id, roles in found.items())

    def usual_role(self, team_id: str) -> str:
        """Return the role that most of a team have who have one; empty where nobody has.

        Raises
        ------
        UnknownId
            There is no such team.
        """

        def look(session: Session) -> str:
            roles = session.learners.team_roles(1, "", [team_id]).get(team_id)
            if roles is None:
                raise UnknownId("team", team_id, session.learners.teams())
            return TeamSize.of(team_id, roles).usual_role_id

        return self._store.read(look)

    def coaching(
        self,
        team_id: str,
        role_id: str,
        at: datetime | None = None,
        *,
        limit: int | None = None,
        after: str = "",
    ) -> TeamAnswer:
        """Return who of a team spins their wheels on a skill of a role; the worst off first.

        Parameters
        ----------
        team_id, role_id : str
        at : datetime, optional
            Now where it is not given.
        limit : int, optional
            How many of them; all where it is not given.
        after : str
            As it was given with the page before.

        Raises
        ------
        UnknownId
            There is no such team, or no such role.
        InvalidInput
            `after` is nothing that was given.
        """
        key = read_cursor(after, int, str, str) if after else None
        return _page(self._members(team_id, role_id, at, _stuck), _worst_first, limit, key)

    def ready(
        self,
        team_id: str,
        role_id: str,
        at: datetime | None = None,
        *,
        limit: int | None = None,
        after: str = "",
    ) -> TeamAnswer:
        """Return who of a team has mastered every target of a role and is not in it, or above it.

        By their ids; parameters and errors are those of :meth:`coaching`.
        """
        key = read_cursor(after, str) if after else None
        return _page(self._members(team_id, role_id, at, _ready), _by_id, limit, key)

    def _members(
        self, team_id: str, role_id: str, at: datetime | None, judge: _Judge
    ) -> TeamAnswer:
        """Return those of a team whom a judge names, by id."""
        instant = self._instant(at)

        def look(session: Session) -> TeamAnswer:
            bound = self._bind(session)
            role = registry.find_role(session, role_id)
            ids = session.learners.in_team(team_id)
            if not ids:
                raise UnknownId("team", team_id, session.learners.teams())
            found = []
            for state in self._states(session, bound, sorted(ids)):
                profile = registry.find_learner(session, state.learner_id)
                found.append(judge(session, bound, role, profile, state, instant))
            members = tuple(one for one in found if one is not None)
            return TeamAnswer(bound.model_version, team_id, role_id, instant, len(ids), members)

        return self._store.read(look)


def _worst_first(member: Member) -> tuple[int, str, str]:
    opportunities = sum(skill.opportunities for skill in member.stuck)
    return (-opportunities, member.profile.label, member.profile.learner_id)


def _by_id(member: Member) -> tuple[str]:
    return (member.profile.learner_id,)


def _page(
    found: TeamAnswer, place: Callable[[Member], Any], limit: int | None, after: Any
) -> TeamAnswer:
    """Return some of the members that were found, in the order of their places."""
    members = sorted(found.members, key=place)
    rest = [one for one in members if after is None or place(one) > after]
    more = limit is not None and len(rest) > limit
    page = tuple(rest[:limit])
    return replace(found, members=page, following=cursor(*place(page[-1])) if more else None)


def _stuck(
    session: Session,  # noqa: ARG001  # the other judge reads it
    bound: Binding,
    role: Role,
    profile: LearnerProfile,
    state: KnowledgeState,
    at: datetime,
) -> Member | None:
    found = bound.planner.stuck(state, role=role, at=at)
    if not found:
        return None
    return Member(profile, bound.planner.gaps(state, role=role, at=at), found)


def _ready(
    session: Session,
    bound: Binding,
    role: Role,
    profile: LearnerProfile,
    state: KnowledgeState,
    at: datetime,
) -> Member | None:
    report = bound.planner.gaps(state, role=role, at=at)
    content = session.roles.content(profile.role_id) if profile.role_id else None
    current = None if content is None else registry.read_role(content)
    return Member(profile, report) if advances(report, role, current) else None
