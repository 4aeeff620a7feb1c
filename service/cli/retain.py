"""`attain retain`: what is kept for no longer than is needed."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from .console import print_json, say
from .options import (
    DEFAULT_DATABASE,
    DEFAULT_TENANT,
    DatabaseOption,
    JsonOption,
    TenantOption,
    open_workspace,
    refuse_missing,
)

__all__ = ["retain"]


def retain(
    older_than_days: Annotated[
        float, typer.Option("--older-than-days", min=1.0, help="How long things are kept.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many learners it would be, erase nothing.")
    ] = False,
    everybody: Annotated[
        bool, typer.Option("--everybody", help="Even where that is everybody there is.")
    ] = False,
    database: DatabaseOption = DEFAULT_DATABASE,
    tenant: TenantOption = DEFAULT_TENANT,
    as_json: JsonOption = False,
) -> None:
    """Erase learners of whom nothing has come in for so many days, and decisions that are older.

    \b
    Example
        attain retain --older-than-days 730 --database attain.db

    Whoever has sent evidence, taken some back, been merged or been given a recommendation since
    keeps all of their evidence, since mastery is its replay. It cannot be undone, and backups keep
    what they have. To erase everybody is refused without --everybody: more likely it is the clock
    that is far ahead. A service may go on meanwhile; run it nightly from a scheduler.
    """
    refuse_missing(database)
    with open_workspace(database) as opened:
        workspace = opened.of_tenant(tenant)
        since = workspace.now() - timedelta(days=older_than_days)
        if dry_run:
            found = {"learners": workspace.silent_since(since)}
        else:
            done = workspace.retain(since, everybody=everybody)
            found = {
                "learners": done.learners,
                "evidence": done.evidence,
                "decisions": done.decisions,
            }
    if as_json:
        print_json({"database": str(database), "since": since.isoformat(), **found})
    else:
        told = ", ".join(f"{count:,} {name}" for name, count in found.items())
        say(f"{'Would erase' if dry_run else 'Erased'} what is older than {since:%d %B %Y}: {told}")
