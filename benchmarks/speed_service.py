"""How fast the service answers, beside a FastAPI that only says hello.

One server process and one load generator on the same machine, over the loopback interface, with
keep-alive connections; every figure is also given as a ratio against the hello-world that ran
just before and just after it. Each phase sends a fixed number of requests and no more.

    python benchmarks/speed_service.py [--requests 4000] [--connections 32]
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from reporting import Limit, options, print_rows, write_results

COLUMNS = ("what", "connections", "per_second", "ratio", "p50_ms", "p99_ms", "n")
# Two processes and a disk: the noisiest of all, and hopeless where a phase has few requests.
LIMITS = {"held_ratio": Limit("lower", times=3.0)}
FEW = 100
SERVE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from speed_service import application
import uvicorn
uvicorn.run(application(sys.argv[1]), port=int(sys.argv[2]), log_level="warning")
"""


def application(database: str) -> Any:
    """Return the service over a database, with one more route that only says hello."""
    from service.app import create_app
    from service.settings import Settings

    # One key asks for everything here, as quickly as it can.
    app = create_app(Settings(database=Path(database), requests_per_second=1e6, burst=10**6))
    said = {"message": "hello, world", "padding": "x" * 160}

    @app.get("/hello")
    async def hello() -> dict[str, str]:
        return said

    return app


@contextmanager
def serving(database: Path) -> Iterator[int]:
    """Serve in a process of its own; yield the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    here = str(Path(__file__).parent)
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(database), str(port), here])
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def request(key: str, method: str, path: str, body: Any = None) -> bytes:
    """Return a request as it goes over the wire."""
    text = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(text)}\r\n"
    kind = "Content-Type: application/json\r\n" if body is not None else ""
    return (head + kind + f"Authorization: Bearer {key}\r\n\r\n").encode() + text


async def one_connection(port: int, requests: Sequence[bytes], taken: list[float]) -> None:
    """Send requests one after the other over one connection, and note what each took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for sent in requests:
        started = time.perf_counter()
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")
        lowered = head.lower()
        start = lowered.index(b"content-length:") + 15
        body = await reader.readexactly(int(lowered[start : lowered.index(b"\r", start)]))
        taken.append(time.perf_counter() - started)
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{head.splitlines()[0]!r}: {body[:500]!r}")
    writer.close()


def load(port: int, requests: Sequence[bytes], connections: int) -> tuple[float, np.ndarray]:
    """Send requests over so many connections; return seconds in all and seconds each."""

    async def all_of_them() -> tuple[float, list[float]]:
        taken: list[float] = []
        parts = [requests[i::connections] for i in range(connections)]
        started = time.perf_counter()
        await asyncio.gather(*(one_connection(port, part, taken) for part in parts))
        return time.perf_counter() - started, taken

    seconds, taken = asyncio.run(all_of_them())
    return seconds, np.array(taken)


class Bench:
    """Runs phases, each between two rounds of hello, and keeps their rows."""

    def __init__(self, port: int, key: str, n: int) -> None:
        self.port = port
        self.key = key
        self.n = n
        self.rows: list[dict[str, Any]] = []

    def hello(self, connections: int) -> float:
        """Return how many hellos a second there are."""
        n = max(200, self.n // 4)
        seconds, _ = load(self.port, [request(self.key, "GET", "/hello")] * n, connections)
        return n / seconds

    def phase(
        self, what: str, requests: Sequence[bytes], connections: int, *, each: int = 1
    ) -> None:
        """Measure requests of `each` responses; the ratio is hellos per request."""
        before = self.hello(connections)
        seconds, taken = load(self.port, requests, connections)
        floor = (before + self.hello(connections)) / 2
        p50, p99 = np.quantile(taken, [0.5, 0.99])
        ratio = round(floor * seconds / len(requests), 3)
        self.rows.append(
            {
                "what": what,
                "connections": connections,
                "per_second": round(len(requests) * each / seconds, 1),
                "ratio": ratio,
                "held_ratio": ratio if len(requests) >= FEW else None,
                "hello_per_second": round(floor, 1),
                "p50_ms": round(float(p50) * 1000, 3),
                "p99_ms": round(float(p99) * 1000, 3),
                "n": len(requests),
            }
        )


def seed(database: Path) -> tuple[str, list[str], list[str]]:
    """Put the onboarding sample in; return a key, the ids of learners with a role, and of items."""
    from service.keys import Grant
    from service.scopes import Scope
    from service.tables import read_folder, sample_folder
    from service.workspace import Workspace

    sample = read_folder(sample_folder())
    with Workspace.open(database) as workspace:
        workspace.put_all(
            sample.curriculum,
            roles=sample.roles,
            learners=sample.learners,
            evidence=sample.evidence,
        )
        issued = workspace.create_key("load", Grant([Scope.WRITE_EVIDENCE, Scope.READ_ALL]))
    learners = [one.learner_id for one in sample.learners if one.role_id]
    return issued.secret, learners, list(sample.curriculum.items)


def responses(name: str, learners: Sequence[str], items: Sequence[str], n: int) -> list[Any]:
    """Return responses of many learners in turn, each with an id of its own."""
    return [
        {
            "response_id": f"{name}-{i}",
            "learner_id": learners[i % len(learners)],
            "item_id": items[(i * 7) % len(items)],
            "score": float(i % 3 > 0),
        }
        for i in range(n)
    ]


def measure(bench: Bench, learners: list[str], items: list[str], n: int, connections: int) -> None:
    """Run every phase."""
    ask = partial(request, bench.key)
    reads = [
        ask("GET", f"/v1/learners/{learners[i % len(learners)]}/recommendations?limit=3")
        for i in range(n)
    ]
    # Once each, as a service that has run a while.
    load(bench.port, reads[: len(learners)], connections)
    bench.phase("hello-world", [ask("GET", "/hello")] * n, connections)
    bench.phase("recommendations", reads, connections)
    bench.phase("recommendations", reads[: n // 4], 1)
    single = [
        ask("POST", "/v1/responses", {"responses": [one]})
        for one in responses("single", learners, items, n)
    ]
    bench.phase("one durable response a post", single, connections)
    many = responses("batch", learners, items, 1000 * max(4, n // 400))
    batches = [
        ask("POST", "/v1/responses", {"responses": many[i : i + 1000]})
        for i in range(0, len(many), 1000)
    ]
    bench.phase("1,000 durable responses a post", batches, 2, each=1000)


def main() -> None:
    parser = options(__doc__, "800 requests")
    parser.add_argument("--requests", type=int, default=4000, help="per phase, at most 100,000")
    parser.add_argument("--connections", type=int, default=32)
    chosen = parser.parse_args()
    n = 800 if chosen.small else min(max(chosen.requests, 400), 100_000)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "attain.db"
        secret, learners, items = seed(database)
        with serving(database) as port:
            bench = Bench(port, secret, n)
            measure(bench, learners, items, n, min(chosen.connections, 256))
    print_rows(bench.rows, COLUMNS)
    key = ("what", "connections")
    write_results("speed_service", bench.rows, small=chosen.small, key=key, limits=LIMITS)


if __name__ == "__main__":
    main()
