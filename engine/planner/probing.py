"""What to ask: the item that says most about a role, one at a time or to the end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast

from ..domain.records import Faults
from ..recommender import Examiner, asked_ids, next_probe, placed
from .ground import Ground, faults_of

if TYPE_CHECKING:
    from ..domain.framework import Role
    from ..domain.knowledge import KnowledgeState
    from ..domain.recommendations import Probe

__all__ = ["Probing"]


class Probing(Ground):
    """Questions about what to find out."""

    def probe(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        asked: Collection[str] = (),
        precision: float = 0.05,
        at: datetime | None = None,
    ) -> Probe:
        """Return the item whose answer is expected to say most about readiness for a role.

        Parameters
        ----------
        state : KnowledgeState
        role : Role
        asked : collection of str, optional
            Items not to ask again; those answered rightly before and retired ones are never asked.
        precision : float, default 0.05
            The standard deviation of readiness at which there is no more to ask.
        at : datetime, optional
            The aware instant asked about.

        Raises
        ------
        InvalidInput
            A precision that is not above 0, a naive instant, unknown items in `asked`, or a tracer
            without ``update`` and ``predict_item``.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        tracer, asked = self._examiner(precision, at), asked_ids(self.curriculum, asked)
        return next_probe(
            self._examination(role), state, tracer, asked=asked, precision=precision, at=at
        )

    def placement(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        answer: Callable[[str], float],
        limit: int = 20,
        precision: float = 0.05,
        at: datetime | None = None,
    ) -> tuple[KnowledgeState, Sequence[Probe]]:
        """Probe until readiness is known precisely enough; `answer` gives the score of an item.

        Returns the state after the answers, and every probe; the last one says why it is the last.

        Raises
        ------
        InvalidInput
            As :meth:`probe`, or a limit below 1.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        faults = Faults()
        faults.check_level("limit", limit)
        faults.raise_if_any("request")
        tracer = self._examiner(precision, at)
        about = self._examination(role)
        return placed(about, state, tracer, answer, limit=limit, precision=precision, at=at)

    def _examiner(self, precision: float, at: datetime | None) -> Examiner:
        faults = faults_of(at)
        faults.check_number("precision", precision, 0.0, 1.0, above=True)
        for name in ("update", "predict_item"):
            if not hasattr(self.tracer, name):
                faults.add("tracer", f"has no {name}", "take a tracer, such as BKT")
        faults.raise_if_any("request")
        return cast("Examiner", self.tracer)
