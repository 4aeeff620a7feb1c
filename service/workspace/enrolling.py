"""Roles, and the learners who have them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from engine.domain import Role

from .. import registry
from ..instants import to_us
from ..keys import Grant
from ..records import LearnerProfile
from ..registry import find_learner, find_role, read_role
from ..store import Session
from .ground import Ground

__all__ = ["Enrolling"]


class Enrolling(Ground):
    """Roles and learners, put and found."""

    def put_role(self, role: Role) -> None:
        """Keep a role; raise :class:`InvalidCurriculum` where it wants unknown skills or levels."""

        def put(session: Session) -> None:
            self._bind(session).curriculum.framework.check_role(role)
            registry.put_role(session, role)

        self._store.write(put)

    def roles(self) -> tuple[Role, ...]:
        """Return every role, by ladder, rung and id."""
        found = map(read_role, self._store.read(lambda session: session.roles.all()))
        return tuple(sorted(found, key=lambda role: (role.ladder, role.rung, role.role_id)))

    def role(self, role_id: str) -> Role:
        """Return a role."""
        return self._store.read(lambda session: find_role(session, role_id))

    def put_learners(self, profiles: Sequence[LearnerProfile]) -> None:
        """Keep profiles, all or none; raise :class:`InvalidInput` where they name unknown roles."""
        now_us = to_us(self._clock())
        self._store.write(lambda session: registry.put_learners(session, profiles, now_us))

    def learners(
        self,
        query: str = "",
        limit: int = 50,
        after: str = "",
        within: Collection[str] | None = None,
    ) -> tuple[LearnerProfile, ...]:
        """Return learners by id, from the first one after `after`.

        Parameters
        ----------
        query : str
            Looked for in ids, names and teams.
        limit : int
        after : str
            The last id of the page before.
        within : collection of str, optional
            The teams whose learners are looked among; all where it is not given.
        """
        return self._store.read(lambda session: session.learners.page(query, limit, after, within))

    def learner(self, learner_id: str) -> LearnerProfile:
        """Return a learner's profile."""
        return self._store.read(lambda session: find_learner(session, learner_id))

    def is_within(self, learner_id: str, grant: Grant) -> bool:
        """Whether a learner is known, and the one whom a bound grant is about or in its teams."""

        def look(session: Session) -> bool:
            found = registry.look_for_learner(session, learner_id)
            if found is None or found.team_id in grant.team_ids:
                return found is not None
            own = {grant.learner_id, session.aliases.kept(grant.learner_id)}
            return found.learner_id in own

        return self._store.read(look)

    def has_team(self, team_id: str) -> bool:
        """Whether anybody is in a team."""
        return bool(self._store.read(lambda session: session.learners.in_team(team_id)))
