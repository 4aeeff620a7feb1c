"""`attain recommend`: what a learner should take next, and why."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .advising import Sitting, advice

__all__ = ["recommend"]


@advice("recommendations")
def recommend(
    sitting: Sitting,
    *,
    limit: Annotated[int, typer.Option("--limit", help="How many modules at most.")] = 3,
    within_minutes: Annotated[
        float | None, typer.Option("--within-minutes", help="The time that there is now.")
    ] = None,
    alternatives: Annotated[
        int, typer.Option("--alternatives", min=0, help="How many that lost to explain.")
    ] = 0,
    variety: Annotated[
        float,
        typer.Option(
            "--variety", min=0, max=1, help="How much less one more of the same format counts."
        ),
    ] = 0.0,
    preference: Annotated[
        float,
        typer.Option(
            "--preference", min=0, max=1, help="How much formats count that were taken before."
        ),
    ] = 0.0,
) -> Any:
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
    return sitting.view.recommend(
        **sitting.among,
        limit=limit,
        within_minutes=within_minutes,
        alternatives=alternatives,
        variety=variety,
        preference=preference,
    )
