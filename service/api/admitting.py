"""What a key that got past the gate may do: by scope, and by whom it is about."""

from __future__ import annotations

from fastapi import HTTPException, Request

from engine.errors import UnknownId

from ..errors import NotAllowed
from ..keys import Grant, Key
from ..workspace import Workspace
from .access import Needs, is_swallowed, needs_of, route_pattern
from .waiting import at_once

__all__ = ["admit", "admit_to", "key_of", "workspace_of"]


async def admit(request: Request) -> None:
    """Let a request pass whose key has one of the scopes that the operation takes.

    Raises
    ------
    NotAllowed
        It has none of them, or nobody has said which they are.
    UnknownId
        It has, but the learner or the team is not within its reach: to it, there is none.
    """
    pattern = route_pattern(request.scope)
    if is_swallowed(request.scope["path"], pattern):
        raise HTTPException(405)
    needs = needs_of(request.method, pattern)
    if needs is None:
        raise NotAllowed(["none: nobody has said who may do this"])
    if not needs.open:
        subject = request.path_params.get(f"{needs.about}_id", "")
        await at_once(workspace_of(request), admit_to, request, needs, subject)


def admit_to(request: Request, needs: Needs, subject: str) -> None:
    """Let a request pass as :func:`admit` does, whatever it is about."""
    grant = key_of(request).grant
    if not grant.scopes & needs.scopes:
        raise NotAllowed(needs.scopes)
    if needs.about and grant.bound and not _reaches(workspace_of(request), grant, needs, subject):
        raise UnknownId(needs.about, subject)  # and no near ones: they would be others'


def _reaches(workspace: Workspace, grant: Grant, needs: Needs, subject: str) -> bool:
    if needs.about == "team":
        return subject in grant.team_ids and workspace.has_team(subject)
    return workspace.is_within(subject, grant.within(needs.scopes))


def key_of(request: Request) -> Key:
    """Return the key of a request that got past the gate."""
    key: Key = request.scope["attain.key"]
    return key


def workspace_of(request: Request) -> Workspace:
    """Return the workspace of the tenant whose key a request bears."""
    workspace: Workspace = request.scope["attain.workspace"]
    return workspace
