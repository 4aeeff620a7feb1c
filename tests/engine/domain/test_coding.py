"""Columns told by their distinct values."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import InvalidInput, ResponseLog
from engine.domain.coding import Coded, encoded

COLUMNS = {"learner": ["bo", "ada", "bo"], "item": ["q", "q", "r"], "correct": [1, 0, 1]}


@given(st.lists(st.integers(-50, 50) | st.integers(-(2**40), 2**40)))
def test_whole_numbers_are_told_by_their_distinct_values_in_order(numbers):
    coded = encoded(np.array(numbers, np.int64))
    assert coded.values == sorted(set(numbers))
    assert list(coded) == numbers


@given(st.lists(st.sampled_from("abcde")))
def test_what_was_coded_already_keeps_its_rows_and_loses_what_is_in_none(letters):
    given_ = Coded(list("edcba"), np.array(["edcba".index(one) for one in letters], np.int32))
    coded = encoded(given_)
    assert list(coded) == letters
    assert set(coded.values) == set(letters)


@pytest.mark.parametrize(
    "learner",
    [
        pd.Categorical(["bo", "ada", "bo"], categories=["zoe", "bo", "ada"]),
        pl.Series(["bo", "ada", "bo"], dtype=pl.Categorical),
        pl.Series(["bo", "ada", "bo"], dtype=pl.Enum(["zoe", "bo", "ada"])),
        pa.array(["bo", "ada", "bo"]).dictionary_encode(),
        pa.chunked_array([["bo"], ["ada", "bo"]]).dictionary_encode(),
        pa.array(["bo", "ada", "bo"], pa.large_string()),
    ],
    ids=["pandas", "polars", "enum", "pyarrow", "chunks", "large"],
)
def test_a_column_coded_by_its_frame_reads_as_its_text(learner):
    make = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
    frame = make[type(learner).__module__.split(".")[0]](
        {**COLUMNS, "learner": learner, "skills": ["s", "s~t", "s"]}
    )
    log = ResponseLog.from_frame(frame)
    assert log.learner_ids == ("ada", "bo")
    assert log.learner.tolist() == [1, 0, 1]


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table])
def test_missing_ids_are_found_in_every_kind_of_frame(frame):
    columns = {**COLUMNS, "item": [None, "q", None], "skills": ["s", None, "s"]}
    with pytest.raises(InvalidInput) as error:
        ResponseLog.from_frame(frame(columns))
    assert "item: is None in row 0 and at fault in 1 more rows, expected an id" in str(error.value)
    assert "skills: is None in row 1, expected at least one skill" in str(error.value)


@pytest.mark.parametrize("skills", [[7, 8, 7], [7.0, 8.0, 7.0], np.array([7, 8, 7], np.uint8)])
def test_skills_given_as_numbers_are_read_as_their_text(skills):
    log = ResponseLog.from_columns(
        learner=COLUMNS["learner"], item=COLUMNS["item"], score=[1, 0, 1], skills=skills
    )
    assert log.skill_ids == ("7", "8")
    assert log.practice.skill.tolist() == [1, 0, 0]


def test_one_skill_at_several_levels_makes_a_combination_for_each():
    log = ResponseLog.from_columns(
        learner=["a"] * 4, item=list("qrqr"), score=[1] * 4, skills=["s"] * 4, level=[2, 1, 2, 5]
    )
    assert [one[0].level for one in log.skill_sets] == [1, 2, 5]
    assert log.skill_set.tolist() == [1, 0, 1, 2]


def test_whole_numbers_take_four_bytes_where_they_fit():
    log = ResponseLog.from_columns(
        learner=["a", "b"],
        item=["q", "q"],
        score=[1, 0],
        skills=["s", "s"],
        order=np.array([0, 2**40]),
        fold=[0, 1],
    )
    assert (log.order.dtype, log.fold.dtype) == (np.int64, np.int32)
    assert log.order.tolist() == [0, 2**40]
