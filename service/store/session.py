"""Everything that can be asked of the store within one transaction."""

from __future__ import annotations

from .aliases import AliasShelf
from .connection import Connection
from .decisions import DecisionShelf
from .evidence import EvidenceLog
from .fits import FitShelf
from .keys import KeyShelf
from .knowledge import KnowledgeShelf
from .priors import PriorShelf
from .publishing import RoleVersionShelf
from .roster import LearnerShelf, RoleShelf
from .versions import CatalogShelf, TracerShelf, Versions, read_versions
from .voids import VoidShelf

__all__ = ["ERASED_FROM", "Session"]

_OF_LEARNERS = ("aliases", "overrides", "decisions", "keys", "voids", "evidence")
ERASED_FROM = (*_OF_LEARNERS, "knowledge", "learners")
"""The tables that rows of a learner are erased from, in an order that references allow."""


class Session:
    """The shelves of the store, seen through one transaction of one tenant.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    tenant_id : str
    """

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self.tenant_id = tenant_id
        self.catalogs = CatalogShelf(connection, tenant_id)
        self.tracers = TracerShelf(connection, tenant_id)
        self.priors = PriorShelf(connection, tenant_id)
        self.fits = FitShelf(connection, tenant_id)
        self.roles = RoleShelf(connection, tenant_id)
        self.role_versions = RoleVersionShelf(connection, tenant_id)
        self.learners = LearnerShelf(connection, tenant_id)
        self.evidence = EvidenceLog(connection, tenant_id)
        self.knowledge = KnowledgeShelf(connection, tenant_id)
        self.voids = VoidShelf(connection, tenant_id)
        self.keys = KeyShelf(connection, tenant_id)
        self.aliases = AliasShelf(connection, tenant_id)
        self.decisions = DecisionShelf(connection, tenant_id)

    def versions(self) -> Versions:
        """Return which catalogue, which model and which prior are current."""
        return read_versions(self._connection, self.tenant_id)

    def tenants(self) -> tuple[str, ...]:
        """Return every tenant with learners."""
        rows = self._connection.execute("SELECT DISTINCT tenant_id FROM learners ORDER BY 1")
        return tuple(tenant_id for (tenant_id,) in rows)

    def of(self, tenant_id: str) -> Session:
        """Return the same transaction as another tenant sees it."""
        return Session(self._connection, tenant_id)

    def erase(self, learner_id: str) -> int:
        """Delete all that is kept of a learner; return how much evidence that was.

        Note with it that the bytes have still to be scrubbed.
        """
        self.evidence.uncount(learner_id)
        where = "WHERE tenant_id = ? AND learner_id = ?"
        counts = {
            table: self._connection.execute(
                f"DELETE FROM {table} {where}", (self.tenant_id, learner_id)
            ).rowcount
            for table in ERASED_FROM
        }
        self._connection.note_erasure()
        return int(counts["evidence"])

    def forget_decisions(self, before_us: int) -> int:
        """Delete the decisions made before an instant; return how many they were.

        Note with it that the bytes have still to be scrubbed.
        """
        older = "tenant_id = ? AND made_at_us < ?"
        bound = (self.tenant_id, before_us)
        self._connection.execute(
            "DELETE FROM overrides WHERE tenant_id = ? AND decision_id IN"
            f" (SELECT decision_id FROM decisions WHERE {older})",
            (self.tenant_id, *bound),
        )
        deleted = self._connection.execute(f"DELETE FROM decisions WHERE {older}", bound).rowcount
        if deleted:
            self._connection.note_erasure()
        return int(deleted)

    def reassign(self, learner_id: str, kept: str) -> int:
        """Make all that is kept of a learner another's; return how much evidence that was.

        Of their profile nothing is left. What was believed of either has to be replayed.
        """
        moved = {
            table: self._connection.execute(
                f"UPDATE {table} SET learner_id = ? WHERE tenant_id = ? AND learner_id = ?",
                (kept, self.tenant_id, learner_id),
            ).rowcount
            for table in _OF_LEARNERS
        }
        self.knowledge.forget([learner_id, kept])
        self._connection.execute(
            "DELETE FROM learners WHERE tenant_id = ? AND learner_id = ?",
            (self.tenant_id, learner_id),
        )
        return int(moved["evidence"])
