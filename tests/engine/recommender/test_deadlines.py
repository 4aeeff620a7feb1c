"""Paths that know dates: what is due is reached before it is due, where that can be done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import PathPlanner
from engine.domain import Role, SkillTarget
from engine.errors import InvalidInput

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
PACE = 70.0  # minutes a week: ten a day
worlds = settings(max_examples=60, deadline=None)
dice = st.randoms(use_true_random=False)


def in_days(days):
    return NOW + timedelta(days=days)


def chains_from(rng, say, due):
    """Skills that stand alone or build on the one before, a module each that reaches it."""
    n = rng.randint(1, 7)
    skills = [f"s{k}" for k in range(n)]
    edges = [f"{after} < {before}" for before, after in pairwise(skills) if rng.random() < 0.4]
    minutes = {one: 10.0 * rng.randint(1, 9) for one in skills}
    modules = [say.teach(f"m-{one}", (one, 1, 0.99), minutes=minutes[one]) for one in skills]
    targets = [
        SkillTarget(one, weight=rng.choice([1.0, 2.0]), due_at=due(rng))
        for one in rng.sample(skills, rng.randint(1, n))
    ]
    needs = {}
    for k, one in enumerate(skills):
        before = needs[skills[k - 1]] if f"{one} < {skills[k - 1]}" in edges else frozenset()
        needs[one] = before | {one}
    planner = PathPlanner(
        tracer=say.HandWritten(prior=(0.1, 0.1, 0.1, 0.1)),
        curriculum=say.curriculum_of(skills, modules, edges),
    )
    return planner, Role("r", targets), needs, minutes


def sometimes_due(rng):
    return in_days(rng.randint(-5, 30)) if rng.random() < 0.6 else None


def never_due(_):
    return None


def plan(planner, role, say, budget, **more):
    return planner.plan(say.believe(), role=role, budget_minutes=budget, at=NOW, **more)


def undated(path):
    return [step._replace(ends_at=None) for step in path.steps]


def in_time_by_date(targets, needs, minutes):
    """Whether all that is due is reached in time, taken by date (Jackson's rule)."""
    done = set()
    for target in sorted(targets, key=lambda one: one.due_at):
        done |= needs[target.skill_id]
        if sum(minutes[one] for one in done) / 10.0 > (target.due_at - NOW) / timedelta(days=1):
            return False
    return True


@worlds
@given(rng=dice)
def test_a_path_to_what_is_never_due_is_the_same_as_without_dates(say, rng):
    planner, role, _, _ = chains_from(rng, say, never_due)
    budget, method = rng.uniform(10.0, 400.0), rng.choice(["greedy", "exact"])
    without = plan(planner, role, say, budget, method=method)
    found = plan(planner, role, say, budget, method=method, minutes_per_week=PACE)
    assert undated(found) == undated(without)
    assert (found.gain, found.note) == (without.gain, without.note)
    assert without.arrivals == ()
    assert [one.target for one in found.arrivals] == list(role.targets)
    assert not any(one.is_late for one in found.arrivals)


@worlds
@given(rng=dice)
def test_nothing_is_late_where_all_can_be_in_time_and_no_path_is_later_than_without_dates(say, rng):
    planner, role, needs, minutes = chains_from(rng, say, sometimes_due)
    budget, method = rng.uniform(50.0, 400.0), rng.choice(["greedy", "exact"])
    due = [one for one in role.targets if one.due_at is not None]
    found = plan(planner, role, say, budget, method=method, minutes_per_week=PACE)
    without = plan(planner, role, say, budget, method=method)
    late = [one.target for one in found.arrivals if one.is_late]
    end = NOW + timedelta(days=budget / 10.0)
    if in_time_by_date([one for one in due if one.due_at <= end], needs, minutes):
        due_later = {one for one in due if one.due_at > end}
        assert set(late) <= due_later, "what is due within the path is reached in time"
    if in_time_by_date(due, needs, minutes):
        assert not late
        if in_time_as_it_is(without, due, needs, minutes):
            assert found.gain == pytest.approx(without.gain, abs=1e-12)
            assert method == "exact" or undated(found) == undated(without)
    assert found.minutes <= budget + 1e-6
    done = set()
    for step in found.steps:
        done.add(step.module_id.removeprefix("m-"))
        assert needs[step.module_id.removeprefix("m-")] <= done
    assert found.gain <= found.bound + 1e-12


def in_time_as_it_is(path, due, needs, minutes):
    """Whether all that is due is reached in time along a path, and by date after it."""
    ends = {step.module_id.removeprefix("m-"): step.elapsed_minutes for step in path.steps}
    for target in sorted(due, key=lambda one: one.due_at):
        for one in needs[target.skill_id] - ends.keys():
            ends[one] = max(ends.values(), default=0.0) + minutes[one]
        end = max(ends[one] for one in needs[target.skill_id])
        if end / 10.0 > (target.due_at - NOW) / timedelta(days=1):
            return False
    return True


@worlds
@given(rng=dice)
def test_as_few_are_late_as_can_be_of_what_shares_nothing_and_weighs_the_same(say, rng):
    """Moore's rule, against every set that there is."""
    n = rng.randint(2, 6)
    minutes = {f"s{k}": 10.0 * rng.randint(1, 9) for k in range(n)}
    modules = [say.teach(f"m-{one}", (one, 1, 0.99), minutes=minutes[one]) for one in minutes]
    planner = PathPlanner(
        tracer=say.HandWritten(prior=(0.1, 0.1, 0.1, 0.1)),
        curriculum=say.curriculum_of(list(minutes), modules),
    )
    targets = [SkillTarget(one, due_at=in_days(rng.randint(1, 20))) for one in minutes]
    found = plan(planner, Role("r", targets), say, 1000.0, minutes_per_week=PACE)
    needs = {one: {one} for one in minutes}
    most = max(
        size
        for size in range(n + 1)
        for some in combinations(targets, size)
        if in_time_by_date(some, needs, minutes)
    )
    assert sum(not one.is_late for one in found.arrivals) == most
    assert all(one.reached_at is not None for one in found.arrivals)


class TestOneDateAmongOthers:
    @pytest.fixture
    def planner(self, say):
        modules = [
            say.teach("quick-1", ("quick", 1, 0.99), minutes=10),
            say.teach("base-1", ("base", 1, 0.99), minutes=30),
            say.teach("fire-1", ("fire", 1, 0.99), minutes=40),
        ]
        return PathPlanner(
            tracer=say.HandWritten(),
            curriculum=say.curriculum_of(["quick", "base", "fire"], modules, ["fire < base"]),
        )

    def role(self, days, *more):
        return Role("r", [SkillTarget("quick"), SkillTarget("fire", due_at=in_days(days)), *more])

    def ids(self, path):
        return [step.module_id for step in path.steps]

    def told(self, planner, say, days, budget=100.0, pace=PACE):
        return plan(planner, self.role(days), say, budget, minutes_per_week=pace)

    def test_what_is_denser_comes_first_while_there_is_time(self, planner, say):
        path = self.told(planner, say, 8)
        assert self.ids(path) == ["quick-1", "base-1", "fire-1"]
        quick, fire = path.arrivals
        assert (quick.reached_at, fire.reached_at) == (in_days(1), in_days(8))
        assert fire.sentence == (
            "Fire at level 1 (Awareness) is to be expected by 9 June 2026, just before it is due."
        )
        assert quick.sentence == "Quick at level 1 (Awareness) is to be expected by 2 June 2026."

    def test_what_is_due_comes_first_where_there_is_none_to_lose(self, planner, say):
        path = self.told(planner, say, 7.5)
        assert self.ids(path) == ["base-1", "fire-1", "quick-1"]
        assert [one.late_days for one in path.arrivals] == [0.0, 0.0]
        assert path.gain == pytest.approx(self.told(planner, say, 8).gain, abs=1e-12)

    def test_what_is_late_anyway_comes_as_soon_as_it_can(self, planner, say):
        path = self.told(planner, say, 6)
        assert self.ids(path) == ["base-1", "fire-1", "quick-1"]
        fire = path.arrivals[1]
        assert (fire.is_late, fire.late_days) == (True, pytest.approx(1.0))
        assert fire.sentence.endswith("is to be expected by 8 June 2026, 1 day after it is due.")

    @pytest.mark.parametrize("pace", [5e-324, 1e-300, 1e-3])
    def test_hardly_any_time_takes_for_ever(self, planner, say, pace):
        path = self.told(planner, say, 6, pace=pace)
        assert all(one.reached_at.year > 3000 for one in path.arrivals)
        assert path.arrivals[1].sentence.endswith("more than a hundred years after it is due.")

    def test_it_makes_nothing_else_late(self, planner, say):
        role = Role(
            "r",
            [SkillTarget("quick", due_at=in_days(1)), SkillTarget("fire", due_at=in_days(-3))],
        )
        path = plan(planner, role, say, 100.0, minutes_per_week=PACE)
        assert self.ids(path) == ["quick-1", "base-1", "fire-1"]
        assert [one.late_days for one in path.arrivals] == [0.0, pytest.approx(11.0)]

    def test_the_budget_goes_to_what_is_due_first_and_the_bound_stays_that_of_gain(
        self, planner, say
    ):
        role = self.role(7, SkillTarget("base", weight=0.01))
        for method in ("greedy", "exact"):
            path = plan(planner, role, say, 70.0, method=method, minutes_per_week=PACE)
            assert self.ids(path) == ["base-1", "fire-1"]
            assert not path.arrivals[1].is_late
            assert path.bound >= plan(planner, role, say, 70.0, method="exact").gain - 1e-12

    def test_what_is_not_reached_says_so(self, planner, say):
        path = self.told(planner, say, 1, budget=20.0)
        quick, fire = path.arrivals
        assert (quick.is_late, fire.reached_at, fire.late_days) == (False, None, inf)
        assert fire.sentence == (
            "Fire at level 1 (Awareness) is not reached within this path, and due on 2 June 2026:"
            " 20% are expected after it."
        )
        later = self.told(planner, say, 60, budget=20.0).arrivals[1]
        assert (later.reached_at, later.is_late) == (None, False)

    def test_a_target_that_nothing_brings_to_mastery_is_reached_as_far_as_it_goes(self, say):
        lessons = [say.teach(f"l{k}", ("sql", 1, 0.5), minutes=10) for k in (1, 2)]
        planner = PathPlanner(
            tracer=say.HandWritten(), curriculum=say.curriculum_of(["sql"], lessons)
        )
        role = Role("r", [SkillTarget("sql", due_at=in_days(5))])
        (only,) = plan(planner, role, say, 100.0, minutes_per_week=PACE).arrivals
        assert (only.reached_at, only.p_attained) == (in_days(2), pytest.approx(0.8))
        assert "at 80%, as far as what is on offer leads, 3 days before it is due" in only.sentence

    def test_time_from_no_instant_on_is_refused(self, planner, say):
        with pytest.raises(InvalidInput) as refused:
            planner.plan(
                say.believe(), role=self.role(1), budget_minutes=10.0, minutes_per_week=-1.0
            )
        assert [one.where for one in refused.value.faults] == ["minutes_per_week", "at"]
