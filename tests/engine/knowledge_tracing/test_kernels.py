"""The compiled passes equal the reference; without numba the reference serves."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import ResponseLog
from engine.knowledge_tracing import BKT
from engine.knowledge_tracing.chain import LevelChain
from engine.knowledge_tracing.compute import (
    Compiled,
    Passes,
    Reference,
    fastest_passes,
    p_start_of,
)
from engine.knowledge_tracing.expectation_maximisation import Climb, climb
from engine.knowledge_tracing.layout import Layout
from engine.knowledge_tracing.parameters import DEFAULT_PARAMETERS
from engine.knowledge_tracing.priors import pseudo_counts, random_starts
from engine.knowledge_tracing.sequences import Sequences, sequences_of
from engine.knowledge_tracing.tables import Tables
from engine.knowledge_tracing.tasks import Tasks

MakeLog = Callable[..., ResponseLog]


def _laid_out(log: ResponseLog, n_levels: int) -> Layout:
    levels = range(1, n_levels + 1)
    chain = LevelChain.of(levels, {}, [DEFAULT_PARAMETERS])
    return Layout.of(log, dict.fromkeys(log.skill_ids, chain))


def _one_level(seed: int, n_learners: int, longest: int, scores: tuple[float, ...]) -> Sequences:
    """Learners at up to three skills, in sequences of chance lengths."""
    rng = np.random.default_rng(seed)
    learner = np.repeat(np.arange(n_learners), rng.integers(1, longest + 1, n_learners))
    log = ResponseLog.from_columns(
        learner=learner,
        item=np.zeros(len(learner), dtype=int),
        skills=np.char.add("k", rng.integers(3, size=len(learner)).astype(str)),
        score=rng.choice(scores, len(learner)),
    )
    return sequences_of(_laid_out(log, 1))


def _count(
    passes: Passes, sequences: Sequences, theta: Any, *, merged: bool = True, repeat: int = 1
) -> tuple[Any, Any]:
    """Count every skill under parameters of its own, perhaps several times over."""
    n = len(sequences.n_levels)
    tasks = Tasks(np.tile(np.arange(n), repeat), np.ones(n * repeat, dtype=np.int64))
    here, which = np.tile(theta[:n], (repeat, 1)), np.arange(n * repeat)
    weight = sequences.score
    assert weight is not None
    laid_out = sequences if merged else replace(sequences, score=None)
    return passes.expected_counts(weight, laid_out, tasks, here, which)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), n_levels=st.integers(1, 4), n=st.integers(1, 200))
def test_compiled_counts_equal_the_reference(
    make_log: MakeLog, seed: int, n_levels: int, n: int
) -> None:
    layout = _laid_out(make_log(seed, n, n_levels=n_levels), n_levels)
    sequences = sequences_of(layout)
    tasks = Tasks(np.arange(len(sequences.n_levels)), sequences.n_levels)
    theta = random_starts(np.random.default_rng(seed), layout.row_start[-1], forgets=True)
    weight = layout.score[layout.pair_response[sequences.pair]]
    which = np.arange(len(tasks))[::2]
    for expected, found in zip(
        Reference().expected_counts(weight, sequences, tasks, theta, which),
        Compiled().expected_counts(weight, sequences, tasks, theta, which),
        strict=True,
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), n_levels=st.integers(1, 4), n=st.integers(1, 200))
def test_compiled_replay_equals_the_reference(
    make_log: MakeLog, seed: int, n_levels: int, n: int
) -> None:
    layout = _laid_out(make_log(seed, n, n_levels=n_levels), n_levels)
    theta = random_starts(np.random.default_rng(seed), layout.row_start[-1], forgets=True)
    p_start = p_start_of(theta, layout.row_start)
    tables = Tables.of_levels(theta, layout)
    for expected, found in zip(
        Reference().replay(layout, p_start, tables),
        Compiled().replay(layout, p_start, tables),
        strict=True,
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    n_learners=st.integers(1, 60),
    longest=st.integers(1, 40),
    forgets=st.booleans(),
    scores=st.sampled_from(
        [(0.0, 1.0), (1.0, 1.0), (0.0, 0.25, 0.5, 1.0), tuple(np.arange(9) / 8)]
    ),
)
def test_classical_skills_are_counted_as_the_reference_counts_them_merged_or_not(
    seed: int, n_learners: int, longest: int, forgets: bool, scores: tuple[float, ...]
) -> None:
    sequences = _one_level(seed, n_learners, longest, scores)
    theta = random_starts(np.random.default_rng(seed), 3, forgets=forgets)
    expected = _count(Reference(), sequences, theta)
    for merged in (True, False):
        counted = _count(Compiled(1), sequences, theta, merged=merged)
        for found, wanted in zip(counted, expected, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-13 * len(sequences.pair))


def test_histories_that_begin_alike_are_passed_over_once() -> None:
    log = ResponseLog.from_columns(
        learner=np.repeat(np.arange(1000), 6),
        item=["q"] * 6000,
        skills=["k"] * 6000,
        score=np.tile([1.0, 0.0, 1.0, 1.0, 1.0, 0.0], 1000),
    )
    forest = sequences_of(_laid_out(log, 1)).forest
    assert forest.parent.tolist() == [0, 1, 2, 3, 4, 5]
    assert forest.ends.tolist() == [0, 0, 0, 0, 0, 1000]


def test_blocks_of_a_large_skill_hold_every_sequence_once() -> None:
    sequences = _one_level(3, 9000, 12, (0.0, 1.0))
    forest = sequences.forest
    assert len(forest.block_start) > 4
    assert forest.ends.sum() == len(sequences.start) - 1
    assert len(forest.parent) < len(sequences.pair) / 3


@pytest.mark.parametrize("merged", [True, False])
def test_the_number_of_threads_changes_no_bit(merged: bool) -> None:
    sequences = _one_level(4, 40_000, 12, (0.0, 1.0))
    theta = random_starts(np.random.default_rng(4), 3, forgets=True)
    alone, *others = (
        _count(Compiled(n), sequences, theta, merged=merged, repeat=4) for n in (1, 2, 3)
    )
    for other in others:
        assert (alone[0] == other[0]).all()
        assert (alone[1] == other[1]).all()


def _climbed(passes: Passes, sequences: Sequences, most: int, *, at_once: bool) -> Climb:
    """Climb from the same point in every skill."""
    n_levels, weight = sequences.n_levels, sequences.score
    assert weight is not None
    tasks, ranks = Tasks(np.arange(len(n_levels)), n_levels), np.arange(n_levels.max())
    rank = np.concatenate([ranks[:n] for n in n_levels])
    return climb(
        lambda theta, which: passes.expected_counts(weight, sequences, tasks, theta, which),
        tasks,
        np.tile([0.5, 0.1, 0.02, 0.3, 0.2], (len(rank), 1)),
        pseudo=pseudo_counts([DEFAULT_PARAMETERS], rank, forgets=True),
        max_iterations=most,
        tolerance=1e-4,
        at_once=(lambda *ascent: passes.climb(weight, sequences, tasks, *ascent))
        if at_once
        else None,
    )


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    n_levels=st.integers(1, 3),
    n=st.integers(1, 300),
    merged=st.booleans(),
)
def test_a_climb_in_one_piece_goes_where_one_pass_by_pass_goes(
    make_log: MakeLog, seed: int, n_levels: int, n: int, merged: bool
) -> None:
    sequences = sequences_of(_laid_out(make_log(seed, n, n_levels=n_levels), n_levels))
    if not merged:
        sequences = replace(sequences, credited=np.ones(len(sequences.n_levels), dtype=bool))
    for most in (1, 5):
        whole, stepwise = (
            _climbed(Compiled(), sequences, most, at_once=one) for one in (True, False)
        )
        np.testing.assert_array_equal(whole.iterations, stepwise.iterations)
        np.testing.assert_allclose(whole.theta, stepwise.theta, rtol=1e-7)
        np.testing.assert_allclose(whole.trace, stepwise.trace, rtol=1e-10)


def test_the_number_of_threads_changes_no_bit_of_a_climb() -> None:
    sequences = _one_level(4, 40_000, 12, (0.0, 1.0))
    alone, *others = (_climbed(Compiled(n), sequences, 500, at_once=True) for n in (1, 2, 3))
    assert alone.converged.all()
    for other in others:
        assert (alone.theta == other.theta).all()
        assert (alone.iterations == other.iterations).all()


@pytest.mark.parametrize("forgets", [True, False])
@pytest.mark.parametrize("merged", [True, False])
def test_odds_beyond_what_a_number_holds_do_not_spoil_the_likelihood(
    forgets: bool, merged: bool
) -> None:
    scores = np.concatenate([np.ones(900), np.zeros(20), np.ones(3)])
    log = ResponseLog.from_columns(
        learner=np.repeat([1, 2], [923, 903]),
        item=["q"] * 1826,
        skills=["k"] * 1826,
        score=np.concatenate([scores, scores[:903]]),
    )
    sequences = sequences_of(_laid_out(log, 1))
    theta = np.array([[0.4, 0.1, 0.01 * forgets, 0.05, 0.02]])
    expected = _count(Reference(), sequences, theta)
    counted = _count(Compiled(), sequences, theta, merged=merged)
    for found, wanted in zip(counted, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("merged", [True, False])
def test_a_state_that_was_all_but_ruled_out_is_there_when_answers_speak_for_it(
    merged: bool,
) -> None:
    """After 300 right answers not to know has odds of 1e-388, which no number holds."""
    log = ResponseLog.from_columns(
        learner=["l"] * 700, item=["q"] * 700, skills=["k"] * 700, score=[1.0] * 300 + [0.0] * 400
    )
    theta = np.array([[0.4, 0.1, 0.0, 0.05, 0.02]])
    counts, log_likelihood = _count(
        Compiled(), sequences_of(_laid_out(log, 1)), theta, merged=merged
    )
    assert counts[0, 3:].sum() == pytest.approx(700, rel=1e-12)
    assert counts[0, 1].sum() + counts[0, 2].sum() == pytest.approx(699, rel=1e-12)
    assert counts[0, 4, 0] < 1.0  # not 400 slips
    assert np.isfinite(log_likelihood).all()


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), n_levels=st.integers(1, 2), n=st.integers(1, 300))
def test_what_was_packed_before_counts_the_same(
    make_log: MakeLog, seed: int, n_levels: int, n: int
) -> None:
    sequences = sequences_of(_laid_out(make_log(seed, n, n_levels=n_levels), n_levels))
    rng = np.random.default_rng(seed)
    weight = rng.random(len(sequences.pair))
    tasks = Tasks(np.arange(len(sequences.n_levels)), sequences.n_levels)
    theta = random_starts(rng, int(sequences.n_levels.sum()), forgets=True)
    passes, rest = Compiled(), (sequences, tasks, theta, tasks.skill)
    counts, _ = passes.expected_counts(weight, *rest)
    again, _ = passes.expected_counts(passes.packed(weight, sequences), *rest)
    np.testing.assert_array_equal(again, counts)


def test_credits_of_shared_items_are_not_merged(make_log: MakeLog) -> None:
    sequences = sequences_of(_laid_out(make_log(1, 200, n_levels=1), 1))
    assert sequences.credited is not None
    assert sequences.credited.all()
    assert not len(sequences.forest.parent)


def test_a_long_sequence_does_not_underflow() -> None:
    log = ResponseLog.from_columns(
        learner=["l"] * 1500, item=["q"] * 1500, skills=["k"] * 1500, score=[1.0, 0.0] * 750
    )
    layout = _laid_out(log, 1)
    sequences = sequences_of(layout)
    tasks = Tasks(np.arange(1), sequences.n_levels)
    theta = np.array([[0.4, 0.1, 0.05, 0.2, 0.1]])
    results = [
        one.expected_counts(layout.score, sequences, tasks, theta, np.array([0]))
        for one in (Reference(), Compiled())
    ]
    assert np.isfinite(results[0][1]).all()
    np.testing.assert_allclose(results[1][1], results[0][1], rtol=1e-10)


def test_without_numba_the_reference_fits_the_same(
    make_log: MakeLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = make_log(5, 150)
    compiled = BKT(restarts=2).fit(log)
    real_import = builtins.__import__

    def no_numba(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "numba" or name.startswith("numba."):
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_numba)
    assert isinstance(fastest_passes(), Reference)
    plain = BKT(restarts=2).fit(log)
    for column, values in compiled.parameters_frame().items():
        if column not in ("skill", "level"):
            np.testing.assert_allclose(plain.parameters_frame()[column], values, atol=1e-8)
    np.testing.assert_allclose(plain.predict_correct(log), compiled.predict_correct(log), atol=1e-8)
