"""How well easiness is known: against all of it written out, and in simulation."""

from __future__ import annotations

import json
import math
from typing import NamedTuple

import numpy as np
import pytest
from scipy.stats import norm

from engine.domain import Response, ResponseLog, SkillLevel
from engine.errors import InvalidInput
from engine.knowledge_tracing import DynamicIRT, auc, calibration_error
from engine.knowledge_tracing.dynamic_irt import information, passes
from engine.knowledge_tracing.dynamic_irt.calibration import calibrate, fastest, replay
from engine.knowledge_tracing.dynamic_irt.certainty import Certainty
from engine.knowledge_tracing.dynamic_irt.fitted import Fitted
from engine.knowledge_tracing.dynamic_irt.information import Information, lasting_share
from engine.knowledge_tracing.dynamic_irt.ledger import Ledger
from engine.knowledge_tracing.dynamic_irt.prior import Prior
from engine.knowledge_tracing.dynamic_irt.settings import Settings

H = Settings()


def _unknown(log):
    return Prior.of_levels(np.zeros(len(log.item_ids)), len(log.skill_ids))


def _learned(log, engine=None):
    engine = engine or fastest()
    ledger = Ledger.of(log)
    easiness = calibrate(ledger, H, _unknown(log), n_passes=8, engine=engine)
    return ledger, easiness, replay(ledger, H, easiness, engine=engine)


def _written_out(ledger, quantities, n_skills):
    """The information on items and skills, with every answer's covariance as a full matrix."""
    weight, share, practised, variance, of_learner = information._observations(
        ledger, quantities, H, n_skills
    )
    n_items = len(ledger.item_level)
    row = np.repeat(np.arange(len(ledger)), np.diff(ledger.start))
    z = np.zeros((len(ledger), n_items + 2 * n_skills))
    z[np.arange(len(ledger)), ledger.item] = 1.0
    z[row, n_items + ledger.skill] = share
    z[row, n_items + n_skills + ledger.skill] = share * practised
    same = ledger.learner[:, None] == ledger.learner[None]
    spread = np.diag(1.0 / weight) + same * of_learner[:, None]
    for k in range(n_skills):
        mine = np.zeros((2, len(ledger)))
        at = ledger.skill == k
        mine[0, row[at]], mine[1, row[at]] = share[at], share[at] * variance[at]
        spread += same * np.outer(mine[0], mine[1])
    return z.T @ np.linalg.inv(0.5 * (spread + spread.T)) @ z


@pytest.fixture
def small(make_log):
    return make_log(3, n=160, n_learners=6)


def test_the_information_is_that_of_all_answers_with_abilities_integrated_out(small):
    ledger, _, quantities = _learned(small, passes)
    n_items, n_skills = len(small.item_ids), len(small.skill_ids)
    told = Information.of(ledger, quantities, H, n_skills, engine=passes)
    full = _written_out(ledger, quantities, n_skills)
    np.testing.assert_allclose(told.items - told.lost, np.diag(full)[:n_items], atol=1e-9)
    np.testing.assert_allclose(told.across, full[:n_items, n_items:], atol=1e-9)
    np.testing.assert_allclose(told.skills, full[n_items:, n_items:], atol=1e-9)
    if fastest() is not passes:
        compiled = Information.of(ledger, quantities, H, n_skills, engine=fastest())
        for name in ("lost", "across", "lost_across", "skills", "lost_skills"):
            np.testing.assert_allclose(getattr(compiled, name), getattr(told, name), atol=1e-10)


def test_variances_are_nearly_those_of_the_whole_posterior(small):
    ledger, _, quantities = _learned(small)
    n_items, n_skills = len(small.item_ids), len(small.skill_ids)
    precision = _written_out(ledger, quantities, n_skills)
    precision[:n_items, :n_items] += np.eye(n_items) / H.item_variance
    easy = slice(n_items, n_items + n_skills)
    precision[easy, easy] += np.linalg.inv(H.skill_variance * np.eye(n_skills) + 1.0)
    precision[easy.stop :, easy.stop :] += np.eye(n_skills) / H.practice_variance
    exact = np.linalg.inv(precision)
    told = Information.of(ledger, quantities, H, n_skills, engine=fastest())
    found = Certainty.of(told, _unknown(small), H)
    np.testing.assert_allclose(found.items[:, 0], np.diag(exact)[:n_items], rtol=0.06)
    np.testing.assert_allclose(found.skills[:, 0], np.diag(exact)[easy], rtol=0.06)
    np.testing.assert_allclose(found.skills[:, 1], np.diag(exact)[easy.stop :], rtol=0.06)
    shared = -np.sum(exact[:n_items, easy] * told.taken, axis=1)
    np.testing.assert_allclose(found.items[:, 1], -shared, atol=0.05)


