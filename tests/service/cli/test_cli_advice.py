"""`attain recommend`, `attain plan` and `attain report`."""

import json
import math
import subprocess
import sys

import pytest


def test_recommendations_come_with_titles_and_reasons(run, database):
    result = run("recommend", "ada", "-d", database)
    assert result.exit_code == 0
    assert result.stdout.startswith("Ada Lovelace (ada) as Senior\nReadiness ")
    assert "1. " in result.stdout
    assert "   - " in result.stdout


def test_brackets_in_a_title_are_printed_as_they_are(run, database):
    assert "[Charts]" in run("recommend", "ada", "-d", database, "--allowed", "m-charts").stdout
    assert "[Charts]" in run("plan", "ada", "-d", database).stdout


def test_recommendations_as_json_have_terms_that_add_up(run, database):
    result = run("recommend", "ada", "-d", database, "--limit", 2, "--json")
    found = json.loads(result.stdout)
    assert (found["learner_id"], found["role_id"]) == ("ada", "senior")
    assert 1 <= len(found["recommendations"]) <= 2
    for one in found["recommendations"]:
        assert math.isclose(sum(one["terms"].values()), one["score"], abs_tol=1e-12)


def test_only_allowed_modules_are_recommended(run, database):
    result = run("recommend", "ada", "-d", database, "--allowed", "m-charts, m-select", "--json")
    modules = {one["module_id"] for one in json.loads(result.stdout)["recommendations"]}
    assert modules <= {"m-charts", "m-select"}
    assert modules


def test_an_empty_list_of_allowed_modules_is_answered_with_the_reason(run, database):
    reason = "No module is both allowed and available"
    found = json.loads(run("recommend", "ada", "-d", database, "--allowed", "", "--json").stdout)
    assert found["recommendations"] == []
    assert found["note"].startswith(reason)
    shown = run("recommend", "ada", "-d", database, "--allowed", "")
    assert shown.exit_code == 0
    assert reason in " ".join(shown.stdout.split())


def test_modules_left_out_are_neither_recommended_nor_planned(run, database):
    first = json.loads(run("recommend", "ada", "-d", database, "--json").stdout)
    best = first["recommendations"][0]["module_id"]
    for command in (("recommend", "ada", "-d", database), ("plan", "ada", "-d", database)):
        found = json.loads(run(*command, "--without", best, "--json").stdout)
        assert best not in json.dumps(found.get("recommendations", found.get("steps")))
    unknown = run("recommend", "ada", "-d", database, "--without", "nothing")
    assert unknown.exit_code == 2
    assert "denied[0]" in unknown.stderr


def test_what_is_recommended_fits_into_the_time_that_there_is(run, database):
    found = json.loads(run("recommend", "ada", "-d", database, "--json").stdout)
    shortest = min(one["minutes"] for one in found["recommendations"])
    ask = ("recommend", "ada", "-d", database, "--json", "--within-minutes")
    fitting = json.loads(run(*ask, shortest).stdout)["recommendations"]
    assert {one["minutes"] for one in fitting} == {shortest}
    none = json.loads(run(*ask, 0.5).stdout)
    assert none["recommendations"] == []
    assert none["note"].startswith("Nothing that helps now fits into 0.5 minutes")


def test_what_lost_is_explained_on_demand(run, database):
    ask = ("recommend", "ada", "-d", database, "--limit", 1, "--alternatives", 2)
    found = json.loads(run(*ask, "--json").stdout)["alternatives"]
    assert found
    shown = run(*ask).stdout
    assert all(one["sentence"] in " ".join(shown.split()) for one in found)


def test_a_plan_keeps_to_its_budget_and_rises(run, database):
    found = json.loads(run("plan", "ada", "-d", database, "--budget-minutes", 25, "--json").stdout)
    assert found["steps"]
    assert found["steps"][-1]["elapsed_minutes"] <= 25
    assert found["expected_readiness"] >= found["readiness"]
    shown = run("plan", "ada", "-d", database, "--budget-minutes", 25)
    assert "of 25 min: readiness" in shown.stdout
    assert "80% interval" in shown.stdout


def test_the_best_plan_there_is_can_be_asked_for(run, database):
    ask = ("plan", "ada", "-d", database, "--budget-minutes", 25)
    greedy = json.loads(run(*ask, "--json").stdout)
    exact = json.loads(run(*ask, "--method", "exact", "--seconds", 5, "--json").stdout)
    assert (greedy["method"], exact["method"]) == ("greedy", "exact")
    assert greedy["gain"] <= exact["gain"] <= exact["bound"] <= greedy["bound"] + 1e-9
    shown = " ".join(run(*ask, "--method", "exact").stdout.split())
    assert "No other path within the budget gains more." in shown
    assert run(*ask, "--method", "best").exit_code == 2
    assert run(*ask, "--method", "exact", "--seconds", 0).exit_code == 2


