"""`attain fit`."""

import json
import os
import random
import sys

import pytest

from engine.knowledge_tracing import BKT, tracer_from_json
from service.cli import modelling


def test_a_fit_writes_a_model_that_can_be_read_back(run, log, tmp_path):
    out = tmp_path / "model.json"
    result = run("fit", log, "--option", "forget=opportunity", "--option", "restarts=1", "-o", out)
    assert result.exit_code == 0, result.stderr
    assert "Fitted 2 skills" in result.stdout
    assert "480 responses of 40 learners" in result.stdout
    tracer = BKT.from_json(out.read_text(encoding="utf-8"))
    assert set(tracer.parameters_) == {"select", "joins"}
    options = tracer.get_params()
    assert (options["forget"], options["restarts"]) == ("opportunity", 1)


def test_a_fit_as_json_prints_one_object_with_what_each_skill_learned(run, log, tmp_path):
    result = run("fit", log, "-o", tmp_path / "model.json", "--json", "--train-folds", "1,2,3")
    found = json.loads(result.stdout)
    assert (found["n_responses"], found["n_learners"], found["n_skills"]) == (360, 30, 2)
    assert 0.0 < found["skills"]["joins"]["levels"]["1"]["learn"] < 1.0
    assert found["skills"]["joins"]["n_responses"] == 180
    assert found["fit_seconds"] >= 0.0


@pytest.fixture
def lessons(folder, tmp_path):
    """A log of sixty learners in which m-select teaches much and m-charts nothing, and both done.

    Both declare 0.5 to 0.6.
    """
    rng, answers, done = random.Random(11), [], []
    for who in range(60):
        for item, module, learn in (("s1", "m-select", 0.9), ("c1", "m-charts", 0.0)):
            attained = False
            for hour in range(6):
                right = int(rng.random() < (0.9 if attained else 0.15))
                answers.append(f"l{who},{item},{right},2026-03-02T{hour:02}:00:00Z,{who % 2}")
                if hour == 2:
                    done.append(f"l{who},{module},2026-03-02T02:30:00Z")
                    attained = rng.random() < learn
    names = ("user_id,item,correct,timestamp,fold", "user_id,unit,completed_at")
    for name, head, lines in (("log", names[0], answers), ("done", names[1], done)):
        (tmp_path / f"{name}.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    renamed = (
        "--columns",
        "learner=user_id",
        "--completion-columns",
        "learner=user_id,module=unit",
    )
    files = ("--catalogue", folder, "--completions", tmp_path / "done.csv")
    return tmp_path / "log.csv", (*files, *renamed)


@pytest.mark.parametrize("model", ["steps", "bkt"])
def test_what_modules_teach_is_learned_from_completions_on_file(run, lessons, tmp_path, model):
    log, files = lessons
    out = tmp_path / "model.json"
    arguments = ("--model", model, *files, "--no-measure", "-o", out)
    result = run("fit", log, *arguments)
    assert result.exit_code == 0, result.stderr
    assert "what 2 modules teach" in result.stdout
    found = json.loads(run("fit", log, *arguments, "--json").stdout)["modules"]
    (select,), (charts,) = found["m-select"], found["m-charts"]
    assert (select["skill_id"], select["level"], select["declared"]) == ("select", 1, 0.6)
    assert charts["learn"] < charts["declared"] - 0.1 < select["learn"]
    kept = tracer_from_json(out.read_text(encoding="utf-8")).effects_
    assert kept["m-charts"]["charts", 1] == charts["learn"]


def test_models_are_compared_on_what_completions_tell(run, lessons):
    log, files = lessons
    models = ("--models", "steps,item-mean", "--replicates", "2", "--json")
    told = json.loads(run("evaluate", log, *models, *files).stdout)["models"]
    silent = json.loads(run("evaluate", log, *models, *files[:2], *files[4:6]).stdout)["models"]
    auc, without = ({one["name"]: one["auc"] for one in found} for found in (told, silent))
    assert auc["steps"] > without["steps"] + 0.02
    assert auc["item-mean"] == without["item-mean"]


def test_other_names_of_completions_go_with_completions_only(run, log, tmp_path):
    arguments = ("--completion-columns", "module=unit", "-o", tmp_path / "model.json")
    result = run("fit", log, *arguments)
    assert (result.exit_code, "--completion-columns" in result.stderr) == (2, True)


def test_completions_without_a_catalogue_are_refused(run, log, tmp_path):
    result = run("fit", log, "--completions", log, "-o", tmp_path / "model.json")
    assert result.exit_code == 2
    assert "--catalogue" in result.stderr


