"""Every operation, asked with every scope about everybody: what the declaration says, and no more.

The expectations are read off :data:`service.api.access.ACCESS`, which guards the routes and
describes them too; a route that is not declared there fails here, and is refused to everybody.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from fastapi import APIRouter, Depends
from fastapi.testclient import TestClient

from engine.domain import Curriculum, Response, Role, SkillTarget
from engine.knowledge_tracing import BKT
from service import dashboard
from service.api.access import ACCESS
from service.api.admitting import admit
from service.app import create_app
from service.deciding import Asked
from service.fitting.asking import FitRequest
from service.keys import Grant
from service.records import LearnerProfile
from service.scopes import Scope
from service.store import Place
from service.workspace import Workspace

STORES = ("sqlite", "postgres")


Bearing = Callable[..., dict[str, str]]

GRANTS = {
    Scope.READ_OWN: Grant([Scope.READ_OWN], learner_id="own-learner"),
    Scope.READ_TEAM: Grant([Scope.READ_TEAM], team_ids=["own-team"]),
    **{scope: Grant([scope]) for scope in set(Scope) - {Scope.READ_OWN, Scope.READ_TEAM}},
}
RELATIONS = ("own", "mate", "other", "foreign")
REACH = {Scope.READ_OWN: {"own"}, Scope.READ_TEAM: {"own", "mate"}}
EVERYBODY = {"own", "mate", "other"}  # of the tenant
TEAMS = {"own": "own-team", "mate": "own-team", "other": "other-team", "foreign": "foreign-team"}
LEARNER = "/v1/learners/{learner_id}"


def curriculum_of(name: str) -> Curriculum:
    teaches = [{"skill_id": f"{name}-skill"}]
    return Curriculum.from_records(
        skills=[{"skill_id": f"{name}-skill"}],
        items=[{"item_id": f"{name}-item", "skills": [f"{name}-skill"]}],
        modules=[{"module_id": f"{name}-module", "minutes": 5, "teaches": teaches}],
    )


def people_of(relation: str) -> Iterator[LearnerProfile]:
    """Give the learner, and enough others for the team to be told of."""
    for n in range(5):
        name = f"{relation}-learner" if n == 0 else f"{relation}-learner-{n}"
        yield LearnerProfile(name, team_id=TEAMS[relation], role_id=role_of(relation))


def role_of(relation: str) -> str:
    return "foreign-role" if relation == "foreign" else "own-role"


class World(NamedTuple):
    """Two tenants, and in ours two teams; what is not ours to know has it in its name."""

    ours: Workspace
    client: TestClient
    models: dict[str, str]
    decisions: dict[str, str]
    fits: dict[str, str]

    def theirs(self) -> list[Any]:
        """Return all that is kept of the other tenant's learners."""
        theirs = self.ours.of_tenant("theirs")
        return [theirs.export(one.learner_id) for one in people_of("foreign")]

    def restore(self) -> None:
        """Put back whoever was erased."""
        for relation in ("own", "mate", "other"):
            self.ours.put_learners(tuple(people_of(relation)))

    def ask(self, operation: str, relation: str, headers: dict[str, str]) -> Any:
        method, _, pattern = operation.partition(" ")
        names = {
            "learner_id": f"{relation}-learner",
            "team_id": TEAMS[relation],
            "role_id": role_of(relation),
            "module_id": role_of(relation).replace("role", "module"),
            "model_version": self.models[role_of(relation).partition("-")[0]],
            "role_version": 1,
            "catalog_version": 1,
            "decision_id": self.decisions.get(relation, "none"),
            "another_decision_id": self.decisions["mate" if relation == "own" else "own"],
            "fit_id": self.fits[role_of(relation).partition("-")[0]],
        }
        question = {"role": role_of(relation)} if "/teams/" in pattern else {}
        if pattern.endswith("/history"):
            question = {"skill": "own-skill"}
        body = bodies(names).get(operation)
        return self.client.request(
            method, pattern.format(**names), headers=headers, params=question, json=body
        )


