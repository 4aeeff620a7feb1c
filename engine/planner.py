"""Where tracing and recommending meet: a tracer's beliefs against a curriculum and a role."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, cast

from .domain.records import Faults
from .recommender import (
    MANY_OPPORTUNITIES,
    METHODS,
    Decision,
    Examination,
    Examiner,
    Method,
    Prior,
    Projector,
    RankingIndex,
    RoleMap,
    ScoreWeights,
    Situation,
    Stuck,
    as_projected,
    attained,
    decide,
    examination,
    forecast,
    gaps,
    intervals_along,
    next_probe,
    offered_ids,
    placed,
    plan_path,
    policy_named,
    rank,
    ranking_index,
    role_map,
    rungs,
    stuck,
)

if TYPE_CHECKING:
    import numpy as np

    from .domain.curriculum import Curriculum, Module
    from .domain.framework import Role
    from .domain.knowledge import KnowledgeState
    from .domain.recommendations import (
        Forecast,
        GapReport,
        LearningPath,
        Probe,
        RecommendationList,
    )
    from .recommender.prior import Liking

__all__ = ["PathPlanner"]

_ROLES_KEPT = 512
Kept = TypeVar("Kept")


class PathPlanner:
    """Says what a learner should do next, and in which order after that.

    Parameters
    ----------
    tracer : Projector
        Any tracer, or anything with ``attainment`` and ``project``. One that has
        ``with_curriculum`` is bound to the planner's curriculum.
    curriculum : Curriculum
    prerequisite_threshold : float, default 0.8
        The attainment from which a prerequisite counts as met, in (0, 1].
    weights : ScoreWeights, optional
        How much each term of the score counts.
    prior : Prior, optional
        What others completed, such as a :class:`~engine.recommender.CollaborativePrior`; it moves
        recommendations by a bounded term, and paths not at all.

    Raises
    ------
    InvalidInput
        A threshold that is no probability above 0.

    Examples
    --------
    >>> from engine.domain import Curriculum, KnowledgeState, Role, SkillTarget
    >>> from engine.knowledge_tracing import BKT
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "select", "name": "Selecting"}, {"skill_id": "joins"}],
    ...     prerequisites=[{"skill_id": "joins", "requires": "select"}],
    ...     modules=[
    ...         {"module_id": "m1", "teaches": [{"skill_id": "select"}], "minutes": 5},
    ...         {"module_id": "m2", "teaches": [{"skill_id": "joins"}], "minutes": 10},
    ...     ],
    ... )
    >>> planner = PathPlanner(tracer=BKT(), curriculum=curriculum)
    >>> analyst = Role("analyst", [SkillTarget("joins")])
    >>> state = KnowledgeState("ada")
    >>> planner.recommend(state, role=analyst)[0].reasons[0].sentence
    'You need Selecting at level 1 (Awareness) before joins.'
    >>> [step.module_id for step in planner.plan(state, role=analyst, budget_minutes=60).steps]
    ['m1', 'm2']
    """

    def __init__(
        self,
        *,
        tracer: Projector,
        curriculum: Curriculum,
        prerequisite_threshold: float = 0.8,
        weights: ScoreWeights | None = None,
        prior: Prior | None = None,
    ) -> None:
        faults = Faults()
        faults.check_number("prerequisite_threshold", prerequisite_threshold, 0.0, 1.0, above=True)
        faults.raise_if_any("planner")
        bind = getattr(tracer, "with_curriculum", None)
        self.tracer: Projector = tracer if bind is None else bind(curriculum)
        self.curriculum = curriculum
        self.prerequisite_threshold = float(prerequisite_threshold)
        self.weights = ScoreWeights() if weights is None else weights
        self.prior = prior
        self._maps: dict[Role, RoleMap] = {}
        self._likings: dict[Role, Liking] = {}
        self._indexes: dict[Role, RankingIndex] = {}
        self._examinations: dict[Role, Examination] = {}

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
        faults = _faults_of(at)
        faults.check_level("limit", limit)  # whole numbers from 1, as levels are
        if within_minutes is not None:
            faults.check_number("within_minutes", within_minutes, 0.0, 1e9, above=True)
        faults.raise_if_any("request")
        return rank(
            self._map(role),
            state,
            self.tracer,
            prerequisite_threshold=self.prerequisite_threshold,
            weights=self.weights,
            limit=limit,
            allowed=offered_ids(self.curriculum, allowed, denied, at),
            within_minutes=within_minutes,
            alternatives=alternatives,
            liking=self._liking(role),
            at=at,
        )

    def index(self, role: Role) -> RankingIndex:
        """Return the index that ranks a role's modules for many learners at once, kept per role.

        Its scores are those of :meth:`recommend` without what a module enables and without
        reviews; attainments come in as arrays, and what is available when is left to the caller.

        Raises
        ------
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.

        Examples
        --------
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
            _keep(self._indexes, role, found)
        return found

    def decide(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        policy: str = "greedy",
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
        policy : str, default "greedy"
            One of :data:`engine.recommender.POLICIES`.
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
        _faults_of(at).raise_if_any("request")
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

    def plan(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        budget_minutes: float,
        allowed: Iterable[str | Module] | None = None,
        denied: Iterable[str | Module] = (),
        method: Method = "greedy",
        seconds: float = 10.0,
        at: datetime | None = None,
    ) -> LearningPath:
        """Return a path of modules within a budget of minutes, prerequisites first.

        Parameters
        ----------
        state : KnowledgeState
        role : Role
        budget_minutes : float
        allowed : iterable of str, optional
            The modules that the caller would assign; all of them when None.
        denied : iterable of str, optional
            Modules to leave out, whatever is allowed.
        method : {"greedy", "exact"}, default "greedy"
            Two ways to climb one objective, the truncated gain in readiness. The exact one solves
            a mixed-integer programme; the path's `gap` says how far from the best it may be.
        seconds : float, default 10.0
            About how long the exact method may take.
        at : datetime, optional
            The aware instant asked about.

        Raises
        ------
        InvalidInput
            A budget or a time that is not above 0, another method, a naive instant, or unknown
            modules in `allowed` or `denied`.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        faults = _faults_of(at)
        faults.check_number("budget_minutes", budget_minutes, 0.0, 1e9, above=True)
        faults.check_number("seconds", seconds, 0.0, 1e6, above=True)
        if method not in METHODS:
            faults.add("method", f"is {method!r}, expected one of {', '.join(METHODS)}")
        faults.raise_if_any("request")
        return plan_path(
            self._map(role),
            state,
            self.tracer,
            budget_minutes=float(budget_minutes),
            prerequisite_threshold=self.prerequisite_threshold,
            allowed=offered_ids(self.curriculum, allowed, denied, at),
            method=method,
            seconds=float(seconds),
            at=at,
        )

    def intervals(self, path: LearningPath, *, role: Role) -> tuple[tuple[float, float], ...]:
        """Return the central 80 % of readiness to be expected after each step of a path.

        Raises
        ------
        InvalidInput
            The path was planned for a role with other targets.
        """
        return intervals_along(path, role)

    def forecast(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        minutes_per_week: float = 120.0,
        allowed: Iterable[str | Module] | None = None,
        denied: Iterable[str | Module] = (),
        at: datetime | None = None,
        rng: np.random.Generator | None = None,
    ) -> Forecast:
        """Return how long it takes until every target of a role is attained.

        Another role, other modules or another pace answer what would be if.

        Parameters
        ----------
        state : KnowledgeState
        role : Role
        minutes_per_week : float, default 120
            The time that the learner has.
        allowed, denied : iterable of str, optional
            As in :meth:`plan`.
        at : datetime, optional
            The aware instant asked about.
        rng : Generator, optional
            A fixed one when None, so that the same question has the same answer.

        Raises
        ------
        InvalidInput
            A pace that is not above 0, a naive instant, or unknown modules in `allowed` or
            `denied`.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        faults = _faults_of(at)
        faults.check_number("minutes_per_week", minutes_per_week, 0.0, 10_080.0, above=True)
        faults.raise_if_any("request")
        return forecast(
            self._map(role),
            state,
            self.tracer,
            minutes_per_week=float(minutes_per_week),
            prerequisite_threshold=self.prerequisite_threshold,
            allowed=offered_ids(self.curriculum, allowed, denied, at),
            at=at,
            rng=rng,
        )

    def probe(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        asked: Collection[str] = (),
        precision: float = 0.05,
        at: datetime | None = None,
    ) -> Probe:
        """Return the item whose answer is expected to say most about readiness for a role.

        Parameters
        ----------
        state : KnowledgeState
        role : Role
        asked : collection of str, optional
            Items not to ask again; those answered rightly before and retired ones are never asked.
        precision : float, default 0.05
            The standard deviation of readiness at which there is no more to ask.
        at : datetime, optional
            The aware instant asked about.

        Raises
        ------
        InvalidInput
            A precision that is not above 0, a naive instant, or a tracer without ``update`` and
            ``predict_item``.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        tracer = self._examiner(precision, at)
        return next_probe(
            self._examination(role), state, tracer, asked=asked, precision=precision, at=at
        )

    def placement(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        answer: Callable[[str], float],
        limit: int = 20,
        precision: float = 0.05,
        at: datetime | None = None,
    ) -> tuple[KnowledgeState, Sequence[Probe]]:
        """Probe until readiness is known precisely enough; `answer` gives the score of an item.

        Returns the state after the answers, and every probe; the last one says why it is the last.

        Raises
        ------
        InvalidInput
            As :meth:`probe`, or a limit below 1.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        faults = Faults()
        faults.check_level("limit", limit)
        faults.raise_if_any("request")
        tracer = self._examiner(precision, at)
        about = self._examination(role)
        return placed(about, state, tracer, answer, limit=limit, precision=precision, at=at)

    def _examiner(self, precision: float, at: datetime | None) -> Examiner:
        faults = _faults_of(at)
        faults.check_number("precision", precision, 0.0, 1.0, above=True)
        for name in ("update", "predict_item"):
            if not hasattr(self.tracer, name):
                faults.add("tracer", f"has no {name}", "take a tracer, such as BKT")
        faults.raise_if_any("request")
        return cast("Examiner", self.tracer)

    def gaps(self, state: KnowledgeState, *, role: Role, at: datetime | None = None) -> GapReport:
        """Return readiness for a role with its interval, and the gap per target.

        Raises
        ------
        InvalidInput
            A naive instant.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        _faults_of(at).raise_if_any("request")
        self.curriculum.framework.check_role(role)
        wanted = [target.skill_level for target in role.targets]
        return gaps(state, role, attained(self.tracer, state, wanted, at))

    def stuck(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        opportunities: int = MANY_OPPORTUNITIES,
        at: datetime | None = None,
    ) -> tuple[Stuck, ...]:
        """Return the skills of a role on which a learner spins their wheels, with the evidence.

        Raises
        ------
        InvalidInput
            Less than one opportunity, or a naive instant.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        _faults_of(at).raise_if_any("request")
        return stuck(self._map(role), state, self.tracer, opportunities=opportunities, at=at)

    def ladder(
        self, state: KnowledgeState, roles: Iterable[Role], *, at: datetime | None = None
    ) -> tuple[GapReport, ...]:
        """Return the gap report of every role of one ladder, lowest rung first.

        Raises
        ------
        InvalidInput
            Roles of several ladders or of none, or a naive instant.
        InvalidCurriculum
            A role names skills or levels that the curriculum's framework lacks.
        """
        return tuple(self.gaps(state, role=role, at=at) for role in rungs(roles))

    def _map(self, role: Role) -> RoleMap:
        """Return the part of the curriculum that a role can use, kept from call to call."""
        found = self._maps.get(role)
        if found is None:
            found = role_map(self.curriculum, role)
            _keep(self._maps, role, found)
        return found

    def _liking(self, role: Role) -> Liking | None:
        """Return how learners like the modules of a role, kept with the prior's vectors of them."""
        if self.prior is None:
            return None
        found = self._likings.get(role)
        if found is None:
            found = self.prior.over(self._map(role).modules)
            _keep(self._likings, role, found)
        return found

    def _examination(self, role: Role) -> Examination:
        """Return what can be asked about a role, kept with the knowledge states drawn for it."""
        found = self._examinations.get(role)
        if found is None:
            found = examination(self.curriculum, role)
            _keep(self._examinations, role, found)
        return found


def _keep(kept: dict[Role, Kept], role: Role, found: Kept) -> None:
    if len(kept) >= _ROLES_KEPT:
        kept.clear()
    kept[role] = found


def _faults_of(at: datetime | None) -> Faults:
    faults = Faults()
    faults.check_instant("at", at)
    return faults
