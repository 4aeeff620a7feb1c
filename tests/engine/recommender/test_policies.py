"""Policies behind one protocol, decisions, and learners in arms."""

# ruff: noqa: ARG002  # a projector has its arguments by protocol

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    BKT,
    Curriculum,
    InvalidInput,
    KnowledgeState,
    PathPlanner,
    Response,
    ResponseLog,
    Role,
    UnknownId,
)
from engine.domain import SkillTarget
from engine.recommender import role_map
from engine.recommender.decisions import arm_of, decide
from engine.recommender.policies import (
    POLICIES,
    AtRandom,
    Cautious,
    CurriculumOrder,
    Greedy,
    LowestMastery,
    Situation,
    Thompson,
    policy_named,
)

CURRICULUM = Curriculum.from_records(
    skills=[{"skill_id": one} for one in ("select", "joins", "charts")],
    prerequisites=[{"skill_id": "joins", "requires": "select"}],
    items=[
        {"item_id": f"{one}-{n}", "skills": [one]}
        for one in ("select", "joins", "charts")
        for n in range(4)
    ],
    modules=[
        {"module_id": "z-charts", "teaches": [{"skill_id": "charts"}], "minutes": 30},
        {"module_id": "joins-1", "teaches": [{"skill_id": "joins"}], "minutes": 10},
        {"module_id": "select-1", "teaches": [{"skill_id": "select"}], "minutes": 5},
        {"module_id": "select-2", "teaches": [{"skill_id": "select"}], "minutes": 8},
    ],
)
ASKING = {"cautious", "pursue"}  # they may offer an item instead
ANALYST = Role("analyst", [SkillTarget("joins", weight=3), SkillTarget("charts")])
TRACER = BKT(curriculum=CURRICULUM)


def facing(state=None, tracer=TRACER, **more):
    where = role_map(CURRICULUM, ANALYST)
    return Situation(where, state or KnowledgeState("ada"), tracer, **more)


def answered(*scored):
    state = TRACER.start("ada")
    for item_id, score in scored:
        state = TRACER.update(state, Response("ada", item_id, score=score))
    return state


@pytest.fixture(scope="module")
def posterior():
    records = [
        {"learner": f"l{n}", "item": f"{one}-{k}", "skills": one, "correct": float((n + k) % 3 > 0)}
        for n in range(12)
        for one in ("select", "joins", "charts")
        for k in range(4)
    ]
    return BKT(curriculum=CURRICULUM, restarts=1).fit(ResponseLog.from_records(records))


@pytest.mark.parametrize("policy", [one for one in POLICIES.values() if one.name not in ASKING])
def test_every_policy_chooses_among_what_may_be_taken(policy, posterior):
    offer = policy.offer(facing(tracer=posterior), np.random.default_rng(0))
    assert sum(offer.propensities.values()) == pytest.approx(1.0)
    assert set(offer.propensities) <= {"select-1", "select-2", "z-charts"}  # joins waits


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_nothing_allowed_is_nothing_offered_but_perhaps_a_question(policy, posterior):
    offer = policy.offer(facing(tracer=posterior, allowed=()), np.random.default_rng(0))
    assert not offer.propensities or offer.kind == "item"


def test_the_simple_policies_are_what_their_names_say():
    rng, now = np.random.default_rng(0), facing(answered(("charts-0", 1.0)))
    assert Greedy().offer(now, rng).propensities == {"select-1": 1.0}
    assert CurriculumOrder().offer(now, rng).propensities == {"z-charts": 1.0}
    assert AtRandom().offer(now, rng).propensities == dict.fromkeys(now.ranked(), 1 / 3)
    assert LowestMastery().offer(now, rng).propensities == {"select-1": 0.5, "select-2": 0.5}


def test_thompson_draws_and_says_how_often_each_came_first(posterior):
    now = facing(tracer=posterior)
    offer = Thompson(draws=10).offer(now, np.random.default_rng(1))
    assert all(round(10 * p, 9).is_integer() for p in offer.propensities.values())
    assert offer == Thompson(draws=10).offer(now, np.random.default_rng(1))


def test_thompson_needs_a_posterior():
    class Constant:
        def attainment(self, state, targets, *, at=None):
            return [0.5] * len(targets)

        def project(self, state, module, *, at=None):
            return state

    with pytest.raises(InvalidInput, match="has no posterior"):
        Thompson().offer(facing(tracer=Constant()), np.random.default_rng(0))


