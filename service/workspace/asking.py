"""What follows from the evidence about one learner."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from engine.domain import GapReport, KnowledgeState, LearningPath, RecommendationList

from .. import advice, registry
from ..advice import Glimpse, LearnerView, MasteryPoint
from ..binding import Binding
from ..cursors import cursor, read_cursor
from ..records import GrowthPoint, LearnerProfile, MasteryReport
from ..registry import find_learner, read_role
from ..store import EvidenceRow, Session
from .ground import Ground

__all__ = ["Asking", "SkillHistory"]


class SkillHistory(NamedTuple):
    """Some of what was believed of a skill over time.

    Parameters
    ----------
    binding : Binding
        The model and catalogue that it stands on.
    learner_id : str
    points : tuple of MasteryPoint
        In the order of the evidence.
    following : str or None
        The `after` of those that follow.
    """

    binding: Binding
    learner_id: str
    points: tuple[MasteryPoint, ...]
    following: str | None


class Asking(Ground):
    """Mastery, gaps, recommendations, paths and ladders."""

    def view(
        self, learner_id: str, role_id: str | None = None, *, at: datetime | None = None
    ) -> LearnerView:
        """Return a learner against a role, from which every answer about them can be taken.

        Parameters
        ----------
        learner_id : str
        role_id : str, optional
            The learner's current role where it is not given.
        at : datetime, optional
            The instant asked about, aware; now where it is not given.
        """
        return self.view_of(self.glimpse(learner_id, role_id, at=at))

    def glimpse(
        self, learner_id: str, role_id: str | None = None, *, at: datetime | None = None
    ) -> Glimpse:
        """Return what answers about a learner stand on, for :meth:`view_of`."""
        instant = self._instant(at)
        return self._store.read(
            lambda session: self._glimpse(
                session, self._bind(session), find_learner(session, learner_id), role_id, instant
            )
        )

    def quick_glimpse(
        self, learner_id: str, role_id: str | None = None, *, at: datetime | None = None
    ) -> Glimpse | None:
        """Return a glimpse as :meth:`glimpse` does, at once: None where that has to load first."""
        instant = self._instant(at)

        def look(session: Session) -> Glimpse | None:
            bound = self._loaded(session)
            if bound is None:
                return None
            profile = find_learner(session, learner_id)
            return self._glimpse(session, bound, profile, role_id, instant)

        return self._store.read(look)

    def view_of(self, glimpse: Glimpse) -> LearnerView:
        """Return the view of a glimpse; evidence that has come since is in it too."""
        (view,) = self._store.read(lambda session: self._views(session, [glimpse]))
        return view

    def _glimpse(
        self,
        session: Session,
        bound: Binding,
        profile: LearnerProfile,
        role_id: str | None,
        at: datetime,
    ) -> Glimpse:
        content = registry.role_content_of(session, profile, role_id)
        ladder = registry.ladder_contents_of(session, content)
        following = ""
        if role_id is None and profile.next_role_weight:
            following = registry.next_role_content_of(session, profile, content, ladder)
        evidence = session.learners.stamp_of(profile.learner_id)
        return Glimpse(bound, profile, content, ladder, following, evidence, at)

    def _views(self, session: Session, glimpses: Sequence[Glimpse]) -> list[LearnerView]:
        """Return the views of glimpses that share a binding."""
        if not glimpses:
            return []
        ids = [one.profile.learner_id for one in glimpses]
        readings = self._readings(session, glimpses[0].binding, ids)
        return [
            LearnerView(
                binding=one.binding,
                profile=one.profile,
                state=found.state,
                evidence=found.stamp,
                role=read_role(one.role_content),
                aim=advice.aim_of(one),
                ladder_roles=tuple(map(read_role, one.ladder_contents)),
                at=one.at,
                stamp=one.stamp,
                role_version=session.role_versions.number_of(
                    read_role(one.role_content).role_id, one.role_content
                ),
                attempts_left=self._attempts_left(session, one),
            )
            for one, found in zip(glimpses, readings, strict=True)
        ]

    def _attempts_left(self, session: Session, glimpse: Glimpse) -> dict[str, int]:
        allowed = glimpse.binding.curriculum.attempts
        if not allowed:
            return {}
        used = session.evidence.completions_of(glimpse.profile.learner_id)
        return {one: most - used.get(one, 0) for one, most in allowed.items()}

    def knowledge(self, learner_id: str) -> KnowledgeState:
        """Return what is believed of a learner after all the evidence so far."""

        def look(session: Session) -> KnowledgeState:
            bound = self._bind(session)
            known = find_learner(session, learner_id).learner_id
            (state,) = self._states(session, bound, [known])
            return state

        return self._store.read(look)

    def gaps(
        self, learner_id: str, role_id: str | None = None, at: datetime | None = None
    ) -> GapReport:
        """Return readiness for a role and the gap per target."""
        return self.view(learner_id, role_id, at=at).gaps()

    def mastery(
        self, learner_id: str, role_id: str | None = None, at: datetime | None = None
    ) -> MasteryReport:
        """Return mastery skill by skill, and readiness for a role."""
        return self.view(learner_id, role_id, at=at).mastery()

    def recommend(
        self,
        learner_id: str,
        role_id: str | None = None,
        limit: int = 3,
        allowed: Collection[str] | None = None,
        at: datetime | None = None,
    ) -> RecommendationList:
        """Return what to take next, best first; see :meth:`LearnerView.recommend`."""
        return self.view(learner_id, role_id, at=at).recommend(limit=limit, allowed=allowed)

    def plan(
        self,
        learner_id: str,
        role_id: str | None = None,
        budget_minutes: float = 600.0,
        allowed: Collection[str] | None = None,
        at: datetime | None = None,
    ) -> LearningPath:
        """Return a path to a role within a budget; see :meth:`LearnerView.plan`."""
        view = self.view(learner_id, role_id, at=at)
        return view.plan(budget_minutes=budget_minutes, allowed=allowed)

    def ladder(
        self, learner_id: str, role_id: str | None = None, at: datetime | None = None
    ) -> tuple[GapReport, ...]:
        """Return the gaps of every role on the ladder of a role, lowest rung first."""
        return self.view(learner_id, role_id, at=at).ladder()

    def history(self, learner_id: str, skill_id: str, limit: int, after: str = "") -> SkillHistory:
        """Return what was believed of a skill after each piece of evidence about it.

        It is the replay under the current model, not what was believed then under another.

        Parameters
        ----------
        learner_id, skill_id : str
        limit : int
            How many points.
        after : str
            As it was given with the page before.

        Raises
        ------
        InvalidInput
            `after` is nothing that was given.
        UnknownId
            Nothing is known of the learner, or there is no such skill.
        """
        key = read_cursor(after, int, str, str) if after else None

        def look(session: Session) -> tuple[Binding, str, tuple[EvidenceRow, ...]]:
            known = find_learner(session, learner_id).learner_id
            return self._bind(session), known, session.evidence.of(known)

        bound, known, rows = self._store.read(look)
        points = advice.skill_history(bound, known, skill_id, rows)
        behind = (one for one in points if key is None or one.row.key > key)
        page = tuple(islice(behind, limit + 1))
        following = cursor(*page[limit - 1].row.key) if len(page) > limit else None
        return SkillHistory(bound, known, page[:limit], following)

    def growth(self, learner_id: str, role_id: str | None = None) -> tuple[GrowthPoint, ...]:
        """Return readiness for a role over time; see :func:`service.advice.growth`."""

        def look(session: Session) -> tuple[GrowthPoint, ...]:
            bound = self._bind(session)
            profile = find_learner(session, learner_id)
            role, known = registry.role_of(session, profile, role_id), profile.learner_id
            return advice.growth(bound, known, role, session.evidence.of(known))

        return self._store.read(look)
