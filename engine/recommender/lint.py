"""What in a curriculum will disappoint those who use it: faults of sense rather than of form.

Circles, unknown ids and the like are refused when a curriculum is made. What is found here can be
used, but keeps learners from getting where they should.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from .contradictions import Told, contradictions
from .explanation import listed
from .finding import (
    Finding,
    is_taught,
    items_in_use,
    levels_shown,
    modules_in_use,
    n_that_show,
)
from .gaps import SUCCESSES_FOR_MASTERY
from .level_findings import LEVEL_CHECKS, levels_wanted
from .role_map import role_map

if TYPE_CHECKING:
    from ..domain.curriculum import Curriculum
    from ..domain.framework import Role

__all__ = ["CHECKS", "Finding", "lint"]


def lint(
    curriculum: Curriculum,
    roles: Iterable[Role] = (),
    evidence: Iterable[Told] = (),
) -> tuple[Finding, ...]:
    """Return what in a curriculum will disappoint, check by check.

    Parameters
    ----------
    curriculum : Curriculum
    roles : iterable of Role, optional
        Without roles nothing is said of targets or of modules that help none.
    evidence : iterable of Response, Completion and History, optional
        Against which prerequisites are held; read once, and a history may be of some learners, so
        that not all of them need to be in memory together.

    Raises
    ------
    InvalidCurriculum
        A role names skills or levels that the curriculum's framework lacks.

    Examples
    --------
    >>> from engine.domain import Curriculum, Role, SkillTarget
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}], items=[{"item_id": q, "skills": ["sql"]} for q in "ab"]
    ... )
    >>> for finding in lint(curriculum, [Role("analyst", [SkillTarget("sql")])]):
    ...     print(finding.check, "|", finding)
    no-modules | curriculum: it has no modules, so nothing can be recommended; add modules
    """
    given = tuple(roles)
    for role in given:
        curriculum.framework.check_role(role)
    found = [one for check in _CHECKS.values() for one in check(curriculum, given)]
    return (*found, *_contradicted(curriculum, evidence))


def _no_modules(curriculum: Curriculum, roles: tuple[Role, ...]) -> Iterator[Finding]:
    if roles and not modules_in_use(curriculum):
        problem = "it has no modules, so nothing can be recommended"
        yield Finding("no-modules", "curriculum", problem, "add modules")


def _no_items(curriculum: Curriculum, _: tuple[Role, ...]) -> Iterator[Finding]:
    if curriculum.framework.skills and not items_in_use(curriculum):
        problem = "it has no items, so nobody can show anything"
        yield Finding("no-items", "curriculum", problem, "add items")


def _untaught_targets(curriculum: Curriculum, roles: tuple[Role, ...]) -> Iterator[Finding]:
    for role in roles if modules_in_use(curriculum) else ():
        for target in role.targets:
            if not is_taught(curriculum, target.skill_level):
                yield Finding(
                    "untaught-target",
                    role.role_id,
                    f"no module teaches its target {target.skill_level}",
                    "add a module or drop the target",
                )


def _untaught_prerequisites(curriculum: Curriculum, roles: tuple[Role, ...]) -> Iterator[Finding]:
    targets = levels_wanted(curriculum, roles)
    told = set(targets)  # by other checks
    for one in curriculum.framework.closure(targets) if modules_in_use(curriculum) else ():
        if one not in told and not is_taught(curriculum, one):
            yield Finding(
                "untaught-prerequisite",
                one.skill_id,
                f"no module teaches {one}, which targets require",
                "add a module, or items by which learners can show it",
            )


def _too_few_items(curriculum: Curriculum, roles: tuple[Role, ...]) -> Iterator[Finding]:
    shown = levels_shown(curriculum)
    targets = dict.fromkeys(target.skill_level for role in roles for target in role.targets)
    for one in targets if shown else ():
        n = n_that_show(shown, one)
        if n < SUCCESSES_FOR_MASTERY:
            counted = "no item looks" if n == 0 else "only one item looks"
            yield Finding(
                "too-few-items",
                one.skill_id,
                f"{counted} at {one}, and mastery takes {SUCCESSES_FOR_MASTERY} different ones",
                "add items",
            )


def _skills_without_items(curriculum: Curriculum, roles: tuple[Role, ...]) -> Iterator[Finding]:
    exercised = levels_shown(curriculum)
    told = {target.skill_id for role in roles for target in role.targets}  # by too-few-items
    for skill_id in curriculum.skills if exercised else ():
        if skill_id not in exercised and skill_id not in told:
            yield Finding(
                "skill-without-items",
                skill_id,
                "no item exercises it, so nobody can show it",
                "add an item",
            )


def _redundant_prerequisites(curriculum: Curriculum, _: tuple[Role, ...]) -> Iterator[Finding]:
    framework = curriculum.framework
    for edge in framework.prerequisites:
        others = [one for one in framework.requirements(edge.target) if one != edge.required]
        through = [one for one in others if edge.required in framework.closure([one])]
        if through:
            yield Finding(
                "redundant-prerequisite",
                str(edge.target),
                f"requires {edge.required} already through {listed([str(one) for one in through])}",
                "leave it out",
            )


def _idle_modules(curriculum: Curriculum, roles: tuple[Role, ...]) -> Iterator[Finding]:
    if not roles:
        return
    helping = {m.module_id for role in roles for m in role_map(curriculum, role).modules}
    for module in curriculum.module_list:
        if module.module_id not in helping and not module.retired:
            yield Finding(
                "idle-module",
                module.module_id,
                "leads to no role's target, so it is never recommended",
                "aim a role at what it teaches, or retire it",
            )


def _unreachable_modules(curriculum: Curriculum, _: tuple[Role, ...]) -> Iterator[Finding]:
    """Find modules that come after one that is retired, or after one that does."""
    for module in modules_in_use(curriculum):
        missing, seen = list(module.requires), set[str]()
        while missing:
            required = curriculum.modules[missing.pop()]
            if required.retired:
                yield Finding(
                    "unreachable-module",
                    module.module_id,
                    f"comes after {required.module_id}, which is retired, so who has not completed"
                    " that never gets there",
                    "drop that requirement, or retire this as well",
                )
                break
            missing += [one for one in required.requires if one not in seen]
            seen.update(required.requires)


def _contradicted(curriculum: Curriculum, evidence: Iterable[Told]) -> Iterator[Finding]:
    for edge, lacking, passing in contradictions(curriculum, evidence):
        yield Finding(
            "contradicted-prerequisite",
            str(edge.target),
            f"requires {edge.required}, but of {lacking} learners who lack that by their last"
            f" answers, {passing} mostly pass this",
            "look whether it is needed, or what its items measure",
        )


_CHECKS: dict[str, Callable[[Curriculum, tuple[Role, ...]], Iterator[Finding]]] = {
    "no-modules": _no_modules,
    "no-items": _no_items,
    "untaught-target": _untaught_targets,
    "untaught-prerequisite": _untaught_prerequisites,
    "too-few-items": _too_few_items,
    "skill-without-items": _skills_without_items,
    "redundant-prerequisite": _redundant_prerequisites,
    "idle-module": _idle_modules,
    "unreachable-module": _unreachable_modules,
    **LEVEL_CHECKS,
}
CHECKS = (*_CHECKS, "contradicted-prerequisite")