def bodies(names: dict[str, str]) -> dict[str, Any]:
    ours, learner = names["role_id"].partition("-")[0], names["learner_id"]
    target = {"targets": [{"skill_id": "own-skill"}]}
    records = curriculum_of("own").to_records()
    response = {"response_id": f"r-{learner}", "learner_id": learner, "item_id": f"{ours}-item"}
    done = {"completion_id": f"c-{learner}", "learner_id": learner, "module_id": f"{ours}-module"}
    void = {"void_id": "v-1", "kind": "response", "evidence_id": f"{ours}-1", "reason": "a test"}
    return {
        "PUT /v1/catalog": records,
        "PATCH /v1/modules/{module_id}": {"minutes": 5},
        "PUT /v1/roles/{role_id}": target,
        f"PUT {LEARNER}": {"team_id": "own-team"},
        "POST /v1/learners": {"learners": [{"learner_id": "own-learner", "team_id": "own-team"}]},
        "POST /v1/responses": {"responses": [{**response, "score": 1.0}]},
        "POST /v1/completions": {"completions": [done]},
        "POST /v1/voids": {"voids": [void]},
        f"POST {LEARNER}/recommendations": {"limit": 1},
        f"POST {LEARNER}/decisions": {"policy": "greedy"},
        f"POST {LEARNER}/decisions/{{decision_id}}/overrides": {
            "override_id": f"o-{learner}",
            "decided_by": "somebody",
            "reason": "a test",
        },
        "POST /v1/decisions/estimates": {
            "outcomes": [
                {"decision_id": names[one], "outcome": 1.0, "p_target": 1.0}
                for one in ("decision_id", "another_decision_id")
            ],
            "fewest": 2,
        },
        f"POST {LEARNER}/merges": {"merged_learner_id": f"{learner}-4", "reason": "a test"},
        "PUT /v1/models/active": {"model_version": names["model_version"]},
        "POST /v1/models": {"model": "bkt", "request_key": "matrix"},  # asked for already
    }


NAMING_WHAT_IS_FOREIGN = {
    # Ids of another tenant's are new ones here, or unknown ones.
    f"PUT {LEARNER}": 200,
    f"DELETE {LEARNER}": 404,
    f"POST {LEARNER}/merges": 404,
    f"POST {LEARNER}/decisions/{{decision_id}}/overrides": 404,
    "PUT /v1/roles/{role_id}": 200,
    "GET /v1/roles/{role_id}": 404,
    "GET /v1/roles/{role_id}/versions": 404,
    "GET /v1/roles/{role_id}/versions/{role_version}": 404,
    "PATCH /v1/modules/{module_id}": 404,
    "GET /v1/models/{model_version}": 404,
    "PUT /v1/models/active": 404,
    "GET /v1/fits/{fit_id}": 404,
    "POST /v1/decisions/estimates": 422,
    "POST /v1/responses": 422,
    "POST /v1/completions": 422,
    "POST /v1/voids": 422,
}


def expected(operation: str, scope: Scope | None, relation: str) -> int:
    needs = ACCESS[operation]
    if needs.open:
        return 200
    if scope is None:
        return 401
    if scope not in needs.scopes:
        return 403
    if needs.about:
        return 200 if relation in REACH.get(scope, EVERYBODY) else 404
    done = 202 if operation == "POST /v1/models" else 200
    return NAMING_WHAT_IS_FOREIGN.get(operation, done) if relation == "foreign" else done


@pytest.fixture
def world(empty_workspace: Workspace) -> Iterator[World]:
    with peopled(empty_workspace) as world:
        yield world


@pytest.fixture(scope="module")
def world_to_read(new_place: Callable[[], Place]) -> Iterator[World]:
    """A world for those who change nothing in it."""
    with Workspace.open(new_place()) as ours, peopled(ours) as world:
        yield world


@contextmanager
def peopled(ours: Workspace) -> Iterator[World]:
    """Put all that is asked about into two tenants, and answer meanwhile."""
    models, decisions, fits = {}, {}, {}
    for name, workspace in (("own", ours), ("foreign", ours.of_tenant("theirs"))):
        workspace.put_catalog(curriculum_of(name))
        workspace.put_role(Role(f"{name}-role", [SkillTarget(f"{name}-skill")]))
        relations = ("foreign",) if name == "foreign" else ("own", "mate", "other")
        for relation in relations:
            workspace.put_learners(tuple(people_of(relation)))
        shown = [one.learner_id for relation in relations for one in people_of(relation)]
        told = [Response(one, f"{name}-item", 1.0, None, f"{one}-0") for one in shown]
        workspace.record(
            [*told, Response(f"{name}-learner", f"{name}-item", 1.0, None, f"{name}-1")]
        )
        models[name] = workspace.install_model(BKT(seed=len(name)).to_json())
        fit, _ = workspace.ask_for_fit(FitRequest("bkt", request_key="matrix"))
        workspace.fail_fit(fit.fit_id, "for the test")
        fits[name] = fit.fit_id
        for relation in relations:
            view = workspace.view(f"{relation}-learner")
            decisions[relation] = workspace.serve(view, Asked())[1]
    client = TestClient(create_app(ours), raise_server_exceptions=False)
    with client:
        yield World(ours, client, models, decisions, fits)


