"""Whose guess and slip an answer has: the skill's, the item's, or the kind of item's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..domain.framework import SkillLevel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum
    from ..domain.responses import ResponseLog
    from .chain import LevelChain
    from .layout import Layout

__all__ = ["Noise", "NoiseTable", "noise_of_classes", "noise_sources"]


class Noise(NamedTuple):
    """P(right | level not attained) and P(wrong | level attained) of a class of answers.

    Examples
    --------
    >>> Noise(guess=0.2, slip=0.1).guess
    0.2
    """

    guess: float
    slip: float


NoiseTable = Mapping[str, Mapping[SkillLevel, Noise]]
"""Guess and slip by item, or kind of item, and by the skill and level that it exercises."""


def noise_sources(
    log: ResponseLog, belongs_to: str, curriculum: Curriculum | None
) -> tuple[tuple[str, ...], NDArray[np.int64] | None]:
    """Return the names of what guess and slip belong to, and each item's code among them.

    Items that the curriculum does not know are of no kind, named ``""``: they have the skill's
    guess and slip. Where these belong to the skill there are no codes.
    """
    if belongs_to == "skill":
        return (), None
    if belongs_to == "item":
        return log.item_ids, np.arange(len(log.item_ids))
    items = curriculum.items if curriculum else {}
    kinds = [items[one].kind if one in items else "" for one in log.item_ids]
    names = tuple(sorted(set(kinds)))
    code = {name: i for i, name in enumerate(names)}
    return names, np.array([code[kind] for kind in kinds], dtype=np.int64)


def noise_of_classes(
    layout: Layout,
    names: tuple[str, ...],
    chains: Mapping[str, LevelChain],
    skill_ids: tuple[str, ...],
    table: NoiseTable,
) -> NDArray[np.float64]:
    """Return guess and slip of each class of noise of a layout, the skill's where none is known.

    Returns
    -------
    noise : ndarray, shape (n_noise, 2)
    """
    exercised = [
        (reached, Noise(one.guess, one.slip))
        for skill_id in skill_ids
        for reached, one in zip(
            chains[skill_id].skill_levels(skill_id), chains[skill_id].parameters, strict=True
        )
    ]
    found = []
    for source, row in zip(layout.noise_source.tolist(), layout.noise_level.tolist(), strict=True):
        reached, usual = exercised[row]
        known = table.get(names[source]) if source >= 0 else None
        found.append(known.get(reached, usual) if known else usual)
    return np.array(found, dtype=np.float64).reshape(-1, 2)
