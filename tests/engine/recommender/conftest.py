"""What the recommender's tests share: a projector written by hand, and short ways to say things."""

# ruff: noqa: ARG002  # a projector has its arguments by protocol

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from engine.domain import (
    Curriculum,
    KnowledgeState,
    Module,
    ModuleEffect,
    Role,
    Skill,
    SkillKnowledge,
    SkillTarget,
)

LEVELS = (1, 2, 3, 4)


class HandWritten:
    """P(at least each of four levels) per skill; a module moves its levels as BKT's transition."""

    def __init__(self, prior=(0.2, 0.1, 0.05, 0.02)):
        self.prior = prior

    def _belief(self, state, skill_id):
        known = state.skills.get(skill_id)
        return list(known.p_at_least if known else self.prior)

    def attainment(self, state, targets, *, at=None):
        return np.array([self._belief(state, k.skill_id)[k.level - 1] for k in targets])

    def project(self, state, module, *, at=None):
        skills = dict(state.skills)
        for effect in sorted(module.teaches, key=lambda one: one.level):
            p = self._belief(KnowledgeState("", skills), effect.skill_id)
            below = 1.0 if effect.level == 1 else p[effect.level - 2]
            p[effect.level - 1] += (below - p[effect.level - 1]) * effect.learn
            skills[effect.skill_id] = SkillKnowledge(LEVELS, tuple(p))
        return KnowledgeState(state.learner_id, skills, state.completed)


def believe(p_level_1=None, completed=(), failed=(), **p_at_least):
    """A state of ada's: skill="p1, p2, …" by keyword, modules completed, skills failed when."""
    skills = {}
    failures = dict(failed)
    for skill_id, p in p_at_least.items():
        p = (p,) if isinstance(p, float) else p
        filled = (*p, *(p[-1] * 0.5 ** (k + 1) for k in range(4 - len(p))))
        skills[skill_id] = SkillKnowledge(LEVELS, filled, last_failed_at=failures.get(skill_id))
    return KnowledgeState("ada", skills, dict(completed))


def teach(module_id, *effects, minutes=10.0, **more):
    """A module; an effect is "skill", ("skill", level) or ("skill", level, learn)."""
    full = [(one,) if isinstance(one, str) else one for one in effects]
    taught = tuple(ModuleEffect(one[0], *(one[1:2] or (1,)), *(one[2:] or (0.5,))) for one in full)
    return Module(module_id, taught, minutes, **more)


def curriculum_of(skills, modules, prerequisites=(), items=()):
    """A curriculum; a prerequisite is "joins < select" or "joins:2 < select:1"."""
    edges = []
    for edge in prerequisites:
        after, before = (part.strip().partition(":") for part in edge.split("<"))
        edges.append(
            {
                "skill_id": after[0],
                "level": int(after[2] or 1),
                "requires": before[0],
                "requires_level": int(before[2] or 1),
            }
        )
    return Curriculum.from_records(
        skills=[Skill(one, name=one.capitalize()) for one in skills],
        modules=modules,
        prerequisites=edges,
        items=items,
    )


def role_of(*targets, threshold=0.95):
    """A role; a target is "skill" or ("skill", level, weight)."""
    full = [(one,) if isinstance(one, str) else one for one in targets]
    made = tuple(SkillTarget(*one) for one in full)
    return Role("analyst", made, name="Data analyst", mastery_threshold=threshold)


class Words:
    """The functions above, for tests to take as one fixture."""

    HandWritten = HandWritten
    believe = staticmethod(believe)
    teach = staticmethod(teach)
    curriculum_of = staticmethod(curriculum_of)
    role_of = staticmethod(role_of)

    @staticmethod
    def day(number):
        return datetime(2025, 5, number, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def say():
    return Words
