"""Mastery as the replay of the evidence, brought up to date when it is read."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.domain import KnowledgeState, Response
from engine.knowledge_tracing import Tracer

from .binding import Binding
from .evidence import evidence_of, history_of
from .kept import UNREADABLE
from .remembering import RememberedStates
from .store import EvidenceKey, EvidenceRow, EvidenceStamp, KnowledgeRow, Session

__all__ = [
    "Reading",
    "fold",
    "is_current",
    "keep",
    "read_knowledge",
    "read_state",
    "replay_in_bulk",
    "replayed",
]

log = logging.getLogger("attain.service")

_STATES = RememberedStates()
_WORTH_KEEPING = 8  # pieces of evidence; fewer are sooner applied again than a state is written


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


def replay_in_bulk(session: Session, binding: Binding, learner_ids: Iterable[str]) -> None:
    """Keep what follows from the evidence of many learners as it stands now, from scratch."""
    ids = list(learner_ids)
    stamps = session.learners.stamps_of(ids)
    columns = session.evidence.columns_of(ids)
    if columns is not None:
        history = history_of(columns)
        start = history.start.tolist()
        session.knowledge.put(
            [
                _row(
                    binding,
                    state,
                    end - begin,
                    columns.key(end - 1),
                    stamps[state.learner_id].changes,
                )
                for state, (begin, end) in zip(
                    binding.tracer.replay(history).values(), pairwise(start), strict=True
                )
            ]
        )
    having = set(columns.learner_id) if columns else set()
    session.knowledge.forget([one for one in ids if one not in having])


class Reading(NamedTuple):
    """A learner's state, and the row to keep of it where that spares later reads enough work.

    The stamp is that of the evidence behind it.
    """

    state: KnowledgeState
    stamp: EvidenceStamp
    worth_keeping: KnowledgeRow | None = None


def read_knowledge(session: Session, binding: Binding, learner_id: str) -> Reading:
    """Return the state of a learner after all the evidence.

    What happened after all that a kept state knows of is added to it. Where some of the evidence
    came late or was taken back since, or the state is of another model or catalogue, or cannot be
    read, the learner is replayed.
    """
    stamp = session.learners.stamp_of(learner_id)
    kept = session.knowledge.find(learner_id)
    known = read_state(kept) if kept is not None and is_current(kept, binding) else None
    if kept is not None and known is not None:
        missing = stamp.changes - kept.evidence_changes
        if not missing:
            return Reading(known, stamp)
        newer = session.evidence.page_of(learner_id, None, kept.last_key)
        if len(newer) == missing:
            state = fold(binding.tracer, known, newer)
            count = kept.evidence_count + missing
            return _reading(binding, state, count, newer, stamp)
    rows = session.evidence.of(learner_id)
    return _reading(binding, replayed(binding, learner_id, rows), len(rows), rows, stamp)


def keep(session: Session, binding: Binding, readings: Iterable[Reading]) -> None:
    """Keep states that are worth it, unless evidence, model or catalogue have changed since."""
    if session.versions() != binding.versions:
        return
    rows = {row.learner_id: (row, stamp) for _, stamp, row in readings if row is not None}
    now = session.learners.stamps_of(rows)
    session.knowledge.put([row for one, (row, stamp) in rows.items() if now.get(one) == stamp])


def is_current(row: KnowledgeRow, binding: Binding) -> bool:
    """Whether a kept state is of the binding's model and catalogue."""
    return (row.model_version, row.catalog_version) == (
        binding.model_version,
        binding.catalog_version,
    )


def read_state(row: KnowledgeRow) -> KnowledgeState | None:
    """Return the state that a row keeps, or None where it cannot be read."""
    try:
        return _STATES.read(row.content)
    except UNREADABLE:
        log.warning("the state of a learner cannot be read; they are replayed")
        return None


def _reading(
    binding: Binding,
    state: KnowledgeState,
    evidence_count: int,
    applied: Sequence[EvidenceRow],
    stamp: EvidenceStamp,
) -> Reading:
    if len(applied) < _WORTH_KEEPING:
        return Reading(state, stamp)
    row = _row(binding, state, evidence_count, applied[-1].key, stamp.changes)
    return Reading(state, stamp, row)


def _row(
    binding: Binding,
    state: KnowledgeState,
    evidence_count: int,
    last: EvidenceKey,
    evidence_changes: int,
) -> KnowledgeRow:
    return KnowledgeRow(
        state.learner_id,
        binding.model_version,
        binding.catalog_version,
        _STATES.written(state),
        evidence_count,
        *last,
        evidence_changes,
    )
