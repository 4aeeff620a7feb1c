"""One learner's state, moved by one piece of evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..domain.knowledge import SkillKnowledge
from ..domain.responses import Response
from .chain import LevelChain
from .conjunction import credits
from .emission import likelihoods, p_right
from .filtering import observed, practised

__all__ = ["Exercise", "belief_about", "credited", "moved"]


class Exercise(NamedTuple):
    """One skill as an item exercises it: where its chain stands, and the item's level there."""

    skill_id: str
    chain: LevelChain
    rank: int
    level: int


def belief_about(
    skills: Mapping[str, SkillKnowledge], skill_id: str, chain: LevelChain
) -> tuple[float, ...]:
    """Return the belief about a skill over the levels of its chain, or the chain's start."""
    known = skills.get(skill_id)
    if known is None:
        return chain.p_start
    if known.levels == chain.levels:
        return known.p_at_least
    return chain.adopt(known.levels, known.p_at_least)


def credited(
    exercises: Sequence[Exercise], beliefs: Sequence[Sequence[float]], score: float
) -> list[float]:
    """Return the weight with which each exercised skill's own input counts as right."""
    if len(exercises) == 1:
        return [score]
    return credits(score, inputs(exercises, beliefs))


def inputs(exercises: Sequence[Exercise], beliefs: Sequence[Sequence[float]]) -> list[float]:
    """Return c_k, the probability that each exercised skill's input works."""
    found = []
    for exercise, belief in zip(exercises, beliefs, strict=True):
        one = exercise.chain.parameters[exercise.rank]
        found.append(p_right(belief[exercise.rank], one.guess, one.slip))
    return found


def moved(
    belief: Sequence[float], exercise: Exercise, weight: float, *, forgets: bool
) -> tuple[float, ...]:
    """Return the belief after an observation of one skill and the opportunity that it was."""
    one = exercise.chain.parameters[exercise.rank]
    attained, not_attained = likelihoods(weight, one.guess, one.slip)
    seen = observed(belief, exercise.rank, attained, not_attained)
    return practised(seen, exercise.rank, one.learn, one.forget if forgets else 0.0)


def remembered(
    known: SkillKnowledge | None,
    exercise: Exercise,
    belief: tuple[float, ...],
    response: Response,
) -> SkillKnowledge:
    """Return what is known of a skill once a response has moved the belief about it."""
    at = response.answered_at
    right = response.score >= 0.5
    if known is None:
        successes = {response.item_id: exercise.level} if right else {}
        failed_at = None if right else at
        return SkillKnowledge(exercise.chain.levels, belief, 1, successes, at, failed_at)
    return SkillKnowledge(
        exercise.chain.levels,
        belief,
        known.opportunities + 1,
        {**known.successes, response.item_id: exercise.level} if right else known.successes,
        at or known.last_answered_at,
        known.last_failed_at if right else (at or known.last_failed_at),
    )
