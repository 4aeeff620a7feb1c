"""What a curriculum says of levels by what it leaves out: between, above and beside those named.

A level that no item and no module names is not told apart from the next above it; a target whose
level was estimated is one at each level that may be meant; and what targets require is wanted at
levels that nobody wrote into a role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import fsum
from typing import TYPE_CHECKING

from ..domain.skills import SkillLevel, UncertainLevel
from .explanation import listed
from .finding import Finding, levels_shown, modules_in_use, n_that_show

if TYPE_CHECKING:
    from ..domain.curriculum import Curriculum
    from ..domain.roles import Role

    Roles = tuple[Role, ...]

__all__ = ["LEVEL_CHECKS", "levels_wanted"]


def levels_wanted(curriculum: Curriculum, roles: Roles) -> tuple[SkillLevel, ...]:
    """Return every level that targets state or may mean, in their order."""
    found: dict[SkillLevel, None] = {}
    for role in roles:
        for one in curriculum.framework.meant_by(role):
            plain = one.meant if isinstance(one, UncertainLevel) else (one,)
            found.update(dict.fromkeys(plain))
    return tuple(found)


def _level_gaps(curriculum: Curriculum, _: Roles) -> Iterator[Finding]:
    taught = _taught(curriculum)
    for skill_id in curriculum.skills:
        own = taught.get(skill_id, set())
        for level in curriculum.levels_of(skill_id):
            above = [k for k in own if k > level]
            if level not in own and above:
                yield Finding(
                    "level-gap",
                    skill_id,
                    f"no module teaches level {level}, on which that of level {min(above)} builds",
                    f"add a module for level {level}",
                )


def _taught(curriculum: Curriculum) -> dict[str, set[int]]:
    """Return the levels of each skill that modules in use teach."""
    found: dict[str, set[int]] = {}
    for module in modules_in_use(curriculum):
        for effect in module.teaches:
            found.setdefault(effect.skill_id, set()).add(effect.level)
    return found


def _unnamed_levels(curriculum: Curriculum, roles: Roles) -> Iterator[Finding]:
    """Find wanted levels that count as a higher one, since no item and no module names them."""
    stated = [target.skill_level for role in roles for target in role.targets]
    for one in curriculum.framework.closure(dict.fromkeys(stated)):
        named = curriculum.levels_of(one.skill_id)
        higher = [level for level in named if level > one.level]
        if one.level not in named and higher:
            yield Finding(
                "unnamed-level",
                one.skill_id,
                f"{_wanted_by(one, roles)} level {one.level}, which no item and no module names,"
                f" so it counts as level {higher[0]}",
                f"add items and modules at level {one.level}, or ask for level {higher[0]}",
            )


def _wanted_by(one: SkillLevel, roles: Roles) -> str:
    asking = [r.role_id for r in roles if one in (target.skill_level for target in r.targets)]
    if not asking:
        return "targets require it at"
    return f"{listed(asking)} {'wants' if len(asking) == 1 else 'want'} it at"


def _unshown_prerequisites(curriculum: Curriculum, roles: Roles) -> Iterator[Finding]:
    """Find what targets require at a level that no item looks at, of skills that items exercise."""
    shown, targets = levels_shown(curriculum), levels_wanted(curriculum, roles)
    told = set(targets)  # by other checks
    for one in curriculum.framework.closure(targets):
        if one in told or one.skill_id not in shown or n_that_show(shown, one):
            continue
        yield Finding(
            "unshown-prerequisite",
            one.skill_id,
            f"no item looks at {one}, which targets require, so nobody can show it",
            "add an item, or require a lower level",
        )


def _untaught_likely_levels(curriculum: Curriculum, roles: Roles) -> Iterator[Finding]:
    """Find likely levels that nothing teaches; those with one above it that is are level gaps."""
    taught = _taught(curriculum)
    if taught:
        highest = {skill_id: max(levels) for skill_id, levels in taught.items()}
        lacking = _likely(curriculum, roles, lambda one: one.level > highest.get(one.skill_id, 0))
        yield from _unmet("untaught-likely-level", "module teaches", lacking)


def _unshown_likely_levels(curriculum: Curriculum, roles: Roles) -> Iterator[Finding]:
    shown = levels_shown(curriculum)
    if shown:
        lacking = _likely(curriculum, roles, lambda one: not n_that_show(shown, one))
        yield from _unmet("unshown-likely-level", "item looks at", lacking)


def _unmet(check: str, what: str, lacking: Mapping[SkillLevel, list[str]]) -> Iterator[Finding]:
    for one, role_ids in lacking.items():
        yield Finding(
            check,
            one.skill_id,
            f"no {what} {one}, which {listed(role_ids)} may mean, too likely to be mastered"
            " without it",
            "add one, or have the level rated more surely",
        )


def _likely(
    curriculum: Curriculum, roles: Roles, lacks: Callable[[SkillLevel], bool]
) -> dict[SkillLevel, list[str]]:
    """Return levels that are lacking and that no role states, with the roles that may mean them.

    It names the roles that are kept from mastering the target: where the levels meant that are
    lacking are likelier all together than the threshold leaves room for.
    """
    stated = {target.skill_level for role in roles for target in role.targets}
    likely = (one for one in levels_wanted(curriculum, roles) if one not in stated)
    found: dict[SkillLevel, list[str]] = {one: [] for one in likely if lacks(one)}
    for role in roles if found else ():
        for one in curriculum.framework.meant_by(role):
            shares = one.shares if isinstance(one, UncertainLevel) else ()
            short = {SkillLevel(one.skill_id, k): p for k, p in shares}
            short = {level: p for level, p in short.items() if level in found}
            if fsum(short.values()) > 1.0 - role.mastery_threshold:
                for level in short:
                    found[level].append(role.role_id)
    return {one: role_ids for one, role_ids in found.items() if role_ids}


LEVEL_CHECKS: Mapping[str, Callable[[Curriculum, Roles], Iterator[Finding]]] = {
    "level-gap": _level_gaps,
    "unnamed-level": _unnamed_levels,
    "unshown-prerequisite": _unshown_prerequisites,
    "untaught-likely-level": _untaught_likely_levels,
    "unshown-likely-level": _unshown_likely_levels,
}
"""The checks by name; each gives its findings."""
