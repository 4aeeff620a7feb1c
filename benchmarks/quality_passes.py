"""Passes over the responses until a skill's parameters are at their optimum.

Each skill of a log is fitted around the pooled parameters, starting there, three ways: by plain
expectation-maximisation, by its squared extrapolation (SQUAREM), and by the guarded Newton steps
that `fit` takes. A skill is at its optimum within 0.01 nat of the best that any of them has found,
plain expectation-maximisation running for a long time. Items of several skills keep the credits
that they have under the pooled parameters.

    python benchmarks/quality_passes.py --data FOLDER
    python benchmarks/quality_passes.py --small

The limit is a third of the passes of plain expectation-maximisation.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reporting import print_rows, write_results

from engine import BKT, ResponseLog
from engine.knowledge_tracing.chain import LevelChain
from engine.knowledge_tracing.compute import Tasks, fastest_passes, p_start_of
from engine.knowledge_tracing.expectation_maximisation import climb, maximise
from engine.knowledge_tracing.layout import Layout
from engine.knowledge_tracing.parameters import DEFAULT_PARAMETERS, LevelParameters
from engine.knowledge_tracing.priors import HIGHEST, LOWEST, MOST_NOISE, log_prior, pseudo_counts
from engine.knowledge_tracing.sequences import sequences_of
from engine.knowledge_tracing.squarem import leap
from engine.knowledge_tracing.tables import Tables
from engine.knowledge_tracing.uncertainty import logit
from service.tables import read_log, sample_folder

Array = NDArray[np.float64]
NEAR = 0.01  # nats
COLUMNS = (
    "log", "forget", "method", "skills", "passes", "share", "median_share", "most", "at_optimum"
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Skills to be fitted: passes over them, their priors, and where they start."""

    weight: Array
    sequences: Any
    tasks: Tasks
    start: Array
    pseudo: Array

    @classmethod
    def of(cls, log: ResponseLog, forget: str | None) -> Problem:
        told = json.loads(BKT(forget=forget).fit(log).to_json())["fitted"]["pooled"]
        pooled = [LevelParameters(*row) for row in told]
        levels: dict[str, set[int]] = {skill_id: set() for skill_id in log.skill_ids}
        for one in (one for number in np.unique(log.skill_set) for one in log.skill_sets[number]):
            levels[one.skill_id].add(one.level)
        chains = {k: LevelChain.of(found, {}, (DEFAULT_PARAMETERS,)) for k, found in levels.items()}
        layout = Layout.of(log, chains)
        sequences = sequences_of(layout)
        ranks = np.concatenate([np.arange(n) for n in sequences.n_levels])
        start = np.array(pooled)[np.minimum(ranks, len(pooled) - 1)]
        tables = Tables.of_levels(start, layout)
        _, credit = fastest_passes().replay(layout, p_start_of(start, layout.row_start), tables)
        present = np.flatnonzero(sequences.n_responses)
        rows = np.repeat(sequences.n_responses > 0, sequences.n_levels)
        pseudo = pseudo_counts(pooled, ranks[rows], forgets=forget is not None)
        tasks = Tasks(present, sequences.n_levels[present])
        return cls(credit[sequences.pair], sequences, tasks, start[rows], pseudo)

    def count(self, theta: Array, which: NDArray[np.int64]) -> tuple[Array, Array]:
        """Return the expected counts, and the log-likelihood of each of some skills."""
        return fastest_passes().expected_counts(
            self.weight, self.sequences, self.tasks, theta, which
        )

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


def needed(trace: Array, optimum: Array) -> NDArray[np.int64]:
    """Return the passes of each skill to its optimum; 0 where it was not reached."""
    there = trace >= optimum - NEAR
    return np.where(there.any(axis=0), there.argmax(axis=0) + 1, 0)


def measured(name: str, log: ResponseLog, forget: str | None, n: int) -> list[dict[str, Any]]:
    problem = Problem.of(log, forget)
    found = climb(
        problem.count, problem.tasks, problem.start,
        pseudo=problem.pseudo, max_iterations=500, tolerance=1e-3,
    )  # fmt: skip
    traces = {
        "expectation-maximisation": np.array(list(plain(problem, n))),
        "squarem": np.array(list(squared(problem, n // 3))),
        "guarded newton": np.where(np.isnan(found.trace), -np.inf, found.trace),
    }
    optimum = np.max([one.max(axis=0) for one in traces.values()], axis=0)
    passes = {method: needed(trace, optimum) for method, trace in traces.items()}
    usual, rows = passes["expectation-maximisation"], []
    for method, own in passes.items():
        both = (own > 0) & (usual > 0)
        rows.append(
            {
                "log": name,
                "forget": str(forget),
                "method": method,
                "skills": len(own),
                "passes": float(own[own > 0].mean()),
                "share": float(own[both].sum()) / float(usual[both].sum()),
                "median_share": float(np.median(own[both] / usual[both])),
                "most": int(np.max(own)),
                "at_optimum": int((own > 0).sum()),
                "skills_within_a_third": int((own[both] <= usual[both] / 3).sum()),
                "passes_by_skill": own.tolist(),
            }
        )
    rows[-1]["until_it_stops"] = float(found.iterations.mean())
    rows[-1]["farthest_below_when_it_stops"] = float(np.max(optimum - found.objective))
    return rows


def main() -> None:
    """Measure each log, print the table and write it down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, help="a folder of response logs in Parquet")
    parser.add_argument("--small", action="store_true", help="the sample only, a third as long")
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
    write_results("quality_passes_small" if asked.small else "quality_passes", rows)


if __name__ == "__main__":
    main()
