"""DynamicIRT: a Gaussian state-space item-response tracer and the reading of its terms."""

from __future__ import annotations

from .fitted import DynamicFit
from .tracer import DynamicIRT

__all__ = ["DynamicFit", "DynamicIRT"]
