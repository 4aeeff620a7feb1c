"""Ids and sets of skills, coded as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..errors import did_you_mean, near_matches
from .coding import Coded, Column, distinct, encoded
from .framework import SkillLevel
from .quantities import note_rows
from .records import Faults

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .curriculum import Curriculum

__all__ = ["read_ids", "read_skill_sets"]

Value = TypeVar("Value", str, tuple[SkillLevel, ...])

_COLLECTIONS = (list, tuple, set, frozenset, np.ndarray)


def read_ids(
    where: str, column: Column, faults: Faults
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the distinct ids, sorted, and the position of each row's id among them."""
    coded = encoded(_hashable(where, column, "an id", faults))
    if isinstance(column, np.ndarray) and column.dtype.kind in "iu":
        return tuple(str(value) for value in coded.values), coded.codes
    if set(map(type, coded.values)) == {str} and "" not in coded.values:
        return _merged(coded.values, coded.codes)
    for code, value in enumerate(coded.values):
        if _is_missing(value):
            rows = np.flatnonzero(coded.codes == code)
            note_rows(where, rows, value, "an id", faults)
    return _merged([_as_id(value) for value in coded.values], coded.codes)


def _hashable(where: str, column: Column, expected: str, faults: Faults) -> Column:
    """Return a column with collections as tuples; note values that nest what they may not."""
    if isinstance(column, Coded) or (isinstance(column, np.ndarray) and column.dtype.kind in "iu"):
        return column
    listed = column.tolist() if isinstance(column, np.ndarray) else column
    if set(map(type, listed)) == {str}:
        return listed
    nested = [row for row, value in enumerate(listed) if _nests(value, where == "skills")]
    if nested:
        note_rows(where, np.array(nested), listed[nested[0]], expected, faults)
        listed = list(listed)
        for row in nested:
            listed[row] = repr(listed[row])
    return [tuple(one) if isinstance(one, _COLLECTIONS) else one for one in listed]


def _nests(value: Any, listed: bool) -> bool:
    """Return whether a value is no id, nor a collection of ids where that is expected."""
    if not isinstance(value, _COLLECTIONS):
        return isinstance(value, dict)
    return not listed or any(one is None or isinstance(one, (*_COLLECTIONS, dict)) for one in value)


def _as_id(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a column of numbers with a gap arrives as floats
    return str(value)


def _merged(
    values: Sequence[Value], codes: NDArray[np.int32]
) -> tuple[tuple[Value, ...], NDArray[np.int32]]:
    """Return the values sorted, equal ones as one, and the codes to match."""
    ordered = sorted(set(values))
    if ordered == values:
        return tuple(ordered), codes
    position = {one: k for k, one in enumerate(ordered)}
    return tuple(ordered), np.array([position[one] for one in values], np.int32)[codes]


def read_skill_sets(
    given: Mapping[str, Column],
    items: tuple[tuple[str, ...], NDArray[np.int32]],
    levels: NDArray[np.signedinteger[Any]] | None,
    faults: Faults,
    curriculum: Curriculum | None,
    separator: str,
) -> tuple[tuple[tuple[SkillLevel, ...], ...], NDArray[np.int32]]:
    if "skills" not in given:
        return _skill_sets_of_items(items, curriculum, faults)
    coded = encoded(_hashable("skills", given["skills"], "ids of skills", faults))
    level_of = Coded([1], np.zeros(len(coded), np.int32)) if levels is None else encoded(levels)
    n_levels = len(level_of.values)
    both = (
        coded.codes if n_levels == 1 else coded.codes.astype(np.int64) * n_levels + level_of.codes
    )
    used, codes = distinct(both, len(coded.values) * n_levels)
    given_as = [(coded.values[k // n_levels], level_of.values[k % n_levels]) for k in used.tolist()]
    sets = [_split(skills, level, separator) for skills, level in given_as]
    empty = np.flatnonzero(np.isin(codes, [k for k, one in enumerate(sets) if not one]))
    if len(empty):
        first, _ = given_as[codes[empty[0]]]
        note_rows("skills", empty, first, "at least one skill", faults)
    return _merged(sets, codes)


def _split(skills: Any, level: int, separator: str) -> tuple[SkillLevel, ...]:
    if _is_missing(skills):
        return ()
    parts = skills.split(separator) if isinstance(skills, str) else skills
    parts = parts if isinstance(parts, list | tuple) else [_as_id(parts)]
    return tuple(SkillLevel(one, level) for one in dict.fromkeys(str(p) for p in parts) if one)


def _skill_sets_of_items(
    items: tuple[tuple[str, ...], NDArray[np.int32]], curriculum: Curriculum | None, faults: Faults
) -> tuple[tuple[tuple[SkillLevel, ...], ...], NDArray[np.int32]]:
    item_ids, item = items
    if curriculum is None:
        faults.add("skills", "is missing", "give the column, or a curriculum that knows the items")
        return (), np.zeros(len(item), np.int32)
    sets: list[tuple[SkillLevel, ...]] = []
    for item_id in item_ids:
        known = curriculum.items.get(item_id)
        if known is None:
            near = did_you_mean(near_matches(item_id, curriculum.items))
            faults.add("item", f"{item_id!r} is not in the curriculum{near}")
        sets.append(known.exercised if known else ())
    return _merged(sets, item)


def _is_missing(value: Any) -> bool:
    return value is None or value != value or value == ""  # NaN differs from itself
