"""What another policy would have chosen is told as it would have been then, or not at all."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from engine import Completion, Response, Role, SkillTarget
from engine.domain import Curriculum
from engine.knowledge_tracing import BKT
from engine.recommender import POLICIES
from service.deciding import Asked
from service.experiments import Outcome
from service.hindsight import Hindsight, Untold
from service.records import LearnerProfile
from service.store import DecisionRow
from service.voiding import Void
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
ESTIMATES = "/v1/decisions/estimates"
CERTAIN = [one for one in POLICIES if one != "thompson"]


def decided(
    workspace: Workspace, policy: str, learner_id: str = "ada", **asked: Any
) -> DecisionRow:
    """Let a policy decide as things stand, and return what was logged."""
    return workspace.decide(workspace.view(learner_id), policy, Asked(**asked))[0]


def changes(
    workspace: Workspace, clock: Any, catalog_records: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Change, one after the other, all that a decision stands on; give what else to ask."""

    def right(item_id: str, response_id: str, day: int = 0) -> None:
        at = clock.at.replace(day=day) if day else clock.at
        workspace.record([Response("ada", item_id, 1.0, at, response_id)])

    yield {}
    right("select-1", "r1")
    right("select-2", "r2")
    yield {}
    yield {"denied": ["joins-101"]}
    yield {"allowed": ["select-101"]}
    right("joins-1", "late", day=2)
    yield {}
    workspace.void([Void("v1", "response", "r2", "a mistake")])
    yield {}
    records = json.loads(json.dumps(catalog_records))
    records["modules"][0] |= {"minutes": 90, "attempts": 1}
    records["modules"].append({**records["modules"][1], "module_id": "another", "minutes": 4})
    workspace.put_catalog(Curriculum.from_records(**records))
    yield {}
    workspace.record([Completion("ada", "select-101", clock.at, "c1")])
    yield {}
    workspace.put_role(Role("senior", [SkillTarget("charts", weight=9), SkillTarget("select")]))
    yield {}
    workspace.put_learners([LearnerProfile("ada", "", "data", "junior", "senior", 0.4)])
    yield {}
    workspace.put_role(Role("senior", [SkillTarget("joins")]))
    yield {}
    workspace.install_model(BKT(forget="opportunity").to_json())
    yield {}
    right("charts-1", "r9")


def test_it_is_what_each_policy_did_choose_then_whatever_has_changed_since(
    workspace: Workspace, clock: Any, catalog_records: dict[str, Any]
) -> None:
    told = []
    for asked in changes(workspace, clock, catalog_records):
        drawn = [decided(workspace, "random", **asked, key=str(k)) for k in range(3)]
        told.append((drawn, {one: decided(workspace, one, **asked) for one in CERTAIN}))
        clock.move(seconds=1)
    hindsight = Hindsight(workspace._store.read)
    chose = set()
    for drawn, then in told:
        for row in drawn:
            for policy, real in then.items():
                content = json.loads(real.content)
                wanted = content["candidates"] if content["kind"] == "module" else {}
                would = hindsight.would(row, policy)
                assert would.probability == pytest.approx(wanted.get(row.chosen, 0.0)), policy
                assert would.covered == pytest.approx(sum(wanted.values())), policy
                chose.add((policy, would.probability > 0.0))
    assert {("greedy", True), ("greedy", False), ("random", True), ("pursue", False)} <= chose


def test_a_draw_is_made_again_the_same_and_the_policy_that_chose_has_its_own_probability(
    workspace: Workspace,
) -> None:
    row = decided(workspace, "random")
    hindsight = Hindsight(workspace._store.read)
    assert hindsight.would(row, "random") == (row.propensity, 1.0)


def test_what_cannot_be_put_together_again_is_refused_with_the_reason(
    workspace: Workspace, client: TestClient, clock: Any
) -> None:
    many = decided(workspace, "random")
    short = workspace.serve(workspace.view("ada"), Asked(within_minutes=15.0))[1]
    hindsight = Hindsight(workspace._store.read)
    content = json.loads(many.content)
    digest = {**content, "request": {"allowed": {"count": 101, "digest": "x"}}}
    believed = {**content, "attainments": [[*k[:2], 0.123] for k in content["attainments"]]}
    for changed, why in [
        ({"model_version": "bkt-0123456789ab"}, "model"),
        ({"content": json.dumps({**content, "prior_version": "p-1"})}, "prior"),
        ({"content": json.dumps(digest)}, "digest"),
        ({"content": json.dumps(believed)}, "a replay does not come to what was believed"),
        ({"chosen": ""}, "nothing was chosen"),
        ({"role_version": 99}, "version of the role"),
        ({"evidence_changes": 7}, "cannot be told from what came later"),
    ]:
        with pytest.raises(Untold, match=why):
            hindsight.would(many._replace(**changed), "greedy")
    body = {"policy": "pursue", "outcomes": [{"decision_id": short, "outcome": 1.0}]}
    told = client.post(ESTIMATES, json=body)
    assert told.status_code == 422
    (fault,) = told.json()["errors"]
    assert fault["where"] == "outcomes[0].p_target"
    assert "within_minutes" in fault["problem"]


