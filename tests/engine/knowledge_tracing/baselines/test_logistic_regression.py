"""The sparse logistic regression against conditions of the optimum and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array
from scipy.special import expit

from engine.domain import ResponseLog
from engine.knowledge_tracing.baselines.history import History
from engine.knowledge_tracing.baselines.newton import fit_logistic


def drawn(seed: int) -> tuple[csr_array, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = random_array((400, 30), density=0.2, rng=rng, format="csr") * 3
    y = (rng.random(400) < expit(X @ rng.normal(0, 1, 30))).astype(float)
    return csr_array(X), y


def test_the_gradient_vanishes_at_the_weights_found() -> None:
    X, y = drawn(0)
    ridge = np.linspace(0.1, 3, 30)
    w = fit_logistic(X, y, ridge)
    gradient = X.T @ (expit(X @ w) - y) + ridge * w
    assert np.abs(gradient).max() < 0.01


def test_scikit_learn_agrees() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    X, y = drawn(1)
    reference = linear.LogisticRegression(C=0.5, fit_intercept=False, tol=1e-8, max_iter=1000)
    expected = reference.fit(X, y).coef_[0]
    np.testing.assert_allclose(fit_logistic(X, y, np.full(30, 2.0)), expected, atol=1e-3)


def test_partial_scores_weigh_in_proportion() -> None:
    X = csr_array(np.ones((2, 1)))
    assert expit(fit_logistic(X, np.array([0.3, 0.5]), np.array([1e-9])))[0] == pytest.approx(0.4)


def test_a_perfect_feature_stays_finite_under_the_ridge() -> None:
    X = csr_array(np.array([[1.0], [1.0], [-1.0]]))
    w = fit_logistic(X, np.array([1.0, 1.0, 0.0]), np.array([1e-4]))
    assert 5 < w[0] < 15


def test_a_history_counts_what_went_before_whatever_the_order_of_the_rows() -> None:
    log = ResponseLog.from_columns(
        learner=["a", "b", "a", "a"], item=["p", "p", "p", "q"], skills=["x", "x", "x~y", "x"],
        score=[1, 1, 0.25, 0], order=[2, 0, 1, 0],
    )  # fmt: skip
    history = History(log)
    assert history.of_learner.successes.tolist() == [0.25, 0, 0, 0]
    assert history.of_learner.failures.tolist() == [1.75, 0, 1, 0]
    assert history.of_item.successes.tolist() == [0.25, 0, 0, 0]
    assert history.row.tolist() == [0, 1, 2, 2, 3]
    assert history.of_skill.total.tolist() == [2, 0, 1, 0, 0]


def test_a_skill_at_another_level_counts_as_another() -> None:
    log = ResponseLog.from_columns(
        learner="aa", item="pq", skills=["x", "x"], level=[1, 2], score=[1, 1]
    )
    assert History(log).of_skill.total.tolist() == [0, 0]
