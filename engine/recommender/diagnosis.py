"""Which question says most about readiness for a role, and when to stop asking.

The next item is the one whose answer is expected to leave least doubt about the targets, as in
computerised adaptive testing (Weiss & Kingsbury 1984). Answers also speak about skills that nobody
asked about, through the knowledge states that keep the prerequisites: see :mod:`.knowledge_space`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..domain.evidence import Response
from ..domain.knowledge import KnowledgeState
from ..domain.recommendations import Probe, Reason
from .explanation import listed
from .knowledge_space import KnowledgeSpace, level_masses
from .projector import Projector, attained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum, Item
    from ..domain.framework import Role, SkillLevel

__all__ = [
    "Examination",
    "Examiner",
    "examination",
    "expected_attainment",
    "next_probe",
    "placed",
]

LEAST_INFORMATION = 1e-6  # of the doubt


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
    spaces : dict
        The knowledge spaces drawn so far, by what was believed before any evidence.
    """

    curriculum: Curriculum
    role: Role
    wanted: tuple[SkillLevel, ...]
    requires: NDArray[np.bool_]
    items: tuple[Item, ...]
    spaces: dict[bytes, KnowledgeSpace] = field(default_factory=dict)

    def space(self, p_start: NDArray[np.float64]) -> KnowledgeSpace:
        """Return the knowledge space for these attainments before any evidence, drawn once."""
        key = p_start.tobytes()
        found = self.spaces.get(key)
        if found is None:
            found = KnowledgeSpace(self.wanted, self.requires, p_start)
            self.spaces.clear()
            self.spaces[key] = found
        return found

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
    readiness, deviation = view.readiness()
    doubt = view.doubt
    if deviation <= precision:
        return Probe("", 0.0, 0.0, readiness, deviation, Reason("precision", _PRECISE))
    known = {one for skill in state.skills.values() for one in skill.successes}
    best: tuple[float, float, Item] | None = None
    for item in about.items:
        if item.item_id not in asked and item.item_id not in known:
            p_right, information = view.foreseen(item)
            if best is None or information > best[0]:
                best = (information, p_right, item)
    if best is None or best[0] <= LEAST_INFORMATION * doubt:
        return Probe("", 0.0, 0.0, readiness, deviation, Reason("exhausted", _EXHAUSTED))
    information, p_right, item = best
    reason = _reason(about, item, information / doubt)
    return Probe(item.item_id, p_right, information, readiness, deviation, reason)


_PRECISE = "Readiness is known as precisely as was asked for."
_LIMIT = "As many questions were asked as were allowed."
_EXHAUSTED = "No item that may be asked says more about readiness."


class _View:
    """What one learner may know now, and after an answer."""

    def __init__(
        self, about: Examination, state: KnowledgeState, tracer: Examiner, at: datetime | None
    ) -> None:
        self._about, self._state, self._tracer, self._at = about, state, tracer, at
        self._shares = about.shares()
        self._space = about.space(self._attained(KnowledgeState(state.learner_id)))
        touched = [one for one in self._space.columns if one in state.skills]
        self._weight = self._space.weights(self._attained(state), touched)
        self._of_targets = self._space.known[:, : len(self._shares)]
        self.now: NDArray[np.float64] = self._weight @ self._of_targets
        self.doubt = self._doubt(self.now)

    def _attained(self, state: KnowledgeState) -> NDArray[np.float64]:
        return np.array(attained(self._tracer, state, self._about.wanted, self._at))

    def readiness(self) -> tuple[float, float]:
        """Return the mean and the standard deviation of the weighted share of attained targets."""
        share = self._of_targets @ self._shares
        mean = float(self._weight @ share)
        return mean, max(float(self._weight @ (share - mean) ** 2), 0.0) ** 0.5

    def _doubt(self, p: NDArray[np.float64]) -> float:
        """Return Σ wᵢ·pᵢ·(1 − pᵢ) / Σ wᵢ, the squared error to be expected of the targets."""
        return float(self._shares @ (p * (1.0 - p)))

    def foreseen(self, item: Item) -> tuple[float, float]:
        """Return P(right), and by how much the answer is expected to reduce the doubt."""
        p_right = self._tracer.predict_item(self._state, item.item_id, at=self._at)
        right = self._weight * self._p_right_where(item, p_right)
        left = 0.0
        for joint in (right, self._weight - right):
            p_answer = float(joint.sum())
            if p_answer > 0.0:
                left += p_answer * self._doubt((joint @ self._of_targets) / p_answer)
        return p_right, self.doubt - left

    def _p_right_where(self, item: Item, p_right: float) -> NDArray[np.float64]:
        """Return P(right | what is known) per particle, by Bayes' rule from the tracer's beliefs.

        P(right | k levels) = P(right)·P(k levels | right) / P(k levels), per skill; what is learned
        by answering at all is left out by comparing with a score of one half, which tells nothing.
        """
        after, as_it_was = (
            self._attained(
                self._tracer.update(
                    self._state, Response(self._state.learner_id, item.item_id, score, self._at)
                )
            )
            for score in (1.0, 0.5)
        )
        found = np.full(len(self._weight), p_right)
        for skill_id in item.skills:
            places = self._space.columns.get(skill_id)
            if places is not None:
                ratio = level_masses(after[places]) / level_masses(as_it_was[places])
                found *= ratio[self._space.levels(skill_id)]
        np.minimum(found, 1.0, out=found)
        return found


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
    return _View(about, state, tracer, at).now
