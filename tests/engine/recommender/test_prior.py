"""The collaborative prior: what it learns, what it keeps, and how far it may move a ranking."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from engine.domain import Completion, Curriculum, Role, SkillTarget
from engine.errors import InvalidInput, ModelFormatError, NotFitted
from engine.knowledge_tracing import BKT, tracer_from_json
from engine.planner import PathPlanner
from engine.recommender import CollaborativePrior, ScoreWeights
from engine.recommender.features import FeatureVectors
from engine.recommender.leaning import places

ROLES = (Role("coder", [SkillTarget("code")]), Role("artist", [SkillTarget("draw")]))


def curriculum_of(n_each):
    """Modules code-0, draw-0, code-1, …, each of one skill."""
    return Curriculum.from_records(
        skills=[{"skill_id": "code"}, {"skill_id": "draw"}],
        modules=[
            {
                "module_id": f"{skill}-{k}",
                "teaches": [{"skill_id": skill}],
                "minutes": 10,
                "format": "video",
            }
            for k in range(n_each)
            for skill in ("code", "draw")
        ],
    )


def two_tastes(n_modules=8, n_learners=20):
    """Coders complete three quarters of the modules on code, artists of those on drawing."""
    rng = np.random.default_rng(7)
    return [
        Completion(f"{skill}-lover-{i}", f"{skill}-{k}")
        for skill in ("code", "draw")
        for i in range(n_learners)
        for k in rng.permutation(n_modules)[: n_modules * 3 // 4]
    ]


def role_of(learner_id):
    return "coder" if learner_id.startswith("code") else "artist"


@pytest.fixture(scope="module")
def fitted():
    completions = two_tastes()
    prior = CollaborativePrior(components=4, seed=3)
    return prior.fit(
        completions,
        curriculum=curriculum_of(10),  # the last two of each were completed by nobody
        roles=ROLES,
        learner_roles={one.learner_id: role_of(one.learner_id) for one in completions},
    )


def scores(prior, learner_id, role_id="", modules=None):
    asked = curriculum_of(10).module_list if modules is None else modules
    liking = prior.over(asked)(learner_id, role_id)
    return dict(zip([one.module_id for one in asked], liking, strict=True))


def mean_of(found, skill, numbers):
    return np.mean([found[f"{skill}-{k}"] for k in numbers])


@pytest.mark.parametrize("numbers", [range(8), (8, 9)], ids=["known", "new"])
def test_what_similar_learners_completed_is_liked_more_also_where_it_is_new(fitted, numbers):
    for mine, other in (("code", "draw"), ("draw", "code")):
        found = scores(fitted, f"{mine}-lover-0", role_of(mine))
        assert mean_of(found, mine, numbers) > mean_of(found, other, numbers)


def test_of_a_new_learner_the_role_is_known(fitted):
    for mine, other in (("code", "draw"), ("draw", "code")):
        found = scores(fitted, "newcomer", role_of(mine))
        assert mean_of(found, mine, range(10)) > mean_of(found, other, range(10))


def test_new_modules_that_teach_alike_are_liked_alike(fitted):
    found = scores(fitted, "code-lover-0", "coder")
    assert found["code-8"] == found["code-9"]
    assert found["code-0"] != found["code-1"]


def test_the_order_of_completions_and_repeated_ones_change_nothing(fitted):
    completions = two_tastes()
    again = CollaborativePrior(components=4, seed=3).fit(
        [*reversed(completions), completions[0]],
        curriculum=curriculum_of(10),
        roles=ROLES,
        learner_roles={one.learner_id: role_of(one.learner_id) for one in completions},
    )
    assert again.to_json() == fitted.to_json()


def test_it_comes_back_from_its_text_to_the_last_bit(fitted):
    copy = CollaborativePrior.from_json(fitted.to_json())
    assert copy.to_json() == fitted.to_json()
    assert scores(copy, "draw-lover-3", "artist") == scores(fitted, "draw-lover-3", "artist")


def test_serving_takes_no_lightfm(fitted, tmp_path):
    file = tmp_path / "prior.json"
    file.write_text(fitted.to_json(), encoding="utf-8")
    code = (
        "import sys, pathlib; from engine.recommender import CollaborativePrior;"
        f"p = CollaborativePrior.from_json(pathlib.Path({str(file)!r}).read_text());"
        "p.over([])('ada', 'coder'); print('lightfm' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_a_learner_can_be_taken_out_of_it(fitted):
    assert len(fitted.vector_of("code-lover-0")) == 4
    without = fitted.without("code-lover-0")
    assert without.vector_of("code-lover-0") is None
    assert "code-lover-0" not in without.to_json()
    assert scores(without, "code-lover-0", "coder") == scores(fitted, "newcomer", "coder")
    assert scores(without, "code-lover-1", "coder") == scores(fitted, "code-lover-1", "coder")


def test_when_all_learners_are_taken_out_the_rest_can_still_be_read():
    prior = CollaborativePrior(components=2, epochs=1).fit(
        [Completion("ada", "code-0")], curriculum=curriculum_of(1)
    )
    emptied = CollaborativePrior.from_json(prior.without("ada").to_json())
    assert len(scores(emptied, "ada", modules=curriculum_of(1).module_list)) == 2


def test_completions_of_unknown_modules_are_all_named():
    with pytest.raises(InvalidInput) as refused:
        CollaborativePrior().fit(
            [Completion("ada", "code-O"), Completion("ada", "code-0"), Completion("bo", "x")],
            curriculum=curriculum_of(1),
        )
    assert [fault.where for fault in refused.value.faults] == ["completions[0]", "completions[2]"]
    assert "did you mean 'code-0'" in refused.value.faults[0].problem
    with pytest.raises(InvalidInput, match="at least one"):
        CollaborativePrior().fit([], curriculum=curriculum_of(1))


def test_parameters_out_of_range_are_refused_all_at_once():
    with pytest.raises(InvalidInput) as refused:
        CollaborativePrior(components=0, epochs=0, learning_rate=0.0, regularization=-1.0, seed=-1)
    assert len(refused.value.faults) == 5


def test_an_unfitted_prior_says_so():
    for asked in (lambda prior: prior.over([]), lambda prior: prior.to_json()):
        with pytest.raises(NotFitted, match="fit first"):
            asked(CollaborativePrior())


def test_without_lightfm_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightfm", None)
    with pytest.raises(ImportError, match=r"attain\[offline\]"):
        CollaborativePrior().fit([Completion("ada", "code-0")], curriculum=curriculum_of(1))


def edited(fitted, name, value):
    content = json.loads(fitted.to_json())
    content[name] = value
    return json.dumps(content)


def test_what_is_no_prior_is_refused(fitted):
    texts = [
        "{",
        BKT().to_json(),
        edited(fitted, "version", 2),
        edited(fitted, "modules", {"module:code-0": [0.0, 1.0]}),
        edited(fitted, "learners", {"learner:ada": [0.0, 0.0, 0.0, 0.0, "x"]}),
        edited(fitted, "wanted_by", None),
        edited(fitted, "options", {"components": 4, "colour": "red"}),
    ]
    for text in texts:
        with pytest.raises(ModelFormatError):
            CollaborativePrior.from_json(text)
    with pytest.raises(ModelFormatError, match="attain-prior"):
        tracer_from_json(fitted.to_json())


def test_vectors_have_to_be_finite_and_one_per_name():
    for names, values in ((("a",), np.zeros((2, 3))), (("a",), np.full((1, 3), np.nan))):
        with pytest.raises(InvalidInput):
            FeatureVectors(names, values.astype(np.float32))


def test_a_thing_is_the_sum_of_its_known_features():
    vectors = FeatureVectors(("a", "b"), np.array([[1.0, 2.0], [10.0, 20.0]], np.float32))
    found = vectors.sums([["a", "b"], [], ["b", "new"], ["b", "b"]])
    assert found.tolist() == [[11.0, 22.0], [0.0, 0.0], [10.0, 20.0], [20.0, 40.0]]


def test_a_place_is_the_share_of_the_others_that_score_lower():
    assert places([0.1, 0.3, 0.2, 0.3, 9.0], [False] * 4 + [True]) == [0.0, 2 / 3, 1 / 3, 2 / 3, 0]
    assert places([5.0], [False]) == [0.0]
    assert places([], []) == []


@pytest.mark.parametrize("wrong", [[1.0], [1.0, float("nan")], [[1.0, 2.0]]])
def test_a_prior_that_answers_with_something_else_is_refused(wrong):
    with pytest.raises(InvalidInput, match="mend the prior"):
        places(wrong, [False, False])


class ById:
    """A prior that is about ids alone: the later in the alphabet the better."""

    def __init__(self, offset=0.0):
        self.offset = offset

    def over(self, modules):
        return lambda *_: [k + self.offset for k in range(len(modules))]


def test_among_equals_the_prior_decides_and_says_why(say):
    curriculum = say.curriculum_of(["sql"], [say.teach(f"m{k}", "sql") for k in range(5)])
    role = say.role_of("sql")
    planner = PathPlanner(tracer=say.HandWritten(), curriculum=curriculum, prior=ById())
    first, *_, last = planner.recommend(say.believe(), role=role, limit=5)
    assert (first.module_id, last.module_id) == ("m4", "m0")
    assert first.terms == pytest.approx({"gain": 0.04, "enables": 0, "review": 0, "prior": 0.01})
    assert last.terms["prior"] == 0.0
    assert first.reasons[1].sentence == (
        "Learners like you take it rather than 100% of the other modules for Data analyst."
    )


def test_the_prior_moves_a_module_past_none_that_is_worth_a_quarter_more(say):
    def first_of(minutes, prior):
        modules = [say.teach("m-a", "sql", minutes=minutes), say.teach("m-b", "sql", minutes=10)]
        planner = PathPlanner(
            tracer=say.HandWritten(),
            curriculum=say.curriculum_of(["sql"], modules),
            prior=prior,
        )
        return planner.recommend(say.believe(), role=say.role_of("sql"))[0].module_id

    assert first_of(8.1, None) == "m-a"
    assert first_of(8.1, ById()) == "m-b"
    assert first_of(7.9, ById()) == "m-a"


def test_a_weight_of_zero_leaves_the_ranking_to_the_rest(say):
    curriculum = say.curriculum_of(["sql"], [say.teach(f"m{k}", "sql") for k in range(3)])
    planner = PathPlanner(
        tracer=say.HandWritten(),
        curriculum=curriculum,
        prior=ById(),
        weights=ScoreWeights(prior=0.0),
    )
    found = planner.recommend(say.believe(), role=say.role_of("sql"))
    assert [one.module_id for one in found] == ["m0", "m1", "m2"]
    assert all(len(one.reasons) == 1 for one in found)


def test_a_fitted_prior_tells_two_learners_apart_who_know_the_same(fitted):
    both = Role("both", [SkillTarget("code"), SkillTarget("draw")])
    planner = PathPlanner(tracer=BKT(), curriculum=curriculum_of(10), prior=fitted)
    for mine in ("code", "draw"):
        state = planner.tracer.start(f"{mine}-lover-0")
        first = planner.recommend(state, role=both)[0].module_id
        assert first.startswith(mine)
        assert planner.decide(state, role=both, policy="greedy").chosen == first
