"""CSV files as text: every value with the line that it stands on, nothing guessed."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, TextIO

from engine.errors import Fault, InvalidInput, near_matches

__all__ = ["CsvTable", "check_file", "header_faults", "open_text", "read_csv", "read_header"]

_CHUNK = 500  # rows that stay in the cache; larger chunks are slower


@dataclass(frozen=True)
class CsvTable:
    """The columns of a file, as text.

    Parameters
    ----------
    path : Path
    columns : dict of str to list
        By their names in the header, in its order; of text, but for what JSON Lines nest.
    lines : list of int
        The line of the file on which each row begins, from 1; blank lines are left out.
    """

    path: Path
    columns: dict[str, list[Any]]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.lines)


def check_file(path: Path, what: str) -> None:
    """Raise :class:`InvalidInput` unless `path` is a file, naming its likely neighbours."""
    if path.is_file():
        return
    if path.is_dir():
        raise InvalidInput(what, [Fault(str(path), "is a folder, expected a file")])
    remedy = ""
    if path.parent.is_dir():
        near = near_matches(path.name, (one.name for one in path.parent.iterdir()))
        remedy = f"did you mean {' or '.join(near)}?" if near else ""
    raise InvalidInput(what, [Fault(str(path), "does not exist", remedy)])


def read_csv(path: Path, what: str = "table") -> CsvTable:
    """Read a CSV file, plain or gzipped, in UTF-8 with or without a byte order mark.

    Parameters
    ----------
    path : Path
    what : str
        What the file should be, for the message when it is not.

    Raises
    ------
    InvalidInput
        The file is missing, unreadable or empty, a name in the header is missing or repeated,
        or rows are longer or shorter than the header; each with its line.
    """
    with open_text(path, what) as text:
        return _read(path, text, what)


@contextmanager
def open_text(path: Path, what: str) -> Iterator[TextIO]:
    """Give the text of a file, plain or gzipped; tell what cannot be read as a fault of it."""
    check_file(path, what)
    try:
        with _open(path) as text:
            yield text
            return
    except UnicodeDecodeError as error:
        problem = f"is no UTF-8 text: byte {error.object[error.start]:#04x} cannot be read"
        fault = Fault(path.name, problem, "save it as UTF-8")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        fault = Fault(path.name, f"is no readable gzip file: {error}")
    except csv.Error as error:
        fault = Fault(path.name, f"is no readable CSV: {error}")
    except OSError as error:
        fault = Fault(str(path), f"cannot be read: {error.strerror or error}")
    raise InvalidInput(what, [fault])


def read_header(path: Path) -> tuple[str, ...]:
    """Return the names of the columns, or nothing where the file is no readable CSV."""
    try:
        with _open(path) as text:
            return tuple(name.strip() for name in next(csv.reader(text), []))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error):
        return ()


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _read(path: Path, text: TextIO, what: str) -> CsvTable:
    reader = csv.reader(text)
    header = tuple(name.strip() for name in next(reader, []))
    faults = header_faults(path, header)
    if faults:
        raise InvalidInput(what, faults)
    columns: list[list[str]] = [[] for _ in header]
    lines: list[int] = []
    begins = reader.line_num + 1
    while chunk := list(islice(reader, _CHUNK)):
        smooth = reader.line_num - begins + 1 == len(chunk)
        found = range(begins, begins + len(chunk)) if smooth else _begins(chunk, begins)
        begins = reader.line_num + 1
        rows, at = _whole_rows(path, chunk, found, len(header), faults)
        lines.extend(at)
        for column, values in zip(columns, zip(*rows, strict=True), strict=bool(rows)):
            column.extend(values)
    if faults:
        raise InvalidInput(what, faults)
    return CsvTable(path, dict(zip(header, columns, strict=True)), lines)


def _begins(chunk: list[list[str]], begins: int) -> list[int]:
    """Return where each row begins, when some hold line breaks."""
    heights = (1 + sum(value.count("\n") for value in row) for row in chunk)
    return list(accumulate(heights, initial=begins))[:-1]


def _whole_rows(
    path: Path, chunk: list[list[str]], begins: Sequence[int], width: int, faults: list[Fault]
) -> tuple[list[list[str]], Sequence[int]]:
    if all(len(row) == width for row in chunk):
        return chunk, begins
    rows, lines = [], []
    for row, line in zip(chunk, begins, strict=True):
        if len(row) == width:
            rows.append(row)
            lines.append(line)
        elif row:
            problem = f"has {len(row)} values, expected {width} as in the header"
            faults.append(Fault(f"{path.name} line {line}", problem))
    return rows, lines


def header_faults(path: Path, header: tuple[str, ...]) -> list[Fault]:
    """Return what is wrong with the names of the columns."""
    where = f"{path.name} line 1"
    if not header:
        return [Fault(path.name, "is empty, expected a header with the names of the columns")]
    faults = [
        Fault(where, f"names the column {name!r} {count} times")
        for name, count in Counter(header).items()
        if count > 1 and name
    ]
    if "" in header:
        faults.append(Fault(where, f"has no name for column {header.index('') + 1}"))
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        faults.append(Fault(where, "is separated by semicolons or tabs", "separate by commas"))
    return faults
