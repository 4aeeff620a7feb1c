"""Readiness and its interval, against the enumeration of every outcome."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.recommender import readiness, readiness_interval

probabilities = st.floats(0.0, 1.0, allow_nan=False)
weights = st.floats(0.05, 20.0, allow_nan=False)


def pairs(least, most, weight=weights):
    return st.lists(st.tuples(probabilities, weight), min_size=least, max_size=most)


def enumerated_ends(p, w, level=0.8):
    """The quantiles by listing all outcomes, each with its probability."""
    p, w = np.array(p), np.array(w)
    hits = np.array(list(product((0, 1), repeat=len(p))))
    mass = np.prod(np.where(hits, p, 1 - p), axis=1)
    share = hits @ w / w.sum()
    order = np.argsort(share, kind="stable")
    cumulative = np.cumsum(mass[order])
    tails = ((1 - level) / 2, (1 + level) / 2)
    return [share[order][int(np.argmax(cumulative >= tail - 1e-12))] for tail in tails]


def test_readiness_is_the_weighted_mean_of_the_attainments():
    assert readiness([0.5, 0.9, 0.1], [2.0, 1.0, 1.0]) == pytest.approx(0.5)


def test_a_sure_thing_has_an_interval_of_one_point():
    assert readiness_interval([1.0, 1.0, 0.0], [1.0, 2.0, 1.0]).tolist() == [0.75, 0.75]


def test_three_fair_coins_leave_one_to_two_thirds_in_the_middle():
    # P(0) = P(3) = 1/8 > 0.1, so the central 80% reaches both ends; the central 70% does not
    assert readiness_interval([0.5] * 3, [1.0] * 3).tolist() == [0.0, 1.0]
    assert readiness_interval([0.5] * 3, [1.0] * 3, level=0.7).tolist() == [1 / 3, 2 / 3]


@given(pairs(1, 8))
def test_the_interval_equals_the_enumeration_of_all_outcomes(given_pairs):
    p, w = zip(*given_pairs, strict=True)
    assert readiness_interval(p, w).tolist() == pytest.approx(enumerated_ends(p, w), abs=1e-9)


@settings(max_examples=25)
@given(pairs(13, 13, st.integers(1, 5).map(float)))
def test_whole_weights_are_exact_beyond_the_number_of_targets_that_is_enumerated(given_pairs):
    p, w = zip(*given_pairs, strict=True)
    assert readiness_interval(p, w).tolist() == pytest.approx(enumerated_ends(p, w), abs=1e-9)


@settings(max_examples=25)
@given(pairs(13, 13))
def test_uneven_weights_are_off_by_no_more_than_documented(given_pairs):
    p, w = zip(*given_pairs, strict=True)
    found = readiness_interval(p, w)
    assert np.abs(found - enumerated_ends(p, w)).max() <= len(p) / 16384 + 1e-9


@given(pairs(1, 30))
def test_the_interval_lies_within_the_possible_and_near_readiness(given_pairs):
    p, w = (np.array(side) for side in zip(*given_pairs, strict=True))
    low, high = readiness_interval(p, w)
    spread = np.sqrt(np.sum((w / w.sum()) ** 2 * p * (1 - p))) + len(p) / 16384
    assert 0.0 <= low <= high <= 1.0
    # the interval holds the median, which is never a standard deviation away from the mean
    assert low - spread - 1e-9 <= readiness(p, w) <= high + spread + 1e-9


def test_many_learners_at_once_are_the_learners_one_by_one():
    rng = np.random.default_rng(3)
    p, w = rng.random((5, 20)), rng.uniform(0.1, 3.0, 20)
    assert readiness(p, w).tolist() == pytest.approx([readiness(row, w) for row in p])
    assert readiness_interval(p, w).tolist() == [readiness_interval(row, w).tolist() for row in p]


def test_more_learners_than_are_held_at_a_time_are_all_answered():
    rng = np.random.default_rng(4)
    p, w = rng.random((400, 12)), rng.uniform(0.1, 3.0, 12)
    found = readiness_interval(p, w)
    assert found.shape == (400, 2)
    assert found[399].tolist() == readiness_interval(p[399], w).tolist()


@pytest.mark.parametrize(
    ("p", "w", "level", "part"),
    [
        ([0.5, 1.5], [1.0, 1.0], 0.8, "p: holds values outside 0 to 1"),
        ([0.5, float("nan")], [1.0, 1.0], 0.8, "p: holds values outside 0 to 1"),
        ([0.5], [0.0], 0.8, "weights: are not all finite and above 0"),
        ([0.5], [1.0, 1.0], 0.8, "p: has shape (1,), expected (..., 2)"),
        ([], [], 0.8, "with one at least"),
        ([0.5], [1.0], 1.0, "level: is 1.0"),
    ],
)
def test_what_is_no_probability_or_weight_is_refused(p, w, level, part):
    with pytest.raises(InvalidInput) as refused:
        readiness_interval(p, w, level)
    assert part in str(refused.value)
