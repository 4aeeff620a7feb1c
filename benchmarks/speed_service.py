"""How fast the service answers, beside a FastAPI that only says hello.

    python benchmarks/speed_service.py [--requests 4000] [--connections 32] [--small]

One server process, as `attain serve` runs it and with its log, and one load generator on the same
machine over keep-alive connections; 10,000 modules, 100,000 learners and 200,000 responses in the
store (the small form: the onboarding sample). Every phase lies between two rounds of a
hello-world that runs in the same server behind the same middleware, and is told as a ratio to
them: `ratio` of times, `cpu_ratio` of the processor's time that the server spends on a request,
which is what a busy machine disturbs least. `bar` says what a row is held to. Recommendations are
asked of learners whose answers are kept (`again`: at one instant, of learners about whom nothing
new comes in) and of others (`first`); whether reads of the former suffer from writes is asked at a
steady pace of 100 reads a second, with and without, in turn.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from reporting import Limit, options, print_rows, write_results
from senders import flood, pace, request, run

COLUMNS = (
    "what",
    "connections",
    "per_second",
    "ratio",
    "cpu_ratio",
    "cpu_ms",
    "p50_ms",
    "p99_ms",
    "n",
    "bar",
    "met",
)
# The server's processor time alone, and only where a phase has many requests.
LIMITS = {"held_ratio": Limit("lower", times=2.0)}
FEW = 100
READERS = 100  # learners whose answers are kept while they are asked again
ASKED = f"limit=3&at={datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
READS_PER_SECOND = 100.0
WRITES_PER_SECOND = 500.0
SERVE = """
import sys
sys.path.insert(0, sys.argv[3])
from service.journal import keep_journal
from service.server import bind_port, run, share_one_heap
from speed_service import application
share_one_heap()
keep_journal("info")
with bind_port("127.0.0.1", int(sys.argv[2])) as listening:
    run(application(sys.argv[1]), listening)