def test_other_names_of_columns_reach_the_log(run, tmp_path):
    path = tmp_path / "log.csv"
    rows = [f"u{k % 5},p{k},a+b,{k % 2}" for k in range(40)]
    path.write_text("\n".join(["user_id,problem,kcs,mark", *rows]), encoding="utf-8")
    names = "learner=user_id,item=problem,skills=kcs,score=mark"
    arguments = ("--columns", names, "--skill-separator", "+", "-o", tmp_path / "m.json", "--json")
    found = json.loads(run("fit", path, *arguments).stdout)
    assert sorted(found["skills"]) == ["a", "b"]


def test_a_dynamic_model_says_how_easy_each_skill_is_and_how_well_that_is_known(run, log, tmp_path):
    arguments = ("--model", "dynamic-irt", "--option", "search_rounds=1", "--no-measure")
    result = run("fit", log, *arguments, "-o", tmp_path / "model.json")
    assert result.exit_code == 0
    for text in ("easiness", "90% of it", "skills", "wrote"):
        assert text in result.stdout + result.stderr
    found = json.loads(run("fit", log, *arguments, "--json", "-o", tmp_path / "model.json").stdout)
    assert found["n_skills"] == len(found["skills"])
    assert sum(one["n_responses"] for one in found["skills"].values()) >= found["n_responses"]
    for one in found["skills"].values():
        assert one["easiness"]["low"] < one["easiness"]["mean"] < one["easiness"]["high"]
    assert 0.0 < found["log_loss"] < 1.0
    assert found["settings"]["learner_slow_variance"] > 0.0


def test_a_model_in_steps_says_how_many_of_them_learners_begin_with(run, log, tmp_path):
    arguments = ("--model", "steps", "--option", "steps=3", "--no-measure")
    result = run("fit", log, *arguments, "-o", tmp_path / "model.json")
    assert result.exit_code == 0
    for text in ("responses", "3 steps", "wrote"):
        assert text in result.stdout + result.stderr
    found = json.loads(run("fit", log, *arguments, "--json", "-o", tmp_path / "model.json").stdout)
    assert found["curve"] == sorted(found["curve"])
    for one in found["skills"].values():
        assert sum(one["prior"]) == pytest.approx(1.0)


def test_it_shows_that_kernels_are_compiled_where_they_are(run, log, tmp_path, monkeypatch):
    numba = pytest.importorskip("numba")
    told = "compiling kernels, once …"
    arguments = ("fit", log, "--no-measure", "--option", "restarts=1", "-o", tmp_path / "m.json")
    run(*arguments)
    assert told not in run(*arguments).stderr  # they are in the cache, or compiled already
    monkeypatch.setattr(modelling, "_warm_up", lambda *_: numba.njit(lambda x: x + 1)(1))
    again = run(*arguments)
    assert again.exit_code == 0
    assert again.stderr.index(told) < again.stderr.index("fitting bkt to 480 responses …")


def test_without_numba_a_fit_comes_to_the_same(run, log, tmp_path, monkeypatch):
    run("fit", log, "--option", "restarts=1", "-o", tmp_path / "with.json")
    monkeypatch.setitem(sys.modules, "numba", None)
    result = run("fit", log, "--option", "restarts=1", "-o", tmp_path / "without.json")
    assert result.exit_code == 0, result.stderr
    fitted = [
        BKT.from_json((tmp_path / f"{name}.json").read_text()) for name in ("with", "without")
    ]
    for skill_id in ("select", "joins"):
        pairs = zip(*(one.parameters_[skill_id][1] for one in fitted), strict=True)
        assert all(left == pytest.approx(right, abs=1e-6) for left, right in pairs)


def test_a_card_lies_beside_the_model(run, log, tmp_path):
    result = run("fit", log, "-o", tmp_path / "model.json", "--option", "restarts=1")
    card = (tmp_path / "model.card.md").read_text(encoding="utf-8")
    assert str(tmp_path / "model.card.md") in result.stdout
    assert "480 responses of 40 learners" in card
    assert "fitted to the others: 96 responses" in card
    assert "| guess | 2 |" in card
    assert "Not meant for grading" in card


