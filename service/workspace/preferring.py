"""What learners prefer, as their completions tell: learned elsewhere, kept and used here."""

from __future__ import annotations

from typing import NamedTuple

from engine.domain import Completion, Curriculum, Role
from engine.recommender import CollaborativePrior

from .. import registry
from ..instants import from_us, to_us
from ..priors import put_prior
from ..store import Session
from .ground import Ground

__all__ = ["CompletionsSoFar", "Preferring"]


class CompletionsSoFar(NamedTuple):
    """What :meth:`engine.recommender.CollaborativePrior.fit` takes."""

    completions: tuple[Completion, ...]
    curriculum: Curriculum
    roles: tuple[Role, ...]
    learner_roles: dict[str, str]


class Preferring(Ground):
    """The prior over modules that recommendations are moved by."""

    def completions_so_far(self) -> CompletionsSoFar:
        """Return who has completed what, and what tells of them and of the modules."""

        def look(session: Session) -> CompletionsSoFar:
            return CompletionsSoFar(
                tuple(
                    Completion(learner_id, module_id, from_us(at_us))
                    for learner_id, module_id, at_us in session.evidence.completions()
                ),
                self._bind(session).curriculum,
                tuple(map(registry.read_role, session.roles.all())),
                session.learners.role_ids(),
            )

        return self._store.read(look)

    def install_prior(self, json_text: str) -> str:
        """Check and keep a prior, have it move recommendations from now on; return its version.

        Raises
        ------
        ModelFormatError
            The text is no prior that this version can read; nothing changes then.
        """
        prior, now_us = CollaborativePrior.from_json(json_text), to_us(self._clock())
        return self._store.write(lambda session: put_prior(session, prior, now_us))

    def drop_prior(self) -> None:
        """Have no prior move recommendations any more, and destroy the one that did."""
        self._store.write(lambda session: session.priors.drop())
        self._store.scrub()

    @property
    def prior_version(self) -> str | None:
        """The version of the prior in use; None where there is none."""
        return self._store.read(lambda session: session.versions()).prior_version
