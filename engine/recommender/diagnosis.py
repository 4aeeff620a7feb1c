"""Which question says most about readiness for a role, and when to stop asking.

The next item is the one that is expected to reduce the variance of readiness most, as in
computerised adaptive testing (Weiss & Kingsbury 1984). Answers also speak about skills that nobody
asked about: who lacks a prerequisite hardly has what builds on it, and who has the one has the
other. So a skill without evidence of its own is held between what is believed of those that build
on it and of those that it builds on, as in knowledge spaces (Doignon & Falmagne 1985).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..domain.evidence import Response
from ..domain.recommendations import Probe, Reason
from .explanation import listed
from .projector import Projector, attained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum, Item
    from ..domain.framework import Role, SkillLevel
    from ..domain.knowledge import KnowledgeState

__all__ = [
    "Examination",
    "Examiner",
    "examination",
    "expected_attainment",
    "next_probe",
    "placed",
    "supported",
]

LEAST_INFORMATION = 1e-6  # of the variance of readiness


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
    wanted : tuple of SkillLevel
        The targets in their order, then all that they require, however indirectly.
    requires : ndarray of bool, shape (n_wanted, n_wanted)
        Whether the first requires the second, however indirectly.
    items : tuple of Item
        Those not retired that exercise something wanted, by id.
    """

    curriculum: Curriculum
    role: Role
    wanted: tuple[SkillLevel, ...]
    requires: NDArray[np.bool_]
    items: tuple[Item, ...]

    def shares(self) -> NDArray[np.float64]:
        """Return the targets' weights as shares of their sum, shape (n_targets,)."""
        weights = np.array(self.role.weights)
        shares: NDArray[np.float64] = weights / weights.sum()
        return shares


def examination(curriculum: Curriculum, role: Role) -> Examination:
    """Gather what can be asked about a role.

    Raises
    ------
    InvalidCurriculum
        The role names skills or levels that the curriculum's framework lacks.
    """
    framework = curriculum.framework
    framework.check_role(role)
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


def supported(
    about: Examination, p: NDArray[np.float64], known: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return attainments with the evidence about prerequisites and followers taken in.

    What has evidence of its own stays. The rest is held at or below each prerequisite that has
    some, and at or above each follower that has some; where these contradict, between the two.

    Parameters
    ----------
    about : Examination
    p : ndarray, shape (n_wanted,)
    known : ndarray of bool, shape (n_wanted,)
        What has evidence of its own.
    """
    above = np.where(about.requires & known, p, 1.0).min(axis=1, initial=1.0)
    below = np.where(about.requires.T & known, p, 0.0).max(axis=1, initial=0.0)
    between = np.clip(p, below, np.maximum(below, above))
    held = np.where(below > above, (below + above) / 2.0, between)
    return np.where(known, p, held)


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
    view = _View(about, state, tracer, at)
    readiness, variance = view.readiness(view.now)
    deviation = float(variance**0.5)
    if deviation <= precision:
        return Probe("", 0.0, 0.0, readiness, deviation, Reason("precision", _PRECISE))
    known = {one for skill in state.skills.values() for one in skill.successes}
    best: tuple[float, float, Item] | None = None
    for item in about.items:
        if item.item_id not in asked and item.item_id not in known:
            p_right, information = view.foreseen(item)
            if best is None or information > best[0]:
                best = (information, p_right, item)
    if best is None or best[0] <= LEAST_INFORMATION * variance:
        return Probe("", 0.0, 0.0, readiness, deviation, Reason("exhausted", _EXHAUSTED))
    information, p_right, item = best
    reason = _reason(about, item, information / variance)
    return Probe(item.item_id, p_right, information, readiness, deviation, reason)


_PRECISE = "Readiness is known as precisely as was asked for."
_LIMIT = "As many questions were asked as were allowed."
_EXHAUSTED = "No item that may be asked says more about readiness."


class _View:
    """The attainments of one learner now, and after an answer."""

    def __init__(
        self, about: Examination, state: KnowledgeState, tracer: Examiner, at: datetime | None
    ) -> None:
        self._about, self._state, self._tracer, self._at = about, state, tracer, at
        self._shares = about.shares()
        self.now = self._believed(state)

    def _believed(self, state: KnowledgeState) -> NDArray[np.float64]:
        p = np.array(attained(self._tracer, state, self._about.wanted, self._at))
        answered = (state.skills.get(one.skill_id) for one in self._about.wanted)
        known = np.array([one is not None and one.opportunities > 0 for one in answered])
        return supported(self._about, p, known)

    def readiness(self, p: NDArray[np.float64]) -> tuple[float, float]:
        """Return the mean and the variance of the weighted share of attained targets."""
        of_targets = p[: len(self._shares)]
        variance = self._shares**2 @ (of_targets * (1.0 - of_targets))
        return float(self._shares @ of_targets), float(variance)

    def foreseen(self, item: Item) -> tuple[float, float]:
        """Return P(right), and by how much the answer is expected to reduce the variance.

        That is against an answer with a score of one half, which tells nothing, so that what is
        learned by answering at all is left out.
        """
        p_right = self._tracer.predict_item(self._state, item.item_id, at=self._at)
        told = p_right * self._variance_after(item, 1.0)
        told += (1.0 - p_right) * self._variance_after(item, 0.0)
        return p_right, self._variance_after(item, 0.5) - told

    def _variance_after(self, item: Item, score: float) -> float:
        response = Response(self._state.learner_id, item.item_id, score, self._at)
        return self.readiness(self._believed(self._tracer.update(self._state, response)))[1]


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
        f" the uncertainty about readiness for {about.role.label}.",
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
    return _View(about, state, tracer, at).now[: len(about.role.targets)]
