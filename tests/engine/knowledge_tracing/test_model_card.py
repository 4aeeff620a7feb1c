"""What goes with a fitted model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.errors import NotFitted
from engine.knowledge_tracing import BKT, DynamicIRT, evaluate, model_card

MakeLog = Callable[..., ResponseLog]


def test_a_card_says_what_was_learned_from_and_what_was_found(make_log: MakeLog) -> None:
    log = make_log(4)
    tracer = BKT(seed=3).fit(log)
    card = model_card(tracer, log)
    assert f"- {len(log):,} responses of {len(np.unique(log.learner))} learners" in card
    assert "seed=3" in card
    guesses = [one.guess for levels in tracer.parameters_.values() for one in levels.values()]
    assert f"| guess | {len(guesses)} | " in card
    assert f" | {np.median(guesses):.3f} | " in card
    assert "| forget |" not in card  # the classical model has none
    for warning in tracer.report_.warnings[:20]:
        assert f"- warning: {warning}" in card


def test_a_card_shows_how_well_each_part_was_predicted(make_log: MakeLog) -> None:
    log = make_log(4)
    test = log.learner == log.learner[0]
    tracer = DynamicIRT(search_rounds=0)
    found = evaluate({"m": tracer}, log, train=~test, test=test, replicates=20)
    card = model_card(tracer, log.select(~test), evaluation=found, measured_on="On one learner")
    assert f"On one learner: {test.sum()} responses" in card
    assert f"| all | {test.sum()} | {found['m'].measures['auc'].value:.4f} [" in card
    assert "| first answer to a skill | " in card
    assert "nan" not in card


def test_what_was_not_fitted_has_no_card(make_log: MakeLog) -> None:
    with pytest.raises(NotFitted):
        model_card(BKT(), make_log(1))
