"""The filter step, by hand and by brute force."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.knowledge_tracing.emission import likelihoods, p_right
from engine.knowledge_tracing.filtering import CERTAINTY, observed, practised

inner = st.floats(0.01, 0.99)


@st.composite
def beliefs(draw: st.DrawFn) -> tuple[tuple[float, ...], int]:
    values = draw(st.lists(inner, min_size=1, max_size=5))
    return tuple(sorted(values, reverse=True)), draw(st.integers(0, len(values) - 1))


@st.composite
def noises(draw: st.DrawFn) -> tuple[float, float]:
    guess = draw(st.floats(0.01, 0.9))
    return guess, draw(st.floats(0.01, 0.98 - guess))


def test_corbett_and_anderson_s_update_after_a_right_answer() -> None:
    # P(L) = .5, P(G) = .2, P(S) = .1, P(T) = .1: .45/.55, and a tenth of the rest is learned.
    seen = observed((0.5,), 0, *likelihoods(1.0, guess=0.2, slip=0.1))
    assert seen == pytest.approx((0.45 / 0.55,))
    assert practised(seen, 0, learn=0.1) == pytest.approx((0.45 / 0.55 + 0.1 * 0.10 / 0.55,))


def test_corbett_and_anderson_s_update_after_a_wrong_answer() -> None:
    # .05/.45 = 1/9, and a tenth of 8/9 is learned: 0.2.
    seen = observed((0.5,), 0, *likelihoods(0.0, guess=0.2, slip=0.1))
    assert seen == pytest.approx((1 / 9,))
    assert practised(seen, 0, learn=0.1) == pytest.approx((0.2,))


def test_a_wrong_answer_after_mastery_is_mostly_read_as_a_slip() -> None:
    (p,) = observed((0.99,), 0, *likelihoods(0.0, guess=0.2, slip=0.1))
    assert p > 0.9


def test_forgetting_moves_back_what_was_known() -> None:
    assert practised((0.5,), 0, learn=0.2, forget=0.1) == pytest.approx((0.5 + 0.1 - 0.05,))


def test_success_at_a_high_level_proves_the_lower_one_too() -> None:
    # P(z ≥ 1, 2) = .6, .3; right at level 2 with a = .9, b = .2: Z = .27 + .14 = .41.
    seen = observed((0.6, 0.3), 1, 0.9, 0.2)
    assert seen == pytest.approx((0.33 / 0.41, 0.27 / 0.41))


def test_only_who_has_the_level_below_can_learn_the_next() -> None:
    assert practised((0.0, 0.0), 1, learn=0.9) == (0.0, 0.0)
    assert practised((0.6, 0.1), 1, learn=0.5) == pytest.approx((0.6, 0.35))


@given(beliefs(), st.floats(0, 1), noises())
def test_the_belief_about_levels_is_bayes_over_the_hidden_level(
    belief: tuple[tuple[float, ...], int], score: float, noise: tuple[float, float]
) -> None:
    p, rank = belief
    a, b = likelihoods(score, *noise)
    edges = (1.0, *p, 0.0)
    states = [edges[z] - edges[z + 1] for z in range(len(p) + 1)]
    joint = [mass * (a if z > rank else b) for z, mass in enumerate(states)]
    by_hand = [sum(joint[z + 1 :]) / sum(joint) for z in range(len(p))]
    assert observed(p, rank, a, b) == pytest.approx(by_hand, abs=1e-9)


@given(beliefs(), noises(), st.floats(0.5, 1))
def test_a_right_answer_never_lowers_the_posterior(
    belief: tuple[tuple[float, ...], int], noise: tuple[float, float], score: float
) -> None:
    p, rank = belief
    seen = observed(p, rank, *likelihoods(score, *noise))
    assert all(after >= before - 1e-12 for before, after in zip(p, seen, strict=True))


@given(beliefs(), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4)), max_size=40), inner)
def test_beliefs_stay_probabilities_that_never_rise_with_the_level(
    belief: tuple[tuple[float, ...], int], answers: list[tuple[float, int]], learn: float
) -> None:
    p, _ = belief
    for score, level in answers:
        rank = level % len(p)
        p = practised(observed(p, rank, *likelihoods(score, 0.2, 0.1)), rank, learn, 0.05)
        assert all(0.0 <= q <= 1.0 for q in p)
        assert all(low >= high for low, high in pairwise(p))


def test_no_streak_of_right_answers_makes_a_belief_deaf() -> None:
    p: tuple[float, ...] = (0.5,)
    for _ in range(500):
        p = practised(observed(p, 0, *likelihoods(1.0, 0.2, 0.1)), 0, learn=0.3)
    assert p[0] <= CERTAINTY
    for _ in range(40):
        p = observed(p, 0, *likelihoods(0.0, 0.2, 0.1))
    assert p[0] < 0.01


def test_a_score_of_one_half_tells_nothing() -> None:
    a, b = likelihoods(0.5, guess=0.3, slip=0.05)
    assert observed((0.7, 0.4), 0, a, b) == pytest.approx((0.7, 0.4))


@given(inner, noises())
def test_guess_and_slip_bound_the_chance_of_a_right_answer(
    p: float, noise: tuple[float, float]
) -> None:
    guess, slip = noise
    assert guess <= p_right(p, guess, slip) <= 1 - slip
