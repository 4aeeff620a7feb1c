"""What is asked to find out how ready somebody is, and when asking ends."""

# ruff: noqa: ARG002  # a projector has its arguments by protocol

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import BKT, Curriculum, KnowledgeState, PathPlanner, Response, Role, SkillTarget
from engine.domain import SkillLevel
from engine.errors import InvalidInput
from engine.recommender.diagnosis import examination, expected_attainment, next_probe
from engine.recommender.knowledge_space import KnowledgeSpace, level_masses


def curriculum_of(skills, edges=(), items=3, retired=()):
    return Curriculum.from_records(
        skills=[{"skill_id": one} for one in skills],
        prerequisites=[{"skill_id": a, "requires": b} for a, b in edges],
        items=[
            {"item_id": f"{one}-{k}", "skills": [one], "retired": f"{one}-{k}" in retired}
            for one in skills
            for k in range(items)
        ],
    )


def asked_of(planner, role, state=None, **options):
    return planner.probe(state or KnowledgeState("ada"), role=role, **options)


def test_the_weightiest_target_is_asked_about_first():
    planner = PathPlanner(tracer=BKT(), curriculum=curriculum_of(["a", "b"]))
    role = Role("r", [SkillTarget("a"), SkillTarget("b", weight=3.0)])
    probe = asked_of(planner, role)
    assert probe.item_id == "b-0"
    assert probe.p_right == pytest.approx(planner.tracer.predict_item(KnowledgeState("a"), "b-0"))
    assert probe.reason.sentence.startswith("Asks about b: the answer is expected to remove")


def test_the_information_is_the_fall_of_the_variance_expected_over_both_answers():
    planner = PathPlanner(tracer=BKT(), curriculum=curriculum_of(["a"]))
    role, state, tracer = Role("r", [SkillTarget("a")]), KnowledgeState("ada"), planner.tracer
    probe = asked_of(planner, role)
    answered = [tracer.update(state, Response("ada", "a-0", score)) for score in (1.0, 0.0, 0.5)]
    p = [tracer.attainment(one, role)[0] for one in answered]
    left = probe.p_right * p[0] * (1 - p[0]) + (1 - probe.p_right) * p[1] * (1 - p[1])
    before = tracer.attainment(state, role)[0]
    assert probe.information == pytest.approx(p[2] * (1 - p[2]) - left, abs=1e-3)
    assert probe.deviation == pytest.approx((before * (1 - before)) ** 0.5, abs=1e-3)


def test_a_basis_of_several_targets_is_asked_about_before_them():
    edges = [(one, "base") for one in "abcd"]
    planner = PathPlanner(
        tracer=BKT(), curriculum=curriculum_of(["a", "b", "c", "d", "base"], edges)
    )
    probe = asked_of(planner, Role("r", [SkillTarget(one) for one in "abcd"]))
    assert probe.item_id == "base-0"
    assert "base, which a, b, c and 1 more build on" in probe.reason.sentence


def test_who_lacks_the_basis_hardly_has_what_builds_on_it():
    planner = PathPlanner(tracer=BKT(), curriculum=curriculum_of(["a", "base"], [("a", "base")]))
    role, state = Role("r", [SkillTarget("a")]), KnowledgeState("ada")
    for k in range(3):
        state = planner.tracer.update(state, Response("ada", f"base-{k}", 0.0))
    about = examination(planner.curriculum, role)
    alone = planner.tracer.attainment(state, role)[0]
    assert expected_attainment(about, state, planner.tracer)[0] < alone / 2


def test_items_asked_or_answered_rightly_or_retired_are_not_asked():
    planner = PathPlanner(tracer=BKT(), curriculum=curriculum_of(["a"], items=4, retired={"a-0"}))
    role = Role("r", [SkillTarget("a")])
    state = planner.tracer.update(KnowledgeState("ada"), Response("ada", "a-1", 1.0))
    assert asked_of(planner, role, state, asked=["a-2"]).item_id == "a-3"
    last = asked_of(planner, role, state, asked=["a-2", "a-3"])
    assert (last.item_id, last.reason.term) == ("", "exhausted")


def test_a_placement_ends_when_readiness_is_known_well_enough_or_at_the_limit():
    planner = PathPlanner(tracer=BKT(), curriculum=curriculum_of(["a", "b"], items=20))
    role = Role("r", [SkillTarget("a"), SkillTarget("b")])
    start = KnowledgeState("ada")
    state, probes = planner.placement(start, role=role, answer=lambda _: 1.0, precision=0.05)
    assert probes[-1].reason.term == "precision"
    assert probes[-1].deviation <= 0.05 < probes[-2].deviation
    assert probes[-1].readiness == pytest.approx(1.0, abs=0.05)
    ids = [probe.item_id for probe in probes[:-1]]
    assert len(ids) == len(set(ids)) == sum(one.opportunities for one in state.skills.values())
    _, short = planner.placement(start, role=role, answer=lambda _: 1.0, limit=2)
    assert [bool(probe.item_id) for probe in short] == [True, True, False]
    assert short[-1].reason.term == "limit"


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_knowledge_states_keep_the_prerequisites_and_who_starts_with_what(rng):
    skills = [f"s{k}" for k in range(6)]
    edges = {
        (skills[k], rng.choice(skills[:k])) for k in range(1, 6) for _ in range(rng.randint(0, 2))
    }
    about = examination(
        curriculum_of(skills, sorted(edges)), Role("r", [SkillTarget(one) for one in skills])
    )
    p_start = np.array([rng.uniform(0.05, 0.95) for _ in about.wanted])
    space = KnowledgeSpace(about.wanted, about.requires, p_start)
    for k in range(len(about.wanted)):
        for required in np.flatnonzero(about.requires[k]):
            assert (space.known[:, k] <= space.known[:, required]).all()
        if not about.requires[k].any():
            assert space.known[:, k].mean() == pytest.approx(min(p_start[k], 0.9), abs=1e-3)
    assert space.weights(p_start, skills) == pytest.approx(1 / len(space.known))
    better = p_start.copy()
    better[rng.randrange(6)] += 0.04
    moved = space.weights(better, skills) @ space.known - space.known.mean(axis=0)
    assert (
        moved >= -0.02
    ).all()  # good news about one is no bad news about another, but for chance
    assert moved.max() > 0.0


