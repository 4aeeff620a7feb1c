"""Answers about a learner as bytes, made once for as long as nothing they stand on changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from fastapi import Request, Response

from ..advice import LearnerView
from ..workspace import Workspace
from .advice_answers import LearnerAnswer
from .waiting import at_once, in_thread
from .wire import Question

__all__ = ["AnswerShelf", "answered", "rendered"]

LONGEST = timedelta(seconds=60)
_MOST = 20_000


class _Kept(NamedTuple):
    stamp: bytes
    at: datetime
    until: datetime
    body: bytes
    etag: str


class AnswerShelf:
    """Answers by their questions; the ones used longest ago go first.

    An answer stands on the learner's state, profile and role, and on the model and catalogue: the
    stamp of all of them. Where the question names no instant, an answer serves for a minute at
    most, and says itself of which instant it is. Most serve for less, down to half of that: what a
    whole class asks at once would otherwise be out of date at once, each minute again.

    Parameters
    ----------
    most : int
        How many are kept.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Any, _Kept] = OrderedDict()

    def find(self, question: Any, stamp: bytes, now: datetime) -> Response | None:
        """Return the answer to a question, if there is one that still stands."""
        kept = self._kept.get(question)
        if kept is None or kept.stamp != stamp or not kept.at <= now < kept.until:
            return None
        self._kept.move_to_end(question)
        return _response(kept)

    def keep(self, question: Any, stamp: bytes, answer: LearnerAnswer) -> Response:
        """Keep an answer and return it as it goes out."""
        # Weak, and without the instant: an answer of a minute later that says the same is the same.
        without_at = answer.model_dump_json(exclude={"at"}).encode()
        digest = blake2b(without_at, digest_size=12)
        until = answer.at + LONGEST * (1.0 - digest.digest()[0] / 512.0)
        body, etag = answer.model_dump_json().encode(), f'W/"{digest.hexdigest()}"'
        kept = _Kept(stamp, answer.at, until, body, etag)
        self._kept[question] = kept
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return _response(kept)


async def answered(
    request: Request,
    workspace: Workspace,
    learner_id: str,
    asked: Question,
    make: Callable[[LearnerView], LearnerAnswer],
    *,
    do: Callable[[Callable[[], LearnerAnswer]], Awaitable[LearnerAnswer]] = in_thread,
) -> Response:
    """Return the answer to a question about a learner: a kept one, or one that `make` makes.

    What making it takes is given to `do`, which awaits it.
    """
    shelf: AnswerShelf = request.app.state.answers
    question = (workspace.tenant_id, request.scope["path"], request.scope["query_string"])
    glimpse = await at_once(workspace, workspace.quick_glimpse, learner_id, asked.role, at=asked.at)
    if glimpse is None:  # a new catalogue or model; a large one takes a while
        glimpse = await in_thread(workspace.glimpse, learner_id, asked.role, at=asked.at)
    stamp = glimpse.stamp
    found = shelf.find(question, stamp, glimpse.at)
    if found is not None:
        return found
    answer = await do(lambda: make(workspace.view_of(glimpse)))
    return shelf.keep(question, stamp, answer)


def rendered(answer: LearnerAnswer) -> Response:
    """Return an answer as it goes out, without checking again what this code has made."""
    return Response(answer.model_dump_json(), media_type="application/json")


def _response(kept: _Kept) -> Response:
    return Response(kept.body, media_type="application/json", headers={"ETag": kept.etag})
