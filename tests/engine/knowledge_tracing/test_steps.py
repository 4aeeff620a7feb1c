"""StepTracing: steps climbed by lessons, shown by answers, lost by days."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import Completion, Curriculum, Response, ResponseLog, SkillLevel
from engine.errors import InvalidInput
from engine.knowledge_tracing import StepTracing
from engine.knowledge_tracing.steps.binding import Binding
from engine.knowledge_tracing.steps.chains import Chains, events_of
from engine.knowledge_tracing.steps.difficulty import by_item
from engine.knowledge_tracing.steps.expectation import Expectation
from engine.knowledge_tracing.steps.generalising import SHARES, generalised
from engine.knowledge_tracing.steps.grid import climbing, falling
from engine.knowledge_tracing.steps.options import StepOptions
from engine.knowledge_tracing.steps.passes import Counts, Parameters, backward, forward

DAWN = datetime(2026, 1, 5, 6, tzinfo=UTC)
SQL, CHARTS = SkillLevel("sql"), SkillLevel("charts")
ANY_SHARE = st.floats(0.0, 1.0)


@pytest.fixture
def chained() -> Curriculum:
    """Charts require sql; a module and two items on each."""
    return Curriculum.from_records(
        skills=[{"skill_id": "sql"}, {"skill_id": "charts"}],
        prerequisites=[{"skill_id": "charts", "requires": "sql"}],
        items=[
            {"item_id": f"{skill}-{n}", "skills": [skill]}
            for skill in ("sql", "charts")
            for n in (1, 2)
        ],
        modules=[
            {"module_id": f"m-{skill}", "teaches": [{"skill_id": skill, "learn": 0.5}]}
            | {"minutes": 10}
            for skill in ("sql", "charts")
        ],
    )


def test_with_one_step_an_answer_is_read_as_bayes_reads_it(chained: Curriculum) -> None:
    tracer = StepTracing(curriculum=chained, steps=1)  # knows .5, right .2 without and .92 with
    right = tracer.update(tracer.start("ada"), Response("ada", "sql-1", 1.0))
    assert tracer.attainment(right, [SQL])[0] == pytest.approx(0.46 / (0.46 + 0.10))
    wrong = tracer.update(tracer.start("ada"), Response("ada", "sql-1", 0.0))
    assert tracer.attainment(wrong, [SQL])[0] == pytest.approx(0.04 / (0.04 + 0.40))
    assert tracer.predict_item(tracer.start("ada"), "sql-1") == pytest.approx(0.56)


def test_with_one_step_a_module_lifts_its_share_of_those_below(chained: Curriculum) -> None:
    tracer = StepTracing(curriculum=chained, steps=1)
    after = tracer.project(tracer.start("ada"), chained.modules["m-sql"])
    assert tracer.attainment(after, [SQL])[0] == pytest.approx(0.5 + 0.5 * 0.5)


def test_of_two_missing_steps_a_lesson_may_bring_both_one_or_none() -> None:
    np.testing.assert_allclose(climbing(0.4, 3, 2, 0)[0], [0.36, 0.48, 0.16])
    np.testing.assert_allclose(climbing(0.4, 3, 2, 0)[2], [0.0, 0.0, 1.0])


def test_a_lesson_on_a_level_moves_only_those_who_have_the_level_below() -> None:
    moves = climbing(0.4, 5, 2, 1)
    np.testing.assert_array_equal(moves[:2], np.eye(5)[:2])
    np.testing.assert_allclose(moves[2], [0.0, 0.0, 0.36, 0.48, 0.16])


@given(ANY_SHARE, ANY_SHARE, st.integers(1, 4), st.integers(1, 2))
def test_moves_are_probabilities_and_losses_add_up(
    one: float, other: float, steps: int, n_levels: int
) -> None:
    size = steps * n_levels + 1
    for rank in range(n_levels):
        moves = climbing(one, size, steps, rank)
        assert (moves >= 0.0).all()
        np.testing.assert_allclose(moves.sum(axis=1), 1.0)
    together = falling(one, size) @ falling(other, size)
    np.testing.assert_allclose(together, falling(1 - (1 - one) * (1 - other), size), atol=1e-12)


def test_who_lacks_a_prerequisite_is_believed_to_have_learned_less(chained: Curriculum) -> None:
    tracer = StepTracing(curriculum=chained)
    state = tracer.start("ada")
    for _ in range(4):
        state = tracer.update(state, Response("ada", "sql-1", 0.0))
    module = chained.modules["m-charts"]
    foreseen = tracer.attainment(tracer.project(state, module), [CHARTS])[0]
    done = tracer.complete(state, Completion("ada", "m-charts"))
    before = tracer.attainment(state, [CHARTS])[0]
    assert before < tracer.attainment(done, [CHARTS])[0] < foreseen
    assert done.times("m-charts") == 1


def test_days_take_steps_away_and_never_bring_any(chained: Curriculum) -> None:
    tracer = StepTracing(curriculum=chained).fit(_studied(chained, 10)[0])
    tracer = _with(tracer, fade=0.05)
    state = tracer.update(tracer.start("ada"), Response("ada", "sql-1", 1.0, DAWN))
    p = [tracer.attainment(state, [SQL], at=DAWN + timedelta(days=d))[0] for d in (-1, 0, 3, 9)]
    assert p[0] == p[1] > p[2] > p[3]
    assert state.skills["sql"].believed_at == DAWN


def _with(tracer: StepTracing, **learned: Any) -> StepTracing:
    """The same tracer, as if it had learned something else."""
    plain = json.loads(tracer.to_json())
    plain["fitted"] |= learned
    return StepTracing.from_json(json.dumps(plain), curriculum=tracer.curriculum)


def test_who_lacks_what_a_skill_requires_is_believed_to_begin_without_it(
    chained: Curriculum,
) -> None:
    tracer = _with(StepTracing(curriculum=chained).fit(_studied(chained, 10)[0]), rare=0.1)
    lacking, having = tracer.start("ada"), tracer.start("ada")
    for _ in range(3):
        lacking = tracer.update(lacking, Response("ada", "sql-1", 0.0))
        having = tracer.update(having, Response("ada", "sql-1", 1.0))
    p = [tracer.attainment(state, [CHARTS])[0] for state in (lacking, tracer.start("ada"), having)]
    assert p[0] < p[1] < p[2]
    # What is taught of sql from then on does not tell of how somebody began.
    taught = tracer.complete(lacking, Completion("ada", "m-sql"))
    for _ in range(3):
        taught = tracer.update(taught, Response("ada", "sql-1", 1.0))
    assert tracer.attainment(taught, [SQL])[0] > tracer.attainment(lacking, [SQL])[0] + 0.3
    assert tracer.attainment(taught, [CHARTS])[0] == p[0]


@pytest.mark.parametrize("scores", [(1.0,), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 0.0, 1.0)])
def test_answers_tell_of_what_a_skill_requires_as_bayes_has_it(
    chained: Curriculum, scores: tuple[float, ...]
) -> None:
    log, _ = _studied(chained, 10)
    tracer = StepTracing(curriculum=chained, steps=1).fit(log)
    tracer = _with(tracer, rare=0.1, difficulties={"charts-1": -0.3}, practice={}, usual_practice=0)
    found = tracer.parameters_
    guess, knows = by_item(np.array(found["curve"]), np.array([-0.3]))[0]
    had, (_, having) = found["priors"]["sql"][1], found["priors"]["charts"]

    def likelihood(having: float) -> float:
        of = [np.prod([p if one else 1.0 - p for one in scores]) for p in (guess, knows)]
        return (1.0 - having) * of[0] + having * of[1]

    met, unmet = had * likelihood(having), (1.0 - had) * likelihood(0.1 * having)
    state = tracer.start("ada")
    for score in scores:
        state = tracer.update(state, Response("ada", "charts-1", score))
    p = tracer.attainment(state, [SQL])[0]
    assert p == pytest.approx(met / (met + unmet), abs=0.01)  # little news is let go
    assert state.skills["sql"].p_at_least == (p,)
    assert state.skills["sql"].opportunities == 0
    taught = tracer.complete(tracer.start("ada"), Completion("ada", "m-charts"))
    after = tracer.update(taught, Response("ada", "charts-1", 1.0))
    assert tracer.attainment(after, [SQL])[0] == tracer.attainment(taught, [SQL])[0]


def test_who_learns_little_from_one_lesson_is_expected_to_learn_little_from_another(
    chained: Curriculum,
) -> None:
    log, completions = _studied(chained, 10)
    tracer = StepTracing(curriculum=chained).fit(log, completions=completions)
    tracer = _with(tracer, speeds=[[0.5, 0.5], [1.5, 0.5]], unmet=1.0)
    after = {}
    for score in (0.0, 1.0):
        state = tracer.complete(tracer.start("ada"), Completion("ada", "m-sql"))
        for _ in range(3):
            state = tracer.update(state, Response("ada", "sql-1", score))
        charts = tracer.project(state, chained.modules["m-charts"])
        after[score] = tracer.attainment(charts, [CHARTS])[0]
        assert sum(state.latent["speeds"]) == pytest.approx(1.0)
    assert after[0.0] < after[1.0]


def _told(rng: np.random.Generator, true: np.ndarray, steps: int) -> np.ndarray:
    """The log-likelihood of what modules may teach, of so many missing steps each."""
    climbed = rng.binomial(steps, true)[:, None]
    return climbed * np.log(SHARES) + (steps - climbed) * np.log1p(-SHARES)


def test_what_an_unknown_module_is_expected_to_teach_is_learned_from_others_of_its_format() -> None:
    rng = np.random.default_rng(2)
    forms = ["course", "talk"] * 40
    true = np.array([0.6, 0.2] * 40)
    declared = rng.uniform(0.1, 0.9, 80)  # which says nothing
    general = Expectation()
    for _ in range(5):
        told = _told(rng, true, 400)
        general, shares = generalised(told, declared, forms, general)
    np.testing.assert_allclose(shares, true, rtol=0.25)
    for form, share in (("course", 0.6), ("talk", 0.2)):
        assert [general.of(one, form) for one in (0.2, 0.8)] == pytest.approx([share] * 2, rel=0.15)
    few, _ = generalised(_told(rng, true[:1], 1), declared[:1], ["course"], Expectation())
    assert few.of(0.8, "course") > 1.3 * few.of(0.4, "course")  # it is believed until then
    assert Expectation.from_plain(json.loads(json.dumps(general.to_plain()))) == general


def test_how_far_a_module_is_drawn_to_its_format_is_learned_from_how_far_its_kind_differs() -> None:
    rng = np.random.default_rng(3)
    alike, differing = np.full(60, 0.4), rng.choice([0.1, 0.8], 60)
    errors = []
    for true in (alike, differing):
        declared = np.clip(true * rng.lognormal(0.0, 0.7, 60), 0.02, 0.95)
        told = _told(rng, true, 20)
        general, shares = Expectation(), declared
        for _ in range(5):
            general, shares = generalised(told, declared, [""] * 60, general)
        alone = SHARES[told.argmax(axis=1)]
        for other in (alone, declared):
            assert np.square(shares - true).mean() < np.square(other - true).mean()
        errors.append(general.formats[""].spread)
    assert errors[0] < 0.5 * errors[1]


def test_a_module_that_nobody_learns_from_is_told_apart_whatever_it_declares() -> None:
    rng = np.random.default_rng(4)
    true = np.where(np.arange(40) % 8 == 0, 0.01, 0.5)
    general, shares = Expectation(), true
    for _ in range(5):
        general, shares = generalised(_told(rng, true, 30), np.full(40, 0.5), [""] * 40, general)
    assert shares[::8].max() < 0.05
    assert shares[true > 0.1].min() > 0.25
    assert general.duds == pytest.approx(0.125, abs=0.05)


def test_many_completions_are_believed_to_a_hair_whatever_other_modules_teach() -> None:
    true = np.array([0.3217, *[0.9] * 2000])[:, None]
    told = 1e5 * (true * np.log(SHARES) + (1.0 - true) * np.log1p(-SHARES))
    _, shares = generalised(told, np.full(2001, 0.9), ["talk"] * 2001, Expectation())
    assert shares[:2] == pytest.approx([0.3217, 0.9], rel=0.01)


def _studied(
    curriculum: Curriculum, n: int, unmet: float = 0.1, seed: int = 1
) -> tuple[ResponseLog, list[Completion]]:
    """Learners of whom half know sql; charts are taught to all, and work where sql is known."""
    rng = np.random.default_rng(seed)
    responses, completions = [], []

    def ask(who: str, item: str, p: float, minute: int) -> None:
        at = DAWN + timedelta(minutes=minute)
        responses.append(Response(who, item, float(rng.random() < p), at))

    for i in range(n):
        who, knows = f"l{i}", bool(i % 2)
        for minute in range(4):
            ask(who, f"sql-{1 + minute % 2}", 0.9 if knows else 0.2, minute)
        ask(who, "charts-1", 0.2, 4)
        completions.append(Completion(who, "m-charts", DAWN + timedelta(minutes=10)))
        learned = rng.random() < 0.8 * (1.0 if knows else unmet)
        for minute in range(4):
            ask(who, f"charts-{1 + minute % 2}", 0.9 if learned else 0.2, 11 + minute)
    return ResponseLog.from_records(responses, curriculum=curriculum), completions


def test_a_log_tells_what_modules_teach_those_who_are_ready_and_what_is_left_for_others(
    chained: Curriculum,
) -> None:
    log, completions = _studied(chained, 600)
    tracer = StepTracing(curriculum=chained, steps=1).fit(log, completions=completions)
    assert tracer.parameters_["unmet"] <= 0.15
    anybody = tracer.start("ada")  # of whichever speed
    taught = tracer.project(anybody, chained.modules["m-charts"])
    before, after = (tracer.attainment(state, [CHARTS])[0] for state in (anybody, taught))
    assert (after - before) / (1.0 - before) == pytest.approx(0.8, abs=0.05)
    assert tracer.parameters_["curve"] == pytest.approx((0.2, 0.9), abs=0.05)
    everybody = StepTracing(curriculum=chained, steps=1)
    log, completions = _studied(chained, 300, unmet=1.0)
    assert everybody.fit(log, completions=completions).parameters_["unmet"] >= 0.75


def test_a_fit_climbs(chained: Curriculum) -> None:
    log, completions = _studied(chained, 60)
    report = StepTracing(curriculum=chained, passes=6).fit(log, completions=completions).report_
    assert len(report.trace) == 6
    assert report.trace[-1] > report.trace[1] > report.trace[0]


def test_passes_over_chains_come_to_what_one_answer_after_the_other_comes_to(
    curriculum: Curriculum,
) -> None:
    rng = np.random.default_rng(4)
    log = ResponseLog.from_columns(
        learner=rng.integers(9, size=200),
        item=rng.choice([one for one in curriculum.items if one != "report"], 200).tolist(),
        score=rng.choice([0.0, 1.0, 1.0], 200),
        answered_at=np.sort(rng.integers(10**6, 10**7, 200)),
        curriculum=curriculum,
    )
    tracer = StepTracing(curriculum=curriculum, steps=2).fit(log)
    bound = Binding(tracer._fitted, curriculum, StepOptions(steps=2))
    chains = Chains.of(events_of(log, None, curriculum), bound)
    known = _parameters(chains, bound)
    walks = {size: forward(chains, known, size) for size in chains.steps}
    p = tracer.predict_correct(log)
    expected = np.log(np.where(log.score >= 0.5, p, 1.0 - p)).sum()
    assert sum(one.log_likelihood.sum() for one in walks.values()) == pytest.approx(
        expected, abs=1e-6
    )
    n_items = len(chains.item_ids)
    n_skills = len(chains.skill_ids)
    counts = Counts(
        np.zeros((n_items, 3)),
        np.zeros((n_items, 3)),
        {},
        np.zeros((0, len(SHARES))),
        np.zeros(n_skills),
        np.zeros(n_skills),
    )
    for walk in walks.values():
        backward(chains, known, walk, np.ones(len(walk.log_likelihood)), counts)
    assert counts.shown.sum() == pytest.approx(200)
    assert sum(one.sum() for one in counts.starts.values()) == pytest.approx(
        len({(r[0], r[1]) for r in _chains(log)})
    )
    assert counts.right.sum() == pytest.approx(log.score.sum())
    answered = [int((log.item == log.item_ids.index(one)).sum()) for one in chains.item_ids]
    assert counts.shown.sum(axis=1) == pytest.approx(answered)


def _parameters(chains: Chains, bound: Binding) -> Parameters:
    return Parameters(
        np.array(bound.curve),
        np.array([bound.fitted.difficulties[one] for one in chains.item_ids]),
        [bound.prior(one) for one in chains.skill_ids],
        np.zeros(0),
        np.array([bound.fitted.practice[one] for one in chains.skill_ids]),
        0.5,
        bound.fitted.fade,
        {
            size: np.array([bound.prior(chains.skill_ids[k]) for k in chains.skill[steps[0]]])
            for size, steps in chains.steps.items()
        },
        np.ones(len(chains.skill)),
        np.ones((len(chains.skill), 1)),
    )


def _chains(log: ResponseLog) -> list[Any]:
    sets = [log.skill_sets[k] for k in log.skill_set.tolist()]
    return [(who, one[0].skill_id) for who, one in zip(log.learner.tolist(), sets, strict=True)]


def _in_turns(scores: list[Any], days: Any = None) -> ResponseLog:
    """Lay out the scores of each turn, (n_learners, n_skills), and the days of the turns."""
    score = np.stack(scores, axis=2)
    who, skill, position = (one.ravel() for one in np.indices(score.shape))
    return ResponseLog.from_columns(
        learner=who,
        item=[f"q{k}" for k in skill],
        score=score.ravel(),
        skills=[f"s{k}" for k in skill],
        order=position,
        answered_at=None if days is None else (days[position] * 86_400).astype("datetime64[s]"),
    )


def _practised(learn: float, n: int, seed: int = 6) -> ResponseLog:
    """Learners of whom four tenths know each of five skills, and the others may with any answer."""
    rng = np.random.default_rng(seed)
    knows = rng.random((n, 5)) < 0.4
    scores = []
    for _ in range(6):
        scores.append(rng.random((n, 5)) < np.where(knows, 0.9, 0.2))
        knows |= rng.random((n, 5)) < learn
    return _in_turns(scores)


@pytest.mark.parametrize("learn", [0.0, 0.25])
def test_a_log_tells_what_answers_teach(learn: float) -> None:
    found = StepTracing(steps=1).fit(_practised(learn, 300)).parameters_["practice"]
    assert list(found.values()) == pytest.approx([learn] * 5, abs=0.05)
    assert np.mean(list(found.values())) == pytest.approx(learn, abs=0.02)


def _forgotten(fade: float, n: int, seed: int = 7) -> ResponseLog:
    """Learners of whom seven tenths know each of four skills, and lose it again within weeks."""
    rng = np.random.default_rng(seed)
    knows = rng.random((n, 4)) < 0.7
    scores, days = [], np.array([0, 0, 10, 10, 40, 40])
    for passed in np.diff(days, prepend=0).tolist():
        knows &= rng.random((n, 4)) < np.exp(-fade * passed)
        scores.append(rng.random((n, 4)) < np.where(knows, 0.9, 0.2))
    return _in_turns(scores, days)


@pytest.mark.parametrize("fade", [0.0005, 0.003, 0.03])
def test_a_log_tells_how_fast_skills_fade(fade: float) -> None:
    found = StepTracing(steps=1).fit(_forgotten(fade, 400)).parameters_["fade"]
    assert found == pytest.approx(fade, rel=0.4, abs=0.001)


def _taught_and_practised(learn: float, n: int, seed: int = 8) -> tuple[Curriculum, Any, Any]:
    """Learners who take a lesson in the midst of sixteen answers, any of which may teach."""
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": "sql"}],
        items=[{"item_id": f"sql-{k}", "skills": ["sql"]} for k in range(4)],
        modules=[{"module_id": "m", "teaches": [{"skill_id": "sql", "learn": 0.4}], "minutes": 9}],
    )
    rng = np.random.default_rng(seed)
    responses, completions = [], []
    for i in range(n):
        knows = rng.random() < 0.3
        for k in range(16):
            at = DAWN + timedelta(minutes=k)
            right = rng.random() < (0.9 if knows else 0.2)
            responses.append(Response(f"l{i}", f"sql-{k % 4}", float(right), at))
            knows |= rng.random() < learn
            if k == 7:
                completions.append(Completion(f"l{i}", "m", at + timedelta(seconds=9)))
                knows |= rng.random() < 0.4
    return curriculum, ResponseLog.from_records(responses, curriculum=curriculum), completions


@pytest.mark.parametrize("learn", [0.0, 0.02, 0.08])
def test_a_log_tells_what_answers_teach_beside_lessons(learn: float) -> None:
    curriculum, log, completions = _taught_and_practised(learn, 400)
    tracer = StepTracing(curriculum=curriculum, steps=1).fit(log, completions=completions)
    assert tracer.parameters_["practice"]["sql"] == pytest.approx(learn, abs=0.01)
    assert tracer.effects_["m"][SQL] == pytest.approx(0.4, abs=0.07)


def test_what_an_answer_teaches_comes_after_what_it_tells(chained: Curriculum) -> None:
    tracer = StepTracing(curriculum=chained, steps=1).fit(_studied(chained, 40)[0])
    still = _with(tracer, practice={}, usual_practice=0.0)
    moved = _with(tracer, practice={"sql": 0.3}, usual_practice=0.1)
    answer = Response("ada", "sql-1", 0.0)
    p = still.attainment(still.update(still.start("ada"), answer), [SQL])[0]
    after = moved.update(moved.start("ada"), answer)
    assert moved.attainment(after, [SQL])[0] == pytest.approx(p + (1.0 - p) * 0.3)
    # How somebody began is what answers told, without what they taught.
    at_first = still.update(still.start("ada"), answer)
    assert moved.attainment(after, [CHARTS])[0] == pytest.approx(
        still.attainment(at_first, [CHARTS])[0]
    )


def _answered(difficulties: list[float], n: int, seed: int = 5) -> ResponseLog:
    """Learners of whom two thirds know everything answer each item on ten skills once."""
    rng = np.random.default_rng(seed)
    knows = rng.random((n, 10, 1)) < 2 / 3
    p = by_item(np.array([0.2, 0.9]), np.array(difficulties))
    score = rng.random((n, 10, len(difficulties))) < np.where(knows, p[:, 1], p[:, 0])
    who, skill, item = np.indices(score.shape)
    return ResponseLog.from_columns(
        learner=who.ravel(),
        item=[f"{k}-{j}" for k, j in zip(skill.flat, item.flat, strict=True)],
        score=score.ravel(),
        skills=[f"s{k}" for k in skill.flat],
    )


def test_a_log_tells_how_difficult_items_are() -> None:
    truth = [-1.5, -0.5, 0.0, 0.5, 1.5]
    tracer = StepTracing(steps=1).fit(_answered(truth, 300))
    found = tracer.parameters_["difficulties"]
    means = [np.mean([found[f"{k}-{j}"] for k in range(10)]) for j in range(5)]
    assert means == pytest.approx(truth, abs=0.2)
    assert tracer.parameters_["curve"] == pytest.approx((0.2, 0.9), abs=0.04)
    ada = tracer.start("ada")
    assert tracer.predict_item(ada, "3-0") > tracer.predict_item(ada, "3-4") + 0.2
    # Whoever can answer the difficult one knows more.
    told = [tracer.update(ada, Response("ada", one, 1.0)) for one in ("3-0", "3-4")]
    easy, hard = (tracer.attainment(state, [SkillLevel("s3")])[0] for state in told)
    assert hard > easy + 0.1


def test_items_that_are_alike_are_not_told_apart_by_chance() -> None:
    found = StepTracing(steps=1).fit(_answered([0.0] * 5, 40)).parameters_["difficulties"]
    by_chance = np.sqrt(1 / (40 * 0.67 * 0.09))  # of what 40 answers seem to say
    assert np.std(list(found.values())) < 0.5 * by_chance


def test_an_item_that_the_log_did_not_have_is_as_difficult_as_most(chained: Curriculum) -> None:
    log, _ = _studied(chained, 40)
    log = log.select(np.flatnonzero(log.item != log.item_ids.index("charts-2")))
    tracer = StepTracing(curriculum=chained).fit(log)
    assert set(tracer.parameters_["difficulties"]) == set(chained.items) - {"charts-2"}
    ada, alike = tracer.start("ada"), _with(tracer, difficulties={})
    assert tracer.predict_item(ada, "charts-2") == alike.predict_item(ada, "charts-2")
    assert tracer.predict_item(ada, "charts-1") != alike.predict_item(ada, "charts-1")


def test_options_are_checked_all_at_once() -> None:
    with pytest.raises(InvalidInput, match=r"(?s)steps: is 0.*passes: is 0"):
        StepTracing(steps=0, passes=0)
