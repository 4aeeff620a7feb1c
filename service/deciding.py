"""Decisions as they are kept, and on their way to the disk."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any

from engine.domain import RecommendationList
from engine.domain.records import Faults
from engine.recommender import Decision

from .advice import LearnerView, aims_of
from .errors import StoreUnavailable
from .instants import to_us
from .store import DecisionRow, OverrideRow, Session, Store

__all__ = [
    "Asked",
    "DecisionQueue",
    "LoggedDecision",
    "Override",
    "drawn_row",
    "request_key",
    "served_row",
    "state_version",
    "with_overrides",
]

LoggedDecision = tuple[DecisionRow, tuple[OverrideRow, ...]]
"""A decision, and what was said against it."""

GREEDY = "greedy"
_LONGEST_LIST = 100
_MOST_WAITING = 20_000
_AT_ONCE = 1000  # so that no transaction grows long

log = logging.getLogger("attain.service")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a recommendation, besides whom it is about.

    Parameters
    ----------
    limit : int, default 3
    allowed : collection of str, optional
    denied : collection of str, optional
    within_minutes : float, optional
    alternatives : int, default 0
    variety, preference : float, default 0.0
    at : datetime, optional
        The instant that the question named.
    key : str, optional
        The caller's own, which tells this question from the same one asked again.
    experiment : str, optional
        By which the policy was found.
    """

    limit: int = 3
    allowed: Collection[str] | None = None
    denied: Collection[str] = ()
    within_minutes: float | None = None
    alternatives: int = 0
    variety: float = 0.0
    preference: float = 0.0
    at: datetime | None = None
    key: str = ""
    experiment: str = ""

    def plain(self) -> dict[str, Any]:
        """Return what is kept of it; of long lists of modules their length and a digest."""
        kept = {
            "limit": self.limit,
            "allowed": None if self.allowed is None else _short(self.allowed),
            "denied": _short(self.denied),
            "within_minutes": self.within_minutes,
            "variety": self.variety or None,
            "preference": self.preference or None,
            "at": None if self.at is None else self.at.isoformat(),
            "key": self.key,
            "experiment": self.experiment,
        }
        return {name: value for name, value in kept.items() if value not in (None, "", [])}


@dataclass(frozen=True, slots=True)
class Override:
    """A person's word against a decision.

    Parameters
    ----------
    override_id : str
        The sender's, by which a retry is known.
    decision_id : str
    decided_by : str
        Who.
    reason : str
        Why.
    subject_id : str, optional
        The module or item chosen instead; empty where only the choice was turned down.

    Examples
    --------
    >>> Override("o1", "d1", "Grace", "she knows it from her last job").subject_id
    ''
    """

    override_id: str
    decision_id: str
    decided_by: str
    reason: str
    subject_id: str = ""

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_id("override_id", self.override_id)
        faults.check_id("decided_by", self.decided_by)
        if not self.reason.strip():
            faults.add("reason", "is empty, expected why", "whoever reads the log later asks")
        faults.raise_if_any("override")


class DecisionQueue:
    """Decisions on their way to the disk, many in one piece of the writer's work.

    An answer does not wait for them. What could not be written is tried again with the next; what
    is more than the queue takes is given up and counted.

    Parameters
    ----------
    store : Store
    most : int
        How many may wait.
    """

    def __init__(self, store: Store, *, most: int = _MOST_WAITING) -> None:
        self._store = store
        self._most = most
        self._gate = threading.RLock()
        self._waiting: list[DecisionRow] = []
        self._under_way: Future[None] | None = None
        self.given_up = 0

    @property
    def waiting(self) -> int:
        """How many are not in a piece of work yet, or came back from one that failed."""
        return len(self._waiting)

    def put(self, rows: Sequence[DecisionRow]) -> None:
        """Hand decisions in."""
        with self._gate:
            room = self._most - len(self._waiting)
            self._waiting += rows[:room]
            self.given_up += max(0, len(rows) - room)
            if self._under_way is None:
                self._hand_in()

    def settle(self) -> None:
        """Wait until what was handed in so far is on the disk, as far as it can be."""
        with self._gate:
            if self._under_way is None and not self._waiting:
                return
        more = True
        while more:
            taken = self._take()
            more = len(taken) == _AT_ONCE
            try:
                self._store.write(partial(_add, rows=taken))  # after the piece under way
            except StoreUnavailable as error:
                self._take_back(taken, error)
                return

    def _hand_in(self) -> None:
        """Give the writer a piece of work that takes whatever is waiting once it begins."""
        taken: list[DecisionRow] = []

        def work(session: Session) -> None:
            if not taken:  # not again where a full disk undid it
                taken.extend(self._take())
            _add(session, taken)

        try:
            self._under_way = self._store.submit(work)
        except StoreUnavailable as error:
            log.warning("decisions wait to be logged: %s", error)
            return
        self._under_way.add_done_callback(lambda done: self._ended(done, taken))

    def _take(self) -> list[DecisionRow]:
        with self._gate:
            taken, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
            return taken

    def _take_back(self, taken: list[DecisionRow], error: BaseException) -> None:
        log.warning("decisions wait to be logged: %s", error)
        with self._gate:
            self._waiting = [*taken, *self._waiting][: self._most]

    def _ended(self, done: Future[None], taken: list[DecisionRow]) -> None:
        error = done.exception()
        with self._gate:
            self._under_way = None
            if error is not None:
                self._take_back(taken, error)
            elif self._waiting:
                self._hand_in()


