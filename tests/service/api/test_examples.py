"""The examples in the description of the interface are a story that really happens.

ATTAIN_RENEW_EXAMPLES=1 writes the answers anew, where a change of them is meant.
"""

import json
import os
import re
import time
from itertools import count
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.api.access import ACCESS
from service.api.examples import EXAMPLES_FILE, Example, read_examples
from service.api.repeating import SENT_AGAIN
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
MODELS = ("bkt-0123456789ab", "bkt-ba9876543210")  # the default one, and one that is fitted
KEY = "k-0123456789"
DIGITS = 6


class Stage:
    """A service on which examples are played: what differs from run to run has fixed names."""

    def __init__(self, client: TestClient, workspace: Workspace) -> None:
        self._client = client
        self._names = {workspace.model_version: MODELS[0]}
        self._numbers = count(1)

    def ask(self, example: Example) -> Any:
        method, _, path = example.operation.partition(" ")
        for name, value in self._real(example.path).items():
            path = path.replace(f"{{{name}}}", str(value))
        body = self._real(example.body)
        told = self._client.request(method, path, params=example.query, json=body)
        while path.startswith("/v1/fits/") and told.json().get("status") in ("queued", "running"):
            time.sleep(0.05)
            told = self._client.get(path)
        return told

    def play(self, example: Example) -> Any:
        told = self.ask(example)
        assert told.status_code in (200, 202), (example.operation, told.text)
        return self._shown(example.operation, told)

    def _real(self, given: Any) -> Any:
        text = json.dumps(given)
        for real, name in self._names.items():
            text = text.replace(name, real)
        return json.loads(text)

    def _shown(self, operation: str, told: Any) -> Any:
        text = told.text
        for decision_id in re.findall(r"\b[0-9a-f]{32}\b", text):
            if decision_id not in self._names:
                self._names[decision_id] = f"{next(self._numbers):x}" * 32
        for version in re.findall(r"\bbkt-[0-9a-f]{12}\b", text):
            self._names.setdefault(version, MODELS[-1])
        for real, name in self._names.items():
            text = text.replace(real, name)
        text = re.sub(r"\bk-\w{10}\b", KEY, text)
        if operation == "GET /metrics":
            return next(line for line in text.splitlines() if line.startswith("attain_writer"))
        answer = json.loads(text)
        if operation == "GET /v1/models/{model_version}":  # the rest is long, and the model's own
            answer["content"] = {"model": answer["content"]["model"]}
            answer["report"]["fit_seconds"] = 0.25
        return rounded(answer)


def rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


def flat(value: Any, place: str = "") -> dict[str, Any]:
    """Return the leaves of an answer by their places."""
    if not isinstance(value, dict | list) or not value:
        return {place: value}
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    return {k: v for name, one in parts for k, v in flat(one, f"{place}/{name}").items()}


@pytest.mark.usefixtures("quick_fits")
def test_the_examples_are_a_story_that_happens_as_it_is_told(
    empty_client: TestClient, empty_workspace: Workspace
) -> None:
    stage = Stage(empty_client, empty_workspace)
    if os.environ.get("ATTAIN_RENEW_EXAMPLES"):
        renew(stage)
    for example in read_examples():
        told = flat(stage.play(example))
        shown = flat(example.answer)
        assert told.keys() == shown.keys(), example.operation
        for place, value in told.items():
            close = pytest.approx(value, abs=2e-6) if isinstance(value, float) else value
            assert shown[place] == close, (example.operation, place)


def renew(stage: Stage) -> None:
    found = [
        {name: value for name, value in one._asdict().items() if value not in (None, {})}
        | {"answer": stage.play(one)}
        for one in read_examples()
    ]
    text = json.dumps(found, indent=1, ensure_ascii=False)
    EXAMPLES_FILE.write_text(text + "\n", encoding="utf-8")
    read_examples.cache_clear()
    pytest.skip("the examples were renewed")


def test_every_operation_has_an_example_of_what_goes_in_and_what_comes_out(
    empty_client: TestClient,
) -> None:
    described = empty_client.get("/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            responses = operation["responses"]
            (answer,) = (responses.get("200") or responses["202"])["content"].values()
            assert answer["example"] is not None, (method, path)
            for parameter in operation.get("parameters", ()):
                assert "example" in parameter or not parameter["required"], (method, path)
            if "requestBody" in operation:
                body = operation["requestBody"]["content"]["application/json"]
                assert body["example"], (method, path)


def all_there_is(workspace: Workspace) -> dict[str, Any]:
    """Return what is kept, whoever it is about."""
    learners = [one.learner_id for one in workspace.learners(limit=100)]
    return {
        "learners": {one: workspace.export(one) for one in learners},
        "catalogs": workspace.catalogs(100),
        "roles": [workspace.role_versions(one.role_id, 100) for one in workspace.roles()],
        "models": workspace.models(),
    }


@pytest.mark.usefixtures("quick_fits")
def test_what_is_sent_again_changes_nothing_as_the_description_says(
    empty_client: TestClient, empty_workspace: Workspace
) -> None:
    described = empty_client.get("/openapi.json").json()["paths"]
    stage, writes = Stage(empty_client, empty_workspace), set()
    for example in read_examples():
        method, _, path = example.operation.partition(" ")
        first = stage.play(example)
        if method == "GET":
            continue
        writes.add(example.operation)
        assert "Sent again, it " in described[path][method.lower()]["description"]
        before = all_there_is(empty_workspace)
        told = stage.ask(example)
        assert all_there_is(empty_workspace) == before, example.operation
        assert told.status_code in ((404,) if method == "DELETE" else (200, 202))
        if "accepted" in first and "repeated" in first:
            assert told.json()["repeated"] == first["accepted"]
    assert writes == {one for one in ACCESS if " /v1/" in one and not one.startswith("GET")}
    assert writes == set(SENT_AGAIN)


@pytest.mark.usefixtures("quick_fits")
@pytest.mark.parametrize("again", [False, True], ids=["on an empty service", "told again"])
def test_out_of_its_place_in_the_story_too_an_example_gets_an_answer_that_is_described(
    empty_client: TestClient, empty_workspace: Workspace, again: bool
) -> None:
    described = empty_client.get("/openapi.json").json()["paths"]
    stage = Stage(empty_client, empty_workspace)
    if again:
        for example in read_examples():
            stage.play(example)
    for example in read_examples():
        told = stage.ask(example)
        method, _, path = example.operation.partition(" ")
        known = described[path][method.lower()]["responses"]
        assert str(told.status_code) in known, (example.operation, told.text)