def test_evidence_about_one_level_counts_once_for_all_levels_of_the_skill():
    wanted = (SkillLevel("a", 2), SkillLevel("a", 1))
    space = KnowledgeSpace(wanted, np.zeros((2, 2), bool), np.array([0.3, 0.6]))
    assert (space.known[:, 0] <= space.known[:, 1]).all()
    # P(neither, level 1 only, both): (.4, .3, .3) before, (.1, .3, .6) after
    expected = space.weights(np.array([0.6, 0.9]), ["a"]) @ space.known
    assert expected == pytest.approx([0.6, 0.9], abs=2e-3)


def test_a_projector_that_cannot_learn_from_answers_is_refused():
    class Constant:
        def attainment(self, state, targets, *, at=None):
            return np.full(len(targets), 0.5)

        def project(self, state, module, *, at=None):
            return state

    planner = PathPlanner(tracer=Constant(), curriculum=curriculum_of(["a"]))
    with pytest.raises(InvalidInput, match="has no update") as refused:
        asked_of(planner, Role("r", [SkillTarget("a")]), precision=0.0)
    assert len(refused.value.faults) == 3


def examined_from(rng):
    """A role over up to six skills at two levels, items on one or two of them, some answers."""
    skills = [f"s{k}" for k in range(rng.randint(2, 6))]
    edges = {
        (skills[k], rng.randint(1, 2), rng.choice(skills[:k]))
        for k in range(1, len(skills))
        for _ in range(rng.randint(0, 2))
    }
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": one} for one in skills],
        prerequisites=[{"skill_id": a, "level": n, "requires": b} for a, n, b in sorted(edges)],
        items=[
            {
                "item_id": f"q{k:02d}",
                "skills": rng.sample(skills, rng.choice([1, 1, 1, 2])),
                "level": rng.randint(1, 2),
            }
            for k in range(rng.randint(1, 15))
        ],
    )
    targets = [
        SkillTarget(one, rng.randint(1, 2), rng.uniform(0.5, 5.0))
        for one in rng.sample(skills, rng.randint(1, len(skills)))
    ]
    tracer, state = BKT(curriculum=curriculum), KnowledgeState("ada")
    for item in rng.sample(curriculum.item_list, min(3, len(curriculum.item_list))):
        state = tracer.update(state, Response("ada", item.item_id, rng.choice([0.0, 1.0])))
    return examination(curriculum, Role("r", targets)), state, tracer


def weighed_by_particles(about, state, tracer):
    """The information of every item, one after the other, over all knowledge states."""

    def p_of(one):
        return tracer.attainment(one, about.wanted)

    space = about.space(p_of(KnowledgeState("ada")))
    touched = [one for one in space.columns if one in state.skills]
    weight = space.weights(p_of(state), touched)
    targets = space.known[:, : len(about.role.targets)]

    def doubt(p):
        return float(about.shares() @ (p * (1.0 - p)))

    told = {}
    for item in about.items:
        right, half = (
            p_of(tracer.update(state, Response("ada", item.item_id, k))) for k in (1.0, 0.5)
        )
        p_right = np.full(len(weight), tracer.predict_item(state, item.item_id))
        for one in item.skills:
            if one in space.columns:
                where = space.columns[one]
                ratio = level_masses(right[where]) / level_masses(half[where])
                p_right *= ratio[space.levels(one)]
        joint = weight * np.minimum(p_right, 1.0)
        both = [joint, weight - joint]
        left = sum(one.sum() * doubt(one @ targets / one.sum()) for one in both)
        told[item.item_id] = doubt(weight @ targets) - left
    return told


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_no_item_left_aside_would_have_said_more(rng):
    about, state, tracer = examined_from(rng)
    told = weighed_by_particles(about, state, tracer)
    known = {one for skill in state.skills.values() for one in skill.successes}
    may = {one: told[one] for one in told if one not in known}
    probe = next_probe(about, state, tracer, precision=1e-9)
    if probe.item_id:
        assert probe.information == pytest.approx(max(may.values()), abs=1e-12)
        assert may[probe.item_id] == pytest.approx(probe.information, abs=1e-12)
    else:
        assert max(may.values(), default=0.0) < 1e-6
