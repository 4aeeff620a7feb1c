"""`attain fit` and `attain evaluate`."""

import json
import sys

import pytest

from engine.knowledge_tracing import BKT
from service.tables import sample_folder


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


def test_what_modules_teach_is_learned_from_completions(run, tmp_path):
    sample = sample_folder()
    out = tmp_path / "model.json"
    arguments = ("--catalogue", sample, "--completions", sample / "completions.csv", "--json")
    result = run("fit", sample / "responses.csv", *arguments, "--train-folds", "1", "-o", out)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["n_effects"] > 50
    assert BKT.from_json(out.read_text(encoding="utf-8")).effects_


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


def test_an_evaluation_as_json_has_exactly_the_agreed_keys(run, log):
    result = run(
        "evaluate", log, "--models", "bkt,bkt:restarts=1", "--train-folds", "1,2,3",
        "--test-folds", "0", "--json",
    )  # fmt: skip
    found = json.loads(result.stdout)
    assert set(found) == {"log", "models"}
    assert [one["name"] for one in found["models"]] == ["bkt", "bkt:restarts=1"]
    keys = {"name", "auc", "rmse", "log_loss", "accuracy", "calibration_error", "n", "fit_seconds"}
    for one in found["models"]:
        assert set(one) == keys
        assert one["n"] == 120
        assert 0.5 < one["auc"] < 1.0


def test_without_folds_named_each_fold_of_the_log_is_predicted_once(run, log):
    result = run("evaluate", log, "--option", "restarts=1")
    assert result.exit_code == 0
    assert "480" in result.stdout
    assert "log.csv: each fold of the log in turn" in result.stdout


def test_a_log_without_folds_gets_five_by_learner_and_says_so(run, log):
    log.write_text(log.read_text().replace(",fold\n", ",other\n"), encoding="utf-8")
    result = run("evaluate", log, "--option", "restarts=1")
    assert "each of 5 folds of learners in turn (the log has none" in result.stdout
    asked = json.loads(
        run("evaluate", log, "--option", "restarts=1", "--folds", 2, "--json").stdout
    )
    assert asked["models"][0]["n"] == 480


def test_answers_that_are_all_alike_have_no_auc(run, tmp_path):
    path = tmp_path / "log.csv"
    rows = [f"l{k % 6},q{k},sql,1" for k in range(24)]
    path.write_text("\n".join(["learner,item,skills,correct", *rows]), encoding="utf-8")
    arguments = ("--folds", 2, "--option", "restarts=1")
    found = json.loads(run("evaluate", path, *arguments, "--json").stdout)
    assert found["models"][0]["auc"] is None
    assert "–" in run("evaluate", path, *arguments).stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--models", ","), "names no model"),
        (("--models", "bkt,dkt"), "unknown model 'dkt'"),
        (("--folds", "1"), "--folds: is 1, expected 2 to 40"),
        (("--folds", "2", "--test-folds", "0"), "--folds: cannot go with"),
        (("--train-folds", "0,1", "--test-folds", "1,2"), "share folds"),
        (("--train-folds", "0,1,2,3"), "leaves nothing to predict"),
        (("--test-folds", "0,1,2,3"), "leaves nothing to fit"),
        (("--test-folds", "9"), "names the folds [9]"),
    ],
)
def test_an_evaluation_that_is_asked_wrongly_says_why(run, log, arguments, complaint):
    result = run("evaluate", log, *arguments)
    assert result.exit_code == 2
    assert complaint in result.stderr
