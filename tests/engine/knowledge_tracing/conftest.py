"""Logs and curricula that several tests of tracing share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.domain import Curriculum, ResponseLog


@pytest.fixture(scope="session")
def curriculum() -> Curriculum:
    """Two skills, one of them at three levels, an item on both, and modules."""
    return Curriculum.from_records(
        skills=[{"skill_id": "sql"}, {"skill_id": "charts"}, {"skill_id": "untouched"}],
        items=[
            {"item_id": "sql-1", "skills": ["sql"], "level": 1},
            {"item_id": "sql-2", "skills": ["sql"], "level": 2},
            {"item_id": "sql-3", "skills": ["sql"], "level": 3},
            {"item_id": "charts-1", "skills": ["charts"]},
            {"item_id": "report", "skills": ["sql", "charts"]},
        ],
        modules=[
            {"module_id": "m-sql-1", "teaches": [{"skill_id": "sql"}], "minutes": 5},
            {
                "module_id": "m-both",
                "teaches": [
                    {"skill_id": "sql", "level": 2, "learn": 0.5},
                    {"skill_id": "charts", "learn": 0.4},
                ],
                "minutes": 10,
            },
        ],
    )


@pytest.fixture(scope="session")
def make_log() -> Callable[..., ResponseLog]:
    """Return a maker of random logs over levels and several skills per item."""

    def make(
        seed: int, n: int = 300, n_learners: int = 12, n_skills: int = 4, n_levels: int = 2
    ) -> ResponseLog:
        rng = np.random.default_rng(seed)
        sets = [
            [f"s{k}" for k in sorted(rng.choice(n_skills, rng.integers(1, 3), replace=False))]
            for _ in range(12)
        ]
        item = rng.integers(len(sets), size=n)
        return ResponseLog.from_columns(
            learner=[f"l{i}" for i in rng.integers(n_learners, size=n)],
            item=[f"q{i}" for i in item],
            skills=[sets[i] for i in item],
            level=[1 + i % n_levels for i in item],
            score=rng.choice([0.0, 1.0, 1.0, 0.5, 0.3], size=n),
            order=rng.permutation(n),
        )

    return make
