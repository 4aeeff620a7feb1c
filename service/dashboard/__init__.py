"""The pages: server-rendered HTML for people, without a build step and without JavaScript."""

from __future__ import annotations

from . import entering, reference, team_pages
from .entering import sign_in
from .pages import PAGES, router

__all__ = ["PAGES", "router", "sign_in"]

router.include_router(entering.router)
router.include_router(reference.router)
router.include_router(team_pages.router)
