"""How rankers of modules are measured, by hand."""

import numpy as np
import pytest

RIGHT = np.array([[False, True, False, True, False]])
OPEN = np.array([[True, True, True, True, False]])


def figures(scores):
    from quality_recommender import figures

    return figures(np.array([scores]), RIGHT, OPEN)


def test_the_area_counts_pairs_in_order_and_equal_ones_half():
    # right: the second and fourth; wrong: the first and third; the fifth is no candidate
    assert figures([0.0, 3.0, 1.0, 2.0, 9.0])[0] == 1.0
    assert figures([2.0, 3.0, 1.0, 1.0, 9.0])[0] == pytest.approx((2 + 0.5) / 4)
    assert figures([1.0] * 5)[0] == 0.5


def test_gains_are_discounted_by_their_place_and_measured_against_the_best_order():
    best = 1 + 1 / np.log2(3)
    assert figures([0.0, 3.0, 1.0, 2.0, 9.0])[1] == pytest.approx(1.0)
    found = figures([3.0, 2.0, 1.0, 0.0, 9.0])  # right ones second and fourth
    assert found[1] == pytest.approx((1 / np.log2(3) + 1 / np.log2(5)) / best)
    assert found[2] == found[3] == 1.0


def test_an_item_item_model_tells_what_goes_together_and_nothing_of_what_nobody_took():
    from quality_recommender import by_ease

    seen = np.zeros((40, 5), np.bool_)
    seen[:20, [0, 1]] = True
    seen[20:, [2, 3]] = True
    seen[0, 1] = False
    score = by_ease(None, seen, weight=1.0)
    assert score[0, 1] > 0.5 > score[0, 2]
    assert (score[:, 4] == 0.0).all()


def test_a_world_splits_in_time_and_no_module_is_completed_before_it_is_out():
    from quality_recommender import SPLIT, trained, world

    told = world(3)
    seen = trained(told)
    assert not seen[:, told.cold].any()
    assert (told.when[told.cold[told.module]] > SPLIT).all()
    pairs = set(zip(told.learner.tolist(), told.module.tolist(), strict=True))
    assert len(pairs) == len(told.learner)  # nobody completes anything twice
