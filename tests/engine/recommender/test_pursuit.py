"""The policy that pursues one target at a time and asks before it teaches."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import KnowledgeState, Lesson
from engine.recommender import Situation, role_map
from engine.recommender.pursuit import Pursue, Pursuit

RNG = np.random.default_rng(0)


@pytest.fixture
def facing(say):
    """A learner before a role, with modules on three skills, of which b requires a."""

    def make(state=None, *, modules=None, items=("a", "b", "c"), targets=("b", "c"), **more):
        curriculum = say.curriculum_of(
            ["a", "b", "c"],
            modules
            or [
                say.teach("a-1", "a", minutes=10),
                say.teach("b-1", "b", minutes=10),
                say.teach("b-2", ("b", 1, 0.3), minutes=5),
                say.teach("c-1", "c", minutes=100),
            ],
            ["b < a"],
            [
                {"item_id": f"{one}-{n}", "skills": [one], "level": 2 if n == 3 else 1}
                for one in items
                for n in (1, 2, 3)
            ],
        )
        where = role_map(curriculum, say.role_of(*targets))
        return Situation(where, state or say.believe(), say.HandWritten(), **more)

    return make


def offered(situation, **options):
    offer = Pursue(**options).offer(situation, RNG)
    return offer.kind, list(offer.propensities)


def test_a_plan_is_worth_the_readiness_missing_on_its_way_per_expected_minute(facing, say):
    now = facing(say.believe(a=0.2, b=0.2, c=1.0), targets=("b", "c"))
    plan = Pursuit(Pursue(), now).plan(0)
    # A module of 15 minutes, 5 of them beside it, halves what is missing, so it takes two for
    # whoever lacks it: .8 · 2 lessons are to be expected, and 3 minutes of asking.
    assert [now.where.modules[m].module_id for _, m in plan.steps] == ["a-1", "b-1"]
    assert plan.density == pytest.approx(0.5 * 0.8 / (27.0 + 27.0))


def test_where_enough_was_asked_a_plan_takes_a_whole_lesson_at_least(facing, say):
    state = say.believe(a=0.999, b=0.98, c=1.0)
    assert Pursuit(Pursue(), facing(state)).ways[0].minutes == pytest.approx(3.0 + 0.02 * 2 * 15)
    many = {**state.skills, "b": state.skills["b"]._replace(opportunities=30)}
    asked = Pursuit(Pursue(), facing(KnowledgeState("ada", many)))
    assert asked.ways[0].minutes == pytest.approx(15.0)


def test_the_plan_worth_most_is_begun_with_what_it_requires(facing):
    assert offered(facing(), ask_from=0.5) == ("module", ["a-1"])


def test_what_repetition_has_worn_out_gives_way_to_another_module(facing, say):
    state = say.believe(a=0.999, b=0.2, completed={"b-1": None})
    assert offered(facing(state), ask_from=0.5) == ("module", ["b-1"])
    worn = replace(state, lessons={"b-1": Lesson(3, 0)})
    speeds = [0.8**3 * log(2.0) / 15, -log(0.7) / 10]
    assert speeds[0] < speeds[1]
    assert offered(facing(worn), ask_from=0.5) == ("module", ["b-2"])


def test_what_may_be_known_already_is_asked_about_before_it_is_taught(facing, say):
    state = say.believe(a=0.999, b=0.6)
    assert offered(facing(state)) == ("item", ["b-1"])
    assert offered(facing(state), ask_from=0.7) == ("module", ["b-1"])
    assert offered(facing(state, items=("a", "c"))) == ("module", ["b-1"])


def test_it_does_not_ask_for_ever(facing, say):
    state = say.believe(a=0.999, b=0.6)
    many = {**state.skills, "b": state.skills["b"]._replace(opportunities=13)}
    state = KnowledgeState("ada", many)
    assert offered(facing(state)) == ("module", ["b-1"])  # 13 answers, and a doubt of .4
    assert offered(facing(state), most_doubted=6.0) == ("item", ["b-2"])
    taught = replace(state, completed={"b-1": None}, lessons={"b-1": Lesson(1, 11)})
    assert offered(facing(taught)) == ("item", ["b-2"])  # two answers since the lesson
    assert offered(facing(taught), most_answers=2) == ("module", ["b-1"])


def test_the_likelier_something_is_known_the_longer_it_is_asked_about(facing, say):
    def after(answers, p):
        state = say.believe(a=0.999, b=p)
        asked = {**state.skills, "b": state.skills["b"]._replace(opportunities=answers)}
        return offered(facing(KnowledgeState("ada", asked)))[0]

    assert [after(n, 0.6) for n in (12, 13)] == ["item", "module"]
    assert [after(n, 0.8) for n in (24, 26)] == ["item", "module"]
    assert [after(n, 0.95) for n in (29, 30)] == ["item", "module"]


def test_what_a_lesson_builds_on_is_asked_about_until_it_is_sure(facing, say):
    state = say.believe(a=0.85, b=0.05)
    assert offered(facing(state)) == ("item", ["a-1"])
    assert offered(facing(state), sure=0.84) == ("module", ["b-1"])


def test_after_a_lesson_without_effect_each_prerequisite_in_doubt_is_asked_about_once(facing, say):
    # Another lesson of 15 minutes would be in vain with probability .08: more than a question.
    state = say.believe(a=0.92, b=0.05, completed={"b-1": say.day(5)})
    assert offered(facing(state)) == ("item", ["a-1"])
    since = {**state.skills, "a": state.skills["a"]._replace(last_answered_at=say.day(6))}
    assert offered(facing(replace(state, skills=since))) == ("module", ["b-1"])
    assert offered(facing(state), minutes_a_question=1.3) == ("module", ["b-1"])


def test_items_not_answered_rightly_yet_come_first(facing, say):
    state = say.believe(a=0.999, b=0.6)
    right = {**state.skills, "b": state.skills["b"]._replace(opportunities=1, successes={"b-1": 1})}
    assert offered(facing(replace(state, skills=right))) == ("item", ["b-2"])


def test_an_item_above_the_level_is_not_asked_while_there_are_some_at_it(facing, say):
    state = say.believe(a=0.999, b=0.6)
    both = {"b-1": 1, "b-2": 1}
    for n in range(2, 8):
        right = {**state.skills, "b": state.skills["b"]._replace(opportunities=n, successes=both)}
        assert offered(facing(replace(state, skills=right)))[1] in (["b-1"], ["b-2"])


def test_targets_that_seem_attained_are_asked_about_until_all_are_certain(facing, say):
    assert offered(facing(say.believe(a=1.0, b=0.99, c=0.96))) == ("item", ["c-1"])
    assert offered(facing(say.believe(a=1.0, b=0.9999, c=0.9999))) == ("module", [])


def test_what_many_answers_have_not_made_certain_is_taught_once_more(facing, say):
    state = say.believe(a=1.0, b=0.99, c=0.9999)
    many = {**state.skills, "b": state.skills["b"]._replace(opportunities=30)}
    state = KnowledgeState("ada", many)
    assert offered(facing(state)) == ("module", ["b-1"])
    taught = replace(state, completed={"b-1": None}, lessons={"b-1": Lesson(1, 30)})
    assert offered(facing(taught)) == ("item", ["b-1"])  # no answers since
    lacking = KnowledgeState("ada", {**many, "a": say.believe(a=0.1).skills["a"]})
    assert offered(facing(lacking)) == ("module", ["a-1"])  # first what it requires


def test_a_target_that_nothing_leads_to_stands_in_nobodys_way(facing, say):
    only_b = [say.teach("b-1", "b"), say.teach("c-1", "c")]  # nothing teaches what b requires
    assert offered(facing(modules=only_b), ask_from=0.5) == ("module", ["c-1"])


P = st.sampled_from([0.02, 0.3, 0.6, 0.79, 0.8, 0.9, 0.97, 0.999])


@given(a=P, b=P, c=P, done=st.sets(st.sampled_from(["a-1", "a-0", "b-1", "c-1"])), data=st.data())
@settings(max_examples=150)
def test_it_never_opens_what_a_prerequisite_the_caller_or_another_module_closes(
    say, a, b, c, done, data
):
    curriculum = say.curriculum_of(
        ["a", "b", "c"],
        [
            say.teach("a-0", "a", minutes=3),
            say.teach("a-1", "a", minutes=10),
            say.teach("b-1", "b", minutes=10, requires=("a-1",)),
            say.teach("c-1", "c", "a", minutes=50),
        ],
        ["b < a", "c < b"],
    )
    allowed = data.draw(st.none() | st.sets(st.sampled_from(list(curriculum.modules))))
    state = say.believe(a=a, b=b, c=c, completed=dict.fromkeys(done))
    where = role_map(curriculum, say.role_of("b", "c"))
    now = Situation(where, state, say.HandWritten(), allowed=allowed)
    p = {"a": a, "b": b, "c": c}
    for module_id in Pursue().offer(now, RNG).propensities:
        module = curriculum.modules[module_id]
        assert allowed is None or module_id in allowed
        assert set(module.requires) <= done
        taught = {effect.skill_id for effect in module.teaches}
        needs = {"b": ["a"], "c": ["b"]}
        for skill_id in taught:
            assert all(p[one] >= 0.8 for one in needs.get(skill_id, []) if one not in taught)
