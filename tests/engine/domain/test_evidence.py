from datetime import datetime

import pytest

from engine import Completion, InvalidInput, Response


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan"), None, "1", True])
def test_a_response_has_a_score_from_zero_to_one(score):
    with pytest.raises(InvalidInput, match="score"):
        Response("ada", "q1", score)


def test_a_response_lists_all_its_faults():
    with pytest.raises(InvalidInput) as error:
        Response("", "", 2.0, datetime(2026, 1, 1))  # noqa: DTZ001
    assert len(error.value.faults) == 4


def test_a_completion_needs_a_module_and_an_aware_time():
    with pytest.raises(InvalidInput, match="time zone"):
        Completion("ada", "m1", datetime(2026, 1, 1))  # noqa: DTZ001
