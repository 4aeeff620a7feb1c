"""Decisions: what was recommended is logged, can be read, and a person can say otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from engine.domain import RecommendationList
from engine.errors import Fault, InvalidInput, UnknownId

from ..advice import LearnerView
from ..binding import Binding
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
from ..records import LearnerProfile
from ..registry import find_learner, find_role
from ..store import DecisionRow, OverrideRow, Session
from .asking import Asking

__all__ = ["Deciding", "TeamAdvice"]

_Member = tuple[LearnerProfile, LearnerView | None]


class TeamAdvice(NamedTuple):
    """What to take next for learners of a team.

    Parameters
    ----------
    model_version, team_id : str
    at : datetime
    members : tuple of (LearnerProfile, LearnerView or None, (RecommendationList, str) or None)
        By id, each with what was served and the id of the decision; None of who has no role.
    following : str or None
        The `after` of the page that follows.
    """

    model_version: str
    team_id: str
    at: datetime
    members: tuple[
        tuple[LearnerProfile, LearnerView | None, tuple[RecommendationList, str] | None], ...
    ]
    following: str | None


class Deciding(Asking):
    """Serving decisions, and the log of them."""

    def serve(self, view: LearnerView, asked: Asked) -> tuple[RecommendationList, str]:
        """Return what to take next, and the id of the decision that serving it is.

        The ranking follows from what is kept, so the log need not be waited for.

        Raises
        ------
        InvalidInput
            As :meth:`LearnerView.recommend`.
        """
        ((found, decision_id),) = self._serve([view], asked)
        return found, decision_id

    def serve_team(
        self,
        team_id: str,
        asked: Asked,
        role_id: str | None = None,
        *,
        learners: int = 100,
        after: str = "",
    ) -> TeamAdvice:
        """Return what to take next for the learners of a team, by their ids.

        Each is served as :meth:`serve` would alone; who has no role where none is named is told of
        without.

        Parameters
        ----------
        team_id : str
        asked : Asked
        role_id : str, optional
            Each learner's current role where it is not given.
        learners : int
            How many at most.
        after : str
            As it was given with the page before.

        Raises
        ------
        UnknownId
            There is no such team, or no such role.
        InvalidInput
            As :meth:`serve`, or `after` is nothing that was given.
        """
        instant = self._instant(asked.at)
        (last,) = read_cursor(after, str) if after else ("",)

        def look(session: Session) -> tuple[Binding, list[str], list[_Member]]:
            bound = self._bind(session)
            if role_id is not None:
                find_role(session, role_id)
            ids = sorted(session.learners.in_team(team_id))
            if not ids:
                raise UnknownId("team", team_id, session.learners.teams())
            ids = [one for one in ids if one > last][: learners + 1]
            profiles = [find_learner(session, one) for one in ids[:learners]]
            glimpses = [
                self._glimpse(session, bound, one, role_id, instant)
                for one in profiles
                if role_id or one.role_id
            ]
            views = {one.profile.learner_id: one for one in self._views(session, glimpses)}
            return bound, ids, [(one, views.get(one.learner_id)) for one in profiles]

        bound, ids, members = self._store.read(look)
        served = iter(self._serve([view for _, view in members if view], asked))
        entries = tuple((one, view, next(served) if view else None) for one, view in members)
        following = cursor(ids[learners - 1]) if len(ids) > learners else None
        return TeamAdvice(bound.model_version, team_id, instant, entries, following)

    def _serve(
        self, views: Sequence[LearnerView], asked: Asked
    ) -> list[tuple[RecommendationList, str]]:
        now = self._clock()
        lists = [
            view.recommend(
                limit=asked.limit,
                allowed=asked.allowed,
                denied=asked.denied,
                within_minutes=asked.within_minutes,
                alternatives=asked.alternatives,
                variety=asked.variety,
                preference=asked.preference,
            )
            for view in views
        ]
        rows = [
            served_row(view, asked, found, now) for view, found in zip(views, lists, strict=True)
        ]
        self._decisions.put(rows)
        return [(found, row.decision_id) for found, row in zip(lists, rows, strict=True)]

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
            role=view.aim,
            policy=policy,
            allowed=asked.allowed,
            denied=view.denied(asked.denied),
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
            whose = None if learner_id is None else find_learner(session, learner_id).learner_id
            rows = session.decisions.page(whose, limit + 1, key)
            return with_overrides(session, rows[:limit]), len(rows) > limit

        page, more = self._store.read(look)
        return page, cursor(*page[-1][0].key) if more else None

    def decision(self, learner_id: str, decision_id: str) -> LoggedDecision:
        """Return a decision about a learner; raise :class:`UnknownId` where there is none."""
        self._decisions.settle()

        def look(session: Session) -> LoggedDecision:
            known = find_learner(session, learner_id).learner_id
            return with_overrides(session, [_find(session, known, decision_id)])[0]

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
            known = find_learner(session, learner_id).learner_id
            decision = _find(session, known, override.decision_id)
            self._refuse_unknown_subject(session, override.subject_id)
            row = OverrideRow(
                override_id=override.override_id,
                decision_id=override.decision_id,
                learner_id=known,
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
