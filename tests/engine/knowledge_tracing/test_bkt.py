"""What is particular to BKT: classical numbers, levels that come and go, fitted attributes."""

from __future__ import annotations

import pytest

from engine.domain import (
    Completion,
    Curriculum,
    KnowledgeState,
    Module,
    ModuleEffect,
    Response,
    ResponseLog,
    SkillKnowledge,
    SkillLevel,
)
from engine.errors import InvalidInput, NotFitted
from engine.knowledge_tracing import BKT
from engine.knowledge_tracing.parameters import DEFAULT_PARAMETERS

PRIOR, LEARN, _, GUESS, SLIP = DEFAULT_PARAMETERS


def test_the_first_answer_of_somebody_new_by_hand(curriculum: Curriculum) -> None:
    tracer = BKT(curriculum=curriculum)
    state = tracer.update(tracer.start("ada"), Response("ada", "charts-1", 1.0))
    seen = PRIOR * (1 - SLIP) / (PRIOR * (1 - SLIP) + (1 - PRIOR) * GUESS)
    assert state.skills["charts"].p_at_least == pytest.approx((seen + (1 - seen) * LEARN,))


def test_before_any_evidence_an_item_is_right_by_mastery_or_by_guess(
    curriculum: Curriculum,
) -> None:
    tracer = BKT(curriculum=curriculum)
    expected = PRIOR * (1 - SLIP) + (1 - PRIOR) * GUESS
    assert tracer.predict_item(tracer.start("ada"), "charts-1") == pytest.approx(expected)
    assert tracer.predict_item(tracer.start("ada"), "report") == pytest.approx(expected**2)


def test_the_expected_gain_of_a_module_is_its_share_of_what_is_missing() -> None:
    tracer = BKT()
    module = Module("m", [ModuleEffect("charts", learn=0.3)], minutes=5)
    after = tracer.attainment(tracer.project(tracer.start("ada"), module), [SkillLevel("charts")])
    assert after[0] == pytest.approx(PRIOR + (1 - PRIOR) * 0.3)


def test_a_module_lifts_onto_a_level_only_from_the_one_below(curriculum: Curriculum) -> None:
    tracer = BKT(curriculum=curriculum)
    module = Module("m", [ModuleEffect("sql", level=3, learn=1.0)], minutes=5)
    p = tracer.attainment(
        tracer.project(tracer.start("ada"), module), [SkillLevel("sql", i) for i in (1, 2, 3)]
    )
    assert p == pytest.approx([PRIOR, PRIOR**2, PRIOR**2])


def test_a_module_on_two_levels_teaches_the_lower_one_first(curriculum: Curriculum) -> None:
    tracer = BKT(curriculum=curriculum)
    effects = [ModuleEffect("sql", level=2, learn=0.5), ModuleEffect("sql", level=1, learn=0.5)]
    p = tracer.attainment(
        tracer.project(tracer.start("ada"), Module("m", effects, minutes=5)),
        [SkillLevel("sql", 1), SkillLevel("sql", 2)],
    )
    first = PRIOR + (1 - PRIOR) * 0.5
    assert p == pytest.approx([first, PRIOR**2 + (first - PRIOR**2) * 0.5])


def test_even_a_perfect_module_leaves_room_for_contrary_evidence(curriculum: Curriculum) -> None:
    tracer = BKT(curriculum=curriculum)
    sure = Module("sure", [ModuleEffect("charts", learn=1.0)], minutes=1)
    state = tracer.project(tracer.start("ada"), sure)
    for _ in range(30):
        state = tracer.update(state, Response("ada", "charts-1", 0.0))
    assert tracer.attainment(state, [SkillLevel("charts")])[0] < 0.5


def test_a_level_between_two_counts_as_the_next_above(curriculum: Curriculum) -> None:
    thinned = Curriculum.from_records(
        skills=[{"skill_id": "sql"}],
        items=[
            {"item_id": "low", "skills": ["sql"], "level": 1},
            {"item_id": "high", "skills": ["sql"], "level": 3},
        ],
    )
    tracer = BKT(curriculum=thinned)
    one, two, three, four = tracer.attainment(
        tracer.start("ada"), [SkillLevel("sql", level) for level in (1, 2, 3, 4)]
    )
    assert one > two == three
    assert four == pytest.approx(three * PRIOR)


