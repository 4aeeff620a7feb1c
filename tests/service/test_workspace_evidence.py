"""Evidence in, mastery out: idempotent, all or nothing, and a replay of the log."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import Completion, Curriculum, KnowledgeState, Response
from engine.errors import InvalidInput, UnknownId
from engine.knowledge_tracing import BKT
from service.errors import EvidenceConflict, NoCatalog
from service.evidence import Evidence
from service.knowledge import keep, read_knowledge, read_state, replayed
from service.records import LearnerProfile, Void
from service.store import KnowledgeRow, Place, Session
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
FITTED = BKT(seed=5).to_json()


def answer(n: int, *, item_id: str = "select-1", score: float = 1.0, **by: float) -> Response:
    return Response("ada", item_id, score, NOON - timedelta(days=1) + timedelta(**by), f"r{n}")


def done(n: int, module_id: str = "select-101", **by: float) -> Completion:
    return Completion("ada", module_id, NOON - timedelta(days=1) + timedelta(**by), f"c{n}")


def test_right_answers_raise_and_wrong_answers_lower_readiness(workspace: Workspace) -> None:
    before = workspace.gaps("ada").readiness
    workspace.record([answer(1, score=0.0)])
    after_wrong = workspace.gaps("ada").readiness
    workspace.record([answer(n, item_id=f"select-{n}", hours=n) for n in (2, 3)])
    assert after_wrong < before < workspace.gaps("ada").readiness


def test_the_receipt_counts_what_was_new_and_what_was_known(workspace: Workspace) -> None:
    first, second = answer(1), done(1, hours=1)
    assert workspace.record([first]).accepted == 1
    receipt = workspace.record([first, second, second])
    assert (receipt.accepted, receipt.repeated) == (1, 2)
    assert receipt.model_version == workspace.model_version


def test_a_repeated_batch_changes_nothing(workspace: Workspace) -> None:
    batch = [answer(1), answer(2, hours=1), done(1, hours=2)]
    workspace.record(batch)
    state, evidence = workspace.knowledge("ada"), workspace.evidence("ada")
    assert workspace.record(batch).accepted == 0
    assert (workspace.knowledge("ada"), workspace.evidence("ada")) == (state, evidence)


def test_a_retry_without_a_time_is_the_same_evidence_still(
    workspace: Workspace, clock: Callable[[], datetime]
) -> None:
    timeless = Response("ada", "select-1", 1.0, None, "r1")
    workspace.record([timeless])
    clock.move(hours=1)  # type: ignore[attr-defined]
    assert workspace.record([timeless]).repeated == 1
    assert [one.answered_at for one in workspace.evidence("ada")] == [NOON]


def test_the_same_id_with_other_content_is_a_conflict_and_nothing_is_kept(
    workspace: Workspace,
) -> None:
    workspace.record([answer(1)])
    batch = [answer(2), answer(1, score=0.0), answer(1, minutes=1)]
    with pytest.raises(EvidenceConflict) as raised:
        workspace.record(batch)
    assert [fault.where for fault in raised.value.faults] == [
        "responses[1].response_id",
        "responses[2].response_id",
    ]
    assert len(workspace.evidence("ada")) == 1


def test_one_batch_may_repeat_itself_but_not_contradict_itself(workspace: Workspace) -> None:
    with pytest.raises(EvidenceConflict, match=r"responses\[2\].*'r1'"):
        workspace.record([answer(1), answer(1), answer(1, score=0.25)])
    assert workspace.record([answer(1), answer(1)]).accepted == 1


def test_a_response_and_a_completion_may_share_an_id(workspace: Workspace) -> None:
    batch: list[Evidence] = [
        Response("ada", "select-1", 1.0, NOON, "x"),
        Completion("ada", "select-101", NOON, "x"),
    ]
    assert workspace.record(batch).accepted == 2


def test_every_unknown_id_of_a_batch_is_listed_with_near_matches(workspace: Workspace) -> None:
    batch: list[Evidence] = [
        answer(1),
        answer(2, item_id="selct-1"),
        done(1, "joins-11"),
        answer(3, item_id="selct-1"),
    ]
    with pytest.raises(InvalidInput) as raised:
        workspace.record(batch)
    faults = {fault.where: fault.problem for fault in raised.value.faults}
    assert list(faults) == ["evidence[1].item_id", "evidence[2].module_id", "evidence[3].item_id"]
    assert "did you mean 'select-1'" in faults["evidence[3].item_id"]
    assert "did you mean 'joins-101'" in faults["evidence[2].module_id"]
    assert workspace.evidence("ada") == ()


@pytest.mark.parametrize(
    ("at", "problem"),
    [
        (NOON + timedelta(days=1, seconds=1), "more than a day ahead"),
        (datetime(1999, 12, 31, 23, 59, tzinfo=UTC), "before 2000"),
    ],
)
def test_absurd_times_are_refused(workspace: Workspace, at: datetime, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        workspace.record([answer(1), Response("ada", "select-1", 1.0, at, "r2")])
    assert workspace.evidence("ada") == ()


def test_clocks_that_run_a_little_ahead_are_borne_with(workspace: Workspace) -> None:
    late = NOON + timedelta(hours=23)
    assert workspace.record([Response("ada", "select-1", 1.0, late, "r1")]).accepted == 1


def test_evidence_without_an_id_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match=r"responses\[0\].response_id: is missing"):
        workspace.record([Response("ada", "select-1", 1.0, NOON)])


def test_an_empty_batch_is_received_and_changes_nothing(workspace: Workspace) -> None:
    assert workspace.record([]).accepted == 0


def test_evidence_makes_a_learner(workspace: Workspace) -> None:
    with pytest.raises(UnknownId):
        workspace.learner("bob")
    workspace.record([Response("bob", "select-1", 1.0, NOON, "r1")])
    assert workspace.learner("bob").learner_id == "bob"
    assert workspace.knowledge("bob").skills["select"].opportunities == 1


def test_there_is_no_recording_before_there_is_a_catalogue(empty_workspace: Workspace) -> None:
    with pytest.raises(NoCatalog, match="put one first"):
        empty_workspace.record([answer(1)])


def test_late_evidence_gives_the_state_of_a_replay(
    workspace: Workspace, tmp_path: Path, curriculum: Curriculum
) -> None:
    early, middle, late = answer(1, score=0.0), done(1, hours=1), answer(2, hours=2)
    workspace.record([late])
    workspace.record([early])
    workspace.record([middle])
    with Workspace.open(tmp_path / "other.db") as other:
        other.put_catalog(curriculum)
        other.record([early, middle, late])
        assert workspace.knowledge("ada") == other.knowledge("ada")


def test_another_model_reads_the_same_evidence_anew(
    workspace: Workspace, curriculum: Curriculum
) -> None:
    workspace.record([answer(n, item_id=f"select-{n}", hours=n) for n in (1, 2, 3)])
    before = workspace.model_version
    version = workspace.install_model(FITTED)
    assert version == workspace.model_version != before
    tracer = BKT.from_json(FITTED, curriculum=curriculum)
    expected = tracer.start("ada")
    for one in workspace.evidence("ada"):
        assert isinstance(one, Response)
        expected = tracer.update(expected, one)
    assert workspace.knowledge("ada") == expected
    assert workspace.view("ada").model_version == version


def kept(workspace: Workspace, learner_id: str = "ada") -> KnowledgeRow | None:
    """Return what is kept once all is written that was handed in."""
    return workspace._store.write(lambda session: session.knowledge.find(learner_id))


def answers(first: int, last: int) -> list[Evidence]:
    return [
        answer(n, item_id=f"select-{1 + n % 4}", score=n % 2, hours=n)
        for n in range(first, last + 1)
    ]


def test_recording_writes_evidence_alone_and_who_reads_much_of_it_keeps_the_state(
    workspace: Workspace,
) -> None:
    workspace.record(answers(1, 8))
    assert kept(workspace) is None
    workspace.knowledge("ada")
    before = kept(workspace)
    assert before is not None
    assert (before.evidence_count, before.evidence_changes) == (8, 8)
    workspace.record(answers(9, 12))
    assert workspace.knowledge("ada").skills["select"].opportunities == 12
    assert kept(workspace) == before  # four more are sooner applied again than written
    workspace.record(answers(13, 20))
    state = workspace.knowledge("ada")
    after = kept(workspace)
    assert after is not None
    assert (after.evidence_count, after.last_evidence_id) == (20, "r20")
    assert read_state(after) == state


def test_only_what_is_newer_than_the_kept_state_is_read_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.record(answers(1, 8))
    workspace.knowledge("ada")
    kept(workspace)
    monkeypatch.setattr("service.knowledge.replayed", None)
    workspace.record(answers(9, 10))
    assert workspace.knowledge("ada").skills["select"].opportunities == 10
    late = answer(11, hours=-1)
    workspace.record([late])
    with pytest.raises(TypeError):  # it stands before what was applied: nothing but a replay
        workspace.knowledge("ada")


def test_a_state_is_not_kept_when_evidence_came_while_it_was_read(workspace: Workspace) -> None:
    workspace.record(answers(1, 8))
    bound = workspace.current()
    reading = workspace._store.read(lambda session: read_knowledge(session, bound, "ada"))
    workspace.record(answers(9, 9))
    workspace._store.write(lambda session: keep(session, bound, [reading]))
    assert kept(workspace) is None
    workspace.erase("ada")
    workspace._store.write(lambda session: keep(session, bound, [reading]))
    assert kept(workspace) is None


def test_who_is_erased_and_comes_again_is_read_anew(
    workspace: Workspace, clock: Callable[[], datetime]
) -> None:
    workspace.record(answers(1, 8))
    before = workspace.glimpse("ada", "senior").stamp
    workspace.knowledge("ada")
    workspace.erase("ada")
    clock.move(seconds=1)  # type: ignore[attr-defined]
    workspace.record([answer(n, item_id="joins-1", hours=n) for n in range(1, 9)])
    assert set(workspace.knowledge("ada").skills) == {"joins"}
    assert workspace.glimpse("ada", "senior").stamp != before


def test_a_replayed_state_is_kept_for_the_next_reader(workspace: Workspace) -> None:
    workspace.record(answers(1, 8))
    workspace.knowledge("ada")
    before = kept(workspace)
    workspace.install_model(FITTED)
    workspace.knowledge("ada")
    after = kept(workspace)
    assert before is not None
    assert after is not None
    assert before.model_version != after.model_version == workspace.model_version


def test_new_evidence_on_a_state_of_another_model_replays_all_of_it(workspace: Workspace) -> None:
    workspace.record([answer(1)])
    workspace.install_model(FITTED)
    workspace.record([answer(2, hours=1)])
    assert workspace.knowledge("ada").skills["select"].opportunities == 2


def test_a_catalogue_that_changes_an_item_changes_what_its_answers_prove(
    workspace: Workspace, curriculum: Curriculum
) -> None:
    workspace.record([answer(1)])
    records = curriculum.to_records()
    records["items"][0]["skills"] = ["joins"]
    workspace.put_catalog(Curriculum.from_records(**records))
    assert set(workspace.knowledge("ada").skills) == {"joins"}
    workspace.put_catalog(curriculum)
    assert set(workspace.knowledge("ada").skills) == {"select"}


def test_two_processes_on_one_database_see_what_the_other_did(
    workspace: Workspace, place: Place
) -> None:
    with Workspace.open(place) as other:
        assert other.knowledge("ada").skills == {}
        workspace.record([answer(1)])
        assert other.knowledge("ada").skills["select"].opportunities == 1
        version = workspace.install_model(FITTED)
        assert other.model_version == version
        other.record([answer(2, hours=1)])
        assert workspace.knowledge("ada").skills["select"].opportunities == 2


def test_many_threads_lose_nothing_and_agree_with_a_replay(
    workspace: Workspace, tmp_path: Path, curriculum: Curriculum
) -> None:
    batches = [
        [answer(10 * n + i, item_id=f"select-{1 + i % 4}", minutes=7 * i + n) for i in range(10)]
        for n in range(6)
    ]
    threads = [threading.Thread(target=workspace.record, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Workspace.open(tmp_path / "other.db") as other:
        other.put_catalog(curriculum)
        other.record([one for batch in batches for one in batch])
        assert workspace.evidence("ada") == other.evidence("ada")
        assert workspace.knowledge("ada") == other.knowledge("ada")


scores = st.sampled_from([0.0, 0.3, 0.5, 1.0])
item_ids = st.sampled_from(["select-1", "select-2", "joins-1", "report-1"])
module_ids = st.sampled_from(["select-101", "joins-101"])
instants = st.integers(0, 6).map(lambda hours: NOON + timedelta(hours=hours))  # ties are likely
learner_ids = st.sampled_from(["ada", "bob"])


@st.composite
def batches(draw: st.DrawFn) -> list[list[Evidence]]:
    """Return evidence of two learners in any order of arrival, cut into batches anywhere."""
    evidence: list[Evidence] = []
    for n in range(draw(st.integers(1, 12))):
        learner_id, at = draw(learner_ids), draw(instants)
        if draw(st.booleans()) or n % 3:
            evidence.append(Response(learner_id, draw(item_ids), draw(scores), at, f"{n % 5}-{n}"))
        else:
            evidence.append(Completion(learner_id, draw(module_ids), at, f"{n % 5}-{n}"))
    cuts = sorted({0, len(evidence), *draw(st.lists(st.integers(0, len(evidence)), max_size=4))})
    return [evidence[start:end] for start, end in pairwise(cuts)]


@settings(max_examples=30)
@given(batches(), st.data())
def test_any_order_of_arrival_gives_the_state_of_a_replay(
    curriculum: Curriculum, arrived: list[list[Evidence]], data: st.DataObject
) -> None:
    with (
        TemporaryDirectory() as folder,
        Workspace.open(f"{folder}/a.db", clock=lambda: NOON) as workspace,
    ):
        workspace.put_catalog(curriculum)
        for batch in arrived:
            workspace.record(batch)
            if data.draw(st.booleans()):  # and states are kept at any moment
                list(workspace.replay_all())
        for learner_id in {one.learner_id for batch in arrived for one in batch}:
            assert workspace.knowledge(learner_id) == replay(
                curriculum, learner_id, [one for batch in arrived for one in batch]
            )


@settings(max_examples=15)
@given(batches(), st.data())
def test_a_replay_of_everything_keeps_what_each_learner_comes_to_alone(
    curriculum: Curriculum, arrived: list[list[Evidence]], data: st.DataObject
) -> None:
    with (
        TemporaryDirectory() as folder,
        Workspace.open(f"{folder}/a.db", clock=lambda: NOON) as workspace,
    ):
        workspace.put_catalog(curriculum)
        workspace.put_learners([LearnerProfile("nobody yet")])
        for batch in arrived:
            workspace.record(batch)
        evidence = [one for batch in arrived for one in batch]
        learner_ids = {one.learner_id for one in evidence}
        for one in data.draw(st.lists(st.sampled_from(evidence), max_size=3, unique_by=id)):
            kind = "response" if isinstance(one, Response) else "completion"
            evidence_id = one.response_id if isinstance(one, Response) else one.completion_id
            workspace.void([Void(evidence_id, kind, evidence_id, "a broken item")])
            evidence.remove(one)
        assert sum(workspace.replay_all()) == len(learner_ids) + 1
        for learner_id in learner_ids | {"nobody yet"}:
            count = sum(one.learner_id == learner_id for one in evidence)
            kept = workspace._store.read(partial(find_knowledge, learner_id=learner_id))
            assert (kept.evidence_count if kept else 0) == count
            if kept:
                assert read_state(kept) == replay(curriculum, learner_id, evidence)
        assert not any(differing for _, differing in workspace.differing())


def find_knowledge(session: Session, learner_id: str) -> KnowledgeRow | None:
    return session.knowledge.find(learner_id)


def replay(curriculum: Curriculum, learner_id: str, evidence: list[Evidence]) -> KnowledgeState:
    """Return the state by the engine alone, in the order of time, then id, then kind."""

    def place(one: Evidence) -> tuple[datetime | None, str, str]:
        if isinstance(one, Response):
            return one.answered_at, one.response_id, "response"
        return one.completed_at, one.completion_id, "completion"

    tracer = BKT(curriculum=curriculum)
    state = tracer.start(learner_id)
    for one in sorted((one for one in evidence if one.learner_id == learner_id), key=place):
        if isinstance(one, Response):
            state = tracer.update(state, one)
        else:
            state = tracer.complete(state, one)
    return state


def test_batches_that_are_recorded_together_fail_and_repeat_each_other_alone(
    workspace: Workspace,
) -> None:
    inside, leave = threading.Event(), threading.Event()

    def linger(_: Session) -> None:
        inside.set()
        assert leave.wait(10)

    workspace._store.submit(linger)
    assert inside.wait(10)
    batches = [
        [answer(1), answer(2, hours=1)],
        [answer(1)],  # again
        [answer(2, score=0.5), answer(3)],  # other content under r2: nothing of it is kept
        [answer(3, hours=2)],
    ]
    receipts = [workspace.record_soon(batch) for batch in batches]
    leave.set()
    counts = [(one.accepted, one.repeated) for one in (receipts[n].result(10) for n in (0, 1, 3))]
    assert counts == [(2, 0), (0, 1), (1, 0)]
    with pytest.raises(EvidenceConflict, match=r"responses\[0\]"):
        receipts[2].result(10)
    assert workspace.evidence("ada") == (answer(1), answer(2, hours=1), answer(3, hours=2))
    bound = workspace.current()
    rows = workspace._store.read(lambda session: session.evidence.of("ada"))
    assert workspace.knowledge("ada") == replayed(bound, "ada", rows)


def test_a_catalogue_that_changes_meanwhile_refuses_what_it_no_longer_knows_alone(
    workspace: Workspace, catalog_records: dict[str, Any]
) -> None:
    inside, leave = threading.Event(), threading.Event()

    def replace(session: Session) -> None:
        inside.set()
        assert leave.wait(10)
        items = [one for one in catalog_records["items"] if one["item_id"] != "select-4"]
        fewer = Curriculum.from_records(**{**catalog_records, "items": items})
        workspace._replace_catalog(session, fewer)

    workspace.current()
    workspace._store.submit(replace)
    assert inside.wait(10)
    gone = workspace.record_soon([answer(1, item_id="select-4")])
    kept = workspace.record_soon([answer(2)])
    leave.set()
    assert kept.result(10).accepted == 1
    assert isinstance(gone.exception(10), InvalidInput)
    assert workspace.evidence("ada") == (answer(2),)
    _, (row,), _ = workspace.evidence_page("ada", 10)
    assert row.catalog_version == workspace.current().catalog_version == 2
