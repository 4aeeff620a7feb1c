"""Half a year of one learner: when they sit down, what they choose, and what is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from catalogue import Item, Module, SkillLevel
from dice import Dice
from learning import RUBRIC_KINDS, Mind, World
from people import LAST_DAY, LAUNCH, Person

END = LAUNCH + timedelta(days=LAST_DAY, hours=21)
HOLIDAYS = (88, 91, 116)  # Good Friday, Easter Monday and 1 May 2026
REVIEWS_AFTER_LEAVE = 3
MINUTES = {"quiz": (1, 3), "simulation": (6, 15), "self_report": (1, 1), "credential": (2, 4)}


@dataclass(frozen=True)
class Answered:
    """A row of responses.csv in the making."""

    at: datetime
    person: Person
    item: Item
    score: float


@dataclass(frozen=True)
class Completed:
    """A row of completions.csv in the making."""

    at: datetime
    person: Person
    module: Module


class Shelf:
    """Items and modules by the skill and level that they are first of all about."""

    def __init__(self, world: World) -> None:
        self.items: dict[SkillLevel, list[Item]] = {}
        self.modules: dict[SkillLevel, list[Module]] = {}
        for item in world.catalogue.items:
            self.items.setdefault(SkillLevel(item.skills[0], item.level), []).append(item)
        for module in world.catalogue.modules:
            for effect in module.effects:
                self.modules.setdefault(effect.at, []).append(module)


class Diary:
    """Lives through a learner's days and keeps `answers` and `completions`."""

    def __init__(self, person: Person, mind: Mind, shelf: Shelf, dice: Dice) -> None:
        self.person, self.mind, self.shelf, self.dice = person, mind, shelf, dice
        self.habits = person.habits
        self.answers: list[Answered] = []
        self.completions: list[Completed] = []
        self.believed = self._modest_beliefs()
        self.goal: SkillLevel | None = None
        self.tries = 0
        self.right: set[str] = set()
        self.seen: dict[str, int] = {}
        self.done: dict[str, int] = {}
        self.reached: dict[SkillLevel, int] = {}
        self.resting: dict[SkillLevel, int] = {}
        self.now = person.joined_at

    def live(self) -> None:
        """Go through every day from the one after joining to the last."""
        for day in range(self.person.joined_day + 1, self.habits.last_day + 1):
            if self._sits_down_on(day):
                self._session(day)

    # The calendar

    def _sits_down_on(self, day: int) -> bool:
        away = any(first <= day <= last for first, last in self.habits.away)
        weekend = day % 7 >= 5
        # Weekends are rare; the other five days share the week's sessions.
        p = self.habits.sessions_a_week * (0.012 if weekend else 0.195)
        return self.dice.chance(p) and not away and day not in HOLIDAYS

    def _session(self, day: int) -> None:
        evening = self.dice.chance(0.07)
        hour = self.dice.whole(18, 20) if evening else self.dice.whole(8, 15)
        local = timedelta(days=day, hours=hour, minutes=self.dice.whole(0, 59))
        self.now = LAUNCH + local - timedelta(hours=self.person.utc_offset)
        leaves_at = self.now + timedelta(minutes=self.dice.whole(12, 45))
        if not self.answers:
            self._intake(day)
        if self.reached and self.dice.chance(self.habits.reviews):
            self._review(day)
        while self.now < leaves_at:
            if day >= self.habits.only_reviews_from:
                for _ in range(REVIEWS_AFTER_LEAVE):
                    self._review(day)
                break
            if not self._choose_goal(day):
                self._review(day)
                break
            self._work_on_goal(day)

    def _pass(self, minutes: tuple[int, int]) -> None:
        self.now += timedelta(seconds=self.dice.whole(60 * minutes[0], 60 * minutes[1] + 45))

    # What to work on

    def _modest_beliefs(self) -> dict[str, int]:
        """Return the level from which they start to learn: what they know, or one below."""
        return {
            skill_id: max(0, level - (1 if self.dice.chance(self.habits.modesty) else 0))
            for skill_id, level in self.person.knows.items()
        }

    def _choose_goal(self, day: int) -> bool:
        if self.goal:
            return True
        wishes = dict.fromkeys(self.habits.only_goals, 1.0) or self._wishes(self.person.role_id)
        if not wishes or self.dice.chance(0.25):
            wishes |= self._wishes(self.person.next_role_id)
        wishes = {at: weight for at, weight in wishes.items() if self.resting.get(at, 0) <= day}
        if not wishes:
            return False
        self.goal = self.dice.weighted(list(wishes), list(wishes.values()))
        self.tries, self.right = 0, set()
        if self.dice.chance(self.habits.pretests):
            self._attempt(day, self._choose_items(self.goal, self.dice.whole(1, 2), opening=True))
            self._take_stock(day)
        return True

    def _wishes(self, role_id: str) -> dict[SkillLevel, float]:
        """Return the next level of each skill below its target; jumps are rare but happen."""
        wishes: dict[SkillLevel, float] = {}
        role = self.mind.world.catalogue.roles.get(role_id)
        for target in role.targets if role else ():
            at = SkillLevel(target.at.skill_id, self.believed[target.at.skill_id] + 1)
            if at.level <= target.at.level and at.skill_id not in self.habits.leaves_out:
                wishes[at] = target.weight * (1.0 if not self._missing(at) else 0.06)
                for required in self._missing(at):
                    below = SkillLevel(required.skill_id, self.believed[required.skill_id] + 1)
                    wishes.setdefault(below, 0.5 * target.weight)
        return wishes

    def _missing(self, at: SkillLevel) -> list[SkillLevel]:
        return [
            required
            for required in self.mind.world.requires.get(at, [])
            if self.believed[required.skill_id] < required.level
        ]

    # What they do

    def _intake(self, day: int) -> None:
        """Say a little about oneself; hand in a certificate if there is one."""
        role = self.mind.world.catalogue.roles[self.person.role_id]
        own = {target.at.skill_id for target in role.targets}
        for item in self.mind.world.catalogue.items:
            known = all(self.person.knows[skill_id] >= item.level for skill_id in item.skills)
            if item.kind == "credential" and known and self.dice.chance(0.3):
                self._answer(item, day, score=1.0)
                for skill_id in item.skills:
                    self.believed[skill_id] = max(self.believed[skill_id], item.level)
            elif item.kind == "self_report" and item.skills[0] in own and self.dice.chance(0.45):
                self._answer(item, day)

    def _work_on_goal(self, day: int) -> None:
        goal = self.goal
        if goal is None:
            return
        self.tries += 1
        if not self.dice.chance(self.habits.skips_modules):
            self._do_module(goal, day)
        self._attempt(day, self._choose_items(goal, self.dice.whole(1, 3), opening=False))
        self._take_stock(day)

    def _take_stock(self, day: int) -> None:
        """Call the goal reached after two different right answers, or give it a rest."""
        if self.goal is None:
            return
        if len(self.right) >= 2 and not self.habits.only_goals:
            self.believed[self.goal.skill_id] = max(
                self.believed[self.goal.skill_id], self.goal.level
            )
            self.reached[self.goal] = day
            self.goal = None
        elif self.tries >= self.habits.patience:
            self.resting[self.goal] = day + self.dice.whole(20, 50)
            self.goal = None

    def _do_module(self, goal: SkillLevel, day: int) -> None:
        module = self._choose_module(goal)
        if module is None:
            return
        before = self.done.get(module.module_id, 0)
        if self.dice.chance(self.habits.abandons):
            share = self.dice.uniform(0.1, 0.6)
            self.now += timedelta(seconds=int(60 * module.minutes * share))
            self.mind.study(module, share=share, day=day, before=before)
            return
        self.now += timedelta(seconds=int(60 * module.minutes * self.dice.uniform(0.8, 1.5)))
        self.mind.study(module, share=1.0, day=day, before=before)
        self.done[module.module_id] = before + 1
        if self.now < END:
            self.completions.append(Completed(self.now, self.person, module))

    def _choose_module(self, goal: SkillLevel) -> Module | None:
        """Return the module to do next: what was not done yet; now and then once more."""
        modules = [
            module
            for module in self.shelf.modules[goal]
            if all(required in self.done for required in module.requires)
        ]
        fresh = [module for module in modules if module.module_id not in self.done]
        if fresh:
            return self.dice.pick(fresh)
        return self.dice.pick(modules) if modules and self.dice.chance(0.4) else None

    def _choose_items(self, goal: SkillLevel, count: int, *, opening: bool) -> list[Item]:
        """Return up to `count` items on `goal`, those answered least often first."""
        stretch = 1 if self.dice.chance(0.3) else 0  # how far the other skills may be behind
        items = [
            item
            for item in self.dice.shuffled(self.shelf.items[goal])
            if item.kind not in ("credential", "self_report")
            and not (opening and item.kind in RUBRIC_KINDS)
            and all(self.believed[other] >= item.level - stretch for other in item.skills[1:])
        ]
        items.sort(key=lambda item: self.seen.get(item.item_id, 0))
        return items[:count]

    def _attempt(self, day: int, items: list[Item]) -> None:
        for item in items:
            if self._answer(item, day) >= 0.5:
                self.right.add(item.item_id)
            else:
                self.right.discard(item.item_id)

    def _review(self, day: int) -> None:
        """Answer an item or two on something reached a while ago."""
        stale = [at for at, last in self.reached.items() if day - last >= 14]
        if not stale:
            return
        at = self.dice.pick(stale)
        self.reached[at] = day
        items = self._choose_items(at, self.dice.whole(1, 2), opening=True)
        scores = [self._answer(item, day) for item in items]
        if scores and max(scores) < 0.5:
            self.believed[at.skill_id] = min(self.believed[at.skill_id], at.level - 1)
            del self.reached[at]

    def _answer(self, item: Item, day: int, *, score: float | None = None) -> float:
        seen = self.seen.get(item.item_id, 0)
        if score is None:
            score = self.mind.answer(item, day=day, seen=seen > 0)
        self.seen[item.item_id] = seen + 1
        at = self.now
        if item.kind in RUBRIC_KINDS:
            at += timedelta(days=self._days_until_marked(day), seconds=self.dice.whole(0, 5400))
        else:
            self._pass(MINUTES[item.kind])
            at = self.now
        if at < END:
            self.answers.append(Answered(at, self.person, item, score))
        return score

    def _days_until_marked(self, day: int) -> int:
        days = self.dice.whole(1, 8)
        return days + max(0, 7 - (day + days) % 7) * ((day + days) % 7 >= 5)
