"""A prior kept beside the model: it moves recommendations, and forgets who is erased."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from engine.domain import Completion, Module, ModuleEffect
from engine.errors import ModelFormatError
from engine.knowledge_tracing import BKT
from engine.recommender import CollaborativePrior
from service.errors import StoreError
from service.records import LearnerProfile, Void
from service.store import Place
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def prior_that_likes(module_id: str, *learner_ids: str) -> CollaborativePrior:
    """A prior written by hand: learners of one component, one module that they like."""
    content = {
        "format": "attain-prior",
        "version": 1,
        "model": "lightfm",
        "options": {"components": 1},
        "wanted_by": {},
        "learners": {f"learner:{one}": [1.0, 0.0] for one in learner_ids},
        "modules": {f"module:{module_id}": [1.0, 0.0]},
    }
    return CollaborativePrior.from_json(json.dumps(content))


@pytest.fixture
def choice(workspace: Workspace) -> Workspace:
    """As the workspace, with a second module on select that is worth the same."""
    curriculum = workspace.current().curriculum
    again = Module("select-102", (ModuleEffect("select", learn=0.4),), 10.0, "Select again")
    records = curriculum.to_records()
    workspace.put_catalog(
        type(curriculum).from_records(**{**records, "modules": [*curriculum.module_list, again]})
    )
    return workspace


def first(workspace: Workspace, learner_id: str = "ada") -> str:
    return workspace.recommend(learner_id, "senior")[0].module_id


def test_a_prior_decides_among_equals_until_it_is_dropped(choice: Workspace) -> None:
    assert (first(choice), choice.prior_version) == ("select-101", None)
    version = choice.install_prior(prior_that_likes("select-102", "ada").to_json())
    assert (first(choice), choice.prior_version) == ("select-102", version)
    other = choice.install_prior(prior_that_likes("select-101", "ada").to_json())
    assert (first(choice), choice.prior_version) == ("select-101", other)
    choice.drop_prior()
    assert (first(choice), choice.prior_version) == ("select-101", None)


def test_a_prior_is_there_again_when_the_database_is_opened(
    choice: Workspace, place: Place
) -> None:
    version = choice.install_prior(prior_that_likes("select-102", "ada").to_json())
    with Workspace.open(place) as again:
        assert (first(again), again.prior_version) == ("select-102", version)
        assert again.of_tenant("other").prior_version is None


def test_what_is_no_prior_changes_nothing(choice: Workspace) -> None:
    for text in ("{}", BKT().to_json()):
        with pytest.raises(ModelFormatError):
            choice.install_prior(text)
    assert choice.prior_version is None


def test_a_damaged_prior_says_what_to_do(choice: Workspace) -> None:
    choice._store.write(lambda session: session.priors.put("prior-0", "{", 0))
    with pytest.raises(StoreError, match="install it again, or drop it"):
        first(choice)
    choice.drop_prior()
    assert first(choice) == "select-101"


def test_an_erased_learner_is_gone_from_the_prior_and_others_are_not(
    choice: Workspace, database: Path
) -> None:
    choice.put_learners([LearnerProfile("zz-erased"), LearnerProfile("bo")])
    choice.install_prior(prior_that_likes("select-102", "zz-erased", "bo").to_json())
    assert choice.export("zz-erased").in_prior == (1.0,)
    assert choice.export("ada").in_prior is None
    choice.erase("zz-erased")
    assert first(choice, "bo") == "select-102"
    files = sorted(database.parent.glob("attain.db*"))  # none where it is on a server
    assert not any(b"zz-erased" in file.read_bytes() for file in files)
    choice.put_learners([LearnerProfile("zz-erased")])
    assert choice.export("zz-erased").in_prior is None


def test_of_a_dropped_prior_no_byte_is_left(choice: Workspace, database: Path) -> None:
    choice.install_prior(prior_that_likes("select-102", "zz-known").to_json())
    choice.drop_prior()
    files = sorted(database.parent.glob("attain.db*"))
    assert not any(b"zz-known" in file.read_bytes() for file in files)


def test_what_a_prior_learns_from_are_the_completions_that_count(choice: Workspace) -> None:
    done = [Completion("ada", f"{one}-101", NOON, f"c-{one}") for one in ("select", "joins")]
    choice.record([*done, Completion("bo", "select-101", NOON, "c-bo")])
    choice.void([Void("v1", "completion", "c-joins", "a mistake")])
    found = choice.completions_so_far()
    pairs = {(one.learner_id, one.module_id) for one in found.completions}
    assert pairs == {("ada", "select-101"), ("bo", "select-101")}
    assert found.learner_roles == {"ada": "senior"}
    assert {role.role_id for role in found.roles} == {"junior", "senior"}
    prior = CollaborativePrior(components=2, epochs=1).fit(
        found.completions,
        curriculum=found.curriculum,
        roles=found.roles,
        learner_roles=found.learner_roles,
    )
    assert prior.vector_of("bo") is not None


def test_over_http_the_prior_is_named_and_its_term_adds_up(
    choice: Workspace, client: TestClient
) -> None:
    path = "/v1/learners/ada/recommendations"
    before = client.get(path).json()
    assert before["prior_version"] is None
    assert "prior" not in before["recommendations"][0]["terms"]
    version = choice.install_prior(prior_that_likes("select-102", "ada").to_json())
    after = client.get(path).json()
    best = after["recommendations"][0]
    assert (after["prior_version"], best["module_id"]) == (version, "select-102")
    assert best["terms"]["prior"] > 0.0
    assert sum(best["terms"].values()) == pytest.approx(best["score"], abs=1e-12)
    assert "Learners like you" in [one["sentence"][:17] for one in best["reasons"]]
    assert client.get("/v1/learners/ada/export").json()["in_prior"] == [1.0]
    logged = client.get(f"/v1/learners/ada/decisions/{after['decision_id']}").json()
    assert logged["prior_version"] == version
