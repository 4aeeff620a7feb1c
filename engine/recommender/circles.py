"""Modules that only lead to each other: no order of them makes any of them possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .candidates import Ways

__all__ = ["circles", "hanging"]


def hanging(waits: dict[int, frozenset[Ways]], chosen: frozenset[int]) -> dict[int, list[Ways]]:
    """Return those chosen that no order makes possible, with what each waits for in vain."""
    left, done = set(chosen), set[int]()
    while True:
        ready = {m for m in left if not any(map(done.isdisjoint, waits[m]))}
        if not ready:
            return {m: list(filter(done.isdisjoint, waits[m])) for m in left}
        done |= ready
        left -= ready


def circles(left: dict[int, list[Ways]]) -> list[set[int]]:
    """Return sets of modules that wait for each other in vain and for no others of these."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    modules = list(left)
    number = {m: k for k, m in enumerate(modules)}
    arrows = [
        (number[m], number[one])
        for m, blocked in left.items()
        for ways in blocked
        for one in ways & number.keys()
    ]
    starts, ends = np.array(arrows, np.int64).reshape(-1, 2).T
    graph = csr_array((np.ones(len(arrows)), (starts, ends)), shape=(len(modules),) * 2)
    n, label = connected_components(graph, connection="strong")
    leaving = set(label[starts[label[starts] != label[ends]]].tolist())
    return [
        {m for m, one in zip(modules, label.tolist(), strict=True) if one == k}
        for k in range(n)
        if k not in leaving
    ]
