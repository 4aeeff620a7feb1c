"""What was published of catalogues and roles: version by version, and never changed."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.workspace import Workspace

STORES = ("sqlite", "postgres")


def put_role(client: TestClient, *skills: str) -> Any:
    body = {"targets": [{"skill_id": one} for one in skills]}
    return client.put("/v1/roles/plumber", json=body).json()


def test_a_change_of_a_role_makes_a_version_and_the_same_again_none(client: TestClient) -> None:
    first = put_role(client, "select")
    assert (first["role_version"], first["catalog_version"]) == (1, 1)
    assert first["published_at"] == "2026-03-31T12:00:00Z"
    assert put_role(client, "select") == first
    client.patch("/v1/modules/select-101", json={"minutes": 20})
    second = put_role(client, "joins")
    assert (second["role_version"], second["catalog_version"]) == (2, 2)
    back = put_role(client, "select")
    assert back["role_version"] == 3
    assert client.get("/v1/roles/plumber").json() == back
    assert client.get("/v1/roles/plumber/versions/1").json() == first
    told, after = [], ""
    while after is not None:
        page = client.get("/v1/roles/plumber/versions", params={"limit": 1, "after": after}).json()
        told += page["roles"]
        after = page["next"]
    told = [{"model_version": first["model_version"], **one} for one in told]
    assert told == [first, second, back]
    for path in ("plumber/versions/4", "nobody/versions", "nobody/versions/1"):
        assert client.get(f"/v1/roles/{path}").status_code == 404


def test_a_version_of_the_catalogue_is_read_as_it_was_put(client: TestClient) -> None:
    first = client.get("/v1/catalog").json()
    client.patch("/v1/modules/select-101", json={"minutes": 20})
    assert client.get("/v1/catalog").json()["catalog_version"] == 2
    assert client.get("/v1/catalogs/1").json() == first
    page = client.get("/v1/catalogs?limit=1").json()
    rest = client.get("/v1/catalogs", params={"after": page["next"]}).json()
    versions = [one["catalog_version"] for one in page["catalogs"] + rest["catalogs"]]
    assert (versions, rest["next"]) == ([1, 2], None)
    assert client.get("/v1/catalogs/3").status_code == 404


def test_evidence_and_decisions_say_what_they_were_made_under(client: TestClient) -> None:
    def answer(n: int) -> None:
        one = {"response_id": f"r{n}", "learner_id": "ada", "item_id": "select-1", "score": 1.0}
        assert client.post("/v1/responses", json={"responses": [one]}).status_code == 200

    answer(1)
    client.patch("/v1/modules/select-101", json={"minutes": 20})
    answer(2)
    evidence = client.get("/v1/learners/ada/evidence").json()["evidence"]
    assert [one["catalog_version"] for one in evidence] == [1, 2]
    client.put("/v1/roles/senior", json={"targets": [{"skill_id": "joins"}]})
    decision_id = client.get("/v1/learners/ada/recommendations").json()["decision_id"]
    told = client.get(f"/v1/learners/ada/decisions/{decision_id}").json()
    assert (told["role_version"], told["catalog_version"]) == (2, 2)


def test_roles_and_models_come_in_pages(client: TestClient, workspace: Workspace) -> None:
    put_role(client, "select")
    for name in ("roles", "models"):
        whole = client.get(f"/v1/{name}").json()[name]
        told, after = [], ""
        while after is not None:
            page = client.get(f"/v1/{name}", params={"limit": 1, "after": after}).json()
            assert len(page[name]) == 1
            told += page[name]
            after = page["next"]
        assert told == whole
        assert client.get(f"/v1/{name}?after=x").status_code == 422


@pytest.mark.parametrize("version", ["0", "-1", "x", "1.5", str(10**12)])
def test_a_version_is_a_number_from_one(client: TestClient, version: str) -> None:
    assert client.get(f"/v1/catalogs/{version}").status_code == 422
