"""The terms of a score."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.recommender import ScoreWeights
from engine.recommender.scoring import score_terms

densities = st.floats(0.0, 0.2)
weights = st.floats(0.0, 100.0)
unit = st.floats(0.0, 1.0)
TERMS = ["gain", "enables", "review", "prior", "preference"]


def test_what_a_module_brings_itself_and_what_it_leads_to_add_up_to_the_better_of_the_two():
    terms = score_terms(ScoreWeights(), 0.01, 0.04, {"review": 0.0})
    assert terms == pytest.approx({"gain": 0.01, "enables": 0.03, "review": 0.0})


def test_a_worse_closure_takes_nothing_away():
    assert score_terms(ScoreWeights(), 0.04, 0.01, {"review": 0.0})["enables"] == 0.0


@given(densities, densities, st.builds(ScoreWeights, weights, weights, weights))
def test_a_review_is_bounded_by_its_weight_times_the_better_of_the_two(direct, best, given_weights):
    terms = score_terms(given_weights, direct, best, {"review": 1.0})
    assert 0.0 <= terms["review"] <= given_weights.review * max(direct, best)


@given(densities, densities, unit, unit, weights, st.sampled_from(TERMS))
def test_each_weight_moves_its_own_term_and_no_other(direct, best, due, liked, weight, moved):
    shares = {"review": due, "prior": liked, "preference": liked}
    given = ScoreWeights(preference=0.1)
    before = score_terms(given, direct, best, shares)
    after = score_terms(replace(given, **{moved: weight}), direct, best, shares)
    default = getattr(given, moved)
    for name in before:
        expected = before[name] / default * weight if name == moved else before[name]
        assert after[name] == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_weights_outside_their_range_are_refused_all_at_once():
    with pytest.raises(InvalidInput) as refused:
        ScoreWeights(gain=-1.0, review=float("nan"))
    assert [fault.where for fault in refused.value.faults] == ["gain", "review"]
