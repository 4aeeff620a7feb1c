"""Fitting a log that lies in many files, or that a cluster reads, part by part."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .console import working

if TYPE_CHECKING:
    from engine import Curriculum

__all__ = ["fit_in_parts"]


def fit_in_parts(
    tracer: Any,
    path: Path,
    columns: Mapping[str, str],
    separator: str,
    *,
    curriculum: Curriculum | None,
    dask: str | None,
) -> float:
    """Fit a tracer to the parts of a log, here or on a cluster; return the seconds it took.

    Reading is among them: whoever fits a part reads it.
    """
    from service.tables import partitions_of

    with _executor(dask) as (executor, n_workers):
        parts = partitions_of(path, columns, separator, curriculum=curriculum, n=n_workers)
        n_rows, n = sum(one.n_rows for one in parts), len(parts)
        where = f" on {n_workers} workers" if executor else ""
        doing = f"fitting {n_rows:,} responses in {n} part{'s' * (n != 1)}{where}"
        started = time.perf_counter()
        with working(doing) as tell:
            if executor is None:
                tracer.fit(parts)
            else:
                from service.distributing import Watched

                watched = Watched(executor, lambda k: tell(f"{doing}, pass {k}"))
                tracer.fit(parts, executor=watched)
        return time.perf_counter() - started


@contextmanager
def _executor(dask: str | None) -> Iterator[tuple[Any, int]]:
    """Give an executor, none where the work is done here, and how many workers it has."""
    if dask is None:
        yield None, 1
        return
    from service.distributing import connected, n_workers

    with connected(dask) as client:
        yield client, n_workers(client)
