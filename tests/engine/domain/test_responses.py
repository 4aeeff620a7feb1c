from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Curriculum, InvalidInput, ResponseLog, SkillLevel

ROWS = {
    "learner": ["bo", "ada", "ada", "bo"],
    "item": ["q1", "q2", "q1", "q2"],
    "skills": ["sql", "sql~charts", "sql", "sql~charts"],
    "correct": [1, 0, 1, 1],
    "order": [0, 1, 0, 1],
    "fold": [3, 1, 1, 3],
}
FRAMES = [pd.DataFrame, pl.DataFrame, pa.table]


def log_of(**changes):
    columns = {**ROWS, **changes}
    return ResponseLog.from_frame(pl.DataFrame(columns, strict=False))


def fault_text(**changes):
    with pytest.raises(InvalidInput) as error:
        log_of(**changes)
    return str(error.value)


@pytest.mark.parametrize("frame", FRAMES)
def test_any_data_frame_gives_the_same_log_in_the_order_of_its_rows(frame):
    log = ResponseLog.from_frame(frame(ROWS))
    assert log.learner_ids == ("ada", "bo")
    assert [log.learner_ids[code] for code in log.learner] == ROWS["learner"]
    assert [log.item_ids[code] for code in log.item] == ROWS["item"]
    assert log.skill_sets[log.skill_set[1]] == (SkillLevel("sql"), SkillLevel("charts"))
    np.testing.assert_array_equal(log.score, [1, 0, 1, 1])
    np.testing.assert_array_equal(log.fold, ROWS["fold"])


def test_rows_are_ordered_by_learner_and_then_as_they_happened():
    np.testing.assert_array_equal(log_of().time_order, [2, 1, 0, 3])


def test_opportunities_count_each_skill_of_each_learner_from_one():
    practice = log_of().practice
    told = {
        (practice.row[i], log_of().skill_ids[practice.skill[i]]): practice.opportunity[i]
        for i in range(len(practice.row))
    }
    assert told == {
        (2, "sql"): 1,
        (1, "sql"): 2,
        (1, "charts"): 1,
        (0, "sql"): 1,
        (3, "sql"): 2,
        (3, "charts"): 1,
    }


@given(st.permutations(range(4)))
def test_the_order_of_the_rows_does_not_change_the_history(places):
    shuffled = {name: [column[i] for i in places] for name, column in ROWS.items()}
    log = ResponseLog.from_records(pd.DataFrame(shuffled).to_dict("records"))
    history = [(log.learner_ids[log.learner[i]], log.item_ids[log.item[i]]) for i in log.time_order]
    assert history == [("ada", "q1"), ("ada", "q2"), ("bo", "q1"), ("bo", "q2")]


def test_columns_may_have_other_names():
    frame = pd.DataFrame(ROWS).rename(columns={"learner": "user_id", "skills": "kc"})
    log = ResponseLog.from_frame(frame, columns={"learner": "user_id", "skills": "kc"})
    assert log.learner_ids == ("ada", "bo")


def test_a_missing_column_is_named_with_its_near_matches_and_what_there_is():
    frame = pd.DataFrame(ROWS).rename(columns={"learner": "learners", "correct": "right"})
    with pytest.raises(InvalidInput) as error:
        ResponseLog.from_frame(frame)
    text = str(error.value)
    assert "column 'learner'" in text
    assert "did you mean 'learners'" in text
    assert "column 'score' (or 'correct')" in text


def test_a_curriculum_can_say_which_skills_an_item_exercises():
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": "sql"}], items=[{"item_id": "q1", "skills": ["sql"], "level": 2}]
    )
    row = {"learner": "ada", "item": "q1", "score": 0.5}
    log = ResponseLog.from_records([row], curriculum=curriculum)
    assert log.skill_sets == ((SkillLevel("sql", 2),),)
    with pytest.raises(InvalidInput, match="'q11' is not in the curriculum; did you mean 'q1'"):
        ResponseLog.from_records([{**row, "item": "q11"}], curriculum=curriculum)


def test_a_score_outside_zero_to_one_is_counted_and_the_first_one_shown():
    text = fault_text(correct=[1, 2, -1, 0])
    assert "is 2.0 in row 1 and at fault in 1 more rows, expected a number from 0 to 1" in text


