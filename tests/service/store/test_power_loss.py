# ruff: noqa: N802  # the names are SQLite's
"""Power lost at random moments: what was not synced is gone or torn, what was answered is there.

A kill leaves the system's cache; here SQLite runs (through apsw) over a disk of our own, that keeps
of what was written since the last sync only some writes, some of them torn. `make crash` cuts the
power as often as ATTAIN_CRASH_ROUNDS says.
"""

import os
import random
import sqlite3
from concurrent.futures import wait
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from engine.domain import Curriculum
from service.errors import StoreError
from service.store import RESPONSE, EvidenceRow, Session
from service.store.sqlite import DURABLE
from service.store.writer import Writer
from service.workspace import Workspace

apsw = pytest.importorskip("apsw")

ROUNDS = int(os.environ.get("ATTAIN_CRASH_ROUNDS", "6"))


class PowerGone(Exception):
    """Nothing answers any more."""


class DiskFile:
    """What was synced, what is seen, and the writes between the two."""

    def __init__(self, content: bytes = b"") -> None:
        self.synced, self.seen = bytes(content), bytearray(content)
        self.unsynced: list[tuple[int, bytes | None]] = []  # where and what; None cuts off there

    def left(self, chance: random.Random) -> bytes:
        """Return what is found when the power is back."""
        content = bytearray(self.synced)
        for at, data in self.unsynced:
            if data is None:
                if chance.random() < 0.5:
                    del content[at:]
            elif chance.random() < 0.5:
                torn = chance.random() < 0.3
                part = data[: chance.randrange(len(data))] if torn else data
                content.extend(bytes(max(0, at + len(part) - len(content))))
                content[at : at + len(part)] = part
        return bytes(content)


class Disk:
    """Files by name, and how many operations there will be before the power goes."""

    def __init__(self, chance: random.Random, operations: int) -> None:
        self.files: dict[str, DiskFile] = {}
        self.left: dict[str, bytes] | None = None
        self._chance, self._operations = chance, operations

    def operate(self) -> None:
        """Count an operation; raise once the power is gone."""
        self._operations -= 1
        if self._operations < 0 and self.left is None:
            self.left = {name: one.left(self._chance) for name, one in self.files.items()}
        if self.left is not None:
            raise PowerGone


