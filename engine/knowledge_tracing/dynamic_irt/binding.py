"""What was learned, bound to a curriculum: the questions, scales and cut points of one tracer."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from statistics import NormalDist

from ...domain.curriculum import Curriculum, ModuleEffect
from ...domain.evidence import Response
from ...domain.framework import SkillLevel
from ...domain.knowledge import SkillKnowledge
from ...errors import UnknownId
from ..belief import later
from .abilities import (
    Ability,
    Question,
    Scale,
    ability,
    learner_row,
    p_above,
    shift_to,
    skill_name,
    skill_row,
)
from .filtering import SLOW, UNKNOWN, wait
from .fitted import Fitted

__all__ = ["Binding", "seconds_of"]

Latent = Mapping[str, tuple[float | str, ...]]


class Binding:
    """A fitted model over one curriculum; what is asked for twice is derived once.

    Parameters
    ----------
    fitted : Fitted
    curriculum : Curriculum or None
    p_correct_at_mastery : float
        Of a typical item of a level, for who has just attained it.
    """

    def __init__(
        self, fitted: Fitted, curriculum: Curriculum | None, p_correct_at_mastery: float
    ) -> None:
        self.fitted = fitted
        self._curriculum = curriculum
        self._cut = NormalDist().inv_cdf(p_correct_at_mastery)
        self._fitted_levels = fitted.skill_levels
        self.fades = fitted.settings.skill_slow_fade + fitted.settings.skill_fast_fade > 0.0
        self.questions: dict[str, Question] = {}
        self._scales: dict[str, Scale] = {}

    def question(self, item_id: str) -> Question:
        """Return an item as the filter sees it.

        Raises
        ------
        UnknownId
            The item is neither in the curriculum nor in the log that was fitted.
        """
        question = self.questions.get(item_id)
        if question is None:
            skills = self._skills_of(item_id)
            question = Question.of(item_id, skills, self.fitted, self.scale)
            self.questions[item_id] = question
        return question

    def alike(self, item_ids: Sequence[str]) -> Sequence[Hashable]:
        """Return of each item what it has in common with those of the same skills and levels."""
        items, fitted = self._curriculum.items if self._curriculum else {}, self.fitted.item_skills
        told = zip(item_ids, map(items.get, item_ids), map(fitted.get, item_ids), strict=True)
        return [
            (item.skills, item.level) if item else known or self._skills_of(item_id)
            for item_id, item, known in told
        ]

    def skills_at(self, item_id: str) -> list[SkillLevel]:
        """Return the skills, and their levels, in the order of the exercise."""
        question = self.question(item_id)
        return list(map(SkillLevel, question.exercise, question.levels))

    def _skills_of(self, item_id: str) -> tuple[SkillLevel, ...]:
        items = self._curriculum.items if self._curriculum else {}
        if item_id in items:
            return items[item_id].exercised
        if item_id in self.fitted.item_skills:
            return self.fitted.item_skills[item_id]
        raise UnknownId("item", item_id, [*items, *self.fitted.item_skills])

    def cut_of(self, level: int) -> float:
        """Return the ability from which on a level counts as attained."""
        return self._cut - self.fitted.level_easiness(level)

    def scale(self, skill_id: str) -> Scale:
        """Return the levels told apart of a skill, and their cut points."""
        scale = self._scales.get(skill_id)
        if scale is None:
            declared = self._curriculum.levels_of(skill_id) if self._curriculum else ()
            fitted = self._fitted_levels.get(skill_id, ())
            levels = tuple(sorted({*declared, *fitted})) or (1,)
            scale = self._scales[skill_id] = Scale(levels, tuple(map(self.cut_of, levels)))
        return scale

    def row(self, latent: Latent, skill_id: str, seconds: float) -> list[float]:
        """Return the row of one of a learner's skills at an instant, or after the last answer."""
        settings = self.fitted.settings
        row = skill_row(latent, skill_name(skill_id), self.fitted.skill(skill_id), settings)
        wait(row, seconds, settings)
        return row

    def ability(self, learner: list[float], row: list[float], skill_id: str) -> Ability:
        """Return the ability in a skill, of the rows of a learner."""
        fitted = self.fitted
        given, typical = fitted.skill(skill_id), fitted.typical.get(skill_id, 0.0)
        return ability(learner, row, given, typical, fitted.settings)

    def ability_at(self, latent: Latent, skill_id: str, seconds: float) -> Ability:
        """Return a learner's ability in a skill at an instant, or after the last answer."""
        learner = learner_row(latent, self.fitted.settings)
        return self.ability(learner, self.row(latent, skill_id, seconds), skill_id)

    def noted(
        self,
        known: SkillKnowledge | None,
        scale: Scale,
        one: Ability,
        response: Response,
        level: int,
    ) -> SkillKnowledge:
        """Return what readers are told of a skill after a response that exercised it."""
        levels, p = scale.levels, scale.believed(one)
        item_id, at, right = response.item_id, response.answered_at, response.score >= 0.5
        if known is None:
            successes: Mapping[str, int] = {item_id: level} if right else {}
            believed_at = at if self.fades else None
            failed_at = None if right else at
            return SkillKnowledge(levels, p, 1, successes, at, failed_at, believed_at)
        successes = known.successes
        if right and successes.get(item_id) != level:
            successes = {**successes, item_id: level}
        return SkillKnowledge(
            levels,
            p,
            known.opportunities + 1,
            successes,
            at or known.last_answered_at,
            known.last_failed_at if right else (at or known.last_failed_at),
            later(known.believed_at, at) if self.fades else None,
        )

    def rung(self, skill_id: str, level: int, one: Ability) -> tuple[float, float]:
        """Return the cut point of a level, and P(at or above the level just below it)."""
        cut, cut_below = self.cuts_of(skill_id, level)
        return cut, p_above(one, cut_below)

    def cuts_of(self, skill_id: str, level: int) -> tuple[float, float]:
        """Return the cut points of a level and of the one just below, which all may be above."""
        lower = [below for below in self.scale(skill_id).levels if below < level]
        return self.cut_of(level), self.cut_of(lower[-1]) if lower else -math.inf

    def learn_of(self, module_id: str, effect: ModuleEffect) -> float:
        """Return what a module teaches: as a fit with completions has learned, or as declared."""
        return self.fitted.effects.get(module_id, {}).get(effect.reached, effect.learn)

    def moved(
        self, latent: Latent, module_id: str, effect: ModuleEffect, seconds: float
    ) -> tuple[str, list[float]]:
        """Return the name and the row of a skill after a module's effect on it.

        The lasting ability moves so that P(≥ level) grows by P(just below)·learn, which for the
        lowest level is (1 − p)·learn. What a fit has learned of the module goes before what it
        declares.
        """
        skill_id, learner = effect.skill_id, learner_row(latent, self.fitted.settings)
        learned = self.learn_of(module_id, effect)
        row = self.row(latent, skill_id, seconds)
        one = self.ability(learner, row, skill_id)
        cut, p_below = self.rung(skill_id, effect.level, one)
        p = p_above(one, cut)
        row[SLOW] += shift_to(one, p, p + (p_below - p) * learned)
        return skill_name(skill_id), row

    def told(
        self,
        latent: Latent,
        known: SkillKnowledge | None,
        skill_id: str,
        at: datetime | None,
    ) -> SkillKnowledge:
        """Return what readers are told of a skill without a response to it."""
        scale = self.scale(skill_id)
        p_at_least = scale.believed(self.ability_at(latent, skill_id, seconds_of(at)))
        known = known or SkillKnowledge(scale.levels, p_at_least)
        believed_at = later(known.believed_at, at) if self.fades else None
        return known._replace(levels=scale.levels, p_at_least=p_at_least, believed_at=believed_at)


def seconds_of(at: datetime | None) -> float:
    """Return an instant as seconds since 1970; `UNKNOWN` where there is none."""
    return UNKNOWN if at is None else at.timestamp()
