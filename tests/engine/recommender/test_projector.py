"""What the recommender accepts from a projector."""

# ruff: noqa: ARG002  # a projector has its arguments by protocol

from __future__ import annotations

import numpy as np
import pytest

from engine.domain import KnowledgeState, SkillLevel
from engine.errors import InvalidInput
from engine.recommender import attained


class Answers:
    def __init__(self, answer):
        self.answer = answer

    def attainment(self, state, targets, *, at=None):
        return self.answer


ASKED = [SkillLevel("sql", 1), SkillLevel("charts", 2)]


def test_a_list_serves_as_well_as_an_array():
    for answer in ([0.25, 1], np.array([0.25, 1.0])):
        assert attained(Answers(answer), KnowledgeState("ada"), ASKED) == [0.25, 1.0]


def test_rounding_beyond_one_is_cut_off():
    assert attained(Answers([1 + 1e-12, -1e-12]), KnowledgeState("ada"), ASKED) == [1.0, 0.0]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ([0.5], r"has shape \(1,\), expected \(2,\)"),
        ([0.5, float("nan")], "charts at level 2: is nan"),
        ([1.2, 0.5], "sql at level 1: is 1.2"),
        ([0.5, -0.2], "charts at level 2: is -0.2"),
    ],
)
def test_what_is_no_probability_is_refused_by_the_name_of_the_skill(answer, problem):
    with pytest.raises(InvalidInput, match=problem):
        attained(Answers(answer), KnowledgeState("ada"), ASKED)
