"""Expected counts of classical skills, compiled: known or not, over many sequences side by side.

A twin of :mod:`.smoothing` for one level, in odds. Where o are the odds that the skill is known
after an answer, they are (o·(1 − F) + T) / (o·F + 1 − T) before the next one, and that times
P(answer | known) / P(answer | not known) after it. Backwards the smoother of Rauch, Tung &
Striebel (1965) takes what is known of the next step to this one: of those who know next, the
share T / (o·(1 − F) + T) has just learned it, and of those who do not, o·F / (o·F + 1 − T) has
just forgotten it. Both passes run along one time step at a time, over answers that lie next to
each other, so that the compiler works on several at once; each step of :func:`count_prefixes`
stands for all learners who have answered the same so far, which is exact. Parameters lie strictly
between 0 and 1, but for forgetting, which may be 0.

The likelihood of a sequence is what is left of those who never knew it, P(answer | not known) ·
(o·F + 1 − T) at each step, times 1 + o at the end. Odds are held below :data:`_HUGE`; what is cut
off is given back to the likelihood.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

if TYPE_CHECKING:
    F64 = np.ndarray[Any, np.dtype[np.float64]]
    I64 = np.ndarray[Any, np.dtype[np.int64]]
    I32 = np.ndarray[Any, np.dtype[np.int32]]
    U32 = np.ndarray[Any, np.dtype[np.uint32]]

__all__ = ["count_prefixes", "count_side_by_side"]

Function = TypeVar("Function", bound=Callable[..., Any])

_HUGE = 1e280
_OFTEN = 32  # steps between logarithms; no 32 answers are likely enough to underflow


def _compiled(*liberties: str) -> Callable[[Function], Function]:
    """Compile with some liberties about the order of operations."""
    decorate = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=set(liberties))
    return cast("Callable[[Function], Function]", decorate)


_side_by_side = _compiled("reassoc", "contract", "nsz")  # sums may run in several lanes


def _same_bits(read: Any, seen: Any) -> Any:
    """Return a function that sees the bits of a number of one type as one of another."""

    def build(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(seen))

    return intrinsic(lambda _context, _number: (seen(read), build))


_bits = _same_bits(types.float64, types.int64)
_float = _same_bits(types.int64, types.float64)


@_compiled("contract")
def _log(x: float) -> float:
    """Return log x of a positive normal number, to the last bit but one, without a branch.

    x = 2ᵉ·m with m from √½ to √2, and log m = 2·artanh((m − 1)/(m + 1)) by its series.
    """
    bits = _bits(x) - 0x3FE6A09E667F3BCD  # √½
    exponent = _float(((bits >> 52) + 1024) | 0x4330000000000000) - 4503599627371520.0
    m = _float((bits & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD)
    f = (m - 1.0) / (m + 1.0)
    g = f * f
    series = 1.0 / 19.0
    series = series * g + 1.0 / 17.0
    series = series * g + 1.0 / 15.0
    series = series * g + 1.0 / 13.0
    series = series * g + 1.0 / 11.0
    series = series * g + 1.0 / 9.0
    series = series * g + 1.0 / 7.0
    series = series * g + 1.0 / 5.0
    series = series * g + 1.0 / 3.0
    log: float = exponent * 0.6931471805599453 + 2.0 * (f + f * g * series)
    return log


@_side_by_side
def _block(
    parent: U32,
    ends: I32,
    step_start: I64,
    run_start: I64,
    run_score: F64,
    first: int,
    last: int,
    theta: F64,
    counts: F64,
    work: F64,
) -> float:
    """Add the expected counts of a forest's block, some steps; return its log-likelihood.

    The rows of `work` take the odds after each answer, those before the next, and how many are
    expected to know the skill, and not to. Column 0 stands before the first answers.
    """
    prior, learn, forget, guess, slip = theta[0], theta[1], theta[2], theta[3], theta[4]
    keep, stay, know, miss = 1.0 - forget, 1.0 - learn, 1.0 - slip, 1.0 - guess
    base = run_start[step_start[first]] - 1
    odds, ready, known, unknown = work[0], work[1], work[2], work[3]
    ready[0], known[0], unknown[0] = prior / (1.0 - prior), 0.0, 0.0
    n_cut = 0
    for s in range(first, last):
        for r in range(step_start[s], step_start[s + 1]):
            w = run_score[r]
            ratio = (w * know + (1.0 - w) * slip) / (w * guess + (1.0 - w) * miss)
            before = parent[run_start[r] : run_start[r + 1]]
            run_odds = odds[run_start[r] - base : run_start[r + 1] - base]
            for i in range(len(before)):
                run_odds[i] = min(ready[before[i]] * ratio, _HUGE)
        low, high = run_start[step_start[s]] - base, run_start[step_start[s + 1]] - base
        now_odds, now_ready = odds[low:high], ready[low:high]
        for i in range(len(now_odds)):
            o = now_odds[i]
            n_cut += o >= _HUGE
            now_ready[i] = (o * keep + learn) / (o * forget + stay)
        known[low:high] = 0.0
        unknown[low:high] = 0.0
    log_likelihood = learned = forgot = knew = knew_not = 0.0
    for s in range(last - 1, first - 1, -1):
        low, high = run_start[step_start[s]], run_start[step_start[s + 1]]
        ended, now_odds = ends[low:high], odds[low - base : high - base]
        now_known, now_unknown = known[low - base : high - base], unknown[low - base : high - base]
        if forget > 0.0:
            for i in range(len(ended)):
                survive = _log(now_odds[i] * forget + stay)
                log_likelihood += (now_known[i] + now_unknown[i]) * survive
        for i in range(len(ended)):
            o, after, after_not = now_odds[i], now_known[i], now_unknown[i]
            ready_now, ready_not = o * keep + learn, o * forget + stay
            both = 1.0 / (ready_now * ready_not)
            just = after * learn * (ready_not * both)
            gone = after_not * forget * o * (ready_now * both)
            end = ended[i] / (1.0 + o)
            learned += just
            forgot += gone
            knew += after
            knew_not += after_not
            log_likelihood += ended[i] * _log(1.0 + o)
            now_known[i] = end * o + (after - just) + gone
            now_unknown[i] = end + (after_not - gone) + just
        for r in range(step_start[s], step_start[s + 1]):
            w = run_score[r]
            a, b = w * know + (1.0 - w) * slip, w * guess + (1.0 - w) * miss
            before = parent[run_start[r] : run_start[r + 1]]
            low, high = run_start[r] - base, run_start[r + 1] - base
            run_odds, run_known, run_unknown = odds[low:high], known[low:high], unknown[low:high]
            reached = missed = 0.0
            for i in range(len(before)):
                reached += run_known[i]
                missed += run_unknown[i]
                known[before[i]] += run_known[i]
                unknown[before[i]] += run_unknown[i]
            if n_cut > 0:
                for i in range(len(before)):
                    if run_odds[i] >= _HUGE:
                        cut = ready[before[i]] * (a / b / _HUGE)
                        log_likelihood += (run_known[i] + run_unknown[i]) * np.log(cut)
            log_likelihood += (reached + missed) * np.log(b)
            guessed, slipped = missed * w * guess / b, reached * (1.0 - w) * slip / a
            counts[3, 0] += guessed
            counts[3, 1] += missed - guessed
            counts[4, 0] += slipped
            counts[4, 1] += reached - slipped
    if forget == 0.0:
        log_likelihood += (knew + knew_not) * np.log(stay)
    counts[0, 0] += known[0]
    counts[0, 1] += unknown[0]
    counts[1, 0] += learned
    counts[1, 1] += knew_not - forgot
    counts[2, 0] += forgot
    counts[2, 1] += knew - learned
    return float(log_likelihood + (known[0] + unknown[0]) * np.log(1.0 - prior))


@_side_by_side
def _chunk(weight: F64, start: I64, lane: I64, theta: F64, counts: F64, work: F64) -> float:
    """Add the expected counts of some sequences, the longest first; return their log-likelihood.

    The first rows of `work` take the answers and the odds after them, time step by time step;
    the others have one column per sequence.
    """
    prior, learn, forget, guess, slip = theta[0], theta[1], theta[2], theta[3], theta[4]
    keep, stay = 1.0 - forget, 1.0 - learn
    knows, guesses = 1.0 - 2.0 * slip, 2.0 * guess - 1.0
    answers, odds, likely, know, not_know = work[0], work[1], work[2], work[3], work[4]
    n, place = len(lane), start[lane]
    longest = start[lane[0] + 1] - place[0]
    log_likelihood = n * np.log(1.0 - prior)
    know[:n], not_know[:n] = prior, 1.0 - prior
    likely[:n] = 1.0
    at = 0
    for step in range(longest):
        while start[lane[n - 1] + 1] - start[lane[n - 1]] <= step:
            n -= 1
        now_answers, now_odds = answers[at : at + n], odds[at : at + n]
        for i in range(n):
            now_answers[i] = weight[place[i] + step]
        now_know, now_not_know, now_likely = know[:n], not_know[:n], likely[:n]
        for i in range(n):
            w = now_answers[i]
            b = 1.0 - guess + w * guesses
            free = now_know[i] * (slip + w * knows) / (now_not_know[i] * b)
            o = min(free, _HUGE)
            now_odds[i] = o
            now_know[i] = o * keep + learn
            now_not_know[i] = o * forget + stay
            now_likely[i] *= b * (o * forget + stay) * max(free * (1.0 / _HUGE), 1.0)
        if step % _OFTEN == _OFTEN - 1:
            for i in range(n):
                log_likelihood += _log(likely[i])
                likely[i] = 1.0
        at += n
    for i in range(len(lane)):
        log_likelihood += _log(likely[i])
    known, unknown = know, not_know
    learned = forgot = knew = knew_not = guessed = slipped = reached = missed = 0.0
    going = 0
    for step in range(longest - 1, -1, -1):
        while n < len(lane) and start[lane[n] + 1] - start[lane[n]] > step:
            n += 1
        at -= n
        now_answers, now_odds = answers[at : at + n], odds[at : at + n]
        now_known, now_unknown = known[:n], unknown[:n]
        for i in range(going):
            o, after, after_not = now_odds[i], now_known[i], now_unknown[i]
            ready, ready_not = o * keep + learn, o * forget + stay
            both = 1.0 / (ready * ready_not)
            just = after * learn * (ready_not * both)
            gone = after_not * forget * o * (ready * both)
            now_known[i] = (after - just) + gone
            now_unknown[i] = (after_not - gone) + just
            learned += just
            forgot += gone
            knew += after
            knew_not += after_not
        for i in range(going, n):
            o = now_odds[i]
            log_likelihood += _log((1.0 + o) / (o * forget + stay))
            known[i] = o / (1.0 + o)
            unknown[i] = 1.0 / (1.0 + o)
        for i in range(n):
            w = now_answers[i]
            a, b = slip + w * knows, 1.0 - guess + w * guesses
            both = 1.0 / (a * b)
            guessed += now_unknown[i] * w * guess * (a * both)
            slipped += now_known[i] * (1.0 - w) * slip * (b * both)
            reached += now_known[i]
            missed += now_unknown[i]
        going = n
    started = started_not = 0.0
    for i in range(n):
        started += known[i]
        started_not += unknown[i]
    counts[0, 0] += started
    counts[0, 1] += started_not
    counts[1, 0] += learned
    counts[1, 1] += knew_not - forgot
    counts[2, 0] += forgot
    counts[2, 1] += knew - learned
    counts[3, 0] += guessed
    counts[3, 1] += missed - guessed
    counts[4, 0] += slipped
    counts[4, 1] += reached - slipped
    return float(log_likelihood)


@_side_by_side
def count_prefixes(
    parent: U32,
    ends: I32,
    step_start: I64,
    run_start: I64,
    run_score: F64,
    block_start: I64,
    block: I64,
    rows: I64,
    theta: F64,
    low: int,
    high: int,
    counts: F64,
    log_likelihood: F64,
) -> None:
    """Fill in units `low` to `high`, each a block under the first of its rows of `theta`."""
    most = 0
    for u in range(low, high):
        first, last = block_start[block[u]], block_start[block[u] + 1]
        most = max(most, run_start[step_start[last]] - run_start[step_start[first]])
    work = np.empty((4, most + 1))
    for u in range(low, high):
        first, last, here = block_start[block[u]], block_start[block[u] + 1], theta[rows[u, 0]]
        log_likelihood[u] = _block(
            parent, ends, step_start, run_start, run_score, first, last, here, counts[u, 0], work
        )


@_side_by_side
def count_side_by_side(
    weight: F64,
    start: I64,
    lane: I64,
    chunk_start: I64,
    chunk: I64,
    rows: I64,
    theta: F64,
    low: int,
    high: int,
    counts: F64,
    log_likelihood: F64,
) -> None:
    """Fill in units `low` to `high`, each a chunk of sequences under the first of its rows."""
    most = 0
    for u in range(low, high):
        first, last = chunk_start[chunk[u]], chunk_start[chunk[u] + 1]
        most = max(most, start[last] - start[first])
    work = np.empty((5, most))
    for u in range(low, high):
        first, last = chunk_start[chunk[u]], chunk_start[chunk[u] + 1]
        log_likelihood[u] = _chunk(
            weight, start, lane[first:last], theta[rows[u, 0]], counts[u, 0], work
        )
