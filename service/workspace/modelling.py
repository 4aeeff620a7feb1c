"""Models: installed, listed, active."""

from __future__ import annotations

from engine.knowledge_tracing import Tracer, tracer_from_json

from .. import registry
from ..binding import current_tracer, default_version, tracer_version
from ..cursors import cursor, read_cursor
from ..instants import to_us
from ..learning import EvidenceSoFar, evidence_so_far
from ..records import ModelSummary
from ..store import Session
from .ground import Ground

__all__ = ["Modelling"]


class Modelling(Ground):
    """The models that serve or could serve."""

    def evidence_so_far(self) -> EvidenceSoFar:
        """Return all the evidence that counts, for a model to be fitted to.

        Raises
        ------
        InvalidInput
            There are no responses.
        """
        return evidence_so_far(self._store.read)

    def install_model(self, json_text: str) -> str:
        """Check, keep and activate a model, and return its version.

        States of another model are replayed when they are next asked for.

        Raises
        ------
        ModelFormatError
            The text is no model that this version can read; nothing changes then.
        """
        content = tracer_from_json(json_text).to_json()
        version, now_us = tracer_version(content), to_us(self._clock())

        def work(session: Session) -> str:
            session.tracers.put(version, content, now_us)
            session.tracers.make_current(version)
            return version

        return self._store.write(work)

    def activate_model(self, version: str) -> ModelSummary:
        """Have an installed model answer from now on, or the default one.

        States of another model are replayed when they are next asked for.

        Raises
        ------
        UnknownId
            There is no such model.
        """

        def work(session: Session) -> ModelSummary:
            registry.model(session, version)
            session.tracers.make_current(version)
            return registry.model(session, version)

        return self._store.write(work)

    def models(self) -> tuple[ModelSummary, ...]:
        """Return every model that was installed, the newest first, then the default one."""
        return self._store.read(registry.models)

    def models_page(
        self, limit: int, after: str = ""
    ) -> tuple[tuple[ModelSummary, ...], str | None]:
        """Return some of :meth:`models`, and the `after` of what follows.

        Raises
        ------
        InvalidInput
            `after` is nothing that was given.
        """
        (last,) = read_cursor(after, str) if after else ("",)
        found = self.models()
        places = [one.model_version for one in found]
        start = places.index(last) + 1 if last in places else 0
        page = found[start : start + limit]
        following = cursor(page[-1].model_version) if len(found) > start + limit else None
        return page, following

    def model(self, version: str) -> ModelSummary:
        """Return one model, with its content and the report of its fit."""
        return self._store.read(lambda session: registry.model_in_full(session, version))

    @property
    def model_version(self) -> str:
        """The version of the current model."""
        versions = self._store.read(lambda session: session.versions())
        return versions.model_version or default_version()

    @property
    def tracer(self) -> Tracer:
        """The current model, over the current catalogue where there is one."""

        def look(session: Session) -> Tracer:
            bound = self._bind_if_any(session)
            return bound.tracer if bound else current_tracer(session, session.versions())

        return self._store.read(look)
