"""`attain fit --database`: a model from the evidence that a database has."""

import json
import random

import pytest

from engine.knowledge_tracing import BKT

QUICK = ("--option", "restarts=1", "--json")


@pytest.fixture
def filled(run, folder, tmp_path):
    """The folder with answers of twenty learners and some completions, and a database of it."""
    rng = random.Random(3)
    responses = ["response_id,learner,item,score,answered_at"]
    completions = ["completion_id,learner,module,completed_at"]
    for learner in range(20):
        for n, item in enumerate(("s1", "s2", "j1", "s1", "j2")):
            score = int(rng.random() < 0.4 + 0.1 * n)
            responses.append(f"r{learner}-{n},l{learner},{item},{score},2026-03-0{n + 1}T09:00:00Z")
        if learner % 2:
            completions.append(f"c{learner},l{learner},m-select,2026-03-02T08:00:00Z")
    for name, lines in (("responses", responses), ("completions", completions)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = tmp_path / "filled.db"
    assert run("import", folder, "--database", path).exit_code == 0
    return path


def test_it_comes_to_what_the_same_evidence_in_files_comes_to(run, filled, folder, tmp_path):
    first, other = tmp_path / "database.json", tmp_path / "files.json"
    told = json.loads(run("fit", "--database", filled, "--out", first, *QUICK).stdout)
    assert (told["n_responses"], told["n_learners"]) == (100, 20)
    assert (told["log"], told["n_effects"]) == (str(filled), 1)
    files = ("--catalogue", folder, "--completions", folder / "completions.csv")
    result = run("fit", folder / "responses.csv", *files, "--out", other, *QUICK)
    assert result.exit_code == 0, result.stderr
    fitted = [BKT.from_json(path.read_text(encoding="utf-8")) for path in (first, other)]
    assert fitted[0].parameters_ == fitted[1].parameters_
    assert fitted[0].effects_ == fitted[1].effects_
    assert "100 responses of 20 learners" in (tmp_path / "database.card.md").read_text("utf-8")
    imported = json.loads(run("import", first, "--database", filled, "--json").stdout)
    assert imported["model_version"].startswith("bkt-")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--train-folds", "1", "--columns", "learner=x"), "--columns, --train-folds"),
        (("--dask", "local:2"), "goes with LOG only"),
        (("--option", "restart=1"), "did you mean 'restarts'"),
        (("--tenant", "acme"), "no catalogue"),
    ],
)
def test_what_does_not_go_together_is_refused(run, filled, tmp_path, arguments, told):
    result = run("fit", "--database", filled, "--out", tmp_path / "m.json", *arguments)
    assert (result.exit_code, told in result.stderr) == (2, True), result.stderr


def test_a_log_and_a_database_are_one_too_many(run, filled, log, tmp_path):
    result = run("fit", log, "--database", filled, "--out", tmp_path / "m.json")
    assert result.exit_code == 2
    assert "does not go with LOG" in result.stderr


def test_a_database_without_answers_says_so(run, folder, tmp_path):
    (folder / "responses.csv").unlink()
    path = tmp_path / "empty.db"
    run("import", folder, "--database", path)
    result = run("fit", "--database", path, "--out", tmp_path / "m.json")
    assert result.exit_code == 2
    assert "there are none that count" in result.stderr
