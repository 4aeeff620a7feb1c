"""What peers are handed: nothing that a tracer of ours would not have seen, each row once."""

import re

import numpy as np
import pytest

from engine import ResponseLog

LOG = ResponseLog.from_records(
    [
        {"learner": "ada", "item": "q2", "skills": ["joins", "select"], "score": 1.0, "order": 1},
        {"learner": "ada", "item": "q1", "skills": ["select"], "score": 0.0, "order": 0},
    ]
)


def test_a_response_with_several_skills_is_a_row_of_each_in_time_order():
    from peering import columns_of

    found = columns_of(LOG)
    assert found["response"].tolist() == [1, 0, 0]
    assert found["skill"].tolist() == ["select@1", "joins@1", "select@1"]
    assert found["correct"].tolist() == [0, 1, 1]


def test_a_response_is_predicted_once_by_the_mean_over_its_skills(monkeypatch):
    import peering

    monkeypatch.setattr(peering, "installed", lambda _: True)
    monkeypatch.setattr(peering, "ask", lambda *_: {"p": [0.2, 0.6, 0.8]})
    predicted = peering.PyBKT().fit(LOG).predict_correct(LOG)
    assert predicted == pytest.approx(np.array([0.7, 0.2]))


def test_a_peer_that_is_not_installed_says_how_to_install_it(monkeypatch):
    import peering

    monkeypatch.setattr(peering, "installed", lambda _: False)
    with pytest.raises(SystemExit, match="make peers"):
        peering.PyBKT()


def test_every_pin_is_exact_and_every_environment_has_what_runs_in_it():
    from environments import PINNED, names

    assert names() == ("hmmlearn", "pybkt", "pybkt-compiled")
    for path in PINNED.glob("*.txt"):
        lines = [one for one in path.read_text(encoding="utf-8").splitlines() if one[0] not in "#-"]
        assert all(re.fullmatch(r"[\w-]+==[\d.]+", one) for one in lines)
    for name in names():
        assert (PINNED / f"run_{name.partition('-')[0]}.py").is_file()
