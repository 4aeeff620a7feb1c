"""Standard errors, intervals and draws: the curvature of the objective, and what follows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.errors import InvalidInput
from engine.knowledge_tracing import BKT
from engine.knowledge_tracing.compute import Compiled
from engine.knowledge_tracing.layout import Layout
from engine.knowledge_tracing.parameters import LevelParameters
from engine.knowledge_tracing.priors import log_prior, pseudo_counts
from engine.knowledge_tracing.sequences import sequences_of
from engine.knowledge_tracing.tasks import Tasks

MakeLog = Callable[..., ResponseLog]
NAMES = ("prior", "learn", "forget", "guess", "slip")


def _simulated(n_learners: int, seed: int = 3, skill: str = "k") -> ResponseLog:
    rng = np.random.default_rng(seed)
    score = np.zeros((n_learners, 8))
    for row in score:
        attained = rng.random() < 0.3
        for t in range(8):
            row[t] = rng.random() < (0.9 if attained else 0.2)
            attained = attained or rng.random() < 0.2
    n = score.size
    return ResponseLog.from_columns(
        learner=np.repeat(np.arange(n_learners), 8), item=[f"q{i % 4}" for i in range(n)],
        skills=[skill] * n, score=score.ravel(),
    )  # fmt: skip


def test_the_covariance_inverts_the_curvature_of_the_objective() -> None:
    """Second differences of the objective itself, taken along every pair of logits."""
    log = _simulated(150)
    tracer = BKT(forget="opportunity", tolerance=1e-9).fit(log)
    fitted = tracer._when_fitted
    layout = Layout.of(log, tracer._bound.chains_for(log))
    sequences = sequences_of(layout)
    tasks = Tasks(np.array([0]), np.array([1]))
    pseudo = pseudo_counts(
        [LevelParameters(*one) for one in fitted.pooled], np.array([0]), forgets=True
    )
    weight = layout.score[layout.pair_response[sequences.pair]]

    def objective(logit: np.ndarray) -> float:
        theta = (1 / (1 + np.exp(-logit)))[None]
        which = np.array([0])
        _, found = Compiled().expected_counts(weight, sequences, tasks, theta, which)
        return float(found[0] + log_prior(theta, pseudo)[0])

    theta = np.array(tracer.parameters_["k"][1])
    top, h = np.log(theta / (1 - theta)), 1e-2
    information = np.empty((5, 5))
    for i in range(5):
        for j in range(5):
            a, b = h * np.eye(5)[i], h * np.eye(5)[j]
            mixed = objective(top + a + b) - objective(top + a - b)
            mixed += objective(top - a - b) - objective(top - a + b)
            information[i, j] = -mixed / (4 * h * h)
    (covariance,) = fitted.covariance.values()
    np.testing.assert_allclose(covariance @ information, np.eye(5), atol=0.03)


def test_more_answers_make_intervals_narrower() -> None:
    few, many = (BKT().fit(_simulated(n)).parameters_frame(0.9) for n in (50, 800))
    for name in ("prior", "learn", "guess", "slip"):
        for frame in (few, many):
            assert frame[f"{name}_low"][0] < frame[name][0] < frame[f"{name}_high"][0]
        assert many[f"{name}_se"][0] < 0.5 * few[f"{name}_se"][0]
    assert few["forget_se"] == [0.0]  # not fitted: no uncertainty of its own


def test_a_wider_interval_holds_a_narrower_one() -> None:
    tracer = BKT().fit(_simulated(60))
    half, most = tracer.parameters_frame(0.5), tracer.parameters_frame(0.95)
    assert most["guess_low"][0] < half["guess_low"][0] < half["guess_high"][0]
    assert half["guess_high"][0] < most["guess_high"][0]
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        tracer.parameters_frame(90)


def test_draws_spread_as_the_intervals_say() -> None:
    tracer = BKT().fit(_simulated(300))
    draws = tracer.draw(400, np.random.default_rng(1))
    frame = tracer.parameters_frame(0.9)
    for name in ("prior", "learn", "guess", "slip"):
        values = np.array([getattr(one.parameters_["k"][1], name) for one in draws])
        inside = (values > frame[f"{name}_low"][0]) & (values < frame[f"{name}_high"][0])
        assert inside.mean() == pytest.approx(0.9, abs=0.06)
    assert all(one.parameters_["k"][1].guess + one.parameters_["k"][1].slip < 1 for one in draws)
    again = tracer.draw(2, np.random.default_rng(1))
    assert again[0].parameters_ == tracer.draw(2, np.random.default_rng(1))[0].parameters_


@pytest.mark.parametrize(
    "options", [{}, {"forget": "opportunity"}, {"noise": "item"}, {"restarts": 1}]
)
def test_every_model_has_finite_intervals(make_log: MakeLog, options: dict[str, str]) -> None:
    tracer = BKT(**options).fit(make_log(6))
    frame = tracer.parameters_frame(0.9)
    for name in NAMES:
        low, high = np.array(frame[f"{name}_low"]), np.array(frame[f"{name}_high"])
        assert np.isfinite([low, high]).all()
        assert (low <= np.array(frame[name]) + 1e-12).all()
        assert (np.array(frame[name]) <= high + 1e-12).all()


def test_items_of_their_own_leave_the_centre_less_certain() -> None:
    log = _simulated(200)
    together, apart = (
        BKT(noise=one).fit(log).parameters_frame(0.9)["guess_se"][0] for one in ("skill", "item")
    )
    assert apart > 0.8 * together


def test_standard_errors_are_in_the_model_file() -> None:
    tracer = BKT().fit(_simulated(60))
    copy = BKT.from_json(tracer.to_json())
    assert copy.parameters_frame(0.9) == tracer.parameters_frame(0.9)
    assert copy.to_json() == tracer.to_json()


def test_a_model_file_of_before_says_that_it_has_no_standard_errors() -> None:
    text = BKT().fit(_simulated(60)).to_json()
    start = text.index('"covariance": ')
    end = text.index("]]]", start) + 3
    older = text[:start] + '"covariance": []' + text[end:]
    with pytest.raises(InvalidInput, match="fit the model again"):
        BKT.from_json(older).parameters_frame(0.9)
