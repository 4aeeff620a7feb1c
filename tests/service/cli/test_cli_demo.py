"""`attain demo` and `attain serve`."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from service.cli.welcome import place_of
from service.workspace import Workspace

PAGE = r"The page, for one visit: http://127\.0\.0\.1:8000"
CARD = Path(__file__).parents[3] / "datasets" / "onboarding" / "README.md"
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
    (key,) = re.findall(r"^The key, shown this once: (attain_\S{43})$", printed, re.MULTILINE)
    shown = re.findall(
        r"^  curl -H \"Authorization: Bearer (\S+)\" 'http://127", printed, re.MULTILINE
    )
    assert shown == [key] * 3
    assert re.search(rf"^{PAGE}", printed, re.MULTILINE)


def test_the_data_card_shows_what_commands_and_http_say_of_the_sample(run, seeded, client_of):
    """Numbers aside, which a change of the fit may move."""
    path, _ = seeded
    card = CARD.read_text(encoding="utf-8").split("## What Attain says of it")[1].split("\n## ")[0]
    table, block = card.split("```text\n")
    printed = {}
    for command in re.findall(r"`attain ([^`]*)`", table.partition("|---")[2]):
        if "--out" not in command and "import" not in command:
            result = run(*command.split(), "-d", path)
            assert result.exit_code == 0, (command, result.output)
            printed[command] = without_numbers(result.stdout)
    for shown in block.split("```")[0].split("$ attain ")[1:]:
        command, _, said = shown.partition("\n")
        for line in said.replace("\n     ", " ").replace("\n   would", " would").splitlines():
            assert without_numbers(line) in printed[command], (command, line)
    with Workspace.open(path) as workspace, client_of(workspace) as client:
        for place in re.findall(r"`GET (/[^`{]*)`", table):
            assert client.get(place).status_code == 200, place


def without_numbers(text):
    """Return text in which all numbers are the same, and all space is one blank."""
    return " ".join(re.sub(r"[\d.]*\d", "0", text).split())


def test_a_seeded_database_is_used_as_it_stands(run, seeded):
    path, printed = seeded
    again = run("demo", "--no-serve", "--database", path)
    assert again.exit_code == 0
    assert "was seeded before" in again.stdout
    advice = [
        text.partition("Readiness")[2].partition("The key")[0] for text in (printed, again.stdout)
    ]
    assert advice[0] == advice[1]
    assert "attain_" not in again.stdout.partition("The page")[0]
    assert again.stdout.count('"Authorization: Bearer $ATTAIN_KEY"') == 3


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


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("lms.example.org", "http://lms.example.org:8000"),
    ],
)
def test_a_service_that_listens_everywhere_says_where_it_is_reached(host, place):
    assert place_of(host, 8000) == place


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
    assert f"http://127.0.0.1:{free_port}/login?code=attain_login_" in printed


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
    line = r"^  curl -H \"(Authorization): (.+)\" 'http://127\.0\.0\.1:8000(\S+)'(.*)$"
    lines = re.findall(line, printed, re.MULTILINE)
    page = re.search(rf"^{PAGE}(\S+)$", printed, re.MULTILINE)[1]
    with Workspace.open(path) as workspace, testclient.TestClient(create_app(workspace)) as client:
        for name, value, where, rest in lines:
            body = re.search(r"-d '(.*)'$", rest)
            sent = {"method": "POST", "json": json.loads(body[1])} if body else {"method": "GET"}
            told = client.request(url=where, headers={name: value}, **sent)
            assert told.status_code == 200, told.text
        shown = client.get(page)
        assert shown.status_code == 200
        assert "Rita Teixeira" in shown.text
        assert client.get("/").status_code == 200
        client.cookies.clear()
        assert client.get(page).status_code == 401
