"""Models refitted over HTTP, in a process of their own, from the evidence so far."""

import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from engine.domain import Response
from engine.knowledge_tracing import BKT
from service.app import create_app
from service.errors import StoreError, StoreUnavailable, TooBusy
from service.fitting import child
from service.fitting.asking import FitRequest, ModelMade
from service.fitting.runner import FitRunner
from service.records import Void
from service.settings import Settings
from service.workspace import Workspace

START = datetime(2026, 3, 1, tzinfo=UTC)
QUICK = {"model": "bkt", "options": {"restarts": 1, "max_iterations": 50}}
pytestmark = pytest.mark.usefixtures("quick_fits")


def answers(learners: int = 12) -> list[Response]:
    rng = random.Random(5)
    return [
        Response(
            f"learner-{who}",
            f"select-{1 + n}",
            float(rng.random() < 0.3 + 0.15 * n),
            START + timedelta(days=who, hours=n),
            f"r-{who}-{n}",
        )
        for who in range(learners)
        for n in range(4)
    ]


@pytest.fixture
def taught(workspace: Workspace) -> Workspace:
    workspace.record(answers())
    return workspace


def until(happens: Callable[[], bool]) -> None:
    """Wait for something; fail where it does not come within half a minute."""
    end = time.monotonic() + 30.0
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.02)


def ended(client: TestClient, location: str) -> dict[str, Any]:
    """Return a fit once it has ended."""
    for _ in range(1200):
        told: dict[str, Any] = client.get(location).json()
        if told["status"] in ("succeeded", "failed"):
            return told
        time.sleep(0.05)
    raise AssertionError(told)


def test_evidence_a_fit_a_new_model_and_mastery_from_it(
    taught: Workspace, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "attain.service")
    taught.void([Void("v1", "response", "r-0-0", "the item was broken")])
    before = client.get("/v1/learners/learner-1/gaps?role=senior").json()
    posted = client.post("/v1/models", json=QUICK)
    assert posted.status_code == 202
    told = posted.json()
    assert posted.headers["Location"] == f"/v1/fits/{told['fit_id']}"
    assert (told["status"], told["responses"], told["activate"]) == ("queued", None, False)
    fit = ended(client, posted.headers["Location"])
    assert (fit["status"], fit["problem"]) == ("succeeded", "")
    assert fit["responses"] == 47
    assert fit["asked_at"] <= fit["started_at"] <= fit["ended_at"]
    assert client.get("/v1/fits").json()["fits"] == [fit]

    version = fit["model_version"]
    assert "learner-" not in f"{fit}{client.get(f'/v1/models/{version}').text}"
    assert taught.model_version == before["model_version"] != version
    model = client.get(f"/v1/models/{version}").json()
    report = model["report"]
    assert (model["active"], report["options"]["restarts"]) == (False, 1)
    assert [report[one] for one in ("responses", "learners", "items", "skills")] == [47, 12, 4, 1]
    assert (report["first_day"], report["completions"]) == ("2026-03-01", 0)
    assert report["converged"] in (True, False)
    assert report["measured"]["responses"] < 47
    assert 0.0 < report["measured"]["rmse"]["value"] < 1.0
    here, made = fitted_here(taught), BKT.from_json(json.dumps(model["content"]))
    for name, values in here.parameter_values().items():  # other kernels, other last digits
        assert made.parameter_values()[name] == pytest.approx(values, rel=1e-9)
    assert taught.install_model(json.dumps(model["content"])) == version
    assert client.get(f"/v1/models/{version}").json()["report"] == report  # which it keeps
    taught.activate_model(before["model_version"])

    activated = client.put("/v1/models/active", json={"model_version": version})
    assert activated.json()["active"] is True
    after = client.get("/v1/learners/learner-1/gaps?role=senior").json()
    assert after["model_version"] == version
    assert after["gaps"][0]["attainment"] != before["gaps"][0]["attainment"]
    metrics = client.app.state.metrics.registry  # type: ignore[attr-defined]
    assert metrics.get_sample_value("attain_fits_under_way") == 0.0
    done = {"outcome": "succeeded"}
    until(lambda: metrics.get_sample_value("attain_fit_seconds_count", done) == 1.0)
    until(lambda: "fit" in [one.message for one in caplog.records])
    (line,) = (one for one in caplog.records if one.message == "fit")
    assert (line.fit_id, line.outcome) == (fit["fit_id"], "succeeded")  # type: ignore[attr-defined]


