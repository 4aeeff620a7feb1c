"""Options of models, and fits with their time, for the commands that fit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import typer

from service.model_kinds import new_model, tracer_names

from .catalogue import Beside
from .console import working

if TYPE_CHECKING:
    from engine import ResponseLog

__all__ = ["compile_kernels", "fit_timed", "option_values"]

_WORDS = {"none": None, "true": True, "false": False}


def option_values(options: list[str]) -> dict[str, Any]:
    """Return ``{"restarts": 3}`` of ``["restarts=3"]``: numbers, none, true, false, or text."""
    found = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not (name and equals and value):
            raise typer.BadParameter(f"{option!r} is not name=value", param_hint="--option")
        found[name.strip()] = _value(value.strip())
    return found


def _value(text: str) -> Any:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def fit_timed(
    name: str,
    options: Mapping[str, Any],
    log: ResponseLog,
    *,
    doing: str,
    beside: Beside | None = None,
) -> tuple[Any, float]:
    """Return a fitted model and the seconds of the fit, the compiling of kernels not counted.

    Meanwhile it shows what it is `doing`.
    """
    model: Any = new_model(name, options)
    curriculum, completions = beside or Beside()
    if curriculum is not None:
        model = model.with_curriculum(curriculum)
    told = {} if completions is None else {"completions": completions}
    compile_kernels(name, options)
    with working(doing):
        started = time.perf_counter()
        model.fit(log, **told)
        return model, time.perf_counter() - started


def compile_kernels(name: str, options: Mapping[str, Any]) -> None:
    """Compile what a fit takes, or read it from its cache, by fits to a few responses.

    That it takes a while is shown where it does: at the first fit on a machine.
    """
    from engine.knowledge_tracing import compilations

    said: Callable[[str], None] | None = None
    with ExitStack() as shown:

        def tell(n: int) -> None:
            nonlocal said
            said = said or shown.enter_context(working("compiling kernels, once"))
            said(f"compiling kernels, once: {n}")

        with compilations(tell):
            _warm_up(name, options)


def _warm_up(name: str, options: Mapping[str, Any]) -> None:
    from engine import Curriculum, ResponseLog

    rows = [
        {
            "learner": learner,
            "item": f"{skills}-{k}",
            "skills": skills,
            "score": float(k % 2),
            "answered_at": f"2026-01-0{k + 1}T00:00:00Z",
        }
        for learner in ("a", "b")
        for skills in ("x", "x~y")
        for k in (2, 0, 1)  # what is out of order has to be sorted
    ]
    model: Any = new_model(name, options)
    if name in tracer_names():
        model = model.with_curriculum(Curriculum.from_records(skills=[]))
    model.fit(ResponseLog.from_records([one for one in rows if one["skills"] == "x"]))
    model.fit(ResponseLog.from_records(rows))  # several skills take other kernels
