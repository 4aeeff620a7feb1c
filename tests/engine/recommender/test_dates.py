"""What is due, what expires, what fades, and what is new: which of them comes first, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from engine import BKT, PathPlanner
from engine.domain import Completion, KnowledgeState, Response, Role, SkillTarget
from engine.errors import InvalidCurriculum
from engine.recommender import ScoreWeights
from engine.recommender.lapsing import closeness

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def after(days):
    return NOW + timedelta(days=days)


@pytest.fixture
def curriculum(say):
    return say.curriculum_of(
        ["sql", "joins", "fire"],
        [
            say.teach("sql-1", "sql"),
            say.teach("joins-1", ("joins", 1, 0.9)),
            say.teach("drill", ("fire", 1, 0.9), minutes=30),
        ],
        prerequisites=["joins < sql"],
        items=[{"item_id": f"{s}-{k}", "skills": [s]} for s in ("sql", "fire") for k in range(6)],
    )


def first(planner, state, role, at=NOW):
    found = planner.recommend(state, role=role, at=at)
    for one in found:
        assert one.score == pytest.approx(sum(one.terms.values()), abs=1e-12)
    return found[0].module_id


class TestWhatIsDue:
    @pytest.fixture
    def planner(self, curriculum, say):
        return PathPlanner(tracer=say.HandWritten(), curriculum=curriculum)

    def test_it_comes_after_what_is_denser_while_there_is_time_and_before_it_when_not(
        self, planner, say
    ):
        state = say.believe(sql=0.9, joins=0.1, fire=0.2)
        role = Role("r", [SkillTarget("joins"), SkillTarget("fire", due_at=after(60))])
        # joins brings .405 in 10 minutes, the drill .36 / 30: three times as much is less still
        assert first(planner, state, role, after(60)) == "joins-1"
        even = Role("r", [SkillTarget("joins", weight=0.5), SkillTarget("fire", due_at=after(60))])
        assert first(planner, state, even, after(20)) == "joins-1"
        assert first(planner, state, even, after(60)) == "drill"

    def test_it_pulls_its_prerequisites_forward_and_never_jumps_them(self, planner):
        role = Role("r", [SkillTarget("joins", due_at=after(1)), SkillTarget("fire")])
        found = planner.recommend(KnowledgeState("ada"), role=role, at=NOW)
        assert [one.module_id for one in found] == ["sql-1", "drill"]
        assert found[0].terms["urgency"] > 0.0
        assert "Joins at level 1 (Awareness) is due on 2 June 2026." in [
            one.sentence for one in found[0].reasons
        ]

    def test_what_only_shares_a_way_with_it_gains_nothing_by_it(self, say):
        """The goal takes two skills; only one of them is due."""
        modules = [say.teach(one, one) for one in ("sql", "fire")]
        goal = say.teach("goal", ("joins", 1, 0.9), minutes=1)
        curriculum = say.curriculum_of(
            ["sql", "fire", "joins"], [*modules, goal], ["joins < sql", "joins < fire"]
        )
        planner = PathPlanner(tracer=say.HandWritten(), curriculum=curriculum)
        role = Role(
            "r", [SkillTarget("joins"), SkillTarget("sql"), SkillTarget("fire", due_at=NOW)]
        )
        found = planner.recommend(KnowledgeState("ada"), role=role, at=NOW)
        assert [one.module_id for one in found] == ["fire", "sql"]
        assert found[0].terms["urgency"] > 0.0 == found[1].terms["urgency"]
        assert found[0].terms["enables"] == pytest.approx(found[1].terms["enables"])

    @pytest.mark.parametrize("days", [-4000, -29, -1e-3, 0, 1, 21, 4000])
    def test_its_urgency_is_bounded_however_late_it_is(self, planner, days):
        role = Role("r", [SkillTarget("fire", due_at=NOW)])
        (found,) = planner.recommend(KnowledgeState("ada"), role=role, at=after(days))
        worth = found.terms["gain"] + found.terms["enables"]
        assert found.terms.get("urgency", 0.0) <= 2.0 * worth * (1 + 1e-12)
        assert found.score == pytest.approx(sum(found.terms.values()), abs=1e-12)
        if days >= 0:
            assert found.terms["urgency"] == pytest.approx(2.0 * worth)

    def test_it_grows_as_the_date_comes_near(self):
        near = [closeness(NOW, after(days), 30.0) for days in range(-40, 10)]
        assert near[0] == 0.0
        assert near[-1] == 1.0
        assert all(one <= two for one, two in pairwise(near))

    def test_without_an_instant_nothing_is_due(self, planner):
        role = Role("r", [SkillTarget("fire", due_at=NOW)])
        assert "urgency" not in planner.recommend(KnowledgeState("ada"), role=role)[0].terms


class TestWhatExpires:
    """A drill that is to be done once a year, beside joins to learn."""

    @pytest.fixture
    def planner(self, curriculum):
        return PathPlanner(tracer=BKT(), curriculum=curriculum)

    @pytest.fixture
    def role(self):
        fire = SkillTarget("fire", valid_days=365)
        return Role("r", [SkillTarget("joins"), fire], mastery_threshold=0.8)

    @pytest.fixture
    def state(self, planner):
        tracer, state = planner.tracer, KnowledgeState("ada")
        for k in range(6):
            state = tracer.update(state, Response("ada", f"sql-{k}", 1.0, NOW))
            state = tracer.update(state, Response("ada", f"fire-{k}", 1.0, NOW))
        return tracer.complete(state, Completion("ada", "drill", NOW))

    def gap(self, planner, state, role, at):
        return planner.gaps(state, role=role, at=at).gaps[1]

    def test_it_is_attained_until_then_and_not_after(self, planner, state, role):
        before, then = (self.gap(planner, state, role, after(d)) for d in (364.9, 365))
        assert before.p_attained > 0.9
        assert before.mastered
        assert then.p_attained == 0.0
        assert not then.mastered
        assert before.expires_at == then.expires_at == after(365)

    def test_it_is_renewed_by_the_module_or_by_a_right_answer(self, planner, state, role):
        tracer, later = planner.tracer, after(400)
        for evidence in (
            tracer.complete(state, Completion("ada", "drill", later)),
            tracer.update(state, Response("ada", "fire-1", 1.0, later)),
        ):
            assert self.gap(planner, evidence, role, after(500)).p_attained > 0.8
        wrong = tracer.update(state, Response("ada", "fire-1", 0.0, later))
        assert self.gap(planner, wrong, role, after(500)).p_attained == 0.0

    def test_what_was_never_proved_is_not_attained_whatever_is_believed(self, planner, role):
        known = planner.tracer.update(KnowledgeState("ada"), Response("ada", "sql-1", 1.0, NOW))
        assert self.gap(planner, known, role, NOW).p_attained == 0.0
        assert self.gap(planner, known, role, None).p_attained > 0.0  # no instant, nothing expires

    def test_it_is_brought_back_when_its_end_is_near_and_not_long_before(
        self, planner, state, role
    ):
        assert first(planner, state, role, after(300)) == "joins-1"
        assert first(planner, state, role, after(340)) == "joins-1"
        assert first(planner, state, role, after(364)) == "drill"
        assert first(planner, state, role, after(500)) == "drill"
        found = planner.recommend(state, role=role, at=after(364))[0]
        assert found.terms["keeping"] > 0.0
        assert [one.sentence for one in found.reasons] == [
            "Renews Fire at level 1 (Awareness): the proof of it expires on 1 June 2027."
        ]

    def test_only_what_is_on_offer_is_brought_back(self, planner, state, role):
        found = planner.recommend(state, role=role, denied=["drill"], at=after(500))
        assert [one.module_id for one in found] == ["joins-1"]

    def test_when_all_else_is_mastered_it_still_is_brought_back(self, planner, state):
        alone = Role("r", [SkillTarget("fire", valid_days=365)], mastery_threshold=0.8)
        assert planner.recommend(state, role=alone, at=after(300)).note.startswith("You are ready")
        assert first(planner, state, alone, after(360)) == "drill"

    def test_a_forecast_reckons_with_the_renewal(self, planner, state, role):
        fire = Role("r", role.targets[1:], mastery_threshold=0.8)
        valid, expired = (planner.forecast(state, role=fire, at=after(d)) for d in (1, 400))
        assert valid.minutes == 0.0
        assert expired.minutes == 30.0

    def test_a_path_holds_the_renewal_of_what_has_expired(self, planner, state, role):
        path = planner.plan(state, role=role, budget_minutes=60, at=after(400))
        assert sorted(step.module_id for step in path.steps) == ["drill", "joins-1"]


class TestWhatFades:
    @pytest.fixture
    def planner(self, curriculum):
        return PathPlanner(tracer=BKT(forget="time"), curriculum=curriculum)

    @pytest.fixture
    def role(self):
        return Role("r", [SkillTarget("sql"), SkillTarget("fire")], mastery_threshold=0.8)

    @pytest.fixture
    def state(self, planner):
        state = KnowledgeState("ada")
        for k in range(6):
            state = planner.tracer.update(state, Response("ada", f"sql-{k}", 1.0, NOW))
        return planner.tracer.complete(state, Completion("ada", "sql-1", NOW))

    def test_it_is_brought_back_before_it_falls_below_the_target(self, planner, state, role):
        def believed(days):
            return float(planner.tracer.attainment(state, role, at=after(days))[0])

        days = np.arange(0.0, 4000.0, 0.5)
        falls = next(day for day in days if believed(day) < 0.8)
        assert falls > 30
        assert first(planner, state, role, after(0)) == "drill"
        assert first(planner, state, role, after(falls - 1.0)) == "sql-1"
        assert first(planner, state, role, after(falls + 5.0)) == "sql-1"
        found = planner.recommend(state, role=role, at=after(falls - 1.0))[0]
        assert found.reasons[0].term == "keeping"
        assert "would fade below the target by about" in found.reasons[0].sentence

    def test_left_out_on_request(self, planner, state, role):
        weights = ScoreWeights(keeping=0.0)
        plain = PathPlanner(tracer=planner.tracer, curriculum=planner.curriculum, weights=weights)
        assert first(plain, state, role, after(0)) == "drill"
        blind = ScoreWeights(horizon_days=0.0)
        plain = PathPlanner(tracer=planner.tracer, curriculum=planner.curriculum, weights=blind)
        for days in (0, 100, 500):
            assert all(
                "keeping" not in one.terms
                for one in plain.recommend(state, role=role, at=after(days))
            )


def test_dates_that_cannot_be_are_refused():
    with pytest.raises(InvalidCurriculum) as error:
        SkillTarget("fire", due_at="2026-06-01T09:00:00", valid_days=0)
    assert [one.where for one in error.value.faults] == ["due_at", "valid_days"]
    assert SkillTarget("fire", due_at="2026-06-01T09:00:00Z").due_at == NOW


def test_a_target_of_two_roles_has_the_earlier_date_and_the_shorter_validity():
    one = Role("a", [SkillTarget("fire", due_at=after(9), valid_days=365)])
    two = Role("b", [SkillTarget("fire", due_at=after(5)), SkillTarget("sql")])
    fire, sql = Role.combined({one: 1, two: 1}).targets
    assert (fire.due_at, fire.valid_days) == (after(5), 365)
    assert (sql.due_at, sql.valid_days) == (None, None)
