"""Baselines that a tracer has to beat, each from its paper.

They predict answers and nothing else: `fit(log)` and `predict_correct(log)`. None of them can say
what a learner has mastered.
"""

from __future__ import annotations

from .afm import AFM
from .best_lr import BestLR
from .elo import Elo
from .irt import IRT
from .item_mean import ItemMean
from .pfa import PFA

__all__ = ["AFM", "IRT", "PFA", "BestLR", "Elo", "ItemMean"]
