"""Where tracing and recommending meet: a tracer's beliefs against a curriculum and a role.

Its use cases by what they answer, a module each: what comes next (`recommending`), in which order
and how long it takes (`planning`), what to ask (`probing`), where a learner stands (`reporting`).
"""

from __future__ import annotations

from .planning import Planning
from .probing import Probing
from .recommending import Recommending
from .reporting import Reporting

__all__ = ["PathPlanner"]


class PathPlanner(Recommending, Planning, Probing, Reporting):
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
