"""Fits done for the service: each in a process of its own, which is watched until it ends."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from typing import Self

from ..errors import NotOffered, StoreError, TooBusy
from ..workspace import Workspace
from ..workspace.fitting import SIGNS_SECONDS
from .asking import Fit, FitRequest, ModelMade
from .process import FitProcess

__all__ = ["FitRunner"]

_STOP_SECONDS = 8.0
_STOPPED = "interrupted: the service was stopped; ask for another"
_TRIES = 12  # to write down how a fit ended

log = logging.getLogger("attain.service")


class FitRunner:
    """Has models fitted, some at a time, and writes down what becomes of each.

    A process reads the evidence, and the model that it hands over is installed here, by the one
    writer. Used as a context, it is closed at the end.

    Parameters
    ----------
    at_once : int
        How many, of all tenants together; 0 offers none.
    seconds : float
        How long each may take.
    told : callable, optional
        Is told of each that ends: ``"succeeded"`` or ``"failed"``, and the seconds that it took.
    """

    def __init__(
        self, *, at_once: int, seconds: float, told: Callable[[str, float], None] | None = None
    ) -> None:
        self._at_once = at_once
        self._seconds = seconds
        self._told = told or (lambda *_: None)
        self._gate = threading.Lock()
        self._stopping = threading.Event()
        self._running: dict[str, FitProcess | None] = {}  # None: not started yet
        self._threads: set[threading.Thread] = set()

    @property
    def under_way(self) -> int:
        """How many are under way."""
        return len(self._running)

    def begin(self, workspace: Workspace, request: FitRequest, key_id: str = "") -> Fit:
        """Have a model fitted to the evidence of a workspace; return what is recorded of it.

        What was asked for before, under the same key of the sender's, is not done again.

        Raises
        ------
        InvalidInput
            There is no such model, or options of it.
        NotOffered
            Fitting is turned off here, or takes what is not installed.
        FitConflict, NoCatalog
            As :meth:`Workspace.ask_for_fit`.
        TooBusy
            As many are under way as this process takes.
        """
        request.check()
        self._refuse_unless_offered()
        before = workspace.fit_asked_before(request)
        if before is not None:
            return before
        slot = self._reserved()
        try:
            fit, new = workspace.ask_for_fit(request, key_id)
            if new:
                self._start(slot, workspace, fit)
        except BaseException:
            self._running.pop(slot, None)
            raise
        if not new:
            self._running.pop(slot, None)
        return fit

    def __enter__(self) -> Self:
        self._stopping.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End what is under way, and write down that it was interrupted."""
        with self._gate:
            self._stopping.set()
            for process in list(self._running.values()):
                if process is not None:
                    process.end()
        for thread in list(self._threads):
            thread.join(_STOP_SECONDS)

    def _refuse_unless_offered(self) -> None:
        if not self._at_once:
            raise NotOffered("models are not fitted by this process: ATTAIN_FITS_AT_ONCE is 0")
        if find_spec("numba") is None:
            raise NotOffered(
                "fitting takes numba, which is not installed: pip install 'attain[fit]'"
            )

    def _reserved(self) -> str:
        """Return the name of a place among those under way; raise where all are taken."""
        with self._gate:
            if self._stopping.is_set() or len(self._running) >= self._at_once:
                raise TooBusy(
                    "as many models are being fitted as this process takes; ask again", seconds=60
                )
            slot = f"slot-{time.monotonic_ns()}"
            self._running[slot] = None
            return slot

    def _start(self, slot: str, workspace: Workspace, fit: Fit) -> None:
        thread = threading.Thread(
            target=self._run, args=(slot, workspace, fit), name="attain-fit", daemon=True
        )
        self._threads.add(thread)
        thread.start()

    def _run(self, slot: str, workspace: Workspace, fit: Fit) -> None:
        started, made = time.monotonic(), None
        try:
            try:
                made, problem = self._outcome(slot, workspace, fit)
            finally:  # before its end can be read, so that who reads it may ask for the next
                self._running.pop(slot, None)
            made = made if self._written(workspace, fit, made, problem) else None
        except Exception as error:
            log.exception("a fit was not watched to its end")
            with suppress(StoreError):
                workspace.fail_fit(fit.fit_id, f"unexpected {type(error).__name__}")
        finally:
            seconds, status = time.monotonic() - started, "failed" if made is None else "succeeded"
            self._threads.discard(threading.current_thread())
            self._told(status, seconds)
            told = {
                "tenant_id": workspace.tenant_id,
                "fit_id": fit.fit_id,
                "outcome": status,
                "model_version": None if made is None else made.version,
                "seconds": round(seconds, 3),
            }
            log.info("fit", extra=told)

    def _outcome(self, slot: str, workspace: Workspace, fit: Fit) -> tuple[ModelMade | None, str]:
        """Return the model that a process has made, or what went wrong, in a sentence."""
        with self._gate:
            if self._stopping.is_set():
                return None, _STOPPED
            process = self._running[slot] = FitProcess()
        with process:
            workspace.start_fit(fit.fit_id)
            given = {
                "place": str(workspace.place),
                "tenant_id": workspace.tenant_id,
                "model": fit.request.model,
                "options": dict(fit.request.options),
            }
            made, problem = process.work(
                given,
                seconds=self._seconds,
                look_seconds=SIGNS_SECONDS,
                waited_for=lambda: self._waited_for(workspace, fit),
            )
        return made, _STOPPED if self._stopping.is_set() and made is None else problem

    def _waited_for(self, workspace: Workspace, fit: Fit) -> bool:
        try:
            return workspace.keep_fit_alive(fit.fit_id)
        except StoreError as error:  # a store that is busy or full for now may answer later
            log.warning("no sign of life of a fit could be written: %s", error)
            return True

    def _written(
        self, workspace: Workspace, fit: Fit, made: ModelMade | None, problem: str
    ) -> bool:
        """Write down how a fit ended; return whether its model was installed."""
        for left in range(_TRIES, 0, -1):
            try:
                if made is not None:
                    return workspace.succeed_fit(fit.fit_id, made)
                workspace.fail_fit(fit.fit_id, problem)
            except StoreError as error:
                log.warning("how a fit ended could not be written: %s", error)
                if self._stopping.is_set() or left == 1:
                    return False
                time.sleep(SIGNS_SECONDS)
            else:
                return False
        return False
