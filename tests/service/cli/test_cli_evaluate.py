"""`attain evaluate`: the agreed JSON, tables, drawings, and what is asked wrongly."""

import json
import struct
import sys

import pytest

AGREED = {"name", "auc", "rmse", "log_loss", "accuracy", "calibration_error", "n", "fit_seconds"}
SPLIT = ("--train-folds", "1,2,3", "--test-folds", "0", "--replicates", "20")


def test_an_evaluation_as_json_has_the_agreed_keys_and_intervals_beside_them(run, log):
    found = json.loads(
        run("evaluate", log, "--models", "bkt,bkt:restarts=1", *SPLIT, "--json").stdout
    )
    assert found["log"] == str(log)
    assert [one["name"] for one in found["models"]] == ["bkt", "bkt:restarts=1"]
    for one in found["models"]:
        assert set(one) >= AGREED
        assert one["n"] == 120
        assert 0.5 < one["auc"] < 1.0
        low, high = one["intervals"]["auc"]
        assert low < one["auc"] < high
        assert one["parts"]["first_opportunities"]["n"] == 20
        assert sum(part["n"] for part in one["calibration_curve"]) == 120
    [difference] = found["differences"]
    assert (difference["name"], difference["against"]) == ("bkt:restarts=1", "bkt")
    assert difference["measures"]["auc"]["verdict"] in ("better", "worse", "level")


def test_every_baseline_is_a_model_by_name(run, log):
    names = ["item-mean", "irt", "irt:kind=rasch", "afm", "pfa", "pfa:items=true", "elo", "best-lr"]
    result = run("evaluate", log, "--models", ",".join(names), *SPLIT, "--json")
    assert [one["name"] for one in json.loads(result.stdout)["models"]] == names


def test_the_tables_tell_the_models_apart_only_with_their_interval(run, log):
    result = run("evaluate", log, "--models", "item-mean,pfa", "--against", "pfa", *SPLIT)
    assert result.exit_code == 0, result.stderr
    assert "less pfa, on the same draws of learners" in result.stdout
    assert "±." in result.stdout
    assert "first opportunity" in result.stdout
    assert "120 responses of 10 learners" in result.stdout
    assert "drawing learners anew" in result.stderr
    for line in result.stdout.splitlines():
        assert "better" not in line or "[" in line


def test_drawings_are_written_where_they_are_asked_for(run, log, tmp_path):
    pytest.importorskip("matplotlib")
    folder = tmp_path / "new" / "drawings"
    result = run("evaluate", log, "--models", "pfa,elo", *SPLIT, "--plots", folder)
    assert result.exit_code == 0, result.stderr
    for name in ("auc", "calibration", "opportunities"):
        path = folder / f"{name}.png"
        assert f"wrote {path}" in result.stdout.replace("\n", "")
        head = path.read_bytes()[:24]
        assert head.startswith(b"\x89PNG")
        assert min(struct.unpack(">II", head[16:])) > 400


def test_without_matplotlib_drawings_are_refused_before_any_fit(run, log, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = run("evaluate", log, "--models", "pfa", *SPLIT, "--plots", tmp_path)
    assert result.exit_code == 2
    assert "attain[fit]" in result.stderr
    assert "fit 1 of" not in result.stderr


def test_the_same_seed_gives_the_same_intervals(run, log):
    once, again, other = (
        json.loads(run("evaluate", log, "--models", "elo", *SPLIT, "--seed", seed, "--json").stdout)
        for seed in (1, 1, 2)
    )
    intervals = [one["models"][0]["intervals"] for one in (once, again, other)]
    assert intervals[0] == intervals[1]
    assert intervals[0] != intervals[2]


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
        (("--models", "bkt,pfa:item=true"), "unknown option of PFA 'item'; did you mean 'items'"),
        (("--models", "bkt", "--against", "pfa"), "'pfa' is none of bkt"),
        (("--replicates", "1"), "--replicates"),
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
