"""The forward–backward pass against sums over all hidden paths."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from engine.knowledge_tracing.smoothing import expected_counts

ONE_LEVEL = np.array([[0.4, 0.2, 0.0, 0.25, 0.1]])
FORGETFUL = np.array([[0.4, 0.2, 0.15, 0.25, 0.1]])
THREE_LEVELS = np.array(
    [[0.7, 0.2, 0.05, 0.3, 0.1], [0.5, 0.3, 0.1, 0.2, 0.15], [0.4, 0.25, 0.2, 0.1, 0.2]]
)


@pytest.mark.parametrize("theta", [ONE_LEVEL, FORGETFUL, THREE_LEVELS])
@pytest.mark.parametrize("scores", [[1, 0, 1, 1, 0], [0.3, 1, 0, 0.5, 0.8]])
def test_counts_and_likelihood_are_sums_over_all_hidden_paths(
    theta: np.ndarray, scores: list[float]
) -> None:
    rank = np.array([0, 2, 1, 1, 0], dtype=np.int32) % len(theta)
    counts, log_likelihood = expected_counts(
        np.array(scores, dtype=float), rank, np.array([0, len(scores)]), theta
    )
    expected, total = _by_enumeration(scores, rank.tolist(), theta)
    assert log_likelihood == pytest.approx(np.log(total), abs=1e-12)
    np.testing.assert_allclose(counts, expected, atol=1e-12)


def test_the_likelihood_of_two_answers_worked_by_hand() -> None:
    # P(right) = .4·.9 + .6·.25 = .51; then P(L | right) = .36/.51, plus .2 of .15/.51;
    # P(wrong next) = (.39/.51)·.1 + (.12/.51)·.75 = .129/.51. Together .129.
    _, log_likelihood = expected_counts(
        np.array([1.0, 0.0]), np.zeros(2, np.int32), np.array([0, 2]), ONE_LEVEL
    )
    assert np.exp(log_likelihood) == pytest.approx(0.129)


def test_sequences_of_different_lengths_add_up() -> None:
    scores, rank = np.array([1.0, 0, 1, 1, 0, 0, 1]), np.array([0, 1, 2, 0, 1, 2, 1], np.int32)
    together = expected_counts(scores, rank, np.array([0, 1, 5, 7]), THREE_LEVELS)
    apart = [
        expected_counts(scores, rank, np.array(ends), THREE_LEVELS)
        for ends in ([0, 1], [1, 5], [5, 7])
    ]
    np.testing.assert_allclose(together[0], sum(counts for counts, _ in apart), atol=1e-12)
    assert together[1] == pytest.approx(sum(one for _, one in apart))


def _by_enumeration(
    scores: list[float], rank: list[int], theta: np.ndarray
) -> tuple[np.ndarray, float]:
    """Sum over every path of hidden levels and every true answer behind a soft score."""
    n = len(theta)
    counts, total = np.zeros((n, 5, 2)), 0.0
    for path in product(range(n + 1), repeat=len(scores)):
        for answers in product([0, 1], repeat=len(scores)):
            happened = np.zeros((n, 5, 2))
            for i in range(path[0]):
                happened[i, 0, 0] += 1
            if path[0] < n:
                happened[path[0], 0, 1] += 1
            possible = True
            for (before, after), r in zip(pairwise(path), rank, strict=False):
                if before == r:
                    happened[r, 1, 0 if after == r + 1 else 1] += 1
                    possible &= after in (r, r + 1)
                elif before == r + 1:
                    happened[r, 2, 0 if after == r else 1] += 1
                    possible &= after in (r, r + 1)
                else:
                    possible &= after == before
            weight = 1.0
            for z, r, right, score in zip(path, rank, answers, scores, strict=True):
                if z > r:
                    happened[r, 4, 0 if not right else 1] += 1
                else:
                    happened[r, 3, 0 if right else 1] += 1
                weight *= score if right else 1 - score
            if possible:
                likelihood = np.prod(theta ** happened[..., 0] * (1 - theta) ** happened[..., 1])
                counts += weight * likelihood * happened
                total += weight * likelihood
    return counts / total, total
