"""Whole logs replayed into states: always what one piece of evidence after the other comes to."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import Completion, Curriculum, KnowledgeState, Response, ResponseLog
from engine.domain.history import History
from engine.errors import InvalidInput, UnknownId
from engine.knowledge_tracing import BKT, DynamicIRT, bulk_columns, threads
from engine.knowledge_tracing.dynamic_irt.bulk_passes import quantile

DAWN = datetime(2026, 1, 5, 6, tzinfo=UTC)
QUICK = {"restarts": 1, "max_iterations": 5}
TRACERS: dict[str, Callable[..., Any]] = {
    "BKT": lambda **given: BKT(**QUICK, **given),
    "BKT forgetting by opportunity": lambda **given: BKT(forget="opportunity", **QUICK, **given),
    "BKT forgetting by time": lambda **given: BKT(forget="time", **QUICK, **given),
    "BKT with noise of items": lambda **given: BKT(noise="item", **QUICK, **given),
    "BKT with a trait": lambda **given: BKT(individual="learn", **QUICK, **given),
    "DynamicIRT": lambda **given: DynamicIRT(search_rounds=1, **given),
    "DynamicIRT fading by the day": lambda **given: DynamicIRT(search_rounds=0, **given),
}
ANSWERS = st.tuples(
    st.sampled_from(["ada", "bo", "cy"]),
    st.sampled_from(["sql-1", "sql-2", "sql-3", "charts-1", "report"]),
    st.sampled_from([0.0, 1.0, 0.5, 0.3]),
)
LESSONS = st.tuples(
    st.sampled_from(["ada", "bo", "dee"]), st.sampled_from(["m-sql-1", "m-both"]), st.none()
)
HOURS = st.integers(0, 400)


@pytest.fixture(scope="module", params=TRACERS)
def tracer(request: pytest.FixtureRequest, curriculum: Curriculum) -> Any:
    tracer = TRACERS[request.param](curriculum=curriculum)
    rng = np.random.default_rng(3)
    items = rng.choice(list(curriculum.items), 200)
    log = ResponseLog.from_columns(
        learner=rng.integers(9, size=200),
        item=items.tolist(),
        score=rng.choice([0.0, 1.0, 1.0], 200),
        answered_at=rng.integers(10**6, 10**7, 200),
        curriculum=curriculum,
    )
    tracer.fit(log)
    if request.param == "DynamicIRT fading by the day":
        plain = json.loads(tracer.to_json())
        plain["fitted"]["settings"] |= {"skill_slow_fade": 0.02, "skill_fast_fade": 0.3}
        tracer = DynamicIRT.from_json(json.dumps(plain), curriculum=curriculum)
    tracer.replay(log)  # compiled here, so that no example has to wait for it
    return tracer


def log_of(responses: list[Response], curriculum: Curriculum) -> ResponseLog:
    columns: dict[str, Any] = {
        "learner": [one.learner_id for one in responses],
        "item": [one.item_id for one in responses],
        "score": [one.score for one in responses],
    }
    if responses[0].answered_at is not None:
        columns["answered_at"] = [one.answered_at for one in responses]
    return ResponseLog.from_columns(**columns, curriculum=curriculum)


def one_by_one(tracer: Any, evidence: list[Response | Completion]) -> dict[str, KnowledgeState]:
    states: dict[str, KnowledgeState] = {}
    for one in evidence:
        state = states.get(one.learner_id) or tracer.start(one.learner_id)
        after = tracer.update if isinstance(one, Response) else tracer.complete
        states[one.learner_id] = after(state, one)
    return states


def assert_same(found: KnowledgeState, expected: KnowledgeState) -> None:
    assert found.skills.keys() == expected.skills.keys()
    for skill_id, known in expected.skills.items():
        here = found.skills[skill_id]
        np.testing.assert_allclose(here.p_at_least, known.p_at_least, rtol=0, atol=1e-12)
        assert here._replace(p_at_least=()) == known._replace(p_at_least=())
    assert found.completed == expected.completed
    assert found.lessons == expected.lessons
    assert found.latent.keys() == expected.latent.keys()
    for name, values in expected.latent.items():
        if name == "previous":
            assert found.latent[name] == values
        else:
            np.testing.assert_allclose(found.latent[name], values, rtol=1e-12, atol=1e-12)


@given(st.lists(st.tuples(ANSWERS, HOURS), min_size=1))
def test_a_log_comes_to_what_its_responses_come_to_one_by_one(
    tracer: Any, curriculum: Curriculum, rows: list[Any]
) -> None:
    given_ = [Response(*what, DAWN + timedelta(hours=hour)) for what, hour in rows]
    states = tracer.replay(log_of(given_, curriculum))
    expected = one_by_one(tracer, sorted(given_, key=lambda one: one.answered_at or DAWN))
    assert states.keys() == expected.keys()
    for learner_id, state in states.items():
        assert_same(state, expected[learner_id])


@given(st.lists(ANSWERS, min_size=1))
def test_responses_without_dates_count_in_the_order_of_the_rows(
    tracer: Any, curriculum: Curriculum, rows: list[Any]
) -> None:
    given_ = [Response(*what) for what in rows]
    states = tracer.replay(log_of(given_, curriculum))
    for learner_id, expected in one_by_one(tracer, given_).items():
        assert_same(states[learner_id], expected)


@given(st.lists(st.tuples(ANSWERS | LESSONS, HOURS), min_size=1), ANSWERS)
def test_modules_completed_between_the_responses_teach(
    tracer: Any, curriculum: Curriculum, rows: list[Any], first: Any
) -> None:
    responses, completions = [Response(*first, DAWN)], []
    for (learner_id, subject, score), hour in rows:
        at = DAWN + timedelta(hours=hour)
        if score is None:
            completions.append(Completion(learner_id, subject, at))
        else:
            responses.append(Response(learner_id, subject, score, at))
    states = tracer.replay(log_of(responses, curriculum), completions=completions)
    dated = [(one.completed_at, 0, one) for one in completions]
    dated += [(one.answered_at, 1, one) for one in responses]
    expected = one_by_one(tracer, [one for *_, one in sorted(dated, key=lambda one: one[:2])])
    assert {one for one in states if states[one].skills} == expected.keys()
    for learner_id, state in expected.items():
        assert_same(states[learner_id], state)


def test_a_response_dated_before_the_one_in_front_of_it_does_not_move_completions(
    tracer: Any, curriculum: Curriculum
) -> None:
    hour = timedelta(hours=1)
    log = ResponseLog.from_columns(
        learner=["ada"] * 3,
        item=["sql-1", "sql-2", "sql-1"],
        score=[1, 0, 1],
        order=[0, 1, 2],
        answered_at=[DAWN + 2 * hour, DAWN, DAWN + 4 * hour],
        curriculum=curriculum,
    )
    history = History.of(log, [Completion("ada", "m-both", DAWN + 3 * hour)])
    assert history.subject.tolist() == [*log.item[:2].tolist(), 2, log.item[2]]


def test_neither_the_parts_nor_the_threads_change_a_digit(
    tracer: Any, curriculum: Curriculum, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(5)
    log = ResponseLog.from_columns(
        learner=rng.integers(40, size=900),
        item=rng.choice(list(curriculum.items), 900).tolist(),
        score=rng.choice([0.0, 1.0], 900),
        answered_at=rng.integers(10**6, 10**7, 900),
        curriculum=curriculum,
    )
    whole = dict(tracer.replay(log))
    monkeypatch.setattr(threads, "WORTH_SHARING", 1)
    for number in (1, 2, 3):
        monkeypatch.setattr(bulk_columns, "usual_number", lambda number=number: number)
        assert dict(tracer.replay(log)) == whole


def test_a_learner_without_evidence_is_as_at_the_start(tracer: Any, curriculum: Curriculum) -> None:
    log = log_of([Response("ada", "sql-1", 1.0), Response("bo", "sql-1", 1.0)], curriculum)
    states = tracer.replay(log.select([0]))
    assert states["bo"] == tracer.start("bo")
    with pytest.raises(KeyError):
        states["cy"]


def test_what_is_not_known_is_refused(tracer: Any, curriculum: Curriculum) -> None:
    other = ResponseLog.from_records([{"learner": "a", "item": "sql-9", "skills": "s", "score": 1}])
    with pytest.raises(UnknownId, match="unknown item 'sql-9'; did you mean"):
        tracer.replay(other)
    log = log_of([Response("ada", "sql-1", 1.0, DAWN)], curriculum)
    with pytest.raises(UnknownId, match="unknown module 'm'"):
        tracer.replay(log, completions=[Completion("ada", "m", DAWN)])


def test_completions_need_dates(tracer: Any, curriculum: Curriculum) -> None:
    undated = log_of([Response("ada", "sql-1", 1.0)], curriculum)
    with pytest.raises(InvalidInput) as error:
        tracer.replay(undated, completions=[Completion("ada", "m-both")])
    assert "has no column answered_at" in str(error.value)
    assert "row 0, completed_at: is missing" in str(error.value)


def test_a_history_has_its_own_completions(tracer: Any, curriculum: Curriculum) -> None:
    completions = [Completion("ada", "m-both", DAWN)]
    history = History.of(log_of([Response("ada", "sql-1", 1.0, DAWN)], curriculum), completions)
    assert tracer.replay(history)["ada"].completed == {"m-both": DAWN}
    with pytest.raises(InvalidInput, match="beside a History"):
        tracer.replay(history, completions=completions)


def test_quantiles_are_those_of_the_standard_normal() -> None:
    for p in [1e-12, 1e-5, 0.02, 0.3, 0.5, 0.7, 0.975, 1.0 - 1e-9]:
        expected = NormalDist().inv_cdf(p)
        assert quantile(p) == pytest.approx(expected, rel=1e-13, abs=1e-13)


@settings(max_examples=5)
@given(st.lists(st.tuples(ANSWERS, HOURS), min_size=1, max_size=8))
def test_without_numba_the_same_loops_run_as_they_are(
    curriculum: Curriculum, rows: list[Any]
) -> None:
    given_ = [Response(*what, DAWN + timedelta(hours=hour)) for what, hour in rows]
    tracer, log = BKT(curriculum=curriculum), log_of(given_, curriculum)
    compiled = tracer.replay(log)
    name = "engine.knowledge_tracing.bulk_passes"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "numba", None)
        patch.delitem(sys.modules, name)
        patch.delattr("engine.knowledge_tracing.bulk_passes")
        plain = tracer.replay(log)
        assert sys.modules[name].fold.__class__.__name__ == "function"
    assert dict(plain) == dict(compiled)
