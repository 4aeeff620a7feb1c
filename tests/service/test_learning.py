"""What a model is fitted to: the evidence that counts, as a replay reads it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from engine.domain import Completion, Response, ResponseLog
from engine.errors import InvalidInput
from engine.knowledge_tracing import BKT
from service import learning
from service.errors import NoCatalog
from service.records import Void
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
START = datetime(2026, 3, 1, tzinfo=UTC)


def answers(learner_id: str, scores: Sequence[float], *, day: int = 0) -> list[Response]:
    return [
        Response(
            learner_id,
            f"select-{1 + n % 4}",
            score,
            START + timedelta(days=day, hours=n),
            f"{learner_id}-{n}",
        )
        for n, score in enumerate(scores)
    ]


def told(log: ResponseLog) -> list[tuple[str, str, float]]:
    """Return who answered what and how, learner by learner in the order in which it happened."""
    rows = log.time_order.tolist()
    return [
        (log.learner_ids[log.learner[k]], log.item_ids[log.item[k]], float(log.score[k]))
        for k in rows
    ]


def test_it_is_what_was_recorded_whatever_came_late(workspace: Workspace) -> None:
    done = Completion("bo", "select-101", START, "c1")
    bo, cy = answers("bo", [0.0, 1.0, 0.5]), answers("cy", [1.0])
    workspace.record([bo[2], *cy, bo[0], done])
    workspace.record([bo[1]])
    found = workspace.evidence_so_far()
    assert told(found.log) == [(one.learner_id, one.item_id, one.score) for one in (*bo, *cy)]
    assert found.log.answered_at is not None
    assert found.log.answered_at.min() == found.log.answered_at[0]
    assert [(one.learner_id, one.module_id, one.completed_at) for one in found.completions] == [
        ("bo", "select-101", START)
    ]
    assert set(found.curriculum.items) == set(workspace.current().curriculum.items)


def test_what_was_taken_back_merged_or_erased_is_as_a_replay_has_it(workspace: Workspace) -> None:
    bo, cy, eve = (answers(one, [0.0, 1.0], day=n) for n, one in enumerate(("bo", "cy", "eve")))
    workspace.record([*bo, *cy, *eve, Completion("eve", "select-101", START, "c1")])
    workspace.void([Void("v1", "response", "bo-0", "the item was broken")])
    workspace.merge("bo", "cy", "two accounts, one person", "k-1")
    workspace.erase("eve")
    found = workspace.evidence_so_far()
    assert told(found.log) == [
        ("bo", "select-2", 1.0),
        ("bo", "select-1", 0.0),
        ("bo", "select-2", 1.0),
    ]
    assert found.completions == ()


def test_reading_some_learners_at_a_time_changes_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n, one in enumerate(("bo", "cy", "di", "ed", "flo")):
        workspace.record(answers(one, [1.0, 0.0][: 1 + n % 2]))
    whole = workspace.evidence_so_far()
    monkeypatch.setattr(learning, "_AT_ONCE", 2)
    parts = workspace.evidence_so_far()
    assert told(parts.log) == told(whole.log)
    fits = [BKT(restarts=1).fit(one.log).parameters_ for one in (whole, parts)]
    assert fits[0] == fits[1]


def test_nothing_to_learn_from_is_said(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match="responses: there are none that count"):
        workspace.evidence_so_far()
    with pytest.raises(NoCatalog):
        workspace.of_tenant("other").evidence_so_far()


def test_a_tenant_learns_from_its_own(workspace: Workspace) -> None:
    other = workspace.of_tenant("other")
    other.put_catalog(workspace.current().curriculum)
    workspace.record(answers("bo", [1.0]))
    other.record(answers("cy", [0.0]))
    assert workspace.evidence_so_far().log.learner_ids == ("bo",)
    assert other.evidence_so_far().log.learner_ids == ("cy",)
