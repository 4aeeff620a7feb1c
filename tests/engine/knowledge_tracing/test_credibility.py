"""How far an attainment can be trusted, as parameters are known."""

from __future__ import annotations

import numpy as np
import pytest

from engine.domain import Response, ResponseLog, SkillLevel
from engine.errors import InvalidInput, NotFitted
from engine.knowledge_tracing import BKT, attainment_interval
from engine.knowledge_tracing.credibility import after, attainment_draws
from engine.knowledge_tracing.filtering import observed, practised

PRIOR, LEARN, GUESS, SLIP = 0.35, 0.15, 0.2, 0.1


def log_of(n_skills: int, n_learners: int, length: int, seed: int) -> ResponseLog:
    """Return answers of known parameters to skills that are all alike."""
    rng = np.random.default_rng(seed)
    shape = (n_skills, n_learners)
    attained = rng.random(shape) < PRIOR
    score = np.empty((*shape, length))
    for t in range(length):
        score[..., t] = rng.random(shape) < np.where(attained, 1 - SLIP, GUESS)
        attained |= rng.random(shape) < LEARN
    skill = np.repeat([f"k{i}" for i in range(n_skills)], n_learners * length)
    learner = np.tile(np.repeat(np.arange(n_learners), length), n_skills)
    return ResponseLog.from_columns(
        learner=learner,
        item=skill,
        skills=skill,
        score=score.ravel(),
        order=np.tile(np.arange(length), n_skills * n_learners),
    )


def true_attainment(scores: list[float]) -> float:
    p = (PRIOR,)
    for score in scores:
        a, b = (1 - SLIP, GUESS) if score else (SLIP, 1 - GUESS)
        p = practised(observed(p, 0, a, b), 0, LEARN)
    return p[0]


def test_eighty_percent_intervals_hold_what_the_true_parameters_say_as_often() -> None:
    n_skills, rng = 60, np.random.default_rng(5)
    tracer = BKT().fit(log_of(n_skills, 80, 6, seed=1))
    held = []
    for scores in ([1.0, 0.0], [0.0, 1.0, 1.0]):
        truth = true_attainment(scores)
        for k in range(n_skills):
            evidence = [Response("ada", f"k{k}", score) for score in scores]
            low, high = attainment_interval(
                tracer, "ada", evidence, [SkillLevel(f"k{k}")], n=60, rng=rng
            )[0]
            held.append(low <= truth <= high)
    assert 0.7 <= np.mean(held) <= 0.95  # the priors are drawn to what is usual, here the truth


def test_intervals_narrow_as_the_log_grows() -> None:
    evidence = [Response("ada", "k0", 1.0), Response("ada", "k0", 0.0)]
    widths = []
    for n_learners in (20, 500):
        tracer = BKT().fit(log_of(1, n_learners, 6, seed=2))
        rng = np.random.default_rng(0)
        low, high = attainment_interval(tracer, "ada", evidence, [SkillLevel("k0")], rng=rng)[0]
        assert low < tracer.attainment(after(tracer, "ada", evidence), [SkillLevel("k0")]) < high
        widths.append(high - low)
    assert widths[1] < 0.5 * widths[0]


def test_what_cannot_be_asked_is_refused() -> None:
    rng, target = np.random.default_rng(0), [SkillLevel("k0")]
    with pytest.raises(NotFitted):
        attainment_draws(BKT(), "ada", [], target, rng=rng)
    tracer = BKT().fit(log_of(1, 20, 3, seed=3))
    with pytest.raises(InvalidInput, match=r"level: is 1\.0, expected between 0 and 1"):
        attainment_interval(tracer, "ada", [], target, level=1.0, rng=rng)
    with pytest.raises(InvalidInput, match="n: is 0, expected at least 1"):
        attainment_draws(tracer, "ada", [], target, n=0, rng=rng)