INTERFACE = [one for one in ACCESS if one.partition(" ")[2].startswith(("/v1/", "/healthz"))]
INTERFACE += ["GET /readyz", "GET /metrics"]
READING = [one for one in INTERFACE if one.startswith("GET ")]


def test_every_operation_is_declared_and_described_as_declared(
    empty_workspace: Workspace,
) -> None:
    described = {
        f"{method.upper()} {path}": operation
        for path, methods in create_app(empty_workspace).openapi()["paths"].items()
        for method, operation in methods.items()
    }
    assert set(described) == set(INTERFACE)
    for name, operation in described.items():
        scopes = ACCESS[name].scopes
        assert operation["security"] == [{"key": [one]} for one in sorted(scopes)], name
        if scopes:
            assert {"401", "403", "429"} <= set(operation["responses"]), name


def test_every_page_is_declared() -> None:
    pages = {
        f"{method} {route.path}"  # type: ignore[attr-defined]
        for router in (
            dashboard.router,
            *(
                one.router
                for one in (dashboard.entering, dashboard.reference, dashboard.team_pages)
            ),
        )
        for route in router.routes
        for method in getattr(route, "methods", ())
    }
    assert pages == set(ACCESS) - set(INTERFACE)


@pytest.mark.parametrize("operation", READING)
def test_the_matrix_of_what_reads(operation: str, world_to_read: World, bearing: Bearing) -> None:
    check_cells(operation, world_to_read, bearing)


@pytest.mark.parametrize("operation", sorted(set(INTERFACE) - set(READING)))
def test_the_matrix_of_what_changes(operation: str, world: World, bearing: Bearing) -> None:
    check_cells(operation, world, bearing)


def check_cells(operation: str, world: World, bearing: Bearing) -> None:
    """Ask with every scope, and without a key, about everybody."""
    before = world.theirs()
    for scope in (None, *Scope):
        headers = bearing(world.ours, GRANTS[scope]) if scope else {}
        for relation in RELATIONS:
            told = world.ask(operation, relation, headers)
            assert told.status_code == expected(operation, scope, relation), (scope, relation)
            check_leaks(told, scope, relation)
            if operation.startswith("DELETE"):
                world.restore()
    assert world.theirs() == before


def check_leaks(told: Any, scope: Scope | None, relation: str) -> None:
    """Nothing out of reach is told of, but for what was asked."""
    beyond = {"foreign"} if scope not in REACH else {"foreign", "other"}
    for word in beyond - {relation}:
        assert f"{word}-" not in told.text, (scope, relation)
    if scope is Scope.READ_OWN and relation != "mate":
        assert "mate-learner" not in told.text
    if told.status_code >= 400:
        assert told.headers["content-type"] == "application/problem+json"
    assert ("www-authenticate" in told.headers) == (told.status_code == 401)


def test_a_route_that_nobody_declared_is_refused_to_everybody(
    workspace: Workspace, bearing: Bearing
) -> None:
    app, extra = create_app(workspace), APIRouter(prefix="/v1", dependencies=[Depends(admit)])

    @extra.get("/forgotten")
    async def forgotten() -> str:
        return "secret"

    app.include_router(extra)
    client = TestClient(app)
    assert client.get("/v1/forgotten").status_code == 401
    assert client.get("/v1/forgotten", headers=bearing(workspace)).status_code == 403


def test_a_manager_who_learns_too_reads_the_team_and_exports_nobody_else(
    world: World, bearing: Bearing
) -> None:
    both = Grant([Scope.READ_OWN, Scope.READ_TEAM], "other-learner", ["own-team"])
    headers = bearing(world.ours, both)
    for relation, reads, exports in [("own", 200, 404), ("mate", 200, 404), ("other", 200, 200)]:
        assert world.ask(f"GET {LEARNER}/gaps", relation, headers).status_code == reads
        assert world.ask(f"GET {LEARNER}/export", relation, headers).status_code == exports
    listed = world.client.get("/v1/learners", headers=headers).json()["learners"]
    assert {one["team_id"] for one in listed} == {"own-team"}


def test_near_ids_of_others_are_never_suggested(world: World, bearing: Bearing) -> None:
    headers = bearing(world.ours, GRANTS[Scope.READ_OWN])
    world.ours.erase("own-learner")
    told = world.client.get(
        "/v1/learners/own-learner", headers=bearing(world.ours, GRANTS[Scope.READ_OWN])
    )
    assert (told.status_code, told.json()["detail"]) == (404, "unknown learner 'own-learner'")
    gone = world.client.get("/v1/learners/own-learner", headers=headers)
    assert gone.status_code == 401, "the key of who was erased went with them"


