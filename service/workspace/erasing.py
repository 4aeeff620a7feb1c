"""What is kept of one learner: all of it given out, or all of it destroyed."""

from __future__ import annotations

from datetime import datetime

from engine.errors import Fault, InvalidInput

from ..binding import Binding
from ..deciding import with_overrides
from ..exports import LearnerExport
from ..instants import to_us
from ..knowledge import Reading, read_knowledge
from ..priors import forget_learners, kept_prior
from ..records import Erasure, Retention
from ..registry import find_learner
from ..store import Session
from .ground import Ground

__all__ = ["Erasing"]

_AT_ONCE = 100  # learners, so that others can write in between


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

        erased = self._store.write(
            lambda session: self._erase(session, find_learner(session, learner_id).learner_id)
        )
        self._store.scrub()
        return erased

    def silent_since(self, since: datetime) -> int:
        """Return how many learners :meth:`retain` would erase."""
        since_us = to_us(since)
        self._decisions.settle()  # a recommendation on its way to the log was heard of too
        return self._store.read(lambda session: len(session.learners.silent_since(since_us, None)))

    def retain(self, since: datetime, *, everybody: bool = False) -> Retention:
        """Destroy what is kept of learners of whom nothing was heard since an instant, and all
        decisions that are older, down to the bytes as :meth:`erase` does.

        Nothing was heard of who was not known yet then and nobody sent evidence of, took any back
        or asked for a recommendation. Of all others the whole of the evidence stays: their mastery
        is its replay.

        Parameters
        ----------
        since : datetime
        everybody : bool, default False
            Erase even where that is everybody: a clock that is far ahead makes all learners silent.

        Raises
        ------
        InvalidInput
            It would be everybody, and that was not asked for.
        StoreUnavailable
            What is erased is gone, its bytes are not yet: do it again.
        """
        since_us = to_us(since)
        if not everybody:
            self._refuse_everybody(since)
        self._decisions.settle()

        def some(session: Session) -> list[Erasure]:
            silent = session.learners.silent_since(since_us, _AT_ONCE)
            return [self._erase(session, one) for one in silent]

        learners = evidence = 0
        while erased := self._store.write(some):
            learners += len(erased)
            evidence += sum(one.evidence for one in erased)
        decisions = self._store.write(lambda session: session.forget_decisions(since_us))
        if learners or decisions or self._store.owes_scrubbing():
            self._store.scrub()
        return Retention(learners, evidence, decisions)

    def _refuse_everybody(self, since: datetime) -> None:
        learners = self._store.read(lambda session: session.learners.count())
        if learners and self.silent_since(since) == learners:
            said = f"would erase everybody: nothing was heard of all {learners:,} learners since"
            fault = Fault(
                f"since {since:%d %B %Y}", said, "is the clock right? if so, say everybody"
            )
            raise InvalidInput("retention", [fault])

    def _erase(self, session: Session, learner_id: str) -> Erasure:
        aliases = [one.alias for one in session.aliases.of(learner_id)]
        forget_learners(session, [learner_id, *aliases], to_us(self._clock()))
        return Erasure(learner_id, session.erase(learner_id))

    def _reading(self, session: Session, learner_id: str) -> Reading | None:
        bound: Binding | None = self._bind_if_any(session)
        return None if bound is None else read_knowledge(session, bound, learner_id)
