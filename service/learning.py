"""The evidence that a model can be fitted to: what counts of it, as a replay reads it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import compress
from typing import Any, NamedTuple

import numpy as np

from engine.domain import Completion, Curriculum, ResponseLog
from engine.domain.joining import joined
from engine.errors import Fault, InvalidInput

from .binding import curriculum_of
from .errors import NoCatalog
from .instants import from_us
from .store import RESPONSE, EvidenceColumns, Session

__all__ = ["EvidenceSoFar", "Read", "evidence_so_far"]

Read = Callable[[Callable[[Session], Any]], Any]
"""Runs work on one consistent view of a store."""

_AT_ONCE = 1000  # learners to a view: one that is long open keeps erased bytes from being scrubbed


class EvidenceSoFar(NamedTuple):
    """What a tracer's `fit` takes.

    Parameters
    ----------
    log : ResponseLog
        Which skills an item exercises is as the newest catalogue says.
    completions : tuple of Completion
    curriculum : Curriculum
    """

    log: ResponseLog
    completions: tuple[Completion, ...]
    curriculum: Curriculum


def evidence_so_far(read: Read) -> EvidenceSoFar:
    """Return all the evidence that counts: without what was taken back, each learner under one id.

    Some learners are read at a time, each of them as they stood at one instant.

    Raises
    ------
    NoCatalog
    InvalidInput
        There are no responses.
    """
    gathered = _Gathered()
    after: str | None = ""
    while after is not None:
        after = read(partial(gathered.add, after=after))
    return gathered.all()


class _Gathered:
    """Evidence on its way into columns."""

    def __init__(self) -> None:
        self._logs: list[ResponseLog] = []
        self._completions: list[Completion] = []
        self._version: int | None = None
        self._curriculum = Curriculum.from_records(skills=[])

    def add(self, session: Session, after: str) -> str | None:
        """Add the evidence of the next learners; return the last of them, None after all."""
        self._keep_up(session)
        learner_ids = session.learners.ids_after(after, _AT_ONCE)
        columns = session.evidence.columns_of(learner_ids)
        if columns is not None:
            self._put(columns)
        return learner_ids[-1] if learner_ids else None

    def all(self) -> EvidenceSoFar:
        """Return what was added."""
        if not self._logs:
            problem = "there are none that count, expected at least one"
            raise InvalidInput("evidence", [Fault("responses", problem, "record some first")])
        return EvidenceSoFar(joined(self._logs), tuple(self._completions), self._curriculum)

    def _keep_up(self, session: Session) -> None:
        """Read a catalogue that was put meanwhile: it knows whatever the one before it knew."""
        version = session.versions().catalog_version
        if version is None:
            raise NoCatalog
        if version != self._version:
            self._version, self._curriculum = version, curriculum_of(session, version)

    def _put(self, columns: EvidenceColumns) -> None:
        answered = [kind == RESPONSE for kind in columns.kind]
        if any(answered):
            at_us = np.array(list(compress(columns.happened_at_us, answered)), np.int64)
            self._logs.append(
                ResponseLog.from_columns(
                    learner=list(compress(columns.learner_id, answered)),
                    item=list(compress(columns.subject_id, answered)),
                    score=np.array(list(compress(columns.score, answered)), np.float64),
                    answered_at=at_us.view("datetime64[us]"),
                    curriculum=self._curriculum,
                )
            )
        self._completions += (
            Completion(learner_id, module_id, from_us(at_us))
            for learner_id, module_id, at_us, response in zip(
                columns.learner_id,
                columns.subject_id,
                columns.happened_at_us,
                answered,
                strict=True,
            )
            if not response
        )
