"""Starting: the port first; one heap; settings."""

import contextlib
import platform
import socket
import subprocess
import sys
import time
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="one heap is glibc's to give")
def test_many_threads_allocate_from_one_heap(tmp_path: Path) -> None:
    code = """
import ctypes, sys, threading
if sys.argv[2] == "shared":
    from service.server import share_one_heap
    share_one_heap()
held, met = [], threading.Barrier(7)

def allocate():
    held.append(bytes(100_000))
    met.wait()

for _ in range(6):
    threading.Thread(target=allocate).start()
met.wait()
library = ctypes.CDLL(None)
library.fopen.restype = ctypes.c_void_p
told = ctypes.c_void_p(library.fopen(sys.argv[1].encode(), b"w"))
library.malloc_info(0, told)
library.fclose(told)
"""
    heaps = {}
    for how in ("shared", "apart"):
        told = tmp_path / how
        subprocess.run([sys.executable, "-c", code, str(told), how], check=True, timeout=60)
        heaps[how] = told.read_text(encoding="ascii").count("<heap nr=")
    assert heaps["shared"] < heaps["apart"]


@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_a_head_without_an_end_is_cut_off(parser: str, tmp_path: Path) -> None:
    pytest.importorskip(parser)
    code = (
        "import sys, service.server as server; from service.settings import Settings;"
        f"hidden = {parser == 'h11'};"
        "server.find_spec = (lambda name: None) if hidden else server.find_spec;"
        "server.serve(Settings(database=sys.argv[1], port=int(sys.argv[2]), log_level='error'))"
    )
    with bind_port("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", code, str(tmp_path / "attain.db"), str(port)]
    with subprocess.Popen(command) as process:
        try:
            with connected(port) as stranger:
                stranger.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                stranger.settimeout(20)
                told = b""
                while not told.endswith(b"}"):
                    told += stranger.recv(1000)
                try:
                    stranger.sendall(b"GET / HTTP/1.1\r\n")
                    for _ in range(2000):
                        stranger.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")
                    assert stranger.recv(1000).startswith(b"HTTP/1.1 400")
                except (ConnectionResetError, BrokenPipeError):
                    pass  # while there was more to send
        finally:
            process.terminate()


def connected(port: int) -> socket.socket:
    """Return a connection to a service that may be about to start."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", port))
        time.sleep(0.05)
    raise AssertionError("the service did not start")


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
