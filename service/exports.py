"""What is given out to a learner who asks."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain import KnowledgeState

from .deciding import LoggedDecision
from .records import LearnerProfile
from .store import AliasRow, EvidenceRow, KeyRow, VoidRow

__all__ = ["LearnerExport"]


@dataclass(frozen=True, slots=True)
class LearnerExport:
    """Everything that is kept of a learner.

    Parameters
    ----------
    profile : LearnerProfile
    created_at_us : int
    evidence : tuple of EvidenceRow
        In replay order, what was taken back included.
    voids : tuple of VoidRow
        What was taken back, and why.
    knowledge : KnowledgeState or None
        What is believed of the learner; None before there is a catalogue.
    keys : tuple of KeyRow
        Those that are the learner's own.
    aliases : tuple of AliasRow
        Ids that were merged into the learner's.
    decisions : tuple of (DecisionRow, tuple of OverrideRow)
        What was recommended, and what people said against it.
    in_prior : tuple of float or None
        The learner's vector in the prior of what learners complete; None where it has none.
    """

    profile: LearnerProfile
    created_at_us: int
    evidence: tuple[EvidenceRow, ...]
    voids: tuple[VoidRow, ...]
    knowledge: KnowledgeState | None
    keys: tuple[KeyRow, ...]
    aliases: tuple[AliasRow, ...]
    decisions: tuple[LoggedDecision, ...]
    in_prior: tuple[float, ...] | None
