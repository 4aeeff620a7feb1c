"""Answers drawn from a model: what it would have learners do, step by step.

Each learner's level in a skill is drawn from the start of the chain; each answer from the levels,
through guess and slip of every skill that the item takes (all of them must work); then each of
these skills may be learned, or forgotten, as in :func:`filtering.practised`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..domain.responses import ResponseLog
from .traits import NODE_WEIGHTS

if TYPE_CHECKING:
    from .binding import Binding

__all__ = ["random_schedule", "simulated"]


def random_schedule(
    item_ids: Sequence[str], n_learners: int, length: int, rng: np.random.Generator
) -> dict[str, list[str]]:
    """Return items for each of some learners, drawn with equal chances, any number of times.

    Examples
    --------
    >>> schedule = random_schedule(["q1", "q2"], 2, 3, np.random.default_rng(0))
    >>> schedule["learner-1"]
    ['q1', 'q1', 'q1']
    """
    drawn = rng.integers(len(item_ids), size=(n_learners, length)).tolist()
    return {f"learner-{i}": [item_ids[j] for j in row] for i, row in enumerate(drawn)}


def simulated(
    bindings: Sequence[Binding], schedule: Mapping[str, Sequence[str]], rng: np.random.Generator
) -> tuple[ResponseLog, dict[str, dict[str, int]]]:
    """Return answers to a schedule, and the levels attained in the end.

    Parameters
    ----------
    bindings : sequence of Binding
        Of learners at each node of their trait, or one for all.
    schedule : mapping of str to sequence of str
    rng : numpy.random.Generator
    """
    weights = NODE_WEIGHTS if len(bindings) > 1 else (1.0,)
    nodes = rng.choice(len(bindings), size=len(schedule), p=weights).tolist()
    scores: list[float] = []
    levels: dict[str, dict[str, int]] = {}
    for (learner_id, item_ids), node in zip(schedule.items(), nodes, strict=True):
        own, reached = _one(bindings[node], item_ids, rng)
        scores += own
        levels[learner_id] = reached
    return _log(bindings[0], schedule, scores), levels


def _one(
    bound: Binding, item_ids: Sequence[str], rng: np.random.Generator
) -> tuple[list[float], dict[str, int]]:
    """Return one learner's scores, and the levels attained after them."""
    attained: dict[str, int] = {}  # how many levels of the chain
    scores = []
    for item_id in item_ids:
        exercises = bound.exercised(item_id)
        right = True
        for one in exercises:
            if one.skill_id not in attained:
                attained[one.skill_id] = int((rng.random() < np.array(one.chain.p_start)).sum())
            p_works = 1.0 - one.slip if attained[one.skill_id] > one.rank else one.guess
            right &= bool(rng.random() < p_works)
        scores.append(float(right))
        for one in exercises:
            p, z = rng.random(), attained[one.skill_id]
            if z == one.rank:
                attained[one.skill_id] += p < one.learn
            elif z == one.rank + 1:
                attained[one.skill_id] -= p < one.forget
    levels = {k: (0, *bound.chain(k).levels)[z] for k, z in attained.items()}
    return scores, levels


def _log(bound: Binding, schedule: Mapping[str, Sequence[str]], scores: list[float]) -> ResponseLog:
    learner_ids = tuple(schedule)
    item_ids = tuple(dict.fromkeys(one for own in schedule.values() for one in own))
    taken = [bound.skills_of(item_id) for item_id in item_ids]
    skill_sets = tuple(dict.fromkeys(taken))
    number = {one: i for i, one in enumerate(skill_sets)}
    code = {item_id: i for i, item_id in enumerate(item_ids)}
    item = np.array([code[one] for own in schedule.values() for one in own], dtype=np.int32)
    set_of_item = np.array([number[one] for one in taken], dtype=np.int32)
    sizes = [len(own) for own in schedule.values()]
    return ResponseLog(
        learner_ids=learner_ids,
        item_ids=item_ids,
        skill_ids=tuple(sorted({one.skill_id for skill_set in skill_sets for one in skill_set})),
        skill_sets=skill_sets,
        learner=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        item=item,
        skill_set=set_of_item[item] if len(item) else item,
        score=np.array(scores, dtype=np.float64),
        order=np.array([t for size in sizes for t in range(size)], dtype=np.int64),
    )
