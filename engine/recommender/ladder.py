"""The roles of a career ladder, in their order."""

from __future__ import annotations

from collections.abc import Iterable

from ..domain.framework import Role
from ..domain.records import Faults, note_repeats

__all__ = ["next_rung", "rungs", "same_ladder"]


def rungs(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Return the roles of one ladder, lowest rung first, equal rungs by role id.

    Raises
    ------
    InvalidInput
        No roles, a role given twice, a role on no ladder, or roles of several ladders.

    Examples
    --------
    >>> from engine.domain import SkillTarget
    >>> senior = Role("senior", [SkillTarget("sql", 2)], ladder="analyst", rung=2)
    >>> junior = Role("junior", [SkillTarget("sql")], ladder="analyst", rung=1)
    >>> [role.role_id for role in rungs([senior, junior])]
    ['junior', 'senior']
    """
    given = tuple(roles)
    faults = Faults()
    if not given:
        faults.add("roles", "are none, expected the roles of one ladder")
    note_repeats("roles", (role.role_id for role in given), faults)
    for i, role in enumerate(given):
        if not role.ladder:
            faults.add(f"roles[{i}]", f"{role.role_id!r} stands on no ladder", "name its ladder")
    names = sorted({role.ladder for role in given if role.ladder})
    if len(names) > 1:
        faults.add("roles", f"stand on several ladders: {', '.join(names)}", "ask for one of them")
    faults.raise_if_any("ladder")
    return tuple(sorted(given, key=lambda role: (role.rung, role.role_id)))


def same_ladder(role: Role, roles: Iterable[Role]) -> tuple[Role, ...]:
    """Return the roles that stand on the ladder of `role`, itself included, lowest rung first.

    Raises
    ------
    InvalidInput
        The role stands on no ladder.

    Examples
    --------
    >>> from engine.domain import SkillTarget
    >>> analyst = Role("analyst", [SkillTarget("sql")], ladder="analyst")
    >>> writer = Role("writer", [SkillTarget("prose")], ladder="writer")
    >>> [one.role_id for one in same_ladder(analyst, [writer, analyst])]
    ['analyst']
    """
    others = (one for one in roles if one.ladder == role.ladder and one.role_id != role.role_id)
    return rungs((role, *others))


def next_rung(role: Role, roles: Iterable[Role]) -> Role | None:
    """Return the role above `role` on its ladder; None on the highest rung, or on no ladder.

    Examples
    --------
    >>> from engine.domain import SkillTarget
    >>> junior, senior = (
    ...     Role(f"r{k}", [SkillTarget("sql", k)], ladder="r", rung=k) for k in (1, 2)
    ... )
    >>> next_rung(junior, [senior, junior]).role_id, next_rung(senior, [senior, junior])
    ('r2', None)
    """
    if not role.ladder:
        return None
    return next((one for one in same_ladder(role, roles) if one.rung > role.rung), None)
