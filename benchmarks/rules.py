"""The rules of others for what to take next, each as its own system has it, and one that sees all.

They get the estimates that our policies get: the attainments of the same tracer, fitted to the same
answers. What a rule does not look at (prerequisites, minutes, the role's weights) it does not get.
All of them keep to the modules on the role's skills and on what these require, which is more than
their systems know.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from world import Array, Learner, World

from engine import SkillLevel

__all__ = ["PEERS", "Peer", "Scope", "in_order", "oracle"]

MASTERED = 0.95  # OATutor's own default, and Attain's


@dataclass
class Scope:
    """What a role can use of a world, by numbers.

    Attributes
    ----------
    skills : list of int
        The targets and all that they require, in the curriculum's order.
    modules : list of int
        Those that declare to teach one of them.
    skill_of : list of int
        Per module of the curriculum, the skill that it declares to teach.
    """

    world: World
    skills: list[int] = field(init=False)
    modules: list[int] = field(init=False)
    skill_of: list[int] = field(init=False)

    def __post_init__(self) -> None:
        world = self.world
        wanted = [SkillLevel(target.skill_id) for target in world.role.targets]
        names = {one.skill_id for one in world.curriculum.framework.closure(wanted)}
        column = {skill_id: k for k, skill_id in enumerate(world.skills)}
        self.skills = sorted(column[one] for one in names)
        self.skill_of = [column[m.teaches[0].skill_id] for m in world.curriculum.module_list]
        self.modules = [m for m, k in enumerate(self.skill_of) if k in self.skills]


class Peer(Protocol):
    """A rule for the next module."""

    def __call__(
        self, scope: Scope, p: Array, taken: dict[int, int], last: int, rng: np.random.Generator
    ) -> int:
        """Return a module's number, given attainments, how often each was taken, and the last."""


def at_random(
    scope: Scope,
    p: Array,  # noqa: ARG001
    taken: dict[int, int],  # noqa: ARG001
    last: int,  # noqa: ARG001
    rng: np.random.Generator,
) -> int:
    """Any module at all."""
    return int(rng.choice(scope.modules))


def in_order(
    scope: Scope,
    p: Array,  # noqa: ARG001
    taken: dict[int, int],
    last: int,  # noqa: ARG001
    rng: np.random.Generator,  # noqa: ARG001
) -> int:
    """The curriculum from its first module to its last, then again from the first."""
    return min(scope.modules, key=lambda m: (taken.get(m, 0), m))


def lowest_mastery(
    scope: Scope,
    p: Array,
    taken: dict[int, int],
    last: int,  # noqa: ARG001
    rng: np.random.Generator,
) -> int:
    """OATutor's rule: of what is not done and not mastered, the lowest mastery, ties at random.

    A lesson that is exhausted is begun again, as its option to give problems again has it.
    """
    open_ones = [m for m in scope.modules if p[scope.skill_of[m]] < MASTERED] or scope.modules
    rounds = min(taken.get(m, 0) for m in open_ones)
    fresh = [m for m in open_ones if taken.get(m, 0) == rounds]
    mastery = np.array([p[scope.skill_of[m]] for m in fresh])
    return int(
        rng.choice([m for m, one in zip(fresh, mastery, strict=True) if one == mastery.min()])
    )


def alosi(
    scope: Scope,
    p: Array,
    taken: dict[int, int],
    last: int,
    rng: np.random.Generator,  # noqa: ARG001
) -> int:
    """ALOSI's four sub-scores over log odds, each with its own weight, over what was not seen.

    Readiness Σ min(L − L*, 0) over prerequisites, remediation max(L* − L, 0), continuity with the
    module before, difficulty −|L − d|; its defaults L* = 3, d = 0 and weights 5, 3, 1, 1. In its
    code the last two weights change places; here they do not.
    """
    log_odds = np.log(p) - np.log1p(-p)
    rounds = min(taken.get(m, 0) for m in scope.modules)
    best, chosen = -np.inf, scope.modules[0]
    for m in scope.modules:
        if taken.get(m, 0) > rounds:
            continue
        k = scope.skill_of[m]
        readiness = sum(min(log_odds[j] - 3.0, 0.0) for j in scope.world.needs[k])
        remediation = max(3.0 - log_odds[k], 0.0)
        continuity = float(last >= 0 and scope.skill_of[last] == k)
        score = 5.0 * readiness + 3.0 * remediation + continuity - abs(log_odds[k])
        if score > best:
            best, chosen = score, m
    return chosen


PEERS: dict[str, Peer] = {
    "random": at_random,
    "curriculum order": in_order,
    "lowest mastery": lowest_mastery,
    "alosi": alosi,
}


def oracle(world: World, learner: Learner) -> int:
    """Return the next module of somebody who sees the truth, or -1 where every target is known.

    For each target that is not known: what it still requires, in minutes of the truly quickest
    modules, against the weight of all targets among that. The best ratio is pursued, first things
    first.
    """
    minutes, quickest = world.minutes_left(learner)
    known = world.attained(learner)
    share = dict(zip(world.targets.tolist(), world.shares.tolist(), strict=True))
    best, chosen = 0.0, -1
    for k in world.targets[~known[world.targets]].tolist():
        missing = _missing(world, known, k)
        density = sum(share.get(j, 0.0) for j in missing) / float(minutes[missing].sum())
        if density > best:
            best, chosen = density, int(quickest[missing[0]])
    return chosen


def _missing(world: World, known: Any, k: int) -> list[int]:
    """Return the skills that a skill still takes, first things first, itself last."""
    found: dict[int, None] = {}

    def visit(one: int) -> None:
        if not known[one] and one not in found:
            for j in world.needs[one]:
                visit(j)
            found[one] = None

    visit(k)
    return list(found)
