"""Expected counts of classical skills, compiled: known or not, over many sequences side by side.

A twin of :mod:`.smoothing` for one level (Rabiner 1989, eqs. 19–27), without a division per
step. How likely a state and the answers so far are together is carried along as it is, and
brought near one by a power of two every few steps, which is exact and done again on the way back;
the likelihood of a sequence is divided by once, where it ends. Both passes run along one time step
at a time, over answers that lie next to each other, so that the compiler works on several at once;
each step of :func:`count_prefixes` stands for all learners who have answered the same so far,
which is exact. Parameters lie strictly between 0 and 1, but for forgetting, which may be 0.

Whoever knows is taken as not knowing with a probability of :data:`_LEAK` at each answer, so that a
state which the answers have all but ruled out is still there when later ones speak for it.
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

__all__ = ["count_block", "count_chunk", "count_prefixes", "count_side_by_side", "pack"]

Function = TypeVar("Function", bound=Callable[..., Any])

_LEAK = 1e-280
_OFTEN = 8  # steps after which likelihoods are brought near one; so many do not underflow
_EXPONENT = 0x7FF0000000000000  # where a number has it
_OF_TWO = 0x7FE0000000000000  # less the bits of 2ᵉ it leaves those of 2⁻ᵉ
_LOG_2 = 0.6931471805599453


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
def _exponent(bits: int) -> float:
    """Return e of the bits of a positive normal number from 2ᵉ on, as a number."""
    e: float = _float((bits >> 52) | 0x4330000000000000) - 4503599627371519.0
    return e


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
    log: float = exponent * _LOG_2 + 2.0 * (f + f * g * series)
    return log


@_side_by_side
def count_block(
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

    The rows of `work` take how likely each answer, those before it and either state are together;
    the same before the next answer; how likely the later answers are from either state; and what
    is left of the sequences that end at a step. Column 0 stands before the first answers.
    """
    prior, learn, forget, guess, slip = theta[0], theta[1], theta[2], theta[3], theta[4]
    keep, stay, know, miss = 1.0 - forget, 1.0 - learn, 1.0 - slip, 1.0 - guess
    base = run_start[step_start[first]] - 1
    unknown, known, ready_not, ready, later_not, later = (
        work[0],
        work[1],
        work[2],
        work[3],
        work[4],
        work[5],
    )
    likely, often = work[6], work[7]
    ready_not[0], ready[0], later_not[0], later[0] = 1.0 - prior, prior, 0.0, 0.0
    for s in range(first, last):
        for r in range(step_start[s], step_start[s + 1]):
            w = run_score[r]
            a, b = w * know + (1.0 - w) * slip, w * guess + (1.0 - w) * miss
            before = parent[run_start[r] : run_start[r + 1]]
            low, high = run_start[r] - base, run_start[r + 1] - base
            run_unknown, run_known = unknown[low:high], known[low:high]
            for i in range(len(before)):
                run_known[i] = ready[before[i]] * a
                run_unknown[i] = ready_not[before[i]] * b + _LEAK * run_known[i]
        low, high = run_start[step_start[s]] - base, run_start[step_start[s + 1]] - base
        now_unknown, now_known = unknown[low:high], known[low:high]
        now_not, now_ready = ready_not[low:high], ready[low:high]
        for i in range(high - low):
            now_not[i] = now_unknown[i] * stay + now_known[i] * forget
            now_ready[i] = now_unknown[i] * learn + now_known[i] * keep
        if (s - first) % _OFTEN == _OFTEN - 1:
            for i in range(high - low):
                scale = _float(_OF_TWO - (_bits(now_unknown[i] + now_known[i]) & _EXPONENT))
                now_not[i] *= scale
                now_ready[i] *= scale
        later_not[low:high] = 0.0
        later[low:high] = 0.0
    log_likelihood = stayed = learned = forgot = kept = 0.0
    for s in range(last - 1, first - 1, -1):
        ended = ends[run_start[step_start[s]] : run_start[step_start[s + 1]]]
        low, high = run_start[step_start[s]] - base, run_start[step_start[s + 1]] - base
        now_unknown, now_known = unknown[low:high], known[low:high]
        now_not, now_later = later_not[low:high], later[low:high]
        if (s - first) % _OFTEN == _OFTEN - 1:
            now_left_not, now_left = ready_not[low:high], ready[low:high]
            for i in range(high - low):
                bits = _bits(now_unknown[i] + now_known[i]) & _EXPONENT
                going = now_left_not[i] * now_not[i] + now_left[i] * now_later[i]
                log_likelihood += going * _exponent(bits) * _LOG_2
                now_not[i] *= _float(_OF_TWO - bits)
                now_later[i] *= _float(_OF_TWO - bits)
        n = 0
        for i in range(high - low):
            likely[n], often[n] = now_unknown[i] + now_known[i], ended[i]
            n += ended[i] > 0
        for i in range(n):
            log_likelihood += often[i] * _log(likely[i])
        for i in range(high - low):
            u, k, after_not, after = now_unknown[i], now_known[i], now_not[i], now_later[i]
            stayed += u * after_not
            learned += u * after
            forgot += k * after_not
            kept += k * after
            end = ended[i] / (u + k)
            now_not[i] = stay * after_not + learn * after + end
            now_later[i] = forget * after_not + keep * after + end + _LEAK * now_not[i]
        for r in range(step_start[s], step_start[s + 1]):
            w = run_score[r]
            a, b = w * know + (1.0 - w) * slip, w * guess + (1.0 - w) * miss
            before = parent[run_start[r] : run_start[r + 1]]
            low, high = run_start[r] - base, run_start[r + 1] - base
            run_unknown, run_known = unknown[low:high], known[low:high]
            run_not, run_later = later_not[low:high], later[low:high]
            reached = missed = 0.0
            for i in range(len(before)):
                missed += (run_unknown[i] - _LEAK * run_known[i]) * run_not[i]
                reached += run_known[i] * run_later[i]
            for i in range(len(before)):
                later_not[before[i]] += b * run_not[i]
                later[before[i]] += a * run_later[i]
            guessed, slipped = missed * w * guess / b, reached * (1.0 - w) * slip / a
            counts[3, 0] += guessed
            counts[3, 1] += missed - guessed
            counts[4, 0] += slipped
            counts[4, 1] += reached - slipped
    counts[0, 0] += prior * later[0]
    counts[0, 1] += (1.0 - prior) * later_not[0]
    counts[1, 0] += learn * learned
    counts[1, 1] += stay * stayed
    counts[2, 0] += forget * forgot
    counts[2, 1] += keep * kept
    return float(log_likelihood)


