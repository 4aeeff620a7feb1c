"""Corpora that cannot tell much: fitted all the same, with the warnings that they deserve."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.knowledge_tracing import BKT

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
OPTIONS = [{}, {"forget": "opportunity"}, {"forget": "time"}, {"noise": "item"}]


def _log(score: np.ndarray, items: int = 4, skills: int = 1) -> ResponseLog:
    """Learners in rows, their answers in columns."""
    n_learners, length = score.shape
    n = score.size
    return ResponseLog.from_columns(
        learner=np.repeat(np.arange(n_learners), length),
        item=[f"q{i % items}" for i in range(n)],
        skills=[f"k{i % items % skills}" for i in range(n)],
        score=score.ravel(),
        answered_at=[DAWN + timedelta(hours=i % length) for i in range(n)],
    )


def _fitted(log: ResponseLog, options: dict[str, str]) -> BKT:
    """Fit and predict; Python's own warnings (division by zero and the like) are errors."""
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        tracer = BKT(**options).fit(log)
        p = tracer.predict_correct(log)
    assert np.isfinite(p).all()
    assert ((p > 0) & (p < 1)).all()
    for values in list(tracer.parameters_frame(0.9).values())[2:]:
        assert np.isfinite(values).all()
    return tracer


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("right", [1.0, 0.0])
def test_answers_that_are_all_alike(options: dict[str, str], right: float) -> None:
    told = _fitted(_log(np.full((50, 6), right)), options).report_["k0"].warnings
    assert f"every answer to level 1 is {'right' if right else 'wrong'}" in told
    assert not any("few responses" in text or "converged" in text for text in told)


@pytest.mark.parametrize("options", OPTIONS)
def test_one_response_per_learner(options: dict[str, str]) -> None:
    score = (np.arange(80) % 3 > 0).astype(float)[:, None]
    told = _fitted(_log(score), options).report_["k0"].warnings
    assert told == ("no learner answered twice: learning is known from the prior alone",)


@pytest.mark.parametrize("options", OPTIONS)
def test_a_skill_seen_once_among_others(options: dict[str, str]) -> None:
    rng = np.random.default_rng(3)
    log = _log((rng.random((60, 8)) < np.linspace(0.3, 0.9, 8)).astype(float))
    rows = [
        {"learner": "once", "item": "lone", "skills": "lone", "score": 1.0, "answered_at": DAWN},
        *(
            {
                "learner": log.learner_ids[log.learner[i]],
                "item": log.item_ids[log.item[i]],
                "skills": "k0",
                "score": log.score[i],
                "answered_at": DAWN + timedelta(hours=i),
            }
            for i in range(len(log))
        ),
    ]
    report = _fitted(ResponseLog.from_records(rows), options).report_
    assert "few responses to level 1: 1" in report["lone"].warnings
    assert report["k0"].warnings == ()


def test_a_hundred_thousand_items_each_answered_once() -> None:
    rng = np.random.default_rng(1)
    n = 100_000
    attained = np.repeat(rng.random(n // 10) < 0.5, 10)
    log = ResponseLog.from_columns(
        learner=np.repeat(np.arange(n // 10), 10),
        item=np.arange(n),
        skills=np.array([f"k{i % 5}" for i in range(n)]),
        score=(rng.random(n) < np.where(attained, 0.9, 0.2)).astype(float),
    )
    tracer = _fitted(log, {"noise": "item"})
    assert tracer.report_.warnings == ()
    assert len(tracer.noise_frame()["item"]) == n
    assert tracer.report_.converged


def test_ordinary_answers_give_no_warnings_under_any_option() -> None:
    rng = np.random.default_rng(9)
    score = np.zeros((200, 8))
    for row in score:
        attained = rng.random() < 0.3
        for t in range(8):
            row[t] = rng.random() < (0.9 if attained else 0.2)
            attained = attained or rng.random() < 0.2
    for options in OPTIONS:
        assert _fitted(_log(score), options).report_.warnings == ()
