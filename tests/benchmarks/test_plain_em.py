"""The unit that fitting is measured in does the mathematics that Attain does."""

import numpy as np
import pytest

from engine.knowledge_tracing.smoothing import expected_counts

THETA = np.array([0.4, 0.1, 0.2, 0.1])


def simulated():
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 12, 40)
    return rng.integers(0, 2, lengths.sum()), lengths


def test_one_iteration_divides_the_counts_of_the_engines_own_reference():
    from plain_em import PlainEM

    correct, lengths = simulated()
    start = np.concatenate([[0], np.cumsum(lengths)])
    rank = np.zeros(len(correct), np.int32)
    prior, learn, guess, slip = THETA
    row = np.array([[prior, learn, 0.0, guess, slip]])
    counts, log_likelihood = expected_counts(correct.astype(float), rank, start, row)
    theta, reached = PlainEM(correct, lengths).step(THETA)
    share = counts[0, :, 0] / counts[0].sum(axis=1)
    assert theta == pytest.approx(share[[0, 1, 3, 4]], abs=1e-12)
    assert reached == pytest.approx(log_likelihood, abs=1e-9)


def test_iterations_never_lower_the_likelihood():
    from plain_em import PlainEM

    plain = PlainEM(*simulated())
    reached = [plain.log_likelihood(plain.climb(THETA, n)) for n in range(8)]
    assert all(np.diff(reached) >= -1e-9)
