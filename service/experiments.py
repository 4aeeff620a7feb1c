"""Experiments: which policy chooses for whom, and what another one would have been worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.domain.records import Faults
from engine.recommender import DEFAULT_POLICY, Estimate, arm_of, policy_named

__all__ = ["Outcome", "Worth", "policy_for"]


class Outcome(NamedTuple):
    """What came of a decision, and how another policy would have decided.

    Parameters
    ----------
    decision_id : str
    outcome : float
        In whatever unit; more is better.
    p_target : float, optional
        With which probability the other policy would have chosen what was chosen; where it is left
        out, that is found out by putting together again what the decision stood on.
    """

    decision_id: str
    outcome: float
    p_target: float | None = None


class Worth(NamedTuple):
    """What another policy would have been worth per decision, in two ways.

    Parameters
    ----------
    model_version : str
        That answers now; the estimates do not depend on it.
    policy : str or None
        The policy that was named, if one was.
    covered : float or None
        Of its own choices, the share of which the log could have told; None where some of its
        probabilities were given.
    ips, snips : Estimate
        As :func:`engine.recommender.ips` and :func:`engine.recommender.snips` have it.
    """

    model_version: str
    policy: str | None
    covered: float | None
    ips: Estimate
    snips: Estimate


def policy_for(
    learner_id: str,
    policy: str | None = None,
    *,
    experiment: str = "",
    arms: Mapping[str, float] | None = None,
) -> str:
    """Return the policy that is named, or that of the arm in which a learner is.

    Parameters
    ----------
    learner_id : str
    policy : str, optional
        The default one where there are no arms either.
    experiment : str, optional
        Its name; that of another one shuffles the learners anew.
    arms : mapping of str to float, optional
        Policies, and the shares of the learners that they have, in any unit.

    Raises
    ------
    InvalidInput
        A policy beside arms, arms without an experiment or the reverse, or a share not above 0.
    UnknownId
        An arm is no policy.

    Examples
    --------
    >>> policy_for("ada", experiment="spring", arms={"greedy": 1, "cautious": 1})
    'cautious'
    >>> policy_for("ada")
    'pursue'
    """
    faults = Faults()
    if arms is not None and policy is not None:
        faults.add("policy", f"is {policy!r} beside arms", "give one of them")
    if (arms is None) == bool(experiment):
        faults.add("arms", "go with the name of an experiment, and it with them", "give both")
    faults.raise_if_any("decision")
    if arms is None:
        return policy or DEFAULT_POLICY
    for one in arms:
        policy_named(one)
    return arm_of(learner_id, experiment, arms)
