"""Skills with their prerequisites, and the roles that want them, checked against each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..errors import InvalidCurriculum, UnknownId, did_you_mean, near_matches
from .records import Faults, build_all, note_cycle, note_repeats
from .roles import Role, SkillTarget
from .skills import ProficiencyScale, Skill, SkillLevel

__all__ = [
    "CompetencyFramework",
    "Prerequisite",
    "ProficiencyScale",
    "Role",
    "Skill",
    "SkillLevel",
    "SkillTarget",
]


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

    def meant_by(self, role: Role) -> list[SkillLevel]:
        """Return the skills at the levels that a role's targets mean, uncertain ones where rated.

        See :meth:`.SkillTarget.meant`.
        """
        if role.is_certain:
            return [target.skill_level for target in role.targets]
        return [target.meant(len(self.scale.levels)) for target in role.targets]

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
