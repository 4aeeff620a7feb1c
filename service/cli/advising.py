"""What the commands that advise one learner share: whom they look at, and how they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, NamedTuple

from .console import print_json, say
from .options import (
    DEFAULT_DATABASE,
    AllowedOption,
    AtOption,
    DatabaseOption,
    DeniedOption,
    JsonOption,
    LearnerArgument,
    RoleOption,
    instant,
    open_workspace,
    parts,
)

if TYPE_CHECKING:
    from datetime import datetime

    from service.advice import LearnerView
    from service.workspace import Workspace

__all__ = ["Sitting", "about_a_learner", "advice", "answer", "looking_at"]


class Sitting(NamedTuple):
    """A learner to be advised: what the options that all such commands have come to.

    Parameters
    ----------
    workspace : Workspace
    view : LearnerView
    among : dict
        The modules to choose among: "allowed" and "denied".
    at : datetime or None
        The instant that was named.
    as_json : bool
    """

    workspace: Workspace
    view: LearnerView
    among: dict[str, Any]
    at: datetime | None
    as_json: bool


def about_a_learner(do: Callable[..., None]) -> Callable[..., None]:
    """Make a command of what is to be done about one learner.

    It takes a :class:`Sitting` and options of its own. Whom it is about, when, and among which
    modules are said here for all.
    """

    def run(**given: Any) -> None:
        about = {name: given.pop(name) for name in _COMMON}
        among = {"allowed": parts(about["allowed"]), "denied": parts(about["without"]) or ()}
        when = instant(about["at"])
        with open_workspace(about["database"]) as workspace:
            view = workspace.view(about["learner"], about["role"], at=when)
            do(Sitting(workspace, view, among, when, about["as_json"]), **given)

    _sitting, *own = signature(do, eval_str=True).parameters.values()
    options = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in (*_COMMON.values(), *own)]
    told: Any = run
    told.__signature__ = signature(run).replace(parameters=options)
    told.__annotations__ = {one.name: one.annotation for one in options}
    told.__doc__ = do.__doc__
    return run


def advice(kind: str) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Make a command of a question about the modules that a learner could take.

    The question takes a :class:`Sitting` and options of its own.

    Parameters
    ----------
    kind : str
        Of the answer; see :func:`answer`.
    """

    def command(ask: Callable[..., Any]) -> Callable[..., None]:
        @wraps(ask)
        def do(sitting: Sitting, **own: Any) -> None:
            answer(sitting.view, ask(sitting, **own), kind, as_json=sitting.as_json)

        return about_a_learner(do)

    return command


def _options(
    learner: LearnerArgument,
    database: DatabaseOption = DEFAULT_DATABASE,
    role: RoleOption = None,
    allowed: AllowedOption = None,
    without: DeniedOption = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have the options that all of these commands have."""


_COMMON = signature(_options, eval_str=True).parameters


@contextmanager
def looking_at(
    database: str, learner: str, role: str | None, at: str | None
) -> Iterator[LearnerView]:
    """Open a database and look at a learner against a role, at an instant."""
    with open_workspace(database) as workspace:
        yield workspace.view(learner, role, at=instant(at))


def answer(view: LearnerView, found: Any, kind: str, *, as_json: bool) -> None:
    """Print an answer about a learner: in the form of HTTP's, or after who it is about.

    Parameters
    ----------
    view : LearnerView
    found : RecommendationList, LearningPath or Forecast
    kind : {"recommendations", "path", "forecast"}
    as_json : bool
    """
    if as_json:
        from service.api import advice_answers

        print_json(getattr(advice_answers, kind)(view, found).model_dump(mode="json"))
        return
    from . import showing

    showing.show_who(view, view.gaps())
    say()
    getattr(showing, f"show_{kind}")(view, found)
