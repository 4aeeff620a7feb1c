"""Where a learner stands before a role: what is attained, what is open, what came undone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..domain.records import Faults
from ..errors import did_you_mean, near_matches
from .projector import Projector, attained

if TYPE_CHECKING:
    from ..domain.curriculum import Curriculum, Module
    from ..domain.knowledge import KnowledgeState
    from .role_map import RoleMap

__all__ = ["Failure", "Standing", "allowed_ids", "asked_ids", "offered_ids", "standing"]

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

    def after(self, where: RoleMap, modules: Iterable[int], p: list[float]) -> Standing:
        """Return where the learner stands once these modules are done, attainments being `p`.

        What they lead to counts as met, as it does along a path.
        """
        met, begun, done, is_open = map(list, (self.met, self.begun, self.done, self.open))
        planned, leads_to = set(modules), where.leads_to
        for m in planned:
            done[m], is_open[m] = True, False
            for k in leads_to[m]:
                met[k] = begun[k] = True
        due = {m: failure for m, failure in self.due.items() if m not in planned}
        return Standing(p, met, begun, done, is_open, due, planned)


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
    done, begun, due = [False] * len(where.modules), list(met), {}
    if allowed is None:
        on_offer = [not retired for retired in where.retired]
    else:
        on_offer = [not m.retired and m.module_id in allowed for m in where.modules]
    for m in sorted(where.number[one] for one in where.number.keys() & state.completed.keys()):
        done[m] = True
        for k in where.leads_to[m]:
            begun[k] = True
        failure = _failure_since(where, m, state, p, met)
        if failure is None:
            on_offer[m] = False
        else:
            due[m] = failure
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
    return _known_ids(curriculum.modules, _module_ids(allowed), "allowed", "allow-list")


def offered_ids(
    curriculum: Curriculum,
    allowed: Iterable[str | Module] | None,
    denied: Iterable[str | Module],
    at: datetime | None = None,
) -> frozenset[str] | None:
    """Check both of the caller's lists; return what is allowed, not denied and available then.

    None stands for all.

    Raises
    ------
    InvalidInput
        Naming every id in either list that is no module, with near matches.
    """
    found = allowed_ids(curriculum, allowed)
    withheld = _known_ids(curriculum.modules, _module_ids(denied), "denied", "deny-list")
    withheld |= curriculum.unavailable(at)
    if not withheld:
        return found
    return (frozenset(curriculum.modules) if found is None else found) - withheld


def asked_ids(curriculum: Curriculum, asked: Iterable[str]) -> frozenset[str]:
    """Check the items that are not to be asked again.

    Raises
    ------
    InvalidInput
        Naming every id that is no item, with near matches.
    """
    return _known_ids(curriculum.items, asked, "asked", "list of items asked", kind="item")


def _module_ids(given: Iterable[str | Module]) -> Iterable[Any]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        return given
    return [one if isinstance(one, str) else getattr(one, "module_id", one) for one in given]


def _known_ids(
    known: Collection[str], given: Iterable[str], name: str, what: str, *, kind: str = "module"
) -> frozenset[str]:
    faults = Faults()
    if isinstance(given, str) or not isinstance(given, Iterable):
        faults.add(name, f"is {given!r}, expected a list of {kind} ids")
        faults.raise_if_any(what)
    ids = list(given)
    for i, one in enumerate(ids):
        if one not in known:
            near = did_you_mean(near_matches(str(one), known))
            faults.add(f"{name}[{i}]", f"names an unknown {kind}, {one!r}{near}")
    faults.raise_if_any(what)
    return frozenset(ids)
