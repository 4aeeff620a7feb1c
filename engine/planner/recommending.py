"""What to take next: for one learner, for many at once, and as a policy decides it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from ..recommender import (
    DEFAULT_POLICY,
    Decision,
    RankingIndex,
    Situation,
    as_projected,
    decide,
    offered_ids,
    policy_named,
    rank,
    ranking_index,
)
from .ground import Ground, faults_of, keep

if TYPE_CHECKING:
    from ..domain.curriculum import Module
    from ..domain.framework import Role
    from ..domain.knowledge import KnowledgeState
    from ..domain.recommendations import RecommendationList
    from ..recommender import ScoreWeights

__all__ = ["Recommending"]


class Recommending(Ground):
    """Questions about the next module."""

    def recommend(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        limit: int = 3,
        allowed: Iterable[str | Module] | None = None,
        denied: Iterable[str | Module] = (),
        within_minutes: float | None = None,
        alternatives: int = 0,
        weights: ScoreWeights | None = None,
        at: datetime | None = None,
    ) -> RecommendationList:
        """Return the best modules to take now, at most `limit`, each with its reasons.

        Parameters
        ----------
        state : KnowledgeState
        role : Role
        limit : int, default 3
        allowed : iterable of str, optional
            The modules that the caller would assign; all of them when None.
        denied : iterable of str, optional
            Modules to leave out, whatever is allowed.
        within_minutes : float, optional
            The time that there is now; nothing longer is recommended.
        alternatives : int, default 0
            How many of the modules that lost to explain, at most.
        weights : ScoreWeights, optional
            For this question; the planner's where None.
        at : datetime, optional
            The aware instant asked about.

        Raises
        ------
        InvalidInput
            A limit below 1, a time that is not above 0, a naive instant, or unknown modules in
            `allowed` or `denied`.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        faults = faults_of(at)
        faults.check_level("limit", limit)  # whole numbers from 1, as levels are
        if within_minutes is not None:
            faults.check_number("within_minutes", within_minutes, 0.0, 1e9, above=True)
        faults.raise_if_any("request")
        return rank(
            self._map(role),
            state,
            self.tracer,
            prerequisite_threshold=self.prerequisite_threshold,
            weights=weights or self.weights,
            limit=limit,
            allowed=offered_ids(self.curriculum, allowed, denied, at),
            within_minutes=within_minutes,
            alternatives=alternatives,
            liking=self._liking(role),
            at=at,
        )

    def index(self, role: Role) -> RankingIndex:
        """Return the index that ranks a role's modules for many learners at once, kept per role.

        Its scores are those of :meth:`recommend` without what a module enables, without reviews
        and dates; attainments come in as arrays, and what is available when is left to the caller.

        Raises
        ------
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.

        Examples
        --------
        >>> from engine import PathPlanner
        >>> from engine.domain import Curriculum, Role, SkillTarget
        >>> from engine.knowledge_tracing import BKT
        >>> module = {"module_id": "m1", "teaches": [{"skill_id": "sql", "learn": 0.5}]}
        >>> curriculum = Curriculum.from_records(
        ...     skills=[{"skill_id": "sql"}], modules=[{**module, "minutes": 10}]
        ... )
        >>> planner = PathPlanner(tracer=BKT(), curriculum=curriculum)
        >>> index = planner.index(Role("analyst", [SkillTarget("sql")]))
        >>> index.best([[0.2], [0.6]], limit=1).scores.round(3).tolist()
        [[0.04], [0.02]]
        """
        found = self._indexes.get(role)
        if found is None:
            found = ranking_index(
                self._map(role),
                prerequisite_threshold=self.prerequisite_threshold,
                learn=as_projected(self.tracer, self.curriculum),
            )
            keep(self._indexes, role, found)
        return found

    def decide(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        policy: str = DEFAULT_POLICY,
        allowed: Iterable[str | Module] | None = None,
        denied: Iterable[str | Module] = (),
        at: datetime | None = None,
        state_version: str = "",
        model_version: str = "",
        request_key: str = "",
    ) -> Decision:
        """Let a policy choose what comes next; the same request gets the same decision.

        Parameters
        ----------
        state : KnowledgeState
        role : Role
        policy : str, default "pursue"
            One of :data:`engine.recommender.POLICIES`. The default may ask an item first;
            "greedy" is the first of :meth:`recommend`.
        allowed, denied : iterable of str, optional
            The modules that the caller would assign, all of them when None; and those left out.
        at : datetime, optional
            The aware instant asked about.
        state_version, model_version, request_key : str, optional
            What tells this request from others; the draw of a policy that draws hangs on them.

        Raises
        ------
        UnknownId
            There is no such policy.
        InvalidInput
            A naive instant, unknown modules in `allowed` or `denied`, or a policy that needs a
            posterior.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        faults_of(at).raise_if_any("request")
        situation = Situation(
            self._map(role),
            state,
            self.tracer,
            prerequisite_threshold=self.prerequisite_threshold,
            weights=self.weights,
            allowed=offered_ids(self.curriculum, allowed, denied, at),
            liking=self._liking(role),
            at=at,
        )
        return decide(
            policy_named(policy),
            situation,
            state_version=state_version,
            model_version=model_version,
            request_key=request_key,
        )
