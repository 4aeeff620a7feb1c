"""Fitting on a Dask cluster: the same model, whoever does the work and whoever leaves meanwhile."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from engine import BKT
from service.distributing import Watched, connected, n_workers
from service.tables import partitions_of, read_log

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def log_file(tmp_path_factory):
    """3,000 learners' answers to four skills, in 30 row groups that go through some learners."""
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    rng = np.random.default_rng(5)
    n_learners, length = 3000, 20
    learner = np.repeat(np.arange(n_learners), length)
    skill = np.tile(np.arange(length) % 4, n_learners)
    known = np.tile(np.arange(length), n_learners) > 20 * rng.random(n_learners)[learner]
    table = pa.table(
        {
            "learner": [f"learner {k}" for k in learner],
            "item": [f"item {k}" for k in skill],
            "skills": [f"skill {k}" for k in skill],
            "correct": (rng.random(len(skill)) < np.where(known, 0.85, 0.25)).astype(np.int8),
        }
    )
    path = tmp_path_factory.mktemp("logs") / "log.parquet"
    parquet.write_table(table, path, row_group_size=2017)
    return path


@pytest.fixture(scope="module")
def client():
    """A client of a cluster of two processes; a worker that is lost is replaced."""
    if not os.environ.get("CI"):
        pytest.importorskip("distributed", reason="Dask is not installed")
    with connected("local:2") as found:
        yield found


def farthest(one: BKT, other: BKT) -> float:
    return max(
        np.abs(np.subtract(found, other.parameters_[skill_id][level])).max()
        for skill_id, levels in one.parameters_.items()
        for level, found in levels.items()
    )


@pytest.mark.parametrize("n", [1, 3, 8])
def test_a_cluster_finds_what_this_process_finds(client, log_file, n):
    tracer, parts = BKT(max_iterations=8, restarts=2), partitions_of(log_file, n=n)
    assert len(parts) == n
    here = BKT(max_iterations=8, restarts=2).fit(read_log(log_file))
    assert farthest(tracer.fit(parts, executor=client), here) < 1e-9
    assert tracer.learned_from_ == here.learned_from_
    assert n_workers(client) == 2


def test_a_worker_that_is_killed_costs_time_not_the_result(client, log_file):
    killed: list[int] = []

    def kill_one(n: int) -> None:
        if n == 6:
            killed.append(min(client.run(os.getpid).values()))
            os.kill(killed[0], signal.SIGKILL)

    parts = partitions_of(log_file, n=4)
    watched = Watched(client, kill_one)
    tracer = BKT(max_iterations=12, restarts=2).fit(parts, executor=watched)
    here = BKT(max_iterations=12, restarts=2).fit(read_log(log_file))
    assert killed
    assert watched.n > 12
    assert farthest(tracer, here) < 1e-9
