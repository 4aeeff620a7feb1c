"""Worlds for `quality_diagnosis`: who knows what, and how answers come about. The engine has none.

In each a learner knows a skill only where all that it requires is known.

- *prerequisites*: then with probability .8; answers slip with .1 and guess with .2.
- *weighed alike*: the same, but the targets of the role weigh the same.
- *abilities*: then the more likely the abler the learner is, and the easier the skill; how an
  answer slips and guesses differs by item.
- *unrelated*: no skill requires another, and each is known with .6 by itself. An answer tells of
  nothing but its own skill here, so no order of questions can save many.
- *concept graph*: a real graph of concepts, where most know most of what they are ready for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from curricula import from_concept_graph

from engine import BKT, Curriculum, Item, Prerequisite, ResponseLog, Role, SkillTarget
from engine.domain import Skill
from engine.recommender.diagnosis import Examination, examination

__all__ = ["GRAPH", "World", "fitted", "worlds"]

GRAPH = "metacademy_concept_graph.json.gz"
SLIP, GUESS = 0.1, 0.2
PER_SKILL = 4
OTHERS = 300  # learners whose answers a tracer is fitted to
EACH = 30  # answers of each of them
Known = dict[str, bool]
Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class World:
    """A curriculum with a role, and how its learners are drawn and answer.

    Parameters
    ----------
    curriculum : Curriculum
    role : Role
    p_known : float
        P(known) of a skill for who knows all that it requires.
    spread : float
        Of ability, and of how hard skills are, in logits.
    uneven : bool
        Whether noise differs by item.
    seed : int
    """

    curriculum: Curriculum
    role: Role
    p_known: float = 0.8
    spread: float = 0.0
    uneven: bool = False
    seed: int = 0

    @cached_property
    def about(self) -> Examination:
        return examination(self.curriculum, self.role)

    @cached_property
    def noise(self) -> dict[str, tuple[float, float]]:
        """Per item P(wrong | known) and P(right | not known)."""
        rng = np.random.default_rng((self.seed, 7))
        ids = [item.item_id for item in self.about.items]
        if not self.uneven:
            return dict.fromkeys(ids, (SLIP, GUESS))
        return {one: (rng.uniform(0.03, 0.2), rng.uniform(0.1, 0.35)) for one in ids}

    @cached_property
    def hardness(self) -> dict[str, float]:
        rng = np.random.default_rng((self.seed, 8))
        return {one: self.spread * rng.normal() for one in self.curriculum.skills}

    def learner(self, rng: np.random.Generator) -> Known:
        """Draw what a learner knows of what the role wants, however indirectly."""
        known: Known = {}
        ability = self.spread * rng.normal() if self.spread else 0.0
        usual = np.log(self.p_known / (1.0 - self.p_known))
        for one in self.curriculum.framework.closure(self.about.wanted):
            required = self.curriculum.requirements(one)
            logit = usual + ability - self.hardness[one.skill_id]
            p = 1.0 / (1.0 + np.exp(-logit)) if self.spread else self.p_known
            known[one.skill_id] = all(known[k.skill_id] for k in required) and rng.random() < p
        return known

    def answer(self, known: Known, item_id: str, rng: np.random.Generator) -> bool:
        slip, guess = self.noise[item_id]
        knows = known[self.curriculum.items[item_id].skills[0]]
        return bool(rng.random() < (1.0 - slip if knows else guess))


def fitted(world: World, others: int = OTHERS) -> BKT:
    """Fit a tracer to the answers of other learners, who were asked this and that."""
    rng = np.random.default_rng((world.seed, 9))
    ids = [item.item_id for item in world.about.items]
    rows = []
    for k in range(others):
        known = world.learner(rng)
        for item_id in rng.permutation(ids)[:EACH].tolist():
            (skill_id,) = world.curriculum.items[item_id].skills
            right = int(world.answer(known, item_id, rng))
            rows.append((f"learner {k}", item_id, skill_id, right))
    names = ("learner", "item", "skills", "correct")
    log = ResponseLog.from_records([dict(zip(names, row, strict=True)) for row in rows])
    return BKT(curriculum=world.curriculum).fit(log)


def worlds(data: Path | None) -> dict[str, Callable[[int], World]]:
    """Return the worlds by name, each made from a seed."""

    def alike(seed: int) -> World:
        curriculum, role = _generated(seed)
        same = tuple(SkillTarget(one.skill_id) for one in role.targets)
        return World(curriculum, Role("role", same), seed=seed)

    found = {
        "prerequisites": lambda seed: World(*_generated(seed), seed=seed),
        "weighed alike": alike,
        "abilities": lambda seed: World(*_generated(seed), spread=1.0, uneven=True, seed=seed),
        "unrelated": lambda seed: World(*_generated(seed, edges=0.0), p_known=0.6, seed=seed),
    }
    if data is not None and (data / GRAPH).is_file():
        found["concept graph"] = lambda seed: _of_concepts(data / GRAPH, seed)
    return found


def _generated(seed: int, edges: float = 1.5, n_skills: int = 30) -> tuple[Curriculum, Role]:
    """Return skills with Poisson(1.5) prerequisites each, items on all, and a role over a third."""
    rng = np.random.default_rng(seed)
    skills = [f"s{k:02d}" for k in range(n_skills)]
    found = [
        Prerequisite(skills[k], skills[j])
        for k in range(1, n_skills)
        for j in sorted(rng.choice(k, size=min(k, rng.poisson(edges)), replace=False))
    ]
    targets = [SkillTarget(one, 1, float(rng.integers(1, 6))) for one in skills[2::3]]
    return _with_items(skills, found), Role("role", tuple(targets))


def _of_concepts(path: Path, seed: int) -> World:
    curriculum, role = from_concept_graph(path, seed, role_size=0.025)
    edges = list(curriculum.framework.prerequisites)
    return World(_with_items(list(curriculum.skills), edges), role, p_known=0.95, seed=seed)


def _with_items(skills: list[str], edges: list[Prerequisite]) -> Curriculum:
    items = [Item(f"{one}-{k}", (one,)) for one in skills for k in range(PER_SKILL)]
    return Curriculum.from_records(
        skills=[Skill(one) for one in skills], items=items, prerequisites=edges
    )
