"""Roles, and the learners who have them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from engine.domain import Role
from engine.errors import UnknownId

from .. import registry
from ..cursors import cursor, read_cursor
from ..instants import from_us, to_us
from ..keys import Grant
from ..records import LearnerProfile, RoleVersion
from ..registry import find_learner, find_role, read_role
from ..store import RoleVersionRow, Session
from .ground import Ground

__all__ = ["Enrolling"]


class Enrolling(Ground):
    """Roles and learners, put and found."""

    def put_role(self, role: Role) -> RoleVersion:
        """Publish a role, as a new version unless the newest says the same.

        Raises
        ------
        InvalidCurriculum
            It wants unknown skills or levels.
        """
        now_us = to_us(self._clock())

        def put(session: Session) -> RoleVersion:
            bound = self._bind(session)
            bound.curriculum.framework.check_role(role)
            registry.put_role(session, role)
            registry.publish_role(session, role, bound.catalog_version, now_us)
            return _newest(session, role.role_id)

        return self._store.write(put)

    def published_roles(
        self, limit: int, after: str = ""
    ) -> tuple[tuple[RoleVersion, ...], str | None]:
        """Return the newest versions of roles by ladder, rung and id, and the `after` of the rest.

        Raises
        ------
        InvalidInput
            `after` is nothing that was given.
        """
        key = read_cursor(after, str, int, str) if after else None
        rows = self._store.read(lambda session: session.role_versions.all_newest())
        found = sorted(map(_published, rows), key=_place)
        rest = [one for one in found if key is None or _place(one) > key]
        following = cursor(*_place(rest[limit - 1])) if len(rest) > limit else None
        return tuple(rest[:limit]), following

    def published_role(self, role_id: str, version: int | None = None) -> RoleVersion:
        """Return a version of a role, the newest where none is named; raise :class:`UnknownId`."""

        def look(session: Session) -> RoleVersion:
            find_role(session, role_id)
            if version is None:
                return _newest(session, role_id)
            row = session.role_versions.find(role_id, version)
            if row is None:
                raise UnknownId(f"version of role {role_id!r}", str(version))
            return _published(row)

        return self._store.read(look)

    def role_versions(
        self, role_id: str, limit: int, after: str = ""
    ) -> tuple[tuple[RoleVersion, ...], str | None]:
        """Return versions of a role in their order, and the `after` of what follows.

        Raises
        ------
        UnknownId
            There is no such role.
        InvalidInput
            `after` is nothing that was given.
        """
        (last,) = read_cursor(after, int) if after else (0,)

        def look(session: Session) -> tuple[RoleVersionRow, ...]:
            find_role(session, role_id)
            return session.role_versions.page(role_id, limit + 1, last)

        rows = self._store.read(look)
        following = cursor(rows[limit - 1].version) if len(rows) > limit else None
        return tuple(map(_published, rows[:limit])), following

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


def _newest(session: Session, role_id: str) -> RoleVersion:
    row = session.role_versions.newest(role_id)
    if row is None:
        raise UnknownId("role", role_id, session.roles.ids())
    return _published(row)


def _published(row: RoleVersionRow) -> RoleVersion:
    at = from_us(row.published_at_us) if row.published_at_us else None
    return RoleVersion(read_role(row.content), row.version, row.catalog_version, at)


def _place(one: RoleVersion) -> tuple[str, int, str]:
    return (one.role.ladder, one.role.rung, one.role.role_id)
