"""The lists of the catalogue in pages, all of the version that the first one was of."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from engine.domain import Curriculum
from service.cursors import cursor
from service.workspace import Workspace

PARTS = ("skills", "prerequisites", "items", "modules")


def pages(client: TestClient, part: str, limit: int) -> list[dict[str, Any]]:
    """Return all pages of a list."""
    found, after = [], ""
    while after is not None:
        told = client.get(f"/v1/catalog/{part}", params={"limit": limit, "after": after})
        assert told.status_code == 200, told.text
        found.append(told.json())
        after = found[-1]["next"]
    return found


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_the_pages_of_a_list_are_together_what_the_catalogue_has(
    client: TestClient, part: str, limit: int
) -> None:
    whole = client.get("/v1/catalog").json()
    found = pages(client, part, limit)
    assert [one for page in found for one in page[part]] == whole[part]
    assert {page["catalog_version"] for page in found} == {whole["catalog_version"]}
    assert all(len(page[part]) <= limit for page in found)


def test_a_catalogue_put_meanwhile_changes_no_page_that_follows(
    client: TestClient, workspace: Workspace, catalog_records: dict[str, Any]
) -> None:
    first = client.get("/v1/catalog/modules?limit=1").json()
    extra = {"module_id": "a-new-one", "minutes": 5, "teaches": [{"skill_id": "select"}]}
    changed = {**catalog_records, "modules": [extra, *catalog_records["modules"]]}
    workspace.put_catalog(Curriculum.from_records(**changed))
    second = client.get("/v1/catalog/modules", params={"limit": 1, "after": first["next"]}).json()
    assert second["modules"][0]["module_id"] == "joins-101"
    assert (first["catalog_version"], second["catalog_version"]) == (1, 1)
    anew = client.get("/v1/catalog/modules?limit=1").json()
    assert (anew["modules"][0]["module_id"], anew["catalog_version"]) == ("a-new-one", 2)


@pytest.mark.parametrize("key", [(99, 0), (0, 0), (-1, 5), (1, -1), ("1", 0), (1,), (1, 0, 0)])
def test_a_place_that_was_never_given_is_refused(client: TestClient, key: tuple[Any, ...]) -> None:
    told = client.get("/v1/catalog/items", params={"after": cursor(*key)})
    assert (told.status_code, told.json()["errors"][0]["where"]) == (422, "query.after")


def test_before_there_is_a_catalogue_it_has_no_lists(empty_client: TestClient) -> None:
    for part in PARTS:
        assert empty_client.get(f"/v1/catalog/{part}").status_code == 404
