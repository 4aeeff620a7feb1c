"""Gains taken apart by target, against projecting everything in a row."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.recommender import role_map
from engine.recommender.outlook import Outlook

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


@settings(max_examples=60, deadline=None)
@given(orders, orders, st.sampled_from([0.55, 0.7, 0.95]))
def test_gains_by_target_equal_those_of_projecting_everything_in_a_row(
    say, taken, further, threshold
):
    where = world(say, threshold)
    taken = [m for m in taken if m < len(where.modules)]
    further = [m for m in further if m not in taken and m < len(where.modules)]
    start = projected(say, where, [])
    outlook = Outlook(where, say.believe(), say.HandWritten(), start)
    for m in taken:
        outlook.take(m)
    before = projected(say, where, taken)
    after = projected(say, where, [*taken, *further])
    truncated = expected_gain(where, before, after, threshold)
    assert outlook.truncated_gain(further) == pytest.approx(truncated, abs=1e-12)
    whole = expected_gain(where, before, after, 1.0)
    assert outlook.gain(further) == pytest.approx(whole, abs=1e-12)
    whole_anew = expected_gain(where, start, projected(say, where, further), 1.0)
    assert outlook.afresh().gain(further) == pytest.approx(whole_anew, abs=1e-12)


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
    # module 0 alone and then module 1 for skill a; module 1 alone for skill b
    assert Counting.calls == 3
