"""The programme where there is no time for it."""

from __future__ import annotations

import pytest

from engine.recommender import plan_path, role_map


def test_without_time_an_exact_plan_is_the_greedy_one_with_its_bound(say):
    modules = [say.teach(f"m{k:02d}", (f"s{k}", 1, 0.3), minutes=5 + k % 7) for k in range(60)]
    skills = [f"s{k}" for k in range(60)]
    where = role_map(say.curriculum_of(skills, modules), say.role_of(*skills))
    greedy = plan_path(where, say.believe(), say.HandWritten(), budget_minutes=101)
    path = plan_path(
        where, say.believe(), say.HandWritten(), budget_minutes=101, method="exact", seconds=1e-9
    )
    assert path.gain >= greedy.gain
    assert path.gain <= path.bound <= greedy.bound
    assert path.bound < float("inf")
    assert path.readiness == pytest.approx(greedy.readiness)