def test_decisions_from_before_a_merge_are_untold_and_later_ones_told(
    workspace: Workspace, clock: Any
) -> None:
    workspace.put_learners([LearnerProfile("bo", role_id="senior")])
    before = [decided(workspace, "random"), decided(workspace, "random", learner_id="bo")]
    clock.move(seconds=1)
    workspace.merge("ada", "bo", "the same person")
    clock.move(seconds=1)
    later = decided(workspace, "random", key="later")
    hindsight = Hindsight(workspace._store.read)
    assert hindsight.would(later, "greedy").covered == 1.0
    for row in before:
        with pytest.raises(Untold, match="merged"):
            hindsight.would(row._replace(learner_id="ada"), "greedy")


def test_evidence_of_the_same_instant_as_a_decision_leaves_it_untold(workspace: Workspace) -> None:
    """The clock of the test stands still: what came before cannot be told from what came after."""
    workspace.record([Response("ada", "select-1", 1.0, None, "before")])
    row = decided(workspace, "random")
    workspace.record([Response("ada", "select-2", 1.0, None, "after")])
    with pytest.raises(Untold, match="cannot be told from what came later"):
        Hindsight(workspace._store.read).would(row, "greedy")


def test_estimates_by_name_are_those_with_the_probabilities_given(
    workspace: Workspace, client: TestClient, clock: Any
) -> None:
    for k in range(2):
        workspace.record([Response("ada", f"select-{k + 1}", 1.0, clock.at, f"r{k}")])
    made = [decided(workspace, "random", key=str(k)) for k in range(40)]
    greedy = decided(workspace, "greedy").chosen
    clock.move(days=1)
    workspace.record([Response("ada", "joins-1", 1.0, clock.at, "later")])
    named = [{"decision_id": row.decision_id, "outcome": k % 3} for k, row in enumerate(made)]
    given = [
        {**one, "p_target": float(row.chosen == greedy)}
        for one, row in zip(named, made, strict=True)
    ]
    by_name = client.post(ESTIMATES, json={"outcomes": named, "policy": "greedy", "fewest": 5})
    by_hand = client.post(ESTIMATES, json={"outcomes": given, "fewest": 5})
    assert by_name.status_code == by_hand.status_code == 200
    assert (by_name.json()["policy"], by_name.json()["covered"]) == ("greedy", 1.0)
    assert by_hand.json()["covered"] is None
    for part in ("ips", "snips", "effective_decisions"):
        assert by_name.json()[part] == by_hand.json()[part]
    unnamed = client.post(ESTIMATES, json={"outcomes": named}).json()["errors"]
    assert (len(unnamed), unnamed[0]["where"]) == (40, "outcomes[0].p_target")
    unknown = client.post(ESTIMATES, json={"outcomes": named, "policy": "gready"})
    assert unknown.status_code == 404


def test_of_decisions_that_were_not_drawn_it_says_how_little_they_cover(
    workspace: Workspace, clock: Any
) -> None:
    workspace.record([Response("ada", f"select-{k}", 1.0, clock.at, f"r{k}") for k in (1, 2)])
    view = workspace.view("ada")
    served = [workspace.serve(view, Asked(limit=k + 1))[1] for k in range(3)]
    found = workspace.worth([Outcome(one, 1.0) for one in served], "random", fewest=2)
    n = len(json.loads(decided(workspace, "random").content)["candidates"])
    assert n > 1
    assert found.covered == pytest.approx(1 / n)


def test_over_http_so_many_are_put_together_again_and_no_more(client: TestClient) -> None:
    some = [{"decision_id": f"d{k}", "outcome": 1.0} for k in range(1001)]
    told = client.post(ESTIMATES, json={"outcomes": some, "policy": "greedy"})
    assert (told.status_code, told.json()["errors"][0]["where"]) == (422, "outcomes")
