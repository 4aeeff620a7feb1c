"""What to take next: the modules available now, best first, each with its reasons."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ..domain.recommendations import Recommendation, RecommendationList
from .alternatives import Scored
from .alternatives import alternatives as explained
from .explanation import (
    comes_back,
    enables,
    is_due,
    keeps,
    more_of_the_same,
    prefers,
    raises,
    suits,
    taken_formats,
)
from .lapsing import closeness
from .leaning import of_formats, places
from .obstacles import EMPTY_ALLOW_LIST, arrived, obstacles
from .projector import Projector
from .prospect import Prospect, prospect
from .routes import Route, Routes
from .scoring import ScoreWeights, score_terms
from .timing import first_to_lapse, kept, shares_of_dates, soonest
from .variety import varied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..domain.knowledge import KnowledgeState
    from .prior import Liking
    from .role_map import RoleMap

__all__ = ["rank"]


def rank(
    where: RoleMap,
    state: KnowledgeState,
    projector: Projector,
    *,
    prerequisite_threshold: float = 0.8,
    weights: ScoreWeights | None = None,
    limit: int = 3,
    allowed: Collection[str] | None = None,
    within_minutes: float | None = None,
    alternatives: int = 0,
    liking: Liking | None = None,
    at: datetime | None = None,
) -> RecommendationList:
    """Rank the modules that can be taken now by their score.

    A module can be taken when it is on offer, every direct prerequisite of all that it teaches is
    attained with probability `prerequisite_threshold` or more, and the modules that it requires
    are completed. Its score is the expected gain in readiness per minute, plus what it enables,
    plus bounded terms for a review, for what is due, for what is mastered and would not last, for
    what others completed and for formats taken before; see :mod:`.scoring`.

    Parameters
    ----------
    where : RoleMap
        Of :func:`role_map`; kept per role, it makes ranking fast.
    state : KnowledgeState
    projector : Projector
    prerequisite_threshold : float, default 0.8
    weights : ScoreWeights, optional
    limit : int, default 3
        How many at most.
    allowed : collection of str, optional
        Ids of the modules on offer; all of them when None. They are taken to exist.
    within_minutes : float, optional
        The time that there is now: longer modules are left out, but count for what is enabled.
    alternatives : int, default 0
        How many of those that lost to explain, at most.
    liking : callable, optional
        How learners like the role map's modules; see :class:`.Prior`.
    at : datetime, optional
        The instant asked about, passed on to the projector.

    Returns
    -------
    RecommendationList
        Best first, equal scores by module id; its note says what stands in the way of targets
        that nothing on offer advances.

    Examples
    --------
    >>> from engine.domain import Curriculum, KnowledgeState, Role, SkillTarget
    >>> from engine.recommender.role_map import role_map
    >>> class Halved:  # every module halves what is missing
    ...     def attainment(self, state, targets, *, at=None):
    ...         return [1 - 0.5 ** (1 + (k.skill_id in state.completed)) for k in targets]
    ...
    ...     def project(self, state, module, *, at=None):
    ...         taught = {effect.skill_id: None for effect in module.teaches}
    ...         return KnowledgeState(state.learner_id, {}, {**state.completed, **taught})
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql", "name": "SQL"}, {"skill_id": "charts"}],
    ...     modules=[
    ...         {"module_id": "m1", "teaches": [{"skill_id": "sql"}], "minutes": 10},
    ...         {"module_id": "m2", "teaches": [{"skill_id": "charts"}], "minutes": 5},
    ...     ],
    ... )
    >>> role = Role("analyst", [SkillTarget("sql", weight=3), SkillTarget("charts")])
    >>> best = rank(role_map(curriculum, role), KnowledgeState("ada"), Halved())[0]
    >>> best.module_id, round(best.score, 5), best.expected_gain
    ('m1', 0.01875, 0.1875)
    >>> best.reasons[0].sentence
    'Raises your expected readiness for analyst by 18.8 points in 10 minutes.'
    """
    if allowed is not None and not allowed:
        return RecommendationList((), EMPTY_ALLOW_LIST)
    weights = weights or ScoreWeights()
    ahead = prospect(
        where,
        state,
        projector,
        threshold=prerequisite_threshold,
        allowed=allowed,
        at=at,
        horizon_days=weights.horizon_days,
    )
    if not ahead.unmet and not ahead.lapses:
        return RecommendationList((), arrived(where, state, ahead.now.p))
    ahead.leanings = _leanings(ahead, state, liking, weights)
    worth = Routes(ahead)
    best = _routes(ahead, worth)
    dates = _dates(ahead, at, weights)
    if dates:
        ahead.leanings["urgency"] = shares_of_dates(ahead, best, dates)
    ranked = _scored(ahead, best, weights)
    limit_minutes = float("inf") if within_minutes is None else within_minutes

    def fit(scored: list[Scored]) -> list[Scored]:
        return [one for one in scored if where.minutes[one[0]] <= limit_minutes]

    formats = [module.format for module in where.modules]
    fitting = varied(fit(ranked), formats, weights.variety, limit)
    chosen = tuple(_recommendation(ahead, one, best, state, at) for one in fitting[:limit])
    note = obstacles(ahead, worth.advanced())
    if not ranked:
        note = note or (_WORTHLESS if ahead.unmet else arrived(where, state, ahead.now.p))
    elif not fitting:
        note = f"{_too_short(limit_minutes, min(where.minutes[m] for m, _ in ranked))} {note}"
    lost = explained(
        ahead,
        fitting,
        best,
        weights,
        lambda other: fit(_scored(other, _routes(other, Routes(other)), weights)),
        first=limit,
        limit=alternatives,
    )
    return RecommendationList(chosen, note.strip(), lost)


def _leanings(
    ahead: Prospect, state: KnowledgeState, liking: Liking | None, weights: ScoreWeights
) -> dict[str, Sequence[float]]:
    """Return what draws a learner to each module; nothing where nothing is known of that."""
    where, found = ahead.where, dict[str, Sequence[float]]()
    if liking is not None:
        scores = liking(state.learner_id, where.role.role_ids[0])
        found["prior"] = places(scores, ahead.now.done)
    if weights.preference:
        preferred = of_formats(taken_formats(where, state), where.formats)
        found["preference"] = [preferred.get(module.format, 0.0) for module in where.modules]
    return found


def _too_short(limit_minutes: float, shortest: float) -> str:
    return (
        f"Nothing that helps now fits into {limit_minutes:g} minutes;"
        f" the shortest module that does takes {shortest:g}."
    )


_WORTHLESS = "Under the weights given, no module scores above zero."


def _scored(ahead: Prospect, best: Mapping[int, Route], weights: ScoreWeights) -> list[Scored]:
    """Return the modules with a score above zero and its terms, best first, ties by number."""
    found: dict[int, dict[str, float]] = {}
    for m, route in best.items():
        direct = ahead.outlook.truncated_gain((m,)) / ahead.where.minutes[m]
        found[m] = score_terms(weights, direct, route.density, ahead.shares(m))
    if ahead.lapses:
        top = max((sum(terms.values()) for terms in found.values()), default=0.0)
        for m, near, loss in kept(ahead):
            found[m]["keeping"] = weights.keeping * near * (top + loss / ahead.where.minutes[m])
    scored = [(-sum(terms.values()), m) for m, terms in found.items()]
    return [(m, found[m]) for less, m in sorted(scored) if less < 0.0]


def _routes(ahead: Prospect, worth: Routes) -> dict[int, Route]:
    """Return the best routes, and for what only keeps something an empty one."""
    own = {m: Route(0.0, ahead.where.minutes[m], 0) for m, _, _ in kept(ahead)}
    return {**own, **worth.best()}


def _dates(ahead: Prospect, at: datetime | None, weights: ScoreWeights) -> dict[int, float]:
    """Return how near the dates of the targets are that have one and are not met."""
    targets = ahead.where.role.targets
    return {
        i: near
        for i in ahead.unmet
        if at is not None
        and (due_at := targets[i].due_at) is not None
        and (near := closeness(due_at, at, weights.horizon_days)) > 0.0
    }


def _recommendation(
    ahead: Prospect,
    scored: Scored,
    best: Mapping[int, Route],
    state: KnowledgeState,
    at: datetime | None,
) -> Recommendation:
    m, terms = scored
    route, gain = best[m], ahead.outlook.gain((m,))
    said = {}
    if terms["gain"]:
        said["gain"] = raises(ahead, m, gain)
    if terms["enables"]:
        said["enables"] = enables(ahead, m, route.members(ahead.found))
    if terms["review"]:
        said["review"] = comes_back(ahead.where, ahead.now.due[m])
    if terms.get("urgency") and at is not None:
        said["urgency"] = is_due(ahead.where, soonest(ahead, m, route), at)
    if terms.get("keeping"):
        said["keeping"] = keeps(ahead.where, *first_to_lapse(ahead, m))
    if terms.get("prior"):
        said["prior"] = suits(ahead, m)
    if terms.get("preference"):
        said["preference"] = prefers(ahead.where, m, state)
    if terms.get("variety"):
        said["variety"] = more_of_the_same(ahead.where, m)
    return Recommendation(
        module_id=ahead.where.modules[m].module_id,
        minutes=ahead.where.minutes[m],
        score=sum(terms.values()),
        terms=terms,
        reasons=tuple(said[name] for name in sorted(said, key=lambda name: -terms[name])),
        expected_gain=gain,
    )
