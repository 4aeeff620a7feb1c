"""The process of a fit: it reads the evidence, fits, and hands the model over on its output.

``python -m service.fitting.child`` reads one line of JSON from its input, so that no secret is on
its command line, and writes one line of JSON, what it has to say, and after it the model's text. It
writes nothing to the database. It gives way to whatever else the machine does, and ends when the
process ends that it works for.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, NoReturn

__all__ = ["main"]

_NICER = 10
_CHEAP_SECONDS = 60.0  # a fit that took longer is not done a second time, to be measured
_LOOK_SECONDS = 1.0


def main() -> None:
    """Do what the input says."""
    given = json.loads(sys.stdin.readline())
    _work_for(given["parent"])
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no part of the answer
    with out:
        head, content = _answer(given)
        out.write(f"{json.dumps(head)}\n{content}")


def _work_for(parent: int) -> None:
    if hasattr(os, "nice"):
        os.nice(_NICER)

    def watch() -> NoReturn:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _answer(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return what to say, and the model's text."""
    from engine.errors import AttainError
    from service.binding import tracer_version
    from service.errors import StoreError

    try:
        tracer, report = _fitted(given)
    except StoreError:
        raise  # which database it is, and where, is for the log
    except AttainError as error:
        return {"problem": str(error)}, ""
    content = tracer.to_json()
    return {"version": tracer_version(content), "report": report}, content


def _fitted(given: Mapping[str, Any]) -> tuple[Any, dict[str, Any] | None]:
    from service.fitting.reporting import four_fifths, measured, report_of
    from service.learning import evidence_so_far
    from service.model_kinds import new_tracer
    from service.store import opened_to_read

    model, options = given["model"], given["options"]
    with opened_to_read(given["place"], tenant_id=given["tenant_id"]) as read:
        log, completions, curriculum = evidence_so_far(read)
    told = {"completions": completions} if completions else {}

    def fit(part: Any) -> Any:
        tracer: Any = new_tracer(model, options)
        return tracer.with_curriculum(curriculum).fit(part, **told)

    started = time.monotonic()
    tracer = fit(log)
    seconds, evaluation = time.monotonic() - started, None
    train = four_fifths(log) if seconds < _CHEAP_SECONDS else None
    if train is not None:
        evaluation = measured(fit(log.select(train)), log, train, model=model, **told)
    return tracer, report_of(
        tracer, log, completions=len(completions), seconds=seconds, evaluation=evaluation
    )


if __name__ == "__main__":
    main()
