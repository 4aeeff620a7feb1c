"""How fitting grows with the evidence: time and memory per response, here and on a Dask cluster.

Synthetic answers, 50 of each learner to 4 of 100 skills, 5 to 20 to each, in logs of a million
responses, each made where it is laid out and let go then. A pass is what an iteration takes of
the evidence: the expected counts of all skills. Each row is a process of its own (with workers of
its own under Dask); passes are medians. A fit is to lay the evidence out, of which `make_seconds`
is about what making the answers takes, and to climb; the peak of memory is that of all together.
`growth` is the processor's time per response and pass beside that of a million responses, passed
over in turn with the others. Of a cluster, `overhead_ms` is what a pass takes beyond its share of
the work, `idle_ms` a pass with hardly any.

    python benchmarks/speed_scale.py --data FOLDER
    python benchmarks/speed_scale.py --small

Then, from a file in Parquet to fitted parameters, in a warm process, stage by stage: ten million
synthetic responses, as they are and shuffled, and with ``--data`` each log of a folder, under
DynamicIRT with its settings too. Last, that nothing of this changes a fit: see :mod:`parting`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from parting import agreement, digest, shuffled
from reporting import Limit, options, print_rows, write_results

from engine import BKT, DynamicIRT, ResponseLog
from engine.domain.framework import SkillLevel
from engine.knowledge_tracing.compute import fastest_passes
from engine.knowledge_tracing.fitting import fit_parts
from engine.knowledge_tracing.options import BKTOptions
from engine.knowledge_tracing.parameters import DEFAULT_PARAMETERS
from engine.knowledge_tracing.parts import Parts
from engine.knowledge_tracing.tasks import Tasks
from service.tables import read_log

MILLION = 1_000_000
N_SKILLS, MET, ANSWERS = 100, 4, 50  # skills; those that a learner meets, and answers in all
ROUNDS = 9
CLUSTER = "dask 2 workers"
SHUFFLED = "ten million shuffled"
PLACES = {"1 thread": 1, "2 threads": 2, CLUSTER: 1}  # and how many threads each process takes
LIMITS = {"growth": Limit("lower", times=2.0)}
COLUMNS = (
    "responses", "where", "parts", "make_seconds", "lay_out_seconds", "pass_ms", "ns", "growth",
    "fit_seconds", "iterations", "peak_mb", "peak_bytes", "overhead_ms", "idle_ms",
)  # fmt: skip
FILES = (
    "log", "responses", "where", "read_seconds", "lay_out_seconds", "climb_seconds", "seconds",
    "peak_mb",
)  # fmt: skip
AGREEMENT = ("log", "responses", "where", "cut", "parts", "seconds", "difference", "same_bits")


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
        sources[0].logs[0]()
        made = (perf_counter() - begun) * sum(len(one.logs) for one in sources)
        begun = perf_counter()
        parts = Parts(sources, fastest_passes(), executor=client)
        laid_out = perf_counter() - begun
        fitted = fit_parts(parts, BKTOptions())
        fit_seconds = perf_counter() - begun
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
            "make_seconds": made,
            "lay_out_seconds": laid_out,
            "pass_ms": 1e3 * wall,
            "ns": 1e9 * wall / n,
            "fit_seconds": fit_seconds,
            "iterations": max(one.iterations for one in fitted.report.values()),
        }
        if client is None:
            found["growth"] = cpu / n / (usual_cpu / MILLION)
            found |= {"peak_mb": own_peak() / 1e6, "peak_bytes": own_peak() / n}
        else:
            idle = Parts(parts_of(1000, 2), fastest_passes(), executor=client)
            found["idle_ms"] = 1e3 * median(time_of_pass(idle, k)[0] for k in range(ROUNDS))
            share = usual_wall * n / MILLION / len(sources)
            found["overhead_ms"] = 1e3 * (wall - share)
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
    times = []
    for _ in range(4):
        begun = [perf_counter()]
        log = read_log(path)
        begun.append(perf_counter())
        parts = Parts((log,), fastest_passes())
        begun.append(perf_counter())
        fit_parts(parts, BKTOptions())
        begun.append(perf_counter())
        times.append([*np.diff(begun), begun[-1] - begun[0]])
        del parts
    stages = ("read_seconds", "lay_out_seconds", "climb_seconds", "seconds")
    told = dict(zip(stages, np.median(times[1:], axis=0).tolist(), strict=True))
    return {"log": path.stem, "responses": len(log), **told, "peak_mb": own_peak() / 1e6}


def measure_dynamic(path: Path) -> dict[str, Any]:
    """Return the seconds from a file to a fitted DynamicIRT, settings and all."""
    DynamicIRT().fit(read_log(path).select(np.arange(2000)))
    begun = perf_counter()
    log = read_log(path)
    read = perf_counter() - begun
    DynamicIRT().fit(log)
    seconds = perf_counter() - begun
    return {"log": path.stem, "responses": len(log), "read_seconds": read, "seconds": seconds}


def main() -> None:
    parser = options(__doc__, "four million responses, one thread")
    parser.add_argument("--data", type=Path, help="a folder of logs in Parquet")
    parser.add_argument("--one", nargs=2, metavar=("N", "WHERE"), help=argparse.SUPPRESS)
    parser.add_argument("--do", nargs=2, metavar=("WHAT", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(int(given.one[0]), given.one[1])))
        return
    if given.do:
        what, path = given.do
        print(json.dumps(OF_A_FILE[what](Path(path))))
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
    if not given.small:
        with tempfile.TemporaryDirectory() as folder:
            rows += measured_files(Path(folder), given.data)
    key = ("log", "responses", "where")
    write_results("speed_scale", rows, small=given.small, key=key, limits=LIMITS)


OF_A_FILE: dict[str, Callable[[Path], Any]] = {
    "bkt": measure_file,
    "dynamic-irt": measure_dynamic,
    "digest": digest,
    "agreement": lambda path: list(agreement(path, path.with_stem(SHUFFLED))),
}


def measured_files(folder: Path, data: Path | None) -> list[dict[str, Any]]:
    """Return the rows of files, and of how fits of one of them agree; print them."""
    million = write_parquet(folder / "ten million.parquet", 10 * MILLION)
    torn = shuffled(million, million.with_stem(SHUFFLED))
    logs = sorted(data.glob("*.parquet")) if data else []
    todo = [("bkt", path) for path in [*logs, million, torn]]
    todo += [("dynamic-irt", path) for path in logs]
    files = [
        {
            **in_a_process("--do", what, str(path), threads=2),
            "where": f"Parquet to fitted {what}, 2 threads",
        }
        for what, path in todo
    ]
    print()
    print_rows(files, FILES)
    one, two = (in_a_process("--do", "digest", str(million), threads=n) for n in (1, 2))
    same = {"log": "ten million", "responses": 10 * MILLION, "where": "1 and 2 threads"}
    agree = [{**same, "same_bits": one == two}]
    if find_spec("distributed") is not None:
        agree += in_a_process("--do", "agreement", str(million), threads=1)
    print()
    print_rows(agree, AGREEMENT)
    return files + agree


if __name__ == "__main__":
    main()
