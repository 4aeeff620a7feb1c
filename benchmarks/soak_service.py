"""The service at half its maximum load for a while: do memory, the log of writes and files grow?

    python benchmarks/soak_service.py [--minutes 10]

Not part of `make bench`; `make soak MINUTES=10` runs it. The onboarding sample is served; a third
of the requests post one response, of 4,000 newcomers in turn and now and then of the sample's
learners, the others ask for recommendations of the sample's 400. First everything that is kept to
a bound is filled: everybody answers each of the 62 items that are asked about, which makes the file
larger than the 64 MiB of it that the writer caches; then the sample's learners answer some more and
are asked about, again and again, until there are as many states as are remembered, each as long as
they get. What the service can do at most is measured next, over 32 connections; then it is sent
half as much at a steady pace. Once every few seconds the process is looked at. Slopes are by least
squares over the second half.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
from reporting import print_rows, write_results
from senders import flood, pace, request, run
from speed_service import Server, Stored, seed_sample, serving

COLUMNS = ("minute", "per_second", "p50_ms", "p99_ms", "memory_mib", "wal_mib", "open_files")
SLOPES = ("memory_mib", "wal_mib", "open_files")
CONNECTIONS = 32
WINDOW_SECONDS = 5.0
NEWCOMERS = 4_000
ROUNDS, ANSWERS = 2, 8  # a state is kept, and remembered, after eight pieces of evidence
APART = 6  # of the sample's items every sixth is asked about
AT_ONCE = 1_000


def newcomer(n: int) -> str:
    """Return the id of one of those who are not in the sample."""
    return f"newcomer-{n % NEWCOMERS}"


def filling(stored: Stored) -> Iterator[list[bytes]]:
    """Yield lists of requests, one to be answered before the next, after which all is full."""
    everybody = [*map(newcomer, range(NEWCOMERS)), *stored.learners]
    yield posts(stored, (("all", one, item) for one in everybody for item in stored.items))
    for n in range(ROUNDS):
        some = stored.items[n * ANSWERS : (n + 1) * ANSWERS]
        yield posts(stored, ((f"{n}", one, item) for one in stored.learners for item in some))
        yield [asking(stored, one) for one in stored.learners]


def posts(stored: Stored, answers: Iterable[tuple[str, str, str]]) -> list[bytes]:
    """Return posts of many right answers each: the beginning of an id, who, and to what."""
    waiting, found = iter(answers), []
    while some := list(islice(waiting, AT_ONCE)):
        told = [
            {"response_id": f"{k}-{one}-{item}", "learner_id": one, "item_id": item, "score": 1.0}
            for k, one, item in some
        ]
        found.append(request(stored.key, "POST", "/v1/responses", {"responses": told}))
    return found


def asking(stored: Stored, learner_id: str) -> bytes:
    """Return a question about one of the sample's learners."""
    path = f"/v1/learners/{learner_id}/recommendations?limit=3"
    return request(stored.key, "GET", path)


def requests(stored: Stored) -> Iterator[bytes]:
    """Yield requests without an end: every third is a post of one response."""
    for n in count():
        asked = stored.learners[n % len(stored.learners)]
        if n % 3:
            yield asking(stored, asked)
            continue
        response = {
            "response_id": f"soak-{n}",
            "learner_id": asked if n % 60 == 0 else newcomer(n // 3),
            "item_id": stored.items[n % len(stored.items)],
            "score": float(n % 2),
        }
        yield request(stored.key, "POST", "/v1/responses", {"responses": [response]})


def looked_at(server: Server, database: Path) -> dict[str, Any]:
    """Return what the service holds, once it has noticed that the last window has hung up."""
    time.sleep(0.3)
    process = Path(f"/proc/{server.pid}")
    memory = (process / "status").read_text(encoding="ascii").split("VmRSS:")[1].split()[0]
    log = database.with_name(f"{database.name}-wal")
    return {
        "memory_mib": round(int(memory) / 1024, 2),
        "wal_mib": round(log.stat().st_size / 2**20, 2) if log.exists() else 0.0,
        "open_files": len(list((process / "fd").iterdir())),
    }


def most_per_second(server: Server, sent: Iterator[bytes]) -> float:
    """Return how many requests a second are answered at most."""
    run(flood(server.port, list(islice(sent, 2000)), CONNECTIONS))  # once, as after a while
    some = list(islice(sent, 6000))
    begun = time.perf_counter()
    run(flood(server.port, some, CONNECTIONS))
    return len(some) / (time.perf_counter() - begun)


def soak(server: Server, database: Path, stored: Stored, minutes: float) -> list[dict[str, Any]]:
    """Send half of the maximum for some minutes; return a row per window."""
    sent = requests(stored)
    half = most_per_second(server, sent) / 2
    rows: list[dict[str, Any]] = []
    begun = time.perf_counter()
    while time.perf_counter() - begun < minutes * 60:
        window = list(islice(sent, max(1, round(half * WINDOW_SECONDS))))
        taken = run(pace(server.port, window, CONNECTIONS, half))
        p50, p99 = np.quantile(taken, [0.5, 0.99]) * 1000
        rows.append(
            {
                "minute": round((time.perf_counter() - begun) / 60, 2),
                "per_second": round(half, 1),
                "p50_ms": round(float(p50), 2),
                "p99_ms": round(float(p99), 2),
                **looked_at(server, database),
            }
        )
    return rows


def slopes(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how much each grows an hour, over the second half."""
    later = rows[len(rows) // 2 :]
    minutes = [row["minute"] for row in later]
    return {
        name: round(float(np.polyfit(minutes, [row[name] for row in later], 1)[0]) * 60, 2)
        for name in SLOPES
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = max(parser.parse_args().minutes, 0.5)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "attain.db"
        stored = seed_sample(database)
        stored = stored._replace(items=stored.items[::APART])
        with serving(database) as server:
            for some in filling(stored):
                run(flood(server.port, some, 2))
            rows = soak(server, database, stored, minutes)
        shown = rows[:: max(1, len(rows) // 20)]
    grown = slopes(rows)
    print_rows(shown, COLUMNS)
    print("\nan hour, by the second half: " + ", ".join(f"{k} {v:+}" for k, v in grown.items()))
    write_results("soak_service", [*shown, {"an_hour": grown}])


if __name__ == "__main__":
    main()
