"""A format that a learner takes more often than it is offered: by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recommender import ScoreWeights, rank, role_map
from engine.recommender.leaning import of_formats

WEIGHTS = ScoreWeights(preference=0.1)
formats = st.lists(st.sampled_from(["", "video", "lesson", "quiz", "never offered"]))


def test_it_counts_half_after_four_completions_and_nears_one():
    half = {"video": 0.5, "lesson": 0.5}
    for n, expected in ((1, 1 / 5), (4, 1 / 2), (36, 9 / 10)):
        assert of_formats(["video"] * n, half) == {"video": pytest.approx(expected)}


def test_a_format_taken_as_often_as_it_is_offered_is_none_preferred():
    assert of_formats(["video", "lesson"] * 3, {"video": 0.5, "lesson": 0.5}) == {}
    assert of_formats([], {"video": 1.0}) == {}
    assert of_formats(["video"], {"video": 1.0}) == {}


@given(formats)
def test_it_is_bounded_and_what_is_no_format_tells_nothing(taken):
    offered = {"video": 0.2, "lesson": 0.7, "quiz": 0.1}
    found = of_formats(taken, offered)
    assert all(0.0 < one < 1.0 for one in found.values())
    assert found == of_formats([one for one in taken if one in offered], offered)


@pytest.fixture
def choice(say):
    """A video and a lesson that are worth the same, and four of each that teach something else."""
    others = [
        say.teach(f"{form}-{k}", "charts", format=form)
        for form in ("video", "lesson")
        for k in range(4)
    ]
    modules = [say.teach(f"sql-{form}", "sql", format=form) for form in ("video", "lesson")]
    curriculum = say.curriculum_of(["sql", "charts"], [*modules, *others])
    return role_map(curriculum, say.role_of("sql"))


def test_among_equals_the_format_taken_before_comes_first_and_says_so(say, choice):
    state = say.believe(completed=dict.fromkeys([f"video-{k}" for k in range(4)]))
    first, second = rank(choice, state, say.HandWritten(), weights=WEIGHTS)
    assert (first.module_id, second.module_id) == ("sql-video", "sql-lesson")
    # gain .04 a minute, half of a tenth of it for the format
    assert first.terms == pytest.approx(
        {"gain": 0.04, "enables": 0.0, "review": 0.0, "preference": 0.04 * 0.1 * 0.5}
    )
    assert first.reasons[1].sentence == (
        "Its format is video, as of 4 of the 4 modules you completed."
    )
    assert second.terms["preference"] == 0.0


def test_without_completions_or_without_weight_it_changes_nothing(say, choice):
    newcomer = rank(choice, say.believe(), say.HandWritten(), weights=WEIGHTS)
    assert [one.module_id for one in newcomer] == ["sql-lesson", "sql-video"]
    assert newcomer[0].terms["preference"] == 0.0
    state = say.believe(completed=dict.fromkeys([f"video-{k}" for k in range(4)]))
    unmoved = rank(choice, state, say.HandWritten())
    assert [one.module_id for one in unmoved] == ["sql-lesson", "sql-video"]
    assert "preference" not in unmoved[0].terms
