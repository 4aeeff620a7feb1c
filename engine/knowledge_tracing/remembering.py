"""Learning from further responses without the old ones: what a model remembers of those.

Expectation-maximisation needs of a log no more than the expected events: how often each parameter
of each level happened, and did not. Kept with the model, they stand for the log when more
responses come: the E-step goes over the new ones alone, the M-step adds both (incremental
expectation-maximisation, Neal & Hinton 1998). A memory below one lets the old fade, for items and
learners that change.

What is approximate: events of old responses stay as the parameters of their day had them, where
a fit of everything would expect them anew, and they count as if they had been seen. So a model
that learns in parts trusts its first parts somewhat more than it should.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..domain.framework import SkillLevel
from .convergence import FitReport

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .fitted import Fitted
    from .level_table import LevelTable

    Array = NDArray[np.float64]

__all__ = ["events_by_rank", "events_by_row", "joined"]

_NONE = np.zeros((5, 2))


def events_by_row(fitted: Fitted, table: LevelTable) -> Array:
    """Return what is remembered of each row of a table of levels, shape (n_levels, 5, 2)."""
    return np.array([fitted.events.get(one, _NONE) for one in table.rows])


def events_by_rank(fitted: Fitted) -> Array:
    """Return what is remembered of all skills together, by rank of level, (n_ranks, 5, 2)."""
    total = np.zeros((max(map(len, fitted.parameters.values()), default=0), 5, 2))
    for skill_id, levels in fitted.parameters.items():
        for rank, level in enumerate(levels):
            total[rank] += fitted.events.get(SkillLevel(skill_id, level), _NONE)
    return total


def joined(old: Fitted, new: Fitted, memory: float) -> Fitted:
    """Return the new fit with the skills and items that only the old one has, and their events.

    Examples
    --------
    >>> from .fitted import Fitted
    >>> from .parameters import DEFAULT_PARAMETERS
    >>> one = Fitted({"a": {1: DEFAULT_PARAMETERS}}, items={"q": (SkillLevel("a"),)})
    >>> other = Fitted({"b": {1: DEFAULT_PARAMETERS}})
    >>> sorted(joined(one, other, 1.0).parameters)
    ['a', 'b']
    """
    faded = {one: memory * events for one, events in old.events.items()}
    return replace(
        new,
        parameters={**old.parameters, **new.parameters},
        report=FitReport({**old.report.skills, **new.report.skills}),
        items={**old.items, **new.items},
        covariance={**old.covariance, **new.covariance},
        events={**faded, **new.events},
        pooled=(*new.pooled, *old.pooled[len(new.pooled) :]),
    )
