"""Learners drawn anew: replicates by hand, coverage, the band of perfect calibration."""

from __future__ import annotations

import numpy as np
import pytest

from engine.knowledge_tracing import (
    accuracy,
    auc,
    calibration_error,
    log_loss,
    rmse,
)
from engine.knowledge_tracing.metrics import calibration_curve, equal_count_bins
from engine.knowledge_tracing.resampling import LearnerDraws, calibration_band

MEASURES = {"auc": auc, "rmse": rmse, "log_loss": log_loss, "accuracy": accuracy}


@pytest.mark.parametrize("tied", [False, True])
def test_a_replicate_is_what_its_learners_rows_would_give(tied: bool) -> None:
    rng = np.random.default_rng(0)
    learner = rng.integers(9, size=120)
    p = rng.random(120).round(1 if tied else 9)
    y = (rng.random(120) < p).astype(float)
    draws = LearnerDraws(learner, replicates=6, seed=4)
    found = draws.measures(y, p)
    for k, weight in enumerate(draws.weights.astype(int)):
        rows = np.repeat(np.arange(120), weight[draws.learner])
        for name, measure in MEASURES.items():
            assert found[name][k] == pytest.approx(measure(y[rows], p[rows]))
        bins = equal_count_bins(p)[rows]
        gaps = [abs((p - y)[rows][bins == one].sum()) for one in np.unique(bins)]
        assert found["calibration_error"][k] == pytest.approx(sum(gaps) / len(rows))


def test_a_part_is_measured_on_the_same_learners() -> None:
    rng = np.random.default_rng(1)
    learner, p = np.repeat(np.arange(10), 8), rng.random(80)
    y = (rng.random(80) < p).astype(float)
    rows = np.flatnonzero(rng.random(80) < 0.5)
    draws = LearnerDraws(learner, replicates=3)
    weight = draws.weights[2].astype(int)[draws.learner]
    drawn = np.repeat(rows, weight[rows])
    assert draws.measures(y, p, rows)["auc"][2] == pytest.approx(auc(y[drawn], p[drawn]))


def test_draws_without_right_answers_are_not_a_number() -> None:
    draws = LearnerDraws(np.array([0, 1]), replicates=40, seed=0)
    found = draws.measures(np.array([1.0, 0.0]), np.array([0.9, 0.1]))["auc"]
    both = (draws.weights > 0).all(axis=1)
    assert np.isnan(found[~both]).all()
    assert (found[both] == 1.0).all()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Learners differ in how accurate the model is for them; their answers go together."""
    rng = np.random.default_rng(2)
    held = 0
    for trial in range(200):
        of_learner = rng.beta(6, 3, 40)  # mean 2/3
        right = rng.random((40, 15)) < of_learner[:, None]
        draws = LearnerDraws(np.repeat(np.arange(40), 15), replicates=100, seed=trial)
        found = draws.measures(right.ravel().astype(float), np.full(600, 0.9))["accuracy"]
        low, high = np.quantile(found, [0.025, 0.975])
        held += low <= 2 / 3 <= high
    assert 0.89 < held / 200 < 0.99


def test_rows_drawn_alone_would_be_too_sure_of_themselves() -> None:
    of_learner = np.repeat([0.0, 1.0], 20)
    right = np.repeat(of_learner, 15)
    p = np.full(600, 0.9)
    together = LearnerDraws(np.repeat(np.arange(40), 15), replicates=300)
    alone = LearnerDraws(np.arange(600), replicates=300)
    spread = [draws.measures(right, p)["accuracy"].std() for draws in (together, alone)]
    assert spread[0] > 3 * spread[1]


def test_a_perfectly_calibrated_model_stays_within_its_band_in_95_of_100_logs() -> None:
    rng = np.random.default_rng(3)
    p = rng.beta(4, 2, 1500)
    band = calibration_band(p)
    inside = [calibration_error(rng.random(1500) < p, p) <= band for _ in range(400)]
    assert 0.91 < np.mean(inside) < 0.99


def test_the_band_narrows_with_the_root_of_the_size() -> None:
    p = np.random.default_rng(4).random(1000)
    ratio = calibration_band(p) / calibration_band(np.tile(p, 16))
    assert ratio == pytest.approx(4.0, rel=0.15)


def test_a_curve_of_calibration_has_bins_of_equal_count() -> None:
    p = np.random.default_rng(5).random(1003)
    sizes = [one.n for one in calibration_curve(np.ones(1003), p)]
    assert len(sizes) == 10
    assert max(sizes) - min(sizes) <= 1
    assert [one.n for one in calibration_curve([0, 1, 1], [0.5] * 3)] == [3]
