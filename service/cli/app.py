"""The commands put together, and what becomes of their errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from . import (
    backup,
    bench,
    decide,
    decisions,
    demo,
    doctor,
    evaluate,
    fit,
    forecast,
    importing,
    keys,
    lint,
    plan,
    prior,
    probe,
    recommend,
    replay,
    report,
    retain,
    serve,
)

__all__ = ["app"]

FAILED, ASKED_WRONGLY, INTERRUPTED = 1, 2, 130


class _Commands(TyperGroup):
    """Turns every error into one message on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:  # the reader of a pipe has left, as `| head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(FAILED) from None
        except Exception as error:
            if type(error).__module__.partition(".")[0] in ("click", "typer"):
                raise
            message, code = _told(error)
            if os.environ.get("ATTAIN_TRACEBACK"):
                raise
            typer.echo(f"attain: {message}", err=True)
            raise typer.Exit(code) from None


def _told(error: Exception) -> tuple[str, int]:
    """Return what to say of an error, and the exit code."""
    from engine import AttainError, InvalidInput, ModelFormatError, UnknownId
    from service.errors import CatalogConflict, NoCatalog, NoRole

    asked_wrongly = (InvalidInput, ModelFormatError, NoCatalog, NoRole, UnknownId)
    if isinstance(error, asked_wrongly):
        return str(error), ASKED_WRONGLY
    if isinstance(error, CatalogConflict):
        hint = "a framework of its own is best kept in a database of its own: --database other.db"
        return f"{error}\n{hint}", FAILED
    if isinstance(error, AttainError):
        return str(error), FAILED
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}", FAILED
    kind = type(error).__name__
    return f"unexpected {kind}: {error} (ATTAIN_TRACEBACK=1 shows where; please report it)", FAILED


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
_COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "demo": (demo.demo, "Everything at once, on the onboarding sample."),
    "import": (importing.import_, "A framework or evidence from files into a database."),
    "report": (report.report, "A learner's gaps against a role, and its ladder."),
    "recommend": (recommend.recommend, "What a learner should take next, and why."),
    "plan": (plan.plan, "A path to a role within a budget of minutes."),
    "forecast": (forecast.forecast, "How long it takes until a role is reached."),
    "probe": (probe.probe, "What to ask a learner next."),
    "decide": (decide.decide, "What a policy chooses for a learner, logged."),
    "decisions": (decisions.decisions, "What was recommended and decided."),
    "estimate": (decide.estimate, "What another policy would have been worth."),
    "lint": (lint.lint, "What in a curriculum will disappoint."),
    "fit": (fit.fit, "A model from a response log."),
    "evaluate": (evaluate.evaluate, "How well models predict unseen learners."),
    "serve": (serve.serve, "The HTTP service and its pages."),
    "doctor": (doctor.doctor, "Whether a database is sound."),
    "replay": (replay.replay, "Every learner's mastery, rebuilt from the evidence."),
    "retain": (retain.retain, "Learners who are long gone, erased."),
    "backup": (backup.backup, "A copy of a database in use."),
    "restore": (backup.restore, "A copy put back in place."),
    "bench": (bench.bench, "How accurate and how fast, in a checkout."),
}
app.add_typer(keys.app, name="keys")
app.add_typer(prior.app, name="prior")
for _name, (_command, _summary) in _COMMANDS.items():
    app.command(_name, short_help=_summary)(_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"attain {version('attain')}")
        raise typer.Exit


@app.callback()
def _attain(
    version: Annotated[  # its callback does the work
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Attain: evidence in, mastery estimated, next modules out.

    \b
    To look around    attain demo
    With your own     attain import FOLDER, then attain recommend LEARNER
    With logs         attain fit LOG --out model.json, attain evaluate LOG
    For others        attain keys create LABEL --scope SCOPE, attain serve

    `attain COMMAND --help` shows an example of each. Results go to stdout, progress and errors to
    stderr. Exit codes: 0 done, 1 failed, 2 asked wrongly.
    """
