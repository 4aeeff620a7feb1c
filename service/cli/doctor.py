"""`attain doctor`: whether a database is sound, and its mastery the replay of its evidence."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import typer

from .console import counting, print_json, print_table, say
from .options import DEFAULT_DATABASE, DatabaseOption, JsonOption, refuse_missing

if TYPE_CHECKING:
    from service.store.finding import Finding

__all__ = ["doctor"]

_SHOWN = 5


def doctor(database: DatabaseOption = DEFAULT_DATABASE, as_json: JsonOption = False) -> None:
    """Look for what is wrong with a database; nothing in it is changed, and it may be in use.

    \b
    Example
        attain doctor --database attain.db

    Looks at SQLite's version, every page and reference, the schema, and whether the mastery that
    is kept, every tenant's, is what a replay of the evidence gives, to 1e-9. Exit code 1 where
    something failed. Next: `attain replay` rebuilds mastery, `attain restore` puts a backup in
    place.
    """
    from service.store.examining import examine

    refuse_missing(database)
    findings = list(examine(database))
    if all(one.grade != "failed" for one in findings) and _is_current(findings):
        findings.append(_compare(database))
    failed = any(one.grade == "failed" for one in findings)
    if as_json:
        print_json(_content(database, findings))
    else:
        print_table(("check", "grade", "what was found"), [tuple(one) for one in findings])
        say("Something is wrong." if failed else "Nothing is wrong.")
    if failed:
        raise typer.Exit(1)


def _is_current(findings: list[Finding]) -> bool:
    return any(one.check == "schema" and one.grade == "ok" for one in findings)


def _compare(database: str) -> Finding:
    from service.store.finding import Finding
    from service.workspace import Workspace

    with Workspace.open(database) as opened:
        tenants = [one for one in opened.of_every_tenant() if one.catalog() is not None]
        total, differing = sum(one.learner_count() for one in tenants), list[str]()
        parts = chain.from_iterable(one.differing() for one in tenants)
        for _, found in counting(
            "comparing mastery with a replay", parts, total, lambda one: one[0]
        ):
            differing += found
    if not differing:
        return Finding("mastery", "ok", f"that of {total:,} learners is what a replay gives")
    shown = ", ".join(differing[:_SHOWN]) + (" …" if len(differing) > _SHOWN else "")
    said = f"that of {len(differing):,} learners is not what a replay gives ({shown})"
    return Finding("mastery", "failed", f"{said}; run `attain replay`")


def _content(database: str, findings: list[Finding]) -> dict[str, Any]:
    return {
        "database": str(database),
        "sound": all(one.grade != "failed" for one in findings),
        "findings": [one._asdict() for one in findings],
    }
