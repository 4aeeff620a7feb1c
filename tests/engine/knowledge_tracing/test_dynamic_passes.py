"""The passes over a log: plain and compiled alike, and what they learn."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.knowledge_tracing.dynamic_irt import passes
from engine.knowledge_tracing.dynamic_irt.calibration import (
    calibrate,
    cross_fitted,
    fastest,
    replay,
    search,
)
from engine.knowledge_tracing.dynamic_irt.ledger import Ledger
from engine.knowledge_tracing.dynamic_irt.prior import Prior
from engine.knowledge_tracing.dynamic_irt.quantities import (
    ITEM_QUANTITIES,
    N_QUANTITIES,
    QUANTITIES,
)
from engine.knowledge_tracing.dynamic_irt.settings import Settings


@pytest.fixture(scope="module")
def ledger(make_log):
    log = make_log(5, n=240)
    return Ledger.of(log)


def _calibrated(ledger, engine, n_passes=3, settings=None):
    prior = np.where(ledger.item_level > 1, -0.5, 0.0)
    settings = settings or Settings()
    prior = Prior.of_levels(prior, int(ledger.skill.max()) + 1)
    return calibrate(ledger, settings, prior, n_passes=n_passes, engine=engine)


def test_the_kernels_do_what_the_reference_does(ledger):
    kernels = pytest.importorskip("engine.knowledge_tracing.dynamic_irt.kernels")
    assert fastest() is kernels
    plain, compiled = (_calibrated(ledger, engine) for engine in (passes, kernels))
    np.testing.assert_allclose(compiled.items, plain.items, rtol=1e-10)
    np.testing.assert_allclose(compiled.skills, plain.skills, rtol=1e-10)
    assert compiled.log_loss == pytest.approx(plain.log_loss, abs=1e-12)
    both = [replay(ledger, Settings(), plain, engine=engine) for engine in (passes, kernels)]
    np.testing.assert_allclose(*both, rtol=1e-10, atol=1e-12)


def test_every_pass_leaves_each_response_counted_once(ledger):
    log = (
        ledger.learner,
        ledger.item,
        ledger.start,
        ledger.skill,
        ledger.nudge,
        ledger.score,
        ledger.seconds,
    )
    settings, n_items, n_skills = Settings(), len(ledger.item_level), int(ledger.skill.max()) + 1
    items = np.tile([1.0, 0.3], (n_items, 1))
    skills = np.tile([2.0, 0.0, 9.0, 1.0], (n_skills, 1))
    before_items, before_skills = items.copy(), skills.copy()
    sites = np.zeros((len(ledger), 2)), np.zeros((len(ledger.skill), 4))
    totals = np.zeros(len(ledger))
    for again in (False, True, True):
        passes.calibrate(*log, np.array(settings), items, skills, *sites, again, totals)
        added = np.zeros_like(items)
        np.add.at(added, ledger.item, sites[0])
        np.testing.assert_allclose(items, before_items + added, atol=1e-9)
        added = np.zeros_like(skills)
        np.add.at(added, ledger.skill, sites[1])
        np.testing.assert_allclose(skills, before_skills + added, atol=1e-9)
    assert (sites[0][:, 0] >= -1e-12).all()  # no answer makes an item less certain


def test_further_passes_change_less_and_less(ledger):
    found = [_calibrated(ledger, fastest(), n).items for n in (1, 2, 4, 8, 16, 17)]
    moves = [np.abs(b - a).max() for a, b in pairwise(found)]
    assert moves[2] > moves[3] > moves[4]
    assert moves[4] < 2e-3


def test_easiness_is_found_again():
    rng = np.random.default_rng(0)
    n_learners, n_items = 400, 25
    easiness, ability = rng.normal(0, 0.8, n_items), rng.normal(0, 0.6, n_learners)
    learner, item = np.divmod(np.arange(n_learners * n_items), n_items)
    right = rng.normal(size=len(item)) < 0.3 + ability[learner] + easiness[item]
    log = ResponseLog.from_columns(
        learner=learner, item=[f"q{i:02}" for i in item], score=right, skills=["k"] * len(item)
    )
    settings = Settings(0.3, 0.36, 1e-6, 0.01, 0.5, 0.01, 1e-6, 0.01, 0.5, 0.5, 0.64, 0.01, 0.0)
    found = _calibrated(Ledger.of(log), fastest(), settings=settings)
    error = found.items[:, 0] - easiness
    assert np.abs(error - error.mean()).max() < 0.25
    stated = np.sqrt(found.items[:, 1])
    assert 0.5 < np.std(error) / stated.mean() < 1.6


def test_quantities_are_known_before_the_answer(ledger):
    easiness = _calibrated(ledger, fastest())
    whole = replay(ledger, Settings(), easiness, engine=fastest())
    last = np.append(ledger.first[1:], True)
    flipped = replace(ledger, score=np.where(last, 1 - ledger.score, ledger.score))
    changed = replay(flipped, Settings(), easiness, engine=fastest())
    np.testing.assert_array_equal(whole, changed)
    assert np.isfinite(whole).all()


def test_quantities_of_a_first_and_a_second_answer_by_hand():
    log = ResponseLog.from_columns(
        learner=["a", "a", "a"],
        item=["q", "q", "r"],
        skills=["k", "k", "k~m"],
        score=[1, 0, 1],
        answered_at=[1000, 1060, 9000],
    )
    ledger = Ledger.of(log)
    n_skills, usual = 2, Settings()
    prior = Prior.of_levels(np.zeros(len(log.item_ids)), n_skills)
    easiness = calibrate(ledger, usual, prior, n_passes=1, engine=passes)
    x = replay(ledger, usual, easiness, engine=passes)
    named = [dict(zip(QUANTITIES, row, strict=True)) for row in x.tolist()]
    first, second, third = named
    assert first["exercise_first"] == 1.0
    assert first["learner_slow"] == first["previous"] == first["same_item"] == 0.0
    assert second["same_item"] == second["same_exercise"] == second["previous"] == 1.0
    assert second["exercise_run_1"] == 1.0
    assert second["log_hours_since_skill"] == pytest.approx(np.log1p(1 / 60))
    assert second["item_share"] == 0.5
    assert third["n_skills"] == 2.0
    assert third["same_exercise"] == 0.0
    assert third["previous_of_other_exercise"] == third["previous_exercise_run"] == -1.0
    assert third["log_opportunities"] == pytest.approx(0.5 * np.log(3.0))
    assert third["log_in_session"] == 0.0  # after more than half an hour
    assert third["predictor"] != 0.0


def test_names_of_quantities_are_different_and_all_used():
    assert len(set(QUANTITIES)) == N_QUANTITIES
    assert set(ITEM_QUANTITIES) < set(QUANTITIES)


def test_cross_fitted_quantities_never_saw_the_learners_own_answers(make_log):
    ledger = Ledger.of(make_log(6, n=120, n_learners=4))
    prior = Prior.of_levels(np.zeros(len(ledger.item_level)), 4)
    rng = np.random.default_rng
    arguments = {"folds": 4, "n_passes": 2, "engine": passes}
    one = cross_fitted(ledger, Settings(), prior, rng=rng(1), **arguments)
    own = ledger.learner == ledger.learner[0]
    flipped = replace(ledger, score=np.where(own, 1 - ledger.score, ledger.score))
    other = cross_fitted(flipped, Settings(), prior, rng=rng(1), **arguments)
    easiness = QUANTITIES.index("item_easiness")
    np.testing.assert_array_equal(one[own, easiness], other[own, easiness])
    assert not np.array_equal(one[~own, easiness], other[~own, easiness])


def test_the_search_never_loses_and_is_reproducible(ledger):
    n_skills = int(ledger.skill.max()) + 1
    prior = Prior.of_levels(np.zeros(len(ledger.item_level)), n_skills)
    found = [
        search(
            ledger,
            prior,
            rounds=2,
            responses=10_000,
            engine=fastest(),
            rng=np.random.default_rng(3),
        )
        for _ in range(2)
    ]
    assert found[0] == found[1]
    assert list(found[0].trace) == sorted(found[0].trace, reverse=True)
    assert found[0].trace[-1] < found[0].trace[0]
