"""Paths renew what would expire on the way: once that is worth more than what is new, in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import PathPlanner
from engine.domain import Role, SkillTarget
from engine.recommender import ScoreWeights

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
PACE = 70.0  # minutes a week: ten a day
dice = st.randoms(use_true_random=False)


def in_days(days):
    return NOW + timedelta(days=days)


def ids(path):
    return [step.module_id for step in path.steps]


def planner_of(say, modules, *, edges=(), **more):
    skills = dict.fromkeys(effect.skill_id for module in modules for effect in module.teaches)
    return PathPlanner(
        tracer=say.HandWritten(), curriculum=say.curriculum_of(list(skills), modules, edges), **more
    )


def holder(say, expires_in, valid_days=365.0, **beliefs):
    """Who has done the drill so that the proof of it expires in so many days."""
    done = {"drill": in_days(expires_in - valid_days)}
    return say.believe(completed=done, **{"fire": 0.99, **beliefs})


def plan(planner, state, targets, days=100.0, **more):
    return planner.plan(
        state, role=Role("r", targets), until=in_days(days), minutes_per_week=PACE, at=NOW, **more
    )


@pytest.fixture
def drill(say):
    return say.teach("drill", ("fire", 1, 0.9), minutes=30)


class TestAgainstWhatIsNew:
    """Forty lessons of 10 minutes each beside a drill of 30 whose proof expires in 40 days."""

    @pytest.mark.parametrize(("keeping", "lessons_before"), [(1.0, 32), (2.0, 21), (0.5, 37)])
    def test_it_comes_once_it_is_worth_more(self, say, drill, keeping, lessons_before):
        """A lesson brings .75 / 10 of a share a minute, the drill keeps .95 / 30.

        So the drill is worth more where keeping · near · (.075 + .03167) > .075, near being
        1 − (400 − t) / 300: from minute 311 on, and with a weight of 2 from 205.5. With .5 it never
        is; then it comes when there is no time for another lesson before it.
        """
        lessons = [say.teach(f"m{k:02}", (f"s{k:02}", 1, 0.99)) for k in range(40)]
        planner = planner_of(say, [*lessons, drill], weights=ScoreWeights(keeping=keeping))
        targets = [SkillTarget(f"s{k:02}") for k in range(40)]
        path = plan(planner, holder(say, 40), [*targets, SkillTarget("fire", valid_days=365)], 60)
        at = ids(path).index("drill")
        assert at == lessons_before
        step = path.steps[at]
        assert step.ends_at == in_days(lessons_before + 3)
        assert step.reason.term == "keeping"
        assert step.reason.sentence == (
            "Renews Fire at level 1 (Awareness): the proof of it expires on 11 July 2026."
        )
        fire = path.arrivals[-1]
        assert (fire.reached_at, fire.expires_at, fire.late_days) == (
            step.ends_at,
            in_days(40),
            0.0,
        )
        early = 40 - lessons_before - 3
        beside = f"{early} days before" if early else "just before"
        assert fire.sentence.endswith(f", {beside} the proof of it expires.")

    def test_without_the_weight_or_the_time_it_is_left_out(self, say, drill):
        lesson = say.teach("m", ("s", 1, 0.99))
        targets = [SkillTarget("s"), SkillTarget("fire", valid_days=365)]
        for off in ({"keeping": 0.0}, {"horizon_days": 0.0}):
            planner = planner_of(say, [lesson, drill], weights=ScoreWeights(**off))
            assert ids(plan(planner, holder(say, 40), targets)) == ["m"]
        planner = planner_of(say, [lesson, drill])
        assert ids(plan(planner, holder(say, 40), targets, 39)) == ["m"]
        path = planner.plan(holder(say, 40), role=Role("r", targets), budget_minutes=1e3, at=NOW)
        assert ids(path) == ["m"]

    @pytest.mark.parametrize("method", ["greedy", "exact"])
    def test_a_long_way_is_broken_off_for_it(self, say, drill, method):
        """All steps together would take 40 days, and 37 are left before the drill has to begin."""
        lengths = {"a": 100, "b": 100, "c": 200}
        steps = [say.teach(one, (one, 1, 0.99), minutes=left) for one, left in lengths.items()]
        planner = planner_of(say, [*steps, drill], edges=["b < a", "c < b"])
        targets = [SkillTarget("c"), SkillTarget("fire", valid_days=365)]
        path = plan(planner, holder(say, 40), targets, method=method)
        assert ids(path) == ["a", "b", "drill", "c"]
        assert [step.elapsed_minutes for step in path.steps] == [100.0, 200.0, 230.0, 430.0]
        assert [step.reason.sentence for step in path.steps[:2]] == [
            "You need A at level 1 (Awareness) before B, on the way to C.",
            "You need B at level 1 (Awareness) before C.",
        ]

    def test_what_is_due_before_it_comes_first(self, say, drill):
        """The job takes all 300 minutes until it is due, the drill has two days after that."""
        planner = planner_of(say, [say.teach("m", ("s", 1, 0.99), minutes=300), drill])
        targets = [SkillTarget("s", due_at=in_days(30)), SkillTarget("fire", valid_days=365)]
        path = plan(planner, holder(say, 33), targets)
        assert ids(path) == ["m", "drill"]
        assert not any(one.is_late for one in path.arrivals)
        path = plan(planner, holder(say, 32), targets)  # not both; the drill is the shorter one
        assert ids(path) == ["drill", "m"]
        assert [one.late_days for one in path.arrivals] == [pytest.approx(3.0), 0.0]


class TestWhereNothingIsNew:
    def test_it_waits_until_it_makes_sense_and_comes_again(self, say, drill):
        planner = planner_of(say, [drill])
        path = plan(planner, holder(say, 40, 100), [SkillTarget("fire", valid_days=100)], 200)
        assert ids(path) == ["drill"] * 3
        # from 30 days before the end on, three days each; then valid for another hundred
        assert [step.ends_at for step in path.steps] == [in_days(13), in_days(86), in_days(159)]
        assert [step.elapsed_minutes for step in path.steps] == [30.0, 60.0, 90.0]
        assert path.steps[1].reason.sentence.endswith("expires on 22 September 2026.")
        assert path.gain == 0.0

    def test_what_is_short_is_renewed_in_the_second_half_of_its_time(self, say, drill):
        planner = planner_of(say, [drill])
        path = plan(planner, holder(say, 20, 20), [SkillTarget("fire", valid_days=20)], 60)
        assert [step.ends_at for step in path.steps] == [in_days(d) for d in (13, 26, 39, 52)]
        ranked = planner.recommend(
            holder(say, 11, 20), role=Role("r", [SkillTarget("fire", valid_days=20)]), at=NOW
        )
        assert not ranked

    @pytest.mark.parametrize(("pace", "times"), [(5e-324, 0), (1e-3, 0), (10_080.0, 50)])
    def test_what_never_lasts_is_renewed_fifty_times_at_most(self, say, drill, pace, times):
        role = Role("r", [SkillTarget("fire", valid_days=0.01)])
        state, until = holder(say, 0.005, 0.01), in_days(6e4)
        found = planner_of(say, [drill]).plan(
            state, role=role, until=until, minutes_per_week=pace, at=NOW
        )
        assert len(found.steps) == times

    def test_the_shortest_way_that_is_open_is_taken(self, say, drill):
        modules = [
            drill,
            say.teach("long", ("fire", 1, 0.9), minutes=50),
            say.teach("closed", ("fire", 1, 0.9), minutes=5, requires=("long",)),
        ]
        planner = planner_of(say, modules)
        targets = [SkillTarget("fire", valid_days=365)]
        assert ids(plan(planner, holder(say, 40), targets)) == ["drill"]
        assert ids(plan(planner, holder(say, 40), targets, denied=["drill"])) == ["long"]

    def test_what_nothing_renews_lapses_and_says_so(self, say, drill):
        lessons = [say.teach(f"m{k}", (f"s{k}", 1, 0.99), minutes=200) for k in (1, 2)]
        planner = planner_of(say, [*lessons, drill])
        targets = [SkillTarget("s1"), SkillTarget("s2"), SkillTarget("fire", valid_days=365)]
        path = plan(planner, holder(say, 30), targets, denied=["drill"])
        before, after = path.steps
        assert (before.p_attained[2], after.p_attained[2]) == (0.99, 0.0)
        assert after.expected_readiness == pytest.approx(2 * 0.992 / 3)
        fire = path.arrivals[2]
        assert (fire.reached_at, fire.late_days, fire.is_late) == (None, inf, True)
        assert fire.sentence == (
            "Fire at level 1 (Awareness) is not renewed within this path: the proof of it expires"
            " on 1 July 2026."
        )
        assert "every target" not in path.note

    def test_what_has_expired_is_renewed_as_what_is_new(self, say, drill):
        planner = planner_of(say, [drill])
        path = plan(planner, holder(say, -9), [SkillTarget("fire", valid_days=365)])
        assert ids(path) == ["drill"]
        assert path.steps[0].ends_at == in_days(3)
        assert path.steps[0].reason.sentence == (
            "Renews Fire at level 1 (Awareness): the proof of it expired on 23 May 2026."
        )

    def test_a_lesson_that_renews_it_on_the_way_is_enough(self, say, drill):
        both = say.teach("both", ("s", 1, 0.99), ("fire", 1, 0.9), minutes=40)
        planner = planner_of(say, [both, drill])
        path = plan(
            planner, holder(say, 40), [SkillTarget("s"), SkillTarget("fire", valid_days=365)]
        )
        assert ids(path) == ["both"]
        assert path.arrivals[1].reached_at == in_days(4)


@settings(max_examples=60, deadline=None)
@given(rng=dice)
def test_all_is_renewed_in_time_where_it_can_be(say, rng):
    """Against Jackson's rule: by date, whatever else there is to learn."""
    certificates = {f"c{k}": 10.0 * rng.randint(1, 5) for k in range(rng.randint(1, 4))}
    lessons = {f"s{k}": 10.0 * rng.randint(1, 20) for k in range(rng.randint(0, 4))}
    modules = [
        say.teach(f"m-{one}", (one, 1, 0.99), minutes=minutes)
        for one, minutes in {**certificates, **lessons}.items()
    ]
    ends = {one: rng.randint(1, 60) for one in certificates}
    state = say.believe(
        completed={f"m-{one}": in_days(days - 365) for one, days in ends.items()},
        **dict.fromkeys(certificates, 0.99),
    )
    targets = [SkillTarget(one, valid_days=365) for one in certificates]
    targets += [SkillTarget(one) for one in lessons]
    days, method = rng.randint(5, 80), rng.choice(["greedy", "exact"])
    path = plan(planner_of(say, modules), state, targets, days, method=method)
    in_order = sorted((end, certificates[one]) for one, end in ends.items() if end <= days)
    feasible = all(
        sum(minutes for _, minutes in in_order[: k + 1]) <= 10 * end
        for k, (end, _) in enumerate(in_order)
    )
    max_lesson = max(lessons.values(), default=0.0)
    for one in path.arrivals:
        skill_id = one.target.skill_id
        if skill_id in certificates:
            assert ends[skill_id] <= days
            assert one.expires_at == in_days(ends[skill_id])
            assert not (feasible and one.is_late)
            if one.reached_at is not None and len(certificates) == 1 and max_lesson <= 100.0:
                opens = min(ends[skill_id] - 30, ends[skill_id] - certificates[skill_id] / 10)
                assert one.reached_at >= in_days(opens), "not before it makes sense"
    assert sum(end <= days for end in ends.values()) == sum(
        one.expires_at is not None for one in path.arrivals
    )
    assert all(step.ends_at <= in_days(days + 1e-6) for step in path.steps)
    assert path.minutes <= 10 * days + 1e-6
    assert path.gain <= path.bound + 1e-12
