"""Rows of a table as typed values; what does not read is noted with file and line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from engine import Fault, InvalidInput
from engine.errors import did_you_mean, near_matches

from .csv_text import CsvTable, read_csv
from .jsonl import is_jsonl

__all__ = ["Notes", "Row", "built", "rows_in", "rows_of"]

Noun = TypeVar("Noun")

_MOST_NEAR_MATCHES = 20
_SECONDS = re.compile(r"\d{9,12}(\.\d+)?")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


class Notes:
    """Faults gathered over all tables of a folder; raised together at the end."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._near: dict[tuple[str, str], str] = {}

    def add(self, where: str, problem: str, remedy: str = "") -> None:
        """Note one fault."""
        self.faults.append(Fault(where, problem, remedy))

    def near(self, column: str, given: str, known: Iterable[str]) -> str:
        """Return the end of a sentence that offers near matches, for the first ids asked about."""
        if (column, given) not in self._near:
            if len(self._near) >= _MOST_NEAR_MATCHES:  # looking for them among many ids is slow
                return ""
            self._near[column, given] = did_you_mean(near_matches(given, known))
        return self._near[column, given]

    def raise_if_any(self, what: str, error: type[InvalidInput] = InvalidInput) -> None:
        """Raise what was found, if anything was."""
        if self.faults:
            raise error(what, self.faults)


class Row:
    """One row of a table.

    Parameters
    ----------
    place : str
        ``"items.csv line 7"``.
    values : dict of str to str
    notes : Notes
        Where faults go.
    """

    def __init__(self, place: str, values: dict[str, str], notes: Notes) -> None:
        self.place = place
        self.values = values
        self.notes = notes

    def fault(self, column: str, problem: str, remedy: str = "") -> None:
        """Note a fault of one value."""
        self.notes.add(f"{self.place}, {column}", problem, remedy)

    def text(self, column: str) -> str:
        """Return a value without surrounding blanks; empty where there is none."""
        return self.values.get(column, "").strip()

    def names(self, column: str) -> tuple[str, ...]:
        """Return the names joined by ``~``."""
        return tuple(part.strip() for part in self.text(column).split("~") if part.strip())

    def whole(self, column: str, default: int) -> int:
        """Return a whole number."""
        text = self.text(column)
        try:
            return int(text) if text else default
        except ValueError:
            self.fault(column, f"is {text!r}, expected a whole number")
            return default

    def number(self, column: str, default: float | None = None) -> float:
        """Return a number; without a default it has to be there. NaN where it does not read."""
        text = self.text(column)
        if not text and default is not None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.fault(column, f"is {text!r}, expected a number")
            return math.nan
        return value

    def score(self, column: str) -> float:
        """Return a score: a number, or whether an answer was right."""
        text = self.text(column).lower()
        return float(_TRUTH[text]) if text and text in _TRUTH else self.number(column)

    def truth(self, column: str) -> bool:
        """Return a truth value; false where there is none."""
        text = self.text(column)
        if text.lower() not in _TRUTH:
            self.fault(column, f"is {text!r}, expected true or false")
        return _TRUTH.get(text.lower(), False)

    def instant(self, column: str) -> datetime | None:
        """Return an aware instant, from ISO 8601 or from seconds since 1970."""
        text = self.text(column)
        try:
            if _SECONDS.fullmatch(text):
                return datetime.fromtimestamp(float(text), UTC)
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            self.fault(column, f"is {text!r}, expected a time such as 2026-03-01T09:30:00Z")
            return None

    def refers(self, column: str, given: str, known: Sequence[str] | dict[str, Any]) -> bool:
        """Note a fault unless `given` is among the known ids."""
        if given in known:
            return True
        self.fault(
            column, f"is {given!r}, which is not declared{self.notes.near(column, given, known)}"
        )
        return False

    def build(self, noun: type[Noun], /, **fields: Any) -> Noun | None:
        """Make a noun, or note its faults and return None."""
        unread = {name for name, value in fields.items() if value != value}  # NaN, noted before
        try:
            return noun(**fields)
        except InvalidInput as error:
            for fault in error.faults:
                if fault.where not in unread:
                    self.fault(fault.where, fault.problem, fault.remedy)
            return None


def rows_of(path: Path, needed: Sequence[str], optional: Sequence[str], notes: Notes) -> list[Row]:
    """Return the rows of a CSV file, as :func:`rows_in` does those of a table."""
    try:
        table = read_csv(path)
    except InvalidInput as error:
        notes.faults.extend(error.faults)
        return []
    return rows_in(table, needed, optional, notes)


def rows_in(
    table: CsvTable, needed: Sequence[str], optional: Sequence[str], notes: Notes
) -> list[Row]:
    """Return the rows of a table that has the needed columns; note what is wrong otherwise.

    A column that is neither needed nor optional is let be, unless it looks like a misspelt one.
    A row that nests lists or objects where it should have a value is noted and left out.
    """
    name = table.path.name
    header = name if is_jsonl(table.path) else f"{name} line 1"
    for problem in _column_faults(list(table.columns), needed, optional):
        notes.add(header, problem)
    if any(one not in table.columns for one in needed):
        return []
    known = [one for one in table.columns if one in needed or one in optional]
    turned = zip(*(table.columns[one] for one in known), strict=True)
    read = (
        _row(f"{name} line {line}", dict(zip(known, values, strict=True)), notes)
        for line, values in zip(table.lines, turned, strict=True)
    )
    return [row for row in read if row is not None]


def _row(place: str, values: dict[str, Any], notes: Notes) -> Row | None:
    row = Row(place, {name: one for name, one in values.items() if isinstance(one, str)}, notes)
    nested = [name for name in values if name not in row.values and name != "skills"]  # may be many
    for name in nested:
        row.fault(name, f"is {values[name]!r}, expected text or a number")
    return None if nested else row


def _column_faults(
    present: list[str], needed: Sequence[str], optional: Sequence[str]
) -> Iterator[str]:
    known = [*needed, *optional]
    strangers = [name for name in present if name not in known]
    for name in needed:
        if name not in present:
            near = did_you_mean(near_matches(name, strangers))
            yield f"has no column {name!r}; there are {', '.join(present)}{near}"
    absent = [name for name in optional if name not in present]
    for name in strangers:
        if close := near_matches(name, absent):
            yield f"has a column {name!r}, which is unknown{did_you_mean(close)}"


def built(nouns: Iterable[Noun | None]) -> tuple[Noun, ...]:
    """Return the nouns that could be made."""
    return tuple(one for one in nouns if one is not None)