def test_learners_left_out_are_what_the_card_is_measured_on(run, log, tmp_path):
    run("fit", log, "-o", tmp_path / "model.json", "--train-folds", "1,2,3", "--json")
    card = (tmp_path / "model.card.md").read_text(encoding="utf-8")
    evaluated = run(
        "evaluate", log, "--train-folds", "1,2,3", "--test-folds", "0", "--models", "bkt", "--json"
    )
    auc = json.loads(evaluated.stdout)["models"][0]["auc"]
    assert "folds that were left out: 120 responses" in card
    assert f"| all | 120 | {auc:.4f} [" in card


def test_a_card_can_go_without_being_measured(run, log, tmp_path):
    run("fit", log, "-o", tmp_path / "model.json", "--no-measure")
    assert "Not measured:" in (tmp_path / "model.card.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--model", "bktt"), "unknown model 'bktt'; did you mean 'bkt'?"),
        (("--option", "forgets=opportunity"), "did you mean 'forget'?"),
        (("--option", "forget=always"), "forget: is 'always'"),
        (("--option", "restarts"), "not name=value"),
        (("--columns", "learner"), "not of the form name=value"),
        (("--train-folds", "one"), "no list of whole numbers"),
        (("--train-folds", "7"), "names the folds [7]; the log has 0, 1, 2, 3"),
    ],
)
def test_a_fit_that_is_asked_wrongly_writes_nothing(run, log, tmp_path, arguments, complaint):
    result = run("fit", log, "-o", tmp_path / "model.json", *arguments)
    assert result.exit_code == 2
    assert complaint in result.stderr
    assert list(tmp_path.glob("model*")) == []


def test_a_folder_that_is_not_there_is_told_before_the_fit(run, log, tmp_path):
    result = run("fit", log, "-o", tmp_path / "none" / "model.json")
    assert result.exit_code == 2
    assert "--out" in result.stderr


def test_a_faulty_log_is_refused_with_its_lines(run, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("learner,item,skills,correct\na,b,c,1\na,b,c,7\n", encoding="utf-8")
    result = run("fit", path, "-o", tmp_path / "model.json")
    assert result.exit_code == 2
    assert "in line 3" in result.stderr


@pytest.fixture
def parts(log, tmp_path):
    """The log as a folder of two Parquet files that share learners."""
    pytest.importorskip("pyarrow")
    from pyarrow import csv, parquet

    table, place = csv.read_csv(log), tmp_path / "parts"
    place.mkdir()
    for k, piece in enumerate((table.slice(0, 250), table.slice(250))):
        parquet.write_table(piece, place / f"{k}.parquet")
    return place


def test_a_folder_is_fitted_part_by_part(run, log, parts, tmp_path):
    out, of_log = tmp_path / "model.json", tmp_path / "whole.json"
    result = run("fit", parts, "-o", out, "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert (found["n_responses"], found["n_learners"]) == (480, 40)
    assert run("fit", log, "-o", of_log, "--no-measure").exit_code == 0
    one, other = (BKT.from_json(path.read_text(encoding="utf-8")) for path in (out, of_log))
    for skill_id, levels in one.parameters_.items():
        assert levels[1] == pytest.approx(other.parameters_[skill_id][1], abs=1e-9)
    card = (tmp_path / "model.card.md").read_text(encoding="utf-8")
    assert "480 responses of 40 learners" in card
    assert "Not measured" in card


def test_folds_of_a_folder_are_read_whole(run, parts, tmp_path):
    arguments = ("--train-folds", "1,2,3", "-o", tmp_path / "model.json", "--json")
    result = run("fit", parts, *arguments)
    assert json.loads(result.stdout)["n_responses"] == 360


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--model", "dynamic-irt"), "--model dynamic-irt"),
        (("--train-folds", "1"), "--train-folds"),
    ],
)
def test_what_a_cluster_cannot_do_is_refused(run, parts, tmp_path, asked, told):
    result = run("fit", parts, "--dask", "local:2", "-o", tmp_path / "model.json", *asked)
    assert result.exit_code == 2
    assert told in result.stderr


def test_without_dask_a_cluster_is_refused_with_the_remedy(run, parts, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "dask", None)
    result = run("fit", parts, "--dask", "local:2", "-o", tmp_path / "model.json")
    assert result.exit_code == 2
    assert "pip install 'attain[offline]'" in result.stderr


@pytest.mark.cluster
def test_a_cluster_fits_a_folder(run, parts, tmp_path):
    if not os.environ.get("CI"):
        pytest.importorskip("distributed", reason="Dask is not installed")
    result = run("fit", parts, "--dask", "local:2", "-o", tmp_path / "model.json", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["n_learners"] == 40
