"""Items calibrated: parameters found again, degenerate pools, pyirt, JSON."""

from __future__ import annotations

import json
import logging
import sys
from importlib.util import find_spec
from shutil import which

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.errors import InvalidInput, ModelFormatError
from engine.knowledge_tracing.calibration import ItemCalibration, calibrate_items
from engine.knowledge_tracing.calibration_by_pyirt import _SETTINGS


def simulated(
    seed: int, n_learners: int, n_items: int, share: float = 1.0, spread: float = 0.3
) -> tuple[ResponseLog, np.ndarray, np.ndarray]:
    """Return answers, and by the log's items the true difficulty and discrimination."""
    rng = np.random.default_rng(seed)
    difficulty, slope = rng.normal(0, 1, n_items), np.exp(rng.normal(0, spread, n_items))
    learner, item = np.nonzero(rng.random((n_learners, n_items)) < share)
    reach = rng.normal(0, 1, n_learners)[learner] - difficulty[item]
    right = rng.random(len(item)) < 1 / (1 + np.exp(-slope[item] * reach))
    log = ResponseLog.from_columns(
        learner=learner, item=item, skills=["k"] * len(item), score=right.astype(float)
    )
    order = np.array(log.item_ids, int)
    return log, difficulty[order], slope[order]


def rmse(found: np.ndarray, true: np.ndarray) -> float:
    return float(np.sqrt(np.mean((found - true) ** 2)))


@pytest.mark.parametrize("share", [1.0, 0.05], ids=["everybody answers all", "few answers each"])
def test_known_parameters_are_found_again(share: float) -> None:
    log, difficulty, slope = simulated(
        0, n_learners=round(2000 / share**0.5), n_items=40, share=share
    )
    found = calibrate_items(log)
    assert rmse(found.difficulty, difficulty) < (0.12 if share == 1 else 0.25)
    assert rmse(found.discrimination, slope) < (0.12 if share == 1 else 0.3)
    assert found.n_responses.sum() == len(log)


def test_few_answers_are_drawn_to_the_other_items() -> None:
    log, *_ = simulated(1, n_learners=400, n_items=30)
    few = np.ones(len(log), bool)
    few[np.flatnonzero(log.item == 3)[4:]] = False
    found = calibrate_items(log.select(few))
    assert abs(found.difficulty[3]) < 3
    assert 0.3 < found.discrimination[3] < 3


def test_rasch_items_share_their_discrimination() -> None:
    log, difficulty, _ = simulated(2, n_learners=1500, n_items=25, spread=0.0)
    found = calibrate_items(log, kind="rasch")
    assert np.ptp(found.discrimination) < 1e-9
    assert found.discrimination[0] == pytest.approx(1.0, abs=0.1)
    assert rmse(found.difficulty, difficulty) < 0.1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("score", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("kind", ["2pl", "rasch"])
def test_answers_that_are_all_alike_give_finite_items(kind: str, score: float) -> None:
    log = ResponseLog.from_columns(
        learner=list("aabbcc"), item=list("pqpqpr"), skills=["k"] * 6, score=[score] * 6
    )
    found = calibrate_items(log, kind=kind)
    assert np.isfinite(found.difficulty).all()
    assert (np.sign(found.difficulty.round(6)) == np.sign(0.5 - score)).all()


def test_an_unknown_item_is_a_middling_one() -> None:
    calibration = ItemCalibration(("p", "q", "r"), [-1, 0, 2], [1, 2, 3], [10, 10, 10])
    slope, difficulty = calibration.of_items(["r", "new"])
    assert slope.tolist() == [3, 2]
    assert difficulty.tolist() == [2, 0]


def test_a_calibration_survives_json_to_the_last_bit() -> None:
    found = calibrate_items(simulated(3, 50, 10)[0])
    read = ItemCalibration.from_json(found.to_json())
    assert read.item_ids == found.item_ids
    np.testing.assert_array_equal(read.difficulty, found.difficulty)
    np.testing.assert_array_equal(read.discrimination, found.discrimination)
    assert found.to_frame()["n_responses"] == found.n_responses.tolist()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "attain-tracer"}, "expected 'attain-item-calibration'"),
        ({"version": 2}, "version 2, expected"),
        ({"difficulty": [1.0]}, "expected one for each of 2 items"),
        ({"discrimination": [1.0, -1.0]}, "not above 0"),
        ({"item_ids": ["p", "p"]}, "repeat one"),
        ({"difficulty": [1.0, "x"]}, "ValueError"),
    ],
)
def test_a_corrupt_calibration_is_refused(change: dict[str, object], told: str) -> None:
    text = ItemCalibration(("p", "q"), [0, 1], [1, 1], [5, 5]).to_json()
    with pytest.raises(ModelFormatError, match=told):
        ItemCalibration.from_json(json.dumps({**json.loads(text), **change}))
    with pytest.raises(ModelFormatError, match="calibrate again"):
        ItemCalibration.from_json(text[:-5])


def test_a_request_that_cannot_be_met_is_refused_with_every_fault() -> None:
    log = simulated(4, 5, 3)[0]
    with pytest.raises(InvalidInput, match="expected '2pl' or 'rasch'"):
        calibrate_items(log, kind="3pl")
    with pytest.raises(InvalidInput, match="which pyirt does not have"):
        calibrate_items(log, kind="rasch", method="pyirt")
    with pytest.raises(InvalidInput, match="there are none"):
        calibrate_items(log.select([]))


def test_without_pyirt_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyirt", None)
    with pytest.raises(ImportError, match=r"attain\[offline\]"):
        calibrate_items(simulated(4, 5, 3)[0], method="pyirt")


@pytest.mark.skipif(
    find_spec("pyirt") is None or which("cc") is None, reason="pyirt and a C compiler are optional"
)
def test_pyirt_agrees_and_leaves_no_trace(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_SETTINGS, "max_iter", 2)  # each takes it half a second, however little
    log, difficulty, _ = simulated(5, n_learners=120, n_items=6)
    finders, handlers, level = sys.meta_path[:], logging.root.handlers[:], logging.root.level
    found = calibrate_items(log, method="pyirt")
    assert (sys.meta_path, logging.root.handlers, logging.root.level) == (finders, handlers, level)
    assert capfd.readouterr() == ("", "")
    assert found.method == "pyirt"
    assert np.corrcoef(found.difficulty, difficulty)[0, 1] > 0.9
    assert (found.discrimination > 0).all()
