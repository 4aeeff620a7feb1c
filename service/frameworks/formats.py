"""Which format a file or folder is in, and reading it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from engine import Curriculum, Fault, InvalidInput
from service.tables import read_folder
from service.tables.csv_text import check_file, read_header

from . import ddat, onet
from .assessments import assessable
from .imported import ImportedFramework

__all__ = ["FORMATS", "detect_format", "import_framework"]


def _read_attain(folder: Path) -> ImportedFramework:
    read = read_folder(folder)
    curriculum, notes = read.curriculum, list[str]()
    if not curriculum.items:
        items = assessable(curriculum.framework).item_list
        curriculum = Curriculum(curriculum.framework, items, curriculum.module_list)
        notes.append(f"made {len(items)} assessment items, two per skill and level")
    return ImportedFramework(
        "attain", curriculum, read.roles, read.learners, read.evidence, tuple(notes)
    )


FORMATS: Mapping[str, Callable[[Path], ImportedFramework]] = {
    "attain": _read_attain,
    "ddat": ddat.read_ddat,
    "onet": onet.read_onet,
}
_HEADERS = {"ddat": ddat.NEEDED, "onet": onet.NEEDED}


def detect_format(source: Path) -> str:
    """Return the name of the format, from a folder's being one or from a file's header.

    Raises
    ------
    InvalidInput
        There is no such file, or it is in no known format.
    """
    if source.is_dir():
        return "attain"
    check_file(source, "framework")
    header = read_header(source)
    for name, needed in _HEADERS.items():
        if set(needed) <= set(header):
            return name
    expected = "; ".join(f"{name}: {', '.join(cols)}" for name, cols in _HEADERS.items())
    problem = f"is in no known format; its first line names {', '.join(header[:8]) or 'nothing'}"
    remedy = f"expected the columns of {expected}; or a folder of Attain's tables"
    raise InvalidInput("framework", [Fault(source.name, problem, remedy)])


def import_framework(source: Path | str, format: str = "") -> ImportedFramework:
    """Read a framework from a file or folder.

    Parameters
    ----------
    source : Path or str
    format : str, optional
        One of :data:`FORMATS`; detected where not given.

    Raises
    ------
    InvalidInput
        The format is unknown, or the source is not in it; with every fault found.
    """
    path = Path(source)
    name = format or detect_format(path)
    if name not in FORMATS:
        problem = f"is {name!r}, expected {', '.join(FORMATS)}"
        raise InvalidInput("framework", [Fault("format", problem)])
    return FORMATS[name](path)