def test_what_compiled_code_prints_stays_out_of_the_answer():
    code = """
import ctypes
from service.cli.console import say, stdout_aside
say("before")
with stdout_aside():
    ctypes.CDLL(None).puts(b"noise")
say("after")
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "before\nafter\n"
    assert ran.stderr == "noise\n"


def test_a_forecast_says_how_long_it_takes_at_a_pace(run, database):
    ask = ("forecast", "ada", "--role", "junior", "-d", database)
    found = json.loads(run(*ask, "--minutes-per-week", 60, "--json").stdout)
    assert found["weeks"] == found["minutes"] / 60
    assert found["minutes_low"] <= found["minutes"] <= found["minutes_high"]
    assert found["path_minutes"] == 5
    assert "weeks of 120 min" in run(*ask).stdout
    assert run(*ask, "--minutes-per-week", 0).exit_code == 2


def test_a_forecast_names_what_nothing_leads_to(run, database):
    shown = run("forecast", "ada", "-d", database)
    assert "Senior is out of reach with what is on offer." in shown.stdout
    assert "Nothing on offer leads to Selecting at level 2" in shown.stdout
    assert json.loads(run("forecast", "ada", "-d", database, "--json").stdout)["minutes"] is None


def test_a_probe_names_an_item_and_what_is_not_asked_again(run, database):
    ask = ("probe", "ada", "-d", database, "--precision", 0.001)
    first = json.loads(run(*ask, "--json").stdout)["item"]
    shown = run(*ask).stdout
    assert f"[{first['item_id']}]" in shown
    other = json.loads(run(*ask, "--asked", first["item_id"], "--json").stdout)["item"]
    assert other is None or other["item_id"] != first["item_id"]
    done = run("probe", "ada", "-d", database, "--precision", 0.99).stdout
    assert "as precisely as was asked for" in done
    assert run("probe", "ada", "-d", database, "--asked", "nothing").exit_code == 2


def test_a_report_shows_gaps_and_the_whole_ladder(run, database):
    result = run("report", "ada", "-d", database)
    assert result.exit_code == 0
    assert "Joining" in result.stdout
    assert "Ladder data" in result.stdout
    assert result.stdout.index("Senior  ") < result.stdout.index("Junior  ")


def test_a_report_as_json_has_readiness_for_every_rung(run, database):
    found = json.loads(run("report", "ada", "-d", database, "--json").stdout)
    assert [rung["role_id"] for rung in found["rungs"]] == ["junior", "senior"]
    assert found["rungs"][0]["readiness"] > found["rungs"][1]["readiness"]
    assert found["readiness"] == found["rungs"][1]["readiness"]
    assert {gap["skill_id"] for gap in found["gaps"]} == {"select", "joins", "charts"}


def test_another_role_can_be_asked_about(run, database):
    found = json.loads(run("report", "ada", "-d", database, "--role", "junior", "--json").stdout)
    assert found["role_id"] == "junior"


@pytest.mark.parametrize("command", ["recommend", "plan", "report"])
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("adda",), "unknown learner 'adda'; did you mean 'ada'?"),
        (("ada", "--role", "sennior"), "unknown role 'sennior'; did you mean 'senior'"),
        (("idle",), "has no role"),
        (("ada", "--at", "yesterday"), "no instant with its offset"),
        (("ada", "--at", "2026-03-01T09:30:00"), "no instant with its offset"),
    ],
)
def test_what_cannot_be_answered_is_asked_wrongly(run, database, command, arguments, complaint):
    result = run(command, *arguments, "-d", database)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert complaint in result.stderr


def test_a_module_that_does_not_exist_cannot_be_allowed(run, database):
    result = run("recommend", "ada", "-d", database, "--allowed", "m-maps")
    assert result.exit_code == 2
    assert "m-maps" in result.stderr


def test_the_instant_asked_about_is_that_of_the_answer(run, database):
    at = "2026-05-01T10:00:00+02:00"
    found = json.loads(run("recommend", "ada", "-d", database, "--at", at, "--json").stdout)
    assert found["at"].startswith("2026-05-01T")


def test_formats_count_on_demand(run, database):
    ask = ("recommend", "ada", "-d", database, "--json", "--variety", 1, "--preference", 0.5)
    for one in json.loads(run(*ask).stdout)["recommendations"]:
        assert abs(sum(one["terms"].values()) - one["score"]) < 1e-12
        assert one["terms"]["preference"] >= 0.0
    assert run(*ask[:-3], 2).exit_code == 2
