"""`attain recommend`: what a learner should take next, and why."""

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

__all__ = ["recommend"]


def recommend(
    learner: LearnerArgument,
    database: DatabaseOption = DEFAULT_DATABASE,
    role: RoleOption = None,
    limit: Annotated[int, typer.Option("--limit", help="How many modules at most.")] = 3,
    allowed: AllowedOption = None,
    without: DeniedOption = None,
    within_minutes: Annotated[
        float | None, typer.Option("--within-minutes", help="The time that there is now.")
    ] = None,
    alternatives: Annotated[
        int, typer.Option("--alternatives", min=0, help="How many that lost to explain.")
    ] = 0,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recommend the next modules for a learner, each with its reasons.

    \b
    Example
        attain recommend nadia-benali --database attain-demo.db --limit 5
        attain recommend nadia-benali --database attain-demo.db --within-minutes 10

    Where no role is named it serves the learner's own, and the next one as far as their profile
    gives it a weight (next_role_weight).

    The score is the expected gain in readiness for the role per minute, and what else speaks for
    the module; --json has the terms, which add up to it, in the form of the HTTP answer. Next:
    `attain plan` puts modules in order, `attain report` shows the gaps behind them.
    """
    with looking_at(database, learner, role, at) as view:
        found = view.recommend(
            limit=limit,
            allowed=parts(allowed),
            denied=parts(without) or (),
            within_minutes=within_minutes,
            alternatives=alternatives,
        )
        answer(view, found, "recommendations", as_json=as_json)
