"""`attain forecast`: how long it takes a learner until a role is reached."""

from __future__ import annotations

from typing import Annotated

import typer

from .advising import answer, looking_at
from .options import (
    DEFAULT_DATABASE,
    AllowedOption,
    AtOption,
    DatabaseOption,
    DeniedOption,
    JsonOption,
    LearnerArgument,
    RoleOption,
    parts,
)

__all__ = ["forecast"]


def forecast(
    learner: LearnerArgument,
    database: DatabaseOption = DEFAULT_DATABASE,
    role: RoleOption = None,
    minutes_per_week: Annotated[
        float, typer.Option("--minutes-per-week", help="The time that there is.")
    ] = 120.0,
    allowed: AllowedOption = None,
    without: DeniedOption = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Foresee how long it takes until every target of a role is attained.

    \b
    Example
        attain forecast nadia-benali --database attain-demo.db --minutes-per-week 60
        attain forecast nadia-benali --database attain-demo.db --role analytics-engineer

    The median over many draws of what the learner may know and of what completions may bring, and
    the central 80 % of them. Another role, pace or set of modules answers what would be if. Next:
    `attain plan` shows the path behind it.
    """
    with looking_at(database, learner, role, at) as view:
        found = view.forecast(
            minutes_per_week=minutes_per_week, allowed=parts(allowed), denied=parts(without) or ()
        )
        answer(view, found, "forecast", as_json=as_json)