def test_looks_at_what_fades_have_a_mean_of_the_right_variance():
    n, keep = 7, 0.8
    correlation = keep ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    share = lasting_share(np.array([n]), keep)[0]
    assert share + (1 - share) / n == pytest.approx(correlation.mean())


class Truth(NamedTuple):
    """What a log was made of: easiness, practice slopes, and abilities after the last answer."""

    item: np.ndarray
    skill: np.ndarray
    slope: np.ndarray
    ability: np.ndarray


def made(rng, n_skills=20, n_items=8, n_learners=120, length=60):
    """Answers of a model with the usual settings, and the truth behind them."""
    item = rng.normal(0, math.sqrt(H.item_variance), (n_skills, n_items))
    skill = rng.normal(0, math.sqrt(H.skill_variance), n_skills)
    slope = rng.normal(H.practice, math.sqrt(H.practice_variance), n_skills)
    everyone, shape = np.arange(n_learners), (n_learners, n_skills)
    slow = rng.normal(0, math.sqrt(H.learner_slow_variance), n_learners)
    form = rng.normal(0, math.sqrt(H.learner_fast_variance), n_learners)
    lasting = rng.normal(0, math.sqrt(H.skill_slow_variance), shape)
    recent = rng.normal(0, math.sqrt(H.skill_fast_variance), shape)
    count, last, rows = np.zeros(shape), np.zeros(shape), []
    for t in range(length):
        k, i = rng.integers(n_skills, size=n_learners), rng.integers(n_items, size=n_learners)
        at = everyone, k
        keep = H.skill_fast_keep * H.skill_fast_keep_between ** (t - last[at])
        keep = np.where(count[at] > 0, keep, 1.0)
        fresh = rng.normal(0, math.sqrt(H.skill_fast_variance), n_learners)
        recent[at] = keep * recent[at] + np.sqrt(1 - keep**2) * fresh
        eta = H.intercept + slow + form + lasting[at] + recent[at]
        eta += item[k, i] + skill[k] + slope[k] * np.log1p(count[at])
        rows.append((k, i, rng.normal(size=n_learners) < eta))
        count[at] += 1
        last[at] = t
        fresh = rng.normal(0, math.sqrt(H.learner_fast_variance), n_learners)
        form = H.learner_fast_keep * form + math.sqrt(1 - H.learner_fast_keep**2) * fresh
    keep = np.where(count > 0, H.skill_fast_keep_between ** np.maximum(length - last - 1, 0), 1.0)
    recent = keep * recent + np.sqrt((1 - keep**2) * H.skill_fast_variance) * rng.normal(size=shape)
    ability = H.intercept + item.mean(1) + skill + slope * np.log1p(count)
    ability = ability + slow[:, None] + lasting + recent
    k, i, score = (np.array(one).T.ravel() for one in zip(*rows, strict=True))
    log = ResponseLog.from_columns(
        learner=np.repeat(everyone, length),
        item=[f"{a:02}-{b}" for a, b in zip(k, i, strict=True)],
        skills=[f"{a:02}" for a in k],
        score=score,
    )
    return log, Truth(item, skill, slope, ability)


def test_nine_in_ten_intervals_hold_the_truth():
    rng = np.random.default_rng(1)
    held_items, held_skills, naive = [], [], []
    for _ in range(5):
        log, truth = made(rng)
        ledger, easiness, quantities = _learned(log)
        told = Information.of(ledger, quantities, H, len(truth.skill), engine=fastest())
        found = Certainty.of(told, _unknown(log), H)
        at = [tuple(map(int, one.split("-"))) for one in log.item_ids]
        error = easiness.items[:, 0] - [truth.item[one] for one in at]
        held_items.append(np.abs(error) < 1.645 * np.sqrt(found.items[:, 0]))
        naive.append(np.abs(error) < 1.645 * np.sqrt(easiness.items[:, 1]))
        error = easiness.skills[:, 0] - truth.skill
        held_skills.append(np.abs(error) < 1.645 * np.sqrt(found.skills[:, 0]))
    assert 0.87 < np.mean(held_items) < 0.93  # of 800
    assert 0.82 < np.mean(held_skills) < 0.97  # of 100
    assert np.mean(naive) < 0.82


def test_attainment_is_calibrated_against_the_abilities_that_made_the_answers():
    log, truth = made(np.random.default_rng(2), n_learners=400, length=40)
    known = Fitted(
        items={
            f"{k:02}-{i}": (float(truth.item[k, i]), 1e-9) for k, i in np.ndindex(truth.item.shape)
        },
        skills={
            f"{k:02}": (float(truth.skill[k]), 1e-9, float(truth.slope[k]), 1e-9)
            for k in range(len(truth.skill))
        },
        typical={f"{k:02}": float(truth.item[k].mean()) for k in range(len(truth.skill))},
        item_skills={one: (SkillLevel(one[:2]),) for one in log.item_ids},
    )
    model = DynamicIRT()._with(known)
    states = {one: model.start(one) for one in log.learner_ids}
    for row in log.time_order.tolist():
        learner_id = log.learner_ids[log.learner[row]]
        answer = Response(learner_id, log.item_ids[log.item[row]], float(log.score[row]))
        states[learner_id] = model.update(states[learner_id], answer)
    targets = [SkillLevel(f"{k:02}") for k in range(len(truth.skill))]
    learners = [int(one) for one in states]
    p = np.array([model.attainment(one, targets) for one in states.values()]).ravel()
    attained = (truth.ability[learners] >= norm.ppf(0.75)).ravel().astype(float)
    assert calibration_error(attained, p) <= 0.02
    assert abs(p.mean() - attained.mean()) < 0.01
    assert auc(attained, p) > 0.8


