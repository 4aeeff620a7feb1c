"""JSON Lines, one object a line: a table of text as CSV has it, nested values as they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from types import NoneType
from typing import Any, TextIO

from engine import Fault, InvalidInput

from .csv_text import CsvTable, open_text, read_csv

__all__ = ["JSONL_ENDINGS", "is_jsonl", "n_objects", "read_jsonl", "read_table"]

JSONL_ENDINGS = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")

_CHUNK = 500  # objects that there are at a time; each takes several times the room of its text


def is_jsonl(path: Path) -> bool:
    """Return whether a file is named as JSON Lines are."""
    return path.name.endswith(JSONL_ENDINGS)


def read_table(path: Path, what: str, wanted: Collection[str]) -> CsvTable:
    """Read JSON Lines where a file is named so, else a CSV; parameters as :func:`read_jsonl`'s."""
    return read_jsonl(path, what, wanted) if is_jsonl(path) else read_csv(path, what)


def read_jsonl(path: Path, what: str, wanted: Collection[str]) -> CsvTable:
    """Read JSON Lines, plain or gzipped, in UTF-8 with or without a byte order mark.

    Parameters
    ----------
    path : Path
    what : str
        What the file should be, for the message when it is not.
    wanted : collection of str
        The keys whose values matter; of the others the table has the names alone. A key that is
        missing in a line, or null, is an empty text. Lists and objects stay what they are.

    Raises
    ------
    InvalidInput
        The file is missing, unreadable or empty, or lines are no JSON objects: the first line of
        each kind of fault, and how many more there are.
    """
    faults: dict[str, list[tuple[int, str]]] = {}
    columns: dict[str, list[Any]] = {}
    lines: list[int] = []
    with open_text(path, what) as text:
        records = _records(text, faults)
        while chunk := list(islice(records, _CHUNK)):
            for name in dict.fromkeys(chain.from_iterable(one for _, one in chunk)):
                if name not in columns:
                    columns[name] = [""] * len(lines) if name in wanted else []
            for name in columns.keys() & wanted:
                columns[name].extend([_as_text(one.get(name)) for _, one in chunk])
            lines.extend(line for line, _ in chunk)
    if faults:
        raise InvalidInput(what, [_told(path, kind, at) for kind, at in faults.items()])
    if not columns:
        problem = "is empty, expected one JSON object a line"
        raise InvalidInput(what, [Fault(path.name, problem)])
    return CsvTable(path, columns, lines)


def n_objects(path: Path, what: str) -> int:
    """Return how many lines are not blank, without a look at what is in them."""
    with open_text(path, what) as text:
        return sum(not line.isspace() for line in text)


def _records(
    text: TextIO, faults: dict[str, list[tuple[int, str]]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each object with its line; note the lines that are none, by kind."""
    for line, written in enumerate(text, start=1):
        if written.isspace():
            continue
        try:
            yield line, _record(written)
        except ValueError as error:
            kind, detail = error.args
            faults.setdefault(kind, []).append((line, detail))


def _record(written: str) -> dict[str, Any]:
    """Return an object; raise ValueError with the kind of the fault, and more on it."""
    try:
        record = _decode(written)
        if "\\ud" in written or "\\uD" in written:  # halves of characters, perhaps only one of two
            json.dumps(record, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise ValueError("is no JSON", f": {error.msg} at character {error.pos + 1}") from None
    except UnicodeEncodeError:
        raise ValueError("escapes half of a character", "") from None
    except RecursionError:
        raise ValueError("is nested too deeply to be read", "") from None
    if type(record) is not dict:
        raise ValueError("is no JSON object", f": {written.strip()[:40]}")
    return record


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError("names a key twice", f": {twice!r}")
    return record


def _no_number(text: str) -> float:
    raise ValueError("is no JSON", f": it has no {text}")


def _whole(text: str) -> int | float:
    return int(text) if len(text) < 400 else float(text)  # longer ones take Python ever longer


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_no_number, parse_int=_whole
).decode


def _told(path: Path, kind: str, at: list[tuple[int, str]]) -> Fault:
    (line, detail), more = at[0], len(at) - 1
    others = f", and {more} more {'lines' if more > 1 else 'line'} likewise" if more else ""
    return Fault(f"{path.name} line {line}", f"{kind}{detail}{others}", "write one object a line")


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)  # 7.0 is the id 7


_TEXTS: Mapping[type, Callable[[Any], str]] = {
    str: str,
    int: str,
    float: _number,
    bool: lambda value: "true" if value else "false",
    NoneType: lambda _: "",
}


def _as_text(value: Any) -> Any:
    read = _TEXTS.get(type(value))
    return value if read is None else read(value)
