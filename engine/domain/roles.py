"""Roles and their targets: what is to be mastered, by whom, and how much it matters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import NormalDist

from ..errors import InvalidCurriculum
from .records import Faults, build_all, note_repeats
from .skills import SkillLevel, UncertainLevel

__all__ = ["CombinedRole", "Role", "RolePart", "SkillTarget"]

_LONGEST_DAYS = 36_525.0  # a hundred years
_LARGEST_ERROR = 100.0  # levels
_LEAST_LIKELY = 0.05  # of the levels that may be meant; rarer ones are left out


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
    level_error : float, optional
        The standard error of the level, where it was estimated (by raters, say): the target then
        counts at each of the levels that may be meant, as likely as it is that it is.
    level_rated : float, optional
        What the level was estimated at, where that is not whole; `level` is the nearest to it.
    weight_error : float, optional
        The standard error of the weight, in its unit; intervals of readiness widen with it.

    Examples
    --------
    >>> SkillTarget("sql-joins", level=2, weight=3.0).skill_level
    SkillLevel(skill_id='sql-joins', level=2)
    >>> rated = SkillTarget("sql-joins", level=3, level_rated=2.6, level_error=0.2)
    >>> [(level, round(p, 2)) for level, p in rated.meant(4).shares]
    [(2, 0.31), (3, 0.69)]
    """

    skill_id: str
    level: int = 1
    weight: float = 1.0
    due_at: datetime | None = None
    valid_days: float | None = None
    level_error: float | None = None
    level_rated: float | None = None
    weight_error: float | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_id("skill_id", self.skill_id)
        faults.check_level("level", self.level)
        faults.check_number("weight", self.weight, 0.0, math.inf, above=True)
        object.__setattr__(self, "due_at", faults.read_instant("due_at", self.due_at))
        if self.valid_days is not None:
            faults.check_number("valid_days", self.valid_days, 0.0, _LONGEST_DAYS, above=True)
        for name, most in (("level_error", _LARGEST_ERROR), ("weight_error", math.inf)):
            if getattr(self, name) is not None:
                faults.check_number(name, getattr(self, name), 0.0, most)
        if self.level_rated is not None and not faults:
            faults.check_number("level_rated", self.level_rated, self.level - 0.5, self.level + 0.5)
        faults.raise_if_any("skill target", InvalidCurriculum)

    @property
    def skill_level(self) -> SkillLevel:
        """The skill at the level stated."""
        return SkillLevel(self.skill_id, self.level)

    @property
    def _rating(self) -> float:
        return self.level if self.level_rated is None else self.level_rated

    def meant(self, n_levels: int) -> SkillLevel:
        """Return the skill at the level that is meant: an :class:`UncertainLevel` with an error.

        P(level) is what a normal distribution around the rating has nearest to it; what lies below
        the lowest level or above the highest counts as that one, and what is rarer than one in
        twenty is left out: what it might ask is within the usual threshold of mastery.

        Parameters
        ----------
        n_levels : int
            How many levels the framework's scale has.
        """
        if not self.level_error:
            return self.skill_level
        rating = NormalDist(self._rating, self.level_error)
        found, below = dict[int, float](), 0.0
        for level in range(1, n_levels + 1):
            up_to = rating.cdf(level + 0.5) if level < n_levels else 1.0
            if up_to - below >= _LEAST_LIKELY or level == self.level:
                found[level] = up_to - below
            below = up_to
        total = math.fsum(found.values())
        shares = tuple((level, p / total) for level, p in found.items())
        return UncertainLevel(self.skill_id, self.level, shares)


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
        # the parts of a combination may doubt one level each in their own way
        told = _told_apart_by if isinstance(self, CombinedRole) else _stated
        note_repeats("targets", map(told, self.targets), faults)
        faults.raise_if_any("role", InvalidCurriculum)

    def __hash__(self) -> int:
        """Return a hash of what tells roles apart soonest: what is kept per role is looked up."""
        return hash((self.role_id, self.targets[0]))

    @classmethod
    def combined(cls, shares: Mapping[Role, float]) -> CombinedRole:
        """Return several roles as one, each with its share: the current and the next, say.

        Readiness for the combination is the mean of the readinesses, weighted by the shares, so
        whatever takes a role (a ranking, a path, a forecast) takes several. Where two roles want a
        skill at one level, that is one target, of the earlier date and the shorter validity; at two
        levels, or at one of which they are not as sure, two. Mastery asks for the highest of the
        thresholds.

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

    @property
    def is_certain(self) -> bool:
        """Whether every target means the level that it states."""
        return not any(target.level_error for target in self.targets)

    @property
    def weight_errors(self) -> tuple[float, ...]:
        """The standard errors of the weights, in the targets' order; 0 where none is given."""
        return tuple(target.weight_error or 0.0 for target in self.targets)


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
    wanted: dict[str, list[SkillTarget]] = {}
    errors: dict[str, list[float]] = {}
    for role, share in shares.items():
        for target in role.targets:
            wanted.setdefault(_told_apart_by(target), []).append(target)
            of_share = share / whole * (target.weight_error or 0.0) / math.fsum(role.weights)
            errors.setdefault(_told_apart_by(target), []).append(of_share)
    parts = [
        RolePart(role.role_id, role.label, share / whole, tuple(_weights(role, wanted)))
        for role, share in shares.items()
    ]
    targets = [
        replace(
            same[0],
            weight=math.fsum(part.share * part.weights[i] for part in parts),
            due_at=min((target.due_at for target in same if target.due_at), default=None),
            valid_days=min((one.valid_days for one in same if one.valid_days), default=None),
            weight_error=math.hypot(*errors[one]) or None,
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


def _weights(role: Role, wanted: Iterable[str]) -> Iterator[float]:
    """Give the share of each target in readiness for a role; 0 for what it does not want."""
    total = math.fsum(role.weights)
    share = {_told_apart_by(target): target.weight / total for target in role.targets}
    return (share.get(one, 0.0) for one in wanted)


def _stated(target: SkillTarget) -> str:
    return str(target.skill_level)


def _told_apart_by(target: SkillTarget) -> str:
    """Return what no two targets of a combination have in common: what they want, how surely."""
    if not target.level_error:
        return _stated(target)
    return f"{target.skill_level} ({target._rating!r} give or take {target.level_error!r})"


def _check_shares(shares: Mapping[Role, float]) -> None:
    faults = Faults()
    if not shares:
        faults.add("shares", "are none, expected at least one role")
    note_repeats("shares", (role.role_id for role in shares), faults)
    for role, share in shares.items():
        faults.check_number(f"shares[{role.role_id}]", share, 0.0, math.inf, above=True)
    faults.raise_if_any("combination of roles")
