"""What another policy would have been worth, from the decisions that were logged."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from engine.recommender import Estimate

from ..experiments import Outcome, Worth
from .problems import documented
from .wire import Answer, Body, Id, WorkspaceOf, in_thread, refuse_questions

__all__ = ["router", "worth"]

router = APIRouter(tags=["decisions"])


class OutcomeBody(Body):
    """What came of a decision."""

    decision_id: Id
    outcome: Annotated[float, Field(description="In whatever unit; more is better")]
    p_target: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="With which probability the other policy would have chosen what was chosen",
        ),
    ]


class EstimateBody(Body):
    """What came of decisions, of which the log knows how probable each was."""

    outcomes: list[OutcomeBody]
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

    `effective_decisions` is how many of its own the logged ones are worth.
    """

    decisions: int
    effective_decisions: float
    ips: EstimateRecord
    snips: EstimateRecord


@router.post(
    "/decisions/estimates",
    dependencies=[Depends(refuse_questions)],
    responses=documented(400, 408, 413, 415),
)
async def estimate(workspace: WorkspaceOf, body: EstimateBody) -> EstimateAnswer:
    """Return what another policy would have been worth, from what came of decisions that were
    logged; nothing is changed. A 422 where they have too little in common with it.
    """
    outcomes = [Outcome(one.decision_id, one.outcome, one.p_target) for one in body.outcomes]
    return worth(
        await in_thread(lambda: workspace.worth(outcomes, level=body.level, fewest=body.fewest))
    )


def worth(found: Worth) -> EstimateAnswer:
    """Return the answer as it goes out."""
    return EstimateAnswer(
        model_version=found.model_version,
        decisions=found.snips.n,
        effective_decisions=found.snips.effective_n,
        ips=_record(found.ips),
        snips=_record(found.snips),
    )


def _record(one: Estimate) -> EstimateRecord:
    low, high = one.interval
    return EstimateRecord(value=one.value, low=low, high=high)
