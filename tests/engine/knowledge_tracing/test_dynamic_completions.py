"""Modules completed between the answers that DynamicIRT learns from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.stats import norm

from engine.domain import Completion, Curriculum, Response, ResponseLog, SkillLevel
from engine.errors import InvalidInput, ModelFormatError
from engine.knowledge_tracing import DynamicIRT, log_loss

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
SKILLS = ("k", "m")
CURRICULUM = Curriculum.from_records(
    skills=[{"skill_id": one} for one in SKILLS],
    items=[{"item_id": f"{one}{i}", "skills": [one]} for one in SKILLS for i in range(6)]
    + [{"item_id": "both", "skills": list(SKILLS)}],
    modules=[
        {"module_id": f"{kind}-{one}", "teaches": [{"skill_id": one, "learn": 0.4}], "minutes": 5}
        for one in SKILLS
        for kind in ("good", "idle")
    ],
)
LIFT = 1.2


def _lived(seed, n_learners=150):
    """Six answers, a module that lifts or one that does not, or none; then eight more answers."""
    rng = np.random.default_rng(seed)
    easiness = {one: np.random.default_rng(9).normal(0, 0.5, 6) for one in SKILLS}
    responses, completions = [], []
    for n in range(n_learners):
        who = f"l{n}"
        ability = dict(zip(SKILLS, rng.normal(-0.4, 0.6, 2), strict=True))
        did = rng.integers(3)
        for t in range(14):
            at = DAWN + timedelta(hours=7 * t + int(rng.integers(5)))
            if t == 6 and did:
                skill_id = SKILLS[rng.integers(2)]
                module_id = f"{'good' if did == 1 else 'idle'}-{skill_id}"
                completions.append(Completion(who, module_id, at - timedelta(minutes=1)))
                ability[skill_id] += LIFT if did == 1 else 0.0
            skill_id, i = SKILLS[rng.integers(2)], int(rng.integers(6))
            right = rng.random() < norm.cdf(ability[skill_id] + easiness[skill_id][i])
            responses.append(Response(who, f"{skill_id}{i}", float(right), at))
    return responses, completions


@pytest.fixture(scope="module")
def fitted():
    responses, completions = _lived(0)
    log = ResponseLog.from_records(responses, curriculum=CURRICULUM)
    return DynamicIRT(curriculum=CURRICULUM, search_rounds=2).fit(log, completions=completions)


def test_what_modules_teach_is_told_apart(fitted):
    for skill_id in SKILLS:
        good, idle = (
            fitted.effects_[f"{kind}-{skill_id}"][SkillLevel(skill_id)] for kind in ("good", "idle")
        )
        assert idle < 0.3 < good
        assert good > idle + 0.15
    state = fitted.start("a")
    p = [
        fitted.attainment(fitted.complete(state, Completion("a", one, DAWN)), [SkillLevel("k")])[0]
        for one in ("good-k", "idle-k")
    ]
    before = fitted.attainment(state, [SkillLevel("k")])[0]
    assert p[0] == pytest.approx(before + (1 - before) * fitted.effects_["good-k"][SkillLevel("k")])
    assert p[0] > p[1] >= before


def test_knowing_of_completions_predicts_better(fitted):
    responses, completions = _lived(1)
    log = ResponseLog.from_records(responses, curriculum=CURRICULUM)
    knowing = log_loss(log.score, fitted.predict_correct(log, completions=completions))
    assert knowing < log_loss(log.score, fitted.predict_correct(log)) - 0.003


def test_a_log_with_completions_is_its_replay_one_by_one(fitted):
    rates = {"skill_slow_fade": 0.2, "skill_fast_fade": 0.9}
    learned = fitted._fitted
    fading = fitted._with(replace(learned, settings=learned.settings._replace(**rates)))
    responses, completions = _lived(2, n_learners=12)
    responses += [Response("l0", "both", 1.0, DAWN + timedelta(days=9))]
    completions += [Completion("l0", "good-k", DAWN + timedelta(days=n)) for n in (5, 6, 20)]
    log = ResponseLog.from_records(responses, curriculum=CURRICULUM)
    told = fading.predict_correct(log, completions=completions)
    events = sorted(
        [(one.completed_at, 0, n, one) for n, one in enumerate(completions)]
        + [(one.answered_at, 1, n, one) for n, one in enumerate(responses)]
    )
    states, p = {}, np.empty(len(responses))
    for at, _, n, one in events:
        state = states.get(one.learner_id) or fading.start(one.learner_id)
        if isinstance(one, Completion):
            states[one.learner_id] = fading.complete(state, one)
        else:
            p[n] = fading.predict_item(state, one.item_id, at=at)
            states[one.learner_id] = fading.update(state, one)
    np.testing.assert_allclose(told, p, atol=1e-9)


def test_effects_are_part_of_the_model(fitted):
    again = DynamicIRT.from_json(fitted.to_json(), curriculum=CURRICULUM)
    assert again.effects_ == fitted.effects_
    plain = fitted._fitted.to_plain()
    plain["effects"][0][3] = 1.5
    with pytest.raises(ValueError, match="no probability"):
        type(fitted._fitted).from_plain(plain)
    with pytest.raises(ModelFormatError):
        DynamicIRT.from_json(fitted.to_json().replace('"effects": [[', '"effects": [[3, '))


def test_without_completions_nothing_is_learned_of_modules():
    responses, _ = _lived(4, 10)
    log = ResponseLog.from_records(responses, curriculum=CURRICULUM)
    model = DynamicIRT(curriculum=CURRICULUM, search_rounds=0).fit(log)
    assert model.effects_ == {}


def test_completions_need_instants_and_known_modules():
    responses, completions = _lived(5, 4)
    undated = ResponseLog.from_records(
        [Response(one.learner_id, one.item_id, one.score) for one in responses],
        curriculum=CURRICULUM,
    )
    model = DynamicIRT(curriculum=CURRICULUM, search_rounds=0)
    with pytest.raises(InvalidInput, match="answered_at"):
        model.fit(undated, completions=completions)
    dated = ResponseLog.from_records(responses, curriculum=CURRICULUM)
    with pytest.raises(InvalidInput, match="unknown module"):
        model.fit(dated, completions=[Completion("l0", "never", DAWN)])
