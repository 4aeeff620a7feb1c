"""Importing competency frameworks: published role targets, and Attain's own folder of tables."""

from __future__ import annotations

from .formats import FORMATS, detect_format, import_framework
from .imported import ImportedFramework

__all__ = ["FORMATS", "ImportedFramework", "detect_format", "import_framework"]
