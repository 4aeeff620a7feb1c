"""What the commands that advise one learner share: whom they look at, and how they answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .console import print_json, say
from .options import instant, open_workspace

if TYPE_CHECKING:
    from service.advice import LearnerView

__all__ = ["answer", "looking_at"]


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
