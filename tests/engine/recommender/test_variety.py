"""Formats in one list: by hand, and what holds of any."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import KnowledgeState
from engine.errors import InvalidInput
from engine.recommender import ScoreWeights, rank, role_map
from engine.recommender.variety import varied

RANKED = st.lists(
    st.tuples(
        st.floats(0.0, 1.0),
        st.floats(0.0, 1.0),
        st.floats(0.0, 0.5),
        st.sampled_from(["", "video", "lesson"]),
    ),
    max_size=12,
)


@given(RANKED, st.floats(0.0, 1.0), st.integers(1, 14))
def test_it_reorders_within_bounds_and_scores_fall_from_place_to_place(drawn, weight, limit):
    drawn.sort(key=lambda one: -sum(one[:3]))
    ranked = [
        (m, {"gain": gain, "enables": enables, "review": review})
        for m, (gain, enables, review, _) in enumerate(drawn)
    ]
    found = varied(ranked, [one[3] for one in drawn], weight, limit)
    assert sorted(m for m, _ in found) == list(range(len(ranked)))
    scores = [sum(terms.values()) for _, terms in found[:limit]]
    assert all(before >= after - 1e-12 for before, after in pairwise(scores))
    for m, terms in found:
        worth = terms["gain"] + terms["enables"]
        assert -weight * worth <= terms.get("variety", 0.0) <= 0.0
        assert ranked[m][1] == {k: v for k, v in terms.items() if k != "variety"}
    assert not found or found[0] == ranked[0]  # the best one stays the best


@pytest.fixture
def choice(say):
    """Three videos that are a little better than the two lessons; what waits is a lesson too."""
    skills = [f"s{k}" for k in range(5)]
    modules = [
        say.teach(f"{form}-{k}", skills[k], minutes=10 + k, format=form)
        for k, form in enumerate(["video", "video", "video", "lesson", "lesson"])
    ]
    late = say.teach("late", "more", format="article", minutes=1)
    curriculum = say.curriculum_of([*skills, "more"], [*modules, late], ["more < s4"])
    return role_map(curriculum, say.role_of(*skills, "more"))


def listed(say, choice, variety, limit=3):
    weights = ScoreWeights(variety=variety, enables=0.0)
    found = rank(choice, KnowledgeState("ada"), say.HandWritten(), weights=weights, limit=limit)
    for one in found:
        assert one.score == pytest.approx(sum(one.terms.values()), abs=1e-12)
    return [one.module_id for one in found], found


def test_a_list_of_one_format_gets_another_one_in(say, choice):
    assert listed(say, choice, 0.0)[0] == ["video-0", "video-1", "video-2"]
    ids, found = listed(say, choice, 0.6)
    assert ids == ["video-0", "lesson-3", "video-1"]
    assert found[2].terms["variety"] == pytest.approx(-0.6 * found[2].terms["gain"] / 2)
    assert found[2].reasons[-1].sentence == "The list has other modules of its format, video."


def test_it_opens_nothing_that_waits(say, choice):
    for variety in (0.0, 0.5, 1.0):
        assert "late" not in listed(say, choice, variety, limit=9)[0]


def test_more_than_the_whole_worth_cannot_be_asked_for():
    with pytest.raises(InvalidInput, match=r"variety: is 1\.5"):
        ScoreWeights(variety=1.5)
