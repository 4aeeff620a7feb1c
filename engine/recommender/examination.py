"""What can be asked of whoever wants a role, and what a model must be able to do to ask it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..domain.roles import Role, SkillTarget
from ..domain.skills import SkillLevel, UncertainLevel
from .knowledge_space import KnowledgeSpace
from .projector import Projector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum, Item
    from ..domain.evidence import Response
    from ..domain.framework import CompetencyFramework
    from ..domain.knowledge import KnowledgeState

__all__ = ["Examination", "Examiner", "examination"]


class Examiner(Projector, Protocol):
    """A model that also foresees answers and learns from them; every tracer is one."""

    def predict_item(
        self, state: KnowledgeState, item_id: str, *, at: datetime | None = None
    ) -> float:
        """Return P(right) of the learner's next answer to an item."""
        ...

    def update(self, state: KnowledgeState, response: Response) -> KnowledgeState:
        """Return the state after one response."""
        ...


@dataclass(frozen=True, eq=False)
class Examination:
    """What can be asked of whoever wants a role.

    Parameters
    ----------
    curriculum : Curriculum
    role : Role
        With its targets at certain levels.
    wanted : tuple of SkillLevel
        The targets in their order, then all that they require, however indirectly.
    requires : ndarray of bool, shape (n_wanted, n_wanted)
        Whether the first requires the second, however indirectly.
    items : tuple of Item
        Those not retired that exercise something wanted, by id.
    spaces : dict
        The knowledge spaces drawn so far, by what was believed before any evidence.
    """

    curriculum: Curriculum
    role: Role
    wanted: tuple[SkillLevel, ...]
    requires: NDArray[np.bool_]
    items: tuple[Item, ...]
    spaces: dict[bytes, KnowledgeSpace] = field(default_factory=dict)

    def space(self, p_start: NDArray[np.float64]) -> KnowledgeSpace:
        """Return the knowledge space for these attainments before any evidence, drawn once."""
        key = p_start.tobytes()
        found = self.spaces.get(key)
        if found is None:
            found = KnowledgeSpace(self.wanted, self.requires, p_start)
            self.spaces.clear()
            self.spaces[key] = found
        return found

    def shares(self) -> NDArray[np.float64]:
        """Return the targets' weights as shares of their sum, shape (n_targets,)."""
        weights = np.array(self.role.weights)
        shares: NDArray[np.float64] = weights / weights.sum()
        return shares


def examination(curriculum: Curriculum, role: Role) -> Examination:
    """Gather what can be asked about a role.

    A target whose level is uncertain counts as one at each level that may be meant: answers can
    tell what is known, but not what is meant.

    Raises
    ------
    InvalidCurriculum
        The role names skills or levels that the curriculum's framework lacks.
    """
    framework = curriculum.framework
    framework.check_role(role)
    role = _spelt_out(framework, role)
    targets = [target.skill_level for target in role.targets]
    first_things_first = framework.closure(targets)
    wanted = (*targets, *(one for one in first_things_first if one not in set(targets)))
    place = {one: k for k, one in enumerate(wanted)}
    requires = np.zeros((len(wanted), len(wanted)), np.bool_)
    for one in first_things_first:
        for required in framework.requirements(one):
            requires[place[one]] |= requires[place[required]]
            requires[place[one], place[required]] = True
    skill_ids = {one.skill_id for one in wanted}
    items = (item for item in curriculum.item_list if not skill_ids.isdisjoint(item.skills))
    ordered = tuple(sorted((one for one in items if not one.retired), key=lambda one: one.item_id))
    return Examination(curriculum, role, wanted, requires, ordered)


def _spelt_out(framework: CompetencyFramework, role: Role) -> Role:
    """Return a role with every level that its targets may mean as a target of its own."""
    if role.is_certain:
        return role
    weight_of: dict[SkillLevel, float] = {}
    for target, meant in zip(role.targets, framework.meant_by(role), strict=True):
        shares = meant.shares if isinstance(meant, UncertainLevel) else ((meant.level, 1.0),)
        for level, share in shares:
            one = SkillLevel(meant.skill_id, level)
            weight_of[one] = weight_of.get(one, 0.0) + share * target.weight
    targets = tuple(SkillTarget(*one, weight) for one, weight in weight_of.items())
    return Role(role.role_id, targets, role.name, role.mastery_threshold)
