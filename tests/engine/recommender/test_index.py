"""The index ranks as a scan of everything would, and as the ranking of one learner does."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import BKT, PathPlanner
from engine.domain import Curriculum, KnowledgeState, Prerequisite, Role, Skill, SkillTarget
from engine.errors import InvalidInput
from engine.recommender import ScoreWeights, attained, rank, ranking_index, role_map

worlds = settings(max_examples=150)
dice = st.randoms(use_true_random=True)


def world(rng, say, levels):
    """Many modules on few skills, of few lengths and effects, so that scores tie often."""
    skills = [f"s{k}" for k in range(rng.randint(1, 6))]
    edges = {}
    for _ in range(rng.randint(0, 6)):
        after, before = rng.randrange(len(skills)), rng.randrange(len(skills))
        if before < after:
            key = (skills[after], rng.randint(1, levels), skills[before])
            edges[key] = Prerequisite(key[0], key[2], key[1], rng.randint(1, levels))
    modules = []
    for k in range(rng.randint(1, 60)):
        taught = {
            (rng.choice(skills), rng.randint(1, levels)) for _ in range(rng.choice([1, 1, 3]))
        }
        effects = [(*one, rng.choice([0.1, 0.5, 0.9])) for one in sorted(taught)]
        required = rng.sample(modules, 1) if modules and rng.random() < 0.1 else []
        modules.append(
            say.teach(
                f"m{k:02d}",
                *effects,
                minutes=rng.choice([5.0, 10.0, 20.0]),
                requires=tuple(one.module_id for one in required),
                retired=rng.random() < 0.1,
            )
        )
    curriculum = Curriculum.from_records(
        skills=[Skill(one) for one in skills], modules=modules, prerequisites=list(edges.values())
    )
    wanted = [(one, level) for one in skills for level in range(1, levels + 1)]
    wanted = rng.sample(wanted, rng.randint(1, len(skills)))
    errors = [rng.choice([None, None, 0.4]) if levels > 1 else None for _ in wanted]
    targets = [
        SkillTarget(*one, rng.choice([1.0, 2.0]), level_error=error)
        for one, error in zip(wanted, errors, strict=True)
    ]
    return curriculum, Role("r", targets, mastery_threshold=0.9)


def attainments(index, rng, n):
    """Random attainments that never rise with the level."""
    p = np.array(
        [[rng.choice([0.0, 0.3, 0.8, 0.89, 0.95, 1.0]) for _ in index.columns] for _ in range(n)]
    )
    order = sorted(range(len(index.columns)), key=lambda k: index.columns[k])
    for before, after in pairwise(order):
        if index.columns[before].skill_id == index.columns[after].skill_id:
            p[:, after] = np.minimum(p[:, after], p[:, before])
    return p


@worlds
@given(rng=dice)
def test_the_best_are_those_of_a_scan_of_everything_to_the_last_bit(say, rng):
    curriculum, role = world(rng, say, levels=2)
    index = ranking_index(role_map(curriculum, role))
    p = attainments(index, rng, rng.randint(1, 5))
    n = len(index.module_ids)
    options = {"limit": rng.choice([1, 3, 10, 100])}
    if rng.random() < 0.5:
        shape = rng.choice([(n,), (len(p), n)])
        options["open_modules"] = np.array(
            [rng.random() for _ in range(int(np.prod(shape)))]
        ).reshape(shape) < rng.choice([0.1, 0.9])
    if rng.random() < 0.5:
        options["bonus"] = np.array([rng.choice([0.0, 0.001, 0.01]) for _ in range(n)])
    found, everything = index.best(p, **options), index.scan(p, **options)
    assert (found.numbers == everything.numbers).all()
    assert (found.scores == everything.scores).all()
    assert (np.diff(found.scores, axis=1) <= 0).all()
    tied = (found.scores[:, 1:] == found.scores[:, :-1]) & (found.numbers[:, 1:] >= 0)
    assert (np.diff(found.numbers, axis=1)[tied] > 0).all()


@worlds
@given(rng=dice)
def test_it_ranks_one_learner_as_the_ranking_without_detours_does(say, rng):
    curriculum, role = world(rng, say, levels=1)
    tracer = BKT(curriculum=curriculum)
    planner = PathPlanner(
        tracer=tracer, curriculum=curriculum, weights=ScoreWeights(enables=0.0, review=0.0)
    )
    beliefs = {one: rng.choice([0.1, 0.79, 0.85, 0.95]) for one in curriculum.skills}
    done = {one: None for one in curriculum.modules if rng.random() < 0.2}
    skills = {
        k: type(one)((1,), one.p_at_least[:1]) for k, one in say.believe(**beliefs).skills.items()
    }
    state = KnowledgeState("ada", skills, done)
    allowed = rng.choice([None, {one for one in curriculum.modules if rng.random() < 0.6}])
    index = planner.index(role)
    p = attained(tracer, state, index.columns)
    found = index.best(
        [p], limit=100, open_modules=index.open_modules(completed=done, allowed=allowed)
    )
    expected = planner.recommend(state, role=role, limit=100, allowed=allowed)
    scores = {one.module_id: one.score for one in expected}
    numbers = [m for m in found.numbers[0].tolist() if m >= 0]
    ranked = dict(zip((index.module_ids[m] for m in numbers), found.scores[0], strict=False))
    where = role_map(curriculum, role)
    waits_for_itself = {where.modules[m].module_id for m, one in enumerate(where.builds) if one}
    assert scores.keys() <= ranked.keys() <= scores.keys() | waits_for_itself
    for module_id, score in scores.items():
        assert ranked[module_id] == pytest.approx(score, rel=1e-9)


@worlds
@given(rng=dice)
def test_learners_are_ranked_alike_alone_and_together(say, rng):
    curriculum, role = world(rng, say, levels=2)
    index = ranking_index(role_map(curriculum, role))
    p = attainments(index, rng, 4)
    together = index.best(p, limit=5, threads=2)
    for row, one in enumerate(p):
        alone = index.best([one], limit=5)
        assert (alone.numbers[0] == together.numbers[row]).all()
        assert (alone.scores[0] == together.scores[row]).all()


@worlds
@given(rng=dice)
def test_a_constant_added_to_the_bonus_changes_no_order(say, rng):
    curriculum, role = world(rng, say, levels=2)
    index = ranking_index(role_map(curriculum, role))
    p = attainments(index, rng, 3)
    bonus = np.array([rng.choice([0.0, 0.25, 0.5]) for _ in index.module_ids])
    before = index.best(p, limit=100, bonus=bonus).numbers
    after = index.best(p, limit=100, bonus=bonus + 0.125)
    assert (np.sort(before, axis=1) == np.sort(after.numbers, axis=1)).all()
    scores = index.scan(p, limit=100, bonus=bonus).scores
    clear = np.diff(scores, axis=1) < -1e-12  # rounding may part or join what is equal but for it
    if clear.all():
        assert (before == after.numbers).all()


def test_a_module_of_two_levels_gains_at_the_higher_through_the_lower(say):
    curriculum = say.curriculum_of(["sql"], [say.teach("both", ("sql", 1, 0.5), ("sql", 2, 0.5))])
    index = ranking_index(role_map(curriculum, say.role_of(("sql", 2))))
    assert [one.level for one in index.columns] == [2, 1]
    # p₁ = .2 → .6, then p₂ = .1 → .1 + (.6 − .1)/2 = .35
    assert index.best([[0.1, 0.2]], limit=1).scores[0, 0] == pytest.approx(0.25 / 10)


def test_what_cannot_be_ranked_is_refused_with_every_fault(say):
    curriculum = say.curriculum_of(["sql"], [say.teach("m", "sql")])
    index = ranking_index(role_map(curriculum, say.role_of("sql")))
    with pytest.raises(InvalidInput) as refused:
        index.best([[0.1, 0.2]], limit=0, bonus=np.array([-1.0]), open_modules=np.ones(2, bool))
    assert {fault.where for fault in refused.value.faults} == {
        "p",
        "limit",
        "bonus",
        "open_modules",
    }


def test_nothing_on_offer_gives_empty_lists(say):
    curriculum = say.curriculum_of(["sql"], [say.teach("m", "sql", retired=True)])
    index = ranking_index(role_map(curriculum, say.role_of("sql")))
    found = index.best([[0.1]], limit=2)
    assert found.numbers.tolist() == [[-1, -1]]
    assert found.scores.tolist() == [[0.0, 0.0]]
    none = ranking_index(
        role_map(say.curriculum_of(["sql"], [say.teach("m", "sql")]), say.role_of("sql"))
    )
    assert none.best([[0.1]], open_modules=none.open_modules(allowed=())).numbers.max() == -1
    assert none.best([[0.1]], open_modules=none.open_modules(denied=["m"])).numbers.max() == -1
    assert none.best([[0.1]]).numbers[0, 0] == 0


def test_the_ranking_of_one_learner_is_the_same_function(say):
    """The worked number of the ranking, by both ways."""
    curriculum = say.curriculum_of(["sql"], [say.teach("m", ("sql", 1, 0.9))])
    role = say.role_of("sql")
    where = role_map(curriculum, role)
    (only,) = rank(where, say.believe(sql=0.9), say.HandWritten())
    found = ranking_index(where).best([[0.9]], limit=1)
    assert found.scores[0, 0] == pytest.approx(only.score) == pytest.approx(0.05 / 10)


@pytest.mark.parametrize("open_share", [1.0, 0.5, 0.01, 0.0])
def test_few_of_many_modules_on_offer_are_found_all_the_same(say, open_share):
    """Be the heads of the lists on offer or not, and be there more lists than are read at first."""
    rng = np.random.default_rng(3)
    skills = [f"s{k:02d}" for k in range(60)]
    modules = [
        say.teach(f"m{k:04d}", *((one, 1, rng.uniform(0.1, 0.9)) for one in taught), minutes=5 + k)
        for k, taught in enumerate(rng.choice(skills, rng.integers(1, 3)) for _ in range(900))
        if len(set(taught)) == len(taught)
    ]
    where = role_map(say.curriculum_of(skills, modules), say.role_of(*skills))
    index = ranking_index(where)
    for _ in range(5):
        p = rng.beta(0.7, 0.7, (1, len(index.columns)))
        open_modules = rng.random(len(index.module_ids)) < open_share
        best, scan = (
            ask(p, limit=10, open_modules=open_modules) for ask in (index.best, index.scan)
        )
        assert (best.numbers == scan.numbers).all()
        assert (best.scores == scan.scores).all()


@pytest.mark.parametrize("limit", [1, 20, 50, 100])
def test_the_best_may_lie_deep_in_one_list(say, limit):
    modules = [say.teach(f"m{k:02d}", ("sql", 1, 0.5), minutes=10 + k % 30) for k in range(90)]
    index = ranking_index(role_map(say.curriculum_of(["sql"], modules), say.role_of("sql")))
    best, scan = (ask([[0.2]], limit=limit) for ask in (index.best, index.scan))
    assert best.numbers.shape == (1, limit)
    assert (best.numbers == scan.numbers).all()
    assert (best.scores == scan.scores).all()
    assert np.count_nonzero(best.numbers >= 0) == min(limit, 90)
