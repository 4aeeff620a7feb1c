"""Answers about a learner as tables for people."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from ..advice import best_there_is
from .console import bar, minutes, percent, print_table, say

if TYPE_CHECKING:
    from engine.domain import Forecast, GapReport, LearningPath, Probe, RecommendationList
    from service.advice import LearnerView

__all__ = [
    "show_forecast",
    "show_gaps",
    "show_ladder",
    "show_path",
    "show_probe",
    "show_recommendations",
    "show_who",
]

_STATUS = {True: "mastered", False: ""}


def show_who(view: LearnerView, report: GapReport) -> None:
    """Print who is measured against what, and the readiness that comes out."""
    low, high = report.interval
    known = f" ({view.profile.learner_id})" if view.profile.name else ""
    say(f"{view.profile.label}{known} as {view.role.label}")
    say(
        f"Readiness {percent(report.readiness)}, with 80% probability between "
        f"{percent(low)} and {percent(high)}; model {view.model_version}"
    )


def show_gaps(view: LearnerView, report: GapReport, limit: int | None = None) -> None:
    """Print the targets of the role, the widest gap first, at most `limit` of them."""
    framework = view.binding.curriculum.framework
    known = view.state.skills
    rows = []
    for gap in sorted(report.gaps, key=lambda one: one.p_attained)[:limit]:
        skill_id, level = gap.target.skill_id, gap.target.level
        answers = known[skill_id].opportunities if skill_id in known else 0
        rows.append(
            (
                framework.skill(skill_id).label,
                _level(framework.scale.name(level), level),
                f"{bar(gap.p_attained)} {percent(gap.p_attained):>5}",
                str(answers),
                str(gap.independent_successes),
                _STATUS[gap.mastered],
            )
        )
    print_table(
        ("skill", "wanted level", "attained with probability", "answers", "successes", ""),
        rows,
        right=("answers", "successes"),
    )


def _level(name: str, level: int) -> str:
    return name if name.endswith(str(level)) else f"{name} ({level})"


def show_ladder(view: LearnerView, reports: tuple[GapReport, ...]) -> None:
    """Print the roles of a ladder with the readiness for each, the highest first."""
    roles = {role.role_id: role for role in view.ladder_roles}
    rows = []
    for report in reversed(reports):
        role, (low, high) = roles[report.role_id], report.interval
        rows.append(
            (
                str(role.rung),
                role.label,
                report.role_id,
                f"{bar(report.readiness)} {percent(report.readiness):>5}",
                f"{percent(low)} to {percent(high)}",
                f"{sum(gap.mastered for gap in report.gaps)} of {len(report.gaps)}",
                "<" if role == view.role else "",
            )
        )
    print_table(
        ("rung", "role", "id", "readiness", "80% interval", "mastered", ""),
        rows,
        title=f"Ladder {view.role.ladder}",
        right=("rung",),
    )


def show_recommendations(view: LearnerView, found: RecommendationList) -> None:
    """Print modules with their reasons, best first."""
    for place, one in enumerate(found, start=1):
        module = view.binding.curriculum.module(one.module_id)
        kind = f", {module.format}" if module.format else ""
        say(f"{place}. {module.label}  [{one.module_id}]")
        say(f"   {minutes(one.minutes)}{kind}, score {one.score:.4f}")
        for reason in one.reasons:
            say(f"   - {reason.sentence}")
        if module.url:
            say(f"   {module.url}")
    for other in found.alternatives:
        say(f"-  {other.sentence}  [{other.module_id}]")
    if found.note:
        say(found.note)


def show_path(view: LearnerView, path: LearningPath) -> None:
    """Print a path step by step."""
    rows = []
    for place, (step, (low, high)) in enumerate(
        zip(path.steps, view.intervals(path), strict=True), start=1
    ):
        module = view.binding.curriculum.module(step.module_id)
        rows.append(
            (
                str(place),
                f"{module.label} [{step.module_id}]",
                f"{step.minutes:g}",
                f"{step.elapsed_minutes:g}",
                *([f"{step.ends_at:%Y-%m-%d}"] if step.ends_at else []),
                percent(step.expected_readiness),
                f"{percent(low)} to {percent(high)}",
                step.reason.sentence,
            )
        )
    if rows:
        by = ["by"] if path.steps[0].ends_at else []
        columns = ("", "module", "min", "total", *by, "readiness", "80% interval", "why")
        print_table(columns, rows, right=("", "min", "total", "readiness"))
    say(
        f"{minutes(path.minutes)} of {minutes(path.budget_minutes)}: readiness "
        f"{percent(path.readiness)} now, {percent(path.expected_readiness)} expected after it"
    )
    if rows:
        say(best_there_is(path))
    if path.note:
        say(path.note)
    if path.arrivals:
        say(f"With {minutes(path.minutes_per_week or 0.0)} a week:")
    for one in path.arrivals:
        say(f"  {'late: ' if one.is_late else ''}{one.sentence}")


def show_forecast(view: LearnerView, found: Forecast) -> None:
    """Print how long it takes, in weeks and minutes, and how sure that is."""
    if not isfinite(found.minutes):
        say(f"{view.aim.label} is out of reach with what is on offer.")
    else:
        low, high = (
            f"{weeks:.1f}" if isfinite(weeks) else "never" for weeks in found.weeks_interval
        )
        say(
            f"{view.aim.label} in about {found.weeks:.1f} weeks of"
            f" {minutes(found.minutes_per_week)}; with 80% probability between {low} and {high}"
        )
    say(
        f"All modules on offer that help take {minutes(found.path_minutes)}; once each of them is"
        f" done, every target is attained with probability {percent(found.p_by_path)}"
    )
    if found.note:
        say(found.note)


def show_probe(view: LearnerView, found: Probe) -> None:
    """Print what to ask next and why, or why no more."""
    say()
    if found.item_id:
        item = view.binding.curriculum.item(found.item_id)
        say(f"Ask: {item.name or item.item_id}  [{item.item_id}]")
        say(f"   {item.kind}, answered rightly with probability {percent(found.p_right)}")
        say(f"   - {found.reason.sentence}")
        if item.url:
            say(f"   {item.url}")
    else:
        say(found.reason.sentence)
