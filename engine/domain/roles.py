"""Roles and their targets: what is to be mastered, by whom, and how much it matters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ..errors import InvalidCurriculum
from .records import Faults, build_all, note_repeats
from .skills import SkillLevel

__all__ = ["CombinedRole", "Role", "RolePart", "SkillTarget"]

_LONGEST_DAYS = 36_525.0  # a hundred years


@dataclass(frozen=True, slots=True)
class SkillTarget:
    """A skill that a role wants at a level, and how much it matters.

    Parameters
    ----------
    skill_id : str
    level : int, default 1
    weight : float, default 1.0
        Above 0.
    due_at : datetime, optional
        By when it is wanted; aware, or as ISO 8601 writes it.
    valid_days : float, optional
        For how long proof of it is valid: not attained without, nor after so many days.

    Examples
    --------
    >>> SkillTarget("sql-joins", level=2, weight=3.0).skill_level
    SkillLevel(skill_id='sql-joins', level=2)
    """

    skill_id: str
    level: int = 1
    weight: float = 1.0
    due_at: datetime | None = None
    valid_days: float | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_id("skill_id", self.skill_id)
        faults.check_level("level", self.level)
        faults.check_number("weight", self.weight, 0.0, math.inf, above=True)
        object.__setattr__(self, "due_at", faults.read_instant("due_at", self.due_at))
        if self.valid_days is not None:
            faults.check_number("valid_days", self.valid_days, 0.0, _LONGEST_DAYS, above=True)
        faults.raise_if_any("skill target", InvalidCurriculum)

    @property
    def skill_level(self) -> SkillLevel:
        """The skill at the level."""
        return SkillLevel(self.skill_id, self.level)


@dataclass(frozen=True, slots=True)
class Role:
    """The targets of a job: which skills, at which level, with which weight.

    A role is what one works as, never what one may do in the software.

    Parameters
    ----------
    role_id : str
    targets : sequence of SkillTarget
        At least one; several on one skill are at different levels. Mappings are read as targets.
    name : str, optional
    mastery_threshold : float, default 0.95
        The attainment from which a target counts as mastered, in (0.5, 1).
    ladder : str, optional
        The career ladder that the role is a step of.
    rung : int, default 0
        The step's height on the ladder, lowest first.
    description : str, optional

    Examples
    --------
    >>> analyst = Role("analyst", [SkillTarget("sql-joins", level=2), SkillTarget("charts")])
    >>> [target.skill_id for target in analyst.targets]
    ['sql-joins', 'charts']
    """

    role_id: str
    targets: tuple[SkillTarget, ...]
    name: str = ""
    mastery_threshold: float = 0.95
    ladder: str = ""
    rung: int = 0
    description: str = ""

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "targets", build_all(SkillTarget, self.targets, "targets", faults))
        faults.check_id("role_id", self.role_id)
        faults.check_number("mastery_threshold", self.mastery_threshold, 0.5, 0.999999)
        if not self.targets and not faults:
            faults.add("targets", "is empty, expected at least one skill")
        note_repeats("targets", (str(target.skill_level) for target in self.targets), faults)
        faults.raise_if_any("role", InvalidCurriculum)

    @classmethod
    def combined(cls, shares: Mapping[Role, float]) -> CombinedRole:
        """Return several roles as one, each with its share: the current and the next, say.

        Readiness for the combination is the mean of the readinesses, weighted by the shares, so
        whatever takes a role (a ranking, a path, a forecast) takes several. Where two roles want a
        skill at one level, that is one target, of the earlier date and the shorter validity; at two
        levels, two. Mastery asks for the highest of the thresholds.

        Parameters
        ----------
        shares : mapping of Role to float
            Above 0, in any unit; the first role is the learner's own.

        Raises
        ------
        InvalidInput
            No roles, one of them twice, or a share that is not above 0.

        Examples
        --------
        >>> junior = Role("junior", [SkillTarget("sql")], name="Junior")
        >>> senior = Role("senior", [SkillTarget("sql", 3), SkillTarget("charts")], name="Senior")
        >>> both = Role.combined({junior: 0.7, senior: 0.3})
        >>> [(str(one.skill_level), one.weight) for one in both.targets]
        [('sql at level 1', 0.7), ('sql at level 3', 0.15), ('charts at level 1', 0.15)]
        >>> both.label
        'Junior and Senior'
        """
        return _combined(shares)

    @property
    def label(self) -> str:
        """The name, or the id where there is none."""
        return self.name or self.role_id

    @property
    def role_ids(self) -> tuple[str, ...]:
        """The roles that this is: itself, or those that it combines, the learner's own first."""
        return (self.role_id,)

    @property
    def weights(self) -> tuple[float, ...]:
        """The weights of the targets, in their order."""
        return tuple(target.weight for target in self.targets)


@dataclass(frozen=True, slots=True)
class RolePart:
    """One of the roles in a combination.

    Parameters
    ----------
    role_id, label : str
    share : float
        Of readiness for the combination; the parts' shares sum to 1.
    weights : tuple of float, shape (n_targets,)
        The share of each target of the combination in readiness for this role alone.
    """

    role_id: str
    label: str
    share: float
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CombinedRole(Role):
    """Several roles as one; made by :meth:`Role.combined`.

    Parameters
    ----------
    parts : tuple of RolePart
        In the order in which they were given.
    """

    parts: tuple[RolePart, ...] = ()

    @property
    def role_ids(self) -> tuple[str, ...]:
        """The roles that are combined."""
        return tuple(part.role_id for part in self.parts)


def _combined(shares: Mapping[Role, float]) -> CombinedRole:
    _check_shares(shares)
    whole = math.fsum(shares.values())
    wanted: dict[SkillLevel, list[SkillTarget]] = {}
    for target in (target for role in shares for target in role.targets):
        wanted.setdefault(target.skill_level, []).append(target)
    parts = [
        RolePart(role.role_id, role.label, share / whole, tuple(_weights(role, wanted)))
        for role, share in shares.items()
    ]
    targets = [
        SkillTarget(
            one.skill_id,
            one.level,
            math.fsum(part.share * part.weights[i] for part in parts),
            min((target.due_at for target in same if target.due_at), default=None),
            min((target.valid_days for target in same if target.valid_days), default=None),
        )
        for i, (one, same) in enumerate(wanted.items())
    ]
    labels = [part.label for part in parts]
    return CombinedRole(
        role_id="+".join(part.role_id for part in parts)[:500],
        targets=tuple(targets),
        name=" and ".join([", ".join(labels[:-1]), labels[-1]] if len(labels) > 1 else labels),
        mastery_threshold=max(role.mastery_threshold for role in shares),
        parts=tuple(parts),
    )


def _weights(role: Role, wanted: Iterable[SkillLevel]) -> Iterator[float]:
    """Give the share of each target in readiness for a role; 0 for what it does not want."""
    total = math.fsum(role.weights)
    share = {target.skill_level: target.weight / total for target in role.targets}
    return (share.get(one, 0.0) for one in wanted)


def _check_shares(shares: Mapping[Role, float]) -> None:
    faults = Faults()
    if not shares:
        faults.add("shares", "are none, expected at least one role")
    note_repeats("shares", (role.role_id for role in shares), faults)
    for role, share in shares.items():
        faults.check_number(f"shares[{role.role_id}]", share, 0.0, math.inf, above=True)
    faults.raise_if_any("combination of roles")
