"""Fitting: known parameters found again, degenerate logs survived, the same result every time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.errors import InvalidInput
from engine.knowledge_tracing import BKT
from engine.knowledge_tracing.priors import MOST_NOISE

MakeLog = Callable[..., ResponseLog]


def _simulated(
    truth: dict[str, tuple[float, float, float, float]], n_learners: int, length: int, seed: int
) -> ResponseLog:
    """Answers of learners to one-skill items, under (prior, learn, guess, slip) per skill."""
    rng = np.random.default_rng(seed)
    columns: dict[str, list[object]] = {"learner": [], "item": [], "skills": [], "score": []}
    for skill_id, (prior, learn, guess, slip) in truth.items():
        for learner in range(n_learners):
            attained = rng.random() < prior
            for _ in range(length):
                right = rng.random() < (1 - slip if attained else guess)
                row = (f"l{learner}", f"q-{skill_id}", skill_id, float(right))
                for column, value in zip(columns.values(), row, strict=True):
                    column.append(value)
                attained = attained or rng.random() < learn
    return ResponseLog.from_columns(**columns)


def test_the_parameters_behind_a_simulated_log_are_found_again() -> None:
    truth = {"a": (0.2, 0.15, 0.15, 0.08), "b": (0.6, 0.3, 0.3, 0.2), "c": (0.1, 0.05, 0.1, 0.15)}
    tracer = BKT(seed=1).fit(_simulated(truth, n_learners=3000, length=10, seed=7))
    for skill_id, (prior, learn, guess, slip) in truth.items():
        found = tracer.parameters_[skill_id][1]
        assert found.prior == pytest.approx(prior, abs=0.06)
        assert found.learn == pytest.approx(learn, abs=0.05)
        assert found.guess == pytest.approx(guess, abs=0.06)
        assert found.slip == pytest.approx(slip, abs=0.04)
    assert tracer.report_.converged


def test_the_parameters_of_two_levels_are_found_again() -> None:
    rng = np.random.default_rng(3)
    prior, learn, guess, slip = (0.7, 0.4), (0.2, 0.1), (0.2, 0.1), (0.1, 0.15)
    learner, item, level, score = [], [], [], []
    for who in range(3000):
        z = int(rng.random() < prior[0])
        z += int(z == 1 and rng.random() < prior[1])
        for _ in range(12):
            rank = int(rng.integers(2))
            right = rng.random() < (1 - slip[rank] if z > rank else guess[rank])
            learner.append(who)
            item.append(f"q{rank}")
            level.append(rank + 1)
            score.append(float(right))
            z += int(z == rank and rng.random() < learn[rank])
    log = ResponseLog.from_columns(
        learner=learner, item=item, level=level, score=score, skills=["k"] * len(item)
    )
    found = BKT().fit(log).parameters_["k"]
    for rank, level_ in enumerate((1, 2)):
        one = found[level_]
        assert one.prior == pytest.approx(prior[rank], abs=0.08)
        assert one.learn == pytest.approx(learn[rank], abs=0.06)
        assert one.guess == pytest.approx(guess[rank], abs=0.06)
        assert one.slip == pytest.approx(slip[rank], abs=0.04)


def test_forgetting_is_found_where_it_happens() -> None:
    rng = np.random.default_rng(11)
    learner, score = [], []
    for who in range(1500):
        attained = rng.random() < 0.5
        for _ in range(20):
            learner.append(who)
            score.append(float(rng.random() < (0.9 if attained else 0.15)))
            attained = rng.random() > 0.1 if attained else rng.random() < 0.2
    n = len(score)
    log = ResponseLog.from_columns(learner=learner, score=score, item=["q"] * n, skills=["k"] * n)
    assert BKT().fit(log).parameters_["k"][1].forget == 0.0
    found = BKT(forget="opportunity").fit(log).parameters_["k"][1]
    assert found.forget == pytest.approx(0.1, abs=0.03)
    assert found.learn == pytest.approx(0.2, abs=0.04)


DEGENERATE = {
    "all right": ([0, 0, 1, 1], [1, 1, 1, 1], ["a", "a", "a", "a"]),
    "all wrong": ([0, 0, 1, 1], [0, 0, 0, 0], ["a", "a", "a", "a"]),
    "one response": ([0], [1], ["a"]),
    "one response per learner": ([0, 1, 2, 3], [1, 0, 1, 1], ["a", "a", "a", "a"]),
    "a skill seen once": ([0, 0, 1, 1], [1, 0, 1, 0], ["a", "a", "a", "b"]),
    "nothing but half scores": ([0, 0, 1, 1], [0.5] * 4, ["a", "a", "a", "a"]),
    "always both skills": ([0, 0, 1, 1], [0, 0, 0, 0], [["a", "b"]] * 4),
}


@pytest.mark.parametrize("case", DEGENERATE)
@pytest.mark.parametrize("forget", [None, "opportunity"])
def test_a_degenerate_log_gives_sensible_parameters_and_says_so(
    case: str, forget: str | None
) -> None:
    learner, score, skills = DEGENERATE[case]
    log = ResponseLog.from_columns(
        learner=learner, score=score, skills=skills, item=["q"] * len(score)
    )
    tracer = BKT(forget=forget).fit(log)
    assert np.isfinite(tracer.predict_correct(log)).all()
    for levels in tracer.parameters_.values():
        for one in levels.values():
            assert all(0 < p < 1 for p in (one.prior, one.learn, one.guess, one.slip))
            assert one.guess + one.slip <= MOST_NOISE
    assert any("few responses" in text for text in tracer.report_.warnings)
    assert np.isfinite(tracer.report_.objective)


def test_warnings_name_what_the_answers_cannot_tell() -> None:
    log = ResponseLog.from_columns(
        learner=range(40), item=["q"] * 40, skills=["a"] * 40, score=[1] * 40
    )
    warnings = BKT().fit(log).report_["a"].warnings
    assert "every answer to level 1 is right" in warnings
    assert "no learner answered twice: learning is known from the prior alone" in warnings
    assert not any("few responses" in text for text in warnings)


def test_an_ordinary_log_gives_no_warnings() -> None:
    log = _simulated({"a": (0.3, 0.2, 0.2, 0.1)}, n_learners=200, length=8, seed=2)
    assert BKT().fit(log).report_.warnings == ()


def test_a_fit_stopped_early_says_that_it_did_not_converge() -> None:
    log = _simulated({"a": (0.3, 0.2, 0.2, 0.1)}, n_learners=50, length=8, seed=2)
    report = BKT(max_iterations=2, tolerance=1e-9).fit(log).report_
    assert not report.converged
    assert report["a"].warnings == ("not converged after 2 iterations",)


def test_permuting_the_rows_changes_nothing(make_log: MakeLog) -> None:
    log = make_log(8)
    shuffled = np.random.default_rng(0).permutation(len(log))
    one, other = BKT().fit(log), BKT().fit(log.select(shuffled))
    assert one.parameters_ == other.parameters_
    np.testing.assert_array_equal(
        one.predict_correct(log)[shuffled], other.predict_correct(log.select(shuffled))
    )


def test_the_same_seed_gives_the_same_fit(make_log: MakeLog) -> None:
    log = make_log(9)
    assert BKT(seed=4).fit(log).to_json() == BKT(seed=4).fit(log).to_json()


def test_more_restarts_never_end_lower() -> None:
    truth = {"a": (0.5, 0.02, 0.4, 0.3), "b": (0.2, 0.3, 0.3, 0.3)}
    log = _simulated(truth, n_learners=60, length=12, seed=4)
    few, many = (BKT(restarts=n, tolerance=1e-6).fit(log).report_ for n in (1, 8))
    for skill_id in truth:
        assert many[skill_id].objective >= few[skill_id].objective - 1e-3


def test_the_best_of_the_starting_points_is_chosen() -> None:
    truth = {"early": (0.9, 0.3, 0.1, 0.05), "late": (0.05, 0.02, 0.4, 0.3)}
    log = _simulated(truth, n_learners=80, length=8, seed=4)
    one, many = (BKT(restarts=n, max_iterations=1).fit(log).report_ for n in (1, 30))
    assert all(many[skill_id].objective >= one[skill_id].objective for skill_id in truth)
    assert many.objective > one.objective + 1.0


def test_a_skill_with_few_answers_stays_near_what_is_usual() -> None:
    log = _simulated({"usual": (0.3, 0.2, 0.2, 0.1)}, n_learners=400, length=8, seed=6)
    rows = [
        {"learner": log.learner_ids[i], "item": "q", "skills": "usual", "score": score}
        for i, score in zip(log.learner.tolist(), log.score.tolist(), strict=True)
    ]
    rows.append({"learner": "l1", "item": "rare", "skills": "rare", "score": 1.0})
    found = BKT().fit(ResponseLog.from_records(rows)).parameters_
    np.testing.assert_allclose(found["rare"][1], found["usual"][1], atol=0.15)


def test_skills_without_responses_are_not_fitted(make_log: MakeLog) -> None:
    log = make_log(3)
    lone = next(number for number, one in enumerate(log.skill_sets) if len(one) == 1)
    only = log.select(log.skill_set == lone)
    assert set(BKT().fit(only).parameters_) == {log.skill_sets[lone][0].skill_id}


def test_an_empty_log_is_refused(make_log: MakeLog) -> None:
    log = make_log(3)
    with pytest.raises(InvalidInput, match="at least one response"):
        BKT().fit(log.select(np.zeros(len(log), dtype=bool)))


def test_shared_items_credit_the_skill_that_failed() -> None:
    """Skill "weak" fails on its own too; the shared item must not drag "strong" down with it."""
    rng = np.random.default_rng(5)
    learner, skills, score = [], [], []
    for who in range(300):
        for _ in range(6):
            weak, strong = rng.random() < 0.3, rng.random() < 0.95
            for one, right in ((["weak"], weak), (["weak", "strong"], weak and strong)):
                learner.append(who)
                skills.append(one)
                score.append(float(right))
    log = ResponseLog.from_columns(
        learner=learner, skills=skills, score=score, item=["q"] * len(score)
    )
    tracer = BKT().fit(log)
    p = tracer.predict_correct(log)
    shared = np.array([len(one) == 2 for one in skills])
    assert p[shared].mean() == pytest.approx(0.3 * 0.95, abs=0.03)
    assert p[~shared].mean() == pytest.approx(0.3, abs=0.03)
