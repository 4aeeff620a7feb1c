"""What the store promises: all or nothing, one writer, errors told apart."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.errors import StoreError, StoreUnavailable
from service.records import LearnerProfile
from service.store import RESPONSE, EvidenceRow, Store
from service.store.session import Session


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "attain.db", busy_seconds=0.2)
    yield opened
    opened.close()


def add_learners(store: Store, *learner_ids: str) -> None:
    store.write(lambda session: session.learners.note_changes(dict.fromkeys(learner_ids, 0), 0))


def learner_ids(store: Store) -> list[str]:
    found = store.read(lambda session: session.learners.page("", 1000, ""))
    return [profile.learner_id for profile in found]


def pragma(store: Store, name: str) -> object:
    return store._writer.execute(f"PRAGMA {name}").fetchone()[0]


def test_every_commit_is_durable_and_references_are_checked(store: Store) -> None:
    assert pragma(store, "journal_mode") == "wal"
    assert pragma(store, "synchronous") == 2  # FULL
    assert pragma(store, "foreign_keys") == 1


def test_evidence_of_a_learner_who_does_not_exist_is_refused(store: Store) -> None:
    row = EvidenceRow(RESPONSE, "r1", "nobody", "q1", 1.0, 0, 0, b"")
    with pytest.raises(sqlite3.IntegrityError):
        store.write(lambda session: session.evidence.append([row]))


def test_the_types_of_columns_are_enforced(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT"):
        store.write(lambda session: session.learners.note_changes({"ada": 0}, "late"))  # type: ignore[arg-type]


def test_tenants_do_not_see_each_other(tmp_path: Path) -> None:
    ours = Store.open(tmp_path / "attain.db", tenant_id="ours")
    theirs = Store.open(tmp_path / "attain.db", tenant_id="theirs")
    add_learners(ours, "ada")
    assert (learner_ids(ours), learner_ids(theirs)) == (["ada"], [])
    ours.close()
    theirs.close()


def test_learners_are_found_by_id_name_and_team_whatever_the_capitals(store: Store) -> None:
    profiles = [
        LearnerProfile("l1", "Émile Zola", "Data"),
        LearnerProfile("l2", "Ada 100%", "ops"),
        LearnerProfile("l3", "Grace", "ops_2"),
    ]
    store.write(lambda session: session.learners.put(profiles, 0))

    def found(query: str) -> list[str]:
        page = store.read(lambda session: session.learners.page(query, 10, ""))
        return [profile.learner_id for profile in page]

    assert found("émile") == ["l1"]
    assert found("OPS") == ["l2", "l3"]
    assert found("%") == ["l2"]
    assert found("_") == ["l3"]
    assert found("L3") == ["l3"]


def test_a_lock_held_by_another_process_is_reported_and_passes(store: Store) -> None:
    other = sqlite3.connect(store.name, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        add_learners(store, "ada")
    assert learner_ids(store) == []  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    add_learners(store, "ada")
    assert learner_ids(store) == ["ada"]


def test_a_full_disk_is_reported_and_nothing_is_half_written(store: Store) -> None:
    add_learners(store, "ada")
    pages = pragma(store, "page_count")
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match="full"):
        add_learners(store, *(f"learner-{n:05}" for n in range(5000)))
    assert learner_ids(store) == ["ada"]
    store._writer.execute("PRAGMA max_page_count = 1000000")
    add_learners(store, "bob")
    assert learner_ids(store) == ["ada", "bob"]


def test_a_writer_that_waits_too_long_is_told_to_come_back(store: Store) -> None:
    inside, leave = threading.Event(), threading.Event()

    def linger(_: Session) -> None:
        inside.set()
        leave.wait(10)

    slow = threading.Thread(target=store.write, args=(linger,))
    slow.start()
    inside.wait(10)
    with pytest.raises(StoreUnavailable, match="busy"):
        add_learners(store, "ada")
    leave.set()
    slow.join()
    add_learners(store, "ada")


def test_a_closed_store_says_so_and_leaves_one_file(store: Store) -> None:
    add_learners(store, "ada")
    assert learner_ids(store) == ["ada"]
    store.close()
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        learner_ids(store)
    with pytest.raises(StoreUnavailable, match="closed"):
        add_learners(store, "bob")
    assert [file.name for file in Path(store.name).parent.iterdir()] == ["attain.db"]


def test_a_damaged_file_is_told_from_a_busy_one(tmp_path: Path) -> None:
    path = tmp_path / "attain.db"
    Store.open(path).close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged") as raised:
        learner_ids(Store.open(path))
    assert not isinstance(raised.value, StoreUnavailable)
