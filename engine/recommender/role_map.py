"""What of a curriculum matters to a role: skills wanted, modules that help, who waits for whom.

A role map depends on the curriculum and the role alone, so it is made once and kept. Ids become
numbers here; modules are numbered by their id, so their order in the curriculum changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ..domain.curriculum import Curriculum, Item, Module
from ..domain.roles import Role
from ..domain.skills import SkillLevel, UncertainLevel

__all__ = ["RoleMap", "height", "role_map"]

Numbers = tuple[int, ...]
Arrows = Callable[[Curriculum, Module], Iterator[SkillLevel]]


class NumbersOfArrows(NamedTuple):
    """How much each module waits for, builds on, comes after, and is of use for."""

    needs: Numbers
    builds: Numbers
    order: Numbers
    uses: Numbers


@dataclass(frozen=True, eq=False)
class RoleMap:
    """The part of a curriculum that a role can use.

    Parameters
    ----------
    curriculum : Curriculum
    role : Role
    wanted : tuple of SkillLevel
        The role's targets in their order, then every prerequisite and every lower level.
    modules : tuple of Module
        Those that lead to something wanted or teach a target's skill, by id.

    Attributes
    ----------
    needs, builds, comes_after, leads_to, aims : tuple of tuple of int
        Per module: the numbers in `wanted` of its prerequisites, and of what it builds on without
        being blocked by it (see :func:`builds_on`); the modules to be completed before it; what it
        leads to; and the targets whose skill it teaches.
    needed_by, built_on_by, followed_by, led_to_by : tuple of tuple of int
        The same arrows the other way round.
    """

    curriculum: Curriculum
    role: Role
    wanted: tuple[SkillLevel, ...]
    modules: tuple[Module, ...]

    @cached_property
    def number(self) -> dict[str, int]:
        """The modules' numbers by their id."""
        return {module.module_id: m for m, module in enumerate(self.modules)}

    @cached_property
    def _place(self) -> dict[SkillLevel, int]:
        return {one: k for k, one in enumerate(self.wanted)}

    @cached_property
    def shares(self) -> tuple[float, ...]:
        """The targets' weights as shares of their sum."""
        total = sum(self.role.weights)
        return tuple(weight / total for weight in self.role.weights)

    @cached_property
    def minutes(self) -> tuple[float, ...]:
        """The minutes of each module."""
        return tuple(float(module.minutes) for module in self.modules)

    @cached_property
    def around_size(self) -> tuple[tuple[str, str], ...]:
        """Per module, what is said before and after the size of its gain."""
        head = f" your expected readiness for {self.role.label} by "
        return tuple(
            (head, f" in {one:g} {'minute' if one == 1 else 'minutes'}.") for one in self.minutes
        )

    @cached_property
    def items_by_skill(self) -> dict[str, tuple[Item, ...]]:
        """The items in use by the skills that they exercise, in the curriculum's order."""
        found: dict[str, list[Item]] = {}
        for item in self.curriculum.item_list:
            for skill_id in () if item.retired else item.skills:
                found.setdefault(skill_id, []).append(item)
        return {skill_id: tuple(items) for skill_id, items in found.items()}

    @cached_property
    def needs(self) -> tuple[Numbers, ...]:
        return self._per_module(needs_of)

    @cached_property
    def builds(self) -> tuple[Numbers, ...]:
        return self._per_module(builds_on)

    @cached_property
    def comes_after(self) -> tuple[Numbers, ...]:
        return tuple(
            tuple(sorted(self.number[required] for required in module.requires))
            for module in self.modules
        )

    @cached_property
    def leads_to(self) -> tuple[Numbers, ...]:
        return _turned(self.led_to_by, len(self.modules))

    @cached_property
    def aims(self) -> tuple[Numbers, ...]:
        targets_of: dict[str, list[int]] = {}
        for i, target in enumerate(self.role.targets):
            targets_of.setdefault(target.skill_id, []).append(i)
        return tuple(
            tuple(sorted({i for e in module.teaches for i in targets_of.get(e.skill_id, ())}))
            for module in self.modules
        )

    @cached_property
    def touches(self) -> tuple[Numbers, ...]:
        """Per module, the numbers in `wanted` of every level of the skills that it teaches."""
        levels: dict[str, list[int]] = {}
        for k, one in enumerate(self.wanted):
            levels.setdefault(one.skill_id, []).append(k)
        return tuple(
            tuple(sorted({k for e in module.teaches for k in levels.get(e.skill_id, ())}))
            for module in self.modules
        )

    @cached_property
    def led_to_by(self) -> tuple[Numbers, ...]:
        return tuple(
            tuple(sorted(self.number[one.module_id] for one in leading_to(self.curriculum, k)))
            for k in self.wanted
        )

    @cached_property
    def several_ways(self) -> frozenset[int]:
        """The numbers in `wanted` of what several modules lead to."""
        return frozenset(k for k, n in enumerate(self.n_ways) if n > 1)

    @cached_property
    def n_ways(self) -> Numbers:
        """How many modules lead to each thing wanted."""
        return tuple(map(len, self.led_to_by))

    @cached_property
    def another_way(self) -> tuple[Numbers, ...]:
        """Per module, what it leads to that others lead to as well."""
        several = self.several_ways
        return tuple(tuple([k for k in leads if k in several]) for leads in self.leads_to)

    @cached_property
    def needed_by(self) -> tuple[Numbers, ...]:
        return _turned(self.needs, len(self.wanted))

    @cached_property
    def built_on_by(self) -> tuple[Numbers, ...]:
        return _turned(self.builds, len(self.wanted))

    @cached_property
    def followed_by(self) -> tuple[Numbers, ...]:
        return _turned(self.comes_after, len(self.modules))

    @cached_property
    def towards(self) -> tuple[Numbers, ...]:
        """Per target, the modules that teach its skill; lowest level first, then by number."""
        found: list[list[int]] = [[] for _ in self.role.targets]
        for m, aims in enumerate(self.aims):
            for i in aims:
                found[i].append(m)
        for i, target in enumerate(self.role.targets):
            found[i].sort(key=lambda m: (height(self.modules[m], target.skill_id), m))
        return tuple(map(tuple, found))

    @cached_property
    def higher(self) -> tuple[frozenset[int], ...]:
        """Per module, those that teach a target's skill which it teaches, at a higher level."""
        found: list[set[int]] = [set() for _ in self.modules]
        for i, target in enumerate(self.role.targets):
            heights = [(height(self.modules[m], target.skill_id), m) for m in self.towards[i]]
            if len({one for one, _ in heights}) > 1:
                for own, m in heights:
                    found[m].update(later for one, later in heights if one > own)
        return tuple(map(frozenset, found))

    @cached_property
    def taught(self) -> tuple[frozenset[str], ...]:
        """Per module, the skills that it teaches."""
        return tuple(frozenset(e.skill_id for e in module.teaches) for module in self.modules)

    @cached_property
    def named(self) -> dict[SkillLevel, str]:
        """How what is wanted was named, kept to be named so again."""
        return {}

    @cached_property
    def said(self) -> dict[tuple[int, int], tuple[str, Collection[str]]]:
        """What was said of something wanted and a module that waits for it, kept to say again."""
        return {}

    @cached_property
    def onward(self) -> dict[int, tuple[frozenset[str], str]]:
        """Per module, the skills of the targets that it teaches, and how they are named; kept."""
        return {}

    @cached_property
    def retired(self) -> tuple[bool, ...]:
        """Per module, whether it is offered no more."""
        return tuple(module.retired for module in self.modules)

    @cached_property
    def used_by(self) -> tuple[Numbers, ...]:
        """Per thing wanted, what leads to it; and of targets, what else teaches their skill."""
        towards = (*self.towards, *((),) * (len(self.wanted) - len(self.towards)))
        arrows = zip(self.led_to_by, towards, strict=True)
        return tuple(tuple(dict.fromkeys((*leading, *others))) for leading, others in arrows)

    @cached_property
    def n_arrows(self) -> NumbersOfArrows:
        """How many arrows there are from and to each module."""
        uses = _turned(self.used_by, len(self.modules))
        every = (self.needs, self.builds, self.comes_after, uses)
        return NumbersOfArrows(*[tuple(map(len, arrows)) for arrows in every])

    @cached_property
    def alike(self) -> tuple[Numbers, ...]:
        """Groups of modules that wait for the same and lead to the same only, the shortest first.

        Whatever one of them is chosen for, a shorter one does.
        """
        groups: dict[tuple[Numbers, ...], list[int]] = {}
        for m, aims in enumerate(self.aims):
            if not aims and not self.followed_by[m]:
                key = (self.needs[m], self.builds[m], self.comes_after[m], self.leads_to[m])
                groups.setdefault(key, []).append(m)
        return tuple(
            tuple(sorted(some, key=lambda m: (self.minutes[m], m)))
            for some in groups.values()
            if len(some) > 1
        )

    @cached_property
    def formats(self) -> dict[str, float]:
        """The share of each format among all modules that have one."""
        counts = Counter(one.format for one in self.curriculum.module_list if one.format)
        return {one: count / counts.total() for one, count in counts.items()}

    def _per_module(self, arrows: Arrows) -> tuple[Numbers, ...]:
        return tuple(
            tuple(sorted({self._place[one] for one in arrows(self.curriculum, module)}))
            for module in self.modules
        )


