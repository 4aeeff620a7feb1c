"""Learning from further responses without the old ones."""

from __future__ import annotations

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.errors import InvalidInput, ModelFormatError
from engine.knowledge_tracing import BKT, auc, in_folds, tracer_from_json


def _log(seed: int, n_learners: int, skills: str = "abc", slip: float = 0.12) -> ResponseLog:
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(n_learners):
        for k, skill_id in enumerate(skills):
            attained = rng.random() < 0.2 + 0.2 * k
            for _ in range(8):
                right = rng.random() < (1 - slip if attained else 0.2)
                rows.append((f"{seed}-{who}", f"q-{skill_id}", skill_id, float(right), who % 4))
                attained = attained or rng.random() < 0.2
    learner, item, skill, score, fold = zip(*rows, strict=True)
    return ResponseLog.from_columns(
        learner=learner, item=item, skills=skill, score=score, fold=fold
    )


def test_parts_teach_what_the_whole_teaches() -> None:
    log, fresh = _log(0, 1200), _log(1, 300)
    whole, parts = BKT().fit(log), BKT()
    for fold in range(4):
        parts.partial_fit(log.select(in_folds(log, [fold])))
    for skill_id, levels in whole.parameters_.items():
        np.testing.assert_allclose(parts.parameters_[skill_id][1], levels[1], atol=0.03)
    assert auc(fresh.score, parts.predict_correct(fresh)) == pytest.approx(
        auc(fresh.score, whole.predict_correct(fresh)), abs=0.002
    )


def test_the_first_part_is_a_fit() -> None:
    log = _log(0, 100)
    assert BKT().partial_fit(log).to_json() == BKT().fit(log).to_json()


def test_more_answers_move_a_model_that_remembers_less_than_one_that_forgets() -> None:
    old, new = _log(0, 600), _log(1, 150, slip=0.35)
    slips = {
        memory: BKT().fit(old).partial_fit(new, memory=memory).parameters_["a"][1].slip
        for memory in (1.0, 0.3, 0.0)
    }
    assert 0.12 < slips[1.0] < slips[0.3] < slips[0.0]
    assert slips[0.0] == pytest.approx(BKT().fit(new).parameters_["a"][1].slip, abs=0.02)


def test_skills_not_in_the_part_stay_and_new_ones_come() -> None:
    tracer = BKT().fit(_log(0, 200, "ab"))
    before = tracer.parameters_["a"]
    tracer.partial_fit(_log(1, 200, "bc"))
    assert tracer.parameters_["a"] == before
    assert set(tracer.parameters_) == {"a", "b", "c"}
    assert set(tracer.report_) == set(tracer.parameters_)
    assert len(tracer.parameters_frame(0.9)["guess_low"]) == 3
    assert np.isfinite(tracer.predict_correct(_log(2, 20))).all()


def test_what_is_remembered_travels_with_the_model() -> None:
    first, second = _log(0, 150), _log(1, 150)
    kept = BKT().fit(first)
    read = tracer_from_json(kept.to_json())
    assert isinstance(read, BKT)
    assert read.partial_fit(second).to_json() == kept.partial_fit(second).to_json()


def test_levels_known_before_are_kept() -> None:
    log = _log(0, 150, "a")
    two = ResponseLog.from_columns(
        learner=[log.learner_ids[i] for i in log.learner],
        item=["q"] * len(log),
        skills=["a"] * len(log),
        level=1 + np.arange(len(log)) % 2,
        score=log.score,
    )
    tracer = BKT().fit(two).partial_fit(_log(1, 100, "a"))
    assert list(tracer.parameters_["a"]) == [1, 2]


def test_what_cannot_be_remembered_is_refused() -> None:
    log = _log(0, 20)
    with pytest.raises(InvalidInput, match="start_from"):
        BKT(noise="item").partial_fit(log)
    with pytest.raises(InvalidInput, match="memory: is 2"):
        BKT().fit(log).partial_fit(log, memory=2)
    text = BKT().fit(log).to_json()
    with pytest.raises(ModelFormatError, match="events"):
        tracer_from_json(text.replace('"events": [["a", 1, [[', '"events": [["a", 1, [[-'))
    start = text.index('"events"')
    with pytest.raises(InvalidInput, match="keeps no events"):
        tracer_from_json(text[:start] + '"events": []}}').partial_fit(log)  # type: ignore[attr-defined]
