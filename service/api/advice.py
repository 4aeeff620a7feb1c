"""What follows from the evidence: mastery, gaps, what to take next, a path, the ladder."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from engine.recommender import Method

from ..advice import LearnerView
from ..deciding import Asked
from ..workspace import Workspace
from . import advice_answers as answers
from .answering import answered, rendered
from .problems import documented
from .wire import Body, Id, Instant, Question, WorkspaceOf, in_thread

__all__ = ["router"]

router = APIRouter(tags=["advice"], prefix="/learners/{learner_id:path}", responses=documented(404))

Limit = Annotated[int, Field(ge=1, le=100)]
Allowed = Annotated[
    list[Id] | None, Field(description="The modules to choose among; all if left out")
]
Denied = Annotated[list[Id] | None, Field(description="Modules to leave out, whatever is allowed")]
Within = Annotated[
    float | None,
    Field(gt=0, le=1e6, allow_inf_nan=False, description="The minutes that there are now"),
]
Alternatives = Annotated[
    int, Field(ge=0, le=20, description="How many of the modules that lost to explain")
]
Variety = Annotated[
    float,
    Field(ge=0, le=1, description="How much less a module counts beside others of its format"),
]
Preference = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="How much a format counts that the learner completes more than is offered",
    ),
]
AskedOf = Annotated[Question, Query()]


class RecommendationsQuestion(Question):
    """Which recommendations."""

    limit: Limit = 3
    allowed: Allowed = None
    denied: Denied = None
    within_minutes: Within = None
    alternatives: Alternatives = 0
    variety: Variety = 0.0
    preference: Preference = 0.0


class RecommendationsBody(Body):
    """Which recommendations; for lists of allowed modules too long for an address."""

    role: Id | None = None
    at: Instant | None = None
    limit: Limit = 3
    allowed: Allowed = None
    denied: Denied = None
    within_minutes: Within = None
    alternatives: Alternatives = 0
    variety: Variety = 0.0
    preference: Preference = 0.0


class PathQuestion(Question):
    """Which path."""

    budget_minutes: Annotated[
        float | None,
        Field(
            gt=0,
            le=1e6,
            allow_inf_nan=False,
            description="The time that there is; 600 where it is not said until when, either",
        ),
    ] = None
    until: Annotated[
        Instant | None,
        Field(description="In place of a budget: what `minutes_per_week` amounts to until then"),
    ] = None
    denied: Denied = None
    method: Annotated[
        Method,
        Field(
            description="`greedy` is quick; `exact` looks for the best path that there is, and the"
            " answer's `bound` says how far from that it may be"
        ),
    ] = "greedy"
    seconds: Annotated[
        float,
        Field(
            gt=0,
            le=10,
            allow_inf_nan=False,
            description="About how long an exact path may be looked for; the best found by then is"
            " the answer",
        ),
    ] = 2.0
    minutes_per_week: Annotated[
        float | None,
        Field(
            gt=0,
            le=10_080,
            allow_inf_nan=False,
            description="The time that there is: what is due is then reached before it is due, as"
            " far as that can be done, what would expire within the path is renewed before it does,"
            " and `arrivals` say when each target is reached or renewed",
        ),
    ] = None


class ForecastQuestion(Question):
    """Which forecast."""

    minutes_per_week: Annotated[float, Field(gt=0, le=10_080, allow_inf_nan=False)] = 120.0
    denied: Denied = None


@router.get("/recommendations", response_model=answers.RecommendationsAnswer)
async def read_recommendations(
    request: Request,
    workspace: WorkspaceOf,
    learner_id: str,
    asked: Annotated[RecommendationsQuestion, Query()],
) -> Response:
    """Return what to take next, best first, and why."""
    return await answered(
        request, workspace, learner_id, asked, lambda view: _recommendations(workspace, view, asked)
    )


@router.post(
    "/recommendations",
    response_model=answers.RecommendationsAnswer,
    responses=documented(400, 408, 409, 413, 415),
)
async def ask_recommendations(
    workspace: WorkspaceOf, learner_id: str, asked: RecommendationsBody
) -> Response:
    """Return what to take next among many allowed modules; nothing is changed."""
    view = await in_thread(workspace.view, learner_id, asked.role, at=asked.at)
    return rendered(await in_thread(_recommendations, workspace, view, asked))


@router.get("/mastery", response_model=answers.MasteryAnswer)
async def read_mastery(
    request: Request, workspace: WorkspaceOf, learner_id: str, asked: AskedOf
) -> Response:
    """Return what is believed of each skill, and the readiness for a role that it amounts to."""
    return await answered(
        request, workspace, learner_id, asked, lambda view: answers.mastery(view, view.mastery())
    )


@router.get("/gaps", response_model=answers.GapsAnswer)
async def read_gaps(
    request: Request, workspace: WorkspaceOf, learner_id: str, asked: AskedOf
) -> Response:
    """Return readiness for a role, and how far each of its targets is."""
    return await answered(
        request, workspace, learner_id, asked, lambda view: answers.gaps(view, view.gaps())
    )


@router.get("/ladder", response_model=answers.LadderAnswer)
async def read_ladder(
    request: Request, workspace: WorkspaceOf, learner_id: str, asked: AskedOf
) -> Response:
    """Return readiness for every role on the ladder of a role, lowest rung first."""
    return await answered(
        request, workspace, learner_id, asked, lambda view: answers.ladder(view, view.ladder())
    )


@router.get("/path", response_model=answers.PathAnswer)
async def read_path(
    request: Request,
    workspace: WorkspaceOf,
    learner_id: str,
    asked: Annotated[PathQuestion, Query()],
) -> Response:
    """Return modules in an order that respects what each requires, within a budget of minutes
    or until a date.

    Exact paths are looked for one after the other; where too many wait for that, more are refused
    with a 503 and a Retry-After.
    """

    def make(view: LearnerView) -> answers.PathAnswer:
        found = view.plan(
            budget_minutes=asked.budget_minutes,
            until=asked.until,
            denied=asked.denied or (),
            method=asked.method,
            seconds=asked.seconds,
            minutes_per_week=asked.minutes_per_week,
        )
        return answers.path(view, found)

    do = request.app.state.long_work if asked.method == "exact" else in_thread
    return await answered(request, workspace, learner_id, asked, make, do=do)


@router.get("/forecast", response_model=answers.ForecastAnswer)
async def read_forecast(
    request: Request,
    workspace: WorkspaceOf,
    learner_id: str,
    asked: Annotated[ForecastQuestion, Query()],
) -> Response:
    """Return how long it takes until every target of a role is attained."""

    def make(view: LearnerView) -> answers.ForecastAnswer:
        pace = asked.minutes_per_week
        return answers.forecast(
            view, view.forecast(minutes_per_week=pace, denied=asked.denied or ())
        )

    return await answered(request, workspace, learner_id, asked, make)


def _recommendations(
    workspace: Workspace, view: LearnerView, asked: RecommendationsQuestion | RecommendationsBody
) -> answers.RecommendationsAnswer:
    found, decision_id = workspace.serve(
        view,
        Asked(
            limit=asked.limit,
            allowed=asked.allowed,
            denied=asked.denied or (),
            within_minutes=asked.within_minutes,
            alternatives=asked.alternatives,
            variety=asked.variety,
            preference=asked.preference,
            at=asked.at,
        ),
    )
    return answers.recommendations(view, found, decision_id)
