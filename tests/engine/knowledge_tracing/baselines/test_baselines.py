"""What every baseline promises, and the arithmetic of each by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.errors import InvalidInput, NotFitted, UnknownId
from engine.knowledge_tracing import auc
from engine.knowledge_tracing.baselines import AFM, IRT, PFA, BestLR, Elo, ItemMean

BASELINES: dict[str, Callable[[], Any]] = {
    "item mean": ItemMean,
    "IRT": IRT,
    "Rasch": lambda: IRT(kind="rasch"),
    "AFM": AFM,
    "PFA": PFA,
    "PFA as in the paper, with items": lambda: PFA(items=True, counts="raw"),
    "Elo": Elo,
    "Best-LR": BestLR,
}
ONLINE = sorted(set(BASELINES) - {"item mean", "AFM"})


@pytest.fixture(params=BASELINES)
def baseline(request: pytest.FixtureRequest) -> Any:
    return BASELINES[request.param]()


def simulated(seed: int, n_learners: int = 60, n_answers: int = 30) -> ResponseLog:
    """Return answers of learners who differ much, on items that differ much, in random order."""
    rng = np.random.default_rng(seed)
    ability, difficulty = rng.normal(0, 1.5, n_learners), rng.normal(0, 1.5, 20)
    learner = np.repeat(np.arange(n_learners), n_answers)
    item = rng.integers(20, size=len(learner))
    right = rng.random(len(learner)) < 1 / (1 + np.exp(difficulty[item] - ability[learner]))
    mixed = rng.permutation(len(learner))
    return ResponseLog.from_columns(
        learner=learner[mixed],
        item=item[mixed],
        skills=[["a"] if i % 3 else ["a", "b"] for i in item[mixed]],
        score=right[mixed].astype(float),
        order=rng.permutation(len(learner)),
    )


class TestBaselineContract:
    """The battery."""

    def test_predictions_line_up_with_the_rows(self, baseline: Any) -> None:
        log = simulated(0)
        p = baseline.fit(log).predict_correct(log)
        order = np.random.default_rng(1).permutation(len(log))
        np.testing.assert_allclose(baseline.predict_correct(log.select(order)), p[order])
        assert p.shape == (len(log),)
        assert ((p > 0) & (p < 1)).all()

    def test_no_answer_is_predicted_from_itself_or_later_ones(self, baseline: Any) -> None:
        log = simulated(1)
        before = baseline.fit(log).predict_correct(log)
        place = np.empty(len(log), int)
        place[log.time_order] = np.arange(len(log))
        rng = np.random.default_rng(2)
        for row in rng.integers(len(log), size=5):
            future = (place >= place[row]) & (log.learner == log.learner[row])
            shuffled = log.score.copy()
            shuffled[future] = rng.permutation(shuffled[future])
            shuffled[row] = 1.0 - log.score[row]
            after = baseline.predict_correct(replace(log, score=shuffled))
            np.testing.assert_allclose(after[place <= place[row]], before[place <= place[row]])
            others = log.learner != log.learner[row]
            np.testing.assert_allclose(after[others], before[others])

    def test_what_comes_later_might_as_well_not_come(self, baseline: Any) -> None:
        log = simulated(2)
        p = baseline.fit(log).predict_correct(log)
        early = log.time_order[: len(log) // 3]
        np.testing.assert_allclose(baseline.predict_correct(log.select(early)), p[early])

    def test_unseen_ids_fall_back(self, baseline: Any) -> None:
        fitted = baseline.fit(simulated(3))
        new = ResponseLog.from_columns(
            learner=["new"] * 4, item=["n1", "n2", "n1", "3"],
            skills=["a", "unheard", "a~unheard", "a~b"], score=[1, 0, 1, 0],
        )  # fmt: skip
        p = fitted.predict_correct(new)
        assert ((p > 0.05) & (p < 0.95)).all()

    @pytest.mark.parametrize(
        "scores",
        [[1.0] * 12, [0.0] * 12, [0.5] * 12, [0.0, 1.0] * 6],
        ids=["all right", "all wrong", "all half", "mixed"],
    )
    @pytest.mark.parametrize("alone", [True, False], ids=["one response each", "one learner"])
    @pytest.mark.filterwarnings("error")
    def test_degenerate_logs_give_numbers(
        self, baseline: Any, scores: list[float], alone: bool
    ) -> None:
        log = ResponseLog.from_columns(
            learner=range(12) if alone else ["one"] * 12,
            item=range(12),
            skills=[f"s{k % 2}" for k in range(12)],
            score=scores,
        )
        p = baseline.fit(log).predict_correct(log)
        assert np.isfinite(p).all()
        assert ((p > 0) & (p < 1)).all() or set(scores) != {0.0, 1.0}
        if len(set(scores)) == 1 and scores[0] != 0.5:
            assert ((p > 0.5) == (scores[0] == 1.0)).mean() >= 0.5

    def test_a_single_response_is_enough(self, baseline: Any) -> None:
        log = simulated(4).select([0])
        assert 0.0 < baseline.fit(log).predict_correct(log)[0] < 1.0
        assert baseline.predict_correct(log.select([])).shape == (0,)

    def test_a_frame_does_as_well_as_a_log(self, baseline: Any) -> None:
        pandas = pytest.importorskip("pandas")
        rows = {"learner": ["a", "a", "b"], "item": ["p", "q", "p"], "skills": ["s"] * 3}
        frame = pandas.DataFrame({**rows, "correct": [1, 0, 1]})
        log = ResponseLog.from_columns(**rows, score=[1, 0, 1])
        expected = baseline.fit(log).predict_correct(log)
        np.testing.assert_array_equal(baseline.fit(frame).predict_correct(frame), expected)

    def test_two_fits_agree_to_the_last_bit(self, baseline: Any) -> None:
        log = simulated(5)
        first = baseline.fit(log).predict_correct(log)
        np.testing.assert_array_equal(baseline.fit(log).predict_correct(log), first)

    def test_options_are_read_and_set_by_name(self, baseline: Any) -> None:
        options = baseline.get_params()
        assert type(baseline)(**options).get_params() == options
        assert baseline.set_params(**options) is baseline
        with pytest.raises(UnknownId, match="unknown option of"):
            baseline.set_params(nothing=1)

    def test_what_cannot_be_is_refused(self, baseline: Any) -> None:
        with pytest.raises(NotFitted, match="has not been fitted"):
            baseline.predict_correct(simulated(6))
        with pytest.raises(InvalidInput, match="there are none"):
            baseline.fit(simulated(6).select([]))
        name = next(iter(baseline.get_params()))
        with pytest.raises(InvalidInput, match=name):
            baseline.set_params(**{name: -1})


@pytest.mark.parametrize("name", ONLINE)
def test_earlier_answers_help_where_learners_differ(name: str) -> None:
    train, test = simulated(7), simulated(8)
    fitted = BASELINES[name]().fit(train)
    unseen = replace(test, learner_ids=tuple(f"new {one}" for one in test.learner_ids))
    blind = ItemMean().fit(train).predict_correct(unseen)
    assert auc(test.score, fitted.predict_correct(unseen)) > auc(test.score, blind) + 0.02


def test_a_ridge_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="keeps the weights of rare items finite"):
        BestLR().set_params(l2=0)


def test_pfa_by_hand() -> None:
    # One skill; intercept and β share log-odds of the first answers, which go with no count.
    log = ResponseLog.from_columns(
        learner=np.repeat(np.arange(400), 2), item=["q"] * 800, skills=["s"] * 800,
        score=np.tile([1, 1, 1, 1, 1, 0, 0, 0], 100),
    )  # fmt: skip
    p = PFA(counts="raw", l2=1e-6).fit(log).predict_correct(log)
    # First answers: right, right, right, wrong. After a right one: 1, 1, 0; after a wrong one: 0.
    assert p[0] == pytest.approx(0.75, abs=1e-3)
    assert p[1] == pytest.approx(2 / 3, abs=1e-3)
    assert p[7] == pytest.approx(0.0, abs=1e-2)


def test_rows_with_several_skills_are_not_doubled() -> None:
    once = ResponseLog.from_columns(
        learner=list("abc"), item=["q"] * 3, skills=["x~y"] * 3, score=[1, 1, 0]
    )
    log = replace(once, skill_sets=once.skill_sets)
    assert BestLR(l2=1e-6).fit(log).predict_correct(log) == pytest.approx(2 / 3, abs=1e-3)


def test_an_item_mean_is_drawn_to_its_skill_and_that_to_all() -> None:
    log = ResponseLog.from_columns(
        learner=list("abcd"), item=["p", "p", "q", "r"], skills=["x", "x", "x", "y"],
        score=[1, 1, 0, 0],
    )  # fmt: skip
    fitted = ItemMean(prior_responses=2.0).fit(log)
    of_x = (2 + 2 * 0.5) / (3 + 2)  # .6
    assert fitted.predict_correct(log)[0] == pytest.approx((2 + 2 * of_x) / (2 + 2))
    new = ResponseLog.from_columns(learner="ee", item=["new"] * 2, skills="xz", score=[1, 1])
    assert fitted.predict_correct(new) == pytest.approx([of_x, 0.5])


def test_elo_by_hand() -> None:
    log = ResponseLog.from_columns(learner="aa", item="pp", skills=["x~y", "x"], score=[1, 0])
    elo = Elo(step=1, decay=0, skill_step=2, skill_decay=1, item_step=0, item_decay=0).fit(log)
    # P = ½; then θ = ½ and both skills have 2·½ = 1: P = σ(½ + 1).
    assert elo.predict_correct(log) == pytest.approx([0.5, 1 / (1 + np.exp(-1.5))])


def test_the_ability_of_irt_comes_from_earlier_answers_by_bayes() -> None:
    log = simulated(9)
    irt = IRT().fit(log)
    rows = log.time_order[log.learner[log.time_order] == 0][:3]
    few = log.select(rows)
    grid = np.linspace(-6, 6, 1201)
    slope, difficulty = irt.calibration_.of_items([log.item_ids[k] for k in few.item])
    chance = 1 / (1 + np.exp(-slope[:, None] * (grid - difficulty[:, None])))
    seen = np.where(few.score[:2, None] == 1, chance[:2], 1 - chance[:2]).prod(axis=0)
    weight = np.exp(-0.5 * grid**2) * seen
    expected = (weight * chance[2]).sum() / weight.sum()
    assert irt.predict_correct(few)[2] == pytest.approx(expected, abs=1e-3)
