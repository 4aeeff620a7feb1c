"""What came of decisions, in a table."""

from __future__ import annotations

from pathlib import Path

from service.experiments import Outcome

from .csv_text import check_file
from .rows import Notes, rows_of

__all__ = ["read_outcomes"]


def read_outcomes(path: Path | str) -> tuple[Outcome, ...]:
    """Read outcomes from a CSV file with the columns ``decision_id, outcome``, and ``p_target``.

    That one may be left out, in some rows or altogether.

    Raises
    ------
    InvalidInput
        Every value at fault, with its line.
    """
    where, notes = Path(path), Notes()
    check_file(where, "outcomes")
    found = [
        Outcome(
            row.text("decision_id"),
            row.number("outcome"),
            row.number("p_target") if row.text("p_target") else None,
        )
        for row in rows_of(where, ("decision_id", "outcome"), ("p_target",), notes)
    ]
    notes.raise_if_any("outcomes")
    return tuple(found)
