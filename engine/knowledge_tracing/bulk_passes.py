"""Whole histories folded into states, learner by learner: plain loops over flat arrays.

Each event does what :mod:`.belief` does with one, in the same order of operations: wait (levels
are forgotten while days pass), be observed, and move. Compiled where numba is there. Imported
lazily, by :mod:`.bulk`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compiling import compiled
from .filtering import CERTAINTY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    I32 = NDArray[np.int32]

__all__ = ["FORGET", "GUESS", "LEARN", "SLIP", "UNDATED", "count", "fold"]

LEARN, FORGET, GUESS, SLIP = range(4)
"""The parameters of a move, by column."""

UNDATED = np.iinfo(np.int64).min
"""The instant of what has no date, before all others; NaT as a number."""

_DAY = 86_400e6  # microseconds


@compiled
def count(
    first: int,
    last: int,
    event_start: I64,
    subject: I32,
    score: F64,
    n_items: int,
    move_start: I64,
    move_skill: I32,
    n_levels: I64,
    sizes: I64,
) -> None:
    """Fill in how many skills, levels and successes each learner from first to last comes to.

    Parameters
    ----------
    first, last : int
        Learners, the last one exclusive.
    event_start, subject, score : ndarray
        As in :class:`.History`.
    n_items : int
        Subjects from this one on are modules.
    move_start : ndarray, shape (n_subjects + 1,)
        Subject s owns the moves ``move_start[s]:move_start[s + 1]``.
    move_skill : ndarray, shape (n_moves,)
    n_levels : ndarray, shape (n_skills,)
    sizes : ndarray, shape (n_learners + 1, 3)
        Row i + 1 is learner i's.
    """
    met_by, won_by = np.full(len(n_levels), -1), np.full(max(n_items, 1), -1)
    for learner in range(first, last):
        skills = levels = successes = 0
        for t in range(event_start[learner], event_start[learner + 1]):
            s = subject[t]
            for i in range(move_start[s], move_start[s + 1]):
                k = move_skill[i]
                if met_by[k] != learner:
                    met_by[k] = learner
                    skills += 1
                    levels += n_levels[k]
            if s < n_items and score[t] >= 0.5 and won_by[s] != learner:
                won_by[s] = learner
                successes += 1
        sizes[learner + 1, 0] = skills
        sizes[learner + 1, 1] = levels
        sizes[learner + 1, 2] = successes


@compiled
def _fade(p: F64, low: int, high: int, expected: float) -> None:
    """Let levels be lost: P(z ≥ i) becomes the sum over j of P(j are lost)·P(z ≥ i + j)."""
    for i in range(low, high):
        lost, total = np.exp(-expected), 0.0
        for j in range(high - i):
            total += lost * p[i + j]
            lost = lost * expected / (j + 1)
        p[i] = total


@compiled
def _observe(p: F64, low: int, high: int, here: int, w: float, guess: float, slip: float) -> None:
    attained = w * (1.0 - slip) + (1.0 - w) * slip
    not_attained = w * guess + (1.0 - w) * (1.0 - guess)
    before = p[here]
    hit = before * attained
    total = hit + (1.0 - before) * not_attained
    for i in range(low, here):
        p[i] = min((hit + (p[i] - before) * not_attained) / total, CERTAINTY)
    for i in range(here, high):
        p[i] = min(p[i] * attained / total, CERTAINTY)


@compiled
def _practise(p: F64, low: int, high: int, here: int, learn: float, forget: float) -> None:
    below = p[here - 1] if here > low else 1.0
    above = p[here + 1] if here + 1 < high else 0.0
    moved = p[here] + (below - p[here]) * learn - (p[here] - above) * forget
    p[here] = max(min(moved, min(below, CERTAINTY)), above)


@compiled
def _credit(y: float, works: F64, n: int, mine: int) -> float:
    """Return the weight with which an answer counts as that of one of several skills."""
    before = after = 1.0
    for j in range(mine):
        before *= works[j]
    for j in range(mine + 1, n):
        after *= works[j]
    others = before * after
    worked = y * others + (1.0 - y) * (1.0 - others)
    return worked / (worked + 1.0 - y)


@compiled
def fold(
    first: int,
    last: int,
    event_start: I64,
    subject: I32,
    score: F64,
    happened: I64,
    n_items: int,
    move_start: I64,
    move_skill: I32,
    move_rank: I32,
    move: F64,
    row_start: I64,
    p_start: F64,
    decay: F64,
    start: I64,
    skill: I32,
    belief_start: I64,
    p: F64,
    opportunities: I32,
    answered: I64,
    failed: I64,
    believed: I64,
    success: I32,
) -> None:
    """Fill in the states of the learners from first to last.

    Parameters
    ----------
    first, last, event_start, subject, score, n_items, move_start, move_skill
        As in :func:`count`.
    happened : ndarray, shape (n_events,) or (0,)
        Microseconds since 1970, or `UNDATED`; empty where nothing has a date.
    move_rank : ndarray, shape (n_moves,)
        The place of the level that the move is about.
    move : ndarray, shape (n_moves, 4)
        Its parameters; a module's are only LEARN.
    row_start, p_start : ndarray, shape (n_skills + 1,) and (n_levels,)
        Skill k begins with the beliefs ``p_start[row_start[k]:row_start[k + 1]]``.
    decay : ndarray, shape (n_skills,)
        Levels forgotten per day.
    start : ndarray, shape (n_learners + 1, 3)
        Where each learner's skills, beliefs and successes begin.
    skill, belief_start, p, opportunities, answered, failed, believed, success : ndarray
        To be filled in, as in :class:`.KnowledgeStates`.
    """
    entry_of = np.full(len(decay), -1)  # the latest entry of each skill, this learner's or not
    won_by = np.full(max(n_items, 1), -1)
    most = 1
    for s in range(len(move_start) - 1):
        most = max(most, move_start[s + 1] - move_start[s])
    works = np.empty(most)
    at = UNDATED
    for learner in range(first, last):
        own = entries = start[learner, 0]
        beliefs, successes = start[learner, 1], start[learner, 2]
        for t in range(event_start[learner], event_start[learner + 1]):
            s, y = subject[t], score[t]
            begin, end = move_start[s], move_start[s + 1]
            if len(happened) > 0:
                at = happened[t]
            for i in range(begin, end):
                k = move_skill[i]
                e = entry_of[k]
                if e < own:
                    e = entry_of[k] = entries
                    entries += 1
                    skill[e], opportunities[e] = k, 0
                    answered[e] = failed[e] = believed[e] = UNDATED
                    belief_start[e] = beliefs
                    for row in range(row_start[k], row_start[k + 1]):
                        p[beliefs] = p_start[row]
                        beliefs += 1
                elif decay[k] > 0.0 and believed[e] > UNDATED and at > believed[e]:
                    low = belief_start[e]
                    high = low + row_start[k + 1] - row_start[k]
                    _fade(p, low, high, decay[k] * ((at - believed[e]) / _DAY))
                if decay[k] > 0.0:
                    believed[e] = max(believed[e], at)
            several = s < n_items and end - begin > 1
            if several:
                for i in range(begin, end):
                    q = p[belief_start[entry_of[move_skill[i]]] + move_rank[i]]
                    works[i - begin] = q * (1.0 - move[i, SLIP]) + (1.0 - q) * move[i, GUESS]
            for i in range(begin, end):
                k = move_skill[i]
                e = entry_of[k]
                low = belief_start[e]
                high, here = low + row_start[k + 1] - row_start[k], low + move_rank[i]
                if s < n_items:
                    w = _credit(y, works, end - begin, i - begin) if several else y
                    _observe(p, low, high, here, w, move[i, GUESS], move[i, SLIP])
                    opportunities[e] += 1
                    if at > UNDATED:
                        answered[e] = at
                        if y < 0.5:
                            failed[e] = at
                _practise(p, low, high, here, move[i, LEARN], move[i, FORGET])
            if s < n_items and y >= 0.5 and won_by[s] != learner:
                won_by[s] = learner
                success[successes] = s
                successes += 1
