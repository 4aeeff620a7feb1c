"""The E-step with every option equals the sum over all hidden paths, and the plain pass."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import exp, factorial

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.knowledge_tracing import event_passes
from engine.knowledge_tracing.chain import LevelChain
from engine.knowledge_tracing.compute import Compiled
from engine.knowledge_tracing.event_counts import count_events
from engine.knowledge_tracing.layout import Layout
from engine.knowledge_tracing.parameters import DEFAULT_PARAMETERS
from engine.knowledge_tracing.priors import random_starts
from engine.knowledge_tracing.sequences import sequences_of
from engine.knowledge_tracing.tables import Tables
from engine.knowledge_tracing.tasks import Tasks

N = 2  # levels of the one skill below
THETA = np.array([[0.6, 0.2, 0.05, 0.3, 0.1], [0.4, 0.1, 0.08, 0.2, 0.15]])
NOISE = np.array([[0.25, 0.1], [0.4, 0.05], [0.15, 0.2]])
EFFECT = np.array([0.5])
DECAY = np.array([0.03])

# One learner's events with the skill: an answer, a module on the second level, two answers.
WEIGHT = np.array([1.0, 0.5, 0.0, 0.7])
RANK = np.array([0, 1, 1, 0], dtype=np.int32)
CLASS = np.array([0, -1, 2, 1], dtype=np.int32)
TAUGHT = np.array([-1, 0, -1, -1], dtype=np.int32)
DAYS = np.array([0.0, 12.0, 3.0, 40.0])


def _passed_over() -> tuple[np.ndarray, ...]:
    counts = (
        np.zeros((2, 3, 2)), np.zeros((3, 2, 3)), np.zeros((1, 3)), np.zeros((1, 2)), np.zeros(1),
    )  # fmt: skip
    event_passes.smooth_events(
        WEIGHT, RANK, CLASS, TAUGHT, DAYS, np.array([0, 4]), np.array([0, 1]), np.array([0, 2]),
        THETA, NOISE, EFFECT, DECAY, 0, 1, *counts,
    )  # fmt: skip
    return counts


def _p_start(z: int) -> float:
    first, second = THETA[:, 0]
    return float((1 - first, first * (1 - second), first * second)[z])


def _p_move(t: int, z: int, to: int) -> float:
    learn = EFFECT[0] if TAUGHT[t] >= 0 else THETA[RANK[t], 1]
    forget = 0.0 if TAUGHT[t] >= 0 else THETA[RANK[t], 2]
    if z == RANK[t]:
        return float({z: 1 - learn, z + 1: learn}.get(to, 0.0))
    if z == RANK[t] + 1:
        return float({z: 1 - forget, z - 1: forget}.get(to, 0.0))
    return float(z == to)


def _p_fade(t: int, z: int, to: int) -> float:
    x = float(DECAY[0] * DAYS[t])
    lost = [exp(-x) * x**j / factorial(j) for j in range(z)]
    return 1.0 - sum(lost) if to == 0 else (lost[z - to] if 0 <= z - to < len(lost) else 0.0)


def _p_answer(t: int, z: int) -> float:
    if CLASS[t] < 0:
        return 1.0
    guess, slip = NOISE[CLASS[t]]
    right = 1 - slip if z > RANK[t] else guess
    return float(WEIGHT[t] * right + (1 - WEIGHT[t]) * (1 - right))


def test_every_count_is_the_sum_over_all_hidden_paths() -> None:
    level, noise, effect, _, log_likelihood = _passed_over()
    expected_level, expected_effect, guessed = np.zeros((2, 3, 2)), np.zeros(2), np.zeros(2)
    total = 0.0
    # A path: the level at each answer, and after each move before the wait.
    for path in product(range(N + 1), repeat=7):
        at, moved = path[:4], path[4:]
        p = _p_start(at[0]) * _p_answer(0, at[0])
        for t in range(1, 4):
            p *= _p_move(t - 1, at[t - 1], moved[t - 1])
            p *= _p_fade(t, moved[t - 1], at[t]) * _p_answer(t, at[t])
        total += p
        expected_level[0, 0, int(at[0] < 1)] += p
        if at[0] >= 1:
            expected_level[1, 0, int(at[0] < 2)] += p
        for t in range(3):
            r = RANK[t]
            if TAUGHT[t] >= 0 and at[t] == r:
                expected_effect[int(moved[t] == r)] += p
            elif TAUGHT[t] < 0 and at[t] == r:
                expected_level[r, 1, int(moved[t] == r)] += p
            elif TAUGHT[t] < 0 and at[t] == r + 1:
                expected_level[r, 2, int(moved[t] == r + 1)] += p
        if at[0] == 0:  # the first answer, right, was a guess at its item
            guessed[0] += p
    assert log_likelihood[0] == pytest.approx(np.log(total))
    np.testing.assert_allclose(level, expected_level / total, atol=1e-12)
    np.testing.assert_allclose(effect[0, :2], expected_effect / total, atol=1e-12)
    np.testing.assert_allclose(noise[0, 0, :2], guessed / total, atol=1e-12)


def test_the_rate_of_forgetting_has_no_slope_where_its_counts_balance() -> None:
    """Fisher's identity: d log-likelihood / dλ = (levels lost − λ·days exposed)/λ."""
    _, _, _, (counts,), _ = _passed_over()
    slope = (counts[0] - DECAY[0] * counts[1]) / DECAY[0]
    h = 1e-5
    values = []
    for rate in (DECAY[0] - h, DECAY[0] + h):
        DECAY[0], kept = rate, DECAY[0]
        values.append(_passed_over()[4][0])
        DECAY[0] = kept
    assert slope == pytest.approx((values[1] - values[0]) / (2 * h), rel=1e-5)