def test_two_tenants_with_the_same_ids_have_each_their_own_answers(
    world: World, bearing: Bearing
) -> None:
    theirs = world.ours.of_tenant("theirs")
    theirs.put_learners([LearnerProfile("own-learner", role_id="foreign-role")])
    told = {}
    for name, workspace in (("own", world.ours), ("foreign", theirs), ("again", world.ours)):
        answer = world.client.get("/v1/learners/own-learner/gaps", headers=bearing(workspace))
        told[name] = [one["skill_id"] for one in answer.json()["gaps"]]
    assert told == {"own": ["own-skill"], "foreign": ["foreign-skill"], "again": ["own-skill"]}


@pytest.mark.parametrize("scope", [Scope.READ_OWN, Scope.READ_TEAM, Scope.READ_ALL])
@pytest.mark.parametrize("relation", ["mate", "other", "foreign"])
def test_a_decision_about_somebody_else_is_none_of_a_learner_who_is_within_reach(
    world: World, bearing: Bearing, scope: Scope, relation: str
) -> None:
    headers = bearing(world.ours, GRANTS[scope])
    place = f"/v1/learners/own-learner/decisions/{world.decisions[relation]}"
    assert world.client.get(place, headers=headers).status_code == 404
    listed = world.client.get("/v1/learners/own-learner/decisions", headers=headers)
    assert [one["learner_id"] for one in listed.json()["decisions"]] == ["own-learner"]


@pytest.mark.parametrize("relation", ["mate", "other", "foreign"])
def test_what_is_within_reach_and_what_is_not_cannot_be_brought_together(
    world: World, bearing: Bearing, relation: str
) -> None:
    before = world.theirs()
    override = {"override_id": "o-mixed", "decided_by": "somebody", "reason": "a test"}
    place = f"/v1/learners/own-learner/decisions/{world.decisions[relation]}/overrides"
    write = bearing(world.ours, GRANTS[Scope.WRITE_EVIDENCE])
    assert world.client.post(place, headers=write, json=override).status_code == 404
    body = {"merged_learner_id": f"{relation}-learner", "reason": "a test"}
    administer = bearing(world.ours, GRANTS[Scope.ADMINISTER])
    told = world.client.post("/v1/learners/own-learner/merges", headers=administer, json=body)
    assert told.status_code == (404 if relation == "foreign" else 200)
    assert world.theirs() == before


@pytest.mark.parametrize("kept", ["mate", "other"])
def test_an_id_that_was_merged_is_within_the_reach_of_whom_it_stands_for(
    world: World, bearing: Bearing, kept: str
) -> None:
    alias = "own-learner-4" if kept == "other" else "other-learner-4"
    theirs = bearing(world.ours, Grant([Scope.READ_OWN], learner_id=alias))
    world.ours.merge(f"{kept}-learner", alias, "a test")
    for scope, reads in [
        (Scope.READ_OWN, False),
        (Scope.READ_TEAM, kept == "mate"),
        (Scope.READ_ALL, True),
    ]:
        headers = bearing(world.ours, GRANTS[scope])
        for subject in (alias, f"{kept}-learner"):
            told = world.client.get(f"/v1/learners/{subject}/gaps", headers=headers)
            assert told.status_code == (200 if reads else 404), (scope, subject)
    # The key that was the other id's is theirs now, and nobody else's.
    assert world.client.get(f"/v1/learners/{kept}-learner", headers=theirs).status_code == 200
    assert world.client.get("/v1/learners/own-learner", headers=theirs).status_code == 404


def test_a_place_in_another_tenant_s_list_is_none_in_ours(world: World, bearing: Bearing) -> None:
    theirs = world.ours.of_tenant("theirs")
    records = curriculum_of("foreign").to_records()
    records["items"].append({"item_id": "foreign-more", "skills": ["foreign-skill"]})
    theirs.put_catalog(Curriculum.from_records(**records))
    headers = bearing(theirs)
    place = world.client.get("/v1/catalog/items?limit=1", headers=headers).json()["next"]
    asked = {"limit": 1, "after": place}
    assert world.client.get("/v1/catalog/items", params=asked, headers=headers).status_code == 200
    told = world.client.get("/v1/catalog/items", params=asked, headers=bearing(world.ours))
    assert (told.status_code, "foreign" in told.text) == (422, False)
    assert world.client.get("/v1/catalogs/2", headers=bearing(world.ours)).status_code == 404
