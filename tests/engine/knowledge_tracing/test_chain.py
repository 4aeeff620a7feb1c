"""Levels without parameters or evidence of their own are filled in, and contradict nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.knowledge_tracing.chain import LevelChain, resolve_levels
from engine.knowledge_tracing.parameters import LevelParameters

POOLED = (
    LevelParameters(0.6, 0.1, 0.0, 0.2, 0.1),
    LevelParameters(0.5, 0.2, 0.0, 0.2, 0.1),
)
FITTED = LevelParameters(0.3, 0.25, 0.0, 0.15, 0.05)
levels = st.sets(st.integers(1, 6), min_size=1, max_size=5)


def test_levels_never_fitted_have_the_pooled_parameters_of_their_rank() -> None:
    chain = LevelChain.of((1, 2, 3), {}, POOLED)
    assert chain.parameters == (POOLED[0], POOLED[1], POOLED[1])
    assert chain.p_start == pytest.approx((0.6, 0.3, 0.15))


def test_a_fitted_level_keeps_its_start_when_levels_are_put_around_it() -> None:
    chain = LevelChain.of((1, 2, 3), {2: FITTED}, POOLED)
    # Level 1: the fitted .3, and .6 of the .7 that are below it. Level 3: half of the fitted .3.
    assert chain.p_start == pytest.approx((0.3 + 0.7 * 0.6, 0.3, 0.15))
    assert chain.parameters[1] == FITTED


@given(levels, levels, st.lists(st.floats(0.01, 0.99), min_size=6, max_size=6))
def test_a_belief_taken_over_keeps_what_was_known_and_stays_in_order(
    own: set[int], other: set[int], values: list[float]
) -> None:
    chain = LevelChain.of(own, {}, POOLED)
    known = sorted(other)
    p = sorted(values, reverse=True)[: len(known)]
    adopted = chain.adopt(known, p)
    assert all(0 <= high <= low <= 1 for low, high in pairwise((1.0, *adopted)))
    for level, before in zip(known, p, strict=True):
        if level in own:
            assert adopted[chain.levels.index(level)] == before


@given(levels)
def test_a_belief_about_the_same_levels_is_taken_over_as_it_is(own: set[int]) -> None:
    chain = LevelChain.of(own, {}, POOLED)
    assert chain.adopt(chain.levels, chain.p_start) == chain.p_start


def test_levels_in_between_count_as_the_next_above() -> None:
    chain = LevelChain.of((2, 4), {}, POOLED)
    assert [chain.rank(level) for level in (1, 2, 3, 4, 5)] == [0, 0, 1, 1, 1]
    assert [chain.share(level) for level in (1, 4, 5)] == [1.0, 1.0, 0.5]


def test_only_levels_above_all_known_ones_are_added() -> None:
    assert resolve_levels((2, 4), (1, 3, 5, 7)) == (2, 4, 5, 7)
    assert resolve_levels((), (3,)) == (3,)
