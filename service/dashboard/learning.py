"""What to learn next, and the path for a budget of minutes, as view values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..advice import best_there_is
from . import wording

if TYPE_CHECKING:
    from engine.domain import Curriculum, LearningPath, Recommendation, RecommendationList

__all__ = [
    "FEWEST_MINUTES",
    "MOST_MINUTES",
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
class StepRow:
    """One step of a path."""

    module: ModuleLabel
    duration: str
    elapsed: str
    readiness: str
    position: str
    reason: str


@dataclass(frozen=True, slots=True)
class PathView:
    """A path within a budget."""

    summary: str
    steps: tuple[StepRow, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Budget:
    """The minutes asked for: the digits as typed, their number, or what is wrong with them."""

    text: str = ""
    minutes: int | None = None
    problem: str = ""


def read_budget(text: str) -> Budget:
    """Read the minutes that somebody typed; nothing typed asks for no path.

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
    if is_number and FEWEST_MINUTES <= int(text) <= MOST_MINUTES:
        return Budget(text, int(text))
    problem = f"Give a whole number of minutes, from {FEWEST_MINUTES} to {MOST_MINUTES}."
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


def path_view(path: LearningPath, curriculum: Curriculum) -> PathView:
    """Return a path as rows, and a sentence that sums it up."""
    steps = tuple(
        StepRow(
            module=_label(step.module_id, curriculum),
            duration=wording.duration(step.minutes),
            elapsed=wording.duration(step.elapsed_minutes),
            readiness=wording.percent(step.expected_readiness),
            position=wording.share(step.expected_readiness),
            reason=step.reason.sentence,
        )
        for step in path.steps
    )
    return PathView(_summary(path) if steps else "", steps, path.note)


def _summary(path: LearningPath) -> str:
    return (
        f"{wording.counted(len(path.steps), 'module')} in {wording.duration(path.minutes)} "
        f"of {wording.duration(path.budget_minutes)}: readiness is expected to go from "
        f"{wording.percent(path.readiness)} to {wording.percent(path.expected_readiness)}."
        f" {best_there_is(path)}"
    )
