"""What in the catalogue will disappoint those who learn by it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from engine.recommender import Finding

from ..workspace.linting import Findings
from .problems import documented
from .wire import Answer, Page, WorkspaceOf, in_thread

__all__ = ["FindingRecord", "record_of", "router"]

router = APIRouter(tags=["catalog"])

_MOST_LEARNERS = 10_000


class FindingRecord(BaseModel):
    """Something that will disappoint, and what to do about it."""

    check: Annotated[str, Field(description="The kind of finding, such as untaught-target")]
    where: Annotated[str, Field(description="The id or ids that it is about")]
    problem: str
    remedy: str


class FindingsAnswer(Answer):
    """A page of findings, check by check; `next` is the `after` of the page that follows.

    Prerequisites are held against the evidence of `learners`: all there are, or of many 10,000.
    """

    catalog_version: int
    learners: int
    counts: Annotated[dict[str, int], Field(description="How many there are of each kind")]
    findings: list[FindingRecord]
    next: str | None


@router.get("/catalog/findings", responses=documented(404))
async def read_findings(
    request: Request, workspace: WorkspaceOf, asked: Annotated[Page, Query()]
) -> FindingsAnswer:
    """Return what in the current catalogue and the roles will disappoint: targets that nothing
    teaches or that cannot be shown, modules that help no role, prerequisites that the evidence
    contradicts, and more, a page at a time.

    What was found holds for a minute, until the catalogue or a role changes. To find it anew may
    take seconds; it waits for its turn, and where too much waits already it is a 503 with a
    Retry-After.
    """
    found = await in_thread(workspace.findings_so_far, _MOST_LEARNERS)
    if found is None:
        found = await request.app.state.long_work(lambda: workspace.findings(_MOST_LEARNERS))
    return _answer(found, asked)


def record_of(one: Finding) -> FindingRecord:
    """Return a finding as it goes out."""
    return FindingRecord(check=one.check, where=one.where, problem=one.problem, remedy=one.remedy)


def _answer(findings: Findings, asked: Page) -> FindingsAnswer:
    page, following = findings.page(asked.limit, asked.after)
    return FindingsAnswer(
        model_version=findings.model_version,
        catalog_version=findings.catalog_version,
        learners=findings.learners,
        counts=findings.counts(),
        findings=[record_of(one) for one in page],
        next=following,
    )
