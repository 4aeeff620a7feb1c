"""Modules that can be taken only at certain times."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine import BKT, Curriculum, PathPlanner, Role, SkillTarget
from engine.domain import Module
from engine.errors import InvalidCurriculum

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
SQL = Role("analyst", [SkillTarget("sql")])


def planner(**module: Any) -> PathPlanner:
    teaches = [{"skill_id": "sql"}]
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": "sql"}],
        modules=[
            {"module_id": "short", "teaches": teaches, "minutes": 5, **module},
            {"module_id": "long", "teaches": teaches, "minutes": 50},
        ],
    )
    return PathPlanner(tracer=BKT(curriculum=curriculum), curriculum=curriculum)


@pytest.mark.parametrize(
    ("minutes", "first"), [(-1, "long"), (0, "short"), (59, "short"), (60, "long")]
)
def test_a_module_is_recommended_from_its_first_instant_until_its_last(
    minutes: int, first: str
) -> None:
    asked = planner(available_from=NOON, available_until=NOON + timedelta(hours=1))
    state, at = asked.tracer.start("ada"), NOON + timedelta(minutes=minutes)
    assert asked.recommend(state, role=SQL, at=at)[0].module_id == first
    assert asked.decide(state, role=SQL, at=at).chosen == first
    assert asked.plan(state, role=SQL, budget_minutes=60, at=at).steps[0].module_id == first


def test_a_forecast_counts_on_what_is_available_alone() -> None:
    asked = planner(available_from=NOON)
    state, early = asked.tracer.start("ada"), NOON - timedelta(minutes=1)
    open_, shut = (asked.forecast(state, role=SQL, at=at) for at in (NOON, early))
    without = asked.forecast(state, role=SQL, denied=["short"], at=NOON)
    assert (shut.path_minutes, open_.path_minutes) == (without.path_minutes, 55.0)
    assert shut == without


def test_without_an_instant_no_time_is_looked_at() -> None:
    asked = planner(available_until=NOON)
    assert asked.recommend(asked.tracer.start("ada"), role=SQL)[0].module_id == "short"


def test_what_is_unavailable_is_said_where_nothing_is_left() -> None:
    asked = planner(available_from=NOON)
    early = NOON - timedelta(minutes=1)
    found = asked.recommend(asked.tracer.start("ada"), role=SQL, denied=["long"], at=early)
    assert found.note.startswith("No module is both allowed and available")


def test_times_and_attempts_survive_records_and_what_has_none_is_written_as_before() -> None:
    curriculum = planner(available_from="2026-03-31T12:00:00+00:00", attempts=2).curriculum
    short, long = curriculum.to_records()["modules"]
    assert (short["available_from"], short["attempts"]) == ("2026-03-31T12:00:00+00:00", 2)
    assert not {"available_from", "available_until", "attempts"} & long.keys()
    assert Curriculum.from_records(**curriculum.to_records()) == curriculum
    assert curriculum.attempts == {"short": 2}


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"available_from": "noon"}, "available_from"),
        ({"available_from": datetime(2026, 1, 1)}, "available_from"),  # noqa: DTZ001
        ({"available_from": NOON, "available_until": NOON}, "available_until"),
        ({"attempts": 0}, "attempts"),
        ({"attempts": True}, "attempts"),
    ],
)
def test_times_and_attempts_that_make_no_sense_are_named(given: Any, where: str) -> None:
    with pytest.raises(InvalidCurriculum) as caught:
        Module("m", [{"skill_id": "sql"}], 5, **given)
    assert [fault.where for fault in caught.value.faults] == [where]
