"""`attain forecast`: how long it takes a learner until a role is reached."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .advising import Sitting, advice

__all__ = ["forecast"]


@advice("forecast")
def forecast(
    sitting: Sitting,
    *,
    minutes_per_week: Annotated[
        float, typer.Option("--minutes-per-week", help="The time that there is.")
    ] = 120.0,
) -> Any:
    """Foresee how long it takes until every target of a role is attained.

    \b
    Example
        attain forecast nadia-benali --database attain-demo.db --minutes-per-week 60
        attain forecast nadia-benali --database attain-demo.db --role analytics-engineer

    The median over many draws of what the learner may know and of what completions may bring, and
    the central 80% of them. Another role, pace or set of modules answers what would be if. Next:
    `attain plan` shows the path behind it.
    """
    return sitting.view.forecast(**sitting.among, minutes_per_week=minutes_per_week)
