"""`attain demo` and `attain serve`."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

MAIN = "from service.cli import main; main()"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    """A database that the demo seeded, with what it printed."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "demo", "--no-serve", "--database", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return path, done.stdout


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_demo_prints_mastery_next_modules_with_reasons_and_three_curl_lines(seeded):
    _, printed = seeded
    assert re.search(r"Fitted \d+ skills to [\d,]+ responses in", printed)
    assert "Readiness " in printed
    assert "\n3. " in printed
    assert "   - " in printed
    assert len(re.findall(r"^  curl 'http://127\.0\.0\.1:8000/", printed, re.MULTILINE)) == 3
    assert re.search(r"^The page: http://127\.0\.0\.1:8000/", printed, re.MULTILINE)


def test_a_seeded_database_is_used_as_it_stands(run, seeded):
    path, printed = seeded
    again = run("demo", "--no-serve", "--database", path)
    assert again.exit_code == 0
    assert "was seeded before" in again.stdout
    assert again.stdout.partition("Readiness")[2] == printed.partition("Readiness")[2]


def test_the_demo_leaves_a_database_of_something_else_alone(run, database):
    result = run("demo", "--no-serve", "--database", database)
    assert result.exit_code == 2
    assert "holds something else than the sample" in result.stderr


def test_fresh_deletes_nothing_that_is_no_database_of_attains(run, tmp_path):
    path = tmp_path / "thesis.txt"
    path.write_text("years of work, all of it here\n" * 50, encoding="utf-8")
    result = run("demo", "--no-serve", "--fresh", "--database", path)
    assert result.exit_code == 1
    assert path.read_text(encoding="utf-8").startswith("years of work")


def test_a_port_in_use_is_told_before_the_long_work(run, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("demo", "--port", port, "--database", tmp_path / "demo.db")
        served = run("serve", "--port", port, "--database", tmp_path / "serve.db")
    assert (result.exit_code, served.exit_code) == (1, 1)
    assert f"port {port}" in result.stderr
    assert not (tmp_path / "demo.db").exists()


def test_every_printed_address_answers_until_the_demo_is_interrupted(seeded, free_port):
    path, _ = seeded
    serving = subprocess.Popen(
        [sys.executable, "-c", MAIN, "demo", "--database", str(path), "--port", str(free_port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(f"http://127.0.0.1:{free_port}/healthz", serving)
        serving.send_signal(signal.SIGINT)
        printed, _ = serving.communicate(timeout=20)
    finally:
        serving.kill()
    assert serving.returncode == 0
    assert f"http://127.0.0.1:{free_port}/learner?id=" in printed


def wait_for(address, process, seconds=30.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"nothing answered at {address}")


def test_the_printed_curl_lines_and_the_page_are_answered(seeded):
    import json

    testclient = pytest.importorskip("starlette.testclient")
    from service.app import create_app
    from service.workspace import Workspace

    path, printed = seeded
    lines = re.findall(r"^  curl 'http://127\.0\.0\.1:8000(\S+)'(.*)$", printed, re.MULTILINE)
    page = re.search(r"^The page: http://127\.0\.0\.1:8000(\S+)$", printed, re.MULTILINE)[1]
    with Workspace.open(path) as workspace, testclient.TestClient(create_app(workspace)) as client:
        for where, rest in lines:
            body = re.search(r"-d '(.*)'$", rest)
            sent = client.post(where, json=json.loads(body[1])) if body else client.get(where)
            assert sent.status_code == 200, sent.text
        assert client.get(page).status_code == 200
