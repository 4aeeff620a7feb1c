"""Probit regression under normal priors, and the reading made of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from engine.knowledge_tracing.dynamic_irt.ledger import Ledger
from engine.knowledge_tracing.dynamic_irt.quantities import N_QUANTITIES, QUANTITIES
from engine.knowledge_tracing.dynamic_irt.reading import FAR, Spreads, fit_reading
from engine.knowledge_tracing.dynamic_irt.regression import (
    fit_groups,
    fit_intercepts,
    fit_weights,
)


def _problem(n=400, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    offset = rng.normal(size=n) * 0.5
    score = (rng.normal(size=n) < offset + x @ [0.5, -0.3, 0.0]).astype(float)
    return x, score, offset


def test_weights_are_the_posterior_mode_with_its_curvature():
    x, score, offset = _problem()
    precision = np.array([1.0, 4.0, 25.0])

    def objective(w):
        z = offset + x @ w
        log_p = score * norm.logcdf(z) + (1 - score) * norm.logcdf(-z)
        return -log_p.sum() + 0.5 * precision @ w**2

    exact = minimize(objective, np.zeros(3), tol=1e-10)
    weights, variances = fit_weights(x, score, offset, precision)
    np.testing.assert_allclose(weights, exact.x, atol=1e-4)
    step = 1e-3 * np.eye(3)
    curvature = [
        [
            sum(i * j * objective(exact.x + i * one + j * other) for i in (1, -1) for j in (1, -1))
            / 4e-6
            for one in step
        ]
        for other in step
    ]
    np.testing.assert_allclose(variances, np.diag(np.linalg.inv(curvature)), rtol=0.15)


def test_groups_are_fitted_apart_and_small_ones_keep_their_prior():
    x, score, offset = _problem()
    group = np.r_[np.zeros(200, int), np.full(195, 1), np.full(5, 2)]
    precision = np.full(3, 9.0)
    weights, variances = fit_groups(x, score, offset, group, 4, precision=precision, least=10)
    alone, _ = fit_weights(x[:200], score[:200], offset[:200], precision, 3)
    np.testing.assert_allclose(weights[0], alone, atol=1e-12)
    assert not weights[2:].any()
    np.testing.assert_allclose(variances[2:], 1 / 9)
    assert (variances[:2] < 1 / 9).all()


def test_intercepts_are_shrunk_the_more_the_less_is_known():
    group = np.r_[np.zeros(5, int), np.ones(500, int)]
    means, variances = fit_intercepts(group, np.ones(505), np.zeros(505), 25.0)
    assert 0 < means[0] < means[1]
    assert variances[0] > variances[1]


def test_a_reading_finds_what_the_filter_did_not_say(make_log):
    ledger = Ledger.of(make_log(9, n=2000, n_learners=40))
    rng = np.random.default_rng(0)
    quantities = rng.normal(size=(2000, N_QUANTITIES))
    quantities[:, 0] = 1.0
    quantities[:, QUANTITIES.index("skills_met")] = 7.0  # never varies
    recent = QUANTITIES.index("recent_5")
    total = quantities[:, QUANTITIES.index("predictor")]
    score = (rng.normal(size=2000) < total + 0.6 * quantities[:, recent]).astype(float)
    ledger = replace(ledger, score=score)
    coded = fit_reading(ledger, quantities, Spreads())
    assert coded.shared.mean[recent] == pytest.approx(0.6, abs=0.12)
    assert coded.shared.mean[QUANTITIES.index("skills_met")] == 0.0
    left = np.delete(coded.shared.mean, recent)
    assert np.abs(left).max() < 0.2
    eta = coded.predictor(ledger, quantities)
    assert np.mean((eta > 0) == (score > 0.5)) > np.mean((total > 0) == (score > 0.5))


def test_no_quantity_counts_as_further_than_far(make_log):
    ledger = Ledger.of(make_log(9, n=300))
    quantities = np.random.default_rng(0).normal(size=(300, N_QUANTITIES))
    coded = fit_reading(ledger, quantities, Spreads())
    assert np.abs(coded.standardised(quantities * 1e6)).max() == FAR


def test_a_transfer_belongs_to_one_order_of_exercises_only(make_log):
    base = Ledger.of(make_log(2, n=3000, n_learners=60, n_skills=3))
    quantities = np.zeros((3000, N_QUANTITIES))
    quantities[:, 0] = 1.0
    before, after = 0, 1
    pair = (base.before(base.exercise) == before) & (base.exercise == after)
    rng = np.random.default_rng(1)
    score = (rng.normal(size=3000) < np.where(pair, 1.5, 0.0)).astype(float)
    ledger = replace(base, score=score)
    coded = fit_reading(ledger, quantities, Spreads())
    others = [m for key, (m, _) in coded.exercise_pairs.items() if key != (before, after)]
    assert coded.exercise_pairs[before, after][0] > max(map(abs, others))
