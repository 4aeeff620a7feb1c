"""Taking evidence back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..instants import to_us
from ..records import Receipt, Void
from ..store import Session
from ..voiding import new_voids
from .ground import Ground

__all__ = ["Voiding"]


class Voiding(Ground):
    """Voids of evidence."""

    def void(self, voids: Sequence[Void]) -> Receipt:
        """Take evidence back, all of it or nothing; mastery becomes what it is without it.

        The evidence stays on record with its reason, and its id stays used. What was taken back
        before in the same words changes nothing; a void itself cannot be taken back.

        Raises
        ------
        InvalidInput
            Some of the evidence is not on record: all of it is listed.
        EvidenceConflict
            An id used before for another void, or evidence taken back under another id.
        """
        now_us = to_us(self._clock())

        def work(session: Session) -> Receipt:
            bound = self._bind(session)
            new = new_voids(session, voids, now_us)
            session.voids.append(new)
            session.learners.note_changes(Counter(row.learner_id for row in new), now_us)
            return Receipt(len(new), len(voids) - len(new), bound.model_version)

        return self._store.write(work)
