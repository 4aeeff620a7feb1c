"""Credit for items with several skills, against the exact joint posterior."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.knowledge_tracing.conjunction import credits, p_all_work
from engine.knowledge_tracing.emission import likelihoods, p_right
from engine.knowledge_tracing.filtering import observed

skill = st.tuples(st.floats(0.02, 0.98), st.floats(0.02, 0.45), st.floats(0.02, 0.45))


@given(st.lists(skill, min_size=1, max_size=4), st.sampled_from([0.0, 0.2, 0.5, 1.0]))
def test_credits_give_each_skill_its_exact_marginal_posterior(
    skills: list[tuple[float, float, float]], score: float
) -> None:
    inputs = [p_right(*one) for one in skills]
    weights = credits(score, inputs)
    for k, (p, guess, slip) in enumerate(skills):
        (marginal,) = observed((p,), 0, *likelihoods(weights[k], guess, slip))
        assert marginal == pytest.approx(_posterior(skills, score, k), abs=1e-9)


def _posterior(skills: list[tuple[float, float, float]], score: float, k: int) -> float:
    """P(skill k attained | answer) by summing over who masters what."""
    total = attained = 0.0
    for mastery in product([0, 1], repeat=len(skills)):
        p_state, right = 1.0, 1.0
        for has, (p, guess, slip) in zip(mastery, skills, strict=True):
            p_state *= p if has else 1 - p
            right *= 1 - slip if has else guess
        joint = p_state * (score * right + (1 - score) * (1 - right))
        total += joint
        attained += joint * mastery[k]
    return attained / total


def test_a_wrong_answer_blames_the_weaker_skill() -> None:
    # Inputs work with .5 and .8: w = (1 − .8)/(1 − .8 + 1) = 1/6 and (1 − .5)/(1.5) = 1/3.
    assert credits(0.0, [0.5, 0.8]) == pytest.approx([1 / 6, 1 / 3])


def test_all_skills_have_to_work() -> None:
    assert p_all_work([0.5, 0.8, 0.5]) == pytest.approx(0.2)


def test_one_skill_takes_the_score_as_it_is() -> None:
    assert credits(0.3, [0.9]) == [0.3]
