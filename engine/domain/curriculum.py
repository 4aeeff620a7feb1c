"""Items that are graded and modules that are assigned, over the skills of a framework."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidCurriculum, UnknownId, did_you_mean, near_matches
from .framework import (
    CompetencyFramework,
    Prerequisite,
    ProficiencyScale,
    Skill,
    SkillLevel,
)
from .records import Faults, build_all, note_cycle, note_repeats, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ITEM_KINDS", "Curriculum", "Item", "Module", "ModuleEffect"]

ITEM_KINDS = (
    "quiz",
    "simulation",
    "project",
    "observation",
    "peer_review",
    "self_report",
    "credential",
)


@dataclass(frozen=True, slots=True)
class Item:
    """Something graded that exercises one or more skills at a proficiency level.

    Parameters
    ----------
    item_id : str
    skills : sequence of str
        The skills that a right answer takes, all of them; at least one, none twice.
    level : int, default 1
        The proficiency level that the item looks at.
    kind : str, default "quiz"
        One of :data:`ITEM_KINDS`; kinds differ in how much they prove.
    name, url : str, optional
    retired : bool, default False
        Kept for the evidence that refers to it, offered no more.

    Examples
    --------
    >>> Item("joins-07", ["sql-joins"], level=2).exercised
    (SkillLevel(skill_id='sql-joins', level=2),)
    """

    item_id: str
    skills: tuple[str, ...]
    level: int = 1
    kind: str = "quiz"
    name: str = ""
    url: str = ""
    retired: bool = False

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_id("item_id", self.item_id)
        faults.check_level("level", self.level)
        object.__setattr__(self, "skills", faults.read_ids("skills", self.skills))
        if not self.skills and not faults:
            faults.add("skills", "is empty, expected at least one skill")
        if self.kind not in ITEM_KINDS:
            near = did_you_mean(near_matches(str(self.kind), ITEM_KINDS))
            faults.add("kind", f"is {self.kind!r}, expected one of {', '.join(ITEM_KINDS)}{near}")
        faults.raise_if_any("item", InvalidCurriculum)

    @property
    def exercised(self) -> tuple[SkillLevel, ...]:
        """The skills at the item's level."""
        return tuple(SkillLevel(skill_id, self.level) for skill_id in self.skills)


@dataclass(frozen=True, slots=True)
class ModuleEffect:
    """What completing a module does to one skill.

    Parameters
    ----------
    skill_id : str
    level : int, default 1
        The level that the module leads to.
    learn : float, default 0.3
        P(T) of the module: the probability that somebody just below the level reaches it.

    Examples
    --------
    >>> ModuleEffect("sql-joins", level=2, learn=0.5).reached
    SkillLevel(skill_id='sql-joins', level=2)
    """

    skill_id: str
    level: int = 1
    learn: float = 0.3

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_id("skill_id", self.skill_id)
        faults.check_level("level", self.level)
        faults.check_number("learn", self.learn, 0.0, 1.0)
        faults.raise_if_any("module effect", InvalidCurriculum)

    @property
    def reached(self) -> SkillLevel:
        """The skill at the level that the module leads to."""
        return SkillLevel(self.skill_id, self.level)


@dataclass(frozen=True, slots=True)
class Module:
    """Something that can be assigned: it takes minutes and teaches skills.

    Parameters
    ----------
    module_id : str
    teaches : sequence of ModuleEffect
        At least one; no skill at the same level twice. Mappings are read as effects.
    minutes : float
        The time that it takes, above 0 and at most 6000 (a hundred hours).
    title, format, url, description : str, optional
    requires : sequence of str, optional
        Modules to be completed before this one.
    retired : bool, default False
        Kept for the evidence that refers to it, recommended no more.
    available_from, available_until : datetime, optional
        When it can be taken, the second instant no more; aware, or as ISO 8601 writes it.
    attempts : int, optional
        How often it may be completed. The engine does not count: who does denies it.

    Examples
    --------
    >>> joins = Module("joins-101", [ModuleEffect("sql-joins", learn=0.5)], minutes=12)
    >>> joins.teaches[0].learn
    0.5
    """

    module_id: str
    teaches: tuple[ModuleEffect, ...]
    minutes: float
    title: str = ""
    format: str = ""
    url: str = ""
    description: str = ""
    requires: tuple[str, ...] = ()
    retired: bool = False
    available_from: datetime | None = None
    available_until: datetime | None = None
    attempts: int | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(
            self, "teaches", build_all(ModuleEffect, self.teaches, "teaches", faults)
        )
        faults.check_id("module_id", self.module_id)
        faults.check_number("minutes", self.minutes, 0.0, 6000.0, above=True)
        if not self.teaches and not faults:
            faults.add("teaches", "is empty, expected at least one skill")
        note_repeats("teaches", (str(effect.reached) for effect in self.teaches), faults)
        object.__setattr__(self, "requires", faults.read_ids("requires", self.requires))
        self._check_availability(faults)
        faults.raise_if_any("module", InvalidCurriculum)

    def _check_availability(self, faults: Faults) -> None:
        for name in ("available_from", "available_until"):
            object.__setattr__(self, name, faults.read_instant(name, getattr(self, name)))
        first, end = self.available_from, self.available_until
        if first is not None and end is not None and not faults and first >= end:
            problem = f"is {end.isoformat()}, not after available_from, {first.isoformat()}"
            faults.add("available_until", problem)
        if self.attempts is not None:
            faults.check_level("attempts", self.attempts)  # whole numbers from 1, as levels are

    def is_available(self, at: datetime) -> bool:
        """Whether it can be taken at an instant, as far as its times say."""
        begun = self.available_from is None or self.available_from <= at
        return begun and (self.available_until is None or at < self.available_until)

    @property
    def label(self) -> str:
        """The title, or the id where there is none."""
        return self.title or self.module_id


