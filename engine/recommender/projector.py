"""What the recommender asks of a model of knowledge, and nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import isnan
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..domain.skills import SkillLevel, UncertainLevel
from ..errors import Fault, InvalidInput

if TYPE_CHECKING:
    from ..domain.curriculum import Module
    from ..domain.knowledge import KnowledgeState

__all__ = ["Projector", "attained", "attained_after"]

_ROUNDING = 1e-9


class Projector(Protocol):
    """A model that reads a learner's state and foresees what a module would do to it.

    Every tracer is one; so is a constant or a hand-written vector. The recommender relies on
    two things: a module moves only the skills that it teaches, and what it does to one skill
    depends on nothing but the belief about that skill.

    A model may also have ``attainment_after(state, asked, at=…)``: the attainment of each of many
    skills at levels, once the modules named with it are completed in a row. It answers what
    projecting them would, only faster; see :func:`attained_after`.

    Examples
    --------
    >>> import numpy as np
    >>> class Unmoved:
    ...     def attainment(self, state, targets, *, at=None):
    ...         return np.full(len(targets), 0.5)
    ...
    ...     def project(self, state, module, *, at=None):
    ...         return state
    >>> model: Projector = Unmoved()
    """

    def attainment(
        self, state: KnowledgeState, targets: Sequence[SkillLevel], *, at: datetime | None = None
    ) -> Any:
        """Return P(at or above the level) per target at the instant `at`, shape (n_targets,)."""
        ...

    def project(
        self, state: KnowledgeState, module: Module, *, at: datetime | None = None
    ) -> KnowledgeState:
        """Return the state to be expected if the module were completed now."""
        ...


def attained(
    projector: Projector,
    state: KnowledgeState,
    wanted: Sequence[SkillLevel],
    at: datetime | None = None,
) -> list[float]:
    """Return the projector's attainments as checked probabilities, one per skill and level.

    Of an uncertain level it is the mean over the levels that may be meant.

    Raises
    ------
    InvalidInput
        The projector answered with another shape, or with what is no probability.

    Examples
    --------
    >>> from engine.domain import KnowledgeState
    >>> class Constant:
    ...     def attainment(self, state, targets, *, at=None):
    ...         return [0.5] * len(targets)
    >>> attained(Constant(), KnowledgeState("ada"), [SkillLevel("sql"), SkillLevel("charts")])
    [0.5, 0.5]
    """
    spread = _spread(wanted)
    if spread is None:
        return _checked(projector.attainment(state, wanted, at=at), wanted)
    return _weighed(spread, attained(projector, state, _alone(spread), at))


def attained_after(
    projector: Projector,
    state: KnowledgeState,
    asked: Sequence[tuple[SkillLevel, Sequence[Module]]],
    at: datetime | None = None,
) -> list[float]:
    """Return the attainment of each skill at a level once its modules are completed in a row.

    Raises
    ------
    InvalidInput
        As :func:`attained`.
    """
    wanted_of = [wanted for wanted, _ in asked]
    spread = _spread(wanted_of)
    if spread is not None:
        modules_of = [modules for _, modules in asked]
        each = [
            (one, modules)
            for row, modules in zip(spread, modules_of, strict=True)
            for one, _ in row
        ]
        return _weighed(spread, attained_after(projector, state, each, at))
    direct = getattr(projector, "attainment_after", None)
    if direct is not None:
        return _checked(direct(state, asked, at=at), wanted_of)
    found: list[float] = []
    for wanted, modules in asked:
        then = state
        for module in modules:
            then = projector.project(then, module, at=at)
        found += attained(projector, then, [wanted], at)
    return found


_Spread = list[list[tuple[SkillLevel, float]]]


def _spread(wanted: Sequence[SkillLevel]) -> _Spread | None:
    """Return per thing wanted the levels that may be meant, with P; None where all are certain."""
    if set(map(len, wanted)) <= {2}:  # as tuples: quicker to ask than their class
        return None
    return [
        list(zip(one.meant, (p for _, p in one.shares), strict=True))
        if isinstance(one, UncertainLevel)
        else [(one, 1.0)]
        for one in wanted
    ]


def _alone(spread: _Spread) -> list[SkillLevel]:
    return [one for row in spread for one, _ in row]


def _weighed(spread: _Spread, p: list[float]) -> list[float]:
    """Return Σ P(level is meant)·P(at or above it) per thing wanted.

    As what is attained of the highest level and what the others have more: where all are attained
    alike, the mean is just that, without rounding.
    """
    found, start = list[float](), 0
    for row in spread:
        each = p[start : start + len(row)]
        more = sum(share * (one - each[-1]) for (_, share), one in zip(row, each, strict=True))
        found.append(min(each[-1] + more, 1.0))
        start += len(row)
    return found


def _checked(given: Any, wanted: Sequence[SkillLevel]) -> list[float]:
    p = np.asarray(given, dtype=np.float64)
    if p.shape != (len(wanted),):
        _refuse("attainment", f"has shape {p.shape}, expected ({len(wanted)},)")
    found: list[float] = p.tolist()
    if not found or (min(found) >= 0.0 and max(found) <= 1.0 and not isnan(sum(found))):
        return found
    for one, value in zip(wanted, found, strict=True):
        if not -_ROUNDING <= value <= 1.0 + _ROUNDING:  # nor is NaN
            _refuse(f"attainment of {one}", f"is {value}, expected 0 to 1")
    return [min(max(value, 0.0), 1.0) for value in found]


def _refuse(where: str, problem: str) -> None:
    raise InvalidInput("projector answer", [Fault(where, problem, "mend the projector")])
