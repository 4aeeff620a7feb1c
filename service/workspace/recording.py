"""Evidence in, and out again as it was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from engine.errors import AttainError, InvalidInput

from ..binding import Binding
from ..cursors import cursor, read_cursor
from ..evidence import Batch, Evidence, evidence_of, read_batch
from ..instants import to_us
from ..records import Receipt
from ..registry import find_learner
from ..store import EvidenceRow, Session
from .ground import Ground

__all__ = ["Delivery", "Recording"]


_SHORT = 20  # pieces of evidence; batches of no more are recorded together


class Delivery(NamedTuple):
    """A batch on its way to the log, and the binding that knew all that it names."""

    evidence: Sequence[Evidence]
    now: datetime
    bound: Binding
    batch: Batch


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
        delivery = self._deliver(evidence)
        return self._store.write(lambda session: self._append_one(session, delivery))

    def record_soon(self, evidence: Sequence[Evidence]) -> Future[Receipt]:
        """Record as :meth:`record` does, without waiting: the receipt comes after the commit.

        Raises
        ------
        InvalidInput
            As :meth:`record`, at once. Conflicts come with the receipt.
        StoreUnavailable
            Too much is waiting to be written.
        """
        delivery = self._deliver(evidence)
        if len(delivery.batch.rows) <= _SHORT:
            return self._store.submit_joint(self._append, delivery)
        return self._store.submit(lambda session: self._append_one(session, delivery))

    def evidence(self, learner_id: str) -> tuple[Evidence, ...]:
        """Return what was counted of a learner, in replay order, each with the time it has."""

        def look(session: Session) -> tuple[Evidence, ...]:
            known = find_learner(session, learner_id).learner_id
            return tuple(evidence_of(row) for row in session.evidence.of(known))

        return self._store.read(look)

    def evidence_page(
        self, learner_id: str, limit: int, after: str = ""
    ) -> tuple[str, tuple[EvidenceRow, ...], str | None]:
        """Return a learner's id, some of what was counted, and the `after` of what follows.

        Parameters
        ----------
        learner_id : str
        limit : int
        after : str
            As it was given with the page before.

        Raises
        ------
        InvalidInput
            `after` is nothing that was given.
        """
        key = read_cursor(after, int, str, str) if after else None

        def look(session: Session) -> tuple[str, tuple[EvidenceRow, ...]]:
            known = find_learner(session, learner_id).learner_id
            return known, session.evidence.page_of(known, limit + 1, key)

        known, rows = self._store.read(look)
        page = rows[:limit]
        following = cursor(*page[-1].key) if len(rows) > limit else None
        return known, page, following

    def _append(
        self, session: Session, deliveries: Sequence[Delivery]
    ) -> list[Receipt | AttainError]:
        """Append what is new of several batches; one that cannot be has its error for an answer."""
        current = self._bind(session)
        asked = [(row.kind, row.evidence_id) for one in deliveries for row in one.batch.rows]
        recorded = dict(session.evidence.digests(asked))
        new: list[EvidenceRow] = []
        answers: list[Receipt | AttainError] = []
        for one in deliveries:
            try:
                batch = one.batch
                if current is not one.bound:  # the catalogue changed since: look again
                    batch = _read(one.evidence, current, one.now)
                fresh = batch.new(recorded)
            except AttainError as error:
                answers.append(error)
                continue
            recorded.update(((row.kind, row.evidence_id), row.digest) for row in fresh)
            new += fresh
            known = len(batch.rows) - len(fresh)
            answers.append(Receipt(len(fresh), known, current.model_version))
        merged = session.aliases.among({row.learner_id for row in new})
        if merged:  # it is others' now; the digest stays that of what was sent
            new = [
                row._replace(learner_id=merged.get(row.learner_id, row.learner_id)) for row in new
            ]
        now_us = to_us(deliveries[0].now)
        session.learners.note_changes(Counter(row.learner_id for row in new), now_us)
        session.evidence.append(new)
        return answers

    def _append_one(self, session: Session, delivery: Delivery) -> Receipt:
        (answer,) = self._append(session, [delivery])
        if isinstance(answer, AttainError):
            raise answer
        return answer

    def _deliver(self, evidence: Sequence[Evidence]) -> Delivery:
        now = self._clock()
        return Delivery(evidence, now, *self._read_batch(evidence, now))

    def _read_batch(self, evidence: Sequence[Evidence], now: datetime) -> tuple[Binding, Batch]:
        """Return a batch as rows, and the binding that knew all that it names."""
        known = self._bound
        if known is not None:  # it may be an old one, whose refusals say nothing
            with suppress(InvalidInput):
                return known, _read(evidence, known, now)
        bound = self._store.read(self._bind)
        return bound, _read(evidence, bound, now)


def _read(evidence: Sequence[Evidence], bound: Binding, now: datetime) -> Batch:
    return read_batch(evidence, bound.curriculum, now, bound.catalog_version)
