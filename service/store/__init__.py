"""The store: the only part that knows SQL."""

from __future__ import annotations

from .aliases import AliasRow
from .connection import Place, is_url
from .decisions import DecisionKey, DecisionRow, OverrideRow
from .evidence import COMPLETION, RESPONSE, EvidenceColumns, EvidenceKey, EvidenceRow, EvidenceStamp
from .fits import QUEUED, FitKey, FitRow
from .keys import KeyRow
from .knowledge import KnowledgeRow
from .publishing import RoleVersionRow
from .session import Session
from .store import Store, opened_to_read
from .versions import CatalogRow, TracerRow, Versions
from .voids import VoidRow

__all__ = [
    "COMPLETION",
    "QUEUED",
    "RESPONSE",
    "AliasRow",
    "CatalogRow",
    "DecisionKey",
    "DecisionRow",
    "EvidenceColumns",
    "EvidenceKey",
    "EvidenceRow",
    "EvidenceStamp",
    "FitKey",
    "FitRow",
    "KeyRow",
    "KnowledgeRow",
    "OverrideRow",
    "Place",
    "RoleVersionRow",
    "Session",
    "Store",
    "TracerRow",
    "Versions",
    "VoidRow",
    "is_url",
    "opened_to_read",
]
