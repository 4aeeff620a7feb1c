"""Looking after a database: doctor, replay, backup and restore."""

import json
import sqlite3

import pytest

from engine import BKT
from service.store.examining import examine
from service.workspace import Workspace


def findings(result):
    return {one["check"]: one["grade"] for one in json.loads(result.stdout)["findings"]}


def spoil(database, statement):
    with sqlite3.connect(database) as connection:
        connection.execute(statement)


def test_a_sound_database_passes_every_check(run, database):
    result = run("doctor", "--database", database, "--json")
    assert result.exit_code == 0
    found = findings(result)
    assert found.pop("sqlite") in ("ok", "warning")
    assert found == dict.fromkeys(["integrity", "references", "schema", "mastery"], "ok")
    assert "Nothing is wrong." in run("doctor", "--database", database).stdout


def test_the_doctor_changes_nothing(run, database):
    before = database.read_bytes()
    assert run("doctor", "--database", database).exit_code == 0
    assert database.read_bytes() == before


def test_an_old_sqlite_is_warned_of(database):
    grades = [examine(database, version)[0].grade for version in [(3, 51, 2), (3, 51, 3)]]
    assert grades == ["warning", "ok"]


def test_mastery_that_is_not_the_replay_is_found_and_rebuilt(run, database):
    change = "replace(content, '\"opportunities\":2', '\"opportunities\":3')"
    spoil(database, f"UPDATE knowledge SET content = {change}")
    result = run("doctor", "--database", database, "--json")
    assert (result.exit_code, findings(result)["mastery"]) == (1, "failed")
    assert "ada" in result.stdout
    replayed = run("replay", "--database", database, "--json")
    assert json.loads(replayed.stdout)["learners"] == 2
    assert run("doctor", "--database", database).exit_code == 0


def test_a_loose_reference_is_found(run, database):
    spoil(database, "UPDATE evidence SET learner_id = 'nobody' WHERE evidence_id = 'r1'")
    result = run("doctor", "--database", database, "--json")
    assert (result.exit_code, findings(result)["references"]) == (1, "failed")


def test_a_replay_under_another_model_installs_it(run, database, tmp_path):
    model = tmp_path / "model.json"
    model.write_text(BKT(seed=5).to_json(), encoding="utf-8")
    version = json.loads(run("replay", "-d", database, "--model", model, "--json").stdout)[
        "model_version"
    ]
    with Workspace.open(database) as workspace:
        assert workspace.model_version == version
        kept = workspace._store.read(lambda session: session.knowledge.find("ada"))
        assert kept.model_version == version
    model.write_text("{}", encoding="utf-8")
    assert run("replay", "--database", database, "--model", model).exit_code == 2


def test_a_backup_of_a_database_in_use_can_be_put_back(run, database, tmp_path):
    copy = tmp_path / "copy.db"
    with Workspace.open(database) as workspace:
        before = workspace.knowledge("ada")
        assert run("backup", copy, "--database", database).exit_code == 0
        workspace.erase("ada")
        in_use = run("restore", copy, "--database", database, "--replace")
        assert in_use.exit_code == 1
        assert "locked" in in_use.stderr or "in use" in in_use.stderr
    assert "is there already" in run("restore", copy, "--database", database).stderr
    assert run("restore", copy, "--database", database, "--replace").exit_code == 0
    with Workspace.open(database) as workspace:
        assert workspace.knowledge("ada") == before
    assert run("doctor", "--database", database).exit_code == 0


def test_a_backup_does_not_overwrite_and_a_restore_makes_a_new_file(run, database, tmp_path):
    copy, elsewhere = tmp_path / "copy.db", tmp_path / "elsewhere.db"
    assert run("backup", copy, "--database", database).exit_code == 0
    again = run("backup", copy, "--database", database)
    assert (again.exit_code, "is there already" in again.stderr) == (1, True)
    assert run("restore", copy, "--database", elsewhere).exit_code == 0
    assert run("report", "ada", "--database", elsewhere).exit_code == 0
    assert not list(tmp_path.glob("*.unfinished"))


@pytest.mark.parametrize("content", [b"only words, nothing else " * 50, None])
def test_a_damaged_copy_is_refused_and_the_database_left_alone(run, database, tmp_path, content):
    copy = tmp_path / "copy.db"
    if content is None:
        run("backup", copy, "--database", database)
        whole = bytearray(copy.read_bytes())
        whole[8192:] = b"\xff" * (len(whole) - 8192)
        content = bytes(whole)
    copy.write_bytes(content)
    before = database.read_bytes()
    result = run("restore", copy, "--database", database, "--replace")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) <= 2
    assert database.read_bytes() == before
