"""A small curriculum in which charts require joins, and joins require select."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from engine.domain import Curriculum, Role, SkillTarget
from service.app import create_app
from service.keys import Grant
from service.records import LearnerProfile
from service.store import Place
from service.store.postgres_schema import MIGRATIONS
from service.workspace import Workspace
from service.workspace.keyholding import FIRST

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


class SettableClock:
    """A clock that a test can move."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


class SettableSeconds:
    """A clock of seconds that a test can move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> SettableSeconds:
    return SettableSeconds()


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture(scope="session")
def catalog_records() -> dict[str, Any]:
    skills = ["select", "joins", "charts"]
    return {
        "skills": [{"skill_id": one, "name": one.capitalize()} for one in skills],
        "prerequisites": [
            {"skill_id": "joins", "requires": "select"},
            {"skill_id": "charts", "requires": "joins"},
        ],
        "items": [
            {"item_id": f"{one}-{n}", "skills": [one], "level": 1}
            for one in skills
            for n in range(1, 5)
        ]
        + [{"item_id": "report-1", "skills": ["joins", "charts"], "level": 2, "kind": "project"}],
        "modules": [
            {
                "module_id": f"{one}-101",
                "title": f"{one.capitalize()} from the start",
                "format": "lesson",
                "url": f"https://lms.example/{one}",
                "minutes": 10,
                "teaches": [{"skill_id": one, "learn": 0.4}],
            }
            for one in skills
        ],
    }


@pytest.fixture(scope="session")
def curriculum(catalog_records: dict[str, Any]) -> Curriculum:
    return Curriculum.from_records(**catalog_records)


@pytest.fixture(scope="session")
def roles() -> tuple[Role, ...]:
    junior = Role("junior", [SkillTarget("select")], ladder="analyst", rung=1)
    targets = [SkillTarget("select"), SkillTarget("joins"), SkillTarget("charts")]
    senior = Role("senior", targets, name="Senior analyst", ladder="analyst", rung=2)
    return junior, senior


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "attain.db"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module that names its STORES on each of them.

    But for those that say themselves where they run.
    """
    said = {one.args[0] for one in metafunc.definition.iter_markers("parametrize")}
    for name, scope in (("place", "function"), ("new_place", "module")):
        if (
            name in metafunc.fixturenames
            and hasattr(metafunc.module, "STORES")
            and name not in said
        ):
            metafunc.parametrize(name, metafunc.module.STORES, indirect=True, scope=scope)


@pytest.fixture(scope="session")
def running_postgres() -> Iterator[PostgresServer]:
    """A server of this session's; who stops it starts it again."""
    programs = installed()
    if programs is None and "CI" not in os.environ:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    assert programs is not None, "CI has to install postgresql"
    with serving(programs) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server(running_postgres: PostgresServer) -> str:
    """The URL of a database on it."""
    return running_postgres.url


@pytest.fixture
def postgres(postgres_server: str) -> str:
    """The URL of a database with nothing in it."""
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS attain CASCADE")
    return postgres_server


@pytest.fixture
def place(request: pytest.FixtureRequest, database: Path) -> Place:
    """Where to keep things: a file, or a database of PostgreSQL."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return database
    url: str = request.getfixturevalue("postgres_server")
    empty(url)
    return url


def empty(url: str) -> None:
    """Take everything out of a database; the tables stay where they are those of today."""
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'attain' ORDER BY tablename"
        ).fetchall()
        tables = {name for (name,) in found} - {"migrations", "upkeep"}
        applied = connection.execute("SELECT name FROM attain.migrations") if found else ()
        if {name for (name,) in applied} != set(MIGRATIONS):
            connection.execute("DROP SCHEMA IF EXISTS attain CASCADE")
            return
        deletions = "".join(f"DELETE FROM attain.{name};" for name in sorted(tables))
        connection.execute(
            f"SET session_replication_role = replica; {deletions}"  # in any order: nothing refers
            " UPDATE attain.upkeep SET owes_scrubbing = FALSE"
        )


@pytest.fixture(scope="module")
def new_place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Place]:
    """Return new places to keep things, for a whole module."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return lambda: tmp_path_factory.mktemp("place") / "attain.db"
    psycopg = pytest.importorskip("psycopg")
    url: str = request.getfixturevalue("postgres_server")

    def new_place() -> Place:
        name = f"attain_{uuid4().hex}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return url.replace("/postgres?", f"/{name}?")

    return new_place