def test_without_options_it_is_the_plain_pass(make_log: Callable[..., ResponseLog]) -> None:
    log = make_log(3)
    chain = LevelChain.of((1, 2), {}, [DEFAULT_PARAMETERS])
    layout = Layout.of(log, dict.fromkeys(log.skill_ids, chain))
    sequences = sequences_of(layout)
    tasks = Tasks(np.arange(len(sequences.n_levels)), sequences.n_levels)
    theta = random_starts(np.random.default_rng(0), layout.row_start[-1], forgets=True)
    weight = layout.score[layout.pair_response[sequences.pair]]
    expected, log_likelihood = Compiled().expected_counts(
        weight, sequences, tasks, theta, np.arange(len(tasks))
    )
    found = count_events(weight, sequences, layout, Tables.of_levels(theta, layout))
    np.testing.assert_allclose(found.level, expected[:, :3], atol=1e-9)
    np.testing.assert_allclose(found.noise[..., :2], expected[:, 3:], atol=1e-9)
    np.testing.assert_allclose(found.log_likelihood, log_likelihood, atol=1e-9)


def test_the_number_of_threads_changes_no_bit_of_what_is_counted_with_options() -> None:
    rng = np.random.default_rng(8)
    n = 150_000
    log = ResponseLog.from_columns(
        learner=rng.integers(2000, size=n),
        item=(item := rng.integers(40, size=n)),
        skills=np.char.add("k", (item % 7).astype(str)),
        score=rng.integers(2, size=n),
        answered_at=np.sort(rng.integers(10**8, size=n)),
    )
    chain = LevelChain.of((1,), {}, [DEFAULT_PARAMETERS])
    chains = dict.fromkeys(log.skill_ids, chain)
    layout = Layout.of(log, chains, source=np.arange(40), timed=True)
    sequences = sequences_of(layout)
    tables = Tables.of_levels(random_starts(rng, 7, forgets=True), layout)
    tables.decay[:] = 0.01
    assert sequences.score is not None
    alone, *others = (
        count_events(sequences.score, sequences, layout, tables, threads=n) for n in (1, 2, 3)
    )
    for other in others:
        for name in ("level", "noise", "decay", "log_likelihood"):
            assert (getattr(alone, name) == getattr(other, name)).all()
