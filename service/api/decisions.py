"""Decisions: the log of them, policies that choose, and people who say otherwise."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from ..deciding import Asked, LoggedDecision, Override
from ..experiments import policy_for
from ..instants import from_us
from .admitting import key_of
from .advice import Allowed, Denied
from .problems import documented
from .wire import (
    Answer,
    Body,
    Id,
    Instant,
    ModelVersion,
    Page,
    Text,
    WorkspaceOf,
    in_thread,
    refuse_questions,
)

__all__ = ["DecisionRecord", "record_of", "router"]

router = APIRouter(tags=["decisions"])
_OF_LEARNER = "/learners/{learner_id:path}/decisions"
_NO_QUESTIONS = [Depends(refuse_questions)]


class ChoiceBody(Body):
    """Which policy is to choose, or which experiment says which, and among what."""

    policy: Annotated[
        Id | None,
        Field(description="pursue (where none is named), greedy, cautious, thompson, random, …"),
    ] = None
    experiment: Annotated[
        Text, Field(description="In place of a policy: its name, which decides who is in which arm")
    ] = ""
    arms: Annotated[
        dict[Id, float] | None,
        Field(description="Its policies, and the shares of the learners that they have"),
    ] = None
    request_key: Annotated[Text, Field(description="The same one gets the same decision")] = ""
    role: Id | None = None
    at: Instant | None = None
    allowed: Allowed = None
    denied: Denied = None


class OverrideBody(Body):
    """A person's word against a decision, under an id of the sender's."""

    override_id: Id
    decided_by: Annotated[Id, Field(description="Who says so")]
    reason: Annotated[Text, Field(min_length=1)]
    instead: Annotated[Text, Field(description="The module or item chosen, if one was")] = ""


class OverrideRecord(BaseModel):
    """What a person said against a decision, and with which key it came."""

    override_id: str
    decided_by: str
    reason: str
    instead: str
    key_id: str
    at: datetime


class BelievedRecord(BaseModel):
    """What was believed of a target of the role."""

    skill_id: str
    level: int
    attainment: float


class CandidateRecord(BaseModel):
    """What could have been chosen, with which probability."""

    id: str
    propensity: float


class RankedRecord(BaseModel):
    """A module that was served; the terms add up to the score."""

    module_id: str
    score: float
    terms: dict[str, float]


class DecisionRecord(BaseModel):
    """A decision with all that it stands on; `ranked` is what was served, best first."""

    model_config = ConfigDict(protected_namespaces=())

    decision_id: str
    learner_id: str
    role_id: str
    role_version: int
    aims: Annotated[
        dict[str, float],
        Field(description="The roles that it served and their shares: role_id, or the next too"),
    ]
    policy: str
    kind: Literal["module", "item"]
    chosen: str
    propensity: float
    candidates: list[CandidateRecord]
    ranked: list[RankedRecord]
    request: dict[str, Any]
    attainments: list[BelievedRecord]
    evidence_changes: Annotated[
        int, Field(description="How much evidence had come or been taken back")
    ]
    model_version: str
    catalog_version: int
    prior_version: str | None
    at: Annotated[datetime, Field(description="The instant asked about")]
    made_at: datetime
    overrides: list[OverrideRecord]


class DecisionsAnswer(Answer):
    """A page of decisions, oldest first; `next` is the `after` of the page that follows."""

    decisions: list[DecisionRecord]
    next: str | None


@router.post(
    _OF_LEARNER, dependencies=_NO_QUESTIONS, responses=documented(400, 404, 408, 409, 413, 415)
)
async def choose(workspace: WorkspaceOf, learner_id: str, body: ChoiceBody) -> DecisionRecord:
    """Let a policy choose what comes next. It is on the disk before it is answered; the same
    request about the same learner, evidence, role, model and catalogue gets the same decision.
    With an experiment and its arms the policy is that of the learner's arm, always the same one.
    """
    asked = Asked(
        allowed=body.allowed,
        denied=body.denied or (),
        at=body.at,
        key=body.request_key,
        experiment=body.experiment,
    )
    view = await in_thread(workspace.view, learner_id, body.role, at=body.at)
    policy = policy_for(
        view.profile.learner_id, body.policy, experiment=body.experiment, arms=body.arms
    )
    return record_of(await in_thread(workspace.decide, view, policy, asked))


@router.get("/decisions")
async def read_all_decisions(
    workspace: WorkspaceOf,
    model_version: ModelVersion,
    asked: Annotated[Page, Query()],
) -> DecisionsAnswer:
    """Return the decisions about everybody, oldest first, a page at a time."""
    found, following = await in_thread(workspace.decisions, None, asked.limit, asked.after)
    return DecisionsAnswer(
        model_version=model_version, decisions=list(map(record_of, found)), next=following
    )


@router.get(_OF_LEARNER, responses=documented(404))
async def read_decisions(
    workspace: WorkspaceOf,
    model_version: ModelVersion,
    learner_id: str,
    asked: Annotated[Page, Query()],
) -> DecisionsAnswer:
    """Return the decisions about a learner, oldest first, a page at a time."""
    found, following = await in_thread(workspace.decisions, learner_id, asked.limit, asked.after)
    return DecisionsAnswer(
        model_version=model_version, decisions=list(map(record_of, found)), next=following
    )


@router.get(f"{_OF_LEARNER}/{{decision_id}}", dependencies=_NO_QUESTIONS, responses=documented(404))
async def read_decision(
    workspace: WorkspaceOf, learner_id: str, decision_id: str
) -> DecisionRecord:
    """Return a decision: what was asked and believed, what was chosen, what people said."""
    return record_of(await in_thread(workspace.decision, learner_id, decision_id))


@router.post(
    f"{_OF_LEARNER}/{{decision_id}}/overrides",
    dependencies=_NO_QUESTIONS,
    responses=documented(400, 404, 408, 409, 413, 415),
)
async def override_decision(
    request: Request,
    workspace: WorkspaceOf,
    learner_id: str,
    decision_id: str,
    body: OverrideBody,
) -> DecisionRecord:
    """Record who decided otherwise, and why. A repeated id changes nothing; for another override
    it is a 409. What the person chose is for the caller to assign; `denied` keeps what was turned
    down out of later recommendations.
    """
    said = Override(
        body.override_id, decision_id, body.decided_by, body.reason, subject_id=body.instead
    )
    key_id = key_of(request).key_id
    return record_of(await in_thread(workspace.override, learner_id, said, key_id))


def record_of(logged: LoggedDecision) -> DecisionRecord:
    """Return a decision as it goes out."""
    row, said = logged
    content = json.loads(row.content)
    candidates = content.get("candidates", {row.chosen: row.propensity} if row.chosen else {})
    return DecisionRecord(
        **{name: getattr(row, name) for name in DecisionRecord.model_fields if hasattr(row, name)},
        aims=content.get("aims", {row.role_id: 1.0}),  # said only where it was not that alone
        kind=content.get("kind", "module"),
        candidates=[CandidateRecord(id=one, propensity=p) for one, p in candidates.items()],
        ranked=content.get("ranked", []),
        request=content["request"],
        attainments=[
            BelievedRecord(skill_id=skill_id, level=level, attainment=p)
            for skill_id, level, p in content["attainments"]
        ],
        prior_version=content.get("prior_version"),
        at=content["at"],
        made_at=from_us(row.made_at_us),
        overrides=[
            OverrideRecord(
                override_id=one.override_id,
                decided_by=one.decided_by,
                reason=one.reason,
                instead=one.subject_id,
                key_id=one.key_id,
                at=from_us(one.received_at_us),
            )
            for one in said
        ],
    )
