"""Reading plain records into nouns, with every fault found along the way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, KeysView, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from numbers import Real
from typing import Any, TypeGuard, TypeVar

from ..errors import Fault, InvalidInput, did_you_mean, near_matches

__all__ = ["Faults", "build", "build_all", "is_number", "note_cycle", "note_repeats", "plain"]

Noun = TypeVar("Noun")

_LONGEST_ID = 500


class Faults:
    """Faults gathered while an input is read; raised together at the end."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, where: str, problem: str, remedy: str = "") -> None:
        """Note one fault."""
        self._found.append(Fault(where, problem, remedy))

    @contextmanager
    def at(self, where: str) -> Iterator[None]:
        """Take the faults of an :class:`InvalidInput` raised inside as faults found at `where`."""
        try:
            yield
        except InvalidInput as error:
            for fault in error.faults:
                place = ".".join(part for part in (where, fault.where) if part)
                self.add(place, fault.problem, fault.remedy)

    def check_id(self, where: str, value: object) -> None:
        """Note a fault unless `value` can serve as an id."""
        if not isinstance(value, str) or not value.strip():
            self.add(where, f"is {value!r}, expected a non-empty string")
        elif len(value) > _LONGEST_ID:
            self.add(where, f"has {len(value)} characters, expected at most {_LONGEST_ID}")
        elif not value.isprintable():
            self.add(where, f"is {value!r}, expected printable characters only")

    def read_ids(self, where: str, value: object) -> tuple[str, ...]:
        """Return a list of ids as a tuple; note every bad or repeated one."""
        if isinstance(value, str) or not isinstance(value, Iterable):
            self.add(where, f"is {value!r}, expected a list of ids")
            return ()
        ids = tuple(value)
        for i, one in enumerate(ids):
            self.check_id(f"{where}[{i}]", one)
        note_repeats(where, ids, self)
        return ids

    def check_level(self, where: str, value: object) -> None:
        """Note a fault unless `value` is a proficiency level, a whole number from 1."""
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.add(where, f"is {value!r}, expected a whole number from 1")

    def check_number(
        self, where: str, value: object, low: float, high: float, *, above: bool = False
    ) -> None:
        """Note a fault unless `value` is a number in [low, high], or (low, high] if `above`."""
        if is_number(value) and (low < value if above else low <= value) and value <= high:
            return
        if math.isinf(high):
            expected = f"a number {'above' if above else 'of at least'} {low:g}"
        else:
            expected = f"a number {'above' if above else 'from'} {low:g} to {high:g}"
        self.add(where, f"is {value!r}, expected {expected}")

    def check_instant(self, where: str, value: object) -> None:
        """Note a fault unless `value` is None or an aware instant between 1970 and 2200."""
        if value is None:
            return
        if not isinstance(value, datetime):
            self.add(where, f"is {value!r}, expected a datetime")
        elif value.utcoffset() is None:
            self.add(where, f"is {value.isoformat()}, without a time zone", "give it one, e.g. UTC")
        elif not datetime(1970, 1, 1, tzinfo=UTC) <= value < datetime(2200, 1, 1, tzinfo=UTC):
            self.add(where, f"is {value.isoformat()}, expected a time from 1970 to 2200")

    def read_instant(self, where: str, value: object) -> datetime | None:
        """Return an instant, or what is written of one as ISO 8601; note a fault unless it is."""
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                self.add(where, f"is {value!r}, expected a time such as 2026-03-31T09:30:00+00:00")
                return None
        self.check_instant(where, value)
        return value if isinstance(value, datetime) else None

    def raise_if_any(self, what: str, error: type[InvalidInput] = InvalidInput) -> None:
        """Raise what was found, if anything was."""
        if self._found:
            raise error(what, self._found)


def is_number(value: object) -> TypeGuard[float]:
    """Whether `value` is a finite int or float (numpy's included) and no bool."""
    kind = type(value)
    if kind is float or kind is int:  # nearly always; Real is slow to ask
        return math.isfinite(value)  # type: ignore[arg-type]  # it is one of the two
    return isinstance(value, Real) and kind is not bool and math.isfinite(float(value))


def build(
    noun: type[Noun],
    record: object,
    where: str,
    faults: Faults,
) -> Noun | None:
    """Make a noun of a record (or pass one through); note what is wrong and return None then."""
    if isinstance(record, noun):
        return record
    if not isinstance(record, Mapping):
        faults.add(where, f"is {record!r}, expected a record with named fields")
        return None
    known, required = _names_of(noun)  # type: ignore[arg-type]  # a class can be hashed
    if not required <= record.keys() <= known:
        for key in (one for one in record if one not in known):
            near = did_you_mean(near_matches(str(key), known))
            faults.add(f"{where}.{key}", f"is no field of {noun.__name__}{near}")
        for name in (one for one in known if one in required and one not in record):
            faults.add(f"{where}.{name}", "is missing")
        return None
    built: Noun | None = None
    with faults.at(where):
        built = noun(**record)
    return built  # noqa: RET504  a fault leaves the block early


@lru_cache
def _names_of(noun: type) -> tuple[KeysView[str], frozenset[str]]:
    """Return the names of a noun's fields in their order, and those that have no default."""
    known = {field.name: field for field in fields(noun)}
    has_default = {
        name
        for name, field in known.items()
        if field.default is not MISSING or field.default_factory is not MISSING
    }
    return known.keys(), frozenset(known.keys() - has_default)


def build_all(
    noun: type[Noun],
    records: object,
    where: str,
    faults: Faults,
) -> tuple[Noun, ...]:
    """Make nouns of records; the faulty ones are noted and left out."""
    if isinstance(records, str | Mapping) or not isinstance(records, Iterable):
        faults.add(where, f"is {records!r}, expected a list of records")
        return ()
    built = (build(noun, record, f"{where}[{i}]", faults) for i, record in enumerate(records))
    return tuple(one for one in built if one is not None)


def plain(value: object) -> Any:
    """Return a noun as plain records: dictionaries, lists, strings and numbers."""
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}  # type: ignore[arg-type]  # as above
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


def note_repeats(where: str, ids: Iterable[str], faults: Faults) -> None:
    """Note every id that was seen before."""
    first: dict[str, int] = {}
    for i, one in enumerate(ids):
        if one in first:
            faults.add(f"{where}[{i}]", f"repeats {one!r} of {where}[{first[one]}]")
        first.setdefault(one, i)


def note_cycle(where: str, graph: Mapping[Any, Iterable[Any]], faults: Faults) -> None:
    """Note a circle in a graph of what requires what, its members in their order."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = " requires ".join(str(one) for one in reversed(error.args[1]))
        faults.add(where, f"run in a circle: {circle}", "take one of them out")
