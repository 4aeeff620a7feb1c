"""Learners who differ: their nodes, found by brute force, and what is made of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import pytest

from engine.domain import Completion, Curriculum, KnowledgeState, Response, ResponseLog, SkillLevel
from engine.errors import InvalidInput, ModelFormatError
from engine.knowledge_tracing import BKT, LevelParameters, auc
from engine.knowledge_tracing.compute import Compiled, Reference
from engine.knowledge_tracing.fitted import Fitted
from engine.knowledge_tracing.layout import Layout
from engine.knowledge_tracing.nodes import ByNode
from engine.knowledge_tracing.plausibility import MASTERED
from engine.knowledge_tracing.priors import MOST_NOISE
from engine.knowledge_tracing.sequences import sequences_of
from engine.knowledge_tracing.tables import Tables
from engine.knowledge_tracing.traits import NODE_WEIGHTS, NODES

SKILLS = {
    "a": LevelParameters(0.4, 0.2, 0.0, 0.25, 0.1),
    "b": LevelParameters(0.6, 0.1, 0.0, 0.15, 0.2),
}
SPREAD = (1.2, 0.7)


def _odds(p: float, shift: float) -> float:
    odds = p / (1 - p) * np.exp(shift)
    return odds / (1 + odds)


def _probability(answers: list[tuple[str, int]]) -> float:
    """P(answers), summed over the nodes and every path of every skill's hidden states."""
    total = 0.0
    for x, weight in zip(NODES, NODE_WEIGHTS, strict=True):
        joint = weight
        for skill_id, one in SKILLS.items():
            own = [right for k, right in answers if k == skill_id]
            prior, learn = _odds(one.prior, x * SPREAD[0]), _odds(one.learn, x * SPREAD[1])
            paths = 0.0
            for path in product((0, 1), repeat=len(own)):
                p = 1.0
                for t, (state, right) in enumerate(zip(path, own, strict=True)):
                    if t == 0:
                        p *= prior if state else 1 - prior
                    elif path[t - 1]:
                        p *= state
                    else:
                        p *= learn if state else 1 - learn
                    p_right = 1 - one.slip if state else one.guess
                    p *= p_right if right else 1 - p_right
                paths += p
            joint *= paths
        total += joint
    return total


@pytest.fixture
def model() -> BKT:
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": k} for k in SKILLS],
        items=[{"item_id": f"q-{k}", "skills": [k]} for k in SKILLS],
    )
    fitted = Fitted({k: {1: one} for k, one in SKILLS.items()}, spread=SPREAD)
    return BKT(individual="both", curriculum=curriculum)._with(fitted)


ANSWERS = [("a", 1), ("b", 0), ("a", 1), ("b", 1), ("a", 0), ("b", 1)]


def test_each_prediction_is_that_of_summing_over_everything_hidden(model: BKT) -> None:
    state, seen = model.start("ada"), []
    for skill_id, right in ANSWERS:
        expected = _probability([*seen, (skill_id, 1)]) / (_probability(seen) if seen else 1.0)
        assert model.predict_item(state, f"q-{skill_id}") == pytest.approx(expected, abs=1e-12)
        state = model.update(state, Response("ada", f"q-{skill_id}", float(right)))
        seen.append((skill_id, right))


def test_the_whole_log_is_predicted_alike(model: BKT) -> None:
    log = ResponseLog.from_records(
        [
            {"learner": "ada", "item": f"q-{k}", "skills": k, "score": right, "order": t}
            for t, (k, right) in enumerate(ANSWERS)
        ]
    )
    likely = np.where(log.score > 0.5, model.predict_correct(log), 1 - model.predict_correct(log))
    assert likely.prod() == pytest.approx(_probability(ANSWERS), abs=1e-12)