def test_cautious_asks_before_it_builds_on_what_was_shown_but_once():
    state = answered(("select-0", 1.0), ("select-1", 1.0))
    assert Greedy().offer(facing(state), np.random.default_rng(0)).propensities == {"joins-1": 1.0}
    offer = Cautious().offer(facing(state), np.random.default_rng(0))
    assert offer.kind == "item"
    assert set(offer.propensities) <= {"select-2", "select-3"}


def test_cautious_goes_on_once_it_was_shown():
    state = answered(*((f"select-{n}", 1.0) for n in range(4)))
    offer = Cautious().offer(facing(state), np.random.default_rng(0))
    assert (offer.kind, dict(offer.propensities)) == ("module", {"joins-1": 1.0})


def test_cautious_teaches_what_was_answered_wrongly():
    state = answered(("select-0", 0.0), ("select-1", 0.0))
    offer = Cautious().offer(facing(state), np.random.default_rng(0))
    assert (offer.kind, dict(offer.propensities)) == ("module", {"select-1": 1.0})


def test_cautious_has_nothing_left_where_all_is_shown():
    state = answered(
        *((f"{one}-{n}", 1.0) for one in ("select", "joins", "charts") for n in range(4))
    )
    assert not Cautious().offer(facing(state), np.random.default_rng(0)).propensities


@given(scores=st.lists(st.sampled_from([0.0, 1.0]), max_size=6), threshold=st.floats(0.6, 0.99))
@settings(max_examples=40)
def test_cautious_never_builds_on_a_prerequisite_below_the_threshold(scores, threshold):
    role = Role("analyst", ANALYST.targets, mastery_threshold=threshold)
    state = answered(*((f"select-{n % 4}", one) for n, one in enumerate(scores)))
    now = Situation(role_map(CURRICULUM, role), state, TRACER)
    offer = Cautious().offer(now, np.random.default_rng(0))
    p = TRACER.attainment(state, [SkillTarget("select")])[0]
    if "joins-1" in offer.propensities:
        assert p >= threshold


def test_the_same_request_gets_the_same_decision_and_others_get_others():
    chosen = {decide(AtRandom(), facing(), request_key=str(n)).chosen for n in range(40)}
    assert chosen == {"select-1", "select-2", "z-charts"}
    one, other = (decide(AtRandom(), facing(), request_key="x") for _ in range(2))
    assert one == other
    assert one.decision_id == other.decision_id
    assert one.decision_id != decide(AtRandom(), facing(), request_key="y").decision_id
    assert one.propensity == pytest.approx(1 / 3)


def test_a_decision_without_candidates_chooses_nothing():
    made = decide(Greedy(), facing(allowed=()))
    assert (made.candidates, made.chosen, made.propensity) == ((), "", 1.0)


def test_arms_have_the_shares_that_they_were_given_and_keep_their_learners():
    shares = {"greedy": 3.0, "cautious": 1.0}
    arms = [arm_of(f"learner-{n}", "spring", shares) for n in range(4000)]
    assert arms.count("cautious") / 4000 == pytest.approx(0.25, abs=0.03)
    assert arms == [arm_of(f"learner-{n}", "spring", shares) for n in range(4000)]
    autumn = [arm_of(f"learner-{n}", "autumn", shares) for n in range(4000)]
    both = sum(a == b == "cautious" for a, b in zip(arms, autumn, strict=True))
    assert both / 4000 == pytest.approx(1 / 16, abs=0.02)  # another salt shuffles anew


def test_arms_without_a_share_are_refused():
    with pytest.raises(InvalidInput, match="at least one arm"):
        arm_of("ada", "spring", {})
    with pytest.raises(InvalidInput, match=r"shares\[b\]"):
        arm_of("ada", "spring", {"a": 1.0, "b": 0.0})


def test_an_unknown_policy_is_named_with_the_nearest():
    with pytest.raises(UnknownId, match="greedy"):
        policy_named("gredy")


def test_the_greedy_policy_decides_as_the_planner_recommends():
    planner = PathPlanner(tracer=TRACER, curriculum=CURRICULUM)
    state = planner.tracer.start("ada")
    first = planner.recommend(state, role=ANALYST, limit=1)[0].module_id
    assert planner.decide(state, role=ANALYST, policy="greedy").chosen == first
    assert planner.decide(state, role=ANALYST).policy == "pursue"
    assert planner.decide(state, role=ANALYST, policy="random", allowed=["z-charts"]).chosen
