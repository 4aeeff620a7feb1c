"""`attain decide`: let a policy choose what comes next, and `attain estimate`: another's worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .advising import Sitting, about_a_learner
from .console import percent, print_json, say, working
from .options import (
    DEFAULT_DATABASE,
    DatabaseOption,
    JsonOption,
    names_by_equals,
    open_workspace,
)

if TYPE_CHECKING:
    from engine.recommender import Estimate
    from service.advice import LearnerView
    from service.api.decisions import DecisionRecord

__all__ = ["decide", "estimate"]


@about_a_learner
def decide(
    sitting: Sitting,
    *,
    policy: Annotated[
        str | None,
        typer.Option("--policy", help="pursue (the default), greedy, cautious, thompson, …"),
    ] = None,
    experiment: Annotated[
        str, typer.Option("--experiment", help="In place of a policy: the name of an experiment.")
    ] = "",
    arms: Annotated[
        str | None,
        typer.Option("--arms", help="Its policies and their shares: pursue=1,greedy=1."),
    ] = None,
    request_key: Annotated[
        str, typer.Option("--request-key", help="The same one gets the same decision.")
    ] = "",
) -> None:
    """Let a policy choose what a learner does next, and log how probable that was.

    \b
    Example
        attain decide nadia-benali --database attain-demo.db
        attain decide nadia-benali --database attain-demo.db --experiment spring \\
            --arms pursue=1,greedy=1

    In an experiment each learner is always in the same arm. The same request about the same
    learner, evidence, role, model and catalogue gets the same decision. Next: note what comes of
    it; `attain estimate` says from such a log what another policy would have been worth.
    """
    from service.api.decisions import record_of
    from service.deciding import Asked
    from service.experiments import policy_for

    view = sitting.view
    chooser = policy_for(view.profile.learner_id, policy, experiment=experiment, arms=_shares(arms))
    asked = Asked(**sitting.among, at=sitting.at, key=request_key, experiment=experiment)
    made = record_of(sitting.workspace.decide(view, chooser, asked))
    if sitting.as_json:
        print_json(made.model_dump(mode="json"))
    else:
        _show(view, made)


def _shares(text: str | None) -> dict[str, float] | None:
    if text is None:
        return None
    given = names_by_equals(text, "--arms")
    try:
        return {name: float(share) for name, share in given.items()}
    except ValueError:
        problem = f"{text!r} is not of the form pursue=1,greedy=1"
        raise typer.BadParameter(problem, param_hint="--arms") from None


def _show(view: LearnerView, made: DecisionRecord) -> None:
    from .showing import show_who

    curriculum = view.binding.curriculum
    show_who(view, view.gaps())
    say()
    if not made.chosen:
        say(f"{made.policy} finds nothing to choose")
    elif made.kind == "item":
        name = curriculum.item(made.chosen).name or made.chosen
        say(f"{made.policy} asks {name}  [{made.chosen}]")
    else:
        say(f"{made.policy} takes {curriculum.module(made.chosen).label}  [{made.chosen}]")
    if made.chosen:
        say(f"chosen with a probability of {percent(made.propensity)} among:")
        for one in made.candidates:
            say(f"  {percent(one.propensity):>5}  {one.id}")
    say(f"decision {made.decision_id}")


def estimate(
    outcomes: Annotated[
        Path, typer.Argument(metavar="OUTCOMES", help="CSV: decision_id, outcome, [p_target].")
    ],
    database: DatabaseOption = DEFAULT_DATABASE,
    policy: Annotated[
        str | None,
        typer.Option("--policy", help="The other policy, of outcomes without p_target: greedy, …"),
    ] = None,
    level: Annotated[float, typer.Option("--level", help="Of the intervals.")] = 0.95,
    fewest: Annotated[
        float, typer.Option("--fewest", help="The effective sample below which nothing is told.")
    ] = 30.0,
    as_json: JsonOption = False,
) -> None:
    """Estimate what another policy would have been worth, from logged decisions and what came of
    them.

    \b
    Example
        attain estimate outcomes.csv --policy greedy --database attain.db

    p_target is the probability with which the other policy would have chosen what was chosen; the
    log has the probability with which it was. Of a policy of Attain's it need not be given: it is
    found out with the evidence that there was, under the model, catalogue and role of each
    decision. Refused where both have too little in common.
    """
    from service.tables.outcomes import read_outcomes

    found = read_outcomes(outcomes)
    with open_workspace(database) as workspace, working(f"looking up {len(found):,} decisions"):
        worth = workspace.worth(found, policy, level=level, fewest=fewest)
    if as_json:
        from service.api import experiments

        print_json(experiments.worth(worth).model_dump(mode="json"))
        return
    n = worth.snips.n
    say(f"{n:,} decisions, worth {worth.snips.effective_n:,.1f} of the other policy's own")
    if worth.covered is not None:
        say(f"of what {worth.policy} would have chosen, {percent(worth.covered)} could be logged")
    say(f"inverse propensities  {_told(worth.ips)}")
    say(f"self-normalised       {_told(worth.snips)}")


def _told(one: Estimate) -> str:
    low, high = one.interval
    return f"{one.value:.4g} per decision ({low:.4g} to {high:.4g})"