@pytest.mark.parametrize("passes", [Reference(), Compiled()], ids=["reference", "compiled"])
def test_the_likelihood_and_the_counts_of_the_fit_are_those_of_brute_force(
    model: BKT, passes: Reference | Compiled
) -> None:
    log = ResponseLog.from_records(
        [
            {"learner": "ada", "item": f"q-{k}", "skills": k, "score": right, "order": t}
            for t, (k, right) in enumerate(ANSWERS)
        ]
    )
    layout = Layout.of(log, model._bound.chains_for(log))
    step = ByNode(layout, sequences_of(layout), passes)
    theta = np.array([SKILLS[k] for k in log.skill_ids])
    tables = Tables(theta, theta[:, 3:], np.zeros(0), np.zeros(2), np.array(SPREAD))
    found = step.expect(step.weigh(tables), tables)
    assert found.log_likelihood == pytest.approx(np.log(_probability(ANSWERS)), abs=1e-10)
    # Fisher's identity: the slope in a logit is what happened less what was to be expected.
    for column in (0, 1):
        slopes = []
        for sign in (1e-5, -1e-5):
            moved = theta.copy()
            moved[0, column] = _odds(theta[0, column], sign)
            there = Tables(moved, theta[:, 3:], np.zeros(0), np.zeros(2), np.array(SPREAD))
            slopes.append(step.expect(step.weigh(there), there).log_likelihood)
        p = np.array([_odds(theta[0, column], x * SPREAD[column]) for x in NODES])
        happened, not_happened = found.by_node[:, 0, column].T
        slope = (happened - (happened + not_happened) * p).sum()
        assert slope == pytest.approx((slopes[0] - slopes[1]) / 2e-5, abs=1e-6)
    assert found.by_node.sum(axis=0) == pytest.approx(found.counts.level[:, :2])


def test_an_answer_to_one_skill_tells_of_the_others(model: BKT) -> None:
    targets = [SkillLevel("b")]
    before = model.attainment(model.start("ada"), targets)[0]
    right, wrong = (
        model.attainment(model.update(model.start("ada"), Response("ada", "q-a", y)), targets)[0]
        for y in (1.0, 0.0)
    )
    assert wrong < before < right


def test_what_a_state_shows_is_the_mixture_as_of_now(model: BKT) -> None:
    state = model.start("ada")
    for skill_id, right in ANSWERS:
        state = model.update(state, Response("ada", f"q-{skill_id}", float(right)))
    shown = [state.skills[k].p_at_least[0] for k in SKILLS]
    np.testing.assert_allclose(shown, model.attainment(state, [SkillLevel(k) for k in SKILLS]))
    assert KnowledgeState.from_dict(state.to_dict()) == state


def _differing(spread: float, seed: int, n_learners: int = 250, n_skills: int = 6) -> ResponseLog:
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(n_learners):
        x = rng.standard_normal() * spread
        for k in range(n_skills):
            attained, learn = rng.random() < _odds(0.4, x), _odds(0.15, x)
            for _ in range(6):
                right = rng.random() < (0.9 if attained else 0.2)
                rows.append(
                    {"learner": who, "item": f"q{k}", "skills": f"s{k}", "score": float(right)}
                )
                attained = attained or rng.random() < learn
    return ResponseLog.from_records(rows)


def test_learners_who_differ_are_found_to_and_predicted_better() -> None:
    train, test = _differing(1.0, seed=1), _differing(1.0, seed=2)
    alike, apart = BKT().fit(train), BKT(individual="both").fit(train)
    prior, learn = apart.spread_["prior"], apart.spread_["learn"]
    assert prior == pytest.approx(1.0, abs=0.3)
    assert learn == pytest.approx(1.0, abs=0.45)
    gained = auc(test.score, apart.predict_correct(test)) - auc(
        test.score, alike.predict_correct(test)
    )
    assert gained > 0.005


def test_learners_who_do_not_differ_are_not_made_to() -> None:
    log = _differing(0.0, seed=3, n_learners=800)
    tracer = BKT(individual="both").fit(log)
    assert max(map(abs, tracer.spread_.values())) < 0.3
    np.testing.assert_allclose(
        tracer.predict_correct(log), BKT().fit(log).predict_correct(log), atol=0.08
    )


