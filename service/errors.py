"""Every error that the service raises on purpose, besides the engine's own.

::

    AttainError (engine.errors)
    ├── Conflict               contradicts what is already on record; carries every fault found
    │   ├── CatalogConflict    a catalogue without something that evidence or roles refer to
    │   ├── EvidenceConflict   other content under an id that was used before
    │   ├── FitConflict        a fit beside another one, or with nothing to be fitted to
    │   ├── MergeConflict      an id that was merged into another learner's before
    │   └── OverrideConflict   another override under an id that was used before
    ├── ClockWrong             the service's clock cannot be right, so nothing is timed by it
    ├── NoCatalog              asked for something that takes a catalogue, before there is one
    ├── NoRole                 no role was named, and the learner has none
    ├── NotAllowed             the key does not allow it
    ├── NotOffered             it takes what is not installed, or is turned off, where it was asked
    ├── TooBusy                as much of it is under way as this process takes; try again later
    ├── ServeError             the service cannot listen: its port is taken
    └── StoreError             the database cannot be used: not ours, damaged, newer than this code
        └── StoreUnavailable   not at the moment: locked, full, read-only; try again later
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from engine.errors import AttainError, Fault

__all__ = [
    "CatalogConflict",
    "ClockWrong",
    "Conflict",
    "EvidenceConflict",
    "FitConflict",
    "MergeConflict",
    "NoCatalog",
    "NoRole",
    "NotAllowed",
    "NotOffered",
    "OverrideConflict",
    "ServeError",
    "StoreError",
    "StoreUnavailable",
    "TooBusy",
]

_SHOWN_FAULTS = 20


class Conflict(AttainError):
    """Refused because it contradicts what is already on record.

    Parameters
    ----------
    what : str
        What was refused: ``"catalogue"``.
    faults : sequence of Fault
        All of them.

    Examples
    --------
    >>> raise Conflict("catalogue", [Fault("items[q1]", "is gone, but 3 responses refer to it")])
    Traceback (most recent call last):
    service.errors.Conflict: conflicting catalogue: items[q1]: is gone, but 3 responses refer to it
    """

    def __init__(self, what: str, faults: Sequence[Fault]) -> None:
        self.what = what
        self.faults = tuple(faults)
        super().__init__(what, self.faults)

    def __str__(self) -> str:
        if len(self.faults) == 1:
            return f"conflicting {self.what}: {self.faults[0]}"
        shown = [f"  - {fault}" for fault in self.faults[:_SHOWN_FAULTS]]
        hidden = len(self.faults) - len(shown)
        if hidden:
            shown.append(f"  … and {hidden} more")
        return "\n".join([f"conflicting {self.what}: {len(self.faults)} faults", *shown])


class CatalogConflict(Conflict):
    """A catalogue that leaves out something that evidence or roles refer to."""


class EvidenceConflict(Conflict):
    """Evidence whose id was used before, for other content."""


class FitConflict(Conflict):
    """A fit beside another one that is under way, or with nothing to be fitted to."""


class MergeConflict(Conflict):
    """An id that was merged into another learner's, and stands for them now."""


class OverrideConflict(Conflict):
    """An override whose id was used before, for another one."""


class ClockWrong(AttainError):
    """The service's own clock cannot be right: evidence would be timed, or refused, by it."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        super().__init__(f"the service's clock says {now.isoformat()}: set it")


class NoCatalog(AttainError):
    """There is no catalogue yet, so there is nothing to record against or to recommend."""

    def __init__(self) -> None:
        super().__init__("there is no catalogue yet; put one first: its skills, items and modules")


class NoRole(AttainError):
    """No role was named, and the learner has none."""

    def __init__(self, learner_id: str) -> None:
        self.learner_id = learner_id
        super().__init__(f"learner {learner_id!r} has no role; name one, or give the learner one")


class NotAllowed(AttainError):
    """The key does not allow it."""

    def __init__(self, scopes: Iterable[str]) -> None:
        self.scopes = tuple(sorted(scopes))
        super().__init__(f"the key does not allow this; it takes one of: {', '.join(self.scopes)}")


class NotOffered(AttainError):
    """What was asked for takes what is not installed here, or is turned off."""


class TooBusy(AttainError):
    """As much of what was asked for is under way as this process takes; try again later.

    Parameters
    ----------
    message : str
    seconds : int
        After how many it may be worth it to try again.
    """

    def __init__(self, message: str, *, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(message)


class ServeError(AttainError):
    """The service cannot listen where it should; most often its port is taken."""


class StoreError(AttainError):
    """The database cannot be used."""


class StoreUnavailable(StoreError):
    """The database cannot be used at the moment; the same request may succeed later."""