def role_map(curriculum: Curriculum, role: Role) -> RoleMap:
    """Gather what a role can use of a curriculum.

    Raises
    ------
    InvalidCurriculum
        The role names skills or levels that the curriculum's framework lacks.

    Examples
    --------
    >>> from engine.domain import SkillTarget
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "select"}, {"skill_id": "joins"}, {"skill_id": "charts"}],
    ...     prerequisites=[{"skill_id": "joins", "requires": "select"}],
    ...     modules=[
    ...         {"module_id": "m-joins", "teaches": [{"skill_id": "joins"}], "minutes": 10},
    ...         {"module_id": "m-select", "teaches": [{"skill_id": "select"}], "minutes": 5},
    ...         {"module_id": "m-charts", "teaches": [{"skill_id": "charts"}], "minutes": 5},
    ...     ],
    ... )
    >>> found = role_map(curriculum, Role("analyst", [SkillTarget("joins")]))
    >>> [module.module_id for module in found.modules]
    ['m-joins', 'm-select']
    """
    curriculum.framework.check_role(role)
    targets = curriculum.framework.meant_by(role)
    wanted = dict.fromkeys(targets)
    targeted = {target.skill_id for target in role.targets}
    found: dict[str, Module] = {}
    waiting = [
        module
        for module in curriculum.module_list
        if any(effect.skill_id in targeted for effect in module.teaches)
    ]
    while waiting:
        module = waiting.pop()
        if module.module_id in found:
            continue
        found[module.module_id] = module
        waiting.extend(curriculum.modules[required] for required in module.requires)
        for one in (*needs_of(curriculum, module), *builds_on(curriculum, module)):
            if one not in wanted:
                wanted[one] = None
                waiting.extend(leading_to(curriculum, one))
    others = sorted(one for one in wanted if one not in set(targets))
    ordered = tuple(found[module_id] for module_id in sorted(found))
    return RoleMap(curriculum, role, (*targets, *others), ordered)