@_side_by_side
def count_chunk(answers: F64, start: I64, lane: I64, theta: F64, counts: F64, work: F64) -> float:
    """Add the expected counts of some sequences, the longest first; return their log-likelihood.

    Their answers lie time step by time step. So do how likely those before each are together with
    either state, and the powers of two, in the first rows of `work`; the others have one column
    per sequence.
    """
    prior, learn, forget, guess, slip = theta[0], theta[1], theta[2], theta[3], theta[4]
    keep, stay, miss = 1.0 - forget, 1.0 - learn, 1.0 - guess
    knows, guesses = 1.0 - 2.0 * slip, 2.0 * guess - 1.0
    ready_not, ready, scale, left, right = work[0], work[1], work[2], work[3], work[4]
    n, longest = len(lane), start[lane[0] + 1] - start[lane[0]]
    left[:n], right[:n] = 1.0 - prior, prior
    at = n_scales = 0
    twos = 0.0
    for step in range(longest):
        while start[lane[n - 1] + 1] - start[lane[n - 1]] <= step:
            n -= 1
        now_answers = answers[at : at + n]
        now_not, now_ready = ready_not[at : at + n], ready[at : at + n]
        lane_not, lane_known = left[:n], right[:n]
        for i in range(n):
            w = now_answers[i]
            now_not[i], now_ready[i] = lane_not[i], lane_known[i]
            k = now_ready[i] * (slip + w * knows)
            u = now_not[i] * (miss + w * guesses) + _LEAK * k
            lane_not[i] = u * stay + k * forget
            lane_known[i] = u * learn + k * keep
        if step % _OFTEN == _OFTEN - 1:
            now_scale = scale[n_scales : n_scales + n]
            for i in range(n):
                bits = _bits(lane_not[i] + lane_known[i]) & _EXPONENT
                twos += _exponent(bits)
                now_scale[i] = _float(_OF_TWO - bits)
                lane_not[i] *= now_scale[i]
                lane_known[i] *= now_scale[i]
            n_scales += n
        at += n
    log_likelihood = twos * _LOG_2
    for i in range(len(lane)):
        log_likelihood += _log(left[i] + right[i])
        left[i] = 1.0 / (left[i] + right[i])
        right[i] = left[i]
    stayed = learned = forgot = kept = guessed = slipped = reached = missed = 0.0
    going = 0
    for step in range(longest - 1, -1, -1):
        while n < len(lane) and start[lane[n] + 1] - start[lane[n]] > step:
            n += 1
        at -= n
        now_answers = answers[at : at + n]
        now_not, now_ready = ready_not[at : at + n], ready[at : at + n]
        later_not, later = left[:n], right[:n]
        if step % _OFTEN == _OFTEN - 1:
            n_scales -= n
            now_scale = scale[n_scales : n_scales + n]
            for i in range(n):
                later_not[i] *= now_scale[i]
                later[i] *= now_scale[i]
        for i in range(going):
            w, after_not, after = now_answers[i], later_not[i], later[i]
            k = now_ready[i] * (slip + w * knows)
            u = now_not[i] * (miss + w * guesses) + _LEAK * k
            stayed += u * after_not
            learned += u * after
            forgot += k * after_not
            kept += k * after
            later_not[i] = stay * after_not + learn * after
            later[i] = forget * after_not + keep * after
        for i in range(n):
            w = now_answers[i]
            a, b = slip + w * knows, miss + w * guesses
            after_not = later_not[i]
            after = later[i] + _LEAK * after_not
            before_not, before = now_not[i] * after_not, now_ready[i] * after
            missed += before_not * b
            reached += before * a
            guessed += before_not * w
            slipped += before * (1.0 - w)
            later_not[i], later[i] = b * after_not, a * after
        going = n
    started = started_not = 0.0
    for i in range(n):
        started_not += left[i]
        started += right[i]
    counts[0, 0] += prior * started
    counts[0, 1] += (1.0 - prior) * started_not
    counts[1, 0] += learn * learned
    counts[1, 1] += stay * stayed
    counts[2, 0] += forget * forgot
    counts[2, 1] += keep * kept
    counts[3, 0] += guess * guessed
    counts[3, 1] += missed - guess * guessed
    counts[4, 0] += slip * slipped
    counts[4, 1] += reached - slip * slipped
    return float(log_likelihood)


@_side_by_side
def pack(weight: F64, start: I64, lane: I64, chunk_start: I64, chunk: I64, packed: F64) -> None:
    """Fill in the weights of some chunks time step by time step, the longest sequences first."""
    for c in chunk:
        lanes = lane[chunk_start[c] : chunk_start[c + 1]]
        n, at = len(lanes), start[chunk_start[c]]
        for step in range(start[lanes[0] + 1] - start[lanes[0]]):
            while start[lanes[n - 1] + 1] - start[lanes[n - 1]] <= step:
                n -= 1
            for i in range(n):
                packed[at + i] = weight[start[lanes[i]] + step]
            at += n


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
    work = np.empty((8, most + 1))
    for u in range(low, high):
        first, last, here = block_start[block[u]], block_start[block[u] + 1], theta[rows[u, 0]]
        log_likelihood[u] = count_block(
            parent, ends, step_start, run_start, run_score, first, last, here, counts[u, 0], work
        )


@_side_by_side
def count_side_by_side(
    packed: F64,
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
        answers, lanes = packed[start[first] : start[last]], lane[first:last]
        log_likelihood[u] = count_chunk(
            answers, start, lanes, theta[rows[u, 0]], counts[u, 0], work
        )
