"""`attain import`."""

import json

import pytest

from service.workspace import Workspace


def test_a_folder_is_imported_whole_and_counted(run, folder, tmp_path):
    result = run("import", folder, "-d", tmp_path / "a.db", "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["format"] == "attain"
    assert (found["skills"], found["items"], found["modules"]) == (3, 6, 3)
    assert (found["roles"], found["learners"], found["accepted"]) == (2, 2, 2)
    with Workspace.open(tmp_path / "a.db") as workspace:
        assert [role.role_id for role in workspace.roles()] == ["junior", "senior"]
        assert len(workspace.evidence("ada")) == 2


def test_importing_twice_changes_nothing(run, folder, database):
    found = json.loads(run("import", folder, "-d", database, "--json").stdout)
    assert (found["accepted"], found["repeated"], found["catalog_version"]) == (0, 2, 1)


def test_only_roles_like_the_one_asked_for_are_imported(run, folder, tmp_path):
    result = run("import", folder, "-d", tmp_path / "a.db", "--role", "Junior")
    assert result.exit_code == 0
    with Workspace.open(tmp_path / "a.db") as workspace:
        assert [role.role_id for role in workspace.roles()] == ["junior"]
        assert len(workspace.catalog().skills) == 3


def test_more_roles_of_a_framework_can_follow_without_a_new_catalogue(run, folder, tmp_path):
    for learners_and_evidence in ("learners", "responses"):
        (folder / f"{learners_and_evidence}.csv").unlink()
    for role, count in (("junior", 1), ("senior", 2)):
        result = run("import", folder, "-d", tmp_path / "a.db", "--role", role, "--json")
        assert json.loads(result.stdout)["catalog_version"] == 1
        with Workspace.open(tmp_path / "a.db") as workspace:
            assert len(workspace.roles()) == count


def test_a_faulty_folder_is_refused_before_there_is_a_database(run, folder, tmp_path):
    (folder / "items.csv").write_text("item_id,skills\nq1,selct\n", encoding="utf-8")
    result = run("import", folder, "-d", tmp_path / "a.db")
    assert result.exit_code == 2
    assert "items.csv line 2, skills: is 'selct'" in result.stderr
    assert "responses.csv line 2, item: is 's1'" in result.stderr
    assert not (tmp_path / "a.db").exists()


def test_a_contradiction_at_the_very_end_undoes_everything_before_it(run, folder, database):
    change = {"skills": "\nmaps,Maps\n", "roles": "\nchief,Chief,data,3\n"}
    for name, text in change.items():
        with (folder / f"{name}.csv").open("a", encoding="utf-8") as table:
            table.write(text)
    with (folder / "role_targets.csv").open("a", encoding="utf-8") as table:
        table.write("chief,maps,1\n")
    path = folder / "responses.csv"
    path.write_text(path.read_text().replace("r2,ada,s2,1", "r2,ada,s2,0"), encoding="utf-8")
    result = run("import", folder, "-d", database)
    assert result.exit_code == 1
    assert "'r2', an id used before for other content" in result.stderr
    with Workspace.open(database) as workspace:
        assert "maps" not in workspace.catalog().skills
        assert [role.role_id for role in workspace.roles()] == ["junior", "senior"]
        assert workspace.evidence("ada")[1].score == 1.0


def test_a_catalogue_without_what_evidence_refers_to_is_refused(run, folder, database):
    path = folder / "items.csv"
    path.write_text(path.read_text().replace("s2,", "s9,"), encoding="utf-8")
    path = folder / "responses.csv"
    path.unlink()
    result = run("import", folder, "-d", database)
    assert result.exit_code == 1
    assert "items[s2]" in result.stderr
    assert "--database other.db" in result.stderr


ANSWERS = {
    "answers.csv": "learner,item,correct\ngrace,c1,1\ngrace,j1,0\n",
    "answers.jsonl": '{"learner": "grace", "item": "c1", "correct": true}\n'
    '{"learner": "grace", "item": "j1", "correct": 0}\n',
}


@pytest.mark.parametrize("name", ANSWERS)
def test_evidence_comes_in_from_a_file_and_counts_once(run, database, tmp_path, name):
    path = tmp_path / name
    path.write_text(ANSWERS[name], encoding="utf-8")
    first = run("import", path, "-d", database)
    assert "2 answers and completions recorded" in first.stdout
    again = json.loads(run("import", path, "-d", database, "--json").stdout)
    assert (again["format"], again["accepted"], again["repeated"]) == ("responses", 0, 2)


def test_completions_come_in_from_a_file(run, database, tmp_path):
    path = tmp_path / "done.csv"
    path.write_text("learner,module\ngrace,m-charts\n", encoding="utf-8")
    assert run("import", path, "-d", database).exit_code == 0
    with Workspace.open(database) as workspace:
        assert workspace.evidence("grace")[0].module_id == "m-charts"


def test_evidence_on_unknown_items_is_refused_whole(run, database, tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("learner,item,score\ngrace,c1,1\ngrace,c7,0\n", encoding="utf-8")
    result = run("import", path, "-d", database)
    assert result.exit_code == 2
    assert "answers.csv line 3, item: is 'c7', which is not declared" in result.stderr
    with Workspace.open(database) as workspace:
        assert workspace.learners(query="grace") == ()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("missing.csv",), "does not exist"),
        (("--format", "case", "."), "expected attain, ddat, onet"),
    ],
)
def test_what_cannot_be_imported_is_asked_wrongly(run, tmp_path, arguments, complaint):
    result = run("import", *arguments, "-d", tmp_path / "a.db")
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_evidence_takes_no_role(run, database, tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("learner,item,score\ngrace,c1,1\n", encoding="utf-8")
    result = run("import", path, "-d", database, "--role", "senior")
    assert result.exit_code == 2
    assert "goes with a framework only" in result.stderr


def test_a_fitted_model_is_put_to_use(run, log, database, tmp_path):
    model = tmp_path / "model.json"
    run("fit", log, "-o", model, "--option", "restarts=1")
    before = json.loads(run("report", "ada", "-d", database, "--json").stdout)
    found = json.loads(run("import", model, "-d", database, "--json").stdout)
    after = json.loads(run("report", "ada", "-d", database, "--json").stdout)
    assert found["model_version"] == after["model_version"] != before["model_version"]
    assert after["readiness"] != before["readiness"]


def test_a_corrupt_model_is_refused_and_the_old_one_stays(run, database, tmp_path):
    model = tmp_path / "model.json"
    model.write_bytes(b'{"format": "attain-tracer", "ver\xff')
    before = json.loads(run("report", "ada", "-d", database, "--json").stdout)
    result = run("import", model, "-d", database)
    assert result.exit_code == 2
    assert "not JSON" in result.stderr
    after = json.loads(run("report", "ada", "-d", database, "--json").stdout)
    assert after["model_version"] == before["model_version"]
