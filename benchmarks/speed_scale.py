"""How fitting grows with the evidence: time and memory per response, here and on a Dask cluster.

Synthetic answers, 50 of each learner to 4 of 100 skills, 5 to 20 to each, in logs of a million
responses, each made where it is laid out and let go then. A pass is what an iteration takes of
the evidence: the expected counts of all skills. Each row is a process of its own (with workers of
its own under Dask); passes are medians. `growth` is the processor's time per response and pass
beside that of a million responses, passed over in turn with the others. Of a cluster,
`overhead_ms` is what a pass takes beyond its share of the work, `idle_ms` a pass with hardly any.

    python benchmarks/speed_scale.py --data FOLDER
    python benchmarks/speed_scale.py --small

Then, from a file in Parquet to fitted parameters, in a warm process: ten million synthetic
responses, and with ``--data`` each log of a folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from reporting import Limit, options, print_rows, write_results

from engine import BKT, ResponseLog
from engine.domain.framework import SkillLevel
from engine.knowledge_tracing.compute import Tasks, fastest_passes
from engine.knowledge_tracing.parameters import DEFAULT_PARAMETERS
from engine.knowledge_tracing.parts import Parts
from service.tables import read_log

MILLION = 1_000_000
N_SKILLS, MET, ANSWERS = 100, 4, 50  # skills; those that a learner meets, and answers in all
ROUNDS = 9
CLUSTER = "dask 2 workers"
PLACES = {"1 thread": 1, "2 threads": 2, CLUSTER: 1}  # and how many threads each process takes
LIMITS = {"growth": Limit("lower", times=2.0)}
COLUMNS = (
    "responses", "where", "parts", "lay_out_seconds", "pass_ms", "ns", "growth", "fit_seconds",
    "iterations", "peak_mb", "peak_bytes", "overhead_ms", "idle_ms",
)  # fmt: skip
FILES = ("log", "responses", "where", "read_seconds", "seconds")


@dataclass(frozen=True)
class Simulated:
    """Answers of so many learners to some skills, made when called."""

    seed: int
    n_responses: int

    def __call__(self) -> ResponseLog:
        n = self.n_responses // ANSWERS
        rng = np.random.default_rng(self.seed)
        first = rng.integers(N_SKILLS, size=n)
        skill = (first[:, None] + np.arange(MET)) % N_SKILLS
        known, few = rng.random((n, MET)) < 0.3, rng.integers(5, 21, (n, MET // 2))
        length = np.concatenate([few, 25 - few], axis=1)
        score = np.empty((n, MET, int(length.max())))
        for t in range(score.shape[2]):
            score[..., t] = rng.random((n, MET)) < np.where(known, 0.9, 0.2)
            known |= rng.random((n, MET)) < 0.1
        names = tuple(f"skill {k:03}" for k in range(N_SKILLS))
        skills = np.repeat(skill.ravel(), length.ravel()).astype(np.int32)
        return ResponseLog(
            learner_ids=tuple(f"learner {self.seed}-{k:07}" for k in range(n)),
            item_ids=names,
            skill_ids=names,
            skill_sets=tuple((SkillLevel(one),) for one in names),
            learner=np.repeat(np.arange(n, dtype=np.int32), ANSWERS),
            item=skills,
            skill_set=skills,
            score=score[np.arange(score.shape[2]) < length[..., None]],
        )


@dataclass(frozen=True)
class Share:
    """Some logs, made one by one when called."""

    logs: tuple[Simulated, ...]

    def __call__(self) -> Iterator[ResponseLog]:
        return (one() for one in self.logs)


def parts_of(n: int, n_parts: int = 1) -> list[Share]:
    """Return the shares of n responses, each in logs of a million at most."""
    logs = [Simulated(k, min(n, MILLION)) for k in range(max(1, n // MILLION))]
    return [Share(tuple(logs[k::n_parts])) for k in range(min(n_parts, len(logs)))]


@contextmanager
def executor(where: str) -> Iterator[Any]:
    """Give the client of a cluster of this machine's own, or none."""
    if where != CLUSTER:
        yield None
        return
    from service.distributing import connected

    with connected("local:2") as client:
        yield client


