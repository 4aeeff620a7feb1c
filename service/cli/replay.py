"""`attain replay`: mastery rebuilt from the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import counting, print_json, say
from .options import (
    DEFAULT_DATABASE,
    DEFAULT_TENANT,
    DatabaseOption,
    JsonOption,
    TenantOption,
    open_workspace,
)

__all__ = ["replay"]


def replay(
    database: DatabaseOption = DEFAULT_DATABASE,
    model: Annotated[
        Path | None,
        typer.Option("--model", help="A model file of `attain fit` to install and replay under."),
    ] = None,
    tenant: TenantOption = DEFAULT_TENANT,
    as_json: JsonOption = False,
) -> None:
    """Rebuild every learner's mastery from the evidence, under the active model or a given one.

    \b
    Example
        attain replay --database attain.db --model model.json

    A service may go on meanwhile. Without it mastery is replayed learner by learner as it is asked
    for; with it the first question is answered as quickly as the others. Next: `attain doctor`.
    """
    from service.tables.csv_text import check_file

    text = None
    if model is not None:
        check_file(model, "model")
        text = model.read_text(encoding="utf-8", errors="replace")  # what is no text is no model
    with open_workspace(database) as opened:
        workspace = opened.of_tenant(tenant)
        if text is not None:
            workspace.install_model(text)
        version, total = workspace.current().model_version, workspace.learner_count()
        parts = workspace.replay_all()
        learners = sum(counting("replaying", parts, total, lambda one: one))
    if as_json:
        print_json({"database": str(database), "learners": learners, "model_version": version})
    else:
        say(f"Replayed {learners:,} learners under {version}")
