"""The catalogue, replaced as a whole, alone or with all that refers to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from engine.domain import Curriculum, Module, Role

from .. import registry
from ..evidence import Evidence, read_batch
from ..instants import to_us
from ..knowledge import replay_in_bulk
from ..records import LearnerProfile, Receipt
from ..store import Session
from .recording import Delivery, Recording

__all__ = ["Cataloguing"]


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
            self._replace_catalog(session, curriculum)
            now = self._clock()
            registry.put_learners(session, learners, to_us(now))
            bound = self._bind(session)
            batch = read_batch(evidence, bound.curriculum, now)
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
