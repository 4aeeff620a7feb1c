"""Evidence in, and out again as it was counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..binding import Binding
from ..evidence import Batch, Evidence, evidence_of, read_batch
from ..instants import to_us
from ..knowledge import apply_new
from ..records import Receipt
from ..registry import find_learner
from ..store import Session
from .ground import Ground

__all__ = ["Recording"]


class Recording(Ground):
    """Evidence, recorded once each."""

    def record(self, evidence: Sequence[Evidence]) -> Receipt:
        """Record a batch, all of it or nothing; what was recorded before changes nothing.

        What has no time happened now. Learners not seen before come into being.

        Raises
        ------
        InvalidInput
            Unknown items or modules, absurd times, missing ids: all of them.
        EvidenceConflict
            An id that was used before, for other content.
        """
        now = self._clock()
        bound = self._store.read(self._bind)
        batch = read_batch(evidence, bound.curriculum, now)

        def append(session: Session) -> Receipt:
            current = self._bind(session)
            if current is not bound:  # the catalogue changed since: look again
                read_batch(evidence, current.curriculum, now)
            return self._append(session, batch, current, now)

        return self._store.write(append)

    def evidence(self, learner_id: str) -> tuple[Evidence, ...]:
        """Return what was counted of a learner, in replay order, each with the time it has."""

        def look(session: Session) -> tuple[Evidence, ...]:
            find_learner(session, learner_id)
            return tuple(evidence_of(row) for row in session.evidence.of(learner_id))

        return self._store.read(look)

    def _append(self, session: Session, batch: Batch, bound: Binding, now: datetime) -> Receipt:
        asked = [(row.kind, row.evidence_id) for row in batch.rows]
        new = batch.new(session.evidence.digests(asked))
        session.learners.add_unknown({row.learner_id for row in new}, to_us(now))
        session.evidence.append(new)
        apply_new(session, bound, new)
        return Receipt(len(new), len(batch.rows) - len(new), bound.model_version)
