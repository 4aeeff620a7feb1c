"""`attain decisions`: the log of what was recommended and decided."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import print_json, print_table, say
from .options import (
    DEFAULT_DATABASE,
    DEFAULT_TENANT,
    DatabaseOption,
    JsonOption,
    TenantOption,
    check_out,
    open_workspace,
)

if TYPE_CHECKING:
    from service.api.decisions import DecisionRecord
    from service.workspace import Workspace

__all__ = ["decisions"]

_AT_ONCE, _SHOWN = 1000, 20
_COLUMNS = (
    *("decision_id", "learner_id", "role_id", "policy", "kind", "chosen", "propensity"),
    *("made_at", "model_version", "experiment", "overridden"),
)


def decisions(
    learner: Annotated[
        str | None, typer.Argument(metavar="[LEARNER]", help="Whose; everybody's by default.")
    ] = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    tenant: TenantOption = DEFAULT_TENANT,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write all of them to a CSV file, one a row."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what was recommended and decided, the latest last, or write all of it to a table.

    \b
    Example
        attain decisions nadia-benali --database attain-demo.db
        attain decisions --out decisions.csv --database attain-demo.db

    --json has all that each decision stood on, in the form of the HTTP answer. Next: put what came
    of each beside its decision_id, in a column outcome; `attain estimate` says from that what
    another policy would have been worth.
    """
    if out is not None:
        check_out(out)
    with open_workspace(database) as opened:
        workspace = opened.of_tenant(tenant)
        if as_json:
            found = [one.model_dump(mode="json") for one in _all(workspace, learner)]
            print_json({"decisions": found})
        elif out is not None:
            say(f"Wrote {_write(out, _all(workspace, learner)):,} decisions to {out}")
        else:
            _show(_all(workspace, learner))


def _all(workspace: Workspace, learner: str | None) -> Iterator[DecisionRecord]:
    """Give the decisions in the order in which they were made."""
    from service.api.decisions import record_of

    after: str | None = ""
    while after is not None:
        page, after = workspace.decisions(learner, _AT_ONCE, after)
        yield from map(record_of, page)


def _row(one: DecisionRecord) -> dict[str, Any]:
    beside = {
        "experiment": one.request.get("experiment", ""),
        "overridden": len(one.overrides),
    }
    known = {**one.model_dump(mode="json"), **beside}
    return {name: known[name] for name in _COLUMNS}


def _write(out: Path, found: Iterator[DecisionRecord]) -> int:
    import csv

    n = 0
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, _COLUMNS)
        writer.writeheader()
        for one in found:
            writer.writerow(_row(one))
            n += 1
    return n


def _show(found: Iterator[DecisionRecord]) -> None:
    latest: deque[DecisionRecord] = deque(maxlen=_SHOWN)
    n = 0
    for one in found:
        latest.append(one)
        n += 1
    print_table(
        ("made at", "learner", "policy", "chosen", "p", "decision"),
        [
            (
                f"{one.made_at:%Y-%m-%d %H:%M}",
                one.learner_id,
                one.policy,
                one.chosen or "–",
                f"{one.propensity:.2f}",
                one.decision_id,
            )
            for one in latest
        ],
        right=("p",),
    )
    say(f"{n:,} decisions" + (f", the latest {_SHOWN}; --out has all" if n > _SHOWN else ""))
