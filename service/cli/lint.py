"""`attain lint`: what in a curriculum will disappoint those who use it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import print_json, say, working
from .options import DEFAULT_DATABASE, DatabaseOption, JsonOption, open_workspace

if TYPE_CHECKING:
    from engine import Curriculum, Role
    from engine.domain import Completion, Response
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

    A folder's evidence is held against its prerequisites; of a database only the catalogue and the
    roles are read. The exit code is 1 if there are findings. What contradicts itself, such as
    prerequisites that run in a circle, is refused with exit code 2.
    """
    from engine.recommender import lint as lint_curriculum

    curriculum, roles, evidence = _read(source, database)
    found = lint_curriculum(curriculum, roles, evidence)
    if as_json:
        print_json(_plain(found))
    else:
        _show(found, None if everything else SHOWN)
    if found:
        raise typer.Exit(FOUND)


def _read(
    source: Path | None, database: str
) -> tuple[Curriculum, tuple[Role, ...], tuple[Response | Completion, ...]]:
    from service.errors import NoCatalog

    if source is None:
        with open_workspace(database) as workspace:
            curriculum, roles = workspace.catalog(), workspace.roles()
        if curriculum is None:
            raise NoCatalog
        return curriculum, roles, ()
    from service.tables import read_folder

    with working(f"reading {source}"):
        folder = read_folder(source)
    return folder.curriculum, folder.roles, folder.evidence


def _plain(found: tuple[Finding, ...]) -> dict[str, list[dict[str, str]]]:
    return {
        "findings": [
            {"check": one.check, "where": one.where, "problem": one.problem, "remedy": one.remedy}
            for one in found
        ]
    }


def _show(found: tuple[Finding, ...], most: int | None) -> None:
    checks = dict.fromkeys(one.check for one in found)
    for check in checks:
        these = [one for one in found if one.check == check]
        say(f"{check} ({len(these)})")
        for one in these[:most]:
            say(f"  {one}")
        if len(these[:most]) < len(these):
            say(f"  … and {len(these) - len(these[:most])} more: --all")
    say(f"{len(found)} findings" if found else "Nothing found.")
