"""Decisions: what was recommended is logged, can be read, and a person can say otherwise."""

from __future__ import annotations

from engine.domain import RecommendationList
from engine.errors import Fault, InvalidInput, UnknownId

from ..advice import LearnerView
from ..cursors import cursor, read_cursor
from ..deciding import (
    Asked,
    LoggedDecision,
    Override,
    drawn_row,
    request_key,
    served_row,
    state_version,
    with_overrides,
)
from ..errors import OverrideConflict
from ..instants import to_us
from ..registry import find_learner
from ..store import DecisionRow, OverrideRow, Session
from .ground import Ground

__all__ = ["Deciding"]


class Deciding(Ground):
    """Serving decisions, and the log of them."""

    def serve(self, view: LearnerView, asked: Asked) -> tuple[RecommendationList, str]:
        """Return what to take next, and the id of the decision that serving it is.

        The ranking follows from what is kept, so the log need not be waited for.

        Raises
        ------
        InvalidInput
            As :meth:`LearnerView.recommend`.
        """
        found = view.recommend(
            limit=asked.limit,
            allowed=asked.allowed,
            denied=asked.denied,
            within_minutes=asked.within_minutes,
            alternatives=asked.alternatives,
        )
        row = served_row(view, asked, found, self._clock())
        self._decisions.put([row])
        return found, row.decision_id

    def decide(self, view: LearnerView, policy: str, asked: Asked) -> LoggedDecision:
        """Let a policy choose; return the decision once it is on the disk.

        The draw hangs on the learner, their evidence, profile and role, the model, the catalogue,
        the policy and the request, so the same request has the same decision.

        Raises
        ------
        UnknownId
            There is no such policy.
        InvalidInput
            As :meth:`LearnerView.recommend`, or the policy needs a model with a posterior.
        """
        decision = view.binding.planner.decide(
            view.state,
            role=view.role,
            policy=policy,
            allowed=asked.allowed,
            denied=asked.denied,
            at=view.at,
            state_version=state_version(view),
            model_version=view.model_version,
            request_key=request_key(view, asked),
        )
        row = drawn_row(view, asked, decision, self._clock())

        def work(session: Session) -> LoggedDecision:
            find_learner(session, row.learner_id)
            session.decisions.add([row])
            return with_overrides(session, [_find(session, row.learner_id, row.decision_id)])[0]

        return self._store.write(work)

    def decisions(
        self, learner_id: str | None, limit: int, after: str = ""
    ) -> tuple[tuple[LoggedDecision, ...], str | None]:
        """Return decisions in the order in which they were made, and the `after` of what follows.

        Parameters
        ----------
        learner_id : str or None
            None for those about everybody.
        limit : int
        after : str
            As it was given with the page before.

        Raises
        ------
        InvalidInput
            `after` is nothing that was given.
        """
        key = read_cursor(after, int, str) if after else None
        self._decisions.settle()

        def look(session: Session) -> tuple[tuple[LoggedDecision, ...], bool]:
            if learner_id is not None:
                find_learner(session, learner_id)
            rows = session.decisions.page(learner_id, limit + 1, key)
            return with_overrides(session, rows[:limit]), len(rows) > limit

        page, more = self._store.read(look)
        return page, cursor(*page[-1][0].key) if more else None

    def decision(self, learner_id: str, decision_id: str) -> LoggedDecision:
        """Return a decision about a learner; raise :class:`UnknownId` where there is none."""
        self._decisions.settle()

        def look(session: Session) -> LoggedDecision:
            find_learner(session, learner_id)
            return with_overrides(session, [_find(session, learner_id, decision_id)])[0]

        return self._store.read(look)

    def override(self, learner_id: str, override: Override, key_id: str = "") -> LoggedDecision:
        """Record a person's word against a decision; what was recorded before changes nothing.

        Raises
        ------
        UnknownId
            There is no such decision about the learner.
        InvalidInput
            What was chosen instead is neither a module nor an item.
        OverrideConflict
            The id was used before, for something else.
        """
        now_us = to_us(self._clock())
        self._decisions.settle()

        def work(session: Session) -> LoggedDecision:
            find_learner(session, learner_id)
            decision = _find(session, learner_id, override.decision_id)
            self._refuse_unknown_subject(session, override.subject_id)
            row = OverrideRow(
                override_id=override.override_id,
                decision_id=override.decision_id,
                learner_id=learner_id,
                subject_id=override.subject_id,
                decided_by=override.decided_by,
                reason=override.reason,
                key_id=key_id,
                received_at_us=now_us,
            )
            if _is_new(session, row):
                session.decisions.override(row)
            return with_overrides(session, [decision])[0]

        return self._store.write(work)

    def _refuse_unknown_subject(self, session: Session, subject_id: str) -> None:
        curriculum = self._bind(session).curriculum
        known = subject_id in curriculum.modules or subject_id in curriculum.items
        if subject_id and not known:
            problem = f"names neither a module nor an item, {subject_id!r}"
            raise InvalidInput("override", [Fault("instead", problem)])

    def decisions_waiting(self) -> int:
        """Return how many decisions of all tenants are on their way to the disk."""
        return sum(one._decisions.waiting for one in list(self._tenants.values()))

    def decisions_given_up(self) -> int:
        """Return how many decisions of all tenants were never logged."""
        return sum(one._decisions.given_up for one in list(self._tenants.values()))


def _find(session: Session, learner_id: str, decision_id: str) -> DecisionRow:
    found = session.decisions.find(decision_id)
    if found is None or found.learner_id != learner_id:
        raise UnknownId("decision", decision_id)
    return found


def _is_new(session: Session, row: OverrideRow) -> bool:
    before = session.decisions.find_override(row.override_id)
    if before is None:
        return True
    if before[:6] != row[:6]:
        problem = f"is {row.override_id!r}, an id used before"
        raise OverrideConflict(
            "override", [Fault("override_id", problem, "give it one of its own")]
        )
    return False
