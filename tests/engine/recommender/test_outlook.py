"""Gains taken apart by target, against projecting everything in a row."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.recommender import role_map
from engine.recommender.outlook import Outlook
from engine.recommender.prospect import prospect

TEACHES = [
    (("a", 1, 0.5),),
    (("a", 2, 0.6), ("b", 1, 0.3)),
    (("b", 1, 0.7),),
    (("b", 2, 0.4), ("c", 1, 0.9)),
    (("c", 1, 0.2), ("a", 1, 0.1)),
    (("d", 1, 0.5),),
]
orders = st.permutations(range(len(TEACHES))).flatmap(
    lambda order: st.integers(0, len(order)).map(lambda n: order[:n])
)


def world(say, threshold):
    modules = [say.teach(f"m{k}", *effects) for k, effects in enumerate(TEACHES)]
    role = say.role_of(("a", 2, 2.0), ("b", 1, 1.0), ("c", 1, 3.0), threshold=threshold)
    return role_map(say.curriculum_of("abcd", modules), role)


def projected(say, where, order):
    state = say.believe()
    for m in order:
        state = say.HandWritten().project(state, where.modules[m])
    targets = [target.skill_level for target in where.role.targets]
    return say.HandWritten().attainment(state, targets).tolist()


def expected_gain(where, before, after, ceiling):
    pairs = zip(where.shares, before, after, strict=True)
    return sum(share * (min(q, ceiling) - min(p, ceiling)) for share, p, q in pairs)


@settings(max_examples=60)
@given(orders, st.sampled_from([0.55, 0.7, 0.95]))
def test_gains_by_target_equal_those_of_projecting_everything_in_a_row(say, order, threshold):
    where = world(say, threshold)
    order = [m for m in order if m < len(where.modules)]
    start, after = projected(say, where, []), projected(say, where, order)
    outlook = Outlook(where, say.believe(), say.HandWritten(), start)
    truncated = expected_gain(where, start, after, threshold)
    assert outlook.truncated_gain(order) == pytest.approx(truncated, abs=1e-12)
    chains = [tuple(m for m in order if i in where.aims[m]) for i in range(3)]
    worth = sum(outlook.worth(i, chain) for i, chain in enumerate(chains))
    assert worth == pytest.approx(truncated, abs=1e-12)
    assert outlook.gain(order) == pytest.approx(expected_gain(where, start, after, 1.0), abs=1e-12)


@settings(max_examples=40)
@given(orders, st.integers(0, len(TEACHES)))
def test_after_some_modules_others_bring_what_they_bring_in_a_row(say, order, n):
    where = world(say, 0.7)
    order = [m for m in order if m < len(where.modules)]
    done, left = order[:n], order[n:]
    between = projected(say, where, done)
    ahead = prospect(where, say.believe(), say.HandWritten(), threshold=0.0).after(done, between)
    truncated = expected_gain(where, between, projected(say, where, order), 0.7)
    assert ahead.outlook.truncated_gain(left) == pytest.approx(truncated, abs=1e-12)


def test_projecting_many_modules_at_a_time_gives_what_each_gives_alone(say):
    where = world(say, 0.95)
    start = projected(say, where, [])
    together, alone = (Outlook(where, say.believe(), say.HandWritten(), start) for _ in range(2))
    together.foresee([(i, (m,)) for m, aims in enumerate(where.aims) for i in aims])
    for m, aims in enumerate(where.aims):
        for i in aims:
            assert together.worth(i, (m,)) == pytest.approx(alone.worth(i, (m,)), abs=1e-15)


def test_each_projection_is_worked_out_once(say):
    class Counting(say.HandWritten):
        calls = 0

        def project(self, state, module, *, at=None):
            Counting.calls += 1
            return super().project(state, module, at=at)

    where = world(say, 0.95)
    outlook = Outlook(where, say.believe(), Counting(), projected(say, where, []))
    for _ in range(3):
        outlook.truncated_gain((0, 1))
    # module 0 and then module 1 for skill a; module 1 alone for skill b
    assert Counting.calls == 3
