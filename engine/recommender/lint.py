"""What in a curriculum will disappoint those who use it: faults of sense rather than of form.

Circles, unknown ids and the like are refused when a curriculum is made. What is found here can be
used, but keeps learners from getting where they should.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from ..domain.evidence import Completion, Response
from ..domain.framework import Prerequisite, SkillLevel
from .explanation import listed
from .gaps import SUCCESSES_FOR_MASTERY
from .role_map import leading_to, role_map

if TYPE_CHECKING:
    from ..domain.curriculum import Curriculum
    from ..domain.framework import Role

__all__ = ["CHECKS", "Finding", "lint"]

_FEWEST_LEARNERS = 10
_PASSED = 0.5
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a curriculum that will disappoint.

    Parameters
    ----------
    check : str
        One of :data:`CHECKS`.
    where : str
        The id or ids that it is about.
    problem, remedy : str
    """

    check: str
    where: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}; {self.remedy}"


def lint(
    curriculum: Curriculum,
    roles: Iterable[Role] = (),
    evidence: Iterable[Response | Completion] = (),
) -> tuple[Finding, ...]:
    """Return what in a curriculum will disappoint, check by check.

    Parameters
    ----------
    curriculum : Curriculum
    roles : iterable of Role, optional
        Without roles nothing is said of targets or of modules that help none.
    evidence : iterable of Response and Completion, optional
        Against which prerequisites are held.

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
    untaught-target | analyst: no module teaches its target sql at level 1; add a module or drop the
    target
    """
    given = tuple(roles)
    for role in given:
        curriculum.framework.check_role(role)
    found = [one for check in _CHECKS.values() for one in check(curriculum, given)]
    return (*found, *_contradicted(curriculum, evidence))


def _wanted(curriculum: Curriculum, roles: tuple[Role, ...]) -> tuple[SkillLevel, ...]:
    targets = [target.skill_level for role in roles for target in role.targets]
    return curriculum.framework.closure(targets)


def _is_taught(curriculum: Curriculum, wanted: SkillLevel) -> bool:
    return any(not module.retired for module in leading_to(curriculum, wanted))


def _untaught_targets(curriculum: Curriculum, roles: tuple[Role, ...]) -> Iterator[Finding]:
    for role in roles:
        for target in role.targets:
            if not _is_taught(curriculum, target.skill_level):
                yield Finding(
                    "untaught-target",
                    role.role_id,
                    f"no module teaches its target {target.skill_level}",
                    "add a module or drop the target",
                )


def _untaught_prerequisites(curriculum: Curriculum, roles: tuple[Role, ...]) -> Iterator[Finding]:
    targets = {target.skill_level for role in roles for target in role.targets}
    for one in _wanted(curriculum, roles):
        if one not in targets and not _is_taught(curriculum, one):
            yield Finding(
                "untaught-prerequisite",
                one.skill_id,
                f"no module teaches {one}, which targets require",
                "add a module, or items by which learners can show it",
            )


def _too_few_items(curriculum: Curriculum, roles: tuple[Role, ...]) -> Iterator[Finding]:
    items = [item for item in curriculum.item_list if not item.retired]
    targets = dict.fromkeys(target.skill_level for role in roles for target in role.targets)
    for one in targets:
        n = sum(one.skill_id in item.skills and item.level >= one.level for item in items)
        if n < SUCCESSES_FOR_MASTERY:
            counted = "no item looks" if n == 0 else "only one item looks"
            yield Finding(
                "too-few-items",
                one.skill_id,
                f"{counted} at {one}, and mastery takes {SUCCESSES_FOR_MASTERY} different ones",
                "add items",
            )


def _skills_without_items(curriculum: Curriculum, roles: tuple[Role, ...]) -> Iterator[Finding]:
    exercised = {one for item in curriculum.item_list if not item.retired for one in item.skills}
    told = {target.skill_id for role in roles for target in role.targets}  # by too-few-items
    for skill_id in curriculum.skills:
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


