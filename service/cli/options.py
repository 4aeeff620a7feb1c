"""Options that several commands share, and reading their values."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.workspace import Workspace

__all__ = [
    "AllowedOption",
    "AtOption",
    "ColumnsOption",
    "DatabaseOption",
    "DeniedOption",
    "JsonOption",
    "LearnerArgument",
    "LogArgument",
    "OptionalLogArgument",
    "RoleOption",
    "SeparatorOption",
    "TenantOption",
    "instant",
    "names_by_equals",
    "open_workspace",
    "parts",
    "refuse_given",
    "refuse_missing",
    "whole_numbers",
]

DEFAULT_DATABASE = "attain.db"
DEFAULT_TENANT = "default"

DatabaseOption = Annotated[
    str,
    typer.Option(
        "--database",
        "-d",
        envvar="ATTAIN_DATABASE",
        metavar="FILE|URL",
        help="The SQLite file, or postgresql://USER@HOST/NAME.",
    ),
]
TenantOption = Annotated[
    str,
    typer.Option("--tenant", envvar="ATTAIN_TENANT", help="Whose; each has data of its own."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object and nothing else on stdout.")
]
LearnerArgument = Annotated[str, typer.Argument(metavar="LEARNER", help="The learner's id.")]
RoleOption = Annotated[
    str | None, typer.Option("--role", help="The role's id; the learner's own by default.")
]
AllowedOption = Annotated[
    str | None,
    typer.Option("--allowed", help="Choose among these modules only: ids joined by commas."),
]
DeniedOption = Annotated[
    str | None,
    typer.Option("--without", help="Leave these modules out: ids joined by commas."),
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at", help="The instant asked about, e.g. 2026-03-01T09:30:00Z; now by default."
    ),
]
_LOG = (
    "CSV, JSON Lines (.jsonl, .ndjson; each also .gz) or Parquet with the columns learner, item, "
    "skills and correct or score; optionally level, order, timestamp or answered_at, fold."
)
LogArgument = Annotated[Path, typer.Argument(metavar="LOG", help=_LOG)]
OptionalLogArgument = Annotated[
    Path | None,
    typer.Argument(metavar="[LOG]", help=f"{_LOG} The database's evidence by default."),
]
ColumnsOption = Annotated[
    str,
    typer.Option("--columns", help="Other names of columns: learner=user_id,item=problem_id."),
]
SeparatorOption = Annotated[
    str, typer.Option("--skill-separator", help="What stands between two skills of a response.")
]


def open_workspace(database: str) -> Workspace:
    """Open a database that has to be there; raise :class:`InvalidInput` where it is not."""
    from service.workspace import Workspace

    refuse_missing(database)
    return Workspace.open(database)


def refuse_missing(database: str) -> None:
    """Raise :class:`InvalidInput` where there is no such database."""
    from engine import Fault, InvalidInput
    from service.store import is_url

    if not is_url(database) and not Path(database).exists():
        remedy = "make one with `attain import`, or look around with `attain demo`"
        raise InvalidInput("database", [Fault(str(database), "does not exist", remedy)])


def refuse_given(context: typer.Context, *names: str, beside: object) -> None:
    """Refuse options on the command line that do not go with a log, or with none."""
    given = [
        f"--{name.replace('_', '-')}"
        for name in names
        if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    ]
    if given:
        goes = "does not go with LOG" if beside is not None else "goes with LOG only"
        raise typer.BadParameter(goes, param_hint=", ".join(given))


def check_out(out: Path) -> None:
    """Refuse a place where no file can be written, before any long work is begun."""
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise typer.BadParameter(f"{out} is no file in an existing folder", param_hint="--out")


def written(out: Path, text: str) -> None:
    """Write a file: a reader sees the old text or the new one, never half of one."""
    partial = out.with_name(out.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(out)


def parts(text: str | None) -> list[str] | None:
    """Return what stands between commas; None of None."""
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def names_by_equals(text: str, option: str) -> dict[str, str]:
    """Return ``{"learner": "user_id"}`` of ``"learner=user_id"``; several are joined by commas."""
    found = {}
    for part in parts(text) or ():
        name, equals, value = part.partition("=")
        if not (name and equals and value):
            raise typer.BadParameter(f"{part!r} is not of the form name=value", param_hint=option)
        found[name.strip()] = value.strip()
    return found


def whole_numbers(text: str | None, option: str) -> list[int] | None:
    """Return ``[1, 2]`` of ``"1,2"``; None of None."""
    try:
        return None if text is None else [int(part) for part in parts(text) or ()]
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no list of whole numbers such as 1,2,3", param_hint=option
        ) from None


def instant(text: str | None, option: str = "--at") -> datetime | None:
    """Return an aware instant; None of None."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.utcoffset() is None:
        raise typer.BadParameter(
            f"{text!r} is no instant with its offset such as 2026-03-01T09:30:00Z",
            param_hint=option,
        )
    return found
