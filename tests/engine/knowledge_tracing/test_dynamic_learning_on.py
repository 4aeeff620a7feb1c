"""DynamicIRT beyond one log: items tried out before, further logs, and logs drawn from a model."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from engine.domain import Curriculum, ResponseLog, SkillLevel
from engine.errors import UnknownId
from engine.knowledge_tracing import DynamicIRT, ItemCalibration, calibrate_items, log_loss
from engine.knowledge_tracing.dynamic_irt.prior import Prior, Tried
from engine.knowledge_tracing.dynamic_irt.settings import Settings

SKILLS, ITEMS = 4, 12


def _pool(seed=5):
    rng = np.random.default_rng(seed)
    return rng.normal(0.2, 0.8, (SKILLS, ITEMS))


def _answers(easiness, rng, n_learners, length, asked=range(ITEMS), name="l"):
    """Learners with an ability per skill answer random items among those asked."""
    k = rng.integers(SKILLS, size=(n_learners, length))
    i = rng.choice(list(asked), size=(n_learners, length))
    ability = rng.normal(0, 0.6, (n_learners, 1)) + rng.normal(0, 0.4, (n_learners, SKILLS))
    eta = np.take_along_axis(ability, k, axis=1) + easiness[k, i]
    return ResponseLog.from_columns(
        learner=[f"{name}{n}" for n in np.repeat(np.arange(n_learners), length)],
        item=[f"q{a}-{b}" for a, b in zip(k.ravel(), i.ravel(), strict=True)],
        skills=[f"k{a}" for a in k.ravel()],
        score=(rng.random(eta.shape) < norm.cdf(eta)).ravel(),
    )


def _errors(model, easiness, asked):
    """How far the sums of item, skill and intercept are from the truth."""
    found, h = model.parameters_, model.parameters_["settings"]
    return np.array(
        [
            h["intercept"]
            + found["items"][f"q{k}-{i}"][0]
            + found["skills"][f"k{k}"][0]
            - easiness[k, i]
            for k in range(SKILLS)
            for i in asked
        ]
    )


@pytest.fixture(scope="module")
def logs():
    rng, easiness = np.random.default_rng(2), _pool()
    first = _answers(easiness, rng, 40, 25, range(8))
    second = _answers(easiness, rng, 160, 25, range(4, 12), name="m")
    return easiness, first, second


class TestGoingOn:
    def test_a_further_log_makes_easiness_better_known_and_leaves_the_rest(self, logs):
        easiness, first, second = logs
        model = DynamicIRT(search_rounds=2).fit(first)
        before = DynamicIRT.from_json(model.to_json())
        model.partial_fit(second)
        assert model.parameters_["settings"] == before.parameters_["settings"]
        assert model._fitted.reading == before._fitted.reading
        seen_twice = range(4, 8)
        error, older = (_errors(one, easiness, seen_twice) for one in (model, before))
        assert np.std(error) < 0.9 * np.std(older)
        for k, i in np.ndindex(SKILLS, 8):
            name = f"q{k}-{i}"
            mine, theirs = model.parameters_["items"][name], before.parameters_["items"][name]
            assert mine[1] < theirs[1] if i in seen_twice else mine == theirs
        assert "q0-11" in model.parameters_["items"]
        assert "q0-11" not in before.parameters_["items"]
        assert model.report_.n_learners == 200
        assert model.report_.n_responses == len(first) + len(second)

    def test_in_two_parts_it_comes_to_what_one_fit_of_all_comes_to(self, logs):
        easiness, first, second = logs
        whole = DynamicIRT(search_rounds=0).fit(_joined(first, second))
        parts = DynamicIRT(search_rounds=0).fit(first).partial_fit(second)
        asked = range(ITEMS)
        apart = _errors(whole, easiness, asked) - _errors(parts, easiness, asked)
        assert np.abs(apart).max() < 0.25
        assert np.sqrt(np.mean(apart**2)) < 0.12
        for kind in ("items", "skills"):
            mine, theirs = parts.parameters_[kind], whole.parameters_[kind]
            ratio = [mine[name][1] / theirs[name][1] for name in theirs]
            assert 0.7 < np.median(ratio) < 1.6

    def test_new_skills_enter_and_predictions_stay_probabilities(self, logs):
        _, first, _ = logs
        model = DynamicIRT(search_rounds=0).fit(first)
        further = ResponseLog.from_columns(
            learner=["x"] * 6, item=["n1", "n2"] * 3, skills=["new~k0"] * 6, score=[1, 0] * 3
        )
        model.partial_fit(further)
        assert "new" in model.parameters_["skills"]
        p = model.predict_correct(further)
        assert ((p > 0) & (p < 1)).all()
        assert DynamicIRT.from_json(model.to_json()).to_json() == model.to_json()

    def test_without_an_earlier_fit_it_is_a_fit(self, logs):
        _, first, _ = logs
        one, other = DynamicIRT(search_rounds=0), DynamicIRT(search_rounds=0)
        assert one.partial_fit(first).to_json() == other.fit(first).to_json()


def _joined(*logs):
    return ResponseLog.from_records(
        [
            {
                "learner": log.learner_ids[log.learner[row]],
                "item": log.item_ids[log.item[row]],
                "skills": log.skill_sets[log.skill_set[row]][0].skill_id,
                "score": log.score[row],
            }
            for log in logs
            for row in range(len(log))
        ]
    )


class TestDrawingLogs:
    def test_a_log_follows_its_schedule_and_its_seed(self):
        model = DynamicIRT(search_rounds=0).fit(_answers(_pool(), np.random.default_rng(0), 30, 20))
        schedule = {"a": ["q0-1", "q2-3", "q0-1"], "b": ["q1-1"]}
        log = model.simulate(schedule, rng=np.random.default_rng(1))
        told = [log.learner_ids[n] for n in log.learner], [log.item_ids[n] for n in log.item]
        assert told == (["a", "a", "a", "b"], ["q0-1", "q2-3", "q0-1", "q1-1"])
        assert set(log.score) <= {0.0, 1.0}
        again = model.simulate(schedule, rng=np.random.default_rng(1))
        np.testing.assert_array_equal(log.score, again.score)
        with pytest.raises(UnknownId, match="never"):
            model.simulate({"a": ["never"]}, rng=np.random.default_rng(1))

    def test_its_answers_are_as_right_as_the_model_predicts(self):
        curriculum = Curriculum.from_records(
            skills=[{"skill_id": "k"}, {"skill_id": "m"}],
            items=[
                {"item_id": "one", "skills": ["k"], "level": 2},
                {"item_id": "two", "skills": ["k", "m"]},
            ],
        )
        model = DynamicIRT(curriculum=curriculum)
        rng = np.random.default_rng(3)
        schedule = {f"l{n}": rng.choice(["one", "two"], size=8).tolist() for n in range(250)}
        log = model.simulate(schedule, rng=rng)
        p = model.predict_correct(log)
        error = (log.score - p).reshape(250, 8)
        assert abs(error.mean()) < 3 * error.mean(1).std() / np.sqrt(250)
        assert log_loss(log.score, p) == pytest.approx(
            -np.mean(p * np.log(p) + (1 - p) * np.log(1 - p)), abs=0.03
        )
        assert {one.level for one in log.skill_sets[0]} <= {1, 2}


class TestItemsTriedOut:
    def test_an_average_learner_gets_right_what_the_calibration_says(self):
        calibration = ItemCalibration(("p", "q"), [0.0, 1.0], [1.0, 2.0], [10**6, 10**6])
        tried = Tried.of(calibration, {"p": 0, "q": 1}, {"p": [0], "q": [0]}, 1)
        items, skills = Prior.of_levels([0.0, 0.0], 1).under(Settings())
        tried.put(items, skills, h := Settings())
        ability = h.learner_slow_variance + h.learner_fast_variance
        ability += h.skill_slow_variance + h.skill_fast_variance
        share = norm.cdf((h.intercept + items[:, 0] + skills[0, 0]) / np.sqrt(1 + ability))
        theta = np.random.default_rng(0).normal(size=200_000)
        np.testing.assert_allclose(share, calibration.p_correct(theta).mean(0), atol=0.01)
        np.testing.assert_allclose(items[:, 1], 0.01 * (1 + ability), rtol=0.01)

    def test_cold_items_are_predicted_better_and_the_log_goes_on_from_there(self):
        rng, easiness = np.random.default_rng(7), _pool()
        pool = _answers(easiness, rng, 300, 16, name="try")
        calibration = calibrate_items(pool)
        log = _answers(easiness, rng, 60, 25, range(6))
        cold = _answers(easiness, rng, 60, 25, range(6, 12), name="new")
        losses = {}
        for name, told in (("with", {"calibration": calibration}), ("without", {})):
            model = DynamicIRT(search_rounds=2).fit(log, **told)
            losses[name] = log_loss(cold.score, model.predict_correct(cold))
        assert losses["with"] < losses["without"] - 0.03
        fitted = DynamicIRT(search_rounds=2).fit(log, calibration=calibration)
        assert len(fitted.parameters_["items"]) == SKILLS * ITEMS
        warm, known = (
            np.mean([fitted.parameters_["items"][f"q0-{i}"][1] for i in of])
            for of in (range(6), range(6, 12))
        )
        assert warm < known
        again = DynamicIRT.from_json(fitted.to_json())
        np.testing.assert_array_equal(again.predict_correct(cold), fitted.predict_correct(cold))

    def test_skills_of_items_not_in_the_log_come_from_the_curriculum(self):
        calibration = ItemCalibration(("a1", "a2", "b1"), [-1.0, 1.0, 0.5], [1.0] * 3, [90] * 3)
        curriculum = Curriculum.from_records(
            skills=[{"skill_id": "a"}, {"skill_id": "b"}],
            items=[{"item_id": one, "skills": [one[0]]} for one in calibration.item_ids],
        )
        log = ResponseLog.from_columns(
            learner=["x", "y"] * 4, item=["a1"] * 8, skills=["a"] * 8, score=[1, 0] * 4
        )
        model = DynamicIRT(curriculum=curriculum, search_rounds=0)
        model.fit(log, calibration=calibration)
        state = model.start("z")
        p = [model.predict_item(state, one) for one in ("a1", "b1", "a2")]
        assert p[0] > p[1] > p[2]
        assert 0.0 < model.attainment(state, [SkillLevel("b")])[0] < 1.0
