"""`attain prior`: from completions to a file, into use, and out of it."""

import json

import pytest

from engine.recommender import CollaborativePrior

QUICK = ("--option", "components=2", "--option", "epochs=2")


@pytest.fixture
def completed(folder):
    """The folder, with completions: nobody has completed the charts."""
    (folder / "completions.csv").write_text(
        "learner,module,completed_at\n"
        "ada,m-select,2026-03-03T09:00:00Z\nidle,m-joins,2026-03-03T09:00:00Z\n",
        encoding="utf-8",
    )
    return folder


def test_a_prior_is_learned_from_a_folder_put_to_use_and_dropped(
    run, completed, database, tmp_path
):
    out = tmp_path / "prior.json"
    result = run("prior", "fit", completed, "--out", out, *QUICK)
    assert result.exit_code == 0, result.stderr
    assert "2 completions of 2 modules by 2 learners; 1 modules that nobody" in result.stdout
    assert CollaborativePrior.from_json(out.read_text(encoding="utf-8")).vector_of("ada")
    imported = json.loads(run("import", out, "--database", database, "--json").stdout)
    assert imported["prior_version"].startswith("prior-")
    advice = ("recommend", "ada", "--database", database, "--json")
    assert json.loads(run(*advice).stdout)["prior_version"] == imported["prior_version"]
    dropped = run("prior", "drop", "--database", database)
    assert f"{imported['prior_version']} is in use no more" in dropped.stdout
    assert json.loads(run(*advice).stdout)["prior_version"] is None
    assert "none in use" in run("prior", "drop", "--database", database).stdout


def test_a_prior_is_learned_from_what_a_database_has(run, completed, tmp_path):
    path, out = tmp_path / "filled.db", tmp_path / "prior.json"
    assert run("import", completed, "--database", path).exit_code == 0
    told = json.loads(run("prior", "fit", "--database", path, "-o", out, *QUICK, "--json").stdout)
    assert (told["completions"], told["learners"], told["new_modules"]) == (2, 2, 1)
    again = tmp_path / "again.json"
    assert run("prior", "fit", completed, "-o", again, *QUICK).exit_code == 0
    assert again.read_text(encoding="utf-8") == out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--option", "components=0"), "components"),
        (("--option", "component=8"), "did you mean 'components'"),
        (("--out", "nowhere/at/all.json"), "--out"),
        ((), "at least one"),
    ],
)
def test_what_cannot_be_learned_is_refused(run, folder, tmp_path, arguments, told):
    result = run("prior", "fit", folder, "--out", tmp_path / "prior.json", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_damaged_prior_is_refused_on_import(run, database, tmp_path):
    path = tmp_path / "prior.json"
    path.write_text('{"format": "attain-prior", "version": 1}', encoding="utf-8")
    result = run("import", path, "--database", database)
    assert result.exit_code == 2
    assert "lightfm" in result.stderr
