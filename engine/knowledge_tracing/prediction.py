"""Predictions for a whole log, lined up with its rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from .layout import Layout
from .lessons import Lessons
from .noise import noise_of_classes, noise_sources
from .tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.evidence import Completion
    from ..domain.responses import ResponseLog
    from .binding import Binding
    from .compute import Passes

__all__ = ["predictions"]


def predictions(
    log: ResponseLog,
    binding: Binding,
    passes: Passes,
    *,
    completions: Iterable[Completion] | None = None,
) -> NDArray[np.float64]:
    """Return P(right) of each response before its answer is seen, shape (n_responses,).

    Parameters
    ----------
    log : ResponseLog
    binding : Binding
        Has a chain for each skill of the log.
    passes : Passes
    completions : iterable of Completion, optional
        Modules completed between the responses.
    """
    options, fitted = binding.options, binding.fitted
    chains = binding.chains_for(log)
    lessons = (
        None if completions is None else Lessons.of(completions, log, binding.curriculum, chains)
    )
    sources, codes = noise_sources(log, options.noise, binding.curriculum)
    timed = options.fades and log.answered_at is not None
    layout = Layout.of(log, chains, source=codes, lessons=lessons, timed=timed)
    of_skill = [chains[skill_id] for skill_id in log.skill_ids]
    p_start = np.array([p for chain in of_skill for p in chain.p_start])
    theta = np.array([one for chain in of_skill for one in chain.parameters]).reshape(-1, 5)
    theta[:, 2] *= options.forgets
    effects = () if lessons is None else zip(lessons.effects, lessons.declared, strict=True)
    tables = Tables(
        theta,
        noise_of_classes(layout, sources, chains, log.skill_ids, fitted.noise),
        np.array([binding.taught_by(*named, float(learn)) for named, learn in effects]),
        np.array([binding.decay_of(skill_id) for skill_id in log.skill_ids]),
    )
    in_time, _ = passes.replay(layout, p_start, tables)
    answered = layout.response >= 0
    p_correct = np.empty(len(log))
    p_correct[layout.response[answered]] = in_time[answered]
    return p_correct
