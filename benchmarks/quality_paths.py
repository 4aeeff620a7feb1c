"""How close planned paths come to the best there are, and how long planning takes.

Generated curricula of 200 modules are planned greedily and exactly; of 1,000 and 10,000 modules,
what the exact method finds in its time is a bound only. With ``--data FOLDER`` the concept graph
``metacademy_concept_graph.json.gz`` in it is planned too. Latency is that of the whole call of
`PathPlanner.plan`, reasons included, the shortest of three.

    python benchmarks/quality_paths.py --instances 300 --data FOLDER
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from curricula import from_concept_graph, generated, newcomer
from reporting import Limit, options, print_rows, write_results

from engine import BKT, Curriculum, LearningPath, PathPlanner, Role

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
)
GRAPH = "metacademy_concept_graph.json.gz"
REPEATS = 3
LIMITS = {one: Limit("higher", by=0.01) for one in ("mean_share", "worst_share")}
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
        rows.append((len(greedy.steps), share, exact.gap < 1e-4, greedy.gap, quick, slow))
    steps, share, proven, gap, quick_ms, slow_ms = np.array(rows, np.float64).T
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
    }


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
