"""Schemathesis with all its checks and phases: what a service is described to do is what it does.

Skipped where schemathesis is not installed; `pip install '.[test]'` brings it. `make contract`
sends more examples to each operation, as many as ATTAIN_CONTRACT_EXAMPLES says, and has all phases
on both stores; otherwise what covers the shapes of requests, most of which are refused before any
store is asked, is sent over one.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.domain import Curriculum, Role
from service.records import LearnerProfile
from service.store import Place
from service.workspace import Workspace

pytest.importorskip("schemathesis")
STORES = ("sqlite", "postgres")
FEW = 5
EXAMPLES = int(os.environ.get("ATTAIN_CONTRACT_EXAMPLES", FEW))
UNHURRIED = "import os; os.environ.update(ATTAIN_REQUESTS_PER_SECOND='1e6', ATTAIN_BURST='1000000')"
PHASES = "examples,coverage,fuzzing,stateful"
RUN = "from schemathesis.cli import schemathesis; schemathesis()"

# What is well formed may still name what is not there, or contradict itself: a 422, as described.
# It may also be there already (304), and a team may have too few learners to be told of (403).
CONFIGURED = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "304", "404", "409", "422"]

[[operations]]
include-name = "GET /v1/teams/{team_id}/gaps"
checks.positive_data_acceptance.expected-statuses = ["2xx", "304", "403", "404", "409", "422"]
"""


@pytest.mark.parametrize("empty", [False, True] if EXAMPLES > FEW else [False])
def test_a_service_keeps_its_contract(
    serve: Callable[..., Any],
    new_place: Callable[[], Place],
    tmp_path: Path,
    curriculum: Curriculum,
    roles: tuple[Role, ...],
    empty: bool,
) -> None:
    place = new_place()
    few = EXAMPLES == FEW
    phases = PHASES if isinstance(place, Path) or not few else PHASES.replace("coverage,", "")
    if not empty:
        begin(place, curriculum, roles)
    served = serve(place, UNHURRIED)
    configured = tmp_path / "schemathesis.toml"
    configured.write_text(CONFIGURED)
    asked = [
        *(sys.executable, "-c", RUN, "--config-file", str(configured), "--no-color"),
        *("run", f"http://127.0.0.1:{served.port}/openapi.json"),
        *("--header", f"Authorization: {served.headers['Authorization']}"),
        *("--checks", "all", "--phases", phases),
        *("--max-examples", str(EXAMPLES), "--continue-on-failure"),
        *(("--seed", "7") if few else ()),
    ]
    done = subprocess.run(asked, capture_output=True, text=True, cwd=tmp_path, check=False)
    print(done.stdout[-1500:])
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"level": "error"' not in served.told()


def begin(place: Place, curriculum: Curriculum, roles: tuple[Role, ...]) -> None:
    """Make a database with a catalogue, roles, and a team large enough to be told of."""
    with Workspace.open(place) as workspace:
        workspace.put_catalog(curriculum)
        for role in roles:
            workspace.put_role(role)
        names = ("ada", *(f"l{n}" for n in range(6)))
        workspace.put_learners([LearnerProfile(one, "", "data", "senior") for one in names])
