"""Histories: the answers and completions of many learners in columns, as they happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..errors import Fault, InvalidInput
from .coding import encoded
from .evidence import Completion, Response
from .sorting import in_order_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .responses import ResponseLog

    Instants = NDArray[np.datetime64]

__all__ = ["History", "aware"]


@dataclass(frozen=True)
class History:
    """The evidence of many learners in columns, by learner and in the order in which it happened.

    Parameters
    ----------
    learner_ids, item_ids, module_ids : tuple of str
        What the codes stand for; items and modules share theirs, items first.
    learner : ndarray of int32, shape (n_events,)
        Never falling from one event to the next.
    subject : ndarray of int32, shape (n_events,)
        The item that was answered, or the module that was completed.
    score : ndarray of float64, shape (n_events,)
        Of an answer.
    happened_at : ndarray of datetime64[us], shape (n_events,), or None
        UTC; NaT where it is not known.

    Examples
    --------
    >>> from .responses import ResponseLog
    >>> log = ResponseLog.from_columns(
    ...     learner=["bo", "ada"], item=["q1", "q2"], score=[1, 0], skills=["sql", "sql"]
    ... )
    >>> History.of(log).subject
    array([1, 0], dtype=int32)
    """

    learner_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    module_ids: tuple[str, ...]
    learner: NDArray[np.int32]
    subject: NDArray[np.int32]
    score: NDArray[np.float64]
    happened_at: Instants | None = None

    def __len__(self) -> int:
        return len(self.learner)

    @cached_property
    def start(self) -> NDArray[np.int64]:
        """Learner i owns the events ``start[i]:start[i + 1]``, shape (n_learners + 1,)."""
        counts = np.bincount(self.learner, minlength=len(self.learner_ids))
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    @cached_property
    def completed(self) -> NDArray[np.int64]:
        """The events that are completions, shape (n_completions,)."""
        if not self.module_ids:
            return np.zeros(0, np.int64)
        return np.flatnonzero(self.subject >= len(self.item_ids))

    def by_learner(self) -> Iterator[tuple[str, list[Response | Completion]]]:
        """Yield each learner with their evidence as nouns, in the order in which it happened."""
        ids, n_items = (*self.item_ids, *self.module_ids), len(self.item_ids)
        for learner_id, (low, high) in zip(
            self.learner_ids, pairwise(self.start.tolist()), strict=True
        ):
            happened = self.happened_at
            instants = [None] * (high - low) if happened is None else aware(happened[low:high])
            told = zip(
                self.subject[low:high].tolist(),
                self.score[low:high].tolist(),
                instants,
                strict=True,
            )
            yield (
                learner_id,
                [
                    Response(learner_id, ids[s], score, at)
                    if s < n_items
                    else Completion(learner_id, ids[s], at)
                    for s, score, at in told
                ],
            )

    @classmethod
    def from_rows(
        cls,
        learner: Sequence[str],
        subject: Sequence[str],
        score: Sequence[float | None],
        happened_at: Instants | None = None,
    ) -> History:
        """Return evidence told row by row, each learner's rows in the order given.

        Parameters
        ----------
        learner, subject : sequence of str, shape (n_events,)
        score : sequence of float or None, shape (n_events,)
            Of an answer; None of a completion.
        happened_at : ndarray of datetime64[us], shape (n_events,), optional

        Examples
        --------
        >>> found = History.from_rows(["bo", "ada", "bo"], ["q1", "q1", "m1"], [1.0, 0.0, None])
        >>> found.learner.tolist(), found.subject.tolist(), found.module_ids
        ([0, 0, 1], [0, 1, 0], ('m1',))
        """
        learners = encoded(learner)
        subjects = encoded([(one is None, k) for one, k in zip(score, subject, strict=True)])
        items_first = sorted(range(len(subjects.values)), key=lambda k: subjects.values[k][0])
        code = np.argsort(items_first).astype(np.int32)
        ids = [subjects.values[k][1] for k in items_first]
        n_items = sum(not completed for completed, _ in subjects.values)
        scores = np.array([one or 0.0 for one in score], np.float64)
        found = cls(
            tuple(learners.values),
            tuple(ids[:n_items]),
            tuple(ids[n_items:]),
            learners.codes,
            code[subjects.codes],
            scores,
            happened_at,
        )
        return found if (np.diff(found.learner) >= 0).all() else found._by_learner()

    def _by_learner(self) -> History:
        order = np.argsort(self.learner, kind="stable")
        at = None if self.happened_at is None else self.happened_at[order]
        learner, subject, score = self.learner[order], self.subject[order], self.score[order]
        return replace(self, learner=learner, subject=subject, score=score, happened_at=at)

    @classmethod
    def of(cls, log: ResponseLog, completions: Iterable[Completion] | None = None) -> History:
        """Return the responses of a log in order of time, with completions between them.

        A completion comes before a response at the same instant: people are tested on what they
        have just been taught.

        Raises
        ------
        InvalidInput
            Completions are given and the log has no instants, or a completion has none.
        """
        rows = log.time_order
        if (rows[1:] < rows[:-1]).any():  # what is in order already is not copied
            log = log.select(rows)
        # Compiled loops tell arrays that may be written to from others: make them all alike.
        score, happened_at = np.require(log.score, requirements="W"), log.answered_at
        if happened_at is not None:
            happened_at = np.require(happened_at, requirements="W")
        history = cls(log.learner_ids, log.item_ids, (), log.learner, log.item, score, happened_at)
        given = [] if completions is None else list(completions)
        return history._with(given) if given else history

    def _with(self, completions: Sequence[Completion]) -> History:
        _check(self, completions)
        assert self.happened_at is not None
        ordered = sorted(completions, key=lambda one: (_utc(one), one.completion_id))
        who = {one: i for i, one in enumerate(self.learner_ids)}
        what: dict[str, int] = {}
        learner = [who.setdefault(one.learner_id, len(who)) for one in ordered]
        module = [what.setdefault(one.module_id, len(what)) for one in ordered]
        at = np.array([_utc(one) for one in ordered], dtype="datetime64[us]")
        n, m = len(self), len(ordered)
        learners = np.concatenate([self.learner, np.array(learner, np.int32)])
        # Responses keep their order, so that one dated back counts as of the latest before it.
        latest = np.concatenate([_latest(self.learner, self.happened_at), at])
        answered = np.repeat(np.array([1, 0], np.int8), [n, m])
        order = in_order_of(learners, latest.astype("datetime64[us]"), answered)
        subjects = np.array(module, np.int32) + len(self.item_ids)
        return History(
            tuple(who),
            self.item_ids,
            tuple(what),
            learners[order],
            np.concatenate([self.subject, subjects])[order].astype(np.int32),
            np.concatenate([self.score, np.zeros(m)])[order],
            np.concatenate([self.happened_at, at])[order],
        )


def _check(history: History, completions: Sequence[Completion]) -> None:
    faults = []
    if history.happened_at is None:
        problem = "has no column answered_at, so completions cannot be put between its responses"
        faults.append(Fault("response log", problem))
    for number, one in enumerate(completions):
        if one.completed_at is None:
            faults.append(Fault(f"row {number}, completed_at", "is missing"))
    if faults:
        raise InvalidInput("completions", faults)


def _latest(learner: NDArray[np.int32], happened: Instants) -> Instants:
    """Return the latest instant so far of each event's learner."""
    instants, rank = np.unique(happened, return_inverse=True)
    lifted = learner * np.int64(len(instants)) + rank
    found: Instants = instants[np.maximum.accumulate(lifted) % len(instants)]
    return found


def _utc(one: Completion) -> np.datetime64:
    assert one.completed_at is not None
    return np.datetime64(one.completed_at.astimezone(UTC).replace(tzinfo=None), "us")


def aware(instants: Instants) -> list[datetime | None]:
    """Return instants as aware datetimes, None for NaT.

    Examples
    --------
    >>> aware(np.array(["2026-03-01T09:30", "NaT"], "datetime64[us]"))
    [datetime.datetime(2026, 3, 1, 9, 30, tzinfo=datetime.timezone.utc), None]
    """
    return [None if one is None else one.replace(tzinfo=UTC) for one in instants.tolist()]
