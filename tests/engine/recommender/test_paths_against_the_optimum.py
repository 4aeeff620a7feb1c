"""How much of the best possible gain the greedy path reaches, by mixed-integer programming."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from engine.recommender import plan_path, role_map

PRIOR = 0.2
INSTANCES = 20


def instance(say, rng, n_skills=30):
    """Skills with about 1.5 prerequisites each; a third are targets, each taught by one module."""
    skills = [f"s{i:02d}" for i in range(n_skills)]
    edges = [
        f"{skills[i]} < {skills[j]}"
        for i in range(1, n_skills)
        for j in rng.choice(i, size=min(i, rng.poisson(1.5)), replace=False)
    ]
    targets = [one for one in skills if rng.random() < 0.3] or skills[-1:]
    modules = []
    for one in skills:
        ways = 1 if one in targets or rng.random() < 0.7 else 2
        for way in range(ways):
            effect = (one, 1, float(rng.uniform(0.3, 0.7)))
            minutes = float(rng.integers(3, 26))
            modules.append(say.teach(f"{one}-{way}", effect, minutes=minutes))
    role = say.role_of(*((one, 1, float(rng.integers(1, 6))) for one in targets))
    return say.curriculum_of(skills, modules, edges), role


def best_gain(curriculum, role, budget):
    """Choose modules, each only with a module for every prerequisite, within the budget."""
    modules = curriculum.module_list
    weight = {target.skill_id: target.weight / sum(role.weights) for target in role.targets}
    effects = [module.teaches[0] for module in modules]
    gains = [weight.get(one.skill_id, 0.0) * (1 - PRIOR) * one.learn for one in effects]
    rows, limits = [[module.minutes for module in modules]], [budget]
    for i, effect in enumerate(effects):
        for required in curriculum.requirements(effect.reached):
            supplied = [-float(other.reached == required) for other in effects]
            supplied[i] += 1.0
            rows.append(supplied)
            limits.append(0.0)
    solved = milp(
        -np.array(gains),
        constraints=LinearConstraint(np.array(rows), -np.inf, np.array(limits)),
        integrality=np.ones(len(modules)),
        bounds=Bounds(0, 1),
    )
    assert solved.success
    return -solved.fun


def test_the_greedy_path_reaches_almost_all_of_the_optimum(say):
    shares = []
    for seed in range(INSTANCES):
        rng = np.random.default_rng(seed)
        curriculum, role = instance(say, rng)
        budget = float(rng.uniform(0.2, 0.6) * sum(m.minutes for m in curriculum.module_list))
        path = plan_path(
            role_map(curriculum, role), say.believe(), say.HandWritten(), budget_minutes=budget
        )
        shares.append(
            (path.expected_readiness - path.readiness) / best_gain(curriculum, role, budget)
        )
    assert max(shares) == pytest.approx(1.0)  # never above: the programme bounds it
    assert max(shares) <= 1.0 + 1e-6
    print(f"share of the optimum: mean {np.mean(shares):.4f}, worst {min(shares):.4f}")
    assert np.mean(shares) >= 0.97
    assert min(shares) >= 0.8
