"""Several roles as one: their targets merged, their readiness averaged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import Role, SkillTarget
from engine.errors import InvalidInput
from engine.recommender import readiness

LEVELS = st.integers(1, 3)
TARGETS = st.dictionaries(
    st.tuples(st.sampled_from(["sql", "charts", "prose"]), LEVELS),
    st.floats(0.1, 10.0),
    min_size=1,
)


def role_of(role_id, wanted):
    return Role(role_id, [SkillTarget(*one, weight) for one, weight in wanted.items()])


@given(
    st.lists(st.tuples(TARGETS, st.floats(0.01, 100.0)), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_readiness_for_several_roles_is_the_mean_of_those_for_each(drawn, rng):
    roles = {role_of(f"r{k}", wanted): share for k, (wanted, share) in enumerate(drawn)}
    both = Role.combined(roles)
    p = {target.skill_level: rng.random() for target in both.targets}
    alone = [
        float(readiness([p[t.skill_level] for t in role.targets], role.weights)) for role in roles
    ]
    together = float(readiness([p[t.skill_level] for t in both.targets], both.weights))
    assert together == pytest.approx(np.average(alone, weights=list(roles.values())), abs=1e-12)
    for part, expected in zip(both.parts, alone, strict=True):
        theirs = sum(w * p[t.skill_level] for w, t in zip(part.weights, both.targets, strict=True))
        assert theirs == pytest.approx(expected, abs=1e-12)


def test_what_two_roles_want_at_one_level_is_one_target_and_at_two_levels_are_two():
    junior = Role("junior", [SkillTarget("sql"), SkillTarget("charts")], mastery_threshold=0.9)
    senior = Role("senior", [SkillTarget("sql", 2), SkillTarget("charts")], name="Senior")
    both = Role.combined({junior: 3, senior: 1})
    assert {str(one.skill_level): one.weight for one in both.targets} == {
        "sql at level 1": 0.375,
        "charts at level 1": 0.5,
        "sql at level 2": 0.125,
    }
    assert (both.role_id, both.label) == ("junior+senior", "junior and Senior")
    assert (both.mastery_threshold, both.role_ids) == (0.95, ("junior", "senior"))


def test_roles_that_cannot_be_combined_are_refused_with_every_fault():
    twice = [Role("r", [SkillTarget("sql")]), Role("r", [SkillTarget("charts")])]
    with pytest.raises(InvalidInput) as error:
        Role.combined({twice[0]: 0.0, twice[1]: float("nan")})
    assert [one.where for one in error.value.faults] == ["shares[1]", "shares[r]", "shares[r]"]
    with pytest.raises(InvalidInput, match="at least one role"):
        Role.combined({})
