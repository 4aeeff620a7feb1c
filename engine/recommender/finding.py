"""What a lint finds, and what of a curriculum is in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .role_map import leading_to

if TYPE_CHECKING:
    from ..domain.curriculum import Curriculum, Item, Module
    from ..domain.skills import SkillLevel

__all__ = [
    "Finding",
    "is_taught",
    "items_in_use",
    "levels_shown",
    "modules_in_use",
    "n_that_show",
]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a curriculum that will disappoint.

    Parameters
    ----------
    check : str
        One of :data:`.CHECKS`.
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


def modules_in_use(curriculum: Curriculum) -> list[Module]:
    """Return the modules that are not retired."""
    return [module for module in curriculum.module_list if not module.retired]


def items_in_use(curriculum: Curriculum) -> list[Item]:
    """Return the items that are not retired."""
    return [item for item in curriculum.item_list if not item.retired]


def is_taught(curriculum: Curriculum, wanted: SkillLevel) -> bool:
    """Whether a module in use teaches a skill at a level, or at the next that there is."""
    return any(not module.retired for module in leading_to(curriculum, wanted))


def levels_shown(curriculum: Curriculum) -> Mapping[str, list[int]]:
    """Return for each skill the levels at which items in use look, one for each of them."""
    found: dict[str, list[int]] = {}
    for item in items_in_use(curriculum):
        for skill_id in item.skills:
            found.setdefault(skill_id, []).append(item.level)
    return found


def n_that_show(shown: Mapping[str, list[int]], wanted: SkillLevel) -> int:
    """Return how many items look at a skill at a level or above it, of :func:`levels_shown`."""
    return sum(level >= wanted.level for level in shown.get(wanted.skill_id, ()))