def test_a_state_of_an_older_curriculum_is_taken_over(curriculum: Curriculum) -> None:
    older = KnowledgeState("ada", {"sql": SkillKnowledge((2,), (0.8,), 3, {"sql-2": 2})})
    tracer = BKT(curriculum=curriculum)
    one, two, three = tracer.attainment(older, [SkillLevel("sql", i) for i in (1, 2, 3)])
    assert two == pytest.approx(0.8)
    assert three == pytest.approx(0.8 * PRIOR)
    # Level 1, given that level 2 is not attained: (.5 − .25)/(1 − .25) of the remaining .2.
    assert one == pytest.approx(0.8 + 0.2 * (PRIOR - PRIOR**2) / (1 - PRIOR**2))
    after = tracer.update(older, Response("ada", "sql-3", 1.0)).skills["sql"]
    assert after.levels == (1, 2, 3)
    assert after.opportunities == 4


def test_levels_of_the_curriculum_join_those_of_the_log(curriculum: Curriculum) -> None:
    log = ResponseLog.from_columns(
        learner=["a", "b"] * 20,
        item=["x"] * 40,
        skills=["sql"] * 40,
        score=[0, 1] * 20,
        level=[2] * 40,
    )
    tracer = BKT(curriculum=curriculum).fit(log)
    fitted = tracer.parameters_["sql"][2]
    one, two, three = tracer.attainment(
        tracer.start("new"), [SkillLevel("sql", level) for level in (1, 2, 3)]
    )
    assert two == pytest.approx(fitted.prior)
    assert one > two > three


def test_items_of_the_fitted_log_are_known_without_a_curriculum() -> None:
    log = ResponseLog.from_columns(
        learner=["a", "a", "b"], item=["x", "y", "x"], skills=["k", "k~m", "k"], score=[0, 1, 1]
    )
    tracer = BKT().fit(log)
    state = tracer.update(tracer.start("new"), Response("new", "y", 1.0))
    assert set(state.skills) == {"k", "m"}


def test_an_item_of_the_curriculum_goes_before_the_same_item_of_the_log(
    curriculum: Curriculum,
) -> None:
    log = ResponseLog.from_columns(learner=["a"], item=["sql-1"], skills=["other"], score=[1])
    tracer = BKT(curriculum=curriculum).fit(log)
    state = tracer.update(tracer.start("new"), Response("new", "sql-1", 1.0))
    assert set(state.skills) == {"sql"}


def test_what_was_fitted_is_asked_for_only_after_a_fit() -> None:
    for name in ("parameters_", "report_"):
        with pytest.raises(NotFitted, match="call fit"):
            getattr(BKT(), name)
    with pytest.raises(NotFitted):
        BKT().parameters_frame()


def test_parameters_make_a_data_frame() -> None:
    pandas = pytest.importorskip("pandas")
    log = ResponseLog.from_columns(
        learner=["a", "a"], item=["x", "y"], skills=["k", "m"], level=[1, 3], score=[0, 1]
    )
    frame = pandas.DataFrame(BKT().fit(log).parameters_frame())
    assert list(frame.columns) == [
        "skill", "level", "prior", "learn", "forget", "guess", "slip",
    ]  # fmt: skip
    assert frame[["skill", "level"]].to_numpy().tolist() == [["k", 1], ["m", 3]]


def test_every_fault_of_the_options_is_listed() -> None:
    with pytest.raises(InvalidInput) as caught:
        BKT(forget="daily", restarts=0, seed=-1, tolerance=0.0)
    assert [fault.where for fault in caught.value.faults] == [
        "forget", "restarts", "seed", "tolerance",
    ]  # fmt: skip


def test_a_bad_option_set_later_changes_nothing() -> None:
    tracer = BKT(seed=2)
    with pytest.raises(InvalidInput):
        tracer.set_params(seed=3, restarts=0)
    assert tracer.get_params()["seed"] == 2


def test_scikit_learn_can_clone_it() -> None:
    base = pytest.importorskip("sklearn.base")
    tracer = BKT(forget="opportunity", restarts=2)
    assert base.clone(tracer).get_params() == tracer.get_params()


def test_a_second_completion_moves_less_than_the_first(curriculum: Curriculum) -> None:
    tracer = BKT(curriculum=curriculum)
    states = [tracer.start("ada")]
    for _ in range(2):
        states.append(tracer.complete(states[-1], Completion("ada", "m-sql-1")))
    p = [tracer.attainment(state, [SkillLevel("sql")])[0] for state in states]
    assert p[2] - p[1] == pytest.approx(0.7 * (p[1] - p[0]))
