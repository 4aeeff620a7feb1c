"""The columns of logs: which there are, and all of their faults at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ..errors import did_you_mean, near_matches
from .codes import read_ids, read_skill_sets
from .coding import Column
from .evidence import Response
from .quantities import read_instants, read_scores, read_whole_numbers
from .records import Faults

if TYPE_CHECKING:
    from .curriculum import Curriculum

__all__ = [
    "COMPLETIONS",
    "RESPONSES",
    "TableShape",
    "check_lengths",
    "columns_of_records",
    "read_columns",
    "response_shape",
]

# Names that a column may bear in a table, and what it is here.
ALIASES = {"correct": "score", "timestamp": "answered_at"}
REQUIRED = ("learner", "item", "score")
OPTIONAL = ("skills", "level", "order", "answered_at", "fold")


class TableShape(NamedTuple):
    """Which columns a table has to have and may have, and other names that they may bear."""

    what: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    aliases: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them, by the names that they have here."""
        return self.required + self.optional

    def needing(self, *names: str) -> Self:
        """Return the shape in which some optional columns have to be there."""
        optional = tuple(one for one in self.optional if one not in names)
        return self._replace(required=self.required + names, optional=optional)


RESPONSES = TableShape("response log", REQUIRED, OPTIONAL, ALIASES)
COMPLETIONS = TableShape(
    "completion log",
    ("learner", "module", "completed_at"),
    ("completion_id",),
    {"timestamp": "completed_at"},
)


def response_shape(curriculum: Curriculum | None) -> TableShape:
    """Return which columns a response log has to have: skills, unless a curriculum knows them."""
    return RESPONSES.needing("skills") if curriculum is None else RESPONSES


def read_columns(
    given: Mapping[str, Column], skill_separator: str, curriculum: Curriculum | None
) -> dict[str, Any]:
    """Return the fields of a :class:`ResponseLog`; raise with the faults of every column."""
    faults = Faults()
    check_lengths(given, "response", faults)
    faults.raise_if_any("response log")
    learner_ids, learner = read_ids("learner", given["learner"], faults)
    item_ids, item = read_ids("item", given["item"], faults)
    score = read_scores(given["score"], faults)
    levels = read_whole_numbers("level", given.get("level"), faults, low=1)
    skill_sets, skill_set = read_skill_sets(
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
        "answered_at": read_instants("answered_at", given.get("answered_at"), faults),
        "order": read_whole_numbers("order", given.get("order"), faults),
        "fold": read_whole_numbers("fold", given.get("fold"), faults),
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


def check_lengths(given: Mapping[str, Column], row: str, faults: Faults) -> None:
    """Note a fault unless there are rows, and as many in every column."""
    lengths = {name: len(column) for name, column in given.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        faults.add("columns", f"differ in length: {told}")
    elif not any(lengths.values()):
        faults.add("rows", f"there are none, expected at least one {row}")