def measure(n: int, where: str) -> dict[str, Any]:
    """Return one row; run in a process of its own."""
    BKT().fit(Simulated(0, 1000))
    with executor(where) as client:
        if client is not None:
            BKT(max_iterations=2).fit([Simulated(k, 1000) for k in range(4)], executor=client)
        sources = parts_of(n, 1 if client is None else 2)
        usual = Parts(parts_of(MILLION), fastest_passes())
        begun = perf_counter()
        parts = Parts(sources, fastest_passes(), executor=client)
        laid_out = perf_counter() - begun
        own, usually = [], []
        for k in range(ROUNDS):
            usually += [time_of_pass(usual, k + i / 10) for i in range(3)]
            own.append(time_of_pass(parts, k))
        wall, cpu = np.median(own, axis=0).tolist()
        usual_wall, usual_cpu = np.median(usually, axis=0).tolist()
        found: dict[str, Any] = {
            "log": "simulated",
            "responses": n,
            "where": where,
            "parts": len(sources),
            "lay_out_seconds": laid_out,
            "pass_ms": 1e3 * wall,
            "ns": 1e9 * wall / n,
        }
        if client is None:
            found["growth"] = cpu / n / (usual_cpu / MILLION)
            found |= {"peak_mb": own_peak() / 1e6, "peak_bytes": own_peak() / n}
        else:
            idle = Parts(parts_of(1000, 2), fastest_passes(), executor=client)
            found["idle_ms"] = 1e3 * median(time_of_pass(idle, k)[0] for k in range(ROUNDS))
            share = usual_wall * n / MILLION / len(sources)
            found["overhead_ms"] = 1e3 * (wall - share)
        if n <= 10 * MILLION:
            del parts
            begun = perf_counter()
            report = BKT().fit(sources, executor=client).report_
            found["fit_seconds"] = perf_counter() - begun
            found["iterations"] = max(one.iterations for one in report.values())
    return found


def time_of_pass(parts: Parts, k: float) -> tuple[float, float]:
    """Return the seconds of a pass, on the clock and of this process.

    The parameters are others for each k, for a cluster keeps what it knows.
    """
    n = len(parts.table.skill_ids)
    tasks, theta = Tasks(np.arange(n), parts.table.n_levels), np.tile(DEFAULT_PARAMETERS, (n, 1))
    credits = parts.credits(theta)
    begun, cpu = perf_counter(), process_time()
    parts.expected_counts(credits, tasks, theta * (1.0 - 1e-6 * k), tasks.skill)
    return perf_counter() - begun, process_time() - cpu


def own_peak() -> int:
    """Return the most memory that this process came to."""
    status = Path("/proc/self/status").read_text(encoding="ascii")  # getrusage counts parents
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def in_a_process(*arguments: str, threads: int) -> Any:
    """Return what this script says when it runs with some arguments."""
    environment = {**os.environ, "NUMBA_NUM_THREADS": str(threads)}
    own = subprocess.run(
        [sys.executable, __file__, *arguments], env=environment, stdout=subprocess.PIPE, check=True
    )
    return json.loads(own.stdout.splitlines()[-1])


def write_parquet(path: Path, n: int) -> Path:
    """Write n responses to a file, by learner."""
    import pyarrow as pa
    from pyarrow import parquet

    writer = None
    for log in parts_of(n)[0]():
        ids = {"learner": (log.learner_ids, log.learner), "item": (log.item_ids, log.item)}
        ids["skills"] = (log.skill_ids, log.skill_set)
        columns = {
            name: pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(values)).cast(
                pa.string()
            )
            for name, (values, codes) in ids.items()
        }
        table = pa.table({**columns, "correct": log.score.astype(np.int8)})
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
    return path


def measure_file(path: Path) -> dict[str, Any]:
    """Return the seconds from a file to the log, and to fitted parameters; the first warms up."""
    read, fitted = [], []
    for _ in range(4):
        begun = perf_counter()
        log = read_log(path)
        read.append(perf_counter() - begun)
        BKT().fit(log)
        fitted.append(perf_counter() - begun)
    return {
        "log": path.stem,
        "responses": len(log),
        "read_seconds": median(read[1:]),
        "seconds": median(fitted[1:]),
    }


def main() -> None:
    parser = options(__doc__, "four million responses, one thread")
    parser.add_argument("--data", type=Path, help="a folder of logs in Parquet")
    parser.add_argument("--one", nargs=2, metavar=("N", "WHERE"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(int(given.one[0]), given.one[1])))
        return
    if given.file:
        print(json.dumps(measure_file(given.file)))
        return
    sizes, threads = [MILLION // 10, MILLION, 10 * MILLION, 100 * MILLION], dict(PLACES)
    if given.small:
        sizes, threads = [4 * MILLION], {"1 thread": 1}
    if find_spec("distributed") is None:
        threads.pop(CLUSTER, None)
    rows = [
        in_a_process("--one", str(n), where, threads=count)
        for n in sizes
        for where, count in threads.items()
        if where != CLUSTER or n <= 10 * MILLION
    ]
    print_rows(rows, COLUMNS)
    files = [] if given.small else list(measured_files(given.data))
    if files:
        print()
        print_rows(files, FILES)
    key = ("log", "responses", "where")
    write_results("speed_scale", rows + files, small=given.small, key=key, limits=LIMITS)


def measured_files(data: Path | None) -> Iterator[dict[str, Any]]:
    """Yield a row for each log of a folder, and for ten million synthetic responses."""
    with tempfile.TemporaryDirectory() as folder:
        paths = sorted(data.glob("*.parquet")) if data else []
        for path in [*paths, write_parquet(Path(folder) / "ten million.parquet", 10 * MILLION)]:
            found = in_a_process("--file", str(path), threads=2)
            yield {**found, "where": "Parquet to fitted, 2 threads"}


if __name__ == "__main__":
    main()
