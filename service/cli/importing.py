"""`attain import`: a framework, or evidence, from files into the store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import print_json, say, working
from .options import DEFAULT_DATABASE, DatabaseOption, JsonOption

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.frameworks import ImportedFramework
    from service.workspace import Workspace

__all__ = ["import_"]

_COUNTED = {
    **{name: name for name in ("skills", "items", "modules", "roles", "learners")},
    "accepted": "answers and completions recorded",
    "repeated": "known already",
}


def import_(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="A folder of Attain's tables, or a file of CSV or JSON Lines.",
        ),
    ],
    database: DatabaseOption = DEFAULT_DATABASE,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            help="attain (folder), ddat, onet, responses (evidence) or model; seen from the file "
            "itself where not given.",
        ),
    ] = "",
    role: Annotated[
        str | None,
        typer.Option("--role", help="Only roles whose id, name or ladder contains this."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Import a framework with its roles, a file of evidence, or a model, into a database.

    \b
    Examples
        attain import my-framework/                     Attain's own tables, evidence included
        attain import roles-and-skills.csv --role "data analyst"        the published DDaT form
        attain import onet_role_skill_targets.csv.gz --role 15-2051.01
        attain import answers.csv                       learner, item, score, [answered_at]
        attain import answers.jsonl.gz                  the same as keys of an object a line
        attain import model.json                        what `attain fit` wrote, now in use
        attain import prior.json                        what `attain prior fit` wrote, likewise

    A folder of tables has skills.csv and any of scale, prerequisites, items, modules (with
    module_effects), roles (with role_targets), learners, responses and completions; the onboarding
    sample, datasets/onboarding, is one to copy from.

    Everything is imported, or nothing. The catalogue of skills, items and modules is replaced;
    what evidence refers to cannot be left out. Where a framework has no items, each skill gets two
    assessment items per level, such as sql.working and sql.working.again: mastery takes two people
    who have seen it. Next: `attain report LEARNER`.
    """
    found = _reader(source, format)(source, database, format, role)
    if as_json:
        print_json(found)
        return
    for note in found["notes"]:
        say(f"  note: {note}")
    told = ", ".join(f"{found[key]:,} {name}" for key, name in _COUNTED.items() if found.get(key))
    say(f"Imported {source} as {found['format']} into {database}{told and ': '}{told}")


def _reader(source: Path, format: str) -> Callable[..., dict[str, Any]]:
    """Return what imports a source of a format, or of the one that it looks like."""
    from service.tables.csv_text import read_header
    from service.tables.jsonl import is_jsonl

    if not format and is_jsonl(source):
        return _import_evidence
    if format in _OTHERS or (not format and source.suffix == ".json"):
        return _OTHERS.get(format, _import_model)
    header = read_header(source) if source.is_file() and not format else ()
    is_evidence = "learner" in header and ("item" in header or "module" in header)
    return _import_evidence if is_evidence else _import_framework


def _import_evidence(source: Path, database: str, format: str, role: str | None) -> dict[str, Any]:
    from service.tables import read_evidence_file

    from .options import open_workspace

    _refuse_role(role)
    with open_workspace(database) as workspace:
        with working(f"reading {source.name}"):
            evidence = read_evidence_file(source, workspace.catalog())
        with working(f"recording {len(evidence):,} answers"):
            receipt = workspace.record(evidence)
    return {
        "database": str(database),
        "format": format or "responses",
        "accepted": receipt.accepted,
        "repeated": receipt.repeated,
        "model_version": receipt.model_version,
        "notes": [],
    }


def _import_model(source: Path, database: str, format: str, role: str | None) -> dict[str, Any]:
    from service.tables.csv_text import check_file

    from .options import open_workspace

    _refuse_role(role)
    check_file(source, "model")
    text = source.read_text(encoding="utf-8", errors="replace")  # what is no text is no model
    with open_workspace(database) as workspace:
        if _format_of(text) == "attain-prior":
            prior = workspace.install_prior(text)
            told = {"prior_version": prior, "model_version": workspace.model_version}
            note = f"{prior} is in use from now on; `attain prior drop` does without it again"
        else:
            version = workspace.install_model(text)
            told = {"model_version": version}
            note = f"{version} is in use from now on; mastery is replayed as it is asked for"
    return {"database": str(database), "format": format or "model", **told, "notes": [note]}


def _format_of(text: str) -> str:
    """Return what a file says that it is; nothing where it says nothing."""
    try:
        return str(json.loads(text)["format"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


def _refuse_role(role: str | None) -> None:
    if role is not None:
        raise typer.BadParameter("goes with a framework only", param_hint="--role")


def _import_framework(source: Path, database: str, format: str, role: str | None) -> dict[str, Any]:
    from service.frameworks import import_framework
    from service.workspace import Workspace

    with working(f"reading {source.name}"):
        framework = import_framework(source, format)
        if role is not None:
            framework = framework.with_roles_like(role)
    with Workspace.open(database) as workspace:
        return _put(workspace, framework, database)


def _put(workspace: Workspace, framework: ImportedFramework, database: str) -> dict[str, Any]:
    with working(f"importing into {database}"):
        receipt = workspace.put_all(
            framework.curriculum,
            roles=framework.roles,
            learners=framework.learners,
            evidence=framework.evidence,
        )
    return {
        "database": str(database),
        "format": framework.format,
        "catalog_version": workspace.current().catalog_version,
        "skills": len(framework.curriculum.skills),
        "items": len(framework.curriculum.items),
        "modules": len(framework.curriculum.modules),
        "roles": len(framework.roles),
        "learners": len(framework.learners),
        "accepted": receipt.accepted,
        "repeated": receipt.repeated,
        "model_version": receipt.model_version,
        "notes": list(framework.notes),
    }


_OTHERS = {"responses": _import_evidence, "model": _import_model}
