"""Attain's own folder of tables: catalogue, roles, learners and evidence, read and checked whole.

::

    scale.csv           level, name                                      optional
    skills.csv          skill_id, [name, group, description]
    prerequisites.csv   skill_id, requires, [level, requires_level]      optional
    items.csv           item_id, skills~, [level, kind, name, url, retired]          optional
    modules.csv         module_id, minutes, [title, format, url, requires~, …]       optional
    module_effects.csv  module_id, skill_id, [level, learn]              with modules.csv
    roles.csv           role_id, [name, ladder, rung, mastery_threshold, …]          optional
    role_targets.csv    role_id, skill_id, [level, weight, due_at, valid_days, level_error,
                        level_rated, weight_error]                               with roles.csv
    learners.csv        learner_id, [name, team_id, role_id, next_role_id, …]        optional
    responses.csv       learner, item, score, [response_id, answered_at] optional
    completions.csv     learner, module, [completion_id, completed_at]   optional

``~`` stands between several ids; each table may be gzipped. Responses and completions may be JSON
Lines instead: ``.jsonl`` or ``.ndjson``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from engine import Completion, Curriculum, InvalidCurriculum, Response, Role
from service.records import LearnerProfile

from .catalog import curriculum_of
from .evidence import completions_of, evidence_table, responses_of
from .jsonl import JSONL_ENDINGS
from .people import learners_of, roles_of
from .sheets import Sheets

__all__ = [
    "AttainFolder",
    "read_catalog",
    "read_evidence",
    "read_folder",
    "read_learners",
    "read_roles",
]

Part = TypeVar("Part")


@dataclass(frozen=True)
class AttainFolder:
    """What a folder of tables holds, checked against each other.

    Parameters
    ----------
    curriculum : Curriculum
    roles : tuple of Role
    learners : tuple of LearnerProfile
    evidence : tuple of Response and Completion
    """

    curriculum: Curriculum
    roles: tuple[Role, ...] = ()
    learners: tuple[LearnerProfile, ...] = ()
    evidence: tuple[Response | Completion, ...] = ()


def read_folder(folder: Path | str) -> AttainFolder:
    """Read a folder of tables whole.

    Raises
    ------
    InvalidInput
        With every fault of every table, each with its file and line.
    """
    return _read(folder, _whole)


def read_catalog(folder: Path | str) -> Curriculum:
    """Read the skills, items and modules of a folder of tables.

    Raises
    ------
    InvalidInput
        With every fault of these tables.

    Examples
    --------
    >>> from service.tables import sample_folder
    >>> curriculum = read_catalog(sample_folder())
    >>> curriculum.scale.levels
    ('Awareness', 'Working', 'Practitioner', 'Expert')
    """
    return _read(folder, curriculum_of)


def read_roles(folder: Path | str) -> tuple[Role, ...]:
    """Read the roles of a folder of tables, checked against its skills."""
    return _read(folder, roles_of)


def read_learners(folder: Path | str) -> tuple[LearnerProfile, ...]:
    """Read the learners of a folder of tables, checked against its roles."""
    return _read(folder, learners_of)


def read_evidence(folder: Path | str) -> tuple[Response | Completion, ...]:
    """Read the responses and completions of a folder of tables, checked against its catalogue."""
    return _read(folder, _evidence_of)


def _read(folder: Path | str, part: Callable[[Sheets], Part]) -> Part:
    sheets = Sheets(Path(folder))
    read = part(sheets)
    sheets.notes.raise_if_any(f"folder {sheets.folder.name}", InvalidCurriculum)
    return read


def _whole(sheets: Sheets) -> AttainFolder:
    return AttainFolder(
        curriculum_of(sheets), roles_of(sheets), learners_of(sheets), _evidence_of(sheets)
    )


def _evidence_of(sheets: Sheets) -> tuple[Response | Completion, ...]:
    tables = {
        name: evidence_table(path, sheets.notes)
        for name in ("responses", "completions")
        if (path := sheets.path(name, *JSONL_ENDINGS))
    }
    found: list[Response | Completion] = []
    if (answered := tables.get("responses")) is not None:
        found.extend(responses_of(answered, sheets.notes, sheets.item_rows))
    if (completed := tables.get("completions")) is not None:
        found.extend(completions_of(completed, sheets.notes, sheets.module_rows))
    return tuple(found)
