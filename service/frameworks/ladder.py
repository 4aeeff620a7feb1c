"""The order of the levels of a role, from what they require."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["climbing_order"]

Requirements = Mapping[str, int]


def climbing_order(rungs: Mapping[str, Requirements]) -> list[str]:
    """Return the levels of a role from the lowest to the highest, judged by what they require.

    A rung that requires at least as much as another in every skill, and more in some, stands above
    it. Where neither does, the lower mean level goes first, then the lower sum, then the name.
    Names decide nothing else, so the order holds in any language and for any titles.

    Parameters
    ----------
    rungs : mapping of str to mapping of str to int
        For each role level, the level that it requires of each skill.

    Examples
    --------
    >>> climbing_order(
    ...     {"head": {"a": 4}, "junior": {"a": 1}, "lead": {"a": 3, "b": 3}, "senior": {"a": 3}}
    ... )
    ['junior', 'senior', 'lead', 'head']
    """
    left = dict(rungs)
    order: list[str] = []
    while left:
        lowest = [
            name
            for name, wanted in left.items()
            if not any(_stands_above(wanted, other) for other in left.values())
        ]
        order.append(min(lowest, key=lambda name: (*_height(left[name]), name)))
        del left[order[-1]]
    return order


def _stands_above(one: Requirements, other: Requirements) -> bool:
    at_least = all(one.get(skill, 0) >= level for skill, level in other.items())
    return at_least and dict(one) != dict(other)


def _height(wanted: Requirements) -> tuple[float, int]:
    total = sum(wanted.values())
    return total / max(len(wanted), 1), total
