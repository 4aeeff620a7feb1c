"""Who spins their wheels, and who may move on."""

import pytest

from engine import BKT, Completion, Curriculum, InvalidInput, PathPlanner, Response, Role
from engine.domain import SkillTarget
from engine.recommender import advances
from engine.recommender.gaps import gaps

CURRICULUM = Curriculum.from_records(
    skills=[{"skill_id": "select", "name": "Selecting"}, {"skill_id": "joins", "name": "Joining"}],
    prerequisites=[{"skill_id": "joins", "requires": "select"}],
    items=[
        {"item_id": f"{one}-{n}", "skills": [one]} for one in ("select", "joins") for n in range(4)
    ],
    modules=[
        {
            "module_id": "joins-101",
            "title": "Joins from the start",
            "teaches": [{"skill_id": "joins"}],
            "minutes": 10,
        }
    ],
)
JUNIOR = Role("junior", [SkillTarget("select")], ladder="analyst", rung=1)
SENIOR = Role("senior", [SkillTarget("select"), SkillTarget("joins")], ladder="analyst", rung=2)
LEAD = Role("lead", [SkillTarget("select")], ladder="lead", rung=0)
TRACER = BKT(curriculum=CURRICULUM)
PLANNER = PathPlanner(tracer=TRACER, curriculum=CURRICULUM)


def answered(skill_id, *scores, state=None):
    state = state or TRACER.start("ada")
    for n, score in enumerate(scores):
        state = TRACER.update(state, Response("ada", f"{skill_id}-{n % 4}", score=score))
    return state


def test_ten_answers_without_mastery_are_told_of_and_nine_are_not():
    assert not PLANNER.stuck(answered("joins", *[0.0] * 9), role=SENIOR)
    (found,) = PLANNER.stuck(answered("joins", *[0.0] * 10), role=SENIOR)
    assert (found.skill_id, found.level, found.opportunities) == ("joins", 1, 10)
    assert found.independent_successes == 0
    assert found.p_attained < 0.5


def test_many_answers_alone_do_not_do():
    assert not PLANNER.stuck(answered("joins", *[0.0] * 12, *[1.0] * 4), role=SENIOR)


def test_what_the_role_does_not_want_is_left_out():
    assert not PLANNER.stuck(answered("joins", *[0.0] * 12), role=JUNIOR)


def test_a_prerequisite_counts_for_the_role_that_builds_on_it():
    role = Role("joiner", [SkillTarget("joins")])
    (found,) = PLANNER.stuck(answered("select", *[0.0] * 11), role=role)
    assert found.skill_id == "select"


def test_the_reason_has_the_evidence_the_modules_and_what_is_missing():
    state = answered("select", 0.0, 0.0)
    state = answered("joins", 1.0, *[0.0] * 10, state=state)
    state = TRACER.complete(state, Completion("ada", "joins-101"))
    state = answered("joins", 0.0, 0.0, state=state)
    (found,) = PLANNER.stuck(state, role=SENIOR)
    assert found.completed == ("joins-101",)
    assert [str(one) for one in found.missing] == ["select at level 1"]
    said = found.reason.sentence
    assert said.startswith("13 answers on Joining, right on 1 different item, and it is attained")
    assert "after “Joins from the start”" in said
    assert said.endswith("more likely missing than not: Selecting at level 1 (Awareness).")


def test_the_most_practised_comes_first():
    state = answered("select", *[0.0] * 10)
    state = answered("joins", *[0.0] * 14, state=state)
    found = PLANNER.stuck(state, role=SENIOR)
    assert [one.skill_id for one in found] == ["joins", "select"]


def test_nonsense_is_refused():
    with pytest.raises(InvalidInput, match="opportunities"):
        PLANNER.stuck(TRACER.start("ada"), role=SENIOR, opportunities=0)


@pytest.mark.parametrize(
    ("role", "current", "expected"),
    [
        (SENIOR, JUNIOR, True),
        (SENIOR, None, True),
        (SENIOR, LEAD, True),  # another ladder
        (SENIOR, SENIOR, False),
        (JUNIOR, SENIOR, False),  # stands higher already
    ],
)
def test_who_has_mastered_all_advances_unless_there_already(role, current, expected):
    state = answered("joins", *[1.0] * 4, state=answered("select", *[1.0] * 4))
    report = PLANNER.gaps(state, role=role)
    assert report.ready
    assert advances(report, role, current) is expected


def test_certainty_without_successes_does_not_advance():
    assert not advances(gaps(TRACER.start("ada"), JUNIOR, [0.999]), JUNIOR, None)
