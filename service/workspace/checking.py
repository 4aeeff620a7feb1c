"""Whether kept mastery is the replay of the evidence, and making it so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from engine.domain import KnowledgeState

from ..binding import Binding
from ..knowledge import is_current, read_knowledge, read_state, replay_in_bulk, replayed
from ..store import Session
from .ground import Ground

__all__ = ["Checking"]

_AT_ONCE = 50
_TOLERANCE = 1e-9


class Checking(Ground):
    """Replays of everything, a few learners at a time, so that nobody waits long meanwhile."""

    def of_every_tenant(self) -> tuple[Self, ...]:
        """Return the workspace of every tenant with learners."""
        return tuple(map(self.of_tenant, self._store.read(lambda session: session.tenants())))

    def learner_count(self) -> int:
        """Return how many learners there are."""
        return self._store.read(lambda session: session.learners.count())

    def differing(self) -> Iterator[tuple[int, list[str]]]:
        """Compare what is kept with a replay; yield how many were looked at, and who differs.

        What is kept of another model or catalogue is not compared: it is replayed when asked for.
        """
        for ids in self._ids():

            def look(session: Session, ids: tuple[str, ...] = ids) -> list[str]:
                bound = self._bind(session)
                return [one for one in ids if not self._agrees(session, bound, one)]

            yield len(ids), self._store.read(look)

    def replay_all(self) -> Iterator[int]:
        """Rebuild the mastery of every learner from the evidence; yield how many at a time."""
        for ids in self._ids():

            def work(session: Session, ids: tuple[str, ...] = ids) -> None:
                replay_in_bulk(session, self._bind(session), ids)

            self._store.write(work, wait_seconds=60.0)
            yield len(ids)

    def _ids(self) -> Iterator[tuple[str, ...]]:
        after = ""
        while ids := self._ids_after(after):
            yield ids
            after = ids[-1]

    def _ids_after(self, after: str) -> tuple[str, ...]:
        return self._store.read(lambda session: session.learners.ids_after(after, _AT_ONCE))

    def _agrees(self, session: Session, bound: Binding, learner_id: str) -> bool:
        changes = session.learners.stamp_of(learner_id).changes
        if changes != session.evidence.count_changes(learner_id):
            return False  # what is kept would pass for up to date, or never do so
        kept = session.knowledge.find(learner_id)
        if kept is None or not is_current(kept, bound):
            return True
        if read_state(kept) is None:
            return False
        rows = session.evidence.of(learner_id)
        if kept.evidence_changes == changes and kept.evidence_count != len(rows):
            return False
        reading = read_knowledge(session, bound, learner_id)
        return _alike(reading.state, replayed(bound, learner_id, rows))


def _alike(kept: KnowledgeState, replayed: KnowledgeState) -> bool:
    """Whether two states are the same, probabilities to a thousand millionth."""
    return _close(kept.to_dict(), replayed.to_dict())


def _close(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= _TOLERANCE
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_close(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_close, one, other))
    return bool(one == other)
