"""`attain plan`: a path to a role within a budget of minutes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .advising import advice

__all__ = ["plan"]


@advice("path")
def plan(
    view: Any,
    among: Any,
    *,
    budget_minutes: Annotated[
        float, typer.Option("--budget-minutes", help="The time there is.")
    ] = 600.0,
) -> Any:
    """Plan a path of modules towards a role, prerequisites first, within a budget of minutes.

    \b
    Example
        attain plan nadia-benali --database attain-demo.db --budget-minutes 120

    Each step says why it is there and the readiness to be expected after it. Next: take the first
    steps, record what came of them (`attain import answers.csv`), and plan again.
    """
    return view.plan(**among, budget_minutes=budget_minutes)
