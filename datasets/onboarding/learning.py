"""The truth of the simulation: what a learner can do, and how it grows and fades.

It is deliberately not the engine's model. Levels are steps of an accumulating progress and not a
Markov chain; retrieval fades hyperbolically with idle days and is strengthened by spaced practice;
guessing and slipping depend on the kind of the item, its hidden difficulty and the learner; the
true effect of a module differs from the declared one; an item of several skills is as hard as its
hardest skill.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalogue import Catalogue, Effect, Item, Module, SkillLevel
from dice import Dice
from people import Person

# Per kind: the chance of success without the level, and of failure with it.
GUESS = {
    "quiz": 0.26,
    "simulation": 0.13,
    "project": 0.22,
    "observation": 0.28,
    "peer_review": 0.32,
    "self_report": 0.45,
    "credential": 0.0,
}
SLIP = {
    "quiz": 0.09,
    "simulation": 0.12,
    "project": 0.10,
    "observation": 0.08,
    "peer_review": 0.12,
    "self_report": 0.12,
    "credential": 0.0,
}
CRITERIA = 4  # lines of the marking sheet of a project, an observation or a peer review
RUBRIC_KINDS = ("project", "observation", "peer_review")


class World:
    """The hidden facts about items, modules and prerequisites, the same for every learner."""

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        self.catalogue = catalogue
        self.difficulty = {
            item.item_id: Dice(seed, f"difficulty {item.item_id}").uniform(-1.0, 1.0)
            for item in catalogue.items
        }
        self.potency = {
            module.module_id: _potency(Dice(seed, f"potency {module.module_id}"))
            for module in catalogue.modules
        }
        self.requires: dict[SkillLevel, list[SkillLevel]] = {}
        for at, required in catalogue.prerequisites:
            self.requires.setdefault(at, []).append(required)

    def true_learn(self, module: Module, effect: Effect) -> float:
        """Return how far `module` really takes a typical learner towards the level."""
        return effect.learn * self.potency[module.module_id]


def _potency(dice: Dice) -> float:
    """Return true over declared effect: most are near 1, about one in twelve is a dud."""
    return dice.uniform(0.1, 0.3) if dice.chance(0.08) else dice.uniform(0.7, 1.5)


@dataclass
class Grasp:
    """One skill in one head: the level reached, the way to the next, and how fresh it is."""

    level: int
    progress: float
    practised_on: int
    strength: float


class Mind:
    """What one learner knows; `study` and `answer` change it."""

    def __init__(self, person: Person, world: World, dice: Dice) -> None:
        self.traits = person.traits
        self.world = world
        self.dice = dice
        self.grasps = {
            # What was known before is seldom quite fresh, but it was learned well.
            skill_id: Grasp(level, dice.uniform(0.0, 0.5), person.joined_day - 10, 2.5)
            for skill_id, level in person.knows.items()
        }

    def levels(self) -> dict[str, int]:
        """Return the true level of each skill now."""
        return {skill_id: grasp.level for skill_id, grasp in self.grasps.items()}

    def recall(self, skill_id: str, day: int) -> float:
        """Return in (0, 1] how much of the skill comes to mind after so many idle days."""
        grasp = self.grasps[skill_id]
        idle = max(0, day - grasp.practised_on) / (self.traits.memory_days * grasp.strength)
        return 1.0 / (1.0 + idle * idle)

    def study(self, module: Module, *, share: float, day: int, before: int) -> None:
        """Do a `share` of a module for the (`before` + 1)-th time."""
        for effect in module.effects:
            gain = self.world.true_learn(module, effect) * share / (1.0 + before)
            self._grow(effect.at, gain * self.dice.uniform(0.6, 1.4), day)

    def answer(self, item: Item, *, day: int, seen: bool) -> float:
        """Return the score of one attempt, and learn a little from its feedback."""
        p = 1.0
        for skill_id in item.skills:
            p = min(p, self._p_right(item, skill_id, day))
        if seen:
            p += 0.1 * (1.0 - p)
        score = self._score(item, p)
        for skill_id in item.skills:
            self._grow(SkillLevel(skill_id, item.level), 0.22 - 0.06 * score, day)
        return score

    def _p_right(self, item: Item, skill_id: str, day: int) -> float:
        grasp = self.grasps[skill_id]
        difficulty = self.world.difficulty[item.item_id]
        low = GUESS[item.kind] * (1.0 - 0.45 * difficulty)
        if grasp.level < item.level:
            near = grasp.progress if grasp.level == item.level - 1 else 0.0
            return low * (1.0 if grasp.level == item.level - 1 else 0.75) + 0.22 * near
        ease = 0.5 if grasp.level > item.level else 1.0
        slip = SLIP[item.kind] * (1.0 + 0.7 * difficulty) * ease * (1.0 - 0.2 * self.traits.ability)
        high = 1.0 - min(0.45, max(0.01, slip))
        return low + (high - low) * self.recall(skill_id, day)

    def _score(self, item: Item, p: float) -> float:
        if item.kind not in RUBRIC_KINDS:
            return float(self.dice.chance(p))
        # One good or bad day moves all the lines of a marking sheet together.
        p = min(0.99, max(0.01, p + self.dice.uniform(-0.15, 0.15)))
        met = [self.dice.chance(p) for _ in range(CRITERIA)]
        return met.count(True) / CRITERIA

    def _grow(self, at: SkillLevel, gain: float, day: int) -> None:
        grasp = self.grasps[at.skill_id]
        rested = day - grasp.practised_on
        if grasp.level < at.level:
            if grasp.level < at.level - 1:
                gain *= 0.2
            elif not self._ready_for(at):
                gain *= 0.25
            grasp.progress += gain * self.traits.speed
        if grasp.progress >= 1.0:
            grasp.level, grasp.progress, grasp.strength = grasp.level + 1, 0.0, 1.0
        elif rested > 2:
            grasp.strength = min(5.0, grasp.strength * 1.35)
        grasp.practised_on = max(grasp.practised_on, day)

    def _ready_for(self, at: SkillLevel) -> bool:
        return all(
            self.grasps[required.skill_id].level >= required.level
            for required in self.world.requires.get(at, [])
        )
