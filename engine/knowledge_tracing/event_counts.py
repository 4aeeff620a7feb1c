"""The expected events of all skills at once: the passes of :mod:`.event_passes` in threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .threads import share, usual_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Layout
    from .sequences import Sequences
    from .tables import Tables

    Array = NDArray[np.float64]

__all__ = ["EventCounts", "count_events"]


@dataclass(frozen=True)
class EventCounts:
    """What happened how often in expectation, and the log-likelihood of each skill.

    Parameters
    ----------
    level : ndarray, shape (n_levels, 3, 2)
        Of prior, learn and forget: how often it happened, and did not.
    noise : ndarray, shape (n_noise, 2, 3)
        Of guess and slip likewise; then the sum of squares of event minus expectation.
    effect : ndarray, shape (n_effects, 3)
        Likewise.
    decay : ndarray, shape (n_skills, 2)
        Levels lost, and the days for which there was one to lose.
    log_likelihood : ndarray, shape (n_skills,)
    """

    level: Array
    noise: Array
    effect: Array
    decay: Array
    log_likelihood: Array


def count_events(
    weight: Array,
    sequences: Sequences,
    layout: Layout,
    tables: Tables,
    *,
    threads: int | None = None,
) -> EventCounts:
    """Return the expected counts of all skills under all parameters, modules and time included.

    Whatever is counted belongs to one skill, so that skills go to threads, as many as in
    :class:`.Compiled`, and the results are the same to the last bit for any number of them.
    """
    from .event_passes import smooth_events

    n_skills = len(layout.row_start) - 1
    counts = EventCounts(
        np.zeros((len(tables.theta), 3, 2)),
        np.zeros((len(tables.noise), 2, 3)),
        np.zeros((len(tables.effect), 3)),
        np.zeros((n_skills, 2)),
        np.zeros(n_skills),
    )
    columns = (weight, sequences.rank, *layout.by_skill, sequences.start, sequences.skill_start)
    parameters = (tables.theta, tables.noise, tables.effect, tables.decay)
    into = (counts.level, counts.noise, counts.effect, counts.decay, counts.log_likelihood)
    share(
        lambda low, high: smooth_events(*columns, layout.row_start, *parameters, low, high, *into),
        sequences.n_responses,
        usual_number() if threads is None else threads,
    )
    return counts
