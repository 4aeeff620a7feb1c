"""What another policy would have been worth, from the decisions that were logged."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from engine.errors import Fault, InvalidInput
from engine.recommender import Estimate

from ..experiments import Outcome, Worth
from .problems import documented
from .wire import Answer, Body, Id, WorkspaceOf, in_thread, refuse_questions

__all__ = ["router", "worth"]

router = APIRouter(tags=["decisions"])

_MOST = 1_000  # decisions put together again for one question


class OutcomeBody(Body):
    """What came of a decision."""

    decision_id: Id
    outcome: Annotated[float, Field(description="In whatever unit; more is better")]
    p_target: Annotated[
        float | None,
        Field(
            ge=0,
            le=1,
            description="With which probability the other policy would have chosen what was chosen;"
            " found out from what is kept where it is left out and `policy` is named",
        ),
    ] = None


class EstimateBody(Body):
    """What came of decisions, of which the log knows how probable each was."""

    outcomes: list[OutcomeBody]
    policy: Annotated[
        Id | None,
        Field(description="The other policy: pursue, greedy, cautious, thompson, random, …"),
    ] = None
    level: Annotated[float, Field(gt=0, lt=1, description="Of the intervals")] = 0.95
    fewest: Annotated[
        float, Field(ge=2, le=1e9, description="The effective sample below which nothing is told")
    ] = 30.0


class EstimateRecord(BaseModel):
    """The mean outcome to be expected, and its interval."""

    value: float
    low: float
    high: float


class EstimateAnswer(Answer):
    """What the other policy is worth per decision: by inverse propensities, and self-normalised.

    `effective_decisions` is how many of its own the logged ones are worth. Of a policy that is
    named, `covered` is the share of its own choices that could have been logged: where it is below
    1, the estimates are of that share alone. It is null where some `p_target` were given.
    """

    policy: str | None
    covered: float | None
    decisions: int
    effective_decisions: float
    ips: EstimateRecord
    snips: EstimateRecord


@router.post(
    "/decisions/estimates",
    dependencies=[Depends(refuse_questions)],
    responses=documented(400, 404, 408, 413, 415),
)
async def estimate(request: Request, workspace: WorkspaceOf, body: EstimateBody) -> EstimateAnswer:
    """Return what another policy would have been worth, from what came of decisions that were
    logged; nothing is changed. A 422 where they have too little in common with it.

    With a `policy` and without `p_target` it is found out, for 1,000 decisions at most, what that
    one would have done: with the evidence that there was, under the decision's model, catalogue
    and role. Where a decision cannot be put together again, the 422 says why. It waits for its
    turn, and where too much waits already it is a 503 with a Retry-After.
    """
    outcomes = [Outcome(one.decision_id, one.outcome, one.p_target) for one in body.outcomes]
    n = sum(one.p_target is None for one in outcomes) if body.policy is not None else 0
    if n > _MOST:
        problem = f"are {n:,} without p_target, expected at most {_MOST:,}"
        raise InvalidInput("body", [Fault("outcomes", problem, "`attain estimate` takes more")])
    do = request.app.state.long_work if n else in_thread
    return worth(
        await do(
            lambda: workspace.worth(outcomes, body.policy, level=body.level, fewest=body.fewest)
        )
    )


def worth(found: Worth) -> EstimateAnswer:
    """Return the answer as it goes out."""
    return EstimateAnswer(
        model_version=found.model_version,
        policy=found.policy,
        covered=found.covered,
        decisions=found.snips.n,
        effective_decisions=found.snips.effective_n,
        ips=_record(found.ips),
        snips=_record(found.snips),
    )


def _record(one: Estimate) -> EstimateRecord:
    low, high = one.interval
    return EstimateRecord(value=one.value, low=low, high=high)
