"""Tables in files: response logs in CSV and Parquet, and Attain's own folder of tables."""

from __future__ import annotations

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
from .sample import sample_folder

__all__ = [
    "AttainFolder",
    "read_catalog",
    "read_evidence",
    "read_evidence_file",
    "read_folder",
    "read_learners",
    "read_log",
    "read_roles",
    "sample_folder",
]
