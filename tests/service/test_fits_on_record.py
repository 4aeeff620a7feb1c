"""Fits as they are recorded, on either store: asked for, kept alive, ended, given up."""

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from engine.domain import Response
from engine.knowledge_tracing import BKT
from service.errors import FitConflict
from service.fitting.asking import FitRequest, ModelMade
from service.fitting.runner import FitRunner
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
MADE = ModelMade("bkt-0123456789ab", BKT().to_json(), {"responses": 1})


@pytest.fixture
def taught(workspace: Workspace) -> Workspace:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    workspace.record([Response("learner-1", "select-1", 1.0, at, "r1")])
    return workspace


def test_a_service_that_died_has_its_fit_failed_by_whoever_looks(
    taught: Workspace, client: TestClient, clock: Any
) -> None:
    fit, _ = taught.ask_for_fit(FitRequest("bkt"))  # and nothing more comes of it
    taught.start_fit(fit.fit_id)
    clock.move(seconds=29)
    assert client.get(f"/v1/fits/{fit.fit_id}").json()["status"] == "running"
    with pytest.raises(FitConflict, match="another is running"):
        taught.ask_for_fit(FitRequest("bkt"))
    assert taught.keep_fit_alive(fit.fit_id)
    clock.move(seconds=31)
    told = client.get(f"/v1/fits/{fit.fit_id}").json()
    assert told["status"] == "failed"
    assert told["problem"].startswith("interrupted")
    assert not taught.keep_fit_alive(fit.fit_id)
    late = ModelMade("bkt-0", BKT().to_json(), {"responses": 1})
    assert not taught.succeed_fit(fit.fit_id, late)  # what comes after that is not installed
    assert [one.installed_at for one in taught.models()] == [None]
    _, new = taught.ask_for_fit(FitRequest("bkt"))
    assert new


def test_a_fit_lost_while_nobody_looked_does_not_stand_in_the_way(
    taught: Workspace, clock: Any
) -> None:
    lost, _ = taught.ask_for_fit(FitRequest("bkt"))
    clock.move(minutes=1)
    _, new = taught.ask_for_fit(FitRequest("bkt"))
    assert new
    assert taught.fit(lost.fit_id).status == "failed"


def test_fits_come_in_pages_the_newest_first(
    taught: Workspace, client: TestClient, clock: Any
) -> None:
    ids = []
    for _ in range(5):
        fit, _ = taught.ask_for_fit(FitRequest("bkt"))
        taught.fail_fit(fit.fit_id, "for the test")
        ids.append(fit.fit_id)
        clock.move(seconds=1)
    found, after = [], ""
    while after is not None:
        told = client.get("/v1/fits", params={"limit": 2, "after": after}).json()
        found += [one["fit_id"] for one in told["fits"]]
        after = told["next"]
    assert found == ids[::-1]
    assert client.get("/v1/fits?after=x").status_code == 422
    assert client.get("/v1/fits/nothing").status_code == 404


def test_a_tenant_knows_of_its_own_fits_alone(taught: Workspace) -> None:
    fit, _ = taught.ask_for_fit(FitRequest("bkt"))
    other = taught.of_tenant("other")
    assert other.fits(10) == ((), None)
    other.fail_fit(fit.fit_id, "for the test")
    assert taught.fit(fit.fit_id).status == "queued"


@pytest.mark.parametrize("activate", [False, True])
def test_a_model_is_installed_as_the_fit_succeeds_and_answers_if_asked_to(
    taught: Workspace, activate: bool
) -> None:
    before = taught.model_version
    fit, _ = taught.ask_for_fit(FitRequest("bkt", {"seed": 3}, activate=activate), "k-1")
    taught.start_fit(fit.fit_id)
    assert taught.succeed_fit(fit.fit_id, MADE)
    ended = taught.fit(fit.fit_id)
    assert (ended.status, ended.model_version, ended.responses) == ("succeeded", MADE.version, 1)
    assert ended.request == FitRequest("bkt", {"seed": 3}, activate=activate)
    assert taught.model(MADE.version).report == {"responses": 1}
    assert taught.model_version == (MADE.version if activate else before)
    taught.fail_fit(fit.fit_id, "too late")
    assert taught.fit(fit.fit_id) == ended


def test_a_process_reads_the_evidence_of_either_store_and_its_model_is_installed(
    taught: Workspace, quick_fits: None
) -> None:
    with FitRunner(at_once=1, seconds=120.0) as runner:
        fit = runner.begin(taught, FitRequest("bkt", {"restarts": 1}))
        (thread,) = runner._threads
        thread.join(120.0)
    ended = taught.fit(fit.fit_id)
    assert (ended.status, ended.responses, ended.problem) == ("succeeded", 1, "")
    assert taught.model(ended.model_version or "").report is not None
