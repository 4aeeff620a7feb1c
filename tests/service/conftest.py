"""A small curriculum in which charts require joins, and joins require select."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from engine.domain import Curriculum, Role, SkillTarget
from service.app import create_app
from service.keys import Grant
from service.records import LearnerProfile
from service.store import Place
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
    """Run the tests of a module that names its STORES on each of them."""
    if "place" in metafunc.fixturenames and hasattr(metafunc.module, "STORES"):
        metafunc.parametrize("place", metafunc.module.STORES, indirect=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a database on a server of this session's."""
    programs = installed()
    if programs is None and "CI" not in os.environ:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    assert programs is not None, "CI has to install postgresql"
    with serving(programs) as url:
        yield url


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
    url: str = request.getfixturevalue("postgres")
    return url


@pytest.fixture
def empty_workspace(place: Place, clock: SettableClock) -> Iterator[Workspace]:
    with Workspace.open(place, clock=clock) as workspace:
        yield workspace


@pytest.fixture
def workspace(
    empty_workspace: Workspace, curriculum: Curriculum, roles: tuple[Role, ...]
) -> Workspace:
    empty_workspace.put_catalog(curriculum)
    for role in roles:
        empty_workspace.put_role(role)
    empty_workspace.put_learners([LearnerProfile("ada", role_id="senior", team_id="data")])
    return empty_workspace


@pytest.fixture
def bearing() -> Callable[..., dict[str, str]]:
    """Make a key of a workspace that allows all that is about everybody; return its header."""

    def bearing(workspace: Workspace, grant: Grant = FIRST) -> dict[str, str]:
        issued = workspace.create_key("for the test", grant)
        return {"Authorization": f"Bearer {issued.secret}"}

    return bearing


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


@contextmanager
def serving(programs: Path) -> Iterator[str]:
    """Serve meanwhile, on a socket in a temporary folder and no port; yield a URL."""
    folder = Path(tempfile.mkdtemp(prefix="attain-pg-"))
    run_as = _unprivileged()
    if run_as is not None:
        shutil.chown(folder, run_as)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "--pgdata", str(folder / "data"), *arguments]
        with (folder / "said").open("ab") as said:
            done = subprocess.run(
                command, user=run_as, stdout=said, stderr=said, cwd=folder, check=False
            )
        assert done.returncode == 0, (folder / "said").read_text(errors="replace")

    said = f"-k {folder} -c listen_addresses='' -c max_connections=50"
    run(
        "initdb", "--auth=trust", "--username=attain", "--encoding=UTF8", "--no-sync", "--no-locale"
    )
    run("pg_ctl", "start", "--wait", "--log", str(folder / "log"), "--options", said)
    try:
        yield f"postgresql://attain@/postgres?host={folder}"
    finally:
        run("pg_ctl", "stop", "--mode", "immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> str | None:
    """Return whom to run it as: it refuses to run as root."""
    if os.getuid() != 0:
        return None
    known = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
