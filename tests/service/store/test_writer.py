"""The writer: many pieces in one commit, each failing alone, none answered before it."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from pathlib import Path

import pytest

from service.errors import StoreUnavailable
from service.store import Session, Store
from service.store.sqlite import connect
from service.store.writer import Writer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "attain.db", busy_seconds=5)
    yield opened
    opened.close()


class Gate:
    """Work that keeps the writer busy until it is opened, so that more work gathers behind it."""

    def __init__(self, store: Store) -> None:
        self._inside, self._leave = threading.Event(), threading.Event()
        self.answer = store.submit(self._wait)
        assert self._inside.wait(10)

    def _wait(self, _: Session) -> None:
        self._inside.set()
        assert self._leave.wait(10)

    def open(self) -> None:
        self._leave.set()


def adding(store: Store, learner_id: str) -> Future[None]:
    return store.submit(lambda session: session.learners.note_changes({learner_id: 0}, 0))


def failing(store: Store, learner_id: str) -> Future[None]:
    def work(session: Session) -> None:
        session.learners.note_changes({learner_id: 0}, 0)
        raise ZeroDivisionError(learner_id)

    return store.submit(work)


def learner_ids(store: Store) -> list[str]:
    found = store.read(lambda session: session.learners.page("", 1000, ""))
    return [profile.learner_id for profile in found]


def test_work_that_gathers_behind_a_commit_shares_the_next_one(store: Store) -> None:
    gate = Gate(store)
    answers = [adding(store, f"l{n}") for n in range(50)]
    before = store.writing.commits
    gate.open()
    assert not wait(answers, timeout=10).not_done
    # One for the gate, one for those behind it; more only where time runs out on a slow machine.
    assert store.writing.commits - before < 10
    assert len(learner_ids(store)) == 50


def test_a_piece_that_fails_is_undone_alone(store: Store) -> None:
    gate = Gate(store)
    answers = [adding(store, "ada"), failing(store, "bob"), adding(store, "cyd")]
    gate.open()
    with pytest.raises(ZeroDivisionError, match="bob"):
        answers[1].result(10)
    assert (answers[0].result(10), answers[2].result(10)) == (None, None)
    assert learner_ids(store) == ["ada", "cyd"]


def test_nobody_is_answered_before_the_commit(store: Store) -> None:
    gate = Gate(store)
    first = adding(store, "ada")
    seen: list[tuple[bool, list[str]]] = []
    second = store.submit(lambda _: seen.append((first.done(), learner_ids(store))))
    gate.open()
    second.result(10)
    assert seen == [(False, [])]
    assert first.result(10) is None


def test_a_disk_that_is_full_for_one_is_not_full_for_the_others(store: Store) -> None:
    adding(store, "zoe").result(10)
    writer = store._writer
    pages = int(writer.execute("PRAGMA page_count").fetchone()[0])
    gate = Gate(store)
    many = [f"learner-{n:05}" for n in range(5000)]
    answers = [
        adding(store, "ada"),
        store.submit(lambda session: session.learners.note_changes(dict.fromkeys(many, 0), 0)),
        adding(store, "bob"),
    ]
    writer.execute(f"PRAGMA max_page_count = {pages + 1}")
    gate.open()
    gate.answer.result(10)
    with pytest.raises(StoreUnavailable, match="full"):
        answers[1].result(10)
    answers[0].result(10)
    answers[2].result(10)
    assert learner_ids(store) == ["ada", "bob", "zoe"]


def test_a_lock_refuses_all_that_waited_for_it_at_once(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "attain.db", busy_seconds=0.3)
    gate = Gate(store)
    answers = [adding(store, f"l{n}") for n in range(20)]
    gate.open()
    gate.answer.result(10)
    wait(answers, timeout=10)
    other = sqlite3.connect(store.name, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    more = [adding(store, f"m{n}") for n in range(20)]
    assert not wait(more, timeout=5).not_done  # not 20 times the patience
    assert all(isinstance(one.exception(), StoreUnavailable) for one in more)
    other.execute("ROLLBACK")
    other.close()
    adding(store, "ada").result(10)
    assert "ada" in learner_ids(store)
    store.close()


def test_a_full_queue_refuses_more_instead_of_growing(tmp_path: Path) -> None:
    connection = connect(tmp_path / "x.db", mode="rwc", busy_seconds=1.0)
    writer = Writer(connection, most_waiting=2)
    leave, inside = threading.Event(), threading.Event()

    def linger(_: sqlite3.Connection) -> None:
        inside.set()
        assert leave.wait(10)

    writer.submit(linger)
    assert inside.wait(10)
    waiting = [writer.submit(lambda _: None) for _ in range(2)]
    with pytest.raises(StoreUnavailable, match="busy writing: 2 wait"):
        writer.submit(lambda _: None)
    assert writer.waiting == 3
    leave.set()
    wait(waiting, timeout=10)
    writer.submit(lambda _: None).result(10)
    writer.close()


def test_closing_finishes_what_was_handed_in(store: Store) -> None:
    gate = Gate(store)
    answers = [adding(store, f"l{n}") for n in range(30)]
    closing = threading.Thread(target=store.close)
    closing.start()
    gate.open()
    closing.join(10)
    assert [one.result(0) for one in answers] == [None] * 30
    again = Store.open(store.name)
    assert len(learner_ids(again)) == 30
    again.close()


def test_what_has_to_run_outside_a_transaction_does_so_in_its_turn(store: Store) -> None:
    gate = Gate(store)
    first = adding(store, "ada")
    alone = store.writing.submit(lambda writer: writer.in_transaction, alone=True)
    last = adding(store, "bob")
    gate.open()
    assert alone.result(10) is False
    assert (first.result(10), last.result(10)) == (None, None)
    assert learner_ids(store) == ["ada", "bob"]


def adding_each(session: Session, given: Sequence[str]) -> list[object]:
    """Add learners; one whose name ends in ! is refused, and one in !! breaks all of them."""
    session.learners.note_changes({one: 0 for one in given if not one.endswith("!")}, 0)
    if any(one.endswith("!!") for one in given):
        raise ZeroDivisionError
    return [KeyError(one) if one.endswith("!") else len(given) for one in given]


def test_equal_works_next_to_each_other_are_done_as_one(store: Store) -> None:
    gate = Gate(store)
    first = [store.submit_joint(adding_each, one) for one in ("ada", "bob", "!", "cyd")]
    between = adding(store, "dan")
    last = [store.submit_joint(adding_each, one) for one in ("eve", "fay")]
    gate.open()
    assert [one.result(10) for one in (first[0], first[1], first[3])] == [4, 4, 4]
    assert isinstance(first[2].exception(10), KeyError)
    assert between.result(10) is None
    assert [one.result(10) for one in last] == [2, 2]
    assert learner_ids(store) == ["ada", "bob", "cyd", "dan", "eve", "fay"]


def test_where_one_breaks_all_of_them_each_is_done_by_itself(store: Store) -> None:
    gate = Gate(store)
    answers = [store.submit_joint(adding_each, one) for one in ("ada", "bob!!", "!", "cyd")]
    gate.open()
    assert (answers[0].result(10), answers[3].result(10)) == (1, 1)
    assert isinstance(answers[1].exception(10), ZeroDivisionError)
    assert isinstance(answers[2].exception(10), KeyError)
    assert learner_ids(store) == ["ada", "cyd"]


def test_works_of_two_tenants_are_never_one(store: Store) -> None:
    gate = Gate(store)
    theirs = store.of("theirs")
    answers = [one.submit_joint(adding_each, "ada") for one in (store, theirs, store)]
    gate.open()
    assert [one.result(10) for one in answers] == [1, 1, 1]
    assert (learner_ids(store), learner_ids(theirs)) == (["ada"], ["ada"])
