"""The catalogue, replaced as a whole, alone or with all that refers to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from engine.domain import Curriculum, Module, Role
from engine.domain.records import plain
from engine.errors import UnknownId

from .. import registry
from ..binding import Binding, curriculum_of
from ..cursors import cursor, no_place, read_cursor
from ..evidence import Evidence, read_batch
from ..instants import to_us
from ..knowledge import replay_in_bulk
from ..records import LearnerProfile, Receipt
from ..store import CatalogRow, Session
from .recording import Delivery, Recording

__all__ = ["CatalogPart", "Cataloguing", "Part"]

Part = Literal["skills", "prerequisites", "items", "modules"]
"""What a catalogue has lists of."""
_LISTS: Mapping[Part, Callable[[Curriculum], Sequence[Any]]] = {
    "skills": lambda curriculum: curriculum.framework.skills,
    "prerequisites": lambda curriculum: curriculum.framework.prerequisites,
    "items": lambda curriculum: curriculum.item_list,
    "modules": lambda curriculum: curriculum.module_list,
}


class CatalogPart(NamedTuple):
    """Some of what a catalogue has of something, in its order.

    Parameters
    ----------
    model_version : str
    catalog_version : int
        Of the catalogue that it is of: the current one when the first page was asked for.
    records : list of dict
    following : str or None
        The `after` of those that follow.
    """

    model_version: str
    catalog_version: int
    records: list[dict[str, Any]]
    following: str | None


class Cataloguing(Recording):
    """Putting catalogues."""

    def put_catalog(self, curriculum: Curriculum) -> int:
        """Replace the catalogue, all of it or nothing, and return its version.

        Raises
        ------
        CatalogConflict
            It leaves out something that evidence or roles refer to.
        """
        return self._store.write(lambda session: self._replace_catalog(session, curriculum))

    def catalogs(self, limit: int, after: str = "") -> tuple[tuple[CatalogRow, ...], str | None]:
        """Return the versions of the catalogue in their order, and the `after` of what follows.

        Raises
        ------
        InvalidInput
            `after` is nothing that was given.
        """
        (last,) = read_cursor(after, int) if after else (0,)
        rows = self._store.read(lambda session: session.catalogs.page(limit + 1, last))
        following = cursor(rows[limit - 1].version) if len(rows) > limit else None
        return rows[:limit], following

    def catalog_of(self, version: int) -> Curriculum:
        """Return a version of the catalogue, which never changes; raise :class:`UnknownId`."""

        def look(session: Session) -> Curriculum:
            if session.catalogs.find(version) is None:
                raise UnknownId("catalogue", str(version))
            return curriculum_of(session, version)

        return self._store.read(look)

    def catalog_part(self, part: Part, limit: int, after: str = "") -> CatalogPart:
        """Return some of what the catalogue has of something.

        The pages after the first are of the same version as it, whatever was put since.

        Parameters
        ----------
        part : str
            ``"skills"``, ``"prerequisites"``, ``"items"`` or ``"modules"``.
        limit : int
        after : str
            As it was given with the page before.

        Raises
        ------
        InvalidInput
            `after` is nothing that was given.
        """
        version, start = read_cursor(after, int, int) if after else (None, 0)

        def look(session: Session) -> tuple[Binding, int, Curriculum]:
            bound = self._bind(session)
            if version in (None, bound.catalog_version):
                return bound, bound.catalog_version, bound.curriculum
            if session.catalogs.find(version) is None:
                raise no_place()
            return bound, version, curriculum_of(session, version)

        bound, number, curriculum = self._store.read(look)
        if start < 0:
            raise no_place()
        records = [plain(one) for one in _LISTS[part](curriculum)[start : start + limit + 1]]
        following = cursor(number, start + limit) if len(records) > limit else None
        return CatalogPart(bound.model_version, number, records[:limit], following)

    def change_module(self, module_id: str, changes: Mapping[str, Any]) -> tuple[Module, int]:
        """Change some of what a module is; return it, and the version of the catalogue with it.

        Parameters
        ----------
        module_id : str
        changes : mapping
            By the names of :class:`Module`; what is not named stays.

        Raises
        ------
        UnknownId
            There is no such module.
        InvalidCurriculum
            It would not be a sound catalogue: every fault.
        """

        def change(session: Session) -> tuple[Module, int]:
            current = self._bind(session).curriculum
            current.module(module_id)
            records = current.to_records()
            records["modules"] = [
                {**one, **changes} if one["module_id"] == module_id else one
                for one in records["modules"]
            ]
            changed = Curriculum.from_records(**records)
            return changed.module(module_id), self._replace_catalog(session, changed)

        return self._store.write(change)

    def put_all(
        self,
        curriculum: Curriculum,
        *,
        roles: Sequence[Role] = (),
        learners: Sequence[LearnerProfile] = (),
        evidence: Sequence[Evidence] = (),
    ) -> Receipt:
        """Put a catalogue with its roles, learners and evidence, all of it or nothing.

        Raises
        ------
        CatalogConflict, EvidenceConflict, InvalidCurriculum, InvalidInput
            As each part would on its own.
        """

        def put(session: Session) -> Receipt:
            for role in roles:  # first, so that the new catalogue meets the new targets
                curriculum.framework.check_role(role)
                registry.put_role(session, role)
            version, now = self._replace_catalog(session, curriculum), self._clock()
            for role in roles:
                registry.publish_role(session, role, version, to_us(now))
            registry.put_learners(session, learners, to_us(now))
            bound = self._bind(session)
            batch = read_batch(evidence, bound.curriculum, now, bound.catalog_version)
            receipt = self._append_one(session, Delivery(evidence, now, bound, batch))
            replay_in_bulk(session, bound, {row.learner_id for row in batch.rows})
            return receipt

        return self._store.write(put)

    def _replace_catalog(self, session: Session, curriculum: Curriculum) -> int:
        content = json.dumps(curriculum.to_records(), ensure_ascii=False, allow_nan=False)
        digest = hashlib.sha256(content.encode()).hexdigest()
        old = self._bind_if_any(session)
        registry.refuse_removals(session, old.curriculum if old else None, curriculum)
        return session.catalogs.put(content, digest, to_us(self._clock()))
