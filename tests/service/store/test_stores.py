"""What every store promises, in a file or on a server."""

import threading
from collections.abc import Iterator

import pytest

from service.errors import StoreUnavailable
from service.records import LearnerProfile
from service.store import COMPLETION, RESPONSE, EvidenceRow, Place, Store
from service.store.session import Session

STORES = ("sqlite", "postgres")


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    opened = Store.open(place)
    yield opened
    opened.close()


def add_learners(store: Store, *learner_ids: str) -> None:
    store.write(lambda session: session.learners.note_changes(dict.fromkeys(learner_ids, 0), 0))


def learner_ids(store: Store) -> list[str]:
    found = store.read(lambda session: session.learners.page("", 1000, ""))
    return [profile.learner_id for profile in found]


def test_work_that_raises_leaves_nothing_behind(store: Store) -> None:
    def work(session: Session) -> None:
        session.learners.note_changes({"ada": 0}, 0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(work)
    assert learner_ids(store) == []


def test_a_reader_sees_what_was_committed_and_not_what_is_being_written(store: Store) -> None:
    seen = []

    def work(session: Session) -> None:
        session.learners.note_changes({"ada": 0}, 0)
        seen.append(learner_ids(store))

    store.write(work)
    assert seen == [[]]
    assert learner_ids(store) == ["ada"]


def test_after_many_at_once_one_reader_does_all_the_rest(store: Store) -> None:
    met = threading.Barrier(4)
    used: list[int] = []

    def look(session: Session, *, together: bool) -> None:
        used.append(id(session._connection))
        if together:
            met.wait(10)

    def looking() -> None:
        store.read(lambda session: look(session, together=True))

    threads = [threading.Thread(target=looking) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(used)) == 4
    used.clear()
    for _ in range(4):
        store.read(lambda session: look(session, together=False))
    assert len(set(used)) == 1  # the others' pages of memory stay as few as they are


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreUnavailable, match="read-only"):
        store.read(lambda session: session.learners.note_changes({"ada": 0}, 0))


def test_evidence_comes_back_in_the_order_of_time_then_id_then_kind(store: Store) -> None:
    add_learners(store, "ada")
    rows = [
        EvidenceRow(kind, evidence_id, "ada", "x", None, at_us, 9, b"")
        for kind, evidence_id, at_us in [
            ("response", "b", 5),
            ("response", "a", 5),
            ("completion", "a", 5),
            ("response", "z", 1),
            ("response", "é", 5),
        ]
    ]
    store.write(lambda session: session.evidence.append(rows))
    kept = store.read(lambda session: session.evidence.of("ada"))
    assert list(kept) == sorted(rows, key=lambda row: row.key)


def test_writers_in_many_threads_take_turns(store: Store) -> None:
    threads = [
        threading.Thread(target=lambda n=n: [add_learners(store, f"{n}-{i}") for i in range(10)])
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(learner_ids(store)) == 80


def test_a_profile_comes_back_as_it_was_put(store: Store) -> None:
    profile = LearnerProfile("ada", "Ada", "data", "junior", "senior", 0.3)
    for one in (LearnerProfile("ada", next_role_weight=1.0), profile):
        store.write(lambda session, one=one: session.learners.put([one], 0))
        assert store.read(lambda session: session.learners.find("ada")) == one


def test_a_search_knows_the_capitals_of_every_script_and_turns_pages(store: Store) -> None:
    profiles = [
        LearnerProfile(f"l{n:04}", name="Élise" if n % 500 == 7 else "") for n in range(1600)
    ]
    store.write(lambda session: session.learners.put(profiles, 0))

    def search(query: str, limit: int, after: str = "") -> list[str]:
        found = store.read(lambda session: session.learners.page(query, limit, after, None))
        return [one.learner_id for one in found]

    assert search("éLISE", 3) == ["l0007", "l0507", "l1007"]
    assert search("éLISE", 3, "l1007") == ["l1507"]
    assert search("nobody", 3) == []
    assert store.read(lambda session: session.learners.page("", 3, "", ["data"])) == ()


def test_evidence_of_nobody_is_refused_and_breaks_nothing_else(store: Store) -> None:
    row = EvidenceRow(RESPONSE, "r1", "nobody", "q1", 1.0, 0, 0, b"")
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        store.write(lambda session: session.evidence.append([row]))
    add_learners(store, "ada")
    assert learner_ids(store) == ["ada"]


def test_evidence_about_an_item_is_counted_as_it_comes_and_as_it_is_erased(store: Store) -> None:
    add_learners(store, "ada", "bob")
    rows = [
        EvidenceRow(kind, f"e{n}", learner_id, subject_id, None, 0, 0, b"")
        for n, (kind, learner_id, subject_id) in enumerate(
            [
                (RESPONSE, "ada", "q1"),
                (RESPONSE, "ada", "q1"),
                (RESPONSE, "ada", "q2"),
                (RESPONSE, "bob", "q1"),
                (COMPLETION, "bob", "q1"),
            ]
        )
    ]
    for part in (rows[:2], rows[2:]):
        store.write(lambda session, part=part: session.evidence.append(part))

    def counts() -> list[int]:
        asked = [(RESPONSE, "q1"), (RESPONSE, "q2"), (COMPLETION, "q1"), (COMPLETION, "q2")]
        return store.read(lambda session: [session.evidence.count_about(*one) for one in asked])

    assert counts() == [3, 1, 1, 0]
    store.write(lambda session: session.reassign("bob", "ada"))
    assert counts() == [3, 1, 1, 0]
    add_learners(store, "eve")
    late = EvidenceRow(RESPONSE, "e9", "eve", "q1", None, 0, 0, b"")
    store.write(lambda session: session.evidence.append([late]))
    store.write(lambda session: session.erase("ada"))
    assert counts() == [1, 0, 0, 0]


def test_a_piece_that_fails_is_undone_alone(store: Store) -> None:
    inside, leave = threading.Event(), threading.Event()

    def linger(_: Session) -> None:
        inside.set()
        leave.wait(10)

    def fail(session: Session) -> None:
        session.learners.note_changes({"bob": 0}, 0)
        session.evidence.append([EvidenceRow(RESPONSE, "r1", "nobody", "q1", 1.0, 0, 0, b"")])

    store.submit(linger)
    inside.wait(10)
    before = store.submit(lambda session: session.learners.note_changes({"ada": 1}, 0))
    between = store.submit(fail)
    after = store.submit(lambda session: session.learners.note_changes({"ada": 1}, 0))
    leave.set()
    assert (before.result(10), after.result(10)) == (None, None)
    assert between.exception(10) is not None
    assert learner_ids(store) == ["ada"]
    assert store.read(lambda session: session.learners.stamp_of("ada").changes) == 2


def test_an_erasure_is_owed_until_it_is_scrubbed(store: Store) -> None:
    add_learners(store, "ada", "bob")
    store.write(lambda session: session.erase("ada"))
    assert store.owes_scrubbing()
    store.scrub()
    assert not store.owes_scrubbing()
    assert learner_ids(store) == ["bob"]


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        learner_ids(store)
    with pytest.raises(StoreUnavailable, match="closed"):
        add_learners(store, "bob")
