"""The pages: server-rendered HTML for people, without a build step and without JavaScript."""

from __future__ import annotations

from .pages import router

__all__ = ["router"]