@dataclass(frozen=True)
class Curriculum:
    """The items and modules over a competency framework; ids to columns and back.

    Parameters
    ----------
    framework : CompetencyFramework
    items : sequence of Item
    modules : sequence of Module

    Raises
    ------
    InvalidCurriculum
        Repeated ids, unknown skills or modules, levels beyond the scale, module requirements
        that run in a circle; all faults at once.

    Examples
    --------
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}],
    ...     items=[{"item_id": "q1", "skills": ["sql"]}],
    ...     modules=[{"module_id": "m1", "teaches": [{"skill_id": "sql"}], "minutes": 5}],
    ... )
    >>> curriculum.items["q1"].kind
    'quiz'
    """

    framework: CompetencyFramework
    item_list: tuple[Item, ...] = ()
    module_list: tuple[Module, ...] = ()

    def __post_init__(self) -> None:
        faults = Faults()
        for name, noun in (("item_list", Item), ("module_list", Module)):
            built = build_all(noun, getattr(self, name), name.removesuffix("_list") + "s", faults)
            object.__setattr__(self, name, built)
        note_repeats("items", (item.item_id for item in self.item_list), faults)
        note_repeats("modules", (module.module_id for module in self.module_list), faults)
        for i, item in enumerate(self.item_list):
            for exercised in item.exercised:
                self.framework.note_unknown(f"items[{i}]", exercised, faults, field="skills")
        for i, module in enumerate(self.module_list):
            for effect in module.teaches:
                self.framework.note_unknown(f"modules[{i}].teaches", effect.reached, faults)
        self._note_unknown_modules(faults)
        graph = {module.module_id: module.requires for module in self.module_list}
        note_cycle("modules", graph, faults)
        faults.raise_if_any("curriculum", InvalidCurriculum)

    def _note_unknown_modules(self, faults: Faults) -> None:
        known = {module.module_id for module in self.module_list}
        for i, module in enumerate(self.module_list):
            for required in module.requires:
                if required not in known:
                    near = did_you_mean(near_matches(required, known))
                    problem = f"names an unknown module, {required!r}{near}"
                    faults.add(f"modules[{i}].requires", problem)

    @classmethod
    def from_records(
        cls,
        *,
        skills: Iterable[Skill | Mapping[str, Any]],
        items: Iterable[Item | Mapping[str, Any]] = (),
        modules: Iterable[Module | Mapping[str, Any]] = (),
        prerequisites: Iterable[Prerequisite | Mapping[str, Any]] = (),
        scale: ProficiencyScale | Sequence[str] | None = None,
    ) -> Curriculum:
        """Make a curriculum of nouns or of mappings with their fields.

        Raises
        ------
        InvalidCurriculum
            With the faults of every part, not only of the first one that has any.
        """
        faults = Faults()
        framework = CompetencyFramework(())
        with faults.at(""):
            framework = CompetencyFramework(
                tuple(skills),  # type: ignore[arg-type]  # mappings are read as nouns
                tuple(prerequisites),  # type: ignore[arg-type]
                scale=_as_scale(scale),
            )
        if faults:  # read the rest all the same, for its own faults
            build_all(Item, items, "items", faults)
            build_all(Module, modules, "modules", faults)
            faults.raise_if_any("curriculum", InvalidCurriculum)
        return cls(framework, tuple(items), tuple(modules))  # type: ignore[arg-type]

    @classmethod
    def of_assessments(cls, framework: CompetencyFramework) -> Curriculum:
        """Make a curriculum of one observation per skill and level, for want of real items.

        Examples
        --------
        >>> framework = CompetencyFramework([Skill("sql")], scale=ProficiencyScale(("Low", "High")))
        >>> list(Curriculum.of_assessments(framework).items)
        ['sql.1', 'sql.2']
        """
        items = tuple(
            Item(
                f"{skill.skill_id}.{level}",
                (skill.skill_id,),
                level=level,
                kind="observation",
                name=f"{skill.label}: {name}",
            )
            for skill in framework.skills
            for level, name in enumerate(framework.scale.levels, start=1)
        )
        return cls(framework, items)

    def to_records(self) -> dict[str, Any]:
        """Return plain records that :meth:`from_records` reads back; they survive JSON."""
        return {
            "scale": list(self.framework.scale.levels),
            "skills": [plain(skill) for skill in self.framework.skills],
            "prerequisites": [plain(edge) for edge in self.framework.prerequisites],
            "items": [plain(item) for item in self.item_list],
            "modules": [_without_nothing(plain(module)) for module in self.module_list],
        }

    def unavailable(self, at: datetime | None) -> frozenset[str]:
        """Return the modules that cannot be taken at an instant; none where none is given."""
        if at is None:
            return frozenset()
        return frozenset(one.module_id for one in self._timed if not one.is_available(at))

    @cached_property
    def _timed(self) -> tuple[Module, ...]:
        return tuple(one for one in self.module_list if one.available_from or one.available_until)

    @cached_property
    def attempts(self) -> Mapping[str, int]:
        """How often each of the modules that have a limit may be completed."""
        return {one.module_id: one.attempts for one in self.module_list if one.attempts}

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """The items by their id, in the order given."""
        return {item.item_id: item for item in self.item_list}

    @cached_property
    def modules(self) -> Mapping[str, Module]:
        """The modules by their id, in the order given."""
        return {module.module_id: module for module in self.module_list}

    @property
    def skills(self) -> Mapping[str, Skill]:
        """The skills by their id, in the order given."""
        return self.framework.by_id

    @property
    def scale(self) -> ProficiencyScale:
        """The proficiency scale."""
        return self.framework.scale

    def item(self, item_id: str) -> Item:
        """Return an item; raise :class:`UnknownId` with near matches when there is none."""
        try:
            return self.items[item_id]
        except KeyError:
            raise UnknownId("item", item_id, self.items) from None

    def module(self, module_id: str) -> Module:
        """Return a module; raise :class:`UnknownId` with near matches when there is none."""
        try:
            return self.modules[module_id]
        except KeyError:
            raise UnknownId("module", module_id, self.modules) from None

    def requirements(self, wanted: SkillLevel) -> tuple[SkillLevel, ...]:
        """Return what has to be there before `wanted` is learned: its direct prerequisites."""
        return self.framework.requirements(wanted)

    @cached_property
    def _levels(self) -> Mapping[str, tuple[int, ...]]:
        seen: dict[str, set[int]] = {}
        for item in self.item_list:
            for skill_id in item.skills:
                seen.setdefault(skill_id, set()).add(item.level)
        for module in self.module_list:
            for effect in module.teaches:
                seen.setdefault(effect.skill_id, set()).add(effect.level)
        return {skill_id: tuple(sorted(levels)) for skill_id, levels in seen.items()}

    def levels_of(self, skill_id: str) -> tuple[int, ...]:
        """Return the levels of a skill that some item or module mentions, lowest first."""
        return self._levels.get(skill_id, ())

    @cached_property
    def _teaching(self) -> Mapping[SkillLevel, tuple[Module, ...]]:
        found: dict[SkillLevel, list[Module]] = {}
        for module in self.module_list:
            for effect in module.teaches:
                found.setdefault(effect.reached, []).append(module)
        return {reached: tuple(modules) for reached, modules in found.items()}

    def teaching(self, wanted: SkillLevel) -> tuple[Module, ...]:
        """Return the modules that lead to a skill at a level."""
        return self._teaching.get(wanted, ())

    def q_matrix(self) -> NDArray[np.bool_]:
        """Return which item exercises which skill, shape (n_items, n_skills), in their orders."""
        column = {skill_id: k for k, skill_id in enumerate(self.skills)}
        matrix = np.zeros((len(self.item_list), len(column)), dtype=np.bool_)
        for row, item in enumerate(self.item_list):
            matrix[row, [column[skill_id] for skill_id in item.skills]] = True
        return matrix


def _without_nothing(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without what is None, as it was written before there were such fields."""
    return {name: value for name, value in record.items() if value is not None}


def _as_scale(scale: ProficiencyScale | Sequence[str] | None) -> ProficiencyScale:
    if scale is None:
        return ProficiencyScale()
    return scale if isinstance(scale, ProficiencyScale) else ProficiencyScale(tuple(scale))
