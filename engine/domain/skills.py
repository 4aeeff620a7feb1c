"""Skills, and the proficiency levels at which they are had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self, cast

from ..errors import InvalidCurriculum
from .records import Faults

__all__ = ["ProficiencyScale", "Skill", "SkillLevel", "UncertainLevel"]


class SkillLevel(NamedTuple):
    """A skill at a proficiency level: what one can be at or above.

    Examples
    --------
    >>> SkillLevel("sql-joins", 2)
    SkillLevel(skill_id='sql-joins', level=2)
    """

    skill_id: str
    level: int = 1

    def __str__(self) -> str:
        return f"{self.skill_id} at level {self.level}"


class UncertainLevel(SkillLevel):
    """A skill at a level that is known only nearly: the levels that may be meant, each with P.

    It equals no plain level, so what is required at a level for certain stays apart from it.

    Parameters
    ----------
    skill_id : str
    level : int
        The level that is stated.
    shares : tuple of (int, float)
        The levels that may be meant, rising, and how likely each is; these sum to 1.

    Examples
    --------
    >>> programming = UncertainLevel("programming", 3, ((2, 0.4), (3, 0.6)))
    >>> [str(one) for one in programming.meant], programming == SkillLevel("programming", 3)
    (['programming at level 2', 'programming at level 3'], False)
    """

    __slots__ = ()

    def __new__(cls, skill_id: str, level: int, shares: tuple[tuple[int, float], ...]) -> Self:
        return tuple.__new__(cls, (skill_id, level, shares))

    @property
    def shares(self) -> tuple[tuple[int, float], ...]:
        """The levels that may be meant, and how likely each is."""
        _, _, shares = cast("tuple[str, int, tuple[tuple[int, float], ...]]", self)
        return shares

    @property
    def meant(self) -> tuple[SkillLevel, ...]:
        """The skill at each of the levels that may be meant."""
        return tuple(SkillLevel(self.skill_id, level) for level, _ in self.shares)


@dataclass(frozen=True, slots=True)
class ProficiencyScale:
    """The names of the proficiency levels, lowest first; level 1 is the first.

    Examples
    --------
    >>> ProficiencyScale(("Novice", "Skilled")).name(2)
    'Skilled'
    """

    levels: tuple[str, ...] = ("Awareness", "Working", "Practitioner", "Expert")

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", tuple(self.levels))
        faults = Faults()
        if not self.levels:
            faults.add("levels", "is empty, expected at least one name")
        for i, name in enumerate(self.levels):
            faults.check_id(f"levels[{i}]", name)
        if len(set(self.levels)) < len(self.levels):
            faults.add("levels", f"repeats a name: {', '.join(map(str, self.levels))}")
        faults.raise_if_any("proficiency scale", InvalidCurriculum)

    def name(self, level: int) -> str:
        """Return the name of a level; of a level beyond the scale, its number in words."""
        return self.levels[level - 1] if 0 < level <= len(self.levels) else f"Level {level}"


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill, the knowledge component of the tracing literature.

    Examples
    --------
    >>> Skill("sql-joins", name="Joining tables", group="Querying").label
    'Joining tables'
    """

    skill_id: str
    name: str = ""
    group: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_id("skill_id", self.skill_id)
        faults.raise_if_any("skill", InvalidCurriculum)

    @property
    def label(self) -> str:
        """The name, or the id where there is none."""
        return self.name or self.skill_id
