"""Evidence in tables: responses and completions, each with the id that makes it count once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from engine import Completion, Curriculum, InvalidInput, Response

from .csv_text import CsvTable
from .jsonl import read_table
from .rows import Notes, Row, rows_in

__all__ = ["completions_of", "evidence_table", "read_evidence_file", "responses_of"]

Evidence = Response | Completion
Kind = TypeVar("Kind", Response, Completion)

# Of a response, the columns that say how the item was set; the catalogue knows them.
_OF_THE_LOG = ("skills", "level", "order", "fold")

_OF_RESPONSES = ("learner", "item", "score", "correct", "response_id", "answered_at", "timestamp")
_OF_COMPLETIONS = ("learner", "module", "completion_id", "completed_at", "timestamp")
_WANTED = frozenset((*_OF_RESPONSES, *_OF_COMPLETIONS, *_OF_THE_LOG))


def read_evidence_file(
    path: Path | str, curriculum: Curriculum | None = None
) -> tuple[Evidence, ...]:
    """Read responses or completions from a CSV or JSON Lines, whichever the columns say.

    Parameters
    ----------
    path : Path or str
        Responses have the columns ``learner, item, score`` (or ``correct``), completions
        ``learner, module``; both optionally an id (``response_id``, ``completion_id``) and a time
        (``answered_at``, ``completed_at``, or else ``timestamp``; ISO 8601, or seconds since 1970).
        Without an id a row is known by its file and line, so that the same file counts once. Of
        JSON Lines (``.jsonl``, ``.ndjson``, also gzipped) each line is an object with these as its
        keys.
    curriculum : Curriculum, optional
        Whose items and modules the evidence has to be about.

    Raises
    ------
    InvalidInput
        Every value at fault, with its line.
    """
    where = Path(path)
    notes = Notes()
    table = evidence_table(where, notes)
    items, modules = (curriculum.items, curriculum.modules) if curriculum else (None, None)
    found: tuple[Evidence, ...] = ()
    if table is not None and "module" in table.columns:
        found = completions_of(table, notes, modules)
    elif table is not None:
        found = responses_of(table, notes, items)
    if not found and not notes.faults:
        notes.add(where.name, "has no rows, expected at least one response or completion")
    notes.raise_if_any("evidence")
    return found


def evidence_table(path: Path, notes: Notes) -> CsvTable | None:
    """Return a table of responses or completions, or None where it does not read, noted."""
    try:
        return read_table(path, "evidence", _WANTED)
    except InvalidInput as error:
        notes.faults.extend(error.faults)
        return None


def responses_of(
    table: CsvTable, notes: Notes, known_items: Iterable[str] | None = None
) -> tuple[Response, ...]:
    """Return the responses of a table; note what is wrong with the others."""
    graded = "correct" if "correct" in table.columns else "score"
    dated = _dated(table, "answered_at")
    rows = rows_in(table, ("learner", "item", graded), ("response_id", dated, *_OF_THE_LOG), notes)
    known = None if known_items is None else dict.fromkeys(known_items)

    def read(row: Row) -> Response | None:
        item = row.text("item")
        if known is not None and not row.refers("item", item, known):
            return None
        return row.build(
            Response,
            learner_id=row.text("learner"),
            item_id=item,
            score=row.score(graded),
            answered_at=row.instant(dated),
            response_id=row.text("response_id") or _own_id(row),
        )

    return _once_each(rows, read, lambda one: one.response_id, "response_id")


def completions_of(
    table: CsvTable, notes: Notes, known_modules: Iterable[str] | None = None
) -> tuple[Completion, ...]:
    """Return the completions of a table; note what is wrong with the others."""
    dated = _dated(table, "completed_at")
    rows = rows_in(table, ("learner", "module"), ("completion_id", dated), notes)
    known = None if known_modules is None else dict.fromkeys(known_modules)

    def read(row: Row) -> Completion | None:
        module = row.text("module")
        if known is not None and not row.refers("module", module, known):
            return None
        return row.build(
            Completion,
            learner_id=row.text("learner"),
            module_id=module,
            completed_at=row.instant(dated),
            completion_id=row.text("completion_id") or _own_id(row),
        )

    return _once_each(rows, read, lambda one: one.completion_id, "completion_id")


def _dated(table: CsvTable, name: str) -> str:
    """Return the column that has the times."""
    return "timestamp" if name not in table.columns and "timestamp" in table.columns else name


def _own_id(row: Row) -> str:
    return row.place.replace(" line ", ":")


def _once_each(
    rows: list[Row],
    read: Callable[[Row], Kind | None],
    id_of: Callable[[Kind], str],
    column: str,
) -> tuple[Kind, ...]:
    first: dict[str, str] = {}
    found: list[Kind] = []
    for row in rows:
        one = read(row)
        if one is None:
            continue
        if id_of(one) in first:
            row.fault(column, f"repeats {id_of(one)!r} of {first[id_of(one)]}")
        first.setdefault(id_of(one), row.place)
        found.append(one)
    return tuple(found)