def test_a_fit_finds_how_far_items_and_skills_are_spread_and_holds_its_intervals():
    rng, held = np.random.default_rng(5), {"items": [], "skills": []}
    for _ in range(3):
        log, truth = made(rng, n_items=6, length=40)
        model = DynamicIRT(search_rounds=2, folds=2).fit(log)
        found, h = model.parameters_, model.parameters_["settings"]
        assert 0.7 < h["item_variance"] / truth.item.var() < 1.4
        assert 0.6 < h["skill_variance"] / truth.skill.var() < 1.6
        true = {
            "items": {one: truth.item[tuple(map(int, one.split("-")))] for one in found["items"]},
            "skills": {one: truth.skill[int(one)] for one in found["skills"]},
        }
        for kind, known in true.items():
            error = np.array([found[kind][one][0] - value for one, value in known.items()])
            reach = 1.645 * np.sqrt([found[kind][one][1] for one in known])
            held[kind].append(np.abs(error - error.mean()) < reach)
    assert 0.85 < np.mean(held["items"]) < 0.96  # of 360
    assert 0.75 < np.mean(held["skills"]) <= 1.0  # of 60


@pytest.fixture(scope="module")
def fitted():
    log, _ = made(np.random.default_rng(3), n_skills=6, n_items=5, n_learners=50, length=30)
    return DynamicIRT(search_rounds=1, folds=2).fit(log)


class TestReading:
    def test_intervals_are_columns_of_the_frame(self, fitted):
        frame = fitted.parameters_frame(0.9)
        assert list(fitted.parameters_frame()) == ["kind", "name", "quantity", "mean", "variance"]
        row = frame["kind"].index("item")
        assert frame["se"][row] == math.sqrt(frame["variance"][row])
        width = frame["high"][row] - frame["low"][row]
        assert width == pytest.approx(2 * 1.6449 * frame["se"][row], rel=1e-4)
        name = frame["name"][row]
        assert fitted.parameters_["items"][name] == (frame["mean"][row], frame["variance"][row])
        for level in (0.0, 1.0):
            with pytest.raises(InvalidInput, match="between 0 and 1"):
                fitted.parameters_frame(level)

    def test_draws_spread_as_the_frame_says(self, fitted):
        draws = fitted.draw(300, np.random.default_rng(0))
        frame = fitted.parameters_frame(0.9)
        for kind, column in (("item", 0), ("skill", 0), ("skill", 2)):
            quantity = "practice" if column else "easiness"
            rows = [
                n
                for n, pair in enumerate(zip(frame["kind"], frame["quantity"], strict=True))
                if pair == (kind, quantity)
            ]
            values = np.array(
                [
                    [one.parameters_[f"{kind}s"][frame["name"][n]][column] for n in rows]
                    for one in draws
                ]
            )
            se, mean = np.array(frame["se"])[rows], np.array(frame["mean"])[rows]
            np.testing.assert_allclose(values.std(0), se, rtol=0.15)
            assert np.abs((values.mean(0) - mean) / se).max() < 4 / math.sqrt(300)

    def test_what_is_known_of_item_and_skill_together_is_known_better(self, fitted):
        draws = fitted.draw(300, np.random.default_rng(1))
        item = np.array([one.parameters_["items"]["00-0"][0] for one in draws])
        skill = np.array([one.parameters_["skills"]["00"][0] for one in draws])
        assert np.var(item + skill) < 0.6 * (np.var(item) + np.var(skill))
        state = fitted.start("a")
        attained = [one.attainment(state, [SkillLevel("00")])[0] for one in draws[:50]]
        assert 0.0 < np.std(attained) < 0.1

    def test_a_model_of_before_has_the_variances_of_its_filter(self, fitted):
        plain = json.loads(fitted.to_json())
        for name in ("items_doubt", "skills_doubt"):
            del plain["fitted"][name]
        del plain["fitted"]["settings"]["skill_slow_fade"]
        older = DynamicIRT.from_json(json.dumps(plain))
        assert older.parameters_["items"]["00-0"] == tuple(plain["fitted"]["items"]["00-0"])
        assert older.parameters_["settings"]["skill_slow_fade"] == 0.0
