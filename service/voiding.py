"""Evidence taken back: what a batch of voids names, and what contradicts what is on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.domain.records import Faults
from engine.errors import Fault

from .errors import EvidenceConflict
from .records import Void
from .store import Session, VoidRow

__all__ = ["new_voids"]


def new_voids(session: Session, voids: Sequence[Void], received_us: int) -> tuple[VoidRow, ...]:
    """Return the rows of those voids that are neither on record nor repeat one before them.

    Raises
    ------
    InvalidInput
        Some name evidence that is not on record: all of them.
    EvidenceConflict
        Ids used before for another void, evidence taken back before under another id: all of them.
    """
    owners = session.evidence.owners((void.kind, void.evidence_id) for void in voids)
    _refuse_unknown(voids, owners)
    by_id = dict(session.voids.by_id(void.void_id for void in voids))
    by_target = dict(session.voids.by_target((void.kind, void.evidence_id) for void in voids))
    faults, new = [], []
    for i, void in enumerate(voids):
        target = (void.kind, void.evidence_id)
        row = VoidRow(void.void_id, *target, owners[target], void.reason, received_us)
        same_id, same_target = by_id.get(void.void_id), by_target.get(target)
        if same_id is not None and _says(same_id) == _says(row):
            continue
        if same_id is not None:
            faults.append(
                _conflict(f"voids[{i}].void_id", f"is {void.void_id!r}, an id used before")
            )
        elif same_target is not None:
            problem = f"was taken back before, by void {same_target.void_id!r}"
            faults.append(_conflict(f"voids[{i}].evidence_id", problem))
        by_id[void.void_id] = by_target[target] = row
        new.append(row)
    if faults:
        raise EvidenceConflict("voids", faults)
    return tuple(new)


def _refuse_unknown(voids: Sequence[Void], owners: Mapping[tuple[str, str], str]) -> None:
    faults = Faults()
    for i, void in enumerate(voids):
        if (void.kind, void.evidence_id) not in owners:
            problem = f"names a {void.kind} that is not on record, {void.evidence_id!r}"
            faults.add(f"voids[{i}].evidence_id", problem)
    faults.raise_if_any("voids")


def _says(row: VoidRow) -> tuple[str, ...]:
    return (row.kind, row.evidence_id, row.reason)


def _conflict(where: str, problem: str) -> Fault:
    return Fault(where, problem, "a void stands for good; send the right evidence under a new id")
