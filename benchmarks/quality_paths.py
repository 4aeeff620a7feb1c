"""How close planned paths come to the best there are, and how long planning takes.

Generated curricula of 200 modules are planned greedily and exactly; of 1,000 and 10,000 modules,
what the exact method finds in its time is a bound only. With ``--data FOLDER`` the concept graph
``metacademy_concept_graph.json.gz`` in it is planned too. Latency is that of the whole call of
`PathPlanner.plan`, reasons included, the shortest of three. Then a third of the targets gets due
dates, anywhere in the time that the budget takes at a pace of two hours a week: told are the shares
of these that are late on the path that does not know of dates and on the one that does, and what of
the gain being in time costs.

    python benchmarks/quality_paths.py --instances 300 --data FOLDER
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from curricula import from_concept_graph, generated, newcomer
from reporting import Limit, options, print_rows, write_results

from engine import BKT, Curriculum, KnowledgeState, LearningPath, PathPlanner, Role

COLUMNS = (
    "curriculum",
    "instances",
    "steps",
    "mean_share",
    "worst_share",
    "proven",
    "mean_stated_gap",
    "greedy_p50_ms",
    "greedy_p95_ms",
    "exact_p50_ms",
    "exact_p95_ms",
    "late_undated",
    "late_dated",
    "dated_gain_share",
    "dated_p50_ms",
    "dated_p95_ms",
)
GRAPH = "metacademy_concept_graph.json.gz"
REPEATS = 3
DUE = 1 / 3
PACE = 120.0  # minutes a week
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = {one: Limit("higher", by=0.01) for one in ("mean_share", "worst_share")}
LIMITS["late_dated"] = Limit("lower", by=0.01)
Instance = tuple[Curriculum, Role]


def timed(ask: Callable[[], LearningPath], repeats: int) -> tuple[LearningPath, float]:
    """Return a path and the milliseconds of the shortest of several calls."""
    shortest = float("inf")
    for _ in range(repeats):
        started = perf_counter()
        path = ask()
        shortest = min(shortest, perf_counter() - started)
    return path, 1e3 * shortest


def measured(name: str, instances: Iterator[Instance], seconds: float) -> dict[str, Any]:
    """Plan every instance both ways, with a budget from a twentieth to half of all minutes."""
    rows = []
    for seed, (curriculum, role) in enumerate(instances):
        planner = PathPlanner(tracer=BKT(), curriculum=curriculum)
        state = newcomer(planner.tracer, curriculum, 0.2, seed)
        total = sum(module.minutes for module in curriculum.module_list)
        budget = float(np.random.default_rng(seed).uniform(0.05, 0.5)) * total
        ask: dict[str, Any] = {"role": role, "budget_minutes": budget}
        greedy, quick = timed(lambda: planner.plan(state, **ask), REPEATS)  # noqa: B023
        exact, slow = timed(
            lambda: planner.plan(state, **ask, method="exact", seconds=seconds),  # noqa: B023
            1,
        )
        share = greedy.gain / exact.bound if exact.bound > 0 else 1.0
        row = (len(greedy.steps), share, exact.gap < 1e-4, greedy.gap, quick, slow)
        rows.append((*row, *with_dates(planner, state, role, budget, greedy, seed)))
    columns = np.array(rows, np.float64).T
    steps, share, proven, gap, quick_ms, slow_ms, undated, dated, kept, dated_ms = columns
    return {
        "curriculum": name,
        "instances": len(rows),
        "steps": float(steps.mean()),
        "mean_share": float(share.mean()),  # of the best path, or of the bound where none is proven
        "worst_share": float(share.min()),
        "proven": float(proven.mean()),
        "mean_stated_gap": float(gap.mean()),
        **{f"greedy_p{q}_ms": float(np.percentile(quick_ms, q)) for q in (50, 95)},
        **{f"exact_p{q}_ms": float(np.percentile(slow_ms, q)) for q in (50, 95)},
        "late_undated": float(undated.mean()),
        "late_dated": float(dated.mean()),
        "dated_gain_share": float(kept.mean()),
        **{f"dated_p{q}_ms": float(np.percentile(dated_ms, q)) for q in (50, 95)},
    }


def with_dates(
    planner: PathPlanner,
    state: KnowledgeState,
    role: Role,
    budget: float,
    undated: LearningPath,
    seed: int,
) -> tuple[float, float, float, float]:
    """Give a third of the targets due dates; return shares late, share of the gain, milliseconds.

    What is due is late where it is not reached: mastered, or as far as everything on offer leads.
    """
    rng = np.random.default_rng((seed, 1))
    weeks = {
        i: float(rng.uniform(0.0, budget / PACE))
        for i in range(len(role.targets))
        if rng.random() < DUE
    }
    targets = [
        replace(one, due_at=NOW + timedelta(weeks=weeks[i])) if i in weeks else one
        for i, one in enumerate(role.targets)
    ]
    role = replace(role, targets=tuple(targets))
    path, milliseconds = timed(
        lambda: planner.plan(
            state, role=role, budget_minutes=budget, minutes_per_week=PACE, at=NOW
        ),
        REPEATS,
    )
    due = [one for one in path.arrivals if one.target.due_at]
    late = sum(one.is_late for one in due) / max(len(due), 1)
    every = planner.plan(state, role=role, budget_minutes=1e9).steps
    late_before, n = 0, 0
    for i, week in weeks.items():
        if any(one.target is targets[i] for one in due):
            most = min(every[-1].p_attained[i], role.mastery_threshold) - 1e-9
            ends = [one.elapsed_minutes for one in undated.steps if one.p_attained[i] >= most]
            late_before += min(ends, default=np.inf) > week * PACE
            n += 1
    share = path.gain / undated.gain if undated.gain > 0.0 else 1.0
    return late_before / max(n, 1), late, share, milliseconds


def main() -> None:
    parser = options(__doc__, "6 instances of 60 modules")
    parser.add_argument("--instances", type=int, default=30, help="of 200 modules; fewer of larger")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each exact path")
    parser.add_argument("--data", type=Path, help=f"a folder with {GRAPH}")
    given = parser.parse_args()
    counts = {200: given.instances, 1000: max(1, given.instances // 10), 10_000: 1}
    if given.small:
        counts = {60: 6}
    rows = [
        measured(
            f"generated {n}",
            (generated(n, seed, reach=min(n, 200)) for seed in range(count)),
            given.seconds,
        )
        for n, count in counts.items()
    ]
    if given.data and not given.small:
        graph = given.data / GRAPH
        drawn = (from_concept_graph(graph, seed) for seed in range(given.instances))
        rows.append(measured("metacademy", drawn, given.seconds))
    print_rows(rows, COLUMNS)
    write_results("quality_paths", rows, small=given.small, key=("curriculum",), limits=LIMITS)


if __name__ == "__main__":
    main()
