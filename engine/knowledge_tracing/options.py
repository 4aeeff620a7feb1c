"""The hyper-parameters of BKT, checked at the door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.records import is_number
from ..errors import Fault, InvalidInput

__all__ = ["BKTOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BKTOptions:
    """The hyper-parameters of :class:`BKT`, which describes them.

    Examples
    --------
    >>> BKTOptions(forget="opportunity").forgets
    True
    >>> BKTOptions(restarts=0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    engine.errors.InvalidInput: invalid options of BKT: restarts: is 0, expected ... from 1
    """

    forget: str | None = None
    noise: str = "skill"
    individual: str | None = None
    restarts: int = 5
    max_iterations: int = 500
    tolerance: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        faults = [
            *_choice_faults("forget", self.forget, (None, "opportunity", "time")),
            *_choice_faults("noise", self.noise, ("skill", "item", "kind")),
            *_choice_faults("individual", self.individual, (None, "prior", "learn", "both")),
            *_whole_number_faults("restarts", self.restarts, 1),
            *_whole_number_faults("max_iterations", self.max_iterations, 1),
            *_whole_number_faults("seed", self.seed, 0),
        ]
        if not (is_number(self.tolerance) and self.tolerance > 0.0):
            faults.append(Fault("tolerance", f"is {self.tolerance!r}, expected a number above 0"))
        if faults:
            raise InvalidInput("options of BKT", faults)

    @property
    def forgets(self) -> bool:
        """Whether opportunities may also find a level forgotten."""
        return self.forget == "opportunity"

    @property
    def fades(self) -> bool:
        """Whether levels are forgotten while days pass."""
        return self.forget == "time"

    @property
    def refines(self) -> bool:
        """Whether there is more to fit than five parameters per level."""
        return self.noise != "skill" or self.fades or self.individual is not None

    @property
    def spreads(self) -> tuple[bool, bool]:
        """Whether learners differ in what they knew before, and in how fast they learn."""
        return self.individual in ("prior", "both"), self.individual in ("learn", "both")


def _choice_faults(name: str, given: object, choices: Sequence[object]) -> list[Fault]:
    if given in choices:
        return []
    return [Fault(name, f"is {given!r}, expected {' or '.join(map(repr, choices))}")]


def _whole_number_faults(name: str, given: object, least: int) -> list[Fault]:
    if isinstance(given, int) and not isinstance(given, bool) and given >= least:
        return []
    return [Fault(name, f"is {given!r}, expected a whole number from {least}")]
