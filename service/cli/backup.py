"""`attain backup` and `attain restore`: copies of a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import say, working
from .options import DEFAULT_DATABASE, DatabaseOption, refuse_missing

__all__ = ["backup", "restore"]


def backup(
    target: Annotated[Path, typer.Argument(metavar="COPY", help="The file to write.")],
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Copy a database as it stands at one instant; the service may go on meanwhile.

    \b
    Example
        attain backup attain-monday.db --database attain.db

    The copy is checked before it gets its name. It holds everything, learners' records included:
    an erasure does not reach it. A database of PostgreSQL is copied with its own pg_dump. Next:
    `attain restore` puts it back.
    """
    from service.store.copying import back_up

    refuse_missing(database)
    with working(f"copying {database}"):
        size = back_up(database, target)
    say(f"Copied {database} to {target}: {size:,} bytes, checked")


def restore(
    copy: Annotated[Path, typer.Argument(metavar="COPY", help="What `attain backup` wrote.")],
    database: DatabaseOption = DEFAULT_DATABASE,
    replace: Annotated[
        bool, typer.Option("--replace", help="Lose what the database holds now.")
    ] = False,
) -> None:
    """Put a copy in place of a database, all of it or nothing, while no service runs on it.

    \b
    Example
        attain restore attain-monday.db --database attain.db --replace

    The copy is checked first. Next: `attain doctor`, then `attain serve`.
    """
    from service.store.copying import restore as put_back

    refuse_missing(str(copy))
    with working(f"restoring {copy}"):
        put_back(copy, database, replace=replace)
    say(f"Restored {database} from {copy}")