def fitted_here(workspace: Workspace) -> BKT:
    log, _, curriculum = workspace.evidence_so_far()
    with pytest.MonkeyPatch.context() as hiding:
        hiding.setitem(sys.modules, "numba", None)
        return BKT(curriculum=curriculum, **QUICK["options"]).fit(log)  # type: ignore[arg-type]


def test_a_model_answers_at_once_where_that_was_asked_for(
    taught: Workspace, client: TestClient
) -> None:
    body = {**QUICK, "activate": True, "request_key": "monday"}
    posted = client.post("/v1/models", json=body)
    fit = ended(client, posted.headers["Location"])
    assert taught.model_version == fit["model_version"]
    again = client.post("/v1/models", json=body)
    assert (again.status_code, again.json()) == (202, fit)  # a retry starts nothing
    other = client.post("/v1/models", json={**body, "activate": False})
    assert other.status_code == 409
    assert other.json()["errors"][0]["where"] == "request_key"
    assert len(client.get("/v1/fits").json()["fits"]) == 1


@pytest.mark.parametrize(
    ("body", "wheres"),
    [
        ({}, ["model"]),
        ({"model": "bkt", "option": {}}, ["option"]),
        ({"model": "bk"}, ["model"]),
        ({"model": "elo"}, ["model"]),
        (
            {
                "model": "bkt",
                "options": {"restart": 1, "noise": "loud", "seed": -1, "curriculum": None},
            },
            ["options.restart", "options.curriculum", "options.noise", "options.seed"],
        ),
        ({"model": "dynamic-irt", "options": {"folds": True}}, ["options.folds"]),
        ({"model": "bkt", "activate": "yes"}, ["activate"]),
        ({"model": "bkt", "request_key": "a\nb"}, ["request_key"]),
    ],
)
def test_what_is_wrong_is_said_at_the_door_all_of_it(
    taught: Workspace, client: TestClient, body: dict[str, Any], wheres: list[str]
) -> None:
    refused = client.post("/v1/models", json=body)
    assert refused.status_code == 422
    assert [one["where"] for one in refused.json()["errors"]] == wheres
    assert client.get("/v1/fits").json()["fits"] == []


def test_with_nothing_to_be_fitted_to_there_is_no_fit(
    workspace: Workspace, client: TestClient, client_of: Any
) -> None:
    refused = client.post("/v1/models", json=QUICK)
    assert refused.status_code == 409
    assert "nothing to fit to" in refused.json()["detail"]
    without = workspace.of_tenant("other")
    with client_of(without) as other:
        assert other.post("/v1/models", json=QUICK).status_code == 409


