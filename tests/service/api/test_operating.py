"""Request ids, the log, the metrics, answers that have not changed, and pages of lists."""

import json
import logging
import re
import subprocess
import sys

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from service.workspace import Workspace

STORES = ("sqlite", "postgres")


def post(client: TestClient, *ids: str) -> None:
    batch = [
        {
            "response_id": one,
            "learner_id": "ada",
            "item_id": "select-1",
            "score": 1.0,
            "answered_at": "2026-03-30T09:00:00Z",
        }
        for one in ids
    ]
    assert client.post("/v1/responses", json={"responses": batch}).status_code == 200


def test_every_answer_has_a_request_id_and_a_sound_one_is_kept(client: TestClient) -> None:
    made = client.get("/healthz").headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    assert client.get("/healthz").headers["x-request-id"] != made
    sent = {"X-Request-ID": "lms-7.a:b_c"}
    assert client.get("/v1/nothing", headers=sent).headers["x-request-id"] == "lms-7.a:b_c"
    odd = client.get("/healthz", headers={"X-Request-ID": "a b"}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", odd)


def test_a_mistake_of_the_service_has_its_request_id_too(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "published_roles", lambda *_: 1 / 0)
    answer = client.get("/v1/roles", headers={"X-Request-ID": "mine"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "mine")


def test_the_log_has_the_pattern_of_an_address_and_never_the_learner(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="attain.requests"):
        client.get("/v1/learners/v1/mastery")
    (line,) = [one for one in caplog.records if one.name == "attain.requests"]
    assert (line.route, line.status) == ("/v1/learners/{learner_id}/mastery", 404)  # type: ignore[attr-defined]


def test_the_journal_is_a_line_of_json_per_event() -> None:
    code = (
        "import logging; from service.journal import keep_journal;"
        "from structlog.contextvars import bind_contextvars;"
        "keep_journal('info'); bind_contextvars(request_id='r-1');"
        "log = logging.getLogger('attain.x'); log.debug('no'); log.warning('is %s', 'full')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"], told["request_id"]) == ("is full", "warning", "r-1")
    assert told["timestamp"].endswith("Z")


def metrics(client: TestClient) -> dict[str, list[tuple[dict[str, str], float]]]:
    text = client.get("/metrics").text
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def test_the_metrics_tell_of_routes_the_writer_and_the_model(
    client: TestClient, workspace: Workspace
) -> None:
    before = metrics(client)["attain_writer_pieces_total"][0][1]
    post(client, "r1")
    client.get("/v1/learners/ada/gaps")
    client.get("/v1/learners/nobody/gaps")
    client.get("/nothing/at/all")
    told = metrics(client)
    assert told["attain_writer_pieces_total"][0][1] == before + 1
    assert told["attain_writer_waiting"] == [({}, 0.0)]
    assert told["attain_model_info"] == [({"model_version": workspace.model_version}, 1.0)]
    gaps = {
        labels["status"]: value
        for labels, value in told["attain_request_seconds_count"]
        if labels["route"] == "/v1/learners/{learner_id}/gaps"
    }
    assert gaps == {"200": 1.0, "404": 1.0}
    routes = {labels["route"] for labels, _ in told["attain_request_seconds_count"]}
    assert "unknown" in routes
    assert not any("nobody" in one or "nothing" in one for one in routes)


@pytest.mark.parametrize(
    "path",
    ["/v1/learners/ada/recommendations", "/v1/learners/ada", "/v1/catalog", "/v1/roles"],
)
def test_what_has_not_changed_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["etag"]
    again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content


def test_a_minute_later_the_same_answer_has_the_same_tag(client: TestClient, clock: object) -> None:
    first = client.get("/v1/learners/ada/gaps")
    clock.move(minutes=5)  # type: ignore[attr-defined]
    later = client.get("/v1/learners/ada/gaps")
    assert later.json()["at"] > first.json()["at"]
    assert later.headers["etag"] == first.headers["etag"]
    post(client, "r1")
    tag = {"If-None-Match": first.headers["etag"]}
    assert client.get("/v1/learners/ada/gaps", headers=tag).status_code == 200


def test_evidence_comes_in_pages_that_lose_and_repeat_nothing(client: TestClient) -> None:
    ids = [f"r{n}" for n in range(7)]  # all at one instant: the id tells them apart
    post(client, *ids)
    seen, after = [], ""
    while after is not None:
        page = client.get("/v1/learners/ada/evidence", params={"limit": 3, "after": after}).json()
        assert len(page["evidence"]) <= 3
        seen += [one["evidence_id"] for one in page["evidence"]]
        after = page["next"]
    assert seen == ids


@pytest.mark.parametrize("after", ["x", "!!", "W10", "bnVsbA", "WzEsMiwzXQ", "日"])
def test_a_place_that_is_none_is_refused(client: TestClient, after: str) -> None:
    answer = client.get("/v1/learners/ada/evidence", params={"after": after})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "query.after"