def _level_gaps(curriculum: Curriculum, _: tuple[Role, ...]) -> Iterator[Finding]:
    for skill_id in curriculum.skills:
        levels = curriculum.levels_of(skill_id)
        taught = [k for k in levels if _teaches(curriculum, SkillLevel(skill_id, k))]
        for level in levels:
            above = [k for k in taught if k > level]
            if level not in taught and above:
                yield Finding(
                    "level-gap",
                    skill_id,
                    f"no module teaches level {level}, on which that of level {above[0]} builds",
                    f"add a module for level {level}",
                )


def _teaches(curriculum: Curriculum, reached: SkillLevel) -> bool:
    return any(not module.retired for module in curriculum.teaching(reached))


def _contradicted(
    curriculum: Curriculum, evidence: Iterable[Response | Completion]
) -> Iterator[Finding]:
    """Find prerequisites without which most learners pass all the same.

    Of those who mostly fail items on the prerequisite, the share that mostly passes items on what
    requires it has a 95 % interval above one half (Wilson 1927); items on several skills are left
    aside, as they cannot tell whose fault a failure is.
    """
    scores: dict[tuple[str, int], dict[str, list[float]]] = {}
    for one in evidence:
        item = curriculum.items.get(one.item_id) if isinstance(one, Response) else None
        if isinstance(one, Response) and item is not None and len(item.skills) == 1:
            of_learner = scores.setdefault((item.skills[0], item.level), {})
            of_learner.setdefault(one.learner_id, []).append(one.score)
    for edge in curriculum.framework.prerequisites if scores else ():
        failing, passing = _failing_yet_passing(edge, scores)
        if failing >= _FEWEST_LEARNERS and _wilson_low(passing, failing) > _PASSED:
            yield Finding(
                "contradicted-prerequisite",
                str(edge.target),
                f"requires {edge.required}, but of {failing} learners who mostly fail that,"
                f" {passing} mostly pass this",
                "look whether it is needed, or what its items measure",
            )


def _failing_yet_passing(
    edge: Prerequisite, scores: dict[tuple[str, int], dict[str, list[float]]]
) -> tuple[int, int]:
    """Count the learners who fail what is required, and of these those who pass the rest."""
    before = _means(scores, lambda k: k[0] == edge.requires and k[1] <= edge.requires_level)
    after = _means(scores, lambda k: k[0] == edge.skill_id and k[1] >= edge.level)
    failing = [one for one, mean in before.items() if mean < _PASSED and one in after]
    return len(failing), sum(after[one] > _PASSED for one in failing)


def _means(
    scores: dict[tuple[str, int], dict[str, list[float]]], wanted: Callable[[tuple[str, int]], bool]
) -> dict[str, float]:
    pooled: dict[str, list[float]] = {}
    for key, of_learner in scores.items():
        if wanted(key):
            for learner_id, found in of_learner.items():
                pooled.setdefault(learner_id, []).extend(found)
    return {learner_id: sum(found) / len(found) for learner_id, found in pooled.items()}


def _wilson_low(k: int, n: int) -> float:
    """Return the lower end of Wilson's 95 % interval of a share.

    Examples
    --------
    >>> round(_wilson_low(9, 10), 3)
    0.596
    """
    share, z = k / n, _Z * _Z / n
    return (share + z / 2 - sqrt(z * (share * (1 - share) + z / 4))) / (1 + z)


_CHECKS: dict[str, Callable[[Curriculum, tuple[Role, ...]], Iterator[Finding]]] = {
    "untaught-target": _untaught_targets,
    "untaught-prerequisite": _untaught_prerequisites,
    "too-few-items": _too_few_items,
    "skill-without-items": _skills_without_items,
    "redundant-prerequisite": _redundant_prerequisites,
    "idle-module": _idle_modules,
    "level-gap": _level_gaps,
}
CHECKS = (*_CHECKS, "contradicted-prerequisite")
