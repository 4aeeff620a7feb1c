"""Small forms are held to the committed baseline, and what fell is named."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
AUC = {"better": "higher", "by": 0.002, "times": 1.0}
RATIO = {"better": "lower", "by": 0.0, "times": 2.0}


def content(*rows, limits=None):
    return {"key": ["name"], "limits": limits or {"auc": AUC}, "rows": list(rows)}


def held(baseline, measured):
    from run import compared

    return list(compared("quality", baseline, measured))


def test_a_quality_that_fell_by_more_than_its_limit_is_named_with_how_far_it_fell():
    before, after = ({"name": "bkt", "auc": auc} for auc in (0.75, 0.74))
    (found,) = held(content(before), content(after))
    assert found.fell
    assert str(found) == (
        "quality: auc of bkt is 0.74, worse by 0.01 than the baseline's 0.75; limit 0.748"
    )


def test_within_the_limit_and_above_the_baseline_a_quality_holds():
    for auc in (0.7481, 0.9):
        (found,) = held(content({"name": "bkt", "auc": 0.75}), content({"name": "bkt", "auc": auc}))
        assert (found.fell, found.verdict) == (False, "holds")


def test_a_ratio_of_times_may_double_on_a_busy_machine_but_no_more():
    limits = {"units": RATIO}
    for units, fell in ((19.9, False), (20.1, True)):
        before, after = ({"name": "bkt", "units": one} for one in (10.0, units))
        (found,) = held(content(before, limits=limits), content(after, limits=limits))
        assert found.fell is fell


def test_a_row_or_figure_that_is_no_longer_measured_counts_as_fallen():
    for after in (content(), content({"name": "bkt", "auc": None})):
        (found,) = held(content({"name": "bkt", "auc": 0.75}), after)
        assert found.verdict == "missing"


def test_what_is_measured_for_the_first_time_is_not_compared():
    new = {"name": "new", "auc": 0.5}
    assert held(content(), content(new)) == []
    assert held(content({"name": "new"}), content(new)) == []


def test_figures_without_a_limit_are_not_compared():
    before, after = ({"name": "bkt", "auc": 0.75, "seconds": one} for one in (1.0, 100.0))
    assert [one.figure for one in held(content(before), content(after))] == ["auc"]


@pytest.mark.parametrize("path", sorted((BENCHMARKS / "results").glob("*_small.json")))
def test_every_baseline_says_what_it_is_held_to_and_tells_its_rows_apart(path):
    found = json.loads(path.read_text(encoding="utf-8"))
    assert (BENCHMARKS / f"{path.stem.removesuffix('_small')}.py").is_file()
    rows = found["rows"]
    assert len({tuple(row[k] for k in found["key"]) for row in rows}) == len(rows)
    assert all(any(row.get(one) is not None for row in rows) for one in found["limits"])


def test_a_small_form_that_fell_ends_with_exit_code_one_and_leaves_the_baseline_alone(tmp_path):
    checkout = tmp_path / "benchmarks"
    (checkout / "results").mkdir(parents=True)
    for name in ("run.py", "reporting.py"):
        shutil.copy(BENCHMARKS / name, checkout)
    script = """
from reporting import Limit, options, write_results
asked = options("A benchmark.", "tiny").parse_args()
rows = [{"name": "bkt", "auc": AUC}]
write_results("quality_x", rows, small=asked.small, key=["name"], limits={"auc": Limit("higher")})
"""
    place, baseline = checkout / "quality_x.py", checkout / "results" / "quality_x_small.json"

    def run(auc, *options):
        place.write_text(script.replace("AUC", str(auc)), encoding="utf-8")
        command = [sys.executable, checkout / "run.py", "quality_x", *options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert "has no baseline" in run(0.75, "--small").stdout
    assert run(0.75, "--small", "--renew").returncode == 0
    kept = baseline.read_bytes()
    fallen = run(0.74, "--small")
    assert fallen.returncode == 1
    assert "quality_x: auc of bkt is 0.74, worse by 0.01" in fallen.stdout
    assert baseline.read_bytes() == kept
    assert run(0.76, "--small").returncode == 0
    assert run(0.76).returncode == 0
    assert json.loads((checkout / "results" / "quality_x.json").read_text())["rows"] == [
        {"name": "bkt", "auc": 0.76}
    ]