"""
Row = dict[str, Any]
Bar = tuple[str, Callable[[Row], bool]]
BARS: dict[tuple[str, int], Bar] = {
    ("recommendations, again", 32): ("cpu_ratio ≤ 2", lambda row: row["cpu_ratio"] <= 2),
    ("recommendations, again", 1): (
        "p99 ≤ 3 × p50",
        lambda row: row["p99_ms"] <= 3 * row["p50_ms"],
    ),
    ("one durable response a post", 32): ("≥ 1,200/s", lambda row: row["per_second"] >= 1200),
    ("1,000 durable responses a post", 2): ("≥ 10,000/s", lambda row: row["per_second"] >= 10_000),
    ("reads while 500 writes a second arrive", 8): (
        "p99 ≤ 2 × that without",
        lambda row: row["p99_ratio"] <= 2,
    ),
}


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


class Server(NamedTuple):
    """A service in a process of its own."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor's time that it has taken so far."""
        told = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(database: Path) -> Iterator[Server]:
    """Serve in a process of its own."""
    from service.server import bind_port

    with bind_port("127.0.0.1", 0) as free:
        port = int(free.getsockname()[1])
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", SERVE, str(database), str(port), here]
    log = database.with_suffix(".log")
    with log.open("wb") as said, subprocess.Popen(command, stderr=said) as process:
        try:
            wait_until_ready(port, process, log)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def wait_until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the first answer; raise where the process ends before."""
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"the service did not start: {log.read_text(encoding='utf-8')}")
        try:
            run(flood(port, [request("", "GET", "/healthz")], 1))
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the service did not start within a minute")


class Bench:
    """Runs phases, each between two rounds of hello, and keeps their rows."""

    def __init__(self, server: Server, key: str, n: int) -> None:
        self.server = server
        self.key = key
        self.n = n
        self.rows: list[Row] = []

    def timed(self, requests: Sequence[bytes], connections: int) -> tuple[float, float, np.ndarray]:
        """Send requests; return seconds and the server's processor seconds of each, and times."""
        begun, cpu = time.perf_counter(), self.server.cpu_seconds()
        taken = run(flood(self.server.port, requests, connections))
        spent = self.server.cpu_seconds() - cpu
        return (time.perf_counter() - begun) / len(requests), spent / len(requests), taken

    def hello(self, connections: int) -> tuple[float, float]:
        """Return the seconds, and the processor's seconds, of a hello."""
        n = max(400, self.n // 4)
        seconds, cpu, _ = self.timed([request(self.key, "GET", "/hello")] * n, connections)
        return seconds, cpu

    def phase(
        self, what: str, requests: Sequence[bytes], connections: int, *, each: int = 1
    ) -> None:
        """Measure requests of `each` responses, beside hello."""
        before = self.hello(connections)
        seconds, cpu, taken = self.timed(requests, connections)
        after = self.hello(connections)
        hello, hello_cpu = ((one + other) / 2 for one, other in zip(before, after, strict=True))
        cpu_ratio = round(cpu / hello_cpu, 3)
        self.add(
            {
                "what": what,
                "connections": connections,
                "per_second": round(each / seconds, 1),
                "ratio": round(seconds / hello, 3),
                "cpu_ratio": cpu_ratio,
                "held_ratio": cpu_ratio if len(requests) >= FEW else None,
                "cpu_ms": round(cpu * 1000, 3),
                **quantiles(taken),
            }
        )

    def add(self, row: Row) -> None:
        """Keep a row, and whether it meets its bar."""
        bar, meets = BARS.get((row["what"], row["connections"]), ("", None))
        self.rows.append({**row, "bar": bar, "met": None if meets is None else str(meets(row))})


def quantiles(taken: np.ndarray) -> Row:
    """Return the columns that tell how long requests took."""
    p50, p99 = np.quantile(taken, [0.5, 0.99])
    return {
        "p50_ms": round(float(p50) * 1000, 3),
        "p99_ms": round(float(p99) * 1000, 3),
        "n": len(taken),
    }


class Stored(NamedTuple):
    """What there is to ask about: a key, learners with a role, and items."""

    key: str
    learners: list[str]
    items: list[str]

    def reads(self, start: int, n: int, learners: int = READERS) -> list[bytes]:
        """Return n requests for recommendations, of so many learners in turn."""
        ids = [self.learners[start + i % learners] for i in range(n)]
        ask = partial(request, self.key, "GET")
        return [ask(f"/v1/learners/{one}/recommendations?{ASKED}") for one in ids]

    def responses(self, name: str, n: int) -> list[Row]:
        """Return responses of many learners in turn, each with an id of its own.

        The learners who are asked about are not among them.
        """
        others = self.learners[READERS:]
        return [
            {
                "response_id": f"{name}-{i}",
                "learner_id": others[(i * 7919) % len(others)],
                "item_id": self.items[(i * 7) % len(self.items)],
                "score": float(i % 3 > 0),
            }
            for i in range(n)
        ]

    def posts(self, name: str, n: int, each: int = 1) -> list[bytes]:
        """Return n posts of `each` responses."""
        many = self.responses(name, n * each)
        ask = partial(request, self.key, "POST", "/v1/responses")
        return [ask({"responses": many[i : i + each]}) for i in range(0, len(many), each)]


def seed_sample(database: Path) -> Stored:
    """Put the onboarding sample in."""
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
        learners = [one.learner_id for one in sample.learners if one.role_id]
        return Stored(_key(workspace), learners, list(sample.curriculum.items))


def seed_large(database: Path, n_modules: int = 10_000, n_learners: int = 100_000) -> Stored:
    """Put in a large catalogue and many learners, two responses each."""
    from engine import Curriculum, Response, Role, SkillTarget
    from service.records import LearnerProfile
    from service.workspace import Workspace

    rng = np.random.default_rng(0)
    n_skills, n_items, n_roles = 200, 1000, 8
    minutes, learn = rng.integers(3, 26, n_modules), rng.uniform(0.2, 0.7, n_modules)
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": f"s{k}"} for k in range(n_skills)],
        prerequisites=[{"skill_id": f"s{k}", "requires": f"s{k - 7}"} for k in range(7, n_skills)],
        items=[{"item_id": f"i{k}", "skills": [f"s{k % n_skills}"]} for k in range(n_items)],
        modules=[
            {
                "module_id": f"m{k}",
                "minutes": int(minutes[k]),
                "teaches": [{"skill_id": f"s{k % n_skills}", "learn": float(learn[k])}],
            }
            for k in range(n_modules)
        ],
    )
    targets = [rng.choice(n_skills, 15, replace=False) for _ in range(n_roles)]
    learners = [f"l{k}" for k in range(n_learners)]
    with Workspace.open(database) as workspace:
        workspace.put_catalog(curriculum)
        for n, chosen in enumerate(targets):
            workspace.put_role(Role(f"role-{n}", tuple(SkillTarget(f"s{k}") for k in chosen)))
        for start in range(0, n_learners, 5000):
            some = range(start, min(start + 5000, n_learners))
            workspace.put_learners(
                [
                    LearnerProfile(
                        learners[k], role_id=f"role-{k % n_roles}", team_id=f"t{k // 50}"
                    )
                    for k in some
                ]
            )
            workspace.record(
                [
                    Response(learners[k], f"i{(k * 7 + n) % n_items}", n, None, f"seed-{k}-{n}")
                    for k in some
                    for n in (0, 1)
                ]
            )
        return Stored(_key(workspace), learners, list(curriculum.items))


