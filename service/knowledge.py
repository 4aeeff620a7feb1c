"""Mastery as the replay of the evidence, brought up to date one batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.domain import KnowledgeState, Response
from engine.knowledge_tracing import Tracer

from .binding import Binding
from .evidence import evidence_of, history_of
from .remembering import RememberedStates
from .store import EvidenceKey, EvidenceRow, KnowledgeRow, Session

__all__ = [
    "Reading",
    "apply_new",
    "fold",
    "is_current",
    "keep",
    "read_knowledge",
    "read_state",
    "replay_all_of",
    "replay_in_bulk",
    "replayed",
]

_STATES = RememberedStates()


def fold(tracer: Tracer, state: KnowledgeState, rows: Iterable[EvidenceRow]) -> KnowledgeState:
    """Return the state after evidence, in the order given."""
    for row in rows:
        one = evidence_of(row)
        if isinstance(one, Response):
            state = tracer.update(state, one)
        else:
            state = tracer.complete(state, one)
    return state


def replayed(binding: Binding, learner_id: str, rows: Sequence[EvidenceRow]) -> KnowledgeState:
    """Return the state after all the evidence of a learner, from scratch.

    Parameters
    ----------
    binding : Binding
    learner_id : str
    rows : sequence of EvidenceRow
        In replay order.
    """
    return fold(binding.tracer, binding.tracer.start(learner_id), rows)


def apply_new(session: Session, binding: Binding, rows: Iterable[EvidenceRow]) -> None:
    """Bring the kept knowledge up to date with evidence that was just appended.

    Evidence that happened after all that was applied before is added to the kept state; where
    some of it came late, or the state is of another model or catalogue, the learner is replayed.
    """
    by_learner: dict[str, list[EvidenceRow]] = {}
    for row in rows:
        by_learner.setdefault(row.learner_id, []).append(row)
    kept = session.knowledge.of(by_learner)
    updated = []
    for learner_id, new in by_learner.items():
        new.sort(key=lambda row: row.key)
        before = kept.get(learner_id)
        if before is not None and is_current(before, binding) and before.last_key < new[0].key:
            state = fold(binding.tracer, read_state(before), new)
            count = before.evidence_count + len(new)
        else:
            new = list(session.evidence.of(learner_id))
            state, count = replayed(binding, learner_id, new), len(new)
        updated.append(_row(binding, state, count, new[-1].key))
    session.knowledge.put(updated)


def replay_all_of(session: Session, binding: Binding, learner_ids: Iterable[str]) -> None:
    """Keep what follows from the evidence of learners as it stands now, from scratch."""
    updated, without = [], []
    for learner_id in learner_ids:
        rows = session.evidence.of(learner_id)
        if rows:
            state = replayed(binding, learner_id, rows)
            updated.append(_row(binding, state, len(rows), rows[-1].key))
        else:
            without.append(learner_id)
    session.knowledge.put(updated)
    session.knowledge.forget(without)


def replay_in_bulk(session: Session, binding: Binding, learner_ids: Iterable[str]) -> None:
    """Do as :func:`replay_all_of` does, for many learners at once, many times as fast."""
    ids = list(learner_ids)
    columns = session.evidence.columns_of(ids)
    if columns is not None:
        history = history_of(columns)
        start = history.start.tolist()
        session.knowledge.put(
            [
                _row(binding, state, end - begin, columns.key(end - 1))
                for state, (begin, end) in zip(
                    binding.tracer.replay(history).values(), pairwise(start), strict=True
                )
            ]
        )
    having = set(columns.learner_id) if columns else set()
    session.knowledge.forget([one for one in ids if one not in having])


class Reading(NamedTuple):
    """A learner's state, and the row to keep of it where it had to be replayed."""

    state: KnowledgeState
    replayed: KnowledgeRow | None = None
    stamp: tuple[int, ...] = ()


def read_knowledge(session: Session, binding: Binding, learner_id: str) -> Reading:
    """Return the state of a learner who exists: as it is kept, or else replayed."""
    kept = session.knowledge.of([learner_id]).get(learner_id)
    if kept is not None and is_current(kept, binding):
        return Reading(read_state(kept))
    rows = session.evidence.of(learner_id)
    state = replayed(binding, learner_id, rows)
    row = _row(binding, state, len(rows), rows[-1].key) if rows else None
    return Reading(state, row, session.evidence.stamp_of(learner_id))


def keep(session: Session, binding: Binding, reading: Reading) -> None:
    """Keep a replayed state, unless evidence, model or catalogue have changed since."""
    row = reading.replayed
    if row is None or session.versions() != binding.versions:
        return
    if session.evidence.stamp_of(row.learner_id) == reading.stamp:
        session.knowledge.put([row])


def is_current(row: KnowledgeRow, binding: Binding) -> bool:
    """Whether a kept state is of the binding's model and catalogue."""
    return (row.model_version, row.catalog_version) == (
        binding.model_version,
        binding.catalog_version,
    )


def read_state(row: KnowledgeRow) -> KnowledgeState:
    """Return the state that a row keeps."""
    return _STATES.read(row.content)


def _row(
    binding: Binding, state: KnowledgeState, evidence_count: int, last: EvidenceKey
) -> KnowledgeRow:
    return KnowledgeRow(
        state.learner_id,
        binding.model_version,
        binding.catalog_version,
        _STATES.written(state),
        evidence_count,
        *last,
    )
