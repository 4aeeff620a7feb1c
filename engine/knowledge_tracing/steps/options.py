"""The hyper-parameters of StepTracing, checked at the door."""

from __future__ import annotations

from dataclasses import dataclass

from ...domain.records import is_number
from ...errors import Fault, InvalidInput

__all__ = ["StepOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOptions:
    """The hyper-parameters of :class:`StepTracing`, which describes them.

    Examples
    --------
    >>> StepOptions(steps=0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    engine.errors.InvalidInput: invalid options of StepTracing: steps: is 0, expected ...
    """

    steps: int = 2
    p_correct_at_mastery: float = 0.65
    passes: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        faults = []
        for name, least, most in (("steps", 1, 20), ("passes", 1, 1000), ("seed", 0, 2**63)):
            given = getattr(self, name)
            if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
                problem = f"is {given!r}, expected a whole number from {least} to {most}"
                faults.append(Fault(name, problem))
        p = self.p_correct_at_mastery
        if not (is_number(p) and 0.0 < p < 1.0):
            faults.append(
                Fault("p_correct_at_mastery", f"is {p!r}, expected a number between 0 and 1")
            )
        if faults:
            raise InvalidInput("options of StepTracing", faults)
