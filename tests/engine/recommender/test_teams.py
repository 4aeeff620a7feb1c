"""The gaps of a team tell of the team and of nobody in it, whatever its learners know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import Gap, GapReport, Role, SkillTarget
from engine.errors import TooFew
from engine.recommender import team_gaps

SKILLS = ("sql", "charts", "ethics")
ROLE = Role("analyst", [SkillTarget(one, weight=k + 1.0) for k, one in enumerate(SKILLS)])


def member(shown, p):
    gaps = tuple(Gap(one, k, 0, False) for one, k in zip(ROLE.targets, p, strict=True))
    return shown, GapReport("somebody", "analyst", 0.5, (0.0, 1.0), gaps)


probabilities = st.tuples(*[st.floats(0.0, 1.0)] * len(SKILLS))
members = st.lists(
    st.builds(member, st.sets(st.sampled_from(SKILLS)), probabilities), min_size=5, max_size=12
)


@given(members, st.data())
def test_shares_are_of_whole_learners_and_what_is_kept_back_leaves_no_trace(team, data):
    shown_by = {one: sum(one in shown for shown, _ in team) for one in SKILLS}
    told = [one for one in SKILLS if shown_by[one] >= 5]
    if not told:
        with pytest.raises(TooFew, match="who have shown something"):
            team_gaps(ROLE, team)
        return
    found = team_gaps(ROLE, team)
    assert [one.target.skill_id for one in found.gaps if one.attained is not None] == told
    for gap in found.gaps:
        if gap.attained is None:
            assert (gap.interval, gap.mastered) == (None, None)
            continue
        whole = gap.attained * len(team)
        assert whole == pytest.approx(round(whole))
        assert gap.interval[0] <= gap.attained <= gap.interval[1]
    otherwise = [
        member(
            shown,
            [
                gap.p_attained if one in told else data.draw(st.floats(0.0, 1.0))
                for one, gap in zip(SKILLS, report.gaps, strict=True)
            ],
        )
        for shown, report in team
    ]
    assert team_gaps(ROLE, otherwise) == found


def test_of_a_small_team_nothing_is_told_unless_a_smaller_one_is_allowed():
    team = [member({"sql"}, (0.9, 0.1, 0.1))] * 4
    with pytest.raises(TooFew, match="fewer than 5 learners: too few"):
        team_gaps(ROLE, team)
    assert team_gaps(ROLE, team, fewest=4).gaps[0].attained == 1.0
