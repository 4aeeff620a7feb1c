"""The compiled passes equal the reference; without numba the reference serves."""

from __future__ import annotations

import builtins
from collections.abc import Callable
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
    Reference,
    Tasks,
    fastest_passes,
    p_start_of,
)
from engine.knowledge_tracing.layout import Layout, sequences_of
from engine.knowledge_tracing.parameters import DEFAULT_PARAMETERS
from engine.knowledge_tracing.priors import random_starts
from engine.knowledge_tracing.tables import Tables

MakeLog = Callable[..., ResponseLog]


def _laid_out(log: ResponseLog, n_levels: int) -> Layout:
    levels = range(1, n_levels + 1)
    chain = LevelChain.of(levels, {}, [DEFAULT_PARAMETERS])
    return Layout.of(log, dict.fromkeys(log.skill_ids, chain))


@settings(max_examples=25, deadline=None)
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


@settings(max_examples=25, deadline=None)
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
