"""What wears off: proof that is valid for so many days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .role_map import leading_to

if TYPE_CHECKING:
    from ..domain.curriculum import Curriculum
    from ..domain.framework import SkillTarget
    from ..domain.knowledge import KnowledgeState

__all__ = ["expires_at", "proved_at"]


def proved_at(
    curriculum: Curriculum, state: KnowledgeState, target: SkillTarget
) -> datetime | None:
    """Return when a target was last proved, as far as a state tells; None where it does not.

    Proof is the completion of a module that leads to the target, or a right answer at or above its
    level. Of answers a state keeps when the last one was: it counts where it was right, and where
    no right answer to the skill was below the level.
    """
    leading = leading_to(curriculum, target.skill_level)
    proofs = [state.completed.get(module.module_id) for module in leading]
    known = state.skills.get(target.skill_id)
    if known is not None and known.successes and min(known.successes.values()) >= target.level:
        answered, failed = known.last_answered_at, known.last_failed_at
        if answered is not None and (failed is None or failed < answered):
            proofs.append(answered)
    return max((at for at in proofs if at is not None), default=None)


def expires_at(
    curriculum: Curriculum, state: KnowledgeState, target: SkillTarget
) -> datetime | None:
    """Return when the last proof of a target ceases to be valid; None where nothing expires.

    Examples
    --------
    >>> from datetime import UTC
    >>> from engine.domain import Curriculum, KnowledgeState, SkillTarget
    >>> drill = {"module_id": "drill", "teaches": [{"skill_id": "fire"}], "minutes": 30}
    >>> curriculum = Curriculum.from_records(skills=[{"skill_id": "fire"}], modules=[drill])
    >>> state = KnowledgeState("ada", completed={"drill": datetime(2026, 1, 1, tzinfo=UTC)})
    >>> expires_at(curriculum, state, SkillTarget("fire", valid_days=365)).date().isoformat()
    '2027-01-01'
    """
    if target.valid_days is None:
        return None
    proved = proved_at(curriculum, state, target)
    return None if proved is None else proved + timedelta(days=target.valid_days)
