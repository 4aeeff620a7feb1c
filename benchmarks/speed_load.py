"""Seconds from a file to a log in order of time, beside what reading the table alone takes.

    python benchmarks/speed_load.py [--data FOLDER] [--small]

Synthetic responses of 200,000 learners to 1,000 items of 100 skills, in Parquet by learner and in
no order at all, and in CSV; with `--data` the logs of a folder as well. The reference is pandas:
the same file read, ids turned into codes and rows sorted by learner and order. Rounds are
interleaved, medians reported, in CPU seconds on one core (`pandas_ratio`, `table_ratio`: how many
times that of pandas, and of pyarrow reading the table only). Memory is the peak of a process that
does nothing else.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from reporting import Limit, options, print_rows, write_results

from service.tables import read_log

COLUMNS = ["learner", "item", "skills", "correct", "order"]
LIMITS = {"pandas_ratio": Limit("lower", times=2.0)}
SHOWN = (
    "log",
    "responses",
    "log_seconds",
    "practice_seconds",
    "table_seconds",
    "pandas_seconds",
    "table_ratio",
    "pandas_ratio",
    "log_bytes",
    "peak_bytes",
)


def write_synthetic(folder: Path, n: int) -> list[Path]:
    """Write n responses, sorted and not; return the files."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    rng = np.random.default_rng(0)
    n_learners, n_items, n_skills = n // 50, 1000, 100
    learner = np.sort(rng.integers(0, n_learners, n))
    item, correct = rng.integers(0, n_items, n), rng.integers(0, 2, n).astype(np.int8)
    order = np.arange(n) - np.searchsorted(learner, np.arange(n_learners))[learner]

    def named(name: str, codes: Any) -> Any:
        names = pa.array([f"{name}-{k}" for k in range(int(codes.max()) + 1)])
        return pa.DictionaryArray.from_arrays(codes.astype(np.int32), names).cast(pa.string())

    found = []
    for kind, rows in (("by learner", np.arange(n)), ("shuffled", rng.permutation(n))):
        table = pa.table(
            {
                "learner": named("learner", learner[rows]),
                "item": named("item", item[rows]),
                "skills": named("skill", item[rows] % n_skills),
                "correct": correct[rows],
                "order": order[rows].astype(np.int32),
            }
        )
        found.append(folder / f"{kind}.parquet")
        parquet.write_table(table, found[-1])
    few = table.slice(0, n // 10)
    found.append(folder / "shuffled, a tenth.csv")
    csv.write_csv(few, found[-1])
    return found


def load(path: Path) -> Any:
    """Return the log of a file, in order of time."""
    log = read_log(path)
    assert len(log.time_order) == len(log)
    return log


def load_by_pandas(path: Path) -> Any:
    """Do about the same with pandas: codes of ids, rows by learner and order."""
    import pandas as pd

    read = pd.read_csv if path.suffix == ".csv" else pd.read_parquet
    frame = read(path)[COLUMNS]
    for name in COLUMNS[:3]:
        frame[name] = pd.factorize(frame[name], sort=True)[0]
    return frame.sort_values(["learner", "order"], kind="stable")


def read_table(path: Path) -> Any:
    """Read the columns, and nothing more."""
    from pyarrow import csv, parquet

    if path.suffix == ".csv":
        return csv.read_csv(path)
    return parquet.read_table(path, columns=COLUMNS)


def cpu_seconds(work: Callable[[], Any]) -> float:
    """Return what some work takes of one core."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def peak_bytes(path: Path) -> int:
    """Return the most memory that a process loading the log comes to."""
    own = subprocess.run(
        [sys.executable, __file__, "--peak-of", str(path)], capture_output=True, check=True
    )
    return int(json.loads(own.stdout))


def bytes_of(log: Any) -> int:
    """Return what the columns of a log and its order of time hold."""
    columns = (log.learner, log.item, log.skill_set, log.score, log.order, log.fold)
    held = [*columns, log.answered_at, log.time_order]
    return sum(one.nbytes for one in held if one is not None)


def measured(path: Path, rounds: int) -> dict[str, Any]:
    """Return one row of the results; the first round warms up and does not count."""
    works = {"table": read_table, "pandas": load_by_pandas, "log": load}
    times: dict[str, list[float]] = {name: [] for name in (*works, "practice")}
    for _ in range(rounds + 1):
        for name, work in works.items():
            times[name].append(cpu_seconds(lambda work=work: work(path)))  # type: ignore[misc]
        log = load(path)
        times["practice"].append(cpu_seconds(lambda log=log: log.practice))  # type: ignore[misc]
    seconds = {name: median(found[1:]) for name, found in times.items()}
    return {
        "log": path.stem,
        "responses": len(log),
        **{f"{name}_seconds": value for name, value in seconds.items()},
        "table_ratio": seconds["log"] / seconds["table"],
        "pandas_ratio": seconds["log"] / seconds["pandas"],
        "log_bytes": bytes_of(log) / len(log),
        "peak_bytes": peak_bytes(path) / len(log),
    }


def main() -> None:
    """Measure each file, print the table and write it down."""
    parser = options(__doc__, "fewer responses")
    parser.add_argument("--data", type=Path, help="a folder of logs in Parquet")
    parser.add_argument("--peak-of", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    import pyarrow as pa

    pa.set_cpu_count(1)
    if given.peak_of:
        load(given.peak_of)
        status = Path("/proc/self/status").read_text(encoding="ascii")  # getrusage counts parents
        print(1024 * int(status.split("VmHWM:")[1].split()[0]))
        return
    n, rounds = (300_000, 5) if given.small else (10_000_000, 1)
    with tempfile.TemporaryDirectory() as folder:
        files = sorted(given.data.glob("*.parquet")) if given.data else []
        files += write_synthetic(Path(folder), n)
        rows = [measured(path, rounds) for path in files]
    print_rows(rows, SHOWN)
    print("\nbytes are per response; log_bytes with the order of time")
    write_results("speed_load", rows, small=given.small, key=("log",), limits=LIMITS)


if __name__ == "__main__":
    main()
