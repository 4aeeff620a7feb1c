"""How close item calibrations come to the truth in simulation, and how long they take.

Answers are drawn from a two-parameter logistic model, difficulty normal(0, 1), discrimination
lognormal(0, 0.3), ability normal(0, 1). Each pool is calibrated by Attain's own estimator and by
pyirt.

    python benchmarks/quality_calibration.py --large
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from reporting import Limit, options, print_rows, write_results

from engine import ResponseLog
from engine.knowledge_tracing.calibration import calibrate_items

# Learners, items, share of items that each learner answers.
POOLS = ((300, 40, 1.0), (1000, 50, 1.0), (2000, 100, 0.2))
LARGE = (10_000, 100, 1.0)
LIMITS = {f"RMSE of {one}": Limit("lower", by=0.005) for one in ("difficulty", "discrimination")}


def simulated(
    n_learners: int, n_items: int, share: float, seed: int
) -> tuple[ResponseLog, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    difficulty, slope = rng.normal(0, 1, n_items), np.exp(rng.normal(0, 0.3, n_items))
    learner, item = np.nonzero(rng.random((n_learners, n_items)) < share)
    reach = rng.normal(0, 1, n_learners)[learner] - difficulty[item]
    right = rng.random(len(item)) < 1.0 / (1.0 + np.exp(-slope[item] * reach))
    log = ResponseLog.from_columns(
        learner=learner, item=item, skills=["one"] * len(item), score=right.astype(float)
    )
    order = np.array(log.item_ids, int)
    return log, difficulty[order], slope[order]


def measured(pool: tuple[int, int, float], method: str, seed: int) -> dict[str, Any]:
    log, difficulty, slope = simulated(*pool, seed)
    began = perf_counter()
    found = calibrate_items(log, method=method)
    seconds = perf_counter() - began
    return {
        "learners": pool[0],
        "items": pool[1],
        "share answered": pool[2],
        "method": method,
        "RMSE of difficulty": float(np.sqrt(np.mean((found.difficulty - difficulty) ** 2))),
        "RMSE of discrimination": float(np.sqrt(np.mean((found.discrimination - slope) ** 2))),
        "seconds": seconds,
    }


def main() -> None:
    parser = options(__doc__, "the two small pools, without pyirt")
    parser.add_argument("--large", action="store_true", help="also 10,000 learners on 100 items")
    asked = parser.parse_args()
    pools = POOLS[:2] if asked.small else (*POOLS, LARGE) if asked.large else POOLS
    methods = ("marginal",) if asked.small else ("marginal", "pyirt")
    if "pyirt" in methods:
        calibrate_items(simulated(20, 5, 1.0, 0)[0], method="pyirt")  # compiles it
    rows = [measured(pool, method, 1) for pool in pools for method in methods]
    print_rows(rows, tuple(rows[0]))
    key = ("learners", "items", "method")
    write_results("quality_calibration", rows, small=asked.small, key=key, limits=LIMITS)


if __name__ == "__main__":
    main()