def test_without_numba_it_is_not_offered_and_the_remedy_is_said(
    taught: Workspace, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    refused = client.post("/v1/models", json=QUICK)
    assert (refused.status_code, refused.json()["title"]) == (501, "Not offered")
    assert "pip install 'attain[fit]'" in refused.json()["detail"]
    assert client.get("/v1/fits").json()["fits"] == []


def test_a_process_may_fit_none(taught: Workspace, bearing: Any) -> None:
    app = create_app(taught, settings=Settings(fits_at_once=0))
    with TestClient(app, headers=bearing(taught)) as client:
        refused = client.post("/v1/models", json=QUICK)
    assert (refused.status_code, "ATTAIN_FITS_AT_ONCE" in refused.text) == (501, True)


class Halted:
    """Processes of fits that do nothing until they are ended, or told to go on."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._go, self._pid = folder / "go", folder / "pid"
        hidden = folder / "halting"
        hidden.mkdir()
        (hidden / "sitecustomize.py").write_text(
            "import os, sys, time\n"
            "if '-m' in sys.orig_argv and 'service.fitting.child' in sys.orig_argv:\n"
            f"    open({str(self._pid)!r} + '.part', 'w').write(str(os.getpid()))\n"
            f"    os.replace({str(self._pid)!r} + '.part', {str(self._pid)!r})\n"
            f"    while not os.path.exists({str(self._go)!r}):\n"
            "        time.sleep(0.02)\n",
            encoding="utf-8",
        )
        path = os.environ["PYTHONPATH"]
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(hidden), path]))

    @property
    def pid(self) -> int:
        """The process under way, once there is one."""
        for _ in range(600):
            if self._pid.exists():
                return int(self._pid.read_text())
            time.sleep(0.02)
        raise AssertionError("no process was started")

    def go_on(self) -> None:
        """Let it go on."""
        self._go.touch()


@pytest.fixture
def saying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have the processes of fits do nothing but say something and end, well or not."""

    def saying(text: str, code: int = 0) -> None:
        hidden = tmp_path / "saying"
        hidden.mkdir()
        (hidden / "sitecustomize.py").write_text(
            "import os, sys\n"
            "if 'service.fitting.child' in sys.orig_argv:\n"
            f"    sys.stdout.write({text!r})\n"
            "    sys.stdout.flush()\n"
            f"    os._exit({code})\n",
            encoding="utf-8",
        )
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(hidden), os.environ["PYTHONPATH"]]))

    return saying


@pytest.fixture
def halted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Halted:
    return Halted(tmp_path, monkeypatch)


def test_beside_a_fit_under_way_there_is_no_second_one(
    taught: Workspace, client: TestClient, halted: Halted
) -> None:
    first = client.post("/v1/models", json={**QUICK, "request_key": "a"})
    command = Path(f"/proc/{halted.pid}/cmdline")
    assert not command.exists() or str(taught.place) not in command.read_text()
    assert client.get(first.headers["Location"]).json()["status"] == "running"
    second = client.post("/v1/models", json={**QUICK, "request_key": "b"})
    assert second.status_code == 409
    assert first.headers["Location"] in second.json()["errors"][0]["remedy"]
    retry = client.post("/v1/models", json={**QUICK, "request_key": "a"})
    assert (retry.status_code, retry.json()["fit_id"]) == (202, first.json()["fit_id"])
    elsewhere = taught.of_tenant("elsewhere")
    elsewhere.put_catalog(taught.current().curriculum)
    elsewhere.record(answers(1))
    runner: FitRunner = client.app.state.fits  # type: ignore[attr-defined]
    with pytest.raises(TooBusy):  # this process does one at a time, for all tenants together
        runner.begin(elsewhere, FitRequest("bkt"))
    assert elsewhere.fits(10)[0] == ()
    halted.go_on()
    assert ended(client, first.headers["Location"])["status"] == "succeeded"


def test_a_process_with_its_hands_full_asks_for_patience(
    taught: Workspace, client: TestClient, bearing: Any
) -> None:
    runner: FitRunner = client.app.state.fits  # type: ignore[attr-defined]
    runner._reserved()
    refused = client.post("/v1/models", json=QUICK)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")


@pytest.mark.fault("the process of a fit is killed")
def test_a_process_that_is_killed_fails_its_fit_and_installs_nothing(
    taught: Workspace, client: TestClient, halted: Halted
) -> None:
    posted = client.post("/v1/models", json=QUICK)
    os.kill(halted.pid, signal.SIGKILL)
    fit = ended(client, posted.headers["Location"])
    assert (fit["status"], fit["model_version"]) == ("failed", None)
    assert "ended by SIGKILL" in fit["problem"]
    assert [one.installed_at for one in taught.models()] == [None]
    assert client.get("/readyz").status_code == 200
    assert client.get("/v1/learners/learner-1/evidence").status_code == 200
    assert client.put("/v1/learners/bo", json={}).status_code == 200
    assert client.post("/v1/models", json=QUICK).status_code == 202  # it may be tried again


