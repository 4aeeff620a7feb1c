"""`attain demo`: everything at once, on the onboarding sample."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import say, working
from .serve import PortOption, check_port, run_service
from .welcome import login_address, show_key

if TYPE_CHECKING:
    from service.workspace import Workspace

__all__ = ["demo"]

# Half-way to the role: the advice has a review, a new topic and a prerequisite in it.
_LEARNER = "rita-teixeira"
_ITEM = "data-literacy-01"
_HOST = "127.0.0.1"
_SHOWN = 3
_SHOWN_GAPS = 10


def demo(
    database: Annotated[
        Path, typer.Option("--database", "-d", help="The SQLite file to seed.")
    ] = Path("attain-demo.db"),
    port: PortOption = 8000,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Stop after printing the recommendations.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete the database and seed it anew.")
    ] = False,
) -> None:
    """Seed a database with the onboarding sample, fit a model to it, advise a learner, and serve.

    \b
    Example
        attain demo --port 8080

    The sample is a made-up data department: 400 learners and half a year of their answers. A
    database that was seeded before is used as it stands. Next: follow the printed curl lines, or
    open the page, then import a framework of your own with `attain import`.
    """
    if not no_serve:
        check_port(_HOST, port)
    if fresh:
        _delete(database)
    from service.workspace import Workspace

    with Workspace.open(database) as workspace:
        _seed(workspace, database)
        _advise(workspace)
        say()
        _print_addresses(workspace, database, port)
    if not no_serve:
        run_service(str(database), _HOST, port)


def _delete(database: Path) -> None:
    from service.workspace import Workspace

    if database.exists():
        Workspace.open(database).close()  # raises unless it is a database of Attain's
        for suffix in ("", "-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)


def _seed(workspace: Workspace, database: Path) -> None:
    from engine import Fault, InvalidInput
    from service.tables import read_folder, sample_folder

    if workspace.catalog() is not None:
        if not workspace.learners(query=_LEARNER):
            remedy = "name another with --database, or delete it with --fresh"
            problem = "holds something else than the sample"
            raise InvalidInput("database", [Fault(str(database), problem, remedy)])
        say(f"{database} was seeded before; --fresh begins anew")
        return
    with working("reading the onboarding sample"):
        sample = read_folder(sample_folder())
    workspace.install_model(_fitted())
    with working(f"recording {len(sample.evidence):,} answers and completions"):
        receipt = workspace.put_all(
            sample.curriculum,
            roles=sample.roles,
            learners=sample.learners,
            evidence=sample.evidence,
        )
    say(
        f"Seeded {database}: {len(sample.curriculum.skills)} skills, "
        f"{len(sample.curriculum.items)} items, {len(sample.curriculum.modules)} modules, "
        f"{len(sample.learners)} learners, {receipt.accepted:,} answers and completions"
    )


def _fitted() -> str:
    """Return a model fitted to the responses of the sample, as text."""
    from service.tables import read_log, sample_folder

    from .modelling import fit_timed

    log = read_log(sample_folder() / "responses.csv")
    if find_spec("numba") is None:
        say("Without numba the fit takes a minute or two; pip install 'attain[fit]' has it")
    doing = f"fitting the tracer to {len(log):,} responses"
    tracer, seconds = fit_timed("bkt", {}, log, doing=doing)
    say(f"Fitted {len(log.skill_ids)} skills to {len(log):,} responses in {seconds:.2f} s")
    text: str = tracer.to_json()
    return text


def _advise(workspace: Workspace) -> None:
    from .showing import show_gaps, show_recommendations, show_who

    view = workspace.view(_LEARNER)
    report = view.gaps()
    say()
    show_who(view, report)
    say()
    show_gaps(view, report, limit=_SHOWN_GAPS)
    if len(report.gaps) > _SHOWN_GAPS:
        say(f"… and {len(report.gaps) - _SHOWN_GAPS} more; `attain report {_LEARNER}` has all")
        say()
    say(f"Next for {view.profile.label}:")
    say()
    show_recommendations(view, view.recommend(limit=_SHOWN))


def _print_addresses(workspace: Workspace, database: Path, port: int) -> None:
    key = show_key(workspace, str(database))
    place = f"http://{_HOST}:{port}"
    answer = {"response_id": "try-1", "learner_id": _LEARNER, "item_id": _ITEM, "score": 1.0}
    body = json.dumps({"responses": [answer]})
    curl = f'curl -H "Authorization: Bearer {key}"'
    say("Ask the service:")
    say(f"  {curl} '{place}/v1/learners/{_LEARNER}/mastery'")
    say(f"  {curl} '{place}/v1/learners/{_LEARNER}/recommendations?limit={_SHOWN}'")
    say(f"  {curl} '{place}/v1/responses' -H 'Content-Type: application/json' -d '{body}'")
    say()
    say(f"The page, for one visit: {login_address(workspace, place, learner_id=_LEARNER)}")
