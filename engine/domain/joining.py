"""Logs put together and taken apart: by learner, so that no history is torn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..errors import Fault, InvalidInput
from .framework import SkillLevel
from .responses import ResponseLog

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .curriculum import Curriculum

__all__ = [
    "OPTIONAL",
    "as_log",
    "as_logs",
    "check_columns",
    "joined",
    "learner_marks",
    "logs_in",
    "of_learners",
    "split_by_learner",
]

Id = TypeVar("Id", str, tuple[SkillLevel, ...])

OPTIONAL = ("answered_at", "order", "fold")
"""The columns that a log need not have."""


def as_log(source: Any, curriculum: Curriculum | None = None) -> ResponseLog:
    """Return one log of whatever :func:`as_logs` takes."""
    return joined(list(as_logs(source, curriculum)))


def as_logs(source: Any, curriculum: Curriculum | None = None) -> Iterator[ResponseLog]:
    """Give the logs of a log, a data frame, several of them, or a function that reads any of these.

    Examples
    --------
    >>> log = ResponseLog.from_columns(learner=["a"], item=["q"], score=[1], skills=["sql"])
    >>> len(list(as_logs(lambda: [log, log])))
    2
    """
    found = source() if callable(source) else source
    if isinstance(found, ResponseLog):
        yield found
    elif _are_several(found):
        for one in found:
            yield from as_logs(one, curriculum)
    else:
        yield ResponseLog.from_frame(found, curriculum=curriculum)


def logs_in(given: Any) -> Iterable[Any]:
    """Return the logs that stand for one: of a list, a tuple or an iterator, else what is given.

    Examples
    --------
    >>> logs_in(["one", "other"]), logs_in({"a": "frame"})
    (['one', 'other'], ({'a': 'frame'},))
    """
    return given if _are_several(given) else (given,)


def _are_several(given: Any) -> bool:
    return isinstance(given, Sequence | Iterator) and not isinstance(given, str)


def joined(logs: Sequence[ResponseLog]) -> ResponseLog:
    """Return one log of all the rows, in the order given.

    Learners, items and skills of one name are one. A learner's rows may lie in several of the
    logs: where neither `order` nor `answered_at` says otherwise, those of the earlier log are
    taken to have happened before.

    Raises
    ------
    InvalidInput
        There are none, or some have a column that others lack.

    Examples
    --------
    >>> rows = [{"learner": who, "item": "q", "skills": "sql", "score": 1} for who in "ab"]
    >>> log = joined([ResponseLog.from_records([row]) for row in reversed(rows)])
    >>> log.learner_ids, log.learner
    (('a', 'b'), array([1, 0], dtype=int32))
    """
    if not logs:
        raise InvalidInput("logs", [Fault("parts", "are none, expected at least one")])
    if len(logs) == 1:
        return logs[0]
    check_columns([[name for name in OPTIONAL if getattr(log, name) is not None] for log in logs])
    learner_ids, learner = _recoded(logs, lambda log: log.learner_ids, lambda log: log.learner)
    item_ids, item = _recoded(logs, lambda log: log.item_ids, lambda log: log.item)
    skill_sets, skill_set = _recoded(logs, lambda log: log.skill_sets, lambda log: log.skill_set)
    return ResponseLog(
        learner_ids=learner_ids,
        item_ids=item_ids,
        skill_ids=tuple(sorted({skill_id for log in logs for skill_id in log.skill_ids})),
        skill_sets=skill_sets,
        learner=learner,
        item=item,
        skill_set=skill_set,
        score=np.concatenate([log.score for log in logs]),
        **{name: _column(logs, name) for name in OPTIONAL},
    )


def learner_marks(log: ResponseLog) -> NDArray[np.uint64]:
    """Return a number per learner with rows in the log that is the same in every log, sorted.

    Eight bytes of a digest of the id: two learners in a billion share one with a probability of
    a few in a hundred, and are then only kept together.
    """
    return np.unique(_marks(log)[np.unique(log.learner)])


def split_by_learner(log: ResponseLog, n: int) -> tuple[ResponseLog, ...]:
    """Return n logs that hold each learner's rows whole; the same learner in the same place always.

    Examples
    --------
    >>> log = ResponseLog.from_columns(
    ...     learner=list("abca"), item=["q"] * 4, score=[1, 0, 1, 0], skills=["sql"] * 4
    ... )
    >>> sum(len(part) for part in split_by_learner(log, 3))
    4
    """
    place = (_marks(log) % np.uint64(n))[log.learner]
    return tuple(_pruned(log.select(place == k)) for k in range(n))


def of_learners(log: ResponseLog, marks: NDArray[np.uint64], *, but: bool = False) -> ResponseLog:
    """Return the rows of the learners of some marks, or of all but these.

    Examples
    --------
    >>> log = ResponseLog.from_columns(
    ...     learner=list("aba"), item=["q"] * 3, score=[1, 0, 1], skills=["sql"] * 3
    ... )
    >>> first = log.select([0])
    >>> of_learners(log, learner_marks(first)).learner_ids
    ('a',)
    """
    return _pruned(log.select(np.isin(_marks(log), marks, invert=but)[log.learner]))


def _marks(log: ResponseLog) -> NDArray[np.uint64]:
    digests = b"".join(blake2b(one.encode(), digest_size=8).digest() for one in log.learner_ids)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def check_columns(parts: Sequence[Collection[str]]) -> None:
    """Raise InvalidInput where some parts of a log have an optional column that others lack."""
    faults = []
    for name in OPTIONAL:
        has = [name in columns for columns in parts]
        if any(has) and not all(has):
            problem = f"is missing in part {has.index(False)}, but not in part {has.index(True)}"
            faults.append(Fault(name, problem, "give it in all parts or in none"))
    if faults:
        raise InvalidInput("logs", faults)


def _pruned(log: ResponseLog) -> ResponseLog:
    """Return the log without the learners that have no rows in it."""
    present, learner = np.unique(log.learner, return_inverse=True)
    learner_ids = tuple(log.learner_ids[k] for k in present.tolist())
    return replace(log, learner_ids=learner_ids, learner=learner.astype(np.int32))


def _recoded(
    logs: Sequence[ResponseLog],
    ids_of: Callable[[ResponseLog], tuple[Id, ...]],
    codes_of: Callable[[ResponseLog], NDArray[np.int32]],
) -> tuple[tuple[Id, ...], NDArray[np.int32]]:
    """Return all ids, sorted, and the codes of all rows among them."""
    ids = tuple(sorted({one for log in logs for one in ids_of(log)}))
    code = {one: k for k, one in enumerate(ids)}
    parts = [
        np.array([code[one] for one in ids_of(log)], dtype=np.int32)[codes_of(log)] for log in logs
    ]
    return ids, np.concatenate(parts)


def _column(logs: Sequence[ResponseLog], name: str) -> NDArray[Any] | None:
    columns = [getattr(log, name) for log in logs]
    return None if columns[0] is None else np.concatenate(columns)
