"""The responses of a log by skill, learner and time, by counting, in threads.

It is what :func:`.sequences_of` makes of a layout, without the layout, for logs in which every
response exercised one skill. Rows are dealt out to their skills first, which leaves of a log in
the order of its learners nothing to sort; else each skill is sorted on its own, in a core's own
cache. Imported lazily, by :mod:`.sequences`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .compiling import compiled
from .threads import share, usual_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    I32 = NDArray[np.int32]

__all__ = ["by_skill"]

_CHUNK = 1 << 17  # rows dealt out at a time
_DIGIT = 11  # bits: as many counters stay in a core's first cache


def by_skill(
    skill: I32,
    n_skills: int,
    learner: I32,
    columns: Sequence[NDArray[Any]],
    keys: Sequence[I64] | None,
) -> tuple[I64, I32, list[NDArray[Any]]]:
    """Return columns by skill, learner and time; ties stay as they are.

    Parameters
    ----------
    skill : ndarray of int32, shape (n_rows,)
    n_skills : int
    learner : ndarray of int32, shape (n_rows,)
    columns : sequence of ndarray, shape (n_rows,)
    keys : sequence of ndarray of int, shape (n_rows,), or None
        When a learner's rows happened, the first key before all others; None where the rows lie
        by learner and time.

    Returns
    -------
    first : ndarray of int64, shape (n_skills + 1,)
        Skill k now owns the rows ``first[k]:first[k + 1]``.
    learner, columns : ndarray and list of ndarray

    Examples
    --------
    >>> skill, learner = np.array([1, 0, 1, 1], np.int32), np.array([0, 1, 1, 0], np.int32)
    >>> column, when = np.array([0.1, 0.2, 0.3, 0.4]), np.array([9, 2, 5, 7])
    >>> by_skill(skill, 2, learner, [column], [when])
    (array([0, 1, 4]), array([1, 0, 0, 1], dtype=int32), [array([0.2, 0.4, 0.1, 0.3])])
    """
    cuts = np.append(np.arange(0, len(skill), _CHUNK), len(skill))
    sizes, threads = np.diff(cuts), usual_number()
    counts = np.zeros((len(sizes), n_skills), np.int64)
    share(lambda low, high: _count(low, high, cuts, skill, counts), sizes, threads)
    first = np.concatenate([[0], np.cumsum(counts.sum(axis=0))])
    place = first[:-1] + np.cumsum(counts, axis=0) - counts

    def deal(column: NDArray[Any], into: NDArray[Any]) -> NDArray[Any]:
        # Compiled loops tell arrays that may be written to from others: make them all alike.
        given = np.require(column, into.dtype, "W")
        share(lambda low, high: _deal(low, high, cuts, skill, place, given, into), sizes, threads)
        return into

    who, found = deal(learner, np.empty_like(learner)), [deal(k, np.empty_like(k)) for k in columns]
    if keys is not None:
        when = np.empty((len(keys), len(skill)), np.int64)
        for key, into in zip(keys, when, strict=True):
            deal(key, into)
        order, of_skill = np.empty(len(skill), np.int64), np.diff(first)
        share(lambda low, high: _order(low, high, first, who, when, order), of_skill, threads)

        def sort(column: NDArray[Any]) -> None:
            share(lambda low, high: _reorder(low, high, first, order, column), of_skill, threads)

        for column in (who, *found):
            sort(column)
    return first, who, found


@compiled
def _count(low: int, high: int, cuts: I64, skill: I32, counts: I64) -> None:
    """Count the rows of each skill in some chunks."""
    for c in range(low, high):
        for t in range(cuts[c], cuts[c + 1]):
            counts[c, skill[t]] += 1


@compiled
def _deal(
    low: int, high: int, cuts: I64, skill: I32, place: I64, column: NDArray[Any], into: NDArray[Any]
) -> None:
    """Put the rows of some chunks behind those of the same skill."""
    for c in range(low, high):
        at = place[c].copy()
        for t in range(cuts[c], cuts[c + 1]):
            into[at[skill[t]]] = column[t]
            at[skill[t]] += 1


@compiled
def _order(low: int, high: int, first: I64, learner: I32, when: I64, order: I64) -> None:
    """Find the order of each skill's rows: by learner, and by as many keys of time as it takes."""
    for k in range(low, high):
        begin, end = first[k], first[k + 1]
        who, rows, n = learner[begin:end], order[begin:end], -1
        while n < 0 or (n < len(when) and not _in_time(rows, who, when, begin)):
            n += 1
            for i in range(len(rows)):
                rows[i] = i
            for i in range(n - 1, -1, -1):
                _by_digits(rows, when[i, begin:end])
            _by_digits(rows, who)


@compiled
def _by_digits(rows: I64, key: NDArray[Any]) -> None:
    """Sort rows by a key, digit by digit, the last one first."""
    least = most = key[0] if len(key) else 0
    for value in key:
        least, most = min(least, value), max(most, value)
    digit = _DIGIT
    while digit > 4 and 1 << digit > 4 * len(rows):
        digit -= 1  # few rows do not take many counters
    shift = 0
    while (most - least) >> shift > 0:
        before, place = rows.copy(), np.zeros((1 << digit) + 1, np.int64)
        for row in before:
            place[(((key[row] - least) >> shift) & ((1 << digit) - 1)) + 1] += 1
        for v in range(1 << digit):
            place[v + 1] += place[v]
        for row in before:
            v = ((key[row] - least) >> shift) & ((1 << digit) - 1)
            rows[place[v]] = row
            place[v] += 1
        shift += digit


@compiled
def _in_time(rows: I64, learner: I32, when: I64, begin: int) -> bool:
    """Return whether each learner's rows are as they happened; the first one is at `begin`."""
    for i in range(1, len(rows)):
        if learner[rows[i]] == learner[rows[i - 1]]:
            for j in range(len(when)):
                now, before = when[j, begin + rows[i]], when[j, begin + rows[i - 1]]
                if now < before:
                    return False
                if now > before:
                    break
    return True


@compiled
def _reorder(low: int, high: int, first: I64, order: I64, column: NDArray[Any]) -> None:
    """Put the rows of some skills in their order."""
    for k in range(low, high):
        before = column[first[k] : first[k + 1]].copy()
        for i in range(len(before)):
            column[first[k] + i] = before[order[first[k] + i]]
