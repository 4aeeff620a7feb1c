"""The description of the interface says what the interface does."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient


@pytest.fixture
def described(empty_client: TestClient) -> dict[str, Any]:
    return dict(empty_client.get("/openapi.json").json())


def operations(described: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/v1/")
    ]


def test_every_operation_of_the_interface_is_there(described: dict[str, Any]) -> None:
    about = "/v1/learners/{learner_id}"
    assert {name for name, _ in operations(described)} == {
        "put /v1/catalog",
        "get /v1/catalog",
        "get /v1/catalog/skills",
        "get /v1/catalog/prerequisites",
        "get /v1/catalog/items",
        "get /v1/catalog/modules",
        "get /v1/catalog/findings",
        "put /v1/roles/{role_id}",
        "get /v1/roles/{role_id}",
        "get /v1/roles",
        "get /v1/roles/{role_id}/versions",
        "get /v1/roles/{role_id}/versions/{role_version}",
        "get /v1/catalogs",
        "get /v1/catalogs/{catalog_version}",
        f"put {about}",
        f"get {about}",
        "post /v1/learners",
        f"post {about}/merges",
        "get /v1/learners",
        "post /v1/responses",
        "post /v1/completions",
        f"get {about}/evidence",
        f"get {about}/decisions",
        f"post {about}/decisions",
        f"get {about}/decisions/{{decision_id}}",
        f"post {about}/decisions/{{decision_id}}/overrides",
        "get /v1/decisions",
        "post /v1/decisions/estimates",
        f"get {about}/export",
        f"delete {about}",
        "post /v1/voids",
        f"get {about}/mastery",
        f"get {about}/mastery/history",
        f"get {about}/gaps",
        f"get {about}/ladder",
        f"get {about}/recommendations",
        f"post {about}/recommendations",
        f"get {about}/path",
        f"get {about}/forecast",
        f"get {about}/probe",
        "post /v1/models",
        "get /v1/fits",
        "get /v1/fits/{fit_id}",
        "get /v1/models",
        "put /v1/models/active",
        "get /v1/teams",
        "get /v1/teams/{team_id}/coaching",
        "get /v1/teams/{team_id}/gaps",
        "get /v1/teams/{team_id}/ready",
        "get /v1/teams/{team_id}/recommendations",
        "patch /v1/modules/{module_id}",
        "get /v1/models/{model_version}",
    }


def test_every_problem_of_every_operation_is_described(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        expected = {"401", "403", "422", "429", "500", "503"}
        if "requestBody" in operation:
            expected |= {"400", "408", "413", "415"}
        if "{" in name and name.startswith("get"):
            expected |= {"404"}
        assert expected <= set(operation["responses"]), name
        for status, answer in operation["responses"].items():
            if status == "304":
                assert "content" not in answer
                continue
            media = "application/json" if status in ("200", "202") else "application/problem+json"
            assert list(answer["content"]) == [media], (name, status)
    assert "HTTPValidationError" not in described["components"]["schemas"]


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    def references(value: Any) -> Iterator[str]:
        parts = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            yield value["$ref"]
        if isinstance(value, dict | list):
            for part in parts:
                yield from references(part)

    schemas = described["components"]["schemas"]
    for reference in references(described):
        assert reference.removeprefix("#/components/schemas/") in schemas
