"""Mappings that share what stayed the same behave as the dicts that they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.overlay import Overlay

CHANGES = st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.integers(), max_size=5)


@given(CHANGES, st.lists(CHANGES, max_size=30))
def test_it_is_the_dict_that_it_stands_for_and_so_are_all_before_it(base, changes):
    plain, overlay = [dict(base)], [Overlay.of(base)]
    for one in changes:
        plain.append({**plain[-1], **one})
        overlay.append(overlay[-1].changed(one))
    for expected, found in zip(plain, overlay, strict=True):
        assert list(found.items()) == list(expected.items())  # in the same order
        assert found == expected
        assert found.copy() == expected
        assert len(found) == len(expected)
        for name in "aqz":
            assert (name in found) == (name in expected)
            assert found.get(name, -1) == expected.get(name, -1)


def test_it_cannot_be_changed_in_place():
    overlay = Overlay({"a": 1}).changed({"b": 2})
    with pytest.raises(TypeError):
        overlay["a"] = 3
    overlay.copy()["a"] = 3
    assert (overlay["a"], overlay["b"]) == (1, 2)
    with pytest.raises(KeyError):
        overlay["c"]


def test_a_long_row_of_changes_keeps_few_of_them_apart():
    overlay = Overlay.of({})
    for n in range(2000):
        overlay = overlay.changed({str(n % 900): n})
        assert len(overlay._changes) ** 2 <= 4 * len(overlay._base)
    assert len(overlay) == 900
    assert Overlay.of(overlay) is overlay
