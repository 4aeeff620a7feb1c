"""The worlds that policies are measured in, and the rules of others."""

import numpy as np
import pytest


def worlds():
    from worlds import WORLDS

    return WORLDS


@pytest.fixture(params=["slopes", "ebb", "stairs"])
def world(request):
    return next(one for one in worlds() if one.name == request.param)(3)


def studied(world, ready, times=400):
    """How much of a skill one lesson brings on average, with or without its prerequisites."""
    k = next(k for k in range(30) if world.needs[k])
    module_id = f"{world.skills[k]}-course"
    gained = 0.0
    for n in range(times):
        rng = np.random.default_rng(n)
        learner = world.newcomer("ada", rng)
        learner.strength[:] = learner.peak[:] = 1.0 if ready else 0.0
        learner.strength[k] = learner.peak[k] = 0.0
        world.study(learner, module_id, rng)
        gained += learner.strength[k] / times
    return gained


def test_a_lesson_without_its_prerequisites_teaches_little(world):
    assert studied(world, ready=False) < 0.5 * studied(world, ready=True)


def test_what_is_known_fades_while_time_passes(world):
    rng = np.random.default_rng(0)
    left = []
    for _ in range(20):
        learner = world.newcomer("ada", rng)
        learner.strength[:] = learner.peak[:] = 1.0
        world._fade(learner, 60.0, rng)
        left.append(learner.strength.mean())
    assert np.mean(left) < 0.97


def test_who_knows_more_answers_rightly_more_often(world):
    learner = world.newcomer("ada", np.random.default_rng(0))
    learner.strength[:] = np.repeat([0.0, 0.5, 1.0], 10)
    p = [world._p_right(learner, k, 0.5) for k in (0, 10, 20)]
    assert p == sorted(p)
    assert p[2] - p[0] > 0.5


def test_modules_declare_other_effects_than_they_have(world):
    declared = [module.teaches[0].learn for module in world.curriculum.module_list]
    true = [effects[0][1] for effects in world.teaches]
    assert np.corrcoef(declared, true)[0, 1] < 0.95


def test_the_same_seed_gives_the_same_world(world):
    again = type(world)(3)
    assert again.teaches == world.teaches
    assert again.curriculum == world.curriculum
    assert type(world)(4).teaches != world.teaches


def test_an_oracle_is_ready_sooner_than_the_curriculum_in_its_order(world):
    from rules import Scope, in_order, oracle

    def minutes(choose):
        total = 0.0
        for n in range(4):
            rng = np.random.default_rng(n)
            learner = world.newcomer("ada", rng)
            while world.readiness(learner) < 0.9 and learner.minutes < 3000.0:
                m = choose(learner, rng)
                world.study(learner, world.curriculum.module_list[m].module_id, rng)
            total += learner.minutes
        return total

    scope = Scope(world)
    ordered = minutes(lambda one, rng: in_order(scope, np.zeros(30), one.taken, -1, rng))
    assert minutes(lambda one, _: oracle(world, one)) < 0.7 * ordered


def test_oatutors_rule_takes_the_lowest_mastery_and_skips_what_is_mastered(world):
    from rules import Scope, lowest_mastery

    scope, p = Scope(world), np.full(30, 0.99)
    weak = scope.skills[2]
    p[weak] = 0.3
    chosen = lowest_mastery(scope, p, {}, -1, np.random.default_rng(0))
    assert scope.skill_of[chosen] == weak


def test_each_of_alosis_weights_moves_its_own_term(world):
    from rules import Scope, alosi

    scope, rng = Scope(world), np.random.default_rng(0)
    k = next(k for k in scope.skills if world.needs[k])
    p = np.full(30, 0.999)
    p[k] = 0.4
    assert scope.skill_of[alosi(scope, p, {}, -1, rng)] == k  # remediation
    p[world.needs[k]] = 0.4
    assert scope.skill_of[alosi(scope, p, {}, -1, rng)] != k  # readiness outweighs it
