"""Starting: the port first; settings; what importing the service does not bring with it."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from service.app import create_app
from service.errors import ServeError, StoreError, StoreUnavailable
from service.server import bind_port, serve
from service.settings import Settings


def test_a_taken_port_is_named_with_the_remedy() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServeError, match=f"port {port} on 127.0.0.1 is taken.*--port.*PORT="):
            bind_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ServeError, match=r"cannot listen on 192\.0\.2\.1"):
        bind_port("192.0.2.1", 0)


def test_two_services_that_start_at_once_cannot_both_have_the_port() -> None:
    with bind_port("127.0.0.1", 0) as first, pytest.raises(ServeError):
        bind_port("127.0.0.1", first.getsockname()[1])


def test_answers_leave_at_once_rather_than_wait_for_more_to_send() -> None:
    # asyncio sets TCP_NODELAY on what a socket accepts only if its protocol is named.
    with bind_port("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_a_database_that_cannot_be_opened_frees_the_port(tmp_path: Path) -> None:
    with bind_port("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(StoreError, match="there is no folder"):
        serve(Settings(database=tmp_path / "nowhere" / "attain.db", port=port))
    bind_port("127.0.0.1", port).close()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTAIN_DATABASE", "/srv/attain.db")
    monkeypatch.setenv("ATTAIN_PORT", "8080")
    settings = Settings()
    assert (str(settings.database), settings.port) == ("/srv/attain.db", 8080)
    assert settings.host == "127.0.0.1"


@pytest.mark.parametrize("port", [-1, 70000, "many"])
def test_a_port_that_is_none_is_refused(port: object) -> None:
    with pytest.raises(ValidationError):
        Settings(port=port)  # type: ignore[arg-type]


def test_an_application_of_settings_opens_and_closes_its_own_database(tmp_path: Path) -> None:
    app = create_app(Settings(database=tmp_path / "attain.db"))
    with TestClient(app) as client:
        assert client.get("/readyz").status_code == 200
    with pytest.raises(StoreUnavailable, match="closed"):
        app.state.workspace.check()


def test_importing_the_service_brings_nothing_heavy_with_it() -> None:
    heavy = {"numba", "pandas", "pyarrow", "matplotlib", "lightfm", "dask", "sqlite_utils"}
    code = f"import sys, service.app, service.server; print(*({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