def served_row(
    view: LearnerView, asked: Asked, found: RecommendationList, made_at: datetime
) -> DecisionRow:
    """Return the decision that serving a ranking is; one of the same id for the same answer."""
    ranked = [
        {"module_id": one.module_id, "score": one.score, "terms": dict(one.terms)} for one in found
    ]
    chosen = (found[0].module_id,) if found else ()
    shown = json.dumps([(one.module_id, one.score) for one in found])
    decision = Decision(
        learner_id=view.profile.learner_id,
        state_version=state_version(view),
        model_version=view.model_version,
        policy=GREEDY,
        role_id=view.role.role_id,
        request_key=request_key(view, asked, shown),
        kind="module",
        candidates=chosen,
        propensities=(1.0,) * len(chosen),
        chosen=next(iter(chosen), ""),
    )
    return _row(view, asked, decision, {"ranked": ranked}, made_at)


def drawn_row(
    view: LearnerView, asked: Asked, decision: Decision, made_at: datetime
) -> DecisionRow:
    """Return a policy's decision as it is kept."""
    candidates = dict(zip(decision.candidates, decision.propensities, strict=True))
    of_choice = {"kind": decision.kind, "candidates": candidates}
    return _row(view, asked, decision, of_choice, made_at)


def request_key(view: LearnerView, asked: Asked, *more: str) -> str:
    """Return what tells a question about a learner from others, and what it stands on."""
    text = json.dumps([view.stamp.hex(), asked.plain(), *more], sort_keys=True)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def with_overrides(session: Session, rows: Sequence[DecisionRow]) -> tuple[LoggedDecision, ...]:
    """Return decisions with what was said against them."""
    said = session.decisions.overrides(row.decision_id for row in rows)
    return tuple((row, said.get(row.decision_id, ())) for row in rows)


def _row(
    view: LearnerView,
    asked: Asked,
    decision: Decision,
    of_choice: Mapping[str, Any],
    made_at: datetime,
) -> DecisionRow:
    targets = [target.skill_level for target in view.aim.targets]
    p = view.binding.tracer.attainment(view.state, targets, at=view.at).tolist()
    believed = [[one.skill_id, one.level, p_one] for one, p_one in zip(targets, p, strict=True)]
    content = {
        "at": view.at.isoformat(),
        "request": asked.plain(),
        "attainments": believed,
        **of_choice,
    }
    if view.aim != view.role:
        content["aims"] = aims_of(view)
    if view.binding.versions.prior_version is not None:
        content["prior_version"] = view.binding.versions.prior_version
    return DecisionRow(
        decision_id=decision.decision_id,
        learner_id=decision.learner_id,
        role_id=view.role.role_id,
        policy=decision.policy,
        model_version=decision.model_version,
        catalog_version=view.binding.catalog_version,
        evidence_since_us=view.evidence.since_us,
        evidence_changes=view.evidence.changes,
        chosen=decision.chosen,
        propensity=decision.propensity,
        content=json.dumps(content, separators=(",", ":"), ensure_ascii=False),
        made_at_us=to_us(made_at),
        role_version=view.role_version,
    )


def state_version(view: LearnerView) -> str:
    """Return what tells the evidence behind a view from what there was before and after."""
    return f"{view.evidence.since_us}.{view.evidence.changes}"


def _add(session: Session, rows: Sequence[DecisionRow]) -> None:
    """Add the decisions about learners who have not been erased since."""
    stamps = session.learners.stamps_of({row.learner_id for row in rows})
    session.decisions.add(
        [row for row in rows if stamps[row.learner_id].since_us == row.evidence_since_us]
    )


def _short(ids: Collection[str]) -> list[str] | dict[str, Any]:
    listed = sorted(ids)
    if len(listed) <= _LONGEST_LIST:
        return listed
    digest = blake2b(json.dumps(listed).encode(), digest_size=16).hexdigest()
    return {"count": len(listed), "digest": digest}
