"""`attain prior`: what learners are likely to take, learned from completions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import print_json, say, working
from .modelling import option_values
from .options import (
    DEFAULT_DATABASE,
    DatabaseOption,
    JsonOption,
    check_out,
    open_workspace,
    written,
)

if TYPE_CHECKING:
    from service.workspace.preferring import CompletionsSoFar

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="What learners are likely to take, from completions.")


@app.command("fit", short_help="Learn it from the completions so far.")
def fit(
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write it, as JSON.")],
    source: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="Attain's tables; the database by default."),
    ] = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", help="An option, e.g. components=32 or seed=7. Repeatable."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Learn from completions which modules learners with a role and a history are likely to take.

    \b
    Example
        attain prior fit --database attain.db --out prior.json
        attain import prior.json --database attain.db      in use from now on

    It moves recommendations by a bounded term, after targets and prerequisites, and tells new
    modules apart by what they teach. LightFM learns it (attain[offline]); what is written are
    plain vectors, of learners among others: keep the file as you keep the evidence. An erasure
    takes the learner out of the one in use. Next: `attain prior drop` does without one again.
    """
    from engine import UnknownId
    from engine.recommender import CollaborativePrior

    check_out(out)
    options = option_values(option or [])
    for name in options:
        if name not in CollaborativePrior.OPTIONS:
            raise UnknownId("option of CollaborativePrior", name, CollaborativePrior.OPTIONS)
    prior = CollaborativePrior(**options)
    completions, curriculum, roles, learner_roles = _read(source, database)
    with working(f"learning from {len(completions):,} completions"):
        prior.fit(completions, curriculum=curriculum, roles=roles, learner_roles=learner_roles)
    written(out, prior.to_json())
    found = {
        "out": str(out),
        "completions": len(completions),
        "learners": len({one.learner_id for one in completions}),
        "modules": len({one.module_id for one in completions}),
        "new_modules": len(curriculum.modules) - len({one.module_id for one in completions}),
    }
    if as_json:
        print_json(found)
        return
    say(
        f"Wrote {out}, from {found['completions']:,} completions of {found['modules']:,} modules"
        f" by {found['learners']:,} learners; {found['new_modules']:,} modules that nobody"
        " completed are known by what they teach"
    )
    say(f"Next: attain import {out} --database {database}")


@app.command("drop", short_help="Do without one again.")
def drop(database: DatabaseOption = DEFAULT_DATABASE, as_json: JsonOption = False) -> None:
    """Have no prior move recommendations any more; the one that did is destroyed.

    \b
    Example
        attain prior drop --database attain.db
    """
    with open_workspace(database) as workspace:
        version = workspace.prior_version
        workspace.drop_prior()
    if as_json:
        print_json({"database": database, "dropped": version})
    else:
        say(f"{version} is in use no more" if version else "There was none in use")


def _read(source: Path | None, database: str) -> CompletionsSoFar:
    """Return what is to be learned from: a folder's tables, or what a database has."""
    from engine import Completion
    from service.tables import read_folder
    from service.workspace.preferring import CompletionsSoFar

    if source is None:
        with open_workspace(database) as workspace:
            return workspace.completions_so_far()
    with working(f"reading {source.name}"):
        folder = read_folder(source)
    return CompletionsSoFar(
        tuple(one for one in folder.evidence if isinstance(one, Completion)),
        folder.curriculum,
        folder.roles,
        {one.learner_id: one.role_id for one in folder.learners if one.role_id},
    )
