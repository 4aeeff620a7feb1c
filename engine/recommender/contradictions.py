"""Prerequisites that the evidence contradicts: most who lack them pass what requires them.

Somebody lacks a prerequisite whose last two answers on it were wrong and who took no lesson on it
since: one wrong answer may be a slip, and old ones were perhaps before it was learned. Items on
several skills are left aside, as they cannot tell whose fault a failure is. Who lacks it and mostly
passes the rest is counted; a prerequisite is contradicted where the 95% interval of their share
(Wilson 1927) lies above one half.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..domain.evidence import Completion, Response
from ..domain.history import History

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum
    from ..domain.framework import Prerequisite

    Rows = NDArray[np.int64]

__all__ = ["Contradiction", "Told", "contradictions"]

_FEWEST_LEARNERS = 10
_PASSED = 0.5
_Z = 1.96

Told = Response | Completion | History
"""Evidence: one piece of it, or that of many learners in columns."""


class Contradiction(NamedTuple):
    """A prerequisite, how many learners lack it, and how many of these pass the rest."""

    prerequisite: Prerequisite
    lacking: int
    passing: int


def contradictions(curriculum: Curriculum, evidence: Iterable[Told]) -> Iterator[Contradiction]:
    """Give the prerequisites of a curriculum that evidence contradicts, in their order.

    Parameters
    ----------
    curriculum : Curriculum
    evidence : iterable of Response, Completion and History
        By its instants, or in the order given where some have none; what is in columns is in its
        own order, and of learners of whom there is nothing else. It is read once, so that columns
        need not all be there at the same time.
    """
    edges = curriculum.framework.prerequisites
    counts = np.zeros((len(edges), 2), np.int64)
    for part in _in_columns(evidence) if edges else ():
        seen = _Seen(curriculum, part)
        counts += [_lacking_and_passing(edge, seen) for edge in edges]
    for edge, (lacking, passing) in zip(edges, counts.tolist(), strict=True):
        if lacking >= _FEWEST_LEARNERS and _wilson_low(passing, lacking) > _PASSED:
            yield Contradiction(edge, lacking, passing)


def _in_columns(evidence: Iterable[Told]) -> Iterator[History]:
    single: list[Response | Completion] = []
    for one in evidence:
        if isinstance(one, History):
            yield one
        else:
            single.append(one)
    if single:
        yield _history_of(_as_it_happened(single))


def _as_it_happened(told: list[Response | Completion]) -> list[Response | Completion]:
    """Return evidence by its instants, or as it was given where some have none."""
    instants = [one.answered_at if isinstance(one, Response) else one.completed_at for one in told]
    known = [at for at in instants if at is not None]
    if len(known) < len(told):
        return told
    return [told[k] for k in sorted(range(len(told)), key=known.__getitem__)]


def _history_of(told: Sequence[Response | Completion]) -> History:
    return History.from_rows(
        [one.learner_id for one in told],
        [one.item_id if isinstance(one, Response) else one.module_id for one in told],
        [one.score if isinstance(one, Response) else None for one in told],
    )


class _Seen:
    """What a history shows about single skills, row by row of it."""

    def __init__(self, curriculum: Curriculum, history: History) -> None:
        self.n_learners = len(history.learner_ids)
        self.learner, self.score = history.learner, history.score
        self._curriculum, self._history = curriculum, history
        self._teaching = self._modules_by_skill()
        self._lessons: dict[str, Rows] = {}
        self._place = {skill_id: k for k, skill_id in enumerate(curriculum.skills)}
        skill, level = self._of_subjects()
        self.level = level[history.subject]
        about = skill[history.subject]
        self._rows = np.argsort(about, kind="stable")  # skill by skill, each as it happened
        self._start = np.searchsorted(about[self._rows], np.arange(len(self._place) + 1))

    def _of_subjects(self) -> tuple[Rows, Rows]:
        """Return the skill that each subject is about alone, -1 where there is none, and levels."""
        skill = np.full(len(self._history.item_ids) + len(self._history.module_ids), -1)
        level = np.zeros(len(skill), np.int64)
        for code, item_id in enumerate(self._history.item_ids):
            item = self._curriculum.items.get(item_id)
            if item is not None and len(item.skills) == 1:
                skill[code], level[code] = self._place[item.skills[0]], item.level
        return skill, level

    def answers(self, skill_id: str) -> Rows:
        """Return the answers to items on a skill alone, learner by learner as they happened."""
        k = self._place[skill_id]
        return self._rows[self._start[k] : self._start[k + 1]]

    def last_lesson(self, skill_id: str) -> Rows:
        """Return the row of each learner's last module on a skill, -1 of who took none."""
        found = self._lessons.get(skill_id)
        if found is None:
            done = self._history.completed
            rows = done[np.isin(self._history.subject[done], self._teaching.get(skill_id, []))]
            found = np.full(self.n_learners, -1, np.int64)
            np.maximum.at(found, self.learner[rows], rows)
            self._lessons[skill_id] = found
        return found

    def _modules_by_skill(self) -> dict[str, list[int]]:
        teaching: dict[str, list[int]] = {}
        history = self._history
        for code, module_id in enumerate(history.module_ids, start=len(history.item_ids)):
            module = self._curriculum.modules.get(module_id)
            for effect in module.teaches if module is not None else ():
                teaching.setdefault(effect.skill_id, []).append(code)
        return teaching


def _lacking_and_passing(edge: Prerequisite, seen: _Seen) -> tuple[int, int]:
    """Count the learners who lack what is required, and of these those who pass the rest."""
    rows = seen.answers(edge.requires)
    rows = rows[seen.level[rows] <= edge.requires_level]
    owner, right = seen.learner[rows], seen.score[rows] >= _PASSED
    last = np.flatnonzero(np.append(owner[1:] != owner[:-1], True)[: len(owner)])
    last = last[last > 0]
    last = last[(owner[last - 1] == owner[last]) & ~right[last - 1] & ~right[last]]
    last = last[seen.last_lesson(edge.requires)[owner[last]] < rows[last]]
    mean = _means(edge, seen)[owner[last]]
    return int((~np.isnan(mean)).sum()), int((mean > _PASSED).sum())


def _means(edge: Prerequisite, seen: _Seen) -> NDArray[np.float64]:
    """Return each learner's mean score on what has a prerequisite; NaN of who never answered."""
    rows = seen.answers(edge.skill_id)
    rows = rows[seen.level[rows] >= edge.level]
    owner = seen.learner[rows]
    total = np.bincount(owner, seen.score[rows], minlength=seen.n_learners)
    count = np.bincount(owner, minlength=seen.n_learners)
    means: NDArray[np.float64] = np.divide(
        total, count, out=np.full(seen.n_learners, np.nan), where=count > 0
    )
    return means


def _wilson_low(k: int, n: int) -> float:
    """Return the lower end of Wilson's 95% interval of a share.

    Examples
    --------
    >>> round(_wilson_low(9, 10), 3)
    0.596
    """
    share, z = k / n, _Z * _Z / n
    return (share + z / 2 - sqrt(z * (share * (1 - share) + z / 4))) / (1 + z)
