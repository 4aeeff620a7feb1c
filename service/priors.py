"""The prior that a database keeps: read, and rid of those who are erased."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from engine.recommender import CollaborativePrior

from .kept import reading
from .store import Session

__all__ = ["forget_learners", "kept_prior", "put_prior"]


def put_prior(session: Session, prior: CollaborativePrior, now_us: int) -> str:
    """Keep a prior in place of the one that was there; return its version."""
    content = prior.to_json()
    version = f"prior-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
    session.priors.put(version, content, now_us)
    return version


def kept_prior(session: Session) -> CollaborativePrior | None:
    """Return the prior that is kept, or None where there is none.

    Raises
    ------
    StoreError
        It cannot be read any more.
    """
    content = session.priors.content()
    if content is None:
        return None
    with reading("the prior", "install it again, or drop it"):
        return CollaborativePrior.from_json(content)


def forget_learners(session: Session, learner_ids: Iterable[str], now_us: int) -> None:
    """Take what is about learners alone out of the prior; for others it stays as it is."""
    prior = kept_prior(session)
    known = [] if prior is None else [one for one in learner_ids if prior.vector_of(one)]
    if prior is not None and known:
        put_prior(session, prior.without(*known), now_us)