def test_only_what_was_asked_for_differs() -> None:
    log = _differing(1.0, seed=4, n_learners=60)
    for name, other in (("prior", "learn"), ("learn", "prior")):
        spread = BKT(individual=name).fit(log).spread_
        assert spread[other] == 0.0
        assert spread[name] > 0.2


@pytest.mark.parametrize("forget", [None, "opportunity", "time"])
@pytest.mark.parametrize("noise", ["skill", "item"])
def test_it_goes_with_every_option_and_with_completions(forget: str | None, noise: str) -> None:
    rng = np.random.default_rng(8)
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": "a"}, {"skill_id": "b"}],
        items=[
            {"item_id": "a-1", "skills": ["a"]},
            {"item_id": "a-2", "skills": ["a"], "level": 2},
            {"item_id": "both", "skills": ["a", "b"]},
        ],
        modules=[{"module_id": "m", "teaches": [{"skill_id": "a"}], "minutes": 5}],
    )
    dawn = datetime(2026, 1, 1, tzinfo=UTC)
    responses, done = [], []
    for who in range(12):
        for t in range(8):
            item, right = ("a-1", "a-2", "both")[rng.integers(3)], rng.random() < 0.2 + 0.05 * who
            at = dawn + timedelta(days=3 * t)
            responses.append(Response(f"l{who}", item, float(right), at))
        done.append(Completion(f"l{who}", "m", dawn + timedelta(days=10)))
    log = ResponseLog.from_records(responses, curriculum=curriculum)
    tracer = BKT(individual="both", forget=forget, noise=noise, curriculum=curriculum)
    tracer.fit(log, completions=done)
    expected = tracer.predict_correct(log, completions=done)
    found = []
    for who, completion in enumerate(done):
        state = tracer.start(f"l{who}")
        own = [one for one in responses if one.learner_id == f"l{who}"]
        for t, response in enumerate(own):
            if t == 4:
                state = tracer.complete(state, completion)
            found.append(tracer.predict_item(state, response.item_id, at=response.answered_at))
            state = tracer.update(state, response)
    np.testing.assert_allclose(expected, found, atol=1e-10)


def test_ten_right_answers_reach_mastery_and_three_never_lower_it() -> None:
    rng = np.random.default_rng(0)
    n = 1200
    noise = ResponseLog.from_columns(
        learner=np.repeat(np.arange(100), 12),
        item=["q0"] * n,
        skills=["s0"] * n,
        score=(rng.random(n) < 0.6).astype(float),
    )
    for log in (_differing(1.5, seed=5, n_learners=40), noise):
        tracer = BKT(individual="both").fit(log)
        for skill_id in tracer.parameters_:
            state, target, believed = tracer.start("x"), [SkillLevel(skill_id)], []
            for _ in range(10):
                believed.append(tracer.attainment(state, target)[0])
                state = tracer.update(state, Response("x", skill_id.replace("s", "q"), 1.0))
            assert believed[3] >= believed[0]
            assert tracer.attainment(state, target)[0] >= MASTERED


def test_a_degenerate_log_stays_finite() -> None:
    log = ResponseLog.from_columns(
        learner=[0, 0, 1], item=["q"] * 3, skills=["a", "b", "a"], score=[1, 1, 1]
    )
    tracer = BKT(individual="both").fit(log)
    assert np.isfinite(tracer.predict_correct(log)).all()
    assert all(
        one.guess + one.slip <= MOST_NOISE for one in (v[1] for v in tracer.parameters_.values())
    )


def test_other_values_are_refused_and_damaged_files_too(model: BKT) -> None:
    with pytest.raises(InvalidInput, match="individual: is 'both-ish'"):
        BKT(individual="both-ish")
    with pytest.raises(ModelFormatError, match="no spread"):
        BKT.from_json(model.to_json().replace("[1.2, 0.7]", "[1e999, 0.7]"))
