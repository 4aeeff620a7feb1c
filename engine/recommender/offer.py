"""What a policy would choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Offer"]


@dataclass(frozen=True)
class Offer:
    """What a policy would choose, with the probability of each; empty where there is nothing.

    Parameters
    ----------
    propensities : mapping of str to float
        Of modules, or of items; they sum to 1.
    kind : {"module", "item"}
    """

    propensities: Mapping[str, float]
    kind: str = "module"
