"""How long it takes until a role is reached."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import PathPlanner
from engine.errors import InvalidInput


def foreseen(say, modules, role, state=None, **options):
    curriculum = say.curriculum_of(["a", "b"], modules)
    planner = PathPlanner(tracer=say.HandWritten(), curriculum=curriculum)
    return planner.forecast(state or say.believe(), role=role, **options)


def test_one_module_again_and_again_takes_the_time_of_a_geometric_number_of_completions(say):
    """P(attained) is .2 now, then .6, .8, .9 …: the median is at one completion, 90% at three."""
    found = foreseen(say, [say.teach("m", "a", minutes=10)], say.role_of("a"))
    assert found.path_minutes == 10.0
    assert found.minutes == 10.0
    assert found.interval == (0.0, 30.0)
    assert found.p_by_path == pytest.approx(0.6, abs=0.04)


def test_weeks_are_the_minutes_at_the_pace_that_is_asked_about(say):
    modules = [say.teach("m", "a", minutes=30)]
    found = foreseen(say, modules, say.role_of("a"), minutes_per_week=15)
    assert found.weeks == 2.0
    assert found.weeks_interval == (0.0, 6.0)


def test_the_last_target_decides(say):
    modules = [say.teach("m-a", "a", minutes=10), say.teach("m-b", ("b", 1, 0.1), minutes=10)]
    alone = foreseen(say, modules, say.role_of("a"))
    both = foreseen(say, modules, say.role_of("a", "b"))
    assert both.minutes > alone.minutes
    assert both.p_by_path < alone.p_by_path


def test_what_nothing_leads_to_is_never_reached_and_named(say):
    found = foreseen(say, [say.teach("m", "a")], say.role_of("a", "b"))
    assert math.isinf(found.minutes)
    assert math.isinf(found.interval[1])
    assert found.note == "Nothing on offer leads to B at level 1 (Awareness)."
    denied = foreseen(say, [say.teach("m", "a")], say.role_of("a"), denied=["m"])
    assert math.isinf(denied.minutes)


def test_what_was_completed_without_effect_is_taken_again(say):
    """P(attained) is .2 now, and nothing new is on offer."""
    state = say.believe(a=0.2, completed={"m": say.day(1)})
    found = foreseen(say, [say.teach("m", "a", minutes=10)], say.role_of("a"), state)
    assert (found.path_minutes, found.minutes, found.note) == (0.0, 10.0, "")


def test_who_has_arrived_needs_no_time(say):
    found = foreseen(say, [say.teach("m", "a")], say.role_of("a"), say.believe(a=0.96))
    assert (found.minutes, found.interval, found.p_by_path) == (0.0, (0.0, 0.0), 1.0)


def test_the_same_question_has_the_same_answer_and_draws_are_the_callers_on_demand(say):
    modules = [say.teach("m-a", ("a", 1, 0.1)), say.teach("m-b", ("b", 1, 0.2))]
    ask = {"modules": modules, "role": say.role_of("a", "b")}
    assert foreseen(say, **ask) == foreseen(say, **ask)
    other = foreseen(say, **ask, rng=np.random.default_rng(5))
    assert other.minutes == pytest.approx(foreseen(say, **ask).minutes, rel=0.2)


def test_a_pace_of_nothing_is_refused(say):
    with pytest.raises(InvalidInput, match="minutes_per_week"):
        foreseen(say, [say.teach("m", "a")], say.role_of("a"), minutes_per_week=0)