def test_missing_values_are_refused_column_by_column_all_at_once():
    text = fault_text(
        learner=[None, "a", "b", "c"], skills=["", "x", "x", "x"], fold=[0.5, 1, 1, 1]
    )
    for place in ("learner: is None in row 0", "skills: is '' in row 0", "fold: is 0.5 in row 0"):
        assert place in text


def test_values_within_values_are_refused_column_by_column_all_at_once():
    columns = {
        "learner": [{"id": 7}, "ada", "ada"],
        "item": ["q1", ["q2"], "q1"],
        "skills": ["sql", ["sql", "charts"], [{"id": "sql"}]],
        "score": [1, 0, {"raw": 1}],
    }
    with pytest.raises(InvalidInput) as refused:
        ResponseLog.from_columns(**columns)
    assert [str(fault) for fault in refused.value.faults] == [
        "learner: is {'id': 7} in row 0, expected an id",
        "item: is ['q2'] in row 1, expected an id",
        "score: is {'raw': 1} in row 2, expected a number from 0 to 1",
        "skills: is [{'id': 'sql'}] in row 2, expected ids of skills",
    ]


def test_an_empty_log_is_refused():
    with pytest.raises(InvalidInput, match="at least one response"):
        ResponseLog.from_frame(pd.DataFrame({name: [] for name in ROWS}))
    with pytest.raises(InvalidInput, match="no rows"):
        ResponseLog.from_records([])


def test_records_with_different_columns_are_refused():
    rows = [
        {"learner": "a", "item": "q", "skills": "s", "correct": 1},
        {"learner": "a", "itm": "q"},
    ]
    with pytest.raises(InvalidInput) as error:
        ResponseLog.from_records(rows)
    assert "row 1, itm: is no column of a response log; did you mean 'item'" in str(error.value)
    assert "row 1, item: is missing" in str(error.value)


@pytest.mark.parametrize(
    "told",
    [
        ["2026-03-01T09:30:00Z", "2026-03-01T10:30:00+01:00"],
        [datetime(2026, 3, 1, 9, 30, tzinfo=UTC)] * 2,
        [datetime(2026, 3, 1, 10, 30, tzinfo=timezone(timedelta(hours=1)))] * 2,
        [1772357400, 1772357400.0],
    ],
)
def test_instants_are_read_from_text_datetimes_and_seconds(told):
    rows = [
        {"learner": "a", "item": "q", "skills": "s", "score": 1, "answered_at": at} for at in told
    ]
    log = ResponseLog.from_records(rows)
    assert log.answered_at.tolist() == [datetime(2026, 3, 1, 9, 30)] * 2  # noqa: DTZ001  UTC by contract


@pytest.mark.parametrize(
    "told",
    ["2026-03-01T09:30:00", "yesterday", datetime(2026, 3, 1), None, 1e18, -5.0],  # noqa: DTZ001
)
def test_naive_and_absurd_times_are_refused(told):
    row = {"learner": "a", "item": "q", "skills": "s", "score": 1, "answered_at": told}
    with pytest.raises(InvalidInput, match="answered_at"):
        ResponseLog.from_records([row])


def test_aware_instants_of_every_kind_of_frame_agree():
    at = [datetime(2026, 3, 1, 9, 30, tzinfo=UTC)] * 4
    logs = [ResponseLog.from_frame(frame({**ROWS, "answered_at": at})) for frame in FRAMES]
    for log in logs:
        assert str(log.answered_at[0]) == "2026-03-01T09:30:00.000000"


def test_numbers_as_ids_are_read_as_their_text_even_with_a_gap_that_made_them_floats():
    assert log_of(learner=[7, 8, 8, 7]).learner_ids == ("7", "8")
    assert log_of(learner=[7.0, 8.0, 8.0, 7.0]).learner_ids == ("7", "8")


def test_selecting_rows_keeps_the_codes():
    log = log_of()
    some = log.select(log.fold == 1)
    assert len(some) == 2
    assert some.learner_ids == log.learner_ids
    assert len(log.select([])) == 0
