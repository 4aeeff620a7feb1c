"""The M-step's optimum, and the climb that never falls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.knowledge_tracing.compute import Compiled, Passes, Reference
from engine.knowledge_tracing.expectation_maximisation import Climb, climb, maximise
from engine.knowledge_tracing.parameters import DEFAULT_PARAMETERS
from engine.knowledge_tracing.priors import (
    HIGHEST,
    LOWEST,
    MOST_NOISE,
    log_prior,
    pseudo_counts,
    random_starts,
)
from engine.knowledge_tracing.sequences import Sequences
from engine.knowledge_tracing.tasks import Tasks

scores = st.sampled_from([0.0, 1.0, 1.0, 0.0, 0.5, 0.9])


@st.composite
def single_skill_logs(draw: st.DrawFn) -> tuple[np.ndarray, Sequences]:
    n_levels = draw(st.integers(1, 3))
    lengths = draw(st.lists(st.integers(1, 8), min_size=1, max_size=8))
    n = sum(lengths)
    weight = np.array(draw(st.lists(scores, min_size=n, max_size=n)))
    rank = draw(st.lists(st.integers(0, n_levels - 1), min_size=n, max_size=n))
    start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    sequences = Sequences(
        np.arange(n),
        np.array(rank, dtype=np.int32),
        start,
        np.array([0, len(lengths)], dtype=np.int64),
        np.array([n_levels], dtype=np.int64),
    )
    return weight, sequences


@settings(max_examples=40)
@given(single_skill_logs(), st.integers(0, 10**6), st.booleans(), st.booleans())
def test_the_penalised_objective_never_falls(
    log: tuple[np.ndarray, Sequences], seed: int, forgets: bool, compiled: bool
) -> None:
    weight, sequences = log
    n = int(sequences.n_levels[0])
    passes: Passes = Compiled() if compiled else Reference()
    tasks = Tasks(np.array([0]), sequences.n_levels)
    found = climb(
        lambda theta, which: passes.expected_counts(weight, sequences, tasks, theta, which),
        tasks,
        _feasible(random_starts(np.random.default_rng(seed), n, forgets=forgets)),
        pseudo=pseudo_counts([DEFAULT_PARAMETERS], np.arange(n), forgets=forgets),
        max_iterations=40,
        tolerance=1e-9,
    )
    assert (np.diff(found.trace[:, 0]) >= -1e-9).all()
    assert found.objective[0] == found.trace[-1, 0]
    assert (found.theta[:, 3] + found.theta[:, 4] <= MOST_NOISE + 1e-12).all()
    assert (found.theta[:, [0, 1, 3, 4]] > 0).all()
    assert (found.theta < 1).all()


def _feasible(theta: np.ndarray) -> np.ndarray:
    assert (theta[:, 3] + theta[:, 4] <= MOST_NOISE).all()
    return theta


@settings(max_examples=40)
@given(st.lists(st.floats(0.1, 60), min_size=4, max_size=4))
def test_guess_and_slip_are_the_best_on_their_side_of_the_line(events: list[float]) -> None:
    counts = np.zeros((1, 5, 2))
    counts[0, 3], counts[0, 4] = events[:2], events[2:]
    theta = maximise(counts, np.full((1, 5, 2), 1e-12), np.zeros((1, 5)))[0]
    assert theta[3] + theta[4] <= MOST_NOISE + 1e-12
    grid = np.linspace(0, 1, 241)
    g, s = np.meshgrid(
        LOWEST[3] + grid * (HIGHEST[3] - LOWEST[3]), LOWEST[4] + grid * (HIGHEST[4] - LOWEST[4])
    )
    values = np.where(g + s <= MOST_NOISE, _objective(events, g, s), -np.inf)
    assert _objective(events, theta[3], theta[4]) >= values.max() - 1e-9


def _objective(events: list[float], g: np.ndarray, s: np.ndarray) -> np.ndarray:
    g1, g0, s1, s0 = events
    return g1 * np.log(g) + g0 * np.log(1 - g) + s1 * np.log(s) + s0 * np.log(1 - s)


def test_the_m_step_is_the_share_of_events_and_priors() -> None:
    # 6 of 10 with a prior worth 4 events at 0.5: (6 + 2) / 14.
    counts = np.zeros((1, 5, 2))
    counts[0, 0] = 6, 4
    pseudo = pseudo_counts([DEFAULT_PARAMETERS], np.array([0]), forgets=False)
    theta = maximise(counts, pseudo, np.zeros((1, 5)))
    assert theta[0, 0] == pytest.approx(8 / 14)


def test_without_forgetting_its_probability_stays_zero() -> None:
    counts = np.ones((1, 5, 2))
    pseudo = pseudo_counts([DEFAULT_PARAMETERS], np.array([0]), forgets=False)
    assert maximise(counts, pseudo, np.zeros((1, 5)))[0, 2] == 0.0


def _practice(seed: int) -> tuple[np.ndarray, Sequences]:
    """Answers of 150 learners to 12 skills that are learned at very different rates."""
    rng = np.random.default_rng(seed)
    n_skills, n_learners, length = 12, 150, 8
    shape = (n_skills, n_learners)
    attained = rng.random(shape) < np.linspace(0.1, 0.8, n_skills)[:, None]
    score = np.empty((*shape, length))
    for t in range(length):
        score[..., t] = rng.random(shape) < np.where(attained, 0.75, 0.35)
        attained |= rng.random(shape) < np.geomspace(0.02, 0.3, n_skills)[:, None]
    n = n_skills * n_learners
    sequences = Sequences(
        np.arange(score.size),
        np.zeros(score.size, dtype=np.int32),
        np.arange(n + 1) * length,
        np.arange(n_skills + 1) * n_learners,
        np.ones(n_skills, dtype=np.int64),
    )
    return score.ravel(), sequences


def test_leaps_reach_the_optimum_in_a_third_of_the_passes() -> None:
    weight, sequences = _practice(0)
    tasks = Tasks(np.arange(12), np.ones(12, dtype=np.int64))
    pseudo = pseudo_counts([DEFAULT_PARAMETERS], np.zeros(12, dtype=np.int64), forgets=True)
    start = np.tile([0.8, 0.05, 0.02, 0.2, 0.25], (12, 1))
    found = climb(
        lambda theta, which: Compiled().expected_counts(weight, sequences, tasks, theta, which),
        tasks, start, pseudo=pseudo, max_iterations=500, tolerance=1e-3,
    )  # fmt: skip
    theta, everyone, plain = start, np.arange(12), []
    for _ in range(1000):
        counts, reached = Compiled().expected_counts(weight, sequences, tasks, theta, everyone)
        plain.append(reached + log_prior(theta, pseudo))
        theta = maximise(counts, pseudo, theta)
    top = np.array(plain[-1])
    assert (found.objective > top - 0.01).all()
    assert found.converged.all()
    needed = (np.array(plain) < top - 0.01).sum(axis=0) + 1
    assert found.iterations.sum() < needed.sum() / 3
    np.testing.assert_allclose(found.theta, theta, atol=0.03)


def _climbed(which: np.ndarray, share: np.ndarray | None = None) -> Climb:
    weight, sequences = _practice(1)
    tasks = Tasks(which, np.ones(len(which), dtype=np.int64))
    return climb(
        lambda theta, some: Compiled().expected_counts(weight, sequences, tasks, theta, some),
        tasks,
        np.tile([0.5, 0.1, 0.02, 0.3, 0.2], (len(which), 1)),
        pseudo=pseudo_counts([DEFAULT_PARAMETERS], np.zeros_like(which), forgets=True),
        max_iterations=500,
        tolerance=1e-3,
        share=share,
    )


def test_skills_climb_without_regard_to_each_other() -> None:
    together = _climbed(np.arange(12))
    for k in range(12):
        alone = _climbed(np.array([k]))
        np.testing.assert_array_equal(alone.theta[0], together.theta[k])
        assert alone.iterations[0] == together.iterations[k]


def test_what_is_known_of_the_missing_information_saves_passes() -> None:
    skills = np.arange(12)
    learned = _climbed(skills)
    again = _climbed(skills, learned.share)
    assert again.iterations.sum() < 0.8 * learned.iterations.sum()
    np.testing.assert_allclose(again.objective, learned.objective, atol=0.01)
