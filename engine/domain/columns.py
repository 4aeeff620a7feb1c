"""Checking the columns of a response log and coding its ids as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import did_you_mean, near_matches
from .evidence import Response
from .framework import SkillLevel
from .records import Faults

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .curriculum import Curriculum

__all__ = ["columns_of_records", "read_columns"]

Column = Sequence[Any] | np.ndarray

_EARLIEST = np.datetime64("1970-01-01T00:00:00", "us")
_LATEST = np.datetime64("2200-01-01T00:00:00", "us")

# Names that a column may bear in a table, and what it is here.
ALIASES = {"correct": "score", "timestamp": "answered_at"}
REQUIRED = ("learner", "item", "score")
OPTIONAL = ("skills", "level", "order", "answered_at", "fold")


def read_columns(
    given: Mapping[str, Column], skill_separator: str, curriculum: Curriculum | None
) -> dict[str, Any]:
    """Return the fields of a :class:`ResponseLog`; raise with the faults of every column."""
    faults = Faults()
    _check_lengths(given, faults)
    faults.raise_if_any("response log")
    learner_ids, learner = _codes("learner", given["learner"], faults)
    item_ids, item = _codes("item", given["item"], faults)
    score = _scores(given["score"], faults)
    levels = _integers("level", given.get("level"), faults, low=1)
    skill_sets, skill_set = _skill_sets(
        given, (item_ids, item), levels, faults, curriculum, skill_separator
    )
    fields = {
        "learner_ids": learner_ids,
        "item_ids": item_ids,
        "skill_ids": tuple(sorted({k.skill_id for one in skill_sets for k in one})),
        "skill_sets": skill_sets,
        "learner": learner,
        "item": item,
        "skill_set": skill_set,
        "score": score,
        "answered_at": _instants(given.get("answered_at"), faults),
        "order": _integers("order", given.get("order"), faults),
        "fold": _integers("fold", given.get("fold"), faults),
    }
    faults.raise_if_any("response log")
    return fields


def columns_of_records(rows: Iterable[Mapping[str, Any] | Response]) -> dict[str, list[Any]]:
    """Return the columns of mappings or responses; raise where a row lacks a column of another."""
    faults = Faults()
    columns: dict[str, list[Any]] = {}
    for number, row in enumerate(rows):
        record = _record(row, number, faults)
        if number == 0:
            columns = {name: [] for name in record}
        for name in columns.keys() ^ record.keys():
            missing = "is missing" if name in columns else "is in this row but not in the first"
            faults.add(f"row {number}, {name}", missing)
        for name, column in columns.items():
            column.append(record.get(name))
    for name in REQUIRED:
        if name not in columns and not faults:
            faults.add(name, "is missing" if columns else "is missing: the log has no rows")
    faults.raise_if_any("response log")
    return columns


def _record(row: Mapping[str, Any] | Response, number: int, faults: Faults) -> dict[str, Any]:
    if isinstance(row, Response):
        times = {} if row.answered_at is None else {"answered_at": row.answered_at}
        return {"learner": row.learner_id, "item": row.item_id, "score": row.score, **times}
    record = {}
    for name, value in row.items():
        known = ALIASES.get(name, name)
        if known not in REQUIRED + OPTIONAL:
            near = did_you_mean(near_matches(name, REQUIRED + OPTIONAL + tuple(ALIASES)))
            faults.add(f"row {number}, {name}", f"is no column of a response log{near}")
        elif known in record:
            faults.add(f"row {number}, {name}", f"says {known!r} a second time")
        else:
            record[known] = value
    return record


def _check_lengths(given: Mapping[str, Column], faults: Faults) -> None:
    lengths = {name: len(column) for name, column in given.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        faults.add("columns", f"differ in length: {told}")
    elif not any(lengths.values()):
        faults.add("rows", "there are none, expected at least one response")


def _is_missing(value: Any) -> bool:
    return value is None or value != value or value == ""  # NaN differs from itself


def _note_rows(
    where: str, rows: NDArray[np.int64], first: Any, expected: str, faults: Faults
) -> None:
    told = f"is {first!r} in row {rows[0]}"
    if len(rows) > 1:
        told += f" and at fault in {len(rows) - 1} more rows"
    faults.add(where, f"{told}, expected {expected}")


def _codes(where: str, column: Column, faults: Faults) -> tuple[tuple[str, ...], NDArray[np.int32]]:
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
            _note_rows(where, rows, value, "an id", faults)
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


def _numbers(
    where: str, column: Column, expected: str, faults: Faults
) -> NDArray[np.float64] | None:
    try:
        values = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        listed = list(column)
        at = [row for row, value in enumerate(listed) if not _reads_as_number(value)]
        _note_rows(where, np.array(at or [0]), listed[at[0] if at else 0], expected, faults)
        return None
    if values.ndim != 1:
        faults.add(where, f"has {values.ndim} dimensions, expected one")
        return None
    return values


def _reads_as_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _scores(column: Column, faults: Faults) -> NDArray[np.float64]:
    values = _numbers("score", column, "a number from 0 to 1", faults)
    if values is None:
        return np.zeros(len(column))
    wrong = np.flatnonzero(~((values >= 0.0) & (values <= 1.0)))
    if len(wrong):
        _note_rows("score", wrong, float(values[wrong[0]]), "a number from 0 to 1", faults)
    return values


def _integers(
    where: str, column: Column | None, faults: Faults, *, low: int | None = None
) -> NDArray[np.int64] | None:
    if column is None:
        return None
    expected = "a whole number" if low is None else f"a whole number from {low}"
    values = _numbers(where, column, expected, faults)
    if values is None:
        return None
    fits = np.isfinite(values) & (values == np.round(values)) & (np.abs(values) < 2**53)
    wrong = np.flatnonzero(~(fits if low is None else fits & (values >= low)))
    if len(wrong):
        _note_rows(where, wrong, float(values[wrong[0]]), expected, faults)
        return None
    return values.astype(np.int64)


def _skill_sets(
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
        _note_rows("skills", empty, listed[empty[0]], "at least one skill", faults)
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


def _instants(column: Column | None, faults: Faults) -> NDArray[np.datetime64] | None:
    if column is None:
        return None
    values = column if isinstance(column, np.ndarray) else _as_instants(list(column), faults)
    if values is None:
        return None
    if values.dtype.kind in "iuf":
        values = _from_seconds(values)
    elif values.dtype.kind != "M":
        return _instants(values.tolist(), faults)
    values = values.astype("datetime64[us]")
    wrong = np.flatnonzero(np.isnat(values) | (values < _EARLIEST) | (values >= _LATEST))
    if len(wrong):
        _note_rows("answered_at", wrong, str(values[wrong[0]]), "a time from 1970 to 2200", faults)
    return values


def _from_seconds(seconds: NDArray[Any]) -> NDArray[np.datetime64]:
    real = seconds.astype(np.float64)
    sane = np.isfinite(real) & (np.abs(real) < 1e11)
    micro = np.where(sane, np.round(real * 1e6), 0).astype("datetime64[us]")
    micro[~sane] = np.datetime64("NaT", "us")
    return micro


def _as_instants(listed: list[Any], faults: Faults) -> NDArray[Any] | None:
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in listed):
        return np.array(listed, dtype=np.float64)
    read = [_instant(one) for one in listed]
    wrong = np.array([row for row, one in enumerate(read) if one is None])
    if len(wrong):
        expected = "an instant with its offset, e.g. 2026-03-01T09:30:00Z"
        _note_rows("answered_at", wrong, listed[wrong[0]], expected, faults)
        return None
    return np.array([one.replace(tzinfo=None) for one in read if one], dtype="datetime64[us]")


def _instant(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime) or value.utcoffset() is None:
        return None
    return value.astimezone(UTC)
