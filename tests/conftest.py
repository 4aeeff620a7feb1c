"""What holds for every test: nothing depends on how fast the machine is, or waits for its disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("attain", deadline=None)
settings.load_profile("attain")

MEMORY = Path("/dev/shm")
ROOM = 2 << 30
DISK = os.environ.setdefault("ATTAIN_TESTS_DISK", tempfile.gettempdir())  # also to the workers


def keep_in_memory() -> None:
    """Have all that the tests write, and the processes that they start, kept in memory.

    Where there is room, and nobody has said another place. Every commit is synced, and thousands
    of them would wait for a disk that others keep busy for longer than all else takes. A process
    that is killed loses nothing by it; what a failing power leaves is seen over a disk of our own.
    """
    with suppress(OSError):
        if "TMPDIR" not in os.environ and shutil.disk_usage(MEMORY).free > ROOM:
            os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def keep_what_is_compiled() -> None:
    """Have the processes that the tests start, and the workers, compile a module once.

    Images of containers like to ask for the contrary, so that each would compile all of Attain.
    Beside the modules lies then what numba keeps there anyway.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


keep_in_memory()
keep_what_is_compiled()


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A folder on the disk, for what has to take as long as it does there."""
    with tempfile.TemporaryDirectory(prefix="attain-", dir=DISK) as folder:
        yield Path(folder)
