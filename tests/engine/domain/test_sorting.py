"""Rows put in order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.sorting import in_order_of

SMALL = st.integers(-3, 3)
WIDE = st.integers(-(2**62), 2**62 - 1)  # no room for anything beside it


@given(st.lists(st.tuples(SMALL, SMALL, SMALL), min_size=1))
def test_rows_come_by_the_first_key_then_the_next_and_ties_stay_as_they_were(rows):
    keys = [np.array(key) for key in zip(*rows, strict=True)]
    np.testing.assert_array_equal(
        in_order_of(*keys), sorted(range(len(rows)), key=rows.__getitem__)
    )


@given(st.lists(st.tuples(SMALL, WIDE), min_size=1), st.booleans())
def test_keys_too_wide_to_be_packed_are_put_in_order_all_the_same(rows, wide_first):
    rows = [row[::-1] for row in rows] if wide_first else rows
    keys = [np.array(key) for key in zip(*rows, strict=True)]
    np.testing.assert_array_equal(
        in_order_of(*keys), sorted(range(len(rows)), key=rows.__getitem__)
    )


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**40)), min_size=1))
def test_instants_within_a_learner_are_put_in_order_whether_they_were_or_not(rows):
    learner = np.array([one for one, _ in rows], np.int32)
    at = np.array([at for _, at in rows]).astype("datetime64[us]")
    expected = sorted(range(len(rows)), key=rows.__getitem__)
    np.testing.assert_array_equal(in_order_of(learner, at), expected)
    in_time = np.argsort(at, kind="stable")
    again = in_order_of(learner[in_time], at[in_time])
    np.testing.assert_array_equal(at[in_time][again], at[expected])


def test_rows_in_order_already_stay_where_they_are():
    np.testing.assert_array_equal(in_order_of(np.array([0, 0, 2]), np.array([1, 1, 0])), [0, 1, 2])
    assert len(in_order_of(np.zeros(0, np.int32))) == 0
