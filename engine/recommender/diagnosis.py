"""Which question says most about readiness for a role, and when to stop asking.

The next item is the one whose answer is expected to leave least doubt about the targets, as in
computerised adaptive testing (Weiss & Kingsbury 1984). Answers also speak about skills that nobody
asked about, through the knowledge states that keep the prerequisites: see :mod:`.knowledge_space`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from ..domain.evidence import Response
from ..domain.knowledge import KnowledgeState
from ..domain.recommendations import Probe, Reason
from .examination import Examination, Examiner, examination
from .explanation import listed
from .foresight import View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Item

__all__ = [
    "Examination",
    "Examiner",
    "examination",
    "expected_attainment",
    "next_probe",
    "placed",
]

LEAST_INFORMATION = 1e-6  # of the doubt


def next_probe(
    about: Examination,
    state: KnowledgeState,
    tracer: Examiner,
    *,
    asked: Collection[str] = (),
    precision: float = 0.05,
    at: datetime | None = None,
) -> Probe:
    """Return the item whose answer is expected to say most about readiness.

    Parameters
    ----------
    about : Examination
    state : KnowledgeState
    tracer : Examiner
    asked : collection of str, optional
        Items not to ask again; those answered rightly before are left out anyway.
    precision : float, default 0.05
        The standard deviation of readiness at which to stop.
    at : datetime, optional

    Returns
    -------
    Probe
        Without an item where there is nothing more to ask; its reason says why.
    """
    view = View(about, state, tracer, at)
    readiness, deviation = view.readiness()
    doubt = view.doubt
    if deviation <= precision:
        return Probe("", 0.0, 0.0, readiness, deviation, Reason("precision", _PRECISE))
    known = {one for skill in state.skills.values() for one in skill.successes}
    open_ = [one for one in about.items if one.item_id not in asked and one.item_id not in known]
    best = view.most_telling(open_)
    if best is None or best.information <= LEAST_INFORMATION * doubt:
        return Probe("", 0.0, 0.0, readiness, deviation, Reason("exhausted", _EXHAUSTED))
    reason = _reason(about, best.item, best.information / doubt)
    return Probe(best.item.item_id, best.p_right, best.information, readiness, deviation, reason)


_PRECISE = "Readiness is known as precisely as was asked for."
_LIMIT = "As many questions were asked as were allowed."
_EXHAUSTED = "No item that may be asked says more about readiness."


def _reason(about: Examination, item: Item, share: float) -> Reason:
    framework, targets = about.curriculum.framework, about.role.targets
    exercised = [framework.skill(one).label for one in item.skills]
    touched = [k for k, one in enumerate(about.wanted) if one.skill_id in item.skills]
    onward = np.flatnonzero(about.requires[: len(targets)][:, touched].any(axis=1)).tolist()
    names = [framework.skill(targets[i].skill_id).label for i in onward]
    further = [name for name in names if name not in exercised]
    verb = "builds" if len(further) == 1 else "build"
    builds = f", which {listed(further)} {verb} on" if further else ""
    return Reason(
        "information",
        f"Asks about {listed(exercised)}{builds}: the answer is expected to remove {share:.0%} of"
        f" the doubt about {about.role.label}.",
    )


def placed(
    about: Examination,
    state: KnowledgeState,
    tracer: Examiner,
    answer: Callable[[str], float],
    *,
    limit: int = 20,
    precision: float = 0.05,
    at: datetime | None = None,
) -> tuple[KnowledgeState, Sequence[Probe]]:
    """Ask until readiness is known precisely enough, nothing is left to ask, or the limit.

    Parameters
    ----------
    answer : callable
        From an item's id to the score of the learner's answer, in [0, 1].
    limit : int, default 20
        How many questions at most.

    Returns
    -------
    (KnowledgeState, sequence of Probe)
        The state after the answers, and every probe; the last one says where it stopped.
    """
    asked: set[str] = set()
    probes: list[Probe] = []
    while True:
        probe = next_probe(about, state, tracer, asked=asked, precision=precision, at=at)
        if probe.item_id and len(asked) >= limit:
            probe = replace(probe, item_id="", reason=Reason("limit", _LIMIT))
        probes.append(probe)
        if not probe.item_id:
            return state, tuple(probes)
        asked.add(probe.item_id)
        score = answer(probe.item_id)
        state = tracer.update(state, Response(state.learner_id, probe.item_id, score, at))


def expected_attainment(
    about: Examination, state: KnowledgeState, tracer: Examiner, at: datetime | None = None
) -> NDArray[np.float64]:
    """Return the targets' attainments with all evidence taken in, shape (n_targets,)."""
    return View(about, state, tracer, at).now
