"""`attain keys`: who may ask the service what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.scopes import Scope

from .console import print_json, print_table, say
from .options import (
    DEFAULT_DATABASE,
    DEFAULT_TENANT,
    DatabaseOption,
    JsonOption,
    TenantOption,
)
from .welcome import login_address

if TYPE_CHECKING:
    from service.keys import Grant, Key
    from service.workspace import Workspace

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    short_help="Who may ask the service what.",
    help="""Who may ask the service what: keys with scopes, of a tenant, kept as hashes.

    \b
    Example
        attain keys create "the LMS" --scope write-evidence --scope read-all

    A service that runs takes new keys at once, and a revocation within two seconds. Next: send
    the key as `Authorization: Bearer KEY`.
    """,
)

ScopesOption = Annotated[
    list[Scope], typer.Option("--scope", help="What it allows; may be given several times.")
]
LearnerOption = Annotated[str, typer.Option("--learner", help="Whose `read-own` it is.")]
TeamsOption = Annotated[
    list[str], typer.Option("--team", help="Whose `read-team` it is; may be given several times.")
]
KeyArgument = Annotated[str, typer.Argument(metavar="KEY_ID", help="As `attain keys list` says.")]


@app.command("create")
def create(
    label: Annotated[str, typer.Argument(metavar="LABEL", help="What it is for, in your words.")],
    scopes: ScopesOption,
    learner: LearnerOption = "",
    teams: TeamsOption = [],  # noqa: B006  # typer reads it and does not change it
    expires_in_days: Annotated[
        float | None, typer.Option("--expires-in-days", min=0.0, help="Never by default.")
    ] = None,
    tenant: TenantOption = DEFAULT_TENANT,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it, this once.

    \b
    Example
        attain keys create "Ada's manager" --scope read-team --team data

    write-evidence records answers and completions; read-own, read-team and read-all read about
    one learner, about teams, about everybody; administer puts catalogue, roles, profiles and
    models, exports and erases; read-metrics reads how the service is doing. None includes
    another. Next: `attain keys list`.
    """
    from service.keys import Grant

    expires_at = (
        None if expires_in_days is None else datetime.now(UTC) + timedelta(days=expires_in_days)
    )
    grant = Grant(scopes, learner, teams)
    with _open(database, tenant) as workspace:
        issued = workspace.of_tenant(tenant).create_key(label, grant, expires_at=expires_at)
    if as_json:
        print_json({**_content(issued.key), "key": str(issued.secret)})
        return
    say(f"{issued.key.key_id} ({_told(grant)}), shown this once:")
    say(issued.secret)


@app.command("list")
def list_(
    tenant: TenantOption = DEFAULT_TENANT,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """List the keys, and who is signed in to the pages.

    \b
    Example
        attain keys list --database attain.db

    Next: `attain keys rotate` puts another in place of one, `attain keys revoke` ends it.
    """
    with _open(database, tenant) as workspace:
        keys = workspace.of_tenant(tenant).all_keys()
        now = workspace.now()
    if as_json:
        print_json({"tenant_id": tenant, "keys": [_content(one) for one in keys]})
        return
    columns = ("id", "kind", "label", "allows", "made", "expires")
    rows = [
        (
            one.key_id,
            one.kind,
            one.label,
            _told(one.grant),
            f"{one.created_at:%Y-%m-%d}",
            _until(one) + (" (past)" if one.expired(now) else ""),
        )
        for one in keys
    ]
    print_table(columns, rows)


@app.command("rotate")
def rotate(
    key_id: KeyArgument,
    grace_hours: Annotated[
        float, typer.Option("--grace-hours", min=0.0, help="How long the old one stays valid.")
    ] = 24.0,
    tenant: TenantOption = DEFAULT_TENANT,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Make a key that allows the same as another, and have the old one expire after a while.

    \b
    Example
        attain keys rotate k-0123456789 --grace-hours 48

    Next: have whoever uses the old one use the new one before then.
    """
    with _open(database, tenant) as workspace:
        theirs = workspace.of_tenant(tenant)
        issued, old = theirs.rotate_key(key_id, grace=timedelta(hours=grace_hours))
    say(f"{issued.key.key_id} ({_told(issued.key.grant)}), shown this once:")
    say(issued.secret)
    say(f"{old.key_id} is valid until {_until(old)}")


@app.command("revoke")
def revoke(
    key_id: KeyArgument,
    tenant: TenantOption = DEFAULT_TENANT,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """End a key, or a session of the pages; a service that runs takes it for two seconds more.

    \b
    Example
        attain keys revoke k-0123456789

    A backup holds the keys of its day: after `attain restore`, revoke again. Next:
    `attain keys list`.
    """
    with _open(database, tenant) as workspace:
        revoked = workspace.of_tenant(tenant).revoke_key(key_id)
    say(f"{revoked.key_id} ({revoked.label}) is revoked")


@app.command("login")
def login(
    learner: LearnerOption = "",
    teams: TeamsOption = [],  # noqa: B006  # typer reads it and does not change it
    place: Annotated[
        str, typer.Option("--url", help="Where the service is.")
    ] = "http://127.0.0.1:8000",
    tenant: TenantOption = DEFAULT_TENANT,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Print an address that opens the pages: once, within a quarter of an hour.

    \b
    Example
        attain keys login --team data

    Every learner can be seen, or with --learner or --team those alone. Next: open it.
    """
    from service.keys import Grant

    own = {Scope.READ_OWN} if learner else set()
    team = {Scope.READ_TEAM} if teams else set()
    grant = Grant(own | team or {Scope.READ_ALL}, learner, teams)
    with _open(database, tenant) as workspace:
        say(login_address(workspace.of_tenant(tenant), place.rstrip("/"), grant=grant))


def _open(database: str, tenant: str) -> Workspace:
    """Open a database, made where there is none: a key may come before everything else."""
    from engine import Fault, InvalidInput
    from service.workspace import Workspace

    if not tenant:
        raise InvalidInput("tenant", [Fault("--tenant", "is empty", "leave it out")])
    return Workspace.open(database)


def _told(grant: Grant) -> str:
    whom = [grant.learner_id] if grant.learner_id else []
    whom += [f"team {one}" for one in sorted(grant.team_ids)]
    about = f" of {', '.join(whom)}" if whom else ""
    return ", ".join(sorted(grant.scopes)) + about


def _until(key: Key) -> str:
    return "never" if key.expires_at is None else f"{key.expires_at:%Y-%m-%d %H:%M} UTC"


def _content(key: Key) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "kind": key.kind,
        "label": key.label,
        "scopes": sorted(key.grant.scopes),
        "learner_id": key.grant.learner_id,
        "team_ids": sorted(key.grant.team_ids),
        "created_at": key.created_at.isoformat(),
        "expires_at": None if key.expires_at is None else key.expires_at.isoformat(),
    }
