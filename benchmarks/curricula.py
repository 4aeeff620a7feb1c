"""Curricula for the benchmarks: generated from a seed, or read from a concept graph."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine import (
    Curriculum,
    KnowledgeState,
    Module,
    Prerequisite,
    Role,
    SkillKnowledge,
    SkillTarget,
)
from engine.domain import ModuleEffect, Skill

__all__ = ["from_concept_graph", "generated", "newcomer"]


def generated(
    n_modules: int, seed: int, *, reach: int = 200, role_size: float = 0.3
) -> tuple[Curriculum, Role]:
    """Return a curriculum of about 0.8 skills per module and a role over a share of them.

    A skill has Poisson(1.5) prerequisites among the `reach` skills before it and one module, or,
    one time in four, two; a module in eight teaches a second skill along the way. Minutes are
    from 3 to 25, P(T) from .3 to .7, weights from 1 to 5.
    """
    rng = np.random.default_rng(seed)
    edges: list[Prerequisite] = []
    modules: list[Module] = []
    skills: list[str] = []
    while len(modules) < n_modules:
        k = len(skills)
        skills.append(f"s{k:05d}")
        low = max(0, k - reach)
        n_required = min(k - low, rng.poisson(1.5))
        for j in sorted(rng.choice(k - low, size=n_required, replace=False)):
            edges.append(Prerequisite(skills[k], skills[low + j]))  # noqa: PERF401  # reads better
        for _ in range(2 if rng.random() < 0.25 else 1):
            taught = [skills[k]]
            if k and rng.random() < 0.125:
                taught.append(skills[rng.integers(low, k)])
            effects = tuple(ModuleEffect(one, 1, float(rng.uniform(0.3, 0.7))) for one in taught)
            modules.append(Module(f"m{len(modules):05d}", effects, float(rng.integers(3, 26))))
    targets = [
        SkillTarget(one, 1, float(rng.integers(1, 6))) for one in skills if rng.random() < role_size
    ]
    curriculum = Curriculum.from_records(
        skills=[Skill(one) for one in skills], modules=modules, prerequisites=edges
    )
    return curriculum, Role("role", tuple(targets or [SkillTarget(skills[-1])]))


def from_concept_graph(path: Path, seed: int, role_size: float = 0.1) -> tuple[Curriculum, Role]:
    """Return a graph of concepts with hours as a curriculum of one module each, and a role.

    The file is JSON, ``{concept: {"prereqs": [...], "hours": number or null}}``, gzipped or not.
    Where hours are missing the median of the others stands in.
    """
    packed = path.read_bytes()
    graph: Mapping[str, Mapping[str, Any]] = json.loads(
        gzip.decompress(packed) if path.suffix == ".gz" else packed
    )
    middle = float(np.median([one["hours"] for one in graph.values() if one["hours"]]))
    rng = np.random.default_rng(seed)
    names = sorted(graph)
    modules = [
        Module(name, (ModuleEffect(name, 1, 0.9),), 60.0 * float(graph[name]["hours"] or middle))
        for name in names
    ]
    edges = [
        Prerequisite(name, required)
        for name in names
        for required in sorted(set(graph[name]["prereqs"]) & graph.keys() - {name})
    ]
    targets = [
        SkillTarget(one, 1, float(rng.integers(1, 6))) for one in names if rng.random() < role_size
    ]
    curriculum = Curriculum.from_records(
        skills=[Skill(one) for one in names], modules=modules, prerequisites=edges
    )
    return curriculum, Role("role", tuple(targets or [SkillTarget(names[0])]))


def newcomer(tracer: Any, curriculum: Curriculum, known: float, seed: int) -> KnowledgeState:
    """Return a learner who knows a share of the skills and has shown nothing of the others."""
    rng = np.random.default_rng(seed)
    p = 0.97 if known else 0.0
    skills = {one: SkillKnowledge((1,), (p,)) for one in curriculum.skills if rng.random() < known}
    return KnowledgeState("newcomer", {**tracer.start("newcomer").skills, **skills})
