"""Schemathesis with all its checks: what the interface is described to do is what it does.

Skipped where schemathesis is not installed; `pip install '.[test]'` brings it.
ATTAIN_CONTRACT_EXAMPLES says how many examples each operation is sent.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from engine.domain import Curriculum, Role
from service.api.access import ACCESS
from service.app import create_app
from service.records import LearnerProfile
from service.settings import Settings
from service.workspace import Workspace
from service.workspace.keyholding import FIRST

schemathesis = pytest.importorskip("schemathesis")
EXAMPLES = int(os.environ.get("ATTAIN_CONTRACT_EXAMPLES", "10"))

# What is well formed may still name what is not there, or contradict itself: a 422, as described.
CONFIGURED = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "404", "409", "422"]
"""


@pytest.fixture(scope="module")
def described(
    tmp_path_factory: pytest.TempPathFactory, curriculum: Curriculum, roles: tuple[Role, ...]
) -> Iterator[Any]:
    with Workspace.open(tmp_path_factory.mktemp("contract") / "attain.db") as workspace:
        workspace.put_catalog(curriculum)
        for role in roles:
            workspace.put_role(role)
        workspace.put_learners([LearnerProfile("ada", role_id="senior", team_id="data")])
        key = workspace.create_key("schemathesis", FIRST).secret
        app = create_app(workspace, settings=Settings(requests_per_second=1e6, burst=10**6))
        config = schemathesis.Config.from_str(CONFIGURED)
        config.projects.default.update(headers={"Authorization": f"Bearer {key}"})
        yield schemathesis.openapi.from_asgi("/openapi.json", app, config=config)


INTERFACE = [one for one in ACCESS if one.partition(" ")[2].startswith("/v1/")]


@pytest.mark.parametrize("operation", INTERFACE)
def test_an_operation_keeps_its_contract(operation: str, described: Any) -> None:
    method, _, path = operation.partition(" ")
    cases = described[path][method].as_strategy()
    examples = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )

    @examples
    @given(cases)
    def keep(case: Any) -> None:
        case.call_and_validate()

    keep()
