"""Passes over the responses until a skill's parameters are at their optimum.

Each skill of a log is fitted around the pooled parameters, starting there, three ways: by plain
expectation-maximisation, by its squared extrapolation (SQUAREM), and by the guarded Newton steps
that `fit` takes. A skill is at its optimum within 0.01 nat of the best that any of them has found,
plain expectation-maximisation running for a long time. Items of several skills keep the credits
that they have under the pooled parameters. Passes are those that lead there: the look that finds a
skill at its optimum is not one of them, for no method.

    python benchmarks/quality_passes.py --data FOLDER
    python benchmarks/quality_passes.py --small

The bar, a third of the passes of plain expectation-maximisation, is read in four ways:
`passes_of_log`, until every skill is at its optimum; `share`, over all skills together;
`median_share`, `worst_share` and `within_a_third`, skill by skill; `within_a_third_looks`
likewise, the last look counted as a pass. Where plain expectation-maximisation is there after one
pass or two, a third of them would be none: no method that must look at the answers keeps to that
(`too_near`). `at_optimum` is how many skills arrive at all; skills are `compared` where both do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reporting import Limit, options, print_rows, write_results

from engine import ResponseLog
from engine.knowledge_tracing.compute import fastest_passes
from engine.knowledge_tracing.expectation_maximisation import climb, maximise
from engine.knowledge_tracing.log_odds import logit
from engine.knowledge_tracing.options import BKTOptions
from engine.knowledge_tracing.parameters import LevelParameters
from engine.knowledge_tracing.parts import Parts
from engine.knowledge_tracing.pooling import pool
from engine.knowledge_tracing.priors import HIGHEST, LOWEST, MOST_NOISE, log_prior, pseudo_counts
from engine.knowledge_tracing.squarem import leap
from engine.knowledge_tracing.tasks import Tasks
from service.tables import read_log, sample_folder

Array = NDArray[np.float64]
NEAR = 0.01  # nats
COLUMNS = (
    "log", "forget", "method", "skills", "at_optimum", "passes_of_log", "share", "compared",
    "median_share", "worst_share", "within_a_third", "within_a_third_looks", "too_near",
)  # fmt: skip
LIMITS = {
    "at_optimum": Limit("higher"),
    "share": Limit("lower", by=0.02),
    "within_a_third": Limit("higher", by=2.0),
}


@dataclass(frozen=True)
class Problem:
    """Skills to be fitted: passes over them, their priors, and where they start."""

    parts: Parts
    credits: list[Any]
    tasks: Tasks
    start: Array
    pseudo: Array
    share: Array

    @classmethod
    def of(cls, log: ResponseLog, forget: str | None) -> Problem:
        """Return the skills of a log around their pooled parameters."""
        parts = Parts((log,), fastest_passes())
        pooled = pool(parts, BKTOptions(forget=forget), None, np.zeros((0, 5, 2)))
        start, n_skills = pooled.theta[parts.table.ranks], len(parts.table.skill_ids)
        centres = [LevelParameters(*row) for row in pooled.theta.tolist()]
        pseudo = pseudo_counts(centres, parts.table.ranks, forgets=forget is not None)
        tasks = Tasks(np.arange(n_skills), parts.table.n_levels)
        return cls(parts, parts.credits(start), tasks, start, pseudo, pooled.share)

    def count(self, theta: Array, which: NDArray[np.int64]) -> tuple[Array, Array]:
        """Return the expected counts, and the log-likelihood of each of some skills."""
        return self.parts.expected_counts(self.credits, self.tasks, theta, which)

    def look(self, theta: Array) -> tuple[Array, Array]:
        """Return where expectation-maximisation goes, and the objective of each skill."""
        counts, log_likelihood = self.count(theta, np.arange(len(self.tasks)))
        prior = np.bincount(self.tasks.task_of_row, log_prior(theta, self.pseudo))
        return maximise(counts, self.pseudo, theta), log_likelihood + prior


def plain(problem: Problem, n: int) -> Iterator[Array]:
    """Yield the objectives at each pass of expectation-maximisation."""
    theta = problem.start
    for _ in range(n):
        theta, reached = problem.look(theta)
        yield reached


def squared(problem: Problem, n: int) -> Iterator[Array]:
    """Yield the objectives at each pass of SQUAREM; −inf of a leap that fell."""
    n_tasks = len(problem.tasks)
    group, theta = np.repeat(problem.tasks.task_of_row, 5), problem.start
    for _ in range(n // 3):
        after, first = problem.look(theta)
        last, second = problem.look(after)
        three = [logit(one).ravel() for one in (theta, after, last)]
        aim = leap(three[0], three[1], three[2], group, n_tasks)
        leapt, third = problem.look(bounded(aim.reshape(-1, 5), theta))
        rose = third >= second
        theta = np.where(rose[problem.tasks.task_of_row, None], leapt, last)
        yield from (first, second, np.where(rose, third, -np.inf))


def bounded(odds: Array, like: Array) -> Array:
    theta = np.clip(1.0 / (1.0 + np.exp(-np.clip(odds, -700.0, 700.0))), LOWEST, HIGHEST)
    theta = np.where(like > 0.0, theta, 0.0)
    theta[:, 3:] *= np.minimum(1.0, MOST_NOISE / theta[:, 3:].sum(axis=1, keepdims=True))
    return theta


def needed(trace: Array, optimum: Array) -> Array:
    """Return how many passes led each skill to its optimum; NaN where none did."""
    there = trace >= optimum - NEAR
    return np.where(there.any(axis=0), there.argmax(axis=0), np.nan)


def measured(name: str, log: ResponseLog, forget: str | None, n: int) -> list[dict[str, Any]]:
    """Return a row for each method."""
    problem = Problem.of(log, forget)
    found = climb(
        problem.count, problem.tasks, problem.start, pseudo=problem.pseudo,
        max_iterations=500, tolerance=1e-3, share=problem.share,
    )  # fmt: skip
    traces = {
        "expectation-maximisation": np.array(list(plain(problem, n))),
        "squarem": np.array(list(squared(problem, n // 3))),
        "guarded newton": np.where(np.isnan(found.trace), -np.inf, found.trace),
    }
    optimum = np.max([one.max(axis=0) for one in traces.values()], axis=0)
    passes = {method: needed(trace, optimum) for method, trace in traces.items()}
    usual = passes["expectation-maximisation"]
    rows = [
        {"log": name, "forget": str(forget), "method": method, **read(own, usual)}
        for method, own in passes.items()
    ]
    rows[-1]["until_it_stops"] = float(found.iterations.mean())
    rows[-1]["farthest_below_when_it_stops"] = float(np.max(optimum - found.objective))
    return rows


def read(own: Array, usual: Array) -> dict[str, Any]:
    """Return what a method's passes are beside the usual ones."""
    there = ~np.isnan(own)
    both = there & ~np.isnan(usual)
    mine, theirs = own[both], usual[both]
    shares = mine[theirs > 0] / theirs[theirs > 0]
    return {
        "skills": len(own),
        "at_optimum": int(there.sum()),
        "passes_of_log": int(np.max(own[there])),
        "compared": len(mine),
        "share": float(mine.sum() / theirs.sum()),
        "median_share": float(np.median(shares)),
        "worst_share": float(np.max(shares)),
        "within_a_third": int((mine <= theirs / 3).sum()),
        "within_a_third_looks": int((mine + 1 <= (theirs + 1) / 3).sum()),
        "too_near": int(((theirs > 0) & (theirs < 3)).sum()),
        "passes_by_skill": [int(one) if one >= 0 else None for one in own],
    }


def main() -> None:
    """Measure each log, print the table and write it down."""
    parser = options(__doc__, "the sample only, a third as long")
    parser.add_argument("--data", type=Path, help="a folder of response logs in Parquet")
    asked = parser.parse_args()
    folder = None if asked.small else asked.data
    logs = {"onboarding": read_log(sample_folder() / "responses.csv")}
    logs |= (
        {path.stem: read_log(path) for path in sorted(folder.glob("*.parquet"))} if folder else {}
    )
    n = 150 if asked.small else 400
    rows = [
        row
        for name, log in logs.items()
        for forget in (None, "opportunity")
        for row in measured(name, log, forget, n)
    ]
    print_rows(rows, COLUMNS)
    write_results(
        "quality_passes", rows, small=asked.small, key=("log", "forget", "method"), limits=LIMITS
    )


if __name__ == "__main__":
    main()
