"""That neither threads nor parts nor a lost worker change a fit, measured on ten million responses.

Each fit has the same few passes. Of threads the models are compared to the last bit; of parts
under Dask, by learner and with the rows shuffled over all parts, the greatest difference of any
parameter from the fit of one part here.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from engine import BKT
from service.tables import partitions_of, read_log

__all__ = ["agreement", "digest", "shuffled"]

PARTS = (1, 3, 8)
KILLED_AT = 5  # gathers


def few_passes() -> BKT:
    """Return a model that is fitted by as many passes whatever it comes to."""
    return BKT(restarts=1, max_iterations=4)


def digest(path: Path) -> str:
    """Return a digest of every bit of a model fitted to a file."""
    return sha256(few_passes().fit(read_log(path)).to_json().encode()).hexdigest()


def shuffled(path: Path, into: Path) -> Path:
    """Write the rows of a file in no order, with what says in which order they happened."""
    import pyarrow as pa
    from pyarrow import parquet

    table = parquet.read_table(path)
    table = table.append_column("order", pa.array(np.arange(len(table), dtype=np.int32)))
    rows = np.random.default_rng(0).permutation(len(table))
    parquet.write_table(table.take(pa.array(rows)), into, row_group_size=len(table) // 10)
    return into


def agreement(by_learner: Path, torn: Path) -> Iterator[dict[str, Any]]:
    """Yield a row per way to part a log, and one for a worker killed in mid-fit."""
    from service.distributing import connected

    here = values(few_passes().fit(read_log(by_learner)))
    with connected("local:2") as client:
        for path, cut in ((by_learner, "by learner"), (torn, "shuffled")):
            for n in PARTS:
                yield {**measured(path, n, here, client), "cut": cut}
        yield {**measured(by_learner, 3, here, Killing(client)), "cut": "worker killed"}


def measured(path: Path, n: int, here: Any, executor: Any) -> dict[str, Any]:
    """Return how a fit in parts compares with the one here."""
    parts = partitions_of(path, n=n)
    begun = perf_counter()
    there = values(few_passes().fit(parts, executor=executor))
    return {
        "log": "ten million",
        "responses": sum(one.n_rows for one in parts),
        "where": "dask 2 workers",
        "parts": len(parts),
        "seconds": perf_counter() - begun,
        "difference": float(np.abs(there - here).max()),
    }


def values(tracer: BKT) -> Any:
    """Return all parameters, shape (n_levels, 5)."""
    return np.array([k for levels in tracer.parameters_.values() for k in levels.values()])


class Killing:
    """A Dask client that loses one of its workers once it has been waited for a few times."""

    def __init__(self, client: Any) -> None:
        self.client, self.left = client, KILLED_AT
        self.submit = client.submit

    def gather(self, handles: list[Any], /) -> list[Any]:
        """Kill a worker when its turn comes, in the middle of what is awaited."""
        self.left -= 1
        if self.left == 0:
            os.kill(next(iter(self.client.run(os.getpid).values())), signal.SIGKILL)
        found: list[Any] = self.client.gather(handles)
        return found
