"""`attain probe`: what to ask a learner next."""

from __future__ import annotations

from typing import Annotated

import typer

from .advising import looking_at
from .console import print_json
from .options import (
    DEFAULT_DATABASE,
    AtOption,
    DatabaseOption,
    JsonOption,
    LearnerArgument,
    RoleOption,
    parts,
)

__all__ = ["probe"]


def probe(
    learner: LearnerArgument,
    database: DatabaseOption = DEFAULT_DATABASE,
    role: RoleOption = None,
    asked: Annotated[
        str | None, typer.Option("--asked", help="Items not to ask again: item-1,item-2.")
    ] = None,
    precision: Annotated[
        float,
        typer.Option("--precision", help="The deviation of readiness at which to ask no more."),
    ] = 0.05,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name the item whose answer would say most about readiness for a role.

    \b
    Example
        attain probe nadia-benali --database attain-demo.db
        attain probe nadia-benali --database attain-demo.db --role senior-data-analyst

    Answers also speak about skills that nobody asked about, through what each requires. What was
    answered rightly before is not asked again. Next: record the answer, and probe again.
    """
    from . import showing

    with looking_at(database, learner, role, at) as view:
        found = view.probe(asked=parts(asked) or (), precision=precision)
        if as_json:
            from service.api import probing

            print_json(probing.probe(view, found).model_dump(mode="json"))
        else:
            showing.show_who(view, view.gaps())
            showing.show_probe(view, found)
