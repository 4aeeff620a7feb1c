"""What is kept of one learner: all of it given out, or all of it destroyed."""

from __future__ import annotations

from ..binding import Binding
from ..deciding import with_overrides
from ..exports import LearnerExport
from ..instants import to_us
from ..knowledge import Reading, read_knowledge
from ..priors import forget_learners, kept_prior
from ..records import Erasure
from ..registry import find_learner
from ..store import Session
from .ground import Ground

__all__ = ["Erasing"]


class Erasing(Ground):
    """Export and erasure."""

    def export(self, learner_id: str) -> LearnerExport:
        """Return everything that is kept of a learner, what was taken back included."""
        self._decisions.settle()

        def look(session: Session) -> LearnerExport:
            profile = find_learner(session, learner_id)
            known = profile.learner_id
            reading, prior = self._reading(session, known), kept_prior(session)
            return LearnerExport(
                profile=profile,
                created_at_us=session.learners.stamp_of(known).since_us,
                evidence=session.evidence.all_of(known),
                voids=session.voids.of(known),
                knowledge=None if reading is None else reading.state,
                keys=session.keys.of(known),
                aliases=session.aliases.of(known),
                decisions=with_overrides(session, session.decisions.page(known, None)),
                in_prior=None if prior is None else prior.vector_of(known),
            )

        return self._store.read(look)

    def erase(self, learner_id: str) -> Erasure:
        """Destroy everything that is kept of a learner, down to the bytes of the database's files.

        The file is rewritten before this returns, which takes seconds for a gigabyte; writers wait
        meanwhile. Where that fails the learner is gone already, and what is left of the bytes goes
        when it is asked for again, or when the database is next opened.

        Raises
        ------
        UnknownId
            Nothing is known of the learner.
        StoreUnavailable
            The bytes could not be overwritten yet: ask again.
        """
        if self._store.owes_scrubbing():
            self._store.scrub()

        def work(session: Session) -> Erasure:
            known = find_learner(session, learner_id).learner_id
            aliases = [one.alias for one in session.aliases.of(known)]
            forget_learners(session, [known, *aliases], to_us(self._clock()))
            return Erasure(known, session.erase(known))

        erased = self._store.write(work)
        self._store.scrub()
        return erased

    def _reading(self, session: Session, learner_id: str) -> Reading | None:
        bound: Binding | None = self._bind_if_any(session)
        return None if bound is None else read_knowledge(session, bound, learner_id)
