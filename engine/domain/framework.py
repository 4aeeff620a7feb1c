"""Skills, proficiency levels, roles and prerequisites: what is to be mastered, and for whom."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ..errors import InvalidCurriculum, UnknownId, did_you_mean, near_matches
from .records import Faults, build_all, note_cycle, note_repeats

__all__ = [
    "CompetencyFramework",
    "Prerequisite",
    "ProficiencyScale",
    "Role",
    "Skill",
    "SkillLevel",
    "SkillTarget",
]


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


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Learning `skill_id` at `level` requires `requires` at `requires_level`.

    Examples
    --------
    >>> Prerequisite("sql-joins", "sql-select", level=2).required
    SkillLevel(skill_id='sql-select', level=1)
    """

    skill_id: str
    requires: str
    level: int = 1
    requires_level: int = 1

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_id("skill_id", self.skill_id)
        faults.check_id("requires", self.requires)
        faults.check_level("level", self.level)
        faults.check_level("requires_level", self.requires_level)
        if self.skill_id == self.requires:
            faults.add(
                "requires",
                f"is the skill itself, {self.skill_id!r}",
                "a level always requires the levels below it; say nothing",
            )
        faults.raise_if_any("prerequisite", InvalidCurriculum)

    @property
    def target(self) -> SkillLevel:
        """What cannot be learned without the other."""
        return SkillLevel(self.skill_id, self.level)

    @property
    def required(self) -> SkillLevel:
        """What has to be there first."""
        return SkillLevel(self.requires, self.requires_level)


@dataclass(frozen=True, slots=True)
class SkillTarget:
    """A skill that a role wants at a level, and how much it matters.

    Examples
    --------
    >>> SkillTarget("sql-joins", level=2, weight=3.0).skill_level
    SkillLevel(skill_id='sql-joins', level=2)
    """

    skill_id: str
    level: int = 1
    weight: float = 1.0

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_id("skill_id", self.skill_id)
        faults.check_level("level", self.level)
        faults.check_number("weight", self.weight, 0.0, math.inf, above=True)
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
        At most one per skill, at least one in all. Mappings are read as targets.
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
        note_repeats("targets", (target.skill_id for target in self.targets), faults)
        faults.raise_if_any("role", InvalidCurriculum)

    @property
    def label(self) -> str:
        """The name, or the id where there is none."""
        return self.name or self.role_id

    @property
    def weights(self) -> tuple[float, ...]:
        """The weights of the targets, in their order."""
        return tuple(target.weight for target in self.targets)


