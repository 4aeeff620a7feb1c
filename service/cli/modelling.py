"""Models by name, for the commands that fit them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from engine import ResponseLog
    from engine.knowledge_tracing import BKT

__all__ = ["fit_timed", "new_tracer", "option_values"]

_NAMES = ("bkt",)


def option_values(options: list[str]) -> dict[str, Any]:
    """Return ``{"restarts": 3}`` of ``["restarts=3"]``: numbers, none, or text."""
    found = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not (name and equals and value):
            raise typer.BadParameter(f"{option!r} is not name=value", param_hint="--option")
        found[name.strip()] = _value(value.strip())
    return found


def _value(text: str) -> Any:
    if text.lower() == "none":
        return None
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def new_tracer(name: str, options: Mapping[str, Any]) -> BKT:
    """Return an unfitted model; raise :class:`UnknownId` or :class:`InvalidInput` with remedies."""
    from engine import UnknownId
    from engine.knowledge_tracing import BKT

    if name not in _NAMES:
        raise UnknownId("model", name, _NAMES)
    if "curriculum" in options:
        raise UnknownId("option of BKT", "curriculum", ())
    return BKT().set_params(**options)


def fit_timed(name: str, options: Mapping[str, Any], log: ResponseLog) -> tuple[BKT, float]:
    """Return a fitted model and the seconds of the fit, the compiling of kernels not counted.

    Kernels are compiled, or read from their cache, by a fit to a dozen responses beforehand.
    """
    tracer = new_tracer(name, options)
    _warm_up(name, options)
    started = time.perf_counter()
    tracer.fit(log)
    return tracer, time.perf_counter() - started


def _warm_up(name: str, options: Mapping[str, Any]) -> None:
    from engine import ResponseLog

    rows = [
        {"learner": learner, "item": f"{skills}-{k}", "skills": skills, "score": float(k % 2)}
        for learner in ("a", "b")
        for skills in ("x", "x~y")
        for k in range(3)
    ]
    new_tracer(name, options).fit(ResponseLog.from_records(rows))
