"""`attain keys`, and the key that a service makes at first start."""

import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar

import pytest

from engine.domain import Response
from service.keyring import Keyring
from service.keys import Secret
from service.scopes import Scope
from service.workspace import Workspace

MAIN = "from service.cli import main; main()"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "attain.db"


def made(run, path, *arguments):
    result = run("keys", "create", "test", *arguments, "--database", path, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def allowed(path, secret):
    with Workspace.open(path) as workspace:
        key = Keyring(workspace).find(Secret(secret), "key")
        return None if key is None else (key.tenant_id, key.grant)


def test_a_key_is_shown_once_and_allows_what_was_asked(run, path):
    result = run("keys", "create", "the LMS", "--scope", "read-all", "-d", path)
    (secret,) = re.findall(r"^attain_\S{43}$", result.stdout, re.MULTILINE)
    assert "shown this once" in result.stdout
    assert allowed(path, secret)[1].scopes == {Scope.READ_ALL}
    listed = run("keys", "list", "-d", path).stdout
    assert "the LMS" in listed
    assert "read-all" in listed
    assert secret not in listed


def test_a_key_is_of_one_tenant(run, path):
    content = made(run, path, "--scope", "read-team", "--team", "data", "--tenant", "acme")
    tenant_id, grant = allowed(path, content["key"])
    assert (tenant_id, grant.team_ids) == ("acme", {"data"})
    key_id = content["key_id"]
    assert key_id not in run("keys", "list", "-d", path).stdout
    assert key_id in run("keys", "list", "-d", path, "--tenant", "acme").stdout
    revoked = run("keys", "revoke", key_id, "-d", path)
    assert (revoked.exit_code, "unknown key" in revoked.stderr) == (2, True)


def test_a_key_is_rotated_with_the_grace_that_is_said_and_revoked(run, path):
    old = made(run, path, "--scope", "administer", "--expires-in-days", "90")
    rotated = run("keys", "rotate", old["key_id"], "--grace-hours", "0", "-d", path)
    assert f"{old['key_id']} is valid until 20" in rotated.stdout
    (new,) = re.findall(r"^attain_\S+$", rotated.stdout, re.MULTILINE)
    assert allowed(path, old["key"]) is None
    assert allowed(path, new)[1].scopes == {Scope.ADMINISTER}
    assert "(past)" in run("keys", "list", "-d", path).stdout
    new_id = re.match(r"k-\w+", rotated.stdout)[0]
    assert run("keys", "revoke", new_id, "-d", path).exit_code == 0
    assert allowed(path, new) is None


@pytest.mark.parametrize(
    "arguments", [(), ("--scope", "everything"), ("--scope", "read-own"), ("--tenant", "")]
)
def test_a_key_that_makes_no_sense_is_asked_wrongly(run, path, arguments):
    if arguments[:1] == ("--tenant",):
        arguments = (*arguments, "--scope", "read-all")
    assert run("keys", "create", "x", *arguments, "-d", path).exit_code == 2


def test_doctor_looks_at_every_tenant_and_replay_at_the_one_named(run, database):
    with Workspace.open(database) as workspace:
        theirs = workspace.of_tenant("acme")
        theirs.put_catalog(workspace.catalog())
        theirs.record([Response("zoe", "s1", 1.0, None, "r1")])
        list(theirs.replay_all())
    assert "that of 3 learners is" in run("doctor", "-d", database).stdout
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE knowledge SET evidence_count = 9 WHERE tenant_id = 'acme'")
    told = run("doctor", "-d", database)
    assert (told.exit_code, "zoe" in told.stdout) == (1, True)
    replayed = run("replay", "--tenant", "acme", "-d", database)
    assert "Replayed 1 learners" in replayed.stdout
    assert run("doctor", "-d", database).exit_code == 0


@pytest.mark.parametrize("command", ["create", "list", "rotate", "revoke", "login"])
def test_every_help_has_an_example_and_says_what_to_do_next(run, command):
    result = run("keys", command, "--help")
    assert f"attain keys {command}" in result.stdout.partition("Example")[2]
    assert "Next:" in result.stdout


def serving(path, port):
    """Serve; return the process, and what it prints up to the address of the pages."""
    command = [sys.executable, "-c", MAIN, "serve", "-d", str(path), "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    printed = ""
    while "for one visit" not in printed:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        printed += line
    return process, printed


def opened(address):
    """Open a page as a browser does that keeps cookies, once it is there."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    for _ in range(300):
        try:
            return browser.open(address, timeout=20).read().decode()
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.1)
    return None


def test_a_service_makes_a_key_at_first_start_and_never_again(path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shown = []
    for _ in range(2):
        process, printed = serving(path, port)
        try:
            page = opened(re.search(r"http\S+/login\S+", printed)[0])
        finally:
            process.send_signal(signal.SIGINT)
            _, log = process.communicate(timeout=20)
        assert "<h1>Learners</h1>" in page
        assert "attain_" not in log, "the log, which is on stderr, has no secret"
        shown.append(re.findall(r"attain_(?!login)\S{43}", printed))
    key, again = shown[0]
    assert key == again, "the key, and the curl line with it"
    assert shown[1] == []
    assert allowed(path, key) is not None
