"""What to learn next, and the path for a budget of minutes, as view values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from ..advice import best_there_is
from . import wording

if TYPE_CHECKING:
    from engine.domain import (
        Arrival,
        Curriculum,
        LearningPath,
        PathStep,
        Recommendation,
        RecommendationList,
    )

__all__ = [
    "FEWEST_MINUTES",
    "MOST_A_WEEK",
    "MOST_MINUTES",
    "USUAL_WEEK",
    "ArrivalRow",
    "Budget",
    "ModuleCard",
    "ModuleLabel",
    "NextModules",
    "PathView",
    "StepRow",
    "Term",
    "next_modules",
    "path_view",
    "read_budget",
]

FEWEST_MINUTES = 5
MOST_MINUTES = 6000
MOST_A_WEEK = 10_080
USUAL_WEEK = "120"


@dataclass(frozen=True, slots=True)
class ModuleLabel:
    """How a module is named and where it is, if its address may be a link."""

    title: str
    url: str
    format: str


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a score."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ModuleCard:
    """A recommended module."""

    module: ModuleLabel
    description: str
    duration: str
    gain: str
    reasons: tuple[str, ...]
    terms: tuple[Term, ...]
    score: str


@dataclass(frozen=True, slots=True)
class NextModules:
    """The recommended modules, best first, and what is to be said about them."""

    cards: tuple[ModuleCard, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """When a target is reached or renewed, and how that stands to its date; empty without one."""

    sentence: str
    status: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a path; without a pace it has no week and no day."""

    module: ModuleLabel
    duration: str
    elapsed: str
    readiness: str
    position: str
    reason: str
    week: str
    day: str
    day_iso: str
    arrivals: tuple[ArrivalRow, ...]


@dataclass(frozen=True, slots=True)
class PathView:
    """A path within a budget: its steps, what has a date, and when all else is reached."""

    summary: str
    steps: tuple[StepRow, ...]
    note: str
    dated: tuple[ArrivalRow, ...]
    others: tuple[ArrivalRow, ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """The minutes asked for: the digits as typed, their number, or what is wrong with them."""

    text: str = ""
    minutes: int | None = None
    problem: str = ""


def read_budget(text: str, most: int = MOST_MINUTES) -> Budget:
    """Read the minutes that somebody typed; nothing typed asks for no path, or for no dates.

    Examples
    --------
    >>> read_budget("120").minutes, read_budget("").problem
    (120, '')
    >>> read_budget("soon").problem
    'Give a whole number of minutes, from 5 to 6000.'
    """
    text = text.strip()
    if not text:
        return Budget()
    is_number = text.isascii() and text.isdigit() and len(text) <= 9
    if is_number and FEWEST_MINUTES <= int(text) <= most:
        return Budget(text, int(text))
    problem = f"Give a whole number of minutes, from {FEWEST_MINUTES} to {most}."
    return Budget(text if is_number else "", None, problem)


def next_modules(recommended: RecommendationList, curriculum: Curriculum) -> NextModules:
    """Return the recommended modules as cards, with the note."""
    return NextModules(tuple(_card(one, curriculum) for one in recommended), recommended.note)


def _card(one: Recommendation, curriculum: Curriculum) -> ModuleCard:
    module = curriculum.modules.get(one.module_id)
    return ModuleCard(
        description=module.description if module else "",
        module=_label(one.module_id, curriculum),
        duration=wording.duration(one.minutes),
        gain=_gain(one.expected_gain),
        reasons=tuple(reason.sentence for reason in one.reasons),
        terms=_terms(one.terms),
        score=_figure(one.score),
    )


def _gain(expected: float) -> str:
    if expected < 0.0005:  # a prerequisite on the way to a target
        return "opens the way to later gains"
    return f"{wording.points(expected)} of readiness expected"


def _terms(terms: Mapping[str, float]) -> tuple[Term, ...]:
    return tuple(
        Term(name.replace("_", " ").capitalize(), _figure(value)) for name, value in terms.items()
    )


def _figure(value: float) -> str:
    return f"{value:+.5f}".replace("-", "−") if value else "0"


def _label(module_id: str, curriculum: Curriculum) -> ModuleLabel:
    module = curriculum.modules.get(module_id)
    if module is None:
        return ModuleLabel(module_id, "", "")
    return ModuleLabel(
        module.label,
        wording.safe_url(module.url),
        module.format.replace("_", " ").replace("-", " ").capitalize(),
    )


def path_view(path: LearningPath, curriculum: Curriculum, at: datetime) -> PathView:
    """Return a path as rows, and a sentence that sums it up; `at` is the instant it begins."""
    steps = tuple(
        StepRow(
            module=_label(step.module_id, curriculum),
            duration=wording.duration(step.minutes),
            elapsed=wording.duration(step.elapsed_minutes),
            readiness=wording.percent(step.expected_readiness),
            position=wording.share(step.expected_readiness),
            reason=step.reason.sentence,
            **_when(step, at),
            arrivals=tuple(
                _arrival(one)
                for one in path.arrivals
                if _has_date(one) and one.reached_at is not None and one.reached_at == step.ends_at
            ),
        )
        for step in path.steps
    )
    return PathView(
        _summary(path) if steps else "",
        steps,
        path.note,
        tuple(_arrival(one) for one in path.arrivals if _has_date(one)),
        tuple(_arrival(one) for one in path.arrivals if not _has_date(one)),
    )


def _when(step: PathStep, at: datetime) -> dict[str, str]:
    if step.ends_at is None:
        return {"week": "", "day": "", "day_iso": ""}
    week = max(ceil((step.ends_at - at) / timedelta(weeks=1)), 1)
    iso = step.ends_at.date().isoformat()
    return {"week": f"Week {week}", "day": wording.day(step.ends_at), "day_iso": iso}


def _has_date(one: Arrival) -> bool:
    return one.target.due_at is not None or one.expires_at is not None


def _arrival(one: Arrival) -> ArrivalRow:
    """Say in a word how a target with a date fares: one that is due later than the path is open."""
    if not _has_date(one):
        return ArrivalRow(one.sentence, "", is_late=False)
    in_time = "In time" if one.reached_at is not None else "After this path"
    return ArrivalRow(one.sentence, "Late" if one.is_late else in_time, one.is_late)


def _summary(path: LearningPath) -> str:
    pace = path.minutes_per_week
    weekly = f", with {wording.duration(pace)} a week" if pace is not None else ""
    return (
        f"{wording.counted(len(path.steps), 'module')} in {wording.duration(path.minutes)} "
        f"of {wording.duration(path.budget_minutes)}{weekly}: readiness is expected to go from "
        f"{wording.percent(path.readiness)} to {wording.percent(path.expected_readiness)}."
        f" {best_there_is(path)}"
    )
