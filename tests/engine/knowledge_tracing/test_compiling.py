"""Compiling kernels: told of while it lasts, and done without where numba is missing."""

from __future__ import annotations

import sys

import pytest

from engine.knowledge_tracing import compilations
from engine.knowledge_tracing.compiling import compiled


def test_each_kernel_is_told_of_as_its_turn_comes() -> None:
    numba = pytest.importorskip("numba")
    half, twice = numba.njit(lambda x: x / 2), numba.njit(lambda x: 2 * x)
    told: list[int] = []
    with compilations(told.append):
        assert half(3) == 1.5
        assert told == [1]
        assert half(5) == 2.5  # compiled already
        assert twice(3) == 6
    assert told == [1, 2]
    assert half(1.5) == 0.75  # compiled for other numbers, but nobody listens any more
    assert told == [1, 2]


def test_without_numba_nothing_is_compiled_and_nothing_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setitem(sys.modules, "numba.core", None)
    told: list[int] = []
    with compilations(told.append):
        assert compiled(abs)(-3) == 3
    assert not told
