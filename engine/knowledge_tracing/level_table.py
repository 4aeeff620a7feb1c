"""The table of levels: a row for each level of each skill that there is evidence about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..domain.framework import SkillLevel
from .chain import LevelChain
from .parameters import DEFAULT_PARAMETERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.responses import ResponseLog

__all__ = ["LevelTable"]


@dataclass(frozen=True)
class LevelTable:
    """Levels by skill, the lowest first; skills by their ids.

    Parameters
    ----------
    rows : tuple of SkillLevel, shape (n_levels,)

    Examples
    --------
    >>> table = LevelTable.of([SkillLevel("sql", 3), SkillLevel("charts"), SkillLevel("sql", 1)])
    >>> table.skill_ids, table.n_levels
    (('charts', 'sql'), array([1, 2]))
    >>> table.rows_of(LevelTable.of([SkillLevel("sql", 3)]))
    array([2])
    """

    rows: tuple[SkillLevel, ...]

    @classmethod
    def of(cls, rows: Iterable[SkillLevel]) -> LevelTable:
        """Make the table of some levels, each of them told once or more."""
        return cls(tuple(sorted(set(rows))))

    @classmethod
    def exercised_in(cls, log: ResponseLog) -> LevelTable:
        """Make the table of the levels that the responses of a log looked at."""
        used = zip(log.skill_sets, log.n_of_skill_set.tolist(), strict=True)
        return cls.of(one for skill_set, n in used if n for one in skill_set)

    @cached_property
    def skill_ids(self) -> tuple[str, ...]:
        """The skills, shape (n_skills,)."""
        return tuple(dict.fromkeys(one.skill_id for one in self.rows))

    @cached_property
    def skill_of_row(self) -> NDArray[np.int64]:
        """The number of the skill of each row, shape (n_levels,)."""
        number = {skill_id: k for k, skill_id in enumerate(self.skill_ids)}
        return np.array([number[one.skill_id] for one in self.rows], dtype=np.int64)

    @cached_property
    def n_levels(self) -> NDArray[np.int64]:
        """How many rows each skill has, shape (n_skills,)."""
        return np.bincount(self.skill_of_row, minlength=len(self.skill_ids)).astype(np.int64)

    @cached_property
    def row_start(self) -> NDArray[np.int64]:
        """Skill k owns the rows ``row_start[k]:row_start[k + 1]``, shape (n_skills + 1,)."""
        return np.concatenate([[0], np.cumsum(self.n_levels)]).astype(np.int64)

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """The place of each row among its skill's, from 0, shape (n_levels,)."""
        ranks: NDArray[np.int64] = np.arange(len(self.rows)) - self.row_start[self.skill_of_row]
        return ranks

    @cached_property
    def chains(self) -> Mapping[str, LevelChain]:
        """A chain per skill, with parameters as usual."""
        levels: dict[str, list[int]] = {skill_id: [] for skill_id in self.skill_ids}
        for one in self.rows:
            levels[one.skill_id].append(one.level)
        return {k: LevelChain.of(found, {}, (DEFAULT_PARAMETERS,)) for k, found in levels.items()}

    def rows_of(self, part: LevelTable) -> NDArray[np.int64]:
        """Return where the rows of a smaller table are in this one, shape (n_levels of part,)."""
        place = {one: k for k, one in enumerate(self.rows)}
        return np.array([place[one] for one in part.rows], dtype=np.int64)
