"""The forward–backward pass: what the hidden levels were, given all the answers.

Rabiner (1989), sections III.A and V.A (scaling), for the chain of ordinal levels z in {0, …, n}:
only the level practised moves, by one step, and an item emits by whether z reached its level.
This is the reference in numpy, all sequences of a skill side by side, in the letters of the
paper; :mod:`.two_states` and :func:`kernels.count_ordinal` are its compiled twins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .emission import likelihoods

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["COUNTED", "expected_counts"]

COUNTED = ("prior", "learn", "forget", "guess", "slip")
"""What is counted per level: how often each of these happened, and how often it might have."""

_PRIOR, _LEARN, _FORGET, _GUESS, _SLIP = range(5)


def expected_counts(
    weight: Array, rank: NDArray[np.int32], start: NDArray[np.int64], parameters: Array
) -> tuple[Array, float]:
    """Return the expected counts of one skill and the log-likelihood of its sequences.

    Parameters
    ----------
    weight : ndarray, shape (n_responses,)
        Scores, or credits, in [0, 1].
    rank : ndarray of int, shape (n_responses,)
        The place of the level looked at, from 0.
    start : ndarray of int, shape (n_sequences + 1,)
        Sequence i owns ``start[i]:start[i + 1]``.
    parameters : ndarray, shape (n_levels, 5)
        In the order of :data:`COUNTED`.

    Returns
    -------
    counts : ndarray, shape (n_levels, 5, 2)
        How often each parameter's event happened, and did not.
    log_likelihood : float

    Examples
    --------
    >>> weight, rank, start = np.array([1.0]), np.array([0], np.int32), np.array([0, 1])
    >>> counts, log_likelihood = expected_counts(
    ...     weight, rank, start, np.array([[0.5, 0.1, 0.0, 0.2, 0.1]])
    ... )
    >>> round(float(np.exp(log_likelihood)), 3)  # 0.5 · 0.9 + 0.5 · 0.2
    0.55
    >>> counts[0, 0].round(3)  # the start was on the level with 0.45 / 0.55
    array([0.818, 0.182])
    """
    steps = _steps(start)
    n_levels = len(parameters)
    A = _transitions(parameters)
    counts = np.zeros((n_levels, 5, 2))
    if not steps:
        return counts, 0.0
    w = [weight[at] for at in steps]
    r = [rank[at] for at in steps]
    B = [_emissions(w_t, r_t, parameters) for w_t, r_t in zip(w, r, strict=True)]
    alpha, scale = _forward(_start(parameters), A, B, r)
    beta = np.ones_like(alpha[-1])
    for t in range(len(steps) - 1, -1, -1):
        gamma = alpha[t] * beta  # Rabiner eq. 27, with eq. 91's scaling
        _count_answers(counts, gamma, w[t], r[t], parameters)
        if t:
            ahead = B[t] * beta / scale[t][:, None]
            n = len(ahead)
            _count_moves(counts, alpha[t - 1][:n], r[t - 1][:n], A, ahead)
            beta = np.ones_like(alpha[t - 1])
            beta[:n] = np.einsum("sij,sj->si", A[r[t - 1][:n]], ahead)  # eq. 25
    _count_starts(counts, alpha[0] * beta)
    return counts, float(sum(np.log(one).sum() for one in scale))


def _steps(start: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return for each time t the places of the t-th answers, of the longest sequences first."""
    lengths = np.diff(start)
    longest_first = np.argsort(-lengths, kind="stable")
    lengths, first = lengths[longest_first], start[:-1][longest_first]
    alive = [int(np.searchsorted(-lengths, -t)) for t in range(lengths.max(initial=0))]
    return [first[:n] + t for t, n in enumerate(alive)]


def _start(parameters: Array) -> Array:
    """Return π, shape (n_levels + 1,): P(z = i) = P(z ≥ i) − P(z ≥ i + 1)."""
    p_at_least = np.concatenate([[1.0], np.cumprod(parameters[:, _PRIOR]), [0.0]])
    pi: Array = p_at_least[:-1] - p_at_least[1:]
    return pi


def _transitions(parameters: Array) -> Array:
    """Return A, shape (n_levels, n_levels + 1, n_levels + 1): one matrix per level practised."""
    n_levels = len(parameters)
    A = np.tile(np.eye(n_levels + 1), (n_levels, 1, 1))
    for i, (_, learn, forget, _, _) in enumerate(parameters):
        A[i, i : i + 2, i : i + 2] = [[1.0 - learn, learn], [forget, 1.0 - forget]]
    return A


def _emissions(w: Array, rank: NDArray[np.int32], parameters: Array) -> Array:
    """Return b, shape (n_sequences, n_levels + 1): the likelihood of the answer in each state."""
    guess, slip = parameters[rank, _GUESS], parameters[rank, _SLIP]
    attained, not_attained = likelihoods(w, guess, slip)
    reached = np.arange(len(parameters) + 1) > rank[:, None]
    b: Array = np.where(reached, attained[:, None], not_attained[:, None])
    return b


def _forward(
    start: Array, A: Array, B: list[Array], rank: list[NDArray[np.int32]]
) -> tuple[list[Array], list[Array]]:
    """Return α scaled to one at each step, and the scales P(answer | answers before)."""
    alpha: list[Array] = []
    scale: list[Array] = []
    for t, b in enumerate(B):
        n = len(b)
        if t:
            predicted = np.einsum("si,sij->sj", alpha[-1][:n], A[rank[t - 1][:n]])  # eq. 20
        else:
            predicted = np.tile(start, (n, 1))
        joint = predicted * b
        scale.append(joint.sum(axis=1))
        alpha.append(joint / scale[-1][:, None])
    return alpha, scale


def _count_starts(counts: Array, gamma: Array) -> None:
    """Add how often the start was on each level, given that it was on the level below."""
    at = gamma.sum(axis=0)
    at_least = np.cumsum(at[::-1])[::-1]
    counts[:, _PRIOR, 0] += at_least[1:]
    counts[:, _PRIOR, 1] += at[:-1]


def _count_moves(
    counts: Array, alpha: Array, rank: NDArray[np.int32], A: Array, ahead: Array
) -> None:
    """Add how often each level was learned and forgotten; Rabiner eq. 37."""
    xi = alpha[:, :, None] * A[rank] * ahead[:, None, :]
    for i in range(len(counts)):
        moved = xi[rank == i].sum(axis=0)
        counts[i, _LEARN] += moved[i, i + 1], moved[i, i]
        counts[i, _FORGET] += moved[i + 1, i], moved[i + 1, i + 1]


def _count_answers(
    counts: Array, gamma: Array, w: Array, rank: NDArray[np.int32], parameters: Array
) -> None:
    """Add how often answers were guessed and slipped; a soft score is split by its posterior."""
    guess, slip = parameters[rank, _GUESS], parameters[rank, _SLIP]
    attained, not_attained = likelihoods(w, guess, slip)
    on = np.arange(gamma.shape[1]) > rank[:, None]
    reached, missed = (gamma * on).sum(axis=1), (gamma * ~on).sum(axis=1)
    slipped = reached * (1.0 - w) * slip / attained
    guessed = missed * w * guess / not_attained
    for i in range(len(counts)):
        here = rank == i
        counts[i, _GUESS] += guessed[here].sum(), (missed - guessed)[here].sum()
        counts[i, _SLIP] += slipped[here].sum(), (reached - slipped)[here].sum()
