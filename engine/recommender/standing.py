"""Where a learner stands before a role: what is attained, what is open, what came undone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ..domain.records import Faults
from ..errors import did_you_mean, near_matches
from .projector import Projector, attained

if TYPE_CHECKING:
    from ..domain.curriculum import Curriculum, Module
    from ..domain.knowledge import KnowledgeState
    from .role_map import RoleMap

__all__ = ["Failure", "Standing", "allowed_ids", "standing"]

MIN_GAIN = 1e-9  # of readiness; less than that is rounding


@dataclass(frozen=True, slots=True)
class Failure:
    """A wrong answer, after the module was completed, on a skill that the module teaches."""

    skill_id: str
    failed_at: datetime


@dataclass(slots=True)
class Standing:
    """A learner before a role; numbers are those of the role map.

    Parameters
    ----------
    p : list of float, shape (n_wanted,)
        P(attained) of everything wanted.
    met : list of bool, shape (n_wanted,)
        Whether it counts as attained where something else requires it.
    begun : list of bool, shape (n_wanted,)
        The same, or a module that leads there was completed: the next level may be tried.
    done, open : list of bool, shape (n_modules,)
        Completed; on offer: neither retired, nor withheld by the caller, nor completed, unless a
        review calls for it.
    due : dict of int to Failure
        The completed modules that a review calls for.
    planned : set of int
        The modules done only in a path so far.
    """

    p: list[float]
    met: list[bool]
    begun: list[bool]
    done: list[bool]
    open: list[bool]
    due: dict[int, Failure]
    planned: set[int] = field(default_factory=set)

    def twin(self) -> Standing:
        """Return a copy that can go another way."""
        return Standing(
            list(self.p),
            list(self.met),
            list(self.begun),
            list(self.done),
            list(self.open),
            dict(self.due),
            set(self.planned),
        )

    def take(self, where: RoleMap, m: int, p: list[float], threshold: float) -> None:
        """Count a module as completed, as a path does once the module stands in it.

        From then on what it leads to counts as met, and so does whatever the attainments to be
        expected then lift to the threshold.
        """
        self.planned.add(m)
        self.done[m], self.open[m] = True, False
        self.due.pop(m, None)
        self.p = p
        for k, one in enumerate(p):
            if one >= threshold:
                self.met[k] = self.begun[k] = True
        for k in where.leads_to[m]:
            self.met[k] = self.begun[k] = True


def standing(
    where: RoleMap,
    state: KnowledgeState,
    projector: Projector,
    *,
    threshold: float,
    allowed: Collection[str] | None = None,
    at: datetime | None = None,
) -> Standing:
    """Read from a state all that the choice of modules depends on.

    Parameters
    ----------
    where : RoleMap
    state : KnowledgeState
    projector : Projector
    threshold : float
        The attainment from which a prerequisite counts as met.
    allowed : collection of str, optional
        The modules on offer; all of them when None. See :func:`allowed_ids`.
    at : datetime, optional
    """
    p = attained(projector, state, where.wanted, at)
    met = [one >= threshold for one in p]
    done = [module.module_id in state.completed for module in where.modules]
    begun = [met[k] or any(done[m] for m in leading) for k, leading in enumerate(where.led_to_by)]
    due = {}
    for m, completed in enumerate(done):
        failure = _failure_since(where, m, state, p, met) if completed else None
        if failure is not None:
            due[m] = failure
    on_offer = [
        not module.retired
        and (allowed is None or module.module_id in allowed)
        and (not done[m] or m in due)
        for m, module in enumerate(where.modules)
    ]
    return Standing(p, met, begun, done, on_offer, due)


def _failure_since(
    where: RoleMap, m: int, state: KnowledgeState, p: list[float], met: list[bool]
) -> Failure | None:
    """Return the latest wrong answer since the completion on what is still wanted of the module.

    Instants that nobody recorded cannot be compared, so they call for no review.
    """
    completed_at = state.completed[where.modules[m].module_id]
    found: list[Failure] = []
    for k in where.leads_to[m]:
        known = state.skills.get(where.wanted[k].skill_id)
        failed_at = None if known is None else known.last_failed_at
        if completed_at is None or failed_at is None or failed_at <= completed_at:
            continue
        is_target = k < len(where.role.targets)
        if p[k] < where.role.mastery_threshold if is_target else not met[k]:
            found.append(Failure(where.wanted[k].skill_id, failed_at))
    return max(found, key=lambda one: (one.failed_at, one.skill_id), default=None)


def allowed_ids(
    curriculum: Curriculum, allowed: Iterable[str | Module] | None
) -> frozenset[str] | None:
    """Check the caller's allow-list; None stays None and means every module.

    Raises
    ------
    InvalidInput
        Naming every id that is no module, with near matches.

    Examples
    --------
    >>> from engine.domain import Curriculum
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}],
    ...     modules=[{"module_id": "sql-101", "teaches": [{"skill_id": "sql"}], "minutes": 5}],
    ... )
    >>> allowed_ids(curriculum, ["sql-100"])
    Traceback (most recent call last):
    engine.errors.InvalidInput: invalid allow-list: allowed[0]: names an unknown module,
    'sql-100'; did you mean 'sql-101'?
    """
    if allowed is None:
        return None
    faults = Faults()
    if isinstance(allowed, str) or not isinstance(allowed, Iterable):
        faults.add("allowed", f"is {allowed!r}, expected a list of module ids")
        faults.raise_if_any("allow-list")
    ids = [one if isinstance(one, str) else getattr(one, "module_id", one) for one in allowed]
    for i, module_id in enumerate(ids):
        if module_id not in curriculum.modules:
            near = did_you_mean(near_matches(str(module_id), curriculum.modules))
            faults.add(f"allowed[{i}]", f"names an unknown module, {module_id!r}{near}")
    faults.raise_if_any("allow-list")
    return frozenset(ids)  # type: ignore[arg-type]  # checked above
