"""Evidence at the door: every fault of a batch found, repetitions told from contradictions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from engine.domain import Completion, Curriculum, Response
from engine.domain.history import History
from engine.domain.records import Faults
from engine.errors import Fault, did_you_mean, near_matches

from .errors import EvidenceConflict
from .instants import EARLIEST, from_us, possible, to_us
from .store import COMPLETION, RESPONSE, EvidenceColumns, EvidenceRow

__all__ = [
    "LATEST_AHEAD",
    "Batch",
    "Evidence",
    "evidence_of",
    "history_of",
    "read_batch",
]

Evidence = Response | Completion

LATEST_AHEAD = timedelta(days=1)  # clocks of senders run ahead, though not by more

_MOST_NEAR_MATCHES = 20  # looking for near matches among many ids is slow


class Batch(NamedTuple):
    """Evidence that came in together, and what errors call it.

    Parameters
    ----------
    place : str
        ``"responses"``, ``"completions"``, or ``"evidence"`` where it is both.
    rows : tuple of EvidenceRow
        In the order given.
    """

    place: str
    rows: tuple[EvidenceRow, ...]

    def new(self, recorded: Mapping[tuple[str, str], bytes]) -> tuple[EvidenceRow, ...]:
        """Return the rows that are neither on record nor repeat one before them.

        Parameters
        ----------
        recorded : mapping of (kind, evidence_id) to bytes
            The digests of what is on record.

        Raises
        ------
        EvidenceConflict
            Ids used before with other content, on record or in this batch: all of them.
        """
        first: dict[tuple[str, str], EvidenceRow] = {}
        faults = []
        for i, row in enumerate(self.rows):
            before = recorded.get((row.kind, row.evidence_id))
            if before is None:
                before = first.setdefault((row.kind, row.evidence_id), row).digest
            if before != row.digest:
                faults.append(_contradiction(f"{self.place}[{i}].{row.kind}_id", row))
        if faults:
            raise EvidenceConflict("evidence", faults)
        return tuple(first.values())


def read_batch(
    evidence: Sequence[Evidence], curriculum: Curriculum, now: datetime, catalog_version: int = 0
) -> Batch:
    """Return evidence as rows; what has no time happened now.

    Raises
    ------
    InvalidInput
        Unknown items or modules (with near matches), times before 2000 or more than a day ahead,
        missing ids: all of them, each by its place in the batch.
    ClockWrong
        No clock that was set says `now`.
    """
    possible(now)
    sent = [_sent(one) for one in evidence]
    kinds = {one.kind for one in sent}
    place = f"{kinds.pop()}s" if len(kinds) == 1 else "evidence"
    faults = Faults()
    unknown = _UnknownSubjects(curriculum)
    for i, one in enumerate(sent):
        where = f"{place}[{i}]"
        unknown.note(where, one, faults)
        _note_absent_id(where, one, faults)
        _note_absurd_time(where, one, now, faults)
    faults.raise_if_any("evidence")
    received_us = to_us(now)
    return Batch(place, tuple(_row(one, received_us, catalog_version) for one in sent))


def evidence_of(row: EvidenceRow) -> Evidence:
    """Return a row as the engine's noun."""
    at = from_us(row.happened_at_us)
    if row.score is None:
        return Completion(row.learner_id, row.subject_id, at, row.evidence_id)
    return Response(row.learner_id, row.subject_id, row.score, at, row.evidence_id)


def history_of(columns: EvidenceColumns) -> History:
    """Return evidence in replay order as the engine's noun, without one for each row."""
    at = np.array(columns.happened_at_us, np.int64).view("datetime64[us]")
    return History.from_rows(columns.learner_id, columns.subject_id, columns.score, at)


class _Sent(NamedTuple):
    """A response or completion with its parts under common names."""

    kind: str
    evidence_id: str
    learner_id: str
    noun: str
    subject_id: str
    score: float | None
    at: datetime | None
    at_name: str


def _sent(one: Evidence) -> _Sent:
    if isinstance(one, Response):
        score = float(one.score) + 0.0  # -0.0 and 0.0 are the same answer
        what = (one.learner_id, "item", one.item_id, score, one.answered_at, "answered_at")
        return _Sent(RESPONSE, one.response_id, *what)
    done = (one.learner_id, "module", one.module_id, None, one.completed_at, "completed_at")
    return _Sent(COMPLETION, one.completion_id, *done)


class _UnknownSubjects:
    """Notes unknown items and modules, with near matches for the first of them."""

    def __init__(self, curriculum: Curriculum) -> None:
        self._known: Mapping[str, Mapping[str, object]] = {
            "item": curriculum.items,
            "module": curriculum.modules,
        }
        self._near: dict[tuple[str, str], str] = {}

    def note(self, where: str, one: _Sent, faults: Faults) -> None:
        if one.subject_id not in self._known[one.noun]:
            near = self._did_you_mean(one.noun, one.subject_id)
            problem = f"names an unknown {one.noun}, {one.subject_id!r}{near}"
            faults.add(f"{where}.{one.noun}_id", problem)

    def _did_you_mean(self, noun: str, given: str) -> str:
        if (noun, given) not in self._near:
            if len(self._near) >= _MOST_NEAR_MATCHES:
                return ""
            self._near[noun, given] = did_you_mean(near_matches(given, self._known[noun]))
        return self._near[noun, given]


def _note_absent_id(where: str, one: _Sent, faults: Faults) -> None:
    name = f"{where}.{one.kind}_id"
    if one.evidence_id:
        faults.check_id(name, one.evidence_id)
    else:
        faults.add(name, "is missing", "give each its own, so that a retry changes nothing")


def _note_absurd_time(where: str, one: _Sent, now: datetime, faults: Faults) -> None:
    if one.at is None or EARLIEST <= one.at <= now + LATEST_AHEAD:
        return
    absurd = "before 2000" if one.at < EARLIEST else "more than a day ahead of the service's clock"
    problem = f"is {one.at.isoformat()}, {absurd}"
    faults.add(f"{where}.{one.at_name}", problem, "check the sender's clock, and the service's")


def _row(one: _Sent, received_us: int, catalog_version: int) -> EvidenceRow:
    given_us = None if one.at is None else to_us(one.at)
    # The time as it was sent, so that a retry without one is the same evidence still.
    content = json.dumps([one.learner_id, one.subject_id, one.score, given_us])
    return EvidenceRow(
        kind=one.kind,
        evidence_id=one.evidence_id,
        learner_id=one.learner_id,
        subject_id=one.subject_id,
        score=one.score,
        happened_at_us=received_us if given_us is None else given_us,
        received_at_us=received_us,
        digest=hashlib.blake2b(content.encode(), digest_size=16).digest(),
        catalog_version=catalog_version,
    )


def _contradiction(where: str, row: EvidenceRow) -> Fault:
    problem = f"is {row.evidence_id!r}, an id used before for other content"
    return Fault(where, problem, "send each answer or completion under an id of its own")
