"""What holds for every curriculum, learner and role: worlds drawn at random."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import Curriculum, Prerequisite, Role, Skill, SkillLevel, SkillTarget
from engine.recommender import ScoreWeights, attained, plan_path, rank, role_map
from engine.recommender.obstacles import EMPTY_ALLOW_LIST

THRESHOLD = 0.8
MOST = 1000

worlds = settings(max_examples=150)
dice = st.randoms(use_true_random=True)  # whole worlds from one seed: fast to draw, and repeatable


def curriculum_from(rng, say, single):
    """Up to 8 skills and 14 modules; prerequisites and required modules point backwards."""
    skills = [f"s{i}" for i in range(rng.randint(2, 8))]
    prerequisites = {}
    for _ in range(rng.randint(0, 2 * len(skills))):
        after = rng.randrange(1, len(skills))
        before = rng.randrange(after)
        key = (skills[after], rng.randint(1, 3), skills[before])
        prerequisites[key] = Prerequisite(key[0], key[2], key[1], rng.randint(1, 3))
    modules = []
    for k in range(rng.randint(1, 14)):
        taught = rng.sample(skills, 1 if single else rng.randint(1, 2))
        effects = [(one, rng.randint(1, 3), rng.choice([0.1, 0.5, 0.9])) for one in taught]
        required = rng.sample(modules, 1) if modules and rng.random() < 0.15 else []
        modules.append(
            say.teach(
                f"m{k:02d}",
                *effects,
                minutes=float(rng.randint(3, 25)),
                requires=tuple(one.module_id for one in required),
                retired=rng.random() < 0.1,
                format=rng.choice(["", "video", "lesson", "lesson"]),
            )
        )
    return Curriculum.from_records(
        skills=[Skill(one) for one in skills],
        modules=modules,
        prerequisites=list(prerequisites.values()),
    )


def situation_from(rng, say, single=False):
    """A curriculum, a role over it, and a learner with beliefs, completions and failures."""
    curriculum = curriculum_from(rng, say, single)
    skills = sorted(curriculum.skills)
    targets = [
        SkillTarget(
            one, rng.randint(1, 3), rng.uniform(0.5, 5.0), level_error=rng.choice([None, None, 0.5])
        )
        for one in rng.sample(skills, rng.randint(1, min(4, len(skills))))
    ]
    role = Role("r", targets, mastery_threshold=rng.choice([0.9, 0.95]))
    known = [one for one in skills if rng.random() < 0.7]
    beliefs = {}
    for one in known:
        top = rng.choice([0.05, 0.5, 0.75, 0.79, 0.8, 0.85, 0.94, 0.99, rng.random()])
        second = top * rng.choice([0.3, 0.9, 0.98, 1.0])
        beliefs[one] = (top, second, second * rng.choice([0.3, 0.9, 1.0]))
    done = [one for one in sorted(curriculum.modules) if rng.random() < 0.3]
    state = say.believe(
        completed={one: say.day(rng.randint(1, 9)) for one in done},
        failed={one: say.day(rng.randint(1, 9)) for one in known},
        **beliefs,
    )
    return curriculum, role, state


def ranked(say, curriculum, role, state, **options):
    options.setdefault("limit", MOST)
    return rank(role_map(curriculum, role), state, say.HandWritten(), **options)


def liking_from(rng, curriculum, role):
    """A prior that likes modules by the dice; in quarters, so that sums are exact."""
    likes = [rng.randint(-20, 20) / 4 for _ in role_map(curriculum, role).modules]
    return lambda *_, offset=0.0: [one + offset for one in likes]


def leads_to(curriculum, module, wanted):
    levels = [k for k in curriculum.levels_of(wanted.skill_id) if k >= wanted.level]
    stand_in = SkillLevel(wanted.skill_id, levels[0]) if levels else wanted
    return stand_in in {effect.reached for effect in module.teaches}


def requirements(curriculum, module):
    own = {effect.reached for effect in module.teaches}
    return {k for e in module.teaches for k in curriculum.requirements(e.reached)} - own


@worlds
@given(rng=dice)
def test_terms_add_up_and_everything_is_finite(say, rng):
    curriculum, role, state = situation_from(rng, say)
    liking = rng.choice([None, liking_from(rng, curriculum, role)])
    weights = ScoreWeights(preference=rng.choice([0.0, 0.1]))
    for one in ranked(say, curriculum, role, state, liking=liking, weights=weights):
        most = weights.preference * (one.terms["gain"] + one.terms["enables"])
        assert 0.0 <= one.terms.get("preference", 0.0) <= most
        assert math.isclose(sum(one.terms.values()), one.score, rel_tol=0, abs_tol=1e-12)
        assert all(math.isfinite(x) for x in (*one.terms.values(), one.expected_gain))
        assert one.score > 0
        assert {reason.term for reason in one.reasons} == {k for k, v in one.terms.items() if v}
        assert all(reason.sentence.endswith(".") for reason in one.reasons)


@worlds
@given(rng=dice)
def test_a_prior_neither_opens_a_prerequisite_nor_adds_more_than_its_share(say, rng):
    curriculum, role, state = situation_from(rng, say)
    weights = ScoreWeights(prior=rng.choice([0.25, 100.0]))
    liking = liking_from(rng, curriculum, role)
    plain = {one.module_id: one for one in ranked(say, curriculum, role, state)}
    liked = ranked(say, curriculum, role, state, liking=liking, weights=weights)
    assert {one.module_id for one in liked} == plain.keys()
    for one in liked:
        before = plain[one.module_id].terms
        most = weights.prior * (before["gain"] + before["enables"])
        assert {**one.terms, "prior": 0.0} == {**before, "prior": 0.0}
        assert -1e-15 <= one.terms["prior"] <= most + 1e-15


@worlds
@given(rng=dice)
def test_a_constant_added_to_the_prior_changes_no_order(say, rng):
    curriculum, role, state = situation_from(rng, say)
    liking = liking_from(rng, curriculum, role)
    offset = float(rng.randint(-1000, 1000))

    def moved(learner_id, role_id):
        return liking(learner_id, role_id, offset=offset)

    first, second = (
        ranked(say, curriculum, role, state, liking=one, alternatives=5) for one in (liking, moved)
    )
    assert first == second


@worlds
@given(rng=dice)
def test_what_is_recommended_can_be_taken_now(say, rng):
    curriculum, role, state = situation_from(rng, say)
    allowed = rng.choice([None, {one for one in curriculum.modules if rng.random() < 0.6}])
    found = ranked(say, curriculum, role, state, allowed=allowed)
    projector = say.HandWritten()
    for one in found:
        module = curriculum.modules[one.module_id]
        assert not module.retired
        assert allowed is None or module.module_id in allowed
        assert set(module.requires) <= set(state.completed)
        wanted = sorted(requirements(curriculum, module))
        assert (projector.attainment(state, wanted) >= THRESHOLD).all()
        if module.module_id in state.completed:
            since = state.completed[module.module_id]
            known = [state.skills.get(effect.skill_id) for effect in module.teaches]
            failures = [one.last_failed_at for one in known if one is not None]
            assert any(at is not None and at > since for at in failures)
    assert list(found) or found.note


@worlds
@given(rng=dice)
def test_what_lost_is_neither_recommended_nor_better_than_what_was_taken_first(say, rng):
    curriculum, role, state = situation_from(rng, say)
    found = ranked(say, curriculum, role, state, limit=1, alternatives=5)
    available = {one.module_id for one in ranked(say, curriculum, role, state)}
    assert len({one.module_id for one in found.alternatives}) == len(found.alternatives) <= 5
    for one in found.alternatives:
        assert one.module_id != found[0].module_id
        assert one.sentence.endswith(".")
        if one.module_id in available:
            assert one.score <= found[0].score + 1e-12
        else:
            assert one.score > found[0].score
            assert "would come first if you had" in one.sentence


@worlds
@given(rng=dice)
def test_the_order_of_the_modules_in_the_curriculum_changes_nothing(say, rng):
    curriculum, role, state = situation_from(rng, say)
    likes = {one: rng.randint(-20, 20) / 4 for one in curriculum.modules}
    shuffled = rng.sample(curriculum.module_list, len(curriculum.module_list))
    other = Curriculum(curriculum.framework, curriculum.item_list, tuple(shuffled))

    def found_in(world):
        modules = role_map(world, role).modules

        def liking(*_):
            return [likes[one.module_id] for one in modules]

        return ranked(say, world, role, state, liking=liking, alternatives=5)

    assert found_in(other) == found_in(curriculum)


@worlds
@given(rng=dice)
def test_each_weight_moves_its_own_term_and_no_other_in_the_ranking(say, rng):
    curriculum, role, state = situation_from(rng, say)
    moved = rng.choice(["gain", "enables", "review"])
    weight = rng.uniform(0.01, 10.0)
    before = {one.module_id: one for one in ranked(say, curriculum, role, state)}
    heavier = replace(ScoreWeights(), **{moved: weight})
    after = {one.module_id: one for one in ranked(say, curriculum, role, state, weights=heavier)}
    assert before.keys() == after.keys()
    scale = weight / getattr(ScoreWeights(), moved)
    for module_id, one in before.items():
        for name, term in one.terms.items():
            expected = term * scale if name == moved else term
            assert after[module_id].terms[name] == pytest.approx(expected, abs=1e-15)


@worlds
@given(rng=dice)
def test_a_mastered_target_adds_nothing(say, rng):
    curriculum, role, state = situation_from(rng, say)
    mastered = rng.choice(role.targets).skill_id
    lists = []
    for p in (role.mastery_threshold, 0.5 + role.mastery_threshold / 2, 1.0):
        skills = dict(state.skills)
        skills[mastered] = say.believe(x=(p, p, p, p)).skills["x"]
        lists.append(ranked(say, curriculum, role, replace(state, skills=skills)))
    for found in lists:
        by_id = {one.module_id: one.terms for one in found}
        assert by_id == {one.module_id: one.terms for one in lists[0]}
        for module_id, terms in by_id.items():
            taught = {effect.skill_id for effect in curriculum.modules[module_id].teaches}
            targeted = {target.skill_id for target in role.targets}
            if taught & targeted <= {mastered}:
                assert terms["gain"] == 0.0


@worlds
@given(rng=dice)
def test_more_weight_never_moves_what_teaches_a_target_alone_below_what_does_not_teach_it(say, rng):
    """In what a module brings itself, always; in the whole score, where the skill is required of
    nothing: else the one may live on where it leads, to targets that now weigh less.
    """
    curriculum, role, state = situation_from(rng, say)
    required = {edge.requires for edge in curriculum.framework.prerequisites}
    named = {one for module in curriculum.module_list for one in module.requires}
    before = {one.module_id: one for one in ranked(say, curriculum, role, state)}
    taught = {m: {e.skill_id for e in curriculum.modules[m].teaches} for m in before}
    for target in role.targets:
        heavy = replace(target, weight=target.weight * rng.choice([1.1, 2.0, 10.0, 50.0]))
        heavier = replace(role, targets=[heavy if k == target else k for k in role.targets])
        after = {one.module_id: one for one in ranked(say, curriculum, heavier, state)}
        for one in before:
            for other in before:
                if taught[one] != {target.skill_id} or target.skill_id in taught[other]:
                    continue
                if before[one].terms["gain"] >= before[other].terms["gain"]:
                    assert gain_of(after, one) >= gain_of(after, other) - 1e-12
                apart = target.skill_id not in required and one not in named
                if apart and before[one].score >= before[other].score:
                    assert score_of(after, one) >= score_of(after, other) - 1e-12


def gain_of(found, module_id):
    return found[module_id].terms["gain"] if module_id in found else 0.0


def score_of(found, module_id):
    return found[module_id].score if module_id in found else 0.0


@worlds
@given(rng=dice)
def test_nothing_allowed_is_nothing_recommended_or_planned_with_the_reason(say, rng):
    curriculum, role, state = situation_from(rng, say)
    found = ranked(say, curriculum, role, state, allowed=[], alternatives=3)
    assert (list(found), found.alternatives) == ([], ())
    assert found.note == EMPTY_ALLOW_LIST
    where, budget = role_map(curriculum, role), rng.uniform(1.0, 200.0)
    path = plan_path(where, state, say.HandWritten(), budget_minutes=budget, allowed=[])
    assert path.steps == ()
    assert path.note.endswith(".")


@worlds
@given(rng=dice)
def test_a_path_keeps_the_prerequisites_and_the_budget(say, rng):
    curriculum, role, state = situation_from(rng, say)
    budget = rng.uniform(1.0, 200.0)
    projector = say.HandWritten()
    due = [rng.choice([None, say.day(rng.randint(1, 31))]) for _ in role.targets]
    dated = [replace(one, due_at=at) for one, at in zip(role.targets, due, strict=True)]
    role = replace(role, targets=dated)
    dates = {"at": say.day(1), "minutes_per_week": 50.0} if rng.random() < 0.5 else {}
    path = plan_path(role_map(curriculum, role), state, projector, budget_minutes=budget, **dates)
    now, taken, minutes = state, [], 0.0
    for step in path.steps:
        module = curriculum.modules[step.module_id]
        assert not module.retired
        assert module not in taken
        done = set(state.completed) | {one.module_id for one in taken}
        assert set(module.requires) <= done
        for wanted in requirements(curriculum, module):
            expected = projector.attainment(now, [wanted])[0]
            earlier = any(leads_to(curriculum, one, wanted) for one in taken)
            assert earlier or expected >= THRESHOLD - 1e-9
        now = projector.project(now, module)
        taken.append(module)
        minutes += module.minutes
        assert step.elapsed_minutes == pytest.approx(minutes)
        p = attained(projector, now, curriculum.framework.meant_by(role))
        share = sum(w * x for w, x in zip(role.weights, p, strict=True)) / sum(role.weights)
        assert step.expected_readiness == pytest.approx(share)
    assert minutes <= budget + 1e-6
    assert path.note


@worlds
@given(rng=dice)
def test_a_path_begins_with_what_would_be_recommended(say, rng):
    """Unless it begins with one of several levels of a skill, which only gain together."""
    curriculum, role, state = situation_from(rng, say)
    path = plan_path(role_map(curriculum, role), state, say.HandWritten(), budget_minutes=1e6)
    first = {one.module_id for one in ranked(say, curriculum, role, state)}
    if not path.steps:
        assert not first
    elif path.steps[0].module_id not in first:
        effects = [e for step in path.steps for e in curriculum.modules[step.module_id].teaches]
        levels = {
            one.skill_id: {e.level for e in effects if e.skill_id == one.skill_id}
            for one in effects
        }
        assert any(len(several) > 1 for several in levels.values())
