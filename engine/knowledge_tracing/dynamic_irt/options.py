"""The hyper-parameters of DynamicIRT, checked at the door."""

from __future__ import annotations

from dataclasses import dataclass

from ...domain.records import is_number
from ...errors import Fault, InvalidInput
from .reading import Spreads

__all__ = ["DynamicOptions"]

_WHOLE = {"search_rounds": 0, "search_responses": 1, "passes": 1, "folds": 2, "seed": 0}
_SPREADS = ("weight_spread", "exercise_spread", "item_spread", "transfer_spread")


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicOptions:
    """The hyper-parameters of :class:`DynamicIRT`, which describes them.

    Examples
    --------
    >>> DynamicOptions(folds=3).folds
    3
    >>> DynamicOptions(p_correct_at_mastery=1.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    engine.errors.InvalidInput: invalid options of DynamicIRT: p_correct_at_mastery: is 1.0, ...
    """

    p_correct_at_mastery: float = 0.75
    search_rounds: int = 12
    search_responses: int = 60_000
    passes: int = 10
    folds: int = 5
    weight_spread: float = 0.3
    exercise_spread: float = 0.05
    item_spread: float = 0.06
    transfer_spread: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        faults = []
        for name, least in _WHOLE.items():
            given = getattr(self, name)
            if isinstance(given, bool) or not isinstance(given, int) or given < least:
                faults.append(Fault(name, f"is {given!r}, expected a whole number from {least}"))
        for name in _SPREADS:
            given = getattr(self, name)
            if not (is_number(given) and given > 0.0):
                faults.append(Fault(name, f"is {given!r}, expected a number above 0"))
        p = self.p_correct_at_mastery
        if not (is_number(p) and 0.0 < p < 1.0):
            faults.append(
                Fault("p_correct_at_mastery", f"is {p!r}, expected a number between 0 and 1")
            )
        if faults:
            raise InvalidInput("options of DynamicIRT", faults)

    @property
    def spreads(self) -> Spreads:
        """The prior standard deviations of the reading's weights."""
        return Spreads(*(getattr(self, name) for name in _SPREADS))
