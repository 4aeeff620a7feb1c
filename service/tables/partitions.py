"""Logs beyond one file or one memory: what each part of a fit is to read, and where it reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from glob import glob
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine import Fault, InvalidInput, ResponseLog

from .jsonl import is_jsonl, n_objects
from .logs import read_log
from .parquet import is_parquet, row_group_sizes

if TYPE_CHECKING:
    from engine import Curriculum

__all__ = ["MOST_ROWS", "Partition", "is_several", "partitions_of"]

MOST_ROWS = 1_000_000
"""Of a log that is read at once: to lay it out takes some hundreds of bytes per row for a while."""

_WHAT = "response log"


@dataclass(frozen=True)
class Partition:
    """Some row groups of some files; called, it reads them, log by log. JSON Lines are one group.

    Parameters
    ----------
    pieces : tuple of tuple
        Of each log its file, and which row groups.
    n_rows : int
    columns : tuple of tuple of str
        Where columns have other names, as pairs of ours and theirs.
    skill_separator : str
    curriculum : Curriculum, optional
    """

    pieces: tuple[tuple[str, tuple[int, ...]], ...]
    n_rows: int
    columns: tuple[tuple[str, str], ...] = ()
    skill_separator: str = "~"
    curriculum: Curriculum | None = None

    def __call__(self) -> Iterator[ResponseLog]:
        for path, row_groups in self.pieces:
            yield read_log(
                path,
                dict(self.columns),
                self.skill_separator,
                curriculum=self.curriculum,
                row_groups=row_groups,
            )


def is_several(path: Path | str) -> bool:
    """Return whether a path stands for a folder, or is a pattern of file names."""
    return Path(path).is_dir() or (not Path(path).exists() and "*" in str(path))


def partitions_of(
    path: Path | str,
    columns: Mapping[str, str] | None = None,
    skill_separator: str = "~",
    *,
    curriculum: Curriculum | None = None,
    n: int = 1,
    most_rows: int = MOST_ROWS,
) -> list[Partition]:
    """Part Parquet files into runs of row groups of about the same size; JSON Lines file by file.

    A learner's rows should lie close to each other: those that a cut goes through are brought
    together when the parts are fitted.

    Parameters
    ----------
    path : Path or str
        A file, a folder of them at any depth, or a pattern such as ``logs/2026-*.parquet``; all
        of the same format.
    columns, skill_separator, curriculum
        As :func:`read_log` takes them.
    n : int, default 1
        How many parts; fewer where there are fewer row groups.
    most_rows : int
        How many rows a log of theirs should have at most, as far as row groups are no larger.

    Raises
    ------
    InvalidInput
        There is no such file, there are some of either format, or one cannot be read.

    Examples
    --------
    >>> partitions_of("nowhere/*.parquet")
    Traceback (most recent call last):
    engine.errors.InvalidInput: invalid response log: nowhere...: has no Parquet files or JSON Lines
    """
    groups = [_Group(str(one), *g) for one in _files(path) for g in enumerate(_sizes(one))]
    told = tuple((columns or {}).items()), skill_separator, curriculum
    return [
        Partition(tuple(_pieces(run, most_rows)), sum(one.n_rows for one in run), *told)
        for run in _runs(groups, n)
    ]


def _sizes(path: Path) -> list[int]:
    if not is_jsonl(path):
        return row_group_sizes(path)
    n = n_objects(path, _WHAT)
    return [n] if n else []


class _Group(NamedTuple):
    """A row group of a file."""

    path: str
    number: int
    n_rows: int


def _runs(groups: Sequence[_Group], n: int) -> Iterator[list[_Group]]:
    """Cut where the rows before the middle of a group fill up an n-th part more."""
    total = max(sum(one.n_rows for one in groups), 1)
    before, part = 0, []
    for one in groups:
        part.append(min(n * (2 * before + one.n_rows) // (2 * total), n - 1))
        before += one.n_rows
    for _, run in groupby(zip(part, groups, strict=True), key=itemgetter(0)):
        yield [group for _, group in run]


def _pieces(run: Sequence[_Group], most_rows: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Cut a run by file, and where a log would have too many rows."""
    for path, of_file in groupby(run, key=itemgetter(0)):
        groups = list(of_file)
        n = -(-sum(one.n_rows for one in groups) // most_rows)
        for some in _runs(groups, n):
            yield path, tuple(one.number for one in some)


def _files(path: Path | str) -> list[Path]:
    where = Path(path)
    if where.is_file():
        found = [where]
    elif where.is_dir():
        found = _logs_among(where.rglob("*"))
    else:
        named = map(Path, glob(str(path), recursive=True))  # noqa: PTH207  # may be absolute
        found = _logs_among(named)
    if not found:
        raise InvalidInput(_WHAT, [Fault(str(path), "has no Parquet files or JSON Lines")])
    if len(set(map(is_jsonl, found))) > 1:  # one may be the other in another form
        problem, remedy = "has both Parquet files and JSON Lines", "name those of one by a pattern"
        raise InvalidInput(_WHAT, [Fault(str(path), problem, remedy)])
    return found


def _logs_among(files: Iterable[Path]) -> list[Path]:
    return sorted(one for one in files if is_parquet(one) or is_jsonl(one))