def _key(workspace: Any) -> str:
    from service.keys import Grant
    from service.scopes import Scope

    grant = Grant([Scope.WRITE_EVIDENCE, Scope.READ_ALL])
    return str(workspace.create_key("load", grant).secret)


def measure(bench: Bench, stored: Stored, n: int, connections: int, *, small: bool) -> None:
    """Run every phase."""
    bench.phase("hello-world", [request(bench.key, "GET", "/hello")] * n, connections)
    bench.phase("hello-world", [request(bench.key, "GET", "/hello")] * n, 1)
    bench.timed(stored.reads(0, READERS), 1)
    bench.phase("recommendations, again", stored.reads(0, n), connections)
    bench.phase("recommendations, again", stored.reads(0, n), 1)
    bench.phase("recommendations, first", stored.reads(READERS, 40, 40), 1)
    bench.phase("one durable response a post", stored.posts("single", n), connections)
    bench.phase("1,000 durable responses a post", stored.posts("batch", 40, 1000), 2, each=1000)
    mixed(bench, stored, seconds=1.0 if small else 5.0, turns=2 if small else 4)


def mixed(bench: Bench, stored: Stored, *, seconds: float, turns: int) -> None:
    """Read at a steady pace, without writes and with them, in turn."""
    n_reads, n_writes = int(READS_PER_SECOND * seconds), int(WRITES_PER_SECOND * seconds)
    taken: dict[bool, list[np.ndarray]] = {False: [], True: []}

    async def both(writes: Sequence[bytes]) -> np.ndarray:
        port, reads = bench.server.port, stored.reads(0, n_reads)
        writing = asyncio.ensure_future(pace(port, writes, 32, WRITES_PER_SECOND))
        found = await pace(port, reads, 8, READS_PER_SECOND)
        await writing
        return found

    for turn in range(turns):
        for with_writes in (False, True):
            writes = stored.posts(f"mixed-{turn}", n_writes) if with_writes else []
            taken[with_writes].append(run(both(writes)))
    rows = {one: quantiles(np.concatenate(found)) for one, found in taken.items()}
    steady = {"connections": 8, "per_second": READS_PER_SECOND}
    bench.add({"what": "reads while nothing is written", **steady, **rows[False]})
    ratio = round(rows[True]["p99_ms"] / rows[False]["p99_ms"], 3)
    what = "reads while 500 writes a second arrive"
    bench.add({"what": what, **steady, **rows[True], "p99_ratio": ratio})


def main() -> None:
    parser = options(__doc__, "800 requests over the onboarding sample")
    parser.add_argument("--requests", type=int, default=4000, help="per phase, at most 100,000")
    parser.add_argument("--connections", type=int, default=32)
    chosen = parser.parse_args()
    n = 800 if chosen.small else min(max(chosen.requests, 400), 100_000)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "attain.db"
        stored = (seed_sample if chosen.small else seed_large)(database)
        with serving(database) as server:
            bench = Bench(server, stored.key, n)
            measure(bench, stored, n, min(chosen.connections, 256), small=chosen.small)
    print_rows(bench.rows, COLUMNS)
    key = ("what", "connections")
    write_results("speed_service", bench.rows, small=chosen.small, key=key, limits=LIMITS)


if __name__ == "__main__":
    main()
