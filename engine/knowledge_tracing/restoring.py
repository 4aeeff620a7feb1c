"""From a model's text to its tracer, whichever it is."""

from __future__ import annotations

from ..domain.curriculum import Curriculum
from ..domain.persistence import read_model
from ..errors import ModelFormatError
from .bkt import BKT
from .dynamic_irt import DynamicIRT
from .steps import StepTracing
from .tracer import Tracer

__all__ = ["tracer_from_json"]


def tracer_from_json(text: str, *, curriculum: Curriculum | None = None) -> Tracer:
    """Read a tracer of any kind that its ``to_json`` has written.

    Raises
    ------
    ModelFormatError
        The text is corrupt, foreign, or of a model or version not known here.

    Examples
    --------
    >>> from .bkt import BKT
    >>> tracer_from_json(BKT(seed=3).to_json()).get_params()["seed"]
    3
    """
    kinds: dict[str, type[BKT] | type[DynamicIRT] | type[StepTracing]] = {
        "bkt": BKT,
        "dynamic-irt": DynamicIRT,
        "steps": StepTracing,
    }
    model, _ = read_model(text)
    if model not in kinds:
        raise ModelFormatError(
            f"found the model {model!r}, expected one of {', '.join(sorted(kinds))}; "
            "it may come from a newer Attain: upgrade, or fit one of these"
        )
    return kinds[model].from_json(text, curriculum=curriculum)