@pytest.fixture(scope="session")
def new_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of today's schema with nothing in it, to be copied."""
    file = tmp_path_factory.mktemp("new") / "attain.db"
    Workspace.open(file).close()
    return file


@pytest.fixture(scope="session")
def begun_file(
    new_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
    curriculum: Curriculum,
    roles: tuple[Role, ...],
) -> Path:
    """A database with a catalogue, roles and ada, to be copied."""
    file = tmp_path_factory.mktemp("begun") / "attain.db"
    shutil.copy(new_file, file)
    with Workspace.open(file, clock=SettableClock()) as workspace:
        begin(workspace, curriculum, roles)
    return file


def begin(workspace: Workspace, curriculum: Curriculum, roles: tuple[Role, ...]) -> None:
    """Put in a catalogue, roles and ada."""
    workspace.put_catalog(curriculum)
    for role in roles:
        workspace.put_role(role)
    workspace.put_learners([LearnerProfile("ada", role_id="senior", team_id="data")])


@pytest.fixture
def empty_workspace(place: Place, clock: SettableClock, new_file: Path) -> Iterator[Workspace]:
    if isinstance(place, Path):
        shutil.copy(new_file, place)
    with Workspace.open(place, clock=clock) as workspace:
        yield workspace


@pytest.fixture
def workspace(
    place: Place,
    clock: SettableClock,
    begun_file: Path,
    curriculum: Curriculum,
    roles: tuple[Role, ...],
) -> Iterator[Workspace]:
    if isinstance(place, Path):
        shutil.copy(begun_file, place)
    with Workspace.open(place, clock=clock) as workspace:
        if not isinstance(place, Path):
            begin(workspace, curriculum, roles)
        yield workspace


@pytest.fixture
def bearing() -> Callable[..., dict[str, str]]:
    """Make a key of a workspace that allows all that is about everybody; return its header."""

    def bearing(workspace: Workspace, grant: Grant = FIRST) -> dict[str, str]:
        issued = workspace.create_key("for the test", grant)
        return {"Authorization": f"Bearer {issued.secret}"}

    return bearing


@pytest.fixture
def quick_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the processes of fits go without numba, whose kernels would have to be compiled."""
    pytest.importorskip("numba")  # without it none is started
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "numba.py").write_text("raise ImportError('hidden')", encoding="utf-8")
    here = Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(hidden), str(here)]))


@pytest.fixture
def client_of(bearing: Callable[..., dict[str, str]]) -> Callable[[Workspace], TestClient]:
    """Return a client of a workspace whose key allows all that is about everybody."""

    def client_of(workspace: Workspace) -> TestClient:
        app, headers = create_app(workspace), bearing(workspace)
        return TestClient(app, raise_server_exceptions=False, headers=headers)

    return client_of


@pytest.fixture
def client(
    workspace: Workspace, client_of: Callable[[Workspace], TestClient]
) -> Iterator[TestClient]:
    with client_of(workspace) as client:
        yield client


@pytest.fixture
def empty_client(
    empty_workspace: Workspace, client_of: Callable[[Workspace], TestClient]
) -> Iterator[TestClient]:
    with client_of(empty_workspace) as client:
        yield client


def installed() -> Path | None:
    """Return the folder with the programs of Debian's newest PostgreSQL, if there is any."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: one.parts[4])
    return found[-1].parent if found else None


