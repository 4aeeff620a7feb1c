"""The metrics, by hand and against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.knowledge_tracing import accuracy, auc, calibration_error, log_loss, rmse

METRICS = (accuracy, auc, calibration_error, log_loss, rmse)
rows = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])),
    min_size=2,
    max_size=60,
).filter(lambda pairs: len({y for y, _ in pairs}) == 2)


@given(rows)
def test_auc_is_the_share_of_pairs_in_the_right_order(pairs: list[tuple[float, float]]) -> None:
    right = [p for y, p in pairs if y]
    wrong = [p for y, p in pairs if not y]
    wins = sum((a > b) + 0.5 * (a == b) for a in right for b in wrong)
    y, p = zip(*pairs, strict=True)
    assert auc(y, p) == pytest.approx(wins / (len(right) * len(wrong)))


def test_scikit_learn_agrees() -> None:
    reference = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    p = rng.random(2000).round(2)
    y = (rng.random(2000) < p).astype(float)
    assert auc(y, p) == pytest.approx(reference.roc_auc_score(y, p))
    inside = np.clip(p, 0.01, 0.99)
    assert log_loss(y, inside) == pytest.approx(reference.log_loss(y, inside))
    assert rmse(y, p) == pytest.approx(math.sqrt(reference.mean_squared_error(y, p)))
    assert accuracy(y, p) == pytest.approx(reference.accuracy_score(y, p >= 0.5))


def test_auc_without_both_answers_is_not_a_number() -> None:
    assert math.isnan(auc([1, 1], [0.2, 0.3]))


def test_partial_scores_count_in_proportion() -> None:
    assert rmse([0.5, 0.5], [0.5, 0.0]) == pytest.approx(math.sqrt(0.125))
    assert log_loss([0.25], [0.5]) == pytest.approx(math.log(2))
    assert auc([0.6, 0.4], [0.9, 0.1]) == 1.0
    assert accuracy([0.6, 0.4], [0.9, 0.1]) == 1.0


def test_a_certain_mistake_costs_much_but_not_everything() -> None:
    assert 30 < log_loss([0], [1.0]) < 40


def test_calibration_error_by_hand() -> None:
    # Two bins of two: (.1 + .3)/2 against 0, (.7 + .9)/2 against 1: (.2 + .2)/2.
    assert calibration_error([0, 0, 1, 1], [0.1, 0.3, 0.7, 0.9], n_bins=2) == pytest.approx(0.2)


def test_calibration_bins_hold_equally_many() -> None:
    rng = np.random.default_rng(1)
    p = rng.beta(8, 2, 5000)
    y = (rng.random(5000) < p).astype(float)
    by_bins = np.mean(
        [abs(p[part].mean() - y[part].mean()) for part in np.array_split(np.argsort(p), 10)]
    )
    assert calibration_error(y, p) == pytest.approx(by_bins)
    assert calibration_error(y, p) < 0.03


@given(rows, st.randoms())
def test_the_order_of_the_rows_does_not_matter(
    pairs: list[tuple[float, float]], random: np.random.Generator
) -> None:
    shuffled = pairs.copy()
    random.shuffle(shuffled)
    for metric in METRICS:
        first, second = (metric(*zip(*these, strict=True)) for these in (pairs, shuffled))
        assert first == pytest.approx(second)


@pytest.mark.parametrize("metric", METRICS)
def test_bad_input_is_refused_with_its_place(metric: object) -> None:
    for y, p, told in (
        ([], [], "expected at least one"),
        ([1, 0], [0.5], "expected one for each"),
        ([1, 0], [0.5, 1.5], r"predictions\[1\]: is 1.5"),
        ([1, float("nan")], [0.5, 0.5], r"scores\[1\]: is nan"),
    ):
        with pytest.raises(InvalidInput, match=told):
            metric(y, p)  # type: ignore[operator]
