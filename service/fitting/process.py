"""The process of one fit, as the service sees it: what goes in, what comes out, how it ends."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from .asking import ModelMade

__all__ = ["FitProcess"]

_SAID = 4000  # characters at most of what it said go to the log

log = logging.getLogger("attain.service")


class FitProcess:
    """A process that runs :mod:`.child` from now on; as a context it is ended with it.

    It gets what it needs, the place of the database with its secrets among it, on its input, and
    hands the model over on its output. Where this process ends without a word, it ends itself.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            # -P: a folder named service where this was started from is none of ours
            [sys.executable, "-P", "-m", "service.fitting.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C is for this process, which ends it
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    def end(self) -> None:
        """Have it end soon."""
        self._process.terminate()

    def work(
        self,
        given: Mapping[str, Any],
        *,
        seconds: float,
        look_seconds: float,
        waited_for: Callable[[], bool],
    ) -> tuple[ModelMade | None, str]:
        """Return the model that is made of what is given, or what went wrong, in a sentence.

        Parameters
        ----------
        given : mapping
            As :mod:`.child` reads it.
        seconds : float
            How long it may take.
        look_seconds : float
            How often to ask whether its model is still waited for.
        waited_for : callable
        """
        end = time.monotonic() + seconds
        text: str | None = f"{json.dumps({**given, 'parent': os.getpid()})}\n"
        while True:
            try:
                out, said = self._process.communicate(
                    text, timeout=min(look_seconds, max(end - time.monotonic(), 0.0))
                )
                return self._told(out, said)
            except subprocess.TimeoutExpired:
                text = None  # it has that, or will have
            if time.monotonic() >= end:
                return None, f"took longer than {seconds:g} seconds (ATTAIN_FIT_SECONDS)"
            if not waited_for():
                return None, "given up"

    def _told(self, out: str, said: str) -> tuple[ModelMade | None, str]:
        head, _, content = out.partition("\n")
        code = self._process.returncode
        if code or not head:
            log.error("the process of a fit said: %s", said[-_SAID:])
            return None, _how_it_ended(code)
        told = json.loads(head)
        if "problem" in told:
            return None, told["problem"]
        return ModelMade(told["version"], content, told["report"]), ""


def _how_it_ended(code: int) -> str:
    if code < 0:
        name = signal.Signals(-code).name
        return f"its process was ended by {name}, which may mean that memory ran out"
    return "its process ended without a model; the service's log says why"
