"""`attain plan`: a path to a role within a budget of minutes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from .advising import Sitting, advice
from .console import stdout_aside
from .options import instant

__all__ = ["plan"]


@advice("path")
def plan(
    sitting: Sitting,
    *,
    budget_minutes: Annotated[
        float | None, typer.Option("--budget-minutes", help="The time there is; 600 by default.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", help="In place of it: --minutes-per-week until then, 2026-09-01T00:00:00Z."
        ),
    ] = None,
    method: Annotated[
        Literal["greedy", "exact"],
        typer.Option("--method", help="Quick, or the best path that there is."),
    ] = "greedy",
    seconds: Annotated[
        float, typer.Option("--seconds", help="About how long to look for the best path.")
    ] = 10.0,
    minutes_per_week: Annotated[
        float | None,
        typer.Option(
            "--minutes-per-week",
            help="The time that there is: what is due is then reached in time, what expires kept.",
        ),
    ] = None,
) -> Any:
    """Plan a path of modules towards a role, prerequisites first, within a budget of minutes or
    until a date.

    \b
    Example
        attain plan nadia-benali --database attain-demo.db --budget-minutes 120
        attain plan nadia-benali --database attain-demo.db --budget-minutes 120 --method exact
        attain plan nadia-benali --database attain-demo.db --minutes-per-week 60
        attain plan nadia-benali --database attain-demo.db --minutes-per-week 60 \\
            --until 2030-01-01T00:00:00Z

    Each step says why it is there and the readiness to be expected after it; the end says how far
    from the best path this one may be. With --minutes-per-week what is due is reached before it is
    due, as far as that can be done, what is proved and would expire on the way is renewed before it
    does, and it says by when each step and each target is to be expected, and how late that is.
    Next: take the first steps, record what came of them (`attain import answers.csv`), and plan
    again.
    """
    with stdout_aside():
        return sitting.view.plan(
            **sitting.among,
            budget_minutes=budget_minutes,
            until=instant(until, "--until"),
            method=method,
            seconds=seconds,
            minutes_per_week=minutes_per_week,
        )
