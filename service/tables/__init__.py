"""Tables in files: logs in CSV, JSON Lines and Parquet, and Attain's own folder of tables."""

from __future__ import annotations

from .completions import read_completions
from .evidence import read_evidence_file
from .folder import (
    AttainFolder,
    read_catalog,
    read_evidence,
    read_folder,
    read_learners,
    read_roles,
)
from .logs import read_log
from .partitions import Partition, is_several, partitions_of
from .sample import sample_folder

__all__ = [
    "AttainFolder",
    "Partition",
    "is_several",
    "partitions_of",
    "read_catalog",
    "read_completions",
    "read_evidence",
    "read_evidence_file",
    "read_folder",
    "read_learners",
    "read_log",
    "read_roles",
    "sample_folder",
]
