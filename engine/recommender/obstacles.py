"""Why nothing can be recommended towards a target, and what would mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .explanation import listed, reached
from .gaps import gaps

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..domain.knowledge import KnowledgeState
    from .prospect import Prospect
    from .role_map import RoleMap

__all__ = ["EMPTY_ALLOW_LIST", "arrived", "obstacles"]

EMPTY_ALLOW_LIST = "No module is both allowed and available, so nothing can be recommended."


def arrived(where: RoleMap, state: KnowledgeState, p: list[float]) -> str:
    """Say that every target is attained, and what is missing until all count as mastered."""
    report = gaps(state, where.role, p[: len(where.role.targets)])
    if report.ready:
        return f"You are ready for {where.role.label}: every target is mastered."
    open_ends = [reached(where, one.target.skill_level) for one in report.gaps if not one.mastered]
    return (
        f"Every target of {where.role.label} is at its threshold. To count as mastered it takes"
        f" right answers to two different items: answer more on {listed(open_ends)}."
    )


def obstacles(ahead: Prospect, advanced: Collection[int]) -> str:
    """Say, for the unmet targets on which no route works, what stands in the way.

    Parameters
    ----------
    ahead : Prospect
    advanced : collection of int
        The targets on which some route works.
    """
    causes: dict[str, list[str]] = {}
    for i in ahead.unmet:
        if i not in advanced:
            cause, names = _cause(ahead, i)
            causes.setdefault(cause, []).extend(names)
    return " ".join(
        _SENTENCES[cause].format(listed(list(dict.fromkeys(names))))
        for cause, names in causes.items()
    )


_SENTENCES = {
    "untaught": "No module teaches {}.",
    "completed": "You have completed every module on offer that teaches {}: answer items on it to"
    " show what you know.",
    "planned": "The path holds all there is on offer towards {}.",
    "withheld": "The modules that teach {} are retired, unavailable or not among those allowed.",
    "exhausted": "What the modules on offer teach adds nothing to {}.",
    "blocked": "{}.",
}


def _cause(ahead: Prospect, i: int) -> tuple[str, list[str]]:
    where, is_open = ahead.where, ahead.now.open
    leading = where.led_to_by[i]
    open_ones = [m for m in leading if is_open[m]]
    if open_ones and not any(m in ahead.found for m in open_ones):
        return "blocked", _roots(ahead, open_ones)
    cause = "exhausted" if open_ones else _why_closed(ahead, leading)
    return cause, [reached(where, where.wanted[i])]


def _why_closed(ahead: Prospect, leading: tuple[int, ...]) -> str:
    if not leading:
        return "untaught"
    if not ahead.now.planned.isdisjoint(leading):
        return "planned"
    return "completed" if any(ahead.now.done[m] for m in leading) else "withheld"


def _roots(ahead: Prospect, blocked: list[int]) -> list[str]:
    """Follow what blocked modules wait for down to what nothing on offer can supply."""
    roots: dict[str, None] = {}
    seen, waiting = set(blocked), list(blocked)
    while waiting:
        m = waiting.pop(0)
        for cause, further in (*_waits_for_modules(ahead, m), *_waits_for_skills(ahead, m)):
            if not further:
                roots[cause] = None
            waiting.extend(b for b in further if b not in seen)
            seen.update(further)
    return list(roots) or [_circle(ahead.where, blocked)]


def _waits_for_modules(ahead: Prospect, m: int) -> Iterator[tuple[str, list[int]]]:
    for b in ahead.where.comes_after[m]:
        if not ahead.now.done[b] and b not in ahead.found:
            yield _unavailable(ahead.where, m, b), [b] if ahead.now.open[b] else []


def _waits_for_skills(ahead: Prospect, m: int) -> Iterator[tuple[str, list[int]]]:
    for k in ahead.where.needs[m]:
        if not ahead.now.met[k] and k not in ahead.found.supplier:
            yield _missing(ahead, m, k), [b for b in ahead.where.led_to_by[k] if ahead.now.open[b]]


def _missing(ahead: Prospect, m: int, k: int) -> str:
    where, required = ahead.where, ahead.where.wanted[k]
    skill = where.curriculum.framework.skill(required.skill_id).label
    gradable = any(
        required.skill_id in item.skills and item.level >= required.level and not item.retired
        for item in where.curriculum.item_list
    )
    remedy = f"answer items on {skill} to show it" if gradable else "no item could show it either"
    return (
        f"“{where.modules[m].label}” waits for {reached(where, required)}, which stands at"
        f" {ahead.now.p[k]:.0%} with no module on offer that leads there: {remedy}"
    )


def _unavailable(where: RoleMap, m: int, b: int) -> str:
    return (
        f"“{where.modules[m].label}” comes after “{where.modules[b].label}”,"
        " which is retired, unavailable or not among those allowed"
    )


def _circle(where: RoleMap, blocked: list[int]) -> str:
    titles = listed([f"“{where.modules[m].label}”" for m in blocked])
    return f"{titles} can only be reached through what they teach: answer items on that first"
