"""Models by name: those that can be saved and put to use, and those only compared with."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from engine.knowledge_tracing import Predictor, Tracer

__all__ = ["baseline_names", "new_model", "new_tracer", "tracer_names"]

# Model names, and where each is. Tracers can be saved and put to use, baselines only compared with.
_TRACERS = {
    "bkt": ("engine.knowledge_tracing", "BKT"),
    "dynamic-irt": ("engine.knowledge_tracing", "DynamicIRT"),
    "steps": ("engine.knowledge_tracing", "StepTracing"),
}
_BASELINES = {
    name: ("engine.knowledge_tracing.baselines", kind)
    for name, kind in (
        ("item-mean", "ItemMean"),
        ("irt", "IRT"),
        ("afm", "AFM"),
        ("pfa", "PFA"),
        ("elo", "Elo"),
        ("best-lr", "BestLR"),
    )
}


def tracer_names() -> tuple[str, ...]:
    """Return the models that can be saved and put to use."""
    return tuple(_TRACERS)


def baseline_names() -> tuple[str, ...]:
    """Return the models that are only compared with."""
    return tuple(_BASELINES)


def new_tracer(name: str, options: Mapping[str, Any]) -> Tracer:
    """Return an unfitted tracer; raise :class:`UnknownId` or :class:`InvalidInput` if none.

    Examples
    --------
    >>> new_tracer("bkt", {"restarts": 2}).get_params()["restarts"]
    2
    """
    return cast("Tracer", _new(name, options, _TRACERS))


def new_model(name: str, options: Mapping[str, Any]) -> Predictor:
    """As :func:`new_tracer`, of a tracer or a baseline."""
    return cast("Predictor", _new(name, options, {**_TRACERS, **_BASELINES}))


def _new(name: str, options: Mapping[str, Any], known: Mapping[str, tuple[str, str]]) -> Any:
    from engine.errors import UnknownId  # with numpy behind it, which commands start without

    if name not in known:
        raise UnknownId("model", name, known)
    module, kind = known[name]
    if "curriculum" in options:
        raise UnknownId(f"option of {kind}", "curriculum", ())
    return getattr(import_module(module), kind)().set_params(**options)
