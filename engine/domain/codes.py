"""Ids and sets of skills, coded as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import did_you_mean, near_matches
from .framework import SkillLevel
from .quantities import Column, note_rows
from .records import Faults

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .curriculum import Curriculum

__all__ = ["read_ids", "read_skill_sets"]


def read_ids(
    where: str, column: Column, faults: Faults
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the distinct ids, sorted, and the position of each row's id among them."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "iu":
        values, inverse = np.unique(column, return_inverse=True)
        return tuple(str(value) for value in values.tolist()), inverse.astype(np.int32)
    listed = column.tolist() if isinstance(column, np.ndarray) else list(column)
    seen: dict[Any, int] = {}
    codes: NDArray[np.int32] = np.fromiter(
        (seen.setdefault(one, len(seen)) for one in listed), np.int32, len(listed)
    )
    for value, code in seen.items():
        if _is_missing(value):
            rows = np.flatnonzero(codes == code)
            note_rows(where, rows, value, "an id", faults)
    return _sorted_codes([_as_id(value) for value in seen], codes)


def _as_id(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a column of numbers with a gap arrives as floats
    return str(value)


def _sorted_codes(
    ids: list[str], codes: NDArray[np.int32]
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    ordered = sorted(set(ids))
    position = {one: k for k, one in enumerate(ordered)}
    return tuple(ordered), np.array([position[one] for one in ids], np.int32)[codes]


def read_skill_sets(
    given: Mapping[str, Column],
    items: tuple[tuple[str, ...], NDArray[np.int32]],
    levels: NDArray[np.int64] | None,
    faults: Faults,
    curriculum: Curriculum | None,
    separator: str,
) -> tuple[tuple[tuple[SkillLevel, ...], ...], NDArray[np.int32]]:
    if "skills" not in given:
        return _skill_sets_of_items(items, curriculum, faults)
    column = given["skills"]
    listed = column.tolist() if isinstance(column, np.ndarray) else list(column)
    hashable = [one if isinstance(one, str | None | float) else tuple(one) for one in listed]
    level_of = [1] * len(listed) if levels is None else levels.tolist()
    keys: dict[Any, int] = {}
    codes = np.fromiter(
        (keys.setdefault(key, len(keys)) for key in zip(hashable, level_of, strict=True)),
        np.int32,
        len(listed),
    )
    sets = [_split(skills, level, separator) for skills, level in keys]
    empty = np.flatnonzero(np.isin(codes, [k for k, one in enumerate(sets) if not one]))
    if len(empty):
        note_rows("skills", empty, listed[empty[0]], "at least one skill", faults)
    return _merged(sets, codes)


def _split(skills: Any, level: int, separator: str) -> tuple[SkillLevel, ...]:
    if _is_missing(skills):
        return ()
    parts = skills.split(separator) if isinstance(skills, str) else skills
    return tuple(SkillLevel(one, level) for one in dict.fromkeys(str(p) for p in parts) if one)


def _merged(
    sets: list[tuple[SkillLevel, ...]], codes: NDArray[np.int32]
) -> tuple[tuple[tuple[SkillLevel, ...], ...], NDArray[np.int32]]:
    ordered = sorted(set(sets))
    position = {one: k for k, one in enumerate(ordered)}
    return tuple(ordered), np.array([position[one] for one in sets], np.int32)[codes]


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
