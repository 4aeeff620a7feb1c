"""The order of role levels, from what they require."""

from hypothesis import given
from hypothesis import strategies as st

from service.frameworks.ladder import climbing_order

requirements = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 4), min_size=1)
ladders = st.dictionaries(st.text("xyz", min_size=1, max_size=3), requirements, max_size=6)


def test_levels_in_the_alphabet_come_out_in_the_order_of_what_they_require():
    rungs = {
        "Head of baking": {"dough": 4, "ovens": 4, "people": 4},
        "Junior baker": {"dough": 1, "ovens": 1},
        "Lead baker": {"dough": 4, "ovens": 3, "people": 3},
        "Senior baker": {"dough": 3, "ovens": 3},
        "Trainee baker": {"dough": 1},
    }
    order = climbing_order(rungs)
    assert [name.split()[0] for name in order] == ["Trainee", "Junior", "Senior", "Lead", "Head"]


def test_fewer_skills_at_higher_levels_stand_above_more_skills_at_lower_ones():
    senior = dict.fromkeys("abcdefg", 3)
    head = dict.fromkeys("abcdef", 4) | {"a": 2}
    assert sum(head.values()) > sum(senior.values()) or sum(head.values()) / 6 > 3
    assert climbing_order({"head": head, "senior": senior}) == ["senior", "head"]


def test_levels_that_require_the_same_stand_in_the_order_of_their_names():
    assert climbing_order({"b": {"x": 2}, "a": {"x": 2}}) == ["a", "b"]


@given(ladders)
def test_nobody_stands_below_a_level_that_requires_no_more(rungs):
    order = climbing_order(rungs)
    assert sorted(order) == sorted(rungs)
    for low, name in enumerate(order):
        for higher in order[low + 1 :]:
            covers = all(rungs[name].get(k, 0) >= v for k, v in rungs[higher].items())
            assert not covers or rungs[name] == rungs[higher]
