"""Prerequisites against the evidence: in columns or one by one, and as counted by hand."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from engine.domain import Completion, Item, Response
from engine.domain.history import History
from engine.domain.responses import ResponseLog
from engine.recommender.contradictions import contradictions

EDGES = ["top < base", "peak < top"]


def world(say):
    items = [
        Item(f"{one}-{level}-{k}", (one,), level=level)
        for one in ("base", "top", "peak")
        for level in (1, 2)
        for k in range(3)
    ]
    modules = [say.teach("lesson", "base"), say.teach("both", "base", "top")]
    both = Item("mixed", ("base", "top"))
    return say.curriculum_of(["base", "top", "peak"], modules, EDGES, [*items, both])


def evidence_of(curriculum, say, seed, n_learners=120):
    """Learners one after the other who mostly fail what comes first and pass what comes later."""
    rng = random.Random(seed)
    items = [*curriculum.items.values()]
    told = []
    for k in range(n_learners):
        for day in range(1, 20):
            item = rng.choice(items)
            right = rng.random() < {"base": 0.1, "top": 0.75, "peak": 0.8}[item.skills[0]]
            told.append(Response(f"l{k}", item.item_id, float(right), say.day(day)))
            if rng.random() < 0.1:
                module = rng.choice(["lesson", "both", "unknown"])
                told.append(Completion(f"l{k}", module, say.day(day) + timedelta(hours=1)))
    return told


def counted(curriculum, told):
    """The same one answer at a time."""
    for edge in curriculum.framework.prerequisites:
        lacking = passing = 0
        for learner_id in dict.fromkeys(one.learner_id for one in told):
            before, after, lesson = [], [], -1
            for place, one in enumerate(told):
                if one.learner_id != learner_id:
                    continue
                if isinstance(one, Completion):
                    module = curriculum.modules.get(one.module_id)
                    taught = [effect.skill_id for effect in module.teaches] if module else ()
                    lesson = place if edge.requires in taught else lesson
                    continue
                item = curriculum.items[one.item_id]
                if item.skills == (edge.requires,) and item.level <= edge.requires_level:
                    before.append((place, one.score))
                if item.skills == (edge.skill_id,) and item.level >= edge.level:
                    after.append(one.score)
            failed = len(before) > 1 and all(score < 0.5 for _, score in before[-2:])
            if failed and after and lesson < before[-1][0]:
                lacking += 1
                passing += sum(after) / len(after) > 0.5
        yield str(edge.target), lacking, passing


def columns_of(told):
    """The evidence of learners in columns, as it is read from where it is kept."""
    answers = [one for one in told if isinstance(one, Response)]
    log = ResponseLog.from_columns(
        learner=[one.learner_id for one in answers],
        item=[one.item_id for one in answers],
        score=[one.score for one in answers],
        skills=["x"] * len(answers),
        answered_at=[one.answered_at for one in answers],
    )
    return History.of(log, [one for one in told if isinstance(one, Completion)])


@pytest.mark.parametrize("seed", range(3))
def test_columns_in_parts_contradict_what_single_pieces_of_evidence_do(say, seed):
    curriculum = world(say)
    told = evidence_of(curriculum, say, seed)
    by_hand = {one: counts for one, *counts in counted(curriculum, told)}
    shuffled = random.Random(seed).sample(told, len(told))
    parts = [
        columns_of([one for one in told if int(one.learner_id[1:]) % 3 == k]) for k in range(3)
    ]
    for evidence in (told, shuffled, parts, iter(parts)):
        found = {
            str(edge.target): [lacking, passing]
            for edge, lacking, passing in contradictions(curriculum, evidence)
        }
        assert found
        assert found.items() <= by_hand.items()


def test_no_evidence_and_evidence_about_what_is_not_there_contradict_nothing(say):
    curriculum = world(say)
    strange = [Response("ada", "nowhere", 0.0), Completion("ada", "nothing")]
    assert list(contradictions(curriculum, [])) == []
    assert list(contradictions(curriculum, strange)) == []
    assert list(contradictions(say.curriculum_of(["a"], [], []), strange)) == []
