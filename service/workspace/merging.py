"""Two ids that turn out to be one learner."""

from __future__ import annotations

from engine.errors import Fault, InvalidInput

from ..errors import MergeConflict
from ..instants import to_us
from ..records import Merge
from ..registry import find_learner
from ..store import AliasRow, Session
from .ground import Ground

__all__ = ["Merging"]


class Merging(Ground):
    """Merging of learners."""

    def merge(self, learner_id: str, merged_id: str, reason: str = "", key_id: str = "") -> Merge:
        """Make everything of one learner another's; the one id stands for the other from now on.

        Evidence is replayed together. The profile of who is kept stands; keys, voids and decisions
        of the other become theirs. It cannot be undone. Merged before, it changes nothing.

        Parameters
        ----------
        learner_id : str
            Who is kept.
        merged_id : str
            Who becomes an alias.
        reason, key_id : str, optional
            For the record: why, and with which key.

        Raises
        ------
        UnknownId
            Nothing is known of one of them.
        InvalidInput
            They are one already.
        MergeConflict
            The other was merged into somebody else before.
        """
        now_us = to_us(self._clock())
        self._decisions.settle()  # so that none is under way about somebody who is no more

        def work(session: Session) -> Merge:
            kept = find_learner(session, learner_id).learner_id
            before = session.aliases.kept(merged_id)
            if before == kept:
                return Merge(kept, merged_id, 0)
            _refuse(kept, merged_id, before)
            find_learner(session, merged_id)
            changes = session.learners.stamp_of(merged_id).changes
            moved = session.reassign(merged_id, kept)
            session.aliases.put(AliasRow(merged_id, kept, reason, key_id, now_us))
            session.learners.note_changes({kept: changes}, now_us)
            return Merge(kept, merged_id, moved)

        return self._store.write(work)


def _refuse(kept: str, merged_id: str, before: str | None) -> None:
    where = "merged_learner_id"
    if merged_id == kept:
        fault = Fault(where, f"is {merged_id!r}, the learner who is kept", "name the other id")
        raise InvalidInput("merge", [fault])
    if before is not None:
        raise MergeConflict("merge", [Fault(where, f"was merged into {before!r} before")])
