"""`attain plan`: a path to a role within a budget of minutes."""

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

__all__ = ["plan"]


def plan(
    learner: LearnerArgument,
    database: DatabaseOption = DEFAULT_DATABASE,
    role: RoleOption = None,
    budget_minutes: Annotated[
        float, typer.Option("--budget-minutes", help="The time there is.")
    ] = 600.0,
    allowed: AllowedOption = None,
    without: DeniedOption = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Plan a path of modules towards a role, prerequisites first, within a budget of minutes.

    \b
    Example
        attain plan nadia-benali --database attain-demo.db --budget-minutes 120

    Each step says why it is there and the readiness to be expected after it. Next: take the first
    steps, record what came of them (`attain import answers.csv`), and plan again.
    """
    with looking_at(database, learner, role, at) as view:
        found = view.plan(
            budget_minutes=budget_minutes, allowed=parts(allowed), denied=parts(without) or ()
        )
        answer(view, found, "path", as_json=as_json)
