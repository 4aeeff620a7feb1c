"""What a fit has found, by the names of skills and levels, with what is to be said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .convergence import FitReport, SkillFit
from .diagnosis import notes_on_evidence, notes_on_parameters
from .parameters import LevelParameters, SkillParameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .expectation_maximisation import Climb
    from .level_table import LevelTable
    from .parts import Parts

__all__ = ["named_parameters", "report_on"]


def named_parameters(table: LevelTable, theta: NDArray[np.float64]) -> dict[str, SkillParameters]:
    """Return the parameters of each row of the table by skill and level.

    Examples
    --------
    >>> from ..domain.framework import SkillLevel
    >>> from .level_table import LevelTable
    >>> table = LevelTable.of([SkillLevel("sql", 2)])
    >>> named_parameters(table, np.full((1, 5), 0.2))["sql"][2].guess
    0.2
    """
    found: dict[str, dict[int, LevelParameters]] = {}
    for (skill_id, level), row in zip(table.rows, theta.tolist(), strict=True):
        found.setdefault(skill_id, {})[level] = LevelParameters(*row)
    return dict(found)


def report_on(
    parts: Parts, parameters: dict[str, SkillParameters], found: Climb, *, forgets: bool
) -> FitReport:
    """Return how the fit of each skill went, and what to be wary of."""
    outline = parts.outline
    by_skill = np.split(outline.of_level, parts.table.row_start[1:-1])
    return FitReport(
        {
            skill_id: _skill_fit(k, by_skill[k], outline.of_skill[k, 1], levels, found, forgets)
            for k, (skill_id, levels) in enumerate(parameters.items())
        }
    )


def _skill_fit(
    k: int,
    answers: NDArray[np.float64],
    n_learners: int,
    levels: SkillParameters,
    found: Climb,
    forgets: bool,
) -> SkillFit:
    n_iterations, converged = int(found.iterations[k]), bool(found.converged[k])
    notes = [
        *notes_on_parameters(levels, forgets=forgets),
        *notes_on_evidence(tuple(levels), answers[:, 0], answers[:, 1], int(n_learners)),
    ]
    if not converged:
        notes.append(f"not converged after {n_iterations} iterations")
    return SkillFit(
        n_responses=int(answers[:, 0].sum()),
        n_learners=int(n_learners),
        iterations=n_iterations,
        objective=float(found.objective[k]),
        trace=tuple(found.trace[:n_iterations, k].tolist()),
        converged=converged,
        warnings=tuple(notes),
    )
