"""One step of the ability filter, by hand, by quadrature and by its properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from engine.knowledge_tracing.dynamic_irt import filtering as f
from engine.knowledge_tracing.dynamic_irt.settings import BOUNDS, Settings

ONLY_ABILITY = Settings(
    intercept=0.0,
    learner_slow_variance=1.0,
    learner_slow_drift=0.0,
    learner_fast_variance=0.0,
    skill_slow_variance=0.0,
    skill_slow_drift=0.0,
    skill_fast_variance=0.0,
)
KNOWN_ITEM, KNOWN_SKILL = (0.0, 0.0), (0.0, 0.0, 0.0, 0.0)


def _start(settings, n_skills=1):
    learner = [0.0] * f.LEARNER_FIELDS
    skills = [[0.0] * f.SKILL_FIELDS for _ in range(n_skills)]
    f.fresh_learner(learner, settings)
    for skill in skills:
        f.fresh_skill(skill, settings, 0.0)
    return learner, skills


def _answer(learner, skills, score, settings, item=KNOWN_ITEM, given_skill=KNOWN_SKILL):
    terms, which = [0.0] * f.N_TERMS, range(len(skills))
    for skill in skills:
        f.age(skill, learner[f.N], f.UNKNOWN, settings)
    f.expect(learner, skills, which, item, [given_skill] * len(skills), settings, terms)
    f.absorb(learner, skills, which, terms, score, settings)
    return terms


def test_the_places_of_settings_are_those_of_their_names():
    places = {
        "INTERCEPT": "intercept",
        "L_SLOW_V": "learner_slow_variance",
        "L_DRIFT": "learner_slow_drift",
        "L_FAST_V": "learner_fast_variance",
        "L_KEEP": "learner_fast_keep",
        "S_SLOW_V": "skill_slow_variance",
        "S_DRIFT": "skill_slow_drift",
        "S_FAST_V": "skill_fast_variance",
        "S_KEEP": "skill_fast_keep",
        "S_KEEP_BETWEEN": "skill_fast_keep_between",
        "ITEM_V": "item_variance",
        "SKILL_V": "skill_variance",
        "PRACTICE": "practice",
        "PRACTICE_V": "practice_variance",
        "S_SLOW_FADE": "skill_slow_fade",
        "S_FAST_FADE": "skill_fast_fade",
    }
    assert {Settings._fields[getattr(f, place)]: place for place in places} == {
        name: place for place, name in places.items()
    }
    assert len(places) == len(Settings._fields)


def test_one_right_answer_moves_a_standard_normal_ability_to_one_over_root_pi():
    # ∫ θ φ(θ) Φ(θ) dθ / ½ = 1/√π; variance 1 − 1/π
    learner, skills = _start(ONLY_ABILITY)
    _answer(learner, skills, 1.0, ONLY_ABILITY)
    assert learner[f.SLOW] == pytest.approx(1.0 / math.sqrt(math.pi))
    assert learner[f.SLOW_V] == pytest.approx(1.0 - 1.0 / math.pi)


@pytest.mark.parametrize("score", [0.0, 0.2, 0.9, 1.0])
def test_the_first_two_moments_are_those_of_the_exact_posterior(score):
    settings = ONLY_ABILITY._replace(intercept=0.4, learner_slow_variance=1.7)
    learner, skills = _start(settings)
    _answer(learner, skills, score, settings)
    theta = np.linspace(-12, 12, 48_001)
    right = norm.cdf(0.4 + theta)
    density = norm.pdf(theta, scale=math.sqrt(1.7)) * (score * right + (1 - score) * (1 - right))
    density /= density.sum()
    mean = (theta * density).sum()
    assert learner[f.SLOW] == pytest.approx(mean, abs=1e-6)
    exact = ((theta - mean) ** 2 * density).sum()
    assert learner[f.SLOW_V] == pytest.approx(min(exact, 1.7), abs=1e-6)


def test_two_skills_share_the_surprise_by_their_variances():
    settings = ONLY_ABILITY._replace(skill_slow_variance=0.5)
    learner, skills = _start(settings, n_skills=2)
    skills[1][f.SLOW_V] = 0.1
    _answer(learner, skills, 0.0, settings)
    assert skills[0][f.SLOW] == pytest.approx(5.0 * skills[1][f.SLOW])
    assert learner[f.SLOW] == pytest.approx(4.0 * skills[0][f.SLOW])  # whole weight, twice the v


def test_what_was_just_practised_fades_and_its_uncertainty_returns():
    settings = Settings(skill_fast_variance=0.4, skill_fast_keep=0.5, skill_fast_keep_between=0.9)
    skill = _start(settings)[1][0]
    skill[f.N], skill[f.LAST], skill[f.FAST], skill[f.FAST_V] = 1.0, 3.0, 1.0, 0.1
    f.age(skill, 5.0, f.UNKNOWN, settings)
    keep = 0.5 * 0.9**2
    assert skill[f.FAST] == pytest.approx(keep)
    assert skill[f.FAST_V] == pytest.approx(0.1 * keep**2 + 0.4 * (1 - keep**2))


FADING = Settings(skill_slow_fade=0.01, skill_fast_fade=0.3)
DAY = f.DAY_SECONDS


def _practised(row):
    skill = _start(FADING)[1][0]
    skill[: f.N + 1], skill[f.S_AT] = row, 1000.0
    return skill


@given(
    st.tuples(st.floats(-3, 3), st.floats(0.001, 1), st.floats(-3, 3), st.floats(0.001, 1)),
    st.floats(0, 400),
    st.floats(0, 400),
)
def test_two_waits_are_one_of_their_joint_length_and_never_make_more_certain(row, one, other):
    once, twice = _practised([*row, 1.0]), _practised([*row, 1.0])
    f.wait(twice, 1000.0 + one * DAY, FADING)
    between = list(twice)
    f.wait(twice, 1000.0 + (one + other) * DAY, FADING)
    f.wait(once, 1000.0 + (one + other) * DAY, FADING)
    assert once == pytest.approx(twice, abs=1e-9)
    assert row[1] <= between[f.SLOW_V] <= twice[f.SLOW_V] + 1e-15
    assert row[3] <= between[f.FAST_V] <= twice[f.FAST_V] + 1e-15
    assert abs(twice[f.SLOW]) <= abs(between[f.SLOW]) <= abs(row[0])


def test_after_a_long_wait_the_abilities_in_a_skill_are_those_of_a_stranger():
    skill = _practised([1.0, 0.01, 0.8, 0.02, 7.0])
    f.wait(skill, 1000.0 + 1e4 * DAY, FADING)
    fresh = _start(FADING)[1][0]
    assert skill[: f.N] == pytest.approx(fresh[: f.N], abs=1e-6)


def test_an_unknown_or_a_past_instant_changes_nothing():
    skill = _practised([1.0, 0.01, 0.8, 0.02, 7.0])
    before = list(skill)
    f.wait(skill, f.UNKNOWN, FADING)
    f.wait(skill, 999.0, FADING)
    assert skill == before
    undated = _start(FADING)[1][0]
    undated[f.SLOW] = 1.0
    f.wait(undated, 5e8, FADING)  # nobody knows since when
    assert (undated[f.SLOW], undated[f.S_AT]) == (1.0, 5e8)


def test_half_a_score_tells_nothing():
    assert f.surprise(1.3, 0.5) == (0.0, 0.0)


def test_the_tails_are_finite():
    for z in (-1e4, -40.0, -37.5, 40.0, 1e4):
        for score in (0.0, 1e-9, 1.0):
            first, second = f.surprise(z, score)
            assert math.isfinite(first)
            assert 0.0 <= second <= 1.0
    assert f.surprise(-50.0, 1.0)[0] == pytest.approx(50.02, abs=1e-3)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3)), min_size=1, max_size=60),
    st.lists(st.floats(-4, 4), min_size=16, max_size=16),
)
def test_variances_stay_positive_and_answers_move_means_their_way(answers, free):
    settings = Settings.of_free([a + b for a, b in zip(Settings().free(), free, strict=True)])
    learner, skills = _start(settings, n_skills=4)
    for score, k in answers:
        before, skill_before = list(learner), list(skills[k])
        f.age(skill_before, learner[f.N], f.UNKNOWN, settings)
        _answer(learner, [skills[k]], score, settings, (0.3, 0.5), (0.1, 0.2, 0.1, 0.05))
        assert min(learner[f.SLOW_V], learner[f.FAST_V]) > 0
        assert min(skills[k][f.SLOW_V], skills[k][f.FAST_V]) > 0
        assert skills[k][f.SLOW_V] <= skill_before[f.SLOW_V]
        moved = learner[f.SLOW] - before[f.SLOW], skills[k][f.FAST] - skill_before[f.FAST]
        assert min(moved) >= 0 if score >= 0.5 else max(moved) <= 0


@given(st.lists(st.floats(-60, 60), min_size=16, max_size=16))
def test_settings_stay_within_bounds_and_survive_freeing(free):
    settings = Settings.of_free(free)
    for name, value in settings._asdict().items():
        assert BOUNDS[name][0] <= value <= BOUNDS[name][1]
    again = Settings.of_free(settings.free())
    assert again == pytest.approx(settings, rel=1e-9)


def test_history_counts_what_was_answered():
    learner, skills = _start(Settings())
    exercise, item = [0.0] * f.EXERCISE_FIELDS, [0.0] * f.ITEM_FIELDS
    for score, seconds in [(1.0, 100.0), (0.0, 160.0), (0.0, f.UNKNOWN), (1.0, 5000.0)]:
        _answer(learner, skills, score, Settings())
        f.remember(learner, skills, (0,), exercise, item, score, seconds)
    assert (learner[f.N], learner[f.SKILLS_MET]) == (4.0, 1.0)
    assert (learner[f.RIGHT_RUN], learner[f.WRONG_RUN], learner[f.PREVIOUS]) == (1.0, 0.0, 1.0)
    assert (learner[f.ANSWERED], learner[f.IN_SESSION]) == (5000.0, 1.0)  # half an hour's pause
    assert (skills[0][f.N], skills[0][f.RIGHTS], skills[0][f.LAST]) == (4.0, 2.0, 3.0)
    assert exercise[f.X_LAST : f.X_RUN + 1] == [1.0, -1.0, -1.0, 1.0]
    assert item == [1.0, 4.0, 2.0]
    assert learner[f.RECENT_2] == pytest.approx(((0.5 * 0.5 - 0.5) * 0.5 - 0.5) * 0.5 + 0.5)
