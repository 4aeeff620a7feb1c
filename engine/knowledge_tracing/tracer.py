"""What every tracer can do: the protocol that the planner and the service rely on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from ..domain.curriculum import Curriculum, Module
from ..domain.evidence import Completion, Response
from ..domain.framework import Role, SkillLevel, SkillTarget
from ..domain.knowledge import KnowledgeState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Targets", "Tracer", "targets_of"]

Targets = Role | Sequence[SkillTarget | SkillLevel]
"""What attainment can be asked of: a role, or skills at levels."""


@runtime_checkable
class Tracer(Protocol):
    """From evidence to mastery: batch learning, and one learner at a time.

    States go in and come out; nothing is kept between calls, so that one tracer serves any number
    of learners and threads.
    """

    def fit(self, log: Any) -> Self:
        """Learn the parameters from a ResponseLog or a data frame."""

    def predict_correct(self, log: Any) -> NDArray[np.float64]:
        """Return P(right) of each response before its answer is seen, shape (n_responses,)."""

    def replay(self, log: Any) -> Mapping[str, KnowledgeState]:
        """Return the state of every learner after a ResponseLog, a data frame or a History."""

    def start(self, learner_id: str) -> KnowledgeState:
        """Return what is believed of somebody without evidence."""

    def update(self, state: KnowledgeState, response: Response) -> KnowledgeState:
        """Return the state after one response."""

    def complete(self, state: KnowledgeState, completion: Completion) -> KnowledgeState:
        """Return the state after a module was completed."""

    def project(
        self, state: KnowledgeState, module: Module, *, at: datetime | None = None
    ) -> KnowledgeState:
        """Return the state to be expected if a module were completed now."""

    def attainment(
        self, state: KnowledgeState, targets: Targets, *, at: datetime | None = None
    ) -> NDArray[np.float64]:
        """Return P(skill at or above the level) for each target, shape (n_targets,)."""

    def predict_item(
        self, state: KnowledgeState, item_id: str, *, at: datetime | None = None
    ) -> float:
        """Return P(right) of the learner's next answer to an item."""

    def with_curriculum(self, curriculum: Curriculum | None) -> Self:
        """Return a tracer with the same parameters over another curriculum."""

    def to_json(self) -> str:
        """Return the model as text that :func:`tracer_from_json` reads back exactly."""


def targets_of(targets: Targets) -> Sequence[SkillTarget | SkillLevel]:
    """Return the targets of a role, or the targets themselves.

    Examples
    --------
    >>> targets_of(Role("analyst", [SkillTarget("sql")]))[0].skill_id
    'sql'
    """
    return targets.targets if isinstance(targets, Role) else targets