class PostgresServer:
    """A server of PostgreSQL, on a socket in a temporary folder and no port."""

    def __init__(self, programs: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="attain-pg-"))
        self.url = f"postgresql://attain@/postgres?host={self.folder}"
        self._programs, self._run_as = programs, _unprivileged()
        if self._run_as is not None:
            shutil.chown(self.folder, self._run_as)
        said = ["--auth=trust", "--username=attain", "--encoding=UTF8", "--no-sync", "--no-locale"]
        self._run("initdb", *said)

    def start(self) -> None:
        said = f"-k {self.folder} -c listen_addresses='' -c max_connections=50"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "--wait", "--log", log, "--options", said)

    def stop(self) -> None:
        """Stop it as a fall of the power does."""
        self._run("pg_ctl", "stop", "--mode", "immediate")

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Have it take everything and answer nothing, as a network does that has gone."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.wake()

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        first = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        theirs = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for one in (first, *theirs):
            os.kill(int(one), number)

    def _run(self, program: str, *arguments: str) -> None:
        data = str(self.folder / "data")
        command = [str(self._programs / program), "--pgdata", data, *arguments]
        with (self.folder / "said").open("ab") as said:
            done = subprocess.run(
                command, user=self._run_as, stdout=said, stderr=said, cwd=self.folder, check=False
            )
        assert done.returncode == 0, (self.folder / "said").read_text(errors="replace")


@contextmanager
def serving(programs: Path) -> Iterator[PostgresServer]:
    """Serve meanwhile."""
    server = PostgresServer(programs)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


def _unprivileged() -> str | None:
    """Return whom to run it as: it refuses to run as root."""
    if os.getuid() != 0:
        return None
    known = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


class Served:
    """A service in a process of its own, as `attain serve` starts it.

    Parameters
    ----------
    place : Place
        Its database.
    folder : Path
        For its log.
    before : str
        Python that is run in the process first, to make something fail.
    """

    def __init__(self, place: Place, folder: Path, before: str = "") -> None:
        self.place = place
        self.log = folder / "service.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        with Workspace.open(place) as workspace:
            self.headers = {
                "Authorization": f"Bearer {workspace.create_key('for the test', FIRST).secret}",
                "Content-Type": "application/json",
            }
        self._code = f"{before}\nfrom service.cli import main\nmain()"
        self.start()

    def start(self) -> None:
        """Serve, and return once it answers."""
        command = [sys.executable, "-c", self._code, "serve", "--database", str(self.place)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)], stdout=subprocess.DEVNULL, stderr=log
            )
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(OSError):
                return self.ask("GET", "/healthz").close()
            time.sleep(0.05)
        raise AssertionError(self.told())

    def ask(self, method: str, path: str, body: Any = None) -> HTTPConnection:
        """Send a request, and return the connection that its answer will come on."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, None if body is None else json.dumps(body), self.headers)
        return connection

    def answer(self, method: str, path: str, body: Any = None) -> Answered:
        """Return the answer to a request."""
        with closing(self.ask(method, path, body)) as connection:
            told = connection.getresponse()
            return Answered(told.status, dict(told.getheaders()), json.loads(told.read()))

    def told(self) -> str:
        """Return what the process has logged."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """End the process, and return its exit code."""
        self.process.send_signal(with_signal)
        return self.process.wait(30)


class Answered(NamedTuple):
    """An answer over HTTP."""

    status: int
    headers: dict[str, str]
    content: Any

    @property
    def retry(self) -> bool:
        """Whether it says when to come back."""
        return "retry-after" in {name.lower() for name in self.headers}


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Serve a database in a process, which is ended with the tests of a module."""
    with ExitStack() as stack:

        def serve(place: Place, before: str = "") -> Served:
            served = Served(place, tmp_path_factory.mktemp("served"), before)
            stack.callback(served.stop, signal.SIGKILL)
            return served

        yield serve
