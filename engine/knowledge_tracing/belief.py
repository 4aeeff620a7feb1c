"""One learner's state, moved by one piece of evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from ..domain.curriculum import ModuleEffect
from ..domain.evidence import Response
from ..domain.knowledge import KnowledgeState, SkillKnowledge
from ..errors import Fault, InvalidInput
from .chain import LevelChain
from .conjunction import credits
from .emission import likelihoods, p_right
from .filtering import observed, practised

__all__ = [
    "Exercise",
    "belief_about",
    "check_learner",
    "copied",
    "credited",
    "inputs",
    "moved",
    "remembered",
    "taught",
]


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
    return chain.p_start if known is None else _over(chain, known)


def _over(chain: LevelChain, known: SkillKnowledge) -> tuple[float, ...]:
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


def taught(known: SkillKnowledge | None, chain: LevelChain, effect: ModuleEffect) -> SkillKnowledge:
    """Return what is to be expected of a skill after a module's effect on it, without evidence."""
    if known is None:
        known = SkillKnowledge(chain.levels, chain.p_start)
    belief = _over(chain, known)
    return SkillKnowledge(
        chain.levels,
        practised(belief, chain.rank(effect.level), effect.learn),
        known.opportunities,
        known.successes,
        known.last_answered_at,
        known.last_failed_at,
    )


def copied(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dict of a mapping; a proxy's own copy is twenty times as fast as dict()."""
    return mapping.copy() if isinstance(mapping, MappingProxyType) else dict(mapping)


def check_learner(state: KnowledgeState, learner_id: str, what: str) -> None:
    """Raise InvalidInput unless a piece of evidence is about the state's own learner."""
    if learner_id != state.learner_id:
        problem = f"is {learner_id!r}, but the state is of {state.learner_id!r}"
        raise InvalidInput(what, [Fault("learner_id", problem, "take that learner's state")])