def test_a_fit_that_takes_too_long_is_ended(
    taught: Workspace, bearing: Any, halted: Halted
) -> None:
    app = create_app(taught, settings=Settings(fit_seconds=0.3))
    with TestClient(app, headers=bearing(taught)) as client:
        fit = ended(client, client.post("/v1/models", json=QUICK).headers["Location"])
    assert fit["problem"] == "took longer than 0.3 seconds (ATTAIN_FIT_SECONDS)"
    assert is_gone(halted.pid)


def test_a_service_that_stops_ends_its_fits(
    taught: Workspace, client_of: Callable[[Workspace], TestClient], halted: Halted
) -> None:
    with client_of(taught) as client:
        location = client.post("/v1/models", json=QUICK).headers["Location"]
        process = halted.pid
    fit = taught.fit(location.rpartition("/")[2])
    assert (fit.status, fit.problem.partition(":")[0]) == ("failed", "interrupted")
    assert is_gone(process)


def is_gone(pid: int) -> bool:
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_the_report_of_a_model_from_a_file_is_what_the_file_says(
    taught: Workspace, client: TestClient
) -> None:
    default = client.get(f"/v1/models/{taught.model_version}").json()
    assert default["report"] is None
    version = taught.install_model(fitted_here(taught).to_json())
    report = client.get(f"/v1/models/{version}").json()["report"]
    assert (report["responses"], report["learners"], report["measured"]) == (48, 12, None)


MADE = f"{json.dumps({'version': 'bkt-0', 'report': {'responses': 1}})}\n{BKT().to_json()}"


def test_how_a_fit_ended_is_written_when_the_store_answers_again(
    taught: Workspace,
    client: TestClient,
    saying: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saying(MADE)
    monkeypatch.setattr("service.fitting.runner.SIGNS_SECONDS", 0.05)
    written, refused = taught.succeed_fit, iter([1, 2])

    def busy(fit_id: str, made: ModelMade) -> bool:
        if next(refused, None):
            raise StoreUnavailable("busy")
        return written(fit_id, made)

    monkeypatch.setattr(type(taught), "succeed_fit", lambda _, *given: busy(*given))
    fit = ended(client, client.post("/v1/models", json=QUICK).headers["Location"])
    assert (fit["status"], fit["model_version"]) == ("succeeded", "bkt-0")


@pytest.mark.parametrize(
    ("text", "code", "problem"),
    [
        ("", 3, "its process ended without a model"),
        ("no JSON", 0, "unexpected JSONDecodeError"),
        ('{"problem": "an option needs what is not there"}', 0, "an option needs what is not"),
    ],
)
def test_a_process_that_makes_no_model_fails_its_fit_and_says_why(
    taught: Workspace,
    client: TestClient,
    saying: Callable[..., None],
    text: str,
    code: int,
    problem: str,
) -> None:
    saying(text, code)
    fit = ended(client, client.post("/v1/models", json=QUICK).headers["Location"])
    assert (fit["status"], fit["problem"].startswith(problem)) == ("failed", True)
    runner: FitRunner = client.app.state.fits  # type: ignore[attr-defined]
    assert runner.under_way == 0  # its place is free by then


def test_the_process_of_a_fit_ends_with_the_service_that_it_works_for(database: Path) -> None:
    given = {"place": str(database), "tenant_id": "default", "model": "bkt", "options": {}}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "service.fitting.child"],
        input=json.dumps({**given, "parent": 1 << 30}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")


def test_a_store_that_cannot_note_the_beginning_leaves_no_process_behind(
    taught: Workspace, client: TestClient, halted: Halted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: Workspace, fit_id: str) -> None:
        assert halted.pid
        raise StoreUnavailable("busy")

    monkeypatch.setattr(type(taught), "start_fit", busy)
    fit = ended(client, client.post("/v1/models", json=QUICK).headers["Location"])
    assert fit["problem"] == "unexpected StoreUnavailable"
    assert is_gone(halted.pid)


def test_where_the_database_is_goes_to_the_log_and_not_on_record(tmp_path: Path) -> None:
    given = {"tenant_id": "default", "model": "bkt", "options": {}}
    with pytest.raises(StoreError, match="no folder"):
        child._answer({**given, "place": str(tmp_path / "nowhere" / "attain.db")})
