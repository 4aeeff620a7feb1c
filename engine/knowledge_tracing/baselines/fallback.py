"""What an item is taken to be like that was not there when a model was fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ...domain.responses import ResponseLog

    Array = NDArray[np.float64]

__all__ = ["ItemValues"]


class ItemValues:
    """A value per item; an unknown item has the mean of those with its skills, else of all.

    Parameters
    ----------
    log : ResponseLog
        The log that was fitted; means are over its responses.
    values : ndarray of float, shape (n_items,)
        By the log's item codes.

    Examples
    --------
    >>> from ...domain.responses import ResponseLog
    >>> log = ResponseLog.from_columns(
    ...     learner=list("aaaa"), item=list("pqrs"), skills=list("xxyz"), score=[1] * 4
    ... )
    >>> ItemValues(log.select([0, 1, 2]), np.array([1.0, 2.0, 6.0, np.nan])).of(log)
    array([1., 2., 6., 3.])
    """

    def __init__(self, log: ResponseLog, values: Array) -> None:
        of_row = values[log.item]
        present = np.unique(log.item).tolist()
        self.of_item: Mapping[str, float] = {log.item_ids[k]: float(values[k]) for k in present}
        total, count = (np.bincount(log.skill_set, weights) for weights in (of_row, None))
        used = np.flatnonzero(count).tolist()
        self._of_skills = {log.skill_sets[k]: float(total[k] / count[k]) for k in used}
        self._overall = float(of_row.mean())

    def of(self, log: ResponseLog) -> Array:
        """Return the value of each response's item, shape (n_responses,)."""
        of_set = [self._of_skills.get(one, self._overall) for one in log.skill_sets]
        of_item = [self.of_item.get(one, np.nan) for one in log.item_ids]
        known, typical = np.array(of_item, float)[log.item], np.array(of_set, float)[log.skill_set]
        return np.where(np.isnan(known), typical, known)
