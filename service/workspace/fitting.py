"""Fits that are asked for: recorded, kept alive, and ended with a model or with what went wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from secrets import token_hex

from engine.errors import Fault, UnknownId

from ..cursors import cursor, read_cursor
from ..errors import FitConflict, NoCatalog
from ..fitting.asking import Fit, FitRequest, ModelMade
from ..instants import to_us
from ..store import QUEUED, FitRow, Place, Session
from .ground import Ground

__all__ = ["SIGNS_SECONDS", "Fitting"]

SIGNS_SECONDS = 5.0
"""How often a process that fits gives a sign of life."""

_LOST_AFTER = timedelta(seconds=30)
_INTERRUPTED = "interrupted: the service that had it done is there no more; ask for another"


class Fitting(Ground):
    """One fit at a time, whichever process of the service does it."""

    @property
    def place(self) -> Place:
        """Where everything is kept, secrets included: for another process, and for no log."""
        return self._store.place

    def fit_asked_before(self, request: FitRequest) -> Fit | None:
        """Return the fit that was asked for under the request's key; None where none was.

        Raises
        ------
        FitConflict
            It was asked for otherwise, or another fit is under way.
        """
        self._give_up_lost()
        found = self._store.read(lambda session: _asked_before(session, request))
        return None if found is None else Fit.of(found)

    def ask_for_fit(self, request: FitRequest, key_id: str = "") -> tuple[Fit, bool]:
        """Record that a fit is asked for; return it, and whether it is new.

        Whoever calls this has it done: gives signs of life, and ends it.

        Raises
        ------
        NoCatalog
        FitConflict
            As :meth:`fit_asked_before`; or there are no responses.
        """
        fit_id = token_hex(16)

        def work(session: Session) -> tuple[FitRow, bool]:
            now_us = to_us(self._clock())
            self._fail_lost(session)
            found = _asked_before(session, request)
            if found is not None:
                return found, False
            _refuse_nothing(session)
            row = FitRow(
                fit_id=fit_id,
                request_key=request.request_key or None,
                model=request.model,
                options=json.dumps(dict(request.options)),
                activate=request.activate,
                key_id=key_id,
                status=QUEUED,
                asked_at_us=now_us,
                alive_at_us=now_us,
            )
            session.fits.add(row)
            return row, True

        row, new = self._store.write(work)
        return Fit.of(row), new

    def fit(self, fit_id: str) -> Fit:
        """Return a fit; raise :class:`UnknownId` where there is none."""
        self._give_up_lost()

        def look(session: Session) -> FitRow:
            found = session.fits.find(fit_id)
            if found is None:
                raise UnknownId("fit", fit_id)
            return found

        return Fit.of(self._store.read(look))

    def fits(self, limit: int, after: str = "") -> tuple[tuple[Fit, ...], str | None]:
        """Return some fits, the newest first, and the `after` of what follows.

        Raises
        ------
        InvalidInput
            `after` is nothing that was given.
        """
        key = read_cursor(after, int, str) if after else None
        self._give_up_lost()
        rows = self._store.read(lambda session: session.fits.page(limit + 1, key))
        following = cursor(*rows[limit - 1].key) if len(rows) > limit else None
        return tuple(map(Fit.of, rows[:limit])), following

    def start_fit(self, fit_id: str) -> None:
        """Note that a fit is being done."""
        self._store.write(lambda session: session.fits.start(fit_id, to_us(self._clock())))

    def keep_fit_alive(self, fit_id: str) -> bool:
        """Give a sign of life; return whether the fit is still waited for."""
        return self._store.write(
            lambda session: session.fits.keep_alive(fit_id, to_us(self._clock()))
        )

    def succeed_fit(self, fit_id: str, made: ModelMade) -> bool:
        """Install the model that a fit has made, active where that was asked for.

        Returns
        -------
        bool
            False where the fit was given up meanwhile; nothing is installed then.
        """
        report = json.dumps(made.report, ensure_ascii=False, allow_nan=False)
        responses = int(made.report["responses"])

        def work(session: Session) -> bool:
            now_us, found = to_us(self._clock()), session.fits.find(fit_id)
            done = session.fits.succeed(
                fit_id, now_us, responses=responses, model_version=made.version
            )
            if done:
                session.tracers.put(made.version, made.content, now_us, report)
                if found is not None and found.activate:
                    session.tracers.make_current(made.version)
            return done

        return self._store.write(work)

    def fail_fit(self, fit_id: str, problem: str) -> None:
        """Note what went wrong with a fit, unless it has ended already."""
        self._store.write(lambda session: session.fits.fail(fit_id, to_us(self._clock()), problem))

    def _give_up_lost(self) -> None:
        """End the fit under way where its process has given no sign of life for too long."""
        lost_us = to_us(self._clock() - _LOST_AFTER)
        found = self._store.read(lambda session: session.fits.under_way())
        if found is not None and found.alive_at_us < lost_us:
            self._store.write(self._fail_lost)

    def _fail_lost(self, session: Session) -> None:
        session.fits.fail_silent(to_us(self._clock() - _LOST_AFTER), _INTERRUPTED)


def _asked_before(session: Session, request: FitRequest) -> FitRow | None:
    found = session.fits.find_asked(request.request_key) if request.request_key else None
    if found is not None:
        if Fit.of(found).request != request:
            problem = f"is {request.request_key!r}, used before for another fit"
            fault = Fault("request_key", problem, "give each fit one of its own")
            raise FitConflict("fit", [fault])
        return found
    other = session.fits.under_way()
    if other is not None:
        problem = f"another is {other.status}, {other.fit_id}"
        raise FitConflict("fit", [Fault("", problem, f"wait for it: GET /v1/fits/{other.fit_id}")])
    return None


def _refuse_nothing(session: Session) -> None:
    if session.versions().catalog_version is None:
        raise NoCatalog
    if not session.evidence.has_responses():
        problem = "there are none that count, so there is nothing to fit to"
        raise FitConflict("fit", [Fault("responses", problem, "record some first")])
