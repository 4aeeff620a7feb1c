"""What another policy would have been worth, where the truth is known."""

import numpy as np
import pytest

from engine import InvalidInput
from engine.recommender.offpolicy import ips, snips

ARMS = np.array([0.2, 0.35, 0.5, 0.7])  # P(a good outcome) of each


def logged(rng, n=400):
    """A log under propensities that change from decision to decision, and another policy's."""
    propensities = rng.dirichlet(np.full(4, 4.0), n) * 0.8 + 0.05
    target = rng.dirichlet(np.full(4, 2.0), n)
    cumulative = propensities.cumsum(axis=1)
    chosen = (rng.random((n, 1)) > cumulative).sum(axis=1).clip(max=3)
    outcome = (rng.random(n) < ARMS[chosen]).astype(float)
    rows = np.arange(n)
    return outcome, propensities[rows, chosen], target[rows, chosen]


@pytest.mark.parametrize("estimate", [ips, snips])
def test_the_interval_covers_the_truth_as_often_as_it_says(estimate):
    rng = np.random.default_rng(3)
    truth = ARMS.mean()  # a symmetric Dirichlet chooses each arm as often
    covered = 0
    for _ in range(1000):
        low, high = estimate(*logged(rng)).interval
        covered += low <= truth <= high
    assert 930 <= covered <= 970


def test_the_logged_policy_itself_is_worth_what_it_earned():
    outcome, propensity, _ = logged(np.random.default_rng(1))
    for estimate in (ips, snips):
        found = estimate(outcome, propensity, propensity)
        assert found.value == pytest.approx(outcome.mean())
        assert found.effective_n == pytest.approx(len(outcome))


def test_self_normalising_follows_a_shift_of_the_outcomes_exactly():
    outcome, propensity, target = logged(np.random.default_rng(2))
    moved = snips(outcome + 5.0, propensity, target).value
    assert moved == pytest.approx(snips(outcome, propensity, target).value + 5.0)


def test_too_little_in_common_is_refused_with_the_effective_sample_size():
    target = np.zeros(500)
    target[:3] = 1.0
    with pytest.raises(InvalidInput, match=r"effective sample size: is 3\.0 of 500 decisions"):
        snips(np.ones(500), np.full(500, 0.2), target)
    with pytest.raises(InvalidInput, match=r"is 0\.0 of 500"):
        ips(np.ones(500), np.full(500, 0.2), np.zeros(500))


def test_every_fault_is_named_at_once():
    with pytest.raises(InvalidInput) as refused:
        ips([1.0, np.nan], [0.0, 0.5], [0.5, 1.5], level=1.0)
    where = [fault.where for fault in refused.value.faults]
    assert where == ["outcome", "propensity", "target", "level"]
