"""The next modules and the path as view values."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from engine import Curriculum, LearningPath, SkillTarget
from engine.domain import Arrival, RecommendationList
from service.dashboard import learning


def test_a_module_is_shown_with_reasons_and_terms(build: SimpleNamespace) -> None:
    view = learning.next_modules(
        RecommendationList((build.JOINS,), "One is withheld."), build.CURRICULUM
    )
    (card,) = view.cards
    assert view.note == "One is withheld."
    assert card.module.title == "Joins that keep every row"
    assert card.module.url == "https://learn.example/joins-201"
    assert card.module.format == "Interactive exercise"
    assert card.duration == "12 min"
    assert card.gain == "+4.8 points of readiness expected"
    assert card.reasons == ("It closes most of the gap in Joining tables.",)
    assert [(term.name, term.value) for term in card.terms] == [
        ("Gain", "+0.00400"),
        ("Review", "+0.00020"),
    ]
    assert card.score == "+0.00420"


def test_a_module_that_gains_nothing_itself_opens_the_way(build: SimpleNamespace) -> None:
    first = replace(build.JOINS, expected_gain=0.0)
    (card,) = learning.next_modules(RecommendationList((first,)), build.CURRICULUM).cards
    assert card.gain == "opens the way to later gains"


def test_a_module_that_left_the_catalogue_is_named_by_its_id(build: SimpleNamespace) -> None:
    empty = Curriculum.from_records(skills=[])
    (card,) = learning.next_modules(RecommendationList((build.JOINS,)), empty).cards
    assert (card.module.title, card.module.url) == ("joins-201", "")


def test_a_path_is_summed_up_in_a_sentence(build: SimpleNamespace) -> None:
    path = LearningPath("ada", "analyst", 90.0, 0.62, (build.STEP,), "The rest does not fit.")
    path = replace(path, gain=0.04, bound=0.06)
    view = learning.path_view(path, build.CURRICULUM, build.START)
    assert view.summary == (
        "1 module in 12 min of 1 h 30 min: readiness is expected to go from 62% to 66%."
        " Another path within the budget could gain at most 2.0 points more."
    )
    (step,) = view.steps
    assert (step.duration, step.elapsed, step.readiness) == ("12 min", "12 min", "66%")
    assert (step.week, step.day, step.arrivals, view.dated) == ("", "", (), ())
    assert view.note == "The rest does not fit."


def test_a_path_with_a_pace_has_weeks_days_and_dates_in_words(build: SimpleNamespace) -> None:
    start, days = build.START, lambda n: build.START + timedelta(days=n)
    joins = SkillTarget("sql-joins", due_at=days(7))
    arrivals = (
        Arrival(joins, days(8), 0.96, 1.0, "Joins come a day late."),
        Arrival(SkillTarget("charts", valid_days=365), days(8), 1.0, 0.0, "Renewed.", days(20)),
        Arrival(SkillTarget("ethics", due_at=days(90)), None, 0.2, 0.0, "Not reached."),
        Arrival(SkillTarget("sql-windows"), None, 0.2, 0.0, "Not reached either."),
    )
    step = build.STEP._replace(ends_at=days(8))
    path = LearningPath("ada", "analyst", 90.0, 0.62, (step,), minutes_per_week=10.5)
    view = learning.path_view(replace(path, arrivals=arrivals), build.CURRICULUM, start)
    assert "of 1 h 30 min, with 10 min a week: readiness" in view.summary
    (row,) = view.steps
    assert (row.week, row.day, row.day_iso) == ("Week 2", "13 Jan 2026", "2026-01-13")
    assert [(one.status, one.is_late) for one in row.arrivals] == [
        ("Late", True),
        ("In time", False),
    ]
    assert [one.status for one in view.dated] == ["Late", "In time", "After this path"]
    assert [(one.sentence, one.status) for one in view.others] == [("Not reached either.", "")]


def test_an_empty_path_has_no_summary(build: SimpleNamespace) -> None:
    path = LearningPath("ada", "analyst", 5.0, 0.62, (), "Nothing fits.")
    assert learning.path_view(path, build.CURRICULUM, build.START).summary == ""


@pytest.mark.parametrize(("text", "minutes"), [("5", 5), (" 6000 ", 6000), ("007", 7)])
def test_whole_minutes_within_bounds_are_read(text: str, minutes: int) -> None:
    assert learning.read_budget(text).minutes == minutes


@pytest.mark.parametrize("text", ["4", "6001", "-5", "1.5", "ten", "٣٠", "9" * 5000, "1e3", "<b>"])
def test_other_minutes_are_refused_with_a_sentence(text: str) -> None:
    budget = learning.read_budget(text)
    assert budget.minutes is None
    assert budget.problem == "Give a whole number of minutes, from 5 to 6000."
    assert len(budget.text) < 10


def test_no_minutes_ask_for_no_path() -> None:
    assert learning.read_budget("  ") == learning.Budget()
