"""`attain report`: a learner against a role and its ladder, or those of a team who stand out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .console import percent, print_json, print_table, say
from .options import (
    DEFAULT_DATABASE,
    AtOption,
    DatabaseOption,
    JsonOption,
    RoleOption,
    instant,
    open_workspace,
)

if TYPE_CHECKING:
    from service.records import TeamAnswer, TeamReport

__all__ = ["report"]


def report(
    learner: Annotated[
        str | None, typer.Argument(metavar="[LEARNER]", help="The learner's id.")
    ] = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    role: RoleOption = None,
    team: Annotated[
        str | None,
        typer.Option(
            "--team",
            help="Instead of a learner: a team, against --role, or the one that most of it have.",
        ),
    ] = None,
    teams: Annotated[
        bool, typer.Option("--teams", help="Instead of a learner: which teams there are.")
    ] = False,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report how ready a learner is for a role: every gap, and every rung of the role's ladder.

    Or, of a team, who has practised a skill of the role ten times without attaining it, who is
    ready for the role, and how many have attained each target, where that tells of nobody alone.

    \b
    Examples
        attain report nadia-benali --database attain-demo.db --role senior-data-analyst
        attain report --teams --database attain-demo.db
        attain report --team people-analytics --role data-analyst --database attain-demo.db

    A target is mastered when it is attained with at least the role's threshold of probability and
    two different items have shown it. Next: `attain recommend` says what closes the gaps.
    """
    if [learner is not None, team is not None, teams].count(True) != 1:
        problem = "name a learner, a --team or --teams, one of them"
        raise typer.BadParameter(problem, param_hint="LEARNER")
    if teams:
        _report_teams(database, as_json=as_json)
    elif team is not None:
        _report_team(team, database, role, at, as_json=as_json)
    else:
        _report_learner(str(learner), database, role, at, as_json=as_json)


def _report_learner(
    learner: str, database: str, role: str | None, at: str | None, *, as_json: bool
) -> None:
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
    if gaps.note:
        say(gaps.note)
    if view.role.ladder:
        show_ladder(view, rungs)


def _report_teams(database: str, *, as_json: bool) -> None:
    with open_workspace(database) as workspace:
        found, version = workspace.teams(), workspace.model_version
    if as_json:
        from service.api import teams

        print_json(teams.teams(version, found).model_dump(mode="json"))
        return
    print_table(
        ("team", "learners", "most are"),
        [(one.team_id, f"{one.learners:,}", one.usual_role_id or "–") for one in found],
        right=("learners",),
    )


def _report_team(
    team: str, database: str, role: str | None, at: str | None, *, as_json: bool
) -> None:
    with open_workspace(database) as workspace:
        when, role = instant(at), role or workspace.usual_role(team)
        if not role:
            problem = "nobody of the team has one, so name the role to measure it against"
            raise typer.BadParameter(problem, param_hint="--role")
        coached, ready = workspace.coaching(team, role, when), workspace.ready(team, role, when)
        from engine.errors import TooFew

        try:
            report: TeamReport | None = workspace.team_gaps(team, role, when)
        except TooFew:
            report = None
    if as_json:
        from service.api import teams

        content = teams.coaching(coached).model_dump(mode="json")
        content["ready"] = teams.ready(ready).model_dump(mode="json")["ready"]
        told = {} if report is None else teams.gaps(report).model_dump(mode="json")
        for name in ("readiness", "readiness_interval", "gaps"):
            content[name] = told.get(name)
        print_json(content)
    else:
        _show_team(coached, ready)
        _show_gaps(report)


def _show_team(coached: TeamAnswer, ready: TeamAnswer) -> None:
    say(f"Team {coached.team_id} ({coached.learners}) against {coached.role_id}")
    say()
    say(f"Ready to move on: {len(ready.members)}")
    for member in ready.members:
        say(f"  {member.profile.label}: every target mastered, {percent(member.report.readiness)}")
    say()
    say(f"In need of coaching: {len(coached.members)}")
    for member in coached.members:
        say(f"  {member.profile.label}")
        for one in member.stuck:
            say(f"   - {one.reason.sentence}")


def _show_gaps(report: TeamReport | None) -> None:
    say()
    if report is None:
        say("Gaps: too few learners have shown anything for them to be told.")
        return
    found = report.found
    low, high = found.interval
    say(f"Readiness {percent(found.readiness)} ({percent(low)} to {percent(high)}), attained by:")
    for one in found.gaps:
        name = f"{one.target.skill_id} at level {one.target.level}"
        if one.attained is None or one.interval is None:
            say(f"  {name}: too few have shown anything about it")
        else:
            around = f"{percent(one.interval[0])} to {percent(one.interval[1])}"
            say(f"  {name}: {percent(one.attained)} ({around}), shown by {one.mastered}")
