"""The current catalogue, model and prior, bound into a planner that answers for all of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache

from engine.domain import Curriculum
from engine.knowledge_tracing import BKT, Tracer, tracer_from_json
from engine.planner import PathPlanner
from engine.recommender import CollaborativePrior

from .kept import reading
from .priors import kept_prior
from .store import Session, Versions

__all__ = [
    "Binding",
    "bind",
    "current_tracer",
    "curriculum_of",
    "default_tracer",
    "default_version",
    "read_tracer",
    "tracer_version",
]


@dataclass(frozen=True)
class Binding:
    """One catalogue and one model, ready to answer.

    Parameters
    ----------
    versions : Versions
        As the store had them.
    model_version : str
        Of the installed model, or of the default one where none is installed.
    catalog_version : int
    curriculum : Curriculum
    tracer : Tracer
        Over the curriculum.
    planner : PathPlanner
    """

    versions: Versions
    model_version: str
    catalog_version: int
    curriculum: Curriculum
    tracer: Tracer
    planner: PathPlanner


def bind(session: Session, versions: Versions) -> Binding | None:
    """Return the binding of the current versions, or None where there is no catalogue yet.

    Raises
    ------
    StoreError
        The catalogue, the model or the prior that is kept cannot be read any more.
    """
    if versions.catalog_version is None:
        return None
    curriculum = curriculum_of(session, versions.catalog_version)
    tracer = current_tracer(session, versions).with_curriculum(curriculum)
    return Binding(
        versions,
        versions.model_version or default_version(),
        versions.catalog_version,
        curriculum,
        tracer,
        PathPlanner(tracer=tracer, curriculum=curriculum, prior=_prior(session, versions)),
    )


def _prior(session: Session, versions: Versions) -> CollaborativePrior | None:
    return None if versions.prior_version is None else kept_prior(session)


def current_tracer(session: Session, versions: Versions) -> Tracer:
    """Return the installed model, or the default one, over no curriculum."""
    if versions.model_version is None:
        return default_tracer()
    content = session.tracers.content(versions.model_version) or ""
    return read_tracer(content, versions.model_version)


def read_tracer(content: str, version: str) -> Tracer:
    """Return a model that is kept; raise :class:`StoreError` where it cannot be read any more."""
    with reading(f"the model {version}", "install it again, or another"):
        return tracer_from_json(content)


def curriculum_of(session: Session, version: int) -> Curriculum:
    """Return a version of the catalogue that is kept; raise :class:`StoreError` if unreadable."""
    with reading(f"catalogue {version}", "restore a backup"):
        return Curriculum.from_records(**json.loads(session.catalogs.find(version) or ""))


@cache
def default_tracer() -> Tracer:
    """Return the model that serves before any was fitted: its parameters are sensible priors."""
    return BKT()


@cache
def default_version() -> str:
    """Return the version of the default model."""
    return tracer_version(default_tracer().to_json())


def tracer_version(text: str) -> str:
    """Return the version of a model: its name and the start of the digest of its text.

    Examples
    --------
    >>> tracer_version('{"model": "bkt"}')
    'bkt-44839702be48'
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{json.loads(text)['model']}-{digest[:12]}"