@dataclass(frozen=True)
class CompetencyFramework:
    """Skills on one proficiency scale, their prerequisites, and the roles that want them.

    Parameters
    ----------
    scale : ProficiencyScale
    skills, prerequisites, roles : sequence
        The nouns, or mappings with their fields.

    Raises
    ------
    InvalidCurriculum
        Repeated ids, unknown skills, levels beyond the scale, or prerequisites that run in a
        circle; all faults at once.

    Examples
    --------
    >>> framework = CompetencyFramework(
    ...     skills=[Skill("sql-select"), Skill("sql-joins")],
    ...     prerequisites=[Prerequisite("sql-joins", "sql-select")],
    ... )
    >>> framework.requirements(SkillLevel("sql-joins", 1))
    (SkillLevel(skill_id='sql-select', level=1),)
    """

    skills: tuple[Skill, ...]
    prerequisites: tuple[Prerequisite, ...] = ()
    roles: tuple[Role, ...] = ()
    scale: ProficiencyScale = field(default_factory=ProficiencyScale)

    def __post_init__(self) -> None:
        faults = Faults()
        self._read("skills", Skill, faults)
        self._read("prerequisites", Prerequisite, faults)
        self._read("roles", Role, faults)
        note_repeats("skills", (skill.skill_id for skill in self.skills), faults)
        note_repeats("roles", (role.role_id for role in self.roles), faults)
        for i, edge in enumerate(self.prerequisites):
            self.note_unknown(f"prerequisites[{i}]", edge.target, faults)
            self.note_unknown(f"prerequisites[{i}]", edge.required, faults, field="requires")
        for role in self.roles:
            self.note_role_faults(role, faults)
        self._note_cycle(faults)
        faults.raise_if_any("competency framework", InvalidCurriculum)

    def _read(self, name: str, noun: type, faults: Faults) -> None:
        object.__setattr__(self, name, build_all(noun, getattr(self, name), name, faults))

    @cached_property
    def by_id(self) -> Mapping[str, Skill]:
        """The skills by their id."""
        return {skill.skill_id: skill for skill in self.skills}

    @cached_property
    def _requirements(self) -> Mapping[SkillLevel, tuple[SkillLevel, ...]]:
        edges: dict[SkillLevel, list[SkillLevel]] = {}
        for edge in self.prerequisites:
            edges.setdefault(edge.target, []).append(edge.required)
        return {target: tuple(required) for target, required in edges.items()}

    def skill(self, skill_id: str) -> Skill:
        """Return a skill; raise :class:`UnknownId` with near matches when there is none."""
        try:
            return self.by_id[skill_id]
        except KeyError:
            raise UnknownId("skill", skill_id, self.by_id) from None

    def role(self, role_id: str) -> Role:
        """Return a role; raise :class:`UnknownId` with near matches when there is none."""
        for role in self.roles:
            if role.role_id == role_id:
                return role
        raise UnknownId("role", role_id, [role.role_id for role in self.roles])

    def requirements(self, wanted: SkillLevel) -> tuple[SkillLevel, ...]:
        """Return what has to be there before `wanted` is learned: its direct prerequisites.

        Those of the levels below count too, since nobody reaches a level without them.
        """
        found: dict[SkillLevel, None] = {}
        for level in range(1, wanted.level + 1):
            found.update(
                dict.fromkeys(self._requirements.get(SkillLevel(wanted.skill_id, level), ()))
            )
        return tuple(found)

    def closure(self, wanted: Iterable[SkillLevel]) -> tuple[SkillLevel, ...]:
        """Return `wanted` and all that it requires, however indirectly; first things first."""
        seen: dict[SkillLevel, None] = {}
        waiting = [(one, False) for one in reversed(list(wanted))]
        while waiting:  # depth first, without recursion: chains may be thousands long
            one, opened = waiting.pop()
            if opened:
                seen[one] = None
            elif one not in seen:
                waiting.append((one, True))
                waiting.extend((required, False) for required in reversed(self.requirements(one)))
        return tuple(seen)

    def with_roles(self, roles: Sequence[Role]) -> CompetencyFramework:
        """Return the same framework with these roles instead."""
        return CompetencyFramework(self.skills, self.prerequisites, tuple(roles), self.scale)

    def check_role(self, role: Role) -> None:
        """Raise :class:`InvalidCurriculum` unless every target is a skill and level known here."""
        faults = Faults()
        self.note_role_faults(role, faults)
        faults.raise_if_any("role", InvalidCurriculum)

    def note_role_faults(self, role: Role, faults: Faults) -> None:
        """Note every target that names an unknown skill or a level beyond the scale."""
        for i, target in enumerate(role.targets):
            self.note_unknown(f"roles[{role.role_id}].targets[{i}]", target.skill_level, faults)

    def note_unknown(
        self, where: str, named: SkillLevel, faults: Faults, *, field: str = "skill_id"
    ) -> None:
        """Note a skill that does not exist or a level beyond the scale."""
        if named.skill_id not in self.by_id:
            near = did_you_mean(near_matches(named.skill_id, self.by_id))
            faults.add(f"{where}.{field}", f"names an unknown skill, {named.skill_id!r}{near}")
        if named.level > len(self.scale.levels):
            faults.add(
                f"{where}.{'requires_level' if field == 'requires' else 'level'}",
                f"is {named.level}, beyond the scale's {len(self.scale.levels)} levels",
            )

    def _note_cycle(self, faults: Faults) -> None:
        graph: dict[SkillLevel, set[SkillLevel]] = {}
        for edge in self.prerequisites:
            graph.setdefault(edge.target, set()).add(edge.required)
            for one in (edge.target, edge.required):
                for level in range(2, one.level + 1):  # a level stands on the one below
                    graph.setdefault(SkillLevel(one.skill_id, level), set()).add(
                        SkillLevel(one.skill_id, level - 1)
                    )
        note_cycle("prerequisites", graph, faults)
