"""Fits that were asked for: which are under way, and what became of the others."""

from __future__ import annotations

from typing import NamedTuple

from .connection import Connection

__all__ = ["FAILED", "QUEUED", "RUNNING", "SUCCEEDED", "UNDER_WAY", "FitKey", "FitRow", "FitShelf"]

QUEUED, RUNNING, SUCCEEDED, FAILED = "queued", "running", "succeeded", "failed"
UNDER_WAY = (QUEUED, RUNNING)

FitKey = tuple[int, str]
"""Where a fit stands in the list: when it was asked for, its id."""


class FitRow(NamedTuple):
    """One fit, as it is kept; times in microseconds since 1970, UTC.

    Parameters
    ----------
    fit_id : str
    request_key : str or None
        The sender's, by which a retry is known.
    model, options : str
        The options as JSON.
    activate : bool
        Whether the model is to answer as soon as it is there.
    key_id : str
        The key that it was asked for with.
    status : str
        `QUEUED`, `RUNNING`, `SUCCEEDED` or `FAILED`.
    asked_at_us, alive_at_us : int
        Alive is the last sign of life of the process that does it.
    started_at_us, ended_at_us : int or None
    responses : int or None
        How many it was fitted to.
    model_version : str or None
        The model that it made.
    problem : str
        What went wrong, in a sentence.
    """

    fit_id: str
    request_key: str | None
    model: str
    options: str
    activate: bool
    key_id: str
    status: str
    asked_at_us: int
    alive_at_us: int
    started_at_us: int | None = None
    ended_at_us: int | None = None
    responses: int | None = None
    model_version: str | None = None
    problem: str = ""

    @property
    def key(self) -> FitKey:
        """Where it stands in the list."""
        return (self.asked_at_us, self.fit_id)


_COLUMNS = ", ".join(FitRow._fields)
_UNDER_WAY = f"status IN ({', '.join(repr(one) for one in UNDER_WAY)})"


class FitShelf:
    """The fits of a tenant. What has ended changes no more."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def add(self, row: FitRow) -> None:
        """Keep a fit that was asked for."""
        marks = ", ".join("?" * len(FitRow._fields))
        kept = (int(one) if isinstance(one, bool) else one for one in row)
        self._connection.execute(
            f"INSERT INTO fits (tenant_id, {_COLUMNS}) VALUES (?, {marks})",
            (self._tenant_id, *kept),
        )

    def find(self, fit_id: str) -> FitRow | None:
        """Return a fit, or None where there is none of this id."""
        return self._first("fit_id = ?", fit_id)

    def find_asked(self, request_key: str) -> FitRow | None:
        """Return the fit that was asked for under a key of the sender's."""
        return self._first("request_key = ?", request_key)

    def under_way(self) -> FitRow | None:
        """Return the fit that is queued or running."""
        return self._first(_UNDER_WAY)

    def page(self, limit: int, after: FitKey | None) -> tuple[FitRow, ...]:
        """Return fits, the newest first, from the first one after a place in the list."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM fits WHERE tenant_id = ? AND (asked_at_us, fit_id) < (?, ?)"
            " ORDER BY asked_at_us DESC, fit_id DESC LIMIT ?",
            (self._tenant_id, *(after or (1 << 62, "")), limit),
        )
        return tuple(map(_row, rows))

    def start(self, fit_id: str, now_us: int) -> None:
        """Note that a fit that was queued runs."""
        self._connection.execute(
            "UPDATE fits SET status = ?, started_at_us = ?, alive_at_us = ?"
            f" WHERE tenant_id = ? AND fit_id = ? AND {_UNDER_WAY}",
            (RUNNING, now_us, now_us, self._tenant_id, fit_id),
        )

    def keep_alive(self, fit_id: str, now_us: int) -> bool:
        """Note a sign of life; return whether the fit is still under way."""
        done = self._connection.execute(
            f"UPDATE fits SET alive_at_us = ? WHERE tenant_id = ? AND fit_id = ? AND {_UNDER_WAY}",
            (now_us, self._tenant_id, fit_id),
        )
        return bool(done.rowcount)

    def succeed(self, fit_id: str, now_us: int, *, responses: int, model_version: str) -> bool:
        """Note which model a fit has made; return whether it was still under way."""
        done = self._connection.execute(
            "UPDATE fits SET status = ?, ended_at_us = ?, responses = ?, model_version = ?"
            f" WHERE tenant_id = ? AND fit_id = ? AND {_UNDER_WAY}",
            (SUCCEEDED, now_us, responses, model_version, self._tenant_id, fit_id),
        )
        return bool(done.rowcount)

    def fail(self, fit_id: str, now_us: int, problem: str) -> None:
        """Note what went wrong with a fit that was under way."""
        self._connection.execute(
            "UPDATE fits SET status = ?, ended_at_us = ?, problem = ?"
            f" WHERE tenant_id = ? AND fit_id = ? AND {_UNDER_WAY}",
            (FAILED, now_us, problem, self._tenant_id, fit_id),
        )

    def fail_silent(self, since_us: int, problem: str) -> None:
        """Note what went wrong with whatever gave no sign of life since an instant: its last."""
        self._connection.execute(
            "UPDATE fits SET status = ?, ended_at_us = alive_at_us, problem = ?"
            f" WHERE tenant_id = ? AND alive_at_us < ? AND {_UNDER_WAY}",
            (FAILED, problem, self._tenant_id, since_us),
        )

    def _first(self, condition: str, *bound: str) -> FitRow | None:
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM fits WHERE tenant_id = ? AND {condition}",
            (self._tenant_id, *bound),
        ).fetchone()
        return None if row is None else _row(row)


def _row(found: tuple[object, ...]) -> FitRow:
    row = FitRow(*found)  # type: ignore[arg-type]  # as the columns are
    return row._replace(activate=bool(row.activate))
