"""Responses a second from columns in memory to the states of all learners, beside `update`.

    python benchmarks/speed_replay.py [--small] [--data FOLDER]

Answers of learners, about fifty each, to 1,000 items of 100 skills, with dates, in the order of
their learners. The reference is `tracer.update`, response by response, over the first learners;
both are warm, and their rounds interleaved. With ``--data`` then each log of a folder, under a
model fitted to it, by a tracer that has not looked up any item yet, which counts where there are
many: `items`. `per_core` counts CPU seconds, so that what else runs on the machine weighs less;
`per_second` is by the clock, with as many threads as numba has. The bars are 5 million a second
and core for BKT and 1 million for DynamicIRT.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from reporting import Limit, options, print_rows, write_results

from engine import BKT, Curriculum, DynamicIRT, Response, ResponseLog
from service.tables import read_log

N_ITEMS, N_SKILLS = 1000, 100
TRACERS: dict[str, Callable[..., Any]] = {
    "bkt": BKT,
    "bkt forget=time": lambda **given: BKT(forget="time", **given),
    "dynamic-irt": DynamicIRT,
}
QUICK: dict[str, Callable[[], Any]] = {
    "bkt": lambda: BKT(restarts=1),
    "dynamic-irt": lambda: DynamicIRT(search_rounds=0),
}  # how they are fitted here: the parameters make no difference to the time
LIMITS = {"ratio": Limit("higher", times=2.0)}
COLUMNS = (
    "log", "tracer", "responses", "items", "per_core", "per_second", "update_per_core", "ratio",
)  # fmt: skip


def curriculum() -> Curriculum:
    """Return items of one skill each, but for every tenth, which takes two."""
    skills = [f"s{k}" for k in range(N_SKILLS)]
    items = [
        {
            "item_id": f"q{i}",
            "skills": [skills[(i + j) % N_SKILLS] for j in range(1 + (i % 10 == 0))],
        }
        for i in range(N_ITEMS)
    ]
    return Curriculum.from_records(skills=[{"skill_id": one} for one in skills], items=items)


def responses(n: int, over: Curriculum) -> ResponseLog:
    """Return n responses, two hours apart for each learner."""
    rng = np.random.default_rng(0)
    learner = np.sort(rng.integers(0, n // 50, n))
    hours = 2 * (np.arange(n) - np.searchsorted(learner, np.arange(n // 50))[learner])
    log = ResponseLog.from_columns(
        learner=learner,
        item=rng.integers(0, N_ITEMS, n),
        score=rng.integers(0, 2, n).astype(np.float64),
        skills=np.zeros(n, np.int64),
        answered_at=1_700_000_000 + 3600 * hours,
    )
    items = tuple(f"q{item_id}" for item_id in log.item_ids)
    assert set(items) == set(over.items)
    return ResponseLog(
        log.learner_ids,
        items,
        log.skill_ids,
        log.skill_sets,
        log.learner,
        log.item,
        log.skill_set,
        log.score,
        log.answered_at,
    )


def one_by_one(log: ResponseLog, n: int) -> list[Response]:
    """Return the first n responses as objects."""
    at = log.answered_at
    assert at is not None
    return [
        Response(
            log.learner_ids[log.learner[row]],
            log.item_ids[log.item[row]],
            float(log.score[row]),
            datetime.fromtimestamp(int(at[row].astype(np.int64)) / 1e6, UTC),
        )
        for row in range(n)
    ]


def fold(tracer: Any, evidence: list[Response]) -> None:
    """Update a state response by response, learner after learner."""
    for learner_id, own in groupby(evidence, key=lambda one: one.learner_id):
        state = tracer.start(learner_id)
        for one in own:
            state = tracer.update(state, one)


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Return the CPU seconds and the seconds that some work takes."""
    cpu, clock = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - clock


def measured(
    name: str, over: Curriculum, log: ResponseLog, few: list[Response], rounds: int
) -> dict[str, Any]:
    """Return one row of the results; the first round warms up and does not count."""
    tracer = TRACERS[name](curriculum=over)
    bulk, online = [], []
    for _ in range(rounds + 1):
        again = replace(log)  # nothing derived from it is kept between rounds
        bulk.append(timed(lambda again=again: tracer.replay(again)))  # type: ignore[misc]
        online.append(timed(lambda: fold(tracer, few)))
    found = rates("simulated", name, log, bulk[1:])
    update = len(few) / median(one[0] for one in online[1:])
    return {**found, "update_per_core": round(update), "ratio": found["per_core"] / update}


def measured_log(name: str, path: Path, rounds: int) -> dict[str, Any]:
    """Return the row of a log in a file, under a model fitted to it."""
    log = read_log(path)
    tracer, bulk = QUICK[name]().fit(log), []
    for _ in range(rounds + 1):
        again, fresh = replace(log), tracer.with_curriculum(None)
        bulk.append(timed(lambda again=again, fresh=fresh: fresh.replay(again)))  # type: ignore[misc]
    return rates(path.stem, name, log, bulk[1:])


def rates(
    log_name: str, tracer: str, log: ResponseLog, times: list[tuple[float, float]]
) -> dict[str, Any]:
    """Return how many responses a second some rounds come to."""
    cpu, clock = (median(found) for found in zip(*times, strict=True))
    return {
        "log": log_name,
        "tracer": tracer,
        "responses": len(log),
        "items": len(log.item_ids),
        "per_core": round(len(log) / cpu),
        "per_second": round(len(log) / clock),
    }


def main() -> None:
    """Measure each tracer, print the table and write it down."""
    parser = options(__doc__, "fewer responses")
    parser.add_argument("--data", type=Path, help="a folder of logs in Parquet")
    given = parser.parse_args()
    small = given.small
    n, n_few, rounds = (300_000, 5_000, 3) if small else (5_000_000, 20_000, 3)
    over = curriculum()
    log = responses(n, over)
    few = one_by_one(log, n_few)
    rows = [measured(name, over, log, few, rounds) for name in TRACERS]
    paths = sorted(given.data.glob("*.parquet")) if given.data and not small else []
    rows += [measured_log(name, path, 2 * rounds) for path in paths for name in QUICK]
    print_rows(rows, COLUMNS)
    print("\nbars, per core: 5,000,000 for bkt, 1,000,000 for dynamic-irt")
    write_results("speed_replay", rows, small=small, key=("log", "tracer"), limits=LIMITS)


if __name__ == "__main__":
    main()
