"""The current catalogue and the current model, bound into a planner that answers for both."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache

from engine.domain import Curriculum
from engine.knowledge_tracing import BKT, Tracer, tracer_from_json
from engine.planner import PathPlanner

from .store import Session, Versions

__all__ = ["Binding", "bind", "default_tracer", "tracer_version"]


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
    """Return the binding of the current versions, or None where there is no catalogue yet."""
    if versions.catalog_version is None:
        return None
    content = json.loads(session.catalogs.content(versions.catalog_version))
    curriculum = Curriculum.from_records(**content)
    tracer = current_tracer(session, versions).with_curriculum(curriculum)
    return Binding(
        versions,
        versions.model_version or default_version(),
        versions.catalog_version,
        curriculum,
        tracer,
        PathPlanner(tracer=tracer, curriculum=curriculum),
    )


def current_tracer(session: Session, versions: Versions) -> Tracer:
    """Return the installed model, or the default one, over no curriculum."""
    if versions.model_version is None:
        return default_tracer()
    content = session.tracers.content(versions.model_version)
    return default_tracer() if content is None else tracer_from_json(content)


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
