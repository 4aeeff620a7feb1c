"""A model's parameters bound to a curriculum: what the filter looks up for each item and skill."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

from ..domain.framework import SkillLevel
from ..errors import UnknownId
from .belief import Exercise
from .chain import LevelChain, resolve_levels
from .filtering import practised

if TYPE_CHECKING:
    from ..domain.curriculum import Curriculum, Item, Module
    from ..domain.responses import ResponseLog
    from .fitted import Fitted
    from .noise import Noise
    from .options import BKTOptions

__all__ = ["Binding"]

Lesson = tuple[tuple[int, float], ...]
"""What a module does to one skill: ranks in its chain with P(T), the lowest first."""


class Binding:
    """The parameters of a model over the levels, items and modules of a curriculum.

    Everything is looked up once and kept: a binding is made anew when the model or the curriculum
    changes.

    Parameters
    ----------
    curriculum : Curriculum or None
    fitted : Fitted
    options : BKTOptions
    """

    def __init__(self, curriculum: Curriculum | None, fitted: Fitted, options: BKTOptions) -> None:
        self.curriculum = curriculum
        self.fitted = fitted
        self.options = options
        self._chains: dict[str, LevelChain] = {}
        self.exercises: dict[str, tuple[Exercise, ...]] = {}  # as far as asked for
        self._aims: dict[tuple[str, int], tuple[LevelChain, int, float]] = {}
        self._lessons: dict[tuple[str, str], tuple[Module, Lesson]] = {}

    def aim(self, skill_id: str, level: int) -> tuple[LevelChain, int, float]:
        """Return the chain of a skill, where a level stands in it, and the share that it takes."""
        aim = self._aims.get((skill_id, level))
        if aim is None:
            chain = self.chain(skill_id)
            aim = self._aims[skill_id, level] = (chain, chain.rank(level), chain.share(level))
        return aim

    def chain(self, skill_id: str) -> LevelChain:
        """Return the chain of a skill over the levels that are known of it."""
        chain = self._chains.get(skill_id)
        if chain is None:
            chain = self._chains[skill_id] = self._chain_over(skill_id, ())
        return chain

    def _chain_over(self, skill_id: str, asked: Iterable[int]) -> LevelChain:
        """Return the chain of the levels known of a skill, and those asked for above them."""
        fitted = self.fitted.parameters.get(skill_id, {})
        declared = self.curriculum.levels_of(skill_id) if self.curriculum else ()
        levels = resolve_levels({*declared, *fitted}, asked)
        return LevelChain.of(levels, fitted, self.fitted.pooled)

    def chains_for(self, log: ResponseLog) -> dict[str, LevelChain]:
        """Return the chains of a log's skills, over its levels too."""
        asked: dict[str, set[int]] = {skill_id: set() for skill_id in log.skill_ids}
        for one in (one for skill_set in log.skill_sets for one in skill_set):
            asked[one.skill_id].add(one.level)
        return {skill_id: self._chain_over(skill_id, levels) for skill_id, levels in asked.items()}

    def exercised(self, item_id: str) -> tuple[Exercise, ...]:
        """Return the skills as an item exercises them; raise UnknownId for one not known."""
        exercises = self.exercises.get(item_id)
        if exercises is None:
            item = self.curriculum.items.get(item_id) if self.curriculum else None
            reached = self.skills_of(item_id)
            exercises = tuple(self._exercise(item_id, item, one) for one in reached)
            self.exercises[item_id] = exercises
        return exercises

    def alike(self, item_ids: Sequence[str]) -> Sequence[Hashable]:
        """Return of each item what it has in common with those that are alike but for the name."""
        if self.options.noise != "skill":
            return item_ids
        items, fitted = self.curriculum.items if self.curriculum else {}, self.fitted.items
        told = zip(item_ids, map(items.get, item_ids), map(fitted.get, item_ids), strict=True)
        return [
            (item.skills, item.level) if item else known or self.skills_of(item_id)
            for item_id, item, known in told
        ]

    def skills_at(self, item_id: str) -> list[SkillLevel]:
        """Return the skills, and their levels, in the order of what is exercised."""
        return [SkillLevel(one.skill_id, one.level) for one in self.exercised(item_id)]

    def skills_of(self, item_id: str) -> tuple[SkillLevel, ...]:
        """Return the skills, and their levels, that an item takes; raise UnknownId for none."""
        item = self.curriculum.items.get(item_id) if self.curriculum else None
        if item is not None:
            return tuple(item.exercised)
        if item_id in self.fitted.items:
            return self.fitted.items[item_id]
        items = self.curriculum.items if self.curriculum else {}
        raise UnknownId("item", item_id, [*items, *self.fitted.items])

    def _exercise(self, item_id: str, item: Item | None, reached: SkillLevel) -> Exercise:
        chain = self.chain(reached.skill_id)
        rank = chain.rank(reached.level)
        usual = chain.parameters[rank]
        at = SkillLevel(reached.skill_id, chain.levels[rank])
        own = self._own_noise(item_id, item, at)
        guess, slip = own or (usual.guess, usual.slip)
        forget = usual.forget if self.options.forgets else 0.0
        decay = self.decay_of(reached.skill_id)
        return Exercise(
            reached.skill_id, chain, rank, reached.level, usual.learn, forget, guess, slip, decay
        )

    def _own_noise(self, item_id: str, item: Item | None, at: SkillLevel) -> Noise | None:
        """Return guess and slip of an item, or of its kind, where the log has told them."""
        if self.options.noise == "skill":
            return None
        source = item_id if self.options.noise == "item" else item.kind if item else ""
        return self.fitted.noise.get(source, {}).get(at)

    def taught_by(self, module_id: str, reached: SkillLevel, declared: float) -> float:
        """Return what a module teaches: as the completions of a log have told, or as declared."""
        return self.fitted.effects.get(module_id, {}).get(reached, declared)

    def after(
        self, belief: tuple[float, ...], skill_id: str, modules: Iterable[Module]
    ) -> tuple[float, ...]:
        """Return the belief about a skill to be expected once modules are completed in a row."""
        lessons = self._lessons
        for module in modules:
            known = lessons.get((module.module_id, skill_id))
            if known is None or known[0] is not module:
                known = lessons[module.module_id, skill_id] = module, self._lesson(module, skill_id)
            for rank, learn in known[1]:
                belief = practised(belief, rank, learn)
        return belief

    def _lesson(self, module: Module, skill_id: str) -> Lesson:
        """Return what a module does to one of the skills that it teaches."""
        chain = self.chain(skill_id)
        return tuple(
            (chain.rank(one.level), self.taught_by(module.module_id, one.reached, one.learn))
            for one in sorted(module.teaches, key=lambda one: one.level)
            if one.skill_id == skill_id
        )

    def decay_of(self, skill_id: str) -> float:
        """Return the levels of a skill forgotten per day; 0 without forgetting by time."""
        if not self.options.fades:
            return 0.0
        return self.fitted.decay.get(skill_id, self.fitted.pooled_decay)
