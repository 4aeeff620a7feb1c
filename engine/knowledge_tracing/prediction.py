"""Predictions for a whole log, lined up with its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .layout import Layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.responses import ResponseLog
    from .chain import LevelChain
    from .compute import Passes

__all__ = ["predictions"]


def predictions(
    log: ResponseLog, chains: Mapping[str, LevelChain], passes: Passes, *, forgets: bool
) -> NDArray[np.float64]:
    """Return P(right) of each response before its answer is seen, shape (n_responses,).

    Parameters
    ----------
    log : ResponseLog
    chains : mapping of str to LevelChain
        One for each skill of the log.
    passes : Passes
    forgets : bool
    """
    layout = Layout.of(log, chains)
    of_skill = [chains[skill_id] for skill_id in log.skill_ids]
    p_start = np.array([p for chain in of_skill for p in chain.p_start])
    theta = np.array([one for chain in of_skill for one in chain.parameters]).reshape(-1, 5)
    theta[:, 2] *= forgets
    in_time, _ = passes.replay(layout, p_start, theta)
    p_correct = np.empty(len(log))
    p_correct[layout.response] = in_time
    return p_correct
