"""What is asked to find out how ready somebody is, and when asking ends."""

# ruff: noqa: ARG002  # a projector has its arguments by protocol

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import BKT, Curriculum, KnowledgeState, PathPlanner, Response, Role, SkillTarget
from engine.errors import InvalidInput
from engine.recommender.diagnosis import examination, expected_attainment, supported


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
    assert probe.information == pytest.approx(p[2] * (1 - p[2]) - left)
    assert probe.deviation == pytest.approx((before * (1 - before)) ** 0.5)


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


@given(st.randoms(use_true_random=False))
def test_evidence_stays_and_the_rest_lies_between_its_neighbours(rng):
    skills = [f"s{k}" for k in range(6)]
    edges = {(skills[k], rng.choice(skills[:k])) for k in range(1, 6) for _ in range(2)}
    curriculum = curriculum_of(skills, sorted(edges))
    about = examination(curriculum, Role("r", [SkillTarget(one) for one in skills]))
    p = np.array([rng.random() for _ in about.wanted])
    known = np.array([rng.random() < 0.5 for _ in about.wanted])
    held = supported(about, p, known)
    assert (held[known] == p[known]).all()
    assert ((held >= 0) & (held <= 1)).all()
    for k in np.flatnonzero(~known):
        ceiling = min(p[about.requires[k] & known], default=1.0)
        floor = max(p[about.requires[:, k] & known], default=0.0)
        low, high = sorted((floor, ceiling))
        assert low - 1e-12 <= held[k] <= high + 1e-12


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
