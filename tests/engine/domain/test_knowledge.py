import json
from datetime import UTC, datetime

import pytest

from engine import KnowledgeState, SkillKnowledge
from engine.domain import Lesson

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
STATE = KnowledgeState(
    "ada",
    {"sql": SkillKnowledge((1, 2), (0.9, 0.1 + 0.2), 3, {"q1": 1, "q2": 2}, AT, None)},
    {"m1": AT, "m2": None},
)


def test_a_state_comes_back_exactly_through_json():
    assert KnowledgeState.from_dict(json.loads(json.dumps(STATE.to_dict()))) == STATE


def test_only_successes_at_or_above_the_level_count():
    assert STATE.independent_successes("sql", 1) == 2
    assert STATE.independent_successes("sql", 2) == 1
    assert STATE.independent_successes("charts", 1) == 0


def test_a_state_cannot_be_changed_in_place():
    with pytest.raises(TypeError):
        STATE.skills["charts"] = SkillKnowledge((1,), (0.5,))
    with pytest.raises(AttributeError):
        STATE.learner_id = "bo"


def test_a_tracers_own_values_come_back_exactly_and_cost_nothing_where_there_are_none():
    state = KnowledgeState("ada", latent={"learner": (0.1 + 0.2, 1e18), "previous": ("", "q1")})
    assert KnowledgeState.from_dict(json.loads(json.dumps(state.to_dict()))) == state
    assert "latent" not in STATE.to_dict()
    with pytest.raises(TypeError):
        state.latent["learner"] = ()


def test_lessons_come_back_through_json_and_cost_nothing_where_there_are_none():
    state = KnowledgeState("ada", STATE.skills, STATE.completed, lessons={"m1": Lesson(2, 1)})
    assert KnowledgeState.from_dict(json.loads(json.dumps(state.to_dict()))) == state
    assert "lessons" not in STATE.to_dict()


def test_answers_count_from_the_last_completion_of_a_module():
    state = KnowledgeState("ada", STATE.skills, STATE.completed, lessons={"m1": Lesson(2, 1)})
    assert state.times("m1") == 2
    assert state.answered_since("m1", ["sql"]) == 2  # of 3, one came before


def test_of_a_module_of_which_nothing_more_is_remembered_it_is_said_that_it_was_once():
    assert STATE.times("m1") == 1
    assert STATE.times("m3") == 0
    assert STATE.answered_since("m1", ["sql"]) == 3