def needs_of(curriculum: Curriculum, module: Module) -> Iterator[SkillLevel]:
    """Give the direct prerequisites of all that a module teaches and does not teach itself."""
    own = {effect.reached for effect in module.teaches}
    return (one for one in _required(curriculum, module) if one not in own)


def builds_on(curriculum: Curriculum, module: Module) -> Iterator[SkillLevel]:
    """Give what a module would rather find attained, without being blocked for want of it.

    That is, per skill taught, the level just below; and those of its prerequisites that it
    teaches as well: such a module may be the only one that does.
    """
    own = {effect.reached for effect in module.teaches}
    yield from (one for one in _required(curriculum, module) if one in own)
    for effect in module.teaches:
        lower = [k for k in curriculum.levels_of(effect.skill_id) if k < effect.level]
        if lower and SkillLevel(effect.skill_id, lower[-1]) not in own:
            yield SkillLevel(effect.skill_id, lower[-1])


def _required(curriculum: Curriculum, module: Module) -> Iterator[SkillLevel]:
    for effect in module.teaches:
        yield from curriculum.requirements(effect.reached)


def leading_to(curriculum: Curriculum, wanted: SkillLevel) -> tuple[Module, ...]:
    """Return the modules that teach a skill at a level, or at the next level that there is.

    Of an uncertain level, those of every level that may be meant.
    """
    if isinstance(wanted, UncertainLevel):
        found = (module for one in wanted.meant for module in leading_to(curriculum, one))
        return tuple(dict.fromkeys(found))
    levels = (k for k in curriculum.levels_of(wanted.skill_id) if k >= wanted.level)
    return curriculum.teaching(SkillLevel(wanted.skill_id, next(levels, wanted.level)))


def _turned(arrows: tuple[Numbers, ...], n_ends: int) -> tuple[Numbers, ...]:
    """Return the arrows the other way round: for each end, where they come from."""
    found: list[list[int]] = [[] for _ in range(n_ends)]
    for start, ends in enumerate(arrows):
        for end in ends:
            found[end].append(start)
    return tuple(map(tuple, found))


def height(module: Module, skill_id: str) -> int:
    """Return the highest level of a skill that a module teaches."""
    return max(effect.level for effect in module.teaches if effect.skill_id == skill_id)
