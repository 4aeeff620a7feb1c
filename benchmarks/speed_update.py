"""Microseconds to update a state of 200 skills by one response; building the response not counted.

    python benchmarks/speed_update.py [--small]

For an item of one skill the limit is 5 µs for BKT and 20 µs for DynamicIRT. All cases take turns
within each round, and a plain Python loop with them, the unit of the machine. What else runs can
only add to a time: the best of all rounds is given beside their median, and `units` is the best in
terms of the best of the unit, so that a busy machine changes it little. For the same reason a round
is short.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from reporting import Limit, options, print_rows, write_results

from engine import BKT, Curriculum, DynamicIRT, KnowledgeState, Response

N_SKILLS, N_RESPONSES = 200, 50
DAWN = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS_US = {"bkt": 5.0, "dynamic-irt": 20.0}
CASES: dict[str, tuple[Callable[..., Any], dict[str, Any], str]] = {
    "bkt": (BKT, {}, "one"),
    "bkt forget=opportunity": (BKT, {"forget": "opportunity"}, "one"),
    "bkt forget=time": (BKT, {"forget": "time"}, "one"),
    "bkt, two skills": (BKT, {}, "two"),
    "dynamic-irt": (DynamicIRT, {}, "one"),
    "dynamic-irt, two skills": (DynamicIRT, {}, "two"),
}
COLUMNS = ("case", "median_us", "best_us", "limit_us", "units")
LIMITS = {"units": Limit("lower", times=1.5)}


def curriculum() -> Curriculum:
    """Return 200 skills with two items each, and an item on each pair of neighbours."""
    skills = [f"s{k}" for k in range(N_SKILLS)]
    items = [{"item_id": f"one-{i}", "skills": [skills[i % N_SKILLS]]} for i in range(2 * N_SKILLS)]
    items += [
        {"item_id": f"two-{i}", "skills": [skills[i % N_SKILLS], skills[(i + 1) % N_SKILLS]]}
        for i in range(2 * N_SKILLS)
    ]
    return Curriculum.from_records(skills=[{"skill_id": one} for one in skills], items=items)


def replaying(tracer: Any, items: str) -> Callable[[], KnowledgeState]:
    """Return what updates a state of all skills by some responses."""
    responses = [
        Response("ada", f"{items}-{i}", float(i % 3 > 0), DAWN + timedelta(hours=i))
        for i in range(2 * N_SKILLS)
    ]

    def replay(state: KnowledgeState) -> KnowledgeState:
        for response in responses:
            state = tracer.update(state, response)
        return state

    full = replay(tracer.start("ada"))
    del responses[N_RESPONSES:]
    return partial(replay, full)


def unit() -> float:
    """Do as many steps of a filter in nothing but Python's floats and dictionaries."""
    state = dict.fromkeys(range(N_SKILLS), 0.4)
    for i in range(N_RESPONSES):
        p = state[i]
        for right in (True, False, True):
            a, b = (p * 0.9, (1.0 - p) * 0.2) if right else (p * 0.1, (1.0 - p) * 0.8)
            p = a / (a + b)
            p += (1.0 - p) * 0.1
        state = {**state, i: p}
    return state[0]


def measured(rounds: int) -> list[dict[str, Any]]:
    """Time all cases and the unit in turn."""
    calls: dict[str, Callable[[], Any]] = {
        name: replaying(make(curriculum=curriculum(), **given), items)
        for name, (make, given, items) in CASES.items()
    }
    calls["unit"] = unit
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            began = perf_counter()
            call()
            seconds[name].append(perf_counter() - began)
    us = {name: 1e6 / N_RESPONSES * np.array(one) for name, one in seconds.items()}
    return [
        {
            "case": name,
            "median_us": float(np.median(us[name])),
            "best_us": float(np.min(us[name])),
            "limit_us": LIMITS_US.get(name),
            "units": float(np.min(us[name]) / np.min(us["unit"])),
        }
        for name in us
    ]


def main() -> None:
    """Measure each case, print the table and write it down."""
    small = options(__doc__, "fewer rounds").parse_args().small
    rows = measured(300 if small else 3000)
    print_rows(rows, COLUMNS)
    write_results("speed_update", rows, small=small, key=("case",), limits=LIMITS)


if __name__ == "__main__":
    main()
