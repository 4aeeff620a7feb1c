"""Squared extrapolation, on a fixed point that is known."""

from __future__ import annotations

from math import factorial

import numpy as np
import pytest

from engine.knowledge_tracing.squarem import cycle, leap

# Days with so many deaths of women of 80 and over, The Times, 1910–1912 (Hasselblad 1969): the
# mixture of two Poisson distributions on which Varadhan & Roland (2008) show the method.
DAYS = np.array([162, 267, 271, 185, 111, 61, 27, 8, 3, 1])
DEATHS = np.arange(10)
FACTORIALS = np.array([factorial(one) for one in DEATHS])
ONE_GROUP = np.zeros(3, dtype=np.int64)


def _look(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Expectation-maximisation on the logit of the share, and the logarithms of the means."""
    share, (one, other) = 1 / (1 + np.exp(-x[0])), np.exp(x[1:])
    likely = [
        part * mean**DEATHS * np.exp(-mean) / FACTORIALS
        for part, mean in ((share, one), (1 - share, other))
    ]
    total = likely[0] + likely[1]
    first = DAYS * likely[0] / total
    rest = DAYS - first
    share = first.sum() / DAYS.sum()
    means = [(part * DEATHS).sum() / part.sum() for part in (first, rest)]
    ahead = np.array([np.log(share / (1 - share)), *np.log(means)])
    return ahead, np.array([(DAYS * np.log(total)).sum()])


def test_the_mixture_of_the_paper_is_found_in_a_tenth_of_the_steps() -> None:
    x0 = np.array([np.log(0.3 / 0.7), 0.0, np.log(2.5)])
    x, looks, moved = x0, 0, np.inf
    while moved > 1e-7:
        found = cycle(_look, x, ONE_GROUP, 1)
        x, looks, moved = found.x, looks + 3, np.abs(found.aim - x).max()
    assert 1 / (1 + np.exp(-x[0])) == pytest.approx(0.3599, abs=1e-4)
    assert np.exp(x[1:]) == pytest.approx([1.2561, 2.6634], abs=1e-3)
    y, steps = x0, 0
    while np.abs(y - x).max() > 1e-3:
        y, steps = _look(y)[0], steps + 1
    assert looks < steps / 10


def test_the_objective_never_falls() -> None:
    x, before = np.array([2.0, 1.5, -1.0]), -np.inf
    for _ in range(12):
        found = cycle(_look, x, ONE_GROUP, 1)
        assert found.objective[0] >= before
        x, before = found.x, found.objective[0]


def test_each_group_has_a_step_length_of_its_own() -> None:
    rate, end = np.array([0.5, 0.99]), np.array([8.0, -3.0])
    x = [np.zeros(2)]
    for _ in range(2):
        x.append(x[-1] + (1 - rate) * (end - x[-1]))
    np.testing.assert_allclose(leap(*x, np.array([0, 1]), 2), end)
    together = leap(*x, np.array([0, 0]), 2)
    assert np.abs(together - end).max() > 1.0


def test_a_bound_of_the_step_length_is_kept() -> None:
    x = np.array([[0.0], [1.0], [1.9]])  # heads for 10
    np.testing.assert_allclose(leap(*x, np.array([0]), 1), [10.0])
    np.testing.assert_allclose(leap(*x, np.array([0]), 1, 2.0), [4.0 - 0.4])


def test_at_the_fixed_point_it_stays() -> None:
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(leap(x, x, x, np.array([0, 0]), 1), x)
