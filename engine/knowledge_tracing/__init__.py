"""From evidence to mastery: tracers, how well they predict, and how to compare them."""

from __future__ import annotations

from .bkt import BKT
from .calibration import ItemCalibration, calibrate_items
from .comparison import Predictions, compare
from .compiling import compilations
from .convergence import FitReport, SkillFit
from .credibility import attainment_draws, attainment_interval
from .dynamic_irt import DynamicFit, DynamicIRT
from .evaluation import Predictor, cross_validate, evaluate
from .folds import in_folds, learner_folds
from .held_out import HeldOut
from .metrics import accuracy, auc, calibration_error, log_loss, rmse
from .model_card import model_card
from .parameters import LevelParameters
from .restoring import tracer_from_json
from .scores import Evaluation, Score
from .simulation import random_schedule
from .steps import StepTracing
from .tracer import Tracer

__all__ = [
    "BKT",
    "DynamicFit",
    "DynamicIRT",
    "Evaluation",
    "FitReport",
    "HeldOut",
    "ItemCalibration",
    "LevelParameters",
    "Predictions",
    "Predictor",
    "Score",
    "SkillFit",
    "StepTracing",
    "Tracer",
    "accuracy",
    "attainment_draws",
    "attainment_interval",
    "auc",
    "calibrate_items",
    "calibration_error",
    "compare",
    "compilations",
    "cross_validate",
    "evaluate",
    "in_folds",
    "learner_folds",
    "log_loss",
    "model_card",
    "random_schedule",
    "rmse",
    "tracer_from_json",
]