class OpenFile:
    """A file of the disk, as SQLite opens it."""

    def __init__(self, disk: Disk, name: str) -> None:
        self._disk = disk
        self._file = disk.files.setdefault(name, DiskFile())

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._file.seen[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.operate()
        seen = self._file.seen
        seen.extend(bytes(max(0, offset + len(data) - len(seen))))
        seen[offset : offset + len(data)] = data
        self._file.unsynced.append((offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        self._disk.operate()
        del self._file.seen[size:]
        self._file.unsynced.append((size, None))

    def xSync(self, _flags: int) -> None:
        self._disk.operate()
        self._file.synced, self._file.unsynced = bytes(self._file.seen), []

    def xFileSize(self) -> int:
        return len(self._file.seen)

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        return 0

    def xFileControl(self, _op: int, _pointer: int) -> bool:
        return False

    def xCheckReservedLock(self) -> bool:
        return False

    def xLock(self, _level: int) -> None:
        """There is nobody else."""

    def xUnlock(self, _level: int) -> None:
        """There is nobody else."""

    def xClose(self) -> None:
        """There is nothing to let go."""


class PowerlessVfs(apsw.VFS):  # type: ignore[misc, name-defined]
    """SQLite's way to a disk of ours."""

    def __init__(self, name: str, disk: Disk) -> None:
        self._disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> OpenFile:
        flags[1] = flags[0]
        return OpenFile(self._disk, name if isinstance(name, str) else name.filename())

    def xDelete(self, name: str, _sync: bool) -> None:
        self._disk.operate()
        self._disk.files.pop(name, None)

    def xAccess(self, name: str, _flags: int) -> bool:
        return name in self._disk.files

    def xFullPathname(self, name: str) -> str:
        return name


class PowerlessConnection:
    """What the writer needs of a connection, over apsw."""

    name = "powerless"

    def __init__(self, vfs: str, settings: tuple[str, ...]) -> None:
        self._connection = apsw.Connection("attain.db", vfs=vfs)
        self.execute = self._connection.execute
        self.executemany = self._connection.executemany
        # Of its own, so that the log needs no shared memory; and often folded into the file.
        for one in ("PRAGMA locking_mode = EXCLUSIVE", *settings, "PRAGMA wal_autocheckpoint = 20"):
            self.execute(one).fetchall()

    @property
    def in_transaction(self) -> bool:
        return bool(self._connection.in_transaction)

    def begin(self, *, writing: bool) -> None:
        self.execute("BEGIN IMMEDIATE" if writing else "BEGIN")

    def translated(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        self._connection.close()


def write_until_the_power_goes(
    start: bytes, chance: random.Random, settings: tuple[str, ...]
) -> tuple[set[str], dict[str, bytes]]:
    """Write evidence until the power is gone; return what was acknowledged, and what is left."""
    disk = Disk(chance, chance.randrange(10, 800))
    disk.files["attain.db"] = DiskFile(start)
    vfs = PowerlessVfs(f"powerless-{id(disk)}", disk)
    answers = {}
    try:
        writer = Writer(PowerlessConnection(f"powerless-{id(disk)}", settings))  # type: ignore[arg-type]
        for n in range(400):
            row = EvidenceRow(RESPONSE, f"r{n}", f"l{n % 3}", "select-1", 1.0, n, n, bytes(16))

            def append(connection: Any, row: EvidenceRow = row) -> None:
                session = Session(connection, "default")
                session.learners.note_changes({row.learner_id: 1}, 0)
                session.evidence.append([row])

            answers[f"r{n}"] = writer.submit(append)
            if n % 7 == 0:
                wait([answers[f"r{n}"]])
                if disk.left is not None:
                    break
        wait(answers.values())
        while True:  # if it is still there
            disk.operate()
    except (PowerGone, apsw.Error):
        pass  # perhaps before the first write
    vfs.unregister()
    assert disk.left is not None
    return {one for one, answer in answers.items() if answer.exception() is None}, disk.left


def lost_after_power_cuts(folder: Path, settings: tuple[str, ...], rounds: int) -> tuple[int, int]:
    """Return how many pieces of evidence were acknowledged, and how many of them are lost."""
    start, acknowledged_in_all, lost = (folder / "start.db").read_bytes(), 0, 0
    for n in range(rounds):
        acknowledged, left = write_until_the_power_goes(start, random.Random(n), settings)
        (folder / f"{n}").mkdir()
        for name, content in left.items():
            (folder / f"{n}" / name).write_bytes(content)
        with sqlite3.connect(folder / f"{n}" / "attain.db") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            kept = {one for (one,) in connection.execute("SELECT evidence_id FROM evidence")}
        connection.close()
        with Workspace.open(folder / f"{n}" / "attain.db") as workspace:
            assert not any(differing for _, differing in workspace.differing())
        acknowledged_in_all += len(acknowledged)
        lost += len(acknowledged - kept)
    return acknowledged_in_all, lost


@pytest.fixture
def folder(tmp_path: Path, curriculum: Curriculum) -> Path:
    with Workspace.open(tmp_path / "start.db") as workspace:
        workspace.put_catalog(curriculum)
    return tmp_path


@pytest.mark.fault("the service is killed, or the power goes")
def test_nothing_acknowledged_is_lost_with_the_power(folder: Path) -> None:
    acknowledged, lost = lost_after_power_cuts(folder, DURABLE, ROUNDS)
    print(
        "\n| power cuts | acknowledged | lost | integrity | replay differs for |"
        f"\n|---|---|---|---|---|\n| {ROUNDS} | {acknowledged:,} | {lost} | ok | 0 learners |"
    )
    assert acknowledged > 0
    assert lost == 0


def test_without_a_sync_at_each_commit_it_would_be(folder: Path) -> None:
    careless = tuple(one.replace("FULL", "NORMAL") for one in DURABLE)
    assert careless != DURABLE
    try:
        assert lost_after_power_cuts(folder, careless, 6)[1] > 0
    except (StoreError, sqlite3.DatabaseError):
        pytest.fail("NORMAL loses the latest commits, and damages nothing")
