"""Fitted parameters mean what they say, and are the same whatever the seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import ResponseLog
from engine.knowledge_tracing import BKT, fitting
from engine.knowledge_tracing.filtering import observed, practised
from engine.knowledge_tracing.plausibility import MASTERED, is_plausible
from engine.knowledge_tracing.priors import HIGHEST

MakeLog = Callable[..., ResponseLog]
shares = st.floats(0.01, 0.45)


def _misleading() -> ResponseLog:
    """One learner in twenty nearly always right, the others three times in five.

    Free of bounds the fit says: rare masters, and all others guess .60 for good. Then ten right
    answers are still most likely guessed.
    """
    rng = np.random.default_rng(0)
    score = (rng.random((300, 12)) < 0.6).astype(float)
    score[:15] = rng.random((15, 12)) < 0.95
    n = score.size
    return ResponseLog.from_columns(
        learner=np.repeat(np.arange(300), 12),
        item=["q"] * n,
        skills=["k"] * n,
        score=score.ravel(),
    )


@given(st.tuples(shares, shares, shares, shares, shares))
def test_the_tests_are_those_of_the_filter(theta: tuple[float, ...]) -> None:
    prior, learn, forget, guess, slip = theta
    beliefs, belief = [], (prior,)
    for t in range(10):
        belief = practised(belief, 0, learn, forget) if t else belief
        belief = observed(belief, 0, 1 - slip, guess)
        beliefs.append(belief[0])
    expected = beliefs[2] >= prior and beliefs[9] >= MASTERED
    assert is_plausible(np.array([theta]))[0] == expected


@pytest.mark.parametrize("options", [{}, {"forget": "opportunity"}, {"noise": "item"}])
def test_ten_right_answers_reach_mastery_in_every_fitted_skill(
    make_log: MakeLog, options: dict[str, str]
) -> None:
    for log in (_misleading(), make_log(1), make_log(7, 80)):
        for levels in BKT(**options).fit(log).parameters_.values():
            theta = np.array(list(levels.values()))
            assert is_plausible(theta).all()


def test_the_bound_is_what_makes_them_do_so(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = BKT().fit(_misleading()).parameters_["k"][1]
    monkeypatch.setattr(
        fitting, "within_bounds", lambda n, fit, _: fit(np.tile(HIGHEST, (n, 1)), None)
    )
    free = BKT().fit(_misleading()).parameters_["k"][1]
    assert is_plausible(np.array([kept, free])).tolist() == [True, False]
    assert kept.guess < free.guess


def test_the_usual_fit_does_not_depend_on_the_seed(make_log: MakeLog) -> None:
    log = make_log(9)
    frames = [BKT(seed=seed).fit(log).parameters_ for seed in range(3)]
    assert frames[0] == frames[1] == frames[2]


def test_starts_near_and_far_end_at_the_same_optimum() -> None:
    rng = np.random.default_rng(4)
    score = np.zeros((200, 10))
    for row in score:
        attained = rng.random() < 0.3
        for t in range(10):
            row[t] = rng.random() < (0.9 if attained else 0.2)
            attained = attained or rng.random() < 0.2
    log = ResponseLog.from_columns(
        learner=np.repeat(np.arange(200), 10), item=["q"] * 2000, skills=["k"] * 2000,
        score=score.ravel(),
    )  # fmt: skip
    few, many = (
        BKT(restarts=n, tolerance=1e-7, seed=n).fit(log).parameters_["k"][1] for n in (2, 12)
    )
    np.testing.assert_allclose(few, many, atol=0.005)
