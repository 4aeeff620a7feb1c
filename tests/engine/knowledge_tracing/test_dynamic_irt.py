"""DynamicIRT as its users meet it. What every tracer promises is in test_tracer."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from engine.domain import (
    Completion,
    Curriculum,
    KnowledgeState,
    Response,
    ResponseLog,
    SkillLevel,
)
from engine.errors import InvalidInput, ModelFormatError, NotFitted
from engine.knowledge_tracing import DynamicIRT, auc, calibration_error, log_loss
from engine.knowledge_tracing.dynamic_irt import passes, tracer
from engine.knowledge_tracing.dynamic_irt.abilities import (
    Ability,
    Sitting,
    p_above,
    shift_to,
)
from engine.knowledge_tracing.dynamic_irt.filtering import UNKNOWN
from engine.knowledge_tracing.dynamic_irt.fitted import Fitted
from engine.knowledge_tracing.dynamic_irt.one_skill import answered_one
from engine.knowledge_tracing.dynamic_irt.settings import Settings

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SQL, SQL_2, CHARTS = SkillLevel("sql"), SkillLevel("sql", 2), SkillLevel("charts")


def _simulated(seed=0, n_learners=60, n_items=30, per_learner=40):
    """Learners with an ability per skill, on items of four skills; two in three items single."""
    easiness = np.random.default_rng(99).normal(0.3, 0.7, n_items)
    rng = np.random.default_rng(seed)
    ability = rng.normal(0, 0.7, (n_learners, 4)) + rng.normal(0, 0.7, (n_learners, 1))
    sets = [[i % 4] if i % 3 else sorted({i % 4, (i + 1) % 4}) for i in range(n_items)]
    rows = []
    for learner in range(n_learners):
        for item in rng.permutation(n_items)[:per_learner]:
            eta = ability[learner, sets[item]].mean() + easiness[item]
            rows.append((f"l{learner}", f"q{item}", [f"k{k}" for k in sets[item]], eta))
    score = rng.normal(size=len(rows)) < [row[3] for row in rows]
    learner, item, skills, eta = zip(*rows, strict=True)
    log = ResponseLog.from_columns(
        learner=learner,
        item=item,
        skills=skills,
        score=score,
        answered_at=[NOON + timedelta(minutes=7 * i) for i in range(len(rows))],
    )
    return log, norm.cdf(eta)


@pytest.fixture(scope="module")
def fitted():
    log, _ = _simulated()
    return DynamicIRT(search_rounds=2).fit(log)


class TestPredicting:
    def test_it_comes_near_the_truth_on_learners_never_seen(self, fitted):
        log, truth = _simulated(seed=8)
        p, y = fitted.predict_correct(log), log.score
        share = log_loss(y, np.full(len(y), y.mean()))
        assert share - log_loss(y, p) > 0.35 * (share - log_loss(y, truth))
        assert auc(y, p) > 0.7

    def test_one_by_one_with_times_equals_the_whole_log(self, fitted):
        log, _ = _simulated(seed=3, n_learners=4)
        states: dict[str, KnowledgeState] = {}
        p = []
        for row in range(len(log)):
            at = log.answered_at[row].astype("datetime64[us]").item().replace(tzinfo=UTC)
            learner_id, item_id = log.learner_ids[log.learner[row]], log.item_ids[log.item[row]]
            state = states.get(learner_id) or fitted.start(learner_id)
            state = KnowledgeState.from_dict(json.loads(json.dumps(state.to_dict())))
            p.append(fitted.predict_item(state, item_id, at=at))
            states[learner_id] = fitted.update(
                state, Response(learner_id, item_id, float(log.score[row]), at)
            )
        np.testing.assert_allclose(fitted.predict_correct(log), p, atol=1e-10)

    def test_without_numba_the_answers_are_the_same(self, fitted, monkeypatch):
        log, _ = _simulated(seed=4, n_learners=5)
        compiled = fitted.predict_correct(log)
        monkeypatch.setattr(tracer, "fastest", lambda: passes)
        np.testing.assert_allclose(fitted.predict_correct(log), compiled, atol=1e-10)
        plain = DynamicIRT(search_rounds=0, folds=2).fit(log)
        assert np.isfinite(plain.predict_correct(log)).all()

    def test_no_response_is_no_prediction(self, fitted):
        log, _ = _simulated(n_learners=2)
        assert fitted.predict_correct(log.select([])).shape == (0,)

    def test_an_empty_log_cannot_be_fitted(self):
        log, _ = _simulated(n_learners=2)
        with pytest.raises(InvalidInput, match="at least one response"):
            DynamicIRT().fit(log.select([]))


class TestFitting:
    def test_the_same_seed_gives_the_same_model(self):
        log, _ = _simulated(n_learners=15)
        one, other = (DynamicIRT(search_rounds=1, seed=5).fit(log).to_json() for _ in range(2))
        assert one == other

    def test_every_term_has_a_mean_and_a_variance(self, fitted):
        frame = fitted.parameters_frame()
        assert set(frame["kind"]) == {
            "item",
            "skill",
            "weight",
            "exercise weight",
            "item weight",
            "exercise transfer",
            "item transfer",
        }
        assert len({len(column) for column in frame.values()}) == 1
        assert min(frame["variance"]) > 0
        assert fitted.parameters_["items"]["q1"][1] > 0
        assert fitted.report_.n_learners == 60

    def test_before_a_fit_there_is_nothing_to_report(self):
        for name in ("parameters_", "report_"):
            with pytest.raises(NotFitted, match="call fit"):
                getattr(DynamicIRT(), name)

    def test_options_are_checked_all_at_once(self):
        with pytest.raises(InvalidInput) as caught:
            DynamicIRT(folds=1, item_spread=0.0, seed=-1, p_correct_at_mastery=2)
        assert len(caught.value.faults) == 4

    def test_harder_levels_are_found_harder(self):
        rng = np.random.default_rng(0)
        level = rng.integers(1, 4, size=3000)
        learner = rng.integers(100, size=3000)
        score = rng.normal(size=3000) < 1.2 - 0.9 * (level - 1) + rng.normal(0, 0.5, 100)[learner]
        log = ResponseLog.from_columns(
            learner=learner,
            item=[f"q{n}-{i}" for n, i in zip(level, rng.integers(8, size=3000), strict=True)],
            skills=["k"] * 3000,
            level=level,
            score=score,
        )
        model = DynamicIRT(search_rounds=1).fit(log)
        levels = model.parameters_["levels"]
        assert levels[1] == 0.0
        assert levels[2] == pytest.approx(-0.9, abs=0.3)
        assert levels[3] == pytest.approx(-1.8, abs=0.4)
        p = model.attainment(model.start("a"), [SkillLevel("k", n) for n in (1, 2, 3, 4)])
        assert (np.diff(p) < 0).all()


DEGENERATE = {
    "all right": {"score": np.ones(60)},
    "all wrong": {"score": np.zeros(60)},
    "one learner": {"learner": ["a"] * 60},
    "one response per learner": {"learner": np.arange(60)},
    "nothing but new items": {"item": np.arange(60)},
    "a skill seen once": {"skills": ["once"] + ["k"] * 59},
    "half scores": {"score": np.full(60, 0.5)},
    "one item, one learner": {"item": ["q"] * 60, "learner": ["a"] * 60},
    "no times": {"answered_at": None},
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_logs_fit_and_stay_finite(case):
    rng = np.random.default_rng(0)
    columns = {
        "learner": rng.integers(6, size=60),
        "item": rng.integers(9, size=60),
        "skills": [["k", "m", "k~m"][i] for i in rng.integers(3, size=60)],
        "score": rng.integers(2, size=60),
        "answered_at": np.arange(60) * 100,
        **DEGENERATE[case],
    }
    log = ResponseLog.from_columns(**columns)
    model = DynamicIRT(search_rounds=2).fit(log)
    p = model.predict_correct(log)
    assert np.isfinite(p).all()
    assert ((p > 0) & (p < 1)).all()
    json.loads(model.to_json())
    told = " ".join(model.report_.warnings)
    assert ("every score is" in told) == (case in {"all right", "all wrong", "half scores"})
    assert ("learners" in told) == (case != "one response per learner")
    assert "fade is at its bound" not in told
    rates = model.parameters_["settings"]
    if case == "no times":
        assert rates["skill_slow_fade"] == rates["skill_fast_fade"] == 0.0


class TestAttaining:
    def test_a_level_is_attained_above_its_cut_point(self):
        assert p_above(Ability(1.0, 0.25), 0.5) == pytest.approx(norm.cdf(1.0))
        assert shift_to(Ability(1.0, 0.25), 0.3, 0.3) == 0.0

    def test_before_any_evidence_it_is_the_prior(self, curriculum):
        model = DynamicIRT(curriculum=curriculum, p_correct_at_mastery=0.8)
        usual = tracer.Fitted().settings
        spread = (
            usual.learner_slow_variance
            + usual.skill_slow_variance
            + usual.skill_fast_variance
            + usual.skill_variance
        )
        cut = norm.ppf(0.8) + 0.5  # level 2 is half a unit harder
        expected = norm.cdf((usual.intercept - cut) / math.sqrt(spread))
        assert model.attainment(model.start("a"), [SQL_2])[0] == pytest.approx(expected)

    def test_right_answers_go_on_raising_it(self, curriculum):
        model = DynamicIRT(curriculum=curriculum)
        state, p = model.start("a"), [0.0]
        for _ in range(12):
            state = model.update(state, Response("a", "charts-1", 1.0))
            p.append(float(model.attainment(state, [CHARTS])[0]))
        assert (np.diff(p) > 0).all()
        assert p[-1] > 0.95

    def test_readers_are_told_what_attainment_says(self, curriculum):
        model = DynamicIRT(curriculum=curriculum)
        state = model.update(model.start("a"), Response("a", "report", 1.0, NOON))
        told = state.skills["sql"]
        assert told.levels == (1, 2, 3)
        asked = model.attainment(state, [SkillLevel("sql", n) for n in told.levels])
        np.testing.assert_array_equal(told.p_at_least, asked)

    def test_a_module_lifts_its_level_by_what_it_teaches(self, curriculum):
        model = DynamicIRT(curriculum=curriculum)
        state = model.update(model.start("a"), Response("a", "sql-1", 0.0))
        one, two, charts = model.attainment(state, [SQL, SQL_2, CHARTS])
        done = model.complete(state, Completion("a", "m-both", NOON))
        lifted = model.attainment(done, [SQL, SQL_2, CHARTS])
        assert lifted[1] == pytest.approx(two + 0.5 * (one - two))
        assert lifted[2] == pytest.approx(charts + 0.4 * (1 - charts))
        assert lifted[0] > one
        again = KnowledgeState.from_dict(json.loads(json.dumps(done.to_dict())))
        assert again == done
        assert model.predict_item(done, "sql-2") > model.predict_item(state, "sql-2")

    def test_many_completions_in_a_row_stay_finite(self, curriculum):
        model = DynamicIRT(curriculum=curriculum)
        state = model.start("a")
        for _ in range(200):
            state = model.complete(state, Completion("a", "m-both"))
        assert 0.99 < model.attainment(state, [CHARTS])[0] <= 1.0


FADING = Fitted(Settings(skill_slow_fade=0.004, skill_fast_fade=0.2))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["q0", "q1", "r0"]),
            st.sampled_from([0.0, 0.3, 0.5, 1.0]),
            st.one_of(st.none(), st.integers(0, 10**7)),
        ),
        max_size=25,
    )
)
def test_an_answer_to_one_skill_in_a_straight_line_is_the_step_of_the_filter(answers):
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": "q"}, {"skill_id": "r"}],
        items=[{"item_id": one, "skills": [one[0]]} for one in ("q0", "q1", "r0")],
    )
    model = DynamicIRT(curriculum=curriculum)._with(FADING)
    state = model.start("a")
    for item_id, score, seconds in answers:
        at = None if seconds is None else NOON + timedelta(seconds=seconds)
        asked = (
            state.latent,
            model._bound.question(item_id),
            FADING.settings,
            UNKNOWN if at is None else at.timestamp(),
        )
        quick = answered_one(*asked, score)
        changes, abilities = Sitting(*asked).answer(score)
        if quick is not None:
            assert quick == (changes, tuple(abilities))
        assert (quick is None) == (item_id[0] not in state.skills)
        state = model.update(state, Response("a", item_id, score, at))


class TestFading:
    """Where the log has told how fast."""

    @pytest.fixture
    def model(self, curriculum):
        return DynamicIRT(curriculum=curriculum)._with(FADING)

    @pytest.fixture
    def state(self, model):
        state = model.start("a")
        for n in range(8):
            at = NOON + timedelta(minutes=n)
            state = model.update(state, Response("a", "charts-1", 1.0, at))
        return state

    def test_attainment_falls_while_days_pass_so_that_reviews_come_due(self, model, state):
        days = [0, 1, 10, 100, 1000]
        p = [model.attainment(state, [CHARTS], at=NOON + timedelta(days=n))[0] for n in days]
        assert (np.diff(p) < 0).all()
        assert p[0] > 0.85
        assert model.attainment(state, [CHARTS])[0] >= p[0]
        told = state.skills["charts"]
        assert told.believed_at == NOON + timedelta(minutes=7)
        assert told.p_at_least[0] == model.attainment(state, [CHARTS], at=told.believed_at)[0]

    def test_predictions_and_projections_are_of_their_instant(self, model, state):
        later = NOON + timedelta(days=200)
        assert model.predict_item(state, "charts-1", at=later) < model.predict_item(
            state, "charts-1", at=NOON + timedelta(hours=1)
        )
        before = model.attainment(state, [CHARTS], at=later)[0]
        done = model.complete(state, Completion("a", "m-both", later))
        assert model.attainment(done, [CHARTS], at=later)[0] == pytest.approx(
            before + 0.4 * (1.0 - before)
        )
        assert done.skills["charts"].believed_at == later

    def test_what_a_module_taught_fades_like_what_answers_showed(self, model):
        done = model.complete(model.start("a"), Completion("a", "m-both", NOON))
        after = model.attainment(done, [CHARTS], at=NOON + timedelta(days=300))[0]
        fresh = model.attainment(model.start("a"), [CHARTS])[0]
        assert fresh < after < model.attainment(done, [CHARTS], at=NOON)[0]

    def test_without_rates_instants_change_nothing(self, curriculum):
        model = DynamicIRT(curriculum=curriculum)
        state = model.update(model.start("a"), Response("a", "charts-1", 1.0, NOON))
        later = NOON + timedelta(days=900)
        assert model.attainment(state, [CHARTS], at=later) == model.attainment(state, [CHARTS])
        assert state.skills["charts"].believed_at is None

    def test_a_state_written_before_abilities_faded_is_still_read(self, model, state):
        plain = state.to_dict()
        plain["latent"] = {
            name: one[:10] if name.startswith("skill ") else one
            for name, one in plain["latent"].items()
        }
        older = KnowledgeState.from_dict(plain)
        assert model.attainment(older, [CHARTS]) == model.attainment(state, [CHARTS])
        again = model.update(older, Response("a", "charts-1", 1.0, NOON + timedelta(days=1)))
        assert len(again.latent["skill charts"]) == 11


class TestFallingBack:
    def test_a_new_combination_reads_like_its_skills_alone(self, fitted):
        weights = fitted._bound.fitted.reading
        alone = [np.array(weights.exercises[(k,)][0]) for k in ("k0", "k2")]
        assert ("k0", "k2") not in weights.exercises
        np.testing.assert_allclose(weights.of_exercise(("k0", "k2"))[0], sum(alone) / 2)
        assert weights.of_exercise(("never", "heard")) is None

    def test_new_items_of_a_curriculum_are_served(self, fitted):
        curriculum = Curriculum.from_records(
            skills=[{"skill_id": "k0"}, {"skill_id": "new"}],
            items=[
                {"item_id": "q0", "skills": ["k0"]},
                {"item_id": "fresh", "skills": ["k0", "new"], "level": 3},
            ],
        )
        bound = fitted.with_curriculum(curriculum)
        state = bound.update(bound.start("a"), Response("a", "fresh", 1.0, NOON))
        assert set(state.skills) == {"k0", "new"}
        assert 0 < bound.predict_item(state, "q0", at=NOON + timedelta(days=3)) < 1


class TestAsText:
    def test_it_comes_back_exactly(self, fitted):
        copy = DynamicIRT.from_json(fitted.to_json())
        assert copy.to_json() == fitted.to_json()
        assert copy.parameters_frame() == fitted.parameters_frame()
        assert copy.report_ == fitted.report_

    @pytest.mark.parametrize(
        "harm",
        [
            lambda plain: plain["fitted"]["settings"].pop("practice"),
            lambda plain: plain["fitted"]["items"].update(q0=[1.0]),
            lambda plain: plain["fitted"]["reading"].update(quantities=["other"]),
            lambda plain: plain["fitted"]["reading"].update(item_quantities=[]),
            lambda plain: plain["fitted"]["item_skills"].update(q0=999),
            lambda plain: plain["fitted"]["reading"]["shared"][0].pop(),
            lambda plain: plain["options"].update(seed="x"),
            lambda plain: plain.pop("fitted"),
        ],
    )
    def test_damage_is_named(self, fitted, harm):
        plain = json.loads(fitted.to_json())
        harm(plain)
        with pytest.raises(ModelFormatError):
            DynamicIRT.from_json(json.dumps(plain))


class TestHonesty:
    """On learners made by a model of this kind, whose abilities are known."""

    K, ITEMS, ANSWERS = 8, 10, 60

    def _made(self, rng, easiness, n):
        """Return a log of n learners, and their last abilities on the skills' typical items."""
        item, skill = easiness
        rows, truth = [], np.zeros((n, self.K))
        for learner in range(n):
            slow = rng.normal(0, 0.55) + rng.normal(0, 0.6, self.K) + skill
            for _ in range(self.ANSWERS):
                k, i = rng.integers(self.K), rng.integers(self.ITEMS)
                right = rng.normal() < 0.4 + slow[k] + item[k, i]
                rows.append((f"l{learner}", f"q{k}-{i}", f"k{k}", right))
            truth[learner] = 0.4 + slow + item.mean(1)
        names = ("learner", "item", "skills", "score")
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        return ResponseLog.from_columns(**columns), truth

    def test_attainment_means_what_it_says_and_so_do_its_intervals(self):
        rng = np.random.default_rng(4)
        easiness = rng.normal(0, 0.7, (self.K, self.ITEMS)), rng.normal(0, 0.4, self.K)
        log, _ = self._made(rng, easiness, 300)
        model = DynamicIRT(search_rounds=3).fit(log)
        log, truth = self._made(rng, easiness, 120)
        states = {f"l{n}": model.start(f"l{n}") for n in range(120)}
        for row in range(len(log)):
            learner_id = log.learner_ids[log.learner[row]]
            answer = Response(learner_id, log.item_ids[log.item[row]], float(log.score[row]))
            states[learner_id] = model.update(states[learner_id], answer)
        asked = [SkillLevel(f"k{k}") for k in range(self.K)]
        p = np.array([model.attainment(states[f"l{n}"], asked) for n in range(120)])
        attained = truth >= norm.ppf(0.75)
        assert calibration_error(attained.ravel(), p.ravel()) < 0.05
        assert auc(attained.ravel(), p.ravel()) > 0.85
        found = [
            [
                model._bound.ability_at(states[f"l{n}"].latent, f"k{k}", UNKNOWN)
                for k in range(self.K)
            ]
            for n in range(120)
        ]
        error = np.array(
            [
                [(truth[n, k] - one.mean) / math.sqrt(one.variance) for k, one in enumerate(row)]
                for n, row in enumerate(found)
            ]
        )
        assert 0.82 < np.mean(np.abs(error) < 1.645) < 0.97
        assert abs(error.mean()) < 0.2
