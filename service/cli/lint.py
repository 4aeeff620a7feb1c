"""`attain lint`: what in a curriculum will disappoint those who use it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import print_json, say, working
from .options import DEFAULT_DATABASE, DatabaseOption, JsonOption, open_workspace

if TYPE_CHECKING:
    from engine.recommender import Finding

__all__ = ["lint"]

FOUND = 1
SHOWN = 10


def lint(
    source: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="Attain's tables; the database by default."),
    ] = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    everything: Annotated[
        bool, typer.Option("--all", help=f"More than {SHOWN} findings of a kind.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Find what in a curriculum will disappoint: targets that nothing teaches, idle modules, …

    \b
    Example
        attain lint datasets/onboarding

    The evidence, of a folder or of the database, is held against the prerequisites. The exit code
    is 1 if there are findings. What contradicts itself, such as prerequisites that run in a circle,
    is refused with exit code 2.
    """
    found = _found_in(database) if source is None else _found_in_folder(source)
    if as_json:
        print_json(_plain(found))
    else:
        _show(found, None if everything else SHOWN)
    if found:
        raise typer.Exit(FOUND)


def _found_in(database: str) -> tuple[Finding, ...]:
    with open_workspace(database) as workspace, working(f"reading {database}"):
        return workspace.findings().found


def _found_in_folder(source: Path) -> tuple[Finding, ...]:
    from engine.recommender import lint as lint_curriculum
    from service.tables import read_folder

    with working(f"reading {source}"):
        folder = read_folder(source)
    return lint_curriculum(folder.curriculum, folder.roles, folder.evidence)


def _plain(found: tuple[Finding, ...]) -> dict[str, Any]:
    from service.api.findings import record_of

    return {"findings": [record_of(one).model_dump() for one in found]}


def _show(found: tuple[Finding, ...], most: int | None) -> None:
    checks = dict.fromkeys(one.check for one in found)
    for check in checks:
        these = [one for one in found if one.check == check]
        say(f"{check} ({len(these)})")
        for one in these[:most]:
            say(f"  {one}")
        if len(these[:most]) < len(these):
            say(f"  … and {len(these) - len(these[:most])} more: --all")
    n = len(found)
    say(f"{n} finding{'s' * (n != 1)}" if found else "Nothing found.")
