"""What the commands that advise one learner share: whom they look at, and how they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

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
    from service.advice import LearnerView

__all__ = ["advice", "answer", "looking_at"]


def advice(kind: str) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Make a command of a question about the modules that a learner could take.

    The question takes the learner's view, the modules to choose among as keyword arguments for
    it, and options of its own. Whom it is about, when, and how to answer are said here for all.

    Parameters
    ----------
    kind : str
        Of the answer; see :func:`answer`.
    """

    def command(ask: Callable[..., Any]) -> Callable[..., None]:
        def run(**given: Any) -> None:
            about = {name: given.pop(name) for name in _COMMON}
            among = {
                "allowed": parts(about["allowed"]),
                "denied": parts(about["without"]) or (),
            }
            with looking_at(*(about[k] for k in ("database", "learner", "role", "at"))) as view:
                answer(view, ask(view, among, **given), kind, as_json=about["as_json"])

        _view, _among, *own = signature(ask, eval_str=True).parameters.values()
        options = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in (*_COMMON.values(), *own)]
        told: Any = run
        told.__signature__ = signature(run).replace(parameters=options)
        told.__annotations__ = {one.name: one.annotation for one in options}
        told.__doc__ = ask.__doc__
        return run

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
