"""`attain bench`: in a checkout it runs the benchmarks, elsewhere it says what it needs."""

import pytest

from engine import AttainError
from service.cli.bench import runner_of


def test_the_benchmarks_are_listed(run, capfd):
    assert run("bench", "--list").exit_code == 0
    assert {"quality_prediction", "speed_fit"} <= set(capfd.readouterr().out.split())


def test_a_small_form_is_held_to_the_committed_baseline(run, capfd):
    result = run("bench", "quality_calibration", "--small")
    shown = capfd.readouterr().out
    assert result.exit_code == 0, shown
    assert "4 figures compared, 0 fell" in shown


def test_an_unknown_benchmark_is_asked_wrongly_and_the_others_are_named(run, capfd):
    assert run("bench", "quality_of_life").exit_code == 2
    assert "quality_recovery" in capfd.readouterr().err


def test_outside_a_checkout_it_says_that_it_needs_one(tmp_path):
    with pytest.raises(AttainError, match="need a checkout of Attain"):
        runner_of(tmp_path / "service")
