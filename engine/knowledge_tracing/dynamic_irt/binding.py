"""What was learned, bound to a curriculum: the questions, scales and cut points of one tracer."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist

from ...domain.curriculum import Curriculum, ModuleEffect
from ...domain.evidence import Response
from ...domain.framework import SkillLevel
from ...domain.knowledge import SkillKnowledge
from ...errors import UnknownId
from .abilities import (
    Ability,
    Question,
    ability,
    learner_row,
    p_above,
    shift_to,
    skill_name,
    skill_row,
)
from .filtering import SLOW
from .fitted import Fitted

__all__ = ["Binding"]

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
        self._questions: dict[str, Question] = {}
        self._scales: dict[str, tuple[tuple[int, ...], tuple[float, ...]]] = {}

    def question(self, item_id: str) -> Question:
        """Return an item as the filter sees it.

        Raises
        ------
        UnknownId
            The item is neither in the curriculum nor in the log that was fitted.
        """
        question = self._questions.get(item_id)
        if question is None:
            skills = self._skills_of(item_id)
            question = self._questions[item_id] = Question.of(item_id, skills, self.fitted)
        return question

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

    def scale(self, skill_id: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """Return the levels told apart of a skill, lowest first, and their cut points."""
        scale = self._scales.get(skill_id)
        if scale is None:
            declared = self._curriculum.levels_of(skill_id) if self._curriculum else ()
            fitted = self._fitted_levels.get(skill_id, ())
            levels = tuple(sorted({*declared, *fitted})) or (1,)
            scale = self._scales[skill_id] = (levels, tuple(map(self.cut_of, levels)))
        return scale

    def ability(self, latent: Latent, skill_id: str) -> Ability:
        """Return a learner's ability in a skill, now."""
        fitted, settings = self.fitted, self.fitted.settings
        given, typical = fitted.skill(skill_id), fitted.typical.get(skill_id, 0.0)
        row = skill_row(latent, skill_name(skill_id), given, settings)
        return ability(learner_row(latent, settings), row, given, typical, settings)

    def believed(self, skill_id: str, one: Ability) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """Return the levels of a skill, and P(ability ≥ the cut point) of each."""
        levels, cuts = self.scale(skill_id)
        return levels, tuple([p_above(one, cut) for cut in cuts])

    def noted(
        self,
        known: SkillKnowledge | None,
        skill_id: str,
        one: Ability,
        response: Response,
        level: int,
    ) -> SkillKnowledge:
        """Return what readers are told of a skill after a response that exercised it."""
        levels, p = self.believed(skill_id, one)
        at, right = response.answered_at, response.score >= 0.5
        if known is None:
            successes = {response.item_id: level} if right else {}
            return SkillKnowledge(levels, p, 1, successes, at, None if right else at)
        return SkillKnowledge(
            levels,
            p,
            known.opportunities + 1,
            {**known.successes, response.item_id: level} if right else known.successes,
            at or known.last_answered_at,
            known.last_failed_at if right else (at or known.last_failed_at),
        )

    def taught(self, latent: Latent, effect: ModuleEffect) -> list[float]:
        """Return a skill's row after a module's effect on the lasting ability.

        P(≥ level) grows by P(just below)·learn, which for the lowest level is (1 − p)·learn.
        """
        one = self.ability(latent, effect.skill_id)
        p = p_above(one, self.cut_of(effect.level))
        lower = [level for level in self.scale(effect.skill_id)[0] if level < effect.level]
        p_below = p_above(one, self.cut_of(lower[-1])) if lower else 1.0
        name, given = skill_name(effect.skill_id), self.fitted.skill(effect.skill_id)
        row = skill_row(latent, name, given, self.fitted.settings)
        row[SLOW] += shift_to(one, p, p + (p_below - p) * effect.learn)
        return row
