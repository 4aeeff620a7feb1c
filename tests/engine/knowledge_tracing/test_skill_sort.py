"""A log sorted by skill without its layout: the same sequences, in threads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import ResponseLog
from engine.knowledge_tracing import skill_sort, threads
from engine.knowledge_tracing.layout import Layout
from engine.knowledge_tracing.level_table import LevelTable
from engine.knowledge_tracing.sequences import Sequences, sequences_in, sequences_of

WHEN = ("nothing", "order", "answered_at", "both")


def _log(seed: int, n: int, when: str, *, by_learner: bool, n_levels: int = 2) -> ResponseLog:
    """Answers of a few learners to a few skills, each with a score of its own."""
    rng = np.random.default_rng(seed)
    learner = rng.integers(0, 1 + n // 8, n)
    given: dict[str, Any] = {}
    if when in ("order", "both"):
        given["order"] = rng.integers(-3, n, n)
    if when in ("answered_at", "both"):
        given["answered_at"] = 1_700_000_000 + rng.integers(0, 10**8, n)
    return ResponseLog.from_columns(
        learner=np.sort(learner) if by_learner else learner,
        item=rng.integers(0, 9, n),
        skills=np.char.add("k", rng.integers(0, 4, n).astype(str)),
        level=rng.integers(1, n_levels + 1, n),
        score=rng.permutation(n) / n,
        **given,
    )


def _expected(log: ResponseLog) -> Sequences:
    return sequences_of(Layout.of(log, LevelTable.exercised_in(log).chains))


def _assert_same(found: Sequences, expected: Sequences) -> None:
    for name in ("score", "rank", "start", "skill_start", "n_levels", "credited"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 300),
    when=st.sampled_from(WHEN),
    by_learner=st.booleans(),
    n_levels=st.integers(1, 2),
)
def test_a_log_is_sorted_as_its_layout_is(
    seed: int, n: int, when: str, by_learner: bool, n_levels: int
) -> None:
    log = _log(seed, n, when, by_learner=by_learner, n_levels=n_levels)
    _assert_same(sequences_in(log, LevelTable.exercised_in(log)), _expected(log))


@pytest.mark.parametrize("when", WHEN)
def test_neither_chunks_nor_threads_change_the_order(
    monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    log = _log(5, 700, when, by_learner=False)
    expected = _expected(log)
    monkeypatch.setattr(threads, "WORTH_SHARING", 1)
    monkeypatch.setattr(skill_sort, "_CHUNK", 50)
    for n in (1, 2, 3):
        monkeypatch.setattr(skill_sort, "usual_number", lambda n=n: n)
        _assert_same(sequences_in(log, LevelTable.exercised_in(log)), expected)


def test_skills_that_nothing_exercised_are_left_out() -> None:
    log = _log(3, 60, "order", by_learner=False)
    one = replace(log.select(log.skill_set == log.skill_set[0]), order=None)
    found = sequences_in(one, LevelTable.exercised_in(one))
    assert found.n_responses.tolist() == [len(one)]
    _assert_same(found, _expected(replace(one, skill_ids=LevelTable.exercised_in(one).skill_ids)))
