"""Learners drawn from DynamicIRT's own assumptions."""

import numpy as np
import pytest
from scipy.stats import norm


def test_first_answers_are_right_as_often_as_all_that_varies_between_learners_says():
    from simulated_abilities import drawn, simulated

    rng = np.random.default_rng(1)
    truth = drawn(20, 10, rng)
    log, _ = simulated(truth, 4000, 1, rng)
    h = truth.settings
    variance = h.learner_slow_variance + h.learner_fast_variance
    variance += h.skill_slow_variance + h.skill_fast_variance
    easiness = h.intercept + truth.item + np.repeat(truth.skill, 10)
    expected = norm.cdf(easiness / np.sqrt(1.0 + variance)).mean()
    assert log.score.mean() == pytest.approx(expected, abs=0.03)


def test_practice_raises_where_learners_end():
    from simulated_abilities import drawn, simulated

    truth = drawn(2, 5, np.random.default_rng(2))
    ends = [simulated(truth, 2000, n, np.random.default_rng(3))[1].mean() for n in (1, 20)]
    gain = truth.practice.mean() * np.log(11 / 1.5)  # of ten opportunities each, over a half
    assert ends[1] - ends[0] == pytest.approx(gain, abs=0.08)
