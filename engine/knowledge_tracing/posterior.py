"""What a fitted model knows of its own parameters: columns, intervals and draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import Fault, InvalidInput
from .parameters import LevelParameters
from .priors import MOST_NOISE
from .uncertainty import drawn, intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .fitted import Fitted

    Array = NDArray[np.float64]

__all__ = ["draws", "interval_columns", "noise_columns", "parameter_columns"]


def parameter_columns(fitted: Fitted) -> dict[str, list[Any]]:
    """Return the parameters as columns, one row per skill and level."""
    rows = [
        (skill_id, level, *one)
        for skill_id, levels in fitted.parameters.items()
        for level, one in levels.items()
    ]
    return _columns(("skill", "level", *LevelParameters._fields), rows)


def noise_columns(fitted: Fitted, source: str) -> dict[str, list[Any]]:
    """Return guess and slip of items, or of kinds of items, as columns."""
    rows = [
        (one, *reached, *noise)
        for one, found in fitted.noise.items()
        for reached, noise in found.items()
    ]
    return _columns((source, "skill", "level", "guess", "slip"), rows)


def _columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def interval_columns(fitted: Fitted, level: float) -> dict[str, list[float]]:
    """Return standard errors and interval ends by column, in the order of the parameters."""
    if not 0.0 < level < 1.0:
        raise InvalidInput("interval", [Fault("level", f"is {level!r}, expected between 0 and 1")])
    columns: dict[str, list[float]] = {}
    told = zip(("se", "low", "high"), intervals(*_posterior(fitted), level), strict=True)
    for suffix, values in told:
        for name, column in zip(LevelParameters._fields, values.T, strict=True):
            columns[f"{name}_{suffix}"] = column.tolist()
    return columns


def draws(fitted: Fitted, n: int, rng: np.random.Generator) -> Iterator[Fitted]:
    """Yield what was fitted with parameters drawn from their posterior."""
    theta, covariance = _posterior(fitted)
    for one in drawn(theta, covariance, n, MOST_NOISE, rng):
        rows = iter(one.tolist())
        parameters = {
            skill_id: {level: LevelParameters(*next(rows)) for level in levels}
            for skill_id, levels in fitted.parameters.items()
        }
        yield replace(fitted, parameters=parameters)


def _posterior(fitted: Fitted) -> tuple[Array, Array]:
    """Return modes, shape (n_levels, 5), and covariances, shape (n_levels, 5, 5)."""
    reached = [(k, level) for k, levels in fitted.parameters.items() for level in levels]
    theta = np.array([fitted.parameters[k][level] for k, level in reached])
    known = {tuple(one): matrix for one, matrix in fitted.covariance.items()}
    if not all(one in known for one in reached):
        problem = "were not kept in this model file"
        raise InvalidInput("model", [Fault("standard errors", problem, "fit the model again")])
    return theta, np.array([known[one] for one in reached])
