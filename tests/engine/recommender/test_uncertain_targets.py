"""Targets whose level and weight were estimated: what they may mean, and how sure readiness is."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import BKT, PathPlanner
from engine.domain import CompetencyFramework, ProficiencyScale, Role, Skill, SkillTarget
from engine.domain.skills import UncertainLevel
from engine.errors import InvalidCurriculum
from engine.recommender import attained, examination, ranking_index, readiness_interval, role_map
from engine.recommender.pooled import Meaning, pooled_interval

RATED = SkillTarget("sql", 3, level_rated=2.6, level_error=0.2)
# a normal distribution around 2.6 has below 2.5 what a standard one has below -.5
TWO, THREE = 0.30854, 0.69146


@pytest.fixture
def curriculum(say):
    lessons = [say.teach(f"sql-{k}", ("sql", k, 0.5), minutes=10.0 * k) for k in (1, 2, 3, 4)]
    items = [{"item_id": f"q{k}", "skills": ["sql"], "level": k} for k in (1, 2, 3, 4)]
    return say.curriculum_of(["sql", "charts"], [*lessons, say.teach("c", "charts")], items=items)


@pytest.fixture
def planner(curriculum, say):
    return PathPlanner(tracer=say.HandWritten(), curriculum=curriculum)


class TestWhatATargetMayMean:
    def test_levels_are_as_likely_as_what_is_nearest_to_them(self):
        shares = dict(RATED.meant(4).shares)
        assert shares == pytest.approx({2: TWO, 3: THREE}, abs=1e-5)
        assert math.fsum(shares.values()) == pytest.approx(1.0, abs=1e-15)

    def test_what_lies_beyond_the_scale_counts_as_its_end(self):
        assert SkillTarget("sql", 1, level_error=5.0).meant(1).shares == ((1, 1.0),)
        low, high = SkillTarget("sql", 1, level_error=1.0).meant(2).shares
        assert (low[1], high[1]) == (pytest.approx(0.69146, abs=1e-5), pytest.approx(TWO, abs=1e-5))

    @pytest.mark.parametrize("error", [None, 0.0])
    def test_without_an_error_a_target_means_what_it_states(self, error):
        target = SkillTarget("sql", 3, level_error=error, level_rated=2.6)
        assert target.meant(4) == target.skill_level
        assert not isinstance(target.meant(4), UncertainLevel)

    def test_what_cannot_be_meant_is_refused(self):
        with pytest.raises(InvalidCurriculum) as refused:
            SkillTarget("sql", 3, level_error=-1.0, weight_error=math.nan)
        assert [one.where for one in refused.value.faults] == ["level_error", "weight_error"]
        with pytest.raises(InvalidCurriculum, match=r"level_rated: is 2.4, .*from 2.5 to 3.5"):
            SkillTarget("sql", 3, level_error=0.1, level_rated=2.4)


class TestReadiness:
    def test_a_target_counts_at_every_level_that_it_may_mean(self, planner, say):
        state = say.believe(sql=(0.9, 0.8, 0.3, 0.1))
        report = planner.gaps(state, role=Role("r", [RATED, SkillTarget("charts")]))
        uncertain, certain = report.gaps
        assert uncertain.p_attained == pytest.approx(TWO * 0.8 + THREE * 0.3, abs=1e-5)
        assert [(one.level, one.p_attained) for one in uncertain.asked] == [(2, 0.8), (3, 0.3)]
        assert certain.asked == ()
        assert report.readiness == pytest.approx((uncertain.p_attained + 0.2) / 2)
        assert report.note == (
            "How much is asked is known only nearly of Sql (level 2: 31%, level 3: 69%),"
            " so it counts at every level that may be meant."
        )

    def test_a_certain_role_has_no_note(self, planner, say):
        assert planner.gaps(say.believe(), role=Role("r", [SkillTarget("sql", 3)])).note == ""

    def test_readiness_for_several_roles_is_the_mean_even_where_they_doubt_differently(
        self, planner, say
    ):
        state = say.believe(sql=(0.9, 0.8, 0.3, 0.1))
        other = SkillTarget("sql", 3, weight=2.0, weight_error=0.5, level_error=0.7)
        roles = {Role("a", [RATED]): 0.25, Role("b", [other, SkillTarget("charts")]): 0.75}
        alone = [planner.gaps(state, role=one).readiness for one in roles]
        both = Role.combined(roles)
        assert planner.gaps(state, role=both).readiness == pytest.approx(
            0.25 * alone[0] + 0.75 * alone[1], abs=1e-12
        )
        assert [one.weight_error for one in both.targets] == [None, 0.75 * 0.5 / 3.0, None]

    def test_weights_with_errors_widen_the_interval_as_independent_errors_add(self):
        p, weights, errors = np.array([1.0, 0.0]), [1.0, 1.0], [0.2, 0.1]
        # nothing else is uncertain: share .5, so each error moves it by e / 2 / 2
        reach = 1.2815516 * math.hypot(0.2, 0.1) / 4
        ends = readiness_interval(p, weights, errors=errors)
        assert ends == pytest.approx([0.5 - reach, 0.5 + reach], abs=1e-7)
        assert (readiness_interval(p, weights, errors=[0.0, 0.0]) == [0.5, 0.5]).all()
        assert (readiness_interval(p, weights, errors=[1e308, 0.0]) == [0.0, 1.0]).all()
        assert (readiness_interval([1.0, 1.0], weights, errors=[1e308, 0.0]) == [1.0, 1.0]).all()

    @given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 5), st.floats(0, 1)), min_size=1))
    @settings(max_examples=50)
    def test_no_error_of_a_weight_ever_narrows_an_interval(self, drawn):
        p, weights, errors = map(list, zip(*drawn, strict=True))
        low, high = readiness_interval(p, weights)
        wider = readiness_interval(p, weights, errors=errors)
        assert 0.0 <= wider[0] <= low
        assert high <= wider[1] <= 1.0


class TestWhatComesNext:
    def test_a_module_gains_by_all_levels_that_may_be_meant_in_the_index_too(self, say, curriculum):
        """Level 2 rises from .5 to .7, level 3 from .3 to .4 by lesson 3, from .5 to .6 after 2."""
        state = say.believe(sql=(0.9, 0.5, 0.3, 0.1))
        where = role_map(curriculum, Role("r", [RATED]))
        index = ranking_index(where)
        p = attained(say.HandWritten(), state, index.columns)
        found = index.best([p], limit=4)
        scores = {
            index.module_ids[m]: s
            for m, s in zip(found.numbers[0], found.scores[0], strict=True)
            if m >= 0
        }
        assert scores == pytest.approx(
            {"sql-2": TWO * 0.2 / 20, "sql-3": THREE * 0.1 / 30}, rel=1e-4
        )

    @pytest.mark.parametrize("error", [0.3, 0.8, 3.0])
    def test_the_index_and_the_ranking_agree(self, curriculum, error):
        tracer = BKT(curriculum=curriculum)
        planner = PathPlanner(tracer=tracer, curriculum=curriculum, prerequisite_threshold=1e-9)
        role = Role("r", [SkillTarget("sql", 2, level_error=error), SkillTarget("charts")])
        state = tracer.start("ada")
        index = planner.index(role)
        found = index.best([attained(tracer, state, index.columns)], limit=9)
        numbers = [m for m in found.numbers[0].tolist() if m >= 0]
        scores = dict(zip((index.module_ids[m] for m in numbers), found.scores[0], strict=False))
        for one in planner.recommend(state, role=role, limit=9):
            assert one.terms["gain"] == pytest.approx(scores[one.module_id], rel=1e-9)

    def test_lessons_beyond_the_stated_level_help_where_more_may_be_meant(self, planner, say):
        state = say.believe(sql=(0.99, 0.99, 0.99, 0.1))
        certain = planner.recommend(state, role=Role("r", [SkillTarget("sql", 3)]))
        assert "every target" in certain.note.lower()
        doubtful = Role("r", [SkillTarget("sql", 3, level_error=0.5)])
        assert [one.module_id for one in planner.recommend(state, role=doubtful)] == ["sql-4"]
        path = planner.plan(state, role=doubtful, budget_minutes=60)
        assert [one.module_id for one in path.steps] == ["sql-4"]

    def test_questions_weigh_each_level_that_may_be_meant(self, curriculum):
        role = Role("r", [RATED, SkillTarget("sql", 2, weight=0.5), SkillTarget("charts")])
        about = examination(curriculum, role)
        weights = {str(one.skill_level): one.weight for one in about.role.targets}
        assert weights == pytest.approx(
            {"sql at level 2": TWO + 0.5, "sql at level 3": THREE, "charts at level 1": 1.0},
            abs=1e-5,
        )


class TestTeams:
    def test_what_is_asked_is_the_same_of_everybody(self):
        """Were levels drawn for each alone, the share would lie near one half."""
        either = [Meaning(0.5, [1.0] * 40), Meaning(0.5, [0.0] * 40)]
        assert pooled_interval([either], [1.0]) == (0.0, 1.0)
        low, high = pooled_interval([[Meaning(1.0, [0.5] * 40)]], [1.0])
        assert (low >= 0.35, high <= 0.65) == (True, True)

    @given(st.randoms(use_true_random=False))
    @settings(max_examples=30)
    def test_it_is_the_interval_over_all_that_may_be(self, rng):
        n = rng.randint(1, 3)
        targets = []
        for _ in range(rng.randint(1, 2)):
            share = rng.choice([0.25, 0.5])
            targets.append(
                [Meaning(one, [rng.random() for _ in range(n)]) for one in (share, 1.0 - share)]
            )
        weights = [rng.randint(1, 3) for _ in targets]
        mass: dict[float, float] = {}
        for meant in product(*targets):
            for hits in product((0, 1), repeat=n * len(targets)):
                p = math.prod(one.p_asked for one in meant)
                share = 0
                for k, hit in enumerate(hits):
                    i, learner = divmod(k, n)
                    p *= meant[i].p_attained[learner] if hit else 1 - meant[i].p_attained[learner]
                    share += hit * weights[i]
                mass[share / n / sum(weights)] = mass.get(share / n / sum(weights), 0.0) + p
        shares = sorted(mass)
        cumulative = np.cumsum([mass[one] for one in shares])
        expected = [shares[int(np.argmax(cumulative >= q - 1e-12))] for q in (0.1, 0.9)]
        assert pooled_interval(targets, weights) == pytest.approx(expected, abs=1e-12)

    def test_a_thousand_learners_before_uneven_weights_have_an_interval(self):
        rng = np.random.default_rng(0)
        targets = [[Meaning(1.0, rng.random(1000))] for _ in range(20)]
        low, high = pooled_interval(targets, rng.random(20) + 0.1)
        assert 0.49 < low < high < 0.51


def test_a_scale_of_seven_levels_is_cut_to_what_may_be_meant():
    framework = CompetencyFramework(
        [Skill("p")], scale=ProficiencyScale(tuple(f"Level {k}" for k in range(1, 8)))
    )
    (meant,) = framework.meant_by(
        Role("r", [SkillTarget("p", 5, level_rated=4.62, level_error=0.183)])
    )
    assert [level for level, _ in meant.shares] == [4, 5]
