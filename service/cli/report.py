"""`attain report`: a learner's gaps against a role, and the ladder that the role is on."""

from __future__ import annotations

from .console import print_json, say
from .options import (
    DEFAULT_DATABASE,
    AtOption,
    DatabaseOption,
    JsonOption,
    LearnerArgument,
    RoleOption,
    instant,
    open_workspace,
)

__all__ = ["report"]


def report(
    learner: LearnerArgument,
    database: DatabaseOption = DEFAULT_DATABASE,
    role: RoleOption = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report how ready a learner is for a role: every gap, and every rung of the role's ladder.

    \b
    Example
        attain report nadia-benali --database attain-demo.db --role senior-data-analyst

    A target is mastered when it is attained with at least the role's threshold of probability and
    two different items have shown it. Next: `attain recommend` says what closes the gaps.
    """
    with open_workspace(database) as workspace:
        view = workspace.view(learner, role, at=instant(at))
        gaps, rungs = view.gaps(), view.ladder()
    if as_json:
        from service.api import advice_answers

        content = advice_answers.gaps(view, gaps).model_dump(mode="json")
        ladder = advice_answers.ladder(view, rungs).model_dump(mode="json")
        print_json({**content, "ladder": ladder["ladder"], "rungs": ladder["rungs"]})
        return
    from .showing import show_gaps, show_ladder, show_who

    show_who(view, gaps)
    say()
    show_gaps(view, gaps)
    if view.role.ladder:
        show_ladder(view, rungs)
