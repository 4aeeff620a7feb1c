"""The README's promises: its Python runs, and so does its HTTP."""

import doctest
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from service.api.access import ACCESS
from service.cli.app import app

README = Path(__file__).parents[1] / "README.md"


def test_the_python_of_the_readme_runs_as_shown():
    result = doctest.testfile(str(README), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 10
    assert result.failed == 0


def section(title):
    return README.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def exchanges():
    """Give each curl of the HTTP section with the answer shown under it."""
    for block in re.findall(r"```console\n(.*?)```", section("Over HTTP"), re.DOTALL):
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            if not command.startswith("curl"):
                continue
            line, _, answer = command.rpartition("\n{")
            yield line, json.loads("{" + answer)


def request(words):
    """Return method, path, headers and body of a curl command line."""
    words = words[1:]
    headers, body, method, url = {}, None, None, ""
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(":")
            headers[name] = value.strip()
        elif word == "-d":
            body = words.pop(0)
        else:
            url = word
    parts = urlsplit(url)
    return method or ("POST" if body else "GET"), f"{parts.path}?{parts.query}", headers, body


def is_part_of(shown, told):
    """Whether everything shown is in what was told; lists match from their start."""
    if isinstance(shown, dict):
        return all(key in told and is_part_of(value, told[key]) for key, value in shown.items())
    if isinstance(shown, list):
        return len(shown) <= len(told) and all(map(is_part_of, shown, told))
    return shown == told


@pytest.fixture
def port(tmp_path, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    serve = [Path(sys.executable).with_name("attain"), "serve", "--port", str(number)]
    command = [*serve, "--database", str(tmp_path / "attain.db")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        printed = next(line for line in server.stdout if "shown this once" in line)
        monkeypatch.setenv("ATTAIN_KEY", printed.split()[-1])
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", number)) == 0:
                    break
            time.sleep(0.1)
        yield number
    finally:
        server.terminate()
        assert server.wait(timeout=20) in (0, -signal.SIGTERM)


def test_the_http_of_the_readme_answers_as_shown(port):
    asked = list(exchanges())
    assert len(asked) >= 6
    for line, shown in asked:
        words = shlex.split(os.path.expandvars(line))
        method, path, headers, body = request(words)
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request(method, path, body=body.encode() if body else None, headers=headers)
        answer = json.loads(connection.getresponse().read())
        assert is_part_of(shown, answer), (words, answer)


def test_the_keys_of_the_readme_are_made_replaced_and_revoked_as_shown(tmp_path, monkeypatch):
    runner, last = CliRunner(), "k-"
    monkeypatch.setenv("ATTAIN_DATABASE", str(tmp_path / "attain.db"))
    lines = re.findall(r"^\$ attain (keys .+?)(?: +#.*)?$", section("Over HTTP"), re.MULTILINE)
    assert len(lines) == 6
    for line in lines:
        done = runner.invoke(app, shlex.split(line.replace("k-0123456789", last)))
        assert done.exit_code == 0, done.output
        last = next(iter(re.findall(r"^k-\w{10}", done.output, re.MULTILINE)), last)


def test_every_operation_of_the_interface_is_in_the_table_of_the_readme():
    rows = re.findall(r"^\| (`.+?) \|", section("Over HTTP"), re.MULTILINE)
    named = {one for row in rows for one in re.findall(r"`(\w+ /.+?)`", row)}
    assert named == {one.replace("/v1", "") for one in ACCESS if " /v1/" in one}


def test_the_sections_that_a_newcomer_looks_for_are_there():
    titles = re.findall(r"^## (.+)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert titles[:4] == ["Two commands", "In Python", "On the command line", "Over HTTP"]
