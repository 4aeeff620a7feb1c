"""What one look at a database found."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Finding", "Grade"]

Grade = Literal["ok", "warning", "failed"]


class Finding(NamedTuple):
    """What one check found.

    Parameters
    ----------
    check : str
        What was looked at.
    grade : str
        ``"ok"``, ``"warning"`` or ``"failed"``.
    said : str
        A sentence, with the remedy where there is something to do.
    """

    check: str
    grade: Grade
    said: str
