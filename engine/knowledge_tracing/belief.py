"""One learner's state, moved by one piece of evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from ..domain.evidence import Response
from ..domain.knowledge import KnowledgeState, SkillKnowledge
from ..domain.overlay import Overlay
from ..errors import Fault, InvalidInput
from .chain import LevelChain
from .emission import likelihoods, p_right
from .filtering import CERTAINTY, faded, observed, practised

__all__ = [
    "Exercise",
    "belief_about",
    "check_learner",
    "copied",
    "inputs",
    "later",
    "moved",
    "remembered",
    "taught",
]

_DAY = timedelta(days=1)


class Exercise(NamedTuple):
    """One skill as an item exercises it: where its chain stands, and all that moves it there."""

    skill_id: str
    chain: LevelChain
    rank: int
    level: int
    learn: float
    forget: float
    guess: float
    slip: float
    decay: float


def belief_about(
    known: SkillKnowledge | None,
    chain: LevelChain,
    decay: float = 0.0,
    at: datetime | None = None,
) -> tuple[float, ...]:
    """Return the belief about a skill over the levels of its chain, or the chain's start.

    Where levels are forgotten while days pass, `decay` of them a day, it is the belief at the
    instant `at`; without an instant, the latest one that there is.
    """
    if known is None:
        return chain.p_start
    belief = known.p_at_least
    if known.levels != chain.levels:
        belief = chain.adopt(known.levels, belief)
    if decay and at is not None and known.believed_at is not None and at > known.believed_at:
        return faded(belief, decay * ((at - known.believed_at) / _DAY))
    return belief


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two instants, or the only one that there is."""
    if one is None or other is None:
        return one or other
    return max(one, other)


def inputs(exercises: Sequence[Exercise], beliefs: Sequence[Sequence[float]]) -> list[float]:
    """Return c_k, the probability that each exercised skill's input works."""
    return [
        p_right(belief[one.rank], one.guess, one.slip)
        for one, belief in zip(exercises, beliefs, strict=True)
    ]


def moved(belief: Sequence[float], exercise: Exercise, weight: float) -> tuple[float, ...]:
    """Return the belief after an observation of one skill and the opportunity that it was."""
    _, _, rank, _, learn, forget, guess, slip, _ = exercise
    if len(belief) == 1:  # the classical model, with the steps below in one
        (p,) = belief
        hit = p * (weight * (1.0 - slip) + (1.0 - weight) * slip)
        p = hit / (hit + (1.0 - p) * (weight * guess + (1.0 - weight) * (1.0 - guess)))
        p = p if p < CERTAINTY else CERTAINTY
        p = p + (1.0 - p) * learn - p * forget
        return (p if p < CERTAINTY else CERTAINTY,)
    attained, not_attained = likelihoods(weight, guess, slip)
    return practised(observed(belief, rank, attained, not_attained), rank, learn, forget)


def remembered(
    known: SkillKnowledge | None,
    exercise: Exercise,
    belief: tuple[float, ...],
    response: Response,
) -> SkillKnowledge:
    """Return what is known of a skill once a response has moved the belief about it."""
    at, right, levels = response.answered_at, response.score >= 0.5, exercise.chain.levels
    if known is None:
        first = {response.item_id: exercise.level} if right else {}
        believed_at = at if exercise.decay else None
        return SkillKnowledge(levels, belief, 1, first, at, None if right else at, believed_at)
    _, _, opportunities, successes, answered_at, failed_at, believed_at = known
    if right and successes.get(response.item_id) != exercise.level:
        successes = {**successes, response.item_id: exercise.level}
    return SkillKnowledge(
        levels,
        belief,
        opportunities + 1,
        successes,
        at or answered_at,
        failed_at if right else (at or failed_at),
        later(believed_at, at) if exercise.decay else None,
    )


def taught(
    known: SkillKnowledge | None,
    chain: LevelChain,
    *,
    level: int,
    learn: float,
    decay: float,
    at: datetime | None,
) -> SkillKnowledge:
    """Return what is to be expected of a skill after a module's effect on it, without evidence."""
    belief = belief_about(known, chain, decay, at)
    if known is None:
        known = SkillKnowledge(chain.levels, belief)
    return SkillKnowledge(
        chain.levels,
        practised(belief, chain.rank(level), learn),
        known.opportunities,
        known.successes,
        known.last_answered_at,
        known.last_failed_at,
        later(known.believed_at, at) if decay else None,
    )


def copied(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dict of a mapping; a proxy's own copy is twenty times as fast as dict()."""
    return mapping.copy() if isinstance(mapping, MappingProxyType | Overlay) else dict(mapping)


def check_learner(state: KnowledgeState, learner_id: str, what: str) -> None:
    """Raise InvalidInput unless a piece of evidence is about the state's own learner."""
    if learner_id != state.learner_id:
        problem = f"is {learner_id!r}, but the state is of {state.learner_id!r}"
        raise InvalidInput(what, [Fault("learner_id", problem, "take that learner's state")])
