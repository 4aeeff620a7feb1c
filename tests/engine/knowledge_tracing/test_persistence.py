"""Model files: exact, readable, and refused with a remedy when they are not right."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import ResponseLog
from engine.errors import ModelFormatError
from engine.knowledge_tracing import BKT, tracer_from_json


@pytest.fixture(scope="module")
def fitted(make_log: Callable[..., ResponseLog]) -> BKT:
    return BKT(forget="opportunity", seed=3).fit(make_log(2))


def test_a_model_comes_back_to_the_last_bit(
    fitted: BKT, make_log: Callable[..., ResponseLog]
) -> None:
    copy = BKT.from_json(fitted.to_json())
    assert copy.parameters_ == fitted.parameters_
    assert copy.report_ == fitted.report_
    assert copy.get_params() == fitted.get_params()
    log = make_log(99)
    np.testing.assert_array_equal(copy.predict_correct(log), fitted.predict_correct(log))


@pytest.mark.parametrize("n", [47, 54, 89, 131, 208, 250])
def test_a_model_of_a_skill_that_everybody_gets_right_comes_back(n: int) -> None:
    learner = np.random.default_rng(n).integers(n // 4, size=n)
    log = ResponseLog.from_columns(learner=learner, item=["q"] * n, skills=["s"] * n, score=[1] * n)
    text = BKT().fit(log).to_json()
    assert BKT.from_json(text).to_json() == text


def test_a_model_file_is_json_that_says_what_it_is(fitted: BKT) -> None:
    content = json.loads(fitted.to_json())
    assert (content["format"], content["version"], content["model"]) == ("attain-tracer", 1, "bkt")


def test_an_unfitted_model_stays_unfitted() -> None:
    assert BKT.from_json(BKT(restarts=2).to_json()).to_json() == BKT(restarts=2).to_json()


Edit = Callable[[dict[str, Any]], Any]


def _set(*path: str | int, to: Any) -> Edit:
    def edit(content: dict[str, Any]) -> dict[str, Any]:
        *outer, last = path
        place: Any = content
        for step in outer:
            place = place[step]
        place[last] = to
        return content

    return edit


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (_set("format", to="pmml"), "found 'pmml' as its format, expected 'attain-tracer'"),
        (lambda _: [1, 2], "found 'list' as its format"),
        (_set("version", to=2), "found version 2, expected at most 1; .* upgrade"),
        (_set("version", to="one"), "found version 'one'"),
        (_set("model", to="sparfa"), "found the model 'sparfa', expected one of bkt"),
        (lambda c: {k: v for k, v in c.items() if k != "options"}, "malformed content .*options"),
        (_set("options", "restarts", to=0), "restarts: is 0"),
        (_set("options", "unknown", to=0), "malformed content"),
        (_set("fitted", "names", to=["prior"]), "the parameters are named"),
        (_set("fitted", "pooled", to=[]), "no pooled parameters"),
        (_set("fitted", "pooled", 0, to=[0.5, 0.1, 0.0, 0.6, 0.5]), "guess \\+ slip is 1.1"),
        (_set("fitted", "pooled", 0, to=[0.5, 0.1, 0.0, "x", 0.5]), "malformed content"),
        (_set("fitted", "parameters", "s0", to={"1": [0, 1, 0, 0.2, 0.1]}), "no probabilities"),
        (_set("fitted", "parameters", "s0", to={}), "a skill has no levels"),
        (_set("fitted", "items", "q0", to=99), "no combination of skills"),
        (_set("fitted", "skill_sets", to=[[["s0", "high"]]]), "no skill at a level"),
        (_set("fitted", "report", to=7), "malformed content"),
    ],
)
def test_a_wrong_model_file_is_refused_with_what_was_found(
    fitted: BKT, edit: Edit, told: str
) -> None:
    text = json.dumps(edit(json.loads(fitted.to_json())))
    with pytest.raises(ModelFormatError, match=told):
        tracer_from_json(text)


@pytest.mark.parametrize("text", ["", "not json", '{"format": NaN}', "[" * 100_000, "null"])
def test_text_that_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(ModelFormatError, match="expected"):
        tracer_from_json(text)


@given(share=st.floats(0.0, 0.999))
def test_a_file_cut_short_is_refused(fitted: BKT, share: float) -> None:
    text = fitted.to_json()
    with pytest.raises(ModelFormatError):
        tracer_from_json(text[: int(share * len(text))])


def test_a_model_of_another_kind_is_pointed_to_the_general_reader(fitted: BKT) -> None:
    text = fitted.to_json().replace('"model": "bkt"', '"model": "irt"')
    with pytest.raises(ModelFormatError, match="tracer_from_json"):
        BKT.from_json(text)
