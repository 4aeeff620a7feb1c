"""Fits that begin where an older one ended."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.errors import NotFitted
from engine.knowledge_tracing import BKT, bkt, log_loss
from engine.knowledge_tracing.compute import Compiled

MakeLog = Callable[..., ResponseLog]


class _Counted(Compiled):
    """The passes, and how many tasks they went over."""

    def __init__(self) -> None:
        super().__init__()
        self.n = 0

    def expected_counts(self, weight, sequences, tasks, theta, which):  # type: ignore[no-untyped-def]
        self.n += len(which)
        return super().expected_counts(weight, sequences, tasks, theta, which)

    def climb(self, weight, sequences, tasks, ascent, most):  # type: ignore[no-untyped-def]
        trace = super().climb(weight, sequences, tasks, ascent, most)
        self.n += int((~np.isnan(trace)).sum())
        return trace


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> _Counted:
    passes = _Counted()
    monkeypatch.setattr(bkt, "fastest_passes", lambda: passes)
    return passes


def _learned(seed: int, n_learners: int = 200, skills: str = "abcd") -> ResponseLog:
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(n_learners):
        for k, skill_id in enumerate(skills):
            attained = rng.random() < 0.2 + 0.15 * k
            for t in range(8):
                right = rng.random() < (0.88 if attained else 0.2 + 0.03 * k)
                rows.append((who, f"q-{skill_id}-{t % 3}", skill_id, float(right)))
                attained = attained or rng.random() < 0.2
    learner, item, skill, score = zip(*rows, strict=True)
    return ResponseLog.from_columns(learner=learner, item=item, skills=skill, score=score)


def test_it_ends_at_the_same_optimum_in_fewer_passes(counted: _Counted) -> None:
    old = BKT(tolerance=1e-6).fit(_learned(0))
    log = _learned(1)
    counted.n = 0
    cold = BKT(tolerance=1e-6).fit(log)
    n_cold, counted.n = counted.n, 0
    warm = BKT(tolerance=1e-6).fit(log, start_from=old)
    assert counted.n < 0.7 * n_cold
    for skill_id, levels in cold.parameters_.items():
        np.testing.assert_allclose(warm.parameters_[skill_id][1], levels[1], atol=0.01)
    assert warm.report_.objective == pytest.approx(cold.report_.objective, abs=0.1)


def test_skills_new_since_are_fitted_from_the_usual_starts() -> None:
    old = BKT().fit(_learned(0, skills="ab"))
    log = _learned(1, skills="abcd")
    cold, warm = BKT(tolerance=1e-6).fit(log), BKT(tolerance=1e-6).fit(log, start_from=old)
    assert set(warm.parameters_) == set("abcd")
    np.testing.assert_allclose(warm.parameters_["d"][1], cold.parameters_["d"][1], atol=0.01)


@pytest.mark.parametrize(
    "options",
    [{"noise": "item"}, {"forget": "opportunity"}, {"individual": "both"}],
    ids=lambda one: next(iter(one)),
)
def test_it_goes_with_every_option(options: dict[str, str]) -> None:
    log = _learned(2, n_learners=80)
    cold = BKT(**options).fit(log)
    from_plain = BKT(**options).fit(log, start_from=BKT().fit(_learned(3)))
    again = BKT(**options).fit(log, start_from=cold)
    for one in (from_plain, again):
        np.testing.assert_allclose(one.predict_correct(log), cold.predict_correct(log), atol=0.03)


def test_levels_and_several_skills_per_item_start_warm_too(make_log: MakeLog) -> None:
    log = make_log(4, n=600)
    cold = BKT().fit(log)
    warm = BKT().fit(log, start_from=cold)
    losses = [log_loss(log.score, one.predict_correct(log)) for one in (cold, warm)]
    assert losses[1] == pytest.approx(losses[0], abs=0.003)


def test_an_unfitted_model_is_no_start() -> None:
    with pytest.raises(NotFitted):
        BKT().fit(_learned(0, n_learners=5), start_from=BKT())
