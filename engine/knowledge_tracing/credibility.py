"""How far an attainment can be trusted: what it would be under other credible parameters.

An attainment is a probability and carries the doubt about the learner already. What it does not
carry is the doubt about the model's own parameters: a skill fitted to few answers may misjudge
everybody alike. Here the learner's evidence is followed under parameters drawn from the posterior
of the fit, and the spread of the attainments is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from ..domain.evidence import Completion, Response
from ..domain.knowledge import KnowledgeState
from ..errors import Fault, InvalidInput
from .tracer import Targets, Tracer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Credible", "after", "attainment_draws", "attainment_interval"]


class Credible(Tracer, Protocol):
    """A tracer that knows how well its parameters are known."""

    def draw(self, n: int, rng: np.random.Generator) -> Sequence[Self]:
        """Return n tracers with parameters drawn from the posterior of the fit."""


def after(
    tracer: Tracer, learner_id: str, evidence: Sequence[Response | Completion]
) -> KnowledgeState:
    """Return a learner's state after evidence, in the order given.

    Examples
    --------
    >>> from . import BKT
    >>> after(BKT(), "ada", []).skills
    mappingproxy({})
    """
    state = tracer.start(learner_id)
    for one in evidence:
        state = (
            tracer.update(state, one) if isinstance(one, Response) else tracer.complete(state, one)
        )
    return state


def attainment_draws(
    tracer: Credible,
    learner_id: str,
    evidence: Sequence[Response | Completion],
    targets: Targets,
    *,
    n: int = 100,
    at: datetime | None = None,
    rng: np.random.Generator,
) -> Array:
    """Return the attainment of each target under n draws of the parameters, (n, n_targets).

    Parameters
    ----------
    tracer : Credible
        Fitted: its posterior is drawn from.
    learner_id : str
    evidence : sequence of Response or Completion
        All of the learner's, in the order in which it happened.
    targets : Role or sequence of SkillTarget or SkillLevel
    n : int
    at : datetime, optional
        The instant asked about.
    rng : numpy.random.Generator

    Raises
    ------
    NotFitted
        The tracer has no posterior to draw from.
    """
    if n < 1:
        raise InvalidInput("attainment", [Fault("n", f"is {n}, expected at least 1")])
    return np.stack(
        [
            one.attainment(after(one, learner_id, evidence), targets, at=at)
            for one in tracer.draw(n, rng)
        ]
    )


def attainment_interval(
    tracer: Credible,
    learner_id: str,
    evidence: Sequence[Response | Completion],
    targets: Targets,
    *,
    level: float = 0.8,
    n: int = 100,
    at: datetime | None = None,
    rng: np.random.Generator,
) -> Array:
    """Return the central interval of each target's attainment, shape (n_targets, 2).

    It says how far the number would move if the model's parameters were other credible ones; it
    narrows as the log that was fitted grows.

    Parameters
    ----------
    level : float, default 0.8
        How much of the draws it holds.
    tracer, learner_id, evidence, targets, n, at, rng
        As :func:`attainment_draws`.

    Examples
    --------
    >>> from . import BKT
    >>> from ..domain.framework import SkillLevel
    >>> from ..domain.responses import ResponseLog
    >>> rows = [
    ...     {"learner": f"l{i}", "item": "q", "skills": "sql", "correct": (i + t) % 3 > 0}
    ...     for i in range(30)
    ...     for t in range(4)
    ... ]
    >>> tracer = BKT().fit(ResponseLog.from_records(rows))
    >>> evidence = [Response("ada", "q", 1.0)]
    >>> rng = np.random.default_rng(0)
    >>> low, high = attainment_interval(tracer, "ada", evidence, [SkillLevel("sql")], rng=rng)[0]
    >>> bool(0.0 < low < high < 1.0)
    True
    """
    if not 0.0 < level < 1.0:
        raise InvalidInput("interval", [Fault("level", f"is {level!r}, expected between 0 and 1")])
    drawn = attainment_draws(tracer, learner_id, evidence, targets, n=n, at=at, rng=rng)
    return np.quantile(drawn, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], axis=0).T
