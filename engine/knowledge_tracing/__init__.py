"""From evidence to mastery: tracers, how well they predict, and how to compare them."""

from __future__ import annotations

from .bkt import BKT
from .convergence import FitReport, SkillFit
from .parameters import LevelParameters
from .tracer import Tracer, tracer_from_json

__all__ = ["BKT", "FitReport", "LevelParameters", "SkillFit", "Tracer", "tracer_from_json"]
