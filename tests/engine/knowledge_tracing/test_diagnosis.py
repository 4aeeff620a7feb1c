"""What a fit warns of."""

from __future__ import annotations

import numpy as np

from engine.knowledge_tracing.diagnosis import notes_on_evidence, notes_on_parameters
from engine.knowledge_tracing.parameters import LevelParameters


def test_sound_parameters_are_not_commented() -> None:
    sound = LevelParameters(prior=0.4, learn=0.1, forget=0.0, guess=0.25, slip=0.1)
    assert list(notes_on_parameters({1: sound}, forgets=False)) == []


def test_a_skill_guessed_more_often_than_not_is_pointed_out() -> None:
    lucky = LevelParameters(prior=0.4, learn=0.1, forget=0.0, guess=0.62, slip=0.1)
    assert list(notes_on_parameters({2: lucky}, forgets=False)) == [
        "guess of level 2 is above one half: 0.62"
    ]


def test_noise_at_the_bound_of_its_sum_is_pointed_out() -> None:
    noisy = LevelParameters(prior=0.4, learn=0.1, forget=0.0, guess=0.5, slip=0.45)
    assert list(notes_on_parameters({1: noisy}, forgets=False)) == [
        "guess + slip of level 1 is at its bound, 0.95"
    ]


def test_forgetting_is_pointed_out_where_there_is_most_of_it_not_where_there_is_none() -> None:
    none = LevelParameters(prior=0.4, learn=0.1, forget=0.001, guess=0.25, slip=0.1)
    most = none._replace(forget=0.5)
    assert list(notes_on_parameters({1: none}, forgets=True)) == []
    assert list(notes_on_parameters({1: most}, forgets=False)) == []
    assert list(notes_on_parameters({1: most}, forgets=True)) == [
        "forget of level 1 is at its bound, 0.5"
    ]


def test_each_level_is_judged_by_its_own_answers() -> None:
    notes = notes_on_evidence([1, 3], np.array([90.0, 4.0]), np.array([50.0, 0.0]), n_learners=9)
    assert list(notes) == ["few responses to level 3: 4", "every answer to level 3 is wrong"]
